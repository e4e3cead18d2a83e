/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a grant (enum grant_state), behind the contract of aaa.h: requests are judged by the methods in order
 * (methods.c), get an address (address.c), are answered by events, started, accounted for (acct.c), and released.
 */
#include <errno.h>

#include "aaa/aaa_priv.h"
#include "aaa/methods.h"
#include "aaa/radius_ask.h"

enum {
	IN_FLIGHT_MAX = 65536,
	IDLE_LOOKS = 4,		/* at the counters in an idle timeout: it is late by a quarter at most */
};

static const enum aaa_count refusal_count[AAA_REFUSE_COUNT] = {
	[AAA_REFUSE_DENIED] = AAA_COUNT_DENIED,
	[AAA_REFUSE_NO_SERVER] = AAA_COUNT_NO_SERVER,
	[AAA_REFUSE_NO_ADDRESS] = AAA_COUNT_NO_ADDRESS,
	[AAA_REFUSE_ADDRESS_IN_USE] = AAA_COUNT_ADDRESS_IN_USE,
	[AAA_REFUSE_NO_RESOURCES] = AAA_COUNT_NO_RESOURCES,
	[AAA_REFUSE_NO_METHOD] = AAA_COUNT_NO_METHOD,
	[AAA_REFUSE_VIRTUAL_ROUTER] = AAA_COUNT_VIRTUAL_ROUTER,
	[AAA_REFUSE_BAD_ANSWER] = AAA_COUNT_BAD_ANSWER,
	[AAA_REFUSE_CHALLENGE] = AAA_COUNT_CHALLENGE,
};

static void grant_drop(struct aaa *a, struct grant *g, const struct aaa_stop *stop, mono_t now);

/* ---- events and timer of a grant ---- */

static void grant_raise(struct aaa *a, struct grant *g, enum grant_event ev)
{
	if (g->test) {		/* who tests asks for the answer; an address that somebody wants is given up at once */
		if (ev == GRANT_EV_LOGOUT)
			grant_drop(a, g, NULL, a->turn_at);
		return;
	}
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

/* ---- requests ---- */

static int request_begin(struct aaa *a, const struct aaa_request *rq, void *user, bool test, mono_t now,
			 struct aaa_handle *out)
{
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
	g->test = test;
	g->addr.vr = rq->line.vr;
	acct_session_init(&g->acct, acct_id_parse(rq->acct_session_id), a->conf.acct.interval_min * 60,
			  a->acct.servers && methods_acct_radius(&a->conf, rq->line.service));
	*out = (struct aaa_handle){ g->id, g->generation };
	methods_begin(a, g, rq, now);
	return 0;
}

static int core_request(struct aaa *a, const struct aaa_request *rq, void *user, mono_t now, struct aaa_handle *out)
{
	a->turn_at = now;
	return request_begin(a, rq, user, false, now, out);
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
	if (g->state == GRANT_ASKING)
		radius_client_cancel(a->radius, g->answer->ask->radius);
	acct_journal_done(&a->acct.queue.journal, &g->acct.ref);
	if (g->state == GRANT_WAITING && g->other)
		g->other->other = NULL;
	wheel_del(&a->wheel, &g->timer);
	grant_free(&a->grants, g);
}

static void grant_drop(struct aaa *a, struct grant *g, const struct aaa_stop *stop, mono_t now)
{
	if (stop)
		acct_stop(a, g, stop, now, a->wall);
	addr_release(a, g, now);
	grant_end(a, g);
}

static void core_cancel(struct aaa *a, struct aaa_handle h, mono_t now)
{
	static const struct aaa_stop nothing;
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	a->count[AAA_COUNT_CANCELS]++;
	grant_drop(a, g, &nothing, now);
}

static void core_release(struct aaa *a, struct aaa_handle h, const struct aaa_stop *stop, mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	a->wall = wall;
	a->count[AAA_COUNT_RELEASES]++;
	grant_drop(a, g, stop, now);
}

/* ---- the subscriber is up ---- */

static int64_t idle_look_s(const struct grant *g)
{
	return g->idle_timeout_s > IDLE_LOOKS ? g->idle_timeout_s / IDLE_LOOKS : 1;
}

static void core_start(struct aaa *a, struct aaa_handle h, const struct ip_addr *ip4, const struct aaa_line *line,
			mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);
	bool claimed;

	if (!g)
		return;
	if (g->state != GRANT_HELD) {
		a->count[AAA_COUNT_STALE]++;
		return;
	}
	a->wall = wall;
	g->state = GRANT_STARTED;
	claimed = addr_claim(a, g, ip4, now);	/* first, so that the record has the address */
	acct_start(a, g, line, now, wall);
	if (!claimed) {
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

/* RFC 2865 §5.28, RFC 5080 §2.8: idle is without an octet either way. */
static void core_counters(struct aaa *a, struct aaa_handle h, const struct aaa_counters *c, const struct aaa_line *line,
			   mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);
	uint64_t octets = c->in_octets + c->out_octets;

	if (!g || g->state != GRANT_STARTED)
		return;
	if (g->logged_out)
		return;
	a->wall = wall;
	g->asked = false;
	acct_interim(a, g, line, c, now, wall);
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

/* RFC 2865 §5.27 */
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

static void core_expire(struct aaa *a, mono_t now, struct wall wall)
{
	a->wall = wall;
	a->turn_at = now;
	for (struct wheel_node *n; (n = wheel_expire(&a->wheel, now));)
		grant_timer(a, container_of(n, struct grant, timer), now);
	radius_client_expire(a->radius, now);
	acct_queue_run(&a->acct.queue, now);
}

static mono_t core_deadline(const struct aaa *a)
{
	return mono_min(mono_min(wheel_deadline(&a->wheel), radius_client_deadline(a->radius)),
			acct_queue_deadline(&a->acct.queue));
}

/* ---- events ---- */

static void grant_fill(const struct aaa *a, const struct grant *g, struct aaa_grant *out)
{
	const struct grant_extra *x = g->extra;

	memset(out, 0, sizeof(*out));
	out->ip4 = g->addr.ip;
	if (g->addr.ip.af == 4)
		out->ip4_mask = ip4_of(x && x->mask_len ? UINT32_MAX << (32 - x->mask_len) : UINT32_MAX);
	out->ip4_from_pool = g->from_pool;
	out->ip4_client_chooses = g->client_chooses;
	for (unsigned i = 0; i < 2; i++) {
		out->dns[i] = x && (x->dns[0] || x->dns[1]) ? x->dns[i] : a->conf.dns[i];
		out->wins[i] = x && (x->wins[0] || x->wins[1]) ? x->wins[i] : a->conf.wins[i];
	}
	out->mtu = x ? x->mtu : 0;
	out->no_source_check = x && x->no_source_check;
	out->session_timeout_s = g->session_timeout_s;
	out->idle_timeout_s = g->idle_timeout_s;
	out->interim_s = g->acct.interim_s;
	out->filter_id = grant_filter(g);
	out->local_interface = grant_interface(g);
	out->routes = grant_routes(g, &out->route_count);
}

/* The answer is kept until the next event, for its spans. */
static void answer_take(struct aaa *a, struct grant *g, struct aaa_event *ev)
{
	ev->message = span_of(g->answer->message, g->answer->message_len);
	ev->refusal = g->answer->refusal;
	memcpy(ev->mschap_success, g->answer->mschap_success, sizeof(ev->mschap_success));
	a->in_flight--;
	a->taken = g->answer;
	g->answer = NULL;
	grant_ask_drop(a->taken);
}

static void event_accept(struct aaa *a, struct grant *g, struct aaa_event *ev)
{
	ev->type = AAA_EV_ACCEPT;
	grant_fill(a, g, &ev->grant);
	answer_take(a, g, ev);
	ev->grant.message = ev->message;
	g->state = GRANT_HELD;
}

static void event_reject(struct aaa *a, struct grant *g, struct aaa_event *ev)
{
	ev->type = AAA_EV_REJECT;
	if (g->answer->refusal != AAA_REFUSE_NO_SERVER)
		acct_stop_refused(a, g, NULL, g->answer->refusal, g->method == AAA_METHOD_RADIUS, a->turn_at, a->wall);
	answer_take(a, g, ev);
	grant_end(a, g);
}

static void radius_pump(struct aaa *a, mono_t now)
{
	struct radius_event ev;
	bool any;

	do {	/* what is given to the client may be answered at once: nobody is there */
		for (any = false; radius_client_event(a->radius, &ev); any = true) {
			if (ev.use == RADIUS_ACCT)
				acct_queue_answer(&a->acct.queue, &ev, now);
			else
				radius_ask_answer(a, &ev, now);
		}
		acct_queue_run(&a->acct.queue, now);
	} while (any);
}

static bool core_event(struct aaa *a, struct aaa_event *ev, mono_t now)
{
	struct list *n;
	struct grant *g;
	unsigned which;

	grant_answer_free(a->taken);
	a->taken = NULL;
	radius_pump(a, now);
	n = list_pop(&a->ready);
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

static bool core_info(const struct aaa *a, struct aaa_handle h, struct aaa_grant *out)
{
	struct grant *g = grant_find(&a->grants, h);

	if (!g || (g->state != GRANT_HELD && g->state != GRANT_STARTED))
		return false;
	grant_fill(a, g, out);
	return true;
}

static void core_session_id(struct aaa *a, char out[20])
{
	acct_id_text(a->next_session_id++, out);
}

const struct aaa_ops aaa_core_ops = {
	.request = core_request,
	.cancel = core_cancel,
	.start = core_start,
	.counters = core_counters,
	.release = core_release,
	.event = core_event,
	.expire = core_expire,
	.deadline = core_deadline,
	.tunnel = acct_tunnel,
	.info = core_info,
	.session_id = core_session_id,
};

/* ---- test aaa ppp ---- */

int aaa_test_start(struct aaa *a, struct span user, struct span password, mono_t now, struct aaa_handle *out)
{
	struct aaa_request rq = { .line = { .service = AAA_PPP_LNS }, .cred = AAA_CRED_PAP, .user = user,
				  .password = password };

	core_session_id(a, rq.acct_session_id);
	a->turn_at = now;
	return request_begin(a, &rq, NULL, true, now, out);
}

static struct grant *test_find(const struct aaa *a, struct aaa_handle h)
{
	struct grant *g = grant_find(&a->grants, h);

	return g && g->test ? g : NULL;
}

bool aaa_test_poll(struct aaa *a, struct aaa_handle h, struct aaa_test *out)
{
	struct grant *g = test_find(a, h);

	memset(out, 0, sizeof(*out));
	if (!g)
		return false;
	out->done = g->state == GRANT_ACCEPTED || g->state == GRANT_REFUSED;
	out->accepted = g->state == GRANT_ACCEPTED;
	out->refusal = g->answer->refusal;
	out->method = aaa_method_name(g->method);
	grant_fill(a, g, &out->grant);
	out->grant.message = span_of(g->answer->message, g->answer->message_len);
	return true;
}

void aaa_test_end(struct aaa *a, struct aaa_handle h, mono_t now)
{
	struct grant *g = test_find(a, h);

	if (g)
		grant_drop(a, g, NULL, now);
}
