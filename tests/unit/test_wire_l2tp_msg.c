/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/l2tp_msg, l2tp_msg_check: RFC 2661 §4, §6; interop.md 1 (11-17) and 2, first two rows. */
#include "l2tp_bench.h"

static const uint16_t all_types[] = { 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16 };

/* ---- whole messages ---- */

static void every_message(void **state)
{
	for (size_t i = 0; i < COUNT(all_types); i++) {
		body(all_types[i]);
		assert_true(decode());
		assert_int_equal(t.m.type, all_types[i]);
		assert_true(t.m.m);
		assert_int_equal(t.m.tunnel_id, 1);
		assert_int_equal(t.m.session_id, all_types[i] >= 7 ? 2 : 0);
		assert_int_equal(t.m.ns, 3);
		assert_int_equal(t.m.nr, 4);
		assert_int_equal(t.m.tolerated, 0);
		assert_int_equal(t.m.others.len, 0);
	}
}

static void zlb(void **state)
{
	uint8_t buf[12];
	struct wr w = wr_of(buf, sizeof(buf));

	l2tp_hdr_put_zlb(&w, 1, 2, 3);
	assert_int_equal(l2tp_hdr_decode(wr_span(&w), &t.h), L2TP_HDR_OK);
	t.s = wr_of(t.scratch, 0);
	assert_true(l2tp_msg_decode(&t.h, NULL, &t.s, &t.m, &t.f));
	assert_int_equal(t.m.type, L2TP_MSG_ZLB);
	assert_int_equal(t.m.nr, 3);
}

/* §3.2 */
static void names(void **state)
{
	assert_string_equal(l2tp_msg_name(L2TP_MSG_STOPCCN), "StopCCN");
	assert_string_equal(l2tp_msg_name(5), "?");
	assert_string_equal(l2tp_msg_name(0xffff), "?");
	for (uint16_t i = 0; i < 40; i++) {
		bool known = false;

		for (size_t k = 0; k < COUNT(all_types); k++)
			known = known || all_types[k] == i;
		assert_int_equal(l2tp_msg_known(i), known);
		assert_int_equal(l2tp_msg_is_call(i), known && i >= 7);
	}
}

/* Every field of every message: what was put is what is read, in clear and hidden alike. */
static void sccrp_fields(void)
{
	static const uint8_t response[16] = { 1, 2, 3 };

	body(L2TP_MSG_SCCRP);
	l2tp_avp_put_u32(&t.b, L2TP_AVP_BEARER_CAPABILITIES, 6);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_FIRMWARE_REVISION, 0x0690);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_VENDOR_NAME, span_str("adit"));
	l2tp_avp_put_u16(&t.b, L2TP_AVP_RECEIVE_WINDOW_SIZE, 16);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CHALLENGE, D(9, 8, 7));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CHALLENGE_RESPONSE, span_of(response, 16));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_FAILOVER_CAPABILITY, D(0, 3, 0, 0, 0x13, 0x88));
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 0);
	assert_int_equal(t.m.protocol_version, 0x0100);
	assert_int_equal(t.m.framing_caps, 3);
	assert_int_equal(t.m.bearer_caps, 6);
	assert_int_equal(t.m.firmware_revision, 0x0690);
	assert_true(span_eq_str(t.m.host_name, "lac1"));
	assert_true(span_eq_str(t.m.vendor_name, "adit"));
	assert_int_equal(t.m.assigned_tunnel_id, 7);
	assert_int_equal(t.m.receive_window, 16);
	assert_true(span_eq(t.m.challenge, D(9, 8, 7)));
	assert_true(span_eq(t.m.challenge_response, span_of(response, 16)));
	assert_true(l2tp_msg_has(&t.m, L2TP_AVP_FAILOVER_CAPABILITY));
	assert_int_equal(t.m.failover_caps, 3);
	assert_int_equal(t.m.failover_recovery_ms, 5000);
	assert_false(l2tp_msg_has(&t.m, L2TP_AVP_TIE_BREAKER));
}

static void iccn_fields(void)
{
	body(L2TP_MSG_ICCN);
	l2tp_avp_put_u32(&t.b, L2TP_AVP_RX_CONNECT_SPEED, 50000000);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_INITIAL_RX_LCP_CONFREQ, D(1, 4, 5, 0xd4));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_LAST_TX_LCP_CONFREQ, D(3, 5, 0xc2, 0x23, 5));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_LAST_RX_LCP_CONFREQ, D(5, 6, 1, 2, 3, 4));
	l2tp_avp_put_u16(&t.b, L2TP_AVP_PROXY_AUTHEN_TYPE, L2TP_PROXY_CHAP);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_NAME, span_str("bob@isp"));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_CHALLENGE, D(4, 4, 4));
	l2tp_avp_put_u16(&t.b, L2TP_AVP_PROXY_AUTHEN_ID, 255);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_PROXY_AUTHEN_RESPONSE, D(5, 5));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_PRIVATE_GROUP_ID, span_str("vpn"));
	l2tp_avp_put_flag(&t.b, L2TP_AVP_SEQUENCING_REQUIRED);
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 0);
	assert_int_equal(t.m.tx_connect_speed, 1000000000);
	assert_int_equal(t.m.rx_connect_speed, 50000000);
	assert_int_equal(t.m.framing_type, 1);
	assert_true(span_eq(t.m.initial_rx_lcp, D(1, 4, 5, 0xd4)));
	assert_true(span_eq(t.m.last_tx_lcp, D(3, 5, 0xc2, 0x23, 5)));
	assert_true(span_eq(t.m.last_rx_lcp, D(5, 6, 1, 2, 3, 4)));
	assert_int_equal(t.m.proxy_authen_type, 2);
	assert_true(span_eq_str(t.m.proxy_authen_name, "bob@isp"));
	assert_true(span_eq(t.m.proxy_authen_challenge, D(4, 4, 4)));
	assert_int_equal(t.m.proxy_authen_id, 255);
	assert_true(span_eq(t.m.proxy_authen_response, D(5, 5)));
	assert_true(span_eq_str(t.m.private_group_id, "vpn"));
	assert_true(l2tp_msg_has(&t.m, L2TP_AVP_SEQUENCING_REQUIRED));
}

static void call_fields(void)
{
	body(L2TP_MSG_ICRQ);
	l2tp_avp_put_u32(&t.b, L2TP_AVP_BEARER_TYPE, 0);
	l2tp_avp_put_u32(&t.b, L2TP_AVP_PHYSICAL_CHANNEL_ID, 0xdeadbeef);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CALLING_NUMBER, span_str("030123"));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CALLED_NUMBER, span_str("0190"));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_SUB_ADDRESS, span_str("7"));
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 0);
	assert_int_equal(t.m.assigned_session_id, 9);
	assert_int_equal(t.m.call_serial, 0x01020304);
	assert_true(l2tp_msg_has(&t.m, L2TP_AVP_BEARER_TYPE));
	assert_int_equal(t.m.physical_channel, 0xdeadbeef);
	assert_true(span_eq_str(t.m.calling_number, "030123"));
	assert_true(span_eq_str(t.m.called_number, "0190"));
	assert_true(span_eq_str(t.m.sub_address, "7"));
	body(L2TP_MSG_OCRQ);
	assert_true(decode());
	assert_int_equal(t.m.minimum_bps, 64000);
	assert_int_equal(t.m.maximum_bps, 128000);
	assert_int_equal(t.m.bearer_type, 3);
}

static void notice_fields(void)
{
	static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 6 };

	body(L2TP_MSG_CDN);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_Q931_CAUSE_CODE, D(0, 16, 0x45, 'b', 'y', 'e'));
	l2tp_avp_put_disconnect(&t.b, 16, 0xc223, 1, span_str("no"));
	assert_true(decode());
	assert_int_equal(t.m.result, 2);
	assert_true(t.m.has_error);
	assert_int_equal(t.m.error, 6);
	assert_true(span_eq_str(t.m.error_text, "gone"));
	assert_int_equal(t.m.q931_cause, 16);
	assert_int_equal(t.m.q931_msg, 0x45);
	assert_true(span_eq_str(t.m.q931_text, "bye"));
	assert_int_equal(t.m.disconnect_code, 16);
	assert_int_equal(t.m.disconnect_protocol, 0xc223);
	assert_int_equal(t.m.disconnect_direction, 1);
	assert_true(span_eq_str(t.m.disconnect_text, "no"));
	body(L2TP_MSG_WEN);
	assert_true(decode());
	assert_memory_equal(t.m.call_errors, errors, sizeof(errors));
	body(L2TP_MSG_SLI);
	assert_true(decode());
	assert_int_equal(t.m.tx_accm, 0xffffffff);
	assert_int_equal(t.m.rx_accm, 0x000a0000);
}

static void fields(void **state)
{
	for (unsigned hidden = 0; hidden < 3; hidden++) {
		t.hide.enabled = hidden > 0;
		t.hide.padding_max = hidden > 1 ? 40 : 0;
		t.opt.secret = SECRET;
		sccrp_fields();
		iccn_fields();
		call_fields();
		notice_fields();
	}
	begin(L2TP_MSG_SCCRQ);
	l2tp_avp_put_u64(&t.b, L2TP_AVP_TIE_BREAKER, UINT64_C(0xfedcba9876543210));
	decode();
	assert_true(t.m.tie_breaker == UINT64_C(0xfedcba9876543210));
}

/* ---- the Message Type AVP ---- */

static void message_type_faults(void **state)
{
	static const struct {
		uint8_t avp[12];
		uint8_t len;
	} bad[] = {
		{ { 0x80, 8, 0, 0, 0, 7, 'a', 'b' }, 8 },	/* another AVP first */
		{ { 0x80, 8, 0, 9, 0, 0, 0, 1 }, 8 },		/* another vendor's */
		{ { 0x80, 7, 0, 0, 0, 0, 1 }, 7 },		/* one octet */
		{ { 0x80, 9, 0, 0, 0, 0, 0, 1, 0 }, 9 },
		{ { 0x80, 10, 0, 0, 0, 0, 0, 1 }, 8 },		/* beyond the message */
		{ { 0x80, 5, 0, 0, 0, 0, 0, 1 }, 8 },
		{ { 0xc0, 10, 0, 0, 0, 0, 1, 2, 3, 4 }, 10 },	/* hidden */
		{ { 0x84, 8, 0, 0, 0, 0, 0, 1 }, 8 },		/* a reserved bit */
		{ { 0x80 }, 1 },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		t.w = wr_of(t.buf, sizeof(t.buf));
		t.b = (struct l2tp_build){ .w = &t.w, .mark = l2tp_hdr_put_control(&t.w, 1, 0, 0, 0) };
		wr_bytes(&t.w, bad[i].avp, bad[i].len);
		assert_false(decode());
		assert_int_equal(t.f.kind, L2TP_FAULT_INDECIPHERABLE);
		assert_int_equal(t.m.type, 0);
	}
}

/* §4.4.1: M set: the tunnel is cleared; clear: the message may be ignored. */
static void message_type_unknown(void **state)
{
	static const uint16_t types[] = { 0, 5, 13, 17, 21, 22, 28, 29, 31, 32, 33, 64, 0xffff };

	for (size_t i = 0; i < COUNT(types); i++) {
		begin(types[i]);
		assert_false(decode());
		assert_int_equal(t.f.kind, L2TP_FAULT_UNRECOGNISED);
		assert_int_equal(t.m.type, types[i]);
		begin(types[i]);
		t.buf[12] &= 0x7f;
		assert_false(decode());
		assert_int_equal(t.f.kind, L2TP_FAULT_IGNORABLE);
	}
	body(L2TP_MSG_HELLO);
	t.buf[12] &= 0x7f;
	assert_true(decode());		/* a known one with M clear */
	assert_true(tolerated(L2TP_TOLERATED_M_BIT));
}

/* ---- AVP form ---- */

/* A message to which an AVP of the row belongs, without it. */
static void without(const struct l2tp_avp_info *info)
{
	uint32_t in = info->required | info->optional;
	uint16_t type = L2TP_MSG_ICRQ;

	for (size_t i = 0; i < COUNT(all_types) && in != L2TP_IN_ALL; i++)
		if (in & L2TP_IN(all_types[i]))
			type = all_types[i];
	begin(type);
}

static bool bad_length(const struct l2tp_avp_info *info, size_t len, bool hidden)
{
	static uint8_t value[1017];
	static const uint8_t rv[16];

	without(info);
	if (hidden) {
		raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, span_of(rv, 16));
		raw_hidden(info->m ? L2TP_AVP_M : 0, info->type, span_of(rv, 16), span_of(value, len),
			   span_of(NULL, 0));
	} else {
		raw(info->m ? L2TP_AVP_M : 0, 0, info->type, span_of(value, len));
	}
	decode();
	return t.f.kind == L2TP_FAULT_BAD_LENGTH && t.f.vendor == 0 && t.f.type == info->type;
}

/* Every row: at its bounds it is read, one octet beyond it is malformed, M or not, hidden or not. */
static void every_row_length(void **state)
{
	const struct l2tp_avp_info *info;

	t.opt.secret = SECRET;
	for (unsigned i = 1; (info = l2tp_avp_row(i)); i++) {
		if (info->vendor || info->form == L2TP_FORM_NAME_ONLY)
			continue;
		for (unsigned hidden = 0; hidden < 2; hidden++) {
			size_t max = hidden && info->max == L2TP_AVP_VALUE_MAX ? L2TP_AVP_HIDE_MAX : info->max;

			assert_false(bad_length(info, info->min, hidden));
			assert_true(l2tp_msg_has(&t.m, info->type));
			assert_false(bad_length(info, max, hidden));
			assert_true(l2tp_msg_has(&t.m, info->type));
			if (info->min > 0)
				assert_true(bad_length(info, info->min - 1u, hidden));
			if (info->max < L2TP_AVP_VALUE_MAX) {
				assert_true(bad_length(info, info->max + 1u, hidden));
				assert_false(l2tp_msg_has(&t.m, info->type));
			}
			for (size_t len = 0; len < info->min; len++)	/* and every shorter one */
				if (!(info->type == L2TP_AVP_CALL_SERIAL_NUMBER && len == 2))
					assert_true(bad_length(info, len, hidden));
		}
	}
	assert_true(bad_length(l2tp_avp_info(0, L2TP_AVP_RESULT_CODE), 3, false));	/* half an Error Code */
}

static void length_field(void **state)
{
	for (uint16_t len = 0; len < 6; len++) {
		body(L2TP_MSG_HELLO);
		wr_be16(&t.w, L2TP_AVP_M | len);
		wr_be32(&t.w, 39);
		faulty(L2TP_FAULT_BAD_LENGTH, 0, 39);
	}
	body(L2TP_MSG_ICRP);
	wr_be16(&t.w, 1023);
	wr_be32(&t.w, 22);
	faulty(L2TP_FAULT_TRUNCATED, 0, 22);
	assert_int_equal(t.m.assigned_session_id, 9);		/* for the CDN that answers */
	for (size_t n = 1; n < 6; n++) {
		body(L2TP_MSG_ICRP);
		wr_fill(&t.w, 0, n);
		faulty(L2TP_FAULT_TRUNCATED, 0, 0);
	}
}

/* §4.2: an unknown AVP with M set is catastrophic to the session or tunnel. */
static void unknown_avps(void **state)
{
	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 0, 99, D(1, 2));
	faulty(L2TP_FAULT_UNKNOWN_AVP, 0, 99);
	assert_int_equal(t.m.assigned_session_id, 9);
	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 2661, 9, D(1, 2));		/* not Assigned Tunnel ID */
	faulty(L2TP_FAULT_UNKNOWN_AVP, 2661, 9);
	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 0, L2TP_AVP_TUNNEL_RECOVERY, D(0, 0, 0, 0, 0, 1, 0, 0, 0, 2));	/* we do not do it */
	faulty(L2TP_FAULT_UNKNOWN_AVP, 0, L2TP_AVP_TUNNEL_RECOVERY);
	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M | L2TP_AVP_H, 0, 99, D(1, 2));	/* hidden or not, it is unknown first */
	faulty(L2TP_FAULT_UNKNOWN_AVP, 0, 99);
	t.opt.permissive = true;			/* interop.md 13 */
	assert_true(decode());
	assert_true(tolerated(L2TP_TOLERATED_UNKNOWN_MANDATORY));
	assert_int_equal(t.m.others.len, 0);
	t.opt.permissive = false;
	body(L2TP_MSG_ICRQ);
	raw(0, 0, 99, D(1, 2));
	assert_true(decode());
	assert_true(tolerated(L2TP_TOLERATED_UNKNOWN_AVP));
	assert_true(span_eq(t.m.others, D(0, 8, 0, 0, 0, 99, 1, 2)));
}

/* §4.1: a reserved bit makes it an unrecognised AVP, even a known one. */
static void reserved_bits(void **state)
{
	for (uint16_t bit = 0x0400; bit <= 0x2000; bit <<= 1) {
		body(L2TP_MSG_ICRQ);
		raw(L2TP_AVP_M | bit, 0, L2TP_AVP_CALLED_NUMBER, D('1'));
		faulty(L2TP_FAULT_UNKNOWN_AVP, 0, L2TP_AVP_CALLED_NUMBER);
		body(L2TP_MSG_ICRQ);
		raw(bit, 0, L2TP_AVP_CALLED_NUMBER, D('1'));
		assert_true(decode());
		assert_false(l2tp_msg_has(&t.m, L2TP_AVP_CALLED_NUMBER));
		assert_int_equal(t.m.others.len, 0);
	}
}

static void tolerations(void **state)
{
	body(L2TP_MSG_ICRQ);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CALLED_NUMBER, D('1'));
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CALLED_NUMBER, D('2'));
	l2tp_avp_put_u16(&t.b, L2TP_AVP_MESSAGE_TYPE, L2TP_MSG_CDN);
	assert_true(decode());
	assert_true(span_eq(t.m.called_number, D('1')));	/* the first counts */
	assert_int_equal(t.m.type, L2TP_MSG_ICRQ);
	assert_int_equal(t.m.tolerated, 1 << L2TP_TOLERATED_DUPLICATE_AVP);

	body(L2TP_MSG_SCCCN);					/* mpd5 */
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_VENDOR_NAME, span_str("mpd"));
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 1 << L2TP_TOLERATED_MISPLACED_AVP);
	assert_false(l2tp_msg_has(&t.m, L2TP_AVP_VENDOR_NAME));

	body(L2TP_MSG_SCCRQ);
	raw(L2TP_AVP_M, 0, L2TP_AVP_VENDOR_NAME, D('x'));	/* M although it MUST be 0 */
	raw(0, 0, L2TP_AVP_RECEIVE_WINDOW_SIZE, D(0, 0));	/* not M although it MUST be 1; and no window */
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 1 << L2TP_TOLERATED_M_BIT | 1 << L2TP_TOLERATED_ZERO_WINDOW);
	assert_int_equal(t.m.receive_window, 1);
	assert_true(span_eq_str(t.m.vendor_name, "x"));

	body(L2TP_MSG_SCCRQ);
	assert_true(decode());
	assert_int_equal(t.m.receive_window, 4);		/* §4.4.3: when absent */

	begin(L2TP_MSG_ICRQ);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_SESSION_ID, 9);
	raw(L2TP_AVP_M, 0, L2TP_AVP_CALL_SERIAL_NUMBER, D(0x12, 0x34));
	assert_true(decode());
	assert_int_equal(t.m.call_serial, 0x1234);
	assert_int_equal(t.m.tolerated, 1 << L2TP_TOLERATED_SHORT_SERIAL);

	body(L2TP_MSG_ICCN);
	raw(0, 0, L2TP_AVP_PROXY_AUTHEN_ID, D(0x01, 0x07));
	assert_true(decode());
	assert_int_equal(t.m.proxy_authen_id, 7);
	assert_int_equal(t.m.tolerated, 1 << L2TP_TOLERATED_RESERVED);
}

/* interop.md 12: the Error Code may be absent. */
static void result_forms(void **state)
{
	begin(L2TP_MSG_STOPCCN);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 7);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RESULT_CODE, D(0, 6));
	assert_true(decode());
	assert_int_equal(t.m.result, 6);
	assert_false(t.m.has_error);
	assert_int_equal(t.m.error, 0);
	begin(L2TP_MSG_STOPCCN);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 7);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RESULT_CODE, D(0, 2, 0, 7));
	assert_true(decode());
	assert_int_equal(t.m.error, 7);
	assert_int_equal(t.m.error_text.len, 0);
	assert_int_equal(t.m.tolerated, 0);
}

static void error_is(uint16_t type, struct span result, uint16_t expected, uint32_t tolerated)
{
	begin(type);
	l2tp_avp_put_u16(&t.b, type == L2TP_MSG_CDN ? L2TP_AVP_ASSIGNED_SESSION_ID : L2TP_AVP_ASSIGNED_TUNNEL_ID, 7);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RESULT_CODE, result);
	assert_true(decode());
	assert_int_equal(t.m.error, expected);
	assert_int_equal(t.m.tolerated, tolerated);
}

/* interop.md 12: with its octets exchanged, as Apple has sent it; but 1.0 of StopCCN 5 is a version. */
static void swapped_error_code(void **state)
{
	const uint32_t swapped = 1 << L2TP_TOLERATED_SWAPPED_ERROR;

	error_is(L2TP_MSG_STOPCCN, D(0, 2, 6, 0), 6, swapped);
	error_is(L2TP_MSG_CDN, D(0, 2, 8, 0), 8, swapped);
	error_is(L2TP_MSG_CDN, D(0, 5, 1, 0), 1, swapped);
	error_is(L2TP_MSG_STOPCCN, D(0, 5, 1, 0), 0x0100, 0);
	error_is(L2TP_MSG_STOPCCN, D(0, 2, 9, 0), 0x0900, 0);
	error_is(L2TP_MSG_STOPCCN, D(0, 2, 1, 1), 0x0101, 0);
	error_is(L2TP_MSG_STOPCCN, D(0, 1, 0, 0), 0, 0);
}

/* ---- vendor AVPs ---- */

static void vendor_avps(void **state)
{
	static const uint8_t rv[16] = { 5 };
	struct l2tp_access_line line;

	t.opt.secret = SECRET;
	body(L2TP_MSG_ICRQ);
	raw(0, 3561, 2, span_str("remote"));		/* xl2tpd took it for Protocol Version */
	raw(0, 9, 100, D(0, 0, 0, 5));
	raw(0, 3561, 1, D('x'));			/* too short: left out, the call goes on */
	raw(0, 4242, 7, D(1));				/* an unknown vendor, optional */
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, span_of(rv, 16));
	wr_be16(&t.w, L2TP_AVP_H | (6 + 2 + 3 + 9));	/* a hidden circuit id, padded */
	wr_be16(&t.w, 3561);
	wr_be16(&t.w, 1);
	l2tp_avp_hide(&t.w, SECRET, span_of(rv, 16), 1, span_str("c/7"), span_str("paddddddd"));
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 1 << L2TP_TOLERATED_VENDOR_LENGTH | 1 << L2TP_TOLERATED_UNKNOWN_AVP);
	assert_true(span_eq(t.m.others, D(0, 12, 0x0d, 0xe9, 0, 2, 'r', 'e', 'm', 'o', 't', 'e',
					  0, 10, 0, 9, 0, 100, 0, 0, 0, 5, 0, 7, 0x10, 0x92, 0, 7, 1,
					  0, 9, 0x0d, 0xe9, 0, 1, 'c', '/', '7')));
	assert_true(l2tp_access_line_decode(t.m.others, &line));
	assert_true(span_eq_str(line.circuit_id, "c/7"));
	assert_true(span_eq_str(line.remote_id, "remote"));

	body(L2TP_MSG_ICRQ);
	raw(0, 9, 100, span_of(NULL, 0));
	faulty(L2TP_FAULT_BAD_VALUE, 9, 100);
	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 9, 1, D(1));			/* known vendor, unknown type, M */
	faulty(L2TP_FAULT_UNKNOWN_AVP, 9, 1);
}

/* ---- hidden AVPs ---- */

static const uint8_t rv1[16] = { 1 }, rv2[3] = { 2 };
#define RV1 span_of(rv1, sizeof(rv1))
#define RV2 span_of(rv2, sizeof(rv2))

static void two_random_vectors(void **state)
{
	t.opt.secret = SECRET;
	begin(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_ASSIGNED_SESSION_ID, RV1, D(0, 9), NONE);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_CALLED_NUMBER, RV1, span_str("0190 a number of more than one block"), NONE);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV2);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_CALL_SERIAL_NUMBER, RV2, D(0, 0, 0, 5),
		   D(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 0);
	assert_int_equal(t.m.assigned_session_id, 9);
	assert_int_equal(t.m.call_serial, 5);
	assert_true(span_eq_str(t.m.called_number, "0190 a number of more than one block"));
	/* the first no longer applies */
	raw_hidden(L2TP_AVP_M, L2TP_AVP_SUB_ADDRESS, RV1, span_str("a long enough value"), NONE);
	faulty(L2TP_FAULT_BAD_HIDDEN, 0, L2TP_AVP_SUB_ADDRESS);
	/* an empty Random Vector is a Random Vector */
	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, NONE);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_CALLED_NUMBER, NONE, D('7'), NONE);
	assert_true(decode());
	assert_true(span_eq(t.m.called_number, D('7')));
}

static void hidden_faults(void **state)
{
	/* no secret; no Random Vector; M decides (interop.md 14) */
	body(L2TP_MSG_ICCN);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_PROXY_AUTHEN_NAME, RV1, span_str("bob"), NONE);
	faulty(L2TP_FAULT_MISSING_SECRET, 0, L2TP_AVP_PROXY_AUTHEN_NAME);
	body(L2TP_MSG_ICCN);
	raw_hidden(0, L2TP_AVP_PROXY_AUTHEN_NAME, RV1, span_str("bob"), NONE);
	assert_true(decode());
	assert_true(tolerated(L2TP_TOLERATED_HIDDEN_SKIPPED));
	assert_false(l2tp_msg_has(&t.m, L2TP_AVP_PROXY_AUTHEN_NAME));
	t.opt.secret = SECRET;
	assert_true(decode());
	assert_true(tolerated(L2TP_TOLERATED_HIDDEN_SKIPPED));
	body(L2TP_MSG_ICCN);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_RX_CONNECT_SPEED, RV1, D(1, 2, 3, 4), NONE);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);	/* too late */
	faulty(L2TP_FAULT_MISSING_RANDOM_VECTOR, 0, L2TP_AVP_RX_CONNECT_SPEED);
	/* another secret; even with M clear a broken inner length is a broken message */
	t.opt.secret = span_str("wrong");
	body(L2TP_MSG_ICCN);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
	raw_hidden(0, L2TP_AVP_PROXY_AUTHEN_NAME, RV1, span_str("bob"), NONE);
	faulty(L2TP_FAULT_BAD_HIDDEN, 0, L2TP_AVP_PROXY_AUTHEN_NAME);
	/* nothing, or half a length, inside */
	t.opt.secret = SECRET;
	for (size_t n = 0; n < 2; n++) {
		body(L2TP_MSG_ICRQ);
		raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
		raw(L2TP_AVP_M | L2TP_AVP_H, 0, L2TP_AVP_CALLED_NUMBER, span_of(rv1, n));
		faulty(L2TP_FAULT_BAD_HIDDEN, 0, L2TP_AVP_CALLED_NUMBER);
	}
}

/* A hidden AVP that came before every Random Vector stays unread, also when it is handed on. */
static void hidden_before_vector(void **state)
{
	t.opt.secret = SECRET;
	body(L2TP_MSG_ICRQ);
	wr_be16(&t.w, L2TP_AVP_H | (6 + 2 + 3));
	wr_be16(&t.w, 3561);
	wr_be16(&t.w, 1);
	l2tp_avp_hide(&t.w, SECRET, RV1, 1, span_str("c/7"), NONE);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
	raw(0, 4242, 1, D(1));
	assert_true(decode());
	assert_true(tolerated(L2TP_TOLERATED_HIDDEN_SKIPPED));
	assert_true(span_eq(t.m.others, D(0, 7, 0x10, 0x92, 0, 1, 1)));
}

/* Hidden although the table forbids it; a hidden Random Vector; a hidden value inside a hidden value. */
static void hidden_oddities(void **state)
{
	uint8_t inner[64];
	struct wr w = wr_of(inner, sizeof(inner));

	t.opt.secret = SECRET;
	begin(L2TP_MSG_SCCRQ);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_HOST_NAME, RV1, span_str("lac"), NONE);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_PROTOCOL_VERSION, RV1, D(1, 0), NONE);
	l2tp_avp_put_u32(&t.b, L2TP_AVP_FRAMING_CAPABILITIES, 1);
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 1);
	assert_true(decode());
	assert_int_equal(t.m.tolerated, 1 << L2TP_TOLERATED_H_BIT);
	assert_true(span_eq_str(t.m.host_name, "lac"));

	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_RANDOM_VECTOR, RV1, RV2, NONE);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_CALLED_NUMBER, RV2, D('8'), NONE);
	assert_true(decode());
	assert_true(span_eq(t.m.called_number, D('8')));

	/* the value of a hidden AVP is octets, unhidden once and never parsed as an AVP */
	l2tp_avp_hide(&w, SECRET, RV1, L2TP_AVP_CALLED_NUMBER, span_str("twice"), NONE);
	body(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 0, L2TP_AVP_RANDOM_VECTOR, RV1);
	raw_hidden(L2TP_AVP_M, L2TP_AVP_CALLED_NUMBER, RV1, wr_span(&w), NONE);
	assert_true(decode());
	assert_true(span_eq(t.m.called_number, wr_span(&w)));
}

/* A first look at an SCCRQ: the host name is needed to find the secret. */
static void leave_hidden(void **state)
{
	t.hide.enabled = true;
	t.opt.leave_hidden = true;
	body(L2TP_MSG_SCCRQ);
	l2tp_avp_put(&t.b, 3561, 1, span_str("c1"));
	assert_true(decode());
	assert_true(t.m.hidden_skipped);
	assert_true(span_eq_str(t.m.host_name, "lac1"));
	assert_false(l2tp_msg_has(&t.m, L2TP_AVP_ASSIGNED_TUNNEL_ID));
	assert_int_equal(t.m.tolerated, 0);
	t.opt = (struct l2tp_msg_opt){ .secret = SECRET };
	assert_true(decode());
	assert_int_equal(t.m.assigned_tunnel_id, 7);
	assert_false(t.m.hidden_skipped);
}

/* RFC 2661 §4.4.3: what a first look sees is judged whole; a hidden AVP is there, though nobody knows its value yet. */
static void first_look_judges(void **state)
{
	t.hide.enabled = true;
	t.opt.leave_hidden = true;
	body(L2TP_MSG_SCCRQ);
	assert_true(decode());
	assert_false(l2tp_msg_has(&t.m, L2TP_AVP_FRAMING_CAPABILITIES));
	assert_true(t.m.unread >> L2TP_AVP_FRAMING_CAPABILITIES & 1);
	t.m.present &= ~(UINT64_C(1) << L2TP_AVP_HOST_NAME);
	assert_false(l2tp_msg_check(&t.m, &t.f));
	assert_int_equal(t.f.kind, L2TP_FAULT_MISSING);
	assert_int_equal(t.f.type, L2TP_AVP_HOST_NAME);
	begin(L2TP_MSG_SCCRQ);
	faulty(L2TP_FAULT_MISSING, 0, L2TP_AVP_PROTOCOL_VERSION);
}

static void scratch_full(void **state)
{
	static uint8_t value[1000];

	t.opt.secret = SECRET;
	t.hide.enabled = true;
	t.scratch_cap = 1000;
	body(L2TP_MSG_ICRP);
	l2tp_avp_put(&t.b, 0, 1000, span_of(value, 995));	/* unknown, optional, handed on */
	assert_false(decode());
	assert_int_equal(t.f.kind, L2TP_FAULT_NO_RESOURCES);
	assert_int_equal(t.m.assigned_session_id, 9);
	t.scratch_cap = 4;
	body(L2TP_MSG_ICRQ);			/* its own values do not fit */
	faulty(L2TP_FAULT_NO_RESOURCES, 0, L2TP_AVP_ASSIGNED_SESSION_ID);
}

/* interop.md 2: every string AVP with 0, 1 and 1,017 octets, NULs and no UTF-8 among them. */
static void strings(void **state)
{
	static const size_t lens[] = { 0, 1, 1017 };
	const struct l2tp_avp_info *info;
	static uint8_t value[1017];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(i * 7);		/* value[0] is NUL, many above 0x7f */
	for (unsigned i = 0; (info = l2tp_avp_row(i)); i++) {
		if (info->vendor || (info->form != L2TP_FORM_TEXT && info->form != L2TP_FORM_BYTES) || info->max < 1017)
			continue;
		for (size_t k = 0; k < COUNT(lens); k++) {
			char text[8192];
			size_t n;

			without(info);
			raw(info->m ? L2TP_AVP_M : 0, 0, info->type, span_of(value, lens[k]));
			decode();
			assert_int_equal(l2tp_msg_has(&t.m, info->type), lens[k] >= info->min);
			n = l2tp_msg_text(span_of(t.buf, wr_len(&t.w)), NONE, text, sizeof(text));
			assert_int_equal(strlen(text), n);
			for (size_t c = 0; c < n; c++)
				assert_true(text[c] >= 0x20 && text[c] < 0x7f);
		}
	}
	body(L2TP_MSG_ICRQ);
	l2tp_avp_put_bytes(&t.b, L2TP_AVP_CALLING_NUMBER, span_of(value, 1017));
	assert_true(decode());
	assert_true(span_eq(t.m.calling_number, span_of(value, 1017)));
}

/* ---- what must be there, and what its value may be ---- */

static void missing_mandatory(void **state)
{
	const struct l2tp_avp_info *info;
	unsigned n = 0;

	for (size_t i = 0; i < COUNT(all_types); i++) {
		for (unsigned r = 1; (info = l2tp_avp_row(r)); r++) {
			struct l2tp_msg whole;

			if (info->vendor || !(info->required & L2TP_IN(all_types[i])))
				continue;
			body(all_types[i]);
			assert_true(decode());
			whole = t.m;
			whole.present &= ~(UINT64_C(1) << info->type);
			assert_false(l2tp_msg_check(&whole, &t.f));
			assert_int_equal(t.f.kind, L2TP_FAULT_MISSING);
			assert_int_equal(t.f.type, info->type);
			n++;
		}
	}
	assert_int_equal(n, 4 + 4 + 2 + 7 + 1 + 2 + 2 + 1 + 2 + 2 + 1 + 1);
	begin(L2TP_MSG_SCCRQ);
	faulty(L2TP_FAULT_MISSING, 0, L2TP_AVP_PROTOCOL_VERSION);
}

/* A whole message with one AVP more, which comes before the good one and so counts. */
static void with(uint16_t msg, uint16_t type, struct span v)
{
	size_t at = L2TP_HDR_CONTROL_LEN + 8;
	uint8_t rest[512];
	size_t len;

	body(msg);
	len = wr_len(&t.w) - at;
	memcpy(rest, t.buf + at, len);
	t.w.p = t.buf + at;
	raw(L2TP_AVP_M, 0, type, v);
	wr_bytes(&t.w, rest, len);
}

static void bad_values(void **state)
{
	static const struct {
		uint16_t msg, type;
		enum l2tp_fault_kind kind;
		uint8_t len, v[10];
	} bad[] = {
		{ 1, 2, L2TP_FAULT_BAD_VALUE, 2, { 2, 0 } },
		{ 2, 2, L2TP_FAULT_BAD_VALUE, 2, { 0, 1 } },
		{ 1, 3, L2TP_FAULT_BAD_VALUE, 4, { 0, 0, 0, 4 } },
		{ 2, 4, L2TP_FAULT_BAD_VALUE, 4, { 0x80, 0, 0, 0 } },
		{ 1, 9, L2TP_FAULT_BAD_VALUE, 2, { 0, 0 } },
		{ 4, 9, L2TP_FAULT_BAD_VALUE, 2, { 0, 0 } },
		{ 1, 11, L2TP_FAULT_BAD_VALUE, 0, { 0 } },
		{ 1, 76, L2TP_FAULT_BAD_VALUE, 6, { 0, 0, 0, 0, 0, 1 } },
		{ 10, 14, L2TP_FAULT_BAD_VALUE, 2, { 0, 0 } },
		{ 11, 14, L2TP_FAULT_BAD_VALUE, 2, { 0, 0 } },
		{ 14, 14, L2TP_FAULT_BAD_VALUE, 2, { 0, 0 } },
		{ 10, 18, L2TP_FAULT_BAD_VALUE, 4, { 0, 0, 0, 8 } },
		{ 12, 19, L2TP_FAULT_BAD_VALUE, 4, { 0, 0, 1, 0 } },
		{ 7, 19, L2TP_FAULT_BAD_VALUE, 4, { 0, 0, 0, 4 } },
		{ 12, 29, L2TP_FAULT_BAD_VALUE, 2, { 0, 0 } },
		{ 12, 29, L2TP_FAULT_UNSUPPORTED_VALUE, 2, { 0, 6 } },
		{ 12, 29, L2TP_FAULT_UNSUPPORTED_VALUE, 2, { 0xff, 0xff } },
		{ 16, 35, L2TP_FAULT_BAD_VALUE, 10, { 0, 1 } },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		with(bad[i].msg, bad[i].type, span_of(bad[i].v, bad[i].len));
		faulty(bad[i].kind, 0, bad[i].type);
	}
	with(1, 2, D(1, 9));		/* another revision of version 1 */
	assert_true(decode());
	with(10, 18, D(0, 0, 0, 7));	/* RFC 3301: broadband */
	assert_true(decode());
	with(12, 29, D(0, 4));		/* no authentication brings nothing with it */
	assert_true(decode());
}

/* §4.4.5: which parts each Proxy Authen Type must bring. */
static void proxy_parts(void **state)
{
	static const uint8_t need[6] = { 0, 1 | 8, 1 | 2 | 4 | 8, 1 | 4 | 8, 0, 1 | 2 | 4 | 8 };

	for (unsigned type = 1; type <= 5; type++) {
		for (unsigned have = 0; have < 16; have++) {
			unsigned wanting = need[type] & ~have, first = 0;

			body(L2TP_MSG_ICCN);
			l2tp_avp_put_u16(&t.b, L2TP_AVP_PROXY_AUTHEN_TYPE, (uint16_t)type);
			for (unsigned i = 0; i < 4; i++)
				if (have & 1u << i)
					raw(0, 0, (uint16_t)(L2TP_AVP_PROXY_AUTHEN_NAME + i), D(0, 1));
			if (!wanting) {
				assert_true(decode());
				continue;
			}
			while (!(wanting & 1u << first))
				first++;
			faulty(L2TP_FAULT_MISSING, 0, (uint16_t)(L2TP_AVP_PROXY_AUTHEN_NAME + first));
		}
	}
}

/* The first fault is told, what comes after is still read. */
static void first_fault(void **state)
{
	begin(L2TP_MSG_ICRQ);
	raw(L2TP_AVP_M, 0, 99, D(1));
	raw(L2TP_AVP_M, 0, L2TP_AVP_CALLED_NUMBER, D('1'));
	raw(L2TP_AVP_M, 0, L2TP_AVP_BEARER_TYPE, D(1));
	l2tp_avp_put_u16(&t.b, L2TP_AVP_ASSIGNED_SESSION_ID, 5);
	faulty(L2TP_FAULT_UNKNOWN_AVP, 0, 99);
	assert_int_equal(t.m.assigned_session_id, 5);
}

/* ---- encoding ---- */

static void encode_overflow(void **state)
{
	for (size_t cap = 0; cap < 100; cap++) {
		uint8_t buf[100];
		struct wr w = wr_of(buf, cap);
		struct l2tp_build b;
		size_t len;

		l2tp_msg_begin(&b, &w, NULL, L2TP_MSG_ICRP, 1, 2, 3, 4);
		l2tp_avp_put_u16(&b, L2TP_AVP_ASSIGNED_SESSION_ID, 9);
		len = l2tp_msg_end(&b);
		assert_int_equal(len, cap < 28 ? 0 : 28);
	}
}

/* A second message after the first in one buffer. */
static void encode_after(void **state)
{
	uint8_t buf[100];
	struct wr w = wr_of(buf, sizeof(buf));
	struct l2tp_build b;

	l2tp_hdr_put_zlb(&w, 1, 2, 3);
	l2tp_msg_begin(&b, &w, NULL, L2TP_MSG_HELLO, 1, 0, 3, 4);
	assert_int_equal(l2tp_msg_end(&b), 20);
	assert_int_equal(wr_len(&w), 32);
	assert_int_equal(buf[15], 20);
	assert_int_equal(buf[3], 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_message), T(zlb), T(names), T(fields), T(message_type_faults), T(message_type_unknown),
		T(every_row_length), T(length_field), T(unknown_avps), T(reserved_bits), T(tolerations),
		T(result_forms), T(swapped_error_code), T(vendor_avps), T(two_random_vectors), T(hidden_faults),
		T(hidden_before_vector), T(hidden_oddities), T(leave_hidden), T(first_look_judges),
		T(scratch_full), T(strings),
		T(missing_mandatory), T(bad_values), T(proxy_parts), T(first_fault),
		T(encode_overflow), T(encode_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
