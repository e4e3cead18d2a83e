/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of attributes and the names of numbers, looked up. The rows are in radius_attr_def.h and radius_value_def.h. */
#include "wire/radius_attr.h"

enum { OPEN, SECRET };

static const struct radius_attr_info table[] = {
#define X(id, vendor, type, nm, fm, mn, mx, shown, sec) \
	{ .attr = RADIUS_ATTR_##id, .name = nm, .source = sec, .form = RADIUS_FORM_##fm, .min = mn, .max = mx, .secret = shown },
	RADIUS_ATTRS(X)
#undef X
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

const struct radius_attr_info *radius_attr_row(unsigned i)
{
	return i < ROWS ? &table[i] : NULL;
}

const struct radius_attr_info *radius_attr_info(uint32_t vendor, unsigned type)
{
	uint32_t attr = radius_attr_key(vendor, type);
	unsigned low = 0, high = ROWS;

	while (low < high) {
		unsigned mid = (low + high) / 2;

		if (table[mid].attr < attr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < ROWS && table[low].attr == attr ? &table[low] : NULL;
}

bool radius_attr_length_ok(const struct radius_attr *a)
{
	const struct radius_attr_info *info = radius_attr_info(a->vendor, a->type);

	return !info || (a->value.len >= info->min && a->value.len <= info->max);
}

const char *radius_value_name(uint32_t attr, uint32_t number)
{
	static const struct { uint32_t attr, number; const char *name; } values[] = {
#define X(at, id, no, nm) { RADIUS_ATTR_##at, no, nm },
		RADIUS_VALUES(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (values[i].attr == attr && values[i].number == number)
			return values[i].name;
	return NULL;
}
