/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AAA and its accounting against a RADIUS server over a wire that loses 20 %, repeats 10 % and delays, in virtual time,
 * with a server that is away for minutes and a daemon that is killed. After each run: every session that the server saw
 * begin has exactly one end, in order; nothing is held, in flight or in the journal. ADIT_SIM_SEEDS runs (100).
 */
#include "aaa_fixture.h"

#include "aaa/aaa_net.h"
#include "aaa/aaa_priv.h"
#include "base/rng.h"
#include "radius_peer.h"

enum { WIRE = 512, SUBS = 24, SESSIONS = 4096, KEPT = 16384, STEP_MS = 100 };

#define SECRET "testing123"

struct flying {
	struct radius_datagram d;
	mono_t at;
	bool reply, used;
};

struct session_seen {
	char id[17];
	unsigned starts, stops;
	bool stop_first;		/* a stop came before its start */
};

struct kept {
	bool live;
	size_t len;
	uint8_t octets[1024];
};

struct sub {
	struct aaa_handle h;
	enum { SUB_IDLE, SUB_ASKING, SUB_UP } state;
};

struct sim {
	struct fixture f;
	struct rng rng;
	struct flying wire[WIRE];
	struct session_seen seen[SESSIONS];
	unsigned seen_count, ons;
	struct kept *kept;		/* the journal: it survives the daemon */
	uint64_t kept_next;
	struct sub sub[SUBS];
	mono_t away_until;
	bool calm;			/* nothing is lost, nobody calls any more */
	unsigned accepts, restarts;
};

/* ---- the journal ---- */

static uint64_t keep(void *ctx, struct span body)
{
	struct sim *s = ctx;
	uint64_t ref = ++s->kept_next;

	assert_true(ref < KEPT && body.len <= sizeof(s->kept[0].octets));
	s->kept[ref].live = true;
	s->kept[ref].len = body.len;
	memcpy(s->kept[ref].octets, body.p, body.len);
	return ref;
}

static void forget(void *ctx, uint64_t ref)
{
	struct sim *s = ctx;

	assert_true(ref <= s->kept_next && s->kept[ref].live);
	s->kept[ref].live = false;
}

/* ---- the daemon begins, ends, is killed ---- */

static void configure(struct sim *s)
{
	static const struct aaa_radius_server proto = { .addr = { 4, { 127, 0, 0, 1 } }, .timeout_s = 3, .retransmit = 3,
							.deadtime_min = 1, .max_sessions = 16 };
	struct aaa_conf *c = &s->f.conf;

	aaa_conf_init(c);
	c->ppp[0] = c->acct.ppp[0] = AAA_METHOD_RADIUS;
	c->acct.interval_min = 2;
	for (int i = 0; i < 2; i++) {
		struct aaa_radius_server *r = calloc(1, sizeof(*r));

		assert_non_null(r);
		*r = proto;
		r->key = text(SECRET);
		*(i ? &c->radius.acct : &c->radius.auth) = r;
	}
	conf_pool(&s->f, "p", IP(10, 0, 0, 1), IP(10, 0, 0, SUBS));
	assert_int_equal(aaa_apply(s->f.a, c, s->f.now), 0);
	aaa_conf_fini(c);
}

static void begin(struct sim *s)
{
	struct acct_journal j = { keep, forget, s };
	uint64_t last = s->kept_next;
	uint8_t seed[32];

	rng_bytes(&s->rng, seed, sizeof(seed));
	s->f.a = aaa_core_new(seed, s->f.wall, s->f.now);
	assert_non_null(s->f.a);
	aaa_journal_set(s->f.a, &j);
	for (uint64_t i = 1; i <= last; i++)
		if (s->kept[i].live)
			aaa_restore(s->f.a, i, span_of(s->kept[i].octets, s->kept[i].len), s->f.now, s->f.wall);
	configure(s);
}

static void kill_daemon(struct sim *s)
{
	aaa_core_free(s->f.a);
	memset(s->sub, 0, sizeof(s->sub));
	s->restarts++;
	s->f.wall.s++;			/* no two runs begin in the same second */
	begin(s);
}

/* ---- the wire ---- */

static void send(struct sim *s, const struct radius_datagram *d, bool reply)
{
	unsigned copies = s->calm ? 1 : rng_below(&s->rng, 100) < 20 ? 0 : rng_below(&s->rng, 100) < 10 ? 2 : 1;

	while (copies--) {
		for (unsigned i = 0; i < WIRE; i++) {
			if (s->wire[i].used)
				continue;
			s->wire[i] = (struct flying){ *d, mono_add_ms(s->f.now, 1 + rng_below(&s->rng, 400)), reply, true };
			break;
		}
	}
}

static struct session_seen *session_of(struct sim *s, const struct radius_pkt *p)
{
	struct radius_attr at;

	assert_true(radius_attr_find(p, RADIUS_ATTR_ACCT_SESSION_ID, &at));
	assert_int_equal(at.value.len, 16);
	for (unsigned i = 0; i < s->seen_count; i++)
		if (memcmp(s->seen[i].id, at.value.p, 16) == 0)
			return &s->seen[i];
	assert_in_range(s->seen_count, 0, SESSIONS - 1);
	memcpy(s->seen[s->seen_count].id, at.value.p, 16);
	return &s->seen[s->seen_count++];
}

/* What a server's database makes of repeats: one start and one stop a session. */
static void server_accounts(struct sim *s, const struct radius_pkt *p)
{
	struct radius_attr at;
	uint32_t type = 0;

	assert_true(radius_attr_find(p, RADIUS_ATTR_ACCT_STATUS_TYPE, &at) && radius_attr_u32(&at, &type));
	if (type == RADIUS_ACCT_STATUS_TYPE_START) {
		session_of(s, p)->starts = 1;
	} else if (type == RADIUS_ACCT_STATUS_TYPE_STOP) {
		session_of(s, p)->stop_first |= session_of(s, p)->starts == 0;
		session_of(s, p)->stops = 1;
	}
	s->ons += type == RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_ON;
}

static void server_rx(struct sim *s, const struct radius_datagram *d)
{
	static const enum radius_code codes[] = { RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_ACCEPT, RADIUS_ACCESS_REJECT };
	struct radius_reply_opt o = { .code = RADIUS_ACCOUNTING_RESPONSE, .message = NULL };
	struct radius_datagram r = { .path = d->path };
	struct radius_pkt p;

	if (!mono_due(s->away_until, s->f.now))
		return;
	assert_null(radius_peer_check(d, span_str(SECRET)));
	assert_int_equal(radius_pkt_decode(&p, d->octets, d->len), RADIUS_PKT_OK);
	if (p.code == RADIUS_ACCOUNTING_REQUEST)
		server_accounts(s, &p);
	else if (p.code == RADIUS_STATUS_SERVER)
		o = (struct radius_reply_opt){ .code = RADIUS_ACCESS_ACCEPT, .ma = true };
	else
		o = (struct radius_reply_opt){ .code = codes[rng_below(&s->rng, 3)], .ma = true, .classes = 1 };
	if (p.code == RADIUS_STATUS_SERVER && d->path.use == RADIUS_ACCT)
		o.code = RADIUS_ACCOUNTING_RESPONSE;
	r.len = radius_peer_reply(d, span_str(SECRET), &o, r.octets);
	send(s, &r, true);
}

static void wire_turn(struct sim *s)
{
	for (unsigned i = 0; i < WIRE; i++) {
		struct flying *w = &s->wire[i];

		if (!w->used || !mono_due(w->at, s->f.now))
			continue;
		w->used = false;
		if (w->reply)
			aaa_rx(s->f.a, &w->d.path, w->d.octets, w->d.len, s->f.now);
		else
			server_rx(s, &w->d);
	}
}

/* ---- the model's side ---- */

static struct sub *sub_of(struct sim *s, const struct aaa_event *ev)
{
	struct sub *u = ev->user;

	assert_true(u >= s->sub && u < s->sub + SUBS && same(u->h, ev->handle));
	return u;
}

static void take_events(struct sim *s)
{
	static const struct aaa_counters c = { 1, 2, 3, 4 };
	struct aaa_event ev;

	while (aaa_core_ops.event(s->f.a, &ev, s->f.now)) {
		struct sub *u = sub_of(s, &ev);

		if (ev.type == AAA_EV_ACCEPT) {
			s->accepts++;
			u->state = SUB_UP;
			start(&s->f, u->h, ip4_num(&ev.grant.ip4));
		} else if (ev.type == AAA_EV_REJECT) {
			u->state = SUB_IDLE;
		} else if (ev.type == AAA_EV_COUNTERS) {
			aaa_core_ops.counters(s->f.a, u->h, &c, &nowhere, s->f.now, s->f.wall);
		} else {
			release(&s->f, u->h);
			u->state = SUB_IDLE;
		}
	}
}

static void act(struct sim *s, struct sub *u)
{
	struct aaa_request rq = pap("bob", "pw");

	if (u->state == SUB_IDLE && !s->calm) {
		aaa_core_ops.session_id(s->f.a, rq.acct_session_id);
		u->h = ask(&s->f, &rq, u);
		u->state = SUB_ASKING;
	} else if (u->state == SUB_UP) {
		release(&s->f, u->h);
		u->state = SUB_IDLE;
	} else if (u->state == SUB_ASKING && rng_below(&s->rng, 4) == 0) {
		cancel(&s->f, u->h);
		u->state = SUB_IDLE;
	}
}

static void turn(struct sim *s)
{
	struct radius_datagram d;

	s->f.now = mono_add_ms(s->f.now, STEP_MS);
	s->f.wall.s = boot.s + s->restarts + mono_s_between(mono_add_s(MONO_ZERO, 1000), s->f.now);
	wire_turn(s);
	aaa_core_ops.expire(s->f.a, s->f.now, s->f.wall);
	take_events(s);
	while ((d.len = aaa_tx(s->f.a, &d.path, d.octets, sizeof(d.octets), s->f.now)) > 0)
		send(s, &d, false);
}

/* ---- a run ---- */

struct totals {
	unsigned long accepts, sessions, restarts;
};

static void weather(struct sim *s)
{
	for (int i = 0; i < 3000; i++) {
		turn(s);
		if (rng_below(&s->rng, 10) == 0)
			act(s, &s->sub[rng_below(&s->rng, SUBS)]);
		if (rng_below(&s->rng, 1500) == 0)
			s->away_until = mono_add_s(s->f.now, rng_below(&s->rng, 90));
		if (rng_below(&s->rng, 1000) == 0)
			kill_daemon(s);
	}
}

static void calm(struct sim *s)
{
	s->calm = true;
	s->away_until = MONO_ZERO;
	for (int i = 0; i < 4000; i++) {
		turn(s);
		for (unsigned k = 0; k < SUBS; k++)
			if (s->sub[k].state == SUB_UP)
				act(s, &s->sub[k]);
	}
}

static void judge(struct sim *s, unsigned long seed)
{
	unsigned left = 0;

	for (uint64_t i = 1; i <= s->kept_next; i++)
		left += s->kept[i].live;
	for (unsigned i = 0; i < s->seen_count; i++) {
		const struct session_seen *x = &s->seen[i];

		if (x->starts != 1 || x->stops != 1 || x->stop_first)
			fail_msg("seed %lu: session %s: %u starts, %u stops, stop first: %d", seed, x->id, x->starts, x->stops,
				 x->stop_first);
	}
	if (left || counted(&s->f, "accounting-queued") || counted(&s->f, "accounting-dropped-records"))
		fail_msg("seed %lu: %u in the journal, %lu queued, %lu dropped", seed, left,
			 (unsigned long)counted(&s->f, "accounting-queued"),
			 (unsigned long)counted(&s->f, "accounting-dropped-records"));
	nothing_left(&s->f);
}

static void one_run(unsigned long seed, struct totals *t)
{
	struct sim *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->kept = calloc(KEPT, sizeof(*s->kept));
	assert_non_null(s->kept);
	rng_init_u64(&s->rng, seed);
	s->f.now = mono_add_s(MONO_ZERO, 1000);
	s->f.wall = boot;
	s->away_until = MONO_ZERO;
	begin(s);
	weather(s);
	calm(s);
	judge(s, seed);
	t->sessions += s->seen_count;
	t->restarts += s->restarts;
	t->accepts += s->accepts;
	aaa_core_free(s->f.a);
	free(s->kept);
	free(s);
}

static void test_accounting_is_complete(void **state)
{
	const char *seeds = getenv("ADIT_SIM_SEEDS"), *first = getenv("ADIT_SIM_FIRST");
	unsigned long n = seeds ? strtoul(seeds, NULL, 10) / 3 : 100, from = first ? strtoul(first, NULL, 10) : 1;

	struct totals t = { 0 };

	for (unsigned long i = 0; i < (n ? n : 1); i++)
		one_run(from + i, &t);
	print_message("%lu accepts, %lu sessions at the server, the daemon killed %lu times\n", t.accepts, t.sessions,
		      t.restarts);
	assert_true(t.sessions > 10 * n && (n < 20 || t.restarts > n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accounting_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
