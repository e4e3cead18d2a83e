/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What AAA keeps of one subscriber, from the request to the release, in at most 256 octets with the user name; and the
 * table of them by handle {id, generation}. A handle whose generation is stale finds nothing.
 */
#ifndef ADIT_AAA_GRANT_H
#define ADIT_AAA_GRANT_H

#include "aaa/acct.h"
#include "aaa/addr_in_use.h"
#include "base/wheel.h"
#include "radius/client.h"

enum grant_state {
	GRANT_ASKING,		/* a RADIUS server */
	GRANT_WAITING,		/* for an address whose holder is being logged out */
	GRANT_ACCEPTED,		/* ACCEPT is among the events */
	GRANT_REFUSED,		/* REJECT is among the events; ends when it is taken */
	GRANT_HELD,		/* the requester has it */
	GRANT_STARTED,		/* the subscriber is up */
};

/* Events of one grant that have not been taken; taken lowest bit first. */
enum grant_event {
	GRANT_EV_ANSWER = 1 << 0,
	GRANT_EV_COUNTERS = 1 << 1,
	GRANT_EV_LOGOUT = 1 << 2,
};

/* A request on its way through the methods: what the next one needs if this one has no answer. */
struct grant_ask {
	struct radius_handle radius;
	unsigned method;		/* index in the list of methods */
	size_t len;			/* of `octets` */
	struct aaa_request rq;		/* credentials and pool; no line */
	uint8_t octets[];
};

/* Only needed until the answer is taken. */
struct grant_answer {
	enum aaa_refusal refusal;
	uint8_t mschap_success[42];
	uint8_t message_len;		/* Reply-Message */
	uint8_t message[253];
	struct addr_use want;		/* WAITING: the address waited for (not in the table) */
	struct grant_ask *ask;		/* ASKING */
};

/* What RADIUS gave beside an address: one allocation, ended by the octets that the spans are in. */
struct grant_extra {
	uint32_t dns[2], wins[2];
	uint16_t mtu;
	uint8_t mask_len;		/* of Framed-IP-Netmask; 0: none */
	bool no_source_check;		/* Sa-Validate 0 */
	uint16_t class_len;		/* encoded attributes, ready to be sent */
	uint8_t filter_len, interface_len, user_len, route_count;
	_Alignas(8) uint8_t octets[];	/* routes, then Class, Filter-Id, Local-Interface, User-Name */
};

struct grant {
	struct list ready;		/* among those that have events */
	struct wheel_node timer;	/* the nearest of its deadlines */
	struct addr_use addr;
	void *user;			/* the requester's cookie */
	struct grant_answer *answer;	/* until it is taken */
	struct grant_extra *extra;	/* NULL: nothing */
	struct grant *other;		/* WAITING: the holder; else who waits for our address, or NULL */
	mono_t session_due;		/* session timeout; WAITING: the end of waiting */
	mono_t look_due;		/* idle timeout: the next look at the counters */
	mono_t idle_since;
	uint64_t idle_octets;
	struct acct_session acct;
	uint32_t id, generation;
	uint32_t session_timeout_s, idle_timeout_s;
	uint8_t state, events, logout;
	uint8_t method;			/* enum aaa_method that accepted; END: none yet */
	bool from_pool, client_chooses, logged_out;
	bool asked;			/* for the counters, which have not come */
	bool test;			/* of `test aaa ppp`: its events are not the model's */
	uint16_t name_len;
	uint8_t name[];
};

struct grant_slot {
	struct grant *grant;
	uint32_t generation, next_free;
};

struct grant_table {
	struct grant_slot *slot;	/* [0] is not used */
	uint32_t size, used, free_head, free_tail;
};

void grant_table_fini(struct grant_table *t);
/** grant_new - a zeroed grant with a name, an answer and a handle. Return: NULL when out of memory. */
struct grant *grant_new(struct grant_table *t, struct span name);
void grant_free(struct grant_table *t, struct grant *g);
/** grant_find - by handle; NULL when it is stale. */
struct grant *grant_find(const struct grant_table *t, struct aaa_handle h);
/** grant_at - any by position in the table, for walking: NULL where there is none. */
struct grant *grant_at(const struct grant_table *t, uint32_t i);
void grant_answer_free(struct grant_answer *an);

/** grant_ask_set - keeps what later methods need of a request. Return: 0 or -ENOMEM. grant_ask_drop clears and frees it. */
int grant_ask_set(struct grant *g, const struct aaa_request *rq);
void grant_ask_drop(struct grant_answer *an);

static inline struct span grant_name(const struct grant *g)
{
	return span_of(g->name, g->name_len);
}

/* The parts of an extra; empty when there is none. */
const struct aaa_route *grant_routes(const struct grant *g, unsigned *count);
struct span grant_class(const struct grant *g);		/* encoded Class attributes */
struct span grant_filter(const struct grant *g);
struct span grant_interface(const struct grant *g);
/** grant_acct_user - who accounting is told of: the name of the Accept, if it has one (RFC 2865 §5.1), else the user's. */
struct span grant_acct_user(const struct grant *g);

#endif
