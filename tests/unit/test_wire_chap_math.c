/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/chap_math: the vectors of RFC 2759 §9.2, MD5 as openssl and md5sum compute it, and what must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/chap_math.h"

static const uint8_t auth_challenge[16] = { 0x5B, 0x5D, 0x7C, 0x7D, 0x7B, 0x3F, 0x2F, 0x3E,
					    0x3C, 0x2C, 0x60, 0x21, 0x32, 0x26, 0x26, 0x28 };
static const uint8_t peer_challenge[16] = { 0x21, 0x40, 0x23, 0x24, 0x25, 0x5E, 0x26, 0x2A,
					    0x28, 0x29, 0x5F, 0x2B, 0x3A, 0x33, 0x7C, 0x7E };
static const uint8_t challenge[8] = { 0xD0, 0x2E, 0x43, 0x86, 0xBC, 0xE9, 0x12, 0x26 };
static const uint8_t password_hash[16] = { 0x44, 0xEB, 0xBA, 0x8D, 0x53, 0x12, 0xB8, 0xD6,
					   0x11, 0x47, 0x44, 0x11, 0xF5, 0x69, 0x89, 0xAE };
static const uint8_t nt_response[24] = { 0x82, 0x30, 0x9E, 0xCD, 0x8D, 0x70, 0x8B, 0x5E, 0xA0, 0x8F, 0xAA, 0x39,
					 0x81, 0xCD, 0x83, 0x54, 0x42, 0x33, 0x11, 0x4A, 0x3D, 0x85, 0xD6, 0xDF };
static const char authenticator_response[] = "S=407A5589115FD0D6209F510FE9C04566932CDA56";

#define USER span_str("User")
#define PASSWORD span_str("clientPass")
#define CHALLENGE span_of(auth_challenge, sizeof(auth_challenge))

/* RFC 2759 §9.2, step by step. */
/* RFC 2759 §8, §8.1-8.7, with the octets of §9.2. */
static void mschapv2_vectors(void **state)
{
	uint8_t out[64];

	mschapv2_challenge_hash(peer_challenge, auth_challenge, USER, out);
	assert_memory_equal(out, challenge, 8);
	mschap_nt_password_hash(PASSWORD, out);
	assert_memory_equal(out, password_hash, 16);
	mschap_challenge_response(challenge, password_hash, out);
	assert_memory_equal(out, nt_response, 24);
	mschapv2_nt_response(auth_challenge, peer_challenge, USER, PASSWORD, out);
	assert_memory_equal(out, nt_response, 24);
	mschapv2_authenticator_response(PASSWORD, nt_response, peer_challenge, auth_challenge, USER, out);
	assert_memory_equal(out, authenticator_response, MSCHAPV2_SUCCESS_LEN);
}

/* RFC 2759 §4: Name may carry a domain, which is not hashed. */
static void mschapv2_domain_is_not_hashed(void **state)
{
	uint8_t out[8];

	mschapv2_challenge_hash(peer_challenge, auth_challenge, span_str("BIGCO\\User"), out);
	assert_memory_equal(out, challenge, 8);
}

/* RFC 2759 §4 */
static void mschapv2_response_is_accepted(void **state)
{
	uint8_t response[MSCHAPV2_RESPONSE_LEN], success[MSCHAPV2_SUCCESS_LEN];

	mschapv2_response(PASSWORD, USER, auth_challenge, peer_challenge, response);
	assert_memory_equal(response, peer_challenge, 16);
	assert_memory_equal(response + 16, "\0\0\0\0\0\0\0\0", 8);
	assert_memory_equal(response + 24, nt_response, 24);
	assert_int_equal(response[48], 0);
	assert_true(mschapv2_check(PASSWORD, USER, CHALLENGE, span_of(response, sizeof(response)), success));
	assert_memory_equal(success, authenticator_response, MSCHAPV2_SUCCESS_LEN);
}

static void mschapv2_wrong_is_refused(void **state)
{
	uint8_t response[MSCHAPV2_RESPONSE_LEN + 1], success[MSCHAPV2_SUCCESS_LEN];
	struct span full = span_of(response, MSCHAPV2_RESPONSE_LEN);

	mschapv2_response(PASSWORD, USER, auth_challenge, peer_challenge, response);
	assert_false(mschapv2_check(span_str("clientpass"), USER, CHALLENGE, full, success));
	assert_false(mschapv2_check(PASSWORD, span_str("user"), CHALLENGE, full, success));
	assert_false(mschapv2_check(PASSWORD, USER, span_of(auth_challenge, 15), full, success));
	for (size_t len = 0; len < sizeof(response) + 1; len++)
		if (len != MSCHAPV2_RESPONSE_LEN)
			assert_false(mschapv2_check(PASSWORD, USER, CHALLENGE, span_of(response, len), success));
	for (unsigned bit = 24 * 8; bit < 48 * 8; bit++) {
		response[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(mschapv2_check(PASSWORD, USER, CHALLENGE, full, success));
		response[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* The unicode characters of a password: MD4 over UTF-16LE, checked against iconv and openssl. */
static void mschap_passwords_are_unicode(void **state)
{
	static const uint8_t umlaut[16] = {
		0x14, 0x02, 0xe2, 0x50, 0x8e, 0x09, 0x71, 0xd8,
		0xaa, 0x16, 0x4e, 0x4b, 0xc6, 0x48, 0x68, 0x79,
	};
	uint8_t utf8[16], latin1[16], text[1024], a[16], b[16];

	mschap_nt_password_hash(span_str("gr\xc3\xbc\xc3\x9f" "e\xf0\x9f\x98\x80"), utf8);
	assert_memory_equal(utf8, umlaut, 16);
	mschap_nt_password_hash(span_str("gr\xc3\xbc\xc3\x9f" "e"), utf8);
	mschap_nt_password_hash(span_str("gr\xfc\xdf" "e"), latin1);
	assert_memory_equal(utf8, latin1, 16);
	memset(text, 'x', sizeof(text));
	mschap_nt_password_hash(span_of(text, MSCHAP_PASSWORD_MAX), a);
	mschap_nt_password_hash(span_of(text, sizeof(text)), b);
	assert_memory_equal(a, b, 16);
	mschap_nt_password_hash(span_of(NULL, 0), a);	/* MD4 of nothing, RFC 1320 A.5 */
	assert_memory_equal(a, "\x31\xd6\xcf\xe0\xd1\x6a\xe9\x31\xb7\x3c\x59\xd7\xe0\xc0\x89\xc0", 16);
}

/* RFC 1994 §4.1: MD5 over id, secret, challenge in this order; the value is `printf '\1hellochallenge' | md5sum`. */
static void md5_order(void **state)
{
	static const uint8_t expected[16] = {
		0x24, 0xed, 0x35, 0x83, 0x47, 0x9b, 0x72, 0x99,
		0x41, 0xd2, 0x75, 0xf9, 0x9b, 0x46, 0x24, 0x79,
	};
	uint8_t out[16];

	chap_md5(1, span_str("hello"), span_str("challenge"), out);
	assert_memory_equal(out, expected, 16);
	chap_md5(2, span_str("hello"), span_str("challenge"), out);
	assert_memory_not_equal(out, expected, 16);
}

static void secret_compare(void **state)
{
	assert_true(octets_equal_secret(span_str("abc"), span_str("abc")));
	assert_true(octets_equal_secret(span_of(NULL, 0), span_str("")));
	assert_false(octets_equal_secret(span_str("abc"), span_str("abd")));
	assert_false(octets_equal_secret(span_str("abc"), span_str("abcd")));
	assert_false(octets_equal_secret(span_str("abc"), span_of(NULL, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mschapv2_vectors),
		cmocka_unit_test(mschapv2_domain_is_not_hashed),
		cmocka_unit_test(mschapv2_response_is_accepted),
		cmocka_unit_test(mschapv2_wrong_is_refused),
		cmocka_unit_test(mschap_passwords_are_unicode),
		cmocka_unit_test(md5_order),
		cmocka_unit_test(secret_compare),
	};

	return cmocka_run_group_tests_name("wire_chap_math", tests, NULL, NULL);
}
