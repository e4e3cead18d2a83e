/* SPDX-License-Identifier: BSD-2-Clause */
/* The user plane from inside: what its ops (plane.c) and its packet path (path.c) share. */
#ifndef ADIT_DATAPLANE_USER_USER_H
#define ADIT_DATAPLANE_USER_USER_H

#include "dataplane/dp_user.h"
#include "dataplane/table.h"
#include "dataplane/user/punt.h"
#include "dataplane/user/routes.h"
#include "dataplane/user/sock.h"

enum {
	PACKET_MAX = 65536,
	ICMP_RATE = 10,			/* errors a second on account of one session, and as many at once */
};

struct dp_user {
	struct io_loop *loop;
	void (*wake)(void *ctx);
	void *ctx;
	uint16_t port;
	struct table *table;
	struct punt punt;
	struct socks *socks;
	struct routes *routes;
	int tun, icmp;
	unsigned ifindex;
	struct io_fd *tun_watch;
	uint8_t packet[PACKET_MAX];	/* read from the TUN */
	uint8_t out[PACKET_MAX];	/* the datagram being sent */
};

/* The packet path: the callbacks of the sockets and of the TUN. One worker, the loop's own thread. */
void path_datagram(void *ctx, const struct dp_rx *rx, struct span datagram, mono_t now);
void path_tun_ready(void *ctx, int fd, unsigned ready, mono_t now);

/** path_frame_tx - sends a PPP frame (from its protocol field) to a session's peer. Return: 0 or -errno. */
int path_frame_tx(struct dp_user *u, struct table_session *s, const uint8_t *frame, size_t len);

#endif
