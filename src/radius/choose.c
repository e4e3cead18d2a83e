/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which server a request goes to (RFC 2865 §2.4, §2.5), and the two queues for want of room. While a request waits at a
 * list, no living server of the list has room; while one is held for a server, that one has not. radius_server_fill()
 * and radius_list_fill() keep it so wherever room appears, a server comes alive or dies.
 */
#include "radius/client_impl.h"

enum { TRY_MS = 1000 };		/* all dead: one request in this time */

bool radius_list_dead(const struct radius_list *l)
{
	for (unsigned i = 0; i < l->servers; i++) {
		if (!l->server[i]->dead)
			return false;
	}
	return true;
}

/*
 * Of the living servers that have not been asked, in direct order the first, in round-robin the next that has room, or if
 * none has, the next. NULL when there is none at all.
 */
static struct radius_server *choose(const struct radius_client *c, const struct radius_list *l, uint8_t visited)
{
	bool rotate = c->order[l->use] == RADIUS_ORDER_ROUND_ROBIN;
	struct radius_server *full = NULL;

	for (unsigned i = 0; i < l->servers; i++) {
		struct radius_server *s = l->server[rotate ? (l->next + i) % l->servers : i];

		if (s->dead || visited >> s->index & 1)
			continue;
		if (!rotate || radius_has_room(s))
			return s;
		if (!full)
			full = s;
	}
	return full;
}

/* Gives a request an id at a server; tx() does the rest. */
static void start(struct radius_client *c, struct radius_ask *a, struct radius_server *s)
{
	a->server = s;
	a->n = radius_id_take(s);
	a->sent = 0;
	a->place = RADIUS_READY;
	s->by_id[a->n] = a;
	if (++s->outstanding > s->outstanding_max)
		s->outstanding_max = s->outstanding;
	s->list->next = (s->index + 1) % s->list->servers;
	wheel_set(&c->ask_timers, &a->timer, a->give_up);
	list_push_back(&c->ready, &a->link);
}

static void wait_at_list(struct radius_ask *a)
{
	a->place = RADIUS_WAITING;
	list_push_back(&a->list->waiting, &a->link);
	a->list->waiting_count++;
}

static void wait_at_server(struct radius_client *c, struct radius_ask *a, struct radius_server *s)
{
	a->place = RADIUS_WAITING;
	a->server = s;
	wheel_set(&c->ask_timers, &a->timer, a->give_up);
	list_push_back(&s->held, &a->link);
	s->held_count++;
}

/* The dead server that was tried, or died, longest ago and has room. */
static struct radius_server *longest_dead(const struct radius_list *l)
{
	struct radius_server *best = NULL;

	for (unsigned i = 0; i < l->servers; i++) {
		struct radius_server *s = l->server[i];

		if (radius_has_room(s) && (!best || mono_before(s->tried, best->tried)))
			best = s;
	}
	return best;
}

static void begin_all_dead(struct radius_client *c, struct radius_ask *a, mono_t now)
{
	struct radius_list *l = a->list;
	struct radius_server *s = mono_before(now, l->try_at) ? NULL : longest_dead(l);

	if (!s) {
		radius_ask_silent(c, a, RADIUS_SILENT_ALL_DEAD);
		return;
	}
	l->try_at = mono_add_ms(now, TRY_MS);
	s->tried = now;
	start(c, a, s);
}

void radius_ask_begin(struct radius_client *c, struct radius_ask *a, mono_t now)
{
	struct radius_list *l = a->list;
	struct radius_server *s;

	if (!l) {
		radius_ask_silent(c, a, RADIUS_SILENT_NO_SERVER);
		return;
	}
	if (mono_due(a->give_up, now)) {
		radius_ask_silent(c, a, RADIUS_SILENT_GIVEN_UP);
		return;
	}
	s = choose(c, l, 0);
	if (!s)
		begin_all_dead(c, a, now);
	else if (radius_has_room(s))
		start(c, a, s);
	else if (c->queue_max[l->use] && l->waiting_count >= c->queue_max[l->use])
		radius_ask_silent(c, a, RADIUS_SILENT_QUEUE_FULL);
	else
		wait_at_list(a);
}

void radius_ask_move(struct radius_client *c, struct radius_ask *a, bool ran_out)
{
	struct radius_server *s = choose(c, a->list, a->visited);

	if (!s)
		radius_ask_silent(c, a, !ran_out && radius_list_dead(a->list) ? RADIUS_SILENT_ALL_DEAD
									      : RADIUS_SILENT_TIMEOUT);
	else if (radius_has_room(s))
		start(c, a, s);
	else
		wait_at_server(c, a, s);
}

void radius_server_fill(struct radius_client *c, struct radius_server *s)
{
	while (!s->dead && radius_has_room(s) && !list_empty(&s->held)) {
		struct radius_ask *a = container_of(s->held.next, struct radius_ask, link);

		radius_ask_leave(c, a);
		start(c, a, s);
	}
	radius_list_fill(c, s->list);
}

void radius_list_fill(struct radius_client *c, struct radius_list *l)
{
	while (!list_empty(&l->waiting)) {
		struct radius_ask *a = container_of(l->waiting.next, struct radius_ask, link);
		struct radius_server *s = choose(c, l, 0);

		if (!s && !list_linked(&l->drain_link))
			list_push_back(&c->drain, &l->drain_link);
		if (!s || !radius_has_room(s))
			return;
		radius_ask_leave(c, a);
		start(c, a, s);
	}
}
