/* SPDX-License-Identifier: BSD-2-Clause */
/* aaa/acct: ids, and the life of a session's accounting without a server; with one: test_aaa_radius. */
#include "aaa_fixture.h"

#include "aaa/aaa_priv.h"

static void ids_both_ways(void **state)
{
	char text[20];

	acct_id_text(0x6553f1000000002aULL, text);
	assert_string_equal(text, "6553f1000000002a");
	assert_true(acct_id_parse(text) == 0x6553f1000000002aULL);
	assert_true(acct_id_parse("6553f1000000002") == 0);
	assert_true(acct_id_parse("6553F1000000002A") == 0);
	assert_true(acct_id_parse("6553f1000000002ab") == 0);
}

static struct grant *grant_made(struct fixture *f, uint32_t interim_s)
{
	struct grant *g = grant_new(&f->a->grants, span_str("bob"));

	assert_non_null(g);
	acct_session_init(&g->acct, 7, interim_s, false);
	return g;
}

static void a_life(void **state)
{
	struct fixture *f = *state;
	struct grant *g = grant_made(f, 60);
	struct acct *t = &f->a->acct;
	struct aaa_counters c = { 100, 200, 1, 2 };
	struct aaa_stop stop = { c, &nowhere, 1, "user-request" };
	mono_t due;

	assert_false(acct_started(&g->acct));
	acct_stop(f->a, g, &stop, f->now, f->wall);
	acct_interim(f->a, g, &nowhere, &c, mono_add_s(f->now, 1000), f->wall);
	assert_int_equal(t->stops + t->interims, 0);

	acct_start(f->a, g, &nowhere, f->now, f->wall);
	assert_true(acct_started(&g->acct));
	assert_int_equal(g->acct.started_s, boot.s);
	assert_int_equal(t->active, 1);
	due = g->acct.interim_due;
	assert_true(mono_ms_between(f->now, due) >= 30000 && mono_ms_between(f->now, due) <= 60000);
	acct_interim(f->a, g, &nowhere, &c, mono_add_ms(due, -1), f->wall);
	assert_int_equal(t->interims, 0);
	acct_interim(f->a, g, &nowhere, &c, due, f->wall);
	assert_int_equal(t->interims, 1);
	assert_int_equal(g->acct.interim_due.ns, mono_add_s(due, 60).ns);	/* from then on every interval */

	acct_stop(f->a, g, &stop, f->now, f->wall);
	acct_stop(f->a, g, &stop, f->now, f->wall);
	assert_int_equal(t->stops, 1);
	assert_int_equal(t->active, 0);
	assert_int_equal(t->ended.in_octets, 100);
	assert_int_equal(t->ended.out_octets, 200);
	assert_int_equal(t->ended.in_packets, 1);
	assert_int_equal(t->ended.out_packets, 2);
	assert_true(mono_is_never(g->acct.interim_due));
	assert_int_equal(t->queue.size, 0);	/* nobody to tell */
}

static void first_updates_are_spread(void **state)
{
	enum { N = 1000, S = 600 };
	struct fixture *f = *state;
	unsigned in_first_half = 0;

	for (int i = 0; i < N; i++) {
		struct grant *g = grant_made(f, S);

		acct_start(f->a, g, &nowhere, f->now, f->wall);
		in_first_half += mono_s_between(f->now, g->acct.interim_due) < S * 3 / 4;
	}
	assert_in_range(in_first_half, N * 2 / 5, N * 3 / 5);
}

static void no_interim_unless_asked_for(void **state)
{
	struct fixture *f = *state;
	struct grant *g = grant_made(f, 0);
	struct aaa_counters c = { 0 };

	acct_start(f->a, g, &nowhere, f->now, (struct wall){ 0, 0 });
	assert_true(acct_started(&g->acct));
	acct_interim(f->a, g, &nowhere, &c, mono_add_s(f->now, 1000000), f->wall);
	assert_int_equal(f->a->acct.interims, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_both_ways),
		cmocka_unit_test_setup_teardown(a_life, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(first_updates_are_spread, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(no_interim_unless_asked_for, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests_name("aaa_acct", tests, NULL, NULL);
}
