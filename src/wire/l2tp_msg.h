/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control messages, RFC 2661 §6: from AVPs to one struct of typed fields and back. What is wrong with a message is one
 * `struct l2tp_fault`, which l2tp/fault.h turns into a terminate reason and a Result Code.
 *
 *	struct l2tp_hdr h;				struct wr w = wr_of(buf, cap);
 *	struct l2tp_msg m;				struct l2tp_build b;
 *	struct l2tp_fault f;
 *	struct wr scratch = wr_of(buf, sizeof(buf));	l2tp_msg_begin(&b, &w, &hide, L2TP_MSG_ICRP, tid, sid, ns, nr);
 *	if (l2tp_hdr_decode(d, &h) == L2TP_HDR_OK)	l2tp_avp_put_u16(&b, L2TP_AVP_ASSIGNED_SESSION_ID, id);
 *		l2tp_msg_decode(&h, &opt, &scratch,	len = l2tp_msg_end(&b);
 *				&m, &f);
 */
#ifndef ADIT_WIRE_L2TP_MSG_H
#define ADIT_WIRE_L2TP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/wr.h"
#include "wire/l2tp_avp.h"
#include "wire/l2tp_hdr.h"

/* 21, 22 (RFC 4951) and 28, 29 (RFC 5515) are known by name only, decoded as unrecognised; the rest: RFC 2661 §3.2. */
enum l2tp_msg_type {
	L2TP_MSG_ZLB = 0,		/* no Message Type AVP at all */
	L2TP_MSG_SCCRQ = 1,		/* §6.1 */
	L2TP_MSG_SCCRP = 2,		/* §6.2 */
	L2TP_MSG_SCCCN = 3,		/* §6.3 */
	L2TP_MSG_STOPCCN = 4,		/* §6.4 */
	L2TP_MSG_HELLO = 6,		/* §6.5 */
	L2TP_MSG_OCRQ = 7,		/* §6.9 */
	L2TP_MSG_OCRP = 8,		/* §6.10 */
	L2TP_MSG_OCCN = 9,		/* §6.11 */
	L2TP_MSG_ICRQ = 10,		/* §6.6 */
	L2TP_MSG_ICRP = 11,		/* §6.7 */
	L2TP_MSG_ICCN = 12,		/* §6.8 */
	L2TP_MSG_CDN = 14,		/* §6.12 */
	L2TP_MSG_WEN = 15,		/* §6.13 */
	L2TP_MSG_SLI = 16,		/* §6.14 */
	L2TP_MSG_FSQ = 21,
	L2TP_MSG_FSR = 22,
	L2TP_MSG_CSUN = 28,
	L2TP_MSG_CSURQ = 29,
};

/** l2tp_msg_name - "SCCRQ", "ZLB"; "?" for a type without a name. */
const char *l2tp_msg_name(uint16_t type);
/** l2tp_msg_known - whether it is one of RFC 2661's fourteen. */
bool l2tp_msg_known(uint16_t type);
/** l2tp_msg_is_call - a message about one session (OCRQ to SLI): its faults end the call, not the tunnel. */
bool l2tp_msg_is_call(uint16_t type);

/* What is wrong. The second group is judged by l2tp/, with the same struct, so that one table maps all. */
#define L2TP_FAULTS(X) \
	X(NONE, "none") \
	/* judged by l2tp_msg_decode(), in the order found */ \
	X(INDECIPHERABLE, "message-type-indecipherable")	/* no Message Type AVP first, or unreadable */ \
	X(UNRECOGNISED, "message-type-unrecognised")		/* with M set: the tunnel is cleared (§4.4.1) */ \
	X(IGNORABLE, "message-type-ignorable")			/* the same with M clear: acknowledge, ignore */ \
	X(BAD_LENGTH, "malformed-bad-length")			/* Length below 6, or not what this AVP has */ \
	X(TRUNCATED, "malformed-truncated")			/* reaches beyond the message */ \
	X(BAD_HIDDEN, "bad-hidden") \
	X(MISSING_RANDOM_VECTOR, "missing-random-vector") \
	X(MISSING_SECRET, "missing-secret") \
	X(UNKNOWN_AVP, "unknown")				/* unrecognised, with M set */ \
	X(NO_RESOURCES, "no-resources")				/* the scratch buffer is full */ \
	X(MISSING, "missing-mandatory") \
	X(BAD_VALUE, "bad-value") \
	X(UNSUPPORTED_VALUE, "bad-value-unsupported")		/* Proxy Authen Type beyond the defined */ \
	/* judged by l2tp/ */ \
	X(DUPLICATE_VALUE, "duplicate-value")			/* an assigned id that is in use */ \
	X(UNEXPECTED_AVP, "unexpected")				/* Challenge without secret; response unasked */ \
	X(MISMATCHED, "mismatched")				/* RFC 4951: names of the old tunnel */ \
	X(SESSION_ID_NOT_NULL, "session-id-not-null") \
	X(UNEXPECTED_MSG, "unexpected-message")

enum l2tp_fault_kind {
#define X(id, name) L2TP_FAULT_##id,
	L2TP_FAULTS(X)
#undef X
	L2TP_FAULT_COUNT
};

struct l2tp_fault {
	enum l2tp_fault_kind kind;
	uint16_t vendor, type;		/* the AVP, where there is one */
};

/** l2tp_fault_name - its word in counters and logs. */
const char *l2tp_fault_name(enum l2tp_fault_kind kind);

/* What was wrong but let pass, each counted by the owner. */
#define L2TP_TOLERATIONS(X) \
	X(DUPLICATE_AVP, "avp-duplicate")		/* the first one counts */ \
	X(MISPLACED_AVP, "avp-misplaced")		/* known, but not one of this message's: skipped */ \
	X(UNKNOWN_AVP, "avp-unknown")			/* M clear: skipped */ \
	X(UNKNOWN_MANDATORY, "avp-unknown-mandatory")	/* M set: skipped because permissive */ \
	X(M_BIT, "avp-m-bit")				/* not as the table says */ \
	X(H_BIT, "avp-h-bit")				/* hidden although it must not be */ \
	X(HIDDEN_SKIPPED, "avp-hidden-skipped")		/* not readable, M clear: skipped */ \
	X(SHORT_SERIAL, "avp-short-serial")		/* Call Serial Number of two octets */ \
	X(SWAPPED_ERROR, "avp-swapped-error-code")	/* Error Code with its octets exchanged */ \
	X(ZERO_WINDOW, "avp-zero-window")		/* Receive Window Size 0, taken as 1 */ \
	X(RESERVED, "avp-reserved")			/* a reserved field that is not zero, of no consequence */ \
	X(VENDOR_LENGTH, "avp-vendor-length")		/* a vendor's AVP of a wrong length: left out */

enum l2tp_toleration {
#define X(id, name) L2TP_TOLERATED_##id,
	L2TP_TOLERATIONS(X)
#undef X
	L2TP_TOLERATED_COUNT
};

/** l2tp_toleration_name - its word in counters. */
const char *l2tp_toleration_name(enum l2tp_toleration t);

enum { L2TP_FRAMING_SYNC = 1, L2TP_FRAMING_ASYNC = 2 };		/* Framing Capabilities, Framing Type */
enum { L2TP_BEARER_DIGITAL = 1, L2TP_BEARER_ANALOG = 2, L2TP_BEARER_BROADBAND = 4 };	/* 4: RFC 3301 */
enum { L2TP_PROXY_TEXT = 1, L2TP_PROXY_CHAP = 2, L2TP_PROXY_PAP = 3, L2TP_PROXY_NONE = 4, L2TP_PROXY_MSCHAPV1 = 5 };
enum { L2TP_PROTOCOL_VERSION = 0x0100 };			/* version 1, revision 0 */
enum { L2TP_DEFAULT_WINDOW = 4 };				/* §4.4.3: when the AVP is absent */

/* A control message. A field means something when l2tp_msg_has() says so; spans borrow the datagram or the scratch. */
struct l2tp_msg {
	uint16_t type;
	bool m;				/* of the Message Type AVP */
	uint16_t tunnel_id, session_id, ns, nr;

	uint64_t present;		/* l2tp_msg_has() */
	uint32_t tolerated;		/* bits 1 << enum l2tp_toleration */
	bool hidden_skipped;		/* decoded with leave_hidden, and there were hidden AVPs */
	uint64_t unread;		/* which of vendor 0 they were, as bits of `present`: not missing, but not known */

	/* Result Code, CDN and StopCCN */
	uint16_t result, error;		/* error 0 when it was not sent */
	bool has_error;
	struct span error_text;

	/* SCCRQ, SCCRP, SCCCN, StopCCN */
	uint16_t protocol_version;	/* version << 8 | revision */
	uint32_t framing_caps, bearer_caps;
	uint64_t tie_breaker;
	uint16_t firmware_revision;
	struct span host_name, vendor_name;
	uint16_t assigned_tunnel_id;
	uint16_t receive_window;	/* never 0; L2TP_DEFAULT_WINDOW when absent */
	struct span challenge, challenge_response;
	uint16_t failover_caps;
	uint32_t failover_recovery_ms;

	/* calls */
	uint16_t assigned_session_id;
	uint32_t call_serial, minimum_bps, maximum_bps, bearer_type, framing_type;
	struct span called_number, calling_number, sub_address;
	uint32_t tx_connect_speed, rx_connect_speed, physical_channel;
	struct span initial_rx_lcp, last_tx_lcp, last_rx_lcp;
	uint16_t proxy_authen_type;
	uint16_t proxy_authen_id;	/* one octet; the reserved one is masked out */
	struct span proxy_authen_name, proxy_authen_challenge, proxy_authen_response;
	struct span private_group_id;

	/* CDN */
	uint16_t q931_cause;
	uint8_t q931_msg;
	struct span q931_text;
	uint16_t disconnect_code, disconnect_protocol;
	uint8_t disconnect_direction;
	struct span disconnect_text;

	/* WEN: CRC, framing, hardware overruns, buffer overruns, time-outs, alignment; SLI */
	uint32_t call_errors[6];
	uint32_t tx_accm, rx_accm;
	uint16_t accm_reserved;		/* not zero: a bad value */

	/* Vendor AVPs and unrecognised ones with M clear, as encoded octets, unhidden; in the scratch. */
	struct span others;
};

/** l2tp_msg_has - whether an AVP of vendor 0 was in the message and readable. */
bool l2tp_msg_has(const struct l2tp_msg *m, uint16_t type);

struct l2tp_msg_opt {
	struct span secret;		/* empty: none */
	bool permissive;		/* an unrecognised AVP with M set is skipped and flagged (interop.md 13) */
	bool leave_hidden;		/* hidden AVPs are skipped unjudged: a first look at an SCCRQ whose secret is not
					   known yet */
};

enum { L2TP_SCRATCH_LEN = 4096 };	/* enough for all but hostile messages; a full scratch is NO_RESOURCES */

/**
 * l2tp_msg_decode - the AVPs of a control message
 * @hdr:     of the message, verdict OK, T set
 * @opt:     NULL: no secret, strict
 * @scratch: room for unhidden values and `others`; must outlive the spans of @m
 * @m:       out. After a fault too it holds everything that could be read (type, assigned ids): the answer needs them
 * @fault:   out: the first fault, kind NONE when there is none
 *
 * A ZLB (empty payload) has type L2TP_MSG_ZLB and no fault.
 *
 * Return: whether there was no fault.
 * Source: RFC 2661 §4, §6.
 */
bool l2tp_msg_decode(const struct l2tp_hdr *hdr, const struct l2tp_msg_opt *opt, struct wr *scratch, struct l2tp_msg *m,
		     struct l2tp_fault *fault);

/**
 * l2tp_msg_check - mandatory AVPs (§6) and field values; the last step of l2tp_msg_decode()
 *
 * Return: whether there was no fault.
 */
bool l2tp_msg_check(const struct l2tp_msg *m, struct l2tp_fault *fault);

/**
 * l2tp_msg_begin - a control message: header and Message Type AVP
 * @b:    holds the state; AVPs follow by l2tp_avp_put_*()
 * @w:    may already hold other octets
 * @hide: NULL or not enabled or without a secret: nothing is hidden; must outlive @b
 */
void l2tp_msg_begin(struct l2tp_build *b, struct wr *w, const struct l2tp_hide *hide, uint16_t type, uint16_t tunnel_id,
		    uint16_t session_id, uint16_t ns, uint16_t nr);

/** l2tp_msg_end - patches the length. Return: octets of the message, 0 when the writer is full. */
size_t l2tp_msg_end(struct l2tp_build *b);

/**
 * l2tp_msg_text - one line for people: message, ids, Ns, Nr, and each AVP as name=value
 * @datagram: anything; a bad header or a malformed AVP is said in the line
 * @secret:   for hidden AVPs; without it they show as <hidden N octets>
 * @buf:      NUL-terminated, cut when full
 *
 * Challenges, responses and passwords show as <N octets>; peers' text is escaped.
 *
 * Return: length of the text.
 */
size_t l2tp_msg_text(struct span datagram, struct span secret, char *buf, size_t cap);

#endif
