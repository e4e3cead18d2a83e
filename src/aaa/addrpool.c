/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address pools. The addresses of a pool are numbered through its segments (what is left of its ranges after those of
 * earlier ranges are cut out). `fresh` walks once over the numbers; released addresses form a queue that is linked
 * through their cells, so that a static address can be taken out of its middle.
 */
#include "aaa/addrpool.h"

#include <errno.h>
#include <stdlib.h>

enum { PAGE_BITS = 10, PAGE_CELLS = 1 << PAGE_BITS };
enum { CELL_FRESH, CELL_USED, CELL_QUEUED };

static const uint32_t no_cell = UINT32_MAX;
static const uint32_t pool_max = UINT32_C(1) << 31;	/* addresses of one pool; what is beyond is not used */

struct page {
	uint32_t next[PAGE_CELLS], prev[PAGE_CELLS];
	uint8_t state[PAGE_CELLS];
};

struct range {
	uint32_t start, end;
	uint32_t total, in_use;
	struct addrpool *pool;
};

struct segment {
	uint32_t start, end;
	uint32_t base;		/* number of its first address in the pool */
	struct range *range;
};

struct addrpool {
	char *name;
	struct segment *seg;	/* in configured order */
	unsigned segs;
	uint32_t total, fresh;
	uint32_t head, tail;	/* the queue of released addresses */
	struct page **page;
};

struct addrpool_set {
	struct addrpool *pool;
	struct range *range;
	struct segment **sorted;	/* of all pools, by address */
	unsigned pools, ranges, segs;
};

/* ---- from numbers to addresses and back ---- */

static struct segment *segment_of_addr(const struct addrpool_set *s, uint32_t addr)
{
	unsigned lo = 0, hi = s->segs;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (s->sorted[mid]->end < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->segs && s->sorted[lo]->start <= addr ? s->sorted[lo] : NULL;
}

static struct segment *segment_of_number(const struct addrpool *p, uint32_t n)
{
	unsigned lo = 0, hi = p->segs - 1;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo + 1) / 2;

		if (p->seg[mid].base <= n)
			lo = mid;
		else
			hi = mid - 1;
	}
	return &p->seg[lo];
}

/* ---- cells ---- */

static struct page *page_of(const struct addrpool *p, uint32_t n)
{
	return p->page[n >> PAGE_BITS];
}

static uint8_t cell_state(const struct addrpool *p, uint32_t n)
{
	const struct page *pg = page_of(p, n);

	return pg ? pg->state[n % PAGE_CELLS] : CELL_FRESH;
}

static bool page_make(struct addrpool *p, uint32_t n)
{
	struct page **pg = &p->page[n >> PAGE_BITS];

	if (!*pg)
		*pg = calloc(1, sizeof(**pg));
	return *pg != NULL;
}

static uint32_t *cell_next(struct addrpool *p, uint32_t n)
{
	return n == no_cell ? &p->head : &page_of(p, n)->next[n % PAGE_CELLS];
}

static uint32_t *cell_prev(struct addrpool *p, uint32_t n)
{
	return n == no_cell ? &p->tail : &page_of(p, n)->prev[n % PAGE_CELLS];
}

/* The queue is a ring through no_cell, whose links are head and tail. */
static void queue_push(struct addrpool *p, uint32_t n)
{
	*cell_next(p, n) = no_cell;
	*cell_prev(p, n) = p->tail;
	*cell_next(p, p->tail) = n;
	p->tail = n;
	page_of(p, n)->state[n % PAGE_CELLS] = CELL_QUEUED;
}

static void queue_unlink(struct addrpool *p, uint32_t n)
{
	uint32_t next = *cell_next(p, n), prev = *cell_prev(p, n);

	*cell_next(p, prev) = next;
	*cell_prev(p, next) = prev;
}

static int cell_use(struct addrpool *p, uint32_t n, struct range *r)
{
	if (!page_make(p, n))
		return -ENOMEM;
	if (cell_state(p, n) == CELL_QUEUED)
		queue_unlink(p, n);
	page_of(p, n)->state[n % PAGE_CELLS] = CELL_USED;
	r->in_use++;
	return 0;
}

/* ---- take, mark, release ---- */

static uint32_t first_free(struct addrpool *p)
{
	/* what is no longer fresh before its turn came was static: each is passed over once */
	while (p->fresh < p->total && cell_state(p, p->fresh) != CELL_FRESH)
		p->fresh++;
	return p->fresh < p->total ? p->fresh : p->head;
}

int addrpool_take(struct addrpool *p, uint32_t *addr)
{
	uint32_t n = first_free(p);
	struct segment *seg;

	if (n == no_cell)
		return -ENOSPC;
	seg = segment_of_number(p, n);
	*addr = seg->start + (n - seg->base);
	return cell_use(p, n, seg->range);
}

int addrpool_set_mark(struct addrpool_set *s, uint32_t addr)
{
	struct segment *seg = segment_of_addr(s, addr);
	uint32_t n;

	if (!seg)
		return 0;
	n = seg->base + (addr - seg->start);
	return cell_state(seg->range->pool, n) == CELL_USED ? -EADDRINUSE : cell_use(seg->range->pool, n, seg->range);
}

void addrpool_set_release(struct addrpool_set *s, uint32_t addr)
{
	struct segment *seg = segment_of_addr(s, addr);
	uint32_t n;

	if (!seg)
		return;
	n = seg->base + (addr - seg->start);
	if (cell_state(seg->range->pool, n) != CELL_USED)
		return;
	queue_push(seg->range->pool, n);
	seg->range->in_use--;
}

static int inherit_one(struct addrpool_set *s, uint32_t addr)
{
	struct segment *seg = segment_of_addr(s, addr);
	uint32_t n;

	if (!seg)
		return 0;
	n = seg->base + (addr - seg->start);
	if (cell_state(seg->range->pool, n) != CELL_FRESH)
		return 0;
	if (!page_make(seg->range->pool, n))
		return -ENOMEM;
	queue_push(seg->range->pool, n);
	return 0;
}

int addrpool_set_inherit(struct addrpool_set *s, const struct addrpool_set *old)
{
	for (unsigned i = 0; i < old->pools; i++) {
		struct addrpool *p = &old->pool[i];

		for (uint32_t n = p->head; n != no_cell; n = *cell_next(p, n)) {
			struct segment *seg = segment_of_number(p, n);

			if (inherit_one(s, seg->start + (n - seg->base)) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/* ---- making a set ---- */

static int segment_add(struct addrpool_set *s, struct range *r, uint32_t start, uint32_t end)
{
	struct addrpool *p = r->pool;
	struct segment *seg;
	uint64_t len = (uint64_t)end - start + 1;

	if (len > pool_max - p->total)
		len = pool_max - p->total;
	if (len == 0)
		return 0;
	seg = realloc(p->seg, (p->segs + 1) * sizeof(*seg));
	if (!seg)
		return -ENOMEM;
	p->seg = seg;
	p->seg[p->segs++] = (struct segment){ start, (uint32_t)(start + len - 1), p->total, r };
	p->total += (uint32_t)len;
	r->total += (uint32_t)len;
	s->segs++;
	return 0;
}

struct stretch {
	uint64_t from, to;
};

/* The first addresses at or after `at` that an earlier range of any pool has; from UINT64_MAX: none. */
static struct stretch taken_stretch(const struct addrpool_set *s, const struct range *r, uint64_t at)
{
	struct stretch t = { UINT64_MAX, UINT64_MAX };

	for (const struct range *e = s->range; e < r; e++) {
		uint64_t from = e->start > at ? e->start : at;

		if (e->end < at || from > t.from)
			continue;
		if (from < t.from || e->end > t.to)
			t.to = e->end;
		t.from = from;
	}
	return t;
}

static int range_segments(struct addrpool_set *s, struct range *r)
{
	uint64_t at = r->start;

	while (at <= r->end) {
		struct stretch taken = taken_stretch(s, r, at);

		if (taken.from > r->end)
			return segment_add(s, r, (uint32_t)at, r->end);
		if (taken.from > at && segment_add(s, r, (uint32_t)at, (uint32_t)(taken.from - 1)) < 0)
			return -ENOMEM;
		at = taken.to + 1;
	}
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct segment *x = *(struct segment *const *)a, *y = *(struct segment *const *)b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool set_sort(struct addrpool_set *s)
{
	unsigned n = 0;

	s->sorted = calloc(s->segs + 1, sizeof(*s->sorted));
	if (!s->sorted)
		return false;
	for (unsigned i = 0; i < s->pools; i++)
		for (unsigned j = 0; j < s->pool[i].segs; j++)
			s->sorted[n++] = &s->pool[i].seg[j];
	qsort(s->sorted, n, sizeof(*s->sorted), by_address);
	return true;
}

static bool pool_make(struct addrpool_set *s, struct addrpool *p, const struct aaa_pool *conf)
{
	p->head = p->tail = no_cell;
	p->name = strdup(conf->name);
	if (!p->name)
		return false;
	for (const struct aaa_pool_range *c = conf->ranges; c; c = c->next) {
		struct range *r = &s->range[s->ranges++];

		*r = (struct range){ .start = c->start, .end = c->end, .pool = p };
		if (range_segments(s, r) < 0)
			return false;
	}
	p->page = calloc((p->total >> PAGE_BITS) + 1, sizeof(struct page *));
	return p->page != NULL;
}

static bool set_make(struct addrpool_set *s, const struct aaa_pool *conf)
{
	unsigned pools = 0, ranges = 0;

	for (const struct aaa_pool *c = conf; c; c = c->next, pools++)
		for (const struct aaa_pool_range *r = c->ranges; r; r = r->next)
			ranges++;
	s->pool = calloc(pools + 1, sizeof(*s->pool));
	s->range = calloc(ranges + 1, sizeof(*s->range));
	if (!s->pool || !s->range)
		return false;
	for (; conf; conf = conf->next)
		if (!pool_make(s, &s->pool[s->pools++], conf))
			return false;
	return set_sort(s);
}

struct addrpool_set *addrpool_set_new(const struct aaa_pool *conf)
{
	struct addrpool_set *s = calloc(1, sizeof(*s));

	if (s && !set_make(s, conf)) {
		addrpool_set_free(s);
		return NULL;
	}
	return s;
}

static void pool_free(struct addrpool *p)
{
	for (uint32_t i = 0; p->page && i <= p->total >> PAGE_BITS; i++)
		free(p->page[i]);
	free(p->page);
	free(p->seg);
	free(p->name);
}

void addrpool_set_free(struct addrpool_set *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->pools; i++)
		pool_free(&s->pool[i]);
	free(s->pool);
	free(s->range);
	free(s->sorted);
	free(s);
}

/* ---- looking ---- */

struct addrpool *addrpool_by_name(const struct addrpool_set *s, struct span name)
{
	for (unsigned i = 0; i < s->pools; i++)
		if (span_eq_str(name, s->pool[i].name))
			return &s->pool[i];
	return NULL;
}

struct addrpool *addrpool_at(const struct addrpool_set *s, unsigned i)
{
	return i < s->pools ? &s->pool[i] : NULL;
}

bool addrpool_range_at(const struct addrpool_set *s, unsigned i, struct aaa_pool_info *out)
{
	if (i >= s->ranges)
		return false;
	*out = (struct aaa_pool_info){ s->range[i].pool->name, s->range[i].start, s->range[i].end,
				       s->range[i].total, s->range[i].in_use };
	return true;
}
