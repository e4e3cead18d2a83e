/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of AAA as a typed tree, filled by mgmt and applied whole. Lists are linked, owned by the tree;
 * aaa_conf_fini() frees them. Applying never fails: grants in force keep what they have.
 */
#ifndef ADIT_AAA_AAA_CONF_H
#define ADIT_AAA_AAA_CONF_H

#include "aaa/aaa.h"

enum { AAA_METHODS_MAX = 4, AAA_NAME_MAX = 64 };

struct aaa_user {			/* aaa local username NAME database DB */
	struct aaa_user *next;
	char *name, *database, *password;
	struct ip_addr ip4;		/* ip-address: static; none: from a pool */
	char *pool;			/* ip-address-pool; NULL */
	uint32_t session_timeout_s, idle_timeout_s;
};

struct aaa_database {			/* aaa local database NAME */
	struct aaa_database *next;
	char *name;
};

struct aaa_pool_range {
	struct aaa_pool_range *next;
	uint32_t start, end;		/* host order, inclusive */
};

struct aaa_pool {			/* ip local pool NAME START END, several lines add ranges */
	struct aaa_pool *next;
	char *name;
	struct aaa_pool_range *ranges;
};

struct aaa_conf {
	enum aaa_method ppp[AAA_METHODS_MAX], tunnel[AAA_METHODS_MAX];	/* END ends; tunnel[0] END: not set */
	struct aaa_database *databases;
	struct aaa_user *users;
	struct aaa_pool *pools;		/* in configured order */
	uint32_t dns[2], wins[2];
	bool no_duplicate_address_check;
	uint32_t session_timeout_s, idle_timeout_s;	/* defaults for all users; 0 none */
	uint32_t interim_s;		/* accounting: interim updates; 0 none */
};

void aaa_conf_init(struct aaa_conf *c);
void aaa_conf_fini(struct aaa_conf *c);
/** aaa_conf_copy - a deep copy. Return: 0 or -ENOMEM (`to` is empty then). */
int aaa_conf_copy(struct aaa_conf *to, const struct aaa_conf *from);

/** aaa_local_new - AAA with the local methods. Return: NULL when out of memory. aaa_local_ops is its ops table. */
struct aaa *aaa_local_new(const uint8_t seed[32], struct wall boot, mono_t now);
void aaa_local_free(struct aaa *a);
extern const struct aaa_ops aaa_local_ops;

/** aaa_apply - takes over a new configuration (copied). Return: 0 or -ENOMEM (the old one stays). */
int aaa_apply(struct aaa *a, const struct aaa_conf *c, mono_t now);

/* Displays. */
struct aaa_pool_info {
	const char *name;
	uint32_t start, end;		/* of one range */
	unsigned total, in_use;
};
/** aaa_pool_range_at - the i-th range of all pools, in order. Return: false past the last. */
bool aaa_pool_range_at(const struct aaa *a, unsigned i, struct aaa_pool_info *out);
uint64_t aaa_counter(const struct aaa *a, unsigned i);
const char *aaa_counter_name(unsigned i);	/* NULL past the last */

#endif
