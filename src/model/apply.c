/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking over a configuration. The objects here (destination profiles, limit groups, host profiles, interface
 * profiles) carry counts and are pointed at by tunnels and sessions, so they are found again by name and bound to the
 * new configuration; one that is no longer configured lives, unbound, until its last user has gone. Everything that
 * can fail comes before anything is changed.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/priv.h"

enum { AUTOMATIC_MRU = 1460 };	/* docs/decisions/0004 */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- interface profiles ---- */

static void iface_free(struct iface *i)
{
	free(i->name);
	free(i->host_name);
	free(i->pool);
	free(i);
}

/* A tunnelled line is no 2,400 bit/s modem (RFC 1661 §4.6), but a mobile one may take most of a second. */
enum { FIRST_RESTART_MS = 1000 };

static void iface_link_conf(struct iface *i, const struct profile_conf *p)
{
	struct ppp_link_conf *c = &i->link;

	ppp_link_conf_default(c, PPP_AUTHENTICATOR);
	c->restart_first_ms = FIRST_RESTART_MS;
	memcpy(c->auth, p->auth, sizeof(c->auth));
	c->mru = (uint16_t)(p->mru ? p->mru : AUTOMATIC_MRU);
	c->magic = !p->magic_disabled;
	c->passive = p->passive;
	c->keepalive_s = p->keepalive_s;
	c->max_negotiations = p->max_negotiations;
	c->chap_challenge_min = p->chap_min;
	c->chap_challenge_max = p->chap_max;
	c->name = span_str(i->host_name);
}

static struct iface *iface_new(const struct model_conf *conf, const struct profile_conf *p)
{
	struct iface *i = calloc(1, sizeof(*i));
	const struct loopback_conf *lo = NULL;

	if (!i)
		return NULL;
	i->name = strdup(p->name);
	i->host_name = strdup(conf->hostname);
	i->pool = p->pool ? strdup(p->pool) : NULL;
	if (!i->name || !i->host_name || (p->pool && !i->pool)) {
		iface_free(i);
		return NULL;
	}
	if (p->unnumbered_loopback >= 0)
		lo = loopback_by_number(conf, (unsigned)p->unnumbered_loopback);
	i->local_ip4 = lo ? ip4_num(&lo->ip) : 0;
	i->access_routes = p->access_routes;
	i->initiate_ip = p->initiate_ip;
	i->initiate_ipv6 = p->initiate_ipv6;
	i->max_negotiations = p->max_negotiations;
	iface_link_conf(i, p);
	return i;
}

static bool iface_same(const struct iface *a, const struct iface *b)
{
	const struct ppp_link_conf *x = &a->link, *y = &b->link;

	return same_text(a->name, b->name) && same_text(a->host_name, b->host_name) && same_text(a->pool, b->pool) &&
	       a->local_ip4 == b->local_ip4 && a->access_routes == b->access_routes &&
	       a->initiate_ip == b->initiate_ip &&
	       a->initiate_ipv6 == b->initiate_ipv6 && a->max_negotiations == b->max_negotiations && x->mru == y->mru &&
	       memcmp(x->auth, y->auth, sizeof(x->auth)) == 0 && x->magic == y->magic && x->passive == y->passive &&
	       x->keepalive_s == y->keepalive_s && x->chap_challenge_min == y->chap_challenge_min &&
	       x->chap_challenge_max == y->chap_challenge_max;
}

struct iface *iface_by_name(const struct model *m, const char *name)
{
	for (struct iface *i = m->ifaces; i && name; i = i->next)
		if (i->current && strcmp(i->name, name) == 0)
			return i;
	return NULL;
}

static void iface_sweep(struct model *m)
{
	for (struct iface **at = &m->ifaces; *at;) {
		struct iface *i = *at;

		if (i->current || i->users) {
			at = &i->next;
			continue;
		}
		*at = i->next;
		iface_free(i);
	}
}

void iface_put(struct model *m, struct iface *i)
{
	if (--i->users == 0 && !i->current)
		iface_sweep(m);
}

/* A version of every profile; one that did not change is kept. Return: the new list's head in *out. */
static int ifaces_make(const struct model_conf *conf, struct iface **out)
{
	*out = NULL;
	for (const struct profile_conf *p = conf->profiles; p; p = p->next) {
		struct iface *i = iface_new(conf, p);

		if (!i)
			return -ENOMEM;
		i->next = *out;
		*out = i;
	}
	return 0;
}

static void ifaces_free(struct iface *i)
{
	for (struct iface *next; i; i = next) {
		next = i->next;
		iface_free(i);
	}
}

static void ifaces_bind(struct model *m, struct iface *made)
{
	struct iface *old = m->ifaces;

	for (struct iface *i = old; i; i = i->next)
		i->current = false;
	for (struct iface *i = made, *next; i; i = next) {
		struct iface *same = old;

		next = i->next;
		while (same && !iface_same(same, i))
			same = same->next;
		if (same) {
			same->current = true;
			iface_free(i);
			continue;
		}
		i->current = true;
		i->next = m->ifaces;
		m->ifaces = i;
	}
}

/* ---- destination profiles, groups, hosts ---- */

static struct dprof *dprof_get(struct model *m, const char *name)
{
	struct dprof **at = &m->dprofs;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	if (*at)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	(*at)->name = strdup(name);
	if ((*at)->name)
		return *at;
	free(*at);
	*at = NULL;
	return NULL;
}

static struct group *group_get(struct dprof *d, const char *name)
{
	struct group **at = &d->groups;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	if (*at)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	(*at)->name = strdup(name);
	if ((*at)->name)
		return *at;
	free(*at);
	*at = NULL;
	return NULL;
}

static struct host *host_get(struct dprof *d, const char *remote_name)
{
	struct host **at = &d->hosts;

	while (*at && !same_text((*at)->remote_name, remote_name))
		at = &(*at)->next;
	if (*at)
		return *at;
	*at = calloc(1, sizeof(**at));
	if (!*at)
		return NULL;
	(*at)->dprof = d;
	(*at)->remote_name = remote_name ? strdup(remote_name) : NULL;
	if (!remote_name || (*at)->remote_name)
		return *at;
	free(*at);
	*at = NULL;
	return NULL;
}

/* Makes what is missing; what an aborted attempt leaves is unbound and swept. */
static int dprofs_make(struct model *m, const struct model_conf *conf)
{
	for (const struct dest_profile_conf *dc = conf->dest_profiles; dc; dc = dc->next) {
		struct dprof *d = dprof_get(m, dc->name);

		if (!d)
			return -ENOMEM;
		for (const struct limit_group_conf *gc = dc->groups; gc; gc = gc->next)
			if (!group_get(d, gc->name))
				return -ENOMEM;
		for (const struct host_conf *hc = dc->hosts; hc; hc = hc->next)
			if (!host_get(d, hc->remote_name))
				return -ENOMEM;
	}
	return 0;
}

/* What a living tunnel cannot take over: the rest is for the next call, or is told to the core and the plane. */
static bool host_changed(const struct model_conf *was, const struct host_conf *a, const struct model_conf *is,
			 const struct host_conf *b)
{
	const char *a_name = a->local_name ? a->local_name : was->hostname;
	const char *b_name = b->local_name ? b->local_name : is->hostname;

	return !same_text(a_name, b_name) || !same_text(a->secret, b->secret) ||
	       !ip_addr_eq(&a->local_ip, &b->local_ip) || a->single_shot != b->single_shot;
}

/* A group that is named but not configured is no limit, and nothing points at it. */
static struct group *group_bound(const struct dprof *d, const char *name)
{
	for (struct group *g = d->groups; g && name; g = g->next)
		if (g->conf && strcmp(g->name, name) == 0)
			return g;
	return NULL;
}

static void host_bind(struct model *m, struct dprof *d, const struct host_conf *hc, const struct model_conf *was,
		      bool moved)
{
	struct host *h = host_get(d, hc->remote_name);

	h->changed = h->conf && (moved || host_changed(was, h->conf, &m->conf, hc));
	h->conf = hc;
	h->iface = iface_by_name(m, hc->profile);
	h->group = group_bound(d, hc->limit_group);
	if (h->group)
		h->group->sessions += h->sessions;
}

static void dprof_bind(struct model *m, const struct dest_profile_conf *dc, const struct model_conf *was)
{
	struct dprof *d = dprof_get(m, dc->name);
	bool moved = d->conf && !ip_addr_eq(&d->peer, &dc->peer);

	d->peer = dc->peer;
	for (struct group *g = d->groups; g; g = g->next) {
		g->conf = NULL;
		g->sessions = 0;
	}
	for (const struct limit_group_conf *gc = dc->groups; gc; gc = gc->next)
		group_get(d, gc->name)->conf = gc;
	/* hosts not configured any more keep conf NULL; the old pointers are compared first, then replaced */
	for (struct host *h = d->hosts; h; h = h->next) {
		const struct host_conf *hc = dc->hosts;

		while (hc && !same_text(hc->remote_name, h->remote_name))
			hc = hc->next;
		if (hc) {
			host_bind(m, d, hc, was, moved);
			continue;
		}
		h->changed = false;
		h->conf = NULL;
		h->group = NULL;
		h->iface = NULL;
	}
	d->conf = dc;
}

static void dprof_unbind(struct dprof *d)
{
	d->conf = NULL;
	for (struct group *g = d->groups; g; g = g->next) {
		g->conf = NULL;
		g->sessions = 0;
	}
	for (struct host *h = d->hosts; h; h = h->next) {
		h->conf = NULL;
		h->group = NULL;
		h->iface = NULL;
		h->changed = false;
	}
}

static void dprofs_bind(struct model *m, const struct model_conf *was)
{
	for (struct dprof *d = m->dprofs; d; d = d->next) {
		const struct dest_profile_conf *dc = m->conf.dest_profiles;

		while (dc && strcmp(dc->name, d->name) != 0)
			dc = dc->next;
		if (dc)
			dprof_bind(m, dc, was);
		else
			dprof_unbind(d);
	}
}

static void hosts_sweep(struct dprof *d)
{
	for (struct host **at = &d->hosts; *at;) {
		struct host *h = *at;

		if (h->conf || h->tunnels || h->sessions) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		free(h->remote_name);
		free(h);
	}
	for (struct group **at = &d->groups; *at;) {
		struct group *g = *at;

		if (g->conf) {		/* else no host points at it */
			at = &g->next;
			continue;
		}
		*at = g->next;
		free(g->name);
		free(g);
	}
}

static void dprof_sweep(struct model *m)
{
	for (struct dprof **at = &m->dprofs; *at;) {
		struct dprof *d = *at;

		hosts_sweep(d);
		if (d->conf || d->hosts || d->groups || d->dests || d->sessions) {
			at = &d->next;
			continue;
		}
		*at = d->next;
		free(d->name);
		free(d);
	}
}

void profiles_sweep(struct model *m)
{
	dprof_sweep(m);
	iface_sweep(m);
}

void profiles_free(struct model *m)
{
	for (struct dprof *d = m->dprofs; d; d = d->next) {
		dprof_unbind(d);
		d->dests = d->sessions = 0;
		for (struct host *h = d->hosts; h; h = h->next)
			h->tunnels = h->sessions = 0;
	}
	for (struct iface *i = m->ifaces; i; i = i->next) {
		i->current = false;
		i->users = 0;
	}
	profiles_sweep(m);
}

/* ---- what follows from it ---- */

struct locals {
	struct ip_addr *addr;
	unsigned n;
	bool any;
};

static bool locals_add(struct locals *l, const struct ip_addr *a)
{
	l->any |= ip_addr_is_any(a);
	for (unsigned i = 0; i < l->n; i++)
		if (ip_addr_eq(&l->addr[i], a))
			return false;
	l->addr[l->n++] = *a;
	return true;
}

static unsigned hosts_configured(const struct model *m)
{
	unsigned n = 0;

	for (const struct dprof *d = m->dprofs; d; d = d->next)
		for (const struct host *h = d->hosts; h; h = h->next)
			n += h->conf != NULL;
	return n;
}

/* The addresses at which tunnels are accepted; a host profile without one means all of them. One that is configured no
 * more stays while a destination has it: its peers are owed a StopCCN from there. */
void local_set(struct model *m)
{
	struct locals l = { calloc(hosts_configured(m) + m->dests.used + 1, sizeof(*l.addr)) };
	uint32_t pos = 0;
	const struct dest *dest;

	m->local_leaving = false;
	for (const struct dprof *d = m->dprofs; l.addr && d; d = d->next)
		for (const struct host *h = d->hosts; h; h = h->next)
			if (h->conf)
				locals_add(&l, &h->conf->local_ip);
	while (l.addr && l.n && !l.any && (dest = slots_next(&m->dests, &pos)))
		m->local_leaving |= locals_add(&l, &dest->local);
	if (!l.addr || m->dp.ops->local_set(m->dp.dp, l.addr, l.any ? 0 : l.n))
		count(m, MODEL_COUNT_DP_REFUSED);
	free(l.addr);
}

static void tunnel_follow(struct model *m, struct tunnel *t, mono_t now)
{
	const struct host *h = t->host;
	struct l2tp_tunnel_conf tc;

	if (!h->conf)
		doom_tunnel(m, t, DOOM_PROFILE_DELETED);
	else if (h->changed)
		doom_tunnel(m, t, DOOM_PROFILE_CHANGED);
	else if (m->conf.l2tp.admin == ADMIN_DISABLED)
		doom_tunnel(m, t, DOOM_SHUTDOWN);
	else if (t->phase < TUNNEL_CLOSING) {
		tc = tunnel_conf_of(m, h->conf);
		l2tp_tunnel_conf_follow(t->ctrl, &tc, now);
		tunnel_arm_idle(m, t, now);
		if (t->in_dp && tunnel_publish(m, t))
			count(m, MODEL_COUNT_DP_REFUSED);
	}
}

static void follow(struct model *m, mono_t now)
{
	struct l2tp_endpoint_conf ec;
	uint32_t pos = 0;
	struct tunnel *t;

	endpoint_conf_of(m, &ec);
	l2tp_endpoint_conf_set(m->ep, &ec);
	local_set(m);
	while ((t = slots_next(&m->tunnels, &pos)))
		tunnel_follow(m, t, now);
	m->more |= m->doomed_tunnels > 0;
}

int model_apply(struct model *m, const struct model_conf *conf, mono_t now)
{
	struct model_conf was = m->conf, copy;
	struct iface *made = NULL;

	if (model_conf_copy(&copy, conf))
		return -ENOMEM;
	if (ifaces_make(&copy, &made) || dprofs_make(m, &copy) || tombs_resize(&m->tombs, copy.l2tp.tombstones)) {
		ifaces_free(made);
		model_conf_fini(&copy);
		profiles_sweep(m);
		return -ENOMEM;
	}
	m->conf = copy;
	ifaces_bind(m, made);
	dprofs_bind(m, &was);
	follow(m, now);
	profiles_sweep(m);
	model_conf_fini(&was);
	return 0;
}
