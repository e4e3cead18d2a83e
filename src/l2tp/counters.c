/* SPDX-License-Identifier: BSD-2-Clause */
#include "l2tp/counters.h"

#include "l2tp/l2tp.h"

static const char *const names[L2TP_COUNT_HDR] = {
#define X(id, name) [L2TP_COUNT_##id] = name,
	L2TP_COUNTS(X)
#undef X
};

const char *l2tp_counter_name(unsigned i)
{
	if (i < L2TP_COUNT_HDR)
		return names[i];
	if (i < L2TP_COUNT_TOLERATED)
		return l2tp_hdr_verdict_name((enum l2tp_hdr_verdict)(i - L2TP_COUNT_HDR));
	if (i < L2TP_COUNT_FAULT)
		return l2tp_toleration_name((enum l2tp_toleration)(i - L2TP_COUNT_TOLERATED));
	return i < L2TP_COUNT_COUNT ? l2tp_fault_name((enum l2tp_fault_kind)(i - L2TP_COUNT_FAULT)) : NULL;
}
