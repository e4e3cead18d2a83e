/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of AAA share: its state, and the steps of a grant that both requests and addresses lead to. */
#ifndef ADIT_AAA_AAA_PRIV_H
#define ADIT_AAA_AAA_PRIV_H

#include "aaa/aaa_conf.h"
#include "aaa/addrpool.h"
#include "aaa/counters.h"
#include "aaa/grant.h"
#include "aaa/users.h"

struct aaa {
	struct aaa_conf conf;
	struct users users;
	struct addrpool_set *pools;
	struct addr_in_use in_use;
	struct grant_table grants;
	struct list ready;		/* grants that have events */
	struct wheel wheel;
	struct radius_client *radius;
	struct grant_answer *taken;	/* of the last event: its spans are still looked at */
	struct acct acct;
	struct wall wall;		/* when we were last called */
	mono_t turn_at;
	aaa_debug_fn *debug;
	void *debug_ctx;
	uint64_t next_session_id, user_seed;
	char decoy[17];			/* judged where there is no such user */
	unsigned in_flight;		/* requests whose answer has not been taken */
	uint64_t count[AAA_COUNT_COUNT];
};

/* ---- aaa_core.c ---- */

void grant_arm(struct aaa *a, struct grant *g);
void grant_logout(struct aaa *a, struct grant *g, enum aaa_logout why);
void grant_accept(struct aaa *a, struct grant *g);
void grant_refuse(struct aaa *a, struct grant *g, enum aaa_refusal why);

/* ---- aaa_net.c ---- */

/** aaa_radius_apply - the servers of a configuration. Return: 0 or -ENOMEM (the old ones stay). */
int aaa_radius_apply(struct aaa *a, const struct aaa_conf *c, mono_t now);

/* ---- address.c ---- */

/** vr_has_pools - pools are those of the default virtual router. */
static inline bool vr_has_pools(uint32_t vr)
{
	return vr == 0;
}

/** pools_give - an address of the named pool, else of the first pool in configured order that has one. */
enum aaa_refusal pools_give(struct aaa *a, struct grant *g, uint32_t vr, struct span name);
/** static_give - this address: accepts, refuses, or lets the grant wait until a duplicate has gone. */
void static_give(struct aaa *a, struct grant *g, uint32_t vr, const struct ip_addr *ip, mono_t now);
/** addr_claim - the client chose this address. Return: false when another has it; the grant has none then. */
bool addr_claim(struct aaa *a, struct grant *g, const struct ip_addr *ip4, mono_t now);
/** addr_release - gives up a grant's address, and lets the one who waits for it have it. */
void addr_release(struct aaa *a, struct grant *g, mono_t now);
/** waiter_expire - the holder of the address stayed: refuses who waited for it. */
void waiter_expire(struct aaa *a, struct grant *waiter);

#endif
