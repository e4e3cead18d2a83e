/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The manual pages against the grammar: every command is in its page under its mode, spelt as its pattern, with the range
 * of its number and its default; and the pages have no other.
 *
 *	pattern		l2tp retransmission <count:2-30> [established|not-established]
 *	page		*l2tp retransmission* _count_ [*established*|*not-established*]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ctype.h>

#include "mgmt/edit.h"

enum { ENTRIES = 256, LINE = 512 };

struct entry {
	char heading[64], command[LINE];
	char *text;		/* its lines */
	bool found;
};

struct page {
	struct entry entry[ENTRIES];
	unsigned n;
};

/* Bold marks go, `_x_` is `<x>`, `...` is `+`. */
static void from_page(const char *line, char out[LINE])
{
	bool in = false;
	size_t n = 0;

	for (; *line && *line != '\n'; line++) {
		if (*line == '*')
			continue;
		if (*line == '_') {
			out[n++] = in ? '>' : '<';
			in = !in;
		} else if (strncmp(line, "...", 3) == 0) {
			out[n++] = '+';
			line += 2;
		} else {
			out[n++] = *line;
		}
		assert_true(n < LINE - 1);
	}
	out[n] = '\0';
}

/* `<name:type>` is `<name>`. */
static void from_pattern(const char *p, char out[LINE])
{
	size_t n = 0;

	for (; *p; p++) {
		if (*p == ':')
			p += strcspn(p, ">");
		out[n++] = *p;
		assert_true(n < LINE - 1);
	}
	out[n] = '\0';
}

static void append(char **text, const char *line)
{
	size_t old = *text ? strlen(*text) : 0;

	*text = realloc(*text, old + strlen(line) + 1);
	assert_non_null(*text);
	memcpy(*text + old, line, strlen(line) + 1);
}

/* An entry is a line that begins in bold, and the indented lines below it. */
static void read_page(struct page *p, const char *file)
{
	char line[LINE], heading[64] = "";
	struct entry *e = NULL;
	FILE *f = fopen(file, "r");

	assert_non_null(f);
	memset(p, 0, sizeof(*p));
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "# ", 2) == 0) {
			snprintf(heading, sizeof(heading), "%.*s", (int)strcspn(line + 2, "\n"), line + 2);
			e = NULL;
		} else if (*line == '*') {
			assert_true(p->n < ENTRIES);
			e = &p->entry[p->n++];
			strcpy(e->heading, heading);
			from_page(line, e->command);
		} else if (*line == '\t' && e) {
			append(&e->text, line);
		}
	}
	fclose(f);
}

static void free_page(struct page *p)
{
	for (unsigned i = 0; i < p->n; i++)
		free(p->entry[i].text);
}

static void heading_of(enum mode mode, char out[64])
{
	snprintf(out, 64, "%s", mode_desc(mode)->title);
	if (mode == MODE_ANY || mode == MODE_EXEC)
		strcpy(out, "COMMANDS");
	for (char *c = out; *c; c++)
		*c = (char)toupper((unsigned char)*c);
}

static struct entry *entry_of(struct page *p, const struct gr_cmd *cmd)
{
	char heading[64], command[LINE];

	heading_of((enum mode)cmd->mode, heading);
	from_pattern(cmd->pattern, command);
	for (unsigned i = 0; i < p->n; i++)
		if (strcmp(p->entry[i].heading, heading) == 0 && strcmp(p->entry[i].command, command) == 0)
			return &p->entry[i];
	fail_msg("%s: not under %s", command, heading);
	return NULL;
}

/* A whole word: "30" is not in "300". */
static bool says(const struct entry *e, const char *what)
{
	size_t n = strlen(what);

	for (const char *at = e->text; at && (at = strstr(at, what)); at++)
		if ((at == e->text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[n]))
			return true;
	return false;
}

static const struct gr_type *named_type(const char *name, size_t len)
{
	for (const struct gr_type *t = mgmt_types; t->name; t++)
		if (strlen(t->name) == len && memcmp(t->name, name, len) == 0)
			return t;
	return NULL;
}

/* Ranges of numbers: those in the pattern, and those of named types. */
static void check_ranges(const struct gr_cmd *cmd, const struct entry *e)
{
	for (const char *c = cmd->pattern; (c = strchr(c, ':')); c++) {
		size_t len = strcspn(c + 1, ">");
		const struct gr_type *t = named_type(c + 1, len);
		char range[64];

		if (t && t->kind != GR_INT)
			continue;
		if (t)
			snprintf(range, sizeof(range), "%u-%u", (unsigned)t->min, (unsigned)t->max);
		else
			snprintf(range, sizeof(range), "%.*s", (int)len, c + 1);
		if (!says(e, range))
			fail_msg("%s: %s is not said", e->command, range);
	}
}

static void check_default(const struct gr_cmd *cmd, const struct entry *e)
{
	const struct gr_field *f = &cmd->field;
	char number[16];

	if (!strstr(e->text, "Default: "))
		fail_msg("%s: no default is said", e->command);
	snprintf(number, sizeof(number), "%u", f->dflt);
	if ((f->kind == FIELD_U8 || f->kind == FIELD_U16 || f->kind == FIELD_U32) && f->dflt && !says(e, number))
		fail_msg("%s: default %s is not said", e->command, number);
	if (f->kind == FIELD_FALSE && !says(e, "Default: on"))
		fail_msg("%s is on by default", e->command);
	if (f->dflt_str && !says(e, f->dflt_str))
		fail_msg("%s: default %s is not said", e->command, f->dflt_str);
}

static void check_page(const char *file, bool config)
{
	struct page *p = malloc(sizeof(*p));
	unsigned rows = 0;

	assert_non_null(p);
	read_page(p, file);
	for (const struct gr_cmd *const *table = mgmt_tables; *table; table++)
		for (const struct gr_cmd *cmd = *table; cmd->pattern; cmd++) {
			struct entry *e;

			if ((cmd->mode >= MODE_GLOBAL) != config)
				continue;
			e = entry_of(p, cmd);
			assert_non_null(e->text);
			e->found = true;
			rows++;
			check_ranges(cmd, e);
			if (config && !cmd->opens && cmd->field.kind != FIELD_NONE)
				check_default(cmd, e);
		}
	assert_true(rows > 20);
	for (unsigned i = 0; i < p->n; i++) {
		const struct entry *e = &p->entry[i];

		if ((config ? strstr(e->heading, "CONFIGURATION") != NULL : strcmp(e->heading, "COMMANDS") == 0) && !e->found)
			fail_msg("%s: no such command in %s", e->command, e->heading);
	}
	free_page(p);
	free(p);
}

static void configuration_commands(void **state)
{
	check_page("docs/man/adit.conf.5.scd", true);
}

static void exec_commands(void **state)
{
	check_page("docs/man/adit.1.scd", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(configuration_commands),
		cmocka_unit_test(exec_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
