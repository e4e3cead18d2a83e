/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal of accounting, opened and bound (accounting.h). */
#include "daemon/accounting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa_net.h"
#include "base/log.h"

static uint64_t append(void *ctx, struct span body)
{
	return journal_append(ctx, body);
}

static void done(void *ctx, uint64_t ref)
{
	journal_done(ctx, ref);
}

/* Entries are taken while the journal is being read, and handed on when it can be written to. */
struct left {
	struct left *next;
	uint64_t ref;
	size_t len;
	uint8_t octets[];
};

struct reading {
	struct left *first, **last;
	bool failed;
};

static void on_entry(void *ctx, uint64_t ref, struct span body)
{
	struct reading *r = ctx;
	struct left *e = malloc(sizeof(*e) + body.len);

	if (!e) {
		r->failed = true;
		return;
	}
	*e = (struct left){ .ref = ref, .len = body.len };
	memcpy(e->octets, body.p, body.len);
	*r->last = e;
	r->last = &e->next;
}

static void restore(struct reading *r, struct aaa *a, mono_t now, struct wall wall)
{
	unsigned n = 0;

	for (struct left *e = r->first, *next; e; e = next, n++) {
		next = e->next;
		aaa_restore(a, e->ref, span_of(e->octets, e->len), now, wall);
		free(e);
	}
	if (r->failed)
		log_line(LOG_ERROR, "radius", "no memory to restore all of accounting", "restored=%u", n);
	if (n)
		log_line(LOG_NOTICE, "radius", "accounting restored", "records=%u", n);
}

int accounting_open(struct journal **out, const char *state_dir, struct aaa *a, mono_t now, struct wall wall)
{
	struct reading r = { .last = &r.first };
	struct acct_journal ops = { append, done, NULL };
	struct journal_conf jc = { 0 };
	char dir[4096];
	int rc;

	if (snprintf(dir, sizeof(dir), "%s/accounting", state_dir) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	rc = journal_open(out, dir, &jc, on_entry, &r);
	if (!rc) {
		ops.ctx = *out;
		aaa_journal_set(a, &ops);
	}
	restore(&r, a, now, wall);
	return rc;
}
