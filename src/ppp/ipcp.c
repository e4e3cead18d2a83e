/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPCP: RFC 1332 §3, and the name servers of RFC 1877 §1.1-1.4.
 *
 *	option             authenticator, of the client             client, of the server
 *	IP-Address         the assigned one; another is Nak'd       any but 0.0.0.0
 *	DNS, NBNS          ours by Nak; rejected when there is none rejected
 *	IP-Compression     rejected (no VJ, RFC 1332 §3.2)          rejected
 *	IP-Addresses       rejected (deprecated, RFC 1332 §3.1)     rejected
 *
 * A client whose request lacks the address is told it by Nak; one that will not take it at all is not served.
 */
#include "ppp/net_impl.h"

/* The name servers: option, and where its address is. */
enum { SERVER_COUNT = 4 };
static const uint8_t server_option[SERVER_COUNT] = { IPCP_OPT_DNS1, IPCP_OPT_NBNS1, IPCP_OPT_DNS2, IPCP_OPT_NBNS2 };

/* Bits of ncp.no_option: the servers' by index, then the address. */
enum { NO_ADDRESS = 1 << SERVER_COUNT };

static unsigned server_index(uint8_t type)
{
	unsigned i = 0;

	while (i < SERVER_COUNT && server_option[i] != type)
		i++;
	return i;
}

static uint32_t configured_server(const struct ppp_net_conf *c, unsigned i)
{
	return i & 1 ? c->wins[i >> 1] : c->dns[i >> 1];
}

static uint32_t *agreed_server(struct ppp_net *n, unsigned i)
{
	return i & 1 ? &n->wins[i >> 1] : &n->dns[i >> 1];
}

static bool is_client(const struct ppp_net *n)
{
	return n->conf.role == PPP_CLIENT;
}

/* ---- our request ---- */

static void ipcp_begin(struct ppp_cp *cp)
{
	struct ppp_net *n = net_of(cp);

	ncp_of(cp)->no_option = 0;
	n->local_ip4 = n->conf.local_ip4;
	n->peer_ip4 = is_client(n) ? 0 : n->conf.peer_ip4;
	for (unsigned i = 0; i < SERVER_COUNT; i++)
		*agreed_server(n, i) = is_client(n) ? 0 : configured_server(&n->conf, i);
}

static void ipcp_request(struct ppp_cp *cp, struct wr *w)
{
	struct ppp_net *n = net_of(cp);
	uint8_t not_wanted = ncp_of(cp)->no_option;

	if (!(not_wanted & NO_ADDRESS) && (n->local_ip4 || is_client(n)))
		ppp_opt_be32(w, IPCP_OPT_ADDRESS, n->local_ip4);
	for (unsigned i = 0; is_client(n) && i < SERVER_COUNT; i++)
		if (configured_server(&n->conf, i) && !(not_wanted >> i & 1))
			ppp_opt_be32(w, server_option[i], *agreed_server(n, i));
}

/* A client takes what it is told. Our own address as a server is not the client's to choose. */
static void ipcp_naked(struct ppp_cp *cp, const struct ppp_opt *opt)
{
	struct ppp_net *n = net_of(cp);
	unsigned i = server_index(opt->type);
	uint32_t v;

	if (!is_client(n) || !ppp_opt_get32(opt, &v))
		return;
	if (opt->type == IPCP_OPT_ADDRESS)
		n->local_ip4 = v;
	else if (i < SERVER_COUNT)
		*agreed_server(n, i) = v;
}

static void ipcp_rejected(struct ppp_cp *cp, uint8_t type)
{
	struct ppp_net *n = net_of(cp);
	unsigned i = server_index(type);

	if (type == IPCP_OPT_ADDRESS) {
		ncp_of(cp)->no_option |= NO_ADDRESS;
		if (is_client(n) && n->local_ip4 == 0)
			cp->fail = PPP_REASON_IP_NO_LOCAL_IP_ADDRESS;
	} else if (i < SERVER_COUNT) {
		ncp_of(cp)->no_option |= (uint8_t)(1u << i);
		*agreed_server(n, i) = 0;
	}
}

/* ---- the peer's request ---- */

static enum ppp_verdict nak_with(struct wr *nak, uint8_t type, uint32_t v)
{
	if (v == 0)
		return PPP_OPT_REJ;	/* there is nothing better to suggest */
	ppp_opt_be32(nak, type, v);
	return PPP_OPT_NAK;
}

/* RFC 1122 §3.2.1.3: what a host may have, when it may choose: no loopback, no multicast, no broadcast. */
static bool is_host(uint32_t v)
{
	uint32_t net = v >> 24;

	return net != 0 && net != 127 && net < 224;
}

static enum ppp_verdict judge_address(struct ppp_cp *cp, const struct ppp_opt *opt, struct wr *nak)
{
	struct ppp_net *n = net_of(cp);
	uint32_t assigned = n->conf.peer_ip4, v;
	bool valid = ppp_opt_get32(opt, &v) && v != 0, ok;

	if (is_client(n) || n->conf.take_peer_ip4)
		ok = valid && (is_client(n) || is_host(v)) && v != n->local_ip4;
	else
		ok = valid && v == assigned;
	if (ok)
		return PPP_OPT_ACK;
	if (!is_client(n) && (assigned == 0 || (cp->nego && cp->nego->naks_sent >= cp->env->max_failure)))
		cp->fail = PPP_REASON_IP_NO_PEER_IP_ADDRESS;
	return nak_with(nak, IPCP_OPT_ADDRESS, assigned);
}

static enum ppp_verdict ipcp_judge(struct ppp_cp *cp, const struct ppp_opt *opt, struct wr *nak)
{
	struct ppp_net *n = net_of(cp);
	unsigned i = server_index(opt->type);
	uint32_t v, ours;

	if (opt->type == IPCP_OPT_ADDRESS)
		return judge_address(cp, opt, nak);
	if (i == SERVER_COUNT || is_client(n))
		return PPP_OPT_REJ;
	ours = configured_server(&n->conf, i);
	return ours && ppp_opt_get32(opt, &v) && v == ours ? PPP_OPT_ACK : nak_with(nak, opt->type, ours);
}

/*
 * RFC 1332 §3.3: "If negotiation about the remote IP-address is required, ... the option SHOULD be appended to a
 * Configure-Nak".
 */
static void ipcp_missing(struct ppp_cp *cp, const struct ppp_optset *seen, struct wr *nak)
{
	struct ppp_net *n = net_of(cp);

	if (!is_client(n) && n->conf.peer_ip4 && !ppp_optset_has(seen, IPCP_OPT_ADDRESS))
		ppp_opt_be32(nak, IPCP_OPT_ADDRESS, n->conf.peer_ip4);
}

static void ipcp_agreed(struct ppp_cp *cp, struct span options)
{
	struct ppp_net *n = net_of(cp);
	struct rd list = rd_span(options);
	struct ppp_opt opt;
	bool address = false;

	while (ppp_opt_next(&list, &opt))
		if (opt.type == IPCP_OPT_ADDRESS)
			address = ppp_opt_get32(&opt, &n->peer_ip4);
	if (!address && !is_client(n))	/* it was told often enough: Max-Failure */
		cp->fail = PPP_REASON_IP_NO_PEER_IP_ADDRESS;
}

const struct ppp_cp_ops ipcp_ops = {
	.protocol = PPP_PROTO_IPCP,
	.last_code = PPP_CP_CODE_REJ,
	.reason = {
		[PPP_CAUSE_SILENT] = PPP_REASON_IP_MAX_CONFIGURE_EXCEEDED,
		[PPP_CAUSE_TIMEOUT] = PPP_REASON_IP_MAX_CONFIGURE_EXCEEDED,
		[PPP_CAUSE_TERM_REQ] = PPP_REASON_IP_PEER_TERMINATE_TERM_REQ,
		[PPP_CAUSE_TERM_ACK] = PPP_REASON_IP_PEER_TERMINATE_TERM_ACK,
		[PPP_CAUSE_CONF_REQ] = PPP_REASON_IP_PEER_RENEGOTIATE_RX_CONF_REQ,
		[PPP_CAUSE_CODE_REJ] = PPP_REASON_IP_PEER_TERMINATE_CODE_REJ,
		[PPP_CAUSE_PROTO_REJ] = PPP_REASON_IP_NO_SERVICE,
		[PPP_CAUSE_PASSIVE] = PPP_REASON_IP_MAX_PASSIVE_RETRIES_EXCEEDED,
	},
	.begin = ipcp_begin,
	.request = ipcp_request,
	.judge = ipcp_judge,
	.missing = ipcp_missing,
	.agreed = ipcp_agreed,
	.naked = ipcp_naked,
	.rejected = ipcp_rejected,
};
