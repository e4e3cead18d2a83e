/* SPDX-License-Identifier: BSD-2-Clause */
/* Grants by handle: an array of slots; a free slot waits at the tail of the free list, its generation one further. */
#include "aaa/grant.h"

#include <stdlib.h>

enum { SLOTS_FIRST = 256 };

void grant_table_fini(struct grant_table *t)
{
	for (uint32_t i = 1; i < t->size; i++) {
		if (!t->slot[i].grant)
			continue;
		grant_answer_free(t->slot[i].grant);
		free(t->slot[i].grant);
	}
	free(t->slot);
	memset(t, 0, sizeof(*t));
}

static void slot_push(struct grant_table *t, uint32_t id)
{
	t->slot[id].next_free = 0;
	if (t->free_tail)
		t->slot[t->free_tail].next_free = id;
	else
		t->free_head = id;
	t->free_tail = id;
}

static uint32_t slot_pop(struct grant_table *t)
{
	uint32_t id = t->free_head;

	t->free_head = t->slot[id].next_free;
	if (!t->free_head)
		t->free_tail = 0;
	return id;
}

static bool table_grow(struct grant_table *t)
{
	uint32_t size = t->size ? t->size * 2 : SLOTS_FIRST;
	struct grant_slot *slot = size > t->size ? realloc(t->slot, size * sizeof(*slot)) : NULL;

	if (!slot)
		return false;
	memset(slot + t->size, 0, (size - t->size) * sizeof(*slot));
	t->slot = slot;
	for (uint32_t i = t->size ? t->size : 1; i < size; i++)
		slot_push(t, i);
	t->size = size;
	return true;
}

struct grant *grant_new(struct grant_table *t, struct span name)
{
	struct grant *g;

	if (name.len > UINT16_MAX || (!t->free_head && !table_grow(t)))
		return NULL;
	g = calloc(1, sizeof(*g) + name.len);
	if (!g)
		return NULL;
	g->answer = calloc(1, sizeof(*g->answer));
	if (!g->answer) {
		free(g);
		return NULL;
	}
	list_init(&g->ready);
	g->session_due = g->look_due = g->acct.interim_due = MONO_NEVER;
	g->name_len = (uint16_t)name.len;
	if (name.len)
		memcpy(g->name, name.p, name.len);
	g->id = slot_pop(t);
	g->generation = ++t->slot[g->id].generation;
	t->slot[g->id].grant = g;
	t->used++;
	return g;
}

void grant_answer_free(struct grant *g)
{
	free(g->answer);
	g->answer = NULL;
}

void grant_free(struct grant_table *t, struct grant *g)
{
	list_del(&g->ready);
	grant_answer_free(g);
	t->slot[g->id].grant = NULL;
	slot_push(t, g->id);
	t->used--;
	free(g);
}

struct grant *grant_at(const struct grant_table *t, uint32_t i)
{
	return i < t->size ? t->slot[i].grant : NULL;
}

struct grant *grant_find(const struct grant_table *t, struct aaa_handle h)
{
	struct grant *g = grant_at(t, h.id);

	return g && g->generation == h.generation ? g : NULL;
}
