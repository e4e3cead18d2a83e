/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why something ended, whoever knew it: L2TP, PPP, AAA. One value leads to the word in logs and displays, to the
 * Acct-Terminate-Cause, to the Result Code of the CDN and to the PPP Disconnect Cause Code AVP.
 */
#ifndef ADIT_MODEL_END_H
#define ADIT_MODEL_END_H

#include <stdbool.h>
#include <stdint.h>

#include "aaa/aaa.h"
#include "l2tp/l2tp.h"
#include "ppp/ppp.h"

enum end_family { END_NONE, END_L2TP, END_PPP, END_DENY, END_LOGOUT };

struct end {
	uint8_t family;		/* enum end_family */
	uint16_t code;		/* enum l2tp_reason, ppp_reason, aaa_refusal, aaa_logout */
};

static inline struct end end_l2tp(enum l2tp_reason r)
{
	return (struct end){ END_L2TP, (uint16_t)r };
}

static inline struct end end_ppp(enum ppp_reason r)
{
	return (struct end){ END_PPP, (uint16_t)r };
}

static inline struct end end_deny(enum aaa_refusal r)
{
	return (struct end){ END_DENY, (uint16_t)r };
}

static inline struct end end_logout(enum aaa_logout l)
{
	return (struct end){ END_LOGOUT, (uint16_t)l };
}

const char *end_name(struct end e);
/** end_terminate_cause - RFC 2866 §5.10. */
unsigned end_terminate_cause(struct end e);
/** end_cdn - the Result Code of the CDN that we send. RFC 2661 §4.4.2 */
struct l2tp_cause end_cdn(struct end e);
/** end_l2tp_reason - the nearest reason for the L2TP core's own event. */
enum l2tp_reason end_l2tp_reason(struct end e);

/* How far the call had come, which some disconnect causes depend on. */
struct end_progress {
	bool heard;		/* a PPP frame came from the peer */
	bool auth_begun;	/* authentication or an NCP had begun */
	enum ppp_auth auth;
};

/** end_disconnect - what the PPP Disconnect Cause Code AVP says. RFC 3145 §3, spec 9.1 */
struct l2tp_disconnect end_disconnect(struct end e, const struct end_progress *p);

#endif
