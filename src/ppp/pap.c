/* SPDX-License-Identifier: BSD-2-Clause */
/* PAP, RFC 1334 §2.2: the client asks until it is answered, and is answered the same way however often it asks. */
#include "ppp/link_impl.h"

/* ---- authenticator ---- */

/* §2.2.2 */
void pap_send_reply(struct ppp_link *l, bool ok, uint8_t id, struct span text)
{
	struct ppp_out o;

	ppp_out_begin(&o, PPP_PROTO_PAP);
	pap_reply_encode(&o.w, ok ? PAP_ACK : PAP_NAK, id, text);
	ppp_out_send(&l->env, &o);
}

/* "MUST allow repeated Authenticate-Request packets after completing the Authentication phase", §2.2.1. */
static void repeat_reply(struct ppp_link *l, uint8_t id)
{
	ppp_count(l->env.count, PPP_COUNT_AUTH_REPEATED);
	pap_send_reply(l, true, id, l->verdict ? span_of(l->verdict->text, l->verdict->len) : span_of(NULL, 0));
}

static void rx_request(struct ppp_link *l, const struct ppp_cp_pkt *pkt)
{
	struct ppp_authen *a = l->auth;
	struct span name, password;

	if (l->authenticated) {
		repeat_reply(l, pkt->id);
		return;
	}
	if (!a || !pap_req_decode(pkt->data, &name, &password)) {
		ppp_count(l->env.count, a ? PPP_COUNT_AUTH_MALFORMED : PPP_COUNT_AUTH_UNEXPECTED);
		return;
	}
	a->id = pkt->id;	/* the answer goes to the latest: a client counts its requests */
	a->silent = false;
	if (a->state == PPP_AUTH_JUDGING)
		ppp_count(l->env.count, PPP_COUNT_AUTH_REPEATED);
	else
		(void)auth_judge(l, name, password);
}

/* ---- client ---- */

/* §2.2.1: the Identifier changes with every Request. */
void pap_send_request(struct ppp_link *l, mono_t now)
{
	struct ppp_authen *a = l->auth;
	struct ppp_out o;

	a->id = a->sent ? (uint8_t)(a->id + 1) : (uint8_t)rng_u32(l->env.rng);
	if (!a->sent)
		a->first_id = a->id;
	a->sent++;
	a->state = PPP_AUTH_JUDGING;
	a->resend_at = mono_add_ms(now, l->env.restart_ms);
	ppp_out_begin(&o, PPP_PROTO_PAP);
	pap_req_encode(&o.w, a->id, l->conf->name, l->conf->password);
	ppp_out_send(&l->env, &o);
}

static void rx_reply(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now)
{
	const struct ppp_authen *a = l->auth;
	struct span message;

	if (!a || a->state != PPP_AUTH_JUDGING) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_UNEXPECTED);
		return;
	}
	if ((uint8_t)(pkt->id - a->first_id) >= a->sent) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_BAD_ID);
		return;
	}
	if (!pap_reply_decode(pkt->data, &message))
		message = span_of(NULL, 0);	/* the code says it all */
	if (pkt->code == PAP_ACK)
		auth_passed(l, now);
	else
		auth_refused(l, message, PPP_REASON_AUTHENTICATE_DENY_BY_PEER, now);
}

void pap_rx(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now)
{
	bool client = l->conf->role == PPP_CLIENT;

	if (pkt->code == PAP_REQ && !client)
		rx_request(l, pkt);
	else if ((pkt->code == PAP_ACK || pkt->code == PAP_NAK) && client)
		rx_reply(l, pkt, now);
	else
		ppp_count(l->env.count, PPP_COUNT_AUTH_UNEXPECTED);
}
