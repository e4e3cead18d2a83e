/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client and an authenticator against each other: RFC 1661 §3, RFC 1334, RFC 1994, RFC 2759; keepalive; the end of
 * a link.
 */
#include <malloc.h>

#include "ppp_pair.h"
#include "ppp_solo.h"

#define AUTH(p) (&(p)->end[0])
#define CLIENT(p) (&(p)->end[1])

static void only(struct pair_end *e, enum ppp_auth a)
{
	memset(e->conf.auth, 0, sizeof(e->conf.auth));
	e->conf.auth[0] = a;
}

static void assert_established(struct pair *p, enum ppp_auth method)
{
	struct ppp_link_info info;

	ppp_link_info(AUTH(p)->link, &info);
	assert_string_equal(info.phase, "network");
	assert_string_equal(info.lcp_state, "Opened");
	assert_int_equal(info.auth, method);
	assert_true(pair_settled(p));
	assert_int_equal(CLIENT(p)->ip4_event.local_ip4, 0x0a400001);
	assert_int_equal(CLIENT(p)->ip4_event.peer_ip4, 0x0aff0001);
	assert_int_equal(CLIENT(p)->ip4_event.dns[0], 0x09090909);
	assert_int_equal(AUTH(p)->ip4_event.peer_ip4, 0x0a400001);
	assert_memory_equal(AUTH(p)->ip6_event.local_iid, CLIENT(p)->ip6_event.peer_iid, 8);
	assert_memory_equal(AUTH(p)->ip6_event.peer_iid, CLIENT(p)->ip6_event.local_iid, 8);
}

/* RFC 1661 §3.5 */
static void test_every_method(void **state)
{
	for (enum ppp_auth a = PPP_AUTH_NONE; a < PPP_AUTH_COUNT; a++) {
		struct pair p;

		pair_init(&p, a);
		only(AUTH(&p), a);
		pair_up(&p);
		pair_run(&p, 1000);
		assert_established(&p, a);
		assert_int_equal(AUTH(&p)->auth_requests, a != PPP_AUTH_NONE);
		if (a != PPP_AUTH_NONE)
			assert_string_equal(AUTH(&p)->seen_name, "bob");
		pair_fini(&p);
	}
}


/* ---- refusals ---- */

/* RFC 1334 §2.2.2, RFC 1994 §4.2, RFC 2759 §6 */
static void test_wrong_password(void **state)
{
	static const char *const texts[] = { [PPP_AUTH_PAP] = "go away", [PPP_AUTH_CHAP_MD5] = "go away" };

	for (enum ppp_auth a = PPP_AUTH_PAP; a < PPP_AUTH_COUNT; a++) {
		struct pair p;

		pair_init(&p, a);
		only(AUTH(&p), a);
		p.password = "another";
		pair_up(&p);
		pair_run(&p, 20000);
		assert_true(AUTH(&p)->down);
		assert_true(CLIENT(&p)->down);
		assert_int_equal(AUTH(&p)->why, PPP_REASON_AUTHENTICATE_DENY_BY_PEER);
		assert_false(AUTH(&p)->by_peer);
		assert_int_equal(CLIENT(&p)->why, PPP_REASON_AUTHENTICATE_DENY_BY_PEER);
		assert_true(CLIENT(&p)->by_peer);
		if (a == PPP_AUTH_MSCHAPV2) {
			assert_memory_equal(CLIENT(&p)->message, "E=691 R=0 C=", 12);
			assert_string_equal(CLIENT(&p)->message + 12 + 32, " V=3 M=go away");
		} else {
			assert_string_equal(CLIENT(&p)->message, texts[a]);
		}
		assert_int_equal(AUTH(&p)->auth_requests, 1);
		pair_fini(&p);
	}
}

/* The list is walked: what the client names, if it is of the list, else the next. */
static void test_client_prefers_another(void **state)
{
	for (enum ppp_auth a = PPP_AUTH_PAP; a < PPP_AUTH_COUNT; a++) {
		struct pair p;

		pair_init(&p, a);
		only(CLIENT(&p), a);
		pair_up(&p);
		pair_run(&p, 1000);
		assert_established(&p, a);
		pair_fini(&p);
	}
}

static void test_no_common_method(void **state)
{
	struct pair p;

	pair_init(&p, 1);
	only(AUTH(&p), PPP_AUTH_MSCHAPV2);
	only(CLIENT(&p), PPP_AUTH_PAP);
	pair_up(&p);
	pair_run(&p, 60000);
	assert_int_equal(AUTH(&p)->why, PPP_REASON_LCP_NO_PEER_AUTHENTICATION);
	assert_int_equal(CLIENT(&p)->why, PPP_REASON_LCP_PEER_TERMINATE_TERM_REQ);
	pair_fini(&p);
}

/* RFC 1661 §6.2; the values of RFC 1334 §2.1, RFC 1994 §3, RFC 2759 §2. */
static void test_rejected_method_walks_too(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.auth[0] = PPP_AUTH_CHAP_MD5;
	s.conf.auth[1] = PPP_AUTH_MSCHAPV2;
	s.conf.auth[2] = PPP_AUTH_PAP;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0009 0305 c22305");
	(void)solo_send(&s, "c021 04 01 0009 0305 c22305");
	solo_expect(&s, "c021 01 02 0009 0305 c22381");
	(void)solo_send(&s, "c021 03 02 0009 0305 c22380");	/* MS-CHAP of the first version: not of our list */
	solo_expect(&s, "c021 01 03 0008 0304 c023");
	(void)solo_send(&s, "c021 03 03 0009 0305 c22305");	/* what it refused before */
	solo_expect(&s, "c021 05 04 0004");
	(void)solo_send(&s, "c021 06 04 0004");
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_LCP_NO_PEER_AUTHENTICATION);
	solo_fini(&s);
}

/* ---- LCP options of the peer ---- */

/* RFC 1661 §5.2-5.4; §6.1 MRU, §6.2, §6.4 Magic-Number, §6.5 PFC, §6.6 ACFC; RFC 1662 §7.1 ACCM. */
static void test_peer_options(void **state)
{
	static const struct {
		const char *request, *reply;
	} cases[] = {
		{ "c021 01 09 0008 0104 05d4", "c021 02 09 0008 0104 05d4" },				/* MRU 1492 */
		{ "c021 01 09 0008 0104 ffff", "c021 02 09 0008 0104 ffff" },
		{ "c021 01 09 0008 0104 003f", "c021 03 09 0008 0104 05dc" },				/* below 64 */
		{ "c021 01 09 0007 0103 05", "c021 03 09 0008 0104 05dc" },	/* wrong length */
		{ "c021 01 09 000a 0206 000a0000", "c021 02 09 000a 0206 000a0000" },			/* ACCM */
		{ "c021 01 09 000e 0506 01020304 0702 0802", "c021 02 09 000e 0506 01020304 0702 0802" },
		{ "c021 01 09 000a 0506 00000000", "c021 03 09 000a 0506 ????????" },	/* zero magic number */
		{ "c021 01 09 0007 0703 00", "c021 03 09 0006 0702" },
		{ "c021 01 09 0009 0305 c22305", "c021 04 09 0009 0305 c22305" },	/* authenticate ourselves: no */
		{ "c021 01 09 000c 0408 c025 00000064", "c021 04 09 000c 0408 c025 00000064" },		/* Quality */
		{ "c021 01 09 0007 0d03 06", "c021 04 09 0007 0d03 06" },				/* Callback */
		{ "c021 01 09 0012 0104 05d4 1104 05dc 1303 00 1202 00", NULL },	/* malformed at the end */
		{ "c021 01 09 0011 0104 05d4 1104 05dc 1303 00 1202", "c021 04 09 000d 1104 05dc 1303 00 1202" },
		{ "c021 01 09 000c 0104 0001 1104 05dc", "c021 04 09 0008 1104 05dc" },	/* Reject before Nak */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct solo s;

		solo_init(&s, PPP_AUTHENTICATOR);
		solo_up(&s);
		solo_expect(&s, "c021 01 01 0004");
		(void)solo_send(&s, cases[i].request);
		if (cases[i].reply)
			solo_expect(&s, cases[i].reply);
		solo_quiet(&s);
		solo_fini(&s);
	}
}

/* RFC 1661 §6.2 */
static void test_client_asked_for_what_it_does_not_do(void **state)
{
	struct solo s;

	solo_init(&s, PPP_CLIENT);
	s.conf.auth[0] = PPP_AUTH_MSCHAPV2;
	s.conf.auth[1] = PPP_AUTH_PAP;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	(void)solo_send(&s, "c021 01 09 0009 0305 c22305");
	solo_expect(&s, "c021 03 09 0009 0305 c22381");
	(void)solo_send(&s, "c021 01 0a 0008 0304 c227");	/* EAP */
	solo_expect(&s, "c021 03 0a 0009 0305 c22381");
	(void)solo_send(&s, "c021 01 0b 0008 0304 c023");
	solo_expect(&s, "c021 02 0b 0008 0304 c023");
	solo_fini(&s);
}

/* RFC 1661 §6.1 */
static void test_agreed_values(void **state)
{
	struct solo s;
	struct ppp_link_info info;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.peer_mru_max = 1460;
	s.conf.mru = 1442;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0008 0104 05a2");
	(void)solo_send(&s, "c021 02 01 0008 0104 05a2");
	(void)solo_send(&s, "c021 01 09 0012 0104 05d4 0506 01020304 0702 0802");
	solo_expect(&s, "c021 02 09 0012 0104 05d4 0506 01020304 0702 0802");
	ppp_link_info(s.link, &info);
	assert_int_equal(info.local_mru, 1442);
	assert_int_equal(info.peer_mru, 1460);
	assert_int_equal(info.peer_magic, 0x01020304);
	assert_true(info.peer_pfc && info.peer_acfc);
	solo_fini(&s);
}

/* ---- phases ---- */

static void assert_phase(const struct solo *s, const char *phase)
{
	struct ppp_link_info info;

	ppp_link_info(s->link, &info);
	assert_string_equal(info.phase, phase);
}

/* RFC 1661 §3.2, and §3.3 to §3.7 phase by phase: Up, Opened, Success, Closing, Down; then Fail. */
static void test_phases(void **state)
{
	struct solo s;
	struct ppp_auth_result verdict = { .ok = true };

	for (int fail = 0; fail < 2; fail++) {
		solo_init(&s, PPP_AUTHENTICATOR);
		s.conf.auth[0] = PPP_AUTH_PAP;
		solo_make(&s);
		assert_phase(&s, "dead");
		ppp_link_up(s.link, s.now);
		assert_phase(&s, "establish");
		solo_expect(&s, "c021 01 01 0008 0304 c023");
		(void)solo_send(&s, "c021 01 01 0004");
		solo_expect(&s, "c021 02 01 0004");
		assert_phase(&s, "establish");
		(void)solo_send(&s, "c021 02 01 0008 0304 c023");
		assert_phase(&s, "authenticate");
		solo_event(&s, PPP_LINK_EV_UP);
		(void)solo_send(&s, "c023 01 01 000e 03626f62 0568656c6c6f");
		solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
		assert_phase(&s, "authenticate");
		verdict.ok = !fail;
		ppp_link_auth_result(s.link, &verdict, s.now);
		assert_phase(&s, fail ? "terminate" : "network");
		solo_expect(&s, fail ? "c023 03 01 0005 00" : "c023 02 01 0005 00");
		if (!fail) {
			solo_event(&s, PPP_LINK_EV_NETWORK);
			ppp_link_close(s.link, PPP_REASON_ADMIN_LOGOUT, s.now);
		}
		assert_phase(&s, "terminate");
		solo_expect(&s, "c021 05 02 0004");
		(void)solo_send(&s, "c021 06 02 0004");
		assert_phase(&s, "dead");
		solo_event(&s, PPP_LINK_EV_DOWN);
		solo_fini(&s);
	}
}

/* ---- frames out of place ---- */

/* RFC 1661 §3.3-3.5: what a phase does not expect is silently discarded. */
static void test_early_frames(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.auth[0] = PPP_AUTH_PAP;
	solo_make(&s);
	(void)solo_send(&s, "c021 01 01 0004");			/* before up */
	assert_int_equal(solo_count(&s, PPP_COUNT_NOT_UP), 1);
	ppp_link_up(s.link, s.now);
	solo_expect(&s, "c021 01 01 0008 0304 c023");
	(void)solo_send(&s, "c023 01 01 000d 03626f62 0568656c6c6f");
	assert_int_equal(solo_count(&s, PPP_COUNT_EARLY_AUTH), 1);
	(void)solo_send(&s, "8021 01 01 0004");
	(void)solo_send(&s, "21 45");
	(void)solo_send(&s, "80fd 01 01 0004");
	assert_int_equal(solo_count(&s, PPP_COUNT_EARLY_FRAME), 3);
	(void)solo_send(&s, "");
	(void)solo_send(&s, "c0");
	assert_int_equal(solo_count(&s, PPP_COUNT_FRAME_SHORT), 2);
	(void)solo_send(&s, "c021 02 01 0008 0304 c023");
	(void)solo_send(&s, "c021 01 09 0004");
	solo_expect(&s, "c021 02 09 0004");
	solo_event(&s, PPP_LINK_EV_UP);
	(void)solo_send(&s, "8021 01 01 0004");			/* authentication phase: silently discarded */
	(void)solo_send(&s, "80fd 01 01 0004");
	assert_int_equal(solo_count(&s, PPP_COUNT_EARLY_FRAME), 5);
	(void)solo_send(&s, "c223 02 01 0008 10 414141");	/* CHAP where PAP was agreed */
	assert_int_equal(solo_count(&s, PPP_COUNT_AUTH_OTHER_PROTOCOL), 1);
	solo_quiet(&s);
	solo_fini(&s);
}

/* RFC 1661 §5.7: "truncated to comply with the peer's established MRU". */
static void test_protocol_reject_is_bounded(void **state)
{
	struct solo s;
	uint8_t frame[1500] = { 0x80, 0xfd, 1, 1, 1, 0 };

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	(void)solo_send(&s, "c021 02 01 0004");
	(void)solo_send(&s, "c021 01 09 0008 0104 0040");	/* the peer can take 64 octets */
	solo_expect(&s, "c021 02 09 0008 0104 0040");
	solo_event(&s, PPP_LINK_EV_UP);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	ppp_link_reject_protocol(s.link, frame, sizeof(frame), s.now);
	assert_true(solo_take(&s));
	assert_int_equal(s.last_len, 2 + 64);
	assert_int_equal(s.last[2], PPP_CP_PROTO_REJ);
	assert_memory_equal(s.last + 4, ((uint8_t[]){ 0, 64, 0x80, 0xfd, 1, 1, 1, 0 }), 8);
	frame[0] = 0xc0;					/* Link-Quality-Report, from the link itself */
	frame[1] = 0x25;
	assert_int_equal(solo_rx(&s, frame, 10), PPP_RX_DONE);
	solo_expect(&s, "c021 08 03 000e c025 01010100 00000000");
	memset(frame, 0, sizeof(frame));			/* Echo and Code-Reject as well */
	memcpy(frame, (uint8_t[]){ 0xc0, 0x21, 9, 5, 2, 0 }, 6);
	(void)solo_rx(&s, frame, 600);
	assert_true(solo_take(&s));
	assert_int_equal(s.last_len, 2 + 64);
	frame[2] = 77;
	(void)solo_rx(&s, frame, 600);
	assert_true(solo_take(&s));
	assert_int_equal(s.last_len, 2 + 64);
	solo_fini(&s);
}

/* RFC 1661 §5.7 */
static void test_protocol_reject_received(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.net_conf.initiate_ipv4 = s.net_conf.initiate_ipv6 = true;
	solo_open_network(&s);
	solo_expect(&s, "8021 01 01 000a 0306 0aff0001");
	solo_expect(&s, "8057 01 01 000e 010a ????????????????");
	assert_int_equal(solo_send(&s, "c021 08 01 0014 8057 0101000e 010a0102030405060708"), PPP_RX_NCP);
	assert_string_equal(ppp_net_state(s.net, 0x8057), "Stopped");
	assert_string_equal(ppp_net_state(s.net, 0x8021), "Req-Sent");	/* one NCP's failure never ends another */
	assert_int_equal(ppp_net_reason(s.net, 0x8057), PPP_REASON_IPV6_NO_SERVICE);
	solo_no_event(&s);
	(void)solo_send(&s, "c021 08 01 0006 c021");			/* LCP itself */
	solo_expect(&s, "c021 05 02 0004");
	(void)solo_send(&s, "c021 06 02 0004");
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_LCP_PEER_TERMINATE_PROTOCOL_REJECT);
	solo_fini(&s);
}

/* RFC 1661 §6.5, §2 */
static void test_compressed_protocol(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_network(&s);
	assert_int_equal(solo_send(&s, "21 4500"), PPP_RX_DATA);
	assert_int_equal(solo_send(&s, "0057 6000"), PPP_RX_DATA);
	assert_int_equal(solo_send(&s, "2d 4500"), PPP_RX_DONE);		/* VJ */
	solo_expect(&s, "c021 08 02 0008 002d 4500");
	assert_int_equal(solo_send(&s, "0020 4500"), PPP_RX_DONE);	/* even: no protocol number, RFC 1661 §2 */
	solo_expect(&s, "c021 08 03 0008 0020 4500");
	solo_fini(&s);
}

/* ---- authentication ---- */

static void open_for_auth(struct solo *s, enum ppp_auth a)
{
	solo_init(s, PPP_AUTHENTICATOR);
	s->conf.auth[0] = a;
	solo_open_lcp(s);
}

/* RFC 1334 §2.2.1, §2.2.2 */
static void test_pap_repeats(void **state)
{
	struct solo s;
	struct ppp_link_event ev;
	struct ppp_auth_result ok = { .ok = true, .message = span_str("hi") };

	open_for_auth(&s, PPP_AUTH_PAP);
	(void)solo_send(&s, "c023 01 01 000e 03626f62 0668656c6c6f");		/* a password that reaches outside */
	assert_int_equal(solo_count(&s, PPP_COUNT_AUTH_MALFORMED), 1);
	solo_no_event(&s);
	(void)solo_send(&s, "c023 01 01 000e 03626f62 0568656c6c6f");
	ev = solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	assert_true(span_eq_str(ev.auth.name, "bob"));
	assert_true(span_eq_str(ev.auth.password, "hello"));
	(void)solo_send(&s, "c023 01 02 000e 03626f62 0568656c6c6f");		/* while AAA thinks */
	solo_no_event(&s);
	solo_quiet(&s);
	ppp_link_auth_result(s.link, &ok, s.now);
	solo_expect(&s, "c023 02 02 0007 02 6869");
	ev = solo_event(&s, PPP_LINK_EV_NETWORK);
	assert_true(span_eq_str(ev.auth.name, "bob"));
	assert_int_equal(ev.auth.method, PPP_AUTH_PAP);
	solo_no_event(&s);
	assert_null(s.link->auth);
	(void)solo_send(&s, "c023 01 03 000e 03626f62 0568656c6c6f");		/* the Ack was lost */
	solo_expect(&s, "c023 02 03 0007 02 6869");
	ppp_link_auth_result(s.link, &ok, s.now);
	assert_int_equal(solo_count(&s, PPP_COUNT_AUTH_LATE_RESULT), 1);
	solo_quiet(&s);
	solo_fini(&s);
}

/* RFC 1994 §2, §4.1, §4.2 */
static void test_chap_repeats(void **state)
{
	struct solo s;
	struct ppp_link_event ev;
	struct ppp_auth_result ok = { .ok = true };
	uint8_t first[64], second[64];

	open_for_auth(&s, PPP_AUTH_CHAP_MD5);
	assert_true(solo_take(&s));
	assert_memory_equal(s.last, ((uint8_t[]){ 0xc2, 0x23, 1, 1 }), 4);
	assert_in_range(s.last[6], 16, 32);
	assert_memory_equal(s.last + 7 + s.last[6], "lns1", 4);
	memcpy(first, s.last + 7, s.last[6]);
	solo_pass(&s, 3000);
	assert_true(solo_take(&s));
	assert_int_equal(s.last[3], 2);				/* another Identifier, another value: RFC 1994 §4.1 */
	assert_memory_not_equal(first, s.last + 7, 16);
	memcpy(second, s.last + 7, s.last[6]);
	(void)solo_send(&s, "c223 02 02 0017 0f aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");	/* 15 octets */
	(void)solo_send(&s, "c223 02 02 0008 ff 626f62");
	(void)solo_send(&s, "c223 02 02 0005 00");
	assert_int_equal(solo_count(&s, PPP_COUNT_AUTH_MALFORMED), 3);
	(void)solo_send(&s, "c223 02 07 0018 10 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");
	(void)solo_send(&s, "c223 02 01 0018 10 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");	/* to the one before */
	assert_int_equal(solo_count(&s, PPP_COUNT_AUTH_BAD_ID), 2);
	solo_no_event(&s);
	(void)solo_send(&s, "c223 02 02 0018 10 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");
	ev = solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	assert_int_equal(ev.auth.id, 2);
	assert_memory_equal(ev.auth.challenge.p, second, ev.auth.challenge.len);
	(void)solo_send(&s, "c223 02 02 0018 10 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");
	solo_no_event(&s);
	ppp_link_auth_result(s.link, &ok, s.now);
	solo_expect(&s, "c223 03 02 0004");
	solo_event(&s, PPP_LINK_EV_NETWORK);
	(void)solo_send(&s, "c223 02 02 0018 10 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");
	solo_expect(&s, "c223 03 02 0004");
	(void)solo_send(&s, "c223 02 01 0018 10 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");	/* not that Challenge */
	solo_quiet(&s);
	solo_fini(&s);
}

/* RFC 2759 §3, §4, §5 */
static void test_mschapv2_success_is_repeated_word_for_word(void **state)
{
	struct solo s;
	uint8_t frame[128], verdict[128];
	size_t len;
	struct ppp_auth_result ok = { .ok = true,
		.mschap_success = span_str("S=407A5589115FD0D6209F510FE9C04566932CDA56") };

	open_for_auth(&s, PPP_AUTH_MSCHAPV2);
	assert_true(solo_take(&s));
	assert_int_equal(s.last[6], 16);
	len = unhex("c223 02 01 0039 31", frame, NULL);
	memset(frame + len, 0x55, 52);
	assert_int_equal(solo_rx(&s, frame, len + 52), PPP_RX_DONE);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_AUTH_REQUEST).auth.response.len, 49);
	ppp_link_auth_result(s.link, &ok, s.now);
	assert_true(solo_take(&s));
	assert_memory_equal(s.last + 6, "S=407A5589115FD0D6209F510FE9C04566932CDA56 M=Welcome", s.last_len - 6);
	memcpy(verdict, s.last, s.last_len);
	(void)solo_rx(&s, frame, len + 52);
	assert_true(solo_take(&s));
	assert_memory_equal(s.last, verdict, s.last_len);
	solo_fini(&s);
}

/* RFC 2759 §5, §8.8 */
static void test_client_checks_the_server(void **state)
{
	struct solo s;
	uint8_t frame[128];
	size_t len;

	solo_init(&s, PPP_CLIENT);
	s.conf.auth[0] = PPP_AUTH_MSCHAPV2;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	(void)solo_send(&s, "c021 02 01 0004");
	(void)solo_send(&s, "c021 01 09 0009 0305 c22381");
	solo_expect(&s, "c021 02 09 0009 0305 c22381");
	solo_event(&s, PPP_LINK_EV_UP);
	(void)solo_send(&s, "c223 01 07 0019 10 000102030405060708090a0b0c0d0e0f 6c6e7331");
	assert_true(solo_take(&s));
	assert_int_equal(s.last[6], 49);
	len = s.last_len;
	memcpy(frame, s.last, len);
	solo_pass(&s, 3000);					/* no verdict: the same Response again */
	assert_true(solo_take(&s));
	assert_int_equal(s.last_len, len);
	assert_memory_equal(s.last, frame, len);
	len = unhex("c223 03 07 002e", frame, NULL);
	memcpy(frame + len, "S=407A5589115FD0D6209F510FE9C04566932CDA56", 42);
	(void)solo_rx(&s, frame, len + 42);
	solo_expect(&s, "c021 05 02 0004");
	(void)solo_send(&s, "c021 06 02 0004");
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_AUTHENTICATE_NO_AUTHENTICATOR);
	solo_fini(&s);
}

/* RFC 1994 §2: "at random intervals". */
static void test_challenged_again_in_network_phase(void **state)
{
	struct solo s;

	solo_init(&s, PPP_CLIENT);
	s.conf.auth[0] = PPP_AUTH_CHAP_MD5;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	(void)solo_send(&s, "c021 02 01 0004");
	(void)solo_send(&s, "c021 01 09 0009 0305 c22305");
	assert_true(solo_take(&s));
	for (int i = 0; i < 2; i++) {
		(void)solo_send(&s, i ? "c223 01 08 0006 01 55" : "c223 01 07 0006 01 44");
		assert_true(solo_take(&s));
		assert_memory_equal(s.last, ((uint8_t[]){ 0xc2, 0x23, 2, (uint8_t)(7 + i) }), 4);
		(void)solo_send(&s, i ? "c223 03 08 0004" : "c223 03 07 0004");
	}
	solo_event(&s, PPP_LINK_EV_UP);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	solo_no_event(&s);
	(void)solo_send(&s, "c223 01 09 0006 01 66");
	assert_true(solo_take(&s));
	(void)solo_send(&s, "c223 04 09 0007 6e6f21");
	solo_expect(&s, "c021 05 02 0004");
	(void)solo_send(&s, "c021 06 02 0004");
	assert_true(span_eq_str(solo_event(&s, PPP_LINK_EV_DOWN).message, "no!"));
	solo_fini(&s);
}

static void test_authentication_times_out(void **state)
{
	static const struct {
		enum ppp_role role;
		enum ppp_auth method;
		bool cut, hold;
		enum ppp_reason why;
	} cases[] = {
		{ PPP_AUTHENTICATOR, PPP_AUTH_PAP, true, false, PPP_REASON_AUTHENTICATE_PAP_REQUEST_TIMEOUT },
		{ PPP_AUTHENTICATOR, PPP_AUTH_CHAP_MD5, true, false, PPP_REASON_AUTHENTICATE_CHALLENGE_TIMEOUT },
		{ PPP_AUTHENTICATOR, PPP_AUTH_MSCHAPV2, true, false, PPP_REASON_AUTHENTICATE_CHALLENGE_TIMEOUT },
		{ PPP_AUTHENTICATOR, PPP_AUTH_PAP, false, true, PPP_REASON_AUTHENTICATE_AUTHENTICATOR_TIMEOUT },
		{ PPP_CLIENT, PPP_AUTH_PAP, false, true, PPP_REASON_AUTHENTICATE_PAP_PEER_AUTHENTICATOR_TIMEOUT },
		{ PPP_CLIENT, PPP_AUTH_CHAP_MD5, false, true, PPP_REASON_AUTHENTICATE_CHAP_PEER_AUTHENTICATOR_TIMEOUT },
		{ PPP_CLIENT, PPP_AUTH_CHAP_MD5, true, false, PPP_REASON_AUTHENTICATE_CHAP_PEER_CHALLENGE_TIMEOUT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair p;
		struct pair_end *e;

		pair_init(&p, i);
		only(AUTH(&p), cases[i].method);
		e = &p.end[cases[i].role == PPP_CLIENT];
		p.end[e == AUTH(&p)].conf.auth_timeout_s = 300;	/* the other one waits */
		p.hold_auth = cases[i].hold;
		pair_up(&p);
		while (!AUTH(&p)->up || !CLIENT(&p)->up)
			pair_run(&p, 1);
		p.cut = cases[i].cut;
		pair_run(&p, 40000);
		assert_true(e->down);
		assert_int_equal(e->why, cases[i].why);
		pair_fini(&p);
	}
}

static void test_credentials_live_until_the_next_event(void **state)
{
	struct solo s;
	struct ppp_link_event ev;

	open_for_auth(&s, PPP_AUTH_PAP);
	(void)solo_send(&s, "c023 01 01 000e 03626f62 0568656c6c6f");
	ev = solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	(void)solo_send(&s, "c021 01 20 0004");			/* LCP again, authentication is void */
	assert_true(span_eq_str(ev.auth.password, "hello"));
	solo_event(&s, PPP_LINK_EV_RENEGOTIATE);
	ppp_link_auth_result(s.link, &(struct ppp_auth_result){ .ok = true }, s.now);
	assert_int_equal(solo_count(&s, PPP_COUNT_AUTH_LATE_RESULT), 1);
	solo_fini(&s);
}

/* ---- renegotiation ---- */

static void test_renegotiation_begins_everything_anew(void **state)
{
	struct pair p;
	struct ppp_link_info info;

	pair_init(&p, 5);
	pair_up(&p);
	pair_run(&p, 1000);
	assert_established(&p, PPP_AUTH_CHAP_MD5);
	ppp_link_free(CLIENT(&p)->link);			/* the client restarts without a word */
	ppp_net_free(CLIENT(&p)->net);
	CLIENT(&p)->link = ppp_link_new(&CLIENT(&p)->conf, &CLIENT(&p)->rng, &CLIENT(&p)->count);
	CLIENT(&p)->net = ppp_net_new(&CLIENT(&p)->net_conf, &CLIENT(&p)->rng, &CLIENT(&p)->count);
	CLIENT(&p)->ip4 = CLIENT(&p)->ip6 = false;
	ppp_link_up(CLIENT(&p)->link, p.now);
	pair_run(&p, 5000);
	assert_established(&p, PPP_AUTH_CHAP_MD5);
	assert_int_equal(AUTH(&p)->auth_requests, 2);
	ppp_link_info(AUTH(&p)->link, &info);
	assert_int_equal(info.renegotiations, 1);
	pair_fini(&p);
}

static void test_too_many_renegotiations(void **state)
{
	struct solo s;
	char text[64];
	int i = 0;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	while (s.link->phase != PPP_PHASE_TERMINATE && i < 100) {
		snprintf(text, sizeof(text), "c021 01 %02x 0004", 0x40 + i++);
		(void)solo_send(&s, text);
		assert_true(solo_take(&s));
		s.last[2] = PPP_CP_CONF_ACK;
		(void)solo_rx(&s, s.last, s.last_len);
		while (solo_take(&s))
			;
	}
	assert_int_equal(i, 31);
	solo_pass(&s, 10000);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_LCP_PEER_RENEGOTIATE_RX_CONF_REQ);
	solo_fini(&s);
}

/* ---- loops and keepalive ---- */

/* RFC 1661 §6.4 */
static void test_looped_line(void **state)
{
	struct solo s;
	struct ppp_link_event ev = { 0 };

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.magic = true;
	solo_up(&s);
	for (int i = 0; i < 100 && !ppp_link_event(s.link, &ev); i++) {
		if (solo_take(&s))
			(void)solo_rx(&s, s.last, s.last_len);
		else
			solo_pass(&s, 100);
	}
	assert_int_equal(ev.type, PPP_LINK_EV_DOWN);
	assert_int_equal(ev.reason, PPP_REASON_LCP_LOOPBACK_RX_CONF_REQ);
	solo_fini(&s);
}

/* RFC 1661 §5.9: silently discarded, whatever it says; without room for its magic number it is malformed. */
static void test_discard_request(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	(void)solo_send(&s, "c021 0b 21 000c 00000000 01020304");
	(void)solo_send(&s, "c021 0b 22 0008 12345678");
	assert_int_equal(solo_count(&s, PPP_COUNT_CP_MALFORMED), 0);
	(void)solo_send(&s, "c021 0b 23 0007 000000");
	assert_int_equal(solo_count(&s, PPP_COUNT_CP_MALFORMED), 1);
	solo_quiet(&s);
	solo_no_event(&s);
	assert_int_equal(s.link->lcp.state, PPP_CP_OPENED);
	solo_fini(&s);
}

/* RFC 1661 §5.8, §6.4 */
static void test_looped_echo(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.magic = true;
	solo_open_lcp(&s);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	for (int i = 0; i < 5; i++) {
		s.link->echo_sent = 0;
		lcp_send_echo_request(s.link);
		assert_true(solo_take(&s));
		(void)solo_rx(&s, s.last, s.last_len);
	}
	assert_true(solo_take(&s));
	assert_int_equal(s.last[2], PPP_CP_TERM_REQ);		/* and not one Echo-Reply */
	solo_pass(&s, 6000);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_LCP_LOOPBACK_RX_ECHO_REQ);
	solo_fini(&s);
}

/* RFC 1661 §5.8 */
static void test_keepalive(void **state)
{
	struct solo s;
	struct ppp_link_event ev;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	solo_pass(&s, 10000);
	(void)solo_send(&s, "c021 09 44 0008 00000000");	/* a frame in the first interval */
	solo_expect(&s, "c021 0a 44 0008 00000000");
	solo_pass(&s, 20000);
	solo_no_event(&s);
	solo_quiet(&s);
	solo_pass(&s, 30000);					/* none in the second */
	solo_event(&s, PPP_LINK_EV_KEEPALIVE_DUE);
	ppp_link_activity(s.link, s.now);			/* but the data plane knows of some */
	solo_quiet(&s);
	for (int i = 0; i < 2; i++) {
		solo_pass(&s, 30000);
		solo_event(&s, PPP_LINK_EV_KEEPALIVE_DUE);
		assert_true(solo_take(&s));
		assert_memory_equal(s.last, ((uint8_t[]){ 0xc0, 0x21, 9 }), 3);
		solo_quiet(&s);
	}
	solo_pass(&s, 30000);
	solo_event(&s, PPP_LINK_EV_KEEPALIVE_DUE);
	assert_true(solo_take(&s));				/* missed three */
	assert_int_equal(s.last[2], PPP_CP_TERM_REQ);
	solo_pass(&s, 6000);
	ev = solo_event(&s, PPP_LINK_EV_DOWN);
	assert_int_equal(ev.reason, PPP_REASON_LCP_KEEPALIVE_FAILURE);
	solo_fini(&s);
}

static void test_keepalive_between_two(void **state)
{
	struct pair p;
	struct ppp_link_info info;

	pair_init(&p, 9);
	CLIENT(&p)->conf.keepalive_s = 0;
	pair_up(&p);
	pair_run(&p, 600000);
	assert_established(&p, PPP_AUTH_CHAP_MD5);
	ppp_link_info(AUTH(&p)->link, &info);
	assert_in_range(info.echo_sent, 8, 20);
	assert_int_equal(info.echo_answered, info.echo_sent);
	p.cut = true;
	pair_run(&p, 130000);
	assert_int_equal(AUTH(&p)->why, PPP_REASON_LCP_KEEPALIVE_FAILURE);
	pair_fini(&p);
}

static void test_lower_layer_down(void **state)
{
	struct pair p;

	pair_init(&p, 3);
	pair_up(&p);
	pair_run(&p, 1000);
	ppp_link_down(AUTH(&p)->link, PPP_REASON_LCP_TUNNEL_DISCONNECTED, p.now);
	pair_turn(&p, 0);
	assert_true(AUTH(&p)->down);
	assert_int_equal(AUTH(&p)->why, PPP_REASON_LCP_TUNNEL_DISCONNECTED);
	assert_true(mono_is_never(ppp_link_deadline(AUTH(&p)->link)));
	pair_fini(&p);
}

/* ---- memory ---- */

static size_t heap_in_use(void)
{
	return mallinfo2().uordblks;
}

static void test_memory_of_a_steady_subscriber(void **state)
{
	enum { N = 64 };
	static struct pair p[N];
	size_t before, after;

	if (heap_in_use() == 0)
		skip();			/* a sanitizer has its own heap */
	for (int i = 0; i < N; i++)
		pair_init(&p[i], (uint64_t)i);
	before = heap_in_use();
	for (int i = 0; i < N; i++) {
		pair_up(&p[i]);
		pair_run(&p[i], 10000);
		assert_true(pair_settled(&p[i]));
		assert_null(AUTH(&p[i])->link->lcp.nego);
		assert_null(AUTH(&p[i])->link->auth);
	}
	after = heap_in_use();
	print_message("struct ppp_link %zu, struct ppp_net %zu, heap of link and net in steady state %zu octets\n",
		      sizeof(struct ppp_link), sizeof(struct ppp_net), (after - before) / N / 2);
	assert_true((after - before) / N / 2 < 600);
	for (int i = 0; i < N; i++)
		pair_fini(&p[i]);
}

/* A late or repeated Challenge: answered anew, the repeated Success would not fit (found in simulation). */
static void test_client_ignores_a_late_challenge(void **state)
{
	struct solo s;

	solo_init(&s, PPP_CLIENT);
	s.conf.auth[0] = PPP_AUTH_CHAP_MD5;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	(void)solo_send(&s, "c021 02 01 0004");
	(void)solo_send(&s, "c021 01 09 0009 0305 c22305");
	assert_true(solo_take(&s));
	(void)solo_send(&s, "c223 01 08 0006 01 55");
	solo_expect(&s, "c223 02 08 0018 10 ???????????????????????????????? 626f62");
	(void)solo_send(&s, "c223 01 07 0006 01 44");		/* the one before */
	solo_quiet(&s);
	(void)solo_send(&s, "c223 03 08 0004");
	(void)solo_send(&s, "c223 01 08 0006 01 55");		/* the same once more */
	solo_quiet(&s);
	assert_int_equal(solo_count(&s, PPP_COUNT_AUTH_BAD_ID), 2);
	solo_fini(&s);
}

/* The wait between Challenges doubles: 3, 6, 12 s. */
static void test_challenges_back_off(void **state)
{
	static const int64_t waits[] = { 3000, 6000, 12000 };
	struct solo s;

	open_for_auth(&s, PPP_AUTH_CHAP_MD5);
	assert_true(solo_take(&s));
	for (int i = 0; i < 3; i++) {
		solo_pass(&s, waits[i] - 1);
		solo_quiet(&s);
		solo_pass(&s, 1);
		assert_true(solo_take(&s));
		assert_memory_equal(s.last, ((uint8_t[]){ 0xc2, 0x23, 1, (uint8_t)(2 + i) }), 4);
	}
	solo_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_method),
		cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_client_prefers_another),
		cmocka_unit_test(test_no_common_method),
		cmocka_unit_test(test_rejected_method_walks_too),
		cmocka_unit_test(test_peer_options),
		cmocka_unit_test(test_client_asked_for_what_it_does_not_do),
		cmocka_unit_test(test_agreed_values),
		cmocka_unit_test(test_phases),
		cmocka_unit_test(test_early_frames),
		cmocka_unit_test(test_protocol_reject_is_bounded),
		cmocka_unit_test(test_protocol_reject_received),
		cmocka_unit_test(test_compressed_protocol),
		cmocka_unit_test(test_pap_repeats),
		cmocka_unit_test(test_chap_repeats),
		cmocka_unit_test(test_mschapv2_success_is_repeated_word_for_word),
		cmocka_unit_test(test_client_checks_the_server),
		cmocka_unit_test(test_challenged_again_in_network_phase),
		cmocka_unit_test(test_authentication_times_out),
		cmocka_unit_test(test_credentials_live_until_the_next_event),
		cmocka_unit_test(test_renegotiation_begins_everything_anew),
		cmocka_unit_test(test_too_many_renegotiations),
		cmocka_unit_test(test_looped_line),
		cmocka_unit_test(test_discard_request),
		cmocka_unit_test(test_looped_echo),
		cmocka_unit_test(test_keepalive),
		cmocka_unit_test(test_keepalive_between_two),
		cmocka_unit_test(test_lower_layer_down),
		cmocka_unit_test(test_memory_of_a_steady_subscriber),
		cmocka_unit_test(test_client_ignores_a_late_challenge),
		cmocka_unit_test(test_challenges_back_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
