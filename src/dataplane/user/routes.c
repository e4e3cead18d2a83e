/* SPDX-License-Identifier: BSD-2-Clause */
/* Counted kernel routes (routes.h). */
#include "dataplane/user/routes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hmap.h"
#include "base/log.h"

enum { PUT_BACK = 1024 };		/* routes a turn */

struct route {
	struct hmap_node node;
	struct list link;		/* of routes.present or .missing */
	struct ip_route route;
	unsigned wanted;
	bool again;			/* put back: it may be there already */
};

struct routes {
	struct io_loop *loop;
	struct io_hook *hook;
	struct nl *nl;
	struct nl_monitor *monitor;
	unsigned ifindex;
	bool down;			/* the device: nothing is added now */
	struct list present, missing;
	unsigned put_back;		/* since it came up */
	struct hmap map;
	struct dp_pool *pools;
	unsigned pool_count;
};

static uint64_t route_hash(const struct ip_route *p)
{
	return ip_addr_hash(&p->dst.addr, p->dst.len);
}

static struct route *route_find(struct routes *r, const struct ip_route *p)
{
	hmap_for(n, &r->map, route_hash(p)) {
		struct route *e = container_of(n, struct route, node);

		if (e->route.dst.len == p->dst.len && e->route.metric == p->metric && ip_addr_eq(&e->route.dst.addr, &p->dst.addr))
			return e;
	}
	return NULL;
}

/* What a device that goes and comes makes the kernel say: its notice tells, and has them all put back. */
static bool is_expected(struct routes *r, bool add, const struct ip_route *route, int err)
{
	const struct route *e = add ? route_find(r, route) : NULL;

	if (!add)
		return err == -ESRCH || err == -ENODEV || err == -ENETDOWN;	/* somebody took it, or the device, away */
	return err == -ENETDOWN || (err == -EEXIST && e && e->again);
}

static void route_error(void *ctx, bool add, const struct ip_route *route, int err)
{
	struct log l;
	char text[IP_ADDR_TEXT];

	if (is_expected(ctx, add, route, err))
		return;
	log_begin(&l, LOG_WARNING, "dataplane", "route refused");
	log_text(&l, "change", add ? "add" : "delete");
	log_fmt(&l, "prefix", "%s/%u", ip_addr_text(&route->dst.addr, text), route->dst.len);
	log_text(&l, "error", strerror(-err));
	log_end(&l);
}

/* The hook of this turn may have run already: have another one soon. */
static void route_add(struct routes *r, struct route *e)
{
	list_del(&e->link);
	list_push_back(r->down ? &r->missing : &r->present, &e->link);
	if (r->down)
		return;
	nl_route_add(r->nl, &e->route, r->ifindex);
	io_loop_again(r->loop);
}

static void route_del(struct routes *r, struct route *e)
{
	list_del(&e->link);
	nl_route_del(r->nl, &e->route, r->ifindex);
	io_loop_again(r->loop);
}

int routes_want(struct routes *r, const struct ip_route *p)
{
	struct route *e = route_find(r, p);

	if (e) {
		e->wanted++;
		return 0;
	}
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->route = *p;
	e->wanted = 1;
	if (hmap_add(&r->map, &e->node, route_hash(p))) {
		free(e);
		return -ENOMEM;
	}
	route_add(r, e);
	return 0;
}

void routes_leave(struct routes *r, const struct ip_route *p)
{
	struct route *e = route_find(r, p);

	if (!e || --e->wanted)
		return;
	route_del(r, e);
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
	struct ip_route p = { 0 };

	for (unsigned i = 0; i < n; i++)
		for (uint64_t at = pools[i].start; range_prefix(&at, pools[i].end, &p.dst);) {
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

/* ---- the device goes down, and comes up ---- */

static void put_back_end(struct routes *r)
{
	log_line(LOG_NOTICE, "dataplane", "routes put back", "count=%u", r->put_back);
	r->put_back = 0;
}

static void put_back(struct routes *r)
{
	for (unsigned i = 0; i < PUT_BACK && !list_empty(&r->missing); i++) {
		struct route *e = container_of(list_first(&r->missing), struct route, link);

		e->again = true;
		route_add(r, e);
		r->put_back++;
	}
	if (r->put_back && list_empty(&r->missing))
		put_back_end(r);
}

static void device_down(struct routes *r)
{
	if (!r->down)
		log_line(LOG_WARNING, "dataplane", "device is down", "routes=%zu", r->map.count);
	r->down = true;
	r->put_back = 0;
	list_move_all(&r->missing, &r->present);
}

static void device_up(struct routes *r)
{
	r->down = false;
	io_loop_again(r->loop);		/* turn_ends() begins */
}

/* Notices were lost: it may have been down in between. */
static void device_look(struct routes *r)
{
	int up = nl_link_is_up(r->nl, r->ifindex);

	if (up == 0)
		device_down(r);
	else
		list_move_all(&r->missing, &r->present);
	if (up)
		device_up(r);
}

static void device_changed(void *ctx, unsigned ifindex, bool up, mono_t now)
{
	struct routes *r = ctx;

	if (!ifindex)
		device_look(r);
	else if (ifindex == r->ifindex && up)
		device_up(r);
	else if (ifindex == r->ifindex)
		device_down(r);
}

/* ---- life ---- */

static void turn_ends(void *ctx, mono_t now, struct wall wall)
{
	struct routes *r = ctx;

	if (!r->down)
		put_back(r);
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
	list_init(&r->present);
	list_init(&r->missing);
	rc = nl_open(&r->nl);
	if (rc == 0)
		rc = nl_monitor_links(&r->monitor, l, device_changed, r);
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

		nl_route_del(r->nl, &e->route, r->ifindex);
		hmap_del(&r->map, n);
		free(e);
		at = at ? at - 1 : 0;	/* the rest of this chain */
	}
	nl_close(r->nl);		/* the last answers are judged by the map */
	hmap_fini(&r->map);
	io_hook_del(r->hook);
	nl_monitor_close(r->monitor);
	free(r->pools);
	free(r);
}
