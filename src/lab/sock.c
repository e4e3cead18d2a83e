/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP sockets of the lab. A full send buffer loses datagrams, as a network would; they are counted. */
#include "lab/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hmap.h"
#include "lab/udp.h"

enum { BATCH = 32, BATCHES_A_TURN = 8 };

struct lab_sock {
	struct hmap_node node;		/* by local address and port */
	struct lab_socks *all;
	struct io_fd *watch;
	int fd;
};

struct lab_socks {
	lab_rx_fn *rx;
	void *ctx;
	struct io_loop *loop;
	struct lab_sock *sock;
	struct l2tp_path *path;
	unsigned count;			/* the probes' socket is the last */
	bool probes;
	struct hmap by_path;
	uint64_t dropped;
	/* what waits to be sent, all of one socket */
	int out_fd;
	unsigned out;
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage to[BATCH];
	uint8_t buf[BATCH][LAB_DATAGRAM_MAX];
};

/* ---- addresses ---- */

static int socket_name(int fd, struct ip_addr *a, uint16_t *port)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return -errno;
	udp_sockaddr_read(&ss, a, port);
	return 0;
}

/* The source address that routing chooses towards the LNS. */
static int source_of(const struct lab_conf *c, struct ip_addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = udp_sockaddr(&ss, &c->lns, c->lns_port);
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;
	uint16_t port;

	if (fd < 0)
		return -errno;
	rc = connect(fd, (struct sockaddr *)&ss, len) < 0 ? -errno : socket_name(fd, a, &port);
	close(fd);
	return rc;
}

/* ---- receiving ---- */

static unsigned sock_read(struct lab_sock *s, mono_t now)
{
	static uint8_t buf[BATCH][LAB_DATAGRAM_MAX];
	struct sockaddr_storage from[BATCH];
	struct mmsghdr msg[BATCH] = { 0 };
	struct iovec iov[BATCH];
	struct l2tp_path path = s->all->path[s - s->all->sock];
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ buf[i], sizeof(buf[i]) };
		msg[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof(from[i]),
						  .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	n = recvmmsg(s->fd, msg, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		udp_sockaddr_read(&from[i], &path.peer, &path.peer_port);
		s->all->rx(s->all->ctx, &path, buf[i], msg[i].msg_len, now);
	}
	return n > 0 ? (unsigned)n : 0;
}

static void sock_ready(void *ctx, int fd, unsigned ready, mono_t now)
{
	for (unsigned i = 0; i < BATCHES_A_TURN && sock_read(ctx, now) == BATCH; i++)
		;
}

/* ---- sending ---- */

void lab_socks_flush(struct lab_socks *s)
{
	unsigned done = 0;

	while (done < s->out) {
		int n = sendmmsg(s->out_fd, s->msg + done, s->out - done, MSG_DONTWAIT);

		if (n > 0) {
			done += (unsigned)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		s->dropped++;	/* the first of them; ECONNREFUSED and the like tell of an earlier one */
		done++;
	}
	s->out = 0;
}

static uint64_t path_hash(const struct l2tp_path *p)
{
	return ip_addr_hash(&p->local, p->local_port);
}

static struct lab_sock *sock_of(struct lab_socks *s, const struct l2tp_path *p)
{
	hmap_for(n, &s->by_path, path_hash(p)) {
		struct lab_sock *k = container_of(n, struct lab_sock, node);
		const struct l2tp_path *own = &s->path[k - s->sock];

		if (own->local_port == p->local_port && ip_addr_eq(&own->local, &p->local))
			return k;
	}
	return NULL;
}

void lab_socks_send(void *socks, const struct l2tp_path *path, const uint8_t *msg, size_t len)
{
	struct lab_socks *s = socks;
	struct lab_sock *k = sock_of(s, path);
	unsigned i;

	if (!k || len > LAB_DATAGRAM_MAX) {
		s->dropped++;
		return;
	}
	if (s->out == BATCH || (s->out && s->out_fd != k->fd))
		lab_socks_flush(s);
	i = s->out++;
	s->out_fd = k->fd;
	memcpy(s->buf[i], msg, len);
	s->iov[i] = (struct iovec){ s->buf[i], len };
	s->msg[i].msg_hdr = (struct msghdr){ .msg_name = &s->to[i], .msg_iov = &s->iov[i], .msg_iovlen = 1 };
	s->msg[i].msg_hdr.msg_namelen = udp_sockaddr(&s->to[i], &path->peer, path->peer_port);
}

uint64_t lab_socks_dropped(const struct lab_socks *s)
{
	return s->dropped;
}

uint64_t lab_socks_lost(const struct lab_socks *s)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < s->count; i++)
		lost += udp_lost(s->sock[i].fd);
	return lost;
}

/* ---- opening ---- */

/* The kernel fragments what is too long for the path, rather than refuse it. */
static void socket_options(int fd, int family)
{
	int dont = family == AF_INET ? IP_PMTUDISC_DONT : IPV6_PMTUDISC_DONT;

	udp_large_buffers(fd);
	if (family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont));
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &dont, sizeof(dont));
}

static int sock_bind(struct lab_sock *k, const struct ip_addr *local, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = udp_sockaddr(&ss, local, port);

	k->fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (k->fd < 0)
		return -errno;
	socket_options(k->fd, ss.ss_family);
	return bind(k->fd, (struct sockaddr *)&ss, len) < 0 ? -errno : 0;
}

static int sock_open(struct lab_socks *s, unsigned i, const struct lab_conf *c, const struct ip_addr *local, uint16_t port)
{
	struct lab_sock *k = &s->sock[i];
	struct l2tp_path *p = &s->path[i];
	int rc;

	k->all = s;
	rc = sock_bind(k, local, port);
	*p = (struct l2tp_path){ .peer = c->lns, .peer_port = c->lns_port };
	if (rc == 0)
		rc = socket_name(k->fd, &p->local, &p->local_port);
	if (rc < 0)
		return rc;
	k->watch = io_fd_add(s->loop, k->fd, IO_READ, sock_ready, k);
	return k->watch && hmap_add(&s->by_path, &k->node, path_hash(p)) == 0 ? 0 : -ENOMEM;
}

static void files_raise(unsigned wanted)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= wanted + 64)
		return;
	r.rlim_cur = wanted + 64;
	if (r.rlim_max < r.rlim_cur)
		r.rlim_max = r.rlim_cur;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

int lab_socks_open(struct lab_socks **out, const struct lab_conf *c, struct io_loop *loop, lab_rx_fn *rx, void *ctx,
		   const char **what)
{
	struct lab_socks *s = calloc(1, sizeof(*s));
	const struct ip_addr *locals = c->locals;
	unsigned n = c->local_count ? c->local_count : 1, count = (c->source_port ? n : c->tunnels) + (c->probes > 0);
	struct ip_addr source;
	int rc;

	*what = "out of memory";
	if (!s)
		return -ENOMEM;
	s->rx = rx;
	s->ctx = ctx;
	s->probes = c->probes > 0;
	s->loop = loop;
	s->sock = calloc(count, sizeof(*s->sock));
	s->path = calloc(count, sizeof(*s->path));
	if (!s->sock || !s->path) {
		lab_socks_close(s);
		return -ENOMEM;
	}
	*what = "no route to the LNS";
	rc = c->local_count ? 0 : source_of(c, &source);
	if (!c->local_count)
		locals = &source;
	files_raise(count);
	while (rc == 0 && s->count < count) {
		*what = "cannot bind a source address";
		rc = sock_open(s, s->count, c, &locals[s->count % n],
			       s->probes && s->count == count - 1 ? 0 : c->source_port);
		s->count++;
	}
	if (rc < 0)
		lab_socks_close(s);
	else
		*out = s;
	return rc;
}

void lab_socks_close(struct lab_socks *s)
{
	for (unsigned i = 0; i < s->count; i++) {
		io_fd_del(s->sock[i].watch);
		if (s->sock[i].fd >= 0)
			close(s->sock[i].fd);
	}
	hmap_fini(&s->by_path);
	free(s->sock);
	free(s->path);
	free(s);
}

const struct l2tp_path *lab_socks_paths(const struct lab_socks *s, unsigned *count)
{
	*count = s->count - s->probes;
	return s->path;
}

const struct l2tp_path *lab_socks_probe_path(const struct lab_socks *s)
{
	return s->probes ? &s->path[s->count - 1] : NULL;
}
