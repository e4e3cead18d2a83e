/* SPDX-License-Identifier: BSD-2-Clause */
/* The null plane from inside: what its ops (dp_null.c) and the test's side of it (dp_null_test.c) share. */
#ifndef ADIT_DATAPLANE_DP_NULL_INT_H
#define ADIT_DATAPLANE_DP_NULL_INT_H

#include "base/hmap.h"
#include "base/list.h"
#include "dataplane/dp_null.h"

enum { DP_NULL_HELD = 4, DP_NULL_TUNNELS = 65536 };

struct null_session {
	struct dp_null_session pub;
	struct hmap_node by_id, by_ip4;	/* living ones; forwarding ones */
	struct list held;		/* of null_event, in HOLD */
	unsigned held_count;
};

struct null_event {
	struct list link;
	struct dp_event ev;
	uint8_t octets[];
};

struct null_control {
	struct list link;
	struct dp_null_control c;
};

struct null_frame {
	struct list link;
	struct dp_null_frame f;
};

struct dp_null {
	struct null_session **session;
	size_t slots, first_free;	/* first_free: no slot below it is free */
	struct hmap by_id, by_ip4;
	uint32_t generation;
	struct dp_tunnel *tunnel[DP_NULL_TUNNELS];
	unsigned tunnels, live, misuse;
	struct ip_addr *locals;
	unsigned local_count;
	struct dp_pool *pools;
	unsigned pool_count;
	struct list controls, frames, events;
	struct null_event *shown;	/* the last event given out; its octets live until the next */
	uint64_t drops[DP_DROP_COUNT];
	struct {
		int rc;
		unsigned times;
	} fail[DP_NULL_OPS];
};

static inline uint64_t null_id_hash(uint16_t tid, uint16_t sid)
{
	return hash_u64((uint64_t)tid << 16 | sid, 0);
}

/** null_event_new - an event with a copy of these octets, not queued yet. Return: NULL when out of memory. */
struct null_event *null_event_new(enum dp_event_type type, const uint8_t *data, size_t len);

#endif
