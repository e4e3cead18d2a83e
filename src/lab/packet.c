/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4, ICMP Echo and UDP of the lab's subscribers, and the probes in them. */
#include "lab/packet.h"

enum { IP4_DF = 0x4000, IP4_MF_OR_OFFSET = 0x3fff, IP4_TTL = 64 };

static const uint32_t probe_magic = 0x61646974;	/* "adit" */

/* ---- Internet checksum, RFC 1071 ---- */

static uint32_t sum_add(uint32_t sum, struct span s)
{
	struct rd r = rd_span(s);

	while (rd_left(&r) > 1)
		sum += rd_be16(&r);
	if (rd_left(&r))
		sum += (uint32_t)rd_u8(&r) << 8;
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t pseudo_header(uint32_t src, uint32_t dst, uint8_t protocol, size_t len)
{
	return (src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + protocol + (uint32_t)len;
}

/* ---- IPv4, RFC 791 §3.1 ---- */

bool ip4_decode(struct span octets, struct ip4_packet *p)
{
	struct rd r = rd_span(octets);
	uint8_t version_ihl = rd_u8(&r);
	size_t header = (size_t)(version_ihl & 15) * 4, total;
	uint16_t frag;

	rd_skip(&r, 1);
	total = rd_be16(&r);
	p->id = rd_be16(&r);
	frag = rd_be16(&r);
	p->df = frag & IP4_DF;
	p->fragment = frag & IP4_MF_OR_OFFSET;
	p->ttl = rd_u8(&r);
	p->protocol = rd_u8(&r);
	rd_skip(&r, 2);
	p->src = rd_be32(&r);
	p->dst = rd_be32(&r);
	if (r.bad || version_ihl >> 4 != 4 || header < IP4_HDR_LEN || header > total || total > octets.len)
		return false;
	p->payload = span_of(octets.p + header, total - header);
	return sum_fold(sum_add(0, span_of(octets.p, header))) == 0;
}

static void ip4_put(struct wr *w, uint32_t src, uint32_t dst, uint8_t protocol, size_t payload)
{
	size_t at = wr_len(w);

	wr_be16(w, 0x4500);
	wr_be16(w, (uint16_t)(IP4_HDR_LEN + payload));
	wr_be16(w, 0);
	wr_be16(w, IP4_DF);
	wr_u8(w, IP4_TTL);
	wr_u8(w, protocol);
	wr_be16(w, 0);
	wr_be32(w, src);
	wr_be32(w, dst);
	if (!w->full)
		wr_poke16(w, at + 10, sum_fold(sum_add(0, span_of(w->start + at, IP4_HDR_LEN))));
}

/* ---- ICMP, RFC 792 ---- */

bool icmp_echo_decode(struct span octets, struct icmp_echo *e)
{
	struct rd r = rd_span(octets);

	e->type = rd_u8(&r);
	rd_skip(&r, 3);
	e->id = rd_be16(&r);
	e->seq = rd_be16(&r);
	e->data = rd_rest(&r);
	return !r.bad && sum_fold(sum_add(0, octets)) == 0;
}

void icmp_echo_put(struct wr *w, uint32_t src, uint32_t dst, const struct icmp_echo *e)
{
	size_t at;

	ip4_put(w, src, dst, IP_PROTO_ICMP, ICMP_HDR_LEN + e->data.len);
	at = wr_len(w);
	wr_u8(w, e->type);
	wr_u8(w, 0);
	wr_be16(w, 0);
	wr_be16(w, e->id);
	wr_be16(w, e->seq);
	wr_put(w, e->data);
	if (!w->full)
		wr_poke16(w, at + 2, sum_fold(sum_add(0, span_of(w->start + at, wr_len(w) - at))));
}

/* ---- UDP, RFC 768 ---- */

bool udp_decode(const struct ip4_packet *ip, struct udp_packet *u)
{
	struct rd r = rd_span(ip->payload);
	uint16_t len, sum;

	u->sport = rd_be16(&r);
	u->dport = rd_be16(&r);
	len = rd_be16(&r);
	sum = rd_be16(&r);
	if (r.bad || len < UDP_HDR_LEN || len > ip->payload.len)
		return false;
	u->data = span_of(ip->payload.p + UDP_HDR_LEN, (size_t)len - UDP_HDR_LEN);
	return sum == 0 || sum_fold(sum_add(pseudo_header(ip->src, ip->dst, IP_PROTO_UDP, len),
					    span_of(ip->payload.p, len))) == 0;
}

void udp_put(struct wr *w, uint32_t src, uint32_t dst, const struct udp_packet *u)
{
	size_t len = UDP_HDR_LEN + u->data.len, at;
	uint16_t sum;

	ip4_put(w, src, dst, IP_PROTO_UDP, len);
	at = wr_len(w);
	wr_be16(w, u->sport);
	wr_be16(w, u->dport);
	wr_be16(w, (uint16_t)len);
	wr_be16(w, 0);
	wr_put(w, u->data);
	if (w->full)
		return;
	sum = sum_fold(sum_add(pseudo_header(src, dst, IP_PROTO_UDP, len), span_of(w->start + at, len)));
	wr_poke16(w, at + 6, sum ? sum : 0xffff);
}

/* ---- probes ---- */

static uint8_t probe_octet(const struct probe *p, size_t i)
{
	return (uint8_t)(i * 7 + p->seq + p->from * 31);
}

void probe_put(struct wr *w, const struct probe *p, size_t len)
{
	wr_be32(w, probe_magic);
	wr_be32(w, p->from);
	wr_be32(w, p->seq);
	wr_be64(w, (uint64_t)p->sent.ns);
	for (size_t i = PROBE_MIN; i < len; i++)
		wr_u8(w, probe_octet(p, i));
}

bool probe_check(struct span octets, struct probe *p)
{
	struct rd r = rd_span(octets);
	uint32_t magic = rd_be32(&r);

	p->from = rd_be32(&r);
	p->seq = rd_be32(&r);
	p->sent.ns = (int64_t)rd_be64(&r);
	if (r.bad || magic != probe_magic)
		return false;
	for (size_t i = PROBE_MIN; i < octets.len; i++)
		if (octets.p[i] != probe_octet(p, i))
			return false;
	return true;
}
