/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rtnetlink, synchronous: routes, addresses and links of the namespace the process is in. Routes carry our own
 * protocol number, so that routing daemons can redistribute them and a restart can tell them from others' (see
 * docs/dataplane.md).
 *
 * Route changes are queued and go out in one write (nl_flush), in order, so that thousands cost few system
 * calls.
 */
#ifndef ADIT_IO_NETLINK_H
#define ADIT_IO_NETLINK_H

#include "base/ipaddr.h"
#include "io/loop.h"

enum { NL_PROTO_ADIT = 173 };	/* rtm_protocol and ifa_proto, "adit" */

struct nl;

/** nl_open - a socket to the kernel's routing tables. Return: 0 or -errno. nl_close sends what is queued, and
 * ends it. */
int nl_open(struct nl **out);
void nl_close(struct nl *n);

/**
 * nl_route_add, nl_route_del - queues a route of ours: prefix to device, scope link, table main
 *
 * An add does not replace another's route with the same prefix and metric: -EEXIST. A delete takes only a route
 * that carries our protocol number.
 *
 * Return: 0, or -errno of an earlier queued change when the queue had to be flushed to make room (see
 * nl_flush).
 */
int nl_route_add(struct nl *n, const struct ip_route *route, unsigned ifindex);
int nl_route_del(struct nl *n, const struct ip_route *route, unsigned ifindex);

/** nl_flush - sends the queue. Return: 0, or -errno of the first change that the kernel refused; the others are
 * done. */
int nl_flush(struct nl *n);

/** nl_route_error_fn - told of each refused change during a flush, so that it can be logged; optional. */
typedef void nl_route_error_fn(void *ctx, bool add, const struct ip_route *route, int err);
void nl_on_route_error(struct nl *n, nl_route_error_fn *fn, void *ctx);

/** nl_routes_purge - deletes every route with our protocol number, in any table and on any device. Return: how
 * many, or -errno. */
int nl_routes_purge(struct nl *n);

/** nl_addr_add - adds an address marked as ours to a device. Return: 0, -EEXIST when it is there already, or
 * -errno. */
int nl_addr_add(struct nl *n, unsigned ifindex, const struct ip_prefix *addr);
/** nl_addr_del - takes an address off a device. Return: 0, -EADDRNOTAVAIL when it is not there, or -errno. */
int nl_addr_del(struct nl *n, unsigned ifindex, const struct ip_prefix *addr);
/** nl_addr_is_ours - whether the device has this address with our mark. Return: 1, 0 or -errno. */
int nl_addr_is_ours(struct nl *n, unsigned ifindex, const struct ip_prefix *addr);

/** nl_link_set - brings a device up (or down) and sets its MTU (0: as it is). Return: 0 or -errno. */
int nl_link_set(struct nl *n, unsigned ifindex, bool up, unsigned mtu);
/** nl_link_is_up - whether a device is administratively up. Return: 1, 0 or -errno. */
int nl_link_is_up(struct nl *n, unsigned ifindex);

/* ---- what `interface loopback N` puts on lo ---- */

struct nl_loopbacks;

/** nl_loopbacks_new - no addresses yet. nl_loopbacks_free removes from lo those that we added. */
struct nl_loopbacks *nl_loopbacks_new(struct nl *n);
void nl_loopbacks_free(struct nl_loopbacks *lb);

/**
 * nl_loopbacks_set - the set of addresses, replaced whole
 *
 * Adds to lo what is missing, removes what we added and is no longer wanted; an address that was there before
 * us stays when we go, unless it carries our mark (left by a daemon that died).
 *
 * Return: 0, or -errno of the first address that could not be added (the others are done).
 */
int nl_loopbacks_set(struct nl_loopbacks *lb, const struct ip_prefix *addrs, unsigned n);

/* ---- monitor ---- */

struct nl_monitor;

/* An IPv4 address appeared on, or went from, a device of the namespace. addr->af 0: messages were lost, look
 * again at everything. */
typedef void nl_monitor_fn(void *ctx, const struct ip_addr *addr, bool present, mono_t now);

/* A device was changed, and is administratively up or down. ifindex 0: messages were lost, look again. */
typedef void nl_monitor_link_fn(void *ctx, unsigned ifindex, bool up, mono_t now);

/** nl_monitor_open - watches address changes on the loop. Return: 0 or -errno. */
int nl_monitor_open(struct nl_monitor **out, struct io_loop *l, nl_monitor_fn *fn, void *ctx);
/** nl_monitor_links - watches devices. Return: 0 or -errno. */
int nl_monitor_links(struct nl_monitor **out, struct io_loop *l, nl_monitor_link_fn *fn, void *ctx);
void nl_monitor_close(struct nl_monitor *m);

#endif
