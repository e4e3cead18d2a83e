/* SPDX-License-Identifier: BSD-2-Clause */
/* What AAA counts: one row a kind. */
#ifndef ADIT_AAA_COUNTERS_H
#define ADIT_AAA_COUNTERS_H

#define AAA_COUNTS(X) \
	X(REQUESTS, "requests") \
	X(ACCEPTS, "accepts") \
	X(DENIED, "deny-authentication-denied") \
	X(NO_SERVER, "deny-server-request-timeout") \
	X(NO_ADDRESS, "deny-address-allocation-failure") \
	X(ADDRESS_IN_USE, "deny-address-in-use") \
	X(NO_RESOURCES, "deny-no-resources") \
	X(NO_METHOD, "deny-no-method") \
	X(TOO_MANY, "requests-too-many-in-flight") \
	X(CANCELS, "cancels") \
	X(RELEASES, "releases") \
	X(STALE, "stale-handles")		/* start, counters, cancel or release of what has ended */ \
	X(DUPLICATES, "duplicate-logouts") \
	X(DUPLICATES_EXPIRED, "duplicate-holder-stayed") \
	X(DUPLICATES_REPLACED, "duplicate-waiter-replaced") \
	X(CLAIMS_REFUSED, "client-address-in-use") \
	X(SESSION_TIMEOUTS, "session-timeouts") \
	X(IDLE_TIMEOUTS, "idle-timeouts") \
	X(ACCT_STARTS, "accounting-starts") \
	X(ACCT_INTERIMS, "accounting-interims") \
	X(ACCT_STOPS, "accounting-stops") \
	X(IN_FLIGHT, "requests-in-flight")	/* gauges from here on */ \
	X(GRANTS, "grants") \
	X(ADDRESSES, "addresses-in-use")

enum aaa_count {
#define X(id, name) AAA_COUNT_##id,
	AAA_COUNTS(X)
#undef X
	AAA_COUNT_COUNT
};

#endif
