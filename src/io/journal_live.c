/* SPDX-License-Identifier: BSD-2-Clause */
/* Which entries of a journal are live, and in which segment: linear probing, deletion by shifting back. */
#include <stdlib.h>

#include "base/hmap.h"
#include "io/journal_int.h"

enum { SHARD_FIRST = 8 };

/* References are numbers of our own: the seed is no secret. The low half finds the place, the high half the shard. */
static uint64_t ref_hash(uint64_t ref)
{
	return hash_u64(ref, 0x9e3779b97f4a7c15u);
}

static uint32_t shard_home(const struct journal_shard *sh, uint64_t ref)
{
	return (uint32_t)((ref_hash(ref) & UINT32_MAX) * sh->cap >> 32);
}

static uint32_t shard_after(const struct journal_shard *sh, uint32_t i)
{
	return i + 1 == sh->cap ? 0 : i + 1;
}

static struct journal_shard *live_shard(const struct journal_live *l, uint64_t ref)
{
	return (struct journal_shard *)&l->shard[(ref_hash(ref) >> 32) % JOURNAL_SHARDS];
}

static struct journal_slot *shard_free(struct journal_shard *sh, uint64_t ref)
{
	uint32_t i = shard_home(sh, ref);

	while (sh->slot[i].ref)
		i = shard_after(sh, i);
	return &sh->slot[i];
}

static bool shard_grow(struct journal_live *l, struct journal_shard *sh)
{
	uint32_t cap = sh->cap ? sh->cap + sh->cap / 2 : SHARD_FIRST;
	struct journal_shard to = { calloc(cap, sizeof(*to.slot)), cap, sh->count };

	if (!to.slot)
		return false;
	for (uint32_t i = 0; i < sh->cap; i++) {
		if (sh->slot[i].ref)
			*shard_free(&to, sh->slot[i].ref) = sh->slot[i];
	}
	l->memory += (cap - sh->cap) * sizeof(*to.slot);
	free(sh->slot);
	*sh = to;
	return true;
}

void journal_live_fini(struct journal_live *l)
{
	for (size_t i = 0; i < JOURNAL_SHARDS; i++)
		free(l->shard[i].slot);
	memset(l, 0, sizeof(*l));
}

struct journal_slot *journal_live_find(const struct journal_live *l, uint64_t ref)
{
	const struct journal_shard *sh = live_shard(l, ref);

	if (!sh->cap || !ref)
		return NULL;
	for (uint32_t i = shard_home(sh, ref); sh->slot[i].ref; i = shard_after(sh, i)) {
		if (sh->slot[i].ref == ref)
			return &sh->slot[i];
	}
	return NULL;
}

struct journal_slot *journal_live_add(struct journal_live *l, uint64_t ref)
{
	struct journal_shard *sh = live_shard(l, ref);
	struct journal_slot *s;

	if ((uint64_t)(sh->count + 1) * 5 > (uint64_t)sh->cap * 4 && !shard_grow(l, sh))
		return NULL;
	s = shard_free(sh, ref);
	*s = (struct journal_slot){ .ref = ref };
	sh->count++;
	return s;
}

/* Whether what is at `at` may lie at `hole`: its home is not after the hole, going round. */
static bool may_move(uint32_t home, uint32_t hole, uint32_t at)
{
	return hole <= at ? home <= hole || home > at : home <= hole && home > at;
}

void journal_live_del(struct journal_live *l, struct journal_slot *s)
{
	struct journal_shard *sh = live_shard(l, s->ref);
	uint32_t hole = (uint32_t)(s - sh->slot);

	for (uint32_t i = shard_after(sh, hole); sh->slot[i].ref; i = shard_after(sh, i)) {
		if (may_move(shard_home(sh, sh->slot[i].ref), hole, i)) {
			sh->slot[hole] = sh->slot[i];
			hole = i;
		}
	}
	sh->slot[hole].ref = 0;
	sh->count--;
}
