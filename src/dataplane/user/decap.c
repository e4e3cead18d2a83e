/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From datagram to PPP frame to IP packet (decap.h), check by check: header (RFC 2661 §3.1), tunnel and
 * session, who sent it, sequence (§5.4), PPP (RFC 1661 §2), IPv4, and whether its source may come from there.
 */
#include "dataplane/user/decap.h"

#include "wire/l2tp_hdr.h"
#include "wire/ppp_frame.h"

static enum dp_decap_verdict drop(struct table *t, struct dp_decap *out, enum dp_drop reason)
{
	out->reason = reason;
	if (out->up)
		table_up_drop(t, out->up, reason);
	else
		table_drop(t, reason);
	return out->verdict = DP_DECAP_DROP;
}

static enum dp_decap_verdict accept(struct dp_decap *out, enum dp_decap_verdict v, struct span data)
{
	out->data = data;
	return out->verdict = v;
}

static enum dp_drop drop_of_header(enum l2tp_hdr_verdict v)
{
	switch (v) {
	case L2TP_HDR_VERSION:
		return DP_DROP_BAD_VERSION;
	case L2TP_HDR_LENGTH_LONG:
	case L2TP_HDR_LENGTH_SHORT:
		return DP_DROP_BAD_LENGTH;
	case L2TP_HDR_OFFSET_PAD:
		return DP_DROP_OFFSET_PAD;
	default:
		return DP_DROP_SHORT;
	}
}

/* ---- tunnel and session ---- */

/* The peer is held to the address and port that were locked at set-up; three LACs behind one NAT differ in the
 * port alone. */
static enum dp_drop path_check(const struct dp_tun *tun, const struct dp_rx *rx)
{
	struct ip_addr from = table_addr(tun, tun->rx_peer), to = table_addr(tun, tun->local);

	if (tun->vr != rx->vr || (!ip_addr_is_any(&to) && !ip_addr_eq(&to, &rx->local)))
		return DP_DROP_UNKNOWN_LOCAL;
	if (!ip_addr_eq(&from, &rx->peer))
		return DP_DROP_WRONG_PEER;
	return tun->rx_peer_port == rx->peer_port ? DP_DROP_COUNT : DP_DROP_WRONG_PEER_PORT;
}

/* Finds the line; its state is loaded first, so what is read after it belongs to that life of the line. */
static enum dp_drop session_find(struct table *t, const struct dp_tun *tun, const struct l2tp_hdr *h,
				 struct dp_decap *out, uint32_t *state)
{
	struct dp_up *up;

	out->slot = h->session_id ? table_up_slot(tun, h->session_id) : DP_NONE;
	if (out->slot == DP_NONE)
		return DP_DROP_NO_SESSION;
	up = &t->up[out->slot];
	*state = __atomic_load_n(&up->state, __ATOMIC_ACQUIRE);
	if ((*state & DP_UP_STATE) == DP_UP_FREE || up->tunnel_id != (uint16_t)(tun - t->tun) ||
	    up->session_id != h->session_id)
		return DP_DROP_NO_SESSION;
	if ((*state & DP_UP_STATE) == DP_UP_GRACE)
		return DP_DROP_STALE_SESSION;
	out->up = up;
	return DP_DROP_COUNT;
}

/* §5.4: a message older than one already taken is dropped; a later one moves the expectation past it. In HOLD
 * it is not known yet whether sequencing is required, so the expectation is only kept up to date. Return: false
 * to drop. */
static bool sequence_check(const struct dp_tun *tun, struct dp_up *up, uint32_t state, const struct l2tp_hdr *h)
{
	int16_t ahead = (int16_t)(uint16_t)(h->ns - up->nr);
	bool required = (state & DP_UP_REQUIRE_SEQ) && !(tun->flags & DP_TUN_IGNORE_SEQ);

	if (required && (!h->has_seq || ahead != 0))
		__atomic_fetch_add(&up->out_of_sequence, 1, __ATOMIC_RELAXED);
	if (required && (!h->has_seq || ahead < 0))
		return false;
	if (h->has_seq && ahead >= 0 && (required || (state & DP_UP_STATE) == DP_UP_HOLD))
		up->nr = (uint16_t)(h->ns + 1);
	return true;
}

/* ---- PPP and IP ---- */

/* A framed route's addresses are looked up as destinations and must lead back to this session. */
static bool source_is_own(const struct table *t, const struct dp_decap *d, uint32_t src, uint32_t state)
{
	uint32_t dn;

	if (!src)
		return false;
	if (src == d->up->ip4 || state & DP_UP_ANY_SOURCE)
		return true;
	dn = table_dst_find(t, d->up->vr, src);
	return dn != DP_NONE && t->dn[dn].up == d->slot && t->dn[dn].generation == d->up->generation;
}

/* What the subscriber wants sent to it must fit its own MTU: its SYN says how large. */
static void mss_judge(const struct table *t, struct dp_decap *d)
{
	uint32_t dn = d->up->dn;

	d->mss = dn == DP_NONE ? 0 : __atomic_load_n(&t->dn[dn].mss, __ATOMIC_RELAXED);
	d->mss_at = ip4_mss_at(&d->ip, d->mss);
}

static enum dp_decap_verdict ip_in(struct table *t, struct dp_decap *out, struct span packet, uint32_t state)
{
	struct ip4 *ip = &out->ip;

	if ((state & DP_UP_STATE) != DP_UP_FORWARD)
		return drop(t, out, DP_DROP_NOT_FORWARDING);
	if (!ip4_decode(packet, ip))
		return drop(t, out, DP_DROP_BAD_IP);
	if (!source_is_own(t, out, ip->src, state))
		return drop(t, out, DP_DROP_SPOOFED_SOURCE);
	if (ip->ttl == 0)
		return drop(t, out, DP_DROP_TTL);
	mss_judge(t, out);
	return accept(out, DP_DECAP_IP, ip->packet);
}

struct span dp_decap_packet(const struct dp_decap *d, uint8_t *buf, size_t cap)
{
	struct wr w = wr_of(buf, cap);

	if (!d->mss_at || d->data.len > cap)
		return d->data;
	wr_put(&w, d->data);
	ip4_mss_put(&d->ip, d->mss_at, d->mss, &w, 0);
	return wr_span(&w);
}

static enum dp_decap_verdict frame_in(struct table *t, struct dp_decap *out, struct span payload, uint32_t state)
{
	struct span frame = ppp_frame_strip(payload);
	struct rd r = rd_span(frame);
	uint16_t protocol;

	if (!ppp_frame_protocol(&r, &protocol))
		return drop(t, out, DP_DROP_BAD_PPP);
	if ((state & DP_UP_STATE) == DP_UP_HOLD)
		return accept(out, DP_DECAP_FRAME, frame);
	if (protocol == PPP_PROTO_IP4)
		return ip_in(t, out, rd_rest(&r), state);
	if (protocol == PPP_PROTO_IP6)
		return drop(t, out, DP_DROP_PPP_PROTOCOL);
	return accept(out, DP_DECAP_FRAME, frame);
}

enum dp_decap_verdict dp_decap(struct table *t, const struct dp_rx *rx, struct span datagram, struct dp_decap *out)
{
	struct l2tp_hdr h;
	enum l2tp_hdr_verdict v = l2tp_hdr_decode(datagram, &h);
	const struct dp_tun *tun;
	enum dp_drop reason;
	uint32_t state;

	*out = (struct dp_decap){ .slot = DP_NONE };
	if (h.control)		/* whatever is wrong with it, the control plane answers */
		return accept(out, DP_DECAP_CONTROL, datagram);
	if (v != L2TP_HDR_OK)
		return drop(t, out, drop_of_header(v));
	tun = h.tunnel_id ? table_tun(t, h.tunnel_id) : NULL;
	if (!tun)
		return drop(t, out, DP_DROP_NO_TUNNEL);
	reason = path_check(tun, rx);
	if (reason == DP_DROP_COUNT)
		reason = session_find(t, tun, &h, out, &state);
	if (reason != DP_DROP_COUNT)
		return drop(t, out, reason);
	if (!sequence_check(tun, out->up, state, &h))
		return drop(t, out, DP_DROP_OUT_OF_SEQUENCE);
	return frame_in(t, out, h.payload, state);
}
