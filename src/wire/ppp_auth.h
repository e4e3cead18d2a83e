/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PAP (RFC 1334 §2) and CHAP (RFC 1994 §4, RFC 2759 §3-6) packets. Both begin as control packets do: see
 * wire/ppp_cp.h.
 */
#ifndef ADIT_WIRE_PPP_AUTH_H
#define ADIT_WIRE_PPP_AUTH_H

#include "wire/ppp_cp.h"

enum { PAP_REQ = 1, PAP_ACK, PAP_NAK };
enum { CHAP_CHALLENGE = 1, CHAP_RESPONSE, CHAP_SUCCESS, CHAP_FAILURE };

/* Algorithm octet of the CHAP Authentication-Protocol option. */
enum { CHAP_ALG_MD5 = 5, CHAP_ALG_MSCHAP = 0x80, CHAP_ALG_MSCHAPV2 = 0x81 };

/** pap_req_decode - Peer-Id and Password of an Authenticate-Request. Return: false if a length reaches outside. */
bool pap_req_decode(struct span data, struct span *peer_id, struct span *password);
void pap_req_encode(struct wr *w, uint8_t id, struct span peer_id, struct span password);

/** pap_reply_decode - the message of an Ack or Nak; one without its Msg-Length octet is read as empty. */
bool pap_reply_decode(struct span data, struct span *message);
void pap_reply_encode(struct wr *w, uint8_t code, uint8_t id, struct span message);	/* message: 255 octets go out */

/**
 * chap_value_decode - Value and Name of a Challenge or Response (RFC 1994 §4.1). Return: false if empty or reaching
 * outside.
 */
bool chap_value_decode(struct span data, struct span *value, struct span *name);
void chap_value_encode(struct wr *w, uint8_t code, uint8_t id, struct span value, struct span name);

/** chap_verdict_encode - Success or Failure: the message is all the data. */
void chap_verdict_encode(struct wr *w, uint8_t code, uint8_t id, struct span message);

#endif
