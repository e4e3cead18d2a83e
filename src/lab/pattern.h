/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of many subscribers from one text: `user%05d@example.net`. One %d, with zero and width if wanted; %% is a %. */
#ifndef ADIT_LAB_PATTERN_H
#define ADIT_LAB_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

enum { LAB_NAME_MAX = 254 };

/** pattern_check - whether a text may be expanded: at most one %[0][width]d, width below 20, nothing else after a %. */
bool pattern_check(const char *pattern);

/** pattern_expand - writes the text for a number, NUL-terminated, cut at the end of buf. Return: its length. */
size_t pattern_expand(char *buf, size_t cap, const char *pattern, unsigned number);

#endif
