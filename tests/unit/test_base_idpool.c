/* SPDX-License-Identifier: BSD-2-Clause */
/* base/idpool.h: every id once, none in use twice, those freed last kept back; base/rng.h: the stream of RFC 8439. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/idpool.h"
#include "base/rng.h"

static void every_id_once(void **state)
{
	static bool taken[65536];
	struct idpool *p = idpool_new(1000);
	struct rng r;

	memset(taken, 0, sizeof(taken));
	rng_init_u64(&r, 1);
	for (unsigned i = 0; i < 65535; i++) {
		uint16_t id = idpool_take(p, &r);

		assert_int_not_equal(id, 0);
		assert_false(taken[id]);
		taken[id] = true;
	}
	assert_int_equal(idpool_used(p), 65535);
	assert_int_equal(idpool_take(p, &r), 0);
	idpool_give(p, 4711);
	assert_int_equal(idpool_take(p, &r), 4711);	/* kept back, but the only one left */
	idpool_free(p);
}

static void those_freed_last_are_kept_back(void **state)
{
	enum { KEPT = 64 };
	struct idpool *p = idpool_new(KEPT);
	uint16_t last[KEPT] = { 0 };
	struct rng r;

	rng_init_u64(&r, 2);
	for (unsigned i = 0; i < 65535 - 200; i++)	/* few are left to draw from, so a mistake shows */
		idpool_take(p, &r);
	for (unsigned n = 0; n < 20000; n++) {
		uint16_t id = idpool_take(p, &r);

		for (int i = 0; i < KEPT; i++)
			assert_int_not_equal(id, last[i]);
		idpool_give(p, id);
		last[n % KEPT] = id;
	}
	idpool_free(p);
}

static void random_use(void **state)
{
	static bool in_use[65536];
	static uint16_t id[4000];
	struct idpool *p = idpool_new(500);
	struct rng r;
	unsigned count = 0;

	memset(in_use, 0, sizeof(in_use));
	rng_init_u64(&r, 3);
	for (unsigned n = 0; n < 100000; n++) {
		if (count < 4000 && (count == 0 || rng_below(&r, 2))) {
			id[count] = idpool_take(p, &r);
			assert_false(in_use[id[count]]);
			in_use[id[count++]] = true;
		} else {
			unsigned k = rng_below(&r, count);

			in_use[id[k]] = false;
			idpool_give(p, id[k]);
			id[k] = id[--count];
		}
		assert_int_equal(idpool_used(p), count);
	}
	idpool_free(p);
}

static void no_quarantine(void **state)
{
	struct idpool *p = idpool_new(0);
	struct rng r;
	uint16_t id;

	rng_init_u64(&r, 4);
	id = idpool_take(p, &r);
	idpool_give(p, id);
	assert_int_equal(idpool_used(p), 0);
	idpool_free(p);
	idpool_free(NULL);
}

/* RFC 8439 A.1, test vectors 1 and 2: key and nonce zero, blocks 0 and 1. */
static void the_stream_of_a_zero_key(void **state)
{
	static const uint8_t expected[128] = {
		0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28,
		0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36, 0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7,
		0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48, 0x8d, 0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37,
		0x6a, 0x43, 0xb8, 0xf4, 0x15, 0x18, 0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86,
		0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a, 0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d,
		0xcb, 0x0f, 0x29, 0xa0, 0x48, 0xe3, 0x65, 0x69, 0x12, 0xc6, 0x53, 0x3e, 0x32, 0xee, 0x7a, 0xed,
		0x29, 0xb7, 0x21, 0x76, 0x9c, 0xe6, 0x4e, 0x43, 0xd5, 0x71, 0x33, 0xb0, 0x74, 0xd8, 0x39, 0xd5,
		0x31, 0xed, 0x1f, 0x28, 0x51, 0x0a, 0xfb, 0x45, 0xac, 0xe1, 0x0a, 0x1f, 0x4b, 0x79, 0x4d, 0x6f,
	};
	static const uint8_t zero[32];
	struct rng r;
	uint8_t got[128];

	rng_init(&r, zero);
	for (size_t at = 0, n = 1; at < sizeof(got); at += n, n = n * 2 % 31 + 1) {
		if (n > sizeof(got) - at)
			n = sizeof(got) - at;
		rng_bytes(&r, got + at, n);	/* in pieces: the stream does not depend on them */
	}
	assert_memory_equal(got, expected, sizeof(expected));
	rng_init(&r, zero);
	rng_bytes(&r, got, sizeof(got));
	assert_memory_equal(got, expected, sizeof(expected));
}

static void below_has_no_favourites(void **state)
{
	unsigned count[7] = { 0 };
	struct rng r;

	rng_init_u64(&r, 6);
	for (int i = 0; i < 70000; i++)
		count[rng_below(&r, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], 9500, 10500);
	assert_int_equal(rng_below(&r, 1), 0);
	assert_true(rng_u32(&r) != rng_u32(&r) || rng_u64(&r) != rng_u64(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_id_once),
		cmocka_unit_test(those_freed_last_are_kept_back),
		cmocka_unit_test(random_use),
		cmocka_unit_test(no_quarantine),
		cmocka_unit_test(the_stream_of_a_zero_key),
		cmocka_unit_test(below_has_no_favourites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
