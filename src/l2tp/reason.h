/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a tunnel and session ended: one enumerator, one log word, one default Acct-Terminate-Cause a reason. */
#ifndef ADIT_L2TP_REASON_H
#define ADIT_L2TP_REASON_H

#include "l2tp/reason_def.h"

enum l2tp_reason {
	L2TP_REASON_NONE,
#define X(id, name, cause) L2TP_REASON_##id,
	L2TP_REASONS(X)
#undef X
	L2TP_REASON_COUNT
};

/** l2tp_reason_name - its word in logs and displays; "none" for none. */
const char *l2tp_reason_name(enum l2tp_reason r);

/** l2tp_reason_terminate_cause - RADIUS Acct-Terminate-Cause (RFC 2866 §5.10) by default. */
unsigned l2tp_reason_terminate_cause(enum l2tp_reason r);

#endif
