/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's connection, with this test as the daemon at the other end of a socket pair. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/conn.h"
#include "cli/run.h"

struct play {
	int daemon;
	struct conn *c;
	char out[4096], err[1024], async[1024];
	bool no_more;
};

static void add(char *to, size_t cap, const void *p, size_t len)
{
	size_t at = strlen(to);

	assert_true(at + len < cap);
	memcpy(to + at, p, len);
	to[at + len] = '\0';
}

static void on_output(void *ctx, struct span s)
{
	add(((struct play *)ctx)->out, 4096, s.p, s.len);
}

static void on_error(void *ctx, struct span s)
{
	add(((struct play *)ctx)->err, 1024, s.p, s.len);
}

static void on_async(void *ctx, struct span s)
{
	add(((struct play *)ctx)->async, 1024, s.p, s.len);
}

static const struct conn_ops ops = { .output = on_output, .error = on_error, .async = on_async };

static int setup(void **state)
{
	struct play *p = calloc(1, sizeof(*p));
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	p->daemon = fd[0];
	p->c = conn_new(fd[1]);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct play *p = *state;

	if (p->daemon >= 0)
		close(p->daemon);
	conn_free(p->c);
	free(p);
	return 0;
}

static void say(struct play *p, const char *octets)
{
	assert_int_equal(send(p->daemon, octets, strlen(octets), MSG_NOSIGNAL), (ssize_t)strlen(octets));
}

static void hang_up(struct play *p)
{
	close(p->daemon);
	p->daemon = -1;
}

static void expect_request(struct play *p, const char *want)
{
	char got[CONN_LINE_MAX + 64] = "";
	ssize_t n = recv(p->daemon, got, sizeof(got) - 1, MSG_DONTWAIT);

	assert_int_equal(n, strlen(want));
	assert_string_equal(got, want);
}

static void requests_as_written(void **state)
{
	struct play *p = *state;

	assert_int_equal(conn_request(p->c, "line", span_str("show version")), 0);
	expect_request(p, "line show version\n");
	assert_int_equal(conn_request(p->c, "prompt", span_str("")), 0);
	expect_request(p, "prompt\n");
	assert_int_equal(conn_request_file(p->c, span_str("hostname a\n")), 0);
	expect_request(p, "file 11\nhostname a\n");
}

static void requests_that_cannot_be(void **state)
{
	static char text[CONN_LINE_MAX];
	struct play *p = *state;

	memset(text, 'x', sizeof(text));
	assert_int_equal(conn_request(p->c, "line", span_str("a\nfile 3")), -EINVAL);
	assert_int_equal(conn_request(p->c, "line", span_of("a\0b", 3)), -EINVAL);
	assert_int_equal(conn_request(p->c, "line", span_of(text, CONN_LINE_MAX - 5)), -EMSGSIZE);
	assert_int_equal(conn_request(p->c, "line", span_of(text, CONN_LINE_MAX - 6)), 0);
}

static void an_answer_and_its_prompt(void **state)
{
	struct play *p = *state;

	say(p, "=100 2\na\n=110 2\nL\n=100 2\nb\n=200 6\nlns1# ");
	assert_int_equal(conn_answer(p->c, &ops, p), 200);
	assert_string_equal(p->out, "a\nb\n");
	assert_string_equal(p->async, "L\n");
	assert_string_equal(p->err, "");
	assert_string_equal(conn_prompt(p->c), "lns1# ");
}

/* Only the frame right before the refusal is its message; what came earlier is output. */
static void a_refusal_and_its_message(void **state)
{
	struct play *p = *state;

	say(p, "=100 2\na\n=100 4\nbad\n=409 4\nlns>");
	assert_int_equal(conn_answer(p->c, &ops, p), 409);
	assert_string_equal(p->out, "a\n");
	assert_string_equal(p->err, "bad\n");
}

static void answers_one_after_the_other(void **state)
{
	struct play *p = *state;

	say(p, "=100 1\na=200 1\n>=404 1\n)");
	assert_int_equal(conn_answer(p->c, &ops, p), 200);
	assert_int_equal(conn_answer(p->c, &ops, p), 404);
	assert_string_equal(conn_prompt(p->c), ")");
}

static void in_fragments(void **state)
{
	static const char octets[] = "=100 3\nabc=110 2\nL\n=221 2\nx>";
	struct play *p = *state;

	if (fork() == 0) {
		for (size_t i = 0; i < sizeof(octets) - 1; i++) {
			(void)!write(p->daemon, octets + i, 1);
			usleep(500);
		}
		_exit(0);
	}
	assert_int_equal(conn_answer(p->c, &ops, p), 221);
	assert_string_equal(p->out, "abc");
	assert_string_equal(p->async, "L\n");
}

static void garbage_is_given_up(void **state)
{
	struct play *p = *state;
	int code;

	say(p, "SSH-2.0-OpenSSH\r\n");
	code = conn_answer(p->c, &ops, p);
	assert_int_equal(code, -EPROTO);
	assert_int_equal(cli_status(code), CLI_LOST);
}

static void a_huge_length_is_refused(void **state)
{
	struct play *p = *state;

	say(p, "=100 99999999\nabc");
	assert_int_equal(conn_answer(p->c, &ops, p), -EPROTO);
}

static void lost_midway(void **state)
{
	struct play *p = *state;
	int code;

	say(p, "=100 4\nab\n\n=100 2000\nabc");
	hang_up(p);
	code = conn_answer(p->c, &ops, p);
	assert_int_equal(code, -EPIPE);
	assert_int_equal(cli_status(code), CLI_LOST);
	assert_string_equal(p->out, "ab\n\n");
}

static void lost_before_the_request(void **state)
{
	struct play *p = *state;

	hang_up(p);
	assert_int_equal(conn_request(p->c, "line", span_str("show version")), -EPIPE);
}

static void between_answers(void **state)
{
	struct play *p = *state;

	assert_int_equal(conn_idle(p->c, &ops, p), 0);
	say(p, "=110 2\na\n=110 2\nb\n=110 2\n");
	assert_int_equal(conn_idle(p->c, &ops, p), 2);
	assert_string_equal(p->async, "a\nb\n");
	say(p, "c\n");
	assert_int_equal(conn_idle(p->c, &ops, p), 1);
	say(p, "=200 0\n");
	assert_int_equal(conn_idle(p->c, &ops, p), -EPROTO);
	hang_up(p);
	assert_int_equal(conn_idle(p->c, &ops, p), -EPIPE);
}

static void statuses(void **state)
{
	static const struct { int code, status; } rows[] = {
		{ 200, 0 }, { 221, 0 }, { 400, 2 }, { 404, 1 }, { 409, 1 }, { 500, 1 }, { -EPIPE, 3 }, { -EPROTO, 3 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(cli_status(rows[i].code), rows[i].status);
}

/* ---- a line with its filters ---- */

static void run_begin(void *ctx, bool no_more)
{
	((struct play *)ctx)->no_more = no_more;
}

static void run_output(void *ctx, const char *line, size_t len)
{
	add(((struct play *)ctx)->out, 4096, line, len);
}

static int run(struct play *p, const char *line)
{
	struct run r = { p->c, p, run_begin, run_output, on_error, on_async, NULL };

	return run_line(&r, line);
}

static void a_line_without_its_filters(void **state)
{
	struct play *p = *state;

	say(p, "=100 6\na1\nb2\n=100 6\na3\nc4\n=200 1\n>");
	assert_int_equal(run(p, "show x | json | include ^a | no-more"), 200);
	expect_request(p, "line show x | json\n");
	assert_string_equal(p->out, "a1\na3\n");
	assert_true(p->no_more);
}

/* A refusal is told in full, whatever the filters say. */
static void a_message_is_not_filtered(void **state)
{
	struct play *p = *state;

	say(p, "=100 8\nunknown\n=400 1\n>");
	assert_int_equal(run(p, "shwo x | include foo"), 400);
	assert_string_equal(p->err, "unknown\n");
	assert_string_equal(p->out, "");
}

static void a_wrong_filter_sends_nothing(void **state)
{
	struct play *p = *state;
	char got[8];

	assert_int_equal(run(p, "show x | include ("), FRAME_SYNTAX);
	assert_int_equal(run(p, "show x | save /nonexistent/file"), FRAME_REFUSED);
	assert_true(strstr(p->err, "/nonexistent/file") != NULL);
	assert_int_equal(recv(p->daemon, got, sizeof(got), MSG_DONTWAIT), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(requests_as_written), T(requests_that_cannot_be), T(an_answer_and_its_prompt),
		T(a_refusal_and_its_message), T(answers_one_after_the_other), T(in_fragments), T(garbage_is_given_up),
		T(a_huge_length_is_refused), T(lost_midway), T(lost_before_the_request), T(between_answers),
		T(statuses),
		T(a_line_without_its_filters), T(a_message_is_not_filtered), T(a_wrong_filter_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
