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

struct lab_times series_times(struct lab_series *s)
{
	return (struct lab_times){ s->count, series_percentile_us(s, 50), series_percentile_us(s, 99), s->max_us };
}

/* ---- causes ---- */

void causes_add(struct lab_causes *c, const char *fmt, ...)
{
	char text[LAB_CAUSE_LEN];
	va_list ap;
	unsigned i;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (i = 0; i < c->kinds && i < LAB_CAUSES_MAX - 1 && strcmp(c->kind[i].text, text) != 0; i++)
		;
	if (i == LAB_CAUSES_MAX - 1)
		snprintf(text, sizeof(text), "other");
	if (i == c->kinds) {
		c->kinds++;
		memcpy(c->kind[i].text, text, sizeof(text));
	}
	c->kind[i].count++;
}

struct lab_round *stats_round_add(struct lab_stats *s)
{
	struct lab_round *r = realloc(s->round, (s->rounds + 1) * sizeof(*r));

	if (!r)
		return NULL;
	s->round = r;
	r[s->rounds] = (struct lab_round){ 0 };
	return &r[s->rounds++];
}

void stats_fini(struct lab_stats *s)
{
	for (unsigned i = 0; i < LAB_PHASE_COUNT; i++)
		series_fini(&s->series[i]);
	free(s->round);
	s->round = NULL;
	s->rounds = 0;
}

/* ---- shown ---- */

double stats_calls_per_s(const struct lab_stats *s)
{
	double seconds = (double)(s->all_up.ns - s->begun.ns) / 1e9;

	return seconds > 0 ? (double)s->up / seconds : 0;
}

double round_calls_per_s(const struct lab_round *r)
{
	return r->back_s > 0 ? (double)r->back / r->back_s : 0;
}

static void text_times(struct lab_stats *s, FILE *out)
{
	fprintf(out, "%-8s %10s %10s %10s %10s\n", "phase", "count", "p50 ms", "p99 ms", "max ms");
	for (unsigned i = 0; i < LAB_PHASE_COUNT; i++) {
		struct lab_times t = series_times(&s->series[i]);

		if (t.count)
			fprintf(out, "%-8s %10" PRIu64 " %10.3f %10.3f %10.3f\n", lab_phase_name((enum lab_phase)i),
				t.count, t.p50_us / 1e3, t.p99_us / 1e3, t.max_us / 1e3);
	}
}

static void text_causes(const struct lab_causes *c, const char *what, FILE *out)
{
	for (unsigned i = 0; i < c->kinds; i++)
		fprintf(out, "%-8s %" PRIu64 " x %s\n", what, c->kind[i].count, c->kind[i].text);
}

static void text_round(const struct lab_round *r, unsigned number, FILE *out)
{
	fprintf(out, "storm %-2u %" PRIu64 " back in %.3f s after a drop of %.3f s; %.1f calls/s, away p50 %.3f s p99 %.3f s, "
		"%" PRIu64 " retries, %" PRIu64 " never came back\n", number, r->back, r->back_s, r->drop_s,
		round_calls_per_s(r), r->away.p50_us / 1e6, r->away.p99_us / 1e6, r->retries, r->never);
	if (r->hello.count)
		fprintf(out, "         %" PRIu64 " hellos meanwhile: p50 %.3f ms, p99 %.3f ms, max %.3f ms\n", r->hello.count,
			r->hello.p50_us / 1e3, r->hello.p99_us / 1e3, r->hello.max_us / 1e3);
}

static void text_coming_and_going(const struct lab_stats *s, FILE *out)
{
	if (s->probes)
		fprintf(out, "probes   %" PRIu64 " of %" PRIu64 " tunnels up, %" PRIu64 " dropped; %" PRIu64
			" hellos without an answer\n", s->probes_up, s->probes, s->probes_dropped, s->hellos_lost);
	if (s->churn_hangups)
		fprintf(out, "churn    %" PRIu64 " hung up, %" PRIu64 " returned\n", s->churn_hangups, s->churn_returned);
	for (unsigned i = 0; i < s->rounds; i++)
		text_round(&s->round[i], i + 1, out);
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
	text_coming_and_going(s, out);
	text_causes(&s->retry_causes, "repeated", out);
	text_causes(&s->failures, "failed", out);
}
