/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tombstones: what is left of an ended object for the destruct timeout. At most TOMBSTONE_MAX octets each, texts
 * packed behind the numbers and cut to what room there is; a ring, oldest out. A tombstone holds no id, address or
 * port: they are only written down.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "model/priv.h"

struct tomb_session {
	struct ip_addr lac, lns;
	uint16_t local_tunnel_id, local_id, peer_id, local_mru;
	uint32_t vr, ip4, local_ip4, call_serial, tx_speed, rx_speed, up_s;
	uint64_t rx_packets, rx_octets, tx_packets, tx_octets;
	uint8_t auth;
};

struct tomb_tunnel {
	struct ip_addr local, peer;
	uint16_t local_port, peer_port, local_id, peer_id, protocol_version, firmware_revision;
	uint32_t vr, framing_caps, bearer_caps, sessions_total, sessions_failed, up_s;
};

struct tomb_dest {
	struct ip_addr local, peer;
	uint32_t vr, tunnels_total, tunnels_failed, sessions_total, sessions_failed;
	uint64_t rx_packets, rx_octets, tx_packets, tx_octets;
};

enum { TEXTS = 7 };

struct tombstone {
	struct wall started, ended;
	mono_t since;
	uint32_t dest, tunnel, number;	/* its name; number: of the object itself */
	struct end why;
	uint16_t result, error;
	uint8_t level;
	uint8_t len[TEXTS];
	union {
		struct tomb_session s;
		struct tomb_tunnel t;
		struct tomb_dest d;
	};
	char text[];			/* each with a NUL behind */
};

static_assert(sizeof(struct tombstone) + TEXTS <= TOMBSTONE_MAX - 32, "room for texts");

/* Texts in the order of their worth: the last are cut first. */
enum { T_USER, T_CALLING, T_LAC_NAME, T_CIRCUIT_ID, T_ACCT_ID, T_PROFILE, T_MESSAGE };
enum { T_HOST_NAME, T_TUNNEL_PROFILE, T_REMOTE_HOST, T_TUNNEL_MESSAGE, T_VENDOR_NAME };

/* ---- the ring ---- */

unsigned tombs_count(const struct tombstones *t)
{
	return (unsigned)(t->next - t->first);
}

static void tombs_pop(struct tombstones *t)
{
	free(t->ring[t->first % t->cap]);
	t->first++;
}

int tombs_resize(struct tombstones *t, uint32_t cap)
{
	struct tombstone **ring = NULL;

	if (cap == t->cap)
		return 0;
	if (cap) {
		ring = calloc(cap, sizeof(struct tombstone *));
		if (!ring)
			return -ENOMEM;
	}
	while (tombs_count(t) > cap)
		tombs_pop(t);
	for (uint64_t i = t->first; i < t->next; i++)
		ring[i % cap] = t->ring[i % t->cap];
	free(t->ring);
	t->ring = ring;
	t->cap = cap;
	return 0;
}

void tombs_fini(struct tombstones *t)
{
	(void)tombs_resize(t, 0);
}

static mono_t due_of(const struct model *m, const struct tombstone *ts)
{
	return mono_add_s(ts->since, m->conf.l2tp.destruct_timeout_s);
}

mono_t tombs_deadline(const struct model *m)
{
	const struct tombstones *t = &m->tombs;

	return tombs_count(t) ? due_of(m, t->ring[t->first % t->cap]) : MONO_NEVER;
}

void tombs_expire(struct model *m)
{
	for (unsigned i = 0; i < JOB_OBJECTS && mono_due(tombs_deadline(m), m->turn_at); i++)
		tombs_pop(&m->tombs);
}

/* ---- making ---- */

/* Cuts the texts to the room there is, in their order. Return: octets they take, NULs included. */
static size_t fit(uint8_t len[TEXTS], const struct span text[TEXTS])
{
	size_t left = TOMBSTONE_MAX - sizeof(struct tombstone) - TEXTS, used = 0;

	for (unsigned i = 0; i < TEXTS; i++) {
		len[i] = (uint8_t)(text[i].len < left ? text[i].len : left);
		left -= len[i];
		used += len[i] + 1u;
	}
	return used;
}

static struct tombstone *tomb_add(struct model *m, enum level level, const struct span text[TEXTS])
{
	struct tombstones *t = &m->tombs;
	uint8_t len[TEXTS];
	size_t room = fit(len, text);
	struct tombstone *ts;
	char *at;

	if (!t->cap)
		return NULL;
	ts = calloc(1, sizeof(*ts) + room);
	if (!ts) {
		count(m, MODEL_COUNT_TOMBSTONES_LOST);
		return NULL;
	}
	at = ts->text;
	for (unsigned i = 0; i < TEXTS; i++) {
		ts->len[i] = len[i];
		if (len[i])
			memcpy(at, text[i].p, len[i]);
		at += len[i] + 1u;
	}
	ts->level = (uint8_t)level;
	ts->ended = m->wall;
	ts->since = m->turn_at;
	if (tombs_count(t) == t->cap)
		tombs_pop(t);
	t->ring[t->next++ % t->cap] = ts;
	return ts;
}

static struct span tomb_text(const struct tombstone *ts, unsigned i)
{
	const char *at = ts->text;

	for (unsigned n = 0; n < i; n++)
		at += ts->len[n] + 1u;
	return span_of(at, ts->len[i]);
}

static const char *tomb_word(const struct tombstone *ts, unsigned i)
{
	return (const char *)tomb_text(ts, i).p;
}

void tomb_session(struct model *m, const struct session *s, mono_t now)
{
	const struct tunnel *t = s->tunnel;
	const struct subscriber *sub = s->sub;
	struct span text[TEXTS] = {
		[T_USER] = subscriber_user(s),
		[T_CALLING] = pack_get(s->text, SESSION_CALLING),
		[T_LAC_NAME] = pack_get(t->text, TUNNEL_HOST_NAME),
		[T_CIRCUIT_ID] = pack_get(s->text, SESSION_CIRCUIT_ID),
		[T_ACCT_ID] = span_str(sub ? sub->acct_session_id : NULL),
		[T_PROFILE] = span_str(t->host->conf ? t->host->conf->profile : NULL),
		[T_MESSAGE] = pack_get(s->text, SESSION_MESSAGE),
	};
	struct tombstone *ts = tomb_add(m, LEVEL_SESSION, text);

	if (!ts)
		return;
	ts->dest = t->dest->name.number;
	ts->tunnel = t->name.number;
	ts->number = s->name.number;
	ts->started = s->started;
	ts->why = s->why;
	ts->result = s->result;
	ts->error = s->error;
	ts->s = (struct tomb_session){
		.lac = t->path.peer, .lns = t->path.local, .vr = t->path.vr,
		.local_tunnel_id = t->local_id, .local_id = s->local_id, .peer_id = s->peer_id,
		.ip4 = sub ? sub->ip4 : 0, .local_ip4 = sub ? sub->local_ip4 : 0,
		.call_serial = s->call_serial, .tx_speed = s->tx_speed, .rx_speed = s->rx_speed,
		.up_s = s->was_up ? (uint32_t)mono_s_between(s->up_at, now) : 0,
		.rx_packets = s->final.rx_packets, .rx_octets = s->final.rx_octets,
		.tx_packets = s->final.tx_packets, .tx_octets = s->final.tx_octets,
		.auth = sub ? sub->method : PPP_AUTH_NONE,
	};
}

void tomb_tunnel(struct model *m, const struct tunnel *t)
{
	struct span text[TEXTS] = {
		[T_HOST_NAME] = pack_get(t->text, TUNNEL_HOST_NAME),
		[T_TUNNEL_PROFILE] = span_str(t->host->dprof->name),
		[T_REMOTE_HOST] = span_str(t->host->remote_name ? t->host->remote_name : "default"),
		[T_TUNNEL_MESSAGE] = pack_get(t->text, TUNNEL_MESSAGE),
		[T_VENDOR_NAME] = pack_get(t->text, TUNNEL_VENDOR_NAME),
	};
	struct tombstone *ts = tomb_add(m, LEVEL_TUNNEL, text);

	if (!ts)
		return;
	ts->dest = t->dest->name.number;
	ts->number = t->name.number;
	ts->started = t->started;
	ts->ended = t->ended;
	ts->why = t->why;
	ts->result = t->result;
	ts->error = t->error;
	ts->t = (struct tomb_tunnel){
		.local = t->path.local, .peer = t->path.peer, .vr = t->path.vr,
		.local_port = t->path.local_port, .peer_port = t->path.peer_port,
		.local_id = t->local_id, .peer_id = t->peer_id,
		.protocol_version = t->protocol_version, .firmware_revision = t->firmware_revision,
		.framing_caps = t->framing_caps, .bearer_caps = t->bearer_caps,
		.sessions_total = (uint32_t)t->session_counts.total,
		.sessions_failed = (uint32_t)t->session_counts.failed,
		.up_s = t->was_up ? (uint32_t)mono_s_between(t->up_at, t->down_at) : 0,
	};
}

void tomb_dest(struct model *m, const struct dest *d)
{
	struct span text[TEXTS] = { [T_TUNNEL_PROFILE] = span_str(d->dprof->name) };
	struct tombstone *ts = tomb_add(m, LEVEL_DEST, text);

	if (!ts)
		return;
	ts->number = d->name.number;
	ts->started = d->started;
	ts->d = (struct tomb_dest){
		.local = d->local, .peer = d->peer, .vr = d->vr,
		.tunnels_total = (uint32_t)d->tunnel_counts.total, .tunnels_failed = (uint32_t)d->tunnel_counts.failed,
		.sessions_total = (uint32_t)d->session_counts.total,
		.sessions_failed = (uint32_t)d->session_counts.failed,
		.rx_packets = d->rx.packets, .rx_octets = d->rx.octets,
		.tx_packets = d->tx.packets, .tx_octets = d->tx.octets,
	};
}

/* ---- showing ---- */

/* The next one of a level at or after *serial. */
static const struct tombstone *tomb_next(const struct model *m, uint64_t *serial, enum level level)
{
	const struct tombstones *t = &m->tombs;

	if (*serial < t->first)
		*serial = t->first;
	while (*serial < t->next) {
		const struct tombstone *ts = t->ring[(*serial)++ % t->cap];

		if (ts->level == level)
			return ts;
	}
	return NULL;
}

static void session_row(const struct tombstone *ts, struct model_session_row *r)
{
	*r = (struct model_session_row){
		.dest = ts->dest, .tunnel = ts->tunnel, .number = ts->number, .ended = true,
		.state = "idle", .rfc_state = "idle", .phase = "closing",
		.local_tunnel_id = ts->s.local_tunnel_id, .local_id = ts->s.local_id, .peer_id = ts->s.peer_id,
		.user = tomb_text(ts, T_USER), .calling_number = tomb_text(ts, T_CALLING),
		.lac_name = tomb_text(ts, T_LAC_NAME), .circuit_id = tomb_text(ts, T_CIRCUIT_ID),
		.message = tomb_text(ts, T_MESSAGE), .profile = tomb_word(ts, T_PROFILE),
		.auth = ppp_auth_name((enum ppp_auth)ts->s.auth),
		.lcp_state = "Closed", .ipcp_state = "Closed", .ipv6cp_state = "Closed",
		.lac = ts->s.lac, .lns = ts->s.lns,
		.call_serial = ts->s.call_serial, .tx_speed = ts->s.tx_speed, .rx_speed = ts->s.rx_speed,
		.counters = { .rx_packets = ts->s.rx_packets, .rx_octets = ts->s.rx_octets,
			      .tx_packets = ts->s.tx_packets, .tx_octets = ts->s.tx_octets },
		.reason = end_name(ts->why), .terminate_cause = end_terminate_cause(ts->why),
		.result = ts->result, .error = ts->error,
		.started = ts->started, .ended_at = ts->ended, .up_s = ts->s.up_s,
	};
	if (ts->s.ip4)
		r->ip4 = ip4_of(ts->s.ip4);
	if (ts->s.local_ip4)
		r->local_ip4 = ip4_of(ts->s.local_ip4);
	memcpy(r->acct_session_id, tomb_word(ts, T_ACCT_ID), ts->len[T_ACCT_ID]);
}

bool tomb_session_row(const struct model *m, uint64_t *serial, const struct model_filter *f,
		      struct model_session_row *r)
{
	const struct tombstone *ts;

	while ((ts = tomb_next(m, serial, LEVEL_SESSION))) {
		session_row(ts, r);
		if (filter_session_row(f, r))
			return true;
	}
	return false;
}

static void tunnel_row(const struct tombstone *ts, struct model_tunnel_row *r)
{
	*r = (struct model_tunnel_row){
		.dest = ts->dest, .number = ts->number, .ended = true, .state = "idle", .rfc_state = "idle",
		.local_id = ts->t.local_id, .peer_id = ts->t.peer_id, .vr = ts->t.vr,
		.local = ts->t.local, .peer = ts->t.peer,
		.local_port = ts->t.local_port, .peer_port = ts->t.peer_port,
		.host_name = tomb_text(ts, T_HOST_NAME), .vendor_name = tomb_text(ts, T_VENDOR_NAME),
		.message = tomb_text(ts, T_TUNNEL_MESSAGE),
		.profile = tomb_word(ts, T_TUNNEL_PROFILE), .remote_host = tomb_word(ts, T_REMOTE_HOST),
		.protocol_version = ts->t.protocol_version, .firmware_revision = ts->t.firmware_revision,
		.framing_caps = ts->t.framing_caps, .bearer_caps = ts->t.bearer_caps,
		.session_counts = { .total = ts->t.sessions_total, .failed = ts->t.sessions_failed },
		.reason = end_name(ts->why), .result = ts->result, .error = ts->error,
		.started = ts->started, .ended_at = ts->ended, .established_s = ts->t.up_s,
	};
}

bool tomb_tunnel_row(const struct model *m, uint64_t *serial, const struct model_filter *f, struct model_tunnel_row *r)
{
	const struct tombstone *ts;

	while ((ts = tomb_next(m, serial, LEVEL_TUNNEL))) {
		tunnel_row(ts, r);
		if (filter_tunnel(f, r->dest, r->number, &r->peer, r->host_name))
			return true;
	}
	return false;
}

static void dest_row(const struct tombstone *ts, struct model_dest_row *r)
{
	*r = (struct model_dest_row){
		.number = ts->number, .ended = true, .vr = ts->d.vr, .local = ts->d.local, .peer = ts->d.peer,
		.profile = tomb_word(ts, T_TUNNEL_PROFILE),
		.tunnel_counts = { .total = ts->d.tunnels_total, .failed = ts->d.tunnels_failed },
		.session_counts = { .total = ts->d.sessions_total, .failed = ts->d.sessions_failed },
		.control_rx = { .packets = ts->d.rx_packets, .octets = ts->d.rx_octets },
		.control_tx = { .packets = ts->d.tx_packets, .octets = ts->d.tx_octets },
	};
}

bool tomb_dest_row(const struct model *m, uint64_t *serial, const struct model_filter *f, struct model_dest_row *r)
{
	const struct tombstone *ts;

	while ((ts = tomb_next(m, serial, LEVEL_DEST))) {
		dest_row(ts, r);
		if (filter_dest(f, r->number, &r->peer))
			return true;
	}
	return false;
}
