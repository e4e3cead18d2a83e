/* SPDX-License-Identifier: BSD-2-Clause */
/* What a test does with the null plane (dp_null.h): takes what was sent, looks at sessions, injects what is received. */
#include <stdlib.h>

#include "dataplane/dp_null_int.h"

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
	hmap_for(i, (struct hmap *)(uintptr_t)&n->by_id, null_id_hash(tid, sid)) {
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
	struct null_event *e = null_event_new(DP_EV_CONTROL, msg, len);

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
	struct null_event *e = null_event_new(DP_EV_FRAME, frame, len);

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
	struct null_event *e = null_event_new(DP_EV_LOCAL_UP, NULL, 0);

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
