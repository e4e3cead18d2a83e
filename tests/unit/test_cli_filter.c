/* SPDX-License-Identifier: BSD-2-Clause */
/* Display filters: which part of a line is theirs, and which lines they pass. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/filter.h"

static char out[8192];
static unsigned calls;

static void sink(void *ctx, const char *line, size_t len)
{
	size_t at = strlen(out);

	assert_true(at + len < sizeof(out));
	memcpy(out + at, line, len);
	out[at + len] = '\0';
	calls++;
}

/* Puts a text through the filters of a line. Return: what is left of the line, which stays until the next call. */
static const char *through(const char *line, const char *text)
{
	static char command[1024];
	char error[FILTER_ERROR_MAX] = "";
	struct filter *f;

	snprintf(command, sizeof(command), "%s", line);
	*out = '\0';
	calls = 0;
	f = filter_new(command, sink, NULL, error);
	if (!f)
		fail_msg("%s: %s", line, error);
	filter_put(f, span_str(text));
	assert_int_equal(filter_end(f), 0);
	filter_free(f);
	return command;
}

static void expect_error(const char *line, const char *want)
{
	char command[256], error[FILTER_ERROR_MAX] = "";

	snprintf(command, sizeof(command), "%s", line);
	assert_null(filter_new(command, sink, NULL, error));
	if (!strstr(error, want))
		fail_msg("%s: %s", line, error);
}

static const char rows[] = "alpha 1\nbeta 2\nalpha 3\ngamma|delta\n";

static void what_is_left_for_the_daemon(void **state)
{
	static const struct { const char *line, *command; } cases[] = {
		{ "show version", "show version" },
		{ "show version | include x", "show version" },
		{ "show version   |no-more", "show version" },
		{ "show version | i x", "show version" },
		{ "show version | json", "show version | json" },
		{ "show version | json | count", "show version | json" },
		{ "show version |json|x", "show version |json|x" },
		{ " description \"a | count\"", " description \"a | count\"" },
		{ " description a|count", " description a|count" },
		{ " description a | nothing", " description a | nothing" },
		{ " description a | nothing | count", " description a | nothing" },
		{ "| count", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(through(cases[i].line, ""), cases[i].command);
}

static void lines_pass(void **state)
{
	static const struct { const char *line, *left; } cases[] = {
		{ "x", rows },
		{ "x | no-more", rows },
		{ "x | include alpha", "alpha 1\nalpha 3\n" },
		{ "x | include ^a.*(1|2)$", "alpha 1\n" },
		{ "x | include \"a 1|b\"", "alpha 1\nbeta 2\n" },
		{ "x | include 1|2", "alpha 1\nbeta 2\n" },
		{ "x | include gamma\\|", "gamma|delta\n" },
		{ "x | exclude alpha", "beta 2\ngamma|delta\n" },
		{ "x | begin b", "beta 2\nalpha 3\ngamma|delta\n" },
		{ "x | begin nothing", "" },
		{ "x | count", "4\n" },
		{ "x | include alpha | count", "2\n" },
		{ "x | count | include 4", "4\n" },
		{ "x | begin b | include alpha | exclude 1", "alpha 3\n" },
		{ "x | inc a | exc b | cou", "3\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		through(cases[i].line, rows);
		assert_string_equal(out, cases[i].left);
	}
}

static void cut_anywhere(void **state)
{
	for (size_t cut = 0; cut < sizeof(rows); cut++) {
		char line[] = "x | include alpha", error[FILTER_ERROR_MAX];
		struct filter *f = filter_new(line, sink, NULL, error);

		*out = '\0';
		calls = 0;
		filter_put(f, span_of(rows, cut));
		filter_put(f, span_of(rows + cut, sizeof(rows) - 1 - cut));
		assert_int_equal(filter_end(f), 0);
		filter_free(f);
		assert_string_equal(out, "alpha 1\nalpha 3\n");
		assert_int_equal(calls, 2);
	}
}

/* A last line that nothing ends is a line; octets that are no text do no harm. */
static void odd_lines(void **state)
{
	char line[] = "x | include b", error[FILTER_ERROR_MAX];
	struct filter *f = filter_new(line, sink, NULL, error);

	*out = '\0';
	calls = 0;
	filter_put(f, span_of("a\0b\n\xff\xfe\n\nxb", 10));
	assert_int_equal(filter_end(f), 0);
	filter_free(f);
	assert_int_equal(calls, 2);
	assert_memory_equal(out, "axb", 4);	/* the sink of this test adds strings: the first row ends at its NUL */
	through("x | count", "one\n\nthree");
	assert_string_equal(out, "3\n");
	through("x", "no end");
	assert_string_equal(out, "no end");
}

static void save_writes_a_file(void **state)
{
	char dir[] = "/tmp/test_cli_filter.XXXXXX", line[128], got[256] = "", path[64];
	struct stat st;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/of rows", dir);
	snprintf(line, sizeof(line), "show x | exclude beta | save \"%s\"", path);
	assert_string_equal(through(line, rows), "show x");
	assert_string_equal(out, "");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(got, 1, sizeof(got) - 1, f) > 0);
	assert_int_equal(fstat(fileno(f), &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	fclose(f);
	assert_string_equal(got, "alpha 1\nalpha 3\ngamma|delta\n");
	unlink(path);
	rmdir(dir);
}

static void a_full_disk_is_told(void **state)
{
	char line[] = "x | save /dev/full", error[FILTER_ERROR_MAX];
	struct filter *f = filter_new(line, sink, NULL, error);

	assert_non_null(f);
	filter_put(f, span_str(rows));
	assert_int_equal(filter_end(f), -ENOSPC);
	filter_free(f);
}

static void wrong_use(void **state)
{
	expect_error("x | include", "REGEX is missing");
	expect_error("x | include \"\"", "REGEX is missing");
	expect_error("x | count 3", "no argument");
	expect_error("x | include (", "include: ");
	expect_error("x | include [", "include: ");
	expect_error("x | save", "FILE is missing");
	expect_error("x | save /nonexistent/dir", "No such file");
	expect_error("x | include a | json", "json");
	expect_error("x | json | begin *( | count", "begin: ");
}

static void where_a_filter_is_typed(void **state)
{
	assert_null(filter_find("show version"));
	assert_null(filter_find("show a|b"));
	assert_null(filter_find("show \"a | b"));
	assert_string_equal(filter_find("show version | "), "");
	assert_string_equal(filter_find("show version |in"), "in");
	assert_string_equal(filter_find("show version | include x | co"), "co");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_for_the_daemon),
		cmocka_unit_test(lines_pass),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(odd_lines),
		cmocka_unit_test(save_writes_a_file),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(wrong_use),
		cmocka_unit_test(where_a_filter_is_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
