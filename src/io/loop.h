/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop: descriptors, timers, signals and end-of-turn hooks over libevent_core. One thread. A turn is:
 * wait, read the clock once, run the callbacks of what is ready, run the hooks (where cores are pumped).
 * Callbacks may add and delete anything, themselves included.
 */
#ifndef ADIT_IO_LOOP_H
#define ADIT_IO_LOOP_H

#include "base/mono.h"

struct io_loop;
struct io_fd;
struct io_timer;
struct io_signal;
struct io_hook;

enum { IO_READ = 1, IO_WRITE = 2 };

typedef void io_fd_fn(void *ctx, int fd, unsigned ready, mono_t now);	/* ready: IO_READ, IO_WRITE or both */
typedef void io_timer_fn(void *ctx, mono_t now);
typedef void io_signal_fn(void *ctx, int signo);
typedef void io_hook_fn(void *ctx, mono_t now, struct wall wall);

/** io_loop_new - an empty loop. Return: NULL when out of memory. io_loop_free ends it after all its clients are
 * gone. */
struct io_loop *io_loop_new(void);
void io_loop_free(struct io_loop *l);

/** io_loop_run - turns until io_loop_stop(). Return: 0, or -errno when the system's poll fails. */
int io_loop_run(struct io_loop *l);

/** io_loop_turn - one turn; waits at most `max_wait_ms` (-1: as long as it takes, 0: not at all). Return: 0 or
 * -errno. */
int io_loop_turn(struct io_loop *l, int max_wait_ms);

/** io_loop_stop - io_loop_run() returns at the end of this turn. */
void io_loop_stop(struct io_loop *l);

/** io_loop_again - the next turn does not wait: work is left. */
void io_loop_again(struct io_loop *l);

/** io_loop_now, io_loop_wall - monotonic and wall time of this turn: read once a turn, at its first use. */
mono_t io_loop_now(struct io_loop *l);
struct wall io_loop_wall(struct io_loop *l);

/**
 * io_fd_add - watches a descriptor
 * @events: IO_READ, IO_WRITE, both or 0
 *
 * Level-triggered: the callback comes again while the descriptor stays ready.
 *
 * Return: NULL when out of memory.
 * Owner:  the caller, until io_fd_del(), which comes before close().
 */
struct io_fd *io_fd_add(struct io_loop *l, int fd, unsigned events, io_fd_fn *fn, void *ctx);
/** io_fd_set - changes what is watched for. Return: 0 or -ENOMEM. */
int io_fd_set(struct io_fd *f, unsigned events);
/** io_fd_del - ends the watch (not the descriptor); NULL is harmless. */
void io_fd_del(struct io_fd *f);

/** io_timer_add - a timer, not armed; one a client is meant: its wheel knows the rest. Return: NULL when out of
 * memory. */
struct io_timer *io_timer_add(struct io_loop *l, io_timer_fn *fn, void *ctx);
/** io_timer_set - fires once at or after `due`, never before; MONO_NEVER disarms. */
void io_timer_set(struct io_timer *t, mono_t due);
/** io_timer_del - ends the timer; NULL is harmless. */
void io_timer_del(struct io_timer *t);

/** io_signal_add - runs the callback, in a turn, when the signal came. Return: NULL when out of memory. */
struct io_signal *io_signal_add(struct io_loop *l, int signo, io_signal_fn *fn, void *ctx);
void io_signal_del(struct io_signal *s);

/** io_hook_add - runs at the end of every turn, in the order of adding. Return: NULL when out of memory. */
struct io_hook *io_hook_add(struct io_loop *l, io_hook_fn *fn, void *ctx);
void io_hook_del(struct io_hook *h);

/** io_mono_now, io_wall_now - read the clocks outside a loop (start of a program). */
mono_t io_mono_now(void);
struct wall io_wall_now(void);

#endif
