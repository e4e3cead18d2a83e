/* SPDX-License-Identifier: BSD-2-Clause */
/* Local users, and PAP (RFC 1334 §2), CHAP (RFC 1994 §4.1), MS-CHAP-V2 (RFC 2759) against a password. */
#include "aaa/users.h"

#include <errno.h>
#include <stdlib.h>

#include "wire/chap_math.h"

struct user_entry {
	struct hmap_node node;
	const struct aaa_user *user;
};

static bool is_default(const struct aaa_user *u)
{
	return u->database && strcmp(u->database, "default") == 0;
}

static int users_add(struct users *t, struct user_entry *e, const struct aaa_user *u)
{
	struct span name = span_str(u->name);

	e->user = u;
	return hmap_add(&t->map, &e->node, hash_bytes(name.p, name.len, t->seed));
}

int users_init(struct users *t, const struct aaa_user *list, uint64_t seed)
{
	size_t n = 0;

	for (const struct aaa_user *u = list; u; u = u->next)
		n++;
	hmap_init(&t->map);
	t->seed = seed;
	t->entry = calloc(n + 1, sizeof(*t->entry));
	if (!t->entry)
		return -ENOMEM;
	n = 0;
	for (const struct aaa_user *u = list; u; u = u->next) {
		if (!is_default(u) || users_find(t, span_str(u->name)))
			continue;
		if (users_add(t, &t->entry[n++], u) < 0) {
			users_fini(t);
			return -ENOMEM;
		}
	}
	return 0;
}

void users_fini(struct users *t)
{
	hmap_fini(&t->map);
	free(t->entry);
	t->entry = NULL;
}

const struct aaa_user *users_find(struct users *t, struct span name)
{
	hmap_for(n, &t->map, hash_bytes(name.p, name.len, t->seed)) {
		const struct user_entry *e = container_of(n, struct user_entry, node);

		if (span_eq_str(name, e->user->name))
			return e->user;
	}
	return NULL;
}

static bool chap_md5_check(const struct aaa_request *rq, struct span password)
{
	uint8_t expected[CHAP_MD5_LEN];

	chap_md5(rq->chap_id, password, rq->challenge, expected);
	return rq->challenge.len > 0 && octets_equal_secret(rq->response, span_of(expected, sizeof(expected)));
}

bool credentials_check(const struct aaa_request *rq, struct span password, uint8_t success[42])
{
	switch (rq->cred) {
	case AAA_CRED_PAP:
		return octets_equal_secret(rq->password, password);
	case AAA_CRED_CHAP_MD5:
		return chap_md5_check(rq, password);
	case AAA_CRED_MSCHAPV2:
		return mschapv2_check(password, rq->user, rq->challenge, rq->response, success);
	case AAA_CRED_NONE:
		break;
	}
	return false;
}
