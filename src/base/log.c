/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct {
	log_sink *fn;
	void *ctx;
	enum log_level max;
} sink;

void log_set_sink(log_sink *fn, void *ctx, enum log_level max)
{
	sink.fn = fn;
	sink.ctx = ctx;
	sink.max = max;
}

bool log_wanted(enum log_level level)
{
	return sink.fn && level <= sink.max;
}

const char *log_level_name(enum log_level level)
{
	static const char *const names[] = { "error", "warning", "notice", "info", "debug" };

	return (unsigned)level < sizeof(names) / sizeof(names[0]) ? names[level] : "?";
}

static void put(struct log *l, const char *s, size_t n)
{
	size_t room = sizeof(l->line) - 1 - l->len;

	if (n > room)
		n = room;
	memcpy(l->line + l->len, s, n);
	l->len += n;
	l->line[l->len] = '\0';
}

static void put_key(struct log *l, const char *key)
{
	put(l, " ", 1);
	put(l, key, strlen(key));
	put(l, "=", 1);
}

void log_begin(struct log *l, enum log_level level, const char *module, const char *msg)
{
	l->level = level;
	l->module = module;
	l->len = 0;
	put(l, "msg=\"", 5);
	put(l, msg, strlen(msg));
	put(l, "\"", 1);
}

void log_fmt(struct log *l, const char *key, const char *fmt, ...)
{
	char v[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(v, sizeof(v), fmt, ap);
	va_end(ap);
	put_key(l, key);
	put(l, v, n < 0 ? 0 : (size_t)n < sizeof(v) ? (size_t)n : sizeof(v) - 1);
}

void log_u(struct log *l, const char *key, uint64_t v)
{
	char digits[TEXT_DECIMAL];
	size_t n = text_decimal(digits, v);

	put_key(l, key);
	put(l, digits, n);
}

void log_str(struct log *l, const char *key, struct span v)
{
	char e[4 * 128 + 1];
	size_t n;

	if (v.len > 128)
		v.len = 128;
	n = text_escape(e, sizeof(e), v);
	put_key(l, key);
	put(l, "\"", 1);
	put(l, e, n);
	put(l, "\"", 1);
}

static bool is_bare(const char *s)
{
	return *s && !s[strcspn(s, " \"=\\\t\n")];
}

void log_text(struct log *l, const char *key, const char *v)
{
	if (!is_bare(v)) {
		log_str(l, key, span_str(v));
		return;
	}
	put_key(l, key);
	put(l, v, strlen(v));
}

void log_addr(struct log *l, const char *key, const struct ip_addr *a)
{
	char t[IP_ADDR_TEXT];

	log_text(l, key, ip_addr_text(a, t));
}

void log_addr_port(struct log *l, const char *key, const struct ip_addr *a, uint16_t port)
{
	char t[IP_ADDR_TEXT];

	log_fmt(l, key, a->af == 6 ? "[%s]:%u" : "%s:%u", ip_addr_text(a, t), port);
}

void log_end(struct log *l)
{
	if (log_wanted(l->level))
		sink.fn(sink.ctx, l->level, l->module, l->line, l->len);
}

void log_line(enum log_level level, const char *module, const char *msg, const char *fmt, ...)
{
	struct log l;
	char v[512];
	va_list ap;

	if (!log_wanted(level))
		return;
	va_start(ap, fmt);
	vsnprintf(v, sizeof(v), fmt, ap);
	va_end(ap);
	log_begin(&l, level, module, msg);
	put(&l, " ", 1);
	put(&l, v, strlen(v));
	log_end(&l);
}
