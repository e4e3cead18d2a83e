/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal of journal.h: appending, done-records and writing. */
#include "io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/log.h"
#include "io/journal_int.h"

enum { BUF_FIRST = 64 * 1024, BUF_KEEP = 1024 * 1024, SEGS_FIRST = 16 };

void journal_name(char name[32], uint64_t number)
{
	snprintf(name, 32, "journal.%016llx", (unsigned long long)number);
}

/* ---- segments ---- */

struct journal_seg *journal_seg_push(struct journal *j, uint64_t number)
{
	if (j->segs == j->segs_cap) {
		size_t cap = j->segs_cap ? j->segs_cap * 2 : SEGS_FIRST;
		struct journal_seg *seg = realloc(j->seg, cap * sizeof(*seg));

		if (!seg)
			return NULL;
		j->seg = seg;
		j->segs_cap = cap;
	}
	j->seg[j->segs] = (struct journal_seg){ .number = number };
	return &j->seg[j->segs++];
}

void journal_seg_pop(struct journal *j)
{
	j->on_disk -= j->seg->size;
	j->segs--;
	j->first++;
	memmove(j->seg, j->seg + 1, j->segs * sizeof(*j->seg));
}

static struct journal_seg *seg_of(const struct journal *j, uint32_t serial)
{
	uint32_t i = serial - j->first;

	return i < j->segs ? &j->seg[i] : NULL;
}

/* ---- what is live ---- */

static bool uncount(struct journal *j, const struct journal_slot *s)
{
	struct journal_seg *seg = seg_of(j, s->serial);

	if (!seg)
		return false;
	seg->live--;
	seg->live_octets -= s->len;
	j->n.live--;
	j->n.live_octets -= s->len;
	return true;
}

static void count(struct journal *j, const struct journal_slot *s)
{
	struct journal_seg *seg = seg_of(j, s->serial);

	seg->live++;
	seg->live_octets += s->len;
	j->n.live++;
	j->n.live_octets += s->len;
}

int journal_keep(struct journal *j, uint64_t ref, uint32_t serial, size_t len)
{
	struct journal_slot *s = journal_live_find(&j->live, ref);

	if (s)
		uncount(j, s);
	else
		s = journal_live_add(&j->live, ref);
	if (!s)
		return -ENOMEM;
	s->serial = serial;
	s->len = (uint32_t)len;
	count(j, s);
	return 0;
}

bool journal_forget(struct journal *j, struct journal_slot *s)
{
	bool there = uncount(j, s);

	journal_live_del(&j->live, s);
	return there;
}

/* ---- trouble ---- */

int journal_trouble(struct journal *j, int *is, int rc, const char *begins, const char *ends)
{
	if (rc)
		j->n.write_errors++;
	if (rc && !*is)
		log_line(LOG_ERROR, "journal", begins, "error=\"%s\" pending=%zu", strerror(-rc), j->len);
	else if (!rc && *is)
		log_line(LOG_NOTICE, "journal", ends, "failures=%llu", (unsigned long long)j->n.write_errors);
	*is = rc;
	return rc;
}

void journal_damage(struct journal *j, uint64_t number, uint64_t n)
{
	j->n.damaged += n;
	if (n)
		log_line(LOG_WARNING, "journal", "journal damaged", "segment=%016llx places=%llu", (unsigned long long)number,
			(unsigned long long)n);
}

/* ---- writing ---- */

static int seg_create(struct journal *j)
{
	char name[32];

	if (j->fd >= 0)
		return 0;
	journal_name(name, journal_newest(j)->number);
	j->fd = openat(j->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return j->fd < 0 ? -errno : 0;
}

static int write_some(struct journal *j, size_t *done)
{
	struct journal_seg *seg = journal_newest(j);
	ssize_t n = pwrite(j->fd, j->buf + *done, j->len - *done, (off_t)seg->size);

	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	*done += (size_t)n;
	seg->size += (uint64_t)n;
	j->on_disk += (uint64_t)n;
	return 0;
}

static int write_pending(struct journal *j)
{
	size_t done = 0;
	int rc = seg_create(j);

	while (!rc && done < j->len)	/* a second time only after a short write, to learn why */
		rc = write_some(j, &done);
	j->len -= done;
	memmove(j->buf, j->buf + done, j->len);
	return rc;
}

int journal_flush(struct journal *j)
{
	if (!j->len)
		return 0;
	if (journal_trouble(j, &j->write_err, write_pending(j), "journal cannot be written", "journal written again"))
		return j->write_err;
	j->copies = false;
	if (j->cap > BUF_KEEP) {
		free(j->buf);
		j->buf = NULL;
		j->cap = 0;
	}
	return 0;
}

/* ---- appending ---- */

static bool buf_room(struct journal *j, size_t n)
{
	size_t cap = j->cap ? j->cap : BUF_FIRST;
	uint8_t *buf;

	while (cap < j->len + n)
		cap *= 2;
	if (cap == j->cap)
		return true;
	buf = realloc(j->buf, cap);
	if (!buf)
		return false;
	j->buf = buf;
	j->cap = cap;
	return true;
}

void journal_put(struct journal *j, const struct journal_rec *r)
{
	struct wr w = wr_of(j->buf + j->len, j->cap - j->len);

	journal_rec_encode(&w, r, j->salt);
	j->len += wr_done(&w);
}

static bool seg_begin(struct journal *j)
{
	struct journal_rec next = { JOURNAL_NEXT, j->next_ref, { NULL, 0 } };
	struct wr w;

	if (!buf_room(j, JOURNAL_SEG_HDR_LEN + JOURNAL_REC_HDR_LEN) || getrandom(&j->salt, sizeof(j->salt), 0) != sizeof(j->salt) ||
	    !journal_seg_push(j, j->next_number))
		return false;
	j->next_number++;
	j->current = true;
	w = wr_of(j->buf, j->cap);	/* nothing was pending: see seg_end() */
	journal_hdr_encode(&w, j->salt);
	j->len = wr_done(&w);
	journal_put(j, &next);
	return true;
}

static void seg_end(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
	j->current = false;
}

/* Whether n octets more would make the segment too long. It takes one record at least. */
static bool seg_is_full(const struct journal *j, size_t n)
{
	uint64_t size = journal_newest(j)->size + j->len;

	return size > JOURNAL_SEG_HDR_LEN + JOURNAL_REC_HDR_LEN && size + n > j->segment_max;
}

bool journal_reserve(struct journal *j, size_t n, size_t max)
{
	if (j->current && !j->write_err && (seg_is_full(j, n) || j->len + n > max))
		journal_flush(j);
	if (j->current && !j->len && seg_is_full(j, n))
		seg_end(j);
	if (!j->current && !seg_begin(j))
		return false;
	return j->len + n <= max && buf_room(j, n);
}

static uint64_t total(const struct journal *j)
{
	return j->on_disk + j->len;
}

static uint64_t refuse(struct journal *j)
{
	j->n.full++;
	if (!j->full)
		log_line(LOG_ERROR, "journal", "journal full", "octets=%llu live=%llu", (unsigned long long)total(j),
			(unsigned long long)j->n.live);
	j->full = true;
	return 0;
}

static void accepted(struct journal *j)
{
	j->n.appended++;
	if (j->full && total(j) < j->total_max / 8 * 7 && !j->write_err) {
		log_line(LOG_NOTICE, "journal", "journal no longer full", "refused=%llu", (unsigned long long)j->n.full);
		j->full = false;
	}
}

uint64_t journal_append(struct journal *j, struct span body)
{
	struct journal_rec r = { JOURNAL_ENTRY, j->next_ref, body };
	size_t len = journal_rec_len(&r);

	if (body.len > JOURNAL_BODY_MAX) {
		j->n.too_large++;
		return 0;
	}
	if (total(j) + len > j->total_max || r.ref == JOURNAL_REF_END || !journal_reserve(j, len, JOURNAL_PENDING_MAX) ||
	    journal_keep(j, r.ref, journal_serial(j), len))
		return refuse(j);
	journal_put(j, &r);
	j->next_ref++;
	accepted(j);
	return r.ref;
}

void journal_done(struct journal *j, uint64_t ref)
{
	struct journal_slot *s = journal_live_find(&j->live, ref);

	if (!s)
		return;
	j->n.done++;
	if (!journal_forget(j, s))
		return;		/* lost to damage, and its segment deleted: nothing to take back */
	if (journal_reserve(j, JOURNAL_REC_HDR_LEN, JOURNAL_PENDING_DONE_MAX))
		journal_put(j, &(struct journal_rec){ JOURNAL_DONE, ref, { NULL, 0 } });
	else
		j->n.done_lost++;
}

void journal_info(const struct journal *j, struct journal_info *out)
{
	*out = j->n;
	out->segments = j->segs;
	out->octets = total(j);
	out->memory = sizeof(*j) + j->cap + j->segs_cap * sizeof(*j->seg) + j->live.memory +
		(j->clean.buf ? j->clean.cap : 0);
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	journal_flush(j);
	seg_end(j);
	journal_scan_close(&j->clean);
	journal_live_fini(&j->live);
	free(j->seg);
	free(j->buf);
	if (j->dir >= 0)
		close(j->dir);
	if (j->lock >= 0)
		close(j->lock);
	free(j);
}
