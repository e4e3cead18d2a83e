/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP client sockets (udp.h): sendmmsg and recvmmsg over buffers that a set shares. */
#include "io/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"

enum {
	DATAGRAM_MAX = 4096,
	BATCH = 64,
	ROUNDS = 16,			/* batches a socket may have in one turn */
	BUFFER = 8 << 20,
};

struct udp_sock {
	struct list link;
	struct udp_set *set;
	struct io_fd *watch;
	void *user;
	int fd;
};

struct udp_set {
	struct io_loop *loop;
	udp_rx_fn *rx;
	void *ctx;
	struct list socks;
	struct udp_counts counts;
	struct udp_sock *sending;	/* whose datagrams are queued */
	unsigned queued;
	struct mmsghdr msg[BATCH], rx_msg[BATCH];
	struct iovec iov[BATCH], rx_iov[BATCH];
	struct sockaddr_storage to[BATCH], from[BATCH];
	uint8_t out[BATCH][DATAGRAM_MAX], in[BATCH][DATAGRAM_MAX];
};

/* ---- addresses ---- */

static socklen_t sockaddr_of(struct sockaddr_storage *to, uint8_t af, const struct ip_addr *a, uint16_t port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *in = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	if (af == 6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, a->b, 16);
		return sizeof(*in6);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, a->b, 4);
	return sizeof(*in);
}

static struct ip_addr addr_of(const struct sockaddr_storage *from, uint16_t *port)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;
	struct ip_addr a = { 0 };

	if (from->ss_family == AF_INET6) {
		a.af = 6;
		memcpy(a.b, &in6->sin6_addr, 16);
		*port = ntohs(in6->sin6_port);
	} else {
		a.af = 4;
		memcpy(a.b, &in->sin_addr, 4);
		*port = ntohs(in->sin_port);
	}
	return a;
}

/* ---- receiving ---- */

static void rx_prepare(struct udp_set *set)
{
	for (unsigned i = 0; i < BATCH; i++) {
		set->rx_iov[i] = (struct iovec){ set->in[i], DATAGRAM_MAX };
		set->rx_msg[i].msg_hdr = (struct msghdr){ .msg_name = &set->from[i], .msg_namelen = sizeof(set->from[i]),
							  .msg_iov = &set->rx_iov[i], .msg_iovlen = 1 };
	}
}

/* Return: whether there may be more. */
static bool rx_batch(struct udp_sock *s, mono_t now)
{
	struct udp_set *set = s->set;
	void *user = s->user;
	int n;

	rx_prepare(set);
	n = recvmmsg(s->fd, set->rx_msg, BATCH, 0, NULL);
	for (int i = 0; i < n; i++) {
		uint16_t port;
		struct ip_addr from = addr_of(&set->from[i], &port);

		set->counts.rx++;
		set->rx(set->ctx, user, &from, port, span_of(set->in[i], set->rx_msg[i].msg_len), now);
	}
	return n == BATCH;
}

static void sock_ready(void *ctx, int fd, unsigned ready, mono_t now)
{
	for (unsigned i = 0; i < ROUNDS && rx_batch(ctx, now); i++)
		;
}

/* ---- sending ---- */

/* What the system does not take is lost like any datagram; the protocol above repeats. */
void udp_flush(struct udp_set *set)
{
	for (unsigned done = 0; done < set->queued;) {
		int n = sendmmsg(set->sending->fd, set->msg + done, set->queued - done, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0)
			set->counts.tx += (unsigned)n;
		else
			set->counts.tx_errors++;
		done += n > 0 ? (unsigned)n : 1;
	}
	set->queued = 0;
	set->sending = NULL;
}

void udp_send(struct udp_sock *s, const struct ip_addr *to, uint16_t port, struct span data)
{
	struct udp_set *set = s->set;
	unsigned i;

	if (data.len > DATAGRAM_MAX) {
		set->counts.tx_errors++;
		return;
	}
	if (set->queued == BATCH || (set->sending && set->sending != s))
		udp_flush(set);
	i = set->queued++;
	set->sending = s;
	memcpy(set->out[i], data.p, data.len);
	set->iov[i] = (struct iovec){ set->out[i], data.len };
	set->msg[i].msg_hdr = (struct msghdr){ .msg_name = &set->to[i], .msg_iov = &set->iov[i], .msg_iovlen = 1,
					       .msg_namelen = sockaddr_of(&set->to[i], to->af, to, port) };
}

/* ---- life ---- */

static void buffers_set(int fd)
{
	int size = BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));	/* less is slower, not wrong */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int socket_bound(uint8_t af, const struct ip_addr *local)
{
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_of(&sa, af, local, 0);
	int fd = socket(af == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		return -errno;
	buffers_set(fd);
	if ((af == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) < 0) ||
	    bind(fd, (struct sockaddr *)&sa, len) < 0) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

int udp_open(struct udp_set *set, uint8_t af, const struct ip_addr *local, void *user, struct udp_sock **out)
{
	struct udp_sock *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->fd = socket_bound(local->af ? local->af : af, local);
	if (s->fd < 0) {
		int rc = s->fd;

		free(s);
		return rc;
	}
	s->set = set;
	s->user = user;
	list_push_back(&set->socks, &s->link);
	s->watch = io_fd_add(set->loop, s->fd, IO_READ, sock_ready, s);
	if (!s->watch) {
		udp_close(s);
		return -ENOMEM;
	}
	*out = s;
	return 0;
}

void udp_close(struct udp_sock *s)
{
	if (!s)
		return;
	if (s->set->sending == s)
		udp_flush(s->set);
	list_del(&s->link);
	io_fd_del(s->watch);
	close(s->fd);
	free(s);
}

struct udp_set *udp_set_new(struct io_loop *loop, udp_rx_fn *rx, void *ctx)
{
	struct udp_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->loop = loop;
	set->rx = rx;
	set->ctx = ctx;
	list_init(&set->socks);
	return set;
}

void udp_set_free(struct udp_set *set)
{
	struct list *l;

	if (!set)
		return;
	while ((l = list_first(&set->socks)))
		udp_close(container_of(l, struct udp_sock, link));
	free(set);
}

struct udp_counts udp_counts(const struct udp_set *set)
{
	return set->counts;
}
