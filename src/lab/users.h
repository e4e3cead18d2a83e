/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users of the lab's RADIUS server, from a file of lines
 *
 *	name password [Name=Value]...
 *
 * Words stand between blanks; one with blanks in it is written in double quotes, where \ takes the next character as it
 * is. Name * is anybody not listed, password * is any. # begins a comment. The last line of a name counts.
 */
#ifndef ADIT_LAB_USERS_H
#define ADIT_LAB_USERS_H

#include <stdio.h>

#include "base/hmap.h"
#include "lab/reply.h"

struct radius_user {
	struct hmap_node node;
	char *name, *password;
	bool any_password;
	struct reply reply;
};

struct radius_users {
	struct hmap by_name;
	struct radius_user *anybody;
};

/**
 * users_read - adds those of a file
 * @what: what is wrong goes here, if anything
 * @line: and where; 0: out of memory or unreadable
 */
bool users_read(struct radius_users *u, FILE *in, const char **what, unsigned *line);
/** users_add - a user of that name, new or as it is; "*": anybody not listed. Password NULL: any. NULL: out of memory. */
struct radius_user *users_add(struct radius_users *u, const char *name, const char *password);
/** users_find - NULL when there is none, and no line for anybody. */
const struct radius_user *users_find(struct radius_users *u, struct span name);
void users_fini(struct radius_users *u);

#endif
