/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events, one a call: what was posted by tunnels and calls, then what the next message of the inbox gives. The calls of
 * a tunnel that ends are ended here one by one, so that a tunnel of 60,000 calls never is one long loop.
 */
#include "l2tp/call_in.h"

#include <assert.h>
#include <stdlib.h>

void l2tp_ctrl_post(struct l2tp_ctrl *c, uint8_t what)
{
	c->post |= what;
	if (!list_linked(&c->ev_link))
		list_push_back(&c->ep->evq, &c->ev_link);
}

void l2tp_call_post(struct l2tp_call *call)
{
	struct l2tp_ctrl *c = call->ctrl;

	l2tp_ctrl_post(c, 0);
	if (call->posted)
		return;
	call->posted = true;
	call->next_posted = NULL;
	*c->posted_end = call;
	c->posted_end = &call->next_posted;
}

struct l2tp_event *l2tp_raise(struct l2tp_endpoint *ep, enum l2tp_event_type type, struct l2tp_ctrl *c,
			      struct l2tp_call *call)
{
	struct l2tp_event *ev = ep->ev;

	assert(ev && !ep->raised);
	ep->raised = true;
	ev->type = type;
	ev->ctrl = c;
	ev->call = call;
	ev->tunnel_user = c->user;
	ev->call_user = call ? call->user : NULL;
	return ev;
}

void l2tp_keep_until_next_event(struct l2tp_endpoint *ep, struct l2tp_stored *s)
{
	s->next = ep->dead_msgs;
	ep->dead_msgs = s;
}

/* ---- posted events ---- */

static struct l2tp_call *posted_pop(struct l2tp_ctrl *c)
{
	struct l2tp_call *call = c->posted;

	if (!call)
		return NULL;
	c->posted = call->next_posted;
	if (!c->posted)
		c->posted_end = &c->posted;
	call->posted = false;
	return call;
}

/* What a CDN said, while it is still at hand. */
static void fill_cdn(struct l2tp_endpoint *ep, struct l2tp_event *ev)
{
	const struct l2tp_msg *m = &ep->msg;

	ev->peer_text = m->error_text;
	ev->has_disconnect = l2tp_msg_has(m, L2TP_AVP_PPP_DISCONNECT_CAUSE_CODE);
	ev->disconnect_code = m->disconnect_code;
	ev->disconnect_protocol = m->disconnect_protocol;
	ev->disconnect_direction = m->disconnect_direction;
}

static void raise_call_down(struct l2tp_endpoint *ep, struct l2tp_call *call)
{
	struct l2tp_event *ev = l2tp_raise(ep, L2TP_EV_CALL_DOWN, call->ctrl, call);

	ev->reason = (enum l2tp_reason)call->reason;
	ev->by_peer = call->closed_by_peer;
	ev->cause = (struct l2tp_cause){ call->result, call->error, NULL };
	if (ep->cdn_of == call)
		fill_cdn(ep, ev);
	ep->cdn_of = NULL;
	l2tp_call_unlink(call);
	ep->dead_call = call;
}

static void raise_call(struct l2tp_endpoint *ep, struct l2tp_call *call)
{
	if (call->down)
		raise_call_down(ep, call);
	else if (call->up)
		l2tp_raise(ep, L2TP_EV_CALL_UP, call->ctrl, call);
	call->up = false;
}

/* The tunnel has ended and this call with it. */
static void end_call(struct l2tp_ctrl *c, mono_t now)
{
	struct l2tp_call *call = container_of(list_first(&c->calls), struct l2tp_call, link);
	bool failed = c->why.reason == L2TP_REASON_TUNNEL_CONTROL_CHANNEL_FAILED;

	if (!call->down)
		l2tp_call_step(call, L2TP_CALL_TUNNEL_DOWN, &(struct l2tp_call_in){
			.why = { .reason = failed ? L2TP_REASON_SESSION_TUNNEL_FAILED : L2TP_REASON_SESSION_TUNNEL_DOWN,
				 .by_peer = c->why.by_peer },
			.now = now });
}

static void raise_tunnel_up(struct l2tp_ctrl *c)
{
	struct l2tp_event *ev = l2tp_raise(c->ep, L2TP_EV_TUNNEL_UP, c, NULL);

	ev->path = c->path;
	ev->peer = c->peer;
}

static void raise_tunnel_down(struct l2tp_ctrl *c)
{
	struct l2tp_event *ev = l2tp_raise(c->ep, L2TP_EV_TUNNEL_DOWN, c, NULL);

	ev->path = c->path;
	ev->peer = c->peer;
	ev->reason = c->why.reason;
	ev->by_peer = c->why.by_peer;
	ev->cause = c->why.cause;
	ev->peer_text = span_of(c->peer_text, c->peer_text_len);
}

/* Whether the owner knows of it: what was refused before it was offered ends without events. */
static bool known(const struct l2tp_ctrl *c)
{
	return c->initiator || c->offered;
}

static void ctrl_gone(struct l2tp_ctrl *c)
{
	if (known(c))
		l2tp_raise(c->ep, L2TP_EV_TUNNEL_GONE, c, NULL);
	l2tp_ctrl_retire(c);
	c->ep->dead_ctrl = c;
}

/* One posted thing. Return: whether there was one (it need not have raised an event). */
static bool take_posted(struct l2tp_ctrl *c, mono_t now)
{
	if (c->post & L2TP_POST_UP) {
		c->post &= (uint8_t)~L2TP_POST_UP;
		raise_tunnel_up(c);
	} else if (c->posted) {
		raise_call(c->ep, posted_pop(c));
	} else if (c->post & L2TP_POST_DOWN && !list_empty(&c->calls)) {
		end_call(c, now);
	} else if (c->post & L2TP_POST_DOWN) {
		c->post &= (uint8_t)~L2TP_POST_DOWN;
		if (known(c))
			raise_tunnel_down(c);
	} else if (c->post & L2TP_POST_GONE) {
		c->post &= (uint8_t)~L2TP_POST_GONE;
		ctrl_gone(c);
	} else {
		return false;
	}
	return true;
}

/* ---- the inbox ---- */

static bool take_message(struct l2tp_ctrl *c, mono_t now)
{
	struct l2tp_stored *s = c->inbox.head;

	if (!s)
		return false;
	c->inbox.head = s->next;
	if (!c->inbox.head)
		c->inbox.end = &c->inbox.head;
	c->inbox_len--;
	l2tp_keep_until_next_event(c->ep, s);
	c->ep->cdn_of = NULL;
	l2tp_ctrl_message(c, span_of(s->octets, s->len), now);
	return true;
}

static void bury(struct l2tp_endpoint *ep)
{
	struct l2tp_stored *s;

	while ((s = ep->dead_msgs)) {
		ep->dead_msgs = s->next;
		free(s);
	}
	free(ep->dead_call);
	ep->dead_call = NULL;
	l2tp_ctrl_free(ep->dead_ctrl);
	ep->dead_ctrl = NULL;
}

/* The tunnel's next event, if it has one. It may be in its grave afterwards. */
static bool ctrl_event(struct l2tp_ctrl *c, mono_t now)
{
	struct l2tp_endpoint *ep = c->ep;

	while (!ep->raised && !ep->dead_ctrl) {
		if (!take_posted(c, now) && !take_message(c, now))
			break;
	}
	return ep->raised;
}

bool l2tp_endpoint_event(struct l2tp_endpoint *ep, struct l2tp_event *ev, mono_t now)
{
	struct list *first;

	ep->now = now;
	bury(ep);
	memset(ev, 0, sizeof(*ev));
	ep->ev = ev;
	ep->raised = false;
	while (!ep->raised && (first = list_pop(&ep->evq))) {
		struct l2tp_ctrl *c = container_of(first, struct l2tp_ctrl, ev_link);

		/* the next tunnel's turn comes first, so that a long teardown holds up nobody */
		if (ctrl_event(c, now) && !ep->dead_ctrl)
			l2tp_ctrl_post(c, 0);
		if (!ep->raised)
			bury(ep);
	}
	ep->ev = NULL;
	return ep->raised;
}
