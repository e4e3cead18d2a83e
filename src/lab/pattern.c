/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns with a number in them. The text comes from the command line, so it never reaches printf as a format. */
#include "lab/pattern.h"

#include <stdio.h>

/* What follows a percent sign. */
struct conversion {
	bool valid, percent, zero;
	int width;
	const char *rest;
};

static struct conversion conversion_read(const char *p)
{
	struct conversion c = { .zero = *p == '0' };

	if (*p == '%')
		return (struct conversion){ .valid = true, .percent = true, .rest = p + 1 };
	for (; *p >= '0' && *p <= '9' && c.width < 20; p++)
		c.width = c.width * 10 + (*p - '0');
	c.valid = *p == 'd' && c.width < 20;
	c.rest = p + 1;
	return c;
}

bool pattern_check(const char *pattern)
{
	unsigned numbers = 0;

	while (*pattern) {
		struct conversion c;

		if (*pattern++ != '%')
			continue;
		c = conversion_read(pattern);
		if (!c.valid)
			return false;
		numbers += !c.percent;
		pattern = c.rest;
	}
	return numbers <= 1;
}

static size_t put(char *buf, size_t cap, size_t len, char c)
{
	if (len + 1 < cap)
		buf[len++] = c;
	return len;
}

static size_t put_number(char *buf, size_t cap, size_t len, const struct conversion *c, unsigned number)
{
	char text[40];
	int n = c->zero ? snprintf(text, sizeof(text), "%0*u", c->width, number) :
			  snprintf(text, sizeof(text), "%*u", c->width, number);

	for (int i = 0; i < n; i++)
		len = put(buf, cap, len, text[i]);
	return len;
}

size_t pattern_expand(char *buf, size_t cap, const char *pattern, unsigned number)
{
	size_t len = 0;

	while (*pattern) {
		struct conversion c;

		if (*pattern != '%') {
			len = put(buf, cap, len, *pattern++);
			continue;
		}
		c = conversion_read(pattern + 1);
		if (!c.valid)
			break;
		len = c.percent ? put(buf, cap, len, '%') : put_number(buf, cap, len, &c, number);
		pattern = c.rest;
	}
	if (cap)
		buf[len] = '\0';
	return len;
}
