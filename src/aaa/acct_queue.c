/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue of accounting records: bound, order, barriers, retries (RFC 2866 §2, §4.1, §4.2; design.md section 3). */
#include "aaa/acct_queue.h"

#include <errno.h>
#include <stdlib.h>

#include "base/rd.h"
#include "base/wr.h"

enum {
	IN_FLIGHT_MAX = 4096,		/* records that the client has; its windows are the finer bound */
	RETRY_S = 5,			/* after all servers were silent for one record while some live */
	ROUNDS = 3,			/* in vain while servers live: then it is the record, not the servers */
	DEAD_TRY_S = 1,			/* while none lives */
	BODY_HDR = 18,			/* version, kind, session, time */
	BODY_VERSION = 1,
};

struct acct_record {
	struct list link;		/* input, retry or flying; none: chained */
	struct list interim;		/* among those that may be dropped first */
	struct hmap_node node;		/* by_session: only the last of a session */
	struct acct_record *after;	/* the next of the same session, which waits for this one */
	uint64_t session, ref;
	struct radius_handle handle;
	mono_t born, due;		/* due: of a retry */
	uint32_t age_s;
	uint8_t kind;
	uint8_t rounds;			/* in vain, while servers lived */
	bool taken, holds, hashed, chained;	/* holds: a barrier waits for it */
	uint32_t acked;			/* how many had been acknowledged when it went out */
	uint16_t len;
	uint8_t attrs[];
};

/* Anybody can make records of refusals, as often as he likes; and another update comes. */
static bool goes_first(const struct acct_record *r)
{
	return r->kind == ACCT_INTERIM || r->kind == ACCT_REFUSED;
}

static bool is_barrier(const struct acct_record *r)
{
	return r->kind == ACCT_ON || r->kind == ACCT_OFF;
}

void acct_queue_init(struct acct_queue *q, struct radius_client *radius, uint64_t seed)
{
	*q = (struct acct_queue){ .radius = radius, .seed = seed, .max = UINT32_MAX, .next_try = MONO_ZERO };
	list_init(&q->input);
	list_init(&q->retry);
	list_init(&q->flying);
	list_init(&q->interims);
	hmap_init(&q->by_session);
}

/* ---- records of one session, one after another ---- */

static struct acct_record *session_last(struct acct_queue *q, uint64_t session)
{
	hmap_for(n, &q->by_session, hash_u64(session, q->seed)) {
		struct acct_record *r = container_of(n, struct acct_record, node);

		if (r->session == session)
			return r;
	}
	return NULL;
}

static void unhash(struct acct_queue *q, struct acct_record *r)
{
	if (r->hashed)
		hmap_del(&q->by_session, &r->node);
	r->hashed = false;
}

/* No barrier waits any longer for it, nor for what waits for it. */
static void let_pass(struct acct_queue *q, struct acct_record *r)
{
	for (; r && r->holds; r = r->after) {
		r->holds = false;
		q->holding--;
	}
}

/* Puts a taken record behind the last of its session. Return: whether it has to wait for that one. */
static bool session_chain(struct acct_queue *q, struct acct_record *r)
{
	struct acct_record *last = r->session ? session_last(q, r->session) : NULL;

	r->holds = !is_barrier(r) && (!last || last->holds);
	q->holding += r->holds;
	if (last) {
		last->after = r;
		r->chained = true;
		unhash(q, last);
	}
	/* without memory for the hash its order is not kept: better than losing it */
	r->hashed = r->session && hmap_add(&q->by_session, &r->node, hash_u64(r->session, q->seed)) == 0;
	return last;
}

/* ---- the end of a record ---- */

/* Takes it out of every list; what waited for it goes next. */
static void record_free(struct acct_queue *q, struct acct_record *r)
{
	acct_journal_done(&q->journal, &r->ref);
	list_del(&r->link);
	list_del(&r->interim);
	unhash(q, r);
	q->holding -= r->holds;
	if (r->after) {
		r->after->chained = false;
		list_push_front(&q->input, &r->after->link);
	}
	if (q->barrier == r)
		q->barrier = NULL;
	if (q->given_up == r)
		q->given_up = NULL;
	q->size--;
	free(r);
}

void acct_queue_fini(struct acct_queue *q)
{
	q->journal = (struct acct_journal){ 0 };	/* what is not acknowledged stays there */
	for (struct list *l; (l = list_pop(&q->input)) || (l = list_pop(&q->retry)) || (l = list_pop(&q->flying));)
		record_free(q, container_of(l, struct acct_record, link));
	hmap_fini(&q->by_session);
}

/* Nothing in flight, nor what waits behind it, is dropped. */
static struct acct_record *droppable(struct acct_queue *q)
{
	struct list *l = list_first(&q->interims);

	if (l)
		return container_of(l, struct acct_record, interim);
	l = list_first(&q->retry);
	if (!l)
		l = list_first(&q->input);
	return l ? container_of(l, struct acct_record, link) : NULL;
}

static void make_room(struct acct_queue *q, unsigned max)
{
	while (q->size > max) {
		struct acct_record *r = droppable(q);

		if (!r)
			return;
		q->count[r->kind == ACCT_INTERIM ? ACCT_QUEUE_DROPPED_INTERIM : ACCT_QUEUE_DROPPED]++;
		record_free(q, r);
	}
}

void acct_queue_bound(struct acct_queue *q, unsigned max)
{
	q->max = max;
	make_room(q, max);
}

/* ---- in ---- */

bool acct_record_decode(struct span body, struct acct_record_body *out)
{
	struct rd r = rd_span(body);
	uint8_t version = rd_u8(&r), kind = rd_u8(&r);

	*out = (struct acct_record_body){ .kind = kind, .session = rd_be64(&r), .when_s = (int64_t)rd_be64(&r) };
	out->attrs = rd_rest(&r);
	return !r.bad && version == BODY_VERSION && kind < ACCT_KINDS && out->attrs.len <= RADIUS_PKT_MAX;
}

static uint64_t journal_write(struct acct_queue *q, const struct acct_record *r, struct wall wall)
{
	uint8_t buf[BODY_HDR + RADIUS_PKT_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	uint64_t ref;

	if (!q->journal.append)
		return 0;
	wr_u8(&w, BODY_VERSION);
	wr_u8(&w, r->kind);
	wr_be64(&w, r->session);
	wr_be64(&w, (uint64_t)(wall.s - r->age_s));
	wr_bytes(&w, r->attrs, r->len);
	ref = acct_journal_append(&q->journal, wr_span(&w));
	if (!ref)
		q->count[ACCT_QUEUE_JOURNAL_ERRORS]++;
	return ref;
}

bool acct_queue_put(struct acct_queue *q, enum acct_kind kind, uint64_t session, struct span attrs, uint32_t age_s,
		    uint64_t ref, mono_t now, struct wall wall)
{
	struct acct_record *r = attrs.len <= RADIUS_PKT_MAX ? malloc(sizeof(*r) + attrs.len) : NULL;
	bool kept;

	q->count[ACCT_QUEUE_SENT]++;
	if (!r) {
		q->count[ACCT_QUEUE_NO_MEMORY]++;
		return false;
	}
	*r = (struct acct_record){ .session = session, .ref = ref, .born = now, .age_s = age_s, .kind = (uint8_t)kind,
				   .len = (uint16_t)attrs.len };
	list_init(&r->link);
	list_init(&r->interim);
	memcpy(r->attrs, attrs.p, attrs.len);
	if (!ref)
		r->ref = journal_write(q, r, wall);
	list_push_back(&q->input, &r->link);
	if (goes_first(r))
		list_push_back(&q->interims, &r->interim);
	q->size++;
	kept = r->ref != 0;
	make_room(q, q->max);
	return kept;
}

/* ---- out ---- */

static void fly(struct acct_queue *q, struct acct_record *r, mono_t now)
{
	struct radius_request rq = {
		.use = RADIUS_ACCT, .code = RADIUS_ACCOUNTING_REQUEST, .attrs = span_of(r->attrs, r->len),
		.delay_time = true, .since = r->born, .delay_base_s = r->age_s, .give_up = MONO_NEVER, .user = r,
	};
	int rc = radius_client_submit(q->radius, &rq, now, &r->handle);

	list_del(&r->link);
	if (rc == -ENOMEM) {
		q->count[ACCT_QUEUE_NO_MEMORY]++;
		r->due = mono_add_s(now, RETRY_S);
		list_push_back(&q->retry, &r->link);
		return;
	}
	if (rc) {	/* it is no request: one from a damaged journal */
		q->count[ACCT_QUEUE_DROPPED]++;
		record_free(q, r);
		return;
	}
	list_del(&r->interim);
	list_push_back(&q->flying, &r->link);
	if (is_barrier(r) && r->rounds < ROUNDS)
		q->barrier = r;
	r->acked = (uint32_t)q->count[ACCT_QUEUE_ACKED];
	q->in_flight++;
}

/* A record from the input: chained behind its session's last, or on its way. Return: false when it must wait. */
static bool take(struct acct_queue *q, struct acct_record *r, mono_t now)
{
	if (is_barrier(r) && !r->taken && q->holding)
		return false;
	if (!r->taken) {
		r->taken = true;
		if (session_chain(q, r)) {
			list_del(&r->link);
			list_del(&r->interim);
			return true;
		}
	}
	fly(q, r, now);
	return true;
}

static struct acct_record *retry_due(const struct acct_queue *q, mono_t now)
{
	struct list *l = list_first(&q->retry);
	struct acct_record *r = l ? container_of(l, struct acct_record, link) : NULL;

	return r && mono_due(r->due, now) ? r : NULL;
}

static bool may_send(struct acct_queue *q, mono_t now)
{
	if (q->in_flight >= IN_FLIGHT_MAX)
		return false;
	if (radius_client_alive(q->radius, 0, RADIUS_ACCT))
		return true;
	if (q->in_flight || !mono_due(q->next_try, now))
		return false;
	q->next_try = mono_add_s(now, DEAD_TRY_S);
	return true;
}

void acct_queue_run(struct acct_queue *q, mono_t now)
{
	struct acct_record *r;
	struct list *l;

	while (q->size > q->in_flight && may_send(q, now)) {
		r = retry_due(q, now);
		if (r) {
			fly(q, r, now);
			continue;
		}
		l = q->barrier ? NULL : list_first(&q->input);
		if (!l || !take(q, container_of(l, struct acct_record, link), now))
			return;
	}
}

/* While servers live, whatever is not waiting for an answer or for its retry has been sent by acct_queue_run(). */
mono_t acct_queue_deadline(const struct acct_queue *q)
{
	const struct list *l = list_first(&q->retry);
	mono_t retry = l ? container_of((struct list *)l, struct acct_record, link)->due : MONO_NEVER;

	if (q->size == q->in_flight || q->in_flight >= IN_FLIGHT_MAX)
		return MONO_NEVER;
	if (radius_client_alive(q->radius, 0, RADIUS_ACCT))
		return retry;
	if (q->in_flight)
		return MONO_NEVER;
	if (!q->barrier && !list_empty(&q->input))
		return q->next_try;
	return mono_before(retry, q->next_try) ? q->next_try : retry;
}

/* The rest of its session goes without it. */
static void unchain(struct acct_queue *q, struct acct_record *r)
{
	if (!r->after)
		return;
	r->after->chained = false;
	list_push_front(&q->input, &r->after->link);
	r->after = NULL;
}

/*
 * Servers live, and will not take this record: it holds up nothing any longer. A barrier is dropped when they take what
 * was behind it, for after that it would tell of the wrong moment; until then they may as well be away, with a dead time
 * of 0 nobody knows.
 */
static bool give_up(struct acct_queue *q, struct acct_record *r)
{
	if (is_barrier(r) && (r->acked != (uint32_t)q->count[ACCT_QUEUE_ACKED] || (q->given_up && q->given_up != r)))
		return true;
	if (is_barrier(r))
		q->given_up = r;
	if (q->barrier == r)
		q->barrier = NULL;
	let_pass(q, r);
	unchain(q, r);
	return false;
}

static void drop_given_up(struct acct_queue *q)
{
	struct acct_record *r = q->given_up;

	if (r->handle.id) {
		radius_client_cancel(q->radius, r->handle);
		q->in_flight--;
	}
	q->count[ACCT_QUEUE_DROPPED]++;
	record_free(q, r);
}

/* No server answered. */
static void silent(struct acct_queue *q, struct acct_record *r, mono_t now)
{
	bool alive = radius_client_alive(q->radius, 0, RADIUS_ACCT);

	r->rounds += alive && r->rounds < ROUNDS;
	if (r->rounds == ROUNDS && give_up(q, r)) {
		q->count[ACCT_QUEUE_DROPPED]++;
		record_free(q, r);
		return;
	}
	q->count[ACCT_QUEUE_RETRIED]++;
	r->due = mono_add_s(now, alive ? RETRY_S : DEAD_TRY_S);
	list_push_back(&q->retry, &r->link);
	if (goes_first(r))
		list_push_back(&q->interims, &r->interim);
	make_room(q, q->max);
}

void acct_queue_answer(struct acct_queue *q, const struct radius_event *ev, mono_t now)
{
	struct acct_record *r = ev->user;

	q->in_flight--;
	list_del(&r->link);
	r->handle = (struct radius_handle){ 0 };
	if (ev->type == RADIUS_EV_SILENT) {
		silent(q, r, now);
		return;
	}
	q->count[ACCT_QUEUE_ACKED]++;
	if (q->given_up && q->given_up != r)
		drop_given_up(q);
	record_free(q, r);
}
