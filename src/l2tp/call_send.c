/* SPDX-License-Identifier: BSD-2-Clause */
/* A call's messages, RFC 2661 §6.6 to §6.14, and RFC 3145 in a CDN. */
#include "l2tp/call_in.h"

static void put_present(struct l2tp_build *b, uint16_t type, struct span v)
{
	if (v.p)
		l2tp_avp_put_bytes(b, type, v);
}

static void put_text(struct l2tp_build *b, uint16_t type, struct span v)
{
	if (v.len)
		l2tp_avp_put_bytes(b, type, v);
}

void l2tp_send_icrq(struct l2tp_call *call, const struct l2tp_call_offer *o)
{
	struct l2tp_ctrl *c = call->ctrl;
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(c, &b, &w, &hide, L2TP_MSG_ICRQ, 0);
	l2tp_put_clear_u16(&b, L2TP_AVP_ASSIGNED_SESSION_ID, call->local_id);	/* l2tp_icrq_renumber() must find it */
	l2tp_avp_put_u32(&b, L2TP_AVP_CALL_SERIAL_NUMBER, o->call_serial);
	if (o->bearer_type)
		l2tp_avp_put_u32(&b, L2TP_AVP_BEARER_TYPE, o->bearer_type);
	if (o->has_physical_channel)
		l2tp_avp_put_u32(&b, L2TP_AVP_PHYSICAL_CHANNEL_ID, o->physical_channel);
	put_text(&b, L2TP_AVP_CALLING_NUMBER, o->calling_number);
	put_text(&b, L2TP_AVP_CALLED_NUMBER, o->called_number);
	put_text(&b, L2TP_AVP_SUB_ADDRESS, o->sub_address);
	if (o->avps.len)
		l2tp_avp_put_list(&b, o->avps);
	call->unsendable = l2tp_build_end(c, &b, 0, false) != 0;
}

bool l2tp_icrq_renumber(struct l2tp_ctrl *c, uint16_t old_id, uint16_t new_id)
{
	enum { AVP = L2TP_HDR_CONTROL_LEN + L2TP_AVP_HDR_LEN + 2, VALUE = AVP + L2TP_AVP_HDR_LEN };
	struct l2tp_fifo *f = &c->rel.bulk;
	struct l2tp_stored *last;
	struct rd r;
	struct wr w;

	if (!f->head)
		return false;
	last = container_of(f->end, struct l2tp_stored, next);
	if (last->len < VALUE + 2)
		return false;
	r = rd_of(last->octets + L2TP_HDR_CONTROL_LEN + L2TP_AVP_HDR_LEN, 2);
	if (rd_be16(&r) != L2TP_MSG_ICRQ)
		return false;
	r = rd_of(last->octets + AVP + 4, 4);
	if (rd_be16(&r) != L2TP_AVP_ASSIGNED_SESSION_ID || rd_be16(&r) != old_id)
		return false;
	w = wr_of(last->octets + VALUE, 2);
	wr_be16(&w, new_id);
	return true;
}

void l2tp_send_icrp(struct l2tp_call *call)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(call->ctrl, &b, &w, &hide, L2TP_MSG_ICRP, call->peer_id);
	l2tp_avp_put_u16(&b, L2TP_AVP_ASSIGNED_SESSION_ID, call->local_id);
	call->unsendable = l2tp_build_end(call->ctrl, &b, call->peer_id, false) != 0;
}

static void put_proxy(struct l2tp_build *b, const struct l2tp_call_params *p)
{
	put_present(b, L2TP_AVP_INITIAL_RX_LCP_CONFREQ, p->initial_rx_lcp);
	put_present(b, L2TP_AVP_LAST_TX_LCP_CONFREQ, p->last_tx_lcp);
	put_present(b, L2TP_AVP_LAST_RX_LCP_CONFREQ, p->last_rx_lcp);
	if (p->proxy_authen_type)
		l2tp_avp_put_u16(b, L2TP_AVP_PROXY_AUTHEN_TYPE, p->proxy_authen_type);
	put_present(b, L2TP_AVP_PROXY_AUTHEN_NAME, p->proxy_name);
	put_present(b, L2TP_AVP_PROXY_AUTHEN_CHALLENGE, p->proxy_challenge);
	if (p->has_proxy_id)
		l2tp_avp_put_u16(b, L2TP_AVP_PROXY_AUTHEN_ID, p->proxy_id & 0xff);
	put_present(b, L2TP_AVP_PROXY_AUTHEN_RESPONSE, p->proxy_response);
}

void l2tp_send_iccn(struct l2tp_call *call, const struct l2tp_call_params *p)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(call->ctrl, &b, &w, &hide, L2TP_MSG_ICCN, call->peer_id);
	l2tp_avp_put_u32(&b, L2TP_AVP_TX_CONNECT_SPEED, p->tx_connect_speed);
	l2tp_avp_put_u32(&b, L2TP_AVP_FRAMING_TYPE, p->framing_type);
	put_proxy(&b, p);
	put_text(&b, L2TP_AVP_PRIVATE_GROUP_ID, p->private_group_id);
	if (p->rx_connect_speed)
		l2tp_avp_put_u32(&b, L2TP_AVP_RX_CONNECT_SPEED, p->rx_connect_speed);
	if (p->sequencing_required)
		l2tp_avp_put_flag(&b, L2TP_AVP_SEQUENCING_REQUIRED);
	if (p->avps.len)
		l2tp_avp_put_list(&b, p->avps);
	call->unsendable = l2tp_build_end(call->ctrl, &b, call->peer_id, false) != 0;
}

void l2tp_send_cdn(struct l2tp_ctrl *c, uint16_t local_id, uint16_t peer_id, const struct l2tp_cause *cause,
		   const struct l2tp_disconnect *dc)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	l2tp_build_begin(c, &b, &w, &hide, L2TP_MSG_CDN, peer_id);
	l2tp_avp_put_result(&b, cause->result ? cause->result : 3, cause->error, span_str(cause->text));
	l2tp_avp_put_u16(&b, L2TP_AVP_ASSIGNED_SESSION_ID, local_id);
	if (dc)
		l2tp_avp_put_disconnect(&b, dc->code, dc->protocol, dc->direction, span_str(dc->text));
	l2tp_build_end(c, &b, peer_id, false);
}

void l2tp_call_send_sli(struct l2tp_call *call, uint32_t tx_accm, uint32_t rx_accm, mono_t now)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	if (call->state != L2TP_CALL_ESTABLISHED || call->ctrl->state != L2TP_CTRL_ESTABLISHED)
		return;
	l2tp_build_begin(call->ctrl, &b, &w, &hide, L2TP_MSG_SLI, call->peer_id);
	l2tp_avp_put_accm(&b, tx_accm, rx_accm);
	l2tp_build_end(call->ctrl, &b, call->peer_id, false);
}

void l2tp_call_send_wen(struct l2tp_call *call, const uint32_t errors[6], mono_t now)
{
	struct l2tp_build b;
	struct l2tp_hide hide;
	struct wr w;

	if (call->state != L2TP_CALL_ESTABLISHED || call->ctrl->state != L2TP_CTRL_ESTABLISHED)
		return;
	l2tp_build_begin(call->ctrl, &b, &w, &hide, L2TP_MSG_WEN, call->peer_id);
	l2tp_avp_put_call_errors(&b, errors);
	l2tp_build_end(call->ctrl, &b, call->peer_id, false);
}
