/* SPDX-License-Identifier: BSD-2-Clause */
/* profile NAME: the dynamic PPP and IP interface of a subscriber. Spec 11.3. */
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"

#define P(kind_, member, ...) .field = { .kind = kind_, .off = offsetof(struct profile_conf, member), ##__VA_ARGS__ }

enum { CHAP_MIN = 16, CHAP_MAX = 32 };

static void profile_free(struct profile_conf *p)
{
	if (!p)
		return;
	free(p->name);
	free(p->pool);
	free(p);
}

static int edit_profile(struct edit *e, const struct gr_match *m)
{
	const char *name = gr_str(m, "name");
	struct profile_conf *p;

	CONF_FIND(p, e->conf->model.profiles, strcmp(p->name, name) == 0);
	if (m->no && p) {
		CONF_UNLINK(e->conf->model.profiles, p);
		profile_free(p);
	}
	if (m->no)
		return 0;
	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p || edit_defaults(e, MODE_PROFILE, p) || edit_str(e, &p->name, name)) {
			profile_free(p);
			return edit_no_memory(e);
		}
		p->unnumbered_loopback = -1;
		p->chap_min = CHAP_MIN;
		p->chap_max = CHAP_MAX;
		CONF_APPEND(e->conf->model.profiles, p);
	}
	e->opened = p;
	return 0;
}

static void write_profiles(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct config *c = scope;

	for (const struct profile_conf *p = c->model.profiles; p; p = p->next) {
		out_str(conf_begin(w), "profile ");
		out_word(w->o, p->name);
		conf_end(w);
		conf_mode(w, MODE_PROFILE, p);
	}
}

static int edit_unnumbered(struct edit *e, const struct gr_match *m)
{
	struct profile_conf *p = edit_scope(e);

	p->unnumbered_loopback = m->no ? -1 : (int)gr_value(m, "number")->num;
	return 0;
}

static void write_unnumbered(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct profile_conf *p = scope;

	if (p->unnumbered_loopback >= 0)
		conf_line(w, "ip unnumbered loopback %d", p->unnumbered_loopback);
}

/* Without a number the default, which the row's field has too. */
static int edit_keepalive(struct edit *e, const struct gr_match *m)
{
	struct profile_conf *p = edit_scope(e);
	const struct gr_value *v = gr_value(m, "seconds");

	p->keepalive_s = m->no ? 0 : v ? (uint32_t)v->num : m->cmd->field.dflt;
	return 0;
}

static int edit_chap_length(struct edit *e, const struct gr_match *m)
{
	struct profile_conf *p = edit_scope(e);
	unsigned min = CHAP_MIN, max = CHAP_MAX;

	if (!m->no) {
		min = (unsigned)gr_value(m, "min")->num;
		max = (unsigned)gr_value(m, "max")->num;
	}
	if (max < min)
		return edit_error(e, m, "max", "The maximum is below the minimum");
	p->chap_min = (uint8_t)min;
	p->chap_max = (uint8_t)max;
	return 0;
}

static void write_chap_length(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct profile_conf *p = scope;

	if (p->chap_min != CHAP_MIN || p->chap_max != CHAP_MAX)
		conf_line(w, "ppp chap-challenge-length %u %u", p->chap_min, p->chap_max);
}

const struct gr_cmd cmd_profile[] = {
	{ "profile <name:profile>", "PPP and IP settings of subscribers|Profile name", MODE_GLOBAL, GR_NO,
	  "profile <name:profile>", .opens = MODE_PROFILE, .edit = edit_profile, .write = write_profiles },
	{ "ip unnumbered loopback <number:loopback-ref>",
	  "IP settings|Borrow the address of an interface|Loopback interface|Its number",
	  MODE_PROFILE, GR_NO, "ip unnumbered [loopback [<number:loopback-ref>]]", .edit = edit_unnumbered,
	  .write = write_unnumbered },
	{ "ip access-routes", "IP settings|A host route for every subscriber, in pools too", MODE_PROFILE, GR_NO,
	  P(FIELD_TRUE, access_routes) },
	{ "ip address-pool <pool:pool-ref>", "IP settings|Pool to use when AAA names none|Pool name",
	  MODE_PROFILE, GR_NO, P(FIELD_STR, pool) },
	{ "ppp authentication <protocol:ppp-auth>+",
	  "PPP settings|Protocols to ask for, the preferred one first|Protocol",
	  MODE_PROFILE, GR_NO, P(FIELD_ENUMS, auth, .dflt = PPP_AUTH_COUNT - 1) },
	{ "ppp mru <octets:64-65535>",
	  "PPP settings|Maximum receive unit (default: from the lower layer)|Octets",
	  MODE_PROFILE, GR_NO, P(FIELD_U32, mru) },
	{ "ppp keepalive [<seconds:1-64800>]",
	  "PPP settings|Seconds without a frame before an Echo-Request (default 30)|Seconds",
	  MODE_PROFILE, GR_NO, P(FIELD_U32, keepalive_s, .dflt = 30, .flags = FIELD_SHOWN | FIELD_NO_IS_ZERO),
	  .edit = edit_keepalive },
	{ "ppp magic-number disable", "PPP settings|Magic number|Do not negotiate one", MODE_PROFILE, GR_NO,
	  P(FIELD_TRUE, magic_disabled) },
	{ "ppp passive-mode", "PPP settings|Wait for the peer's first Configure-Request", MODE_PROFILE, GR_NO,
	  P(FIELD_TRUE, passive) },
	{ "ppp chap-challenge-length <min:8-63> <max:8-63>",
	  "PPP settings|Length of challenges (default 16 32)|Least octets|Most octets",
	  MODE_PROFILE, GR_NO, .edit = edit_chap_length, .write = write_chap_length },
	{ "ppp max-negotiations <count:1-255>", "PPP settings|Renegotiations after Opened (default 30)|Count",
	  MODE_PROFILE, GR_NO, P(FIELD_U8, max_negotiations, .dflt = 30) },
	{ "ppp initiate-ip", "PPP settings|Begin IPCP without waiting for the client", MODE_PROFILE, GR_NO,
	  P(FIELD_TRUE, initiate_ip) },
	{ "ppp initiate-ipv6", "PPP settings|Begin IPv6CP without waiting for the client", MODE_PROFILE, GR_NO,
	  P(FIELD_TRUE, initiate_ipv6) },
	{ 0 },
};
