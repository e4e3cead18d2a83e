/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab's RADIUS server on the event loop: two sockets read and written in batches, logs, the summary. */
#include "lab/radius.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "io/loop.h"
#include "lab/radius_report.h"
#include "lab/udp.h"

enum { BATCH = 64, BATCHES_A_TURN = 16 };

struct port {
	struct server *server;
	struct io_fd *watch;
	FILE *log;
	int fd;				/* -1: not served */
	/* answers that wait for the end of the batch */
	unsigned out;
	struct mmsghdr msg[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage to[BATCH];
	uint8_t buf[BATCH][RADIUS_PKT_MAX];
};

struct server {
	const struct radius_options *o;
	struct io_loop *loop;
	struct io_timer *timer;
	struct lab_radius *radius;
	struct port port[LAB_RADIUS_PORTS];
	mono_t begun;
};

/* ---- sending ---- */

/* What a full buffer does not take is lost, as in a network. */
static void port_flush(struct port *p)
{
	unsigned done = 0;

	while (done < p->out) {
		int n = sendmmsg(p->fd, p->msg + done, p->out - done, MSG_DONTWAIT);

		if (n > 0)
			done += (unsigned)n;
		else if (errno != EINTR)
			done++;
	}
	p->out = 0;
}

static void answers_send(struct server *s, mono_t now)
{
	uint8_t buf[RADIUS_PKT_MAX];
	struct lab_radius_peer to;
	size_t len;

	while ((len = lab_radius_tx(s->radius, &to, buf, sizeof(buf), now))) {
		struct port *p = &s->port[to.at];
		unsigned i = p->out++;

		memcpy(p->buf[i], buf, len);
		p->iov[i] = (struct iovec){ p->buf[i], len };
		p->msg[i].msg_hdr = (struct msghdr){ .msg_name = &p->to[i], .msg_iov = &p->iov[i], .msg_iovlen = 1 };
		p->msg[i].msg_hdr.msg_namelen = udp_sockaddr(&p->to[i], &to.addr, to.port);
		if (p->out == BATCH)
			port_flush(p);
	}
	for (unsigned i = 0; i < LAB_RADIUS_PORTS; i++)
		port_flush(&s->port[i]);
}

/* ---- receiving ---- */

static void request_take(struct port *p, const struct sockaddr_storage *from, struct span msg, mono_t now)
{
	struct server *s = p->server;
	struct lab_radius_peer peer = { .at = (enum lab_radius_port)(p - s->port) };
	struct lab_radius_taken t;

	udp_sockaddr_read(from, &peer.addr, &peer.port);
	t = lab_radius_rx(s->radius, &peer, msg.p, msg.len, now);
	if (t.fresh && p->log)
		(void)radius_line_json(&t, &peer, io_loop_wall(s->loop), s->o->conf.secret, p->log);
}

static unsigned port_read(struct port *p, mono_t now)
{
	static uint8_t buf[BATCH][RADIUS_PKT_MAX];
	struct sockaddr_storage from[BATCH];
	struct mmsghdr msg[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ buf[i], sizeof(buf[i]) };
		msg[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof(from[i]),
						  .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	n = recvmmsg(p->fd, msg, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		request_take(p, &from[i], span_of(buf[i], msg[i].msg_len), now);
	return n > 0 ? (unsigned)n : 0;
}

static void port_ready(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct port *p = ctx;
	unsigned n = BATCH;

	for (unsigned i = 0; i < BATCHES_A_TURN && n == BATCH; i++) {
		n = port_read(p, now);
		answers_send(p->server, now);
	}
}

static int port_open(struct server *s, enum lab_radius_port at)
{
	struct port *p = &s->port[at];
	struct sockaddr_storage ss;
	socklen_t len = udp_sockaddr(&ss, &s->o->listen[at].addr, s->o->listen[at].port);

	p->fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		return -errno;
	udp_large_buffers(p->fd);
	if (bind(p->fd, (struct sockaddr *)&ss, len) < 0)
		return -errno;
	p->watch = io_fd_add(s->loop, p->fd, IO_READ, port_ready, p);
	return p->watch ? 0 : -ENOMEM;
}

/* ---- the loop's callbacks ---- */

static void on_timer(void *ctx, mono_t now)
{
}

static void at_turns_end(void *ctx, mono_t now, struct wall wall)
{
	struct server *s = ctx;

	lab_radius_expire(s->radius, now);
	answers_send(s, now);
	for (unsigned i = 0; i < LAB_RADIUS_PORTS; i++)
		if (s->port[i].log)
			fflush(s->port[i].log);
	io_timer_set(s->timer, lab_radius_deadline(s->radius));
}

static void on_end(void *ctx, int signo)
{
	struct server *s = ctx;

	io_loop_stop(s->loop);
}

static void on_silence(void *ctx, int signo)
{
	struct server *s = ctx;
	bool silent = !lab_radius_is_silent(s->radius);

	lab_radius_silence(s->radius, silent);
	fprintf(stderr, "adit-lab: %s\n", silent ? "silent" : "answering");
}

/* ---- the whole ---- */

static bool complain(const char *what, int rc)
{
	fprintf(stderr, "adit-lab: %s: %s\n", what, strerror(-rc));
	return false;
}

static bool logs_open(struct server *s)
{
	const char *const path[LAB_RADIUS_PORTS] = { s->o->auth_log, s->o->acct_log };

	for (unsigned i = 0; i < LAB_RADIUS_PORTS; i++) {
		s->port[i].log = path[i] ? fopen(path[i], "ae") : NULL;
		if (path[i] && !s->port[i].log)
			return complain(path[i], -errno);
	}
	return true;
}

static bool ports_open(struct server *s)
{
	for (unsigned i = 0; i < LAB_RADIUS_PORTS; i++) {
		int rc = ip_addr_is_none(&s->o->listen[i].addr) ? 0 : port_open(s, (enum lab_radius_port)i);

		if (rc < 0)
			return complain(i == LAB_RADIUS_AUTH ? "--auth" : "--acct", rc);
	}
	return true;
}

static bool server_begin(struct server *s)
{
	uint8_t seed[32];

	s->begun = io_mono_now();
	s->loop = io_loop_new();
	s->timer = s->loop ? io_timer_add(s->loop, on_timer, s) : NULL;
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed) || !s->timer)
		return complain("the event loop", -ENOMEM);
	s->radius = lab_radius_new(&s->o->conf, seed, s->begun);
	if (!s->radius || !io_hook_add(s->loop, at_turns_end, s) || !io_signal_add(s->loop, SIGTERM, on_end, s) ||
	    !io_signal_add(s->loop, SIGINT, on_end, s) || !io_signal_add(s->loop, SIGUSR1, on_silence, s))
		return complain("the event loop", -ENOMEM);
	return logs_open(s) && ports_open(s);
}

static int summary(struct server *s)
{
	double seconds = (double)(io_mono_now().ns - s->begun.ns) / 1e9;
	uint64_t lost = 0;

	for (unsigned i = 0; i < LAB_RADIUS_PORTS; i++)
		lost += s->port[i].fd >= 0 ? udp_lost(s->port[i].fd) : 0;
	return radius_summary_json(s->radius, seconds, lost, stdout);
}

static void server_end(struct server *s)
{
	for (unsigned i = 0; i < LAB_RADIUS_PORTS; i++) {
		io_fd_del(s->port[i].watch);
		if (s->port[i].fd >= 0)
			close(s->port[i].fd);
		if (s->port[i].log)
			fclose(s->port[i].log);
	}
	lab_radius_free(s->radius);
}

int radius_run(struct radius_options *o)
{
	static struct server s;
	int rc = -1;

	s.o = o;
	for (unsigned i = 0; i < LAB_RADIUS_PORTS; i++) {
		s.port[i].server = &s;
		s.port[i].fd = -1;
	}
	if (server_begin(&s)) {
		fputs("adit-lab: answering\n", stderr);
		rc = io_loop_run(s.loop);
		if (rc < 0)
			complain("the event loop", rc);
		if (summary(&s) < 0)
			rc = -1;
	}
	server_end(&s);
	return rc < 0;
}
