/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timer wheel of wheel.h. A node lies in the lowest level whose span still separates it from the present tick;
 * when the present reaches a slot of a higher level, its nodes are sown again below. An instant is rounded up to a tick.
 */
#include "base/wheel.h"

#include <string.h>

enum { WHEEL_TOP = WHEEL_BITS * (WHEEL_LEVELS - 1) };

static int64_t tick_of(mono_t t)
{
	return t.ns / WHEEL_TICK_NS;
}

static int64_t tick_due(mono_t t)
{
	return t.ns / WHEEL_TICK_NS + (t.ns % WHEEL_TICK_NS > 0);
}

void wheel_init(struct wheel *w, mono_t now)
{
	memset(w, 0, sizeof(*w));
	w->tick = tick_of(now);
}

static void node_link(struct wheel_node **head, struct wheel_node *n)
{
	n->next = *head;
	if (n->next)
		n->next->pprev = &n->next;
	n->pprev = head;
	*head = n;
}

static void node_unlink(struct wheel_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
	n->next = NULL;
	n->pprev = NULL;
}

static void wheel_sow(struct wheel *w, struct wheel_node *n)
{
	int64_t due = tick_due(n->due), last = ((w->tick >> WHEEL_TOP) + WHEEL_SLOTS - 1) << WHEEL_TOP;
	int level = 0, slot;

	if (due < w->tick) {
		node_link(&w->expired, n);
		return;
	}
	if (due > last)
		due = last;
	/* the highest group of bits in which the due tick differs from the present one */
	for (int l = WHEEL_LEVELS - 1; l > 0; l--) {
		if ((due >> WHEEL_BITS * l) != (w->tick >> WHEEL_BITS * l)) {
			level = l;
			break;
		}
	}
	slot = (int)(due >> WHEEL_BITS * level) & (WHEEL_SLOTS - 1);
	node_link(&w->slot[level][slot], n);
	w->busy[level] |= (uint64_t)1 << slot;
}

void wheel_del(struct wheel *w, struct wheel_node *n)
{
	if (!n->pprev)
		return;
	node_unlink(n);
	w->count--;
}

void wheel_set(struct wheel *w, struct wheel_node *n, mono_t due)
{
	wheel_del(w, n);
	n->due = due;
	if (mono_is_never(due))
		return;
	wheel_sow(w, n);
	w->count++;
}

/* Takes a slot's nodes: those of level 0 have expired, others go to lower levels. */
static void wheel_empty_slot(struct wheel *w, int level, int slot)
{
	struct wheel_node *n = w->slot[level][slot], *next;

	w->slot[level][slot] = NULL;
	w->busy[level] &= ~((uint64_t)1 << slot);
	for (; n; n = next) {
		next = n->next;
		if (level == 0)
			node_link(&w->expired, n);
		else
			wheel_sow(w, n);
	}
}

static int64_t slot_start(const struct wheel *w, int level, int slot)
{
	int64_t base = w->tick >> WHEEL_BITS * (level + 1) << WHEEL_BITS * (level + 1);
	int64_t at = base + ((int64_t)slot << WHEEL_BITS * level);

	/* a slot behind the present belongs to the next round (only the top level wraps) */
	if (at >> WHEEL_BITS * level < w->tick >> WHEEL_BITS * level)
		at += (int64_t)1 << WHEEL_BITS * (level + 1);
	return at;
}

/* The first tick, not before the present, at which a busy slot begins; -1 if no slot is busy. */
static int64_t wheel_next_tick(const struct wheel *w)
{
	int64_t best = -1;

	for (int l = 0; l < WHEEL_LEVELS; l++) {
		int cur = (int)(w->tick >> WHEEL_BITS * l) & (WHEEL_SLOTS - 1);
		uint64_t b = w->busy[l], rot;
		int64_t at;

		if (!b)
			continue;
		rot = cur ? b >> cur | b << (WHEEL_SLOTS - cur) : b;
		at = slot_start(w, l, (cur + __builtin_ctzll(rot)) & (WHEEL_SLOTS - 1));
		if (at < w->tick)
			at = w->tick;
		if (best < 0 || at < best)
			best = at;
	}
	return best;
}

/* Turns the tick `at`: the slots that begin there, from the top down, so that nodes fall through to level 0. */
static void wheel_turn(struct wheel *w, int64_t at)
{
	w->tick = at;
	for (int l = WHEEL_LEVELS - 1; l >= 0; l--) {
		int slot = (int)(at >> WHEEL_BITS * l) & (WHEEL_SLOTS - 1);

		if (w->busy[l] >> slot & 1)
			wheel_empty_slot(w, l, slot);
	}
	w->tick = at + 1;
}

struct wheel_node *wheel_expire(struct wheel *w, mono_t now)
{
	int64_t until = tick_of(now);

	while (!w->expired) {
		int64_t at = wheel_next_tick(w);

		if (at < 0 || at > until) {
			if (at < 0 && w->tick <= until)
				w->tick = until;	/* nothing is sown: the present may jump */
			return NULL;
		}
		wheel_turn(w, at);
	}
	struct wheel_node *n = w->expired;

	wheel_del(w, n);
	return n;
}

mono_t wheel_deadline(const struct wheel *w)
{
	int64_t at;

	if (!w->count)	/* slots may still be marked busy by nodes that were taken off */
		return MONO_NEVER;
	if (w->expired)
		return (mono_t){ w->expired->due.ns };
	at = wheel_next_tick(w);
	return at < 0 ? MONO_NEVER : (mono_t){ at * WHEEL_TICK_NS };
}
