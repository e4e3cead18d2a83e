/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any packet from the network side: what is sent fits the session's MTU, is a right IPv4 packet, and all its
 * payload is out exactly once. The checksum of the input is set right, so that the fuzzer gets past it; two
 * octets before the packet give the MTU.
 */
#include <stdlib.h>

#include "dataplane/user/encap.h"
#include "dataplane_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void sum_set(uint8_t *p, size_t len)
{
	struct wr w = wr_of(p, len);
	size_t header = len ? (size_t)(p[0] & 0x0f) * 4 : 0;

	if (header < IP4_HDR_LEN || header > len)
		return;
	wr_poke16(&w, 10, 0);
	wr_poke16(&w, 10, ip4_checksum(span_of(p, header)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	static uint8_t pkt[65536], out[65536];
	struct dp_encap e;
	struct ip4 f;
	size_t len, payload = 0;
	struct rd r = rd_of(data, size);

	if (!w.t)
		check(world_init(&w));
	w.t->dn[w.s->line->index].mtu = rd_be16(&r);
	len = rd_left(&r) < sizeof(pkt) ? rd_left(&r) : sizeof(pkt);
	rd_copy(&r, pkt, len);
	sum_set(pkt, len);
	switch (dp_encap(w.t, 0, span_of(pkt, len), &e)) {
	case DP_ENCAP_TOO_BIG: {
		struct wr m = wr_of(out, sizeof(out));
		size_t n = ip4_frag_needed(&e.ip, 1, e.mtu, &m);

		check(n <= IP4_ICMP_MAX && (n == 0 || ip4_decode(span_of(out, n), &f)));
		return 0;
	}
	case DP_ENCAP_DROP:
		check(dp_encap_next(w.t, &e, out, sizeof(out)) == 0);
		return 0;
	case DP_ENCAP_SEND:
		break;
	}
	while ((len = dp_encap_next(w.t, &e, out, sizeof(out)))) {
		check(e.inner <= e.mtu && len == e.inner + 10);
		check(ip4_decode(span_of(out + 10, len - 10), &f) && f.total == e.inner);
		payload += f.total - f.header_len;
	}
	check(payload == (size_t)e.ip.total - e.ip.header_len);
	return 0;
}
