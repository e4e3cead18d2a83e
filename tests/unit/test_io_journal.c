/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Promises of io/journal.h: what was flushed and is not done comes again, in order and in its own octets, after any death,
 * any damage and any housekeeping. A death is a copy of the directory, opened while the first journal still lives.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hmap.h"
#include "base/log.h"
#include "base/rng.h"
#include "io/journal_int.h"

enum { SEG = 4096, BODY = 696 };

/* ---- directories and files ---- */

struct dirs {
	char base[40], a[64], b[64];
};

static void wipe(const char *dir)
{
	DIR *d = opendir(dir);
	char path[512];

	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.' && unlink(path) && errno == EISDIR)
			assert_int_equal(rmdir(path), 0);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static unsigned log_errors, log_notices, log_warnings;

static void count_lines(void *ctx, enum log_level level, const char *module, const char *line, size_t len)
{
	log_errors += level == LOG_ERROR;
	log_notices += level == LOG_NOTICE;
	log_warnings += level == LOG_WARNING;
}

static int begin(void **state)
{
	struct dirs *d = calloc(1, sizeof(*d));

	strcpy(d->base, "/dev/shm/adit-journal.XXXXXX");	/* thousands of small files, deleted again */
	if (!mkdtemp(d->base) && !mkdtemp(strcpy(d->base, "/tmp/adit-journal.XXXXXX")))
		return -1;
	snprintf(d->a, sizeof(d->a), "%s/a", d->base);
	snprintf(d->b, sizeof(d->b), "%s/b", d->base);
	log_errors = log_notices = log_warnings = 0;
	log_set_sink(count_lines, NULL, LOG_INFO);
	*state = d;
	return 0;
}

static int end(void **state)
{
	struct dirs *d = *state;

	log_set_sink(NULL, NULL, LOG_ERROR);
	wipe(d->a);
	wipe(d->b);
	wipe(d->base);
	free(d);
	return 0;
}

struct file {
	uint8_t *p;
	size_t len;
};

static struct file load(const char *path)
{
	struct stat st;
	struct file f = { 0 };
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0 && !fstat(fd, &st));
	f.len = (size_t)st.st_size;
	f.p = malloc(f.len + 1);
	assert_int_equal(read(fd, f.p, f.len), f.len);
	close(fd);
	return f;
}

static void store(const char *path, const void *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	close(fd);
}

static const char *seg_path(const char *dir, uint64_t number)
{
	static char path[512];
	char name[32];

	journal_name(name, number);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void copy_dir(const char *from, const char *to)
{
	DIR *d = opendir(from);
	char path[512];

	wipe(to);
	assert_int_equal(mkdir(to, 0700), 0);
	for (struct dirent *e; (e = readdir(d));) {
		struct file f;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", from, e->d_name);
		f = load(path);
		snprintf(path, sizeof(path), "%s/%s", to, e->d_name);
		store(path, f.p, f.len);
		free(f.p);
	}
	closedir(d);
}

/* ---- entries: the reference says what their octets are ---- */

static struct span body_of(uint64_t ref)
{
	static uint64_t b[BODY / 8];
	uint64_t h = hash_u64(ref, 1);

	for (size_t i = 0; i < BODY / 8; i++)
		b[i] = h += h << 7 | 1;
	return span_of(b, h % BODY);
}

struct given {
	uint64_t *ref;
	size_t n, cap;
};

/* In order, each once, in its own octets. */
static void give(void *ctx, uint64_t ref, struct span body)
{
	struct given *g = ctx;

	assert_true(!g->n || g->ref[g->n - 1] < ref);
	assert_true(span_eq(body, body_of(ref)));
	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 64;
		g->ref = realloc(g->ref, g->cap * sizeof(*g->ref));
	}
	g->ref[g->n++] = ref;
}

static bool was_given(const struct given *g, uint64_t ref)
{
	size_t lo = 0, hi = g->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (g->ref[mid] < ref)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n && g->ref[lo] == ref;
}

static const struct journal_conf small = { .segment_max = SEG };

static struct journal *open_it(const char *dir, const struct journal_conf *conf, struct given *g)
{
	struct journal *j = NULL;

	if (g)
		g->n = 0;
	assert_int_equal(journal_open(&j, dir, conf, g ? give : NULL, g), 0);
	return j;
}

static uint64_t append(struct journal *j)
{
	return journal_append(j, body_of(j->next_ref));
}

static struct journal_info info(const struct journal *j)
{
	struct journal_info i;

	journal_info(j, &i);
	return i;
}

/* ---- the plain way ---- */

static void append_done_reopen(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j = open_it(d->a, NULL, &g), *second = NULL;
	struct stat st;

	assert_int_equal(g.n, 0);
	assert_int_equal(stat(d->a, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(journal_open(&second, d->a, NULL, NULL, NULL), -EWOULDBLOCK);
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(append(j), i);
	journal_done(j, 2);
	journal_done(j, 2);
	journal_done(j, 0);
	journal_done(j, 99);
	assert_int_equal(info(j).live, 2);
	assert_int_equal(info(j).done, 1);
	assert_int_equal(journal_flush(j), 0);
	assert_int_equal(journal_flush(j), 0);
	journal_close(j);

	j = open_it(d->a, NULL, &g);
	assert_int_equal(g.n, 2);
	assert_true(was_given(&g, 1) && was_given(&g, 3));
	assert_int_equal(info(j).segments, 1);		/* the same one is gone on with */
	assert_int_equal(info(j).octets, info(j).live_octets + JOURNAL_SEG_HDR_LEN + 2 * JOURNAL_REC_HDR_LEN +
		JOURNAL_REC_HDR_LEN + body_of(2).len);
	journal_done(j, 1);
	journal_done(j, 3);
	journal_close(j);				/* flushes */
	j = open_it(d->a, NULL, &g);
	assert_int_equal(g.n, 0);
	assert_int_equal(append(j), 4);			/* no reference comes twice */
	journal_close(j);
	journal_close(NULL);
	free(g.ref);
}

static void longest_and_empty_bodies(void **state)
{
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, &small, NULL);
	static uint8_t big[JOURNAL_BODY_MAX + 1];

	assert_int_equal(journal_append(j, span_of(big, JOURNAL_BODY_MAX + 1)), 0);
	assert_int_equal(info(j).too_large, 1);
	assert_int_equal(journal_append(j, span_of(big, JOURNAL_BODY_MAX)), 1);
	assert_int_equal(journal_append(j, span_of(NULL, 0)), 2);
	journal_close(j);
	j = open_it(d->a, &small, NULL);
	assert_int_equal(info(j).live, 2);
	assert_int_equal(info(j).live_octets, JOURNAL_REC_MAX + JOURNAL_REC_HDR_LEN);
	assert_int_equal(info(j).damaged, 0);
	journal_close(j);
}

/* References go on growing when every record that had one is gone. */
static void references_only_grow(void **state)
{
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, &small, NULL);
	uint64_t last = 0;

	for (int run = 0; run < 20; run++) {
		for (int i = 0; i < 50; i++) {
			uint64_t ref = append(j);

			assert_true(ref > last);
			last = ref;
			journal_done(j, ref);
		}
		while (journal_work(j))
			;
		assert_true(info(j).segments <= 2);
		journal_close(j);
		j = open_it(d->a, &small, NULL);
	}
	journal_close(j);
}

/* The last segment may know only that old ones are done. */
static void references_of_deleted_segments(void **state)
{
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, &small, NULL);

	for (int i = 0; i < 1000; i++)
		append(j);
	for (uint64_t ref = 1000; ref; ref--)
		journal_done(j, ref);
	while (journal_work(j))
		;
	assert_int_equal(info(j).segments, 1);
	journal_close(j);
	j = open_it(d->a, &small, NULL);
	assert_int_equal(append(j), 1001);
	journal_close(j);
}

/* ---- deaths in the middle of a write, and damage ---- */

static void torn_tail(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j = open_it(d->a, NULL, NULL);
	struct file f;
	size_t whole, before;

	append(j);
	append(j);
	before = info(j).octets;
	append(j);
	journal_close(j);
	f = load(seg_path(d->a, 0));
	whole = f.len;
	for (size_t cut = 0; cut <= whole; cut++) {
		store(seg_path(d->a, 0), f.p, cut);
		j = open_it(d->a, NULL, &g);
		assert_int_equal(info(j).damaged, 0);
		if (cut >= before)
			assert_int_equal(g.n, 2 + (cut == whole));
		assert_true(journal_append(j, span_of(NULL, 0)) == g.n + 1);	/* shorter than most tails */
		journal_close(j);
		j = open_it(d->a, NULL, NULL);		/* what came after the cut is good */
		assert_int_equal(info(j).damaged, 0);
		assert_int_equal(info(j).live, g.n + 1);
		journal_close(j);
		wipe(d->a);
		mkdir(d->a, 0700);
	}
	free(f.p);
	free(g.ref);
}

static struct file some_records(const char *dir, unsigned n)
{
	struct journal *j = open_it(dir, NULL, NULL);

	for (unsigned i = 0; i < n; i++)
		append(j);
	for (unsigned i = 3; i <= n; i += 3)
		journal_done(j, i);
	journal_close(j);
	return load(seg_path(dir, 0));
}

static void fresh_dir(const char *dir)
{
	wipe(dir);
	assert_int_equal(mkdir(dir, 0700), 0);
}

/* Opens what was damaged, appends, opens again. `give` judges the octets. Return: entries given. */
static size_t survive(const char *dir, const struct file *f, struct given *g)
{
	struct journal *j;
	uint64_t ref;
	size_t n;

	fresh_dir(dir);
	store(seg_path(dir, 0), f->p, f->len);
	j = open_it(dir, NULL, g);
	n = g->n;
	assert_int_equal(info(j).live, n);
	ref = append(j);
	assert_true(ref && (!n || ref > g->ref[n - 1]));
	journal_close(j);
	j = open_it(dir, NULL, g);
	assert_int_equal(g->n, n + 1);
	assert_true(was_given(g, ref));
	journal_close(j);
	return n;
}

/* One wrong bit costs one record at most: an entry, or that one is done. */
static void every_single_bit(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct file f = some_records(d->a, 6);

	for (size_t bit = 0; bit < f.len * 8; bit += bit < 1024 ? 1 : 5) {
		size_t n;

		f.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		n = survive(d->b, &f, &g);
		assert_in_range(n, 3, 5);
		f.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(survive(d->b, &f, &g), 4);
	free(f.p);
	free(g.ref);
}

static void damage(struct rng *r, struct file *f)
{
	size_t at = rng_below(r, (uint32_t)f->len), n;

	switch (rng_below(r, 4)) {
	case 0:
	case 1:
		f->p[at] ^= (uint8_t)(1 << rng_below(r, 8));
		break;
	case 2:		/* a stretch overwritten */
		n = rng_below(r, 300);
		rng_bytes(r, f->p + at, n < f->len - at ? n : f->len - at);
		break;
	default:	/* a stretch missing */
		n = rng_below(r, 100);
		n = n < f->len - at ? n : f->len - at;
		memmove(f->p + at, f->p + at + n, f->len - at - n);
		f->len -= n;
	}
}

static void any_damage(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct file f = some_records(d->a, 40), copy;
	struct rng r;
	size_t given = 0;

	copy.p = malloc(f.len);
	rng_init_u64(&r, 1);
	for (int run = 0; run < 1500; run++) {
		memcpy(copy.p, f.p, f.len);
		copy.len = f.len;
		for (uint32_t n = 1 + rng_below(&r, 8); n && copy.len; n--)
			damage(&r, &copy);
		given += survive(d->b, &copy, &g);
	}
	assert_true(given > 1500 * 20);		/* of 27 and those of 13 whose done-record is hit */
	free(copy.p);
	free(f.p);
	free(g.ref);
}

/* A peer's octets inside a damaged entry never become an entry. */
static void forged_record(void **state)
{
	struct dirs *d = *state;
	uint8_t forged[200];
	struct wr w = wr_of(forged, sizeof(forged));
	struct journal *j = open_it(d->a, NULL, NULL);
	struct given g = { 0 };
	struct file f;

	for (uint32_t salt = 0; salt < 4; salt++)
		journal_rec_encode(&w, &(struct journal_rec){ JOURNAL_ENTRY, 77 + salt, span_str("forged") }, salt);
	append(j);
	journal_append(j, wr_span(&w));
	append(j);
	journal_close(j);
	f = load(seg_path(d->a, 0));
	f.p[JOURNAL_SEG_HDR_LEN + 2 * JOURNAL_REC_HDR_LEN + body_of(1).len] ^= 1;	/* the magic of the second entry */
	store(seg_path(d->a, 0), f.p, f.len);
	j = open_it(d->a, NULL, &g);
	assert_int_equal(g.n, 2);
	assert_true(was_given(&g, 1) && was_given(&g, 3));
	assert_int_equal(info(j).damaged, 1);
	assert_int_equal(log_warnings, 1);
	journal_close(j);
	free(f.p);
	free(g.ref);
}

/* Octets that look like headers of long records everywhere: looking for a good one among them has an end. */
static void look_alikes(void **state)
{
	struct dirs *d = *state;
	struct file f = { malloc(8 * 1024 * 1024), 8 * 1024 * 1024 };
	struct wr w = wr_of(f.p, f.len);
	struct journal *j;
	clock_t t = clock();

	journal_hdr_encode(&w, 5);
	while (wr_left(&w) >= JOURNAL_REC_HDR_LEN) {
		wr_be16(&w, JOURNAL_REC_MAGIC);
		wr_be16(&w, JOURNAL_ENTRY << 8);
		wr_be32(&w, JOURNAL_BODY_MAX);
		wr_be64(&w, 1);
		wr_be32(&w, 0);
	}
	fresh_dir(d->a);
	store(seg_path(d->a, 7), f.p, wr_len(&w));
	j = open_it(d->a, NULL, NULL);
	assert_int_equal(info(j).damaged, 1);
	assert_true(clock() - t < 4 * CLOCKS_PER_SEC);
	journal_close(j);
	free(f.p);
}

/* What others put into the directory is not touched, and not stumbled over. */
static void strange_files(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j;
	char path[128];

	fresh_dir(d->a);
	store(seg_path(d->a, 3), "", 0);
	store(seg_path(d->a, UINT64_MAX), "x", 1);
	assert_int_equal(mkdir(seg_path(d->a, 9), 0700), 0);
	snprintf(path, sizeof(path), "%s/journal.12", d->a);
	store(path, "x", 1);
	j = open_it(d->a, &small, &g);
	assert_true(append(j) > 0);
	journal_close(j);
	j = open_it(d->a, &small, &g);
	assert_int_equal(g.n, 1);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(access(seg_path(d->a, 10), F_OK), 0);
	journal_close(j);
	free(g.ref);
}

/* ---- against a model ---- */

enum { REFS = 200000 };

struct model {
	uint8_t live[REFS], flushed[REFS], dirty[REFS];	/* dirty: done, but perhaps not in the file */
	uint64_t ref[REFS];				/* the live ones */
	size_t n;
	uint64_t last;
};

static void model_append(struct model *m, struct journal *j)
{
	uint64_t ref = append(j);

	assert_true(ref > m->last && ref < REFS);
	m->last = ref;
	m->live[ref] = 1;
	m->ref[m->n++] = ref;
}

static void model_done(struct model *m, struct journal *j, size_t i)
{
	uint64_t ref = m->ref[i];

	journal_done(j, ref);
	m->live[ref] = 0;
	m->dirty[ref] = 1;
	m->ref[i] = m->ref[--m->n];
}

static void model_flush(struct model *m, struct journal *j)
{
	assert_int_equal(journal_flush(j), 0);
	for (size_t i = 0; i < m->n; i++)
		m->flushed[m->ref[i]] = 1;
	memset(m->dirty, 0, sizeof(m->dirty));
}

static void model_check(const struct model *m, const struct given *g)
{
	for (size_t i = 0; i < m->n; i++)
		assert_true(!m->flushed[m->ref[i]] || was_given(g, m->ref[i]));
	for (size_t i = 0; i < g->n; i++)
		assert_true(m->live[g->ref[i]] || m->dirty[g->ref[i]]);
}

/* Takes what was given for the truth: what was appended after the last flush may be lost. */
static void model_reset(struct model *m, const struct given *g, uint64_t last)
{
	memset(m->live, 0, sizeof(m->live));
	memset(m->dirty, 0, sizeof(m->dirty));
	memset(m->flushed, 0, sizeof(m->flushed));
	m->n = 0;
	m->last = last;
	for (size_t i = 0; i < g->n; i++) {
		m->live[g->ref[i]] = m->flushed[g->ref[i]] = 1;
		m->ref[m->n++] = g->ref[i];
	}
}

static struct journal *model_crash(struct model *m, struct journal *j, struct dirs *d, struct given *g)
{
	char swap[64];

	copy_dir(d->a, d->b);
	journal_close(j);
	j = open_it(d->b, &small, g);
	model_check(m, g);
	assert_int_equal(info(j).live, g->n);
	assert_int_equal(info(j).damaged, 0);
	model_reset(m, g, j->next_ref - 1);
	memcpy(swap, d->a, sizeof(swap));
	memcpy(d->a, d->b, sizeof(swap));
	memcpy(d->b, swap, sizeof(swap));
	return j;
}

static void model_bound(struct journal *j)
{
	struct journal_info i;

	while (journal_work(j))
		;
	i = info(j);
	assert_true(i.octets <= 3 * i.live_octets + 2 * SEG + BODY);
}

static void random_operations(struct dirs *d, uint64_t seed, unsigned target)
{
	struct model *m = calloc(1, sizeof(*m));
	struct given g = { 0 };
	struct journal *j = open_it(d->a, &small, NULL);
	struct rng r;

	rng_init_u64(&r, seed);
	for (int op = 0; op < 12000; op++) {
		uint32_t what = rng_below(&r, 1000);

		if (what < 400 && m->n < target)
			model_append(m, j);
		else if (what < 800 && m->n)
			model_done(m, j, rng_below(&r, 4) ? m->n - 1 : rng_below(&r, (uint32_t)m->n));
		else if (what < 900)
			model_flush(m, j);
		else if (what < 980)
			journal_work(j);
		else if (what < 990)
			model_bound(j);
		else if (what < 992)
			j = model_crash(m, j, d, &g);
		else if (what < 994) {
			model_flush(m, j);
			j = model_crash(m, j, d, &g);
		}
	}
	assert_int_equal(info(j).live, m->n);
	journal_close(j);
	wipe(d->a);
	free(g.ref);
	free(m);
}

static void model(void **state)
{
	for (uint64_t seed = 1; seed <= 12; seed++)
		random_operations(*state, seed, seed % 3 == 0 ? 400 : seed % 3 == 1 ? 3 : 40);
}

static void live_table(void **state)
{
	struct journal_live *l = calloc(1, sizeof(*l));
	static uint32_t serial[3000];
	struct rng r;

	rng_init_u64(&r, 3);
	for (uint32_t i = 0; i < 300000; i++) {
		uint64_t ref = 1 + rng_below(&r, 3000) * UINT64_C(0x100000001);	/* some shards get more than others */
		size_t k = (size_t)((ref - 1) / UINT64_C(0x100000001));
		struct journal_slot *s = journal_live_find(l, ref);

		assert_int_equal(s ? s->serial : 0, serial[k]);
		if (s) {
			journal_live_del(l, s);
			serial[k] = 0;
		} else {
			s = journal_live_add(l, ref);
			s->serial = serial[k] = i + 1;
		}
	}
	journal_live_fini(l);
	free(l);
}

/* Appends, flushes and tells how far it came, until it is killed; every second entry is done at once. */
static void write_until_killed(const char *dir, int to)
{
	struct journal *j = NULL;
	uint64_t ref = 0;

	if (journal_open(&j, dir, &small, NULL, NULL))
		_exit(1);
	for (;;) {
		for (int i = 0; i < 5; i++) {
			ref = append(j);
			if (ref % 2 == 0)
				journal_done(j, ref);
		}
		if (journal_flush(j) || write(to, &ref, sizeof(ref)) != sizeof(ref))
			_exit(1);
		journal_work(j);
	}
}

/* Return: the last reference that the child had flushed before it died. */
static uint64_t kill_a_writer(const char *dir, uint64_t enough)
{
	uint64_t ref = 0, last = 0;
	int p[2];
	pid_t child;

	assert_int_equal(pipe(p), 0);
	child = fork();
	if (!child)
		write_until_killed(dir, p[1]);
	close(p[1]);
	while (last < enough && read(p[0], &ref, sizeof(ref)) == sizeof(ref))
		last = ref;
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(p[0], &ref, sizeof(ref)) == sizeof(ref))
		last = ref;
	waitpid(child, NULL, 0);
	close(p[0]);
	return last;
}

static void killed(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	uint64_t last = 0;

	for (int run = 0; run < 20; run++) {
		struct journal *j;

		last = kill_a_writer(d->a, last + 200);
		j = open_it(d->a, &small, &g);		/* its lock died with it */
		assert_int_equal(info(j).damaged, 0);
		for (uint64_t ref = 1; ref <= last; ref++)
			assert_int_equal(was_given(&g, ref), ref % 2);
		last = j->next_ref - 1;
		for (uint64_t ref = 2; ref <= last; ref += 2)
			journal_done(j, ref);		/* was appended, but not yet done */
		journal_close(j);
	}
	free(g.ref);
}

/* ---- housekeeping ---- */

static void one_immortal(void **state)
{
	static const struct journal_conf conf = { .segment_max = 64 * 1024 };
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j = open_it(d->a, &conf, NULL);
	uint64_t immortal = append(j), most = 0;

	for (int i = 0; i < 100000; i++) {
		uint64_t ref = append(j);

		journal_done(j, ref);
		if (i % 16)
			continue;
		assert_int_equal(journal_flush(j), 0);
		journal_work(j);
		if (info(j).octets > most)
			most = info(j).octets;
	}
	assert_true(most <= 2 * conf.segment_max + 3 * BODY + 16 * BODY);
	assert_int_equal(journal_flush(j), 0);
	copy_dir(d->a, d->b);
	journal_close(j);
	j = open_it(d->b, &conf, &g);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.ref[0], immortal);
	journal_done(j, immortal);
	journal_close(j);
	j = open_it(d->b, &conf, &g);
	assert_int_equal(g.n, 0);
	journal_close(j);
	free(g.ref);
}

/* Killed between the copy and the deletion, and before the copy was written: the entry is there, once. */
static void death_while_carrying(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j = open_it(d->a, &small, NULL), *k;
	uint64_t immortal = append(j);
	bool more = true;

	while (info(j).segments < 4)
		journal_done(j, append(j));
	assert_int_equal(journal_flush(j), 0);
	for (int step = 0; more; step++) {
		more = journal_work(j);
		copy_dir(d->a, d->b);
		k = open_it(d->b, &small, &g);
		assert_true(g.n == 1 && g.ref[0] == immortal);
		assert_true(step < 100);
		journal_close(k);
	}
	assert_true(info(j).segments <= 2);
	journal_close(j);
	free(g.ref);
}

/* A live entry that has become unreadable: counted, given up, and its owner's done is harmless. */
static void rot_under_way(void **state)
{
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, &small, NULL);
	uint64_t rotten = append(j), sound = append(j);
	struct given g = { 0 };
	struct file f;

	while (info(j).segments < 4)
		journal_done(j, append(j));
	f = load(seg_path(d->a, 0));
	f.p[JOURNAL_SEG_HDR_LEN + 2 * JOURNAL_REC_HDR_LEN] ^= 0x80;
	store(seg_path(d->a, 0), f.p, f.len);
	while (journal_work(j))
		;
	assert_int_equal(info(j).damaged, 1);
	assert_int_equal(info(j).live, 1);
	journal_done(j, rotten);
	assert_int_equal(info(j).live, 1);
	journal_close(j);
	j = open_it(d->a, &small, &g);
	assert_true(g.n == 1 && g.ref[0] == sound);
	journal_close(j);
	free(f.p);
	free(g.ref);
}

static void segment_not_deletable(void **state)
{
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, &small, NULL);

	while (info(j).segments < 4)
		journal_done(j, append(j));
	assert_int_equal(unlink(seg_path(d->a, 0)), 0);
	assert_int_equal(mkdir(seg_path(d->a, 0), 0700), 0);
	assert_false(journal_work(j));
	assert_false(journal_work(j));
	assert_int_equal(info(j).write_errors, 2);
	assert_int_equal(log_errors, 1);
	assert_int_equal(rmdir(seg_path(d->a, 0)), 0);
	while (journal_work(j))
		;
	assert_int_equal(info(j).segments, 1);
	assert_int_equal(log_notices, 1);
	journal_close(j);
}

/* ---- no room ---- */

static void total_max(void **state)
{
	static const struct journal_conf conf = { .segment_max = SEG, .total_max = 16 * SEG };
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, &conf, NULL);
	uint64_t ref, first = 1, last = 0;

	while ((ref = append(j)))
		last = ref;
	assert_int_equal(append(j), 0);
	assert_int_equal(info(j).full, 2);
	assert_int_equal(log_errors, 1);
	assert_true(info(j).octets <= conf.total_max);
	for (; first <= last; first += 2)		/* half of all, everywhere */
		journal_done(j, first);
	while (journal_work(j))
		;
	assert_true(append(j) > last);
	assert_int_equal(log_notices, 1);
	assert_int_equal(info(j).live, last / 2 + 1);
	journal_close(j);
	j = open_it(d->a, &conf, NULL);
	assert_int_equal(j->n.live, last / 2 + 1);
	journal_close(j);
}

static void limit_file(rlim_t octets)
{
	struct rlimit l;

	getrlimit(RLIMIT_FSIZE, &l);
	l.rlim_cur = octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

/* The file cannot grow: part of a write is done, the rest waits; nothing that has a reference is lost. */
static void cannot_write(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j = open_it(d->a, NULL, NULL);
	uint64_t refs = 0, octets;

	signal(SIGXFSZ, SIG_IGN);
	limit_file(10001);
	while (append(j))
		refs++;
	octets = info(j).octets;
	assert_in_range(octets, JOURNAL_PENDING_MAX - BODY, JOURNAL_PENDING_MAX + 10001);
	assert_int_equal(journal_flush(j), -EFBIG);
	assert_int_equal(journal_flush(j), -EFBIG);
	assert_false(journal_work(j));
	assert_int_equal(log_errors, 2);		/* not written; full */
	assert_true(info(j).write_errors >= 2);
	for (uint64_t i = 1; i <= 1000; i++)
		journal_done(j, i);
	assert_int_equal(info(j).done_lost, 0);
	copy_dir(d->a, d->b);
	limit_file(RLIM_INFINITY);
	assert_int_equal(journal_flush(j), 0);
	assert_true(append(j) > refs);
	assert_int_equal(log_notices, 2);
	assert_true(info(j).memory < 1024 * 1024);	/* what was pending is given back */
	journal_close(j);
	j = open_it(d->a, NULL, &g);
	assert_int_equal(g.n, refs - 1000 + 1);
	assert_int_equal(info(j).damaged, 0);
	journal_close(j);
	j = open_it(d->b, NULL, &g);			/* killed while it could not be written */
	assert_int_equal(info(j).damaged, 0);
	assert_true(g.n > 0);
	journal_close(j);
	free(g.ref);
}

/* An entry for whose copy there is no room at the moment is not forgotten. */
static void cannot_carry(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j = open_it(d->a, NULL, NULL);
	uint64_t live = 0;

	signal(SIGXFSZ, SIG_IGN);
	while (info(j).live_octets < 4000000)
		live = append(j);
	while (info(j).segments < 3)
		journal_done(j, append(j));
	assert_int_equal(journal_flush(j), 0);
	limit_file(journal_newest(j)->size);
	while (j->len < JOURNAL_PENDING_MAX - 2 * BODY)
		journal_done(j, append(j));
	assert_int_equal(j->write_err, 0);
	assert_false(journal_work(j));
	assert_int_equal(j->write_err, -EFBIG);
	limit_file(RLIM_INFINITY);
	assert_int_equal(journal_flush(j), 0);
	while (journal_work(j))
		;
	assert_int_equal(info(j).damaged, 0);
	assert_int_equal(info(j).live, live);
	journal_close(j);
	j = open_it(d->a, NULL, &g);
	assert_int_equal(g.n, live);
	journal_close(j);
	free(g.ref);
}

static void no_file(void **state)
{
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, NULL, NULL);
	struct rlimit l, none;

	getrlimit(RLIMIT_NOFILE, &l);
	none = l;
	none.rlim_cur = 0;
	assert_int_equal(append(j), 1);
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(journal_flush(j), -EMFILE);
	assert_int_equal(append(j), 2);
	setrlimit(RLIMIT_NOFILE, &l);
	assert_int_equal(journal_flush(j), 0);
	journal_close(j);
	j = open_it(d->a, NULL, NULL);
	assert_int_equal(info(j).live, 2);
	journal_close(j);
	snprintf(d->b, sizeof(d->b), "%s/no/such", d->base);
	assert_int_equal(journal_open(&j, d->b, NULL, NULL, NULL), -ENOENT);
}

static bool mount_small(const char *dir)
{
	return !geteuid() && !unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", dir, "tmpfs", 0, "size=256k,mode=0700");
}

/* A full file system, and room again by what is done. */
static void disk_full(void **state)
{
	struct dirs *d = *state;
	struct given g = { 0 };
	struct journal *j;
	uint64_t refs = 0, done = 0;

	fresh_dir(d->a);
	if (!mount_small(d->a))
		skip();		/* cannot_write() has no need of privileges */
	j = open_it(d->a, &small, NULL);
	do
		refs = append(j);
	while (!journal_flush(j));
	assert_int_equal(j->write_err, -ENOSPC);
	while (done < refs / 2)
		journal_done(j, ++done);
	for (int turn = 0; turn < 200 && j->write_err; turn++) {
		journal_work(j);
		journal_flush(j);
	}
	assert_int_equal(j->write_err, 0);
	while (journal_work(j))
		;
	assert_int_equal(log_errors, 1);
	assert_int_equal(log_notices, 1);
	journal_close(j);
	j = open_it(d->a, &small, &g);
	assert_int_equal(g.n, refs - done);
	assert_int_equal(info(j).damaged, 0);
	journal_close(j);
	assert_int_equal(umount(d->a), 0);
	free(g.ref);
}

/* ---- many ---- */

enum { MANY = 1000000 };

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tally(void *ctx, uint64_t ref, struct span body)
{
	uint64_t *n = ctx;

	assert_int_equal(ref, ++*n);
}

static void a_million(void **state)
{
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, NULL, NULL);
	size_t heap = mallinfo2().uordblks + mallinfo2().hblkhd;
	double t = seconds(), longest = 0, at, took;
	uint64_t n = 0, most = 0;

	for (int i = 0; i < MANY; i++) {
		at = seconds();
		assert_int_equal(journal_append(j, span_of("0123456789abcdef0123456789abcdef", 32)), (uint64_t)i + 1);
		if (i % 256 == 255)
			assert_int_equal(journal_flush(j), 0);
		took = seconds() - at;
		if (took > longest)
			longest = took;
		if (i > MANY / 10 && journal_work(j))
			fail();
		if (i > MANY / 10 && i % 1000 == 0 && j->live.memory / (uint64_t)(i + 1) > most)
			most = j->live.memory / (uint64_t)(i + 1);
	}
	print_message("appended: %.0f/s, longest %.1f ms, table %.1f octets an entry (at most %llu), heap %.1f\n",
		MANY / (seconds() - t), longest * 1e3, (double)j->live.memory / MANY, (unsigned long long)most,
		(double)(mallinfo2().uordblks + mallinfo2().hblkhd - heap) / MANY);
	assert_true(most < 32 && j->live.memory <= 32 * (uint64_t)MANY);
	assert_true(info(j).memory <= 33 * (uint64_t)MANY);
	assert_int_equal(journal_flush(j), 0);
	journal_close(j);

	t = seconds();
	assert_int_equal(journal_open(&j, d->a, NULL, tally, &n), 0);
	assert_int_equal(n, MANY);
	print_message("opened: %.2f s\n", seconds() - t);
	t = seconds();
	for (uint64_t ref = 1; ref <= MANY; ref++) {
		journal_done(j, ref);
		if (ref % 256 == 0) {
			assert_int_equal(journal_flush(j), 0);
			journal_work(j);
		}
	}
	while (journal_work(j))
		;
	print_message("done: %.0f/s\n", MANY / (seconds() - t));
	assert_int_equal(info(j).live, 0);
	assert_true(info(j).segments <= 2);
	journal_close(j);
}

/* As accounting does it: 300 octets, appended, sent, and done a little later; written once in 64. */
static void pace(void **state)
{
	static const uint8_t body[300];
	struct dirs *d = *state;
	struct journal *j = open_it(d->a, NULL, NULL);
	double t = seconds();
	uint64_t ref = 0;
	int n = 400000;

	for (int i = 0; i < n; i++) {
		ref = journal_append(j, span_of(body, sizeof(body)));
		assert_int_not_equal(ref, 0);
		if (ref > 1000)
			journal_done(j, ref - 1000);
		if (i % 64 == 0) {
			assert_int_equal(journal_flush(j), 0);
			journal_work(j);
		}
	}
	print_message("appended and done: %.0f/s, %d octets written for 300, %llu in files\n", n / (seconds() - t),
		300 + 2 * JOURNAL_REC_HDR_LEN, (unsigned long long)info(j).octets);
	assert_true(info(j).octets <= 3 * info(j).live_octets + 2 * j->segment_max);
	journal_close(j);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(append_done_reopen),
		T(longest_and_empty_bodies),
		T(references_only_grow),
		T(references_of_deleted_segments),
		T(torn_tail),
		T(every_single_bit),
		T(any_damage),
		T(forged_record),
		T(look_alikes),
		T(strange_files),
		T(live_table),
		T(model),
		T(killed),
		T(one_immortal),
		T(death_while_carrying),
		T(rot_under_way),
		T(segment_not_deletable),
		T(total_max),
		T(cannot_write),
		T(cannot_carry),
		T(no_file),
		T(disk_full),
		T(a_million),
		T(pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
