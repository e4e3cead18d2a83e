/* SPDX-License-Identifier: BSD-2-Clause */
/* Reliable delivery of control messages, see reliable.h. Source: RFC 2661 §5.8, appendix A. */
#include "l2tp/reliable.h"

#include <errno.h>
#include <stdlib.h>

#include "wire/l2tp_hdr.h"
#include "wire/l2tp_msg.h"

static void fifo_init(struct l2tp_fifo *f)
{
	f->head = NULL;
	f->end = &f->head;
}

static void fifo_push(struct l2tp_fifo *f, struct l2tp_stored *s)
{
	s->next = NULL;
	*f->end = s;
	f->end = &s->next;
}

static struct l2tp_stored *fifo_pop(struct l2tp_fifo *f)
{
	struct l2tp_stored *s = f->head;

	if (!s)
		return NULL;
	f->head = s->next;
	if (!f->head)
		f->end = &f->head;
	return s;
}

static void fifo_clear(struct l2tp_fifo *f)
{
	for (struct l2tp_stored *s; (s = fifo_pop(f));)
		free(s);
}

struct l2tp_stored *l2tp_stored_new(struct span msg)
{
	struct l2tp_stored *s = malloc(sizeof(*s) + msg.len);

	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->len = (uint16_t)msg.len;
	memcpy(s->octets, msg.p, msg.len);
	return s;
}

void l2tp_reliable_init(struct l2tp_reliable *r, uint16_t rx_window, uint8_t retries)
{
	memset(r, 0, sizeof(*r));
	fifo_init(&r->flight);
	fifo_init(&r->urgent);
	fifo_init(&r->bulk);
	r->retry_due = MONO_NEVER;
	r->rx_window = rx_window;
	r->retries = retries;
	r->tx_window = r->ssthresh = L2TP_DEFAULT_WINDOW;
	r->cwnd = 1;
}

void l2tp_reliable_fini(struct l2tp_reliable *r)
{
	l2tp_reliable_drop_all(r);
	for (struct l2tp_stored *s; (s = r->early);) {
		r->early = s->next;
		free(s);
	}
}

static uint16_t min_u16(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

void l2tp_reliable_peer_window(struct l2tp_reliable *r, uint16_t window)
{
	bool untouched = r->ssthresh == r->tx_window;

	r->tx_window = window ? window : 1;
	/* Appendix A: SSTHRESH begins at the advertised window, CWND never exceeds it. */
	r->ssthresh = untouched ? r->tx_window : min_u16(r->ssthresh, r->tx_window);
	r->cwnd = min_u16(r->cwnd, r->tx_window);
}

int l2tp_reliable_send(struct l2tp_reliable *r, struct span msg, uint16_t session_id, bool urgent)
{
	struct l2tp_stored *s = l2tp_stored_new(msg);

	if (!s)
		return -ENOMEM;
	s->session_id = session_id;
	fifo_push(urgent ? &r->urgent : &r->bulk, s);
	r->unsent++;
	return 0;
}

/* ---- what the peer acknowledges ---- */

/* Appendix A: in slow start one more for each acknowledgement, afterwards one more for CWND of them. */
static void window_open(struct l2tp_reliable *r)
{
	if (r->cwnd < r->ssthresh) {
		r->cwnd++;
	} else if (++r->cwnd_acks >= r->cwnd) {
		r->cwnd++;
		r->cwnd_acks = 0;
	}
	r->cwnd = min_u16(r->cwnd, r->tx_window);
}

/* Appendix A: on a retransmission half of CWND becomes SSTHRESH, and slow start begins again. */
static void window_close(struct l2tp_reliable *r)
{
	r->ssthresh = r->cwnd > 1 ? r->cwnd / 2 : 1;
	r->cwnd = 1;
	r->cwnd_acks = 0;
}

static void free_acked(struct l2tp_reliable *r, uint16_t nr)
{
	while (r->flight.head && seq_before(r->flight.head->ns, nr)) {
		struct l2tp_stored *s = fifo_pop(&r->flight);

		if (r->resend == s)
			r->resend = s->next;
		free(s);
	}
}

bool l2tp_reliable_ack(struct l2tp_reliable *r, uint16_t nr, mono_t now)
{
	uint16_t gain = (uint16_t)(nr - r->una);

	if (gain == 0)
		return true;
	if (gain > l2tp_reliable_in_flight(r))
		return seq_before(nr, r->una);	/* an old message, or nonsense */
	r->una = nr;
	free_acked(r, nr);
	window_open(r);
	r->tries = 0;
	r->retry_due = r->flight.head ? mono_add_s(now, L2TP_RETRY_FIRST_S) : MONO_NEVER;
	return true;
}

/* ---- what the peer sends ---- */

static enum l2tp_rx_verdict keep_early(struct l2tp_reliable *r, uint16_t ns, struct span msg)
{
	struct l2tp_stored **at = &r->early, *s;

	while (*at && seq_before((*at)->ns, ns))
		at = &(*at)->next;
	if ((*at && (*at)->ns == ns) || msg.len > L2TP_EARLY_OCTETS - r->early_octets)
		return L2TP_RX_EARLY_DROPPED;
	s = l2tp_stored_new(msg);
	if (!s)
		return L2TP_RX_EARLY_DROPPED;
	s->ns = ns;
	s->next = *at;
	*at = s;
	r->early_octets += s->len;
	return L2TP_RX_EARLY;
}

enum l2tp_rx_verdict l2tp_reliable_rx(struct l2tp_reliable *r, uint16_t ns, uint16_t nr, bool zlb, struct span msg,
				      mono_t now)
{
	if (!l2tp_reliable_ack(r, nr, now))
		return L2TP_RX_BAD_NR;
	if (zlb)
		return L2TP_RX_ZLB;
	if (ns == r->nr) {
		r->nr++;
		r->ack_due = true;
		return L2TP_RX_DELIVER;
	}
	if (seq_before(ns, r->nr)) {
		r->ack_due = true;	/* §5.8: duplicates MUST be acknowledged, the ZLB may have been lost */
		return L2TP_RX_DUPLICATE;
	}
	if ((uint16_t)(ns - r->nr) >= r->rx_window)
		return L2TP_RX_OUT_OF_WINDOW;
	return keep_early(r, ns, msg);
}

struct l2tp_stored *l2tp_reliable_next_early(struct l2tp_reliable *r)
{
	struct l2tp_stored *s = r->early;

	/* one that the peer sent again may have been delivered meanwhile */
	while (s && seq_before(s->ns, r->nr)) {
		r->early = s->next;
		r->early_octets -= s->len;
		free(s);
		s = r->early;
	}
	if (!s || s->ns != r->nr)
		return NULL;
	r->early = s->next;
	r->early_octets -= s->len;
	s->next = NULL;
	r->nr++;
	r->ack_due = true;
	return s;
}

/* ---- what we send ---- */

/* The message to repeat now, if the congestion window has room for it. */
static struct l2tp_stored *next_repeat(const struct l2tp_reliable *r)
{
	if (!r->resend || (uint16_t)(r->resend->ns - r->una) >= r->cwnd)
		return NULL;
	return r->resend;
}

/* The queue whose first message may get its Ns now. */
static struct l2tp_fifo *next_new(struct l2tp_reliable *r)
{
	if (r->resend || l2tp_reliable_in_flight(r) >= min_u16(r->cwnd, r->tx_window))
		return NULL;
	if (r->urgent.head)
		return &r->urgent;
	return r->bulk.head ? &r->bulk : NULL;
}

static void retry_arm(struct l2tp_reliable *r, mono_t now)
{
	unsigned s = r->tries < 5 ? L2TP_RETRY_FIRST_S << r->tries : L2TP_RETRY_CAP_S;

	r->retry_due = mono_add_s(now, s < L2TP_RETRY_CAP_S ? s : L2TP_RETRY_CAP_S);
}

static size_t put_stored(struct l2tp_reliable *r, const struct l2tp_stored *s, uint16_t tunnel_id, uint8_t *buf)
{
	memcpy(buf, s->octets, s->len);
	l2tp_hdr_set_ids(buf, s->len, tunnel_id, s->session_id);
	l2tp_hdr_set_ns(buf, s->len, s->ns);
	l2tp_hdr_set_nr(buf, s->len, r->nr);
	r->ack_due = false;
	return s->len;
}

static size_t tx_repeat(struct l2tp_reliable *r, struct l2tp_stored *s, uint16_t tunnel_id, uint8_t *buf)
{
	r->resend = s->next;
	r->retransmissions++;
	return put_stored(r, s, tunnel_id, buf);
}

static size_t tx_new(struct l2tp_reliable *r, struct l2tp_fifo *f, uint16_t tunnel_id, uint8_t *buf, mono_t now)
{
	struct l2tp_stored *s = fifo_pop(f);

	s->ns = r->ns++;
	fifo_push(&r->flight, s);
	r->unsent--;
	if (mono_is_never(r->retry_due))
		retry_arm(r, now);
	return put_stored(r, s, tunnel_id, buf);
}

static size_t tx_zlb(struct l2tp_reliable *r, uint16_t tunnel_id, uint8_t *buf, size_t cap)
{
	struct wr w = wr_of(buf, cap);

	r->ack_due = false;
	l2tp_hdr_put_zlb(&w, tunnel_id, r->ns, r->nr);	/* §5.8: a ZLB does not consume an Ns */
	return wr_done(&w);
}

size_t l2tp_reliable_tx(struct l2tp_reliable *r, uint16_t tunnel_id, uint8_t *buf, size_t cap, size_t room, mono_t now)
{
	struct l2tp_stored *s = next_repeat(r);
	struct l2tp_fifo *f = next_new(r);

	if (room > cap)
		room = cap;
	if (s && s->len <= room)
		return tx_repeat(r, s, tunnel_id, buf);
	if (f && f->head->len <= room)
		return tx_new(r, f, tunnel_id, buf, now);
	/* not instead of a message that waits for room: the peer's repetition, which a ZLB would end, makes it */
	if (r->ack_due && !s && !f && room >= L2TP_HDR_CONTROL_LEN)
		return tx_zlb(r, tunnel_id, buf, cap);
	return 0;
}

bool l2tp_reliable_expire(struct l2tp_reliable *r, mono_t now)
{
	if (!mono_due(r->retry_due, now))
		return true;
	if (r->tries >= r->retries) {
		r->retry_due = MONO_NEVER;
		return false;
	}
	r->tries++;
	window_close(r);
	r->resend = r->flight.head;
	retry_arm(r, now);
	return true;
}

void l2tp_reliable_drop_unsent(struct l2tp_reliable *r)
{
	fifo_clear(&r->urgent);
	fifo_clear(&r->bulk);
	r->unsent = 0;
}

void l2tp_reliable_drop_all(struct l2tp_reliable *r)
{
	l2tp_reliable_drop_unsent(r);
	fifo_clear(&r->flight);
	r->resend = NULL;
	r->retry_due = MONO_NEVER;
}
