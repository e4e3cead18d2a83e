/* SPDX-License-Identifier: BSD-2-Clause */
/* Text for people, in a buffer of the caller's: NUL-terminated, cut when full; what peers wrote is made harmless. */
#ifndef ADIT_BASE_TEXT_H
#define ADIT_BASE_TEXT_H

#include <stddef.h>

#include "base/span.h"

struct text {
	char *buf;			/* at least 1 octet */
	size_t cap, len;
};

enum { TEXT_DECIMAL = 21 };	/* room for the longest number and its NUL */

/** text_decimal - writes a number. What every call writes is written without printf. Return: its length. */
size_t text_decimal(char buf[TEXT_DECIMAL], uint64_t v);

/** text_of - an empty text. */
struct text text_of(char *buf, size_t cap);

/** text_fmt - appends, with our own values only. */
void text_fmt(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** text_put, text_str, text_u - append octets or a text of ours, a number in decimal. */
void text_put(struct text *t, const char *s, size_t n);
void text_str(struct text *t, const char *s);
void text_u(struct text *t, uint64_t v);

/** text_quoted - appends peers' octets in double quotes, escaped. */
void text_quoted(struct text *t, struct span v);

/**
 * text_escape - peers' octets as printable text: backslash escapes for quotes, controls and what is not ASCII.
 * @buf: at least 1 octet; NUL-terminated, cut when full (never inside an escape)
 *
 * Return: length of the text.
 */
size_t text_escape(char *buf, size_t cap, struct span s);

#endif
