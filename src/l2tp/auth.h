/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnel authentication: RFC 2661 §5.1.1, the Challenge and Challenge Response AVPs of §4.4.3. Hiding is in wire/. */
#ifndef ADIT_L2TP_AUTH_H
#define ADIT_L2TP_AUTH_H

#include "base/rng.h"
#include "base/span.h"

enum { L2TP_CHALLENGE_LEN = 16, L2TP_RESPONSE_LEN = 16 };

/** l2tp_auth_challenge - a Challenge of our own. */
void l2tp_auth_challenge(struct rng *rng, uint8_t out[L2TP_CHALLENGE_LEN]);

/**
 * l2tp_auth_response - the answer to a Challenge
 * @msg_type: of the message that carries it, SCCRP (2) or SCCCN (3): it is the id octet of the CHAP computation
 * Source: RFC 2661 §4.4.3.
 */
void l2tp_auth_response(uint16_t msg_type, struct span secret, struct span challenge, uint8_t out[L2TP_RESPONSE_LEN]);

/** l2tp_auth_check - whether a response that came in a message of that type is right; its time tells nothing. */
bool l2tp_auth_check(uint16_t msg_type, struct span secret, struct span challenge, struct span response);

#endif
