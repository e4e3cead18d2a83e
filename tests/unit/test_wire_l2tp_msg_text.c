/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/l2tp_msg_text: a control message as a line for people, whatever it holds; no secret in it. */
#include "l2tp_bench.h"

static void text_is(const char *expect, struct span secret)
{
	char text[1024];
	size_t n = l2tp_msg_text(span_of(t.buf, l2tp_msg_end(&t.b)), secret, text, sizeof(text));

	assert_string_equal(text, expect);
	assert_int_equal(n, strlen(expect));
}

static void text(void **state)
{
	body(L2TP_MSG_SCCRQ);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CHALLENGE, D(1, 2, 3, 4));
	text_is("SCCRQ tunnel=1 session=0 ns=3 nr=4 protocol-version=1.0 framing-capabilities=3 host-name=\"lac1\" "
		"assigned-tunnel-id=7 challenge=<4 octets>", NONE);
	body(L2TP_MSG_CDN);
	l2tp_avp_put_disconnect(&t.b, 3, 0xc021, 1, NONE);
	raw(0, 4242, 7, D(0xab, 0xcd));
	raw(0, 3561, 2, span_str("r \"1\"\n"));
	text_is("CDN tunnel=1 session=2 ns=3 nr=4 assigned-session-id=9 result-code=2/6 \"gone\" "
		"ppp-disconnect-cause-code=3/0xc021/1 \"\" avp-4242/7=0xabcd "
		"agent-remote-id=\"r \\\"1\\\"\\x0a\"", NONE);
	body(L2TP_MSG_SLI);
	text_is("SLI tunnel=1 session=2 ns=3 nr=4 accm=0xffffffff/0x000a0000", NONE);
	body(L2TP_MSG_WEN);
	text_is("WEN tunnel=1 session=2 ns=3 nr=4 call-errors=1/2/3/4/5/6", NONE);
	begin(17);
	text_is("message-type-17 tunnel=1 session=2 ns=3 nr=4", NONE);
	t.w = wr_of(t.buf, sizeof(t.buf));
	t.b = (struct l2tp_build){ .w = &t.w, .mark = l2tp_hdr_put_control(&t.w, 1, 0, 5, 6) };
	text_is("ZLB tunnel=1 session=0 ns=5 nr=6", NONE);
	raw(0, 0, 7, D('x'));
	text_is("no-message-type tunnel=1 session=0 ns=5 nr=6 host-name=\"x\"", NONE);
	wr_be16(&t.w, 3);
	wr_be32(&t.w, 7);
	text_is("no-message-type tunnel=1 session=0 ns=5 nr=6 host-name=\"x\" host-name=<malformed length 3>", NONE);
}

/* No password and no response, hidden or not, with or without the secret. */
static void text_masks(void **state)
{
	for (unsigned hidden = 0; hidden < 2; hidden++) {
		char line[1024];

		t.hide.enabled = hidden;
		body(L2TP_MSG_ICCN);
		l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_RESPONSE, span_str("hunter2"));
		l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_CHALLENGE, span_str("ccc"));
		l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_NAME, span_str("bob"));
		l2tp_msg_end(&t.b);
		l2tp_msg_text(wr_span(&t.w), SECRET, line, sizeof(line));
		assert_null(strstr(line, "hunter2"));
		assert_non_null(strstr(line, "proxy-authen-response=<7 octets> proxy-authen-challenge=<3 octets> "
					     "proxy-authen-name=\"bob\""));
		l2tp_msg_text(wr_span(&t.w), NONE, line, sizeof(line));
		assert_null(strstr(line, "hunter2"));
		assert_int_equal(!!strstr(line, "proxy-authen-name=<hidden 5 octets>"), hidden);
		l2tp_msg_text(wr_span(&t.w), span_str("wrong"), line, sizeof(line));
		assert_int_equal(!!strstr(line, "proxy-authen-name=<bad hidden 5 octets>"), hidden);
	}
}

/* Any room, from none: NUL at the end, never beyond. */
static void text_room(void **state)
{
	char line[400];

	body(L2TP_MSG_SCCRQ);
	l2tp_msg_end(&t.b);
	for (size_t cap = 0; cap < sizeof(line); cap++) {
		size_t n;

		memset(line, 'Z', sizeof(line));
		n = l2tp_msg_text(wr_span(&t.w), NONE, line, cap);
		assert_int_equal(line[cap], 'Z');
		if (cap > 0)
			assert_int_equal(strlen(line), n);
	}
	l2tp_msg_text(D(0xc8, 3, 1), NONE, line, sizeof(line));
	assert_string_equal(line, "header-version len=3");
	l2tp_msg_text(D(0, 2, 0, 1, 0, 2, 9), NONE, line, sizeof(line));
	assert_string_equal(line, "data tunnel=1 session=2 len=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(text), T(text_masks), T(text_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
