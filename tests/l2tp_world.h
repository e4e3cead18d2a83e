/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two L2TP endpoints, a LAC and an LNS, their owners, and a wire between them that loses, repeats and reorders, all in
 * virtual time. For unit tests and the simulation.
 */
#ifndef ADIT_L2TP_WORLD_H
#define ADIT_L2TP_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "l2tp/counters.h"
#include "l2tp/l2tp.h"

enum { WORLD_TUNNELS = 8, WORLD_CALLS = 256, WORLD_WIRE = 65536 };

enum world_phase { WORLD_NONE, WORLD_OPENING, WORLD_UP, WORLD_DOWN, WORLD_GONE };

struct world_tunnel {
	struct l2tp_ctrl *c;
	enum world_phase phase;
	bool was_up;
	enum l2tp_reason reason;
	unsigned calls_alive;
};

struct world_call {
	struct l2tp_call *call;
	struct world_tunnel *tunnel;
	enum world_phase phase;
	bool was_up;
	enum l2tp_reason reason;
	uint32_t serial;
};

/* An owner: keeps a row for each tunnel and call it has been told of. */
struct world_side {
	const char *name;
	struct l2tp_endpoint *ep;
	struct l2tp_tunnel_conf conf;
	struct ip_addr addr;
	struct world_tunnel tunnel[WORLD_TUNNELS];
	struct world_call call[WORLD_CALLS];
	unsigned tunnels, calls;
	unsigned sli, wen;
	bool refuse_tunnels, refuse_calls;
};

struct world_datagram {
	mono_t due;
	struct l2tp_path path;		/* as the sender sees it */
	struct world_side *to;
	size_t len;
	uint8_t octets[600];
};

struct world {
	struct world_side lac, lns;
	struct rng rng;
	mono_t now;
	unsigned loss, repeat, reorder;	/* per cent */
	unsigned delay_ms;
	bool cut;			/* nothing gets through */
	struct world_datagram *wire[WORLD_WIRE];
	unsigned on_wire;
	uint64_t sent, lost, octets;
	char failure[200];
};

#define world_fail(w, ...) \
	do { \
		if (!(w)->failure[0]) \
			snprintf((w)->failure, sizeof((w)->failure), __VA_ARGS__); \
	} while (0)

static inline struct l2tp_endpoint_conf world_endpoint_conf(void)
{
	return (struct l2tp_endpoint_conf){ .max_tunnels = 65535, .half_open_per_source = 256, .half_open = 2000,
					    .retries_established = 5, .retries_not_established = 5, .linger_s = 31 };
}

static inline struct l2tp_path world_path(const struct world_side *from, const struct world_side *to)
{
	return (struct l2tp_path){ .local = from->addr, .peer = to->addr, .local_port = 1701, .peer_port = 1701 };
}

static inline void world_side_init(struct world_side *s, const char *name, uint32_t addr, struct rng *rng, mono_t now)
{
	struct l2tp_endpoint_conf conf = world_endpoint_conf();
	uint8_t seed[32];

	rng_bytes(rng, seed, sizeof(seed));
	s->name = name;
	s->addr = ip4_of(addr);
	s->ep = l2tp_endpoint_new(&conf, seed, now);
	s->conf = (struct l2tp_tunnel_conf){ .local_name = span_str(name), .receive_window = 16, .hello_s = 60,
					     .call_accept_incoming = true };
}

static inline void world_init(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof(*w));
	rng_init_u64(&w->rng, seed);
	w->now = mono_add_s(MONO_ZERO, 1000);
	w->delay_ms = 10;
	world_side_init(&w->lac, "lac", 0xc0000202, &w->rng, w->now);
	world_side_init(&w->lns, "lns", 0xc0000201, &w->rng, w->now);
}

static inline void world_fini(struct world *w)
{
	for (unsigned i = 0; i < w->on_wire; i++)
		free(w->wire[i]);
	l2tp_endpoint_free(w->lac.ep);
	l2tp_endpoint_free(w->lns.ep);
}

/* ---- the wire: a heap by due time ---- */

static inline void wire_push(struct world *w, struct world_datagram *d)
{
	unsigned i = w->on_wire++;

	for (; i && mono_before(d->due, w->wire[(i - 1) / 2]->due); i = (i - 1) / 2)
		w->wire[i] = w->wire[(i - 1) / 2];
	w->wire[i] = d;
}

static inline struct world_datagram *wire_pop(struct world *w)
{
	struct world_datagram *first = w->wire[0], *last = w->wire[--w->on_wire];
	unsigned i = 0, k;

	for (; (k = 2 * i + 1) < w->on_wire; i = k) {
		if (k + 1 < w->on_wire && mono_before(w->wire[k + 1]->due, w->wire[k]->due))
			k++;
		if (!mono_before(w->wire[k]->due, last->due))
			break;
		w->wire[i] = w->wire[k];
	}
	w->wire[i] = last;
	return first;
}

static inline bool chance(struct world *w, unsigned percent)
{
	return percent && rng_below(&w->rng, 100) < percent;
}

static inline void world_put(struct world *w, struct world_side *to, const struct l2tp_path *path, const uint8_t *msg,
			     size_t len)
{
	struct world_datagram *d;

	if (w->cut || chance(w, w->loss) || w->on_wire == WORLD_WIRE || len > sizeof(d->octets)) {
		w->lost++;
		return;
	}
	d = malloc(sizeof(*d));
	d->due = mono_add_ms(w->now, w->delay_ms);
	if (chance(w, w->reorder))
		d->due = mono_add_ms(d->due, rng_below(&w->rng, 3000));
	d->path = *path;
	d->to = to;
	d->len = len;
	memcpy(d->octets, msg, len);
	wire_push(w, d);
}

static inline void world_send(struct world *w, struct world_side *to, const struct l2tp_path *path,
			      const uint8_t *msg, size_t len)
{
	w->sent++;
	w->octets += len;
	world_put(w, to, path, msg, len);
	if (chance(w, w->repeat))
		world_put(w, to, path, msg, len);
}

/* ---- owners ---- */

static inline struct world_call *world_call_add(struct world *w, struct world_side *s, struct world_tunnel *t,
						struct l2tp_call *call)
{
	struct world_call *row = &s->call[s->calls];

	if (s->calls == WORLD_CALLS) {
		world_fail(w, "%s: too many calls", s->name);
		return &s->call[0];
	}
	s->calls++;
	*row = (struct world_call){ .call = call, .tunnel = t, .phase = WORLD_OPENING };
	t->calls_alive++;
	return row;
}

static inline struct world_tunnel *world_tunnel_add(struct world *w, struct world_side *s, struct l2tp_ctrl *c)
{
	struct world_tunnel *t = &s->tunnel[s->tunnels % WORLD_TUNNELS];

	if (t->phase != WORLD_NONE && t->phase != WORLD_GONE)
		world_fail(w, "%s: too many tunnels", s->name);
	s->tunnels++;
	*t = (struct world_tunnel){ .c = c, .phase = WORLD_OPENING };
	return t;
}

static inline struct world_tunnel *world_open(struct world *w, struct world_side *s)
{
	struct l2tp_path to = world_path(s, s == &w->lac ? &w->lns : &w->lac);
	struct world_tunnel *t = world_tunnel_add(w, s, NULL);

	if (l2tp_tunnel_open(s->ep, &to, &s->conf, t, w->now, &t->c))
		world_fail(w, "open failed");
	return t;
}

static inline struct world_call *world_offer(struct world *w, struct world_tunnel *t, uint32_t serial)
{
	struct l2tp_call_offer offer = { .call_serial = serial, .bearer_type = 2, .calling_number = span_str("4401234"),
					 .called_number = span_str("99") };
	struct world_call *row = world_call_add(w, &w->lac, t, NULL);

	row->serial = serial;
	if (l2tp_call_offer(t->c, &offer, row, w->now, &row->call))
		world_fail(w, "offer failed");
	return row;
}

static inline void world_connect(struct world *w, struct world_call *row)
{
	static const uint8_t lcp[] = { 1, 4, 5, 0xd4, 5, 6, 1, 2, 3, 4 };
	struct l2tp_call_params p = { .tx_connect_speed = 1000000 + row->serial,
				      .framing_type = 1,
				      .last_tx_lcp = span_of(lcp, sizeof(lcp)),
				      .last_rx_lcp = span_of(lcp, sizeof(lcp)) };

	l2tp_call_connect(row->call, &p, w->now);
}

static inline void world_call_event(struct world *w, struct world_side *s, struct l2tp_event *ev)
{
	struct world_call *row = (struct world_call *)ev->call_user;

	if (ev->type == L2TP_EV_CALL_OFFERED) {
		row = world_call_add(w, s, (struct world_tunnel *)ev->tunnel_user, ev->call);
		row->serial = ev->offer.call_serial;
		l2tp_call_accept(ev->call, row, w->now);
		if (s->refuse_calls)
			l2tp_call_close(ev->call, L2TP_REASON_SESSION_CREATE_FAILED_LIMIT_REACHED,
					(struct l2tp_cause){ 4, 0, NULL }, NULL, w->now);
		return;
	}
	if (!row || row->call != ev->call) {
		world_fail(w, "%s: event %d of a call that is not known", s->name, ev->type);
		return;
	}
	if (row->phase == WORLD_DOWN)
		world_fail(w, "%s: event %d after CALL_DOWN", s->name, ev->type);
	switch (ev->type) {
	case L2TP_EV_CALL_ANSWERED:
		world_connect(w, row);
		break;
	case L2TP_EV_CALL_UP:
		if (row->phase != WORLD_OPENING)
			world_fail(w, "%s: CALL_UP twice", s->name);
		if (s == &w->lns && ev->params.tx_connect_speed != 1000000 + row->serial)
			world_fail(w, "%s: speed %u of call %u", s->name, ev->params.tx_connect_speed, row->serial);
		row->phase = WORLD_UP;
		row->was_up = true;
		break;
	case L2TP_EV_CALL_DOWN:
		row->phase = WORLD_DOWN;
		row->reason = ev->reason;
		row->call = NULL;
		row->tunnel->calls_alive--;
		if (!ev->reason)
			world_fail(w, "%s: CALL_DOWN without a reason", s->name);
		break;
	case L2TP_EV_CALL_SLI:
		s->sli++;
		break;
	case L2TP_EV_CALL_WEN:
		s->wen++;
		break;
	default:
		world_fail(w, "%s: event %d", s->name, ev->type);
	}
}

static inline void world_tunnel_event(struct world *w, struct world_side *s, struct l2tp_event *ev)
{
	struct world_tunnel *t = (struct world_tunnel *)ev->tunnel_user;

	if (ev->type == L2TP_EV_TUNNEL_OFFERED) {
		if (!span_eq(ev->peer.host_name, (s == &w->lns ? &w->lac : &w->lns)->conf.local_name))
			world_fail(w, "%s: host name", s->name);
		t = world_tunnel_add(w, s, ev->ctrl);
		l2tp_tunnel_accept(ev->ctrl, &s->conf, t, w->now);
		return;
	}
	if (!t || t->c != ev->ctrl) {
		world_fail(w, "%s: event %d of a tunnel that is not known", s->name, ev->type);
		return;
	}
	switch (ev->type) {
	case L2TP_EV_TUNNEL_UP:
		if (t->phase != WORLD_OPENING)
			world_fail(w, "%s: TUNNEL_UP in phase %d", s->name, t->phase);
		t->phase = WORLD_UP;
		t->was_up = true;
		break;
	case L2TP_EV_TUNNEL_DOWN:
		if (t->phase != WORLD_OPENING && t->phase != WORLD_UP)
			world_fail(w, "%s: TUNNEL_DOWN in phase %d", s->name, t->phase);
		if (t->calls_alive)
			world_fail(w, "%s: TUNNEL_DOWN before %u CALL_DOWN", s->name, t->calls_alive);
		if (!ev->reason)
			world_fail(w, "%s: TUNNEL_DOWN without a reason", s->name);
		t->phase = WORLD_DOWN;
		t->reason = ev->reason;
		break;
	case L2TP_EV_TUNNEL_GONE:
		if (t->phase != WORLD_DOWN)
			world_fail(w, "%s: TUNNEL_GONE in phase %d", s->name, t->phase);
		t->phase = WORLD_GONE;
		t->c = NULL;
		break;
	default:
		world_fail(w, "%s: event %d", s->name, ev->type);
	}
}

/* ---- turns ---- */

static inline void world_check(struct world *w, struct world_side *s)
{
	for (unsigned i = 0; i < WORLD_TUNNELS; i++) {
		struct l2tp_tunnel_stats st;

		if (!s->tunnel[i].c)
			continue;
		l2tp_tunnel_stats(s->tunnel[i].c, &st);
		if (st.cwnd < 1 || st.cwnd > st.tx_window || st.in_flight > st.tx_window)
			world_fail(w, "%s: cwnd %u, in flight %u, window %u", s->name, st.cwnd, st.in_flight,
				   st.tx_window);
	}
	if (l2tp_endpoint_counter(s->ep, L2TP_COUNT_INTERNAL))
		world_fail(w, "%s: internal", s->name);
}

static inline void world_pump(struct world *w, struct world_side *s, struct world_side *other)
{
	struct l2tp_event ev;
	struct l2tp_path to;
	uint8_t buf[2048];
	size_t len;

	while (l2tp_endpoint_event(s->ep, &ev, w->now)) {
		if (ev.type >= L2TP_EV_CALL_OFFERED)
			world_call_event(w, s, &ev);
		else
			world_tunnel_event(w, s, &ev);
	}
	while ((len = l2tp_endpoint_tx(s->ep, &to, buf, sizeof(buf), w->now)))
		world_send(w, other, &to, buf, len);
	world_check(w, s);
}

static inline void world_settle(struct world *w)
{
	world_pump(w, &w->lac, &w->lns);
	world_pump(w, &w->lns, &w->lac);
}

static inline void world_deliver(struct world *w, struct world_datagram *d)
{
	struct l2tp_path p = { .local = d->path.peer, .peer = d->path.local, .local_port = d->path.peer_port,
			       .peer_port = d->path.local_port };

	l2tp_endpoint_rx(d->to->ep, &p, d->octets, d->len, w->now);
	free(d);
}

/* The next instant at which something happens, not after `until`. Return: false when nothing does before. */
static inline bool world_turn(struct world *w, mono_t until)
{
	mono_t next;

	world_settle(w);
	next = mono_min(l2tp_endpoint_deadline(w->lac.ep), l2tp_endpoint_deadline(w->lns.ep));
	if (w->on_wire)
		next = mono_min(next, w->wire[0]->due);
	if (mono_before(until, next)) {
		w->now = until;
		return false;
	}
	if (mono_before(w->now, next))
		w->now = next;
	while (w->on_wire && mono_due(w->wire[0]->due, w->now))
		world_deliver(w, wire_pop(w));
	l2tp_endpoint_expire(w->lac.ep, w->now);
	l2tp_endpoint_expire(w->lns.ep, w->now);
	return true;
}

static inline void world_run_ms(struct world *w, int64_t ms)
{
	mono_t until = mono_add_ms(w->now, ms);

	while (!w->failure[0] && world_turn(w, until))
		;
	world_settle(w);
}

#endif
