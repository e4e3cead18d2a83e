/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnel authentication, RFC 2661 §4.4.3, §5.1.1 and §9.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <nettle/md5.h>
#include <string.h>

#include "l2tp/auth.h"
#include "wire/l2tp_msg.h"

static const uint8_t challenge[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

/* MD5(message type, secret, challenge), computed here by itself. */
static void response(uint8_t id, const char *secret, uint8_t out[16])
{
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, 1, &id);
	md5_update(&ctx, strlen(secret), (const uint8_t *)secret);
	md5_update(&ctx, sizeof(challenge), challenge);
	md5_digest(&ctx, 16, out);
}

static void the_id_octet_is_the_message_type(void **state)
{
	uint8_t want[16], have[16];

	response(2, "s3cret", want);
	l2tp_auth_response(L2TP_MSG_SCCRP, span_str("s3cret"), span_of(challenge, sizeof(challenge)), have);
	assert_memory_equal(want, have, 16);
	response(3, "s3cret", want);
	l2tp_auth_response(L2TP_MSG_SCCCN, span_str("s3cret"), span_of(challenge, sizeof(challenge)), have);
	assert_memory_equal(want, have, 16);
}

static void only_the_right_response_is_right(void **state)
{
	struct span c = span_of(challenge, sizeof(challenge)), secret = span_str("s3cret");
	uint8_t good[17] = { 0 };

	response(2, "s3cret", good);
	assert_true(l2tp_auth_check(L2TP_MSG_SCCRP, secret, c, span_of(good, 16)));
	assert_false(l2tp_auth_check(L2TP_MSG_SCCCN, secret, c, span_of(good, 16)));
	assert_false(l2tp_auth_check(L2TP_MSG_SCCRP, span_str("other"), c, span_of(good, 16)));
	assert_false(l2tp_auth_check(L2TP_MSG_SCCRP, secret, span_of(challenge, 15), span_of(good, 16)));
	assert_false(l2tp_auth_check(L2TP_MSG_SCCRP, secret, c, span_of(good, 15)));
	assert_false(l2tp_auth_check(L2TP_MSG_SCCRP, secret, c, span_of(good, 17)));
	assert_false(l2tp_auth_check(L2TP_MSG_SCCRP, secret, c, span_of(NULL, 0)));
	for (int i = 0; i < 16; i++) {
		good[i] ^= 0x80;
		assert_false(l2tp_auth_check(L2TP_MSG_SCCRP, secret, c, span_of(good, 16)));
		good[i] ^= 0x80;
	}
}

static void challenges_differ(void **state)
{
	struct rng rng;
	uint8_t a[L2TP_CHALLENGE_LEN], b[L2TP_CHALLENGE_LEN];

	rng_init_u64(&rng, 1);
	l2tp_auth_challenge(&rng, a);
	l2tp_auth_challenge(&rng, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_id_octet_is_the_message_type),
		cmocka_unit_test(only_the_right_response_is_right),
		cmocka_unit_test(challenges_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
