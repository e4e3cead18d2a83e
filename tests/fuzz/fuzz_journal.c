/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as the segments of a journal. The first octet says into how many files they are cut, and whether the sums of
 * what looks like records are made right, so that the fuzzer comes past them. Nothing breaks; what is given is in order;
 * then the journal works as an empty one does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/rd.h"
#include "io/journal_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/dev/shm/adit-fuzz-journal.XXXXXX";
static uint64_t last, given;

static void check(int condition)
{
	if (!condition)
		abort();
}

static void entry(void *ctx, uint64_t ref, struct span body)
{
	unsigned sum = 0;

	check(ref > last && ref < JOURNAL_REF_END && body.len <= JOURNAL_BODY_MAX);
	for (size_t i = 0; i < body.len; i++)
		sum += body.p[i];
	check(sum <= 255 * body.len);
	last = ref;
	given++;
}

static void repair(uint8_t *p, size_t len)
{
	uint32_t salt;

	journal_hdr_decode(span_of(p, len), &salt);
	for (size_t at = JOURNAL_SEG_HDR_LEN; at + JOURNAL_REC_HDR_LEN <= len;) {
		struct rd r = rd_of(p + at, len - at);
		struct wr w = wr_of(p + at + 16, 4);
		uint32_t body = (rd_skip(&r, 4), rd_be32(&r));

		if (body > len - at - JOURNAL_REC_HDR_LEN)
			break;
		wr_be32(&w, (uint32_t)crc32(crc32(salt, p + at, 16), p + at + JOURNAL_REC_HDR_LEN, body));
		at += JOURNAL_REC_HDR_LEN + body;
	}
}

static void store(unsigned number, const uint8_t *p, size_t len, bool right)
{
	uint8_t *copy = malloc(len + 1);
	char path[128], name[32];
	int fd;

	journal_name(name, number);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	check(fd >= 0 && copy != NULL);
	if (len)
		memcpy(copy, p, len);
	if (right)
		repair(copy, len);
	check(write(fd, copy, len) == (ssize_t)len);
	close(fd);
	free(copy);
}

static struct journal *reopen(void)
{
	static const struct journal_conf conf = { .segment_max = 4096 };
	struct journal *j = NULL;
	struct journal_info i;

	last = given = 0;
	check(!journal_open(&j, dir, &conf, entry, NULL));
	journal_info(j, &i);
	check(i.live == given && i.live_octets <= i.octets);
	return j;
}

/* Whatever was there: an entry more is kept, the others can be done with, and all that stays is this one. */
static void use(uint64_t were)
{
	struct journal *j = reopen();
	uint64_t ref = journal_append(j, span_str("one"));

	check(were == given && (ref > last || j->next_ref == JOURNAL_REF_END));
	for (size_t i = 0; i < JOURNAL_SHARDS; i++) {
		for (uint32_t k = 0; k < j->live.shard[i].cap;) {
			uint64_t other = j->live.shard[i].slot[k].ref;

			if (other && other != ref)
				journal_done(j, other);		/* another may come into its slot */
			else
				k++;
		}
	}
	while (journal_work(j))
		;
	journal_close(j);
	j = reopen();
	check(given == (ref > 0) && last == ref);
	journal_close(j);
}

static void leave(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/lock", dir);
	unlink(path);
	rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int made;
	unsigned files = size ? 1 + data[0] % 4 : 0;
	char path[128], name[32];
	uint64_t were;

	if (!made)
		check(mkdtemp(dir) != NULL && !atexit(leave));
	made = 1;
	for (unsigned i = 0; i < files; i++) {
		size_t from = 1 + (size - 1) * i / files, to = 1 + (size - 1) * (i + 1) / files;

		store(i, data + from, to - from, data[0] & 0x80);
	}
	journal_close(reopen());
	were = given;
	use(were);
	for (unsigned i = 0; i < 64; i++) {
		journal_name(name, i);
		snprintf(path, sizeof(path), "%s/%s", dir, name);
		unlink(path);
	}
	return 0;
}
