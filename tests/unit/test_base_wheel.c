/* SPDX-License-Identifier: BSD-2-Clause */
/* base/wheel: nodes fire at or after their instant and within a tick, deadlines are never late, an empty wheel has none. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_wheel_has_no_deadline),
		cmocka_unit_test(fires_on_time),
	};

	return cmocka_run_group_tests_name("base_wheel", tests, NULL, NULL);
}
