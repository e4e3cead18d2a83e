/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions of the session table, their lines towards the subscriber, and grace periods (table.h). Retired
 * things lie in lists, oldest first; a session's lines are always retired before the session itself, so its
 * counters are whole when it is reclaimed.
 */
#include <errno.h>
#include <stdlib.h>

#include "dataplane/table.h"

static void up_publish(struct dp_up *up, uint32_t state)
{
	__atomic_store_n(&up->state, state, __ATOMIC_RELEASE);
}

static void dn_publish(struct dp_dn *dn, uint16_t state)
{
	__atomic_store_n(&dn->state, state, __ATOMIC_RELEASE);
}

/* ---- from ids to PUNT ---- */

static void up_fill(struct table *t, const struct table_session *s)
{
	struct dp_up *up = table_up(t, s);

	memset(up, 0, sizeof(*up));
	up->generation = s->handle.generation;
	up->tunnel_id = s->id.local_tunnel_id;
	up->session_id = s->id.local_session_id;
	up->dn = DP_NONE;
	up_publish(up, DP_UP_HOLD);
}

static int session_check(const struct table *t, const struct dp_session *id)
{
	if (!id->local_session_id)
		return -EINVAL;
	if (!table_tun(t, id->local_tunnel_id))
		return -ENOENT;
	return t->sessions >= t->conf.max_sessions ? -ENOSPC : 0;
}

int table_session_add(struct table *t, const struct dp_session *id, struct table_session **out)
{
	int rc = session_check(t, id);
	struct table_session *s;

	if (rc)
		return rc;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->id = *id;
	list_init(&s->held);
	list_init(&s->retired);
	rc = table_slot_claim(t, id->local_tunnel_id, id->local_session_id, &s->handle.slot);
	if (rc) {
		free(s);
		return rc;
	}
	s->handle.generation = ++t->generation;
	t->session[s->handle.slot] = s;
	t->sessions++;
	up_fill(t, s);
	*out = s;
	return 0;
}

struct table_session *table_session_of(const struct table *t, struct dp_handle h)
{
	struct table_session *s = h.slot < (size_t)t->pages << DP_PAGE_BITS ? t->session[h.slot] : NULL;

	return s && s->handle.generation == h.generation ? s : NULL;
}

struct table_session *table_session_next(const struct table *t, uint32_t *slot)
{
	while (*slot < t->pages << DP_PAGE_BITS) {
		if (!t->page_used[*slot >> DP_PAGE_BITS]) {
			*slot = ((*slot >> DP_PAGE_BITS) + 1) << DP_PAGE_BITS;
			continue;
		}
		if (t->session[(*slot)++])
			return t->session[*slot - 1];
	}
	return NULL;
}

static uint32_t up_flags(const struct table_session *s)
{
	return (s->params.require_sequencing ? DP_UP_REQUIRE_SEQ : 0u) | (s->any_source ? DP_UP_ANY_SOURCE : 0u);
}

int table_session_punt(struct table *t, struct table_session *s, const struct dp_session_params *p)
{
	if (table_state(t, s) != DP_UP_HOLD)
		return -EINVAL;
	s->params = *p;
	up_publish(table_up(t, s), DP_UP_PUNT | up_flags(s));
	return 0;
}

uint16_t table_session_ns(struct table *t, struct table_session *s)
{
	return (uint16_t)(s->line ? __atomic_fetch_add(&t->dn[s->line->index].l2tp.ns, 1, __ATOMIC_RELAXED) : s->ns++);
}

/* ---- lines ---- */

/* The direct line if it is free, else another. */
static int line_new(struct table *t, struct table_session *s, uint32_t direct, struct table_line **out)
{
	bool own = direct != DP_NONE && t->dn[direct].state == DP_DN_FREE;
	struct table_line *l;

	if (!own && !t->free_lines && !t->other_left)
		return -ENOSPC;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	if (own)
		l->index = direct;
	else if (t->free_lines)
		l->index = t->free_line[--t->free_lines];
	else
		l->index = t->direct_lines + --t->other_left;
	l->owner = s;
	list_init(&l->retired);
	*out = l;
	return 0;
}

/* Adds to the base what the line has counted since it was last looked at. */
static void line_count(const struct dp_dn *dn, struct table_line *l, struct dp_counters *base)
{
	uint64_t octets = __atomic_load_n(&dn->octets, __ATOMIC_RELAXED);
	uint64_t packets = __atomic_load_n(&dn->packets, __ATOMIC_RELAXED);
	uint32_t drops = __atomic_load_n(&dn->drops, __ATOMIC_RELAXED);

	base->tx_octets += octets - l->octets;
	base->tx_packets += packets - l->packets;
	base->tx_drops += drops - l->drops;
	l->octets = octets;
	l->packets = packets;
	l->drops = drops;
}

static void line_retire(struct table *t, struct table_line *l)
{
	struct dp_dn *dn = &t->dn[l->index];

	dn_publish(dn, DP_DN_GRACE);
	line_count(dn, l, &l->owner->base);
	l->epoch = t->epoch;
	list_push_back(&t->retired_lines, &l->retired);
}

static void line_free(struct table *t, struct table_line *l)
{
	struct dp_dn *dn = &t->dn[l->index];

	line_count(dn, l, &l->owner->base);
	memset(dn, 0, sizeof(*dn));
	if (l->index >= t->direct_lines)
		t->free_line[t->free_lines++] = l->index;
	free(l);
}

static void line_fill(struct table *t, const struct table_session *s, uint32_t ip4)
{
	struct dp_dn *dn = &t->dn[s->line->index];

	dn->port = s->id.local_tunnel_id;
	dn->generation = s->handle.generation;
	dn->ip4 = ip4;
	dn->l2tp.ns = s->ns;
	dn->l2tp.peer_session_id = s->params.peer_session_id;
	dn->up = s->handle.slot;
}

/* ---- FORWARD ---- */

static int session_line(struct table *t, struct table_session *s, const struct dp_subscriber *sub)
{
	uint32_t ip4 = ip4_num(&sub->ip4);
	uint32_t direct = ip4 ? table_direct_index(t, sub->vr, ip4) : DP_NONE;
	int rc = line_new(t, s, direct, &s->line);

	if (rc)
		return rc;
	line_fill(t, s, ip4);
	s->by_address = false;
	if (!ip4 || s->line->index == direct)
		return 0;
	rc = table_dst_add(t, sub->vr, ip4, 32, s->line->index);
	if (rc) {
		line_free(t, s->line);
		s->line = NULL;
		return rc == -EEXIST ? -EADDRINUSE : rc;
	}
	s->by_address = true;
	return 0;
}

/* What is left of the MTU for a TCP segment without options (RFC 9293 §3.7.1). */
static uint16_t mss_of(uint16_t mtu)
{
	enum { IP_TCP_HEADERS = 40 };

	return mtu > IP_TCP_HEADERS ? (uint16_t)(mtu - IP_TCP_HEADERS) : 0;
}

static void session_publish(struct table *t, struct table_session *s, const struct dp_subscriber *sub)
{
	struct dp_dn *dn = &t->dn[s->line->index];
	struct dp_up *up = table_up(t, s);

	s->vr = sub->vr;
	s->ip4 = sub->ip4;
	s->local_ip4 = sub->local_ip4;
	s->any_source = sub->no_source_check;
	__atomic_store_n(&dn->mtu, sub->mtu, __ATOMIC_RELAXED);
	__atomic_store_n(&dn->mss, mss_of(sub->mtu), __ATOMIC_RELAXED);
	dn_publish(dn, DP_DN_L2TP | (s->params.send_sequencing ? DP_DN_SEND_SEQ : 0));
	up->vr = sub->vr;
	up->ip4 = ip4_num(&sub->ip4);
	up->dn = s->line->index;
	up_publish(up, DP_UP_FORWARD | up_flags(s));
}

static bool address_is_others(const struct table *t, const struct table_session *s, const struct dp_subscriber *sub)
{
	uint32_t holder = ip_addr_is_none(&sub->ip4) ? DP_NONE : table_host_find(t, sub->vr, ip4_num(&sub->ip4));

	return holder != DP_NONE && t->dn[holder].up != s->handle.slot;
}

int table_session_forward(struct table *t, struct table_session *s, const struct dp_subscriber *sub)
{
	int rc = 0;

	if (table_state(t, s) == DP_UP_HOLD || sub->vr >= 1u << 24)
		return -EINVAL;
	if (address_is_others(t, s, sub))
		return -EADDRINUSE;
	if (s->line && (s->vr != sub->vr || !ip_addr_eq(&s->ip4, &sub->ip4)))
		table_session_unforward(t, s);
	if (!s->line)
		rc = session_line(t, s, sub);
	if (rc)
		return rc;
	session_publish(t, s, sub);
	rc = table_routes_set(t, s, sub->routes, sub->route_count);
	if (rc)
		table_session_unforward(t, s);
	return rc;
}

void table_session_unforward(struct table *t, struct table_session *s)
{
	struct dp_up *up = table_up(t, s);

	if (!s->line)
		return;
	up_publish(up, DP_UP_PUNT | up_flags(s));
	table_routes_set(t, s, NULL, 0);
	if (s->by_address)
		table_dst_del(t, s->vr, ip4_num(&s->ip4), 32);
	s->ns = t->dn[s->line->index].l2tp.ns;
	line_retire(t, s->line);
	s->line = NULL;
	s->by_address = false;
	memset(&s->ip4, 0, sizeof(s->ip4));
	up->ip4 = 0;
	up->dn = DP_NONE;
}

/* ---- the end ---- */

static void held_free(struct table_session *s)
{
	for (struct list *i; (i = list_pop(&s->held));)
		free(container_of(i, struct table_frame, link));
	s->held_count = 0;
}

void table_session_del(struct table *t, struct table_session *s)
{
	table_session_unforward(t, s);
	up_publish(table_up(t, s), DP_UP_GRACE);
	table_slot_leave(t, s->id.local_tunnel_id, s->id.local_session_id);
	t->session[s->handle.slot] = NULL;
	t->sessions--;
	held_free(s);
	s->epoch = t->epoch;
	list_push_back(&t->retired_sessions, &s->retired);
}

void table_session_free(struct table *t, struct table_session *s)
{
	held_free(s);
	free(s->routes);
	free(s);
}

static void up_count(const struct dp_up *up, struct dp_counters *c)
{
	c->rx_octets += __atomic_load_n(&up->octets, __ATOMIC_RELAXED);
	c->rx_packets += __atomic_load_n(&up->packets, __ATOMIC_RELAXED);
	c->rx_drops += __atomic_load_n(&up->drops, __ATOMIC_RELAXED);
	c->rx_out_of_sequence += __atomic_load_n(&up->out_of_sequence, __ATOMIC_RELAXED);
}

void table_session_counters(const struct table *t, const struct table_session *s, struct dp_counters *out)
{
	*out = s->base;
	up_count(table_up(t, s), out);
	if (s->line) {
		struct table_line l = *s->line;

		line_count(&t->dn[l.index], &l, out);
	}
}

/* ---- grace ---- */

void table_quiesce(struct table *t)
{
	t->epoch++;
}

bool table_retired(const struct table *t)
{
	return !list_empty(&t->retired_lines) || !list_empty(&t->retired_sessions) || !list_empty(&t->retired_pools);
}

static void reclaim_lines(struct table *t)
{
	for (struct list *i; (i = list_first(&t->retired_lines));) {
		struct table_line *l = container_of(i, struct table_line, retired);

		if (l->epoch >= t->epoch)
			return;
		list_del(i);
		line_free(t, l);
	}
}

static void reclaim_pools(struct table *t)
{
	for (struct list *i; (i = list_first(&t->retired_pools));) {
		struct table_pools *p = container_of(i, struct table_pools, retired);

		if (p->epoch >= t->epoch)
			return;
		list_del(i);
		free(p);
	}
}

struct table_session *table_reclaim(struct table *t)
{
	struct list *i;
	struct table_session *s;

	reclaim_lines(t);
	reclaim_pools(t);
	i = list_first(&t->retired_sessions);
	s = i ? container_of(i, struct table_session, retired) : NULL;
	if (!s || s->epoch >= t->epoch)
		return NULL;
	list_del(i);
	up_count(table_up(t, s), &s->base);
	table_slot_free(t, s->handle.slot);
	return s;
}
