/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 1661 §4 (the automaton; its table is in cp_table.c) and §5.1-5.6 (the packets that every control protocol has).
 * A packet is decoded, judged, and only then made an event; the events carry what their actions send in struct input.
 */
#include "ppp/cp.h"

#include <stdlib.h>
#include <string.h>

/* What an event brings for its actions. */
struct input {
	const struct ppp_cp_pkt *pkt;
	uint8_t reply_code;		/* sca, scn: Ack, Nak or Reject */
	struct span reply;		/* their options; ser: the data */
};

void ppp_cp_init(struct ppp_cp *cp, const struct ppp_cp_ops *ops, struct ppp_env *env)
{
	*cp = (struct ppp_cp){ .ops = ops, .env = env, .restart_at = MONO_NEVER };
	cp->next_id = (uint8_t)rng_u32(env->rng);	/* not the Identifiers of a negotiation before ours */
}

void ppp_cp_fini(struct ppp_cp *cp)
{
	free(cp->nego);
	cp->nego = NULL;
}

uint8_t ppp_cp_next_id(struct ppp_cp *cp)
{
	return cp->next_id++;
}

/* ---- the scratch of a negotiation ---- */

static bool negotiating(const struct ppp_cp *cp)
{
	return cp->state == PPP_CP_REQ_SENT || cp->state == PPP_CP_ACK_RCVD || cp->state == PPP_CP_ACK_SENT;
}

/* A negotiation that goes on for twice the time of Max-Configure unanswered requests does not converge (§4.5). */
static bool nego_begin(struct ppp_cp *cp, mono_t now)
{
	if (cp->nego)
		return true;
	cp->nego = calloc(1, sizeof(*cp->nego));
	if (!cp->nego) {
		ppp_count(cp->env->count, PPP_COUNT_NO_MEMORY);
		return false;
	}
	cp->nego->give_up = mono_add_ms(now, 2 * (int64_t)cp->env->max_configure * cp->env->restart_ms);
	cp->ops->begin(cp);
	return true;
}

/* ---- actions, §4.4 ---- */

static void send_packet(struct ppp_cp *cp, uint8_t code, uint8_t id, struct span data)
{
	struct ppp_out o;
	size_t mark;

	ppp_out_begin(&o, cp->ops->protocol);
	mark = ppp_cp_begin(&o.w, code, id);
	wr_put(&o.w, data);
	ppp_cp_end(&o.w, mark);
	ppp_out_send(cp->env, &o);
}

static void start_timer(struct ppp_cp *cp, mono_t now)
{
	cp->restart_at = mono_add_ms(now, cp->env->restart_ms);
}

/* §4.6: it may begin small and at least double up to its final value. xl2tpd attaches pppd after ICCN, so that the first
 * request to a Linux client is always lost. */
static void start_configure_timer(struct ppp_cp *cp, mono_t now)
{
	int sent = cp->env->max_configure - cp->restart_count;
	int64_t ms = cp->env->restart_first_ms;

	if (!ms || sent > 8 || ms << (sent > 0 ? sent - 1 : 0) > cp->env->restart_ms)
		ms = cp->env->restart_ms;
	else
		ms <<= sent > 0 ? sent - 1 : 0;
	cp->restart_at = mono_add_ms(now, ms);
}

static void count_down(struct ppp_cp *cp)
{
	if (cp->restart_count > 0)
		cp->restart_count--;
}

/* §5.1: the Identifier changes with the options, and when the last one was answered; a repeat keeps it. */
static void send_configure_request(struct ppp_cp *cp, mono_t now)
{
	uint8_t options[PPP_CP_REQUEST_MAX];
	struct wr w = wr_of(options, sizeof(options));

	count_down(cp);
	start_configure_timer(cp, now);
	if (!nego_begin(cp, now))
		return;			/* the timer tries again */
	cp->ops->request(cp, &w);
	if (!cp->nego->sent || cp->nego->answered ||
	    !span_eq(wr_span(&w), span_of(cp->nego->request, cp->nego->request_len))) {
		cp->request_id = ppp_cp_next_id(cp);
		memcpy(cp->nego->request, options, wr_len(&w));
		cp->nego->request_len = (uint8_t)wr_len(&w);
		cp->nego->sent = true;
		cp->nego->answered = false;
	}
	send_packet(cp, PPP_CP_CONF_REQ, cp->request_id, wr_span(&w));
}

static void send_configure_ack(struct ppp_cp *cp, const struct input *in)
{
	cp->ops->agreed(cp, in->reply);
	if (cp->nego)
		cp->nego->naks_sent = 0;
	send_packet(cp, PPP_CP_CONF_ACK, in->pkt->id, in->reply);
}

static void send_configure_nak(struct ppp_cp *cp, const struct input *in)
{
	if (cp->nego && in->reply_code == PPP_CP_CONF_NAK)
		cp->nego->naks_sent++;
	send_packet(cp, in->reply_code, in->pkt->id, in->reply);
}

static void send_terminate_request(struct ppp_cp *cp, mono_t now)
{
	count_down(cp);
	start_timer(cp, now);
	send_packet(cp, PPP_CP_TERM_REQ, ppp_cp_next_id(cp), span_of(NULL, 0));
}

/* §5.6: the whole packet, cut to the peer's MRU. */
static void send_code_reject(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt)
{
	size_t room = cp->env->peer_mru < PPP_FRAME_MAX - 2 ? cp->env->peer_mru : PPP_FRAME_MAX - 2;
	struct ppp_out o;
	size_t mark, own;

	ppp_out_begin(&o, cp->ops->protocol);
	mark = ppp_cp_begin(&o.w, PPP_CP_CODE_REJ, ppp_cp_next_id(cp));
	wr_u8(&o.w, pkt->code);
	wr_u8(&o.w, pkt->id);
	wr_be16(&o.w, (uint16_t)(PPP_CP_HDR_LEN + pkt->data.len));
	own = 2 * PPP_CP_HDR_LEN;
	wr_bytes(&o.w, pkt->data.p, pkt->data.len < room - own ? pkt->data.len : room - own);
	ppp_cp_end(&o.w, mark);
	ppp_out_send(cp->env, &o);
	ppp_count(cp->env->count, PPP_COUNT_CODE_REJECTED);
}

static void send_echo_reply(struct ppp_cp *cp, const struct input *in)
{
	if (in->pkt->code == PPP_CP_ECHO_REQ)
		send_packet(cp, PPP_CP_ECHO_REP, in->pkt->id, in->reply);
}

static void act(struct ppp_cp *cp, uint32_t actions, const struct input *in, mono_t now)
{
	if (actions & PPP_CP_IRC)
		cp->restart_count = actions & PPP_CP_STR ? cp->env->max_terminate : cp->env->max_configure;
	if (actions & PPP_CP_ZRC) {
		cp->restart_count = 0;
		start_timer(cp, now);
	}
	if (actions & PPP_CP_SCR)
		send_configure_request(cp, now);
	if (actions & PPP_CP_SCA)
		send_configure_ack(cp, in);
	if (actions & PPP_CP_SCN)
		send_configure_nak(cp, in);
	if (actions & PPP_CP_STR)
		send_terminate_request(cp, now);
	if (actions & PPP_CP_STA)
		send_packet(cp, PPP_CP_TERM_ACK, in->pkt->id, span_of(NULL, 0));
	if (actions & PPP_CP_SCJ)
		send_code_reject(cp, in->pkt);
	if (actions & PPP_CP_SER)
		send_echo_reply(cp, in);
}

/*
 * One transition. Of the footnotes: [p] this-layer-finished is always taken (a tunnelled call is a switched circuit);
 * [r] Open in an open state changes nothing; [x] the Configure-Request is sent at once.
 */
static unsigned step(struct ppp_cp *cp, enum ppp_cp_event event, const struct input *in, mono_t now)
{
	const struct ppp_cp_cell *cell = ppp_cp_cell(cp->state, event);

	if (cell->actions & PPP_CP_ILLEGAL) {
		ppp_count(cp->env->count, PPP_COUNT_ILLEGAL_EVENT);
		return 0;
	}
	cp->state = cell->next;
	act(cp, cell->actions, in, now);
	if (cp->state < PPP_CP_CLOSING || cp->state == PPP_CP_OPENED)
		cp->restart_at = MONO_NEVER;
	if (!negotiating(cp))
		ppp_cp_fini(cp);
	return cell->actions & (PPP_CP_TLU | PPP_CP_TLD | PPP_CP_TLS | PPP_CP_TLF);
}

/* The options have found that there is no way on. An Opened that ends in the same breath is nobody's business. */
static unsigned close_if_failed(struct ppp_cp *cp, unsigned did, mono_t now)
{
	unsigned end;

	if (!cp->fail)
		return did;
	cp->why = cp->fail;
	cp->fail = 0;
	end = ppp_cp_close(cp, now);
	if (did & PPP_CP_TLU && end & PPP_CP_TLD)
		return (did & ~(unsigned)PPP_CP_TLU) | (end & ~(unsigned)PPP_CP_TLD);
	return did | end;
}

/* ---- events from above and below ---- */

static const struct input nothing;

unsigned ppp_cp_up(struct ppp_cp *cp, mono_t now)
{
	if (cp->passive && cp->state == PPP_CP_STARTING) {
		cp->state = PPP_CP_STOPPED;	/* where a Configure-Request of the peer begins, §4.2 */
		return 0;
	}
	return step(cp, PPP_CP_UP, &nothing, now);
}

unsigned ppp_cp_down(struct ppp_cp *cp, mono_t now)
{
	return step(cp, PPP_CP_DOWN, &nothing, now);
}

unsigned ppp_cp_open(struct ppp_cp *cp, mono_t now)
{
	return step(cp, PPP_CP_OPEN, &nothing, now);
}

unsigned ppp_cp_close(struct ppp_cp *cp, mono_t now)
{
	return step(cp, PPP_CP_CLOSE, &nothing, now);
}

static uint8_t reason_of_silence(const struct ppp_cp *cp)
{
	bool heard = cp->nego && cp->nego->heard;

	return cp->ops->reason[cp->peer_ended ? PPP_CAUSE_TERM_REQ : heard ? PPP_CAUSE_TIMEOUT : PPP_CAUSE_SILENT];
}

/* §2: the Protocol field of the NCPs is 8*** to b***. */
static bool is_ncp(const struct ppp_cp *cp)
{
	return (cp->ops->protocol & 0xc000) == 0x8000;
}

/*
 * §4.6 Max-Configure. A peer that has our Ack may be Opened, all its own having been lost: TO- would leave it believing
 * in a protocol that is Stopped, on a link that goes on with another. So an NCP is closed then (§4.3), and the peer told.
 */
static unsigned give_up(struct ppp_cp *cp, mono_t now)
{
	cp->why = reason_of_silence(cp);
	if (is_ncp(cp) && cp->state == PPP_CP_ACK_SENT)
		return ppp_cp_close(cp, now);
	return step(cp, PPP_CP_TO_BAD, &nothing, now);
}

static unsigned timeout(struct ppp_cp *cp, mono_t now)
{
	bool more = cp->restart_count > 0;

	if (!more && negotiating(cp))
		return give_up(cp, now);
	return step(cp, more ? PPP_CP_TO_GOOD : PPP_CP_TO_BAD, &nothing, now);
}

unsigned ppp_cp_expire(struct ppp_cp *cp, mono_t now)
{
	unsigned did = 0;

	if (mono_due(cp->restart_at, now))
		did |= timeout(cp, now);
	if (cp->nego && mono_due(cp->nego->give_up, now))
		cp->fail = reason_of_silence(cp);
	return close_if_failed(cp, did, now);
}

mono_t ppp_cp_deadline(const struct ppp_cp *cp)
{
	return cp->nego ? mono_min(cp->restart_at, cp->nego->give_up) : cp->restart_at;
}

unsigned ppp_cp_rejected(struct ppp_cp *cp, bool bad, mono_t now)
{
	if (cp->state < PPP_CP_CLOSED)
		return 0;
	if (bad)
		cp->why = cp->ops->reason[PPP_CAUSE_PROTO_REJ];
	return step(cp, bad ? PPP_CP_RXJ_BAD : PPP_CP_RXJ_GOOD, &nothing, now);
}

unsigned ppp_cp_echo(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, struct span reply, mono_t now)
{
	return step(cp, PPP_CP_RXR, &(struct input){ .pkt = pkt, .reply = reply }, now);
}

void ppp_cp_adopt(struct ppp_cp *cp)
{
	if (cp->state == PPP_CP_INITIAL)
		cp->state = PPP_CP_OPENED;
}

/* ---- Configure-Request, §5.1 ---- */

/* The replies that a request may have, written side by side. */
struct replies {
	struct wr nak, rej;
	uint8_t nak_octets[PPP_FRAME_MAX], rej_octets[PPP_FRAME_MAX];
};

static void replies_init(struct replies *r)
{
	r->nak = wr_of(r->nak_octets, sizeof(r->nak_octets));
	r->rej = wr_of(r->rej_octets, sizeof(r->rej_octets));
}

/* §4.6 Max-Failure: what would be a Nak is a Reject from then on. */
static bool naks_exhausted(const struct ppp_cp *cp)
{
	return cp->nego && cp->nego->naks_sent >= cp->env->max_failure;
}

static void judge_option(struct ppp_cp *cp, const struct ppp_opt *opt, struct ppp_optset *seen, struct replies *r)
{
	struct wr unused = r->nak;	/* a Nak that becomes a Reject leaves no trace */
	bool exhausted = naks_exhausted(cp), repeated = ppp_optset_has(seen, opt->type);
	enum ppp_verdict v;

	seen->bits[opt->type / 32] |= (uint32_t)1 << (opt->type % 32);
	if (repeated)
		ppp_count(cp->env->count, PPP_COUNT_OPTION_REPEATED);
	v = repeated ? PPP_OPT_REJ : cp->ops->judge(cp, opt, exhausted ? &unused : &r->nak);
	if (v == PPP_OPT_NAK && exhausted) {
		ppp_count(cp->env->count, PPP_COUNT_NAK_TO_REJECT);
		v = PPP_OPT_REJ;
	}
	if (v == PPP_OPT_REJ)
		wr_put(&r->rej, opt->whole);
}

static void judge_options(struct ppp_cp *cp, struct span options, struct replies *r)
{
	struct ppp_optset seen = { 0 };
	struct rd list = rd_span(options);
	struct ppp_opt opt;

	while (ppp_opt_next(&list, &opt))
		judge_option(cp, &opt, &seen, r);
	if (cp->ops->missing && !naks_exhausted(cp))
		cp->ops->missing(cp, &seen, &r->nak);
}

bool ppp_cp_acceptable(struct ppp_cp *cp, struct span options)
{
	struct replies r;

	replies_init(&r);
	judge_options(cp, options, &r);
	return wr_len(&r.nak) == 0 && wr_len(&r.rej) == 0;
}

static bool answers_requests(const struct ppp_cp *cp)
{
	return cp->state == PPP_CP_STOPPED || cp->state >= PPP_CP_REQ_SENT;
}

/* §5.2-5.4: Reject goes before Nak, Nak before Ack. */
static unsigned judge_request(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	struct input in = { .pkt = pkt, .reply_code = PPP_CP_CONF_ACK, .reply = pkt->data };
	struct replies r;

	replies_init(&r);
	judge_options(cp, pkt->data, &r);
	if (r.nak.full || r.rej.full) {
		ppp_count(cp->env->count, PPP_COUNT_TOO_BIG);
		return 0;
	}
	if (wr_len(&r.rej)) {
		in.reply_code = PPP_CP_CONF_REJ;
		in.reply = wr_span(&r.rej);
	} else if (wr_len(&r.nak)) {
		in.reply_code = PPP_CP_CONF_NAK;
		in.reply = wr_span(&r.nak);
	}
	return step(cp, in.reply_code == PPP_CP_CONF_ACK ? PPP_CP_RCR_GOOD : PPP_CP_RCR_BAD, &in, now);
}

static unsigned rx_configure_request(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	if (!answers_requests(cp))	/* Closed: a Terminate-Ack whatever it says */
		return step(cp, PPP_CP_RCR_GOOD, &(struct input){ .pkt = pkt }, now);
	if (!ppp_opts_check(pkt->data)) {
		ppp_count(cp->env->count, PPP_COUNT_OPTIONS_MALFORMED);
		return 0;
	}
	if (pkt->data.len > PPP_FRAME_MAX - 2 - PPP_CP_HDR_LEN) {	/* no answer to it fits a frame */
		ppp_count(cp->env->count, PPP_COUNT_TOO_BIG);
		return 0;
	}
	if (!nego_begin(cp, now))
		return 0;
	cp->nego->heard = true;
	cp->peer_ended = false;
	if (cp->state == PPP_CP_OPENED)
		cp->why = cp->ops->reason[PPP_CAUSE_CONF_REQ];
	return judge_request(cp, pkt, now);
}

/* ---- Configure-Ack, -Nak, -Reject, §5.2-5.4 ---- */

/*
 * A reply counts once: in Ack-Rcvd and Opened "the correct packet has already been received" (§4.3), and a repeat made
 * by the network must not begin the negotiation anew.
 */
static bool reply_expected(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt)
{
	bool ok = cp->nego && cp->nego->sent && !cp->nego->answered && pkt->id == cp->request_id;

	if (!ok)
		ppp_count(cp->env->count, PPP_COUNT_REPLY_BAD_ID);
	return ok;
}

static unsigned rx_configure_ack(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	if (!negotiating(cp) && cp->state != PPP_CP_OPENED)
		return step(cp, PPP_CP_RCA, &(struct input){ .pkt = pkt }, now);
	if (!reply_expected(cp, pkt))
		return 0;
	if (!span_eq(pkt->data, span_of(cp->nego->request, cp->nego->request_len))) {
		ppp_count(cp->env->count, PPP_COUNT_ACK_NOT_EQUAL);
		return 0;
	}
	cp->nego->answered = true;
	cp->nego->naks_received = 0;
	return step(cp, PPP_CP_RCA, &(struct input){ .pkt = pkt }, now);
}

static bool was_sent(const struct ppp_cp *cp, const struct ppp_opt *opt)
{
	struct rd list = rd_of(cp->nego->request, cp->nego->request_len);
	struct ppp_opt ours;

	while (ppp_opt_next(&list, &ours))
		if (span_eq(ours.whole, opt->whole))
			return true;
	return false;
}

static bool all_were_sent(struct ppp_cp *cp, struct span options)
{
	struct rd list = rd_span(options);
	struct ppp_opt opt;

	while (ppp_opt_next(&list, &opt))
		if (!was_sent(cp, &opt))
			return false;
	return true;
}

/* An option that is refused by Nak more than Max-Failure times is taken as rejected: the peer will not be persuaded. */
static void take_refusal(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt)
{
	bool rejected = pkt->code == PPP_CP_CONF_REJ || cp->nego->naks_received >= cp->env->max_failure;
	struct rd list = rd_span(pkt->data);
	struct ppp_opt opt;

	while (ppp_opt_next(&list, &opt)) {
		if (rejected)
			cp->ops->rejected(cp, opt.type);
		else
			cp->ops->naked(cp, &opt);
	}
	cp->nego->answered = true;
	if (pkt->code == PPP_CP_CONF_NAK && cp->nego->naks_received < UINT8_MAX)
		cp->nego->naks_received++;
}

static unsigned rx_configure_refusal(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	if (!negotiating(cp) && cp->state != PPP_CP_OPENED)
		return step(cp, PPP_CP_RCN, &(struct input){ .pkt = pkt }, now);
	if (!reply_expected(cp, pkt))
		return 0;
	if (!ppp_opts_check(pkt->data)) {
		ppp_count(cp->env->count, PPP_COUNT_OPTIONS_MALFORMED);
		return 0;
	}
	if (pkt->code == PPP_CP_CONF_REJ && !all_were_sent(cp, pkt->data)) {
		ppp_count(cp->env->count, PPP_COUNT_REJ_NOT_SENT);
		return 0;
	}
	take_refusal(cp, pkt);
	if (cp->fail)			/* no further request: close_if_failed() ends it */
		return 0;
	return step(cp, PPP_CP_RCN, &(struct input){ .pkt = pkt }, now);
}

/* ---- Terminate-Request, Terminate-Ack, Code-Reject, §5.5, §5.6 ---- */

static unsigned rx_terminate_request(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	if (cp->state == PPP_CP_OPENED)
		cp->why = cp->ops->reason[PPP_CAUSE_TERM_REQ];
	if (cp->state >= PPP_CP_REQ_SENT)
		cp->peer_ended = true;
	return step(cp, PPP_CP_RTR, &(struct input){ .pkt = pkt }, now);
}

static unsigned rx_terminate_ack(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	if (cp->state == PPP_CP_OPENED)
		cp->why = cp->ops->reason[PPP_CAUSE_TERM_ACK];
	return step(cp, PPP_CP_RTA, &(struct input){ .pkt = pkt }, now);
}

/* Without codes 1 to 7 there is no protocol; anything above is an extension that we then no longer send. */
static unsigned rx_code_reject(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	struct rd r = rd_span(pkt->data);
	uint8_t code = rd_u8(&r);
	unsigned did;

	if (r.bad) {
		ppp_count(cp->env->count, PPP_COUNT_CP_MALFORMED);
		return 0;
	}
	ppp_count(cp->env->count, PPP_COUNT_PEER_REJECTED_CODE);
	if (code >= PPP_CP_CONF_REQ && code <= PPP_CP_CODE_REJ) {
		cp->why = cp->ops->reason[PPP_CAUSE_CODE_REJ];
		cp->peer_ended = true;
		return step(cp, PPP_CP_RXJ_BAD, &(struct input){ .pkt = pkt }, now);
	}
	did = step(cp, PPP_CP_RXJ_GOOD, &(struct input){ .pkt = pkt }, now);
	return did | (cp->ops->extra ? cp->ops->extra(cp, pkt, now) : 0);
}

/* ---- every packet ---- */

typedef unsigned rx_code(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now);

static rx_code *const rx_codes[] = {
	[PPP_CP_CONF_REQ] = rx_configure_request,
	[PPP_CP_CONF_ACK] = rx_configure_ack,
	[PPP_CP_CONF_NAK] = rx_configure_refusal,
	[PPP_CP_CONF_REJ] = rx_configure_refusal,
	[PPP_CP_TERM_REQ] = rx_terminate_request,
	[PPP_CP_TERM_ACK] = rx_terminate_ack,
	[PPP_CP_CODE_REJ] = rx_code_reject,
};

static unsigned dispatch(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	if (pkt->code >= PPP_CP_CONF_REQ && pkt->code <= PPP_CP_CODE_REJ)
		return rx_codes[pkt->code](cp, pkt, now);
	if (cp->ops->extra && pkt->code >= PPP_CP_PROTO_REJ && pkt->code <= cp->ops->last_code)
		return cp->ops->extra(cp, pkt, now);
	return step(cp, PPP_CP_RUC, &(struct input){ .pkt = pkt }, now);
}

unsigned ppp_cp_rx(struct ppp_cp *cp, struct span info, mono_t now)
{
	struct rd r = rd_span(info);
	struct ppp_cp_pkt pkt;

	if (cp->state < PPP_CP_CLOSED) {	/* the lower layer is down */
		ppp_count(cp->env->count, PPP_COUNT_NOT_UP);
		return 0;
	}
	if (!ppp_cp_decode(&r, &pkt)) {
		ppp_count(cp->env->count, PPP_COUNT_CP_MALFORMED);
		return 0;
	}
	if (cp->nego)
		cp->nego->heard = true;
	return close_if_failed(cp, dispatch(cp, &pkt, now), now);
}
