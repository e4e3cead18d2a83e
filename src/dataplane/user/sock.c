/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP sockets of the tunnel side (sock.h): recvmmsg and sendmsg. RFC 2661 §8.1 for port and checksum. */
#include "dataplane/user/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/netlink.h"

enum {
	DATAGRAM_MAX = 65536,
	BATCH = 32,			/* datagrams that are read at once; of a buffer only what a datagram filled is used */
	CONTROL = 128,			/* octets of control messages with each */
	BUFFER = 8 << 20,
	RETRY_S = 1,
	LEAVING_MAX = 65536,		/* datagrams that are read from a socket that is wanted no more */
};

struct sock {
	struct list link;
	struct socks *set;
	struct ip_addr addr;		/* none: wildcard */
	int fd;				/* -1: not bound */
	struct io_fd *watch;
	bool no_check;			/* SO_NO_CHECK as it is set now */
	bool wanted;			/* mark of socks_set() */
	unsigned leaving;		/* not 0: wanted no more, so many datagrams may still be read */
	uint32_t lost;			/* by the kernel, as it said last */
	bool reported, up;
};

struct socks {
	struct io_loop *loop;
	struct socks_conf conf;
	struct list socks;
	struct io_timer *retry;
	struct nl_monitor *monitor;
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in from[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CONTROL];
	uint8_t buf[BATCH][DATAGRAM_MAX];
};

/* ---- receiving ---- */

static struct ip_addr addr_of(struct in_addr in)
{
	return ip4_of(ntohl(in.s_addr));
}

static bool local_of(struct msghdr *m, struct ip_addr *local)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			*local = addr_of(info.ipi_addr);
			return true;
		}
	}
	return false;
}

/* SO_RXQ_OVFL: what the kernel has dropped at this socket since it was made; with a datagram, if there is anything. */
static void note_lost(struct sock *k, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
			uint32_t lost;

			memcpy(&lost, CMSG_DATA(c), sizeof(lost));
			if (lost != k->lost)
				k->set->conf.lost(k->set->conf.ctx, lost - k->lost);
			k->lost = lost;
		}
	}
}

static void receive_prepare(struct socks *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		s->iov[i] = (struct iovec){ s->buf[i], sizeof(s->buf[i]) };
		s->msg[i].msg_hdr = (struct msghdr){ .msg_name = &s->from[i], .msg_namelen = sizeof(s->from[i]),
						     .msg_iov = &s->iov[i], .msg_iovlen = 1,
						     .msg_control = s->control[i], .msg_controllen = CONTROL };
	}
}

static void deliver(struct sock *k, unsigned i, mono_t now)
{
	struct socks *s = k->set;
	struct dp_rx rx = { .local = k->addr, .local_port = s->conf.port };
	struct msghdr *m = &s->msg[i].msg_hdr;

	note_lost(k, m);
	if (m->msg_namelen < sizeof(s->from[i]) || s->from[i].sin_family != AF_INET)
		return;
	local_of(m, &rx.local);
	rx.peer = addr_of(s->from[i].sin_addr);
	rx.peer_port = ntohs(s->from[i].sin_port);
	s->conf.rx(s->conf.ctx, &rx, span_of(s->buf[i], s->msg[i].msg_len), now);
}

/* Return: how many it has read, `most` and BATCH at most; 0 when the socket has no more. */
static unsigned receive(struct sock *k, unsigned most, mono_t now)
{
	unsigned want = most < BATCH ? most : BATCH;
	int n;

	receive_prepare(k->set, want);
	do
		n = recvmmsg(k->fd, k->set->msg, want, 0, NULL);
	while (n < 0 && errno == EINTR);
	for (int i = 0; i < n; i++)
		deliver(k, (unsigned)i, now);
	return n > 0 ? (unsigned)n : 0;
}

static void sock_free(struct sock *k);

static void leaving_ready(struct sock *k, mono_t now)
{
	for (unsigned left = k->set->conf.burst, n; left; left -= n) {
		n = receive(k, k->leaving < left ? k->leaving : left, now);
		k->leaving -= n;
		if (!n || !k->leaving) {
			sock_free(k);
			return;
		}
	}
}

static void sock_ready(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct sock *k = ctx;
	unsigned left = k->set->conf.burst, n;

	if (k->leaving) {
		leaving_ready(k, now);
		return;
	}
	do {
		n = receive(k, left, now);
		left -= n;
	} while (left && n == BATCH);
}

/* ---- binding ---- */

static void option_set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) < 0)
		return;		/* what a kernel lacks costs speed, not correctness */
}

static void buffers_set(int fd)
{
	int size = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		option_set(fd, SOL_SOCKET, SO_RCVBUF, size);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		option_set(fd, SOL_SOCKET, SO_SNDBUF, size);
}

static struct sockaddr_in sockaddr_of(const struct ip_addr *a, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip4_num(a)) };
}

/* @shared: also where a socket of ours that allows it has the port. The new one allows nothing. */
static int socket_bound(const struct ip_addr *addr, uint16_t port, bool shared)
{
	struct sockaddr_in sa = sockaddr_of(addr, port);
	int fd;

	if (addr->af == 6)
		return -EAFNOSUPPORT;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	option_set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	option_set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
	option_set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
	buffers_set(fd);
	option_set(fd, SOL_SOCKET, SO_REUSEADDR, shared);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		int err = errno;

		close(fd);
		return -err;
	}
	option_set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
	return fd;
}

static void report(struct sock *k, bool up)
{
	if (k->reported && k->up == up)
		return;
	k->reported = true;
	k->up = up;
	if (!ip_addr_is_none(&k->addr))
		k->set->conf.local(k->set->conf.ctx, &k->addr, up);
}

static void sock_shut(struct sock *k)
{
	io_fd_del(k->watch);
	k->watch = NULL;
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
	k->no_check = false;
}

static bool is_leaving_any(const struct socks *s)
{
	list_for(i, &s->socks)
		if (container_of(i, struct sock, link)->leaving)
			return true;
	return false;
}

/* Return: 0 when the socket is open. */
static int sock_open(struct sock *k)
{
	int fd = k->fd;

	if (fd >= 0 || k->leaving)
		return 0;
	fd = socket_bound(&k->addr, k->set->conf.port, false);
	if (fd == -EADDRINUSE && is_leaving_any(k->set))
		fd = socket_bound(&k->addr, k->set->conf.port, true);
	if (fd < 0) {
		report(k, false);
		return fd;
	}
	k->fd = fd;
	k->watch = io_fd_add(k->set->loop, fd, IO_READ, sock_ready, k);
	if (!k->watch) {
		sock_shut(k);
		return -ENOMEM;
	}
	report(k, true);
	return 0;
}

/* Tries every socket that is not open; comes again while one is missing. */
static int socks_open(struct socks *s)
{
	int first = 0;

	list_for(i, &s->socks) {
		int rc = sock_open(container_of(i, struct sock, link));

		first = first ? first : rc;
	}
	io_timer_set(s->retry, first ? mono_add_s(io_mono_now(), RETRY_S) : MONO_NEVER);
	return first;
}

static void retry_due(void *ctx, mono_t now)
{
	socks_open(ctx);
}

/* Whether the machine has the address: a socket on any port can be bound to it. */
static bool address_present(const struct ip_addr *a)
{
	int fd = socket_bound(a, 0, false);

	if (fd >= 0)
		close(fd);
	return fd != -EADDRNOTAVAIL;
}

/* Addresses changed: one may be missing now (its socket would stay bound, and deaf), one may be there at last.
 * */
static void addresses_changed(void *ctx, const struct ip_addr *addr, bool present, mono_t now)
{
	struct socks *s = ctx;

	list_for(i, &s->socks) {
		struct sock *k = container_of(i, struct sock, link);

		if (k->fd >= 0 && !k->leaving && !ip_addr_is_none(&k->addr) && (!present || ip_addr_is_none(addr)) &&
		    !address_present(&k->addr)) {
			sock_shut(k);
			report(k, false);
		}
	}
	socks_open(s);
}

/* ---- the set ---- */

static void sock_free(struct sock *k)
{
	sock_shut(k);
	list_del(&k->link);
	free(k);
}

static struct sock *sock_for(const struct socks *s, const struct ip_addr *addr)
{
	list_for(i, &s->socks) {
		struct sock *k = container_of(i, struct sock, link);

		if (!k->leaving && ip_addr_eq(&k->addr, addr))
			return k;
	}
	return NULL;
}

static int sock_want(struct socks *s, const struct ip_addr *addr)
{
	struct sock *k = sock_for(s, addr);

	if (!k) {
		k = calloc(1, sizeof(*k));
		if (!k)
			return -ENOMEM;
		k->set = s;
		k->addr = *addr;
		k->fd = -1;
		list_push_back(&s->socks, &k->link);
	}
	k->wanted = true;
	return 0;
}

/*
 * A socket that is wanted no more goes when those that take its place are there, and when it has been read out: a change
 * of the configuration loses no datagram. Connected to itself, it is nobody's destination any more.
 */
static void sock_leave(struct sock *k)
{
	if (k->leaving)
		return;
	if (k->fd < 0) {
		sock_free(k);
		return;
	}
	k->leaving = LEAVING_MAX;
	option_set(k->fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

static void step_aside(struct sock *k)
{
	struct sockaddr_in self = sockaddr_of(&k->addr, k->set->conf.port);
	uint8_t octet;

	if (ip_addr_is_none(&k->addr))
		self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* one that cannot goes on as it is, for LEAVING_MAX datagrams */
	(void)!connect(k->fd, (struct sockaddr *)&self, sizeof(self));
	if (recv(k->fd, &octet, sizeof(octet), MSG_PEEK) < 0)
		sock_free(k);
}

int socks_set(struct socks *s, const struct ip_addr *addrs, unsigned n)
{
	static const struct ip_addr wildcard;
	int rc = 0;

	list_for(i, &s->socks)
		container_of(i, struct sock, link)->wanted = false;
	for (unsigned i = 0; i < n && !rc; i++)
		rc = sock_want(s, &addrs[i]);
	if (!n)
		rc = sock_want(s, &wildcard);
	if (rc)
		return rc;
	list_for_safe(i, &s->socks)
		if (!container_of(i, struct sock, link)->wanted)
			sock_leave(container_of(i, struct sock, link));
	rc = socks_open(s);
	list_for_safe(i, &s->socks)
		if (container_of(i, struct sock, link)->leaving)
			step_aside(container_of(i, struct sock, link));
	return n ? 0 : rc;
}

int socks_new(struct socks **out, struct io_loop *l, const struct socks_conf *conf)
{
	struct socks *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	s->loop = l;
	s->conf = *conf;
	list_init(&s->socks);
	s->retry = io_timer_add(l, retry_due, s);
	rc = s->retry ? nl_monitor_open(&s->monitor, l, addresses_changed, s) : -ENOMEM;
	if (rc) {
		socks_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

void socks_free(struct socks *s)
{
	if (!s)
		return;
	list_for_safe(i, &s->socks)
		sock_free(container_of(i, struct sock, link));
	nl_monitor_close(s->monitor);
	io_timer_del(s->retry);
	free(s);
}

/* ---- sending ---- */

static void check_set(struct sock *k, bool checksum)
{
	if (k->no_check == !checksum)
		return;
	k->no_check = !checksum;
	option_set(k->fd, SOL_SOCKET, SO_NO_CHECK, k->no_check);
}

/* From a wildcard socket the source address is named in the message. */
static void source_put(struct msghdr *m, char *control, const struct ip_addr *local)
{
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(ip4_num(local)) };
	struct cmsghdr *c;

	m->msg_control = control;
	m->msg_controllen = CMSG_SPACE(sizeof(info));
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
}

int socks_send(struct socks *s, const struct ip_addr *local, const struct ip_addr *peer, uint16_t peer_port,
	       bool checksum, const uint8_t *buf, size_t len)
{
	static const struct ip_addr wildcard;
	struct sock *k = sock_for(s, local);
	struct sockaddr_in to = sockaddr_of(peer, peer_port);
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = { 0 };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1 };

	if (peer->af != 4)
		return -EAFNOSUPPORT;
	k = k ? k : sock_for(s, &wildcard);
	if (!k || k->fd < 0)
		return -EADDRNOTAVAIL;
	if (ip_addr_is_none(&k->addr) && !ip_addr_is_any(local))
		source_put(&m, control, local);
	check_set(k, checksum);
	return sendmsg(k->fd, &m, 0) < 0 ? -errno : 0;
}
