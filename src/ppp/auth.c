/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The authentication phase (RFC 1661 §3.5) whatever the method: one deadline for all of it, repeats, the judgement. The
 * packets are pap.c's and chap.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "ppp/link_impl.h"

static bool is_client(const struct ppp_link *l)
{
	return l->conf->role == PPP_CLIENT;
}

/* ---- life ---- */

static void authen_free(struct ppp_authen *a)
{
	if (a->octets)
		explicit_bzero(a->octets, (size_t)a->name_len + a->password_len);
	free(a->octets);
	explicit_bzero(a, sizeof(*a));
	free(a);
}

bool auth_begin(struct ppp_link *l, mono_t now)
{
	struct ppp_authen *a = calloc(1, sizeof(*a));

	if (!a) {
		ppp_count(l->env.count, PPP_COUNT_NO_MEMORY);
		return false;
	}
	a->deadline = mono_add_s(now, l->conf->auth_timeout_s);
	a->resend_at = MONO_NEVER;
	l->auth = a;
	return true;
}

/* Spans of an AUTH_REQUEST may still be held: they are good until the next event is asked for. */
void auth_drop(struct ppp_link *l)
{
	if (l->auth) {
		l->auth->next = l->grave;
		l->grave = l->auth;
		l->auth = NULL;
	}
	if (!is_client(l)) {
		free(l->verdict);
		l->verdict = NULL;
	}
	l->authenticated = false;
}

void auth_bury(struct ppp_link *l)
{
	if (l->auth && l->auth->state == PPP_AUTH_DONE && !(l->told & PPP_TELL_NETWORK)) {
		authen_free(l->auth);
		l->auth = NULL;
	}
	while (l->grave) {
		struct ppp_authen *a = l->grave;

		l->grave = a->next;
		authen_free(a);
	}
}

/* ---- credentials ---- */

struct span auth_name(const struct ppp_authen *a)
{
	return span_of(a->octets, a->name_len);
}

struct span auth_password(const struct ppp_authen *a)
{
	return span_of(a->octets ? a->octets + a->name_len : NULL, a->password_len);
}

bool auth_judge(struct ppp_link *l, struct span name, struct span password)
{
	struct ppp_authen *a = l->auth;
	uint8_t *octets = malloc(name.len + password.len + 1);
	struct wr w = wr_of(octets, octets ? name.len + password.len : 0);

	if (!octets) {
		ppp_count(l->env.count, PPP_COUNT_NO_MEMORY);
		return false;
	}
	wr_put(&w, name);
	wr_put(&w, password);
	a->octets = octets;
	a->name_len = (uint16_t)name.len;
	a->password_len = (uint16_t)password.len;
	a->state = PPP_AUTH_JUDGING;
	a->resend_at = MONO_NEVER;
	l->told |= PPP_TELL_AUTH_REQUEST;
	proxy_keep(l, KEEP_NAME, name);
	proxy_keep(l, KEEP_RESPONSE, link_uses_chap(l) ? span_of(a->response, a->response_len) : password);
	if (link_uses_chap(l))
		proxy_keep(l, KEEP_CHALLENGE, span_of(a->challenge.value, a->challenge.len));
	proxy_keep_id(l, a->id);
	return true;
}

void auth_keep_text(struct ppp_link *l, struct span text)
{
	free(l->verdict);
	l->verdict = text.len ? malloc(sizeof(*l->verdict) + text.len) : NULL;
	if (!l->verdict)
		return;			/* an empty message will do */
	l->verdict->len = (uint16_t)text.len;
	memcpy(l->verdict->text, text.p, text.len);
}

/* ---- the judgement, authenticator ---- */

static struct span reply_text(struct ppp_link *l, const struct ppp_auth_result *res, struct wr *w)
{
	if (link_uses_chap(l))
		return chap_verdict_text(l, res, w);
	wr_bytes(w, res->message.p, res->message.len < PPP_MESSAGE_MAX ? res->message.len : PPP_MESSAGE_MAX);
	return wr_span(w);
}

static void send_reply(struct ppp_link *l, bool ok, uint8_t id, struct span text)
{
	if (link_uses_chap(l))
		chap_send_verdict(l, ok, id, text);
	else
		pap_send_reply(l, ok, id, text);
}

void auth_result(struct ppp_link *l, const struct ppp_auth_result *res, mono_t now)
{
	struct ppp_authen *a = l->auth;
	uint8_t octets[2 * PPP_MESSAGE_MAX];
	struct wr w = wr_of(octets, sizeof(octets));
	struct span text;

	if (!a || a->state != PPP_AUTH_JUDGING || is_client(l)) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_LATE_RESULT);
		return;
	}
	text = reply_text(l, res, &w);
	if (!a->silent)
		send_reply(l, res->ok, a->id, text);
	a->state = PPP_AUTH_DONE;
	if (!res->ok) {
		link_fail(l, res->why ? res->why : PPP_REASON_AUTHENTICATE_DENY_BY_PEER, false, now);
		return;
	}
	l->authenticated = true;
	l->auth_id = a->id;
	l->proxied_auth = a->proxied;
	auth_keep_text(l, text);
	link_enter_network(l, now);
}

/* ---- the judgement, client ---- */

void auth_passed(struct ppp_link *l, mono_t now)
{
	l->auth->state = PPP_AUTH_DONE;
	l->authenticated = true;
	l->auth_id = l->auth->id;
	if (l->phase == PPP_PHASE_AUTHENTICATE)
		link_enter_network(l, now);
}

void auth_refused(struct ppp_link *l, struct span message, enum ppp_reason why, mono_t now)
{
	auth_keep_text(l, span_of(message.p, message.len < PPP_MESSAGE_MAX ? message.len : PPP_MESSAGE_MAX));
	link_fail(l, why, true, now);
}

/* ---- frames ---- */

void auth_rx(struct ppp_link *l, uint16_t protocol, struct span info, mono_t now)
{
	struct rd r = rd_span(info);
	struct ppp_cp_pkt pkt;

	if (protocol != (link_uses_chap(l) ? PPP_PROTO_CHAP : PPP_PROTO_PAP)) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_OTHER_PROTOCOL);
		return;
	}
	if (!ppp_cp_decode(&r, &pkt)) {
		ppp_count(l->env.count, PPP_COUNT_AUTH_MALFORMED);
		return;
	}
	if (link_uses_chap(l))
		chap_rx(l, &pkt, now);
	else
		pap_rx(l, &pkt, now);
}

/* ---- time ---- */

/* Why nothing came of it in time: who was to speak. */
static enum ppp_reason reason_of_silence(const struct ppp_link *l)
{
	bool judging = l->auth->state == PPP_AUTH_JUDGING, chap = link_uses_chap(l);

	if (!is_client(l))
		return judging ? PPP_REASON_AUTHENTICATE_AUTHENTICATOR_TIMEOUT :
		       chap ? PPP_REASON_AUTHENTICATE_CHALLENGE_TIMEOUT : PPP_REASON_AUTHENTICATE_PAP_REQUEST_TIMEOUT;
	if (!chap)
		return PPP_REASON_AUTHENTICATE_PAP_PEER_AUTHENTICATOR_TIMEOUT;
	return judging ? PPP_REASON_AUTHENTICATE_CHAP_PEER_AUTHENTICATOR_TIMEOUT :
	       PPP_REASON_AUTHENTICATE_CHAP_PEER_CHALLENGE_TIMEOUT;
}

static void resend(struct ppp_link *l, mono_t now)
{
	if (l->auth->sent >= l->env.max_configure)
		link_fail(l, reason_of_silence(l), false, now);
	else if (!is_client(l))
		chap_send_challenge(l, now);
	else if (link_uses_chap(l))
		chap_send_response(l, now);
	else
		pap_send_request(l, now);
}

void auth_expire(struct ppp_link *l, mono_t now)
{
	const struct ppp_authen *a = l->auth;

	if (!a || a->state == PPP_AUTH_DONE)
		return;
	if (mono_due(a->deadline, now))
		link_fail(l, reason_of_silence(l), false, now);
	else if (mono_due(a->resend_at, now))
		resend(l, now);
}

mono_t auth_deadline(const struct ppp_link *l)
{
	if (!l->auth || l->auth->state == PPP_AUTH_DONE)
		return MONO_NEVER;
	return mono_min(l->auth->deadline, l->auth->resend_at);
}
