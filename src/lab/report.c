/* SPDX-License-Identifier: BSD-2-Clause */
/* One JSON object at the end of a run: counts by phase, failures by cause, latencies, traffic, subscribers. */
#include "lab/report.h"

#include <errno.h>
#include <jansson.h>

static json_t *ip4_json(uint32_t v)
{
	struct ip_addr a = ip4_of(v);
	char text[IP_ADDR_TEXT];

	return v ? json_string(ip_addr_text(&a, text)) : json_null();
}

static json_t *causes_json(const struct lab_causes *c)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < c->kinds; i++)
		json_object_set_new(o, c->kind[i].text, json_integer((json_int_t)c->kind[i].count));
	return o;
}

static json_t *times_json(struct lab_times t)
{
	return json_pack("{s:I, s:f, s:f, s:f}", "count", (json_int_t)t.count, "p50_ms", t.p50_us / 1e3,
			 "p99_ms", t.p99_us / 1e3, "max_ms", t.max_us / 1e3);
}

static json_t *latency_json(struct lab_stats *s)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < LAB_PHASE_COUNT; i++)
		if (s->series[i].count)
			json_object_set_new(o, lab_phase_name((enum lab_phase)i), times_json(series_times(&s->series[i])));
	return o;
}

static json_t *subscriber_json(const struct lab_sub_info *i)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:[o, o], s:i, s:i, s:I, s:I}", "user", i->user, "state", i->state,
			 "address", ip4_json(i->ip4), "gateway", ip4_json(i->gateway), "dns", ip4_json(i->dns[0]),
			 ip4_json(i->dns[1]), "ping_sent", (int)i->ping_sent, "ping_answered", (int)i->ping_answered,
			 "stream_sent", (json_int_t)i->stream_sent, "stream_received", (json_int_t)i->stream_received);
}

static json_t *subscribers_json(const struct lab *l)
{
	struct lab_sub_info info;
	json_t *a = json_array();

	if (lab_sub_at(l, REPORT_SUBSCRIBERS_MAX, &info))
		return a;
	for (unsigned i = 0; lab_sub_at(l, i, &info); i++)
		json_array_append_new(a, subscriber_json(&info));
	return a;
}

#define N(v) ((json_int_t)(v))

static json_t *traffic_json(const struct lab_stats *s)
{
	return json_pack("{s:{s:I, s:I, s:I, s:I}, s:{s:I, s:I, s:I, s:I, s:I},"
			 " s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}}",
			 "ping", "sent", N(s->ping_sent), "answered", N(s->ping_answered), "lost", N(s->ping_lost),
			 "damaged", N(s->ping_bad),
			 "stream", "sent", N(s->stream_sent), "sent_octets", N(s->stream_sent_octets),
			 "received", N(s->stream_received), "received_octets", N(s->stream_received_octets),
			 "damaged", N(s->stream_bad),
			 "ip", "tx_packets", N(s->tx_packets), "tx_octets", N(s->tx_octets),
			 "rx_packets", N(s->rx_packets), "rx_octets", N(s->rx_octets),
			 "echo_requests_answered", N(s->echo_answered),
			 "icmp_errors", N(s->icmp_errors), "fragments", N(s->fragments), "bad", N(s->bad_packets));
}

static json_t *storm_json(const struct lab_stats *s)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < s->rounds; i++) {
		const struct lab_round *r = &s->round[i];

		json_array_append_new(a, json_pack("{s:f, s:f, s:f, s:I, s:I, s:I, s:o, s:o, s:o}",
						   "drop_s", r->drop_s, "back_s", r->back_s,
						   "calls_per_s", round_calls_per_s(r), "back", N(r->back),
						   "never_back", N(r->never), "retries", N(r->retries),
						   "away", times_json(r->away), "call", times_json(r->call),
						   "hello", times_json(r->hello)));
	}
	return a;
}

static json_t *coming_and_going_json(const struct lab_stats *s)
{
	return json_pack("{s:{s:I, s:I, s:I}, s:{s:I, s:I, s:I, s:I}, s:o, s:o, s:{s:I, s:I, s:I}}",
			 "churn", "hangups", N(s->churn_hangups), "returned", N(s->churn_returned),
			 "missed", N(s->churn_missed),
			 "probes", "wanted", N(s->probes), "up", N(s->probes_up), "dropped", N(s->probes_dropped),
			 "hellos_lost", N(s->hellos_lost),
			 "retries", causes_json(&s->retry_causes), "storm", storm_json(s),
			 "system", "tx_dropped", N(s->system_tx_dropped), "rx_dropped", N(s->system_rx_dropped),
			 "peak_rss_octets", N(s->peak_rss_octets));
}

static json_t *counts_json(const struct lab_stats *s)
{
	return json_pack("{s:{s:I, s:I, s:I}, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:f, s:f}",
			 "tunnels", "wanted", N(s->tunnels), "up", N(s->tunnels_up), "failed", N(s->tunnels_failed),
			 "sessions", "wanted", N(s->sessions), "started", N(s->started), "up", N(s->up),
			 "failed", N(s->failed), "dropped", N(s->dropped), "calls_up", N(s->calls_up),
			 "retries", N(s->retries),
			 "setup_s", (double)(s->all_up.ns - s->begun.ns) / 1e9, "calls_per_s", stats_calls_per_s(s));
}

int report_json(struct lab *l, FILE *out)
{
	struct lab_stats *s = lab_stats(l);
	json_t *o = counts_json(s);
	int rc;

	if (!o)
		return -ENOMEM;
	json_object_set_new(o, "ok", json_boolean(lab_ok(l)));
	json_object_set_new(o, "failures", causes_json(&s->failures));
	json_object_set_new(o, "latency", latency_json(s));
	json_object_update_new(o, traffic_json(s));
	json_object_update_new(o, coming_and_going_json(s));
	json_object_set_new(o, "subscribers", subscribers_json(l));
	rc = json_dumpf(o, out, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(o);
	return rc < 0 || fputc('\n', out) == EOF || fflush(out) == EOF ? -EIO : 0;
}
