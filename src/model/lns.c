/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LNS role: who may open a tunnel to us and which host profile it gets, which calls are taken. Spec 1.7, 3.2 to
 * 3.5.
 */
#include <errno.h>

#include "model/priv.h"

/* ---- tunnels ---- */

/* Exact remote host before `default`; one that is bound to another local address is passed over. */
static struct host *match_in(const struct dprof *d, const struct l2tp_path *path, struct span name)
{
	struct host *fallback = NULL;

	for (struct host *h = d->hosts; h; h = h->next) {
		if (!h->conf || (!ip_addr_is_any(&h->conf->local_ip) && !ip_addr_eq(&h->conf->local_ip, &path->local)))
			continue;
		if (!h->remote_name)
			fallback = h;
		else if (span_eq_str(name, h->remote_name))
			return h;
	}
	return fallback;
}

/* Spec 3.2: exact peer address before 0.0.0.0. */
struct host *lns_match(const struct model *m, const struct l2tp_path *path, struct span name)
{
	for (int any = 0; any <= 1; any++)
		for (const struct dprof *d = m->dprofs; d; d = d->next) {
			struct host *h = NULL;

			if (d->conf && (any ? ip_addr_is_any(&d->peer) : ip_addr_eq(&d->peer, &path->peer)))
				h = match_in(d, path, name);
			if (h)
				return h;
		}
	return NULL;
}

static void log_refused_tunnel(struct model *m, const struct l2tp_event *ev, enum l2tp_reason why, mono_t now)
{
	struct log l;

	if (!failed_log_allowed(m, now))
		return;
	log_begin(&l, LOG_NOTICE, "l2tp", "tunnel refused");
	log_addr_port(&l, "peer", &ev->path.peer, ev->path.peer_port);
	log_addr(&l, "local", &ev->path.local);
	log_str(&l, "host", ev->peer.host_name);
	log_text(&l, "reason", l2tp_reason_name(why));
	log_end(&l);
}

static void refuse_tunnel(struct model *m, const struct l2tp_event *ev, const struct refusal *r, mono_t now)
{
	count(m, MODEL_COUNT_TUNNELS_REFUSED);
	count_end(m, end_l2tp(r->why));
	m->tunnel_counts.total++;
	m->tunnel_counts.failed++;
	log_refused_tunnel(m, ev, r->why, now);
	account_tunnel_refused(m, ev, end_l2tp(r->why), now);
	l2tp_tunnel_reject(ev->ctrl, r->why, r->cause, now);
}

struct l2tp_tunnel_conf tunnel_conf_of(const struct model *m, const struct host_conf *h)
{
	const struct l2tp_conf *l = &m->conf.l2tp;
	bool hello = !l->hello_disabled && !h->hello_disabled;

	return (struct l2tp_tunnel_conf){
		.local_name = span_str(h->local_name ? h->local_name : m->conf.hostname),
		.secret = span_str(h->secret),
		.challenge = h->secret && !l->challenge_disabled,
		.receive_window = h->receive_window ? h->receive_window : l->default_receive_window,
		.hello_s = !hello ? 0 : h->hello_s ? h->hello_s : HELLO_S,
		.retries_established = h->retries ? h->retries : l->retries_established,
		.null_tunnel_id = h->null_tunnel_id,
		.call_accept_incoming = true,
	};
}

void lns_tunnel_offered(struct model *m, const struct l2tp_event *ev, mono_t now)
{
	struct host *host = lns_match(m, &ev->path, ev->peer.host_name);
	struct refusal r = limits_tunnel(m, &ev->path, host, dest_find(m, &ev->path));
	struct dest *d = r.why ? NULL : dest_get(m, &ev->path, host->dprof);
	struct tunnel *t = d ? tunnel_new(m, d, host, ev, now) : NULL;
	struct l2tp_tunnel_conf tc;

	if (t) {
		tc = tunnel_conf_of(m, host->conf);
		l2tp_tunnel_accept(ev->ctrl, &tc, t, now);
		return;
	}
	if (d)
		dest_unused(m, d);
	if (!r.why)	/* out of memory for this one: StopCCN 2, error 4 */
		r = (struct refusal){ L2TP_REASON_TUNNEL_RX_SCCRQ_NO_RESOURCES, { 2, 4, "no resources" } };
	refuse_tunnel(m, ev, &r, now);
}

/* ---- calls ---- */

static void log_refused_call(struct model *m, const struct tunnel *t, const struct l2tp_event *ev,
			     enum l2tp_reason why, mono_t now)
{
	struct log l;
	char name[24];

	if (!failed_log_allowed(m, now))
		return;
	tunnel_label(t, name);
	log_begin(&l, LOG_NOTICE, "l2tp", "call failed");
	log_text(&l, "tunnel", name);
	log_addr(&l, "lac", &t->path.peer);
	log_str(&l, "lac_name", pack_get(t->text, TUNNEL_HOST_NAME));
	log_str(&l, "calling", ev->offer.calling_number);
	log_text(&l, "reason", l2tp_reason_name(why));
	log_end(&l);
}

static void refuse_call(struct model *m, struct tunnel *t, const struct l2tp_event *ev, const struct refusal *r,
			mono_t now)
{
	count(m, MODEL_COUNT_CALLS_REFUSED);
	count_end(m, end_l2tp(r->why));
	m->session_counts.total++;
	m->session_counts.failed++;
	t->session_counts.total++;
	t->session_counts.failed++;
	t->dest->session_counts.total++;
	t->dest->session_counts.failed++;
	log_refused_call(m, t, ev, r->why, now);
	account_link_refused(m, t, &ev->offer, end_l2tp(r->why), now);
	l2tp_call_reject(ev->call, r->why, r->cause, now);
}

/* The plane gives the session a line, in HOLD since data may beat the ICCN. An id whose line is taken is drawn again
 * (docs/decisions/0003). */
static int publish(struct model *m, struct session *s, struct l2tp_call *call)
{
	struct dp_session ds = { .local_tunnel_id = s->tunnel->local_id, .user = handle_cookie(s->h) };
	int rc = -ENOSPC;

	for (unsigned i = 0; i < DP_ID_TRIES; i++) {
		ds.local_session_id = s->local_id;
		rc = m->dp.ops->session_add(m->dp.dp, &ds, &s->dp);
		if (rc != -EAGAIN)
			break;
		count(m, MODEL_COUNT_DP_ID_REDRAWN);
		if (l2tp_call_renumber(call))
			return -ENOSPC;
		s->local_id = l2tp_call_local_id(call);
	}
	s->in_dp = rc == 0;
	return rc;
}

void lns_call_offered(struct model *m, const struct l2tp_event *ev, mono_t now)
{
	struct tunnel *t = ev->tunnel_user;
	struct refusal r = limits_call(m, t);
	struct session *s;

	if (r.why) {
		refuse_call(m, t, ev, &r, now);
		return;
	}
	s = session_new(m, t, ev, now);
	if (s && publish(m, s, ev->call) == 0) {
		m->session_counts.total++;
		t->session_counts.total++;
		t->dest->session_counts.total++;
		l2tp_call_accept(ev->call, s, now);
		return;
	}
	count(m, s ? MODEL_COUNT_DP_REFUSED : MODEL_COUNT_NO_MEMORY);
	r = limits_no_resources(t);
	refuse_call(m, t, ev, &r, now);
	if (s)
		session_abort(m, s, now);
}
