/* SPDX-License-Identifier: BSD-2-Clause */
/* The endpoint: who is found by what, limits, many tunnels and calls, and what they cost in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <malloc.h>

#include "l2tp/endpoint.h"
#include "l2tp_world.h"
#include "wire/l2tp_msg.h"

/* ---- two endpoints, back to back, whose owners say yes to everything ---- */

struct pair {
	struct l2tp_endpoint *lac, *lns;
	struct l2tp_path path;		/* as the LAC sees it */
	struct l2tp_tunnel_conf conf;
	mono_t now;
	unsigned tunnels_up, tunnels_down, gone, calls_up, calls_down, offered;	/* at the LNS */
	bool cut;
};

static struct l2tp_endpoint *endpoint(uint8_t seed_octet, mono_t now)
{
	struct l2tp_endpoint_conf conf = world_endpoint_conf();
	uint8_t seed[32] = { seed_octet };

	conf.half_open = conf.half_open_per_source = 65535;
	return l2tp_endpoint_new(&conf, seed, now);
}

static void pair_init(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	p->now = mono_add_s(MONO_ZERO, 1000);
	p->lac = endpoint(1, p->now);
	p->lns = endpoint(2, p->now);
	p->path = (struct l2tp_path){
		.local = ip4_of(0xc0000202), .peer = ip4_of(0xc0000201), .local_port = 1701, .peer_port = 1701
	};
	p->conf = (struct l2tp_tunnel_conf){ .local_name = span_str("a-name-of-usual-length"),
					     .secret = span_str("s3cret"),
					     .hello_s = 60,
					     .call_accept_incoming = true };
}

static void pair_fini(struct pair *p)
{
	l2tp_endpoint_free(p->lac);
	l2tp_endpoint_free(p->lns);
}

static void on_event(struct pair *p, struct l2tp_event *ev, bool lns)
{
	struct l2tp_call_params params = { .tx_connect_speed = 1, .framing_type = 1 };

	switch (ev->type) {
	case L2TP_EV_TUNNEL_OFFERED:
		l2tp_tunnel_accept(ev->ctrl, &p->conf, NULL, p->now);
		break;
	case L2TP_EV_CALL_OFFERED:
		p->offered++;
		l2tp_call_accept(ev->call, NULL, p->now);
		break;
	case L2TP_EV_CALL_ANSWERED:
		l2tp_call_connect(ev->call, &params, p->now);
		break;
	case L2TP_EV_TUNNEL_UP:
		p->tunnels_up += lns;
		break;
	case L2TP_EV_TUNNEL_DOWN:
		p->tunnels_down += lns;
		break;
	case L2TP_EV_TUNNEL_GONE:
		p->gone += lns;
		break;
	case L2TP_EV_CALL_UP:
		p->calls_up += lns;
		break;
	case L2TP_EV_CALL_DOWN:
		p->calls_down += lns;
		break;
	default:
		break;
	}
}

static void turn_path(struct l2tp_path *p)
{
	struct ip_addr a = p->local;
	uint16_t port = p->local_port;

	p->local = p->peer;
	p->local_port = p->peer_port;
	p->peer = a;
	p->peer_port = port;
}

static unsigned pump(struct pair *p, struct l2tp_endpoint *from, struct l2tp_endpoint *to)
{
	struct l2tp_event ev;
	struct l2tp_path path;
	uint8_t buf[2048];
	unsigned n = 0;
	size_t len;

	while (l2tp_endpoint_event(from, &ev, p->now))
		on_event(p, &ev, from == p->lns);
	for (; (len = l2tp_endpoint_tx(from, &path, buf, sizeof(buf), p->now)); n++) {
		turn_path(&path);
		if (!p->cut)
			l2tp_endpoint_rx(to, &path, buf, len, p->now);
	}
	return n;
}

static void settle(struct pair *p)
{
	while (pump(p, p->lac, p->lns) + pump(p, p->lns, p->lac))
		;
}

static void pass(struct pair *p, unsigned s)
{
	for (unsigned i = 0; i < s; i++) {
		p->now = mono_add_s(p->now, 1);
		l2tp_endpoint_expire(p->lac, p->now);
		l2tp_endpoint_expire(p->lns, p->now);
		settle(p);
	}
}

static struct l2tp_ctrl *open_one(struct pair *p)
{
	struct l2tp_ctrl *c;

	assert_int_equal(l2tp_tunnel_open(p->lac, &p->path, &p->conf, NULL, p->now, &c), 0);
	return c;
}

static struct l2tp_call *offer_one(struct pair *p, struct l2tp_ctrl *c)
{
	static const struct l2tp_call_offer offer = { .call_serial = 1 };
	struct l2tp_call *call;

	assert_int_equal(l2tp_call_offer(c, &offer, NULL, p->now, &call), 0);
	return call;
}

/* ---- the peer as octets ---- */

static size_t sccrq(uint8_t *buf, uint16_t id)
{
	struct wr w = wr_of(buf, 256);
	struct l2tp_build b;

	l2tp_msg_begin(&b, &w, NULL, L2TP_MSG_SCCRQ, 0, 0, 0, 0);
	l2tp_avp_put_u16(&b, L2TP_AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);
	l2tp_avp_put_bytes(&b, L2TP_AVP_HOST_NAME, span_str("peer"));
	l2tp_avp_put_u32(&b, L2TP_AVP_FRAMING_CAPABILITIES, 3);
	l2tp_avp_put_u16(&b, L2TP_AVP_ASSIGNED_TUNNEL_ID, id);
	return l2tp_msg_end(&b);
}

static size_t short_msg(uint8_t *buf, uint16_t type, uint16_t tunnel, uint16_t session, uint16_t ns, uint16_t nr)
{
	struct wr w = wr_of(buf, 256);
	struct l2tp_build b;

	l2tp_msg_begin(&b, &w, NULL, type, tunnel, session, ns, nr);
	if (type == L2TP_MSG_ICRQ) {
		l2tp_avp_put_u16(&b, L2TP_AVP_ASSIGNED_SESSION_ID, ns ? ns : 1);
		l2tp_avp_put_u32(&b, L2TP_AVP_BEARER_TYPE, 0x80);	/* not acceptable: answered with CDN */
		l2tp_avp_put_u32(&b, L2TP_AVP_CALL_SERIAL_NUMBER, 1);
	}
	return l2tp_msg_end(&b);
}

/* ---- tests ---- */

static void behind_one_address(void **state)
{
	/* Three LACs behind one address, with equal tunnel ids and different ports, are three tunnels. */
	struct pair p;
	struct l2tp_path from;
	struct l2tp_event ev;
	uint8_t buf[256];
	struct l2tp_ctrl *c[3];

	pair_init(&p);
	from = p.path;
	turn_path(&from);
	for (uint16_t i = 0; i < 3; i++) {
		from.peer_port = (uint16_t)(1701 + i);
		l2tp_endpoint_rx(p.lns, &from, buf, sccrq(buf, 9), p.now);
		l2tp_endpoint_rx(p.lns, &from, buf, sccrq(buf, 9), p.now);
		assert_true(l2tp_endpoint_event(p.lns, &ev, p.now));
		assert_int_equal(ev.type, L2TP_EV_TUNNEL_OFFERED);
		assert_int_equal(ev.peer.peer_tunnel_id, 9);
		assert_true(span_eq_str(ev.peer.host_name, "peer"));
		assert_int_equal(ev.path.peer_port, 1701 + i);
		c[i] = ev.ctrl;
		assert_false(l2tp_endpoint_event(p.lns, &ev, p.now));
	}
	assert_ptr_not_equal(c[0], c[1]);
	assert_ptr_not_equal(c[1], c[2]);
	assert_int_equal(l2tp_endpoint_counter(p.lns, L2TP_COUNT_SCCRQ_REPEAT), 3);
	/* a message with the right id from another's port */
	l2tp_endpoint_rx(p.lns, &from, buf, short_msg(buf, L2TP_MSG_HELLO, l2tp_tunnel_local_id(c[0]), 0, 1, 0), p.now);
	assert_int_equal(l2tp_endpoint_counter(p.lns, L2TP_COUNT_RX_PORT_CHANGED), 1);
	pair_fini(&p);
}

static void another_local_address_or_router(void **state)
{
	struct pair p;
	struct l2tp_path from;
	struct l2tp_ctrl *c;
	uint8_t buf[256];

	pair_init(&p);
	c = open_one(&p);
	settle(&p);
	from = p.path;
	from.local = ip4_of(0xc0000299);
	l2tp_endpoint_rx(p.lac, &from, buf, short_msg(buf, L2TP_MSG_HELLO, l2tp_tunnel_local_id(c), 0, 1, 0), p.now);
	from = p.path;
	from.vr = 1;
	l2tp_endpoint_rx(p.lac, &from, buf, short_msg(buf, L2TP_MSG_HELLO, l2tp_tunnel_local_id(c), 0, 1, 0), p.now);
	assert_int_equal(l2tp_endpoint_counter(p.lac, L2TP_COUNT_RX_LOCAL_CHANGED), 2);
	pair_fini(&p);
}

static void headers_are_counted(void **state)
{
	static const uint8_t data[] = { 0x40, 0x02, 0, 12, 0, 1, 0, 1, 0, 0, 0, 0 };
	static const uint8_t v3[] = { 0xc8, 0x03, 0, 12, 0, 1, 0, 0, 0, 0, 0, 0 };
	static const uint8_t no_length[] = { 0x88, 0x02, 0, 1, 0, 0, 0, 0, 0, 0 };
	static const uint8_t long_length[] = { 0xc8, 0x02, 0, 13, 0, 1, 0, 0, 0, 0, 0, 0 };
	struct pair p;

	pair_init(&p);
	l2tp_endpoint_rx(p.lns, &p.path, data, sizeof(data), p.now);
	l2tp_endpoint_rx(p.lns, &p.path, data, 0, p.now);
	l2tp_endpoint_rx(p.lns, &p.path, v3, sizeof(v3), p.now);
	l2tp_endpoint_rx(p.lns, &p.path, v3, 5, p.now);
	l2tp_endpoint_rx(p.lns, &p.path, no_length, sizeof(no_length), p.now);
	l2tp_endpoint_rx(p.lns, &p.path, long_length, sizeof(long_length), p.now);
	assert_int_equal(l2tp_endpoint_counter(p.lns, L2TP_COUNT_RX_NOT_CONTROL), 2);
	assert_int_equal(l2tp_endpoint_counter(p.lns, L2TP_COUNT_HDR + L2TP_HDR_VERSION) +
			 l2tp_endpoint_counter(p.lns, L2TP_COUNT_HDR + L2TP_HDR_SHORT), 2);
	assert_int_equal(l2tp_endpoint_counter(p.lns, L2TP_COUNT_HDR + L2TP_HDR_CONTROL_NO_LENGTH), 1);
	assert_int_equal(l2tp_endpoint_counter(p.lns, L2TP_COUNT_HDR + L2TP_HDR_LENGTH_LONG), 1);
	assert_true(mono_is_never(l2tp_endpoint_deadline(p.lns)));
	for (unsigned i = 0; i < L2TP_COUNT_COUNT; i++)
		assert_non_null(l2tp_counter_name(i));
	assert_null(l2tp_counter_name(L2TP_COUNT_COUNT));
	pair_fini(&p);
}

static void what_owners_may_not_do(void **state)
{
	struct l2tp_endpoint_conf one = world_endpoint_conf();
	static const struct l2tp_call_offer offer = { .call_serial = 1 };
	struct l2tp_cause cause = { 1, 0, NULL };
	struct l2tp_ctrl *c, *other;
	struct l2tp_call *call;
	struct pair p;

	pair_init(&p);
	one.max_tunnels = 1;
	l2tp_endpoint_conf_set(p.lac, &one);
	c = open_one(&p);
	assert_int_equal(l2tp_tunnel_open(p.lac, &p.path, &p.conf, NULL, p.now, &other), -ENOSPC);
	assert_int_equal(l2tp_call_offer(c, &offer, NULL, p.now, &call), -ENOTCONN);
	settle(&p);
	call = offer_one(&p, c);
	settle(&p);
	assert_int_equal(p.calls_up, 1);
	assert_int_equal(l2tp_call_renumber(call), -EBUSY);
	l2tp_call_accept(call, NULL, p.now);		/* not for an LNS; harmless */
	l2tp_call_close(call, L2TP_REASON_SESSION_ADMIN_CLOSE, cause, NULL, p.now);
	l2tp_call_close(call, L2TP_REASON_SESSION_ADMIN_CLOSE, cause, NULL, p.now);
	l2tp_tunnel_close(c, L2TP_REASON_TUNNEL_ADMIN_CLOSE, cause, p.now);
	l2tp_tunnel_close(c, L2TP_REASON_TUNNEL_ADMIN_CLOSE, cause, p.now);
	l2tp_call_close(call, L2TP_REASON_SESSION_ADMIN_CLOSE, cause, NULL, p.now);
	assert_int_equal(l2tp_call_offer(c, &offer, NULL, p.now, &call), -ENOTCONN);
	settle(&p);
	assert_int_equal(p.calls_down, 1);
	assert_int_equal(p.tunnels_down, 1);
	/* state is kept, but there is room for another tunnel at once */
	assert_int_equal(l2tp_tunnel_open(p.lac, &p.path, &p.conf, NULL, p.now, &other), 0);
	pass(&p, 32);
	assert_int_equal(p.gone, 1);
	assert_int_equal(l2tp_endpoint_counter(p.lac, L2TP_COUNT_INTERNAL), 0);
	pair_fini(&p);
}

static void a_tunnel_closed_before_it_spoke(void **state)
{
	struct pair p;
	struct l2tp_ctrl *c;
	struct l2tp_event ev;
	uint16_t id;

	pair_init(&p);
	c = open_one(&p);
	id = l2tp_tunnel_local_id(c);
	l2tp_tunnel_close(c, L2TP_REASON_TUNNEL_ADMIN_CLOSE, (struct l2tp_cause){ 1, 0, NULL }, p.now);
	assert_int_equal(pump(&p, p.lac, p.lns), 0);
	l2tp_endpoint_expire(p.lac, mono_add_ms(p.now, 8));
	assert_true(l2tp_endpoint_event(p.lac, &ev, p.now));
	assert_int_equal(ev.type, L2TP_EV_TUNNEL_GONE);
	assert_null(l2tp_endpoint_tunnel(p.lac, id));
	assert_false(l2tp_endpoint_event(p.lac, &ev, p.now));
	pair_fini(&p);
}

static void a_long_teardown_holds_up_nobody(void **state)
{
	/* 3,000 calls end one event at a time; another tunnel's events come in between. */
	enum { CALLS = 3000 };
	struct pair p;
	struct l2tp_ctrl *big, *small;
	struct l2tp_event ev;
	unsigned before = 0, n = 0, last = 0;
	bool down = false;

	pair_init(&p);
	big = open_one(&p);
	settle(&p);
	for (unsigned i = 0; i < CALLS; i++)
		offer_one(&p, big);
	settle(&p);
	assert_int_equal(p.calls_up, CALLS);
	l2tp_tunnel_close(big, L2TP_REASON_TUNNEL_ADMIN_CLOSE, (struct l2tp_cause){ 6, 0, NULL }, p.now);
	assert_true(l2tp_endpoint_event(p.lac, &ev, p.now));
	assert_int_equal(ev.type, L2TP_EV_CALL_DOWN);
	assert_int_equal(ev.reason, L2TP_REASON_SESSION_TUNNEL_DOWN);
	assert_int_equal(l2tp_endpoint_deadline(p.lac).ns, 0);	/* there is more: at once */
	small = open_one(&p);
	l2tp_tunnel_close(small, L2TP_REASON_TUNNEL_ADMIN_CLOSE, (struct l2tp_cause){ 6, 0, NULL }, p.now);
	while (l2tp_endpoint_event(p.lac, &ev, p.now)) {
		n++;
		if (ev.type == L2TP_EV_TUNNEL_DOWN && ev.ctrl == small)
			before = n;
		if (ev.ctrl != big)
			continue;
		assert_false(down);		/* every CALL_DOWN comes before TUNNEL_DOWN */
		down = ev.type == L2TP_EV_TUNNEL_DOWN;
		last = n;
	}
	assert_true(down);
	assert_true(last >= CALLS);
	assert_in_range(before, 1, 4);
	pair_fini(&p);
}

/* RFC 2661 §9.1: ids "in an unpredictable manner". */
static void session_ids_are_not_used_again_at_once(void **state)
{
	struct pair p;
	struct l2tp_ctrl *c;
	uint16_t seen[200];

	pair_init(&p);
	c = open_one(&p);
	settle(&p);
	for (unsigned i = 0; i < 200; i++) {
		struct l2tp_call *call = offer_one(&p, c);

		seen[i] = l2tp_call_local_id(call);
		assert_int_not_equal(seen[i], 0);
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(seen[i], seen[k]);
		settle(&p);
		l2tp_call_close(call, L2TP_REASON_SESSION_ADMIN_CLOSE, (struct l2tp_cause){ 3, 0, NULL }, NULL, p.now);
		settle(&p);
	}
	assert_int_equal(p.calls_down, 200);
	pair_fini(&p);
}

static void a_peer_that_never_acknowledges(void **state)
{
	/* Every ICRQ would be answered with a CDN; what waits is bounded, then the peer has to wait. */
	struct pair p;
	struct l2tp_path from;
	struct l2tp_event ev;
	struct l2tp_tunnel_stats st;
	struct l2tp_ctrl *c;
	uint8_t buf[256];
	uint16_t id;

	pair_init(&p);
	p.conf.secret = span_str("");
	from = p.path;
	turn_path(&from);
	l2tp_endpoint_rx(p.lns, &from, buf, sccrq(buf, 9), p.now);
	assert_true(l2tp_endpoint_event(p.lns, &ev, p.now));
	c = ev.ctrl;
	l2tp_tunnel_accept(c, &p.conf, NULL, p.now);
	pump(&p, p.lns, p.lac);
	id = l2tp_tunnel_local_id(c);
	l2tp_endpoint_rx(p.lns, &from, buf, short_msg(buf, L2TP_MSG_SCCCN, id, 0, 1, 1), p.now);
	for (unsigned i = 2; i < 20000; i++) {
		l2tp_endpoint_rx(p.lns, &from, buf, short_msg(buf, L2TP_MSG_ICRQ, id, 0, (uint16_t)i, 1), p.now);
		while (l2tp_endpoint_event(p.lns, &ev, p.now))
			;
		while (l2tp_endpoint_tx(p.lns, &from, buf, sizeof(buf), p.now))
			;
	}
	l2tp_tunnel_stats(c, &st);
	assert_in_range(st.queued, 100, 600);
	assert_true(l2tp_endpoint_counter(p.lns, L2TP_COUNT_RX_OVERRUN) > 1000);
	/* nor does an owner that takes no events make it grow */
	pair_fini(&p);
}

static void an_owner_that_takes_no_events(void **state)
{
	struct pair p;
	struct l2tp_ctrl *c;
	struct l2tp_path from;
	uint8_t buf[256];
	struct l2tp_tunnel_stats st;

	pair_init(&p);
	c = open_one(&p);
	settle(&p);
	from = p.path;
	l2tp_tunnel_stats(c, &st);
	for (unsigned i = 0; i < 2000; i++) {
		size_t len = short_msg(buf, L2TP_MSG_HELLO, l2tp_tunnel_local_id(c), 0, (uint16_t)(st.nr + i), st.ns);

		l2tp_endpoint_rx(p.lac, &from, buf, len, p.now);
	}
	assert_int_equal(l2tp_endpoint_counter(p.lac, L2TP_COUNT_RX_OVERRUN), 2000 - 512);
	settle(&p);
	pair_fini(&p);
}

static void reflection_is_bounded(void **state)
{
	/* 1,000 spoofed sources: never more than three octets out for one in, whatever time passes. */
	struct pair p;
	struct l2tp_path from;
	uint64_t in = 0, out = 0;
	uint8_t buf[2048];
	struct l2tp_event ev;
	size_t len;

	pair_init(&p);
	from = p.path;
	turn_path(&from);
	for (uint32_t i = 0; i < 1000; i++) {
		from.peer = ip4_of(0x0a000001 + i);
		len = sccrq(buf, (uint16_t)(i + 1));
		in += len;
		l2tp_endpoint_rx(p.lns, &from, buf, len, p.now);
	}
	for (unsigned s = 0; s < 120; s++) {
		p.now = mono_add_s(p.now, 1);
		l2tp_endpoint_expire(p.lns, p.now);
		while (l2tp_endpoint_event(p.lns, &ev, p.now)) {
			if (ev.type == L2TP_EV_TUNNEL_OFFERED && ev.peer.peer_tunnel_id % 2)
				l2tp_tunnel_accept(ev.ctrl, &p.conf, NULL, p.now);
			else if (ev.type == L2TP_EV_TUNNEL_OFFERED)
				l2tp_tunnel_reject(ev.ctrl, L2TP_REASON_TUNNEL_RX_SCCRQ_AUTHENTICATE_FAILED_HOST,
						   (struct l2tp_cause){ 4, 0, "who are you" }, p.now);
			else if (ev.type == L2TP_EV_TUNNEL_GONE)
				p.gone++;
		}
		while ((len = l2tp_endpoint_tx(p.lns, &from, buf, sizeof(buf), p.now)))
			out += len;
		assert_true(out <= 3 * in);
	}
	assert_true(out > in);
	assert_int_equal(p.gone, 1000);
	assert_true(mono_is_never(l2tp_endpoint_deadline(p.lns)));
	pair_fini(&p);
}

static void a_guessed_nr_proves_nothing(void **state)
{
	/* A spoofed SCCRQ and a repeat of it that pretends to acknowledge our SCCRP, which went elsewhere. */
	struct pair p;
	struct l2tp_path from;
	uint8_t buf[2048];
	size_t len, in = 0, out = 0;

	pair_init(&p);
	from = p.path;
	turn_path(&from);
	for (uint16_t nr = 0; nr < 2; nr++) {
		len = sccrq(buf, 9);
		l2tp_hdr_set_nr(buf, len, nr);
		in += len;
		l2tp_endpoint_rx(p.lns, &from, buf, len, p.now);
		for (unsigned s = 0; s < (nr ? 120 : 1); s++) {
			struct l2tp_event ev;

			while (l2tp_endpoint_event(p.lns, &ev, p.now))
				on_event(&p, &ev, true);
			while ((len = l2tp_endpoint_tx(p.lns, &from, buf, sizeof(buf), p.now)))
				out += len;
			p.now = mono_add_s(p.now, 1);
			l2tp_endpoint_expire(p.lns, p.now);
		}
	}
	assert_true(out > in);
	assert_in_range(out, in, 3 * in);
	pair_fini(&p);
}

static void a_long_answer_waits_for_a_repeat(void **state)
{
	/* An SCCRP of more than three times the SCCRQ: a ZLB now would end the repeats that it waits for. */
	struct pair p;
	struct l2tp_path from;
	struct l2tp_event ev;
	uint8_t buf[2048];
	struct l2tp_hdr h;
	size_t len;

	pair_init(&p);
	p.conf.local_name = span_str("a-name-of-sixty-four-octets-which-is-the-longest-that-may-be-set");
	p.conf.challenge = p.conf.hide = true;
	from = p.path;
	turn_path(&from);
	l2tp_endpoint_rx(p.lns, &from, buf, sccrq(buf, 9), p.now);
	assert_true(l2tp_endpoint_event(p.lns, &ev, p.now));
	l2tp_tunnel_accept(ev.ctrl, &p.conf, NULL, p.now);
	assert_int_equal(l2tp_endpoint_tx(p.lns, &from, buf, sizeof(buf), p.now), 0);
	p.now = mono_add_s(p.now, 1);
	l2tp_endpoint_rx(p.lns, &from, buf, sccrq(buf, 9), p.now);
	len = l2tp_endpoint_tx(p.lns, &from, buf, sizeof(buf), p.now);
	assert_int_equal(l2tp_hdr_decode(span_of(buf, len), &h), L2TP_HDR_OK);
	assert_true(h.payload.len > 150);
	assert_int_equal(h.nr, 1);
	pair_fini(&p);
}

static void tunnels_that_come_and_go_are_not_looked_through(void **state)
{
	/* One port and one id, opened and closed 300 times in a second: what is kept for §5.7 is found by our id alone. */
	struct pair p;
	struct l2tp_path from;
	uint8_t buf[256];
	size_t len;

	pair_init(&p);
	p.conf.secret = span_str("");
	from = p.path;
	turn_path(&from);
	for (uint16_t i = 0; i < 300; i++) {
		struct l2tp_event ev;
		uint16_t id;
		struct wr w = wr_of(buf, sizeof(buf));
		struct l2tp_build b;

		l2tp_endpoint_rx(p.lns, &from, buf, sccrq(buf, 9), p.now);
		assert_true(l2tp_endpoint_event(p.lns, &ev, p.now));
		id = l2tp_tunnel_local_id(ev.ctrl);
		l2tp_tunnel_accept(ev.ctrl, &p.conf, NULL, p.now);
		pump(&p, p.lns, p.lac);
		l2tp_endpoint_rx(p.lns, &from, buf, short_msg(buf, L2TP_MSG_SCCCN, id, 0, 1, 1), p.now);
		l2tp_msg_begin(&b, &w, NULL, L2TP_MSG_STOPCCN, id, 0, 2, 1);
		l2tp_avp_put_u16(&b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 9);
		l2tp_avp_put_result(&b, 1, 0, span_of(NULL, 0));
		len = l2tp_msg_end(&b);
		l2tp_endpoint_rx(p.lns, &from, buf, len, p.now);
		pump(&p, p.lns, p.lac);
		assert_in_range(p.lns->by_peer.count, 0, 1);
	}
	assert_int_equal(p.tunnels_up, 300);
	pass(&p, 32);
	assert_int_equal(p.gone, 300);
	pair_fini(&p);
}

static void debug_line_shows_no_secret(void **state)
{
	struct pair p;
	struct l2tp_path to;
	uint8_t buf[2048];
	char line[1024];
	size_t len;

	pair_init(&p);
	p.conf.challenge = true;
	open_one(&p);
	len = l2tp_endpoint_tx(p.lac, &to, buf, sizeof(buf), p.now);
	len = l2tp_debug_line(p.lac, buf, len, line, sizeof(line));
	assert_int_equal(len, strlen(line));
	assert_non_null(strstr(line, "SCCRQ"));
	assert_non_null(strstr(line, "host-name=\"a-name-of-usual-length\""));
	assert_null(strstr(line, "s3cret"));
	pair_fini(&p);
}

static size_t in_use(void)
{
	return mallinfo2().uordblks;
}

static void memory_of_idle_tunnels_and_calls(void **state)
{
	enum { TUNNELS = 2000, CALLS = 20000 };
	static struct l2tp_ctrl *c[TUNNELS];
	struct pair p;
	size_t before, tunnels, calls;

	pair_init(&p);
	before = in_use();
	for (unsigned i = 0; i < TUNNELS; i++)
		c[i] = open_one(&p);
	settle(&p);
	assert_int_equal(p.tunnels_up, TUNNELS);
	pass(&p, 2);
	tunnels = in_use() - before;
	before = in_use();
	for (unsigned i = 0; i < CALLS; i++)
		offer_one(&p, c[i % TUNNELS]);
	settle(&p);
	assert_int_equal(p.calls_up, CALLS);
	pass(&p, 2);
	calls = in_use() - before;
	/* both ends are in this process */
	print_message("idle tunnel: %zu octets; established call: %zu octets\n", tunnels / TUNNELS / 2,
		      calls / CALLS / 2);
	assert_true(tunnels / TUNNELS / 2 <= 1536);
	assert_true(calls / CALLS / 2 <= 300);
	pair_fini(&p);
}

static void many_calls_in_one_tunnel(void **state)
{
	enum { CALLS = 60000 };
	struct pair p;
	struct l2tp_ctrl *c;

	pair_init(&p);
	c = open_one(&p);
	settle(&p);
	for (unsigned i = 0; i < CALLS; i++)
		offer_one(&p, c);
	settle(&p);
	assert_int_equal(p.calls_up, CALLS);
	l2tp_tunnel_close(c, L2TP_REASON_TUNNEL_ADMIN_CLOSE, (struct l2tp_cause){ 6, 0, NULL }, p.now);
	settle(&p);
	assert_int_equal(p.calls_down, CALLS);
	assert_int_equal(p.tunnels_down, 1);
	pass(&p, 40);
	assert_int_equal(p.gone, 1);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_one_address),
		cmocka_unit_test(another_local_address_or_router),
		cmocka_unit_test(headers_are_counted),
		cmocka_unit_test(what_owners_may_not_do),
		cmocka_unit_test(a_tunnel_closed_before_it_spoke),
		cmocka_unit_test(a_long_teardown_holds_up_nobody),
		cmocka_unit_test(session_ids_are_not_used_again_at_once),
		cmocka_unit_test(a_peer_that_never_acknowledges),
		cmocka_unit_test(an_owner_that_takes_no_events),
		cmocka_unit_test(reflection_is_bounded),
		cmocka_unit_test(a_guessed_nr_proves_nothing),
		cmocka_unit_test(a_long_answer_waits_for_a_repeat),
		cmocka_unit_test(tunnels_that_come_and_go_are_not_looked_through),
		cmocka_unit_test(debug_line_shows_no_secret),
		cmocka_unit_test(memory_of_idle_tunnels_and_calls),
		cmocka_unit_test(many_calls_in_one_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
