/* SPDX-License-Identifier: BSD-2-Clause */
#include "mgmt/lex.h"

#include <string.h>

struct cursor {
	struct lex *l;
	size_t at;		/* in the line */
	size_t put;		/* in l->text */
};

static bool fail(struct lex *l, size_t at, const char *what)
{
	l->error = what;
	l->error_col = (unsigned)at;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* After a backslash, within quotes. */
static bool escape(struct cursor *c, char *out)
{
	struct lex *l = c->l;
	size_t left = l->len - c->at;
	int hi, lo;

	if (left >= 2 && (l->line[c->at + 1] == '\\' || l->line[c->at + 1] == '"')) {
		*out = l->line[c->at + 1];
		c->at += 2;
		return true;
	}
	if (left < 4 || l->line[c->at + 1] != 'x')
		return fail(l, c->at, "Unknown escape: use \\\\, \\\" or \\xHH");
	hi = hex(l->line[c->at + 2]);
	lo = hex(l->line[c->at + 3]);
	if (hi < 0 || lo < 0)
		return fail(l, c->at, "Unknown escape: use \\\\, \\\" or \\xHH");
	if (!(hi << 4 | lo))
		return fail(l, c->at, "\\x00 cannot be part of a value");
	*out = (char)(hi << 4 | lo);
	c->at += 4;
	return true;
}

static bool quoted(struct cursor *c)
{
	struct lex *l = c->l;

	c->at++;
	while (c->at < l->len && l->line[c->at] != '"') {
		char ch = l->line[c->at];

		if (ch == '\\') {
			if (!escape(c, &ch))
				return false;
		} else {
			c->at++;
		}
		l->text[c->put++] = ch;
	}
	if (c->at >= l->len) {
		l->open_quote = true;
		return true;
	}
	c->at++;
	if (c->at < l->len && !is_blank(l->line[c->at]))
		return fail(l, c->at, "A blank must follow the closing quote");
	return true;
}

static bool word(struct cursor *c)
{
	struct lex *l = c->l;
	struct lex_word *w = &l->word[l->n];
	bool ok = true;

	if (l->n == LEX_WORDS_MAX)
		return fail(l, c->at, "Too many words");
	*w = (struct lex_word){ l->text + c->put, (unsigned)c->at, 0, l->line[c->at] == '"' };
	if (w->quoted)
		ok = quoted(c);
	else
		while (c->at < l->len && !is_blank(l->line[c->at]))
			l->text[c->put++] = l->line[c->at++];
	l->text[c->put++] = '\0';
	w->end = (unsigned)c->at;
	l->n++;
	return ok;
}

static bool check_octets(struct lex *l)
{
	for (size_t i = 0; i < l->len; i++) {
		unsigned char ch = (unsigned char)l->line[i];

		if ((ch < 0x20 && ch != '\t') || ch == 0x7f)
			return fail(l, i, "Control character in the line");
	}
	return true;
}

bool lex_line(struct lex *l, const char *line, size_t len)
{
	struct cursor c = { l, 0, 0 };

	l->n = l->indent = l->error_col = 0;
	l->comment = l->space_after = l->open_quote = false;
	l->error = NULL;
	l->line = line;
	l->len = len;
	if (len > LEX_LINE_MAX) {
		l->len = 0;
		return fail(l, 0, "Line too long");
	}
	if (!check_octets(l))
		return false;
	while (c.at < len && is_blank(line[c.at]))
		l->indent = line[c.at++] == '\t' ? (l->indent | 7) + 1 : l->indent + 1;
	l->comment = c.at == len || line[c.at] == '!' || line[c.at] == '#';
	l->space_after = c.at == len;
	if (l->comment)
		return true;
	while (c.at < len) {
		if (!word(&c))
			return false;
		l->space_after = c.at < len;
		while (c.at < len && is_blank(line[c.at]))
			c.at++;
	}
	return true;
}
