/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Framed-Route (RFC 2865 §5.22): "192.168.1.0/24 192.168.1.1 1 2 -1 3 400". A prefix without length has that of its
 * class. The gateway is not looked at: what a subscriber's route leads to is the subscriber. "tag 10" may stand after the
 * gateway, as in JunosE.
 */
#include <stdlib.h>

#include "aaa/radius_accept.h"

enum { WORDS = 10, WORD_MAX = 48 };

static uint8_t class_len(uint32_t ip)
{
	if (ip >> 31 == 0)
		return 8;
	return ip >> 30 == 2 ? 16 : 24;
}

static bool number(const char *word, unsigned long max, uint32_t *out)
{
	char *end;
	unsigned long v = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || *end || v > max)
		return false;
	*out = (uint32_t)v;
	return true;
}

static bool prefix_parse(char *word, struct ip_prefix *out)
{
	char *slash = strchr(word, '/');
	uint32_t ip, len, mask;

	if (slash)
		*slash = '\0';
	if (!ip4_parse(&ip, word))
		return false;
	len = class_len(ip);
	if (slash && (!number(slash + 1, 32, &len) || len == 0))
		return false;
	mask = UINT32_MAX << (32 - len);
	*out = (struct ip_prefix){ ip4_of(ip & mask), (uint8_t)len };
	return (ip & mask) != 0;
}

static unsigned split(struct span text, char words[WORDS][WORD_MAX])
{
	unsigned n = 0;
	size_t at = 0;

	while (at < text.len && n < WORDS) {
		size_t len = 0;

		for (; at < text.len && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\0'); at++)
			;
		for (; at < text.len && text.p[at] != ' ' && text.p[at] != '\t' && text.p[at] != '\0'; at++) {
			if (len == WORD_MAX - 1)
				return 0;
			words[n][len++] = (char)text.p[at];
		}
		words[n][len] = '\0';
		n += len > 0;
	}
	return n;
}

bool radius_route_parse(struct span text, struct aaa_route *out)
{
	char words[WORDS][WORD_MAX];
	unsigned n = split(text, words), at = 1;
	uint32_t gateway;
	bool metric = false;

	memset(out, 0, sizeof(*out));
	if (!n || !prefix_parse(words[0], &out->prefix))
		return false;
	if (at < n && ip4_parse(&gateway, words[at]))
		at++;
	for (; at < n; at++) {
		if (strcmp(words[at], "tag") == 0 && at + 1 < n) {
			if (!number(words[++at], UINT32_MAX, &out->tag))
				return false;
		} else if (!metric && number(words[at], UINT32_MAX, &out->metric)) {
			metric = true;
		}
	}
	return true;
}
