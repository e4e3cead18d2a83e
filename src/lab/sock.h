/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lab's UDP sockets: one for each source address (or for each tunnel, with a port of the system's), read and
 * written in batches.
 */
#ifndef ADIT_LAB_SOCK_H
#define ADIT_LAB_SOCK_H

#include "io/loop.h"
#include "lab/lab.h"

struct lab_socks;

typedef void lab_rx_fn(void *ctx, const struct l2tp_path *from, const uint8_t *msg, size_t len, mono_t now);

/** lab_socks_open - binds them and watches them on the loop. Return: 0 or -errno, and what failed in *what. */
int lab_socks_open(struct lab_socks **out, const struct lab_conf *c, struct io_loop *loop, lab_rx_fn *rx, void *ctx,
		   const char **what);
void lab_socks_close(struct lab_socks *s);

/** lab_socks_paths - one path a socket, towards the LNS. */
const struct l2tp_path *lab_socks_paths(const struct lab_socks *s, unsigned *count);

/** lab_socks_probe_path - that of the socket for --hello-probe-tunnels; NULL: there are none. */
const struct l2tp_path *lab_socks_probe_path(const struct lab_socks *s);

/** lab_socks_send - queues a datagram; lab_socks_flush sends what is queued. A lab_send_fn. */
void lab_socks_send(void *socks, const struct l2tp_path *path, const uint8_t *msg, size_t len);
void lab_socks_flush(struct lab_socks *s);

/** lab_socks_dropped, _lost - datagrams that the system did not take, and that found no room in our receive buffers. */
uint64_t lab_socks_dropped(const struct lab_socks *s);
uint64_t lab_socks_lost(const struct lab_socks *s);

#endif
