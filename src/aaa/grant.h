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

enum grant_state {
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

/* Only needed until the answer is taken. */
struct grant_answer {
	enum aaa_refusal refusal;
	uint8_t mschap_success[42];
	struct addr_use want;		/* WAITING: the address waited for (not in the table) */
};

struct grant {
	struct list ready;		/* among those that have events */
	struct wheel_node timer;	/* the nearest of its deadlines */
	struct addr_use addr;
	void *user;			/* the requester's cookie */
	struct grant_answer *answer;	/* until it is taken */
	struct grant *other;		/* WAITING: the holder; else who waits for our address, or NULL */
	mono_t session_due;		/* session timeout; WAITING: the end of waiting */
	mono_t look_due;		/* idle timeout: the next look at the counters */
	mono_t idle_since;
	uint64_t idle_octets;
	struct acct_session acct;
	uint32_t id, generation;
	uint32_t session_timeout_s, idle_timeout_s;
	uint8_t state, events, logout;
	bool from_pool, client_chooses, logged_out;
	bool asked;			/* for the counters, which have not come */
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
void grant_answer_free(struct grant *g);

static inline struct span grant_name(const struct grant *g)
{
	return span_of(g->name, g->name_len);
}

#endif
