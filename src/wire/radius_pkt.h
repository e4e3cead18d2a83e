/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RADIUS packets, RFC 2865 §3: header, authenticators, Message-Authenticator (RFC 3579 §3.2), hidden passwords (RFC 2865
 * §5.2, RFC 2868 §3.5). The attributes inside are radius_attr.h's.
 *
 * Who computes what over what:
 *
 *	packet                             Authenticator                   Message-Authenticator is taken with
 *	Access-Request, Status-Server      random                          that Request Authenticator
 *	Accounting-, CoA-, Disconnect-     MD5 with 16 zeros in its place  16 zeros (before the Authenticator is computed)
 *	Request
 *	any reply                          MD5 with the Request            the Request Authenticator (before the Response
 *	                                   Authenticator in its place      Authenticator is computed)
 *
 * One exception in the field: FreeRADIUS 3.2 takes 16 zeros for the Message-Authenticator of an Accounting-Response that
 * answers an Accounting-Request. No RFC gives it one; the Response Authenticator judges that packet anyway.
 */
#ifndef ADIT_WIRE_RADIUS_PKT_H
#define ADIT_WIRE_RADIUS_PKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/wr.h"

enum radius_code {
	RADIUS_ACCESS_REQUEST = 1,
	RADIUS_ACCESS_ACCEPT = 2,
	RADIUS_ACCESS_REJECT = 3,
	RADIUS_ACCOUNTING_REQUEST = 4,
	RADIUS_ACCOUNTING_RESPONSE = 5,
	RADIUS_ACCESS_CHALLENGE = 11,
	RADIUS_STATUS_SERVER = 12,		/* RFC 5997 */
	RADIUS_DISCONNECT_REQUEST = 40,		/* from here on RFC 5176 */
	RADIUS_DISCONNECT_ACK = 41,
	RADIUS_DISCONNECT_NAK = 42,
	RADIUS_COA_REQUEST = 43,
	RADIUS_COA_ACK = 44,
	RADIUS_COA_NAK = 45,
};

enum {
	RADIUS_HDR_LEN = 20,
	RADIUS_PKT_MAX = 4096,
	RADIUS_AUTHENTICATOR_LEN = 16,
	RADIUS_ATTR_HDR_LEN = 2,
	RADIUS_USER_PASSWORD_MAX = 128,
	RADIUS_TUNNEL_PASSWORD_MAX = 239,	/* 240 octets of cipher text, one of them is its length */
};

/** radius_code_name - "Access-Request", "?" for one we do not know. */
const char *radius_code_name(uint8_t code);

/* ---- reading ---- */

struct radius_pkt {
	uint8_t code, id;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	struct span attrs;			/* the attributes; borrowed */
};

enum radius_pkt_fault {
	RADIUS_PKT_OK,
	RADIUS_PKT_SHORT,			/* fewer octets than a header has */
	RADIUS_PKT_LENGTH,			/* Length is below 20, above 4096 or says more than came */
	RADIUS_PKT_ATTRIBUTE,			/* an attribute's length is 0 or 1, or reaches beyond the packet */
	RADIUS_PKT_FAULTS
};

/** radius_pkt_fault_name - the log word of a fault: "bad-length". */
const char *radius_pkt_fault_name(enum radius_pkt_fault f);

/**
 * radius_pkt_decode - a datagram as header and attributes
 * @p: out; borrows @buf; all zero unless the answer is RADIUS_PKT_OK
 *
 * The chain of attributes is checked to its end, so that walking it cannot fail. Octets beyond Length are padding and
 * ignored; any Code is taken.
 *
 * Source: RFC 2865 §3, §5.
 */
enum radius_pkt_fault radius_pkt_decode(struct radius_pkt *p, const uint8_t *buf, size_t len);

/* ---- writing ---- */

/**
 * radius_pkt_begin - the header, as the first octets of @w
 * @authenticator: NULL for 16 zeros, where one of the radius_sign functions computes it
 */
void radius_pkt_begin(struct wr *w, enum radius_code code, uint8_t id, const uint8_t *authenticator);

/**
 * radius_put_message_authenticator_slot - an attribute of zeros that one of the radius_sign functions fills
 *
 * Put it first, so that nothing whose octets an attacker may choose comes before it (CVE-2024-3596).
 */
void radius_put_message_authenticator_slot(struct wr *w);

/**
 * radius_pkt_end - patches Length
 *
 * Return: octets of the packet; 0 when they did not fit @w or are more than RADIUS_PKT_MAX.
 */
size_t radius_pkt_end(struct wr *w);

/*
 * The radius_sign functions work on a whole packet, in place. @len is what radius_pkt_end() gave.
 * Return: false when that is no packet or its Message-Authenticator is not one slot of 16 octets; it is unchanged then.
 */

/** radius_sign_request - Message-Authenticator of an Access-Request or Status-Server; false too when there is no slot. */
bool radius_sign_request(uint8_t *buf, size_t len, struct span secret);

/** radius_sign_accounting - Message-Authenticator, if there is a slot, and Request Authenticator of an Accounting-Request
 *  (RFC 2866 §3), CoA-Request or Disconnect-Request (RFC 5176 §2.3, §3.4). */
bool radius_sign_accounting(uint8_t *buf, size_t len, struct span secret);

/** radius_sign_response - Message-Authenticator, if there is a slot, and Response Authenticator of any reply. */
bool radius_sign_response(uint8_t *buf, size_t len, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
			  struct span secret);

/* ---- judging; these need no radius_pkt_decode() before, and do not look at attributes but where they say so ---- */

/**
 * radius_response_ok - whether the Response Authenticator of a reply is that of our request and the secret
 *
 * Source: RFC 2865 §3. Compares in constant time.
 */
bool radius_response_ok(const uint8_t *buf, size_t len, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
			struct span secret);

/** radius_accounting_request_ok - the same of the Request Authenticator of an Accounting-, CoA- or Disconnect-Request. */
bool radius_accounting_request_ok(const uint8_t *buf, size_t len, struct span secret);

enum radius_ma {
	RADIUS_MA_ABSENT,
	RADIUS_MA_GOOD,
	RADIUS_MA_BAD,				/* also: of a wrong length, more than one, no sound packet */
};

/**
 * radius_message_authenticator_check - judges the Message-Authenticator of a packet
 * @authenticator: stands in for the packet's own, see the table above: the Request Authenticator for a reply, 16 zeros for
 *                 an Accounting-, CoA- or Disconnect-Request, the packet's own for an Access-Request or Status-Server
 *
 * Source: RFC 3579 §3.2, RFC 5176 §3.4.
 */
enum radius_ma radius_message_authenticator_check(const uint8_t *buf, size_t len,
						  const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN],
						  struct span secret);

/* ---- hidden values ---- */

/**
 * radius_put_user_password - appends a User-Password
 * @password: padded with zeros to a multiple of 16; empty is 16 zeros
 *
 * Return: false when the password is longer than RADIUS_USER_PASSWORD_MAX (nothing is written) or @w is full.
 * Source: RFC 2865 §5.2.
 */
bool radius_put_user_password(struct wr *w, struct span password,
			      const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret);

/**
 * radius_user_password_open - the password of a User-Password's value, without the zeros at its end
 * @out: the password is written here; the caller clears it
 *
 * Return: false when the value is not 16 to 128 octets in blocks of 16. A wrong secret does not show here.
 */
bool radius_user_password_open(struct span value, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
			       struct span secret, uint8_t out[RADIUS_USER_PASSWORD_MAX], struct span *password);

/**
 * radius_salt_hide - appends salt and cipher text, as in Tunnel-Password after its tag
 * @salt:  its highest bit is set here; unique in the packet, which is the caller's affair
 * @plain: at most RADIUS_TUNNEL_PASSWORD_MAX octets, else @w becomes full
 *
 * The whole attribute is radius_tunnel_password_put()'s affair.
 *
 * Source: RFC 2868 §3.5, RFC 2548 §2.4.2.
 */
void radius_salt_hide(struct wr *w, uint16_t salt, struct span plain,
		       const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret);

/**
 * radius_salt_open - what is in salt and cipher text
 * @out: it is written here; the caller clears it
 *
 * The inner length is peer's input (and noise when the secret is wrong): judged. The salt's highest bit is not asked for.
 *
 * Return: false when the value is not a salt and whole blocks of 16, or the inner length says more than is there.
 */
bool radius_salt_open(struct span value, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
			struct span secret, uint8_t out[RADIUS_TUNNEL_PASSWORD_MAX], struct span *plain);

#endif
