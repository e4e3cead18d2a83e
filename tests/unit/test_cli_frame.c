/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of the management protocol: whole, cut anywhere, and what is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/frame.h"

static int next_of(const char *octets, struct frame_rd *r, struct frame *f)
{
	frame_rd_init(r);
	assert_int_equal(frame_rd_feed(r, span_str(octets)), 0);
	return frame_rd_next(r, f);
}

static void whole_frames_in_order(void **state)
{
	struct frame_rd r;
	struct frame f;

	assert_int_equal(next_of("=100 6\nabc\nd\n=200 5\nlns1>=110 0\n", &r, &f), 1);
	assert_int_equal(f.code, 100);
	assert_true(span_eq_str(f.text, "abc\nd\n"));
	assert_int_equal(frame_rd_next(&r, &f), 1);
	assert_int_equal(f.code, 200);
	assert_true(span_eq_str(f.text, "lns1>"));
	assert_int_equal(frame_rd_next(&r, &f), 1);
	assert_int_equal(f.code, 110);
	assert_int_equal(f.text.len, 0);
	assert_int_equal(frame_rd_next(&r, &f), 0);
	frame_rd_fini(&r);
}

static void an_octet_at_a_time(void **state)
{
	static const char octets[] = "=100 3\na=1=409 4\nlns>";
	struct frame_rd r;
	struct frame f;
	unsigned frames = 0;

	frame_rd_init(&r);
	for (size_t i = 0; i < sizeof(octets) - 1; i++) {
		assert_int_equal(frame_rd_feed(&r, span_of(octets + i, 1)), 0);
		if (frame_rd_next(&r, &f) == 0)
			continue;
		frames++;
		assert_true(i == 9 || i == sizeof(octets) - 2);
		assert_true(span_eq_str(f.text, frames == 1 ? "a=1" : "lns>"));
	}
	assert_int_equal(frames, 2);
	frame_rd_fini(&r);
}

static void what_is_no_frame(void **state)
{
	static const char *const bad[] = {
		"HTTP/1.1 400", "100 3\nabc", "=1000 3\nabc", "=99 1\na", "= 3\nabc", "=100\nabc",
		"=100 \nabc", "=100 3a\n",
		"=100  3\nabc", "=100 -3\n", "=100 123456789\n", "=100 99999999\n", "=100 16777217\n",
		"=abc 3\nabc", "\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct frame_rd r;
		struct frame f;

		assert_int_equal(next_of(bad[i], &r, &f), -EPROTO);
		assert_int_equal(frame_rd_next(&r, &f), -EPROTO);
		frame_rd_fini(&r);
	}
}

/* The largest payload is awaited, but costs nothing before it comes. */
static void an_announced_length_costs_nothing(void **state)
{
	struct frame_rd r;
	struct frame f;

	assert_int_equal(next_of("=100 16777216\nabc", &r, &f), 0);
	assert_true(r.cap <= 4096);
	frame_rd_fini(&r);
}

static void a_long_frame(void **state)
{
	static uint8_t block[10000];
	struct frame_rd r;
	struct frame f;

	memset(block, 'x', sizeof(block));
	assert_int_equal(next_of("=100 1000000\n", &r, &f), 0);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(frame_rd_next(&r, &f), 0);
		assert_int_equal(frame_rd_feed(&r, span_of(block, sizeof(block))), 0);
	}
	assert_int_equal(frame_rd_next(&r, &f), 1);
	assert_int_equal(f.text.len, 1000000);
	assert_int_equal(frame_rd_next(&r, &f), 0);
	frame_rd_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_frames_in_order),
		cmocka_unit_test(an_octet_at_a_time),
		cmocka_unit_test(what_is_no_frame),
		cmocka_unit_test(an_announced_length_costs_nothing),
		cmocka_unit_test(a_long_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
