/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that are given out, hashed by (virtual router, address). */
#include "aaa/addr_in_use.h"

#include <errno.h>

static uint64_t key_hash(const struct addr_in_use *t, uint32_t vr, const struct ip_addr *ip)
{
	return ip_addr_hash(ip, t->seed ^ vr);
}

void addr_in_use_init(struct addr_in_use *t, uint64_t seed)
{
	hmap_init(&t->map);
	t->seed = seed;
}

void addr_in_use_fini(struct addr_in_use *t)
{
	hmap_fini(&t->map);
}

struct addr_use *addr_in_use_find(struct addr_in_use *t, uint32_t vr, const struct ip_addr *ip)
{
	hmap_for(n, &t->map, key_hash(t, vr, ip)) {
		struct addr_use *u = container_of(n, struct addr_use, node);

		if (u->vr == vr && ip_addr_eq(&u->ip, ip))
			return u;
	}
	return NULL;
}

int addr_in_use_add(struct addr_in_use *t, struct addr_use *u, uint32_t vr, const struct ip_addr *ip)
{
	if (addr_in_use_find(t, vr, ip))
		return -EADDRINUSE;
	if (hmap_add(&t->map, &u->node, key_hash(t, vr, ip)) < 0)
		return -ENOMEM;
	u->vr = vr;
	u->ip = *ip;
	return 0;
}

void addr_in_use_del(struct addr_in_use *t, struct addr_use *u)
{
	if (ip_addr_is_none(&u->ip))
		return;
	hmap_del(&t->map, &u->node);
	u->ip = (struct ip_addr){ 0 };
}
