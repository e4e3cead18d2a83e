/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of the management protocol (docs/management-protocol.md), from a stream that may be cut anywhere. */
#include "cli/frame.h"

#include <errno.h>
#include <stdlib.h>

#include "base/rd.h"

enum { CODE_DIGITS = 3, LENGTH_DIGITS = 8 };

void frame_rd_init(struct frame_rd *r)
{
	*r = (struct frame_rd){ 0 };
}

void frame_rd_fini(struct frame_rd *r)
{
	free(r->buf);
	frame_rd_init(r);
}

static int make_room(struct frame_rd *r, size_t n)
{
	size_t held = r->end - r->start, cap = r->cap ? r->cap : 4096;
	uint8_t *buf;

	if (r->start) {
		memmove(r->buf, r->buf + r->start, held);
		r->start = 0;
		r->end = held;
	}
	while (cap - held < n)
		cap *= 2;
	if (cap == r->cap)
		return 0;
	buf = realloc(r->buf, cap);
	if (!buf)
		return -ENOMEM;
	r->buf = buf;
	r->cap = cap;
	return 0;
}

int frame_rd_feed(struct frame_rd *r, struct span octets)
{
	int err = make_room(r, octets.len);

	if (err)
		return err;
	if (octets.len)
		memcpy(r->buf + r->end, octets.p, octets.len);
	r->end += octets.len;
	return 0;
}

/* A decimal number of 1 to `most` digits and the octet that ends it. A reader that runs dry is bad, not wrong. */
static size_t number(struct rd *r, unsigned most, uint8_t ended_by, bool *wrong)
{
	size_t v = 0;

	for (unsigned n = 0; n <= most; n++) {
		uint8_t c = rd_u8(r);

		if (r->bad)
			return 0;
		if (c == ended_by && n > 0)
			return v;
		if (c < '0' || c > '9')
			break;
		v = v * 10 + (size_t)(c - '0');
	}
	*wrong = true;
	return 0;
}

int frame_rd_next(struct frame_rd *r, struct frame *f)
{
	struct rd rd = rd_of(r->buf ? r->buf + r->start : NULL, r->end - r->start);
	bool wrong = false;
	size_t len;

	if (rd_left(&rd) == 0)
		return 0;
	wrong = rd_u8(&rd) != '=';
	f->code = wrong ? 0 : (unsigned)number(&rd, CODE_DIGITS, ' ', &wrong);
	len = wrong ? 0 : number(&rd, LENGTH_DIGITS, '\n', &wrong);
	if (wrong || (!rd.bad && (f->code < 100 || len > FRAME_TEXT_MAX)))
		return -EPROTO;
	f->text = rd_bytes(&rd, len);
	if (rd.bad)
		return 0;
	r->start = r->end - rd_left(&rd);
	return 1;
}
