/* SPDX-License-Identifier: BSD-2-Clause */
#include "mgmt/logring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void logring_fini(struct logring *r)
{
	for (unsigned i = 0; i < LOGRING_LINES; i++)
		free(r->line[i]);
	memset(r, 0, sizeof(*r));
}

const char *wall_text(struct wall w, char buf[WALL_TEXT])
{
	time_t t = (time_t)w.s;
	struct tm tm;
	size_t n;

	if (!gmtime_r(&t, &tm))
		memset(&tm, 0, sizeof(tm));
	n = strftime(buf, WALL_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, WALL_TEXT - n, ".%03uZ", w.ns / 1000000 % 1000);
	return buf;
}

const char *logring_add(struct logring *r, struct wall wall, enum log_level level, const char *module,
			const char *line, size_t len)
{
	char time[WALL_TEXT], **slot = &r->line[r->next % LOGRING_LINES], *s;

	if (asprintf(&s, "%s level=%s mod=%s %.*s", wall_text(wall, time), log_level_name(level), module,
		     (int)len, line) < 0) {
		r->failed++;
		return NULL;
	}
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
