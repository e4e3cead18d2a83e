/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Peers that leave our tunnel id out of the header after set-up (D-Link DIR-300, interop.md 8). RFC 2661 §3.1 wants the id,
 * so a tunnel takes such a message only when its owner says so (struct l2tp_tunnel_conf), and when nothing else can be
 * meant: it is the only tunnel that this address and port have opened to us. One that is closing gives way to a living one.
 */
#include "l2tp/call_in.h"

#include <errno.h>
#include <stdlib.h>

/* The tunnels that one address and port have opened; the living ones come first. */
struct l2tp_ends {
	struct hmap_node node;
	struct l2tp_path path;
	struct list tunnels;
};

static uint64_t ends_hash(const struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	uint64_t ports = (uint64_t)p->vr << 32 | (uint32_t)p->peer_port << 16 | p->local_port;

	return hash_u64(ports, ip_addr_hash(&p->peer, ep->hash_seed));
}

static struct l2tp_ends *ends_find(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	hmap_for(n, &ep->ends, ends_hash(ep, p)) {
		struct l2tp_ends *e = container_of(n, struct l2tp_ends, node);

		if (l2tp_same_ends(&e->path, p))
			return e;
	}
	return NULL;
}

static struct l2tp_ends *ends_new(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	struct l2tp_ends *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->path = *p;
	list_init(&e->tunnels);
	if (hmap_add(&ep->ends, &e->node, ends_hash(ep, p))) {
		free(e);
		return NULL;
	}
	return e;
}

int l2tp_ends_add(struct l2tp_ctrl *c)
{
	struct l2tp_ends *e = ends_find(c->ep, &c->path);

	if (!e)
		e = ends_new(c->ep, &c->path);
	if (!e)
		return -ENOMEM;
	c->ends = e;
	list_push_front(&e->tunnels, &c->ends_link);
	return 0;
}

void l2tp_ends_yield(struct l2tp_ctrl *c)
{
	if (!c->ends)
		return;
	list_del(&c->ends_link);
	list_push_back(&c->ends->tunnels, &c->ends_link);
}

void l2tp_ends_del(struct l2tp_ctrl *c)
{
	struct l2tp_ends *e = c->ends;

	c->ends = NULL;
	list_del(&c->ends_link);
	if (!e || !list_empty(&e->tunnels))
		return;
	hmap_del(&c->ep->ends, &e->node);
	free(e);
}

static struct l2tp_ctrl *tunnel_at(const struct l2tp_ends *e, struct list *l)
{
	return l == &e->tunnels ? NULL : container_of(l, struct l2tp_ctrl, ends_link);
}

static bool alive(const struct l2tp_ctrl *c)
{
	return c && c->state < L2TP_CTRL_CLOSING;
}

struct l2tp_ctrl *l2tp_null_id_tunnel(struct l2tp_endpoint *ep, const struct l2tp_path *from)
{
	const struct l2tp_ends *e = ends_find(ep, from);
	struct l2tp_ctrl *c = e ? tunnel_at(e, e->tunnels.next) : NULL;
	struct l2tp_ctrl *other = c ? tunnel_at(e, c->ends_link.next) : NULL;

	if (!c || c->state == L2TP_CTRL_GONE || !c->conf.null_tunnel_id)
		return NULL;
	if (other && (alive(other) || !alive(c))) {
		l2tp_count(ep, L2TP_COUNT_RX_NULL_TUNNEL_AMBIGUOUS);
		return NULL;
	}
	return c;
}
