/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of struct grammar, for grammar.c, match.c and the writer of the running configuration. */
#ifndef ADIT_MGMT_GRAMMAR_INT_H
#define ADIT_MGMT_GRAMMAR_INT_H

#include <stddef.h>

#include "mgmt/grammar.h"

/* Everything a grammar allocates hangs on one list. */
struct gr_block {
	struct gr_block *next;
	max_align_t data[];
};

struct gr_range {
	struct gr_range *next;
	struct gr_type type;
};

struct grammar {
	const struct gr_cmd *const *tables;
	const struct gr_type *types;
	struct gr_block *blocks;
	struct gr_range *ranges;
	unsigned modes;
	struct gr_node root[];
};

#endif
