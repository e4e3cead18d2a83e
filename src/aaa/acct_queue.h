/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounting records on their way to a server: bounded, in order for each session, kept in the journal until a server has
 * acknowledged them. A silent server loses nothing but what the bound says: interim updates and refusals go first, then
 * the oldest.
 *
 * Order. The records of one session reach the server one after another. Accounting-On and -Off are barriers: they go out
 * when everything before them has been acknowledged, and nothing passes them. A record that living servers do not answer
 * in three rounds holds up nothing any longer; a barrier is dropped then, with the first answer for anything else.
 */
#ifndef ADIT_AAA_ACCT_QUEUE_H
#define ADIT_AAA_ACCT_QUEUE_H

#include "aaa/acct_journal.h"
#include "base/hmap.h"
#include "base/list.h"
#include "base/mono.h"
#include "radius/client.h"

enum acct_kind { ACCT_START, ACCT_INTERIM, ACCT_STOP, ACCT_ON, ACCT_OFF, ACCT_TUNNEL,
		 ACCT_REFUSED, ACCT_KINDS };	/* REFUSED: the stop of who was not let in */

enum acct_queue_count {		/* rows of aaa/counters.h */
	ACCT_QUEUE_SENT,		/* put into the queue */
	ACCT_QUEUE_ACKED,
	ACCT_QUEUE_RETRIED,		/* no server answered: waits for another try */
	ACCT_QUEUE_DROPPED_INTERIM,	/* the queue was full */
	ACCT_QUEUE_DROPPED,
	ACCT_QUEUE_NO_MEMORY,
	ACCT_QUEUE_RESTORED,		/* from the journal, at the start */
	ACCT_QUEUE_JOURNAL_ERRORS,
	ACCT_QUEUE_COUNT_MAX
};

struct acct_queue {
	struct radius_client *radius;
	struct acct_journal journal;
	struct list input, retry, flying;	/* not yet taken; tried in vain, by time; with the client */
	struct list interims;			/* those of input and retry */
	struct hmap by_session;			/* the last record taken of a session and not finished */
	uint64_t seed;
	struct acct_record *barrier;		/* holds up what is behind it */
	struct acct_record *given_up;		/* the barrier that nobody would take: see acct_queue.c */
	unsigned max, size, in_flight, holding;	/* holding: taken, and a barrier waits for them */
	mono_t next_try;			/* while no server is alive: one record a second */
	uint64_t count[ACCT_QUEUE_COUNT_MAX];
};

void acct_queue_init(struct acct_queue *q, struct radius_client *radius, uint64_t seed);
void acct_queue_fini(struct acct_queue *q);

/**
 * acct_queue_put - a record
 * @session: its Acct-Session-Id's number; 0: of none
 * @attrs:   encoded attributes, copied; without Acct-Delay-Time, which is added when it is sent
 * @age_s:   how long ago it happened, for one from the journal
 * @ref:     where the journal has it already; 0: it is written there now
 *
 * Never fails: what there is no room for is dropped and counted. Return: whether the journal has it.
 */
bool acct_queue_put(struct acct_queue *q, enum acct_kind kind, uint64_t session, struct span attrs, uint32_t age_s,
		    uint64_t ref, mono_t now, struct wall wall);

/** acct_queue_run - gives the client what it may have now. */
void acct_queue_run(struct acct_queue *q, mono_t now);
mono_t acct_queue_deadline(const struct acct_queue *q);

/** acct_queue_answer - an event of the client whose `user` is a record of ours. */
void acct_queue_answer(struct acct_queue *q, const struct radius_event *ev, mono_t now);

/** acct_queue_bound - another bound; what is beyond it is dropped. */
void acct_queue_bound(struct acct_queue *q, unsigned max);

/* ---- the journal's form of a record ---- */

struct acct_record_body {
	enum acct_kind kind;
	uint64_t session;
	int64_t when_s;			/* wall clock */
	struct span attrs;
};
/** acct_record_decode - Return: false when it is none. */
bool acct_record_decode(struct span body, struct acct_record_body *out);

#endif
