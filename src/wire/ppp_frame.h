/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PPP frame as it crosses a tunnel: an optional FF 03 (RFC 1662 §3.1), a protocol field of two octets or,
 * compressed, of one (RFC 1661 §2, §6.5), and the information. No FCS, no flags.
 */
#ifndef ADIT_WIRE_PPP_FRAME_H
#define ADIT_WIRE_PPP_FRAME_H

#include "base/rd.h"
#include "base/wr.h"

enum {
	PPP_PROTO_IP4 = 0x0021,
	PPP_PROTO_IP6 = 0x0057,
	PPP_PROTO_IPCP = 0x8021,
	PPP_PROTO_IPV6CP = 0x8057,
	PPP_PROTO_CCP = 0x80fd,
	PPP_PROTO_LCP = 0xc021,
	PPP_PROTO_PAP = 0xc023,
	PPP_PROTO_LQR = 0xc025,
	PPP_PROTO_CHAP = 0xc223,
};

/**
 * ppp_frame_strip - the frame from its protocol field: FF 03 taken off if it is there (ACFC or not, packet by
 * packet).
 */
struct span ppp_frame_strip(struct span frame);

/**
 * ppp_frame_protocol - reads the protocol field, one octet when the first is odd
 *
 * A field whose second octet is even is given as it is: RFC 1661 §2 has it treated as an unrecognised protocol.
 *
 * Return: false when there is none.
 */
bool ppp_frame_protocol(struct rd *r, uint16_t *protocol);

/** ppp_protocol_name - "lcp", "ipcp", ...; NULL when it has no name here. */
const char *ppp_protocol_name(uint16_t protocol);

#endif
