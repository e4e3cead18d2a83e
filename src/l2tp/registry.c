/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is found by what: tunnels by the peer's id, half-open counts by source, calls by either id. */
#include "l2tp/call_in.h"

#include <errno.h>
#include <stdlib.h>

/* ---- tunnels ---- */

bool l2tp_same_ends(const struct l2tp_path *a, const struct l2tp_path *b)
{
	return a->vr == b->vr && a->peer_port == b->peer_port && a->local_port == b->local_port &&
	       ip_addr_eq(&a->peer, &b->peer) && ip_addr_eq(&a->local, &b->local);
}

static uint64_t peer_hash(const struct l2tp_endpoint *ep, const struct l2tp_path *p, uint16_t id)
{
	uint64_t rest = (uint64_t)p->vr << 32 | (uint32_t)p->peer_port << 16 | id;

	return hash_u64(rest, ip_addr_hash(&p->peer, ep->hash_seed));
}

static uint64_t addr_hash(const struct l2tp_endpoint *ep, uint32_t vr, const struct ip_addr *peer)
{
	return hash_u64(vr, ip_addr_hash(peer, ep->hash_seed));
}

static int list_tunnel(struct l2tp_ctrl *c, struct hmap *m, uint64_t hash)
{
	l2tp_tunnel_unlist(c);
	if (hmap_add(m, &c->node, hash))
		return -ENOMEM;
	c->listed = m;
	return 0;
}

int l2tp_tunnel_add_by_peer(struct l2tp_ctrl *c)
{
	c->listed_id = c->peer_id;
	return list_tunnel(c, &c->ep->by_peer, peer_hash(c->ep, &c->path, c->listed_id));
}

int l2tp_tunnel_add_opening(struct l2tp_ctrl *c)
{
	return list_tunnel(c, &c->ep->opening, addr_hash(c->ep, c->path.vr, &c->path.peer));
}

void l2tp_tunnel_unlist(struct l2tp_ctrl *c)
{
	if (c->listed)
		hmap_del(c->listed, &c->node);
	c->listed = NULL;
}

struct l2tp_ctrl *l2tp_tunnel_by_peer(struct l2tp_endpoint *ep, const struct l2tp_path *p, uint16_t peer_id,
				      const struct l2tp_ctrl *after)
{
	struct hmap_node *n = after ? hmap_next(&after->node) : hmap_first(&ep->by_peer, peer_hash(ep, p, peer_id));

	for (; n; n = hmap_next(n)) {
		struct l2tp_ctrl *c = container_of(n, struct l2tp_ctrl, node);

		if (c->listed_id == peer_id && l2tp_same_ends(&c->path, p))
			return c;
	}
	return NULL;
}

struct l2tp_ctrl *l2tp_tunnel_opening(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	hmap_for(n, &ep->opening, addr_hash(ep, p->vr, &p->peer)) {
		struct l2tp_ctrl *c = container_of(n, struct l2tp_ctrl, node);

		if (c->state == L2TP_CTRL_WAIT_CTL_REPLY && c->path.vr == p->vr &&
		    ip_addr_eq(&c->path.peer, &p->peer) &&
		    (ip_addr_is_any(&c->path.local) || ip_addr_eq(&c->path.local, &p->local)))
			return c;
	}
	return NULL;
}

/* ---- half-open tunnels by source ---- */

static struct l2tp_source *source_find(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	hmap_for(n, &ep->sources, addr_hash(ep, p->vr, &p->peer)) {
		struct l2tp_source *s = container_of(n, struct l2tp_source, node);

		if (s->vr == p->vr && ip_addr_eq(&s->addr, &p->peer))
			return s;
	}
	return NULL;
}

unsigned l2tp_half_open_of(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	const struct l2tp_source *s = source_find(ep, p);

	return s ? s->half_open : 0;
}

static struct l2tp_source *source_new(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	struct l2tp_source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->vr = p->vr;
	s->addr = p->peer;
	if (hmap_add(&ep->sources, &s->node, addr_hash(ep, p->vr, &p->peer))) {
		free(s);
		return NULL;
	}
	return s;
}

int l2tp_half_open_add(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	struct l2tp_source *s = source_find(ep, p);

	if (!s)
		s = source_new(ep, p);
	if (!s)
		return -ENOMEM;
	s->half_open++;
	ep->half_open++;
	return 0;
}

void l2tp_half_open_del(struct l2tp_endpoint *ep, const struct l2tp_path *p)
{
	struct l2tp_source *s = source_find(ep, p);

	if (!s)
		return;
	ep->half_open--;
	if (--s->half_open)
		return;
	hmap_del(&ep->sources, &s->node);
	free(s);
}

/* ---- calls ---- */

static uint32_t call_key(const struct l2tp_ctrl *c, uint16_t id)
{
	return (uint32_t)c->local_id << 16 | id;
}

static uint64_t call_hash(const struct l2tp_ctrl *c, uint16_t id)
{
	return hash_u64(call_key(c, id), c->ep->hash_seed);
}

struct l2tp_call *l2tp_call_by_local(struct l2tp_ctrl *c, uint16_t id)
{
	hmap_for(n, &c->ep->calls, call_hash(c, id)) {
		struct l2tp_call *call = container_of(n, struct l2tp_call, by_local);

		if (call->ctrl == c && call->local_id == id)
			return call;
	}
	return NULL;
}

struct l2tp_call *l2tp_call_by_peer(struct l2tp_ctrl *c, uint16_t id)
{
	hmap_for(n, &c->ep->calls_by_peer, call_hash(c, id)) {
		struct l2tp_call *call = container_of(n, struct l2tp_call, by_peer);

		if (call->ctrl == c && call->peer_id == id)
			return call;
	}
	return NULL;
}

int l2tp_call_register(struct l2tp_call *call)
{
	return hmap_add(&call->ctrl->ep->calls, &call->by_local, call_hash(call->ctrl, call->local_id));
}

int l2tp_call_register_peer(struct l2tp_call *call, uint16_t peer_id)
{
	call->peer_id = peer_id;
	if (hmap_add(&call->ctrl->ep->calls_by_peer, &call->by_peer, call_hash(call->ctrl, peer_id)))
		return -ENOMEM;
	call->peer_listed = true;
	return 0;
}

void l2tp_call_unregister(struct l2tp_call *call)
{
	hmap_del(&call->ctrl->ep->calls, &call->by_local);
	l2tp_session_id_retire(call->ctrl, call->local_id);
	if (call->peer_listed)
		hmap_del(&call->ctrl->ep->calls_by_peer, &call->by_peer);
	call->peer_listed = false;
}

static uint32_t *recent(const struct l2tp_ctrl *c, uint16_t id)
{
	return &c->ep->recent_call[call_hash(c, id) >> 20 & (L2TP_RECENT_CALLS - 1)];
}

void l2tp_session_id_retire(struct l2tp_ctrl *c, uint16_t id)
{
	*recent(c, id) = call_key(c, id);
}

/* At random, not one in use; not one freed lately, as long as a few draws find another. */
uint16_t l2tp_session_id_draw(struct l2tp_ctrl *c)
{
	enum { FRESH_DRAWS = 32, DRAWS = 128 };
	uint16_t id = 0;

	if (c->n_calls >= 65535)
		return 0;
	for (int i = 0; i < DRAWS; i++) {
		id = (uint16_t)(rng_below(&c->ep->rng, 65535) + 1);
		if (!l2tp_call_by_local(c, id) && (i >= FRESH_DRAWS || *recent(c, id) != call_key(c, id)))
			return id;
	}
	for (unsigned i = 0; i < 65535; i++) {
		id = (uint16_t)((id + 1) ? id + 1 : 1);
		if (!l2tp_call_by_local(c, id))
			return id;
	}
	return 0;
}
