/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole LNS (model, real L2TP, PPP and AAA cores, the null plane) against a LAC made of an L2TP endpoint and PPP
 * clients, in virtual time, over a wire that may lose, repeat and delay. The LAC hangs a call up when its client's
 * link ends.
 */
#ifndef ADIT_TESTS_MODEL_WORLD_H
#define ADIT_TESTS_MODEL_WORLD_H

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa_conf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/wr.h"
#include "dataplane/dp_null.h"
#include "l2tp/l2tp.h"
#include "model/model.h"
#include "ppp/counters.h"
#include "ppp/ppp.h"
#include "wire/l2tp_avp.h"

enum { WORLD_CLIENTS = 2048, WORLD_TUNNELS = 16, WORLD_LINES = 4096, WORLD_TICK_MS = 10 };

struct wc {				/* a client and its call at the LAC */
	bool used, connected, over, by_peer, ip_up, link_down, was_up, refused_auth;
	bool raw;			/* no link of its own: the LAC did LCP for it; frames are kept in `seen` */
	bool mute;			/* hears and says nothing */
	unsigned lac;			/* which LAC process */
	struct l2tp_call *call;
	struct l2tp_ctrl *ctrl;
	void *cookie;			/* of the LNS's line */
	struct ppp_link_conf lc;
	struct ppp_link *link;
	struct ppp_net *net;
	struct l2tp_call_params params;
	uint32_t ip, dns;
	enum l2tp_reason reason;
	struct l2tp_cause cause;
	char cause_text[64];
	bool has_disconnect;
	uint16_t dc_code;
	uint8_t dc_direction;
	enum ppp_reason link_reason;
	bool link_by_peer;
	char user[32], password[32], calling[16];
	unsigned conf_reqs;		/* raw: LCP Configure-Requests heard */
	uint8_t chap_code, chap_id;	/* raw: the last CHAP packet heard */
};

struct wt {
	struct l2tp_ctrl *ctrl;
	bool up, down;
	enum l2tp_reason reason;
	struct l2tp_cause cause;
};

struct packet {
	struct list link;
	mono_t at;
	enum { TO_LNS, TO_LAC, FRAME_TO_LNS, FRAME_TO_LAC } kind;
	struct l2tp_path path;		/* control: as the receiver sees it */
	uint16_t tid, sid;		/* FRAME_TO_LNS */
	void *cookie;			/* FRAME_TO_LAC */
	size_t len;
	uint8_t octets[];
};

struct world {
	mono_t now;
	struct wall wall;
	struct rng rng;
	struct aaa *aaa;
	struct dp_null *dp;
	struct model *m;
	struct model_conf conf;
	struct aaa_conf aconf;
	struct l2tp_endpoint *lac[2];
	struct ip_addr lac_ip[2], lns_ip;
	uint16_t lac_port[2];
	bool lac_dead[2];
	struct ppp_counters count;
	struct list wire;
	unsigned loss, repeat, delay_ms;	/* percent, percent, at most */
	struct wt tunnel[WORLD_TUNNELS];
	unsigned tunnels;
	struct wc client[WORLD_CLIENTS];
	unsigned clients;
	unsigned most_ended;		/* sessions that one turn ended, at most */
	char *line[WORLD_LINES];
	unsigned lines;
};

/* ---- log lines ---- */

static inline void world_log(void *ctx, enum log_level level, const char *module, const char *line, size_t len)
{
	struct world *w = ctx;

	if (w->lines < WORLD_LINES && level <= LOG_NOTICE)
		w->line[w->lines++] = strndup(line, len);
	if (getenv("WORLD_LOG"))
		fprintf(stderr, "%8.3f %s %.*s\n", (double)w->now.ns / 1e9, module, (int)len, line);
}

/* How many lines have all of two texts. */
static inline unsigned world_lines(const struct world *w, const char *a, const char *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->lines; i++)
		n += strstr(w->line[i], a) && strstr(w->line[i], b);
	return n;
}

/* ---- configuration ---- */

static inline void world_add_user(struct world *w, const char *name, const char *password, const char *ip)
{
	struct aaa_user *u = calloc(1, sizeof(*u));

	u->name = strdup(name);
	u->database = strdup("default");
	u->password = strdup(password);
	if (ip)
		ip_addr_parse(&u->ip4, ip);
	u->next = w->aconf.users;
	w->aconf.users = u;
}

static inline void world_aaa_conf(struct world *w)
{
	struct aaa_pool *p = calloc(1, sizeof(*p));

	aaa_conf_init(&w->aconf);
	w->aconf.ppp[0] = AAA_METHOD_LOCAL;
	p->name = strdup("subscribers");
	p->ranges = calloc(1, sizeof(*p->ranges));
	ip4_parse(&p->ranges->start, "10.64.0.0");
	ip4_parse(&p->ranges->end, "10.64.255.255");
	w->aconf.pools = p;
	ip4_parse(&w->aconf.dns[0], "9.9.9.9");
	world_add_user(w, "bob", "hello", NULL);
	world_add_user(w, "fixed", "hello", "203.0.113.7");
	world_add_user(w, "other", "hello", "203.0.113.7");
}

static inline struct host_conf *world_host(struct dest_profile_conf *d, const char *remote)
{
	struct host_conf *h = calloc(1, sizeof(*h));

	h->remote_name = remote ? strdup(remote) : NULL;
	h->local_name = strdup("lns1");
	h->secret = strdup("s3cret");
	h->profile = strdup("subscriber");
	h->next = d->hosts;
	d->hosts = h;
	return h;
}

static inline void world_model_conf(struct world *w)
{
	struct profile_conf *p = calloc(1, sizeof(*p));
	struct loopback_conf *lo = calloc(1, sizeof(*lo));
	struct dest_profile_conf *d = calloc(1, sizeof(*d));
	int rc = model_conf_init(&w->conf);

	assert(rc == 0);
	(void)rc;
	p->name = strdup("subscriber");
	p->auth[0] = PPP_AUTH_CHAP_MD5;
	p->auth[1] = PPP_AUTH_PAP;
	p->auth[2] = PPP_AUTH_MSCHAPV2;
	p->mru = 1442;
	p->keepalive_s = 30;
	p->chap_min = 16;
	p->chap_max = 32;
	p->max_negotiations = 30;
	w->conf.profiles = p;
	ip_addr_parse(&lo->ip, "10.255.0.1");
	lo->prefix_len = 32;
	w->conf.loopbacks = lo;
	d->name = strdup("wholesale");
	ip_addr_parse(&d->peer, "0.0.0.0");
	world_host(d, NULL);
	w->conf.dest_profiles = d;
}

static inline struct host_conf *world_default_host(struct world *w)
{
	return w->conf.dest_profiles->hosts;
}

static inline void world_apply(struct world *w)
{
	int rc = model_apply(w->m, &w->conf, w->now);

	assert(rc == 0);
	rc = aaa_apply(w->aaa, &w->aconf, w->now);
	assert(rc == 0);
	(void)rc;
}

/* ---- life ---- */

static inline struct l2tp_endpoint *world_lac_new(struct world *w)
{
	struct l2tp_endpoint_conf ec = {
		.max_tunnels = 1000, .half_open_per_source = 100, .half_open = 1000,
		.retries_established = 5, .retries_not_established = 5, .linger_s = 31,
	};
	uint8_t seed[32];

	rng_bytes(&w->rng, seed, sizeof(seed));
	return l2tp_endpoint_new(&ec, seed, w->now);
}

/* script: an AAA of the test's own; NULL: the local one. */
static inline void world_init_with(struct world *w, uint64_t seed, const struct aaa_if *script)
{
	static const uint8_t zero[32];
	uint8_t key[32];

	memset(w, 0, sizeof(*w));
	w->now = (mono_t){ 1000000000000 };
	w->wall = (struct wall){ 1700000000, 0 };
	rng_init_u64(&w->rng, seed);
	list_init(&w->wire);
	log_set_sink(world_log, w, LOG_NOTICE);
	rng_bytes(&w->rng, key, sizeof(key));
	w->dp = dp_null_new();
	w->aaa = aaa_core_new(zero, w->wall, w->now);
	w->m = model_new(script ? *script : (struct aaa_if){ &aaa_core_ops, w->aaa }, dp_null_if(w->dp), key, w->now,
			 w->wall);
	assert(w->dp && w->aaa && w->m);
	ip_addr_parse(&w->lns_ip, "192.0.2.1");
	for (int i = 0; i < 2; i++) {
		ip_addr_parse(&w->lac_ip[i], "198.51.100.2");
		w->lac_port[i] = (uint16_t)(1701 + i);
		w->lac[i] = world_lac_new(w);
	}
	world_aaa_conf(w);
	world_model_conf(w);
	world_apply(w);
}

static inline void world_init(struct world *w, uint64_t seed)
{
	world_init_with(w, seed, NULL);
}

static inline void world_free_client(struct wc *c)
{
	ppp_link_free(c->link);
	ppp_net_free(c->net);
	c->link = NULL;
	c->net = NULL;
}

static inline void world_fini(struct world *w)
{
	struct list *it;

	for (unsigned i = 0; i < w->clients; i++)
		world_free_client(&w->client[i]);
	while ((it = list_pop(&w->wire)))
		free(container_of(it, struct packet, link));
	l2tp_endpoint_free(w->lac[0]);
	l2tp_endpoint_free(w->lac[1]);
	model_free(w->m);
	aaa_core_free(w->aaa);
	dp_null_free(w->dp);
	model_conf_fini(&w->conf);
	aaa_conf_fini(&w->aconf);
	log_set_sink(NULL, NULL, LOG_ERROR);
	for (unsigned i = 0; i < w->lines; i++)
		free(w->line[i]);
}

/* ---- the wire ---- */

static inline struct packet *world_send(struct world *w, int kind, const void *octets, size_t len)
{
	unsigned copies = rng_below(&w->rng, 100) < w->loss ? 0 : rng_below(&w->rng, 100) < w->repeat ? 2 : 1;
	struct packet *p = NULL;
	struct list *before;

	if (!copies)
		return NULL;
	p = calloc(1, sizeof(*p) + len);
	p->kind = kind;
	p->len = len;
	memcpy(p->octets, octets, len);
	p->at = mono_add_ms(w->now, 5 + (w->delay_ms ? rng_below(&w->rng, w->delay_ms) : 0));
	/* PPP frames of a session keep their order on most lines; control messages may overtake each other */
	if (kind >= FRAME_TO_LNS)
		p->at = mono_add_ms(w->now, 5);
	before = &w->wire;
	while (before->prev != &w->wire && mono_before(p->at, container_of(before->prev, struct packet, link)->at))
		before = before->prev;
	list_insert_(&p->link, before->prev, before);
	return p;
}

static inline struct wc *world_by_cookie(struct world *w, void *cookie)
{
	for (unsigned i = 0; i < w->clients; i++)
		if (w->client[i].cookie == cookie && w->client[i].connected && !w->client[i].over)
			return &w->client[i];
	return NULL;
}

static inline void world_raw_frame(struct wc *c, const struct packet *p)
{
	uint16_t proto = (uint16_t)(p->octets[0] << 8 | p->octets[1]);

	if (proto == 0xc021 && p->octets[2] == 1)
		c->conf_reqs++;
	if (proto == 0xc223) {
		c->chap_code = p->octets[2];
		c->chap_id = p->octets[3];
	}
}

static inline void world_frame_to_client(struct world *w, const struct packet *p)
{
	struct wc *c = world_by_cookie(w, p->cookie);

	if (!c || c->mute || w->lac_dead[c->lac])
		return;
	if (c->raw) {
		world_raw_frame(c, p);
		if (c->net && p->octets[0] == 0x80)
			ppp_net_rx(c->net, p->octets, p->len, w->now);
		return;
	}
	if (c->link && ppp_link_rx(c->link, p->octets, p->len, w->now) == PPP_RX_NCP && c->net &&
	    !ppp_net_rx(c->net, p->octets, p->len, w->now))
		ppp_link_reject_protocol(c->link, p->octets, p->len, w->now);
}

static inline int world_lac_of(const struct world *w, uint16_t port)
{
	return port == w->lac_port[0] ? 0 : 1;
}

static inline void world_deliver(struct world *w, const struct packet *p)
{
	int i;

	switch (p->kind) {
	case TO_LNS:
		dp_null_rx_control(w->dp, 0, &p->path.local, p->path.local_port, &p->path.peer, p->path.peer_port,
				   p->octets, p->len);
		break;
	case TO_LAC:
		i = world_lac_of(w, p->path.local_port);
		if (!w->lac_dead[i])
			l2tp_endpoint_rx(w->lac[i], &p->path, p->octets, p->len, w->now);
		break;
	case FRAME_TO_LNS:
		dp_null_rx_frame(w->dp, p->tid, p->sid, p->octets, p->len);
		break;
	case FRAME_TO_LAC:
		world_frame_to_client(w, p);
		break;
	}
}

/* ---- the LAC ---- */

static inline void world_connect(struct world *w, struct wc *c)
{
	l2tp_call_connect(c->call, &c->params, w->now);
}

static inline void world_link_start(struct world *w, struct wc *c)
{
	const struct dp_null_session *s =
		dp_null_session_by_id(w->dp, l2tp_tunnel_peer_id(c->ctrl), l2tp_call_peer_id(c->call));
	struct ppp_net_conf nc;

	c->connected = true;
	c->cookie = s ? s->id.user : NULL;
	if (c->raw) {
		ppp_net_conf_default(&nc, PPP_CLIENT);
		nc.peer_mru = 1400;
		c->net = ppp_net_new(&nc, &w->rng, &w->count);
		return;
	}
	c->link = ppp_link_new(&c->lc, &w->rng, &w->count);
	ppp_link_up(c->link, w->now);
}

static inline void world_client_net(struct world *w, struct wc *c)
{
	struct ppp_net_conf nc;

	ppp_net_conf_default(&nc, PPP_CLIENT);
	nc.dns[0] = 1;
	nc.peer_mru = 1400;
	if (!c->net)
		c->net = ppp_net_new(&nc, &w->rng, &w->count);
	ppp_net_up(c->net, w->now);
}

static inline void world_client_events(struct world *w, struct wc *c)
{
	struct ppp_link_event lev;
	struct ppp_net_event nev;

	while (c->link && ppp_link_event(c->link, &lev)) {
		if (lev.type == PPP_LINK_EV_NETWORK)
			world_client_net(w, c);
		if (lev.type == PPP_LINK_EV_RENEGOTIATE && c->net)
			ppp_net_down(c->net, w->now);
		if (lev.type == PPP_LINK_EV_DOWN) {
			c->link_down = true;
			c->ip_up = false;
			c->link_reason = lev.reason;
			c->link_by_peer = lev.by_peer;
		}
	}
	while (c->net && ppp_net_event(c->net, &nev)) {
		if (nev.type == PPP_NET_EV_IP4_UP) {
			c->ip_up = c->was_up = true;
			c->ip = nev.local_ip4;
			c->dns = nev.dns[0];
		} else if (nev.type == PPP_NET_EV_IP4_DOWN) {
			c->ip_up = false;
		}
	}
}

static inline void world_call_down(struct world *w, struct wc *c, const struct l2tp_event *ev)
{
	world_client_events(w, c);
	c->over = true;
	c->call = NULL;
	c->by_peer = ev->by_peer;
	c->reason = ev->reason;
	c->cause = ev->cause;
	c->has_disconnect = ev->has_disconnect;
	c->dc_code = ev->disconnect_code;
	c->dc_direction = ev->disconnect_direction;
	snprintf(c->cause_text, sizeof(c->cause_text), "%.*s", (int)ev->peer_text.len, (const char *)ev->peer_text.p);
	world_free_client(c);
}

static inline void world_lac_events(struct world *w, int i)
{
	struct l2tp_event ev;

	while (l2tp_endpoint_event(w->lac[i], &ev, w->now)) {
		struct wt *t = ev.tunnel_user;
		struct wc *c = ev.call_user;

		switch (ev.type) {
		case L2TP_EV_TUNNEL_UP:
			t->up = true;
			break;
		case L2TP_EV_TUNNEL_DOWN:
			t->down = true;
			t->reason = ev.reason;
			t->cause = ev.cause;
			break;
		case L2TP_EV_TUNNEL_GONE:
			t->ctrl = NULL;
			break;
		case L2TP_EV_CALL_ANSWERED:
			world_connect(w, c);
			break;
		case L2TP_EV_CALL_UP:
			world_link_start(w, c);
			break;
		case L2TP_EV_CALL_DOWN:
			world_call_down(w, c, &ev);
			break;
		default:
			break;
		}
	}
}

static inline void world_lac_tx(struct world *w, int i)
{
	uint8_t buf[2048];
	struct l2tp_path to;
	size_t len;

	while ((len = l2tp_endpoint_tx(w->lac[i], &to, buf, sizeof(buf), w->now))) {
		struct packet *p = world_send(w, TO_LNS, buf, len);

		if (p)
			p->path = (struct l2tp_path){ .local = to.peer, .peer = to.local, .local_port = to.peer_port,
						     .peer_port = to.local_port };
	}
}

/* ---- clients ---- */

static inline void world_client_frame(struct world *w, struct wc *c, const uint8_t *buf, size_t len)
{
	struct packet *p = c->mute ? NULL : world_send(w, FRAME_TO_LNS, buf, len);

	if (!p)
		return;
	p->tid = l2tp_tunnel_peer_id(c->ctrl);
	p->sid = l2tp_call_peer_id(c->call);
}

static inline void world_client_tx(struct world *w, struct wc *c)
{
	uint8_t buf[2048];
	size_t len;

	while (c->link && (len = ppp_link_tx(c->link, buf, sizeof(buf), w->now)))
		world_client_frame(w, c, buf, len);
	while (c->net && (len = ppp_net_tx(c->net, buf, sizeof(buf), w->now)))
		world_client_frame(w, c, buf, len);
}

static inline void world_client(struct world *w, struct wc *c)
{
	if (!c->used || c->over || !c->connected || w->lac_dead[c->lac])
		return;
	if (c->link && mono_due(ppp_link_deadline(c->link), w->now))
		ppp_link_expire(c->link, w->now);
	if (c->net && mono_due(ppp_net_deadline(c->net), w->now))
		ppp_net_expire(c->net, w->now);
	world_client_events(w, c);
	world_client_tx(w, c);
	if (c->link_down && c->call)
		l2tp_call_close(c->call, L2TP_REASON_SESSION_CALL_DOWN, (struct l2tp_cause){ 1, 0, NULL }, NULL,
				w->now);
}

/* ---- the LNS ---- */

static inline void world_lns_out(struct world *w)
{
	static struct dp_null_control c;
	static struct dp_null_frame f;
	struct packet *p;

	while (dp_null_take_control(w->dp, &c)) {
		p = world_send(w, TO_LAC, c.msg, c.len);
		if (p)
			p->path = (struct l2tp_path){ .local = c.peer, .peer = c.local, .local_port = c.peer_port,
						     .peer_port = c.local_port };
	}
	while (dp_null_take_frame(w->dp, &f)) {
		p = world_send(w, FRAME_TO_LAC, f.data, f.len);
		if (p)
			p->cookie = f.user;
	}
}

static inline void world_lns(struct world *w)
{
	struct model_system_info before, after;
	bool more = true;

	for (unsigned i = 0; more; i++) {
		model_system_info(w->m, &before);
		more = model_turn(w->m, w->now, w->wall);
		model_system_info(w->m, &after);
		if (before.sessions.active > after.sessions.active &&
		    before.sessions.active - after.sessions.active > w->most_ended)
			w->most_ended = (unsigned)(before.sessions.active - after.sessions.active);
		assert(i < 100000);	/* it must come to rest */
	}
	world_lns_out(w);
}

/* ---- time ---- */

static inline void world_tick(struct world *w)
{
	struct list *it;

	w->now = mono_add_ms(w->now, WORLD_TICK_MS);
	w->wall.ns += WORLD_TICK_MS * 1000000u;
	if (w->wall.ns >= 1000000000u) {
		w->wall.ns -= 1000000000u;
		w->wall.s++;
	}
	while ((it = list_first(&w->wire)) && mono_due(container_of(it, struct packet, link)->at, w->now)) {
		list_del(it);
		world_deliver(w, container_of(it, struct packet, link));
		free(container_of(it, struct packet, link));
	}
	world_lns(w);
	for (int i = 0; i < 2; i++) {
		if (w->lac_dead[i])
			continue;
		l2tp_endpoint_expire(w->lac[i], w->now);
		world_lac_events(w, i);
	}
	for (unsigned i = 0; i < w->clients; i++)
		world_client(w, &w->client[i]);
	for (int i = 0; i < 2; i++)
		if (!w->lac_dead[i])
			world_lac_tx(w, i);
}

static inline void world_run_ms(struct world *w, unsigned ms)
{
	for (unsigned t = 0; t < ms; t += WORLD_TICK_MS)
		world_tick(w);
}

/* ---- what tests do ---- */

static inline struct wt *world_tunnel_as(struct world *w, int lac, const char *name, const char *secret)
{
	struct wt *t = &w->tunnel[w->tunnels++];
	struct l2tp_path to = { .local = w->lac_ip[lac], .peer = w->lns_ip, .local_port = w->lac_port[lac],
			       .peer_port = 1701 };
	struct l2tp_tunnel_conf tc = {
		.local_name = span_str(name), .secret = span_str(secret), .challenge = true, .receive_window = 64,
			.hello_s = 60,
	};
	int rc;

	assert(w->tunnels <= WORLD_TUNNELS);
	memset(t, 0, sizeof(*t));
	rc = l2tp_tunnel_open(w->lac[lac], &to, &tc, t, w->now, &t->ctrl);
	assert(rc == 0);
	(void)rc;
	return t;
}

static inline struct wt *world_tunnel(struct world *w)
{
	struct wt *t = world_tunnel_as(w, 0, "lac1", "s3cret");

	world_run_ms(w, 500);
	return t;
}

/* A client that has not dialled yet: the test may change what it likes. */
static inline struct wc *world_new_client(struct world *w, const char *user, const char *password, enum ppp_auth auth)
{
	struct wc *c = &w->client[w->clients++];

	assert(w->clients <= WORLD_CLIENTS);
	memset(c, 0, sizeof(*c));
	c->used = true;
	snprintf(c->user, sizeof(c->user), "%s", user);
	snprintf(c->password, sizeof(c->password), "%s", password);
	snprintf(c->calling, sizeof(c->calling), "555%04u", w->clients);
	ppp_link_conf_default(&c->lc, PPP_CLIENT);
	c->lc.auth[0] = auth;
	c->lc.mru = 1492;
	c->lc.name = span_str(c->user);
	c->lc.password = span_str(c->password);
	c->params = (struct l2tp_call_params){ .tx_connect_speed = 50000000, .rx_connect_speed = 10000000,
					      .framing_type = 1 };
	return c;
}

static inline int world_dial(struct world *w, struct wt *t, struct wc *c)
{
	struct l2tp_access_line line = { .circuit_id = span_str("dslam1 eth 0/1:7") };
	uint8_t avps[64];
	struct wr wr = wr_of(avps, sizeof(avps));
	struct l2tp_call_offer o = { .call_serial = 1000 + w->clients, .calling_number = span_str(c->calling) };

	l2tp_access_line_encode(&wr, &line);
	o.avps = wr_span(&wr);
	c->ctrl = t->ctrl;
	return l2tp_call_offer(t->ctrl, &o, c, w->now, &c->call);
}

static inline struct wc *world_call(struct world *w, struct wt *t, const char *user, const char *password,
				    enum ppp_auth auth)
{
	struct wc *c = world_new_client(w, user, password, auth);
	int rc = world_dial(w, t, c);

	assert(rc == 0);
	(void)rc;
	return c;
}

static inline uint64_t world_counter(const struct world *w, const char *group, const char *name)
{
	const char *g, *n;
	uint64_t v;

	for (unsigned i = 0; (n = model_counter(w->m, i, &g, &v)); i++)
		if (strcmp(g, group) == 0 && strcmp(n, name) == 0)
			return v;
	assert(!"no such counter");
	return 0;
}

static inline unsigned world_addresses_in_use(const struct world *w)
{
	struct aaa_pool_info info;
	unsigned n = 0;

	for (unsigned i = 0; aaa_pool_range_at(w->aaa, i, &info); i++)
		n += info.in_use;
	return n;
}

#endif
