/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From (vr, destination) to a dn line (table.h): (a) pools, by subtraction; (b) buckets for other addresses;
 * (c) framed routes, in the same buckets under their prefix length, looked for from the longest length in use
 * to the shortest.
 *
 * Buckets: open addressing, linear by bucket. A bucket counts the entries that were refused here for want of
 * room and lie further on, so a search ends at the first bucket that refused nobody, and a deletion leaves no
 * marks.
 */
#include <errno.h>
#include <stdlib.h>

#include "dataplane/table.h"

static uint32_t key_of(uint32_t vr, uint8_t len)
{
	return vr << 8 | len;
}

static uint64_t key_hash(const struct table *t, uint32_t vr_len, uint32_t addr)
{
	return hash_u64((uint64_t)vr_len << 32 | addr, t->conf.seed);
}

static uint32_t mask_of(uint8_t len)
{
	return len ? UINT32_MAX << (32 - len) : 0;
}

/* ---- buckets ---- */

/* A reader that meets an entry being rewritten sees its line 0, or the new address at the second look. */
static bool entry_is(const struct dp_dst *e, uint32_t vr_len, uint32_t addr, uint32_t *dn)
{
	if (__atomic_load_n(&e->addr, __ATOMIC_ACQUIRE) != addr || __atomic_load_n(&e->vr_len, __ATOMIC_ACQUIRE) != vr_len)
		return false;
	*dn = __atomic_load_n(&e->dn, __ATOMIC_ACQUIRE);
	return *dn && __atomic_load_n(&e->addr, __ATOMIC_ACQUIRE) == addr;
}

/* The bucket of the table of `size` buckets at which a hash, or a step from it, points. */
static struct dp_bucket *bucket_at(const struct table *t, uint32_t size, uint32_t at)
{
	return &t->bucket[size + (at & (size - 1))];
}

static struct dp_dst *bucket_find(const struct table *t, uint32_t vr_len, uint32_t addr, uint32_t *dn)
{
	uint32_t size = __atomic_load_n(&t->bucket_size, __ATOMIC_ACQUIRE);
	uint32_t at = (uint32_t)key_hash(t, vr_len, addr);

	for (uint32_t n = 0; n < size; n++, at++) {
		struct dp_bucket *b = bucket_at(t, size, at);

		for (int i = 0; i < DP_BUCKET_ENTRIES; i++)
			if (entry_is(&b->e[i], vr_len, addr, dn))
				return &b->e[i];
		if (!__atomic_load_n(&b->passed, __ATOMIC_ACQUIRE))
			return NULL;
	}
	return NULL;
}

static struct dp_dst *bucket_room(struct dp_bucket *b)
{
	for (int i = 0; i < DP_BUCKET_ENTRIES; i++)
		if (!b->e[i].dn)
			return &b->e[i];
	return NULL;
}

/* Adds `by` to what the buckets from an entry's home to its place (that one left out) have passed on. */
static void passed_add(struct table *t, uint32_t size, uint32_t home, const struct dp_bucket *place, uint32_t by)
{
	for (;; home++) {
		struct dp_bucket *b = bucket_at(t, size, home);

		if (b == place)
			return;
		__atomic_store_n(&b->passed, b->passed + by, __ATOMIC_RELEASE);
	}
}

static struct dp_bucket *bucket_of(const struct table *t, const struct dp_dst *e)
{
	return &t->bucket[((const char *)e - (const char *)t->bucket) / (ptrdiff_t)sizeof(struct dp_bucket)];
}

/* Into a table that has room and not this key; `dn` is the line + 1. */
static void bucket_put(struct table *t, uint32_t size, uint32_t vr_len, uint32_t addr, uint32_t dn)
{
	uint32_t home = (uint32_t)key_hash(t, vr_len, addr), at = home;
	struct dp_dst *e;

	while (!(e = bucket_room(bucket_at(t, size, at))))
		at++;
	passed_add(t, size, home, bucket_at(t, size, at), 1);
	__atomic_store_n(&e->vr_len, vr_len, __ATOMIC_RELEASE);
	__atomic_store_n(&e->addr, addr, __ATOMIC_RELEASE);
	__atomic_store_n(&e->dn, dn, __ATOMIC_RELEASE);
}

/* The table of twice the size lies behind the present one: it is filled, then published. Sizes only grow, so
 * none is filled twice. */
static void buckets_double(struct table *t)
{
	uint32_t size = t->bucket_size;

	for (uint32_t b = size; b < 2 * size; b++)
		for (int i = 0; i < DP_BUCKET_ENTRIES; i++) {
			const struct dp_dst *e = &t->bucket[b].e[i];

			if (e->dn)
				bucket_put(t, 2 * size, e->vr_len, e->addr, e->dn);
		}
	__atomic_store_n(&t->bucket_size, 2 * size, __ATOMIC_RELEASE);
}

int table_dst_add(struct table *t, uint32_t vr, uint32_t addr, uint8_t len, uint32_t dn)
{
	uint32_t vr_len = key_of(vr, len), there;

	if (bucket_find(t, vr_len, addr, &there))
		return -EEXIST;
	if (t->entries >= t->bucket_size * 3 && t->bucket_size < t->bucket_max)
		buckets_double(t);
	if (t->entries >= t->bucket_size * 4)	/* of 5 a bucket */
		return -ENOSPC;
	bucket_put(t, t->bucket_size, vr_len, addr, dn + 1);
	t->entries++;
	return 0;
}

static void routes_promote(struct table *t, uint32_t vr, uint32_t addr, uint8_t len);

void table_dst_del(struct table *t, uint32_t vr, uint32_t addr, uint8_t len)
{
	uint32_t vr_len = key_of(vr, len), dn;
	struct dp_dst *e = bucket_find(t, vr_len, addr, &dn);

	if (!e)
		return;
	__atomic_store_n(&e->dn, 0, __ATOMIC_RELEASE);
	passed_add(t, t->bucket_size, (uint32_t)key_hash(t, vr_len, addr), bucket_of(t, e), UINT32_MAX);
	t->entries--;
	routes_promote(t, vr, addr, len);
}

/* ---- finding ---- */

static bool line_lives(const struct table *t, uint32_t dn)
{
	uint16_t state = __atomic_load_n(&t->dn[dn].state, __ATOMIC_ACQUIRE) & DP_DN_STATE;

	return state == DP_DN_L2TP || state == DP_DN_PPPOE;
}

uint32_t table_direct_index(const struct table *t, uint32_t vr, uint32_t ip4)
{
	const struct table_pools *p = __atomic_load_n(&t->pools, __ATOMIC_ACQUIRE);

	for (unsigned i = 0; i < p->count; i++)
		if (p->pool[i].vr == vr && ip4 >= p->pool[i].start && ip4 <= p->pool[i].end)
			return p->pool[i].base + (ip4 - p->pool[i].start);
	return DP_NONE;
}

uint32_t table_host_find(const struct table *t, uint32_t vr, uint32_t ip4)
{
	uint32_t dn = table_direct_index(t, vr, ip4);

	if (dn != DP_NONE && line_lives(t, dn) && t->dn[dn].ip4 == ip4)
		return dn;
	if (!bucket_find(t, key_of(vr, 32), ip4, &dn))
		return DP_NONE;
	dn--;
	return line_lives(t, dn) && t->dn[dn].ip4 == ip4 ? dn : DP_NONE;
}

uint32_t table_dst_find(const struct table *t, uint32_t vr, uint32_t ip4)
{
	uint32_t dn = table_host_find(t, vr, ip4);

	if (dn != DP_NONE)
		return dn;
	for (int len = 32; len >= 0; len--)
		if (t->len_count[len] && bucket_find(t, key_of(vr, (uint8_t)len), ip4 & mask_of((uint8_t)len), &dn) &&
		    line_lives(t, dn - 1))
			return dn - 1;
	return DP_NONE;
}

/* ---- framed routes ---- */

static uint64_t route_hash(const struct table *t, const struct table_route *r)
{
	return key_hash(t, key_of(r->vr, r->prefix.len), ip4_num(&r->prefix.addr));
}

static void route_activate(struct table *t, struct table_route *r)
{
	if (table_dst_add(t, r->vr, ip4_num(&r->prefix.addr), r->prefix.len, r->owner->line->index) == 0) {
		r->active = true;
		t->len_count[r->prefix.len]++;
	}
}

/* The place of (vr, prefix) is free again: the first session that waits for it gets it. */
static void routes_promote(struct table *t, uint32_t vr, uint32_t addr, uint8_t len)
{
	hmap_for(n, &t->routes, key_hash(t, key_of(vr, len), addr)) {
		struct table_route *r = container_of(n, struct table_route, node);

		if (r->vr == vr && r->prefix.len == len && ip4_num(&r->prefix.addr) == addr && r->owner->line) {
			route_activate(t, r);
			return;
		}
	}
}

static void route_del(struct table *t, struct table_route *r)
{
	if (r->prefix.addr.af != 4)
		return;
	hmap_del(&t->routes, &r->node);
	if (!r->active)
		return;
	t->len_count[r->prefix.len]--;
	table_dst_del(t, r->vr, ip4_num(&r->prefix.addr), r->prefix.len);
}

static int route_add(struct table *t, struct table_session *s, struct table_route *r, const struct ip_route *p)
{
	*r = (struct table_route){ .owner = s, .vr = s->vr, .prefix = p->dst, .metric = p->metric };
	if (p->dst.addr.af != 4)	/* kept for displays */
		return 0;
	if (p->dst.len > 32)
		r->prefix.len = 32;
	r->prefix.addr = ip4_of(ip4_num(&p->dst.addr) & mask_of(r->prefix.len));
	if (hmap_add(&t->routes, &r->node, route_hash(t, r)))
		return -ENOMEM;
	route_activate(t, r);
	return 0;
}

static void routes_drop(struct table *t, struct table_session *s)
{
	for (unsigned i = 0; i < s->route_count; i++)
		route_del(t, &s->routes[i]);
	free(s->routes);
	s->routes = NULL;
	s->route_count = 0;
}

int table_routes_set(struct table *t, struct table_session *s, const struct ip_route *routes, unsigned n)
{
	struct table_route *r = n ? calloc(n, sizeof(*r)) : NULL;

	if (n && !r)
		return -ENOMEM;
	routes_drop(t, s);
	s->routes = r;
	for (unsigned i = 0; i < n; i++) {
		if (route_add(t, s, &r[i], &routes[i])) {
			routes_drop(t, s);
			return -ENOMEM;
		}
		s->route_count++;
	}
	return 0;
}

/* ---- pools ---- */

static const struct dp_direct *pool_find(const struct table_pools *set, const struct dp_pool *p)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->pool[i].vr == p->vr && set->pool[i].start == p->start && set->pool[i].end == p->end)
			return &set->pool[i];
	return NULL;
}

/* The pool of the set that covers any of the lines [base, base + size), or NULL. */
static const struct dp_direct *pool_at(const struct table_pools *set, uint32_t base, uint32_t size)
{
	for (unsigned i = 0; i < set->count; i++) {
		const struct dp_direct *p = &set->pool[i];

		if (base < p->base + (p->end - p->start + 1) && p->base < base + size)
			return p;
	}
	return NULL;
}

/* Gives a new pool lines of its own, if there are as many in one piece. */
static void pool_place(const struct table *t, struct table_pools *set, const struct dp_pool *p)
{
	uint64_t size = (uint64_t)p->end - p->start + 1;
	const struct dp_direct *in_the_way;
	uint32_t base = 0;

	if (p->end < p->start || size > t->direct_lines || set->count == TABLE_DIRECT_POOLS || pool_find(set, p))
		return;
	while ((in_the_way = pool_at(set, base, (uint32_t)size)))
		base = in_the_way->base + (in_the_way->end - in_the_way->start + 1);
	if (base + size <= t->direct_lines)
		set->pool[set->count++] = (struct dp_direct){ p->vr, p->start, p->end, base };
}

/* The subscribers of a pool that goes keep their lines, which are found by address from now on. */
static void pool_leave(struct table *t, const struct dp_direct *p)
{
	for (uint32_t i = p->base; i <= p->base + (p->end - p->start); i++) {
		struct table_session *s = line_lives(t, i) ? t->session[t->dn[i].up] : NULL;

		if (s && !s->by_address && s->vr == p->vr && t->dn[i].ip4 == p->start + (i - p->base))
			s->by_address = table_dst_add(t, p->vr, t->dn[i].ip4, 32, i) == 0;
	}
}

int table_pool_set(struct table *t, const struct dp_pool *pools, unsigned n)
{
	struct table_pools *now = calloc(1, sizeof(*now)), *old = t->pools;

	if (!now)
		return -ENOMEM;
	for (unsigned i = 0; i < n && now->count < TABLE_DIRECT_POOLS; i++) {
		const struct dp_direct *same = pool_find(old, &pools[i]);

		if (same && !pool_find(now, &pools[i]))
			now->pool[now->count++] = *same;
	}
	for (unsigned i = 0; i < n; i++)
		pool_place(t, now, &pools[i]);
	for (unsigned i = 0; i < old->count; i++) {
		const struct dp_direct *p = &old->pool[i];

		if (!pool_find(now, &(struct dp_pool){ p->vr, p->start, p->end }))
			pool_leave(t, p);
	}
	__atomic_store_n(&t->pools, now, __ATOMIC_RELEASE);
	old->epoch = t->epoch;
	list_push_back(&t->retired_pools, &old->retired);
	return 0;
}
