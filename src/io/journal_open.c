/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a journal. Twice through the segments: first for which entries are live and where their last copies are, then
 * for the places of these, which are sorted by reference (an old entry may have been carried behind younger ones) and given.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/journal_int.h"

/* ---- the directory ---- */

static int journal_lock(struct journal *j, const char *dir)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	j->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->dir < 0)
		return -errno;
	j->lock = openat(j->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->lock < 0 || flock(j->lock, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	return 0;
}

static bool number_of(const char *name, uint64_t *number)
{
	static const char prefix[] = "journal.";
	const char *hex = name + sizeof(prefix) - 1;

	if (strncmp(name, prefix, sizeof(prefix) - 1) || strlen(hex) != 16 || strspn(hex, "0123456789abcdef") != 16)
		return false;
	*number = strtoull(hex, NULL, 16);
	return *number < UINT64_MAX / 2;
}

static int list_one(struct journal *j, const char *name)
{
	uint64_t number;
	struct stat st;

	if (!number_of(name, &number))
		return 0;
	if (number >= j->next_number)
		j->next_number = number + 1;
	if (fstatat(j->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return journal_seg_push(j, number) ? 0 : -ENOMEM;
}

static int by_number(const void *pa, const void *pb)
{
	const struct journal_seg *a = pa, *b = pb;

	return a->number < b->number ? -1 : a->number > b->number;
}

static int journal_list(struct journal *j)
{
	int fd = openat(j->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	while (!rc && (e = readdir(d)))
		rc = list_one(j, e->d_name);
	closedir(d);
	if (j->segs)
		qsort(j->seg, j->segs, sizeof(*j->seg), by_number);
	return rc;
}

/* ---- first: what is live ---- */

static int take(struct journal *j, const struct journal_rec *r, uint32_t serial)
{
	uint64_t next = r->ref + (r->kind != JOURNAL_NEXT);
	struct journal_slot *s;

	if (next > j->next_ref)
		j->next_ref = next;
	if (r->kind == JOURNAL_ENTRY)
		return journal_keep(j, r->ref, serial, journal_rec_len(r));
	s = r->kind == JOURNAL_DONE ? journal_live_find(&j->live, r->ref) : NULL;
	if (s)
		journal_forget(j, s);
	return 0;
}

/* Killed before the header of a new segment was written whole. */
static int discard_stub(struct journal *j)
{
	char name[32];

	journal_name(name, journal_newest(j)->number);
	j->on_disk -= journal_newest(j)->size;
	j->segs--;
	return unlinkat(j->dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

/* The last segment is gone on with, if its header is right. What is behind its last good record is cut off. */
static int resume(struct journal *j, const struct journal_scan *s)
{
	struct journal_seg *seg = journal_newest(j);
	char name[32];

	if (!s->hdr_good)
		return 0;
	journal_name(name, seg->number);
	j->fd = openat(j->dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (j->fd < 0 || (s->good_end < s->size && ftruncate(j->fd, (off_t)s->good_end) < 0))
		return -errno;
	j->on_disk -= seg->size - s->good_end;
	seg->size = s->good_end;
	j->salt = s->salt;
	j->current = true;	/* if it is long enough already, the first record that comes ends it */
	return 0;
}

static int replay_end(struct journal *j, struct journal_scan *s, bool newest)
{
	bool stub = newest && s->size < JOURNAL_SEG_HDR_LEN;

	journal_scan_end(s, newest);
	journal_damage(j, s->number, stub ? 0 : s->damaged);
	if (stub)
		return discard_stub(j);
	return newest ? resume(j, s) : 0;
}

static int replay_seg(struct journal *j, size_t i)
{
	struct journal_scan s;
	struct journal_rec r;
	int rc = journal_scan_open(&s, j->dir, j->seg[i].number);

	j->seg[i].size = s.size;
	j->on_disk += s.size;
	while (!rc && journal_scan_fill(&s)) {
		while (!rc && journal_scan_next(&s, &r))
			rc = take(j, &r, j->first + (uint32_t)i);
	}
	if (!rc)
		rc = replay_end(j, &s, i + 1 == j->segs);
	journal_scan_close(&s);
	return rc;
}

/* ---- second: giving it, oldest first ---- */

struct place {
	uint64_t ref, at;
	size_t seg;
};

struct places {
	struct place *p;
	size_t n, cap;
};

static int places_add(struct places *to, struct place place)
{
	if (to->n == to->cap) {
		size_t cap = to->cap ? to->cap * 2 : 1024;
		struct place *p = realloc(to->p, cap * sizeof(*p));

		if (!p)
			return -ENOMEM;
		to->p = p;
		to->cap = cap;
	}
	to->p[to->n++] = place;
	return 0;
}

static int find_one(struct journal *j, size_t i, const struct journal_rec *r, uint64_t at, struct places *to)
{
	const struct journal_slot *slot = r->kind == JOURNAL_ENTRY ? journal_live_find(&j->live, r->ref) : NULL;

	return slot && slot->serial == j->first + (uint32_t)i ? places_add(to, (struct place){ r->ref, at, i }) : 0;
}

static int find_seg(struct journal *j, size_t i, struct places *to)
{
	struct journal_scan s;
	struct journal_rec r;
	int rc = journal_scan_open(&s, j->dir, j->seg[i].number);

	while (!rc && journal_scan_fill(&s)) {
		while (!rc && journal_scan_next(&s, &r))
			rc = find_one(j, i, &r, s.at - journal_rec_len(&r), to);
	}
	journal_scan_close(&s);
	return rc;
}

static int by_ref(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	if (a->ref != b->ref)
		return a->ref < b->ref ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static int give_one(struct journal *j, struct journal_scan *s, const struct place *p, journal_entry_fn *entry, void *ctx)
{
	uint64_t number = j->seg[p->seg].number;
	struct journal_rec r;

	if (s->fd < 0 || s->number != number) {
		int rc;

		journal_scan_close(s);
		rc = journal_scan_open(s, j->dir, number);
		if (rc)
			return rc;
	}
	if (journal_scan_get(s, p->at, &r) && r.ref == p->ref)
		entry(ctx, r.ref, r.body);
	return 0;
}

static int give(struct journal *j, const struct places *from, journal_entry_fn *entry, void *ctx)
{
	struct journal_scan s = { .fd = -1 };
	int rc = 0;

	for (size_t i = 0; !rc && i < from->n; i++) {
		if (i + 1 == from->n || from->p[i].ref != from->p[i + 1].ref)	/* each once: we do not write it twice to a segment */
			rc = give_one(j, &s, &from->p[i], entry, ctx);
	}
	journal_scan_close(&s);
	return rc;
}

int journal_replay(struct journal *j, journal_entry_fn *entry, void *ctx)
{
	struct places all = { 0 };
	int rc = 0;

	for (size_t i = 0, n = j->segs; !rc && i < n; i++)
		rc = replay_seg(j, i);
	if (rc || !entry)
		return rc;
	for (size_t i = 0; !rc && i < j->segs; i++)
		rc = j->seg[i].live ? find_seg(j, i, &all) : 0;
	if (all.n)
		qsort(all.p, all.n, sizeof(*all.p), by_ref);
	if (!rc)
		rc = give(j, &all, entry, ctx);
	free(all.p);
	return rc;
}

int journal_open(struct journal **out, const char *dir, const struct journal_conf *conf, journal_entry_fn *entry, void *ctx)
{
	struct journal *j = calloc(1, sizeof(*j));
	int rc;

	if (!j)
		return -ENOMEM;
	j->dir = j->lock = j->fd = j->clean.fd = -1;
	j->segment_max = conf && conf->segment_max ? conf->segment_max : 8 * 1024 * 1024;
	j->total_max = conf && conf->total_max ? conf->total_max : 1024 * 1024 * 1024;
	if (j->segment_max < 4096)
		j->segment_max = 4096;
	j->next_ref = 1;
	rc = journal_lock(j, dir);
	if (!rc)
		rc = journal_list(j);
	if (!rc)
		rc = journal_replay(j, entry, ctx);
	if (rc) {
		journal_close(j);
		return rc;
	}
	*out = j;
	return 0;
}
