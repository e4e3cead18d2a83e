/* SPDX-License-Identifier: BSD-2-Clause */
/* One link and network layer; the test is the peer and speaks in hexadecimal ("??" is any octet). */
#ifndef ADIT_TESTS_PPP_SOLO_H
#define ADIT_TESTS_PPP_SOLO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "ppp/link_impl.h"
#include "ppp/net_impl.h"

struct solo {
	struct ppp_link_conf conf;
	struct ppp_net_conf net_conf;
	struct ppp_link *link;
	struct ppp_net *net;
	struct rng rng;
	struct ppp_counters count;
	mono_t now;
	uint8_t last[1504];		/* the frame taken last */
	size_t last_len;
};

static inline int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* any: where "??" stood. */
static inline size_t unhex(const char *text, uint8_t *out, bool *any)
{
	size_t n = 0;

	for (; *text; text++) {
		if (isspace((unsigned char)*text))
			continue;
		if (any)
			any[n] = *text == '?';
		out[n++] = *text == '?' ? 0 : (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
		text++;
	}
	return n;
}

/* The peer may speak in either core's protocols; what none takes is rejected, as an owner does. */
static inline enum ppp_rx solo_rx(struct solo *s, const uint8_t *frame, size_t len)
{
	uint8_t *exact = len ? malloc(len) : NULL;	/* so that a sanitizer sees a read beyond the end */
	enum ppp_rx r;

	if (len)
		memcpy(exact, frame, len);
	r = ppp_link_rx(s->link, exact, len, s->now);
	if (r == PPP_RX_NCP && s->net && !ppp_net_rx(s->net, exact, len, s->now))
		ppp_link_reject_protocol(s->link, exact, len, s->now);
	free(exact);
	return r;
}

static inline enum ppp_rx solo_send(struct solo *s, const char *text)
{
	uint8_t frame[2048];

	return solo_rx(s, frame, unhex(text, frame, NULL));
}

static inline bool solo_take(struct solo *s)
{
	s->last_len = ppp_link_tx(s->link, s->last, sizeof(s->last), s->now);
	if (!s->last_len && s->net)
		s->last_len = ppp_net_tx(s->net, s->last, sizeof(s->last), s->now);
	return s->last_len > 0;
}

static inline void solo_expect_(struct solo *s, const char *text, const char *file, int line)
{
	uint8_t want[2048];
	bool any[2048];
	size_t len = unhex(text, want, any), i = 0;

	if (!solo_take(s)) {
		print_error("nothing came out, want %s\n", text);
		_fail(file, line);
	}
	while (i < len && i < s->last_len && (any[i] || want[i] == s->last[i]))
		i++;
	if (i == len && len == s->last_len)
		return;
	print_error("want %s\ngot  ", text);
	for (i = 0; i < s->last_len; i++)
		print_error("%02x", s->last[i]);
	print_error("\n");
	_fail(file, line);
}
#define solo_expect(s, text) solo_expect_(s, text, __FILE__, __LINE__)
#define solo_quiet(s) do { \
	if (solo_take(s)) { \
		print_error("unexpected frame %02x%02x code %u\n", (s)->last[0], (s)->last[1], (s)->last[2]); \
		_fail(__FILE__, __LINE__); \
	} \
} while (0)

static inline void solo_init(struct solo *s, enum ppp_role role)
{
	memset(s, 0, sizeof(*s));
	s->now.ns = 1000000000;
	rng_init_u64(&s->rng, 7);
	ppp_link_conf_default(&s->conf, role);
	s->conf.magic = false;
	s->conf.name = span_str(role == PPP_CLIENT ? "bob" : "lns1");
	s->conf.password = span_str("hello");
	ppp_net_conf_default(&s->net_conf, role);
	s->net_conf.local_ip4 = role == PPP_CLIENT ? 0 : 0x0aff0001;
	s->net_conf.peer_ip4 = role == PPP_CLIENT ? 0 : 0x0a400001;
}

/* Identifiers from 1, so that a test can be read. */
static inline void solo_make(struct solo *s)
{
	s->link = ppp_link_new(&s->conf, &s->rng, &s->count);
	s->link->lcp.next_id = 1;
	s->link->chap_id = 1;
}

static inline void solo_up(struct solo *s)
{
	solo_make(s);
	ppp_link_up(s->link, s->now);
}

static inline void solo_fini(struct solo *s)
{
	ppp_link_free(s->link);
	ppp_net_free(s->net);
}

/* Time passes, deadline by deadline. */
static inline void solo_pass(struct solo *s, int64_t ms)
{
	mono_t end = mono_add_ms(s->now, ms);

	for (;;) {
		mono_t t = ppp_link_deadline(s->link);

		if (s->net)
			t = mono_min(t, ppp_net_deadline(s->net));
		if (mono_before(end, t))
			break;
		if (mono_before(s->now, t))
			s->now = t;
		ppp_link_expire(s->link, s->now);
		if (s->net)
			ppp_net_expire(s->net, s->now);
	}
	s->now = end;
}

static inline struct ppp_link_event solo_event_(struct solo *s, int type, const char *file, int line)
{
	struct ppp_link_event ev;

	if (!ppp_link_event(s->link, &ev)) {
		print_error("no event, want %d\n", type);
		_fail(file, line);
	}
	if ((int)ev.type != type) {
		print_error("event %d, want %d\n", ev.type, type);
		_fail(file, line);
	}
	return ev;
}
#define solo_event(s, type) solo_event_(s, type, __FILE__, __LINE__)
#define solo_no_event(s) do { struct ppp_link_event ev_; assert_false(ppp_link_event((s)->link, &ev_)); } while (0)

static inline uint64_t solo_count(const struct solo *s, enum ppp_count c)
{
	return s->count.n[c];
}

/*
 * LCP Opened with no options on either side, but for what `extra` asks of us: Authentication-Protocol as
 * hexadecimal.
 */
static inline void solo_open_lcp(struct solo *s)
{
	solo_up(s);
	assert_true(solo_take(s));			/* our Configure-Request */
	s->last[2] = PPP_CP_CONF_ACK;
	(void)solo_rx(s, s->last, s->last_len);
	(void)solo_send(s, "c021 01 01 0004");
	solo_expect(s, "c021 02 01 0004");
	solo_event(s, PPP_LINK_EV_UP);
}

/* And into the network phase, with no authentication; the NCPs begin with Identifier 1. */
static inline void solo_open_network(struct solo *s)
{
	solo_open_lcp(s);
	solo_event(s, PPP_LINK_EV_NETWORK);
	s->net = ppp_net_new(&s->net_conf, &s->rng, &s->count);
	s->net->ncp[NCP_IP4].cp.next_id = s->net->ncp[NCP_IP6].cp.next_id = 1;
	ppp_net_up(s->net, s->now);
}

#endif
