/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RADIUS client: a request from its beginning to its event, and its timer. Sources: RFC 2865 §2.4, §2.5,
 * RFC 2866 §2, RFC 5080 §2.2.1.
 */
#include "radius/client_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "wire/radius_attr.h"

struct radius_client *radius_client_new(const uint8_t seed[32], mono_t now)
{
	struct radius_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	rng_init(&c->rng, seed);
	wheel_init(&c->ask_timers, now);
	wheel_init(&c->server_timers, now);
	hmap_init(&c->asks);
	hmap_init(&c->t.servers);
	hmap_init(&c->t.lists);
	list_init(&c->ready);
	list_init(&c->probes);
	list_init(&c->ended);
	list_init(&c->drain);
	return c;
}

static void ask_free(struct radius_ask *a)
{
	if (!a)
		return;
	if (a->answer)
		explicit_bzero(a->answer, sizeof(*a->answer) + a->answer->secret_len + a->answer->len);
	free(a->answer);
	explicit_bzero(a, sizeof(*a) + a->attrs_len + a->password_len);
	free(a);
}

void radius_client_free(struct radius_client *c)
{
	struct hmap_node *n, *next;
	size_t pos = 0;

	if (!c)
		return;
	for (n = hmap_walk(&c->asks, &pos, NULL); n; n = next) {
		next = hmap_walk(&c->asks, &pos, n);
		ask_free(container_of(n, struct radius_ask, node));
	}
	ask_free(c->taken);
	hmap_fini(&c->asks);
	radius_tables_free(&c->t);
	explicit_bzero(c, sizeof(*c));
	free(c);
}

/* ---- a request's life ---- */

/* RFC 2865 §3: a packet is 4,096 octets at most. What may be added to the attributes is counted at its longest. */
static bool fits(const struct radius_request *rq)
{
	size_t len = RADIUS_HDR_LEN + rq->attrs.len;

	if (rq->attrs.len > RADIUS_PKT_MAX || rq->password.len > RADIUS_USER_PASSWORD_MAX)
		return false;
	if (rq->code == RADIUS_ACCESS_REQUEST)
		len += RADIUS_ATTR_HDR_LEN + RADIUS_AUTHENTICATOR_LEN;
	if (rq->password.p)
		len += RADIUS_ATTR_HDR_LEN + (rq->password.len ? (rq->password.len + 15) / 16 * 16 : 16);
	if (rq->delay_time)
		len += RADIUS_ATTR_HDR_LEN + 4;
	return len <= RADIUS_PKT_MAX;
}

/* Whole attributes, and none that is ours to put: what passes here can be sent. */
static bool attrs_ok(const struct radius_request *rq)
{
	struct rd r = rd_span(rq->attrs);

	while (rd_left(&r)) {
		uint8_t type = rd_u8(&r), len = rd_u8(&r);

		if (type == RADIUS_ATTR_MESSAGE_AUTHENTICATOR || len < RADIUS_ATTR_HDR_LEN)
			return false;
		if (type == RADIUS_ATTR_USER_PASSWORD || (rq->delay_time && type == RADIUS_ATTR_ACCT_DELAY_TIME))
			return false;
		rd_skip(&r, len - RADIUS_ATTR_HDR_LEN);
	}
	return !r.bad && (rq->code == RADIUS_ACCESS_REQUEST || rq->code == RADIUS_ACCOUNTING_REQUEST);
}

static struct radius_ask *ask_new(const struct radius_request *rq)
{
	struct radius_ask *a = calloc(1, sizeof(*a) + rq->attrs.len + rq->password.len);

	if (!a)
		return NULL;
	list_init(&a->link);
	a->user = rq->user;
	a->give_up = rq->give_up;
	a->since = rq->since;
	a->delay_base_s = rq->delay_base_s;
	a->code = (uint8_t)rq->code;
	a->has_password = rq->password.p;
	a->has_delay = rq->delay_time;
	a->attrs_len = (uint16_t)rq->attrs.len;
	a->password_len = (uint8_t)rq->password.len;
	if (rq->attrs.len)
		memcpy(a->octets, rq->attrs.p, rq->attrs.len);
	if (rq->password.len)
		memcpy(a->octets + rq->attrs.len, rq->password.p, rq->password.len);
	return a;
}

/* A handle is a number that is never used again; its lower half, the id, is not 0. */
static uint64_t handle_next(struct radius_client *c)
{
	if (!(uint32_t)++c->last_handle)
		c->last_handle++;
	return c->last_handle;
}

static struct radius_handle handle_of(const struct radius_ask *a)
{
	return (struct radius_handle){ (uint32_t)a->node.hash, (uint32_t)(a->node.hash >> 32) };
}

int radius_client_submit(struct radius_client *c, const struct radius_request *rq, mono_t now, struct radius_handle *out)
{
	struct radius_ask *a;

	if (!fits(rq))
		return -E2BIG;
	if (!attrs_ok(rq))
		return -EINVAL;
	a = ask_new(rq);
	if (!a || hmap_add(&c->asks, &a->node, handle_next(c))) {
		ask_free(a);
		return -ENOMEM;
	}
	*out = handle_of(a);
	a->list = radius_list_find(&c->t, rq->vr, rq->use);
	wheel_set(&c->ask_timers, &a->timer, a->give_up);
	radius_ask_begin(c, a, now);
	return 0;
}

void radius_ask_leave(struct radius_client *c, struct radius_ask *a)
{
	struct radius_server *s = a->server;

	list_del(&a->link);
	if (a->place == RADIUS_WAITING && s)
		s->held_count--;
	else if (a->place == RADIUS_WAITING && a->list)
		a->list->waiting_count--;
	else if (a->place == RADIUS_READY || a->place == RADIUS_SENT) {
		radius_id_give(s, a->n);
		if (!--s->outstanding)
			s->open = RADIUS_OPEN_FIRST;
	}
	a->server = NULL;
}

void radius_ask_end(struct radius_client *c, struct radius_ask *a)
{
	wheel_del(&c->ask_timers, &a->timer);
	a->place = RADIUS_ENDED;
	a->server = NULL;
	a->list = NULL;
	list_push_back(&c->ended, &a->link);
}

void radius_ask_silent(struct radius_client *c, struct radius_ask *a, enum radius_silence why)
{
	a->silence = (uint8_t)why;
	radius_ask_end(c, a);
}

void radius_client_cancel(struct radius_client *c, struct radius_handle h)
{
	struct hmap_node *n = h.id ? hmap_first(&c->asks, (uint64_t)h.generation << 32 | h.id) : NULL;
	struct radius_ask *a = n ? container_of(n, struct radius_ask, node) : NULL;
	struct radius_server *s;

	if (!a)
		return;
	s = a->server;
	radius_ask_leave(c, a);
	wheel_del(&c->ask_timers, &a->timer);
	hmap_del(&c->asks, &a->node);
	ask_free(a);
	if (s)
		radius_server_fill(c, s);
}

/* ---- time ---- */

/* RFC 2865 §2.5: no answer after the repeats: the next server. */
static void ran_out(struct radius_client *c, struct radius_ask *a, mono_t now)
{
	struct radius_server *s = a->server;
	bool died;

	s->count[RADIUS_COUNT_TIMEOUTS]++;
	radius_ask_leave(c, a);
	died = radius_server_silent(c, s, a->first_sent, now);
	radius_ask_move(c, a, true);
	if (died)
		radius_server_evacuate(c, s);
	else
		radius_server_fill(c, s);
}

static void give_up(struct radius_client *c, struct radius_ask *a)
{
	struct radius_server *s = a->server;

	radius_ask_leave(c, a);
	radius_ask_silent(c, a, RADIUS_SILENT_GIVEN_UP);
	if (s)
		radius_server_fill(c, s);
}

static void ask_expire(struct radius_client *c, struct radius_ask *a, mono_t now)
{
	if (mono_due(a->give_up, now)) {
		give_up(c, a);
	} else if (a->sent > a->server->conf.retransmit) {
		ran_out(c, a, now);
	} else {
		a->place = RADIUS_READY;
		wheel_set(&c->ask_timers, &a->timer, a->give_up);
		list_push_back(&c->ready, &a->link);
	}
}

void radius_client_expire(struct radius_client *c, mono_t now)
{
	struct wheel_node *n;

	while ((n = wheel_expire(&c->ask_timers, now)))
		ask_expire(c, container_of(n, struct radius_ask, timer), now);
	while ((n = wheel_expire(&c->server_timers, now)))
		radius_server_expire(c, container_of(n, struct radius_server, timer), now);
}

mono_t radius_client_deadline(const struct radius_client *c)
{
	return mono_min(wheel_deadline(&c->ask_timers), wheel_deadline(&c->server_timers));
}

/* ---- events ---- */

/* One of those that wait at a list whose servers have all died. */
static void drain(struct radius_client *c)
{
	struct list *first;

	while (list_empty(&c->ended) && (first = list_first(&c->drain))) {
		struct radius_list *l = container_of(first, struct radius_list, drain_link);
		struct radius_ask *a;

		if (list_empty(&l->waiting)) {
			list_del(&l->drain_link);
			continue;
		}
		a = container_of(l->waiting.next, struct radius_ask, link);
		radius_ask_leave(c, a);
		radius_ask_silent(c, a, RADIUS_SILENT_ALL_DEAD);
	}
}

static void fill_answer(struct radius_event *ev, const struct radius_ask *a)
{
	const struct radius_answer *w = a->answer;

	ev->type = RADIUS_EV_ANSWER;
	radius_pkt_decode(&ev->reply, w->octets + w->secret_len, w->len);
	memcpy(ev->request_authenticator, a->authenticator, sizeof(ev->request_authenticator));
	ev->secret = span_of(w->octets, w->secret_len);
	ev->server = w->server;
	ev->rtt_us = w->rtt_us;
}

bool radius_client_event(struct radius_client *c, struct radius_event *ev)
{
	struct radius_ask *a;

	ask_free(c->taken);
	c->taken = NULL;
	drain(c);
	if (list_empty(&c->ended))
		return false;
	a = container_of(list_pop(&c->ended), struct radius_ask, link);
	*ev = (struct radius_event){ .type = RADIUS_EV_SILENT, .handle = handle_of(a), .user = a->user,
				     .use = a->code == RADIUS_ACCESS_REQUEST ? RADIUS_AUTH : RADIUS_ACCT,
				     .silence = (enum radius_silence)a->silence };
	if (a->answer)
		fill_answer(ev, a);
	hmap_del(&c->asks, &a->node);
	c->taken = a;
	return true;
}

const char *radius_silence_name(enum radius_silence s)
{
	static const char *const names[RADIUS_SILENCES] = {
		[RADIUS_SILENT_TIMEOUT] = "timeout",
		[RADIUS_SILENT_ALL_DEAD] = "all-servers-dead",
		[RADIUS_SILENT_NO_SERVER] = "no-server",
		[RADIUS_SILENT_QUEUE_FULL] = "queue-full",
		[RADIUS_SILENT_GIVEN_UP] = "given-up",
	};

	return (unsigned)s < RADIUS_SILENCES ? names[s] : "?";
}
