/* SPDX-License-Identifier: BSD-2-Clause */
/* Promises of io/loop.h: one reading of the clock a turn, timers never early, hooks last, deletion from callbacks. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/loop.h"

static char order[64];
static size_t order_len;

static void note(char c)
{
	if (order_len < sizeof(order) - 1)
		order[order_len++] = c;
	order[order_len] = '\0';
}

static int begin(void **state)
{
	order_len = 0;
	order[0] = '\0';
	*state = io_loop_new();
	return *state ? 0 : -1;
}

static int end(void **state)
{
	io_loop_free(*state);
	return 0;
}

struct reader {
	struct io_loop *loop;
	struct io_fd *fd;
	mono_t at;
};

static void read_one(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct reader *r = ctx;
	char c;

	assert_int_equal(ready, IO_READ);
	assert_int_equal(read(fd, &c, 1), 1);
	assert_true(io_loop_now(r->loop).ns == now.ns);
	r->at = now;
	note(c);
}

static void hook_a(void *ctx, mono_t now, struct wall wall)
{
	struct reader *r = ctx;

	if (r->at.ns)
		assert_true(r->at.ns == now.ns);	/* the same reading of the clock */
	r->at.ns = 0;
	assert_true(wall.s > 1000000000);
	note('H');
}

static void callbacks_then_hooks(void **state)
{
	struct io_loop *l = *state;
	struct reader r = { .loop = l };
	struct io_hook *h;
	int p[2];

	assert_int_equal(pipe(p), 0);
	r.fd = io_fd_add(l, p[0], IO_READ, read_one, &r);
	h = io_hook_add(l, hook_a, &r);
	assert_int_equal(write(p[1], "ab", 2), 2);
	assert_int_equal(io_loop_turn(l, -1), 0);
	assert_int_equal(io_loop_turn(l, -1), 0);	/* level-triggered: the second octet */
	assert_string_equal(order, "aHbH");
	assert_int_equal(io_fd_set(r.fd, 0), 0);
	assert_int_equal(write(p[1], "c", 1), 1);
	assert_int_equal(io_loop_turn(l, 0), 0);
	assert_string_equal(order, "aHbHH");
	io_hook_del(h);
	io_fd_del(r.fd);
	close(p[0]);
	close(p[1]);
}

static mono_t timer_at;

static void timer_fn(void *ctx, mono_t now)
{
	timer_at = now;
	note('T');
	if (ctx)
		io_loop_stop(ctx);
}

static void timer_never_early(void **state)
{
	struct io_loop *l = *state;
	struct io_timer *t = io_timer_add(l, timer_fn, l);

	for (int i = 1; i <= 5; i++) {
		mono_t due = mono_add_ns(io_mono_now(), 1500000 * i);

		io_timer_set(t, mono_add_s(due, 60));
		io_timer_set(t, due);			/* moved forward */
		assert_int_equal(io_loop_run(l), 0);
		assert_true(mono_due(due, timer_at));
	}
	assert_string_equal(order, "TTTTT");
	io_timer_set(t, mono_add_ms(io_mono_now(), 5));
	io_timer_set(t, MONO_NEVER);
	assert_int_equal(io_loop_turn(l, 20), 0);
	assert_string_equal(order, "TTTTT");
	io_timer_del(t);
}

static void again_does_not_wait(void **state)
{
	struct io_loop *l = *state;
	mono_t from = io_mono_now();

	io_loop_again(l);
	assert_int_equal(io_loop_turn(l, 5000), 0);
	assert_true(mono_ms_between(from, io_mono_now()) < 2000);
}

static struct io_hook *hook[3];

static void hook_suicide(void *ctx, mono_t now, struct wall wall)
{
	note('0');
	io_hook_del(hook[0]);
	io_hook_del(hook[1]);	/* and its neighbour, which has not run yet */
}

static void hook_b(void *ctx, mono_t now, struct wall wall)
{
	note(*(char *)ctx);
}

static void hooks_may_be_deleted_by_hooks(void **state)
{
	struct io_loop *l = *state;

	hook[0] = io_hook_add(l, hook_suicide, NULL);
	hook[1] = io_hook_add(l, hook_b, "1");
	hook[2] = io_hook_add(l, hook_b, "2");
	io_loop_turn(l, 0);
	io_loop_turn(l, 0);
	assert_string_equal(order, "022");
	io_hook_del(hook[2]);
}

static void fd_suicide(void *ctx, int fd, unsigned ready, mono_t now)
{
	struct io_fd **f = ctx;

	note('x');
	io_fd_del(*f);
	*f = NULL;
}

static void a_callback_may_delete_its_watch(void **state)
{
	struct io_loop *l = *state;
	struct io_fd *f;
	int p[2];

	assert_int_equal(pipe(p), 0);
	f = io_fd_add(l, p[1], IO_WRITE, fd_suicide, &f);
	io_loop_turn(l, -1);
	io_loop_turn(l, 0);
	assert_null(f);
	assert_string_equal(order, "x");
	close(p[0]);
	close(p[1]);
}

static void signal_fn(void *ctx, int signo)
{
	assert_int_equal(signo, SIGUSR1);
	note('S');
	io_loop_stop(ctx);
}

static void signals_come_in_a_turn(void **state)
{
	struct io_loop *l = *state;
	struct io_signal *s = io_signal_add(l, SIGUSR1, signal_fn, l);

	raise(SIGUSR1);
	assert_string_equal(order, "");
	assert_int_equal(io_loop_run(l), 0);
	assert_string_equal(order, "S");
	io_signal_del(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(callbacks_then_hooks, begin, end),
		cmocka_unit_test_setup_teardown(timer_never_early, begin, end),
		cmocka_unit_test_setup_teardown(again_does_not_wait, begin, end),
		cmocka_unit_test_setup_teardown(hooks_may_be_deleted_by_hooks, begin, end),
		cmocka_unit_test_setup_teardown(a_callback_may_delete_its_watch, begin, end),
		cmocka_unit_test_setup_teardown(signals_come_in_a_turn, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
