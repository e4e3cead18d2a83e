/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a segment by windows, record after record; past damage it looks for the next record that is right. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/journal_int.h"

static int scan_header(struct journal_scan *s)
{
	uint8_t hdr[JOURNAL_SEG_HDR_LEN];
	struct stat st;
	ssize_t got;

	if (fstat(s->fd, &st) < 0)
		return -errno;
	got = pread(s->fd, hdr, sizeof(hdr), 0);
	s->size = (uint64_t)st.st_size;
	s->hdr_good = journal_hdr_decode(span_of(hdr, got < 0 ? 0 : (size_t)got), &s->salt);
	s->at = s->good_end = JOURNAL_SEG_HDR_LEN;
	s->damaged = !s->hdr_good;
	s->cap = s->size < JOURNAL_WINDOW ? (size_t)s->size : JOURNAL_WINDOW;
	s->buf = malloc(s->cap ? s->cap : 1);
	return s->buf ? 0 : -ENOMEM;
}

int journal_scan_open(struct journal_scan *s, int dir, uint64_t number)
{
	char name[32];
	int rc;

	*s = (struct journal_scan){ .fd = -1, .number = number };
	journal_name(name, number);
	s->fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (s->fd < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = scan_header(s);
	if (rc)
		journal_scan_close(s);
	return rc;
}

void journal_scan_close(struct journal_scan *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->buf);
	s->fd = -1;
	s->buf = NULL;
	s->len = s->pos = 0;
}

static void scan_bad(struct journal_scan *s, bool torn)
{
	if (!s->in_bad)
		s->torn = torn;
	s->in_bad = true;
}

static void scan_to(struct journal_scan *s, size_t pos)
{
	s->pos = pos;
	s->at = s->base + pos;
}

bool journal_scan_fill(struct journal_scan *s)
{
	ssize_t got;

	for (; s->fd >= 0 && s->at < s->size; s->at += s->cap) {
		got = pread(s->fd, s->buf, s->cap, (off_t)s->at);
		s->base = s->at;
		s->len = got > 0 ? (size_t)got : 0;
		s->pos = 0;
		s->last = s->len < s->cap || s->base + s->len >= s->size;
		if (s->len)
			return true;
		scan_bad(s, false);	/* cannot be read here; perhaps further on */
	}
	return false;
}

/* The next octet that may begin a record. */
static void scan_skip(struct journal_scan *s)
{
	const uint8_t *from = s->buf + s->pos + 1;
	const uint8_t *p = memchr(from, JOURNAL_REC_MAGIC >> 8, s->len - s->pos - 1);

	scan_to(s, p ? (size_t)(p - s->buf) : s->len);
}

static void scan_good(struct journal_scan *s, const struct journal_rec *r)
{
	s->damaged += s->in_bad;
	s->in_bad = false;
	scan_to(s, s->pos + journal_rec_len(r));
	s->good_end = s->at;
}

bool journal_scan_next(struct journal_scan *s, struct journal_rec *r)
{
	size_t vain = 0;

	while (s->pos < s->len) {
		enum journal_verdict v = journal_rec_decode(span_of(s->buf + s->pos, s->len - s->pos), r, s->salt, &vain);

		if (v == JOURNAL_GOOD) {
			scan_good(s, r);
			return true;
		}
		if (v == JOURNAL_SHORT && !s->last)
			return false;		/* its end is in the next window */
		scan_bad(s, v == JOURNAL_SHORT);
		if (vain > JOURNAL_VAIN_MAX)
			scan_to(s, s->len);
		else
			scan_skip(s);
	}
	return false;
}

void journal_scan_unread(struct journal_scan *s, const struct journal_rec *r)
{
	scan_to(s, s->pos - journal_rec_len(r));
}

bool journal_scan_get(struct journal_scan *s, uint64_t at, struct journal_rec *r)
{
	size_t vain = 0;

	for (int fresh = 0; fresh < 2; fresh++) {
		if (fresh) {
			s->at = at;
			if (!journal_scan_fill(s))
				return false;
		}
		if (at < s->base || at >= s->base + s->len)
			continue;
		if (journal_rec_decode(span_of(s->buf + (at - s->base), s->len - (at - s->base)), r, s->salt, &vain) == JOURNAL_GOOD)
			return true;
	}
	return false;
}

void journal_scan_end(struct journal_scan *s, bool may_tear)
{
	s->damaged += s->in_bad && !(may_tear && s->torn);
	s->in_bad = false;
}
