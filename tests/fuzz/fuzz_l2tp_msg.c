/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A datagram through header, message and line of text. First octet: secret or not, permissive, leave hidden, and the
 * room there is. A message without fault is written again from its fields, hidden, and must read the same.
 */
#include <stdlib.h>

#include "wire/l2tp_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SECRET span_str("s3cret")

static uint8_t scratch[2][L2TP_SCRATCH_LEN], buf[20000];

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void put_numbers(struct l2tp_build *b, const struct l2tp_msg *m)
{
#define U(n, id, field) if (l2tp_msg_has(m, L2TP_AVP_##id)) l2tp_avp_put_u##n(b, L2TP_AVP_##id, m->field)
	U(16, PROTOCOL_VERSION, protocol_version);
	U(32, FRAMING_CAPABILITIES, framing_caps);
	U(32, BEARER_CAPABILITIES, bearer_caps);
	U(64, TIE_BREAKER, tie_breaker);
	U(16, FIRMWARE_REVISION, firmware_revision);
	U(16, ASSIGNED_TUNNEL_ID, assigned_tunnel_id);
	U(16, RECEIVE_WINDOW_SIZE, receive_window);
	U(16, ASSIGNED_SESSION_ID, assigned_session_id);
	U(32, CALL_SERIAL_NUMBER, call_serial);
	U(32, MINIMUM_BPS, minimum_bps);
	U(32, MAXIMUM_BPS, maximum_bps);
	U(32, BEARER_TYPE, bearer_type);
	U(32, FRAMING_TYPE, framing_type);
	U(32, TX_CONNECT_SPEED, tx_connect_speed);
	U(32, RX_CONNECT_SPEED, rx_connect_speed);
	U(32, PHYSICAL_CHANNEL_ID, physical_channel);
	U(16, PROXY_AUTHEN_TYPE, proxy_authen_type);
	U(16, PROXY_AUTHEN_ID, proxy_authen_id);
#undef U
}

#define SPANS(X) \
	X(HOST_NAME, host_name) X(VENDOR_NAME, vendor_name) X(CHALLENGE, challenge) \
	X(CHALLENGE_RESPONSE, challenge_response) X(CALLED_NUMBER, called_number) X(CALLING_NUMBER, calling_number) \
	X(SUB_ADDRESS, sub_address) X(INITIAL_RX_LCP_CONFREQ, initial_rx_lcp) X(LAST_TX_LCP_CONFREQ, last_tx_lcp) \
	X(LAST_RX_LCP_CONFREQ, last_rx_lcp) X(PROXY_AUTHEN_NAME, proxy_authen_name) \
	X(PROXY_AUTHEN_CHALLENGE, proxy_authen_challenge) X(PROXY_AUTHEN_RESPONSE, proxy_authen_response) \
	X(PRIVATE_GROUP_ID, private_group_id)

static void put_spans(struct l2tp_build *b, const struct l2tp_msg *m)
{
#define X(id, field) if (l2tp_msg_has(m, L2TP_AVP_##id)) l2tp_avp_put_bytes(b, L2TP_AVP_##id, m->field);
	SPANS(X)
#undef X
}

static void put_composed(struct l2tp_build *b, const struct l2tp_msg *m)
{
	if (l2tp_msg_has(m, L2TP_AVP_RESULT_CODE))
		l2tp_avp_put_result(b, m->result, m->error, m->error_text);
	if (l2tp_msg_has(m, L2TP_AVP_CALL_ERRORS))
		l2tp_avp_put_call_errors(b, m->call_errors);
	if (l2tp_msg_has(m, L2TP_AVP_ACCM))
		l2tp_avp_put_accm(b, m->tx_accm, m->rx_accm);
	if (l2tp_msg_has(m, L2TP_AVP_PPP_DISCONNECT_CAUSE_CODE))
		l2tp_avp_put_disconnect(b, m->disconnect_code, m->disconnect_protocol, m->disconnect_direction,
					m->disconnect_text);
	if (l2tp_msg_has(m, L2TP_AVP_SEQUENCING_REQUIRED))
		l2tp_avp_put_flag(b, L2TP_AVP_SEQUENCING_REQUIRED);
	l2tp_avp_put_list(b, m->others);
}

static void same(const struct l2tp_msg *a, const struct l2tp_msg *b)
{
	const uint64_t not_written = UINT64_C(1) << L2TP_AVP_RANDOM_VECTOR | UINT64_C(1) << L2TP_AVP_Q931_CAUSE_CODE |
				     UINT64_C(1) << 48;

	check((a->present & ~not_written) == (b->present & ~not_written));
	check(a->assigned_tunnel_id == b->assigned_tunnel_id && a->assigned_session_id == b->assigned_session_id);
	check(a->tie_breaker == b->tie_breaker && a->call_serial == b->call_serial && a->bearer_type == b->bearer_type);
	check(a->tx_connect_speed == b->tx_connect_speed && a->rx_connect_speed == b->rx_connect_speed);
	check(a->proxy_authen_id == b->proxy_authen_id && a->receive_window == b->receive_window);
	check(a->result == b->result && a->error == b->error && span_eq(a->error_text, b->error_text));
	check(a->tx_accm == b->tx_accm && a->rx_accm == b->rx_accm);
	check(memcmp(a->call_errors, b->call_errors, sizeof(a->call_errors)) == 0);
	check(a->disconnect_code == b->disconnect_code && span_eq(a->disconnect_text, b->disconnect_text));
	check(span_eq(a->others, b->others));
#define X(id, field) check(span_eq(a->field, b->field));
	SPANS(X)
#undef X
}

static void again(const struct l2tp_msg *m)
{
	struct wr w = wr_of(buf, sizeof(buf)), s = wr_of(scratch[1], sizeof(scratch[1]));
	struct l2tp_msg_opt opt = { .secret = SECRET };
	struct rng rng;
	struct l2tp_hide hide = { .secret = SECRET, .rng = &rng, .enabled = m->ns & 1, .padding_max = (uint8_t)m->nr };
	struct l2tp_build b;
	struct l2tp_hdr h;
	struct l2tp_msg m2;
	struct l2tp_fault f;
	size_t len;

	rng_init_u64(&rng, m->nr);
	l2tp_msg_begin(&b, &w, &hide, m->type, m->tunnel_id, m->session_id, m->ns, m->nr);
	put_numbers(&b, m);
	put_spans(&b, m);
	put_composed(&b, m);
	len = l2tp_msg_end(&b);
	if (len == 0)		/* a value of 1016 or 1017 octets cannot be hidden */
		return;
	check(l2tp_hdr_decode(span_of(buf, len), &h) == L2TP_HDR_OK);
	if (!l2tp_msg_decode(&h, &opt, &s, &m2, &f)) {
		check(f.kind == L2TP_FAULT_NO_RESOURCES);	/* all of it hidden needs more room than part of it */
		return;
	}
	same(m, &m2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct l2tp_msg_opt opt = { 0 };
	struct l2tp_hdr h;
	struct l2tp_msg m;
	struct l2tp_fault f;
	struct wr s;
	char text[700];
	size_t cap;

	if (len < 1)
		return 0;
	if (data[0] & 1)
		opt.secret = SECRET;
	opt.permissive = data[0] & 2;
	opt.leave_hidden = data[0] & 4;
	s = wr_of(scratch[0], data[0] & 8 ? data[0] : sizeof(scratch[0]));
	cap = data[0] & 16 ? 40 : sizeof(text);
	check(l2tp_msg_text(span_of(data + 1, len - 1), opt.secret, text, cap) < cap);
	if (l2tp_hdr_decode(span_of(data + 1, len - 1), &h) != L2TP_HDR_OK || !h.control)
		return 0;
	check(l2tp_msg_decode(&h, &opt, &s, &m, &f) == (f.kind == L2TP_FAULT_NONE));
	check(m.receive_window != 0 || m.type == L2TP_MSG_ZLB || !l2tp_msg_known(m.type));
	if (f.kind == L2TP_FAULT_NONE && m.type != L2TP_MSG_ZLB && !opt.leave_hidden)
		again(&m);
	return 0;
}
