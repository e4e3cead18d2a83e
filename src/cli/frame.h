/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon's side of docs/management-protocol.md, taken apart: `=CODE LENGTH` newline, then LENGTH octets. Pure:
 * octets in as they come, frames out. Memory grows with what has arrived, never with what a header announces.
 */
#ifndef ADIT_CLI_FRAME_H
#define ADIT_CLI_FRAME_H

#include "base/span.h"

enum frame_code {
	FRAME_OUTPUT = 100,
	FRAME_ASYNC = 110,
	FRAME_DONE = 200,		/* from here on a code ends the answer */
	FRAME_BYE = 221,
	FRAME_SYNTAX = 400,		/* from here on the answer is a refusal */
	FRAME_NOT_FOUND = 404,
	FRAME_REFUSED = 409,
	FRAME_FAILED = 500,
};

enum { FRAME_TEXT_MAX = 16 << 20 };	/* a longer payload is not ours: the connection is given up */

struct frame {
	unsigned code;
	struct span text;
};

struct frame_rd {
	uint8_t *buf;
	size_t start, end, cap;		/* what has not been taken yet is buf[start..end) */
};

/** frame_rd_init - an empty reader. frame_rd_fini frees what it holds. */
void frame_rd_init(struct frame_rd *r);
void frame_rd_fini(struct frame_rd *r);

/** frame_rd_feed - adds octets that arrived. Ends the life of spans handed out. Return: 0, or -ENOMEM. */
int frame_rd_feed(struct frame_rd *r, struct span octets);

/**
 * frame_rd_next - the next whole frame
 * @f: its text lives until the next frame_rd_feed()
 *
 * Return: 1 with a frame, 0 when more octets are needed, -EPROTO when this is not the protocol (and it stays so).
 */
int frame_rd_next(struct frame_rd *r, struct frame *f);

#endif
