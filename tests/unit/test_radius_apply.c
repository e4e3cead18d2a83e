/* SPDX-License-Identifier: BSD-2-Clause */
/* The RADIUS client: a new configuration while requests are outstanding. */
#include <errno.h>

#include "radius_world.h"

/* ---- configuration ---- */

static void what_cannot_be_configured(void **state)
{
	server(RADIUS_AUTH);
	server(RADIUS_AUTH)->addr = w.conf[0].addr;
	assert_int_equal(apply(), -EINVAL);
	w.servers = 0;
	for (int i = 0; i < RADIUS_SERVERS_MAX; i++)
		server(RADIUS_AUTH);
	assert_int_equal(apply(), 0);
	submit(RADIUS_AUTH);
	server(RADIUS_AUTH);
	assert_int_equal(apply(), -EINVAL);
	assert_int_equal(info(7).outstanding + info(0).outstanding, 1);	/* the old list stays */
	assert_int_equal(tx(), 1);
}

static void a_server_that_stays_keeps_everything(void **state)
{
	struct radius_handle h[4];
	struct radius_datagram old[2];

	server(RADIUS_AUTH)->window = 2;
	apply();
	for (int i = 0; i < 4; i++)
		h[i] = submit(RADIUS_AUTH);
	assert_int_equal(tx(), 2);
	memcpy(old, seen, sizeof(old));
	w.conf[1] = w.conf[0];
	w.servers = 1;
	server(RADIUS_AUTH);
	w.conf[0].addr = ip4_of(0x0a000001);	/* a new one before it */
	w.conf[1].addr = ip4_of(ONE);
	w.conf[1].window = 1000;	/* more ids, more room */
	assert_int_equal(apply(), 0);
	assert_int_equal(info(1).outstanding, 2);
	assert_int_equal(info(1).waiting, 0);
	assert_int_equal(count(1, RADIUS_COUNT_REQUESTS), 2);
	assert_int_equal(tx(), 2);		/* what waited goes to the new first one */
	assert_int_equal(ip4_num(&seen[0].path.server), 0x0a000001);
	answer(&old[1], RADIUS_ACCESS_ACCEPT);
	expect_answer(h[1], RADIUS_ACCESS_ACCEPT);
	answer(&old[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h[0], RADIUS_ACCESS_ACCEPT);
	w.conf[1].window = 1;		/* fewer: ids stay */
	assert_int_equal(apply(), 0);
	answer(&seen[1], RADIUS_ACCESS_ACCEPT);
	expect_answer(h[3], RADIUS_ACCESS_ACCEPT);
}

static void a_wider_window_takes_what_waits(void **state)
{
	server(RADIUS_AUTH)->window = 1;
	apply();
	for (int i = 0; i < 5; i++)
		submit(RADIUS_AUTH);
	assert_int_equal(tx(), 1);
	w.conf[0].window = 4;
	apply();
	assert_int_equal(tx(), 3);
	w.conf[0].window = 2;
	apply();
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	answer(&seen[1], RADIUS_ACCESS_ACCEPT);
	assert_int_equal(tx(), 0);
	answer(&seen[2], RADIUS_ACCESS_ACCEPT);
	assert_int_equal(tx(), 1);
}

static void requests_at_a_removed_server_are_asked_anew(void **state)
{
	struct radius_handle h;
	struct radius_datagram old;

	server(RADIUS_AUTH);
	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	tx();
	old = seen[0];
	w.conf[0] = w.conf[1];
	w.servers = 1;
	apply();
	answer(&old, RADIUS_ACCESS_ACCEPT);
	assert_int_equal(radius_client_unknown_source(w.c), 1);
	assert_int_equal(tx(), 1);
	assert_int_equal(server_of(&seen[0]), 2);
	assert_memory_not_equal(seen[0].octets + 4, old.octets + 4, 16);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
}

static void with_the_last_server_requests_end(void **state)
{
	struct radius_handle h[3];

	server(RADIUS_AUTH)->window = 1;
	apply();
	for (int i = 0; i < 2; i++)
		h[i] = submit(RADIUS_AUTH);
	tx();
	w.servers = 0;
	apply();
	expect_silent(h[1], RADIUS_SILENT_NO_SERVER);
	expect_silent(h[0], RADIUS_SILENT_NO_SERVER);
	h[2] = submit(RADIUS_AUTH);
	expect_silent(h[2], RADIUS_SILENT_NO_SERVER);
	assert_true(mono_is_never(radius_client_deadline(w.c)));
	assert_false(radius_client_server_at(w.c, 0, &(struct radius_server_info){ 0 }, w.now));
}

/* With the new secret the same server is asked, whatever it was before. */
static void a_new_secret(void **state)
{
	struct radius_datagram old;
	struct radius_handle h[2];

	server(RADIUS_AUTH)->secret = span_str("wrong");
	apply();
	radius_client_submit(w.c, &(struct radius_request){ .use = RADIUS_AUTH, .code = RADIUS_ACCESS_REQUEST,
							     .give_up = MONO_NEVER }, w.now, &h[0]);
	radius_client_tx(w.c, &old.path, old.octets, sizeof(old.octets), w.now);
	w.conf[0].secret = span_str(secret);
	apply();
	assert_int_equal(tx(), 1);
	answer_opt(&old, &(struct radius_reply_opt){ .code = 2 }, span_str("wrong"));
	assert_int_equal(count(0, RADIUS_COUNT_UNKNOWN_ID), 1);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	expect_answer(h[0], RADIUS_ACCESS_ACCEPT);
	/* a dead one lives again */
	h[1] = submit(RADIUS_AUTH);
	silence(1, 3500);
	expect_silent(h[1], RADIUS_SILENT_TIMEOUT);
	assert_true(info(0).dead);
	w.conf[0].secret = span_str("new");
	apply();
	assert_false(info(0).dead);
	assert_int_equal(count(0, RADIUS_COUNT_DEATHS), 1);	/* counters go on */
}

static void death_outlives_a_reload(void **state)
{
	kill_two();
	apply();
	assert_true(info(0).dead && info(1).dead);
	w.conf[0].probe = true;
	apply();
	pass_ms(4);
	assert_int_equal(tx(), 1);
	assert_int_equal(seen[0].octets[0], RADIUS_STATUS_SERVER);
	apply();
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);		/* the probe did not survive */
	assert_true(info(0).dead);
	pass_ms(2000);
	assert_int_equal(tx(), 1);
	answer(&seen[0], RADIUS_ACCESS_ACCEPT);
	assert_false(info(0).dead);
	w.conf[1].deadtime_s = 0;
	apply();
	assert_false(info(1).dead);
}

static void a_request_that_has_been_there_is_remembered(void **state)
{
	struct radius_server_conf first;
	struct radius_handle h;
	unsigned n = 0;

	server(RADIUS_AUTH)->deadtime_s = 0;
	server(RADIUS_AUTH)->deadtime_s = 0;
	apply();
	h = submit(RADIUS_AUTH);
	for (tx(); n != 1 || server_of(&seen[0]) != 2; pass_until_tx(&n))
		;
	first = w.conf[0];	/* they change places */
	w.conf[0] = w.conf[1];
	w.conf[1] = first;
	apply();
	do
		assert_int_equal(server_of(&seen[0]), 2);
	while (pass_until_tx(&n) > 0);
	expect_silent(h, RADIUS_SILENT_TIMEOUT);
}

static void an_answer_outlives_its_server(void **state)
{
	struct radius_handle h;

	server(RADIUS_AUTH);
	apply();
	h = submit(RADIUS_AUTH);
	tx();
	answer_opt(&seen[0], &(struct radius_reply_opt){ .code = 2, .classes = 30 }, span_str(secret));
	w.servers = 0;
	apply();
	expect_answer(h, RADIUS_ACCESS_ACCEPT);
	assert_true(span_eq_str(w.ev.secret, secret));
	assert_int_equal(w.ev.reply.attrs.len, 30 * 102);
	assert_int_equal(ip4_num(&w.ev.server), ONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_cannot_be_configured), T(a_server_that_stays_keeps_everything),
		T(a_wider_window_takes_what_waits), T(requests_at_a_removed_server_are_asked_anew),
		T(with_the_last_server_requests_end), T(a_new_secret), T(death_outlives_a_reload),
		T(a_request_that_has_been_there_is_remembered), T(an_answer_outlives_its_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
