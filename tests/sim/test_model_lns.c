/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole LNS in virtual time: calls, refusals, proxies, every way to end, loss, and that nothing is left. See
 * model_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <malloc.h>

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

static struct model_system_info info_of(struct world *w)
{
	struct model_system_info i;

	model_system_info(w->m, &i);
	return i;
}

static bool first_session(struct world *w, struct model_session_row *r)
{
	uint64_t pos = 0;

	return model_session_next(w->m, &pos, NULL, false, r, w->now);
}

/* The latest session tombstone. */
static struct model_session_row last_tomb(struct world *w)
{
	struct model_session_row r = { 0 }, out = { 0 };
	uint64_t pos = 0;

	while (model_session_next(w->m, &pos, NULL, true, &r, w->now))
		if (r.ended)
			out = r;
	assert_true(out.ended);
	return out;
}

/* No session, address, line or call is left, and the plane was never misused. */
static void assert_no_session(struct world *w)
{
	struct model_system_info i = info_of(w);

	assert_int_equal(i.sessions.active, 0);
	assert_int_equal(i.established_sessions, 0);
	assert_int_equal(i.calls_in_progress, 0);
	assert_int_equal(world_addresses_in_use(w), 0);
	assert_int_equal(dp_null_sessions(w->dp), 0);
	assert_int_equal(dp_null_misuse(w->dp), 0);
	assert_int_equal(model_dest_profile_sessions(w->m, "wholesale"), 0);
	assert_int_equal(model_host_sessions(w->m, "wholesale", NULL), 0);
}

static struct wc *up(struct world *w, struct wt *t, const char *user, enum ppp_auth auth)
{
	struct wc *c = world_call(w, t, user, "hello", auth);

	world_run_ms(w, 1000);
	assert_true(c->ip_up);
	return c;
}

/* ---- up ---- */

static void call_with(struct world *w, enum ppp_auth auth)
{
	struct wt *t = world_tunnel(w);
	struct wc *c;
	struct model_session_row r;
	const struct dp_null_session *s;
	struct ip_addr ip;

	assert_true(t->up);
	c = up(w, t, "bob", auth);
	assert_int_equal(c->ip >> 16, 10 << 8 | 64);
	assert_int_equal(c->dns, 0x09090909);
	assert_true(first_session(w, &r));
	assert_string_equal(r.phase, "up");
	assert_string_equal(r.state, "established");
	assert_string_equal(r.rfc_state, "established");
	assert_string_equal(r.auth, ppp_auth_name(auth));
	assert_string_equal(r.profile, "subscriber");
	assert_string_equal(r.ipcp_state, "Opened");
	assert_true(span_eq_str(r.user, "bob"));
	assert_true(span_eq_str(r.calling_number, c->calling));
	assert_true(span_eq_str(r.circuit_id, "dslam1 eth 0/1:7"));
	assert_true(span_eq_str(r.lac_name, "lac1"));
	assert_int_equal(r.dest, 1);
	assert_int_equal(r.tunnel, 1);
	assert_int_equal(r.number, 1);
	assert_int_equal(r.local_mru, 1442);
	assert_int_equal(r.peer_mru, 1492);
	assert_int_equal(r.tx_speed, 50000000);
	ip = ip4_of(c->ip);
	assert_true(ip_addr_eq(&r.ip4, &ip));
	s = dp_null_session_by_ip4(w->dp, &ip);
	assert_non_null(s);
	assert_int_equal(s->state, DP_FORWARD);
	assert_int_equal(s->sub.mtu, 1492);
	assert_false(s->sub.host_route);
	assert_int_equal(ip4_num(&s->sub.local_ip4), 0x0aff0001);
	assert_int_equal(world_lines(w, "subscriber up", "user=\"bob\""), 1);
	assert_int_equal(model_host_sessions(w->m, "wholesale", NULL), 1);
	assert_int_equal(info_of(w).calls_in_progress, 0);

	/* the client hangs up */
	dp_null_set_counters(w->dp, s->handle, &(struct dp_counters){ .rx_octets = 1234, .tx_octets = 5678,
								     .rx_packets = 1, .tx_packets = 2 });
	ppp_link_close(c->link, PPP_REASON_ADMIN_LOGOUT, w->now);
	world_run_ms(w, 200);
	assert_null(dp_null_session_by_ip4(w->dp, &ip));	/* before its Terminate-Ack has even been repeated */
	world_run_ms(w, 10000);
	assert_true(c->over);
	assert_no_session(w);
	assert_int_equal(world_lines(w, "subscriber down", "in_octets=1234 out_octets=5678"), 1);
	r = last_tomb(w);
	assert_true(span_eq_str(r.user, "bob"));
	assert_int_equal(r.counters.rx_octets, 1234);
	assert_int_equal(info_of(w).tunnels.active, 1);
}

static void pap(void **state)
{
	call_with(*state, PPP_AUTH_PAP);
}

static void chap(void **state)
{
	call_with(*state, PPP_AUTH_CHAP_MD5);
}

static void mschapv2(void **state)
{
	call_with(*state, PPP_AUTH_MSCHAPV2);
}

static void wrong_password(void **state)
{
	static const enum ppp_auth auth[] = { PPP_AUTH_PAP, PPP_AUTH_CHAP_MD5, PPP_AUTH_MSCHAPV2 };
	struct world *w = *state;
	struct wt *t;

	world_default_host(w)->disconnect_cause = true;
	world_apply(w);
	t = world_tunnel(w);
	for (unsigned i = 0; i < 3; i++) {
		struct wc *c = world_call(w, t, "bob", "wrong", auth[i]);

		world_run_ms(w, 5000);
		assert_true(c->over);
		assert_false(c->was_up);
		assert_int_equal(c->link_reason, PPP_REASON_AUTHENTICATE_DENY_BY_PEER);
		assert_no_session(w);
		assert_string_equal(last_tomb(w).reason, "deny-authentication-denied");
		assert_int_equal(last_tomb(w).terminate_cause, 17);
	}
	assert_int_equal(world_counter(w, "terminate", "deny-authentication-denied"), 3);
	assert_int_equal(info_of(w).sessions.auth_errors, 3);
	assert_int_equal(info_of(w).sessions.failed, 3);
	assert_int_equal(world_lines(w, "call failed", "reason=deny-authentication-denied"), 3);
}

/* ---- proxies: spec 11.1 ---- */

/* What the LAC said for us: MRU 1442, an authentication protocol, a magic number; and what the client asked: MRU
 * 1492, magic. */
static const uint8_t tx_chap[] = { 1, 4, 0x05, 0xa2, 3, 5, 0xc2, 0x23, 5, 5, 6, 1, 2, 3, 4 };
static const uint8_t tx_unknown[] = { 1, 4, 0x05, 0xa2, 3, 4, 0xc0, 0x27, 5, 6, 1, 2, 3, 4 };
static const uint8_t rx_lcp[] = { 1, 4, 0x05, 0xd4, 5, 6, 9, 8, 7, 6 };
static const uint8_t challenge[16] = "0123456789abcdef";

static struct wc *proxied(struct world *w, struct wt *t, const char *password, uint8_t response[16])
{
	struct wc *c = world_new_client(w, "bob", password, PPP_AUTH_CHAP_MD5);

	ppp_chap_md5(7, span_str(c->password), span_of(challenge, 16), response);
	c->raw = true;
	c->params.initial_rx_lcp = c->params.last_rx_lcp = span_of(rx_lcp, sizeof(rx_lcp));
	c->params.last_tx_lcp = span_of(tx_chap, sizeof(tx_chap));
	c->params.proxy_authen_type = 2;
	c->params.proxy_name = span_str("bob");
	c->params.proxy_challenge = span_of(challenge, 16);
	c->params.proxy_response = span_of(response, 16);
	c->params.proxy_id = 7;
	c->params.has_proxy_id = true;
	return c;
}

static void proxy_lcp_and_auth(void **state)
{
	struct world *w = *state;
	struct model_session_row r;
	uint8_t response[16];
	struct wt *t;
	struct wc *c;

	world_default_host(w)->enable_proxy_auth = true;
	world_apply(w);
	t = world_tunnel(w);
	c = proxied(w, t, "hello", response);
	world_dial(w, t, c);
	world_run_ms(w, 500);
	assert_int_equal(c->conf_reqs, 0);
	assert_int_equal(c->chap_code, 3);	/* Success at once, with the id that the client knows */
	assert_int_equal(c->chap_id, 7);
	ppp_net_up(c->net, w->now);
	world_run_ms(w, 500);
	assert_true(c->ip_up);
	assert_true(first_session(w, &r));
	assert_true(r.proxy_lcp_given && r.proxy_lcp_used && r.proxy_auth_given && r.proxy_auth_used);
	assert_int_equal(r.peer_mru, 1492);
	assert_int_equal(r.local_mru, 1442);
	assert_true(span_eq_str(r.user, "bob"));
}

static void proxy_auth_wrong(void **state)
{
	struct world *w = *state;
	uint8_t response[16];
	struct wt *t;
	struct wc *c;

	world_default_host(w)->enable_proxy_auth = true;
	world_apply(w);
	t = world_tunnel(w);
	c = proxied(w, t, "wrong", response);
	world_dial(w, t, c);
	world_run_ms(w, 500);
	assert_int_equal(c->chap_code, 4);
	world_run_ms(w, 10000);
	assert_true(c->over && c->by_peer);
	assert_int_equal(c->cause.result, 3);
	assert_no_session(w);
}

static void proxy_auth_disabled(void **state)
{
	struct world *w = *state;
	uint8_t response[16];
	struct wt *t = world_tunnel(w);
	struct wc *c = proxied(w, t, "hello", response);

	world_dial(w, t, c);
	world_run_ms(w, 500);
	assert_int_equal(c->conf_reqs, 0);	/* proxy LCP is on by default */
	assert_int_equal(c->chap_code, 1);	/* we ask for ourselves, with an id that was not used */
	assert_int_equal(c->chap_id, 8);
}

static void proxy_lcp_not_acceptable(void **state)
{
	struct world *w = *state;
	uint8_t response[16];
	struct wt *t = world_tunnel(w);
	struct wc *c = proxied(w, t, "hello", response), *d;

	c->params.last_tx_lcp = span_of(tx_unknown, sizeof(tx_unknown));
	world_dial(w, t, c);
	world_run_ms(w, 500);
	assert_int_equal(c->conf_reqs, 1);
	assert_int_equal(c->chap_code, 0);
	/* nor when it is disabled */
	world_default_host(w)->disable_proxy_lcp = true;
	world_apply(w);
	d = proxied(w, t, "hello", response);
	world_dial(w, t, d);
	world_run_ms(w, 500);
	assert_int_equal(d->conf_reqs, 1);
}

/* ---- ends ---- */

static void clear_session(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *a, *b, *c;

	world_default_host(w)->disconnect_cause = true;
	world_apply(w);
	a = up(w, t, "bob", PPP_AUTH_PAP);
	b = up(w, t, "bob", PPP_AUTH_PAP);
	assert_int_equal(model_clear_sessions(w->m, &(struct model_filter){ .dest = 1, .tunnel = 1, .session = 1 },
					      w->now), 1);
	world_run_ms(w, 1000);
	assert_true(a->over && a->by_peer);
	assert_true(b->ip_up);
	assert_true(a->link_down || a->over);
	assert_int_equal(a->cause.result, 3);
	assert_string_equal(a->cause_text, "session-admin-close");
	assert_true(a->has_disconnect);
	assert_int_equal(a->dc_code, 1);
	assert_string_equal(last_tomb(w).reason, "session-admin-close");
	assert_int_equal(last_tomb(w).terminate_cause, 6);
	/* a client that does not answer the Terminate-Request keeps nobody waiting for more than 3 s */
	b->mute = true;
	assert_int_equal(model_logout(w->m, &(struct model_filter){ .user = "b*" }, w->now), 1);
	world_run_ms(w, 2500);
	assert_false(b->over);
	world_run_ms(w, 1500);
	assert_true(b->over);
	assert_string_equal(last_tomb(w).reason, "shutdown-administrative-reset");
	assert_no_session(w);
	c = up(w, t, "bob", PPP_AUTH_PAP);
	assert_true(first_session(w, &(struct model_session_row){ 0 }));
	assert_int_equal(model_clear_tunnels(w->m, &(struct model_filter){ .lac_name = "lac*" }, w->now), 1);
	world_run_ms(w, 1000);
	assert_true(c->over && t->down);
	assert_string_equal(last_tomb(w).reason, "session-tunnel-down");
	assert_no_session(w);
	world_run_ms(w, 60000);
	assert_int_equal(info_of(w).tunnels.active, 0);
	assert_int_equal(info_of(w).dests.active, 0);
	assert_int_equal(dp_null_tunnels(w->dp), 0);
}

static void cdn_from_lac(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c = up(w, t, "bob", PPP_AUTH_CHAP_MD5);

	l2tp_call_close(c->call, L2TP_REASON_SESSION_CALL_DOWN, (struct l2tp_cause){ 1, 0, "line lost" }, NULL, w->now);
	world_run_ms(w, 500);
	assert_no_session(w);
	assert_string_equal(last_tomb(w).reason, "session-rx-cdn");
	assert_int_equal(last_tomb(w).result, 1);
	assert_true(span_eq_str(last_tomb(w).message, "line lost"));
	assert_int_equal(world_lines(w, "subscriber down", "reason=session-rx-cdn"), 1);
}

static void lac_vanishes(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);

	for (unsigned i = 0; i < 20; i++)
		world_call(w, t, "bob", "hello", PPP_AUTH_CHAP_MD5);
	world_run_ms(w, 3000);
	assert_int_equal(info_of(w).established_sessions, 20);
	assert_int_equal(world_addresses_in_use(w), 20);
	w->lac_dead[0] = true;
	world_run_ms(w, 200000);	/* LCP echoes after 90 to 120 s, or Hello and 47 s */
	assert_no_session(w);
	assert_int_equal(world_lines(w, "subscriber down", "user=\"bob\""), 20);
	world_run_ms(w, 100000);
	assert_int_equal(info_of(w).tunnels.active, 0);
	assert_int_equal(dp_null_tunnels(w->dp), 0);
}

/* Its subscribers return, by a tunnel of a LAC that knows nothing of the old one, before the old sessions time out. */
static void lac_loses_power(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w), *t2;
	struct wc *fixed, *pool, *fixed2, *pool2;
	struct ip_addr ip;
	uint32_t was;

	fixed = up(w, t, "fixed", PPP_AUTH_CHAP_MD5);
	pool = up(w, t, "bob", PPP_AUTH_CHAP_MD5);
	was = pool->ip;
	w->lac_dead[0] = true;
	world_run_ms(w, 2000);
	t2 = world_tunnel_as(w, 1, "lac1", "s3cret");
	world_run_ms(w, 500);
	assert_true(t2->up);
	fixed2 = world_new_client(w, "fixed", "hello", PPP_AUTH_CHAP_MD5);
	pool2 = world_new_client(w, "bob", "hello", PPP_AUTH_CHAP_MD5);
	fixed2->lac = pool2->lac = 1;
	world_dial(w, t2, fixed2);
	world_dial(w, t2, pool2);
	world_run_ms(w, 3000);
	assert_true(fixed2->ip_up && pool2->ip_up);
	assert_int_equal(fixed2->ip, fixed->ip);
	assert_int_not_equal(pool2->ip, was);
	ip = ip4_of(fixed2->ip);
	assert_ptr_equal(dp_null_session_by_ip4(w->dp, &ip)->id.user, fixed2->cookie);
	assert_int_equal(world_lines(w, "subscriber down", "user=\"fixed\""), 1);
	assert_int_equal(world_lines(w, "subscriber down", "reason=shutdown-duplicate-address"), 1);
	assert_int_equal(world_counter(w, "model", "duplicates-logged-out"), 1);
	assert_int_equal(info_of(w).established_sessions, 3);	/* the old pool session is still thought alive */
	world_run_ms(w, 300000);
	assert_int_equal(info_of(w).established_sessions, 2);
	assert_int_equal(world_addresses_in_use(w), 1);
	assert_true(fixed2->ip_up && pool2->ip_up);
}

/* Another user may not have an address that is in use. */
static void address_in_use(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *a = up(w, t, "fixed", PPP_AUTH_PAP), *b;

	b = world_call(w, t, "other", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 10000);
	assert_true(b->over && !b->was_up);
	assert_true(a->ip_up);
	assert_string_equal(last_tomb(w).reason, "deny-address-in-use");
	/* should AAA not know, the plane does */
	dp_null_fail(w->dp, DP_NULL_SESSION_FORWARD, -EADDRINUSE, 1);
	b = world_call(w, t, "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 10000);
	assert_true(b->over);
	assert_string_equal(last_tomb(w).reason, "deny-address-in-use");
	assert_int_equal(world_counter(w, "model", "dp-address-in-use"), 1);
}

static void timeouts(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c;

	w->aconf.session_timeout_s = 20;
	world_apply(w);
	c = up(w, t, "bob", PPP_AUTH_CHAP_MD5);
	world_run_ms(w, 18000);
	assert_true(c->ip_up);
	world_run_ms(w, 5000);
	assert_true(c->over);
	assert_string_equal(last_tomb(w).reason, "shutdown-session-timeout");
	assert_int_equal(last_tomb(w).terminate_cause, 5);
	w->aconf.session_timeout_s = 0;
	w->aconf.idle_timeout_s = 20;
	world_apply(w);
	c = up(w, t, "bob", PPP_AUTH_CHAP_MD5);
	world_run_ms(w, 40000);
	assert_true(c->over);
	assert_string_equal(last_tomb(w).reason, "shutdown-idle-timeout");
	assert_int_equal(last_tomb(w).terminate_cause, 4);
	assert_no_session(w);
}

/* A client that opens LCP anew is authenticated anew; the old subscriber's accounting ends. */
static void renegotiation(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c = up(w, t, "fixed", PPP_AUTH_CHAP_MD5);

	ppp_net_free(c->net);
	ppp_link_free(c->link);
	c->net = NULL;
	c->ip_up = false;
	c->link = ppp_link_new(&c->lc, &w->rng, &w->count);
	ppp_link_up(c->link, w->now);
	world_run_ms(w, 8000);
	assert_true(c->ip_up);
	assert_int_equal(world_lines(w, "subscriber up", "user=\"fixed\""), 2);
	assert_int_equal(world_lines(w, "subscriber down", "lcp-peer-renegotiate-rx-conf-req"), 1);
	assert_int_equal(info_of(w).established_sessions, 1);
	assert_int_equal(info_of(w).sessions.active, 1);
}

static void silent_client(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c = world_new_client(w, "bob", "hello", PPP_AUTH_CHAP_MD5);

	world_default_host(w)->disconnect_cause = true;
	world_apply(w);
	c->raw = c->mute = true;
	world_dial(w, t, c);
	world_run_ms(w, 70000);
	assert_true(c->over && c->by_peer);
	assert_true(c->has_disconnect);
	assert_int_equal(c->dc_code, 6);	/* nothing recognisable was heard */
	assert_no_session(w);
}

static void no_local_address(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c;

	w->conf.profiles->unnumbered_loopback = -1;
	world_apply(w);
	c = world_call(w, t, "bob", "hello", PPP_AUTH_CHAP_MD5);
	world_run_ms(w, 5000);
	assert_true(c->over);
	assert_string_equal(last_tomb(w).reason, "ip-no-local-ip-address");
	assert_no_session(w);
}

/* ---- who is let in ---- */

static void assert_refused(struct world *w, struct wt *t, uint16_t result, uint16_t error, const char *why)
{
	struct wc *c = world_call(w, t, "bob", "hello", PPP_AUTH_PAP);

	world_run_ms(w, 300);
	assert_true(c->over && c->by_peer);
	assert_int_equal(c->cause.result, result);
	assert_int_equal(c->cause.error, error);
	assert_string_equal(c->cause_text, why);
}

static void limits(void **state)
{
	struct world *w = *state;
	struct host_conf *h = world_default_host(w);
	struct dest_profile_conf *d = w->conf.dest_profiles;
	struct limit_group_conf *g = calloc(1, sizeof(*g));
	struct wt *t = world_tunnel(w);

	g->name = strdup("gold");
	d->groups = g;
	h->limit_group = strdup("gold");
	up(w, t, "bob", PPP_AUTH_PAP);
	d->max_sessions = 1;
	world_apply(w);
	assert_refused(w, t, 4, 0, "session-create-failed-limit-reached");
	d->max_sessions = 0;
	g->max_sessions = 1;
	world_apply(w);
	assert_refused(w, t, 4, 0, "session-create-failed-limit-reached");
	g->max_sessions = 0;
	h->max_sessions = 1;
	h->oor_override = true;
	world_apply(w);
	assert_refused(w, t, 2, 4, "session-create-failed-limit-reached");
	h->max_sessions = 2;
	world_apply(w);
	up(w, t, "bob", PPP_AUTH_PAP);
	h->max_sessions = 0;
	h->oor_override = false;
	w->conf.l2tp.max_sessions = 2;
	world_apply(w);
	assert_refused(w, t, 4, 0, "session-create-failed-limit-reached");
	w->conf.l2tp.max_sessions = 60000;
	w->conf.l2tp.calls_in_progress = 0;
	world_apply(w);
	assert_refused(w, t, 4, 0, "session-create-failed-calls-in-progress");
	w->conf.l2tp.calls_in_progress = 2000;
	free(h->profile);
	h->profile = strdup("missing");
	world_apply(w);
	assert_refused(w, t, 5, 0, "session-upper-create-failed");
	free(h->profile);
	h->profile = strdup("subscriber");
	w->conf.l2tp.admin = ADMIN_DRAIN;
	world_apply(w);
	assert_refused(w, t, 3, 0, "session-rx-icrq-admin-close");
	assert_int_equal(info_of(w).established_sessions, 2);
	assert_int_equal(model_dest_profile_sessions(w->m, "wholesale"), 2);
	w->conf.l2tp.admin = ADMIN_ENABLED;
	world_apply(w);
	assert_int_equal(model_set_admin(w->m, MODEL_TUNNEL, &(struct model_filter){ .dest = 1, .tunnel = 1 },
					 ADMIN_DRAIN, w->now), 1);
	assert_refused(w, t, 3, 0, "session-rx-icrq-admin-close");
	model_set_admin(w->m, MODEL_TUNNEL, &(struct model_filter){ .dest = 1, .tunnel = 1 }, ADMIN_ENABLED, w->now);
	up(w, t, "bob", PPP_AUTH_PAP);
	assert_int_equal(world_counter(w, "terminate", "session-create-failed-limit-reached"), 4);
}

static void assert_tunnel_refused(struct world *w, const char *name, uint16_t result, enum l2tp_reason ours)
{
	struct wt *t = world_tunnel_as(w, 0, name, "s3cret");
	char reason[80];

	world_run_ms(w, 500);
	assert_false(t->up);
	assert_true(t->down);
	assert_int_equal(t->cause.result, result);
	snprintf(reason, sizeof(reason), "reason=%s", l2tp_reason_name(ours));
	assert_true(world_lines(w, "tunnel refused", reason) > 0);
}

static void profile_match(void **state)
{
	struct world *w = *state;
	struct dest_profile_conf *exact = calloc(1, sizeof(*exact));
	struct model_tunnel_row r;
	uint64_t pos = 0;
	struct wt *t;

	free(world_default_host(w)->remote_name);
	world_default_host(w)->remote_name = strdup("lac9");
	exact->name = strdup("exact");
	ip_addr_parse(&exact->peer, "198.51.100.2");
	world_host(exact, "lac1");
	ip_addr_parse(&exact->hosts->local_ip, "192.0.2.77");
	w->conf.dest_profiles->next = exact;
	world_apply(w);
	/* the exact peer's only host is bound to another local address, and 0.0.0.0 knows only lac9 */
	assert_tunnel_refused(w, "lac1", 4, L2TP_REASON_TUNNEL_RX_SCCRQ_AUTHENTICATE_FAILED_HOST);
	assert_int_equal(info_of(w).dests.total, 0);	/* no destination before the profile check */
	t = world_tunnel_as(w, 0, "lac9", "s3cret");
	world_run_ms(w, 500);
	assert_true(t->up);
	assert_true(model_tunnel_next(w->m, &pos, NULL, false, &r, w->now));
	assert_string_equal(r.profile, "wholesale");
	assert_string_equal(r.remote_host, "lac9");
	exact->hosts->local_ip = w->lns_ip;
	world_apply(w);
	t = world_tunnel_as(w, 0, "lac1", "s3cret");
	world_run_ms(w, 500);
	assert_true(t->up);
	assert_true(model_tunnel_next(w->m, &pos, NULL, false, &r, w->now));
	assert_string_equal(r.profile, "exact");
	/* one of our own addresses */
	exact->hosts->local_ip = w->lac_ip[0];
	world_apply(w);
	assert_tunnel_refused(w, "lac9", 4, L2TP_REASON_TUNNEL_RX_SCCRQ_BAD_ADDRESS);
	exact->hosts->local_ip = w->lns_ip;
	w->conf.l2tp.admin = ADMIN_DRAIN;
	world_apply(w);
	assert_tunnel_refused(w, "lac9", 6, L2TP_REASON_TUNNEL_RX_SCCRQ_ADMIN_CLOSE);
}

static void wrong_secret(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel_as(w, 0, "lac1", "other");

	world_run_ms(w, 500);
	assert_true(t->down && !t->up);
	world_run_ms(w, 40000);
	assert_int_equal(info_of(w).tunnels.active, 0);
	assert_int_equal(info_of(w).dests.active, 0);
	assert_int_equal(info_of(w).tunnels.failed, 1);
}

static void profile_changes(void **state)
{
	struct world *w = *state;
	struct host_conf *h = world_default_host(w);
	struct wt *t = world_tunnel(w);
	struct wc *c = up(w, t, "bob", PPP_AUTH_PAP);

	h->max_sessions = 10;		/* is for the next call */
	h->hello_s = 30;
	w->conf.profiles->keepalive_s = 60;
	world_apply(w);
	world_run_ms(w, 500);
	assert_true(t->up && !t->down && c->ip_up);
	free(h->secret);
	h->secret = strdup("new");
	world_apply(w);
	world_run_ms(w, 500);
	assert_true(t->down && c->over);
	assert_int_equal(world_lines(w, "tunnel=1/", "reason=tunnel-host-profile-changed"), 1);
	assert_no_session(w);
	t = world_tunnel_as(w, 0, "lac1", "new");
	world_run_ms(w, 500);
	assert_true(t->up);
	c = up(w, t, "bob", PPP_AUTH_PAP);
	free(w->conf.dest_profiles->name);
	w->conf.dest_profiles->name = strdup("renamed");
	world_apply(w);
	world_run_ms(w, 500);
	assert_true(t->down && c->over);
	assert_int_equal(world_lines(w, "tunnel=1/", "reason=tunnel-host-profile-deleted"), 1);
	world_run_ms(w, 60000);
	assert_no_session(w);
	assert_int_equal(info_of(w).tunnels.active, 0);
}

static void single_shot_and_idle(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c;

	world_run_ms(w, 58000);
	assert_false(t->down);
	world_run_ms(w, 4000);
	assert_true(t->down);
	assert_int_equal(world_lines(w, "tunnel=1/", "reason=tunnel-timeout-idle"), 1);
	world_default_host(w)->single_shot = true;
	world_apply(w);
	t = world_tunnel(w);
	c = up(w, t, "bob", PPP_AUTH_PAP);
	assert_refused(w, t, 4, 0, "session-create-failed-single-shot-tunnel-already-fired");
	ppp_link_close(c->link, PPP_REASON_ADMIN_LOGOUT, w->now);
	world_run_ms(w, 5000);
	assert_true(t->down);
}

static void admin_disable(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c = up(w, t, "bob", PPP_AUTH_PAP);
	struct model_dest_row r;
	uint64_t pos = 0;

	assert_int_equal(model_set_admin(w->m, MODEL_DEST, NULL, ADMIN_DISABLED, w->now), 1);
	world_run_ms(w, 500);
	assert_true(t->down && c->over);
	assert_tunnel_refused(w, "lac1", 6, L2TP_REASON_TUNNEL_RX_SCCRQ_ADMIN_CLOSE);
	world_run_ms(w, 60000);
	assert_true(model_dest_next(w->m, &pos, NULL, false, &r));	/* remembered without tunnels */
	assert_int_equal(r.effective, ADMIN_DISABLED);
	assert_int_equal(model_set_admin(w->m, MODEL_DEST, NULL, ADMIN_ENABLED, w->now), 1);
	assert_int_equal(info_of(w).dests.active, 0);
}

static void system_shutdown(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c = up(w, t, "bob", PPP_AUTH_PAP);

	assert_false(model_idle(w->m));
	model_shutdown(w->m, w->now);
	world_run_ms(w, 1000);
	assert_true(t->down && c->over);
	assert_int_equal(t->cause.result, 6);
	assert_true(model_idle(w->m));
	assert_no_session(w);
}

/* ---- many ---- */

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
	assert_int_equal(info_of(w).tunnels.active, 0);
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
	aaa_local_free(w->aaa);
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
		assert_int_equal(info_of(w).tunnels.active, 0);
		assert_int_equal(info_of(w).sessions.total, w->clients);
		if (seed < seeds)
			world_fini(w);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(pap), T(chap), T(mschapv2), T(wrong_password),
		T(proxy_lcp_and_auth), T(proxy_auth_wrong), T(proxy_auth_disabled), T(proxy_lcp_not_acceptable),
		T(clear_session), T(cdn_from_lac), T(lac_vanishes), T(lac_loses_power), T(address_in_use), T(timeouts),
		T(renegotiation), T(silent_client), T(no_local_address),
		T(limits), T(profile_match), T(wrong_secret), T(profile_changes), T(single_shot_and_idle),
			T(admin_disable),
		T(system_shutdown), T(two_thousand), T(two_thousand_cleared), T(memory), T(lossy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
