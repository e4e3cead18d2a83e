/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way up: control datagrams, PPP frames and notices wait here, in order, for the control plane to take
 * them. Bounded, and frames are policed by session.
 */
#ifndef ADIT_DATAPLANE_USER_PUNT_H
#define ADIT_DATAPLANE_USER_PUNT_H

#include "dataplane/user/decap.h"

enum {
	PUNT_RATE = 50,			/* frames a second of one session, and as many at once */
	PUNT_HELD = 4,			/* frames kept in HOLD */
	PUNT_EVENTS = 8192,		/* waiting; PPP frames use at most 3/4 of it */
	PUNT_OCTETS = 8 << 20,
};

struct punt {
	struct list events;
	unsigned count;
	size_t octets;
	struct punt_event *shown;	/* given out last: lives until the next */
};

void punt_init(struct punt *p);
void punt_fini(struct punt *p);

/** punt_control - queues a control datagram, or counts it as dropped. */
void punt_control(struct punt *p, struct table *t, const struct dp_rx *rx, struct span datagram);

/** punt_frame - keeps (HOLD) or queues a frame that dp_decap() accepted, or counts it as dropped. */
void punt_frame(struct punt *p, struct table *t, const struct dp_decap *d, mono_t now);

/** punt_held - queues what was kept for a session that has left HOLD. */
void punt_held(struct punt *p, struct table *t, struct table_session *s);

/** punt_local - queues DP_EV_LOCAL_UP. */
void punt_local(struct punt *p, uint32_t vr, const struct ip_addr *local, bool up);

/** punt_take - the oldest event; its octets live until the next call. Return: false when there is none. */
bool punt_take(struct punt *p, struct dp_event *ev);

/**
 * punt_police - a rate of so many a second, and as many at once
 * @tat: theoretical arrival time of the next, kept by the caller
 *
 * Return: false when this one comes too early (GCRA).
 */
bool punt_police(mono_t *tat, unsigned rate, mono_t now);

#endif
