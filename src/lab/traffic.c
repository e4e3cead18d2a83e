/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a subscriber sends and answers once it has its address: pings and a UDP stream of its own, Echo Replies to
 * others. Every packet that comes is judged: for this subscriber, and each octet of a probe as it was sent.
 */
#include "lab/lab_priv.h"
#include "lab/packet.h"
#include "wire/ppp_frame.h"

enum {
	PING_DELAY_MS = 200,	/* the LNS may still be turning its plane to this subscriber */
	STREAM_PORT = 40000,
	STREAM_BURST = 64,	/* at most so many at once, when late */
	STREAM_DRAIN_MS = 1000,
};

static bool stream_wanted(const struct lab_conf *c)
{
	return c->stream.kind != LAB_TARGET_NONE;
}

static bool ping_wanted(const struct lab_conf *c)
{
	return c->ping.kind != LAB_TARGET_NONE;
}

static uint32_t target_addr(const struct lab_sub *s, const struct lab_target *t)
{
	return t->kind == LAB_TARGET_PEER ? sub_neighbour(s)->ip4 : t->addr;
}

/* The whole frame is in w, from its protocol field. */
static void packet_tx(struct lab_sub *s, const struct wr *w)
{
	struct lab_stats *st = &lab_of(s)->stats;

	if (!wr_done(w) || !s->connected)
		return;
	st->tx_packets++;
	st->tx_octets += wr_len(w) - 2;
	lab_data_tx(lab_of(s), s, wr_span(w));
}

/* ---- own traffic ---- */

static void finish_if_done(struct lab_sub *s, mono_t now)
{
	struct lab_traffic *t = &s->traffic;

	if (t->done || !t->begun || !mono_is_never(t->ping_due) || !mono_is_never(t->stream_due))
		return;
	t->done = true;
	sub_decided(s);
}

/* Pings that will not be answered any more. */
static void pings_lost(struct lab_sub *s)
{
	struct lab *l = lab_of(s);
	unsigned lost = l->conf->ping_count - s->traffic.ping_answered;

	s->traffic.ping_due = MONO_NEVER;
	if (s->traffic.lost_told || !lost)
		return;
	s->traffic.lost_told = true;
	l->stats.ping_lost += lost;
	stats_cause(&l->stats, "ping: %u of %u not answered", lost, l->conf->ping_count);
}

static bool fits(struct lab_sub *s, unsigned data, const char *what)
{
	struct ppp_link_info info;

	ppp_link_info(s->link, &info);
	if (data + IP4_HDR_LEN + UDP_HDR_LEN <= info.peer_mru)
		return true;
	stats_cause(&lab_of(s)->stats, "%s: packets larger than the LNS's MRU %u", what, info.peer_mru);
	return false;
}

void traffic_begin(struct lab_sub *s, mono_t now)
{
	const struct lab_conf *c = lab_of(s)->conf;
	struct lab_traffic *t = &s->traffic;
	struct lab_sub *n = sub_neighbour(s);
	bool needs_peer = c->ping.kind == LAB_TARGET_PEER || c->stream.kind == LAB_TARGET_PEER;
	bool no_peer = needs_peer && n->failed;

	if (t->begun || s->state != SUB_UP || (needs_peer && n->state != SUB_UP && !n->failed))
		return;
	t->begun = true;
	if (ping_wanted(c) && !no_peer && fits(s, c->ping_size, "ping"))
		t->ping_due = mono_add_ms(now, PING_DELAY_MS);
	else if (ping_wanted(c))
		pings_lost(s);
	if (stream_wanted(c) && !no_peer && fits(s, c->stream_size, "stream")) {
		t->stream_begun = mono_add_ms(now, PING_DELAY_MS);
		t->stream_due = t->stream_begun;
	}
	finish_if_done(s, now);
	sub_arm(s);
}

/* One Echo Request; id and seq are also in the probe, in full. */
static void ping_send(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);
	struct lab_traffic *t = &s->traffic;
	uint8_t data[LAB_DATAGRAM_MAX], buf[LAB_DATAGRAM_MAX];
	struct wr d = wr_of(data, sizeof(data)), w = wr_of(buf, sizeof(buf));
	struct icmp_echo e = { .type = ICMP_ECHO, .id = (uint16_t)s->index, .seq = (uint16_t)t->ping_sent };

	probe_put(&d, &(struct probe){ s->index, t->ping_sent, now }, l->conf->ping_size);
	e.data = wr_span(&d);
	wr_be16(&w, PPP_PROTO_IP4);
	icmp_echo_put(&w, s->ip4, target_addr(s, &l->conf->ping), &e);
	t->ping_open |= (uint64_t)1 << t->ping_sent % 64;
	t->ping_sent++;
	l->stats.ping_sent++;
	packet_tx(s, &w);
}

static void ping_expire(struct lab_sub *s, mono_t now)
{
	const struct lab_conf *c = lab_of(s)->conf;
	struct lab_traffic *t = &s->traffic;

	if (t->ping_sent == c->ping_count) {
		pings_lost(s);
		return;
	}
	ping_send(s, now);
	t->ping_due = mono_add_ms(now, t->ping_sent < c->ping_count ? c->ping_interval_ms : c->ping_timeout_ms);
}

static void stream_send(struct lab_sub *s, mono_t now)
{
	struct lab *l = lab_of(s);
	struct lab_traffic *t = &s->traffic;
	uint8_t data[LAB_DATAGRAM_MAX], buf[LAB_DATAGRAM_MAX];
	struct wr d = wr_of(data, sizeof(data)), w = wr_of(buf, sizeof(buf));
	bool to_peer = l->conf->stream.kind == LAB_TARGET_PEER;
	struct udp_packet u = { STREAM_PORT, to_peer ? STREAM_PORT : l->conf->stream.port, { 0 } };

	probe_put(&d, &(struct probe){ s->index, (uint32_t)t->stream_sent, now }, l->conf->stream_size);
	u.data = wr_span(&d);
	wr_be16(&w, PPP_PROTO_IP4);
	udp_put(&w, s->ip4, target_addr(s, &l->conf->stream), &u);
	t->stream_sent++;
	l->stats.stream_sent++;
	l->stats.stream_sent_octets += u.data.len;
	packet_tx(s, &w);
}

static void stream_expire(struct lab_sub *s, mono_t now)
{
	const struct lab_conf *c = lab_of(s)->conf;
	struct lab_traffic *t = &s->traffic;
	uint64_t total = (uint64_t)c->stream_s * c->stream_pps, due;

	if (t->stream_sent == total) {	/* what was on its way has had its time */
		t->stream_due = MONO_NEVER;
		return;
	}
	due = 1 + (uint64_t)(now.ns - t->stream_begun.ns) / 1000 * c->stream_pps / 1000000;
	for (unsigned i = 0; i < STREAM_BURST && t->stream_sent < due && t->stream_sent < total; i++)
		stream_send(s, now);
	if (t->stream_sent == total)
		t->stream_due = mono_add_ms(now, STREAM_DRAIN_MS);
	else
		t->stream_due = mono_add_ns(t->stream_begun, (int64_t)(t->stream_sent * 1000000000 / c->stream_pps));
}

void traffic_expire(struct lab_sub *s, mono_t now)
{
	struct lab_traffic *t = &s->traffic;

	if (s->state != SUB_UP)
		return;
	if (mono_due(t->ping_due, now))
		ping_expire(s, now);
	if (mono_due(t->stream_due, now))
		stream_expire(s, now);
	finish_if_done(s, now);
}

mono_t traffic_deadline(const struct lab_sub *s)
{
	return s->state == SUB_UP ? mono_min(s->traffic.ping_due, s->traffic.stream_due) : MONO_NEVER;
}

/* The subscriber goes: what it has sent is lost, and who waited for it waits no longer. */
void traffic_end(struct lab_sub *s)
{
	struct lab_traffic *t = &s->traffic;

	if (s->came_up && ping_wanted(lab_of(s)->conf) && !t->done)
		pings_lost(s);
	t->done = true;
	t->ping_due = t->stream_due = MONO_NEVER;
}

void traffic_reset(struct lab_sub *s)
{
	s->traffic = (struct lab_traffic){ .ping_due = MONO_NEVER, .stream_due = MONO_NEVER };
}

/* ---- what comes ---- */

static void echo_answer(struct lab_sub *s, const struct ip4_packet *ip, const struct icmp_echo *e)
{
	uint8_t buf[LAB_DATAGRAM_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct icmp_echo reply = *e;

	reply.type = ICMP_ECHO_REPLY;
	wr_be16(&w, PPP_PROTO_IP4);
	icmp_echo_put(&w, s->ip4, ip->src, &reply);
	lab_of(s)->stats.echo_answered++;
	packet_tx(s, &w);
}

static void echo_reply(struct lab_sub *s, const struct icmp_echo *e, mono_t now)
{
	struct lab *l = lab_of(s);
	struct lab_traffic *t = &s->traffic;
	struct probe p;

	if (!probe_check(e->data, &p) || p.from != s->index || e->data.len != l->conf->ping_size) {
		l->stats.ping_bad++;
		return;
	}
	if (p.seq >= t->ping_sent || t->ping_sent - p.seq > 64 || !(t->ping_open >> p.seq % 64 & 1) || t->lost_told)
		return;	/* a second time, or too late */
	t->ping_open &= ~((uint64_t)1 << p.seq % 64);
	t->ping_answered++;
	l->stats.ping_answered++;
	series_add(&l->stats.series[LAB_PING], p.sent, now);
	if (t->ping_answered == l->conf->ping_count)
		t->ping_due = MONO_NEVER;
	finish_if_done(s, now);
}

static void icmp_rx(struct lab_sub *s, const struct ip4_packet *ip, mono_t now)
{
	struct lab_stats *st = &lab_of(s)->stats;
	struct icmp_echo e;

	if (!icmp_echo_decode(ip->payload, &e)) {
		st->bad_packets++;
		return;
	}
	if (e.type == ICMP_ECHO)
		echo_answer(s, ip, &e);
	else if (e.type == ICMP_ECHO_REPLY)
		echo_reply(s, &e, now);
	else
		st->icmp_errors++;
}

static void udp_rx(struct lab_sub *s, const struct ip4_packet *ip)
{
	struct lab *l = lab_of(s);
	struct udp_packet u;
	struct probe p;

	if (!udp_decode(ip, &u)) {
		l->stats.bad_packets++;
		return;
	}
	if (u.dport != STREAM_PORT)
		return;
	if (!probe_check(u.data, &p) || (p.from != s->index && p.from != sub_neighbour(s)->index)) {
		l->stats.stream_bad++;
		return;
	}
	s->traffic.stream_received++;
	l->stats.stream_received++;
	l->stats.stream_received_octets += u.data.len;
}

void traffic_rx(struct lab_sub *s, struct span octets, mono_t now)
{
	struct lab_stats *st = &lab_of(s)->stats;
	struct ip4_packet ip;

	st->rx_packets++;
	if (!ip4_decode(octets, &ip)) {
		st->bad_packets++;
		stats_cause(st, "traffic: not an IPv4 packet");
		return;
	}
	st->rx_octets += IP4_HDR_LEN + ip.payload.len;
	if (s->ip4 && ip.dst != s->ip4) {
		st->bad_packets++;
		stats_cause(st, "traffic: a packet for another subscriber");
	} else if (ip.fragment) {
		st->fragments++;
	} else if (ip.protocol == IP_PROTO_ICMP) {
		icmp_rx(s, &ip, now);
	} else if (ip.protocol == IP_PROTO_UDP) {
		udp_rx(s, &ip);
	}
}
