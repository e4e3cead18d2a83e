/* SPDX-License-Identifier: BSD-2-Clause */
/* The plane of dp_null.h: lists of what was asked for, a queue of what a test injects. Slots are indices of an
 * array of pointers. */
#include "dataplane/dp_null.h"

#include <errno.h>
#include <stdlib.h>

#include "dataplane/dp_null_int.h"

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

struct null_event *null_event_new(enum dp_event_type type, const uint8_t *data, size_t len)
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
	if (hmap_add(&n->by_id, &s->by_id, null_id_hash(id->local_tunnel_id, id->local_session_id))) {
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
	struct null_event *e = s ? null_event_new(DP_EV_GONE, NULL, 0) : NULL;

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

/* ---- life ---- */

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
