/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration file. A line belongs to the mode that its indentation says: the first line of a block sets
 * the block's indentation, a line further out ends it. A line is looked up in its mode alone. After a faulty
 * line the lines below it are passed over, so that one fault is one message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"
#include "mgmt/user_index.h"

enum { FAULTS_MAX = 20 };	/* shown; all are counted */

/* Where the file refers to something by name. */
struct reference {
	struct reference *next;
	enum names names;
	unsigned line, col;
	const char *text;	/* in the file */
	size_t len;
	char name[];
};

struct level {
	unsigned indent;
	enum mode mode;
	void *scope;
};

struct reader {
	const struct grammar *g;
	struct config *c;
	const struct config *base;
	const char *name;
	struct out *errors;
	unsigned faults;
	struct level level[EDIT_DEPTH];
	unsigned depth;
	enum mode opened;		/* by the line before; MODE_ANY: none */
	void *opened_scope;
	unsigned indent;		/* of the line before */
	bool skipping;			/* lines deeper than `indent` */
	struct reference *refs;
	struct user_index users;
	unsigned number;		/* of the line */
	const char *text;
	size_t len;
	struct lex lex;
};

/* What is said of a file may end in a journal. */
static void show_line(struct out *o, const char *text, size_t len, unsigned col)
{
	static const char stars[] = "********";
	size_t secret = conf_secret_at(text, len);
	struct out shown = { 0 };

	out_bytes(&shown, text, secret);
	if (secret < len)
		out_str(&shown, stars);
	if (secret < len && col > shown.len)
		out_pad(&shown, ' ', col - shown.len);
	if (!shown.failed)
		gr_caret(o, shown.p ? shown.p : "", shown.len, col);
	out_fini(&shown);
}

static void fault_at(struct reader *r, unsigned number, const char *text, size_t len, unsigned col, const char *what)
{
	if (++r->faults > FAULTS_MAX) {
		if (r->faults == FAULTS_MAX + 1)
			out_str(r->errors, "More faults are not shown\n");
		return;
	}
	out_fmt(r->errors, "%s:%u: %s\n", r->name, number, what);
	show_line(r->errors, text, len > LEX_LINE_MAX ? 80 : len, col);
}

static void fault(struct reader *r, unsigned col, const char *what)
{
	fault_at(r, r->number, r->text, r->len, col, what);
	r->skipping = true;
}

static unsigned first_col(const struct reader *r)
{
	return r->lex.n ? r->lex.word[0].col : 0;
}

/* Finds the level of a line. Return: false after a fault. */
static bool settle(struct reader *r)
{
	unsigned indent = r->lex.indent;

	if (r->skipping && indent > r->indent)
		return false;
	r->skipping = false;
	if (indent > r->indent) {
		if (r->opened == MODE_ANY || r->depth == EDIT_DEPTH) {
			fault(r, first_col(r), "Unexpected indentation: the line above opens no mode");
			return false;
		}
		r->level[r->depth++] = (struct level){ indent, r->opened, r->opened_scope };
	}
	while (r->level[r->depth - 1].indent > indent)
		r->depth--;
	r->opened = MODE_ANY;
	r->indent = indent;
	if (r->level[r->depth - 1].indent == indent)
		return true;
	fault(r, first_col(r), "The indentation is that of no mode above");
	return false;
}

static void refer(struct reader *r, const struct gr_value *v)
{
	char number[24];
	const char *name = v->str;
	struct reference *ref;

	if (v->type->kind == GR_INT) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)v->num);
		name = number;
	}
	ref = malloc(sizeof(*ref) + strlen(name) + 1);
	if (!ref) {
		fault(r, first_col(r), "Out of memory");
		return;
	}
	*ref = (struct reference){ r->refs, v->type->names, r->number, r->lex.word[v->word].col, r->text, r->len };
	strcpy(ref->name, name);
	r->refs = ref;
}

static void carry_out(struct reader *r, const struct gr_match *m)
{
	struct edit e = { .conf = r->c, .mode = m->cmd->mode, .depth = r->depth, .users = &r->users };
	unsigned at = 0;

	if (m->cmd->exec) {
		fault(r, first_col(r), "This acts on what is there, and is no part of a configuration");
		return;
	}
	for (unsigned i = 0; i < r->depth; i++)
		e.scope[i] = r->level[i].scope;
	if (edit_run(&e, m)) {
		if (e.error_value >= 0)
			at = m->v[e.error_value].word;
		fault(r, r->lex.word[at].col, e.error);
		return;
	}
	if (e.opened) {
		r->opened = m->cmd->opens;
		r->opened_scope = e.opened;
	}
	for (unsigned i = 0; i < m->n && !m->no; i++)
		if (m->v[i].type->refers)
			refer(r, &m->v[i]);
}

static void read_line(struct reader *r)
{
	struct gr_match m;
	struct gr_error e;

	if (!lex_line(&r->lex, r->text, r->len) && !r->lex.n) {
		fault(r, r->lex.error_col, r->lex.error);
		return;
	}
	if (r->lex.comment || !settle(r))
		return;
	if (gr_match(r->g, r->level[r->depth - 1].mode, &r->lex, &m, &e))
		carry_out(r, &m);
	else
		fault(r, e.col, e.text);
}

/* ---- references, when all is read ---- */

struct dangling {
	struct reader *r;
	const char *text;
	bool old;
};

static void is_old(void *ctx, const struct config_fault *f)
{
	struct dangling *d = ctx;

	d->old |= strcmp(f->text, d->text) == 0;
}

static void dangling(void *ctx, const struct config_fault *f)
{
	struct reader *r = ctx;
	const struct reference *ref = r->refs;
	struct dangling d = { r, f->text, false };

	while (ref && (ref->names != f->names || strcmp(ref->name, f->name) != 0))
		ref = ref->next;
	if (ref) {
		fault_at(r, ref->line, ref->text, ref->len, ref->col, f->text);
		return;
	}
	if (r->base)
		config_check(r->base, is_old, &d);
	if (d.old)
		return;
	r->faults++;
	out_fmt(r->errors, "%s: %s\n", r->name, f->text);
}

static void warning(void *ctx, const struct config_fault *f)
{
	const struct reader *r = ctx;

	out_fmt(r->errors, "%s: Warning: %s\n", r->name, f->text);
}

static void free_references(struct reader *r)
{
	while (r->refs) {
		struct reference *ref = r->refs;

		r->refs = ref->next;
		free(ref);
	}
}

unsigned config_read(const struct grammar *g, struct config *c, const struct config *base, const char *name,
		     const char *text, size_t len, struct out *errors)
{
	struct reader *r = calloc(1, sizeof(*r));
	unsigned faults;

	if (!r) {
		out_fmt(errors, "%s: Out of memory\n", name);
		return 1;
	}
	*r = (struct reader){ .g = g, .c = c, .base = base, .name = name, .errors = errors, .depth = 1 };
	r->level[0] = (struct level){ 0, MODE_GLOBAL, c };
	user_index_init(&r->users);
	for (size_t at = 0; at < len; at++) {
		const char *end = memchr(text + at, '\n', len - at);

		r->text = text + at;
		r->len = end ? (size_t)(end - r->text) : len - at;
		at += r->len;
		if (r->len && r->text[r->len - 1] == '\r')
			r->len--;
		r->number++;
		read_line(r);
	}
	if (!r->faults)
		config_check(c, dangling, r);
	if (!r->faults)
		config_news(config_warn, base, c, warning, r);
	faults = r->faults;
	free_references(r);
	user_index_fini(&r->users);
	explicit_bzero(&r->lex, sizeof(r->lex));
	free(r);
	return faults;
}
