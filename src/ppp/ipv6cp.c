/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPv6CP, RFC 5072 §3, on the automaton of cp.c. Of its options (§4) the interface identifier, §4.1, is negotiated;
 * IPv6-Compression-Protocol is rejected.
 */
#include <string.h>

#include "ppp/net_impl.h"

static const uint8_t zero[8];

static bool is_zero(const uint8_t iid[8])
{
	return memcmp(iid, zero, sizeof(zero)) == 0;
}

static struct span iid_span(const uint8_t iid[8])
{
	return span_of(iid, 8);
}

/* At random, "u" bit zero; never all zero, never `other`. */
static void choose_iid(struct ppp_net *n, uint8_t iid[8], const uint8_t other[8])
{
	do {
		rng_bytes(n->env.rng, iid, 8);
		iid[0] &= 0xfd;
	} while (is_zero(iid) || memcmp(iid, other, 8) == 0);
}

/* ---- our request ---- */

static void ipv6cp_begin(struct ppp_cp *cp)
{
	struct ppp_net *n = net_of(cp);

	ncp_of(cp)->no_option = 0;
	if (is_zero(n->conf.local_iid))	/* chosen once: the same after a renegotiation */
		choose_iid(n, n->conf.local_iid, n->conf.peer_iid);
	memcpy(n->local_iid, n->conf.local_iid, 8);
	memset(n->peer_iid, 0, 8);
}

static void ipv6cp_request(struct ppp_cp *cp, struct wr *w)
{
	if (!ncp_of(cp)->no_option)
		ppp_opt_put(w, IPV6CP_OPT_IID, iid_span(net_of(cp)->local_iid));
}

/* The peer's suggestion is taken if it is one; an identifier that collides with the peer's gives way to a new one. */
static void ipv6cp_naked(struct ppp_cp *cp, const struct ppp_opt *opt)
{
	struct ppp_net *n = net_of(cp);
	struct rd r = rd_span(opt->value);
	uint8_t iid[8];

	if (opt->type != IPV6CP_OPT_IID || opt->value.len != 8 || !rd_copy(&r, iid, 8))
		return;
	if (is_zero(iid) || memcmp(iid, n->peer_iid, 8) == 0 || memcmp(iid, n->local_iid, 8) == 0)
		choose_iid(n, iid, n->peer_iid);
	memcpy(n->local_iid, iid, 8);
}

static void ipv6cp_rejected(struct ppp_cp *cp, uint8_t type)
{
	if (type == IPV6CP_OPT_IID) {
		ncp_of(cp)->no_option = 1;
		cp->fail = PPP_REASON_IPV6_NO_LOCAL_IPV6_INTERFACE_ID;
	}
}

/* ---- the peer's request ---- */

/* What we want the peer to use: the assigned one, else one suggested again and again. */
static const uint8_t *suggestion(struct ppp_net *n)
{
	if (!is_zero(n->conf.peer_iid) && memcmp(n->conf.peer_iid, n->local_iid, 8) != 0)
		return n->conf.peer_iid;
	if (is_zero(n->suggested_iid) || memcmp(n->suggested_iid, n->local_iid, 8) == 0)
		choose_iid(n, n->suggested_iid, n->local_iid);
	return n->suggested_iid;
}

static bool iid_fits(const struct ppp_net *n, const uint8_t iid[8])
{
	if (is_zero(iid) || memcmp(iid, n->local_iid, 8) == 0)
		return false;
	return n->conf.role == PPP_CLIENT || is_zero(n->conf.peer_iid) || memcmp(iid, n->conf.peer_iid, 8) == 0;
}

static enum ppp_verdict ipv6cp_judge(struct ppp_cp *cp, const struct ppp_opt *opt, struct wr *nak)
{
	struct ppp_net *n = net_of(cp);
	struct rd r = rd_span(opt->value);
	uint8_t iid[8];

	if (opt->type != IPV6CP_OPT_IID)
		return PPP_OPT_REJ;
	if (opt->value.len == 8 && rd_copy(&r, iid, 8) && iid_fits(n, iid))
		return PPP_OPT_ACK;
	ppp_opt_put(nak, IPV6CP_OPT_IID, iid_span(suggestion(n)));
	if (cp->nego && cp->nego->naks_sent >= cp->env->max_failure)
		cp->fail = PPP_REASON_IPV6_NO_PEER_IPV6_INTERFACE_ID;
	return PPP_OPT_NAK;
}

static void ipv6cp_missing(struct ppp_cp *cp, const struct ppp_optset *seen, struct wr *nak)
{
	if (!ppp_optset_has(seen, IPV6CP_OPT_IID))
		ppp_opt_put(nak, IPV6CP_OPT_IID, iid_span(suggestion(net_of(cp))));
}

static void ipv6cp_agreed(struct ppp_cp *cp, struct span options)
{
	struct ppp_net *n = net_of(cp);
	struct rd list = rd_span(options);
	struct ppp_opt opt;

	memset(n->peer_iid, 0, 8);
	while (ppp_opt_next(&list, &opt))
		if (opt.type == IPV6CP_OPT_IID && opt.value.len == 8)
			memcpy(n->peer_iid, opt.value.p, 8);
	if (is_zero(n->peer_iid))
		cp->fail = PPP_REASON_IPV6_NO_PEER_IPV6_INTERFACE_ID;
}

const struct ppp_cp_ops ipv6cp_ops = {
	.protocol = PPP_PROTO_IPV6CP,
	.last_code = PPP_CP_CODE_REJ,
	.reason = {
		[PPP_CAUSE_SILENT] = PPP_REASON_IPV6_MAX_CONFIGURE_EXCEEDED,
		[PPP_CAUSE_TIMEOUT] = PPP_REASON_IPV6_MAX_CONFIGURE_EXCEEDED,
		[PPP_CAUSE_TERM_REQ] = PPP_REASON_IPV6_PEER_TERMINATE_TERM_REQ,
		[PPP_CAUSE_TERM_ACK] = PPP_REASON_IPV6_PEER_TERMINATE_TERM_ACK,
		[PPP_CAUSE_CONF_REQ] = PPP_REASON_IPV6_PEER_RENEGOTIATE_RX_CONF_REQ,
		[PPP_CAUSE_CODE_REJ] = PPP_REASON_IPV6_PEER_TERMINATE_CODE_REJ,
		[PPP_CAUSE_PROTO_REJ] = PPP_REASON_IPV6_NO_SERVICE,
		[PPP_CAUSE_PASSIVE] = PPP_REASON_IPV6_MAX_PASSIVE_RETRIES_EXCEEDED,
	},
	.begin = ipv6cp_begin,
	.request = ipv6cp_request,
	.judge = ipv6cp_judge,
	.missing = ipv6cp_missing,
	.agreed = ipv6cp_agreed,
	.naked = ipv6cp_naked,
	.rejected = ipv6cp_rejected,
};
