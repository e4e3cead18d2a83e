/* SPDX-License-Identifier: BSD-2-Clause */
/* show radius servers, show radius statistics. What is configured, and what the client knows of each server. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mgmt/show.h"
#include "radius/client.h"

static const char *const uses[RADIUS_USES] = { "authentication", "accounting" };
static const char *const titles[RADIUS_USES] = { "Authentication", "Accounting" };

enum { ADDRESS = 15 };		/* least width of a column of addresses */

static bool wanted(const struct gr_match *m, unsigned use)
{
	return gr_has(m, uses[use]) || !gr_has(m, uses[!use]);
}

static const struct radius_client *client_of(const struct mgmt_session *s)
{
	return s->m->c.aaa ? aaa_radius(s->m->c.aaa) : NULL;
}

static int widest(int width, const struct ip_addr *a)
{
	char t[IP_ADDR_TEXT];
	int n = (int)strlen(ip_addr_text(a, t));

	return n > width ? n : width;
}

/* ---- servers ---- */

struct server_row {
	const char *use, *state, *policy;
	struct ip_addr addr;
	uint16_t port;
	uint32_t dead_left_s, timeout_s, retransmit, deadtime_min, max_sessions;
	uint32_t outstanding, peak, waiting, rtt_us, rtt_max_us;
	bool ma_seen, status_server;
};

#define F(kind, json, member) { SHOW_##kind, json, NULL, offsetof(struct server_row, member), 0 }
static const struct show_field server_fields[] = {
	F(STR, "use", use),
	F(ADDR, "address", addr),
	F(U16, "port", port),
	F(STR, "state", state),
	F(U32, "dead-left", dead_left_s),
	F(U32, "timeout", timeout_s),
	F(U32, "retransmit", retransmit),
	F(U32, "deadtime", deadtime_min),
	F(U32, "max-sessions", max_sessions),
	F(U32, "outstanding", outstanding),
	F(U32, "outstanding-peak", peak),
	F(U32, "waiting", waiting),
	F(U32, "rtt-us", rtt_us),
	F(U32, "rtt-max-us", rtt_max_us),
	F(STR, "message-authenticator", policy),
	F(BOOL, "message-authenticator-seen", ma_seen),
	F(BOOL, "status-server", status_server),
	{ 0 },
};
#undef F

static bool find_info(const struct mgmt_session *s, unsigned use, const struct aaa_radius_server *of,
		      struct radius_server_info *info)
{
	const struct radius_client *c = client_of(s);

	for (unsigned i = 0; c && radius_client_server_at(c, i, info, mgmt_now(s->m)); i++)
		if (info->use == use && info->port == of->udp_port && ip_addr_eq(&info->addr, &of->addr))
			return true;
	memset(info, 0, sizeof(*info));
	return false;
}

static struct server_row server_row(const struct mgmt_session *s, unsigned use, const struct aaa_radius_server *of)
{
	static const char *const policies[] = { "auto", "require", "no" };
	struct radius_server_info i;
	bool known = find_info(s, use, of, &i);

	return (struct server_row){
		.use = uses[use], .addr = of->addr, .port = of->udp_port, .timeout_s = of->timeout_s,
		.retransmit = of->retransmit, .deadtime_min = of->deadtime_min, .max_sessions = of->max_sessions,
		.policy = of->message_authenticator < 3 ? policies[of->message_authenticator] : "?",
		.status_server = !of->no_status_server,
		.state = !of->key ? "no key" : !known ? "unknown" : i.dead ? "dead" : "alive",
		.dead_left_s = i.dead ? i.dead_left_s : 0, .outstanding = i.outstanding, .peak = i.outstanding_max,
		.waiting = i.waiting, .rtt_us = i.rtt_us, .rtt_max_us = i.rtt_max_us, .ma_seen = i.ma_seen,
	};
}

static void server_text(struct out *o, const struct server_row *r, int width)
{
	char a[IP_ADDR_TEXT];

	out_fmt(o, "%-*s %5u %5u %7u %8u %5u %11u %6u.%03u  %s", width, ip_addr_text(&r->addr, a), r->port, r->retransmit,
		r->timeout_s, r->max_sessions, r->deadtime_min, r->outstanding, r->rtt_us / 1000, r->rtt_us % 1000,
		r->state);
	if (r->dead_left_s)
		out_fmt(o, ", %u s left", r->dead_left_s);
	out_char(o, '\n');
}

static void servers(struct mgmt_session *s, unsigned use, const struct aaa_radius_server *list)
{
	struct out *o = &s->body;
	int width = ADDRESS;

	for (const struct aaa_radius_server *r = list; r; r = r->next)
		width = widest(width, &r->addr);
	if (!s->json) {
		out_fmt(o, "RADIUS %s Servers\n", titles[use]);
		out_fmt(o, "%-*s %5s %5s %7s %8s %5s %11s %10s\n", width, "", "Udp", "Retry", "", "Maximum", "Dead", "",
			"Round");
		out_fmt(o, "%-*s %5s %5s %7s %8s %5s %11s %10s  %s\n", width, "IP Address", "Port", "Count", "Timeout",
			"Sessions", "Time", "Outstanding", "Trip (ms)", "State");
	}
	for (const struct aaa_radius_server *r = list; r; r = r->next) {
		struct server_row row = server_row(s, use, r);
		json_t *j;

		if (!s->json) {
			server_text(o, &row, width);
			continue;
		}
		j = json_object();
		show_add(j, server_fields, &row);
		json_line(o, j);
	}
}

static int show_servers(struct mgmt_session *s, const struct gr_match *m)
{
	const struct aaa_radius_conf *r = &s->m->conf.aaa.radius;

	if (wanted(m, RADIUS_AUTH))
		servers(s, RADIUS_AUTH, r->auth);
	if (wanted(m, RADIUS_AUTH) && wanted(m, RADIUS_ACCT) && !s->json)
		out_char(&s->body, '\n');
	if (wanted(m, RADIUS_ACCT))
		servers(s, RADIUS_ACCT, r->acct);
	return MGMT_DONE;
}

/* ---- statistics: a column a server ---- */

struct columns {
	struct radius_server_info of[RADIUS_SERVERS_MAX];
	unsigned n;
	int width;
	uint64_t total[RADIUS_COUNT_MAX];
};

static void collect(struct mgmt_session *s, unsigned use, struct columns *c)
{
	const struct radius_client *from = client_of(s);
	struct radius_server_info *info = c->of;

	*c = (struct columns){ .width = ADDRESS };
	for (unsigned i = 0; from && c->n < RADIUS_SERVERS_MAX; i++) {
		if (!radius_client_server_at(from, i, info, mgmt_now(s->m)))
			break;
		if (info->use != use)
			continue;
		c->width = widest(c->width, &info->addr);
		for (unsigned k = 0; k < RADIUS_COUNT_MAX; k++)
			c->total[k] += info->count[k];
		info = &c->of[++c->n];
	}
}

/* Answers that servers of the other kind give. */
static bool is_foreign(unsigned use, unsigned count)
{
	if (use == RADIUS_AUTH)
		return count == RADIUS_COUNT_RESPONSES;
	return count == RADIUS_COUNT_ACCEPTS || count == RADIUS_COUNT_REJECTS || count == RADIUS_COUNT_CHALLENGES;
}

enum { LABEL = 32 };

static void statistics_text(struct out *o, unsigned use, const struct columns *c)
{
	char a[IP_ADDR_TEXT];

	out_fmt(o, "RADIUS %s Statistics\n%-*s", titles[use], LABEL, "Statistic");
	for (unsigned i = 0; i < c->n; i++)
		out_fmt(o, " %*s", c->width, ip_addr_text(&c->of[i].addr, a));
	out_fmt(o, " %*s\n%-*s", c->width, "total", LABEL, "UDP port");
	for (unsigned i = 0; i < c->n; i++)
		out_fmt(o, " %*u", c->width, c->of[i].port);
	out_fmt(o, "\n%-*s", LABEL, "Round trip time (us)");
	for (unsigned i = 0; i < c->n; i++)
		out_fmt(o, " %*u", c->width, c->of[i].rtt_us);
	out_char(o, '\n');
	for (unsigned k = 0; k < RADIUS_COUNT_MAX; k++) {
		if (is_foreign(use, k))
			continue;
		out_fmt(o, "%-*s", LABEL, radius_count_name(k));
		for (unsigned i = 0; i < c->n; i++)
			out_fmt(o, " %*" PRIu64, c->width, c->of[i].count[k]);
		out_fmt(o, " %*" PRIu64 "\n", c->width, c->total[k]);
	}
}

static void statistics_row(struct out *o, unsigned use, const struct radius_server_info *i, const uint64_t *count)
{
	json_t *j = json_pack("{s:s,s:o,s:o}", "use", uses[use], "address", i ? json_addr(&i->addr) : json_null(), "port",
			      i ? json_integer(i->port) : json_null());

	json_object_set_new(j, "total", json_boolean(!i));
	if (i)
		json_object_set_new(j, "rtt-us", json_integer(i->rtt_us));
	for (unsigned k = 0; k < RADIUS_COUNT_MAX; k++)
		if (!is_foreign(use, k))
			json_object_set_new(j, radius_count_name(k), json_integer((json_int_t)count[k]));
	json_line(o, j);
}

static void statistics(struct mgmt_session *s, unsigned use)
{
	struct columns c;

	collect(s, use, &c);
	if (!s->json) {
		statistics_text(&s->body, use, &c);
		out_char(&s->body, '\n');
		return;
	}
	for (unsigned i = 0; i < c.n; i++)
		statistics_row(&s->body, use, &c.of[i], c.of[i].count);
	statistics_row(&s->body, use, NULL, c.total);
}

static int show_statistics(struct mgmt_session *s, const struct gr_match *m)
{
	uint64_t unknown;

	if (!client_of(s))
		return session_error(s, MGMT_FAILED, "The system is not running");
	for (unsigned use = 0; use < RADIUS_USES; use++)
		if (wanted(m, use))
			statistics(s, use);
	unknown = radius_client_unknown_source(client_of(s));
	if (s->json)
		json_line(&s->body, json_pack("{s:n,s:I}", "use", "unknown-source", (json_int_t)unknown));
	else
		out_fmt(&s->body, "Datagrams from unknown sources: %" PRIu64 "\n", unknown);
	return MGMT_DONE;
}

#define WHICH "Display|RADIUS|Of authentication|Of accounting|"

const struct gr_cmd cmd_show_radius[] = {
	{ "show radius [authentication|accounting] servers", WHICH "Servers, their settings and state", MODE_ANY, GR_JSON,
	  .exec = show_servers },
	{ "show radius [authentication|accounting] statistics", WHICH "What was sent and received", MODE_ANY, GR_JSON,
	  .exec = show_statistics },
	{ 0 },
};
