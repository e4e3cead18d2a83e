/* SPDX-License-Identifier: BSD-2-Clause */
/* The plane of dp_null.h: lists of what was asked for, a queue of what a test injects. Slots are indices of an
 * array of pointers. */
#include "dataplane/dp_null.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hmap.h"
#include "base/list.h"

enum { DP_NULL_HELD = 4, DP_NULL_TUNNELS = 65536 };

struct null_session {
	struct dp_null_session pub;
	struct hmap_node by_id, by_ip4;	/* living ones; forwarding ones */
	struct list held;		/* of null_event, in HOLD */
	unsigned held_count;
};

struct null_event {
	struct list link;
	struct dp_event ev;
	uint8_t octets[];
};

struct null_control {
	struct list link;
	struct dp_null_control c;
};

struct null_frame {
	struct list link;
	struct dp_null_frame f;
};

struct dp_null {
	struct null_session **session;
	size_t slots, first_free;	/* first_free: no slot below it is free */
	struct hmap by_id, by_ip4;
	uint32_t generation;
	struct dp_tunnel *tunnel[DP_NULL_TUNNELS];
	unsigned tunnels, live, misuse;
	struct ip_addr *locals;
	unsigned local_count;
	struct dp_pool *pools;
	unsigned pool_count;
	struct list controls, frames, events;
	struct null_event *shown;	/* the last event given out; its octets live until the next */
	uint64_t drops[DP_DROP_COUNT];
	struct {
		int rc;
		unsigned times;
	} fail[DP_NULL_OPS];
};

static struct dp_null *null_of(struct dp *dp)
{
	return (struct dp_null *)(void *)dp;
}

static const struct dp_null *null_of_const(const struct dp *dp)
{
	return (const struct dp_null *)(const void *)dp;
}

static int misused(struct dp_null *n, int rc)
{
	n->misuse++;
	return rc;
}

static int failing(struct dp_null *n, enum dp_null_op op)
{
	if (!n->fail[op].times)
		return 0;
	n->fail[op].times--;
	return n->fail[op].rc;
}

static struct null_session *session_find(const struct dp_null *n, struct dp_handle h)
{
	struct null_session *s = h.slot < n->slots ? n->session[h.slot] : NULL;

	return s && s->pub.handle.generation == h.generation && !s->pub.deleted ? s : NULL;
}

/* ---- events ---- */

static struct null_event *event_new(enum dp_event_type type, const uint8_t *data, size_t len)
{
	struct null_event *e = calloc(1, sizeof(*e) + len);

	if (!e)
		return NULL;
	e->ev.type = type;
	e->ev.data = e->octets;
	e->ev.len = len;
	if (len)
		memcpy(e->octets, data, len);
	return e;
}

static void list_free_events(struct list *l)
{
	struct list *i;

	while ((i = list_pop(l)))
		free(container_of(i, struct null_event, link));
}

static void session_free(struct dp_null *n, uint32_t slot)
{
	if (slot < n->first_free)
		n->first_free = slot;
	list_free_events(&n->session[slot]->held);
	free(n->session[slot]);
	n->session[slot] = NULL;
}

static bool null_event(struct dp *dp, struct dp_event *ev, mono_t now)
{
	struct dp_null *n = null_of(dp);
	struct list *i = list_pop(&n->events);

	free(n->shown);
	n->shown = NULL;
	if (!i)
		return false;
	n->shown = container_of(i, struct null_event, link);
	if (n->shown->ev.type == DP_EV_GONE) {
		n->shown->ev.counters = n->session[n->shown->ev.handle.slot]->pub.counters;
		session_free(n, n->shown->ev.handle.slot);
	}
	*ev = n->shown->ev;
	return true;
}

/* ---- tunnels, addresses, control ---- */

static int null_control_tx(struct dp *dp, uint32_t vr, const struct ip_addr *local, uint16_t local_port,
			   const struct ip_addr *peer, uint16_t peer_port, const uint8_t *msg, size_t len)
{
	struct dp_null *n = null_of(dp);
	struct null_control *c;
	int rc = failing(n, DP_NULL_CONTROL_TX);

	if (rc)
		return rc;
	if (len > sizeof(c->c.msg))
		return misused(n, -EMSGSIZE);
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->c = (struct dp_null_control){ .vr = vr, .local = *local, .peer = *peer, .local_port = local_port,
					 .peer_port = peer_port, .len = len };
	memcpy(c->c.msg, msg, len);
	list_push_back(&n->controls, &c->link);
	return 0;
}

static int null_local_set(struct dp *dp, const struct ip_addr *addrs, unsigned count)
{
	struct dp_null *n = null_of(dp);
	struct ip_addr *copy = calloc(count ? count : 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (count)
		memcpy(copy, addrs, count * sizeof(*copy));
	free(n->locals);
	n->locals = copy;
	n->local_count = count;
	return 0;
}

static int null_pool_set(struct dp *dp, const struct dp_pool *pools, unsigned count)
{
	struct dp_null *n = null_of(dp);
	struct dp_pool *copy = calloc(count ? count : 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (count)
		memcpy(copy, pools, count * sizeof(*copy));
	free(n->pools);
	n->pools = copy;
	n->pool_count = count;
	return 0;
}

static int null_tunnel_add(struct dp *dp, const struct dp_tunnel *t)
{
	struct dp_null *n = null_of(dp);
	struct dp_tunnel **at = &n->tunnel[t->local_tunnel_id];
	int rc = failing(n, DP_NULL_TUNNEL_ADD);

	if (rc)
		return rc;
	if (!t->local_tunnel_id)
		return misused(n, -EINVAL);
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			return -ENOMEM;
		n->tunnels++;
	}
	**at = *t;
	return 0;
}

static unsigned sessions_of(const struct dp_null *n, uint16_t tid)
{
	unsigned count = 0;

	for (size_t i = 0; i < n->slots; i++)
		count += n->session[i] && !n->session[i]->pub.deleted && n->session[i]->pub.id.local_tunnel_id == tid;
	return count;
}

static void null_tunnel_del(struct dp *dp, uint16_t tid)
{
	struct dp_null *n = null_of(dp);

	if (!n->tunnel[tid] || sessions_of(n, tid)) {
		misused(n, 0);
		return;
	}
	free(n->tunnel[tid]);
	n->tunnel[tid] = NULL;
	n->tunnels--;
}

/* ---- sessions ---- */

/* The lowest free slot; the array doubles. Return: UINT32_MAX when out of memory. */
static uint32_t slot_new(struct dp_null *n)
{
	size_t slots = n->slots ? n->slots * 2 : 16;
	struct null_session **bigger;

	while (n->first_free < n->slots && n->session[n->first_free])
		n->first_free++;
	if (n->first_free < n->slots)
		return (uint32_t)n->first_free;
	bigger = realloc(n->session, slots * sizeof(*bigger));
	if (!bigger)
		return UINT32_MAX;
	memset(bigger + n->slots, 0, (slots - n->slots) * sizeof(*bigger));
	n->session = bigger;
	n->slots = slots;
	return (uint32_t)n->first_free;
}

static uint64_t id_hash(uint16_t tid, uint16_t sid)
{
	return hash_u64((uint64_t)tid << 16 | sid, 0);
}

/* Out of the lookups; the session itself stays until its event is taken. */
static void session_unindex(struct dp_null *n, struct null_session *s, bool whole)
{
	if (s->pub.state == DP_FORWARD)
		hmap_del(&n->by_ip4, &s->by_ip4);
	if (whole)
		hmap_del(&n->by_id, &s->by_id);
}

static int null_session_add(struct dp *dp, const struct dp_session *id, struct dp_handle *out)
{
	struct dp_null *n = null_of(dp);
	struct null_session *s;
	uint32_t slot;
	int rc = failing(n, DP_NULL_SESSION_ADD);

	*out = DP_HANDLE_NONE;
	if (rc)
		return rc;
	if (!n->tunnel[id->local_tunnel_id])
		return misused(n, -ENOENT);
	if (!id->local_session_id || dp_null_session_by_id(n, id->local_tunnel_id, id->local_session_id))
		return misused(n, -EAGAIN);
	slot = slot_new(n);
	s = slot == UINT32_MAX ? NULL : calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	if (hmap_add(&n->by_id, &s->by_id, id_hash(id->local_tunnel_id, id->local_session_id))) {
		free(s);
		return -ENOMEM;
	}
	n->session[slot] = s;
	s->pub.id = *id;
	s->pub.state = DP_HOLD;
	s->pub.handle = (struct dp_handle){ slot, ++n->generation };
	list_init(&s->held);
	n->live++;
	*out = s->pub.handle;
	return 0;
}

static int null_session_punt(struct dp *dp, struct dp_handle h, const struct dp_session_params *p)
{
	struct dp_null *n = null_of(dp);
	struct null_session *s = session_find(n, h);
	struct list *i;

	if (!s || s->pub.state != DP_HOLD)
		return misused(n, -EINVAL);
	s->pub.state = DP_PUNT;
	s->pub.params = *p;
	while ((i = list_pop(&s->held)))
		list_push_back(&n->events, i);
	s->held_count = 0;
	return 0;
}

static int null_session_forward(struct dp *dp, struct dp_handle h, const struct dp_subscriber *sub)
{
	struct dp_null *n = null_of(dp);
	struct null_session *s = session_find(n, h);
	const struct dp_null_session *other = ip_addr_is_none(&sub->ip4) ? NULL : dp_null_session_by_ip4(n, &sub->ip4);
	int rc = failing(n, DP_NULL_SESSION_FORWARD);

	if (rc)
		return rc;
	if (!s || s->pub.state == DP_HOLD || sub->route_count > DP_NULL_ROUTES)
		return misused(n, -EINVAL);
	if (other && other != &s->pub)
		return -EADDRINUSE;
	session_unindex(n, s, false);
	s->pub.state = DP_PUNT;
	if (hmap_add(&n->by_ip4, &s->by_ip4, ip_addr_hash(&sub->ip4, 0)))
		return -ENOMEM;
	s->pub.state = DP_FORWARD;
	s->pub.sub = *sub;
	for (unsigned i = 0; i < sub->route_count; i++)
		s->pub.routes[i] = sub->routes[i];
	s->pub.sub.routes = s->pub.routes;
	return 0;
}

static int null_session_unforward(struct dp *dp, struct dp_handle h)
{
	struct dp_null *n = null_of(dp);
	struct null_session *s = session_find(n, h);

	if (!s || s->pub.state == DP_HOLD)
		return misused(n, -EINVAL);
	session_unindex(n, s, false);
	s->pub.state = DP_PUNT;
	memset(&s->pub.sub, 0, sizeof(s->pub.sub));
	return 0;
}

static void null_session_del(struct dp *dp, struct dp_handle h)
{
	struct dp_null *n = null_of(dp);
	struct null_session *s = session_find(n, h);
	struct null_event *e = s ? event_new(DP_EV_GONE, NULL, 0) : NULL;

	if (!s) {
		misused(n, 0);
		return;
	}
	n->live--;
	session_unindex(n, s, true);
	s->pub.deleted = true;
	list_free_events(&s->held);
	if (!e)		/* a test out of memory: it will miss its event */
		return;
	e->ev.handle = h;
	e->ev.user = s->pub.id.user;
	list_push_back(&n->events, &e->link);
}

static int null_session_tx(struct dp *dp, struct dp_handle h, const uint8_t *frame, size_t len)
{
	struct dp_null *n = null_of(dp);
	struct null_session *s = session_find(n, h);
	struct null_frame *f;
	int rc = failing(n, DP_NULL_SESSION_TX);

	if (rc)
		return rc;
	if (!s || s->pub.state == DP_HOLD || len > sizeof(f->f.data))
		return misused(n, -EINVAL);
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->f.handle = h;
	f->f.user = s->pub.id.user;
	f->f.len = len;
	memcpy(f->f.data, frame, len);
	list_push_back(&n->frames, &f->link);
	return 0;
}

static bool null_session_counters(const struct dp *dp, struct dp_handle h, struct dp_counters *out)
{
	const struct null_session *s = session_find(null_of_const(dp), h);

	*out = (struct dp_counters){ 0 };
	if (s)
		*out = s->pub.counters;
	return s != NULL;
}

static void null_expire(struct dp *dp, mono_t now)
{
}

static mono_t null_deadline(const struct dp *dp)
{
	return list_empty(&null_of_const(dp)->events) ? MONO_NEVER : MONO_ZERO;
}

static uint64_t null_drop_count(const struct dp *dp, enum dp_drop d)
{
	return (unsigned)d < DP_DROP_COUNT ? null_of_const(dp)->drops[d] : 0;
}

static const struct dp_ops null_ops = {
	.control_tx = null_control_tx,
	.local_set = null_local_set,
	.pool_set = null_pool_set,
	.tunnel_add = null_tunnel_add,
	.tunnel_del = null_tunnel_del,
	.session_add = null_session_add,
	.session_punt = null_session_punt,
	.session_forward = null_session_forward,
	.session_unforward = null_session_unforward,
	.session_del = null_session_del,
	.session_tx = null_session_tx,
	.session_counters = null_session_counters,
	.event = null_event,
	.expire = null_expire,
	.deadline = null_deadline,
	.drop_count = null_drop_count,
};

/* ---- for the test ---- */

struct dp_null *dp_null_new(void)
{
	struct dp_null *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	list_init(&n->controls);
	list_init(&n->frames);
	list_init(&n->events);
	hmap_init(&n->by_id);
	hmap_init(&n->by_ip4);
	return n;
}

void dp_null_free(struct dp_null *n)
{
	struct list *i;

	if (!n)
		return;
	for (uint32_t s = 0; s < n->slots; s++)
		if (n->session[s])
			session_free(n, s);
	for (unsigned t = 0; t < DP_NULL_TUNNELS; t++)
		free(n->tunnel[t]);
	while ((i = list_pop(&n->controls)))
		free(container_of(i, struct null_control, link));
	while ((i = list_pop(&n->frames)))
		free(container_of(i, struct null_frame, link));
	list_free_events(&n->events);
	free(n->shown);
	hmap_fini(&n->by_id);
	hmap_fini(&n->by_ip4);
	free(n->session);
	free(n->locals);
	free(n->pools);
	free(n);
}

struct dp_if dp_null_if(struct dp_null *n)
{
	return (struct dp_if){ &null_ops, (struct dp *)(void *)n };
}

bool dp_null_take_control(struct dp_null *n, struct dp_null_control *out)
{
	struct list *i = list_pop(&n->controls);
	struct null_control *c = i ? container_of(i, struct null_control, link) : NULL;

	if (c)
		*out = c->c;
	free(c);
	return i != NULL;
}

bool dp_null_take_frame(struct dp_null *n, struct dp_null_frame *out)
{
	struct list *i = list_pop(&n->frames);
	struct null_frame *f = i ? container_of(i, struct null_frame, link) : NULL;

	if (f)
		*out = f->f;
	free(f);
	return i != NULL;
}

const struct dp_null_session *dp_null_session(const struct dp_null *n, struct dp_handle h)
{
	struct null_session *s = h.slot < n->slots ? n->session[h.slot] : NULL;

	return s && s->pub.handle.generation == h.generation ? &s->pub : NULL;
}

const struct dp_null_session *dp_null_session_by_id(const struct dp_null *n, uint16_t tid, uint16_t sid)
{
	hmap_for(i, (struct hmap *)(uintptr_t)&n->by_id, id_hash(tid, sid)) {
		const struct null_session *s = container_of(i, struct null_session, by_id);

		if (s->pub.id.local_tunnel_id == tid && s->pub.id.local_session_id == sid)
			return &s->pub;
	}
	return NULL;
}

const struct dp_null_session *dp_null_session_by_ip4(const struct dp_null *n, const struct ip_addr *ip4)
{
	hmap_for(i, (struct hmap *)(uintptr_t)&n->by_ip4, ip_addr_hash(ip4, 0)) {
		const struct null_session *s = container_of(i, struct null_session, by_ip4);

		if (ip_addr_eq(&s->pub.sub.ip4, ip4))
			return &s->pub;
	}
	return NULL;
}

unsigned dp_null_tunnels(const struct dp_null *n)
{
	return n->tunnels;
}

unsigned dp_null_sessions(const struct dp_null *n)
{
	return n->live;
}

const struct ip_addr *dp_null_locals(const struct dp_null *n, unsigned *count)
{
	*count = n->local_count;
	return n->locals;
}

const struct dp_pool *dp_null_pools(const struct dp_null *n, unsigned *count)
{
	*count = n->pool_count;
	return n->pools;
}

unsigned dp_null_misuse(const struct dp_null *n)
{
	return n->misuse;
}

bool dp_null_rx_control(struct dp_null *n, uint32_t vr, const struct ip_addr *local, uint16_t local_port,
			const struct ip_addr *peer, uint16_t peer_port, const uint8_t *msg, size_t len)
{
	struct null_event *e = event_new(DP_EV_CONTROL, msg, len);

	if (!e)
		return false;
	e->ev.vr = vr;
	e->ev.local = *local;
	e->ev.peer = *peer;
	e->ev.local_port = local_port;
	e->ev.peer_port = peer_port;
	list_push_back(&n->events, &e->link);
	return true;
}

static struct null_event *frame_event(const struct dp_null *n, const struct null_session *s, const uint8_t *frame,
				      size_t len)
{
	const struct dp_tunnel *t = n->tunnel[s->pub.id.local_tunnel_id];
	struct null_event *e = event_new(DP_EV_FRAME, frame, len);

	if (!e)
		return NULL;
	e->ev.handle = s->pub.handle;
	e->ev.user = s->pub.id.user;
	e->ev.vr = t->vr;
	e->ev.local = t->local;
	e->ev.peer = t->peer;
	e->ev.local_port = t->local_port;
	e->ev.peer_port = t->peer_port;
	return e;
}

bool dp_null_rx_frame(struct dp_null *n, uint16_t tid, uint16_t sid, const uint8_t *frame, size_t len)
{
	const struct dp_null_session *pub = dp_null_session_by_id(n, tid, sid);
	struct null_session *s = pub ? n->session[pub->handle.slot] : NULL;
	struct null_event *e;

	if (!s || (s->pub.state == DP_HOLD && s->held_count == DP_NULL_HELD)) {
		n->drops[s ? DP_DROP_HOLD_FULL : DP_DROP_NO_SESSION]++;
		return false;
	}
	e = frame_event(n, s, frame, len);
	if (!e)
		return false;
	s->held_count += s->pub.state == DP_HOLD;
	list_push_back(s->pub.state == DP_HOLD ? &s->held : &n->events, &e->link);
	return true;
}

bool dp_null_rx_local(struct dp_null *n, const struct ip_addr *local, bool up)
{
	struct null_event *e = event_new(DP_EV_LOCAL_UP, NULL, 0);

	if (!e)
		return false;
	e->ev.local = *local;
	e->ev.up = up;
	list_push_back(&n->events, &e->link);
	return true;
}

void dp_null_set_counters(struct dp_null *n, struct dp_handle h, const struct dp_counters *c)
{
	if (h.slot < n->slots && n->session[h.slot] && n->session[h.slot]->pub.handle.generation == h.generation)
		n->session[h.slot]->pub.counters = *c;
}

void dp_null_fail(struct dp_null *n, enum dp_null_op op, int rc, unsigned times)
{
	n->fail[op].rc = rc;
	n->fail[op].times = times;
}
