/* SPDX-License-Identifier: BSD-2-Clause */
/* What a run of the lab found: counts by phase, failures by cause, latencies; and how it is shown. */
#ifndef ADIT_LAB_STATS_H
#define ADIT_LAB_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mono.h"

/* X(enumerator, "name"): what is timed. */
#define LAB_PHASES(X) \
	X(TUNNEL, "tunnel")		/* SCCRQ to established */ \
	X(CALL, "call")			/* ICRQ to ICCN */ \
	X(LCP, "lcp")			/* ICCN to LCP Opened (0 with an accepted proxy LCP) */ \
	X(AUTH, "auth")			/* to authenticated */ \
	X(IPCP, "ipcp")			/* to an address */ \
	X(TOTAL, "total")		/* ICRQ to an address */ \
	X(PING, "ping")			/* round trip through the tunnel */ \
	X(HELLO, "hello")		/* a Hello of ours to its acknowledgement */

enum lab_phase {
#define X(id, name) LAB_##id,
	LAB_PHASES(X)
#undef X
	LAB_PHASE_COUNT
};
const char *lab_phase_name(enum lab_phase p);

/* Times of one phase; beyond a million a random one gives way. */
struct lab_series {
	uint32_t *us;
	size_t kept, cap;
	uint64_t count;
	uint32_t max_us;
	bool sorted;
};

void series_add(struct lab_series *s, mono_t from, mono_t to);
/** series_percentile_us - 0 when there is none. */
uint32_t series_percentile_us(struct lab_series *s, unsigned percent);
void series_fini(struct lab_series *s);

/* A series in short. */
struct lab_times {
	uint64_t count;
	uint32_t p50_us, p99_us, max_us;
};
struct lab_times series_times(struct lab_series *s);

enum { LAB_CAUSES_MAX = 64, LAB_CAUSE_LEN = 160 };

struct lab_cause {
	char text[LAB_CAUSE_LEN];
	uint64_t count;
};

struct lab_causes {
	struct lab_cause kind[LAB_CAUSES_MAX];
	unsigned kinds;
};

/* One round of a storm. */
struct lab_round {
	double drop_s;			/* from the first to the last that left */
	double back_s;			/* from then until the last was up again, or patience ended */
	uint64_t back, never;		/* subscribers that came back by then, and that did not */
	uint64_t retries;		/* calls that failed and were repeated */
	struct lab_times away;		/* of each subscriber: from the return's begin to its address */
	struct lab_times call, hello;	/* its last call, ICRQ to address; Hellos meanwhile */
};
double round_calls_per_s(const struct lab_round *r);

struct lab_stats {
	struct lab_series series[LAB_PHASE_COUNT];
	struct lab_causes failures, retry_causes;
	uint64_t tunnels, tunnels_up, tunnels_failed;	/* up: came up */
	uint64_t sessions, started, up, up_now, failed, dropped;	/* up: came up; dropped: after it was up */
	uint64_t calls_up;				/* calls that came up, those of returning subscribers too */
	uint64_t retries;				/* calls and tunnels that failed and were repeated */
	uint64_t churn_hangups, churn_returned, churn_missed;	/* missed: nobody could be found to hang up */
	uint64_t probes, probes_up, probes_dropped;	/* tunnels of --hello-probe-tunnels */
	uint64_t hellos_lost;				/* Hellos that never got an answer */
	struct lab_round *round;
	unsigned rounds;
	uint64_t ping_sent, ping_answered, ping_lost, ping_bad;
	uint64_t stream_sent, stream_sent_octets, stream_received, stream_received_octets, stream_bad;
	uint64_t tx_packets, tx_octets, rx_packets, rx_octets;	/* subscribers' IP */
	uint64_t echo_answered, icmp_errors, fragments, bad_packets, stray;
	uint64_t system_tx_dropped, system_rx_dropped;	/* datagrams that our own system lost */
	uint64_t peak_rss_octets;
	mono_t begun, all_up;		/* all_up: every session has come up or failed */
};

/** causes_add - counts a failure under its words; what is beyond 64 kinds is "other". stats_cause: of the run. */
void causes_add(struct lab_causes *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define stats_cause(s, ...) causes_add(&(s)->failures, __VA_ARGS__)
/** stats_round_add - room for one more. Return: NULL when out of memory. */
struct lab_round *stats_round_add(struct lab_stats *s);
void stats_fini(struct lab_stats *s);

/** stats_calls_per_s - sessions that came up, over the time until all were decided. */
double stats_calls_per_s(const struct lab_stats *s);

/** stats_text - for people. */
void stats_text(struct lab_stats *s, FILE *out);

#endif
