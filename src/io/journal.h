/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A journal: records that are kept in files until somebody says that they are done, so that they outlive a killed
 * process. It knows nothing of what they mean. Entries are appended to the last of a row of segments; that an entry is
 * done is a small record too. The oldest segment is deleted when nothing in it is needed any more.
 *
 * A turn of the owner: journal_append() and journal_done() for what happened, journal_flush() before anything that
 * depends on it is sent, journal_work() for housekeeping. What was flushed survives the death of the process at any
 * instant. There is no fsync: a loss of power may cost what the kernel had not written yet. An entry may be given again
 * after it was done (its done-record was not flushed, or damaged), and never in other octets than were appended.
 *
 * One thread, one process a directory.
 */
#ifndef ADIT_IO_JOURNAL_H
#define ADIT_IO_JOURNAL_H

#include "base/span.h"

struct journal;

enum { JOURNAL_BODY_MAX = 65536 };

struct journal_conf {
	uint64_t segment_max;	/* octets of a segment; 0: 8 MiB; at least 4096 */
	uint64_t total_max;	/* octets of all segments, beyond which entries are refused; 0: 1 GiB */
};

struct journal_info {
	uint64_t live, live_octets;	/* entries not done, and their records */
	uint64_t segments, octets;	/* what there is, with what is not flushed yet */
	uint64_t memory;		/* octets of heap */
	uint64_t appended, done;	/* since journal_open() */
	uint64_t damaged;		/* stretches of segments that could not be read, and entries lost in them */
	uint64_t write_errors;		/* flushes and deletions that failed */
	uint64_t too_large, full;	/* entries refused: longer than JOURNAL_BODY_MAX; no room or no memory */
	uint64_t done_lost;		/* done-records for which there was no room: these entries may be given again */
};

/* An entry that is not done. The body is valid until the function returns; it may not call the journal. */
typedef void journal_entry_fn(void *ctx, uint64_t ref, struct span body);

/**
 * journal_open - takes a directory, and gives every entry in it that is not done
 * @dir:   made, mode 0700, if it is not there; its parent must be
 * @conf:  NULL: all defaults
 * @entry: called for each entry, in the order of their appending; may be NULL
 *
 * What is damaged is skipped up to the next good record and counted. A last record that was not written whole is cut
 * off and not counted: that is how a killed process leaves it.
 *
 * Return: 0, -EWOULDBLOCK when another process has the directory, -ENOMEM or another -errno.
 * Owner:  the caller, until journal_close().
 */
int journal_open(struct journal **out, const char *dir, const struct journal_conf *conf, journal_entry_fn *entry, void *ctx);

/** journal_close - flushes and ends it; the entries stay for the next journal_open(). NULL is harmless. */
void journal_close(struct journal *j);

/**
 * journal_append - keeps an entry; it is in the file after the next journal_flush()
 * @body: copied
 *
 * Writes, if this entry ends a segment. While the disk cannot be written, entries are kept in memory, 4 MiB of them
 * at most.
 *
 * Return: its reference, which only grows, over restarts too; or 0 when it cannot be kept, which is counted.
 */
uint64_t journal_append(struct journal *j, struct span body);

/** journal_done - the entry is needed no more. A reference that is not known, or done already, is harmless. */
void journal_done(struct journal *j, uint64_t ref);

/**
 * journal_flush - writes what came since the last flush, with one write(2)
 *
 * What could not be written stays, and the next flush tries again. One log line when that begins and one when it ends.
 *
 * Return: 0, or -errno.
 */
int journal_flush(struct journal *j);

/**
 * journal_work - one step of housekeeping: deletes the oldest segment if nothing in it is live; or, when what is dead is
 * more than what is live and a segment, carries what is live in the oldest forward into the newest, under its reference
 *
 * A step reads 256 KiB and copies 256 entries at most. If it is called as long as there is work, the segments are not
 * longer than three times what is live and two segments.
 *
 * Return: whether there is more to do now.
 */
bool journal_work(struct journal *j);

/** journal_info - counters and sizes as of now. */
void journal_info(const struct journal *j, struct journal_info *out);

#endif
