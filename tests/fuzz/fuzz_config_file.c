/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a configuration file: what is accepted is written, read again, and is the same. */
#include <stdlib.h>

#include "mgmt/edit.h"
#include "unit/mgmt_fake.h"

static void check(const struct grammar *g, const struct config *c)
{
	struct config back, copy;
	struct out text = { 0 }, errors = { 0 };

	config_write(c, &text);
	if (config_init(&back) || config_read(g, &back, NULL, "x", text.p ? text.p : "", text.len, &errors))
		abort();
	if (!config_same(c, &back) || config_copy(&copy, &back) || config_diff(c, &copy, NULL, NULL))
		abort();
	config_fini(&copy);
	config_fini(&back);
	out_fini(&text);
	out_fini(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct grammar *g;
	struct config c;
	struct out errors = { 0 };
	char why[128];

	if (!g)
		g = gr_new(mgmt_tables, mgmt_types, MODE_COUNT, why);
	if (!g || config_init(&c))
		abort();
	if (!config_read(g, &c, NULL, "x", (const char *)data, size, &errors))
		check(g, &c);
	config_fini(&c);
	out_fini(&errors);
	return 0;
}
