/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RADIUS client against servers that die, revive, are slow or have another secret, over a wire that loses 20 %,
 * repeats 10 % and reorders, in virtual time, while its owner asks, gives up, cancels and changes the configuration.
 * Every request ends in exactly one event, and an answer is the answer to it. ADIT_SIM_SEEDS sets the number of seeds,
 * ADIT_SIM_FIRST the first one (to run a failing one alone).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "radius_check.h"
#include "radius_peer.h"

enum { SERVERS = 6, ASKS = 400, WIRE = 4096, SMALL = 400, SUBMITS_MS = 60000 };

struct sim_server {			/* the real one */
	bool up, ma, status;
	unsigned slow_ms;
	char secret[4];
};

enum phase { NONE, PENDING, CANCELLED, ENDED };

struct sim_ask {
	enum phase phase;
	struct radius_handle handle;
	enum radius_use use;
	mono_t give_up;
	unsigned at;			/* server it was last sent to, + 1 */
	unsigned visited, epoch[SERVERS];
	uint8_t octets[SMALL];		/* as last sent */
	size_t len;
};

struct sim_datagram {
	mono_t due;
	bool to_client;
	struct radius_path path;
	size_t len;
	uint8_t octets[SMALL];
};

static struct sim {
	struct radius_client *c;
	struct rng rng;
	mono_t now;
	struct sim_server real[RADIUS_USES][SERVERS];
	struct radius_server_conf conf[RADIUS_USES * SERVERS];
	char secret[RADIUS_USES][SERVERS][4];		/* as configured */
	unsigned epoch[RADIUS_USES][SERVERS];		/* of it */
	bool in[RADIUS_USES][SERVERS];
	struct radius_client_conf cc;
	struct sim_ask ask[ASKS];
	unsigned asks, pending, answers, silent;
	struct sim_datagram wire[WIRE];
	unsigned flying;
	unsigned shrunk[RADIUS_USES][SERVERS];		/* a window that more may be outstanding than it says */
	char failure[160];
} sim;

static unsigned total_answers, total_silent, total_deaths, total_probes;

static bool chance(unsigned percent)
{
	return rng_below(&sim.rng, 100) < percent;
}

static unsigned between(unsigned low, unsigned high)
{
	return low + rng_below(&sim.rng, high - low + 1);
}

__attribute__((format(printf, 1, 2))) static void failed(const char *fmt, ...)
{
	va_list ap;

	if (sim.failure[0])
		return;
	va_start(ap, fmt);
	vsnprintf(sim.failure, sizeof(sim.failure), fmt, ap);
	va_end(ap);
}

static unsigned index_of(const struct radius_path *p)
{
	return ip4_num(&p->server) - 0x0a000000;
}

/* ---- the wire ---- */

static void fly(const struct radius_path *path, bool to_client, const uint8_t *octets, size_t len, unsigned delay_ms)
{
	for (unsigned copies = chance(10) ? 2 : 1; copies; copies--) {
		struct sim_datagram *d = &sim.wire[sim.flying];

		if (chance(20))
			continue;
		if (sim.flying == WIRE) {
			failed("the wire is full");
			return;
		}
		sim.flying++;
		d->due = mono_add_ms(sim.now, delay_ms + between(0, chance(20) ? 1500 : 40));
		d->to_client = to_client;
		d->path = *path;
		d->len = len;
		memcpy(d->octets, octets, len);
	}
}

/* ---- a server ---- */

static void serve(const struct sim_datagram *d)
{
	struct sim_server *s = &sim.real[d->path.use][index_of(&d->path)];
	static struct radius_datagram rq;
	uint8_t buf[RADIUS_PKT_MAX];
	struct radius_reply_opt o = { .code = RADIUS_ACCOUNTING_RESPONSE, .ma = s->ma };
	struct radius_attr a;
	struct radius_pkt p;
	char id[16] = "";

	rq = (struct radius_datagram){ .path = d->path, .len = d->len };
	memcpy(rq.octets, d->octets, d->len);
	if (!s->up || (radius_peer_check(&rq, span_str(s->secret)) && chance(50)))
		return;
	radius_pkt_decode(&p, rq.octets, rq.len);
	if (p.code == RADIUS_STATUS_SERVER && !s->status)
		return;
	if (d->path.use == RADIUS_AUTH)
		o.code = p.authenticator[0] & 1 || p.code == RADIUS_STATUS_SERVER ? RADIUS_ACCESS_ACCEPT
										   : RADIUS_ACCESS_REJECT;
	if (radius_attr_find(&p, RADIUS_ATTR_ACCT_SESSION_ID, &a) && a.value.len < sizeof(id))
		memcpy(id, a.value.p, a.value.len);
	o.message = id;
	fly(&d->path, true, buf, radius_peer_reply(&rq, span_str(s->secret), &o, buf), s->slow_ms);
}

static void change_server(struct sim_server *s)
{
	switch (rng_below(&sim.rng, 6)) {
	case 0:
	case 1:
		s->up = !s->up;
		break;
	case 2:
		s->slow_ms = s->slow_ms ? 0 : between(0, 3000);
		break;
	case 3:
		snprintf(s->secret, sizeof(s->secret), "%c", chance(70) ? 'a' : 'b');
		break;
	case 4:
		s->ma = true;
		break;
	default:
		s->status = !s->status;
	}
}

/* ---- the owner ---- */

static void taste_server(enum radius_use use, unsigned i, struct radius_server_conf *s)
{
	*s = (struct radius_server_conf){ .use = use, .addr = ip4_of(0x0a000000 + i), .port = 1812,
					  .secret = span_str(sim.secret[use][i]), .timeout_ms = between(200, 1500),
					  .retransmit = between(0, 4), .deadtime_s = chance(20) ? 0 : between(1, 20),
					  .window = chance(50) ? between(1, 4) : between(1, 200),
					  .ma = (enum radius_ma_policy)rng_below(&sim.rng, 3), .probe = chance(50) };
	if (chance(70))
		s->ma = RADIUS_MA_AUTO;
}

static void configure(void)
{
	static struct radius_server_conf list[RADIUS_USES * SERVERS];
	unsigned n = 0, from = rng_below(&sim.rng, SERVERS);

	for (unsigned k = 0; k < RADIUS_USES * SERVERS; k++) {
		unsigned use = k / SERVERS, i = (k + from) % SERVERS;

		if (sim.in[use][i])
			list[n++] = sim.conf[use * SERVERS + i];
	}
	sim.cc.servers = list;
	sim.cc.server_count = n;
	if (radius_client_apply(sim.c, &sim.cc, sim.now))
		failed("apply");
}

/* Some servers come, go, get another secret or other numbers. */
static void reconfigure(void)
{
	for (unsigned n = between(1, 4); n; n--) {
		unsigned use = rng_below(&sim.rng, RADIUS_USES), i = rng_below(&sim.rng, SERVERS);
		struct radius_server_conf *s = &sim.conf[use * SERVERS + i];
		unsigned window = s->window;

		if (chance(30)) {
			sim.in[use][i] = !sim.in[use][i];
			sim.epoch[use][i]++;
		} else if (chance(30)) {
			sim.secret[use][i][0] = sim.secret[use][i][0] == 'a' ? 'b' : 'a';
			sim.epoch[use][i]++;
		} else {
			taste_server((enum radius_use)use, i, s);
			if (s->window < window && sim.shrunk[use][i] < window)
				sim.shrunk[use][i] = window;
		}
	}
	configure();
}

static void submit(void)
{
	unsigned i = sim.asks;
	struct sim_ask *a = &sim.ask[i];
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));
	struct radius_request rq = { .use = chance(50) ? RADIUS_AUTH : RADIUS_ACCT, .user = a };
	char id[16];

	if (i == ASKS)
		return;
	snprintf(id, sizeof(id), "%u", i);
	radius_put_span(&w, RADIUS_ATTR_ACCT_SESSION_ID, span_str(id));
	rq.attrs = wr_span(&w);
	rq.code = rq.use == RADIUS_AUTH ? RADIUS_ACCESS_REQUEST : RADIUS_ACCOUNTING_REQUEST;
	rq.password = rq.use == RADIUS_AUTH && chance(50) ? span_str("hello") : span_str(NULL);
	rq.delay_time = rq.use == RADIUS_ACCT && chance(80);
	rq.since = sim.now;
	rq.give_up = chance(40) ? mono_add_ms(sim.now, between(0, 20000)) : MONO_NEVER;
	*a = (struct sim_ask){ .phase = PENDING, .use = rq.use, .give_up = rq.give_up };
	if (radius_client_submit(sim.c, &rq, sim.now, &a->handle))
		failed("submit");
	sim.asks++;
	sim.pending++;
}

static void cancel(void)
{
	struct sim_ask *a = &sim.ask[rng_below(&sim.rng, sim.asks ? sim.asks : 1)];

	if (!sim.asks)
		return;
	radius_client_cancel(sim.c, a->handle);		/* of one that has ended it must do nothing */
	if (a->phase == PENDING) {
		a->phase = CANCELLED;
		sim.pending--;
	}
}

static void on_answer(const struct radius_event *ev, unsigned i)
{
	struct sim_ask *a = &sim.ask[i];
	struct radius_attr attr;
	char id[16];

	snprintf(id, sizeof(id), "%u", i);
	if (!radius_attr_find(&ev->reply, RADIUS_ATTR_REPLY_MESSAGE, &attr) || !span_eq_str(attr.value, id))
		failed("request %u: the answer is another's", i);
	if (a->at != ip4_num(&ev->server) - 0x0a000000 + 1)
		failed("request %u: the answer is from another server", i);
	if (memcmp(ev->request_authenticator, a->octets + 4, 16))
		failed("request %u: another authenticator", i);
	sim.answers++;
}

static void on_event(const struct radius_event *ev)
{
	struct sim_ask *a = (struct sim_ask *)ev->user;
	unsigned i = (unsigned)(a - sim.ask);

	if (a->phase != PENDING || a->handle.id != ev->handle.id || a->handle.generation != ev->handle.generation)
		failed("request %u: an event in phase %d", i, a->phase);
	a->phase = ENDED;
	sim.pending--;
	if (ev->type == RADIUS_EV_ANSWER)
		on_answer(ev, i);
	else
		sim.silent++;
	if (ev->type == RADIUS_EV_SILENT && ev->silence == RADIUS_SILENT_GIVEN_UP && mono_before(sim.now, a->give_up))
		failed("request %u: given up early", i);
	if (mono_due(mono_add_ms(a->give_up, 10), sim.now))
		failed("request %u: an event too late", i);
}

/* ---- what the client sends ---- */

static void watch(const struct radius_datagram *d)
{
	unsigned s = index_of(&d->path);
	struct radius_attr attr;
	struct radius_pkt p;
	struct sim_ask *a;

	if (radius_peer_check(d, span_str(sim.secret[d->path.use][s])))
		failed("a packet of ours: %s", radius_peer_check(d, span_str(sim.secret[d->path.use][s])));
	radius_pkt_decode(&p, d->octets, d->len);
	if (!sim.in[d->path.use][s])
		failed("sent to a server that is none");
	if (p.code == RADIUS_STATUS_SERVER)
		return;
	if (!radius_attr_find(&p, RADIUS_ATTR_ACCT_SESSION_ID, &attr))
		return;
	a = &sim.ask[strtoul((const char[8]){ (char)attr.value.p[0], attr.value.len > 1 ? (char)attr.value.p[1] : 0,
					      attr.value.len > 2 ? (char)attr.value.p[2] : 0 }, NULL, 10)];
	if (a->phase != PENDING)
		failed("sent after its end");
	if (a->at == s + 1 && a->epoch[s] == sim.epoch[a->use][s]) {
		if (a->len != d->len || memcmp(a->octets, d->octets, d->len))
			failed("a repeat is not the same");
	} else if (a->visited >> s & 1 && a->epoch[s] == sim.epoch[a->use][s]) {
		failed("a request came back to a server");
	}
	a->at = s + 1;
	a->visited |= 1u << s;
	a->epoch[s] = sim.epoch[a->use][s];
	a->len = d->len;
	memcpy(a->octets, d->octets, d->len);
}

static void check_windows(void)
{
	struct radius_server_info in;

	for (unsigned i = 0; radius_client_server_at(sim.c, i, &in, sim.now); i++) {
		unsigned *shrunk = &sim.shrunk[in.use][ip4_num(&in.addr) - 0x0a000000];

		if (in.outstanding <= in.window)
			*shrunk = 0;
		if (in.outstanding > in.window && in.outstanding > *shrunk)
			failed("%u outstanding, the window is %u", in.outstanding, in.window);
	}
}

static void pump(void)
{
	static struct radius_datagram d;
	struct radius_event ev;

	while (radius_client_event(sim.c, &ev))
		on_event(&ev);
	while ((d.len = radius_client_tx(sim.c, &d.path, d.octets, sizeof(d.octets), sim.now))) {
		if (d.len > SMALL)
			failed("too long");
		watch(&d);
		if (!sim.failure[0])
			fly(&d.path, false, d.octets, d.len, 0);
	}
	check_windows();
	if (chance(10) && radius_check(sim.c))
		failed("%s", radius_check(sim.c));
}

/* ---- time ---- */

static void deliver(void)
{
	for (unsigned i = 0; i < sim.flying;) {
		struct sim_datagram d = sim.wire[i];

		if (mono_before(sim.now, d.due)) {
			i++;
			continue;
		}
		sim.wire[i] = sim.wire[--sim.flying];
		if (d.to_client)
			radius_client_rx(sim.c, &d.path, d.octets, d.len, sim.now);
		else
			serve(&d);
	}
}

static mono_t next_instant(mono_t until)
{
	mono_t next = mono_min(until, radius_client_deadline(sim.c));

	for (unsigned i = 0; i < sim.flying; i++)
		next = mono_min(next, sim.wire[i].due);
	return next;
}

static void run_ms(unsigned ms)
{
	mono_t until = mono_add_ms(sim.now, ms);

	while (mono_before(sim.now, until) && !sim.failure[0]) {
		mono_t next = next_instant(until);

		if (mono_before(sim.now, next))
			sim.now = next;
		deliver();
		radius_client_expire(sim.c, sim.now);
		pump();
	}
}

static void act(void)
{
	unsigned what = rng_below(&sim.rng, 100);

	if (what < 70)
		submit();
	else if (what < 75)
		for (unsigned n = between(1, 30); n; n--)
			submit();
	else if (what < 85)
		cancel();
	else if (what < 97)
		change_server(&sim.real[rng_below(&sim.rng, RADIUS_USES)][rng_below(&sim.rng, SERVERS)]);
	else
		reconfigure();
	pump();
}

static void begin(uint64_t seed)
{
	uint8_t key[32];

	memset(&sim, 0, sizeof(sim));
	rng_init_u64(&sim.rng, seed);
	rng_bytes(&sim.rng, key, sizeof(key));
	sim.now = mono_add_s(MONO_ZERO, 1000);
	sim.c = radius_client_new(key, sim.now);
	for (unsigned use = 0; use < RADIUS_USES; use++) {
		sim.cc.order[use] = chance(50) ? RADIUS_ORDER_DIRECT : RADIUS_ORDER_ROUND_ROBIN;
		sim.cc.queue_max[use] = chance(50) ? 0 : between(1, 50);
		for (unsigned i = 0; i < SERVERS; i++) {
			sim.real[use][i] = (struct sim_server){ .up = chance(75), .ma = chance(50), .secret = "a",
								.status = chance(70) };
			strcpy(sim.secret[use][i], "a");
			sim.in[use][i] = chance(50);
			taste_server((enum radius_use)use, i, &sim.conf[use * SERVERS + i]);
		}
	}
	sim.cc.nas_identifier = span_str("sim");
	configure();
}

static void run(uint64_t seed)
{
	struct radius_server_info in;

	begin(seed);
	for (mono_t until = mono_add_ms(sim.now, SUBMITS_MS); mono_before(sim.now, until) && !sim.failure[0];) {
		act();
		run_ms(chance(50) ? 0 : between(1, 1000));
	}
	for (unsigned i = 0; i < 100 && sim.pending && !sim.failure[0]; i++)
		run_ms(10000);
	if (sim.pending)
		failed("%u requests never ended", sim.pending);
	total_answers += sim.answers;
	total_silent += sim.silent;
	for (unsigned i = 0; radius_client_server_at(sim.c, i, &in, sim.now); i++) {
		total_deaths += (unsigned)in.count[RADIUS_COUNT_DEATHS];
		total_probes += (unsigned)in.count[RADIUS_COUNT_PROBES_ANSWERED];
	}
	radius_client_free(sim.c);
}

static unsigned env_number(const char *name, unsigned otherwise)
{
	const char *s = getenv(name);

	return s ? (unsigned)strtoul(s, NULL, 0) : otherwise;
}

static void every_request_ends_once(void **state)
{
	unsigned seeds = env_number("ADIT_SIM_SEEDS", 1500), first = env_number("ADIT_SIM_FIRST", 1);

	for (unsigned seed = first; seed < first + seeds; seed++) {
		run(seed);
		if (sim.failure[0])
			fail_msg("seed %u: %s", seed, sim.failure);
	}
	print_message("%u seeds: %u answers, %u silent, %u deaths, %u answered probes\n", seeds, total_answers,
		      total_silent, total_deaths, total_probes);
	assert_true(seeds < 100 || (total_answers > 10 * seeds && total_silent > seeds && total_deaths > seeds &&
				    total_probes > 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_request_ends_once) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
