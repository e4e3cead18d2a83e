/* SPDX-License-Identifier: BSD-2-Clause */
/* One command line, from text to answer. */
#include "cli/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct answer {
	const struct run *run;
	struct filter *filter;
};

static void on_output(void *ctx, struct span text)
{
	filter_put(((struct answer *)ctx)->filter, text);
}

static void on_error(void *ctx, struct span text)
{
	const struct run *r = ((struct answer *)ctx)->run;

	r->error(r->ctx, text);
}

static void on_async(void *ctx, struct span line)
{
	const struct run *r = ((struct answer *)ctx)->run;

	r->async(r->ctx, line);
}

static bool on_signal(void *ctx)
{
	const struct run *r = ((struct answer *)ctx)->run;

	return r->give_up && r->give_up(r->ctx);
}

static const struct conn_ops answer_ops = {
	.output = on_output, .error = on_error, .async = on_async, .give_up = on_signal,
};

static void complain(const struct run *r, const char *what, const char *why)
{
	char text[FILTER_ERROR_MAX + 64];
	int n = snprintf(text, sizeof(text), "%s%s%s\n", what, *why ? ": " : "", why);

	r->error(r->ctx, span_of(text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1));
}

static int take_answer(const struct run *r, struct filter *f)
{
	struct answer a = { r, f };
	int code = conn_answer(r->conn, &answer_ops, &a), err = filter_end(f);

	if (err && code >= FRAME_DONE && code < FRAME_SYNTAX) {
		complain(r, "save", strerror(-err));
		return FRAME_REFUSED;
	}
	return code;
}

/* A request that was not sent is the user's mistake; anything else is the connection's end. */
static int not_sent(const struct run *r, int err)
{
	if (err != -EINVAL && err != -EMSGSIZE)
		return err;
	complain(r, err == -EINVAL ? "a line cannot hold a newline or NUL" : "the line is too long", "");
	return FRAME_SYNTAX;
}

static int run_copy(const struct run *r, char *line)
{
	char error[FILTER_ERROR_MAX];
	struct filter *f = filter_new(line, r->output, r->ctx, error);
	int err, code;

	if (!f) {
		code = errno == EINVAL ? FRAME_SYNTAX : FRAME_REFUSED;
		complain(r, error, "");
		return code;
	}
	r->begin(r->ctx, filter_no_more(f));
	err = conn_request(r->conn, "line", span_str(line));
	code = err ? not_sent(r, err) : take_answer(r, f);
	filter_free(f);
	return code;
}

int run_line(const struct run *r, const char *line)
{
	char *copy = strdup(line);
	int code = copy ? run_copy(r, copy) : -ENOMEM;

	free(copy);
	return code;
}

int run_file(const struct run *r, struct span body)
{
	char none[] = "", error[FILTER_ERROR_MAX];
	struct filter *f = filter_new(none, r->output, r->ctx, error);
	int err, code;

	if (!f)
		return -ENOMEM;
	r->begin(r->ctx, true);
	err = conn_request_file(r->conn, body);
	code = err ? err : take_answer(r, f);
	filter_free(f);
	return code;
}
