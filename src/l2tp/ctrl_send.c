/* SPDX-License-Identifier: BSD-2-Clause */
/* The control connection's messages, RFC 2661 §6.1 to §6.5. M and H bits come from the table of wire/l2tp_avp.h. */
#include "l2tp/ctrl.h"

#include <errno.h>

#define L2TP_OUR_VENDOR "adit"
enum { L2TP_OUR_FIRMWARE = 0x0001, L2TP_HIDE_PADDING = 15 };

void l2tp_build_begin(struct l2tp_ctrl *c, struct l2tp_build *b, struct wr *w, struct l2tp_hide *hide, uint16_t type,
		      uint16_t peer_session_id)
{
	*hide = (struct l2tp_hide){ .secret = c->conf.secret, .rng = &c->ep->rng,
				    .enabled = c->conf.hide && c->conf.secret.len, .padding_max = L2TP_HIDE_PADDING };
	*w = wr_of(c->ep->out, sizeof(c->ep->out));
	l2tp_msg_begin(b, w, hide, type, c->peer_id, peer_session_id, 0, 0);
}

int l2tp_build_end(struct l2tp_ctrl *c, struct l2tp_build *b, uint16_t peer_session_id, bool urgent)
{
	size_t len = l2tp_msg_end(b);

	if (!len) {
		l2tp_count(c->ep, L2TP_COUNT_TX_TOO_LONG);
		return -EMSGSIZE;
	}
	if (l2tp_reliable_send(&c->rel, span_of(c->ep->out, len), peer_session_id, urgent)) {
		l2tp_count(c->ep, L2TP_COUNT_TX_NO_MEMORY);
		return -ENOMEM;
	}
	l2tp_ctrl_wake(c);
	return 0;
}

void l2tp_put_clear_u16(struct l2tp_build *b, uint16_t type, uint16_t v)
{
	const struct l2tp_hide *hide = b->hide;

	b->hide = NULL;
	l2tp_avp_put_u16(b, type, v);
	b->hide = hide;
}

/* What SCCRQ and SCCRP have in common, §6.1 and §6.2. */
static void put_who_we_are(struct l2tp_ctrl *c, struct l2tp_build *b)
{
	l2tp_avp_put_u16(b, L2TP_AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);
	l2tp_avp_put_bytes(b, L2TP_AVP_HOST_NAME, c->conf.local_name);
	l2tp_avp_put_u32(b, L2TP_AVP_FRAMING_CAPABILITIES, L2TP_FRAMING_SYNC | L2TP_FRAMING_ASYNC);
	if (c->conf.call_accept_outgoing)	/* §6.9: an LNS needs it to ask for outgoing calls */
		l2tp_avp_put_u32(b, L2TP_AVP_BEARER_CAPABILITIES, L2TP_BEARER_DIGITAL | L2TP_BEARER_ANALOG);
	l2tp_put_clear_u16(b, L2TP_AVP_ASSIGNED_TUNNEL_ID, c->local_id);
	l2tp_avp_put_u16(b, L2TP_AVP_FIRMWARE_REVISION, L2TP_OUR_FIRMWARE);
	l2tp_avp_put_bytes(b, L2TP_AVP_VENDOR_NAME, span_str(L2TP_OUR_VENDOR));
	l2tp_avp_put_u16(b, L2TP_AVP_RECEIVE_WINDOW_SIZE, c->conf.receive_window);
}

static void put_challenge(struct l2tp_ctrl *c, struct l2tp_build *b)
{
	if (!c->conf.challenge || !c->conf.secret.len)
		return;
	l2tp_auth_challenge(&c->ep->rng, c->challenge);
	c->challenge_sent = true;
	l2tp_avp_put_bytes(b, L2TP_AVP_CHALLENGE, span_of(c->challenge, sizeof(c->challenge)));
}

static void put_response(struct l2tp_ctrl *c, struct l2tp_build *b, uint16_t msg_type, const struct l2tp_msg *asked)
{
	uint8_t response[L2TP_RESPONSE_LEN];

	if (!l2tp_msg_has(asked, L2TP_AVP_CHALLENGE))
		return;
	l2tp_auth_response(msg_type, c->conf.secret, asked->challenge, response);
	l2tp_avp_put_bytes(b, L2TP_AVP_CHALLENGE_RESPONSE, span_of(response, sizeof(response)));
}

void l2tp_send_sccrq(struct l2tp_ctrl *c)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(c, &b, &w, &hide, L2TP_MSG_SCCRQ, 0);
	put_who_we_are(c, &b);
	if (c->conf.tie_breaker.len)
		l2tp_avp_put_bytes(&b, L2TP_AVP_TIE_BREAKER, c->conf.tie_breaker);
	put_challenge(c, &b);
	l2tp_build_end(c, &b, 0, false);
}

void l2tp_send_sccrp(struct l2tp_ctrl *c, const struct l2tp_msg *sccrq)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(c, &b, &w, &hide, L2TP_MSG_SCCRP, 0);
	put_who_we_are(c, &b);
	put_challenge(c, &b);
	put_response(c, &b, L2TP_MSG_SCCRP, sccrq);
	l2tp_build_end(c, &b, 0, false);
}

void l2tp_send_scccn(struct l2tp_ctrl *c, const struct l2tp_msg *sccrp)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(c, &b, &w, &hide, L2TP_MSG_SCCCN, 0);
	put_response(c, &b, L2TP_MSG_SCCCN, sccrp);
	l2tp_build_end(c, &b, 0, false);
}

void l2tp_send_hello(struct l2tp_ctrl *c)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(c, &b, &w, &hide, L2TP_MSG_HELLO, 0);
	l2tp_build_end(c, &b, 0, true);
}

static void put_stopccn(struct l2tp_build *b, uint16_t local_id, const struct l2tp_cause *cause)
{
	l2tp_put_clear_u16(b, L2TP_AVP_ASSIGNED_TUNNEL_ID, local_id);
	l2tp_avp_put_result(b, cause->result ? cause->result : 1, cause->error, span_str(cause->text));
}

void l2tp_send_stopccn(struct l2tp_ctrl *c, const struct l2tp_cause *cause)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(c, &b, &w, &hide, L2TP_MSG_STOPCCN, 0);
	put_stopccn(&b, c->local_id, cause);
	l2tp_build_end(c, &b, 0, true);
}

size_t l2tp_put_stopccn(struct wr *w, uint16_t peer_id, uint16_t local_id, const struct l2tp_cause *cause)
{
	struct l2tp_build b;

	l2tp_msg_begin(&b, w, NULL, L2TP_MSG_STOPCCN, peer_id, 0, 0, 1);
	put_stopccn(&b, local_id, cause);
	return l2tp_msg_end(&b);
}
