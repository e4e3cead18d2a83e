/* SPDX-License-Identifier: BSD-2-Clause */
/* `?` and Tab: what may stand where the line ends, in the present mode and outwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/grammar_int.h"

enum { COLUMN = 22, SEEN_MAX = 256 };

struct seen {
	const char *word[SEEN_MAX];
	unsigned n;
};

static bool seen(const struct seen *s, const char *word)
{
	for (unsigned i = 0; i < s->n; i++)
		if (strcmp(s->word[i], word) == 0)
			return true;
	return false;
}

static void note(struct seen *s, const char *word)
{
	if (s->n < SEEN_MAX)
		s->word[s->n++] = word;
}

/* The word that is being typed, or NULL when the next one begins. */
static const struct lex_word *partial(const struct lex *l)
{
	return l->n && !l->space_after ? &l->word[l->n - 1] : NULL;
}

const char *gr_type_show(const struct gr_type *t, char buf[64])
{
	static const char *const form[] = { "", "D", "D/T", "D/T/S" };

	if (t->show)
		return t->show;
	switch (t->kind) {
	case GR_INT:
		snprintf(buf, 64, "<%llu-%llu>", (unsigned long long)t->min, (unsigned long long)t->max);
		return buf;
	case GR_IPV4:
	case GR_MASK:
		return "A.B.C.D";
	case GR_ADDR:
		return "ADDRESS";
	case GR_OBJECT:
		return form[t->max];
	case GR_LINE:
		return "LINE";
	case GR_NAME:
	case GR_ENUM:
		break;
	}
	return "NAME";
}

static bool begins(const char *word, const struct lex_word *p)
{
	return !p || (!p->quoted && strncmp(word, p->text, strlen(p->text)) == 0);
}

static void line(struct out *o, const char *word, const char *help, bool shadowed)
{
	size_t n = strlen(word);

	out_fmt(o, "  %s", word);
	out_pad(o, ' ', n < COLUMN ? COLUMN - n : 1);
	out_str(o, help);
	out_str(o, shadowed ? " (looked up in the inner mode first)\n" : "\n");
}

struct helper {
	struct out *o;
	struct seen seen;
	const char *title;	/* still to be written, or NULL */
	bool inner;		/* this is the innermost mode */
};

static void put(struct helper *h, const char *word, const char *help)
{
	bool shadowed = !h->inner && seen(&h->seen, word);

	if (h->title)
		out_fmt(h->o, "%s:\n", h->title);
	h->title = NULL;
	line(h->o, word, help, shadowed);
	if (!shadowed)
		note(&h->seen, word);
}

static void help_node(struct helper *h, const struct gr_node *n, const struct lex_word *p)
{
	struct gr_value v = { 0 };
	char buf[64], why[128];

	if (!n->type) {
		if (begins(n->word, p))
			put(h, n->word, n->help);
	} else if (n->type->kind == GR_ENUM) {
		for (const struct gr_choice *c = n->type->choices; c->word; c++)
			if (begins(c->word, p))
				put(h, c->word, c->help);
	} else if (!p || n->type->kind != GR_INT || gr_accepts(n->type, p, &v, why) || strlen(p->text) < 4) {
		put(h, gr_type_show(n->type, buf), n->help);
	}
}

static int by_word(const void *a, const void *b)
{
	const struct gr_node *const *x = a, *const *y = b;
	bool xv = (*x)->type, yv = (*y)->type;

	return xv != yv ? (xv ? 1 : -1) : strcmp((*x)->word, (*y)->word);
}

static void help_at(struct helper *h, const struct gr_node *at, const struct lex_word *p)
{
	const struct gr_node *list[SEEN_MAX];
	unsigned n = 0;

	for (const struct gr_node *c = at->child; c && n < SEEN_MAX - 1; c = c->next)
		list[n++] = c;
	if (at->repeat)
		list[n++] = at;
	qsort(list, n, sizeof(list[0]), by_word);
	for (unsigned i = 0; i < n; i++)
		help_node(h, list[i], p);
	if (at->cmd && !p) {
		if (at->cmd->flags & GR_JSON)
			put(h, "| json", "As JSON: one object a line");
		put(h, "<cr>", "Enter: as it stands");
	}
}

void gr_help(const struct grammar *g, const struct gr_view *view, const struct lex *l, struct out *o)
{
	const struct lex_word *p = partial(l);
	struct helper h = { .o = o };
	struct gr_error first = { .fault = GR_OK };
	size_t before = o->len;

	for (unsigned i = 0; i < view->n; i++) {
		struct gr_match m;
		struct gr_error e = { .fault = GR_OK };
		const struct gr_node *at = gr_walk(g, view->modes[i], l, l->n - (p ? 1 : 0), &m, &e);

		if (at && e.fault == GR_OK) {
			h.inner = i == 0;
			h.title = h.inner ? NULL : view->titles[i];
			help_at(&h, at, p);
		} else if (first.fault == GR_OK || e.understood > first.understood) {
			first = e;
		}
	}
	if (o->len != before)
		return;
	if (first.fault == GR_OK)
		first = (struct gr_error){ GR_UNKNOWN, p ? p->col : 0, 0, "Unknown command" };
	gr_error_show(o, l->line, l->len, &first);
}

/* ---- Tab ---- */

struct completer {
	struct out *o;
	const struct lex_word *partial;
	struct out words;	/* NUL-separated, what was offered */
};

static void offer(void *ctx, const char *word)
{
	struct completer *c = ctx;
	const char *p = c->words.p ? c->words.p : "";

	if (c->partial && strncmp(word, c->partial->text, strlen(c->partial->text)) != 0)
		return;
	for (size_t i = 0; i < c->words.len; i += strlen(p + i) + 1)
		if (strcmp(p + i, word) == 0)
			return;
	out_bytes(&c->words, word, strlen(word) + 1);
	if (c->partial && c->partial->quoted)
		out_quoted(c->o, word);
	else
		out_word(c->o, word);
	out_char(c->o, '\n');
}

static void complete_node(struct completer *c, const struct gr_view *view, const struct gr_node *n,
			  const struct gr_match *m)
{
	if (!n->type) {
		if (!c->partial || !c->partial->quoted)
			offer(c, n->word);
	} else if (n->type->kind == GR_ENUM) {
		for (const struct gr_choice *ch = n->type->choices; ch->word; ch++)
			offer(c, ch->word);
	} else if (n->type->names && view->names) {
		view->names(view->ctx, n->type->names, m, offer, c);
	}
}

void gr_complete(const struct grammar *g, const struct gr_view *view, const struct lex *l, struct out *o)
{
	struct completer c = { .o = o, .partial = partial(l) };

	for (unsigned i = 0; i < view->n; i++) {
		struct gr_match m;
		struct gr_error e = { .fault = GR_OK };
		const struct gr_node *at = gr_walk(g, view->modes[i], l, l->n - (c.partial ? 1 : 0), &m, &e);

		if (!at || e.fault != GR_OK)
			continue;
		for (const struct gr_node *n = at->child; n; n = n->next)
			complete_node(&c, view, n, &m);
		if (at->repeat)
			complete_node(&c, view, at, &m);
	}
	out_fini(&c.words);
}
