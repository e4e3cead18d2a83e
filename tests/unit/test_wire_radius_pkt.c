/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire/radius_pkt, radius_hide: RFC 2865 §3, §5.2 and the packets of its §7, RFC 5997 §6, RFC 3579 §3.2,
 * RFC 5176 §3.4, RFC 2868 §3.5. What the RFCs have no example of was computed with Python's hashlib and hmac.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wire/radius_attr.h"
#include "wire/radius_pkt.h"

#define SECRET span_str("xyzzy5461")
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint8_t zeros[16];
/* The Request Authenticator of what was computed: 10 11 12 .. 1f. */
static const uint8_t ra[16] = { 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

struct octets {
	uint8_t b[RADIUS_PKT_MAX + 8];
	size_t len;
};

static struct octets of_hex(const char *hex)
{
	struct octets o = { .len = 0 };
	unsigned v;
	int n;

	while (sscanf(hex, " %2x%n", &v, &n) == 1) {
		o.b[o.len++] = (uint8_t)v;
		hex += n;
	}
	return o;
}

static void same(struct span got, const char *hex)
{
	struct octets want = of_hex(hex);

	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.b, want.len);
}

static enum radius_pkt_fault decode(const uint8_t *b, size_t len, struct radius_pkt *p)
{
	uint8_t *exact = malloc(len ? len : 1);	/* a sanitizer sees a read past the datagram */
	enum radius_pkt_fault f;

	assert_non_null(exact);
	memcpy(exact, b, len);
	f = radius_pkt_decode(p, exact, len);
	p->attrs.p = NULL;
	free(exact);
	return f;
}

/* RFC 2865 §7.1, §7.2 */
static const char telnet_request[] =
	"01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb 98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be 70 8d "
	"93 d4 13 ce 31 96 e4 3f 78 2a 0a ee 04 06 c0 a8 01 10 05 06 00 00 00 03";
static const char telnet_accept[] =
	"02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf 9b 55 e0 b2 06 06 00 00 00 01 0f 06 00 00 00 00 "
	"0e 06 c0 a8 01 03";
static const char chap_request[] =
	"01 01 00 47 2a ee 86 f0 8d 0d 55 96 9c a5 97 8e 0d 33 67 a2 01 08 66 6c 6f 70 73 79 03 13 16 e9 "
	"75 57 c3 16 18 58 95 f2 93 ff 63 44 07 72 75 04 06 c0 a8 01 10 05 06 00 00 00 14 06 06 00 00 00 "
	"02 07 06 00 00 00 01";
static const char chap_accept[] =
	"02 01 00 38 15 ef bc 7d ab 26 cf a3 dc 34 d9 c0 3c 86 01 a4 06 06 00 00 00 02 07 06 00 00 00 01 "
	"08 06 ff ff ff fe 0a 06 00 00 00 02 0d 06 00 00 00 01 0c 06 00 00 05 dc";
/* RFC 5997 §6.1 to 6.3; the answer of §6.2 is printed there with Code 2, but computed with 5, which the text says. */
static const char status_1[] =
	"0c da 00 26 8a 54 f4 68 6f b3 94 c5 28 66 e3 02 18 5d 06 23 50 12 5a 66 5e 2e 1e 84 11 f3 e2 43 "
	"82 20 97 c8 4f a3";
static const char status_1_accept[] =
	"02 da 00 14 ef 0d 55 2a 4b f2 d6 93 ec 2b 6f e8 b5 41 1d 66";
static const char status_2[] =
	"0c b3 00 26 92 5f 6b 66 dd 5f ed 57 1f cb 1d b7 ad 38 82 60 50 12 e8 d6 ea bd a9 10 87 5c d9 1f "
	"da de 26 36 78 58";
static const char status_2_answer[] =
	"05 b3 00 14 0f 6f 92 14 5f 10 7e 2f 50 4e 86 0a 48 60 66 9c";
static const char status_3[] =
	"0c 47 00 2c bf 58 de 56 ae 40 8a d3 b7 0c 85 13 f9 b0 3f be 04 06 c0 00 02 10 50 12 85 2d 6f ec "
	"61 e7 ed 74 b8 e3 2d ac 2f 2a 5f b2";
static const char status_3_accept[] =
	"02 47 00 34 46 f4 3e 62 fd 03 54 42 4c bb eb fd 6d 21 4e 06 12 20 52 41 44 49 55 53 20 53 65 72 "
	"76 65 72 20 75 70 20 32 20 64 61 79 73 2c 20 31 38 3a 34 30";
/* computed */
static const char signed_request[] =
	"01 09 00 3d 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 50 12 2b 04 a7 0f 4c d6 ac 24 4c 0f "
	"1e d7 2a a7 60 48 01 11 62 6f 62 40 69 73 70 2e 65 78 61 6d 70 6c 65 05 06 00 00 00 07";
static const char signed_accept[] =
	"02 09 00 35 09 0c 51 90 30 4c a5 f2 5d e1 32 33 4d 6c 9f ee 50 12 b3 1c 93 ef 1c a3 f2 12 19 49 "
	"fa ce 7a f1 43 50 12 09 77 65 6c 63 6f 6d 65 08 06 0a 00 00 01";
static const char acct_request[] =
	"04 4d 00 20 a5 e3 68 cf b8 3b 15 46 1a d8 0f f5 f8 74 41 0e 28 06 00 00 00 01 2c 06 30 30 30 31";
static const char acct_response[] =
	"05 4d 00 14 08 d8 98 17 70 95 0a a0 97 a7 5e 81 1a b7 00 c8";
static const char coa_request[] =
	"2b 03 00 2c e9 35 95 99 13 ea 45 e3 64 01 92 db c8 83 96 8e 50 12 90 70 34 ec 5e 3f e2 cd 07 d4 "
	"c3 2d 9c 90 ee ef 2c 06 30 30 30 31";
static const char coa_nak[] =
	"2d 03 00 2c 56 fc 1a 7a bc ab 34 98 5d 05 c7 16 cb d2 11 ba 50 12 4d f9 ee 23 fc c7 59 d7 6c 8f "
	"dd 1e 5f b4 5b 22 65 06 00 00 01 f7";

static const char *const packets[] = { telnet_request, telnet_accept, chap_request, chap_accept, status_1, status_1_accept,
	status_2, status_2_answer, status_3, status_3_accept, signed_request, signed_accept, acct_request, acct_response,
	coa_request, coa_nak };

/* ---- decoding ---- */

/* RFC 2865 §7.1 */
static void decode_example(void **state)
{
	struct octets o = of_hex(telnet_request);
	struct radius_pkt p;

	assert_int_equal(radius_pkt_decode(&p, o.b, o.len), RADIUS_PKT_OK);
	assert_int_equal(p.code, RADIUS_ACCESS_REQUEST);
	assert_int_equal(p.id, 0);
	assert_memory_equal(p.authenticator, o.b + 4, 16);
	assert_ptr_equal(p.attrs.p, o.b + 20);
	assert_int_equal(p.attrs.len, 36);
}

/* RFC 2865 §3: padding is ignored, a datagram shorter than Length is not. */
static void decode_lengths(void **state)
{
	struct octets o = of_hex(telnet_request);
	struct radius_pkt p;

	memset(o.b + o.len, 0xff, 8);
	assert_int_equal(radius_pkt_decode(&p, o.b, o.len + 8), RADIUS_PKT_OK);
	assert_int_equal(p.attrs.len, 36);
	for (uint8_t length = 0; length < 20; length++) {
		o.b[3] = length;
		assert_int_equal(decode(o.b, o.len, &p), RADIUS_PKT_LENGTH);
	}
	o.b[3] = 20;
	assert_int_equal(decode(o.b, o.len, &p), RADIUS_PKT_OK);
	o.b[3] = (uint8_t)(o.len + 1);
	assert_int_equal(decode(o.b, o.len, &p), RADIUS_PKT_LENGTH);
	assert_int_equal(p.code, 0);
}

/* interop.md 2: 4,096 octets are a packet, one more is not. */
static void decode_longest(void **state)
{
	struct octets o = of_hex("02 00 10 00");
	struct radius_pkt p;
	size_t at;

	for (at = 20; at < RADIUS_PKT_MAX; at += o.b[at + 1]) {
		size_t left = RADIUS_PKT_MAX - at;

		o.b[at] = RADIUS_ATTR_REPLY_MESSAGE;
		o.b[at + 1] = (uint8_t)(left > 255 ? 255 : left);
	}
	assert_int_equal(decode(o.b, RADIUS_PKT_MAX, &p), RADIUS_PKT_OK);
	assert_int_equal(p.attrs.len, RADIUS_PKT_MAX - 20);
	assert_int_equal(decode(o.b, RADIUS_PKT_MAX - 1, &p), RADIUS_PKT_LENGTH);
	o.b[3] = 1;
	assert_int_equal(decode(o.b, RADIUS_PKT_MAX + 8, &p), RADIUS_PKT_LENGTH);
}

static void decode_truncated(void **state)
{
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct octets o = of_hex(packets[i]);
		struct radius_pkt p;

		assert_int_equal(decode(o.b, o.len, &p), RADIUS_PKT_OK);
		for (size_t len = 0; len < o.len; len++)
			assert_int_equal(decode(o.b, len, &p), len < 20 ? RADIUS_PKT_SHORT : RADIUS_PKT_LENGTH);
	}
}

static bool boundary(const struct octets *o, size_t len)
{
	size_t at = 20;

	while (at < len)
		at += o->b[at + 1];
	return at == len;
}

/* The same with a Length that agrees: only whole attributes are a packet. */
static void decode_truncated_attributes(void **state)
{
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct octets o = of_hex(packets[i]);
		struct radius_pkt p;

		for (size_t len = 20; len < o.len; len++) {
			o.b[3] = (uint8_t)len;
			assert_int_equal(decode(o.b, len, &p), boundary(&o, len) ? RADIUS_PKT_OK : RADIUS_PKT_ATTRIBUTE);
		}
	}
}

static void decode_attribute_lengths(void **state)
{
	struct octets o = of_hex("02 00 00 1a 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 19 06 00 00 00 00");
	struct radius_pkt p;

	for (unsigned len = 0; len < 256; len++) {
		o.b[21] = (uint8_t)len;	/* 2 and 4 leave zeros, whose length is 0 */
		assert_int_equal(decode(o.b, o.len, &p), len == 6 ? RADIUS_PKT_OK : RADIUS_PKT_ATTRIBUTE);
	}
}

static void names(void **state)
{
	assert_string_equal(radius_code_name(RADIUS_ACCESS_REQUEST), "Access-Request");
	assert_string_equal(radius_code_name(RADIUS_COA_NAK), "CoA-NAK");
	assert_string_equal(radius_code_name(0), "?");
	for (enum radius_pkt_fault f = 0; f < RADIUS_PKT_FAULTS; f++)
		assert_non_null(radius_pkt_fault_name(f));
	assert_string_equal(radius_pkt_fault_name(RADIUS_PKT_ATTRIBUTE), "bad-attribute");
	assert_string_equal(radius_pkt_fault_name(RADIUS_PKT_FAULTS), "?");
}

/* ---- authenticators ---- */

static void response_authenticators(void **state)
{
	static const struct { const char *request, *response; } pairs[] = {
		{ telnet_request, telnet_accept }, { chap_request, chap_accept }, { status_1, status_1_accept },
		{ status_2, status_2_answer }, { status_3, status_3_accept }, { signed_request, signed_accept },
		{ acct_request, acct_response }, { coa_request, coa_nak },
	};

	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct octets q = of_hex(pairs[i].request), r = of_hex(pairs[i].response);

		assert_true(radius_response_ok(r.b, r.len, q.b + 4, SECRET));
		assert_true(radius_response_ok(r.b, r.len + 3, q.b + 4, SECRET));	/* padding is not in it */
		assert_false(radius_response_ok(r.b, r.len, q.b + 4, span_str("xyzzy5462")));
		assert_false(radius_response_ok(r.b, r.len, q.b + 4, span_of(NULL, 0)));
		assert_false(radius_response_ok(r.b, r.len - 1, q.b + 4, SECRET));
		assert_false(radius_response_ok(r.b, 0, q.b + 4, SECRET));
		q.b[4] ^= 1;
		assert_false(radius_response_ok(r.b, r.len, q.b + 4, SECRET));
	}
}

static void response_changed(void **state)
{
	struct octets q = of_hex(chap_request), r = of_hex(chap_accept);

	for (size_t i = 0; i < 8 * r.len; i++) {
		r.b[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(radius_response_ok(r.b, r.len, q.b + 4, SECRET));
		r.b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_true(radius_response_ok(r.b, r.len, q.b + 4, SECRET));
}

/* RFC 2866 §3, RFC 5080 §2.3.3, RFC 5176 §2.3 */
static void request_authenticators(void **state)
{
	struct octets acct = of_hex(acct_request), coa = of_hex(coa_request), access = of_hex(signed_request);

	assert_true(radius_accounting_request_ok(acct.b, acct.len, SECRET));
	assert_true(radius_accounting_request_ok(coa.b, coa.len, SECRET));
	assert_false(radius_accounting_request_ok(access.b, access.len, SECRET));	/* random */
	assert_false(radius_accounting_request_ok(acct.b, acct.len, span_str("other")));
	assert_false(radius_accounting_request_ok(acct.b, 19, SECRET));
	acct.b[acct.len - 1] ^= 1;
	assert_false(radius_accounting_request_ok(acct.b, acct.len, SECRET));
}

/* ---- Message-Authenticator ---- */

static enum radius_ma ma_check(const struct octets *o, const uint8_t *authenticator)
{
	return radius_message_authenticator_check(o->b, o->len, authenticator, SECRET);
}

/* RFC 5997 §6, RFC 3579 §3.2, RFC 5176 §3.4 */
static void ma_good(void **state)
{
	struct octets s1 = of_hex(status_1), s2 = of_hex(status_2), s3 = of_hex(status_3), q = of_hex(signed_request);
	struct octets accept = of_hex(signed_accept), coa = of_hex(coa_request), nak = of_hex(coa_nak);

	assert_int_equal(ma_check(&s1, s1.b + 4), RADIUS_MA_GOOD);
	assert_int_equal(ma_check(&s2, s2.b + 4), RADIUS_MA_GOOD);
	assert_int_equal(ma_check(&s3, s3.b + 4), RADIUS_MA_GOOD);
	assert_int_equal(ma_check(&q, ra), RADIUS_MA_GOOD);
	assert_int_equal(ma_check(&accept, ra), RADIUS_MA_GOOD);
	assert_int_equal(ma_check(&accept, accept.b + 4), RADIUS_MA_BAD);
	assert_int_equal(ma_check(&coa, zeros), RADIUS_MA_GOOD);
	assert_int_equal(ma_check(&coa, coa.b + 4), RADIUS_MA_BAD);
	assert_int_equal(ma_check(&nak, coa.b + 4), RADIUS_MA_GOOD);
	assert_int_equal(ma_check(&nak, zeros), RADIUS_MA_BAD);
	assert_int_equal(radius_message_authenticator_check(q.b, q.len, ra, span_str("other")), RADIUS_MA_BAD);
	assert_int_equal(radius_message_authenticator_check(q.b, q.len + 8, ra, SECRET), RADIUS_MA_GOOD);
}

/* Whatever is changed outside the Authenticator, which stands aside, shows. */
static void ma_changed(void **state)
{
	struct octets o = of_hex(signed_accept);

	for (size_t i = 0; i < 8 * o.len; i++) {
		if (i / 8 >= 4 && i / 8 < 20)
			continue;
		o.b[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(ma_check(&o, ra), RADIUS_MA_GOOD);
		o.b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void ma_absent(void **state)
{
	struct octets o = of_hex(telnet_accept), q = of_hex(telnet_request);

	assert_int_equal(ma_check(&o, q.b + 4), RADIUS_MA_ABSENT);
}

static void ma_bad_form(void **state)
{
	struct octets o = of_hex(signed_accept);

	o.b[20 + 18] = RADIUS_ATTR_MESSAGE_AUTHENTICATOR;	/* a second one, of 16 octets */
	assert_int_equal(ma_check(&o, ra), RADIUS_MA_BAD);
	o = of_hex("02 01 00 16 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 50 02");
	assert_int_equal(ma_check(&o, ra), RADIUS_MA_BAD);
	o = of_hex("02 01 00 17 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 50 03 00");
	assert_int_equal(ma_check(&o, ra), RADIUS_MA_BAD);
	o = of_hex(signed_accept);
	o.b[20 + 18 + 1] = 0;					/* good, but what follows is no attribute */
	assert_int_equal(ma_check(&o, ra), RADIUS_MA_BAD);
	o.len = 19;
	assert_int_equal(ma_check(&o, ra), RADIUS_MA_BAD);
}

/* CVE-2024-3596: a reply without Message-Authenticator, padded by Proxy-State, can have a good Response Authenticator. */
static void ma_stripped(void **state)
{
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	size_t len;

	radius_pkt_begin(&w, RADIUS_ACCESS_ACCEPT, 9, NULL);
	radius_put_span(&w, RADIUS_ATTR_PROXY_STATE, span_of(zeros, 16));
	radius_put_span(&w, RADIUS_ATTR_PROXY_STATE, span_of(ra, 16));
	len = radius_pkt_end(&w);
	assert_true(radius_sign_response(buf, len, ra, SECRET));
	assert_true(radius_response_ok(buf, len, ra, SECRET));
	assert_int_equal(radius_message_authenticator_check(buf, len, ra, SECRET), RADIUS_MA_ABSENT);
}

/* ---- writing ---- */

static void write_access_request(void **state)
{
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	size_t len;

	radius_pkt_begin(&w, RADIUS_ACCESS_REQUEST, 9, ra);
	radius_put_message_authenticator_slot(&w);
	assert_true(radius_put_span(&w, RADIUS_ATTR_USER_NAME, span_str("bob@isp.example")));
	assert_true(radius_put_u32(&w, RADIUS_ATTR_NAS_PORT, 7));
	len = radius_pkt_end(&w);
	assert_true(radius_sign_request(buf, len, SECRET));
	same(span_of(buf, len), signed_request);
	assert_true(radius_sign_request(buf, len, SECRET));	/* what was in the slot does not count */
	same(span_of(buf, len), signed_request);
}

static void write_accept(void **state)
{
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	struct ip_addr ip = ip4_of(0x0a000001);
	size_t len;

	radius_pkt_begin(&w, RADIUS_ACCESS_ACCEPT, 9, NULL);
	radius_put_message_authenticator_slot(&w);
	radius_put_span(&w, RADIUS_ATTR_REPLY_MESSAGE, span_str("welcome"));
	radius_put_ip4(&w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &ip);
	len = radius_pkt_end(&w);
	assert_true(radius_sign_response(buf, len, ra, SECRET));
	same(span_of(buf, len), signed_accept);
}

/* RFC 2866 §3 */
static void write_accounting(void **state)
{
	struct octets q = of_hex(acct_request);
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	size_t len;

	radius_pkt_begin(&w, RADIUS_ACCOUNTING_REQUEST, 77, NULL);
	radius_put_u32(&w, RADIUS_ATTR_ACCT_STATUS_TYPE, RADIUS_ACCT_STATUS_TYPE_START);
	radius_put_span(&w, RADIUS_ATTR_ACCT_SESSION_ID, span_str("0001"));
	len = radius_pkt_end(&w);
	assert_true(radius_sign_accounting(buf, len, SECRET));
	same(span_of(buf, len), acct_request);
	w = wr_of(buf, sizeof(buf));
	radius_pkt_begin(&w, RADIUS_ACCOUNTING_RESPONSE, 77, NULL);
	len = radius_pkt_end(&w);
	assert_true(radius_sign_response(buf, len, q.b + 4, SECRET));
	same(span_of(buf, len), acct_response);
}

/* RFC 5176 §3.4: Message-Authenticator before Request Authenticator, both over zeros; the reply's over the latter. */
static void write_coa(void **state)
{
	struct octets q = of_hex(coa_request);
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	size_t len;

	radius_pkt_begin(&w, RADIUS_COA_REQUEST, 3, NULL);
	radius_put_message_authenticator_slot(&w);
	radius_put_span(&w, RADIUS_ATTR_ACCT_SESSION_ID, span_str("0001"));
	len = radius_pkt_end(&w);
	assert_true(radius_sign_accounting(buf, len, SECRET));
	same(span_of(buf, len), coa_request);
	w = wr_of(buf, sizeof(buf));
	radius_pkt_begin(&w, RADIUS_COA_NAK, 3, NULL);
	radius_put_message_authenticator_slot(&w);
	radius_put_u32(&w, RADIUS_ATTR_ERROR_CAUSE, RADIUS_ERROR_CAUSE_SESSION_CONTEXT_NOT_FOUND);
	len = radius_pkt_end(&w);
	assert_true(radius_sign_response(buf, len, q.b + 4, SECRET));
	same(span_of(buf, len), coa_nak);
}

static void write_full(void **state)
{
	static const uint8_t value[253];
	uint8_t buf[RADIUS_PKT_MAX + 300];
	struct wr w = wr_of(buf, 19);

	radius_pkt_begin(&w, RADIUS_ACCESS_REQUEST, 1, ra);
	assert_int_equal(radius_pkt_end(&w), 0);
	w = wr_of(buf, 20);
	radius_pkt_begin(&w, RADIUS_ACCESS_REQUEST, 1, ra);
	assert_int_equal(radius_pkt_end(&w), 20);
	radius_put_message_authenticator_slot(&w);
	assert_int_equal(radius_pkt_end(&w), 0);
	w = wr_of(buf, sizeof(buf));
	radius_pkt_begin(&w, RADIUS_ACCESS_REQUEST, 1, ra);
	for (int i = 0; i < 16; i++)
		radius_put_span(&w, RADIUS_ATTR_PROXY_STATE, span_of(value, 253));
	radius_put_u32(&w, RADIUS_ATTR_NAS_PORT, 1);	/* 20 + 16 * 255 + 6: more than a packet may have */
	assert_false(w.full);
	assert_int_equal(radius_pkt_end(&w), 0);
}

static void sign_refuses(void **state)
{
	struct octets o = of_hex(telnet_request), was = o;

	assert_false(radius_sign_request(o.b, o.len, SECRET));		/* no slot */
	assert_false(radius_sign_request(o.b, 3, SECRET));
	o.b[2] = 0xff;
	assert_false(radius_sign_request(o.b, o.len, SECRET));
	assert_false(radius_sign_accounting(o.b, o.len, SECRET));
	assert_false(radius_sign_response(o.b, o.len, ra, SECRET));
	o.b[2] = 0;
	o.b[20] = RADIUS_ATTR_MESSAGE_AUTHENTICATOR;			/* 4 octets are no slot */
	assert_false(radius_sign_request(o.b, o.len, SECRET));
	assert_false(radius_sign_accounting(o.b, o.len, SECRET));
	assert_false(radius_sign_response(o.b, o.len, ra, SECRET));
	o.b[20] = RADIUS_ATTR_USER_NAME;
	assert_memory_equal(o.b, was.b, o.len);
}

/* ---- User-Password, RFC 2865 §5.2 ---- */

static void password_example(void **state)
{
	struct octets q = of_hex(telnet_request);
	uint8_t buf[64], out[RADIUS_USER_PASSWORD_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct span password;

	assert_true(radius_put_user_password(&w, span_str("arctangent"), q.b + 4, SECRET));
	assert_int_equal(wr_len(&w), 18);
	assert_memory_equal(buf, q.b + 26, 18);
	assert_true(radius_user_password_open(span_of(q.b + 28, 16), q.b + 4, SECRET, out, &password));
	assert_true(span_eq_str(password, "arctangent"));
}

static void password_computed(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));

	assert_true(radius_put_user_password(&w, span_str("twenty octets of it."), ra, SECRET));
	same(wr_span(&w), "02 22 ba 22 47 f0 93 d0 50 4a a7 48 5c 38 b5 6b 0e b1 e0 01 b7 1e 60 a0 83 0b d2 fa c5 24 ca 81 ee 3e");
	w = wr_of(buf, sizeof(buf));
	assert_true(radius_put_user_password(&w, span_of(NULL, 0), ra, SECRET));
	same(wr_span(&w), "02 12 ce 55 22 9e e7 a9 70 25 c4 3c 39 4c c6 4b 61 d7");
}

static void password_lengths(void **state)
{
	char text[RADIUS_USER_PASSWORD_MAX + 1];
	uint8_t buf[256], out[RADIUS_USER_PASSWORD_MAX];
	struct span password;

	memset(text, 'x', sizeof(text));
	for (size_t n = 0; n <= RADIUS_USER_PASSWORD_MAX; n++) {
		struct wr w = wr_of(buf, sizeof(buf));

		assert_true(radius_put_user_password(&w, span_of(text, n), ra, SECRET));
		assert_int_equal(wr_len(&w), 2 + (n == 0 ? 16 : (n + 15) / 16 * 16));
		assert_true(radius_user_password_open(span_of(buf + 2, wr_len(&w) - 2), ra, SECRET, out, &password));
		assert_true(span_eq(password, span_of(text, n)));
	}
	struct wr w = wr_of(buf, sizeof(buf));
	assert_false(radius_put_user_password(&w, span_of(text, sizeof(text)), ra, SECRET));
	assert_int_equal(wr_len(&w), 0);
	assert_false(w.full);
	w = wr_of(buf, 17);
	assert_false(radius_put_user_password(&w, span_str("x"), ra, SECRET));
	assert_true(w.full);
	for (size_t n = 0; n < sizeof(buf); n++)
		assert_int_equal(radius_user_password_open(span_of(buf, n), ra, SECRET, out, &password),
				 n > 0 && n <= 128 && n % 16 == 0);
}

/* ---- salted, RFC 2868 §3.5 ---- */

static void salted_computed(void **state)
{
	static const char forty[] =
	"0123456789012345678901234567890123456789";
	uint8_t buf[64], out[RADIUS_TUNNEL_PASSWORD_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct span plain;

	radius_salt_hide(&w, 0x0102, span_str("s3cret"), ra, SECRET);	/* the highest bit is set for us */
	same(wr_span(&w), "81 02 8b dc 5a f7 f8 6f 0f ee 55 9c 41 49 1c 97 da 77");
	assert_true(radius_salt_open(wr_span(&w), ra, SECRET, out, &plain));
	assert_true(span_eq_str(plain, "s3cret"));
	w = wr_of(buf, sizeof(buf));
	radius_salt_hide(&w, 0xffff, span_str(forty), ra, SECRET);
	same(wr_span(&w), "ff ff 82 95 8d 15 d0 86 51 f0 19 00 c7 85 c4 96 eb 08 6e 8f 9e 16 0f 7b c6 28 9f 72 5d 34 9f 97 1d 3e "
			  "12 c5 98 61 cc 7e ee 4a 14 83 04 a8 53 6a 32 2b");
	assert_true(radius_salt_open(wr_span(&w), ra, SECRET, out, &plain));
	assert_true(span_eq_str(plain, forty));
}

static void salted_lengths(void **state)
{
	uint8_t text[RADIUS_TUNNEL_PASSWORD_MAX + 1] = { 0 }, buf[300], out[RADIUS_TUNNEL_PASSWORD_MAX];
	struct span plain;
	struct wr w;

	for (size_t n = 0; n <= RADIUS_TUNNEL_PASSWORD_MAX; n++) {
		w = wr_of(buf, sizeof(buf));
		radius_salt_hide(&w, (uint16_t)n, span_of(text, n), ra, SECRET);
		assert_int_equal(wr_done(&w), 2 + (1 + n + 15) / 16 * 16);
		assert_true(radius_salt_open(wr_span(&w), ra, SECRET, out, &plain));
		assert_true(span_eq(plain, span_of(text, n)));
	}
	radius_salt_hide(&w, 0, span_of(text, sizeof(text)), ra, SECRET);
	assert_true(w.full);
}

/* The inner length is judged: 15 is the most that one block can have. */
static void salted_inner_length(void **state)
{
	uint8_t buf[64], out[RADIUS_TUNNEL_PASSWORD_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct span plain;

	radius_salt_hide(&w, 1, span_of(NULL, 0), ra, SECRET);
	for (unsigned inner = 0; inner < 256; inner++) {
		buf[2] ^= (uint8_t)inner;	/* the length was 0 */
		assert_int_equal(radius_salt_open(wr_span(&w), ra, SECRET, out, &plain), inner <= 15);
		assert_int_equal(plain.len, inner <= 15 ? inner : 0);
		buf[2] ^= (uint8_t)inner;
	}
}

static void salted_outer_length(void **state)
{
	uint8_t buf[300], out[RADIUS_TUNNEL_PASSWORD_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct span plain;

	radius_salt_hide(&w, 1, span_of(NULL, 0), ra, SECRET);
	wr_fill(&w, 0, wr_left(&w));
	for (size_t n = 0; n < sizeof(buf); n++)
		assert_int_equal(radius_salt_open(span_of(buf, n), ra, SECRET, out, &plain),
				 n >= 18 && n <= 242 && n % 16 == 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode_example), cmocka_unit_test(decode_lengths), cmocka_unit_test(decode_longest),
		cmocka_unit_test(decode_truncated), cmocka_unit_test(decode_truncated_attributes),
		cmocka_unit_test(decode_attribute_lengths), cmocka_unit_test(names),
		cmocka_unit_test(response_authenticators), cmocka_unit_test(response_changed),
		cmocka_unit_test(request_authenticators), cmocka_unit_test(ma_good), cmocka_unit_test(ma_changed),
		cmocka_unit_test(ma_absent), cmocka_unit_test(ma_bad_form), cmocka_unit_test(ma_stripped),
		cmocka_unit_test(write_access_request), cmocka_unit_test(write_accept), cmocka_unit_test(write_accounting),
		cmocka_unit_test(write_coa), cmocka_unit_test(write_full), cmocka_unit_test(sign_refuses),
		cmocka_unit_test(password_example), cmocka_unit_test(password_computed), cmocka_unit_test(password_lengths),
		cmocka_unit_test(salted_computed), cmocka_unit_test(salted_lengths), cmocka_unit_test(salted_inner_length),
		cmocka_unit_test(salted_outer_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
