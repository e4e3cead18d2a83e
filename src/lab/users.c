/* SPDX-License-Identifier: BSD-2-Clause */
/* Users of the lab's RADIUS server. */
#include "lab/users.h"

#include <stdlib.h>
#include <string.h>

static uint64_t name_hash(struct span name)
{
	return hash_bytes(name.p, name.len, 0);
}

static struct radius_user *find(struct radius_users *u, struct span name)
{
	hmap_for(n, &u->by_name, name_hash(name)) {
		struct radius_user *r = container_of(n, struct radius_user, node);

		if (span_eq_str(name, r->name))
			return r;
	}
	return NULL;
}

const struct radius_user *users_find(struct radius_users *u, struct span name)
{
	const struct radius_user *r = find(u, name);

	return r ? r : u->anybody;
}

static void user_free(struct radius_user *r)
{
	if (!r)
		return;
	reply_fini(&r->reply);
	free(r->name);
	free(r->password);
	free(r);
}

static struct radius_user *user_new(struct radius_users *u, const char *name)
{
	struct radius_user *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->name = strdup(name);
	if (r->name && strcmp(name, "*") == 0) {
		u->anybody = r;
		return r;
	}
	if (r->name && hmap_add(&u->by_name, &r->node, name_hash(span_str(name))) == 0)
		return r;
	user_free(r);
	return NULL;
}

struct radius_user *users_add(struct radius_users *u, const char *name, const char *password)
{
	struct radius_user *r = strcmp(name, "*") == 0 ? u->anybody : find(u, span_str(name));

	if (!r)
		r = user_new(u, name);
	if (!r)
		return NULL;
	free(r->password);
	r->password = strdup(password ? password : "");
	r->any_password = !password;
	return r->password ? r : NULL;
}

void users_fini(struct radius_users *u)
{
	struct hmap_node *n;
	size_t pos = 0;

	while ((n = hmap_walk(&u->by_name, &pos, NULL))) {
		pos--;
		hmap_del(&u->by_name, n);
		user_free(container_of(n, struct radius_user, node));
	}
	hmap_fini(&u->by_name);
	user_free(u->anybody);
	u->anybody = NULL;
}

/* ---- the file ---- */

/* The next word of a line, in place. NULL at the end; *bad when a quote is not closed. */
static char *word(char **at, bool *bad)
{
	char *p = *at + strspn(*at, " \t\r\n"), *begin = p, *to = p;
	bool quoted = false;

	if (!*p || *p == '#')
		return NULL;
	for (; *p && (quoted || !strchr(" \t\r\n", *p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (quoted && *p == '\\' && p[1])
			*to++ = *++p;
		else
			*to++ = *p;
	}
	*at = *p ? p + 1 : p;
	*to = '\0';
	*bad = quoted;
	return quoted ? NULL : begin;
}

static const char *line_read(struct radius_users *u, char *line)
{
	bool bad = false;
	char *name = word(&line, &bad), *password = name ? word(&line, &bad) : NULL, *attr;
	struct radius_user *r;
	const char *wrong = NULL;

	if (!name && !bad)
		return NULL;
	if (!password)
		return bad ? "a quote is not closed" : "no password";
	r = users_add(u, name, strcmp(password, "*") == 0 ? NULL : password);
	if (!r)
		return "out of memory";
	reply_fini(&r->reply);
	while (!wrong && (attr = word(&line, &bad)))
		wrong = reply_add(&r->reply, attr);
	return bad ? "a quote is not closed" : wrong;
}

bool users_read(struct radius_users *u, FILE *in, const char **what, unsigned *line)
{
	char *text = NULL;
	size_t cap = 0;

	*what = NULL;
	for (*line = 1; !*what && getline(&text, &cap, in) >= 0; ++*line)
		*what = line_read(u, text);
	--*line;
	free(text);
	if (*what || !ferror(in))
		return !*what;
	*what = "cannot be read";
	*line = 0;
	return false;
}
