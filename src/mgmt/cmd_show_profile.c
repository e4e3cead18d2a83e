/* SPDX-License-Identifier: BSD-2-Clause */
/* show l2tp destination profile [NAME]: spec 10.4. Only settings that are not default are listed. */
#include <string.h>

#include "mgmt/show.h"

static void line_word(struct out *o, const char *text, const char *value)
{
	if (!value)
		return;
	out_fmt(o, "    %s ", text);
	out_escaped(o, span_str(value));
	out_char(o, '\n');
}

static void line_number(struct out *o, const char *text, unsigned long v)
{
	if (v)
		out_fmt(o, "    %s %lu\n", text, v);
}

static void line_if(struct out *o, bool on, const char *text)
{
	if (on)
		out_fmt(o, "    %s\n", text);
}

static const char *remote(const struct host_conf *h)
{
	return h->remote_name ? h->remote_name : "default";
}

static unsigned host_sessions(struct mgmt_session *s, const struct dest_profile_conf *d, const struct host_conf *h)
{
	return s->m->c.model ? model_host_sessions(s->m->c.model, d->name, h->remote_name) : 0;
}

static unsigned dest_sessions(struct mgmt_session *s, const struct dest_profile_conf *d)
{
	return s->m->c.model ? model_dest_profile_sessions(s->m->c.model, d->name) : 0;
}

static void put_host(struct mgmt_session *s, const struct dest_profile_conf *d, const struct host_conf *h)
{
	struct out *o = &s->body;

	out_str(o, "  Remote host is ");
	out_escaped(o, span_str(remote(h)));
	out_str(o, "\n  Configuration\n");
	line_word(o, "Tunnel password is", h->secret);
	line_word(o, "Interface profile is", h->profile);
	line_word(o, "Local host name is", h->local_name);
	if (!ip_addr_is_none(&h->local_ip)) {
		char t[IP_ADDR_TEXT];

		line_word(o, "Local ip address is", ip_addr_text(&h->local_ip, t));
	}
	line_number(o, "Bundled group id is", h->bundled_group_id);
	line_if(o, h->disconnect_cause, "Disconnect-cause avp is enabled");
	line_if(o, h->single_shot, "Tunnels are single-shot");
	line_if(o, h->oor_override, "Override out-of-resource-result-code is enabled");
	line_if(o, h->default_upper_mlppp, "Default upper binding type is mlppp");
	line_if(o, h->disable_proxy_lcp, "Proxy lcp is disabled");
	line_if(o, h->enable_proxy_auth, "Proxy authenticate is enabled");
	line_if(o, h->no_ff03, "PPP address and control field is not sent");
	line_number(o, "Receive window size is", h->receive_window);
	line_if(o, h->hello_disabled, "Tunnel hello is disabled");
	line_number(o, "Hello interval in seconds is", h->hello_s);
	line_number(o, "Retransmission retries for established tunnels is", h->retries);
	line_if(o, h->null_tunnel_id, "Tunnel id zero is tolerated");
	line_number(o, "Maximum sessions is", h->max_sessions);
	line_word(o, "Sessions limit group is", h->limit_group);
	out_fmt(o, "  Statistics\n    Current session count is %u\n", host_sessions(s, d, h));
}

static void put_text(struct mgmt_session *s, const struct dest_profile_conf *d)
{
	struct out *o = &s->body;
	unsigned n = 0;

	out_str(o, "L2TP destination profile ");
	out_escaped(o, span_str(d->name));
	out_str(o, "\nConfiguration\n  Destination address\n    Transport ipUdp\n    Virtual router default\n  "
		   "  Peer address ");
	out_addr(o, &d->peer);
	out_char(o, '\n');
	line_number(o, "Maximum sessions is", d->max_sessions);
	for (const struct limit_group_conf *g = d->groups; g; g = g->next) {
		out_str(o, "    Sessions limit group ");
		out_escaped(o, span_str(g->name));
		if (g->max_sessions)
			out_fmt(o, " has maximum sessions %u\n", g->max_sessions);
		else
			out_str(o, " has no limit\n");
	}
	out_fmt(o, "Statistics\n  Destination profile current session count is %u\n", dest_sessions(s, d));
	out_str(o, "Host profile attributes\n");
	for (const struct host_conf *h = d->hosts; h; h = h->next, n++)
		put_host(s, d, h);
	out_fmt(o, "%u L2TP host profile%s found\n", n, n == 1 ? "" : "s");
}

static json_t *text_or_null(const char *s)
{
	return s ? json_octets(span_str(s)) : json_null();
}

static json_t *host_json(struct mgmt_session *s, const struct dest_profile_conf *d, const struct host_conf *h)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:b,s:o,s:b,s:b,s:I,s:I,s:b,s:b,s:I,s:I,s:b,s:I,s:b}", "remote-host",
			 text_or_null(remote(h)), "local-host", text_or_null(h->local_name), "local-ip-address",
			 json_addr(&h->local_ip), "interface-profile", text_or_null(h->profile),
			 "tunnel-password-set", h->secret != NULL, "sessions-limit-group",
			 text_or_null(h->limit_group), "proxy-lcp", !h->disable_proxy_lcp, "proxy-authenticate",
			 h->enable_proxy_auth, "max-sessions", (json_int_t)h->max_sessions, "receive-window",
			 (json_int_t)h->receive_window, "single-shot", h->single_shot, "disconnect-cause",
			 h->disconnect_cause, "sessions", (json_int_t)host_sessions(s, d, h), "hello-interval",
			 (json_int_t)h->hello_s, "tunnel-hello", !h->hello_disabled, "retransmission",
			 (json_int_t)h->retries, "tolerate-tunnel-id-zero", h->null_tunnel_id);
}

static void put_json(struct mgmt_session *s, const struct dest_profile_conf *d)
{
	json_t *hosts = json_array();

	for (const struct host_conf *h = d->hosts; h; h = h->next)
		json_array_append_new(hosts, host_json(s, d, h));
	json_line(&s->body, json_pack("{s:o,s:o,s:I,s:I,s:o}", "name", text_or_null(d->name), "peer-address",
				      json_addr(&d->peer), "max-sessions", (json_int_t)d->max_sessions,
				      "sessions", (json_int_t)dest_sessions(s, d), "hosts", hosts));
}

static int show_profile(struct mgmt_session *s, const struct gr_match *m)
{
	const char *name = gr_str(m, "name");
	unsigned n = 0;

	for (const struct dest_profile_conf *d = s->m->conf.model.dest_profiles; d; d = d->next) {
		if (name && strcmp(d->name, name) != 0)
			continue;
		n++;
		if (s->json) {
			put_json(s, d);
		} else if (name) {
			put_text(s, d);
		} else {
			out_str(&s->body, "L2TP destination profile ");
			out_escaped(&s->body, span_str(d->name));
			out_char(&s->body, '\n');
		}
	}
	if (name && !n)
		return session_error(s, MGMT_NOT_FOUND, "No such L2TP destination profile");
	if (!name && !s->json)
		out_fmt(&s->body, "%u L2TP destination profile%s found\n", n, n == 1 ? "" : "s");
	return MGMT_DONE;
}

const struct gr_cmd cmd_show_profile[] = {
	{ "show l2tp destination profile [<name:dest-profile>]",
	  "Display|L2TP|Peers|Whom tunnels are accepted from|Profile name",
	  MODE_ANY, GR_JSON, .exec = show_profile },
	{ 0 },
};
