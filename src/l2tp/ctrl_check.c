/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a message of the control connection is acceptable here. The decoder has judged what the message says of
 * itself; this is what depends on the tunnel: secrets, names, addresses, ids in use. Source: RFC 2661 §5.1.1, §8.1.
 */
#include "l2tp/ctrl.h"

#include "l2tp/fault.h"

struct l2tp_why l2tp_why_fault(struct l2tp_endpoint *ep, uint16_t msg_type, const struct l2tp_fault *f)
{
	struct l2tp_why why = {
		.reason = l2tp_fault_reason(msg_type, f),
		.cause = l2tp_fault_cause(msg_type, f, ep->text, sizeof(ep->text)),
	};

	l2tp_count(ep, L2TP_COUNT_RX_FAULTY);
	return why;
}

static bool faulty(struct l2tp_ctrl *c, const struct l2tp_msg *m, enum l2tp_fault_kind kind, uint16_t avp,
		   struct l2tp_why *why)
{
	struct l2tp_fault f = { .kind = kind, .type = avp };

	l2tp_count(c->ep, L2TP_COUNT_FAULT + kind);
	*why = l2tp_why_fault(c->ep, m->type, &f);
	return false;
}

static bool refuse(enum l2tp_reason reason, uint16_t result, const char *text, struct l2tp_why *why)
{
	*why = (struct l2tp_why){ .reason = reason, .cause = { result, 0, text } };
	return false;
}

/* What is asked of us: a Challenge needs a secret. */
static bool challenge_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	if (!l2tp_msg_has(m, L2TP_AVP_CHALLENGE) || c->conf.secret.len)
		return true;
	return faulty(c, m, L2TP_FAULT_UNEXPECTED_AVP, L2TP_AVP_CHALLENGE, why);
}

/* What we have asked: the Challenge Response. One that nobody asked for is counted (interop.md 15). */
static bool response_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, enum l2tp_reason wrong, struct l2tp_why *why)
{
	bool has = l2tp_msg_has(m, L2TP_AVP_CHALLENGE_RESPONSE);

	if (!c->challenge_sent) {
		if (has)
			l2tp_count(c->ep, L2TP_COUNT_RX_UNSOLICITED_RESPONSE);
		return true;
	}
	if (!has)
		return faulty(c, m, L2TP_FAULT_MISSING, L2TP_AVP_CHALLENGE_RESPONSE, why);
	if (!l2tp_auth_check(m->type, c->conf.secret, span_of(c->challenge, sizeof(c->challenge)),
			     m->challenge_response))
		return refuse(wrong, 4, "challenge response is wrong", why);
	return true;
}

static bool session_id_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	return m->session_id == 0 || faulty(c, m, L2TP_FAULT_SESSION_ID_NOT_NULL, 0, why);
}

bool l2tp_sccrq_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	if (!session_id_check(c, m, why) || !challenge_check(c, m, why))
		return false;
	if (l2tp_msg_has(m, L2TP_AVP_CHALLENGE_RESPONSE))
		l2tp_count(c->ep, L2TP_COUNT_RX_UNSOLICITED_RESPONSE);
	return true;
}

/* JunosE spec 2.9: where the SCCRP came from. Reject wins over ignore. */
static bool address_check(struct l2tp_ctrl *c, struct l2tp_why *why)
{
	bool addr = !ip_addr_eq(&c->answer_path.peer, &c->path.peer);
	bool port = c->answer_path.peer_port != c->path.peer_port;

	if ((addr && c->conf.address_change == L2TP_ADDR_CHANGE_REJECT) ||
	    (port && c->conf.port_change == L2TP_ADDR_CHANGE_REJECT))
		return refuse(L2TP_REASON_TUNNEL_DESTINATION_ADDRESS_CHANGED, 1, "SCCRP from another address or port",
			      why);
	return true;
}

static bool peer_id_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	struct l2tp_ctrl *o = NULL;

	while ((o = l2tp_tunnel_by_peer(c->ep, &c->answer_path, m->assigned_tunnel_id, o))) {
		if (o != c && o->state < L2TP_CTRL_CLOSING)
			return faulty(c, m, L2TP_FAULT_DUPLICATE_VALUE, L2TP_AVP_ASSIGNED_TUNNEL_ID, why);
	}
	return true;
}

static bool name_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	if (!c->conf.peer_name.len || span_eq(c->conf.peer_name, m->host_name))
		return true;
	return refuse(L2TP_REASON_TUNNEL_RX_SCCRP_AUTHENTICATE_FAILED_HOST, 4, "host name is not the expected one",
		      why);
}

bool l2tp_sccrp_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	return session_id_check(c, m, why) && address_check(c, why) && peer_id_check(c, m, why) &&
	       name_check(c, m, why) && challenge_check(c, m, why) &&
	       response_check(c, m, L2TP_REASON_TUNNEL_RX_SCCRP_AUTHENTICATE_FAILED_CHALLENGE, why);
}

bool l2tp_scccn_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	return session_id_check(c, m, why) &&
	       response_check(c, m, L2TP_REASON_TUNNEL_RX_SCCCN_AUTHENTICATE_FAILED_CHALLENGE, why);
}

bool l2tp_stopccn_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	return session_id_check(c, m, why);
}

/* §6.5: the Session ID of a HELLO MUST be 0. */
bool l2tp_hello_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why)
{
	return session_id_check(c, m, why);
}
