/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 header checks, fragments and frag-needed (ip4.h). RFC 791, 792, 1071, 1191, 1812. */
#include "dataplane/user/ip4.h"

enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_COPIED = 0x80,
	FRAG_AT = 6,
	SUM_AT = 10,
	TCP_HDR_LEN = 20,
	TCP_SUM_AT = 16,
	TCP_SYN = 0x02,
	TCP_OPT_MSS = 2,
	TCP_OPT_MSS_LEN = 4,
};

uint16_t ip4_checksum(struct span s)
{
	struct rd r = rd_span(s);
	uint32_t sum = 0;

	while (rd_left(&r) >= 2)
		sum += rd_be16(&r);
	if (rd_left(&r))
		sum += (uint32_t)rd_u8(&r) << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

bool ip4_decode(struct span octets, struct ip4 *ip)
{
	struct rd r = rd_span(octets);
	uint8_t first = rd_u8(&r);

	*ip = (struct ip4){ 0 };
	ip->header_len = (uint8_t)((first & 0x0f) * 4);
	ip->tos = rd_u8(&r);
	ip->total = rd_be16(&r);
	ip->id = rd_be16(&r);
	ip->frag = rd_be16(&r);
	ip->ttl = rd_u8(&r);
	ip->protocol = rd_u8(&r);
	rd_skip(&r, 2);
	ip->src = rd_be32(&r);
	ip->dst = rd_be32(&r);
	if (r.bad || first >> 4 != 4 || ip->header_len < IP4_HDR_LEN || ip->total < ip->header_len || ip->total > octets.len)
		return false;
	ip->packet = span_of(octets.p, ip->total);
	return ip4_checksum(span_of(octets.p, ip->header_len)) == 0;
}

int ip4_icmp_type(const struct ip4 *ip)
{
	if (ip->protocol != IP4_PROTO_ICMP || (ip->frag & IP4_OFFSET) || ip->total == ip->header_len)
		return -1;
	return ip->packet.p[ip->header_len];
}

/* What follows the header, where it is the beginning of the payload. */
static struct rd payload_of(const struct ip4 *ip, uint8_t protocol)
{
	bool begins = ip->protocol == protocol && !(ip->frag & IP4_OFFSET);

	return rd_of(ip->packet.p + ip->header_len, begins ? (size_t)ip->total - ip->header_len : 0);
}

int ip4_udp_source(const struct ip4 *ip)
{
	struct rd r = payload_of(ip, IP4_PROTO_UDP);
	uint16_t port = rd_be16(&r);

	return r.bad ? -1 : port;
}

/* ---- TCP maximum segment size ---- */

/* The options of a SYN; empty for anything else. */
static struct rd syn_options(const struct ip4 *ip)
{
	struct rd tcp = payload_of(ip, IP4_PROTO_TCP), options;
	uint8_t offset, flags;

	rd_skip(&tcp, 12);
	offset = rd_u8(&tcp) >> 4;
	flags = rd_u8(&tcp);
	rd_skip(&tcp, 6);
	if (tcp.bad || !(flags & TCP_SYN) || offset * 4 < TCP_HDR_LEN)
		return rd_empty();
	options = rd_sub(&tcp, (size_t)offset * 4 - TCP_HDR_LEN);
	return tcp.bad ? rd_empty() : options;
}

size_t ip4_mss_at(const struct ip4 *ip, uint16_t limit)
{
	struct rd r = limit ? syn_options(ip) : rd_empty();

	while (rd_left(&r)) {
		uint8_t type = rd_u8(&r), len;
		size_t at;

		if (type == OPT_END)
			break;
		if (type == OPT_NOP)
			continue;
		len = rd_u8(&r);
		if (r.bad || len < 2)
			break;
		at = (size_t)(r.p - ip->packet.p);
		if (type == TCP_OPT_MSS && len == TCP_OPT_MSS_LEN)
			return rd_be16(&r) > limit && !r.bad ? at : 0;
		rd_skip(&r, len - 2u);
	}
	return 0;
}

static uint16_t swapped(uint16_t v)
{
	return (uint16_t)(v << 8 | v >> 8);
}

/* RFC 1624 §3: HC' = ~(~HC + ~m + m'). */
static uint16_t sum_updated(uint16_t sum, uint16_t from, uint16_t to)
{
	uint32_t s = (uint16_t)~sum + (uint32_t)(uint16_t)~from + to;

	s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~(s + (s >> 16));
}

void ip4_mss_put(const struct ip4 *ip, size_t at, uint16_t mss, struct wr *w, size_t start)
{
	struct rd old = rd_of(ip->packet.p + at, 2), sum = rd_of(ip->packet.p + ip->header_len + TCP_SUM_AT, 2);
	uint16_t from = rd_be16(&old), to = mss;

	wr_poke16(w, start + at, mss);
	if ((at - ip->header_len) % 2) {	/* behind a single NOP it lies across two words of the sum */
		from = swapped(from);
		to = swapped(to);
	}
	wr_poke16(w, start + ip->header_len + TCP_SUM_AT, sum_updated(rd_be16(&sum), from, to));
}

static void header_sum(struct wr *w, size_t start)
{
	wr_poke16(w, start + SUM_AT, 0);
	if (!w->full)
		wr_poke16(w, start + SUM_AT, ip4_checksum(span_of(w->start + start, (size_t)(w->start[start] & 0x0f) * 4)));
}

/* ---- fragments ---- */

/* Options that every fragment carries, padded to a multiple of 4. */
static void options_put(const struct ip4 *ip, struct wr *w)
{
	struct rd r = rd_of(ip->packet.p + IP4_HDR_LEN, ip->header_len - (size_t)IP4_HDR_LEN);
	size_t n = 0;

	while (rd_left(&r)) {
		struct rd option = r;
		uint8_t type = rd_u8(&r), len;

		if (type == OPT_END)
			break;
		if (type == OPT_NOP)
			continue;
		len = rd_u8(&r);
		if (len < 2 || len - 2u > rd_left(&r))
			break;
		rd_skip(&r, len - 2u);
		if (type & OPT_COPIED) {
			wr_put(w, rd_bytes(&option, len));
			n += len;
		}
	}
	wr_fill(w, OPT_END, (4 - n % 4) % 4);
}

/* The header of the fragment at `at`, its length, offset and checksum still open. Return: its length. */
static size_t fragment_header(const struct ip4 *ip, size_t at, struct wr *w)
{
	size_t start = wr_len(w);

	wr_bytes(w, ip->packet.p, at ? (size_t)IP4_HDR_LEN : ip->header_len);
	if (at)
		options_put(ip, w);
	if (!w->full)
		w->start[start] = (uint8_t)(0x40 | (wr_len(w) - start) / 4);
	return wr_len(w) - start;
}

size_t ip4_fragment(const struct ip4 *ip, size_t *at, size_t mtu, struct wr *w)
{
	size_t payload = (size_t)ip->total - ip->header_len, start = wr_len(w), header, len;
	uint16_t frag;

	if (*at >= payload)
		return 0;
	header = fragment_header(ip, *at, w);
	if (w->full || mtu < header + 8)
		return 0;
	len = payload - *at;
	if (len > mtu - header)
		len = (mtu - header) & ~(size_t)7;
	frag = (uint16_t)(ip->frag + *at / 8);
	if (*at + len < payload)
		frag |= IP4_MF;
	wr_bytes(w, ip->packet.p + ip->header_len + *at, len);
	wr_poke16(w, start + 2, (uint16_t)(header + len));
	wr_poke16(w, start + FRAG_AT, frag);
	header_sum(w, start);
	*at += len;
	return w->full ? 0 : header + len;
}

/* ---- ICMP ---- */

static bool is_icmp_error(int type)
{
	return type == ICMP_DEST_UNREACH || type == 4 || type == ICMP_REDIRECT || type == 11 || type == 12;
}

static bool may_answer(const struct ip4 *ip)
{
	uint32_t net = ip->src >> 24;

	return !(ip->frag & IP4_OFFSET) && !is_icmp_error(ip4_icmp_type(ip)) && net != 0 && net != 127 && net < 224 &&
	       ip->dst >> 28 != 14 && ip->dst != UINT32_MAX;
}

size_t ip4_frag_needed(const struct ip4 *ip, uint32_t src, uint16_t mtu, struct wr *w)
{
	size_t start = wr_len(w), icmp = start + IP4_HDR_LEN;
	size_t quote = ip->total < IP4_ICMP_QUOTE ? ip->total : IP4_ICMP_QUOTE;

	if (!may_answer(ip))
		return 0;
	wr_u8(w, 0x45);
	wr_u8(w, 0xc0);			/* precedence internetwork control, RFC 1812 §4.3.2.5 */
	wr_be16(w, (uint16_t)(IP4_HDR_LEN + 8 + quote));
	wr_be32(w, 0);			/* id, no flags */
	wr_u8(w, 64);
	wr_u8(w, IP4_PROTO_ICMP);
	wr_be16(w, 0);
	wr_be32(w, src);
	wr_be32(w, ip->src);
	wr_u8(w, ICMP_DEST_UNREACH);
	wr_u8(w, ICMP_FRAG_NEEDED);
	wr_be16(w, 0);
	wr_be16(w, 0);
	wr_be16(w, mtu);
	wr_bytes(w, ip->packet.p, quote);
	if (w->full)
		return 0;
	wr_poke16(w, icmp + 2, ip4_checksum(span_of(w->start + icmp, wr_len(w) - icmp)));
	header_sum(w, start);
	return wr_len(w) - start;
}
