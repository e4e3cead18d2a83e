/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions of the LNS: L2TP call, data-plane line, PPP link. Phases and what may follow each are in one table. An end
 * from any side comes through session_close() (polite) or session_end() (now), then the core's CALL_DOWN, then the
 * plane's GONE.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "model/priv.h"
#include "wire/l2tp_line.h"

#define TO(phase) (1u << SESSION_##phase)

static const uint16_t may_follow[SESSION_PHASES] = {
	[SESSION_L2TP]    = TO(LCP) | TO(ENDING) | TO(OVER),
	[SESSION_LCP]     = TO(AUTH) | TO(CLOSING) | TO(ENDING) | TO(OVER),
	[SESSION_AUTH]    = TO(NCP) | TO(LCP) | TO(CLOSING) | TO(ENDING) | TO(OVER),
	[SESSION_NCP]     = TO(UP) | TO(LCP) | TO(CLOSING) | TO(ENDING) | TO(OVER),
	[SESSION_UP]      = TO(NCP) | TO(LCP) | TO(CLOSING) | TO(ENDING) | TO(OVER),
	[SESSION_CLOSING] = TO(ENDING) | TO(OVER),
	[SESSION_ENDING]  = TO(OVER),
};

void session_phase_set(struct model *m, struct session *s, enum session_phase to)
{
	bool in_progress = to < SESSION_UP && !s->was_up;
	bool established = to > SESSION_L2TP && to < SESSION_ENDING;

	assert(s->phase == to || may_follow[s->phase] & 1u << to);
	s->phase = (uint8_t)to;
	m->calls_in_progress += (unsigned)in_progress - (unsigned)s->in_progress;
	m->established_sessions += (unsigned)established - (unsigned)s->established;
	s->in_progress = in_progress;
	s->established = established;
}

void session_label(const struct session *s, char buf[36])
{
	struct text t = text_of(buf, 36);

	text_u(&t, s->tunnel->dest->name.number);
	text_str(&t, "/");
	text_u(&t, s->tunnel->name.number);
	text_str(&t, "/");
	text_u(&t, s->name.number);
}

void session_counters(const struct model *m, const struct session *s, struct dp_counters *out)
{
	*out = s->final;
	if (s->in_dp && s->phase < SESSION_OVER)
		(void)m->dp.ops->session_counters(m->dp.dp, s->dp, out);
}

/* ---- making ---- */

static void count_in(struct model *m, struct session *s, int by)
{
	struct tunnel *t = s->tunnel;
	struct host *h = t->host;

	m->active_sessions += (unsigned)by;
	t->session_count += (unsigned)by;
	t->dest->session_count += (unsigned)by;
	h->sessions += (unsigned)by;
	h->dprof->sessions += (unsigned)by;
	if (h->group)
		h->group->sessions += (unsigned)by;
}

static void note_text(struct model *m, struct session *s, unsigned field, struct span text)
{
	if (pack_set(&s->text, field, text))
		count(m, MODEL_COUNT_NO_MEMORY);
}

/* The rest of the description, for RADIUS: as AVPs again, since most of it is never there. */
static void note_access_line(struct model *m, struct session *s, struct l2tp_access_line line)
{
	uint8_t buf[512];
	struct wr w = wr_of(buf, sizeof(buf));

	line.circuit_id = line.remote_id = span_of(NULL, 0);
	l2tp_access_line_encode(&w, &line);
	if (wr_done(&w))
		note_text(m, s, SESSION_ACCESS_LINE, wr_span(&w));
}

/* RFC 5515: what is known of the line; those of the ICCN add to those of the ICRQ. */
static void note_line(struct model *m, struct session *s, struct span avps)
{
	struct l2tp_access_line line;

	if (!avps.len || !l2tp_access_line_decode(avps, &line))
		return;
	if (line.circuit_id.len)
		note_text(m, s, SESSION_CIRCUIT_ID, line.circuit_id);
	if (line.remote_id.len)
		note_text(m, s, SESSION_REMOTE_ID, line.remote_id);
	if (l2tp_line_rate(&line, L2TP_LINE_ACTUAL_RATE_UP))
		s->up_kbps = (uint32_t)(l2tp_line_rate(&line, L2TP_LINE_ACTUAL_RATE_UP) / 1000);
	if (l2tp_line_rate(&line, L2TP_LINE_ACTUAL_RATE_DOWN))
		s->down_kbps = (uint32_t)(l2tp_line_rate(&line, L2TP_LINE_ACTUAL_RATE_DOWN) / 1000);
	note_access_line(m, s, line);
}

static void note_offer(struct model *m, struct session *s, const struct l2tp_call_offer *o)
{
	s->call_serial = o->call_serial;
	s->bearer_type = o->bearer_type;
	s->physical_channel = o->physical_channel;
	note_text(m, s, SESSION_CALLING, o->calling_number);
	note_text(m, s, SESSION_CALLED, o->called_number);
	note_text(m, s, SESSION_SUB_ADDRESS, o->sub_address);
	note_line(m, s, o->avps);
}

struct session *session_new(struct model *m, struct tunnel *t, const struct l2tp_event *ev, mono_t now)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (slots_add(&m->sessions, s, &s->h))
		goto no_slot;
	if (name_add(m, &s->name, LEVEL_SESSION, t->h.slot, &t->last_session))
		goto no_name;
	s->tunnel = t;
	s->call = ev->call;
	s->local_id = l2tp_call_local_id(ev->call);
	s->peer_id = l2tp_call_peer_id(ev->call);
	s->dp = DP_HANDLE_NONE;
	s->started = m->wall;
	s->started_at = now;
	s->due = mono_add_s(now, m->conf.l2tp.call_setup_s);
	list_init(&s->ready);
	list_push_back(&t->sessions, &s->of_tunnel);
	wheel_del(&m->tunnel_wheel, &t->timer);
	wheel_set(&m->session_wheel, &s->timer, s->due);
	t->fired = t->host->conf->single_shot;
	count_in(m, s, 1);
	session_phase_set(m, s, SESSION_L2TP);
	note_offer(m, s, &ev->offer);
	return s;
no_name:
	slots_del(&m->sessions, s->h);
no_slot:
	free(s);
	return NULL;
}

static void drop_link(struct model *m, struct session *s)
{
	ppp_link_free(s->link);
	s->link = NULL;
	if (s->iface)
		iface_put(m, s->iface);
	s->iface = NULL;
}

void session_note_why(struct session *s, struct end why)
{
	if (s->why.family == END_NONE)
		s->why = why;
}

/* At the end of the daemon, which does not wait for ever. */
static void cut_off(struct model *m, struct session *s)
{
	session_note_why(s, end_l2tp(L2TP_REASON_TUNNEL_ADMIN_CLOSE));
	session_counters(m, s, &s->final);
	log_session_end(m, s, m->turn_at);
	subscriber_free(m, s, &s->final, s->why, m->turn_at);
}

void session_free(struct model *m, struct session *s)
{
	if (s->sub)
		cut_off(m, s);
	drop_link(m, s);
	if (s->phase < SESSION_OVER) {
		count_in(m, s, -1);
		session_phase_set(m, s, SESSION_OVER);
	}
	m->doomed_sessions -= s->doom != DOOM_NONE;
	wheel_del(&m->session_wheel, &s->timer);
	list_del(&s->ready);
	list_del(&s->of_tunnel);
	name_del(m, &s->name);
	slots_del(&m->sessions, s->h);
	pack_free(s->text);
	free(s);
}

void session_abort(struct model *m, struct session *s, mono_t now)
{
	struct tunnel *t = s->tunnel;

	session_free(m, s);
	tunnel_session_over(m, t, now);
}

/* ---- the call is up: PPP begins ---- */

static void start_link(struct model *m, struct session *s, const struct l2tp_call_params *p, mono_t now)
{
	const struct host_conf *hc = s->tunnel->host->conf;
	struct ppp_proxy px = {
		.initial_rx_lcp = p->initial_rx_lcp, .last_tx_lcp = p->last_tx_lcp, .last_rx_lcp = p->last_rx_lcp,
		.authen_type = p->proxy_authen_type,
		.name = p->proxy_name, .challenge = p->proxy_challenge, .response = p->proxy_response,
		.id = p->proxy_id, .has_id = p->has_proxy_id,
		.accept_lcp = !hc->disable_proxy_lcp, .accept_auth = hc->enable_proxy_auth,
	};

	s->proxy_lcp_given = p->last_tx_lcp.p && p->last_rx_lcp.p;
	s->proxy_auth_given = p->proxy_authen_type != 0;
	session_phase_set(m, s, SESSION_LCP);
	s->proxy_lcp_used = ppp_link_up_proxy(s->link, &px, now) == PPP_PROXY_ACCEPTED;
	session_ready(m, s);
}

static bool open_line(struct model *m, struct session *s, const struct l2tp_call_params *p)
{
	struct dp_session_params dp = {
		.peer_session_id = s->peer_id,
		/* RFC 2661 §4.4.4: on all data while the session lives */
		.send_sequencing = p->sequencing_required,
		.require_sequencing = p->sequencing_required,
	};

	if (m->dp.ops->session_punt(m->dp.dp, s->dp, &dp) == 0)
		return true;
	count(m, MODEL_COUNT_DP_REFUSED);
	return false;
}

void session_call_up(struct model *m, struct session *s, const struct l2tp_call_params *p, mono_t now)
{
	struct host *h = s->tunnel->host;

	if (s->phase != SESSION_L2TP)
		return;
	s->peer_id = l2tp_call_peer_id(s->call);
	s->tx_speed = p->tx_connect_speed;
	s->rx_speed = p->rx_connect_speed;
	s->framing_type = p->framing_type;
	s->sequencing_peer = p->sequencing_required;
	if (p->private_group_id.len)
		note_text(m, s, SESSION_PRIVATE_GROUP, p->private_group_id);
	note_line(m, s, p->avps);
	account_link_up(m, s, now);
	if (!h->conf || !h->iface) {
		session_end(m, s, end_l2tp(L2TP_REASON_SESSION_UPPER_CREATE_FAILED), now);
		return;
	}
	s->link = ppp_link_new(&h->iface->link, &m->rng, &m->ppp);
	if (!s->link || !open_line(m, s, p)) {
		session_end(m, s, end_l2tp(L2TP_REASON_SESSION_CREATE_FAILED_NO_RESOURCES), now);
		return;
	}
	s->iface = h->iface;
	s->iface->users++;
	start_link(m, s, p, now);
}

/* ---- the end ---- */

void session_close(struct model *m, struct session *s, struct end why, mono_t now)
{
	if (s->phase >= SESSION_CLOSING)
		return;
	if (!s->link) {
		session_end(m, s, why, now);
		return;
	}
	session_note_why(s, why);
	subscriber_halt(m, s, now);
	session_phase_set(m, s, SESSION_CLOSING);
	s->due = mono_add_ms(now, CLOSING_MS);
	ppp_link_close(s->link, why.family == END_PPP ? (enum ppp_reason)why.code : PPP_REASON_ADMIN_LOGOUT, now);
	session_ready(m, s);
}

void session_refused(struct model *m, struct session *s, struct end why, mono_t now)
{
	session_note_why(s, why);
	session_phase_set(m, s, SESSION_CLOSING);
	s->due = mono_add_ms(now, CLOSING_MS);
	session_ready(m, s);
}

static struct l2tp_cause cdn_cause(const struct session *s)
{
	const struct host_conf *hc = s->tunnel->host->conf;
	struct l2tp_cause c = end_cdn(s->why);

	if (hc && hc->oor_override && (c.result == 4 || c.result == 5)) {	/* spec 3.5 */
		c.result = 2;
		c.error = 4;
	}
	return c;
}

static bool wants_disconnect_cause(const struct model *m, const struct session *s)
{
	const struct host_conf *hc = s->tunnel->host->conf;

	return m->conf.l2tp.disconnect_cause || (hc && hc->disconnect_cause);
}

void session_end(struct model *m, struct session *s, struct end why, mono_t now)
{
	struct end_progress progress = { .heard = s->heard, .auth_begun = s->auth_begun };
	struct ppp_link_info info;
	struct l2tp_disconnect dc;
	struct l2tp_cause cause;

	if (s->phase >= SESSION_ENDING)
		return;
	session_note_why(s, why);
	/* a Terminate-Ack, or an authentication failure that the client should still see */
	session_send_frames(m, s, now);
	if (s->link) {
		ppp_link_info(s->link, &info);
		progress.auth = info.auth;
	}
	subscriber_halt(m, s, now);
	session_phase_set(m, s, SESSION_ENDING);
	s->due = MONO_NEVER;
	wheel_del(&m->session_wheel, &s->timer);
	cause = cdn_cause(s);
	s->result = cause.result;
	s->error = cause.error;
	dc = end_disconnect(s->why, &progress);
	l2tp_call_close(s->call, end_l2tp_reason(s->why), cause, wants_disconnect_cause(m, s) ? &dc : NULL, now);
}

static void note_down(struct model *m, struct session *s, const struct l2tp_event *ev)
{
	if (s->result)		/* we sent the CDN */
		return;
	session_note_why(s, end_l2tp(ev->reason));
	s->result = ev->cause.result;
	s->error = ev->cause.error;
	if (ev->peer_text.len)
		note_text(m, s, SESSION_MESSAGE, ev->peer_text);
}

static void count_over(struct model *m, struct session *s)
{
	count_in(m, s, -1);
	count_end(m, s->why);
	if (s->was_up)
		return;
	m->session_counts.failed++;
	s->tunnel->session_counts.failed++;
	s->tunnel->dest->session_counts.failed++;
}

void session_call_down(struct model *m, struct session *s, const struct l2tp_event *ev, mono_t now)
{
	static const struct dp_counters none;

	if (s->phase == SESSION_OVER)
		return;
	note_down(m, s, ev);
	subscriber_halt(m, s, now);
	session_counters(m, s, &s->final);	/* nearly: the plane's last word follows */
	drop_link(m, s);
	s->call = NULL;
	s->due = MONO_NEVER;
	wheel_del(&m->session_wheel, &s->timer);
	list_del(&s->ready);
	m->doomed_sessions -= s->doom != DOOM_NONE;
	s->doom = DOOM_NONE;
	count_over(m, s);
	session_phase_set(m, s, SESSION_OVER);
	tunnel_session_over(m, s->tunnel, now);
	if (s->in_dp)
		m->dp.ops->session_del(m->dp.dp, s->dp);
	else
		session_gone(m, s, &none, now);
}

static void add_traffic(struct dp_counters *to, const struct dp_counters *c)
{
	to->rx_packets += c->rx_packets;
	to->rx_octets += c->rx_octets;
	to->tx_packets += c->tx_packets;
	to->tx_octets += c->tx_octets;
}

void session_gone(struct model *m, struct session *s, const struct dp_counters *c, mono_t now)
{
	struct tunnel *t = s->tunnel;

	if (s->phase != SESSION_OVER) {
		count(m, MODEL_COUNT_DP_LATE);
		return;
	}
	s->final = *c;
	s->in_dp = false;
	account_link_gone(m, s, now);
	add_traffic(&t->traffic, c);
	log_session_end(m, s, now);
	tomb_session(m, s, now);
	if (s->sub)
		subscriber_free(m, s, &s->final, s->why, now);
	session_free(m, s);
	tunnel_settle(m, t, now);
}
