/* SPDX-License-Identifier: BSD-2-Clause */
/* One command line: its filters taken off, the rest sent, the answer put through them. */
#ifndef ADIT_CLI_RUN_H
#define ADIT_CLI_RUN_H

#include "cli/conn.h"
#include "cli/filter.h"

/* Where a command's answer goes. All but give_up are needed. */
struct run {
	struct conn *conn;
	void *ctx;
	void (*begin)(void *ctx, bool no_more);		/* the command is about to be sent */
	filter_sink *output;
	void (*error)(void *ctx, struct span text);	/* whole lines */
	void (*async)(void *ctx, struct span line);
	bool (*give_up)(void *ctx);
};

/**
 * run_line - executes one command line
 *
 * A line whose filters are wrong is not sent; that counts as FRAME_SYNTAX, a file that cannot be written as
 * FRAME_REFUSED.
 *
 * Return: the code of the answer, or a negative errno when the connection is of no more use.
 */
int run_line(const struct run *r, const char *line);

/** run_file - sends a configuration. Return: as run_line. */
int run_file(const struct run *r, struct span body);

#endif
