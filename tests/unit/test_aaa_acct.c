/* SPDX-License-Identifier: BSD-2-Clause */
/* aaa/acct: the life of a session's accounting, and its id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aaa/acct.h"

static const struct wall noon = { 1700000000, 0 };

static mono_t at_s(int64_t s)
{
	return mono_add_s(MONO_ZERO, s);
}

static void ids_both_ways(void **state)
{
	char text[20];

	acct_id_text(0x6553f1000000002aULL, text);
	assert_string_equal(text, "6553f1000000002a");
	assert_true(acct_id_parse(text) == 0x6553f1000000002aULL);
	assert_true(acct_id_parse("6553f1000000002") == 0);
	assert_true(acct_id_parse("6553F1000000002A") == 0);
	assert_true(acct_id_parse("6553f1000000002ab") == 0);
	assert_true(acct_id_parse("") == 0);
}

static void a_life(void **state)
{
	struct acct a = { 0 };
	struct acct_session s;
	struct aaa_counters c = { 100, 200, 1, 2 };
	struct aaa_stop stop = { c, 1, "user-request" };

	acct_session_init(&s, 7, 60);
	assert_false(acct_started(&s));
	acct_stop(&a, &s, &stop);
	acct_interim(&a, &s, &c, at_s(1000));
	assert_int_equal(a.stops + a.interims, 0);

	acct_start(&a, &s, at_s(0), noon);
	assert_true(acct_started(&s));
	assert_int_equal(s.started_s, noon.s);
	assert_int_equal(s.id, 7);
	assert_int_equal(a.active, 1);
	acct_interim(&a, &s, &c, at_s(59));
	assert_int_equal(a.interims, 0);
	acct_interim(&a, &s, &c, at_s(60));
	assert_int_equal(a.interims, 1);
	assert_int_equal(s.interim_due.ns, at_s(120).ns);

	acct_stop(&a, &s, &stop);
	acct_stop(&a, &s, &stop);
	assert_int_equal(a.stops, 1);
	assert_int_equal(a.active, 0);
	assert_int_equal(a.ended.in_octets, 100);
	assert_int_equal(a.ended.out_octets, 200);
	assert_int_equal(a.ended.in_packets, 1);
	assert_int_equal(a.ended.out_packets, 2);
	assert_true(mono_is_never(s.interim_due));
}

static void no_interim_unless_asked_for(void **state)
{
	struct acct a = { 0 };
	struct acct_session s;
	struct aaa_counters c = { 0 };

	acct_session_init(&s, 7, 0);
	acct_start(&a, &s, at_s(0), (struct wall){ 0, 0 });
	assert_true(acct_started(&s));
	acct_interim(&a, &s, &c, at_s(1000000));
	assert_int_equal(a.interims, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_both_ways),
		cmocka_unit_test(a_life),
		cmocka_unit_test(no_interim_unless_asked_for),
	};

	return cmocka_run_group_tests_name("aaa_acct", tests, NULL, NULL);
}
