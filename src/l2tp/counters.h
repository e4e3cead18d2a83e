/* SPDX-License-Identifier: BSD-2-Clause */
/* Node-wide counters: one a kind of drop, refusal or tolerance. l2tp_endpoint_counter() reads them. */
#ifndef ADIT_L2TP_COUNTERS_H
#define ADIT_L2TP_COUNTERS_H

#include "wire/l2tp_hdr.h"
#include "wire/l2tp_msg.h"

/* X(enumerator, "name") */
#define L2TP_COUNTS(X) \
	/* datagrams dropped before they reach a tunnel */ \
	X(RX_NOT_CONTROL, "rx-not-control") \
	X(RX_UNKNOWN_TUNNEL, "rx-unknown-tunnel-id") \
	X(RX_NULL_TUNNEL, "rx-null-tunnel-id")			/* no SCCRQ, known peer's StopCCN, or tolerated */ \
	X(RX_NULL_TUNNEL_AMBIGUOUS, "rx-null-tunnel-id-ambiguous")	/* tolerated, but the peer has several tunnels */ \
	X(RX_NULL_TUNNEL_TOLERATED, "rx-null-tunnel-id-tolerated")	/* not dropped: interop.md 8 */ \
	X(RX_SCCRQ_INVALID_NS, "rx-sccrq-invalid-ns") \
	X(RX_SCCRQ_UNANSWERABLE, "rx-sccrq-unanswerable")	/* no Assigned Tunnel ID to answer to */ \
	X(RX_ADDRESS_CHANGED, "rx-address-changed")		/* a tunnel's message from another address */ \
	X(RX_PORT_CHANGED, "rx-port-changed") \
	X(RX_LOCAL_CHANGED, "rx-local-address-changed")		/* or another virtual router */ \
	X(RX_OVERRUN, "rx-overrun")				/* too much waits already; the peer repeats */ \
	/* SCCRQ */ \
	X(SCCRQ_REPEAT, "sccrq-repeat")				/* a true repeat: acknowledged */ \
	X(SCCRQ_HALF_OPEN_SOURCE, "sccrq-half-open-source") \
	X(SCCRQ_HALF_OPEN_NODE, "sccrq-half-open-node") \
	X(SCCRQ_MAX_TUNNELS, "sccrq-max-tunnels") \
	X(SCCRQ_NO_MEMORY, "sccrq-no-memory") \
	X(TIE_BREAKER_WON, "tie-breaker-won")			/* the peer's SCCRQ was discarded */ \
	X(TIE_BREAKER_LOST, "tie-breaker-lost")			/* ours was */ \
	X(TIE_BREAKER_EQUAL, "tie-breaker-equal")		/* both were */ \
	/* reliable delivery */ \
	X(RX_DUPLICATE, "rx-duplicate") \
	X(RX_EARLY, "rx-early-kept") \
	X(RX_EARLY_DROPPED, "rx-early-dropped") \
	X(RX_OUT_OF_WINDOW, "rx-out-of-window") \
	X(RX_BAD_NR, "rx-bad-nr") \
	X(TX_REFLECTION_PAUSE, "tx-reflection-pause")		/* 3 octets out for 1 in, at first */ \
	X(TX_TOO_LONG, "tx-too-long") \
	X(TX_NO_MEMORY, "tx-no-memory") \
	X(TX_STATELESS_FULL, "tx-stateless-full") \
	X(PEER_DEAD, "peer-dead") \
	X(PEER_RESTARTED, "peer-restarted")			/* the id of an established tunnel is in use for a new one */ \
	/* messages */ \
	X(RX_FAULTY, "rx-faulty")				/* answered with StopCCN or CDN */ \
	X(RX_UNEXPECTED, "rx-unexpected")			/* not in the state's row of the table */ \
	X(RX_IGNORED_TYPE, "rx-message-type-ignored") \
	X(RX_AFTER_CLOSE, "rx-after-close") \
	X(RX_UNKNOWN_SESSION, "session-rx-unknown-session-id") \
	X(RX_UNSOLICITED_RESPONSE, "rx-challenge-response-unsolicited") \
	X(RX_LATE_NOTICE, "rx-notice-ignored")			/* SLI or WEN in a state that has no use for it */ \
	X(TUNNEL_REFUSED, "tunnel-refused") \
	X(CALL_REFUSED, "call-refused")				/* by this core, without asking */ \
	X(CALL_SETUP_TIMEOUT, "call-setup-timeout") \
	X(TUNNEL_SETUP_TIMEOUT, "tunnel-setup-timeout") \
	X(LOG_SUPPRESSED, "log-suppressed")			/* lines about refusals, beyond 20 a second */ \
	X(INTERNAL, "internal")					/* an input of our own that no row expects: our bug */

enum l2tp_count {
#define X(id, name) L2TP_COUNT_##id,
	L2TP_COUNTS(X)
#undef X
	L2TP_COUNT_HDR,		/* + enum l2tp_hdr_verdict */
	L2TP_COUNT_TOLERATED = L2TP_COUNT_HDR + L2TP_HDR_VERDICT_COUNT,	/* + enum l2tp_toleration */
	L2TP_COUNT_FAULT = L2TP_COUNT_TOLERATED + L2TP_TOLERATED_COUNT,	/* + enum l2tp_fault_kind */
	L2TP_COUNT_COUNT = L2TP_COUNT_FAULT + L2TP_FAULT_COUNT
};

#endif
