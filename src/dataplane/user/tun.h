/* SPDX-License-Identifier: BSD-2-Clause */
/* The TUN device of a virtual router, and the raw socket for ICMP errors of our own. */
#ifndef ADIT_DATAPLANE_USER_TUN_H
#define ADIT_DATAPLANE_USER_TUN_H

#include <stddef.h>
#include <stdint.h>

enum { TUN_MTU = 65535 };	/* too big is ours to say, per session */

/**
 * tun_open - makes the device and brings it up, with MTU 65535 and without IPv6 addresses of its own
 *
 * Return: a non-blocking descriptor that reads and writes bare IP packets, or -errno. The device goes when it
 * is closed.
 */
int tun_open(const char *name, unsigned *ifindex);

/** icmp_open - a raw socket for whole packets. Return: a descriptor or -errno. */
int icmp_open(void);

/** icmp_send - sends a whole IPv4 packet to its destination. Return: 0 or -errno. */
int icmp_send(int fd, uint32_t dst, const uint8_t *packet, size_t len);

#endif
