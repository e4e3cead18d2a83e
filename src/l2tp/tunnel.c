/* SPDX-License-Identifier: BSD-2-Clause */
/* What the owner does with tunnels: the calls of l2tp.h. */
#include "l2tp/call_in.h"

#include <errno.h>

int l2tp_tunnel_open(struct l2tp_endpoint *ep, const struct l2tp_path *to, const struct l2tp_tunnel_conf *conf,
		     void *user, mono_t now, struct l2tp_ctrl **out)
{
	struct l2tp_ctrl *c;

	if (ep->tunnels >= ep->conf.max_tunnels)
		return -ENOSPC;
	c = l2tp_ctrl_new(ep, to, true, now);
	if (!c)
		return idpool_used(ep->ids) >= 65535 ? -ENOSPC : -ENOMEM;
	if (l2tp_ctrl_conf(c, conf) || l2tp_tunnel_add_opening(c)) {
		l2tp_ctrl_retire(c);
		l2tp_ctrl_free(c);
		return -ENOMEM;
	}
	c->user = user;
	l2tp_ctrl_step(c, L2TP_CTRL_LOCAL_OPEN, &(struct l2tp_ctrl_in){ .now = now });
	*out = c;
	return 0;
}

void l2tp_tunnel_accept(struct l2tp_ctrl *c, const struct l2tp_tunnel_conf *conf, void *user, mono_t now)
{
	c->user = user;		/* even if it has ended meanwhile: its last events carry it */
	if (c->state != L2TP_CTRL_IDLE || !c->offer)
		return;
	if (l2tp_ctrl_conf(c, conf))
		l2tp_tunnel_reject(c, L2TP_REASON_TUNNEL_RX_SCCRQ_NO_RESOURCES,
				   (struct l2tp_cause){ 2, 4, "out of memory" }, now);
	else
		l2tp_ctrl_judge_offer(c, now);
}

void l2tp_tunnel_reject(struct l2tp_ctrl *c, enum l2tp_reason why, struct l2tp_cause cause, mono_t now)
{
	if (c->state != L2TP_CTRL_IDLE || !c->offer)
		return;
	l2tp_count(c->ep, L2TP_COUNT_TUNNEL_REFUSED);
	l2tp_ctrl_step(c, L2TP_CTRL_RX_SCCRQ_BAD, &(struct l2tp_ctrl_in){ .why = { why, cause, false }, .now = now });
}

void l2tp_tunnel_close(struct l2tp_ctrl *c, enum l2tp_reason why, struct l2tp_cause cause, mono_t now)
{
	if (c->state < L2TP_CTRL_CLOSING)
		l2tp_ctrl_step(c, L2TP_CTRL_ADMIN_CLOSE,
			       &(struct l2tp_ctrl_in){ .why = { why, cause, false }, .now = now });
}

void l2tp_tunnel_conf_follow(struct l2tp_ctrl *c, const struct l2tp_tunnel_conf *conf, mono_t now)
{
	uint16_t hello_s = c->conf.hello_s = conf->hello_s;
	uint8_t retries = c->conf.retries_established = conf->retries_established;

	c->conf.null_tunnel_id = conf->null_tunnel_id;
	if (c->state != L2TP_CTRL_ESTABLISHED)
		return;
	c->rel.retries = retries ? retries : c->ep->conf.retries_established;
	c->due[L2TP_TIMER_HELLO] = hello_s ? mono_add_s(c->last_activity, hello_s) : MONO_NEVER;
	l2tp_ctrl_arm(c);
}

uint16_t l2tp_tunnel_local_id(const struct l2tp_ctrl *c)
{
	return c->local_id;
}

uint16_t l2tp_tunnel_peer_id(const struct l2tp_ctrl *c)
{
	return c->peer_id;
}

const struct l2tp_path *l2tp_tunnel_path(const struct l2tp_ctrl *c)
{
	return &c->path;
}

const struct ip_addr *l2tp_tunnel_rx_addr(const struct l2tp_ctrl *c, uint16_t *port)
{
	*port = c->rx_port;
	return &c->rx_addr;
}
