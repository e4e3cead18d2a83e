/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/radius_server, lab/acct_book, lab/radius_report: what is judged, recorded and told, and each order to misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#include "lab/radius_report.h"
#include "wire/chap_math.h"

struct world {
	struct radius_users users;
	struct lab_radius_conf conf;
	struct lab_radius *r;
	mono_t now;
	uint8_t next_id;
	/* the last request, and what came for it */
	uint8_t request[RADIUS_PKT_MAX], answer[RADIUS_PKT_MAX];
	size_t request_len, answer_len;
	struct lab_radius_taken taken;
	struct lab_radius_peer to;
};

static const struct lab_radius_peer nas = { LAB_RADIUS_AUTH, { 4, { 192, 0, 2, 1 } }, 40000 };

static struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct radius_user *bob;

	assert_non_null(w);
	hmap_init(&w->users.by_name);
	bob = users_add(&w->users, "bob", "hello");
	assert_null(reply_add(&bob->reply, "Framed-IP-Address=10.0.0.1"));
	assert_null(reply_add(&bob->reply, "Tunnel-Password:1=deep"));
	w->conf = (struct lab_radius_conf){ .secret = span_str("testing123"), .users = &w->users,
					    .message_authenticator = true, .status_server = true };
	return w;
}

static struct lab_radius *server(struct world *w)
{
	static const uint8_t seed[32] = { 7 };

	if (!w->r)
		w->r = lab_radius_new(&w->conf, seed, w->now);
	return w->r;
}

static void world_free(struct world *w)
{
	lab_radius_free(w->r);
	users_fini(&w->users);
	free(w);
}

static uint64_t counted(struct world *w, enum lab_radius_count what)
{
	return lab_radius_counter(server(w), what);
}

/* ---- requests ---- */

static struct wr access_begin(struct world *w, const char *name)
{
	struct wr q = wr_of(w->request, sizeof(w->request));
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];

	memset(authenticator, ++w->next_id, sizeof(authenticator));
	radius_pkt_begin(&q, RADIUS_ACCESS_REQUEST, w->next_id, authenticator);
	radius_put_span(&q, RADIUS_ATTR_USER_NAME, span_str(name));
	return q;
}

static const uint8_t *authenticator_of(const struct world *w)
{
	return w->request + 4;
}

static void access_end(struct world *w, struct wr *q)
{
	w->request_len = radius_pkt_end(q);
	assert_true(w->request_len > 0);
}

static void access_pap(struct world *w, const char *name, const char *password)
{
	struct wr q = access_begin(w, name);

	radius_put_user_password(&q, span_str(password), authenticator_of(w), w->conf.secret);
	access_end(w, &q);
}

static void acct(struct world *w, uint32_t status, const char *session, uint64_t in, uint64_t out)
{
	struct wr q = wr_of(w->request, sizeof(w->request));

	radius_pkt_begin(&q, RADIUS_ACCOUNTING_REQUEST, ++w->next_id, NULL);
	radius_put_u32(&q, RADIUS_ATTR_ACCT_STATUS_TYPE, status);
	radius_put_span(&q, RADIUS_ATTR_ACCT_SESSION_ID, span_str(session));
	radius_put_span(&q, RADIUS_ATTR_NAS_IDENTIFIER, span_str("lns1"));
	radius_put_u32(&q, RADIUS_ATTR_ACCT_INPUT_OCTETS, (uint32_t)in);
	radius_put_u32(&q, RADIUS_ATTR_ACCT_INPUT_GIGAWORDS, (uint32_t)(in >> 32));
	radius_put_u32(&q, RADIUS_ATTR_ACCT_OUTPUT_OCTETS, (uint32_t)out);
	radius_put_u32(&q, RADIUS_ATTR_ACCT_SESSION_TIME, 9);
	w->request_len = radius_pkt_end(&q);
	assert_true(radius_sign_accounting(w->request, w->request_len, w->conf.secret));
}

/* The next answer, now. */
static bool answered(struct world *w)
{
	w->answer_len = lab_radius_tx(server(w), &w->to, w->answer, sizeof(w->answer), w->now);
	return w->answer_len > 0;
}

static bool ask_at(struct world *w, enum lab_radius_port at)
{
	struct lab_radius_peer from = nas;

	from.at = at;
	w->taken = lab_radius_rx(server(w), &from, w->request, w->request_len, w->now);
	return answered(w);
}

static bool ask(struct world *w)
{
	return ask_at(w, LAB_RADIUS_AUTH);
}

static bool is_sound(const struct world *w)
{
	return radius_response_ok(w->answer, w->answer_len, authenticator_of(w), w->conf.secret) &&
	       w->answer[1] == w->request[1];
}

static void expect(struct world *w, enum radius_code code)
{
	assert_true(ask(w));
	assert_true(is_sound(w));
	assert_int_equal(w->answer[0], code);
	assert_int_equal(radius_message_authenticator_check(w->answer, w->answer_len, authenticator_of(w), w->conf.secret),
			 RADIUS_MA_GOOD);
	assert_int_equal(w->answer[20], RADIUS_ATTR_MESSAGE_AUTHENTICATOR);	/* the first */
	assert_int_equal(w->to.port, nas.port);
}

static bool attr_of(const struct world *w, uint32_t attr, struct radius_attr *a)
{
	static struct radius_pkt p;

	assert_int_equal(radius_pkt_decode(&p, w->answer, w->answer_len), RADIUS_PKT_OK);
	return radius_attr_find(&p, attr, a);
}

/* ---- who is let in ---- */

static void pap(void **state)
{
	struct world *w = world_new();
	uint8_t out[RADIUS_TUNNEL_PASSWORD_MAX], tag;
	struct radius_attr a;
	struct span plain;

	access_pap(w, "bob", "hello");
	expect(w, RADIUS_ACCESS_ACCEPT);
	assert_true(attr_of(w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &a));
	assert_true(attr_of(w, RADIUS_ATTR_TUNNEL_PASSWORD, &a));
	assert_true(radius_tunnel_password_open(&a, &tag, authenticator_of(w), w->conf.secret, out, &plain));
	assert_true(span_eq_str(plain, "deep"));
	access_pap(w, "bob", "hell");
	expect(w, RADIUS_ACCESS_REJECT);
	assert_true(attr_of(w, RADIUS_ATTR_REPLY_MESSAGE, &a));
	assert_true(span_eq_str(a.value, "wrong password"));
	access_pap(w, "eve", "hello");
	expect(w, RADIUS_ACCESS_REJECT);
	assert_int_equal(counted(w, LAB_RADIUS_UNKNOWN_USER), 1);
	assert_int_equal(counted(w, LAB_RADIUS_WRONG_PASSWORD), 1);
	assert_int_equal(counted(w, LAB_RADIUS_PAP), 3);
	world_free(w);
}

static void chap_with(struct world *w, const char *password, bool own_challenge)
{
	struct wr q = access_begin(w, "bob");
	struct span challenge = own_challenge ? span_str("challenge") : span_of(authenticator_of(w), 16);
	uint8_t md5[CHAP_MD5_LEN];

	chap_md5(9, span_str(password), challenge, md5);
	radius_put_chap_password(&q, 9, md5);
	if (own_challenge)
		radius_put_span(&q, RADIUS_ATTR_CHAP_CHALLENGE, challenge);
	access_end(w, &q);
}

static void chap(void **state)
{
	struct world *w = world_new();

	chap_with(w, "hello", true);
	expect(w, RADIUS_ACCESS_ACCEPT);
	chap_with(w, "hello", false);
	expect(w, RADIUS_ACCESS_ACCEPT);
	chap_with(w, "hell", true);
	expect(w, RADIUS_ACCESS_REJECT);
	world_free(w);
}

static void mschap2_with(struct world *w, const char *password, uint8_t response[MSCHAPV2_RESPONSE_LEN])
{
	static const uint8_t challenge[16] = { 3 }, peer[16] = { 4 };
	struct wr q = access_begin(w, "bob");

	mschapv2_response(span_str(password), span_str("bob"), challenge, peer, response);
	radius_put_span(&q, RADIUS_ATTR_MS_CHAP_CHALLENGE, span_of(challenge, 16));
	radius_put_ms_chap2_response(&q, 5, response);
	access_end(w, &q);
}

static void ms_chap_v2(void **state)
{
	static const uint8_t challenge[16] = { 3 };
	struct world *w = world_new();
	uint8_t response[MSCHAPV2_RESPONSE_LEN], success[MSCHAPV2_SUCCESS_LEN], ident;
	struct radius_attr a;
	struct span rest;

	mschap2_with(w, "hello", response);
	expect(w, RADIUS_ACCESS_ACCEPT);
	assert_true(attr_of(w, RADIUS_ATTR_MS_CHAP2_SUCCESS, &a));
	assert_true(radius_attr_ident(&a, &ident, &rest));
	assert_int_equal(ident, 5);
	assert_true(mschapv2_check(span_str("hello"), span_str("bob"), span_of(challenge, 16), span_of(response, 49), success));
	assert_true(span_eq(rest, span_of(success, sizeof(success))));
	mschap2_with(w, "hell", response);
	expect(w, RADIUS_ACCESS_REJECT);
	assert_true(attr_of(w, RADIUS_ATTR_MS_CHAP_ERROR, &a));
	assert_int_equal(a.value.p[0], 5);
	assert_memory_equal(a.value.p + 1, "E=691 R=0", 9);
	world_free(w);
}

static void anybody(void **state)
{
	struct world *w = world_new();
	struct radius_user *u = users_add(&w->users, "*", "pw");

	u->any_password = true;
	access_pap(w, "eve", "whatever");
	expect(w, RADIUS_ACCESS_ACCEPT);
	access_pap(w, "bob", "whatever");	/* is listed */
	expect(w, RADIUS_ACCESS_REJECT);
	world_free(w);
}

/* ---- what is dropped ---- */

static void what_is_dropped(void **state)
{
	struct world *w = world_new();
	struct wr q;

	access_pap(w, "bob", "hello");
	assert_false(ask_at(w, LAB_RADIUS_ACCT));
	assert_int_equal(counted(w, LAB_RADIUS_UNEXPECTED_CODE), 1);
	w->request_len = 19;
	assert_false(ask(w));
	assert_int_equal(counted(w, LAB_RADIUS_MALFORMED), 1);
	q = access_begin(w, "bob");
	radius_put_message_authenticator_slot(&q);	/* zeros: wrong */
	access_end(w, &q);
	assert_false(ask(w));
	assert_int_equal(counted(w, LAB_RADIUS_BAD_MESSAGE_AUTHENTICATOR), 1);
	acct(w, RADIUS_ACCT_STATUS_TYPE_START, "1", 0, 0);
	w->request[4] ^= 1;
	assert_false(ask_at(w, LAB_RADIUS_ACCT));
	assert_int_equal(counted(w, LAB_RADIUS_BAD_AUTHENTICATOR), 1);
	assert_int_equal(lab_radius_book(w->r)->open, 0);
	world_free(w);
}

static void status_server(struct world *w)
{
	struct wr q = wr_of(w->request, sizeof(w->request));
	uint8_t authenticator[16] = { 8 };

	radius_pkt_begin(&q, RADIUS_STATUS_SERVER, 1, authenticator);
	radius_put_message_authenticator_slot(&q);
	access_end(w, &q);
	radius_sign_request(w->request, w->request_len, w->conf.secret);
}

static void status(void **state)
{
	struct world *w = world_new();

	status_server(w);
	expect(w, RADIUS_ACCESS_ACCEPT);
	assert_true(ask_at(w, LAB_RADIUS_ACCT) && is_sound(w));
	assert_int_equal(w->answer[0], RADIUS_ACCOUNTING_RESPONSE);
	w->request_len -= 18;	/* without Message-Authenticator */
	w->request[3] = 20;
	assert_false(ask(w));
	lab_radius_free(w->r);
	w->r = NULL;
	w->conf.status_server = false;
	status_server(w);
	assert_false(ask(w));
	assert_int_equal(counted(w, LAB_RADIUS_STATUS_IGNORED), 1);
	world_free(w);
}

/* ---- accounting ---- */

static void record(struct world *w, uint32_t type, const char *session, uint64_t in, uint64_t out)
{
	acct(w, type, session, in, out);
	assert_true(ask_at(w, LAB_RADIUS_ACCT));
	assert_true(is_sound(w));
	assert_true(w->taken.fresh);
}

static void the_book(void **state)
{
	enum { START = RADIUS_ACCT_STATUS_TYPE_START, STOP = RADIUS_ACCT_STATUS_TYPE_STOP,
	       INTERIM = RADIUS_ACCT_STATUS_TYPE_INTERIM_UPDATE, ON = RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_ON };
	struct world *w = world_new();
	const struct acct_book *b = lab_radius_book(server(w));

	record(w, START, "a", 0, 0);
	record(w, START, "b", 0, 0);
	assert_int_equal(b->open, 2);
	record(w, INTERIM, "a", 5000000000, 7);
	record(w, INTERIM, "a", 4999999999, 7);
	assert_int_equal(b->went_back, 1);
	record(w, STOP, "a", 5000000001, 8);
	record(w, STOP, "a", 5000000001, 8);	/* another packet */
	assert_int_equal(b->stops_again, 1);
	assert_int_equal(b->open, 1);
	assert_int_equal(b->in_octets, 5000000001);
	assert_int_equal(b->out_octets, 8);
	assert_int_equal(b->session_s, 9);
	record(w, STOP, "c", 1, 1);
	assert_int_equal(b->stops_without_start, 1);
	record(w, START, "c", 0, 0);		/* only late */
	assert_int_equal(b->stops_without_start, 0);
	assert_int_equal(b->open, 1);
	record(w, START, "b", 0, 0);
	assert_int_equal(b->starts_again, 1);
	record(w, INTERIM, "d", 0, 0);
	assert_int_equal(b->interims_without_start, 1);
	record(w, STOP, "", 0, 0);
	assert_int_equal(b->without_session_id, 1);
	record(w, ON, "", 0, 0);
	assert_int_equal(b->ended_by_on, 1);
	assert_int_equal(b->open, 0);
	assert_int_equal(b->by_status[START], 4);
	assert_int_equal(b->by_status[ON], 1);
	world_free(w);
}

static void repetitions(void **state)
{
	struct world *w = world_new();

	record(w, RADIUS_ACCT_STATUS_TYPE_START, "a", 0, 0);
	assert_true(ask_at(w, LAB_RADIUS_ACCT) && is_sound(w));	/* acknowledged again, not recorded */
	assert_false(w->taken.fresh);
	assert_int_equal(lab_radius_book(w->r)->by_status[1], 1);
	assert_int_equal(counted(w, LAB_RADIUS_ACCT_DUPLICATES), 1);
	access_pap(w, "bob", "hello");
	expect(w, RADIUS_ACCESS_ACCEPT);
	expect(w, RADIUS_ACCESS_ACCEPT);
	assert_int_equal(counted(w, LAB_RADIUS_ACCESS_DUPLICATES), 1);
	w->now = mono_add_s(w->now, 31);
	expect(w, RADIUS_ACCESS_ACCEPT);	/* forgotten */
	assert_true(w->taken.fresh);
	world_free(w);
}

/* An order for a request is one for its repetitions. */
static void orders_are_kept(void **state)
{
	struct world *w = world_new();
	unsigned rejects = 0;

	w->conf.reject = 50;
	for (unsigned i = 0; i < 100; i++) {
		uint8_t code;

		access_pap(w, "bob", "hello");
		assert_true(ask(w));
		code = w->answer[0];
		rejects += code == RADIUS_ACCESS_REJECT;
		for (unsigned again = 0; again < 3; again++) {
			assert_true(ask(w));
			assert_int_equal(w->answer[0], code);
		}
	}
	assert_in_range(rejects, 30, 70);
	assert_int_equal(counted(w, LAB_RADIUS_REJECTED), 4 * rejects);
	world_free(w);
}

static void challenges(void **state)
{
	struct world *w = world_new();
	struct radius_attr a;
	struct wr q;

	w->conf.challenge = 100;
	access_pap(w, "bob", "hello");
	expect(w, RADIUS_ACCESS_CHALLENGE);
	assert_true(attr_of(w, RADIUS_ATTR_STATE, &a));
	q = access_begin(w, "bob");
	radius_put_user_password(&q, span_str("hello"), authenticator_of(w), w->conf.secret);
	radius_put_span(&q, RADIUS_ATTR_STATE, a.value);
	radius_put_span(&q, RADIUS_ATTR_PROXY_STATE, span_str("one"));
	radius_put_span(&q, RADIUS_ATTR_PROXY_STATE, span_str("two"));
	access_end(w, &q);
	expect(w, RADIUS_ACCESS_ACCEPT);
	assert_true(attr_of(w, RADIUS_ATTR_PROXY_STATE, &a));
	assert_true(span_eq_str(a.value, "one"));
	world_free(w);
}

/* ---- misbehaviour ---- */

static void silence(void **state)
{
	struct world *w = world_new();
	unsigned silent = 0;

	w->conf.silent = 25;
	for (unsigned i = 0; i < 200; i++) {
		acct(w, RADIUS_ACCT_STATUS_TYPE_START, "x", 0, 0);
		silent += !ask_at(w, LAB_RADIUS_ACCT);
	}
	assert_in_range(silent, 25, 75);
	assert_int_equal(counted(w, LAB_RADIUS_SILENT), silent);
	assert_int_equal(lab_radius_book(w->r)->by_status[1], 200 - silent);	/* as if they had not come */
	lab_radius_silence(w->r, true);
	access_pap(w, "bob", "hello");
	assert_false(ask(w));
	lab_radius_silence(w->r, false);
	for (unsigned i = 0; i < 20 && !ask(w); i++)
		;
	assert_true(is_sound(w));
	world_free(w);
}

static void wrong_answers(void **state)
{
	struct world *w = world_new();

	w->conf.wrong_authenticator = 100;
	access_pap(w, "bob", "hello");
	assert_true(ask(w));
	assert_false(radius_response_ok(w->answer, w->answer_len, authenticator_of(w), w->conf.secret));
	world_free(w);

	w = world_new();
	w->conf.wrong_secret = true;
	access_pap(w, "bob", "hello");
	assert_true(ask(w));
	assert_true(radius_response_ok(w->answer, w->answer_len, authenticator_of(w), span_str("not the secret")));
	world_free(w);

	w = world_new();
	w->conf.wrong_id = 100;
	access_pap(w, "bob", "hello");
	assert_true(ask(w));
	assert_true(radius_response_ok(w->answer, w->answer_len, authenticator_of(w), w->conf.secret));
	assert_int_equal(w->answer[1], (uint8_t)(w->request[1] + 1));
	world_free(w);
}

static void short_and_double_answers(void **state)
{
	struct world *w = world_new();
	struct radius_pkt p;

	w->conf.truncate = 100;
	for (unsigned i = 0; i < 100; i++) {
		access_pap(w, "bob", "hello");
		assert_true(ask(w));
		assert_int_not_equal(radius_pkt_decode(&p, w->answer, w->answer_len), RADIUS_PKT_OK);
	}
	world_free(w);

	w = world_new();
	w->conf.duplicate = 100;
	access_pap(w, "bob", "hello");
	assert_true(ask(w) && is_sound(w));
	assert_true(answered(w) && is_sound(w));
	assert_false(answered(w));
	world_free(w);
}

/* Answers that have come by an instant. */
static unsigned until(struct world *w, mono_t end)
{
	unsigned n = 0;

	for (;;) {
		mono_t due = lab_radius_deadline(server(w));

		while (answered(w))
			n++;
		due = lab_radius_deadline(w->r);
		if (end.ns < due.ns)
			break;
		if (w->now.ns < due.ns)
			w->now = due;
		lab_radius_expire(w->r, w->now);
	}
	w->now = end;
	return n;
}

static void delay(void **state)
{
	struct world *w = world_new();

	w->conf.delay_min_ms = 100;
	w->conf.delay_max_ms = 200;
	for (unsigned i = 0; i < 50; i++) {
		access_pap(w, "bob", "hello");
		assert_false(ask(w));
	}
	assert_int_equal(until(w, mono_add_ms(MONO_ZERO, 99)), 0);
	assert_in_range(until(w, mono_add_ms(MONO_ZERO, 150)), 10, 40);
	until(w, mono_add_ms(MONO_ZERO, 204));
	assert_true(mono_is_never(lab_radius_deadline(w->r)));
	world_free(w);
}

static void bursts(void **state)
{
	struct world *w = world_new();

	w->conf.burst = 5;
	for (unsigned i = 0; i < 4; i++) {
		access_pap(w, "bob", "hello");
		assert_false(ask(w));
	}
	access_pap(w, "bob", "hello");
	assert_true(ask(w));
	assert_int_equal(until(w, w->now), 4);
	access_pap(w, "bob", "hello");
	assert_false(ask(w));
	assert_int_equal(until(w, mono_add_ms(w->now, 99)), 0);
	assert_int_equal(until(w, mono_add_ms(w->now, 1)), 1);
	world_free(w);
}

static void rate(void **state)
{
	struct world *w = world_new();

	w->conf.rate = 100;
	for (unsigned i = 0; i < 200; i++) {
		access_pap(w, "bob", "hello");
		(void)ask(w);
	}
	assert_in_range(until(w, mono_add_s(MONO_ZERO, 1)), 98, 101);
	until(w, mono_add_ms(MONO_ZERO, 2010));
	assert_true(mono_is_never(lab_radius_deadline(w->r)));
	world_free(w);
}

/* What waits at the end is freed (a sanitizer looks). */
static void ended_early(void **state)
{
	struct world *w = world_new();

	w->conf.delay_max_ms = 1000;
	w->conf.burst = 50;
	w->conf.rate = 1;
	for (unsigned i = 0; i < 200; i++) {
		access_pap(w, "bob", "hello");
		(void)ask(w);
	}
	w->now = mono_add_ms(w->now, 500);
	lab_radius_expire(w->r, w->now);
	world_free(w);
}

/* ---- reports ---- */

static json_t *line_of(struct world *w)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *o;

	assert_int_equal(radius_line_json(&w->taken, &nas, (struct wall){ 1000, 500000000 }, w->conf.secret, out), 0);
	fclose(out);
	assert_int_equal(text[len - 1], '\n');
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	free(text);
	return o;
}

static const char *attribute(json_t *line, const char *name)
{
	return json_string_value(json_object_get(json_object_get(line, "attributes"), name));
}

static void a_line_has_every_attribute(void **state)
{
	struct world *w = world_new();
	struct wr q = access_begin(w, "b\xff" "b");
	json_t *o;

	radius_put_user_password(&q, span_str("hello"), authenticator_of(w), w->conf.secret);
	radius_put_span(&q, RADIUS_ATTR_CALLING_STATION_ID, span_str("0301234"));
	radius_put_u32(&q, RADIUS_ATTR_SERVICE_TYPE, 2);
	radius_put_u32(&q, RADIUS_ATTR_NAS_PORT, 77);
	radius_put_tagged_u32(&q, RADIUS_ATTR_TUNNEL_TYPE, 1, 3);
	radius_put_span(&q, RADIUS_ATTR_CLASS, span_str("a"));
	radius_put_span(&q, RADIUS_ATTR_CLASS, span_str("b"));
	radius_put_span(&q, RADIUS_ATTR_CLASS, span_str("c"));
	radius_put(&q, 9, 1, span_str("x"));
	access_end(w, &q);
	assert_true(ask(w) && w->taken.fresh);
	o = line_of(w);
	assert_string_equal(json_string_value(json_object_get(o, "answer")), "Access-Reject");
	assert_string_equal(json_string_value(json_object_get(o, "from")), "192.0.2.1");
	assert_string_equal(attribute(o, "User-Name"), "0x62ff62");
	assert_string_equal(attribute(o, "User-Password"), "hello");
	assert_string_equal(attribute(o, "Calling-Station-Id"), "0301234");
	assert_string_equal(attribute(o, "Service-Type"), "Framed-User");
	assert_string_equal(attribute(o, "Tunnel-Type:1"), "L2TP");
	assert_string_equal(attribute(o, "Attr-26.9.1"), "0x78");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "attributes"), "NAS-Port")), 77);
	assert_int_equal(json_array_size(json_object_get(json_object_get(o, "attributes"), "Class")), 3);
	json_decref(o);
	world_free(w);
}

static void the_summary(void **state)
{
	struct world *w = world_new();
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *o, *records;

	record(w, RADIUS_ACCT_STATUS_TYPE_START, "a", 0, 0);
	access_pap(w, "bob", "hello");
	expect(w, RADIUS_ACCESS_ACCEPT);
	assert_int_equal(radius_summary_json(w->r, 1.5, 0, out), 0);
	fclose(out);
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "auth"), "accepts")), 1);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "acct"), "open")), 1);
	records = json_object_get(json_object_get(o, "acct"), "records");
	assert_int_equal(json_integer_value(json_object_get(records, "Start")), 1);
	json_decref(o);
	free(text);
	world_free(w);
}

/* 20,000 requests a second are wanted with sockets; without, it must be far more. */
static void fast_enough(void **state)
{
	enum { N = 20000 };
	struct world *w = world_new();
	clock_t begun = clock();
	double seconds;

	for (unsigned i = 0; i < N; i++) {
		struct wr q = access_begin(w, "bob");

		memcpy(w->request + 4, &i, sizeof(i));
		radius_put_user_password(&q, span_str("hello"), authenticator_of(w), w->conf.secret);
		radius_put_message_authenticator_slot(&q);
		access_end(w, &q);
		radius_sign_request(w->request, w->request_len, w->conf.secret);
		assert_true(ask(w));
		assert_int_equal(w->answer[0], RADIUS_ACCESS_ACCEPT);
	}
	seconds = (double)(clock() - begun) / CLOCKS_PER_SEC;
	print_message("%.1f us of CPU a request, the client's part included\n", seconds / N * 1e6);
	if (mallinfo2().uordblks != 0)		/* a sanitizer's allocator does not tell, and is slow */
		assert_true(seconds / N < 25e-6);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pap), cmocka_unit_test(chap), cmocka_unit_test(ms_chap_v2), cmocka_unit_test(anybody),
		cmocka_unit_test(what_is_dropped), cmocka_unit_test(status), cmocka_unit_test(the_book),
		cmocka_unit_test(repetitions), cmocka_unit_test(orders_are_kept), cmocka_unit_test(challenges),
		cmocka_unit_test(silence), cmocka_unit_test(wrong_answers), cmocka_unit_test(short_and_double_answers),
		cmocka_unit_test(delay), cmocka_unit_test(bursts), cmocka_unit_test(rate), cmocka_unit_test(ended_early),
		cmocka_unit_test(a_line_has_every_attribute), cmocka_unit_test(the_summary), cmocka_unit_test(fast_enough),
	};

	return cmocka_run_group_tests_name("lab_radius_server", tests, NULL, NULL);
}
