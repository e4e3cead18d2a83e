/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PPP as two pure cores: `ppp_link` (RFC 1661 phases: LCP, authentication, keepalive, termination), owned by the access
 * session, and `ppp_net` (the NCPs of one subscriber: IPCP, IPv6CP), owned by the subscriber. Both play
 * authenticator and client. A frame here begins with its two-octet protocol field; FF 03 and the tunnel belong to
 * the data plane.
 *
 * Owner's loop for each: feed, take events until false, take frames until 0, arm one timer for the deadline.
 * ppp_link_rx() is given every frame that is not network data; the owner looks at what it returns and hands NCP frames
 * to ppp_net_rx().
 */
#ifndef ADIT_PPP_PPP_H
#define ADIT_PPP_PPP_H

#include "base/ipaddr.h"
#include "base/mono.h"
#include "base/rng.h"
#include "base/span.h"
#include "ppp/reason.h"

/* One a kind of drop, refusal or tolerance, for any number of links; enum ppp_count is in ppp/counters.h. */
struct ppp_counters;

enum ppp_auth { PPP_AUTH_NONE, PPP_AUTH_PAP, PPP_AUTH_CHAP_MD5, PPP_AUTH_MSCHAPV2, PPP_AUTH_COUNT };
const char *ppp_auth_name(enum ppp_auth a);	/* none, pap, chap, ms-chap-v2 */

enum ppp_role { PPP_AUTHENTICATOR, PPP_CLIENT };

/* ---- link ---- */

struct ppp_link;

struct ppp_link_conf {
	enum ppp_role role;
	/* Authenticator: what we ask for, in order, PPP_AUTH_NONE ends; none at all: no authentication. Client: what we
	   agree to. */
	enum ppp_auth auth[PPP_AUTH_COUNT];
	uint16_t mru;				/* what we can receive: 64..65535; asked for when not 1500 */
	uint16_t peer_mru_max;			/* the largest MRU of the peer that we use; 0: any */
	bool magic;				/* negotiate a magic number */
	bool passive;				/* wait for the peer's first Configure-Request */
	uint32_t keepalive_s;			/* 0: off */
	uint8_t keepalive_misses;		/* 3 */
	uint16_t restart_ms;			/* RFC 1661 Restart timer, 3000 */
	uint16_t restart_first_ms;		/* §4.6: where it begins, doubling up to restart_ms; 0: at restart_ms */
	uint8_t max_configure, max_terminate, max_failure;	/* 10, 2, 5 */
	uint8_t max_negotiations;		/* 30: renegotiations after Opened */
	uint16_t auth_timeout_s;		/* whole authentication phase: 30 */
	uint8_t chap_challenge_min, chap_challenge_max;	/* 16, 32 */
	struct span name;			/* our name in CHAP; client: the user name. Must outlive the link */
	struct span password;			/* client only. Must outlive the link */
	bool keep_proxy_data;			/* LAC: remember what ppp_link_proxy_data() tells (costs memory) */
};

/** ppp_link_conf_default - the defaults of the comments above for a role. */
void ppp_link_conf_default(struct ppp_link_conf *c, enum ppp_role role);

/* What an LAC negotiated (ICCN AVPs 26-33), judged by the same parsers as frames. Spans are borrowed for the call. */
struct ppp_proxy {
	struct span initial_rx_lcp, last_tx_lcp, last_rx_lcp;	/* options of the Configure-Requests; p NULL: absent */
	uint16_t authen_type;		/* RFC 2661 §4.4.5 AVP 29: 0 absent, 1..5 */
	struct span name, challenge, response;
	uint16_t id;
	bool has_id;
	bool accept_lcp;		/* proxy LCP is enabled */
	bool accept_auth;		/* proxy authentication is enabled */
};

enum ppp_proxy_verdict { PPP_PROXY_NONE, PPP_PROXY_ACCEPTED, PPP_PROXY_RENEGOTIATE };

/**
 * ppp_link_new - a link in phase Dead
 * @conf: borrowed for the link's life (a profile's; many links share one)
 * @rng:  borrowed for the link's life
 * @count: drops, refusals and tolerances are counted here; borrowed for the link's life
 */
struct ppp_link *ppp_link_new(const struct ppp_link_conf *conf, struct rng *rng, struct ppp_counters *count);
void ppp_link_free(struct ppp_link *l);

/** ppp_link_up - the lower layer is up: LCP starts. RFC 1661 §3.3 */
void ppp_link_up(struct ppp_link *l, mono_t now);
/**
 * ppp_link_up_proxy - the same with what the LAC did: accepted, LCP is Opened with no exchange and authentication
 * proceeds from the proxy data when those are accepted (an AUTH_REQUEST event at once) or with a challenge of our own
 * whose id follows the proxied one; otherwise LCP is renegotiated.
 * Return: what became of the LCP data.
 */
enum ppp_proxy_verdict ppp_link_up_proxy(struct ppp_link *l, const struct ppp_proxy *px, mono_t now);
/** ppp_link_close - Terminate-Request and so on; LINK_DOWN follows with `why`. §3.7 */
void ppp_link_close(struct ppp_link *l, enum ppp_reason why, mono_t now);
/** ppp_link_down - the lower layer has gone; LINK_DOWN follows at once. */
void ppp_link_down(struct ppp_link *l, enum ppp_reason why, mono_t now);

enum ppp_rx {
	PPP_RX_DONE,		/* it was the link's own, or dropped and counted */
	/* network phase, a control protocol (0x8000-0xbfff), or its Protocol-Reject: give it to ppp_net_rx() */
	PPP_RX_NCP,
	PPP_RX_DATA,		/* network phase, network data (0x0021, 0x0057): the data plane's */
};

/** ppp_link_rx - one frame from its protocol field (compressed protocol fields accepted). FF 03 already taken off. */
enum ppp_rx ppp_link_rx(struct ppp_link *l, const uint8_t *frame, size_t len, mono_t now);
void ppp_link_expire(struct ppp_link *l, mono_t now);
mono_t ppp_link_deadline(const struct ppp_link *l);
size_t ppp_link_tx(struct ppp_link *l, uint8_t *buf, size_t cap, mono_t now);	/* cap >= 1504 */

/** ppp_link_activity - data-plane traffic was seen at `at`: the keepalive of this interval is not needed. */
void ppp_link_activity(struct ppp_link *l, mono_t at);

/*
 * RENEGOTIATE and DOWN make void what was not told yet, so events come in the order of what happened. LCP that was
 * never agreed ends as lcp-max-configure-exceeded when the peer has said nothing at all, else as lcp-negotiation-
 * timeout.
 */
enum ppp_link_event_type {
	PPP_LINK_EV_UP,			/* LCP Opened */
	PPP_LINK_EV_AUTH_REQUEST,	/* authenticator: judge these credentials, then ppp_link_auth_result() */
	PPP_LINK_EV_NETWORK,		/* network phase begins (authenticated, or none was asked) */
	/* before an Echo-Request: the owner may call ppp_link_activity() if counters moved */
	PPP_LINK_EV_KEEPALIVE_DUE,
	PPP_LINK_EV_RENEGOTIATE,	/* the peer renegotiates LCP after Opened: the NCPs must go down */
	PPP_LINK_EV_DOWN,		/* finished; nothing more comes */
};

/* Credentials as the peer gave them; spans live until the next event. */
struct ppp_auth_request {
	enum ppp_auth method;
	struct span name;		/* user name as sent */
	struct span password;		/* PAP */
	uint8_t id;			/* CHAP */
	struct span challenge, response;/* CHAP: MD5 16 octets; MS-CHAPv2: 49 octets */
	bool proxied;
};

struct ppp_link_event {
	enum ppp_link_event_type type;
	struct ppp_auth_request auth;	/* AUTH_REQUEST; method and name also on NETWORK */
	enum ppp_reason reason;		/* DOWN */
	bool by_peer;			/* DOWN: the peer ended it */
	struct span message;		/* client, DOWN after failure: Reply-Message */
};

bool ppp_link_event(struct ppp_link *l, struct ppp_link_event *ev);

/*
 * The judgement of an AUTH_REQUEST. message goes to the peer (may be empty). For MS-CHAPv2 the caller gives the
 * 42-octet "S=..." authenticator response in `mschap_success` when ok.
 */
struct ppp_auth_result {
	bool ok;
	/* when !ok: e.g. authenticate-deny-by-peer is the peer's; ours: see reason_def.h */
	enum ppp_reason why;
	struct span message;
	struct span mschap_success;
};
void ppp_link_auth_result(struct ppp_link *l, const struct ppp_auth_result *res, mono_t now);

/** ppp_link_reject_protocol - queues an LCP Protocol-Reject of a frame (from its protocol field). §5.7 */
void ppp_link_reject_protocol(struct ppp_link *l, const uint8_t *frame, size_t len, mono_t now);

struct ppp_link_info {
	const char *phase;		/* dead establish authenticate network terminate */
	const char *lcp_state;		/* RFC 1661 state name */
	enum ppp_auth auth;		/* negotiated */
	uint16_t local_mru, peer_mru;
	uint32_t local_magic, peer_magic;
	bool peer_pfc, peer_acfc, proxied_lcp, proxied_auth;
	uint64_t echo_sent, echo_answered;
	unsigned renegotiations;
	enum ppp_reason reason;		/* phase terminate: why it ends */
};
void ppp_link_info(const struct ppp_link *l, struct ppp_link_info *info);

/**
 * ppp_link_proxy_data - client-facing LAC role, with keep_proxy_data: what was negotiated, as AVPs 26-33 want it. Spans
 * live until the link is fed again. MS-CHAPv2 goes as type 2 with a 49-octet response.
 */
void ppp_link_proxy_data(const struct ppp_link *l, struct ppp_proxy *out);

/* ---- network layer ---- */

struct ppp_net;

struct ppp_net_conf {
	enum ppp_role role;
	bool ipv4, ipv6;
	bool initiate_ipv4, initiate_ipv6;	/* authenticator: send the first Configure-Request (client: always) */
	uint16_t restart_ms;
	uint8_t max_configure, max_terminate, max_failure;
	uint8_t max_negotiations;
	uint32_t local_ip4;			/* host order; authenticator: ours. Client: wanted or 0 */
	uint32_t peer_ip4;			/* authenticator: what the client is given */
	uint32_t dns[2], wins[2];		/* authenticator: given on request, 0 none. Client: 1 = ask */
	uint8_t local_iid[8], peer_iid[8];	/* IPv6CP; zero: choose one */
	/* authenticator: accept whatever address the client asks for (255.255.255.255) */
	bool take_peer_ip4;
	uint16_t peer_mru;			/* what we send back of the peer's octets is cut to this; 0: 64 */
};

void ppp_net_conf_default(struct ppp_net_conf *c, enum ppp_role role);
/** ppp_net_new - conf is copied. */
struct ppp_net *ppp_net_new(const struct ppp_net_conf *conf, struct rng *rng, struct ppp_counters *count);
void ppp_net_free(struct ppp_net *n);
void ppp_net_up(struct ppp_net *n, mono_t now);		/* network phase begins */
void ppp_net_down(struct ppp_net *n, mono_t now);	/* the link left the network phase; may come up again */
/**
 * ppp_net_rx - a control frame, or an LCP Protocol-Reject of one (ppp_link_rx() answers PPP_RX_NCP for that too)
 *
 * Return: false when its protocol is none of ours: the owner has the link reject it.
 */
bool ppp_net_rx(struct ppp_net *n, const uint8_t *frame, size_t len, mono_t now);
/** ppp_net_rejected - the peer Protocol-Rejected this NCP. */
void ppp_net_rejected(struct ppp_net *n, uint16_t protocol, mono_t now);
void ppp_net_expire(struct ppp_net *n, mono_t now);
mono_t ppp_net_deadline(const struct ppp_net *n);
size_t ppp_net_tx(struct ppp_net *n, uint8_t *buf, size_t cap, mono_t now);

enum ppp_net_event_type {
	PPP_NET_EV_IP4_UP, PPP_NET_EV_IP4_DOWN,
	PPP_NET_EV_IP6_UP, PPP_NET_EV_IP6_DOWN,
	PPP_NET_EV_NONE_LEFT,		/* every NCP has failed or been refused: the owner ends the link */
};

struct ppp_net_event {
	enum ppp_net_event_type type;
	uint32_t local_ip4, peer_ip4, dns[2], wins[2];
	uint8_t local_iid[8], peer_iid[8];
	enum ppp_reason reason;		/* DOWN, NONE_LEFT */
};
bool ppp_net_event(struct ppp_net *n, struct ppp_net_event *ev);
const char *ppp_net_state(const struct ppp_net *n, uint16_t protocol);	/* RFC 1661 state name of 0x8021, 0x8057 */
/** ppp_net_reason - why an NCP (0x8021, 0x8057) last went down, or never came up; PPP_REASON_NONE if it did not. */
enum ppp_reason ppp_net_reason(const struct ppp_net *n, uint16_t protocol);

const char *ppp_counter_name(unsigned i);	/* of struct ppp_counters; NULL past the last */

/** ppp_debug_line - one control frame (from its protocol field) as one line; passwords and responses masked. */
size_t ppp_debug_line(const uint8_t *frame, size_t len, char *buf, size_t cap);

#endif
