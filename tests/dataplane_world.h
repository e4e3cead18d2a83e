/* SPDX-License-Identifier: BSD-2-Clause */
/* A small session table for tests of the packet path: tunnel 7 to 198.51.100.1:40001, and its sessions. */
#ifndef ADIT_TESTS_DATAPLANE_WORLD_H
#define ADIT_TESTS_DATAPLANE_WORLD_H

#include "dataplane/table.h"
#include "dataplane/user/ip4.h"

enum {
	W_LOCAL = 0xc0000201,		/* 192.0.2.1 */
	W_PEER = 0xc6336401,		/* 198.51.100.1 */
	W_PEER_PORT = 40001,
	W_SUB = 0x0a400005,		/* 10.64.0.5, in the pool */
	W_FRAMED = 0xcb007100,		/* 203.0.113.0/24, framed route of the same session */
	W_OTHER = 0x0a400006,		/* 10.64.0.6, the other session's */
	W_MTU = 1492,
	W_TID = 7,
	W_PEER_TID = 1007,
	W_SID = 0x5123,			/* FORWARD; peer's id 0x4321 */
	W_SID_OTHER = 0x5124,		/* FORWARD, W_OTHER */
	W_SID_PUNT = 0x0002,
	W_SID_HOLD = 0x0003,
	W_SID_SEQ = 0x0004,		/* PUNT, sequencing required and sent */
};

struct world {
	struct table *t;
	struct table_session *s, *other, *punt, *hold, *seq;
};

static inline struct table_session *world_session(struct table *t, uint16_t sid, const struct dp_session_params *p,
						  uint32_t ip4)
{
	struct dp_session id = { .local_tunnel_id = W_TID, .local_session_id = sid };
	struct ip_route framed = { { ip4_of(W_FRAMED), 24 }, 0 };
	struct dp_subscriber sub = { .ip4 = ip4_of(ip4), .mtu = W_MTU, .local_ip4 = ip4_of(0x0aff0001) };
	struct table_session *s = NULL;

	if (ip4 == W_SUB) {
		sub.routes = &framed;
		sub.route_count = 1;
	}
	if (table_session_add(t, &id, &s) || (p && table_session_punt(t, s, p)))
		return NULL;
	return ip4 && table_session_forward(t, s, &sub) ? NULL : s;
}

static inline bool world_init(struct world *w)
{
	struct dp_tunnel tun = { .local_tunnel_id = W_TID, .peer_tunnel_id = W_PEER_TID, .local = ip4_of(W_LOCAL),
				 .peer = ip4_of(W_PEER), .local_port = 1701, .peer_port = W_PEER_PORT, .udp_checksum = true };
	struct dp_session_params p = { .peer_session_id = 0x4321 };
	struct dp_session_params seq = { .peer_session_id = 4, .send_sequencing = true, .require_sequencing = true };
	struct dp_pool pool = { 0, 0x0a400000, 0x0a40ffff };

	w->t = table_new(&(struct table_conf){ 100, 10, 0, 42 });
	if (!w->t || table_tunnel_set(w->t, &tun) || table_pool_set(w->t, &pool, 1))
		return false;
	w->s = world_session(w->t, W_SID, &p, W_SUB);
	w->other = world_session(w->t, W_SID_OTHER, &p, W_OTHER);
	w->punt = world_session(w->t, W_SID_PUNT, &p, 0);
	w->hold = world_session(w->t, W_SID_HOLD, NULL, 0);
	w->seq = world_session(w->t, W_SID_SEQ, &seq, 0);
	return w->s && w->other && w->punt && w->hold && w->seq;
}

/* An IPv4 packet with a right checksum; the payload is 0, 1, 2, ... Return: its length. */
static inline size_t world_packet(uint8_t *buf, size_t cap, uint32_t src, uint32_t dst, size_t payload, uint16_t frag,
				  struct span options)
{
	struct wr w = wr_of(buf, cap);
	size_t header = IP4_HDR_LEN + options.len;

	wr_u8(&w, (uint8_t)(0x40 | header / 4));
	wr_u8(&w, 0);
	wr_be16(&w, (uint16_t)(header + payload));
	wr_be16(&w, 0xabcd);
	wr_be16(&w, frag);
	wr_u8(&w, 63);
	wr_u8(&w, 17);
	wr_be16(&w, 0);
	wr_be32(&w, src);
	wr_be32(&w, dst);
	wr_put(&w, options);
	for (size_t i = 0; i < payload; i++)
		wr_u8(&w, (uint8_t)i);
	wr_poke16(&w, 10, ip4_checksum(span_of(buf, header)));
	return wr_done(&w);
}

/* The TCP checksum of an IPv4 packet with its pseudo header, as RFC 9293 §3.1 has it: 0 when it is right. */
static inline uint16_t world_tcp_sum(struct span packet)
{
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	size_t header = (size_t)(packet.p[0] & 15) * 4;

	wr_bytes(&w, packet.p + 12, 8);
	wr_be16(&w, 6);
	wr_be16(&w, (uint16_t)(packet.len - header));
	wr_bytes(&w, packet.p + header, packet.len - header);
	return ip4_checksum(wr_span(&w));
}

/* A TCP packet with these flags and options, a few octets of data and right checksums. Return: its length. */
static inline size_t world_tcp(uint8_t *buf, size_t cap, uint32_t src, uint32_t dst, uint8_t flags, struct span options)
{
	size_t len = world_packet(buf, cap, src, dst, 20 + options.len + 3, IP4_DF, span_of(NULL, 0));
	struct wr w = wr_of(buf, len);

	buf[9] = 6;
	buf[20 + 12] = (uint8_t)((20 + options.len) / 4 << 4);
	buf[20 + 13] = flags;
	memcpy(buf + 40, options.p, options.len);
	wr_poke16(&w, 10, 0);
	wr_poke16(&w, 10, ip4_checksum(span_of(buf, 20)));
	wr_poke16(&w, 36, 0);
	wr_poke16(&w, 36, world_tcp_sum(span_of(buf, len)));
	return len;
}

#endif
