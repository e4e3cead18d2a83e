/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TUN and raw socket (tun.h). Our ICMP errors do not go through the TUN: there the kernel would see a packet
 * from outside with one of its own addresses as source, and drop it as a martian.
 */
#include "dataplane/user/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/netlink.h"

/* Without IPv6 on the device the kernel does not send router solicitations to nobody. A kernel without IPv6 has
 * no such file. */
static void ipv6_off(const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1", 1) < 0)
		errno = 0;
	close(fd);
}

static int tun_up(const char *name, unsigned *ifindex)
{
	struct nl *nl;
	int rc = nl_open(&nl);

	if (rc)
		return rc;
	*ifindex = if_nametoindex(name);
	rc = *ifindex ? nl_link_set(nl, *ifindex, true, TUN_MTU) : -errno;
	nl_close(nl);
	return rc;
}

int tun_open(const char *name, unsigned *ifindex)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL };
	int fd, rc;

	if (strlen(name) >= sizeof(req.ifr_name))
		return -ENAMETOOLONG;
	memcpy(req.ifr_name, name, strlen(name));
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	rc = ioctl(fd, TUNSETIFF, &req) < 0 ? -errno : 0;
	if (rc == 0) {
		ipv6_off(name);
		rc = tun_up(name, ifindex);
	}
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int icmp_open(void)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);

	return fd < 0 ? -errno : fd;
}

int icmp_send(int fd, uint32_t dst, const uint8_t *packet, size_t len)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(dst) };

	return sendto(fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}
