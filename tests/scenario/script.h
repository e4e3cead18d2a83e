/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of a scenario script: clauses, times, key=value. A script is a conversation in virtual time, to the octet
 * and the millisecond; a line may hold several clauses, each from its keyword to the next. What the keywords do is
 * the affair of the runner that is linked with it.
 */
#ifndef ADIT_SCENARIO_SCRIPT_H
#define ADIT_SCENARIO_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_WORDS = 64, SCRIPT_LINE = 2048 };

struct script_clause {
	const char *word[SCRIPT_WORDS];	/* word[0] is the keyword */
	unsigned n;
};

/* What a runner does with a clause. Return: false after it has said why on stderr. */
typedef bool script_do(void *ctx, const struct script_clause *c);

static inline bool script_is(const char *const *keywords, const char *word)
{
	for (; *keywords; keywords++) {
		if (!strcmp(*keywords, word))
			return true;
	}
	return false;
}

static inline bool script_line(char *line, const char *const *keywords, script_do *act, void *ctx)
{
	struct script_clause c = { .n = 0 };
	char *save = NULL, *hash = strchr(line, '#');

	if (hash)
		*hash = '\0';
	for (char *w = strtok_r(line, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save)) {
		if (script_is(keywords, w) && c.n) {
			if (!act(ctx, &c))
				return false;
			c.n = 0;
		}
		if (c.n < SCRIPT_WORDS)
			c.word[c.n++] = w;
	}
	return !c.n || act(ctx, &c);
}

/* Every line of a file. Says file and line of what fails. */
static inline bool script_run(const char *file, const char *const *keywords, script_do *act, void *ctx)
{
	FILE *f = fopen(file, "r");
	char line[SCRIPT_LINE], shown[SCRIPT_LINE];
	bool good = f != NULL;

	for (unsigned n = 1; good && fgets(line, sizeof(line), f); n++) {
		memcpy(shown, line, sizeof(line));
		good = script_line(line, keywords, act, ctx);
		if (!good)
			fprintf(stderr, "%s:%u: %s", file, n, shown);
	}
	if (f)
		fclose(f);
	return good;
}

/* The value of key=value; NULL when the key is not there. */
static inline const char *script_value(const struct script_clause *c, const char *key)
{
	size_t len = strlen(key);

	for (unsigned i = 1; i < c->n; i++) {
		if (!strncmp(c->word[i], key, len) && c->word[i][len] == '=')
			return c->word[i] + len + 1;
	}
	return NULL;
}

static inline bool script_flag(const struct script_clause *c, const char *word)
{
	for (unsigned i = 1; i < c->n; i++) {
		if (!strcmp(c->word[i], word))
			return true;
	}
	return false;
}

/* "31s", "250ms". Return: milliseconds, -1 for anything else. */
static inline int64_t script_ms(const char *word)
{
	char *unit;
	double v = strtod(word, &unit);

	if (!strcmp(unit, "ms"))
		return (int64_t)v;
	return strcmp(unit, "s") ? -1 : (int64_t)(v * 1000);
}

/* Pairs of hexadecimal digits to octets. Return: their number. */
static inline size_t script_hex(const char *text, uint8_t *out, size_t cap)
{
	size_t n = 0;
	unsigned v;

	for (; n < cap && text[0] && text[1] && sscanf(text, "%2x", &v) == 1; text += 2)
		out[n++] = (uint8_t)v;
	return n;
}

#endif
