/* SPDX-License-Identifier: BSD-2-Clause */
/* The inner IPv4 header: RFC 791 checks, fragmentation, and the ICMP error of RFC 1191. Pure functions over
 * octets. */
#ifndef ADIT_DATAPLANE_USER_IP4_H
#define ADIT_DATAPLANE_USER_IP4_H

#include "base/rd.h"
#include "base/wr.h"

enum {
	IP4_HDR_LEN = 20,
	IP4_DF = 0x4000,
	IP4_MF = 0x2000,
	IP4_OFFSET = 0x1fff,		/* in units of 8 octets */
	IP4_PROTO_ICMP = 1,
	IP4_PROTO_TCP = 6,
	IP4_PROTO_UDP = 17,
	IP4_MTU_MIN = 68,
	IP4_ICMP_QUOTE = 548,		/* octets quoted: an error is at most 576 long (RFC 1812 §4.3.2.3) */
	IP4_ICMP_MAX = 576,
	ICMP_DEST_UNREACH = 3,
	ICMP_FRAG_NEEDED = 4,		/* code */
	ICMP_REDIRECT = 5,
};

struct ip4 {
	uint8_t header_len, tos, ttl, protocol;
	uint16_t total, id, frag;	/* total length; flags and fragment offset */
	uint32_t src, dst;
	struct span packet;		/* exactly total octets */
};

/**
 * ip4_decode - judges the header of a packet
 * @octets: the packet and, perhaps, padding after it
 *
 * Return: false unless the version is 4, the header whole and its checksum right, and the total length within
 * the octets.
 * Source: RFC 791 §3.1, RFC 1812 §5.2.2.
 */
bool ip4_decode(struct span octets, struct ip4 *ip);

/** ip4_checksum - the Internet checksum; over a header that contains a right one it is 0. Source: RFC 1071. */
uint16_t ip4_checksum(struct span s);

/** ip4_icmp_type - type of the ICMP message in the packet, or -1 if there is none to be seen. */
int ip4_icmp_type(const struct ip4 *ip);

/** ip4_udp_source - source port of the UDP datagram in the packet, or -1 if there is none to be seen. */
int ip4_udp_source(const struct ip4 *ip);

/**
 * ip4_mss_at - looks for a TCP SYN whose maximum segment size is above a limit
 * @limit: 0: none
 *
 * Return: where in the packet the option's value is, or 0 when there is nothing to clamp.
 * Source: RFC 9293 §3.2, §3.7.1.
 */
size_t ip4_mss_at(const struct ip4 *ip, uint16_t limit);

/**
 * ip4_mss_put - replaces the value that ip4_mss_at() found, and the TCP checksum
 * @w:     holds a copy of the packet
 * @start: where in it the copy begins
 *
 * Source: RFC 1624 §3.
 */
void ip4_mss_put(const struct ip4 *ip, size_t at, uint16_t mss, struct wr *w, size_t start);

/**
 * ip4_fragment - writes the next fragment
 * @at: octets of the payload that are out already, a multiple of 8; moved on
 *
 * Return: its length; 0 when all are out, or when the MTU does not hold a header and 8 octets.
 * Source: RFC 791 §3.2; options without the copied flag go into the first fragment only.
 */
size_t ip4_fragment(const struct ip4 *ip, size_t *at, size_t mtu, struct wr *w);

/**
 * ip4_frag_needed - the ICMP error for a packet that is too big and may not be fragmented
 * @src: of the error, host order; 0: the kernel chooses when it is sent
 *
 * Return: its length, or 0 when no error may be sent for this packet (RFC 1812 §4.3.2.7).
 * Source: RFC 792, RFC 1191 §4.
 */
size_t ip4_frag_needed(const struct ip4 *ip, uint32_t src, uint16_t mtu, struct wr *w);

#endif
