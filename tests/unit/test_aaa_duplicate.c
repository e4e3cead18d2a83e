/* SPDX-License-Identifier: BSD-2-Clause */
/* Local AAA: an address in use never reaches two sessions; a returning user takes over from its old session. */
#include "aaa_fixture.h"

#include <stdio.h>

enum { BOB = IP(10, 0, 0, 5) };

static int bob_setup(void **state)
{
	struct fixture *f;

	fixture_setup(state);
	f = *state;
	conf_static(f, "bob", BOB);
	conf_static(f, "eve", BOB);
	conf_pool(f, "p", IP(10, 1, 0, 0), IP(10, 1, 0, 9));
	apply(f);
	return 0;
}

static void same_user_takes_over(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle old = accepted_user(f, "bob", BOB), young;
	int cookie;

	start(f, old, BOB);
	young = ask(f, &rq, &cookie);
	assert_int_equal(next_event(f, AAA_EV_LOGOUT, old).logout, AAA_LOGOUT_DUPLICATE);
	silent(f);	/* not before the old one is gone */
	pass_ms(f, 1000);
	silent(f);
	release(f, old);
	assert_ptr_equal(next_event(f, AAA_EV_ACCEPT, young).user, &cookie);
	start(f, young, BOB);
	pass_ms(f, 10000);
	silent(f);
	release(f, young);
	nothing_left(f);
	assert_int_equal(counted(f, "duplicate-logouts"), 1);
}

static void another_user_is_refused(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("eve", "pw");
	struct aaa_handle old = accepted_user(f, "bob", BOB);

	refused(f, &rq, AAA_REFUSE_ADDRESS_IN_USE);
	release(f, old);
	release(f, accepted_user(f, "eve", BOB));
	nothing_left(f);
}

static void without_the_check_the_old_session_stays(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle old;

	f->conf.no_duplicate_address_check = true;
	apply(f);
	old = accepted_user(f, "bob", BOB);
	refused(f, &rq, AAA_REFUSE_ADDRESS_IN_USE);
	release(f, old);
	nothing_left(f);
}

static void the_wait_is_bounded(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle old = accepted_user(f, "bob", BOB), young = ask(f, &rq, NULL);

	next_event(f, AAA_EV_LOGOUT, old);
	pass_ms(f, 4990);
	silent(f);
	pass_ms(f, 20);
	assert_int_equal(next_event(f, AAA_EV_REJECT, young).refusal, AAA_REFUSE_ADDRESS_IN_USE);
	assert_int_equal(counted(f, "duplicate-holder-stayed"), 1);
	young = ask(f, &rq, NULL);	/* it may try again; the holder is told once only */
	silent(f);
	release(f, old);
	next_event(f, AAA_EV_ACCEPT, young);
	release(f, young);
	nothing_left(f);
}

static void the_latest_of_a_user_waits(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw"), eve = pap("eve", "pw");
	struct aaa_handle old = accepted_user(f, "bob", BOB), second = ask(f, &rq, NULL), third = ask(f, &rq, NULL);

	next_event(f, AAA_EV_LOGOUT, old);
	next_event(f, AAA_EV_REJECT, second);
	silent(f);
	refused(f, &eve, AAA_REFUSE_ADDRESS_IN_USE);
	release(f, old);
	next_event(f, AAA_EV_ACCEPT, third);
	release(f, third);
	nothing_left(f);
}

/* Three in a row, none of whose answers has been taken: each event in its order, no address twice. */
static void nobody_takes_events(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle one = ask(f, &rq, NULL), two = ask(f, &rq, NULL);

	next_event(f, AAA_EV_ACCEPT, one);
	next_event(f, AAA_EV_LOGOUT, one);
	silent(f);
	start(f, one, BOB);
	release(f, one);
	next_event(f, AAA_EV_ACCEPT, two);
	release(f, two);
	nothing_left(f);
}

static void cancel_while_waiting(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle old = accepted_user(f, "bob", BOB), young = ask(f, &rq, NULL);

	cancel(f, young);
	next_event(f, AAA_EV_LOGOUT, old);
	release(f, old);
	nothing_left(f);
	old = accepted_user(f, "bob", BOB);	/* and the holder is cancelled while one waits */
	young = ask(f, &rq, NULL);
	cancel(f, old);
	next_event(f, AAA_EV_ACCEPT, young);
	release(f, young);
	nothing_left(f);
}

static void the_holder_moves_to_another_address(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle old = accepted_user(f, "bob", BOB), young = ask(f, &rq, NULL);

	next_event(f, AAA_EV_LOGOUT, old);
	start(f, old, IP(10, 9, 9, 9));
	next_event(f, AAA_EV_ACCEPT, young);
	release(f, young);
	release(f, old);
	nothing_left(f);
}

static void configuration_changes_while_waiting(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle old = accepted_user(f, "bob", BOB), young = ask(f, &rq, NULL);
	struct aaa_event ev;

	next_event(f, AAA_EV_LOGOUT, old);
	conf_new(f);
	conf_pool(f, "q", BOB - 1, BOB + 1);
	apply(f);
	release(f, old);
	ev = next_event(f, AAA_EV_ACCEPT, young);
	assert_int_equal(ip4_num(&ev.grant.ip4), BOB);
	release(f, young);
	nothing_left(f);
}

/*
 * A LAC loses power: its subscribers return, through another tunnel, before their old sessions time out. Half of them
 * have static addresses and take over, half come from the pool and get others, as long as it has some.
 */
enum { LINES = 2000 };

static void lac_loses_power(void **state)
{
	struct fixture *f = *state;
	static struct aaa_handle old[LINES], young[LINES];
	static uint32_t ip[LINES];
	static char name[LINES][16];
	struct aaa_event ev;
	unsigned logouts = 0, accepts = 0;

	conf_new(f);
	for (unsigned i = 0; i < LINES; i++) {
		snprintf(name[i], sizeof(name[i]), "line%u", i);
		if (i % 2)
			conf_user(f, name[i], "pw");
		else
			conf_static(f, name[i], IP(10, 0, 0, 0) + i);
	}
	conf_pool(f, "p", IP(10, 1, 0, 0), IP(10, 1, 0, 0) + LINES - 1);
	apply(f);
	for (unsigned i = 0; i < LINES; i++) {
		struct aaa_request rq = pap(name[i], "pw");

		old[i] = accepted(f, &rq, &ip[i]);
		start(f, old[i], ip[i]);
	}
	for (unsigned i = 0; i < LINES; i++) {
		struct aaa_request rq = pap(name[i], "pw");

		young[i] = ask(f, &rq, name[i]);
	}
	while (aaa_core_ops.event(f->a, &ev, f->now)) {
		if (ev.type == AAA_EV_LOGOUT) {
			assert_int_equal(ev.logout, AAA_LOGOUT_DUPLICATE);
			release(f, ev.handle);
			logouts++;
			continue;
		}
		assert_int_equal(ev.type, AAA_EV_ACCEPT);
		unsigned i = (unsigned)((char (*)[16])ev.user - name);

		assert_true(same(ev.handle, young[i]));
		assert_true((ip4_num(&ev.grant.ip4) == ip[i]) == (i % 2 == 0));
		accepts++;
	}
	assert_int_equal(logouts, LINES / 2);
	assert_int_equal(accepts, LINES);
	assert_int_equal(counted(f, "addresses-in-use"), LINES + LINES / 2);
	for (unsigned i = 1; i < LINES; i += 2)
		release(f, old[i]);	/* those time out later */
	for (unsigned i = 0; i < LINES; i++)
		release(f, young[i]);
	nothing_left(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, bob_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(same_user_takes_over), T(another_user_is_refused), T(without_the_check_the_old_session_stays),
		T(the_wait_is_bounded), T(the_latest_of_a_user_waits), T(nobody_takes_events), T(cancel_while_waiting),
		T(the_holder_moves_to_another_address), T(configuration_changes_while_waiting), T(lac_loses_power),
	};

	return cmocka_run_group_tests_name("aaa_duplicate", tests, NULL, NULL);
}
