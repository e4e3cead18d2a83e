/* SPDX-License-Identifier: BSD-2-Clause */
/* The socket: permissions, several clients at once, one that does not read, one that leaves early, a leftover
 * socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "mgmt/session_int.h"
#include "unit/mgmt_fake.h"

static char dir[] = "/tmp/mgmt-server-XXXXXX", path[64];
static struct io_loop *loop;
static struct mgmt *m;

static int setup(void **state)
{
	struct mgmt_conf c = { .model = FAKE_MODEL, .aaa = FAKE_AAA, .run_dir = dir };

	memset(&fake, 0, sizeof(fake));
	loop = io_loop_new();
	m = loop ? mgmt_new(loop, &c) : NULL;
	return m ? mgmt_listen(m) : -1;
}

static int teardown(void **state)
{
	mgmt_free(m);
	io_loop_free(loop);
	assert_int_not_equal(access(path, F_OK), 0);	/* the socket goes with the server */
	return 0;
}

static int connected(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sa.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), 0), strlen(text));
}

/* Turns the loop until the client has seen `end`, or the connection's end when it is NULL. Return: octets read. */
static size_t read_until(int fd, const char *end, char *buf, size_t cap)
{
	size_t n = 0, total = 0;

	for (unsigned turns = 0; turns < 200000; turns++) {
		ssize_t r;

		assert_int_equal(io_loop_turn(loop, 0), 0);
		if (n == cap - 1) {		/* keep the tail only */
			memmove(buf, buf + cap / 2, n - cap / 2);
			n -= cap / 2;
		}
		r = recv(fd, buf + n, cap - 1 - n, MSG_DONTWAIT);
		if (r == 0) {
			if (end)
				fail_msg("the connection ended");
			return total;
		}
		if (r < 0)
			continue;
		n += (size_t)r;
		total += (size_t)r;
		buf[n] = '\0';
		if (end && strstr(buf, end))
			return total;
	}
	fail_msg("no answer");
	return 0;
}

static void permissions_and_prompt(void **state)
{
	struct stat st;
	char buf[4096];
	int fd = connected();

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	send_text(fd, "prompt\n");
	read_until(fd, "=200 5\nadit#", buf, sizeof(buf));
	close(fd);
}

static void clients_at_once(void **state)
{
	char buf[65536];
	int slow = connected(), quick = connected(), third = connected();

	fake.sessions = 60000;
	fake.user = "somebody";
	fake.user_len = 8;
	send_text(slow, "line show l2tp session detail\n");
	for (unsigned i = 0; i < 200; i++)
		io_loop_turn(loop, 0);		/* until its socket is full */
	send_text(third, "line configure terminal\nline hostname third\n");
	send_text(quick, "line show l2tp session 1/1/5\n");
	assert_true(read_until(quick, "=200 ", buf, sizeof(buf)) < 8192);
	read_until(third, "third(config)#", buf, sizeof(buf));
	assert_true(read_until(slow, "60000 L2TP sessions found\n", buf, sizeof(buf)) > 60000 * 1000);
	close(slow);
	close(quick);
	close(third);
}

/* A client's socket is full until this many sends of a full buffer have failed; then it takes everything. */
static unsigned full;

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	if (full && flags & MSG_DONTWAIT) {
		full -= n >= SESSION_TX_HIGH;
		errno = EAGAIN;
		return -1;
	}
	return sendto(fd, p, n, flags, NULL, 0);
}

/* The client empties its socket between the daemon's look at what waits and its next send. */
static void a_client_that_reads_meanwhile(void **state)
{
	char buf[65536];

	fake.sessions = 5000;
	fake.user = "x";
	fake.user_len = 1;
	for (unsigned times = 1; times < 4; times++) {
		int fd = connected();

		full = times;
		send_text(fd, "line show l2tp session detail\n");
		read_until(fd, "5000 L2TP sessions found\n", buf, sizeof(buf));
		close(fd);
	}
	assert_int_equal(full, 0);
}

static void the_end_of_input_is_not_the_end_of_output(void **state)
{
	char buf[65536];
	int fd = connected();

	fake.sessions = 5000;
	fake.user = "x";
	fake.user_len = 1;
	send_text(fd, "line show l2tp session\nline show version\n");
	shutdown(fd, SHUT_WR);
	read_until(fd, NULL, buf, sizeof(buf));
	assert_non_null(strstr(buf, "5000 L2TP sessions found"));
	assert_non_null(strstr(buf, "process"));
	close(fd);
}

static void exit_closes(void **state)
{
	char buf[4096];
	int fd = connected();

	send_text(fd, "line exit\n");
	read_until(fd, NULL, buf, sizeof(buf));
	assert_string_equal(buf, "=221 5\nadit#");
	close(fd);
	fd = connected();
	send_text(fd, "line show l2tp");
	close(fd);			/* in the middle of a request */
	fd = connected();
	fake.sessions = 60000;
	send_text(fd, "line show l2tp session\n");
	for (unsigned i = 0; i < 20; i++)
		io_loop_turn(loop, 0);
	close(fd);			/* in the middle of an answer */
	for (unsigned i = 0; i < 20; i++)
		io_loop_turn(loop, 0);
	assert_true(list_empty(&m->sessions));
}

static void a_monitor_hears_other_clients(void **state)
{
	char buf[4096];
	int a = connected(), b = connected();

	log_set_sink(mgmt_log, m, LOG_NOTICE);
	send_text(a, "line terminal monitor\n");
	read_until(a, "=200 5\nadit#", buf, sizeof(buf));
	send_text(b, "line configure terminal\nline aaa dns primary 1.1.1.1\nline aaa dns primary 9.9.9.9\n");
	read_until(a, "line=\"aaa dns primary 9.9.9.9\"", buf, sizeof(buf));
	assert_memory_equal(buf, "=110 ", 5);
	log_set_sink(NULL, NULL, LOG_ERROR);
	close(a);
	close(b);
}

static void one_daemon_a_socket(void **state)
{
	struct mgmt_conf c = { .run_dir = dir };
	struct mgmt *second = mgmt_new(loop, &c);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	assert_int_equal(mgmt_listen(second), -EADDRINUSE);
	assert_int_equal(access(path, F_OK), 0);
	mgmt_free(m);
	m = NULL;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);	/* what a daemon that was killed leaves behind */
	strcpy(sa.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	close(fd);
	assert_int_equal(mgmt_listen(second), 0);
	mgmt_free(second);
}

/* ---- a command that waits ---- */

static int waiting(void)
{
	int fd = connected();

	fake.test = (struct aaa_test){ .method = "radius" };
	send_text(fd, "line test aaa ppp bob hello\n");
	for (unsigned i = 0; i < 20 && !fake.tests; i++)
		io_loop_turn(loop, 0);
	assert_int_equal(fake.tests, 1);
	return fd;
}

static void turns(void)
{
	for (unsigned i = 0; i < 20; i++)
		io_loop_turn(loop, 0);
}

static void others_go_on_while_one_waits(void **state)
{
	char buf[4096];
	int fd = waiting(), other = connected();

	send_text(other, "prompt\n");
	read_until(other, "=200 5\nadit#", buf, sizeof(buf));
	assert_int_equal(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), -1);
	fake.test.done = fake.test.accepted = true;	/* the answer is noticed at the end of any turn */
	read_until(fd, "  Result is accepted\n", buf, sizeof(buf));
	assert_int_equal(fake.tests, 0);
	close(fd);
	close(other);
}

/* The loop sleeps while an answer is waited for. */
static void waiting_takes_no_time(void **state)
{
	int fd = waiting();
	mono_t begin;

	turns();
	begin = io_mono_now();
	io_loop_turn(loop, 50);
	assert_true(mono_ms_between(begin, io_mono_now()) >= 45);
	close(fd);
	turns();
}

static void a_waiting_client_may_cancel(void **state)
{
	char buf[4096];
	int fd = waiting();

	send_text(fd, "cancel\nprompt\n");
	read_until(fd, "% Interrupted\n=409 5\nadit#=200 5\nadit#", buf, sizeof(buf));
	assert_int_equal(fake.tests, 0);
	send_text(fd, "cancel\nprompt\n");		/* too late: it has no answer */
	read_until(fd, "=200 5\nadit#", buf, sizeof(buf));
	assert_null(strstr(buf, "409"));
	close(fd);
}

static void a_waiting_client_may_leave(void **state)
{
	char buf[4096];
	int fd = waiting();

	close(fd);
	turns();
	assert_int_equal(fake.tests, 0);
	fd = waiting();
	assert_int_equal(shutdown(fd, SHUT_WR), 0);	/* it still reads */
	turns();
	assert_int_equal(fake.tests, 1);
	fake.test.done = true;
	read_until(fd, "% Denied\n", buf, sizeof(buf));
	assert_int_equal(fake.tests, 0);
	close(fd);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(permissions_and_prompt),
		T(clients_at_once),
		T(a_client_that_reads_meanwhile),
		T(the_end_of_input_is_not_the_end_of_output),
		T(exit_closes),
		T(a_monitor_hears_other_clients),
		T(others_go_on_while_one_waits),
		T(waiting_takes_no_time),
		T(a_waiting_client_may_cancel),
		T(a_waiting_client_may_leave),
		T(one_daemon_a_socket),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/adit.sock", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir);
	return failed;
}
