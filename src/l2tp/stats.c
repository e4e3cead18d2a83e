/* SPDX-License-Identifier: BSD-2-Clause */
/* What displays show of tunnels, calls and messages. */
#include "l2tp/call_in.h"

void l2tp_tunnel_stats(const struct l2tp_ctrl *c, struct l2tp_tunnel_stats *st)
{
	*st = (struct l2tp_tunnel_stats){
		.state = l2tp_ctrl_state_name(c->state),
		.local_initiated = c->initiator,
		.established = c->state == L2TP_CTRL_ESTABLISHED,
		.ns = c->rel.ns, .nr = c->rel.nr, .peer_nr = c->rel.una,
		.rx_window = c->rel.rx_window, .tx_window = c->rel.tx_window, .cwnd = c->rel.cwnd,
		.queued = c->rel.unsent,
		.in_flight = c->rel.flight.head ? l2tp_reliable_in_flight(&c->rel) : 0,
		.rx_packets = c->rx_packets, .tx_packets = c->tx_packets,
		.rx_octets = c->rx_octets, .tx_octets = c->tx_octets, .rx_errors = c->rx_errors,
		.rx_zlb = c->rx_zlb, .tx_zlb = c->tx_zlb, .rx_duplicates = c->rx_duplicates,
		.rx_out_of_sequence = c->rx_out_of_sequence, .rx_out_of_window = c->rx_out_of_window,
		.retransmissions = c->rel.retransmissions,
		.calls = c->n_calls,
	};
}

const char *l2tp_call_state(const struct l2tp_call *call)
{
	return l2tp_call_state_name((enum l2tp_call_state)call->state);
}

uint64_t l2tp_endpoint_counter(const struct l2tp_endpoint *ep, unsigned i)
{
	return i < L2TP_COUNT_COUNT ? ep->count[i] : 0;
}

uint64_t l2tp_endpoint_refused(const struct l2tp_endpoint *ep, enum l2tp_reason why)
{
	return (unsigned)why < L2TP_REASON_COUNT ? ep->refused[why] : 0;
}

/* A message we received carries our tunnel id; for one we sent the secret is not found this way, and nothing is
 * shown. */
static struct span secret_of(const struct l2tp_endpoint *ep, const struct l2tp_hdr *h)
{
	const struct l2tp_ctrl *c = ep && h->tunnel_id ? ep->tunnel[h->tunnel_id] : NULL;

	return c ? c->conf.secret : span_of(NULL, 0);
}

size_t l2tp_debug_line(const struct l2tp_endpoint *ep, const uint8_t *msg, size_t len, char *buf, size_t cap)
{
	struct l2tp_hdr h;
	struct span secret = span_of(NULL, 0);

	if (l2tp_hdr_decode(span_of(msg, len), &h) == L2TP_HDR_OK)
		secret = secret_of(ep, &h);
	return l2tp_msg_text(span_of(msg, len), secret, buf, cap);
}
