/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Datagrams out. A request's packet is built from its attributes each time it is sent; identifier, authenticator and
 * Acct-Delay-Time are fixed with the first time at a server, so that repeats are the same octets (RFC 5080 §2.2.2, §2.10).
 */
#include "radius/client_impl.h"

#include "wire/radius_attr.h"

/* design.md §6: Message-Authenticator is the first attribute of an Access-Request. */
static size_t put_access(const struct radius_ask *a, struct wr w)
{
	struct span password = span_of(a->octets + a->attrs_len, a->password_len), secret = a->server->conf.secret;
	size_t len;

	radius_pkt_begin(&w, (enum radius_code)a->code, (uint8_t)a->n, a->authenticator);
	radius_put_message_authenticator_slot(&w);
	if (a->has_password && !radius_put_user_password(&w, password, a->authenticator, secret))
		return 0;
	wr_put(&w, span_of(a->octets, a->attrs_len));
	len = radius_pkt_end(&w);
	return len && radius_sign_request(w.start, len, secret) ? len : 0;
}

/* RFC 2866 §3, RFC 5080 §2.3.3: the authenticator of an Accounting-Request is computed from the rest. */
static size_t put_accounting(struct radius_ask *a, struct wr w)
{
	size_t len;

	radius_pkt_begin(&w, (enum radius_code)a->code, (uint8_t)a->n, NULL);
	wr_put(&w, span_of(a->octets, a->attrs_len));
	if (a->has_delay)
		radius_put_u32(&w, RADIUS_ATTR_ACCT_DELAY_TIME, a->delay_s);
	len = radius_pkt_end(&w);
	if (!len || !radius_sign_accounting(w.start, len, a->server->conf.secret))
		return 0;
	memcpy(a->authenticator, w.start + 4, sizeof(a->authenticator));
	return len;
}

/* RFC 2866 §5.2: seconds that we have been trying to send this record; at most what 32 bits hold. */
static uint32_t delay_now(const struct radius_ask *a, mono_t now)
{
	uint64_t s = (uint64_t)mono_s_between(a->since, now) + a->delay_base_s;

	return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

/* RFC 5080 §2.2.1: RT = IRT + RAND*IRT, RAND between -0.1 and +0.1. */
static int64_t jitter(struct radius_client *c, uint32_t ms)
{
	return (int64_t)ms - ms / 10 + rng_below(&c->rng, ms / 5 + 1);
}

static void note_sent(struct radius_client *c, struct radius_ask *a, mono_t now)
{
	struct radius_server *s = a->server;

	s->count[a->sent ? RADIUS_COUNT_REPEATS : RADIUS_COUNT_REQUESTS]++;
	if (!a->sent++)
		a->first_sent = now;
	a->visited |= (uint8_t)(1 << s->index);
	a->place = RADIUS_SENT;
	list_del(&a->link);
	wheel_set(&c->ask_timers, &a->timer, mono_min(a->give_up, mono_add_ms(now, jitter(c, s->conf.timeout_ms))));
}

static struct radius_path path_to(const struct radius_server *s, uint16_t n)
{
	return (struct radius_path){ .vr = s->conf.vr, .use = s->conf.use, .local = s->conf.source,
				     .server = s->conf.addr, .port = s->conf.port, .slot = n / RADIUS_IDS };
}

static size_t send_ask(struct radius_client *c, struct radius_ask *a, struct radius_path *to, struct wr w, mono_t now)
{
	size_t len;

	if (!a->sent && a->code == RADIUS_ACCESS_REQUEST)
		rng_bytes(&c->rng, a->authenticator, sizeof(a->authenticator));
	if (!a->sent)
		a->delay_s = delay_now(a, now);
	len = a->code == RADIUS_ACCESS_REQUEST ? put_access(a, w) : put_accounting(a, w);
	if (!len)
		return 0;
	*to = path_to(a->server, a->n);
	note_sent(c, a, now);
	return len;
}

/* RFC 5997 §3, §4.1: Message-Authenticator, and who we are (§5); never repeated, each has its own id. */
static size_t send_probe(struct radius_client *c, struct radius_server *s, struct radius_path *to, struct wr w)
{
	size_t len;

	rng_bytes(&c->rng, s->probe.authenticator, sizeof(s->probe.authenticator));
	radius_pkt_begin(&w, RADIUS_STATUS_SERVER, (uint8_t)s->probe.n, s->probe.authenticator);
	radius_put_message_authenticator_slot(&w);
	radius_put_span(&w, RADIUS_ATTR_NAS_IDENTIFIER, span_of(c->nas_identifier, c->nas_identifier_len));
	len = radius_pkt_end(&w);
	if (!len || !radius_sign_request(w.start, len, s->conf.secret))
		return 0;
	*to = path_to(s, s->probe.n);
	list_del(&s->probe.link);
	s->probe.sent = true;
	s->count[RADIUS_COUNT_PROBES]++;
	return len;
}

size_t radius_client_tx(struct radius_client *c, struct radius_path *to, uint8_t *buf, size_t cap, mono_t now)
{
	struct wr w = wr_of(buf, cap);
	struct list *first;

	if ((first = list_first(&c->probes)))
		return send_probe(c, container_of(first, struct radius_server, probe.link), to, w);
	if ((first = list_first(&c->ready)))
		return send_ask(c, container_of(first, struct radius_ask, link), to, w, now);
	return 0;
}
