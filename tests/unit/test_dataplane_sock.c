/* SPDX-License-Identifier: BSD-2-Clause */
/* user/sock.h on the loopback: no datagram is lost by a change of the local addresses, and what the kernel loses is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/user/sock.h"

enum { BURST = 256, TURNS = 100, CHANGES = 2000, IN_FLIGHT = 32, FLOOD = 65000, FLOOD_SIZE = 1400 };

static const struct ip_addr home = { .af = 4, .b = { 127, 0, 0, 1 } }, other = { .af = 4, .b = { 127, 0, 0, 2 } };

struct bench {
	struct io_loop *loop;
	struct socks *socks;
	uint16_t port;
	int client;			/* sends to home */
	atomic_uint got;
	unsigned lost, to_home;
	unsigned in_order;		/* datagrams that were those of send_numbered(), each in its turn */
	uint16_t client_port;
};

static void count_rx(void *ctx, const struct dp_rx *rx, struct span datagram, mono_t now)
{
	struct bench *b = ctx;

	b->to_home += ip_addr_eq(&rx->local, &home);
	b->in_order += datagram.len == b->in_order + 1 && datagram.p[b->in_order] == (uint8_t)b->in_order &&
		       rx->peer_port == b->client_port && ip_addr_eq(&rx->peer, &home);
	b->got++;
}

static void count_lost(void *ctx, unsigned n)
{
	((struct bench *)ctx)->lost += n;
}

static void ignore_local(void *ctx, const struct ip_addr *local, bool up)
{
}

static int udp_socket(struct sockaddr_in *sa)
{
	socklen_t len = sizeof(*sa);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*sa = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)sa, sizeof(*sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)sa, &len), 0);
	return fd;
}

static int begin(void **state)
{
	static struct bench bench;
	struct bench *b = &bench;
	struct sockaddr_in free_port, own;
	struct socks_conf conf = { .burst = BURST, .rx = count_rx, .lost = count_lost, .local = ignore_local, .ctx = b };

	bench = (struct bench){ .loop = io_loop_new() };
	close(udp_socket(&free_port));
	b->port = conf.port = ntohs(free_port.sin_port);
	b->client = udp_socket(&own);
	b->client_port = ntohs(own.sin_port);
	assert_int_equal(connect(b->client, (struct sockaddr *)&free_port, sizeof(free_port)), 0);
	assert_int_equal(socks_new(&b->socks, b->loop, &conf), 0);
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;

	socks_free(b->socks);
	io_loop_free(b->loop);
	close(b->client);
	return 0;
}

/* One of the sets: none (wildcard), home, home and another. */
static void set(struct bench *b, unsigned which)
{
	const struct ip_addr addrs[] = { home, other };

	assert_int_equal(socks_set(b->socks, addrs, which % 3), 0);
}

static void turns(struct bench *b)
{
	for (int i = 0; i < TURNS; i++)
		io_loop_turn(b->loop, 0);
}

static void send_one(struct bench *b)
{
	assert_int_equal(send(b->client, "x", 1, 0), 1);
}

/* The first has one octet, each one more than the one before, and its number at its end. */
static void send_numbered(struct bench *b, unsigned count)
{
	uint8_t octets[1000] = { 0 };

	for (unsigned i = 0; i < count; i++) {
		octets[i] = (uint8_t)i;
		assert_int_equal(send(b->client, octets, i + 1, 0), i + 1);
		octets[i] = 0;
	}
}

static void datagrams_come_whole_and_in_order(void **state)
{
	struct bench *b = *state;

	set(b, 0);
	send_numbered(b, 1000);
	turns(b);
	assert_int_equal(b->got, 1000);
	assert_int_equal(b->in_order, 1000);
	assert_int_equal(b->to_home, 1000);
}

static void a_turn_has_its_share(void **state)
{
	struct bench *b = *state;

	set(b, 1);
	send_numbered(b, 2 * BURST + 5);
	io_loop_turn(b->loop, 0);
	assert_int_equal(b->got, BURST);
	io_loop_turn(b->loop, 0);
	io_loop_turn(b->loop, 0);
	assert_int_equal(b->got, 2 * BURST + 5);
}

/* ---- a change of the set ---- */

static void unread_datagrams_outlive_their_socket(void **state)
{
	static const unsigned sets[] = { 0, 1, 0, 2, 0, 1, 2 };
	struct bench *b = *state;
	unsigned sent = 0;

	set(b, sets[0]);
	for (unsigned i = 1; i < sizeof(sets) / sizeof(sets[0]); i++) {
		for (int n = 0; n < 20; n++, sent++)
			send_one(b);
		set(b, sets[i]);
		turns(b);
		assert_int_equal(b->got, sent);
	}
	assert_int_equal(b->to_home, sent);
}

/* Back before the old socket has been read out: the address has a socket of its own again. */
static void two_changes_in_a_turn(void **state)
{
	struct bench *b = *state;

	set(b, 1);
	send_one(b);
	set(b, 0);
	send_one(b);
	set(b, 1);
	send_one(b);
	set(b, 0);
	set(b, 1);
	turns(b);
	assert_int_equal(b->got, 3);
	send_one(b);
	turns(b);
	assert_int_equal(b->got, 4);
	assert_int_equal(socks_send(b->socks, &home, &home, b->port, true, (const uint8_t *)"y", 1), 0);
	turns(b);
	assert_int_equal(b->got, 5);
}

struct sender {
	struct bench *b;
	atomic_bool stop;
	unsigned sent, refused;
};

static void *send_on(void *arg)
{
	struct sender *s = arg;

	while (!s->stop) {
		if (s->sent - s->b->got >= IN_FLIGHT)
			continue;
		if (send(s->b->client, "x", 1, 0) == 1)
			s->sent++;
		else
			s->refused++;		/* port unreachable */
	}
	return NULL;
}

static void no_moment_without_a_socket(void **state)
{
	struct bench *b = *state;
	struct sender s = { .b = b };
	pthread_t thread;

	set(b, 0);
	assert_int_equal(pthread_create(&thread, NULL, send_on, &s), 0);
	for (unsigned i = 0; i < CHANGES; i++) {
		io_loop_turn(b->loop, 0);
		set(b, i);
	}
	s.stop = true;
	pthread_join(thread, NULL);
	turns(b);
	assert_int_equal(s.refused, 0);
	assert_int_equal(b->got, s.sent);
}

/* Nobody else may have our port meanwhile, or afterwards. */
static void the_port_is_ours_alone(void **state)
{
	struct bench *b = *state;
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(b->port), .sin_addr.s_addr = htonl(INADDR_ANY) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	set(b, 0);
	set(b, 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), -1);
	turns(b);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), -1);
	close(fd);
}

/* ---- what the kernel loses ---- */

static void an_overrun_is_told(void **state)
{
	struct bench *b = *state;
	static uint8_t big[FLOOD_SIZE];

	set(b, 1);
	for (int i = 0; i < FLOOD; i++)
		assert_int_equal(send(b->client, big, sizeof(big), 0), (ssize_t)sizeof(big));
	for (int i = 0; i < FLOOD / BURST + TURNS; i++)
		io_loop_turn(b->loop, 0);
	send_one(b);			/* it is told with the next that gets in */
	turns(b);
	assert_true(b->lost > 0);
	assert_int_equal(b->got + b->lost, FLOOD + 1);
}

#define ON_BENCH(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BENCH(datagrams_come_whole_and_in_order),
		ON_BENCH(a_turn_has_its_share),
		ON_BENCH(unread_datagrams_outlive_their_socket),
		ON_BENCH(two_changes_in_a_turn),
		ON_BENCH(no_moment_without_a_socket),
		ON_BENCH(the_port_is_ours_alone),
		ON_BENCH(an_overrun_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
