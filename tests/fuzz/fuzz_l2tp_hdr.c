/* SPDX-License-Identifier: BSD-2-Clause */
/* Any datagram: the payload lies inside it; what decodes as data encodes to the same header again. */
#include <stdlib.h>

#include "wire/l2tp_hdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void again(const struct l2tp_hdr *h)
{
	static uint8_t buf[140000];
	struct wr w = wr_of(buf, sizeof(buf));
	struct l2tp_hdr h2;

	if (h->control) {
		size_t mark = l2tp_hdr_put_control(&w, h->tunnel_id, h->session_id, h->ns, h->nr);

		wr_put(&w, h->payload);
		l2tp_hdr_end(&w, mark);
	} else {
		l2tp_hdr_put_data(&w, h);
		wr_put(&w, h->payload);
	}
	check(!w.full);
	check(l2tp_hdr_decode(wr_span(&w), &h2) == L2TP_HDR_OK);
	check(h2.control == h->control && h2.has_length == h->has_length && h2.has_seq == h->has_seq);
	check(h2.has_offset == h->has_offset && h2.priority == h->priority && h2.length == h->length);
	check(h2.tunnel_id == h->tunnel_id && h2.session_id == h->session_id && h2.ns == h->ns && h2.nr == h->nr);
	check(h2.offset == h->offset && span_eq(h2.payload, h->payload));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct l2tp_hdr h;
	enum l2tp_hdr_verdict v = l2tp_hdr_decode(span_of(data, len), &h);

	check(l2tp_hdr_verdict_name(v)[0] != '?');
	if (v != L2TP_HDR_OK) {
		check(h.payload.len == 0);
		return 0;
	}
	check(h.payload.p >= data && h.payload.p + h.payload.len <= data + len);
	if (len <= UINT16_MAX)
		again(&h);
	return 0;
}
