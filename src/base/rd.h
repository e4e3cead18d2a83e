/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one way to read octets. A read past the end yields zeros and sets `bad`, which stays set: the straight path of a
 * decoder stays straight, and is judged once at its end. Multi-octet fields are big-endian (network order).
 */
#ifndef ADIT_BASE_RD_H
#define ADIT_BASE_RD_H

#include "base/span.h"

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct rd rd_of(const void *p, size_t len)
{
	const uint8_t *b = (const uint8_t *)p;

	return (struct rd){ b, len ? b + len : b, false };
}

static inline struct rd rd_span(struct span s)
{
	return rd_of(s.p, s.len);
}

static inline struct rd rd_empty(void)
{
	return (struct rd){ NULL, NULL, false };
}

static inline size_t rd_left(const struct rd *r)
{
	return r->p ? (size_t)(r->end - r->p) : 0;
}

/* What has not been read yet, as a span. */
static inline struct span rd_rest(const struct rd *r)
{
	return span_of(r->p, rd_left(r));
}

/* Marks the reader bad and empties it. Always false, so that a decoder can `return rd_fail(r)`. */
static inline bool rd_fail(struct rd *r)
{
	r->bad = true;
	r->p = r->end;
	return false;
}

/* The next n octets, or an empty span and a bad reader. */
static inline struct span rd_bytes(struct rd *r, size_t n)
{
	struct span s;

	if (rd_left(r) < n) {
		rd_fail(r);
		return span_of(NULL, 0);
	}
	s = span_of(r->p, n);
	if (n)
		r->p += n;
	return s;
}

static inline void rd_skip(struct rd *r, size_t n)
{
	(void)rd_bytes(r, n);
}

/* A reader of its own for the next n octets: a nested length cannot reach outside the field that declared it. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
	struct span s = rd_bytes(r, n);
	struct rd sub = rd_span(s);

	sub.bad = r->bad;
	return sub;
}

static inline uint8_t rd_u8(struct rd *r)
{
	struct span s = rd_bytes(r, 1);

	return s.p ? s.p[0] : 0;
}

static inline uint16_t rd_be16(struct rd *r)
{
	struct span s = rd_bytes(r, 2);

	return s.p ? (uint16_t)(s.p[0] << 8 | s.p[1]) : 0;
}

static inline uint32_t rd_be32(struct rd *r)
{
	struct span s = rd_bytes(r, 4);

	return s.p ? (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 | (uint32_t)s.p[2] << 8 | s.p[3] : 0;
}

static inline uint64_t rd_be64(struct rd *r)
{
	uint64_t hi = rd_be32(r);

	return hi << 32 | rd_be32(r);
}

/* Copies n octets out; zeros if they are not there. */
static inline bool rd_copy(struct rd *r, void *to, size_t n)
{
	struct span s = rd_bytes(r, n);

	if (n == 0)
		return !r->bad;
	if (!s.p) {
		memset(to, 0, n);
		return false;
	}
	memcpy(to, s.p, n);
	return true;
}

#endif
