/* SPDX-License-Identifier: BSD-2-Clause */
#include "mgmt/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void out_fini(struct out *o)
{
	free(o->p);
	*o = (struct out){ 0 };
}

void out_reset(struct out *o)
{
	o->len = 0;
	o->failed = false;
	if (o->p)
		o->p[0] = '\0';
}

static bool reserve(struct out *o, size_t n)
{
	size_t cap = o->cap ? o->cap : 256;
	char *p;

	if (o->failed)
		return false;
	while (cap - o->len < n + 1)
		cap *= 2;
	if (cap == o->cap)
		return true;
	p = realloc(o->p, cap);
	if (!p) {
		o->failed = true;
		return false;
	}
	o->p = p;
	o->cap = cap;
	return true;
}

void out_bytes(struct out *o, const void *p, size_t n)
{
	if (!reserve(o, n))
		return;
	if (n)
		memcpy(o->p + o->len, p, n);
	o->len += n;
	o->p[o->len] = '\0';
}

void out_str(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

void out_char(struct out *o, char c)
{
	out_bytes(o, &c, 1);
}

void out_pad(struct out *o, char c, size_t n)
{
	while (n--)
		out_char(o, c);
}

void out_vfmt(struct out *o, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || !reserve(o, (size_t)n))
		return;
	vsnprintf(o->p + o->len, (size_t)n + 1, fmt, ap);
	o->len += (size_t)n;
}

void out_fmt(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	out_vfmt(o, fmt, ap);
	va_end(ap);
}

void out_addr(struct out *o, const struct ip_addr *a)
{
	char t[IP_ADDR_TEXT];

	out_str(o, ip_addr_text(a, t));
}

void out_drop(struct out *o, size_t n)
{
	if (n > o->len)
		n = o->len;
	if (!n)
		return;
	memmove(o->p, o->p + n, o->len - n + 1);
	o->len -= n;
}

void out_drop_end(struct out *o, size_t n)
{
	if (!o->p)
		return;
	o->len -= n < o->len ? n : o->len;
	o->p[o->len] = '\0';
}

void out_escaped(struct out *o, struct span s)
{
	char e[4 * 64 + 1];

	while (s.len) {
		size_t n = s.len < 64 ? s.len : 64;
		size_t len = text_escape(e, sizeof(e), span_of(s.p, n));

		out_bytes(o, e, len);
		s = span_of(s.p + n, s.len - n);
	}
}

void out_quoted(struct out *o, const char *s)
{
	out_char(o, '"');
	out_escaped(o, span_str(s));
	out_char(o, '"');
}

/* What the lexer takes as one word as it stands, and no client's filter or comment. */
static bool is_plain(const char *s)
{
	if (!*s || *s == '!' || *s == '#' || *s == '|')
		return false;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '?')
			return false;
	}
	return true;
}

void out_word(struct out *o, const char *s)
{
	if (is_plain(s))
		out_str(o, s);
	else
		out_quoted(o, s);
}

char *out_steal(struct out *o)
{
	char *p;

	if (!o->p)
		reserve(o, 0);
	if (o->p && !o->len)
		o->p[0] = '\0';
	if (o->failed) {
		out_fini(o);
		return NULL;
	}
	p = o->p;
	*o = (struct out){ 0 };
	return p;
}
