/* SPDX-License-Identifier: BSD-2-Clause */
/* A line against the tree of a mode: which command it is, its typed values, or the fault and where it stands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/grammar_int.h"

enum { WHY = 128 };

/* ---- values ---- */

static bool bad(char why[WHY], const char *what)
{
	snprintf(why, WHY, "%s", what);
	return false;
}

static bool number(const char **s, uint64_t max, uint64_t *v)
{
	const char *p = *s;

	*v = 0;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		*v = *v * 10 + (uint64_t)(*p - '0');
		if (*v > max)
			*v = max + 1;	/* stays beyond the range, whatever follows */
	}
	*s = p;
	return true;
}

static bool accept_int(const struct gr_type *t, const char *s, struct gr_value *v, char why[WHY])
{
	if (!number(&s, t->max, &v->num) || *s) {
		snprintf(why, WHY, "Not a number (%llu-%llu)", (unsigned long long)t->min, (unsigned long long)t->max);
		return false;
	}
	if (v->num >= t->min && v->num <= t->max)
		return true;
	snprintf(why, WHY, "Value out of range (%llu-%llu)", (unsigned long long)t->min, (unsigned long long)t->max);
	return false;
}

static bool accept_ipv4(const char *s, struct gr_value *v, char why[WHY])
{
	uint32_t n;

	if (!ip4_parse(&n, s))
		return bad(why, "Not an IPv4 address");
	v->ip = ip4_of(n);
	return true;
}

static bool accept_addr(const char *s, struct gr_value *v, char why[WHY])
{
	return ip_addr_parse(&v->ip, s) || bad(why, "Not an IP address");
}

static bool accept_mask(const char *s, struct gr_value *v, char why[WHY])
{
	uint32_t n;

	if (!ip4_parse(&n, s) || (~n & (~n + 1)))
		return bad(why, "Not a network mask");
	v->ip = ip4_of(n);
	v->prefix_len = (unsigned)__builtin_popcount(n);
	return true;
}

static bool accept_name(const struct gr_type *t, const char *s, struct gr_value *v, char why[WHY])
{
	size_t n = strlen(s);

	v->str = s;
	if (n >= t->min && n <= t->max)
		return true;
	if (!n)
		return bad(why, "Empty name");
	snprintf(why, WHY, n < t->min ? "Too short (at least %llu octets)" : "Too long (at most %llu octets)",
		 (unsigned long long)(n < t->min ? t->min : t->max));
	return false;
}

static bool accept_enum(const struct gr_type *t, const char *s, struct gr_value *v, char why[WHY])
{
	const struct gr_choice *found = NULL;
	unsigned like = 0;

	for (const struct gr_choice *c = t->choices; c->word; c++) {
		if (strcmp(c->word, s) == 0) {
			found = c;
			like = 1;
			break;
		}
		if (strncmp(c->word, s, strlen(s)) == 0) {
			found = c;
			like++;
		}
	}
	if (like != 1)
		return bad(why, like ? "Ambiguous command" : "Unknown command");
	v->num = (uint64_t)found->value;
	v->str = found->word;
	return true;
}

static bool accept_object(const struct gr_type *t, const char *s, struct gr_value *v, char why[WHY])
{
	static const char *const form[] = { "", "D", "D/T", "D/T/S" };
	uint64_t n;

	for (v->parts = 0; v->parts < t->max; v->parts++) {
		if (v->parts && *s++ != '/')
			break;
		if (!number(&s, UINT32_MAX, &n) || !n || n > UINT32_MAX)
			break;
		v->obj[v->parts] = (unsigned)n;
	}
	if (v->parts == t->max && !*s)
		return true;
	snprintf(why, WHY, "Not a name of the form %s", form[t->max]);
	return false;
}

bool gr_accepts(const struct gr_type *t, const struct lex_word *w, struct gr_value *v, char why[WHY])
{
	v->type = t;
	switch (t->kind) {
	case GR_INT: return accept_int(t, w->text, v, why);
	case GR_IPV4: return accept_ipv4(w->text, v, why);
	case GR_ADDR: return accept_addr(w->text, v, why);
	case GR_MASK: return accept_mask(w->text, v, why);
	case GR_NAME: return accept_name(t, w->text, v, why);
	case GR_ENUM: return accept_enum(t, w->text, v, why);
	case GR_OBJECT: return accept_object(t, w->text, v, why);
	case GR_LINE: v->str = w->text; return true;
	}
	return false;
}

/* ---- one word ---- */

/* What may stand after a node: its children, and itself when it repeats. */
static const struct gr_node *first_candidate(const struct gr_node *at)
{
	return at->child ? at->child : at->repeat ? at : NULL;
}

static const struct gr_node *next_candidate(const struct gr_node *at, const struct gr_node *n)
{
	if (n == at)
		return NULL;
	return n->next ? n->next : at->repeat ? at : NULL;
}

static bool fault(struct gr_error *e, enum gr_fault f, unsigned col, const char *text)
{
	e->fault = f;
	e->col = col;
	snprintf(e->text, sizeof(e->text), "%s", text);
	return false;
}

static void ambiguous(struct gr_error *e, const struct lex *l, const struct lex_word *w)
{
	unsigned from = l->n ? l->word[0].col : 0;
	int n = (int)(w->end - from);

	fault(e, GR_AMBIGUOUS, w->col, "");
	snprintf(e->text, sizeof(e->text), "Ambiguous command: \"%.*s\"", n > 80 ? 80 : n, l->line + from);
}

struct choice {
	const struct gr_node *exact, *value, *prefix, *faulty;
	unsigned prefixes;
	struct gr_value v;
	char why[WHY];
};

static void judge(struct choice *c, const struct gr_node *n, const struct lex_word *w)
{
	struct gr_value v = { .name = n->word };
	char why[WHY] = "";

	if (!n->type) {
		if (w->quoted || strncmp(n->word, w->text, strlen(w->text)) != 0)
			return;
		if (strcmp(n->word, w->text) == 0)
			c->exact = n;
		c->prefix = n;
		c->prefixes++;
		return;
	}
	if (gr_accepts(n->type, w, &v, why)) {
		if (!c->value) {
			c->value = n;
			c->v = v;
		}
	} else if (!c->faulty) {
		c->faulty = n;
		memcpy(c->why, why, WHY);
	}
}

static bool value_was_meant(const struct gr_node *at, const struct choice *c, const struct lex_word *w)
{
	for (const struct gr_node *n = first_candidate(at); n; n = next_candidate(at, n))
		if (!n->type)
			return c->faulty->type->kind == GR_NAME || w->quoted ||
			       (w->text[0] >= '0' && w->text[0] <= '9');
	return true;
}

static const struct gr_node *pick(const struct gr_node *at, const struct lex *l, unsigned i, struct gr_value *v,
				  struct gr_error *e)
{
	const struct lex_word *w = &l->word[i];
	struct choice c = { 0 };

	for (const struct gr_node *n = first_candidate(at); n; n = next_candidate(at, n))
		judge(&c, n, w);
	if (c.exact)
		return c.exact;
	if (c.value) {
		*v = c.v;
		v->word = i;
		return c.value;
	}
	if (c.prefixes == 1)
		return c.prefix;
	if (c.prefixes > 1)
		ambiguous(e, l, w);
	else if (!first_candidate(at))
		fault(e, GR_UNKNOWN, w->col, "Too many words");
	else if (!c.faulty || !value_was_meant(at, &c, w))
		fault(e, GR_UNKNOWN, w->col, "Unknown command");
	else if (strcmp(c.why, "Ambiguous command") == 0)
		ambiguous(e, l, w);
	else
		fault(e, strcmp(c.why, "Unknown command") ? GR_BAD_VALUE : GR_UNKNOWN, w->col, c.why);
	return NULL;
}

/* ---- the line ---- */

static bool keep_value(struct gr_match *m, const struct gr_value *v, const struct lex *l, struct gr_error *e)
{
	if (m->n == GR_VALUES_MAX)
		return fault(e, GR_UNKNOWN, l->word[v->word].col, "Too many words");
	m->v[m->n++] = *v;
	return true;
}

const struct gr_node *gr_walk(const struct grammar *g, unsigned mode, const struct lex *l, unsigned count,
			      struct gr_match *m, struct gr_error *e)
{
	const struct gr_node *at = &g->root[mode];

	*m = (struct gr_match){ .lex = l };
	e->understood = 0;
	for (unsigned i = 0; i < count; i++) {
		struct gr_value v = { 0 };

		at = pick(at, l, i, &v, e);
		if (!at || (at->type && !keep_value(m, &v, l, e)))
			return NULL;
		m->path[m->words++] = at;
		m->abbreviated |= !at->type && strcmp(at->word, l->word[i].text) != 0;
		e->understood++;
		if (at->type && at->type->kind == GR_LINE) {
			m->v[m->n - 1].str = l->line + l->word[i].col;
			break;
		}
	}
	return at;
}

bool gr_match(const struct grammar *g, unsigned mode, const struct lex *l, struct gr_match *m, struct gr_error *e)
{
	const struct gr_node *at;

	*e = (struct gr_error){ .fault = GR_OK };
	at = gr_walk(g, mode, l, l->n, m, e);
	if (!at)
		return false;
	if (l->error)
		return fault(e, GR_LEXICAL, l->error_col, l->error);
	if (l->open_quote && !(at->type && at->type->kind == GR_LINE))
		return fault(e, GR_LEXICAL, l->word[l->n - 1].col, "Missing closing quote");
	if (!at->cmd)
		return fault(e, GR_INCOMPLETE, l->n ? l->word[l->n - 1].end : 0, "Incomplete command");
	m->cmd = at->cmd;
	m->no = at->no;
	return true;
}

const struct gr_value *gr_value(const struct gr_match *m, const char *name)
{
	for (unsigned i = 0; i < m->n; i++)
		if (strcmp(m->v[i].name, name) == 0)
			return &m->v[i];
	return NULL;
}

bool gr_has(const struct gr_match *m, const char *keyword)
{
	for (unsigned i = 0; i < m->words; i++)
		if (!m->path[i]->type && strcmp(m->path[i]->word, keyword) == 0)
			return true;
	return false;
}

/* ---- faults as people read them ---- */

/* One column for one character of the line, whatever it is; continuation octets of UTF-8 take none. */
static void put_column(struct out *o, unsigned char c, bool blank)
{
	if (c == '\t')
		out_char(o, '\t');
	else if ((c & 0xc0) == 0x80)
		blank ? (void)0 : out_char(o, (char)c);
	else
		out_char(o, blank ? ' ' : c < 0x20 || c == 0x7f ? '?' : (char)c);
}

void gr_caret(struct out *o, const char *line, size_t len, unsigned col)
{
	for (size_t i = 0; i < len; i++)
		put_column(o, (unsigned char)line[i], false);
	out_char(o, '\n');
	for (size_t i = 0; i < len && i < col; i++)
		put_column(o, (unsigned char)line[i], true);
	out_str(o, "^\n");
}

void gr_error_show(struct out *o, const char *line, size_t len, const struct gr_error *e)
{
	gr_caret(o, line, len, e->col);
	out_fmt(o, "%% %s\n", e->text);
}
