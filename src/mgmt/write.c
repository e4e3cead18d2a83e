/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree as text. The rows are walked in the order of the tables, which is so chosen that every line, typed
 * in the mode the line before left behind, is found in the mode it belongs to: settings of an object come
 * before the modes it opens.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/edit.h"

struct out *conf_begin(struct conf_writer *w)
{
	out_pad(w->o, ' ', w->level);
	return w->o;
}

void conf_end(struct conf_writer *w)
{
	out_char(w->o, '\n');
}

void conf_line(struct conf_writer *w, const char *fmt, ...)
{
	va_list ap;

	conf_begin(w);
	va_start(ap, fmt);
	out_vfmt(w->o, fmt, ap);
	va_end(ap);
	conf_end(w);
}

static uint64_t number(const struct gr_field *f, const void *at)
{
	if (f->kind == FIELD_U8)
		return *(const uint8_t *)at;
	if (f->kind == FIELD_U16)
		return *(const uint16_t *)at;
	return *(const uint32_t *)at;
}

/* The keywords before the first value. */
static struct out *words(struct conf_writer *w, const struct gr_cmd *cmd, bool no)
{
	size_t n = strcspn(cmd->pattern, "<[{");

	while (n && cmd->pattern[n - 1] == ' ')
		n--;
	conf_begin(w);
	if (no)
		out_str(w->o, "no ");
	out_bytes(w->o, cmd->pattern, n);
	return w->o;
}

static bool is_kept(const struct gr_field *f, const void *scope)
{
	return f->flags & FIELD_KEPT && *((const uint8_t *)scope + f->kept_off) & f->kept_bit;
}

static void write_number(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope, uint64_t v)
{
	const struct gr_field *f = &cmd->field;

	if (v == f->dflt && !(f->flags & FIELD_SHOWN) && !is_kept(f, scope))
		return;
	if (!v && f->flags & FIELD_NO_IS_ZERO)
		words(w, cmd, true);
	else
		out_fmt(words(w, cmd, false), " %" PRIu64, v);
	conf_end(w);
}

static void write_str(struct conf_writer *w, const struct gr_cmd *cmd, const char *s)
{
	const char *dflt = cmd->field.dflt_str;

	if (!s || (dflt && strcmp(s, dflt) == 0))
		return;
	words(w, cmd, false);
	out_char(w->o, ' ');
	out_word(w->o, s);
	conf_end(w);
}

static void write_addr(struct conf_writer *w, const struct gr_cmd *cmd, const struct ip_addr *a)
{
	words(w, cmd, false);
	out_char(w->o, ' ');
	out_addr(w->o, a);
	conf_end(w);
}

static const struct gr_type *type_of(const struct gr_cmd *cmd)
{
	const char *colon = strchr(cmd->pattern, ':');
	size_t n = colon ? strcspn(colon + 1, ">") : 0;

	for (const struct gr_type *t = mgmt_types; n && t->name; t++)
		if (strlen(t->name) == n && memcmp(t->name, colon + 1, n) == 0)
			return t;
	return NULL;
}

static const char *word_of(const struct gr_type *t, int value)
{
	for (const struct gr_choice *c = t->choices; c->word; c++)
		if (c->value == value)
			return c->word;
	return "?";
}

static void write_enum(struct conf_writer *w, const struct gr_cmd *cmd, uint32_t v)
{
	const struct gr_type *t = type_of(cmd);

	if (v == cmd->field.dflt || !t)
		return;
	out_fmt(words(w, cmd, false), " %s", word_of(t, (int)v));
	conf_end(w);
}

static void write_switch(struct conf_writer *w, const struct gr_cmd *cmd, const char *word)
{
	out_fmt(words(w, cmd, false), " %s", word);
	conf_end(w);
}

static void write_enums(struct conf_writer *w, const struct gr_cmd *cmd, const int *list)
{
	const struct gr_type *t = type_of(cmd);

	if (!list[0] || !t)
		return;
	words(w, cmd, false);
	for (unsigned i = 0; i < cmd->field.dflt && list[i]; i++)
		out_fmt(w->o, " %s", word_of(t, list[i]));
	conf_end(w);
}

void conf_field(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct gr_field *f = &cmd->field;
	const void *at = (const char *)scope + f->off;
	struct ip_addr ip;

	switch (f->kind) {
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
		write_number(w, cmd, scope, number(f, at));
		break;
	case FIELD_TRUE:
	case FIELD_FALSE:
		if (*(const bool *)at)
			conf_line(w, "%s%s", f->kind == FIELD_FALSE ? "no " : "", cmd->pattern);
		break;
	case FIELD_STR:
		write_str(w, cmd, *(char *const *)at);
		break;
	case FIELD_ADDR:
		if (!ip_addr_is_none(at))
			write_addr(w, cmd, at);
		break;
	case FIELD_IP4:
		ip = ip4_of(*(const uint32_t *)at);
		if (!ip_addr_is_any(&ip))
			write_addr(w, cmd, &ip);
		break;
	case FIELD_ENUMS:
		write_enums(w, cmd, at);
		break;
	case FIELD_ENUM:
		write_enum(w, cmd, *(const uint32_t *)at);
		break;
	case FIELD_SWITCH:
	case FIELD_SWITCH_OFF:
		if (*(const bool *)at)
			write_switch(w, cmd, f->kind == FIELD_SWITCH ? "enable" : "disable");
		break;
	case FIELD_NONE:
		break;
	}
}

static void write_mode(struct conf_writer *w, enum mode mode, const void *scope)
{
	for (const struct gr_cmd *const *t = mgmt_tables; *t; t++)
		for (const struct gr_cmd *c = *t; c->pattern; c++) {
			if (c->mode != mode)
				continue;
			if (c->write)
				c->write(w, c, scope);
			else
				conf_field(w, c, scope);
		}
}

void conf_mode(struct conf_writer *w, enum mode mode, const void *scope)
{
	w->level++;
	write_mode(w, mode, scope);
	w->level--;
}

/* Such a text has passwords in it. */
static void text_wipe(struct out *o)
{
	if (o->p)
		explicit_bzero(o->p, o->cap);
	out_fini(o);
}

void config_write(const struct config *c, struct out *o)
{
	struct conf_writer w = { o, 0 };

	write_mode(&w, MODE_GLOBAL, c);
}

bool config_same(const struct config *a, const struct config *b)
{
	struct out ta = { 0 }, tb = { 0 };
	bool same;

	config_write(a, &ta);
	config_write(b, &tb);
	same = !ta.failed && !tb.failed && span_eq(span_of(ta.p, ta.len), span_of(tb.p, tb.len));
	text_wipe(&ta);
	text_wipe(&tb);
	return same;
}

/* ---- differences ---- */

struct lines {
	char **line;
	size_t n, cap;
	bool failed;
};

/* A line after those of the modes around it, each ended by a newline, which none of them can hold. */
static void add_line(struct lines *l, const char *const *stack, unsigned depth)
{
	struct out o = { 0 };

	for (unsigned i = 0; i <= depth; i++)
		out_fmt(&o, "%s%s", i ? "\n" : "", stack[i]);
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		char **p = realloc(l->line, cap * sizeof(*p));

		if (!p) {
			l->failed = true;
			out_fini(&o);
			return;
		}
		l->line = p;
		l->cap = cap;
	}
	l->line[l->n] = out_steal(&o);
	if (l->line[l->n])
		l->n++;
	else
		l->failed = true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void lines_of(struct lines *l, char *text)
{
	const char *stack[EDIT_DEPTH + 1] = { "" };

	for (char *p = text, *end; p && *p; p = end ? end + 1 : NULL) {
		unsigned depth = 0;

		end = strchr(p, '\n');
		if (end)
			*end = '\0';
		while (p[depth] == ' ' && depth < EDIT_DEPTH)
			depth++;
		stack[depth] = p + depth;
		add_line(l, stack, depth);
	}
	if (l->n)
		qsort(l->line, l->n, sizeof(*l->line), by_text);
}

static void lines_fini(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		explicit_bzero(l->line[i], strlen(l->line[i]));
		free(l->line[i]);
	}
	free(l->line);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The last keyword before a secret value, or NULL. */
static const char *secret_keyword(const struct gr_cmd *cmd, size_t *len)
{
	const struct gr_type *t = type_of(cmd);
	const char *end = cmd->pattern + strcspn(cmd->pattern, "<"), *p;

	if (!t || !t->secret)
		return NULL;
	while (end > cmd->pattern && is_blank(end[-1]))
		end--;
	for (p = end; p > cmd->pattern && !is_blank(p[-1]); p--)
		;
	*len = (size_t)(end - p);
	return p;
}

enum { ALIKE = 3 };	/* so many letters in common make a mistyped keyword */

static bool announces_secret(const char *word, size_t n)
{
	for (const struct gr_cmd *const *t = mgmt_tables; *t; t++)
		for (const struct gr_cmd *c = *t; c->pattern; c++) {
			size_t len, k = n < ALIKE ? n : ALIKE;
			const char *keyword = secret_keyword(c, &len);

			if (keyword && memcmp(word, keyword, k < len ? k : len) == 0)
				return true;
		}
	return false;
}

size_t conf_secret_at(const char *line, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t begin, n;

		while (at < len && is_blank(line[at]))
			at++;
		for (begin = at; at < len && !is_blank(line[at]);)
			at++;
		n = at - begin;
		while (at < len && is_blank(line[at]))
			at++;
		if (n && announces_secret(line + begin, n))
			return at;
	}
	return len;
}

/* The row that a line was written by, if its value is a secret: then the length of what comes before the value. */
static size_t before_secret(const struct gr_cmd *cmd, const char *line)
{
	const struct gr_type *t = type_of(cmd);
	size_t n = strcspn(cmd->pattern, "<");

	return t && t->secret && strncmp(line, cmd->pattern, n) == 0 ? n : 0;
}

/* The secret of a line becomes a star. */
static void put_masked(struct out *o, const char *line)
{
	for (const struct gr_cmd *const *t = mgmt_tables; *t; t++)
		for (const struct gr_cmd *c = *t; c->pattern; c++) {
			size_t n = before_secret(c, line);

			if (n) {
				out_bytes(o, line, n);
				out_char(o, '*');
				return;
			}
		}
	out_str(o, line);
}

static void tell(config_diff_fn *fn, void *ctx, char sign, const char *line)
{
	struct out o = { 0 };

	if (!fn)
		return;
	for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
		out_bytes(&o, line, (size_t)(end - line));
		out_str(&o, " > ");
	}
	put_masked(&o, line);
	if (!o.failed)
		fn(ctx, sign, o.p);
	out_fini(&o);
}

unsigned config_diff(const struct config *before, const struct config *after, config_diff_fn *fn, void *ctx)
{
	struct lines a = { 0 }, b = { 0 };
	struct out ta = { 0 }, tb = { 0 };
	unsigned n = 0;
	size_t i = 0, k = 0;

	config_write(before, &ta);
	config_write(after, &tb);
	lines_of(&a, ta.p);
	lines_of(&b, tb.p);
	while (i < a.n || k < b.n) {
		int c = i == a.n ? 1 : k == b.n ? -1 : strcmp(a.line[i], b.line[k]);

		if (c) {
			tell(fn, ctx, c < 0 ? '-' : '+', c < 0 ? a.line[i] : b.line[k]);
			n++;
		}
		i += c <= 0;
		k += c >= 0;
	}
	lines_fini(&a);
	lines_fini(&b);
	text_wipe(&ta);
	text_wipe(&tb);
	return n;
}
