/* SPDX-License-Identifier: BSD-2-Clause */
/* The RADIUS client: silent servers, dead ones, Status-Server: RFC 2865 §2.4, §2.5, RFC 5997 §4.1, §4.3. */
#include <stdio.h>

#include "base/log.h"
#include "radius_world.h"

/* ---- failover ---- */

/* RFC 2865 §2.5: the next server, and there it is a new request; every server once. */
static void an_unanswered_request_goes_round_once(void **state)
{
	unsigned n, sent[3] = { 0 };
	struct radius_handle h;
	uint8_t authenticator[3][16];

	for (int i = 0; i < 3; i++)
		server(RADIUS_AUTH)->deadtime_s = 0;
	apply();
	h = submit(RADIUS_AUTH);
	for (n = tx(); n; pass_until_tx(&n)) {
		unsigned s = server_of(&seen[0]) - 1;

		assert_int_equal(n, 1);
		assert_true(s == 0 || sent[s - 1] == 3);
		if (!sent[s]++)
			memcpy(authenticator[s], seen[0].octets + 4, 16);
		assert_memory_equal(authenticator[s], seen[0].octets + 4, 16);
	}
	assert_memory_not_equal(authenticator[0], authenticator[1], 16);
	assert_memory_not_equal(authenticator[1], authenticator[2], 16);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sent[i], 3);
		assert_int_equal(count((unsigned)i, RADIUS_COUNT_TIMEOUTS), 1);
		assert_int_equal(count((unsigned)i, RADIUS_COUNT_DEATHS), 0);
	}
	expect_silent(h, RADIUS_SILENT_TIMEOUT);
	assert_false(event());
	assert_true(radius_client_alive(w.c, 0, RADIUS_AUTH));
}

static void a_dead_server_is_left_at_once(void **state)
{
	struct radius_handle first, other[3];
	unsigned n;

	server(RADIUS_AUTH);
	server(RADIUS_AUTH);
	apply();
	first = submit(RADIUS_AUTH);
	assert_int_equal(tx(), 1);
	pass_ms(1900);
	tx();
	for (int i = 0; i < 3; i++)
		other[i] = submit(RADIUS_AUTH);
	assert_int_equal(tx(), 3);
	for (n = 0; !info(0).dead; pass_until_tx(&n))
		;
	assert_int_equal(n, 4);		/* the one that ran out, and the three others long before they would */
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(server_of(&seen[i]), 2);
	assert_int_equal(count(0, RADIUS_COUNT_DEATHS), 1);
	assert_int_equal(count(0, RADIUS_COUNT_TIMEOUTS), 1);
	assert_int_equal(info(0).outstanding, 0);
	assert_in_range(info(0).dead_left_s, 59, 60);
	assert_true(radius_client_alive(w.c, 0, RADIUS_AUTH));
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(first, RADIUS_ACCESS_ACCEPT);
	submit(RADIUS_AUTH);		/* new ones go to the living one */
	assert_int_equal(tx(), 1);
	assert_int_equal(server_of(&seen[0]), 2);
	radius_client_cancel(w.c, other[0]);
}

static void moved_requests_wait_for_their_server(void **state)
{
	struct radius_handle h[6];
	unsigned n;

	server(RADIUS_AUTH);
	server(RADIUS_AUTH)->window = 2;
	w.cc.queue_max[RADIUS_AUTH] = 1;	/* not for those */
	apply();
	for (int i = 0; i < 6; i++)
		h[i] = submit(RADIUS_AUTH);
	tx();
	for (n = 0; !info(0).dead; pass_until_tx(&n))
		;
	assert_int_equal(n, 2);
	assert_int_equal(info(1).outstanding, 2);
	assert_int_equal(info(1).waiting, 4);
	assert_false(event());
	for (int i = 0; i < 6; i += 2) {
		answer(&seen[0], RADIUS_ACCESS_ACCEPT);
		answer(&seen[1], RADIUS_ACCESS_ACCEPT);
		assert_true(event());
		assert_true(event());
		assert_int_equal(tx(), i < 4 ? 2 : 0);
	}
	assert_false(event());
	assert_int_equal(info(1).waiting, 0);
	radius_client_cancel(w.c, h[0]);
}

/* Some reply has come since the request first went out: the server lives, only this request has no luck. RFC 5997 §4.5 */
static void a_server_that_answers_others_lives(void **state)
{
	struct radius_handle h;
	unsigned n = 0;

	server(RADIUS_AUTH);
	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	tx();
	pass_ms(100);
	submit(RADIUS_AUTH);
	assert_int_equal(tx(), 1);
	answer(&seen[0], RADIUS_ACCESS_REJECT);
	assert_true(event());
	while (n != 1 || server_of(&seen[0]) == 1)
		assert_true(pass_until_tx(&n) > 0);
	assert_false(info(0).dead);
	assert_int_equal(count(0, RADIUS_COUNT_TIMEOUTS), 1);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
}

/* The answers of a server with another secret are no sign of life. */
static void a_wrong_secret_is_death(void **state)
{
	struct radius_handle h;
	unsigned n;

	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	for (n = tx(); n; pass_until_tx(&n))
		answer_opt(&seen[0], &(struct radius_reply_opt){ .code = 2 }, span_str("another"));
	expect_silent(h, RADIUS_SILENT_TIMEOUT);
	assert_int_equal(count(0, RADIUS_COUNT_DEATHS), 1);
	assert_int_equal(count(0, RADIUS_COUNT_BAD_AUTHENTICATOR), 3);
}

static void when_none_is_left_the_others_are_told(void **state)
{
	struct radius_handle h[5];

	server(RADIUS_AUTH)->window = 3;
	apply();
	for (int i = 0; i < 5; i++) {
		h[i] = submit(RADIUS_AUTH);
		tx();
		pass_ms(i == 0 ? 200 : 0);
	}
	silence(1, 3400);
	expect_silent(h[0], RADIUS_SILENT_TIMEOUT);
	expect_silent(h[1], RADIUS_SILENT_ALL_DEAD);	/* outstanding */
	expect_silent(h[2], RADIUS_SILENT_ALL_DEAD);
	expect_silent(h[3], RADIUS_SILENT_ALL_DEAD);	/* waiting */
	expect_silent(h[4], RADIUS_SILENT_ALL_DEAD);
	assert_false(event());
	assert_false(radius_client_alive(w.c, 0, RADIUS_AUTH));
	assert_int_equal(info(0).waiting, 0);
}

static void all_dead_one_request_a_second_is_tried(void **state)
{
	unsigned refused = 0;

	kill_two();
	pass_ms(1000);
	for (int i = 0; i < 25; i++) {	/* ten a second, two and a half seconds */
		submit(RADIUS_AUTH);
		for (; event(); refused++)
			assert_int_equal(w.ev.silence, RADIUS_SILENT_ALL_DEAD);
		tx();
		pass_ms(100);
	}
	assert_int_equal(count(0, RADIUS_COUNT_REQUESTS), 1 + 2);	/* the one that has been dead longest first */
	assert_int_equal(count(1, RADIUS_COUNT_REQUESTS), 1 + 1);
	assert_int_equal(refused, 22);
}

static void the_answer_to_a_trial_revives(void **state)
{
	struct radius_handle h;

	kill_two();
	pass_ms(1000);
	h = submit(RADIUS_AUTH);
	assert_int_equal(tx(), 1);
	assert_int_equal(server_of(&seen[0]), 1);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
	assert_false(info(0).dead);
	assert_true(info(1).dead);
	submit(RADIUS_AUTH);
	submit(RADIUS_AUTH);
	assert_int_equal(tx(), 2);
	assert_int_equal(info(0).dead_left_s, 0);
}

static void a_trial_in_vain_prolongs_death(void **state)
{
	struct radius_handle h;

	server(RADIUS_AUTH);
	apply();
	submit(RADIUS_AUTH);
	silence(1, 3500);
	assert_true(event());
	assert_true(info(0).dead);
	silence(1, 50000);
	h = submit(RADIUS_AUTH);
	silence(1, 3500);
	expect_silent(h, RADIUS_SILENT_TIMEOUT);
	assert_in_range(info(0).dead_left_s, 58, 60);
	assert_int_equal(count(0, RADIUS_COUNT_DEATHS), 1);
	assert_int_equal(count(0, RADIUS_COUNT_TIMEOUTS), 2);
}

static void after_its_dead_time_a_server_is_asked_again(void **state)
{
	struct radius_handle h;
	int64_t ms = 0;

	server(RADIUS_AUTH)->deadtime_s = 5;
	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	silence(1, 4000);
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
	assert_true(info(0).dead);
	for (; info(0).dead; ms += 20)
		silence(1, 20);
	assert_in_range(ms, 3600, 5000);
	submit(RADIUS_AUTH);
	assert_int_equal(tx(), 1);
	assert_int_equal(server_of(&seen[0]), 1);
}

/* In direct order the queue belongs to the first living server: it moves when that one dies, and back. */
static void the_queue_follows_the_living(void **state)
{
	server(RADIUS_AUTH)->window = 1;
	server(RADIUS_AUTH)->window = 3;
	w.conf[0].deadtime_s = 2;
	apply();
	for (int i = 0; i < 9; i++)
		submit(RADIUS_AUTH);
	tx();
	silence(3, 3310);
	assert_true(info(0).dead);
	assert_int_equal(info(1).outstanding, 3);
	assert_int_equal(info(1).waiting, 6);
	silence(3, 2100);
	assert_false(info(0).dead);
	assert_int_equal(info(0).outstanding, 1);
	assert_int_equal(info(0).waiting, 5);
}

/* ---- Status-Server, RFC 5997 ---- */

/* RFC 5997 §2, §3, §4.1, §4.6.2, §5; RFC 2865 §2.6: not while it lives */
static void probes_revive(void **state)
{
	static const enum radius_code codes[] = { RADIUS_ACCESS_ACCEPT, RADIUS_ACCOUNTING_RESPONSE };

	for (int i = 0; i < 2; i++) {
		struct radius_datagram old = { .len = 0 };
		unsigned probes = 0, n;
		mono_t last = w.now;

		begin_again();
		w.cc.nas_identifier = span_str("lns1");
		server(RADIUS_AUTH)->probe = true;
		server(RADIUS_AUTH);
		apply();
		submit(RADIUS_AUTH);
		silence(1, 2600);
		while (probes < 4) {
			assert_true(pass_until_tx(&n) > 0);
			for (unsigned k = 0; k < n; k++) {
				struct radius_attr a;
				struct radius_pkt p;

				if (seen[k].octets[0] != RADIUS_STATUS_SERVER)
					continue;
				assert_int_equal(server_of(&seen[k]), 1);
				radius_pkt_decode(&p, seen[k].octets, seen[k].len);
				assert_true(radius_attr_find(&p, RADIUS_ATTR_NAS_IDENTIFIER, &a));
				assert_true(span_eq_str(a.value, "lns1"));
				assert_int_equal(p.attrs.len, 18 + 6);
				if (old.len) {
					assert_memory_not_equal(old.octets + 4, seen[k].octets + 4, 16);
					assert_int_not_equal(old.octets[1], seen[k].octets[1]);
				}
				if (probes)
					assert_in_range(mono_ms_between(last, w.now), 1996, 2012);
				last = w.now;
				if (probes++ == 2)
					answer(&old, codes[i]);		/* too late */
				old = seen[k];
			}
		}
		assert_int_equal(count(0, RADIUS_COUNT_UNKNOWN_ID), 1);
		answer(&old, RADIUS_ACCESS_REJECT);
		assert_int_equal(count(0, RADIUS_COUNT_UNEXPECTED_CODE), 1);
		answer_opt(&old, &(struct radius_reply_opt){ .code = codes[i] }, span_str("another"));
		assert_true(info(0).dead);
		answer(&old, codes[i]);
		assert_false(info(0).dead);
		assert_int_equal(count(0, RADIUS_COUNT_PROBES), 4);
		assert_int_equal(count(0, RADIUS_COUNT_PROBES_ANSWERED), 1);
		assert_int_equal(count(0, RADIUS_COUNT_ACCEPTS), 0);	/* RFC 5997 §4.6.2 */
		assert_int_equal(count(0, RADIUS_COUNT_REQUESTS), 1);
		while (event())
			;
		silence(0, 10000);
		assert_int_equal(count(0, RADIUS_COUNT_PROBES), 4);
		submit(RADIUS_AUTH);
		assert_int_equal(tx(), 1);
		assert_int_equal(server_of(&seen[0]), 1);
	}
}

static void probes_and_message_authenticators(void **state)
{
	for (int require = 0; require < 2; require++) {
		struct radius_datagram probe;
		unsigned n;

		begin_again();
		server(RADIUS_AUTH)->probe = true;
		w.conf[0].ma = require ? RADIUS_MA_REQUIRE : RADIUS_MA_AUTO;
		apply();
		submit(RADIUS_AUTH);
		tx();
		answer_opt(&seen[0], &(struct radius_reply_opt){ .code = 2, .ma = true }, span_str(secret));
		submit(RADIUS_AUTH);
		do
			pass_until_tx(&n);
		while (seen[0].octets[0] != RADIUS_STATUS_SERVER);
		probe = seen[0];
		answer(&probe, RADIUS_ACCESS_ACCEPT);
		assert_int_equal(info(0).dead, require);
		assert_int_equal(count(0, RADIUS_COUNT_NO_MESSAGE_AUTHENTICATOR), require);
		answer_opt(&probe, &(struct radius_reply_opt){ .code = 2, .ma = true }, span_str(secret));
		assert_false(info(0).dead);
	}
}

static void a_probe_that_was_not_sent_cannot_be_answered(void **state)
{
	struct radius_datagram d = { .path = { .use = RADIUS_AUTH, .port = 1812 } };

	server(RADIUS_AUTH)->probe = true;
	apply();
	d.path.server = w.conf[0].addr;
	submit(RADIUS_AUTH);
	for (int i = 0; i < 200 && !info(0).dead; i++) {
		tx();
		pass_ms(20);
	}
	assert_true(info(0).dead);
	for (unsigned i = 0; i < 512; i++) {
		d.path.slot = (uint16_t)(i / 256);
		d.octets[1] = (uint8_t)i;
		answer(&d, RADIUS_ACCESS_ACCEPT);
	}
	assert_int_equal(count(0, RADIUS_COUNT_UNKNOWN_ID), 512);
	assert_int_equal(tx(), 1);
	assert_int_equal(seen[0].octets[0], RADIUS_STATUS_SERVER);
}

/* ---- log ---- */

static char lines[4][256];
static unsigned line_count;

static void sink(void *ctx, enum log_level level, const char *module, const char *line, size_t len)
{
	assert_string_equal(module, "radius");
	if (line_count < 4)
		snprintf(lines[line_count], sizeof(lines[0]), "%.*s", (int)len, line);
	line_count++;
}

/* A server's death and life, and one line a minute about authenticators. */
static void the_log(void **state)
{
	server(RADIUS_AUTH);
	apply();
	log_set_sink(sink, NULL, LOG_INFO);
	submit(RADIUS_AUTH);
	tx();
	for (int i = 0; i < 100; i++)
		answer_opt(&seen[0], &(struct radius_reply_opt){ .code = 2 }, span_str("another"));
	silence(1, 3500);
	silence(0, 61000);
	log_set_sink(NULL, NULL, LOG_INFO);
	assert_int_equal(line_count, 3);
	assert_string_equal(lines[0], "msg=\"response dropped\" server=192.0.2.1:1812 reason=bad-authenticators");
	assert_string_equal(lines[1], "msg=\"server dead\" use=authentication server=192.0.2.1:1812 reason=timeout");
	assert_string_equal(lines[2], "msg=\"server alive\" use=authentication server=192.0.2.1:1812 reason=dead-time-over");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_unanswered_request_goes_round_once), T(a_dead_server_is_left_at_once),
		T(moved_requests_wait_for_their_server), T(a_server_that_answers_others_lives),
		T(a_wrong_secret_is_death), T(when_none_is_left_the_others_are_told),
		T(all_dead_one_request_a_second_is_tried), T(the_answer_to_a_trial_revives),
		T(a_trial_in_vain_prolongs_death), T(after_its_dead_time_a_server_is_asked_again),
		T(the_queue_follows_the_living), T(probes_revive), T(probes_and_message_authenticators),
		T(a_probe_that_was_not_sent_cannot_be_answered), T(the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
