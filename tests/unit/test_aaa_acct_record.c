/* SPDX-License-Identifier: BSD-2-Clause */
/* aaa/acct_record, acct_tunnel: what is in the records of sessions and tunnels, read from the journal. */
#include "aaa_fixture.h"

#include "aaa/aaa_net.h"
#include "aaa/aaa_priv.h"
#include "aaa/acct_record.h"
#include "wire/l2tp_line.h"
#include "wire/radius_attr.h"

struct book {
	struct fixture *f;
	uint8_t octets[RADIUS_PKT_MAX];	/* attributes of the last record */
	size_t len;
	unsigned records;
};

/* Each in the journal is a record, but for the entries of open sessions. */
static uint64_t keep(void *ctx, struct span body)
{
	struct acct_record_body rec;
	struct book *b = ctx;

	if (!acct_record_decode(body, &rec))
		return 1;
	memcpy(b->octets, rec.attrs.p, rec.attrs.len);
	b->len = rec.attrs.len;
	return ++b->records;
}

static void forget(void *ctx, uint64_t ref)
{
}

static int setup(void **state)
{
	struct book *b = calloc(1, sizeof(*b));
	struct acct_journal j = { keep, forget, b };
	struct aaa_radius_server *r = calloc(1, sizeof(*r));
	void *f;

	assert_true(b && r);
	fixture_setup(&f);
	b->f = f;
	aaa_journal_set(b->f->a, &j);
	*r = (struct aaa_radius_server){ .addr = ip4_of(0x7f000001), .key = text("s"), .timeout_s = 3, .max_sessions = 1 };
	b->f->conf.radius.acct = r;
	b->f->conf.radius.tunnel_accounting = true;
	b->f->conf.acct.ppp[0] = AAA_METHOD_RADIUS;
	b->f->conf.hostname = text("lns1");
	apply(b->f);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct book *b = *state;
	void *f = b->f;

	fixture_teardown(&f);
	free(b);
	return 0;
}

/* ---- reading a record ---- */

static bool has(const struct book *b, uint32_t attr, struct radius_attr *at)
{
	struct radius_pkt p = { .attrs = span_of(b->octets, b->len) };
	struct radius_attr any;

	return radius_attr_find(&p, attr, at ? at : &any);
}

static void expect(const struct book *b, uint32_t attr, const void *value, size_t len)
{
	struct radius_attr at;

	if (!has(b, attr, &at) || !span_eq(at.value, span_of(value, len)))
		fail_msg("attribute %u is \"%.*s\", not \"%.*s\"", attr & 0xff, (int)at.value.len,
			 (const char *)at.value.p, (int)len, (const char *)value);
}

static void expect_text(const struct book *b, uint32_t attr, const char *value)
{
	expect(b, attr, value, strlen(value));
}

static void expect_number(const struct book *b, uint32_t attr, uint32_t n)
{
	uint8_t v[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	expect(b, attr, v, sizeof(v));
}

static unsigned times(const struct book *b, uint32_t attr)
{
	struct radius_pkt p = { .attrs = span_of(b->octets, b->len) };
	struct radius_attr_iter it = radius_attrs_begin(&p);
	struct radius_attr at;
	unsigned n = 0;

	while (radius_attr_next(&it, &at))
		n += radius_attr_id(&at) == attr;
	return n;
}

/* ---- sessions ---- */

static const struct aaa_line line6 = {
	.service = AAA_PPP_LNS, .lac = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 7 } }, .lns = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } },
	.lac_name = { (const uint8_t *)"lac1", 4 }, .lns_name = { (const uint8_t *)"lns1", 4 },
	.assignment = { (const uint8_t *)"gold", 4 }, .private_group = { (const uint8_t *)"isp", 3 },
	.calling_number = { (const uint8_t *)"0301234", 7 }, .called_number = { (const uint8_t *)"019", 3 },
	.call_serial = 77, .tunnel_id = 5, .session_id = 9,
};

static struct grant *session(struct book *b, const char *user)
{
	struct grant *g = grant_new(&b->f->a->grants, span_str(user));

	assert_non_null(g);
	acct_session_init(&g->acct, 7, 0, true);
	g->method = AAA_METHOD_RADIUS;
	return g;
}

static void stop(struct book *b, struct grant *g, const struct aaa_line *line)
{
	const struct aaa_stop s = { { 3ULL << 32 | 1, 2, 5ULL << 32 | 3, 4 }, line, 1, "user-request" };

	acct_stop(b->f->a, g, &s, mono_add_s(b->f->now, 10), b->f->wall);
}

/* RFC 2866 §5.11, §5.12, RFC 5080 §2.3.2: a session is one link, and its own bundle. RFC 2869 §5.1, §5.2; packets likewise. */
static void a_session_is_one_link(void **state)
{
	struct book *b = *state;
	struct grant *g = session(b, "bob");

	acct_start(b->f->a, g, &nowhere, b->f->now, b->f->wall);
	expect_text(b, RADIUS_ATTR_ACCT_SESSION_ID, "0000000000000007");
	expect_text(b, RADIUS_ATTR_ACCT_MULTI_SESSION_ID, "0000000000000007");
	expect_number(b, RADIUS_ATTR_ACCT_LINK_COUNT, 1);
	stop(b, g, &nowhere);
	expect_number(b, RADIUS_ATTR_ACCT_LINK_COUNT, 1);
	expect_number(b, RADIUS_ATTR_ACCT_INPUT_OCTETS, 1);
	expect_number(b, RADIUS_ATTR_ACCT_INPUT_GIGAWORDS, 3);
	expect_number(b, RADIUS_ATTR_ACCT_OUTPUT_GIGAWORDS, 0);
	expect_number(b, RADIUS_ATTR_ACCT_INPUT_PACKETS, 3);
	expect_number(b, RADIUS_ATTR_ERX_INPUT_GIGAPKTS, 5);
	expect_number(b, RADIUS_ATTR_ERX_OUTPUT_GIGAPKTS, 0);
}

/* RFC 3162 §2.1, and a tunnel over IPv6: RFC 2868 §3.2-3.4, with the names of §3.6, §3.7, §3.9, §3.10. */
static void a_line_over_ipv6(void **state)
{
	struct book *b = *state;
	struct grant *g = session(b, "bob");

	acct_start(b->f->a, g, &line6, b->f->now, b->f->wall);
	expect(b, RADIUS_ATTR_NAS_IPV6_ADDRESS, line6.lns.b, 16);
	assert_false(has(b, RADIUS_ATTR_NAS_IP_ADDRESS, NULL));
	expect_number(b, RADIUS_ATTR_TUNNEL_TYPE, 3);
	expect_number(b, RADIUS_ATTR_TUNNEL_MEDIUM_TYPE, 2);
	expect(b, RADIUS_ATTR_TUNNEL_CLIENT_ENDPOINT, "\0002001:db8::7", 12);
	expect(b, RADIUS_ATTR_TUNNEL_SERVER_ENDPOINT, "\0002001:db8::1", 12);
	expect(b, RADIUS_ATTR_TUNNEL_PRIVATE_GROUP_ID, "\000isp", 4);
	expect(b, RADIUS_ATTR_TUNNEL_ASSIGNMENT_ID, "\000gold", 5);
	expect(b, RADIUS_ATTR_TUNNEL_CLIENT_AUTH_ID, "\000lac1", 5);
	expect(b, RADIUS_ATTR_TUNNEL_SERVER_AUTH_ID, "\000lns1", 5);
	expect_text(b, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, "77");
}

/* RFC 4679 §3.1, §3.2, §3.3.1-3.3.18, each as RFC 5515 §5 has it. */
static void the_whole_access_line(void **state)
{
	struct l2tp_access_line access = {
		.circuit_id = span_str("circuit"), .remote_id = span_str("remote"), .has_rate = 0x3ff, .has_delay = 0xf,
		.rate = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 1ULL << 40 }, .delay_ms = { 11, 12, 13, 14 },
		.has_encapsulation = true, .data_link = 1, .encaps1 = 2, .encaps2 = 3, .has_iwf = true, .iwf = true,
	};
	struct aaa_line line = line6;
	struct book *b = *state;
	struct grant *g = session(b, "bob");

	line.access = &access;
	acct_start(b->f->a, g, &line, b->f->now, b->f->wall);
	expect_text(b, RADIUS_ATTR_ADSL_AGENT_CIRCUIT_ID, "circuit");
	expect_text(b, RADIUS_ATTR_ADSL_AGENT_REMOTE_ID, "remote");
	for (unsigned i = 0; i < 9; i++)
		expect_number(b, radius_attr_key(3561, 129 + i), i + 1);
	expect_number(b, radius_attr_key(3561, 138), UINT32_MAX);	/* 64 bits there, 32 here */
	for (unsigned i = 0; i < 4; i++)
		expect_number(b, radius_attr_key(3561, 139 + i), i + 11);
	expect(b, RADIUS_ATTR_ACCESS_LOOP_ENCAPSULATION, "\1\2\3", 3);
	expect(b, RADIUS_ATTR_IWF_SESSION, "", 0);
}

/* As many routes as an Accept can bring, longer here than there: those that do not fit are left out, nothing else is. */
static void more_routes_than_fit(void **state)
{
	enum { ROUTES = 64, CLASSES = 1024 };
	struct book *b = *state;
	char user[254] = { 0 };
	struct grant *g = session(b, memset(user, 'u', 253));
	struct grant_extra *x = calloc(1, sizeof(*x) + ROUTES * sizeof(struct aaa_route) + CLASSES);
	struct aaa_route r = { { ip4_of(IP(200, 100, 100, 0)), 32 }, UINT32_MAX, 0 };

	assert_non_null(x);
	g->extra = x;
	x->route_count = ROUTES;
	for (unsigned i = 0; i < ROUTES; i++, r.prefix.addr.b[3]++)
		memcpy(x->octets + i * sizeof(r), &r, sizeof(r));
	x->class_len = CLASSES;
	for (unsigned i = 0; i < CLASSES; i += 128)
		memcpy(x->octets + ROUTES * sizeof(r) + i, "\031\200", 2);
	b->f->conf.radius.include[AAA_INCLUDE_FRAMED_ROUTE] = UINT8_MAX;
	free(b->f->conf.hostname);
	b->f->conf.hostname = calloc(1, 254);
	memset(b->f->conf.hostname, 'h', 253);
	apply(b->f);
	acct_start(b->f->a, g, &line6, b->f->now, b->f->wall);
	stop(b, g, &line6);
	expect_number(b, RADIUS_ATTR_ACCT_STATUS_TYPE, RADIUS_ACCT_STATUS_TYPE_STOP);
	expect_text(b, RADIUS_ATTR_ACCT_SESSION_ID, "0000000000000007");
	assert_int_equal(times(b, RADIUS_ATTR_CLASS), 8);
	assert_in_range(times(b, RADIUS_ATTR_FRAMED_ROUTE), 32, ROUTES - 1);
	assert_in_range(b->len, 4096 - 200, 4096 - 20 - 6);
}

/* ---- tunnels ---- */

static struct aaa_tunnel_record about(enum aaa_tunnel_event event)
{
	struct aaa_tunnel_record r = { .event = event, .acct_session_id = "0000000000000001", .line = line6,
				       .user = span_str("bob"), .counters = { 1, 2, 3, 4 }, .session_s = 60,
				       .terminate_cause = 6 };

	return r;
}

static void tell(struct book *b, const struct aaa_tunnel_record *r, uint32_t status)
{
	unsigned before = b->records;

	aaa_core_ops.tunnel(b->f->a, r, b->f->now, b->f->wall);
	assert_int_equal(b->records, before + 1);
	expect_number(b, RADIUS_ATTR_ACCT_STATUS_TYPE, status);
	expect_text(b, RADIUS_ATTR_ACCT_SESSION_ID, "0000000000000001");
	expect_number(b, RADIUS_ATTR_EVENT_TIMESTAMP, (uint32_t)boot.s);
	expect(b, RADIUS_ATTR_NAS_IPV6_ADDRESS, line6.lns.b, 16);
	expect_number(b, RADIUS_ATTR_TUNNEL_TYPE, 3);
	expect_number(b, RADIUS_ATTR_TUNNEL_MEDIUM_TYPE, 2);
	expect(b, RADIUS_ATTR_TUNNEL_CLIENT_ENDPOINT, "\0002001:db8::7", 12);
	expect(b, RADIUS_ATTR_TUNNEL_SERVER_ENDPOINT, "\0002001:db8::1", 12);
}

static void expect_figures(const struct book *b, bool there)
{
	static const uint32_t attrs[] = {
		RADIUS_ATTR_ACCT_INPUT_OCTETS, RADIUS_ATTR_ACCT_OUTPUT_OCTETS, RADIUS_ATTR_ACCT_INPUT_PACKETS,
		RADIUS_ATTR_ACCT_OUTPUT_PACKETS,
	};

	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(times(b, attrs[i]), there);
		if (there)
			expect_number(b, attrs[i], i + 1);
	}
	if (there)
		expect_number(b, RADIUS_ATTR_ACCT_SESSION_TIME, 60);
	assert_int_equal(times(b, RADIUS_ATTR_ACCT_SESSION_TIME), there);
}

/* RFC 2867 §3.1, §3.2, §3.3 */
static void tunnels(void **state)
{
	struct aaa_tunnel_record r = about(AAA_TUNNEL_START);
	struct book *b = *state;

	r.line.session_id = r.line.call_serial = 0;
	tell(b, &r, RADIUS_ACCT_STATUS_TYPE_TUNNEL_START);
	expect_figures(b, false);
	expect_text(b, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, "5");	/* of a tunnel: our id */
	assert_false(has(b, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, NULL));
	assert_false(has(b, RADIUS_ATTR_USER_NAME, NULL));
	r.event = AAA_TUNNEL_STOP;
	tell(b, &r, RADIUS_ACCT_STATUS_TYPE_TUNNEL_STOP);
	expect_figures(b, true);
	expect_number(b, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, 6);
	r.event = AAA_TUNNEL_REJECT;
	tell(b, &r, RADIUS_ACCT_STATUS_TYPE_TUNNEL_REJECT);
	expect_figures(b, false);
	expect_number(b, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, 6);
}

/* RFC 2867 §3.4, §3.5, §3.6, and §4.1 by §2: Acct-Tunnel-Connection is the call serial number. */
static void links(void **state)
{
	struct aaa_tunnel_record r = about(AAA_TUNNEL_LINK_START);
	struct book *b = *state;

	tell(b, &r, RADIUS_ACCT_STATUS_TYPE_TUNNEL_LINK_START);
	expect_figures(b, false);
	expect_text(b, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, "77");
	expect_text(b, RADIUS_ATTR_USER_NAME, "bob");
	expect_number(b, RADIUS_ATTR_NAS_PORT, 5 << 16 | 9);
	r.event = AAA_TUNNEL_LINK_STOP;
	tell(b, &r, RADIUS_ACCT_STATUS_TYPE_TUNNEL_LINK_STOP);
	expect_figures(b, true);
	expect_text(b, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, "77");
	expect_number(b, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, 6);
	r.event = AAA_TUNNEL_LINK_REJECT;
	r.line.session_id = 0;		/* refused before it had one */
	tell(b, &r, RADIUS_ACCT_STATUS_TYPE_TUNNEL_LINK_REJECT);
	expect_figures(b, false);
	expect_number(b, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, 6);
	expect_text(b, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, "77");
	expect_text(b, RADIUS_ATTR_CALLING_STATION_ID, "0301234");
}

static void tunnels_are_told_of_only_when_asked(void **state)
{
	struct aaa_tunnel_record r = about(AAA_TUNNEL_START);
	struct book *b = *state;
	unsigned before = b->records;

	b->f->conf.radius.tunnel_accounting = false;
	apply(b->f);
	aaa_core_ops.tunnel(b->f->a, &r, b->f->now, b->f->wall);
	assert_int_equal(b->records, before);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_session_is_one_link), T(a_line_over_ipv6), T(the_whole_access_line), T(more_routes_than_fit), T(tunnels), T(links),
		T(tunnels_are_told_of_only_when_asked),
	};

	return cmocka_run_group_tests_name("aaa_acct_record", tests, NULL, NULL);
}
