/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any datagram from the tunnel's peer: a verdict, and data that lies within the datagram. An accepted packet is
 * whole and has a source that may come from its session.
 */
#include <stdlib.h>

#include "dataplane/user/decap.h"
#include "dataplane_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct dp_rx rx = { .local = ip4_of(W_LOCAL), .peer = ip4_of(W_PEER), .peer_port = W_PEER_PORT };
	struct dp_decap out;
	enum dp_decap_verdict v;

	if (!w.t)
		check(world_init(&w));
	v = dp_decap(w.t, &rx, span_of(data, size), &out);
	if (v == DP_DECAP_DROP) {
		check(out.reason < DP_DROP_COUNT);
		return 0;
	}
	check(out.data.p >= data && out.data.p + out.data.len <= data + size);
	if (v == DP_DECAP_IP) {
		static uint8_t buf[65536];
		struct span p = dp_decap_packet(&out, buf, sizeof(buf));
		struct ip4 ip;

		check(p.len == out.data.len);
		check(ip4_decode(out.data, &ip) && ip.total == out.data.len);
		check(out.slot == w.s->handle.slot || out.slot == w.other->handle.slot);
		check(out.slot != w.other->handle.slot || ip.src == W_OTHER);
	}
	return 0;
}
