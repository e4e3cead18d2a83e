/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The UDP sockets of the tunnel side: one a local address, or one for all (wildcard). An address that is not on
 * the machine is tried again when it appears, and every second in case a notice was lost. A change of the set loses no
 * datagram: a socket that goes is read out first, and there is no moment without one.
 *
 * Outer packets leave with DF clear and are fragmented by the kernel at the interface's MTU (IP_PMTUDISC_OMIT:
 * path MTU news, which anybody can forge, is not used); fragments that come in are put together by the kernel
 * before they reach us.
 */
#ifndef ADIT_DATAPLANE_USER_SOCK_H
#define ADIT_DATAPLANE_USER_SOCK_H

#include "base/span.h"
#include "dataplane/user/decap.h"
#include "io/loop.h"

struct socks;

/* A datagram came in. `datagram` lives until the function returns. */
typedef void socks_rx_fn(void *ctx, const struct dp_rx *rx, struct span datagram, mono_t now);
/* The kernel dropped so many datagrams before we could read them. */
typedef void socks_lost_fn(void *ctx, unsigned n);
/* A local address became usable, or ceased to be (at first, too: each address of a set is reported once). */
typedef void socks_local_fn(void *ctx, const struct ip_addr *local, bool up);

struct socks_conf {
	uint16_t port;
	unsigned burst;			/* datagrams a socket a turn */
	socks_rx_fn *rx;
	socks_lost_fn *lost;
	socks_local_fn *local;
	void *ctx;
};

/** socks_new - no sockets yet. Return: 0 or -errno. */
int socks_new(struct socks **out, struct io_loop *l, const struct socks_conf *conf);
void socks_free(struct socks *s);

/** socks_set - the local addresses, replaced whole; none: one wildcard socket. Return: 0, -ENOMEM, or -errno of
 * the wildcard. */
int socks_set(struct socks *s, const struct ip_addr *addrs, unsigned n);

/**
 * socks_send - one datagram from a local address and our port
 * @checksum: whether it carries a UDP checksum; the socket option is changed only when it differs from the last
 * datagram's
 *
 * Return: 0; -EADDRNOTAVAIL when there is no socket for this address; -EAFNOSUPPORT; or -errno of the kernel.
 */
int socks_send(struct socks *s, const struct ip_addr *local, const struct ip_addr *peer, uint16_t peer_port,
	       bool checksum, const uint8_t *buf, size_t len);

#endif
