/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judging replies (RFC 2865 §3, RFC 2866 §3, RFC 5997 §4.1, RFC 3579 §3.2). What costs least is asked first: source,
 * form, id, code, and only then the two authenticators. A reply with a fault is dropped and counted; the request goes
 * on, since anybody may have sent that (CVE-2024-3596).
 */
#include "radius/client_impl.h"

#include <stdlib.h>

#include "base/log.h"

enum { COMPLAIN_S = 60 };	/* one line a server in this time */

#define FINE RADIUS_COUNT_MAX	/* no fault */

static bool code_fits(uint8_t request, uint8_t reply)
{
	switch (request) {
	case RADIUS_ACCESS_REQUEST:
		return reply == RADIUS_ACCESS_ACCEPT || reply == RADIUS_ACCESS_REJECT || reply == RADIUS_ACCESS_CHALLENGE;
	case RADIUS_ACCOUNTING_REQUEST:
		return reply == RADIUS_ACCOUNTING_RESPONSE;
	default:		/* Status-Server; RFC 5997 §4.1: either, on any port */
		return reply == RADIUS_ACCESS_ACCEPT || reply == RADIUS_ACCOUNTING_RESPONSE;
	}
}

static bool ma_required(const struct radius_server *s, uint8_t request)
{
	if (s->conf.ma == RADIUS_MA_AUTO)
		return s->ma_seen && request == RADIUS_ACCESS_REQUEST;
	return s->conf.ma == RADIUS_MA_REQUIRE;
}

static enum radius_count ma_judge(struct radius_server *s, uint8_t request, const uint8_t *authenticator,
				  struct span reply)
{
	if (request == RADIUS_ACCOUNTING_REQUEST)
		return FINE;
	switch (radius_message_authenticator_check(reply.p, reply.len, authenticator, s->conf.secret)) {
	case RADIUS_MA_GOOD:
		if (request == RADIUS_ACCESS_REQUEST)
			s->ma_seen = true;
		break;
	case RADIUS_MA_ABSENT:
		if (ma_required(s, request))
			return RADIUS_COUNT_NO_MESSAGE_AUTHENTICATOR;
		break;
	default:
		return RADIUS_COUNT_BAD_MESSAGE_AUTHENTICATOR;
	}
	return FINE;
}

/* Return: FINE, or the counter of its fault. */
static enum radius_count judge(struct radius_server *s, uint8_t request, const uint8_t *authenticator, uint8_t code,
			       struct span reply)
{
	if (!code_fits(request, code))
		return RADIUS_COUNT_UNEXPECTED_CODE;
	if (!radius_response_ok(reply.p, reply.len, authenticator, s->conf.secret))
		return RADIUS_COUNT_BAD_AUTHENTICATOR;
	return ma_judge(s, request, authenticator, reply);
}

/* An authenticator that is wrong is most often a secret that is: worth a line, but anybody can cause it. */
static void drop(struct radius_server *s, enum radius_count why, mono_t now)
{
	struct log l;

	s->count[why]++;
	if ((why != RADIUS_COUNT_BAD_AUTHENTICATOR && why != RADIUS_COUNT_BAD_MESSAGE_AUTHENTICATOR &&
	     why != RADIUS_COUNT_NO_MESSAGE_AUTHENTICATOR) || mono_before(now, s->complain_at) ||
	    !log_wanted(LOG_WARNING))
		return;
	s->complain_at = mono_add_s(now, COMPLAIN_S);
	log_begin(&l, LOG_WARNING, "radius", "response dropped");
	log_addr_port(&l, "server", &s->conf.addr, s->conf.port);
	log_text(&l, "reason", radius_count_name(why));
	log_end(&l);
}

/* RFC 5997 §4.6.2: it is counted apart, and does nothing else. */
static void rx_probe(struct radius_client *c, struct radius_server *s, uint8_t code, struct span reply, mono_t now)
{
	enum radius_count fault = judge(s, RADIUS_STATUS_SERVER, s->probe.authenticator, code, reply);

	if (fault != FINE) {
		drop(s, fault, now);
		return;
	}
	s->count[RADIUS_COUNT_PROBES_ANSWERED]++;
	radius_probe_drop(s);
	radius_server_heard(c, s, now);
}

static struct radius_answer *answer_new(const struct radius_server *s, struct span reply, uint32_t rtt_us)
{
	struct span secret = s->conf.secret;
	struct radius_answer *w = malloc(sizeof(*w) + secret.len + reply.len);

	if (!w)
		return NULL;
	w->server = s->conf.addr;
	w->rtt_us = rtt_us;
	w->secret_len = (uint16_t)secret.len;
	w->len = (uint16_t)reply.len;
	if (secret.len)
		memcpy(w->octets, secret.p, secret.len);
	memcpy(w->octets + secret.len, reply.p, reply.len);
	return w;
}

static void note_answer(struct radius_server *s, uint8_t code, uint32_t rtt_us)
{
	static const enum radius_count count[] = {
		[RADIUS_ACCESS_ACCEPT] = RADIUS_COUNT_ACCEPTS,
		[RADIUS_ACCESS_REJECT] = RADIUS_COUNT_REJECTS,
		[RADIUS_ACCOUNTING_RESPONSE] = RADIUS_COUNT_RESPONSES,
		[RADIUS_ACCESS_CHALLENGE] = RADIUS_COUNT_CHALLENGES,
	};

	s->count[count[code]]++;
	if (s->open < s->conf.window)
		s->open++;
	s->rtt_us = s->rtt_us ? (uint32_t)(((uint64_t)s->rtt_us * 7 + rtt_us) / 8) : rtt_us;
	if (rtt_us > s->rtt_max_us)
		s->rtt_max_us = rtt_us;
}

static uint32_t us_between(mono_t a, mono_t b)
{
	int64_t us = b.ns > a.ns ? (b.ns - a.ns) / 1000 : 0;

	return us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static void rx_ask(struct radius_client *c, struct radius_ask *a, uint8_t code, struct span reply, mono_t now)
{
	struct radius_server *s = a->server;
	enum radius_count fault = judge(s, a->code, a->authenticator, code, reply);
	uint32_t rtt_us = us_between(a->first_sent, now);

	if (fault == FINE) {
		a->answer = answer_new(s, reply, rtt_us);
		if (!a->answer)
			fault = RADIUS_COUNT_NO_MEMORY;
	}
	if (fault != FINE) {
		drop(s, fault, now);
		return;
	}
	note_answer(s, code, rtt_us);
	radius_ask_leave(c, a);
	radius_ask_end(c, a);
	radius_server_heard(c, s, now);
	radius_server_fill(c, s);
}

void radius_client_rx(struct radius_client *c, const struct radius_path *from, const uint8_t *buf, size_t len, mono_t now)
{
	struct radius_server *s = radius_server_find(&c->t, from->vr, from->use, &from->server, from->port);
	struct radius_pkt pkt;
	struct radius_ask *a;
	struct span reply;
	uint32_t n;

	if (!s) {
		c->unknown_source++;
		return;
	}
	if (radius_pkt_decode(&pkt, buf, len) != RADIUS_PKT_OK) {
		drop(s, RADIUS_COUNT_MALFORMED, now);
		return;
	}
	n = (uint32_t)from->slot * RADIUS_IDS + pkt.id;
	a = n < s->ids ? s->by_id[n] : NULL;
	reply = span_of(buf, RADIUS_HDR_LEN + pkt.attrs.len);	/* without padding */
	if (s->probe.sent && s->probe.n == n)
		rx_probe(c, s, pkt.code, reply, now);
	else if (a && a->sent)	/* what has not been sent cannot have been answered */
		rx_ask(c, a, pkt.code, reply, now);
	else
		drop(s, RADIUS_COUNT_UNKNOWN_ID, now);
}
