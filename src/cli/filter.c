/* SPDX-License-Identifier: BSD-2-Clause */
/* Display filters of the client: a chain of stages, each given lines and passing some of them on. */
#include "cli/filter.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum filter_kind { INCLUDE, EXCLUDE, BEGIN, COUNT, SAVE, NO_MORE, JSON, FILTER_KINDS };

const struct filter_name filter_names[] = {
	[INCLUDE] = { "include", "REGEX", "lines that match" },
	[EXCLUDE] = { "exclude", "REGEX", "lines that do not match" },
	[BEGIN] = { "begin", "REGEX", "from the first line that matches" },
	[COUNT] = { "count", NULL, "the number of lines" },
	[SAVE] = { "save", "FILE", "write to a file" },
	[NO_MORE] = { "no-more", NULL, "do not stop after each page" },
	[JSON] = { "json", NULL, "one JSON object a line, or one object" },
	[FILTER_KINDS] = { NULL, NULL, NULL },
};

struct stage {
	struct stage *next;
	enum filter_kind kind;
	regex_t re;
	bool has_re, begun;
	size_t count;
	FILE *file;
	int err;
};

struct filter {
	struct stage *first;
	filter_sink *sink;
	void *ctx;
	char *part;		/* the beginning of a line whose end has not come yet */
	size_t part_len, part_cap;
	int err;
};

/* The kind a word names; a beginning is enough, as everywhere on the command line. */
static enum filter_kind kind_of(const char *word, size_t len)
{
	for (unsigned k = 0; len > 0 && k < FILTER_KINDS; k++)
		if (strncmp(filter_names[k].name, word, len) == 0)
			return (enum filter_kind)k;
	return FILTER_KINDS;
}

static const char *skip_space(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/* The next `|` from `s` on that stands alone before something; `start` is where the line begins. */
static const char *next_bar(const char *start, const char *s)
{
	bool quoted = false;

	for (const char *p = start; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '|' && !quoted && p >= s && (p == start || isspace((unsigned char)p[-1])))
			return p;
	}
	return NULL;
}

const char *filter_find(const char *line)
{
	const char *bar, *last = NULL;

	for (bar = next_bar(line, line); bar; bar = next_bar(line, bar + 1))
		last = bar;
	return last ? skip_space(last + 1) : NULL;
}

static enum filter_kind kind_after(const char *bar)
{
	const char *word = skip_space(bar + 1);

	return kind_of(word, strcspn(word, " \t|"));
}

static char *argument(const char *from, const char *to)
{
	from = skip_space(from);
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	if (to - from >= 2 && *from == '"' && to[-1] == '"') {
		from++;
		to--;
	}
	return to > from ? strndup(from, (size_t)(to - from)) : NULL;
}

static bool compile(struct stage *s, const char *arg, char *error)
{
	char why[128];
	int err = regcomp(&s->re, arg, REG_EXTENDED | REG_NOSUB);

	s->has_re = err == 0;
	if (err) {
		regerror(err, &s->re, why, sizeof(why));
		snprintf(error, FILTER_ERROR_MAX, "%s: %s", filter_names[s->kind].name, why);
		errno = EINVAL;
	}
	return !err;
}

/* What is shown may hold secrets: a file that `save` makes is the user's own. */
static bool open_file(struct stage *s, const char *path, char *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	s->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!s->file) {
		int err = errno;

		snprintf(error, FILTER_ERROR_MAX, "save: %.128s: %s", path, strerror(err));
		if (fd >= 0)
			close(fd);
		errno = err;
	}
	return s->file != NULL;
}

static bool stage_init(struct stage *s, const char *arg, char *error)
{
	const struct filter_name *n = &filter_names[s->kind];
	bool want = n->arg != NULL;

	if (s->kind == JSON || want != (arg != NULL)) {
		if (s->kind == JSON)
			snprintf(error, FILTER_ERROR_MAX, "json: must be the first filter, and takes no argument");
		else if (want)
			snprintf(error, FILTER_ERROR_MAX, "%s: %s is missing", n->name, n->arg);
		else
			snprintf(error, FILTER_ERROR_MAX, "%s: takes no argument", n->name);
		errno = EINVAL;
		return false;
	}
	if (s->kind == SAVE)
		return open_file(s, arg, error);
	return !want || compile(s, arg, error);
}

static void stage_free(struct stage *s)
{
	if (s->has_re)
		regfree(&s->re);
	if (s->file)
		fclose(s->file);
	free(s);
}

/* One filter from its `|` to `end`, added to the chain. */
static bool add_stage(struct filter *f, const char *bar, const char *end, char *error)
{
	const char *word = skip_space(bar + 1);
	struct stage **at = &f->first, *s = calloc(1, sizeof(*s));
	char *arg;
	bool ok;

	while (*at)
		at = &(*at)->next;
	*at = s;
	if (!s) {
		snprintf(error, FILTER_ERROR_MAX, "out of memory");
		return false;
	}
	s->kind = kind_after(bar);
	arg = argument(word + strcspn(word, " \t|"), end);
	ok = stage_init(s, arg, error);
	free(arg);
	return ok;
}

/* The first `|` that is the client's. A leading `json` stays with the command. */
static const char *first_of_ours(const char *line)
{
	const char *bar = next_bar(line, line), *next;

	while (bar && kind_after(bar) == FILTER_KINDS)
		bar = next_bar(line, bar + 1);
	if (!bar || kind_after(bar) != JSON)
		return bar;
	next = next_bar(line, bar + 1);
	while (next && kind_after(next) == FILTER_KINDS)
		next = next_bar(line, next + 1);
	return next;
}

struct filter *filter_new(char *line, filter_sink *sink, void *ctx, char error[FILTER_ERROR_MAX])
{
	struct filter *f = calloc(1, sizeof(*f));
	const char *bar = first_of_ours(line), *next;
	size_t cut = bar ? (size_t)(bar - line) : strlen(line);

	if (!f) {
		snprintf(error, FILTER_ERROR_MAX, "out of memory");
		return NULL;
	}
	f->sink = sink;
	f->ctx = ctx;
	for (; bar; bar = next) {
		next = next_bar(line, bar + 1);
		while (next && kind_after(next) == FILTER_KINDS)	/* a regular expression may have bars */
			next = next_bar(line, next + 1);
		if (!add_stage(f, bar, next ? next : bar + strlen(bar), error)) {
			int err = errno;

			filter_free(f);
			errno = err;
			return NULL;
		}
	}
	while (cut > 0 && isspace((unsigned char)line[cut - 1]))
		cut--;
	line[cut] = '\0';
	return f;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	while (f->first) {
		struct stage *s = f->first;

		f->first = s->next;
		stage_free(s);
	}
	free(f->part);
	free(f);
}

static bool matches(struct stage *s, const char *line, size_t len)
{
	regmatch_t m = { .rm_so = 0, .rm_eo = (regoff_t)len };

	return regexec(&s->re, line, 1, &m, REG_STARTEND) == 0;
}

/* Whether a stage passes a line on. */
static bool passes(struct stage *s, const char *line, size_t len)
{
	size_t text = len && line[len - 1] == '\n' ? len - 1 : len;

	switch (s->kind) {
	case INCLUDE:
		return matches(s, line, text);
	case EXCLUDE:
		return !matches(s, line, text);
	case BEGIN:
		s->begun = s->begun || matches(s, line, text);
		return s->begun;
	case COUNT:
		s->count++;
		return false;
	case SAVE:
		if (fwrite(line, 1, len, s->file) != len && !s->err)
			s->err = -errno;
		return false;
	default:
		return true;
	}
}

static void push(struct filter *f, struct stage *s, const char *line, size_t len)
{
	for (; s; s = s->next)
		if (!passes(s, line, len))
			return;
	f->sink(f->ctx, line, len);
}

/* Adds to the line that is being put together; a NUL stands after it, since regexec() may look for one. */
static void keep_part(struct filter *f, const char *p, size_t len)
{
	if (f->part_len + len + 1 > f->part_cap) {
		size_t cap = (f->part_len + len + 1) * 2;
		char *part = realloc(f->part, cap);

		if (!part) {
			f->err = -ENOMEM;
			return;
		}
		f->part = part;
		f->part_cap = cap;
	}
	memcpy(f->part + f->part_len, p, len);
	f->part_len += len;
	f->part[f->part_len] = '\0';
}

static void pass_part(struct filter *f)
{
	if (f->part_len)
		push(f, f->first, f->part, f->part_len);
	f->part_len = 0;
}

void filter_put(struct filter *f, struct span text)
{
	const char *p = (const char *)text.p, *end = p + text.len, *nl;

	for (; text.len && p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl) {
			keep_part(f, p, (size_t)(end - p));
			return;
		}
		keep_part(f, p, (size_t)(nl + 1 - p));
		pass_part(f);
	}
}

int filter_end(struct filter *f)
{
	int err = f->err;

	pass_part(f);
	for (struct stage *s = f->first; s; s = s->next) {
		char number[32];

		if (s->kind == COUNT)
			push(f, s->next, number, (size_t)snprintf(number, sizeof(number), "%zu\n", s->count));
		if (s->kind != SAVE)
			continue;
		if (fclose(s->file) != 0 && !s->err)
			s->err = -errno;
		s->file = NULL;
		err = err ? err : s->err;
	}
	return err;
}

bool filter_no_more(const struct filter *f)
{
	for (const struct stage *s = f->first; s; s = s->next)
		if (s->kind == NO_MORE)
			return true;
	return false;
}
