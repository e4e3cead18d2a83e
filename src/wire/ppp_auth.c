/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 1334 §2.2, RFC 1994 §4. */
#include "wire/ppp_auth.h"

/* A field behind one octet of length; longer values mark the writer full. */
static void put_counted(struct wr *w, struct span s)
{
	if (s.len > 255)
		w->full = true;
	wr_u8(w, (uint8_t)s.len);
	wr_put(w, s);
}

static struct span get_counted(struct rd *r)
{
	return rd_bytes(r, rd_u8(r));
}

bool pap_req_decode(struct span data, struct span *peer_id, struct span *password)
{
	struct rd r = rd_span(data);

	*peer_id = get_counted(&r);
	*password = get_counted(&r);
	return !r.bad;
}

void pap_req_encode(struct wr *w, uint8_t id, struct span peer_id, struct span password)
{
	size_t m = ppp_cp_begin(w, PAP_REQ, id);

	put_counted(w, peer_id);
	put_counted(w, password);
	ppp_cp_end(w, m);
}

bool pap_reply_decode(struct span data, struct span *message)
{
	struct rd r = rd_span(data);

	*message = span_of(NULL, 0);
	if (data.len > 0)
		*message = get_counted(&r);
	return !r.bad;
}

void pap_reply_encode(struct wr *w, uint8_t code, uint8_t id, struct span message)
{
	size_t m = ppp_cp_begin(w, code, id);

	put_counted(w, span_of(message.p, message.len > 255 ? 255 : message.len));
	ppp_cp_end(w, m);
}

bool chap_value_decode(struct span data, struct span *value, struct span *name)
{
	struct rd r = rd_span(data);

	*value = get_counted(&r);
	*name = rd_rest(&r);
	return !r.bad && value->len > 0;
}

void chap_value_encode(struct wr *w, uint8_t code, uint8_t id, struct span value, struct span name)
{
	size_t m = ppp_cp_begin(w, code, id);

	put_counted(w, value);
	wr_put(w, name);
	ppp_cp_end(w, m);
}

void chap_verdict_encode(struct wr *w, uint8_t code, uint8_t id, struct span message)
{
	size_t m = ppp_cp_begin(w, code, id);

	wr_put(w, message);
	ppp_cp_end(w, m);
}
