/* SPDX-License-Identifier: BSD-2-Clause */
/* The RADIUS client: packets, replies, ids, windows: RFC 2865 §2, §2.4, §3, §5.2, RFC 2866 §3, RFC 5080 §2.2.2. */
#include <errno.h>
#include <malloc.h>

#include <nettle/md5.h>

#include "radius/client_impl.h"
#include "radius_world.h"

/* ---- packets ---- */

static void an_access_request(void **state)
{
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_attr a;
	struct radius_pkt p;
	struct span password;
	uint8_t out[RADIUS_USER_PASSWORD_MAX];

	server(RADIUS_AUTH)->source = ip4_of(0x0a000001);
	apply();
	rq.password = span_str("a password of more than sixteen octets");
	submit_rq(&rq);
	assert_int_equal(tx(), 1);	/* checks the Message-Authenticator, and that it is first */
	assert_int_equal(seen[0].path.port, 1812);
	assert_int_equal(seen[0].path.use, RADIUS_AUTH);
	assert_int_equal(server_of(&seen[0]), 1);
	assert_int_equal(ip4_num(&seen[0].path.local), 0x0a000001);
	radius_pkt_decode(&p, seen[0].octets, seen[0].len);
	assert_int_equal(p.code, RADIUS_ACCESS_REQUEST);
	assert_true(radius_attr_find(&p, RADIUS_ATTR_USER_NAME, &a) && span_eq_str(a.value, "bob"));
	assert_true(radius_attr_find(&p, RADIUS_ATTR_USER_PASSWORD, &a));
	assert_true(radius_user_password_open(a.value, p.authenticator, span_str(secret), out, &password));
	assert_true(span_eq(password, rq.password));
	assert_false(radius_attr_find(&p, RADIUS_ATTR_ACCT_DELAY_TIME, &a));
	assert_int_equal(tx(), 0);
	assert_int_equal(count(0, RADIUS_COUNT_REQUESTS), 1);
}

static void an_empty_password_is_one(void **state)
{
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_attr a;
	struct radius_pkt p;

	server(RADIUS_AUTH);
	apply();
	submit_rq(&rq);
	rq.password = span_str("");
	submit_rq(&rq);
	assert_int_equal(tx(), 2);
	radius_pkt_decode(&p, seen[0].octets, seen[0].len);
	assert_false(radius_attr_find(&p, RADIUS_ATTR_USER_PASSWORD, &a));
	radius_pkt_decode(&p, seen[1].octets, seen[1].len);
	assert_true(radius_attr_find(&p, RADIUS_ATTR_USER_PASSWORD, &a));
}

/* RFC 5080 §2.2.2, §2.10: a repeat is the same octets. */
static void repeats_are_identical(void **state)
{
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_datagram first;
	unsigned n;

	server(RADIUS_AUTH);
	server(RADIUS_ACCT);
	apply();
	for (int acct = 0; acct < 2; acct++) {
		if (acct)
			rq = request(RADIUS_ACCT);
		rq.delay_time = acct;
		rq.password = span_str(acct ? NULL : "hello");
		rq.since = mono_add_ms(w.now, -1500);
		submit_rq(&rq);
		assert_int_equal(tx(), 1);
		first = seen[0];
		for (int i = 0; i < 2; i++) {
			assert_true(pass_until_tx(&n) > 0);
			assert_int_equal(n, 1);
			assert_int_equal(seen[0].len, first.len);
			assert_memory_equal(seen[0].octets, first.octets, first.len);
			assert_int_equal(seen[0].path.slot, first.path.slot);
		}
		assert_int_equal(count(acct, RADIUS_COUNT_REQUESTS), 1);
		assert_int_equal(count(acct, RADIUS_COUNT_REPEATS), 2);
		answer(&first, acct ? RADIUS_ACCOUNTING_RESPONSE : RADIUS_ACCESS_REJECT);
		assert_true(event());
	}
}

static uint32_t delay_of(const struct radius_datagram *d)
{
	struct radius_attr a;
	struct radius_pkt p;
	uint32_t v = UINT32_MAX;

	radius_pkt_decode(&p, d->octets, d->len);
	if (radius_attr_find(&p, RADIUS_ATTR_ACCT_DELAY_TIME, &a))
		assert_true(radius_attr_u32(&a, &v));
	return v;
}

/* RFC 2866 §5.2; a new server is a new packet, with the delay of then. */
static void delay_time_is_as_of_the_first_sending(void **state)
{
	struct radius_request rq = request(RADIUS_ACCT);
	unsigned n;

	server(RADIUS_ACCT);
	server(RADIUS_ACCT);
	apply();
	submit_rq(&rq);
	assert_int_equal(tx(), 1);
	assert_int_equal(delay_of(&seen[0]), UINT32_MAX);
	answer(&seen[0], RADIUS_ACCOUNTING_RESPONSE);
	rq.delay_time = true;
	rq.since = mono_add_s(w.now, -10);
	rq.delay_base_s = 100;
	submit_rq(&rq);
	assert_int_equal(tx(), 1);
	assert_int_equal(delay_of(&seen[0]), 110);
	for (int i = 0; i < 2; i++) {
		pass_until_tx(&n);
		assert_int_equal(server_of(&seen[0]), 1);
		assert_int_equal(delay_of(&seen[0]), 110);
	}
	pass_until_tx(&n);
	assert_int_equal(server_of(&seen[0]), 2);
	assert_in_range(delay_of(&seen[0]), 112, 113);
	rq.delay_base_s = UINT32_MAX;
	submit_rq(&rq);
	assert_int_equal(tx(), 1);
	assert_int_equal(delay_of(&seen[0]), UINT32_MAX);
}

/* Up to 4,096 octets, to the octet. RFC 2865 §3 */
static void what_does_not_fit_is_refused(void **state)
{
	static const uint8_t some[253];
	uint8_t buf[RADIUS_PKT_MAX];
	struct wr o = wr_of(buf, RADIUS_PKT_MAX - 20 - 18 - 18);
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_handle h;

	server(RADIUS_AUTH);
	apply();
	while (wr_left(&o) >= 2 + 255)
		radius_put_span(&o, RADIUS_ATTR_CLASS, span_of(some, 253));
	radius_put_span(&o, RADIUS_ATTR_CLASS, span_of(some, wr_left(&o) - 2));
	assert_int_equal(wr_left(&o), 0);
	rq.attrs = wr_span(&o);
	rq.password = span_str("sixteen octets..");
	submit_rq(&rq);
	assert_int_equal(tx(), 1);
	assert_int_equal(seen[0].len, RADIUS_PKT_MAX);
	rq.password = span_str("sixteen octets..+");
	assert_int_equal(radius_client_submit(w.c, &rq, w.now, &h), -E2BIG);
	rq.password.len = 0;
	submit_rq(&rq);
	rq = request(RADIUS_AUTH);
	rq.password = span_of(some, RADIUS_USER_PASSWORD_MAX + 1);
	assert_int_equal(radius_client_submit(w.c, &rq, w.now, &h), -E2BIG);
	rq.password = span_of(some, RADIUS_USER_PASSWORD_MAX);
	assert_int_equal(radius_client_submit(w.c, &rq, w.now, &h), 0);
}

static void what_are_no_attributes_is_refused(void **state)
{
	static const char *const bad[] = { "\1", "\1\1", "\1\4x", "\1\3x\2\22sixteen octets..", "\x50\x12sixteen octets.." };
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_handle h;

	server(RADIUS_AUTH);
	apply();
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		rq.attrs = span_str(bad[i]);
		assert_int_equal(radius_client_submit(w.c, &rq, w.now, &h), -EINVAL);
	}
	rq = request(RADIUS_AUTH);
	rq.code = RADIUS_STATUS_SERVER;
	assert_int_equal(radius_client_submit(w.c, &rq, w.now, &h), -EINVAL);
	rq = request(RADIUS_ACCT);
	rq.attrs = span_of("\x29\6\0\0\0\1", 6);
	assert_int_equal(radius_client_submit(w.c, &rq, w.now, &h), 0);
	rq.delay_time = true;
	assert_int_equal(radius_client_submit(w.c, &rq, w.now, &h), -EINVAL);
}

static void a_small_buffer_loses_nothing(void **state)
{
	uint8_t buf[30];
	struct radius_path to;

	server(RADIUS_AUTH);
	apply();
	submit(RADIUS_AUTH);
	assert_int_equal(radius_client_tx(w.c, &to, buf, sizeof(buf), w.now), 0);
	assert_int_equal(count(0, RADIUS_COUNT_REQUESTS), 0);
	assert_int_equal(tx(), 1);
}

/* RFC 5080 §2.2.1: 10 % more or less, and not always the same. */
static void the_timeout_has_jitter(void **state)
{
	int64_t least = INT64_MAX, most = 0;
	unsigned n;

	server(RADIUS_AUTH)->retransmit = 200;
	apply();
	submit(RADIUS_AUTH);
	tx();
	for (int i = 0; i < 100; i++) {
		int64_t ms = pass_until_tx(&n);

		assert_in_range(ms, 900, 1108);
		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	assert_true(least < 940 && most > 1060);
}

/* ---- answers ---- */

static void answers_of_each_kind(void **state)
{
	static const struct {
		enum radius_use use;
		enum radius_code code;
		enum radius_count count;
	} kinds[] = {
		{ RADIUS_AUTH, RADIUS_ACCESS_ACCEPT, RADIUS_COUNT_ACCEPTS },
		{ RADIUS_AUTH, RADIUS_ACCESS_REJECT, RADIUS_COUNT_REJECTS },
		{ RADIUS_AUTH, RADIUS_ACCESS_CHALLENGE, RADIUS_COUNT_CHALLENGES },
		{ RADIUS_ACCT, RADIUS_ACCOUNTING_RESPONSE, RADIUS_COUNT_RESPONSES },
	};

	server(RADIUS_AUTH);
	server(RADIUS_ACCT);
	apply();
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct radius_request rq = request(kinds[i].use);
		struct radius_handle h;
		struct radius_attr a;

		rq.user = &w;
		h = submit_rq(&rq);
		assert_int_equal(tx(), 1);
		w.now = mono_add_ns(w.now, 12345678);
		answer_opt(&seen[0], &(struct radius_reply_opt){ .code = kinds[i].code, .message = "hi", .classes = 3 },
			   span_str(secret));
		expect_answer(h, kinds[i].code);
		assert_ptr_equal(w.ev.user, &w);
		assert_int_equal(w.ev.rtt_us, 12345);
		assert_true(span_eq_str(w.ev.secret, secret));
		assert_true(ip_addr_eq(&w.ev.server, &w.conf[kinds[i].use].addr));
		assert_memory_equal(w.ev.request_authenticator, seen[0].octets + 4, 16);
		assert_true(radius_attr_find(&w.ev.reply, RADIUS_ATTR_REPLY_MESSAGE, &a) && span_eq_str(a.value, "hi"));
		assert_int_equal(count(kinds[i].use, kinds[i].count), 1);
		assert_int_equal(info(kinds[i].use).outstanding, 0);
		assert_false(event());
	}
	assert_int_equal(info(0).rtt_us, 12345);
	assert_int_equal(info(0).rtt_max_us, 12345);
	assert_true(mono_is_never(radius_client_deadline(w.c)));
}

/* An answer to the first copy that comes after the second one is sent is as good. */
static void round_trip_times(void **state)
{
	unsigned n;

	server(RADIUS_AUTH);
	apply();
	for (int i = 0; i < 2; i++) {
		submit(RADIUS_AUTH);
		tx();
		pass_ms(i ? 80 : 0);
		answer(&seen[0], RADIUS_ACCESS_ACCEPT);
		assert_true(event());
	}
	assert_int_equal(info(0).rtt_us, 80000);	/* a time of 0 is none yet */
	submit(RADIUS_AUTH);
	tx();
	pass_until_tx(&n);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	assert_true(event());
	assert_in_range(w.ev.rtt_us, 900000, 1108000);
	assert_in_range(info(0).rtt_us, 80000 + 820000 / 8 - 1, 80000 + 1028000 / 8);
	assert_int_equal(info(0).rtt_max_us, w.ev.rtt_us);
}

static void padding_is_ignored(void **state)
{
	struct radius_handle h;
	size_t len;

	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	tx();
	len = radius_peer_reply(&seen[0], span_str(secret), &(struct radius_reply_opt){ .code = 2, .ma = true }, w.reply);
	memset(w.reply + len, 0xff, 100);
	rx(&seen[0].path, w.reply, len + 100);
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
	assert_int_equal(w.ev.reply.attrs.len, 18);
}

static void replies_nobody_waits_for(void **state)
{
	struct radius_datagram d;
	struct radius_handle h;

	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	/* before the request is sent, any id is a guess */
	for (unsigned i = 0; i < 512; i++) {
		uint8_t forged[20] = { 2, (uint8_t)i, 0, 20 };
		struct radius_path from = { .use = RADIUS_AUTH, .server = w.conf[0].addr, .port = 1812,
					    .slot = (uint16_t)(i / 256) };

		rx(&from, forged, sizeof(forged));
	}
	assert_int_equal(count(0, RADIUS_COUNT_UNKNOWN_ID), 512);
	assert_int_equal(tx(), 1);
	d = seen[0];
	d.path.slot ^= 1;
	answer(&d, RADIUS_ACCESS_ACCEPT);
	d.path.slot = UINT16_MAX;
	answer(&d, RADIUS_ACCESS_ACCEPT);
	d = seen[0];
	d.octets[1] ^= 0x80;
	answer(&d, RADIUS_ACCESS_ACCEPT);
	assert_int_equal(count(0, RADIUS_COUNT_UNKNOWN_ID), 515);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	answer(&seen[0], RADIUS_ACCESS_REJECT);		/* the late second one */
	assert_int_equal(count(0, RADIUS_COUNT_UNKNOWN_ID), 516);
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
	assert_false(event());
}

static void a_source_is_vr_use_address_and_port(void **state)
{
	struct radius_datagram d;

	server(RADIUS_AUTH);
	apply();
	submit(RADIUS_AUTH);
	tx();
	for (int i = 0; i < 4; i++) {
		d = seen[0];
		d.path.vr += i == 0;
		d.path.use = i == 1 ? RADIUS_ACCT : RADIUS_AUTH;
		d.path.server = ip4_of(ONE + (i == 2));
		d.path.port = (uint16_t)(d.path.port + (i == 3));
		answer(&d, RADIUS_ACCESS_ACCEPT);
		assert_int_equal(radius_client_unknown_source(w.c), i + 1);
		assert_false(event());
	}
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	assert_true(event());
}

/* Every reply with a fault is dropped and counted, and the right one after it is taken. */
static void faulty_replies_are_dropped(void **state)
{
	struct radius_handle h;
	size_t len;

	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	tx();
	len = radius_peer_reply(&seen[0], span_str(secret),
				&(struct radius_reply_opt){ .code = 2, .ma = true, .message = "hi" }, w.reply);
	for (size_t cut = 0; cut < len; cut++)
		rx(&seen[0].path, w.reply, cut);
	assert_int_equal(count(0, RADIUS_COUNT_MALFORMED), len);
	w.reply[21] = 1;
	rx(&seen[0].path, w.reply, len);
	w.reply[21] = 255;
	rx(&seen[0].path, w.reply, len);
	assert_int_equal(count(0, RADIUS_COUNT_MALFORMED), len + 2);
	answer(&seen[0], RADIUS_ACCOUNTING_RESPONSE);
	answer(&seen[0], RADIUS_ACCESS_REQUEST);
	answer(&seen[0], RADIUS_COA_REQUEST);
	assert_int_equal(count(0, RADIUS_COUNT_UNEXPECTED_CODE), 3);
	answer_opt(&seen[0], &(struct radius_reply_opt){ .code = 2, .ma = true }, span_str("another"));
	assert_int_equal(count(0, RADIUS_COUNT_BAD_AUTHENTICATOR), 1);
	assert_int_equal(info(0).outstanding, 1);
	assert_false(event());
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
}

static void an_accounting_response_and_nothing_else(void **state)
{
	server(RADIUS_ACCT);
	apply();
	submit(RADIUS_ACCT);
	tx();
	for (unsigned code = 0; code < 256; code++) {
		if (code != RADIUS_ACCOUNTING_RESPONSE)
			answer(&seen[0], (enum radius_code)code);
	}
	assert_int_equal(count(0, RADIUS_COUNT_UNEXPECTED_CODE), 255);
	answer(&seen[0], RADIUS_ACCOUNTING_RESPONSE);
	assert_true(event());
}

/* ---- Message-Authenticator of replies (CVE-2024-3596) ---- */

/* The Response Authenticator of what is in w.reply, whatever its Message-Authenticator: RFC 2865 §3. */
static void sign_again(size_t len, const struct radius_datagram *d)
{
	struct md5_ctx md5;

	memcpy(w.reply + 4, d->octets + 4, 16);
	md5_init(&md5);
	md5_update(&md5, len, w.reply);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_digest(&md5, 16, w.reply + 4);
}

/* RFC 2869 §5.14, RFC 3579 §3.2 */
static void message_authenticator_policies(void **state)
{
	/* ma: of the reply; what becomes of it with auto before and after one has been seen, require, no */
	static const bool ok[2][4] = { { true, false, false, true }, { true, true, true, true } };

	for (int policy = 0; policy < 4; policy++) {
		for (int ma = 0; ma < 2; ma++) {
			begin_again();
			server(RADIUS_AUTH)->ma = policy < 2 ? RADIUS_MA_AUTO : policy == 2 ? RADIUS_MA_REQUIRE
											     : RADIUS_MA_NO;
			apply();
			submit(RADIUS_AUTH);
			tx();
			if (policy == 1) {
				answer_opt(&seen[0], &(struct radius_reply_opt){ .code = 3, .ma = true },
					   span_str(secret));
				assert_true(event());
				assert_true(info(0).ma_seen);
				submit(RADIUS_AUTH);
				tx();
			}
			answer_opt(&seen[0], &(struct radius_reply_opt){ .code = 2, .ma = ma }, span_str(secret));
			assert_int_equal(event(), ok[ma][policy]);
			assert_int_equal(count(0, RADIUS_COUNT_NO_MESSAGE_AUTHENTICATOR), !ok[ma][policy]);
			assert_int_equal(info(0).ma_seen, ma || policy == 1);
		}
	}
}

static void a_wrong_message_authenticator_is_never_taken(void **state)
{
	static const enum radius_ma_policy policy[] = { RADIUS_MA_AUTO, RADIUS_MA_REQUIRE, RADIUS_MA_NO };

	for (int i = 0; i < 3; i++) {
		size_t len;

		begin_again();
		server(RADIUS_AUTH)->ma = policy[i];
		apply();
		submit(RADIUS_AUTH);
		tx();
		len = radius_peer_reply(&seen[0], span_str(secret), &(struct radius_reply_opt){ .code = 2, .ma = true },
					w.reply);
		w.reply[22] ^= 1;
		rx(&seen[0].path, w.reply, len);
		assert_int_equal(count(0, RADIUS_COUNT_BAD_AUTHENTICATOR), 1);
		sign_again(len, &seen[0]);
		rx(&seen[0].path, w.reply, len);
		assert_int_equal(count(0, RADIUS_COUNT_BAD_MESSAGE_AUTHENTICATOR), 1);
		/* two of them, the first one right */
		w.reply[22] ^= 1;
		memcpy(w.reply + len, w.reply + 20, 18);
		w.reply[3] = (uint8_t)(len + 18);
		sign_again(len + 18, &seen[0]);
		rx(&seen[0].path, w.reply, len + 18);
		assert_int_equal(count(0, RADIUS_COUNT_BAD_MESSAGE_AUTHENTICATOR), 2);
		assert_false(info(0).ma_seen);
		assert_false(event());
	}
}

/* RFC 2869 §5.19 gives it none; FreeRADIUS 3.2 puts one that is computed with zeros. */
static void accounting_is_judged_by_its_authenticator_alone(void **state)
{
	size_t len;

	server(RADIUS_ACCT)->ma = RADIUS_MA_REQUIRE;
	apply();
	submit(RADIUS_ACCT);
	tx();
	answer(&seen[0], RADIUS_ACCOUNTING_RESPONSE);
	assert_true(event());
	submit(RADIUS_ACCT);
	tx();
	len = radius_peer_reply(&seen[0], span_str(secret), &(struct radius_reply_opt){ .code = 5, .ma = true }, w.reply);
	w.reply[22] ^= 1;
	sign_again(len, &seen[0]);
	rx(&seen[0].path, w.reply, len);
	assert_true(event());
	assert_false(info(0).ma_seen);
}

/* ---- ids ---- */

static void ids_begin_at_random_and_come_again_late(void **state)
{
	uint16_t last_use[512], begin[2];

	for (int k = 0; k < 2; k++) {
		uint8_t seed[32] = { (uint8_t)k };

		radius_client_free(w.c);
		w.servers = 0;
		w.c = radius_client_new(seed, w.now);
		server(RADIUS_AUTH);	/* window 255: two source ports */
		apply();
		memset(last_use, 0, sizeof(last_use));
		for (uint16_t i = 1; i <= 2000; i++) {
			unsigned n;

			submit(RADIUS_AUTH);
			assert_int_equal(tx(), 1);
			assert_true(seen[0].path.slot < 2);
			n = seen[0].path.slot * 256 + seen[0].octets[1];
			assert_true(!last_use[n] || i - last_use[n] == 512);
			last_use[n] = i;
			if (i == 1)
				begin[k] = (uint16_t)n;
			answer(&seen[0], RADIUS_ACCESS_ACCEPT);
			assert_true(event());
		}
	}
	assert_int_not_equal(begin[0], begin[1]);
}

static void answer_all(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		answer(&seen[i], RADIUS_ACCESS_ACCEPT);
		assert_true(event());
	}
}

/* Answers whatever is sent until so many are outstanding and sent, none of them answered; the last ones are in seen[]. */
static unsigned open_window(unsigned window)
{
	unsigned n;

	while (n = tx(), info(0).outstanding < window)
		answer_all(n);
	return n;
}

static void a_window_opens_with_answers(void **state)
{
	unsigned n;

	server(RADIUS_AUTH)->window = 100;
	apply();
	for (int i = 0; i < 600; i++)
		submit(RADIUS_AUTH);
	assert_int_equal(tx(), 32);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	answer(&seen[1], RADIUS_ACCESS_REJECT);
	answer_all(tx());
	assert_int_equal(info(0).outstanding, 38);
	n = open_window(100);
	assert_int_equal(info(0).outstanding, 100);
	for (; n; n = tx())
		answer_all(n);
	assert_int_equal(info(0).waiting, 0);
	assert_int_equal(info(0).outstanding_max, 100);
}

/* When it has had nothing to do for a while, its receive buffer is what matters again. */
static void a_window_that_was_empty_opens_anew(void **state)
{
	server(RADIUS_AUTH)->window = 100;
	apply();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 90; i++)
			submit(RADIUS_AUTH);
		assert_int_equal(tx(), 32);
		answer_all(32);
		answer_all(tx());
		assert_int_equal(info(0).outstanding, 0);
	}
}

static void a_window_beyond_one_port(void **state)
{
	static uint8_t used[16][256];
	unsigned n;

	server(RADIUS_AUTH)->window = 2000;
	apply();
	memset(used, 0, sizeof(used));
	for (int i = 0; i < 4500; i++)
		submit(RADIUS_AUTH);
	n = open_window(2000);
	assert_int_equal(info(0).outstanding, 2000);
	assert_int_equal(info(0).outstanding_max, 2000);
	for (unsigned i = 0; i < n; i++) {
		assert_true(seen[i].path.slot < 16);
		assert_false(used[seen[i].path.slot][seen[i].octets[1]]++);
	}
}

static void windows_out_of_range(void **state)
{
	server(RADIUS_AUTH)->window = 0;
	server(RADIUS_AUTH)->window = UINT32_MAX;
	assert_int_equal(apply(), 0);
	assert_int_equal(info(0).window, 1);
	assert_int_equal(info(1).window, RADIUS_WINDOW_MAX);
}

/* ---- windows and the queue ---- */

static void the_queue_is_first_in_first_out(void **state)
{
	struct radius_handle h[5];

	server(RADIUS_AUTH)->window = 2;
	server(RADIUS_AUTH);	/* the second one is not for what the first has no room for */
	apply();
	for (int i = 0; i < 5; i++)
		h[i] = submit(RADIUS_AUTH);
	assert_int_equal(tx(), 2);
	assert_int_equal(info(0).waiting, 3);
	for (int i = 0; i < 5; i++) {
		struct radius_datagram d = seen[0];

		assert_int_equal(server_of(&d), 1);
		if (i == 0)
			answer(&seen[1], RADIUS_ACCESS_ACCEPT);
		else
			answer(&d, RADIUS_ACCESS_ACCEPT);
		assert_true(event());
		assert_int_equal(w.ev.handle.id, h[i == 0 ? 1 : i == 1 ? 0 : i].id);
		if (i == 0) {
			assert_int_equal(tx(), 1);
			answer(&seen[0], RADIUS_ACCESS_ACCEPT);
			expect_answer(h[2], RADIUS_ACCESS_ACCEPT);
			break;
		}
	}
	assert_int_equal(tx(), 1);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h[3], RADIUS_ACCESS_ACCEPT);
	assert_int_equal(tx(), 1);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h[4], RADIUS_ACCESS_ACCEPT);
	assert_int_equal(info(0).outstanding_max, 2);
	assert_int_equal(info(0).outstanding, 1);
	assert_int_equal(count(1, RADIUS_COUNT_REQUESTS), 0);
}

static void a_full_queue_refuses(void **state)
{
	struct radius_handle h;

	server(RADIUS_AUTH)->window = 1;
	w.cc.queue_max[RADIUS_AUTH] = 2;
	apply();
	for (int i = 0; i < 3; i++)
		submit(RADIUS_AUTH);
	assert_false(event());
	h = submit(RADIUS_AUTH);
	expect_silent(h, RADIUS_SILENT_QUEUE_FULL);
	assert_false(event());
	assert_int_equal(info(0).waiting, 2);
}

static void round_robin_goes_round(void **state)
{
	static const unsigned want[] = { 1, 2, 3, 1, 3, 1, 3 };

	server(RADIUS_AUTH);
	server(RADIUS_AUTH)->window = 1;
	server(RADIUS_AUTH);
	w.cc.order[RADIUS_AUTH] = RADIUS_ORDER_ROUND_ROBIN;
	apply();
	for (int i = 0; i < 7; i++)
		submit(RADIUS_AUTH);
	assert_int_equal(tx(), 7);
	for (int i = 0; i < 7; i++)	/* the second has no room any more */
		assert_int_equal(server_of(&seen[i]), want[i]);
}

static void round_robin_waits_when_all_are_full(void **state)
{
	server(RADIUS_AUTH)->window = 1;
	server(RADIUS_AUTH)->window = 1;
	w.cc.order[RADIUS_AUTH] = RADIUS_ORDER_ROUND_ROBIN;
	apply();
	for (int i = 0; i < 3; i++)
		submit(RADIUS_AUTH);
	assert_int_equal(tx(), 2);
	answer(&seen[1], RADIUS_ACCESS_ACCEPT);
	assert_int_equal(tx(), 1);
	assert_int_equal(server_of(&seen[0]), 2);
}

static void uses_and_virtual_routers_are_apart(void **state)
{
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_handle h;

	server(RADIUS_AUTH)->vr = 1;
	apply();
	h = submit(RADIUS_AUTH);
	expect_silent(h, RADIUS_SILENT_NO_SERVER);
	h = submit(RADIUS_ACCT);
	expect_silent(h, RADIUS_SILENT_NO_SERVER);
	rq.vr = 1;
	submit_rq(&rq);
	assert_int_equal(tx(), 1);
	assert_int_equal(seen[0].path.vr, 1);
	assert_true(radius_client_alive(w.c, 1, RADIUS_AUTH));
	assert_false(radius_client_alive(w.c, 1, RADIUS_ACCT));
	assert_false(radius_client_alive(w.c, 0, RADIUS_AUTH));
}

/* ---- the owner's deadline, and cancelling ---- */

static void giving_up(void **state)
{
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_handle h[3];

	server(RADIUS_AUTH)->window = 1;
	apply();
	rq.give_up = mono_add_ms(w.now, 500);
	h[0] = submit_rq(&rq);		/* outstanding */
	assert_int_equal(tx(), 1);
	rq.give_up = mono_add_ms(w.now, 400);
	h[1] = submit_rq(&rq);		/* waiting */
	rq.give_up = w.now;
	h[2] = submit_rq(&rq);
	expect_silent(h[2], RADIUS_SILENT_GIVEN_UP);
	pass_ms(396);
	assert_false(event());
	pass_ms(8);
	expect_silent(h[1], RADIUS_SILENT_GIVEN_UP);
	submit(RADIUS_AUTH);
	pass_ms(100);
	expect_silent(h[0], RADIUS_SILENT_GIVEN_UP);
	assert_int_equal(tx(), 1);	/* its room went to the next */
	assert_int_equal(count(0, RADIUS_COUNT_TIMEOUTS), 0);
	assert_false(event());
}

static void giving_up_before_it_was_sent(void **state)
{
	struct radius_request rq = request(RADIUS_AUTH);
	struct radius_handle h;

	server(RADIUS_AUTH);
	apply();
	rq.give_up = mono_add_ms(w.now, 500);
	h = submit_rq(&rq);
	pass_ms(504);
	expect_silent(h, RADIUS_SILENT_GIVEN_UP);
	assert_int_equal(tx(), 0);
	assert_int_equal(info(0).outstanding, 0);
}

static void cancelling_in_every_place(void **state)
{
	struct radius_handle h[5];

	server(RADIUS_AUTH)->window = 2;
	apply();
	for (int i = 0; i < 2; i++)
		h[i] = submit(RADIUS_AUTH);
	assert_int_equal(tx(), 2);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	for (int i = 2; i < 5; i++)
		h[i] = submit(RADIUS_AUTH);
	radius_client_cancel(w.c, h[4]);	/* waiting */
	radius_client_cancel(w.c, h[2]);	/* has an id */
	radius_client_cancel(w.c, h[1]);	/* sent */
	radius_client_cancel(w.c, h[0]);	/* answered */
	assert_false(event());
	answer(&seen[1], RADIUS_ACCESS_ACCEPT);
	assert_int_equal(count(0, RADIUS_COUNT_UNKNOWN_ID), 1);
	assert_int_equal(tx(), 1);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h[3], RADIUS_ACCESS_ACCEPT);
	/* stale, none, never given */
	for (int i = 0; i < 5; i++)
		radius_client_cancel(w.c, h[i]);
	radius_client_cancel(w.c, (struct radius_handle){ 0, 0 });
	radius_client_cancel(w.c, (struct radius_handle){ 99, 99 });
	assert_int_equal(w.ev.reply.code, RADIUS_ACCESS_ACCEPT);
	assert_int_equal(info(0).outstanding, 0);
	assert_int_equal(info(0).waiting, 0);
	assert_true(mono_is_never(radius_client_deadline(w.c)));
}

/* ---- all the rest ---- */

static void names(void **state)
{
	for (unsigned i = 0; i < RADIUS_COUNT_MAX; i++)
		assert_non_null(radius_count_name(i));
	assert_null(radius_count_name(RADIUS_COUNT_MAX));
	for (unsigned i = 0; i < RADIUS_SILENCES; i++)
		assert_string_not_equal(radius_silence_name((enum radius_silence)i), "?");
	assert_string_equal(radius_silence_name(RADIUS_SILENCES), "?");
}

static void memory_of_an_outstanding_request(void **state)
{
	enum { N = 20000 };
	size_t attrs_len = attrs().len, table, before, after, each;

	server(RADIUS_AUTH)->window = N;
	apply();
	/* request, its line in the map of handles, twice a pointer and an id */
	table = sizeof(struct radius_ask) + attrs_len + sizeof(void *) + 2 * (sizeof(void *) + sizeof(uint16_t));
	before = mallinfo2().uordblks;
	for (int i = 0; i < N; i++)
		submit(RADIUS_AUTH);
	after = mallinfo2().uordblks;
	each = (after - before) / N;	/* 0 under a sanitizer's allocator */
	print_message("an outstanding request: attributes + %zu octets (struct %zu); measured without the server's tables: "
		      "attributes + %zu\n", table - attrs_len, sizeof(struct radius_ask), each ? each - attrs_len : 0);
	assert_true(table - attrs_len <= 208);
	assert_true(each <= attrs_len + 208);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_access_request), T(an_empty_password_is_one), T(repeats_are_identical),
		T(delay_time_is_as_of_the_first_sending), T(what_does_not_fit_is_refused),
		T(what_are_no_attributes_is_refused), T(a_small_buffer_loses_nothing), T(the_timeout_has_jitter),
		T(answers_of_each_kind), T(round_trip_times), T(padding_is_ignored), T(replies_nobody_waits_for),
		T(a_source_is_vr_use_address_and_port), T(faulty_replies_are_dropped),
		T(an_accounting_response_and_nothing_else), T(message_authenticator_policies),
		T(a_wrong_message_authenticator_is_never_taken), T(accounting_is_judged_by_its_authenticator_alone),
		T(ids_begin_at_random_and_come_again_late), T(a_window_opens_with_answers),
		T(a_window_that_was_empty_opens_anew), T(a_window_beyond_one_port), T(windows_out_of_range),
		T(the_queue_is_first_in_first_out), T(a_full_queue_refuses), T(round_robin_goes_round),
		T(round_robin_waits_when_all_are_full), T(uses_and_virtual_routers_are_apart), T(giving_up),
		T(giving_up_before_it_was_sent), T(cancelling_in_every_place), T(names),
		T(memory_of_an_outstanding_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
