/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's routes to the TUN, counted: a pool's aggregate, a host route and a framed route may be the same
 * prefix, and two sessions may have the same framed route. A route is in the kernel while anybody wants it.
 * Changes go out at the end of the turn.
 *
 * The kernel forgets the routes of a device that goes down. They are put back when it is up again, so many a turn.
 */
#ifndef ADIT_DATAPLANE_USER_ROUTES_H
#define ADIT_DATAPLANE_USER_ROUTES_H

#include "dataplane/dp.h"
#include "io/loop.h"
#include "io/netlink.h"

struct routes;

/** routes_new - takes away what an earlier run left, and begins. Return: 0 or -errno. routes_free removes every
 * route. */
int routes_new(struct routes **out, struct io_loop *l, unsigned ifindex);
void routes_free(struct routes *r);

/** routes_want, routes_leave - one more, one less who wants a prefix routed to the TUN. Return: 0 or -ENOMEM.
 * */
int routes_want(struct routes *r, const struct ip_route *p);
void routes_leave(struct routes *r, const struct ip_route *p);

/** routes_pools - the aggregates of the pools, replaced whole. Return: 0 or -ENOMEM. */
int routes_pools(struct routes *r, const struct dp_pool *pools, unsigned n);
/** routes_pools_are - whether these are the pools as they are now. */
bool routes_pools_are(const struct routes *r, const struct dp_pool *pools, unsigned n);
/** pools_have - whether one of the pools has this address. */
bool pools_have(const struct dp_pool *pools, unsigned n, const struct ip_addr *ip4);
/** routes_pooled - whether a pool's aggregate leads to this address. */
bool routes_pooled(const struct routes *r, const struct ip_addr *ip4);

/**
 * range_prefix - the largest prefix that begins at *start and ends by `end`; moves *start past it
 *
 * Return: false when *start was past the end. The whole space as one prefix ends at 0.0.0.0: then *start is
 * past too.
 */
bool range_prefix(uint64_t *start, uint32_t end, struct ip_prefix *out);

#endif
