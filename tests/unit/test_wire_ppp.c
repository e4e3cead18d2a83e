/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/ppp_frame, ppp_cp, ppp_auth: what is read, what is refused, and that a writer never writes half an option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/ppp_auth.h"
#include "wire/ppp_frame.h"

#define RD(...) rd_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define SPAN(...) span_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* RFC 1662 §3.1; RFC 1661 §6.6: Address and Control may be left out. */
static void test_strip(void **state)
{
	assert_int_equal(ppp_frame_strip(SPAN(0xff, 0x03, 0xc0, 0x21)).len, 2);
	assert_int_equal(ppp_frame_strip(SPAN(0xff, 0x03)).len, 0);
	assert_int_equal(ppp_frame_strip(SPAN(0xff)).len, 1);
	assert_int_equal(ppp_frame_strip(SPAN(0xff, 0x04, 0x21)).len, 3);
	assert_int_equal(ppp_frame_strip(SPAN(0x21, 0x45)).len, 2);
	assert_int_equal(ppp_frame_strip(span_of(NULL, 0)).len, 0);
}

/* RFC 1661 §2, §6.5 */
static void test_protocol(void **state)
{
	struct rd r = RD(0xc0, 0x21, 1);
	uint16_t protocol;

	assert_true(ppp_frame_protocol(&r, &protocol));
	assert_int_equal(protocol, 0xc021);
	assert_int_equal(rd_left(&r), 1);
	r = RD(0x21, 0x45);
	assert_true(ppp_frame_protocol(&r, &protocol));
	assert_int_equal(protocol, 0x0021);
	assert_int_equal(rd_left(&r), 1);
	r = RD(0x00, 0x57);
	assert_true(ppp_frame_protocol(&r, &protocol));
	assert_int_equal(protocol, 0x0057);
	r = RD(0xc0);
	assert_false(ppp_frame_protocol(&r, &protocol));
	r = rd_empty();
	assert_false(ppp_frame_protocol(&r, &protocol));
}

/* RFC 1661 §5 */
static void test_packet(void **state)
{
	struct ppp_cp_pkt pkt;
	struct rd r = RD(1, 7, 0, 6, 0xaa, 0xbb, 0xcc);

	assert_true(ppp_cp_decode(&r, &pkt));
	assert_int_equal(pkt.code, 1);
	assert_int_equal(pkt.id, 7);
	assert_int_equal(pkt.data.len, 2);
	r = RD(1, 7, 0, 3);
	assert_false(ppp_cp_decode(&r, &pkt));
	r = RD(1, 7, 0, 5);
	assert_false(ppp_cp_decode(&r, &pkt));
	r = RD(1, 7, 0);
	assert_false(ppp_cp_decode(&r, &pkt));
}

/* RFC 1661 §6 */
static void test_options(void **state)
{
	struct rd r = RD(1, 4, 5, 0xdc, 7, 2);
	struct ppp_opt opt;
	uint16_t mru;
	uint32_t magic;

	assert_true(ppp_opt_next(&r, &opt));
	assert_true(ppp_opt_get16(&opt, &mru));
	assert_int_equal(mru, 1500);
	assert_false(ppp_opt_get32(&opt, &magic));
	assert_int_equal(opt.whole.len, 4);
	assert_true(ppp_opt_next(&r, &opt));
	assert_int_equal(opt.type, 7);
	assert_int_equal(opt.value.len, 0);
	assert_int_equal(opt.whole.len, 2);
	assert_false(ppp_opt_next(&r, &opt));
	assert_false(r.bad);
	assert_true(ppp_opts_check(span_of(NULL, 0)));
	assert_false(ppp_opts_check(SPAN(1)));
	assert_false(ppp_opts_check(SPAN(1, 0)));
	assert_false(ppp_opts_check(SPAN(1, 1)));
	assert_false(ppp_opts_check(SPAN(1, 3)));
	assert_false(ppp_opts_check(SPAN(1, 2, 1, 255)));
}

static void test_option_whole_or_not_at_all(void **state)
{
	static const uint8_t big[300];
	uint8_t buf[260];

	for (size_t cap = 0; cap <= 5; cap++) {
		struct wr w = wr_of(buf, cap);

		ppp_opt_be32(&w, 5, 0x01020304);
		assert_int_equal(wr_len(&w), 0);
		assert_true(w.full);
	}
	struct wr w = wr_of(buf, sizeof(buf));
	ppp_opt_put(&w, 9, span_of(big, 253));
	assert_int_equal(wr_done(&w), 255);
	assert_int_equal(buf[1], 255);
	w = wr_of(buf, sizeof(buf));
	ppp_opt_put(&w, 9, span_of(big, 254));
	assert_int_equal(wr_done(&w), 0);
}

/* RFC 1334 §2.2, §2.2.1, §2.2.2 */
static void test_pap(void **state)
{
	static const uint8_t big[300];
	struct span name, password;
	uint8_t buf[600];
	struct wr w = wr_of(buf, sizeof(buf));

	pap_req_encode(&w, 9, span_str("bob"), span_str("hello"));
	assert_int_equal(wr_done(&w), 14);
	assert_memory_equal(buf, "\x01\x09\x00\x0e\x03" "bob\x05hello", 14);
	assert_true(pap_req_decode(span_of(buf + 4, 10), &name, &password));
	assert_true(span_eq_str(name, "bob"));
	assert_true(span_eq_str(password, "hello"));
	for (size_t len = 0; len < 10; len++)
		assert_false(pap_req_decode(span_of(buf + 4, len), &name, &password));
	assert_true(pap_req_decode(SPAN(0, 0), &name, &password));
	w = wr_of(buf, sizeof(buf));
	pap_req_encode(&w, 9, span_of(big, 256), span_str("x"));
	assert_int_equal(wr_done(&w), 0);
	w = wr_of(buf, sizeof(buf));
	pap_reply_encode(&w, PAP_NAK, 9, span_of(big, 300));
	assert_int_equal(wr_done(&w), 5 + 255);
	assert_true(pap_reply_decode(span_of(buf + 4, 256), &name));
	assert_int_equal(name.len, 255);
	assert_true(pap_reply_decode(span_of(NULL, 0), &name));
	assert_false(pap_reply_decode(SPAN(2, 'x'), &name));
}

/* RFC 1994 §4, §4.1 */
static void test_chap(void **state)
{
	struct span value, name;
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));

	chap_value_encode(&w, CHAP_CHALLENGE, 3, span_str("abcd"), span_str("lns1"));
	assert_int_equal(wr_done(&w), 13);
	assert_memory_equal(buf, "\x01\x03\x00\x0d\x04" "abcdlns1", 13);
	assert_true(chap_value_decode(span_of(buf + 4, 9), &value, &name));
	assert_true(span_eq_str(value, "abcd"));
	assert_true(span_eq_str(name, "lns1"));
	assert_true(chap_value_decode(span_of(buf + 4, 5), &value, &name));
	assert_int_equal(name.len, 0);
	assert_false(chap_value_decode(span_of(buf + 4, 4), &value, &name));
	assert_false(chap_value_decode(SPAN(0, 'x'), &value, &name));
	assert_false(chap_value_decode(span_of(NULL, 0), &value, &name));
}

static void test_names(void **state)
{
	assert_string_equal(ppp_cp_code_name(1), "Configure-Request");
	assert_string_equal(ppp_cp_code_name(13), "Time-Remaining");
	assert_null(ppp_cp_code_name(14));
	assert_string_equal(ppp_protocol_name(0x8021), "ipcp");
	assert_null(ppp_protocol_name(0x1234));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strip),
		cmocka_unit_test(test_protocol),
		cmocka_unit_test(test_packet),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_option_whole_or_not_at_all),
		cmocka_unit_test(test_pap),
		cmocka_unit_test(test_chap),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
