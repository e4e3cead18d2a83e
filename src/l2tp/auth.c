/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnel authentication. Source: RFC 2661 §4.4.3, §5.1.1, §9.1; RFC 1994 §4.1 for the computation. */
#include "l2tp/auth.h"

#include "wire/chap_math.h"

void l2tp_auth_challenge(struct rng *rng, uint8_t out[L2TP_CHALLENGE_LEN])
{
	rng_bytes(rng, out, L2TP_CHALLENGE_LEN);
}

void l2tp_auth_response(uint16_t msg_type, struct span secret, struct span challenge, uint8_t out[L2TP_RESPONSE_LEN])
{
	chap_md5((uint8_t)msg_type, secret, challenge, out);
}

bool l2tp_auth_check(uint16_t msg_type, struct span secret, struct span challenge, struct span response)
{
	uint8_t want[L2TP_RESPONSE_LEN];

	l2tp_auth_response(msg_type, secret, challenge, want);
	return octets_equal_secret(span_of(want, sizeof(want)), response);
}
