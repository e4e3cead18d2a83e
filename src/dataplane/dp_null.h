/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A data plane without packets, for tests: it records what the model asked for and lets a test inject what a
 * network would bring. Strict: a call that breaks the contract of dp.h (a stale handle, a session before its
 * tunnel, PUNT twice) is counted in dp_null_misuse(), which a test can check to be 0.
 */
#ifndef ADIT_DATAPLANE_DP_NULL_H
#define ADIT_DATAPLANE_DP_NULL_H

#include "dataplane/dp.h"

struct dp_null;

/** dp_null_new - an empty plane. Return: NULL when out of memory. */
struct dp_null *dp_null_new(void);
void dp_null_free(struct dp_null *n);
/** dp_null_if - the ops table and its argument, for the model. */
struct dp_if dp_null_if(struct dp_null *n);

/* ---- what the model sent: oldest first; taking moves on ---- */

struct dp_null_control {
	uint32_t vr;
	struct ip_addr local, peer;
	uint16_t local_port, peer_port;
	size_t len;
	uint8_t msg[2048];
};
/** dp_null_take_control - the next control datagram that was sent. Return: false when there is none. */
bool dp_null_take_control(struct dp_null *n, struct dp_null_control *out);

struct dp_null_frame {
	struct dp_handle handle;
	void *user;
	size_t len;
	uint8_t data[2048];	/* from the PPP protocol field */
};
/** dp_null_take_frame - the next PPP frame that was sent by session_tx. Return: false when there is none. */
bool dp_null_take_frame(struct dp_null *n, struct dp_null_frame *out);

/* ---- the present state ---- */

enum { DP_NULL_ROUTES = 8 };

struct dp_null_session {
	struct dp_handle handle;
	struct dp_session id;
	enum dp_state state;
	struct dp_session_params params;	/* since PUNT */
	struct dp_subscriber sub;		/* in FORWARD; sub.routes points to routes */
	struct ip_route routes[DP_NULL_ROUTES];
	struct dp_counters counters;
	bool deleted;				/* session_del was called; DP_EV_GONE not taken yet */
};

/** dp_null_session, dp_null_session_by_id - a session that exists; NULL if none. Valid until it is gone. */
const struct dp_null_session *dp_null_session(const struct dp_null *n, struct dp_handle h);
const struct dp_null_session *dp_null_session_by_id(const struct dp_null *n, uint16_t local_tunnel_id,
						    uint16_t local_session_id);
/** dp_null_session_by_ip4 - the session that forwards for this address. */
const struct dp_null_session *dp_null_session_by_ip4(const struct dp_null *n, const struct ip_addr *ip4);
unsigned dp_null_tunnels(const struct dp_null *n);
unsigned dp_null_sessions(const struct dp_null *n);	/* not deleted ones */
const struct ip_addr *dp_null_locals(const struct dp_null *n, unsigned *count);
const struct dp_pool *dp_null_pools(const struct dp_null *n, unsigned *count);
unsigned dp_null_misuse(const struct dp_null *n);

/* ---- what the network brings ---- */

/** dp_null_rx_control - a control datagram arrives. Return: false when out of memory. */
bool dp_null_rx_control(struct dp_null *n, uint32_t vr, const struct ip_addr *local, uint16_t local_port,
			const struct ip_addr *peer, uint16_t peer_port, const uint8_t *msg, size_t len);
/** dp_null_rx_frame - a PPP frame (from its protocol field) arrives for a session by our ids: kept in HOLD (at
 * most 4), an event after.
 *  Return: false if there is no such session or it was dropped (counted). */
bool dp_null_rx_frame(struct dp_null *n, uint16_t local_tunnel_id, uint16_t local_session_id,
		      const uint8_t *frame, size_t len);
/** dp_null_rx_local - DP_EV_LOCAL_UP for an address. */
bool dp_null_rx_local(struct dp_null *n, const struct ip_addr *local, bool up);
/** dp_null_set_counters - what session_counters and DP_EV_GONE will say. */
void dp_null_set_counters(struct dp_null *n, struct dp_handle h, const struct dp_counters *c);

/* ---- refusals ---- */

enum dp_null_op {
	DP_NULL_CONTROL_TX,
	DP_NULL_TUNNEL_ADD,
	DP_NULL_SESSION_ADD,
	DP_NULL_SESSION_FORWARD,
	DP_NULL_SESSION_TX,
	DP_NULL_OPS
};
/** dp_null_fail - the next `times` calls of this operation return rc (such as -ENOSPC, -EAGAIN). */
void dp_null_fail(struct dp_null *n, enum dp_null_op op, int rc, unsigned times);

#endif
