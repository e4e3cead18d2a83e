/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is let in: limits, profiles, administrative states; what a changed profile ends; single-shot and idle tunnels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model_check.h"

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

/* The command line accepts a group that is not configured, with a warning, and the removal of one in use. */
static void limit_group_goes(void **state)
{
	struct world *w = *state;
	struct host_conf *h = world_default_host(w);
	struct dest_profile_conf *d = w->conf.dest_profiles;
	struct limit_group_conf *g = calloc(1, sizeof(*g));
	struct wt *t = world_tunnel(w);
	struct wc *c;

	h->limit_group = strdup("gold");	/* not there yet: no limit */
	world_apply(w);
	up(w, t, "bob", PPP_AUTH_PAP);
	g->name = strdup("gold");
	g->max_sessions = 2;
	d->groups = g;
	world_apply(w);
	c = up(w, t, "bob", PPP_AUTH_PAP);
	assert_refused(w, t, 4, 0, "session-create-failed-limit-reached");
	d->groups = NULL;
	world_apply(w);
	up(w, t, "bob", PPP_AUTH_PAP);
	ppp_link_close(c->link, PPP_REASON_ADMIN_LOGOUT, w->now);
	world_run_ms(w, 500);
	world_apply(w);
	up(w, t, "bob", PPP_AUTH_PAP);
	d->groups = g;
	g->max_sessions = 3;
	world_apply(w);
	assert_refused(w, t, 4, 0, "session-create-failed-limit-reached");
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
	assert_int_equal(info_of(w).dests.active, 0);
}

/* RFC 2661 §7.6 leaves it to us. */
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
	/* an idle tunnel follows a changed time-out */
	w->conf.l2tp.tunnel_idle_timeout_s = 0;
	world_apply(w);
	t = world_tunnel(w);
	world_run_ms(w, 90000);
	assert_true(t->up && !t->down);
	w->conf.l2tp.tunnel_idle_timeout_s = 10;
	world_apply(w);
	world_run_ms(w, 11000);
	assert_true(t->down);
	w->conf.l2tp.tunnel_idle_timeout_s = 60;
	world_default_host(w)->single_shot = true;
	world_apply(w);
	t = world_tunnel(w);
	c = up(w, t, "bob", PPP_AUTH_PAP);
	assert_refused(w, t, 4, 0, "session-create-failed-single-shot-tunnel-already-fired");
	ppp_link_close(c->link, PPP_REASON_ADMIN_LOGOUT, w->now);
	world_run_ms(w, 5000);
	assert_true(t->down);
}

/* RFC 2661 §5.5, interop.md 6: interval, retries and the switch of each host profile; a living tunnel follows them. */
static void hello_of_a_host_profile(void **state)
{
	struct world *w = *state;
	struct host_conf *h = world_default_host(w);

	w->conf.l2tp.tunnel_idle_timeout_s = 0;
	h->hello_s = 10;
	h->retries = 2;
	h->hello_disabled = true;
	world_apply(w);
	world_tunnel(w);
	w->lac_dead[0] = true;
	world_run_ms(w, 300000);
	assert_int_equal(info_of(w).established_tunnels, 1);
	h->hello_disabled = false;
	w->conf.l2tp.hello_disabled = true;
	world_apply(w);
	world_run_ms(w, 300000);
	assert_int_equal(info_of(w).established_tunnels, 1);
	w->conf.l2tp.hello_disabled = false;
	world_apply(w);			/* overdue at once; 1 + 2 + 4 s */
	world_run_ms(w, 6800);
	assert_int_equal(info_of(w).established_tunnels, 1);
	world_run_ms(w, 400);
	assert_int_equal(info_of(w).established_tunnels, 0);
	assert_int_equal(world_lines(w, "tunnel down", "reason=tunnel-control-channel-failed"), 1);
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
	assert_int_equal(model_set_admin(w->m, MODEL_TUNNEL, NULL, ADMIN_ENABLED, w->now), 0);	/* it is closing */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(limits), T(limit_group_goes), T(profile_match), T(wrong_secret), T(profile_changes), T(single_shot_and_idle),
		T(hello_of_a_host_profile), T(admin_disable), T(system_shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
