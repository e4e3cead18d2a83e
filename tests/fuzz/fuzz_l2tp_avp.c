/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A list of AVPs, hidden ones with a known secret. The list always ends, never reads outside itself, and writes back as
 * it was. The octets are also taken as a hidden value, and as value and padding to be hidden: unhiding gives them back.
 */
#include <stdlib.h>

#include "wire/l2tp_avp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SECRET span_str("s3cret")

static uint8_t out[2048];

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void unhide(struct span rv, uint16_t type, struct span hidden)
{
	struct wr w = wr_of(out, sizeof(out));
	struct span v;
	enum l2tp_unhide_verdict verdict = l2tp_avp_unhide(SECRET, rv, type, hidden, &w, &v);

	check(verdict != L2TP_UNHIDE_NO_ROOM || hidden.len > sizeof(out));
	check(wr_len(&w) == v.len && v.len <= hidden.len);
}

static void walk(struct span list)
{
	static uint8_t copy[70000];
	struct wr w = wr_of(copy, sizeof(copy));
	struct l2tp_build b = { .w = &w };
	struct rd r = rd_span(list);
	struct span rv = span_of(NULL, 0);
	size_t before = rd_left(&r), ok = 0;
	bool plain = true;
	struct l2tp_avp a;

	while (l2tp_avp_next(&r, &a)) {
		struct span v = rd_rest(&a.value);

		check(rd_left(&r) + 6 <= before && rd_left(&r) + 6 + v.len == before);
		before = rd_left(&r);
		check(v.len <= L2TP_AVP_VALUE_MAX);
		check(v.len == 0 || (v.p >= list.p && v.p + v.len <= list.p + list.len));
		plain = plain && !(a.flags & ~L2TP_AVP_M);
		ok = list.len - before;
		if (a.flags & L2TP_AVP_H)
			unhide(rv, a.type, v);
		else if (a.vendor == 0 && a.type == L2TP_AVP_RANDOM_VECTOR)
			rv = v;
	}
	check(rd_left(&r) == 0);
	if (!plain || ok > sizeof(copy))
		return;
	l2tp_avp_put_list(&b, span_of(list.p, ok));
	check(!w.full && span_eq(wr_span(&w), span_of(list.p, ok)));
}

/* First octet: how much is value, how much padding; then the octets. */
static void hide(struct span in)
{
	static uint8_t hidden[2048];
	struct wr w = wr_of(hidden, sizeof(hidden)), back = wr_of(out, sizeof(out));
	struct span value, padding, v;
	size_t cut;

	if (in.len < 1 || in.len > L2TP_AVP_HIDE_MAX)
		return;
	cut = (in.len - 1) * in.p[0] / 255;
	value = span_of(in.p + 1, cut);
	padding = span_of(in.p + 1 + cut, in.len - 1 - cut);
	l2tp_avp_hide(&w, SECRET, span_of(in.p, 1), in.p[0], value, padding);
	check(!w.full && wr_len(&w) == in.len + 1);
	check(l2tp_avp_unhide(SECRET, span_of(in.p, 1), in.p[0], wr_span(&w), &back, &v) == L2TP_UNHIDE_OK);
	check(span_eq(v, value));
}

static void line(struct span list)
{
	struct l2tp_access_line a, b;
	struct wr w = wr_of(out, sizeof(out));

	if (!l2tp_access_line_decode(list, &a))
		return;
	l2tp_access_line_encode(&w, &a);
	check(!w.full);
	check(l2tp_access_line_decode(wr_span(&w), &b));
	check(span_eq(a.circuit_id, b.circuit_id) && span_eq(a.remote_id, b.remote_id));
	check(a.has_rate == b.has_rate && a.has_delay == b.has_delay && a.iwf == b.iwf);
	check(memcmp(a.rate, b.rate, sizeof(a.rate)) == 0 && memcmp(a.delay_ms, b.delay_ms, sizeof(a.delay_ms)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span in = span_of(data, len);

	walk(in);
	line(in);
	hide(in);
	unhide(span_str("rv"), 7, in);
	return 0;
}
