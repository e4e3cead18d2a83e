/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounting that survives the daemon: AAA's journal (aaa/acct_journal.h) in files of the state directory. */
#ifndef ADIT_DAEMON_ACCOUNTING_H
#define ADIT_DAEMON_ACCOUNTING_H

#include "aaa/aaa.h"
#include "io/journal.h"

/**
 * accounting_open - opens STATE_DIR/accounting, hands AAA what an earlier run left there, and keeps what it has from now on
 *
 * Return: 0, or -errno: accounting goes on without (a full or read-only disk must not take the lines down).
 */
int accounting_open(struct journal **out, const char *state_dir, struct aaa *a, mono_t now, struct wall wall);

#endif
