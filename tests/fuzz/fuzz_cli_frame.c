/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's frame reader: any octets, cut anywhere. The first octet says how they are cut. The frames must be those
 * of the same octets fed at once, and never be longer than what came in.
 */
#include <stdlib.h>

#include "cli/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	size_t frames, octets;
	unsigned codes;
	int end;
};

static void take(struct frame_rd *r, struct sum *s)
{
	struct frame f;

	while ((s->end = frame_rd_next(r, &f)) > 0) {
		s->frames++;
		s->octets += f.text.len;
		s->codes = s->codes * 31 + f.code;
		for (size_t i = 0; i < f.text.len; i++)
			s->codes = s->codes * 31 + f.text.p[i];
	}
}

static struct sum read_all(const uint8_t *p, size_t size, size_t step)
{
	struct frame_rd r;
	struct sum s = { 0 };

	frame_rd_init(&r);
	for (size_t n; size > 0 && s.end >= 0; p += n, size -= n) {
		n = step < size ? step : size;
		if (frame_rd_feed(&r, span_of(p, n)))
			break;
		take(&r, &s);
	}
	frame_rd_fini(&r);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum whole, cut;

	if (size < 2)
		return 0;
	whole = read_all(data + 1, size - 1, size);
	cut = read_all(data + 1, size - 1, (size_t)data[0] % 64 + 1);
	if (whole.octets > size || whole.frames != cut.frames || whole.codes != cut.codes || whole.end != cut.end)
		abort();
	return 0;
}
