/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to do with a datagram from the tunnel side. A function of the octets and the session table alone, so
 * that it is tested and fuzzed without sockets; the plane does what the verdict says.
 */
#ifndef ADIT_DATAPLANE_USER_DECAP_H
#define ADIT_DATAPLANE_USER_DECAP_H

#include "dataplane/table.h"
#include "dataplane/user/ip4.h"

enum dp_decap_verdict {
	DP_DECAP_DROP,		/* counted already */
	DP_DECAP_CONTROL,	/* the T bit is set: for the control plane, whole */
	DP_DECAP_FRAME,		/* a PPP frame for the control plane, from its protocol field (HOLD: to be kept) */
	DP_DECAP_IP,		/* an inner packet for the network, exactly its total length */
};

/* Where a datagram came from and to. */
struct dp_rx {
	uint32_t vr;
	struct ip_addr local, peer;
	uint16_t local_port, peer_port;
};

struct dp_decap {
	enum dp_decap_verdict verdict;
	enum dp_drop reason;		/* DROP */
	struct dp_up *up;		/* FRAME, IP, and DROP once the session is known; else NULL */
	uint32_t slot;
	struct span data;
	struct ip4 ip;			/* IP */
	size_t mss_at;			/* where a TCP maximum segment size is too large; 0: nowhere */
	uint16_t mss;			/* what takes its place */
};

/**
 * dp_decap - judges one datagram
 *
 * Drops are counted, for the session too where it is known; what is accepted is counted by the plane when the
 * network has taken it (table_up_count with data.len). Moves the session's expected Ns.
 *
 * TTL: not touched here. The kernel forwards the packet out of the TUN and decrements it, once for the one hop
 * that this router is.
 *
 * Source: RFC 2661 §3.1, §5.3, §5.4; RFC 1661 §2; RFC 1812 §5.2.2.
 */
enum dp_decap_verdict dp_decap(struct table *t, const struct dp_rx *rx, struct span datagram, struct dp_decap *out);

/**
 * dp_decap_packet - the packet for the network, after DP_DECAP_IP
 * @buf, @cap: room for a packet
 *
 * Return: as it came, or a copy in @buf where the maximum segment size is clamped to the session's.
 */
struct span dp_decap_packet(const struct dp_decap *d, uint8_t *buf, size_t cap);

#endif
