/* SPDX-License-Identifier: BSD-2-Clause */
/* base/log.h: hostile values stay one harmless line; base/ipaddr.h: text both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"

static char got[LOG_LINE_MAX + 1];
static enum log_level got_level;
static unsigned lines;

static void sink(void *ctx, enum log_level level, const char *module, const char *line, size_t len)
{
	assert_string_equal(module, "test");
	assert_int_equal(strlen(line), len);
	memcpy(got, line, len + 1);
	got_level = level;
	lines++;
}

static int begin(void **state)
{
	log_set_sink(sink, NULL, LOG_INFO);
	lines = 0;
	got[0] = '\0';
	return 0;
}

static int end(void **state)
{
	log_set_sink(NULL, NULL, LOG_ERROR);
	return 0;
}

static void keys_and_values(void **state)
{
	struct log l;
	struct ip_addr a = ip4_of(0xc0000201), six;

	assert_true(ip_addr_parse(&six, "2001:db8::1"));
	log_begin(&l, LOG_NOTICE, "test", "tunnel refused");
	log_u(&l, "tunnel", 7);
	log_str(&l, "host", span_str("lac 1"));
	log_text(&l, "reason", "no-room");
	log_text(&l, "text", "two words");
	log_text(&l, "empty", "");
	log_addr(&l, "peer", &a);
	log_addr_port(&l, "from", &a, 1701);
	log_addr_port(&l, "v6", &six, 9);
	log_end(&l);
	assert_string_equal(got, "msg=\"tunnel refused\" tunnel=7 host=\"lac 1\" reason=no-room text=\"two words\" "
				 "empty=\"\" peer=192.0.2.1 from=192.0.2.1:1701 v6=[2001:db8::1]:9");
	assert_int_equal(got_level, LOG_NOTICE);
	log_line(LOG_INFO, "test", "hello", "n=%d", 5);
	assert_string_equal(got, "msg=\"hello\" n=5");
}

static void peers_octets_are_escaped(void **state)
{
	struct log l;
	char text[16];

	log_begin(&l, LOG_ERROR, "test", "x");
	log_str(&l, "v", span_of("a\"b\\c\n\0\x7f\xff=", 10));
	log_end(&l);
	assert_string_equal(got, "msg=\"x\" v=\"a\\\"b\\\\c\\x0a\\x00\\x7f\\xff=\"");
	assert_int_equal(text_escape(text, 6, span_of("ab\n\n", 4)), 2);	/* never inside an escape */
	assert_string_equal(text, "ab");
	assert_int_equal(text_escape(text, 7, span_of("ab\n\n", 4)), 6);
	assert_string_equal(text, "ab\\x0a");
	assert_int_equal(text_escape(text, 1, span_of("ab", 2)), 0);
	assert_string_equal(text, "");
}

static void every_octet_is_escaped_or_itself(void **state)
{
	for (unsigned c = 0; c < 256; c++) {
		const char *as = c == '"' || c == '\\' ? "\\%c" : c >= 0x20 && c < 0x7f ? "%c" : "\\x%02x";
		uint8_t octet = (uint8_t)c;
		char want[8], text[8];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(want, sizeof(want), as, c);
#pragma GCC diagnostic pop
		text_escape(text, sizeof(text), span_of(&octet, 1));
		assert_string_equal(text, want);
	}
}

static void numbers(void **state)
{
	static const uint64_t v[] = { 0, 9, 10, 255, 65535, 4294967295, 10000000000000000000u, UINT64_MAX };
	char text[TEXT_DECIMAL], want[32], cut[8];
	struct text t = text_of(cut, sizeof(cut));

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(want, sizeof(want), "%llu", (unsigned long long)v[i]);
		assert_int_equal(text_decimal(text, v[i]), strlen(want));
		assert_string_equal(text, want);
	}
	text_u(&t, 12);
	text_str(&t, ":");
	text_u(&t, 345678);
	text_str(&t, "x");
	assert_string_equal(cut, "12:3456");
	assert_int_equal(t.len, 7);
}

static void long_values_are_cut(void **state)
{
	static uint8_t many[2000];
	struct log l;

	memset(many, 0x01, sizeof(many));
	log_begin(&l, LOG_ERROR, "test", "x");
	log_str(&l, "v", span_of(many, sizeof(many)));
	assert_int_equal(l.len, strlen("msg=\"x\" v=\"\"") + 128 * 4);
	for (int i = 0; i < 10; i++)
		log_str(&l, "w", span_of(many, sizeof(many)));
	log_end(&l);
	assert_int_equal(strlen(got), LOG_LINE_MAX - 1);
}

static void levels(void **state)
{
	log_line(LOG_DEBUG, "test", "not wanted", "n=%d", 1);
	assert_int_equal(lines, 0);
	assert_true(log_wanted(LOG_INFO));
	assert_false(log_wanted(LOG_DEBUG));
	assert_string_equal(log_level_name(LOG_WARNING), "warning");
	assert_string_equal(log_level_name((enum log_level)99), "?");
	log_set_sink(NULL, NULL, LOG_DEBUG);
	assert_false(log_wanted(LOG_ERROR));
	log_line(LOG_ERROR, "test", "nobody listens", "n=%d", 1);
	assert_int_equal(lines, 0);
}

static void addresses(void **state)
{
	static const char *const good[] = { "0.0.0.0", "255.255.255.255", "10.64.0.1", "1.20.3.99", "::", "2001:db8::1", "::ffff:1.2.3.4" };
	static const char *const bad[] = { "", "1.2.3", "1.2.3.256", "1.2.3.4 ", "01.2.3.4.5", "2001:::1", "x" };
	char text[IP_ADDR_TEXT];
	struct ip_addr a, b;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(ip_addr_parse(&a, good[i]));
		assert_string_equal(ip_addr_text(&a, text), good[i]);
		assert_true(ip_addr_parse(&b, text));
		assert_true(ip_addr_eq(&a, &b));
		assert_true(ip_addr_hash(&a, 1) == ip_addr_hash(&b, 1));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ip_addr_parse(&a, bad[i]));
	a = ip4_of(0x0a400001);
	assert_int_equal(ip4_num(&a), 0x0a400001);
	assert_false(ip_addr_is_any(&a));
	memset(&a, 0, sizeof(a));
	assert_true(ip_addr_is_none(&a) && ip_addr_is_any(&a));
	assert_string_equal(ip_addr_text(&a, text), "-");
	assert_int_equal(ip4_num(&a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys_and_values, begin, end),
		cmocka_unit_test_setup_teardown(peers_octets_are_escaped, begin, end),
		cmocka_unit_test(every_octet_is_escaped_or_itself),
		cmocka_unit_test(numbers),
		cmocka_unit_test_setup_teardown(long_values_are_cut, begin, end),
		cmocka_unit_test_setup_teardown(levels, begin, end),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
