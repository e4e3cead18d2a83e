/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The subscriber's own IP: the few packets that the lab makes and judges in user space. IPv4 (RFC 791), ICMP Echo
 * (RFC 792), UDP (RFC 768). What we send carries a probe, so that every octet that comes back can be verified.
 */
#ifndef ADIT_LAB_PACKET_H
#define ADIT_LAB_PACKET_H

#include "base/mono.h"
#include "base/rd.h"
#include "base/wr.h"

enum { IP4_HDR_LEN = 20, ICMP_HDR_LEN = 8, UDP_HDR_LEN = 8, PROBE_MIN = 20 };
enum { IP_PROTO_ICMP = 1, IP_PROTO_UDP = 17 };
enum { ICMP_ECHO_REPLY = 0, ICMP_UNREACHABLE = 3, ICMP_ECHO = 8, ICMP_TIME_EXCEEDED = 11 };

struct ip4_packet {
	uint32_t src, dst;	/* host order */
	uint8_t protocol, ttl;
	uint16_t id;
	bool df, fragment;	/* fragment: not the whole datagram */
	struct span payload;	/* up to Total Length */
};

/** ip4_decode - judges version, lengths and header checksum. Return: false if it is no IPv4 packet. */
bool ip4_decode(struct span octets, struct ip4_packet *p);

struct icmp_echo {
	uint8_t type;
	uint16_t id, seq;
	struct span data;
};

/** icmp_echo_decode - an ICMP message (its id and seq mean something for Echo and Echo Reply). Checksum judged. */
bool icmp_echo_decode(struct span octets, struct icmp_echo *e);
/** icmp_echo_put - a whole packet: IPv4 header and echo message; DF set. */
void icmp_echo_put(struct wr *w, uint32_t src, uint32_t dst, const struct icmp_echo *e);

struct udp_packet {
	uint16_t sport, dport;
	struct span data;
};

/** udp_decode - checksum judged unless it is 0 (RFC 768). */
bool udp_decode(const struct ip4_packet *ip, struct udp_packet *u);
/** udp_put - a whole packet, with checksum; DF set. */
void udp_put(struct wr *w, uint32_t src, uint32_t dst, const struct udp_packet *u);

/* What a packet of ours carries: 20 octets and a pattern that follows from them. */
struct probe {
	uint32_t from;		/* number of the subscriber that sent it */
	uint32_t seq;
	mono_t sent;
};

/** probe_put - `len` octets (at least PROBE_MIN). */
void probe_put(struct wr *w, const struct probe *p, size_t len);
/** probe_check - whether these octets are a whole probe, every one as it was sent. */
bool probe_check(struct span octets, struct probe *p);

#endif
