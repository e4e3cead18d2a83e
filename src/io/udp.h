/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP client sockets: ephemeral ports of ours from which servers are asked. Datagrams go out and come in in batches; the
 * buffers are large, so that a burst of answers waits while the loop is busy.
 */
#ifndef ADIT_IO_UDP_H
#define ADIT_IO_UDP_H

#include "base/ipaddr.h"
#include "base/span.h"
#include "io/loop.h"

struct udp_set;
struct udp_sock;

/* A datagram that came. `data` is valid until the callback returns. */
typedef void udp_rx_fn(void *ctx, void *user, const struct ip_addr *from, uint16_t port, struct span data, mono_t now);

/** udp_set_new - sockets that share buffers and a callback. Return: NULL when out of memory. udp_set_free closes all. */
struct udp_set *udp_set_new(struct io_loop *loop, udp_rx_fn *rx, void *ctx);
void udp_set_free(struct udp_set *set);

/**
 * udp_open - a socket on an ephemeral port
 * @local: source address; its family when it is none: @af, 4 or 6
 * @user:  comes back with what it receives
 *
 * Return: 0 or -errno (-EADDRNOTAVAIL: the address is not on this machine).
 */
int udp_open(struct udp_set *set, uint8_t af, const struct ip_addr *local, void *user, struct udp_sock **out);
void udp_close(struct udp_sock *s);

/** udp_send - queues a datagram; it goes out with udp_flush(), or when the queue is full. Longer than 4,096: dropped. */
void udp_send(struct udp_sock *s, const struct ip_addr *to, uint16_t port, struct span data);
void udp_flush(struct udp_set *set);

struct udp_counts {
	uint64_t tx, rx, tx_errors;	/* datagrams; those that the system did not take */
};
struct udp_counts udp_counts(const struct udp_set *set);

#endif
