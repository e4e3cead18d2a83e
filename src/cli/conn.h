/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection to the daemon: requests out, answers in (docs/management-protocol.md). Blocking; a signal handler
 * installed without SA_RESTART interrupts it.
 */
#ifndef ADIT_CLI_CONN_H
#define ADIT_CLI_CONN_H

#include <stdbool.h>

#include "base/span.h"
#include "cli/frame.h"

enum { CONN_LINE_MAX = 8192 };		/* of a request, its newline included */

/* Exit statuses of the program. */
enum cli_status { CLI_OK = 0, CLI_REFUSED = 1, CLI_SYNTAX = 2, CLI_LOST = 3, CLI_USAGE = 64 };

struct conn;

/* Where an answer goes; spans live until the function returns. */
struct conn_ops {
	void (*output)(void *ctx, struct span text);
	void (*error)(void *ctx, struct span text);	/* the output frame right before a code of 400 or above */
	void (*async)(void *ctx, struct span line);
	bool (*give_up)(void *ctx);			/* asked after a signal; may be NULL: go on */
};

/** conn_open - connects to a Unix socket. Return: 0 and *out, or a negative errno. */
int conn_open(struct conn **out, const char *path);

/** conn_new - speaks over a connected socket, and owns it. Return: NULL when out of memory (it is not owned then). */
struct conn *conn_new(int fd);
void conn_free(struct conn *c);

int conn_fd(const struct conn *c);

/** conn_prompt - the prompt that the last answer brought; "" at first. */
const char *conn_prompt(const struct conn *c);

/**
 * conn_request - sends one request line
 * @text: what follows the verb; may be empty
 *
 * Return: 0, -EINVAL when the text has a newline or a NUL, -EMSGSIZE when it is too long, or the errno of the socket.
 */
int conn_request(struct conn *c, const char *verb, struct span text);

/** conn_request_file - sends a whole configuration. Return: 0 or a negative errno. */
int conn_request_file(struct conn *c, struct span body);

/**
 * conn_answer - waits for the end of the next answer
 *
 * Return: its code (200 or above), -EPIPE when the connection ended, -EPROTO when the other side does not speak the
 * protocol, -EINTR when give_up said so, or another negative errno.
 */
int conn_answer(struct conn *c, const struct conn_ops *ops, void *ctx);

/**
 * conn_idle - takes the asynchronous lines that are there, between answers; does not block
 *
 * Return: how many, or a negative errno as conn_answer (anything but asynchronous lines is -EPROTO).
 */
int conn_idle(struct conn *c, const struct conn_ops *ops, void *ctx);

/** cli_status - the exit status for a code of conn_answer, or for its errno. */
int cli_status(int code);

#endif
