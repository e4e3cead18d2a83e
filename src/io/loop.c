/* SPDX-License-Identifier: BSD-2-Clause */
/* The event loop of loop.h. libevent waits and tells what is ready; turns, hooks and the clock are ours. */
#include "io/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "base/list.h"

struct io_loop {
	struct event_base *base;
	struct event *limit;		/* ends a wait at max_wait_ms */
	struct list hooks;
	struct list *next_hook;		/* so that a hook may delete any hook */
	bool stop, again;
	bool now_read, wall_read;	/* in this turn */
	mono_t now;
	struct wall wall;
};

struct io_fd {
	struct io_loop *loop;
	struct event *ev;
	int fd;
	unsigned events;
	io_fd_fn *fn;
	void *ctx;
};

struct io_timer {
	struct io_loop *loop;
	struct event *ev;
	mono_t due;
	io_timer_fn *fn;
	void *ctx;
};

struct io_signal {
	struct event *ev;
	int signo;
	io_signal_fn *fn;
	void *ctx;
};

struct io_hook {
	struct list link;
	struct io_loop *loop;
	io_hook_fn *fn;
	void *ctx;
};

mono_t io_mono_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (mono_t){ (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec };
}

struct wall io_wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct wall){ ts.tv_sec, (uint32_t)ts.tv_nsec };
}

mono_t io_loop_now(struct io_loop *l)
{
	if (!l->now_read) {
		l->now = io_mono_now();
		l->now_read = true;
	}
	return l->now;
}

struct wall io_loop_wall(struct io_loop *l)
{
	if (!l->wall_read) {
		l->wall = io_wall_now();
		l->wall_read = true;
	}
	return l->wall;
}

static void limit_due(evutil_socket_t fd, short what, void *ctx)
{
}

static struct event_base *base_new(void)
{
	struct event_config *cfg = event_config_new();
	struct event_base *b = NULL;

	if (!cfg)
		return NULL;
	if (event_config_set_flag(cfg, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		b = event_base_new_with_config(cfg);
	event_config_free(cfg);
	return b;
}

struct io_loop *io_loop_new(void)
{
	struct io_loop *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	list_init(&l->hooks);
	l->base = base_new();
	l->limit = l->base ? evtimer_new(l->base, limit_due, NULL) : NULL;
	if (!l->limit) {
		io_loop_free(l);
		return NULL;
	}
	return l;
}

void io_loop_free(struct io_loop *l)
{
	if (!l)
		return;
	if (l->limit)
		event_free(l->limit);
	if (l->base)
		event_base_free(l->base);
	free(l);
}

/* ---- turns ---- */

static void hooks_run(struct io_loop *l)
{
	for (struct list *i = l->hooks.next; i != &l->hooks; i = l->next_hook) {
		struct io_hook *h = container_of(i, struct io_hook, link);

		l->next_hook = i->next;
		h->fn(h->ctx, io_loop_now(l), io_loop_wall(l));
	}
	l->next_hook = NULL;
}

static void wait_limit(struct io_loop *l, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (ms > 0)
		evtimer_add(l->limit, &tv);
	else
		evtimer_del(l->limit);
}

int io_loop_turn(struct io_loop *l, int max_wait_ms)
{
	int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;

	if (l->again || max_wait_ms == 0)
		flags |= EVLOOP_NONBLOCK;
	l->again = false;
	wait_limit(l, flags & EVLOOP_NONBLOCK ? 0 : max_wait_ms);
	l->now_read = l->wall_read = false;
	if (event_base_loop(l->base, flags) < 0)
		return errno ? -errno : -EIO;
	hooks_run(l);
	return 0;
}

int io_loop_run(struct io_loop *l)
{
	int rc = 0;

	l->stop = false;
	while (!l->stop && rc == 0)
		rc = io_loop_turn(l, -1);
	return rc;
}

void io_loop_stop(struct io_loop *l)
{
	l->stop = true;
	l->again = true;
}

void io_loop_again(struct io_loop *l)
{
	l->again = true;
}

/* ---- descriptors ---- */

static void fd_ready(evutil_socket_t fd, short what, void *ctx)
{
	struct io_fd *f = ctx;
	unsigned ready = (what & EV_READ ? IO_READ : 0u) | (what & EV_WRITE ? IO_WRITE : 0u);

	f->fn(f->ctx, (int)fd, ready, io_loop_now(f->loop));
}

static short event_flags(unsigned events)
{
	return (short)((events & IO_READ ? EV_READ : 0) | (events & IO_WRITE ? EV_WRITE : 0) | EV_PERSIST);
}

int io_fd_set(struct io_fd *f, unsigned events)
{
	if (f->events == events)
		return 0;
	event_del(f->ev);
	f->events = 0;
	if (event_assign(f->ev, f->loop->base, f->fd, event_flags(events), fd_ready, f) < 0)
		return -ENOMEM;
	if (events && event_add(f->ev, NULL) < 0)
		return -ENOMEM;
	f->events = events;
	return 0;
}

struct io_fd *io_fd_add(struct io_loop *l, int fd, unsigned events, io_fd_fn *fn, void *ctx)
{
	struct io_fd *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	*f = (struct io_fd){ .loop = l, .fd = fd, .fn = fn, .ctx = ctx };
	f->ev = event_new(l->base, fd, event_flags(0), fd_ready, f);
	if (!f->ev || io_fd_set(f, events) < 0) {
		io_fd_del(f);
		return NULL;
	}
	return f;
}

void io_fd_del(struct io_fd *f)
{
	if (!f)
		return;
	if (f->ev)
		event_free(f->ev);
	free(f);
}

/* ---- timers ---- */

static void timer_arm(struct io_timer *t)
{
	int64_t ns = t->due.ns - io_mono_now().ns;
	struct timeval tv = { 0, 0 };

	if (ns > 0) {
		int64_t us = (ns + 999) / 1000;

		tv = (struct timeval){ us / 1000000, us % 1000000 };
	}
	event_add(t->ev, &tv);
}

static void timer_due(evutil_socket_t fd, short what, void *ctx)
{
	struct io_timer *t = ctx;
	mono_t now = io_loop_now(t->loop);

	if (!mono_due(t->due, now)) {	/* libevent's clock and this turn's differ by a little */
		if (!mono_is_never(t->due))
			timer_arm(t);
		return;
	}
	t->due = MONO_NEVER;
	t->fn(t->ctx, now);
}

struct io_timer *io_timer_add(struct io_loop *l, io_timer_fn *fn, void *ctx)
{
	struct io_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct io_timer){ .loop = l, .due = MONO_NEVER, .fn = fn, .ctx = ctx };
	t->ev = evtimer_new(l->base, timer_due, t);
	if (!t->ev) {
		free(t);
		return NULL;
	}
	return t;
}

void io_timer_set(struct io_timer *t, mono_t due)
{
	if (due.ns == t->due.ns)
		return;
	t->due = due;
	if (mono_is_never(due))
		event_del(t->ev);
	else
		timer_arm(t);
}

void io_timer_del(struct io_timer *t)
{
	if (!t)
		return;
	event_free(t->ev);
	free(t);
}

/* ---- signals and hooks ---- */

static void signal_came(evutil_socket_t fd, short what, void *ctx)
{
	struct io_signal *s = ctx;

	s->fn(s->ctx, s->signo);
}

struct io_signal *io_signal_add(struct io_loop *l, int signo, io_signal_fn *fn, void *ctx)
{
	struct io_signal *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct io_signal){ .signo = signo, .fn = fn, .ctx = ctx };
	s->ev = evsignal_new(l->base, signo, signal_came, s);
	if (!s->ev || event_add(s->ev, NULL) < 0) {
		io_signal_del(s);
		return NULL;
	}
	return s;
}

void io_signal_del(struct io_signal *s)
{
	if (!s)
		return;
	if (s->ev)
		event_free(s->ev);
	free(s);
}

struct io_hook *io_hook_add(struct io_loop *l, io_hook_fn *fn, void *ctx)
{
	struct io_hook *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->loop = l;
	h->fn = fn;
	h->ctx = ctx;
	list_push_back(&l->hooks, &h->link);
	return h;
}

void io_hook_del(struct io_hook *h)
{
	if (!h)
		return;
	if (h->loop->next_hook == &h->link)
		h->loop->next_hook = h->link.next;
	list_del(&h->link);
	free(h);
}
