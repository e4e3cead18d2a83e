/* SPDX-License-Identifier: BSD-2-Clause */
/* The local user database: users of database `default` by exact name, and the judging of credentials. */
#ifndef ADIT_AAA_USERS_H
#define ADIT_AAA_USERS_H

#include "aaa/aaa_conf.h"
#include "base/hmap.h"

struct user_entry;

/* An index over the users of a configuration, which must outlive it. */
struct users {
	struct hmap map;
	struct user_entry *entry;
	uint64_t seed;
};

/** users_init - indexes them; of users with the same name the first counts. Return: 0 or -ENOMEM (nothing to free). */
int users_init(struct users *t, const struct aaa_user *list, uint64_t seed);
void users_fini(struct users *t);

/** users_find - exact, octet by octet; NULL: nobody. */
const struct aaa_user *users_find(struct users *t, struct span name);

/**
 * credentials_check - judges what a client gave against a password
 * @success: 42 octets for the authenticator response of MS-CHAP-V2, filled when the answer is true
 */
bool credentials_check(const struct aaa_request *rq, struct span password, uint8_t success[42]);

#endif
