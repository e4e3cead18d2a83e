/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tunnels: what the model keeps beside the L2TP core's control connection. Its transport is published to the plane
 * when it is established; it ends when the core has forgotten it and its last session is gone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/priv.h"

enum { STOPCCN_GENERAL = 1 };	/* RFC 2661 §4.4.2: general request to clear control connection */

void tunnel_label(const struct tunnel *t, char buf[24])
{
	snprintf(buf, 24, "%u/%u", t->dest->name.number, t->name.number);
}

static void tunnel_set_phase(struct model *m, struct tunnel *t, enum tunnel_phase to)
{
	m->established_tunnels -= t->phase == TUNNEL_ESTABLISHED;
	m->established_tunnels += to == TUNNEL_ESTABLISHED;
	t->phase = (uint8_t)to;
}

static void tunnel_note_peer(struct model *m, struct tunnel *t, const struct l2tp_event *ev)
{
	t->path = ev->path;
	t->peer_id = ev->peer.peer_tunnel_id;
	t->protocol_version = ev->peer.protocol_version;
	t->firmware_revision = ev->peer.firmware_revision;
	t->framing_caps = ev->peer.framing_caps;
	t->bearer_caps = ev->peer.bearer_caps;
	if (pack_set(&t->text, TUNNEL_HOST_NAME, ev->peer.host_name) ||
	    pack_set(&t->text, TUNNEL_VENDOR_NAME, ev->peer.vendor_name))
		count(m, MODEL_COUNT_NO_MEMORY);
}

struct tunnel *tunnel_new(struct model *m, struct dest *d, struct host *host, const struct l2tp_event *ev, mono_t now)
{
	struct tunnel *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	if (slots_add(&m->tunnels, t, &t->h))
		goto no_slot;
	if (name_add(m, &t->name, LEVEL_TUNNEL, d->h.slot, &d->last_tunnel))
		goto no_name;
	t->dest = d;
	t->host = host;
	t->ctrl = ev->ctrl;
	t->local_id = l2tp_tunnel_local_id(ev->ctrl);
	t->started = m->wall;
	t->up_at = now;
	list_init(&t->sessions);
	list_push_back(&d->tunnels, &t->of_dest);
	d->tunnel_count++;
	m->active_tunnels++;
	host->tunnels++;
	m->tunnel_counts.total++;
	d->tunnel_counts.total++;
	tunnel_note_peer(m, t, ev);
	return t;
no_name:
	slots_del(&m->tunnels, t->h);
no_slot:
	free(t);
	return NULL;
}

void tunnel_free(struct model *m, struct tunnel *t)
{
	if (t->doom)
		m->doomed_tunnels--;
	if (t->in_dp)
		m->dp.ops->tunnel_del(m->dp.dp, t->local_id);
	tunnel_set_phase(m, t, TUNNEL_FORGOTTEN);
	wheel_del(&m->tunnel_wheel, &t->timer);
	list_del(&t->of_dest);
	name_del(m, &t->name);
	slots_del(&m->tunnels, t->h);
	t->host->tunnels--;
	pack_free(t->text);
	free(t);
}

/* ---- up ---- */

int tunnel_publish(struct model *m, struct tunnel *t)
{
	const struct l2tp_conf *l = &m->conf.l2tp;
	uint16_t rx_port = 0;
	const struct ip_addr *rx = l2tp_tunnel_rx_addr(t->ctrl, &rx_port);
	struct dp_tunnel dt = {
		.local_tunnel_id = t->local_id,
		.peer_tunnel_id = t->peer_id,
		.vr = t->path.vr,
		.local = t->path.local,
		.peer = t->path.peer,
		.local_port = t->path.local_port,
		.peer_port = t->path.peer_port,
		.udp_checksum = !l->checksum_off,
		.no_ff03 = t->host->conf && t->host->conf->no_ff03,
		.ignore_sequencing = l->ignore_sequencing,
	};

	if (rx && !ip_addr_is_none(rx)) {
		dt.rx_peer = *rx;
		dt.rx_peer_port = rx_port;
	}
	return m->dp.ops->tunnel_add(m->dp.dp, &dt);
}

/* RFC 2661 §7.6: when a tunnel without sessions goes is ours to say. */
void tunnel_arm_idle(struct model *m, struct tunnel *t, mono_t now)
{
	uint32_t idle = m->conf.l2tp.tunnel_idle_timeout_s;
	bool armed = idle && t->session_count == 0 && t->phase == TUNNEL_ESTABLISHED;

	wheel_set(&m->tunnel_wheel, &t->timer, armed ? mono_add_s(now, idle) : MONO_NEVER);
}

static void tunnel_log(const struct tunnel *t, const char *msg)
{
	struct log l;
	char name[24];

	tunnel_label(t, name);
	log_begin(&l, LOG_NOTICE, "l2tp", msg);
	log_text(&l, "tunnel", name);
	log_addr_port(&l, "peer", &t->path.peer, t->path.peer_port);
	log_addr(&l, "local", &t->path.local);
	log_str(&l, "host", pack_get(t->text, TUNNEL_HOST_NAME));
	log_u(&l, "local_tunnel_id", t->local_id);
	log_u(&l, "peer_tunnel_id", t->peer_id);
	if (t->phase >= TUNNEL_CLOSING) {
		log_text(&l, "reason", end_name(t->why));
		log_text(&l, "by", t->ended_by_peer ? "peer" : "us");
		log_u(&l, "result", t->result);
		log_u(&l, "error", t->error);
		if (pack_get(t->text, TUNNEL_MESSAGE).len)
			log_str(&l, "message", pack_get(t->text, TUNNEL_MESSAGE));
	} else {
		log_text(&l, "profile", t->host->dprof->name);
	}
	log_end(&l);
}

void tunnel_up(struct model *m, struct tunnel *t, const struct l2tp_event *ev, mono_t now)
{
	tunnel_note_peer(m, t, ev);
	t->up_at = now;
	t->was_up = true;
	tunnel_set_phase(m, t, TUNNEL_ESTABLISHED);
	if (tunnel_publish(m, t)) {
		count(m, MODEL_COUNT_DP_REFUSED);
		tunnel_close(m, t, L2TP_REASON_TUNNEL_RX_SCCCN_NO_RESOURCES, 2, now);
		return;
	}
	t->in_dp = true;
	account_tunnel_up(m, t, now);
	tunnel_arm_idle(m, t, now);
	tunnel_log(t, "tunnel up");
}

/* ---- down ---- */

void tunnel_close(struct model *m, struct tunnel *t, enum l2tp_reason why, uint16_t result, mono_t now)
{
	struct l2tp_cause cause = { result, result == 2 ? 4 : 0, l2tp_reason_name(why) };

	if (t->phase < TUNNEL_CLOSING)
		l2tp_tunnel_close(t->ctrl, why, cause, now);
}

void tunnel_timer(struct model *m, struct tunnel *t, mono_t now)
{
	if (t->session_count == 0)
		tunnel_close(m, t, L2TP_REASON_TUNNEL_TIMEOUT_IDLE, STOPCCN_GENERAL, now);
}

void tunnel_session_over(struct model *m, struct tunnel *t, mono_t now)
{
	if (t->fired)	/* spec 4.9: it does not wait for the idle timeout */
		tunnel_close(m, t, L2TP_REASON_TUNNEL_TIMEOUT_IDLE, STOPCCN_GENERAL, now);
	else
		tunnel_arm_idle(m, t, now);
}

/* It is over when it is down and its last session has brought its counters; not when it is forgotten, 31 s later. */
static void account_end(struct model *m, struct tunnel *t, mono_t now)
{
	if (t->phase >= TUNNEL_CLOSING && list_empty(&t->sessions))
		account_tunnel_gone(m, t, now);
}

void tunnel_down(struct model *m, struct tunnel *t, const struct l2tp_event *ev, mono_t now)
{
	if (t->phase >= TUNNEL_CLOSING)
		return;
	t->why = end_l2tp(ev->reason);
	t->ended_by_peer = ev->by_peer;
	t->result = ev->cause.result;
	t->error = ev->cause.error;
	t->ended = m->wall;
	t->down_at = now;
	if (ev->peer_text.len && pack_set(&t->text, TUNNEL_MESSAGE, ev->peer_text))
		count(m, MODEL_COUNT_NO_MEMORY);
	tunnel_set_phase(m, t, TUNNEL_CLOSING);
	wheel_del(&m->tunnel_wheel, &t->timer);
	m->doomed_tunnels -= t->doom != DOOM_NONE;
	t->doom = DOOM_NONE;
	t->dest->tunnel_count--;
	m->active_tunnels--;
	count_end(m, t->why);
	if (!t->was_up) {
		m->tunnel_counts.failed++;
		t->dest->tunnel_counts.failed++;
		account_tunnel_failed(m, t, now);
	}
	account_end(m, t, now);
	if (t->was_up || failed_log_allowed(m, now))
		tunnel_log(t, t->was_up ? "tunnel down" : "tunnel failed");
}

static void keep_traffic(struct tunnel *t)
{
	struct l2tp_tunnel_stats st;
	struct dest *d = t->dest;

	l2tp_tunnel_stats(t->ctrl, &st);
	d->rx.packets += st.rx_packets;
	d->rx.octets += st.rx_octets;
	d->rx.errors += st.rx_errors;
	d->tx.packets += st.tx_packets;
	d->tx.octets += st.tx_octets;
}

void tunnel_gone(struct model *m, struct tunnel *t, mono_t now)
{
	keep_traffic(t);
	t->ctrl = NULL;
	tunnel_set_phase(m, t, TUNNEL_FORGOTTEN);
	tunnel_settle(m, t, now);
}

void tunnel_settle(struct model *m, struct tunnel *t, mono_t now)
{
	struct dest *d = t->dest;
	bool unbound = !t->host->conf;

	account_end(m, t, now);
	if (t->ctrl || !list_empty(&t->sessions))
		return;
	tomb_tunnel(m, t);
	tunnel_free(m, t);
	dest_unused(m, d);
	if (unbound)
		profiles_sweep(m);
}
