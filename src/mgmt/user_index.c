/* SPDX-License-Identifier: BSD-2-Clause */
#include "mgmt/user_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct hmap_node node;
	struct aaa_user *user;
};

static bool is_user(const struct aaa_user *u, const char *name, const char *database)
{
	return strcmp(u->name, name) == 0 && strcmp(u->database, database) == 0;
}

static uint64_t key(const char *name, const char *database)
{
	return hash_bytes(name, strlen(name), hash_bytes(database, strlen(database), 0));
}

void user_index_init(struct user_index *ix)
{
	*ix = (struct user_index){ .built = false };
	hmap_init(&ix->map);
}

static void forget(struct user_index *ix, struct entry *e)
{
	hmap_del(&ix->map, &e->node);
	free(e);
}

void user_index_fini(struct user_index *ix)
{
	struct hmap_node *n;

	for (size_t at = 0; (n = hmap_walk(&ix->map, &at, NULL)); at = 0)
		forget(ix, container_of(n, struct entry, node));
	hmap_fini(&ix->map);
	*ix = (struct user_index){ .built = false };
}

static int enter(struct user_index *ix, struct aaa_user *u)
{
	struct entry *e = malloc(sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->user = u;
	if (hmap_add(&ix->map, &e->node, key(u->name, u->database))) {
		free(e);
		return -ENOMEM;
	}
	ix->last = u;
	return 0;
}

/* Return: false when there is no index to be used. */
static bool build(struct user_index *ix, const struct config *c)
{
	if (!ix || ix->built)
		return ix;
	for (struct aaa_user *u = c->aaa.users; u; u = u->next)
		if (enter(ix, u)) {
			user_index_fini(ix);
			return false;
		}
	ix->built = true;
	return true;
}

static struct entry *find(struct user_index *ix, const char *name, const char *database)
{
	hmap_for(n, &ix->map, key(name, database)) {
		struct entry *e = container_of(n, struct entry, node);

		if (is_user(e->user, name, database))
			return e;
	}
	return NULL;
}

struct aaa_user *user_index_find(struct user_index *ix, const struct config *c, const char *name, const char *database)
{
	struct aaa_user *u;
	struct entry *e;

	if (build(ix, c)) {
		e = find(ix, name, database);
		return e ? e->user : NULL;
	}
	CONF_FIND(u, c->aaa.users, is_user(u, name, database));
	return u;
}

int user_index_add(struct user_index *ix, struct config *c, struct aaa_user *u)
{
	struct aaa_user *last = build(ix, c) ? ix->last : NULL;

	if (ix && ix->built && enter(ix, u))
		return -ENOMEM;
	if (last)
		last->next = u;
	else
		CONF_APPEND(c->aaa.users, u);
	return 0;
}

void user_index_del(struct user_index *ix, struct config *c, struct aaa_user *u)
{
	if (build(ix, c))
		forget(ix, find(ix, u->name, u->database));
	CONF_UNLINK(c->aaa.users, u);
	if (!ix || ix->last != u)
		return;
	ix->last = c->aaa.users;
	while (ix->last && ix->last->next)
		ix->last = ix->last->next;
}
