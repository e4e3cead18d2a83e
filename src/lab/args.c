/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of a command line. */
#include "lab/args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool args_is(const char *word, const char *name, const char **arg)
{
	size_t len = strlen(name);

	*arg = NULL;
	if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, len) != 0)
		return false;
	word += 2 + len;
	if (*word == '=')
		*arg = word + 1;
	return *word == '\0' || *word == '=';
}

void args_help(FILE *out, const char *name, const char *arg, const char *help)
{
	char left[48];

	snprintf(left, sizeof(left), "--%s%s%s", name, arg ? " " : "", arg ? arg : "");
	fprintf(out, "  %-28s %s\n", left, help);
}

bool args_number(const char *text, unsigned min, unsigned max, unsigned *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text < '0' || *text > '9' || v < min || v > max)
		return false;
	*out = (unsigned)v;
	return true;
}

bool args_real(const char *text, unsigned max, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && !*end && *out >= 0 && *out <= max;
}

bool args_end_point(const char *text, struct ip_addr *addr, uint16_t *port)
{
	char copy[64];
	char *host = copy, *colon;
	unsigned v;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	if (ip_addr_parse(addr, copy))
		return true;
	colon = strrchr(copy, ':');
	if (!colon || !args_number(colon + 1, 1, 65535, &v))
		return false;
	*colon = '\0';
	if (*host == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		host++;
	}
	*port = (uint16_t)v;
	return ip_addr_parse(addr, host);
}
