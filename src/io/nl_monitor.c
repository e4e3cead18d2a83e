/* SPDX-License-Identifier: BSD-2-Clause */
/* Watches the kernel's notices of IPv4 addresses, or of devices (netlink.h). Lost notices are reported as "look again". */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "io/netlink.h"

struct nl_monitor {
	struct mnl_socket *sock;
	struct io_fd *fd;
	nl_monitor_fn *addr;		/* one of the two */
	nl_monitor_link_fn *link;
	void *ctx;
	_Alignas(struct nlmsghdr) char buf[32768];
};

static void addr_row(struct nl_monitor *mon, const struct nlmsghdr *m, mono_t now)
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
		mon->addr(mon->ctx, &a, m->nlmsg_type == RTM_NEWADDR, now);
}

static void link_row(struct nl_monitor *mon, const struct nlmsghdr *m, mono_t now)
{
	const struct ifinfomsg *f = mnl_nlmsg_get_payload(m);

	if (m->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(m) < sizeof(*f) || f->ifi_index <= 0)
		return;
	mon->link(mon->ctx, (unsigned)f->ifi_index, f->ifi_flags & IFF_UP, now);
}

static void monitor_lost(struct nl_monitor *mon, mono_t now)
{
	if (mon->link)
		mon->link(mon->ctx, 0, true, now);
	else
		mon->addr(mon->ctx, &(struct ip_addr){ 0 }, true, now);
}

static void monitor_ready(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct nl_monitor *mon = ctx;
	ssize_t got = mnl_socket_recvfrom(mon->sock, mon->buf, sizeof(mon->buf));
	int left = (int)got;

	if (got < 0) {
		if (errno == ENOBUFS)
			monitor_lost(mon, now);
		return;
	}
	for (struct nlmsghdr *m = (struct nlmsghdr *)mon->buf; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left))
		(mon->link ? link_row : addr_row)(mon, m, now);
}

static int monitor_begin(struct nl_monitor *mon, struct io_loop *l)
{
	mon->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!mon->sock || mnl_socket_bind(mon->sock, mon->link ? RTMGRP_LINK : RTMGRP_IPV4_IFADDR, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	mon->fd = io_fd_add(l, mnl_socket_get_fd(mon->sock), IO_READ, monitor_ready, mon);
	return mon->fd ? 0 : -ENOMEM;
}

static int monitor_open(struct nl_monitor **out, struct io_loop *l, nl_monitor_fn *addr, nl_monitor_link_fn *link, void *ctx)
{
	struct nl_monitor *mon = calloc(1, sizeof(*mon));
	int rc;

	if (!mon)
		return -ENOMEM;
	mon->addr = addr;
	mon->link = link;
	mon->ctx = ctx;
	rc = monitor_begin(mon, l);
	if (rc) {
		nl_monitor_close(mon);
		return rc;
	}
	*out = mon;
	return 0;
}

int nl_monitor_open(struct nl_monitor **out, struct io_loop *l, nl_monitor_fn *fn, void *ctx)
{
	return monitor_open(out, l, fn, NULL, ctx);
}

int nl_monitor_links(struct nl_monitor **out, struct io_loop *l, nl_monitor_link_fn *fn, void *ctx)
{
	return monitor_open(out, l, NULL, fn, ctx);
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
