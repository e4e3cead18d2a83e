/* SPDX-License-Identifier: BSD-2-Clause */
#include "l2tp/reason.h"

static const struct {
	const char *name;
	unsigned cause;
} table[L2TP_REASON_COUNT] = {
	[L2TP_REASON_NONE] = { "none", 0 },
#define X(id, name, cause) [L2TP_REASON_##id] = { name, cause },
	L2TP_REASONS(X)
#undef X
};

const char *l2tp_reason_name(enum l2tp_reason r)
{
	return (unsigned)r < L2TP_REASON_COUNT ? table[r].name : "?";
}

unsigned l2tp_reason_terminate_cause(enum l2tp_reason r)
{
	return (unsigned)r < L2TP_REASON_COUNT ? table[r].cause : 0;
}
