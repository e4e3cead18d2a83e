/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line into words. A word is a run of octets without blanks, or text in double quotes with the escapes
 * \\ \" \xHH; a quoted word is never a keyword. Columns count octets from 0. Lines whose first word begins with
 * `!` or `#` are comments.
 */
#ifndef ADIT_MGMT_LEX_H
#define ADIT_MGMT_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum { LEX_LINE_MAX = 8192, LEX_WORDS_MAX = 48 };

struct lex_word {
	const char *text;	/* unquoted, NUL-terminated; in the struct lex */
	unsigned col, end;	/* where it stands in the line, quotes included */
	bool quoted;
};

struct lex {
	struct lex_word word[LEX_WORDS_MAX];
	unsigned n;
	unsigned indent;	/* columns of blanks at the start; a tab goes to the next multiple of 8 */
	bool comment;		/* nothing but a comment or blanks: n is 0 */
	bool space_after;	/* the line ends in a blank: the next word begins */
	bool open_quote;	/* the last word lacks its closing quote */
	const char *error;	/* NULL, or what is wrong, at */
	unsigned error_col;
	const char *line;	/* borrowed */
	size_t len;
	char text[LEX_LINE_MAX + LEX_WORDS_MAX + 1];
};

/** lex_line - reads a line (without its newline). Return: false with `error` set; words before the fault are there. */
bool lex_line(struct lex *l, const char *line, size_t len);

#endif
