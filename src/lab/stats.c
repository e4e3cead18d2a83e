/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts, causes and times of a run, and the text that shows them. */
#include "lab/stats.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { SERIES_FIRST = 256, SERIES_MAX = 1 << 20 };

const char *lab_phase_name(enum lab_phase p)
{
	static const char *const names[LAB_PHASE_COUNT] = {
#define X(id, name) [LAB_##id] = name,
		LAB_PHASES(X)
#undef X
	};

	return names[p];
}

/* ---- times ---- */

static bool series_grow(struct lab_series *s)
{
	size_t cap = s->cap ? s->cap * 2 : SERIES_FIRST;
	uint32_t *us = cap <= SERIES_MAX ? realloc(s->us, cap * sizeof(*us)) : NULL;

	if (!us)
		return false;
	s->us = us;
	s->cap = cap;
	return true;
}

void series_add(struct lab_series *s, mono_t from, mono_t to)
{
	int64_t ns = to.ns > from.ns ? to.ns - from.ns : 0;
	uint32_t us = ns / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(ns / 1000);

	s->count++;
	s->sorted = false;
	if (us > s->max_us)
		s->max_us = us;
	if (s->kept < s->cap || series_grow(s))
		s->us[s->kept++] = us;
	else if (s->kept)
		s->us[(s->count * UINT64_C(0x9e3779b97f4a7c15) >> 32) % s->kept] = us;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t series_percentile_us(struct lab_series *s, unsigned percent)
{
	if (!s->kept)
		return 0;
	if (!s->sorted)
		qsort(s->us, s->kept, sizeof(*s->us), by_value);
	s->sorted = true;
	return s->us[(s->kept - 1) * percent / 100];
}

void series_fini(struct lab_series *s)
{
	free(s->us);
	*s = (struct lab_series){ 0 };
}

/* ---- causes ---- */

void stats_cause(struct lab_stats *s, const char *fmt, ...)
{
	char text[LAB_CAUSE_LEN];
	va_list ap;
	unsigned i;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->causes == LAB_CAUSES_MAX - 1)
		snprintf(text, sizeof(text), "other");
	for (i = 0; i < s->causes && strcmp(s->cause[i].text, text) != 0; i++)
		;
	if (i == s->causes) {
		if (i == LAB_CAUSES_MAX)
			i--;
		else
			s->causes++;
		memcpy(s->cause[i].text, text, sizeof(text));
	}
	s->cause[i].count++;
}

void stats_fini(struct lab_stats *s)
{
	for (unsigned i = 0; i < LAB_PHASE_COUNT; i++)
		series_fini(&s->series[i]);
}

/* ---- shown ---- */

double stats_calls_per_s(const struct lab_stats *s)
{
	double seconds = (double)(s->all_up.ns - s->begun.ns) / 1e9;

	return seconds > 0 ? (double)s->up / seconds : 0;
}

static void text_times(struct lab_stats *s, FILE *out)
{
	fprintf(out, "%-8s %10s %10s %10s %10s\n", "phase", "count", "p50 ms", "p99 ms", "max ms");
	for (unsigned i = 0; i < LAB_PHASE_COUNT; i++) {
		struct lab_series *v = &s->series[i];

		if (v->count)
			fprintf(out, "%-8s %10" PRIu64 " %10.3f %10.3f %10.3f\n",
				lab_phase_name((enum lab_phase)i), v->count, series_percentile_us(v, 50) / 1e3,
				series_percentile_us(v, 99) / 1e3, v->max_us / 1e3);
	}
}

static void text_traffic(const struct lab_stats *s, FILE *out)
{
	if (s->ping_sent)
		fprintf(out, "ping     %" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64 " lost, %" PRIu64 " damaged\n",
			s->ping_sent, s->ping_answered, s->ping_lost, s->ping_bad);
	if (s->stream_sent)
		fprintf(out, "stream   %" PRIu64 " packets (%" PRIu64 " octets) sent, %" PRIu64 " (%" PRIu64
			") came back, %" PRIu64 " damaged\n",
			s->stream_sent, s->stream_sent_octets, s->stream_received, s->stream_received_octets,
			s->stream_bad);
	fprintf(out, "traffic  %" PRIu64 " packets (%" PRIu64 " octets) up, %" PRIu64 " (%" PRIu64 ") down\n",
		s->tx_packets, s->tx_octets, s->rx_packets, s->rx_octets);
}

void stats_text(struct lab_stats *s, FILE *out)
{
	fprintf(out, "tunnels  %" PRIu64 " of %" PRIu64 " up\n", s->tunnels_up, s->tunnels);
	fprintf(out, "sessions %" PRIu64 " of %" PRIu64 " up, %" PRIu64 " failed, %" PRIu64 " dropped; %.1f calls/s\n",
		s->up, s->sessions, s->failed, s->dropped, stats_calls_per_s(s));
	text_times(s, out);
	text_traffic(s, out);
	for (unsigned i = 0; i < s->causes; i++)
		fprintf(out, "failed   %" PRIu64 " x %s\n", s->cause[i].count, s->cause[i].text);
}
