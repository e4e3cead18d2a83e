/* SPDX-License-Identifier: BSD-2-Clause */
/* hostname. */
#include "mgmt/edit.h"

const struct gr_cmd cmd_system[] = {
	{ "hostname <name:hostname>", "Name of this router|1-64 octets", MODE_GLOBAL, GR_NO,
	  .field = { FIELD_STR, .off = offsetof(struct config, model.hostname), .dflt_str = "adit" } },
	{ 0 },
};
