/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session's messages on an established tunnel: which call they are for, whether they are acceptable, and then that
 * call's machine. Faults end the call, never the tunnel (interop.md 13). Source: RFC 2661 §4.4.4, §5.2, §5.3, §7.4.
 */
#include "l2tp/call_in.h"

#include <stdlib.h>

#include "l2tp/fault.h"

static struct l2tp_why why_duplicate_id(struct l2tp_ctrl *c, const struct l2tp_msg *m)
{
	struct l2tp_fault f = { .kind = L2TP_FAULT_DUPLICATE_VALUE, .type = L2TP_AVP_ASSIGNED_SESSION_ID };

	l2tp_count(c->ep, L2TP_COUNT_FAULT + f.kind);
	return l2tp_why_fault(c->ep, m->type, &f);
}

/* ---- requests: ICRQ, OCRQ ---- */

/* A CDN for a call that never was. RFC 2661 §4.4.4 wants an Assigned Session ID of ours in it. */
static void refuse(struct l2tp_ctrl *c, const struct l2tp_msg *m, const struct l2tp_why *why)
{
	uint16_t local_id = l2tp_session_id_draw(c);
	struct log l;

	l2tp_count(c->ep, L2TP_COUNT_CALL_REFUSED);
	l2tp_count_refused(c->ep, why->reason);
	l2tp_send_cdn(c, local_id, m->assigned_session_id, &why->cause, NULL);
	if (local_id)
		l2tp_session_id_retire(c, local_id);
	if (!l2tp_may_log(c->ep, LOG_INFO))
		return;
	log_begin(&l, LOG_INFO, "l2tp", "session refused");
	log_u(&l, "tunnel", c->local_id);
	log_text(&l, "reason", l2tp_reason_name(why->reason));
	log_fmt(&l, "result", "%u/%u", why->cause.result, why->cause.error);
	log_end(&l);
}

static bool icrq_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	if (l2tp_call_by_peer(c, m->assigned_session_id)) {
		*why = why_duplicate_id(c, m);
		return false;
	}
	if (!c->conf.call_accept_incoming) {
		*why = (struct l2tp_why){ .reason = L2TP_REASON_SESSION_CREATE_FAILED_ICRQ_TO_INITIATOR_TUNNEL,
					  .cause = { 5, 0, "no incoming calls on this tunnel" } };
		return false;
	}
	return true;
}

static void offer(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_call *call)
{
	struct l2tp_event *ev = l2tp_raise(c->ep, L2TP_EV_CALL_OFFERED, c, call);

	call->judging = true;
	ev->offer = (struct l2tp_call_offer){
		.call_serial = m->call_serial, .bearer_type = m->bearer_type, .physical_channel = m->physical_channel,
		.has_physical_channel = l2tp_msg_has(m, L2TP_AVP_PHYSICAL_CHANNEL_ID),
		.called_number = m->called_number, .calling_number = m->calling_number, .sub_address = m->sub_address,
		.avps = m->others,
	};
}

static void rx_icrq(struct l2tp_ctrl *c, const struct l2tp_msg *m, mono_t now)
{
	struct l2tp_why why = { .reason = L2TP_REASON_SESSION_RX_ICRQ_NO_RESOURCES, .cause = { 4, 0, "no resources" } };
	struct l2tp_call *call;

	if (!icrq_check(c, m, &why)) {
		refuse(c, m, &why);
		return;
	}
	call = l2tp_call_new(c, L2TP_ROLE_LNS, now);
	if (call && l2tp_call_register_peer(call, m->assigned_session_id)) {
		l2tp_call_unlink(call);
		free(call);
		call = NULL;
	}
	if (call)
		offer(c, m, call);
	else
		refuse(c, m, &why);
}

static void rx_request(struct l2tp_ctrl *c, const struct l2tp_msg *m, const struct l2tp_fault *f, mono_t now)
{
	struct l2tp_why why = { .reason = L2TP_REASON_SESSION_RX_OCRQ_UNSUPPORTED,
				.cause = { 5, 0, "outgoing calls are not supported" } };

	if (f->kind != L2TP_FAULT_NONE) {
		why = l2tp_why_fault(c->ep, m->type, f);
		refuse(c, m, &why);
	} else if (m->type == L2TP_MSG_ICRQ) {
		rx_icrq(c, m, now);
	} else {
		refuse(c, m, &why);
	}
}

/* ---- messages of a call ---- */

static void step_why(struct l2tp_call *call, enum l2tp_call_input input, const struct l2tp_msg *m,
		     const struct l2tp_why *why, mono_t now)
{
	struct l2tp_call_in in = { .m = m, .now = now };

	if (why)
		in.why = *why;
	l2tp_call_step(call, input, &in);
}

/* ICRP where it is awaited: the peer's id is new, then it is the owner's turn. */
static void rx_icrp(struct l2tp_call *call, const struct l2tp_msg *m, mono_t now)
{
	struct l2tp_ctrl *c = call->ctrl;
	struct l2tp_why why;

	if (call->role != L2TP_ROLE_LAC || call->state != L2TP_CALL_WAIT_REPLY || call->judging) {
		step_why(call, L2TP_CALL_RX_ICRP_BAD, m, NULL, now);
		return;
	}
	if (l2tp_call_by_peer(c, m->assigned_session_id)) {
		why = why_duplicate_id(c, m);
		call->peer_id = m->assigned_session_id;
		step_why(call, L2TP_CALL_RX_ICRP_BAD, m, &why, now);
		return;
	}
	if (l2tp_call_register_peer(call, m->assigned_session_id)) {
		why = (struct l2tp_why){ .reason = L2TP_REASON_SESSION_RX_ICRP_NO_RESOURCES,
					 .cause = { 4, 0, "no resources" } };
		step_why(call, L2TP_CALL_RX_ICRP_BAD, m, &why, now);
		return;
	}
	call->judging = true;
	l2tp_raise(c->ep, L2TP_EV_CALL_ANSWERED, c, call);
}

static void rx_cdn(struct l2tp_call *call, const struct l2tp_msg *m, mono_t now)
{
	struct l2tp_why why = { L2TP_REASON_SESSION_RX_CDN, { m->result, m->error, NULL }, true };

	call->ctrl->ep->cdn_of = call;
	step_why(call, L2TP_CALL_RX_CDN, m, &why, now);
}

static void rx_faulty(struct l2tp_call *call, const struct l2tp_msg *m, const struct l2tp_fault *f, mono_t now)
{
	struct l2tp_why why = l2tp_why_fault(call->ctrl->ep, m->type, f);
	enum l2tp_call_input input = m->type == L2TP_MSG_ICRP ? L2TP_CALL_RX_ICRP_BAD :
				     m->type == L2TP_MSG_ICCN ? L2TP_CALL_RX_ICCN_BAD : L2TP_CALL_RX_BAD;

	if (m->type == L2TP_MSG_ICRP && !call->peer_id)
		call->peer_id = m->assigned_session_id;	/* so that the CDN finds the peer's session */
	step_why(call, input, m, &why, now);
}

static void rx_good(struct l2tp_call *call, const struct l2tp_msg *m, mono_t now)
{
	static const struct {
		uint16_t type;
		enum l2tp_call_input input;
	} row[] = {
		{ L2TP_MSG_ICRQ, L2TP_CALL_RX_ICRQ_BAD },	/* for a session that is there: never acceptable */
		{ L2TP_MSG_ICCN, L2TP_CALL_RX_ICCN_OK },
		{ L2TP_MSG_SLI, L2TP_CALL_RX_SLI },
		{ L2TP_MSG_WEN, L2TP_CALL_RX_WEN },
		{ L2TP_MSG_OCRQ, L2TP_CALL_RX_OUTGOING },
		{ L2TP_MSG_OCRP, L2TP_CALL_RX_OUTGOING },
		{ L2TP_MSG_OCCN, L2TP_CALL_RX_OUTGOING },
	};

	if (m->type == L2TP_MSG_ICRP) {
		rx_icrp(call, m, now);
		return;
	}
	if (m->type == L2TP_MSG_CDN) {
		rx_cdn(call, m, now);
		return;
	}
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].type == m->type)
			step_why(call, row[i].input, m, NULL, now);
	}
}

/* spec 9.6: only a CDN with an Assigned Session ID may come with Session ID 0. Nobody's session: the tunnel's fault. */
static void null_session(struct l2tp_ctrl *c, const struct l2tp_msg *m, mono_t now)
{
	bool cdn = m->type == L2TP_MSG_CDN;
	struct l2tp_ctrl_in in = { .m = m, .now = now };

	in.why.reason = cdn ? L2TP_REASON_TUNNEL_RX_SESSION_PACKET_NULL_SESSION_ID_WITHOUT_ASSIGNED_SESSION_ID :
			      L2TP_REASON_TUNNEL_RX_SESSION_PACKET_NULL_SESSION_ID_INVALID;
	in.why.cause = (struct l2tp_cause){ 2, 5, "Session ID 0" };
	l2tp_ctrl_step(c, L2TP_CTRL_RX_BAD, &in);
}

void l2tp_call_rx(struct l2tp_ctrl *c, const struct l2tp_msg *m, const struct l2tp_fault *f, mono_t now)
{
	bool request = m->type == L2TP_MSG_ICRQ || m->type == L2TP_MSG_OCRQ;
	bool by_avp = !m->session_id && m->type == L2TP_MSG_CDN && m->assigned_session_id;
	struct l2tp_call *call;

	if (!m->session_id && request) {
		rx_request(c, m, f, now);
		return;
	}
	if (!m->session_id && !by_avp) {
		null_session(c, m, now);
		return;
	}
	call = by_avp ? l2tp_call_by_peer(c, m->assigned_session_id) : l2tp_call_by_local(c, m->session_id);
	if (!call)
		l2tp_count(c->ep, L2TP_COUNT_RX_UNKNOWN_SESSION);
	else if (f->kind != L2TP_FAULT_NONE)
		rx_faulty(call, m, f, now);
	else
		rx_good(call, m, now);
}
