/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LCP: its options (RFC 1661 §6, RFC 1662 §7.1), Protocol-Reject, Echo and Discard (RFC 1661 §5.7-5.9). The automaton is
 * cp.c's.
 *
 *	option                   of the peer                            ours
 *	MRU                      64 and more                            asked for when not 1500
 *	ACCM                     acknowledged, without meaning here     never
 *	Authentication-Protocol  client: what is configured             authenticator: the configured list, in order
 *	Magic-Number             acknowledged unless 0 or our own       as configured
 *	PFC, ACFC                acknowledged                           never: we do not send compressed
 *	any other                rejected                               never
 */
#include "ppp/link_impl.h"

enum { MRU_DEFAULT = 1500, MRU_LEAST = 64, LOOPS_MAX = 5 };

/* Bits of ppp_link.no_option. */
enum { NO_MRU = 1, NO_MAGIC = 2 };

static struct ppp_link *link_of(struct ppp_cp *cp)
{
	return (struct ppp_link *)(void *)cp;	/* lcp is its first member */
}

/* ---- Authentication-Protocol values, RFC 1334 §2.1, RFC 1994 §3, RFC 2759 §2, RFC 1661 §6.2 ---- */

static const struct {
	uint8_t octets[3];
	uint8_t len;
} auth_values[PPP_AUTH_COUNT] = {
	[PPP_AUTH_PAP] = { { 0xc0, 0x23 }, 2 },
	[PPP_AUTH_CHAP_MD5] = { { 0xc2, 0x23, CHAP_ALG_MD5 }, 3 },
	[PPP_AUTH_MSCHAPV2] = { { 0xc2, 0x23, CHAP_ALG_MSCHAPV2 }, 3 },
};

struct span lcp_auth_option(enum ppp_auth method)
{
	return span_of(auth_values[method].octets, auth_values[method].len);
}

enum ppp_auth lcp_auth_of(struct span value)
{
	for (enum ppp_auth a = PPP_AUTH_PAP; a < PPP_AUTH_COUNT; a++)
		if (span_eq(value, lcp_auth_option(a)))
			return a;
	return PPP_AUTH_COUNT;
}

bool lcp_auth_allowed(const struct ppp_link_conf *conf, enum ppp_auth method)
{
	for (unsigned i = 0; i < PPP_AUTH_COUNT && conf->auth[i] != PPP_AUTH_NONE; i++)
		if (conf->auth[i] == method)
			return true;
	return false;
}

/* The first of the list that the peer has not refused; PPP_AUTH_NONE when none is left. */
static enum ppp_auth next_auth(const struct ppp_link *l)
{
	for (unsigned i = 0; i < PPP_AUTH_COUNT && l->conf->auth[i] != PPP_AUTH_NONE; i++)
		if (!(l->refused >> l->conf->auth[i] & 1))
			return l->conf->auth[i];
	return PPP_AUTH_NONE;
}

/* ---- our request ---- */

static uint32_t new_magic(struct ppp_link *l)
{
	uint32_t m = rng_u32(l->env.rng);

	return m ? m : 1;
}

static void lcp_begin(struct ppp_cp *cp)
{
	struct ppp_link *l = link_of(cp);

	l->refused = l->no_option = l->loops = 0;
	l->local_mru = l->conf->mru;
	l->local_magic = l->conf->magic ? new_magic(l) : 0;
	l->peer_mru = l->env.peer_mru = MRU_DEFAULT;
	l->peer_magic = 0;
	l->peer_pfc = l->peer_acfc = false;
	l->auth_method = l->conf->role == PPP_AUTHENTICATOR ? next_auth(l) : PPP_AUTH_NONE;
}

static void lcp_request(struct ppp_cp *cp, struct wr *w)
{
	struct ppp_link *l = link_of(cp);

	if (l->local_mru != MRU_DEFAULT && !(l->no_option & NO_MRU))
		ppp_opt_be16(w, LCP_OPT_MRU, l->local_mru);
	if (l->conf->role == PPP_AUTHENTICATOR && l->auth_method != PPP_AUTH_NONE)
		ppp_opt_put(w, LCP_OPT_AUTH, lcp_auth_option(l->auth_method));
	if (l->local_magic)
		ppp_opt_be32(w, LCP_OPT_MAGIC, l->local_magic);
	proxy_keep(l, KEEP_LAST_TX, wr_span(w));
}

/* ---- what the peer will not have ---- */

/*
 * The peer refuses the method that was asked for: the next of the list, or the one it names when that is of the
 * list.
 */
static void auth_refused_by_peer(struct ppp_link *l, enum ppp_auth suggested)
{
	if (l->conf->role != PPP_AUTHENTICATOR || l->auth_method == PPP_AUTH_NONE)
		return;			/* it asks to be asked: only our configuration can */
	if (suggested == l->auth_method)
		return;
	l->refused |= (uint8_t)(1u << l->auth_method);
	l->auth_method = next_auth(l);
	if (suggested < PPP_AUTH_COUNT && lcp_auth_allowed(l->conf, suggested) && !(l->refused >> suggested & 1))
		l->auth_method = (uint8_t)suggested;
	if (l->auth_method == PPP_AUTH_NONE)
		l->lcp.fail = PPP_REASON_LCP_NO_PEER_AUTHENTICATION;
}

/* The peer would rather send less; more than we can take it will not get. */
static void mru_naked(struct ppp_link *l, const struct ppp_opt *opt)
{
	uint16_t mru;

	if (ppp_opt_get16(opt, &mru) && mru >= MRU_LEAST && mru < l->conf->mru)
		l->local_mru = mru;
}

static void lcp_naked(struct ppp_cp *cp, const struct ppp_opt *opt)
{
	struct ppp_link *l = link_of(cp);

	switch (opt->type) {
	case LCP_OPT_MRU:
		mru_naked(l, opt);
		break;
	case LCP_OPT_AUTH:
		auth_refused_by_peer(l, lcp_auth_of(opt->value));
		break;
	case LCP_OPT_MAGIC:		/* RFC 1661 §6.4: a new one of our own choice, not the suggested one */
		if (l->local_magic)
			l->local_magic = new_magic(l);
		break;
	default:
		break;			/* an option that we never ask for */
	}
}

static void lcp_rejected(struct ppp_cp *cp, uint8_t type)
{
	struct ppp_link *l = link_of(cp);

	if (type == LCP_OPT_MRU) {
		l->no_option |= NO_MRU;
		l->local_mru = MRU_DEFAULT;
	} else if (type == LCP_OPT_AUTH) {
		auth_refused_by_peer(l, PPP_AUTH_COUNT);
	} else if (type == LCP_OPT_MAGIC) {
		l->no_option |= NO_MAGIC;
		l->local_magic = 0;
	}
}

/* ---- the peer's request: one judge an option ---- */

typedef enum ppp_verdict judge_fn(struct ppp_link *l, const struct ppp_opt *opt, struct wr *nak);

/* RFC 1661 §6.1: a peer may take less than 1500 octets; what no packet fits into is Nak'd. */
static enum ppp_verdict judge_mru(struct ppp_link *l, const struct ppp_opt *opt, struct wr *nak)
{
	uint16_t mru;

	if (ppp_opt_get16(opt, &mru) && mru >= MRU_LEAST)
		return PPP_OPT_ACK;
	ppp_opt_be16(nak, LCP_OPT_MRU, MRU_DEFAULT);
	return PPP_OPT_NAK;
}

/* RFC 1662 §7.1: acknowledged, since a peer may insist; no octet is ever escaped here. */
static enum ppp_verdict judge_accm(struct ppp_link *l, const struct ppp_opt *opt, struct wr *nak)
{
	if (opt->value.len == 4)
		return PPP_OPT_ACK;
	ppp_opt_be32(nak, LCP_OPT_ACCM, 0);
	return PPP_OPT_NAK;
}

/* RFC 1661 §6.5, §6.6: what we accept to be sent compressed we read in any case. */
static enum ppp_verdict judge_flag(struct ppp_link *l, const struct ppp_opt *opt, struct wr *nak)
{
	if (opt->value.len == 0)
		return PPP_OPT_ACK;
	ppp_opt_put(nak, opt->type, span_of(NULL, 0));
	return PPP_OPT_NAK;
}

/* We authenticate ourselves only as a client, and only by what is configured. */
static enum ppp_verdict judge_auth(struct ppp_link *l, const struct ppp_opt *opt, struct wr *nak)
{
	enum ppp_auth method = lcp_auth_of(opt->value);

	if (l->conf->role != PPP_CLIENT || l->conf->auth[0] == PPP_AUTH_NONE)
		return PPP_OPT_REJ;
	if (method < PPP_AUTH_COUNT && lcp_auth_allowed(l->conf, method))
		return PPP_OPT_ACK;
	ppp_opt_put(nak, LCP_OPT_AUTH, lcp_auth_option(l->conf->auth[0]));
	return PPP_OPT_NAK;
}

/* RFC 1661 §6.4: zero is always Nak'd; our own number means that the line may be looped. */
static enum ppp_verdict judge_magic(struct ppp_link *l, const struct ppp_opt *opt, struct wr *nak)
{
	uint32_t magic;
	bool ok = ppp_opt_get32(opt, &magic) && magic != 0;

	if (ok && magic == l->local_magic) {
		ppp_count(l->env.count, PPP_COUNT_MAGIC_LOOPED);
		if (++l->loops >= LOOPS_MAX)
			l->lcp.fail = PPP_REASON_LCP_LOOPBACK_RX_CONF_REQ;
		ok = false;
	} else if (ok) {
		l->loops = 0;
	}
	if (ok)
		return PPP_OPT_ACK;
	ppp_opt_be32(nak, LCP_OPT_MAGIC, new_magic(l));
	return PPP_OPT_NAK;
}

static judge_fn *const judges[] = {
	[LCP_OPT_MRU] = judge_mru,
	[LCP_OPT_ACCM] = judge_accm,
	[LCP_OPT_AUTH] = judge_auth,
	[LCP_OPT_MAGIC] = judge_magic,
	[LCP_OPT_PFC] = judge_flag,
	[LCP_OPT_ACFC] = judge_flag,
};

static enum ppp_verdict lcp_judge(struct ppp_cp *cp, const struct ppp_opt *opt, struct wr *nak)
{
	judge_fn *judge = opt->type < sizeof(judges) / sizeof(judges[0]) ? judges[opt->type] : NULL;

	return judge ? judge(link_of(cp), opt, nak) : PPP_OPT_REJ;
}

/* ---- the peer's options in force ---- */

static uint16_t usable_mru(const struct ppp_link *l, uint16_t mru)
{
	uint16_t most = l->conf->peer_mru_max;

	return most && mru > most ? most : mru;
}

static void take_option(struct ppp_link *l, const struct ppp_opt *opt)
{
	switch (opt->type) {
	case LCP_OPT_MRU:
		(void)ppp_opt_get16(opt, &l->peer_mru);
		break;
	case LCP_OPT_AUTH:
		l->auth_method = (uint8_t)lcp_auth_of(opt->value);
		break;
	case LCP_OPT_MAGIC:
		(void)ppp_opt_get32(opt, &l->peer_magic);
		break;
	case LCP_OPT_PFC:
		l->peer_pfc = true;
		break;
	case LCP_OPT_ACFC:
		l->peer_acfc = true;
		break;
	default:
		break;
	}
}

static void lcp_agreed(struct ppp_cp *cp, struct span options)
{
	struct ppp_link *l = link_of(cp);
	struct rd list = rd_span(options);
	struct ppp_opt opt;

	l->peer_mru = MRU_DEFAULT;
	l->peer_magic = 0;
	l->peer_pfc = l->peer_acfc = false;
	if (l->conf->role == PPP_CLIENT)
		l->auth_method = PPP_AUTH_NONE;
	while (ppp_opt_next(&list, &opt))
		take_option(l, &opt);
	l->env.peer_mru = l->peer_mru;
	l->peer_mru = usable_mru(l, l->peer_mru);
	proxy_keep(l, KEEP_LAST_RX, options);
}

/* ---- Protocol-Reject, RFC 1661 §5.7 ---- */

/* The Information field of ours holds header, number and as much of the frame as the peer's MRU leaves. */
void lcp_send_protocol_reject(struct ppp_link *l, uint16_t protocol, struct span info)
{
	size_t most = l->env.peer_mru < PPP_FRAME_MAX - 2 ? l->env.peer_mru : PPP_FRAME_MAX - 2;
	size_t room = most - PPP_CP_HDR_LEN - 2;
	struct ppp_out o;
	size_t mark;

	if (l->lcp.state != PPP_CP_OPENED)
		return;
	ppp_out_begin(&o, PPP_PROTO_LCP);
	mark = ppp_cp_begin(&o.w, PPP_CP_PROTO_REJ, ppp_cp_next_id(&l->lcp));
	wr_be16(&o.w, protocol);
	wr_bytes(&o.w, info.p, info.len < room ? info.len : room);
	ppp_cp_end(&o.w, mark);
	ppp_out_send(&l->env, &o);
	ppp_count(l->env.count, PPP_COUNT_PROTOCOL_REJECTED);
}

static bool is_our_auth(const struct ppp_link *l, uint16_t protocol)
{
	return l->phase == PPP_PHASE_AUTHENTICATE &&
	       protocol == (link_uses_chap(l) ? PPP_PROTO_CHAP : PPP_PROTO_PAP);
}

/* Without LCP, or the authentication that was agreed, the link cannot go on; an NCP is the network layer's matter. */
static unsigned rx_protocol_reject(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	struct ppp_link *l = link_of(cp);
	struct rd r = rd_span(pkt->data);
	uint16_t protocol = rd_be16(&r);

	if (r.bad || cp->state != PPP_CP_OPENED) {
		ppp_count(l->env.count, r.bad ? PPP_COUNT_CP_MALFORMED : PPP_COUNT_EARLY_FRAME);
		return 0;
	}
	ppp_count(l->env.count, PPP_COUNT_PEER_REJECTED_PROTOCOL);
	if (protocol != PPP_PROTO_LCP && !is_our_auth(l, protocol))
		return ppp_cp_rejected(cp, false, now);
	cp->peer_ended = true;
	return ppp_cp_rejected(cp, true, now);
}

/* ---- Echo, Discard, RFC 1661 §5.8, §5.9 ---- */

static struct span echo_data(const struct ppp_link *l, struct wr *w, struct span payload)
{
	size_t most = l->env.peer_mru < PPP_FRAME_MAX - 2 ? l->env.peer_mru : PPP_FRAME_MAX - 2;
	size_t room = most - PPP_CP_HDR_LEN - 4;

	wr_be32(w, l->local_magic);
	wr_bytes(w, payload.p, payload.len < room ? payload.len : room);
	return wr_span(w);
}

void lcp_send_echo_request(struct ppp_link *l)
{
	struct ppp_out o;
	size_t mark;

	ppp_out_begin(&o, PPP_PROTO_LCP);
	mark = ppp_cp_begin(&o.w, PPP_CP_ECHO_REQ, ppp_cp_next_id(&l->lcp));
	wr_be32(&o.w, l->local_magic);
	ppp_cp_end(&o.w, mark);
	ppp_out_send(&l->env, &o);
	l->echo_sent++;
}

/* Our own Echo-Request came back. One may be an accident; as many as a lost peer is given are a loop. */
static unsigned echo_looped(struct ppp_link *l)
{
	ppp_count(l->env.count, PPP_COUNT_MAGIC_LOOPED);
	if (++l->loops >= LOOPS_MAX)
		l->lcp.fail = PPP_REASON_LCP_LOOPBACK_RX_ECHO_REQ;
	return 0;
}

static unsigned rx_echo_request(struct ppp_link *l, const struct ppp_cp_pkt *pkt, uint32_t magic, struct span payload,
				mono_t now)
{
	uint8_t octets[PPP_FRAME_MAX];
	struct wr w = wr_of(octets, sizeof(octets));

	if (l->lcp.state == PPP_CP_OPENED && magic && magic == l->local_magic)
		return echo_looped(l);
	l->loops = 0;
	if (magic != l->peer_magic)
		ppp_count(l->env.count, PPP_COUNT_ECHO_MAGIC);
	return ppp_cp_echo(&l->lcp, pkt, echo_data(l, &w, payload), now);
}

/* Some clients send our own magic number back in a reply; it is counted, and is a sign of life all the same. */
static unsigned rx_echo_reply(struct ppp_link *l, const struct ppp_cp_pkt *pkt, uint32_t magic, mono_t now)
{
	if (l->lcp.state == PPP_CP_OPENED && l->echo_answered < l->echo_sent)
		l->echo_answered++;
	if (magic != l->peer_magic)
		ppp_count(l->env.count, PPP_COUNT_ECHO_MAGIC);
	return ppp_cp_echo(&l->lcp, pkt, span_of(NULL, 0), now);
}

static unsigned rx_with_magic(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now)
{
	struct rd r = rd_span(pkt->data);
	uint32_t magic = rd_be32(&r);

	if (r.bad) {
		ppp_count(l->env.count, PPP_COUNT_CP_MALFORMED);
		return 0;
	}
	if (pkt->code == PPP_CP_ECHO_REQ)
		return rx_echo_request(l, pkt, magic, rd_rest(&r), now);
	if (pkt->code == PPP_CP_ECHO_REP)
		return rx_echo_reply(l, pkt, magic, now);
	return ppp_cp_echo(&l->lcp, pkt, span_of(NULL, 0), now);
}

static unsigned lcp_extra(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now)
{
	struct ppp_link *l = link_of(cp);
	struct rd rejected = rd_span(pkt->data);

	switch (pkt->code) {
	case PPP_CP_CODE_REJ:
		if (rd_u8(&rejected) == PPP_CP_ECHO_REQ)
			l->no_echo = true;
		return 0;
	case PPP_CP_PROTO_REJ:
		return rx_protocol_reject(cp, pkt, now);
	case PPP_CP_ECHO_REQ:
	case PPP_CP_ECHO_REP:
	case PPP_CP_DISCARD_REQ:
		return rx_with_magic(l, pkt, now);
	default:			/* RFC 1570: information that asks for nothing */
		ppp_count(l->env.count, PPP_COUNT_INFO_CODE);
		return 0;
	}
}

const struct ppp_cp_ops lcp_ops = {
	.protocol = PPP_PROTO_LCP,
	.last_code = PPP_CP_TIME_REMAINING,
	.reason = {
		[PPP_CAUSE_SILENT] = PPP_REASON_LCP_MAX_CONFIGURE_EXCEEDED,
		[PPP_CAUSE_TIMEOUT] = PPP_REASON_LCP_NEGOTIATION_TIMEOUT,
		[PPP_CAUSE_TERM_REQ] = PPP_REASON_LCP_PEER_TERMINATE_TERM_REQ,
		[PPP_CAUSE_TERM_ACK] = PPP_REASON_LCP_PEER_TERMINATE_TERM_ACK,
		[PPP_CAUSE_CONF_REQ] = PPP_REASON_LCP_PEER_RENEGOTIATE_RX_CONF_REQ,
		[PPP_CAUSE_CODE_REJ] = PPP_REASON_LCP_PEER_TERMINATE_CODE_REJ,
		[PPP_CAUSE_PROTO_REJ] = PPP_REASON_LCP_PEER_TERMINATE_PROTOCOL_REJECT,
		[PPP_CAUSE_PASSIVE] = PPP_REASON_LCP_MAX_PASSIVE_RETRIES_EXCEEDED,
	},
	.begin = lcp_begin,
	.request = lcp_request,
	.judge = lcp_judge,
	.agreed = lcp_agreed,
	.naked = lcp_naked,
	.rejected = lcp_rejected,
	.extra = lcp_extra,
};
