/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The automaton: the table is compared with the text of RFC 1661 §4.1 itself, for every state and event; then what the
 * table does not say, through LCP and IPCP: Identifiers, replies that do not fit, counters, timers.
 */
#include <stdlib.h>

#include "ppp_solo.h"

/* ---- the table of RFC 1661 §4.1, its text unchanged ---- */

static const char *const rfc_first[] = {
	" Up   |    2     irc,scr/6     -         -         -         -",
	" Down |    -         -         0       tls/1       0         1",
	" Open |  tls/1       1     irc,scr/6     3r        5r        5r",
	" Close|    0       tlf/0       2         2         4         4",
	"  TO+ |    -         -         -         -       str/4     str/5",
	"  TO- |    -         -         -         -       tlf/2     tlf/3",
	" RCR+ |    -         -       sta/2 irc,scr,sca/8   4         5",
	" RCR- |    -         -       sta/2 irc,scr,scn/6   4         5",
	" RCA  |    -         -       sta/2     sta/3       4         5",
	" RCN  |    -         -       sta/2     sta/3       4         5",
	" RTR  |    -         -       sta/2     sta/3     sta/4     sta/5",
	" RTA  |    -         -         2         3       tlf/2     tlf/3",
	" RUC  |    -         -       scj/2     scj/3     scj/4     scj/5",
	" RXJ+ |    -         -         2         3         4         5",
	" RXJ- |    -         -       tlf/2     tlf/3     tlf/2     tlf/3",
	" RXR  |    -         -         2         3         4         5",
};

static const char *const rfc_second[] = {
	" Up   |    -         -         -           -",
	" Down |    1         1         1         tld/1",
	" Open |    6         7         8           9r",
	" Close|irc,str/4 irc,str/4 irc,str/4 tld,irc,str/4",
	"  TO+ |  scr/6     scr/6     scr/8         -",
	"  TO- |  tlf/3p    tlf/3p    tlf/3p        -",
	" RCR+ |  sca/8   sca,tlu/9   sca/8   tld,scr,sca/8",
	" RCR- |  scn/6     scn/7     scn/6   tld,scr,scn/6",
	" RCA  |  irc/7     scr/6x  irc,tlu/9   tld,scr/6x",
	" RCN  |irc,scr/6   scr/6x  irc,scr/8   tld,scr/6x",
	" RTR  |  sta/6     sta/6     sta/6   tld,zrc,sta/5",
	" RTA  |    6         6         8       tld,scr/6",
	" RUC  |  scj/6     scj/7     scj/8       scj/9",
	" RXJ+ |    6         6         8           9",
	" RXJ- |  tlf/3     tlf/3     tlf/3   tld,irc,str/5",
	" RXR  |    6         7         8         ser/9",
};

static const struct {
	const char *name;
	uint32_t bit;
} words[] = {
	{ "tlu", PPP_CP_TLU }, { "tld", PPP_CP_TLD }, { "tls", PPP_CP_TLS }, { "tlf", PPP_CP_TLF },
	{ "irc", PPP_CP_IRC }, { "zrc", PPP_CP_ZRC }, { "scr", PPP_CP_SCR }, { "sca", PPP_CP_SCA },
	{ "scn", PPP_CP_SCN }, { "str", PPP_CP_STR }, { "sta", PPP_CP_STA }, { "scj", PPP_CP_SCJ },
	{ "ser", PPP_CP_SER },
};

static uint32_t action_bit(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(words[i].name, word, 3) == 0)
			return words[i].bit;
	fail_msg("no such action: %s", word);
	return 0;
}

/* "irc,scr/6x" or "4" or "-" */
static struct ppp_cp_cell read_cell(const char *text)
{
	struct ppp_cp_cell c = { 0 };

	if (strcmp(text, "-") == 0) {
		c.actions = PPP_CP_ILLEGAL;
		return c;
	}
	for (; !isdigit((unsigned char)*text); text += 4)	/* three letters, then a comma or the slash */
		c.actions |= action_bit(text);
	c.next = (uint8_t)(*text++ - '0');
	if (*text)
		c.actions |= *text == 'p' ? PPP_CP_NOTE_P : *text == 'r' ? PPP_CP_NOTE_R : PPP_CP_NOTE_X;
	return c;
}

static void check_row(enum ppp_cp_event event, const char *row, unsigned first, unsigned count)
{
	char text[128];
	char *rest = text, *word;

	snprintf(text, sizeof(text), "%s", strchr(row, '|') + 1);
	for (unsigned state = first; state < first + count; state++) {
		const struct ppp_cp_cell *ours = ppp_cp_cell((enum ppp_cp_state)state, event);
		struct ppp_cp_cell rfc;

		word = strtok_r(rest, " ", &rest);
		assert_non_null(word);
		rfc = read_cell(word);
		if (ours->actions != rfc.actions || (!(rfc.actions & PPP_CP_ILLEGAL) && ours->next != rfc.next))
			fail_msg("state %u, event %d: not %s", state, event, word);
	}
	assert_null(strtok_r(rest, " ", &rest));
}

/* RFC 1661 §4.1-4.4: every state, every event, and their actions. */
static void test_table_is_the_rfcs(void **state)
{
	for (unsigned e = 0; e < PPP_CP_EVENTS; e++) {
		check_row((enum ppp_cp_event)e, rfc_first[e], 0, 6);
		check_row((enum ppp_cp_event)e, rfc_second[e], 6, 4);
	}
}

/* ---- packets ---- */

/* RFC 1661 §5.1, §4.6 */
static void test_request_is_repeated_with_its_identifier(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_up(&s);
	for (int i = 0; i < 10; i++) {		/* Max-Configure, every three seconds */
		solo_expect(&s, "c021 01 01 0004");
		solo_quiet(&s);
		solo_pass(&s, 2999);
		solo_quiet(&s);
		solo_pass(&s, 1);
	}
	solo_quiet(&s);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_LCP_MAX_CONFIGURE_EXCEEDED);
	assert_true(mono_is_never(ppp_link_deadline(s.link)));
	solo_fini(&s);
}

/* RFC 1661 §4.5: a negotiation that does not converge is given up. */
static void test_peer_that_answers_without_end(void **state)
{
	struct solo s;
	struct ppp_link_event ev = { 0 };

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.auth[0] = PPP_AUTH_PAP;
	s.conf.auth[1] = PPP_AUTH_CHAP_MD5;
	solo_up(&s);
	for (int i = 0; i < 200 && !ppp_link_event(s.link, &ev); i++) {	/* acknowledges nothing, terminates nothing */
		(void)solo_send(&s, "c021 01 09 0008 0d 04 0000");
		while (solo_take(&s))
			;
		solo_pass(&s, 1000);
	}
	assert_int_equal(ev.type, PPP_LINK_EV_DOWN);
	assert_int_equal(ev.reason, PPP_REASON_LCP_NEGOTIATION_TIMEOUT);
	solo_fini(&s);
}

/* RFC 1661 §5.2, §5.4: "Invalid packets are silently discarded." */
static void test_replies_that_do_not_fit(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.mru = 1442;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0008 0104 05a2");
	(void)solo_send(&s, "c021 02 02 0008 0104 05a2");		/* another Identifier */
	assert_int_equal(solo_count(&s, PPP_COUNT_REPLY_BAD_ID), 1);
	(void)solo_send(&s, "c021 02 01 0008 0104 05a3");		/* not what was sent */
	(void)solo_send(&s, "c021 02 01 0004");
	assert_int_equal(solo_count(&s, PPP_COUNT_ACK_NOT_EQUAL), 2);
	(void)solo_send(&s, "c021 04 01 0008 0104 05a3");		/* not what was sent */
	(void)solo_send(&s, "c021 04 01 000a 0506 0000 0001");
	assert_int_equal(solo_count(&s, PPP_COUNT_REJ_NOT_SENT), 2);
	(void)solo_send(&s, "c021 03 01 0006 0101");			/* an option of length 1 */
	(void)solo_send(&s, "c021 03 01 0008 0105 05a2");		/* of length 5 in 4 octets */
	assert_int_equal(solo_count(&s, PPP_COUNT_OPTIONS_MALFORMED), 2);
	(void)solo_send(&s, "c021 02 01 0003");				/* Length below the header */
	(void)solo_send(&s, "c021 02 01 0009 0104 05a2");		/* beyond the end */
	(void)solo_send(&s, "c021 02");
	assert_int_equal(solo_count(&s, PPP_COUNT_CP_MALFORMED), 3);
	solo_quiet(&s);
	assert_int_equal(s.link->lcp.state, PPP_CP_REQ_SENT);
	(void)solo_send(&s, "c021 02 01 0008 0104 05a2 0000");		/* padding is no fault */
	assert_int_equal(s.link->lcp.state, PPP_CP_ACK_RCVD);
	(void)solo_send(&s, "c021 02 01 0008 0104 05a2");		/* the network repeated it */
	assert_int_equal(s.link->lcp.state, PPP_CP_ACK_RCVD);
	assert_int_equal(solo_count(&s, PPP_COUNT_REPLY_BAD_ID), 2);
	solo_fini(&s);
}

/* RFC 1661 §5.1, §5.3 */
static void test_new_identifier_after_an_answer(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.mru = 1442;
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0008 0104 05a2");
	(void)solo_send(&s, "c021 03 01 0008 0104 0400");	/* rather 1024 */
	solo_expect(&s, "c021 01 02 0008 0104 0400");
	(void)solo_send(&s, "c021 03 01 0008 0104 0300");	/* to the first request: too late */
	solo_quiet(&s);
	(void)solo_send(&s, "c021 02 02 0008 0104 0400");
	solo_pass(&s, 3000);	/* Ack-Rcvd, TO+: a valid reply was had, so another Identifier */
	solo_expect(&s, "c021 01 03 0008 0104 0400");
	(void)solo_send(&s, "c021 04 03 0008 0104 0400");	/* and now not at all */
	solo_expect(&s, "c021 01 04 0004");
	solo_fini(&s);
}

static void test_malformed_requests_are_dropped(void **state)
{
	static const char *const lists[] = {
		"c021 01 01 0005 01", "c021 01 01 0006 0100", "c021 01 01 0006 0101", "c021 01 01 0008 01ff 05a2",
		"c021 01 01 000a 0104 05a2 0503",
	};
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		(void)solo_send(&s, lists[i]);
		solo_quiet(&s);
		assert_int_equal(solo_count(&s, PPP_COUNT_OPTIONS_MALFORMED), i + 1);
	}
	solo_fini(&s);
}

/* A request that no frame could answer says nothing, and leaves an Opened link as it was. */
static void test_request_beyond_any_answer(void **state)
{
	uint8_t frame[2 + 4 + 3000] = { 0xc0, 0x21, 0x01, 0x09, 0x0b, 0xbc };
	struct solo s;

	for (size_t i = 6; i < sizeof(frame); i += 2) {
		frame[i] = (uint8_t)(100 + i / 2 % 100);
		frame[i + 1] = 2;
	}
	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	(void)solo_rx(&s, frame, sizeof(frame));
	solo_quiet(&s);
	assert_int_equal(solo_count(&s, PPP_COUNT_TOO_BIG), 1);
	assert_null(s.link->lcp.nego);
	solo_fini(&s);
}

/* RFC 1661 §5.6 */
static void test_unknown_code(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	(void)solo_send(&s, "c021 0e 33 0007 aabbcc ffff");	/* padding is not sent back */
	solo_expect(&s, "c021 07 02 000b 0e 33 0007 aabbcc");
	(void)solo_send(&s, "c021 00 34 0004");
	solo_expect(&s, "c021 07 03 0008 00 34 0004");
	(void)solo_send(&s, "c021 0c 35 000a 00000000 4142");	/* RFC 1570: asks for nothing */
	(void)solo_send(&s, "c021 0d 35 000c 00000000 00000e10");
	solo_quiet(&s);
	assert_int_equal(solo_count(&s, PPP_COUNT_INFO_CODE), 2);
	solo_fini(&s);
}

/* RFC 1661 §5.6 */
static void test_code_reject(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	(void)solo_send(&s, "c021 07 01 0008 09 01 0004");	/* Echo-Request: we can do without */
	solo_quiet(&s);
	assert_int_equal(s.link->lcp.state, PPP_CP_OPENED);
	(void)solo_send(&s, "c021 07 01 0004");			/* of nothing */
	assert_int_equal(solo_count(&s, PPP_COUNT_CP_MALFORMED), 1);
	(void)solo_send(&s, "c021 07 01 0008 01 01 0004");	/* Configure-Request: catastrophic */
	solo_expect(&s, "c021 05 02 0004");
	(void)solo_send(&s, "c021 06 02 0004");
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_LCP_PEER_TERMINATE_CODE_REJ);
	solo_fini(&s);
}

/* RFC 1661 §3.7, §5.5 */
static void test_peer_terminates(void **state)
{
	struct solo s;
	struct ppp_link_event ev;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	(void)solo_send(&s, "c021 05 07 0008 62796521");
	solo_expect(&s, "c021 06 07 0004");
	assert_int_equal(s.link->lcp.state, PPP_CP_STOPPING);
	(void)solo_send(&s, "c021 05 07 0004");			/* the Ack was lost */
	solo_expect(&s, "c021 06 07 0004");
	solo_no_event(&s);
	(void)solo_send(&s, "0021 4500");			/* nothing but LCP now */
	(void)solo_send(&s, "8021 01 01 0004");
	assert_int_equal(solo_count(&s, PPP_COUNT_EARLY_FRAME), 2);
	solo_pass(&s, 3000);					/* zrc: one period, no request of ours */
	solo_quiet(&s);
	ev = solo_event(&s, PPP_LINK_EV_DOWN);
	assert_int_equal(ev.reason, PPP_REASON_LCP_PEER_TERMINATE_TERM_REQ);
	assert_true(ev.by_peer);
	(void)solo_send(&s, "c021 01 01 0004");			/* nothing comes after DOWN */
	solo_quiet(&s);
	solo_no_event(&s);
	solo_fini(&s);
}

/* RFC 1661 §3.7, §5.5 */
static void test_we_terminate(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_open_lcp(&s);
	solo_event(&s, PPP_LINK_EV_NETWORK);
	ppp_link_close(s.link, PPP_REASON_ADMIN_LOGOUT, s.now);
	solo_expect(&s, "c021 05 02 0004");
	(void)solo_send(&s, "c021 01 02 0004");			/* Closing: no answer */
	solo_quiet(&s);
	solo_pass(&s, 3000);
	solo_expect(&s, "c021 05 03 0004");			/* Max-Terminate is 2 */
	ppp_link_close(s.link, PPP_REASON_LCP_KEEPALIVE_FAILURE, s.now);	/* the first reason stays */
	solo_quiet(&s);
	solo_pass(&s, 3000);
	solo_quiet(&s);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_ADMIN_LOGOUT);
	solo_fini(&s);
}

static void test_renegotiation_out_of_opened(void **state)
{
	static const struct {
		const char *peer, *first, *second;
		int lcp_state;
	} cases[] = {
		{ "c021 01 05 0004", "c021 01 02 0004", "c021 02 05 0004", PPP_CP_ACK_SENT },		/* RCR+ */
		/* RCR- */
		{ "c021 01 05 0008 0d04 0000", "c021 01 02 0004", "c021 04 05 0008 0d04 0000", PPP_CP_REQ_SENT },
		{ "c021 06 05 0004", "c021 01 02 0004", NULL, PPP_CP_REQ_SENT },			/* RTA */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct solo s;

		solo_init(&s, PPP_AUTHENTICATOR);
		solo_open_lcp(&s);
		solo_event(&s, PPP_LINK_EV_NETWORK);
		assert_null(s.link->lcp.nego);
		(void)solo_send(&s, cases[i].peer);
		solo_event(&s, PPP_LINK_EV_RENEGOTIATE);
		solo_expect(&s, cases[i].first);
		if (cases[i].second)
			solo_expect(&s, cases[i].second);
		solo_quiet(&s);
		assert_int_equal(s.link->lcp.state, cases[i].lcp_state);
		solo_fini(&s);
	}
}

/* RFC 1661 §4.6, Max-Failure; §5.3 */
static void test_naks_become_rejects(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	for (int i = 0; i < 5; i++) {
		(void)solo_send(&s, "c021 01 09 0008 0104 0010");	/* an MRU of 16 */
		solo_expect(&s, "c021 03 09 0008 0104 05dc");
	}
	(void)solo_send(&s, "c021 01 09 0008 0104 0010");
	solo_expect(&s, "c021 04 09 0008 0104 0010");
	assert_int_equal(solo_count(&s, PPP_COUNT_NAK_TO_REJECT), 1);
	(void)solo_send(&s, "c021 01 0a 0004");
	solo_expect(&s, "c021 02 0a 0004");
	solo_fini(&s);
}

static void test_repeated_option_is_rejected(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	solo_up(&s);
	solo_expect(&s, "c021 01 01 0004");
	(void)solo_send(&s, "c021 01 09 000c 0104 05d4 0104 05dc");
	solo_expect(&s, "c021 04 09 0008 0104 05dc");
	assert_int_equal(solo_count(&s, PPP_COUNT_OPTION_REPEATED), 1);
	solo_fini(&s);
}

static void test_passive(void **state)
{
	struct solo s;

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.passive = true;
	solo_up(&s);
	solo_quiet(&s);
	(void)solo_send(&s, "c021 02 01 0004");		/* Stopped: RCA, sta/3 */
	solo_expect(&s, "c021 06 01 0004");
	(void)solo_send(&s, "c021 01 09 0004");		/* RCR+: irc,scr,sca/8 */
	solo_expect(&s, "c021 01 01 0004");
	solo_expect(&s, "c021 02 09 0004");
	solo_fini(&s);

	solo_init(&s, PPP_AUTHENTICATOR);
	s.conf.passive = true;
	solo_up(&s);
	solo_pass(&s, 30000);
	assert_int_equal(solo_event(&s, PPP_LINK_EV_DOWN).reason, PPP_REASON_LCP_MAX_PASSIVE_RETRIES_EXCEEDED);
	solo_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_the_rfcs),
		cmocka_unit_test(test_request_is_repeated_with_its_identifier),
		cmocka_unit_test(test_peer_that_answers_without_end),
		cmocka_unit_test(test_replies_that_do_not_fit),
		cmocka_unit_test(test_new_identifier_after_an_answer),
		cmocka_unit_test(test_malformed_requests_are_dropped),
		cmocka_unit_test(test_request_beyond_any_answer),
		cmocka_unit_test(test_unknown_code),
		cmocka_unit_test(test_code_reject),
		cmocka_unit_test(test_peer_terminates),
		cmocka_unit_test(test_we_terminate),
		cmocka_unit_test(test_renegotiation_out_of_opened),
		cmocka_unit_test(test_naks_become_rejects),
		cmocka_unit_test(test_repeated_option_is_rejected),
		cmocka_unit_test(test_passive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
