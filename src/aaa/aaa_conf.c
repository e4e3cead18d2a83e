/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration tree of AAA: defaults, deep copy, freeing, and what its check needs to know. */
#include "aaa/aaa_conf.h"

#include <errno.h>
#include <stdlib.h>

void aaa_conf_init(struct aaa_conf *c)
{
	memset(c, 0, sizeof(*c));
}

/* Passwords go through here too, so every text is cleared. */
static void text_free(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

static void ranges_free(struct aaa_pool_range *r)
{
	for (struct aaa_pool_range *next; r; r = next) {
		next = r->next;
		free(r);
	}
}

static void databases_free(struct aaa_database *d)
{
	for (struct aaa_database *next; d; d = next) {
		next = d->next;
		text_free(d->name);
		free(d);
	}
}

static void users_free(struct aaa_user *u)
{
	for (struct aaa_user *next; u; u = next) {
		next = u->next;
		text_free(u->name);
		text_free(u->database);
		text_free(u->password);
		text_free(u->pool);
		free(u);
	}
}

static void pools_free(struct aaa_pool *p)
{
	for (struct aaa_pool *next; p; p = next) {
		next = p->next;
		ranges_free(p->ranges);
		text_free(p->name);
		free(p);
	}
}

void aaa_conf_fini(struct aaa_conf *c)
{
	databases_free(c->databases);
	users_free(c->users);
	pools_free(c->pools);
	aaa_conf_init(c);
}

/* ---- copy: each list is built at its tail, so that a failure leaves a tree that can be freed ---- */

static bool text_copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

static bool databases_copy(struct aaa_database **tail, const struct aaa_database *from)
{
	for (; from; from = from->next) {
		struct aaa_database *d = *tail = calloc(1, sizeof(*d));

		if (!d || !text_copy(&d->name, from->name))
			return false;
		tail = &d->next;
	}
	return true;
}

static bool users_copy(struct aaa_user **tail, const struct aaa_user *from)
{
	for (; from; from = from->next) {
		struct aaa_user *u = *tail = calloc(1, sizeof(*u));

		if (!u)
			return false;
		u->ip4 = from->ip4;
		u->session_timeout_s = from->session_timeout_s;
		u->idle_timeout_s = from->idle_timeout_s;
		if (!text_copy(&u->name, from->name) || !text_copy(&u->database, from->database) ||
		    !text_copy(&u->password, from->password) || !text_copy(&u->pool, from->pool))
			return false;
		tail = &u->next;
	}
	return true;
}

static bool ranges_copy(struct aaa_pool_range **tail, const struct aaa_pool_range *from)
{
	for (; from; from = from->next) {
		struct aaa_pool_range *r = *tail = calloc(1, sizeof(*r));

		if (!r)
			return false;
		r->start = from->start;
		r->end = from->end;
		tail = &r->next;
	}
	return true;
}

static bool pools_copy(struct aaa_pool **tail, const struct aaa_pool *from)
{
	for (; from; from = from->next) {
		struct aaa_pool *p = *tail = calloc(1, sizeof(*p));

		if (!p || !text_copy(&p->name, from->name) || !ranges_copy(&p->ranges, from->ranges))
			return false;
		tail = &p->next;
	}
	return true;
}

int aaa_conf_copy(struct aaa_conf *to, const struct aaa_conf *from)
{
	*to = *from;
	to->databases = NULL;
	to->users = NULL;
	to->pools = NULL;
	if (databases_copy(&to->databases, from->databases) && users_copy(&to->users, from->users) &&
	    pools_copy(&to->pools, from->pools))
		return 0;
	aaa_conf_fini(to);
	return -ENOMEM;
}
