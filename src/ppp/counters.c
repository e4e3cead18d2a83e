/* SPDX-License-Identifier: BSD-2-Clause */
#include "ppp/counters.h"

#include <stddef.h>

#include "ppp/ppp.h"

const char *ppp_counter_name(unsigned i)
{
	static const char *const names[PPP_COUNT_MAX] = {
#define X(id, name) [PPP_COUNT_##id] = name,
		PPP_COUNTERS(X)
#undef X
	};

	return i < PPP_COUNT_MAX ? names[i] : NULL;
}
