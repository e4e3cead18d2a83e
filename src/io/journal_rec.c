/* SPDX-License-Identifier: BSD-2-Clause */
/* Segment headers and records of a journal, to octets and back (journal_int.h). */
#include <zlib.h>

#include "base/rd.h"
#include "io/journal_int.h"

enum { SUMMED = 16 };	/* octets of a record's header before its CRC */

static uint32_t rec_crc(const uint8_t *hdr, struct span body, uint32_t salt)
{
	uLong crc = crc32(salt, hdr, SUMMED);

	return (uint32_t)(body.len ? crc32(crc, body.p, (uInt)body.len) : crc);
}

void journal_rec_encode(struct wr *w, const struct journal_rec *r, uint32_t salt)
{
	uint8_t *hdr = w->p;

	wr_be16(w, JOURNAL_REC_MAGIC);
	wr_u8(w, (uint8_t)r->kind);
	wr_u8(w, 0);
	wr_be32(w, (uint32_t)r->body.len);
	wr_be64(w, r->ref);
	if (w->full)
		return;
	wr_be32(w, rec_crc(hdr, r->body, salt));
	wr_put(w, r->body);
}

static bool rec_plausible(uint8_t kind, uint32_t len, uint64_t ref)
{
	switch (kind) {
	case JOURNAL_ENTRY: return ref > 0 && ref < JOURNAL_REF_END && len <= JOURNAL_BODY_MAX;
	case JOURNAL_DONE: return ref > 0 && ref < JOURNAL_REF_END && len == 0;
	case JOURNAL_NEXT: return ref > 0 && ref <= JOURNAL_REF_END && len == 0;
	default: return false;
	}
}

enum journal_verdict journal_rec_decode(struct span from, struct journal_rec *r, uint32_t salt, size_t *vain)
{
	struct rd in = rd_span(from);
	uint16_t magic = rd_be16(&in);
	uint8_t kind = rd_u8(&in), zero = rd_u8(&in);
	uint32_t len = rd_be32(&in);
	uint64_t ref = rd_be64(&in);
	uint32_t crc = rd_be32(&in);

	if (in.bad)
		return JOURNAL_SHORT;
	if (magic != JOURNAL_REC_MAGIC || zero || !rec_plausible(kind, len, ref))
		return JOURNAL_BAD;
	*r = (struct journal_rec){ (enum journal_kind)kind, ref, rd_bytes(&in, len) };
	if (in.bad)
		return JOURNAL_SHORT;
	if (crc == rec_crc(from.p, r->body, salt))
		return JOURNAL_GOOD;
	*vain += journal_rec_len(r);
	return JOURNAL_BAD;
}

void journal_hdr_encode(struct wr *w, uint32_t salt)
{
	wr_be32(w, JOURNAL_SEG_MAGIC);
	for (int i = 0; i < 3; i++)
		wr_be32(w, salt);
}

bool journal_hdr_decode(struct span from, uint32_t *salt)
{
	struct rd in = rd_span(from);
	uint32_t magic = rd_be32(&in), a = rd_be32(&in), b = rd_be32(&in), c = rd_be32(&in);

	*salt = (a & b) | (a & c) | (b & c);
	return !in.bad && magic == JOURNAL_SEG_MAGIC && a == b && b == c;
}
