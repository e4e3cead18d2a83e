/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The AAA contract. The model asks, AAA answers later: requests carry a handle {id, generation}, answers are pulled
 * with aaa_event(), never called back. Every grant is ended by exactly one aaa_release(). An answer for a request that
 * was cancelled releases what it granted by itself. A test binds its own `struct aaa_ops`.
 *
 * Behind it: methods in order (local, radius, none), the local user database, RADIUS, address pools, duplicate check by
 * address, session and idle timeouts, accounting.
 */
#ifndef ADIT_AAA_AAA_H
#define ADIT_AAA_AAA_H

#include "base/ipaddr.h"
#include "base/mono.h"
#include "base/span.h"

struct aaa;

struct aaa_handle {
	uint32_t id, generation;	/* id 0: none */
};

enum aaa_method { AAA_METHOD_END, AAA_METHOD_LOCAL, AAA_METHOD_RADIUS, AAA_METHOD_NONE };
enum aaa_service { AAA_PPP_LNS, AAA_PPP_LAC };	/* LNS: `aaa authentication tunnel default` applies before `ppp` */
enum aaa_cred { AAA_CRED_NONE, AAA_CRED_PAP, AAA_CRED_CHAP_MD5, AAA_CRED_MSCHAPV2 };

struct l2tp_access_line;		/* wire/l2tp_line.h: RFC 5515 */

/* What is known of the line a user comes over. Spans are borrowed for the call. */
struct aaa_line {
	enum aaa_service service;
	uint32_t vr;
	struct ip_addr lac, lns;		/* tunnel client and server end points */
	struct span lac_name, lns_name, assignment, private_group;
	struct span calling_number, called_number;
	const struct l2tp_access_line *access;	/* NULL: the LAC told nothing */
	uint32_t tx_speed, rx_speed, call_serial;
	uint16_t tunnel_id, session_id;		/* local */
	uint16_t peer_tunnel_id, peer_session_id;
};

/* A user who wants in. Spans are borrowed for the call; what is needed later is copied. */
struct aaa_request {
	struct aaa_line line;
	enum aaa_cred cred;
	struct span user;
	struct span password;			/* PAP */
	uint8_t chap_id;
	struct span challenge, response;	/* CHAP-MD5: 16 octets; MS-CHAPv2: 49 */
	struct span pool;			/* pool named by the profile; empty: none */
	char acct_session_id[20];		/* filled by the model from aaa_session_id() */
};

enum aaa_refusal {
	AAA_REFUSE_NONE,
	AAA_REFUSE_DENIED,			/* deny-authentication-denied: wrong password, unknown user */
	AAA_REFUSE_NO_SERVER,			/* deny-server-request-timeout: no server answered */
	AAA_REFUSE_NO_ADDRESS,			/* deny-address-allocation-failure: pools exhausted or no such pool */
	AAA_REFUSE_ADDRESS_IN_USE,		/* deny-address-in-use: duplicate, the holder is another user */
	AAA_REFUSE_NO_RESOURCES,		/* deny-no-resources */
	AAA_REFUSE_NO_METHOD,			/* deny-no-method: no method is configured */
	AAA_REFUSE_VIRTUAL_ROUTER,		/* deny-virtual-router-unknown: RADIUS named one that is not here */
	AAA_REFUSE_BAD_ANSWER,			/* deny-radius-answer-invalid: an Accept that cannot be carried out */
	AAA_REFUSE_CHALLENGE,			/* deny-radius-challenge: an Access-Challenge, which PPP cannot pass on */
	AAA_REFUSE_COUNT
};
const char *aaa_method_name(enum aaa_method m);	/* local, radius, none; "-" for the end */
const char *aaa_refusal_name(enum aaa_refusal r);
unsigned aaa_refusal_terminate_cause(enum aaa_refusal r);

/* RFC 2865 §5.22. The gateway is the subscriber, whatever was said. */
struct aaa_route {
	struct ip_prefix prefix;
	uint32_t metric, tag;			/* 0: none */
};

/* What the subscriber is given. Fields for IPv6 are carried from the start; nothing fills them yet. */
struct aaa_grant {
	struct ip_addr ip4, ip4_mask;		/* address of the subscriber */
	bool ip4_from_pool, ip4_client_chooses;	/* 255.255.255.255 */
	uint32_t dns[2], wins[2];		/* host order; 0: none */
	struct ip_prefix ip6_ndra, ip6_delegated;
	uint8_t ip6_iid[8];
	bool has_iid;
	struct ip_addr dns6[2];
	uint16_t mtu;				/* 0: not given */
	uint32_t session_timeout_s, idle_timeout_s, interim_s;	/* 0: none */
	bool no_source_check;			/* whatever source the subscriber's packets have */
	struct span filter_id, message, profile;/* live until the next event */
	struct span local_interface;		/* whose address is ours; empty: the profile's. As the others */
	const struct aaa_route *routes;		/* framed routes, live until the next event */
	unsigned route_count;
};

enum aaa_event_type {
	AAA_EV_ACCEPT,		/* the grant holds until aaa_release() */
	AAA_EV_REJECT,
	AAA_EV_LOGOUT,		/* the holder of `handle` must end (timeout, duplicate): end it and release */
	AAA_EV_COUNTERS,	/* accounting or the idle check wants the counters now: answer with aaa_counters() */
};

enum aaa_logout { AAA_LOGOUT_SESSION_TIMEOUT, AAA_LOGOUT_IDLE_TIMEOUT, AAA_LOGOUT_DUPLICATE, AAA_LOGOUT_ADMIN };
const char *aaa_logout_name(enum aaa_logout l);		/* shutdown-session-timeout, ... */
unsigned aaa_logout_terminate_cause(enum aaa_logout l);	/* RFC 2866 §5.10 */

struct aaa_event {
	enum aaa_event_type type;
	struct aaa_handle handle;
	void *user;				/* the requester's cookie */
	/* ACCEPT */
	struct aaa_grant grant;
	uint8_t mschap_success[42];		/* "S=..." when the credentials were MS-CHAPv2 */
	/* REJECT */
	enum aaa_refusal refusal;
	struct span message;
	/* LOGOUT */
	enum aaa_logout logout;
};

struct aaa_counters {
	uint64_t in_octets, out_octets, in_packets, out_packets;	/* in: from the subscriber */
};

struct aaa_stop {
	struct aaa_counters counters;
	const struct aaa_line *line;		/* NULL: as when it started nothing */
	unsigned terminate_cause;		/* RFC 2866 §5.10 */
	const char *reason;			/* our word */
};

/* RFC 2867 §3: what is told of tunnels, and of the sessions (links) in them. */
enum aaa_tunnel_event {
	AAA_TUNNEL_START, AAA_TUNNEL_STOP, AAA_TUNNEL_REJECT, AAA_TUNNEL_LINK_START, AAA_TUNNEL_LINK_STOP,
	AAA_TUNNEL_LINK_REJECT, AAA_TUNNEL_EVENTS
};

enum { AAA_TUNNEL_ID = 40 };

struct aaa_tunnel_record {
	enum aaa_tunnel_event event;
	char acct_session_id[AAA_TUNNEL_ID];	/* of the tunnel, or of the link */
	struct aaa_line line;			/* of a tunnel: without what is a session's */
	struct span user;			/* of a link; empty: not known */
	struct aaa_counters counters;		/* from here on: stop and reject */
	uint32_t session_s;
	unsigned terminate_cause;
};

struct aaa_ops {
	/* Starts a request. Return: 0 and the handle; -ENOMEM; -ENOSPC (too many in flight). The answer is an event. */
	int (*request)(struct aaa *a, const struct aaa_request *rq, void *user, mono_t now, struct aaa_handle *out);
	/* The session died before the answer: no event comes, a grant that was on its way is released. */
	void (*cancel)(struct aaa *a, struct aaa_handle h, mono_t now);
	/* The subscriber is up with this address: accounting start, timers. Where it differs from the grant (the client
	 * chose) it is claimed now; when another has it, AAA_EV_LOGOUT with AAA_LOGOUT_DUPLICATE follows. */
	void (*start)(struct aaa *a, struct aaa_handle h, const struct ip_addr *ip4, const struct aaa_line *line,
		      mono_t now, struct wall wall);
	/* The answer to AAA_EV_COUNTERS. */
	void (*counters)(struct aaa *a, struct aaa_handle h, const struct aaa_counters *c, const struct aaa_line *line,
			 mono_t now, struct wall wall);
	/* Ends a grant: accounting stop (if started), address back to its pool. */
	void (*release)(struct aaa *a, struct aaa_handle h, const struct aaa_stop *stop, mono_t now, struct wall wall);
	bool (*event)(struct aaa *a, struct aaa_event *ev, mono_t now);
	void (*expire)(struct aaa *a, mono_t now, struct wall wall);
	mono_t (*deadline)(const struct aaa *a);
	/* Tunnel accounting: a record, if it is configured. */
	void (*tunnel)(struct aaa *a, const struct aaa_tunnel_record *r, mono_t now, struct wall wall);
	/* What a grant gave, for displays. Return: false when the handle is stale or not granted. Spans live until the next call. */
	bool (*info)(const struct aaa *a, struct aaa_handle h, struct aaa_grant *out);
	/* Acct-Session-Id: start time (32 bits) and a counter, hex; unique over restarts. */
	void (*session_id)(struct aaa *a, char out[20]);
};

/* What a caller holds: the implementation and its state. */
struct aaa_if {
	const struct aaa_ops *ops;
	struct aaa *a;
};

#endif
