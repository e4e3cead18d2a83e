/* SPDX-License-Identifier: BSD-2-Clause */
/* IPCP (RFC 1332, RFC 1877) and IPv6CP (RFC 5072) to the octet, and two NCPs that do not know of each other. */
#include "ppp_solo.h"

static void begin(struct solo *s)
{
	solo_init(s, PPP_AUTHENTICATOR);
	s->net_conf.dns[0] = 0x09090909;
	s->net_conf.wins[1] = 0x01020304;
	solo_open_network(s);
}

static struct ppp_net_event net_event_(struct solo *s, int type, int line)
{
	struct ppp_net_event ev = { 0 };

	if (!ppp_net_event(s->net, &ev) || (int)ev.type != type) {
		print_error("event %d, want %d\n", ev.type, type);
		_fail(__FILE__, line);
	}
	return ev;
}
#define net_event(s, type) net_event_(s, type, __LINE__)
#define no_net_event(s) do { struct ppp_net_event ev_; assert_false(ppp_net_event((s)->net, &ev_)); } while (0)

/* ---- IPCP ---- */

/* RFC 1332 §3.3; RFC 1877 §1.1 */
static void test_server_waits_for_the_client(void **state)
{
	struct solo s;
	struct ppp_net_event ev;

	begin(&s);
	solo_quiet(&s);
	assert_true(mono_is_never(ppp_net_deadline(s.net)));
	(void)solo_send(&s, "8021 01 07 0016 0306 00000000 8106 00000000 8306 00000000");
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(&s, "8021 04 07 000a 8306 00000000");		/* no second name server */
	(void)solo_send(&s, "8021 02 01 000a 0306 0aff0001");
	(void)solo_send(&s, "8021 01 08 0010 0306 00000000 8106 00000000");
	solo_expect(&s, "8021 03 08 0010 0306 0a400001 8106 09090909");
	(void)solo_send(&s, "8021 01 09 0010 0306 0a400001 8106 09090909");
	solo_expect(&s, "8021 02 09 0010 0306 0a400001 8106 09090909");
	ev = net_event(&s, PPP_NET_EV_IP4_UP);
	assert_int_equal(ev.local_ip4, 0x0aff0001);
	assert_int_equal(ev.peer_ip4, 0x0a400001);
	no_net_event(&s);
	assert_null(s.net->ncp[NCP_IP4].cp.nego);
	assert_string_equal(ppp_net_state(s.net, 0x8021), "Opened");
	solo_fini(&s);
}

/* RFC 1332 §3.1-3.3; RFC 1877 §1.2, §1.4 */
static void test_client_options(void **state)
{
	static const struct {
		const char *request, *reply;
	} cases[] = {
		{ "8021 01 07 000a 0306 0a400001", "8021 02 07 000a 0306 0a400001" },
		{ "8021 01 07 000a 0306 c0a80001", "8021 03 07 000a 0306 0a400001" },		/* another's address */
		{ "8021 01 07 0008 0304 0a40", "8021 03 07 000a 0306 0a400001" },		/* wrong length */
		{ "8021 01 07 0004", "8021 03 07 000a 0306 0a400001" },				/* none: appended */
		{ "8021 01 07 0010 0306 0a400001 0206 002d0f01", "8021 04 07 000a 0206 002d0f01" },	/* VJ */
		{ "8021 01 07 000e 010a 0a400001 0aff0001", "8021 04 07 000e 010a 0a400001 0aff0001" },
		/* second NBNS */
		{ "8021 01 07 0010 0306 0a400001 8406 00000000", "8021 03 07 000a 8406 01020304" },
		{ "8021 01 07 0010 0306 0a400001 8206 00000000", "8021 04 07 000a 8206 00000000" },
		{ "8021 01 07 0010 0306 0a400001 9006 ffffffff", "8021 04 07 000a 9006 ffffffff" },
		{ "8021 01 07 0006 0300", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct solo s;

		begin(&s);
		(void)solo_send(&s, cases[i].request);
		if (cases[i].reply) {
			solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
			solo_expect(&s, cases[i].reply);
		}
		solo_quiet(&s);
		solo_fini(&s);
	}
}

/* RFC 1877 §1.1-1.4: a client that knows none is told all four. */
static void test_four_name_servers(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	for (unsigned i = 0; i < 2; i++) {
		s.net_conf.dns[i] = 0x09090900 + i;
		s.net_conf.wins[i] = 0x0a0a0a00 + i;
	}
	solo_open_network(&s);
	(void)solo_send(&s, "8021 01 07 0022 0306 0a400001 8106 00000000 8206 00000000 8306 00000000 8406 00000000");
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(&s, "8021 03 07 001c 8106 09090900 8206 0a0a0a00 8306 09090901 8406 0a0a0a01");
	(void)solo_send(&s, "8021 01 08 0022 0306 0a400001 8106 09090900 8206 0a0a0a00 8306 09090901 8406 0a0a0a01");
	solo_expect(&s, "8021 02 08 0022 0306 0a400001 8106 09090900 8206 0a0a0a00 8306 09090901 8406 0a0a0a01");
	solo_fini(&s);
}

static void test_client_that_insists(void **state)
{
	struct solo s;

	begin(&s);
	(void)solo_send(&s, "8021 01 07 000a 0306 c0a80001");
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(&s, "8021 03 07 000a 0306 0a400001");
	for (int i = 1; i < 5; i++) {
		(void)solo_send(&s, "8021 01 08 000a 0306 c0a80001");
		solo_expect(&s, "8021 03 08 000a 0306 0a400001");
	}
	(void)solo_send(&s, "8021 01 09 000a 0306 c0a80001");
	solo_expect(&s, "8021 04 09 000a 0306 c0a80001");
	solo_expect(&s, "8021 05 02 0004");
	(void)solo_send(&s, "8021 06 02 0004");
	assert_int_equal(ppp_net_reason(s.net, 0x8021), PPP_REASON_IP_NO_PEER_IP_ADDRESS);
	(void)solo_send(&s, "8021 01 0a 0004");			/* Closed */
	solo_expect(&s, "8021 06 0a 0004");
	no_net_event(&s);					/* IPv6CP may still come */
	solo_fini(&s);
}

static void test_client_without_an_address_at_all(void **state)
{
	struct solo s;

	begin(&s);
	(void)solo_send(&s, "8021 01 07 0004");
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(&s, "8021 03 07 000a 0306 0a400001");
	for (int i = 1; i < 5; i++) {
		(void)solo_send(&s, "8021 01 08 0004");
		solo_expect(&s, "8021 03 08 000a 0306 0a400001");
	}
	(void)solo_send(&s, "8021 01 09 0004");
	solo_expect(&s, "8021 02 09 0004");
	solo_expect(&s, "8021 05 02 0004");
	assert_int_equal(ppp_net_reason(s.net, 0x8021), PPP_REASON_IP_NO_PEER_IP_ADDRESS);
	solo_fini(&s);
}

/* The request that makes it Opened is the one that shows that there is no way on: the owner hears of no IPv4. */
static void test_client_without_an_address_is_never_up(void **state)
{
	struct ppp_net_event ev;
	struct solo s;

	begin(&s);
	for (int i = 0; i < 6; i++)
		(void)solo_send(&s, "8021 01 07 0004");
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	for (int i = 0; i < 5; i++)
		solo_expect(&s, "8021 03 07 000a 0306 0a400001");
	solo_expect(&s, "8021 02 07 0004");
	solo_expect(&s, "8021 05 02 0004");
	solo_fini(&s);

	begin(&s);
	(void)solo_send(&s, "8021 01 07 0004");
	(void)solo_send(&s, "8021 02 01 000a 0306 0aff0001");
	for (int i = 0; i < 5; i++)
		(void)solo_send(&s, "8021 01 08 0004");
	assert_string_equal(ppp_net_state(s.net, 0x8021), "Closing");
	while (ppp_net_event(s.net, &ev)) {
		assert_int_not_equal(ev.type, PPP_NET_EV_IP4_UP);
		assert_int_not_equal(ev.type, PPP_NET_EV_IP4_DOWN);
	}
	assert_int_equal(ppp_net_reason(s.net, 0x8021), PPP_REASON_IP_NO_PEER_IP_ADDRESS);
	solo_fini(&s);
}

static void test_client_may_choose(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.net_conf.take_peer_ip4 = true;
	s.net_conf.initiate_ipv4 = true;
	solo_open_network(&s);
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	(void)solo_send(&s, "8021 02 01 000a 0306 0aff0001");
	(void)solo_send(&s, "8021 01 07 000a 0306 c0a80005");
	solo_expect(&s, "8021 02 07 000a 0306 c0a80005");
	assert_int_equal(net_event(&s, PPP_NET_EV_IP4_UP).peer_ip4, 0xc0a80005);
	(void)solo_send(&s, "8021 01 08 000a 0306 0aff0001");	/* ours it cannot have */
	solo_expect(&s, "8021 01 02 000a 0306 0aff0001");
	solo_expect(&s, "8021 03 08 000a 0306 0a400001");
	assert_int_equal(net_event(&s, PPP_NET_EV_IP4_DOWN).reason, PPP_REASON_IP_PEER_RENEGOTIATE_RX_CONF_REQ);
	solo_fini(&s);
}

/* A choice that no host can have is refused; so is every other then, for there is none to suggest. */
static void test_client_may_not_choose(void **state)
{
	static const char *const bad[] = { "00000000", "00000001", "7f000001", "e0000005", "f0000001", "ffffffff" };

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char packet[64];
		struct solo s;

		solo_init(&s, PPP_AUTHENTICATOR);
		s.net_conf.take_peer_ip4 = true;
		s.net_conf.peer_ip4 = 0;
		solo_open_network(&s);
		snprintf(packet, sizeof(packet), "8021 01 07 000a 0306 %s", bad[i]);
		(void)solo_send(&s, packet);
		assert_string_not_equal(ppp_net_state(s.net, 0x8021), "Opened");
		(void)solo_send(&s, "8021 02 01 000a 0306 0aff0001");
		assert_string_not_equal(ppp_net_state(s.net, 0x8021), "Opened");
		assert_int_equal(ppp_net_reason(s.net, 0x8021), PPP_REASON_IP_NO_PEER_IP_ADDRESS);
		solo_fini(&s);
	}
}

static void test_our_address_is_ours(void **state)
{
	struct solo s;

	begin(&s);
	(void)solo_send(&s, "8021 01 07 000a 0306 0a400001");
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(&s, "8021 02 07 000a 0306 0a400001");
	(void)solo_send(&s, "8021 03 01 000a 0306 01010101");
	solo_expect(&s, "8021 01 02 000a 0306 0aff0001");
	(void)solo_send(&s, "8021 04 02 000a 0306 0aff0001");
	solo_expect(&s, "8021 01 03 0004");
	(void)solo_send(&s, "8021 02 03 0004");
	assert_int_equal(net_event(&s, PPP_NET_EV_IP4_UP).peer_ip4, 0x0a400001);
	solo_fini(&s);
}

/* ---- IPv6CP ---- */

/* RFC 5072 §3, §4, §4.1 */
static void test_interface_identifiers(void **state)
{
	struct solo s;
	struct ppp_net_event ev;
	uint8_t ours[8], suggested[8];

	begin(&s);
	(void)solo_send(&s, "8057 01 07 000e 010a 0000000000000000");
	solo_expect(&s, "8057 01 01 000e 010a ????????????????");
	memcpy(ours, s.last + 8, 8);
	assert_int_equal(ours[0] & 2, 0);			/* "u" bit zero, RFC 5072 §4.1 */
	solo_expect(&s, "8057 03 07 000e 010a ????????????????");
	memcpy(suggested, s.last + 8, 8);
	assert_int_equal(suggested[0] & 2, 0);
	assert_memory_not_equal(ours, suggested, 8);
	(void)solo_send(&s, "8057 01 07 0004");			/* missing: the same suggestion again */
	solo_expect(&s, "8057 03 07 000e 010a ????????????????");
	assert_memory_equal(s.last + 8, suggested, 8);
	memcpy(s.last, (uint8_t[]){ 0x80, 0x57, 1, 8, 0, 14, 1, 10 }, 8);	/* collision */
	memcpy(s.last + 8, ours, 8);
	(void)solo_rx(&s, s.last, 16);
	solo_expect(&s, "8057 03 08 000e 010a ????????????????");
	assert_memory_not_equal(s.last + 8, ours, 8);
	(void)solo_send(&s, "8057 01 09 0014 010a 0200000000000001 0206 00410000");
	solo_expect(&s, "8057 04 09 000a 0206 00410000");
	(void)solo_send(&s, "8057 01 0a 000e 010a 0200000000000001");
	solo_expect(&s, "8057 02 0a 000e 010a 0200000000000001");
	memcpy(s.last, (uint8_t[]){ 0x80, 0x57, 2, 1, 0, 14, 1, 10 }, 8);
	memcpy(s.last + 8, ours, 8);
	(void)solo_rx(&s, s.last, 16);
	ev = net_event(&s, PPP_NET_EV_IP6_UP);
	assert_memory_equal(ev.local_iid, ours, 8);
	assert_int_equal(ev.peer_iid[7], 1);
	solo_fini(&s);
}

static void test_assigned_identifier(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	memcpy(s.net_conf.peer_iid, (uint8_t[]){ 0, 0, 0, 0, 0, 0, 0, 9 }, 8);
	memcpy(s.net_conf.local_iid, (uint8_t[]){ 0, 0, 0, 0, 0, 0, 0, 1 }, 8);
	solo_open_network(&s);
	(void)solo_send(&s, "8057 01 07 000e 010a 0200000000000001");
	solo_expect(&s, "8057 01 01 000e 010a 0000000000000001");
	solo_expect(&s, "8057 03 07 000e 010a 0000000000000009");
	(void)solo_send(&s, "8057 04 01 000e 010a 0000000000000001");	/* ours is rejected: no IPv6 without one */
	solo_expect(&s, "8057 05 02 0004");
	assert_int_equal(ppp_net_reason(s.net, 0x8057), PPP_REASON_IPV6_NO_LOCAL_IPV6_INTERFACE_ID);
	solo_fini(&s);
}

/* ---- side by side ---- */

static void ip4_up(struct solo *s)
{
	(void)solo_send(s, "8021 01 07 000a 0306 0a400001");
	solo_expect(s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(s, "8021 02 07 000a 0306 0a400001");
	(void)solo_send(s, "8021 02 01 000a 0306 0aff0001");
	net_event(s, PPP_NET_EV_IP4_UP);
}

/* RFC 1661 §3.6: each NCP is opened and closed at any time. */
static void test_one_failure_is_one_failure(void **state)
{
	struct solo s;

	begin(&s);
	ip4_up(&s);
	(void)solo_send(&s, "8057 01 07 0004");
	assert_true(solo_take(&s));
	assert_true(solo_take(&s));
	(void)solo_send(&s, "8057 05 08 0004");			/* the client gives IPv6 up */
	solo_expect(&s, "8057 06 08 0004");
	solo_pass(&s, 60000);
	while (solo_take(&s))
		;
	no_net_event(&s);
	assert_int_equal(ppp_net_reason(s.net, 0x8057), PPP_REASON_IPV6_PEER_TERMINATE_TERM_REQ);
	assert_string_equal(ppp_net_state(s.net, 0x8021), "Opened");
	solo_fini(&s);
}

/* RFC 1661 §3.6, §5.7 */
static void test_unknown_protocols_are_refused_each_time(void **state)
{
	struct solo s;

	begin(&s);
	ip4_up(&s);
	for (uint8_t i = 0; i < 3; i++) {
		(void)solo_send(&s, "80fd 01 01 000a 1206 00000001");	/* CCP, MPPC */
		assert_true(solo_take(&s));
		assert_memory_equal(s.last, ((uint8_t[]){ 0xc0, 0x21, 8 }), 3);
		assert_memory_equal(s.last + 6, ((uint8_t[]){ 0x80, 0xfd, 1, 1, 0, 10 }), 6);
		solo_quiet(&s);
	}
	(void)solo_send(&s, "8281 01 01 0004");			/* MPLSCP */
	assert_true(solo_take(&s));
	assert_int_equal(s.last[2], PPP_CP_PROTO_REJ);
	no_net_event(&s);
	assert_int_equal(solo_count(&s, PPP_COUNT_PROTOCOL_REJECTED), 4);
	solo_fini(&s);
}

static void test_disabled_family_is_unknown(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.net_conf.ipv6 = false;
	solo_open_network(&s);
	(void)solo_send(&s, "8057 01 01 0004");
	solo_expect(&s, "c021 08 02 000a 8057 01010004");
	solo_fini(&s);
}

static void test_none_left(void **state)
{
	struct solo s;

	begin(&s);
	ip4_up(&s);
	(void)solo_send(&s, "8021 05 08 0004");
	solo_expect(&s, "8021 06 08 0004");
	assert_int_equal(net_event(&s, PPP_NET_EV_IP4_DOWN).reason, PPP_REASON_IP_PEER_TERMINATE_TERM_REQ);
	no_net_event(&s);
	solo_pass(&s, 3000);
	assert_int_equal(net_event(&s, PPP_NET_EV_NONE_LEFT).reason, PPP_REASON_IP_PEER_TERMINATE_TERM_REQ);
	no_net_event(&s);
	solo_fini(&s);
}

static void test_peer_does_not_answer(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.net_conf.initiate_ipv4 = true;
	s.net_conf.ipv6 = false;
	s.conf.keepalive_s = 0;
	solo_open_network(&s);
	for (int i = 0; i < 10; i++) {
		solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
		solo_pass(&s, 3000);
	}
	solo_quiet(&s);
	assert_int_equal(net_event(&s, PPP_NET_EV_NONE_LEFT).reason, PPP_REASON_IP_MAX_CONFIGURE_EXCEEDED);
	solo_fini(&s);
}

/*
 * RFC 1661 §4.1, §4.3 Close: the peer has our Ack and may believe the protocol Opened, while its own were all lost. The
 * link goes on with IPv6, so the peer is told.
 */
static void test_peer_that_may_believe_in_it_is_told(void **state)
{
	struct solo s;
	struct ppp_net_event ev;

	begin(&s);
	(void)solo_send(&s, "8021 01 07 0010 0306 0a400001 8106 09090909");
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(&s, "8021 02 07 0010 0306 0a400001 8106 09090909");
	for (int i = 1; i < 10; i++) {
		solo_pass(&s, 3000);
		solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	}
	solo_pass(&s, 3000);
	solo_expect(&s, "8021 05 02 0004");
	solo_pass(&s, 3000);
	solo_expect(&s, "8021 05 03 0004");
	no_net_event(&s);
	(void)solo_send(&s, "8021 06 03 0004");
	assert_string_equal(ppp_net_state(s.net, 0x8021), "Closed");
	assert_int_equal(ppp_net_reason(s.net, 0x8021), PPP_REASON_IP_MAX_CONFIGURE_EXCEEDED);
	no_net_event(&s);					/* IPv6CP may still come */
	ppp_net_rejected(s.net, 0x8057, s.now);
	ev = net_event(&s, PPP_NET_EV_NONE_LEFT);
	assert_int_equal(ev.reason, PPP_REASON_IPV6_NO_SERVICE);
	solo_quiet(&s);
	solo_fini(&s);
}

static void test_link_goes_and_comes(void **state)
{
	struct solo s;

	begin(&s);
	ip4_up(&s);
	ppp_net_down(s.net, s.now);
	assert_int_equal(net_event(&s, PPP_NET_EV_IP4_DOWN).reason, PPP_REASON_IP_LINK_DOWN);
	assert_true(ppp_net_rx(s.net, (const uint8_t *)"\x80\x21\x01\x01\x00\x04", 6, s.now));
	assert_int_equal(solo_count(&s, PPP_COUNT_NOT_UP), 1);
	solo_quiet(&s);
	ppp_net_up(s.net, s.now);
	(void)solo_send(&s, "8021 01 07 000a 0306 0a400001");
	solo_expect(&s, "8021 01 02 000a 0306 0aff0001");
	solo_expect(&s, "8021 02 07 000a 0306 0a400001");
	solo_fini(&s);
}

static void test_too_many_renegotiations(void **state)
{
	struct solo s;
	char text[64];
	int i = 0;

	begin(&s);
	ip4_up(&s);
	for (; i < 100 && s.net->ncp[NCP_IP4].cp.state != PPP_CP_CLOSING; i++) {
		snprintf(text, sizeof(text), "8021 01 %02x 000a 0306 0a400001", 0x40 + i);
		(void)solo_send(&s, text);
		assert_true(solo_take(&s));
		s.last[2] = PPP_CP_CONF_ACK;
		(void)solo_rx(&s, s.last, s.last_len);
		while (solo_take(&s))
			;
	}
	assert_int_equal(i, 31);
	assert_int_equal(ppp_net_reason(s.net, 0x8021), PPP_REASON_IP_PEER_RENEGOTIATE_RX_CONF_REQ);
	solo_fini(&s);
}

static void test_client_side(void **state)
{
	struct solo s;
	struct ppp_net_event ev;

	solo_init(&s, PPP_CLIENT);
	s.net_conf.dns[0] = s.net_conf.dns[1] = 1;
	s.net_conf.ipv6 = false;
	solo_open_network(&s);
	solo_expect(&s, "8021 01 01 0016 0306 00000000 8106 00000000 8306 00000000");
	(void)solo_send(&s, "8021 04 01 000a 8306 00000000");
	solo_expect(&s, "8021 01 02 0010 0306 00000000 8106 00000000");
	(void)solo_send(&s, "8021 03 02 0010 0306 0a400001 8106 09090909");
	solo_expect(&s, "8021 01 03 0010 0306 0a400001 8106 09090909");
	(void)solo_send(&s, "8021 02 03 0010 0306 0a400001 8106 09090909");
	(void)solo_send(&s, "8021 01 05 000a 0306 0aff0001");
	solo_expect(&s, "8021 02 05 000a 0306 0aff0001");
	ev = net_event(&s, PPP_NET_EV_IP4_UP);
	assert_int_equal(ev.local_ip4, 0x0a400001);
	assert_int_equal(ev.peer_ip4, 0x0aff0001);
	assert_int_equal(ev.dns[0], 0x09090909);
	assert_int_equal(ev.dns[1], 0);
	solo_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_server_waits_for_the_client),
		cmocka_unit_test(test_client_options),
		cmocka_unit_test(test_four_name_servers),
		cmocka_unit_test(test_client_that_insists),
		cmocka_unit_test(test_client_without_an_address_at_all),
		cmocka_unit_test(test_client_without_an_address_is_never_up),
		cmocka_unit_test(test_client_may_choose),
		cmocka_unit_test(test_client_may_not_choose),
		cmocka_unit_test(test_our_address_is_ours),
		cmocka_unit_test(test_interface_identifiers),
		cmocka_unit_test(test_assigned_identifier),
		cmocka_unit_test(test_one_failure_is_one_failure),
		cmocka_unit_test(test_unknown_protocols_are_refused_each_time),
		cmocka_unit_test(test_disabled_family_is_unknown),
		cmocka_unit_test(test_none_left),
		cmocka_unit_test(test_peer_does_not_answer),
		cmocka_unit_test(test_peer_that_may_believe_in_it_is_told),
		cmocka_unit_test(test_link_goes_and_comes),
		cmocka_unit_test(test_too_many_renegotiations),
		cmocka_unit_test(test_client_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
