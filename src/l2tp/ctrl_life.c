/* SPDX-License-Identifier: BSD-2-Clause */
/* A control connection's beginning and end, its timers and its output. */
#include "l2tp/call_in.h"

#include <errno.h>
#include <stdlib.h>

struct l2tp_ctrl *l2tp_ctrl_new(struct l2tp_endpoint *ep, const struct l2tp_path *path, bool initiator, mono_t now)
{
	struct l2tp_ctrl *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->local_id = idpool_take(ep->ids, &ep->rng);
	if (!c->local_id) {
		free(c);
		return NULL;
	}
	c->ep = ep;
	ep->tunnel[c->local_id] = c;
	list_push_back(&ep->all, &c->all_link);
	ep->tunnels++;
	c->counted = true;
	c->initiator = initiator;
	c->unproven = !initiator;
	c->path = *path;
	c->rx_addr = path->peer;
	c->rx_port = path->peer_port;
	c->last_activity = now;
	for (int i = 0; i < L2TP_TIMERS; i++)
		c->due[i] = MONO_NEVER;
	list_init(&c->tx_link);
	list_init(&c->ev_link);
	list_init(&c->ends_link);
	list_init(&c->calls);
	c->posted_end = &c->posted;
	c->inbox.end = &c->inbox.head;
	l2tp_reliable_init(&c->rel, L2TP_WINDOW, ep->conf.retries_not_established);
	return c;
}

static void clear(void *p, size_t len)
{
	if (p)
		explicit_bzero(p, len);	/* secrets are cleared where they go out of use */
	free(p);
}

void l2tp_ctrl_free(struct l2tp_ctrl *c)
{
	struct l2tp_stored *s;

	if (!c)
		return;
	while ((s = c->inbox.head)) {
		c->inbox.head = s->next;
		free(s);
	}
	free(c->offer);
	l2tp_reliable_fini(&c->rel);
	clear(c->strings, c->strings_len);
	free(c->peer_strings);
	free(c->peer_text);
	clear(c, sizeof(*c));
}

void l2tp_ctrl_settled(struct l2tp_ctrl *c)
{
	if (c->half_open)
		l2tp_half_open_del(c->ep, &c->path);
	c->half_open = false;
}

void l2tp_ctrl_retire(struct l2tp_ctrl *c)
{
	struct l2tp_endpoint *ep = c->ep;

	l2tp_ctrl_settled(c);
	l2tp_tunnel_unlist(c);
	l2tp_ends_del(c);
	if (c->counted)
		ep->tunnels--;
	c->counted = false;
	wheel_del(&ep->tunnel_timers, &c->timer);
	list_del(&c->all_link);
	list_del(&c->tx_link);
	list_del(&c->ev_link);
	ep->tunnel[c->local_id] = NULL;
	idpool_give(ep->ids, c->local_id);
}

/* ---- what is copied ---- */

static void pack(uint8_t **at, struct span *s)
{
	if (s->len)
		memcpy(*at, s->p, s->len);
	s->p = s->len ? *at : NULL;
	*at += s->len;
}

static uint16_t window_of(uint16_t configured)
{
	if (!configured)
		return L2TP_WINDOW;
	return configured > 128 ? 128 : configured;
}

int l2tp_ctrl_conf(struct l2tp_ctrl *c, const struct l2tp_tunnel_conf *conf)
{
	size_t len = conf->local_name.len + conf->secret.len + conf->peer_name.len + conf->tie_breaker.len;
	uint8_t *at = malloc(len + 1);

	if (!at)
		return -ENOMEM;
	c->conf = *conf;
	c->strings = at;
	c->strings_len = len;
	pack(&at, &c->conf.local_name);
	pack(&at, &c->conf.secret);
	pack(&at, &c->conf.peer_name);
	pack(&at, &c->conf.tie_breaker);
	c->conf.receive_window = window_of(conf->receive_window);
	c->rel.rx_window = c->conf.receive_window;
	return 0;
}

int l2tp_ctrl_note_peer(struct l2tp_ctrl *c, const struct l2tp_msg *m)
{
	struct l2tp_stored *s = malloc(sizeof(*s) + m->host_name.len + m->vendor_name.len);
	uint8_t *at;

	if (!s)
		return -ENOMEM;
	if (c->peer_strings)	/* TUNNEL_OFFERED may still point into it */
		l2tp_keep_until_next_event(c->ep, c->peer_strings);
	c->peer_strings = s;
	at = s->octets;
	c->peer = (struct l2tp_peer_info){
		.host_name = m->host_name,
		.vendor_name = m->vendor_name,
		.protocol_version = m->protocol_version,
		.firmware_revision = m->firmware_revision,
		.framing_caps = m->framing_caps,
		.bearer_caps = m->bearer_caps,
		.receive_window = m->receive_window,
		.peer_tunnel_id = m->assigned_tunnel_id,
		.challenged = l2tp_msg_has(m, L2TP_AVP_CHALLENGE),
	};
	pack(&at, &c->peer.host_name);
	pack(&at, &c->peer.vendor_name);
	c->peer_challenged = c->peer.challenged;
	return 0;
}

/* ---- timers ---- */

static mono_t ctrl_deadline(const struct l2tp_ctrl *c)
{
	mono_t due = c->rel.retry_due;

	for (int i = 0; i < L2TP_TIMERS; i++)
		due = mono_min(due, c->due[i]);
	return due;
}

/* An armed timer is only ever moved forward; one that fires early is armed again. So a busy tunnel leaves the wheel
 * alone. */
void l2tp_ctrl_arm(struct l2tp_ctrl *c)
{
	mono_t due = ctrl_deadline(c);

	if (mono_is_never(due) || c->state == L2TP_CTRL_GONE)
		wheel_del(&c->ep->tunnel_timers, &c->timer);
	else if (!wheel_armed(&c->timer) || mono_before(due, c->timer.due))
		wheel_set(&c->ep->tunnel_timers, &c->timer, due);
}

static bool take_due(struct l2tp_ctrl *c, enum l2tp_ctrl_timer t, mono_t now)
{
	if (!mono_due(c->due[t], now))
		return false;
	c->due[t] = MONO_NEVER;
	return true;
}

/* §5.5: a Hello only when nothing else has shown that the peer lives, and none while something waits for its answer. */
static void hello_due(struct l2tp_ctrl *c, mono_t now)
{
	mono_t idle = mono_add_s(c->last_activity, c->conf.hello_s);

	if (!c->conf.hello_s)
		return;
	if (l2tp_reliable_busy(&c->rel))
		c->due[L2TP_TIMER_HELLO] = mono_add_s(now, 1);
	else if (mono_before(now, idle))
		c->due[L2TP_TIMER_HELLO] = idle;
	else
		l2tp_ctrl_step(c, L2TP_CTRL_HELLO_DUE, &(struct l2tp_ctrl_in){ .now = now });
}

static void setup_due(struct l2tp_ctrl *c, mono_t now)
{
	l2tp_count(c->ep, L2TP_COUNT_TUNNEL_SETUP_TIMEOUT);
	l2tp_ctrl_step(c, L2TP_CTRL_SETUP_DUE,
		       &(struct l2tp_ctrl_in){ .why = { .reason = L2TP_REASON_TUNNEL_TIMEOUT_CONNECTION,
							.cause = { 1, 0, "not established in time" } },
					       .now = now });
}

void l2tp_ctrl_expire(struct l2tp_ctrl *c, mono_t now)
{
	if (!l2tp_reliable_expire(&c->rel, now))
		l2tp_ctrl_step(c, L2TP_CTRL_PEER_DEAD, &(struct l2tp_ctrl_in){
			.why = { .reason = L2TP_REASON_TUNNEL_CONTROL_CHANNEL_FAILED }, .now = now });
	if (take_due(c, L2TP_TIMER_HELLO, now))
		hello_due(c, now);
	if (take_due(c, L2TP_TIMER_SETUP, now))
		setup_due(c, now);
	if (take_due(c, L2TP_TIMER_CLEANUP, now))
		l2tp_ctrl_step(c, L2TP_CTRL_CLEANUP_DUE, &(struct l2tp_ctrl_in){ .now = now });
	l2tp_ctrl_wake(c);
	l2tp_ctrl_arm(c);
}

/* ---- output ---- */

void l2tp_ctrl_wake(struct l2tp_ctrl *c)
{
	if (c->state != L2TP_CTRL_GONE && !list_linked(&c->tx_link))
		list_push_back(&c->ep->txq, &c->tx_link);
}

/* design.md §8: towards an unproven address three octets out for one in; the rest waits for more to come in. */
static size_t room_of(const struct l2tp_ctrl *c)
{
	uint64_t may = c->rx_octets * L2TP_REFLECTION;

	if (!c->unproven)
		return SIZE_MAX;
	return may > c->tx_octets ? (size_t)(may - c->tx_octets) : 0;
}

static bool reflection_holds(const struct l2tp_ctrl *c)
{
	return c->unproven && (c->rel.resend || c->rel.urgent.head || c->rel.bulk.head);
}

size_t l2tp_ctrl_tx(struct l2tp_ctrl *c, struct l2tp_path *to, uint8_t *buf, size_t cap, mono_t now)
{
	size_t len = l2tp_reliable_tx(&c->rel, c->peer_id, buf, cap, room_of(c), now);

	if (!len) {
		if (reflection_holds(c) && !c->paused)
			l2tp_count(c->ep, L2TP_COUNT_TX_REFLECTION_PAUSE);
		c->paused = reflection_holds(c);
		return 0;
	}
	c->paused = false;
	*to = c->path;
	c->tx_packets++;
	c->tx_octets += len;
	if (len == L2TP_HDR_CONTROL_LEN)
		c->tx_zlb++;
	c->last_activity = now;
	l2tp_ctrl_arm(c);
	return len;
}

/* ---- log ---- */

void l2tp_ctrl_log(const struct l2tp_ctrl *c, enum log_level level, const char *msg)
{
	struct log l;

	if (!log_wanted(level))
		return;
	log_begin(&l, level, "l2tp", msg);
	log_u(&l, "tunnel", c->local_id);
	log_u(&l, "peer_tunnel", c->peer_id);
	log_addr_port(&l, "peer", &c->path.peer, c->path.peer_port);
	if (c->peer.host_name.len)
		log_str(&l, "host", c->peer.host_name);
	log_text(&l, "initiated", c->initiator ? "here" : "by-peer");
	if (c->why.reason) {
		log_text(&l, "reason", l2tp_reason_name(c->why.reason));
		log_text(&l, "by", c->why.by_peer ? "peer" : "us");
		log_fmt(&l, "result", "%u/%u", c->why.cause.result, c->why.cause.error);
		log_u(&l, "sessions", c->n_calls);
	}
	log_end(&l);
}
