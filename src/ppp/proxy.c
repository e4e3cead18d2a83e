/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an LAC negotiated with the client (RFC 2661 §4.4.5, AVPs 26-33), from both ends: an LNS judges it, an LAC keeps
 * it. The octets come from a peer and go through the parsers that frames go through.
 *
 * The criteria are docs/decisions/0002-proxy-lcp-criteria.md:
 *	AVPs 27 and 28 are there, and well formed
 *	AVP 27, what was said for us:	only options that we could have asked for ourselves, each once;
 *					MRU, 1500 if absent, not above ours; a method of our list (or, without
 *					one, a dialogue before PPP whose data we may use); no method if we ask for none
 *	AVP 28, what the peer asked:	all of it acknowledged if it came as a Configure-Request now; its magic
 *					number not the one used for us
 */
#include <stdlib.h>
#include <string.h>

#include "ppp/link_impl.h"

/* RFC 2661 §4.4.5, Proxy Authen Type. */
enum { PROXY_TEXT = 1, PROXY_CHAP = 2, PROXY_PAP = 3 };

/* ---- LNS: LCP ---- */

struct ours {
	uint16_t mru;
	uint32_t magic;
	enum ppp_auth method;
};

static bool ours_option(const struct ppp_opt *opt, struct ours *o)
{
	uint32_t accm;

	switch (opt->type) {
	case LCP_OPT_MRU:
		return ppp_opt_get16(opt, &o->mru);
	case LCP_OPT_ACCM:
		return ppp_opt_get32(opt, &accm);
	case LCP_OPT_AUTH:
		o->method = lcp_auth_of(opt->value);
		return o->method != PPP_AUTH_COUNT;
	case LCP_OPT_MAGIC:
		return ppp_opt_get32(opt, &o->magic);
	case LCP_OPT_PFC:		/* both are taken on receipt, whatever was agreed */
	case LCP_OPT_ACFC:
		return opt->value.len == 0;
	default:
		return false;
	}
}

static bool ours_decode(struct span options, struct ours *o)
{
	struct ppp_optset seen = { 0 };
	struct rd list = rd_span(options);
	struct ppp_opt opt;

	*o = (struct ours){ .mru = 1500, .method = PPP_AUTH_NONE };
	while (ppp_opt_next(&list, &opt)) {
		if (ppp_optset_has(&seen, opt.type) || !ours_option(&opt, o))
			return false;
		seen.bits[opt.type / 32] |= (uint32_t)1 << (opt.type % 32);
	}
	return !list.bad;
}

/* A name and a password that were given before PPP began. */
static bool text_usable(const struct ppp_proxy *px)
{
	return px->accept_auth && px->authen_type == PROXY_TEXT && px->name.len > 0 && px->name.len <= PPP_NAME_MAX &&
	       px->response.p && px->response.len <= PPP_NAME_MAX;
}

static bool method_fits(const struct ppp_link *l, const struct ppp_proxy *px, enum ppp_auth method)
{
	if (l->conf->auth[0] == PPP_AUTH_NONE)
		return method == PPP_AUTH_NONE;
	return method == PPP_AUTH_NONE ? text_usable(px) && lcp_auth_allowed(l->conf, PPP_AUTH_PAP) :
	       lcp_auth_allowed(l->conf, method);
}

static bool lcp_fits(struct ppp_link *l, const struct ppp_proxy *px)
{
	struct ours o;

	if (!ours_decode(px->last_tx_lcp, &o) || o.mru > l->conf->mru || !method_fits(l, px, o.method))
		return false;
	l->local_magic = o.magic;
	if (!ppp_opts_check(px->last_rx_lcp) || !ppp_cp_acceptable(&l->lcp, px->last_rx_lcp))
		return false;
	lcp_ops.agreed(&l->lcp, px->last_rx_lcp);
	l->local_mru = o.mru;
	l->auth_method = (uint8_t)o.method;
	return true;
}

static void count_malformed(struct ppp_link *l, const struct ppp_proxy *px)
{
	if (!ppp_opts_check(px->initial_rx_lcp) || !ppp_opts_check(px->last_tx_lcp) || !ppp_opts_check(px->last_rx_lcp))
		ppp_count(l->env.count, PPP_COUNT_PROXY_LCP_MALFORMED);
}

enum ppp_proxy_verdict proxy_check(struct ppp_link *l, const struct ppp_proxy *px)
{
	bool fits;

	if (!px->last_tx_lcp.p && !px->last_rx_lcp.p && !px->initial_rx_lcp.p)
		return PPP_PROXY_NONE;
	count_malformed(l, px);
	fits = px->accept_lcp && px->last_tx_lcp.p && px->last_rx_lcp.p && l->conf->role == PPP_AUTHENTICATOR &&
	       lcp_fits(l, px);
	ppp_count(l->env.count, fits ? PPP_COUNT_PROXY_LCP_ACCEPTED : PPP_COUNT_PROXY_LCP_REFUSED);
	return fits ? PPP_PROXY_ACCEPTED : px->accept_lcp ? PPP_PROXY_RENEGOTIATE : PPP_PROXY_NONE;
}

/* ---- LNS: authentication ---- */

static bool pap_usable(const struct ppp_link *l, const struct ppp_proxy *px)
{
	return l->auth_method == PPP_AUTH_PAP && px->has_id && px->name.p && px->name.len <= PPP_NAME_MAX &&
	       px->response.p && px->response.len <= PPP_NAME_MAX;
}

static bool chap_usable(const struct ppp_link *l, const struct ppp_proxy *px)
{
	bool v2 = l->auth_method == PPP_AUTH_MSCHAPV2;

	if (!link_uses_chap(l) || !px->has_id || !px->name.p || px->name.len > PPP_NAME_MAX)
		return false;
	if (px->response.len != (v2 ? (size_t)MSCHAPV2_RESPONSE_LEN : (size_t)CHAP_MD5_LEN))
		return false;
	return v2 ? px->challenge.len == MSCHAP_CHALLENGE_LEN :
	       px->challenge.len > 0 && px->challenge.len <= PPP_CHALLENGE_MAX;
}

static bool judge_chap(struct ppp_link *l, const struct ppp_proxy *px)
{
	struct ppp_authen *a = l->auth;
	struct ppp_challenge *c = &a->challenge;

	*c = (struct ppp_challenge){ .used = true, .id = (uint8_t)px->id, .len = (uint8_t)px->challenge.len };
	memcpy(c->value, px->challenge.p, px->challenge.len);
	a->response_len = (uint8_t)px->response.len;
	memcpy(a->response, px->response.p, px->response.len);
	return auth_judge(l, px->name, span_of(NULL, 0));
}

static bool use_data(struct ppp_link *l, const struct ppp_proxy *px)
{
	struct ppp_authen *a = l->auth;

	a->id = (uint8_t)px->id;
	a->silent = px->authen_type == PROXY_TEXT;
	if (px->authen_type == PROXY_TEXT && !link_uses_chap(l))
		return text_usable(px) && auth_judge(l, px->name, px->response);
	if (px->authen_type == PROXY_PAP)
		return pap_usable(l, px) && auth_judge(l, px->name, px->response);
	if (px->authen_type == PROXY_CHAP)
		return chap_usable(l, px) && judge_chap(l, px);
	return false;
}

/* RFC 2661 §9.5: to believe the LAC is a matter of configuration. */
bool proxy_auth(struct ppp_link *l, const struct ppp_proxy *px)
{
	bool used = px->accept_auth && use_data(l, px);

	l->auth->proxied = used;
	if (!used)
		l->auth->silent = false;
	if (px->authen_type)
		ppp_count(l->env.count, used ? PPP_COUNT_PROXY_AUTH_USED : PPP_COUNT_PROXY_AUTH_NOT_USED);
	return used;
}

/* ---- LAC ---- */

void proxy_keep(struct ppp_link *l, enum ppp_keep what, struct span octets)
{
	uint8_t *copy;

	if (!l->conf->keep_proxy_data)
		return;
	if (!l->kept)
		l->kept = calloc(1, sizeof(*l->kept));
	copy = malloc(octets.len + 1);	/* an empty list is present all the same */
	if (!l->kept || !copy) {
		ppp_count(l->env.count, PPP_COUNT_NO_MEMORY);
		free(copy);
		return;
	}
	if (octets.len)
		memcpy(copy, octets.p, octets.len);
	free(l->kept->item[what].octets);
	l->kept->item[what].octets = copy;
	l->kept->item[what].len = octets.len;
}

void proxy_keep_id(struct ppp_link *l, uint8_t id)
{
	if (l->kept) {
		l->kept->id = id;
		l->kept->has_id = true;
	}
}

void proxy_keep_free(struct ppp_link *l)
{
	if (!l->kept)
		return;
	for (unsigned i = 0; i < KEEP_COUNT; i++) {
		if (l->kept->item[i].octets)
			explicit_bzero(l->kept->item[i].octets, l->kept->item[i].len);
		free(l->kept->item[i].octets);
	}
	free(l->kept);
	l->kept = NULL;
}

static struct span kept(const struct ppp_link *l, enum ppp_keep what)
{
	return span_of(l->kept->item[what].octets, l->kept->item[what].len);
}

static uint16_t authen_type(const struct ppp_link *l)
{
	enum { NO_AUTHENTICATION = 4 };

	if (l->auth_method == PPP_AUTH_NONE)
		return NO_AUTHENTICATION;
	if (!l->kept->has_id)
		return 0;		/* the client has not answered yet */
	return l->auth_method == PPP_AUTH_PAP ? PROXY_PAP : PROXY_CHAP;
}

void ppp_link_proxy_data(const struct ppp_link *l, struct ppp_proxy *out)
{
	*out = (struct ppp_proxy){ 0 };
	if (!l->kept)
		return;
	out->initial_rx_lcp = kept(l, KEEP_INITIAL_RX);
	out->last_tx_lcp = kept(l, KEEP_LAST_TX);
	out->last_rx_lcp = kept(l, KEEP_LAST_RX);
	out->authen_type = authen_type(l);
	out->name = kept(l, KEEP_NAME);
	out->challenge = kept(l, KEEP_CHALLENGE);
	out->response = kept(l, KEEP_RESPONSE);
	out->id = l->kept->id;
	out->has_id = l->kept->has_id;
}
