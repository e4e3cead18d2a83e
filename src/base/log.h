/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Log lines: a stable lower-case message and key=value after it. Values may come from peers; log_str makes them
 * harmless (quotes, escapes, bounded). One sink, set by the program; without one, lines are dropped.
 *
 *	struct log l;
 *	log_begin(&l, LOG_NOTICE, "l2tp", "tunnel refused");
 *	log_u(&l, "tunnel", id);
 *	log_str(&l, "host", host);
 *	log_end(&l);
 */
#ifndef ADIT_BASE_LOG_H
#define ADIT_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/span.h"
#include "base/text.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

enum { LOG_LINE_MAX = 1024 };

struct log {
	enum log_level level;
	const char *module;
	size_t len;
	char line[LOG_LINE_MAX];
};

/* Gets each finished line without its newline: `msg="..." key=value ...`; the sink adds time, level and module. */
typedef void log_sink(void *ctx, enum log_level level, const char *module, const char *line, size_t len);

/** log_set_sink - the one place lines go; levels above `max` are not even formatted. */
void log_set_sink(log_sink *sink, void *ctx, enum log_level max);
bool log_wanted(enum log_level level);

void log_begin(struct log *l, enum log_level level, const char *module, const char *msg);
void log_u(struct log *l, const char *key, uint64_t v);
void log_str(struct log *l, const char *key, struct span v);	/* peers' octets: escaped, at most 128 of them */
void log_text(struct log *l, const char *key, const char *v);	/* our own words: quoted only if need be */
void log_addr(struct log *l, const char *key, const struct ip_addr *a);
void log_addr_port(struct log *l, const char *key, const struct ip_addr *a, uint16_t port);
void log_fmt(struct log *l, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void log_end(struct log *l);

/** log_line - a whole line at once; `fmt` gives the key=value part, with our own values only. */
void log_line(enum log_level level, const char *module, const char *msg, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

const char *log_level_name(enum log_level level);

#endif
