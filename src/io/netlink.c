/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rtnetlink requests over libmnl (netlink.h). The kernel works a request off while we are in sendmsg(), so its
 * answer is there when we read. In a batch only the last message asks for an acknowledgement; refusals come for
 * each.
 */
#include "io/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BATCH_CHANGES = 128,		/* each may be refused: that many answers fit the receive buffer */
	CHANGE_MAX = 128,		/* octets of one route change */
	REPLY_MAX = 32768,
};

struct change {
	bool add;
	struct ip_route route;
};

struct nl {
	struct mnl_socket *sock;
	uint32_t seq;
	unsigned queued;
	uint32_t first_seq;		/* of the queue */
	size_t len;
	struct nlmsghdr *last;
	struct change change[BATCH_CHANGES];
	nl_route_error_fn *on_error;
	void *ctx;
	_Alignas(struct nlmsghdr) char batch[BATCH_CHANGES * CHANGE_MAX];
	_Alignas(struct nlmsghdr) char reply[REPLY_MAX];
};

int nl_open(struct nl **out)
{
	struct nl *n = calloc(1, sizeof(*n));
	int one = 1;

	if (!n)
		return -ENOMEM;
	n->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!n->sock || mnl_socket_bind(n->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		int err = errno;

		nl_close(n);
		return -err;
	}
	mnl_socket_setsockopt(n->sock, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(n->sock, NETLINK_GET_STRICT_CHK, &one, sizeof(one));	/* the kernel filters dumps */
	*out = n;
	return 0;
}

void nl_close(struct nl *n)
{
	if (!n)
		return;
	if (n->sock) {
		nl_flush(n);
		mnl_socket_close(n->sock);
	}
	free(n);
}

void nl_on_route_error(struct nl *n, nl_route_error_fn *fn, void *ctx)
{
	n->on_error = fn;
	n->ctx = ctx;
}

/* ---- one request and its answers ---- */

typedef void nl_row_fn(const struct nlmsghdr *row, void *ctx);

static int error_of(const struct nlmsghdr *m)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(m);

	return mnl_nlmsg_get_payload_len(m) < sizeof(*e) ? -EBADMSG : e->error;
}

/* Reads until the acknowledgement, refusal or end of dump of request `seq`. */
static int nl_answer(struct nl *n, uint32_t seq, nl_row_fn *row, void *ctx)
{
	for (;;) {
		ssize_t got = mnl_socket_recvfrom(n->sock, n->reply, sizeof(n->reply));
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		for (struct nlmsghdr *m = (struct nlmsghdr *)n->reply; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
			if (m->nlmsg_seq != seq)	/* of an earlier request that was given up */
				continue;
			if (m->nlmsg_type == NLMSG_ERROR)
				return error_of(m);
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (row)
				row(m, ctx);
		}
	}
}

static int nl_talk(struct nl *n, struct nlmsghdr *m, nl_row_fn *row, void *ctx)
{
	int rc = nl_flush(n);

	(void)rc;	/* told through on_error; this request stands for itself */
	m->nlmsg_seq = ++n->seq;
	if (mnl_socket_sendto(n->sock, m, m->nlmsg_len) < 0)
		return -errno;
	return nl_answer(n, m->nlmsg_seq, row, ctx);
}

static int family_of(const struct ip_addr *a)
{
	return a->af == 6 ? AF_INET6 : AF_INET;
}

static size_t addr_len(const struct ip_addr *a)
{
	return a->af == 6 ? 16 : 4;
}

/* ---- routes ---- */

static struct nlmsghdr *route_put(char *at, const struct change *c, unsigned ifindex)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(at);
	struct rtmsg *r;

	m->nlmsg_type = c->add ? RTM_NEWROUTE : RTM_DELROUTE;
	m->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (c->add ? NLM_F_CREATE | NLM_F_EXCL : 0));
	r = mnl_nlmsg_put_extra_header(m, sizeof(*r));
	r->rtm_family = (unsigned char)family_of(&c->route.dst.addr);
	r->rtm_dst_len = c->route.dst.len;
	r->rtm_table = RT_TABLE_MAIN;
	r->rtm_protocol = NL_PROTO_ADIT;
	r->rtm_scope = c->add ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE;
	r->rtm_type = c->add ? RTN_UNICAST : RTN_UNSPEC;
	mnl_attr_put(m, RTA_DST, addr_len(&c->route.dst.addr), c->route.dst.addr.b);
	mnl_attr_put_u32(m, RTA_OIF, ifindex);
	if (c->route.metric)
		mnl_attr_put_u32(m, RTA_PRIORITY, c->route.metric);
	return m;
}

static int route_queue(struct nl *n, bool add, const struct ip_route *route, unsigned ifindex)
{
	int rc = n->queued == BATCH_CHANGES ? nl_flush(n) : 0;
	struct change *c = &n->change[n->queued];

	c->add = add;
	c->route = *route;
	n->last = route_put(n->batch + n->len, c, ifindex);
	n->last->nlmsg_seq = ++n->seq;
	if (n->queued++ == 0)
		n->first_seq = n->seq;
	n->len += MNL_ALIGN(n->last->nlmsg_len);
	return rc;
}

int nl_route_add(struct nl *n, const struct ip_route *route, unsigned ifindex)
{
	return route_queue(n, true, route, ifindex);
}

int nl_route_del(struct nl *n, const struct ip_route *route, unsigned ifindex)
{
	return route_queue(n, false, route, ifindex);
}

/* One answer to a batch. Return: true when it was the last one's. */
static bool batch_answer(struct nl *n, const struct nlmsghdr *m, uint32_t last, int *first_error)
{
	uint32_t at = m->nlmsg_seq - n->first_seq;
	int rc = m->nlmsg_type == NLMSG_ERROR ? error_of(m) : 0;

	if (at > last - n->first_seq)
		return false;
	if (rc && n->on_error)
		n->on_error(n->ctx, n->change[at].add, &n->change[at].route, rc);
	if (rc && !*first_error)
		*first_error = rc;
	return m->nlmsg_seq == last;
}

static int batch_answers(struct nl *n, uint32_t last)
{
	int first_error = 0;

	for (;;) {
		ssize_t got = mnl_socket_recvfrom(n->sock, n->reply, sizeof(n->reply));
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		for (struct nlmsghdr *m = (struct nlmsghdr *)n->reply; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left))
			if (batch_answer(n, m, last, &first_error))
				return first_error;
	}
}

static int batch_lost(struct nl *n, int rc)
{
	for (unsigned i = 0; i < n->queued && n->on_error; i++)
		n->on_error(n->ctx, n->change[i].add, &n->change[i].route, rc);
	return rc;
}

int nl_flush(struct nl *n)
{
	uint32_t last;
	int rc;

	if (!n->queued)
		return 0;
	n->last->nlmsg_flags |= NLM_F_ACK;
	last = n->last->nlmsg_seq;
	rc = mnl_socket_sendto(n->sock, n->batch, n->len) < 0 ? batch_lost(n, -errno) : batch_answers(n, last);
	n->queued = 0;
	n->len = 0;
	return rc;
}

/* ---- purge: rows of the dump are turned round and sent back as deletions ---- */

struct purge {
	char *octets;
	size_t len, cap;
	int rc;
};

static void purge_row(const struct nlmsghdr *m, void *ctx)
{
	struct purge *p = ctx;
	const struct rtmsg *r = mnl_nlmsg_get_payload(m);
	size_t len = MNL_ALIGN(m->nlmsg_len);

	if (m->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(m) < sizeof(*r) || r->rtm_protocol != NL_PROTO_ADIT)
		return;
	if (p->cap - p->len < len) {
		size_t cap = p->cap * 2 + 65536;
		char *bigger = realloc(p->octets, cap);

		if (!bigger) {
			p->rc = -ENOMEM;
			return;
		}
		p->octets = bigger;
		p->cap = cap;
	}
	memcpy(p->octets + p->len, m, m->nlmsg_len);
	p->len += len;
}

static int purge_dump(struct nl *n, int family, struct purge *p)
{
	_Alignas(struct nlmsghdr) char buf[MNL_NLMSG_HDRLEN + 64];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct rtmsg *r;

	m->nlmsg_type = RTM_GETROUTE;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	r = mnl_nlmsg_put_extra_header(m, sizeof(*r));
	r->rtm_family = (unsigned char)family;
	r->rtm_protocol = NL_PROTO_ADIT;
	return nl_talk(n, m, purge_row, p);
}

/* Deletes what the dump brought. Return: how many went. */
static int purge_send(struct nl *n, struct purge *p)
{
	int left = (int)p->len, gone = 0;

	for (struct nlmsghdr *m = (struct nlmsghdr *)(void *)p->octets; p->octets && mnl_nlmsg_ok(m, left);) {
		struct nlmsghdr *next = mnl_nlmsg_next(m, &left);

		m->nlmsg_type = RTM_DELROUTE;
		m->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
		m->nlmsg_pid = 0;
		gone += nl_talk(n, m, NULL, NULL) == 0;
		m = next;
	}
	return gone;
}

int nl_routes_purge(struct nl *n)
{
	struct purge p = { 0 };
	int rc = purge_dump(n, AF_INET, &p), gone;

	if (rc == 0)
		purge_dump(n, AF_INET6, &p);	/* a kernel without IPv6 has none */
	gone = purge_send(n, &p);
	free(p.octets);
	return rc ? rc : p.rc ? p.rc : gone;
}

/* ---- addresses and links ---- */

static struct nlmsghdr *addr_put(char *buf, uint16_t type, uint16_t flags, unsigned ifindex, const struct ip_prefix *a)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *f;

	m->nlmsg_type = type;
	m->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	f = mnl_nlmsg_put_extra_header(m, sizeof(*f));
	f->ifa_family = (unsigned char)family_of(&a->addr);
	f->ifa_index = ifindex;
	if (type == RTM_GETADDR)
		return m;
	f->ifa_prefixlen = a->len;
	f->ifa_scope = RT_SCOPE_UNIVERSE;
	mnl_attr_put(m, IFA_LOCAL, addr_len(&a->addr), a->addr.b);
	mnl_attr_put(m, IFA_ADDRESS, addr_len(&a->addr), a->addr.b);
	if (type == RTM_NEWADDR)
		mnl_attr_put_u8(m, IFA_PROTO, NL_PROTO_ADIT);
	return m;
}

int nl_addr_add(struct nl *n, unsigned ifindex, const struct ip_prefix *addr)
{
	_Alignas(struct nlmsghdr) char buf[256];

	return nl_talk(n, addr_put(buf, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, ifindex, addr), NULL, NULL);
}

int nl_addr_del(struct nl *n, unsigned ifindex, const struct ip_prefix *addr)
{
	_Alignas(struct nlmsghdr) char buf[256];

	return nl_talk(n, addr_put(buf, RTM_DELADDR, NLM_F_ACK, ifindex, addr), NULL, NULL);
}

struct addr_find {
	const struct ip_prefix *want;
	unsigned ifindex;
	bool ours;
};

static void addr_row(const struct nlmsghdr *m, void *ctx)
{
	struct addr_find *find = ctx;
	const struct ifaddrmsg *f = mnl_nlmsg_get_payload(m);
	const struct nlattr *at;
	bool same = false, marked = false;

	if (m->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(m) < sizeof(*f) || f->ifa_index != find->ifindex ||
	    f->ifa_prefixlen != find->want->len)
		return;
	mnl_attr_for_each(at, m, sizeof(*f)) {
		size_t len = mnl_attr_get_payload_len(at);

		if (mnl_attr_get_type(at) == (f->ifa_family == AF_INET ? IFA_LOCAL : IFA_ADDRESS))
			same = len == addr_len(&find->want->addr) &&
			       memcmp(mnl_attr_get_payload(at), find->want->addr.b, len) == 0;
		else if (mnl_attr_get_type(at) == IFA_PROTO)
			marked = len == 1 && mnl_attr_get_u8(at) == NL_PROTO_ADIT;
	}
	find->ours |= same && marked;
}

int nl_addr_is_ours(struct nl *n, unsigned ifindex, const struct ip_prefix *addr)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct addr_find find = { addr, ifindex, false };
	int rc = nl_talk(n, addr_put(buf, RTM_GETADDR, NLM_F_DUMP, ifindex, addr), addr_row, &find);

	return rc ? rc : find.ours;
}

int nl_link_set(struct nl *n, unsigned ifindex, bool up, unsigned mtu)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *f;

	m->nlmsg_type = RTM_NEWLINK;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	f = mnl_nlmsg_put_extra_header(m, sizeof(*f));
	f->ifi_family = AF_UNSPEC;
	f->ifi_index = (int)ifindex;
	f->ifi_change = IFF_UP;
	f->ifi_flags = up ? IFF_UP : 0;
	if (mtu)
		mnl_attr_put_u32(m, IFLA_MTU, mtu);
	return nl_talk(n, m, NULL, NULL);
}

static void link_row(const struct nlmsghdr *m, void *ctx)
{
	const struct ifinfomsg *f = mnl_nlmsg_get_payload(m);

	if (m->nlmsg_type == RTM_NEWLINK && mnl_nlmsg_get_payload_len(m) >= sizeof(*f))
		*(bool *)ctx = f->ifi_flags & IFF_UP;
}

int nl_link_is_up(struct nl *n, unsigned ifindex)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *f;
	bool up = false;
	int rc;

	m->nlmsg_type = RTM_GETLINK;
	m->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	f = mnl_nlmsg_put_extra_header(m, sizeof(*f));
	f->ifi_family = AF_UNSPEC;
	f->ifi_index = (int)ifindex;
	rc = nl_talk(n, m, link_row, &up);
	return rc ? rc : up;
}
