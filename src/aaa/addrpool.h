/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address pools. A pool is some ranges in configured order and hands out its first free address in O(1): one that was
 * never used while there are such, then the one released longest ago, so that an address just released is not used
 * again at once. What is known of an address costs 9 octets, in pages of 1,024 that exist once one of theirs was used:
 * a pool of 16 million costs next to nothing before that.
 *
 * Pools are a set, since the question "which pool has this address" is asked of all: an address belongs to the first
 * range that names it, later ranges go without it.
 */
#ifndef ADIT_AAA_ADDRPOOL_H
#define ADIT_AAA_ADDRPOOL_H

#include "aaa/aaa_conf.h"

struct addrpool;
struct addrpool_set;

/** addrpool_set_new - the pools of a configuration, every address fresh. Return: NULL when out of memory. */
struct addrpool_set *addrpool_set_new(const struct aaa_pool *conf);
void addrpool_set_free(struct addrpool_set *s);

/** addrpool_by_name, addrpool_at - a pool, or NULL; at: in configured order. */
struct addrpool *addrpool_by_name(const struct addrpool_set *s, struct span name);
struct addrpool *addrpool_at(const struct addrpool_set *s, unsigned i);

/** addrpool_take - the first free address. Return: 0; -ENOSPC exhausted; -ENOMEM. */
int addrpool_take(struct addrpool *p, uint32_t *addr);

/**
 * addrpool_set_mark - an address is given out by other means (static, or in use since before a change of configuration)
 * Return: 0, also when no pool has it; -EADDRINUSE; -ENOMEM.
 */
int addrpool_set_mark(struct addrpool_set *s, uint32_t addr);

/** addrpool_set_release - an address that was taken or marked is free again; harmless when no pool has it. */
void addrpool_set_release(struct addrpool_set *s, uint32_t addr);

/** addrpool_set_inherit - addresses fresh here that were released there queue here in the same order. -ENOMEM. */
int addrpool_set_inherit(struct addrpool_set *s, const struct addrpool_set *old);

/** addrpool_range_at - the i-th configured range of all pools. Return: false past the last. */
bool addrpool_range_at(const struct addrpool_set *s, unsigned i, struct aaa_pool_info *out);

#endif
