/* SPDX-License-Identifier: BSD-2-Clause */
/* What AAA is told of a line, and of tunnels and the sessions in them (RFC 2867). */
#include <stdio.h>

#include "model/priv.h"
#include "wire/l2tp_line.h"

/* RFC 5515: decoded anew each time, for it is asked for when a session begins, ends, and every hour in between. */
static const struct l2tp_access_line *access_line(const struct session *s, struct l2tp_access_line *out)
{
	struct span avps = pack_get(s->text, SESSION_ACCESS_LINE);

	if (!l2tp_access_line_decode(avps, out))
		memset(out, 0, sizeof(*out));
	out->circuit_id = pack_get(s->text, SESSION_CIRCUIT_ID);
	out->remote_id = pack_get(s->text, SESSION_REMOTE_ID);
	return avps.len || out->circuit_id.len || out->remote_id.len ? out : NULL;
}

static struct aaa_line tunnel_line(const struct model *m, const struct tunnel *t)
{
	const struct host_conf *hc = t->host->conf;

	return (struct aaa_line){
		.service = AAA_PPP_LNS, .vr = t->path.vr, .lac = t->path.peer, .lns = t->path.local,
		.lac_name = pack_get(t->text, TUNNEL_HOST_NAME),
		.lns_name = span_str(hc && hc->local_name ? hc->local_name : m->conf.hostname),
		.tunnel_id = t->local_id, .peer_tunnel_id = t->peer_id,
	};
}

struct aaa_line describe_line(const struct model *m, const struct session *s, struct l2tp_access_line *access)
{
	struct aaa_line l = tunnel_line(m, s->tunnel);

	l.private_group = pack_get(s->text, SESSION_PRIVATE_GROUP);
	l.calling_number = pack_get(s->text, SESSION_CALLING);
	l.called_number = pack_get(s->text, SESSION_CALLED);
	l.access = access ? access_line(s, access) : NULL;
	l.tx_speed = s->tx_speed;
	l.rx_speed = s->rx_speed;
	l.call_serial = s->call_serial;
	l.session_id = s->local_id;
	l.peer_session_id = s->peer_id;
	return l;
}

/* ---- tunnels ---- */

static void tell(struct model *m, const struct aaa_tunnel_record *r, mono_t now)
{
	if (m->aaa.ops->tunnel)
		m->aaa.ops->tunnel(m->aaa.a, r, now, m->wall);
}

/* Anybody can be refused, as often as he likes: what that leads to is bounded, so that it pushes no session's record out. */
static void tell_refused(struct model *m, struct aaa_tunnel_record *r, mono_t now)
{
	int64_t second = now.ns / 1000000000;

	if (second != m->rejects.second) {
		m->rejects.second = second;
		m->rejects.records = 0;
	}
	if (m->rejects.records == REJECTS_A_SECOND) {
		count(m, MODEL_COUNT_REJECTS_SUPPRESSED);
		return;
	}
	m->rejects.records++;
	m->aaa.ops->session_id(m->aaa.a, r->acct_session_id);
	tell(m, r, now);
}

static struct aaa_counters counters_of(const struct dp_counters *c)
{
	return (struct aaa_counters){ c->rx_octets, c->tx_octets, c->rx_packets, c->tx_packets };
}

void account_tunnel_up(struct model *m, struct tunnel *t, mono_t now)
{
	struct aaa_tunnel_record r = { .event = AAA_TUNNEL_START, .line = tunnel_line(m, t) };

	m->aaa.ops->session_id(m->aaa.a, t->acct_session_id);
	memcpy(r.acct_session_id, t->acct_session_id, sizeof(t->acct_session_id));
	tell(m, &r, now);
}

void account_tunnel_gone(struct model *m, struct tunnel *t, mono_t now)
{
	struct aaa_tunnel_record r = { .event = AAA_TUNNEL_STOP, .line = tunnel_line(m, t),
				       .counters = counters_of(&t->traffic),
				       .session_s = (uint32_t)mono_s_between(t->up_at, t->down_at),
				       .terminate_cause = end_terminate_cause(t->why) };

	if (!t->acct_session_id[0])
		return;
	memcpy(r.acct_session_id, t->acct_session_id, sizeof(t->acct_session_id));
	t->acct_session_id[0] = '\0';	/* once */
	tell(m, &r, now);
}

void account_tunnel_failed(struct model *m, const struct tunnel *t, mono_t now)
{
	struct aaa_tunnel_record r = { .event = AAA_TUNNEL_REJECT, .line = tunnel_line(m, t),
				       .terminate_cause = end_terminate_cause(t->why) };

	tell_refused(m, &r, now);
}

void account_tunnel_refused(struct model *m, const struct l2tp_event *ev, struct end why, mono_t now)
{
	struct aaa_tunnel_record r = {
		.event = AAA_TUNNEL_REJECT, .terminate_cause = end_terminate_cause(why),
		.line = { .service = AAA_PPP_LNS, .vr = ev->path.vr, .lac = ev->path.peer, .lns = ev->path.local,
			  .lac_name = ev->peer.host_name, .lns_name = span_str(m->conf.hostname) },
	};

	tell_refused(m, &r, now);
}

/* ---- links ---- */

/* A link is known by its tunnel's id and its own two numbers: unlike the subscriber on it, it has no id that is kept. */
static void link_id(const struct session *s, char out[AAA_TUNNEL_ID])
{
	snprintf(out, AAA_TUNNEL_ID, "%s-%04x-%x", s->tunnel->acct_session_id, s->local_id, s->name.number);
}

void account_link_up(struct model *m, struct session *s, mono_t now)
{
	struct aaa_tunnel_record r = { .event = AAA_TUNNEL_LINK_START, .line = describe_line(m, s, NULL) };

	s->linked = true;
	link_id(s, r.acct_session_id);
	tell(m, &r, now);
}

void account_link_gone(struct model *m, const struct session *s, mono_t now)
{
	struct aaa_tunnel_record r = { .event = AAA_TUNNEL_LINK_STOP, .line = describe_line(m, s, NULL),
				       .user = subscriber_user(s), .counters = counters_of(&s->final),
				       .session_s = (uint32_t)mono_s_between(s->started_at, now),
				       .terminate_cause = end_terminate_cause(s->why) };

	if (!s->linked)
		return;
	link_id(s, r.acct_session_id);
	tell(m, &r, now);
}

void account_link_refused(struct model *m, const struct tunnel *t, const struct l2tp_call_offer *o, struct end why,
			  mono_t now)
{
	struct aaa_tunnel_record r = { .event = AAA_TUNNEL_LINK_REJECT, .line = tunnel_line(m, t),
				       .terminate_cause = end_terminate_cause(why) };

	r.line.calling_number = o->calling_number;
	r.line.called_number = o->called_number;
	r.line.call_serial = o->call_serial;
	tell_refused(m, &r, now);
}
