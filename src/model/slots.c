/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/slots.h"

#include <errno.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 64 };

void slots_init(struct slots *t)
{
	*t = (struct slots){ .free_first = UINT32_MAX, .free_last = UINT32_MAX };
}

void slots_fini(struct slots *t)
{
	free(t->slot);
	slots_init(t);
}

static int slots_grow(struct slots *t)
{
	uint32_t cap = t->cap ? t->cap * 2 : SLOTS_FIRST;
	struct slot *bigger = realloc(t->slot, cap * sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	t->slot = bigger;
	t->cap = cap;
	return 0;
}

/* The slot that has been free the longest, else one never used. */
static uint32_t slots_take(struct slots *t)
{
	uint32_t i = t->free_first;

	if (i == UINT32_MAX) {
		i = t->count++;
		t->slot[i] = (struct slot){ .generation = 1 };
		return i;
	}
	t->free_first = t->slot[i].next_free;
	if (t->free_first == UINT32_MAX)
		t->free_last = UINT32_MAX;
	return i;
}

int slots_add(struct slots *t, void *obj, struct handle *out)
{
	uint32_t i;

	if (t->free_first == UINT32_MAX && t->count == t->cap && slots_grow(t))
		return -ENOMEM;
	i = slots_take(t);
	t->slot[i].obj = obj;
	t->used++;
	*out = (struct handle){ i, t->slot[i].generation };
	return 0;
}

void slots_del(struct slots *t, struct handle h)
{
	struct slot *s = &t->slot[h.slot];

	s->obj = NULL;
	s->generation = s->generation == UINT32_MAX ? 1 : s->generation + 1;
	s->next_free = UINT32_MAX;
	if (t->free_last == UINT32_MAX)
		t->free_first = h.slot;
	else
		t->slot[t->free_last].next_free = h.slot;
	t->free_last = h.slot;
	t->used--;
}

void *slots_get(const struct slots *t, struct handle h)
{
	const struct slot *s = h.slot < t->count ? &t->slot[h.slot] : NULL;

	return s && s->generation == h.generation ? s->obj : NULL;
}

void *slots_next(const struct slots *t, uint32_t *pos)
{
	while (*pos < t->count) {
		void *obj = t->slot[(*pos)++].obj;

		if (obj)
			return obj;
	}
	return NULL;
}
