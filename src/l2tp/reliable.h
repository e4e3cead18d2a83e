/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reliable delivery of control messages: RFC 2661 §5.8 and, for the congestion window, appendix A. One struct a control
 * connection, embedded in it. It stores encoded messages, and knows of them only Ns, Nr and the ids in the header.
 *
 *	sent, not acknowledged			not sent yet
 *	[una] ... [resend] ... [ns - 1]		[urgent] ... [bulk] ...
 *
 * A message gets its Ns when it is first sent, so Hello and StopCCN may go before bulk. After a time-out everything in
 * flight is repeated from the oldest on, as the congestion window opens (`resend`); an acknowledgement that covers
 * messages the peer had kept early skips them.
 */
#ifndef ADIT_L2TP_RELIABLE_H
#define ADIT_L2TP_RELIABLE_H

#include "base/mono.h"
#include "base/span.h"
#include "l2tp/seq.h"

enum {
	L2TP_RETRY_FIRST_S = 1,		/* §5.8: recommended */
	L2TP_RETRY_CAP_S = 16,		/* §5.8: no less than 8 */
	L2TP_EARLY_OCTETS = 32768,	/* early messages of one tunnel; more are left to the peer's repetition */
};

/* A message on its way out, or one that came early. */
struct l2tp_stored {
	struct l2tp_stored *next;
	uint16_t ns, session_id, len;
	uint8_t octets[];
};

/** l2tp_stored_new - a copy of a message; NULL when out of memory. Freed with free(). */
struct l2tp_stored *l2tp_stored_new(struct span msg);

struct l2tp_fifo {
	struct l2tp_stored *head, **end;
};

struct l2tp_reliable {
	struct l2tp_fifo flight;	/* sent: Ns una to ns - 1 */
	struct l2tp_stored *resend;	/* the next of them to repeat; NULL: none */
	struct l2tp_fifo urgent, bulk;	/* not sent yet */
	struct l2tp_stored *early;	/* received, by Ns, all after nr */
	mono_t retry_due;
	uint32_t early_octets;
	unsigned unsent;		/* messages in urgent and bulk */
	uint16_t ns;			/* of the next message that is sent first */
	uint16_t una;			/* oldest not acknowledged: the last Nr of the peer */
	uint16_t nr;			/* expected next */
	uint16_t rx_window, tx_window;
	uint16_t cwnd, ssthresh, cwnd_acks;
	uint8_t tries, retries; /* time-outs of the oldest so far; and how many are repeated before it is dead */
	bool ack_due;
	uint32_t retransmissions;
};

/** l2tp_reliable_init - Ns and Nr 0, peer's window at its default (4), cwnd 1. */
void l2tp_reliable_init(struct l2tp_reliable *r, uint16_t rx_window, uint8_t retries);
void l2tp_reliable_fini(struct l2tp_reliable *r);

/** l2tp_reliable_peer_window - the peer's Receive Window Size, once known; 0 is taken as 1. §4.4.3 */
void l2tp_reliable_peer_window(struct l2tp_reliable *r, uint16_t window);

/**
 * l2tp_reliable_send - queues one encoded message; it is copied
 * @session_id: of the header, which is written again at each transmission
 * @urgent:     before what is queued and not sent yet
 * Return: 0 or -ENOMEM.
 */
int l2tp_reliable_send(struct l2tp_reliable *r, struct span msg, uint16_t session_id, bool urgent);

enum l2tp_rx_verdict {
	L2TP_RX_DELIVER,	/* in order: process it, then what l2tp_reliable_next_early() gives */
	L2TP_RX_ZLB,		/* acknowledgement only */
	L2TP_RX_DUPLICATE,	/* dropped, will be acknowledged */
	L2TP_RX_EARLY,		/* kept */
	L2TP_RX_EARLY_DROPPED,	/* in the window, but known already, or no room */
	L2TP_RX_OUT_OF_WINDOW,	/* dropped */
	L2TP_RX_BAD_NR,		/* dropped: it acknowledges what was never sent */
};

/** l2tp_reliable_rx - judges one message by its Ns and Nr; frees what Nr acknowledges. */
enum l2tp_rx_verdict l2tp_reliable_rx(struct l2tp_reliable *r, uint16_t ns, uint16_t nr, bool zlb, struct span msg,
				      mono_t now);

/** l2tp_reliable_ack - the Nr of a message alone. Return: false for one that acknowledges what was never sent. */
bool l2tp_reliable_ack(struct l2tp_reliable *r, uint16_t nr, mono_t now);

/** l2tp_reliable_next_early - a kept message whose turn has come, or NULL. The caller frees it with free(). */
struct l2tp_stored *l2tp_reliable_next_early(struct l2tp_reliable *r);

/**
 * l2tp_reliable_tx - the next message to send: a repetition, one that the window lets out, or a ZLB if one is due
 * @room:      octets that may be sent now (SIZE_MAX: no limit); what is longer waits, and no ZLB goes in its place
 * @tunnel_id: the peer's, for the header
 * Return: its length, 0 when there is none.
 */
size_t l2tp_reliable_tx(struct l2tp_reliable *r, uint16_t tunnel_id, uint8_t *buf, size_t cap, size_t room, mono_t now);

/** l2tp_reliable_expire - the retry timer. Return: false when the peer is dead: the last retry has gone unanswered. */
bool l2tp_reliable_expire(struct l2tp_reliable *r, mono_t now);

/** l2tp_reliable_drop_unsent - forgets what has no Ns yet. */
void l2tp_reliable_drop_unsent(struct l2tp_reliable *r);

/** l2tp_reliable_drop_all - stops sending anything but acknowledgements. */
void l2tp_reliable_drop_all(struct l2tp_reliable *r);

static inline unsigned l2tp_reliable_in_flight(const struct l2tp_reliable *r)
{
	return (uint16_t)(r->ns - r->una);
}

/** l2tp_reliable_busy - whether any message of ours waits to be sent or acknowledged. */
static inline bool l2tp_reliable_busy(const struct l2tp_reliable *r)
{
	return r->unsent || r->flight.head;
}

#endif
