/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to do with an IP packet that the network side hands us for a subscriber: find the line, judge its size,
 * and write the datagrams. A function of the octets and the session table alone.
 */
#ifndef ADIT_DATAPLANE_USER_ENCAP_H
#define ADIT_DATAPLANE_USER_ENCAP_H

#include "dataplane/table.h"
#include "dataplane/user/ip4.h"

enum {
	DP_ENCAP_ROOM = 16,		/* octets before the inner packet, at most: header with Ns, FF 03, protocol */
	DP_INNER_MAX = 65507 - DP_ENCAP_ROOM,	/* what fits one UDP datagram over IPv4 */
};

enum dp_encap_verdict {
	DP_ENCAP_DROP,		/* counted already */
	DP_ENCAP_SEND,		/* dp_encap_next() until 0 */
	DP_ENCAP_TOO_BIG,	/* counted as dropped; the sender is owed an ICMP error with this mtu */
};

struct dp_encap {
	enum dp_encap_verdict verdict;
	enum dp_drop reason;		/* DROP, TOO_BIG */
	uint32_t line;			/* index of the dn line, or DP_NONE */
	const struct dp_tun *tun;
	struct ip4 ip;
	uint16_t mtu;
	size_t inner;			/* IP octets in the datagram that was written last */
	size_t at;			/* payload octets that are out */
	size_t mss_at;			/* where a TCP maximum segment size is too large; 0: nowhere */
	uint16_t mss;			/* what takes its place */
	bool whole;			/* fits: one datagram */
	bool done;
};

/**
 * dp_encap - judges one packet
 * @vr: the virtual router whose TUN it came from
 *
 * Drops are counted, for the session too where it is known. TTL: not touched; the kernel decremented it when it
 * forwarded the packet to the TUN (and answered, if it was the last hop).
 */
enum dp_encap_verdict dp_encap(struct table *t, uint32_t vr, struct span packet, struct dp_encap *e);

/**
 * dp_encap_next - writes the next datagram of the packet; a packet above the MTU with DF clear gives several
 *
 * The maximum segment size of a TCP SYN is clamped to the session's. Takes an Ns where the session sends them. The caller counts: table_dn_count with e->inner, or a drop.
 *
 * Return: its length, 0 when there is none left.
 */
size_t dp_encap_next(struct table *t, struct dp_encap *e, uint8_t *buf, size_t cap);

/** dp_encap_header - an L2TP data header, with Ns if `ns` >= 0, and FF 03 unless the tunnel goes without. */
void dp_encap_header(struct wr *w, const struct dp_tun *tun, uint16_t peer_session_id, int32_t ns);

#endif
