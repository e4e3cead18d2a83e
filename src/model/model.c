/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system: construction, the turn, counters. model_turn() is the whole engine: what came from the plane, the
 * timers, the L2TP core and AAA is taken; each session that was fed is pumped once (events, then frames); jobs take
 * what is left of the turn's share; then the control datagrams go out. Nothing pumps recursively.
 */
#include <errno.h>
#include <stdlib.h>

#include "model/priv.h"

static void endpoint_conf_first(const struct model_conf *conf, struct l2tp_endpoint_conf *c);

/* ---- life ---- */

struct model *model_new(struct aaa_if aaa, struct dp_if dp, const uint8_t seed[32], mono_t now, struct wall wall)
{
	struct model *m = calloc(1, sizeof(*m));
	struct l2tp_endpoint_conf ec;
	uint8_t core_seed[32];

	if (!m)
		return NULL;
	m->aaa = aaa;
	m->dp = dp;
	m->wall = wall;
	m->turn_at = now;
	rng_init(&m->rng, seed);
	m->hash_seed = rng_u64(&m->rng);
	rng_bytes(&m->rng, core_seed, sizeof(core_seed));
	slots_init(&m->dests);
	slots_init(&m->tunnels);
	slots_init(&m->sessions);
	hmap_init(&m->names);
	hmap_init(&m->dest_by_addr);
	wheel_init(&m->session_wheel, now);
	wheel_init(&m->tunnel_wheel, now);
	list_init(&m->ready);
	if (model_conf_init(&m->conf) == 0 && tombs_resize(&m->tombs, m->conf.l2tp.tombstones) == 0) {
		endpoint_conf_first(&m->conf, &ec);
		m->ep = l2tp_endpoint_new(&ec, core_seed, now);
	}
	explicit_bzero(core_seed, sizeof(core_seed));
	if (m->ep)
		return m;
	model_free(m);
	return NULL;
}

static void endpoint_conf_first(const struct model_conf *conf, struct l2tp_endpoint_conf *c)
{
	const struct l2tp_conf *l = &conf->l2tp;

	*c = (struct l2tp_endpoint_conf){
		.max_tunnels = l->max_tunnels,
		.half_open_per_source = l->half_open_per_source,
		.half_open = l->half_open,
		.retries_established = l->retries_established,
		.retries_not_established = l->retries_not_established,
		.linger_s = 31,		/* design.md section 8 */
		.permissive_avps = l->permissive_avps,
	};
}

void endpoint_conf_of(const struct model *m, struct l2tp_endpoint_conf *c)
{
	endpoint_conf_first(&m->conf, c);
}

/* Everything at once, without a word to anybody: leaves first. */
void model_free(struct model *m)
{
	uint32_t pos = 0;
	void *o;

	if (!m)
		return;
	while ((o = slots_next(&m->sessions, &pos)))
		session_free(m, o);
	for (pos = 0; (o = slots_next(&m->tunnels, &pos));)
		tunnel_free(m, o);
	for (pos = 0; (o = slots_next(&m->dests, &pos));)
		dest_free(m, o);
	l2tp_endpoint_free(m->ep);
	profiles_free(m);
	model_conf_fini(&m->conf);
	tombs_fini(&m->tombs);
	debug_fini(m);
	slots_fini(&m->sessions);
	slots_fini(&m->tunnels);
	slots_fini(&m->dests);
	hmap_fini(&m->names);
	hmap_fini(&m->dest_by_addr);
	free(m);
}

/* ---- names ---- */

static uint64_t name_hash(const struct model *m, enum level level, uint32_t parent, uint32_t number)
{
	return hash_u64((uint64_t)parent << 20 | number, m->hash_seed + level);
}

struct name *name_find(struct model *m, enum level level, uint32_t parent, uint32_t number)
{
	hmap_for(node, &m->names, name_hash(m, level, parent, number)) {
		struct name *n = container_of(node, struct name, node);

		if (n->level == level && n->parent == parent && n->number == number)
			return n;
	}
	return NULL;
}

int name_add(struct model *m, struct name *n, enum level level, uint32_t parent, uint32_t *last)
{
	do
		*last = *last >= NUMBER_MAX ? 1 : *last + 1;
	while (name_find(m, level, parent, *last));
	n->level = (uint8_t)level;
	n->parent = parent;
	n->number = *last;
	return hmap_add(&m->names, &n->node, name_hash(m, level, parent, n->number));
}

void name_del(struct model *m, struct name *n)
{
	hmap_del(&m->names, &n->node);
}

/* ---- the turn ---- */

void session_ready(struct model *m, struct session *s)
{
	if (!list_linked(&s->ready))
		list_push_back(&m->ready, &s->ready);
}

bool use_share(struct model *m)
{
	if (m->share == 0) {
		m->more = true;
		return false;
	}
	m->share--;
	return true;
}

static void dp_control(struct model *m, const struct dp_event *ev, mono_t now)
{
	struct l2tp_path from = {
		.vr = ev->vr, .local = ev->local, .peer = ev->peer, .local_port = ev->local_port,
		.peer_port = ev->peer_port,
	};

	debug_control(m, true, ev->vr, &ev->local, ev->local_port, &ev->peer, ev->peer_port, ev->data, ev->len);
	l2tp_endpoint_rx(m->ep, &from, ev->data, ev->len, now);
}

/* The plane names a session by the handle it was given; one that is gone, or over, gets nothing any more. */
static void dp_session_event(struct model *m, const struct dp_event *ev, mono_t now)
{
	struct session *s = slots_get(&m->sessions, cookie_handle(ev->user));

	if (!s || s->dp.slot != ev->handle.slot || s->dp.generation != ev->handle.generation)
		count(m, MODEL_COUNT_DP_LATE);
	else if (ev->type == DP_EV_GONE)
		session_gone(m, s, &ev->counters, now);
	else
		session_frame(m, s, ev->data, ev->len, now);
}

static void dp_local(const struct dp_event *ev)
{
	struct log l;

	log_begin(&l, LOG_NOTICE, "l2tp", ev->up ? "local address is there" : "local address is not on this machine");
	log_addr(&l, "address", &ev->local);
	log_end(&l);
}

static bool take_dp(struct model *m, unsigned *left, mono_t now)
{
	struct dp_event ev;
	bool any = false;

	while (*left && m->share && m->dp.ops->event(m->dp.dp, &ev, now)) {
		any = true;
		(*left)--;
		if (ev.type == DP_EV_CONTROL)
			dp_control(m, &ev, now);
		else if (ev.type == DP_EV_LOCAL_UP)
			dp_local(&ev);
		else
			dp_session_event(m, &ev, now);
		if (ev.type == DP_EV_GONE)
			(void)use_share(m);
	}
	if (!*left || !m->share)
		m->more = true;
	return any;
}

static void run_timers(struct model *m, mono_t now)
{
	unsigned left = TIMERS;
	struct wheel_node *n;

	while (left && (n = wheel_expire(&m->session_wheel, now))) {
		session_ready(m, container_of(n, struct session, timer));
		left--;
	}
	while (left && (n = wheel_expire(&m->tunnel_wheel, now))) {
		tunnel_timer(m, container_of(n, struct tunnel, timer), now);
		left--;
	}
	if (!left)
		m->more = true;
}

static void l2tp_tunnel_event(struct model *m, const struct l2tp_event *ev, mono_t now)
{
	struct tunnel *t = ev->tunnel_user;

	if (ev->type == L2TP_EV_TUNNEL_OFFERED)
		lns_tunnel_offered(m, ev, now);
	else if (!t)
		return;		/* one that was rejected: counted and logged then */
	else if (ev->type == L2TP_EV_TUNNEL_UP)
		tunnel_up(m, t, ev, now);
	else if (ev->type == L2TP_EV_TUNNEL_DOWN)
		tunnel_down(m, t, ev, now);
	else
		tunnel_gone(m, t, now);
}

static void l2tp_call_event(struct model *m, const struct l2tp_event *ev, mono_t now)
{
	struct session *s = ev->call_user;

	if (ev->type == L2TP_EV_CALL_OFFERED)
		lns_call_offered(m, ev, now);
	else if (ev->type == L2TP_EV_CALL_SLI)
		count(m, MODEL_COUNT_SET_LINK_INFO);	/* nothing of ours is asynchronous: accepted, without effect */
	else if (ev->type == L2TP_EV_CALL_WEN)
		count(m, MODEL_COUNT_WAN_ERRORS);
	else if (!s)
		return;
	else if (ev->type == L2TP_EV_CALL_UP)
		session_call_up(m, s, &ev->params, now);
	else if (ev->type == L2TP_EV_CALL_DOWN)
		session_call_down(m, s, ev, now);
}

static bool take_l2tp(struct model *m, mono_t now)
{
	struct l2tp_event ev;
	bool any = false;

	while (m->share && l2tp_endpoint_event(m->ep, &ev, now)) {
		any = true;
		if (ev.type <= L2TP_EV_TUNNEL_GONE)
			l2tp_tunnel_event(m, &ev, now);
		else
			l2tp_call_event(m, &ev, now);
		if (ev.type == L2TP_EV_CALL_DOWN)
			(void)use_share(m);
	}
	return any;
}

static bool take_aaa(struct model *m, mono_t now)
{
	struct aaa_event ev;
	bool any = false;

	while (m->aaa.ops->event(m->aaa.a, &ev, now)) {
		subscriber_answer(m, &ev, now);
		any = true;
	}
	return any;
}

static bool pump_ready(struct model *m, mono_t now)
{
	struct list *it;
	bool any = false;

	while ((it = list_pop(&m->ready))) {
		session_pump(m, container_of(it, struct session, ready), now);
		any = true;
	}
	return any;
}

static void send_control(struct model *m, mono_t now)
{
	struct l2tp_path to;
	size_t len;

	while ((len = l2tp_endpoint_tx(m->ep, &to, m->buf, sizeof(m->buf), now))) {
		debug_control(m, false, to.vr, &to.local, to.local_port, &to.peer, to.peer_port, m->buf, len);
		if (m->dp.ops->control_tx(m->dp.dp, to.vr, &to.local, to.local_port, &to.peer, to.peer_port,
					  m->buf, len))
			count(m, MODEL_COUNT_CONTROL_TX_FAILED);
	}
}

bool model_turn(struct model *m, mono_t now, struct wall wall)
{
	unsigned frames = DP_EVENTS, round = 0;
	bool moved;

	m->wall = wall;
	m->turn_at = now;
	m->more = false;
	m->share = JOB_OBJECTS;
	m->dp.ops->expire(m->dp.dp, now);
	/* acknowledgements first, so that nothing is sent again for want of reading */
	(void)take_dp(m, &frames, now);
	l2tp_endpoint_expire(m->ep, now);
	run_timers(m, now);
	m->aaa.ops->expire(m->aaa.a, now, wall);
	jobs_run(m, now);
	do {
		moved = take_l2tp(m, now);
		moved |= take_aaa(m, now);
		moved |= pump_ready(m, now);
		moved |= take_dp(m, &frames, now);
	} while (moved && m->share && ++round < ROUNDS);
	send_control(m, now);
	tombs_expire(m);
	m->more |= moved || m->doomed_sessions || m->doomed_tunnels;
	return m->more;
}

mono_t model_deadline(const struct model *m)
{
	mono_t d;

	if (m->more || !list_empty(&m->ready))
		return MONO_ZERO;
	d = mono_min(l2tp_endpoint_deadline(m->ep), m->aaa.ops->deadline(m->aaa.a));
	d = mono_min(d, m->dp.ops->deadline(m->dp.dp));
	d = mono_min(d, tombs_deadline(m));
	d = mono_min(d, wheel_deadline(&m->session_wheel));
	return mono_min(d, wheel_deadline(&m->tunnel_wheel));
}

/* ---- the end of the daemon ---- */

void model_shutdown(struct model *m, mono_t now)
{
	uint32_t pos = 0;
	struct tunnel *t;

	m->stopping = true;
	while ((t = slots_next(&m->tunnels, &pos)))
		doom_tunnel(m, t, DOOM_SHUTDOWN);
	m->more = true;
}

bool model_ended(const struct model *m)
{
	uint32_t pos = 0;
	const struct tunnel *t;

	if (m->sessions.used)
		return false;
	while ((t = slots_next(&m->tunnels, &pos)))
		if (t->phase < TUNNEL_CLOSING)
			return false;
	return true;
}

/* A StopCCN that is acknowledged, or given up, is no longer in flight; the 31 s after it are not waited for. */
bool model_idle(const struct model *m)
{
	uint32_t pos = 0;
	const struct tunnel *t;

	if (!model_ended(m))
		return false;
	while ((t = slots_next(&m->tunnels, &pos))) {
		struct l2tp_tunnel_stats st;

		if (!t->ctrl)
			continue;
		l2tp_tunnel_stats(t->ctrl, &st);
		if (st.queued || st.in_flight)
			return false;
	}
	return true;
}

/* ---- counters ---- */

static const char *const model_count_names[MODEL_COUNT_MAX] = {
#define X(id, name) [MODEL_COUNT_##id] = name,
	MODEL_COUNTERS(X)
#undef X
};

void count_end(struct model *m, struct end e)
{
	if (e.family == END_L2TP && e.code < L2TP_REASON_COUNT)
		m->ended_l2tp[e.code]++;
	else if (e.family == END_PPP && e.code < PPP_REASON_COUNT)
		m->ended_ppp[e.code]++;
	else if (e.family == END_DENY && e.code < AAA_REFUSE_COUNT)
		m->ended_deny[e.code]++;
	else if (e.family == END_LOGOUT && e.code < sizeof(m->ended_logout) / sizeof(m->ended_logout[0]))
		m->ended_logout[e.code]++;
}

static const char *terminate_counter(const struct model *m, unsigned i, uint64_t *value)
{
	static const unsigned logouts = sizeof(m->ended_logout) / sizeof(m->ended_logout[0]);

	/* reason 0 of each family but the last is "none" */
	if (++i < L2TP_REASON_COUNT) {
		*value = m->ended_l2tp[i] + l2tp_endpoint_refused(m->ep, (enum l2tp_reason)i);
		return l2tp_reason_name((enum l2tp_reason)i);
	}
	i -= L2TP_REASON_COUNT;
	if (++i < PPP_REASON_COUNT) {
		*value = m->ended_ppp[i];
		return ppp_reason_name((enum ppp_reason)i);
	}
	i -= PPP_REASON_COUNT;
	if (++i < AAA_REFUSE_COUNT) {
		*value = m->ended_deny[i];
		return aaa_refusal_name((enum aaa_refusal)i);
	}
	i -= AAA_REFUSE_COUNT;
	if (i >= logouts)
		return NULL;
	*value = m->ended_logout[i];
	return aaa_logout_name((enum aaa_logout)i);
}

static unsigned l2tp_counters(void)
{
	unsigned n = 0;

	while (l2tp_counter_name(n))
		n++;
	return n;
}

const char *model_counter(const struct model *m, unsigned i, const char **group, uint64_t *value)
{
	unsigned l2tp = l2tp_counters();

	if (i < l2tp) {
		*group = "l2tp";
		*value = l2tp_endpoint_counter(m->ep, i);
		return l2tp_counter_name(i);
	}
	i -= l2tp;
	if (i < PPP_COUNT_MAX) {
		*group = "ppp";
		*value = m->ppp.n[i];
		return ppp_counter_name(i);
	}
	i -= PPP_COUNT_MAX;
	if (i < MODEL_COUNT_MAX) {
		*group = "model";
		*value = m->count[i];
		return model_count_names[i];
	}
	*group = "terminate";
	return terminate_counter(m, i - MODEL_COUNT_MAX, value);
}
