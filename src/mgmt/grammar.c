/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns into trees of words, one a mode. Rows with a common beginning share its nodes. */
#include "mgmt/grammar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/grammar_int.h"

enum { TAILS_MAX = 32, SAID_MAX = 32 };

/* Nodes that the next token hangs on: several, after an optional part. */
struct tails {
	struct gr_node *at[TAILS_MAX];
	unsigned n;
};

struct compiler {
	struct grammar *g;
	const struct gr_cmd *cmd;
	const char *p;			/* in the pattern */
	const char *help;		/* in the help texts */
	struct {
		const char *word, *help;
	} said[SAID_MAX];		/* the words of the pattern, whose help its `no` form takes */
	unsigned said_n;
	char *why;
	bool failed;
	bool no;
};

static bool fail(struct compiler *c, const char *what)
{
	if (!c->failed)
		snprintf(c->why, 128, "%s: %s", c->cmd->pattern, what);
	c->failed = true;
	return false;
}

static void *keep(struct compiler *c, size_t size)
{
	struct gr_block *b = calloc(1, sizeof(*b) + size);

	if (!b) {
		fail(c, "out of memory");
		return NULL;
	}
	b->next = c->g->blocks;
	c->g->blocks = b;
	return b->data;
}

static const char *keep_text(struct compiler *c, const char *s, size_t n)
{
	char *t = keep(c, n + 1);

	if (t)
		memcpy(t, s, n);
	return t;
}

/* ---- values ---- */

static const struct gr_type *named_type(const struct grammar *g, const char *s, size_t n)
{
	for (const struct gr_type *t = g->types; t->name; t++)
		if (strlen(t->name) == n && memcmp(t->name, s, n) == 0)
			return t;
	return NULL;
}

static const struct gr_type *range_type(struct compiler *c, const char *s, size_t n)
{
	unsigned long long min, max;
	struct gr_type *t;

	if (sscanf(s, "%llu-%llu", &min, &max) != 2 || min > max)
		return NULL;
	for (const struct gr_range *r = c->g->ranges; r; r = r->next)
		if (r->type.min == min && r->type.max == max)
			return &r->type;
	struct gr_range *r = keep(c, sizeof(*r));

	if (!r)
		return NULL;
	t = &r->type;
	t->name = keep_text(c, s, n);
	t->kind = GR_INT;
	t->min = min;
	t->max = max;
	r->next = c->g->ranges;
	c->g->ranges = r;
	return t;
}

/* ---- one token ---- */

static const char *said_help(struct compiler *c, const char *word)
{
	for (unsigned i = 0; i < c->said_n; i++)
		if (strcmp(c->said[i].word, word) == 0)
			return c->said[i].help;
	fail(c, "a word of the no form that the pattern lacks");
	return NULL;
}

static const char *next_help(struct compiler *c, const char *word)
{
	size_t n = c->help ? strcspn(c->help, "|") : 0;
	const char *t;

	if (!word)
		return NULL;
	if (c->no)
		return said_help(c, word);
	if (!n || c->said_n == SAID_MAX) {
		fail(c, "a word lacks its help");
		return NULL;
	}
	t = keep_text(c, c->help, n);
	c->help = c->help[n] ? c->help + n + 1 : NULL;
	c->said[c->said_n].word = word;
	c->said[c->said_n++].help = t;
	return t;
}

static struct gr_node *child(struct compiler *c, struct gr_node *at, const struct gr_node *want)
{
	struct gr_node **pp = &at->child, *n;

	for (; *pp; pp = &(*pp)->next)
		if ((*pp)->type == want->type && strcmp((*pp)->word, want->word) == 0 && (*pp)->repeat == want->repeat)
			return *pp;
	n = keep(c, sizeof(*n));
	if (!n)
		return NULL;
	*n = *want;
	*pp = n;
	return n;
}

static void grow(struct compiler *c, struct tails *t, const struct gr_node *want)
{
	for (unsigned i = 0; i < t->n && !c->failed; i++)
		t->at[i] = child(c, t->at[i], want);
}

static void value(struct compiler *c, struct tails *t)
{
	size_t name = strcspn(c->p, ":"), all = strcspn(c->p, ">");
	struct gr_node want = { .no = c->no };
	const char *type = c->p + name + 1;

	if (name >= all || !c->p[all]) {
		fail(c, "faulty value");
		return;
	}
	want.word = keep_text(c, c->p, name);
	want.help = next_help(c, want.word);
	want.type = named_type(c->g, type, all - name - 1);
	if (!want.type)
		want.type = range_type(c, type, all - name - 1);
	if (!want.type)
		fail(c, "unknown type");
	c->p += all + 1;
	want.repeat = *c->p == '+';
	c->p += want.repeat;
	if (!c->failed)
		grow(c, t, &want);
}

static void keyword(struct compiler *c, struct tails *t)
{
	size_t n = strcspn(c->p, " []{}|<>");
	struct gr_node want = { .word = keep_text(c, c->p, n), .no = c->no };

	want.help = next_help(c, want.word);
	c->p += n;
	if (!c->failed)
		grow(c, t, &want);
}

/* ---- sequences and alternatives ---- */

static void add_tails(struct compiler *c, struct tails *to, const struct tails *from)
{
	for (unsigned i = 0; i < from->n; i++) {
		unsigned k = 0;

		while (k < to->n && to->at[k] != from->at[i])
			k++;
		if (k < to->n)
			continue;
		if (to->n == TAILS_MAX) {
			fail(c, "too many alternatives");
			return;
		}
		to->at[to->n++] = from->at[i];
	}
}

static void sequence(struct compiler *c, struct tails *t);

/* [a|b] and {a|b}: the first also keeps the nodes it began with. */
static void group(struct compiler *c, struct tails *t)
{
	char close = *c->p == '[' ? ']' : '}';
	struct tails all = { .n = 0 };

	if (close == ']')
		all = *t;
	do {
		struct tails one = *t;

		c->p++;
		sequence(c, &one);
		add_tails(c, &all, &one);
	} while (*c->p == '|' && !c->failed);
	if (*c->p != close) {
		fail(c, "unbalanced brackets");
		return;
	}
	c->p++;
	*t = all;
}

static void sequence(struct compiler *c, struct tails *t)
{
	while (*c->p && !strchr("]}|", *c->p) && !c->failed) {
		if (*c->p == ' ') {
			c->p++;
		} else if (*c->p == '[' || *c->p == '{') {
			group(c, t);
		} else if (*c->p == '<') {
			c->p++;
			value(c, t);
		} else {
			keyword(c, t);
		}
	}
}

static bool pattern(struct compiler *c, const char *text, const char *help, struct gr_node *root)
{
	struct tails t = { { root }, 1 };

	c->p = text;
	c->help = help;
	sequence(c, &t);
	if (!c->failed && *c->p)
		fail(c, "unbalanced brackets");
	if (!c->failed && c->help)
		fail(c, "more help than words");
	for (unsigned i = 0; i < t.n && !c->failed; i++) {
		if (t.at[i]->cmd && t.at[i]->cmd != c->cmd)
			return fail(c, "said by another row already");
		t.at[i]->cmd = c->cmd;
	}
	return !c->failed;
}

/* The `no` form. Derived: the values are optional. */
static void no_pattern(struct compiler *c, const struct gr_cmd *cmd, struct gr_node *root)
{
	const char *p = cmd->pattern, *v = strpbrk(p, "<[{");
	struct gr_node *no = child(c, root, &(struct gr_node){ .word = "no", .help = "Undo a setting", .no = true });
	char text[256];

	if (!no)
		return;
	if (cmd->no)
		snprintf(text, sizeof(text), "%s", cmd->no);
	else if (v)
		snprintf(text, sizeof(text), "%.*s[%s]", (int)(v - p), p, v);
	else
		snprintf(text, sizeof(text), "%s", p);
	c->no = true;
	pattern(c, text, NULL, no);
	c->no = false;
}

struct grammar *gr_new(const struct gr_cmd *const *tables, const struct gr_type *types, unsigned modes, char why[128])
{
	struct grammar *g = calloc(1, sizeof(*g) + modes * sizeof(g->root[0]));
	struct compiler c = { .g = g, .why = why };

	snprintf(why, 128, "out of memory");
	if (!g)
		return NULL;
	g->types = types;
	g->modes = modes;
	g->tables = tables;
	for (; *tables && !c.failed; tables++)
		for (const struct gr_cmd *cmd = *tables; cmd->pattern && !c.failed; cmd++) {
			struct gr_node *root = &g->root[cmd->mode];

			c.cmd = cmd;
			c.said_n = 0;
			if (pattern(&c, cmd->pattern, cmd->help, root) && cmd->flags & GR_NO)
				no_pattern(&c, cmd, root);
		}
	if (!c.failed)
		return g;
	gr_free(g);
	return NULL;
}

void gr_free(struct grammar *g)
{
	if (!g)
		return;
	while (g->blocks) {
		struct gr_block *b = g->blocks;

		g->blocks = b->next;
		free(b);
	}
	free(g);
}

const struct gr_node *gr_root(const struct grammar *g, unsigned mode)
{
	return &g->root[mode];
}
