/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run from stage to stage: calls at the rate that was asked for, hold, storms, the end; events and frames are carried
 * to tunnels and subscribers. One pace timer drives what happens at a rate; everything else follows from events.
 */
#include <stdlib.h>

#include "lab/lab_priv.h"
#include "lab/pattern.h"
#include "wire/l2tp_hdr.h"
#include "wire/l2tp_msg.h"
#include "wire/ppp_frame.h"

enum {
	PACE_MS = 10,
	HANGUPS_A_PACE = 64,
	HANGUP_LIMIT_S = 15,	/* then tunnels are closed over what is left */
	CLOSE_LIMIT_S = 5,
	BACKOFF_DOUBLINGS = 3,
};

void lab_stage_set(struct lab *l, enum lab_stage st, mono_t due)
{
	l->stage = st;
	l->stage_due = due;
}

/* ---- failures ---- */

bool lab_may_retry(const struct lab *l)
{
	return l->conf->retry_s > 0 && !l->giving_up && l->stage < LAB_HANGING_UP;
}

/* Between half and one and a half times --retry, doubled with each failure up to eight times that. */
mono_t lab_backoff(struct lab *l, uint8_t *tries, mono_t now)
{
	double pause = l->conf->retry_s * (1u << *tries) * (0.5 + rng_below(&l->rng, 1000) / 1e3);

	if (*tries < BACKOFF_DOUBLINGS)
		++*tries;
	return mono_add_ns(now, (int64_t)(pause * 1e9));
}

void lab_give_up(struct lab *l, const char *why, mono_t now)
{
	l->giving_up = true;
	tunnels_forget_callers(l);
	for (unsigned i = 0; i < l->conf->count; i++)
		if (!l->sub[i].decided)
			sub_fail(&l->sub[i], now, "%s", why);
	l->giving_up = false;
}

/* ---- calls at a rate ---- */

static bool may_call(const struct lab *l, mono_t now)
{
	double seconds = (double)(now.ns - l->stats.begun.ns) / 1e9;
	bool paced = l->conf->rate > 0 && l->stage == LAB_CALLING;

	return l->pending < l->conf->pending && (!paced || (double)l->stats.started < 1 + seconds * l->conf->rate);
}

static void calls_begin(struct lab *l, mono_t now)
{
	while (may_call(l, now)) {
		struct lab_sub *s = tunnel_next_caller(l);

		if (!s)
			break;
		sub_call(s, now);
	}
}

/* ---- the end ---- */

static void close_begin(struct lab *l, mono_t now)
{
	lab_stage_set(l, LAB_CLOSING, mono_add_s(now, CLOSE_LIMIT_S));
	for (unsigned i = 0; i < l->tunnel_count; i++)
		if (l->tunnel[i].ctrl)
			l2tp_tunnel_close(l->tunnel[i].ctrl, L2TP_REASON_TUNNEL_ADMIN_CLOSE,
					  (struct l2tp_cause){ 6, 0, "lab finished" }, now);
}

static bool tunnel_quiet(const struct lab_tunnel *t)
{
	struct l2tp_tunnel_stats st;

	if (!t->ctrl)
		return true;
	l2tp_tunnel_stats(t->ctrl, &st);
	return !st.in_flight && !st.queued;
}

/* Those that were found quiet stay it. */
static bool tunnels_quiet(struct lab *l)
{
	while (l->tunnels_quiet < l->tunnel_count && tunnel_quiet(&l->tunnel[l->tunnels_quiet]))
		l->tunnels_quiet++;
	return l->tunnels_quiet == l->tunnel_count;
}

static void hangup_some(struct lab *l, mono_t now)
{
	for (unsigned n = 0; l->next_hangup < l->conf->count && n < HANGUPS_A_PACE; l->next_hangup++) {
		n += l->sub[l->next_hangup].call != NULL;
		sub_hangup(&l->sub[l->next_hangup], l->conf->hangup, SUB_STAYS_AWAY, now);
	}
	if (l->next_hangup == l->conf->count && l->living == 0)
		close_begin(l, now);
}

void lab_hangup_begin(struct lab *l, mono_t now)
{
	tunnels_forget_callers(l);
	l->next_hangup = 0;
	l->stats.hellos_lost += hellos_waiting(&l->hellos, mono_add_s(now, -1)) +
				hellos_waiting(&l->probe_hellos, mono_add_s(now, -1));
	switch (l->conf->hangup) {
	case LAB_HANGUP_LCP:
	case LAB_HANGUP_CDN:
		lab_stage_set(l, LAB_HANGING_UP, mono_add_s(now, HANGUP_LIMIT_S));
		break;
	case LAB_HANGUP_STOPCCN:
		close_begin(l, now);
		break;
	case LAB_HANGUP_SILENT:
		lab_stage_set(l, LAB_DONE, MONO_NEVER);
		break;
	}
}

/* ---- stages ---- */

static void hold_begin(struct lab *l, double seconds, mono_t now)
{
	lab_stage_set(l, LAB_HOLDING, mono_add_ns(now, (int64_t)(seconds * 1e9)));
	churn_begin(l, now);
}

static void hold_run(struct lab *l, mono_t now)
{
	if (mono_due(l->stage_due, now))
		lab_stage_set(l, LAB_SETTLING, mono_add_s(now, l->conf->storm_timeout_s));
	else
		churn_run(l, now);
}

static void settle_run(struct lab *l, mono_t now)
{
	if (mono_due(l->stage_due, now))
		lab_give_up(l, "not back in time", now);
	if (l->undecided)
		return;
	if (l->storm.rounds < l->conf->storms)
		storm_drop(l, now);
	else
		lab_hangup_begin(l, now);
}

static void return_run(struct lab *l, mono_t now)
{
	if (mono_due(l->stage_due, now))
		lab_give_up(l, "not back in time", now);
	if (l->undecided)
		return;
	storm_round_end(l, now);
	hold_begin(l, l->conf->storm_interval_s, now);
}

static void hangup_run(struct lab *l, mono_t now)
{
	hangup_some(l, now);
	if (l->stage == LAB_HANGING_UP && mono_due(l->stage_due, now))
		close_begin(l, now);
}

static void stage_step(struct lab *l, mono_t now)
{
	switch (l->stage) {
	case LAB_CALLING:
		if (!l->undecided)
			hold_begin(l, l->conf->hold_s, now);
		break;
	case LAB_HOLDING:
		hold_run(l, now);
		break;
	case LAB_SETTLING:
		settle_run(l, now);
		break;
	case LAB_DROPPING:
		if (storm_drop_run(l, now))
			storm_return(l, now);
		break;
	case LAB_RETURNING:
		return_run(l, now);
		break;
	case LAB_HANGING_UP:
		hangup_run(l, now);
		break;
	case LAB_CLOSING:
		if (tunnels_quiet(l) || mono_due(l->stage_due, now))
			lab_stage_set(l, LAB_DONE, MONO_NEVER);
		break;
	case LAB_DONE:
		break;
	}
}

/* When the stage has something to do, whatever else happens. */
static mono_t stage_deadline(const struct lab *l, mono_t now)
{
	mono_t soon = mono_add_ms(now, PACE_MS);

	if (l->stage == LAB_DROPPING)	/* the next slice at once; then it waits for events */
		return l->next_hangup < l->conf->count ? now : soon;
	if (l->stage >= LAB_HANGING_UP)
		return l->stage == LAB_DONE ? MONO_NEVER : soon;
	if (!list_empty(&l->ready))
		return mono_min(l->stage_due, soon);
	return l->stage == LAB_HOLDING ? mono_min(l->stage_due, churn_deadline(l)) : l->stage_due;
}

static void stage_run(struct lab *l, mono_t now)
{
	enum lab_stage before;
	mono_t due;

	do {
		before = l->stage;
		stage_step(l, now);
	} while (l->stage != before);
	if (l->stage < LAB_HANGING_UP && l->stage != LAB_DROPPING) {
		tunnels_begin(l, now);
		calls_begin(l, now);
	}
	due = stage_deadline(l, now);
	if (!wheel_armed(&l->pace) || mono_before(due, l->pace.due))
		wheel_set(&l->wheel, &l->pace, due);
}

void lab_stop(struct lab *l, mono_t now)
{
	if (l->stage >= LAB_HANGING_UP)
		return;
	lab_give_up(l, "interrupted", now);
	lab_hangup_begin(l, now);
	lab_pump(l, now);
}

/* ---- events of the endpoint ---- */

static void on_event(struct lab *l, const struct l2tp_event *ev, mono_t now)
{
	struct lab_tunnel *t = ev->tunnel_user;
	struct lab_sub *s = ev->call_user;

	switch (ev->type) {
	case L2TP_EV_TUNNEL_OFFERED:
		l2tp_tunnel_reject(ev->ctrl, L2TP_REASON_TUNNEL_ADMIN_CLOSE,
				   (struct l2tp_cause){ 4, 0, "a lab takes no calls" }, now);
		break;
	case L2TP_EV_TUNNEL_UP:
		tunnel_up(l, t, now);
		break;
	case L2TP_EV_TUNNEL_DOWN:
		if (t)
			tunnel_down(l, t, ev, now);
		break;
	case L2TP_EV_TUNNEL_GONE:
		if (t && t->ctrl == ev->ctrl)
			t->ctrl = NULL;
		break;
	case L2TP_EV_CALL_OFFERED:
		l2tp_call_reject(ev->call, L2TP_REASON_SESSION_ADMIN_CLOSE, (struct l2tp_cause){ 3, 0, NULL }, now);
		break;
	case L2TP_EV_CALL_ANSWERED:
		sub_answered(s, now);
		break;
	case L2TP_EV_CALL_UP:
		sub_connected(s);
		break;
	case L2TP_EV_CALL_DOWN:
		if (s)
			sub_disconnected(s, ev, now);
		break;
	case L2TP_EV_CALL_SLI:
	case L2TP_EV_CALL_WEN:
		break;
	}
}

/* 0: none, a ZLB. The Message Type AVP is the first (RFC 2661 §4.4.1), and never hidden. */
static uint16_t message_type(struct span msg, struct l2tp_hdr *hdr)
{
	struct l2tp_avp avp;
	struct rd r;

	if (l2tp_hdr_decode(msg, hdr) != L2TP_HDR_OK)
		return 0;
	r = rd_span(hdr->payload);
	return l2tp_avp_next(&r, &avp) && avp.type == L2TP_AVP_MESSAGE_TYPE ? rd_be16(&avp.value) : 0;
}

static void control_tx_of(struct lab *l, struct l2tp_endpoint *ep, struct lab_hellos *hellos, mono_t now)
{
	uint8_t buf[2048];
	struct l2tp_path to;
	size_t len;

	while ((len = l2tp_endpoint_tx(ep, &to, buf, sizeof(buf), now))) {
		struct l2tp_hdr hdr;
		uint16_t type = message_type(span_of(buf, len), &hdr);

		l->env.send(l->env.ctx, &to, buf, len);
		if (type == L2TP_MSG_HELLO)
			hello_tx(hellos, &to, &hdr, now);
		else if (type == L2TP_MSG_ICCN)
			sub_iccn_sent(l, &to, &hdr, now);
	}
}

static void control_tx(struct lab *l, mono_t now)
{
	if (l->probe_ep)
		control_tx_of(l, l->probe_ep, &l->probe_hellos, now);
	control_tx_of(l, l->ep, &l->hellos, now);
}

static bool take_events(struct lab *l, struct l2tp_endpoint *ep, mono_t now)
{
	struct l2tp_event ev;
	bool any = false;

	for (; ep && l2tp_endpoint_event(ep, &ev, now); any = true)
		on_event(l, &ev, now);
	return any;
}

void lab_pump(struct lab *l, mono_t now)
{
	bool more = true;

	while (more && l->stage != LAB_DONE) {
		stage_run(l, now);
		more = take_events(l, l->probe_ep, now);
		more |= take_events(l, l->ep, now);
		control_tx(l, now);
	}
}

/* ---- data ---- */

void lab_data_tx(struct lab *l, struct lab_sub *s, struct span frame)
{
	uint8_t buf[LAB_DATAGRAM_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct l2tp_hdr h = { .tunnel_id = l2tp_tunnel_peer_id(s->tunnel->ctrl), .session_id = s->peer_session_id,
			      .has_seq = l->conf->sequencing, .ns = s->ns };

	s->ns += l->conf->sequencing;
	l2tp_hdr_put_data(&w, &h);
	if (!l->conf->no_ff03)
		wr_be16(&w, 0xff03);
	wr_put(&w, frame);
	if (!w.full)
		l->env.send(l->env.ctx, l2tp_tunnel_path(s->tunnel->ctrl), buf, wr_len(&w));
}

static struct lab_sub *sub_by_ids(struct lab *l, uint16_t tunnel_id, uint16_t session_id)
{
	uint64_t hash = hash_u64((uint64_t)tunnel_id << 16 | session_id, l->seed);

	hmap_for(n, &l->by_ids, hash) {
		struct lab_sub *s = container_of(n, struct lab_sub, node);

		if (s->call && s->tunnel->ctrl && l2tp_call_local_id(s->call) == session_id &&
		    l2tp_tunnel_local_id(s->tunnel->ctrl) == tunnel_id)
			return s;
	}
	return NULL;
}

static void data_rx(struct lab *l, struct span datagram, mono_t now)
{
	struct l2tp_hdr h;
	struct lab_sub *s = NULL;

	if (l2tp_hdr_decode(datagram, &h) == L2TP_HDR_OK)
		s = sub_by_ids(l, h.tunnel_id, h.session_id);
	if (s)
		sub_rx(s, ppp_frame_strip(h.payload), now);
	else
		l->stats.stray++;
}

static bool to_a_probe(const struct lab *l, const struct l2tp_path *from)
{
	return l->probe_ep && from->local_port == l->probe_path.local_port &&
	       ip_addr_eq(&from->local, &l->probe_path.local);
}

static void control_rx(struct lab *l, const struct l2tp_path *from, struct span msg, mono_t now)
{
	bool probe = to_a_probe(l, from);
	struct l2tp_endpoint *ep = probe ? l->probe_ep : l->ep;
	mono_t sent;

	if (hello_rx(probe ? &l->probe_hellos : &l->hellos, ep, msg, &sent)) {
		series_add(&l->stats.series[LAB_HELLO], sent, now);
		if (l->stage == LAB_DROPPING || l->stage == LAB_RETURNING)
			series_add(&l->storm.hello, sent, now);
	}
	l2tp_endpoint_rx(ep, from, msg.p, msg.len, now);
}

void lab_rx(struct lab *l, const struct l2tp_path *from, const uint8_t *msg, size_t len, mono_t now)
{
	if (l->stage == LAB_DONE)
		return;
	if (len && msg[0] & L2TP_HDR_T >> 8)
		control_rx(l, from, span_of(msg, len), now);
	else
		data_rx(l, span_of(msg, len), now);
	lab_pump(l, now);
}

/* ---- time ---- */

void lab_expire(struct lab *l, mono_t now)
{
	for (struct wheel_node *n; (n = wheel_expire(&l->wheel, now));)
		if (n != &l->pace)
			sub_expire(container_of(n, struct lab_sub, timer), now);
	for (struct wheel_node *n; (n = wheel_expire(&l->tunnel_timers, now));)
		tunnel_expire(l, container_of(n, struct lab_tunnel, timer), now);
	l2tp_endpoint_expire(l->ep, now);
	if (l->probe_ep)
		l2tp_endpoint_expire(l->probe_ep, now);
	lab_pump(l, now);
}

mono_t lab_deadline(const struct lab *l)
{
	mono_t due = mono_min(wheel_deadline(&l->wheel), wheel_deadline(&l->tunnel_timers));

	if (l->stage == LAB_DONE)
		return MONO_NEVER;
	if (l->probe_ep)
		due = mono_min(due, l2tp_endpoint_deadline(l->probe_ep));
	return mono_min(due, l2tp_endpoint_deadline(l->ep));
}

/* ---- beginning ---- */

struct l2tp_endpoint *lab_endpoint_new(struct lab *l, mono_t now)
{
	struct l2tp_endpoint_conf conf = { .max_tunnels = 65535, .half_open_per_source = 65535, .half_open = 65535,
					   .retries_established = 5, .retries_not_established = 5, .linger_s = 1 };
	uint8_t seed[32];

	rng_bytes(&l->rng, seed, sizeof(seed));
	return l2tp_endpoint_new(&conf, seed, now);
}

static bool lab_make(struct lab *l, mono_t now)
{
	l->tunnel = calloc(l->tunnel_count, sizeof(*l->tunnel));
	l->sub = calloc(l->conf->count, sizeof(*l->sub));
	l->paths = calloc(l->env.path_count, sizeof(*l->paths));
	l->ep = lab_endpoint_new(l, now);
	l->probe_ep = l->stats.probes ? lab_endpoint_new(l, now) : NULL;
	if (!l->tunnel || !l->sub || !l->paths || !l->ep || (l->stats.probes && !l->probe_ep))
		return false;
	memcpy(l->paths, l->env.paths, l->env.path_count * sizeof(*l->paths));
	for (unsigned i = 0; i < l->tunnel_count; i++)
		tunnel_init(l, &l->tunnel[i], i);
	for (unsigned i = 0; i < l->conf->count; i++)
		sub_init(l, &l->sub[i], i, now);
	return true;
}

/* The LAC's side towards its client, where it authenticates before it calls. */
static void lac_conf_make(struct lab *l)
{
	ppp_link_conf_default(&l->lac_conf, PPP_AUTHENTICATOR);
	l->lac_conf.keep_proxy_data = true;
	memcpy(l->lac_conf.auth, l->conf->auth, sizeof(l->lac_conf.auth));
	l->lac_conf.name = span_of(l->lac_name,
				   pattern_expand(l->lac_name, sizeof(l->lac_name), l->conf->host_name, 1));
}

struct lab *lab_new(const struct lab_conf *conf, const struct lab_env *env, const uint8_t seed[32], mono_t now)
{
	struct lab *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->conf = conf;
	l->env = *env;
	rng_init(&l->rng, seed);
	l->seed = rng_u64(&l->rng);
	wheel_init(&l->wheel, now);
	hmap_init(&l->by_ids);
	hmap_init(&l->by_iccn);
	wheel_init(&l->tunnel_timers, now);
	hellos_init(&l->hellos);
	hellos_init(&l->probe_hellos);
	list_init(&l->to_open);
	list_init(&l->ready);
	lac_conf_make(l);
	l->undecided = l->undecided_calls = conf->count;
	l->stats.tunnels = conf->tunnels;
	l->stats.probes = env->probe_path ? conf->probes : 0;
	if (env->probe_path)
		l->probe_path = *env->probe_path;
	l->tunnel_count = conf->tunnels + (unsigned)l->stats.probes;
	l->stats.sessions = conf->count;
	l->stats.begun = l->stats.all_up = now;
	lab_stage_set(l, LAB_CALLING, MONO_NEVER);
	if (!lab_make(l, now)) {
		lab_free(l);
		return NULL;
	}
	lab_pump(l, now);
	return l;
}

void lab_free(struct lab *l)
{
	if (!l)
		return;
	for (unsigned i = 0; l->sub && i < l->conf->count; i++)
		sub_fini(&l->sub[i]);
	if (l->ep)
		l2tp_endpoint_free(l->ep);
	if (l->probe_ep)
		l2tp_endpoint_free(l->probe_ep);
	hellos_clear(&l->hellos);
	hellos_clear(&l->probe_hellos);
	series_fini(&l->storm.away);
	series_fini(&l->storm.call);
	series_fini(&l->storm.hello);
	hmap_fini(&l->by_ids);
	hmap_fini(&l->by_iccn);
	stats_fini(&l->stats);
	free(l->tunnel);
	free(l->sub);
	free(l->paths);
	free(l);
}

/* ---- looking ---- */

bool lab_finished(const struct lab *l)
{
	return l->stage == LAB_DONE;
}

static bool all_came_back(const struct lab_stats *s)
{
	for (unsigned i = 0; i < s->rounds; i++)
		if (s->round[i].never)
			return false;
	return true;
}

bool lab_ok(const struct lab *l)
{
	const struct lab_stats *s = &l->stats;

	return s->up == s->sessions && !s->failed && !s->dropped && !s->ping_lost && !s->ping_bad && !s->stream_bad &&
	       !s->bad_packets && s->probes_up == s->probes && !s->probes_dropped && all_came_back(s);
}

struct lab_stats *lab_stats(struct lab *l)
{
	return &l->stats;
}

const char *lab_stage_name(const struct lab *l)
{
	static const char *const names[] = { "calls", "hold", "settle", "drop", "return", "hangup", "close", "done" };

	return names[l->stage];
}

bool lab_sub_at(const struct lab *l, unsigned i, struct lab_sub_info *out)
{
	const struct lab_sub *s;

	if (i >= l->conf->count)
		return false;
	s = &l->sub[i];
	*out = (struct lab_sub_info){
		.user = s->user, .state = s->failed ? "failed" : sub_state_name(s->state),
		.ip4 = s->ip4, .gateway = s->gateway, .dns = { s->dns[0], s->dns[1] },
		.ping_sent = s->traffic.ping_sent, .ping_answered = s->traffic.ping_answered,
		.stream_sent = s->traffic.stream_sent, .stream_received = s->traffic.stream_received,
	};
	return true;
}
