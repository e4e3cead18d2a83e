/* SPDX-License-Identifier: BSD-2-Clause */
/* L2TP message header: RFC 2661 §3.1. A cursor walks the optional fields in their order, and so do the verdicts. */
#include "wire/l2tp_hdr.h"

#include "base/rd.h"

enum { LENGTH_AT = 2, TUNNEL_AT = 4, SESSION_AT = 6, NS_AT = 8, NR_AT = 10 };	/* in a control header */

static const char *const verdict_names[L2TP_HDR_VERDICT_COUNT] = {
#define X(id, name) [L2TP_HDR_##id] = name,
	L2TP_HDR_VERDICTS(X)
#undef X
};

const char *l2tp_hdr_verdict_name(enum l2tp_hdr_verdict v)
{
	return (unsigned)v < L2TP_HDR_VERDICT_COUNT ? verdict_names[v] : "?";
}

static void flags_of(uint16_t word, struct l2tp_hdr *h)
{
	h->control = word & L2TP_HDR_T;
	h->has_length = word & L2TP_HDR_L;
	h->has_seq = word & L2TP_HDR_S;
	h->has_offset = word & L2TP_HDR_O;
	h->priority = word & L2TP_HDR_P;
}

/* §3.1: L and S MUST be 1, O and P MUST be 0 in a control message. */
static enum l2tp_hdr_verdict control_check(const struct l2tp_hdr *h)
{
	if (!h->control)
		return L2TP_HDR_OK;
	if (!h->has_length)
		return L2TP_HDR_CONTROL_NO_LENGTH;
	if (!h->has_seq)
		return L2TP_HDR_CONTROL_NO_SEQUENCE;
	if (h->has_offset)
		return L2TP_HDR_CONTROL_OFFSET;
	return h->priority ? L2TP_HDR_CONTROL_PRIORITY : L2TP_HDR_OK;
}

static void fields_of(struct rd *r, struct l2tp_hdr *h)
{
	if (h->has_length)
		h->length = rd_be16(r);
	h->tunnel_id = rd_be16(r);
	h->session_id = rd_be16(r);
	if (h->has_seq) {
		h->ns = rd_be16(r);
		h->nr = rd_be16(r);
	}
	if (h->has_offset)
		h->offset = rd_be16(r);
}

enum l2tp_hdr_verdict l2tp_hdr_decode(struct span datagram, struct l2tp_hdr *h)
{
	struct rd r = rd_span(datagram);
	uint16_t word = rd_be16(&r);
	enum l2tp_hdr_verdict v;
	size_t header;

	*h = (struct l2tp_hdr){ 0 };
	if (r.bad)
		return L2TP_HDR_SHORT;
	flags_of(word, h);
	if ((word & L2TP_HDR_VER) != L2TP_VERSION)
		return L2TP_HDR_VERSION;
	v = control_check(h);
	if (v != L2TP_HDR_OK)
		return v;
	fields_of(&r, h);
	if (r.bad)
		return L2TP_HDR_SHORT;
	header = datagram.len - rd_left(&r);
	if (h->has_length) {
		if (h->length > datagram.len)
			return L2TP_HDR_LENGTH_LONG;
		if (h->length < header)
			return L2TP_HDR_LENGTH_SHORT;
		r = rd_sub(&r, h->length - header);	/* the rest is padding of the layer below */
	}
	if (h->has_offset && h->offset >= rd_left(&r))
		return L2TP_HDR_OFFSET_PAD;
	rd_skip(&r, h->offset);
	h->payload = rd_rest(&r);
	return L2TP_HDR_OK;
}

size_t l2tp_hdr_put_control(struct wr *w, uint16_t tunnel_id, uint16_t session_id, uint16_t ns, uint16_t nr)
{
	size_t mark;

	wr_be16(w, L2TP_HDR_T | L2TP_HDR_L | L2TP_HDR_S | L2TP_VERSION);
	mark = wr_mark16(w);
	wr_be16(w, tunnel_id);
	wr_be16(w, session_id);
	wr_be16(w, ns);
	wr_be16(w, nr);
	return mark;
}

void l2tp_hdr_end(struct wr *w, size_t mark)
{
	size_t len = wr_len(w) - mark + LENGTH_AT;	/* Length counts from the first octet of the header */

	if (len > UINT16_MAX)
		w->full = true;
	wr_poke16(w, mark, (uint16_t)len);
}

void l2tp_hdr_put_zlb(struct wr *w, uint16_t tunnel_id, uint16_t ns, uint16_t nr)
{
	l2tp_hdr_end(w, l2tp_hdr_put_control(w, tunnel_id, 0, ns, nr));
}

static uint16_t data_word(const struct l2tp_hdr *h)
{
	return (uint16_t)((h->has_length ? L2TP_HDR_L : 0) | (h->has_seq ? L2TP_HDR_S : 0) |
			  (h->has_offset ? L2TP_HDR_O : 0) | (h->priority ? L2TP_HDR_P : 0) | L2TP_VERSION);
}

void l2tp_hdr_put_data(struct wr *w, const struct l2tp_hdr *h)
{
	size_t start = wr_len(w), mark = 0;
	size_t len;

	wr_be16(w, data_word(h));
	if (h->has_length)
		mark = wr_mark16(w);
	wr_be16(w, h->tunnel_id);
	wr_be16(w, h->session_id);
	if (h->has_seq) {
		wr_be16(w, h->ns);
		wr_be16(w, h->nr);
	}
	if (h->has_offset) {
		wr_be16(w, h->offset);
		wr_fill(w, 0, h->offset);
	}
	len = wr_len(w) - start + h->payload.len;
	if (!h->has_length)
		return;
	if (len > UINT16_MAX)
		w->full = true;
	wr_poke16(w, mark, (uint16_t)len);
}

static void poke(uint8_t *msg, size_t len, size_t at, uint16_t v)
{
	struct wr w = wr_of(msg, len);

	if (len >= L2TP_HDR_CONTROL_LEN)
		wr_poke16(&w, at, v);
}

void l2tp_hdr_set_nr(uint8_t *msg, size_t len, uint16_t nr)
{
	poke(msg, len, NR_AT, nr);
}

void l2tp_hdr_set_ns(uint8_t *msg, size_t len, uint16_t ns)
{
	poke(msg, len, NS_AT, ns);
}

void l2tp_hdr_set_ids(uint8_t *msg, size_t len, uint16_t tunnel_id, uint16_t session_id)
{
	poke(msg, len, TUNNEL_AT, tunnel_id);
	poke(msg, len, SESSION_AT, session_id);
}
