/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hierarchical timer wheel: 6 levels of 64 slots over ticks of 4 ms. Adding, moving and removing a
 * timer are O(1), a node is 24 octets. Time is an argument; nodes fire at or after their instant, never before.
 */
#ifndef ADIT_BASE_WHEEL_H
#define ADIT_BASE_WHEEL_H

#include "base/list.h"
#include "base/mono.h"

enum { WHEEL_BITS = 6, WHEEL_SLOTS = 1 << WHEEL_BITS, WHEEL_LEVELS = 6 };
#define WHEEL_TICK_NS ((int64_t)4000000)	/* 4 ms; 6 levels of 64 reach beyond 8 years */

struct wheel_node {
	struct wheel_node *next, **pprev;	/* pprev: who points at this node; NULL when idle */
	mono_t due;
};

struct wheel {
	struct wheel_node *slot[WHEEL_LEVELS][WHEEL_SLOTS];
	struct wheel_node *expired;
	uint64_t busy[WHEEL_LEVELS];		/* a bit a slot that may hold nodes */
	int64_t tick;				/* every tick before this one has been turned */
	size_t count;
};

/** wheel_init - an empty wheel that begins at `now`. Nothing to free. */
void wheel_init(struct wheel *w, mono_t now);

/** wheel_set - (re)arms a node for `due`; MONO_NEVER takes it off. A new node must be zeroed. */
void wheel_set(struct wheel *w, struct wheel_node *n, mono_t due);

/** wheel_del - takes a node off; harmless if it is idle. */
void wheel_del(struct wheel *w, struct wheel_node *n);

static inline bool wheel_armed(const struct wheel_node *n)
{
	return n->pprev != NULL;
}

/** wheel_expire - the next node whose instant has come, taken off the wheel; NULL when there is none. Call until NULL. */
struct wheel_node *wheel_expire(struct wheel *w, mono_t now);

/** wheel_deadline - an instant at which wheel_expire is worth calling (never later than the first node's); MONO_NEVER if empty. */
mono_t wheel_deadline(const struct wheel *w);

#endif
