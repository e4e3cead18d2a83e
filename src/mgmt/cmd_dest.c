/* SPDX-License-Identifier: BSD-2-Clause */
/* l2tp destination profile: whom tunnels are accepted from, and how. Spec 3.2, 3.3. */
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"

#define D(kind_, member, ...)                                                                                  \
	.field = { .kind = kind_, .off = offsetof(struct dest_profile_conf, member), ##__VA_ARGS__ }
#define G(kind_, member, ...)                                                                                  \
	.field = { .kind = kind_, .off = offsetof(struct limit_group_conf, member), ##__VA_ARGS__ }
#define H(kind_, member, ...) .field = { .kind = kind_, .off = offsetof(struct host_conf, member), ##__VA_ARGS__ }

enum { GROUPS_MAX = 4096 };

/* ---- l2tp destination profile NAME ip address A ---- */

static struct dest_profile_conf *dest_add(struct edit *e, const char *name)
{
	struct dest_profile_conf *d = calloc(1, sizeof(*d));

	if (!d || edit_defaults(e, MODE_DEST_PROFILE, d) || edit_str(e, &d->name, name)) {
		dest_profile_conf_free(d);
		edit_no_memory(e);
		return NULL;
	}
	CONF_APPEND(e->conf->model.dest_profiles, d);
	return d;
}

static int edit_dest(struct edit *e, const struct gr_match *m)
{
	const char *name = gr_str(m, "name");
	const struct gr_value *peer = gr_value(m, "address");
	struct dest_profile_conf *d;

	CONF_FIND(d, e->conf->model.dest_profiles, strcmp(d->name, name) == 0);
	if (m->no && d) {
		CONF_UNLINK(e->conf->model.dest_profiles, d);
		dest_profile_conf_free(d);
	}
	if (m->no)
		return 0;
	if (!d && !peer)
		return edit_error(e, m, "name", "A new destination profile needs: ip address A.B.C.D");
	if (!d)
		d = dest_add(e, name);
	if (!d)
		return -1;
	if (peer)
		d->peer = peer->ip;
	e->opened = d;
	return 0;
}

static void write_dests(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct config *c = scope;

	for (const struct dest_profile_conf *d = c->model.dest_profiles; d; d = d->next) {
		out_str(conf_begin(w), "l2tp destination profile ");
		out_word(w->o, d->name);
		out_str(w->o, " ip address ");
		out_addr(w->o, &d->peer);
		conf_end(w);
		conf_mode(w, MODE_DEST_PROFILE, d);
	}
}

/* ---- sessions-limit-group NAME ---- */

static int edit_group(struct edit *e, const struct gr_match *m)
{
	struct dest_profile_conf *d = edit_scope(e);
	const char *name = gr_str(m, "name");
	struct limit_group_conf *g;
	unsigned n = 0;

	CONF_FIND(g, d->groups, strcmp(g->name, name) == 0);
	if (m->no && g) {
		CONF_UNLINK(d->groups, g);
		limit_group_conf_free(g);
	}
	if (m->no)
		return 0;
	for (const struct limit_group_conf *i = d->groups; i; i = i->next)
		n++;
	if (!g && n >= GROUPS_MAX)
		return edit_error(e, m, "name", "A destination profile has at most %u groups", GROUPS_MAX);
	if (!g) {
		g = calloc(1, sizeof(*g));
		if (!g || edit_str(e, &g->name, name)) {
			limit_group_conf_free(g);
			return edit_no_memory(e);
		}
		CONF_APPEND(d->groups, g);
	}
	e->opened = g;
	return 0;
}

static void write_groups(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct dest_profile_conf *d = scope;

	for (const struct limit_group_conf *g = d->groups; g; g = g->next) {
		out_str(conf_begin(w), "sessions-limit-group ");
		out_word(w->o, g->name);
		conf_end(w);
		conf_mode(w, MODE_GROUP, g);
	}
}

/* ---- remote host NAME|default ---- */

static struct host_conf *host_add(struct edit *e, struct dest_profile_conf *d, const char *name)
{
	struct host_conf *h = calloc(1, sizeof(*h));

	if (!h || edit_defaults(e, MODE_HOST, h) || edit_str(e, &h->remote_name, name)) {
		host_conf_free(h);
		edit_no_memory(e);
		return NULL;
	}
	CONF_APPEND(d->hosts, h);
	return h;
}

static int edit_host(struct edit *e, const struct gr_match *m)
{
	struct dest_profile_conf *d = edit_scope(e);
	const char *name = gr_str(m, "name");	/* NULL: default */
	struct host_conf *h;

	CONF_FIND(h, d->hosts, name ? h->remote_name && strcmp(h->remote_name, name) == 0 : !h->remote_name);
	if (m->no && h) {
		CONF_UNLINK(d->hosts, h);
		host_conf_free(h);
	}
	if (m->no)
		return 0;
	e->opened = h ? h : host_add(e, d, name);
	return e->opened ? 0 : -1;
}

static void write_hosts(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct dest_profile_conf *d = scope;

	for (const struct host_conf *h = d->hosts; h; h = h->next) {
		out_str(conf_begin(w), "remote host ");
		if (!h->remote_name)
			out_str(w->o, "default");
		else if (strcmp(h->remote_name, "default") == 0)
			out_quoted(w->o, h->remote_name);	/* a host of that name, not the keyword */
		else
			out_word(w->o, h->remote_name);
		conf_end(w);
		conf_mode(w, MODE_HOST, h);
	}
}

const struct gr_cmd cmd_dest_profile[] = {
	{ "l2tp destination profile <name:dest-profile> [[virtual-router default] ip address <address:ipv4>]",
	  "L2TP|Peers|Whom to accept tunnels from|Profile name|Virtual router of the transport|"
	  "The one the daemon runs in|Where the LAC is|Its address|Address; 0.0.0.0: any",
	  MODE_GLOBAL, GR_NO,
	  "l2tp destination profile <name:dest-profile> [[virtual-router default] ip address <address:ipv4>]",
	  .opens = MODE_DEST_PROFILE, .edit = edit_dest, .write = write_dests },
	{ "max-sessions <count:1-1000000>", "Sessions of this profile (default: no limit)|Count",
	  MODE_DEST_PROFILE, GR_NO, D(FIELD_U32, max_sessions) },
	{ "sessions-limit-group <name:group>", "A limit that several host profiles share|Group name",
	  MODE_DEST_PROFILE, GR_NO, "sessions-limit-group <name:group>", .opens = MODE_GROUP, .edit = edit_group,
	  .write = write_groups },
	{ "max-sessions <count:1-1000000>", "Sessions of this group (default: no limit)|Count", MODE_GROUP,
	  GR_NO, G(FIELD_U32, max_sessions) },
	{ "remote host {default|<name:host>}",
	  "Host profile|By the host name of the LAC|Any name|Host name of the LAC",
	  MODE_DEST_PROFILE, GR_NO, "remote host {default|<name:host>}", .opens = MODE_HOST, .edit = edit_host,
	  .write = write_hosts },
	{ 0 },
};

const struct gr_cmd cmd_host[] = {
	{ "local host <name:hostname>", "This end|Host name that we send|1-64 octets", MODE_HOST, GR_NO,
	  H(FIELD_STR, local_name) },
	{ "local ip address <address:ipv4>", "This end|Where tunnels are accepted|Address|Local address",
	  MODE_HOST, GR_NO, H(FIELD_ADDR, local_ip) },
	{ "tunnel password <password:secret>",
	  "Tunnel settings|Shared secret: authentication and hidden AVPs|In quotes if it has blanks",
	  MODE_HOST, GR_NO, H(FIELD_STR, secret) },
	{ "interface profile <name:profile-ref>", "Interface of subscribers|Profile|Profile name", MODE_HOST,
	  GR_NO, H(FIELD_STR, profile) },
	{ "disable proxy lcp", "Turn off|What the LAC negotiated|LCP: negotiate again", MODE_HOST, GR_NO,
	  H(FIELD_TRUE, disable_proxy_lcp) },
	{ "enable proxy authenticate",
	  "Turn on|What the LAC negotiated|Authentication: take the LAC's instead of asking again",
	  MODE_HOST, GR_NO, H(FIELD_TRUE, enable_proxy_auth) },
	{ "default-upper-type mlppp", "Upper interface without proxy LCP|Multilink PPP", MODE_HOST, GR_NO,
	  H(FIELD_TRUE, default_upper_mlppp) },
	{ "max-sessions <count:1-1000000>", "Sessions of this host profile (default: no limit)|Count", MODE_HOST,
	  GR_NO, H(FIELD_U32, max_sessions) },
	{ "sessions-limit-group <name:group-ref>", "Belong to a group of this destination profile|Group name",
	  MODE_HOST, GR_NO, H(FIELD_STR, limit_group) },
	{ "bundled-group-id <id:1-4294967295>", "Bundle group of LACs without endpoint discriminator|Number",
	  MODE_HOST, GR_NO, H(FIELD_U32, bundled_group_id) },
	{ "disconnect-cause", "PPP Disconnect Cause Code AVP in CDN", MODE_HOST, GR_NO,
	  H(FIELD_TRUE, disconnect_cause) },
	{ "receive-window <messages:4-128>", "Receive window of its tunnels|Messages", MODE_HOST, GR_NO,
	  H(FIELD_U16, receive_window) },
	{ "hello-interval <seconds:1-3600>", "Seconds of silence before a Hello (default 60)|Seconds", MODE_HOST,
	  GR_NO, H(FIELD_U16, hello_s) },
	{ "disable tunnel-hello", "Turn off|Hello messages to this LAC", MODE_HOST, GR_NO,
	  H(FIELD_TRUE, hello_disabled) },
	{ "retransmission <count:2-30>",
	  "Retries before an established tunnel is dead (default: that of the router)|Count", MODE_HOST,
	  GR_NO, H(FIELD_U8, retries) },
	{ "tolerate tunnel-id-zero",
	  "Take what RFC 2661 would have dropped|Control messages without our tunnel id in the header",
	  MODE_HOST, GR_NO, H(FIELD_TRUE, null_tunnel_id) },
	{ "single-shot-tunnel", "A tunnel carries one session in its life", MODE_HOST, GR_NO,
	  H(FIELD_TRUE, single_shot) },
	{ "session-out-of-resource-result-code-override", "Result code 2 instead of 4 and 5 in CDN", MODE_HOST,
	  GR_NO, H(FIELD_TRUE, oor_override) },
	{ "ppp address-control-field", "PPP framing|Send FF 03 before PPP on data (default)", MODE_HOST, GR_NO,
	  H(FIELD_FALSE, no_ff03) },
	{ 0 },
};
