/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CHAP (RFC 1994) with MD5, and MS-CHAPv2 (RFC 2759). Every Challenge has an Identifier and a value of its own, and
 * only the current one can be answered: what a client computes for another would not fit our verdict. The wait
 * doubles from one to the next, so that answers that take their time (all subscribers return at once) find theirs
 * still current.
 */
#include <string.h>

#include "ppp/link_impl.h"

static bool is_v2(const struct ppp_link *l)
{
	return l->auth_method == PPP_AUTH_MSCHAPV2;
}

static size_t response_len(const struct ppp_link *l)
{
	return is_v2(l) ? MSCHAPV2_RESPONSE_LEN : CHAP_MD5_LEN;
}

/* ---- authenticator ---- */

static uint8_t challenge_len(struct ppp_link *l)
{
	uint8_t least = l->conf->chap_challenge_min, most = l->conf->chap_challenge_max;

	if (is_v2(l))
		return MSCHAP_CHALLENGE_LEN;
	return most > least ? (uint8_t)(least + rng_below(l->env.rng, (uint32_t)(most - least) + 1)) : least;
}

/* RFC 1994 §4.1; in MS-CHAPv2 the value is 16 octets, RFC 2759 §3. */
void chap_send_challenge(struct ppp_link *l, mono_t now)
{
	struct ppp_authen *a = l->auth;
	struct ppp_challenge *c = &a->challenge;
	struct ppp_out o;

	*c = (struct ppp_challenge){ .used = true, .id = l->chap_id++, .len = challenge_len(l) };
	rng_bytes(l->env.rng, c->value, c->len);
	a->resend_at = mono_add_ms(now, (int64_t)l->env.restart_ms << (a->sent < 4 ? a->sent : 4));
	a->sent++;
	ppp_out_begin(&o, PPP_PROTO_CHAP);
	chap_value_encode(&o.w, CHAP_CHALLENGE, c->id, span_of(c->value, c->len), l->conf->name);
	ppp_out_send(&l->env, &o);
}

/* RFC 1994 §4.2 */
void chap_send_verdict(struct ppp_link *l, bool ok, uint8_t id, struct span text)
{
	struct ppp_out o;

	ppp_out_begin(&o, PPP_PROTO_CHAP);
	chap_verdict_encode(&o.w, ok ? CHAP_SUCCESS : CHAP_FAILURE, id, text);
	ppp_out_send(&l->env, &o);
}

static void wr_text(struct wr *w, const char *s)
{
	wr_put(w, span_str(s));
}

static void wr_message(struct wr *w, struct span message, const char *otherwise)
{
	wr_text(w, " M=");
	if (message.len == 0)
		wr_text(w, otherwise);
	wr_bytes(w, message.p, message.len < PPP_MESSAGE_MAX ? message.len : PPP_MESSAGE_MAX);
}

/* RFC 2759 §6: the challenge is there for a retry, which R=0 does not offer; clients want it all the same. */
static void wr_failure_v2(struct ppp_link *l, struct wr *w, struct span message)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t challenge[MSCHAP_CHALLENGE_LEN];

	rng_bytes(l->env.rng, challenge, sizeof(challenge));
	wr_text(w, "E=691 R=0 C=");
	for (size_t i = 0; i < sizeof(challenge); i++) {
		wr_u8(w, (uint8_t)hex[challenge[i] >> 4]);
		wr_u8(w, (uint8_t)hex[challenge[i] & 15]);
	}
	wr_text(w, " V=3");
	wr_message(w, message, "Authentication failed");
}

struct span chap_verdict_text(struct ppp_link *l, const struct ppp_auth_result *res, struct wr *w)
{
	struct span s = res->mschap_success;

	if (!is_v2(l)) {
		wr_bytes(w, res->message.p, res->message.len < PPP_MESSAGE_MAX ? res->message.len : PPP_MESSAGE_MAX);
	} else if (res->ok) {
		wr_bytes(w, s.p, s.len < MSCHAPV2_SUCCESS_LEN ? s.len : MSCHAPV2_SUCCESS_LEN);
		wr_message(w, res->message, "Welcome");
	} else {
		wr_failure_v2(l, w, res->message);
	}
	return wr_span(w);
}

/*
 * RFC 1994 §4.1: "any Response packets received having the current Challenge Identifier MUST return the same reply
 * Code".
 */
static void repeat_verdict(struct ppp_link *l, uint8_t id)
{
	if (id != l->auth_id) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_BAD_ID);
		return;
	}
	ppp_count(l->env.count, PPP_COUNT_AUTH_REPEATED);
	chap_send_verdict(l, true, id, l->verdict ? span_of(l->verdict->text, l->verdict->len) : span_of(NULL, 0));
}

static void take_response(struct ppp_link *l, const struct ppp_cp_pkt *pkt)
{
	struct ppp_authen *a = l->auth;
	struct span value, name;

	if (!chap_value_decode(pkt->data, &value, &name) || value.len != response_len(l) || name.len > PPP_NAME_MAX) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_MALFORMED);
		return;
	}
	a->id = pkt->id;
	a->response_len = (uint8_t)value.len;
	memcpy(a->response, value.p, value.len);
	(void)auth_judge(l, name, span_of(NULL, 0));
}

static void rx_response(struct ppp_link *l, const struct ppp_cp_pkt *pkt)
{
	struct ppp_authen *a = l->auth;

	if (l->authenticated) {
		repeat_verdict(l, pkt->id);
	} else if (!a) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_UNEXPECTED);
	} else if (a->state == PPP_AUTH_JUDGING) {
		ppp_count(l->env.count, pkt->id == a->id ? PPP_COUNT_AUTH_REPEATED : PPP_COUNT_AUTH_BAD_ID);
	} else if (!a->challenge.used || a->challenge.id != pkt->id) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_BAD_ID);
	} else {
		take_response(l, pkt);
	}
}

/* ---- client ---- */

static void compute_response(struct ppp_link *l, uint8_t id, struct span challenge)
{
	struct ppp_authen *a = l->auth;
	const struct ppp_link_conf *conf = l->conf;
	uint8_t own[MSCHAP_CHALLENGE_LEN];

	a->response_len = (uint8_t)response_len(l);
	if (!is_v2(l)) {
		chap_md5(id, conf->password, challenge, a->response);
		return;
	}
	rng_bytes(l->env.rng, own, sizeof(own));
	mschapv2_response(conf->password, conf->name, challenge.p, own, a->response);
	mschapv2_authenticator_response(conf->password, a->response + 24, own, challenge.p, conf->name, a->expected);
}

/*
 * The Success may be lost: the Response is repeated until there is a verdict, and the authenticator answers it
 * again.
 */
void chap_send_response(struct ppp_link *l, mono_t now)
{
	struct ppp_authen *a = l->auth;
	struct ppp_out o;

	a->sent++;
	if (l->phase == PPP_PHASE_AUTHENTICATE)
		a->resend_at = mono_add_ms(now, l->env.restart_ms);
	ppp_out_begin(&o, PPP_PROTO_CHAP);
	chap_value_encode(&o.w, CHAP_RESPONSE, a->id, span_of(a->response, a->response_len), l->conf->name);
	ppp_out_send(&l->env, &o);
}

static bool same_challenge(const struct ppp_authen *a, uint8_t id, struct span value)
{
	const struct ppp_challenge *c = &a->challenge;

	return c->used && c->id == id && span_eq(value, span_of(c->value, c->len));
}

/*
 * A Challenge that the network delivers late or twice: to answer it anew would be to answer nobody, and the verdict
 * on the first answer would not fit the second.
 */
static bool overtaken(const struct ppp_link *l, uint8_t id)
{
	if (l->auth && l->auth->state == PPP_AUTH_JUDGING)
		return (uint8_t)(l->auth->challenge.id - id) == 1;
	return l->authenticated && (uint8_t)(l->auth_id - id) <= 1;
}

/* In the network phase (RFC 1994 §2: "at random intervals") it is answered once, and only a Failure matters. */
static bool ready_for_challenge(struct ppp_link *l, mono_t now)
{
	if (l->phase == PPP_PHASE_NETWORK && (!l->auth || l->auth->state == PPP_AUTH_DONE)) {
		auth_drop(l);
		if (auth_begin(l, now))
			l->auth->deadline = MONO_NEVER;
	}
	return l->auth != NULL;
}

static void rx_challenge(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now)
{
	struct span value, name;
	struct ppp_challenge *c;

	if (!chap_value_decode(pkt->data, &value, &name) || (is_v2(l) && value.len != MSCHAP_CHALLENGE_LEN)) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_MALFORMED);
		return;
	}
	if (overtaken(l, pkt->id)) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_BAD_ID);
		return;
	}
	if (!ready_for_challenge(l, now))
		return;
	c = &l->auth->challenge;
	if (!same_challenge(l->auth, pkt->id, value)) {
		*c = (struct ppp_challenge){ .used = true, .id = pkt->id, .len = (uint8_t)value.len };
		memcpy(c->value, value.p, value.len);
		l->auth->id = pkt->id;
		l->auth->sent = 0;
		compute_response(l, pkt->id, value);
	}
	l->auth->state = PPP_AUTH_JUDGING;
	chap_send_response(l, now);
}

/* RFC 2759 §5, §8.8: a server that does not know the password cannot write this text. */
static bool server_is_true(const struct ppp_link *l, struct span message)
{
	return !is_v2(l) ||
	       (message.len >= MSCHAPV2_SUCCESS_LEN &&
		octets_equal_secret(span_of(message.p, MSCHAPV2_SUCCESS_LEN),
				    span_of(l->auth->expected, MSCHAPV2_SUCCESS_LEN)));
}

static void rx_verdict(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now)
{
	const struct ppp_authen *a = l->auth;

	if (!a || a->state != PPP_AUTH_JUDGING)
		ppp_count(l->env.count, PPP_COUNT_AUTH_UNEXPECTED);
	else if (pkt->id != a->id)
		ppp_count(l->env.count, PPP_COUNT_AUTH_BAD_ID);
	else if (pkt->code == CHAP_FAILURE)
		auth_refused(l, pkt->data, PPP_REASON_AUTHENTICATE_DENY_BY_PEER, now);
	else if (!server_is_true(l, pkt->data))
		link_fail(l, PPP_REASON_AUTHENTICATE_NO_AUTHENTICATOR, false, now);
	else
		auth_passed(l, now);
}

void chap_rx(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now)
{
	bool client = l->conf->role == PPP_CLIENT;

	if (pkt->code == CHAP_RESPONSE && !client)
		rx_response(l, pkt);
	else if (pkt->code == CHAP_CHALLENGE && client)
		rx_challenge(l, pkt, now);
	else if ((pkt->code == CHAP_SUCCESS || pkt->code == CHAP_FAILURE) && client)
		rx_verdict(l, pkt, now);
	else
		ppp_count(l->env.count, PPP_COUNT_AUTH_UNEXPECTED);
}
