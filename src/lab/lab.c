/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LAC: opens tunnels, begins calls at the rate that was asked for, carries events and frames to subscribers, and
 * ends it all. One pace timer drives what happens at a rate; everything else follows from events.
 */
#include <stdlib.h>

#include "lab/lab_priv.h"
#include "lab/pattern.h"
#include "wire/l2tp_hdr.h"
#include "wire/ppp_frame.h"

enum {
	OPENING_MAX = 64,	/* tunnels between SCCRQ and SCCCN */
	PACE_MS = 10,
	HANGUPS_A_PACE = 64,
	HANGUP_LIMIT_S = 15,	/* then tunnels are closed over what is left */
	CLOSE_LIMIT_S = 5,
};

static void stage_set(struct lab *l, enum lab_stage st, mono_t due)
{
	l->stage = st;
	l->stage_due = due;
}

static void pace_again(struct lab *l, mono_t now)
{
	if (!wheel_armed(&l->pace))
		wheel_set(&l->wheel, &l->pace, mono_add_ms(now, PACE_MS));
}

/* ---- tunnels ---- */

static bool tunnel_has_more(const struct lab_tunnel *t)
{
	return t->next_sub < t->lab->conf->count;
}

static void tunnel_open(struct lab *l, struct lab_tunnel *t, mono_t now)
{
	char name[LAB_NAME_MAX + 1];
	struct l2tp_tunnel_conf conf = {
		.local_name = span_of(name, pattern_expand(name, sizeof(name), l->conf->host_name, t->index + 1)),
		.secret = span_str(l->conf->secret),
		.challenge = true, .hide = l->conf->hide, .receive_window = 64, .hello_s = (uint16_t)l->conf->hello_s,
		.address_change = L2TP_ADDR_CHANGE_ACCEPT, .port_change = L2TP_ADDR_CHANGE_ACCEPT,
	};
	int rc = l2tp_tunnel_open(l->ep, &l->paths[t->index % l->env.path_count], &conf, t, now, &t->ctrl);

	t->opened = now;
	l->tunnels_opening += rc == 0;
	if (rc == 0)
		return;
	t->ctrl = NULL;
	t->failed = true;
	l->stats.tunnels_failed++;
	stats_cause(&l->stats, "tunnel: cannot be opened: %s", strerror(-rc));
	for (; tunnel_has_more(t); t->next_sub += l->conf->tunnels)
		sub_fail(&l->sub[t->next_sub], now, "no tunnel");
}

static void tunnels_begin(struct lab *l, mono_t now)
{
	while (l->tunnels_begun < l->conf->tunnels && l->tunnels_opening < OPENING_MAX)
		tunnel_open(l, &l->tunnel[l->tunnels_begun++], now);
}

static void tunnel_up(struct lab *l, struct lab_tunnel *t, mono_t now)
{
	t->up = true;
	l->tunnels_opening--;
	l->stats.tunnels_up++;
	series_add(&l->stats.series[LAB_TUNNEL], t->opened, now);
	if (l->stage != LAB_CALLING)
		return;
	if (tunnel_has_more(t))
		list_push_back(&l->ready, &t->ready);
	tunnels_begin(l, now);
	pace_again(l, now);
}

static void tunnel_down(struct lab *l, struct lab_tunnel *t, const struct l2tp_event *ev, mono_t now)
{
	char text[LAB_CAUSE_LEN];

	list_del(&t->ready);
	if (!t->up)
		l->tunnels_opening--;
	if (l->stage >= LAB_CLOSING)
		return;
	t->failed = true;
	l->stats.tunnels_failed++;
	text_escape(text, sizeof(text), ev->peer_text);
	stats_cause(&l->stats, "tunnel: %s%s, result %u error %u %.60s", l2tp_reason_name(ev->reason),
		    ev->by_peer ? " by the LNS" : "", ev->cause.result, ev->cause.error, text);
	for (; tunnel_has_more(t); t->next_sub += l->conf->tunnels)
		sub_fail(&l->sub[t->next_sub], now, "no tunnel");
	if (l->stage == LAB_CALLING)
		tunnels_begin(l, now);
}

/* ---- calls at a rate ---- */

static bool may_call(const struct lab *l, mono_t now)
{
	double seconds = (double)(now.ns - l->stats.begun.ns) / 1e9;

	return l->pending < l->conf->pending &&
	       (l->conf->rate <= 0 || (double)l->stats.started < 1 + seconds * l->conf->rate);
}

static void calls_begin(struct lab *l, mono_t now)
{
	while (!list_empty(&l->ready) && may_call(l, now)) {
		struct lab_tunnel *t = container_of(list_pop(&l->ready), struct lab_tunnel, ready);
		struct lab_sub *s = &l->sub[t->next_sub];

		t->next_sub += l->conf->tunnels;
		if (tunnel_has_more(t))
			list_push_back(&l->ready, &t->ready);
		sub_call(s, now);
	}
	if (!list_empty(&l->ready))
		pace_again(l, now);
}

void lab_sub_decided(struct lab *l, struct lab_sub *s, mono_t now)
{
	if (s->decided)
		return;
	s->decided = true;
	if (--l->undecided == 0 && l->stage == LAB_CALLING)
		stage_set(l, LAB_HOLDING, mono_add_ns(now, (int64_t)(l->conf->hold_s * 1e9)));
}

/* ---- the end ---- */

static void close_begin(struct lab *l, mono_t now)
{
	stage_set(l, LAB_CLOSING, mono_add_s(now, CLOSE_LIMIT_S));
	for (unsigned i = 0; i < l->conf->tunnels; i++)
		if (l->tunnel[i].ctrl)
			l2tp_tunnel_close(l->tunnel[i].ctrl, L2TP_REASON_TUNNEL_ADMIN_CLOSE,
					  (struct l2tp_cause){ 6, 0, "lab finished" }, now);
}

static bool tunnels_quiet(const struct lab *l)
{
	for (unsigned i = 0; i < l->conf->tunnels; i++) {
		struct l2tp_tunnel_stats st;

		if (!l->tunnel[i].ctrl)
			continue;
		l2tp_tunnel_stats(l->tunnel[i].ctrl, &st);
		if (st.in_flight || st.queued)
			return false;
	}
	return true;
}

static void hangup_some(struct lab *l, mono_t now)
{
	for (unsigned n = 0; l->next_hangup < l->conf->count && n < HANGUPS_A_PACE; l->next_hangup++) {
		n += l->sub[l->next_hangup].call != NULL;
		sub_hangup(&l->sub[l->next_hangup], now);
	}
	if (l->next_hangup == l->conf->count && l->living == 0)
		close_begin(l, now);
}

static void hangup_begin(struct lab *l, mono_t now)
{
	while (list_pop(&l->ready))
		;
	switch (l->conf->hangup) {
	case LAB_HANGUP_LCP:
	case LAB_HANGUP_CDN:
		stage_set(l, LAB_HANGING_UP, mono_add_s(now, HANGUP_LIMIT_S));
		break;
	case LAB_HANGUP_STOPCCN:
		close_begin(l, now);
		break;
	case LAB_HANGUP_SILENT:
		stage_set(l, LAB_DONE, MONO_NEVER);
		break;
	}
}

static void stage_run(struct lab *l, mono_t now)
{
	if (l->stage == LAB_CLOSING && (tunnels_quiet(l) || mono_due(l->stage_due, now)))
		stage_set(l, LAB_DONE, MONO_NEVER);
	if (l->stage == LAB_CALLING)
		calls_begin(l, now);
	if (l->stage == LAB_HOLDING && mono_due(l->stage_due, now))
		hangup_begin(l, now);
	if (l->stage == LAB_HANGING_UP)
		hangup_some(l, now);
	if (l->stage == LAB_HANGING_UP && mono_due(l->stage_due, now))
		close_begin(l, now);
	if (l->stage == LAB_HOLDING)
		wheel_set(&l->wheel, &l->pace, l->stage_due);
	else if (l->stage == LAB_HANGING_UP || l->stage == LAB_CLOSING)
		pace_again(l, now);
}

void lab_stop(struct lab *l, mono_t now)
{
	if (l->stage >= LAB_HANGING_UP)
		return;
	for (unsigned i = 0; i < l->conf->count; i++)
		if (!l->sub[i].decided)
			sub_fail(&l->sub[i], now, "interrupted");
	hangup_begin(l, now);
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
		if (t)
			t->ctrl = NULL;
		break;
	case L2TP_EV_CALL_OFFERED:
		l2tp_call_reject(ev->call, L2TP_REASON_SESSION_ADMIN_CLOSE, (struct l2tp_cause){ 3, 0, NULL }, now);
		break;
	case L2TP_EV_CALL_ANSWERED:
		sub_answered(s, now);
		break;
	case L2TP_EV_CALL_UP:
		sub_connected(s, now);
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

void lab_control_tx(struct lab *l, mono_t now)
{
	uint8_t buf[2048];
	struct l2tp_path to;
	size_t len;

	while ((len = l2tp_endpoint_tx(l->ep, &to, buf, sizeof(buf), now)))
		l->env.send(l->env.ctx, &to, buf, len);
}

static bool take_events(struct lab *l, mono_t now)
{
	struct l2tp_event ev;
	bool any = false;

	for (; l2tp_endpoint_event(l->ep, &ev, now); any = true)
		on_event(l, &ev, now);
	return any;
}

void lab_pump(struct lab *l, mono_t now)
{
	bool more = true;

	while (more && l->stage != LAB_DONE) {
		stage_run(l, now);
		more = take_events(l, now);
		lab_control_tx(l, now);
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

void lab_rx(struct lab *l, const struct l2tp_path *from, const uint8_t *msg, size_t len, mono_t now)
{
	if (l->stage == LAB_DONE)
		return;
	if (len && msg[0] & L2TP_HDR_T >> 8)
		l2tp_endpoint_rx(l->ep, from, msg, len, now);
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
	l2tp_endpoint_expire(l->ep, now);
	lab_pump(l, now);
}

mono_t lab_deadline(const struct lab *l)
{
	if (l->stage == LAB_DONE)
		return MONO_NEVER;
	return mono_min(wheel_deadline(&l->wheel), l2tp_endpoint_deadline(l->ep));
}

/* ---- beginning ---- */

static bool lab_make(struct lab *l, const uint8_t seed[32], mono_t now)
{
	struct l2tp_endpoint_conf conf = { .max_tunnels = 65535, .half_open_per_source = 65535, .half_open = 65535,
					   .retries_established = 5, .retries_not_established = 5, .linger_s = 1 };

	l->tunnel = calloc(l->conf->tunnels, sizeof(*l->tunnel));
	l->sub = calloc(l->conf->count, sizeof(*l->sub));
	l->paths = calloc(l->env.path_count, sizeof(*l->paths));
	l->ep = l2tp_endpoint_new(&conf, seed, now);
	if (!l->tunnel || !l->sub || !l->paths || !l->ep)
		return false;
	memcpy(l->paths, l->env.paths, l->env.path_count * sizeof(*l->paths));
	for (unsigned i = 0; i < l->conf->tunnels; i++) {
		l->tunnel[i] = (struct lab_tunnel){ .lab = l, .index = i, .next_sub = i };
		list_init(&l->tunnel[i].ready);
	}
	for (unsigned i = 0; i < l->conf->count; i++)
		sub_init(l, &l->sub[i], i);
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
	list_init(&l->ready);
	lac_conf_make(l);
	l->undecided = l->undecided_calls = conf->count;
	l->stats.tunnels = conf->tunnels;
	l->stats.sessions = conf->count;
	l->stats.begun = l->stats.all_up = now;
	stage_set(l, LAB_CALLING, MONO_NEVER);
	if (!lab_make(l, seed, now)) {
		lab_free(l);
		return NULL;
	}
	tunnels_begin(l, now);
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
	hmap_fini(&l->by_ids);
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

bool lab_ok(const struct lab *l)
{
	const struct lab_stats *s = &l->stats;

	return s->up == s->sessions && !s->failed && !s->dropped && !s->ping_lost && !s->ping_bad && !s->stream_bad &&
	       !s->bad_packets;
}

struct lab_stats *lab_stats(struct lab *l)
{
	return &l->stats;
}

const char *lab_stage_name(const struct lab *l)
{
	static const char *const names[] = { "calls", "hold", "hangup", "close", "done" };

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
