/* SPDX-License-Identifier: BSD-2-Clause */
/* The chained hash map of hmap.h: incremental doubling, keyed mixing for peer-chosen keys. */
#include "base/hmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HMAP_FIRST = 16, HMAP_STEP = 64 };

void hmap_init(struct hmap *m)
{
	memset(m, 0, sizeof(*m));
}

void hmap_fini(struct hmap *m)
{
	free(m->bucket);
	free(m->old);
	hmap_init(m);
}

static void chain_push(struct hmap_node **head, struct hmap_node *n)
{
	n->next = *head;
	*head = n;
}

/* Empties one bucket of the old table; doing it early, or twice, does no harm. */
static void hmap_move_bucket(struct hmap *m, size_t i)
{
	struct hmap_node *n = m->old[i], *next;

	for (; n; n = next) {
		next = n->next;
		chain_push(&m->bucket[n->hash & m->mask], n);
	}
	m->old[i] = NULL;
}

static void hmap_move(struct hmap *m, size_t buckets)
{
	for (; m->old && buckets; buckets--) {
		hmap_move_bucket(m, m->moved);
		if (m->moved++ == m->old_mask) {
			free(m->old);
			m->old = NULL;
		}
	}
}

static int hmap_grow(struct hmap *m)
{
	size_t size = m->bucket ? (m->mask + 1) * 2 : HMAP_FIRST;
	struct hmap_node **b;

	hmap_move(m, SIZE_MAX);
	b = calloc(size, sizeof(*b));
	if (!b)
		return m->bucket ? 0 : -ENOMEM;	/* a full table is only slower */
	if (m->bucket) {
		m->old = m->bucket;
		m->old_mask = m->mask;
		m->moved = 0;
	}
	m->bucket = b;
	m->mask = size - 1;
	return 0;
}

int hmap_add(struct hmap *m, struct hmap_node *n, uint64_t hash)
{
	if (!m->bucket || m->count > m->mask) {
		int rc = hmap_grow(m);

		if (rc)
			return rc;
	}
	hmap_move(m, HMAP_STEP);
	n->hash = hash;
	chain_push(&m->bucket[hash & m->mask], n);
	m->count++;
	return 0;
}

static bool chain_del(struct hmap_node **head, struct hmap_node *n)
{
	for (; *head; head = &(*head)->next) {
		if (*head == n) {
			*head = n->next;
			n->next = NULL;
			return true;
		}
	}
	return false;
}

void hmap_del(struct hmap *m, struct hmap_node *n)
{
	if (m->bucket && (chain_del(&m->bucket[n->hash & m->mask], n) ||
			  (m->old && chain_del(&m->old[n->hash & m->old_mask], n))))
		m->count--;
}

static struct hmap_node *chain_find(struct hmap_node *n, uint64_t hash)
{
	while (n && n->hash != hash)
		n = n->next;
	return n;
}

struct hmap_node *hmap_first(struct hmap *m, uint64_t hash)
{
	if (!m->bucket)
		return NULL;
	if (m->old)
		hmap_move_bucket(m, hash & m->old_mask);	/* so that one chain holds every node of this hash */
	return chain_find(m->bucket[hash & m->mask], hash);
}

struct hmap_node *hmap_next(const struct hmap_node *n)
{
	return chain_find(n->next, n->hash);
}

struct hmap_node *hmap_walk(struct hmap *m, size_t *pos, const struct hmap_node *prev)
{
	if (m->old)
		hmap_move(m, SIZE_MAX);
	if (prev && prev->next)
		return prev->next;
	while (m->bucket && *pos <= m->mask) {
		struct hmap_node *n = m->bucket[(*pos)++];

		if (n)
			return n;
	}
	return NULL;
}

uint64_t hash_u64(uint64_t v, uint64_t seed)
{
	v ^= seed;
	v = (v ^ v >> 32) * 0xd6e8feb86659fd93u;
	v = (v ^ v >> 32) * 0xd6e8feb86659fd93u;
	return v ^ v >> 32;
}

uint64_t hash_bytes(const void *p, size_t len, uint64_t seed)
{
	const uint8_t *b = (const uint8_t *)p;
	uint64_t h = seed ^ len * 0x9e3779b97f4a7c15u, w = 0;

	for (; len >= 8; len -= 8, b += 8) {
		memcpy(&w, b, 8);
		h = hash_u64(h ^ w, seed);
	}
	w = 0;
	if (len)
		memcpy(&w, b, len);
	return hash_u64(h ^ w, seed);
}
