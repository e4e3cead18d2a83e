/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A LAC core against an LNS core over a wire that loses 20 %, repeats 10 % and reorders 20 %, in virtual time. Every
 * seed must converge: tunnel and calls up on both sides, then everything closed and forgotten; or end with a named
 * reason. ADIT_SIM_SEEDS sets the number of seeds, ADIT_SIM_FIRST the first one (to run a failing one alone).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "l2tp_world.h"

static struct world world;

static unsigned env_number(const char *name, unsigned otherwise)
{
	const char *s = getenv(name);

	return s ? (unsigned)strtoul(s, NULL, 0) : otherwise;
}

/* The secrets, windows and tastes of this seed. */
static void taste(struct world *w)
{
	static const char secret[] = "s3cret";

	for (int i = 0; i < 2; i++) {
		struct l2tp_tunnel_conf *c = i ? &w->lns.conf : &w->lac.conf;

		c->receive_window = (uint16_t)(4 + rng_below(&w->rng, 20));
		c->hello_s = (uint16_t)(5 + rng_below(&w->rng, 60));
		c->secret = span_str(secret);
		c->challenge = rng_below(&w->rng, 2);
		c->hide = rng_below(&w->rng, 2);
	}
	if (chance(w, 25))
		w->lac.conf.secret = w->lns.conf.secret = span_str("");
	w->lns.refuse_calls = chance(w, 5);
}

static void shake(struct world *w, struct world_side *s)
{
	struct world_call *row = &s->call[rng_below(&w->rng, s->calls ? s->calls : 1)];
	uint32_t errors[6] = { 1, 2, 3, 4, 5, 6 };

	if (!row->call)
		return;
	switch (rng_below(&w->rng, 4)) {
	case 0:
		l2tp_call_close(row->call, L2TP_REASON_SESSION_CALL_DOWN, (struct l2tp_cause){ 1, 0, "hung up" },
				NULL, w->now);
		break;
	case 1:
		l2tp_call_send_sli(row->call, 0xffffffff, 0, w->now);
		break;
	case 2:
		l2tp_call_send_wen(row->call, errors, w->now);
		break;
	default:
		break;
	}
}

/* Both sides open at once, and with tie breakers: one tunnel, or none when they are equal. §4.4.3 */
static void collide(struct world *w)
{
	static const uint8_t low[8] = { 0, 0, 0, 0, 0, 0, 0, 1 }, high[8] = { 1 };
	unsigned how = rng_below(&w->rng, 4);

	w->lac.conf.tie_breaker = span_of(how & 1 ? low : high, 8);
	w->lns.conf.tie_breaker = span_of(how & 2 ? low : high, 8);
	world_open(w, &w->lac);
	world_open(w, &w->lns);
}

static void close_all(struct world *w, struct world_side *s)
{
	for (unsigned i = 0; i < WORLD_TUNNELS; i++) {
		if (s->tunnel[i].c)
			l2tp_tunnel_close(s->tunnel[i].c, L2TP_REASON_TUNNEL_ADMIN_CLOSE,
					  (struct l2tp_cause){ 6, 0, NULL }, w->now);
	}
}

/* What both sides say in the end must agree as far as it can. */
static void judge(struct world *w, unsigned opened)
{
	for (unsigned i = 0; i < WORLD_TUNNELS; i++) {
		for (int side = 0; side < 2; side++) {
			struct world_side *s = side ? &w->lns : &w->lac;
			struct world_tunnel *t = &s->tunnel[i];

			if (t->phase != WORLD_NONE && t->phase != WORLD_GONE)
				world_fail(w, "%s: tunnel %u still in phase %d", s->name, i, t->phase);
		}
	}
	for (int side = 0; side < 2; side++) {
		struct world_side *s = side ? &w->lns : &w->lac;

		for (unsigned i = 0; i < s->calls; i++) {
			if (s->call[i].phase != WORLD_DOWN)
				world_fail(w, "%s: call %u still in phase %d", s->name, i, s->call[i].phase);
		}
	}
	if (!w->lac.tunnels)
		world_fail(w, "nothing was opened of %u", opened);
}

static unsigned run(struct world *w, uint64_t seed)
{
	unsigned tunnels, calls, up = 0;

	world_init(w, seed);
	taste(w);
	w->loss = 20;
	w->repeat = 10;
	w->reorder = 20;
	tunnels = 1 + rng_below(&w->rng, 3);
	for (unsigned i = 0; i < tunnels; i++)
		world_open(w, &w->lac);
	if (chance(w, 30))
		collide(w);
	world_run_ms(w, 120000);	/* beyond 47 s and the set-up limit: up or down */
	for (unsigned i = 0; i < tunnels; i++) {
		if (w->lac.tunnel[i].phase == WORLD_OPENING)
			world_fail(w, "tunnel %u neither up nor down", i);
		calls = w->lac.tunnel[i].phase == WORLD_UP ? rng_below(&w->rng, 12) : 0;
		for (unsigned k = 0; k < calls; k++)
			world_offer(w, &w->lac.tunnel[i], i * 100 + k);
	}
	for (unsigned i = 0; i < 30; i++) {
		world_run_ms(w, 5000);
		if (chance(w, 30))
			shake(w, chance(w, 50) ? &w->lac : &w->lns);
	}
	world_run_ms(w, 120000);
	for (unsigned i = 0; i < w->lac.calls; i++) {
		up += w->lac.call[i].was_up;
		if (w->lac.call[i].phase == WORLD_OPENING)
			world_fail(w, "call %u neither up nor down", i);
	}
	close_all(w, chance(w, 50) ? &w->lac : &w->lns);
	world_run_ms(w, 20000);
	close_all(w, &w->lac);
	close_all(w, &w->lns);
	world_run_ms(w, 200000);
	judge(w, tunnels);
	return up;
}

static void every_seed_converges(void **state)
{
	unsigned seeds = env_number("ADIT_SIM_SEEDS", 300), first = env_number("ADIT_SIM_FIRST", 1);
	unsigned up = 0, tunnels = 0, failed = 0;

	for (unsigned seed = first; seed < first + seeds; seed++) {
		up += run(&world, seed);
		for (unsigned i = 0; i < WORLD_TUNNELS; i++) {
			tunnels += world.lac.tunnel[i].was_up;
			failed += world.lac.tunnel[i].reason == L2TP_REASON_TUNNEL_CONTROL_CHANNEL_FAILED;
		}
		world_fini(&world);
		if (world.failure[0])
			fail_msg("seed %u: %s", seed, world.failure);
	}
	print_message("%u seeds: %u tunnels and %u calls came up, %u control channels failed\n", seeds, tunnels, up,
		      failed);
	assert_true(seeds < 100 || (up > seeds && tunnels > seeds));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_seed_converges) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
