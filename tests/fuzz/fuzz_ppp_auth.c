/* SPDX-License-Identifier: BSD-2-Clause */
/* PAP and CHAP packets: no length reaches outside, and what is written again is what was read. */
#include <assert.h>

#include "wire/chap_math.h"
#include "wire/ppp_auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(struct span s, const uint8_t *data, size_t size)
{
	return s.len == 0 || (s.p >= data && s.p + s.len <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_of(data, size), a, b;
	uint8_t buf[4096], success[MSCHAPV2_SUCCESS_LEN];
	struct wr w = wr_of(buf, sizeof(buf));

	if (pap_req_decode(s, &a, &b)) {
		assert(within(a, data, size) && within(b, data, size));
		pap_req_encode(&w, 1, a, b);
		assert(wr_done(&w) == 6 + a.len + b.len);
		assert(memcmp(buf + 4, data, wr_len(&w) - 4) == 0);
	}
	if (pap_reply_decode(s, &a))
		assert(within(a, data, size));
	w = wr_of(buf, sizeof(buf));
	if (chap_value_decode(s, &a, &b)) {
		assert(within(a, data, size) && within(b, data, size));
		chap_value_encode(&w, CHAP_RESPONSE, 1, a, b);
		if (!w.full)
			assert(wr_len(&w) == 4 + size && memcmp(buf + 4, data, size) == 0);
		(void)mschapv2_check(span_str("hello"), b, span_of("0123456789abcdef", 16), a, success);
	}
	return 0;
}
