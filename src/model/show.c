/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows for the displays. A cursor is a slot number while the living are shown, and a tombstone's serial number with
 * the top bit set after; neither moves when others come and go, so nothing is shown twice.
 */
#include "model/priv.h"

#define POS_ENDED (UINT64_C(1) << 63)

enum { IPCP = 0x8021, IPV6CP = 0x8057 };

static struct model_counts counts_of(const struct counts *c, uint64_t active)
{
	return (struct model_counts){ .total = c->total, .active = active, .failed = c->failed,
				     .auth_errors = c->auth_errors };
}

void model_system_info(const struct model *m, struct model_system_info *out)
{
	*out = (struct model_system_info){
		.admin = m->stopping ? ADMIN_DISABLED : m->conf.l2tp.admin,
		.dests = counts_of(&m->dest_counts, m->dests.used),
		.tunnels = counts_of(&m->tunnel_counts, m->active_tunnels),
		.sessions = counts_of(&m->session_counts, m->active_sessions),
		.established_tunnels = m->established_tunnels,
		.established_sessions = m->established_sessions,
		.calls_in_progress = m->calls_in_progress,
		.tombstones = tombs_count(&m->tombs),
		.conf = &m->conf,
	};
}

/* ---- destinations ---- */

static void dest_row(const struct model *m, const struct dest *d, struct model_dest_row *r)
{
	*r = (struct model_dest_row){
		.number = d->name.number, .up = d->tunnel_count > 0,
		.admin = d->admin, .effective = dest_effective(m, d),
		.vr = d->vr, .local = d->local, .peer = d->peer, .profile = d->dprof->name,
		.tunnels = d->tunnel_count, .sessions = d->session_count,
		.tunnel_counts = counts_of(&d->tunnel_counts, d->tunnel_count),
		.session_counts = counts_of(&d->session_counts, d->session_count),
		.control_rx = d->rx, .control_tx = d->tx,
	};
	list_for(it, &d->tunnels) {
		const struct tunnel *t = container_of(it, struct tunnel, of_dest);
		struct l2tp_tunnel_stats st;

		if (!t->ctrl)
			continue;
		l2tp_tunnel_stats(t->ctrl, &st);
		r->control_rx.packets += st.rx_packets;
		r->control_rx.octets += st.rx_octets;
		r->control_rx.errors += st.rx_errors;
		r->control_tx.packets += st.tx_packets;
		r->control_tx.octets += st.tx_octets;
	}
}

bool model_dest_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
		     struct model_dest_row *row)
{
	struct walk w = { (uint32_t)*pos };
	struct dest *d = *pos & POS_ENDED ? NULL : walk_dest(m, &w, f);
	uint64_t serial = *pos & POS_ENDED ? *pos & ~POS_ENDED : 0;

	if (d) {
		*pos = w.pos;
		dest_row(m, d, row);
		return true;
	}
	if (!ended || !tomb_dest_row(m, &serial, f, row))
		return false;
	*pos = serial | POS_ENDED;
	return true;
}

/* ---- tunnels ---- */

static const char *tunnel_state(const struct tunnel *t)
{
	static const char *const names[] = {
		[TUNNEL_CONNECTING] = "connecting", [TUNNEL_ESTABLISHED] = "established",
		[TUNNEL_CLOSING] = "disconnecting", [TUNNEL_FORGOTTEN] = "disconnecting",
	};

	return names[t->phase];
}

static void tunnel_channel(const struct tunnel *t, struct model_tunnel_row *r)
{
	struct l2tp_tunnel_stats st;
	const struct ip_addr *rx;
	uint16_t port = 0;

	r->rfc_state = "idle";
	if (!t->ctrl)
		return;
	rx = l2tp_tunnel_rx_addr(t->ctrl, &port);
	if (rx && !ip_addr_is_none(rx) && (!ip_addr_eq(rx, &r->peer) || port != r->peer_port)) {
		r->rx_peer = *rx;
		r->rx_peer_port = port;
	}
	l2tp_tunnel_stats(t->ctrl, &st);
	r->rfc_state = st.state;
	r->initiated_local = st.local_initiated;
	r->ns = st.ns;
	r->nr = st.nr;
	r->peer_nr = st.peer_nr;
	r->rx_window = st.rx_window;
	r->tx_window = st.tx_window;
	r->cwnd = st.cwnd;
	r->queued = st.queued;
	r->in_flight = st.in_flight;
	r->control_rx = (struct model_traffic){ .packets = st.rx_packets, .octets = st.rx_octets,
					       .errors = st.rx_errors };
	r->control_tx = (struct model_traffic){ .packets = st.tx_packets, .octets = st.tx_octets };
	r->rx_zlb = st.rx_zlb;
	r->tx_zlb = st.tx_zlb;
	r->rx_duplicates = st.rx_duplicates;
	r->rx_out_of_sequence = st.rx_out_of_sequence;
	r->rx_out_of_window = st.rx_out_of_window;
	r->retransmissions = st.retransmissions;
}

static void tunnel_row(const struct model *m, const struct tunnel *t, struct model_tunnel_row *r, mono_t now)
{
	*r = (struct model_tunnel_row){
		.dest = t->dest->name.number, .number = t->name.number, .up = t->phase == TUNNEL_ESTABLISHED,
		.state = tunnel_state(t), .admin = t->admin, .effective = tunnel_effective(m, t),
		.local_id = t->local_id, .peer_id = t->peer_id, .vr = t->path.vr,
		.local = t->path.local, .peer = t->path.peer, .local_port = t->path.local_port,
		.peer_port = t->path.peer_port,
		.host_name = pack_get(t->text, TUNNEL_HOST_NAME), .vendor_name = pack_get(t->text, TUNNEL_VENDOR_NAME),
		.message = pack_get(t->text, TUNNEL_MESSAGE),
		.profile = t->host->dprof->name, .remote_host = t->host->remote_name ? t->host->remote_name : "default",
		.protocol_version = t->protocol_version, .firmware_revision = t->firmware_revision,
		.framing_caps = t->framing_caps, .bearer_caps = t->bearer_caps,
		.sessions = t->session_count, .session_counts = counts_of(&t->session_counts, t->session_count),
		.started = t->started,
	};
	if (t->phase >= TUNNEL_CLOSING) {
		r->reason = end_name(t->why);
		r->result = t->result;
		r->error = t->error;
		r->ended_at = t->ended;
	}
	if (t->was_up)
		r->established_s = (uint64_t)mono_s_between(t->up_at, t->phase < TUNNEL_CLOSING ? now : t->down_at);
	tunnel_channel(t, r);
}

bool model_tunnel_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
		       struct model_tunnel_row *row, mono_t now)
{
	struct walk w = { (uint32_t)*pos };
	struct tunnel *t = *pos & POS_ENDED ? NULL : walk_tunnel(m, &w, f);
	uint64_t serial = *pos & POS_ENDED ? *pos & ~POS_ENDED : 0;

	if (t) {
		*pos = w.pos;
		tunnel_row(m, t, row, now);
		return true;
	}
	if (!ended || !tomb_tunnel_row(m, &serial, f, row))
		return false;
	*pos = serial | POS_ENDED;
	return true;
}

/* ---- sessions ---- */

static const struct {
	const char *state, *phase;
} session_words[SESSION_PHASES] = {
	[SESSION_L2TP] = { "connecting", "l2tp" },
	[SESSION_LCP] = { "established", "lcp" },
	[SESSION_AUTH] = { "established", "auth" },
	[SESSION_NCP] = { "established", "ipcp" },
	[SESSION_UP] = { "established", "up" },
	[SESSION_CLOSING] = { "disconnecting", "closing" },
	[SESSION_ENDING] = { "disconnecting", "closing" },
	[SESSION_OVER] = { "disconnecting", "closing" },
};

static void session_link(const struct session *s, struct model_session_row *r)
{
	struct ppp_link_info info;

	r->lcp_state = r->ipcp_state = r->ipv6cp_state = "Initial";
	r->auth = ppp_auth_name(s->sub ? (enum ppp_auth)s->sub->method : PPP_AUTH_NONE);
	if (!s->link)
		return;
	ppp_link_info(s->link, &info);
	r->lcp_state = info.lcp_state;
	r->auth = ppp_auth_name(info.auth);
	r->local_mru = info.local_mru;
	r->peer_mru = info.peer_mru;
	if (!s->sub || !s->sub->net)
		return;
	r->ipcp_state = ppp_net_state(s->sub->net, IPCP);
	r->ipv6cp_state = ppp_net_state(s->sub->net, IPV6CP);
}

/* What AAA keeps and only displays want. */
static void session_grant(const struct model *m, const struct subscriber *sub, struct model_session_row *r)
{
	struct aaa_grant g;

	if (sub->granted && m->aaa.ops->info && m->aaa.ops->info(m->aaa.a, sub->aaa, &g))
		r->filter_id = g.filter_id;
}

static void session_subscriber(const struct model *m, const struct session *s, struct model_session_row *r)
{
	const struct subscriber *sub = s->sub;

	if (!sub)
		return;
	r->user = subscriber_user(s);
	if (sub->ip4)
		r->ip4 = ip4_of(sub->ip4);
	if (sub->local_ip4)
		r->local_ip4 = ip4_of(sub->local_ip4);
	memcpy(r->local_iid, sub->local_iid, sizeof(r->local_iid));
	memcpy(r->peer_iid, sub->peer_iid, sizeof(r->peer_iid));
	r->ip4_up = sub->ip4_up;
	r->ip6_up = sub->ip6_up;
	r->session_timeout_s = sub->session_timeout_s;
	r->idle_timeout_s = sub->idle_timeout_s;
	memcpy(r->acct_session_id, sub->acct_session_id, sizeof(r->acct_session_id));
	session_grant(m, sub, r);
}

static void session_row(const struct model *m, const struct session *s, struct model_session_row *r, mono_t now)
{
	const struct tunnel *t = s->tunnel;

	*r = (struct model_session_row){
		.dest = t->dest->name.number, .tunnel = t->name.number, .number = s->name.number,
		.up = s->established, .state = session_words[s->phase].state, .phase = session_words[s->phase].phase,
		.rfc_state = s->call ? l2tp_call_state(s->call) : "idle",
		.admin = (enum admin_state)s->admin, .effective = session_effective(m, s),
		.local_tunnel_id = t->local_id, .local_id = s->local_id, .peer_id = s->peer_id,
		.calling_number = pack_get(s->text, SESSION_CALLING),
		.called_number = pack_get(s->text, SESSION_CALLED),
		.sub_address = pack_get(s->text, SESSION_SUB_ADDRESS),
		.private_group = pack_get(s->text, SESSION_PRIVATE_GROUP),
		.circuit_id = pack_get(s->text, SESSION_CIRCUIT_ID), .remote_id = pack_get(s->text, SESSION_REMOTE_ID),
		.message = pack_get(s->text, SESSION_MESSAGE), .lac_name = pack_get(t->text, TUNNEL_HOST_NAME),
		.lac = t->path.peer, .lns = t->path.local,
		.profile = s->iface ? s->iface->name : t->host->iface ? t->host->iface->name : NULL,
		.call_serial = s->call_serial, .tx_speed = s->tx_speed, .rx_speed = s->rx_speed,
		.bearer_type = s->bearer_type, .framing_type = s->framing_type, .physical_channel = s->physical_channel,
		.proxy_lcp_given = s->proxy_lcp_given, .proxy_lcp_used = s->proxy_lcp_used,
		.proxy_auth_given = s->proxy_auth_given, .proxy_auth_used = s->proxy_auth_used,
		.sequencing_local = s->sequencing_peer, .sequencing_remote = s->sequencing_peer,
		.actual_up_kbps = s->up_kbps, .actual_down_kbps = s->down_kbps,
		.result = s->result, .error = s->error, .started = s->started,
	};
	session_link(s, r);
	session_subscriber(m, s, r);
	session_counters(m, s, &r->counters);
	if (s->was_up)
		r->up_s = (uint64_t)mono_s_between(s->up_at, now);
	if (s->why.family != END_NONE) {
		r->reason = end_name(s->why);
		r->terminate_cause = end_terminate_cause(s->why);
	}
}

bool model_session_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
			struct model_session_row *row, mono_t now)
{
	struct walk w = { (uint32_t)*pos };
	struct session *s = *pos & POS_ENDED ? NULL : walk_session(m, &w, f);
	uint64_t serial = *pos & POS_ENDED ? *pos & ~POS_ENDED : 0;

	if (s) {
		*pos = w.pos;
		session_row(m, s, row, now);
		return true;
	}
	if (!ended || !tomb_session_row(m, &serial, f, row))
		return false;
	*pos = serial | POS_ENDED;
	return true;
}

bool model_subscriber_next(struct model *m, uint64_t *pos, const struct model_filter *f,
			   struct model_session_row *row, mono_t now)
{
	struct walk w = { (uint32_t)*pos };
	struct session *s;

	while ((s = walk_session(m, &w, f))) {
		if (!s->sub || !s->sub->granted || s->phase == SESSION_OVER)
			continue;
		*pos = w.pos;
		session_row(m, s, row, now);
		return true;
	}
	*pos = w.pos;
	return false;
}

/* ---- profiles ---- */

unsigned model_dest_profile_sessions(const struct model *m, const char *profile)
{
	for (const struct dprof *d = m->dprofs; d; d = d->next)
		if (strcmp(d->name, profile) == 0)
			return d->sessions;
	return 0;
}

unsigned model_host_sessions(const struct model *m, const char *profile, const char *remote_host)
{
	for (const struct dprof *d = m->dprofs; d; d = d->next)
		for (const struct host *h = strcmp(d->name, profile) == 0 ? d->hosts : NULL; h; h = h->next)
			if (remote_host ? h->remote_name && strcmp(h->remote_name, remote_host) == 0 : !h->remote_name)
				return h->sessions;
	return 0;
}
