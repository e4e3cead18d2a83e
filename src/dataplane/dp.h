/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The data plane contract. The data plane owns UDP port 1701, the TUN devices and the session table (bpf/dp_abi.h); it
 * never decides anything about a call. Control datagrams and PPP control frames reach the model as punted events.
 * A plane: dp_null (tests), user (everywhere), xdp (later, on the same table).
 *
 * Events are pulled: dp->ops->event() until false; the plane's descriptors are registered with io/ by its constructor,
 * and io calls the owner's wake function (given to the constructor) when there are events to take.
 */
#ifndef ADIT_DATAPLANE_DP_H
#define ADIT_DATAPLANE_DP_H

#include "base/ipaddr.h"
#include "base/mono.h"
#include "base/span.h"

struct dp;

struct dp_handle {
	uint32_t slot, generation;	/* slot 0xffffffff: none */
};
#define DP_HANDLE_NONE ((struct dp_handle){ UINT32_MAX, 0 })

/* Why a packet was dropped: one list for all planes, the CLI and metrics. */
#define DP_DROPS(X) \
	X(SHORT, "short") \
	X(BAD_VERSION, "bad-version") \
	X(BAD_LENGTH, "bad-length") \
	X(OFFSET_PAD, "offset-pad") \
	X(NO_TUNNEL, "no-tunnel") \
	X(NO_SESSION, "no-session") \
	X(STALE_SESSION, "stale-session") \
	X(WRONG_PEER, "wrong-peer") \
	X(WRONG_PEER_PORT, "wrong-peer-port") \
	X(NOT_FORWARDING, "not-forwarding") \
	X(HOLD_FULL, "hold-full") \
	X(PUNT_POLICED, "punt-policed") \
	X(PUNT_FULL, "punt-queue-full") \
	X(BAD_PPP, "bad-ppp") \
	X(PPP_PROTOCOL, "ppp-protocol") \
	X(BAD_IP, "bad-ip") \
	X(SPOOFED_SOURCE, "spoofed-source") \
	X(TTL, "ttl-expired") \
	X(TOO_BIG, "too-big") \
	X(NO_ROUTE, "no-route") \
	X(OUT_OF_SEQUENCE, "out-of-sequence") \
	X(DEVICE, "device-error") \
	X(SOCKET, "socket-error") \
	X(NO_BUFFER, "no-buffer") \
	X(UNKNOWN_LOCAL, "unknown-local-address") \
	X(REDIRECT, "icmp-redirect") \
	X(TUNNEL_LOOP, "tunnel-loop") \
	X(KERNEL_RECEIVE, "kernel-receive")
enum dp_drop {
#define X(id, name) DP_DROP_##id,
	DP_DROPS(X)
#undef X
	DP_DROP_COUNT
};
const char *dp_drop_name(enum dp_drop d);

/* ---- tunnels: transport facts of a control connection ---- */

struct dp_tunnel {
	uint16_t local_tunnel_id, peer_tunnel_id;
	uint32_t vr;
	struct ip_addr local, peer;	/* peer: where we send */
	uint16_t local_port, peer_port;
	struct ip_addr rx_peer;		/* where we accept from, when different; af 0: same */
	uint16_t rx_peer_port;
	bool udp_checksum;		/* on data packets we send */
	bool no_ff03;			/* do not send FF 03 (per-destination override) */
	bool ignore_sequencing;		/* l2tp ignore-receive-data-sequencing */
};

/* ---- sessions ---- */

enum dp_state {
	DP_HOLD,	/* our id is assigned: keep up to 4 frames, data may beat ICCN */
	DP_PUNT,	/* ICCN came: PPP control goes up, held frames first; network data is dropped */
	DP_FORWARD,	/* an NCP is open */
};

enum { DP_ID_TRIES = 64 };	/* session_add() with a freshly drawn id, while it says -EAGAIN */

struct dp_session {
	uint16_t local_tunnel_id, local_session_id;
	void *user;			/* comes back with punts */
};

/* What DP_FORWARD needs: the subscriber. */
struct dp_subscriber {
	uint32_t vr;			/* of the IP interface */
	struct ip_addr ip4;		/* af 0: none */
	struct ip_prefix ip6_ndra, ip6_delegated;	/* later */
	const struct ip_route *routes;	/* framed routes */
	unsigned route_count;
	bool no_source_check;		/* any inner source is taken (vendor 4874, Sa-Validate 0) */
	bool host_route;		/* install a host route for ip4 (ip access-routes); outside every pool it has one anyway */
	uint16_t mtu;			/* largest inner IP packet towards the subscriber (peer's MRU) */
	struct ip_addr local_ip4;	/* source of our ICMP errors: the unnumbered loopback's */
};

struct dp_session_params {
	uint16_t peer_session_id;
	bool send_sequencing;		/* we put Ns on data */
	bool require_sequencing;	/* the peer must put Ns on data: late ones are dropped */
};

struct dp_counters {
	uint64_t rx_packets, rx_octets, tx_packets, tx_octets;	/* rx: from the subscriber; octets as design.md §4 */
	uint64_t rx_drops, tx_drops, rx_out_of_sequence;
};

enum dp_event_type {
	DP_EV_CONTROL,		/* a datagram with the T bit */
	DP_EV_FRAME,		/* a PPP frame punted: from its protocol field, FF 03 taken off */
	DP_EV_GONE,		/* dp_session_del is complete: final counters */
	DP_EV_LOCAL_UP,		/* a local address is usable (up) or missing: once after local_set, then at each change */
};

struct dp_event {
	enum dp_event_type type;
	uint32_t vr;
	struct ip_addr local, peer;
	uint16_t local_port, peer_port;
	const uint8_t *data;		/* CONTROL, FRAME: valid until the next event */
	size_t len;
	struct dp_handle handle;	/* FRAME, GONE */
	void *user;			/* FRAME, GONE: as given to session_add */
	struct dp_counters counters;	/* GONE */
	bool up;			/* LOCAL_UP */
};

/* A network that the plane routes to its TUN as one aggregate (an address pool's range, decomposed into prefixes by the plane). */
struct dp_pool {
	uint32_t vr;
	uint32_t start, end;		/* IPv4, host order, inclusive */
};

struct dp_ops {
	/* One control datagram. The L2TP header is complete. Return: 0 or -errno (counted by the plane). */
	int (*control_tx)(struct dp *dp, uint32_t vr, const struct ip_addr *local, uint16_t local_port,
			  const struct ip_addr *peer, uint16_t peer_port, const uint8_t *msg, size_t len);

	/* A local address at which tunnels are accepted: the plane binds UDP 1701 there when it is on the machine, retries, and
	 * raises DP_EV_LOCAL_UP. The set is replaced whole; an empty set means every address (wildcard socket). */
	int (*local_set)(struct dp *dp, const struct ip_addr *addrs, unsigned n);
	/* The pools, replaced whole: direct lines and one aggregate route each. */
	int (*pool_set)(struct dp *dp, const struct dp_pool *pools, unsigned n);

	int (*tunnel_add)(struct dp *dp, const struct dp_tunnel *t);	/* adds or changes; -ENOSPC */
	void (*tunnel_del)(struct dp *dp, uint16_t local_tunnel_id);	/* its sessions are gone already */

	/* DP_HOLD; -ENOMEM, -ENOSPC (no lines left), -ENOENT (no such tunnel). -EAGAIN: the line of this session id is taken; draw
	 * another id before any message carries it, at most DP_ID_TRIES times (docs/decisions/0003-session-ids-and-pages.md). */
	int (*session_add)(struct dp *dp, const struct dp_session *s, struct dp_handle *out);
	int (*session_punt)(struct dp *dp, struct dp_handle h, const struct dp_session_params *p);	/* DP_PUNT; held frames become events */
	int (*session_forward)(struct dp *dp, struct dp_handle h, const struct dp_subscriber *s);	/* -EADDRINUSE: ip4 is another's */
	int (*session_unforward)(struct dp *dp, struct dp_handle h);	/* back to DP_PUNT; routes go */
	void (*session_del)(struct dp *dp, struct dp_handle h);		/* asynchronous: DP_EV_GONE with the counters */
	/* A PPP control frame from its protocol field; the plane adds FF 03, Ns and the header. Not counted as octets. */
	int (*session_tx)(struct dp *dp, struct dp_handle h, const uint8_t *frame, size_t len);
	bool (*session_counters)(const struct dp *dp, struct dp_handle h, struct dp_counters *out);

	bool (*event)(struct dp *dp, struct dp_event *ev, mono_t now);
	void (*expire)(struct dp *dp, mono_t now);
	mono_t (*deadline)(const struct dp *dp);
	uint64_t (*drop_count)(const struct dp *dp, enum dp_drop d);
};

struct dp_if {
	const struct dp_ops *ops;
	struct dp *dp;
};

#endif
