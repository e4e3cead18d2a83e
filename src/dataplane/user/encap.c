/* SPDX-License-Identifier: BSD-2-Clause */
/* From IP packet to datagrams (encap.h). RFC 2661 §3.1, §5.3, §5.4; RFC 1332 §2.1; RFC 791 §3.2. */
#include "dataplane/user/encap.h"

#include "wire/l2tp_hdr.h"
#include "wire/ppp_frame.h"

void dp_encap_header(struct wr *w, const struct dp_tun *tun, uint16_t peer_session_id, int32_t ns)
{
	struct l2tp_hdr h = {
		.has_seq = ns >= 0,
		.tunnel_id = tun->peer_tunnel_id,
		.session_id = peer_session_id,
		.ns = (uint16_t)ns,
	};

	l2tp_hdr_put_data(w, &h);
	if (!(tun->flags & DP_TUN_NO_FF03))
		wr_be16(w, 0xff03);
}

static enum dp_encap_verdict drop(struct table *t, struct dp_encap *e, enum dp_drop reason)
{
	e->reason = reason;
	if (e->line != DP_NONE)
		table_dn_drop(t, &t->dn[e->line], reason);
	else
		table_drop(t, reason);
	return e->verdict = DP_ENCAP_DROP;
}

static uint16_t mtu_of(const struct dp_dn *dn)
{
	uint16_t mtu = __atomic_load_n(&dn->mtu, __ATOMIC_RELAXED);

	return mtu == 0 || mtu > DP_INNER_MAX ? DP_INNER_MAX : mtu;
}

/* Our own tunnel's traffic on its way into a tunnel: the route to a peer leads through a subscriber, and each round
 * would make it longer. */
static bool is_own_tunnel(const struct table *t, uint32_t vr, const struct ip4 *ip)
{
	return ip4_udp_source(ip) == t->conf.port && table_local_is(t, vr, ip->src);
}

static enum dp_encap_verdict size_check(struct table *t, struct dp_encap *e)
{
	e->mtu = mtu_of(&t->dn[e->line]);
	e->whole = e->ip.total <= e->mtu;
	if (e->whole) {
		e->mss = __atomic_load_n(&t->dn[e->line].mss, __ATOMIC_RELAXED);
		e->mss_at = ip4_mss_at(&e->ip, e->mss);
		return e->verdict = DP_ENCAP_SEND;
	}
	if (!(e->ip.frag & IP4_DF) && e->mtu >= IP4_MTU_MIN)	/* RFC 791: 68 holds the longest header and 8 octets */
		return e->verdict = DP_ENCAP_SEND;
	drop(t, e, DP_DROP_TOO_BIG);
	return e->verdict = DP_ENCAP_TOO_BIG;
}

enum dp_encap_verdict dp_encap(struct table *t, uint32_t vr, struct span packet, struct dp_encap *e)
{
	*e = (struct dp_encap){ .line = DP_NONE };
	if (packet.len && packet.p[0] >> 4 == 6)	/* what the kernel says on every device of its own accord */
		return drop(t, e, DP_DROP_NO_ROUTE);
	if (!ip4_decode(packet, &e->ip))
		return drop(t, e, DP_DROP_BAD_IP);
	e->line = table_dst_find(t, vr, e->ip.dst);
	if (is_own_tunnel(t, vr, &e->ip))
		return drop(t, e, DP_DROP_TUNNEL_LOOP);
	if (e->line == DP_NONE)
		return drop(t, e, DP_DROP_NO_ROUTE);
	e->tun = table_tun(t, t->dn[e->line].port);
	if (!e->tun)
		return drop(t, e, DP_DROP_NO_TUNNEL);
	if (e->ip.ttl == 0)
		return drop(t, e, DP_DROP_TTL);
	/* The kernel sends redirects when one subscriber talks to another through the TUN; a PPP link has one
	 * way only. */
	if (ip4_icmp_type(&e->ip) == ICMP_REDIRECT)
		return drop(t, e, DP_DROP_REDIRECT);
	return size_check(t, e);
}

static int32_t next_ns(struct dp_dn *dn)
{
	if (!(__atomic_load_n(&dn->state, __ATOMIC_ACQUIRE) & DP_DN_SEND_SEQ))
		return -1;
	return (uint16_t)__atomic_fetch_add(&dn->l2tp.ns, 1, __ATOMIC_RELAXED);
}

size_t dp_encap_next(struct table *t, struct dp_encap *e, uint8_t *buf, size_t cap)
{
	struct dp_dn *dn = &t->dn[e->line];
	struct wr w = wr_of(buf, cap);

	if (e->verdict != DP_ENCAP_SEND || e->done || (!e->whole && e->at >= (size_t)e->ip.total - e->ip.header_len))
		return 0;
	dp_encap_header(&w, e->tun, dn->l2tp.peer_session_id, next_ns(dn));
	wr_be16(&w, PPP_PROTO_IP4);
	if (e->whole) {
		size_t start = wr_len(&w);

		wr_put(&w, e->ip.packet);
		if (e->mss_at && !w.full)
			ip4_mss_put(&e->ip, e->mss_at, e->mss, &w, start);
		e->inner = e->ip.total;
		e->done = true;
	} else {
		e->inner = ip4_fragment(&e->ip, &e->at, e->mtu, &w);
		e->done = e->inner == 0;
	}
	return e->inner ? wr_done(&w) : 0;
}
