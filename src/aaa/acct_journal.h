/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where accounting keeps what must survive the daemon: an ops table, bound by the daemon to a file (io/journal.h), by a
 * test to an array, or left empty. What is appended must be there after a crash once the turn has ended; what was told
 * done need not.
 */
#ifndef ADIT_AAA_ACCT_JOURNAL_H
#define ADIT_AAA_ACCT_JOURNAL_H

#include "base/span.h"

struct acct_journal {
	/* Return: a reference, or 0 when it could not be kept (counted, and the record goes on without). */
	uint64_t (*append)(void *ctx, struct span body);
	void (*done)(void *ctx, uint64_t ref);
	void *ctx;
};

static inline uint64_t acct_journal_append(const struct acct_journal *j, struct span body)
{
	return j->append ? j->append(j->ctx, body) : 0;
}

static inline void acct_journal_done(const struct acct_journal *j, uint64_t *ref)
{
	if (*ref && j->done)
		j->done(j->ctx, *ref);
	*ref = 0;
}

#endif
