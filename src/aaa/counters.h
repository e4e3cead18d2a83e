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
	X(VIRTUAL_ROUTER, "deny-virtual-router-unknown") \
	X(BAD_ANSWER, "deny-radius-answer-invalid") \
	X(CHALLENGE, "deny-radius-challenge") \
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
	X(RADIUS_SILENT, "radius-no-answer")	/* the next method was asked, if there is one */ \
	X(RADIUS_UNKNOWN_ATTRIBUTES, "radius-unknown-attributes") \
	X(RADIUS_IGNORED, "radius-ignored-attributes")	/* known, but of no effect here, or empty */ \
	X(RADIUS_BAD_ATTRIBUTES, "radius-bad-attributes")	/* of a wrong length or value: the user is refused */ \
	X(RADIUS_BAD_ROUTES, "radius-bad-framed-routes") \
	X(RADIUS_INTERIM_RAISED, "radius-interim-interval-raised") \
	X(ACCT_STARTS, "accounting-starts") \
	X(ACCT_INTERIMS, "accounting-interims") \
	X(ACCT_STOPS, "accounting-stops") \
	X(ACCT_SENT, "accounting-records")	/* those of the queue, acct_queue.h, in its order */ \
	X(ACCT_ACKED, "accounting-acknowledged") \
	X(ACCT_RETRIED, "accounting-tried-again") \
	X(ACCT_DROPPED_INTERIM, "accounting-dropped-interims") \
	X(ACCT_DROPPED, "accounting-dropped-records") \
	X(ACCT_NO_MEMORY, "accounting-no-memory") \
	X(ACCT_RESTORED, "accounting-restored") \
	X(ACCT_JOURNAL_ERRORS, "accounting-not-journalled") \
	X(IN_FLIGHT, "requests-in-flight")	/* gauges from here on */ \
	X(ACCT_QUEUED, "accounting-queued") \
	X(ACCT_IN_FLIGHT, "accounting-in-flight") \
	X(GRANTS, "grants") \
	X(ADDRESSES, "addresses-in-use")

enum aaa_count {
#define X(id, name) AAA_COUNT_##id,
	AAA_COUNTS(X)
#undef X
	AAA_COUNT_COUNT
};

#endif
