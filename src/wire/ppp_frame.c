/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 1661 §2, §6.5, §6.6; RFC 1662 §3.1. */
#include "wire/ppp_frame.h"

/* 0xff is never a (compressed) protocol number, RFC 1661 §6.5, so the two octets cannot be mistaken. */
struct span ppp_frame_strip(struct span frame)
{
	struct rd r = rd_span(frame);

	return rd_be16(&r) == 0xff03 && !r.bad ? rd_rest(&r) : frame;
}

bool ppp_frame_protocol(struct rd *r, uint16_t *protocol)
{
	uint8_t first = rd_u8(r);

	*protocol = first & 1 ? first : (uint16_t)(first << 8 | rd_u8(r));
	return !r->bad;
}

const char *ppp_protocol_name(uint16_t protocol)
{
	static const struct {
		uint16_t number;
		const char *name;
	} known[] = {
		{ PPP_PROTO_IP4, "ip" },
		{ PPP_PROTO_IP6, "ipv6" },
		{ PPP_PROTO_IPCP, "ipcp" },
		{ PPP_PROTO_IPV6CP, "ipv6cp" },
		{ PPP_PROTO_CCP, "ccp" },
		{ PPP_PROTO_LCP, "lcp" },
		{ PPP_PROTO_PAP, "pap" },
		{ PPP_PROTO_LQR, "lqr" },
		{ PPP_PROTO_CHAP, "chap" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == protocol)
			return known[i].name;
	return NULL;
}
