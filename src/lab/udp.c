/* SPDX-License-Identifier: BSD-2-Clause */
/* What UDP sockets share. */
#include "lab/udp.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

enum { SOCKET_BUFFER = 64 << 20 };

socklen_t udp_sockaddr(struct sockaddr_storage *ss, const struct ip_addr *a, uint16_t port)
{
	memset(ss, 0, sizeof(*ss));
	if (a->af == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, a->b, 16);
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, a->b, 4);
	return sizeof(*in);
}

void udp_sockaddr_read(const struct sockaddr_storage *ss, struct ip_addr *a, uint16_t *port)
{
	memset(a, 0, sizeof(*a));
	if (ss->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;

		a->af = 6;
		memcpy(a->b, &in6->sin6_addr, 16);
		*port = ntohs(in6->sin6_port);
		return;
	}
	const struct sockaddr_in *in = (const struct sockaddr_in *)ss;

	a->af = 4;
	memcpy(a->b, &in->sin_addr, 4);
	*port = ntohs(in->sin_port);
}

void udp_large_buffers(int fd)
{
	int size = SOCKET_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

uint64_t udp_lost(int fd)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0 || len <= SK_MEMINFO_DROPS * sizeof(*info))
		return 0;
	return info[SK_MEMINFO_DROPS];
}
