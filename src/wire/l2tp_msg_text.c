/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One control message as one line for people. It reads the octets itself, not a decoded struct, so that it shows what
 * came, malformed or not. What is secret shows as its length; what peers wrote is escaped.
 */
#include "wire/l2tp_msg.h"

#include <string.h>

#include "base/text.h"

enum { HEX_MAX = 64, UNHIDE_ROOM = L2TP_AVP_VALUE_MAX };

static void say_hex(struct text *t, struct span v)
{
	struct rd r = rd_span(v);

	if (v.len > HEX_MAX) {
		text_fmt(t, "<%zu octets>", v.len);
		return;
	}
	text_fmt(t, "0x");
	while (rd_left(&r) > 0)
		text_fmt(t, "%02x", rd_u8(&r));
}

static void say_result(struct text *t, struct rd *v)
{
	text_fmt(t, "%u", rd_be16(v));
	if (rd_left(v) == 0)
		return;
	text_fmt(t, "/%u ", rd_be16(v));
	text_quoted(t, rd_rest(v));
}

static void say_q931(struct text *t, struct rd *v)
{
	text_fmt(t, "%u", rd_be16(v));
	text_fmt(t, "/%u ", rd_u8(v));
	text_quoted(t, rd_rest(v));
}

static void say_disconnect(struct text *t, struct rd *v)
{
	text_fmt(t, "%u", rd_be16(v));
	text_fmt(t, "/0x%04x", rd_be16(v));
	text_fmt(t, "/%u ", rd_u8(v));
	text_quoted(t, rd_rest(v));
}

static void say_numbers(struct text *t, struct rd *v, bool hex)
{
	const char *between = "";

	rd_be16(v);	/* reserved */
	while (rd_left(v) >= 4) {
		text_fmt(t, "%s", between);
		text_fmt(t, hex ? "0x%08x" : "%u", rd_be32(v));
		between = "/";
	}
}

static void say_failover(struct text *t, struct rd *v)
{
	text_fmt(t, "0x%x", rd_be16(v));
	text_fmt(t, "/%ums", rd_be32(v));
}

static void say_u16(struct text *t, const struct l2tp_avp_info *info, uint16_t v)
{
	if (info->type == L2TP_AVP_PROTOCOL_VERSION)
		text_fmt(t, "%u.%u", v >> 8, v & 0xff);
	else
		text_fmt(t, "%u", v);
}

static void say_value(struct text *t, const struct l2tp_avp_info *info, struct rd *v)
{
	switch ((enum l2tp_avp_form)info->form) {
	case L2TP_FORM_FLAG: text_fmt(t, "yes"); break;
	case L2TP_FORM_U16: say_u16(t, info, rd_be16(v)); break;
	case L2TP_FORM_U32: text_fmt(t, "%u", rd_left(v) == 2 ? rd_be16(v) : rd_be32(v)); break;
	case L2TP_FORM_U64: text_fmt(t, "%llu", (unsigned long long)rd_be64(v)); break;
	case L2TP_FORM_TEXT: text_quoted(t, rd_rest(v)); break;
	case L2TP_FORM_RESULT: say_result(t, v); break;
	case L2TP_FORM_Q931: say_q931(t, v); break;
	case L2TP_FORM_CALL_ERRORS: say_numbers(t, v, false); break;
	case L2TP_FORM_ACCM: say_numbers(t, v, true); break;
	case L2TP_FORM_DISCONNECT: say_disconnect(t, v); break;
	case L2TP_FORM_FAILOVER: say_failover(t, v); break;
	case L2TP_FORM_BYTES:
	case L2TP_FORM_NAME_ONLY: say_hex(t, rd_rest(v)); break;
	}
}

struct reveal {
	struct span secret, rv;
	bool has_rv;
	uint8_t room[UNHIDE_ROOM];
};

/* The value in clear, or what can be said of it. */
static bool reveal(struct text *t, struct reveal *rev, struct l2tp_avp *avp)
{
	struct span hidden = rd_rest(&avp->value), value;
	struct wr w = wr_of(rev->room, sizeof(rev->room));

	if (!(avp->flags & L2TP_AVP_H))
		return true;
	if (rev->secret.len == 0 || !rev->has_rv) {
		text_fmt(t, "<hidden %zu octets>", hidden.len);
		return false;
	}
	if (l2tp_avp_unhide(rev->secret, rev->rv, avp->type, hidden, &w, &value) != L2TP_UNHIDE_OK) {
		text_fmt(t, "<bad hidden %zu octets>", hidden.len);
		return false;
	}
	avp->value = rd_span(value);
	return true;
}

static void say_name(struct text *t, const struct l2tp_avp *avp, const struct l2tp_avp_info *info)
{
	if (info)
		text_fmt(t, " %s=", info->name);
	else
		text_fmt(t, " avp-%u/%u=", avp->vendor, avp->type);
}

static void say_avp(struct text *t, struct reveal *rev, struct l2tp_avp *avp)
{
	const struct l2tp_avp_info *info = l2tp_avp_info(avp->vendor, avp->type);
	size_t len;

	say_name(t, avp, info);
	if (!reveal(t, rev, avp))
		return;
	if (avp->vendor == L2TP_VENDOR_IETF && avp->type == L2TP_AVP_RANDOM_VECTOR) {
		rev->rv = rd_rest(&avp->value);
		rev->has_rv = true;
	}
	len = rd_left(&avp->value);
	if (info && info->secret)
		text_fmt(t, "<%zu octets>", len);
	else if (!info || len < info->min || len > info->max)
		say_hex(t, rd_rest(&avp->value));
	else
		say_value(t, info, &avp->value);
}

/* "ICRQ", or what stands in the place of a Message Type. */
static void say_type(struct text *t, struct rd *r)
{
	struct rd ahead = *r;
	struct l2tp_avp avp;
	uint16_t type;

	if (rd_left(r) == 0) {
		text_fmt(t, "ZLB");
		return;
	}
	if (!l2tp_avp_next(&ahead, &avp) || avp.vendor != L2TP_VENDOR_IETF || avp.type != L2TP_AVP_MESSAGE_TYPE ||
	    avp.flags & L2TP_AVP_H || rd_left(&avp.value) != 2) {
		text_fmt(t, "no-message-type");
		return;
	}
	type = rd_be16(&avp.value);
	if (l2tp_msg_name(type)[0] == '?')
		text_fmt(t, "message-type-%u", type);
	else
		text_fmt(t, "%s", l2tp_msg_name(type));
	*r = ahead;
}

static void say_message(struct text *t, const struct l2tp_hdr *h, struct span secret)
{
	struct reveal rev = { .secret = secret };
	struct rd r = rd_span(h->payload);
	struct l2tp_avp avp;

	say_type(t, &r);
	text_fmt(t, " tunnel=%u session=%u ns=%u nr=%u", h->tunnel_id, h->session_id, h->ns, h->nr);
	while (l2tp_avp_next(&r, &avp))
		say_avp(t, &rev, &avp);
	explicit_bzero(rev.room, sizeof(rev.room));
	if (!r.bad)
		return;
	say_name(t, &avp, l2tp_avp_info(avp.vendor, avp.type));
	text_fmt(t, "<malformed length %u>", avp.len);
}

size_t l2tp_msg_text(struct span datagram, struct span secret, char *buf, size_t cap)
{
	enum l2tp_hdr_verdict v;
	struct l2tp_hdr h;
	struct text t;

	if (cap == 0)
		return 0;
	t = text_of(buf, cap);
	v = l2tp_hdr_decode(datagram, &h);
	if (v != L2TP_HDR_OK)
		text_fmt(&t, "%s len=%zu", l2tp_hdr_verdict_name(v), datagram.len);
	else if (!h.control)
		text_fmt(&t, "data tunnel=%u session=%u len=%zu", h.tunnel_id, h.session_id, h.payload.len);
	else
		say_message(&t, &h, secret);
	return t.len;
}
