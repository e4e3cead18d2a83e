/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RADIUS client (RFC 2865 §2, RFC 2866 §2, RFC 5080 §2, RFC 5997), a pure core: requests go in, datagrams and events
 * come out. It chooses the server, owns ids and request authenticators, repeats, judges replies, and knows which servers
 * are alive. What the attributes mean is its owner's business.
 *
 * Ids. A datagram is known by (server, port slot, id): a slot is a UDP source port of ours, which the owner opens when
 * tx() first names it, so that more than 256 requests can be outstanding. An id is used again as late as possible.
 *
 * Repeats. A repeat to the same server is octet for octet the same datagram, so that the server knows it
 * (RFC 5080 §2.2.2). Towards another server it is a new request: new id, new authenticator, Acct-Delay-Time as of then. The time
 * between repeats is the configured one, 10 % more or less at random (RFC 5080 §2.2.1: jitter); it does not grow, since
 * the window already bounds what a slow server is sent.
 *
 * Servers. A request that a server has not answered after its repeats goes to the next. A server is dead, for its dead
 * time, when a request ran out of repeats there and nothing valid has come from it since that request first went out. Any
 * valid reply, or the answer to a Status-Server probe, makes it alive at once. What is outstanding at a server that is
 * taken for dead goes to the next one at once. When all of a list are dead, one request a second is tried all the same (at
 * the server that has been dead, or not been tried, longest), the others are told RADIUS_EV_SILENT at once. A request
 * never comes to the same server twice.
 */
#ifndef ADIT_RADIUS_CLIENT_H
#define ADIT_RADIUS_CLIENT_H

#include "base/ipaddr.h"
#include "base/mono.h"
#include "base/rng.h"
#include "base/span.h"
#include "wire/radius_pkt.h"

enum radius_use { RADIUS_AUTH, RADIUS_ACCT, RADIUS_USES };

/*
 * Message-Authenticator in what a server sends (design.md section 8, CVE-2024-3596). It concerns answers to
 * Access-Requests; with REQUIRE also those to Status-Server. An Accounting-Response has none by the RFCs, and what
 * FreeRADIUS puts there is not computed like others: its Response Authenticator alone is judged.
 */
enum radius_ma_policy {
	RADIUS_MA_AUTO,			/* verified when there; required once this server has sent one with an answer */
	RADIUS_MA_REQUIRE,
	RADIUS_MA_NO,			/* verified when there */
};

enum radius_order { RADIUS_ORDER_DIRECT, RADIUS_ORDER_ROUND_ROBIN };

enum {
	RADIUS_TIMEOUT_S = 3, RADIUS_RETRANSMIT = 3, RADIUS_WINDOW = 255,	/* defaults */
	RADIUS_SERVERS_MAX = 8,		/* of one list */
	RADIUS_WINDOW_MAX = 32768,	/* beyond it, and below 1, a window is taken for the nearest that is possible */
	RADIUS_PROBE_MS = 2000,		/* between Status-Server probes */
};

struct radius_server_conf {
	uint32_t vr;
	enum radius_use use;
	struct ip_addr addr, source;	/* source none: the system chooses */
	uint16_t port;
	struct span secret;		/* copied */
	uint32_t timeout_ms;		/* between repeats */
	unsigned retransmit;		/* repeats after the first */
	uint32_t deadtime_s;		/* 0: never taken for dead */
	unsigned window;		/* most requests outstanding at once; more wait. Opens with answers, from 32 */
	enum radius_ma_policy ma;
	bool probe;			/* Status-Server while it is dead (RFC 5997) */
};

struct radius_client_conf {
	const struct radius_server_conf *servers;	/* in order, all lists */
	unsigned server_count;
	enum radius_order order[RADIUS_USES];
	unsigned queue_max[RADIUS_USES];	/* requests that wait for room in a window, a list; 0: no limit. Those that
						   come from a server that failed are never refused */
	struct span nas_identifier;		/* in Status-Server probes; may be empty */
};

/* One request. Everything is copied. */
struct radius_request {
	uint32_t vr;
	enum radius_use use;
	enum radius_code code;		/* Access-Request or Accounting-Request */
	struct span attrs;		/* encoded attributes, without User-Password, Message-Authenticator, Acct-Delay-Time */
	struct span password;		/* PAP: becomes User-Password, hidden for each server; p NULL: none */
	bool delay_time;		/* adds Acct-Delay-Time: seconds since `since` */
	mono_t since;			/* when what it tells of happened */
	uint32_t delay_base_s;		/* added to it: the age that a record had before a restart */
	mono_t give_up;			/* its owner needs no answer after this: ends as RADIUS_EV_SILENT; MONO_NEVER */
	void *user;			/* comes back in the event */
};

struct radius_handle {
	uint32_t id, generation;	/* id 0: none */
};

enum radius_event_type {
	RADIUS_EV_ANSWER,		/* verified: `reply`, whose spans live until the next event */
	RADIUS_EV_SILENT,		/* no server answered, or none is configured, or the queue was full */
};

/* Why an answer did not come. */
enum radius_silence {
	RADIUS_SILENT_TIMEOUT,		/* every server that could be asked has been */
	RADIUS_SILENT_ALL_DEAD,
	RADIUS_SILENT_NO_SERVER,	/* none is configured, or not any more */
	RADIUS_SILENT_QUEUE_FULL,
	RADIUS_SILENT_GIVEN_UP,		/* give_up has come */
	RADIUS_SILENCES
};
const char *radius_silence_name(enum radius_silence s);

struct radius_event {
	enum radius_event_type type;
	enum radius_use use;		/* of the request */
	struct radius_handle handle;
	void *user;
	struct radius_pkt reply;	/* Access-Accept, -Reject, -Challenge; Accounting-Response */
	uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN];	/* salt-encrypted attributes are opened with it */
	struct span secret;		/* of the server that answered; lives as long as `reply` */
	struct ip_addr server;
	uint32_t rtt_us;		/* since the datagram that was answered first went to this server */
	enum radius_silence silence;
};

/* Where a datagram goes, or came from. */
struct radius_path {
	uint32_t vr;
	enum radius_use use;		/* authentication and accounting never share a source port */
	struct ip_addr local;		/* none: the system chooses; not looked at in rx */
	struct ip_addr server;
	uint16_t port;			/* the server's */
	uint16_t slot;			/* which of our source ports for (vr, use, family, local) */
};

struct radius_client;

/** radius_client_new - a client without servers. Return: NULL when out of memory. */
struct radius_client *radius_client_new(const uint8_t seed[32], mono_t now);
void radius_client_free(struct radius_client *c);

/**
 * radius_client_apply - takes over a list of servers (copied)
 *
 * A server that stays (same vr, use, address, port) keeps its state and counters; requests outstanding at one that went,
 * or whose secret or source changed, are asked anew. Such a changed server is as good as new: alive, and may be asked.
 *
 * Return: 0; -ENOMEM; -EINVAL when a list has more than RADIUS_SERVERS_MAX or a server is there twice. After an error the
 * old list stays.
 */
int radius_client_apply(struct radius_client *c, const struct radius_client_conf *conf, mono_t now);

/**
 * radius_client_submit - asks
 *
 * Return: 0 and the handle: exactly one event follows, unless it is cancelled; -ENOMEM; -E2BIG when the attributes do not
 * fit into a packet of 4,096 octets or the password is longer than 128; -EINVAL when they are no attributes, or have one
 * that is put here, or the code is none of the two.
 */
int radius_client_submit(struct radius_client *c, const struct radius_request *rq, mono_t now, struct radius_handle *out);

/** radius_client_cancel - the answer is not wanted any more: no event follows. A stale handle is harmless. */
void radius_client_cancel(struct radius_client *c, struct radius_handle h);

/** radius_client_rx - a datagram from a server, or from anybody. */
void radius_client_rx(struct radius_client *c, const struct radius_path *from, const uint8_t *buf, size_t len, mono_t now);
void radius_client_expire(struct radius_client *c, mono_t now);
mono_t radius_client_deadline(const struct radius_client *c);

/**
 * radius_client_tx - the next datagram to send
 * @cap: at least RADIUS_PKT_MAX
 *
 * A request counts as sent, and its timer runs, from here. Return: octets; 0 when there is nothing to send.
 */
size_t radius_client_tx(struct radius_client *c, struct radius_path *to, uint8_t *buf, size_t cap, mono_t now);

/** radius_client_event - the next event. Return: false when there is none. */
bool radius_client_event(struct radius_client *c, struct radius_event *ev);

/** radius_client_alive - whether a list has a server that is not dead (false too when it has none). */
bool radius_client_alive(const struct radius_client *c, uint32_t vr, enum radius_use use);

/* ---- displays ---- */

#define RADIUS_COUNTERS(X)	/* of a server */ \
	X(REQUESTS, "requests")			/* first transmissions here */ \
	X(REPEATS, "retransmissions") \
	X(ACCEPTS, "access-accepts") \
	X(REJECTS, "access-rejects") \
	X(CHALLENGES, "access-challenges") \
	X(RESPONSES, "accounting-responses") \
	X(TIMEOUTS, "timeouts")			/* requests that ran out of repeats here */ \
	X(PROBES, "status-server-probes") \
	X(PROBES_ANSWERED, "status-server-answers") \
	X(DEATHS, "declared-dead") \
	X(MALFORMED, "malformed-responses") \
	X(BAD_AUTHENTICATOR, "bad-authenticators") \
	X(BAD_MESSAGE_AUTHENTICATOR, "bad-message-authenticators") \
	X(NO_MESSAGE_AUTHENTICATOR, "missing-message-authenticators") \
	X(UNEXPECTED_CODE, "unexpected-codes")	/* e.g. an Accounting-Response to an Access-Request */ \
	X(UNKNOWN_ID, "late-or-unknown-responses") \
	X(NO_MEMORY, "responses-dropped-no-memory")	/* a repeat brings it again */

enum radius_count {
#define X(id, name) RADIUS_COUNT_##id,
	RADIUS_COUNTERS(X)
#undef X
	RADIUS_COUNT_MAX
};
const char *radius_count_name(unsigned i);	/* NULL past the last */

struct radius_server_info {
	uint32_t vr;
	enum radius_use use;
	struct ip_addr addr;
	uint16_t port;
	bool dead;
	uint32_t dead_left_s;		/* until it is tried again */
	unsigned outstanding, waiting;	/* waiting: in its list's queue, and those for this server alone */
	unsigned window, outstanding_max;
	bool ma_seen;			/* it has sent a Message-Authenticator */
	uint32_t rtt_us, rtt_max_us;	/* smoothed (1/8), and the longest */
	uint64_t count[RADIUS_COUNT_MAX];
};

/** radius_client_server_at - the i-th server. Return: false past the last. */
bool radius_client_server_at(const struct radius_client *c, unsigned i, struct radius_server_info *out, mono_t now);

/** radius_client_unknown_source - datagrams from nobody that is configured. */
uint64_t radius_client_unknown_source(const struct radius_client *c);

#endif
