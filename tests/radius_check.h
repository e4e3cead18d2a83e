/* SPDX-License-Identifier: BSD-2-Clause */
/* What must hold inside a RADIUS client between any two calls. For simulation and fuzzing. */
#ifndef ADIT_TESTS_RADIUS_CHECK_H
#define ADIT_TESTS_RADIUS_CHECK_H

#include "radius/client_impl.h"

static inline unsigned radius_check_length(const struct list *l)
{
	unsigned n = 0;

	list_for(it, l)
		n++;
	return n;
}

/* Each id is free, asked under, or the probe's. */
static inline const char *radius_check_ids(const struct radius_server *s)
{
	static uint8_t seen[65536];
	uint32_t used = 0;

	memset(seen, 0, s->ids);
	for (uint32_t i = 0; i < s->free_count; i++) {
		uint16_t n = s->free_id[(s->free_head + i) % s->ids];

		if (n >= s->ids || seen[n]++ || s->by_id[n])
			return "an id is free twice, or in use";
	}
	for (uint32_t n = 0; n < s->ids; n++) {
		const struct radius_ask *a = s->by_id[n];

		if (a && (a->server != s || a->n != n || (a->place != RADIUS_READY && a->place != RADIUS_SENT)))
			return "an id leads to another request";
		used += a != NULL;
	}
	if (used != s->outstanding)
		return "outstanding is not what has an id";
	return used + s->free_count + s->probe.has_id == s->ids ? NULL : "an id is lost";
}

static inline const char *radius_check_server(const struct radius_server *s)
{
	if (s->held_count != radius_check_length(&s->held))
		return "held is not counted";
	if (s->held_count && (s->dead || radius_has_room(s)))
		return "requests are held without need";
	if (s->dead != wheel_armed(&s->timer))
		return "the timer of a server runs when it is dead";
	if (!s->dead && s->probe.has_id)
		return "a living server is probed";
	return radius_check_ids(s);
}

static inline const char *radius_check_list(const struct radius_list *l, enum radius_order order)
{
	if (l->waiting_count != radius_check_length(&l->waiting))
		return "waiting is not counted";
	if (!l->waiting_count)
		return NULL;
	for (unsigned i = 0; i < l->servers; i++) {
		if (!l->server[i]->dead && radius_has_room(l->server[i]))
			return "requests wait, a server has room";
		if (!l->server[i]->dead && order == RADIUS_ORDER_DIRECT)
			return NULL;	/* the first living one is full */
	}
	return list_linked(&l->drain_link) || !radius_list_dead(l) ? NULL : "all are dead, nobody tells those that wait";
}

/* Return: NULL, or what is wrong. */
static inline const char *radius_check(struct radius_client *c)
{
	size_t in = radius_check_length(&c->ended);
	const char *wrong = NULL;

	for (unsigned i = 0; i < c->t.server_count && !wrong; i++) {
		wrong = radius_check_server(c->t.server[i]);
		in += c->t.server[i]->outstanding + c->t.server[i]->held_count;
	}
	for (unsigned i = 0; i < c->t.list_count && !wrong; i++) {
		wrong = radius_check_list(c->t.list[i], c->order[c->t.list[i]->use]);
		in += c->t.list[i]->waiting_count;
	}
	if (!wrong && in != c->asks.count)
		wrong = "a request is lost";
	return wrong;
}

#endif
