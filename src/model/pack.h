/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts of a session or tunnel in one allocation, since there are a million of them and most are short or empty. */
#ifndef ADIT_MODEL_PACK_H
#define ADIT_MODEL_PACK_H

#include "base/span.h"

enum { PACK_FIELDS = 8, PACK_TEXT_MAX = 1024 };

struct pack;

/** pack_get - a text; empty when it was never set or the pack is NULL. Valid until the next pack_set() of this pack. */
struct span pack_get(const struct pack *p, unsigned field);
/** pack_set - (re)places a text, cut at PACK_TEXT_MAX; *p may be NULL, and stays so while all are empty. Return: 0 or
 * -ENOMEM. */
int pack_set(struct pack **p, unsigned field, struct span text);
void pack_free(struct pack *p);

#endif
