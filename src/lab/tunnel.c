/* SPDX-License-Identifier: BSD-2-Clause */
/* The LAC's tunnels: opened a few at a time, opened again when they fail and that is wanted, and who calls through them. */
#include <stdlib.h>

#include "lab/lab_priv.h"
#include "lab/pattern.h"

enum { OPENING_MAX = 64, PROBE_HELLO_S = 1 };	/* OPENING_MAX: tunnels between SCCRQ and SCCCN */

void tunnel_init(struct lab *l, struct lab_tunnel *t, unsigned index)
{
	*t = (struct lab_tunnel){ .lab = l, .index = index, .probe = index >= l->conf->tunnels };
	t->callers_end = &t->callers;
	list_init(&t->link);
	list_push_back(&l->to_open, &t->link);
}

static struct lab_hellos *hellos_of(struct lab_tunnel *t)
{
	return t->probe ? &t->lab->probe_hellos : &t->lab->hellos;
}

/* ---- who wants to call ---- */

static struct lab_sub *caller_pop(struct lab_tunnel *t)
{
	struct lab_sub *s = t->callers;

	if (!s)
		return NULL;
	t->callers = s->next_caller;
	s->next_caller = NULL;
	if (!t->callers)
		t->callers_end = &t->callers;
	return s;
}

void tunnel_call(struct lab_sub *s, mono_t now)
{
	struct lab_tunnel *t = s->tunnel;

	s->state = SUB_NEW;
	s->limit = MONO_NEVER;
	if (t->state == TUNNEL_FAILED) {
		sub_fail(s, now, "no tunnel");
		return;
	}
	*t->callers_end = s;
	t->callers_end = &s->next_caller;
	if (t->state == TUNNEL_UP && !list_linked(&t->link))
		list_push_back(&t->lab->ready, &t->link);
}

struct lab_sub *tunnel_next_caller(struct lab *l)
{
	struct list *n = list_pop(&l->ready);
	struct lab_tunnel *t = n ? container_of(n, struct lab_tunnel, link) : NULL;
	struct lab_sub *s = t ? caller_pop(t) : NULL;

	if (t && t->callers)
		list_push_back(&l->ready, &t->link);
	return s;
}

void tunnels_forget_callers(struct lab *l)
{
	while (list_pop(&l->ready))
		;
	for (unsigned i = 0; i < l->conf->tunnels; i++)
		while (caller_pop(&l->tunnel[i]))
			;
}

static void callers_fail(struct lab_tunnel *t, mono_t now)
{
	for (struct lab_sub *s; (s = caller_pop(t));)
		sub_fail(s, now, "no tunnel");
}

/* ---- opening ---- */

static void tunnel_failed(struct lab *l, struct lab_tunnel *t, const char *why, mono_t now)
{
	bool again = lab_may_retry(l);

	causes_add(again && !t->came_up ? &l->stats.retry_causes : &l->stats.failures, "tunnel: %s", why);
	l->stats.retries += again;
	if (again) {
		t->state = TUNNEL_DOWN;
		wheel_set(&l->tunnel_timers, &t->timer, lab_backoff(l, &t->tries, now));
		return;
	}
	t->state = TUNNEL_FAILED;
	l->stats.tunnels_failed += !t->probe;
	callers_fail(t, now);
}

static void tunnel_open(struct lab *l, struct lab_tunnel *t, mono_t now)
{
	char name[LAB_NAME_MAX + 1];
	struct l2tp_tunnel_conf conf = {
		.local_name = span_of(name, pattern_expand(name, sizeof(name), l->conf->host_name, t->index + 1)),
		.secret = span_str(l->conf->secret),
		.challenge = true, .hide = l->conf->hide, .receive_window = 64,
		.hello_s = (uint16_t)(t->probe ? PROBE_HELLO_S : l->conf->hello_s),
		.address_change = L2TP_ADDR_CHANGE_ACCEPT, .port_change = L2TP_ADDR_CHANGE_ACCEPT,
	};
	const struct l2tp_path *path = t->probe ? &l->probe_path : &l->paths[t->index % l->env.path_count];
	int rc = l2tp_tunnel_open(t->probe ? l->probe_ep : l->ep, path, &conf, t, now, &t->ctrl);

	t->opened = now;
	if (rc < 0) {
		t->ctrl = NULL;
		tunnel_failed(l, t, strerror(-rc), now);
		return;
	}
	t->state = TUNNEL_OPENING;
	l->tunnels_opening++;
	l->tunnels_open += !t->probe;
}

void tunnels_begin(struct lab *l, mono_t now)
{
	while (l->tunnels_opening < OPENING_MAX && !list_empty(&l->to_open))
		tunnel_open(l, container_of(list_pop(&l->to_open), struct lab_tunnel, link), now);
}

void tunnel_open_later(struct lab *l, struct lab_tunnel *t)
{
	if (t->state == TUNNEL_UP || t->state == TUNNEL_OPENING || list_linked(&t->link))
		return;
	wheel_del(&l->tunnel_timers, &t->timer);
	t->state = TUNNEL_DOWN;
	list_push_back(&l->to_open, &t->link);
}

void tunnel_expire(struct lab *l, struct lab_tunnel *t, mono_t now)
{
	if (l->stage < LAB_HANGING_UP)
		tunnel_open_later(l, t);
}

/* ---- what becomes of them ---- */

void tunnel_up(struct lab *l, struct lab_tunnel *t, mono_t now)
{
	t->state = TUNNEL_UP;
	t->tries = 0;
	l->tunnels_opening--;
	if (!t->came_up && t->probe)
		l->stats.probes_up++;
	else if (!t->came_up)
		l->stats.tunnels_up++;
	t->came_up = true;
	series_add(&l->stats.series[LAB_TUNNEL], t->opened, now);
	if (t->callers && l->stage < LAB_HANGING_UP)
		list_push_back(&l->ready, &t->link);
}

static void tunnel_ended(struct lab *l, struct lab_tunnel *t)
{
	list_del(&t->link);
	l->tunnels_opening -= t->state == TUNNEL_OPENING;
	l->tunnels_open -= !t->probe;
	l->stats.hellos_lost += hello_forget(hellos_of(t), l2tp_tunnel_path(t->ctrl), l2tp_tunnel_peer_id(t->ctrl));
	t->state = TUNNEL_DOWN;
}

void tunnel_down(struct lab *l, struct lab_tunnel *t, const struct l2tp_event *ev, mono_t now)
{
	char text[80], why[LAB_CAUSE_LEN];

	if (l->stage >= LAB_CLOSING || t->ctrl != ev->ctrl)
		return;
	tunnel_ended(l, t);
	t->ctrl = NULL;		/* what is left of it is the endpoint's */
	if (l->stage == LAB_DROPPING && !t->probe)
		return;
	l->stats.probes_dropped += t->probe;
	text_escape(text, sizeof(text), ev->peer_text);
	snprintf(why, sizeof(why), "%s%s, result %u error %u%s%s", l2tp_reason_name(ev->reason),
		 ev->by_peer ? " by the LNS" : "", ev->cause.result, ev->cause.error, *text ? " " : "", text);
	tunnel_failed(l, t, why, now);
}

bool tunnels_lose_power(struct lab *l, mono_t now)
{
	struct l2tp_endpoint *ep = lab_endpoint_new(l, now);

	if (!ep)
		return false;
	for (unsigned i = 0; i < l->conf->tunnels; i++) {
		struct lab_tunnel *t = &l->tunnel[i];

		if (t->ctrl)
			tunnel_ended(l, t);
		t->ctrl = NULL;
	}
	l2tp_endpoint_free(l->ep);
	l->ep = ep;
	return true;
}
