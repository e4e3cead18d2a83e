/* SPDX-License-Identifier: BSD-2-Clause */
/* A client and an authenticator against each other: RFC 1661 §3, RFC 1334, RFC 1994, RFC 2759; keepalive; the end of a link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>

#include "ppp_pair.h"
#include "wire/ppp_auth.h"
#include "wire/ppp_frame.h"

#define AUTH(p) (&(p)->end[0])
#define CLIENT(p) (&(p)->end[1])

static void only(struct pair_end *e, enum ppp_auth a)
{
	memset(e->conf.auth, 0, sizeof(e->conf.auth));
	e->conf.auth[0] = a;
}

static void assert_established(struct pair *p, enum ppp_auth method)
{
	struct ppp_link_info info;

	ppp_link_info(AUTH(p)->link, &info);
	assert_string_equal(info.phase, "network");
	assert_string_equal(info.lcp_state, "Opened");
	assert_int_equal(info.auth, method);
	assert_true(pair_settled(p));
	assert_int_equal(CLIENT(p)->ip4_event.local_ip4, 0x0a400001);
	assert_int_equal(CLIENT(p)->ip4_event.peer_ip4, 0x0aff0001);
	assert_int_equal(CLIENT(p)->ip4_event.dns[0], 0x09090909);
	assert_int_equal(AUTH(p)->ip4_event.peer_ip4, 0x0a400001);
	assert_memory_equal(AUTH(p)->ip6_event.local_iid, CLIENT(p)->ip6_event.peer_iid, 8);
	assert_memory_equal(AUTH(p)->ip6_event.peer_iid, CLIENT(p)->ip6_event.local_iid, 8);
}

static void test_every_method(void **state)
{
	for (enum ppp_auth a = PPP_AUTH_NONE; a < PPP_AUTH_COUNT; a++) {
		struct pair p;

		pair_init(&p, a);
		only(AUTH(&p), a);
		pair_up(&p);
		pair_run(&p, 1000);
		assert_established(&p, a);
		assert_int_equal(AUTH(&p)->auth_requests, a != PPP_AUTH_NONE);
		if (a != PPP_AUTH_NONE)
			assert_string_equal(AUTH(&p)->seen_name, "bob");
		pair_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_method),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
