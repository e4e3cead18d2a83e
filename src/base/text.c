/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t text_escape(char *buf, size_t cap, struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char e[5];
		size_t len;
		uint8_t c = s.p[i];

		if (c == '"' || c == '\\')
			len = (size_t)snprintf(e, sizeof(e), "\\%c", c);
		else if (c >= 0x20 && c < 0x7f)
			len = (size_t)snprintf(e, sizeof(e), "%c", c);
		else
			len = (size_t)snprintf(e, sizeof(e), "\\x%02x", c);
		if (n + len + 1 > cap)
			break;
		memcpy(buf + n, e, len);
		n += len;
	}
	buf[n] = '\0';
	return n;
}

struct text text_of(char *buf, size_t cap)
{
	buf[0] = '\0';
	return (struct text){ .buf = buf, .cap = cap };
}

void text_fmt(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->cap - t->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len = t->len + (size_t)n < t->cap ? t->len + (size_t)n : t->cap - 1;
}

void text_quoted(struct text *t, struct span v)
{
	text_fmt(t, "\"");
	t->len += text_escape(t->buf + t->len, t->cap - t->len, v);
	text_fmt(t, "\"");
}
