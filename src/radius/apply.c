/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A new configuration. All that may fail comes first: the new tables are built beside the old ones. Then every old server
 * and list is led to its successor, requests follow, and what has lost its server is asked anew.
 */
#include "radius/client_impl.h"

#include <errno.h>
#include <stdlib.h>

/* ---- tables ---- */

void radius_tables_free(struct radius_tables *t)
{
	for (unsigned i = 0; i < t->server_count; i++)
		radius_server_free(t->server[i]);
	for (unsigned i = 0; i < t->list_count; i++)
		free(t->list[i]);
	free(t->server);
	free(t->list);
	hmap_fini(&t->servers);
	hmap_fini(&t->lists);
	memset(t, 0, sizeof(*t));
}

static struct radius_list *list_of(struct radius_tables *t, uint32_t vr, enum radius_use use)
{
	struct radius_list *l = radius_list_find(t, vr, use);

	if (l)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l || hmap_add(&t->lists, &l->node, radius_list_hash(vr, use))) {
		free(l);
		return NULL;
	}
	l->vr = vr;
	l->use = use;
	list_init(&l->waiting);
	list_init(&l->drain_link);
	t->list[t->list_count++] = l;
	return l;
}

static int add_server(struct radius_client *c, struct radius_tables *t, const struct radius_server_conf *conf)
{
	struct radius_server *old = radius_server_find(&c->t, conf->vr, conf->use, &conf->addr, conf->port), *s;
	struct radius_list *l = list_of(t, conf->vr, conf->use);

	if (!l)
		return -ENOMEM;
	if (l->servers == RADIUS_SERVERS_MAX || radius_server_find(t, conf->vr, conf->use, &conf->addr, conf->port))
		return -EINVAL;
	s = radius_server_new(conf, old ? old->ids : 0, &c->rng);
	if (!s)
		return -ENOMEM;
	if (hmap_add(&t->servers, &s->node, radius_server_hash(conf->vr, conf->use, &conf->addr, conf->port))) {
		radius_server_free(s);
		return -ENOMEM;
	}
	s->list = l;
	s->index = (uint8_t)l->servers;
	l->server[l->servers++] = s;
	t->server[t->server_count++] = s;
	return 0;
}

static int build(struct radius_client *c, struct radius_tables *t, const struct radius_client_conf *conf)
{
	int rc = 0;

	memset(t, 0, sizeof(*t));
	t->server = calloc(conf->server_count + 1, sizeof(struct radius_server *));
	t->list = calloc(conf->server_count + 1, sizeof(struct radius_list *));
	if (!t->server || !t->list)
		rc = -ENOMEM;
	for (unsigned i = 0; !rc && i < conf->server_count; i++)
		rc = add_server(c, t, &conf->servers[i]);
	if (rc)
		radius_tables_free(t);
	return rc;
}

/* ---- from old to new ---- */

/* What is outstanding at a server can stay when neither secret nor source, which its packets depend on, has changed. */
static void find_successors(struct radius_tables *old, struct radius_tables *new)
{
	for (unsigned i = 0; i < old->server_count; i++) {
		struct radius_server *o = old->server[i], *s;

		s = radius_server_find(new, o->conf.vr, o->conf.use, &o->conf.addr, o->conf.port);
		o->successor = s;
		o->kept = s && span_eq(o->conf.secret, s->conf.secret) && ip_addr_eq(&o->conf.source, &s->conf.source);
		radius_probe_drop(o);
	}
	for (unsigned i = 0; i < old->list_count; i++)
		old->list[i]->successor = radius_list_find(new, old->list[i]->vr, old->list[i]->use);
}

static uint8_t visited_anew(const struct radius_list *l, uint8_t visited)
{
	uint8_t anew = 0;

	for (unsigned i = 0; i < l->servers; i++) {
		if (visited >> i & 1 && l->server[i]->kept)
			anew |= (uint8_t)(1 << l->server[i]->successor->index);
	}
	return anew;
}

/* Leads one request to the new tables; into `redo` when it has to be asked anew. */
static void lead_ask(struct radius_client *c, struct radius_ask *a, struct list *redo)
{
	struct radius_server *o = a->server;

	if (a->place == RADIUS_ENDED)
		return;
	if (o && !o->kept) {
		radius_ask_leave(c, a);
		list_push_back(redo, &a->link);
	} else if (o) {
		a->server = o->successor;
	}
	if (a->list) {
		a->visited = visited_anew(a->list, a->visited);
		a->list = a->list->successor;
	}
}

static void lead_asks(struct radius_client *c, struct list *redo)
{
	struct hmap_node *n, *next;
	size_t pos = 0;

	for (n = hmap_walk(&c->asks, &pos, NULL); n; n = next) {
		next = hmap_walk(&c->asks, &pos, n);
		lead_ask(c, container_of(n, struct radius_ask, node), redo);
	}
}

/* Ids as they were; those that the new window brings come first. */
static void lead_ids(struct radius_server *s, const struct radius_server *o)
{
	memcpy(s->by_id, o->by_id, o->ids * sizeof(*o->by_id));
	s->free_head = s->free_count = 0;
	for (uint32_t n = o->ids; n < s->ids; n++)
		s->free_id[s->free_count++] = (uint16_t)n;
	for (uint32_t i = 0; i < o->free_count; i++)
		s->free_id[s->free_count++] = o->free_id[(o->free_head + i) % o->ids];
}

static void lead_server(struct radius_client *c, struct radius_server *o)
{
	struct radius_server *s = o->successor;

	wheel_del(&c->server_timers, &o->timer);
	if (!s)
		return;
	lead_ids(s, o);
	s->outstanding = o->outstanding;
	s->open = o->open;
	s->outstanding_max = o->outstanding_max;
	s->held_count = o->held_count;
	list_move_all(&s->held, &o->held);
	s->rtt_us = o->rtt_us;
	s->rtt_max_us = o->rtt_max_us;
	memcpy(s->count, o->count, sizeof(s->count));
	if (!o->kept)
		return;
	s->dead = o->dead;
	s->heard = o->heard;
	s->ma_seen = o->ma_seen;
	s->dead_until = o->dead_until;
	s->tried = o->tried;
	s->last_valid = o->last_valid;
	s->complain_at = o->complain_at;
	s->probe.at = o->probe.at;
}

static void lead_list(struct radius_client *c, struct radius_list *o)
{
	struct radius_list *l = o->successor;
	struct list *n;

	list_del(&o->drain_link);
	if (l) {
		l->next = o->next % l->servers;
		l->try_at = o->try_at;
		l->waiting_count = o->waiting_count;
		list_move_all(&l->waiting, &o->waiting);
		return;
	}
	while ((n = list_pop(&o->waiting)))
		radius_ask_silent(c, container_of(n, struct radius_ask, link), RADIUS_SILENT_NO_SERVER);
}

static void ask_anew(struct radius_client *c, struct list *redo)
{
	struct list *n;

	while ((n = list_pop(redo))) {
		struct radius_ask *a = container_of(n, struct radius_ask, link);

		if (a->list)
			radius_ask_move(c, a, false);
		else
			radius_ask_silent(c, a, RADIUS_SILENT_NO_SERVER);
	}
}

/* With the new window, dead time and probing. */
static void settle(struct radius_client *c, struct radius_server *s)
{
	if (s->dead && !s->conf.deadtime_s)
		radius_server_revive(c, s, "configured");
	else if (s->dead)
		radius_server_arm(c, s);
	radius_server_fill(c, s);
}

static void set_globals(struct radius_client *c, const struct radius_client_conf *conf)
{
	size_t len = conf->nas_identifier.len;

	memcpy(c->order, conf->order, sizeof(c->order));
	memcpy(c->queue_max, conf->queue_max, sizeof(c->queue_max));
	c->nas_identifier_len = (uint8_t)(len < sizeof(c->nas_identifier) ? len : sizeof(c->nas_identifier));
	if (len)
		memcpy(c->nas_identifier, conf->nas_identifier.p, c->nas_identifier_len);
}

int radius_client_apply(struct radius_client *c, const struct radius_client_conf *conf, mono_t now)
{
	struct radius_tables old = c->t, new;
	struct list redo;
	int rc = build(c, &new, conf);

	if (rc)
		return rc;
	list_init(&redo);
	set_globals(c, conf);
	find_successors(&old, &new);
	lead_asks(c, &redo);
	for (unsigned i = 0; i < old.server_count; i++)
		lead_server(c, old.server[i]);
	for (unsigned i = 0; i < old.list_count; i++)
		lead_list(c, old.list[i]);
	c->t = new;
	radius_tables_free(&old);
	ask_anew(c, &redo);
	for (unsigned i = 0; i < new.server_count; i++)
		settle(c, new.server[i]);
	return 0;
}
