/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The session table that all planes share: fixed-size arrays in memory that XDP can map (design: data plane
 * contract). Written by the control thread alone; a line is filled first and published by a release store of
 * its `state`. Counters are added to by whoever forwards the packet. Addresses and numbers are in host order
 * unless they are octet arrays. Zeroed memory is an empty table.
 */
#ifndef ADIT_BPF_DP_ABI_H
#define ADIT_BPF_DP_ABI_H

#include <stdint.h>

enum {
	DP_PAGE_BITS = 12,
	DP_PAGE_LINES = 1 << DP_PAGE_BITS,	/* up lines a page */
	DP_TUN_PAGES = 16,			/* a 16-bit session id has 16 groups of 4,096 */
	DP_TUNNELS = 65536,			/* tun[] is indexed by the local tunnel id */
	DP_BUCKET_ENTRIES = 5,
};
#define DP_NONE UINT32_MAX			/* no line */

/* ---- tun[local tunnel id], 128 octets ---- */

enum {
	DP_TUN_LIVE = 1 << 0,
	DP_TUN_UDP_CHECKSUM = 1 << 1,	/* on data that we send */
	DP_TUN_NO_FF03 = 1 << 2,	/* do not send FF 03 */
	DP_TUN_IGNORE_SEQ = 1 << 3,	/* do not look at Ns of data that we receive */
	DP_TUN_IP6 = 1 << 4,		/* the addresses are IPv6 (octet arrays), else IPv4 (first four octets) */
	DP_TUN_HOP_VALID = 1 << 5,	/* the cached next hop may be used */
};

struct dp_tun {
	uint32_t flags;			/* DP_TUN_*; published last */
	uint32_t vr;			/* of the transport */
	uint8_t local[16], peer[16], rx_peer[16];	/* peer: where we send; rx_peer: where we accept from */
	uint16_t local_port, peer_port, rx_peer_port;
	uint16_t peer_tunnel_id;
	uint16_t mtu;			/* of the path; 0 unknown */
	uint16_t pad;
	uint32_t hop_oif;		/* cached next hop */
	uint8_t hop_dmac[6], hop_smac[6];
	uint32_t spare[3];
	uint16_t page[DP_TUN_PAGES];	/* number of the up page + 1 of session ids sid >> 12; 0: none */
};
_Static_assert(sizeof(struct dp_tun) == 128, "tun line");

/* ---- up[page[sid >> 12] << 12 | (sid & 0xfff)], 64 octets: from the subscriber ---- */

enum dp_up_state {
	DP_UP_FREE,
	DP_UP_HOLD,		/* our id is assigned */
	DP_UP_PUNT,		/* PPP control goes to the control plane */
	DP_UP_FORWARD,
	DP_UP_GRACE,		/* withdrawn, a reader may still hold it */
};
enum {
	DP_UP_STATE = 0x00ff,
	DP_UP_REQUIRE_SEQ = 0x0100,	/* the peer must put Ns on data */
	DP_UP_ANY_SOURCE = 0x0200,	/* inner sources are not checked */
};

struct dp_up {
	uint32_t state;			/* enum dp_up_state and DP_UP_* flags; published last */
	uint32_t generation;
	uint16_t tunnel_id, session_id;	/* ours: a stale index never delivers to another */
	uint32_t vr;			/* of the IP interface */
	uint32_t ip4;			/* the subscriber's address; 0 none */
	uint32_t dn;			/* its dn line, or DP_NONE */
	uint32_t rate;			/* policing, ns an octet << 10; 0 none */
	uint16_t nr;			/* next Ns expected (DP_UP_REQUIRE_SEQ) */
	uint16_t pad;
	uint64_t tat;			/* policing: theoretical arrival time */
	uint64_t octets, packets;
	uint32_t drops;
	uint32_t out_of_sequence;
};
_Static_assert(sizeof(struct dp_up) == 64, "up line");

/* ---- dn[i], 64 octets: towards the subscriber; one a subscriber, whatever leads to it ---- */

enum dp_dn_state {
	DP_DN_FREE,
	DP_DN_L2TP,
	DP_DN_PPPOE,
	DP_DN_GRACE,
};
enum {
	DP_DN_STATE = 0x00ff,
	DP_DN_SEND_SEQ = 0x0100,	/* Ns on data (the L2TP variant) */
};

struct dp_dn {
	uint16_t state;			/* enum dp_dn_state and DP_DN_* flags; published last */
	uint16_t port;			/* PPPoE: index of the access port. L2TP: our tunnel id */
	uint32_t generation;		/* of the session, as in its up line */
	uint32_t ip4;			/* checked against the destination, where it was found by address */
	union {
		struct {
			uint32_t ns;	/* the next, modulo 65536; 32 bits so that BPF can add atomically */
			uint16_t peer_session_id;
			uint16_t pad[3];
		} l2tp;
		struct {
			uint8_t mac[6];
			uint16_t session_id;
			uint16_t vlan[2];	/* outer, inner; 0 none */
		} pppoe;
	};
	uint16_t mtu, mss;		/* largest inner IP packet; MSS to clamp to, 0 none */
	uint32_t rate;
	uint64_t tat;
	uint64_t octets, packets;
	uint32_t drops;
	uint32_t up;			/* its up line */
};
_Static_assert(sizeof(struct dp_dn) == 64, "dn line");

/* ---- (vr, destination) to dn line, where no pool leads to it: open addressing, one bucket a probe ---- */

struct dp_dst {
	uint32_t vr_len;		/* virtual router << 8 | prefix length */
	uint32_t addr;			/* masked to the prefix length */
	uint32_t dn;			/* line + 1, published last; 0: free */
};

struct dp_bucket {
	uint32_t passed;		/* entries that belong here or before and lie further on: 0 ends a search */
	struct dp_dst e[DP_BUCKET_ENTRIES];
};
_Static_assert(sizeof(struct dp_bucket) == 64, "bucket");

/* A pool whose addresses have lines of their own: dn[base + (address - start)]. */
struct dp_direct {
	uint32_t vr, start, end, base;
};

#endif
