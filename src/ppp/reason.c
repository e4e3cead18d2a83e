/* SPDX-License-Identifier: BSD-2-Clause */
#include "ppp/reason.h"

static const struct {
	const char *name;
	unsigned cause;
} table[PPP_REASON_COUNT] = {
	[PPP_REASON_NONE] = { "none", 0 },
#define X(id, name, cause) [PPP_REASON_##id] = { name, cause },
	PPP_REASONS(X)
#undef X
};

const char *ppp_reason_name(enum ppp_reason r)
{
	return (unsigned)r < PPP_REASON_COUNT ? table[r].name : "?";
}

unsigned ppp_reason_terminate_cause(enum ppp_reason r)
{
	return (unsigned)r < PPP_REASON_COUNT ? table[r].cause : 0;
}
