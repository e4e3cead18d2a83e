/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A control frame as one line, for `debug ppp`. Passwords, challenges' answers and anything unknown show their
 * length only.
 */
#include "base/text.h"
#include "ppp/link_impl.h"

static void add_text(struct text *t, const char *key, struct span s)
{
	text_fmt(t, " %s=", key);
	text_quoted(t, s);
}

/* ---- options ---- */

enum shape { FLAG, U16, HEX32, IP4, IID, AUTH };

static const struct {
	uint16_t protocol;
	uint8_t type;
	uint8_t shape;
	const char *name;
} options[] = {
	{ PPP_PROTO_LCP, LCP_OPT_MRU, U16, "mru" },
	{ PPP_PROTO_LCP, LCP_OPT_ACCM, HEX32, "accm" },
	{ PPP_PROTO_LCP, LCP_OPT_AUTH, AUTH, "auth" },
	{ PPP_PROTO_LCP, LCP_OPT_MAGIC, HEX32, "magic" },
	{ PPP_PROTO_LCP, LCP_OPT_PFC, FLAG, "pfc" },
	{ PPP_PROTO_LCP, LCP_OPT_ACFC, FLAG, "acfc" },
	{ PPP_PROTO_LCP, LCP_OPT_MRRU, U16, "mrru" },
	{ PPP_PROTO_IPCP, IPCP_OPT_ADDRESS, IP4, "address" },
	{ PPP_PROTO_IPCP, IPCP_OPT_DNS1, IP4, "dns1" },
	{ PPP_PROTO_IPCP, IPCP_OPT_DNS2, IP4, "dns2" },
	{ PPP_PROTO_IPCP, IPCP_OPT_NBNS1, IP4, "nbns1" },
	{ PPP_PROTO_IPCP, IPCP_OPT_NBNS2, IP4, "nbns2" },
	{ PPP_PROTO_IPV6CP, IPV6CP_OPT_IID, IID, "interface-id" },
};

static bool add_known(struct text *t, const char *name, enum shape shape, const struct ppp_opt *opt)
{
	static const uint8_t lengths[] = { [FLAG] = 0, [U16] = 2, [HEX32] = 4, [IP4] = 4, [IID] = 8 };
	const uint8_t *v = opt->value.p;
	enum ppp_auth method = lcp_auth_of(opt->value);

	if (shape == AUTH) {
		if (method < PPP_AUTH_COUNT)
			text_fmt(t, " %s=%s", name, ppp_auth_name(method));
		return method < PPP_AUTH_COUNT;
	}
	if (opt->value.len != lengths[shape])
		return false;
	text_fmt(t, " %s", name);
	if (shape == U16)
		text_fmt(t, "=%u", (unsigned)(v[0] << 8 | v[1]));
	else if (shape == HEX32)
		text_fmt(t, "=0x%02x%02x%02x%02x", v[0], v[1], v[2], v[3]);
	else if (shape == IP4)
		text_fmt(t, "=%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
	else if (shape == IID)
		text_fmt(t, "=%02x%02x:%02x%02x:%02x%02x:%02x%02x", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
	return true;
}

static void add_option(struct text *t, uint16_t protocol, const struct ppp_opt *opt)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].protocol == protocol && options[i].type == opt->type &&
		    add_known(t, options[i].name, (enum shape)options[i].shape, opt))
			return;
	text_fmt(t, " option-%u(%zu)", opt->type, opt->value.len);
}

static void add_options(struct text *t, uint16_t protocol, struct span data)
{
	struct rd list = rd_span(data);
	struct ppp_opt opt;

	while (ppp_opt_next(&list, &opt))
		add_option(t, protocol, &opt);
	if (list.bad)
		text_fmt(t, " malformed");
}

/* ---- packets ---- */

static void add_control(struct text *t, uint16_t protocol, const struct ppp_cp_pkt *pkt)
{
	const char *name = ppp_cp_code_name(pkt->code);
	struct rd r = rd_span(pkt->data);

	if (name)
		text_fmt(t, " %s id=%u", name, pkt->id);
	else
		text_fmt(t, " code-%u id=%u", pkt->code, pkt->id);
	if (pkt->code >= PPP_CP_CONF_REQ && pkt->code <= PPP_CP_CONF_REJ)
		add_options(t, protocol, pkt->data);
	else if (pkt->code == PPP_CP_PROTO_REJ)
		text_fmt(t, " protocol=0x%04x", rd_be16(&r));
	else if (pkt->code == PPP_CP_CODE_REJ)
		text_fmt(t, " code=%u", rd_u8(&r));
	else if (pkt->code == PPP_CP_ECHO_REQ || pkt->code == PPP_CP_ECHO_REP)
		text_fmt(t, " magic=0x%08x", rd_be32(&r));
}

static void add_pap(struct text *t, const struct ppp_cp_pkt *pkt)
{
	static const char *const names[] = { "Authenticate-Request", "Authenticate-Ack", "Authenticate-Nak" };
	struct span name, password;

	text_fmt(t, " %s id=%u", pkt->code >= PAP_REQ && pkt->code <= PAP_NAK ? names[pkt->code - PAP_REQ] : "?", pkt->id);
	if (pkt->code == PAP_REQ && pap_req_decode(pkt->data, &name, &password)) {
		add_text(t, "name", name);
		text_fmt(t, " password=***");
	} else if (pkt->code != PAP_REQ && pap_reply_decode(pkt->data, &name)) {
		add_text(t, "message", name);
	}
}

static void add_chap(struct text *t, const struct ppp_cp_pkt *pkt)
{
	static const char *const names[] = { "Challenge", "Response", "Success", "Failure" };
	struct span value, name;
	bool known = pkt->code >= CHAP_CHALLENGE && pkt->code <= CHAP_FAILURE;

	text_fmt(t, " %s id=%u", known ? names[pkt->code - CHAP_CHALLENGE] : "?", pkt->id);
	if (pkt->code == CHAP_CHALLENGE || pkt->code == CHAP_RESPONSE) {
		if (!chap_value_decode(pkt->data, &value, &name))
			return;
		add_text(t, "name", name);
		text_fmt(t, " value=***(%zu)", value.len);
	} else if (pkt->code == CHAP_FAILURE) {
		add_text(t, "message", pkt->data);	/* a Success may hold an authenticator response */
	}
}

size_t ppp_debug_line(const uint8_t *frame, size_t len, char *buf, size_t cap)
{
	struct rd r = rd_of(frame, len);
	struct ppp_cp_pkt pkt;
	uint16_t protocol;
	struct text t;

	if (cap == 0)
		return 0;
	t = text_of(buf, cap);
	if (!ppp_frame_protocol(&r, &protocol)) {
		text_fmt(&t, "short frame");
		return t.len;
	}
	if (ppp_protocol_name(protocol))
		text_fmt(&t, "%s", ppp_protocol_name(protocol));
	else
		text_fmt(&t, "0x%04x", protocol);
	if (protocol < 0x8000)
		text_fmt(&t, " length=%zu", rd_left(&r));
	else if (!ppp_cp_decode(&r, &pkt))
		text_fmt(&t, " malformed");
	else if (protocol == PPP_PROTO_PAP)
		add_pap(&t, &pkt);
	else if (protocol == PPP_PROTO_CHAP)
		add_chap(&t, &pkt);
	else
		add_control(&t, protocol, &pkt);
	return t.len;
}
