/* SPDX-License-Identifier: BSD-2-Clause */
/* mgmt/logring.h: times as strftime() writes them, lines whole or cut, the oldest ones gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "mgmt/logring.h"

static void times(void **state)
{
	static const int64_t s[] = { 0, 59, 951782400, 1709164799, 1709251200, 1767225599, 4102444800 };

	for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++) {
		char want[WALL_TEXT], got[WALL_TEXT];
		time_t t = (time_t)s[i];
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.007Z", &tm);
		assert_string_equal(wall_text((struct wall){ s[i], 7999999 }, got), want);
	}
}

static void a_line_is_whole_or_cut(void **state)
{
	static const char whole[] = "2024-02-29T00:00:00.120Z level=notice mod=l2tp msg=\"up\"";
	const struct wall w = { 1709164800, 120000000 };
	char buf[128];

	assert_int_equal(logring_text(buf, sizeof(buf), w, LOG_NOTICE, "l2tp", "msg=\"up\" and more", 8), strlen(whole));
	assert_string_equal(buf, whole);
	assert_int_equal(logring_text(buf, 30, w, LOG_NOTICE, "l2tp", "msg=\"up\"", 8), 29);
	assert_memory_equal(buf, whole, 29);
	assert_int_equal(buf[29], '\0');
}

static void the_last_lines_are_kept(void **state)
{
	static struct logring r;
	char text[16];

	for (unsigned i = 0; i < LOGRING_LINES + 10; i++) {
		int n = snprintf(text, sizeof(text), "n=%u", i);
		const char *kept = logring_add(&r, (struct wall){ i, 0 }, LOG_ERROR, "x", text, (size_t)n);

		assert_non_null(kept);
		assert_string_equal(kept + strlen(kept) - n, text);
	}
	assert_null(logring_at(&r, 9));
	assert_non_null(strstr(logring_at(&r, 10), "1970-01-01T00:00:10.000Z level=error mod=x n=10"));
	assert_non_null(logring_at(&r, LOGRING_LINES + 9));
	assert_null(logring_at(&r, LOGRING_LINES + 10));
	logring_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(a_line_is_whole_or_cut),
		cmocka_unit_test(the_last_lines_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
