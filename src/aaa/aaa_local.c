/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AAA with the local methods: requests are judged by the methods in order, get an address (address.c), and are answered
 * by events. A grant's life is enum grant_state.
 */
#include <errno.h>

#include "aaa/aaa_priv.h"

enum {
	IN_FLIGHT_MAX = 65536,
	IDLE_LOOKS = 4,		/* at the counters in an idle timeout: it is late by a quarter at most */
};

static const uint32_t client_chooses = 0xffffffff;	/* RFC 2865 §5.8: the user selects an address */
static const uint32_t nas_chooses = 0xfffffffe;

static const enum aaa_count refusal_count[AAA_REFUSE_COUNT] = {
	[AAA_REFUSE_DENIED] = AAA_COUNT_DENIED,
	[AAA_REFUSE_NO_SERVER] = AAA_COUNT_NO_SERVER,
	[AAA_REFUSE_NO_ADDRESS] = AAA_COUNT_NO_ADDRESS,
	[AAA_REFUSE_ADDRESS_IN_USE] = AAA_COUNT_ADDRESS_IN_USE,
	[AAA_REFUSE_NO_RESOURCES] = AAA_COUNT_NO_RESOURCES,
	[AAA_REFUSE_NO_METHOD] = AAA_COUNT_NO_METHOD,
};

/* ---- events and timer of a grant ---- */

static void grant_raise(struct aaa *a, struct grant *g, enum grant_event ev)
{
	g->events |= (uint8_t)ev;
	if (!list_linked(&g->ready))
		list_push_back(&a->ready, &g->ready);
}

void grant_arm(struct aaa *a, struct grant *g)
{
	mono_t interim = g->asked ? MONO_NEVER : g->acct.interim_due;	/* armed again by the answer */

	wheel_set(&a->wheel, &g->timer, mono_min(mono_min(g->session_due, g->look_due), interim));
}

void grant_logout(struct aaa *a, struct grant *g, enum aaa_logout why)
{
	if (g->logged_out)
		return;
	g->logged_out = true;
	g->logout = (uint8_t)why;
	g->events &= (uint8_t)~GRANT_EV_COUNTERS;
	g->session_due = g->look_due = g->acct.interim_due = MONO_NEVER;
	grant_arm(a, g);
	grant_raise(a, g, GRANT_EV_LOGOUT);
}

void grant_accept(struct aaa *a, struct grant *g)
{
	g->state = GRANT_ACCEPTED;
	a->count[AAA_COUNT_ACCEPTS]++;
	grant_raise(a, g, GRANT_EV_ANSWER);
}

void grant_refuse(struct aaa *a, struct grant *g, enum aaa_refusal why)
{
	g->state = GRANT_REFUSED;
	g->answer->refusal = why;
	a->count[refusal_count[why]]++;
	grant_raise(a, g, GRANT_EV_ANSWER);
}

/* ---- methods ---- */

struct verdict {
	enum aaa_refusal refusal;
	const struct aaa_user *user;	/* the local user; NULL: not known here, or not asked */
};

static struct verdict local_judge(struct aaa *a, const struct aaa_request *rq, uint8_t success[42])
{
	const struct aaa_user *u = users_find(&a->users, rq->user);
	/* an unknown user takes as long as a wrong password */
	bool ok = credentials_check(rq, span_str(u && u->password ? u->password : a->decoy), success);

	if (!u || !u->password || !ok)
		return (struct verdict){ AAA_REFUSE_DENIED, NULL };
	return (struct verdict){ AAA_REFUSE_NONE, u };
}

/* The first method that can answer decides. RADIUS has no servers here, so none answers. */
static struct verdict methods_judge(struct aaa *a, const struct aaa_request *rq, uint8_t success[42])
{
	bool tunnel = rq->service == AAA_PPP_LNS && a->conf.tunnel[0] != AAA_METHOD_END;
	const enum aaa_method *m = tunnel ? a->conf.tunnel : a->conf.ppp;
	struct verdict v = { m[0] == AAA_METHOD_END ? AAA_REFUSE_NO_METHOD : AAA_REFUSE_NO_SERVER, NULL };

	for (int i = 0; i < AAA_METHODS_MAX && m[i] != AAA_METHOD_END; i++) {
		if (m[i] == AAA_METHOD_RADIUS)
			continue;
		/* where the profile asks for no authentication there is nothing to judge */
		if (m[i] == AAA_METHOD_NONE || rq->cred == AAA_CRED_NONE)
			return (struct verdict){ AAA_REFUSE_NONE, NULL };
		return local_judge(a, rq, success);
	}
	return v;
}

/* ---- requests ---- */

static void authorize(struct aaa *a, struct grant *g, const struct aaa_request *rq, const struct aaa_user *u,
		      mono_t now)
{
	uint32_t fixed = u ? ip4_num(&u->ip4) : 0;
	struct span pool = u && u->pool ? span_str(u->pool) : rq->pool;
	enum aaa_refusal why;

	g->session_timeout_s = u && u->session_timeout_s ? u->session_timeout_s : a->conf.session_timeout_s;
	g->idle_timeout_s = u && u->idle_timeout_s ? u->idle_timeout_s : a->conf.idle_timeout_s;
	g->client_chooses = fixed == client_chooses;
	if (g->client_chooses) {
		grant_accept(a, g);
		return;
	}
	if (fixed != 0 && fixed != nas_chooses) {
		static_give(a, g, rq->vr, &u->ip4, now);
		return;
	}
	why = pools_give(a, g, rq->vr, pool);
	if (why != AAA_REFUSE_NONE)
		grant_refuse(a, g, why);
	else
		grant_accept(a, g);
}

static int local_request(struct aaa *a, const struct aaa_request *rq, void *user, mono_t now, struct aaa_handle *out)
{
	struct verdict v;
	struct grant *g;

	if (a->in_flight >= IN_FLIGHT_MAX) {
		a->count[AAA_COUNT_TOO_MANY]++;
		return -ENOSPC;
	}
	g = grant_new(&a->grants, rq->user);
	if (!g)
		return -ENOMEM;
	a->in_flight++;
	a->count[AAA_COUNT_REQUESTS]++;
	g->user = user;
	g->addr.vr = rq->vr;
	acct_session_init(&g->acct, acct_id_parse(rq->acct_session_id), a->conf.acct.interval_min * 60);
	*out = (struct aaa_handle){ g->id, g->generation };
	v = methods_judge(a, rq, g->answer->mschap_success);
	if (v.refusal != AAA_REFUSE_NONE)
		grant_refuse(a, g, v.refusal);
	else
		authorize(a, g, rq, v.user, now);
	return 0;
}

static struct grant *find_or_count(struct aaa *a, struct aaa_handle h)
{
	struct grant *g = grant_find(&a->grants, h);

	if (!g)
		a->count[AAA_COUNT_STALE]++;
	return g;
}

/* Everything of a grant goes but its address, which is gone already. */
static void grant_end(struct aaa *a, struct grant *g)
{
	if (g->answer)
		a->in_flight--;
	if (g->state == GRANT_WAITING && g->other)
		g->other->other = NULL;
	wheel_del(&a->wheel, &g->timer);
	grant_free(&a->grants, g);
}

static void grant_drop(struct aaa *a, struct grant *g, const struct aaa_stop *stop, mono_t now)
{
	if (stop)
		acct_stop(&a->acct, &g->acct, stop);
	addr_release(a, g, now);
	grant_end(a, g);
}

static void local_cancel(struct aaa *a, struct aaa_handle h, mono_t now)
{
	static const struct aaa_stop nothing;
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	a->count[AAA_COUNT_CANCELS]++;
	grant_drop(a, g, &nothing, now);
}

static void local_release(struct aaa *a, struct aaa_handle h, const struct aaa_stop *stop, mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	a->count[AAA_COUNT_RELEASES]++;
	grant_drop(a, g, stop, now);
}

/* ---- the subscriber is up ---- */

static int64_t idle_look_s(const struct grant *g)
{
	return g->idle_timeout_s > IDLE_LOOKS ? g->idle_timeout_s / IDLE_LOOKS : 1;
}

static void local_start(struct aaa *a, struct aaa_handle h, const struct ip_addr *ip4, mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	if (g->state != GRANT_HELD) {
		a->count[AAA_COUNT_STALE]++;
		return;
	}
	g->state = GRANT_STARTED;
	acct_start(&a->acct, &g->acct, now, wall);
	if (!addr_claim(a, g, ip4, now)) {
		a->count[AAA_COUNT_CLAIMS_REFUSED]++;
		grant_logout(a, g, AAA_LOGOUT_DUPLICATE);
	}
	if (g->logged_out)
		return;
	if (g->session_timeout_s)
		g->session_due = mono_add_s(now, g->session_timeout_s);
	if (g->idle_timeout_s)
		g->look_due = mono_add_s(now, idle_look_s(g));
	g->idle_since = now;
	grant_arm(a, g);
}

static void local_counters(struct aaa *a, struct aaa_handle h, const struct aaa_counters *c, mono_t now,
			   struct wall wall)
{
	struct grant *g = find_or_count(a, h);
	uint64_t octets = c->in_octets + c->out_octets;

	if (!g || g->state != GRANT_STARTED)
		return;
	if (g->logged_out)
		return;
	g->asked = false;
	acct_interim(&a->acct, &g->acct, c, now);
	grant_arm(a, g);
	if (!g->idle_timeout_s)
		return;
	if (octets != g->idle_octets) {
		g->idle_octets = octets;
		g->idle_since = now;
	} else if (mono_due(mono_add_s(g->idle_since, g->idle_timeout_s), now)) {
		a->count[AAA_COUNT_IDLE_TIMEOUTS]++;
		grant_logout(a, g, AAA_LOGOUT_IDLE_TIMEOUT);
	}
}

/* ---- time ---- */

static void grant_timer(struct aaa *a, struct grant *g, mono_t now)
{
	if (g->state == GRANT_WAITING) {
		waiter_expire(a, g);
		return;
	}
	if (mono_due(g->session_due, now)) {
		a->count[AAA_COUNT_SESSION_TIMEOUTS]++;
		grant_logout(a, g, AAA_LOGOUT_SESSION_TIMEOUT);
		return;
	}
	if (mono_due(g->look_due, now))
		g->look_due = mono_add_s(now, idle_look_s(g));
	g->asked = true;
	grant_raise(a, g, GRANT_EV_COUNTERS);
	grant_arm(a, g);
}

static void local_expire(struct aaa *a, mono_t now, struct wall wall)
{
	for (struct wheel_node *n; (n = wheel_expire(&a->wheel, now));)
		grant_timer(a, container_of(n, struct grant, timer), now);
}

static mono_t local_deadline(const struct aaa *a)
{
	return wheel_deadline(&a->wheel);
}

/* ---- events ---- */

static void event_accept(struct aaa *a, struct grant *g, struct aaa_event *ev)
{
	ev->type = AAA_EV_ACCEPT;
	ev->grant.ip4 = g->addr.ip;
	if (g->addr.ip.af == 4)
		ev->grant.ip4_mask = ip4_of(0xffffffff);
	ev->grant.ip4_from_pool = g->from_pool;
	ev->grant.ip4_client_chooses = g->client_chooses;
	memcpy(ev->grant.dns, a->conf.dns, sizeof(ev->grant.dns));
	memcpy(ev->grant.wins, a->conf.wins, sizeof(ev->grant.wins));
	ev->grant.session_timeout_s = g->session_timeout_s;
	ev->grant.idle_timeout_s = g->idle_timeout_s;
	memcpy(ev->mschap_success, g->answer->mschap_success, sizeof(ev->mschap_success));
	g->state = GRANT_HELD;
	a->in_flight--;
	grant_answer_free(g);
}

static void event_reject(struct aaa *a, struct grant *g, struct aaa_event *ev)
{
	ev->type = AAA_EV_REJECT;
	ev->refusal = g->answer->refusal;
	grant_end(a, g);
}

static bool local_event(struct aaa *a, struct aaa_event *ev, mono_t now)
{
	struct list *n = list_pop(&a->ready);
	struct grant *g;
	unsigned which;

	if (!n)
		return false;
	g = container_of(n, struct grant, ready);
	which = g->events & -(unsigned)g->events;	/* the lowest bit: the answer before all else */
	g->events &= (uint8_t)~which;
	if (g->events)
		list_push_back(&a->ready, &g->ready);
	memset(ev, 0, sizeof(*ev));
	ev->handle = (struct aaa_handle){ g->id, g->generation };
	ev->user = g->user;
	if (which == GRANT_EV_COUNTERS) {
		ev->type = AAA_EV_COUNTERS;
	} else if (which == GRANT_EV_LOGOUT) {
		ev->type = AAA_EV_LOGOUT;
		ev->logout = g->logout;
	} else if (g->state == GRANT_REFUSED) {
		event_reject(a, g, ev);
	} else {
		event_accept(a, g, ev);
	}
	return true;
}

static void local_session_id(struct aaa *a, char out[20])
{
	acct_id_text(a->next_session_id++, out);
}

const struct aaa_ops aaa_local_ops = {
	.request = local_request,
	.cancel = local_cancel,
	.start = local_start,
	.counters = local_counters,
	.release = local_release,
	.event = local_event,
	.expire = local_expire,
	.deadline = local_deadline,
	.session_id = local_session_id,
};
