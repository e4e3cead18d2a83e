/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private to src/l2tp: the node's endpoint, which tunnels and calls are registered with.
 *
 * rx() judges header, source, Ns and Nr, and puts what is to be processed into the tunnel's inbox; event() processes
 * one message at a time and returns what comes of it, so nothing the owner decides is overtaken by a later message.
 */
#ifndef ADIT_L2TP_ENDPOINT_H
#define ADIT_L2TP_ENDPOINT_H

#include "base/hmap.h"
#include "base/idpool.h"
#include "base/list.h"
#include "base/log.h"
#include "base/wheel.h"
#include "l2tp/counters.h"
#include "l2tp/l2tp.h"
#include "wire/l2tp_msg.h"

struct l2tp_stored;

enum {
	L2TP_TUNNEL_IDS = 65536,
	L2TP_ID_QUARANTINE = 4096,	/* freed tunnel ids that are not drawn again yet */
	L2TP_RECENT_CALLS = 8192,	/* the same for sessions: a direct-mapped table */
	L2TP_TX_MAX = 2048,		/* a message of ours */
	L2TP_SETUP_S = 60,		/* of tunnel or call: the peer's 47 s of repeating and a margin */
	L2TP_WINDOW = 16,		/* design.md §8 */
	L2TP_STATELESS = 64,		/* StopCCNs without a tunnel that wait to be sent */
	L2TP_INBOX = 512,		/* messages that wait to be processed, per tunnel */
	L2TP_BACKLOG = 512,		/* messages of ours that wait, per tunnel, before the peer has to wait too */
	L2TP_REFLECTION = 3,		/* octets out for one in, towards an unproven address */
	L2TP_TEXT = 160,
	L2TP_LOG_RATE = 20,		/* lines a second about what any peer can cause */
};

/* A source address that has half-open tunnels. */
struct l2tp_source {
	struct hmap_node node;
	uint32_t vr;
	struct ip_addr addr;
	unsigned half_open;
};

/* A StopCCN for which no tunnel is kept. */
struct l2tp_stateless {
	struct l2tp_path to;
	uint16_t len;
	uint8_t octets[192];
};

/* Why something ends: the name of it, and what the peer is told. */
struct l2tp_why {
	enum l2tp_reason reason;
	struct l2tp_cause cause;
	bool by_peer;
};

struct l2tp_endpoint {
	struct l2tp_endpoint_conf conf;
	struct rng rng;
	uint64_t hash_seed;
	struct idpool *ids;
	struct l2tp_ctrl *tunnel[L2TP_TUNNEL_IDS];	/* by local id */
	struct list all;		/* every tunnel */
	struct hmap by_peer;		/* tunnels: path and peer's id */
	struct hmap opening;		/* tunnels in wait-ctl-reply: peer's address */
	struct hmap sources;
	struct hmap ends;		/* tunnels of peers: path (null_id.c) */
	struct hmap calls;		/* tunnel and local session id */
	struct hmap calls_by_peer;	/* tunnel and the peer's session id */
	uint32_t recent_call[L2TP_RECENT_CALLS];
	unsigned tunnels, half_open;	/* not closing; responder, not established */
	struct wheel tunnel_timers, call_timers;
	struct list txq, evq;		/* tunnels that may have something */
	struct l2tp_stateless stateless[L2TP_STATELESS];
	unsigned stateless_head, stateless_count;
	uint64_t count[L2TP_COUNT_COUNT];
	uint32_t refused[L2TP_REASON_COUNT];	/* of what the owner was never asked about */
	mono_t now;			/* of the present call, for the log */
	int64_t log_second;
	unsigned logged;		/* lines of refusal in that second */

	/* event(): what is being processed, and what ends when it is called again */
	struct l2tp_event *ev;
	bool raised;
	struct l2tp_msg msg;
	struct l2tp_call *cdn_of;	/* the call that msg, a CDN, has ended */
	struct l2tp_stored *dead_msgs;
	struct l2tp_ctrl *dead_ctrl;
	struct l2tp_call *dead_call;

	uint8_t scratch[L2TP_SCRATCH_LEN];	/* spans of msg */
	uint8_t scratch_offer[L2TP_SCRATCH_LEN];/* of an SCCRQ that is judged in l2tp_tunnel_accept() */
	uint8_t out[L2TP_TX_MAX];
	char text[L2TP_TEXT];
};

static inline void l2tp_count(struct l2tp_endpoint *ep, unsigned what)
{
	ep->count[what]++;
}

static inline void l2tp_count_refused(struct l2tp_endpoint *ep, enum l2tp_reason why)
{
	ep->refused[why]++;
}

/** l2tp_may_log - whether another line about a refusal may be written; the rest is only counted. */
bool l2tp_may_log(struct l2tp_endpoint *ep, enum log_level level);

/** l2tp_raise - the event that this message gives; filled by the caller. At most one a message. */
struct l2tp_event *l2tp_raise(struct l2tp_endpoint *ep, enum l2tp_event_type type, struct l2tp_ctrl *c,
			      struct l2tp_call *call);

/** l2tp_keep_until_next_event - frees a message later: spans of the present event may point into it. */
void l2tp_keep_until_next_event(struct l2tp_endpoint *ep, struct l2tp_stored *s);

/** l2tp_why_fault - reason and cause of a faulty message; the cause's text lives in ep->text. */
struct l2tp_why l2tp_why_fault(struct l2tp_endpoint *ep, uint16_t msg_type, const struct l2tp_fault *f);

/* ---- registry.c: who is found by what ---- */

/** l2tp_tunnel_by_peer - a tunnel by the two ends' addresses and the peer's id; the newest first. */
struct l2tp_ctrl *l2tp_tunnel_by_peer(struct l2tp_endpoint *ep, const struct l2tp_path *p, uint16_t peer_id,
				      const struct l2tp_ctrl *after);
int l2tp_tunnel_add_by_peer(struct l2tp_ctrl *c);
int l2tp_tunnel_add_opening(struct l2tp_ctrl *c);
/** l2tp_tunnel_opening - a tunnel of ours that waits for this peer's SCCRP, or NULL. */
struct l2tp_ctrl *l2tp_tunnel_opening(struct l2tp_endpoint *ep, const struct l2tp_path *p);
void l2tp_tunnel_unlist(struct l2tp_ctrl *c);	/* from whichever of the two it is in */

/** l2tp_same_ends - whether both have the same addresses and ports. */
bool l2tp_same_ends(const struct l2tp_path *a, const struct l2tp_path *b);

unsigned l2tp_half_open_of(struct l2tp_endpoint *ep, const struct l2tp_path *p);
int l2tp_half_open_add(struct l2tp_endpoint *ep, const struct l2tp_path *p);
void l2tp_half_open_del(struct l2tp_endpoint *ep, const struct l2tp_path *p);

/** l2tp_session_id_draw - a session id that is free in this tunnel and was not freed just now; 0: none. */
uint16_t l2tp_session_id_draw(struct l2tp_ctrl *c);
/** l2tp_session_id_retire - not to be drawn again at once. */
void l2tp_session_id_retire(struct l2tp_ctrl *c, uint16_t id);
struct l2tp_call *l2tp_call_by_local(struct l2tp_ctrl *c, uint16_t id);
struct l2tp_call *l2tp_call_by_peer(struct l2tp_ctrl *c, uint16_t id);
int l2tp_call_register(struct l2tp_call *call);
int l2tp_call_register_peer(struct l2tp_call *call, uint16_t peer_id);
void l2tp_call_unregister(struct l2tp_call *call);

/* ---- null_id.c: peers that leave our tunnel id out ---- */

int l2tp_ends_add(struct l2tp_ctrl *c);
void l2tp_ends_yield(struct l2tp_ctrl *c);	/* it is closing */
void l2tp_ends_del(struct l2tp_ctrl *c);
/** l2tp_null_id_tunnel - the one tunnel that a message to tunnel id 0 can be for, if it takes such; else NULL. */
struct l2tp_ctrl *l2tp_null_id_tunnel(struct l2tp_endpoint *ep, const struct l2tp_path *from);

#endif
