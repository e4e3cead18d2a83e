/* SPDX-License-Identifier: BSD-2-Clause */
/* The last log lines, in memory: for `show log`. */
#ifndef ADIT_MGMT_LOGRING_H
#define ADIT_MGMT_LOGRING_H

#include "base/log.h"
#include "base/mono.h"

enum { LOGRING_LINES = 4096 };

struct logring {
	char *line[LOGRING_LINES];	/* whole lines: time level=... mod=... msg="..." key=value */
	uint64_t first, next;		/* numbers of the oldest line and of the one to come */
	uint64_t failed;		/* lines lost for want of memory */
};

void logring_fini(struct logring *r);

/**
 * logring_text - the whole line, cut when @cap is less than LOGRING_EXTRA and the lengths of @module and @line
 *
 * Return: its length.
 */
enum { LOGRING_EXTRA = 64 };
size_t logring_text(char *buf, size_t cap, struct wall wall, enum log_level level, const char *module, const char *line,
		    size_t len);

/** logring_add - Return: the line as it is kept, or NULL when out of memory. */
const char *logring_add(struct logring *r, struct wall wall, enum log_level level, const char *module,
			const char *line, size_t len);

/** logring_at - a line by number, or NULL when it is not (or no longer) there. */
const char *logring_at(const struct logring *r, uint64_t number);

/** wall_text - 2026-11-20T13:00:00.123Z. */
enum { WALL_TEXT = 32 };
const char *wall_text(struct wall w, char buf[WALL_TEXT]);

#endif
