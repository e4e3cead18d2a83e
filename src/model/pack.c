/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/pack.h"

#include <errno.h>
#include <stdlib.h>

struct pack {
	uint16_t len[PACK_FIELDS];
	uint8_t octets[];
};

struct span pack_get(const struct pack *p, unsigned field)
{
	size_t at = 0;

	if (!p)
		return span_of(NULL, 0);
	for (unsigned i = 0; i < field; i++)
		at += p->len[i];
	return span_of(p->octets + at, p->len[field]);
}

int pack_set(struct pack **p, unsigned field, struct span text)
{
	size_t len = text.len < PACK_TEXT_MAX ? text.len : PACK_TEXT_MAX, total = len, at = 0;
	struct pack *n;

	if (pack_get(*p, field).len == 0 && len == 0)
		return 0;
	for (unsigned i = 0; i < PACK_FIELDS; i++)
		total += i == field ? 0 : pack_get(*p, i).len;
	n = malloc(sizeof(*n) + total);
	if (!n)
		return -ENOMEM;
	for (unsigned i = 0; i < PACK_FIELDS; i++) {
		struct span s = i == field ? span_of(text.p, len) : pack_get(*p, i);

		n->len[i] = (uint16_t)s.len;
		if (s.len)
			memcpy(n->octets + at, s.p, s.len);
		at += s.len;
	}
	free(*p);
	*p = n;
	return 0;
}

void pack_free(struct pack *p)
{
	free(p);
}
