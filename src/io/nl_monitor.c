/* SPDX-License-Identifier: BSD-2-Clause */
/* Watches the kernel's notices of IPv4 addresses (netlink.h). Lost notices are reported as "look again". */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/netlink.h"

struct nl_monitor {
	struct mnl_socket *sock;
	struct io_fd *fd;
	nl_monitor_fn *fn;
	void *ctx;
	_Alignas(struct nlmsghdr) char buf[32768];
};

static void monitor_row(struct nl_monitor *mon, const struct nlmsghdr *m, mono_t now)
{
	const struct ifaddrmsg *f = mnl_nlmsg_get_payload(m);
	struct ip_addr a = { 0 };
	const struct nlattr *at;

	if ((m->nlmsg_type != RTM_NEWADDR && m->nlmsg_type != RTM_DELADDR) || mnl_nlmsg_get_payload_len(m) < sizeof(*f) ||
	    f->ifa_family != AF_INET)
		return;
	mnl_attr_for_each(at, m, sizeof(*f)) {
		if (mnl_attr_get_type(at) == IFA_LOCAL && mnl_attr_get_payload_len(at) == 4) {
			a.af = 4;
			memcpy(a.b, mnl_attr_get_payload(at), 4);
		}
	}
	if (a.af)
		mon->fn(mon->ctx, &a, m->nlmsg_type == RTM_NEWADDR, now);
}

static void monitor_ready(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct nl_monitor *mon = ctx;
	ssize_t got = mnl_socket_recvfrom(mon->sock, mon->buf, sizeof(mon->buf));
	int left = (int)got;

	if (got < 0) {
		if (errno == ENOBUFS)
			mon->fn(mon->ctx, &(struct ip_addr){ 0 }, true, now);
		return;
	}
	for (struct nlmsghdr *m = (struct nlmsghdr *)mon->buf; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left))
		monitor_row(mon, m, now);
}

int nl_monitor_open(struct nl_monitor **out, struct io_loop *l, nl_monitor_fn *fn, void *ctx)
{
	struct nl_monitor *mon = calloc(1, sizeof(*mon));

	if (!mon)
		return -ENOMEM;
	mon->fn = fn;
	mon->ctx = ctx;
	mon->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!mon->sock || mnl_socket_bind(mon->sock, RTMGRP_IPV4_IFADDR, MNL_SOCKET_AUTOPID) < 0) {
		int err = errno;

		nl_monitor_close(mon);
		return -err;
	}
	mon->fd = io_fd_add(l, mnl_socket_get_fd(mon->sock), IO_READ, monitor_ready, mon);
	if (!mon->fd) {
		nl_monitor_close(mon);
		return -ENOMEM;
	}
	*out = mon;
	return 0;
}

void nl_monitor_close(struct nl_monitor *mon)
{
	if (!mon)
		return;
	io_fd_del(mon->fd);
	if (mon->sock)
		mnl_socket_close(mon->sock);
	free(mon);
}
