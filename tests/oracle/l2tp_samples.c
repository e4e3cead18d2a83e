/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every control message as we encode it, one a line: "NAME clear|hidden HEX". tests/oracle/test_l2tp_tshark.py lets an
 * independent decoder read them. The secret is "s3cret".
 */
#include <stdio.h>

#include "wire/l2tp_msg.h"

#define SECRET span_str("s3cret")

struct sample {
	uint8_t buf[1400];
	struct wr w;
	struct l2tp_build b;
};

static void print(const char *name, const char *form, struct span s)
{
	struct rd r = rd_span(s);

	printf("%s %s ", name, form);
	while (rd_left(&r) > 0)
		printf("%02x", rd_u8(&r));
	printf("\n");
}

static void opening(struct l2tp_build *b)
{
	l2tp_avp_put_u16(b, L2TP_AVP_PROTOCOL_VERSION, L2TP_PROTOCOL_VERSION);
	l2tp_avp_put_bytes(b, L2TP_AVP_HOST_NAME, span_str("lac1.example"));
	l2tp_avp_put_u32(b, L2TP_AVP_FRAMING_CAPABILITIES, L2TP_FRAMING_SYNC | L2TP_FRAMING_ASYNC);
	l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 4711);
	l2tp_avp_put_u32(b, L2TP_AVP_BEARER_CAPABILITIES, L2TP_BEARER_DIGITAL | L2TP_BEARER_ANALOG);
	l2tp_avp_put_u16(b, L2TP_AVP_RECEIVE_WINDOW_SIZE, 16);
	l2tp_avp_put_bytes(b, L2TP_AVP_CHALLENGE, span_str("0123456789abcdef"));
	l2tp_avp_put_u16(b, L2TP_AVP_FIRMWARE_REVISION, 0x0100);
	l2tp_avp_put_bytes(b, L2TP_AVP_VENDOR_NAME, span_str("adit"));
}

static void sccrq(struct l2tp_build *b)
{
	opening(b);
	l2tp_avp_put_u64(b, L2TP_AVP_TIE_BREAKER, UINT64_C(0x0123456789abcdef));
}

static void sccrp(struct l2tp_build *b)
{
	opening(b);
	l2tp_avp_put_bytes(b, L2TP_AVP_CHALLENGE_RESPONSE, span_str("fedcba9876543210"));
}

static void scccn(struct l2tp_build *b)
{
	l2tp_avp_put_bytes(b, L2TP_AVP_CHALLENGE_RESPONSE, span_str("fedcba9876543210"));
}

static void stopccn(struct l2tp_build *b)
{
	l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_TUNNEL_ID, 4711);
	l2tp_avp_put_result(b, 2, 8, span_str("ICRQ: unknown AVP (AVP 0/99)"));
}

static void hello(struct l2tp_build *b)
{
	(void)b;
}

static void icrq(struct l2tp_build *b)
{
	static const struct l2tp_access_line line = {
		.circuit_id = { (const uint8_t *)"dslam7 eth 3/0:100", 18 },
		.remote_id = { (const uint8_t *)"line 42", 7 },
		.has_rate = 3, .rate = { 40000000, 100000000 }, .has_iwf = true,
	};
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));

	l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_SESSION_ID, 815);
	l2tp_avp_put_u32(b, L2TP_AVP_CALL_SERIAL_NUMBER, 0x01020304);
	l2tp_avp_put_u32(b, L2TP_AVP_BEARER_TYPE, L2TP_BEARER_DIGITAL);
	l2tp_avp_put_u32(b, L2TP_AVP_PHYSICAL_CHANNEL_ID, 5);
	l2tp_avp_put_bytes(b, L2TP_AVP_CALLING_NUMBER, span_str("03012345"));
	l2tp_avp_put_bytes(b, L2TP_AVP_CALLED_NUMBER, span_str("0190"));
	l2tp_avp_put_bytes(b, L2TP_AVP_SUB_ADDRESS, span_str("7"));
	l2tp_access_line_encode(&w, &line);
	l2tp_avp_put_list(b, wr_span(&w));
}

static void icrp(struct l2tp_build *b)
{
	l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_SESSION_ID, 816);
}

static void iccn(struct l2tp_build *b)
{
	static const uint8_t lcp[] = { 1, 4, 5, 0xd4, 5, 6, 1, 2, 3, 4 };

	l2tp_avp_put_u32(b, L2TP_AVP_TX_CONNECT_SPEED, 100000000);
	l2tp_avp_put_u32(b, L2TP_AVP_FRAMING_TYPE, L2TP_FRAMING_SYNC);
	l2tp_avp_put_bytes(b, L2TP_AVP_INITIAL_RX_LCP_CONFREQ, span_of(lcp, sizeof(lcp)));
	l2tp_avp_put_bytes(b, L2TP_AVP_LAST_TX_LCP_CONFREQ, span_of(lcp, sizeof(lcp)));
	l2tp_avp_put_bytes(b, L2TP_AVP_LAST_RX_LCP_CONFREQ, span_of(lcp, sizeof(lcp)));
	l2tp_avp_put_u16(b, L2TP_AVP_PROXY_AUTHEN_TYPE, L2TP_PROXY_CHAP);
	l2tp_avp_put_bytes(b, L2TP_AVP_PROXY_AUTHEN_NAME, span_str("bob@isp.example"));
	l2tp_avp_put_bytes(b, L2TP_AVP_PROXY_AUTHEN_CHALLENGE, span_str("0123456789abcdef"));
	l2tp_avp_put_u16(b, L2TP_AVP_PROXY_AUTHEN_ID, 9);
	l2tp_avp_put_bytes(b, L2TP_AVP_PROXY_AUTHEN_RESPONSE, span_str("fedcba9876543210"));
	l2tp_avp_put_u32(b, L2TP_AVP_RX_CONNECT_SPEED, 40000000);
	l2tp_avp_put_bytes(b, L2TP_AVP_PRIVATE_GROUP_ID, span_str("blue"));
	l2tp_avp_put_flag(b, L2TP_AVP_SEQUENCING_REQUIRED);
}

static void cdn(struct l2tp_build *b)
{
	l2tp_avp_put_result(b, 2, 6, span_str("authentication failed"));
	l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_SESSION_ID, 815);
	l2tp_avp_put_disconnect(b, 16, 0xc223, 1, span_str("no such user"));
}

static void wen(struct l2tp_build *b)
{
	static const uint32_t errors[6] = { 1, 2, 3, 4, 5, 6 };

	l2tp_avp_put_call_errors(b, errors);
}

static void sli(struct l2tp_build *b)
{
	l2tp_avp_put_accm(b, 0xffffffff, 0x000a0000);
}

static void ocrq(struct l2tp_build *b)
{
	l2tp_avp_put_u16(b, L2TP_AVP_ASSIGNED_SESSION_ID, 815);
	l2tp_avp_put_u32(b, L2TP_AVP_CALL_SERIAL_NUMBER, 1);
	l2tp_avp_put_u32(b, L2TP_AVP_MINIMUM_BPS, 64000);
	l2tp_avp_put_u32(b, L2TP_AVP_MAXIMUM_BPS, 128000);
	l2tp_avp_put_u32(b, L2TP_AVP_BEARER_TYPE, L2TP_BEARER_DIGITAL);
	l2tp_avp_put_u32(b, L2TP_AVP_FRAMING_TYPE, L2TP_FRAMING_SYNC);
	l2tp_avp_put_bytes(b, L2TP_AVP_CALLED_NUMBER, span_str("0190"));
}

static const struct {
	uint16_t type;
	void (*body)(struct l2tp_build *b);
} samples[] = {
	{ L2TP_MSG_SCCRQ, sccrq }, { L2TP_MSG_SCCRP, sccrp }, { L2TP_MSG_SCCCN, scccn }, { L2TP_MSG_STOPCCN, stopccn },
	{ L2TP_MSG_HELLO, hello }, { L2TP_MSG_OCRQ, ocrq }, { L2TP_MSG_OCRP, icrp }, { L2TP_MSG_ICRQ, icrq },
	{ L2TP_MSG_ICRP, icrp }, { L2TP_MSG_ICCN, iccn }, { L2TP_MSG_CDN, cdn }, { L2TP_MSG_WEN, wen },
	{ L2TP_MSG_SLI, sli },
};

int main(void)
{
	struct rng rng;
	struct sample s;

	rng_init_u64(&rng, 2661);
	for (unsigned hidden = 0; hidden < 2; hidden++) {
		struct l2tp_hide hide = { .secret = SECRET, .rng = &rng, .enabled = hidden, .padding_max = 16 };

		for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
			uint16_t type = samples[i].type;

			s.w = wr_of(s.buf, sizeof(s.buf));
			l2tp_msg_begin(&s.b, &s.w, &hide, type, 1234, l2tp_msg_is_call(type) ? 567 : 0, 3, 4);
			samples[i].body(&s.b);
			if (l2tp_msg_end(&s.b) == 0)
				return 1;
			print(l2tp_msg_name(type), hidden ? "hidden" : "clear", wr_span(&s.w));
		}
	}
	s.w = wr_of(s.buf, sizeof(s.buf));
	l2tp_hdr_put_zlb(&s.w, 1234, 3, 4);
	print("ZLB", "clear", wr_span(&s.w));
	return 0;
}
