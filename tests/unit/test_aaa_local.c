/* SPDX-License-Identifier: BSD-2-Clause */
/* Local AAA: methods, credentials, addresses, cancel and release in every state, configuration, memory of a grant. */
#include "aaa_fixture.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>

#include "aaa/grant.h"

/* ---- methods ---- */

static void no_method_is_refused(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "hello");

	f->conf.ppp[0] = AAA_METHOD_END;
	apply(f);
	refused(f, &rq, AAA_REFUSE_NO_METHOD);
	rq.cred = AAA_CRED_NONE;
	refused(f, &rq, AAA_REFUSE_NO_METHOD);
	nothing_left(f);
}

static void radius_does_not_answer_yet(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "hello");

	conf_user(f, "bob", "hello");
	conf_pool(f, "p", 1, 9);
	f->conf.ppp[0] = AAA_METHOD_RADIUS;
	apply(f);
	refused(f, &rq, AAA_REFUSE_NO_SERVER);
	f->conf.ppp[1] = AAA_METHOD_LOCAL;	/* no server answered: the second method decides */
	f->conf.ppp[2] = AAA_METHOD_NONE;
	apply(f);
	accepted(f, &rq, NULL);
	rq.password = span_str("wrong");	/* and its refusal stands */
	refused(f, &rq, AAA_REFUSE_DENIED);
}

static void none_accepts_without_checking(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("anybody", "anything");
	uint32_t ip;

	conf_static(f, "bob", IP(192, 0, 2, 9));
	conf_pool(f, "p", 1, 9);
	f->conf.ppp[0] = AAA_METHOD_NONE;
	apply(f);
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 1);
	rq = pap("bob", "not his");	/* who was not checked does not get what is his */
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 2);
}

static void tunnel_methods_go_before_ppp_at_the_lns(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "wrong");

	conf_pool(f, "p", 1, 9);
	conf_user(f, "bob", "hello");
	apply(f);
	refused(f, &rq, AAA_REFUSE_DENIED);
	f->conf.tunnel[0] = AAA_METHOD_NONE;
	apply(f);
	accepted(f, &rq, NULL);
	rq.line.service = AAA_PPP_LAC;
	refused(f, &rq, AAA_REFUSE_DENIED);
}

/* The profile asks for no authentication: nothing to judge, and nothing of a user's own is given. */
static void no_credentials_are_not_judged(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = { .cred = AAA_CRED_NONE, .user = span_str("bob") };
	uint32_t ip;

	conf_static(f, "bob", IP(192, 0, 2, 9));
	conf_pool(f, "p", 1, 9);
	apply(f);
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 1);
}

/* ---- credentials ---- */

static void pap_passwords(void **state)
{
	struct fixture *f = *state;
	static const char *const wrong[] = { "", "hell", "hello1", "Hello", "hello\n" };
	struct aaa_request rq = pap("bob", "hello");

	conf_user(f, "bob", "hello");
	conf_pool(f, "p", 1, 9);
	apply(f);
	accepted(f, &rq, NULL);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		rq.password = span_str(wrong[i]);
		refused(f, &rq, AAA_REFUSE_DENIED);
	}
	rq.password = span_of("hello\0", 6);	/* octets, not a C string */
	refused(f, &rq, AAA_REFUSE_DENIED);
}

static void user_names_are_exact(void **state)
{
	struct fixture *f = *state;
	static const char *const wrong[] = { "", "bo", "bobb", "Bob", "bob@", "bob " };
	struct aaa_request rq;

	conf_user(f, "bob", "hello");
	conf_user(f, "other", "hello")->database[0] = 'x';	/* of another database */
	conf_user(f, "nopassword", NULL);
	conf_pool(f, "p", 1, 9);
	apply(f);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		rq = pap(wrong[i], "hello");
		refused(f, &rq, AAA_REFUSE_DENIED);
	}
	rq = pap("bob", "hello");
	rq.user = span_of("bob\0", 4);
	refused(f, &rq, AAA_REFUSE_DENIED);
	rq = pap("other", "hello");
	refused(f, &rq, AAA_REFUSE_DENIED);
	rq = pap("nopassword", "");
	refused(f, &rq, AAA_REFUSE_DENIED);
}

static void chap_md5_responses(void **state)
{
	struct fixture *f = *state;
	uint8_t challenge[20] = "0123456789abcdefghi", response[17];
	struct aaa_request rq = { .cred = AAA_CRED_CHAP_MD5, .user = span_str("bob"), .chap_id = 5,
				  .challenge = span_of(challenge, 20), .response = span_of(response, 16) };

	conf_user(f, "bob", "hello");
	conf_pool(f, "p", 1, 9);
	apply(f);
	chap_md5(5, span_str("hello"), rq.challenge, response);
	accepted(f, &rq, NULL);
	rq.chap_id = 6;
	refused(f, &rq, AAA_REFUSE_DENIED);
	rq.chap_id = 5;
	rq.response.len = 15;
	refused(f, &rq, AAA_REFUSE_DENIED);
	rq.response.len = 17;
	refused(f, &rq, AAA_REFUSE_DENIED);
	rq.response.len = 16;
	response[15] ^= 1;
	refused(f, &rq, AAA_REFUSE_DENIED);
	chap_md5(5, span_str("hello"), span_of(NULL, 0), response);
	rq.challenge.len = 0;	/* a challenge of nothing is replayed too easily */
	refused(f, &rq, AAA_REFUSE_DENIED);
}

/* RFC 2759 §9.2, through the whole of it. */
static void mschapv2_responses(void **state)
{
	struct fixture *f = *state;
	static const uint8_t challenge[] = "\x5B\x5D\x7C\x7D\x7B\x3F\x2F\x3E\x3C\x2C\x60\x21\x32\x26\x26\x28";
	static const uint8_t peer[] = "\x21\x40\x23\x24\x25\x5E\x26\x2A\x28\x29\x5F\x2B\x3A\x33\x7C\x7E";
	uint8_t response[49];
	struct aaa_request rq = { .cred = AAA_CRED_MSCHAPV2, .user = span_str("User"),
				  .challenge = span_of(challenge, 16), .response = span_of(response, 49) };
	struct aaa_event ev;

	conf_user(f, "User", "clientPass");
	conf_pool(f, "p", 1, 9);
	apply(f);
	mschapv2_response(span_str("clientPass"), span_str("User"), challenge, peer, response);
	ev = next_event(f, AAA_EV_ACCEPT, ask(f, &rq, NULL));
	assert_memory_equal(ev.mschap_success, "S=407A5589115FD0D6209F510FE9C04566932CDA56", 42);
	response[30] ^= 1;
	refused(f, &rq, AAA_REFUSE_DENIED);
	rq.user = span_str("nobody");
	refused(f, &rq, AAA_REFUSE_DENIED);
}

/* ---- addresses ---- */

static void grant_has_what_is_configured(void **state)
{
	struct fixture *f = *state;
	struct aaa_user *u = conf_user(f, "bob", "pw");
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_event ev;
	int cookie;

	u->session_timeout_s = 3600;
	f->conf.idle_timeout_s = 900;
	f->conf.session_timeout_s = 7200;
	f->conf.dns[0] = IP(9, 9, 9, 9);
	f->conf.wins[1] = IP(10, 0, 0, 1);
	conf_pool(f, "p", IP(10, 64, 0, 0), IP(10, 64, 255, 255));
	apply(f);
	ev = next_event(f, AAA_EV_ACCEPT, ask(f, &rq, &cookie));
	assert_ptr_equal(ev.user, &cookie);
	assert_int_equal(ip4_num(&ev.grant.ip4), IP(10, 64, 0, 0));
	assert_int_equal(ip4_num(&ev.grant.ip4_mask), UINT32_MAX);
	assert_true(ev.grant.ip4_from_pool);
	assert_false(ev.grant.ip4_client_chooses);
	assert_int_equal(ev.grant.dns[0], IP(9, 9, 9, 9));
	assert_int_equal(ev.grant.dns[1], 0);
	assert_int_equal(ev.grant.wins[1], IP(10, 0, 0, 1));
	assert_int_equal(ev.grant.session_timeout_s, 3600);
	assert_int_equal(ev.grant.idle_timeout_s, 900);
}

static void named_pool_else_all_in_order(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw"), named = rq;
	uint32_t ip;

	conf_user(f, "bob", "pw");
	conf_user(f, "carol", "pw")->pool = text("c");
	conf_pool(f, "a", 10, 10);
	conf_pool(f, "b", 20, 20);
	conf_pool(f, "c", 30, 31);
	conf_pool(f, "a", 15, 15);
	apply(f);
	named.pool = span_str("b");
	accepted(f, &named, &ip);
	assert_int_equal(ip, 20);
	refused(f, &named, AAA_REFUSE_NO_ADDRESS);	/* the named one alone, though others have addresses */
	named.pool = span_str("none-such");
	refused(f, &named, AAA_REFUSE_NO_ADDRESS);
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 10);
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 15);
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 30);
	rq = pap("carol", "pw");
	rq.pool = span_str("a");	/* the user's pool goes before the profile's */
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 31);
	refused(f, &rq, AAA_REFUSE_NO_ADDRESS);
}

static void exhaustion_ends_with_a_release(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle h;

	conf_user(f, "bob", "pw");
	conf_pool(f, "p", 7, 7);
	apply(f);
	h = accepted(f, &rq, NULL);
	refused(f, &rq, AAA_REFUSE_NO_ADDRESS);
	release(f, h);
	release(f, accepted(f, &rq, NULL));
	nothing_left(f);
}

static void static_and_pool_keep_apart(void **state)
{
	struct fixture *f = *state;
	struct aaa_request any = pap("any", "pw"), st = pap("static", "pw");
	struct aaa_handle h;
	uint32_t ip;

	conf_user(f, "any", "pw");
	conf_static(f, "static", 11);
	conf_pool(f, "p", 10, 12);
	apply(f);
	h = accepted_user(f, "static", 11);
	accepted_user(f, "any", 10);
	accepted_user(f, "any", 12);
	refused(f, &any, AAA_REFUSE_NO_ADDRESS);
	release(f, h);
	accepted(f, &any, &ip);
	assert_int_equal(ip, 11);
	refused(f, &st, AAA_REFUSE_ADDRESS_IN_USE);	/* its holder is somebody else */
}

/* Framed-IP-Address 255.255.255.254: ours to choose; 255.255.255.255: the client's. RFC 2865 §5.8 */
static void special_addresses(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("nas", "pw");
	struct aaa_event ev;
	struct aaa_handle h;

	conf_static(f, "nas", 0xfffffffe);
	conf_static(f, "client", 0xffffffff);
	conf_pool(f, "p", 10, 12);
	apply(f);
	ev = next_event(f, AAA_EV_ACCEPT, ask(f, &rq, NULL));
	assert_int_equal(ip4_num(&ev.grant.ip4), 10);
	rq = pap("client", "pw");
	h = ask(f, &rq, NULL);
	ev = next_event(f, AAA_EV_ACCEPT, h);
	assert_true(ev.grant.ip4_client_chooses);
	assert_true(ip_addr_is_none(&ev.grant.ip4));
	assert_int_equal(counted(f, "addresses-in-use"), 1);
	start(f, h, 11);
	silent(f);
	assert_int_equal(counted(f, "addresses-in-use"), 2);
	accepted_user(f, "nas", 12);	/* 11 is taken out of the pool too */
	h = ask(f, &rq, NULL);
	next_event(f, AAA_EV_ACCEPT, h);
	start(f, h, 12);	/* another's: it must end */
	assert_int_equal(next_event(f, AAA_EV_LOGOUT, h).logout, AAA_LOGOUT_DUPLICATE);
	assert_int_equal(counted(f, "client-address-in-use"), 1);
	release(f, h);
	assert_int_equal(counted(f, "addresses-in-use"), 3);
}

static void other_virtual_routers_are_apart(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	uint32_t ip;

	conf_static(f, "bob", 10);
	conf_user(f, "any", "pw");
	conf_pool(f, "p", 10, 12);
	apply(f);
	rq.line.vr = 3;
	accepted(f, &rq, &ip);
	assert_int_equal(ip, 10);
	accepted_user(f, "any", 10);	/* the same number in the default one */
	rq = pap("any", "pw");
	rq.line.vr = 3;
	refused(f, &rq, AAA_REFUSE_NO_ADDRESS);	/* whose pools these are */
}

/* ---- handles ---- */

static void cancel_in_every_state(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw"), bad = pap("bob", "no");
	struct aaa_handle h;

	conf_user(f, "bob", "pw");
	conf_pool(f, "p", 7, 7);
	apply(f);
	cancel(f, ask(f, &rq, NULL));	/* ACCEPT on its way: no event, the address is free */
	nothing_left(f);
	cancel(f, ask(f, &bad, NULL));	/* REJECT on its way */
	nothing_left(f);
	h = accepted(f, &rq, NULL);	/* answered */
	cancel(f, h);
	nothing_left(f);
	h = accepted(f, &rq, NULL);
	start(f, h, 7);
	cancel(f, h);
	nothing_left(f);
	assert_int_equal(counted(f, "accounting-stops"), 1);
	assert_int_equal(counted(f, "cancels"), 4);
	h = ask(f, &rq, NULL);	/* a release before the answer was taken */
	release(f, h);
	nothing_left(f);
}

static void stale_handles_do_nothing(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_counters c = { 0 };
	struct aaa_handle old[300], h;

	conf_user(f, "bob", "pw");
	conf_pool(f, "p", 1, 1);
	apply(f);
	for (unsigned i = 0; i < 300; i++) {
		old[i] = accepted(f, &rq, NULL);
		release(f, old[i]);
	}
	h = accepted(f, &rq, NULL);
	for (unsigned i = 0; i < 300; i++) {
		release(f, old[i]);
		cancel(f, old[i]);
		start(f, old[i], 1);
		aaa_core_ops.counters(f->a, old[i], &c, &nowhere, f->now, f->wall);
		assert_false(same(old[i], h));
	}
	cancel(f, (struct aaa_handle){ 0, 0 });
	cancel(f, (struct aaa_handle){ UINT32_MAX, 1 });
	assert_int_equal(counted(f, "stale-handles"), 1202);
	assert_int_equal(counted(f, "addresses-in-use"), 1);
	assert_int_equal(counted(f, "accounting-starts"), 0);
	release(f, h);
	nothing_left(f);
}

static void a_refused_handle_is_gone(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("nobody", "pw");
	struct aaa_handle h = ask(f, &rq, NULL);

	next_event(f, AAA_EV_REJECT, h);
	release(f, h);
	assert_int_equal(counted(f, "stale-handles"), 1);
	nothing_left(f);
}

static void in_flight_is_limited(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("nobody", "pw");
	struct aaa_handle h, first = ask(f, &rq, NULL);
	struct aaa_event ev;

	for (unsigned i = 1; i < 65536; i++)
		ask(f, &rq, NULL);
	assert_int_equal(aaa_core_ops.request(f->a, &rq, NULL, f->now, &h), -ENOSPC);
	cancel(f, first);
	ask(f, &rq, NULL);
	assert_int_equal(aaa_core_ops.request(f->a, &rq, NULL, f->now, &h), -ENOSPC);
	assert_int_equal(counted(f, "requests-too-many-in-flight"), 2);
	while (aaa_core_ops.event(f->a, &ev, f->now))
		;
	nothing_left(f);
}

static void session_ids_are_unique(void **state)
{
	struct fixture *f = *state;
	char id[20];

	aaa_core_ops.session_id(f->a, id);
	assert_string_equal(id, "6553f10000000000");
	aaa_core_ops.session_id(f->a, id);
	assert_string_equal(id, "6553f10000000001");
}

/* ---- change of configuration ---- */

static void pools_change_under_sessions(void **state)
{
	struct fixture *f = *state;
	struct aaa_pool_info info;
	struct aaa_handle a, b;

	conf_user(f, "any", "pw");
	conf_pool(f, "p", 10, 13);
	apply(f);
	a = accepted_user(f, "any", 10);
	b = accepted_user(f, "any", 11);
	conf_new(f);	/* the pool and the user go, the sessions stay */
	apply(f);
	assert_false(aaa_pool_range_at(f->a, 0, &info));
	assert_int_equal(counted(f, "addresses-in-use"), 2);
	release(f, a);
	conf_user(f, "any", "pw");
	conf_pool(f, "q", 9, 12);	/* another pool with some of the addresses */
	apply(f);
	assert_true(aaa_pool_range_at(f->a, 0, &info));
	assert_string_equal(info.name, "q");
	assert_int_equal(info.in_use, 1);
	assert_int_equal(info.total, 4);
	accepted_user(f, "any", 9);
	accepted_user(f, "any", 10);
	accepted_user(f, "any", 12);
	release(f, b);
	accepted_user(f, "any", 11);
}

static void released_addresses_stay_last_over_a_change(void **state)
{
	struct fixture *f = *state;

	conf_user(f, "any", "pw");
	conf_pool(f, "p", 10, 11);
	apply(f);
	release(f, accepted_user(f, "any", 10));
	apply(f);	/* nothing about pools */
	release(f, accepted_user(f, "any", 11));
	conf_pool(f, "p", 20, 20);
	apply(f);
	accepted_user(f, "any", 20);
	accepted_user(f, "any", 10);
	accepted_user(f, "any", 11);
}

static void users_change_under_sessions(void **state)
{
	struct fixture *f = *state;
	struct aaa_request rq = pap("bob", "pw");
	struct aaa_handle h;

	conf_static(f, "bob", 5);
	apply(f);
	h = accepted_user(f, "bob", 5);
	conf_new(f);
	conf_static(f, "bob", 6);
	apply(f);
	release(f, accepted_user(f, "bob", 6));
	conf_new(f);
	apply(f);
	refused(f, &rq, AAA_REFUSE_DENIED);
	start(f, h, 5);
	release(f, h);
	nothing_left(f);
}

/* ---- size ---- */

static void sixty_thousand_grants(void **state)
{
	struct fixture *f = *state;
	enum { COUNT = 60000 };
	struct aaa_handle *h = calloc(COUNT, sizeof(*h));
	struct aaa_request rq = pap("customer-004711@dsl.example.net", "pw");
	size_t before, per_grant;
	uint32_t ip;

	assert_non_null(h);
	conf_user(f, "customer-004711@dsl.example.net", "pw");
	conf_pool(f, "p", IP(10, 64, 0, 0), IP(10, 64, 255, 255));
	apply(f);
	before = mallinfo2().uordblks;
	for (unsigned i = 0; i < COUNT; i++) {
		h[i] = accepted(f, &rq, &ip);
		assert_int_equal(ip, IP(10, 64, 0, 0) + i);
		start(f, h[i], ip);
	}
	per_grant = (mallinfo2().uordblks - before) / COUNT;
	print_message("struct grant: %zu octets; with name, slot, map and pool: %zu octets\n", sizeof(struct grant),
		      per_grant);
	assert_true(sizeof(struct grant) + rq.user.len <= 256);
	assert_true(mallinfo2().uordblks == 0 || per_grant < 320);	/* 0: a sanitizer's allocator */
	for (unsigned i = 0; i < COUNT; i++)
		release(f, h[i]);
	assert_int_equal(counted(f, "accounting-starts"), COUNT);
	assert_int_equal(counted(f, "accounting-stops"), COUNT);
	nothing_left(f);
	free(h);
}

static void words(void **state)
{
	assert_string_equal(aaa_refusal_name(AAA_REFUSE_DENIED), "deny-authentication-denied");
	assert_string_equal(aaa_refusal_name(AAA_REFUSE_COUNT), "unknown");
	assert_int_equal(aaa_refusal_terminate_cause(AAA_REFUSE_NO_RESOURCES), 10);
	assert_string_equal(aaa_logout_name(AAA_LOGOUT_SESSION_TIMEOUT), "shutdown-session-timeout");
	assert_int_equal(aaa_logout_terminate_cause(AAA_LOGOUT_SESSION_TIMEOUT), 5);
	assert_int_equal(aaa_logout_terminate_cause(AAA_LOGOUT_IDLE_TIMEOUT), 4);
	for (unsigned r = 1; r < AAA_REFUSE_COUNT; r++)
		assert_true(aaa_refusal_name(r) && aaa_refusal_terminate_cause(r));
	for (unsigned i = 0; aaa_counter_name(i); i++)
		assert_true(strlen(aaa_counter_name(i)) > 3);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_method_is_refused), T(radius_does_not_answer_yet), T(none_accepts_without_checking),
		T(tunnel_methods_go_before_ppp_at_the_lns), T(no_credentials_are_not_judged),
		T(pap_passwords), T(user_names_are_exact), T(chap_md5_responses), T(mschapv2_responses),
		T(grant_has_what_is_configured), T(named_pool_else_all_in_order), T(exhaustion_ends_with_a_release),
		T(static_and_pool_keep_apart), T(special_addresses), T(other_virtual_routers_are_apart),
		T(cancel_in_every_state), T(stale_handles_do_nothing), T(a_refused_handle_is_gone),
		T(in_flight_is_limited), T(session_ids_are_unique), T(pools_change_under_sessions),
		T(released_addresses_stay_last_over_a_change),
		T(users_change_under_sessions), T(sixty_thousand_grants), T(words),
	};

	return cmocka_run_group_tests_name("aaa_local", tests, NULL, NULL);
}
