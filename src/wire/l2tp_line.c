/* SPDX-License-Identifier: BSD-2-Clause */
/* A subscriber's access line, RFC 5515 §3, §5 (vendor 3561): from encoded AVPs to a struct and back. */
#include "wire/l2tp_avp.h"

static bool rate_of(uint16_t type)
{
	return type >= L2TP_LINE_ACTUAL_RATE_UP && type < L2TP_LINE_ACTUAL_RATE_UP + L2TP_LINE_RATES;
}

static bool delay_of(uint16_t type)
{
	return type >= L2TP_LINE_MAXIMUM_DELAY_UP && type < L2TP_LINE_MAXIMUM_DELAY_UP + L2TP_LINE_DELAYS;
}

uint64_t l2tp_line_rate(const struct l2tp_access_line *line, enum l2tp_line_avp type)
{
	return rate_of((uint16_t)type) ? line->rate[type - L2TP_LINE_ACTUAL_RATE_UP] : 0;
}

static void take_text(struct span *to, struct rd *v)
{
	if (!to->p)
		*to = rd_rest(v);
}

static void take_rate(struct l2tp_access_line *line, unsigned i, uint64_t v)
{
	if (!(line->has_rate & 1U << i))
		line->rate[i] = v;
	line->has_rate |= 1U << i;
}

static void take_delay(struct l2tp_access_line *line, unsigned i, uint32_t v)
{
	if (!(line->has_delay & 1U << i))
		line->delay_ms[i] = v;
	line->has_delay |= 1U << i;
}

static void take_encapsulation(struct l2tp_access_line *line, struct rd *v)
{
	if (line->has_encapsulation)
		return;
	line->has_encapsulation = true;
	line->data_link = rd_u8(v);
	line->encaps1 = rd_u8(v);
	line->encaps2 = rd_u8(v);
}

static void take(struct l2tp_access_line *line, uint16_t type, struct rd *v)
{
	if (rate_of(type)) {
		take_rate(line, type - L2TP_LINE_ACTUAL_RATE_UP, rd_be64(v));
	} else if (delay_of(type)) {
		take_delay(line, type - L2TP_LINE_MAXIMUM_DELAY_UP, rd_be32(v));
	} else if (type == L2TP_LINE_AGENT_CIRCUIT_ID) {
		take_text(&line->circuit_id, v);
	} else if (type == L2TP_LINE_AGENT_REMOTE_ID) {
		take_text(&line->remote_id, v);
	} else if (type == L2TP_LINE_ENCAPSULATION) {
		take_encapsulation(line, v);
	} else if (type == L2TP_LINE_TYPE && !line->has_line_type) {
		line->has_line_type = true;
		line->line_type = rd_u8(v);	/* three reserved octets follow */
	} else if (type == L2TP_LINE_IWF && !line->has_iwf) {
		line->has_iwf = true;
		line->iwf = rd_be32(v) != 0;
	}
}

bool l2tp_access_line_decode(struct span avps, struct l2tp_access_line *line)
{
	struct rd r = rd_span(avps);
	struct l2tp_avp avp;
	bool any = false;

	*line = (struct l2tp_access_line){ 0 };
	while (l2tp_avp_next(&r, &avp)) {
		const struct l2tp_avp_info *info = l2tp_avp_info(avp.vendor, avp.type);
		size_t len = rd_left(&avp.value);

		if (avp.vendor != L2TP_VENDOR_ADSL_FORUM || !info || avp.flags & (L2TP_AVP_H | L2TP_AVP_RESERVED))
			continue;
		if (len < info->min || len > info->max)
			continue;
		take(line, avp.type, &avp.value);
		any = true;
	}
	return any;
}

static void put_header(struct wr *w, enum l2tp_line_avp type, size_t len)
{
	wr_be16(w, (uint16_t)(L2TP_AVP_HDR_LEN + len));
	wr_be16(w, L2TP_VENDOR_ADSL_FORUM);
	wr_be16(w, (uint16_t)type);
}

static void put_text(struct wr *w, enum l2tp_line_avp type, struct span v)
{
	const struct l2tp_avp_info *info = l2tp_avp_info(L2TP_VENDOR_ADSL_FORUM, (uint16_t)type);

	if (!v.p || v.len < info->min)
		return;
	if (v.len > info->max)
		v.len = info->max;
	put_header(w, type, v.len);
	wr_put(w, v);
}

static void put_numbers(struct wr *w, const struct l2tp_access_line *line)
{
	for (unsigned i = 0; i < L2TP_LINE_RATES; i++) {
		if (!(line->has_rate & 1U << i))
			continue;
		put_header(w, L2TP_LINE_ACTUAL_RATE_UP + i, 8);
		wr_be64(w, line->rate[i]);
	}
	for (unsigned i = 0; i < L2TP_LINE_DELAYS; i++) {
		if (!(line->has_delay & 1U << i))
			continue;
		put_header(w, L2TP_LINE_MAXIMUM_DELAY_UP + i, 4);
		wr_be32(w, line->delay_ms[i]);
	}
}

void l2tp_access_line_encode(struct wr *w, const struct l2tp_access_line *line)
{
	put_text(w, L2TP_LINE_AGENT_CIRCUIT_ID, line->circuit_id);
	put_text(w, L2TP_LINE_AGENT_REMOTE_ID, line->remote_id);
	put_numbers(w, line);
	if (line->has_encapsulation) {
		put_header(w, L2TP_LINE_ENCAPSULATION, 3);
		wr_u8(w, line->data_link);
		wr_u8(w, line->encaps1);
		wr_u8(w, line->encaps2);
	}
	if (line->has_line_type) {
		put_header(w, L2TP_LINE_TYPE, 4);
		wr_u8(w, line->line_type);
		wr_fill(w, 0, 3);
	}
	if (line->has_iwf) {
		put_header(w, L2TP_LINE_IWF, 4);
		wr_be32(w, line->iwf);
	}
}
