/* SPDX-License-Identifier: BSD-2-Clause */
/* Many sessions: teardown in bounded turns, memory, a wire that loses, and random trouble from all sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <malloc.h>

#include <cmocka.h>

#include "model_check.h"

static void dial_many(struct world *w, struct wt *t, unsigned n, enum ppp_auth auth)
{
	for (unsigned i = 0; i < n; i++) {
		world_call(w, t, "bob", "hello", auth);
		if (i % 100 == 99)
			world_run_ms(w, 500);
	}
	world_run_ms(w, 5000);
	assert_int_equal(info_of(w).established_sessions, n);
	assert_int_equal(world_addresses_in_use(w), n);
}

/* The LAC's StopCCN: each session of it is freed, at most 256 a turn. */
static void two_thousand(void **state)
{
	enum { N = 2000 };
	struct world *w = *state;
	struct wt *t = world_tunnel(w);

	w->conf.profiles->keepalive_s = 0;
	world_apply(w);
	dial_many(w, t, N, PPP_AUTH_CHAP_MD5);
	w->most_ended = 0;
	l2tp_tunnel_close(t->ctrl, L2TP_REASON_TUNNEL_ADMIN_CLOSE, (struct l2tp_cause){ 1, 0, NULL }, w->now);
	world_run_ms(w, 1000);
	assert_true(w->most_ended > 0 && w->most_ended <= 256);
	assert_no_session(w);
	world_run_ms(w, 100000);
	assert_int_equal(info_of(w).dests.active, 0);
	assert_int_equal(info_of(w).tombstones, N + 2);
	world_run_ms(w, 600000);
	assert_int_equal(info_of(w).tombstones, 0);
}

static size_t heap(void)
{
	return mallinfo2().uordblks;
}

/* What model and AAA take together, and are freed. */
static size_t heap_of_lns(struct world *w)
{
	size_t before = heap(), after;

	model_free(w->m);
	aaa_core_free(w->aaa);
	w->m = NULL;
	w->aaa = NULL;
	after = heap();
	return before - after;
}

/* design.md section 5: an established session takes at most 1.5 KiB in the control plane, all told. */
static void memory(void **state)
{
	enum { N = 2000 };
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	size_t empty, full;

	world_run_ms(w, 40000);
	empty = heap_of_lns(w);
	world_fini(w);
	world_init(w, 1);
	t = world_tunnel(w);
	dial_many(w, t, N, PPP_AUTH_CHAP_MD5);
	world_run_ms(w, 20000);
	full = heap_of_lns(w);
	if (empty == 0)
		skip();		/* an allocator that does not tell, such as a sanitizer's */
	print_message("established session: %zu octets in the control plane, all told\n", (full - empty) / N);
	assert_true((full - empty) / N <= 1536);
}

static void two_thousand_cleared(void **state)
{
	enum { N = 2000 };
	struct world *w = *state;
	struct wt *t = world_tunnel(w);

	dial_many(w, t, N, PPP_AUTH_PAP);
	w->most_ended = 0;
	assert_int_equal(model_clear_sessions(w->m, NULL, w->now), N);
	world_run_ms(w, 10000);
	assert_true(w->most_ended <= 256);
	assert_no_session(w);
	assert_int_equal(world_counter(w, "terminate", "session-admin-close"), N);
}

/* Every call comes up or ends with a reason; whatever happens, nothing is left. */
static void lossy(void **state)
{
	const char *env = getenv("ADIT_SIM_SEEDS");
	unsigned seeds = env ? (unsigned)strtoul(env, NULL, 0) : 30;

	for (unsigned seed = 1; seed <= seeds; seed++) {
		struct world *w = &world;
		struct wt *t;
		unsigned n_up = 0;

		if (seed > 1)
			world_init(w, seed);
		w->loss = 15;
		w->repeat = 10;
		w->delay_ms = 60;
		t = world_tunnel_as(w, 0, "lac1", "s3cret");
		world_run_ms(w, 20000);
		for (unsigned i = 0; i < 15 && t->up && !t->down; i++)
			world_call(w, t, i == 3 ? "fixed" : "bob", i == 5 ? "wrong" : "hello", PPP_AUTH_PAP + i % 3);
		world_run_ms(w, 90000);
		for (unsigned i = 0; i < w->clients; i++)
			n_up += w->client[i].was_up;
		if (t->up && !t->down && n_up < 8)
			fail_msg("seed %u: only %u up", seed, n_up);
		if (seed % 3 == 0)
			w->lac_dead[0] = true;
		else if (seed % 3 == 1)
			model_clear_sessions(w->m, NULL, w->now);
		else
			model_clear_destinations(w->m, NULL, w->now);
		world_run_ms(w, 200000);
		assert_no_session(w);
		world_run_ms(w, 200000);
		assert_int_equal(info_of(w).dests.active, 0);
		assert_int_equal(info_of(w).sessions.total, w->clients);
		if (seed < seeds)
			world_fini(w);
	}
}

/* ---- random trouble ---- */

static void random_frame(struct world *w, const struct wc *c)
{
	static const uint16_t protocols[] = { 0xc021, 0xc023, 0xc223, 0x8021, 0x8057, 0x0021, 0x80fd, 0x0000 };
	uint8_t frame[64];
	size_t len = 2 + rng_below(&w->rng, sizeof(frame) - 2);
	uint16_t protocol = protocols[rng_below(&w->rng, 8)];

	if (!c->call || c->over)
		return;
	rng_bytes(&w->rng, frame, len);
	frame[0] = (uint8_t)(protocol >> 8);
	frame[1] = (uint8_t)protocol;
	if (len > 5 && rng_below(&w->rng, 4)) {	/* a control packet with a code that means something */
		frame[2] = (uint8_t)(1 + rng_below(&w->rng, 12));
		frame[4] = 0;
		frame[5] = (uint8_t)(len - 2);
	}
	dp_null_rx_frame(w->dp, l2tp_tunnel_peer_id(c->ctrl), l2tp_call_peer_id(c->call), frame, len);
}

static void trouble(struct world *w, struct wt *t)
{
	static const enum admin_state states[] = { ADMIN_ENABLED, ADMIN_ENABLED, ADMIN_DRAIN, ADMIN_DISABLED };
	struct model_filter f = { .dest = 1, .tunnel = 1, .session = 1 + rng_below(&w->rng, 20) };
	struct wc *c = w->clients ? &w->client[rng_below(&w->rng, w->clients)] : NULL;
	uint8_t junk[64];

	switch (rng_below(&w->rng, 16)) {
	case 0:
		model_clear_sessions(w->m, &f, w->now);
		break;
	case 1:
		model_logout(w->m, &f, w->now);
		break;
	case 2:
		model_set_admin(w->m, MODEL_SESSION, &f, states[rng_below(&w->rng, 4)], w->now);
		break;
	case 3:
		w->conf.profiles->mru = 1400 + rng_below(&w->rng, 60);
		world_apply(w);
		break;
	case 4:
		dp_null_fail(w->dp, (enum dp_null_op)rng_below(&w->rng, DP_NULL_OPS), -ENOMEM, 1 + rng_below(&w->rng, 3));
		break;
	case 5:
		rng_bytes(&w->rng, junk, sizeof(junk));
		junk[0] |= 0xc8;
		junk[1] = 2;
		dp_null_rx_control(w->dp, 0, &w->lns_ip, 1701, &w->lac_ip[0], 1701, junk, sizeof(junk));
		break;
	case 6:
		if (c && c->call && !c->over)
			l2tp_call_close(c->call, L2TP_REASON_SESSION_CALL_DOWN, (struct l2tp_cause){ 1, 0, NULL }, NULL,
					w->now);
		break;
	case 7:
		if (c)
			c->mute = !c->mute;
		break;
	case 8:
		if (c && c->link && !c->over)
			ppp_link_close(c->link, PPP_REASON_ADMIN_LOGOUT, w->now);
		break;
	case 9:
	case 10:
	case 11:
		if (c)
			random_frame(w, c);
		break;
	default:
		if (t->up && !t->down && w->clients < 200)
			world_call(w, t, rng_below(&w->rng, 3) ? "bob" : "fixed", rng_below(&w->rng, 5) ? "hello" : "wrong",
				   PPP_AUTH_PAP + rng_below(&w->rng, 3));
	}
}

/* Whatever peers, clients, operators, memory and the plane do: in the end nothing is left, and nothing was misused. */
static void chaos(void **state)
{
	const char *env = getenv("ADIT_SIM_SEEDS");
	unsigned seeds = env ? (unsigned)strtoul(env, NULL, 0) : 20;

	for (unsigned seed = 1; seed <= seeds; seed++) {
		struct world *w = &world;
		struct wt *t = NULL;

		if (seed > 1)
			world_init(w, 1000 + seed);
		w->loss = 5;
		w->delay_ms = 30;
		for (unsigned i = 0; i < 400; i++) {
			if (!t || (t->down && w->tunnels < WORLD_TUNNELS))
				t = world_tunnel_as(w, 0, "lac1", "s3cret");
			trouble(w, t);
			world_run_ms(w, rng_below(&w->rng, 500));
		}
		for (unsigned op = 0; op < DP_NULL_OPS; op++)
			dp_null_fail(w->dp, (enum dp_null_op)op, 0, 0);
		model_set_admin(w->m, MODEL_SESSION, NULL, ADMIN_ENABLED, w->now);
		model_shutdown(w->m, w->now);
		world_run_ms(w, 120000);
		assert_no_session(w);
		assert_int_equal(info_of(w).dests.active, 0);
		assert_int_equal(dp_null_tunnels(w->dp), 0);
		assert_true(model_idle(w->m));
		if (seed < seeds)
			world_fini(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(two_thousand), T(two_thousand_cleared), T(memory), T(lossy), T(chaos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
