/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The L2TPv2 control plane (RFC 2661) as one pure core: octets, decisions and the time go in; octets, events and a
 * deadline come out. One `struct l2tp_endpoint` serves a node: every virtual router and local address, both roles, all
 * tunnels (docs/decisions/0001). Data messages never come here (the data plane has them).
 *
 * The owner's loop: feed it (rx, expire, or a call below), take events until false, take datagrams until 0, set one
 * timer for l2tp_endpoint_deadline().
 *
 * Pointers to a tunnel or a call stay valid until the owner has taken its TUNNEL_GONE or CALL_DOWN event and asked for
 * the next one. Owners keep their own object in `user`.
 */
#ifndef ADIT_L2TP_L2TP_H
#define ADIT_L2TP_L2TP_H

#include "base/ipaddr.h"
#include "base/mono.h"
#include "base/rng.h"
#include "base/span.h"
#include "l2tp/reason.h"

struct l2tp_endpoint;
struct l2tp_ctrl;	/* a control connection (tunnel) */
struct l2tp_call;	/* a session */

/* Where a datagram comes from or goes to. */
struct l2tp_path {
	uint32_t vr;			/* virtual router of the transport; 0 is default */
	struct ip_addr local, peer;
	uint16_t local_port, peer_port;
};

/* Result Code AVP (§4.4.2). text is for people, may be NULL, static or valid as long as the struct. */
struct l2tp_cause {
	uint16_t result, error;
	const char *text;
};

enum l2tp_role { L2TP_ROLE_LAC, L2TP_ROLE_LNS };

/* ---- the node ---- */

struct l2tp_endpoint_conf {
	unsigned max_tunnels;		/* 1..65535; beyond: StopCCN 2/4 tunnel-rx-sccrq-no-resources-max-tunnels */
	unsigned half_open_per_source;	/* design.md §8: 256 */
	unsigned half_open;		/* 2000 */
	uint8_t retries_established;	/* 5 */
	uint8_t retries_not_established;/* 5 */
	uint16_t linger_s;		/* state kept after StopCCN: 31 */
	bool permissive_avps;		/* interop.md 13: an unknown mandatory AVP is counted, not fatal */
};

/**
 * l2tp_endpoint_new - the control plane of a node
 * @conf: copied; l2tp_endpoint_conf_set() changes it later (new tunnels only for what is negotiated)
 * @seed: 32 octets of randomness
 * Return: NULL when out of memory.
 */
struct l2tp_endpoint *l2tp_endpoint_new(const struct l2tp_endpoint_conf *conf, const uint8_t seed[32], mono_t now);
void l2tp_endpoint_conf_set(struct l2tp_endpoint *ep, const struct l2tp_endpoint_conf *conf);
/** l2tp_endpoint_free - drops everything at once, sends nothing. */
void l2tp_endpoint_free(struct l2tp_endpoint *ep);

/** l2tp_endpoint_rx - one datagram with the T bit set (anything else is counted and dropped). `msg` is not kept. */
void l2tp_endpoint_rx(struct l2tp_endpoint *ep, const struct l2tp_path *from, const uint8_t *msg, size_t len, mono_t now);
void l2tp_endpoint_expire(struct l2tp_endpoint *ep, mono_t now);
/** l2tp_endpoint_deadline - when expire is worth calling; an instant long past while events wait to be taken. */
mono_t l2tp_endpoint_deadline(const struct l2tp_endpoint *ep);
/** l2tp_endpoint_tx - the next datagram to send. Return: its length, 0 when there is none. `cap` >= 2048. */
size_t l2tp_endpoint_tx(struct l2tp_endpoint *ep, struct l2tp_path *to, uint8_t *buf, size_t cap, mono_t now);

/* ---- events ---- */

enum l2tp_event_type {
	L2TP_EV_TUNNEL_OFFERED,	/* an SCCRQ: answer with l2tp_tunnel_accept() or _reject() before the next turn */
	L2TP_EV_TUNNEL_UP,	/* established, either role */
	L2TP_EV_TUNNEL_DOWN,	/* going or gone, before or after UP; every CALL_DOWN of it came before */
	L2TP_EV_TUNNEL_GONE,	/* the state kept after StopCCN is forgotten; the pointer ends */
	L2TP_EV_CALL_OFFERED,	/* LNS: an ICRQ: l2tp_call_accept() or _reject() */
	L2TP_EV_CALL_ANSWERED,	/* LAC: an ICRP: l2tp_call_connect() or l2tp_call_close() */
	L2TP_EV_CALL_UP,	/* LNS: ICCN received. LAC: ICCN queued */
	L2TP_EV_CALL_DOWN,	/* ended, before or after UP; the pointer ends */
	L2TP_EV_CALL_SLI,	/* Set-Link-Info: ACCM */
	L2TP_EV_CALL_WEN,	/* WAN-Error-Notify */
};

/* What the peer said of itself in SCCRQ or SCCRP. Spans live until the next event. */
struct l2tp_peer_info {
	struct span host_name, vendor_name;
	uint16_t protocol_version;	/* version << 8 | revision */
	uint16_t firmware_revision;
	uint32_t framing_caps, bearer_caps;
	uint16_t receive_window;
	uint16_t peer_tunnel_id;
	bool challenged;		/* it sent a Challenge */
};

/* ICRQ as received or to be sent. */
struct l2tp_call_offer {
	uint32_t call_serial;
	uint32_t bearer_type;		/* 0: absent */
	uint32_t physical_channel;
	bool has_physical_channel;
	struct span called_number, calling_number, sub_address;
	struct span avps;		/* further AVPs, as encoded octets (RFC 5515 access line, Cisco): see wire/l2tp_avp.h */
};

/* ICCN as received or to be sent. */
struct l2tp_call_params {
	uint32_t tx_connect_speed, rx_connect_speed;	/* bits per second; rx 0: absent */
	uint32_t framing_type;
	bool sequencing_required;
	struct span initial_rx_lcp, last_tx_lcp, last_rx_lcp;	/* AVPs 26-28: Configure-Request options only; p NULL: absent */
	uint16_t proxy_authen_type;	/* AVP 29: 0 absent, 1 text, 2 CHAP, 3 PAP, 4 none, 5 MS-CHAPv1; as sent */
	struct span proxy_name, proxy_challenge, proxy_response;	/* AVPs 30, 31, 33 */
	uint16_t proxy_id;		/* AVP 32, low octet */
	bool has_proxy_id;
	struct span private_group_id;
	struct span avps;		/* further AVPs (RFC 5515 speeds ...), encoded */
};

struct l2tp_event {
	enum l2tp_event_type type;
	struct l2tp_ctrl *ctrl;
	struct l2tp_call *call;		/* NULL for tunnel events */
	void *tunnel_user, *call_user;	/* as set by the owner */
	/* TUNNEL_OFFERED, TUNNEL_UP */
	struct l2tp_path path;
	struct l2tp_peer_info peer;
	/* TUNNEL_DOWN, CALL_DOWN */
	enum l2tp_reason reason;
	bool by_peer;			/* the peer sent StopCCN or CDN */
	struct l2tp_cause cause;	/* as sent or received; result 0: none. text points into `text` for a peer's */
	struct span peer_text;
	uint16_t disconnect_code, disconnect_protocol;	/* RFC 3145 AVP of a CDN received */
	uint8_t disconnect_direction;
	bool has_disconnect;
	/* CALL_OFFERED */
	struct l2tp_call_offer offer;
	/* CALL_UP */
	struct l2tp_call_params params;
	/* CALL_SLI */
	uint32_t tx_accm, rx_accm;
	/* CALL_WEN: CRC, framing, hardware overruns, buffer overruns, time-outs, alignment */
	uint32_t wan_errors[6];
};

/** l2tp_endpoint_event - the next event. Spans in it live until the next call or l2tp_endpoint_free(). */
bool l2tp_endpoint_event(struct l2tp_endpoint *ep, struct l2tp_event *ev, mono_t now);

/* ---- tunnels ---- */

struct l2tp_tunnel_conf {
	struct span local_name;		/* Host Name AVP we send; 1..64 octets */
	struct span secret;		/* tunnel password; empty: none */
	struct span peer_name;		/* initiator: expected Host Name of SCCRP; empty: any */
	bool challenge;			/* send a Challenge when there is a secret */
	bool hide;			/* hide the AVPs that may be hidden, when there is a secret */
	uint16_t receive_window;	/* advertised: 4..128, default 16 */
	uint16_t hello_s;		/* 60; 0: never */
	uint8_t retries_established;	/* 0: the node's */
	bool null_tunnel_id;		/* interop.md 8: the peer may leave our id out of the header (null_id.c) */
	bool call_accept_incoming;	/* peer may send ICRQ (we are LNS for it) */
	bool call_accept_outgoing;	/* later; now OCRQ is refused by name */
	struct span tie_breaker;	/* initiator: 8 octets or empty */
	enum { L2TP_ADDR_CHANGE_ACCEPT, L2TP_ADDR_CHANGE_IGNORE, L2TP_ADDR_CHANGE_REJECT } address_change, port_change;
};

/** l2tp_tunnel_open - sends SCCRQ. Return: 0, -ENOSPC (ids or limit), -ENOMEM. Outcome: TUNNEL_UP or TUNNEL_DOWN. §5.1 */
int l2tp_tunnel_open(struct l2tp_endpoint *ep, const struct l2tp_path *to, const struct l2tp_tunnel_conf *conf, void *user,
		     mono_t now, struct l2tp_ctrl **out);
/** l2tp_tunnel_accept - answers a TUNNEL_OFFERED with SCCRP (the message is now judged whole, hidden AVPs included; it may
 *  still end in TUNNEL_DOWN). conf is copied. */
void l2tp_tunnel_accept(struct l2tp_ctrl *c, const struct l2tp_tunnel_conf *conf, void *user, mono_t now);
/** l2tp_tunnel_reject - answers it with StopCCN. A TUNNEL_DOWN with `why` follows, then GONE. */
void l2tp_tunnel_reject(struct l2tp_ctrl *c, enum l2tp_reason why, struct l2tp_cause cause, mono_t now);
/** l2tp_tunnel_close - StopCCN in any state; CALL_DOWN for each call, then TUNNEL_DOWN. Idempotent. §5.7 */
void l2tp_tunnel_close(struct l2tp_ctrl *c, enum l2tp_reason why, struct l2tp_cause cause, mono_t now);
/** l2tp_tunnel_conf_follow - takes over what a living tunnel can: hello interval, retries, null_tunnel_id. */
void l2tp_tunnel_conf_follow(struct l2tp_ctrl *c, const struct l2tp_tunnel_conf *conf, mono_t now);

uint16_t l2tp_tunnel_local_id(const struct l2tp_ctrl *c);
uint16_t l2tp_tunnel_peer_id(const struct l2tp_ctrl *c);
const struct l2tp_path *l2tp_tunnel_path(const struct l2tp_ctrl *c);	/* peer = where we send to */
const struct ip_addr *l2tp_tunnel_rx_addr(const struct l2tp_ctrl *c, uint16_t *port);	/* where we accept from, if different */
/** l2tp_endpoint_tunnel - by local id; NULL when there is none. */
struct l2tp_ctrl *l2tp_endpoint_tunnel(const struct l2tp_endpoint *ep, uint16_t local_tunnel_id);

/* ---- calls ---- */

/** l2tp_call_offer - LAC: sends ICRQ; the offer is copied. Return: 0, -ENOTCONN before established, -ENOSPC, -ENOMEM. §7.4.1 */
int l2tp_call_offer(struct l2tp_ctrl *c, const struct l2tp_call_offer *offer, void *user, mono_t now, struct l2tp_call **out);
/** l2tp_call_connect - LAC: sends ICCN after CALL_ANSWERED; CALL_UP follows. */
void l2tp_call_connect(struct l2tp_call *call, const struct l2tp_call_params *params, mono_t now);
/** l2tp_call_accept - LNS: sends ICRP. §7.4.2 */
void l2tp_call_accept(struct l2tp_call *call, void *user, mono_t now);
/** l2tp_call_renumber - another random local id, before ICRP or ICRQ has gone out (a data plane whose line for this id is taken
 *  asks for it: docs/decisions/0003). LNS: between CALL_OFFERED and l2tp_call_accept(). LAC: right after l2tp_call_offer(), before the
 *  next tx. Return: 0, -EBUSY when it is too late, -ENOSPC. */
int l2tp_call_renumber(struct l2tp_call *call);
/** l2tp_call_reject - LNS: sends CDN for an offered call; CALL_DOWN follows. */
void l2tp_call_reject(struct l2tp_call *call, enum l2tp_reason why, struct l2tp_cause cause, mono_t now);

/* RFC 3145 PPP Disconnect Cause Code, put into a CDN that we send. */
struct l2tp_disconnect {
	uint16_t code, protocol;
	uint8_t direction;
	const char *text;
};

/** l2tp_call_close - CDN in any state; CALL_DOWN follows. `dc` may be NULL. */
void l2tp_call_close(struct l2tp_call *call, enum l2tp_reason why, struct l2tp_cause cause, const struct l2tp_disconnect *dc,
		     mono_t now);
/** l2tp_call_send_sli, _wen - LNS and LAC side notices. §6.14, §6.13 */
void l2tp_call_send_sli(struct l2tp_call *call, uint32_t tx_accm, uint32_t rx_accm, mono_t now);
void l2tp_call_send_wen(struct l2tp_call *call, const uint32_t errors[6], mono_t now);

uint16_t l2tp_call_local_id(const struct l2tp_call *call);
uint16_t l2tp_call_peer_id(const struct l2tp_call *call);	/* 0 until known */

/* ---- displays ---- */

struct l2tp_tunnel_stats {
	const char *state;		/* RFC name: idle, wait-ctl-reply, wait-ctl-conn, established; closing */
	bool local_initiated, established;
	uint16_t ns, nr, peer_nr;	/* next Ns to send, next expected, last Nr the peer sent */
	uint16_t rx_window, tx_window, cwnd;	/* advertised by us; peer's; slow start's present limit */
	unsigned queued, in_flight;
	uint64_t rx_packets, tx_packets, rx_octets, tx_octets, rx_errors;
	uint64_t rx_zlb, tx_zlb, rx_duplicates, rx_out_of_sequence, rx_out_of_window, retransmissions;
	unsigned calls;
};
void l2tp_tunnel_stats(const struct l2tp_ctrl *c, struct l2tp_tunnel_stats *st);
const char *l2tp_call_state(const struct l2tp_call *call);	/* RFC name */

/* Node-wide counters by name, one a kind of drop, refusal or tolerance (L2TP_COUNT_* in l2tp/counters.h). */
uint64_t l2tp_endpoint_counter(const struct l2tp_endpoint *ep, unsigned i);
const char *l2tp_counter_name(unsigned i);	/* NULL past the last */
/** l2tp_endpoint_refused - tunnels and calls refused for this reason before the owner was asked: without an event. */
uint64_t l2tp_endpoint_refused(const struct l2tp_endpoint *ep, enum l2tp_reason why);

/**
 * l2tp_debug_line - one control message as one line for people: direction is the caller's, values decoded, secrets masked
 * @ep: to find the tunnel's secret for hidden AVPs; may be NULL
 * Return: length of the text in buf.
 */
size_t l2tp_debug_line(const struct l2tp_endpoint *ep, const uint8_t *msg, size_t len, char *buf, size_t cap);

#endif
