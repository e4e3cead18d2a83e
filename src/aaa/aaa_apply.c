/* SPDX-License-Identifier: BSD-2-Clause */
/* Beginning and end of AAA, change of its configuration, and its displays. */
#include <errno.h>
#include <stdlib.h>

#include "aaa/aaa_priv.h"
#include "base/rng.h"

/* ---- configuration ---- */

static bool ranges_equal(const struct aaa_pool_range *a, const struct aaa_pool_range *b)
{
	for (; a && b && a->start == b->start && a->end == b->end; b = b->next)
		a = a->next;
	return !a && !b;
}

static bool pools_equal(const struct aaa_pool *a, const struct aaa_pool *b)
{
	for (; a && b && strcmp(a->name, b->name) == 0 && ranges_equal(a->ranges, b->ranges); b = b->next)
		a = a->next;
	return !a && !b;
}

/* The pools of a new configuration: what is in use stays in use, what was released last comes last. */
static struct addrpool_set *pools_make(const struct aaa *a, const struct aaa_conf *c)
{
	struct addrpool_set *s = addrpool_set_new(c->pools);
	int rc = s ? 0 : -ENOMEM;

	for (uint32_t i = 1; i < a->grants.size && rc != -ENOMEM; i++) {
		const struct grant *g = grant_at(&a->grants, i);

		if (g && g->addr.ip.af == 4 && vr_has_pools(g->addr.vr))
			rc = addrpool_set_mark(s, ip4_num(&g->addr.ip));
	}
	if (rc != -ENOMEM && a->pools)
		rc = addrpool_set_inherit(s, a->pools);
	if (rc == -ENOMEM) {
		addrpool_set_free(s);
		return NULL;
	}
	return s;
}

int aaa_apply(struct aaa *a, const struct aaa_conf *c, mono_t now)
{
	struct addrpool_set *pools = a->pools;
	struct aaa_conf conf;
	struct users users;

	if (aaa_conf_copy(&conf, c) < 0)
		return -ENOMEM;
	if (users_init(&users, conf.users, a->user_seed) < 0)
		goto out_conf;
	if (!pools || !pools_equal(a->conf.pools, conf.pools)) {
		pools = pools_make(a, &conf);
		if (!pools)
			goto out_users;
	}
	if (aaa_radius_apply(a, &conf, now) < 0)
		goto out_pools;
	if (pools != a->pools)
		addrpool_set_free(a->pools);
	users_fini(&a->users);
	aaa_conf_fini(&a->conf);
	a->pools = pools;
	a->users = users;
	a->conf = conf;
	acct_queue_bound(&a->acct.queue, conf.acct.queue_max);
	if (a->acct.servers)	/* once: a server that goes and comes back must not end what is up */
		acct_node(a, true, now, a->wall);
	return 0;
out_pools:
	if (pools != a->pools)
		addrpool_set_free(pools);
out_users:
	users_fini(&users);
out_conf:
	aaa_conf_fini(&conf);
	return -ENOMEM;
}

struct aaa *aaa_core_new(const uint8_t seed[32], struct wall boot, mono_t now)
{
	struct aaa *a = calloc(1, sizeof(*a));
	uint8_t radius_seed[32];
	struct aaa_conf empty;
	struct rng rng;

	if (!a)
		return NULL;
	rng_init(&rng, seed);
	addr_in_use_init(&a->in_use, rng_u64(&rng));
	a->user_seed = rng_u64(&rng);
	for (size_t i = 0; i + 1 < sizeof(a->decoy); i++)
		a->decoy[i] = (char)('a' + rng_below(&rng, 26));
	/* the counter begins where in its second the run did: one that follows in the same second repeats no id */
	a->next_session_id = (uint64_t)(uint32_t)boot.s << 32 | (uint32_t)(boot.ns * 4);
	a->wall = boot;
	a->turn_at = now;
	list_init(&a->ready);
	wheel_init(&a->wheel, now);
	rng_bytes(&rng, radius_seed, sizeof(radius_seed));
	a->radius = radius_client_new(radius_seed, now);
	explicit_bzero(radius_seed, sizeof(radius_seed));
	acct_queue_init(&a->acct.queue, a->radius, rng_u64(&rng));
	rng_init_u64(&a->acct.rng, rng_u64(&rng));
	aaa_conf_init(&a->conf);
	aaa_conf_init(&empty);
	if (!a->radius || aaa_apply(a, &empty, now) < 0) {
		aaa_core_free(a);
		return NULL;
	}
	acct_queue_bound(&a->acct.queue, UINT32_MAX);	/* what is restored waits for the bound of the configuration */
	return a;
}

void aaa_core_free(struct aaa *a)
{
	if (!a)
		return;
	grant_answer_free(a->taken);
	grant_table_fini(&a->grants);
	acct_queue_fini(&a->acct.queue);
	radius_client_free(a->radius);
	addr_in_use_fini(&a->in_use);
	addrpool_set_free(a->pools);
	users_fini(&a->users);
	aaa_conf_fini(&a->conf);
	free(a);
}

/* ---- displays ---- */

bool aaa_pool_range_at(const struct aaa *a, unsigned i, struct aaa_pool_info *out)
{
	return addrpool_range_at(a->pools, i, out);
}

uint64_t aaa_counter(const struct aaa *a, unsigned i)
{
	switch (i) {
	case AAA_COUNT_ACCT_STARTS:
		return a->acct.starts;
	case AAA_COUNT_ACCT_INTERIMS:
		return a->acct.interims;
	case AAA_COUNT_ACCT_STOPS:
		return a->acct.stops;
	case AAA_COUNT_ACCT_SENT ... AAA_COUNT_ACCT_JOURNAL_ERRORS:
		return a->acct.queue.count[i - AAA_COUNT_ACCT_SENT];
	case AAA_COUNT_ACCT_QUEUED:
		return a->acct.queue.size;
	case AAA_COUNT_ACCT_IN_FLIGHT:
		return a->acct.queue.in_flight;
	case AAA_COUNT_IN_FLIGHT:
		return a->in_flight;
	case AAA_COUNT_GRANTS:
		return a->grants.used;
	case AAA_COUNT_ADDRESSES:
		return a->in_use.map.count;
	default:
		return i < AAA_COUNT_COUNT ? a->count[i] : 0;
	}
}

const char *aaa_counter_name(unsigned i)
{
	static const char *const names[AAA_COUNT_COUNT] = {
#define X(id, name) [AAA_COUNT_##id] = name,
		AAA_COUNTS(X)
#undef X
	};

	return i < AAA_COUNT_COUNT ? names[i] : NULL;
}
