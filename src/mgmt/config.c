/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree as a whole: made, copied, checked for references that lead nowhere and for what has no effect. */
#include "mgmt/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int config_init(struct config *c)
{
	aaa_conf_init(&c->aaa);
	return model_conf_init(&c->model);
}

void config_fini(struct config *c)
{
	model_conf_fini(&c->model);
	aaa_conf_fini(&c->aaa);
}

int config_copy(struct config *to, const struct config *from)
{
	int rc = model_conf_copy(&to->model, &from->model);

	if (rc)
		return rc;
	rc = aaa_conf_copy(&to->aaa, &from->aaa);
	if (rc)
		model_conf_fini(&to->model);
	return rc;
}

/* ---- references ---- */

struct check {
	const struct config *c;
	config_fault_fn *report;
	void *ctx;
	unsigned n;
};

static void fault(struct check *k, enum names names, const char *name, const char *what, const char *of,
		  const char *owner)
{
	struct out o = { 0 };

	out_fmt(&o, "%s ", what);
	out_quoted(&o, name);
	out_fmt(&o, " does not exist, but %s ", of);
	out_quoted(&o, owner);
	out_str(&o, " refers to it");
	k->n++;
	if (k->report && !o.failed)
		k->report(k->ctx, &(struct config_fault){ names, name, o.p });
	out_fini(&o);
}

static bool pool_exists(const struct config *c, const char *name)
{
	const struct aaa_pool *p;

	CONF_FIND(p, c->aaa.pools, strcmp(p->name, name) == 0);
	return p;
}

static void check_profiles(struct check *k)
{
	for (const struct profile_conf *p = k->c->model.profiles; p; p = p->next) {
		if (p->unnumbered_loopback >= 0 &&
		    !loopback_by_number(&k->c->model, (unsigned)p->unnumbered_loopback)) {
			struct out n = { 0 };

			out_fmt(&n, "%d", p->unnumbered_loopback);
			fault(k, NAMES_LOOPBACK, n.failed ? "" : n.p, "interface loopback", "profile", p->name);
			out_fini(&n);
		}
		if (p->pool && !pool_exists(k->c, p->pool))
			fault(k, NAMES_POOL, p->pool, "ip local pool", "profile", p->name);
	}
}

static void check_hosts(struct check *k, const struct dest_profile_conf *d)
{
	for (const struct host_conf *h = d->hosts; h; h = h->next) {
		const char *name = h->remote_name ? h->remote_name : "default";
		const struct limit_group_conf *g;

		if (h->profile && !profile_by_name(&k->c->model, h->profile))
			fault(k, NAMES_PROFILE, h->profile, "profile", "remote host", name);
		if (!h->limit_group)
			continue;
		CONF_FIND(g, d->groups, strcmp(g->name, h->limit_group) == 0);
		if (!g)
			fault(k, NAMES_GROUP, h->limit_group, "sessions-limit-group", "remote host", name);
	}
}

static void check_users(struct check *k)
{
	for (const struct aaa_user *u = k->c->aaa.users; u; u = u->next) {
		const struct aaa_database *d;

		CONF_FIND(d, k->c->aaa.databases, strcmp(d->name, u->database) == 0);
		if (!d)
			fault(k, NAMES_DATABASE, u->database, "aaa local database", "user", u->name);
		if (u->pool && !pool_exists(k->c, u->pool))
			fault(k, NAMES_POOL, u->pool, "ip local pool", "user", u->name);
	}
}

unsigned config_check(const struct config *c, config_fault_fn *report, void *ctx)
{
	struct check k = { c, report, ctx, 0 };

	check_profiles(&k);
	for (const struct dest_profile_conf *d = c->model.dest_profiles; d; d = d->next)
		check_hosts(&k, d);
	check_users(&k);
	return k.n;
}

/* ---- what has no effect ---- */

static unsigned keyless(const struct aaa_radius_server *s, const char *use, config_fault_fn *report, void *ctx)
{
	char a[IP_ADDR_TEXT], text[128];
	unsigned n = 0;

	for (; s; s = s->next) {
		if (s->key)
			continue;
		n++;
		snprintf(text, sizeof(text), "radius %s server %s has no key: it is not used", use,
			 ip_addr_text(&s->addr, a));
		if (report)
			report(ctx, &(struct config_fault){ NAMES_NONE, a, text });
	}
	return n;
}

unsigned config_warn(const struct config *c, config_fault_fn *report, void *ctx)
{
	const struct aaa_radius_conf *r = &c->aaa.radius;

	return keyless(r->auth, "authentication", report, ctx) + keyless(r->acct, "accounting", report, ctx);
}

/* ---- what is new ---- */

struct news {
	config_check_fn *check;
	const struct config *before;
	config_fault_fn *report;
	void *ctx;
	const char *text;		/* looked for in `before` */
	bool old;
	unsigned n;
};

static void is_old(void *ctx, const struct config_fault *f)
{
	struct news *w = ctx;

	w->old |= strcmp(f->text, w->text) == 0;
}

static void is_there(void *ctx, const struct config_fault *f)
{
	struct news *w = ctx;

	w->text = f->text;
	w->old = false;
	if (w->before)
		w->check(w->before, is_old, w);
	if (w->old)
		return;
	w->n++;
	if (w->report)
		w->report(w->ctx, f);
}

unsigned config_news(config_check_fn *check, const struct config *before, const struct config *after,
		     config_fault_fn *report, void *ctx)
{
	struct news w = { check, before, report, ctx, NULL, false, 0 };

	check(after, is_there, &w);
	return w.n;
}
