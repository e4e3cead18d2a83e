/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab's RADIUS server: what a request is, what it is answered with, and when. */
#include "lab/radius_server.h"

#include <stdlib.h>

#include "base/wheel.h"
#include "wire/chap_math.h"

enum {
	REMEMBER_S = 30,		/* a repetition is known for so long */
	WAITING_MAX = 200000,		/* answers that wait */
	BURST_WAIT_MS = 100,
	CATCH_UP_MS = 10,		/* --rate: what a late turn may make up for */
};

/* What has been ordered for a request, and so for its repetitions. */
enum order { AS_JUDGED, ORDER_REJECT, ORDER_CHALLENGE };

/* A request that may come again. */
struct request {
	struct hmap_node node;
	struct list link;		/* by age */
	struct lab_radius_peer from;
	uint8_t id, code;
	uint8_t order;			/* enum order */
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	mono_t seen;
};

struct answer {
	struct list link;		/* in held or ready */
	struct wheel_node timer;	/* delayed */
	struct lab_radius_peer to;
	size_t len;
	uint8_t octets[];
};

struct lab_radius {
	struct lab_radius_conf conf;
	struct rng rng;
	uint64_t seed;
	struct hmap requests;
	struct list by_age;
	struct wheel delays;
	struct list held, ready;
	unsigned waiting, held_count;
	mono_t held_due, next_slot;
	bool silent;
	struct acct_book book;
	uint64_t count[LAB_RADIUS_COUNT_COUNT];
};

/* A request at hand. */
struct at_hand {
	struct radius_pkt pkt;
	const struct lab_radius_peer *from;
	struct span msg;
	enum order order;
	bool repeated;
	mono_t now;
};

static void count(struct lab_radius *r, enum lab_radius_count what)
{
	r->count[what]++;
}

static bool chance(struct lab_radius *r, double percent)
{
	return percent > 0 && rng_u32(&r->rng) < percent / 100 * 4294967296.0;
}

/* ---- repetitions ---- */

static uint64_t request_hash(const struct lab_radius *r, const struct at_hand *q)
{
	uint64_t h = hash_bytes(q->pkt.authenticator, RADIUS_AUTHENTICATOR_LEN, r->seed);

	return ip_addr_hash(&q->from->addr, h ^ q->from->port ^ (uint64_t)q->pkt.id << 16);
}

static bool is_that(const struct request *m, const struct at_hand *q)
{
	return m->id == q->pkt.id && m->code == q->pkt.code && m->from.port == q->from->port && m->from.at == q->from->at &&
	       ip_addr_eq(&m->from.addr, &q->from->addr) &&
	       memcmp(m->authenticator, q->pkt.authenticator, RADIUS_AUTHENTICATOR_LEN) == 0;
}

static struct request *remembered(struct lab_radius *r, const struct at_hand *q)
{
	hmap_for(n, &r->requests, request_hash(r, q)) {
		struct request *m = container_of(n, struct request, node);

		if (is_that(m, q))
			return m;
	}
	return NULL;
}

static void request_forget(struct lab_radius *r, struct request *m)
{
	hmap_del(&r->requests, &m->node);
	list_del(&m->link);
	free(m);
}

static void forget_old(struct lab_radius *r, mono_t now)
{
	struct list *n;

	while ((n = list_first(&r->by_age))) {
		struct request *m = container_of(n, struct request, link);

		if (mono_before(now, mono_add_s(m->seen, REMEMBER_S)))
			break;
		request_forget(r, m);
	}
}

static void remember(struct lab_radius *r, const struct at_hand *q)
{
	struct request *m = calloc(1, sizeof(*m));

	if (!m) {
		count(r, LAB_RADIUS_NO_MEMORY);
		return;
	}
	*m = (struct request){ .from = *q->from, .id = q->pkt.id, .code = q->pkt.code, .order = (uint8_t)q->order,
			       .seen = q->now };
	memcpy(m->authenticator, q->pkt.authenticator, RADIUS_AUTHENTICATOR_LEN);
	if (hmap_add(&r->requests, &m->node, request_hash(r, q)) < 0) {
		free(m);
		count(r, LAB_RADIUS_NO_MEMORY);
		return;
	}
	list_push_back(&r->by_age, &m->link);
}

/* ---- answers on their way ---- */

static void answer_ready(struct lab_radius *r, struct answer *a)
{
	list_push_back(&r->ready, &a->link);
}

static void burst_go(struct lab_radius *r)
{
	struct list *n;

	while ((n = list_pop(&r->held)))
		answer_ready(r, container_of(n, struct answer, link));
	r->held_count = 0;
	r->held_due = MONO_NEVER;
}

static void answer_hold(struct lab_radius *r, struct answer *a, mono_t now)
{
	if (r->conf.burst <= 1) {
		answer_ready(r, a);
		return;
	}
	list_push_back(&r->held, &a->link);
	if (++r->held_count == 1)
		r->held_due = mono_add_ms(now, BURST_WAIT_MS);
	if (r->held_count >= r->conf.burst)
		burst_go(r);
}

static void answer_queue(struct lab_radius *r, const struct lab_radius_peer *to, struct span msg, mono_t now)
{
	unsigned spread = r->conf.delay_max_ms - r->conf.delay_min_ms;
	unsigned delay = r->conf.delay_min_ms + (spread ? rng_below(&r->rng, spread + 1) : 0);
	struct answer *a = r->waiting < WAITING_MAX ? malloc(sizeof(*a) + msg.len) : NULL;

	if (!a) {
		count(r, LAB_RADIUS_OVERRUN);
		return;
	}
	*a = (struct answer){ .to = *to, .len = msg.len };
	memcpy(a->octets, msg.p, msg.len);
	r->waiting++;
	if (delay)
		wheel_set(&r->delays, &a->timer, mono_add_ms(now, delay));
	else
		answer_hold(r, a, now);
}

/* ---- faults that were ordered ---- */

static size_t answer_sign(struct lab_radius *r, const struct at_hand *q, struct wr *w)
{
	size_t len = radius_pkt_end(w);
	struct span secret = r->conf.wrong_secret ? span_str("not the secret") : r->conf.secret;

	if (!len || !radius_sign_response(w->start, len, q->pkt.authenticator, secret))
		return 0;
	r->count[LAB_RADIUS_WRONG_SECRET] += r->conf.wrong_secret;
	return len;
}

static void answer_send(struct lab_radius *r, const struct at_hand *q, struct wr *w)
{
	size_t len;

	if (chance(r, r->conf.wrong_id)) {
		w->start[1]++;
		count(r, LAB_RADIUS_WRONG_ID);
	}
	len = answer_sign(r, q, w);
	if (!len) {
		count(r, LAB_RADIUS_ANSWER_TOO_LONG);
		return;
	}
	if (chance(r, r->conf.wrong_authenticator)) {
		w->start[4] ^= 1;
		count(r, LAB_RADIUS_WRONG_AUTHENTICATOR);
	}
	if (chance(r, r->conf.truncate)) {
		len = 1 + rng_below(&r->rng, (uint32_t)len - 1);
		count(r, LAB_RADIUS_TRUNCATED);
	}
	answer_queue(r, q->from, span_of(w->start, len), q->now);
	if (chance(r, r->conf.duplicate)) {
		answer_queue(r, q->from, span_of(w->start, len), q->now);
		count(r, LAB_RADIUS_DUPLICATED);
	}
}

/* ---- who it is ---- */

/* The credentials of a request; a method's attribute is found in one walk. */
struct credentials {
	struct span name, pap, chap, chap_challenge, mschap2, mschap_challenge, state;
};

static struct credentials credentials_of(const struct radius_pkt *p)
{
	struct radius_attr_iter it = radius_attrs_begin(p);
	struct credentials c = { .chap_challenge = span_of(p->authenticator, RADIUS_AUTHENTICATOR_LEN) };
	struct radius_attr a;

	while (radius_attr_next(&it, &a)) {
		switch (radius_attr_id(&a)) {
		case RADIUS_ATTR_USER_NAME: c.name = a.value; break;
		case RADIUS_ATTR_USER_PASSWORD: c.pap = a.value; break;
		case RADIUS_ATTR_CHAP_PASSWORD: c.chap = a.value; break;
		case RADIUS_ATTR_CHAP_CHALLENGE: c.chap_challenge = a.value; break;
		case RADIUS_ATTR_MS_CHAP2_RESPONSE: c.mschap2 = a.value; break;
		case RADIUS_ATTR_MS_CHAP_CHALLENGE: c.mschap_challenge = a.value; break;
		case RADIUS_ATTR_STATE: c.state = a.value; break;
		default: break;
		}
	}
	return c;
}

static bool pap_ok(const struct lab_radius *r, const struct at_hand *q, const struct credentials *c, struct span password)
{
	uint8_t buf[RADIUS_USER_PASSWORD_MAX];
	struct span given;
	bool ok = radius_user_password_open(c->pap, q->pkt.authenticator, r->conf.secret, buf, &given) &&
		  octets_equal_secret(given, password);

	explicit_bzero(buf, sizeof(buf));
	return ok;
}

static bool chap_ok(const struct credentials *c, struct span password)
{
	uint8_t expected[CHAP_MD5_LEN];

	if (c->chap.len != 1 + CHAP_MD5_LEN)
		return false;
	chap_md5(c->chap.p[0], password, c->chap_challenge, expected);
	return octets_equal_secret(span_of(c->chap.p + 1, CHAP_MD5_LEN), span_of(expected, sizeof(expected)));
}

/* RFC 2548 §2.3.2: ident, flags, peer's challenge, reserved, response; in PPP the flags come last. */
static bool mschap2_ok(const struct credentials *c, struct span password, uint8_t success[MSCHAPV2_SUCCESS_LEN])
{
	uint8_t response[MSCHAPV2_RESPONSE_LEN] = { 0 };

	if (c->mschap2.len != 1 + MSCHAPV2_RESPONSE_LEN)
		return false;
	memcpy(response, c->mschap2.p + 2, MSCHAPV2_RESPONSE_LEN - 1);
	return mschapv2_check(password, c->name, c->mschap_challenge, span_of(response, sizeof(response)), success);
}

/* Of a user whose password does not matter MS-CHAPv2 is judged all the same: the client wants to be answered. */
static bool judge(struct lab_radius *r, const struct at_hand *q, const struct credentials *c, const struct radius_user *u,
		  uint8_t success[MSCHAPV2_SUCCESS_LEN])
{
	struct span password = span_str(u->password);

	if (c->mschap2.p)
		return mschap2_ok(c, password, success);
	if (u->any_password)
		return true;
	return c->chap.p ? chap_ok(c, password) : c->pap.p && pap_ok(r, q, c, password);
}

static void count_method(struct lab_radius *r, const struct credentials *c)
{
	if (c->mschap2.p)
		count(r, LAB_RADIUS_MSCHAPV2);
	else if (c->chap.p)
		count(r, LAB_RADIUS_CHAP);
	else
		count(r, c->pap.p ? LAB_RADIUS_PAP : LAB_RADIUS_NO_CREDENTIALS);
}

/* ---- Access-Request ---- */

static void put_proxy_states(struct wr *w, const struct radius_pkt *p)
{
	struct radius_attr_iter it = radius_attrs_begin(p);
	struct radius_attr a;

	while (radius_attr_next(&it, &a))	/* RFC 2865 §5.33: copied unmodified and in order */
		if (radius_attr_id(&a) == RADIUS_ATTR_PROXY_STATE)
			radius_put_span(w, RADIUS_ATTR_PROXY_STATE, a.value);
}

static void put_success(struct wr *w, const struct credentials *c, const uint8_t success[MSCHAPV2_SUCCESS_LEN])
{
	uint8_t value[1 + MSCHAPV2_SUCCESS_LEN] = { c->mschap2.p[0] };

	memcpy(value + 1, success, MSCHAPV2_SUCCESS_LEN);
	radius_put_span(w, RADIUS_ATTR_MS_CHAP2_SUCCESS, span_of(value, sizeof(value)));
}

static void put_reject(struct wr *w, const struct credentials *c, const char *why)
{
	char error[] = " E=691 R=0 V=3";

	radius_put_span(w, RADIUS_ATTR_REPLY_MESSAGE, span_str(why));
	if (!c->mschap2.len)
		return;
	error[0] = (char)c->mschap2.p[0];	/* RFC 2548 §2.1.5: Ident first */
	radius_put_span(w, RADIUS_ATTR_MS_CHAP_ERROR, span_of(error, sizeof(error) - 1));
}

static void put_challenge(struct lab_radius *r, struct wr *w)
{
	uint8_t state[8];

	rng_bytes(&r->rng, state, sizeof(state));
	radius_put_span(w, RADIUS_ATTR_STATE, span_of(state, sizeof(state)));
	radius_put_span(w, RADIUS_ATTR_REPLY_MESSAGE, span_str("challenged by order"));
}

static void order_access(struct lab_radius *r, struct at_hand *q, const struct credentials *c)
{
	if (q->repeated)
		return;
	if (chance(r, r->conf.reject))
		q->order = ORDER_REJECT;
	else if (!c->state.p && chance(r, r->conf.challenge))
		q->order = ORDER_CHALLENGE;
}

static uint8_t answer_begin(const struct lab_radius *r, struct wr *w, enum radius_code code, const struct at_hand *q)
{
	radius_pkt_begin(w, code, q->pkt.id, NULL);
	if (r->conf.message_authenticator && code != RADIUS_ACCOUNTING_RESPONSE)
		radius_put_message_authenticator_slot(w);
	return (uint8_t)code;
}

static uint8_t reject(struct lab_radius *r, const struct at_hand *q, const struct credentials *c, struct wr *w,
		      const char *why)
{
	uint8_t code = answer_begin(r, w, RADIUS_ACCESS_REJECT, q);

	count(r, LAB_RADIUS_REJECTS);
	put_reject(w, c, why);
	return code;
}

static uint8_t accept(struct lab_radius *r, const struct at_hand *q, const struct credentials *c, struct wr *w)
{
	const struct radius_user *u = c->name.len ? users_find(r->conf.users, c->name) : NULL;
	uint8_t success[MSCHAPV2_SUCCESS_LEN], code;

	if (!u) {
		count(r, LAB_RADIUS_UNKNOWN_USER);
		return reject(r, q, c, w, "unknown user");
	}
	if (!judge(r, q, c, u, success)) {
		count(r, LAB_RADIUS_WRONG_PASSWORD);
		return reject(r, q, c, w, "wrong password");
	}
	code = answer_begin(r, w, RADIUS_ACCESS_ACCEPT, q);
	count(r, LAB_RADIUS_ACCEPTS);
	if (!reply_put(&u->reply, w, q->pkt.authenticator, r->conf.secret, &r->rng))
		w->full = true;
	if (c->mschap2.p)
		put_success(w, c, success);
	return code;
}

static uint8_t access_answer(struct lab_radius *r, struct at_hand *q, struct wr *w)
{
	struct credentials c = credentials_of(&q->pkt);
	uint8_t code;

	count(r, LAB_RADIUS_ACCESS_REQUESTS);
	r->count[LAB_RADIUS_ACCESS_DUPLICATES] += q->repeated;
	count_method(r, &c);
	order_access(r, q, &c);
	if (q->order == ORDER_REJECT) {
		count(r, LAB_RADIUS_REJECTED);
		code = reject(r, q, &c, w, "rejected by order");
	} else if (q->order == ORDER_CHALLENGE) {
		code = answer_begin(r, w, RADIUS_ACCESS_CHALLENGE, q);
		count(r, LAB_RADIUS_CHALLENGES);
		put_challenge(r, w);
	} else {
		code = accept(r, q, &c, w);
	}
	put_proxy_states(w, &q->pkt);
	return code;
}

/* ---- Accounting-Request, Status-Server ---- */

static uint8_t accounting_answer(struct lab_radius *r, const struct at_hand *q, struct wr *w)
{
	struct acct_record rec;
	uint8_t code;

	count(r, LAB_RADIUS_ACCT_REQUESTS);
	r->count[LAB_RADIUS_ACCT_DUPLICATES] += q->repeated;
	if (!acct_record_read(&q->pkt, &rec)) {
		count(r, LAB_RADIUS_NO_STATUS_TYPE);
		return 0;
	}
	if (!q->repeated && !acct_book_add(&r->book, &rec)) {
		count(r, LAB_RADIUS_NO_MEMORY);
		return 0;	/* not recorded, so not acknowledged */
	}
	code = answer_begin(r, w, RADIUS_ACCOUNTING_RESPONSE, q);
	put_proxy_states(w, &q->pkt);
	return code;
}

/* RFC 5997 §3. */
static uint8_t status_answer(struct lab_radius *r, const struct at_hand *q, struct wr *w)
{
	bool auth = q->from->at == LAB_RADIUS_AUTH;

	count(r, auth ? LAB_RADIUS_AUTH_STATUS : LAB_RADIUS_ACCT_STATUS);
	return answer_begin(r, w, auth ? RADIUS_ACCESS_ACCEPT : RADIUS_ACCOUNTING_RESPONSE, q);
}

/* ---- requests ---- */

static bool is_for_port(uint8_t code, enum lab_radius_port at)
{
	return code == RADIUS_STATUS_SERVER ||
	       code == (at == LAB_RADIUS_AUTH ? RADIUS_ACCESS_REQUEST : RADIUS_ACCOUNTING_REQUEST);
}

static bool authentic(struct lab_radius *r, const struct at_hand *q)
{
	static const uint8_t zeros[RADIUS_AUTHENTICATOR_LEN];
	bool acct = q->pkt.code == RADIUS_ACCOUNTING_REQUEST;
	enum radius_ma ma;

	if (acct && !radius_accounting_request_ok(q->msg.p, q->msg.len, r->conf.secret)) {
		count(r, LAB_RADIUS_BAD_AUTHENTICATOR);
		return false;
	}
	ma = radius_message_authenticator_check(q->msg.p, q->msg.len, acct ? zeros : q->pkt.authenticator, r->conf.secret);
	if (ma == RADIUS_MA_GOOD || (ma == RADIUS_MA_ABSENT && q->pkt.code != RADIUS_STATUS_SERVER))
		return true;
	count(r, LAB_RADIUS_BAD_MESSAGE_AUTHENTICATOR);
	return false;
}

static bool is_ignored(struct lab_radius *r, const struct at_hand *q)
{
	if (q->pkt.code == RADIUS_STATUS_SERVER && !r->conf.status_server) {
		count(r, LAB_RADIUS_STATUS_IGNORED);
		return true;
	}
	if (!r->silent && !chance(r, r->conf.silent))
		return false;
	count(r, LAB_RADIUS_SILENT);
	return true;
}

static uint8_t answer_write(struct lab_radius *r, struct at_hand *q, struct wr *w)
{
	switch (q->pkt.code) {
	case RADIUS_ACCESS_REQUEST: return access_answer(r, q, w);
	case RADIUS_ACCOUNTING_REQUEST: return accounting_answer(r, q, w);
	default: return status_answer(r, q, w);
	}
}

static uint8_t request_answer(struct lab_radius *r, struct at_hand *q)
{
	uint8_t buf[RADIUS_PKT_MAX], code;
	struct wr w = wr_of(buf, sizeof(buf));
	struct request *m;

	forget_old(r, q->now);
	m = remembered(r, q);
	q->repeated = m != NULL;
	q->order = m ? (enum order)m->order : AS_JUDGED;
	code = answer_write(r, q, &w);
	if (!code)
		return 0;
	if (!m)
		remember(r, q);
	answer_send(r, q, &w);
	return code;
}

struct lab_radius_taken lab_radius_rx(struct lab_radius *r, const struct lab_radius_peer *from, const uint8_t *msg, size_t len,
				      mono_t now)
{
	struct at_hand q = { .from = from, .msg = span_of(msg, len), .now = now };
	struct lab_radius_taken taken = { 0 };

	if (radius_pkt_decode(&q.pkt, msg, len) != RADIUS_PKT_OK) {
		count(r, LAB_RADIUS_MALFORMED);
		return taken;
	}
	if (!is_for_port(q.pkt.code, from->at)) {
		count(r, LAB_RADIUS_UNEXPECTED_CODE);
		return taken;
	}
	if (is_ignored(r, &q) || !authentic(r, &q))
		return taken;
	taken.answer = request_answer(r, &q);
	taken.fresh = taken.answer && !q.repeated && q.pkt.code != RADIUS_STATUS_SERVER;
	taken.pkt = q.pkt;
	return taken;
}

/* ---- time ---- */

void lab_radius_expire(struct lab_radius *r, mono_t now)
{
	for (struct wheel_node *n; (n = wheel_expire(&r->delays, now));)
		answer_hold(r, container_of(n, struct answer, timer), now);
	if (mono_due(r->held_due, now))
		burst_go(r);
}

mono_t lab_radius_deadline(const struct lab_radius *r)
{
	mono_t due = mono_min(wheel_deadline(&r->delays), r->held_due);

	return list_empty(&r->ready) ? due : mono_min(due, r->next_slot);
}

static bool slot_take(struct lab_radius *r, mono_t now)
{
	mono_t late = mono_add_ms(now, -CATCH_UP_MS);

	if (r->conf.rate <= 0)
		return true;
	if (mono_before(now, r->next_slot))
		return false;
	if (mono_before(r->next_slot, late))
		r->next_slot = late;
	r->next_slot = mono_add_ns(r->next_slot, (int64_t)(1e9 / r->conf.rate));
	return true;
}

size_t lab_radius_tx(struct lab_radius *r, struct lab_radius_peer *to, uint8_t *buf, size_t cap, mono_t now)
{
	struct answer *a;
	size_t len;

	if (list_empty(&r->ready) || !slot_take(r, now))
		return 0;
	a = container_of(list_pop(&r->ready), struct answer, link);
	len = a->len <= cap ? a->len : 0;
	memcpy(buf, a->octets, len);
	*to = a->to;
	free(a);
	r->waiting--;
	return len;
}

/* ---- life ---- */

struct lab_radius *lab_radius_new(const struct lab_radius_conf *conf, const uint8_t seed[32], mono_t now)
{
	struct lab_radius *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->conf = *conf;
	rng_init(&r->rng, seed);
	r->seed = rng_u64(&r->rng);
	hmap_init(&r->requests);
	list_init(&r->by_age);
	list_init(&r->held);
	list_init(&r->ready);
	wheel_init(&r->delays, now);
	r->held_due = MONO_NEVER;
	r->next_slot = now;
	acct_book_init(&r->book, r->seed);
	return r;
}

static void delayed_free(struct lab_radius *r)
{
	for (struct wheel_node *n; (n = wheel_expire(&r->delays, MONO_NEVER));)
		free(container_of(n, struct answer, timer));
}

void lab_radius_free(struct lab_radius *r)
{
	struct list *n;

	if (!r)
		return;
	delayed_free(r);
	burst_go(r);
	while ((n = list_pop(&r->ready)))
		free(container_of(n, struct answer, link));
	while ((n = list_first(&r->by_age)))
		request_forget(r, container_of(n, struct request, link));
	hmap_fini(&r->requests);
	acct_book_fini(&r->book);
	free(r);
}

/* ---- looking ---- */

void lab_radius_silence(struct lab_radius *r, bool silent)
{
	r->silent = silent;
}

bool lab_radius_is_silent(const struct lab_radius *r)
{
	return r->silent;
}

uint64_t lab_radius_counter(const struct lab_radius *r, enum lab_radius_count what)
{
	return r->count[what];
}

const struct acct_book *lab_radius_book(const struct lab_radius *r)
{
	return &r->book;
}
