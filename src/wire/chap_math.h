/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arithmetic of CHAP: RFC 1994 with MD5, and MS-CHAP-V2 (RFC 2759 §8, same function names). Shared by PPP, which
 * plays both sides, and by AAA, which judges. Passwords are octets; for MS-CHAP-V2 they are read as UTF-8 (or, when they
 * are not UTF-8, as Latin-1) and become the unicode characters that the RFC wants.
 */
#ifndef ADIT_WIRE_CHAP_MATH_H
#define ADIT_WIRE_CHAP_MATH_H

#include "base/span.h"

enum { CHAP_MD5_LEN = 16, MSCHAP_CHALLENGE_LEN = 16, MSCHAP_NT_RESPONSE_LEN = 24, MSCHAPV2_RESPONSE_LEN = 49,
       MSCHAPV2_SUCCESS_LEN = 42, MSCHAP_PASSWORD_MAX = 256 };

/** octets_equal_secret - compares in a time that depends on the lengths alone. */
bool octets_equal_secret(struct span a, struct span b);

/** chap_md5 - RFC 1994 §4.1: MD5(id, secret, challenge). */
void chap_md5(uint8_t id, struct span secret, struct span challenge, uint8_t out[CHAP_MD5_LEN]);

/** mschap_nt_password_hash - RFC 2759 §8.3; what is beyond 256 characters does not count. */
void mschap_nt_password_hash(struct span password, uint8_t out[16]);

/** mschapv2_challenge_hash - RFC 2759 §8.2, the user name without a leading `DOMAIN\`. */
void mschapv2_challenge_hash(const uint8_t peer_challenge[16], const uint8_t auth_challenge[16], struct span user,
			     uint8_t out[8]);

/** mschap_challenge_response - RFC 2759 §8.5: the challenge under three DES keys from the hash. */
void mschap_challenge_response(const uint8_t challenge[8], const uint8_t password_hash[16],
			       uint8_t out[MSCHAP_NT_RESPONSE_LEN]);

/** mschapv2_nt_response - RFC 2759 §8.1. */
void mschapv2_nt_response(const uint8_t auth_challenge[16], const uint8_t peer_challenge[16], struct span user,
			  struct span password, uint8_t out[MSCHAP_NT_RESPONSE_LEN]);

/** mschapv2_authenticator_response - RFC 2759 §8.7: "S=" and 40 hexadecimal digits, no NUL. */
void mschapv2_authenticator_response(struct span password, const uint8_t nt_response[24],
				     const uint8_t peer_challenge[16], const uint8_t auth_challenge[16],
				     struct span user, uint8_t out[MSCHAPV2_SUCCESS_LEN]);

/**
 * mschapv2_response - a client's 49-octet Response value (RFC 2759 §4)
 * @peer_challenge: the client's own 16 random octets
 */
void mschapv2_response(struct span password, struct span user, const uint8_t auth_challenge[16],
		       const uint8_t peer_challenge[16], uint8_t out[MSCHAPV2_RESPONSE_LEN]);

/**
 * mschapv2_check - judges a 49-octet Response value
 * @success: the authenticator response, filled when the answer is true
 *
 * Return: false when a length is wrong or the password is not the user's.
 */
bool mschapv2_check(struct span password, struct span user, struct span auth_challenge, struct span response,
		    uint8_t success[MSCHAPV2_SUCCESS_LEN]);

#endif
