/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Access-Accept with any attributes, rightly signed: what one subscriber is given, or two who want the same. They start,
 * have updates, time out, and are released; a server that reads strictly takes their records. The input is two octets that
 * say how, and the attributes; where their lengths go wrong they are put right, so that the Accept is always taken.
 */
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa_conf.h"
#include "aaa/aaa_net.h"
#include "aaa/acct_record.h"
#include "aaa/counters.h"
#include "aaa/radius_accept.h"
#include "base/rd.h"
#include "radius_peer.h"
#include "wire/l2tp_line.h"

enum { SESSIONS = 2, REFS = 512, INPUT_MAX = RADIUS_PKT_MAX - RADIUS_HDR_LEN - 18, TURNS = 64 };

/* The first octet; below them the credentials: 0, 1 PAP, 2 CHAP, 3 MS-CHAPv2. */
enum { TWO = 4, OTHER_NAME = 8, HANGS_UP = 16, TRAFFIC = 32, DEBUG = 64, ALL_INCLUDED = 128 };
/* The second; below them how many deadlines pass. */
enum { DEADLINES = 15, INTERIMS = 16, NEVER_STARTS = 32, LATER = 64, TAKES_ANOTHERS = 128 };

#define SECRET span_str("testing123")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct session {
	enum { NONE, ASKED, HELD, UP, GONE } state;
	struct aaa_handle h;
	char id[20];
	bool refused, started;
	struct ip_addr ip4;
	struct aaa_counters counters;
	unsigned starts, stops;		/* as the server has seen them */
};

struct fuzz {
	struct aaa *a;
	mono_t begin, now;
	uint8_t how, more;
	struct session s[SESSIONS];
	uint8_t attrs[INPUT_MAX];	/* those of the Accept */
	size_t attrs_len;
	uint8_t classes[RADIUS_CLASS_MAX];	/* encoded, as far as they are kept */
	size_t classes_len;
	bool live[REFS];		/* entries of the journal */
	unsigned refs, live_count;
};

static const uint8_t response49[49] = "PEERCHALLENGE16OreservedNTRESPONSENTRESPONSENTRE";

static void require(bool truth)
{
	if (!truth)
		abort();
}

static void touch(struct span s)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < s.len; i++)
		sum = (uint8_t)(sum + s.p[i]);
}

static struct wall wall_of(const struct fuzz *f)
{
	return (struct wall){ 0x6553f100 + mono_s_between(f->begin, f->now), 0 };
}

/* ---- the configuration, and the line ---- */

static const struct l2tp_access_line access_line = {
	.circuit_id = { (const uint8_t *)"dslam1 1/2", 10 }, .has_rate = 3, .rate = { 1000000, 16000000 },
	.has_delay = 15, .has_encapsulation = true, .has_iwf = true, .iwf = true,
};

static const struct aaa_line line = {
	.service = AAA_PPP_LNS, .lac = { 4, { 192, 0, 2, 7 } }, .lns = { 4, { 192, 0, 2, 1 } },
	.lac_name = { (const uint8_t *)"lac1", 4 }, .lns_name = { (const uint8_t *)"lns1", 4 },
	.assignment = { (const uint8_t *)"a", 1 }, .private_group = { (const uint8_t *)"g", 1 }, .access = &access_line,
	.calling_number = { (const uint8_t *)"0301234", 7 }, .called_number = { (const uint8_t *)"019", 3 },
	.tx_speed = 100000000, .rx_speed = 40000000, .call_serial = 77, .tunnel_id = 5, .session_id = 9,
	.peer_tunnel_id = 6, .peer_session_id = 8,
};

static void configure(struct fuzz *f)
{
	static char key[] = "testing123", host[] = "lns1", first[] = "first", gold[] = "gold";
	static struct aaa_pool_range ranges[] = { { NULL, 0x0a400001, 0x0a400002 }, { NULL, 0x0a410001, 0x0a410001 } };
	static struct aaa_pool pools[] = { { &pools[1], first, &ranges[0] }, { NULL, gold, &ranges[1] } };
	static struct aaa_radius_server server = { .addr = { 4, { 127, 0, 0, 1 } }, .key = key, .timeout_s = 3,
						   .retransmit = 3, .deadtime_min = 5, .max_sessions = 255 };
	struct aaa_conf c;	/* it is copied, nothing in it is freed */

	aaa_conf_init(&c);
	c.ppp[0] = c.acct.ppp[0] = AAA_METHOD_RADIUS;
	c.acct.interval_min = f->more & INTERIMS ? 1 : 0;
	c.hostname = host;
	c.pools = pools;
	c.radius.auth = c.radius.acct = &server;
	for (unsigned i = 0; f->how & ALL_INCLUDED && i < AAA_INCLUDE_COUNT; i++)
		c.radius.include[i] = aaa_includes[i].may;
	require(aaa_apply(f->a, &c, f->now) == 0);
}

/* ---- the journal, and who debugs ---- */

static uint64_t keep(void *ctx, struct span body)
{
	struct fuzz *f = ctx;
	struct acct_record_body rec;
	struct acct_open open;

	require(acct_open_decode(body, &open) != acct_record_decode(body, &rec));
	require(f->refs + 1 < REFS);
	f->live[++f->refs] = true;
	f->live_count++;
	return f->refs;
}

static void forget(void *ctx, uint64_t ref)
{
	struct fuzz *f = ctx;

	require(ref && ref <= f->refs && f->live[ref]);
	f->live[ref] = false;
	f->live_count--;
}

static void debug(void *ctx, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		require(text[i] >= 0x20 && text[i] < 0x7f);
}

/* ---- the server ---- */

/* Those that are kept and come back, RFC 2865 §5.25: as many as there is room for, no empty one. */
static void class_keep(struct fuzz *f, struct span value)
{
	struct wr w = wr_of(f->classes + f->classes_len, sizeof(f->classes) - f->classes_len);

	if (value.len && radius_put_span(&w, RADIUS_ATTR_CLASS, value))
		f->classes_len += wr_len(&w);
}

/* The attributes as the input has them, but of right lengths, and without a second Message-Authenticator. */
static void attributes(struct fuzz *f, struct rd in)
{
	struct wr w = wr_of(f->attrs, sizeof(f->attrs));

	while (rd_left(&in) >= RADIUS_ATTR_HDR_LEN) {
		uint8_t type = rd_u8(&in), len = rd_u8(&in);
		size_t n = len < RADIUS_ATTR_HDR_LEN ? 0 : len - RADIUS_ATTR_HDR_LEN;
		struct span value = rd_bytes(&in, n < rd_left(&in) ? n : rd_left(&in));

		if (type == RADIUS_ATTR_MESSAGE_AUTHENTICATOR)
			continue;
		if (type == RADIUS_ATTR_CLASS)
			class_keep(f, value);
		wr_u8(&w, type);
		wr_u8(&w, (uint8_t)(value.len + RADIUS_ATTR_HDR_LEN));
		wr_put(&w, value);
	}
	f->attrs_len = wr_done(&w);
}

static void answer(struct fuzz *f, const struct radius_datagram *d)
{
	uint8_t buf[RADIUS_PKT_MAX], *exact;
	struct wr w = wr_of(buf, sizeof(buf));
	size_t len;

	if (d->octets[0] == RADIUS_ACCESS_REQUEST) {
		radius_pkt_begin(&w, RADIUS_ACCESS_ACCEPT, d->octets[1], NULL);
		radius_put_message_authenticator_slot(&w);
		wr_bytes(&w, f->attrs, f->attrs_len);
	} else {
		radius_pkt_begin(&w, RADIUS_ACCOUNTING_RESPONSE, d->octets[1], NULL);
	}
	len = radius_pkt_end(&w);
	require(len && radius_sign_response(buf, len, d->octets + 4, SECRET));
	exact = malloc(len);	/* so that a read beyond it shows, and the buffer is gone after it */
	require(exact);
	memcpy(exact, buf, len);
	aaa_rx(f->a, &d->path, exact, len, f->now);
	free(exact);
}

static uint32_t number(const struct radius_pkt *p, uint32_t attr)
{
	struct radius_attr at;
	uint32_t v = 0;

	require(radius_attr_find(p, attr, &at) && radius_attr_u32(&at, &v));
	return v;
}

static struct session *session_of(struct fuzz *f, const struct radius_pkt *p)
{
	struct radius_attr at;

	require(radius_attr_find(p, RADIUS_ATTR_ACCT_SESSION_ID, &at));
	for (unsigned i = 0; i < SESSIONS; i++)
		if (f->s[i].state != NONE && span_eq_str(at.value, f->s[i].id))
			return &f->s[i];
	return NULL;
}

static void check_classes(const struct fuzz *f, const struct radius_pkt *p)
{
	uint8_t buf[RADIUS_PKT_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct radius_attr_iter it = radius_attrs_begin(p);
	struct radius_attr at;

	while (radius_attr_next(&it, &at))
		if (radius_attr_id(&at) == RADIUS_ATTR_CLASS)
			radius_put_span(&w, RADIUS_ATTR_CLASS, at.value);
	require(wr_done(&w) == f->classes_len && memcmp(buf, f->classes, f->classes_len) == 0);
}

/* RFC 2866 §2: a Start, then updates, then one Stop. Who was refused has a Stop alone. */
static void record(struct fuzz *f, const struct radius_pkt *p)
{
	uint32_t type = number(p, RADIUS_ATTR_ACCT_STATUS_TYPE);
	struct session *s = session_of(f, p);
	struct radius_attr at;

	if (!s) {
		require(type == RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_ON || type == RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_OFF);
		return;
	}
	s->starts += type == RADIUS_ACCT_STATUS_TYPE_START;
	s->stops += type == RADIUS_ACCT_STATUS_TYPE_STOP;
	require(s->starts == s->started && s->stops <= 1);
	require(!s->stops || type == RADIUS_ACCT_STATUS_TYPE_STOP);
	if (!s->started)
		return;
	check_classes(f, p);
	if (radius_attr_find(p, RADIUS_ATTR_FRAMED_IP_ADDRESS, &at))
		require(memcmp(at.value.p, s->ip4.b, 4) == 0);
}

/* Return: whether there was anything to answer. */
static bool serve(struct fuzz *f)
{
	static struct radius_datagram d;
	struct radius_pkt p;
	bool any = false;

	while ((d.len = aaa_tx(f->a, &d.path, d.octets, sizeof(d.octets), f->now)) > 0) {
		require(!radius_peer_check(&d, SECRET));
		require(radius_pkt_decode(&p, d.octets, d.len) == RADIUS_PKT_OK);
		if (p.code == RADIUS_ACCOUNTING_REQUEST)
			record(f, &p);
		answer(f, &d);
		any = true;
	}
	return any;
}

/* ---- subscribers ---- */

static void ask(struct fuzz *f, struct session *s)
{
	struct aaa_request rq = { .line = line, .chap_id = 7, .user = span_str("bob"),
				  .challenge = span_str("0123456789abcdef") };

	rq.cred = (f->how & 3) == 3 ? AAA_CRED_MSCHAPV2 : f->how & 2 ? AAA_CRED_CHAP_MD5 : AAA_CRED_PAP;
	rq.password = span_str("pw");
	rq.response = span_of(response49, rq.cred == AAA_CRED_MSCHAPV2 ? 49 : 16);
	if (f->how & OTHER_NAME && s != f->s)
		rq.user = span_str("eve");
	aaa_core_ops.session_id(f->a, s->id);
	strcpy(rq.acct_session_id, s->id);
	require(aaa_core_ops.request(f->a, &rq, s, f->now, &s->h) == 0);
	s->state = ASKED;
}

static void release(struct fuzz *f, struct session *s)
{
	struct aaa_stop stop = { s->counters, &line, 1, "user-request" };

	aaa_core_ops.release(f->a, s->h, &stop, f->now, wall_of(f));
	s->state = GONE;
}

static void check_routes(const struct aaa_grant *g)
{
	require(g->route_count <= RADIUS_ROUTES_MAX);
	for (unsigned i = 0; i < g->route_count; i++) {
		const struct ip_prefix *p = &g->routes[i].prefix;

		require(p->addr.af == 4 && p->len >= 1 && p->len <= 32 && ip4_num(&p->addr) != 0);
		require((ip4_num(&p->addr) & ~(UINT32_MAX << (32 - p->len))) == 0);
	}
}

static void check_grant(const struct fuzz *f, const struct session *s, const struct aaa_grant *g)
{
	uint32_t host_bits = ~ip4_num(&g->ip4_mask);
	struct aaa_grant again;

	if (g->ip4.af == 4)
		require((host_bits & (host_bits + 1)) == 0);
	require(g->ip4.af == 4 || g->ip4_client_chooses);
	require(g->mtu == 0 || g->mtu >= 64);
	require(g->interim_s == 0 || g->interim_s >= 60);
	check_routes(g);
	touch(g->filter_id);
	touch(g->message);
	touch(g->local_interface);
	require(aaa_core_ops.info(f->a, s->h, &again) && ip_addr_eq(&again.ip4, &g->ip4));
}

static void accepted(struct fuzz *f, struct session *s, const struct aaa_event *ev)
{
	require(s->state == ASKED);
	s->state = HELD;
	check_grant(f, s, &ev->grant);
	touch(span_of(ev->mschap_success, sizeof(ev->mschap_success)));
	if (f->more & NEVER_STARTS)
		return;
	s->ip4 = ev->grant.ip4;
	if (ev->grant.ip4_client_chooses)
		s->ip4 = ip4_of(f->more & TAKES_ANOTHERS ? 0x0a400001 : 0xc0a80101 + (s != f->s));
	s->started = true;
	s->state = UP;
	aaa_core_ops.start(f->a, s->h, &s->ip4, &line, f->now, wall_of(f));
}

static void rejected(struct session *s, const struct aaa_event *ev)
{
	require(s->state == ASKED && ev->refusal != AAA_REFUSE_NONE && ev->refusal < AAA_REFUSE_COUNT);
	require(ev->refusal != AAA_REFUSE_DENIED && ev->refusal != AAA_REFUSE_NO_SERVER);	/* the Accept was taken */
	touch(ev->message);
	s->refused = true;
	s->state = GONE;
}

static void count(struct fuzz *f, struct session *s)
{
	if (f->how & TRAFFIC) {
		s->counters.in_octets += 5000000000;
		s->counters.out_packets++;
	}
	aaa_core_ops.counters(f->a, s->h, &s->counters, &line, f->now, wall_of(f));
}

static void events(struct fuzz *f)
{
	struct aaa_event ev;

	while (aaa_core_ops.event(f->a, &ev, f->now)) {
		struct session *s = ev.user;

		require(ev.handle.id == s->h.id && ev.handle.generation == s->h.generation);
		if (ev.type == AAA_EV_ACCEPT)
			accepted(f, s, &ev);
		else if (ev.type == AAA_EV_REJECT)
			rejected(s, &ev);
		else if (ev.type == AAA_EV_LOGOUT)
			release(f, s);
		else
			count(f, s);
	}
}

static void settle(struct fuzz *f)
{
	unsigned turns = 0;

	do {
		require(++turns < TURNS);
		events(f);
	} while (serve(f));
}

static void pass(struct fuzz *f)
{
	mono_t due = aaa_core_ops.deadline(f->a);

	if (mono_is_never(due))
		return;
	if (mono_before(f->now, due))
		f->now = due;
	aaa_core_ops.expire(f->a, f->now, wall_of(f));
	settle(f);
}

/* ---- from the beginning to the end ---- */

static void init(struct fuzz *f, struct rd in)
{
	struct acct_journal j = { keep, forget, f };
	uint8_t seed[32] = { 1 };

	memset(f, 0, sizeof(*f));
	f->begin = f->now = mono_add_s(MONO_ZERO, 1000);
	f->how = rd_u8(&in);
	f->more = rd_u8(&in);
	attributes(f, in);
	f->a = aaa_core_new(seed, wall_of(f), f->now);
	require(f->a);
	aaa_journal_set(f->a, &j);
	if (f->how & DEBUG)
		aaa_debug_set(f->a, debug, f);
	configure(f);
	settle(f);	/* Accounting-On */
}

static void live(struct fuzz *f)
{
	ask(f, &f->s[0]);
	if (f->more & LATER)
		settle(f);
	if (f->how & TWO)
		ask(f, &f->s[1]);
	if (f->how & HANGS_UP && f->s[0].state == ASKED) {	/* the answer has come, nobody has looked at it */
		serve(f);
		aaa_core_ops.cancel(f->a, f->s[0].h, f->now);
		f->s[0].state = GONE;
	}
	settle(f);
	for (int i = f->more & DEADLINES; i > 0; i--)
		pass(f);
}

static void hang_up(struct fuzz *f)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &f->s[i];

		if (s->state == HELD || s->state == UP)
			release(f, s);
		settle(f);	/* who waited for its address is next */
	}
	aaa_shutdown(f->a, f->now, wall_of(f));
	settle(f);
}

static void check_server(const struct fuzz *f)
{
	struct radius_server_info info;

	for (unsigned i = 0; radius_client_server_at(aaa_radius(f->a), i, &info, f->now); i++) {
		require(!info.dead && info.outstanding == 0 && info.waiting == 0);
		for (unsigned k = RADIUS_COUNT_MALFORMED; k <= RADIUS_COUNT_UNEXPECTED_CODE; k++)
			require(info.count[k] == 0);
	}
}

static void nothing_left(const struct fuzz *f)
{
	for (unsigned i = AAA_COUNT_IN_FLIGHT; i < AAA_COUNT_COUNT; i++)	/* the gauges */
		require(aaa_counter(f->a, i) == 0);
	require(aaa_idle(f->a) && f->live_count == 0);
	require(mono_is_never(aaa_core_ops.deadline(f->a)));
	check_server(f);
	for (unsigned i = 0; i < SESSIONS; i++) {
		const struct session *s = &f->s[i];

		require(s->state == NONE || s->state == GONE);
		require(s->starts == s->started && s->stops == (s->started || s->refused));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz f;

	if (size < 2 || size > INPUT_MAX)
		return 0;
	init(&f, rd_of(data, size));
	live(&f);
	hang_up(&f);
	nothing_left(&f);
	aaa_core_free(f.a);
	return 0;
}
