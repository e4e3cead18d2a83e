/* SPDX-License-Identifier: BSD-2-Clause */
/* aaa: methods, servers told to clients, timeouts; the local database and its users. */
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"
#include "mgmt/user_index.h"

#define AAA(kind_, member, ...) .field = { .kind = kind_, .off = offsetof(struct config, aaa.member), ##__VA_ARGS__ }
#define USER(kind_, member, ...) .field = { .kind = kind_, .off = offsetof(struct aaa_user, member), ##__VA_ARGS__ }

static int edit_database(struct edit *e, const struct gr_match *m)
{
	const char *name = gr_str(m, "name");
	struct aaa_database *d;

	CONF_FIND(d, e->conf->aaa.databases, strcmp(d->name, name) == 0);
	if (m->no && d) {
		CONF_UNLINK(e->conf->aaa.databases, d);
		free(d->name);
		free(d);
	}
	if (m->no || d)
		return 0;
	d = calloc(1, sizeof(*d));
	if (!d || edit_str(e, &d->name, name)) {
		free(d);
		return edit_no_memory(e);
	}
	CONF_APPEND(e->conf->aaa.databases, d);
	return 0;
}

static void write_databases(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct config *c = scope;

	for (const struct aaa_database *d = c->aaa.databases; d; d = d->next) {
		out_str(conf_begin(w), "aaa local database ");
		out_word(w->o, d->name);
		conf_end(w);
	}
}

static void user_free(struct aaa_user *u)
{
	if (!u)
		return;
	if (u->password)
		explicit_bzero(u->password, strlen(u->password));
	free(u->name);
	free(u->database);
	free(u->password);
	free(u->pool);
	free(u);
}

static int edit_user(struct edit *e, const struct gr_match *m)
{
	const char *name = gr_str(m, "name"), *db = gr_str(m, "database");
	struct aaa_user *u;

	u = user_index_find(e->users, e->conf, name, db);
	if (m->no && u) {
		user_index_del(e->users, e->conf, u);
		user_free(u);
	}
	if (m->no)
		return 0;
	if (!u) {
		u = calloc(1, sizeof(*u));
		if (!u || edit_defaults(e, MODE_USER, u) || edit_str(e, &u->name, name) ||
		    edit_str(e, &u->database, db) || user_index_add(e->users, e->conf, u)) {
			user_free(u);
			return edit_no_memory(e);
		}
	}
	e->opened = u;
	return 0;
}

static void write_users(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct config *c = scope;

	for (const struct aaa_user *u = c->aaa.users; u; u = u->next) {
		out_str(conf_begin(w), "aaa local username ");
		out_word(w->o, u->name);
		out_str(w->o, " database ");
		out_word(w->o, u->database);
		conf_end(w);
		conf_mode(w, MODE_USER, u);
	}
}

const struct gr_cmd cmd_aaa[] = {
	{ "aaa dns primary <address:ipv4>",
	  "Authentication, authorization, accounting|DNS servers told to subscribers|First server|Its address",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_IP4, dns[0]) },
	{ "aaa dns secondary <address:ipv4>", "AAA|DNS servers told to subscribers|Second server|Its address",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_IP4, dns[1]) },
	{ "aaa wins primary <address:ipv4>", "AAA|WINS servers told to subscribers|First server|Its address",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_IP4, wins[0]) },
	{ "aaa wins secondary <address:ipv4>", "AAA|WINS servers told to subscribers|Second server|Its address",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_IP4, wins[1]) },
	{ "aaa authentication ppp default <method:aaa-method>+",
	  "AAA|How users are authenticated|PPP users|For all of them|Methods, in order",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_ENUMS, ppp, .dflt = AAA_METHODS_MAX) },
	{ "aaa authentication tunnel default <method:aaa-method>+",
	  "AAA|How users are authenticated|Users that come through L2TP tunnels: goes before ppp|"
	  "For all of them|Methods, in order",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_ENUMS, tunnel, .dflt = AAA_METHODS_MAX) },
	{ "aaa duplicate-address-check",
	  "AAA|An address in use logs out its holder when it is the same user (default)",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_FALSE, no_duplicate_address_check) },
	{ "aaa timeout session <seconds:1-31622400>",
	  "AAA|Timeouts of users that have none of their own|Longest session|Seconds",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_U32, session_timeout_s) },
	{ "aaa timeout idle <seconds:1-31622400>",
	  "AAA|Timeouts of users that have none of their own|Longest silence|Seconds",
	  MODE_GLOBAL, GR_NO, AAA(FIELD_U32, idle_timeout_s) },
	{ 0 },
};

const struct gr_cmd cmd_aaa_local[] = {
	{ "aaa local database <name:database>", "AAA|The database of this router|Make a database|Its name",
	  MODE_GLOBAL, GR_NO, "aaa local database <name:database>", .edit = edit_database,
	  .write = write_databases },
	{ "aaa local username <name:user> database <database:database-ref>",
	  "AAA|The database of this router|A user|User name|Its database|Name of the database",
	  MODE_GLOBAL, GR_NO, "aaa local username <name:user> database <database:database-ref>",
	  .opens = MODE_USER, .edit = edit_user, .write = write_users },
	{ "password <password:user-secret>", "Password|In quotes if it has blanks", MODE_USER, GR_NO,
	  USER(FIELD_STR, password) },
	{ "ip-address <address:ipv4>", "Always this address|Address", MODE_USER, GR_NO, USER(FIELD_ADDR, ip4) },
	{ "ip-address-pool <pool:pool-ref>", "Address from a pool|Pool name", MODE_USER, GR_NO,
	  USER(FIELD_STR, pool) },
	{ "session-timeout <seconds:1-31622400>", "Longest session|Seconds", MODE_USER, GR_NO,
	  USER(FIELD_U32, session_timeout_s) },
	{ "idle-timeout <seconds:1-31622400>", "Longest silence|Seconds", MODE_USER, GR_NO,
	  USER(FIELD_U32, idle_timeout_s) },
	{ 0 },
};
