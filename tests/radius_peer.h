/* SPDX-License-Identifier: BSD-2-Clause */
/* A RADIUS server for tests: reads what the client sends as strictly as a server may, and signs replies. */
#ifndef ADIT_TESTS_RADIUS_PEER_H
#define ADIT_TESTS_RADIUS_PEER_H

#include "radius/client.h"
#include "wire/radius_attr.h"

struct radius_datagram {
	struct radius_path path;
	size_t len;
	uint8_t octets[RADIUS_PKT_MAX];
};

struct radius_reply_opt {
	enum radius_code code;
	bool ma;		/* with a Message-Authenticator */
	const char *message;	/* Reply-Message; NULL: none */
	unsigned classes;	/* this many Class attributes of 100 octets */
};

/* Return: the length of the signed reply to a request. */
static inline size_t radius_peer_reply(const struct radius_datagram *rq, struct span secret,
				       const struct radius_reply_opt *o, uint8_t buf[RADIUS_PKT_MAX])
{
	static const uint8_t some[100];
	struct wr w = wr_of(buf, RADIUS_PKT_MAX);
	size_t len;

	radius_pkt_begin(&w, o->code, rq->octets[1], NULL);
	if (o->ma)
		radius_put_message_authenticator_slot(&w);
	if (o->message)
		radius_put_span(&w, RADIUS_ATTR_REPLY_MESSAGE, span_str(o->message));
	for (unsigned i = 0; i < o->classes; i++)
		radius_put_span(&w, RADIUS_ATTR_CLASS, span_of(some, sizeof(some)));
	len = radius_pkt_end(&w);
	return len && radius_sign_response(buf, len, rq->octets + 4, secret) ? len : 0;
}

/* What a server must find right before it answers. NULL: fine; else what is wrong. */
static inline const char *radius_peer_check(const struct radius_datagram *d, struct span secret)
{
	struct radius_pkt p;
	enum radius_ma ma;

	if (radius_pkt_decode(&p, d->octets, d->len) != RADIUS_PKT_OK || d->len != RADIUS_HDR_LEN + p.attrs.len)
		return "malformed";
	ma = radius_message_authenticator_check(d->octets, d->len, p.authenticator, secret);
	switch (p.code) {
	case RADIUS_ACCESS_REQUEST:
	case RADIUS_STATUS_SERVER:
		if (ma != RADIUS_MA_GOOD)
			return "message-authenticator";
		if (p.attrs.p[0] != RADIUS_ATTR_MESSAGE_AUTHENTICATOR)
			return "message-authenticator is not first";
		return NULL;
	case RADIUS_ACCOUNTING_REQUEST:
		if (ma != RADIUS_MA_ABSENT)
			return "message-authenticator in accounting";
		return radius_accounting_request_ok(d->octets, d->len, secret) ? NULL : "authenticator";
	default:
		return "code";
	}
}

#endif
