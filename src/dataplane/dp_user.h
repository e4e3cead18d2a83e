/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user-space plane: a UDP socket a local address, one TUN, the session table of bpf/dp_abi.h. It runs on
 * the loop it is given, at most DP_USER_BURST packets of each descriptor a turn, so that the control plane
 * stays responsive.
 */
#ifndef ADIT_DATAPLANE_DP_USER_H
#define ADIT_DATAPLANE_DP_USER_H

#include "dataplane/dp.h"
#include "io/loop.h"

enum { DP_USER_BURST = 256 };

struct dp_user_conf {
	const char *tun_name;			/* NULL: adit0 */
	uint16_t port;				/* 0: 1701 */
	unsigned max_sessions, max_tunnels;	/* 0: 60,000 and 8,000; the table's arrays have their size for life */
	const uint8_t *seed;			/* 32 octets for the table's hash; NULL: from the kernel */
};

/**
 * dp_user_new - makes the TUN, takes away stale routes of ours, and waits for addresses (local_set)
 * @wake: called, possibly in the middle of another call into the plane, when there are events to take; must
 * only take a note
 *
 * No socket is open before the first local_set(). Needs NET_ADMIN and NET_RAW.
 *
 * Return: 0, or -errno (-ENOMEM, -EPERM, -EBUSY when the TUN is another's).
 * Owner:  the caller, until dp_user_free(), which removes the routes and the TUN.
 */
int dp_user_new(struct io_loop *l, const struct dp_user_conf *conf, void (*wake)(void *ctx), void *ctx,
		struct dp_if *out);
void dp_user_free(struct dp_if dp);

#endif
