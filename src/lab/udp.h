/* SPDX-License-Identifier: BSD-2-Clause */
/* What the UDP sockets of adit-lab's roles share: addresses in the system's form, room, what was lost. */
#ifndef ADIT_LAB_UDP_H
#define ADIT_LAB_UDP_H

#include <sys/socket.h>

#include "base/ipaddr.h"

/** udp_sockaddr - Return: its length. */
socklen_t udp_sockaddr(struct sockaddr_storage *ss, const struct ip_addr *a, uint16_t port);
void udp_sockaddr_read(const struct sockaddr_storage *ss, struct ip_addr *a, uint16_t *port);

/** udp_large_buffers - as large as the system lets us. */
void udp_large_buffers(int fd);

/** udp_lost - datagrams that found no room in the receive buffer. */
uint64_t udp_lost(int fd);

#endif
