/* SPDX-License-Identifier: BSD-2-Clause */
/* A call's beginning and end, and what the owner does with calls: the calls of l2tp.h. */
#include "l2tp/call_in.h"

#include <errno.h>
#include <stdlib.h>

struct l2tp_call *l2tp_call_new(struct l2tp_ctrl *c, enum l2tp_role role, mono_t now)
{
	struct l2tp_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->ctrl = c;
	call->role = (uint8_t)role;
	call->local_id = l2tp_session_id_draw(c);
	if (!call->local_id || l2tp_call_register(call)) {
		free(call);
		return NULL;
	}
	list_push_back(&c->calls, &call->link);
	c->n_calls++;
	wheel_set(&c->ep->call_timers, &call->timer, mono_add_s(now, L2TP_SETUP_S));
	return call;
}

void l2tp_call_unlink(struct l2tp_call *call)
{
	wheel_del(&call->ctrl->ep->call_timers, &call->timer);
	l2tp_call_unregister(call);
	list_del(&call->link);
	call->ctrl->n_calls--;
}

void l2tp_call_expire(struct l2tp_call *call, mono_t now)
{
	bool lac = call->role == L2TP_ROLE_LAC;

	if (call->ctrl->state != L2TP_CTRL_ESTABLISHED)
		return;		/* it ends with its tunnel */
	l2tp_count(call->ctrl->ep, L2TP_COUNT_CALL_SETUP_TIMEOUT);
	l2tp_call_step(call, L2TP_CALL_SETUP_DUE, &(struct l2tp_call_in){
		.why = { .reason = L2TP_REASON_SESSION_TIMEOUT_CONNECTION,
			 .cause = { lac ? 10 : 2, lac ? 0 : 6, "not established in time" } },
		.now = now });
}

/* ---- LAC ---- */

int l2tp_call_offer(struct l2tp_ctrl *c, const struct l2tp_call_offer *offer, void *user, mono_t now,
		    struct l2tp_call **out)
{
	struct l2tp_call_in in = { .offer = offer, .now = now };
	struct l2tp_call *call;

	if (c->state != L2TP_CTRL_ESTABLISHED)
		return -ENOTCONN;
	call = l2tp_call_new(c, L2TP_ROLE_LAC, now);
	if (!call)
		return c->n_calls >= 65535 ? -ENOSPC : -ENOMEM;
	call->user = user;
	l2tp_call_step(call, L2TP_CALL_INCOMING, &in);
	l2tp_ctrl_step(c, L2TP_CTRL_LOCAL_OPEN, &(struct l2tp_ctrl_in){ .now = now });
	l2tp_call_step(call, L2TP_CALL_TUNNEL_OPEN, &in);
	*out = call;
	return 0;
}

int l2tp_call_renumber(struct l2tp_call *call)
{
	struct l2tp_ctrl *c = call->ctrl;
	uint16_t old = call->local_id, id = l2tp_session_id_draw(c);
	bool offered = call->role == L2TP_ROLE_LNS && call->state == L2TP_CALL_IDLE && call->judging;

	if (!id)
		return -ENOSPC;
	if (!offered && !(call->state == L2TP_CALL_WAIT_REPLY && l2tp_icrq_renumber(c, old, id)))
		return -EBUSY;
	hmap_del(&c->ep->calls, &call->by_local);
	l2tp_session_id_retire(c, old);
	call->local_id = id;
	return l2tp_call_register(call);
}

void l2tp_call_connect(struct l2tp_call *call, const struct l2tp_call_params *params, mono_t now)
{
	if (call->role == L2TP_ROLE_LAC && call->judging && !call->down && call->ctrl->state == L2TP_CTRL_ESTABLISHED)
		l2tp_call_step(call, L2TP_CALL_RX_ICRP_OK, &(struct l2tp_call_in){ .params = params, .now = now });
}

/* ---- LNS ---- */

static bool awaits_answer(const struct l2tp_call *call)
{
	return call->role == L2TP_ROLE_LNS && call->state == L2TP_CALL_IDLE && call->judging && !call->down;
}

void l2tp_call_accept(struct l2tp_call *call, void *user, mono_t now)
{
	call->user = user;	/* even if it has ended meanwhile: its last event carries it */
	if (awaits_answer(call) && call->ctrl->state == L2TP_CTRL_ESTABLISHED)
		l2tp_call_step(call, L2TP_CALL_RX_ICRQ_OK, &(struct l2tp_call_in){ .now = now });
}

void l2tp_call_reject(struct l2tp_call *call, enum l2tp_reason why, struct l2tp_cause cause, mono_t now)
{
	if (awaits_answer(call))
		l2tp_call_step(call, L2TP_CALL_RX_ICRQ_BAD,
			       &(struct l2tp_call_in){ .why = { why, cause, false }, .now = now });
}

/* ---- both ---- */

void l2tp_call_close(struct l2tp_call *call, enum l2tp_reason why, struct l2tp_cause cause,
		     const struct l2tp_disconnect *dc, mono_t now)
{
	if (!call->down)
		l2tp_call_step(call, L2TP_CALL_LOCAL_CLOSE,
			       &(struct l2tp_call_in){ .why = { why, cause, false }, .dc = dc, .now = now });
}

uint16_t l2tp_call_local_id(const struct l2tp_call *call)
{
	return call->local_id;
}

uint16_t l2tp_call_peer_id(const struct l2tp_call *call)
{
	return call->peer_id;
}
