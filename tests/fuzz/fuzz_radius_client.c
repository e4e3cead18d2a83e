/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RADIUS client under an owner and servers that all do as the input says: requests, cancelling, time, configurations;
 * replies that are right, that have one flaw, or that are any octets. The input is a program: one octet says what, the
 * following ones how. What must hold inside is checked after each step, and every request ends once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "radius_check.h"
#include "radius_peer.h"

enum { SERVERS = 4, ASKS = 64, LAST = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct rd in;
	struct radius_client *c;
	mono_t now;
	struct radius_server_conf conf[SERVERS];
	struct radius_client_conf cc;
	bool pending[ASKS];
	struct radius_handle handle[ASKS];
	unsigned next_ask;
	struct radius_datagram last[LAST];	/* what was sent, a ring */
	unsigned sent;
};

static void require(bool truth)
{
	if (!truth)
		abort();
}

static struct span secret_of(unsigned which)
{
	static const char *const secrets[] = { "s", "another", "", "a secret that is longer than one block of MD5, which has 64" };

	return span_str(secrets[which % 4]);
}

/* ---- the owner ---- */

static void on_event(struct fuzz *f, const struct radius_event *ev)
{
	size_t i = (size_t)((bool *)ev->user - f->pending);
	struct radius_attr_iter it = radius_attrs_begin(&ev->reply);
	struct radius_attr a;
	volatile uint8_t sum = 0;

	require(i < ASKS && f->pending[i] && f->handle[i].id == ev->handle.id);
	f->pending[i] = false;
	if (ev->type != RADIUS_EV_ANSWER)
		return;
	while (radius_attr_next(&it, &a)) {
		for (size_t k = 0; k < a.value.len; k++)
			sum = (uint8_t)(sum + a.value.p[k]);
	}
	for (size_t k = 0; k < ev->secret.len; k++)
		sum = (uint8_t)(sum + ev->secret.p[k]);
}

static void pump(struct fuzz *f)
{
	struct radius_event ev;

	while (radius_client_event(f->c, &ev))
		on_event(f, &ev);
	for (;;) {
		struct radius_datagram *d = &f->last[f->sent % LAST];

		d->len = radius_client_tx(f->c, &d->path, d->octets, sizeof(d->octets), f->now);
		if (!d->len)
			break;
		f->sent++;
	}
}

static void submit(struct fuzz *f, uint8_t how)
{
	unsigned i = f->next_ask++ % ASKS;
	struct radius_request rq = { .use = (enum radius_use)(how & 1), .user = &f->pending[i], .vr = how >> 1 & 1,
				     .delay_time = how & 4, .since = f->now, .give_up = MONO_NEVER };

	if (f->pending[i])
		return;
	rq.code = rq.use == RADIUS_AUTH ? RADIUS_ACCESS_REQUEST : RADIUS_ACCOUNTING_REQUEST;
	if (how & 8)
		rq.give_up = mono_add_ms(f->now, rd_u8(&f->in) * 20);
	if (how & 16 && rq.use == RADIUS_AUTH)
		rq.password = rd_bytes(&f->in, rd_u8(&f->in) % 160);
	if (how & 32)
		rq.attrs = rd_bytes(&f->in, rd_u8(&f->in));
	else
		rq.attrs = span_of("\1\5bob", 5);
	f->pending[i] = radius_client_submit(f->c, &rq, f->now, &f->handle[i]) == 0;
}

static void cancel(struct fuzz *f, uint8_t how)
{
	unsigned i = how % ASKS;

	radius_client_cancel(f->c, f->handle[i]);	/* of one that has ended, too */
	f->pending[i] = false;
}

static void configure(struct fuzz *f, uint8_t how)
{
	static const uint16_t windows[] = { 1, 2, 3, 0, 5, 200, 300, 1 };
	struct radius_server_conf *s = &f->conf[how % SERVERS];
	uint8_t more = rd_u8(&f->in);

	s->secret = secret_of(more);
	s->window = windows[more >> 2 & 7];
	s->deadtime_s = more & 32 ? 3 : 0;
	s->probe = more & 64;
	s->ma = (enum radius_ma_policy)(how >> 2 & 3) % 3;
	s->retransmit = how >> 4 & 3;
	s->source = ip4_of(more & 128 ? 9 : 0);
	f->cc.server_count = how >> 6 ? SERVERS : more % (SERVERS + 1);
	f->cc.order[0] = f->cc.order[1] = how & 64 ? RADIUS_ORDER_ROUND_ROBIN : RADIUS_ORDER_DIRECT;
	f->cc.queue_max[0] = more & 15;
	require(radius_client_apply(f->c, &f->cc, f->now) == 0);
}

/* ---- servers ---- */

static void rx(struct fuzz *f, const struct radius_path *from, const uint8_t *msg, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);	/* so that a read beyond it shows, and the buffer is gone after it */

	memcpy(exact, msg, len);
	radius_client_rx(f->c, from, exact, len, f->now);
	free(exact);
}

/* To one of the last datagrams, signed with the right secret or another; then it may have a flaw. */
static void reply(struct fuzz *f, uint8_t how)
{
	static const uint8_t codes[] = { 2, 3, 11, 5, 2, 5, 4, 12 };
	static uint8_t buf[RADIUS_PKT_MAX];
	struct radius_datagram *d = &f->last[how % LAST];
	uint8_t more = rd_u8(&f->in);
	struct radius_reply_opt o = { .code = (enum radius_code)codes[more & 7], .ma = more & 8, .message = "hi",
				      .classes = more & 16 ? 39 : 0 };
	struct radius_path from = d->path;
	struct span secret = secret_of(how >> 4);
	size_t len;

	if (!d->len)
		return;
	for (unsigned i = 0; how & 128 && i < SERVERS; i++) {	/* the right one */
		if (ip_addr_eq(&f->conf[i].addr, &from.server))
			secret = f->conf[i].secret;
	}
	len = radius_peer_reply(d, secret, &o, buf);
	if (more & 32)
		buf[rd_u8(&f->in) % len] ^= rd_u8(&f->in);
	if (more & 64)
		from.slot = rd_u8(&f->in);
	rx(f, &from, buf, more & 128 ? rd_u8(&f->in) % len : len);
}

static void raw(struct fuzz *f, uint8_t how)
{
	struct span s = rd_bytes(&f->in, rd_u8(&f->in));
	struct radius_path from = f->last[how % LAST].path;

	if (how & 64)
		from = (struct radius_path){ .vr = how & 1, .server = ip4_of(how), .port = 1812 };
	rx(f, &from, s.p ? s.p : (const uint8_t *)"", s.len);
}

static void act(struct fuzz *f)
{
	static const uint16_t step_ms[] = { 4, 100, 500, 1000, 1100, 2000, 5000, 30000 };
	uint8_t op = rd_u8(&f->in), how = rd_u8(&f->in);

	switch (op & 7) {
	case 0:
	case 1:
		submit(f, how);
		break;
	case 2:
	case 3:
		reply(f, how);
		break;
	case 4:
		f->now = mono_add_ms(f->now, step_ms[how & 7]);
		radius_client_expire(f->c, f->now);
		break;
	case 5:
		cancel(f, how);
		break;
	case 6:
		raw(f, how);
		break;
	default:
		configure(f, how);
	}
	if (!(op & 8))		/* else the next one comes in the same turn */
		pump(f);
	require(!radius_check(f->c));
}

static void init(struct fuzz *f, const uint8_t *data, size_t size)
{
	uint8_t seed[32] = { 1 };

	memset(f, 0, sizeof(*f));
	f->in = rd_of(data, size);
	f->now = mono_add_s(MONO_ZERO, 1000);
	f->c = radius_client_new(seed, f->now);
	for (unsigned i = 0; i < SERVERS; i++)
		f->conf[i] = (struct radius_server_conf){ .vr = i == 3, .use = i == 2 ? RADIUS_ACCT : RADIUS_AUTH,
							  .addr = ip4_of(i + 1), .port = 1812, .secret = secret_of(0),
							  .timeout_ms = 1000, .retransmit = 1, .deadtime_s = 3,
							  .window = 2, .probe = true };
	f->cc = (struct radius_client_conf){ .servers = f->conf, .server_count = SERVERS,
					     .nas_identifier = span_str("fuzz") };
	require(radius_client_apply(f->c, &f->cc, f->now) == 0);
}

static bool any_pending(const struct fuzz *f)
{
	for (int i = 0; i < ASKS; i++) {
		if (f->pending[i])
			return true;
	}
	return false;
}

/* Whatever was, with time everything ends. */
static void finish(struct fuzz *f)
{
	for (int i = 0; i < 2000 && any_pending(f); i++) {
		f->now = mono_add_ms(f->now, 1150);
		radius_client_expire(f->c, f->now);
		pump(f);
	}
	require(!any_pending(f) && !radius_check(f->c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;

	if (size > 512)
		return 0;
	init(&f, data, size);
	while (rd_left(&f.in))
		act(&f);
	finish(&f);
	radius_client_free(f.c);
	return 0;
}
