/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * show l2tp (spec 10.1), show l2tp counters, show dataplane: the system as a whole. Their lines of the grammar are in
 * cmd_show_l2tp.c.
 */
#include <inttypes.h>

#include "mgmt/show.h"

/* ---- show l2tp ---- */

static void global_json(struct out *o, const struct model_system_info *i, const struct l2tp_conf *c)
{
	json_t *j = json_pack(
		"{s:s,s:i,s:b,s:b,s:i,s:i,s:i,s:b,s:b,s:b,s:i,s:i,s:i,s:b}", "administrative-state",
		admin_text(i->admin), "destruct-timeout", (int)c->destruct_timeout_s, "checksums",
		!c->checksum_off, "receive-sequencing-ignored", c->ignore_sequencing, "retries-established",
		c->retries_established, "retries-not-established", c->retries_not_established,
		"tunnel-idle-timeout", (int)c->tunnel_idle_timeout_s, "challenge", !c->challenge_disabled,
		"calling-number-avp", !c->calling_number_disabled, "disconnect-cause-avp", c->disconnect_cause,
		"default-receive-window", c->default_receive_window, "short-drain-timeout", c->short_drain_s,
		"max-sessions", (int)c->max_sessions, "tunnel-hello", !c->hello_disabled);
	static const struct show_field fields[] = {
		{ SHOW_COUNTS, "destinations", NULL, offsetof(struct model_system_info, dests) },
		{ SHOW_COUNTS, "tunnels", NULL, offsetof(struct model_system_info, tunnels) },
		{ SHOW_COUNTS, "sessions", NULL, offsetof(struct model_system_info, sessions) },
		{ SHOW_U32, "established-tunnels", NULL, offsetof(struct model_system_info, established_tunnels) },
		{ SHOW_U32, "established-sessions", NULL, offsetof(struct model_system_info, established_sessions) },
		{ SHOW_U32, "calls-in-progress", NULL, offsetof(struct model_system_info, calls_in_progress) },
		{ SHOW_U32, "tombstones", NULL, offsetof(struct model_system_info, tombstones) },
		{ 0 },
	};

	json_object_set_new(j, "max-tunnels", json_integer(c->max_tunnels));
	show_add(j, fields, i);
	json_line(o, j);
}

/* The lines of spec 10.1 in their order; what is not of this release yet shows its default. */
static void global_conf(struct out *o, const struct model_system_info *i, const struct l2tp_conf *c)
{
	out_str(o, "Configuration\n");
	out_fmt(o, "  L2TP administrative state is %s\n", admin_text(i->admin));
	out_fmt(o, "  Dynamic interface destruct timeout is %u seconds\n", c->destruct_timeout_s);
	out_fmt(o, "  Data packet checksums are %s\n", on_off(!c->checksum_off));
	out_fmt(o, "  Receive data sequencing is %s\n", c->ignore_sequencing ? "ignored" : "not ignored");
	out_str(o, "  Tunnel switching is disabled\n");
	out_fmt(o, "  Retransmission retries for established tunnels is %u\n", c->retries_established);
	out_fmt(o, "  Retransmission retries for not-established tunnels is %u\n", c->retries_not_established);
	out_fmt(o, "  Tunnel idle timeout is %u seconds\n", c->tunnel_idle_timeout_s);
	out_str(o, "  Failover within a preference level is disabled\n");
	out_str(o, "  Weighted load balancing is disabled\n");
	out_fmt(o, "  Tunnel authentication challenge is %s\n", on_off(!c->challenge_disabled));
	out_fmt(o, "  Calling number avp is %s\n", on_off(!c->calling_number_disabled));
	out_str(o, "  Ignore remote transmit address change is disabled\n");
	out_fmt(o, "  Disconnect cause avp is %s\n", on_off(c->disconnect_cause));
	out_fmt(o, "  Default receive window size is %u\n", c->default_receive_window);
	out_fmt(o, "  Short drain timeout is %u seconds\n", c->short_drain_s);
	out_fmt(o, "  Rx speed avp when equal is %s\n", on_off(c->rx_speed_when_equal));
	out_fmt(o, "  Tunnel hello is %s\n", on_off(!c->hello_disabled));
	out_fmt(o, "  Maximum sessions is %u\n", c->max_sessions);
	out_fmt(o, "  Maximum tunnels is %u\n", c->max_tunnels);
}

static void count_row(struct out *o, const char *what, const struct model_counts *c, bool auth)
{
	out_fmt(o, "  %-17s %8" PRIu64 " %8" PRIu64 " %8" PRIu64, what, c->total, c->active, c->failed);
	if (auth)
		out_fmt(o, " %11" PRIu64 "\n", c->auth_errors);
	else
		out_str(o, "         n/a\n");
}

int show_l2tp_system(struct mgmt_session *s, const struct gr_match *m)
{
	struct model_system_info i;
	const struct model_counts none = { 0 };
	struct out *o = &s->body;

	if (!show_ready(s))
		return MGMT_FAILED;
	model_system_info(s->m->c.model, &i);
	if (s->json) {
		global_json(o, &i, &s->m->conf.model.l2tp);
		return MGMT_DONE;
	}
	global_conf(o, &i, &s->m->conf.model.l2tp);
	out_str(o, "Sub-interfaces         total   active   failed auth-errors\n");
	count_row(o, "Destinations", &i.dests, false);
	count_row(o, "Tunnels", &i.tunnels, true);
	count_row(o, "Sessions", &i.sessions, false);
	count_row(o, "Switched-sessions", &none, false);
	return MGMT_DONE;
}

/* ---- show l2tp counters, show dataplane ---- */

static void counter_row(struct mgmt_session *s, const char *group, const char *name, uint64_t value)
{
	if (s->json)
		json_line(&s->body,
			  json_pack("{s:s,s:s,s:I}", "group", group, "name", name, "value", (json_int_t)value));
	else
		out_fmt(&s->body, "  %-10s %-56s %12" PRIu64 "\n", group, name, value);
}

static void drop_rows(struct mgmt_session *s, bool all)
{
	struct dp_if dp = s->m->c.dp;

	for (int d = 0; dp.ops && d < DP_DROP_COUNT; d++) {
		uint64_t n = dp.ops->drop_count(dp.dp, (enum dp_drop)d);

		if (n || all || s->json)
			counter_row(s, "drop", dp_drop_name((enum dp_drop)d), n);
	}
}

int show_l2tp_counters(struct mgmt_session *s, const struct gr_match *m)
{
	const char *group, *name;
	bool all = gr_has(m, "all");
	uint64_t v;

	if (!show_ready(s))
		return MGMT_FAILED;
	if (!s->json)
		out_str(&s->body, "Counters\n");
	for (unsigned i = 0; (name = model_counter(s->m->c.model, i, &group, &v)); i++)
		if (v || all || s->json)
			counter_row(s, group, name, v);
	drop_rows(s, all);
	return MGMT_DONE;
}

int show_dataplane(struct mgmt_session *s, const struct gr_match *m)
{
	if (!s->m->c.dp.ops)
		return session_error(s, MGMT_FAILED, "There is no data plane");
	if (!s->json)
		out_str(&s->body, "Packets dropped\n");
	drop_rows(s, true);
	return MGMT_DONE;
}
