/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network layer of one subscriber: IPCP and IPv6CP side by side, neither knowing of the other (RFC 1661 §3.6: "Each
 * NCP may be Opened and Closed at any time"). Every call into an NCP returns the This-Layer actions, which after_ncp()
 * turns into what the owner is told.
 */
#include <stdlib.h>
#include <string.h>

#include "ppp/net_impl.h"

/* Told in this order: going down before coming up, the end last. */
enum {
	TELL_IP4_DOWN = 1 << 0,
	TELL_IP6_DOWN = 1 << 1,
	TELL_IP4_UP = 1 << 2,
	TELL_IP6_UP = 1 << 3,
	TELL_NONE_LEFT = 1 << 4,
};

static const struct {
	uint16_t control, data;
	const struct ppp_cp_ops *ops;
	uint8_t tell_up, tell_down;
	uint8_t link_down;		/* enum ppp_reason */
} kinds[NCP_COUNT] = {
	[NCP_IP4] = { PPP_PROTO_IPCP, PPP_PROTO_IP4, &ipcp_ops,
		      TELL_IP4_UP, TELL_IP4_DOWN, PPP_REASON_IP_LINK_DOWN },
	[NCP_IP6] = { PPP_PROTO_IPV6CP, PPP_PROTO_IP6, &ipv6cp_ops,
		      TELL_IP6_UP, TELL_IP6_DOWN, PPP_REASON_IPV6_LINK_DOWN },
};

void ppp_net_conf_default(struct ppp_net_conf *c, enum ppp_role role)
{
	*c = (struct ppp_net_conf){
		.role = role, .ipv4 = true, .ipv6 = true, .restart_ms = 3000,
		.max_configure = 10, .max_terminate = 2, .max_failure = 5, .max_negotiations = 30,
	};
}

/* ---- life ---- */

struct ppp_net *ppp_net_new(const struct ppp_net_conf *conf, struct rng *rng, struct ppp_counters *count)
{
	struct ppp_net *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->conf = *conf;
	n->env = (struct ppp_env){
		.rng = rng, .count = count, .restart_ms = conf->restart_ms, .max_configure = conf->max_configure,
		.max_terminate = conf->max_terminate, .max_failure = conf->max_failure,
		.peer_mru = conf->peer_mru ? conf->peer_mru : 64,
	};
	for (uint8_t i = 0; i < NCP_COUNT; i++) {
		ppp_cp_init(&n->ncp[i].cp, kinds[i].ops, &n->env);
		n->ncp[i].index = i;
	}
	n->ncp[NCP_IP4].enabled = conf->ipv4;
	n->ncp[NCP_IP6].enabled = conf->ipv6;
	n->ncp[NCP_IP4].initiate = conf->role == PPP_CLIENT || conf->initiate_ipv4;
	n->ncp[NCP_IP6].initiate = conf->role == PPP_CLIENT || conf->initiate_ipv6;
	return n;
}

void ppp_net_free(struct ppp_net *n)
{
	if (!n)
		return;
	for (unsigned i = 0; i < NCP_COUNT; i++)
		ppp_cp_fini(&n->ncp[i].cp);
	ppp_env_fini(&n->env);
	free(n);
}

/* ---- what the actions of an NCP mean ---- */

/* An NCP that waits for a peer that has never begun it holds the link only while none has been up. */
static bool still_needed(const struct ncp *p, bool one_was_up)
{
	if (!p->enabled || p->finished)
		return false;
	return p->begun || !one_was_up;
}

static void check_none_left(struct ppp_net *n, enum ppp_reason why)
{
	bool one_was_up = n->ncp[NCP_IP4].was_up || n->ncp[NCP_IP6].was_up;

	for (unsigned i = 0; i < NCP_COUNT; i++)
		if (still_needed(&n->ncp[i], one_was_up))
			return;
	if (n->none_left)
		return;
	n->none_left = true;
	n->why = (uint8_t)why;
	n->told |= TELL_NONE_LEFT;
}

static void tell_up(struct ppp_net *n, struct ncp *p)
{
	p->was_up = true;
	n->told |= kinds[p->index].tell_up;
}

static void tell_down(struct ppp_net *n, const struct ncp *p)
{
	uint8_t up = kinds[p->index].tell_up;

	if (n->told & up)
		n->told &= (uint8_t)~up;	/* the owner never knew */
	else
		n->told |= kinds[p->index].tell_down;
}

static unsigned renegotiated(struct ppp_net *n, struct ncp *p, mono_t now)
{
	if (p->cp.state < PPP_CP_REQ_SENT)
		return 0;
	ppp_count(n->env.count, PPP_COUNT_RENEGOTIATED);
	if (p->negotiations < n->conf.max_negotiations) {
		p->negotiations++;
		return 0;
	}
	return ppp_cp_close(&p->cp, now);
}

static void after_ncp(struct ppp_net *n, struct ncp *p, unsigned did, mono_t now)
{
	if (p->cp.state >= PPP_CP_REQ_SENT) {
		p->begun = true;
		p->finished = false;
	}
	if (did & PPP_CP_TLD) {
		tell_down(n, p);
		did |= renegotiated(n, p, now);
	}
	if (did & PPP_CP_TLU)
		tell_up(n, p);
	if (did & PPP_CP_TLF) {
		p->finished = true;
		check_none_left(n, (enum ppp_reason)p->cp.why);
	}
}

/* ---- the link ---- */

static void ncp_up(struct ppp_net *n, struct ncp *p, mono_t now)
{
	p->begun = p->was_up = p->finished = false;
	p->cp.passive = !p->initiate;
	p->cp.why = PPP_REASON_NONE;
	after_ncp(n, p, ppp_cp_open(&p->cp, now) | ppp_cp_up(&p->cp, now), now);
}

void ppp_net_up(struct ppp_net *n, mono_t now)
{
	if (n->up)
		return;
	n->up = true;
	n->none_left = false;
	for (unsigned i = 0; i < NCP_COUNT; i++)
		if (n->ncp[i].enabled)
			ncp_up(n, &n->ncp[i], now);
	check_none_left(n, PPP_REASON_NO_NCPS_AVAILABLE);
}

static void ncp_down(struct ppp_net *n, struct ncp *p, mono_t now)
{
	if (p->cp.state < PPP_CP_CLOSED)
		return;
	if (ppp_cp_down(&p->cp, now) & PPP_CP_TLD) {
		p->cp.why = kinds[p->index].link_down;
		tell_down(n, p);
	}
}

void ppp_net_down(struct ppp_net *n, mono_t now)
{
	if (!n->up)
		return;
	n->up = false;
	for (unsigned i = 0; i < NCP_COUNT; i++)
		ncp_down(n, &n->ncp[i], now);
	ppp_env_fini(&n->env);		/* what was not taken is not for the next network phase */
	n->told &= (uint8_t)~TELL_NONE_LEFT;
}

/* ---- frames ---- */

static struct ncp *by_protocol(struct ppp_net *n, uint16_t protocol)
{
	for (unsigned i = 0; i < NCP_COUNT; i++)
		if (n->ncp[i].enabled && (protocol == kinds[i].control || protocol == kinds[i].data))
			return &n->ncp[i];
	return NULL;
}

void ppp_net_rejected(struct ppp_net *n, uint16_t protocol, mono_t now)
{
	struct ncp *p = by_protocol(n, protocol);

	if (p && n->up)
		after_ncp(n, p, ppp_cp_rejected(&p->cp, true, now), now);
}

static void rx_protocol_reject(struct ppp_net *n, struct rd *r, mono_t now)
{
	struct ppp_cp_pkt pkt;
	struct rd data;
	uint16_t protocol;

	if (!ppp_cp_decode(r, &pkt) || pkt.code != PPP_CP_PROTO_REJ)
		return;
	data = rd_span(pkt.data);
	protocol = rd_be16(&data);
	if (!data.bad)
		ppp_net_rejected(n, protocol, now);
}

bool ppp_net_rx(struct ppp_net *n, const uint8_t *frame, size_t len, mono_t now)
{
	struct rd r = rd_of(frame, len);
	uint16_t protocol;
	struct ncp *p;

	if (!ppp_frame_protocol(&r, &protocol) || !n->up) {
		ppp_count(n->env.count, n->up ? PPP_COUNT_FRAME_SHORT : PPP_COUNT_NOT_UP);
		return true;
	}
	if (protocol == PPP_PROTO_LCP) {
		rx_protocol_reject(n, &r, now);
		return true;
	}
	p = by_protocol(n, protocol);
	if (!p || protocol != kinds[p->index].control)
		return false;
	after_ncp(n, p, ppp_cp_rx(&p->cp, rd_rest(&r), now), now);
	return true;
}

size_t ppp_net_tx(struct ppp_net *n, uint8_t *buf, size_t cap, mono_t now)
{
	return ppp_env_take(&n->env, buf, cap);
}

/* ---- time ---- */

void ppp_net_expire(struct ppp_net *n, mono_t now)
{
	for (unsigned i = 0; i < NCP_COUNT; i++)
		after_ncp(n, &n->ncp[i], ppp_cp_expire(&n->ncp[i].cp, now), now);
}

mono_t ppp_net_deadline(const struct ppp_net *n)
{
	return mono_min(ppp_cp_deadline(&n->ncp[NCP_IP4].cp), ppp_cp_deadline(&n->ncp[NCP_IP6].cp));
}

/* ---- events out ---- */

static enum ppp_reason reason_of(const struct ppp_net *n, enum ppp_net_event_type type)
{
	switch (type) {
	case PPP_NET_EV_IP4_DOWN:
		return (enum ppp_reason)n->ncp[NCP_IP4].cp.why;
	case PPP_NET_EV_IP6_DOWN:
		return (enum ppp_reason)n->ncp[NCP_IP6].cp.why;
	case PPP_NET_EV_NONE_LEFT:
		return (enum ppp_reason)n->why;
	default:
		return PPP_REASON_NONE;
	}
}

bool ppp_net_event(struct ppp_net *n, struct ppp_net_event *ev)
{
	static const enum ppp_net_event_type types[] = {
		PPP_NET_EV_IP4_DOWN, PPP_NET_EV_IP6_DOWN, PPP_NET_EV_IP4_UP, PPP_NET_EV_IP6_UP, PPP_NET_EV_NONE_LEFT,
	};
	unsigned i = 0;

	if (!n->told)
		return false;
	while (!(n->told >> i & 1))
		i++;
	n->told &= (uint8_t)~(1u << i);
	*ev = (struct ppp_net_event){
		.type = types[i], .local_ip4 = n->local_ip4, .peer_ip4 = n->peer_ip4,
		.dns = { n->dns[0], n->dns[1] }, .wins = { n->wins[0], n->wins[1] },
		.reason = reason_of(n, types[i]),
	};
	memcpy(ev->local_iid, n->local_iid, sizeof(ev->local_iid));
	memcpy(ev->peer_iid, n->peer_iid, sizeof(ev->peer_iid));
	return true;
}

const char *ppp_net_state(const struct ppp_net *n, uint16_t protocol)
{
	for (unsigned i = 0; i < NCP_COUNT; i++)
		if (protocol == kinds[i].control)
			return ppp_cp_state_name(n->ncp[i].cp.state);
	return "?";
}

enum ppp_reason ppp_net_reason(const struct ppp_net *n, uint16_t protocol)
{
	for (unsigned i = 0; i < NCP_COUNT; i++)
		if (protocol == kinds[i].control)
			return (enum ppp_reason)n->ncp[i].cp.why;
	return PPP_REASON_NONE;
}
