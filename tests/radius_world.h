/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A RADIUS client, its servers 192.0.2.1, .2 ... and its owner, in virtual time, for the unit tests. Each test begins with
 * a client that has no servers; what it sends goes into seen[], judged as a server would.
 */
#ifndef ADIT_TESTS_RADIUS_WORLD_H
#define ADIT_TESTS_RADIUS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "radius_peer.h"

enum { SEEN_MAX = 4096, ONE = 0xc0000201 };

static const char secret[] = "s3cret";

static struct world {
	struct radius_client *c;
	mono_t now;
	struct radius_server_conf conf[16];
	unsigned servers;
	struct radius_client_conf cc;
	struct radius_event ev;
	uint8_t reply[RADIUS_PKT_MAX];
} w;

static struct radius_datagram seen[SEEN_MAX];

/* ---- the world ---- */

/* One more server: 192.0.2.1, .2 ... */
static inline struct radius_server_conf *server(enum radius_use use)
{
	struct radius_server_conf *s = &w.conf[w.servers];

	*s = (struct radius_server_conf){ .use = use, .addr = ip4_of(ONE + w.servers), .secret = span_str(secret),
					  .port = use == RADIUS_AUTH ? 1812 : 1813, .timeout_ms = 1000,
					  .retransmit = 2, .deadtime_s = 60, .window = 255 };
	w.servers++;
	return s;
}

static inline int apply(void)
{
	w.cc.servers = w.conf;
	w.cc.server_count = w.servers;
	return radius_client_apply(w.c, &w.cc, w.now);
}

static inline int setup(void **state)
{
	uint8_t seed[32] = { 7 };

	memset(&w, 0, sizeof(w));
	w.now = mono_add_s(MONO_ZERO, 1000);
	w.c = radius_client_new(seed, w.now);
	return !w.c;
}

static inline int teardown(void **state)
{
	radius_client_free(w.c);
	return 0;
}

static inline void begin_again(void)
{
	teardown(NULL);
	assert_int_equal(setup(NULL), 0);
}

static inline struct span attrs(void)
{
	static uint8_t buf[64];
	struct wr o = wr_of(buf, sizeof(buf));

	radius_put_span(&o, RADIUS_ATTR_USER_NAME, span_str("bob"));
	return wr_span(&o);
}

static inline struct radius_request request(enum radius_use use)
{
	return (struct radius_request){ .use = use, .attrs = attrs(), .give_up = MONO_NEVER,
					.code = use == RADIUS_AUTH ? RADIUS_ACCESS_REQUEST : RADIUS_ACCOUNTING_REQUEST };
}

static inline struct radius_handle submit_rq(const struct radius_request *rq)
{
	struct radius_handle h = { 0 };

	assert_int_equal(radius_client_submit(w.c, rq, w.now, &h), 0);
	assert_int_not_equal(h.id, 0);
	return h;
}

static inline struct radius_handle submit(enum radius_use use)
{
	struct radius_request rq = request(use);

	return submit_rq(&rq);
}

/* Takes what is to be sent into seen[]; each must be right. Return: how many. */
static inline unsigned tx(void)
{
	unsigned n = 0;

	while (n < SEEN_MAX && (seen[n].len = radius_client_tx(w.c, &seen[n].path, seen[n].octets, RADIUS_PKT_MAX, w.now))) {
		const char *wrong = radius_peer_check(&seen[n], span_str(secret));

		if (wrong)
			fail_msg("datagram %u: %s", n, wrong);
		n++;
	}
	return n;
}

static inline void pass_ms(int64_t ms)
{
	w.now = mono_add_ms(w.now, ms);
	radius_client_expire(w.c, w.now);
}

/* Time goes on until something is to be sent. Return: the milliseconds; -1 when nothing came within a minute. */
static inline int64_t pass_until_tx(unsigned *n)
{
	mono_t from = w.now;

	while (mono_ms_between(from, w.now) < 60000) {
		pass_ms(4);
		*n = tx();
		if (*n)
			return mono_ms_between(from, w.now);
	}
	return -1;
}

static inline bool event(void)
{
	return radius_client_event(w.c, &w.ev);
}

static inline void expect_silent(struct radius_handle h, enum radius_silence why)
{
	assert_true(event());
	assert_int_equal(w.ev.type, RADIUS_EV_SILENT);
	assert_string_equal(radius_silence_name(w.ev.silence), radius_silence_name(why));
	assert_int_equal(w.ev.handle.id, h.id);
	assert_int_equal(w.ev.handle.generation, h.generation);
}

static inline void rx(const struct radius_path *from, const uint8_t *buf, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);	/* so that a read beyond it shows, and the buffer is gone after it */

	memcpy(exact, buf, len);
	radius_client_rx(w.c, from, exact, len, w.now);
	free(exact);
}

static inline void answer_opt(const struct radius_datagram *d, const struct radius_reply_opt *o, struct span with)
{
	size_t len = radius_peer_reply(d, with, o, w.reply);

	assert_int_not_equal(len, 0);
	rx(&d->path, w.reply, len);
}

static inline void answer(const struct radius_datagram *d, enum radius_code code)
{
	answer_opt(d, &(struct radius_reply_opt){ .code = code }, span_str(secret));
}

static inline void expect_answer(struct radius_handle h, enum radius_code code)
{
	assert_true(event());
	assert_int_equal(w.ev.type, RADIUS_EV_ANSWER);
	assert_int_equal(w.ev.reply.code, code);
	assert_int_equal(w.ev.handle.id, h.id);
}

static inline struct radius_server_info info(unsigned i)
{
	struct radius_server_info out;

	assert_true(radius_client_server_at(w.c, i, &out, w.now));
	return out;
}

static inline uint64_t count(unsigned i, enum radius_count what)
{
	return info(i).count[what];
}

/* 1 for 192.0.2.1, and so on. */
static inline unsigned server_of(const struct radius_datagram *d)
{
	return ip4_num(&d->path.server) - ONE + 1;
}

/* Lets the repeats of all that is outstanding run out; what is sent to servers other than `dead` is answered. */
static inline void silence(unsigned dead, int64_t ms)
{
	for (; ms > 0; ms -= 20) {
		pass_ms(20);
		for (unsigned n = tx(), i = 0; i < n; i++) {
			bool acct = seen[i].path.use == RADIUS_ACCT;

			if (!(dead >> (server_of(&seen[i]) - 1) & 1))
				answer(&seen[i], acct ? RADIUS_ACCOUNTING_RESPONSE : RADIUS_ACCESS_ACCEPT);
		}
	}
}

/* Lets both servers die. */
static inline void kill_two(void)
{
	server(RADIUS_AUTH);
	server(RADIUS_AUTH);
	apply();
	submit(RADIUS_AUTH);
	silence(3, 7500);
	assert_true(event());
	assert_true(info(0).dead && info(1).dead);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
