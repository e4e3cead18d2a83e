/* SPDX-License-Identifier: BSD-2-Clause */
/* What an Access-Accept gives (RFC 2865 §5, RFC 2869 §5, RFC 2548 §2.3, §2.7, spec 8.4). */
#ifndef ADIT_AAA_RADIUS_ACCEPT_H
#define ADIT_AAA_RADIUS_ACCEPT_H

#include "aaa/grant.h"

enum { RADIUS_ROUTES_MAX = 64, RADIUS_CLASS_MAX = 1024 };

struct radius_accept {
	struct ip_addr ip4;		/* none: not given */
	struct span pool;
	uint32_t session_timeout_s, idle_timeout_s, interim_s;
	uint32_t dns[2], wins[2];
	uint16_t mtu;
	uint8_t mask_len;
	bool no_source_check;
	struct span filter, interface, user;
	uint8_t class_attrs[RADIUS_CLASS_MAX];	/* encoded, as they are sent back */
	size_t class_len;
	struct aaa_route routes[RADIUS_ROUTES_MAX];
	unsigned route_count;
	struct span success;		/* "S=..." of MS-CHAP2-Success, 42 octets */
	uint32_t route_tag;		/* of vendor 4874, for routes without a tag of their own */
};

/**
 * radius_accept_read - the attributes of an Accept; spans borrow the packet
 * @mschapv2: the client must be shown that the server knows the password too: without MS-CHAP2-Success it is refused
 *
 * What is not known is counted. What cannot be carried out refuses the user: a Service-Type other than Framed, a virtual
 * router that is not here, an address of a wrong length (RFC 2865 §5.6: as if it were a Reject).
 */
enum aaa_refusal radius_accept_read(struct aaa *a, const struct radius_pkt *p, bool mschapv2, struct radius_accept *out);

/** radius_accept_keep - what outlives the packet, in the grant. Return: 0 or -ENOMEM. */
int radius_accept_keep(struct grant *g, const struct radius_accept *acc);

/** radius_route_parse - the text of a Framed-Route (RFC 2865 §5.22): prefix[/len] [gateway [metric ...] [tag n]]. Return: false when
 *  it is none, or the prefix is all addresses. */
bool radius_route_parse(struct span text, struct aaa_route *out);

#endif
