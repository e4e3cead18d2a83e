/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A chained hash map whose nodes live in the objects. It grows by doubling (rehashing 64 buckets per insertion, so that
 * no single insertion is long) and never shrinks. The caller hashes and compares.
 */
#ifndef ADIT_BASE_HMAP_H
#define ADIT_BASE_HMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

struct hmap_node {
	struct hmap_node *next;
	uint64_t hash;
};

struct hmap {
	struct hmap_node **bucket, **old;	/* old: the smaller table that is being emptied, or NULL */
	size_t mask, old_mask, moved, count;
};

/** hmap_init - an empty map; allocates nothing. hmap_fini frees the tables, not the objects. */
void hmap_init(struct hmap *m);
void hmap_fini(struct hmap *m);

/** hmap_add - adds a node under a hash. Return: 0, or -ENOMEM (the node is not in the map then). */
int hmap_add(struct hmap *m, struct hmap_node *n, uint64_t hash);

/** hmap_del - removes a node that is in the map. */
void hmap_del(struct hmap *m, struct hmap_node *n);

/** hmap_first, hmap_next - the nodes that have this hash (the caller compares keys); NULL at the end. */
struct hmap_node *hmap_first(struct hmap *m, uint64_t hash);
struct hmap_node *hmap_next(const struct hmap_node *n);

/** hmap_walk - every node once, in no order: start with *pos = 0, until NULL. The map must not grow meanwhile. */
struct hmap_node *hmap_walk(struct hmap *m, size_t *pos, const struct hmap_node *prev);

/** hash_bytes, hash_u64 - a keyed hash; peers must not be able to aim at one bucket, so pass a secret seed. */
uint64_t hash_bytes(const void *p, size_t len, uint64_t seed);
uint64_t hash_u64(uint64_t v, uint64_t seed);

#define hmap_for(n, m, h) for (struct hmap_node *n = hmap_first(m, h); n; n = hmap_next(n))

#endif
