/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to src/l2tp: one incoming call, as LAC (RFC 2661 §7.4.1) or as LNS (§7.4.2). */
#ifndef ADIT_L2TP_CALL_IN_H
#define ADIT_L2TP_CALL_IN_H

#include "l2tp/ctrl.h"

#define L2TP_CALL_STATE_LIST(X) \
	X(IDLE, "idle") \
	X(WAIT_TUNNEL, "wait-tunnel") \
	X(WAIT_REPLY, "wait-reply") \
	X(WAIT_CONNECT, "wait-connect") \
	X(ESTABLISHED, "established")

enum l2tp_call_state {
#define X(id, name) L2TP_CALL_##id,
	L2TP_CALL_STATE_LIST(X)
#undef X
	L2TP_CALL_STATES
};

#define L2TP_CALL_INPUT_LIST(X) \
	X(INCOMING, "bearer-ring")		/* ready to indicate an incoming connection */ \
	X(TUNNEL_OPEN, "tunnel-open") \
	X(LOCAL_CLOSE, "local-close")		/* or bearer line drop */ \
	X(RX_ICRQ_OK, "rx-icrq-acceptable") \
	X(RX_ICRQ_BAD, "rx-icrq-not-acceptable") \
	X(RX_ICRP_OK, "rx-icrp-acceptable") \
	X(RX_ICRP_BAD, "rx-icrp-not-acceptable") \
	X(RX_ICCN_OK, "rx-iccn-acceptable") \
	X(RX_ICCN_BAD, "rx-iccn-not-acceptable") \
	X(RX_CDN, "rx-cdn") \
	X(RX_SLI, "rx-sli") \
	X(RX_WEN, "rx-wen") \
	X(RX_OUTGOING, "rx-outgoing")		/* OCRQ, OCRP, OCCN */ \
	X(RX_BAD, "rx-faulty")			/* a message of this session that clears it in any state */ \
	X(SETUP_DUE, "setup-due") \
	X(TUNNEL_DOWN, "tunnel-down")

enum l2tp_call_input {
#define X(id, name) L2TP_CALL_##id,
	L2TP_CALL_INPUT_LIST(X)
#undef X
	L2TP_CALL_INPUTS
};

struct l2tp_call {
	struct hmap_node by_local, by_peer;
	struct list link;		/* of its tunnel */
	struct l2tp_call *next_posted;
	struct l2tp_ctrl *ctrl;
	void *user;
	struct wheel_node timer;	/* set-up */
	uint16_t local_id, peer_id;
	uint16_t reason, result, error;
	uint8_t state, role;
	bool judging;			/* ICRQ or ICRP is with the owner */
	bool posted, up, down;		/* an event waits; which */
	bool closed_by_peer, peer_listed;
	bool unsendable;		/* its last message did not fit or found no memory */
};

struct l2tp_call_in {
	const struct l2tp_msg *m;
	const struct l2tp_call_offer *offer;	/* INCOMING, TUNNEL_OPEN */
	const struct l2tp_call_params *params;	/* RX_ICRP_OK */
	const struct l2tp_disconnect *dc;	/* LOCAL_CLOSE */
	struct l2tp_why why;
	mono_t now;
};

struct l2tp_call_cell {
	void (*act)(struct l2tp_call *call, const struct l2tp_call_in *in);
	enum l2tp_call_state next;
};

const struct l2tp_call_cell *l2tp_call_cell(enum l2tp_role role, enum l2tp_call_state state, enum l2tp_call_input in);
const char *l2tp_call_state_name(enum l2tp_call_state state);
const char *l2tp_call_input_name(enum l2tp_call_input in);
const char *l2tp_call_action_name(const struct l2tp_call_cell *cell);

void l2tp_call_step(struct l2tp_call *call, enum l2tp_call_input input, const struct l2tp_call_in *in);

/* ---- call.c ---- */

struct l2tp_call *l2tp_call_new(struct l2tp_ctrl *c, enum l2tp_role role, mono_t now);
void l2tp_call_unlink(struct l2tp_call *call);	/* out of every registry */
void l2tp_call_expire(struct l2tp_call *call, mono_t now);

/* ---- call_rx.c ---- */

/** l2tp_call_rx - a session's message on an established tunnel; @f: what is wrong with it. */
void l2tp_call_rx(struct l2tp_ctrl *c, const struct l2tp_msg *m, const struct l2tp_fault *f, mono_t now);

/* ---- call_send.c ---- */

void l2tp_send_icrq(struct l2tp_call *call, const struct l2tp_call_offer *offer);
void l2tp_send_icrp(struct l2tp_call *call);
void l2tp_send_iccn(struct l2tp_call *call, const struct l2tp_call_params *p);
void l2tp_send_cdn(struct l2tp_ctrl *c, uint16_t local_id, uint16_t peer_id, const struct l2tp_cause *cause,
		   const struct l2tp_disconnect *dc);
/** l2tp_icrq_renumber - another id in the last queued message, if it is this call's ICRQ. */
bool l2tp_icrq_renumber(struct l2tp_ctrl *c, uint16_t old_id, uint16_t new_id);

#endif
