/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue of punt.h. */
#include "dataplane/user/punt.h"

#include <stdlib.h>

#include "wire/ppp_frame.h"

struct punt_event {
	struct list link;
	struct dp_event ev;
	uint8_t octets[];
};

void punt_init(struct punt *p)
{
	*p = (struct punt){ 0 };
	list_init(&p->events);
}

void punt_fini(struct punt *p)
{
	for (struct list *i; (i = list_pop(&p->events));)
		free(container_of(i, struct punt_event, link));
	free(p->shown);
	punt_init(p);
}

static struct punt_event *event_add(struct punt *p, enum dp_event_type type, struct span octets)
{
	struct punt_event *e = malloc(sizeof(*e) + octets.len);

	if (!e)
		return NULL;
	e->ev = (struct dp_event){ .type = type, .data = e->octets, .len = octets.len };
	if (octets.len)
		memcpy(e->octets, octets.p, octets.len);
	list_push_back(&p->events, &e->link);
	p->count++;
	p->octets += octets.len;
	return e;
}

bool punt_take(struct punt *p, struct dp_event *ev)
{
	struct list *i = list_pop(&p->events);

	free(p->shown);
	p->shown = i ? container_of(i, struct punt_event, link) : NULL;
	if (!p->shown)
		return false;
	p->count--;
	p->octets -= p->shown->ev.len;
	*ev = p->shown->ev;
	return true;
}

bool punt_police(mono_t *tat, unsigned rate, mono_t now)
{
	int64_t interval = 1000000000 / rate;

	if (tat->ns > now.ns + (rate - 1) * interval)
		return false;
	*tat = mono_add_ns(mono_before(*tat, now) ? now : *tat, interval);
	return true;
}

static bool is_full(const struct punt *p, unsigned limit)
{
	return p->count >= limit || p->octets >= PUNT_OCTETS;
}

void punt_control(struct punt *p, struct table *t, const struct dp_rx *rx, struct span datagram)
{
	struct punt_event *e;

	if (is_full(p, PUNT_EVENTS)) {
		table_drop(t, DP_DROP_PUNT_FULL);
		return;
	}
	e = event_add(p, DP_EV_CONTROL, datagram);
	if (!e) {
		table_drop(t, DP_DROP_NO_BUFFER);
		return;
	}
	e->ev.vr = rx->vr;
	e->ev.local = rx->local;
	e->ev.peer = rx->peer;
	e->ev.local_port = rx->local_port;
	e->ev.peer_port = rx->peer_port;
}

/* ---- frames ---- */

static void frame_queue(struct punt *p, struct table *t, const struct table_session *s, struct span frame)
{
	const struct dp_tun *tun = &t->tun[s->id.local_tunnel_id];
	struct punt_event *e = is_full(p, PUNT_EVENTS / 4 * 3) ? NULL : event_add(p, DP_EV_FRAME, frame);

	if (!e) {
		table_up_drop(t, table_up(t, s), DP_DROP_PUNT_FULL);
		return;
	}
	e->ev.vr = tun->vr;
	e->ev.local = table_addr(tun, tun->local);
	e->ev.peer = table_addr(tun, tun->rx_peer);
	e->ev.local_port = tun->local_port;
	e->ev.peer_port = tun->rx_peer_port;
	e->ev.handle = s->handle;
	e->ev.user = s->id.user;
}

static void frame_hold(struct table *t, struct table_session *s, struct span frame)
{
	struct table_frame *f = s->held_count < PUNT_HELD ? malloc(sizeof(*f) + frame.len) : NULL;

	if (!f) {
		table_up_drop(t, table_up(t, s), DP_DROP_HOLD_FULL);
		return;
	}
	f->len = frame.len;
	memcpy(f->octets, frame.p, frame.len);
	list_push_back(&s->held, &f->link);
	s->held_count++;
}

void punt_frame(struct punt *p, struct table *t, const struct dp_decap *d, mono_t now)
{
	struct table_session *s = t->session[d->slot];

	if (!s)
		table_drop(t, DP_DROP_STALE_SESSION);
	else if (table_state(t, s) == DP_UP_HOLD)
		frame_hold(t, s, d->data);
	else if (!punt_police(&s->punt_tat, PUNT_RATE, now))
		table_up_drop(t, d->up, DP_DROP_PUNT_POLICED);
	else
		frame_queue(p, t, s, d->data);
}

/* A held network packet is not the control plane's; it is dropped as it would be in PUNT. */
static bool is_network(struct span frame)
{
	struct rd r = rd_span(frame);
	uint16_t protocol;

	return ppp_frame_protocol(&r, &protocol) && (protocol == PPP_PROTO_IP4 || protocol == PPP_PROTO_IP6);
}

void punt_held(struct punt *p, struct table *t, struct table_session *s)
{
	for (struct list *i; (i = list_pop(&s->held));) {
		struct table_frame *f = container_of(i, struct table_frame, link);
		struct span frame = span_of(f->octets, f->len);

		if (is_network(frame))
			table_up_drop(t, table_up(t, s), DP_DROP_NOT_FORWARDING);
		else
			frame_queue(p, t, s, frame);
		free(f);
	}
	s->held_count = 0;
}

/* ---- notices: few, and never dropped for want of room ---- */

void punt_local(struct punt *p, uint32_t vr, const struct ip_addr *local, bool up)
{
	struct punt_event *e = event_add(p, DP_EV_LOCAL_UP, span_of(NULL, 0));

	if (!e)
		return;
	e->ev.vr = vr;
	e->ev.local = *local;
	e->ev.up = up;
}
