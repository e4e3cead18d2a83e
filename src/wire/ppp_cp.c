/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 1661 §5 and §6: the packets of control protocols and their options. */
#include "wire/ppp_cp.h"

bool ppp_cp_decode(struct rd *r, struct ppp_cp_pkt *pkt)
{
	uint16_t len;

	pkt->code = rd_u8(r);
	pkt->id = rd_u8(r);
	len = rd_be16(r);
	pkt->data = span_of(NULL, 0);
	if (r->bad || len < PPP_CP_HDR_LEN)
		return rd_fail(r);
	pkt->data = rd_bytes(r, len - PPP_CP_HDR_LEN);
	return !r->bad;
}

size_t ppp_cp_begin(struct wr *w, uint8_t code, uint8_t id)
{
	wr_u8(w, code);
	wr_u8(w, id);
	return wr_mark16(w);
}

void ppp_cp_end(struct wr *w, size_t mark)
{
	wr_poke16(w, mark, (uint16_t)(wr_len(w) - mark + 2));	/* Length counts Code and Identifier too */
}

bool ppp_opt_next(struct rd *list, struct ppp_opt *opt)
{
	struct rd start = *list;
	uint8_t len;

	*opt = (struct ppp_opt){ 0 };
	if (list->bad || rd_left(list) == 0)
		return false;
	opt->type = rd_u8(list);
	len = rd_u8(list);
	if (list->bad || len < PPP_OPT_HDR_LEN)
		return rd_fail(list);
	opt->value = rd_bytes(list, len - PPP_OPT_HDR_LEN);
	opt->whole = rd_bytes(&start, len);
	return !list->bad;
}

bool ppp_opts_check(struct span list)
{
	struct rd r = rd_span(list);
	struct ppp_opt opt;

	while (ppp_opt_next(&r, &opt))
		;
	return !r.bad;
}

void ppp_opt_put(struct wr *w, uint8_t type, struct span value)
{
	if (value.len > PPP_OPT_VALUE_MAX || wr_left(w) < PPP_OPT_HDR_LEN + value.len) {
		w->full = true;	/* whole or not at all */
		return;
	}
	wr_u8(w, type);
	wr_u8(w, (uint8_t)(PPP_OPT_HDR_LEN + value.len));
	wr_put(w, value);
}

void ppp_opt_be16(struct wr *w, uint8_t type, uint16_t v)
{
	uint8_t b[2];
	struct wr value = wr_of(b, sizeof(b));

	wr_be16(&value, v);
	ppp_opt_put(w, type, wr_span(&value));
}

void ppp_opt_be32(struct wr *w, uint8_t type, uint32_t v)
{
	uint8_t b[4];
	struct wr value = wr_of(b, sizeof(b));

	wr_be32(&value, v);
	ppp_opt_put(w, type, wr_span(&value));
}

bool ppp_opt_get16(const struct ppp_opt *opt, uint16_t *v)
{
	struct rd r = rd_span(opt->value);

	*v = rd_be16(&r);
	return opt->value.len == 2;
}

bool ppp_opt_get32(const struct ppp_opt *opt, uint32_t *v)
{
	struct rd r = rd_span(opt->value);

	*v = rd_be32(&r);
	return opt->value.len == 4;
}

const char *ppp_cp_code_name(uint8_t code)
{
	static const char *const names[] = {
		"Vendor-Specific", "Configure-Request", "Configure-Ack", "Configure-Nak", "Configure-Reject",
		"Terminate-Request", "Terminate-Ack", "Code-Reject", "Protocol-Reject", "Echo-Request", "Echo-Reply",
		"Discard-Request", "Identification", "Time-Remaining",
	};

	return code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;
}
