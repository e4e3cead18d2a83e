/* SPDX-License-Identifier: BSD-2-Clause */
/* Local AAA in virtual time: session timeout, idle timeout, interim updates. */
#include "aaa_fixture.h"

static struct aaa_handle up(struct fixture *f, uint32_t session_s, uint32_t idle_s)
{
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle h;

	conf_new(f);
	conf_user(f, "bob", "pw");
	conf_pool(f, "p", 1, 9);
	f->conf.session_timeout_s = session_s;
	f->conf.idle_timeout_s = idle_s;
	apply(f);
	h = accepted(f, &rq, NULL);
	pass_ms(f, 3600000);	/* nothing runs before the subscriber is up */
	silent(f);
	start(f, h, 1);
	return h;
}

static void answer(struct fixture *f, struct aaa_handle h, uint64_t octets)
{
	struct aaa_counters c = { octets, octets / 2, 1, 1 };

	aaa_core_ops.counters(f->a, h, &c, &nowhere, f->now, f->wall);
}

/* Seconds until a logout, looking each second; `octets` grow by `rate` a second until `until_s`. */
static unsigned seconds_to_logout(struct fixture *f, struct aaa_handle h, unsigned rate, unsigned until_s,
				  enum aaa_logout *why)
{
	uint64_t octets = 0;

	for (unsigned s = 1; s < 100000; s++) {
		struct aaa_event ev;

		pass_ms(f, 1000);
		octets += s <= until_s ? rate : 0;
		while (aaa_core_ops.event(f->a, &ev, f->now)) {
			assert_true(same(ev.handle, h));
			if (ev.type == AAA_EV_COUNTERS) {
				answer(f, h, octets);
				continue;
			}
			assert_int_equal(ev.type, AAA_EV_LOGOUT);
			*why = ev.logout;
			return s;
		}
	}
	return 0;
}

/* RFC 2865 §5.27 */
static void session_timeout_to_the_tick(void **state)
{
	struct fixture *f = *state;
	struct aaa_handle h = up(f, 100, 0);

	assert_true(aaa_core_ops.deadline(f->a).ns <= mono_add_s(f->now, 100).ns);
	pass_ms(f, 99996);
	silent(f);
	pass_ms(f, 8);
	assert_int_equal(next_event(f, AAA_EV_LOGOUT, h).logout, AAA_LOGOUT_SESSION_TIMEOUT);
	pass_ms(f, 1000000);	/* once */
	silent(f);
	release(f, h);
	nothing_left(f);
	assert_int_equal(counted(f, "session-timeouts"), 1);
}

static void idle_from_the_start(void **state)
{
	struct fixture *f = *state;
	enum aaa_logout why;
	struct aaa_handle h = up(f, 0, 60);

	assert_in_range(seconds_to_logout(f, h, 0, 0, &why), 60, 61);
	assert_int_equal(why, AAA_LOGOUT_IDLE_TIMEOUT);
	release(f, h);
	nothing_left(f);
}

/* RFC 2865 §5.28, RFC 5080 §2.8 */
static void idle_after_traffic(void **state)
{
	struct fixture *f = *state;
	enum aaa_logout why;
	struct aaa_handle h = up(f, 0, 60);

	/* never before 60 s of silence, and at most a quarter late */
	assert_in_range(seconds_to_logout(f, h, 1, 1000, &why), 1060, 1076);
	assert_int_equal(why, AAA_LOGOUT_IDLE_TIMEOUT);
	assert_int_equal(counted(f, "idle-timeouts"), 1);
	release(f, h);
}

static void traffic_keeps_it_up_until_the_session_timeout(void **state)
{
	struct fixture *f = *state;
	enum aaa_logout why;
	struct aaa_handle h = up(f, 5000, 2);

	assert_in_range(seconds_to_logout(f, h, 1, 100000, &why), 5000, 5001);
	assert_int_equal(why, AAA_LOGOUT_SESSION_TIMEOUT);
	release(f, h);
}

/* Nobody answers: asked once, and the session timeout still comes. */
static void counters_that_never_come(void **state)
{
	struct fixture *f = *state;
	struct aaa_handle h = up(f, 1000, 100);

	for (unsigned i = 0; i < 40; i++)
		pass_ms(f, 24000);
	next_event(f, AAA_EV_COUNTERS, h);
	silent(f);
	pass_ms(f, 50000);
	next_event(f, AAA_EV_LOGOUT, h);	/* it takes the place of the question */
	silent(f);
	answer(f, h, 0);
	silent(f);
	release(f, h);
	nothing_left(f);
}

static void interim_updates(void **state)
{
	struct fixture *f = *state;
	struct aaa_handle h;
	unsigned asked = 0;

	f->conf.acct.interval_min = 10;
	conf_new(f);
	f->conf.acct.interval_min = 10;
	conf_user(f, "bob", "pw");
	conf_pool(f, "p", 1, 9);
	apply(f);
	h = accepted_user(f, "bob", 1);
	start(f, h, 1);
	for (unsigned s = 0; s < 3605; s++) {
		struct aaa_event ev;

		pass_ms(f, 1000);
		if (!aaa_core_ops.event(f->a, &ev, f->now))
			continue;
		assert_int_equal(ev.type, AAA_EV_COUNTERS);
		asked++;
		if (asked != 3)		/* one goes unanswered: asked again only after an answer */
			answer(f, h, s);
		else
			break;
	}
	assert_int_equal(asked, 3);
	assert_int_equal(counted(f, "accounting-interims"), 2);
	pass_ms(f, 3600000);
	silent(f);
	answer(f, h, 1);
	assert_int_equal(counted(f, "accounting-interims"), 3);
	pass_ms(f, 600004);
	next_event(f, AAA_EV_COUNTERS, h);
	release(f, h);
	nothing_left(f);
}

static void the_users_own_timeout_goes_before(void **state)
{
	struct fixture *f = *state;
	struct aaa_handle h;
	enum aaa_logout why;

	conf_user(f, "bob", "pw")->session_timeout_s = 7;
	f->conf.session_timeout_s = 70;
	conf_pool(f, "p", 1, 9);
	apply(f);
	h = accepted_user(f, "bob", 1);
	start(f, h, 1);
	assert_in_range(seconds_to_logout(f, h, 0, 0, &why), 7, 8);
	release(f, h);
}

static void start_twice_is_once(void **state)
{
	struct fixture *f = *state;
	struct aaa_handle h = up(f, 0, 0);

	start(f, h, 2);
	assert_int_equal(counted(f, "accounting-starts"), 1);
	assert_int_equal(counted(f, "stale-handles"), 1);
	release(f, h);
	nothing_left(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(session_timeout_to_the_tick), T(idle_from_the_start), T(idle_after_traffic),
		T(traffic_keeps_it_up_until_the_session_timeout), T(counters_that_never_come), T(interim_updates),
		T(the_users_own_timeout_goes_before), T(start_twice_is_once),
	};

	return cmocka_run_group_tests_name("aaa_timeout", tests, NULL, NULL);
}
