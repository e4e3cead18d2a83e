/* SPDX-License-Identifier: BSD-2-Clause */
/* A control message on the bench: built as we would or as a peer might, then decoded. For tests of wire/l2tp_msg. */
#ifndef ADIT_TESTS_L2TP_BENCH_H
#define ADIT_TESTS_L2TP_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/l2tp_msg.h"

#define D(...) span_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SECRET span_str("s3cret")
#define NONE span_of(NULL, 0)

/* A message on the bench: built, then decoded. */
struct bench {
	uint8_t buf[70000], scratch[70000];
	struct wr w, s;
	size_t scratch_cap;
	struct rng rng;
	struct l2tp_hide hide;
	struct l2tp_build b;
	struct l2tp_hdr h;
	struct l2tp_msg_opt opt;
	struct l2tp_msg m;
	struct l2tp_fault f;
};

static struct bench t;

static inline void begin(uint16_t type)
{
	t.w = wr_of(t.buf, sizeof(t.buf));
	l2tp_msg_begin(&t.b, &t.w, &t.hide, type, 1, type >= L2TP_MSG_OCRQ ? 2 : 0, 3, 4);
}

static inline int setup(void **state)
{
	memset(&t, 0, sizeof(t));
	rng_init_u64(&t.rng, 7);
	t.hide = (struct l2tp_hide){ .secret = SECRET, .rng = &t.rng };
	t.scratch_cap = L2TP_SCRATCH_LEN;
	return 0;
}

/* An AVP as a peer might send it: any flags, vendor, type and value. */
static inline void raw(uint16_t flags, uint16_t vendor, uint16_t type, struct span v)
{
	wr_be16(&t.w, (uint16_t)(flags | (6 + v.len)));
	wr_be16(&t.w, vendor);
	wr_be16(&t.w, type);
	wr_put(&t.w, v);
}

static inline void raw_hidden(uint16_t flags, uint16_t type, struct span rv, struct span v, struct span padding)
{
	wr_be16(&t.w, (uint16_t)(flags | L2TP_AVP_H | (8 + v.len + padding.len)));
	wr_be16(&t.w, 0);
	wr_be16(&t.w, type);
	l2tp_avp_hide(&t.w, SECRET, rv, type, v, padding);
}

static inline bool decode(void)
{
	size_t len = l2tp_msg_end(&t.b);

	assert_int_not_equal(len, 0);
	t.s = wr_of(t.scratch, t.scratch_cap);
	assert_int_equal(l2tp_hdr_decode(span_of(t.buf, len), &t.h), L2TP_HDR_OK);
	return l2tp_msg_decode(&t.h, &t.opt, &t.s, &t.m, &t.f);
}

static inline bool tolerated(enum l2tp_toleration x)
{
	return t.m.tolerated >> x & 1;
}

static inline void faulty(enum l2tp_fault_kind kind, uint16_t vendor, uint16_t type)
{
	assert_false(decode());
	assert_string_equal(l2tp_fault_name(t.f.kind), l2tp_fault_name(kind));
	assert_int_equal(t.f.vendor, vendor);
	assert_int_equal(t.f.type, type);
}

/* What each message must have (§6), as we would send it. */
static inline void body(uint16_t type)
{
	static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 6 };
	struct l2tp_build *b = &t.b;

	begin(type);
	switch (type) {
	case L2TP_MSG_SCCRQ:		/* §6.1, §6.2; §6.3 and §6.5, SCCCN and HELLO, need nothing */
	case L2TP_MSG_SCCRP:
		l2tp_avp_put_u16(b, L2TP_AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);
		l2tp_avp_put_u32(b, L2TP_AVP_FRAMING_CAPABILITIES, 3);
		l2tp_avp_put_bytes(b, L2TP_AVP_HOST_NAME, span_str("lac1"));
		l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 7);
		break;
	case L2TP_MSG_STOPCCN:		/* §6.4 */
		l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 7);
		l2tp_avp_put_result(b, 6, 0, span_of(NULL, 0));
		break;
	case L2TP_MSG_OCRQ:		/* §6.9 */
		l2tp_avp_put_u32(b, L2TP_AVP_MINIMUM_BPS, 64000);
		l2tp_avp_put_u32(b, L2TP_AVP_MAXIMUM_BPS, 128000);
		l2tp_avp_put_u32(b, L2TP_AVP_BEARER_TYPE, 3);
		l2tp_avp_put_u32(b, L2TP_AVP_FRAMING_TYPE, 3);
		l2tp_avp_put_bytes(b, L2TP_AVP_CALLED_NUMBER, span_str("555"));
		/* fallthrough */
	case L2TP_MSG_ICRQ:		/* §6.6 */
		l2tp_avp_put_u32(b, L2TP_AVP_CALL_SERIAL_NUMBER, 0x01020304);
		/* fallthrough */
	case L2TP_MSG_ICRP:		/* §6.7, §6.10 */
	case L2TP_MSG_OCRP:
		l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_SESSION_ID, 9);
		break;
	case L2TP_MSG_ICCN:		/* §6.8, §6.11 */
	case L2TP_MSG_OCCN:
		l2tp_avp_put_u32(b, L2TP_AVP_TX_CONNECT_SPEED, 1000000000);
		l2tp_avp_put_u32(b, L2TP_AVP_FRAMING_TYPE, L2TP_FRAMING_SYNC);
		break;
	case L2TP_MSG_CDN:		/* §6.12 */
		l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_SESSION_ID, 9);
		l2tp_avp_put_result(b, 2, 6, span_str("gone"));
		break;
	case L2TP_MSG_WEN:		/* §6.13 */
		l2tp_avp_put_call_errors(b, errors);
		break;
	case L2TP_MSG_SLI:		/* §6.14 */
		l2tp_avp_put_accm(b, 0xffffffff, 0x000a0000);
		break;
	}
}

/* A test that begins with an empty bench. */
#define T(f) cmocka_unit_test_setup(f, setup)

#endif
