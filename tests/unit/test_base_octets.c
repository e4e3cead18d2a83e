/* SPDX-License-Identifier: BSD-2-Clause */
/* base/rd.h, wr.h, span.h: bounds are never crossed, failure sticks, what was written is read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rd.h"
#include "base/rng.h"
#include "base/wr.h"

static const uint8_t octets[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static void numbers_are_big_endian(void **state)
{
	struct rd r = rd_of(octets, sizeof(octets));

	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_be16(&r), 0x0203);
	assert_int_equal(rd_be32(&r), 0x04050607);
	assert_true(rd_be64(&r) == 0x08090a0b0c0d0e0full);
	assert_int_equal(rd_left(&r), 0);
	assert_false(r.bad);
}

static void a_read_past_the_end_sticks(void **state)
{
	struct rd r = rd_of(octets, 3);
	uint8_t copy[4] = { 9, 9, 9, 9 };

	assert_int_equal(rd_be16(&r), 0x0102);
	assert_int_equal(rd_be16(&r), 0);	/* one octet is left: nothing is taken in halves */
	assert_true(r.bad);
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(rd_u8(&r), 0);
	assert_false(rd_copy(&r, copy, 4));
	assert_memory_equal(copy, "\0\0\0\0", 4);
	assert_int_equal(rd_rest(&r).len, 0);
}

static void nothing_can_be_read_from_nothing(void **state)
{
	struct rd r = rd_empty(), s = rd_of(octets, 0);

	assert_true(rd_copy(&r, NULL, 0));
	assert_false(r.bad);
	assert_int_equal(rd_left(&s), 0);
	rd_skip(&s, 0);
	assert_false(s.bad);
	assert_int_equal(rd_u8(&r), 0);
	assert_true(r.bad);
}

static void a_nested_reader_stays_in_its_field(void **state)
{
	struct rd r = rd_of(octets, sizeof(octets)), sub = rd_sub(&r, 2);

	assert_int_equal(rd_be32(&sub), 0);
	assert_true(sub.bad);
	assert_false(r.bad);
	assert_int_equal(rd_u8(&r), 3);
	sub = rd_sub(&r, 13);			/* more than is left */
	assert_true(sub.bad);
	assert_true(r.bad);
	assert_int_equal(rd_left(&sub), 0);
}

static void a_write_past_the_end_writes_nothing(void **state)
{
	uint8_t buf[8] = { 0 };
	struct wr w = wr_of(buf, 5);

	wr_be32(&w, 0x01020304);
	wr_be16(&w, 0xffff);
	assert_true(w.full);
	assert_int_equal(wr_done(&w), 0);
	assert_int_equal(wr_len(&w), 4);
	wr_u8(&w, 0xff);			/* there would be room, but it sticks */
	assert_null(wr_room(&w, 0));
	assert_memory_equal(buf, "\1\2\3\4\0\0\0\0", 8);
}

static void lengths_are_patched(void **state)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof(buf));
	size_t m;

	wr_u8(&w, 0xaa);
	m = wr_mark16(&w);
	wr_put(&w, span_str("abc"));
	wr_fill(&w, 7, 2);
	wr_patch16(&w, m);
	assert_int_equal(wr_done(&w), 8);
	assert_memory_equal(buf, "\xaa\0\7abc\7\7", 8);
	wr_fill(&w, 0, 99);
	wr_poke16(&w, m, 0xffff);		/* a full writer is left alone */
	assert_int_equal(buf[2], 7);
}

/* Any series of fields is read back; cut anywhere, the reader is bad and never beyond the cut. */
static void round_trips(void **state)
{
	struct rng rng;

	rng_init_u64(&rng, 5);
	for (int n = 0; n < 2000; n++) {
		uint8_t buf[256], kind[16];
		uint64_t value[16];
		struct wr w = wr_of(buf, sizeof(buf));
		struct rd r;
		size_t cut;

		for (int i = 0; i < 16; i++) {
			kind[i] = (uint8_t)rng_below(&rng, 4);
			value[i] = rng_u64(&rng);
			switch (kind[i]) {
			case 0: wr_u8(&w, (uint8_t)value[i]); break;
			case 1: wr_be16(&w, (uint16_t)value[i]); break;
			case 2: wr_be32(&w, (uint32_t)value[i]); break;
			default: wr_be64(&w, value[i]); break;
			}
		}
		assert_false(w.full);
		cut = rng_below(&rng, 2) ? wr_len(&w) : rng_below(&rng, (uint32_t)wr_len(&w));
		r = rd_of(buf, cut);
		for (int i = 0; i < 16; i++) {
			uint64_t got = kind[i] == 0 ? rd_u8(&r) : kind[i] == 1 ? rd_be16(&r) :
				       kind[i] == 2 ? rd_be32(&r) : rd_be64(&r);
			uint64_t mask = kind[i] == 3 ? UINT64_MAX : ((uint64_t)1 << (8 << kind[i])) - 1;

			assert_true(r.bad || got == (value[i] & mask));
			assert_true(r.p <= buf + cut);
		}
		assert_int_equal(r.bad, cut < wr_len(&w));
	}
}

static void spans_compare(void **state)
{
	assert_true(span_eq(span_of(NULL, 0), span_of("x", 0)));
	assert_true(span_eq_str(span_of("abc", 3), "abc"));
	assert_false(span_eq_str(span_of("abc", 2), "abc"));
	assert_false(span_eq_str(span_of("a\0c", 3), "a"));
	assert_int_equal(span_str(NULL).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(a_read_past_the_end_sticks),
		cmocka_unit_test(nothing_can_be_read_from_nothing),
		cmocka_unit_test(a_nested_reader_stays_in_its_field),
		cmocka_unit_test(a_write_past_the_end_writes_nothing),
		cmocka_unit_test(lengths_are_patched),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(spans_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
