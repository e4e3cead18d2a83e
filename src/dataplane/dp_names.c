/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the drop reasons: one list for all planes, the CLI and metrics. */
#include "dataplane/dp.h"

static const char *const drop_names[DP_DROP_COUNT] = {
#define X(id, name) [DP_DROP_##id] = name,
	DP_DROPS(X)
#undef X
};

const char *dp_drop_name(enum dp_drop d)
{
	return (unsigned)d < DP_DROP_COUNT ? drop_names[d] : "?";
}
