/* SPDX-License-Identifier: BSD-2-Clause */
/* The Unix socket: accepts connections, carries octets between them and their sessions, a piece of work a turn each. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "mgmt/session_int.h"

enum {
	CLIENTS_MAX = 256,
	PIECES = 8,		/* of work for one client a turn: 256 rows of a display */
};

struct client {
	struct list link;
	struct server *sv;
	int fd;
	struct io_fd *watch;
	struct mgmt_session *s;
	bool busy;		/* could go on at once */
	bool eof;		/* the client sends no more, but may still read */
	bool gone;
};

struct server {
	struct mgmt *m;
	int fd;
	struct io_fd *watch;
	struct io_hook *hook;
	struct io_timer *timer;		/* for sessions that wait */
	struct list clients;
	unsigned n;
	char path[108];
};

static void client_free(struct client *c)
{
	io_fd_del(c->watch);
	if (c->fd >= 0)
		close(c->fd);
	mgmt_session_free(c->s);
	list_del(&c->link);
	c->sv->n--;
	free(c);
}

/* Return: true when the client took something. */
static bool client_send(struct client *c)
{
	struct span tx = mgmt_session_tx(c->s);
	ssize_t n;

	if (!tx.len || c->gone)
		return false;
	n = send(c->fd, tx.p, tx.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		mgmt_session_sent(c->s, (size_t)n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		c->gone = true;
	return n > 0;
}

static void client_receive(struct client *c)
{
	char buf[16384];
	size_t wants = mgmt_session_wants(c->s);
	ssize_t n;

	if (!wants || c->eof)
		return;
	n = recv(c->fd, buf, wants < sizeof(buf) ? wants : sizeof(buf), MSG_DONTWAIT);
	if (n > 0)
		mgmt_session_rx(c->s, buf, (size_t)n);
	else if (n == 0)
		c->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		c->gone = true;
	explicit_bzero(buf, n > 0 ? (size_t)n : 0);
}

static unsigned awaited(const struct client *c)
{
	bool reads = !c->eof && mgmt_session_wants(c->s);

	return (reads ? IO_READ : 0) | (mgmt_session_tx(c->s).len ? IO_WRITE : 0);
}

/* Not only its sending side: nobody is there to read the answer. */
static bool hung_up(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR);
}

/* What came before the client closed its side is still carried out and answered. A job that paused at a full buffer
 * goes on when some of it was sent: nothing else would wake it once all of it is. */
static void client_work(struct client *c)
{
	unsigned i = 0;
	bool waits;

	c->busy = true;
	while (c->busy && i++ < PIECES) {
		c->busy = mgmt_session_run(c->s);
		c->busy |= client_send(c);
	}
	waits = mgmt_session_waits(c->s);
	if ((mgmt_session_ended(c->s) || (c->eof && !c->busy && !waits)) && !mgmt_session_tx(c->s).len)
		c->gone = true;
	if (c->eof && waits && hung_up(c->fd))
		c->gone = true;
	if (!c->gone && io_fd_set(c->watch, awaited(c)))
		c->gone = true;
}

static void on_client(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct client *c = ctx;

	if (ready & IO_READ)
		client_receive(c);
	if (ready & IO_WRITE)
		client_send(c);
	c->busy = true;
}

static void on_timer(void *ctx, mono_t now)
{
	/* the work is done by on_turn(), at the end of this turn */
}

/* All work is done here, once a turn a client: what came, what is left of it, and what others made: log lines
 * for monitors, answers that are waited for. */
static void on_turn(void *ctx, mono_t now, struct wall wall)
{
	struct server *sv = ctx;
	mono_t due = MONO_NEVER;

	list_for_safe(it, &sv->clients) {
		struct client *c = container_of(it, struct client, link);

		if (!c->busy && !mgmt_session_waits(c->s))
			continue;
		client_work(c);
		if (c->gone) {
			client_free(c);
			continue;
		}
		if (c->busy)
			io_loop_again(sv->m->loop);
		due = mono_min(due, mgmt_session_deadline(c->s));
	}
	io_timer_set(sv->timer, due);
}

void server_kick(struct mgmt *m, struct mgmt_session *s)
{
	if (!m->server)
		return;
	list_for(it, &m->server->clients) {
		struct client *c = container_of(it, struct client, link);

		if (c->s == s && !c->busy) {
			c->busy = true;
			io_loop_again(m->loop);
		}
	}
}

static void client_add(struct server *sv, int fd)
{
	struct client *c = sv->n < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;

	if (!c) {
		log_line(LOG_WARNING, "mgmt", "connection refused", "clients=%u", sv->n);
		close(fd);
		return;
	}
	c->sv = sv;
	c->fd = fd;
	list_push_back(&sv->clients, &c->link);
	sv->n++;
	c->s = mgmt_session_new(sv->m);
	c->watch = c->s ? io_fd_add(sv->m->loop, fd, IO_READ, on_client, c) : NULL;
	if (!c->watch)
		client_free(c);
}

static void on_accept(void *ctx, int fd, unsigned ready, mono_t now)
{
	int c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (c >= 0)
		client_add(ctx, c);
}

void server_free(struct server *sv)
{
	if (!sv)
		return;
	list_for_safe(it, &sv->clients)
		client_free(container_of(it, struct client, link));
	io_hook_del(sv->hook);
	io_timer_del(sv->timer);
	io_fd_del(sv->watch);
	if (sv->fd >= 0) {
		close(sv->fd);
		unlink(sv->path);
	}
	free(sv);
}

/* Whether a daemon answers there; a socket nobody listens on is a leftover. */
static bool is_alive(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool alive = fd >= 0 && connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0;

	if (fd >= 0)
		close(fd);
	return alive;
}

static int listen_at(struct server *sv)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	mode_t mask;
	int rc;

	memcpy(sa.sun_path, sv->path, sizeof(sa.sun_path));
	if (is_alive(&sa))
		return -EADDRINUSE;
	unlink(sv->path);
	sv->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sv->fd < 0)
		return -errno;
	mask = umask(0117);		/* 0660 from the first moment */
	rc = bind(sv->fd, (const struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(mask);
	if (!rc && listen(sv->fd, 64))
		rc = -errno;
	return rc;
}

int mgmt_listen(struct mgmt *m)
{
	struct server *sv = calloc(1, sizeof(*sv));
	int rc = -EINVAL, n;

	if (!sv)
		return -ENOMEM;
	sv->m = m;
	sv->fd = -1;
	list_init(&sv->clients);
	n = m->c.run_dir ? snprintf(sv->path, sizeof(sv->path), "%s/adit.sock", m->c.run_dir) : -1;
	if (n > 0)
		rc = n < (int)sizeof(sv->path) ? listen_at(sv) : -ENAMETOOLONG;
	if (!rc) {
		sv->watch = io_fd_add(m->loop, sv->fd, IO_READ, on_accept, sv);
		sv->hook = io_hook_add(m->loop, on_turn, sv);
		sv->timer = io_timer_add(m->loop, on_timer, sv);
		rc = sv->watch && sv->hook && sv->timer ? 0 : -ENOMEM;
	}
	if (rc) {
		server_free(sv);
		return rc;
	}
	m->server = sv;
	return 0;
}
