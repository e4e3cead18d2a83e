/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attribute Value Pairs, RFC 2661 §4: iteration, the one table of what is known about each AVP (§4.4, RFC 3145,
 * RFC 4951, RFC 5515), hiding (RFC 2661 §4.3), and the encoders, which take M and H rules from the table.
 */
#ifndef ADIT_WIRE_L2TP_AVP_H
#define ADIT_WIRE_L2TP_AVP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rd.h"
#include "base/rng.h"
#include "base/span.h"
#include "base/wr.h"
#include "wire/l2tp_line.h"

enum {
	L2TP_AVP_M = 0x8000,		/* mandatory */
	L2TP_AVP_H = 0x4000,		/* hidden */
	L2TP_AVP_RESERVED = 0x3c00,	/* any of these set: an unrecognised AVP (§4.1) */
	L2TP_AVP_LEN = 0x03ff,
	L2TP_AVP_HDR_LEN = 6,
	L2TP_AVP_VALUE_MAX = 1017,	/* 1023 - 6 */
	L2TP_AVP_HIDE_MAX = 1015,	/* the longest value that can be hidden: two octets go to its length */
	L2TP_RANDOM_VECTOR_LEN = 16,	/* as we send it (§4.4.1 recommends at least 16) */
};

enum l2tp_vendor { L2TP_VENDOR_IETF = 0, L2TP_VENDOR_CISCO = 9, L2TP_VENDOR_ADSL_FORUM = 3561 };

/* Attribute Types of vendor 0. */
enum l2tp_avp_type {
	L2TP_AVP_MESSAGE_TYPE = 0,
	L2TP_AVP_RESULT_CODE = 1,
	L2TP_AVP_PROTOCOL_VERSION = 2,
	L2TP_AVP_FRAMING_CAPABILITIES = 3,
	L2TP_AVP_BEARER_CAPABILITIES = 4,
	L2TP_AVP_TIE_BREAKER = 5,
	L2TP_AVP_FIRMWARE_REVISION = 6,
	L2TP_AVP_HOST_NAME = 7,
	L2TP_AVP_VENDOR_NAME = 8,
	L2TP_AVP_ASSIGNED_TUNNEL_ID = 9,
	L2TP_AVP_RECEIVE_WINDOW_SIZE = 10,
	L2TP_AVP_CHALLENGE = 11,
	L2TP_AVP_Q931_CAUSE_CODE = 12,
	L2TP_AVP_CHALLENGE_RESPONSE = 13,
	L2TP_AVP_ASSIGNED_SESSION_ID = 14,
	L2TP_AVP_CALL_SERIAL_NUMBER = 15,
	L2TP_AVP_MINIMUM_BPS = 16,
	L2TP_AVP_MAXIMUM_BPS = 17,
	L2TP_AVP_BEARER_TYPE = 18,
	L2TP_AVP_FRAMING_TYPE = 19,
	/* 20 is unassigned */
	L2TP_AVP_CALLED_NUMBER = 21,
	L2TP_AVP_CALLING_NUMBER = 22,
	L2TP_AVP_SUB_ADDRESS = 23,
	L2TP_AVP_TX_CONNECT_SPEED = 24,
	L2TP_AVP_PHYSICAL_CHANNEL_ID = 25,
	L2TP_AVP_INITIAL_RX_LCP_CONFREQ = 26,
	L2TP_AVP_LAST_TX_LCP_CONFREQ = 27,
	L2TP_AVP_LAST_RX_LCP_CONFREQ = 28,
	L2TP_AVP_PROXY_AUTHEN_TYPE = 29,
	L2TP_AVP_PROXY_AUTHEN_NAME = 30,
	L2TP_AVP_PROXY_AUTHEN_CHALLENGE = 31,
	L2TP_AVP_PROXY_AUTHEN_ID = 32,
	L2TP_AVP_PROXY_AUTHEN_RESPONSE = 33,
	L2TP_AVP_CALL_ERRORS = 34,
	L2TP_AVP_ACCM = 35,
	L2TP_AVP_RANDOM_VECTOR = 36,
	L2TP_AVP_PRIVATE_GROUP_ID = 37,
	L2TP_AVP_RX_CONNECT_SPEED = 38,
	L2TP_AVP_SEQUENCING_REQUIRED = 39,
	L2TP_AVP_PPP_DISCONNECT_CAUSE_CODE = 46,	/* RFC 3145 */
	L2TP_AVP_FAILOVER_CAPABILITY = 76,		/* RFC 4951; from here on names for displays, but for 76 */
	L2TP_AVP_TUNNEL_RECOVERY = 77,
	L2TP_AVP_SUGGESTED_CONTROL_SEQUENCE = 78,
	L2TP_AVP_FAILOVER_SESSION_STATE = 79,
	L2TP_AVP_MULTICAST_CAPABILITY = 80,		/* RFC 4045 */
	L2TP_AVP_NEW_OUTGOING_SESSIONS = 81,
	L2TP_AVP_CONNECT_SPEED_UPDATE = 97,		/* RFC 5515 §6 */
	L2TP_AVP_CONNECT_SPEED_UPDATE_ENABLE = 98,
};

/* Attribute Types of vendor 9. */
enum { L2TP_AVP_CISCO_NAS_PORT = 100 };

/* ---- the octets ---- */

struct l2tp_avp {
	uint16_t flags;			/* M, H and reserved bits, in place */
	uint16_t len;			/* Length as sent, header included */
	uint16_t vendor, type;
	struct rd value;
};

/**
 * l2tp_avp_next - the next AVP of a message
 * @msg: advances past it; bad when the header or the value reaches beyond the message, or Length is below 6
 * @avp: out; its value is a reader of its own
 *
 * Return: false at the end (rd_left() is 0 and msg->bad is not set) and when malformed (msg->bad is set; then @avp has
 * the vendor and type if they could be read, and no value).
 * Source: RFC 2661 §4.1.
 */
bool l2tp_avp_next(struct rd *msg, struct l2tp_avp *avp);

/* ---- the table ---- */

enum l2tp_avp_form {
	L2TP_FORM_FLAG,			/* no value: presence is the value */
	L2TP_FORM_U16,
	L2TP_FORM_U32,
	L2TP_FORM_U64,
	L2TP_FORM_BYTES,		/* octets */
	L2TP_FORM_TEXT,			/* octets that should be text */
	L2TP_FORM_RESULT,		/* Result Code: 16, [16, [text]] */
	L2TP_FORM_Q931,			/* 16, 8, [text] */
	L2TP_FORM_CALL_ERRORS,		/* reserved 16, six 32 */
	L2TP_FORM_ACCM,			/* reserved 16, 32, 32 */
	L2TP_FORM_DISCONNECT,		/* RFC 3145: 16, 16, 8, [text] */
	L2TP_FORM_FAILOVER,		/* RFC 4951: 16, 32 */
	L2TP_FORM_NAME_ONLY,		/* known by name for displays; otherwise unrecognised */
};

#define L2TP_IN(msg) (UINT32_C(1) << (msg))	/* msg: enum l2tp_msg_type, 0..31 */
#define L2TP_IN_ALL UINT32_C(0xffffffff)

struct l2tp_avp_info {
	uint16_t vendor, type;
	const char *name;		/* as in the terminate reasons: "assigned-tunnel-id" */
	const char *source;		/* "RFC 2661 §4.4.3" */
	uint8_t form;			/* enum l2tp_avp_form */
	uint16_t min, max;		/* octets of the value before hiding */
	bool m;				/* the M bit the RFC asks for */
	bool may_hide;
	bool secret;			/* not shown to people */
	uint32_t required, optional;	/* messages, L2TP_IN() */
};

/** l2tp_avp_info - the row of an AVP; vendor is looked at before type. NULL when there is none. */
const struct l2tp_avp_info *l2tp_avp_info(uint16_t vendor, uint16_t type);

/** l2tp_avp_row - row i of the table, NULL past the last; for displays and tests, since it counts from the first. */
const struct l2tp_avp_info *l2tp_avp_row(unsigned i);

/** l2tp_avp_required - the AVPs of vendor 0 that a message must have, a bit for each Attribute Type. */
uint64_t l2tp_avp_required(uint16_t msg_type);

/* ---- hiding, §4.3 ---- */

enum l2tp_unhide_verdict {
	L2TP_UNHIDE_OK,
	L2TP_UNHIDE_BAD,		/* no inner length, or it says more than is there: also a wrong secret */
	L2TP_UNHIDE_NO_ROOM,		/* @out is full */
};

/**
 * l2tp_avp_unhide - the original value of a hidden AVP
 * @secret: shared secret, at least 1 octet
 * @rv:     value of the Random Vector AVP that most closely precedes it
 * @type:   Attribute Type
 * @hidden: the value as received
 * @out:    the original value is written here, no more octets than that
 * @value:  out: that value
 *
 * The inner length is judged; padding after the value is ignored.
 * Source: RFC 2661 §4.3.
 */
enum l2tp_unhide_verdict l2tp_avp_unhide(struct span secret, struct span rv, uint16_t type, struct span hidden,
					 struct wr *out, struct span *value);

/**
 * l2tp_avp_hide - the hidden form of a value: length, value and padding, enciphered
 * @value:   at most L2TP_AVP_HIDE_MAX - padding.len octets, else @w becomes full
 * @padding: random octets that mask the length; may be empty
 */
void l2tp_avp_hide(struct wr *w, struct span secret, struct span rv, uint16_t type, struct span value,
		   struct span padding);

/* ---- encoding ---- */

/* How the AVPs of a message are hidden. */
struct l2tp_hide {
	struct span secret;
	struct rng *rng;		/* Random Vector and padding */
	bool enabled;			/* with a secret: every AVP that may be hidden is */
	uint8_t padding_max;		/* random padding, 0 to this many octets */
};

/* A message under construction; see l2tp_msg_begin(). */
struct l2tp_build {
	struct wr *w;
	const struct l2tp_hide *hide;	/* NULL: nothing is hidden */
	size_t mark;			/* of the header's Length */
	bool has_rv;
	uint8_t rv[L2TP_RANDOM_VECTOR_LEN];
};

/**
 * l2tp_avp_put_* - appends an AVP of vendor 0, M bit from the table, hidden if the build hides and the table allows
 *
 * A Random Vector AVP goes before the first hidden one. A value that is too long makes the writer full.
 */
void l2tp_avp_put_flag(struct l2tp_build *b, uint16_t type);
void l2tp_avp_put_u16(struct l2tp_build *b, uint16_t type, uint16_t v);
void l2tp_avp_put_u32(struct l2tp_build *b, uint16_t type, uint32_t v);
void l2tp_avp_put_u64(struct l2tp_build *b, uint16_t type, uint64_t v);
void l2tp_avp_put_bytes(struct l2tp_build *b, uint16_t type, struct span v);

/** l2tp_avp_put_result - Result Code; the error code is always written, the text when it is not empty. §4.4.2 */
void l2tp_avp_put_result(struct l2tp_build *b, uint16_t result, uint16_t error, struct span text);
/** l2tp_avp_put_disconnect - PPP Disconnect Cause Code. RFC 3145 §2 */
void l2tp_avp_put_disconnect(struct l2tp_build *b, uint16_t code, uint16_t protocol, uint8_t direction,
			     struct span text);
/** l2tp_avp_put_accm - ACCM of an SLI. §4.4.6 */
void l2tp_avp_put_accm(struct l2tp_build *b, uint32_t tx_accm, uint32_t rx_accm);
/** l2tp_avp_put_call_errors - Call Errors of a WEN, in the order of the AVP (CRC errors first). §4.4.6 */
void l2tp_avp_put_call_errors(struct l2tp_build *b, const uint32_t errors[6]);

/** l2tp_avp_put - any vendor; an AVP without a row has M clear and may be hidden. */
void l2tp_avp_put(struct l2tp_build *b, uint16_t vendor, uint16_t type, struct span v);
/** l2tp_avp_put_list - encoded, unhidden AVPs (as in struct l2tp_msg.others): M as it is there, hidden as above. A list
 *  that does not parse makes the writer full. */
void l2tp_avp_put_list(struct l2tp_build *b, struct span avps);

#endif
