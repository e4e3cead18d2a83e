/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab against an LNS of the same cores, over a wire in virtual time: what comes up, is counted, how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>

#include "lab/lab.h"
#include "lab/report.h"
#include "lab_lns.h"

enum { DELAY_US = 500, WIRE_MAX = 65536 };

struct datagram {
	mono_t due;
	struct l2tp_path path;	/* as the sender sees it */
	bool to_lns;
	size_t len;
	uint8_t *octets;
};

struct wire {
	struct datagram queue[WIRE_MAX];
	unsigned head, tail;
	struct rng rng;
	unsigned loss_percent;
	bool cut;
	mono_t now;
	uint64_t carried;
};

struct sim {
	struct wire wire;
	struct lns lns;
	struct lab_conf conf;
	struct lab *lab;
	struct l2tp_path path, probe_path;
};

static void wire_put(struct wire *w, bool to_lns, const struct l2tp_path *path, const uint8_t *msg, size_t len)
{
	struct datagram *d = &w->queue[w->tail % WIRE_MAX];

	if (w->cut || rng_below(&w->rng, 100) < w->loss_percent)
		return;
	assert_true(w->tail - w->head < WIRE_MAX);
	*d = (struct datagram){ mono_add_ns(w->now, DELAY_US * 1000), *path, to_lns, len, malloc(len) };
	assert_non_null(d->octets);
	memcpy(d->octets, msg, len);
	w->tail++;
	w->carried++;
}

static void lab_sends(void *ctx, const struct l2tp_path *path, const uint8_t *msg, size_t len)
{
	wire_put(ctx, true, path, msg, len);
}

static void lns_sends(void *ctx, const struct l2tp_path *path, const uint8_t *msg, size_t len)
{
	wire_put(ctx, false, path, msg, len);
}

static struct l2tp_path turned(const struct l2tp_path *p)
{
	return (struct l2tp_path){ p->vr, p->peer, p->local, p->peer_port, p->local_port };
}

static void wire_deliver(struct sim *s)
{
	struct wire *w = &s->wire;
	struct datagram d = w->queue[w->head++ % WIRE_MAX];
	struct l2tp_path at = turned(&d.path);

	if (d.to_lns)
		lns_rx(&s->lns, &at, d.octets, d.len, w->now);
	else
		lab_rx(s->lab, &at, d.octets, d.len, w->now);
	free(d.octets);
}

/* Until the lab is finished, or `until`. */
static void run(struct sim *s, mono_t until)
{
	struct wire *w = &s->wire;

	while (!lab_finished(s->lab)) {
		mono_t lab_due = lab_deadline(s->lab), lns_due = lns_deadline(&s->lns);
		mono_t next = mono_min(lab_due, lns_due);

		if (w->head != w->tail)
			next = mono_min(next, w->queue[w->head % WIRE_MAX].due);
		if (next.ns > until.ns)
			break;
		if (w->now.ns < next.ns)
			w->now = next;
		while (w->head != w->tail && mono_due(w->queue[w->head % WIRE_MAX].due, w->now))
			wire_deliver(s);
		if (mono_due(lab_due, w->now))
			lab_expire(s->lab, w->now);
		if (mono_due(lns_due, w->now))
			lns_expire(&s->lns, w->now);
	}
}

static struct sim *sim_new(const char *const *args)
{
	struct sim *s = calloc(1, sizeof(*s));
	char *argv[32] = { (char *)(uintptr_t)"subscribers", (char *)(uintptr_t)"--lns=192.0.2.1" };
	int argc = 2;

	assert_non_null(s);
	while (*args)
		argv[argc++] = (char *)(uintptr_t)*args++;
	assert_int_equal(lab_options_parse(&s->conf, argc, argv, stderr), LAB_OPTIONS_RUN);
	rng_init_u64(&s->wire.rng, 1);
	lns_init(&s->lns, lns_sends, &s->wire);
	s->path = (struct l2tp_path){ 0, ip4_of(0xc0000202), s->conf.lns, 1701, s->conf.lns_port };
	s->probe_path = s->path;
	s->probe_path.local_port = 1702;
	return s;
}

static void sim_begin(struct sim *s)
{
	static const uint8_t seed[32] = { 9 };
	struct lab_env env = { .send = lab_sends, .ctx = &s->wire, .paths = &s->path, .path_count = 1,
			       .probe_path = s->conf.probes ? &s->probe_path : NULL };

	s->lab = lab_new(&s->conf, &env, seed, s->wire.now);
	assert_non_null(s->lab);
}

static void sim_go(struct sim *s)
{
	if (!s->lab)
		sim_begin(s);
	run(s, mono_add_s(MONO_ZERO, 1000));
	assert_true(lab_finished(s->lab));
}

static void sim_free(struct sim *s)
{
	for (; s->wire.head != s->wire.tail; s->wire.head++)
		free(s->wire.queue[s->wire.head % WIRE_MAX].octets);
	lab_free(s->lab);
	lab_conf_fini(&s->conf);
	lns_fini(&s->lns);
	free(s);
}

#define SIM(...) sim_new((const char *const[]){ __VA_ARGS__, NULL })

static void show_causes(struct sim *s)
{
	const struct lab_stats *st = lab_stats(s->lab);

	const struct lab_cause *c = st->failures.kind;

	for (unsigned i = 0; i < st->failures.kinds; i++)
		print_message("cause: %s (%llu)\n", c[i].text, (unsigned long long)c[i].count);
}

static void all_up(struct sim *s, unsigned count)
{
	const struct lab_stats *st = lab_stats(s->lab);

	show_causes(s);
	assert_int_equal(st->up, count);
	assert_int_equal(st->failed, 0);
	assert_int_equal(st->dropped, 0);
	assert_int_equal(st->failures.kinds, 0);
	assert_true(lab_ok(s->lab));
	assert_int_equal(st->up_now, 0);
}

static void one_call_with(const char *auth)
{
	struct sim *s = SIM("--auth", auth, "--user", "bob", "--password", "pw", "--calling-number", "030%04d",
			    "--ping", "198.51.100.2", "--ping-count", "3");
	struct lab_sub_info info;

	sim_go(s);
	all_up(s, 1);
	assert_int_equal(lab_stats(s->lab)->ping_answered, 3);
	assert_string_equal(s->lns.session[0].user, "bob");
	assert_string_equal(s->lns.session[0].calling, "0300001");
	assert_true(lab_sub_at(s->lab, 0, &info));
	assert_int_equal(info.gateway, LNS_GATEWAY);
	assert_int_equal(info.dns[0], 0x09090909);
	assert_int_equal(s->lns.living, 0);	/* hung up: nothing is left there */
	sim_free(s);
}

static void one_call_of_each_kind(void **state)
{
	one_call_with("pap");
	one_call_with("chap");
	one_call_with("ms-chap-v2");
}

static void without_authentication(void **state)
{
	struct sim *s = SIM("--auth", "none", "--ping", "198.51.100.2");

	memset(s->lns.link_conf.auth, 0, sizeof(s->lns.link_conf.auth));
	sim_go(s);
	all_up(s, 1);
	sim_free(s);
}

static void wrong_password(void **state)
{
	struct sim *s = SIM("--count", "3", "--password", "no");
	const struct lab_stats *st;

	sim_go(s);
	st = lab_stats(s->lab);
	assert_int_equal(st->failed, 3);
	assert_int_equal(st->up, 0);
	assert_int_equal(st->failures.kinds, 1);
	assert_int_equal(st->failures.kind[0].count, 3);
	assert_non_null(strstr(st->failures.kind[0].text, "auth: "));
	assert_non_null(strstr(st->failures.kind[0].text, "wrong password"));
	assert_false(lab_ok(s->lab));
	sim_free(s);
}

static void many_over_tunnels(void **state)
{
	struct sim *s = SIM("--count", "600", "--tunnels", "7", "--rate", "500", "--password", "pw",
			    "--secret", "s3cret", "--ping", "198.51.100.2", "--host-name", "lac%d");
	const struct lab_stats *st;

	s->lns.secret = span_str("s3cret");
	sim_go(s);
	all_up(s, 600);
	st = lab_stats(s->lab);
	assert_int_equal(st->tunnels_up, 7);
	assert_int_equal(st->ping_answered, 600);
	assert_in_range((uintmax_t)stats_calls_per_s(st), 450, 550);
	assert_int_equal(st->series[LAB_TOTAL].count, 600);
	assert_int_equal(s->lns.living, 0);
	sim_free(s);
}

static void wrong_tunnel_password(void **state)
{
	struct sim *s = SIM("--count", "4", "--tunnels", "2", "--secret", "other", "--password", "pw");
	const struct lab_stats *st;

	s->lns.secret = span_str("s3cret");
	sim_go(s);
	st = lab_stats(s->lab);
	assert_int_equal(st->tunnels_failed, 2);
	assert_int_equal(st->failed, 4);
	assert_false(lab_ok(s->lab));
	sim_free(s);
}

static void proxy_with(const char *auth, bool accept)
{
	struct sim *s = SIM("--count", "5", "--proxy", "--auth", auth, "--password", "pw", "--ping", "198.51.100.2");

	s->lns.accept_proxy_auth = accept;
	s->lns.link_conf.mru = 1500;	/* what the LAC has told the client */
	sim_go(s);
	all_up(s, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(s->lns.session[i].proxy, PPP_PROXY_ACCEPTED);
		if (accept)
			assert_true(s->lns.session[i].auth_proxied);
	}
	assert_int_equal(lab_stats(s->lab)->series[LAB_LCP].count, 0);	/* no LCP went through the tunnel */
	sim_free(s);
}

static void proxied_lcp_and_authentication(void **state)
{
	proxy_with("pap", true);
	proxy_with("chap", true);
	proxy_with("pap", false);
	proxy_with("chap", false);
}

/* The LNS wants another MRU than the LAC told the client: LCP begins again, through the tunnel. */
static void proxied_lcp_is_renegotiated(void **state)
{
	struct sim *s = SIM("--count", "5", "--proxy", "--password", "pw", "--ping", "198.51.100.2");

	sim_go(s);
	all_up(s, 5);
	assert_int_equal(s->lns.session[0].proxy, PPP_PROXY_RENEGOTIATE);
	assert_int_equal(lab_stats(s->lab)->series[LAB_LCP].count, 5);
	sim_free(s);
}

static void calls_refused_by_the_lns(void **state)
{
	struct sim *s = SIM("--count", "10", "--password", "pw");
	const struct lab_stats *st;

	s->lns.refuse_every = 5;
	sim_go(s);
	st = lab_stats(s->lab);
	assert_int_equal(st->up, 8);
	assert_int_equal(st->failed, 2);
	assert_int_equal(st->failures.kinds, 1);
	assert_non_null(strstr(st->failures.kind[0].text, "result 4 error 0 no facilities"));
	sim_free(s);
}

static void an_lns_that_is_silent(void **state)
{
	struct sim *s = SIM("--count", "2", "--password", "pw", "--setup-timeout", "20");
	const struct lab_stats *st;

	s->lns.answer_nothing = true;
	sim_go(s);
	st = lab_stats(s->lab);
	assert_int_equal(st->failed, 2);
	assert_non_null(strstr(st->failures.kind[0].text, "lcp: not done in 20 s"));
	sim_free(s);
}

static void streams_to_the_neighbour(void **state)
{
	struct sim *s = SIM("--count", "20", "--tunnels", "2", "--password", "pw", "--stream", "peer",
			    "--stream-pps", "100", "--stream-time", "3", "--stream-size", "1400",
			    "--ping", "peer", "--ping-size", "1400");
	const struct lab_stats *st;

	sim_go(s);
	all_up(s, 20);
	st = lab_stats(s->lab);
	assert_int_equal(st->stream_sent, 6000);
	assert_int_equal(st->stream_received, 6000);
	assert_int_equal(st->stream_received_octets, 6000 * 1400);
	assert_int_equal(st->ping_answered, 20);
	assert_int_equal(st->echo_answered, 20);
	sim_free(s);
}

static void streams_come_back(void **state)
{
	struct sim *s = SIM("--password", "pw", "--stream", "198.51.100.2:7", "--stream-pps", "1000",
			    "--stream-time", "2");

	sim_go(s);
	all_up(s, 1);
	assert_int_equal(lab_stats(s->lab)->stream_received, 2000);
	sim_free(s);
}

static void damage_is_seen(void **state)
{
	struct sim *s = SIM("--count", "4", "--password", "pw", "--ping", "198.51.100.2", "--ping-count", "5");
	const struct lab_stats *st;

	s->lns.damage_every = 10;
	sim_go(s);
	st = lab_stats(s->lab);
	assert_int_equal(st->ping_answered, 18);
	assert_int_equal(st->ping_lost, 2);
	assert_int_equal(st->bad_packets, 2);
	assert_false(lab_ok(s->lab));
	sim_free(s);
}

static void larger_than_the_mru(void **state)
{
	struct sim *s = SIM("--password", "pw", "--ping", "198.51.100.2", "--ping-size", "1440");

	sim_go(s);
	assert_int_equal(lab_stats(s->lab)->ping_lost, 1);
	assert_non_null(strstr(lab_stats(s->lab)->failures.kind[0].text, "larger than the LNS's MRU 1460"));
	sim_free(s);
}

static void every_way_to_hang_up(void **state)
{
	for (unsigned how = LAB_HANGUP_LCP; how <= LAB_HANGUP_SILENT; how++) {
		struct sim *s = SIM("--count", "50", "--tunnels", "3", "--password", "pw", "--hold", "2.5", "--hangup",
				    lab_hangup_name((enum lab_hangup)how));

		sim_go(s);
		show_causes(s);
		assert_int_equal(lab_stats(s->lab)->up, 50);
		assert_true(lab_ok(s->lab));
		assert_true(s->wire.now.ns >= lab_stats(s->lab)->all_up.ns + 2500000000);
		assert_int_equal(s->lns.living, how == LAB_HANGUP_SILENT ? 50 : 0);
		sim_free(s);
	}
}

static void interrupted(void **state)
{
	struct sim *s = SIM("--count", "100", "--rate", "10", "--password", "pw");

	sim_begin(s);
	run(s, mono_add_s(MONO_ZERO, 3));
	lab_stop(s->lab, s->wire.now);
	lab_stop(s->lab, s->wire.now);
	run(s, mono_add_s(MONO_ZERO, 1000));
	assert_true(lab_finished(s->lab));
	assert_false(lab_ok(s->lab));
	assert_in_range(lab_stats(s->lab)->up, 20, 40);
	assert_int_equal(s->lns.living, 0);
	sim_free(s);
}

/* Sessions that the LNS ends while they should stay are dropped ones. */
static void dropped_by_the_lns(void **state)
{
	struct sim *s = SIM("--count", "4", "--password", "pw", "--hold", "60");

	sim_begin(s);
	run(s, mono_add_s(MONO_ZERO, 30));
	assert_string_equal(lab_stage_name(s->lab), "hold");
	assert_int_equal(lab_stats(s->lab)->up_now, 4);
	ppp_link_close(s->lns.session[1].link, PPP_REASON_ADMIN_LOGOUT, s->wire.now);
	lns_session_pump(&s->lns.session[1], s->wire.now);
	run(s, mono_add_s(MONO_ZERO, 1000));
	assert_int_equal(lab_stats(s->lab)->dropped, 1);
	assert_false(lab_ok(s->lab));
	sim_free(s);
}

/* A fifth of all datagrams is lost: everything comes up all the same, only later. */
static void over_a_bad_wire(void **state)
{
	struct sim *s = SIM("--count", "40", "--tunnels", "4", "--password", "pw", "--setup-timeout", "200");

	s->wire.loss_percent = 20;
	sim_go(s);
	show_causes(s);
	assert_int_equal(lab_stats(s->lab)->up, 40);
	sim_free(s);
}

static void json_says_the_same(void **state)
{
	struct sim *s = SIM("--count", "3", "--tunnels", "2", "--password", "pw", "--ping", "198.51.100.2");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *o, *total;

	sim_go(s);
	assert_int_equal(report_json(s->lab, out), 0);
	fclose(out);
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	assert_true(json_is_true(json_object_get(o, "ok")));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "sessions"), "up")), 3);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "tunnels"), "up")), 2);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "ping"), "answered")), 3);
	assert_int_equal(json_array_size(json_object_get(o, "subscribers")), 3);
	total = json_object_get(json_object_get(o, "latency"), "total");
	assert_true(json_real_value(json_object_get(total, "p50_ms")) > 0);
	json_decref(o);
	free(text);
	sim_free(s);
}

/* ---- who leaves and returns ---- */

static void all_back(struct sim *s, unsigned count, unsigned rounds)
{
	const struct lab_stats *st = lab_stats(s->lab);

	show_causes(s);
	assert_int_equal(st->rounds, rounds);
	for (unsigned i = 0; i < rounds; i++) {
		assert_int_equal(st->round[i].back, count);
		assert_int_equal(st->round[i].never, 0);
		assert_int_equal(st->round[i].away.count, count);
		assert_true(st->round[i].back_s > 0);
	}
	assert_int_equal(st->calls_up, count * (rounds + 1));
	assert_int_equal(st->up, count);
	assert_int_equal(st->dropped, 0);
	assert_true(lab_ok(s->lab));
}

static void storm_of(enum lab_hangup how)
{
	struct sim *s = SIM("--count", "300", "--tunnels", "7", "--rate", "0", "--pending", "1000", "--password", "pw",
			    "--hold", "2", "--storm", "2", "--storm-interval", "3", "--ping", "198.51.100.2",
			    "--host-name", "lac%d", "--storm-drop", lab_hangup_name(how));
	const struct lab_stats *st;

	sim_go(s);
	all_back(s, 300, 2);
	st = lab_stats(s->lab);
	assert_int_equal(st->retries, 0);
	assert_int_equal(st->ping_answered, 900);
	assert_int_equal(st->tunnels_up, 7);
	assert_true(s->wire.now.ns >= st->all_up.ns + INT64_C(8000000000));
	if (how != LAB_HANGUP_SILENT)	/* of which it learns later */
		assert_int_equal(s->lns.living, 0);
	sim_free(s);
}

static void storms_of_every_kind(void **state)
{
	for (unsigned how = LAB_HANGUP_LCP; how <= LAB_HANGUP_SILENT; how++)
		storm_of((enum lab_hangup)how);
}

/* The LNS has no room for every third call: those call again until they are up. */
static void a_storm_is_refused_in_part(void **state)
{
	struct sim *s = SIM("--count", "200", "--tunnels", "4", "--rate", "0", "--password", "pw", "--storm", "3",
			    "--storm-interval", "1", "--retry", "2");
	const struct lab_stats *st;
	uint64_t retries = 0;

	s->lns.refuse_every = 3;
	sim_go(s);
	all_back(s, 200, 3);
	st = lab_stats(s->lab);
	assert_int_equal(st->failed, 0);
	assert_int_equal(st->retry_causes.kinds, 1);
	assert_non_null(strstr(st->retry_causes.kind[0].text, "result 4 error 0 no facilities"));
	assert_int_equal(st->retry_causes.kind[0].count, st->retries);
	for (unsigned i = 0; i < 3; i++)
		retries += st->round[i].retries;
	assert_in_range(retries, 200, st->retries);
	assert_int_equal(st->started, 800 + st->retries);
	assert_true(st->round[0].away.max_us > 1000000);	/* half of --retry at least */
	sim_free(s);
}

static void a_storm_over_a_bad_wire(void **state)
{
	struct sim *s = SIM("--count", "60", "--tunnels", "6", "--password", "pw", "--rate", "0", "--storm", "2",
			    "--setup-timeout", "30");

	s->wire.loss_percent = 10;
	sim_go(s);
	show_causes(s);
	assert_int_equal(lab_stats(s->lab)->rounds, 2);
	assert_int_equal(lab_stats(s->lab)->round[0].never, 0);
	assert_int_equal(lab_stats(s->lab)->round[1].never, 0);
	sim_free(s);
}

static void some_never_come_back(void **state)
{
	struct sim *s = SIM("--count", "50", "--password", "pw", "--hold", "10", "--storm", "1", "--storm-timeout", "40",
			    "--storm-drop", "cdn");
	const struct lab_stats *st;

	sim_begin(s);
	run(s, mono_add_s(MONO_ZERO, 5));
	assert_int_equal(lab_stats(s->lab)->up_now, 50);
	s->lns.full = true;
	sim_go(s);
	st = lab_stats(s->lab);
	assert_int_equal(st->rounds, 1);
	assert_int_equal(st->round[0].never, 50);
	assert_int_equal(st->round[0].back, 0);
	assert_in_range((uintmax_t)st->round[0].back_s, 40, 41);
	assert_in_range(st->round[0].retries, 100, 500);	/* fewer and fewer */
	assert_int_equal(st->failed, 50);
	assert_false(lab_ok(s->lab));
	sim_free(s);
}

/* A cable is cut for a minute: tunnels are opened again until they are up, and their subscribers call again. */
static void tunnels_are_opened_again(void **state)
{
	struct sim *s = SIM("--count", "40", "--tunnels", "4", "--password", "pw", "--rate", "0", "--hello", "5",
			    "--hold", "400", "--retry", "2", "--host-name", "lac%d");
	const struct lab_stats *st;

	sim_begin(s);
	run(s, mono_add_s(MONO_ZERO, 5));
	st = lab_stats(s->lab);
	assert_int_equal(st->up_now, 40);
	s->wire.cut = true;
	run(s, mono_add_s(MONO_ZERO, 90));
	assert_int_equal(st->up_now, 0);
	s->wire.cut = false;
	run(s, mono_add_s(MONO_ZERO, 300));
	assert_int_equal(st->up_now, 40);
	sim_go(s);
	assert_int_equal(st->dropped, 40);
	assert_int_equal(st->calls_up, 80);
	assert_int_equal(st->tunnels_up, 4);
	assert_int_equal(st->tunnels_failed, 0);
	assert_true(st->hellos_lost >= 4);
	assert_false(lab_ok(s->lab));	/* they should have stayed */
	sim_free(s);
}

static void churn_with(const char *how)
{
	struct sim *s = SIM("--count", "100", "--tunnels", "3", "--password", "pw", "--rate", "0", "--hold", "10",
			    "--churn", "20", "--hangup", how, "--ping", "198.51.100.2");
	const struct lab_stats *st;

	sim_go(s);
	show_causes(s);
	st = lab_stats(s->lab);
	assert_in_range(st->churn_hangups, 195, 200);
	assert_int_equal(st->churn_returned, st->churn_hangups);
	assert_int_equal(st->calls_up, 100 + st->churn_hangups);
	assert_int_equal(st->ping_answered, st->calls_up);
	assert_true(lab_ok(s->lab));
	assert_int_equal(s->lns.living, 0);
	sim_free(s);
}

static void churn(void **state)
{
	churn_with("lcp");
	churn_with("cdn");
}

/* Tunnels that do nothing but send a Hello a second, while all others drop and return. */
static void hellos_are_timed(void **state)
{
	struct sim *s = SIM("--count", "100", "--tunnels", "3", "--password", "pw", "--rate", "0", "--hold", "20",
			    "--storm", "2", "--storm-interval", "10", "--hello-probe-tunnels", "5");
	const struct lab_stats *st;

	sim_go(s);
	all_back(s, 100, 2);
	st = lab_stats(s->lab);
	assert_int_equal(st->probes_up, 5);
	assert_int_equal(st->probes_dropped, 0);
	assert_int_equal(st->tunnels_up, 3);
	assert_in_range(st->series[LAB_HELLO].count, 5 * 36, 5 * 42);
	assert_int_equal(series_percentile_us(&lab_stats(s->lab)->series[LAB_HELLO], 50), 2 * DELAY_US);
	assert_int_equal(st->series[LAB_HELLO].max_us, 2 * DELAY_US);
	assert_int_equal(st->hellos_lost, 0);
	sim_free(s);
}

/* A Hello that has to be repeated took as long as it took from the first time on. */
static void a_hello_is_repeated(void **state)
{
	struct sim *s = SIM("--password", "pw", "--hold", "20", "--hello-probe-tunnels", "1");
	const struct lab_stats *st;

	sim_begin(s);
	run(s, mono_add_s(MONO_ZERO, 5));
	s->wire.cut = true;
	run(s, mono_add_s(MONO_ZERO, 10));
	s->wire.cut = false;
	sim_go(s);
	st = lab_stats(s->lab);
	assert_in_range(st->series[LAB_HELLO].max_us, 4000000, 9000000);
	assert_int_equal(st->hellos_lost, 0);
	assert_true(lab_ok(s->lab));
	sim_free(s);
}

static void interrupted_in_a_storm(void **state)
{
	for (unsigned ms = 2050; ms < 2350; ms += 7) {
		struct sim *s = SIM("--count", "40", "--tunnels", "5", "--rate", "0", "--password", "pw", "--hold", "2",
				    "--storm", "100", "--storm-interval", "0.05", "--storm-drop", "cdn", "--churn", "100");

		sim_begin(s);
		run(s, mono_add_ms(MONO_ZERO, ms));
		lab_stop(s->lab, s->wire.now);
		sim_go(s);
		assert_int_equal(s->lns.living, 0);
		sim_free(s);
	}
}

/* ---- memory ---- */

static size_t heap_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* What the lab takes, with its LNS in the same process, is what its end gives back. */
static size_t heap_of_lab(struct sim *s)
{
	size_t before = heap_in_use();

	lab_free(s->lab);
	s->lab = NULL;
	return before - heap_in_use();
}

/* A subscriber that is up takes at most 2 KiB, all told, tunnels included. */
static void memory(void **state)
{
	bool measurable = heap_in_use() != 0;	/* a sanitizer's allocator does not tell */
	unsigned count = measurable ? 100000 : 5000;
	struct sim *s = measurable ? SIM("--count=100000", "--tunnels=8000", "--rate=0", "--pending=10000", "--hold=100",
					 "--password=pw", "--host-name=lac%d", "--user=user%06d@example.net") :
				     SIM("--count=5000", "--tunnels=400", "--rate=0", "--pending=2000", "--hold=100",
					 "--password=pw", "--host-name=lac%d", "--user=user%06d@example.net");

	sim_begin(s);
	run(s, mono_add_s(MONO_ZERO, 90));
	show_causes(s);
	assert_string_equal(lab_stage_name(s->lab), "hold");
	assert_int_equal(lab_stats(s->lab)->up_now, count);
	if (measurable) {
		size_t each = heap_of_lab(s) / count;

		print_message("subscriber of the lab: %zu octets, all told\n", each);
		assert_true(each <= 2048);
	}
	sim_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_call_of_each_kind), cmocka_unit_test(without_authentication),
		cmocka_unit_test(wrong_password), cmocka_unit_test(many_over_tunnels),
		cmocka_unit_test(wrong_tunnel_password),
		cmocka_unit_test(proxied_lcp_and_authentication),
		cmocka_unit_test(proxied_lcp_is_renegotiated), cmocka_unit_test(calls_refused_by_the_lns),
		cmocka_unit_test(an_lns_that_is_silent), cmocka_unit_test(streams_to_the_neighbour),
		cmocka_unit_test(streams_come_back), cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(larger_than_the_mru), cmocka_unit_test(every_way_to_hang_up),
		cmocka_unit_test(interrupted), cmocka_unit_test(dropped_by_the_lns),
		cmocka_unit_test(over_a_bad_wire), cmocka_unit_test(json_says_the_same),
		cmocka_unit_test(storms_of_every_kind), cmocka_unit_test(a_storm_is_refused_in_part),
		cmocka_unit_test(a_storm_over_a_bad_wire), cmocka_unit_test(some_never_come_back),
		cmocka_unit_test(tunnels_are_opened_again), cmocka_unit_test(churn),
		cmocka_unit_test(hellos_are_timed), cmocka_unit_test(a_hello_is_repeated),
		cmocka_unit_test(interrupted_in_a_storm), cmocka_unit_test(memory),
	};

	return cmocka_run_group_tests_name("lab_subscribers", tests, NULL, NULL);
}
