/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PPP client and an authenticator, link and network layer each, joined by a wire in virtual time. The wire can delay,
 * lose, repeat and reorder by a seed. Used by the unit tests of the link and by the simulation.
 */
#ifndef ADIT_TESTS_PPP_PAIR_H
#define ADIT_TESTS_PPP_PAIR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "ppp/counters.h"
#include "ppp/ppp.h"
#include "wire/chap_math.h"

enum { PAIR_WIRE_MAX = 256, PAIR_LOG_MAX = 64 };

struct pair_frame {
	mono_t at;
	size_t len;
	int to;
	uint8_t octets[1504];
};

struct pair_end {
	struct ppp_link_conf conf;
	struct ppp_net_conf net_conf;
	struct ppp_link *link;
	struct ppp_net *net;
	struct rng rng;
	struct ppp_counters count;
	unsigned char events[PAIR_LOG_MAX];
	unsigned event_count;
	bool up, network, down, ip4, ip6, none_left;
	enum ppp_reason why;
	bool by_peer;
	char message[256];
	struct ppp_net_event ip4_event, ip6_event;
	struct ppp_auth_request seen;	/* of the last AUTH_REQUEST, without its spans */
	char seen_name[256];
	unsigned auth_requests;
	unsigned tx_frames;
};

struct pair {
	struct pair_end end[2];		/* 0: authenticator, 1: client */
	mono_t now;
	struct rng rng;
	struct pair_frame *wire;
	unsigned in_flight;
	unsigned loss, dup, reorder;	/* percent */
	bool cut;			/* nothing arrives any more */
	bool hold_auth;			/* AUTH_REQUEST is not answered */
	const char *password;		/* that the authenticator believes in */
	void (*spy)(struct pair *p, int from, const uint8_t *frame, size_t len);
	void *spy_ctx;
};

static inline struct span pair_str(const char *s)
{
	return span_str(s);
}

static inline void pair_conf(struct pair *p)
{
	struct ppp_link_conf *c = &p->end[0].conf;

	ppp_link_conf_default(c, PPP_AUTHENTICATOR);
	c->auth[0] = PPP_AUTH_CHAP_MD5;
	c->auth[1] = PPP_AUTH_PAP;
	c->auth[2] = PPP_AUTH_MSCHAPV2;
	c->name = span_str("lns1");
	c = &p->end[1].conf;
	ppp_link_conf_default(c, PPP_CLIENT);
	c->auth[0] = PPP_AUTH_CHAP_MD5;
	c->auth[1] = PPP_AUTH_PAP;
	c->auth[2] = PPP_AUTH_MSCHAPV2;
	c->name = span_str("bob");
	c->password = span_str("hello");
	ppp_net_conf_default(&p->end[0].net_conf, PPP_AUTHENTICATOR);
	p->end[0].net_conf.local_ip4 = 0x0aff0001;
	p->end[0].net_conf.peer_ip4 = 0x0a400001;
	p->end[0].net_conf.dns[0] = 0x09090909;
	ppp_net_conf_default(&p->end[1].net_conf, PPP_CLIENT);
	p->end[1].net_conf.dns[0] = 1;
	p->password = "hello";
}

static inline void pair_init(struct pair *p, uint64_t seed)
{
	memset(p, 0, sizeof(*p));
	p->now.ns = 1000000000;
	p->wire = calloc(PAIR_WIRE_MAX, sizeof(*p->wire));
	rng_init_u64(&p->rng, seed);
	rng_init_u64(&p->end[0].rng, seed * 2 + 1);
	rng_init_u64(&p->end[1].rng, seed * 2 + 2);
	pair_conf(p);
}

static inline void pair_make(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct pair_end *e = &p->end[i];

		e->link = ppp_link_new(&e->conf, &e->rng, &e->count);
		e->net = ppp_net_new(&e->net_conf, &e->rng, &e->count);
	}
}

static inline void pair_fini(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		ppp_link_free(p->end[i].link);
		ppp_net_free(p->end[i].net);
	}
	free(p->wire);
}

static inline bool pair_chance(struct pair *p, unsigned percent)
{
	return percent && rng_below(&p->rng, 100) < percent;
}

static inline void pair_put(struct pair *p, int to, const uint8_t *frame, size_t len)
{
	struct pair_frame *f;
	int64_t ms = pair_chance(p, p->reorder) ? 20 + rng_below(&p->rng, 200) : 10;

	if (p->cut || pair_chance(p, p->loss) || p->in_flight == PAIR_WIRE_MAX)
		return;
	f = &p->wire[p->in_flight++];
	f->at = mono_add_ms(p->now, ms);
	f->to = to;
	f->len = len;
	memcpy(f->octets, frame, len);
}

static inline void pair_send(struct pair *p, int from, const uint8_t *frame, size_t len)
{
	p->end[from].tx_frames++;
	if (p->spy)
		p->spy(p, from, frame, len);
	pair_put(p, !from, frame, len);
	if (pair_chance(p, p->dup))
		pair_put(p, !from, frame, len);
}

static inline void pair_judge(struct pair *p, struct pair_end *e, const struct ppp_auth_request *req)
{
	uint8_t md5[16], success[42];
	struct ppp_auth_result res = { .message = span_str("") };
	struct span pw = span_str(p->password);

	e->auth_requests++;
	e->seen = *req;
	snprintf(e->seen_name, sizeof(e->seen_name), "%.*s", (int)req->name.len,
		 req->name.p ? (const char *)req->name.p : "");
	if (p->hold_auth)
		return;
	if (req->method == PPP_AUTH_PAP) {
		res.ok = span_eq(req->password, pw);
	} else if (req->method == PPP_AUTH_CHAP_MD5) {
		chap_md5(req->id, pw, req->challenge, md5);
		res.ok = span_eq(req->response, span_of(md5, 16));
	} else {
		res.ok = mschapv2_check(pw, req->name, req->challenge, req->response, success);
		if (res.ok)
			res.mschap_success = span_of(success, 42);
	}
	if (!res.ok)
		res.message = span_str("go away");
	ppp_link_auth_result(e->link, &res, p->now);
}

static inline void pair_link_event(struct pair *p, struct pair_end *e, const struct ppp_link_event *ev)
{
	if (e->event_count < PAIR_LOG_MAX)
		e->events[e->event_count++] = (unsigned char)ev->type;
	switch (ev->type) {
	case PPP_LINK_EV_UP:
		e->up = true;
		break;
	case PPP_LINK_EV_AUTH_REQUEST:
		pair_judge(p, e, &ev->auth);
		break;
	case PPP_LINK_EV_NETWORK:
		e->network = true;
		ppp_net_up(e->net, p->now);
		break;
	case PPP_LINK_EV_RENEGOTIATE:
		e->up = e->network = false;
		ppp_net_down(e->net, p->now);
		break;
	case PPP_LINK_EV_KEEPALIVE_DUE:
		break;
	case PPP_LINK_EV_DOWN:
		e->down = true;
		e->network = false;
		e->why = ev->reason;
		e->by_peer = ev->by_peer;
		snprintf(e->message, sizeof(e->message), "%.*s", (int)ev->message.len,
			 ev->message.p ? (const char *)ev->message.p : "");
		ppp_net_down(e->net, p->now);
		break;
	}
}

static inline void pair_net_event(struct pair *p, struct pair_end *e, const struct ppp_net_event *ev)
{
	switch (ev->type) {
	case PPP_NET_EV_IP4_UP:
		e->ip4 = true;
		e->ip4_event = *ev;
		break;
	case PPP_NET_EV_IP6_UP:
		e->ip6 = true;
		e->ip6_event = *ev;
		break;
	case PPP_NET_EV_IP4_DOWN:
		e->ip4 = false;
		break;
	case PPP_NET_EV_IP6_DOWN:
		e->ip6 = false;
		break;
	case PPP_NET_EV_NONE_LEFT:
		e->none_left = true;
		ppp_link_close(e->link, ev->reason, p->now);
		break;
	}
}

/* The owner's loop, once. */
static inline void pair_turn(struct pair *p, int i)
{
	struct pair_end *e = &p->end[i];
	struct ppp_link_event ev;
	struct ppp_net_event nev;
	uint8_t buf[1504];
	bool more = true;
	size_t len;

	while (more) {
		more = false;
		while (ppp_link_event(e->link, &ev)) {
			pair_link_event(p, e, &ev);
			more = true;
		}
		while (ppp_net_event(e->net, &nev)) {
			pair_net_event(p, e, &nev);
			more = true;
		}
		while ((len = ppp_link_tx(e->link, buf, sizeof(buf), p->now)) > 0) {
			pair_send(p, i, buf, len);
			more = true;
		}
		while ((len = ppp_net_tx(e->net, buf, sizeof(buf), p->now)) > 0) {
			pair_send(p, i, buf, len);
			more = true;
		}
	}
}

static inline void pair_rx(struct pair *p, int i, const uint8_t *frame, size_t len)
{
	struct pair_end *e = &p->end[i];

	if (ppp_link_rx(e->link, frame, len, p->now) == PPP_RX_NCP && !ppp_net_rx(e->net, frame, len, p->now))
		ppp_link_reject_protocol(e->link, frame, len, p->now);
	pair_turn(p, i);
}

static inline mono_t pair_deadline(const struct pair *p)
{
	mono_t t = MONO_NEVER;

	for (int i = 0; i < 2; i++) {
		t = mono_min(t, ppp_link_deadline(p->end[i].link));
		t = mono_min(t, ppp_net_deadline(p->end[i].net));
	}
	for (unsigned i = 0; i < p->in_flight; i++)
		t = mono_min(t, p->wire[i].at);
	return t;
}

static inline void pair_deliver(struct pair *p)
{
	static struct pair_frame f;

	for (unsigned i = 0; i < p->in_flight;) {
		if (!mono_due(p->wire[i].at, p->now)) {
			i++;
			continue;
		}
		f = p->wire[i];
		memmove(&p->wire[i], &p->wire[i + 1], (p->in_flight - i - 1) * sizeof(f));
		p->in_flight--;
		if (!p->cut)
			pair_rx(p, f.to, f.octets, f.len);
	}
}

/* Runs for so many milliseconds of virtual time. */
static inline void pair_run(struct pair *p, int64_t ms)
{
	mono_t end = mono_add_ms(p->now, ms);

	pair_turn(p, 0);
	pair_turn(p, 1);
	for (mono_t t = pair_deadline(p); !mono_before(end, t); t = pair_deadline(p)) {
		if (mono_before(p->now, t))
			p->now = t;
		for (int i = 0; i < 2; i++) {
			ppp_link_expire(p->end[i].link, p->now);
			ppp_net_expire(p->end[i].net, p->now);
			pair_turn(p, i);
		}
		pair_deliver(p);
	}
	p->now = end;
}

static inline void pair_up(struct pair *p)
{
	pair_make(p);
	ppp_link_up(p->end[0].link, p->now);
	ppp_link_up(p->end[1].link, p->now);
}

static inline bool pair_settled(const struct pair *p)
{
	return p->end[0].ip4 && p->end[1].ip4 && p->end[0].ip6 && p->end[1].ip6;
}

#endif
