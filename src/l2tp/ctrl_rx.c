/* SPDX-License-Identifier: BSD-2-Clause */
/* A control connection's input: reliable delivery into the inbox, then message by message into the machines. */
#include "l2tp/call_in.h"

#include <stdlib.h>

#include "l2tp/fault.h"

/* ---- datagram to inbox ---- */

static void inbox_push(struct l2tp_ctrl *c, struct l2tp_stored *s)
{
	s->next = NULL;
	*c->inbox.end = s;
	c->inbox.end = &s->next;
	c->inbox_len++;
}

static void deliver(struct l2tp_ctrl *c, struct l2tp_stored *s)
{
	for (; s; s = l2tp_reliable_next_early(&c->rel))
		inbox_push(c, s);
	l2tp_ctrl_post(c, 0);
}

/* Whether more must wait: the owner has not taken its events, or the peer makes us answer and does not acknowledge. */
static bool overrun(const struct l2tp_ctrl *c)
{
	return c->inbox_len >= L2TP_INBOX || c->rel.unsent >= L2TP_BACKLOG + 2 * c->n_calls;
}

/* A message that there is no room for: dropped, not acknowledged, so the peer repeats it; its Nr counts all the same. */
static void put_off(struct l2tp_ctrl *c, uint16_t nr, mono_t now)
{
	l2tp_count(c->ep, L2TP_COUNT_RX_OVERRUN);
	l2tp_reliable_ack(&c->rel, nr, now);
	l2tp_ctrl_wake(c);
	l2tp_ctrl_arm(c);
}

static void note_verdict(struct l2tp_ctrl *c, enum l2tp_rx_verdict v)
{
	static const struct {
		size_t of_tunnel;
		enum l2tp_count of_node;
		bool counted;
	} row[] = {
#define ROW(v, field, count) [L2TP_RX_##v] = { offsetof(struct l2tp_ctrl, field), L2TP_COUNT_RX_##count, true }
		ROW(DUPLICATE, rx_duplicates, DUPLICATE),
		ROW(EARLY, rx_out_of_sequence, EARLY),
		ROW(EARLY_DROPPED, rx_out_of_sequence, EARLY_DROPPED),
		ROW(OUT_OF_WINDOW, rx_out_of_window, OUT_OF_WINDOW),
		ROW(BAD_NR, rx_errors, BAD_NR),
#undef ROW
	};

	if (v == L2TP_RX_ZLB)
		c->rx_zlb++;
	if ((size_t)v >= sizeof(row) / sizeof(row[0]) || !row[v].counted)
		return;
	l2tp_count(c->ep, row[v].of_node);
	++*(uint64_t *)(void *)((char *)c + row[v].of_tunnel);
}

void l2tp_ctrl_rx(struct l2tp_ctrl *c, const struct l2tp_hdr *h, struct span datagram, mono_t now)
{
	bool zlb = h->payload.len == 0, in_turn = !zlb && h->ns == c->rel.nr;
	struct l2tp_stored *s = NULL;
	enum l2tp_rx_verdict v;

	c->rx_packets++;
	c->rx_octets += datagram.len;
	c->last_activity = now;
	if (!zlb && (overrun(c) || (in_turn && !(s = l2tp_stored_new(datagram))))) {
		put_off(c, h->nr, now);
		return;
	}
	v = l2tp_reliable_rx(&c->rel, h->ns, h->nr, zlb, datagram, now);
	note_verdict(c, v);
	c->null_id &= !h->tunnel_id;
	if (c->rel.una && h->tunnel_id)
		c->unproven = false;	/* it has seen what we sent to that address */
	if (v == L2TP_RX_DELIVER)
		deliver(c, s);
	else
		free(s);
	l2tp_ctrl_wake(c);
	l2tp_ctrl_arm(c);
}

/* ---- what is let pass ---- */

/* An AVP that is new to us is nobody's fault (RFC 2661 §4.1); the rest is said once a tunnel. */
static bool worth_a_line(const struct l2tp_ctrl *c, unsigned t)
{
	return t != L2TP_TOLERATED_UNKNOWN_AVP && !(c->told >> t & 1);
}

static void log_tolerated(struct l2tp_ctrl *c, const struct l2tp_msg *m, enum l2tp_toleration t)
{
	struct log l;

	c->told |= UINT32_C(1) << t;
	if (!l2tp_may_log(c->ep, LOG_INFO))
		return;
	log_begin(&l, LOG_INFO, "l2tp", "tolerated");
	log_u(&l, "tunnel", c->local_id);
	log_addr_port(&l, "peer", &c->path.peer, c->path.peer_port);
	log_text(&l, "message", l2tp_msg_name(m->type));
	log_text(&l, "what", l2tp_toleration_name(t));
	log_end(&l);
}

static void note_tolerated(struct l2tp_ctrl *c, const struct l2tp_msg *m)
{
	for (unsigned i = 0; m->tolerated && i < L2TP_TOLERATED_COUNT; i++) {
		if (!(m->tolerated >> i & 1))
			continue;
		l2tp_count(c->ep, L2TP_COUNT_TOLERATED + i);
		if (worth_a_line(c, i))
			log_tolerated(c, m, (enum l2tp_toleration)i);
	}
}

/* ---- message to machine ---- */

static void step_why(struct l2tp_ctrl *c, enum l2tp_ctrl_input input, const struct l2tp_msg *m,
		     const struct l2tp_why *why, mono_t now)
{
	struct l2tp_ctrl_in in = { .m = m, .now = now };

	if (why)
		in.why = *why;
	l2tp_ctrl_step(c, input, &in);
}

/* The first look at an SCCRQ: the secret that its hidden AVPs need comes with the owner's answer. */
static void offer(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct span datagram, mono_t now)
{
	struct l2tp_stored *s = l2tp_stored_new(datagram);
	struct l2tp_event *ev;

	if (!s || l2tp_ctrl_note_peer(c, m)) {
		struct l2tp_why why = { L2TP_REASON_TUNNEL_RX_SCCRQ_NO_RESOURCES, { 2, 4, "out of memory" }, false };

		free(s);
		step_why(c, L2TP_CTRL_RX_SCCRQ_BAD, m, &why, now);
		return;
	}
	c->offer = s;
	c->offered = true;
	ev = l2tp_raise(c->ep, L2TP_EV_TUNNEL_OFFERED, c, NULL);
	ev->path = c->path;
	ev->peer = c->peer;
}

static void rx_sccrq(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct span datagram, mono_t now)
{
	if (c->state == L2TP_CTRL_IDLE && !c->offered)
		offer(c, m, datagram, now);
	else
		step_why(c, L2TP_CTRL_RX_SCCRQ_BAD, m, NULL, now);
}

void l2tp_ctrl_judge_offer(struct l2tp_ctrl *c, mono_t now)
{
	struct l2tp_endpoint *ep = c->ep;
	struct l2tp_stored *s = c->offer;
	struct l2tp_msg_opt opt = { .secret = c->conf.secret, .permissive = ep->conf.permissive_avps };
	struct wr scratch = wr_of(ep->scratch_offer, sizeof(ep->scratch_offer));
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct l2tp_fault f;
	struct l2tp_why why = { L2TP_REASON_TUNNEL_RX_SCCRQ_NO_RESOURCES, { 2, 4, "out of memory" }, false };
	bool good;

	c->offer = NULL;
	l2tp_keep_until_next_event(ep, s);
	l2tp_hdr_decode(span_of(s->octets, s->len), &h);
	good = l2tp_msg_decode(&h, &opt, &scratch, &m, &f);
	note_tolerated(c, &m);
	c->peer_id = m.assigned_tunnel_id;	/* it may have been hidden */
	if (!good) {
		l2tp_count(ep, L2TP_COUNT_FAULT + f.kind);
		why = l2tp_why_fault(ep, m.type, &f);
	} else {
		good = l2tp_sccrq_check(c, &m, &why) && !l2tp_ctrl_note_peer(c, &m);
	}
	step_why(c, good ? L2TP_CTRL_RX_SCCRQ_OK : L2TP_CTRL_RX_SCCRQ_BAD, &m, good ? NULL : &why, now);
}

static void take_answer_path(struct l2tp_ctrl *c)
{
	c->rx_addr = c->answer_path.peer;
	c->rx_port = c->answer_path.peer_port;
	c->path.local = c->answer_path.local;
	if (c->conf.address_change == L2TP_ADDR_CHANGE_ACCEPT)
		c->path.peer = c->answer_path.peer;
	if (c->conf.port_change == L2TP_ADDR_CHANGE_ACCEPT)
		c->path.peer_port = c->answer_path.peer_port;
}

static void rx_sccrp(struct l2tp_ctrl *c, const struct l2tp_msg *m, mono_t now)
{
	struct l2tp_why why;
	bool good;

	if (c->state != L2TP_CTRL_WAIT_CTL_REPLY) {
		step_why(c, L2TP_CTRL_RX_SCCRP_OK, m, NULL, now);
		return;
	}
	good = l2tp_sccrp_check(c, m, &why);
	l2tp_tunnel_unlist(c);
	c->peer_id = m->assigned_tunnel_id;
	if (good) {
		take_answer_path(c);
		l2tp_tunnel_add_by_peer(c);
		l2tp_ctrl_note_peer(c, m);
	}
	step_why(c, good ? L2TP_CTRL_RX_SCCRP_OK : L2TP_CTRL_RX_SCCRP_BAD, m, good ? NULL : &why, now);
}

/*
 * A peer's ids are unique among its tunnels (§4.4.3): one that has now brought up another with the same id, from the same
 * address and port, has forgotten the first, which would last until a Hello fails. No StopCCN: it would reach the new one.
 */
static void end_forgotten(struct l2tp_ctrl *c, mono_t now)
{
	struct l2tp_ctrl_in in = { .why = { .reason = L2TP_REASON_TUNNEL_CONTROL_CHANNEL_FAILED }, .now = now };
	struct l2tp_ctrl *o, *next;

	if (!c->listed_id)
		return;
	for (o = l2tp_tunnel_by_peer(c->ep, &c->path, c->listed_id, NULL); o; o = next) {
		next = l2tp_tunnel_by_peer(c->ep, &c->path, c->listed_id, o);
		if (o == c || o->state != L2TP_CTRL_ESTABLISHED)
			continue;
		l2tp_count(c->ep, L2TP_COUNT_PEER_RESTARTED);
		l2tp_ctrl_step(o, L2TP_CTRL_PEER_DEAD, &in);
	}
}

static void rx_scccn(struct l2tp_ctrl *c, const struct l2tp_msg *m, mono_t now)
{
	struct l2tp_why why;
	bool good = c->state != L2TP_CTRL_WAIT_CTL_CONN || l2tp_scccn_check(c, m, &why);

	step_why(c, good ? L2TP_CTRL_RX_SCCCN_OK : L2TP_CTRL_RX_SCCCN_BAD, m, good ? NULL : &why, now);
	if (c->state == L2TP_CTRL_ESTABLISHED)
		end_forgotten(c, now);
}

static void keep_peer_text(struct l2tp_ctrl *c, struct span text)
{
	size_t len = text.len < L2TP_TEXT ? text.len : L2TP_TEXT;

	if (!len || c->peer_text)
		return;
	c->peer_text = malloc(len);
	if (!c->peer_text)
		return;
	memcpy(c->peer_text, text.p, len);
	c->peer_text_len = len;
}

static void rx_stopccn(struct l2tp_ctrl *c, const struct l2tp_msg *m, mono_t now)
{
	struct l2tp_why why = { L2TP_REASON_TUNNEL_RX_STOPCCN, { m->result, m->error, NULL }, true };

	if (!l2tp_stopccn_check(c, m, &why)) {
		step_why(c, L2TP_CTRL_RX_BAD, m, &why, now);
		return;
	}
	if (c->state < L2TP_CTRL_CLOSING)
		keep_peer_text(c, m->error_text);
	step_why(c, L2TP_CTRL_RX_STOPCCN, m, &why, now);
}

static void rx_hello(struct l2tp_ctrl *c, const struct l2tp_msg *m, mono_t now)
{
	struct l2tp_why why;
	bool good = l2tp_hello_check(c, m, &why);

	step_why(c, good ? L2TP_CTRL_RX_HELLO : L2TP_CTRL_RX_BAD, m, good ? NULL : &why, now);
}

static void rx_call(struct l2tp_ctrl *c, const struct l2tp_msg *m, const struct l2tp_fault *f, mono_t now)
{
	bool up = c->state == L2TP_CTRL_ESTABLISHED;

	step_why(c, L2TP_CTRL_RX_CALL, m, NULL, now);
	if (up)
		l2tp_call_rx(c, m, f, now);
}

/* A fault that ends the tunnel, §7.1. In idle, and where its answer is awaited, that is "not acceptable". */
static void rx_faulty(struct l2tp_ctrl *c, const struct l2tp_msg *m, const struct l2tp_fault *f, mono_t now)
{
	uint16_t type = m->type & (uint16_t)~L2TP_MSG_RECOVERY;	/* our own mark, not the peer's to set */
	struct l2tp_why why = l2tp_why_fault(c->ep, type, f);
	enum l2tp_ctrl_input input = L2TP_CTRL_RX_BAD;

	if (m->type == L2TP_MSG_SCCRQ && c->state == L2TP_CTRL_IDLE)
		input = L2TP_CTRL_RX_SCCRQ_BAD;
	if (m->type == L2TP_MSG_SCCRP && c->state == L2TP_CTRL_WAIT_CTL_REPLY) {
		input = L2TP_CTRL_RX_SCCRP_BAD;
		c->peer_id = m->assigned_tunnel_id;
	}
	if (m->type == L2TP_MSG_SCCCN && c->state == L2TP_CTRL_WAIT_CTL_CONN)
		input = L2TP_CTRL_RX_SCCCN_BAD;
	step_why(c, input, m, &why, now);
}

static void rx_good(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct span datagram, mono_t now)
{
	switch (m->type) {
	case L2TP_MSG_SCCRQ:
		rx_sccrq(c, m, datagram, now);
		break;
	case L2TP_MSG_SCCRP:
		rx_sccrp(c, m, now);
		break;
	case L2TP_MSG_SCCCN:
		rx_scccn(c, m, now);
		break;
	case L2TP_MSG_STOPCCN:
		rx_stopccn(c, m, now);
		break;
	case L2TP_MSG_HELLO:
		rx_hello(c, m, now);
		break;
	default:
		step_why(c, L2TP_CTRL_RX_BAD, m, NULL, now);
	}
}

void l2tp_ctrl_message(struct l2tp_ctrl *c, struct span datagram, mono_t now)
{
	struct l2tp_endpoint *ep = c->ep;
	struct l2tp_msg *m = &ep->msg;
	struct l2tp_msg_opt opt = { .secret = c->conf.secret, .permissive = ep->conf.permissive_avps,
				    .leave_hidden = c->state == L2TP_CTRL_IDLE };
	struct wr scratch = wr_of(ep->scratch, sizeof(ep->scratch));
	struct l2tp_hdr h;
	struct l2tp_fault f;

	if (l2tp_hdr_decode(datagram, &h) != L2TP_HDR_OK)
		return;
	if (!l2tp_msg_decode(&h, &opt, &scratch, m, &f))
		l2tp_count(ep, L2TP_COUNT_FAULT + f.kind);
	if (m->type != L2TP_MSG_SCCRQ || !opt.leave_hidden)	/* an SCCRQ is decoded again, and counted then */
		note_tolerated(c, m);
	if (f.kind == L2TP_FAULT_IGNORABLE)
		l2tp_count(ep, L2TP_COUNT_RX_IGNORED_TYPE);
	else if (l2tp_msg_is_call(m->type) && (f.kind == L2TP_FAULT_NONE || l2tp_fault_ends_call(m->type, &f)))
		rx_call(c, m, &f, now);
	else if (f.kind != L2TP_FAULT_NONE)
		rx_faulty(c, m, &f, now);
	else
		rx_good(c, m, datagram, now);
}
