/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of the journal: the octets of a segment (journal_rec.c), reading one (journal_scan.c), which entries are
 * live and where (journal_live.c), and what the calls of journal.h share.
 *
 * Directory:  `lock`, and segments `journal.%016x`, numbered upwards.
 * Segment:    u32 magic and version, u32 salt three times; then records.
 * Record:     u16 magic, u8 kind, u8 zero, u32 length of the body, u64 reference, u32 CRC of all of it; the body.
 *
 * The CRC begins from the segment's salt, a random number. Where a record is damaged, the next one is looked for octet by
 * octet, through bodies too, and those hold what peers sent: without the salt none of them can put a record there. The
 * salt is there three times so that one damaged octet does not cost the segment.
 *
 * A done-record follows its entry, and every copy of it; so it is needed only as long as there are segments as old as its
 * own, or older. That is why segments are deleted at the oldest end only.
 */
#ifndef ADIT_IO_JOURNAL_INT_H
#define ADIT_IO_JOURNAL_INT_H

#include "base/wr.h"
#include "io/journal.h"

/* ---- journal_rec.c: octets ---- */

enum {
	JOURNAL_SEG_HDR_LEN = 16,
	JOURNAL_REC_HDR_LEN = 20,
	JOURNAL_REC_MAX = JOURNAL_REC_HDR_LEN + JOURNAL_BODY_MAX,
	JOURNAL_REC_MAGIC = 0xa1d7,
};

#define JOURNAL_SEG_MAGIC 0x41444a01u		/* "ADJ", version 1 */
#define JOURNAL_REF_END (UINT64_C(1) << 63)	/* references are below */

enum journal_kind {
	JOURNAL_ENTRY = 1,
	JOURNAL_DONE,		/* ref: the entry that is done */
	JOURNAL_NEXT,		/* first in each segment; ref: of the next entry to be appended, so that none is used twice */
};

struct journal_rec {
	enum journal_kind kind;
	uint64_t ref;
	struct span body;	/* of entries only */
};

enum journal_verdict { JOURNAL_GOOD, JOURNAL_BAD, JOURNAL_SHORT };	/* SHORT: may be a record, but ends too early */

static inline size_t journal_rec_len(const struct journal_rec *r)
{
	return JOURNAL_REC_HDR_LEN + r->body.len;
}

void journal_rec_encode(struct wr *w, const struct journal_rec *r, uint32_t salt);
/* `vain`: grows by the octets that were summed up for a record that is not one. */
enum journal_verdict journal_rec_decode(struct span from, struct journal_rec *r, uint32_t salt, size_t *vain);
void journal_hdr_encode(struct wr *w, uint32_t salt);
/* Return: whether all is right; the salt is found as long as two of its three octets agree in each bit. */
bool journal_hdr_decode(struct span from, uint32_t *salt);

/* ---- journal_scan.c: the records of a segment, in order ---- */

enum {
	JOURNAL_WINDOW = 256 * 1024,		/* read at once; holds a longest record */
	JOURNAL_VAIN_MAX = 16 * 1024 * 1024,	/* of a window; then the rest of it is given up */
};

struct journal_scan {
	int fd;				/* -1: none */
	uint64_t number;
	bool hdr_good;
	uint32_t salt;
	uint64_t size, at;		/* of the file; the next octet to be judged */
	uint64_t good_end;		/* end of the last good record */
	uint8_t *buf;
	uint64_t base;			/* of buf[0] in the file */
	size_t cap, len, pos;		/* of buf; of the window in it; at - base */
	bool last;			/* the window reaches the end of the file */
	bool in_bad, torn;		/* in a damaged stretch; which began with the beginning of a record */
	uint64_t damaged;		/* stretches */
};

/** journal_scan_open - Return: 0, -ENOMEM or -errno. A file that is gone has no records. */
int journal_scan_open(struct journal_scan *s, int dir, uint64_t number);
void journal_scan_close(struct journal_scan *s);
/** journal_scan_fill - reads the next window. Return: false at the end of the file. */
bool journal_scan_fill(struct journal_scan *s);
/** journal_scan_next - the next good record of the window. Return: false when there is none. */
bool journal_scan_next(struct journal_scan *s, struct journal_rec *r);
/** journal_scan_unread - the record that was just given comes again. */
void journal_scan_unread(struct journal_scan *s, const struct journal_rec *r);
/** journal_scan_get - the record at a place, read at random. Return: false if there is none. */
bool journal_scan_get(struct journal_scan *s, uint64_t at, struct journal_rec *r);
/** journal_scan_end - at the end of a file: whether a record was begun and not ended there (`may_tear`), or damaged. */
void journal_scan_end(struct journal_scan *s, bool may_tear);

/* ---- journal_live.c: reference -> segment ---- */

enum { JOURNAL_SHARDS = 256 };

struct journal_slot {
	uint64_t ref;		/* 0: free */
	uint32_t serial;	/* of the segment */
	uint32_t len;		/* of the record */
};

struct journal_shard {
	struct journal_slot *slot;
	uint32_t cap, count;
};

/* Open addressing, in shards that grow by half, one at a time: no insertion is long, and a full table is not copied. */
struct journal_live {
	struct journal_shard shard[JOURNAL_SHARDS];
	uint64_t memory;
};

void journal_live_fini(struct journal_live *l);
struct journal_slot *journal_live_find(const struct journal_live *l, uint64_t ref);
/** journal_live_add - a slot for a reference that is not there. Return: NULL when out of memory. */
struct journal_slot *journal_live_add(struct journal_live *l, uint64_t ref);
void journal_live_del(struct journal_live *l, struct journal_slot *s);

/* ---- journal.c, journal_open.c, journal_work.c ---- */

enum {
	JOURNAL_PENDING_MAX = 4 * 1024 * 1024,			/* kept in memory while the disk cannot be written */
	JOURNAL_PENDING_DONE_MAX = 2 * JOURNAL_PENDING_MAX,	/* the same with done-records */
	JOURNAL_STEP = 256,					/* entries copied in a step */
};

struct journal_seg {
	uint64_t number, size;		/* size: in the file */
	uint64_t live, live_octets;
};

struct journal {
	int dir, lock, fd;		/* fd: the current segment's; -1: its file is not made yet */
	uint64_t segment_max, total_max;
	struct journal_seg *seg;	/* oldest first */
	size_t segs, segs_cap;
	uint32_t first;			/* serial of seg[0]; seg[i] has first + i */
	bool current;			/* the last segment may be appended to */
	uint32_t salt;			/* the current segment's */
	uint64_t next_number, next_ref;
	uint8_t *buf;			/* what is not flushed; it belongs to the current segment */
	size_t len, cap;
	uint64_t on_disk;		/* sum of seg[].size */
	struct journal_live live;
	struct journal_scan clean;	/* reads the oldest segment while it is carried forward */
	bool copies;			/* in buf: the oldest segment is still needed */
	int write_err, unlink_err;	/* 0, or what is wrong at present */
	bool full;			/* entries are being refused */
	struct journal_info n;		/* live, live_octets and the counters */
};

struct journal_seg *journal_seg_push(struct journal *j, uint64_t number);
void journal_seg_pop(struct journal *j);		/* the oldest */
/** journal_keep - the entry's present place is the segment `serial`, wherever it was. Return: 0 or -ENOMEM. */
int journal_keep(struct journal *j, uint64_t ref, uint32_t serial, size_t len);
/** journal_forget - Return: false when the entry's segment is gone already. */
bool journal_forget(struct journal *j, struct journal_slot *s);
/** journal_reserve - a current segment, and room for n octets more while no more than `max` are pending. */
bool journal_reserve(struct journal *j, size_t n, size_t max);
void journal_put(struct journal *j, const struct journal_rec *r);	/* into what was reserved */
/** journal_trouble - remembers what is wrong (0: nothing); counts it, and logs its beginning and its end. */
int journal_trouble(struct journal *j, int *is, int rc, const char *begins, const char *ends);
void journal_damage(struct journal *j, uint64_t number, uint64_t count);
int journal_replay(struct journal *j, journal_entry_fn *entry, void *ctx);
void journal_name(char name[32], uint64_t number);

static inline uint32_t journal_serial(const struct journal *j)	/* of the current segment */
{
	return j->first + (uint32_t)j->segs - 1;
}

static inline struct journal_seg *journal_newest(const struct journal *j)
{
	return &j->seg[j->segs - 1];
}

#endif
