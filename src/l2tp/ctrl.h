/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to src/l2tp: one control connection. RFC 2661 §5.1, §5.5, §5.7, §7.2. */
#ifndef ADIT_L2TP_CTRL_H
#define ADIT_L2TP_CTRL_H

#include "base/log.h"
#include "l2tp/auth.h"
#include "l2tp/endpoint.h"
#include "l2tp/reliable.h"

#define L2TP_CTRL_STATE_LIST(X) \
	X(IDLE, "idle") \
	X(WAIT_CTL_REPLY, "wait-ctl-reply") \
	X(WAIT_CTL_CONN, "wait-ctl-conn") \
	X(ESTABLISHED, "established") \
	X(CLOSING, "closing")		/* the RFC's idle, while §5.7 keeps state */ \
	X(GONE, "gone")

enum l2tp_ctrl_state {
#define X(id, name) L2TP_CTRL_##id,
	L2TP_CTRL_STATE_LIST(X)
#undef X
	L2TP_CTRL_STATES
};

/* The RFC's events, with their qualifier. */
#define L2TP_CTRL_INPUT_LIST(X) \
	X(LOCAL_OPEN, "local-open") \
	X(ADMIN_CLOSE, "admin-close") \
	X(RX_SCCRQ_OK, "rx-sccrq-acceptable") \
	X(RX_SCCRQ_BAD, "rx-sccrq-not-acceptable") \
	X(RX_SCCRQ_LOSE, "rx-sccrq-lose-tie-breaker") \
	X(RX_SCCRP_OK, "rx-sccrp-acceptable") \
	X(RX_SCCRP_BAD, "rx-sccrp-not-acceptable") \
	X(RX_SCCCN_OK, "rx-scccn-acceptable") \
	X(RX_SCCCN_BAD, "rx-scccn-not-acceptable") \
	X(RX_STOPCCN, "rx-stopccn") \
	X(RX_HELLO, "rx-hello") \
	X(RX_CALL, "rx-call-message")		/* OCRQ to SLI: of one session */ \
	X(RX_BAD, "rx-faulty")			/* what clears the tunnel in any state, §7.1 */ \
	X(HELLO_DUE, "hello-due") \
	X(SETUP_DUE, "setup-due") \
	X(PEER_DEAD, "peer-dead")		/* §5.8: the last retry went unanswered */ \
	X(CLEANUP_DUE, "cleanup-due")

enum l2tp_ctrl_input {
#define X(id, name) L2TP_CTRL_##id,
	L2TP_CTRL_INPUT_LIST(X)
#undef X
	L2TP_CTRL_INPUTS
};

enum l2tp_ctrl_timer { L2TP_TIMER_SETUP, L2TP_TIMER_HELLO, L2TP_TIMER_CLEANUP, L2TP_TIMERS };

/* Events that wait to be taken. */
enum { L2TP_POST_UP = 1, L2TP_POST_DOWN = 2, L2TP_POST_GONE = 4 };

struct l2tp_ctrl {
	struct l2tp_endpoint *ep;
	struct hmap_node node;		/* in ep->by_peer or ep->opening */
	struct hmap *listed;		/* which; NULL: neither */
	struct list all_link, tx_link, ev_link;
	struct l2tp_ends *ends;		/* with what else it has opened; NULL: not listed */
	struct list ends_link;
	struct wheel_node timer;
	mono_t due[L2TP_TIMERS], last_activity;
	void *user;
	enum l2tp_ctrl_state state;
	uint16_t local_id, peer_id;
	uint16_t listed_id;		/* in ep->by_peer: the peer's id, 0 while it was hidden in the SCCRQ */
	bool initiator;
	bool offered;			/* the owner knows of it */
	bool up;			/* it has been established */
	bool half_open, counted;	/* counted in ep->half_open, ep->tunnels */
	bool unproven;			/* nothing shows yet that the peer is at its address */
	bool paused;			/* by the reflection limit */
	bool null_id;			/* the peer has not shown that it knows our id (null_id.c) */
	bool peer_challenged, stop_received;
	uint8_t post;

	struct l2tp_path path;		/* peer: where we send to */
	struct ip_addr rx_addr;		/* where we accept from */
	uint16_t rx_port;
	struct l2tp_path answer_path;	/* where the SCCRP in the inbox came from */
	uint64_t sccrq_hash;
	mono_t repeats_until;		/* of that SCCRQ, by a peer that has not heard our answer */

	struct l2tp_reliable rel;
	struct l2tp_fifo inbox;
	unsigned inbox_len;
	struct l2tp_stored *offer;	/* the SCCRQ, until the owner has answered */
	struct list calls;
	unsigned n_calls;
	struct l2tp_call *posted, **posted_end;	/* calls with an event to take */
	struct l2tp_call *waiting;	/* in wait-tunnel */

	struct l2tp_tunnel_conf conf;	/* its spans lie in strings */
	uint8_t *strings;
	size_t strings_len;
	uint8_t challenge[L2TP_CHALLENGE_LEN];
	bool challenge_sent;
	struct l2tp_peer_info peer;	/* its spans lie in peer_strings */
	struct l2tp_stored *peer_strings;

	struct l2tp_why why;		/* it ended; text NULL or static or peer_text */
	uint8_t *peer_text;
	size_t peer_text_len;

	uint32_t told;			/* tolerations that are in the log already */
	uint64_t rx_packets, tx_packets, rx_octets, tx_octets, rx_errors;
	uint64_t rx_zlb, tx_zlb, rx_duplicates, rx_out_of_sequence, rx_out_of_window;
};

/* What an input brings with it. */
struct l2tp_ctrl_in {
	const struct l2tp_msg *m;	/* the message, or NULL */
	struct l2tp_why why;		/* for rows that end it */
	mono_t now;
};

struct l2tp_ctrl_cell {
	void (*act)(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in);	/* NULL: unlisted */
	enum l2tp_ctrl_state next;
};

/** l2tp_ctrl_cell - the table, for the machine and its test. */
const struct l2tp_ctrl_cell *l2tp_ctrl_cell(enum l2tp_ctrl_state state, enum l2tp_ctrl_input in);
const char *l2tp_ctrl_state_name(enum l2tp_ctrl_state state);
const char *l2tp_ctrl_input_name(enum l2tp_ctrl_input in);
/** l2tp_ctrl_action_name - for the test: which action a cell has. */
const char *l2tp_ctrl_action_name(const struct l2tp_ctrl_cell *cell);

void l2tp_ctrl_step(struct l2tp_ctrl *c, enum l2tp_ctrl_input input, const struct l2tp_ctrl_in *in);

/* ---- ctrl_life.c ---- */

/** l2tp_ctrl_new - in idle, with a local id. Return: NULL: no memory or no id. */
struct l2tp_ctrl *l2tp_ctrl_new(struct l2tp_endpoint *ep, const struct l2tp_path *path, bool initiator, mono_t now);
void l2tp_ctrl_free(struct l2tp_ctrl *c);
int l2tp_ctrl_conf(struct l2tp_ctrl *c, const struct l2tp_tunnel_conf *conf);
int l2tp_ctrl_note_peer(struct l2tp_ctrl *c, const struct l2tp_msg *m);
void l2tp_ctrl_settled(struct l2tp_ctrl *c);	/* no longer half-open */
void l2tp_ctrl_retire(struct l2tp_ctrl *c);	/* out of every registry, its id given back */
void l2tp_ctrl_arm(struct l2tp_ctrl *c);	/* after anything that moves a deadline */
void l2tp_ctrl_wake(struct l2tp_ctrl *c);	/* it may have datagrams or events */
void l2tp_ctrl_expire(struct l2tp_ctrl *c, mono_t now);
size_t l2tp_ctrl_tx(struct l2tp_ctrl *c, struct l2tp_path *to, uint8_t *buf, size_t cap, mono_t now);
void l2tp_ctrl_log(const struct l2tp_ctrl *c, enum log_level level, const char *msg);

/* ---- ctrl_rx.c ---- */

/** l2tp_ctrl_rx - a message for this tunnel; header and source have been judged. */
void l2tp_ctrl_rx(struct l2tp_ctrl *c, const struct l2tp_hdr *h, struct span datagram, mono_t now);
/** l2tp_ctrl_message - processes one message of the inbox. */
void l2tp_ctrl_message(struct l2tp_ctrl *c, struct span datagram, mono_t now);
/** l2tp_ctrl_judge_offer - the SCCRQ that the owner has accepted, now whole. */
void l2tp_ctrl_judge_offer(struct l2tp_ctrl *c, mono_t now);

/* ---- ctrl_check.c: is it acceptable here ---- */

bool l2tp_sccrq_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why);
bool l2tp_sccrp_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why);
bool l2tp_scccn_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why);
bool l2tp_stopccn_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why);
bool l2tp_hello_check(struct l2tp_ctrl *c, const struct l2tp_msg *m, struct l2tp_why *why);

/* ---- ctrl_send.c ---- */

void l2tp_send_sccrq(struct l2tp_ctrl *c);
void l2tp_send_sccrp(struct l2tp_ctrl *c, const struct l2tp_msg *sccrq);
void l2tp_send_scccn(struct l2tp_ctrl *c, const struct l2tp_msg *sccrp);
void l2tp_send_hello(struct l2tp_ctrl *c);
void l2tp_send_stopccn(struct l2tp_ctrl *c, const struct l2tp_cause *cause);
/** l2tp_put_stopccn - one for which no tunnel is kept. Return: its length. */
size_t l2tp_put_stopccn(struct wr *w, uint16_t peer_id, uint16_t local_id, const struct l2tp_cause *cause);

/** l2tp_build_begin, l2tp_build_end - a message in ep->out, then queued. Return of _end: 0 or a negative errno,
 * counted. */
void l2tp_build_begin(struct l2tp_ctrl *c, struct l2tp_build *b, struct wr *w, struct l2tp_hide *hide, uint16_t type,
		      uint16_t peer_session_id);
int l2tp_build_end(struct l2tp_ctrl *c, struct l2tp_build *b, uint16_t peer_session_id, bool urgent);

/** l2tp_put_clear_u16 - an id, never hidden: it stands in every header, and must be found before a secret is known. */
void l2tp_put_clear_u16(struct l2tp_build *b, uint16_t type, uint16_t v);

/* ---- event.c ---- */

void l2tp_ctrl_post(struct l2tp_ctrl *c, uint8_t what);
void l2tp_call_post(struct l2tp_call *call);

#endif
