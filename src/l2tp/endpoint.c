/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The node's endpoint: which tunnel a datagram is for, repeats of SCCRQ, tie breakers, half-open limits, and the ready
 * queue. Source: RFC 2661 §3.1, §4.4.3 (Tie Breaker), §8.1; design.md §8 for the limits.
 */
#include "l2tp/call_in.h"

#include <stdlib.h>

/* ---- the node ---- */

struct l2tp_endpoint *l2tp_endpoint_new(const struct l2tp_endpoint_conf *conf, const uint8_t seed[32], mono_t now)
{
	struct l2tp_endpoint *ep = calloc(1, sizeof(*ep));

	if (!ep)
		return NULL;
	ep->ids = idpool_new(L2TP_ID_QUARANTINE);
	if (!ep->ids) {
		free(ep);
		return NULL;
	}
	rng_init(&ep->rng, seed);
	ep->hash_seed = rng_u64(&ep->rng);
	l2tp_endpoint_conf_set(ep, conf);
	hmap_init(&ep->by_peer);
	hmap_init(&ep->opening);
	hmap_init(&ep->sources);
	hmap_init(&ep->ends);
	hmap_init(&ep->calls);
	hmap_init(&ep->calls_by_peer);
	wheel_init(&ep->tunnel_timers, now);
	wheel_init(&ep->call_timers, now);
	list_init(&ep->all);
	list_init(&ep->txq);
	list_init(&ep->evq);
	return ep;
}

void l2tp_endpoint_conf_set(struct l2tp_endpoint *ep, const struct l2tp_endpoint_conf *conf)
{
	ep->conf = *conf;
}

static void free_tunnel(struct l2tp_ctrl *c)
{
	list_for_safe(l, &c->calls)
		free(container_of(l, struct l2tp_call, link));
	l2tp_ends_del(c);
	l2tp_ctrl_free(c);
}

static void free_sources(struct l2tp_endpoint *ep)
{
	struct hmap_node *n = NULL, *next;
	size_t pos = 0;

	for (n = hmap_walk(&ep->sources, &pos, NULL); n; n = next) {
		next = hmap_walk(&ep->sources, &pos, n);
		free(container_of(n, struct l2tp_source, node));
	}
}

void l2tp_endpoint_free(struct l2tp_endpoint *ep)
{
	struct l2tp_stored *s;

	if (!ep)
		return;
	list_for_safe(l, &ep->all)
		free_tunnel(container_of(l, struct l2tp_ctrl, all_link));
	free_sources(ep);
	while ((s = ep->dead_msgs)) {
		ep->dead_msgs = s->next;
		free(s);
	}
	free(ep->dead_call);
	l2tp_ctrl_free(ep->dead_ctrl);
	hmap_fini(&ep->by_peer);
	hmap_fini(&ep->opening);
	hmap_fini(&ep->sources);
	hmap_fini(&ep->ends);
	hmap_fini(&ep->calls);
	hmap_fini(&ep->calls_by_peer);
	idpool_free(ep->ids);
	explicit_bzero(&ep->rng, sizeof(ep->rng));
	explicit_bzero(ep->scratch, sizeof(ep->scratch));
	explicit_bzero(ep->scratch_offer, sizeof(ep->scratch_offer));
	free(ep);
}

bool l2tp_may_log(struct l2tp_endpoint *ep, enum log_level level)
{
	int64_t second = ep->now.ns / 1000000000;

	if (!log_wanted(level))
		return false;
	if (second != ep->log_second)
		ep->logged = 0;
	ep->log_second = second;
	if (ep->logged++ < L2TP_LOG_RATE)
		return true;
	l2tp_count(ep, L2TP_COUNT_LOG_SUPPRESSED);
	return false;
}

static void note_refused(struct l2tp_endpoint *ep, const struct l2tp_path *from, enum l2tp_reason reason)
{
	struct log l;

	l2tp_count(ep, L2TP_COUNT_TUNNEL_REFUSED);
	l2tp_count_refused(ep, reason);
	if (!l2tp_may_log(ep, LOG_NOTICE))
		return;
	log_begin(&l, LOG_NOTICE, "l2tp", "tunnel refused");
	log_addr_port(&l, "peer", &from->peer, from->peer_port);
	log_text(&l, "reason", l2tp_reason_name(reason));
	log_end(&l);
}

/* ---- answers without a tunnel ---- */

/* A StopCCN that fits into the reflection limit, without its text if need be; the peer's repetition brings another. */
static void stateless_stop(struct l2tp_endpoint *ep, const struct l2tp_path *to, uint16_t peer_id, size_t heard,
			   struct l2tp_cause cause)
{
	struct l2tp_stateless *s = &ep->stateless[(ep->stateless_head + ep->stateless_count) % L2TP_STATELESS];
	uint16_t local_id = (uint16_t)(rng_below(&ep->rng, 65535) + 1);	/* RFC wants one; it is nobody's */
	size_t len = 0;

	if (ep->stateless_count == L2TP_STATELESS) {
		l2tp_count(ep, L2TP_COUNT_TX_STATELESS_FULL);
		return;
	}
	for (int i = 0; i < 2 && (!len || len > heard * L2TP_REFLECTION); i++) {
		struct wr w = wr_of(s->octets, sizeof(s->octets));

		if (i)
			cause.text = NULL;
		len = l2tp_put_stopccn(&w, peer_id, local_id, &cause);
	}
	if (!len || len > heard * L2TP_REFLECTION)
		return;
	s->to = *to;
	s->len = (uint16_t)len;
	ep->stateless_count++;
}

static size_t stateless_tx(struct l2tp_endpoint *ep, struct l2tp_path *to, uint8_t *buf)
{
	const struct l2tp_stateless *s = &ep->stateless[ep->stateless_head];

	if (!ep->stateless_count)
		return 0;
	ep->stateless_head = (ep->stateless_head + 1) % L2TP_STATELESS;
	ep->stateless_count--;
	*to = s->to;
	memcpy(buf, s->octets, s->len);
	return s->len;
}

/* ---- SCCRQ ---- */

/*
 * Whether this SCCRQ is a repeat of the one that made the tunnel. While that waits, any with the same id is (if the id
 * can be read: it may be hidden, §4.4.3). Later only the same octets are: a peer that has restarted may use the same id
 * again; and not even those once the peer knows that the tunnel has ended, or its repeats have had their time.
 */
static bool is_repeat(const struct l2tp_ctrl *c, uint64_t hash)
{
	switch (c->state) {
	case L2TP_CTRL_IDLE:
	case L2TP_CTRL_WAIT_CTL_CONN:
		return c->listed_id || c->sccrq_hash == hash;
	case L2TP_CTRL_CLOSING:
		return c->sccrq_hash == hash && !c->stop_received && l2tp_reliable_busy(&c->rel);
	default:
		return c->sccrq_hash == hash && mono_before(c->ep->now, c->repeats_until);
	}
}

static struct l2tp_ctrl *find_repeat(struct l2tp_endpoint *ep, const struct l2tp_path *from, uint16_t peer_id,
				     uint64_t hash)
{
	struct l2tp_ctrl *c = NULL;

	while ((c = l2tp_tunnel_by_peer(ep, from, peer_id, c))) {
		if (!c->initiator && c->state != L2TP_CTRL_GONE && is_repeat(c, hash))
			return c;
	}
	return NULL;
}

static void lose(struct l2tp_ctrl *c, mono_t now)
{
	l2tp_tunnel_unlist(c);
	l2tp_ctrl_step(c, L2TP_CTRL_RX_SCCRQ_LOSE, &(struct l2tp_ctrl_in){
		.why = { .reason = L2TP_REASON_TUNNEL_TIE_BREAKER_LOST }, .now = now });
}

static uint64_t tie_value(const struct l2tp_ctrl *c)
{
	struct rd r = rd_span(c->conf.tie_breaker);

	return rd_be64(&r);
}

/*
 * §4.4.3 Tie Breaker: both ends have sent an SCCRQ. The lower value wins, one that is there wins over none, equal ones
 * both lose; without any there will be two tunnels.
 *
 * Return: whether the peer's SCCRQ goes on.
 */
static bool tie_break(struct l2tp_endpoint *ep, const struct l2tp_path *from, const struct l2tp_msg *m, mono_t now)
{
	bool theirs = l2tp_msg_has(m, L2TP_AVP_TIE_BREAKER);
	struct l2tp_ctrl *c;

	while ((c = l2tp_tunnel_opening(ep, from))) {
		bool ours = c->conf.tie_breaker.len == 8;

		if (!ours && !theirs)
			return true;
		if (ours && (!theirs || tie_value(c) < m->tie_breaker)) {
			l2tp_count(ep, L2TP_COUNT_TIE_BREAKER_WON);
			return false;
		}
		lose(c, now);
		if (ours && theirs && tie_value(c) == m->tie_breaker) {
			l2tp_count(ep, L2TP_COUNT_TIE_BREAKER_EQUAL);
			return false;
		}
		l2tp_count(ep, L2TP_COUNT_TIE_BREAKER_LOST);
	}
	return true;
}

/* design.md §8: half-open tunnels are limited; beyond, an SCCRQ is dropped and the peer repeats it. */
static bool may_begin(struct l2tp_endpoint *ep, const struct l2tp_path *from, const struct l2tp_msg *m, size_t len)
{
	if (ep->half_open >= ep->conf.half_open) {
		l2tp_count(ep, L2TP_COUNT_SCCRQ_HALF_OPEN_NODE);
		return false;
	}
	if (l2tp_half_open_of(ep, from) >= ep->conf.half_open_per_source) {
		l2tp_count(ep, L2TP_COUNT_SCCRQ_HALF_OPEN_SOURCE);
		return false;
	}
	if (ep->tunnels >= ep->conf.max_tunnels) {
		l2tp_count(ep, L2TP_COUNT_SCCRQ_MAX_TUNNELS);
		note_refused(ep, from, L2TP_REASON_TUNNEL_RX_SCCRQ_NO_RESOURCES_MAX_TUNNELS);
		stateless_stop(ep, from, m->assigned_tunnel_id, len, (struct l2tp_cause){ 2, 4, "no more tunnels" });
		return false;
	}
	return true;
}

/* To tunnel id 0 speaks one who has heard nothing of us: an Nr that he has guessed acknowledges and proves nothing. */
static void rx_first(struct l2tp_ctrl *c, const struct l2tp_hdr *h, struct span datagram, mono_t now)
{
	struct l2tp_hdr unheard = *h;

	unheard.nr = 0;
	l2tp_ctrl_rx(c, &unheard, datagram, now);
}

static struct l2tp_ctrl *responder_new(struct l2tp_endpoint *ep, const struct l2tp_path *from, uint16_t peer_id,
				       mono_t now)
{
	struct l2tp_ctrl *c = l2tp_ctrl_new(ep, from, false, now);

	if (!c)
		return NULL;
	c->peer_id = peer_id;
	c->null_id = true;
	c->half_open = !l2tp_half_open_add(ep, from);
	if (!c->half_open || l2tp_tunnel_add_by_peer(c) || l2tp_ends_add(c)) {
		l2tp_ctrl_retire(c);
		l2tp_ctrl_free(c);
		return NULL;
	}
	c->due[L2TP_TIMER_SETUP] = mono_add_s(now, L2TP_SETUP_S);
	return c;
}

/* Without an Assigned Tunnel ID there is nobody to keep a tunnel with; §5.3: the answer goes to tunnel id 0. */
static void sccrq_without_id(struct l2tp_endpoint *ep, const struct l2tp_path *from, const struct l2tp_msg *m,
			     size_t len)
{
	struct l2tp_fault f = { .kind = l2tp_msg_has(m, L2TP_AVP_ASSIGNED_TUNNEL_ID) ? L2TP_FAULT_BAD_VALUE
										     : L2TP_FAULT_MISSING,
				.type = L2TP_AVP_ASSIGNED_TUNNEL_ID };
	struct l2tp_why why = l2tp_why_fault(ep, L2TP_MSG_SCCRQ, &f);

	l2tp_count(ep, L2TP_COUNT_RX_SCCRQ_UNANSWERABLE);
	note_refused(ep, from, why.reason);
	stateless_stop(ep, from, 0, len, why.cause);
}

/* Then it is known, and so is how to answer, when the owner has said which secret it is. */
static bool hidden_id(const struct l2tp_msg *m)
{
	return m->hidden_skipped && !l2tp_msg_has(m, L2TP_AVP_ASSIGNED_TUNNEL_ID);
}

static void rx_sccrq(struct l2tp_endpoint *ep, const struct l2tp_path *from, const struct l2tp_hdr *h,
		     const struct l2tp_msg *m, struct span datagram, mono_t now)
{
	uint64_t hash = hash_bytes(h->payload.p, h->payload.len, ep->hash_seed);
	struct l2tp_ctrl *c;

	if (h->ns != 0) {
		l2tp_count(ep, L2TP_COUNT_RX_SCCRQ_INVALID_NS);
		return;
	}
	if (!m->assigned_tunnel_id && !hidden_id(m)) {
		sccrq_without_id(ep, from, m, datagram.len);
		return;
	}
	c = find_repeat(ep, from, m->assigned_tunnel_id, hash);
	if (c) {
		l2tp_count(ep, L2TP_COUNT_SCCRQ_REPEAT);
		rx_first(c, h, datagram, now);
		return;
	}
	if (!tie_break(ep, from, m, now) || !may_begin(ep, from, m, datagram.len))
		return;
	c = responder_new(ep, from, m->assigned_tunnel_id, now);
	if (!c) {
		l2tp_count(ep, L2TP_COUNT_SCCRQ_NO_MEMORY);
		return;
	}
	c->sccrq_hash = hash;
	c->repeats_until = mono_add_s(now, L2TP_SETUP_S);
	rx_first(c, h, datagram, now);
}

/* Tunnel id 0: an SCCRQ, the StopCCN of an initiator that does not know our id yet (§5.3), or what is tolerated. */
static void rx_null_tunnel(struct l2tp_endpoint *ep, const struct l2tp_path *from, const struct l2tp_hdr *h,
			   struct span datagram, mono_t now)
{
	static const struct l2tp_msg_opt first_look = { .leave_hidden = true };
	uint8_t buf[L2TP_SCRATCH_LEN];
	struct wr scratch = wr_of(buf, sizeof(buf));
	struct l2tp_ctrl *c = NULL;
	struct l2tp_msg m;
	struct l2tp_fault f;

	l2tp_msg_decode(h, &first_look, &scratch, &m, &f);
	if (m.type == L2TP_MSG_SCCRQ) {
		rx_sccrq(ep, from, h, &m, datagram, now);
		return;
	}
	if (m.type == L2TP_MSG_STOPCCN && m.assigned_tunnel_id)
		c = l2tp_tunnel_by_peer(ep, from, m.assigned_tunnel_id, NULL);
	if (c && !c->initiator && c->state != L2TP_CTRL_GONE) {
		rx_first(c, h, datagram, now);
		return;
	}
	c = l2tp_null_id_tunnel(ep, from);
	l2tp_count(ep, c ? L2TP_COUNT_RX_NULL_TUNNEL_TOLERATED : L2TP_COUNT_RX_NULL_TUNNEL);
	if (c)
		l2tp_ctrl_rx(c, h, datagram, now);
}

/* ---- messages for a tunnel ---- */

static bool is_sccrp(const struct l2tp_hdr *h)
{
	static const struct l2tp_msg_opt first_look = { .leave_hidden = true };
	uint8_t buf[L2TP_SCRATCH_LEN];
	struct wr scratch = wr_of(buf, sizeof(buf));
	struct l2tp_msg m;
	struct l2tp_fault f;

	l2tp_msg_decode(h, &first_look, &scratch, &m, &f);
	return m.type == L2TP_MSG_SCCRP;
}

/* §8.1: an SCCRP may come from another port, or address; once (JunosE spec 2.9). */
static bool may_move(const struct l2tp_ctrl *c, const struct l2tp_hdr *h)
{
	return c->state == L2TP_CTRL_WAIT_CTL_REPLY && c->rel.nr == 0 && h->ns == 0 && is_sccrp(h);
}

/* Where it came from: the address and port that the tunnel has been locked to. */
static bool source_check(struct l2tp_ctrl *c, const struct l2tp_path *from, const struct l2tp_hdr *h)
{
	bool local = from->vr == c->path.vr &&
		     (ip_addr_is_any(&c->path.local) || ip_addr_eq(&from->local, &c->path.local));
	bool addr = ip_addr_eq(&from->peer, &c->rx_addr), port = from->peer_port == c->rx_port;

	if (!local) {
		l2tp_count(c->ep, L2TP_COUNT_RX_LOCAL_CHANGED);
		return false;
	}
	if ((addr && port) || may_move(c, h)) {
		if (c->state == L2TP_CTRL_WAIT_CTL_REPLY)
			c->answer_path = *from;
		return true;
	}
	l2tp_count(c->ep, addr ? L2TP_COUNT_RX_PORT_CHANGED : L2TP_COUNT_RX_ADDRESS_CHANGED);
	return false;
}

void l2tp_endpoint_rx(struct l2tp_endpoint *ep, const struct l2tp_path *from, const uint8_t *msg, size_t len,
		      mono_t now)
{
	struct l2tp_hdr h;
	enum l2tp_hdr_verdict v;
	struct l2tp_ctrl *c;

	ep->now = now;
	if (len < 2 || !(msg[0] & L2TP_HDR_T >> 8)) {
		l2tp_count(ep, L2TP_COUNT_RX_NOT_CONTROL);
		return;
	}
	v = l2tp_hdr_decode(span_of(msg, len), &h);
	if (v != L2TP_HDR_OK) {
		l2tp_count(ep, L2TP_COUNT_HDR + v);
		return;
	}
	if (!h.tunnel_id) {
		rx_null_tunnel(ep, from, &h, span_of(msg, h.length), now);
		return;
	}
	c = ep->tunnel[h.tunnel_id];
	if (!c || c->state == L2TP_CTRL_GONE)
		l2tp_count(ep, L2TP_COUNT_RX_UNKNOWN_TUNNEL);
	else if (source_check(c, from, &h))
		l2tp_ctrl_rx(c, &h, span_of(msg, h.length), now);
	else
		c->rx_errors++;
}

/* ---- time and output ---- */

void l2tp_endpoint_expire(struct l2tp_endpoint *ep, mono_t now)
{
	struct wheel_node *n;

	ep->now = now;
	while ((n = wheel_expire(&ep->tunnel_timers, now)))
		l2tp_ctrl_expire(container_of(n, struct l2tp_ctrl, timer), now);
	while ((n = wheel_expire(&ep->call_timers, now)))
		l2tp_call_expire(container_of(n, struct l2tp_call, timer), now);
}

mono_t l2tp_endpoint_deadline(const struct l2tp_endpoint *ep)
{
	if (!list_empty(&ep->evq))
		return MONO_ZERO;	/* events wait: at once */
	return mono_min(wheel_deadline(&ep->tunnel_timers), wheel_deadline(&ep->call_timers));
}

size_t l2tp_endpoint_tx(struct l2tp_endpoint *ep, struct l2tp_path *to, uint8_t *buf, size_t cap, mono_t now)
{
	size_t len = stateless_tx(ep, to, buf);
	struct list *l;

	while (!len && (l = list_pop(&ep->txq))) {
		struct l2tp_ctrl *c = container_of(l, struct l2tp_ctrl, tx_link);

		len = l2tp_ctrl_tx(c, to, buf, cap, now);
		if (len)
			l2tp_ctrl_wake(c);
	}
	return len;
}

struct l2tp_ctrl *l2tp_endpoint_tunnel(const struct l2tp_endpoint *ep, uint16_t local_tunnel_id)
{
	return ep->tunnel[local_tunnel_id];
}
