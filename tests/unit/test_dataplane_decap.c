/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams in, verdict and exact octets out; every drop reason that dp_decap() knows is reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/user/decap.h"
#include "dataplane/user/encap.h"
#include "dataplane_world.h"
#include "wire/l2tp_hdr.h"
#include "wire/ppp_frame.h"

static struct world w;

static int begin(void **state)
{
	return world_init(&w) ? 0 : -1;
}

static int end(void **state)
{
	table_free(w.t);
	return 0;
}

static struct dp_rx from_peer(void)
{
	return (struct dp_rx){ .local = ip4_of(W_LOCAL), .peer = ip4_of(W_PEER), .local_port = 1701,
			       .peer_port = W_PEER_PORT };
}

static uint8_t dgram[66000];

/* A data message: header shape, framing octets, body, padding after it. Return: its octets. */
static struct span data_message(struct l2tp_hdr h, struct span framing, struct span body, size_t padding)
{
	struct wr out = wr_of(dgram, sizeof(dgram));

	h.tunnel_id = h.tunnel_id ? h.tunnel_id : W_TID;
	h.payload = span_of(NULL, framing.len + body.len);
	l2tp_hdr_put_data(&out, &h);
	wr_put(&out, framing);
	wr_put(&out, body);
	wr_fill(&out, 0xee, padding);
	assert_false(out.full);
	return wr_span(&out);
}

static const uint8_t ff03_ip[] = { 0xff, 0x03, 0x00, 0x21 };
#define FRAMING span_of(ff03_ip, sizeof(ff03_ip))

static uint8_t pkt[66000];

static struct span packet_from(uint32_t src, size_t payload)
{
	return span_of(pkt, world_packet(pkt, sizeof(pkt), src, 0x08080808, payload, 0, span_of(NULL, 0)));
}

static enum dp_decap_verdict decap(struct span d, struct dp_decap *out)
{
	struct dp_rx rx = from_peer();

	return dp_decap(w.t, &rx, d, out);
}

/* It is dropped for this reason, counted once for the node, and for the session if it is one's. */
static void expect_drop_from(struct dp_rx rx, struct span d, enum dp_drop reason, struct table_session *s)
{
	struct dp_decap out;
	uint64_t before = w.t->drops[reason];
	uint32_t session_before = s ? table_up(w.t, s)->drops : 0;

	assert_int_equal(dp_decap(w.t, &rx, d, &out), DP_DECAP_DROP);
	assert_string_equal(dp_drop_name(out.reason), dp_drop_name(reason));
	assert_int_equal(w.t->drops[reason], before + 1);
	if (s)
		assert_int_equal(table_up(w.t, s)->drops, session_before + 1);
	else
		assert_null(out.up);
}

static void expect_drop(struct span d, enum dp_drop reason, struct table_session *s)
{
	expect_drop_from(from_peer(), d, reason, s);
}

static const struct l2tp_hdr plain = { .session_id = W_SID };

/* ---- what is accepted ---- */

static void every_header_shape(void **state)
{
	struct span ip = packet_from(W_SUB, 30);

	for (unsigned bits = 0; bits < 32; bits++) {
		struct l2tp_hdr h = { .session_id = W_SID, .has_length = bits & 1, .has_seq = bits & 2, .has_offset = bits & 4,
				      .priority = bits & 8, .offset = bits & 16 ? 5 : 0, .ns = 0xfff0 };
		struct dp_decap out;

		assert_int_equal(decap(data_message(h, FRAMING, ip, bits & 1 ? 9 : 0), &out), DP_DECAP_IP);
		assert_int_equal(out.slot, w.s->handle.slot);
		assert_true(span_eq(out.data, ip));
	}
}

/* FF 03 or not, compressed protocol field or not, packet by packet. */
static void every_ppp_framing(void **state)
{
	static const struct { uint8_t b[4]; size_t len; } f[] = {
		{ { 0xff, 0x03, 0x00, 0x21 }, 4 }, { { 0x00, 0x21 }, 2 }, { { 0x21 }, 1 }, { { 0xff, 0x03, 0x21 }, 3 },
	};

	for (size_t i = 0; i < sizeof(f) / sizeof(f[0]); i++) {
		struct span ip = packet_from(W_SUB, 8);
		struct dp_decap out;

		assert_int_equal(decap(data_message(plain, span_of(f[i].b, f[i].len), ip, 0), &out), DP_DECAP_IP);
		assert_true(span_eq(out.data, ip));
	}
}

/* What the subscriber will have sent to it must fit its MTU; the packet for the network is a copy, but for a SYN's
 * segment size and sum the same. */
static void mss_is_clamped(void **state)
{
	static uint8_t buf[2048], tcp[64];
	struct dp_decap out;
	size_t len = world_tcp(tcp, sizeof(tcp), W_SUB, 0x08080808, 2, span_of("\x01\x02\x04\x05\xb4\0\0\0", 8));
	struct span p;

	assert_int_equal(decap(data_message(plain, FRAMING, span_of(tcp, len), 5), &out), DP_DECAP_IP);
	p = dp_decap_packet(&out, buf, sizeof(buf));
	assert_int_equal(p.len, len);
	assert_int_equal(p.p[43] << 8 | p.p[44], W_MTU - 40);
	assert_int_equal(world_tcp_sum(p), 0);
	assert_memory_equal(p.p, tcp, 36);
	assert_memory_equal(p.p + 45, tcp + 45, len - 45);
	w.t->dn[w.s->line->index].mss = 0;
	assert_int_equal(decap(data_message(plain, FRAMING, span_of(tcp, len), 5), &out), DP_DECAP_IP);
	p = dp_decap_packet(&out, buf, sizeof(buf));
	assert_ptr_equal(p.p, out.data.p);
	assert_memory_equal(p.p, tcp, len);
}

/* Padding without L is told from the packet by the inner total length alone; it is not part of the octets. */
static void padding_is_trimmed(void **state)
{
	struct span ip = packet_from(W_SUB, 2);
	struct dp_decap out;

	assert_int_equal(decap(data_message(plain, FRAMING, ip, 24), &out), DP_DECAP_IP);
	assert_int_equal(out.data.len, 22);
	assert_true(span_eq(out.data, ip));
}

static void a_framed_routes_addresses_are_the_sessions_own(void **state)
{
	struct dp_decap out;

	assert_int_equal(decap(data_message(plain, FRAMING, packet_from(W_FRAMED + 77, 8), 0), &out), DP_DECAP_IP);
	assert_int_equal(pkt[8], 63);	/* TTL: the kernel's business */
}

static void control_goes_up_whatever_it_is(void **state)
{
	static const uint8_t zlb[] = { 0xc8, 0x02, 0, 12, 0, 7, 0, 0, 0, 1, 0, 1, 0xaa };
	static const uint8_t bad[] = { 0x80, 0x03, 1 };
	struct dp_decap out;

	assert_int_equal(decap(span_of(zlb, sizeof(zlb)), &out), DP_DECAP_CONTROL);
	assert_int_equal(out.data.len, sizeof(zlb));
	assert_int_equal(decap(span_of(bad, sizeof(bad)), &out), DP_DECAP_CONTROL);
}

static void ppp_control_is_punted_from_its_protocol_field(void **state)
{
	static const uint8_t lcp[] = { 0xff, 0x03, 0xc0, 0x21, 9, 1, 0, 4 };
	static const uint16_t sids[] = { W_SID, W_SID_PUNT, W_SID_HOLD };
	struct dp_decap out;

	for (int i = 0; i < 3; i++) {
		struct l2tp_hdr h = { .session_id = sids[i] };

		assert_int_equal(decap(data_message(h, span_of(lcp, sizeof(lcp)), span_of(NULL, 0), 0), &out),
				 DP_DECAP_FRAME);
		assert_int_equal(out.data.len, 6);
		assert_memory_equal(out.data.p, lcp + 2, 6);
	}
	/* an unknown protocol is rejected by LCP, so it goes up too; so does a wrong (even) number, RFC 1661 §2 */
	assert_int_equal(decap(data_message(plain, span_of("\x00\x2b\x01", 3), span_of(NULL, 0), 0), &out), DP_DECAP_FRAME);
	assert_int_equal(decap(data_message(plain, span_of("\xc0\x20\x01", 3), span_of(NULL, 0), 0), &out), DP_DECAP_FRAME);
}

static void in_hold_everything_is_kept(void **state)
{
	struct l2tp_hdr h = { .session_id = W_SID_HOLD };
	struct dp_decap out;

	assert_int_equal(decap(data_message(h, FRAMING, packet_from(W_SUB, 8), 0), &out), DP_DECAP_FRAME);
}

/* ---- what is dropped ---- */

static void headers_that_are_wrong(void **state)
{
	static const uint8_t one[] = { 0x00 }, cut[] = { 0x00, 0x02, 0, 7, 0x51 }, v3[] = { 0x00, 0x03, 0, 7, 0x51, 0x23 };
	static const uint8_t longer[] = { 0x40, 0x02, 0, 99, 0, 7, 0x51, 0x23 };
	static const uint8_t shorter[] = { 0x40, 0x02, 0, 7, 0, 7, 0x51, 0x23 };
	static const uint8_t pad_all[] = { 0x02, 0x02, 0, 7, 0x51, 0x23, 0, 4, 1, 2, 3, 4 };
	static const uint8_t pad_past[] = { 0x02, 0x02, 0, 7, 0x51, 0x23, 0xff, 0xff, 1, 2, 3, 4 };

	expect_drop(span_of(NULL, 0), DP_DROP_SHORT, NULL);
	expect_drop(span_of(one, sizeof(one)), DP_DROP_SHORT, NULL);
	expect_drop(span_of(cut, sizeof(cut)), DP_DROP_SHORT, NULL);
	expect_drop(span_of(v3, sizeof(v3)), DP_DROP_BAD_VERSION, NULL);
	expect_drop(span_of(longer, sizeof(longer)), DP_DROP_BAD_LENGTH, NULL);
	expect_drop(span_of(shorter, sizeof(shorter)), DP_DROP_BAD_LENGTH, NULL);
	expect_drop(span_of(pad_all, sizeof(pad_all)), DP_DROP_OFFSET_PAD, NULL);
	expect_drop(span_of(pad_past, sizeof(pad_past)), DP_DROP_OFFSET_PAD, NULL);
}

static void who_sent_it(void **state)
{
	struct span good = data_message(plain, FRAMING, packet_from(W_SUB, 8), 0);
	struct dp_rx rx = from_peer();

	rx.peer = ip4_of(W_PEER + 1);
	expect_drop_from(rx, good, DP_DROP_WRONG_PEER, NULL);
	rx = from_peer();
	rx.peer_port++;
	expect_drop_from(rx, good, DP_DROP_WRONG_PEER_PORT, NULL);
	rx = from_peer();
	rx.local = ip4_of(W_LOCAL + 1);
	expect_drop_from(rx, good, DP_DROP_UNKNOWN_LOCAL, NULL);
	rx = from_peer();
	rx.vr = 1;
	expect_drop_from(rx, good, DP_DROP_UNKNOWN_LOCAL, NULL);
}

static void a_separate_receive_peer(void **state)
{
	struct dp_tunnel tun = { .local_tunnel_id = W_TID, .peer_tunnel_id = 9, .peer = ip4_of(W_PEER), .peer_port = 1701,
				 .rx_peer = ip4_of(W_PEER + 9), .rx_peer_port = 5000 };
	struct span good;
	struct dp_rx rx = from_peer();
	struct dp_decap out;

	assert_int_equal(table_tunnel_set(w.t, &tun), 0);
	good = data_message(plain, FRAMING, packet_from(W_SUB, 8), 0);
	expect_drop_from(rx, good, DP_DROP_WRONG_PEER, NULL);
	rx.peer = ip4_of(W_PEER + 9);
	rx.peer_port = 5000;
	assert_int_equal(dp_decap(w.t, &rx, good, &out), DP_DECAP_IP);
}

static void nobody_there(void **state)
{
	struct l2tp_hdr h = { .tunnel_id = 8, .session_id = W_SID };
	struct span ip = packet_from(W_SUB, 8);

	expect_drop(data_message(h, FRAMING, ip, 0), DP_DROP_NO_TUNNEL, NULL);
	h = (struct l2tp_hdr){ .session_id = 0 };
	expect_drop(data_message(h, FRAMING, ip, 0), DP_DROP_NO_SESSION, NULL);
	h.session_id = 0x5125;		/* a page is mapped, the line is free */
	expect_drop(data_message(h, FRAMING, ip, 0), DP_DROP_NO_SESSION, NULL);
	h.session_id = 0xa123;		/* no page */
	expect_drop(data_message(h, FRAMING, ip, 0), DP_DROP_NO_SESSION, NULL);
	table_session_del(w.t, w.s);
	expect_drop(data_message(plain, FRAMING, ip, 0), DP_DROP_STALE_SESSION, NULL);
}

/* Two tunnels share a page: an id of one never reaches the line of the other. */
static void a_shared_page_leads_to_nobody_else(void **state)
{
	struct dp_tunnel tun = { .local_tunnel_id = 8, .peer_tunnel_id = 9, .peer = ip4_of(W_PEER), .peer_port = W_PEER_PORT };
	struct l2tp_hdr h = { .tunnel_id = 8, .session_id = W_SID };

	assert_int_equal(table_tunnel_set(w.t, &tun), 0);
	w.t->tun[8].page[W_SID >> 12] = w.t->tun[W_TID].page[W_SID >> 12];
	expect_drop(data_message(h, FRAMING, packet_from(W_SUB, 8), 0), DP_DROP_NO_SESSION, NULL);
}

static void ppp_and_states(void **state)
{
	struct l2tp_hdr punt = { .session_id = W_SID_PUNT };
	struct span none = span_of(NULL, 0);

	expect_drop(data_message(plain, none, none, 0), DP_DROP_BAD_PPP, w.s);
	expect_drop(data_message(plain, span_of("\xff\x03", 2), none, 0), DP_DROP_BAD_PPP, w.s);
	expect_drop(data_message(plain, span_of("\x80", 1), none, 0), DP_DROP_BAD_PPP, w.s);
	expect_drop(data_message(plain, span_of("\x00\x57\x60", 3), none, 0), DP_DROP_PPP_PROTOCOL, w.s);
	expect_drop(data_message(punt, FRAMING, packet_from(W_SUB, 8), 0), DP_DROP_NOT_FORWARDING, w.punt);
}

static void bad_inner(uint8_t at, uint8_t value, bool fix_sum)
{
	struct span ip = packet_from(W_SUB, 8);

	pkt[at] = value;
	if (fix_sum) {
		struct wr fix = wr_of(pkt, sizeof(pkt));

		wr_poke16(&fix, 10, 0);
		wr_poke16(&fix, 10, ip4_checksum(span_of(pkt, 20)));
	}
	expect_drop(data_message(plain, FRAMING, ip, 0), DP_DROP_BAD_IP, w.s);
}

static void inner_packets_that_are_wrong(void **state)
{
	struct span ip;

	bad_inner(0, 0x65, true);	/* version */
	bad_inner(0, 0x44, true);	/* header shorter than 20 */
	bad_inner(0, 0x4f, false);	/* header longer than the packet */
	bad_inner(3, 29, true);		/* total length beyond the octets */
	bad_inner(3, 19, true);		/* total length inside the header */
	bad_inner(10, 0x55, false);	/* checksum */
	ip = packet_from(W_SUB, 8);
	expect_drop(data_message(plain, FRAMING, span_of(ip.p, 19), 0), DP_DROP_BAD_IP, w.s);
	packet_from(W_SUB, 8);
	pkt[8] = 0;
	pkt[10] = pkt[11] = 0;
	struct wr fix = wr_of(pkt, sizeof(pkt));
	wr_poke16(&fix, 10, ip4_checksum(span_of(pkt, 20)));
	expect_drop(data_message(plain, FRAMING, ip, 0), DP_DROP_TTL, w.s);
	expect_drop(data_message(plain, FRAMING, packet_from(W_OTHER, 8), 0), DP_DROP_SPOOFED_SOURCE, w.s);
	expect_drop(data_message(plain, FRAMING, packet_from(0x0a400007, 8), 0), DP_DROP_SPOOFED_SOURCE, w.s);
	expect_drop(data_message(plain, FRAMING, packet_from(W_FRAMED - 1, 8), 0), DP_DROP_SPOOFED_SOURCE, w.s);
	expect_drop(data_message((struct l2tp_hdr){ .session_id = W_SID_OTHER }, FRAMING, packet_from(W_FRAMED + 1, 8), 0),
		    DP_DROP_SPOOFED_SOURCE, w.other);
}

/* A session without an IPv4 address has none that it may send from, 0.0.0.0 least of all. */
static void no_address_is_no_source(void **state)
{
	struct dp_subscriber sub = { .mtu = 1500 };
	struct l2tp_hdr h = { .session_id = W_SID_PUNT };

	assert_int_equal(table_session_forward(w.t, w.punt, &sub), 0);
	expect_drop(data_message(h, FRAMING, packet_from(0, 8), 0), DP_DROP_SPOOFED_SOURCE, w.punt);
}

/* ---- RFC 2661 §5.4 ---- */

static const uint8_t echo[] = { 0xc0, 0x21, 9, 1, 0, 4 };

static struct span numbered(uint16_t sid, uint16_t ns)
{
	return data_message((struct l2tp_hdr){ .session_id = sid, .has_seq = true, .ns = ns }, span_of(echo, sizeof(echo)),
			    span_of(NULL, 0), 0);
}

static void sequence_is_required(void **state)
{
	struct dp_up *up = table_up(w.t, w.seq);
	struct dp_decap out;

	assert_int_equal(decap(numbered(W_SID_SEQ, 0), &out), DP_DECAP_FRAME);
	assert_int_equal(decap(numbered(W_SID_SEQ, 1), &out), DP_DECAP_FRAME);
	assert_int_equal(up->out_of_sequence, 0);
	expect_drop(numbered(W_SID_SEQ, 1), DP_DROP_OUT_OF_SEQUENCE, w.seq);		/* again */
	assert_int_equal(decap(numbered(W_SID_SEQ, 5), &out), DP_DECAP_FRAME);		/* some were lost */
	expect_drop(numbered(W_SID_SEQ, 3), DP_DROP_OUT_OF_SEQUENCE, w.seq);		/* and come late */
	assert_int_equal(up->out_of_sequence, 3);
	expect_drop(data_message((struct l2tp_hdr){ .session_id = W_SID_SEQ }, span_of(echo, sizeof(echo)),
				 span_of(NULL, 0), 0), DP_DROP_OUT_OF_SEQUENCE, w.seq);	/* without numbers */
	up->nr = 65535;
	assert_int_equal(decap(numbered(W_SID_SEQ, 65535), &out), DP_DECAP_FRAME);
	assert_int_equal(decap(numbered(W_SID_SEQ, 0), &out), DP_DECAP_FRAME);
	expect_drop(numbered(W_SID_SEQ, 65535), DP_DROP_OUT_OF_SEQUENCE, w.seq);
}

static void sequence_is_not_looked_at(void **state)
{
	struct dp_tunnel tun = { .local_tunnel_id = W_TID, .peer = ip4_of(W_PEER), .peer_port = W_PEER_PORT,
				 .ignore_sequencing = true };
	struct dp_decap out;

	assert_int_equal(decap(numbered(W_SID_PUNT, 9), &out), DP_DECAP_FRAME);
	assert_int_equal(decap(numbered(W_SID_PUNT, 3), &out), DP_DECAP_FRAME);
	assert_int_equal(table_tunnel_set(w.t, &tun), 0);
	assert_int_equal(decap(numbered(W_SID_SEQ, 9), &out), DP_DECAP_FRAME);
	assert_int_equal(decap(numbered(W_SID_SEQ, 3), &out), DP_DECAP_FRAME);
	assert_int_equal(table_up(w.t, w.seq)->out_of_sequence, 0);
}

/* Frames that came in HOLD moved the expectation already. */
static void sequence_begins_in_hold(void **state)
{
	struct dp_session_params p = { .peer_session_id = 1, .require_sequencing = true };
	struct dp_decap out;

	assert_int_equal(decap(numbered(W_SID_HOLD, 0), &out), DP_DECAP_FRAME);
	assert_int_equal(table_session_punt(w.t, w.hold, &p), 0);
	assert_int_equal(decap(numbered(W_SID_HOLD, 1), &out), DP_DECAP_FRAME);
	assert_int_equal(table_up(w.t, w.hold)->out_of_sequence, 0);
	expect_drop(numbered(W_SID_HOLD, 0), DP_DROP_OUT_OF_SEQUENCE, w.hold);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_header_shape, begin, end),
		cmocka_unit_test_setup_teardown(every_ppp_framing, begin, end),
		cmocka_unit_test_setup_teardown(mss_is_clamped, begin, end),
		cmocka_unit_test_setup_teardown(padding_is_trimmed, begin, end),
		cmocka_unit_test_setup_teardown(a_framed_routes_addresses_are_the_sessions_own, begin, end),
		cmocka_unit_test_setup_teardown(control_goes_up_whatever_it_is, begin, end),
		cmocka_unit_test_setup_teardown(ppp_control_is_punted_from_its_protocol_field, begin, end),
		cmocka_unit_test_setup_teardown(in_hold_everything_is_kept, begin, end),
		cmocka_unit_test_setup_teardown(headers_that_are_wrong, begin, end),
		cmocka_unit_test_setup_teardown(who_sent_it, begin, end),
		cmocka_unit_test_setup_teardown(a_separate_receive_peer, begin, end),
		cmocka_unit_test_setup_teardown(nobody_there, begin, end),
		cmocka_unit_test_setup_teardown(a_shared_page_leads_to_nobody_else, begin, end),
		cmocka_unit_test_setup_teardown(ppp_and_states, begin, end),
		cmocka_unit_test_setup_teardown(inner_packets_that_are_wrong, begin, end),
		cmocka_unit_test_setup_teardown(no_address_is_no_source, begin, end),
		cmocka_unit_test_setup_teardown(sequence_is_required, begin, end),
		cmocka_unit_test_setup_teardown(sequence_is_not_looked_at, begin, end),
		cmocka_unit_test_setup_teardown(sequence_begins_in_hold, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
