/* SPDX-License-Identifier: BSD-2-Clause */
/* AVPs as octets: reading one after the other, and appending them to a message. RFC 2661 §4.1, §4.4. */
#include "wire/l2tp_avp.h"

/* RFC 2661 §4.1: M(1) H(1) reserved(4) Length(10), Vendor ID, Attribute Type, value. */
bool l2tp_avp_next(struct rd *msg, struct l2tp_avp *avp)
{
	bool more = rd_left(msg) > 0;
	uint16_t word;

	*avp = (struct l2tp_avp){ .value = rd_empty() };
	if (!more)
		return false;
	word = rd_be16(msg);
	avp->flags = word & (uint16_t)~L2TP_AVP_LEN;
	avp->len = word & L2TP_AVP_LEN;
	avp->vendor = rd_be16(msg);
	avp->type = rd_be16(msg);
	if (msg->bad || avp->len < L2TP_AVP_HDR_LEN)	/* Length counts the header itself */
		return rd_fail(msg);
	avp->value = rd_sub(msg, avp->len - L2TP_AVP_HDR_LEN);
	return !msg->bad;
}

static void put_header(struct wr *w, uint16_t flags, size_t value_len, uint16_t vendor, uint16_t type)
{
	if (value_len > L2TP_AVP_VALUE_MAX)
		w->full = true;
	wr_be16(w, (uint16_t)(flags | (L2TP_AVP_HDR_LEN + value_len)));
	wr_be16(w, vendor);
	wr_be16(w, type);
}

static bool hides(const struct l2tp_build *b, const struct l2tp_avp_info *info)
{
	return b->hide && b->hide->enabled && b->hide->secret.len > 0 && (!info || info->may_hide);
}

/* §4.3: the Random Vector goes before the first AVP that it applies to; one serves the whole message. */
static struct span random_vector(struct l2tp_build *b)
{
	struct span rv = span_of(b->rv, sizeof(b->rv));

	if (!b->has_rv) {
		rng_bytes(b->hide->rng, b->rv, sizeof(b->rv));
		put_header(b->w, L2TP_AVP_M, rv.len, L2TP_VENDOR_IETF, L2TP_AVP_RANDOM_VECTOR);
		wr_put(b->w, rv);
		b->has_rv = true;
	}
	return rv;
}

static void put_hidden(struct l2tp_build *b, uint16_t flags, uint16_t vendor, uint16_t type, struct span v)
{
	struct span rv = random_vector(b);
	uint8_t padding[UINT8_MAX];
	size_t room = v.len < L2TP_AVP_HIDE_MAX ? L2TP_AVP_HIDE_MAX - v.len : 0;
	size_t pad = rng_below(b->hide->rng, b->hide->padding_max + 1U);

	if (pad > room)
		pad = room;
	rng_bytes(b->hide->rng, padding, pad);
	put_header(b->w, flags | L2TP_AVP_H, sizeof(uint16_t) + v.len + pad, vendor, type);
	l2tp_avp_hide(b->w, b->hide->secret, rv, type, v, span_of(padding, pad));
}

static void put_flags(struct l2tp_build *b, uint16_t flags, uint16_t vendor, uint16_t type, struct span v)
{
	if (hides(b, l2tp_avp_info(vendor, type))) {
		put_hidden(b, flags, vendor, type, v);
		return;
	}
	put_header(b->w, flags, v.len, vendor, type);
	wr_put(b->w, v);
}

void l2tp_avp_put(struct l2tp_build *b, uint16_t vendor, uint16_t type, struct span v)
{
	const struct l2tp_avp_info *info = l2tp_avp_info(vendor, type);

	put_flags(b, info && info->m ? L2TP_AVP_M : 0, vendor, type, v);
}

/* A value composed in v; one that did not fit spoils the message. */
static void put_composed(struct l2tp_build *b, uint16_t type, const struct wr *v)
{
	if (v->full)
		b->w->full = true;
	l2tp_avp_put(b, L2TP_VENDOR_IETF, type, wr_span(v));
}

void l2tp_avp_put_flag(struct l2tp_build *b, uint16_t type)
{
	l2tp_avp_put(b, L2TP_VENDOR_IETF, type, span_of(NULL, 0));
}

void l2tp_avp_put_u16(struct l2tp_build *b, uint16_t type, uint16_t n)
{
	uint8_t buf[2];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be16(&v, n);
	put_composed(b, type, &v);
}

void l2tp_avp_put_u32(struct l2tp_build *b, uint16_t type, uint32_t n)
{
	uint8_t buf[4];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be32(&v, n);
	put_composed(b, type, &v);
}

void l2tp_avp_put_u64(struct l2tp_build *b, uint16_t type, uint64_t n)
{
	uint8_t buf[8];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be64(&v, n);
	put_composed(b, type, &v);
}

void l2tp_avp_put_bytes(struct l2tp_build *b, uint16_t type, struct span v)
{
	l2tp_avp_put(b, L2TP_VENDOR_IETF, type, v);
}

void l2tp_avp_put_result(struct l2tp_build *b, uint16_t result, uint16_t error, struct span text)
{
	uint8_t buf[L2TP_AVP_VALUE_MAX];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be16(&v, result);
	wr_be16(&v, error);
	wr_put(&v, text);
	put_composed(b, L2TP_AVP_RESULT_CODE, &v);
}

void l2tp_avp_put_disconnect(struct l2tp_build *b, uint16_t code, uint16_t protocol, uint8_t direction,
			     struct span text)
{
	uint8_t buf[L2TP_AVP_VALUE_MAX];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be16(&v, code);
	wr_be16(&v, protocol);
	wr_u8(&v, direction);
	wr_put(&v, text);
	put_composed(b, L2TP_AVP_PPP_DISCONNECT_CAUSE_CODE, &v);
}

void l2tp_avp_put_accm(struct l2tp_build *b, uint32_t tx_accm, uint32_t rx_accm)
{
	uint8_t buf[10];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be16(&v, 0);		/* reserved */
	wr_be32(&v, tx_accm);
	wr_be32(&v, rx_accm);
	put_composed(b, L2TP_AVP_ACCM, &v);
}

void l2tp_avp_put_call_errors(struct l2tp_build *b, const uint32_t errors[6])
{
	uint8_t buf[26];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be16(&v, 0);		/* reserved */
	for (unsigned i = 0; i < 6; i++)
		wr_be32(&v, errors[i]);
	put_composed(b, L2TP_AVP_CALL_ERRORS, &v);
}

void l2tp_avp_put_list(struct l2tp_build *b, struct span avps)
{
	struct rd r = rd_span(avps);
	struct l2tp_avp avp;

	while (l2tp_avp_next(&r, &avp))
		put_flags(b, avp.flags & L2TP_AVP_M, avp.vendor, avp.type, rd_rest(&avp.value));
	if (r.bad)
		b->w->full = true;
}
