/* SPDX-License-Identifier: BSD-2-Clause */
/* show aaa, show ip local pool. */
#include <inttypes.h>
#include <string.h>

#include "mgmt/show.h"

static void methods_text(struct out *o, const char *does, const char *what, const enum aaa_method *list)
{
	out_fmt(o, "  %s of %s users:", does, what);
	if (!list[0])
		out_str(o, " not set");
	for (unsigned i = 0; i < AAA_METHODS_MAX && list[i]; i++)
		out_fmt(o, " %s", aaa_method_name(list[i]));
	out_char(o, '\n');
}

static json_t *methods_json(const enum aaa_method *list)
{
	json_t *j = json_array();

	for (unsigned i = 0; i < AAA_METHODS_MAX && list[i]; i++)
		json_array_append_new(j, json_string(aaa_method_name(list[i])));
	return j;
}

static struct ip_addr server(uint32_t v)
{
	return v ? ip4_of(v) : (struct ip_addr){ 0 };
}

static json_t *acct_json(const struct aaa_acct_conf *c)
{
	return json_pack("{s:o,s:o,s:I,s:b,s:b,s:I}", "ppp", methods_json(c->ppp), "tunnel", methods_json(c->tunnel),
			 "interval", (json_int_t)c->interval_min, "stop-on-aaa-failure", !c->no_stop_on_aaa_failure,
			 "stop-on-access-deny", c->stop_on_access_deny, "queue", (json_int_t)c->queue_max);
}

static void acct_text(struct out *o, const struct aaa_acct_conf *c)
{
	methods_text(o, "Accounting", "PPP", c->ppp);
	methods_text(o, "Accounting", "tunnel", c->tunnel);
	out_fmt(o, "  Interim accounting interval is %u minutes\n", c->interval_min);
	out_fmt(o, "  Accounting stop on AAA failure is %s\n", on_off(!c->no_stop_on_aaa_failure));
	out_fmt(o, "  Accounting stop on access deny is %s\n", on_off(c->stop_on_access_deny));
	out_fmt(o, "  Accounting queue is %u records\n", c->queue_max);
}

static int show_aaa(struct mgmt_session *s, const struct gr_match *m)
{
	const struct aaa_conf *c = &s->m->conf.aaa;
	struct ip_addr a[4] = { server(c->dns[0]), server(c->dns[1]), server(c->wins[0]), server(c->wins[1]) };
	char t[4][IP_ADDR_TEXT];
	struct out *o = &s->body;

	if (s->json) {
		json_line(o, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:I,s:I,s:o}", "ppp", methods_json(c->ppp),
				       "tunnel", methods_json(c->tunnel), "dns-primary", json_addr(&a[0]),
				       "dns-secondary", json_addr(&a[1]), "wins-primary", json_addr(&a[2]),
				       "wins-secondary", json_addr(&a[3]), "duplicate-address-check",
				       !c->no_duplicate_address_check, "session-timeout",
				       (json_int_t)c->session_timeout_s, "idle-timeout",
				       (json_int_t)c->idle_timeout_s, "accounting", acct_json(&c->acct)));
		return MGMT_DONE;
	}
	out_str(o, "Configuration\n");
	methods_text(o, "Authentication", "PPP", c->ppp);
	methods_text(o, "Authentication", "tunnel", c->tunnel);
	out_fmt(o, "  DNS servers are %s %s\n", ip_addr_text(&a[0], t[0]), ip_addr_text(&a[1], t[1]));
	out_fmt(o, "  WINS servers are %s %s\n", ip_addr_text(&a[2], t[2]), ip_addr_text(&a[3], t[3]));
	out_fmt(o, "  Duplicate address check is %s\n", on_off(!c->no_duplicate_address_check));
	out_fmt(o, "  Session timeout is %u seconds\n  Idle timeout is %u seconds\n", c->session_timeout_s,
		c->idle_timeout_s);
	acct_text(o, &c->acct);
	return MGMT_DONE;
}

static void counter_row(struct mgmt_session *s, const char *group, const char *name, uint64_t v)
{
	if (s->json)
		json_line(&s->body, json_pack("{s:s,s:s,s:I}", "group", group, "name", name, "value", (json_int_t)v));
	else
		out_fmt(&s->body, "  %-56s %12" PRIu64 "\n", name, v);
}

/* What waits for accounting servers, and what became of what was sent. */
static void acct_rows(struct mgmt_session *s)
{
	struct aaa_acct_info i;

	aaa_acct_info(s->m->c.aaa, &i);
	const struct {
		const char *name;
		uint64_t v;
	} rows[] = {
		{ "queued", i.queued },
		{ "queue-max", i.queue_max },
		{ "in-flight", i.in_flight },
		{ "sent", i.sent },
		{ "acknowledged", i.acked },
		{ "dropped-interim", i.dropped_interim },
		{ "dropped", i.dropped },
		{ "restored", i.restored },
		{ "journal-errors", i.journal_errors },
	};

	if (!s->json)
		out_str(&s->body, "Accounting records\n");
	for (unsigned k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
		counter_row(s, "accounting", rows[k].name, rows[k].v);
}

static int show_aaa_counters(struct mgmt_session *s, const struct gr_match *m)
{
	const char *name;

	if (!s->m->c.aaa)
		return session_error(s, MGMT_FAILED, "The system is not running");
	for (unsigned i = 0; (name = aaa_counter_name(i)); i++)
		counter_row(s, "aaa", name, aaa_counter(s->m->c.aaa, i));
	acct_rows(s);
	return MGMT_DONE;
}

static void pool_row(struct mgmt_session *s, const struct aaa_pool_info *i)
{
	struct ip_addr start = ip4_of(i->start), end = ip4_of(i->end);
	unsigned percent = i->total ? (unsigned)(100ull * i->in_use / i->total) : 0;
	char a[IP_ADDR_TEXT], b[IP_ADDR_TEXT];

	if (s->json) {
		json_line(&s->body, json_pack("{s:o,s:o,s:o,s:I,s:I,s:i}", "name", json_octets(span_str(i->name)),
					      "start", json_addr(&start), "end", json_addr(&end), "total",
					      (json_int_t)i->total, "in-use", (json_int_t)i->in_use, "percent",
					      (int)percent));
		return;
	}
	out_fmt(&s->body, "%-15s %-15s %10u %10u %4u%%  ", ip_addr_text(&start, a), ip_addr_text(&end, b), i->total,
		i->in_use, percent);
	out_escaped(&s->body, span_str(i->name));
	out_char(&s->body, '\n');
}

static int show_pool(struct mgmt_session *s, const struct gr_match *m)
{
	const char *name = gr_str(m, "name");
	struct aaa_pool_info info;
	unsigned n = 0;

	if (!s->m->c.aaa)
		return session_error(s, MGMT_FAILED, "The system is not running");
	if (!s->json)
		out_fmt(&s->body, "%-15s %-15s %10s %10s %5s  %s\n", "Begin", "End", "Total", "In use", "Used", "Pool");
	for (unsigned i = 0; aaa_pool_range_at(s->m->c.aaa, i, &info); i++) {
		if (name && strcmp(name, info.name) != 0)
			continue;
		pool_row(s, &info);
		n++;
	}
	if (name && !n)
		return session_error(s, MGMT_NOT_FOUND, "No such pool");
	return MGMT_DONE;
}

const struct gr_cmd cmd_show_aaa[] = {
	{ "show aaa", "Display|How users are authenticated", MODE_ANY, GR_JSON, .exec = show_aaa },
	{ "show aaa counters", "Display|AAA|Events by name", MODE_ANY, GR_JSON, .exec = show_aaa_counters },
	{ "show aaa statistics", "Display|AAA|The same", MODE_ANY, GR_JSON, .exec = show_aaa_counters },
	{ "show ip local pool [<name:pool>]",
	  "Display|IP|Resources of this router|Pools of addresses for subscribers|One of them",
	  MODE_ANY, GR_JSON, .exec = show_pool },
	{ 0 },
};
