/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client and an authenticator over a wire that loses 20 %, repeats 10 % and reorders 20 % of the frames, in
 * virtual time: each run converges, or both sides end with a named reason. ADIT_SIM_SEEDS runs (300); ADIT_SIM_FIRST
 * is the first seed.
 *
 * An NCP may end while the link goes on with the other one (RFC 1661 §3.6), and then on both sides. Two ends of one side
 * alone were seen:
 *  - ten Configure-Requests, or the Acks for them, lost one after the other (0.36^10, once in 30,000 runs) after the
 *    peer's own was acknowledged: the peer is Opened, we are not, and by the table of §4.1 (TO-, no packet) it never hears
 *    of it. It is told now (src/ppp/cp.c give_up());
 *  - five Naks lost, so that the sixth is a Configure-Reject (§4.6 Max-Failure), and the refused side cannot do without
 *    the option: it closes, with Terminate-Requests.
 * What remains, and must: every Terminate-Request (Max-Terminate, two) was lost, 0.04 of the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ppp_pair.h"
#include "wire/ppp_cp.h"
#include "wire/ppp_frame.h"

struct told {
	unsigned ip4, ip6;		/* Terminate-Requests of these NCPs */
};

struct run {
	struct pair p;
	struct told told[2];		/* by whom */
};

static unsigned long from_env(const char *name, unsigned long otherwise)
{
	const char *v = getenv(name);

	return v ? strtoul(v, NULL, 10) : otherwise;
}

static void note_terminate(struct pair *p, int from, const uint8_t *frame, size_t len)
{
	struct told *told = &((struct run *)p->spy_ctx)->told[from];
	struct rd r = rd_of(frame, len);
	uint16_t protocol;

	if (!ppp_frame_protocol(&r, &protocol) || rd_u8(&r) != PPP_CP_TERM_REQ)
		return;
	told->ip4 += protocol == PPP_PROTO_IPCP;
	told->ip6 += protocol == PPP_PROTO_IPV6CP;
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
	a->keepalive_s = c->keepalive_s = 30 << rng_below(&p->rng, 3);
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

/* One side alone has ended: its two Terminate-Requests were lost, and the other finds out by its keepalive. */
static void wait_for_keepalive(struct pair *p)
{
	if (p->end[0].down != p->end[1].down)
		pair_run(p, 1000 * (int64_t)p->end[0].conf.keepalive_s * (p->end[0].conf.keepalive_misses + 1));
}

/* An NCP that is up on one side has ended on the other with every Terminate-Request lost. */
static bool ended_in_silence(const struct run *r)
{
	const struct pair_end *a = &r->p.end[0], *c = &r->p.end[1];
	unsigned ip4 = r->told[a->ip4 ? 1 : 0].ip4, ip6 = r->told[a->ip6 ? 1 : 0].ip6;

	if (a->down)
		return false;
	return (a->ip4 != c->ip4 && ip4 < a->net_conf.max_terminate) || (a->ip6 != c->ip6 && ip6 < a->net_conf.max_terminate);
}

static void judge(const struct run *r, unsigned long seed)
{
	const struct pair *p = &r->p;

	for (int i = 0; i < 2; i++) {
		if (!is_settled(&p->end[i]))
			fail_msg("seed %lu: side %d neither up nor ended with a reason", seed, i);
		if (p->end[i].count.n[PPP_COUNT_ILLEGAL_EVENT])
			fail_msg("seed %lu: an event that cannot occur", seed);
	}
	if (p->end[0].down != p->end[1].down)
		fail_msg("seed %lu: one side is up, the other ended", seed);
	if (ended_in_silence(r))
		fail_msg("seed %lu: one side's network protocol ended, and the other was not told", seed);
	if (is_up(&p->end[0]) && is_up(&p->end[1]) && !agreed(p))
		fail_msg("seed %lu: the two sides do not agree", seed);
}

static void one_run(uint64_t seed, unsigned *up, unsigned *down)
{
	struct run r = { 0 };
	struct pair *p = &r.p;

	pair_init(p, seed);
	p->loss = 20;
	p->dup = 10;
	p->reorder = 20;
	p->spy = note_terminate;
	p->spy_ctx = &r;
	vary(p);
	pair_up(p);
	pair_run(p, rng_below(&p->rng, 60000));
	disturb(p);
	pair_run(p, 600000);
	wait_for_keepalive(p);
	judge(&r, (unsigned long)seed);
	*(is_up(&p->end[0]) ? up : down) += 1;
	pair_fini(p);
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
