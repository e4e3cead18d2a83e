/* SPDX-License-Identifier: BSD-2-Clause */
/* Every drop, refusal and tolerance of the PPP cores by name: one struct for any number of links. */
#ifndef ADIT_PPP_COUNTERS_H
#define ADIT_PPP_COUNTERS_H

#include <stdint.h>

/* X(enumerator, "name") */
#define PPP_COUNTERS(X) \
	/* drops */ \
	X(FRAME_SHORT, "frame-short") \
	X(NOT_UP, "frame-before-up")			/* lower layer down, or the link has ended */ \
	X(CP_MALFORMED, "control-malformed")		/* Code, Identifier, Length: RFC 1661 §5 */ \
	X(OPTIONS_MALFORMED, "options-malformed")	/* an option of length 0 or 1, or reaching outside */ \
	X(REPLY_BAD_ID, "reply-bad-id")			/* Ack, Nak or Reject of another request, or a second one */ \
	X(ACK_NOT_EQUAL, "ack-not-equal")		/* Ack that is not what was sent: §5.2 */ \
	X(REJ_NOT_SENT, "reject-of-unsent")		/* Reject of an option that was not sent: §5.4 */ \
	X(EARLY_FRAME, "frame-before-network")		/* not LCP or authentication, before the network phase */ \
	X(EARLY_AUTH, "auth-before-opened") \
	X(AUTH_OTHER_PROTOCOL, "auth-other-protocol")	/* PAP where CHAP was agreed, and the like */ \
	X(AUTH_MALFORMED, "auth-malformed") \
	X(AUTH_BAD_ID, "auth-bad-id") \
	X(AUTH_UNEXPECTED, "auth-unexpected")		/* a code that this side does not take, or not now */ \
	X(AUTH_LATE_RESULT, "auth-late-result")		/* a judgement that nobody waits for any more */ \
	X(QUEUE_FULL, "queue-full")			/* more answers than the owner took away */ \
	X(TOO_BIG, "answer-too-big")			/* an answer beyond the peer's MRU */ \
	X(NO_MEMORY, "no-memory") \
	X(ILLEGAL_EVENT, "illegal-event")		/* RFC 1661 §4.4 Illegal-Event: our bug */ \
	/* refusals */ \
	X(CODE_REJECTED, "code-rejected") \
	X(PROTOCOL_REJECTED, "protocol-rejected") \
	X(OPTION_REPEATED, "option-repeated")		/* one option twice in a request: the second is rejected */ \
	X(NAK_TO_REJECT, "nak-to-reject")		/* Max-Failure reached */ \
	X(PEER_REJECTED_CODE, "peer-rejected-code") \
	X(PEER_REJECTED_PROTOCOL, "peer-rejected-protocol") \
	X(MAGIC_LOOPED, "magic-looped")			/* our own magic number came back */ \
	X(PROXY_LCP_ACCEPTED, "proxy-lcp-accepted") \
	X(PROXY_LCP_REFUSED, "proxy-lcp-refused") \
	X(PROXY_LCP_MALFORMED, "proxy-lcp-malformed") \
	X(PROXY_AUTH_USED, "proxy-auth-used") \
	X(PROXY_AUTH_NOT_USED, "proxy-auth-not-used")	/* present, but off, incomplete or of another method */ \
	X(RENEGOTIATED, "renegotiated") \
	/* tolerances */ \
	X(AUTH_REPEATED, "auth-repeated")		/* a repeated request or response, answered as before */ \
	X(INFO_CODE, "informational-code")		/* Identification, Time-Remaining: RFC 1570 */ \
	X(ECHO_MAGIC, "echo-magic")			/* an Echo with a magic number that is not the peer's */

enum ppp_count {
#define X(id, name) PPP_COUNT_##id,
	PPP_COUNTERS(X)
#undef X
	PPP_COUNT_MAX
};

struct ppp_counters {
	uint64_t n[PPP_COUNT_MAX];
};

static inline void ppp_count(struct ppp_counters *c, enum ppp_count what)
{
	c->n[what]++;
}

#endif
