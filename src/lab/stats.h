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
	X(PING, "ping")			/* round trip through the tunnel */

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

enum { LAB_CAUSES_MAX = 64, LAB_CAUSE_LEN = 160 };

struct lab_cause {
	char text[LAB_CAUSE_LEN];
	uint64_t count;
};

struct lab_stats {
	struct lab_series series[LAB_PHASE_COUNT];
	struct lab_cause cause[LAB_CAUSES_MAX];
	unsigned causes;
	uint64_t tunnels, tunnels_up, tunnels_failed;	/* up: came up */
	uint64_t sessions, started, up, up_now, failed, dropped;	/* up: came up; dropped: after it was up */
	uint64_t ping_sent, ping_answered, ping_lost, ping_bad;
	uint64_t stream_sent, stream_sent_octets, stream_received, stream_received_octets, stream_bad;
	uint64_t tx_packets, tx_octets, rx_packets, rx_octets;	/* subscribers' IP */
	uint64_t echo_answered, icmp_errors, fragments, bad_packets, stray;
	mono_t begun, all_up;		/* all_up: every session has come up or failed */
};

/** stats_cause - counts a failure under its words; what is beyond 64 kinds is "other". */
void stats_cause(struct lab_stats *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void stats_fini(struct lab_stats *s);

/** stats_calls_per_s - sessions that came up, over the time until all were decided. */
double stats_calls_per_s(const struct lab_stats *s);

/** stats_text - for people. */
void stats_text(struct lab_stats *s, FILE *out);

#endif
