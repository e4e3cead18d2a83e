/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The users of a tree, found by name and database in the time of a hash while a file is read: a provider's file may have
 * as many users as sessions. Without an index (NULL: one line typed by somebody) the list is walked.
 */
#ifndef ADIT_MGMT_USER_INDEX_H
#define ADIT_MGMT_USER_INDEX_H

#include "base/hmap.h"
#include "mgmt/config.h"

struct user_index {
	struct hmap map;
	struct aaa_user *last;		/* of the list */
	bool built;			/* at the first use */
};

void user_index_init(struct user_index *ix);
void user_index_fini(struct user_index *ix);

/** user_index_find - a user of the tree, or NULL. */
struct aaa_user *user_index_find(struct user_index *ix, const struct config *c, const char *name, const char *database);
/** user_index_add - appends a user to the tree. Return: 0 or -ENOMEM. */
int user_index_add(struct user_index *ix, struct config *c, struct aaa_user *u);
/** user_index_del - takes a user out of the tree; freeing it is the caller's. */
void user_index_del(struct user_index *ix, struct config *c, struct aaa_user *u);

#endif
