/* SPDX-License-Identifier: BSD-2-Clause */
/* radius: servers and what is sent to them. Spec 3.7, 3.8, 8. */
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"
#include "radius/client.h"

#define RADIUS(kind_, member, ...) \
	.field = { .kind = kind_, .off = offsetof(struct config, aaa.radius.member), ##__VA_ARGS__ }
#define SERVER(kind_, member, ...) \
	.field = { .kind = kind_, .off = offsetof(struct aaa_radius_server, member), ##__VA_ARGS__ }
#define KEPT(bit) .flags = FIELD_KEPT, .kept_off = offsetof(struct aaa_radius_server, said), .kept_bit = bit

/* ---- radius {authentication|accounting} server ADDRESS ---- */

static void server_free(struct aaa_radius_server *s)
{
	if (s->key)
		explicit_bzero(s->key, strlen(s->key));
	free(s->key);
	free(s);
}

/* An address of one machine. */
static bool is_host(const struct ip_addr *a)
{
	bool multicast = a->af == 4 ? a->b[0] >= 224 : a->b[0] == 0xff;

	return !ip_addr_is_any(a) && !multicast;
}

static struct aaa_radius_server *server_add(struct edit *e, const struct gr_match *m, enum mode mode,
					    struct aaa_radius_server **list, const struct ip_addr *addr)
{
	struct aaa_radius_server *s;
	unsigned n = 0;

	for (s = *list; s; s = s->next)
		n++;
	if (!is_host(addr))
		edit_error(e, m, "address", "Not the address of a server");
	else if (n == RADIUS_SERVERS_MAX)
		edit_error(e, m, "address", "At most %d servers", RADIUS_SERVERS_MAX);
	if (e->error[0])
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s || edit_defaults(e, mode, s)) {
		free(s);
		edit_no_memory(e);
		return NULL;
	}
	s->addr = *addr;
	CONF_APPEND(*list, s);
	return s;
}

static int edit_server(struct edit *e, const struct gr_match *m, enum mode mode, struct aaa_radius_server **list)
{
	const struct ip_addr *addr = &gr_value(m, "address")->ip;
	struct aaa_radius_server *s;

	CONF_FIND(s, *list, ip_addr_eq(&s->addr, addr));
	if (m->no && s) {
		CONF_UNLINK(*list, s);
		server_free(s);
	}
	if (m->no)
		return 0;
	e->opened = s ? s : server_add(e, m, mode, list, addr);
	return e->opened ? 0 : -1;
}

static int edit_auth_server(struct edit *e, const struct gr_match *m)
{
	return edit_server(e, m, MODE_RADIUS_AUTH, &e->conf->aaa.radius.auth);
}

static int edit_acct_server(struct edit *e, const struct gr_match *m)
{
	return edit_server(e, m, MODE_RADIUS_ACCT, &e->conf->aaa.radius.acct);
}

static void write_servers(struct conf_writer *w, const struct aaa_radius_server *s, enum mode mode)
{
	const char *use = mode == MODE_RADIUS_AUTH ? "authentication" : "accounting";
	char a[IP_ADDR_TEXT];

	for (; s; s = s->next) {
		conf_line(w, "radius %s server %s", use, ip_addr_text(&s->addr, a));
		conf_mode(w, mode, s);
	}
}

static void write_auth_servers(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	write_servers(w, ((const struct config *)scope)->aaa.radius.auth, MODE_RADIUS_AUTH);
}

static void write_acct_servers(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	write_servers(w, ((const struct config *)scope)->aaa.radius.acct, MODE_RADIUS_ACCT);
}

/* ---- radius update-source-addr ADDRESS: one of each family ---- */

static int edit_source(struct edit *e, const struct gr_match *m)
{
	struct aaa_radius_conf *r = &e->conf->aaa.radius;
	const struct gr_value *v = gr_value(m, "address");

	if (v && !m->no && !is_host(&v->ip))
		return edit_error(e, m, "address", "Not the address of a machine");
	if (!v || v->ip.af == 4)
		r->source4 = m->no ? (struct ip_addr){ 0 } : v->ip;
	if (!v || v->ip.af == 6)
		r->source6 = m->no ? (struct ip_addr){ 0 } : v->ip;
	return 0;
}

static void write_source(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct aaa_radius_conf *r = &((const struct config *)scope)->aaa.radius;
	char a[IP_ADDR_TEXT];

	if (!ip_addr_is_none(&r->source4))
		conf_line(w, "radius update-source-addr %s", ip_addr_text(&r->source4, a));
	if (!ip_addr_is_none(&r->source6))
		conf_line(w, "radius update-source-addr %s", ip_addr_text(&r->source6, a));
}

/* ---- radius include ATTRIBUTE MESSAGE {enable|disable}: spec 8.2 ---- */

static int edit_include(struct edit *e, const struct gr_match *m)
{
	const struct gr_value *a = gr_value(m, "attribute"), *msg = gr_value(m, "message");
	const struct aaa_include_row *row = &aaa_includes[a->num];
	uint8_t *in = &e->conf->aaa.radius.include[a->num], bit = (uint8_t)(1 << msg->num);
	bool on = m->no ? row->dflt & bit : gr_has(m, "enable");

	if (!(row->may & bit))
		return edit_error(e, m, "message", "%s is never in %s messages", row->word, msg->str);
	*in = on ? *in | bit : *in & (uint8_t)~bit;
	return 0;
}

static void write_includes(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct aaa_radius_conf *r = &((const struct config *)scope)->aaa.radius;

	for (unsigned i = 0; i < AAA_INCLUDE_COUNT; i++)
		for (unsigned k = 0; k < AAA_INCLUDE_MESSAGES; k++)
			if ((r->include[i] ^ aaa_includes[i].dflt) & 1 << k)
				conf_line(w, "radius include %s %s %s", aaa_includes[i].word, aaa_include_messages[k],
					  r->include[i] & 1 << k ? "enable" : "disable");
}

/* Both modes have the same commands; the port's default differs. */
#define SERVER_ROWS(mode_, port_) \
	{ "udp-port <port:1-65535>", "UDP port of the server|Port", mode_, GR_NO, \
	  SERVER(FIELD_U16, udp_port, .dflt = port_, KEPT(1)) }, \
	{ "key <key:radius-key>", "Secret shared with the server: without one it is not used|In quotes if it has blanks", \
	  mode_, GR_NO, SERVER(FIELD_STR, key) }, \
	{ "timeout <seconds:1-1000>", "How long an answer is waited for|Seconds", mode_, GR_NO, \
	  SERVER(FIELD_U32, timeout_s, .dflt = RADIUS_TIMEOUT_S, KEPT(2)) }, \
	{ "retransmit <count:0-100>", "How often a request is repeated|Times", mode_, GR_NO, \
	  SERVER(FIELD_U32, retransmit, .dflt = RADIUS_RETRANSMIT, KEPT(4)) }, \
	{ "deadtime <minutes:0-1440>", "How long a server that is silent is left alone|Minutes; 0: never", mode_, GR_NO, \
	  SERVER(FIELD_U32, deadtime_min, .dflt = 0, KEPT(8)) }, \
	{ "max-sessions <count:1-32000>", "Requests outstanding at once|How many", mode_, GR_NO, \
	  SERVER(FIELD_U32, max_sessions, .dflt = RADIUS_WINDOW, KEPT(16)) }, \
	{ "message-authenticator <policy:radius-ma>", "Message-Authenticator in answers|What is demanded", mode_, GR_NO, \
	  SERVER(FIELD_ENUM, message_authenticator, .dflt = RADIUS_MA_AUTO) }, \
	{ "status-server", "A dead server is asked whether it lives (default)", mode_, GR_NO, \
	  SERVER(FIELD_FALSE, no_status_server) }

const struct gr_cmd cmd_radius[] = {
	{ "radius authentication server <address:address>",
	  "RADIUS|Who is asked about users|A server, and its settings|Its address",
	  MODE_GLOBAL, GR_NO, "radius authentication server <address:address>", .opens = MODE_RADIUS_AUTH,
	  .edit = edit_auth_server, .write = write_auth_servers },
	SERVER_ROWS(MODE_RADIUS_AUTH, AAA_RADIUS_AUTH_PORT),
	{ "radius accounting server <address:address>",
	  "RADIUS|Who is told of sessions|A server, and its settings|Its address",
	  MODE_GLOBAL, GR_NO, "radius accounting server <address:address>", .opens = MODE_RADIUS_ACCT,
	  .edit = edit_acct_server, .write = write_acct_servers },
	SERVER_ROWS(MODE_RADIUS_ACCT, AAA_RADIUS_ACCT_PORT),
	{ "radius algorithm <order:radius-order>", "RADIUS|Which server of several is asked|Order",
	  MODE_GLOBAL, GR_NO, RADIUS(FIELD_ENUM, algorithm, .dflt = RADIUS_ORDER_DIRECT) },
	{ "radius update-source-addr <address:address>", "RADIUS|Source of requests, one of each family|Address of ours",
	  MODE_GLOBAL, GR_NO, .edit = edit_source, .write = write_source },
	{ "radius nas-identifier <name:hostname>", "RADIUS|NAS-Identifier; otherwise the hostname|Text",
	  MODE_GLOBAL, GR_NO, RADIUS(FIELD_STR, nas_identifier) },
	{ "radius nas-ip-address <address:address>", "RADIUS|NAS-IP-Address, or NAS-IPv6-Address|Address",
	  MODE_GLOBAL, GR_NO, RADIUS(FIELD_ADDR, nas_ip) },
	{ "radius override nas-ip-addr tunnel-client-endpoint",
	  "RADIUS|Send something else|As NAS-IP-Address|The LAC's address",
	  MODE_GLOBAL, GR_NO, RADIUS(FIELD_TRUE, nas_ip_lac) },
	{ "radius connect-info-format <format:connect-info>", "RADIUS|What Connect-Info holds|Format",
	  MODE_GLOBAL, GR_NO, RADIUS(FIELD_ENUM, connect_info, .dflt = AAA_CONNECT_INFO_DEFAULT) },
	{ "radius tunnel-accounting {enable|disable}", "RADIUS|Accounting of tunnels (RFC 2867)|Yes|No (default)",
	  MODE_GLOBAL, GR_NO, RADIUS(FIELD_SWITCH, tunnel_accounting) },
	{ "radius include <attribute:radius-attribute> <message:radius-message> {enable|disable}",
	  "RADIUS|Which attributes are sent where|Attribute|Message|Sent|Not sent",
	  MODE_GLOBAL, GR_NO,
	  "radius include <attribute:radius-attribute> <message:radius-message> [enable|disable]",
	  .edit = edit_include, .write = write_includes },
	{ 0 },
};
