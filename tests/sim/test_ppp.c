/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client and an authenticator over a wire that loses 20 %, repeats 10 % and reorders 20 % of the frames, in
 * virtual time: each run converges, or both sides end with a named reason. ADIT_SIM_SEEDS runs (300); ADIT_SIM_FIRST
 * is the first seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ppp_pair.h"

static unsigned long from_env(const char *name, unsigned long otherwise)
{
	const char *v = getenv(name);

	return v ? strtoul(v, NULL, 10) : otherwise;
}

/* What is drawn for a run, beside the weather. */
static void vary(struct pair *p)
{
	static const enum ppp_auth methods[] = { PPP_AUTH_CHAP_MD5, PPP_AUTH_PAP, PPP_AUTH_MSCHAPV2, PPP_AUTH_NONE };
	struct ppp_link_conf *a = &p->end[0].conf, *c = &p->end[1].conf;

	memset(a->auth, 0, sizeof(a->auth));
	for (unsigned i = 0, first = rng_below(&p->rng, 4); i < 3; i++)
		a->auth[i] = methods[(first + i) % 4];
	memset(c->auth, 0, sizeof(c->auth));
	c->auth[0] = methods[rng_below(&p->rng, 3)];
	c->auth[1] = methods[rng_below(&p->rng, 3)];
	if (c->auth[1] == c->auth[0])
		c->auth[1] = PPP_AUTH_NONE;
	a->mru = (uint16_t)(rng_below(&p->rng, 2) ? 1442 : 1500);
	c->mru = (uint16_t)(rng_below(&p->rng, 2) ? 1492 : 1500);
	a->keepalive_misses = c->keepalive_misses = 10;	/* two Echo-Requests are not enough in this weather */
	a->magic = rng_below(&p->rng, 2);
	a->passive = rng_below(&p->rng, 4) == 0;
	p->end[0].net_conf.initiate_ipv4 = rng_below(&p->rng, 2);
	p->end[0].net_conf.initiate_ipv6 = rng_below(&p->rng, 2);
	p->end[0].net_conf.ipv6 = rng_below(&p->rng, 4) != 0;
	p->end[1].net_conf.local_ip4 = rng_below(&p->rng, 2) ? 0xc0a80101 : 0;
	p->end[1].net_conf.wins[1] = rng_below(&p->rng, 2);
	if (rng_below(&p->rng, 10) == 0)
		p->password = "another";
}

/* Now and then something happens in the middle of it. */
static void disturb(struct pair *p)
{
	switch (rng_below(&p->rng, 12)) {
	case 0:
		ppp_link_close(p->end[1].link, PPP_REASON_ADMIN_LOGOUT, p->now);
		break;
	case 1:
		ppp_link_close(p->end[0].link, PPP_REASON_ADMIN_LOGOUT, p->now);
		break;
	case 2:
		p->cut = true;
		break;
	default:
		break;
	}
	pair_turn(p, 0);
	pair_turn(p, 1);
}

static bool is_up(const struct pair_end *e)
{
	return e->network && e->ip4;
}

/* Ended, or the network phase with each NCP up or ended, always with a name for why. */
static bool is_settled(const struct pair_end *e)
{
	if (e->down)
		return e->why != PPP_REASON_NONE;
	return e->network && (e->ip4 || ppp_net_reason(e->net, 0x8021) != PPP_REASON_NONE);
}

static bool agreed(const struct pair *p)
{
	const struct ppp_net_event *a = &p->end[0].ip4_event, *c = &p->end[1].ip4_event;

	return a->local_ip4 == c->peer_ip4 && a->peer_ip4 == c->local_ip4 && c->local_ip4 == 0x0a400001;
}

static void one_run(uint64_t seed, unsigned *up, unsigned *down)
{
	struct pair p;

	pair_init(&p, seed);
	p.loss = 20;
	p.dup = 10;
	p.reorder = 20;
	vary(&p);
	pair_up(&p);
	pair_run(&p, rng_below(&p.rng, 60000));
	disturb(&p);
	pair_run(&p, 600000);
	for (int i = 0; i < 2; i++)
		if (!is_settled(&p.end[i]))
			fail_msg("seed %lu: side %d neither up nor ended with a reason", (unsigned long)seed, i);
	if (p.end[0].down != p.end[1].down)
		fail_msg("seed %lu: one side is up, the other ended", (unsigned long)seed);
	if (is_up(&p.end[0]) && is_up(&p.end[1]) && !agreed(&p))
		fail_msg("seed %lu: the two sides do not agree", (unsigned long)seed);
	*(is_up(&p.end[0]) ? up : down) += 1;
	for (int i = 0; i < 2; i++)
		if (p.end[i].count.n[PPP_COUNT_ILLEGAL_EVENT])
			fail_msg("seed %lu: an event that cannot occur", (unsigned long)seed);
	pair_fini(&p);
}

static void test_bad_weather(void **state)
{
	unsigned long first = from_env("ADIT_SIM_FIRST", 1), count = from_env("ADIT_SIM_SEEDS", 300);
	unsigned up = 0, down = 0;

	for (unsigned long i = 0; i < count; i++)
		one_run(first + i, &up, &down);
	print_message("%lu runs: %u up, %u ended with a named reason\n", count, up, down);
	assert_true(count < 100 || up > count / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_weather),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
