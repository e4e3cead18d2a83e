/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration tree of AAA: defaults, deep copy, freeing, and what its check needs to know. */
#include "aaa/aaa_conf.h"

#include <errno.h>
#include <stdlib.h>

const struct aaa_include_row aaa_includes[AAA_INCLUDE_COUNT] = {
#define X(id, word, may, dflt) [AAA_INCLUDE_##id] = { word, may, dflt },
	AAA_INCLUDES(X)
#undef X
};

const char *const aaa_include_messages[AAA_INCLUDE_MESSAGES] = {
	[AAA_INCLUDE_ACCESS_REQUEST] = "access-request",
	[AAA_INCLUDE_ACCT_START] = "acct-start",
	[AAA_INCLUDE_ACCT_STOP] = "acct-stop",
	[AAA_INCLUDE_ACCT_ON] = "acct-on",
	[AAA_INCLUDE_ACCT_OFF] = "acct-off",
};

void aaa_conf_init(struct aaa_conf *c)
{
	memset(c, 0, sizeof(*c));
	c->acct.queue_max = AAA_ACCT_QUEUE;
	for (unsigned i = 0; i < AAA_INCLUDE_COUNT; i++)
		c->radius.include[i] = aaa_includes[i].dflt;
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

static void servers_free(struct aaa_radius_server *s)
{
	for (struct aaa_radius_server *next; s; s = next) {
		next = s->next;
		text_free(s->key);
		free(s);
	}
}

void aaa_conf_fini(struct aaa_conf *c)
{
	servers_free(c->radius.auth);
	servers_free(c->radius.acct);
	text_free(c->radius.nas_identifier);
	text_free(c->hostname);
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

static bool servers_copy(struct aaa_radius_server **tail, const struct aaa_radius_server *from)
{
	for (; from; from = from->next) {
		struct aaa_radius_server *s = *tail = calloc(1, sizeof(*s));

		if (!s)
			return false;
		*s = *from;
		s->next = NULL;
		if (!text_copy(&s->key, from->key))
			return false;
		tail = &s->next;
	}
	return true;
}

int aaa_conf_copy(struct aaa_conf *to, const struct aaa_conf *from)
{
	*to = *from;
	to->databases = NULL;
	to->users = NULL;
	to->pools = NULL;
	to->radius.auth = to->radius.acct = NULL;
	to->radius.nas_identifier = to->hostname = NULL;
	if (databases_copy(&to->databases, from->databases) && users_copy(&to->users, from->users) &&
	    pools_copy(&to->pools, from->pools) && servers_copy(&to->radius.auth, from->radius.auth) &&
	    servers_copy(&to->radius.acct, from->radius.acct) &&
	    text_copy(&to->radius.nas_identifier, from->radius.nas_identifier) &&
	    text_copy(&to->hostname, from->hostname))
		return 0;
	aaa_conf_fini(to);
	return -ENOMEM;
}
