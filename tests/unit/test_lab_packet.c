/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/packet: what is made decodes, has right checksums to the octet, and any change is seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/packet.h"

/* From 10.64.0.1 to 198.51.100.2, as scapy builds it: IP(src, dst, flags="DF", id=0)/ICMP(id=7, seq=1)/"abcdefgh" */
static const uint8_t ping[] = {
	0x45, 0x00, 0x00, 0x24, 0x00, 0x00, 0x40, 0x00, 0x40, 0x01, 0x06, 0x63, 0x0a, 0x40, 0x00, 0x01,
	0xc6, 0x33, 0x64, 0x02, 0x08, 0x00, 0x66, 0x62, 0x00, 0x07, 0x00, 0x01, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
};
/* IP(same)/UDP(sport=40000,dport=7)/"abc" */
static const uint8_t udp[] = {
	0x45, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x06, 0x58, 0x0a, 0x40, 0x00, 0x01,
	0xc6, 0x33, 0x64, 0x02, 0x9c, 0x40, 0x00, 0x07, 0x00, 0x0b, 0x6a, 0xb7, 'a', 'b', 'c',
};

enum { SRC = 0x0a400001 };
static const uint32_t dst = 0xc6336402;

static void echo_to_the_octet(void **state)
{
	uint8_t buf[100];
	struct wr w = wr_of(buf, sizeof(buf));
	struct ip4_packet ip;
	struct icmp_echo e = { ICMP_ECHO, 7, 1, span_str("abcdefgh") };

	icmp_echo_put(&w, SRC, dst, &e);
	assert_int_equal(wr_done(&w), sizeof(ping));
	assert_memory_equal(buf, ping, sizeof(ping));
	assert_true(ip4_decode(wr_span(&w), &ip));
	assert_int_equal(ip.src, SRC);
	assert_int_equal(ip.dst, dst);
	assert_int_equal(ip.protocol, IP_PROTO_ICMP);
	assert_int_equal(ip.ttl, 64);
	assert_true(ip.df);
	assert_false(ip.fragment);
	assert_true(icmp_echo_decode(ip.payload, &e));
	assert_int_equal(e.id, 7);
	assert_int_equal(e.seq, 1);
	assert_true(span_eq_str(e.data, "abcdefgh"));
}

static void udp_to_the_octet(void **state)
{
	uint8_t buf[100];
	struct wr w = wr_of(buf, sizeof(buf));
	struct ip4_packet ip;
	struct udp_packet u = { 40000, 7, span_str("abc") };

	udp_put(&w, SRC, dst, &u);
	assert_int_equal(wr_done(&w), sizeof(udp));
	assert_memory_equal(buf, udp, sizeof(udp));
	assert_true(ip4_decode(wr_span(&w), &ip));
	assert_true(udp_decode(&ip, &u));
	assert_int_equal(u.dport, 7);
	assert_true(span_eq_str(u.data, "abc"));
}

/* Any single bit that changes is seen by one of the checks: ICMP's checksum covers what IP's does not. */
static void every_bit_counts(void **state)
{
	uint8_t buf[sizeof(ping)];
	struct ip4_packet ip;
	struct icmp_echo e;

	for (unsigned bit = 0; bit < sizeof(ping) * 8; bit++) {
		memcpy(buf, ping, sizeof(ping));
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(ip4_decode(span_of(buf, sizeof(buf)), &ip) && icmp_echo_decode(ip.payload, &e));
	}
}

static void short_and_padded(void **state)
{
	uint8_t buf[sizeof(ping) + 5] = { 0 };
	struct ip4_packet ip;

	memcpy(buf, ping, sizeof(ping));
	assert_true(ip4_decode(span_of(buf, sizeof(buf)), &ip));
	assert_int_equal(ip.payload.len, sizeof(ping) - IP4_HDR_LEN);
	for (size_t len = 0; len < sizeof(ping); len++)
		assert_false(ip4_decode(span_of(buf, len), &ip));
}

static void probes(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));
	struct probe p = { 5, 70000, { 123456789012 } }, q;

	probe_put(&w, &p, sizeof(buf));
	assert_true(probe_check(wr_span(&w), &q));
	assert_int_equal(q.from, 5);
	assert_int_equal(q.seq, 70000);
	assert_true(q.sent.ns == p.sent.ns);
	for (unsigned i = PROBE_MIN; i < sizeof(buf); i++) {
		buf[i] ^= 1;
		assert_false(probe_check(span_of(buf, sizeof(buf)), &q));
		buf[i] ^= 1;
	}
	assert_false(probe_check(span_of(buf, PROBE_MIN - 1), &q));
	assert_true(probe_check(span_of(buf, PROBE_MIN), &q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(echo_to_the_octet),
		cmocka_unit_test(udp_to_the_octet),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(short_and_padded),
		cmocka_unit_test(probes),
	};

	return cmocka_run_group_tests_name("lab_packet", tests, NULL, NULL);
}
