/* SPDX-License-Identifier: BSD-2-Clause */
/* Housekeeping of a journal: the oldest segment is deleted when nothing in it is live, and made so when segments pile up. */
#include <errno.h>
#include <unistd.h>

#include "io/journal_int.h"

static bool oldest_is_current(const struct journal *j)
{
	return j->segs == (j->current ? 1 : 0);
}

static bool oldest_is_dead(const struct journal *j)
{
	return !oldest_is_current(j) && !j->seg->live;
}

/* The first clause bounds the whole by what is live; the second makes room before entries are refused. */
static bool too_much_is_dead(const struct journal *j)
{
	uint64_t octets = j->on_disk + j->len, live = j->n.live_octets;

	return octets > 2 * live + j->segment_max ||
	       (octets > j->total_max / 8 * 7 && octets - live > 2 * j->segment_max);
}

/* What is carried forward must be in its new place before the old one goes. */
static bool delete_oldest(struct journal *j)
{
	char name[32];
	int rc;

	if (j->copies && journal_flush(j))
		return false;
	journal_name(name, j->seg->number);
	rc = unlinkat(j->dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
	if (journal_trouble(j, &j->unlink_err, rc, "journal segment cannot be deleted", "journal segment deleted"))
		return false;
	journal_scan_close(&j->clean);
	journal_seg_pop(j);
	return true;
}

/* Live entries that reading the whole segment did not find. Their slots stay until their owner is done with them. */
static void give_up_rest(struct journal *j)
{
	struct journal_seg *seg = j->seg;

	journal_damage(j, seg->number, seg->live);
	j->n.live -= seg->live;
	j->n.live_octets -= seg->live_octets;
	seg->live = seg->live_octets = 0;
}

static bool is_live_here(const struct journal *j, const struct journal_rec *r)
{
	const struct journal_slot *s = r->kind == JOURNAL_ENTRY ? journal_live_find(&j->live, r->ref) : NULL;

	return s && s->serial == j->first;
}

static bool carry(struct journal *j, const struct journal_rec *r)
{
	size_t len = journal_rec_len(r);

	if (!journal_reserve(j, len, JOURNAL_PENDING_MAX) || journal_keep(j, r->ref, journal_serial(j), len))
		return false;
	journal_put(j, r);
	j->copies = true;
	return true;
}

/* Return: whether it came further. */
static bool carry_some(struct journal *j)
{
	struct journal_scan *s = &j->clean;
	struct journal_rec r;

	if (s->fd < 0 && journal_scan_open(s, j->dir, j->seg->number))
		return false;
	if (!journal_scan_fill(s)) {
		give_up_rest(j);
		return true;
	}
	for (unsigned n = 0; n < JOURNAL_STEP && journal_scan_next(s, &r);) {
		if (!is_live_here(j, &r))
			continue;
		if (!carry(j, &r)) {
			journal_scan_unread(s, &r);
			return false;
		}
		n++;
	}
	return true;
}

bool journal_work(struct journal *j)
{
	if (oldest_is_current(j))
		return false;
	if (oldest_is_dead(j)) {
		if (!delete_oldest(j))
			return false;
	} else if (!j->write_err && too_much_is_dead(j) && !carry_some(j)) {
		return false;
	}
	return oldest_is_dead(j) || (!oldest_is_current(j) && !j->write_err && too_much_is_dead(j));
}
