/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small LNS on the l2tp and ppp cores, and behind it one host that answers Echo Requests and sends UDP back: what a
 * test of the lab calls. Every user has the password "pw"; subscriber addresses count up from 10.64.0.1.
 */
#ifndef ADIT_TESTS_LAB_LNS_H
#define ADIT_TESTS_LAB_LNS_H

#include <stdlib.h>
#include <string.h>

#include "base/hmap.h"
#include "base/wheel.h"
#include "l2tp/l2tp.h"
#include "lab/packet.h"
#include "ppp/counters.h"
#include "ppp/ppp.h"
#include "wire/chap_math.h"
#include "wire/l2tp_hdr.h"
#include "wire/ppp_frame.h"

enum { LNS_SESSIONS_MAX = 1 << 18 };
#define LNS_GATEWAY 0x0a3fffffu	/* 10.63.255.255 */
#define LNS_POOL 0x0a400000u	/* 10.64.0.0 */
#define LNS_HOST 0xc6336402u	/* 198.51.100.2 */

struct lns;

struct lns_session {
	struct lns *lns;
	struct lns_session *next_free;
	struct hmap_node node;		/* by our tunnel and session id */
	struct wheel_node timer;
	struct l2tp_call *call;
	struct l2tp_ctrl *ctrl;
	struct ppp_link *link;
	struct ppp_net *net;
	uint32_t ip4;
	bool up;
	char calling[32], user[64];
	enum ppp_proxy_verdict proxy;
	bool auth_proxied;
};

typedef void lns_send_fn(void *ctx, const struct l2tp_path *path, const uint8_t *msg, size_t len);

struct lns {
	struct l2tp_endpoint *ep;
	struct rng rng;
	struct ppp_counters count;
	struct ppp_link_conf link_conf;
	struct lns_session *session;	/* LNS_SESSIONS_MAX of them; used again, the last first */
	struct lns_session *free;
	struct hmap by_ids;
	struct wheel wheel;
	unsigned sessions, living, accepted, up;
	unsigned refuse_every;		/* ICRQ number n: CDN */
	unsigned damage_every;		/* packet number n to a subscriber: one octet is changed */
	unsigned packets;
	bool accept_proxy_auth, answer_nothing;
	bool full;			/* every ICRQ: CDN */
	struct span secret;
	lns_send_fn *send;
	void *ctx;
};

static inline void lns_init(struct lns *n, lns_send_fn *send, void *ctx)
{
	static const uint8_t seed[32] = { 42 };
	struct l2tp_endpoint_conf conf = { .max_tunnels = 65535, .half_open_per_source = 256, .half_open = 2000,
					   .retries_established = 5, .retries_not_established = 5, .linger_s = 31 };

	memset(n, 0, sizeof(*n));
	n->session = calloc(LNS_SESSIONS_MAX, sizeof(*n->session));
	hmap_init(&n->by_ids);
	wheel_init(&n->wheel, MONO_ZERO);
	n->ep = l2tp_endpoint_new(&conf, seed, MONO_ZERO);
	rng_init(&n->rng, seed);
	n->send = send;
	n->ctx = ctx;
	ppp_link_conf_default(&n->link_conf, PPP_AUTHENTICATOR);
	n->link_conf.auth[0] = PPP_AUTH_CHAP_MD5;
	n->link_conf.auth[1] = PPP_AUTH_PAP;
	n->link_conf.auth[2] = PPP_AUTH_MSCHAPV2;
	n->link_conf.mru = 1460;
	n->link_conf.name = span_str("lns");
}

static inline void lns_session_end(struct lns_session *s)
{
	if (s->link)
		ppp_link_free(s->link);
	if (s->net)
		ppp_net_free(s->net);
	s->link = NULL;
	s->net = NULL;
	s->lns->up -= s->up;
	s->up = false;
	wheel_del(&s->lns->wheel, &s->timer);
}

/* The call is gone: so is the session, and another may have its place. */
static inline void lns_session_free(struct lns_session *s)
{
	lns_session_end(s);
	hmap_del(&s->lns->by_ids, &s->node);
	s->call = NULL;
	s->lns->living--;
	s->next_free = s->lns->free;
	s->lns->free = s;
}

static inline void lns_fini(struct lns *n)
{
	for (unsigned i = 0; i < n->sessions; i++)
		lns_session_end(&n->session[i]);
	l2tp_endpoint_free(n->ep);
	hmap_fini(&n->by_ids);
	free(n->session);
}

static inline void lns_data_tx(struct lns_session *s, struct span frame)
{
	uint8_t buf[9216];
	struct wr w = wr_of(buf, sizeof(buf));

	l2tp_hdr_put_data(&w, &(struct l2tp_hdr){ .tunnel_id = l2tp_tunnel_peer_id(s->ctrl),
						  .session_id = l2tp_call_peer_id(s->call) });
	wr_be16(&w, 0xff03);
	wr_put(&w, frame);
	s->lns->send(s->lns->ctx, l2tp_tunnel_path(s->ctrl), buf, wr_len(&w));
}

static inline bool lns_judge(const struct ppp_auth_request *rq, uint8_t success[42])
{
	uint8_t md5[16];

	switch (rq->method) {
	case PPP_AUTH_PAP:
		return span_eq_str(rq->password, "pw");
	case PPP_AUTH_CHAP_MD5:
		chap_md5(rq->id, span_str("pw"), rq->challenge, md5);
		return span_eq(rq->response, span_of(md5, 16));
	case PPP_AUTH_MSCHAPV2:
		return mschapv2_check(span_str("pw"), rq->name, rq->challenge, rq->response, success);
	default:
		return false;
	}
}

static inline void lns_auth(struct lns_session *s, const struct ppp_auth_request *rq, mono_t now)
{
	uint8_t success[42];
	struct ppp_auth_result res = { .ok = lns_judge(rq, success), .why = PPP_REASON_AUTHENTICATE_DENY_BY_PEER,
				       .mschap_success = span_of(success, 42) };

	if (!res.ok)
		res.message = span_str("wrong password");
	snprintf(s->user, sizeof(s->user), "%.*s", (int)rq->name.len, (const char *)rq->name.p);
	s->auth_proxied = rq->proxied;
	ppp_link_auth_result(s->link, &res, now);
}

static inline void lns_network(struct lns_session *s, mono_t now)
{
	struct ppp_net_conf conf;

	ppp_net_conf_default(&conf, PPP_AUTHENTICATOR);
	conf.ipv4 = conf.ipv6 = true;
	conf.local_ip4 = LNS_GATEWAY;
	conf.peer_ip4 = s->ip4;
	conf.dns[0] = 0x09090909;
	if (!s->net)
		s->net = ppp_net_new(&conf, &s->lns->rng, &s->lns->count);
	ppp_net_up(s->net, now);
}

static inline bool lns_session_events(struct lns_session *s, mono_t now)
{
	struct ppp_link_event le;
	struct ppp_net_event ne;
	bool any = false;

	for (; s->link && ppp_link_event(s->link, &le); any = true) {
		if (le.type == PPP_LINK_EV_AUTH_REQUEST)
			lns_auth(s, &le.auth, now);
		else if (le.type == PPP_LINK_EV_NETWORK)
			lns_network(s, now);
		else if (le.type == PPP_LINK_EV_DOWN)
			l2tp_call_close(s->call, L2TP_REASON_SESSION_ACCESS_INTERFACE_DOWN,
					(struct l2tp_cause){ 1, 0, NULL }, NULL, now);
	}
	for (; s->net && ppp_net_event(s->net, &ne); any = true) {
		if (ne.type != PPP_NET_EV_IP4_UP && ne.type != PPP_NET_EV_IP4_DOWN)
			continue;
		s->lns->up += (ne.type == PPP_NET_EV_IP4_UP) - s->up;
		s->up = ne.type == PPP_NET_EV_IP4_UP;
	}
	return any;
}

static inline void lns_session_pump(struct lns_session *s, mono_t now)
{
	uint8_t buf[2048];
	size_t len;
	bool more = true;

	while (more) {
		more = lns_session_events(s, now);
		while ((s->link && (len = ppp_link_tx(s->link, buf, sizeof(buf), now))) ||
		       (s->net && (len = ppp_net_tx(s->net, buf, sizeof(buf), now))))
			lns_data_tx(s, span_of(buf, len));
	}
	if (s->call)
		wheel_set(&s->lns->wheel, &s->timer,
			  mono_min(s->link ? ppp_link_deadline(s->link) : MONO_NEVER,
				   s->net ? ppp_net_deadline(s->net) : MONO_NEVER));
}

static inline void lns_call_up(struct lns_session *s, const struct l2tp_call_params *p, mono_t now)
{
	struct ppp_proxy px = { p->initial_rx_lcp, p->last_tx_lcp, p->last_rx_lcp, p->proxy_authen_type, p->proxy_name,
				p->proxy_challenge, p->proxy_response, p->proxy_id, p->has_proxy_id, true,
				s->lns->accept_proxy_auth };

	if (s->lns->answer_nothing)
		return;
	s->link = ppp_link_new(&s->lns->link_conf, &s->lns->rng, &s->lns->count);
	s->proxy = ppp_link_up_proxy(s->link, &px, now);
	lns_session_pump(s, now);
}

static inline uint64_t lns_hash(uint16_t tunnel_id, uint16_t session_id)
{
	return hash_u64((uint64_t)tunnel_id << 16 | session_id, 1);
}

static inline void lns_offered(struct lns *n, const struct l2tp_event *ev, mono_t now)
{
	bool refused = n->full || (n->refuse_every && (n->accepted + 1) % n->refuse_every == 0);
	struct lns_session *s = n->free;

	n->accepted++;
	if (refused || (!s && n->sessions == LNS_SESSIONS_MAX)) {
		l2tp_call_reject(ev->call, L2TP_REASON_SESSION_ADMIN_CLOSE,
				 (struct l2tp_cause){ 4, 0, "no facilities" }, now);
		return;
	}
	if (s)
		n->free = s->next_free;
	else
		s = &n->session[n->sessions++];
	*s = (struct lns_session){ .lns = n, .call = ev->call, .ctrl = ev->ctrl,
				   .ip4 = LNS_POOL + 1 + (uint32_t)(s - n->session) };
	(void)hmap_add(&n->by_ids, &s->node, lns_hash(l2tp_tunnel_local_id(ev->ctrl), l2tp_call_local_id(ev->call)));
	snprintf(s->calling, sizeof(s->calling), "%.*s", (int)ev->offer.calling_number.len,
		 (const char *)ev->offer.calling_number.p);
	n->living++;
	l2tp_call_accept(ev->call, s, now);
}

static inline void lns_event(struct lns *n, const struct l2tp_event *ev, mono_t now)
{
	struct lns_session *s = ev->call_user;
	struct l2tp_tunnel_conf conf = { .local_name = span_str("lns"), .secret = n->secret, .challenge = true,
					 .receive_window = 16, .hello_s = 60, .call_accept_incoming = true };

	switch (ev->type) {
	case L2TP_EV_TUNNEL_OFFERED:
		l2tp_tunnel_accept(ev->ctrl, &conf, NULL, now);
		break;
	case L2TP_EV_CALL_OFFERED:
		lns_offered(n, ev, now);
		break;
	case L2TP_EV_CALL_UP:
		lns_call_up(s, &ev->params, now);
		break;
	case L2TP_EV_CALL_DOWN:
		if (s)
			lns_session_free(s);
		break;
	default:
		break;
	}
}

static inline void lns_pump(struct lns *n, mono_t now)
{
	struct l2tp_event ev;
	struct l2tp_path to;
	uint8_t buf[2048];
	size_t len;
	bool more = true;

	while (more) {
		more = false;
		for (; l2tp_endpoint_event(n->ep, &ev, now); more = true)
			lns_event(n, &ev, now);
		while ((len = l2tp_endpoint_tx(n->ep, &to, buf, sizeof(buf), now)))
			n->send(n->ctx, &to, buf, len);
	}
}

/* ---- the network: subscribers by address, and one host ---- */

static inline void lns_deliver(struct lns *n, uint32_t dst, struct wr *w)
{
	bool is_ours = dst > LNS_POOL && dst - LNS_POOL <= n->sessions;
	struct lns_session *s = is_ours ? &n->session[dst - LNS_POOL - 1] : NULL;

	if (!s || !s->up)
		return;
	if (n->damage_every && ++n->packets % n->damage_every == 0)
		w->p[-1] ^= 0x40;
	lns_data_tx(s, wr_span(w));
}

static inline void lns_host(struct lns *n, const struct ip4_packet *ip)
{
	uint8_t buf[9216];
	struct wr w = wr_of(buf, sizeof(buf));
	struct icmp_echo e;
	struct udp_packet u;

	wr_be16(&w, PPP_PROTO_IP4);
	if (ip->protocol == IP_PROTO_ICMP && icmp_echo_decode(ip->payload, &e) && e.type == ICMP_ECHO) {
		e.type = ICMP_ECHO_REPLY;
		icmp_echo_put(&w, ip->dst, ip->src, &e);
	} else if (ip->protocol == IP_PROTO_UDP && udp_decode(ip, &u) && u.dport == 7) {
		udp_put(&w, ip->dst, ip->src, &(struct udp_packet){ u.dport, u.sport, u.data });
	} else {
		return;
	}
	lns_deliver(n, ip->src, &w);
}

static inline void lns_forward(struct lns_session *s, struct span octets)
{
	uint8_t buf[9216];
	struct wr w = wr_of(buf, sizeof(buf));
	struct ip4_packet ip;

	if (!s->up || !ip4_decode(octets, &ip) || ip.src != s->ip4)
		return;
	if (ip.dst == LNS_HOST) {
		lns_host(s->lns, &ip);
		return;
	}
	wr_be16(&w, PPP_PROTO_IP4);
	wr_put(&w, octets);
	lns_deliver(s->lns, ip.dst, &w);
}

static inline void lns_frame(struct lns_session *s, struct span frame, mono_t now)
{
	struct rd r = rd_span(frame);
	uint16_t protocol;

	if (!s->link)
		return;
	switch (ppp_link_rx(s->link, frame.p, frame.len, now)) {
	case PPP_RX_DONE:
		break;
	case PPP_RX_NCP:
		if (!s->net || !ppp_net_rx(s->net, frame.p, frame.len, now))
			ppp_link_reject_protocol(s->link, frame.p, frame.len, now);
		break;
	case PPP_RX_DATA:
		if (ppp_frame_protocol(&r, &protocol) && protocol == PPP_PROTO_IP4)
			lns_forward(s, rd_rest(&r));
		break;
	}
	lns_session_pump(s, now);
}

static inline struct lns_session *lns_session_by_ids(struct lns *n, uint16_t tunnel_id, uint16_t session_id)
{
	hmap_for(i, &n->by_ids, lns_hash(tunnel_id, session_id)) {
		struct lns_session *s = container_of(i, struct lns_session, node);

		if (l2tp_call_local_id(s->call) == session_id && l2tp_tunnel_local_id(s->ctrl) == tunnel_id)
			return s;
	}
	return NULL;
}

static inline void lns_rx(struct lns *n, const struct l2tp_path *from, const uint8_t *msg, size_t len, mono_t now)
{
	struct lns_session *s;
	struct l2tp_hdr h;

	if (l2tp_hdr_decode(span_of(msg, len), &h) != L2TP_HDR_OK)
		return;
	s = h.control ? NULL : lns_session_by_ids(n, h.tunnel_id, h.session_id);
	if (h.control)
		l2tp_endpoint_rx(n->ep, from, msg, len, now);
	else if (s)
		lns_frame(s, ppp_frame_strip(h.payload), now);
	lns_pump(n, now);
}

static inline void lns_expire(struct lns *n, mono_t now)
{
	for (struct wheel_node *i; (i = wheel_expire(&n->wheel, now));) {
		struct lns_session *s = container_of(i, struct lns_session, timer);

		if (s->link)
			ppp_link_expire(s->link, now);
		if (s->net)
			ppp_net_expire(s->net, now);
		lns_session_pump(s, now);
	}
	l2tp_endpoint_expire(n->ep, now);
	lns_pump(n, now);
}

static inline mono_t lns_deadline(const struct lns *n)
{
	return mono_min(wheel_deadline(&n->wheel), l2tp_endpoint_deadline(n->ep));
}

#endif
