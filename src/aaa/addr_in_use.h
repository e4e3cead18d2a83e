/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every address that is given out, static ones too, by (virtual router, address). The entry lives in its holder; an
 * address that is here reaches nobody else.
 */
#ifndef ADIT_AAA_ADDR_IN_USE_H
#define ADIT_AAA_ADDR_IN_USE_H

#include "base/hmap.h"
#include "base/ipaddr.h"

struct addr_use {
	struct hmap_node node;
	uint32_t vr;
	struct ip_addr ip;	/* none: the holder has no address */
};

struct addr_in_use {
	struct hmap map;
	uint64_t seed;
};

void addr_in_use_init(struct addr_in_use *t, uint64_t seed);
void addr_in_use_fini(struct addr_in_use *t);

/** addr_in_use_find - who has the address; NULL: nobody. */
struct addr_use *addr_in_use_find(struct addr_in_use *t, uint32_t vr, const struct ip_addr *ip);

/**
 * addr_in_use_add - gives an address to a holder that has none
 * Return: 0, -EADDRINUSE, -ENOMEM. On failure the holder still has none.
 */
int addr_in_use_add(struct addr_in_use *t, struct addr_use *u, uint32_t vr, const struct ip_addr *ip);

/** addr_in_use_del - takes the holder's address away; harmless when it has none. */
void addr_in_use_del(struct addr_in_use *t, struct addr_use *u);

#endif
