/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole LNS in virtual time: calls, proxies, every way to end, and that nothing is left. See model_world.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model_check.h"
#include "wire/chap_math.h"

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

/* pppd's way: Terminate-Request, and the LAC's CDN right behind it. The user hung up; the CDN is not the reason. */
static void hang_up_with_cdn(void **state)
{
	struct world *w = *state;
	struct wc *c = world_call(w, world_tunnel(w), "bob", "hello", PPP_AUTH_CHAP_MD5);

	world_run_ms(w, 3000);
	assert_true(c->was_up);
	ppp_link_close(c->link, PPP_REASON_ADMIN_LOGOUT, w->now);
	world_run_ms(w, 1000);		/* the LAC hangs up when its client's link is down */
	assert_no_session(w);
	assert_string_equal(last_tomb(w).reason, "lcp-peer-terminate-term-req");
	assert_int_equal(last_tomb(w).terminate_cause, 1);
	assert_int_equal(last_tomb(w).result, 1);
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

	chap_md5(7, span_str(c->password), span_of(challenge, 16), response);
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

/* RFC 2661 §4.4.5, §9.5 */
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

/* RFC 2661 §9.5: "it MUST be able to be configured off". */
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
	assert_int_equal(info_of(w).dests.active, 0);
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

/* A link that we terminate ourselves has our reason, not that of a client that hangs up. */
static void client_falls_silent(void **state)
{
	struct world *w = *state;
	struct wc *c = world_call(w, world_tunnel(w), "bob", "hello", PPP_AUTH_CHAP_MD5);

	world_run_ms(w, 3000);
	assert_true(c->was_up);
	c->mute = true;
	world_run_ms(w, 140000);
	assert_true(c->over);
	assert_string_equal(last_tomb(w).reason, "lcp-keepalive-failure");
	assert_int_equal(last_tomb(w).terminate_cause, 10);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(hang_up_with_cdn), T(pap), T(chap), T(mschapv2), T(wrong_password), T(proxy_lcp_and_auth), T(proxy_auth_wrong),
		T(proxy_auth_disabled), T(proxy_lcp_not_acceptable), T(clear_session), T(cdn_from_lac),
		T(lac_vanishes), T(lac_loses_power), T(address_in_use), T(timeouts), T(renegotiation),
		T(silent_client), T(client_falls_silent), T(no_local_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
