/* SPDX-License-Identifier: BSD-2-Clause */
/* Towards the subscriber: exact datagrams, fragments put together again, frag-needed; punting and policing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/user/encap.h"
#include "dataplane/user/punt.h"
#include "dataplane/user/routes.h"
#include "dataplane_world.h"

static struct world w;
static uint8_t pkt[66000], out[66000];

static int begin(void **state)
{
	return world_init(&w) ? 0 : -1;
}

static int end(void **state)
{
	table_free(w.t);
	return 0;
}

static struct span packet_to(uint32_t dst, size_t payload, uint16_t frag)
{
	return span_of(pkt, world_packet(pkt, sizeof(pkt), 0x08080808, dst, payload, frag, span_of(NULL, 0)));
}

static uint32_t line_drops(void)
{
	return w.s->line ? w.t->dn[w.s->line->index].drops : 0;
}

static void expect_drop(struct span p, enum dp_drop reason, bool of_session)
{
	struct dp_encap e;
	uint64_t before = w.t->drops[reason];
	uint32_t session_before = line_drops();

	assert_int_equal(dp_encap(w.t, 0, p, &e), DP_ENCAP_DROP);
	assert_string_equal(dp_drop_name(e.reason), dp_drop_name(reason));
	assert_int_equal(w.t->drops[reason], before + 1);
	assert_int_equal(line_drops(), session_before + of_session);
	assert_int_equal(dp_encap_next(w.t, &e, out, sizeof(out)), 0);
}

static void one_packet_one_datagram(void **state)
{
	static const uint8_t head[] = { 0x00, 0x02, 0x03, 0xef, 0x43, 0x21, 0xff, 0x03, 0x00, 0x21 };
	static const uint32_t dst[] = { W_SUB, W_FRAMED + 200 };
	struct dp_encap e;

	for (int i = 0; i < 2; i++) {
		struct span p = packet_to(dst[i], W_MTU - 20, IP4_DF);

		assert_int_equal(dp_encap(w.t, 0, p, &e), DP_ENCAP_SEND);
		assert_int_equal(dp_encap_next(w.t, &e, out, sizeof(out)), sizeof(head) + W_MTU);
		assert_memory_equal(out, head, sizeof(head));
		assert_memory_equal(out + sizeof(head), p.p, p.len);
		assert_int_equal(e.inner, W_MTU);
		assert_int_equal(e.tun->peer_port, W_PEER_PORT);
		assert_int_equal(dp_encap_next(w.t, &e, out, sizeof(out)), 0);
	}
}

static void without_ff03_and_with_ns(void **state)
{
	struct dp_tunnel tun = { .local_tunnel_id = W_TID, .peer_tunnel_id = 1007, .peer = ip4_of(W_PEER),
				 .peer_port = W_PEER_PORT, .no_ff03 = true };
	struct dp_subscriber sub = { .ip4 = ip4_of(0x0a400099), .mtu = 1500 };
	struct dp_encap e;

	assert_int_equal(table_tunnel_set(w.t, &tun), 0);
	assert_int_equal(table_session_ns(w.t, w.seq), 0);	/* LCP took one before */
	assert_int_equal(table_session_forward(w.t, w.seq, &sub), 0);
	for (uint8_t ns = 1; ns < 4; ns++) {
		const uint8_t head[] = { 0x08, 0x02, 0x03, 0xef, 0x00, 0x04, 0x00, ns, 0x00, 0x00, 0x00, 0x21 };

		assert_int_equal(dp_encap(w.t, 0, packet_to(0x0a400099, 3, 0), &e), DP_ENCAP_SEND);
		assert_int_equal(dp_encap_next(w.t, &e, out, sizeof(out)), sizeof(head) + 23);
		assert_memory_equal(out, head, sizeof(head));
	}
	w.t->dn[w.seq->line->index].l2tp.ns = 65535;
	assert_int_equal(table_session_ns(w.t, w.seq), 65535);
	assert_int_equal(table_session_ns(w.t, w.seq), 0);	/* modulo 65536 */
}

/* A SYN's maximum segment size is at most the session's MTU - 40; nothing else of the packet changes but the sum. */
static void mss_is_clamped(void **state)
{
	static const struct { uint8_t flags; const char *options; size_t len, at; uint16_t mss; } t[] = {
		{ 0x02, "\x02\x04\x05\xb4", 4, 42, 1452 },				/* SYN, 1460 */
		{ 0x12, "\x01\x02\x04\x23\x00\x00\x00\x00", 8, 43, 1452 },	/* SYN ACK, 8960, at an odd place */
		{ 0x02, "\x04\x02\x08\x0a\1\2\3\4\0\0\0\0\x02\x04\xff\xff", 16, 54, 1452 },
		{ 0x02, "\x02\x04\x05\xac", 4, 0, 0 },				/* 1452 fits */
		{ 0x02, "\x02\x04\x00\x00", 4, 0, 0 },
		{ 0x10, "\x02\x04\x05\xb4", 4, 0, 0 },				/* no SYN */
		{ 0x02, "\x00\x00\x00\x00\x02\x04\x05\xb4", 8, 0, 0 },		/* behind the end of options */
		{ 0x02, "\x08\x01\x02\x04\x05\xb4\0\0", 8, 0, 0 },		/* an option of length 1 */
		{ 0x02, "\x01\x01\x01\x02", 4, 0, 0 },				/* cut */
		{ 0x02, "\x01\x01\x02\x04", 4, 0, 0 },
		{ 0x02, "\x02\x05\x05\xb4\0\0\0\0", 8, 0, 0 },		/* a length that MSS does not have */
		{ 0x02, "", 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		size_t len = world_tcp(pkt, sizeof(pkt), 0x08080808, W_SUB, t[i].flags, span_of(t[i].options, t[i].len));
		struct dp_encap e;
		uint8_t *inner = out + 10;

		assert_int_equal(world_tcp_sum(span_of(pkt, len)), 0);
		assert_int_equal(dp_encap(w.t, 0, span_of(pkt, len), &e), DP_ENCAP_SEND);
		assert_int_equal(dp_encap_next(w.t, &e, out, sizeof(out)), 10 + len);
		if (!t[i].at) {
			assert_memory_equal(inner, pkt, len);
			continue;
		}
		assert_int_equal(inner[t[i].at] << 8 | inner[t[i].at + 1], t[i].mss);
		assert_int_equal(world_tcp_sum(span_of(inner, len)), 0);
		memcpy(inner + t[i].at, pkt + t[i].at, 2);
		memcpy(inner + 36, pkt + 36, 2);
		assert_memory_equal(inner, pkt, len);
	}
	/* octets worked out by hand: sum 0x1234, 0x05b4 becomes 0x05ac */
	world_tcp(pkt, sizeof(pkt), 0x08080808, W_SUB, 2, span_of("\x02\x04\x05\xb4", 4));
	memcpy(pkt + 36, "\x12\x34", 2);
	{
		struct ip4 ip;
		struct wr v = wr_of(out, sizeof(out));

		assert_true(ip4_decode(span_of(pkt, 47), &ip));
		assert_int_equal(ip4_mss_at(&ip, 1452), 42);
		assert_int_equal(ip4_mss_at(&ip, 0), 0);
		wr_bytes(&v, pkt, 47);
		ip4_mss_put(&ip, 42, 1452, &v, 0);
		assert_memory_equal(out + 36, "\x12\x3c", 2);
		assert_memory_equal(out + 40, "\x02\x04\x05\xac", 4);
	}
	/* a header that says it is longer than the packet */
	pkt[20 + 12] = 0xf0;
	{
		struct ip4 ip;

		assert_true(ip4_decode(span_of(pkt, 47), &ip));
		assert_int_equal(ip4_mss_at(&ip, 1), 0);
	}
}

/* What the tunnels themselves send does not enter a tunnel; others may speak L2TP with a subscriber. */
static void a_tunnel_in_itself(void **state)
{
	struct ip_addr other = ip4_of(0xc0000209);
	struct dp_encap e;

	for (int i = 0; i < 4; i++) {
		size_t len = world_packet(pkt, sizeof(pkt), i == 1 ? W_LOCAL + 1 : W_LOCAL, W_SUB, 40,
					  i == 3 ? IP4_DF | 5 : 0, span_of(NULL, 0));

		memcpy(pkt + 20, i == 2 ? "\x06\xa6" : "\x06\xa5", 2);
		if (i == 0)
			expect_drop(span_of(pkt, len), DP_DROP_TUNNEL_LOOP, true);
		else
			assert_int_equal(dp_encap(w.t, 0, span_of(pkt, len), &e), DP_ENCAP_SEND);
	}
	assert_int_equal(table_local_set(w.t, NULL, 0), 0);		/* any: what is known stays known */
	assert_true(table_local_is(w.t, 0, W_LOCAL));
	assert_false(table_local_is(w.t, 1, W_LOCAL));
	/* without a line for the destination it is the same drop, nobody's */
	assert_int_equal(table_local_set(w.t, &other, 1), 0);
	assert_false(table_local_is(w.t, 0, W_LOCAL));
	{
		size_t len = world_packet(pkt, sizeof(pkt), 0xc0000209, 0x08080808, 40, 0, span_of(NULL, 0));

		memcpy(pkt + 20, "\x06\xa5", 2);
		expect_drop(span_of(pkt, len), DP_DROP_TUNNEL_LOOP, false);
	}
}

/* Puts fragments together as RFC 791 has it and compares with the whole. */
static void fragments_of(struct span p, size_t mtu, unsigned expected)
{
	static uint8_t whole[66000];
	struct ip4 ip, f;
	struct dp_encap e;
	size_t len, sum = 0;
	unsigned count = 0;

	assert_true(ip4_decode(p, &ip));
	assert_int_equal(dp_encap(w.t, 0, p, &e), DP_ENCAP_SEND);
	while ((len = dp_encap_next(w.t, &e, out, sizeof(out)))) {
		size_t at;

		assert_true(ip4_decode(span_of(out + 10, len - 10), &f));
		assert_int_equal(f.total, len - 10);
		assert_int_equal(e.inner, f.total);
		assert_true(f.total <= mtu);
		assert_int_equal(f.id, ip.id);
		assert_int_equal(f.ttl, ip.ttl);
		at = (size_t)((f.frag & IP4_OFFSET) - (ip.frag & IP4_OFFSET)) * 8;
		assert_int_equal(at, sum);
		memcpy(whole + at, f.packet.p + f.header_len, f.total - f.header_len);
		sum += f.total - f.header_len;
		assert_int_equal(!!(f.frag & IP4_MF), sum < (size_t)ip.total - ip.header_len || (ip.frag & IP4_MF));
		count++;
	}
	assert_int_equal(sum, ip.total - ip.header_len);
	assert_memory_equal(whole, p.p + ip.header_len, sum);
	assert_int_equal(count, expected);
}

/* RFC 1332 §2.1: a packet that is longer than the peer's MRU goes in fragments. */
static void df_clear_is_fragmented(void **state)
{
	fragments_of(packet_to(W_SUB, W_MTU - 19, 0), W_MTU, 2);
	fragments_of(packet_to(W_SUB, W_MTU - 20, 0), W_MTU, 1);
	fragments_of(packet_to(W_SUB, 9000, 0), W_MTU, 7);
	fragments_of(packet_to(W_SUB, 65515, 0), W_MTU, 45);
	fragments_of(packet_to(W_SUB, 3000, IP4_MF | 10), W_MTU, 3);	/* a fragment of a fragment */
	fragments_of(packet_to(W_SUB, 3001, 10), W_MTU, 3);
}

static void options_in_fragments(void **state)
{
	/* router alert (copied), record route (not copied), NOP, end */
	static const uint8_t opts[] = { 0x94, 4, 0, 0, 7, 3, 4, 1, 0, 0, 0, 0 };
	struct dp_encap e;
	struct ip4 f;
	size_t len = world_packet(pkt, sizeof(pkt), 1, W_SUB, 2000, 0, span_of(opts, sizeof(opts)));

	assert_int_equal(dp_encap(w.t, 0, span_of(pkt, len), &e), DP_ENCAP_SEND);
	len = dp_encap_next(w.t, &e, out, sizeof(out));
	assert_true(ip4_decode(span_of(out + 10, len - 10), &f));
	assert_int_equal(f.header_len, 32);
	assert_memory_equal(f.packet.p + 20, opts, sizeof(opts));
	len = dp_encap_next(w.t, &e, out, sizeof(out));
	assert_true(ip4_decode(span_of(out + 10, len - 10), &f));
	assert_int_equal(f.header_len, 24);
	assert_memory_equal(f.packet.p + 20, opts, 4);
}

static void df_set_gives_frag_needed(void **state)
{
	struct span p = packet_to(W_SUB, W_MTU - 19, IP4_DF);
	struct dp_encap e;
	uint8_t icmp[IP4_ICMP_MAX];
	struct wr m = wr_of(icmp, sizeof(icmp));
	struct ip4 ip;
	uint64_t before = w.t->drops[DP_DROP_TOO_BIG];

	assert_int_equal(dp_encap(w.t, 0, p, &e), DP_ENCAP_TOO_BIG);
	assert_int_equal(w.t->drops[DP_DROP_TOO_BIG], before + 1);
	assert_int_equal(e.mtu, W_MTU);
	assert_int_equal(dp_encap_next(w.t, &e, out, sizeof(out)), 0);
	assert_int_equal(ip4_frag_needed(&e.ip, 0x0aff0001, e.mtu, &m), 576);
	assert_true(ip4_decode(span_of(icmp, 576), &ip));
	assert_int_equal(ip.src, 0x0aff0001);
	assert_int_equal(ip.dst, 0x08080808);
	assert_int_equal(icmp[20], 3);
	assert_int_equal(icmp[21], 4);
	assert_int_equal(icmp[26] << 8 | icmp[27], W_MTU);
	assert_int_equal(ip4_checksum(span_of(icmp + 20, 556)), 0);
	assert_memory_equal(icmp + 28, p.p, 548);
}

static size_t answer_to(uint32_t src, uint32_t dst, uint16_t frag, uint8_t protocol, uint8_t first)
{
	uint8_t icmp[IP4_ICMP_MAX];
	struct wr m = wr_of(icmp, sizeof(icmp));
	struct ip4 ip;
	size_t len = world_packet(pkt, sizeof(pkt), src, dst, 100, frag, span_of(NULL, 0));

	assert_true(ip4_decode(span_of(pkt, len), &ip));
	ip.protocol = protocol;
	pkt[20] = first;
	return ip4_frag_needed(&ip, 1, 1400, &m);
}

/* RFC 1812 §4.3.2.7 */
static void no_error_about(void **state)
{
	assert_int_equal(answer_to(0x08080808, W_SUB, 0, 17, 3), 148);
	assert_int_equal(answer_to(0x08080808, W_SUB, 0, 1, 8), 148);		/* an echo request deserves one */
	assert_int_equal(answer_to(0x08080808, W_SUB, 0, 1, 3), 0);		/* an ICMP error */
	assert_int_equal(answer_to(0x08080808, W_SUB, 5, 17, 3), 0);		/* a later fragment */
	assert_int_equal(answer_to(0, W_SUB, 0, 17, 3), 0);
	assert_int_equal(answer_to(0x7f000001, W_SUB, 0, 17, 3), 0);
	assert_int_equal(answer_to(0xe0000001, W_SUB, 0, 17, 3), 0);
	assert_int_equal(answer_to(UINT32_MAX, W_SUB, 0, 17, 3), 0);
	assert_int_equal(answer_to(0x08080808, 0xe0000001, 0, 17, 3), 0);
	assert_int_equal(answer_to(0x08080808, UINT32_MAX, 0, 17, 3), 0);
}

static void what_is_dropped(void **state)
{
	struct span p;
	struct wr fix = wr_of(pkt, sizeof(pkt));

	expect_drop(span_of(NULL, 0), DP_DROP_BAD_IP, false);
	expect_drop(span_of("\x60\x00", 2), DP_DROP_NO_ROUTE, false);
	expect_drop(packet_to(0x0a400077, 8, 0), DP_DROP_NO_ROUTE, false);
	p = packet_to(W_SUB, 8, 0);
	pkt[8] = 0;
	wr_poke16(&fix, 10, 0);
	wr_poke16(&fix, 10, ip4_checksum(span_of(pkt, 20)));
	expect_drop(p, DP_DROP_TTL, true);
	p = packet_to(W_SUB, 8, 0);
	pkt[9] = 1;		/* ICMP, and the first octet of the payload: redirect */
	pkt[20] = 5;
	wr_poke16(&fix, 10, 0);
	wr_poke16(&fix, 10, ip4_checksum(span_of(pkt, 20)));
	expect_drop(p, DP_DROP_REDIRECT, true);
	table_tunnel_del(w.t, W_TID);
	expect_drop(packet_to(W_SUB, 8, 0), DP_DROP_NO_TUNNEL, true);
	table_session_unforward(w.t, w.s);
	expect_drop(packet_to(W_SUB, 8, 0), DP_DROP_NO_ROUTE, false);
}

/* ---- the way up ---- */

static struct dp_decap frame_of(const struct table_session *s, const char *octets, size_t len)
{
	return (struct dp_decap){ .verdict = DP_DECAP_FRAME, .up = table_up(w.t, s), .slot = s->handle.slot,
				  .data = span_of(octets, len) };
}

static void frames_are_held_then_come_in_order(void **state)
{
	struct dp_session_params params = { .peer_session_id = 1 };
	struct punt p;
	struct dp_event ev;

	punt_init(&p);
	for (char i = 0; i < 5; i++) {
		char lcp[] = { '\xc0', '\x21', i }, ip[] = { '\x21', '\x45' };
		struct dp_decap d = i == 1 ? frame_of(w.hold, ip, 2) : frame_of(w.hold, lcp, 3);

		punt_frame(&p, w.t, &d, MONO_ZERO);
	}
	assert_int_equal(w.t->drops[DP_DROP_HOLD_FULL], 1);
	assert_false(punt_take(&p, &ev));
	assert_int_equal(table_session_punt(w.t, w.hold, &params), 0);
	punt_held(&p, w.t, w.hold);
	assert_int_equal(w.t->drops[DP_DROP_NOT_FORWARDING], 1);	/* the packet among them */
	for (uint8_t i = 0; i < 4; i++) {
		if (i == 1)
			continue;
		assert_true(punt_take(&p, &ev));
		assert_int_equal(ev.type, DP_EV_FRAME);
		assert_int_equal(ev.handle.slot, w.hold->handle.slot);
		assert_int_equal(ev.len, 3);
		assert_int_equal(ev.data[2], i);
		assert_int_equal(ev.peer_port, W_PEER_PORT);
	}
	assert_false(punt_take(&p, &ev));
	punt_fini(&p);
}

static void punts_are_policed(void **state)
{
	struct punt p;
	struct dp_event ev;
	struct dp_decap d = frame_of(w.s, "\xc0\x21", 2), other = frame_of(w.other, "\xc0\x21", 2);
	mono_t now = { 5000000000 };
	unsigned got = 0;

	punt_init(&p);
	for (int i = 0; i < 200; i++)
		punt_frame(&p, w.t, &d, now);
	assert_int_equal(p.count, 50);
	assert_int_equal(w.t->drops[DP_DROP_PUNT_POLICED], 150);
	punt_frame(&p, w.t, &other, now);			/* each session for itself */
	assert_int_equal(p.count, 51);
	for (int ms = 0; ms < 2000; ms++)
		punt_frame(&p, w.t, &d, mono_add_ms(now, ms));
	while (punt_take(&p, &ev))
		got++;
	assert_in_range(got, 51 + 98, 51 + 101);		/* 50 a second */
	punt_fini(&p);
}

static void the_queue_is_bounded(void **state)
{
	struct punt p;
	struct dp_event ev;
	struct dp_rx rx = { .local = ip4_of(W_LOCAL), .peer = ip4_of(W_PEER), .peer_port = 5 };
	struct dp_decap d = frame_of(w.s, "\xc0\x21", 2);

	punt_init(&p);
	for (int i = 0; i < PUNT_EVENTS * 3 / 4; i++)
		punt_control(&p, w.t, &rx, span_of("\xc8\x02", 2));
	punt_frame(&p, w.t, &d, MONO_ZERO);			/* control has the rest for itself */
	assert_int_equal(w.t->drops[DP_DROP_PUNT_FULL], 1);
	for (int i = 0; i < PUNT_EVENTS; i++)
		punt_control(&p, w.t, &rx, span_of("\xc8\x02", 2));
	assert_int_equal(p.count, PUNT_EVENTS);
	punt_local(&p, 0, &rx.local, true);			/* a notice always finds room */
	assert_int_equal(p.count, PUNT_EVENTS + 1);
	assert_true(punt_take(&p, &ev));
	assert_int_equal(ev.peer_port, 5);
	punt_fini(&p);
}

static void ranges_become_prefixes(void **state)
{
	static const struct { uint32_t start, end; unsigned count; uint8_t first; } r[] = {
		{ 0x0a400000, 0x0a40ffff, 1, 16 }, { 0x0a000001, 0x0a000001, 1, 32 }, { 0x0a000001, 0x0a0000fe, 14, 32 },
		{ 0, UINT32_MAX, 1, 0 }, { 1, UINT32_MAX, 32, 32 }, { 5, 4, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		uint64_t at = r[i].start, covered = 0;
		struct ip_prefix p = { 0 };
		unsigned n = 0;

		while (range_prefix(&at, r[i].end, &p)) {
			if (n++ == 0)
				assert_int_equal(p.len, r[i].first);
			assert_int_equal(ip4_num(&p.addr), r[i].start + covered);
			covered += (uint64_t)1 << (32 - p.len);
		}
		assert_int_equal(n, r[i].count);
		assert_true(covered == (r[i].count ? (uint64_t)r[i].end - r[i].start + 1 : 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_packet_one_datagram, begin, end),
		cmocka_unit_test_setup_teardown(without_ff03_and_with_ns, begin, end),
		cmocka_unit_test_setup_teardown(mss_is_clamped, begin, end),
		cmocka_unit_test_setup_teardown(a_tunnel_in_itself, begin, end),
		cmocka_unit_test_setup_teardown(df_clear_is_fragmented, begin, end),
		cmocka_unit_test_setup_teardown(options_in_fragments, begin, end),
		cmocka_unit_test_setup_teardown(df_set_gives_frag_needed, begin, end),
		cmocka_unit_test_setup_teardown(no_error_about, begin, end),
		cmocka_unit_test_setup_teardown(what_is_dropped, begin, end),
		cmocka_unit_test_setup_teardown(frames_are_held_then_come_in_order, begin, end),
		cmocka_unit_test_setup_teardown(punts_are_policed, begin, end),
		cmocka_unit_test_setup_teardown(the_queue_is_bounded, begin, end),
		cmocka_unit_test(ranges_become_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
