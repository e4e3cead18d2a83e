/* SPDX-License-Identifier: BSD-2-Clause */
/* Counted kernel routes (routes.h). */
#include "dataplane/user/routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hmap.h"
#include "base/log.h"

struct route {
	struct hmap_node node;
	struct ip_prefix prefix;
	unsigned wanted;
};

struct routes {
	struct io_loop *loop;
	struct io_hook *hook;
	struct nl *nl;
	unsigned ifindex;
	struct hmap map;
	struct dp_pool *pools;
	unsigned pool_count;
};

static uint64_t prefix_hash(const struct ip_prefix *p)
{
	return ip_addr_hash(&p->addr, p->len);
}

static struct route *route_find(struct routes *r, const struct ip_prefix *p)
{
	hmap_for(n, &r->map, prefix_hash(p)) {
		struct route *e = container_of(n, struct route, node);

		if (e->prefix.len == p->len && ip_addr_eq(&e->prefix.addr, &p->addr))
			return e;
	}
	return NULL;
}

static void route_error(void *ctx, bool add, const struct ip_prefix *dst, int err)
{
	struct log l;
	char text[IP_ADDR_TEXT];

	if (!add && (err == -ESRCH || err == -ENODEV))	/* somebody took it, or the device, away */
		return;
	log_begin(&l, LOG_WARNING, "dataplane", "route refused");
	log_text(&l, "change", add ? "add" : "delete");
	log_fmt(&l, "prefix", "%s/%u", ip_addr_text(&dst->addr, text), dst->len);
	log_text(&l, "error", strerror(-err));
	log_end(&l);
}

/* The hook of this turn may have run already: have another one soon. */
static void change(struct routes *r, bool add, const struct ip_prefix *p)
{
	if (add)
		nl_route_add(r->nl, p, r->ifindex);
	else
		nl_route_del(r->nl, p, r->ifindex);
	io_loop_again(r->loop);
}

int routes_want(struct routes *r, const struct ip_prefix *p)
{
	struct route *e = route_find(r, p);

	if (e) {
		e->wanted++;
		return 0;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->prefix = *p;
	e->wanted = 1;
	if (hmap_add(&r->map, &e->node, prefix_hash(p))) {
		free(e);
		return -ENOMEM;
	}
	change(r, true, p);
	return 0;
}

void routes_leave(struct routes *r, const struct ip_prefix *p)
{
	struct route *e = route_find(r, p);

	if (!e || --e->wanted)
		return;
	change(r, false, p);
	hmap_del(&r->map, &e->node);
	free(e);
}

/* ---- pools ---- */

bool range_prefix(uint64_t *start, uint32_t end, struct ip_prefix *out)
{
	unsigned bits = 0;

	if (*start > end)
		return false;
	while (bits < 32 && !(*start & ((uint64_t)1 << bits)) && *start + ((uint64_t)2 << bits) - 1 <= end)
		bits++;
	out->addr = ip4_of((uint32_t)*start);
	out->len = (uint8_t)(32 - bits);
	*start += (uint64_t)1 << bits;
	return true;
}

static void pools_each(struct routes *r, const struct dp_pool *pools, unsigned n, bool want)
{
	struct ip_prefix p = { 0 };

	for (unsigned i = 0; i < n; i++)
		for (uint64_t at = pools[i].start; range_prefix(&at, pools[i].end, &p);) {
			if (want)
				routes_want(r, &p);
			else
				routes_leave(r, &p);
		}
}

int routes_pools(struct routes *r, const struct dp_pool *pools, unsigned n)
{
	struct dp_pool *copy = calloc(n ? n : 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, pools, n * sizeof(*copy));
	pools_each(r, copy, n, true);		/* first the new: what stays is not touched */
	pools_each(r, r->pools, r->pool_count, false);
	free(r->pools);
	r->pools = copy;
	r->pool_count = n;
	return 0;
}

bool routes_pools_are(const struct routes *r, const struct dp_pool *pools, unsigned n)
{
	return n == r->pool_count && (!n || memcmp(pools, r->pools, n * sizeof(*pools)) == 0);
}

bool pools_have(const struct dp_pool *pools, unsigned n, const struct ip_addr *ip4)
{
	uint32_t ip = ip4_num(ip4);

	for (unsigned i = 0; i < n; i++)
		if (ip >= pools[i].start && ip <= pools[i].end)
			return true;
	return false;
}

bool routes_pooled(const struct routes *r, const struct ip_addr *ip4)
{
	return pools_have(r->pools, r->pool_count, ip4);
}

/* ---- life ---- */

static void turn_ends(void *ctx, mono_t now, struct wall wall)
{
	struct routes *r = ctx;

	nl_flush(r->nl);	/* refusals were told to route_error() */
}

int routes_new(struct routes **out, struct io_loop *l, unsigned ifindex)
{
	struct routes *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -ENOMEM;
	r->loop = l;
	r->ifindex = ifindex;
	hmap_init(&r->map);
	rc = nl_open(&r->nl);
	if (rc == 0)
		rc = nl_routes_purge(r->nl);
	if (rc > 0)
		log_line(LOG_NOTICE, "dataplane", "stale routes removed", "count=%d", rc);
	r->hook = rc < 0 ? NULL : io_hook_add(l, turn_ends, r);
	if (!r->hook) {
		routes_free(r);
		return rc < 0 ? rc : -ENOMEM;
	}
	nl_on_route_error(r->nl, route_error, r);
	*out = r;
	return 0;
}

void routes_free(struct routes *r)
{
	struct hmap_node *n;

	if (!r)
		return;
	for (size_t at = 0; (n = hmap_walk(&r->map, &at, NULL));) {
		struct route *e = container_of(n, struct route, node);

		nl_route_del(r->nl, &e->prefix, r->ifindex);
		hmap_del(&r->map, n);
		free(e);
		at = at ? at - 1 : 0;	/* the rest of this chain */
	}
	hmap_fini(&r->map);
	io_hook_del(r->hook);
	nl_close(r->nl);
	free(r->pools);
	free(r);
}
