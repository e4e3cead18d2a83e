/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of conf.h: its defaults, a deep copy, look-ups by name. */
#include "model/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Spec 4.1 and design.md section 8. */
static const struct l2tp_conf l2tp_defaults = {
	.admin = ADMIN_ENABLED,
	.max_sessions = 60000,
	.max_tunnels = 8000,
	.destruct_timeout_s = 600,
	.tombstones = 16384,
	.tunnel_idle_timeout_s = 60,
	.retries_established = 5,
	.retries_not_established = 5,
	.short_drain_s = 2,
	.default_receive_window = 16,
	.half_open_per_source = 256,
	.half_open = 2000,
	.calls_in_progress = 2000,
	.call_setup_s = 60,
};

int model_conf_init(struct model_conf *c)
{
	*c = (struct model_conf){ .l2tp = l2tp_defaults };
	c->hostname = strdup("adit");
	return c->hostname ? 0 : -ENOMEM;
}

/* ---- freeing ---- */

void host_conf_free(struct host_conf *h)
{
	if (!h)
		return;
	if (h->secret)
		explicit_bzero(h->secret, strlen(h->secret));
	free(h->remote_name);
	free(h->local_name);
	free(h->secret);
	free(h->profile);
	free(h->limit_group);
	free(h);
}

void limit_group_conf_free(struct limit_group_conf *g)
{
	if (!g)
		return;
	free(g->name);
	free(g);
}

void dest_profile_conf_free(struct dest_profile_conf *d)
{
	if (!d)
		return;
	for (struct host_conf *h = d->hosts, *next; h; h = next) {
		next = h->next;
		host_conf_free(h);
	}
	for (struct limit_group_conf *g = d->groups, *next; g; g = next) {
		next = g->next;
		limit_group_conf_free(g);
	}
	free(d->name);
	free(d);
}

void model_conf_fini(struct model_conf *c)
{
	for (struct profile_conf *p = c->profiles, *next; p; p = next) {
		next = p->next;
		free(p->name);
		free(p->pool);
		free(p);
	}
	for (struct dest_profile_conf *d = c->dest_profiles, *next; d; d = next) {
		next = d->next;
		dest_profile_conf_free(d);
	}
	for (struct loopback_conf *l = c->loopbacks, *next; l; l = next) {
		next = l->next;
		free(l);
	}
	free(c->hostname);
	*c = (struct model_conf){ 0 };
}

/* ---- copying: what has been copied before memory ran out is in *to, for model_conf_fini() to free ---- */

static int copy_text(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return from && !*to ? -ENOMEM : 0;
}

static int copy_profiles(struct profile_conf **to, const struct profile_conf *from)
{
	for (; from; from = from->next, to = &(*to)->next) {
		*to = malloc(sizeof(**to));
		if (!*to)
			return -ENOMEM;
		**to = *from;
		(*to)->next = NULL;
		(*to)->name = (*to)->pool = NULL;
		if (copy_text(&(*to)->name, from->name) || copy_text(&(*to)->pool, from->pool))
			return -ENOMEM;
	}
	return 0;
}

static int copy_hosts(struct host_conf **to, const struct host_conf *from)
{
	for (; from; from = from->next, to = &(*to)->next) {
		*to = malloc(sizeof(**to));
		if (!*to)
			return -ENOMEM;
		**to = *from;
		(*to)->next = NULL;
		(*to)->remote_name = (*to)->local_name = (*to)->secret = (*to)->profile = (*to)->limit_group = NULL;
		if (copy_text(&(*to)->remote_name, from->remote_name) ||
		    copy_text(&(*to)->local_name, from->local_name) ||
		    copy_text(&(*to)->secret, from->secret) || copy_text(&(*to)->profile, from->profile) ||
		    copy_text(&(*to)->limit_group, from->limit_group))
			return -ENOMEM;
	}
	return 0;
}

static int copy_groups(struct limit_group_conf **to, const struct limit_group_conf *from)
{
	for (; from; from = from->next, to = &(*to)->next) {
		*to = calloc(1, sizeof(**to));
		if (!*to)
			return -ENOMEM;
		(*to)->max_sessions = from->max_sessions;
		if (copy_text(&(*to)->name, from->name))
			return -ENOMEM;
	}
	return 0;
}

static int copy_dest_profiles(struct dest_profile_conf **to, const struct dest_profile_conf *from)
{
	for (; from; from = from->next, to = &(*to)->next) {
		*to = calloc(1, sizeof(**to));
		if (!*to)
			return -ENOMEM;
		(*to)->peer = from->peer;
		(*to)->max_sessions = from->max_sessions;
		if (copy_text(&(*to)->name, from->name) || copy_groups(&(*to)->groups, from->groups) ||
		    copy_hosts(&(*to)->hosts, from->hosts))
			return -ENOMEM;
	}
	return 0;
}

static int copy_loopbacks(struct loopback_conf **to, const struct loopback_conf *from)
{
	for (; from; from = from->next, to = &(*to)->next) {
		*to = malloc(sizeof(**to));
		if (!*to)
			return -ENOMEM;
		**to = *from;
		(*to)->next = NULL;
	}
	return 0;
}

int model_conf_copy(struct model_conf *to, const struct model_conf *from)
{
	*to = (struct model_conf){ .l2tp = from->l2tp };
	if (copy_text(&to->hostname, from->hostname) || copy_profiles(&to->profiles, from->profiles) ||
	    copy_dest_profiles(&to->dest_profiles, from->dest_profiles) ||
	    copy_loopbacks(&to->loopbacks, from->loopbacks)) {
		model_conf_fini(to);
		return -ENOMEM;
	}
	return 0;
}

/* ---- look-ups ---- */

const struct profile_conf *profile_by_name(const struct model_conf *c, const char *name)
{
	const struct profile_conf *p = c->profiles;

	while (p && strcmp(p->name, name) != 0)
		p = p->next;
	return p;
}

const struct loopback_conf *loopback_by_number(const struct model_conf *c, unsigned number)
{
	const struct loopback_conf *l = c->loopbacks;

	while (l && l->number != number)
		l = l->next;
	return l;
}
