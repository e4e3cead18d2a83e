/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local AAA under random operations, against what must always hold: no address at two sessions, every request answered
 * or cancelled once, nothing left when all have been released.
 */
#include "aaa_fixture.h"

#include <stdio.h>

#include "base/rng.h"

enum { HANDLES = 400, USERS = 60, STEPS = 20000, SPACE = 256 };

enum { NONE, ASKED, HELD, UP };

struct line {
	struct aaa_handle h;
	uint32_t ip;
	int state;
};

struct world {
	struct fixture *f;
	struct rng rng;
	struct line line[HANDLES];
	unsigned owner[SPACE];	/* line + 1 that has the address */
};

static void own(struct world *w, struct line *l, uint32_t ip)
{
	l->ip = ip;
	if (!ip)
		return;
	assert_true(ip < SPACE);
	assert_int_equal(w->owner[ip], 0);
	w->owner[ip] = (unsigned)(l - w->line) + 1;
}

static void disown(struct world *w, struct line *l)
{
	if (l->ip)
		w->owner[l->ip] = 0;
	*l = (struct line){ 0 };
}

static void random_conf(struct world *w)
{
	char name[16];

	conf_new(w->f);
	w->f->conf.no_duplicate_address_check = rng_below(&w->rng, 8) == 0;
	w->f->conf.session_timeout_s = rng_below(&w->rng, 100);
	w->f->conf.idle_timeout_s = rng_below(&w->rng, 30);
	w->f->conf.acct.interval_min = rng_below(&w->rng, 3);
	for (unsigned i = 0; i < USERS; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		struct aaa_user *u = conf_user(w->f, name, "pw");

		if (i % 3 == 0)
			u->ip4 = ip4_of(1 + i % 40);	/* some share one, some are inside a pool */
		if (i % 17 == 0)
			u->ip4 = ip4_of(UINT32_MAX);
	}
	for (unsigned i = 0; i < 3; i++) {
		uint32_t start = 1 + rng_below(&w->rng, 150);

		snprintf(name, sizeof(name), "p%u", i % 2);
		conf_pool(w->f, name, start, start + rng_below(&w->rng, 100));
	}
	apply(w->f);
}

static void do_ask(struct world *w, struct line *l)
{
	char name[16];
	struct aaa_request rq;

	snprintf(name, sizeof(name), "u%u", rng_below(&w->rng, USERS + 2));
	rq = pap(name, rng_below(&w->rng, 10) ? "pw" : "no");
	if (rng_below(&w->rng, 5) == 0)
		rq.pool = span_str("p1");
	l->h = ask(w->f, &rq, l);
	l->state = ASKED;
}

static void do_start(struct world *w, struct line *l)
{
	uint32_t ip = l->ip;

	if (!ip) {	/* the client chooses */
		ip = 1 + rng_below(&w->rng, SPACE - 1);
		if (!w->owner[ip])
			ip = 0;	/* only those that are known to be another's: refused, a logout follows */
	}
	start(w->f, l->h, ip);
	l->state = UP;
}

static void one_operation(struct world *w)
{
	struct line *l = &w->line[rng_below(&w->rng, HANDLES)];
	struct aaa_counters c = { rng_below(&w->rng, 4), 0, 0, 0 };

	switch (l->state) {
	case NONE:
		do_ask(w, l);
		return;
	case ASKED:
		if (rng_below(&w->rng, 4) == 0) {
			cancel(w->f, l->h);
			disown(w, l);
		}
		return;
	case HELD:
		if (rng_below(&w->rng, 3)) {
			do_start(w, l);
			return;
		}
		break;
	case UP:
		if (rng_below(&w->rng, 3)) {
			aaa_core_ops.counters(w->f->a, l->h, &c, &nowhere, w->f->now, w->f->wall);
			return;
		}
		break;
	}
	release(w->f, l->h);
	disown(w, l);
}

static void take_event(struct world *w, const struct aaa_event *ev)
{
	struct line *l = ev->user;

	assert_true(same(l->h, ev->handle));
	switch (ev->type) {
	case AAA_EV_ACCEPT:
		assert_int_equal(l->state, ASKED);
		l->state = HELD;
		own(w, l, ip4_num(&ev->grant.ip4));
		break;
	case AAA_EV_REJECT:
		assert_int_equal(l->state, ASKED);
		disown(w, l);
		break;
	case AAA_EV_LOGOUT:
		assert_true(l->state == HELD || l->state == UP);
		if (rng_below(&w->rng, 3) == 0)
			return;	/* not at once: some who wait give up */
		release(w->f, l->h);
		disown(w, l);
		break;
	case AAA_EV_COUNTERS:
		assert_int_equal(l->state, UP);
		break;
	}
}

static void take_events(struct world *w, unsigned max)
{
	struct aaa_event ev;

	while (max-- && aaa_core_ops.event(w->f->a, &ev, w->f->now))
		take_event(w, &ev);
}

static void end_all(struct world *w)
{
	take_events(w, UINT32_MAX);
	for (unsigned i = 0; i < HANDLES; i++) {
		if (w->line[i].state != NONE)
			release(w->f, w->line[i].h);
		disown(w, &w->line[i]);
	}
}

static void random_operations(void **state)
{
	static struct world w;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		memset(&w, 0, sizeof(w));
		w.f = *state;
		rng_init_u64(&w.rng, seed);
		random_conf(&w);
		for (unsigned i = 0; i < STEPS; i++) {
			unsigned dice = rng_below(&w.rng, 1000);

			if (dice < 100)
				pass_ms(w.f, rng_below(&w.rng, 400));
			else if (dice < 102)
				random_conf(&w);
			else if (dice < 500)
				take_events(&w, 1 + rng_below(&w.rng, 8));
			else
				one_operation(&w);
		}
		end_all(&w);
		nothing_left(w.f);
	}
	assert_int_equal(counted(w.f, "accounting-starts"), counted(w.f, "accounting-stops"));
	assert_int_equal(counted(w.f, "stale-handles"), 0);
	assert_true(counted(w.f, "duplicate-logouts") > 100);
	assert_true(counted(w.f, "duplicate-holder-stayed") > 10);
	assert_true(counted(w.f, "client-address-in-use") > 10);
	assert_true(counted(w.f, "idle-timeouts") > 10);
	assert_true(counted(w.f, "session-timeouts") > 10);
	assert_true(counted(w.f, "deny-address-allocation-failure") > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_operations, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests_name("aaa_stress", tests, NULL, NULL);
}
