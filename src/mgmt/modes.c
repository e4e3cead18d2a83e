/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration modes: how each is called, what lies around it, and how its object is found again by key. */
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"

/* A key is the object's name. */

static void loopback_key(const void *scope, struct out *key)
{
	out_fmt(key, "%u", ((const struct loopback_conf *)scope)->number);
}

static void *loopback_find(void *outer, const char *key)
{
	struct config *c = outer;
	struct loopback_conf *l;

	CONF_FIND(l, c->model.loopbacks, l->number == strtoul(key, NULL, 10));
	return l;
}

static void profile_key(const void *scope, struct out *key)
{
	out_str(key, ((const struct profile_conf *)scope)->name);
}

static void *profile_find(void *outer, const char *key)
{
	struct config *c = outer;
	struct profile_conf *p;

	CONF_FIND(p, c->model.profiles, strcmp(p->name, key) == 0);
	return p;
}

static void user_key(const void *scope, struct out *key)
{
	const struct aaa_user *u = scope;

	out_quoted(key, u->name);
	out_quoted(key, u->database);
}

/* Both names are quoted in the key, so that it is unambiguous. */
static void *user_find(void *outer, const char *key)
{
	struct config *c = outer;

	for (struct aaa_user *u = c->aaa.users; u; u = u->next) {
		struct out k = { 0 };
		bool same;

		user_key(u, &k);
		same = !k.failed && strcmp(k.p, key) == 0;
		out_fini(&k);
		if (same)
			return u;
	}
	return NULL;
}

static void radius_key(const void *scope, struct out *key)
{
	out_addr(key, &((const struct aaa_radius_server *)scope)->addr);
}

static void *server_find(struct aaa_radius_server *list, const char *key)
{
	struct aaa_radius_server *s;
	struct ip_addr a;

	ip_addr_parse(&a, key);
	CONF_FIND(s, list, ip_addr_eq(&s->addr, &a));
	return s;
}

static void *radius_auth_find(void *outer, const char *key)
{
	return server_find(((struct config *)outer)->aaa.radius.auth, key);
}

static void *radius_acct_find(void *outer, const char *key)
{
	return server_find(((struct config *)outer)->aaa.radius.acct, key);
}

static void dest_key(const void *scope, struct out *key)
{
	out_str(key, ((const struct dest_profile_conf *)scope)->name);
}

static void *dest_find(void *outer, const char *key)
{
	struct config *c = outer;
	struct dest_profile_conf *d;

	CONF_FIND(d, c->model.dest_profiles, strcmp(d->name, key) == 0);
	return d;
}

static void group_key(const void *scope, struct out *key)
{
	out_str(key, ((const struct limit_group_conf *)scope)->name);
}

static void *group_find(void *outer, const char *key)
{
	struct dest_profile_conf *d = outer;
	struct limit_group_conf *g;

	CONF_FIND(g, d->groups, strcmp(g->name, key) == 0);
	return g;
}

/* The default host has the empty key. */
static void host_key(const void *scope, struct out *key)
{
	const struct host_conf *h = scope;

	out_str(key, h->remote_name ? h->remote_name : "");
}

static void *host_find(void *outer, const char *key)
{
	struct dest_profile_conf *d = outer;
	struct host_conf *h;

	CONF_FIND(h, d->hosts, strcmp(h->remote_name ? h->remote_name : "", key) == 0);
	return h;
}

static const struct mode_desc modes[MODE_COUNT] = {
	[MODE_ANY] = { "In every mode", NULL, MODE_ANY, NULL, NULL },
	[MODE_EXEC] = { "Exec", NULL, MODE_ANY, NULL, NULL },
	[MODE_GLOBAL] = { "Global configuration", "config", MODE_ANY, NULL, NULL },
	[MODE_LOOPBACK] = { "Interface configuration", "config-if", MODE_GLOBAL, loopback_key, loopback_find },
	[MODE_PROFILE] = { "Profile configuration", "config-profile", MODE_GLOBAL, profile_key, profile_find },
	[MODE_USER] = { "Local user configuration", "config-local-user", MODE_GLOBAL, user_key, user_find },
	[MODE_RADIUS_AUTH] = { "RADIUS server configuration", "config-radius", MODE_GLOBAL, radius_key,
			       radius_auth_find },
	[MODE_RADIUS_ACCT] = { "RADIUS server configuration", "config-radius", MODE_GLOBAL, radius_key,
			       radius_acct_find },
	[MODE_DEST_PROFILE] = { "L2TP destination profile configuration", "config-l2tp-dest-profile",
				MODE_GLOBAL, dest_key, dest_find },
	[MODE_GROUP] = { "Sessions limit group configuration", "config-l2tp-dest-profile-limit-group",
			 MODE_DEST_PROFILE, group_key, group_find },
	[MODE_HOST] = { "L2TP destination profile host configuration", "config-l2tp-dest-profile-host",
			MODE_DEST_PROFILE, host_key, host_find },
};

const struct mode_desc *mode_desc(enum mode mode)
{
	return &modes[mode];
}

unsigned mode_chain(enum mode mode, unsigned chain[MODE_COUNT])
{
	unsigned n = 0;

	for (; mode != MODE_ANY; mode = modes[mode].outer)
		chain[n++] = mode;
	chain[n++] = MODE_ANY;
	return n;
}

bool mode_lookup(const struct grammar *g, enum mode mode, const struct lex *l, struct gr_match *m, struct gr_error *e)
{
	unsigned chain[MODE_COUNT], n = mode_chain(mode, chain);
	bool found = false, told = false;

	for (unsigned i = 0; i < n; i++) {
		struct gr_match one;
		struct gr_error err;

		if (gr_match(g, chain[i], l, &one, &err)) {
			if (!found || !one.abbreviated)
				*m = one;
			if (!one.abbreviated)
				return true;
			found = true;
		} else if (!i || (!told && (err.understood || err.fault == GR_AMBIGUOUS))) {
			*e = err;
			told = err.understood || err.fault == GR_AMBIGUOUS;
		}
	}
	return found;
}
