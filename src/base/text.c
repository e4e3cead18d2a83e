/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

size_t text_decimal(char buf[TEXT_DECIMAL], uint64_t v)
{
	char digit[TEXT_DECIMAL];
	size_t n = 0;

	do
		digit[n++] = (char)('0' + v % 10);
	while (v /= 10);
	for (size_t i = 0; i < n; i++)
		buf[i] = digit[n - 1 - i];
	buf[n] = '\0';
	return n;
}

/* Return: how many octets of e stand for c. */
static size_t escape(char e[4], uint8_t c)
{
	static const char hex[] = "0123456789abcdef";

	if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
		e[0] = (char)c;
		return 1;
	}
	e[0] = '\\';
	e[1] = c < 0x20 || c >= 0x7f ? 'x' : (char)c;
	e[2] = hex[c >> 4];
	e[3] = hex[c & 15];
	return e[1] == 'x' ? 4 : 2;
}

size_t text_escape(char *buf, size_t cap, struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		char e[4];
		size_t len = escape(e, s.p[i]);

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

void text_put(struct text *t, const char *s, size_t n)
{
	size_t room = t->cap - 1 - t->len;

	if (n > room)
		n = room;
	memcpy(t->buf + t->len, s, n);
	t->len += n;
	t->buf[t->len] = '\0';
}

void text_str(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

void text_u(struct text *t, uint64_t v)
{
	char digits[TEXT_DECIMAL];

	text_decimal(digits, v);
	text_str(t, digits);
}

void text_quoted(struct text *t, struct span v)
{
	text_str(t, "\"");
	t->len += text_escape(t->buf + t->len, t->cap - t->len, v);
	text_str(t, "\"");
}
