/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of end.h. A row exists where a reason differs from its family's default; sources: RFC 2661 §4.4.2 for the
 * Result Code of a CDN, RFC 3145 §3 and the JunosE meaning of each code (spec 9.1) for the disconnect cause.
 */
#include "model/end.h"

#include "model/model.h"

enum {
	PROTO_LCP = 0xc021, PROTO_PAP = 0xc023, PROTO_CHAP = 0xc223, PROTO_IPCP = 0x8021, PROTO_IPV6CP = 0x8057,
	PROTO_OF_AUTH = 1,	/* the authentication protocol in use */
};
enum { DIR_GLOBAL, DIR_PEER, DIR_LOCAL };	/* RFC 3145 §2 */

/* CDN Result Codes, RFC 2661 §4.4.2. */
enum {
	CDN_LOSS_OF_CARRIER = 1, CDN_GENERAL_ERROR = 2, CDN_ADMINISTRATIVE = 3, CDN_NO_FACILITIES_NOW = 4,
	CDN_NO_FACILITIES = 5,
	CDN_NOT_IN_TIME = 10, CDN_NO_FRAMING = 11,
};

const char *end_name(struct end e)
{
	switch (e.family) {
	case END_L2TP:
		return l2tp_reason_name((enum l2tp_reason)e.code);
	case END_PPP:
		return ppp_reason_name((enum ppp_reason)e.code);
	case END_DENY:
		return aaa_refusal_name((enum aaa_refusal)e.code);
	case END_LOGOUT:
		return aaa_logout_name((enum aaa_logout)e.code);
	}
	return "none";
}

unsigned end_terminate_cause(struct end e)
{
	switch (e.family) {
	case END_L2TP:
		return l2tp_reason_terminate_cause((enum l2tp_reason)e.code);
	case END_PPP:
		return ppp_reason_terminate_cause((enum ppp_reason)e.code);
	case END_DENY:
		return aaa_refusal_terminate_cause((enum aaa_refusal)e.code);
	case END_LOGOUT:
		return aaa_logout_terminate_cause((enum aaa_logout)e.code);
	}
	return 9;	/* NAS Error: an end without a reason is our bug */
}

/* Reason 0 of each family is "none". */
const char *model_terminate_code(unsigned i, const char **app, unsigned *cause)
{
	static const struct {
		const char *app;
		enum end_family family;
		unsigned count;
	} families[] = {
		{ "aaa", END_DENY, AAA_REFUSE_COUNT - 1 },
		{ "l2tp", END_L2TP, L2TP_REASON_COUNT - 1 },
		{ "ppp", END_PPP, PPP_REASON_COUNT - 1 },
	};

	for (unsigned f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		struct end e = { (uint8_t)families[f].family, (uint16_t)(i + 1) };

		if (i < families[f].count) {
			*app = families[f].app;
			*cause = end_terminate_cause(e);
			return end_name(e);
		}
		i -= families[f].count;
	}
	return NULL;
}

#define L2TP(r) END_L2TP, L2TP_REASON_##r
#define PPP(r) END_PPP, PPP_REASON_##r
#define DENY(r) END_DENY, AAA_REFUSE_##r
#define LOGOUT(r) END_LOGOUT, AAA_LOGOUT_##r

static const struct cdn_row {
	uint8_t family;
	uint16_t code;
	uint8_t result, error;
} cdn_rows[] = {
	/* the line, not a decision */
	{ PPP(LCP_KEEPALIVE_FAILURE), CDN_LOSS_OF_CARRIER, 0 },
	{ PPP(LCP_PEER_TERMINATE_TERM_REQ), CDN_LOSS_OF_CARRIER, 0 },	/* the user hung up */
	{ PPP(LCP_PEER_TERMINATE_TERM_ACK), CDN_LOSS_OF_CARRIER, 0 },
	{ PPP(LCP_MAX_CONFIGURE_EXCEEDED), CDN_NO_FRAMING, 0 },		/* connected, but nobody speaks PPP there */
	{ PPP(LCP_MAX_PASSIVE_RETRIES_EXCEEDED), CDN_NO_FRAMING, 0 },
	{ L2TP(SESSION_TIMEOUT_CONNECTION), CDN_NOT_IN_TIME, 0 },
	{ L2TP(SESSION_TIMEOUT_UPPER_CREATE), CDN_NOT_IN_TIME, 0 },
	/* facilities: the LAC may try another LNS */
	{ DENY(NO_ADDRESS), CDN_NO_FACILITIES_NOW, 0 },
	{ DENY(NO_RESOURCES), CDN_NO_FACILITIES_NOW, 0 },
	{ DENY(NO_SERVER), CDN_NO_FACILITIES_NOW, 0 },
	{ PPP(AUTHENTICATE_NO_RESOURCES), CDN_NO_FACILITIES_NOW, 0 },
	{ L2TP(SESSION_CREATE_FAILED_NO_RESOURCES), CDN_NO_FACILITIES_NOW, 0 },
	{ L2TP(SESSION_CREATE_FAILED_LIMIT_REACHED), CDN_NO_FACILITIES_NOW, 0 },
	{ L2TP(SESSION_CREATE_FAILED_CALLS_IN_PROGRESS), CDN_NO_FACILITIES_NOW, 0 },
	{ L2TP(SESSION_CREATE_FAILED_SINGLE_SHOT_TUNNEL_ALREADY_FIRED), CDN_NO_FACILITIES_NOW, 0 },
	/* the configuration lacks something: it will not mend itself */
	{ L2TP(SESSION_UPPER_CREATE_FAILED), CDN_NO_FACILITIES, 0 },
	{ PPP(IP_NO_LOCAL_IP_ADDRESS), CDN_NO_FACILITIES, 0 },
};

struct l2tp_cause end_cdn(struct end e)
{
	struct l2tp_cause c = { CDN_ADMINISTRATIVE, 0, end_name(e) };

	for (unsigned i = 0; i < sizeof(cdn_rows) / sizeof(cdn_rows[0]); i++)
		if (cdn_rows[i].family == e.family && cdn_rows[i].code == e.code) {
			c.result = cdn_rows[i].result;
			c.error = cdn_rows[i].error;
		}
	return c;
}

enum l2tp_reason end_l2tp_reason(struct end e)
{
	if (e.family == END_L2TP)
		return (enum l2tp_reason)e.code;
	if (e.family == END_LOGOUT)
		return L2TP_REASON_SESSION_ADMIN_CLOSE;
	return L2TP_REASON_SESSION_UPPER_REMOVED;
}

static const struct dc_row {
	uint8_t family;
	uint16_t code;
	uint8_t cause;
	uint16_t protocol;
	uint8_t direction;
} dc_rows[] = {
	/* RFC 3145 §3.1 */
	{ L2TP(SESSION_ADMIN_CLOSE), 1, 0, DIR_GLOBAL },
	{ L2TP(TUNNEL_ADMIN_CLOSE), 1, 0, DIR_GLOBAL },
	{ PPP(ADMIN_LOGOUT), 1, 0, DIR_GLOBAL },
	{ LOGOUT(ADMIN), 1, 0, DIR_GLOBAL },
	{ LOGOUT(DUPLICATE), 1, 0, DIR_GLOBAL },
	{ LOGOUT(SESSION_TIMEOUT), 3, 0, DIR_LOCAL },
	{ LOGOUT(IDLE_TIMEOUT), 3, 0, DIR_LOCAL },
	{ PPP(LCP_PEER_TERMINATE_TERM_REQ), 3, 0, DIR_PEER },
	/* RFC 3145 §3.2 */
	{ PPP(LCP_MAX_CONFIGURE_EXCEEDED), 5, PROTO_LCP, DIR_GLOBAL },
	{ PPP(LCP_NEGOTIATION_TIMEOUT), 5, PROTO_LCP, DIR_GLOBAL },
	{ PPP(LCP_LOOPBACK_RX_CONF_REQ), 7, PROTO_LCP, DIR_GLOBAL },
	{ PPP(LCP_LOOPBACK_RX_ECHO_REPLY), 7, PROTO_LCP, DIR_GLOBAL },
	{ PPP(LCP_LOOPBACK_RX_ECHO_REQ), 7, PROTO_LCP, DIR_GLOBAL },
	{ PPP(LCP_KEEPALIVE_FAILURE), 8, PROTO_LCP, DIR_GLOBAL },
	/* RFC 3145 §3.3 */
	{ PPP(AUTHENTICATE_AUTHENTICATOR_TIMEOUT), 13, PROTO_OF_AUTH, DIR_GLOBAL },
	{ PPP(AUTHENTICATE_CHALLENGE_TIMEOUT), 13, PROTO_OF_AUTH, DIR_GLOBAL },
	{ PPP(AUTHENTICATE_PAP_REQUEST_TIMEOUT), 13, PROTO_OF_AUTH, DIR_GLOBAL },
	{ PPP(AUTHENTICATE_PAP_PEER_AUTHENTICATOR_TIMEOUT), 13, PROTO_OF_AUTH, DIR_GLOBAL },
	{ PPP(AUTHENTICATE_CHAP_PEER_AUTHENTICATOR_TIMEOUT), 13, PROTO_OF_AUTH, DIR_GLOBAL },
	{ PPP(LCP_NO_PEER_AUTHENTICATION), 15, PROTO_OF_AUTH, DIR_PEER },
	{ PPP(LCP_NO_LOCAL_AUTHENTICATION), 15, PROTO_OF_AUTH, DIR_LOCAL },
	{ DENY(DENIED), 16, PROTO_OF_AUTH, DIR_PEER },
	/* RFC 3145 §3.4 */
	{ PPP(IP_MAX_CONFIGURE_EXCEEDED), 17, PROTO_IPCP, DIR_GLOBAL },
	{ PPP(IPV6_MAX_CONFIGURE_EXCEEDED), 17, PROTO_IPV6CP, DIR_GLOBAL },
	{ PPP(NO_NCPS_AVAILABLE), 18, 0, DIR_GLOBAL },
	{ PPP(IP_NO_SERVICE), 18, PROTO_IPCP, DIR_GLOBAL },
	{ PPP(IP_PEER_RENEGOTIATE_RX_CONF_NAK), 19, PROTO_IPCP, DIR_PEER },
	{ PPP(IP_NO_LOCAL_IP_ADDRESS), 20, PROTO_IPCP, DIR_PEER },
	{ PPP(IP_NO_PEER_IP_ADDRESS), 20, PROTO_IPCP, DIR_LOCAL },
};

static uint16_t auth_protocol(enum ppp_auth a)
{
	if (a == PPP_AUTH_NONE)
		return 0;
	return a == PPP_AUTH_PAP ? PROTO_PAP : PROTO_CHAP;
}

struct l2tp_disconnect end_disconnect(struct end e, const struct end_progress *p)
{
	struct l2tp_disconnect d = { 0 };

	for (unsigned i = 0; i < sizeof(dc_rows) / sizeof(dc_rows[0]); i++)
		if (dc_rows[i].family == e.family && dc_rows[i].code == e.code) {
			uint16_t proto = dc_rows[i].protocol;

			d.code = dc_rows[i].cause;
			d.protocol = proto == PROTO_OF_AUTH ? auth_protocol(p->auth) : proto;
			d.direction = dc_rows[i].direction;
		}
	if (d.code == 3 && d.direction == DIR_PEER && !p->auth_begun)
		/* spec 9.1: a log-out is inferred only after authentication had begun */
		d = (struct l2tp_disconnect){ 0 };
	if (d.code == 5 && !p->heard)
		d.code = 6;				/* nothing recognisable ever came */
	return d;
}
