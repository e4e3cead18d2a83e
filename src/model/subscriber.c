/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Subscribers: what AAA knows of a session. A subscriber begins with its credentials, owns the NCPs, the grant and the
 * addresses, and ends with exactly one cancel or release. A client that negotiates LCP again is a new subscriber on
 * the same session.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/priv.h"
#include "wire/l2tp_line.h"

struct span subscriber_user(const struct session *s)
{
	return s->sub ? span_of(s->sub->user, s->sub->user_len) : span_of(NULL, 0);
}

static struct subscriber *subscriber_new(struct model *m, struct session *s, const struct ppp_auth_request *rq)
{
	struct span user = rq ? rq->name : span_of(NULL, 0);
	struct subscriber *sub = calloc(1, sizeof(*sub) + user.len);

	if (!sub)
		return NULL;
	sub->user_len = (uint16_t)user.len;
	if (user.len)
		memcpy(sub->user, user.p, user.len);
	sub->method = (uint8_t)(rq ? rq->method : PPP_AUTH_NONE);
	sub->wants_result = rq != NULL;
	session_counters(m, s, &sub->base);
	m->aaa.ops->session_id(m->aaa.a, sub->acct_session_id);
	return sub;
}

/* ---- asking ---- */

static void describe_credentials(struct aaa_request *r, const struct ppp_auth_request *rq)
{
	static const enum aaa_cred cred[PPP_AUTH_COUNT] = {
		[PPP_AUTH_NONE] = AAA_CRED_NONE, [PPP_AUTH_PAP] = AAA_CRED_PAP, [PPP_AUTH_CHAP_MD5] = AAA_CRED_CHAP_MD5,
		[PPP_AUTH_MSCHAPV2] = AAA_CRED_MSCHAPV2,
	};

	if (!rq)
		return;
	r->cred = cred[rq->method];
	r->user = rq->name;
	r->password = rq->password;
	r->chap_id = rq->id;
	r->challenge = rq->challenge;
	r->response = rq->response;
}

static int ask(struct model *m, struct session *s, const struct ppp_auth_request *rq, mono_t now)
{
	struct l2tp_access_line access;
	struct subscriber *sub = s->sub;
	struct aaa_request r = { 0 };
	int rc;

	describe_credentials(&r, rq);
	r.line = describe_line(m, s, &access);
	r.pool = span_str(s->iface->pool);
	memcpy(r.acct_session_id, sub->acct_session_id, sizeof(r.acct_session_id));
	rc = m->aaa.ops->request(m->aaa.a, &r, handle_cookie(s->h), now, &sub->aaa);
	sub->asked = rc == 0;
	return rc;
}

void subscriber_ask(struct model *m, struct session *s, const struct ppp_auth_request *rq, mono_t now)
{
	struct dp_counters c;

	if (s->sub) {		/* another try of the client */
		session_counters(m, s, &c);
		subscriber_halt(m, s, now);
		subscriber_free(m, s, &c, end_deny(AAA_REFUSE_DENIED), now);
	}
	s->sub = subscriber_new(m, s, rq);
	if (!s->sub) {
		count(m, MODEL_COUNT_NO_MEMORY);
		session_close(m, s, end_deny(AAA_REFUSE_NO_RESOURCES), now);
	} else if (ask(m, s, rq, now)) {
		count(m, MODEL_COUNT_AAA_REQUEST_FAILED);
		session_close(m, s, end_deny(AAA_REFUSE_NO_RESOURCES), now);
	}
}

/* ---- answers ---- */

/* Framed-IP-Netmask: the network that the address is in lies behind the subscriber. */
static bool has_network(const struct aaa_grant *g)
{
	uint32_t mask = ip4_num(&g->ip4_mask);

	return g->ip4.af == 4 && mask && mask != UINT32_MAX;
}

static void take_routes(struct model *m, struct subscriber *sub, const struct aaa_grant *g)
{
	unsigned n = g->route_count < UINT8_MAX - 1 ? g->route_count : UINT8_MAX - 1;

	if (!n && !has_network(g))
		return;
	sub->routes = malloc((n + 1) * sizeof(*sub->routes));
	if (!sub->routes) {
		count(m, MODEL_COUNT_NO_MEMORY);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		sub->routes[i] = (struct ip_route){ g->routes[i].prefix, g->routes[i].metric };
	if (has_network(g)) {
		uint32_t mask = ip4_num(&g->ip4_mask);

		sub->routes[n++] = (struct ip_route){ { ip4_of(ip4_num(&g->ip4) & mask),
							(uint8_t)__builtin_popcount(mask) }, 0 };
	}
	sub->route_count = (uint8_t)n;
}

/* Local-Interface (vendor 4874, 3): "loopback 1" or "loopback1" is whose address the subscriber sees as ours. */
static uint32_t interface_address(const struct model *m, struct span name)
{
	const struct loopback_conf *lo;
	char text[24] = { 0 };
	unsigned number;

	if (name.len >= sizeof(text))
		return 0;
	memcpy(text, name.p, name.len);
	if (sscanf(text, "loopback%u", &number) != 1)
		return 0;
	lo = loopback_by_number(&m->conf, number);
	return lo ? ip4_num(&lo->ip) : 0;
}

static void take_grant(struct model *m, const struct session *s, const struct aaa_grant *g)
{
	struct subscriber *sub = s->sub;

	sub->granted = true;
	sub->ip4 = ip4_num(&g->ip4);
	sub->ip4_from_pool = g->ip4_from_pool;
	sub->ip4_client_chooses = g->ip4_client_chooses;
	memcpy(sub->dns, g->dns, sizeof(sub->dns));
	memcpy(sub->wins, g->wins, sizeof(sub->wins));
	sub->mtu = g->mtu;
	sub->no_source_check = g->no_source_check;
	sub->our_ip4 = g->local_interface.len ? interface_address(m, g->local_interface) : s->iface->local_ip4;
	sub->session_timeout_s = g->session_timeout_s;
	sub->idle_timeout_s = g->idle_timeout_s;
	sub->has_iid = g->has_iid;
	if (g->has_iid)
		memcpy(sub->peer_iid, g->ip6_iid, sizeof(sub->peer_iid));
	take_routes(m, sub, g);
}

static void accepted(struct model *m, struct session *s, const struct aaa_event *ev, mono_t now)
{
	struct subscriber *sub = s->sub;
	struct ppp_auth_result res = { .ok = true, .message = ev->grant.message };

	take_grant(m, s, &ev->grant);
	if (s->phase >= SESSION_CLOSING)
		return;		/* released when the line has gone */
	if (sub->wants_result) {
		sub->wants_result = false;
		if (sub->method == PPP_AUTH_MSCHAPV2)
			res.mschap_success = span_of(ev->mschap_success, sizeof(ev->mschap_success));
		ppp_link_auth_result(s->link, &res, now);
	} else if (s->network) {
		subscriber_network(m, s, now);
	}
}

static void count_auth_error(struct model *m, struct session *s)
{
	m->session_counts.auth_errors++;
	s->tunnel->session_counts.auth_errors++;
	s->tunnel->dest->session_counts.auth_errors++;
}

static void rejected(struct model *m, struct session *s, const struct aaa_event *ev, mono_t now)
{
	struct subscriber *sub = s->sub;
	struct ppp_auth_result res = { .why = PPP_REASON_AUTHENTICATE_DENY_BY_PEER, .message = ev->message };

	sub->aaa = (struct aaa_handle){ 0 };
	if (ev->refusal == AAA_REFUSE_DENIED)
		count_auth_error(m, s);
	if (s->phase >= SESSION_CLOSING)
		return;
	if (!sub->wants_result) {
		session_close(m, s, end_deny(ev->refusal), now);
		return;
	}
	sub->wants_result = false;
	ppp_link_auth_result(s->link, &res, now);
	session_refused(m, s, end_deny(ev->refusal), now);
}

static void logged_out(struct model *m, struct session *s, enum aaa_logout why, mono_t now)
{
	if (why != AAA_LOGOUT_DUPLICATE) {
		session_close(m, s, end_logout(why), now);
		return;
	}
	/* the user's next session waits for this address: no courtesies to a client that has most likely gone */
	count(m, MODEL_COUNT_DUPLICATES);
	session_end(m, s, end_logout(why), now);
}

void subscriber_answer(struct model *m, const struct aaa_event *ev, mono_t now)
{
	struct session *s = slots_get(&m->sessions, cookie_handle(ev->user));

	if (!s || !s->sub || s->sub->aaa.id != ev->handle.id || s->sub->aaa.generation != ev->handle.generation) {
		count(m, MODEL_COUNT_AAA_LATE);
		return;
	}
	if (ev->type == AAA_EV_ACCEPT || ev->type == AAA_EV_REJECT)
		s->sub->asked = false;
	switch (ev->type) {
	case AAA_EV_ACCEPT:
		accepted(m, s, ev, now);
		break;
	case AAA_EV_REJECT:
		rejected(m, s, ev, now);
		break;
	case AAA_EV_LOGOUT:
		logged_out(m, s, ev->logout, now);
		break;
	case AAA_EV_COUNTERS:
		subscriber_counters(m, s, now);
		break;
	}
	if (s->phase < SESSION_ENDING)
		session_ready(m, s);
}

/* ---- the network phase ---- */

static struct ppp_net_conf net_conf(const struct session *s)
{
	const struct subscriber *sub = s->sub;
	struct ppp_link_info info;
	struct ppp_net_conf c;

	ppp_link_info(s->link, &info);
	ppp_net_conf_default(&c, PPP_AUTHENTICATOR);
	c.peer_mru = info.peer_mru;
	c.ipv4 = true;
	c.ipv6 = true;		/* interface identifiers only, so that a client that asks is content */
	c.initiate_ipv4 = s->iface->initiate_ip;
	c.initiate_ipv6 = s->iface->initiate_ipv6;
	c.max_negotiations = s->iface->max_negotiations;
	c.local_ip4 = sub->our_ip4;
	c.peer_ip4 = sub->ip4;
	c.take_peer_ip4 = sub->ip4_client_chooses;
	memcpy(c.dns, sub->dns, sizeof(c.dns));
	memcpy(c.wins, sub->wins, sizeof(c.wins));
	if (sub->has_iid)
		memcpy(c.peer_iid, sub->peer_iid, sizeof(c.peer_iid));
	return c;
}

void subscriber_network(struct model *m, struct session *s, mono_t now)
{
	struct subscriber *sub = s->sub;
	struct ppp_net_conf c;

	if (sub->net)
		return;
	if (!sub->our_ip4) {
		session_close(m, s, end_ppp(PPP_REASON_IP_NO_LOCAL_IP_ADDRESS), now);
		return;
	}
	if (!sub->ip4 && !sub->ip4_client_chooses) {
		session_close(m, s, end_ppp(PPP_REASON_IP_NO_PEER_IP_ADDRESS), now);
		return;
	}
	c = net_conf(s);
	sub->net = ppp_net_new(&c, &m->rng, &m->ppp);
	if (!sub->net) {
		count(m, MODEL_COUNT_NO_MEMORY);
		session_close(m, s, end_deny(AAA_REFUSE_NO_RESOURCES), now);
		return;
	}
	session_phase_set(m, s, SESSION_NCP);
	ppp_net_up(sub->net, now);
}

static int forward(struct model *m, struct session *s)
{
	struct subscriber *sub = s->sub;
	struct ppp_link_info info;
	struct dp_subscriber ds = {
		.vr = s->tunnel->path.vr,
		.ip4 = ip4_of(sub->ip4),
		.routes = sub->routes,
		.route_count = sub->route_count,
		.host_route = s->iface->access_routes || !sub->ip4_from_pool,
		.local_ip4 = ip4_of(sub->local_ip4),
		.no_source_check = sub->no_source_check,
	};

	ppp_link_info(s->link, &info);
	ds.mtu = sub->mtu && sub->mtu < info.peer_mru ? sub->mtu : info.peer_mru;
	return m->dp.ops->session_forward(m->dp.dp, s->dp, &ds);
}

static void ip4_up(struct model *m, struct session *s, const struct ppp_net_event *ev, mono_t now)
{
	struct subscriber *sub = s->sub;
	struct l2tp_access_line access;
	struct aaa_line line;
	struct ip_addr ip;
	int rc;

	sub->ip4 = ev->peer_ip4;
	sub->local_ip4 = ev->local_ip4;
	rc = forward(m, s);
	if (rc) {
		count(m, rc == -EADDRINUSE ? MODEL_COUNT_DP_ADDRESS_IN_USE : MODEL_COUNT_DP_REFUSED);
		session_close(m, s, end_deny(rc == -EADDRINUSE ? AAA_REFUSE_ADDRESS_IN_USE : AAA_REFUSE_NO_RESOURCES),
			      now);
		return;
	}
	sub->forwarding = sub->ip4_up = true;
	s->due = MONO_NEVER;
	if (!sub->started)
		s->up_at = now;
	s->was_up = true;
	session_phase_set(m, s, SESSION_UP);
	if (sub->started)
		return;
	sub->started = true;
	ip = ip4_of(sub->ip4);
	line = describe_line(m, s, &access);
	m->aaa.ops->start(m->aaa.a, sub->aaa, &ip, &line, now, m->wall);
	log_subscriber_up(s);
}

static void stop_forwarding(struct model *m, struct session *s)
{
	if (s->sub->forwarding && m->dp.ops->session_unforward(m->dp.dp, s->dp))
		count(m, MODEL_COUNT_DP_REFUSED);
	s->sub->forwarding = s->sub->ip4_up = false;
}

/* The client closed IPCP. It may open it again, but not hold its address for ever without. */
static void ip4_down(struct model *m, struct session *s, mono_t now)
{
	stop_forwarding(m, s);
	if (s->phase != SESSION_UP)
		return;
	session_phase_set(m, s, SESSION_NCP);
	s->due = mono_add_s(now, m->conf.l2tp.call_setup_s);
}

void subscriber_net_event(struct model *m, struct session *s, const struct ppp_net_event *ev, mono_t now)
{
	if (s->phase >= SESSION_CLOSING)
		return;
	switch (ev->type) {
	case PPP_NET_EV_IP4_UP:
		ip4_up(m, s, ev, now);
		break;
	case PPP_NET_EV_IP4_DOWN:
		ip4_down(m, s, now);
		break;
	case PPP_NET_EV_IP6_UP:
		memcpy(s->sub->local_iid, ev->local_iid, sizeof(s->sub->local_iid));
		memcpy(s->sub->peer_iid, ev->peer_iid, sizeof(s->sub->peer_iid));
		s->sub->ip6_up = true;
		break;
	case PPP_NET_EV_IP6_DOWN:
		s->sub->ip6_up = false;
		break;
	case PPP_NET_EV_NONE_LEFT:
		session_close(m, s, end_ppp(ev->reason ? ev->reason : PPP_REASON_NO_NCPS_AVAILABLE), now);
		break;
	}
}

/* ---- the end ---- */

void subscriber_halt(struct model *m, struct session *s, mono_t now)
{
	if (!s->sub)
		return;
	stop_forwarding(m, s);
	ppp_net_free(s->sub->net);
	s->sub->net = NULL;
	s->sub->ip6_up = false;
}

static struct aaa_counters since_begin(const struct subscriber *sub, const struct dp_counters *line)
{
	return (struct aaa_counters){
		.in_octets = line->rx_octets - sub->base.rx_octets,
		.out_octets = line->tx_octets - sub->base.tx_octets,
		.in_packets = line->rx_packets - sub->base.rx_packets,
		.out_packets = line->tx_packets - sub->base.tx_packets,
	};
}

void subscriber_counters(struct model *m, struct session *s, mono_t now)
{
	struct l2tp_access_line access;
	struct dp_counters total;
	struct aaa_counters c;
	struct aaa_line line;

	session_counters(m, s, &total);
	c = since_begin(s->sub, &total);
	line = describe_line(m, s, &access);
	m->aaa.ops->counters(m->aaa.a, s->sub->aaa, &c, &line, now, m->wall);
}

void subscriber_free(struct model *m, struct session *s, const struct dp_counters *line, struct end why, mono_t now)
{
	struct subscriber *sub = s->sub;
	struct l2tp_access_line access;
	struct aaa_line where;
	struct aaa_stop stop = {
		.counters = since_begin(sub, line), .line = &where, .terminate_cause = end_terminate_cause(why),
		.reason = end_name(why),
	};

	where = describe_line(m, s, &access);
	if (sub->asked)
		m->aaa.ops->cancel(m->aaa.a, sub->aaa, now);
	else if (sub->granted)
		m->aaa.ops->release(m->aaa.a, sub->aaa, &stop, now, m->wall);
	ppp_net_free(sub->net);
	free(sub->routes);
	free(sub);
	s->sub = NULL;
}

void subscriber_renegotiate(struct model *m, struct session *s, mono_t now)
{
	struct end why = end_ppp(PPP_REASON_LCP_PEER_RENEGOTIATE_RX_CONF_REQ);
	struct dp_counters line;

	count(m, MODEL_COUNT_RENEGOTIATED);
	subscriber_halt(m, s, now);
	session_counters(m, s, &line);
	if (s->sub->started)
		log_subscriber_down(s, &line, why, now);
	subscriber_free(m, s, &line, why, now);
}
