/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's side of aaa.h, with a scripted AAA: each request is ended once, late answers find nothing, accounting
 * has its counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model_world.h"

/* ---- the script ---- */

static struct script {
	struct aaa_event ev[16];
	unsigned first, next;		/* events to give out */
	struct aaa_handle last;		/* of the latest request */
	void *cookie;
	uint32_t id;
	int refuse;			/* request() returns this */
	unsigned requests, cancels, starts, releases;
	char user[64];
	enum aaa_cred cred;
	uint32_t started_ip4;
	struct aaa_stop stop;
	struct aaa_counters counters;
	unsigned counter_answers;
	unsigned tunnel[AAA_TUNNEL_EVENTS];
} script;

static int s_request(struct aaa *a, const struct aaa_request *rq, void *user, mono_t now, struct aaa_handle *out)
{
	if (script.refuse)
		return script.refuse;
	script.requests++;
	snprintf(script.user, sizeof(script.user), "%.*s", (int)rq->user.len, (const char *)rq->user.p);
	script.cred = rq->cred;
	script.last = *out = (struct aaa_handle){ ++script.id, 7 };
	script.cookie = user;
	return 0;
}

static void s_cancel(struct aaa *a, struct aaa_handle h, mono_t now)
{
	script.cancels++;
}

static void s_start(struct aaa *a, struct aaa_handle h, const struct ip_addr *ip4, const struct aaa_line *line,
		    mono_t now, struct wall wall)
{
	script.starts++;
	script.started_ip4 = ip4_num(ip4);
}

static void s_counters(struct aaa *a, struct aaa_handle h, const struct aaa_counters *c,
		       const struct aaa_line *line, mono_t now, struct wall wall)
{
	script.counter_answers++;
	script.counters = *c;
}

static void s_release(struct aaa *a, struct aaa_handle h, const struct aaa_stop *stop, mono_t now, struct wall wall)
{
	script.releases++;
	script.stop = *stop;
}

static bool s_event(struct aaa *a, struct aaa_event *ev, mono_t now)
{
	if (script.first == script.next)
		return false;
	*ev = script.ev[script.first++ % 16];
	return true;
}

static void s_tunnel(struct aaa *a, const struct aaa_tunnel_record *r, mono_t now, struct wall wall)
{
	script.tunnel[r->event]++;
}

static void s_expire(struct aaa *a, mono_t now, struct wall wall)
{
}

static mono_t s_deadline(const struct aaa *a)
{
	return MONO_NEVER;
}

static void s_session_id(struct aaa *a, char out[20])
{
	snprintf(out, 20, "%08x%08x", 1, script.id);
}

static const struct aaa_ops script_ops = {
	.request = s_request, .cancel = s_cancel, .start = s_start, .counters = s_counters, .release = s_release,
	.event = s_event, .expire = s_expire, .deadline = s_deadline, .tunnel = s_tunnel,
	.session_id = s_session_id,
};

static void tell(enum aaa_event_type type, const char *ip, enum aaa_refusal refusal)
{
	struct aaa_event *ev = &script.ev[script.next++ % 16];

	*ev = (struct aaa_event){ .type = type, .handle = script.last, .user = script.cookie, .refusal = refusal };
	if (ip)
		ip_addr_parse(&ev->grant.ip4, ip);
}

/* ---- tests ---- */

static struct world world;

static int set_up(void **state)
{
	struct aaa_if aaa = { &script_ops, NULL };

	memset(&script, 0, sizeof(script));
	world_init_with(&world, 1, &aaa);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	world_fini(*state);
	return 0;
}

static struct wc *dial(struct world *w, struct wt **t)
{
	struct wc *c;

	*t = world_tunnel(w);
	c = world_call(w, *t, "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 1000);
	assert_int_equal(script.requests, 1);
	assert_string_equal(script.user, "bob");
	assert_int_equal(script.cred, AAA_CRED_PAP);
	return c;
}

static void accepted_and_counted(void **state)
{
	struct world *w = *state;
	struct dp_counters line = { .rx_octets = 100, .tx_octets = 200, .rx_packets = 1, .tx_packets = 2 };
	struct ip_addr ip;
	struct wt *t;
	struct wc *c = dial(w, &t);

	assert_false(c->ip_up);
	tell(AAA_EV_ACCEPT, "10.9.9.9", 0);
	world_run_ms(w, 1000);
	assert_true(c->ip_up);
	assert_int_equal(script.starts, 1);
	assert_int_equal(script.started_ip4, 0x0a090909);
	ip = ip4_of(c->ip);
	dp_null_set_counters(w->dp, dp_null_session_by_ip4(w->dp, &ip)->handle, &line);
	assert_true(dp_null_session_by_ip4(w->dp, &ip)->sub.host_route);	/* not from a pool */
	tell(AAA_EV_COUNTERS, NULL, 0);
	world_run_ms(w, 100);
	assert_int_equal(script.counter_answers, 1);
	assert_int_equal(script.counters.in_octets, 100);
	assert_int_equal(script.counters.out_octets, 200);
	assert_int_equal(script.releases, 0);
	l2tp_call_close(c->call, L2TP_REASON_SESSION_CALL_DOWN, (struct l2tp_cause){ 1, 0, NULL }, NULL, w->now);
	world_run_ms(w, 500);
	assert_int_equal(script.releases, 1);
	assert_int_equal(script.cancels, 0);
	assert_int_equal(script.stop.counters.in_octets, 100);
	assert_int_equal(script.stop.counters.out_packets, 2);
	assert_string_equal(script.stop.reason, "session-rx-cdn");
	assert_int_equal(script.stop.terminate_cause, 10);
	/* all of these come too late */
	tell(AAA_EV_LOGOUT, NULL, 0);
	tell(AAA_EV_COUNTERS, NULL, 0);
	world_run_ms(w, 100);
	assert_int_equal(world_counter(w, "model", "aaa-late-answers"), 2);
	assert_int_equal(script.counter_answers, 1);
}

/* Whoever is refused may try again as often as he likes: only so many records a second come of it. */
static void refusals_are_told_of_within_bounds(void **state)
{
	enum { CALLS = 300, A_SECOND = 100 };
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	uint64_t told;

	w->conf.l2tp.max_sessions = 0;
	w->conf.l2tp.calls_in_progress = 0;
	world_apply(w);
	for (int i = 0; i < CALLS; i++)
		world_call(w, t, "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 2000);
	told = script.tunnel[AAA_TUNNEL_LINK_REJECT];
	assert_int_equal(script.tunnel[AAA_TUNNEL_START], 1);
	assert_in_range(told, A_SECOND, 3 * A_SECOND - 1);
	assert_int_equal(told + world_counter(w, "model", "reject-records-suppressed"), CALLS);
}

static void cancelled(void **state)
{
	struct world *w = *state;
	struct wt *t;
	struct wc *c = dial(w, &t);

	l2tp_call_close(c->call, L2TP_REASON_SESSION_CALL_DOWN, (struct l2tp_cause){ 1, 0, NULL }, NULL, w->now);
	world_run_ms(w, 500);
	assert_int_equal(script.cancels, 1);
	assert_int_equal(script.releases, 0);
	tell(AAA_EV_ACCEPT, "10.9.9.9", 0);
	world_run_ms(w, 500);
	assert_int_equal(world_counter(w, "model", "aaa-late-answers"), 1);
	assert_int_equal(script.starts, 0);
}

/* An answer for a session in whose slot another lives now. */
static void slot_used_again(void **state)
{
	struct world *w = *state;
	struct aaa_handle old;
	struct wt *t;
	struct wc *c = dial(w, &t), *d;
	void *cookie;

	old = script.last;
	cookie = script.cookie;
	l2tp_call_close(c->call, L2TP_REASON_SESSION_CALL_DOWN, (struct l2tp_cause){ 1, 0, NULL }, NULL, w->now);
	world_run_ms(w, 500);
	d = world_call(w, t, "eve", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 1000);
	assert_ptr_not_equal(cookie, script.cookie);
	script.ev[script.next++ % 16] = (struct aaa_event){ .type = AAA_EV_ACCEPT, .handle = old, .user = cookie };
	world_run_ms(w, 1000);
	assert_false(d->ip_up);
	assert_int_equal(world_counter(w, "model", "aaa-late-answers"), 1);
}

static void rejected_without_release(void **state)
{
	struct world *w = *state;
	struct model_session_row r;
	uint64_t pos = 0;
	struct wt *t;
	struct wc *c = dial(w, &t);

	tell(AAA_EV_REJECT, NULL, AAA_REFUSE_NO_ADDRESS);
	world_run_ms(w, 10000);
	assert_true(c->over);
	assert_int_equal(script.cancels + script.releases, 0);
	assert_true(model_session_next(w->m, &pos, NULL, true, &r, w->now));
	assert_string_equal(r.reason, "deny-address-allocation-failure");
	assert_int_equal(world_counter(w, "terminate", "deny-address-allocation-failure"), 1);
}

/* AAA cannot even take the request. */
static void request_refused(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c;

	script.refuse = -ENOSPC;
	c = world_call(w, t, "bob", "hello", PPP_AUTH_PAP);
	world_run_ms(w, 5000);
	assert_true(c->over && c->by_peer);
	assert_int_equal(c->cause.result, 4);
	assert_int_equal(world_counter(w, "model", "aaa-requests-failed"), 1);
	assert_int_equal(dp_null_sessions(w->dp), 0);
}

/* A profile without authentication: AAA gives the address all the same. */
static void no_authentication(void **state)
{
	struct world *w = *state;
	struct wt *t = world_tunnel(w);
	struct wc *c;

	memset(w->conf.profiles->auth, 0, sizeof(w->conf.profiles->auth));
	world_apply(w);
	c = world_call(w, t, "bob", "hello", PPP_AUTH_NONE);
	world_run_ms(w, 1000);
	assert_int_equal(script.requests, 1);
	assert_int_equal(script.cred, AAA_CRED_NONE);
	tell(AAA_EV_ACCEPT, "10.9.9.9", 0);
	world_run_ms(w, 5000);
	assert_true(c->ip_up);
	assert_int_equal(script.starts, 1);
}

/* A server that never answers: the call is ended in its set-up time, the request with it. */
static void silent_server(void **state)
{
	struct world *w = *state;
	struct wt *t;
	struct wc *c = dial(w, &t);

	world_run_ms(w, 70000);
	assert_true(c->over);
	assert_int_equal(script.cancels, 1);
	assert_int_equal(dp_null_sessions(w->dp), 0);
}

/* An Accept on its way while the client hangs up: released once, never started. */
static void accept_while_closing(void **state)
{
	struct world *w = *state;
	struct wt *t;
	struct wc *c = dial(w, &t);

	assert_int_equal(model_clear_sessions(w->m, NULL, w->now), 1);
	tell(AAA_EV_ACCEPT, "10.9.9.9", 0);
	world_run_ms(w, 10000);
	assert_true(c->over && !c->was_up);
	assert_int_equal(script.starts, 0);
	assert_int_equal(script.releases + script.cancels, 1);
}

/* The daemon's end does not wait for ever: what is still up then is accounted for all the same. */
static void the_end_with_a_session_up(void **state)
{
	struct world *w = *state;
	struct dp_counters line = { .rx_octets = 100, .tx_octets = 200, .rx_packets = 1, .tx_packets = 2 };
	struct ip_addr ip;
	struct wt *t;
	struct wc *c = dial(w, &t);

	tell(AAA_EV_ACCEPT, "10.9.9.9", 0);
	world_run_ms(w, 1000);
	ip = ip4_of(c->ip);
	dp_null_set_counters(w->dp, dp_null_session_by_ip4(w->dp, &ip)->handle, &line);
	model_free(w->m);
	w->m = NULL;
	assert_int_equal(script.releases, 1);
	assert_int_equal(script.stop.counters.in_octets, 100);
	assert_int_equal(script.stop.counters.out_octets, 200);
	assert_string_equal(script.stop.reason, "tunnel-admin-close");
	assert_int_equal(world_lines(w, "subscriber down", "in_octets=100"), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(accepted_and_counted), T(refusals_are_told_of_within_bounds), T(cancelled), T(slot_used_again), T(rejected_without_release),
			T(request_refused),
		T(no_authentication), T(silent_server), T(accept_while_closing), T(the_end_with_a_session_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
