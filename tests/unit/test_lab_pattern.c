/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/pattern: names with a number in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/pattern.h"

static void expands(const char *pattern, unsigned n, const char *expected)
{
	char buf[64];

	assert_true(pattern_check(pattern));
	assert_int_equal(pattern_expand(buf, sizeof(buf), pattern, n), __builtin_strlen(expected));
	assert_string_equal(buf, expected);
}

static void patterns(void **state)
{
	expands("bob", 7, "bob");
	expands("", 7, "");
	expands("user%d@example.net", 7, "user7@example.net");
	expands("%05d", 7, "00007");
	expands("%5d", 7, "    7");
	expands("%2d", 12345, "12345");
	expands("100%%-%d", 7, "100%-7");
	expands("%d", 4294967295u, "4294967295");
}

static void what_is_refused(void **state)
{
	static const char *const wrong[] = { "%", "%s", "%n", "%d%d", "%5", "%ld", "%-5d", "%100d",
					     "%99999999999999999999d", "a%" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(pattern_check(wrong[i]));
}

static void cut_at_the_end(void **state)
{
	char buf[6];

	assert_int_equal(pattern_expand(buf, sizeof(buf), "user%d", 77), 5);
	assert_string_equal(buf, "user7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(cut_at_the_end),
	};

	return cmocka_run_group_tests_name("lab_pattern", tests, NULL, NULL);
}
