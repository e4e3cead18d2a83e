/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/l2tp_avp, l2tp_avp_table, l2tp_hide, l2tp_line: RFC 2661 §4, RFC 3145, RFC 5515. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/l2tp_avp.h"
#include "wire/l2tp_msg.h"

#define D(...) span_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- iteration ---- */

static void next_two(void **state)
{
	struct rd r = rd_span(D(0x80, 8, 0, 0, 0, 0, 0, 1, 0x40, 7, 0x0d, 0xe9, 0, 0x81, 0x55));
	struct l2tp_avp a;

	assert_true(l2tp_avp_next(&r, &a));
	assert_int_equal(a.flags, L2TP_AVP_M);
	assert_int_equal(a.len, 8);
	assert_int_equal(a.vendor, 0);
	assert_int_equal(a.type, L2TP_AVP_MESSAGE_TYPE);
	assert_int_equal(rd_be16(&a.value), 1);
	assert_int_equal(rd_left(&a.value), 0);
	assert_true(l2tp_avp_next(&r, &a));
	assert_int_equal(a.flags, L2TP_AVP_H);
	assert_int_equal(a.vendor, L2TP_VENDOR_ADSL_FORUM);
	assert_int_equal(a.type, L2TP_LINE_ACTUAL_RATE_UP);
	assert_int_equal(rd_left(&a.value), 1);
	assert_false(l2tp_avp_next(&r, &a));
	assert_false(r.bad);
}

/* interop.md 2: Length 0..5 is malformed, and the reader ends there: no endless loop. */
static void next_short_lengths(void **state)
{
	for (uint8_t len = 0; len < 6; len++) {
		struct rd r = rd_span(D(0x80, len, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8));
		struct l2tp_avp a;

		assert_false(l2tp_avp_next(&r, &a));
		assert_true(r.bad);
		assert_int_equal(rd_left(&r), 0);
		assert_int_equal(a.len, len);
		assert_int_equal(a.type, 7);
		assert_int_equal(rd_left(&a.value), 0);
	}
}

static void next_lengths(void **state)
{
	static uint8_t d[1024] = { 0x83, 0xff, 0, 0, 0, 7 };
	struct rd r = rd_of(d, 1023);
	struct l2tp_avp a;

	assert_true(l2tp_avp_next(&r, &a));		/* 1023: the longest */
	assert_int_equal(rd_left(&a.value), L2TP_AVP_VALUE_MAX);
	assert_int_equal(rd_left(&r), 0);
	r = rd_of(d, 1022);
	assert_false(l2tp_avp_next(&r, &a));		/* one octet is missing */
	assert_true(r.bad);
	assert_int_equal(a.type, 7);
	r = rd_span(D(0x80, 6, 0, 0, 0, 39));
	assert_true(l2tp_avp_next(&r, &a));		/* 6: no value */
	assert_int_equal(rd_left(&a.value), 0);
	for (size_t n = 1; n < 6; n++) {		/* no whole header */
		r = rd_of(d, n);
		assert_false(l2tp_avp_next(&r, &a));
		assert_true(r.bad);
	}
	r = rd_empty();
	assert_false(l2tp_avp_next(&r, &a));
	assert_false(r.bad);
}

/* ---- the table against RFC 2661 §4.4 and §6, written down a second time ---- */

enum { YES = 1, NO = 0 };
#define IN(m) L2TP_IN(L2TP_MSG_##m)

static const struct {
	uint16_t type;
	const char *name;
	bool m, h;
	uint16_t min, max;	/* AVP Length as the RFC gives it */
	uint32_t required, optional;
} rfc[] = {
	/* §4.4.1 */
	{ 0, "message-type", YES, NO, 8, 8, L2TP_IN_ALL, 0 },
	/* §4.4.2 */
	{ 1, "result-code", YES, NO, 8, 1023, IN(CDN) | IN(STOPCCN), 0 },
	/* §4.4.3, §4.4.4 in the order of their numbers */
	{ 2, "protocol-version", YES, NO, 8, 8, IN(SCCRP) | IN(SCCRQ), 0 },
	{ 3, "framing-capabilities", YES, YES, 10, 10, IN(SCCRP) | IN(SCCRQ), 0 },
	{ 4, "bearer-capabilities", YES, YES, 10, 10, 0, IN(SCCRP) | IN(SCCRQ) },
	{ 5, "tie-breaker", NO, NO, 14, 14, 0, IN(SCCRQ) },
	{ 6, "firmware-revision", NO, YES, 8, 8, 0, IN(SCCRP) | IN(SCCRQ) },
	{ 7, "host-name", YES, NO, 7, 1023, IN(SCCRP) | IN(SCCRQ), 0 },
	{ 8, "vendor-name", NO, YES, 6, 1023, 0, IN(SCCRP) | IN(SCCRQ) },
	{ 9, "assigned-tunnel-id", YES, YES, 8, 8, IN(SCCRP) | IN(SCCRQ) | IN(STOPCCN), 0 },
	{ 10, "receive-window-size", YES, NO, 8, 8, 0, IN(SCCRQ) | IN(SCCRP) },
	{ 11, "challenge", YES, YES, 6, 1023, 0, IN(SCCRP) | IN(SCCRQ) },
	{ 12, "q931-cause-code", YES, NO, 9, 1023, 0, IN(CDN) },
	{ 13, "challenge-response", YES, YES, 22, 22, 0, IN(SCCCN) | IN(SCCRP) },
	{ 14, "assigned-session-id", YES, YES, 8, 8, IN(CDN) | IN(ICRP) | IN(ICRQ) | IN(OCRP) | IN(OCRQ), 0 },
	{ 15, "call-serial-number", YES, YES, 10, 10, IN(ICRQ) | IN(OCRQ), 0 },
	{ 16, "minimum-bps", YES, YES, 10, 10, IN(OCRQ), 0 },
	{ 17, "maximum-bps", YES, YES, 10, 10, IN(OCRQ), 0 },
	{ 18, "bearer-type", YES, YES, 10, 10, IN(OCRQ), IN(ICRQ) },
	{ 19, "framing-type", YES, YES, 10, 10, IN(ICCN) | IN(OCCN) | IN(OCRQ), 0 },
	{ 21, "called-number", YES, YES, 6, 1023, IN(OCRQ), IN(ICRQ) },
	{ 22, "calling-number", YES, YES, 6, 1023, 0, IN(ICRQ) },
	{ 23, "sub-address", YES, YES, 6, 1023, 0, IN(ICRQ) | IN(OCRQ) },
	{ 24, "connect-speed", YES, YES, 10, 10, IN(ICCN) | IN(OCCN), 0 },
	{ 25, "physical-channel-id", NO, YES, 10, 10, 0, IN(ICRQ) | IN(OCRP) },
	/* §4.4.5 */
	{ 26, "initial-rx-lcp-confreq", NO, YES, 6, 1023, 0, IN(ICCN) },
	{ 27, "last-tx-lcp-confreq", NO, YES, 6, 1023, 0, IN(ICCN) },
	{ 28, "last-rx-lcp-confreq", NO, YES, 6, 1023, 0, IN(ICCN) },
	{ 29, "proxy-authen-type", NO, YES, 8, 8, 0, IN(ICCN) },
	{ 30, "proxy-authen-name", NO, YES, 6, 1023, 0, IN(ICCN) },
	{ 31, "proxy-authen-challenge", NO, YES, 6, 1023, 0, IN(ICCN) },
	{ 32, "proxy-authen-id", NO, YES, 8, 8, 0, IN(ICCN) },
	{ 33, "proxy-authen-response", NO, YES, 6, 1023, 0, IN(ICCN) },
	/* §4.4.6 */
	{ 34, "call-errors", YES, YES, 32, 32, IN(WEN), 0 },
	{ 35, "accm", YES, YES, 16, 16, IN(SLI), 0 },
	/* §4.4.1, §4.4.4 */
	{ 36, "random-vector", YES, NO, 6, 1023, 0, L2TP_IN_ALL },
	{ 37, "private-group-id", NO, YES, 6, 1023, 0, IN(ICCN) },
	{ 38, "rx-connect-speed", NO, YES, 10, 10, 0, IN(ICCN) | IN(OCCN) },
	{ 39, "sequencing-required", YES, NO, 6, 6, 0, IN(ICCN) | IN(OCCN) },
	/* RFC 3145 §2, RFC 4951 §5.1 */
	{ 46, "ppp-disconnect-cause-code", NO, YES, 11, 1023, 0, IN(CDN) },
	{ 76, "failover-capability", NO, YES, 12, 12, 0, IN(SCCRP) | IN(SCCRQ) },
};

static void table_is_the_rfc(void **state)
{
	for (size_t i = 0; i < COUNT(rfc); i++) {
		const struct l2tp_avp_info *info = l2tp_avp_info(0, rfc[i].type);

		assert_non_null(info);
		assert_int_equal(info->type, rfc[i].type);
		assert_string_equal(info->name, rfc[i].name);
		assert_int_equal(info->m, rfc[i].m);
		assert_int_equal(info->may_hide, rfc[i].h);
		assert_int_equal(info->min + 6, rfc[i].min);
		assert_int_equal(info->max + 6, rfc[i].max);
		assert_int_equal(info->required, rfc[i].required);
		assert_int_equal(info->optional, rfc[i].optional);
	}
}

static void table_lookup(void **state)
{
	const struct l2tp_avp_info *info;
	unsigned rows = 0;

	for (; (info = l2tp_avp_row(rows)); rows++) {
		assert_ptr_equal(l2tp_avp_info(info->vendor, info->type), info);
		assert_non_null(info->name);
		assert_non_null(info->source);
		assert_int_equal(info->required & info->optional, 0);
	}
	assert_int_equal(rows, COUNT(rfc) + 7 + 19 + 1);	/* names only, RFC 5515, Cisco */
	assert_null(l2tp_avp_info(0, 20));
	assert_null(l2tp_avp_info(0, 40));
	assert_null(l2tp_avp_info(0, 99));
	assert_null(l2tp_avp_info(0, 0xffff));
	/* interop.md 11: vendor first. Type 2 is Agent-Remote-Id with 3561, Protocol Version with 0, nothing with 9. */
	assert_string_equal(l2tp_avp_info(3561, 2)->name, "agent-remote-id");
	assert_null(l2tp_avp_info(9, 2));
	assert_null(l2tp_avp_info(3561, 100));
	assert_string_equal(l2tp_avp_info(9, 100)->name, "cisco-nas-port");
	for (uint16_t t = 77; t <= 81; t++)
		assert_int_equal(l2tp_avp_info(0, t)->form, L2TP_FORM_NAME_ONLY);
}

/* §6: the column of the table, by message. */
static void required_of_a_message(void **state)
{
	const struct l2tp_avp_info *info;

	for (uint16_t msg = L2TP_MSG_SCCRQ; msg <= L2TP_MSG_SLI; msg++) {
		uint64_t want = 0;

		for (unsigned i = 0; (info = l2tp_avp_row(i)); i++)
			if (info->vendor == L2TP_VENDOR_IETF && info->required & L2TP_IN(msg))
				want |= UINT64_C(1) << info->type;
		assert_true(l2tp_avp_required(msg) == want);
	}
}

/* ---- hiding ---- */

static const uint8_t rv16[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
#define RV span_of(rv16, sizeof(rv16))
#define SECRET span_str("s3cret")
#define LONG span_str("a password longer than one block, and then some")

/* As computed from the formulas of §4.3 by a few lines of another language. */
static const uint8_t hidden_short[] = { 0xdc, 0xd6, 0x78, 0x7c };
static const uint8_t hidden_long[] = {
	0xd3, 0xbc, 0xea, 0x9e, 0xb5, 0x92, 0xde, 0xf0, 0xc7, 0x09, 0xe5, 0x67, 0x4d, 0x82, 0x68, 0x81, 0xd4, 0x98,
	0x13, 0x97, 0xdc, 0x2f, 0x33, 0xde, 0x71, 0xd1, 0xd5, 0x12, 0xb0, 0x4f, 0x92, 0x54, 0x9d, 0x59, 0x29, 0xc6,
	0xff, 0x43, 0x18, 0xe4, 0x57, 0x23, 0xcf, 0x30, 0x71, 0x1c, 0xa3, 0x29, 0xd1, 0x0f, 0xc2, 0x34,
};

static void hide_vectors(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));

	l2tp_avp_hide(&w, SECRET, RV, 9, D(0x12, 0x34), span_of(NULL, 0));
	assert_int_equal(wr_done(&w), sizeof(hidden_short));
	assert_memory_equal(buf, hidden_short, sizeof(hidden_short));
	w = wr_of(buf, sizeof(buf));
	l2tp_avp_hide(&w, SECRET, RV, 33, LONG, D(0xaa, 0xbb, 0xcc));
	assert_int_equal(wr_done(&w), sizeof(hidden_long));
	assert_memory_equal(buf, hidden_long, sizeof(hidden_long));
}

static void unhide_vectors(void **state)
{
	uint8_t buf[64];
	struct wr out = wr_of(buf, sizeof(buf));
	struct span v;

	assert_int_equal(l2tp_avp_unhide(SECRET, RV, 9, span_of(hidden_short, 4), &out, &v), L2TP_UNHIDE_OK);
	assert_true(span_eq(v, D(0x12, 0x34)));
	assert_int_equal(l2tp_avp_unhide(SECRET, RV, 33, span_of(hidden_long, sizeof(hidden_long)), &out, &v),
			 L2TP_UNHIDE_OK);
	assert_true(span_eq(v, LONG));
	assert_int_equal(wr_len(&out), 2 + LONG.len);	/* no octet of the padding */
}

/* Every length around the block edges, with padding of every length up to a block and a bit. */
static void hide_round_trips(void **state)
{
	static const size_t lens[] = { 0, 1, 2, 12, 13, 14, 15, 16, 17, 29, 30, 31, 32, 63, 253, 255, 998, 1015 };
	static uint8_t value[1017], pad[20], hidden[1023], plain[1023];
	struct rng rng;

	rng_init_u64(&rng, 1);
	rng_bytes(&rng, value, sizeof(value));
	rng_bytes(&rng, pad, sizeof(pad));
	for (size_t i = 0; i < COUNT(lens); i++) {
		for (size_t p = 0; p <= sizeof(pad) && lens[i] + p <= L2TP_AVP_HIDE_MAX; p++) {
			struct wr w = wr_of(hidden, sizeof(hidden)), out = wr_of(plain, lens[i]);
			struct span in = span_of(value, lens[i]), v;

			l2tp_avp_hide(&w, SECRET, RV, (uint16_t)i, in, span_of(pad, p));
			assert_int_equal(wr_done(&w), 2 + lens[i] + p);
			assert_int_equal(l2tp_avp_unhide(SECRET, RV, (uint16_t)i, wr_span(&w), &out, &v),
					 L2TP_UNHIDE_OK);
			assert_true(span_eq(v, in));
		}
	}
}

static void hide_too_long(void **state)
{
	static uint8_t value[1017], buf[2048];
	struct wr w = wr_of(buf, sizeof(buf));

	l2tp_avp_hide(&w, SECRET, RV, 7, span_of(value, 1016), span_of(NULL, 0));
	assert_true(w.full);
	w = wr_of(buf, sizeof(buf));
	l2tp_avp_hide(&w, SECRET, RV, 7, span_of(value, 1015), span_of(value, 1));
	assert_true(w.full);
	assert_int_equal(wr_len(&w), 0);
	w = wr_of(buf, 5);
	l2tp_avp_hide(&w, SECRET, RV, 7, span_of(value, 4), span_of(NULL, 0));
	assert_true(w.full);
}

/* The inner length is peer input: below, at and above what the value can hold. */
static void unhide_inner_length(void **state)
{
	for (unsigned inner = 0; inner <= 0xffff; inner += inner < 64 ? 1 : 97) {
		uint8_t sub[22] = { 0 }, hidden[22], plain[64];
		struct wr w = wr_of(hidden, sizeof(hidden)), out = wr_of(plain, sizeof(plain));
		struct span v;

		/* hiding a value whose two first octets are chosen gives, shifted by them, any inner length */
		l2tp_avp_hide(&w, SECRET, RV, 1, span_of(sub, 20), span_of(NULL, 0));
		hidden[0] ^= (uint8_t)(inner >> 8);
		hidden[1] ^= (uint8_t)(inner ^ 20);
		assert_int_equal(l2tp_avp_unhide(SECRET, RV, 1, wr_span(&w), &out, &v),
				 inner <= 20 ? L2TP_UNHIDE_OK : L2TP_UNHIDE_BAD);
		assert_int_equal(v.len, inner <= 20 ? inner : 0);
		assert_int_equal(wr_len(&out), v.len);
	}
}

static void unhide_faults(void **state)
{
	uint8_t buf[64];
	struct wr out = wr_of(buf, sizeof(buf)), small = wr_of(buf, 3);
	struct span hidden = span_of(hidden_short, sizeof(hidden_short)), v;

	assert_int_equal(l2tp_avp_unhide(SECRET, RV, 9, span_of(NULL, 0), &out, &v), L2TP_UNHIDE_BAD);
	assert_int_equal(l2tp_avp_unhide(SECRET, RV, 9, D(0xdc), &out, &v), L2TP_UNHIDE_BAD);
	/* another secret, Random Vector or Attribute Type */
	assert_int_equal(l2tp_avp_unhide(span_str("S3cret"), RV, 9, hidden, &out, &v), L2TP_UNHIDE_BAD);
	assert_int_equal(l2tp_avp_unhide(SECRET, span_of(rv16, 15), 9, hidden, &out, &v), L2TP_UNHIDE_BAD);
	assert_int_equal(l2tp_avp_unhide(SECRET, RV, 10, hidden, &out, &v), L2TP_UNHIDE_BAD);
	assert_int_equal(wr_len(&out), 0);
	assert_int_equal(l2tp_avp_unhide(SECRET, RV, 33, span_of(hidden_long, sizeof(hidden_long)), &small, &v),
			 L2TP_UNHIDE_NO_ROOM);
	assert_null(v.p);
}

/* ---- encoding ---- */

struct built {
	uint8_t buf[4096];
	struct wr w;
	struct l2tp_build b;
};

static void build(struct built *t, const struct l2tp_hide *hide)
{
	t->w = wr_of(t->buf, sizeof(t->buf));
	t->b = (struct l2tp_build){ .w = &t->w, .hide = hide };
}

/* Every row at its least and greatest length: M and H as the table says, octets intact. */
static void put_every_row(void **state)
{
	static uint8_t value[L2TP_AVP_VALUE_MAX];
	const struct l2tp_avp_info *info;
	struct rng rng;

	rng_init_u64(&rng, 2);
	rng_bytes(&rng, value, sizeof(value));
	for (unsigned i = 0; (info = l2tp_avp_row(i)); i++) {
		for (unsigned end = 0; end < 2; end++) {
			size_t len = end ? info->max : info->min;
			struct built t;
			struct l2tp_avp a;
			struct rd r;

			build(&t, NULL);
			l2tp_avp_put(&t.b, info->vendor, info->type, span_of(value, len));
			assert_int_equal(wr_done(&t.w), 6 + len);
			r = rd_span(wr_span(&t.w));
			assert_true(l2tp_avp_next(&r, &a));
			assert_int_equal(a.flags, info->m ? L2TP_AVP_M : 0);
			assert_int_equal(a.vendor, info->vendor);
			assert_int_equal(a.type, info->type);
			assert_true(span_eq(rd_rest(&a.value), span_of(value, len)));
			assert_int_equal(rd_left(&r), 0);
		}
	}
}

static void put_too_long(void **state)
{
	static uint8_t value[1018];
	struct built t;

	build(&t, NULL);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_HOST_NAME, span_of(value, 1018));
	assert_true(t.w.full);
	build(&t, NULL);
	l2tp_avp_put_result(&t.b, 2, 6, span_of(value, 1013));
	assert_false(t.w.full);
	l2tp_avp_put_result(&t.b, 2, 6, span_of(value, 1014));
	assert_true(t.w.full);
}

static void put_octets(void **state)
{
	static const uint8_t expect[] = {
		0x80, 8, 0, 0, 0, 10, 0, 16,						/* Receive Window Size */
		0x80, 10, 0, 0, 0, 24, 0x3b, 0x9a, 0xca, 0x00,				/* (Tx) Connect Speed */
		0x00, 14, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8,				/* Tie Breaker */
		0x80, 6, 0, 0, 0, 39,							/* Sequencing Required */
		0x80, 13, 0, 0, 0, 1, 0, 2, 0, 8, 'A', 'V', 'P',			/* Result Code */
		0x80, 10, 0, 0, 0, 1, 0, 1, 0, 0,					/* without a text */
		0x00, 12, 0, 0, 0, 46, 0, 16, 0xc2, 0x23, 1, 'x',			/* PPP Disconnect Cause Code */
		0x80, 16, 0, 0, 0, 35, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x0a, 0, 0,	/* ACCM */
		0x80, 32, 0, 0, 0, 34, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 6,
	};
	static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 6 };
	struct built t;

	build(&t, NULL);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_RECEIVE_WINDOW_SIZE, 16);
	l2tp_avp_put_u32(&t.b, L2TP_AVP_TX_CONNECT_SPEED, 1000000000);
	l2tp_avp_put_u64(&t.b, L2TP_AVP_TIE_BREAKER, 0x0102030405060708);
	l2tp_avp_put_flag(&t.b, L2TP_AVP_SEQUENCING_REQUIRED);
	l2tp_avp_put_result(&t.b, 2, 8, span_str("AVP"));
	l2tp_avp_put_result(&t.b, 1, 0, span_of(NULL, 0));
	l2tp_avp_put_disconnect(&t.b, 16, 0xc223, 1, span_str("x"));
	l2tp_avp_put_accm(&t.b, 0xffffffff, 0x000a0000);
	l2tp_avp_put_call_errors(&t.b, errors);
	assert_int_equal(wr_done(&t.w), sizeof(expect));
	assert_memory_equal(t.buf, expect, sizeof(expect));
}

/* One Random Vector, before the first hidden AVP; what must not be hidden stays clear; all does without a secret. */
static void put_hides(void **state)
{
	struct rng rng;
	struct l2tp_hide hide = { .secret = SECRET, .rng = &rng, .enabled = true, .padding_max = 30 };
	uint8_t plain[256];
	struct wr out = wr_of(plain, sizeof(plain));
	struct l2tp_avp a;
	struct span rv, v;
	struct built t;
	struct rd r;

	rng_init_u64(&rng, 3);
	build(&t, &hide);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_HOST_NAME, span_str("lns1"));
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 77);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CHALLENGE, LONG);
	r = rd_span(wr_span(&t.w));
	assert_true(l2tp_avp_next(&r, &a));
	assert_int_equal(a.flags, L2TP_AVP_M);
	assert_true(span_eq_str(rd_rest(&a.value), "lns1"));
	assert_true(l2tp_avp_next(&r, &a));
	assert_int_equal(a.type, L2TP_AVP_RANDOM_VECTOR);
	assert_int_equal(a.flags, L2TP_AVP_M);
	rv = rd_rest(&a.value);
	assert_int_equal(rv.len, 16);
	assert_true(l2tp_avp_next(&r, &a));
	assert_int_equal(a.flags, L2TP_AVP_M | L2TP_AVP_H);
	assert_int_equal(l2tp_avp_unhide(SECRET, rv, a.type, rd_rest(&a.value), &out, &v), L2TP_UNHIDE_OK);
	assert_true(span_eq(v, D(0, 77)));
	assert_true(l2tp_avp_next(&r, &a));
	assert_int_equal(l2tp_avp_unhide(SECRET, rv, a.type, rd_rest(&a.value), &out, &v), L2TP_UNHIDE_OK);
	assert_true(span_eq(v, LONG));
	assert_false(l2tp_avp_next(&r, &a));
	assert_false(r.bad);

	hide.secret = span_of(NULL, 0);
	build(&t, &hide);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 77);
	assert_int_equal(wr_done(&t.w), 8);
	hide.secret = SECRET;
	hide.enabled = false;
	build(&t, &hide);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 77);
	assert_int_equal(wr_done(&t.w), 8);
}

/* Padding never pushes a value past what an AVP can hold; a value that cannot be hidden spoils the message. */
static void put_hides_long(void **state)
{
	static uint8_t value[1017];
	struct rng rng;
	struct l2tp_hide hide = { .secret = SECRET, .rng = &rng, .enabled = true, .padding_max = 255 };
	struct built t;

	rng_init_u64(&rng, 4);
	for (size_t len = 900; len <= 1015; len++) {
		build(&t, &hide);
		l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_NAME, span_of(value, len));
		assert_false(t.w.full);
		assert_true(wr_len(&t.w) <= 22 + 1023);
	}
	build(&t, &hide);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_NAME, span_of(value, 1016));
	assert_true(t.w.full);
}

static void put_list(void **state)
{
	static const uint8_t list[] = { 0x00, 8, 0x0d, 0xe9, 0, 1, 'c', '1', 0x80, 7, 0, 9, 0, 100, 5 };
	struct built t;

	build(&t, NULL);
	l2tp_avp_put_list(&t.b, span_of(list, sizeof(list)));
	assert_int_equal(wr_done(&t.w), sizeof(list));
	assert_memory_equal(t.buf, list, sizeof(list));
	l2tp_avp_put_list(&t.b, span_of(list, sizeof(list) - 1));
	assert_true(t.w.full);
}

/* ---- RFC 5515 §3, §5 ---- */

static const struct {
	uint16_t type;
	const char *name;
	uint16_t min, max;	/* octets of the value */
} rfc5515[] = {
	{ 1, "agent-circuit-id", 2, 63 },		/* RFC 5515 §5.1 */
	{ 2, "agent-remote-id", 2, 63 },		/* RFC 5515 §5.2 */
	{ 129, "actual-rate-up", 8, 8 },		/* RFC 5515 §5.3 */
	{ 130, "actual-rate-down", 8, 8 },		/* RFC 5515 §5.4 */
	{ 131, "minimum-rate-up", 8, 8 },		/* RFC 5515 §5.5 */
	{ 132, "minimum-rate-down", 8, 8 },		/* RFC 5515 §5.6 */
	{ 133, "attainable-rate-up", 8, 8 },		/* RFC 5515 §5.7 */
	{ 134, "attainable-rate-down", 8, 8 },		/* RFC 5515 §5.8 */
	{ 135, "maximum-rate-up", 8, 8 },		/* RFC 5515 §5.9 */
	{ 136, "maximum-rate-down", 8, 8 },		/* RFC 5515 §5.10 */
	{ 137, "minimum-rate-up-low-power", 8, 8 },	/* RFC 5515 §5.11 */
	{ 138, "minimum-rate-down-low-power", 8, 8 },	/* RFC 5515 §5.12 */
	{ 139, "maximum-delay-up", 4, 4 },		/* RFC 5515 §5.13 */
	{ 140, "actual-delay-up", 4, 4 },		/* RFC 5515 §5.14 */
	{ 141, "maximum-delay-down", 4, 4 },		/* RFC 5515 §5.15 */
	{ 142, "actual-delay-down", 4, 4 },		/* RFC 5515 §5.16 */
	{ 144, "access-loop-encapsulation", 3, 3 },	/* RFC 5515 §5.17 */
	{ 145, "access-line-type", 4, 4 },		/* RFC 5515 §5.18 */
	{ 254, "iwf-session", 4, 4 },			/* RFC 5515 §5.19 */
};

static void line_table_is_the_rfc(void **state)
{
	for (size_t i = 0; i < COUNT(rfc5515); i++) {
		const struct l2tp_avp_info *info = l2tp_avp_info(3561, rfc5515[i].type);

		assert_non_null(info);
		assert_string_equal(info->name, rfc5515[i].name);
		assert_int_equal(info->min, rfc5515[i].min);
		assert_int_equal(info->max, rfc5515[i].max);
		assert_false(info->m);
		assert_true(info->may_hide);
		assert_int_equal(info->optional, IN(ICRQ));
	}
}

static void line_round_trip(void **state)
{
	struct l2tp_access_line in = {
		.circuit_id = span_str("dslam7 eth 3/0:100"), .remote_id = span_str("+49 30 1234"),
		.has_rate = (1 << L2TP_LINE_RATES) - 1, .has_delay = (1 << L2TP_LINE_DELAYS) - 1,
		.has_encapsulation = true, .data_link = 1, .encaps1 = 2, .encaps2 = 8,
		.has_line_type = true, .line_type = 5, .has_iwf = true, .iwf = true,
	}, out;
	static const uint8_t circuit[] = { 0x00, 24, 0x0d, 0xe9, 0, 1, 'd', 's', 'l', 'a', 'm' };
	uint8_t buf[512];
	struct wr w = wr_of(buf, sizeof(buf));

	for (unsigned i = 0; i < L2TP_LINE_RATES; i++)
		in.rate[i] = UINT64_C(0x100000000) + i;
	for (unsigned i = 0; i < L2TP_LINE_DELAYS; i++)
		in.delay_ms[i] = 100 + i;
	l2tp_access_line_encode(&w, &in);
	assert_int_equal(wr_done(&w), 24 + 17 + 10 * 14 + 4 * 10 + 9 + 10 + 10);
	assert_memory_equal(buf, circuit, sizeof(circuit));
	assert_true(l2tp_access_line_decode(wr_span(&w), &out));
	assert_true(span_eq(out.circuit_id, in.circuit_id));
	assert_true(span_eq(out.remote_id, in.remote_id));
	assert_int_equal(out.has_rate, in.has_rate);
	assert_int_equal(out.has_delay, in.has_delay);
	assert_memory_equal(out.rate, in.rate, sizeof(in.rate));
	assert_memory_equal(out.delay_ms, in.delay_ms, sizeof(in.delay_ms));
	assert_int_equal(l2tp_line_rate(&out, L2TP_LINE_ACTUAL_RATE_DOWN), UINT64_C(0x100000001));
	assert_int_equal(out.data_link, 1);
	assert_int_equal(out.encaps1, 2);
	assert_int_equal(out.encaps2, 8);
	assert_int_equal(out.line_type, 5);
	assert_true(out.has_iwf && out.iwf);
	assert_int_equal(l2tp_line_rate(&out, L2TP_LINE_IWF), 0);
}

/* Wrong lengths, other vendors, repeats and a broken tail: what can be read is read. */
static void line_odd(void **state)
{
	static const uint8_t list[] = {
		0x00, 7, 0x0d, 0xe9, 0, 1, 'x',				/* circuit id of one octet: skipped */
		0x00, 9, 0x0d, 0xe9, 0, 1, 'a', 0, 0xff,		/* NUL and not UTF-8: taken */
		0x00, 8, 0x0d, 0xe9, 0, 1, 'b', 'b',			/* a second one */
		0x00, 10, 0x0d, 0xe9, 0, 0x81, 1, 2, 3, 4,		/* a rate of 32 bits: skipped */
		0x00, 14, 0, 9, 0, 0x81, 1, 2, 3, 4, 5, 6, 7, 8,	/* not this vendor */
		0x40, 8, 0x0d, 0xe9, 0, 2, 'h', 'h',			/* still hidden: skipped */
		0x00, 10, 0x0d, 0xe9, 0, 0xfe, 0, 0, 0, 0,		/* no IWF */
		0x00, 99, 0x0d, 0xe9, 0, 2, 'c', 'c',
	};
	struct l2tp_access_line line;

	assert_true(l2tp_access_line_decode(span_of(list, sizeof(list)), &line));
	assert_true(span_eq(line.circuit_id, D('a', 0, 0xff)));
	assert_null(line.remote_id.p);
	assert_int_equal(line.has_rate, 0);
	assert_true(line.has_iwf);
	assert_false(line.iwf);
	assert_false(l2tp_access_line_decode(span_of(NULL, 0), &line));
	assert_false(l2tp_access_line_decode(span_of(list, 7), &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_two), cmocka_unit_test(next_short_lengths), cmocka_unit_test(next_lengths),
		cmocka_unit_test(table_is_the_rfc), cmocka_unit_test(table_lookup), cmocka_unit_test(required_of_a_message),
		cmocka_unit_test(hide_vectors),
		cmocka_unit_test(unhide_vectors), cmocka_unit_test(hide_round_trips), cmocka_unit_test(hide_too_long),
		cmocka_unit_test(unhide_inner_length), cmocka_unit_test(unhide_faults), cmocka_unit_test(put_every_row),
		cmocka_unit_test(put_too_long), cmocka_unit_test(put_octets), cmocka_unit_test(put_hides),
		cmocka_unit_test(put_hides_long), cmocka_unit_test(put_list),
		cmocka_unit_test(line_table_is_the_rfc), cmocka_unit_test(line_round_trip),
		cmocka_unit_test(line_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
