/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known about each AVP: RFC 3145 (46), RFC 4951 (76), RFC 5515 (vendor 3561), Cisco (vendor 9), and all others
 * RFC 2661 §4.4 and §6 (which messages). Lengths are of the value before hiding.
 */
#include "wire/l2tp_avp.h"

#include "wire/l2tp_msg.h"

#define SCCRQ L2TP_IN(L2TP_MSG_SCCRQ)
#define SCCRP L2TP_IN(L2TP_MSG_SCCRP)
#define SCCCN L2TP_IN(L2TP_MSG_SCCCN)
#define STOPCCN L2TP_IN(L2TP_MSG_STOPCCN)
#define OCRQ L2TP_IN(L2TP_MSG_OCRQ)
#define OCRP L2TP_IN(L2TP_MSG_OCRP)
#define OCCN L2TP_IN(L2TP_MSG_OCCN)
#define ICRQ L2TP_IN(L2TP_MSG_ICRQ)
#define ICRP L2TP_IN(L2TP_MSG_ICRP)
#define ICCN L2TP_IN(L2TP_MSG_ICCN)
#define CDN L2TP_IN(L2TP_MSG_CDN)
#define WEN L2TP_IN(L2TP_MSG_WEN)
#define SLI L2TP_IN(L2TP_MSG_SLI)
#define SCCR (SCCRQ | SCCRP)
#define OCR (OCRQ | OCRP)
#define ICR (ICRQ | ICRP)
#define ALL L2TP_IN_ALL

/* M: the M bit is set; H: may be hidden; X: not shown to people */
enum { M = 1, H = 2, X = 4, MH = M | H, MX = M | X, HX = H | X, MHX = M | H | X };

#define ROW(v, ty, nm, sec, fm, mn, mx, fl, req, opt) { \
	.vendor = v, .type = ty, .name = nm, .source = sec, .form = L2TP_FORM_##fm, .min = mn, .max = mx, \
	.m = !!((fl) & M), .may_hide = !!((fl) & H), .secret = !!((fl) & X), .required = req, .optional = opt }

#define AVP(id, nm, sec, fm, mn, mx, fl, req, opt) \
	[L2TP_AVP_##id] = ROW(L2TP_VENDOR_IETF, L2TP_AVP_##id, nm, sec, fm, mn, mx, fl, req, opt)
#define NAME(id, nm, sec) \
	[L2TP_AVP_##id] = ROW(L2TP_VENDOR_IETF, L2TP_AVP_##id, nm, sec, NAME_ONLY, 0, ANY, H, 0, 0)
#define LINE(id, nm, sec, fm, mn, mx) \
	ROW(L2TP_VENDOR_ADSL_FORUM, L2TP_LINE_##id, nm, sec, fm, mn, mx, H, 0, ICRQ)

#define ANY L2TP_AVP_VALUE_MAX
#define S(n) "RFC 2661 §4.4." #n

static const struct l2tp_avp_info ietf[] = {
	/*  id                   name                       §     form    min  max flags required in, optional in */
	/* RFC 2661 §4.4.1 all messages */
	AVP(MESSAGE_TYPE,            "message-type",            S(1), U16,     2,   2, M,   ALL, 0),
	AVP(RANDOM_VECTOR,           "random-vector",           S(1), BYTES,   0, ANY, MX,  0, ALL),
	/* RFC 2661 §4.4.2 result and error codes */
	AVP(RESULT_CODE,             "result-code",             S(2), RESULT,  2, ANY, M,   STOPCCN | CDN, 0),
	/* RFC 2661 §4.4.3 control connection management. An empty Challenge is a bad value, not a bad length. */
	AVP(PROTOCOL_VERSION,        "protocol-version",        S(3), U16,     2,   2, M,   SCCR, 0),
	AVP(FRAMING_CAPABILITIES,    "framing-capabilities",    S(3), U32,     4,   4, MH,  SCCR, 0),
	AVP(BEARER_CAPABILITIES,     "bearer-capabilities",     S(3), U32,     4,   4, MH,  0, SCCR),
	AVP(TIE_BREAKER,             "tie-breaker",             S(3), U64,     8,   8, 0,   0, SCCRQ),
	AVP(FIRMWARE_REVISION,       "firmware-revision",       S(3), U16,     2,   2, H,   0, SCCR),
	AVP(HOST_NAME,               "host-name",               S(3), TEXT,    1, ANY, M,   SCCR, 0),
	AVP(VENDOR_NAME,             "vendor-name",             S(3), TEXT,    0, ANY, H,   0, SCCR),
	AVP(ASSIGNED_TUNNEL_ID,      "assigned-tunnel-id",      S(3), U16,     2,   2, MH,  SCCR | STOPCCN, 0),
	AVP(RECEIVE_WINDOW_SIZE,     "receive-window-size",     S(3), U16,     2,   2, M,   0, SCCR),
	AVP(CHALLENGE,               "challenge",               S(3), BYTES,   0, ANY, MHX, 0, SCCR),
	AVP(CHALLENGE_RESPONSE,      "challenge-response",      S(3), BYTES,  16,  16, MHX, 0, SCCRP | SCCCN),
	/* RFC 2661 §4.4.4 call management */
	AVP(Q931_CAUSE_CODE,         "q931-cause-code",         S(4), Q931,    3, ANY, M,   0, CDN),
	AVP(ASSIGNED_SESSION_ID,     "assigned-session-id",     S(4), U16,     2,   2, MH,  CDN | ICR | OCR, 0),
	AVP(CALL_SERIAL_NUMBER,      "call-serial-number",      S(4), U32,     4,   4, MH,  ICRQ | OCRQ, 0),
	AVP(MINIMUM_BPS,             "minimum-bps",             S(4), U32,     4,   4, MH,  OCRQ, 0),
	AVP(MAXIMUM_BPS,             "maximum-bps",             S(4), U32,     4,   4, MH,  OCRQ, 0),
	AVP(BEARER_TYPE,             "bearer-type",             S(4), U32,     4,   4, MH,  OCRQ, ICRQ),
	AVP(FRAMING_TYPE,            "framing-type",            S(4), U32,     4,   4, MH,  ICCN | OCCN | OCRQ, 0),
	AVP(CALLED_NUMBER,           "called-number",           S(4), TEXT,    0, ANY, MH,  OCRQ, ICRQ),
	AVP(CALLING_NUMBER,          "calling-number",          S(4), TEXT,    0, ANY, MH,  0, ICRQ),
	AVP(SUB_ADDRESS,             "sub-address",             S(4), TEXT,    0, ANY, MH,  0, ICRQ | OCRQ),
	AVP(TX_CONNECT_SPEED,        "connect-speed",           S(4), U32,     4,   4, MH,  ICCN | OCCN, 0),
	AVP(RX_CONNECT_SPEED,        "rx-connect-speed",        S(4), U32,     4,   4, H,   0, ICCN | OCCN),
	AVP(PHYSICAL_CHANNEL_ID,     "physical-channel-id",     S(4), U32,     4,   4, H,   0, ICRQ | OCRP),
	AVP(PRIVATE_GROUP_ID,        "private-group-id",        S(4), TEXT,    0, ANY, H,   0, ICCN),
	AVP(SEQUENCING_REQUIRED,     "sequencing-required",     S(4), FLAG,    0,   0, M,   0, ICCN | OCCN),
	/* RFC 2661 §4.4.5 proxy LCP and authentication */
	AVP(INITIAL_RX_LCP_CONFREQ,  "initial-rx-lcp-confreq",  S(5), BYTES,   0, ANY, H,   0, ICCN),
	AVP(LAST_TX_LCP_CONFREQ,     "last-tx-lcp-confreq",     S(5), BYTES,   0, ANY, H,   0, ICCN),
	AVP(LAST_RX_LCP_CONFREQ,     "last-rx-lcp-confreq",     S(5), BYTES,   0, ANY, H,   0, ICCN),
	AVP(PROXY_AUTHEN_TYPE,       "proxy-authen-type",       S(5), U16,     2,   2, H,   0, ICCN),
	AVP(PROXY_AUTHEN_NAME,       "proxy-authen-name",       S(5), TEXT,    0, ANY, H,   0, ICCN),
	AVP(PROXY_AUTHEN_CHALLENGE,  "proxy-authen-challenge",  S(5), BYTES,   0, ANY, HX,  0, ICCN),
	AVP(PROXY_AUTHEN_ID,         "proxy-authen-id",         S(5), U16,     2,   2, H,   0, ICCN),
	AVP(PROXY_AUTHEN_RESPONSE,   "proxy-authen-response",   S(5), BYTES,   0, ANY, HX,  0, ICCN),
	/* RFC 2661 §4.4.6 call status */
	AVP(CALL_ERRORS,             "call-errors",             S(6), CALL_ERRORS, 26,  26, MH,  WEN, 0),
	AVP(ACCM,                    "accm",                    S(6), ACCM,   10,  10, MH,  SLI, 0),
	/* beyond RFC 2661 */
	AVP(PPP_DISCONNECT_CAUSE_CODE, "ppp-disconnect-cause-code", "RFC 3145 §2", DISCONNECT, 5, ANY, H, 0, CDN),
	AVP(FAILOVER_CAPABILITY, "failover-capability", "RFC 4951 §5.1", FAILOVER, 6, 6, H, 0, SCCR),
	/* by name only: what we do not do must be answered as unrecognised when M is set */
	NAME(TUNNEL_RECOVERY,            "tunnel-recovery",            "RFC 4951 §5.2"),
	NAME(SUGGESTED_CONTROL_SEQUENCE, "suggested-control-sequence", "RFC 4951 §5.3"),
	NAME(FAILOVER_SESSION_STATE,     "failover-session-state",     "RFC 4951 §5.4"),
	NAME(MULTICAST_CAPABILITY,       "multicast-capability",       "RFC 4045"),
	NAME(NEW_OUTGOING_SESSIONS,      "new-outgoing-sessions",      "RFC 4045"),
	NAME(CONNECT_SPEED_UPDATE,       "connect-speed-update",       "RFC 5515 §6.1"),
	NAME(CONNECT_SPEED_UPDATE_ENABLE, "connect-speed-update-enable", "RFC 5515 §6.2"),
};

static const struct l2tp_avp_info vendors[] = {
	LINE(AGENT_CIRCUIT_ID,            "agent-circuit-id",           "RFC 5515 §5.1",  TEXT, 2, 63),
	LINE(AGENT_REMOTE_ID,             "agent-remote-id",            "RFC 5515 §5.2",  TEXT, 2, 63),
	LINE(ACTUAL_RATE_UP,              "actual-rate-up",             "RFC 5515 §5.3",  U64,  8, 8 ),
	LINE(ACTUAL_RATE_DOWN,            "actual-rate-down",           "RFC 5515 §5.4",  U64,  8, 8 ),
	LINE(MINIMUM_RATE_UP,             "minimum-rate-up",            "RFC 5515 §5.5",  U64,  8, 8 ),
	LINE(MINIMUM_RATE_DOWN,           "minimum-rate-down",          "RFC 5515 §5.6",  U64,  8, 8 ),
	LINE(ATTAINABLE_RATE_UP,          "attainable-rate-up",         "RFC 5515 §5.7",  U64,  8, 8 ),
	LINE(ATTAINABLE_RATE_DOWN,        "attainable-rate-down",       "RFC 5515 §5.8",  U64,  8, 8 ),
	LINE(MAXIMUM_RATE_UP,             "maximum-rate-up",            "RFC 5515 §5.9",  U64,  8, 8 ),
	LINE(MAXIMUM_RATE_DOWN,           "maximum-rate-down",          "RFC 5515 §5.10", U64,  8, 8 ),
	LINE(MINIMUM_RATE_UP_LOW_POWER,   "minimum-rate-up-low-power",  "RFC 5515 §5.11", U64,  8, 8 ),
	LINE(MINIMUM_RATE_DOWN_LOW_POWER, "minimum-rate-down-low-power", "RFC 5515 §5.12", U64,  8, 8 ),
	LINE(MAXIMUM_DELAY_UP,            "maximum-delay-up",           "RFC 5515 §5.13", U32,  4, 4 ),
	LINE(ACTUAL_DELAY_UP,             "actual-delay-up",            "RFC 5515 §5.14", U32,  4, 4 ),
	LINE(MAXIMUM_DELAY_DOWN,          "maximum-delay-down",         "RFC 5515 §5.15", U32,  4, 4 ),
	LINE(ACTUAL_DELAY_DOWN,           "actual-delay-down",          "RFC 5515 §5.16", U32,  4, 4 ),
	LINE(ENCAPSULATION,               "access-loop-encapsulation",  "RFC 5515 §5.17", BYTES, 3, 3),
	LINE(TYPE,                        "access-line-type",           "RFC 5515 §5.18", BYTES, 4, 4),
	LINE(IWF,                         "iwf-session",                "RFC 5515 §5.19", U32,  4, 4 ),
	/* Its content is the LAC's own affair; an empty one is a bad value (terminate reason of that name). */
	ROW(L2TP_VENDOR_CISCO, L2TP_AVP_CISCO_NAS_PORT, "cisco-nas-port", "Cisco", BYTES, 1, ANY, H, 0, ICRQ),
};

enum { IETF_ROWS = sizeof(ietf) / sizeof(ietf[0]), VENDOR_ROWS = sizeof(vendors) / sizeof(vendors[0]) };

const struct l2tp_avp_info *l2tp_avp_info(uint16_t vendor, uint16_t type)
{
	if (vendor == L2TP_VENDOR_IETF)
		return type < IETF_ROWS && ietf[type].name ? &ietf[type] : NULL;
	for (unsigned i = 0; i < VENDOR_ROWS; i++)
		if (vendors[i].vendor == vendor && vendors[i].type == type)
			return &vendors[i];
	return NULL;
}

uint64_t l2tp_avp_required(uint16_t msg_type)
{
	uint64_t types = 0;

	for (unsigned t = 0; t <= L2TP_AVP_SEQUENCING_REQUIRED; t++)	/* beyond RFC 2661 nothing is */
		if (ietf[t].required & L2TP_IN(msg_type))
			types |= UINT64_C(1) << t;
	return types;
}

const struct l2tp_avp_info *l2tp_avp_row(unsigned i)
{
	for (unsigned t = 0; t < IETF_ROWS; t++)
		if (ietf[t].name && i-- == 0)
			return &ietf[t];
	return i < VENDOR_ROWS ? &vendors[i] : NULL;
}
