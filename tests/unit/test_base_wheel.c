/* SPDX-License-Identifier: BSD-2-Clause */
/* base/wheel: nodes fire at or after their instant and within a tick; no deadline is late, an empty wheel has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/wheel.h"

static mono_t at_ms(int64_t ms)
{
	return mono_add_ms(MONO_ZERO, ms);
}

static void an_empty_wheel_has_no_deadline(void **state)
{
	struct wheel w;
	struct wheel_node n = { 0 };

	wheel_init(&w, at_ms(0));
	assert_true(mono_is_never(wheel_deadline(&w)));
	wheel_set(&w, &n, at_ms(1000));
	assert_false(mono_is_never(wheel_deadline(&w)));
	wheel_del(&w, &n);
	assert_true(mono_is_never(wheel_deadline(&w)));
	wheel_set(&w, &n, MONO_NEVER);
	assert_false(wheel_armed(&n));
	assert_true(mono_is_never(wheel_deadline(&w)));
}

enum { NODES = 500 };

/* Spans from milliseconds to weeks, so that every level is used. */
static int64_t random_ms(struct rng *r)
{
	return rng_below(r, (uint32_t)1 << (1 + rng_below(r, 30)));
}

static void fires_on_time(void **state)
{
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct wheel_node node[NODES] = { 0 };
		struct wheel w;
		struct rng r;
		int64_t now = 5;

		rng_init_u64(&r, seed);
		wheel_init(&w, at_ms(now));
		for (unsigned step = 0; step < 3000; step++) {
			struct wheel_node *n = &node[rng_below(&r, NODES)];
			mono_t first = MONO_NEVER;

			if (rng_below(&r, 4))
				wheel_set(&w, n, at_ms(now + random_ms(&r)));
			else
				wheel_del(&w, n);
			now += rng_below(&r, 3) ? rng_below(&r, 50) : random_ms(&r) / 64;
			while ((n = wheel_expire(&w, at_ms(now))))
				assert_true(n->due.ns <= at_ms(now).ns);
			for (unsigned i = 0; i < NODES; i++) {
				if (!wheel_armed(&node[i]))
					continue;
				assert_true(node[i].due.ns > at_ms(now).ns - WHEEL_TICK_NS);
				first = mono_min(first, node[i].due);
			}
			assert_true(wheel_deadline(&w).ns <= mono_add_ns(first, WHEEL_TICK_NS).ns);
			assert_true(mono_is_never(wheel_deadline(&w)) == mono_is_never(first));
		}
	}
}

#define MS ((int64_t)1000000)

static const mono_t start = { 987654321012345 };

static void fires_at_or_after_its_instant(void **state)
{
	static const int64_t after[] = { 0, 1, 4 * MS - 1, 4 * MS, 4 * MS + 1, 255 * MS, 256 * MS, 257 * MS, 16384 * MS,
					 1000000 * MS, 67108864 * MS, 31536000000 * MS };

	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		struct wheel w;
		struct wheel_node n = { 0 };
		mono_t due = mono_add_ns(start, after[i]);

		wheel_init(&w, start);
		assert_true(mono_is_never(wheel_deadline(&w)));
		wheel_set(&w, &n, due);
		assert_true(wheel_armed(&n));
		assert_true(wheel_deadline(&w).ns <= due.ns + WHEEL_TICK_NS);
		if (after[i] > 0)
			assert_null(wheel_expire(&w, mono_add_ns(due, -1)));
		assert_ptr_equal(wheel_expire(&w, mono_add_ns(due, WHEEL_TICK_NS)), &n);
		assert_false(wheel_armed(&n));
		assert_null(wheel_expire(&w, mono_add_s(due, 10)));
		assert_true(mono_is_never(wheel_deadline(&w)));
	}
}

/* Following wheel_deadline() alone, as the loop does, brings every node within a tick. */
static void deadlines_lead_to_every_node(void **state)
{
	struct wheel w;
	struct wheel_node n[NODES] = { 0 };
	struct rng r;
	mono_t now = start;
	unsigned fired = 0, turns = 0;

	rng_init_u64(&r, 3);
	wheel_init(&w, now);
	for (int i = 0; i < NODES; i++)
		wheel_set(&w, &n[i], mono_add_ns(start, (int64_t)(rng_u64(&r) >> (20 + rng_below(&r, 30)))));
	while (fired < NODES) {
		mono_t at = wheel_deadline(&w);
		struct wheel_node *x;

		assert_false(mono_is_never(at));
		assert_true(at.ns >= now.ns || turns == 0);
		now = at.ns > now.ns ? at : now;
		while ((x = wheel_expire(&w, now))) {
			assert_true(mono_due(x->due, now));
			assert_true(now.ns - x->due.ns <= WHEEL_TICK_NS);
			fired++;
		}
		assert_true(++turns < NODES * 8);
	}
	assert_int_equal(w.count, 0);
}

/* A node may re-arm itself, or stop its neighbours, while it is being handled. */
static void handlers_may_touch_the_wheel(void **state)
{
	struct wheel w;
	struct wheel_node n[10] = { 0 }, *x;
	unsigned fired = 0;

	wheel_init(&w, start);
	for (int i = 0; i < 10; i++)
		wheel_set(&w, &n[i], mono_add_ms(start, 8));
	while ((x = wheel_expire(&w, mono_add_ms(start, 20)))) {
		fired++;
		if (fired > 1)
			continue;
		for (int i = 0; i < 9; i++)
			wheel_del(&w, &n[i]);
		wheel_set(&w, x, mono_add_ms(start, 40));
	}
	assert_in_range(fired, 1, 2);
	assert_int_equal(w.count, 1);
	assert_int_equal(sizeof(struct wheel_node), 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_wheel_has_no_deadline),
		cmocka_unit_test(fires_on_time),
		cmocka_unit_test(fires_at_or_after_its_instant),
		cmocka_unit_test(deadlines_lead_to_every_node),
		cmocka_unit_test(handlers_may_touch_the_wheel),
	};

	return cmocka_run_group_tests_name("base_wheel", tests, NULL, NULL);
}
