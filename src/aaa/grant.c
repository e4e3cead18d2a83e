/* SPDX-License-Identifier: BSD-2-Clause */
/* Grants by handle: an array of slots; a free slot waits at the tail of the free list, its generation one further. */
#include "aaa/grant.h"

#include <errno.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 256 };

void grant_table_fini(struct grant_table *t)
{
	for (uint32_t i = 1; i < t->size; i++) {
		if (!t->slot[i].grant)
			continue;
		grant_answer_free(t->slot[i].grant->answer);
		free(t->slot[i].grant->extra);
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

/* ---- what an answer is made of ---- */

static struct span keep(uint8_t **at, struct span s)
{
	struct span kept = span_of(*at, s.len);

	if (s.len)
		memcpy(*at, s.p, s.len);
	*at += s.len;
	return kept;
}

int grant_ask_set(struct grant *g, const struct aaa_request *rq)
{
	size_t len = rq->password.len + rq->challenge.len + rq->response.len + rq->pool.len;
	struct grant_ask *k = calloc(1, sizeof(*k) + len);
	uint8_t *at;

	if (!k)
		return -ENOMEM;
	at = k->octets;
	k->len = len;
	k->rq = (struct aaa_request){
		.line = { .service = rq->line.service, .vr = rq->line.vr }, .cred = rq->cred, .chap_id = rq->chap_id,
		.user = grant_name(g), .password = keep(&at, rq->password), .challenge = keep(&at, rq->challenge),
		.response = keep(&at, rq->response), .pool = keep(&at, rq->pool),
	};
	g->answer->ask = k;
	return 0;
}

void grant_ask_drop(struct grant_answer *an)
{
	if (!an || !an->ask)
		return;
	explicit_bzero(an->ask->octets, an->ask->len);
	free(an->ask);
	an->ask = NULL;
}

void grant_answer_free(struct grant_answer *an)
{
	grant_ask_drop(an);
	free(an);
}

/* ---- what RADIUS gave ---- */

static size_t routes_len(const struct grant_extra *x)
{
	return x->route_count * sizeof(struct aaa_route);
}

const struct aaa_route *grant_routes(const struct grant *g, unsigned *count)
{
	*count = g->extra ? g->extra->route_count : 0;
	return *count ? (const struct aaa_route *)(const void *)g->extra->octets : NULL;
}

struct span grant_class(const struct grant *g)
{
	const struct grant_extra *x = g->extra;

	return x ? span_of(x->octets + routes_len(x), x->class_len) : span_of(NULL, 0);
}

struct span grant_filter(const struct grant *g)
{
	const struct grant_extra *x = g->extra;

	return x ? span_of(x->octets + routes_len(x) + x->class_len, x->filter_len) : span_of(NULL, 0);
}

struct span grant_interface(const struct grant *g)
{
	const struct grant_extra *x = g->extra;

	return x ? span_of(x->octets + routes_len(x) + x->class_len + x->filter_len, x->interface_len) :
		   span_of(NULL, 0);
}

void grant_free(struct grant_table *t, struct grant *g)
{
	list_del(&g->ready);
	grant_answer_free(g->answer);
	free(g->extra);
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

struct span grant_acct_user(const struct grant *g)
{
	const struct grant_extra *x = g->extra;
	struct span before = grant_interface(g);

	return x && x->user_len ? span_of(before.p + before.len, x->user_len) : grant_name(g);
}
