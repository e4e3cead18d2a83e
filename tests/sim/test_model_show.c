/* SPDX-License-Identifier: BSD-2-Clause */
/* What operators see: rows and cursors, tombstones and their bounds, filters, debug lines; and NCPs that do not
 * disturb IPv4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model_world.h"

static struct world world;

static int set_up(void **state)
{
	world_init(&world, 1);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	world_fini(*state);
	return 0;
}

static unsigned rows(struct world *w, const struct model_filter *f, bool ended)
{
	struct model_session_row r;
	uint64_t pos = 0;
	unsigned n = 0;

	while (model_session_next(w->m, &pos, f, ended, &r, w->now))
		n++;
	return n;
}

static struct wt *five_calls(struct world *w)
{
	struct wt *t = world_tunnel(w);

	for (unsigned i = 0; i < 5; i++)
		world_call(w, t, i == 2 ? "fixed" : "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 2000);
	return t;
}

static void filters(void **state)
{
	struct world *w = *state;
	struct model_filter f = { 0 };

	five_calls(w);
	assert_int_equal(rows(w, NULL, false), 5);
	assert_int_equal(rows(w, &(struct model_filter){ .dest = 1 }, false), 5);
	assert_int_equal(rows(w, &(struct model_filter){ .dest = 2 }, false), 0);
	assert_int_equal(rows(w, &(struct model_filter){ .dest = 1, .tunnel = 1, .session = 4 }, false), 1);
	assert_int_equal(rows(w, &(struct model_filter){ .dest = 1, .tunnel = 1, .session = 6 }, false), 0);
	assert_int_equal(rows(w, &(struct model_filter){ .user = "fix*" }, false), 1);
	assert_int_equal(rows(w, &(struct model_filter){ .calling_number = "5550002" }, false), 1);
	assert_int_equal(rows(w, &(struct model_filter){ .circuit_id = "dslam1*:7" }, false), 5);
	assert_int_equal(rows(w, &(struct model_filter){ .lac_name = "lac2" }, false), 0);
	ip_addr_parse(&f.address, "203.0.113.7");
	assert_int_equal(rows(w, &f, false), 1);
	f = (struct model_filter){ .lac = w->lac_ip[0] };
	assert_int_equal(rows(w, &f, false), 5);
}

/* Between two rows any of them may go: none is shown twice, none that stays is left out. */
static void cursor(void **state)
{
	struct world *w = *state;
	struct model_session_row r;
	unsigned seen = 0, n = 0;
	uint64_t pos = 0;

	five_calls(w);
	while (model_session_next(w->m, &pos, NULL, true, &r, w->now)) {
		if (r.ended)
			continue;
		assert_false(seen & 1u << r.number);
		seen |= 1u << r.number;
		if (++n == 2) {
			model_clear_sessions(w->m, &(struct model_filter){ .dest = 1, .tunnel = 1, .session = 2 },
					     w->now);
			model_clear_sessions(w->m, &(struct model_filter){ .dest = 1, .tunnel = 1, .session = 3 },
					     w->now);
			world_run_ms(w, 1000);
			world_call(w, &w->tunnel[0], "bob", "hello", PPP_AUTH_PAP);
			world_run_ms(w, 1000);
		}
	}
	assert_true(seen & 1u << 4 && seen & 1u << 5);
}

static void subscribers(void **state)
{
	struct world *w = *state;
	struct model_session_row r;
	struct wc *c;
	uint64_t pos = 0;
	unsigned n = 0;

	five_calls(w);
	c = world_new_client(w, "bob", "hello", PPP_AUTH_PAP);
	c->raw = c->mute = true;
	world_dial(w, &w->tunnel[0], c);
	world_run_ms(w, 500);
	assert_int_equal(rows(w, NULL, false), 6);
	while (model_subscriber_next(w->m, &pos, NULL, &r, w->now)) {
		assert_string_equal(r.phase, "up");
		assert_int_equal(r.acct_session_id[0] != 0, 1);
		n++;
	}
	assert_int_equal(n, 5);
}

static void tombstone_ring(void **state)
{
	struct world *w = *state;
	struct model_system_info i;
	struct model_session_row r;
	uint64_t pos = 0;

	w->conf.l2tp.tombstones = 3;
	world_apply(w);
	five_calls(w);
	model_clear_sessions(w->m, NULL, w->now);
	world_run_ms(w, 1000);
	model_system_info(w->m, &i);
	assert_int_equal(i.tombstones, 3);
	assert_true(model_session_next(w->m, &pos, NULL, true, &r, w->now));
	assert_true(r.ended);
	assert_int_equal(r.number, 3);		/* the oldest are out */
	assert_true(span_eq_str(r.user, "fixed"));
	assert_true(span_eq_str(r.lac_name, "lac1"));
	assert_string_equal(r.profile, "subscriber");
	assert_string_equal(r.auth, "pap");
	assert_int_equal(strlen(r.acct_session_id), 16);
	w->conf.l2tp.tombstones = 1;
	w->conf.l2tp.destruct_timeout_s = 10;
	world_apply(w);
	model_system_info(w->m, &i);
	assert_int_equal(i.tombstones, 1);
	assert_int_equal(rows(w, NULL, true), 1);
	world_run_ms(w, 12000);
	model_system_info(w->m, &i);
	assert_int_equal(i.tombstones, 0);
	w->conf.l2tp.tombstones = 0;
	world_apply(w);
	world_call(w, &w->tunnel[0], "bob", "wrong", PPP_AUTH_PAP);
	world_run_ms(w, 5000);
	assert_int_equal(rows(w, NULL, true), 0);
}

static void tunnel_and_dest_rows(void **state)
{
	struct world *w = *state;
	struct model_tunnel_row t;
	struct model_dest_row d;
	uint64_t pos = 0;

	five_calls(w);
	assert_true(model_tunnel_next(w->m, &pos, NULL, true, &t, w->now));
	assert_string_equal(t.state, "established");
	assert_string_equal(t.rfc_state, "established");
	assert_true(t.up && !t.ended);
	assert_int_equal(t.sessions, 5);
	assert_int_equal(t.session_counts.total, 5);
	assert_true(span_eq_str(t.host_name, "lac1"));
	assert_string_equal(t.profile, "wholesale");
	assert_string_equal(t.remote_host, "default");
	assert_int_equal(t.peer_port, 1701);
	assert_true(t.control_rx.packets > 10);
	assert_false(model_tunnel_next(w->m, &pos, NULL, true, &t, w->now));
	pos = 0;
	assert_true(model_dest_next(w->m, &pos, NULL, true, &d));
	assert_true(d.up);
	assert_int_equal(d.tunnels, 1);
	assert_int_equal(d.sessions, 5);
	assert_true(ip_addr_eq(&d.peer, &w->lac_ip[0]));
	assert_int_equal(model_clear_tunnels(w->m, NULL, w->now), 1);
	world_run_ms(w, 1000);
	pos = 0;
	assert_true(model_tunnel_next(w->m, &pos, NULL, true, &t, w->now));
	assert_string_equal(t.state, "disconnecting");
	/* what is closing is not closed again */
	assert_int_equal(model_clear_tunnels(w->m, NULL, w->now), 0);
	assert_int_equal(model_clear_tunnels(w->m, &(struct model_filter){ .dest = 1, .tunnel = 1 }, w->now), 0);
	assert_int_equal(model_clear_sessions(w->m, NULL, w->now), 0);
	assert_int_equal(model_clear_destinations(w->m, NULL, w->now), 0);
	world_run_ms(w, 40000);
	pos = 0;
	assert_true(model_tunnel_next(w->m, &pos, NULL, true, &t, w->now));
	assert_true(t.ended);
	assert_string_equal(t.reason, "tunnel-admin-close");
	assert_int_equal(t.result, 1);
	assert_true(span_eq_str(t.host_name, "lac1"));
	pos = 0;
	assert_true(model_dest_next(w->m, &pos, NULL, true, &d));
	assert_true(d.ended);
	assert_int_equal(d.session_counts.total, 5);
	pos = 0;
	assert_false(model_dest_next(w->m, &pos, NULL, false, &d));
}

/* ---- debug ---- */

static struct {
	unsigned l2tp, ppp;
	bool secret;
} heard;

static void hear(void *ctx, const char *line, size_t len)
{
	char text[2200];

	snprintf(text, sizeof(text), "%.*s", (int)len, line);
	heard.l2tp += strncmp(text, "l2tp ", 5) == 0;
	heard.ppp += strncmp(text, "ppp ", 4) == 0;
	heard.secret |= strstr(text, "hello") != NULL || strstr(text, "s3cret") != NULL;
}

static void debug(void **state)
{
	struct world *w = *state;
	struct model_debug l2tp = { .l2tp = true }, ppp = { .ppp = true }, user = { .ppp = true, .user = "nobody" };
	struct model_debug peer = { .l2tp = true };
	unsigned id;

	memset(&heard, 0, sizeof(heard));
	model_debug_set(w->m, hear, NULL);
	five_calls(w);
	assert_int_equal(heard.l2tp + heard.ppp, 0);	/* nobody wishes anything */
	id = model_debug_add(w->m, &l2tp);
	assert_int_not_equal(id, 0);
	world_call(w, &w->tunnel[0], "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 1000);
	assert_true(heard.l2tp >= 3);
	assert_int_equal(heard.ppp, 0);
	model_debug_del(w->m, id);
	assert_int_not_equal(model_debug_add(w->m, &user), 0);
	world_call(w, &w->tunnel[0], "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 1000);
	assert_int_equal(heard.ppp, 0);
	assert_int_not_equal(model_debug_add(w->m, &ppp), 0);
	world_call(w, &w->tunnel[0], "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 1000);
	assert_true(heard.ppp >= 8);
	assert_false(heard.secret);
	heard.l2tp = 0;
	ip_addr_parse(&peer.peer, "192.0.2.200");
	assert_int_not_equal(model_debug_add(w->m, &peer), 0);
	world_call(w, &w->tunnel[0], "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 1000);
	assert_int_equal(heard.l2tp, 0);
}

/* ---- NCPs ---- */

static void ncps_apart(void **state)
{
	static const uint8_t ccp[] = { 0x80, 0xfd, 1, 1, 0, 4 };
	static const uint8_t ipv6cp_terminate[] = { 0x80, 0x57, 5, 9, 0, 4 };
	struct world *w = *state;
	struct model_session_row r;
	struct wt *t = world_tunnel(w);
	struct wc *c = world_call(w, t, "bob", "hello", PPP_AUTH_MSCHAPV2);
	uint64_t pos = 0, before;

	world_run_ms(w, 1000);
	assert_true(model_session_next(w->m, &pos, NULL, false, &r, w->now));
	assert_true(r.ip4_up && r.ip6_up);
	assert_string_equal(r.ipv6cp_state, "Opened");
	before = world_counter(w, "ppp", "protocol-rejected");
	dp_null_rx_frame(w->dp, r.local_tunnel_id, r.local_id, ccp, sizeof(ccp));
	dp_null_rx_frame(w->dp, r.local_tunnel_id, r.local_id, ipv6cp_terminate, sizeof(ipv6cp_terminate));
	world_run_ms(w, 5000);
	assert_int_equal(world_counter(w, "ppp", "protocol-rejected"), before + 1);
	pos = 0;
	assert_true(model_session_next(w->m, &pos, NULL, false, &r, w->now));
	assert_string_equal(r.phase, "up");
	assert_true(r.ip4_up);
	assert_true(c->ip_up);
}

/* A frame for a session that has gone, a datagram of nobody: counted, nothing else. */
static void strays(void **state)
{
	static const uint8_t lcp[] = { 0xc0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0 };
	struct world *w = *state;
	struct model_session_row r;
	uint64_t pos = 0;

	five_calls(w);
	assert_true(model_session_next(w->m, &pos, NULL, false, &r, w->now));
	dp_null_rx_frame(w->dp, r.local_tunnel_id, r.local_id, lcp, sizeof(lcp));
	dp_null_rx_control(w->dp, 0, &w->lns_ip, 1701, &w->lac_ip[0], 1701, lcp, sizeof(lcp));
	model_clear_sessions(w->m, NULL, w->now);
	world_run_ms(w, 5000);
	assert_int_equal(rows(w, NULL, false), 0);
	assert_int_equal(dp_null_misuse(w->dp), 0);
}

/* A second login on the same session is another subscriber: its end line counts from its own beginning. */
static void second_login(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c = world_call(w, t, "bob", "hello", PPP_AUTH_CHAP_MD5);

	world_run_ms(w, 30000);
	assert_true(c->ip_up);
	ppp_net_free(c->net);
	ppp_link_free(c->link);
	c->net = NULL;
	c->ip_up = false;
	c->link = ppp_link_new(&c->lc, &w->rng, &w->count);
	ppp_link_up(c->link, w->now);
	world_run_ms(w, 8000);
	assert_true(c->ip_up);
	assert_int_equal(world_lines(w, "subscriber down", "lcp-peer-renegotiate"), 1);
	model_clear_sessions(w->m, NULL, w->now);
	world_run_ms(w, 5000);
	assert_int_equal(world_lines(w, "subscriber down", ""), 2);
	assert_int_equal(world_lines(w, "subscriber down", "duration_s=7 ") +
			 world_lines(w, "subscriber down", "duration_s=8 "), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(filters), T(cursor), T(subscribers), T(tombstone_ring), T(tunnel_and_dest_rows), T(debug),
			T(ncps_apart), T(strays), T(second_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
