/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cores under a peer that may send anything, in any state: the input is a script. Its first octet chooses role and
 * methods; then come steps of one octet, some with a length and octets of their own. Frames are given as they are,
 * or as an echo of what the core sent last with a few octets changed, so that Identifiers and options fit. Every so
 * often the owner does what an owner does.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/rd.h"
#include "ppp/counters.h"
#include "ppp/ppp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct ppp_link_conf conf;
	struct ppp_net_conf net_conf;
	struct ppp_link *link;
	struct ppp_net *net;
	struct rng rng;
	struct ppp_counters count;
	mono_t now;
	uint8_t last[4][1504];		/* what the core sent last; [0] is the newest */
	size_t last_len[4];
	bool down;
};

static void configure(struct world *w, uint8_t how)
{
	enum ppp_role role = how & 1 ? PPP_CLIENT : PPP_AUTHENTICATOR;

	ppp_link_conf_default(&w->conf, role);
	w->conf.name = span_str("bob");
	w->conf.password = span_str("hello");
	for (unsigned i = 0; i < 3; i++)
		w->conf.auth[i] = (enum ppp_auth)((how >> 1) & 3 ? 1 + (((how >> 1) & 3) - 1 + i) % 3 : 0);
	w->conf.passive = how & 8;
	w->conf.keep_proxy_data = how & 16;
	w->conf.mru = how & 32 ? 1442 : 1500;
	w->conf.max_negotiations = 4;
	ppp_net_conf_default(&w->net_conf, role);
	w->net_conf.local_ip4 = role == PPP_CLIENT ? 0 : 0x0aff0001;
	w->net_conf.peer_ip4 = role == PPP_CLIENT ? 0 : 0x0a400001;
	w->net_conf.dns[0] = w->net_conf.wins[1] = 0x09090909;
	w->net_conf.initiate_ipv4 = how & 64;
	w->net_conf.take_peer_ip4 = how & 128;
}

static void touch(struct span s)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < s.len; i++)
		sum ^= s.p[i];
	__asm__ volatile("" : : "r"(sum));	/* it is read, whatever the optimiser thinks */
}

static void link_events(struct world *w)
{
	struct ppp_link_event ev;

	while (ppp_link_event(w->link, &ev)) {
		assert(!w->down);
		touch(ev.auth.name);
		touch(ev.auth.password);
		touch(ev.auth.challenge);
		touch(ev.auth.response);
		touch(ev.message);
		if (ev.type == PPP_LINK_EV_NETWORK)
			ppp_net_up(w->net, w->now);
		else if (ev.type == PPP_LINK_EV_RENEGOTIATE)
			ppp_net_down(w->net, w->now);
		if (ev.type == PPP_LINK_EV_DOWN) {
			ppp_net_down(w->net, w->now);
			assert(ev.reason != PPP_REASON_NONE);
			w->down = true;
		}
	}
}

static void note(struct world *w, const uint8_t *frame, size_t len)
{
	char line[256];

	(void)ppp_debug_line(frame, len, line, sizeof(line));
	memmove(w->last[1], w->last[0], 3 * sizeof(w->last[0]));
	memmove(&w->last_len[1], &w->last_len[0], 3 * sizeof(w->last_len[0]));
	memcpy(w->last[0], frame, len);
	w->last_len[0] = len;
}

static void turn(struct world *w)
{
	struct ppp_net_event nev;
	struct ppp_proxy px;
	uint8_t buf[1504];
	size_t len;

	link_events(w);
	while (ppp_net_event(w->net, &nev))
		if (nev.type == PPP_NET_EV_NONE_LEFT)
			ppp_link_close(w->link, nev.reason, w->now);
	while ((len = ppp_link_tx(w->link, buf, sizeof(buf), w->now)) > 0)
		note(w, buf, len);
	while ((len = ppp_net_tx(w->net, buf, sizeof(buf), w->now)) > 0)
		note(w, buf, len);
	ppp_link_proxy_data(w->link, &px);
	touch(px.initial_rx_lcp);
	touch(px.last_tx_lcp);
	touch(px.response);
	assert(!w->down || mono_is_never(ppp_link_deadline(w->link)));
}

static void rx(struct world *w, const uint8_t *frame, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);

	memcpy(exact, frame, len);
	if (ppp_link_rx(w->link, exact, len, w->now) == PPP_RX_NCP && !ppp_net_rx(w->net, exact, len, w->now))
		ppp_link_reject_protocol(w->link, exact, len, w->now);
	free(exact);
}

/* One of the last frames of the core comes back with another code, and a few octets changed. */
static void rx_mutated(struct world *w, struct rd *in)
{
	uint8_t frame[1504], code = rd_u8(in), changes = rd_u8(in) & 3;
	size_t which = code >> 4 & 3, len = w->last_len[which];

	if (len < 6)
		return;
	memcpy(frame, w->last[which], len);
	frame[2] = code & 15;
	for (uint8_t i = 0; i < changes; i++)
		frame[rd_u8(in) % len] = rd_u8(in);
	rx(w, frame, len);
}

static void pass(struct world *w, uint8_t how)
{
	mono_t due = mono_min(ppp_link_deadline(w->link), ppp_net_deadline(w->net));

	if (!mono_is_never(due) && mono_before(w->now, due) && how & 1)
		w->now = due;
	else
		w->now = mono_add_ms(w->now, how * 40);
	ppp_link_expire(w->link, w->now);
	ppp_net_expire(w->net, w->now);
}

static void judge(struct world *w, uint8_t how)
{
	struct ppp_auth_result res = {
		.ok = how & 1, .message = span_of(w->last[0], how),
		.mschap_success = span_str("S=407A5589115FD0D6209F510FE9C04566932CDA56"),
	};

	ppp_link_auth_result(w->link, &res, w->now);
}

static struct span field(struct rd *in)
{
	uint8_t len = rd_u8(in);

	return len == 255 ? span_of(NULL, 0) : rd_bytes(in, len < rd_left(in) ? len : rd_left(in));
}

static void up(struct world *w, struct rd *in)
{
	uint8_t how = rd_u8(in);
	struct ppp_proxy px;

	if (how & 1) {
		ppp_link_up(w->link, w->now);
		return;
	}
	px = (struct ppp_proxy){ .accept_lcp = how & 2, .accept_auth = how & 4, .has_id = how & 8 };
	px.authen_type = how >> 4;
	px.id = rd_u8(in);
	px.initial_rx_lcp = field(in);
	px.last_tx_lcp = field(in);
	px.last_rx_lcp = field(in);
	px.name = field(in);
	px.challenge = field(in);
	px.response = field(in);
	(void)ppp_link_up_proxy(w->link, &px, w->now);
}

static void step(struct world *w, struct rd *in)
{
	uint8_t what = rd_u8(in);
	struct span s;

	switch (what & 15) {
	case 0:
		pass(w, what >> 4);
		break;
	case 1:
		judge(w, what >> 4);
		break;
	case 2:
		if (what == 0xf2)
			ppp_link_close(w->link, PPP_REASON_ADMIN_LOGOUT, w->now);
		break;
	case 3:
		if (what == 0xf3)
			ppp_link_down(w->link, PPP_REASON_LOWER_INTERFACE_DOWN, w->now);
		break;
	case 4: case 5: case 6: case 7: case 8: case 9:
		rx_mutated(w, in);
		break;
	default:
		s = field(in);
		rx(w, s.p ? s.p : (const uint8_t *)"", s.len);
		break;
	}
	if (!(what & 0x10))	/* now and then several frames come between two turns of the owner */
		turn(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .now = { 1000000000 } };
	struct rd in = rd_of(data, size);

	rng_init_u64(&w.rng, 1);
	configure(&w, rd_u8(&in));
	w.link = ppp_link_new(&w.conf, &w.rng, &w.count);
	w.net = ppp_net_new(&w.net_conf, &w.rng, &w.count);
	up(&w, &in);
	turn(&w);
	while (rd_left(&in) > 0)
		step(&w, &in);
	turn(&w);
	assert(w.count.n[PPP_COUNT_ILLEGAL_EVENT] == 0);
	ppp_link_free(w.link);
	ppp_net_free(w.net);
	return 0;
}
