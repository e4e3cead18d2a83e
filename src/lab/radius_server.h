/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A RADIUS server for tests (RFC 2865, 2866, 5997), pure: requests and the time go in, answers come out. It judges PAP,
 * CHAP and MS-CHAPv2, keeps book of accounting, knows a repeated request (RFC 5080 §2.2.2), and misbehaves as ordered:
 * silent, slow, wrong, rejecting, in bursts.
 *
 * An answer is made when its request comes. Then it waits for its delay, for company (bursts), for its turn (rate).
 */
#ifndef ADIT_LAB_RADIUS_SERVER_H
#define ADIT_LAB_RADIUS_SERVER_H

#include "base/ipaddr.h"
#include "base/mono.h"
#include "lab/acct_book.h"
#include "lab/users.h"

enum lab_radius_port { LAB_RADIUS_AUTH, LAB_RADIUS_ACCT, LAB_RADIUS_PORTS };

struct lab_radius_conf {
	struct span secret;
	struct radius_users *users;	/* borrowed */
	bool message_authenticator;	/* first in what answers an Access-Request */
	bool status_server;		/* is answered */
	/* Orders to misbehave; those of type double are per cent of all requests or answers. */
	double silent, reject, challenge;
	double wrong_authenticator, truncate, wrong_id, duplicate;
	bool wrong_secret;
	unsigned delay_min_ms, delay_max_ms;
	unsigned burst;			/* answers go so many together; 0 and 1: each when it is ready */
	double rate;			/* at most so many answers a second; 0: no limit */
};

/* X(enumerator, "name", group) */
#define LAB_RADIUS_COUNTS(X) \
	X(ACCESS_REQUESTS, "requests", AUTH)		/* with their repetitions */ \
	X(ACCESS_DUPLICATES, "duplicates", AUTH) \
	X(ACCEPTS, "accepts", AUTH)			/* answers, those of repetitions too */ \
	X(REJECTS, "rejects", AUTH) \
	X(CHALLENGES, "challenges", AUTH) \
	X(PAP, "pap", AUTH)				/* requests by what they carry */ \
	X(CHAP, "chap", AUTH) \
	X(MSCHAPV2, "ms-chap-v2", AUTH) \
	X(NO_CREDENTIALS, "no-credentials", AUTH) \
	X(UNKNOWN_USER, "unknown-user", AUTH) \
	X(WRONG_PASSWORD, "wrong-password", AUTH) \
	X(AUTH_STATUS, "status-server", AUTH) \
	X(ACCT_REQUESTS, "requests", ACCT) \
	X(ACCT_DUPLICATES, "duplicates", ACCT) \
	X(ACCT_STATUS, "status-server", ACCT) \
	X(MALFORMED, "malformed", DROPPED) \
	X(UNEXPECTED_CODE, "unexpected-code", DROPPED) \
	X(BAD_AUTHENTICATOR, "bad-authenticator", DROPPED) \
	X(BAD_MESSAGE_AUTHENTICATOR, "bad-message-authenticator", DROPPED) \
	X(NO_STATUS_TYPE, "no-acct-status-type", DROPPED) \
	X(ANSWER_TOO_LONG, "answer-too-long", DROPPED) \
	X(OVERRUN, "overrun", DROPPED)			/* too many answers wait for their turn */ \
	X(NO_MEMORY, "no-memory", DROPPED) \
	X(SILENT, "silent", ORDERED) \
	X(REJECTED, "rejected", ORDERED) \
	X(WRONG_AUTHENTICATOR, "wrong-authenticator", ORDERED) \
	X(WRONG_SECRET, "wrong-secret", ORDERED) \
	X(TRUNCATED, "truncated", ORDERED) \
	X(WRONG_ID, "wrong-id", ORDERED) \
	X(DUPLICATED, "duplicated", ORDERED) \
	X(STATUS_IGNORED, "status-server-ignored", ORDERED)

enum lab_radius_count {
#define X(id, name, group) LAB_RADIUS_##id,
	LAB_RADIUS_COUNTS(X)
#undef X
	LAB_RADIUS_COUNT_COUNT
};

/* Where a request came from, and where its answer goes. */
struct lab_radius_peer {
	enum lab_radius_port at;	/* which of our ports */
	struct ip_addr addr;
	uint16_t port;
};

/* A request that was taken for the first time. */
struct lab_radius_taken {
	bool fresh;
	uint8_t answer;			/* RADIUS code */
	struct radius_pkt pkt;		/* borrows what lab_radius_rx() was given */
};

struct lab_radius;

/** lab_radius_new - conf is copied, but for the users; the secret too must live on. NULL: out of memory. */
struct lab_radius *lab_radius_new(const struct lab_radius_conf *conf, const uint8_t seed[32], mono_t now);
void lab_radius_free(struct lab_radius *r);

/** lab_radius_rx - one datagram. Return: what it was, for a log. */
struct lab_radius_taken lab_radius_rx(struct lab_radius *r, const struct lab_radius_peer *from, const uint8_t *msg, size_t len,
				      mono_t now);
void lab_radius_expire(struct lab_radius *r, mono_t now);
mono_t lab_radius_deadline(const struct lab_radius *r);
/** lab_radius_tx - the next answer whose time has come. Return: its length, 0 when there is none. `cap` >= 4096. */
size_t lab_radius_tx(struct lab_radius *r, struct lab_radius_peer *to, uint8_t *buf, size_t cap, mono_t now);

/** lab_radius_silence - as if it were not there, until told otherwise: nothing is judged or recorded. */
void lab_radius_silence(struct lab_radius *r, bool silent);
bool lab_radius_is_silent(const struct lab_radius *r);

uint64_t lab_radius_counter(const struct lab_radius *r, enum lab_radius_count what);
const struct acct_book *lab_radius_book(const struct lab_radius *r);

#endif
