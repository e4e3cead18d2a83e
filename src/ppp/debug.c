/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A control frame as one line, for `debug ppp`. Passwords, challenges' answers and anything unknown show their
 * length only.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "ppp/link_impl.h"

struct line {
	char *buf;
	size_t cap, len;
};

static void __attribute__((format(printf, 2, 3))) add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->len, l->cap - l->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len = l->len + (size_t)n < l->cap ? l->len + (size_t)n : l->cap - 1;
}

static void add_text(struct line *l, const char *key, struct span s)
{
	char text[160];

	text_escape(text, sizeof(text), s);
	add(l, " %s=\"%s\"", key, text);
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

static bool add_known(struct line *l, const char *name, enum shape shape, const struct ppp_opt *opt)
{
	static const uint8_t lengths[] = { [FLAG] = 0, [U16] = 2, [HEX32] = 4, [IP4] = 4, [IID] = 8 };
	const uint8_t *v = opt->value.p;
	enum ppp_auth method = lcp_auth_of(opt->value);

	if (shape == AUTH) {
		if (method < PPP_AUTH_COUNT)
			add(l, " %s=%s", name, ppp_auth_name(method));
		return method < PPP_AUTH_COUNT;
	}
	if (opt->value.len != lengths[shape])
		return false;
	add(l, " %s", name);
	if (shape == U16)
		add(l, "=%u", (unsigned)(v[0] << 8 | v[1]));
	else if (shape == HEX32)
		add(l, "=0x%02x%02x%02x%02x", v[0], v[1], v[2], v[3]);
	else if (shape == IP4)
		add(l, "=%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
	else if (shape == IID)
		add(l, "=%02x%02x:%02x%02x:%02x%02x:%02x%02x", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
	return true;
}

static void add_option(struct line *l, uint16_t protocol, const struct ppp_opt *opt)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].protocol == protocol && options[i].type == opt->type &&
		    add_known(l, options[i].name, (enum shape)options[i].shape, opt))
			return;
	add(l, " option-%u(%zu)", opt->type, opt->value.len);
}

static void add_options(struct line *l, uint16_t protocol, struct span data)
{
	struct rd list = rd_span(data);
	struct ppp_opt opt;

	while (ppp_opt_next(&list, &opt))
		add_option(l, protocol, &opt);
	if (list.bad)
		add(l, " malformed");
}

/* ---- packets ---- */

static void add_control(struct line *l, uint16_t protocol, const struct ppp_cp_pkt *pkt)
{
	const char *name = ppp_cp_code_name(pkt->code);
	struct rd r = rd_span(pkt->data);

	if (name)
		add(l, " %s id=%u", name, pkt->id);
	else
		add(l, " code-%u id=%u", pkt->code, pkt->id);
	if (pkt->code >= PPP_CP_CONF_REQ && pkt->code <= PPP_CP_CONF_REJ)
		add_options(l, protocol, pkt->data);
	else if (pkt->code == PPP_CP_PROTO_REJ)
		add(l, " protocol=0x%04x", rd_be16(&r));
	else if (pkt->code == PPP_CP_CODE_REJ)
		add(l, " code=%u", rd_u8(&r));
	else if (pkt->code == PPP_CP_ECHO_REQ || pkt->code == PPP_CP_ECHO_REP)
		add(l, " magic=0x%08x", rd_be32(&r));
}

static void add_pap(struct line *l, const struct ppp_cp_pkt *pkt)
{
	static const char *const names[] = { "Authenticate-Request", "Authenticate-Ack", "Authenticate-Nak" };
	struct span name, password;

	add(l, " %s id=%u", pkt->code >= PAP_REQ && pkt->code <= PAP_NAK ? names[pkt->code - PAP_REQ] : "?", pkt->id);
	if (pkt->code == PAP_REQ && pap_req_decode(pkt->data, &name, &password)) {
		add_text(l, "name", name);
		add(l, " password=***");
	} else if (pkt->code != PAP_REQ && pap_reply_decode(pkt->data, &name)) {
		add_text(l, "message", name);
	}
}

static void add_chap(struct line *l, const struct ppp_cp_pkt *pkt)
{
	static const char *const names[] = { "Challenge", "Response", "Success", "Failure" };
	struct span value, name;
	bool known = pkt->code >= CHAP_CHALLENGE && pkt->code <= CHAP_FAILURE;

	add(l, " %s id=%u", known ? names[pkt->code - CHAP_CHALLENGE] : "?", pkt->id);
	if (pkt->code == CHAP_CHALLENGE || pkt->code == CHAP_RESPONSE) {
		if (!chap_value_decode(pkt->data, &value, &name))
			return;
		add_text(l, "name", name);
		add(l, " value=***(%zu)", value.len);
	} else if (pkt->code == CHAP_FAILURE) {
		add_text(l, "message", pkt->data);	/* a Success may hold an authenticator response */
	}
}

size_t ppp_debug_line(const uint8_t *frame, size_t len, char *buf, size_t cap)
{
	struct line l = { .buf = buf, .cap = cap };
	struct rd r = rd_of(frame, len);
	struct ppp_cp_pkt pkt;
	uint16_t protocol;

	if (cap == 0)
		return 0;
	buf[0] = '\0';
	if (!ppp_frame_protocol(&r, &protocol)) {
		add(&l, "short frame");
		return l.len;
	}
	if (ppp_protocol_name(protocol))
		add(&l, "%s", ppp_protocol_name(protocol));
	else
		add(&l, "0x%04x", protocol);
	if (protocol < 0x8000)
		add(&l, " length=%zu", rd_left(&r));
	else if (!ppp_cp_decode(&r, &pkt))
		add(&l, " malformed");
	else if (protocol == PPP_PROTO_PAP)
		add_pap(&l, &pkt);
	else if (protocol == PPP_PROTO_CHAP)
		add_chap(&l, &pkt);
	else
		add_control(&l, protocol, &pkt);
	return l.len;
}
