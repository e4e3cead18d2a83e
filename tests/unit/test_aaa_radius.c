/* SPDX-License-Identifier: BSD-2-Clause */
/* AAA by RADIUS: what is asked, what each attribute of an Accept does, who decides when nobody answers; accounting. */
#include "aaa_fixture.h"

#include "aaa/aaa_net.h"
#include "aaa/aaa_priv.h"
#include "aaa/radius_accept.h"
#include "radius_peer.h"
#include "wire/l2tp_line.h"

enum { KEEP = 64 };

#define SECRET "testing123"

/* A server that has received what AAA sent, and answers when the test says so. */
struct server {
	struct fixture *f;
	struct radius_datagram got[KEEP];
	unsigned n;
	/* the reply that is being made */
	uint8_t buf[RADIUS_PKT_MAX];
	struct wr w;
};

static struct server *server_of(void **state)
{
	return *state;
}

static struct aaa_radius_server *conf_server(struct aaa_radius_server **list, uint32_t ip)
{
	struct aaa_radius_server *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	*s = (struct aaa_radius_server){ .addr = ip4_of(ip), .key = text(SECRET), .timeout_s = 3, .retransmit = 3,
					 .deadtime_min = 5, .max_sessions = 255 };
	while (*list)
		list = &(*list)->next;
	return *list = s;
}

static int setup(void **state)
{
	struct server *s = calloc(1, sizeof(*s));
	void *f;

	assert_non_null(s);
	fixture_setup(&f);
	s->f = f;
	s->f->conf.ppp[0] = AAA_METHOD_RADIUS;
	s->f->conf.ppp[1] = AAA_METHOD_LOCAL;
	s->f->conf.acct.ppp[0] = AAA_METHOD_RADIUS;
	s->f->conf.hostname = text("lns1");
	s->f->conf.loopback = ip4_of(IP(10, 255, 0, 1));
	conf_server(&s->f->conf.radius.auth, 0x7f000001);
	conf_server(&s->f->conf.radius.acct, 0x7f000001);
	conf_user(s->f, "local", "pw");
	conf_pool(s->f, "first", IP(10, 64, 0, 1), IP(10, 64, 0, 9));
	conf_pool(s->f, "gold", IP(10, 65, 0, 1), IP(10, 65, 0, 9));
	apply(s->f);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct server *s = *state;
	void *f = s->f;

	free(s);
	return fixture_teardown(&f);
}

/* ---- the wire ---- */

static unsigned listen_all(struct server *s)
{
	struct radius_datagram *d;
	const char *fault;

	s->n = 0;
	for (;;) {
		assert_in_range(s->n, 0, KEEP - 1);
		d = &s->got[s->n];
		d->len = aaa_tx(s->f->a, &d->path, d->octets, sizeof(d->octets), s->f->now);
		if (!d->len)
			return s->n;
		fault = radius_peer_check(d, span_str(SECRET));
		if (fault)
			fail_msg("the server finds fault: %s", fault);
		s->n++;
	}
}

static struct radius_pkt decoded(const struct radius_datagram *d)
{
	struct radius_pkt p;

	assert_int_equal(radius_pkt_decode(&p, d->octets, d->len), RADIUS_PKT_OK);
	return p;
}

static bool has(const struct radius_datagram *d, uint32_t attr, struct span *value)
{
	struct radius_pkt p = decoded(d);
	struct radius_attr at;
	bool found = radius_attr_find(&p, attr, &at);

	if (value)
		*value = found ? at.value : span_of(NULL, 0);
	return found;
}

static void expect_text(const struct radius_datagram *d, uint32_t attr, const char *value)
{
	struct span v;

	if (!has(d, attr, &v) || !span_eq_str(v, value))
		fail_msg("attribute %u is \"%.*s\", not \"%s\"", attr & 0xff, (int)v.len, (const char *)v.p, value);
}

static void expect_tagged(const struct radius_datagram *d, uint32_t attr, const char *value)
{
	struct span v;

	assert_true(has(d, attr, &v) && v.len > 1);
	assert_int_equal(v.p[0], 0);
	if (!span_eq_str(span_of(v.p + 1, v.len - 1), value))
		fail_msg("attribute %u is \"%.*s\", not \"%s\"", attr & 0xff, (int)v.len - 1, (const char *)v.p + 1, value);
}

static uint32_t number(const struct radius_datagram *d, uint32_t attr)
{
	struct radius_pkt p = decoded(d);
	struct radius_attr at;
	uint32_t v = 0;

	if (!radius_attr_find(&p, attr, &at) || !radius_attr_u32(&at, &v))
		fail_msg("attribute %u is not there", attr & 0xff);
	return v;
}

static void reply_begin(struct server *s, enum radius_code code, const struct radius_datagram *rq)
{
	s->w = wr_of(s->buf, sizeof(s->buf));
	radius_pkt_begin(&s->w, code, rq->octets[1], NULL);
	if (code != RADIUS_ACCOUNTING_RESPONSE)
		radius_put_message_authenticator_slot(&s->w);
}

static void reply_send(struct server *s, const struct radius_datagram *rq)
{
	size_t len = radius_pkt_end(&s->w);

	assert_true(len > 0);
	assert_true(radius_sign_response(s->buf, len, rq->octets + 4, span_str(SECRET)));
	aaa_rx(s->f->a, &rq->path, s->buf, len, s->f->now);
}

/* Answers everything of accounting. Return: how many records there were. */
static unsigned acknowledge(struct server *s)
{
	unsigned n;

	silent(s->f);
	n = listen_all(s);
	for (unsigned i = 0; i < n; i++) {
		reply_begin(s, RADIUS_ACCOUNTING_RESPONSE, &s->got[i]);
		reply_send(s, &s->got[i]);
	}
	silent(s->f);
	return n;
}

/* Accounting-On is out of the way, and a user waits for his answer in got[0]. */
static struct aaa_handle asked(struct server *s, const struct aaa_request *rq)
{
	struct aaa_handle h;

	silent(s->f);
	while (acknowledge(s))
		;
	h = ask(s->f, rq, NULL);
	silent(s->f);
	assert_int_equal(listen_all(s), 1);
	reply_begin(s, RADIUS_ACCESS_ACCEPT, &s->got[0]);
	return h;
}

static struct aaa_handle asked_pap(struct server *s, const char *user)
{
	struct aaa_request rq = pap(user, "pw");

	aaa_core_ops.session_id(s->f->a, rq.acct_session_id);
	return asked(s, &rq);
}

static struct aaa_event accept_now(struct server *s, struct aaa_handle h)
{
	reply_send(s, &s->got[0]);
	return next_event(s->f, AAA_EV_ACCEPT, h);
}

static void refuse_now(struct server *s, struct aaa_handle h, enum aaa_refusal why)
{
	reply_send(s, &s->got[0]);
	assert_string_equal(aaa_refusal_name(next_event(s->f, AAA_EV_REJECT, h).refusal), aaa_refusal_name(why));
}

/* ---- what is asked ---- */

static const struct aaa_line line_one = {
	.service = AAA_PPP_LNS, .lac = { 4, { 192, 0, 2, 7 } }, .lns = { 4, { 192, 0, 2, 1 } },
	.lac_name = { (const uint8_t *)"lac1", 4 }, .lns_name = { (const uint8_t *)"lns1", 4 },
	.calling_number = { (const uint8_t *)"0301234", 7 }, .called_number = { (const uint8_t *)"019", 3 },
	.tx_speed = 100000000, .rx_speed = 40000000, .call_serial = 77, .tunnel_id = 5, .session_id = 9,
	.peer_tunnel_id = 6, .peer_session_id = 8,
};

/* RFC 2865 §4.1, §5.1, §5.2, §5.4-5.7, §5.30-5.32, §5.41; RFC 2866 §5.5; RFC 2868 §3.1-3.4, §3.9, §3.10;
 * RFC 2867 §4.1; RFC 2869 §5.17; RFC 5080 §2.7.2 */
static void a_request_says_who_and_where(void **state)
{
	struct server *s = server_of(state);
	struct aaa_request rq = pap("bob@isp", "hello");
	uint8_t room[RADIUS_USER_PASSWORD_MAX];
	const struct radius_datagram *d = &s->got[0];
	struct span v, password;

	rq.line = line_one;
	strcpy(rq.acct_session_id, "0000000100000002");
	asked(s, &rq);
	assert_int_equal(d->octets[0], RADIUS_ACCESS_REQUEST);
	expect_text(d, RADIUS_ATTR_USER_NAME, "bob@isp");
	assert_true(has(d, RADIUS_ATTR_USER_PASSWORD, &v));
	assert_true(radius_user_password_open(v, d->octets + 4, span_str(SECRET), room, &password));
	assert_true(span_eq_str(password, "hello"));
	expect_text(d, RADIUS_ATTR_NAS_IDENTIFIER, "lns1");
	assert_true(has(d, RADIUS_ATTR_NAS_IP_ADDRESS, NULL));
	assert_int_equal(number(d, RADIUS_ATTR_NAS_PORT), 5 << 16 | 9);
	assert_int_equal(number(d, RADIUS_ATTR_NAS_PORT_TYPE), RADIUS_NAS_PORT_TYPE_VIRTUAL);
	expect_text(d, RADIUS_ATTR_NAS_PORT_ID, "ip:192.0.2.1:192.0.2.7:5:6:9:8:77");
	assert_int_equal(number(d, RADIUS_ATTR_SERVICE_TYPE), RADIUS_SERVICE_TYPE_FRAMED_USER);
	assert_int_equal(number(d, RADIUS_ATTR_FRAMED_PROTOCOL), RADIUS_FRAMED_PROTOCOL_PPP);
	expect_text(d, RADIUS_ATTR_CALLING_STATION_ID, "0301234");
	expect_text(d, RADIUS_ATTR_CALLED_STATION_ID, "019");
	expect_text(d, RADIUS_ATTR_ACCT_SESSION_ID, "0000000100000002");
	assert_int_equal(number(d, RADIUS_ATTR_TUNNEL_TYPE), RADIUS_TUNNEL_TYPE_L2TP);	/* the tag, 0, is its first octet */
	assert_int_equal(number(d, RADIUS_ATTR_TUNNEL_MEDIUM_TYPE), 1);
	expect_tagged(d, RADIUS_ATTR_TUNNEL_CLIENT_ENDPOINT, "192.0.2.7");
	expect_tagged(d, RADIUS_ATTR_TUNNEL_SERVER_ENDPOINT, "192.0.2.1");
	expect_tagged(d, RADIUS_ATTR_TUNNEL_CLIENT_AUTH_ID, "lac1");
	expect_tagged(d, RADIUS_ATTR_TUNNEL_SERVER_AUTH_ID, "lns1");
	expect_text(d, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, "77");
}

/* RFC 2869 §5.11 */
static void what_is_not_included_is_not_sent(void **state)
{
	struct server *s = server_of(state);
	struct aaa_request rq = pap("bob", "pw");

	rq.line = line_one;
	memset(s->f->conf.radius.include, 0, sizeof(s->f->conf.radius.include));
	s->f->conf.radius.connect_info = AAA_CONNECT_INFO_L2TP_SPEED;
	s->f->conf.radius.include[AAA_INCLUDE_CONNECT_INFO] = 1 << AAA_INCLUDE_ACCESS_REQUEST;
	apply(s->f);
	asked(s, &rq);
	expect_text(&s->got[0], RADIUS_ATTR_CONNECT_INFO, "100000000/40000000");
	assert_false(has(&s->got[0], RADIUS_ATTR_NAS_PORT, NULL));
	assert_false(has(&s->got[0], RADIUS_ATTR_NAS_IDENTIFIER, NULL));
	assert_false(has(&s->got[0], RADIUS_ATTR_CALLING_STATION_ID, NULL));
	assert_false(has(&s->got[0], RADIUS_ATTR_TUNNEL_TYPE, NULL));
	assert_false(has(&s->got[0], RADIUS_ATTR_ACCT_SESSION_ID, NULL));
}

/* RFC 4679 §3 */
static void the_access_line_is_passed_on(void **state)
{
	struct server *s = server_of(state);
	struct aaa_request rq = pap("bob", "pw");
	struct l2tp_access_line access = {
		.circuit_id = span_str("dslam1 atm 1/2:3.4"), .has_rate = 3, .rate = { 1000000, 16000000 },
		.has_delay = 1, .delay_ms = { 20 }, .has_encapsulation = true, .data_link = 1, .encaps1 = 2,
	};
	struct span v;

	rq.line = line_one;
	rq.line.access = &access;
	asked(s, &rq);
	expect_text(&s->got[0], RADIUS_ATTR_ADSL_AGENT_CIRCUIT_ID, "dslam1 atm 1/2:3.4");
	assert_int_equal(number(&s->got[0], radius_attr_key(3561, 129)), 1000000);
	assert_int_equal(number(&s->got[0], radius_attr_key(3561, 130)), 16000000);
	assert_int_equal(number(&s->got[0], radius_attr_key(3561, 139)), 20);
	assert_true(has(&s->got[0], radius_attr_key(3561, 144), &v));
	assert_int_equal(v.len, 3);
}

/* RFC 2865 §2.2, §5.3, §5.40 */
static void credentials_of_chap(void **state)
{
	struct server *s = server_of(state);
	struct aaa_request rq = { .cred = AAA_CRED_CHAP_MD5, .user = span_str("bob"), .chap_id = 5,
				  .challenge = span_str("0123456789abcdef"), .response = span_str("RESPONSERESPONSE") };

	asked(s, &rq);
	expect_text(&s->got[0], RADIUS_ATTR_CHAP_PASSWORD, "\005RESPONSERESPONSE");
	expect_text(&s->got[0], RADIUS_ATTR_CHAP_CHALLENGE, "0123456789abcdef");
	assert_false(has(&s->got[0], RADIUS_ATTR_USER_PASSWORD, NULL));
}

static struct aaa_request mschap(void)
{
	return (struct aaa_request){
		.cred = AAA_CRED_MSCHAPV2, .user = span_str("bob"), .chap_id = 5,
		.challenge = span_str("0123456789abcdef"),
		.response = span_str("PEERCHALLENGE16ORESERVEDNTRESPONSENTRESPONSENTRESF"),
	};
}

/* RFC 2548 §2.1.2, §2.3.2: Ident, Flags, Peer-Challenge, Reserved, Response; §2.3.3. */
static void credentials_of_mschapv2(void **state)
{
	struct server *s = server_of(state);
	struct aaa_request rq = mschap();
	struct aaa_event ev;
	struct aaa_handle h;
	struct span v;

	rq.response.len = 49;
	h = asked(s, &rq);
	expect_text(&s->got[0], RADIUS_ATTR_MS_CHAP_CHALLENGE, "0123456789abcdef");
	assert_true(has(&s->got[0], RADIUS_ATTR_MS_CHAP2_RESPONSE, &v));
	assert_int_equal(v.len, 50);
	assert_int_equal(v.p[0], 5);
	assert_int_equal(v.p[1], 0);	/* Flags */
	assert_memory_equal(v.p + 2, rq.response.p, 48);
	radius_put_span(&s->w, RADIUS_ATTR_MS_CHAP2_SUCCESS, span_str("\005S=0123456789ABCDEF0123456789ABCDEF01234567"));
	ev = accept_now(s, h);
	assert_memory_equal(ev.mschap_success, "S=0123456789ABCDEF0123456789ABCDEF01234567", 42);
}

/* RFC 2548 §2.3.3 */
static void a_server_that_does_not_prove_itself(void **state)
{
	struct server *s = server_of(state);
	struct aaa_request rq = mschap();

	rq.response.len = 49;
	refuse_now(s, asked(s, &rq), AAA_REFUSE_BAD_ANSWER);
	nothing_left(s->f);
}

/* RFC 2865 §5.1, §5.2; RFC 5080 §2.9 */
static void names_and_passwords_that_do_not_fit(void **state)
{
	struct server *s = server_of(state);
	char name[255];
	struct aaa_request rq;

	memset(name, 'n', sizeof(name) - 1);
	name[254] = '\0';
	rq = pap(name, "pw");
	refused(s->f, &rq, AAA_REFUSE_DENIED);	/* cut it would be another's name */
	name[129] = '\0';
	rq = pap("bob", name);
	refused(s->f, &rq, AAA_REFUSE_DENIED);
	rq = pap("", "pw");
	refused(s->f, &rq, AAA_REFUSE_DENIED);
	rq = (struct aaa_request){ .cred = AAA_CRED_CHAP_MD5, .user = span_str("bob"), .response = span_str("short"),
				   .challenge = span_str("x") };
	refused(s->f, &rq, AAA_REFUSE_DENIED);
}

/* ---- what an Accept gives ---- */

/* RFC 2865 §5.8, §5.9 */
static void an_address_of_its_own(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");
	struct ip_addr ip = ip4_of(IP(192, 168, 7, 7)), mask = ip4_of(0xfffffff8);
	struct aaa_event ev;

	radius_put_ip4(&s->w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &ip);
	radius_put_ip4(&s->w, RADIUS_ATTR_FRAMED_IP_NETMASK, &mask);
	ev = accept_now(s, h);
	assert_int_equal(ip4_num(&ev.grant.ip4), IP(192, 168, 7, 7));
	assert_int_equal(ip4_num(&ev.grant.ip4_mask), 0xfffffff8);
	assert_false(ev.grant.ip4_from_pool);
	release(s->f, h);
}

/* RFC 2865 §5.8 */
static void the_client_chooses(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");
	struct ip_addr ip = ip4_of(0xffffffff);

	radius_put_ip4(&s->w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &ip);
	assert_true(accept_now(s, h).grant.ip4_client_chooses);
	start(s->f, h, IP(192, 168, 1, 1));
	assert_int_equal(acknowledge(s), 1);
	expect_text(&s->got[0], RADIUS_ATTR_FRAMED_IP_ADDRESS, "\300\250\001\001");
	release(s->f, h);
}

/* RFC 2865 §5.8; RFC 2869 §5.18 */
static void the_nas_chooses(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");
	struct ip_addr ip = ip4_of(0xfffffffe);
	struct aaa_event ev;

	radius_put_ip4(&s->w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &ip);
	radius_put_span(&s->w, RADIUS_ATTR_FRAMED_POOL, span_str("gold"));
	ev = accept_now(s, h);
	assert_int_equal(ip4_num(&ev.grant.ip4), IP(10, 65, 0, 1));
	assert_true(ev.grant.ip4_from_pool);
	release(s->f, h);
}

/* RFC 2869 §5.18 */
static void the_vendors_pool_and_a_pool_that_is_not(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");
	struct aaa_event ev;

	radius_put_span(&s->w, RADIUS_ATTR_ERX_ADDRESS_POOL_NAME, span_str("gold"));
	ev = accept_now(s, h);
	assert_int_equal(ip4_num(&ev.grant.ip4), IP(10, 65, 0, 1));
	release(s->f, h);
	h = asked_pap(s, "bob");
	radius_put_span(&s->w, RADIUS_ATTR_FRAMED_POOL, span_str("silver"));
	refuse_now(s, h, AAA_REFUSE_NO_ADDRESS);
}

/* RFC 2865 §4.2, §5.6, §5.7, §5.11, §5.12, §5.18, §5.27, §5.28; RFC 2869 §5.16 */
static void numbers_servers_and_texts(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");
	struct ip_addr dns = ip4_of(IP(9, 9, 9, 9)), wins = ip4_of(IP(10, 0, 0, 5));
	struct aaa_event ev;
	struct aaa_grant g;

	radius_put_u32(&s->w, RADIUS_ATTR_SESSION_TIMEOUT, 3600);
	radius_put_u32(&s->w, RADIUS_ATTR_IDLE_TIMEOUT, 600);
	radius_put_u32(&s->w, RADIUS_ATTR_ACCT_INTERIM_INTERVAL, 300);
	radius_put_u32(&s->w, RADIUS_ATTR_FRAMED_MTU, 1400);
	radius_put_ip4(&s->w, RADIUS_ATTR_MS_PRIMARY_DNS_SERVER, &dns);
	radius_put_ip4(&s->w, RADIUS_ATTR_ERX_SECONDARY_WINS, &wins);
	radius_put_span(&s->w, RADIUS_ATTR_FILTER_ID, span_str("fast"));
	radius_put_span(&s->w, RADIUS_ATTR_REPLY_MESSAGE, span_str("Hello "));
	radius_put_span(&s->w, RADIUS_ATTR_REPLY_MESSAGE, span_str("Bob"));
	radius_put_span(&s->w, RADIUS_ATTR_ERX_LOCAL_LOOPBACK_INTERFACE, span_str("loopback 3"));
	radius_put_u32(&s->w, RADIUS_ATTR_ERX_SA_VALIDATE, 0);
	radius_put_span(&s->w, RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, span_str("default"));
	radius_put_u32(&s->w, RADIUS_ATTR_SERVICE_TYPE, 2);
	radius_put_u32(&s->w, RADIUS_ATTR_FRAMED_PROTOCOL, 1);
	ev = accept_now(s, h);
	assert_int_equal(ev.grant.session_timeout_s, 3600);
	assert_int_equal(ev.grant.idle_timeout_s, 600);
	assert_int_equal(ev.grant.interim_s, 300);
	assert_int_equal(ev.grant.mtu, 1400);
	assert_int_equal(ev.grant.dns[0], IP(9, 9, 9, 9));
	assert_int_equal(ev.grant.wins[1], IP(10, 0, 0, 5));
	assert_true(span_eq_str(ev.grant.filter_id, "fast"));
	assert_true(span_eq_str(ev.grant.message, "Hello Bob"));
	assert_true(span_eq_str(ev.grant.local_interface, "loopback 3"));
	assert_true(ev.grant.no_source_check);
	assert_true(aaa_core_ops.info(s->f->a, h, &g));
	assert_true(span_eq_str(g.filter_id, "fast"));
	release(s->f, h);
	assert_false(aaa_core_ops.info(s->f->a, h, &g));
}

/* RFC 2548 §2.7.6-2.7.9, and the other vendor's. */
static void servers_of_both_vendors(void **state)
{
	static const struct {
		uint32_t attr;
		unsigned wins, second;
	} servers[] = {
		{ RADIUS_ATTR_MS_PRIMARY_DNS_SERVER, 0, 0 }, { RADIUS_ATTR_MS_SECONDARY_DNS_SERVER, 0, 1 },
		{ RADIUS_ATTR_MS_PRIMARY_NBNS_SERVER, 1, 0 }, { RADIUS_ATTR_MS_SECONDARY_NBNS_SERVER, 1, 1 },
		{ RADIUS_ATTR_ERX_PRIMARY_DNS, 0, 0 }, { RADIUS_ATTR_ERX_SECONDARY_DNS, 0, 1 },
		{ RADIUS_ATTR_ERX_PRIMARY_WINS, 1, 0 }, { RADIUS_ATTR_ERX_SECONDARY_WINS, 1, 1 },
	};
	struct server *s = server_of(state);

	for (unsigned i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		struct aaa_handle h = asked_pap(s, "bob");
		struct ip_addr ip = ip4_of(IP(9, 9, 9, i + 1));
		struct aaa_event ev;
		const uint32_t *given;

		radius_put_ip4(&s->w, servers[i].attr, &ip);
		ev = accept_now(s, h);
		given = servers[i].wins ? ev.grant.wins : ev.grant.dns;
		assert_int_equal(given[servers[i].second], IP(9, 9, 9, i + 1));
		release(s->f, h);
	}
}

/* RFC 2869 §5.16: "The value MUST NOT be smaller than 60." */
static void an_interim_interval_that_is_too_short(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");

	radius_put_u32(&s->w, RADIUS_ATTR_ACCT_INTERIM_INTERVAL, 59);
	assert_int_equal(accept_now(s, h).grant.interim_s, 60);
	assert_int_equal(counted(s->f, "radius-interim-interval-raised"), 1);
	release(s->f, h);
}

/* RFC 2865 §5.22 */
static void routes(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");
	struct aaa_event ev;

	radius_put_span(&s->w, RADIUS_ATTR_FRAMED_ROUTE, span_str("192.168.1.0/24 0.0.0.0 10"));
	radius_put_span(&s->w, RADIUS_ATTR_FRAMED_ROUTE, span_str("nonsense"));
	radius_put_span(&s->w, RADIUS_ATTR_FRAMED_ROUTE, span_str("172.16.3.4 10.64.0.1 1 tag 7"));
	radius_put_span(&s->w, RADIUS_ATTR_ERX_FRAMED_IP_ROUTE_TAG, span_str("42"));
	ev = accept_now(s, h);
	assert_int_equal(ev.grant.route_count, 2);
	assert_int_equal(ip4_num(&ev.grant.routes[0].prefix.addr), IP(192, 168, 1, 0));
	assert_int_equal(ev.grant.routes[0].prefix.len, 24);
	assert_int_equal(ev.grant.routes[0].metric, 10);
	assert_int_equal(ev.grant.routes[0].tag, 42);
	assert_int_equal(ev.grant.routes[1].prefix.len, 16);	/* its class */
	assert_int_equal(ip4_num(&ev.grant.routes[1].prefix.addr), IP(172, 16, 0, 0));
	assert_int_equal(ev.grant.routes[1].tag, 7);
	assert_int_equal(counted(s->f, "radius-bad-framed-routes"), 1);
	release(s->f, h);
}

/* RFC 2865 §5.22 */
static void texts_of_routes(void **state)
{
	static const char *const bad[] = { "", " ", "0.0.0.0/0", "10.0.0.0/0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/-1",
					   "10.0.0.0/8x", "::1/64", "10.0.0.0/8 1.2.3.4 1 tag x" };
	struct aaa_route r;

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(radius_route_parse(span_str(bad[i]), &r));
	assert_true(radius_route_parse(span_str("10.1.2.3/8"), &r));
	assert_int_equal(ip4_num(&r.prefix.addr), IP(10, 0, 0, 0));
	assert_true(radius_route_parse(span_str("200.1.2.0  200.1.2.1   5 6 -1 400"), &r));
	assert_int_equal(r.prefix.len, 24);
	assert_int_equal(r.metric, 5);
	assert_true(radius_route_parse(span_of("10.1.0.0/16\0", 12), &r));
}

/* RFC 2865 §1.1, §5.6, §5.7 */
static void accepts_that_cannot_be_carried_out(void **state)
{
	static const struct {
		uint32_t attr;
		const char *octets;
		size_t len;
		enum aaa_refusal why;
	} bad[] = {
		{ RADIUS_ATTR_FRAMED_IP_ADDRESS, "abc", 3, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_FRAMED_IP_ADDRESS, "\177\0\0\1", 4, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_FRAMED_IP_ADDRESS, "\340\0\0\5", 4, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_FRAMED_IP_NETMASK, "\377\000\377\000", 4, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_SERVICE_TYPE, "\0\0\0\1", 4, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_FRAMED_PROTOCOL, "\0\0\0\2", 4, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_SESSION_TIMEOUT, "12", 2, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_ERX_PRIMARY_DNS, "123", 3, AAA_REFUSE_BAD_ANSWER },
		{ RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, "blue", 4, AAA_REFUSE_VIRTUAL_ROUTER },
	};
	struct server *s = server_of(state);

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct aaa_handle h = asked_pap(s, "bob");

		radius_put_span(&s->w, bad[i].attr, span_of(bad[i].octets, bad[i].len));
		refuse_now(s, h, bad[i].why);
		acknowledge(s);		/* RADIUS let him in: it is told that he did not come (spec 8.7) */
	}
	assert_int_equal(counted(s->f, "radius-bad-attributes"), 8);
	nothing_left(s->f);
}

/* RFC 2865 §5; RFC 5080 §2.5 */
static void unknown_attributes_are_counted(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");

	radius_put(&s->w, 0, 241, span_str("x"));
	radius_put(&s->w, 9, 1, span_str("cisco"));
	radius_put_u32(&s->w, RADIUS_ATTR_PORT_LIMIT, 3);
	accept_now(s, h);
	assert_int_equal(counted(s->f, "radius-unknown-attributes") + counted(s->f, "radius-ignored-attributes"), 3);
	release(s->f, h);
}

/* ---- who decides ---- */

/* RFC 2865 §4.3, §5.18; RFC 5080 §2.6.1 */
static void a_reject_is_final(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "local");	/* whom the local database would let in */
	struct ip_addr ip = ip4_of(IP(1, 2, 3, 4));
	struct aaa_event ev;

	reply_begin(s, RADIUS_ACCESS_REJECT, &s->got[0]);
	radius_put_span(&s->w, RADIUS_ATTR_REPLY_MESSAGE, span_str("unpaid"));
	radius_put_ip4(&s->w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &ip);	/* ignored */
	reply_send(s, &s->got[0]);
	ev = next_event(s->f, AAA_EV_REJECT, h);
	assert_int_equal(ev.refusal, AAA_REFUSE_DENIED);
	assert_true(span_eq_str(ev.message, "unpaid"));
	nothing_left(s->f);
}

/* RFC 2865 §4.4 */
static void a_challenge_is_refused(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");

	reply_begin(s, RADIUS_ACCESS_CHALLENGE, &s->got[0]);
	refuse_now(s, h, AAA_REFUSE_CHALLENGE);
}

/* No server answers: three repeats of three seconds, then the local database is asked. */
static void silence_lets_the_next_method_decide(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "local"), stranger;
	struct aaa_request rq = pap("stranger", "pw");

	stranger = ask(s->f, &rq, NULL);
	for (int i = 0; i < 110; i++) {
		silent(s->f);
		listen_all(s);
		pass_ms(s->f, 100);
	}
	listen_all(s);
	pass_ms(s->f, 3500);
	next_event(s->f, AAA_EV_ACCEPT, h);
	assert_int_equal(next_event(s->f, AAA_EV_REJECT, stranger).refusal, AAA_REFUSE_DENIED);
	assert_int_equal(counted(s->f, "radius-no-answer"), 2);
	release(s->f, h);
}

static void silence_without_another_method(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h;

	s->f->conf.ppp[1] = AAA_METHOD_END;
	apply(s->f);
	h = asked_pap(s, "bob");
	for (int i = 0; i < 110; i++) {
		silent(s->f);
		listen_all(s);
		pass_ms(s->f, 100);
	}
	listen_all(s);
	pass_ms(s->f, 3500);
	assert_int_equal(next_event(s->f, AAA_EV_REJECT, h).refusal, AAA_REFUSE_NO_SERVER);
}

static void no_server_is_configured(void **state)
{
	struct server *s = server_of(state);
	struct aaa_request rq = pap("local", "pw");
	struct aaa_handle h;

	conf_new(s->f);
	s->f->conf.ppp[0] = AAA_METHOD_RADIUS;
	s->f->conf.ppp[1] = AAA_METHOD_LOCAL;
	conf_user(s->f, "local", "pw");
	conf_pool(s->f, "first", IP(10, 64, 0, 1), IP(10, 64, 0, 9));
	apply(s->f);
	h = accepted(s->f, &rq, NULL);
	release(s->f, h);
}

static void a_caller_that_hangs_up_while_radius_thinks(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");

	cancel(s->f, h);
	reply_send(s, &s->got[0]);
	nothing_left(s->f);
}

/* ---- accounting ---- */

static struct aaa_handle up(struct server *s, const char *user)
{
	struct aaa_handle h = asked_pap(s, user);

	radius_put_span(&s->w, RADIUS_ATTR_CLASS, span_str("c1"));
	radius_put_span(&s->w, RADIUS_ATTR_CLASS, span_str("c2"));
	accept_now(s, h);
	start(s->f, h, 0);
	silent(s->f);
	return h;
}

/* RFC 2866 §2, §5.1 */
static void accounting_on_goes_first(void **state)
{
	struct server *s = server_of(state);

	silent(s->f);
	assert_int_equal(listen_all(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_ON);
	assert_true(has(&s->got[0], RADIUS_ATTR_ACCT_SESSION_ID, NULL));
	assert_true(has(&s->got[0], RADIUS_ATTR_NAS_IP_ADDRESS, NULL));
	reply_begin(s, RADIUS_ACCOUNTING_RESPONSE, &s->got[0]);
	reply_send(s, &s->got[0]);
	nothing_left(s->f);
}

/* RFC 2866 §2, §4.1, §4.2, §5.1-5.10; RFC 2865 §5.25; RFC 2869 §5.1-5.3 */
static void start_and_stop(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = up(s, "bob");
	struct aaa_stop stop = { { 5000000000, 9, 3, 4 }, &line_one, 1, "user-request" };
	struct span v;

	assert_int_equal(acknowledge(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_START);
	expect_text(&s->got[0], RADIUS_ATTR_USER_NAME, "bob");
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_AUTHENTIC), RADIUS_ACCT_AUTHENTIC_RADIUS);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_FRAMED_IP_ADDRESS), IP(10, 64, 0, 1));
	expect_text(&s->got[0], RADIUS_ATTR_CLASS, "c1");
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_DELAY_TIME), 0);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_EVENT_TIMESTAMP), (uint32_t)boot.s);
	assert_true(has(&s->got[0], RADIUS_ATTR_ACCT_SESSION_ID, &v));
	assert_int_equal(v.len, 16);

	pass_ms(s->f, 10000);
	aaa_core_ops.release(s->f->a, h, &stop, s->f->now, s->f->wall);
	silent(s->f);
	assert_int_equal(acknowledge(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_STOP);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_INPUT_OCTETS), 5000000000 & 0xffffffff);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_INPUT_GIGAWORDS), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_OUTPUT_OCTETS), 9);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_OUTPUT_GIGAWORDS), 0);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_INPUT_PACKETS), 3);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_OUTPUT_PACKETS), 4);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_SESSION_TIME), 10);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_TERMINATE_CAUSE), RADIUS_ACCT_TERMINATE_CAUSE_USER_REQUEST);
	expect_text(&s->got[0], RADIUS_ATTR_CALLING_STATION_ID, "0301234");
	expect_text(&s->got[0], RADIUS_ATTR_CLASS, "c1");
	nothing_left(s->f);
}

/* RFC 2865 §5.1: the name that the server gives is the one that it is told. */
static void the_name_of_the_accept(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "BOB");

	radius_put_span(&s->w, RADIUS_ATTR_USER_NAME, span_str("bob@isp"));
	radius_put_span(&s->w, RADIUS_ATTR_CLASS, span_str("c1"));
	accept_now(s, h);
	start(s->f, h, 0);
	assert_int_equal(acknowledge(s), 1);
	expect_text(&s->got[0], RADIUS_ATTR_USER_NAME, "bob@isp");
	expect_text(&s->got[0], RADIUS_ATTR_CLASS, "c1");
	release(s->f, h);
	assert_int_equal(acknowledge(s), 1);
	expect_text(&s->got[0], RADIUS_ATTR_USER_NAME, "bob@isp");
}

/* The stop waits for the start's answer, however quickly it comes. */
static void records_of_a_session_keep_their_order(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = up(s, "bob");

	release(s->f, h);
	silent(s->f);
	assert_int_equal(listen_all(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_START);
	reply_begin(s, RADIUS_ACCOUNTING_RESPONSE, &s->got[0]);
	reply_send(s, &s->got[0]);
	silent(s->f);
	assert_int_equal(acknowledge(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_STOP);
	nothing_left(s->f);
}

/* RFC 2869 §2.1; RFC 5080 §2.3.1 */
static void interim_updates(void **state)
{
	struct server *s = server_of(state);
	struct aaa_counters c = { 11, 22, 1, 2 };
	struct aaa_handle h;

	s->f->conf.acct.interval_min = 10;
	apply(s->f);
	h = up(s, "bob");
	acknowledge(s);
	pass_ms(s->f, 600000);
	next_event(s->f, AAA_EV_COUNTERS, h);
	aaa_core_ops.counters(s->f->a, h, &c, &line_one, s->f->now, s->f->wall);
	silent(s->f);
	assert_int_equal(acknowledge(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_INTERIM_UPDATE);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_INPUT_OCTETS), 11);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_SESSION_TIME), 600);
	assert_false(has(&s->got[0], RADIUS_ATTR_ACCT_TERMINATE_CAUSE, NULL));
	release(s->f, h);
	silent(s->f);
	acknowledge(s);
}

/* The server is away for an hour: nothing is lost, and Acct-Delay-Time says how late it is. RFC 2866 §4.1, §5.2 */
static void records_wait_for_a_server(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = up(s, "bob");
	uint32_t delay = 0;
	unsigned starts = 0, stops = 0;

	for (int i = 0; i < 3600; i++) {
		pass_ms(s->f, 1000);
		silent(s->f);
		listen_all(s);
	}
	release(s->f, h);
	for (int i = 0; i < 120; i++) {
		unsigned n;

		pass_ms(s->f, 1000);
		silent(s->f);
		n = listen_all(s);
		for (unsigned k = 0; k < n; k++) {
			if (s->got[k].octets[0] == RADIUS_ACCOUNTING_REQUEST) {
				uint32_t type = number(&s->got[k], RADIUS_ATTR_ACCT_STATUS_TYPE);

				starts += type == RADIUS_ACCT_STATUS_TYPE_START;
				stops += type == RADIUS_ACCT_STATUS_TYPE_STOP;
				if (type == RADIUS_ACCT_STATUS_TYPE_START)
					delay = number(&s->got[k], RADIUS_ATTR_ACCT_DELAY_TIME);
			}
			reply_begin(s, RADIUS_ACCOUNTING_RESPONSE, &s->got[k]);
			reply_send(s, &s->got[k]);
		}
	}
	assert_int_equal(starts, 1);
	assert_int_equal(stops, 1);
	assert_in_range(delay, 3590, 3730);
	nothing_left(s->f);
}

/* The server is away and the queue is small: interim updates go first, then the oldest record. */
static void a_full_queue(void **state)
{
	struct server *s = server_of(state);
	struct aaa_counters c = { 11, 22, 1, 2 };
	struct aaa_handle h;

	s->f->conf.acct.interval_min = 1;
	s->f->conf.acct.queue_max = 4;
	apply(s->f);
	h = up(s, "bob");
	acknowledge(s);
	for (int i = 0; i < 6; i++) {		/* five updates, of which one is with the client core */
		pass_ms(s->f, 60000);
		if (s->f->a->ready.next == &s->f->a->ready)
			continue;
		next_event(s->f, AAA_EV_COUNTERS, h);
		aaa_core_ops.counters(s->f->a, h, &c, &line_one, s->f->now, s->f->wall);
		silent(s->f);
		listen_all(s);
	}
	assert_int_equal(counted(s->f, "accounting-queued"), 4);
	assert_true(counted(s->f, "accounting-dropped-interims") > 0);
	assert_int_equal(counted(s->f, "accounting-dropped-records"), 0);
	release(s->f, h);
	silent(s->f);
	assert_int_equal(counted(s->f, "accounting-dropped-records"), 0);
	assert_int_equal(counted(s->f, "accounting-queued"), 4);
	s->f->conf.acct.queue_max = 1;
	apply(s->f);
	assert_in_range(counted(s->f, "accounting-queued"), 1, 3);	/* what waits for one in flight stays with it */
}

static void a_refused_user_whom_radius_let_in_is_told(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = asked_pap(s, "bob");

	radius_put_span(&s->w, RADIUS_ATTR_FRAMED_POOL, span_str("silver"));
	refuse_now(s, h, AAA_REFUSE_NO_ADDRESS);
	silent(s->f);
	assert_int_equal(acknowledge(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_STOP);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_TERMINATE_CAUSE), 17);
	s->f->conf.acct.no_stop_on_aaa_failure = true;
	apply(s->f);
	h = asked_pap(s, "bob");
	radius_put_span(&s->w, RADIUS_ATTR_FRAMED_POOL, span_str("silver"));
	refuse_now(s, h, AAA_REFUSE_NO_ADDRESS);
	silent(s->f);
	assert_int_equal(acknowledge(s), 0);
}

static void accounting_off_at_the_end(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = up(s, "bob");

	acknowledge(s);
	release(s->f, h);
	aaa_shutdown(s->f->a, s->f->now, s->f->wall);
	silent(s->f);
	assert_false(aaa_idle(s->f->a));
	assert_int_equal(acknowledge(s), 1);	/* the stop; Off waits for it */
	assert_int_equal(acknowledge(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_OFF);
	assert_true(aaa_idle(s->f->a));
}

/* Time goes on; of what is sent only starts are acknowledged, if they are to be. Return: when Off is first sent, or -1. */
static int64_t until_off(struct server *s, int64_t max_s, bool starts)
{
	for (int64_t i = 0; i < max_s; i++) {
		pass_ms(s->f, 1000);
		silent(s->f);
		for (unsigned n = listen_all(s), k = 0; k < n; k++) {
			if (s->got[k].octets[0] != RADIUS_ACCOUNTING_REQUEST)	/* Status-Server */
				continue;
			if (number(&s->got[k], RADIUS_ATTR_ACCT_STATUS_TYPE) == RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_OFF)
				return i;
			if (!starts || number(&s->got[k], RADIUS_ATTR_ACCT_STATUS_TYPE) != RADIUS_ACCT_STATUS_TYPE_START)
				continue;
			reply_begin(s, RADIUS_ACCOUNTING_RESPONSE, &s->got[k]);
			reply_send(s, &s->got[k]);
		}
	}
	return -1;
}

/* Everything is acknowledged from now on. Return: the Acct-Status-Type of the next record. */
static uint32_t next_record(struct server *s)
{
	for (unsigned i = 0; i < 60; i++) {
		for (unsigned n = acknowledge(s), k = 0; k < n; k++)
			if (s->got[k].octets[0] == RADIUS_ACCOUNTING_REQUEST)
				return number(&s->got[k], RADIUS_ATTR_ACCT_STATUS_TYPE);
		pass_ms(s->f, 1000);
	}
	return 0;
}

/* A dead server, and one that is never taken for dead: Off does not overtake the start and the stop it has not taken. */
static void accounting_off_overtakes_nothing(void **state)
{
	struct server *s = server_of(state);

	for (unsigned deadtime = 0; deadtime < 2; deadtime++) {
		int64_t silence_s = deadtime ? 300 : 30;
		struct aaa_handle h;

		s->f->conf.radius.acct->deadtime_min = deadtime;
		apply(s->f);
		h = up(s, "bob");
		assert_int_equal(until_off(s, silence_s, false), -1);
		release(s->f, h);
		aaa_shutdown(s->f->a, s->f->now, s->f->wall);
		assert_int_equal(until_off(s, 3, false), -1);
		assert_int_equal(next_record(s), RADIUS_ACCT_STATUS_TYPE_START);
		assert_int_equal(next_record(s), RADIUS_ACCT_STATUS_TYPE_STOP);
		assert_int_equal(next_record(s), RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_OFF);
		teardown(state);
		setup(state);
		s = server_of(state);
	}
}

/* A stop that a living server never takes does not hold up Off for ever. */
static void accounting_off_waits_for_no_bad_record(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h;

	s->f->conf.radius.acct->deadtime_min = 0;
	apply(s->f);
	h = up(s, "bob");
	acknowledge(s);
	release(s->f, h);
	aaa_shutdown(s->f->a, s->f->now, s->f->wall);
	assert_in_range(until_off(s, 600, true), 30, 90);
}

/* A server that does not know Accounting-Off, and takes what is behind it: it is dropped. One that is away keeps it. */
static void a_barrier_that_nobody_takes(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h = { 0 };

	s->f->conf.radius.acct->deadtime_min = 0;
	apply(s->f);
	h = up(s, "bob");
	acknowledge(s);
	release(s->f, h);
	acknowledge(s);
	aaa_shutdown(s->f->a, s->f->now, s->f->wall);
	assert_int_equal(until_off(s, 2, false), 0);
	for (unsigned i = 0; i < 20; i++)
		(void)until_off(s, 30, false);
	assert_int_equal(counted(s->f, "accounting-dropped-records"), 0);
	assert_int_equal(counted(s->f, "accounting-queued"), 1);
	assert_int_equal(next_record(s), RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_OFF);
	assert_int_equal(counted(s->f, "accounting-queued"), 0);
}

static void denials_are_told_of_when_asked_for(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h;

	s->f->conf.acct.stop_on_access_deny = true;
	s->f->conf.ppp[1] = AAA_METHOD_END;
	apply(s->f);
	h = asked_pap(s, "bob");
	reply_begin(s, RADIUS_ACCESS_REJECT, &s->got[0]);
	refuse_now(s, h, AAA_REFUSE_DENIED);
	assert_int_equal(acknowledge(s), 1);
	assert_int_equal(number(&s->got[0], RADIUS_ATTR_ACCT_STATUS_TYPE), RADIUS_ACCT_STATUS_TYPE_STOP);
	/* whom nobody answered for nobody has denied */
	h = asked_pap(s, "bob");
	for (int i = 0; i < 110; i++) {
		silent(s->f);
		listen_all(s);
		pass_ms(s->f, 100);
	}
	listen_all(s);
	pass_ms(s->f, 3500);
	assert_int_equal(next_event(s->f, AAA_EV_REJECT, h).refusal, AAA_REFUSE_NO_SERVER);
	assert_int_equal(counted(s->f, "accounting-queued"), 0);
}

/* On and Off end all that is up at the server: servers that go and come back are not told On again. */
static void accounting_on_comes_once(void **state)
{
	struct server *s = server_of(state);
	struct aaa_radius_server *list = s->f->conf.radius.acct;
	struct aaa_handle h = up(s, "bob");

	acknowledge(s);
	s->f->conf.radius.acct = NULL;
	apply(s->f);
	s->f->conf.radius.acct = list;
	apply(s->f);
	assert_int_equal(acknowledge(s), 0);
	release(s->f, h);
	assert_int_equal(acknowledge(s), 1);
}

/* A daemon that is killed and is back within the second: what its first run has been acknowledged is not in the journal. */
static void ids_of_a_quick_restart(void **state)
{
	static const uint8_t seed[32] = { 7 };
	struct wall first = { boot.s, 100000000 }, second = { boot.s, 110000000 };
	struct aaa *a = aaa_core_new(seed, first, MONO_ZERO), *b = aaa_core_new(seed, second, MONO_ZERO);
	char one[20], two[20];

	for (int i = 0; i < 100000; i++)
		aaa_core_ops.session_id(a, one);
	aaa_core_ops.session_id(b, two);
	assert_true(acct_id_parse(two) > acct_id_parse(one));
	assert_int_equal(acct_id_parse(two) >> 32, boot.s);
	aaa_core_free(a);
	aaa_core_free(b);
}

/* ---- test aaa ppp ---- */

static void a_test_gives_back_what_it_was_given(void **state)
{
	struct server *s = server_of(state);
	struct aaa_handle h;
	struct aaa_test t;

	silent(s->f);
	acknowledge(s);
	assert_int_equal(aaa_test_start(s->f->a, span_str("bob"), span_str("pw"), s->f->now, &h), 0);
	assert_true(aaa_test_poll(s->f->a, h, &t));
	assert_false(t.done);
	listen_all(s);
	reply_begin(s, RADIUS_ACCESS_ACCEPT, &s->got[0]);
	reply_send(s, &s->got[0]);
	silent(s->f);		/* none of the model's business */
	assert_true(aaa_test_poll(s->f->a, h, &t));
	assert_true(t.done && t.accepted);
	assert_string_equal(t.method, "radius");
	assert_int_equal(ip4_num(&t.grant.ip4), IP(10, 64, 0, 1));
	aaa_test_end(s->f->a, h, s->f->now);
	assert_false(aaa_test_poll(s->f->a, h, &t));
	nothing_left(s->f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_request_says_who_and_where), T(what_is_not_included_is_not_sent), T(the_access_line_is_passed_on),
		T(credentials_of_chap), T(credentials_of_mschapv2), T(a_server_that_does_not_prove_itself),
		T(names_and_passwords_that_do_not_fit), T(an_address_of_its_own), T(the_client_chooses), T(the_nas_chooses),
		T(the_vendors_pool_and_a_pool_that_is_not), T(numbers_servers_and_texts), T(servers_of_both_vendors),
		T(an_interim_interval_that_is_too_short), T(routes), T(texts_of_routes),
		T(accepts_that_cannot_be_carried_out), T(unknown_attributes_are_counted), T(a_reject_is_final),
		T(a_challenge_is_refused), T(silence_lets_the_next_method_decide), T(silence_without_another_method),
		T(no_server_is_configured), T(a_caller_that_hangs_up_while_radius_thinks), T(accounting_on_goes_first),
		T(start_and_stop), T(the_name_of_the_accept), T(records_of_a_session_keep_their_order), T(interim_updates),
		T(records_wait_for_a_server), T(a_full_queue), T(a_refused_user_whom_radius_let_in_is_told),
		T(accounting_off_at_the_end),
		T(denials_are_told_of_when_asked_for), T(accounting_on_comes_once), T(ids_of_a_quick_restart), T(accounting_off_overtakes_nothing),
		T(accounting_off_waits_for_no_bad_record), T(a_barrier_that_nobody_takes),
		T(a_test_gives_back_what_it_was_given),
	};

	return cmocka_run_group_tests_name("aaa_radius", tests, NULL, NULL);
}
