/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A command line in a connection's present mode. A configuration command is a transaction of one line: a copy
 * of the tree is edited, checked, applied, and only then takes the tree's place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/session_int.h"

/* ---- modes ---- */

void session_leave(struct mgmt_session *s)
{
	free(s->at[--s->depth].key);
}

static void leave_to(struct mgmt_session *s, enum mode mode)
{
	while (s->depth && session_mode(s) != mode)
		session_leave(s);
}

int session_enter(struct mgmt_session *s, enum mode mode, const void *scope)
{
	struct out key = { 0 };
	char *text;

	if (scope && mode_desc(mode)->key)
		mode_desc(mode)->key(scope, &key);
	text = out_steal(&key);
	if (!text || s->depth == EDIT_DEPTH) {
		free(text);
		return -1;
	}
	s->at[s->depth++] = (struct place){ mode, text };
	return 0;
}

void session_prompt(const struct mgmt_session *s, struct out *o)
{
	const char *mode = mode_desc(session_mode(s))->prompt;

	out_escaped(o, span_str(s->m->conf.model.hostname));
	if (mode)
		out_fmt(o, "(%s)", mode);
	out_char(o, '#');
}

/* ---- configuration commands ---- */

/* The scopes of a command's mode in a tree. Return: false when an object is gone. */
static bool scopes(const struct mgmt_session *s, struct edit *e, struct config *c)
{
	*e = (struct edit){ .conf = c, .scope = { c }, .depth = 1, .error_value = -1 };
	for (unsigned i = 1; i < s->depth; i++) {
		void *at = mode_desc(s->at[i].mode)->find(e->scope[i - 1], s->at[i].key);

		if (!at)
			return false;
		e->scope[e->depth++] = at;
	}
	return true;
}

static enum mgmt_code edit_failed(struct mgmt_session *s, const struct edit *e, const struct gr_match *m)
{
	unsigned word = e->error_value >= 0 ? m->v[e->error_value].word : 0;

	gr_caret(&s->body, m->lex->line, m->lex->len, m->lex->word[word].col);
	return session_error(s, MGMT_REFUSED, "%s", e->error);
}

/* A reference that leads nowhere is accepted, and said (once, when it comes about). */
static void warn(void *ctx, const struct config_fault *f)
{
	out_fmt(ctx, "%% Warning: %s\n", f->text);
}

static enum mgmt_code in_force(struct mgmt_session *s, struct config *next)
{
	int rc = mgmt_put_in_force(s->m, next);

	if (!rc)
		return MGMT_DONE;
	return session_error(s, MGMT_FAILED, "Not applied: %s", strerror(-rc));
}

static enum mgmt_code transact(struct mgmt_session *s, const struct gr_match *m, struct config *next, struct edit *e)
{
	enum mgmt_code code;

	if (!scopes(s, e, next)) {
		while (s->depth > 1)
			session_leave(s);
		return session_error(s, MGMT_NOT_FOUND, "What this mode configures has been deleted");
	}
	if (edit_run(e, m))
		return edit_failed(s, e, m);
	config_news(config_check, &s->m->conf, next, warn, &s->body);
	config_news(config_warn, &s->m->conf, next, warn, &s->body);
	if (e->opened && session_enter(s, m->cmd->opens, e->opened))
		return session_error(s, MGMT_FAILED, "Out of memory");
	code = in_force(s, next);
	if (code != MGMT_DONE && e->opened)
		session_leave(s);
	return code;
}

/* A command of an outer mode takes the connection there. */
static enum mgmt_code configure(struct mgmt_session *s, const struct gr_match *m)
{
	struct config next;
	struct edit e;
	enum mgmt_code code;

	if (config_copy(&next, &s->m->conf))
		return session_error(s, MGMT_FAILED, "Out of memory");
	leave_to(s, m->cmd->mode);
	code = transact(s, m, &next, &e);
	config_fini(&next);
	return code;
}

enum mgmt_code session_file(struct mgmt_session *s, const char *text, size_t len)
{
	struct config next;
	enum mgmt_code code = MGMT_REFUSED;

	if (config_copy(&next, &s->m->conf))
		return session_error(s, MGMT_FAILED, "Out of memory");
	if (config_read(s->m->g, &next, &s->m->conf, "file", text, len, &s->body))
		session_error(s, code, "Nothing was changed");
	else
		code = in_force(s, &next);
	config_fini(&next);
	return code;
}

/* ---- the line ---- */

/* `show ... | json`: takes the filter off. Return: false after an error. */
static bool take_filter(struct mgmt_session *s, struct lex *l, enum mgmt_code *code)
{
	unsigned i = 0;
	struct gr_error e = { GR_UNKNOWN, 0, 0, "Unknown filter: the daemon has `json`" };

	s->json = false;
	while (i < l->n && (l->word[i].quoted || strcmp(l->word[i].text, "|") != 0))
		i++;
	if (i == l->n)
		return true;
	if (i + 2 == l->n && *l->word[i + 1].text &&
	    strncmp("json", l->word[i + 1].text, strlen(l->word[i + 1].text)) == 0) {
		s->json = true;
		l->n = i;
		return true;
	}
	e.col = i + 1 < l->n ? l->word[i + 1].col : l->word[i].end;
	gr_error_show(&s->body, l->line, l->len, &e);
	*code = MGMT_SYNTAX;
	return false;
}

static bool begins_with(const struct mgmt_session *s, enum mode mode, const struct lex *l, const char *keyword)
{
	struct gr_match m;
	struct gr_error e = { .fault = GR_OK };
	const struct gr_node *at = l->n && !l->word[0].quoted ? gr_walk(s->m->g, mode, l, 1, &m, &e) : NULL;

	return at && !at->type && strcmp(at->word, keyword) == 0;
}

/* Only displays and tests have filters; elsewhere `|` may be a password. */
static bool has_filter(const struct mgmt_session *s, const struct lex *l)
{
	return begins_with(s, MODE_ANY, l, "show") ||
	       (session_mode(s) == MODE_EXEC && begins_with(s, MODE_EXEC, l, "test"));
}

static enum mgmt_code execute(struct mgmt_session *s, struct lex *l)
{
	struct gr_match m;
	struct gr_error e;
	enum mgmt_code code = MGMT_DONE;

	if (!lex_line(l, l->line, l->len)) {
		gr_caret(&s->body, l->line, l->len, l->error_col);
		return session_error(s, MGMT_SYNTAX, "%s", l->error);
	}
	if (l->comment)
		return MGMT_DONE;
	s->json = false;
	if (has_filter(s, l) && !take_filter(s, l, &code))
		return code;
	if (!mode_lookup(s->m->g, session_mode(s), l, &m, &e)) {
		gr_error_show(&s->body, l->line, l->len, &e);
		return MGMT_SYNTAX;
	}
	if (s->json && !(m.cmd->flags & GR_JSON))
		return session_error(s, MGMT_REFUSED, "This command has no JSON");
	return m.cmd->exec ? (enum mgmt_code)m.cmd->exec(s, &m) : configure(s, &m);
}

enum mgmt_code session_line(struct mgmt_session *s, const char *line, size_t len)
{
	struct lex *l = malloc(sizeof(*l));
	enum mgmt_code code;

	if (!l)
		return session_error(s, MGMT_FAILED, "Out of memory");
	l->line = line;
	l->len = len;
	code = execute(s, l);
	explicit_bzero(l, sizeof(*l));
	free(l);
	return code;
}

/* ---- `?` and Tab ---- */

static void offer_config(const struct config *c, unsigned names, gr_offer_fn *offer, void *octx)
{
	char number[16];

	if (names == NAMES_PROFILE)
		for (const struct profile_conf *p = c->model.profiles; p; p = p->next)
			offer(octx, p->name);
	if (names == NAMES_POOL)
		for (const struct aaa_pool *p = c->aaa.pools; p; p = p->next)
			offer(octx, p->name);
	if (names == NAMES_DATABASE)
		for (const struct aaa_database *d = c->aaa.databases; d; d = d->next)
			offer(octx, d->name);
	if (names == NAMES_USER)
		for (const struct aaa_user *u = c->aaa.users; u; u = u->next)
			offer(octx, u->name);
	if (names == NAMES_DEST_PROFILE)
		for (const struct dest_profile_conf *d = c->model.dest_profiles; d; d = d->next)
			offer(octx, d->name);
	if (names == NAMES_LOOPBACK)
		for (const struct loopback_conf *l = c->model.loopbacks; l; l = l->next) {
			snprintf(number, sizeof(number), "%u", l->number);
			offer(octx, number);
		}
}

static void offer_in_dest(const struct dest_profile_conf *d, unsigned names, gr_offer_fn *offer, void *octx)
{
	if (names == NAMES_GROUP)
		for (const struct limit_group_conf *g = d->groups; g; g = g->next)
			offer(octx, g->name);
	if (names == NAMES_HOST)
		for (const struct host_conf *h = d->hosts; h; h = h->next)
			if (h->remote_name)
				offer(octx, h->remote_name);
}

enum { OFFERS_MAX = 200 };	/* of living objects */

static void offer_living(struct mgmt *m, unsigned names, gr_offer_fn *offer, void *octx)
{
	struct model_filter all = { 0 };
	struct model_tunnel_row t;
	struct model_dest_row d;
	uint64_t pos = 0;
	char name[32];

	if (!m->c.model)
		return;
	for (unsigned i = 0;
	     names == NAMES_DESTINATION && i < OFFERS_MAX && model_dest_next(m->c.model, &pos, &all, false, &d);
	     i++) {
		snprintf(name, sizeof(name), "%u", d.number);
		offer(octx, name);
	}
	for (unsigned i = 0; names == NAMES_TUNNEL && i < OFFERS_MAX &&
	     model_tunnel_next(m->c.model, &pos, &all, false, &t, mgmt_now(m)); i++) {
		snprintf(name, sizeof(name), "%u/%u", t.dest, t.number);
		offer(octx, name);
	}
}

static void offer_names(void *ctx, unsigned names, const struct gr_match *so_far, gr_offer_fn *offer, void *octx)
{
	struct mgmt_session *s = ctx;
	struct edit e;

	offer_config(&s->m->conf, names, offer, octx);
	offer_living(s->m, names, offer, octx);
	if ((names == NAMES_GROUP || names == NAMES_HOST) && s->depth >= 2 && s->at[1].mode == MODE_DEST_PROFILE &&
	    scopes(s, &e, &s->m->conf))
		offer_in_dest(e.scope[1], names, offer, octx);
}

static void view(struct mgmt_session *s, const char *line, size_t len, bool complete)
{
	unsigned chain[MODE_COUNT];
	const char *titles[MODE_COUNT];
	struct gr_view v = { chain, titles, mode_chain(session_mode(s), chain), offer_names, s };
	struct lex *l = malloc(sizeof(*l));

	if (!l)
		return;
	for (unsigned i = 0; i < v.n; i++)
		titles[i] = mode_desc(chain[i])->title;
	if (lex_line(l, line, len) && (!l->comment || l->space_after)) {
		if (complete)
			gr_complete(s->m->g, &v, l, &s->body);
		else
			gr_help(s->m->g, &v, l, &s->body);
	}
	explicit_bzero(l, sizeof(*l));
	free(l);
}

void session_help(struct mgmt_session *s, const char *line, size_t len)
{
	view(s, line, len, false);
}

void session_complete(struct mgmt_session *s, const char *line, size_t len)
{
	view(s, line, len, true);
}
