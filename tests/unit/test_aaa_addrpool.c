/* SPDX-License-Identifier: BSD-2-Clause */
/* aaa/addrpool: order, exhaustion, no early re-use, several ranges, statics inside, memory; a naive set as oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "aaa/addrpool.h"
#include "base/rng.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* A pool from pairs of addresses; everything lives in one static arena a test. */
static struct aaa_pool_range range_arena[64];
static struct aaa_pool pool_arena[16];
static unsigned ranges_made, pools_made;

static int arena_reset(void **state)
{
	ranges_made = pools_made = 0;
	return 0;
}

static struct aaa_pool *pool(const char *name, const uint32_t *pairs, unsigned n)
{
	struct aaa_pool *p = &pool_arena[pools_made++];
	struct aaa_pool_range **tail = &p->ranges;

	*p = (struct aaa_pool){ .name = (char *)(uintptr_t)name };
	for (unsigned i = 0; i < n; i++) {
		struct aaa_pool_range *r = &range_arena[ranges_made++];

		*r = (struct aaa_pool_range){ NULL, pairs[2 * i], pairs[2 * i + 1] };
		*tail = r;
		tail = &r->next;
	}
	return p;
}

#define POOL(name, ...) pool(name, (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 8)

static void takes(struct addrpool *p, uint32_t expected)
{
	uint32_t got = 0;

	assert_int_equal(addrpool_take(p, &got), 0);
	assert_int_equal(got, expected);
}

static void exhausted(struct addrpool *p)
{
	uint32_t got;

	assert_int_equal(addrpool_take(p, &got), -ENOSPC);
}

static void ranges_in_order_then_exhaustion(void **state)
{
	struct addrpool_set *s = addrpool_set_new(POOL("a", 20, 22, 10, 11));
	struct addrpool *p = addrpool_by_name(s, span_str("a"));

	for (uint32_t i = 20; i <= 22; i++)
		takes(p, i);
	takes(p, 10);
	takes(p, 11);
	exhausted(p);
	addrpool_set_release(s, 21);
	takes(p, 21);
	exhausted(p);
	addrpool_set_free(s);
}

static void released_goes_to_the_end(void **state)
{
	struct addrpool_set *s = addrpool_set_new(POOL("a", 1, 4));
	struct addrpool *p = addrpool_at(s, 0);

	takes(p, 1);
	takes(p, 2);
	addrpool_set_release(s, 2);
	addrpool_set_release(s, 1);
	takes(p, 3);	/* fresh ones first */
	takes(p, 4);
	takes(p, 2);	/* then the one released longest ago */
	takes(p, 1);
	exhausted(p);
	addrpool_set_release(s, 3);
	addrpool_set_release(s, 3);	/* twice is once */
	takes(p, 3);
	exhausted(p);
	addrpool_set_free(s);
}

static void static_inside_the_pool(void **state)
{
	struct addrpool_set *s = addrpool_set_new(POOL("a", 1, 5));
	struct addrpool *p = addrpool_at(s, 0);
	struct aaa_pool_info info;

	assert_int_equal(addrpool_set_mark(s, 2), 0);
	assert_int_equal(addrpool_set_mark(s, 2), -EADDRINUSE);
	assert_int_equal(addrpool_set_mark(s, 99), 0);	/* of no pool */
	addrpool_set_release(s, 99);
	takes(p, 1);
	takes(p, 3);
	assert_int_equal(addrpool_set_mark(s, 3), -EADDRINUSE);
	addrpool_set_release(s, 1);
	addrpool_set_release(s, 3);
	assert_int_equal(addrpool_set_mark(s, 1), 0);	/* out of the middle of the queue */
	takes(p, 4);
	takes(p, 5);
	takes(p, 3);
	exhausted(p);
	assert_true(addrpool_range_at(s, 0, &info));
	assert_int_equal(info.in_use, 5);
	addrpool_set_release(s, 2);
	takes(p, 2);
	exhausted(p);
	addrpool_set_free(s);
}

static void several_pools_by_name_and_order(void **state)
{
	struct aaa_pool *a = POOL("a", 1, 1), *b = POOL("b", 5, 6, 8, 8);
	struct addrpool_set *s;
	struct aaa_pool_info info;

	a->next = b;
	s = addrpool_set_new(a);
	assert_ptr_equal(addrpool_by_name(s, span_str("b")), addrpool_at(s, 1));
	assert_null(addrpool_by_name(s, span_str("c")));
	assert_null(addrpool_at(s, 2));
	takes(addrpool_at(s, 1), 5);
	takes(addrpool_at(s, 0), 1);
	exhausted(addrpool_at(s, 0));
	assert_true(addrpool_range_at(s, 1, &info));
	assert_string_equal(info.name, "b");
	assert_int_equal(info.start, 5);
	assert_int_equal(info.end, 6);
	assert_int_equal(info.total, 2);
	assert_int_equal(info.in_use, 1);
	assert_true(addrpool_range_at(s, 2, &info));
	assert_int_equal(info.in_use, 0);
	assert_false(addrpool_range_at(s, 3, &info));
	addrpool_set_free(s);
}

/* An address belongs to the first range that names it. */
static void overlapping_ranges_share_nothing(void **state)
{
	struct aaa_pool *a = POOL("a", 10, 12, 20, 22, 11, 11), *b = POOL("b", 8, 24, 11, 21);
	struct addrpool_set *s;
	struct aaa_pool_info info;

	a->next = b;
	s = addrpool_set_new(a);
	for (uint32_t v = 10; v <= 12; v++)
		takes(addrpool_at(s, 0), v);
	for (uint32_t v = 20; v <= 22; v++)
		takes(addrpool_at(s, 0), v);
	exhausted(addrpool_at(s, 0));
	takes(addrpool_at(s, 1), 8);
	takes(addrpool_at(s, 1), 9);
	for (uint32_t v = 13; v <= 19; v++)
		takes(addrpool_at(s, 1), v);
	takes(addrpool_at(s, 1), 23);
	takes(addrpool_at(s, 1), 24);
	exhausted(addrpool_at(s, 1));
	assert_true(addrpool_range_at(s, 3, &info));
	assert_int_equal(info.total, 11);
	assert_true(addrpool_range_at(s, 4, &info));
	assert_int_equal(info.total, 0);
	addrpool_set_free(s);
}

static void the_ends_of_the_address_space(void **state)
{
	struct addrpool_set *s = addrpool_set_new(POOL("a", UINT32_MAX - 1, UINT32_MAX, 0, 1));
	struct addrpool *p = addrpool_at(s, 0);

	takes(p, UINT32_MAX - 1);
	takes(p, UINT32_MAX);
	takes(p, 0);
	takes(p, 1);
	exhausted(p);
	addrpool_set_free(s);
	s = addrpool_set_new(POOL("all", 0, UINT32_MAX));
	takes(addrpool_at(s, 0), 0);
	assert_int_equal(addrpool_set_mark(s, 1), 0);
	takes(addrpool_at(s, 0), 2);
	addrpool_set_free(s);
	s = addrpool_set_new(POOL("turned", 5, 4));
	exhausted(addrpool_at(s, 0));
	addrpool_set_free(s);
	s = addrpool_set_new(NULL);
	assert_null(addrpool_at(s, 0));
	assert_int_equal(addrpool_set_mark(s, 1), 0);
	addrpool_set_free(s);
}

static size_t heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void memory_is_bounded(void **state)
{
	size_t before = heap(), big, used;
	struct addrpool_set *s = addrpool_set_new(POOL("big", IP(10, 0, 0, 0), IP(10, 255, 255, 255)));
	uint32_t v;

	big = heap() - before;
	for (unsigned i = 0; i < 65536; i++)
		assert_int_equal(addrpool_take(addrpool_at(s, 0), &v), 0);
	used = heap() - before - big;
	print_message("16M addresses unused: %zu octets; 65,536 of them used: %zu octets more\n", big, used);
	assert_true(big < 256 * 1024);
	assert_true(used < 65536 * 10);
	addrpool_set_free(s);
}

/* A change of configuration: what is in use is marked by the caller, what was released keeps its place. */
static void inherit_keeps_the_order_of_release(void **state)
{
	struct addrpool_set *old = addrpool_set_new(POOL("a", 1, 6)), *s;

	for (uint32_t v = 1; v <= 6; v++)
		takes(addrpool_at(old, 0), v);
	addrpool_set_release(old, 5);
	addrpool_set_release(old, 2);
	addrpool_set_release(old, 1);
	s = addrpool_set_new(POOL("b", 2, 8));
	for (uint32_t v = 3; v <= 6; v++)
		assert_int_equal(addrpool_set_mark(s, v == 5 ? 4 : v), v == 5 ? -EADDRINUSE : 0);
	assert_int_equal(addrpool_set_inherit(s, old), 0);
	addrpool_set_free(old);
	takes(addrpool_at(s, 0), 7);
	takes(addrpool_at(s, 0), 8);
	takes(addrpool_at(s, 0), 5);
	takes(addrpool_at(s, 0), 2);
	exhausted(addrpool_at(s, 0));
	addrpool_set_free(s);
}

/* ---- against a naive set ---- */

enum { NAIVE = 300 };

struct naive {
	bool member[NAIVE], used[NAIVE];
	unsigned long freed_at[NAIVE];	/* 0: fresh */
	unsigned order[NAIVE], members;
	unsigned long clock;
};

static void naive_range(struct naive *m, uint32_t start, uint32_t end)
{
	for (uint32_t v = start; v <= end; v++) {
		if (m->member[v])
			continue;
		m->member[v] = true;
		m->order[m->members++] = v;
	}
}

static uint32_t naive_first(const struct naive *m)
{
	uint32_t best = UINT32_MAX;

	for (unsigned i = 0; i < m->members; i++) {
		unsigned v = m->order[i];

		if (!m->used[v] && (best == UINT32_MAX || m->freed_at[v] < m->freed_at[best]))
			best = v;
	}
	return best;
}

static void one_step(struct naive *m, struct addrpool_set *s, struct rng *r)
{
	uint32_t v = rng_below(r, NAIVE), got, expected;

	switch (rng_below(r, 8)) {
	case 0:
		assert_int_equal(addrpool_set_mark(s, v), m->member[v] && m->used[v] ? -EADDRINUSE : 0);
		m->used[v] = m->member[v];
		break;
	case 1: case 2: case 3:
		addrpool_set_release(s, v);
		if (m->used[v])
			m->freed_at[v] = ++m->clock;
		m->used[v] = false;
		break;
	default:
		expected = naive_first(m);
		if (expected == UINT32_MAX) {
			assert_int_equal(addrpool_take(addrpool_at(s, 0), &got), -ENOSPC);
			break;
		}
		assert_int_equal(addrpool_take(addrpool_at(s, 0), &got), 0);
		assert_int_equal(got, expected);
		m->used[got] = true;
	}
}

static void equals_a_naive_set(void **state)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct naive m = { 0 };
		uint32_t pairs[10];
		struct addrpool_set *s;
		struct aaa_pool_info info;
		unsigned in_use = 0, counted = 0;
		struct rng r;

		rng_init_u64(&r, seed);
		for (unsigned i = 0; i < 5; i++) {
			pairs[2 * i] = rng_below(&r, NAIVE);
			pairs[2 * i + 1] = pairs[2 * i] + rng_below(&r, NAIVE - pairs[2 * i]);
			if (i > 1 && pairs[2 * i + 1] > pairs[2 * i] + 40)
				pairs[2 * i + 1] = pairs[2 * i] + 40;
			naive_range(&m, pairs[2 * i], pairs[2 * i + 1]);
		}
		arena_reset(NULL);
		s = addrpool_set_new(pool("a", pairs, 5));
		for (unsigned i = 0; i < 4000; i++)
			one_step(&m, s, &r);
		for (unsigned i = 0; i < NAIVE; i++)
			in_use += m.used[i];
		for (unsigned i = 0; addrpool_range_at(s, i, &info); i++)
			counted += info.in_use;
		assert_int_equal(counted, in_use);
		addrpool_set_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ranges_in_order_then_exhaustion, arena_reset),
		cmocka_unit_test_setup(released_goes_to_the_end, arena_reset),
		cmocka_unit_test_setup(static_inside_the_pool, arena_reset),
		cmocka_unit_test_setup(several_pools_by_name_and_order, arena_reset),
		cmocka_unit_test_setup(overlapping_ranges_share_nothing, arena_reset),
		cmocka_unit_test_setup(the_ends_of_the_address_space, arena_reset),
		cmocka_unit_test_setup(memory_is_bounded, arena_reset),
		cmocka_unit_test_setup(inherit_keeps_the_order_of_release, arena_reset),
		cmocka_unit_test_setup(equals_a_naive_set, arena_reset),
	};

	return cmocka_run_group_tests_name("aaa_addrpool", tests, NULL, NULL);
}
