/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control connection's state machine. A message has been decoded and judged before it comes here (ctrl_rx.c,
 * ctrl_check.c). Source: RFC 2661 §7.2.1; §5.5 Hello, §5.7 teardown, §5.8 for what the table leaves out.
 */
#include "l2tp/ctrl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const state_names[L2TP_CTRL_STATES] = {
#define X(id, name) [L2TP_CTRL_##id] = name,
	L2TP_CTRL_STATE_LIST(X)
#undef X
};

static const char *const input_names[L2TP_CTRL_INPUTS] = {
#define X(id, name) [L2TP_CTRL_##id] = name,
	L2TP_CTRL_INPUT_LIST(X)
#undef X
};

const char *l2tp_ctrl_state_name(enum l2tp_ctrl_state state)
{
	return state_names[state];
}

const char *l2tp_ctrl_input_name(enum l2tp_ctrl_input in)
{
	return input_names[in];
}

/* ---- actions ---- */

/* Whatever comes after set-up: no longer half-open, no set-up timer. */
static void settle(struct l2tp_ctrl *c)
{
	l2tp_ctrl_settled(c);
	c->due[L2TP_TIMER_SETUP] = MONO_NEVER;
	c->due[L2TP_TIMER_HELLO] = MONO_NEVER;
}

/* It ends: remember why, tell the owner, let event() end its calls one by one. */
static void end(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	c->due[L2TP_TIMER_SETUP] = MONO_NEVER;
	c->due[L2TP_TIMER_HELLO] = MONO_NEVER;
	if (c->counted)
		c->ep->tunnels--;
	c->counted = false;
	l2tp_ends_yield(c);
	if (c->up)
		l2tp_tunnel_unlist(c);	/* its peer knows our id, and is not looked for by its own any more */
	c->why = in->why;
	c->why.cause.text = NULL;	/* it may have been the caller's for the call alone */
	if (!c->initiator && !c->offered) {
		l2tp_count(c->ep, L2TP_COUNT_TUNNEL_REFUSED);
		l2tp_count_refused(c->ep, c->why.reason);
	}
	if (c->offer)
		l2tp_keep_until_next_event(c->ep, c->offer);
	c->offer = NULL;
	if (c->offered || c->initiator)	/* its owner has more to say */
		l2tp_ctrl_log(c, LOG_DEBUG, "tunnel down");
	else if (l2tp_may_log(c->ep, LOG_NOTICE))
		l2tp_ctrl_log(c, LOG_NOTICE, "tunnel refused");
	l2tp_ctrl_post(c, L2TP_POST_DOWN);
}

static void keep_state(struct l2tp_ctrl *c, mono_t now)
{
	c->due[L2TP_TIMER_CLEANUP] = mono_add_s(now, c->ep->conf.linger_s);
}

static void send_sccrq(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	c->due[L2TP_TIMER_SETUP] = mono_add_s(in->now, L2TP_SETUP_S);
	l2tp_send_sccrq(c);
}

static void send_sccrp(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_reliable_peer_window(&c->rel, in->m->receive_window);
	l2tp_send_sccrp(c, in->m);
}

static void open_tunnel(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	uint8_t retries = c->conf.retries_established;

	settle(c);
	c->up = true;
	if (!c->null_id || c->challenge_sent)	/* Ns and Nr alone can be guessed */
		c->unproven = false;
	c->rel.retries = retries ? retries : c->ep->conf.retries_established;
	if (c->conf.hello_s)
		c->due[L2TP_TIMER_HELLO] = mono_add_s(in->now, c->conf.hello_s);
	l2tp_ctrl_log(c, LOG_DEBUG, "tunnel up");
	l2tp_ctrl_post(c, L2TP_POST_UP);
}

static void send_scccn(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_reliable_peer_window(&c->rel, in->m->receive_window);
	l2tp_send_scccn(c, in->m);
	open_tunnel(c, in);
}

/* Tunnel-open to the call that waits. */
static void open_call(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
}

/* Send StopCCN, clean up. Bulk that has no Ns yet would only delay it. */
static void stop(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	bool unheard = c->initiator && c->rel.ns == 0;	/* the peer has seen nothing of us yet */

	l2tp_reliable_drop_unsent(&c->rel);
	if (!unheard)
		l2tp_send_stopccn(c, &in->why.cause);
	end(c, in);
	if (unheard)
		c->due[L2TP_TIMER_CLEANUP] = in->now;
	else
		keep_state(c, in->now);
}

/* Clean up without a word. */
static void clean_up(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_reliable_drop_all(&c->rel);
	end(c, in);
	keep_state(c, in->now);
}

/* §5.7: the receiver of a StopCCN acknowledges it and keeps state, in case the ZLB is lost. */
static void stopped(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	c->stop_received = true;
	c->unproven = false;
	clean_up(c, in);
}

/* Lost the tie-breaker: the peer discards nothing and waits for nothing of this tunnel. */
static void vanish(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_reliable_drop_all(&c->rel);
	end(c, in);
	l2tp_ctrl_post(c, L2TP_POST_GONE);
}

static void dead(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_count(c->ep, L2TP_COUNT_PEER_DEAD);
	vanish(c, in);
}

static void dispatch(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	/* the call's own machine goes on, in call_rx.c */
}

static void nothing(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
}

static void after_close(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_count(c->ep, L2TP_COUNT_RX_AFTER_CLOSE);
}

/* The peer's id comes when we have already sent a StopCCN to tunnel id 0: its repetitions carry it. */
static void learn_peer(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_count(c->ep, L2TP_COUNT_RX_AFTER_CLOSE);
	if (!c->peer_id)
		c->peer_id = in->m->assigned_tunnel_id;
}

/* The peer closes too, while our StopCCN is under way: nothing of ours need be repeated any more. */
static void stopped_too(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	c->stop_received = true;
	l2tp_reliable_drop_all(&c->rel);
}

static void send_hello(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	c->due[L2TP_TIMER_HELLO] = mono_add_s(in->now, c->conf.hello_s);
	l2tp_send_hello(c);
}

static void silence(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_reliable_drop_all(&c->rel);
}

static void forget(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in)
{
	l2tp_reliable_drop_all(&c->rel);
	l2tp_ctrl_post(c, L2TP_POST_GONE);
}

/* ---- the table ---- */

#define ON(state, input, action, new) [L2TP_CTRL_##state][L2TP_CTRL_##input] = { action, L2TP_CTRL_##new }
/* "Receive SCCRP" without a qualifier: whether it is acceptable does not matter. */
#define ON_ANY(state, input, action, new) \
	ON(state, input##_OK, action, new), ON(state, input##_BAD, action, new)

static const struct l2tp_ctrl_cell table[L2TP_CTRL_STATES][L2TP_CTRL_INPUTS] = {
	/* RFC 2661 §7.2.1, in the RFC's order. Its "idle" after a tunnel has been is CLOSING here: §5.7 keeps state.
	       State           Input          Action        New state */
	ON(    IDLE,           LOCAL_OPEN,    send_sccrq,   WAIT_CTL_REPLY),
	ON(    IDLE,           RX_SCCRQ_OK,   send_sccrp,   WAIT_CTL_CONN),
	ON(    IDLE,           RX_SCCRQ_BAD,  stop,         CLOSING),
	ON_ANY(IDLE,           RX_SCCRP,      stop,         CLOSING),
	ON_ANY(IDLE,           RX_SCCCN,      clean_up,     CLOSING),
	ON(    WAIT_CTL_REPLY, RX_SCCRP_OK,   send_scccn,   ESTABLISHED),
	ON(    WAIT_CTL_REPLY, RX_SCCRP_BAD,  stop,         CLOSING),
	ON(    WAIT_CTL_REPLY, RX_SCCRQ_LOSE, vanish,       GONE),	/* the peer's SCCRQ goes to a tunnel in idle */
	ON_ANY(WAIT_CTL_REPLY, RX_SCCCN,      stop,         CLOSING),
	ON(    WAIT_CTL_CONN,  RX_SCCCN_OK,   open_tunnel,  ESTABLISHED),
	ON(    WAIT_CTL_CONN,  RX_SCCCN_BAD,  stop,         CLOSING),
	ON_ANY(WAIT_CTL_CONN,  RX_SCCRP,      stop,         CLOSING),
	ON_ANY(WAIT_CTL_CONN,  RX_SCCRQ,      stop,         CLOSING),
	ON(    ESTABLISHED,    LOCAL_OPEN,    open_call,    ESTABLISHED),
	ON(    ESTABLISHED,    ADMIN_CLOSE,   stop,         CLOSING),
	ON_ANY(ESTABLISHED,    RX_SCCRQ,      stop,         CLOSING),
	ON_ANY(ESTABLISHED,    RX_SCCRP,      stop,         CLOSING),
	ON_ANY(ESTABLISHED,    RX_SCCCN,      stop,         CLOSING),
	ON(    IDLE,           RX_STOPCCN,    stopped,      CLOSING),
	ON(    WAIT_CTL_REPLY, RX_STOPCCN,    stopped,      CLOSING),
	ON(    WAIT_CTL_CONN,  RX_STOPCCN,    stopped,      CLOSING),
	ON(    ESTABLISHED,    RX_STOPCCN,    stopped,      CLOSING),

	/* Beyond the RFC: closing before it is up. */
	ON(    IDLE,           ADMIN_CLOSE,   stop,         CLOSING),
	ON(    WAIT_CTL_REPLY, ADMIN_CLOSE,   stop,         CLOSING),
	ON(    WAIT_CTL_CONN,  ADMIN_CLOSE,   stop,         CLOSING),
	/* Set-up has a limit, since a peer may acknowledge and say no more. */
	ON(    IDLE,           SETUP_DUE,     stop,         CLOSING),
	ON(    WAIT_CTL_REPLY, SETUP_DUE,     stop,         CLOSING),
	ON(    WAIT_CTL_CONN,  SETUP_DUE,     stop,         CLOSING),
	/* §7.1: an invalid or malformed message clears the tunnel. */
	ON(    IDLE,           RX_BAD,        stop,         CLOSING),
	ON(    WAIT_CTL_REPLY, RX_BAD,        stop,         CLOSING),
	ON(    WAIT_CTL_CONN,  RX_BAD,        stop,         CLOSING),
	ON(    ESTABLISHED,    RX_BAD,        stop,         CLOSING),
	/* §5.5, §5.8: keepalive and dead peer; §5.2: sessions have machines of their own. */
	ON(    ESTABLISHED,    HELLO_DUE,     send_hello,   ESTABLISHED),
	ON(    ESTABLISHED,    RX_HELLO,      nothing,      ESTABLISHED),
	ON(    ESTABLISHED,    RX_CALL,       dispatch,     ESTABLISHED),
	ON(    IDLE,           PEER_DEAD,     dead,         GONE),
	ON(    WAIT_CTL_REPLY, PEER_DEAD,     dead,         GONE),
	ON(    WAIT_CTL_CONN,  PEER_DEAD,     dead,         GONE),
	ON(    ESTABLISHED,    PEER_DEAD,     dead,         GONE),
	/* §5.7: state is kept for a full retransmission cycle; what comes is acknowledged and has no effect. */
	ON_ANY(CLOSING,        RX_SCCRQ,      after_close,  CLOSING),
	ON(    CLOSING,        RX_SCCRP_OK,   learn_peer,   CLOSING),
	ON(    CLOSING,        RX_SCCRP_BAD,  after_close,  CLOSING),
	ON_ANY(CLOSING,        RX_SCCCN,      after_close,  CLOSING),
	ON(    CLOSING,        RX_HELLO,      after_close,  CLOSING),
	ON(    CLOSING,        RX_CALL,       after_close,  CLOSING),
	ON(    CLOSING,        RX_BAD,        after_close,  CLOSING),
	ON(    CLOSING,        RX_STOPCCN,    stopped_too,  CLOSING),
	ON(    CLOSING,        PEER_DEAD,     silence,      CLOSING),
	ON(    CLOSING,        CLEANUP_DUE,   forget,       GONE),
};

const struct l2tp_ctrl_cell *l2tp_ctrl_cell(enum l2tp_ctrl_state state, enum l2tp_ctrl_input in)
{
	return &table[state][in];
}

const char *l2tp_ctrl_action_name(const struct l2tp_ctrl_cell *cell)
{
	static const struct {
		void (*act)(struct l2tp_ctrl *c, const struct l2tp_ctrl_in *in);
		const char *name;
	} names[] = {
#define N(f) { f, #f }
		N(send_sccrq), N(send_sccrp), N(send_scccn), N(stop), N(clean_up), N(vanish), N(open_tunnel),
		N(open_call), N(stopped), N(send_hello), N(nothing), N(dispatch), N(dead), N(after_close),
		N(learn_peer), N(stopped_too), N(silence), N(forget),
#undef N
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].act == cell->act)
			return names[i].name;
	}
	return "";
}

/* ---- the machine ---- */

static bool from_peer(enum l2tp_ctrl_input in)
{
	return in >= L2TP_CTRL_RX_SCCRQ_OK && in <= L2TP_CTRL_RX_BAD;
}

/* RFC 2661 §4.4.2, Result Code 7: finite state machine error. */
static struct l2tp_why unexpected(struct l2tp_ctrl *c, const struct l2tp_msg *m)
{
	struct l2tp_endpoint *ep = c->ep;
	struct l2tp_fault f = { .kind = L2TP_FAULT_UNEXPECTED_MSG };
	uint16_t type = m ? m->type : 0;
	enum l2tp_reason reason = l2tp_msg_is_call(type) ? L2TP_REASON_TUNNEL_RX_UNEXPECTED_PACKET_FOR_SESSION :
				  l2tp_why_fault(ep, type, &f).reason;

	l2tp_count(ep, L2TP_COUNT_RX_UNEXPECTED);
	snprintf(ep->text, sizeof(ep->text), "%s in %s", l2tp_msg_name(type), l2tp_ctrl_state_name(c->state));
	return (struct l2tp_why){ .reason = reason, .cause = { 7, 0, ep->text } };
}

static void step_to(struct l2tp_ctrl *c, const struct l2tp_ctrl_cell *cell, enum l2tp_ctrl_input input,
		    const struct l2tp_ctrl_in *in)
{
	enum l2tp_ctrl_state from = c->state;

	c->state = cell->next;
	cell->act(c, in);
	if (from != c->state)
		log_line(LOG_DEBUG, "l2tp", "tunnel state", "tunnel=%u from=%s to=%s on=%s", c->local_id,
			 state_names[from], state_names[c->state], input_names[input]);
	l2tp_ctrl_wake(c);
	l2tp_ctrl_arm(c);
}

/* From the peer: StopCCN with Result Code 7. From ourselves: our bug, never the peer's trouble. */
static void unlisted(struct l2tp_ctrl *c, enum l2tp_ctrl_input input, const struct l2tp_ctrl_in *in)
{
	static const struct l2tp_ctrl_cell clear = { stop, L2TP_CTRL_CLOSING };

	if (from_peer(input) && c->state < L2TP_CTRL_CLOSING) {
		struct l2tp_ctrl_in why = { .m = in->m, .why = unexpected(c, in->m), .now = in->now };

		step_to(c, &clear, input, &why);
		return;
	}
	if (from_peer(input))
		return;
	l2tp_count(c->ep, L2TP_COUNT_INTERNAL);
	assert(!"an input of our own that no row expects");
}

void l2tp_ctrl_step(struct l2tp_ctrl *c, enum l2tp_ctrl_input input, const struct l2tp_ctrl_in *in)
{
	const struct l2tp_ctrl_cell *cell = &table[c->state][input];
	struct l2tp_ctrl_in why = *in;

	if (!cell->act) {
		unlisted(c, input, in);
		return;
	}
	/* a row that ends the tunnel for a message that was not judged, because this state does not expect it */
	if ((cell->act == stop || cell->act == clean_up) && from_peer(input) && !in->why.reason)
		why.why = unexpected(c, in->m);
	step_to(c, cell, input, &why);
}
