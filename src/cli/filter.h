/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What follows `|` on a line: include, exclude, begin (POSIX extended expressions), count, save FILE, no-more; several
 * in a row. They work on lines of output, here, and the daemon never hears of them; `json` alone is the daemon's.
 */
#ifndef ADIT_CLI_FILTER_H
#define ADIT_CLI_FILTER_H

#include <stdbool.h>

#include "base/span.h"

enum { FILTER_ERROR_MAX = 256 };

struct filter;

/* Gets whole lines, newline included (the last one of an answer may lack it). */
typedef void filter_sink(void *ctx, const char *line, size_t len);

/**
 * filter_new - takes the filters off a line
 * @line:  the command; cut before the first filter that is ours. A `|` counts when white space or the start comes
 *         before it, it is not inside double quotes, and the name of a filter, or its beginning, follows; else it is
 *         the daemon's.
 * @sink:  what passes all filters
 * @error: why, on failure
 *
 * Return: the chain (without filters it passes everything), or NULL: wrong use, or a file that cannot be written (errno
 * is then EINVAL, or the file's).
 */
struct filter *filter_new(char *line, filter_sink *sink, void *ctx, char error[FILTER_ERROR_MAX]);
void filter_free(struct filter *f);

/** filter_put - octets of output, cut anywhere. */
void filter_put(struct filter *f, struct span text);

/** filter_end - the output is complete: passes the last line and what `count` found. Return: 0, or -errno of `save`. */
int filter_end(struct filter *f);

/** filter_no_more - whether no pager is wanted. */
bool filter_no_more(const struct filter *f);

/** filter_find - where the text after the last `|` of a line begins, or NULL: for help and completion. */
const char *filter_find(const char *line);

/** filter_names - the names and what they do, in the order of help; ends with a NULL name. */
struct filter_name {
	const char *name, *arg, *help;
};
extern const struct filter_name filter_names[];

#endif
