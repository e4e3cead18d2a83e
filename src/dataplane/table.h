/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control thread's hold on the session table of bpf/dp_abi.h: tunnels, pages, sessions, destinations, grace
 * periods. The arrays are plain mappings whose memory comes with the first touch. Beside each living session
 * there is a record of its own (struct table_session) with what no packet needs: who owns it, 64-bit counter
 * bases, framed routes, held frames.
 *
 * A line that is withdrawn is used again only after table_quiesce() has been called: the owner calls it when no
 * reader is inside the table (one worker: between turns; several: when each has passed such a point).
 */
#ifndef ADIT_DATAPLANE_TABLE_H
#define ADIT_DATAPLANE_TABLE_H

#include "base/hmap.h"
#include "base/list.h"
#include "bpf/dp_abi.h"
#include "dataplane/dp.h"

enum { TABLE_DIRECT_POOLS = 64 };	/* pools beyond, or too large, are found by the buckets */

struct table_conf {
	unsigned max_sessions, max_tunnels;
	unsigned expected;		/* sessions that memory is spread over at first; it grows with more; 0: 60,000 */
	uint64_t seed;			/* of the bucket hash: peers must not aim */
	uint16_t port;			/* ours, of the tunnels; 0: 1701 */
};

/* The control side of a dn line. */
struct table_line {
	struct list retired;
	uint64_t epoch;
	uint32_t index;
	struct table_session *owner;
	uint64_t octets, packets;	/* already in the owner's base when it was withdrawn */
	uint32_t drops;
};

/* A framed route of a session; of several sessions with the same one, the first has it. */
struct table_route {
	struct hmap_node node;
	struct table_session *owner;
	uint32_t vr;
	struct ip_prefix prefix;	/* masked */
	uint32_t metric;
	bool active;			/* it has the bucket entry */
};

struct table_frame {
	struct list link;
	size_t len;
	uint8_t octets[];
};

struct table_session {
	struct dp_handle handle;
	struct dp_session id;
	struct dp_session_params params;
	struct list retired;		/* in the grace period of its end */
	uint64_t epoch;
	struct dp_counters base;	/* what lines that are gone have counted */
	uint32_t vr;			/* FORWARD: of the IP interface */
	struct ip_addr ip4, local_ip4;
	struct table_line *line;	/* FORWARD: its dn line, or NULL */
	bool by_address;		/* the line is reached by a bucket entry for ip4, not by a pool */
	bool any_source;		/* DP_UP_ANY_SOURCE */
	bool host_route;		/* the plane has installed a route for ip4 */
	struct table_route *routes;
	unsigned route_count;
	uint32_t ns;			/* next Ns while there is no line */
	struct list held;		/* of table_frame, in HOLD */
	unsigned held_count;
	mono_t punt_tat, icmp_tat;	/* rates of punted frames and of ICMP errors */
};

/* An address of ours that tunnels run from. */
struct table_local {
	uint32_t vr, ip4;
};

struct table_pools {
	struct list retired;
	uint64_t epoch;
	unsigned count;
	struct dp_direct pool[TABLE_DIRECT_POOLS];
};

struct table {
	struct dp_tun *tun;		/* [DP_TUNNELS] */
	struct dp_up *up;		/* [pages << DP_PAGE_BITS] */
	struct dp_dn *dn;		/* [direct lines, then the others] */
	struct dp_bucket *bucket;	/* [2 * bucket_max]: a table of n buckets (a power of two) begins at n */
	struct table_session **session;	/* by up line */
	uint16_t *page_used;		/* lines in use, or in their grace period, by page */
	uint16_t (*group_used)[DP_TUN_PAGES];	/* living sessions by tunnel and group of ids */
	uint32_t *free_line;		/* stack of free dn lines beyond the direct ones */
	uint32_t free_lines, direct_lines, other_lines;
	uint32_t other_left;		/* lines beyond the direct ones that were never used, from the end down */
	uint32_t bucket_size, bucket_max;	/* buckets of the present table; it doubles */
	uint32_t entries;
	unsigned pages, tunnels, sessions;
	struct table_conf conf;
	uint32_t generation;
	uint64_t epoch;			/* table_quiesce() calls */
	struct list retired_lines, retired_sessions, retired_pools;
	struct table_pools *pools;
	struct table_local *local;	/* few */
	unsigned locals;
	struct hmap routes;		/* framed, by (vr, prefix) */
	unsigned len_count[33];		/* framed routes by length */
	uint64_t drops[DP_DROP_COUNT];
};

/** table_new - an empty table of fixed size. Return: NULL when out of memory. table_free ends it with
 * everything in it. */
struct table *table_new(const struct table_conf *conf);
void table_free(struct table *t);

/* ---- tunnels ---- */

/** table_tunnel_set - adds or changes a tunnel; its sessions see the change at once. Return: 0 or -ENOSPC,
 * -EINVAL, -ENOMEM. */
int table_tunnel_set(struct table *t, const struct dp_tunnel *conf);
/** table_tunnel_del - withdraws a tunnel whose sessions are gone. */
void table_tunnel_del(struct table *t, uint16_t local_tunnel_id);

/**
 * table_local_set - the addresses that tunnels run from, replaced whole
 * @n: 0: any; then those are known from which a tunnel has been seen to run
 *
 * Return: 0 or -ENOMEM.
 */
int table_local_set(struct table *t, const struct ip_addr *addrs, unsigned n);
/** table_local_is - whether (vr, address) is one of them. */
bool table_local_is(const struct table *t, uint32_t vr, uint32_t ip4);

/** table_tun - the line of a living tunnel, or NULL. */
static inline const struct dp_tun *table_tun(const struct table *t, uint16_t tid)
{
	const struct dp_tun *tun = &t->tun[tid];

	return __atomic_load_n(&tun->flags, __ATOMIC_ACQUIRE) & DP_TUN_LIVE ? tun : NULL;
}

/** table_up_slot - where the line of (tunnel, session id) is, if it is anybody's; DP_NONE when no page is
 * mapped. */
static inline uint32_t table_up_slot(const struct dp_tun *tun, uint16_t sid)
{
	uint32_t page = __atomic_load_n(&tun->page[sid >> DP_PAGE_BITS], __ATOMIC_ACQUIRE);

	return page ? (page - 1) << DP_PAGE_BITS | (sid & (DP_PAGE_LINES - 1)) : DP_NONE;
}

static inline struct ip_addr table_addr(const struct dp_tun *tun, const uint8_t b[16])
{
	struct ip_addr a = { tun->flags & DP_TUN_IP6 ? 6 : 4, { 0 } };

	for (int i = 0; i < 16; i++)
		a.b[i] = b[i];
	return a;
}

/* ---- sessions ---- */

/**
 * table_session_add - a session in HOLD
 *
 * Return: 0; -ENOENT when the tunnel is not there; -EAGAIN when the line of this id is taken; -ENOSPC at
 * max_sessions;
 *         -ENOMEM; -EINVAL for id 0.
 * Source: docs/decisions/0003-session-ids-and-pages.md.
 */
int table_session_add(struct table *t, const struct dp_session *id, struct table_session **out);

/** table_session_of - a living session by handle, or NULL. */
struct table_session *table_session_of(const struct table *t, struct dp_handle h);

/** table_session_next - the living session at or after *slot; *slot moves behind it. Return: NULL: no more. */
struct table_session *table_session_next(const struct table *t, uint32_t *slot);

static inline struct dp_up *table_up(const struct table *t, const struct table_session *s)
{
	return &t->up[s->handle.slot];
}

static inline enum dp_up_state table_state(const struct table *t, const struct table_session *s)
{
	return (enum dp_up_state)(table_up(t, s)->state & DP_UP_STATE);
}

/** table_session_punt - to PUNT, with the peer's session id and sequencing. Return: 0, -EINVAL if not in HOLD.
 * */
int table_session_punt(struct table *t, struct table_session *s, const struct dp_session_params *p);

/**
 * table_session_forward - gives the session its addresses and lets packets through; again, it changes them
 *
 * Return: 0; -EADDRINUSE when ip4 is another's; -EINVAL in HOLD; -ENOSPC; -ENOMEM (the session is in PUNT
 * then).
 */
int table_session_forward(struct table *t, struct table_session *s, const struct dp_subscriber *sub);

/** table_session_unforward - takes the addresses away: back to PUNT; its line counts into the base. */
void table_session_unforward(struct table *t, struct table_session *s);

/** table_session_del - withdraws the session: its ids lead nowhere from now on; table_reclaim() brings it once
 * more. */
void table_session_del(struct table *t, struct table_session *s);

/** table_session_counters - base and lines together. */
void table_session_counters(const struct table *t, const struct table_session *s, struct dp_counters *out);

/** table_session_ns - takes the next Ns of data that we send. */
uint16_t table_session_ns(struct table *t, struct table_session *s);

/* ---- grace ---- */

/** table_quiesce - no reader holds anything it found before this call. */
void table_quiesce(struct table *t);
/**
 * table_reclaim - frees the lines whose grace period is over
 *
 * Return: a deleted session whose counters are final, NULL when there is none; call until NULL.
 * table_session_free() it.
 */
struct table_session *table_reclaim(struct table *t);
void table_session_free(struct table *t, struct table_session *s);
/** table_retired - whether anything waits for table_quiesce(). */
bool table_retired(const struct table *t);

/* ---- destinations (table_dst.c) ---- */

/** table_dst_find - the dn line for a destination: pool, exact address, then the longest framed route; DP_NONE.
 * */
uint32_t table_dst_find(const struct table *t, uint32_t vr, uint32_t ip4);
/** table_host_find - the same for a subscriber's own address alone. */
uint32_t table_host_find(const struct table *t, uint32_t vr, uint32_t ip4);
/** table_direct_index - the line that a pool sets aside for an address; DP_NONE if no pool does. */
uint32_t table_direct_index(const struct table *t, uint32_t vr, uint32_t ip4);

/** table_dst_add, table_dst_del - a bucket entry. Return: 0, -EEXIST, -ENOSPC. Deleting promotes a waiting
 * framed route. */
int table_dst_add(struct table *t, uint32_t vr, uint32_t addr, uint8_t len, uint32_t dn);
void table_dst_del(struct table *t, uint32_t vr, uint32_t addr, uint8_t len);

/** table_routes_set - the framed routes of a session that has a line, replaced whole; n 0 takes them away.
 * Return: 0, -ENOMEM. */
int table_routes_set(struct table *t, struct table_session *s, const struct ip_route *routes, unsigned n);

/**
 * table_pool_set - the pools, replaced whole
 *
 * A pool that stays keeps its lines; the subscribers of one that goes move to other lines.
 *
 * Return: 0, or -ENOMEM (the old set stays).
 */
int table_pool_set(struct table *t, const struct dp_pool *pools, unsigned n);

/* ---- between the files of the table ---- */

/** table_slot_claim - the up line for a new session; maps a page if its group of ids has none. Return: 0 or
 * -EAGAIN. */
int table_slot_claim(struct table *t, uint16_t tid, uint16_t sid, uint32_t *slot);
/** table_slot_leave, _free - the session is withdrawn; its grace period is over. */
void table_slot_leave(struct table *t, uint16_t tid, uint16_t sid);
void table_slot_free(struct table *t, uint32_t slot);

/* ---- counting ---- */

static inline void table_drop(struct table *t, enum dp_drop reason)
{
	__atomic_fetch_add(&t->drops[reason], 1, __ATOMIC_RELAXED);
}

static inline void table_drops(struct table *t, enum dp_drop reason, unsigned n)
{
	__atomic_fetch_add(&t->drops[reason], n, __ATOMIC_RELAXED);
}

static inline void table_up_drop(struct table *t, struct dp_up *up, enum dp_drop reason)
{
	__atomic_fetch_add(&up->drops, 1, __ATOMIC_RELAXED);
	table_drop(t, reason);
}

static inline void table_dn_drop(struct table *t, struct dp_dn *dn, enum dp_drop reason)
{
	__atomic_fetch_add(&dn->drops, 1, __ATOMIC_RELAXED);
	table_drop(t, reason);
}

static inline void table_up_count(struct dp_up *up, size_t octets)
{
	__atomic_fetch_add(&up->octets, octets, __ATOMIC_RELAXED);
	__atomic_fetch_add(&up->packets, 1, __ATOMIC_RELAXED);
}

static inline void table_dn_count(struct dp_dn *dn, size_t octets)
{
	__atomic_fetch_add(&dn->octets, octets, __ATOMIC_RELAXED);
	__atomic_fetch_add(&dn->packets, 1, __ATOMIC_RELAXED);
}

#endif
