/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 2661 §4.4.5 at an LNS, case by case of docs/decisions/0002-proxy-lcp-criteria.md; and an LAC's side of it. */
#include "ppp_pair.h"
#include "ppp_solo.h"

static uint8_t tx_octets[64], rx_octets[64], challenge_octets[64], response_octets[64];

static struct span hex_span(const char *text, uint8_t *into)
{
	return text ? span_of(into, unhex(text, into, NULL)) : span_of(NULL, 0);
}

static struct ppp_proxy proxy(const char *last_tx, const char *last_rx)
{
	return (struct ppp_proxy){
		.last_tx_lcp = hex_span(last_tx, tx_octets), .last_rx_lcp = hex_span(last_rx, rx_octets),
		.accept_lcp = true,
	};
}

static void begin(struct solo *s)
{
	solo_init(s, PPP_AUTHENTICATOR);
	s->conf.auth[0] = PPP_AUTH_CHAP_MD5;
	s->conf.auth[1] = PPP_AUTH_PAP;
	s->conf.mru = 1492;
	solo_make(s);
}

#define CHAP "0305 c22305"
#define PAP "0304 c023"

static void test_criteria(void **state)
{
	static const struct {
		const char *tx, *rx;
		enum ppp_proxy_verdict verdict;
	} cases[] = {
		{ NULL, NULL, PPP_PROXY_NONE },
		{ CHAP "0104 05d4", "", PPP_PROXY_ACCEPTED },
		{ CHAP "0104 05d4", "0104 05d4 0506 01020304 0702 0802 0206 00000000", PPP_PROXY_ACCEPTED },
		{ PAP "0104 05a2 0506 01020304", "0506 05060708", PPP_PROXY_ACCEPTED },
		{ CHAP "0104 05d4 0702 0802 0206 00000000", "", PPP_PROXY_ACCEPTED },
		{ CHAP "0104 05d4", NULL, PPP_PROXY_RENEGOTIATE },			/* half of it */
		{ NULL, "0104 05d4", PPP_PROXY_RENEGOTIATE },
		{ CHAP, "", PPP_PROXY_RENEGOTIATE },					/* 1500, and ours is 1492 */
		{ CHAP "0104 05d5", "", PPP_PROXY_RENEGOTIATE },
		{ "0104 05d4", "", PPP_PROXY_RENEGOTIATE },	/* nobody was asked for a name */
		{ "0305 c22381 0104 05d4", "", PPP_PROXY_RENEGOTIATE },			/* a method not of our list */
		{ "0305 c22380 0104 05d4", "", PPP_PROXY_RENEGOTIATE },
		{ CHAP "0104 05d4 1104 05dc", "", PPP_PROXY_RENEGOTIATE },		/* MRRU */
		{ CHAP "0104 05d4 0104 05d4", "", PPP_PROXY_RENEGOTIATE },		/* twice */
		{ CHAP "0104 05d4", "1104 05dc", PPP_PROXY_RENEGOTIATE },
		/* the client wants us to authenticate */
		{ CHAP "0104 05d4", "0304 c023", PPP_PROXY_RENEGOTIATE },
		{ CHAP "0104 05d4", "0104 0001", PPP_PROXY_RENEGOTIATE },
		/* one magic number for both */
		{ CHAP "0104 05d4 0506 01020304", "0506 01020304", PPP_PROXY_RENEGOTIATE },
		{ CHAP "0104 05d4 0500", "", PPP_PROXY_RENEGOTIATE },			/* malformed */
		{ CHAP "0104 05d4", "0104 05", PPP_PROXY_RENEGOTIATE },
		{ CHAP "0104 05d4", "01", PPP_PROXY_RENEGOTIATE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct solo s;
		struct ppp_proxy px = proxy(cases[i].tx, cases[i].rx);

		begin(&s);
		if (ppp_link_up_proxy(s.link, &px, s.now) != cases[i].verdict)
			fail_msg("case %zu", i);
		if (cases[i].verdict == PPP_PROXY_ACCEPTED) {
			solo_event(&s, PPP_LINK_EV_UP);
		} else {		/* LCP from the beginning */
			solo_expect(&s, "c021 01 01 000d 0104 05d4 0305 c22305");
			solo_no_event(&s);
		}
		solo_fini(&s);
	}
}

static void test_accepted_values(void **state)
{
	struct solo s;
	struct ppp_link_info info;
	struct ppp_proxy px = proxy(CHAP "0104 05a2 0506 01020304", "0104 0400 0506 05060708 0702");

	begin(&s);
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_ACCEPTED);
	ppp_link_info(s.link, &info);
	assert_true(info.proxied_lcp);
	assert_int_equal(info.local_mru, 1442);
	assert_int_equal(info.peer_mru, 1024);
	assert_int_equal(info.local_magic, 0x01020304);
	assert_int_equal(info.peer_magic, 0x05060708);
	assert_true(info.peer_pfc);
	assert_false(info.peer_acfc);
	assert_int_equal(info.auth, PPP_AUTH_CHAP_MD5);
	assert_string_equal(info.lcp_state, "Opened");
	solo_fini(&s);
}

/* Proxy LCP disabled, or refused: we begin, even if passive, since the client believes that LCP is open. */
static void test_disabled(void **state)
{
	struct solo s;
	struct ppp_proxy px = proxy(CHAP "0104 05d4", "");

	begin(&s);
	s.conf.passive = true;
	px.accept_lcp = false;
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_NONE);
	solo_expect(&s, "c021 01 01 000d 0104 05d4 0305 c22305");
	solo_fini(&s);
}

static void test_no_authentication_wanted(void **state)
{
	struct solo s;
	struct ppp_proxy px = proxy("0104 05d4", "");

	begin(&s);
	s.conf.auth[0] = PPP_AUTH_NONE;
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_ACCEPTED);
	solo_event(&s, PPP_LINK_EV_UP);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	solo_fini(&s);

	begin(&s);
	s.conf.auth[0] = PPP_AUTH_NONE;
	px = proxy(CHAP "0104 05d4", "");
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_RENEGOTIATE);
	solo_fini(&s);
}

static void add_chap(struct ppp_proxy *px)
{
	px->accept_auth = true;
	px->authen_type = 2;
	px->name = span_str("bob");
	px->challenge = hex_span("00112233445566778899aabbccddeeff", challenge_octets);
	px->response = hex_span("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", response_octets);
	px->id = 0x41;
	px->has_id = true;
}

static void test_chap_is_answered_at_once(void **state)
{
	struct solo s;
	struct ppp_link_event ev;
	struct ppp_proxy px = proxy(CHAP "0104 05d4", "");

	begin(&s);
	add_chap(&px);
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_ACCEPTED);
	solo_event(&s, PPP_LINK_EV_UP);
	ev = solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	assert_true(ev.auth.proxied);
	assert_int_equal(ev.auth.method, PPP_AUTH_CHAP_MD5);
	assert_int_equal(ev.auth.id, 0x41);
	assert_true(span_eq_str(ev.auth.name, "bob"));
	assert_true(span_eq(ev.auth.challenge, px.challenge));
	assert_true(span_eq(ev.auth.response, px.response));
	solo_quiet(&s);
	ppp_link_auth_result(s.link, &(struct ppp_auth_result){ .ok = true }, s.now);
	solo_expect(&s, "c223 03 41 0004");
	ev = solo_event(&s, PPP_LINK_EV_NETWORK);
	assert_true(span_eq_str(ev.auth.name, "bob"));
	assert_true(ev.auth.proxied);
	/* the client had given it up for lost */
	(void)solo_send(&s, "c223 02 41 0018 10 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 626f62");
	solo_expect(&s, "c223 03 41 0004");
	solo_fini(&s);
}

static void test_chap_refused(void **state)
{
	struct solo s;
	struct ppp_proxy px = proxy(CHAP "0104 05d4", "");
	struct ppp_auth_result no = { .message = span_str("no") };

	begin(&s);
	add_chap(&px);
	(void)ppp_link_up_proxy(s.link, &px, s.now);
	solo_event(&s, PPP_LINK_EV_UP);
	solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	ppp_link_auth_result(s.link, &no, s.now);
	solo_expect(&s, "c223 04 41 0006 6e6f");
	solo_expect(&s, "c021 05 01 0004");
	solo_fini(&s);
}

/* Anything missing or unfit, and we ask ourselves: with an Identifier that the client has not answered yet. */
static void test_chap_anew(void **state)
{
	for (int i = 0; i < 9; i++) {
		struct solo s;
		struct ppp_proxy px = proxy(CHAP "0104 05d4", "");

		begin(&s);
		add_chap(&px);
		if (i == 0)
			px.accept_auth = false;
		else if (i == 1)
			px.name = span_of(NULL, 0);
		else if (i == 2)
			px.challenge = span_of(NULL, 0);
		else if (i == 3)
			px.response = span_of(NULL, 0);
		else if (i == 4)
			px.response.len = 15;
		else if (i == 5)
			px.authen_type = 3;
		else if (i == 6)
			px.authen_type = 5;
		else if (i == 7)
			px.authen_type = 4;
		else
			px.authen_type = 0;
		assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_ACCEPTED);
		solo_event(&s, PPP_LINK_EV_UP);
		solo_no_event(&s);
		assert_true(solo_take(&s));
		assert_memory_equal(s.last, ((uint8_t[]){ 0xc2, 0x23, 1, 0x42 }), 4);
		solo_fini(&s);
	}
}

static void test_chap_without_id(void **state)
{
	struct solo s;
	struct ppp_proxy px = proxy(CHAP "0104 05d4", "");

	begin(&s);
	add_chap(&px);
	px.has_id = false;
	(void)ppp_link_up_proxy(s.link, &px, s.now);
	solo_event(&s, PPP_LINK_EV_UP);
	solo_no_event(&s);
	assert_true(solo_take(&s));
	assert_memory_equal(s.last, ((uint8_t[]){ 0xc2, 0x23, 1 }), 3);
	solo_fini(&s);
}

static void add_pap(struct ppp_proxy *px)
{
	px->accept_auth = true;
	px->authen_type = 3;
	px->name = span_str("bob");
	px->response = span_str("hello");
	px->id = 0x51;
	px->has_id = true;
}

static void test_pap(void **state)
{
	struct solo s;
	struct ppp_link_event ev;
	struct ppp_proxy px = proxy(PAP "0104 05d4", "");

	begin(&s);
	add_pap(&px);
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_ACCEPTED);
	solo_event(&s, PPP_LINK_EV_UP);
	ev = solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	assert_true(ev.auth.proxied);
	assert_true(span_eq_str(ev.auth.password, "hello"));
	(void)solo_send(&s, "c023 01 52 000e 03626f62 0568656c6c6f");	/* the client repeats its request meanwhile */
	solo_no_event(&s);
	ppp_link_auth_result(s.link, &(struct ppp_auth_result){ .ok = true }, s.now);
	solo_expect(&s, "c023 02 52 0005 00");
	solo_event(&s, PPP_LINK_EV_NETWORK);
	solo_fini(&s);

	begin(&s);
	add_pap(&px);
	px.accept_auth = false;			/* then the client is waited for */
	(void)ppp_link_up_proxy(s.link, &px, s.now);
	solo_event(&s, PPP_LINK_EV_UP);
	solo_quiet(&s);
	(void)solo_send(&s, "c023 01 52 000e 03626f62 0568656c6c6f");
	assert_false(solo_event(&s, PPP_LINK_EV_AUTH_REQUEST).auth.proxied);
	solo_fini(&s);
}

/* Type 1: a name and a password typed before PPP; the client expects no answer in PPP. */
static void test_text(void **state)
{
	struct solo s;
	struct ppp_link_event ev;
	struct ppp_proxy px = proxy("0104 05d4", "");

	begin(&s);
	add_pap(&px);
	px.authen_type = 1;
	px.has_id = false;
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_ACCEPTED);
	solo_event(&s, PPP_LINK_EV_UP);
	ev = solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	assert_int_equal(ev.auth.method, PPP_AUTH_PAP);
	assert_true(span_eq_str(ev.auth.password, "hello"));
	ppp_link_auth_result(s.link, &(struct ppp_auth_result){ .ok = true }, s.now);
	solo_quiet(&s);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_NETWORK).auth.method, PPP_AUTH_PAP);
	solo_fini(&s);

	begin(&s);
	px.accept_auth = false;			/* nobody known, and nobody was asked */
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_RENEGOTIATE);
	solo_fini(&s);

	begin(&s);
	px.accept_auth = true;
	px.authen_type = 4;			/* "No Authentication" */
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_RENEGOTIATE);
	solo_fini(&s);
}

static void test_mschapv2(void **state)
{
	struct solo s;
	struct ppp_proxy px = proxy("0305 c22381 0104 05d4", "");
	uint8_t response[49] = { 1 };

	begin(&s);
	s.conf.auth[1] = PPP_AUTH_MSCHAPV2;
	add_chap(&px);
	px.response = span_of(response, 49);
	assert_int_equal(ppp_link_up_proxy(s.link, &px, s.now), PPP_PROXY_ACCEPTED);
	solo_event(&s, PPP_LINK_EV_UP);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_AUTH_REQUEST).auth.method, PPP_AUTH_MSCHAPV2);
	solo_fini(&s);
}

/* After acceptance the client may begin LCP again: it is an ordinary renegotiation, and nothing is proxied any more. */
static void test_client_renegotiates(void **state)
{
	struct solo s;
	struct ppp_link_info info;
	struct ppp_proxy px = proxy(CHAP "0104 05d4", "");

	begin(&s);
	add_chap(&px);
	(void)ppp_link_up_proxy(s.link, &px, s.now);
	solo_event(&s, PPP_LINK_EV_UP);
	solo_event(&s, PPP_LINK_EV_AUTH_REQUEST);
	(void)solo_send(&s, "c021 01 09 0004");
	solo_event(&s, PPP_LINK_EV_RENEGOTIATE);
	solo_expect(&s, "c021 01 01 000d 0104 05d4 0305 c22305");
	solo_expect(&s, "c021 02 09 0004");
	(void)solo_send(&s, "c021 02 01 000d 0104 05d4 0305 c22305");
	assert_true(solo_take(&s));
	assert_memory_equal(s.last, ((uint8_t[]){ 0xc2, 0x23, 1, 0x42 }), 4);
	ppp_link_info(s.link, &info);
	assert_false(info.proxied_lcp);
	solo_fini(&s);
}

/* An LAC gets the data from a client, an LNS takes them over, and the client never notices. */
static void test_from_lac_to_lns(void **state)
{
	for (enum ppp_auth a = PPP_AUTH_NONE; a < PPP_AUTH_COUNT; a++) {
		struct pair p;
		struct ppp_proxy px;
		struct ppp_link *lac;
		struct ppp_link_info info;

		pair_init(&p, a);
		memset(p.end[0].conf.auth, 0, sizeof(p.end[0].conf.auth));
		p.end[0].conf.auth[0] = a;
		p.end[0].conf.keep_proxy_data = true;
		p.hold_auth = true;
		pair_up(&p);
		pair_run(&p, 100);
		lac = p.end[0].link;
		ppp_link_proxy_data(lac, &px);
		assert_non_null(px.initial_rx_lcp.p);
		assert_non_null(px.last_tx_lcp.p);
		assert_non_null(px.last_rx_lcp.p);
		assert_int_equal(px.authen_type, ((uint16_t[]){ 4, 3, 2, 2 })[a]);
		px.accept_lcp = px.accept_auth = true;

		p.hold_auth = false;
		p.end[0].conf.keep_proxy_data = false;
		p.end[0].link = ppp_link_new(&p.end[0].conf, &p.end[0].rng, &p.end[0].count);
		ppp_net_free(p.end[0].net);
		p.end[0].net = ppp_net_new(&p.end[0].net_conf, &p.end[0].rng, &p.end[0].count);
		assert_int_equal(ppp_link_up_proxy(p.end[0].link, &px, p.now), PPP_PROXY_ACCEPTED);
		ppp_link_free(lac);
		pair_run(&p, 10000);
		assert_true(pair_settled(&p));
		ppp_link_info(p.end[1].link, &info);
		assert_int_equal(info.renegotiations, 0);
		ppp_link_info(p.end[0].link, &info);
		assert_int_equal(info.proxied_auth, a != PPP_AUTH_NONE);
		pair_fini(&p);
	}
}

/* And with data that are not acceptable, the client has to restart, in both directions. */
static void test_lns_renegotiates(void **state)
{
	struct pair p;
	struct ppp_proxy px;
	struct ppp_link *lac;
	struct ppp_link_info info;

	pair_init(&p, 1);
	p.end[0].conf.keep_proxy_data = true;
	p.hold_auth = true;
	pair_up(&p);
	pair_run(&p, 100);
	lac = p.end[0].link;
	ppp_link_proxy_data(lac, &px);
	px.accept_lcp = px.accept_auth = true;
	p.hold_auth = false;
	p.end[0].conf.mru = 1442;
	p.end[0].link = ppp_link_new(&p.end[0].conf, &p.end[0].rng, &p.end[0].count);
	assert_int_equal(ppp_link_up_proxy(p.end[0].link, &px, p.now), PPP_PROXY_RENEGOTIATE);
	ppp_link_free(lac);
	pair_run(&p, 10000);
	assert_true(pair_settled(&p));
	ppp_link_info(p.end[1].link, &info);
	assert_int_equal(info.renegotiations, 1);
	assert_int_equal(info.peer_mru, 1442);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_criteria),
		cmocka_unit_test(test_accepted_values),
		cmocka_unit_test(test_disabled),
		cmocka_unit_test(test_no_authentication_wanted),
		cmocka_unit_test(test_chap_is_answered_at_once),
		cmocka_unit_test(test_chap_refused),
		cmocka_unit_test(test_chap_anew),
		cmocka_unit_test(test_chap_without_id),
		cmocka_unit_test(test_pap),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_mschapv2),
		cmocka_unit_test(test_client_renegotiates),
		cmocka_unit_test(test_from_lac_to_lns),
		cmocka_unit_test(test_lns_renegotiates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
