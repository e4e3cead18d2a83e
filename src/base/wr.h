/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one way to write octets. A write past the end writes nothing and sets `full`, which stays set; the length is
 * judged once, at the end. A length field is marked, and patched when its value is known.
 */
#ifndef ADIT_BASE_WR_H
#define ADIT_BASE_WR_H

#include "base/span.h"

struct wr {
	uint8_t *start, *p, *end;
	bool full;
};

static inline struct wr wr_of(void *buf, size_t cap)
{
	uint8_t *b = (uint8_t *)buf;

	return (struct wr){ b, b, b + cap, false };
}

static inline size_t wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

static inline size_t wr_left(const struct wr *w)
{
	return (size_t)(w->end - w->p);
}

/* Octets written, or 0 if they did not all fit. */
static inline size_t wr_done(const struct wr *w)
{
	return w->full ? 0 : wr_len(w);
}

static inline struct span wr_span(const struct wr *w)
{
	return span_of(w->start, wr_len(w));
}

/* Room for n octets, to be filled by the caller; NULL and full if there is none. */
static inline uint8_t *wr_room(struct wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->full || wr_left(w) < n) {
		w->full = true;
		return NULL;
	}
	w->p += n;
	return p;
}

static inline void wr_bytes(struct wr *w, const void *from, size_t n)
{
	uint8_t *p = wr_room(w, n);

	if (p && n)
		memcpy(p, from, n);
}

static inline void wr_put(struct wr *w, struct span s)
{
	wr_bytes(w, s.p, s.len);
}

static inline void wr_fill(struct wr *w, uint8_t octet, size_t n)
{
	uint8_t *p = wr_room(w, n);

	if (p)
		memset(p, octet, n);
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

static inline void wr_be16(struct wr *w, uint16_t v)
{
	uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	wr_bytes(w, b, 2);
}

static inline void wr_be32(struct wr *w, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	wr_bytes(w, b, 4);
}

static inline void wr_be64(struct wr *w, uint64_t v)
{
	wr_be32(w, (uint32_t)(v >> 32));
	wr_be32(w, (uint32_t)v);
}

/* Leaves two octets for a value that is not known yet; the mark is their place. */
static inline size_t wr_mark16(struct wr *w)
{
	size_t at = wr_len(w);

	wr_be16(w, 0);
	return at;
}

static inline void wr_poke16(struct wr *w, size_t mark, uint16_t v)
{
	if (w->full)
		return;
	w->start[mark] = (uint8_t)(v >> 8);
	w->start[mark + 1] = (uint8_t)v;
}

/* Patches a mark with the number of octets from the mark (itself included) to here. */
static inline void wr_patch16(struct wr *w, size_t mark)
{
	wr_poke16(w, mark, (uint16_t)(wr_len(w) - mark));
}

#endif
