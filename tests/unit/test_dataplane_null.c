/* SPDX-License-Identifier: BSD-2-Clause */
/* The plane for tests keeps the promises of dp.h: states, held frames, GONE with counters, refusals. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dp_null.h"

static int user_a, user_b;

static int begin(void **state)
{
	*state = dp_null_new();
	return *state ? 0 : -1;
}

static int end(void **state)
{
	dp_null_free(*state);
	return 0;
}

static void tunnel(struct dp_if dp, uint16_t tid)
{
	struct dp_tunnel t = { .local_tunnel_id = tid, .peer_tunnel_id = 9, .local = ip4_of(1), .peer = ip4_of(2),
			       .local_port = 1701, .peer_port = 40000 };

	assert_int_equal(dp.ops->tunnel_add(dp.dp, &t), 0);
}

static struct dp_handle session(struct dp_if dp, uint16_t tid, uint16_t sid, void *user)
{
	struct dp_handle h;

	assert_int_equal(dp.ops->session_add(dp.dp, &(struct dp_session){ tid, sid, user }, &h), 0);
	return h;
}

static void a_call_from_hold_to_gone(void **state)
{
	struct dp_null *n = *state;
	struct dp_if dp = dp_null_if(n);
	struct dp_session_params p = { .peer_session_id = 77 };
	struct ip_route route = { { ip4_of(0xc0a80000), 16 }, 0 };
	struct dp_subscriber sub = { .ip4 = ip4_of(0x0a000001), .mtu = 1492, .routes = &route, .route_count = 1 };
	struct dp_counters c = { .rx_octets = 11, .tx_octets = 22 }, got;
	struct dp_handle h;
	struct dp_event ev;

	tunnel(dp, 5);
	h = session(dp, 5, 100, &user_a);
	for (uint8_t i = 0; i < 4; i++)
		assert_true(dp_null_rx_frame(n, 5, 100, (uint8_t[]){ 0xc0, 0x21, i }, 3));
	assert_false(dp_null_rx_frame(n, 5, 100, (uint8_t[]){ 0xc0, 0x21, 4 }, 3));
	assert_int_equal(dp.ops->drop_count(dp.dp, DP_DROP_HOLD_FULL), 1);
	assert_false(dp.ops->event(dp.dp, &ev, MONO_ZERO));
	assert_true(mono_is_never(dp.ops->deadline(dp.dp)));

	assert_int_equal(dp.ops->session_punt(dp.dp, h, &p), 0);
	assert_false(mono_is_never(dp.ops->deadline(dp.dp)));
	for (uint8_t i = 0; i < 4; i++) {
		assert_true(dp.ops->event(dp.dp, &ev, MONO_ZERO));
		assert_int_equal(ev.type, DP_EV_FRAME);
		assert_ptr_equal(ev.user, &user_a);
		assert_int_equal(ev.handle.slot, h.slot);
		assert_int_equal(ev.len, 3);
		assert_int_equal(ev.data[2], i);
		assert_int_equal(ev.peer_port, 40000);
	}
	assert_int_equal(dp.ops->session_forward(dp.dp, h, &sub), 0);
	assert_int_equal(dp_null_session_by_ip4(n, &sub.ip4)->state, DP_FORWARD);
	assert_int_equal(dp_null_session_by_ip4(n, &sub.ip4)->sub.routes[0].dst.len, 16);
	dp_null_set_counters(n, h, &c);
	assert_true(dp.ops->session_counters(dp.dp, h, &got));
	assert_int_equal(got.tx_octets, 22);
	dp.ops->session_del(dp.dp, h);
	assert_null(dp_null_session_by_ip4(n, &sub.ip4));
	assert_false(dp.ops->session_counters(dp.dp, h, &got));
	assert_int_equal(dp_null_sessions(n), 0);
	assert_true(dp.ops->event(dp.dp, &ev, MONO_ZERO));
	assert_int_equal(ev.type, DP_EV_GONE);
	assert_int_equal(ev.counters.rx_octets, 11);
	assert_false(dp.ops->event(dp.dp, &ev, MONO_ZERO));
	dp.ops->tunnel_del(dp.dp, 5);
	assert_int_equal(dp_null_tunnels(n), 0);
	assert_int_equal(dp_null_misuse(n), 0);
}

static void two_sessions_one_address(void **state)
{
	struct dp_null *n = *state;
	struct dp_if dp = dp_null_if(n);
	struct dp_session_params p = { 1, false, false };
	struct dp_subscriber sub = { .ip4 = ip4_of(0x0a000001) };
	struct dp_handle a, b;

	tunnel(dp, 5);
	a = session(dp, 5, 1, &user_a);
	b = session(dp, 5, 2, &user_b);
	dp.ops->session_punt(dp.dp, a, &p);
	dp.ops->session_punt(dp.dp, b, &p);
	assert_int_equal(dp.ops->session_forward(dp.dp, a, &sub), 0);
	assert_int_equal(dp.ops->session_forward(dp.dp, a, &sub), 0);
	assert_int_equal(dp.ops->session_forward(dp.dp, b, &sub), -EADDRINUSE);
	assert_int_equal(dp.ops->session_unforward(dp.dp, a), 0);
	assert_int_equal(dp.ops->session_forward(dp.dp, b, &sub), 0);
	dp.ops->session_del(dp.dp, b);
	assert_int_equal(dp.ops->session_forward(dp.dp, a, &sub), 0);	/* before GONE is taken */
	assert_int_equal(dp_null_misuse(n), 0);
}

static void what_was_sent_can_be_looked_at(void **state)
{
	struct dp_null *n = *state;
	struct dp_if dp = dp_null_if(n);
	struct ip_addr local = ip4_of(1), peer = ip4_of(2), none[1] = { ip4_of(3) };
	struct dp_pool pool = { 0, 1, 2 };
	struct dp_null_control c;
	struct dp_null_frame f;
	struct dp_event ev;
	struct dp_handle h;
	unsigned count;

	assert_int_equal(dp.ops->control_tx(dp.dp, 0, &local, 1701, &peer, 1234, (const uint8_t *)"abc", 3), 0);
	assert_true(dp_null_take_control(n, &c));
	assert_int_equal(c.peer_port, 1234);
	assert_memory_equal(c.msg, "abc", 3);
	assert_false(dp_null_take_control(n, &c));
	tunnel(dp, 5);
	h = session(dp, 5, 1, &user_a);
	dp.ops->session_punt(dp.dp, h, &(struct dp_session_params){ 1, false, false });
	assert_int_equal(dp.ops->session_tx(dp.dp, h, (const uint8_t *)"\xc0\x21\x01", 3), 0);
	assert_true(dp_null_take_frame(n, &f));
	assert_ptr_equal(f.user, &user_a);
	assert_int_equal(f.len, 3);
	assert_int_equal(dp.ops->local_set(dp.dp, none, 1), 0);
	assert_true(ip_addr_eq(dp_null_locals(n, &count), &none[0]));
	assert_int_equal(dp.ops->pool_set(dp.dp, &pool, 1), 0);
	assert_int_equal(dp_null_pools(n, &count)->end, 2);
	assert_true(dp_null_rx_control(n, 0, &local, 1701, &peer, 99, (const uint8_t *)"xyz", 3));
	assert_true(dp_null_rx_local(n, &local, true));
	assert_true(dp.ops->event(dp.dp, &ev, MONO_ZERO));
	assert_int_equal(ev.type, DP_EV_CONTROL);
	assert_int_equal(ev.peer_port, 99);
	assert_memory_equal(ev.data, "xyz", 3);
	assert_true(dp.ops->event(dp.dp, &ev, MONO_ZERO));
	assert_int_equal(ev.type, DP_EV_LOCAL_UP);
	assert_true(ev.up);
}

static void refusals_on_order_and_misuse(void **state)
{
	struct dp_null *n = *state;
	struct dp_if dp = dp_null_if(n);
	struct dp_handle h;

	assert_int_equal(dp.ops->session_add(dp.dp, &(struct dp_session){ 5, 1, NULL }, &h), -ENOENT);
	assert_int_equal(h.slot, UINT32_MAX);
	assert_int_equal(dp_null_misuse(n), 1);
	tunnel(dp, 5);
	dp_null_fail(n, DP_NULL_SESSION_ADD, -EAGAIN, 2);
	assert_int_equal(dp.ops->session_add(dp.dp, &(struct dp_session){ 5, 1, NULL }, &h), -EAGAIN);
	assert_int_equal(dp.ops->session_add(dp.dp, &(struct dp_session){ 5, 2, NULL }, &h), -EAGAIN);
	h = session(dp, 5, 3, NULL);
	assert_int_equal(dp_null_misuse(n), 1);
	assert_int_equal(dp.ops->session_tx(dp.dp, h, (const uint8_t *)"", 0), -EINVAL);	/* in HOLD */
	dp.ops->tunnel_del(dp.dp, 5);								/* with a session */
	h.generation++;
	dp.ops->session_del(dp.dp, h);								/* stale */
	assert_int_equal(dp_null_misuse(n), 4);
	assert_string_equal(dp_drop_name(DP_DROP_WRONG_PEER_PORT), "wrong-peer-port");
	assert_string_equal(dp_drop_name(DP_DROP_COUNT), "?");
}

static void many_sessions(void **state)
{
	struct dp_null *n = *state;
	struct dp_if dp = dp_null_if(n);
	struct dp_handle h[1000];
	struct dp_event ev;

	tunnel(dp, 5);
	for (int round = 0; round < 3; round++) {
		for (uint16_t i = 0; i < 1000; i++)
			h[i] = session(dp, 5, (uint16_t)(i + 1), NULL);
		for (uint16_t i = 0; i < 1000; i++)
			assert_ptr_equal(dp_null_session_by_id(n, 5, (uint16_t)(i + 1)), dp_null_session(n, h[i]));
		for (uint16_t i = 0; i < 1000; i++)
			dp.ops->session_del(dp.dp, h[i]);
		for (uint16_t i = 0; i < 1000; i++)
			assert_true(dp.ops->event(dp.dp, &ev, MONO_ZERO));
		assert_false(dp.ops->event(dp.dp, &ev, MONO_ZERO));
	}
	assert_int_equal(dp_null_misuse(n), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_call_from_hold_to_gone, begin, end),
		cmocka_unit_test_setup_teardown(two_sessions_one_address, begin, end),
		cmocka_unit_test_setup_teardown(what_was_sent_can_be_looked_at, begin, end),
		cmocka_unit_test_setup_teardown(refusals_on_order_and_misuse, begin, end),
		cmocka_unit_test_setup_teardown(many_sessions, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
