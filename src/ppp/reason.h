/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a link and network layer ended: one enumerator, one log word, one default Acct-Terminate-Cause a reason. */
#ifndef ADIT_PPP_REASON_H
#define ADIT_PPP_REASON_H

#include "ppp/reason_def.h"

enum ppp_reason {
	PPP_REASON_NONE,
#define X(id, name, cause) PPP_REASON_##id,
	PPP_REASONS(X)
#undef X
	PPP_REASON_COUNT
};

/** ppp_reason_name - its word in logs and displays; "none" for none. */
const char *ppp_reason_name(enum ppp_reason r);

/** ppp_reason_terminate_cause - RADIUS Acct-Terminate-Cause (RFC 2866 §5.10) by default. */
unsigned ppp_reason_terminate_cause(enum ppp_reason r);

#endif
