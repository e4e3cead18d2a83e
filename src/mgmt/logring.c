/* SPDX-License-Identifier: BSD-2-Clause */
#include "mgmt/logring.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

void logring_fini(struct logring *r)
{
	for (unsigned i = 0; i < LOGRING_LINES; i++)
		free(r->line[i]);
	memset(r, 0, sizeof(*r));
}

static char *digits(char *p, unsigned v, unsigned n)
{
	for (unsigned i = n; i--; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

/* As strftime() would write it: each log line has two. */
const char *wall_text(struct wall w, char buf[WALL_TEXT])
{
	time_t t = (time_t)w.s;
	struct tm tm;
	char *p = buf;

	if (!gmtime_r(&t, &tm))
		memset(&tm, 0, sizeof(tm));
	const struct {
		unsigned value, digits;
		char after;
	} part[] = {
		{ (unsigned)tm.tm_year + 1900, 4, '-' }, { (unsigned)tm.tm_mon + 1, 2, '-' }, { (unsigned)tm.tm_mday, 2, 'T' },
		{ (unsigned)tm.tm_hour, 2, ':' }, { (unsigned)tm.tm_min, 2, ':' }, { (unsigned)tm.tm_sec, 2, '.' },
		{ w.ns / 1000000 % 1000, 3, 'Z' },
	};

	for (unsigned i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		p = digits(p, part[i].value, part[i].digits);
		*p++ = part[i].after;
	}
	*p = '\0';
	return buf;
}

size_t logring_text(char *buf, size_t cap, struct wall wall, enum log_level level, const char *module, const char *line,
		    size_t len)
{
	struct text t = text_of(buf, cap);
	char time[WALL_TEXT];

	text_str(&t, wall_text(wall, time));
	text_str(&t, " level=");
	text_str(&t, log_level_name(level));
	text_str(&t, " mod=");
	text_str(&t, module);
	text_str(&t, " ");
	text_put(&t, line, len);
	return t.len;
}

const char *logring_add(struct logring *r, struct wall wall, enum log_level level, const char *module,
			const char *line, size_t len)
{
	size_t cap = strlen(module) + len + LOGRING_EXTRA;
	char **slot = &r->line[r->next % LOGRING_LINES], *s = malloc(cap);

	if (!s) {
		r->failed++;
		return NULL;
	}
	logring_text(s, cap, wall, level, module, line, len);
	free(*slot);
	*slot = s;
	r->next++;
	if (r->next - r->first > LOGRING_LINES)
		r->first = r->next - LOGRING_LINES;
	return s;
}

const char *logring_at(const struct logring *r, uint64_t number)
{
	return number >= r->first && number < r->next ? r->line[number % LOGRING_LINES] : NULL;
}
