/* SPDX-License-Identifier: BSD-2-Clause */
/* The log lines of sessions: one when a subscriber is up, one when it ends, one for a call that failed before. */
#include "model/priv.h"

bool failed_log_allowed(struct model *m, mono_t now)
{
	int64_t second = now.ns / 1000000000;

	if (second != m->failed_log.second) {
		m->failed_log.second = second;
		m->failed_log.lines = 0;
	}
	if (m->failed_log.lines >= FAILED_LINES_A_SECOND) {
		count(m, MODEL_COUNT_LINES_SUPPRESSED);
		return false;
	}
	m->failed_log.lines++;
	return true;
}

static void log_who(struct log *l, const struct session *s, const char *msg)
{
	const struct tunnel *t = s->tunnel;
	char label[36];

	session_label(s, label);
	log_begin(l, LOG_NOTICE, "l2tp", msg);
	log_str(l, "user", subscriber_user(s));
	log_text(l, "session", label);
	log_addr(l, "lac", &t->path.peer);
	log_str(l, "lac_name", pack_get(t->text, TUNNEL_HOST_NAME));
	if (pack_get(s->text, SESSION_CALLING).len)
		log_str(l, "calling", pack_get(s->text, SESSION_CALLING));
	if (pack_get(s->text, SESSION_CIRCUIT_ID).len)
		log_str(l, "circuit_id", pack_get(s->text, SESSION_CIRCUIT_ID));
}

static void log_address(struct log *l, const struct subscriber *sub)
{
	struct ip_addr ip = ip4_of(sub->ip4);

	log_addr(l, "address", &ip);
}

void log_subscriber_up(const struct session *s)
{
	struct log l;

	log_who(&l, s, "subscriber up");
	log_address(&l, s->sub);
	log_u(&l, "local_tunnel_id", s->tunnel->local_id);
	log_u(&l, "local_session_id", s->local_id);
	log_u(&l, "peer_tunnel_id", s->tunnel->peer_id);
	log_u(&l, "peer_session_id", s->peer_id);
	log_text(&l, "profile", s->iface->name);
	log_text(&l, "auth", ppp_auth_name((enum ppp_auth)s->sub->method));
	log_text(&l, "acct_session_id", s->sub->acct_session_id);
	log_end(&l);
}

void log_subscriber_down(const struct session *s, const struct dp_counters *line, struct end why, mono_t now)
{
	const struct subscriber *sub = s->sub;
	struct log l;

	log_who(&l, s, "subscriber down");
	log_address(&l, sub);
	log_text(&l, "reason", end_name(why));
	log_u(&l, "terminate_cause", end_terminate_cause(why));
	log_u(&l, "in_octets", line->rx_octets - sub->base.rx_octets);
	log_u(&l, "out_octets", line->tx_octets - sub->base.tx_octets);
	log_u(&l, "in_packets", line->rx_packets - sub->base.rx_packets);
	log_u(&l, "out_packets", line->tx_packets - sub->base.tx_packets);
	log_u(&l, "duration_s", (uint64_t)mono_s_between(s->up_at, now));
	log_text(&l, "acct_session_id", sub->acct_session_id);
	log_end(&l);
}

void log_session_end(struct model *m, const struct session *s, mono_t now)
{
	struct log l;

	if (s->sub && s->sub->started) {
		log_subscriber_down(s, &s->final, s->why, now);
		return;
	}
	if (!failed_log_allowed(m, now))
		return;
	log_who(&l, s, "call failed");
	log_text(&l, "reason", end_name(s->why));
	log_u(&l, "terminate_cause", end_terminate_cause(s->why));
	log_u(&l, "result", s->result);
	log_u(&l, "error", s->error);
	if (pack_get(s->text, SESSION_MESSAGE).len)
		log_str(&l, "message", pack_get(s->text, SESSION_MESSAGE));
	log_end(&l);
}
