/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session and its PPP link: frames in and out, what the link and the net layer say, their timers. What any of it
 * means for the call is session.c's.
 */
#include <string.h>

#include "model/priv.h"

/* ---- frames ---- */

void session_frame(struct model *m, struct session *s, const uint8_t *frame, size_t len, mono_t now)
{
	count(m, MODEL_COUNT_FRAMES_RX);
	debug_frame(m, true, s, frame, len);
	if (!s->link || s->phase >= SESSION_ENDING) {
		count(m, MODEL_COUNT_FRAMES_NO_LINK);
		return;
	}
	s->heard = true;
	switch (ppp_link_rx(s->link, frame, len, now)) {
	case PPP_RX_NCP:
		/* before its grant a client is not answered: it asks again */
		if (s->sub && s->sub->net && !ppp_net_rx(s->sub->net, frame, len, now))
			ppp_link_reject_protocol(s->link, frame, len, now);
		break;
	case PPP_RX_DATA:
		count(m, MODEL_COUNT_FRAMES_DATA);
		break;
	case PPP_RX_DONE:
		break;
	}
	session_ready(m, s);
}

static void send_frame(struct model *m, struct session *s, size_t len)
{
	int rc = m->dp.ops->session_tx(m->dp.dp, s->dp, m->buf, len);

	debug_frame(m, false, s, m->buf, len);
	count(m, rc ? MODEL_COUNT_FRAMES_TX_FAILED : MODEL_COUNT_FRAMES_TX);
}

/* The link's first: a client must see its authentication succeed before IPCP. */
void session_send_frames(struct model *m, struct session *s, mono_t now)
{
	size_t len;

	if (!s->link || !s->in_dp)
		return;
	while ((len = ppp_link_tx(s->link, m->buf, sizeof(m->buf), now)))
		send_frame(m, s, len);
	while (s->sub && s->sub->net && (len = ppp_net_tx(s->sub->net, m->buf, sizeof(m->buf), now)))
		send_frame(m, s, len);
}

/* ---- what the link says ---- */

static void note_link(struct session *s)
{
	struct ppp_link_info info;

	ppp_link_info(s->link, &info);
	s->proxy_lcp_used = info.proxied_lcp;
	s->proxy_auth_used = info.proxied_auth;
}

static void link_up(struct model *m, struct session *s)
{
	struct ppp_link_info info;

	ppp_link_info(s->link, &info);
	s->auth_begun |= info.auth != PPP_AUTH_NONE;
	if (s->phase == SESSION_LCP)
		session_phase_set(m, s, SESSION_AUTH);
}

static void link_network(struct model *m, struct session *s, mono_t now)
{
	s->network = true;
	note_link(s);
	if (s->phase == SESSION_LCP)
		session_phase_set(m, s, SESSION_AUTH);
	if (!s->sub)
		subscriber_ask(m, s, NULL, now);
	else if (s->sub->granted)
		subscriber_network(m, s, now);
}

static void keepalive_due(struct model *m, struct session *s, mono_t now)
{
	struct dp_counters c;

	session_counters(m, s, &c);
	if (c.rx_packets != s->seen_rx)
		ppp_link_activity(s->link, now);
	s->seen_rx = c.rx_packets;
}

static void link_renegotiate(struct model *m, struct session *s, mono_t now)
{
	if (s->phase >= SESSION_CLOSING)
		return;
	s->network = false;
	if (s->sub)
		subscriber_renegotiate(m, s, now);
	if (s->phase > SESSION_LCP)
		session_phase_set(m, s, SESSION_LCP);
	s->due = mono_add_s(now, m->conf.l2tp.call_setup_s);
}

static void link_event(struct model *m, struct session *s, const struct ppp_link_event *ev, mono_t now)
{
	switch (ev->type) {
	case PPP_LINK_EV_UP:
		link_up(m, s);
		break;
	case PPP_LINK_EV_AUTH_REQUEST:
		s->auth_begun = true;
		if (s->phase == SESSION_LCP)
			session_phase_set(m, s, SESSION_AUTH);
		if (s->phase < SESSION_CLOSING)
			subscriber_ask(m, s, &ev->auth, now);
		break;
	case PPP_LINK_EV_NETWORK:
		if (s->phase < SESSION_CLOSING)
			link_network(m, s, now);
		break;
	case PPP_LINK_EV_KEEPALIVE_DUE:
		keepalive_due(m, s, now);
		break;
	case PPP_LINK_EV_RENEGOTIATE:
		link_renegotiate(m, s, now);
		break;
	case PPP_LINK_EV_DOWN:
		session_end(m, s, end_ppp(ev->reason), now);
		break;
	}
}

/* ---- pumping ---- */

static void session_overdue(struct model *m, struct session *s, mono_t now)
{
	s->due = MONO_NEVER;
	if (s->phase == SESSION_CLOSING)	/* for the reason it has, if it has one */
		session_end(m, s, end_ppp(PPP_REASON_LCP_PEER_TERMINATE_TERM_REQ), now);
	else if (s->phase == SESSION_L2TP)
		session_end(m, s, end_l2tp(L2TP_REASON_SESSION_TIMEOUT_CONNECTION), now);
	else if (s->phase < SESSION_UP)
		session_close(m, s, end_l2tp(L2TP_REASON_SESSION_TIMEOUT_UPPER_CREATE), now);
}

static void expire(struct model *m, struct session *s, mono_t now)
{
	if (mono_due(s->due, now))
		session_overdue(m, s, now);
	if (s->link && mono_due(ppp_link_deadline(s->link), now))
		ppp_link_expire(s->link, now);
	if (s->sub && s->sub->net && mono_due(ppp_net_deadline(s->sub->net), now))
		ppp_net_expire(s->sub->net, now);
}

/* One event of either core. Return: false when there is none, or when the session listens no more. */
static bool take_one(struct model *m, struct session *s, mono_t now)
{
	struct ppp_link_event lev;
	struct ppp_net_event nev;

	if (!s->link || s->phase >= SESSION_ENDING)
		return false;
	if (ppp_link_event(s->link, &lev)) {
		link_event(m, s, &lev, now);
		return true;
	}
	if (s->sub && s->sub->net && ppp_net_event(s->sub->net, &nev)) {
		subscriber_net_event(m, s, &nev, now);
		return true;
	}
	return false;
}

/* The client hangs up, or the link fails: it says DOWN when Terminate-Request or -Ack have had their time, but the
 * addresses are given up at once. */
static void check_terminating(struct model *m, struct session *s, mono_t now)
{
	struct ppp_link_info info;

	if (!s->network || s->phase >= SESSION_CLOSING)
		return;
	ppp_link_info(s->link, &info);
	if (strcmp(info.phase, "terminate") != 0)
		return;
	session_note_why(s, end_ppp(info.reason));	/* before the LAC's CDN, which often comes first */
	subscriber_halt(m, s, now);
	session_phase_set(m, s, SESSION_CLOSING);
	s->due = mono_add_ms(now, 2 * CLOSING_MS);
}

static void arm(struct model *m, struct session *s)
{
	mono_t at = s->due;

	if (s->link)
		at = mono_min(at, ppp_link_deadline(s->link));
	if (s->sub && s->sub->net)
		at = mono_min(at, ppp_net_deadline(s->sub->net));
	wheel_set(&m->session_wheel, &s->timer, at);
}

void session_pump(struct model *m, struct session *s, mono_t now)
{
	if (s->phase >= SESSION_ENDING)
		return;
	expire(m, s, now);
	while (take_one(m, s, now))
		;
	if (s->phase >= SESSION_ENDING)
		return;
	check_terminating(m, s, now);
	session_send_frames(m, s, now);
	arm(m, s);
}
