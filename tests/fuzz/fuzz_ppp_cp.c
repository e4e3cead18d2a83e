/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/ppp_frame and ppp_cp: any octets; progress at every option; what is written again is what was read. */
#include <assert.h>

#include "ppp/ppp.h"
#include "wire/ppp_cp.h"
#include "wire/ppp_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void options(struct span list)
{
	uint8_t buf[2048], tiny[7];
	struct wr w = wr_of(buf, sizeof(buf)), t = wr_of(tiny, sizeof(tiny));
	struct rd r = rd_span(list);
	struct ppp_opt opt;
	size_t left = rd_left(&r), read = 0;
	uint16_t v16;
	uint32_t v32;

	while (ppp_opt_next(&r, &opt)) {
		assert(rd_left(&r) < left);
		left = rd_left(&r);
		assert(opt.whole.len == opt.value.len + 2);
		read += opt.whole.len;
		(void)ppp_opt_get16(&opt, &v16);
		(void)ppp_opt_get32(&opt, &v32);
		ppp_opt_put(&w, opt.type, opt.value);
		ppp_opt_put(&t, opt.type, opt.value);
	}
	assert(ppp_opts_check(list) == !r.bad);
	if (!w.full) {
		assert(wr_len(&w) == read);
		assert(read == 0 || memcmp(buf, list.p, read) == 0);
	}
	assert(ppp_opts_check(wr_span(&t)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span frame = ppp_frame_strip(span_of(data, size));
	struct rd r = rd_span(frame);
	struct ppp_cp_pkt pkt;
	uint16_t protocol;
	char line[200];

	assert(ppp_debug_line(frame.p, frame.len, line, sizeof(line)) < sizeof(line));
	options(span_of(data, size));
	if (!ppp_frame_protocol(&r, &protocol) || !ppp_cp_decode(&r, &pkt))
		return 0;
	assert(pkt.data.len <= size);
	options(pkt.data);
	return 0;
}
