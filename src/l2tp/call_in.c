/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state machines of an incoming call, LAC side and LNS side. "Acceptable" is judged before (call_rx.c), and by the
 * owner: an ICRQ between CALL_OFFERED and its answer leaves the call in idle, an ICRP between CALL_ANSWERED and its
 * answer in wait-reply. Source: RFC 2661 §5.2.1, §7.4.1, §7.4.2; §6.13, §6.14 for what the tables leave out.
 */
#include "l2tp/call_in.h"

#include <assert.h>
#include <stdio.h>

#include "l2tp/fault.h"

static const char *const state_names[L2TP_CALL_STATES] = {
#define X(id, name) [L2TP_CALL_##id] = name,
	L2TP_CALL_STATE_LIST(X)
#undef X
};

static const char *const input_names[L2TP_CALL_INPUTS] = {
#define X(id, name) [L2TP_CALL_##id] = name,
	L2TP_CALL_INPUT_LIST(X)
#undef X
};

const char *l2tp_call_state_name(enum l2tp_call_state state)
{
	return state_names[state];
}

const char *l2tp_call_input_name(enum l2tp_call_input in)
{
	return input_names[in];
}

/* ---- actions ---- */

static void setup_over(struct l2tp_call *call)
{
	wheel_del(&call->ctrl->ep->call_timers, &call->timer);
	call->judging = false;
}

static void clean_up(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	setup_over(call);
	call->down = true;
	call->reason = (uint16_t)in->why.reason;
	call->result = in->why.cause.result;
	call->error = in->why.cause.error;
	call->closed_by_peer = in->why.by_peer;
	l2tp_call_post(call);
}

/* §5.6, §6.12 */
static void send_cdn(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	/* after StopCCN nothing is said about single sessions */
	if (call->ctrl->state == L2TP_CTRL_ESTABLISHED)
		l2tp_send_cdn(call->ctrl, call->local_id, call->peer_id, &in->why.cause, in->dc);
	clean_up(call, in);
}

static void open_tunnel(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	/* tunnels are opened by the owner before it offers a call */
}

static void send_icrq(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	l2tp_send_icrq(call, in->offer);
}

static void send_iccn(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	setup_over(call);
	l2tp_send_iccn(call, in->params);
	call->up = true;
	l2tp_call_post(call);
}

static void send_icrp(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	call->judging = false;
	l2tp_send_icrp(call);
}

/* "Prepare for data": the owner does, with what the ICCN brought. */
static void prepare_for_data(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	const struct l2tp_msg *m = in->m;
	struct l2tp_event *ev;

	setup_over(call);
	ev = l2tp_raise(call->ctrl->ep, L2TP_EV_CALL_UP, call->ctrl, call);
	ev->params = (struct l2tp_call_params){
		.tx_connect_speed = m->tx_connect_speed, .rx_connect_speed = m->rx_connect_speed,
		.framing_type = m->framing_type,
		.sequencing_required = l2tp_msg_has(m, L2TP_AVP_SEQUENCING_REQUIRED),
		.initial_rx_lcp = m->initial_rx_lcp, .last_tx_lcp = m->last_tx_lcp, .last_rx_lcp = m->last_rx_lcp,
		.proxy_authen_type = m->proxy_authen_type, .proxy_name = m->proxy_authen_name,
		.proxy_challenge = m->proxy_authen_challenge, .proxy_response = m->proxy_authen_response,
		.proxy_id = m->proxy_authen_id, .has_proxy_id = l2tp_msg_has(m, L2TP_AVP_PROXY_AUTHEN_ID),
		.private_group_id = m->private_group_id, .avps = m->others,
	};
}

static void note_sli(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	struct l2tp_event *ev = l2tp_raise(call->ctrl->ep, L2TP_EV_CALL_SLI, call->ctrl, call);

	ev->tx_accm = in->m->tx_accm;
	ev->rx_accm = in->m->rx_accm;
}

static void note_wen(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	struct l2tp_event *ev = l2tp_raise(call->ctrl->ep, L2TP_EV_CALL_WEN, call->ctrl, call);

	memcpy(ev->wan_errors, in->m->call_errors, sizeof(ev->wan_errors));
}

static void ignore(struct l2tp_call *call, const struct l2tp_call_in *in)
{
	l2tp_count(call->ctrl->ep, L2TP_COUNT_RX_LATE_NOTICE);
}

/* ---- the tables ---- */

#define ON(state, input, action, new) [L2TP_CALL_##state][L2TP_CALL_##input] = { action, L2TP_CALL_##new }
#define ON_ANY(state, input, action, new) \
	ON(state, input##_OK, action, new), ON(state, input##_BAD, action, new)

static const struct l2tp_call_cell lac_table[L2TP_CALL_STATES][L2TP_CALL_INPUTS] = {
	/* RFC 2661 §7.4.1, in the RFC's order.
	       State        Input         Action            New state */
	ON(    IDLE,        INCOMING,     open_tunnel,      WAIT_TUNNEL),
	ON_ANY(IDLE,        RX_ICCN,      clean_up,         IDLE),
	ON_ANY(IDLE,        RX_ICRP,      clean_up,         IDLE),
	ON(    IDLE,        RX_CDN,       clean_up,         IDLE),
	ON(    WAIT_TUNNEL, LOCAL_CLOSE,  clean_up,         IDLE),
	ON(    WAIT_TUNNEL, TUNNEL_OPEN,  send_icrq,        WAIT_REPLY),
	ON(    WAIT_REPLY,  RX_ICRP_OK,   send_iccn,        ESTABLISHED),
	ON(    WAIT_REPLY,  RX_ICRP_BAD,  send_cdn,         IDLE),
	ON_ANY(WAIT_REPLY,  RX_ICRQ,      send_cdn,         IDLE),
	ON(    WAIT_REPLY,  RX_CDN,       clean_up,         IDLE),
	ON_ANY(WAIT_REPLY,  RX_ICCN,      clean_up,         IDLE),
	ON(    WAIT_REPLY,  LOCAL_CLOSE,  send_cdn,         IDLE),
	ON(    ESTABLISHED, RX_CDN,       clean_up,         IDLE),
	ON_ANY(ESTABLISHED, RX_ICRQ,      send_cdn,         IDLE),
	ON_ANY(ESTABLISHED, RX_ICRP,      send_cdn,         IDLE),
	ON_ANY(ESTABLISHED, RX_ICCN,      send_cdn,         IDLE),
	ON(    ESTABLISHED, LOCAL_CLOSE,  send_cdn,         IDLE),

	/* Beyond the RFC: the tunnel ends; set-up has a limit; a malformed message ends the session (§7.1). */
	ON(    WAIT_TUNNEL, TUNNEL_DOWN,  clean_up,         IDLE),
	ON(    WAIT_REPLY,  TUNNEL_DOWN,  clean_up,         IDLE),
	ON(    ESTABLISHED, TUNNEL_DOWN,  clean_up,         IDLE),
	ON(    WAIT_REPLY,  SETUP_DUE,    send_cdn,         IDLE),
	ON(    WAIT_REPLY,  RX_BAD,       send_cdn,         IDLE),
	ON(    ESTABLISHED, RX_BAD,       send_cdn,         IDLE),
	/* interop.md 16: SLI and WEN never end a call; before it is up they mean nothing. */
	ON(    WAIT_REPLY,  RX_SLI,       ignore,           WAIT_REPLY),
	ON(    WAIT_REPLY,  RX_WEN,       ignore,           WAIT_REPLY),
	ON(    ESTABLISHED, RX_SLI,       note_sli,         ESTABLISHED),
	ON(    ESTABLISHED, RX_WEN,       note_wen,         ESTABLISHED),
};

static const struct l2tp_call_cell lns_table[L2TP_CALL_STATES][L2TP_CALL_INPUTS] = {
	/* RFC 2661 §7.4.2, in the RFC's order.
	       State         Input         Action            New state */
	ON(    IDLE,         RX_ICRQ_OK,   send_icrp,        WAIT_CONNECT),
	ON(    IDLE,         RX_ICRQ_BAD,  send_cdn,         IDLE),
	ON_ANY(IDLE,         RX_ICRP,      send_cdn,         IDLE),
	ON_ANY(IDLE,         RX_ICCN,      clean_up,         IDLE),
	ON(    WAIT_CONNECT, RX_ICCN_OK,   prepare_for_data, ESTABLISHED),
	ON(    WAIT_CONNECT, RX_ICCN_BAD,  send_cdn,         IDLE),
	ON_ANY(WAIT_CONNECT, RX_ICRQ,      send_cdn,         IDLE),
	ON_ANY(WAIT_CONNECT, RX_ICRP,      send_cdn,         IDLE),
	ON(    IDLE,         RX_CDN,       clean_up,         IDLE),
	ON(    WAIT_CONNECT, RX_CDN,       clean_up,         IDLE),
	ON(    ESTABLISHED,  RX_CDN,       clean_up,         IDLE),
	ON(    WAIT_CONNECT, LOCAL_CLOSE,  send_cdn,         IDLE),
	ON(    ESTABLISHED,  LOCAL_CLOSE,  send_cdn,         IDLE),
	ON_ANY(ESTABLISHED,  RX_ICRQ,      send_cdn,         IDLE),
	ON_ANY(ESTABLISHED,  RX_ICRP,      send_cdn,         IDLE),
	ON_ANY(ESTABLISHED,  RX_ICCN,      send_cdn,         IDLE),

	/* Beyond the RFC: the ICRQ's answer may take time, and the call may end meanwhile. */
	ON(    IDLE,         LOCAL_CLOSE,  send_cdn,         IDLE),
	ON(    IDLE,         SETUP_DUE,    send_cdn,         IDLE),
	ON(    WAIT_CONNECT, SETUP_DUE,    send_cdn,         IDLE),
	ON(    IDLE,         TUNNEL_DOWN,  clean_up,         IDLE),
	ON(    WAIT_CONNECT, TUNNEL_DOWN,  clean_up,         IDLE),
	ON(    ESTABLISHED,  TUNNEL_DOWN,  clean_up,         IDLE),
	ON(    IDLE,         RX_BAD,       send_cdn,         IDLE),
	ON(    WAIT_CONNECT, RX_BAD,       send_cdn,         IDLE),
	ON(    ESTABLISHED,  RX_BAD,       send_cdn,         IDLE),
	/* interop.md 16: SLI and WEN never end a call; before it is up they mean nothing. */
	ON(    IDLE,         RX_SLI,       ignore,           IDLE),
	ON(    IDLE,         RX_WEN,       ignore,           IDLE),
	ON(    WAIT_CONNECT, RX_SLI,       ignore,           WAIT_CONNECT),
	ON(    WAIT_CONNECT, RX_WEN,       ignore,           WAIT_CONNECT),
	ON(    ESTABLISHED,  RX_SLI,       note_sli,         ESTABLISHED),
	ON(    ESTABLISHED,  RX_WEN,       note_wen,         ESTABLISHED),
};

const struct l2tp_call_cell *l2tp_call_cell(enum l2tp_role role, enum l2tp_call_state state, enum l2tp_call_input in)
{
	return role == L2TP_ROLE_LAC ? &lac_table[state][in] : &lns_table[state][in];
}

const char *l2tp_call_action_name(const struct l2tp_call_cell *cell)
{
	static const struct {
		void (*act)(struct l2tp_call *call, const struct l2tp_call_in *in);
		const char *name;
	} names[] = {
#define N(f) { f, #f }
		N(clean_up), N(send_cdn), N(open_tunnel), N(send_icrq), N(send_iccn), N(send_icrp), N(prepare_for_data),
		N(note_sli), N(note_wen), N(ignore),
#undef N
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].act == cell->act)
			return names[i].name;
	}
	return "";
}

/* ---- the machine ---- */

static bool from_peer(enum l2tp_call_input in)
{
	return in >= L2TP_CALL_RX_ICRQ_OK && in <= L2TP_CALL_RX_BAD;
}

/* CDN has no code for it: Result 2, Error 6, and a text that names message and state (design.md §8). */
static struct l2tp_why unexpected(struct l2tp_call *call, const struct l2tp_msg *m)
{
	struct l2tp_endpoint *ep = call->ctrl->ep;
	struct l2tp_fault f = { .kind = L2TP_FAULT_UNEXPECTED_MSG };
	struct l2tp_why why = { .cause = { 2, 6, ep->text } };
	bool incoming = m->type == L2TP_MSG_ICRQ || m->type == L2TP_MSG_ICRP || m->type == L2TP_MSG_ICCN;

	if (incoming)
		why.reason = l2tp_fault_reason(m->type, &f);
	else
		why.reason = call->role == L2TP_ROLE_LAC ? L2TP_REASON_SESSION_RX_UNEXPECTED_PACKET_LAC_INCOMING :
							   L2TP_REASON_SESSION_RX_UNEXPECTED_PACKET_LNS_INCOMING;
	l2tp_count(ep, L2TP_COUNT_RX_UNEXPECTED);
	snprintf(ep->text, sizeof(ep->text), "%s in %s", l2tp_msg_name(m->type), state_names[call->state]);
	return why;
}

static void step_to(struct l2tp_call *call, const struct l2tp_call_cell *cell, enum l2tp_call_input input,
		    const struct l2tp_call_in *in)
{
	uint8_t from = call->state;

	call->state = (uint8_t)cell->next;
	cell->act(call, in);
	/* a call whose message cannot be sent cannot go on */
	if (call->unsendable && !call->down) {
		struct l2tp_call_in why = {
			.why = { L2TP_REASON_SESSION_CREATE_FAILED_NO_RESOURCES, { 4, 0, NULL }, false }
		};

		call->state = L2TP_CALL_IDLE;
		send_cdn(call, &why);
	}
	if (from != call->state && log_wanted(LOG_DEBUG))
		log_line(LOG_DEBUG, "l2tp", "session state", "tunnel=%u session=%u from=%s to=%s on=%s",
			 call->ctrl->local_id, call->local_id, state_names[from], state_names[call->state],
			 input_names[input]);
}

static void unlisted(struct l2tp_call *call, enum l2tp_call_input input, const struct l2tp_call_in *in)
{
	static const struct l2tp_call_cell disconnect = { send_cdn, L2TP_CALL_IDLE };

	if (from_peer(input)) {
		struct l2tp_call_in why = { .m = in->m, .why = unexpected(call, in->m), .now = in->now };

		step_to(call, &disconnect, input, &why);
		return;
	}
	l2tp_count(call->ctrl->ep, L2TP_COUNT_INTERNAL);
	assert(!"an input of our own that no row expects");
}

void l2tp_call_step(struct l2tp_call *call, enum l2tp_call_input input, const struct l2tp_call_in *in)
{
	const struct l2tp_call_cell *cell =
		l2tp_call_cell((enum l2tp_role)call->role, (enum l2tp_call_state)call->state, input);
	struct l2tp_call_in why = *in;

	if (call->down)
		return;		/* it has ended; only its last event waits */
	if (!cell->act) {
		unlisted(call, input, in);
		return;
	}
	if ((cell->act == send_cdn || cell->act == clean_up) && from_peer(input) && !in->why.reason)
		why.why = unexpected(call, in->m);
	step_to(call, cell, input, &why);
}
