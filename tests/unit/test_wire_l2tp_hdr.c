/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/l2tp_hdr: every header shape of RFC 2661 §3.1, each verdict, and decode(encode(x)) is x. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/l2tp_hdr.h"

#define D(...) span_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static enum l2tp_hdr_verdict verdict(struct span d)
{
	struct l2tp_hdr h;

	return l2tp_hdr_decode(d, &h);
}

/* xl2tpd's SCCRQ header: C8 02, Length, ids 0, Ns 0, Nr 0. */
static void control(void **state)
{
	struct span d = D(0xc8, 0x02, 0x00, 0x14, 0x12, 0x34, 0x00, 0x05, 0xff, 0xff, 0x00, 0x01,
			  0x80, 0x08, 0, 0, 0, 0, 0, 6);
	struct l2tp_hdr h;

	assert_int_equal(l2tp_hdr_decode(d, &h), L2TP_HDR_OK);
	assert_true(h.control && h.has_length && h.has_seq);
	assert_false(h.has_offset || h.priority);
	assert_int_equal(h.length, 20);
	assert_int_equal(h.tunnel_id, 0x1234);
	assert_int_equal(h.session_id, 5);
	assert_int_equal(h.ns, 0xffff);
	assert_int_equal(h.nr, 1);
	assert_ptr_equal(h.payload.p, d.p + 12);
	assert_int_equal(h.payload.len, 8);
}

static void zlb(void **state)
{
	static const uint8_t expect[] = { 0xc8, 0x02, 0x00, 0x0c, 0x00, 0x07, 0x00, 0x00, 0x00, 0x03, 0x00, 0x09 };
	uint8_t buf[12];
	struct wr w = wr_of(buf, sizeof(buf));
	struct l2tp_hdr h;

	l2tp_hdr_put_zlb(&w, 7, 3, 9);
	assert_int_equal(wr_done(&w), sizeof(expect));
	assert_memory_equal(buf, expect, sizeof(expect));
	assert_int_equal(l2tp_hdr_decode(wr_span(&w), &h), L2TP_HDR_OK);
	assert_int_equal(h.payload.len, 0);
}

/* "All reserved bits MUST be ... ignored on incoming messages." */
static void reserved_bits(void **state)
{
	static const uint16_t x[] = { 0x2000, 0x1000, 0x0400, 0x0080, 0x0040, 0x0020, 0x0010, 0x34f0 };
	struct l2tp_hdr h;

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
		uint8_t c[12] = { (uint8_t)(0xc8 | x[i] >> 8), (uint8_t)(2 | x[i]), 0, 12, 0, 1 };
		uint8_t d[7] = { (uint8_t)(x[i] >> 8), (uint8_t)(2 | x[i]), 0, 1, 0, 2, 0x21 };

		assert_int_equal(l2tp_hdr_decode(span_of(c, sizeof(c)), &h), L2TP_HDR_OK);
		assert_int_equal(l2tp_hdr_decode(span_of(d, sizeof(d)), &h), L2TP_HDR_OK);
		assert_int_equal(h.session_id, 2);
		assert_int_equal(h.payload.len, 1);
	}
}

static void control_faults(void **state)
{
	assert_int_equal(verdict(D(0x88, 0x02, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)), L2TP_HDR_CONTROL_NO_LENGTH);
	assert_int_equal(verdict(D(0xc0, 0x02, 0, 8, 0, 0, 0, 0)), L2TP_HDR_CONTROL_NO_SEQUENCE);
	assert_int_equal(verdict(D(0xca, 0x02, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), L2TP_HDR_CONTROL_OFFSET);
	assert_int_equal(verdict(D(0xc9, 0x02, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0)), L2TP_HDR_CONTROL_PRIORITY);
}

static void versions(void **state)
{
	for (unsigned v = 0; v < 16; v++) {
		uint8_t d[12] = { 0xc8, (uint8_t)v, 0, 12 };

		assert_int_equal(verdict(span_of(d, sizeof(d))), v == 2 ? L2TP_HDR_OK : L2TP_HDR_VERSION);
	}
	assert_int_equal(verdict(D(0xc8, 0x03)), L2TP_HDR_VERSION);	/* L2TPv3, before anything else of it is read */
}

static void lengths(void **state)
{
	struct l2tp_hdr h;

	assert_int_equal(verdict(D(0xc8, 0x02, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0)), L2TP_HDR_LENGTH_LONG);
	assert_int_equal(verdict(D(0xc8, 0x02, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0)), L2TP_HDR_LENGTH_SHORT);
	assert_int_equal(verdict(D(0xc8, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), L2TP_HDR_LENGTH_SHORT);
	/* Ethernet pads short frames: what is beyond Length is not payload */
	assert_int_equal(l2tp_hdr_decode(D(0x40, 0x02, 0, 9, 0, 1, 0, 2, 0xaa, 0, 0, 0, 0), &h), L2TP_HDR_OK);
	assert_int_equal(h.payload.len, 1);
	assert_int_equal(h.payload.p[0], 0xaa);
	assert_int_equal(l2tp_hdr_decode(D(0xc8, 0x02, 0, 12, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), &h), L2TP_HDR_OK);
	assert_int_equal(h.payload.len, 0);
}

static void offsets(void **state)
{
	struct l2tp_hdr h;

	/* O=1 with offset 0 (bngblaster) */
	assert_int_equal(l2tp_hdr_decode(D(0x02, 0x02, 0, 1, 0, 2, 0, 0, 0xc0), &h), L2TP_HDR_OK);
	assert_int_equal(h.payload.len, 1);
	/* three octets of pad */
	assert_int_equal(l2tp_hdr_decode(D(0x02, 0x02, 0, 1, 0, 2, 0, 3, 9, 9, 9, 0xc0, 0x21), &h), L2TP_HDR_OK);
	assert_int_equal(h.offset, 3);
	assert_int_equal(h.payload.len, 2);
	assert_int_equal(h.payload.p[0], 0xc0);
	/* no payload left: exactly, and by more than there is */
	assert_int_equal(verdict(D(0x02, 0x02, 0, 1, 0, 2, 0, 3, 9, 9, 9)), L2TP_HDR_OFFSET_PAD);
	assert_int_equal(verdict(D(0x02, 0x02, 0, 1, 0, 2, 0xff, 0xff, 9, 9, 9)), L2TP_HDR_OFFSET_PAD);
	assert_int_equal(verdict(D(0x02, 0x02, 0, 1, 0, 2, 0, 0)), L2TP_HDR_OFFSET_PAD);
	/* the pad ends inside the datagram but beyond Length */
	assert_int_equal(verdict(D(0x42, 0x02, 0, 12, 0, 1, 0, 2, 0, 3, 9, 9, 9, 0xc0)), L2TP_HDR_OFFSET_PAD);
}

static struct l2tp_hdr shape(unsigned i, const uint8_t *payload)
{
	return (struct l2tp_hdr){
		.has_length = i & 1, .has_seq = i & 2, .has_offset = i & 4, .priority = i & 8,
		.tunnel_id = 0xabcd, .session_id = 0x0102, .ns = i & 2 ? 0xfffe : 0, .nr = i & 2 ? 77 : 0,
		.offset = i & 4 ? (uint16_t)(i * 5 % 23) : 0, .payload = span_of(payload, 3),
	};
}

/* The sixteen shapes of a data header, and each of them cut at every octet. */
static void data_shapes(void **state)
{
	static const uint8_t payload[3] = { 0xff, 0x03, 0x21 };

	for (unsigned i = 0; i < 16; i++) {
		struct l2tp_hdr in = shape(i, payload), h;
		uint8_t buf[64];
		struct wr w = wr_of(buf, sizeof(buf));
		size_t header = L2TP_HDR_DATA_MIN + (i & 1 ? 2 : 0) + (i & 2 ? 4 : 0) + (i & 4 ? 2u + in.offset : 0);

		l2tp_hdr_put_data(&w, &in);
		assert_int_equal(wr_done(&w), header);
		wr_put(&w, in.payload);
		assert_int_equal(l2tp_hdr_decode(wr_span(&w), &h), L2TP_HDR_OK);
		assert_false(h.control);
		assert_int_equal(h.has_length, in.has_length);
		assert_int_equal(h.has_seq, in.has_seq);
		assert_int_equal(h.has_offset, in.has_offset);
		assert_int_equal(h.priority, in.priority);
		assert_int_equal(h.length, in.has_length ? header + 3 : 0);
		assert_int_equal(h.tunnel_id, 0xabcd);
		assert_int_equal(h.session_id, 0x0102);
		assert_int_equal(h.ns, in.ns);
		assert_int_equal(h.nr, in.nr);
		assert_int_equal(h.offset, in.offset);
		assert_true(span_eq(h.payload, in.payload));
		for (size_t cut = 0; cut < header; cut++) {
			enum l2tp_hdr_verdict v = verdict(span_of(buf, cut));

			/* an empty data frame is a header without fault; only the pad can be wanting then */
			assert_true(v == L2TP_HDR_SHORT || v == L2TP_HDR_LENGTH_LONG || v == L2TP_HDR_OFFSET_PAD);
		}
	}
}

static void empty_and_names(void **state)
{
	struct l2tp_hdr h;

	assert_int_equal(verdict(span_of(NULL, 0)), L2TP_HDR_SHORT);
	assert_int_equal(verdict(D(0xc8)), L2TP_HDR_SHORT);
	assert_int_equal(l2tp_hdr_decode(D(0x00, 0x02, 0, 1, 0, 2), &h), L2TP_HDR_OK);
	assert_int_equal(h.payload.len, 0);
	assert_string_equal(l2tp_hdr_verdict_name(L2TP_HDR_OFFSET_PAD), "offset-pad");
	for (unsigned v = 0; v < L2TP_HDR_VERDICT_COUNT; v++)
		assert_non_null(l2tp_hdr_verdict_name(v));
	assert_string_equal(l2tp_hdr_verdict_name(99), "?");
}

/* §5.8: a retransmission carries the current Nr; the ids come when the peer has told them. */
static void refreshed(void **state)
{
	static const uint8_t expect[] = { 0xc8, 2, 0, 12, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
	uint8_t buf[12], before[11];
	struct wr w = wr_of(buf, sizeof(buf));

	l2tp_hdr_put_zlb(&w, 0, 0, 0);
	l2tp_hdr_set_ids(buf, sizeof(buf), 0x1122, 0x3344);
	l2tp_hdr_set_ns(buf, sizeof(buf), 0x5566);
	l2tp_hdr_set_nr(buf, sizeof(buf), 0x7788);
	assert_memory_equal(buf, expect, sizeof(expect));
	memcpy(before, buf, sizeof(before));
	l2tp_hdr_set_nr(buf, 11, 0);
	assert_memory_equal(buf, before, sizeof(before));
}

static void no_room(void **state)
{
	struct l2tp_hdr h = { .has_length = true, .payload = span_of(NULL, 0) };
	uint8_t buf[70000];
	struct wr w = wr_of(buf, 11);

	l2tp_hdr_put_zlb(&w, 1, 2, 3);
	assert_true(w.full);
	assert_int_equal(wr_done(&w), 0);

	/* Length has sixteen bits */
	h.payload.len = 65535 - 8;
	w = wr_of(buf, sizeof(buf));
	l2tp_hdr_put_data(&w, &h);
	assert_false(w.full);
	h.payload.len++;
	w = wr_of(buf, sizeof(buf));
	l2tp_hdr_put_data(&w, &h);
	assert_true(w.full);
	w = wr_of(buf, sizeof(buf));
	{
		size_t mark = l2tp_hdr_put_control(&w, 1, 1, 0, 0);

		wr_fill(&w, 0, 65536 - 12);
		l2tp_hdr_end(&w, mark);
	}
	assert_true(w.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control), cmocka_unit_test(zlb), cmocka_unit_test(reserved_bits),
		cmocka_unit_test(control_faults), cmocka_unit_test(versions), cmocka_unit_test(lengths),
		cmocka_unit_test(offsets), cmocka_unit_test(data_shapes), cmocka_unit_test(empty_and_names),
		cmocka_unit_test(refreshed), cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
