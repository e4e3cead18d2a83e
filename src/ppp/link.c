/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PPP link, RFC 1661 §3: the phases Dead, Establish, Authenticate, Network, Terminate; the keepalive; what is told to
 * the owner. LCP's automaton says when a phase ends: every call into it returns the This-Layer actions, which
 * after_lcp() turns into phases.
 */
#include <stdlib.h>
#include <string.h>

#include "ppp/link_impl.h"

static void after_lcp(struct ppp_link *l, unsigned did, mono_t now);

const char *ppp_auth_name(enum ppp_auth a)
{
	static const char *const names[PPP_AUTH_COUNT] = { "none", "pap", "chap", "ms-chap-v2" };

	return (unsigned)a < PPP_AUTH_COUNT ? names[a] : "?";
}

void ppp_link_conf_default(struct ppp_link_conf *c, enum ppp_role role)
{
	*c = (struct ppp_link_conf){
		.role = role, .mru = 1500, .keepalive_s = 30, .keepalive_misses = 3, .restart_ms = 3000,
		.max_configure = 10, .max_terminate = 2, .max_failure = 5, .max_negotiations = 30, .auth_timeout_s = 30,
		.chap_challenge_min = 16, .chap_challenge_max = 32, .magic = true,
	};
}

/* ---- life ---- */

struct ppp_link *ppp_link_new(const struct ppp_link_conf *conf, struct rng *rng, struct ppp_counters *count)
{
	struct ppp_link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->conf = conf;
	l->env = (struct ppp_env){
		.rng = rng, .count = count, .restart_ms = conf->restart_ms,
		.restart_first_ms = conf->restart_first_ms, .max_configure = conf->max_configure,
		.max_terminate = conf->max_terminate, .max_failure = conf->max_failure, .peer_mru = 1500,
	};
	l->keepalive_at = l->passive_until = MONO_NEVER;
	l->local_mru = conf->mru;
	l->peer_mru = 1500;
	l->chap_id = (uint8_t)rng_u32(rng);
	ppp_cp_init(&l->lcp, &lcp_ops, &l->env);
	return l;
}

void ppp_link_free(struct ppp_link *l)
{
	if (!l)
		return;
	auth_drop(l);
	auth_bury(l);
	free(l->verdict);
	proxy_keep_free(l);
	ppp_cp_fini(&l->lcp);
	ppp_env_fini(&l->env);
	free(l);
}

/* ---- the end ---- */

static void finish(struct ppp_link *l)
{
	if (l->finished)
		return;
	if (!l->why) {
		l->why = l->lcp.why;
		l->by_peer = l->lcp.peer_ended;
	}
	l->finished = true;
	l->phase = PPP_PHASE_DEAD;
	l->keepalive_at = l->passive_until = MONO_NEVER;
	l->lcp.restart_at = MONO_NEVER;
	ppp_cp_fini(&l->lcp);
	auth_drop(l);
	l->told = PPP_TELL_DOWN;
}

void link_fail(struct ppp_link *l, enum ppp_reason why, bool by_peer, mono_t now)
{
	if (l->finished)
		return;
	if (!l->why) {
		l->why = (uint8_t)why;
		l->by_peer = by_peer;
	}
	if (l->lcp.state <= PPP_CP_STOPPED)	/* nothing to terminate */
		finish(l);
	else
		after_lcp(l, ppp_cp_close(&l->lcp, now), now);
}

/* ---- phases ---- */

static void restart_keepalive(struct ppp_link *l, mono_t now)
{
	l->heard_at = now;
	l->misses = l->loops = 0;
	l->echo_waits = false;
	l->keepalive_at = l->conf->keepalive_s ? mono_add_s(now, l->conf->keepalive_s) : MONO_NEVER;
}

void link_enter_network(struct ppp_link *l, mono_t now)
{
	l->phase = PPP_PHASE_NETWORK;
	l->told |= PPP_TELL_NETWORK;
}

static void ask_for_credentials(struct ppp_link *l, mono_t now)
{
	if (l->conf->role == PPP_AUTHENTICATOR && link_uses_chap(l))
		chap_send_challenge(l, now);
	else if (l->conf->role == PPP_CLIENT && !link_uses_chap(l))
		pap_send_request(l, now);
}

/* proxied: what an LAC got out of the client, or NULL. */
static void enter_authenticate(struct ppp_link *l, const struct ppp_proxy *px, mono_t now)
{
	l->phase = PPP_PHASE_AUTHENTICATE;
	if (!auth_begin(l, now))
		link_fail(l, PPP_REASON_AUTHENTICATE_NO_RESOURCES, false, now);
	else if (!px || !proxy_auth(l, px))
		ask_for_credentials(l, now);
}

/* tlu. A dialogue before PPP is the one case of credentials without a method. */
static void opened(struct ppp_link *l, const struct ppp_proxy *px, mono_t now)
{
	bool ask = l->auth_method != PPP_AUTH_NONE || (px && l->conf->auth[0] != PPP_AUTH_NONE);

	l->told |= PPP_TELL_UP;
	restart_keepalive(l, now);
	if (ask)
		enter_authenticate(l, px, now);
	else
		link_enter_network(l, now);
}

/* tld. To the owner it is a renegotiation, or the beginning of the end. */
static void left_opened(struct ppp_link *l, mono_t now)
{
	l->told = 0;
	l->keepalive_at = MONO_NEVER;
	l->echo_waits = l->proxied_lcp = l->proxied_auth = false;
	auth_drop(l);
	if (l->lcp.state < PPP_CP_REQ_SENT)
		return;
	l->phase = PPP_PHASE_ESTABLISH;
	l->told = PPP_TELL_RENEGOTIATE;
	l->renegotiations++;
	ppp_count(l->env.count, PPP_COUNT_RENEGOTIATED);
	if (l->renegotiations > l->conf->max_negotiations)
		link_fail(l, l->lcp.why, true, now);
}

static void after_lcp(struct ppp_link *l, unsigned did, mono_t now)
{
	if (did & PPP_CP_TLD)
		left_opened(l, now);
	if (did & PPP_CP_TLU)
		opened(l, NULL, now);
	if (did & PPP_CP_TLF)
		finish(l);
	else if (l->lcp.state == PPP_CP_CLOSING || l->lcp.state == PPP_CP_STOPPING)
		l->phase = PPP_PHASE_TERMINATE;
}

/* ---- the lower layer and the administrator ---- */

void ppp_link_up(struct ppp_link *l, mono_t now)
{
	if (l->lcp.state != PPP_CP_INITIAL || l->finished)
		return;
	l->phase = PPP_PHASE_ESTABLISH;
	l->lcp.passive = l->conf->passive;
	if (l->conf->passive)
		l->passive_until = mono_add_ms(now, (int64_t)l->env.max_configure * l->env.restart_ms);
	after_lcp(l, ppp_cp_open(&l->lcp, now) | ppp_cp_up(&l->lcp, now), now);
}

/* The peer believes that LCP is Opened: it will not begin, so we do, passive or not. */
static void begin_again(struct ppp_link *l, mono_t now)
{
	l->phase = PPP_PHASE_ESTABLISH;
	after_lcp(l, ppp_cp_open(&l->lcp, now) | ppp_cp_up(&l->lcp, now), now);
}

enum ppp_proxy_verdict ppp_link_up_proxy(struct ppp_link *l, const struct ppp_proxy *px, mono_t now)
{
	enum ppp_proxy_verdict v;

	if (l->lcp.state != PPP_CP_INITIAL || l->finished)
		return PPP_PROXY_NONE;
	if (px->has_id)
		l->chap_id = (uint8_t)(px->id + 1);	/* the client has answered that one already */
	v = proxy_check(l, px);
	if (v == PPP_PROXY_ACCEPTED) {
		l->proxied_lcp = true;
		ppp_cp_adopt(&l->lcp);
		opened(l, px, now);
	} else if (px->last_tx_lcp.p || px->last_rx_lcp.p || px->initial_rx_lcp.p) {
		begin_again(l, now);
	} else {
		ppp_link_up(l, now);
	}
	return v;
}

void ppp_link_close(struct ppp_link *l, enum ppp_reason why, mono_t now)
{
	link_fail(l, why, false, now);
}

void ppp_link_down(struct ppp_link *l, enum ppp_reason why, mono_t now)
{
	if (l->finished)
		return;
	if (!l->why)
		l->why = (uint8_t)why;
	if (l->lcp.state >= PPP_CP_CLOSED)
		(void)ppp_cp_down(&l->lcp, now);
	finish(l);
}

/* ---- frames in ---- */

static void keep_initial_request(struct ppp_link *l, struct span info)
{
	struct rd r = rd_span(info);
	struct ppp_cp_pkt pkt;

	if (!l->conf->keep_proxy_data || (l->kept && l->kept->item[KEEP_INITIAL_RX].octets))
		return;
	if (ppp_cp_decode(&r, &pkt) && pkt.code == PPP_CP_CONF_REQ)
		proxy_keep(l, KEEP_INITIAL_RX, pkt.data);
}

static bool is_network_protocol(uint16_t protocol)
{
	return protocol == PPP_PROTO_IP4 || protocol == PPP_PROTO_IP6 || (protocol >= 0x8000 && protocol <= 0xbfff);
}

/* A Protocol-Reject of an NCP is for the network layer too, which knows the packet. */
static bool rejects_an_ncp(struct span info)
{
	struct rd r = rd_span(info);
	struct ppp_cp_pkt pkt;
	struct rd data;

	if (!ppp_cp_decode(&r, &pkt) || pkt.code != PPP_CP_PROTO_REJ)
		return false;
	data = rd_span(pkt.data);
	return is_network_protocol(rd_be16(&data));
}

static enum ppp_rx rx_lcp(struct ppp_link *l, struct span info, mono_t now)
{
	keep_initial_request(l, info);
	after_lcp(l, ppp_cp_rx(&l->lcp, info, now), now);
	return l->phase == PPP_PHASE_NETWORK && rejects_an_ncp(info) ? PPP_RX_NCP : PPP_RX_DONE;
}

static enum ppp_rx rx_network(struct ppp_link *l, uint16_t protocol, struct span info)
{
	if (protocol == PPP_PROTO_IP4 || protocol == PPP_PROTO_IP6)
		return PPP_RX_DATA;
	if (is_network_protocol(protocol))
		return PPP_RX_NCP;
	lcp_send_protocol_reject(l, protocol, info);	/* §5.7 */
	return PPP_RX_DONE;
}

static bool is_auth_protocol(uint16_t protocol)
{
	return protocol == PPP_PROTO_PAP || protocol == PPP_PROTO_CHAP;
}

/* §3.4-3.7: what a phase does not expect is silently discarded; only in the network phase is it rejected. */
static enum ppp_rx rx_other(struct ppp_link *l, uint16_t protocol, struct span info, mono_t now)
{
	bool known = is_auth_protocol(protocol) && l->auth_method != PPP_AUTH_NONE &&
		     protocol == (link_uses_chap(l) ? PPP_PROTO_CHAP : PPP_PROTO_PAP);

	if (l->phase == PPP_PHASE_NETWORK && !known)
		return rx_network(l, protocol, info);
	if (l->phase != PPP_PHASE_NETWORK && l->phase != PPP_PHASE_AUTHENTICATE)
		ppp_count(l->env.count, is_auth_protocol(protocol) ? PPP_COUNT_EARLY_AUTH : PPP_COUNT_EARLY_FRAME);
	else if (is_auth_protocol(protocol))
		auth_rx(l, protocol, info, now);
	else
		ppp_count(l->env.count, PPP_COUNT_EARLY_FRAME);
	return PPP_RX_DONE;
}

enum ppp_rx ppp_link_rx(struct ppp_link *l, const uint8_t *frame, size_t len, mono_t now)
{
	struct rd r = rd_of(frame, len);
	uint16_t protocol;

	if (l->phase == PPP_PHASE_DEAD) {
		ppp_count(l->env.count, PPP_COUNT_NOT_UP);
		return PPP_RX_DONE;
	}
	if (!ppp_frame_protocol(&r, &protocol)) {
		ppp_count(l->env.count, PPP_COUNT_FRAME_SHORT);
		return PPP_RX_DONE;
	}
	ppp_link_activity(l, now);
	return protocol == PPP_PROTO_LCP ? rx_lcp(l, rd_rest(&r), now) : rx_other(l, protocol, rd_rest(&r), now);
}

void ppp_link_reject_protocol(struct ppp_link *l, const uint8_t *frame, size_t len, mono_t now)
{
	struct rd r = rd_of(frame, len);
	uint16_t protocol;

	if (ppp_frame_protocol(&r, &protocol))
		lcp_send_protocol_reject(l, protocol, rd_rest(&r));
}

void ppp_link_auth_result(struct ppp_link *l, const struct ppp_auth_result *res, mono_t now)
{
	auth_result(l, res, now);
}

/* ---- keepalive: spec 11.3 ---- */

/*
 * At the end of each interval: a peer that was heard in it is alive, and no Echo-Request is sent. Otherwise the
 * owner is asked (data do not pass through here), and if it knows of no traffic either, the interval was missed: an
 * Echo-Request goes out with the next frames, or after keepalive_misses of them the link has failed. So a dead peer
 * is found out in 3 to 4 intervals: 90 to 120 s with the default of 30 s.
 */
void ppp_link_activity(struct ppp_link *l, mono_t at)
{
	if (mono_before(l->heard_at, at))
		l->heard_at = at;
	l->misses = 0;
	l->echo_waits = false;
	l->told &= (uint8_t)~PPP_TELL_KEEPALIVE_DUE;
}

static void keepalive_due(struct ppp_link *l, mono_t now)
{
	mono_t begun = mono_add_s(l->keepalive_at, -(int64_t)l->conf->keepalive_s);

	l->keepalive_at = mono_add_s(now, l->conf->keepalive_s);
	if (mono_before(begun, l->heard_at))
		return;
	l->echo_waits = true;
	l->told |= PPP_TELL_KEEPALIVE_DUE;
}

/* The owner has been asked and knew of nothing. */
static void keepalive_missed(struct ppp_link *l, mono_t now)
{
	l->echo_waits = false;
	if (l->no_echo)
		return;
	if (++l->misses >= l->conf->keepalive_misses)
		link_fail(l, PPP_REASON_LCP_KEEPALIVE_FAILURE, false, now);
	else
		lcp_send_echo_request(l);
}

/* ---- time ---- */

void ppp_link_expire(struct ppp_link *l, mono_t now)
{
	if (l->finished)
		return;
	after_lcp(l, ppp_cp_expire(&l->lcp, now), now);
	auth_expire(l, now);
	if (mono_due(l->keepalive_at, now))
		keepalive_due(l, now);
	if (mono_due(l->passive_until, now)) {
		l->passive_until = MONO_NEVER;
		if (l->lcp.state == PPP_CP_STOPPED)
			link_fail(l, PPP_REASON_LCP_MAX_PASSIVE_RETRIES_EXCEEDED, false, now);
	}
}

mono_t ppp_link_deadline(const struct ppp_link *l)
{
	mono_t t = mono_min(ppp_cp_deadline(&l->lcp), auth_deadline(l));

	return mono_min(t, mono_min(l->keepalive_at, l->passive_until));
}

size_t ppp_link_tx(struct ppp_link *l, uint8_t *buf, size_t cap, mono_t now)
{
	if (l->echo_waits && !(l->told & PPP_TELL_KEEPALIVE_DUE))
		keepalive_missed(l, now);
	return ppp_env_take(&l->env, buf, cap);
}

/* ---- events out ---- */

static void tell_auth_request(const struct ppp_link *l, struct ppp_auth_request *req)
{
	const struct ppp_authen *a = l->auth;

	*req = (struct ppp_auth_request){
		.method = l->auth_method ? (enum ppp_auth)l->auth_method : PPP_AUTH_PAP,
		.name = auth_name(a), .password = auth_password(a), .id = a->id, .proxied = a->proxied,
	};
	if (link_uses_chap(l)) {
		const struct ppp_challenge *c = &a->challenge;

		req->challenge = span_of(c->value, c->len);
		req->response = span_of(a->response, a->response_len);
	}
}

static void tell_network(const struct ppp_link *l, struct ppp_auth_request *req)
{
	req->method = (enum ppp_auth)l->auth_method;
	if (l->conf->role == PPP_CLIENT && l->auth_method != PPP_AUTH_NONE)
		req->name = l->conf->name;
	else if (l->auth)
		req->name = auth_name(l->auth);
	if (l->proxied_auth && req->method == PPP_AUTH_NONE)
		req->method = PPP_AUTH_PAP;	/* a dialogue before PPP */
	req->proxied = l->proxied_auth;
}

static void tell_down(const struct ppp_link *l, struct ppp_link_event *ev)
{
	ev->reason = (enum ppp_reason)l->why;
	ev->by_peer = l->by_peer;
	if (l->verdict && l->conf->role == PPP_CLIENT)
		ev->message = span_of(l->verdict->text, l->verdict->len);
}

bool ppp_link_event(struct ppp_link *l, struct ppp_link_event *ev)
{
	static const enum ppp_link_event_type types[] = {
		PPP_LINK_EV_RENEGOTIATE, PPP_LINK_EV_UP, PPP_LINK_EV_AUTH_REQUEST, PPP_LINK_EV_NETWORK,
		PPP_LINK_EV_KEEPALIVE_DUE, PPP_LINK_EV_DOWN,
	};
	unsigned i = 0;

	auth_bury(l);
	*ev = (struct ppp_link_event){ 0 };
	if (!l->told)
		return false;
	while (!(l->told >> i & 1))
		i++;
	l->told &= (uint8_t)~(1u << i);
	ev->type = types[i];
	if (ev->type == PPP_LINK_EV_AUTH_REQUEST)
		tell_auth_request(l, &ev->auth);
	else if (ev->type == PPP_LINK_EV_NETWORK)
		tell_network(l, &ev->auth);
	else if (ev->type == PPP_LINK_EV_DOWN)
		tell_down(l, ev);
	return true;
}

void ppp_link_info(const struct ppp_link *l, struct ppp_link_info *info)
{
	static const char *const phases[] = { "dead", "establish", "authenticate", "network", "terminate" };

	*info = (struct ppp_link_info){
		.phase = phases[l->phase], .lcp_state = ppp_cp_state_name(l->lcp.state),
		.auth = (enum ppp_auth)l->auth_method, .local_mru = l->local_mru, .peer_mru = l->peer_mru,
		.local_magic = l->local_magic, .peer_magic = l->peer_magic, .peer_pfc = l->peer_pfc,
		.peer_acfc = l->peer_acfc, .proxied_lcp = l->proxied_lcp, .proxied_auth = l->proxied_auth,
		.echo_sent = l->echo_sent, .echo_answered = l->echo_answered, .renegotiations = l->renegotiations,
		.reason = (enum ppp_reason)(l->why ? l->why : l->lcp.why),
	};
}
