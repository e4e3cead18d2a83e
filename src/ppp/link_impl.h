/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of a link, shared by link.c (phases), lcp.c (options), auth.c with pap.c and chap.c, and proxy.c. What
 * only a negotiation or an authentication needs is on the heap and goes when it is over.
 */
#ifndef ADIT_PPP_LINK_IMPL_H
#define ADIT_PPP_LINK_IMPL_H

#include "ppp/cp.h"
#include "ppp/ppp.h"
#include "wire/chap_math.h"
#include "wire/ppp_auth.h"
#include "wire/ppp_frame.h"

/* RFC 1661 §3.2. */
enum ppp_phase { PPP_PHASE_DEAD, PPP_PHASE_ESTABLISH, PPP_PHASE_AUTHENTICATE, PPP_PHASE_NETWORK, PPP_PHASE_TERMINATE };

/*
 * Events wait as a set of bits and are told in this order. A renegotiation and the end wipe out what has not been told
 * yet, so the order is always that in which things happened.
 */
enum ppp_link_told {
	PPP_TELL_RENEGOTIATE = 1 << 0,
	PPP_TELL_UP = 1 << 1,
	PPP_TELL_AUTH_REQUEST = 1 << 2,
	PPP_TELL_NETWORK = 1 << 3,
	PPP_TELL_KEEPALIVE_DUE = 1 << 4,
	PPP_TELL_DOWN = 1 << 5,
};

enum { PPP_CHALLENGE_MAX = 255, PPP_NAME_MAX = 255, PPP_MESSAGE_MAX = 255 };

struct ppp_challenge {
	bool used;
	uint8_t id, len;
	uint8_t value[PPP_CHALLENGE_MAX];
};

enum ppp_auth_state {
	PPP_AUTH_WAITING,	/* authenticator: for the peer's credentials. Client: for a challenge */
	PPP_AUTH_JUDGING,	/* authenticator: for ppp_link_auth_result(). Client: for the peer's verdict */
	PPP_AUTH_DONE,		/* kept until NETWORK has been told, whose name is in it */
};

/* An authentication in progress; freed once its end has been told. */
struct ppp_authen {
	struct ppp_authen *next;	/* in the list of those whose spans the owner may still hold */
	mono_t deadline, resend_at;
	uint8_t state;			/* enum ppp_auth_state */
	uint8_t sent;			/* Challenges, Requests or Responses */
	uint8_t id, first_id;		/* of the exchange being judged; PAP client: of the first request */
	bool proxied, silent;		/* silent: the peer did not ask in PPP, so it gets no answer in PPP */
	struct ppp_challenge challenge;	/* the current one */
	uint8_t response_len;
	uint8_t response[MSCHAPV2_RESPONSE_LEN];
	uint8_t expected[MSCHAPV2_SUCCESS_LEN];	/* client: what a true server answers */
	uint8_t *octets;		/* name, then password */
	uint16_t name_len, password_len;
};

/* LAC: what ppp_link_proxy_data() tells. */
enum ppp_keep { KEEP_INITIAL_RX, KEEP_LAST_TX, KEEP_LAST_RX, KEEP_NAME, KEEP_CHALLENGE, KEEP_RESPONSE, KEEP_COUNT };

struct ppp_kept {
	struct {
		uint8_t *octets;
		size_t len;
	} item[KEEP_COUNT];
	uint8_t id;
	bool has_id;
};

/*
 * Authenticator: the text that repeated credentials are answered with in the network phase. Client: the peer's last
 * words.
 */
struct ppp_verdict_kept {
	uint16_t len;
	uint8_t text[];
};

struct ppp_link {
	struct ppp_cp lcp;		/* first, so that its options find the link */
	struct ppp_env env;
	const struct ppp_link_conf *conf;
	struct ppp_authen *auth, *grave;
	struct ppp_verdict_kept *verdict;
	struct ppp_kept *kept;
	mono_t keepalive_at, heard_at, passive_until;
	uint32_t local_magic, peer_magic;
	uint32_t echo_sent, echo_answered;
	uint16_t local_mru, peer_mru;
	uint16_t renegotiations;
	uint8_t phase, told, why, misses;
	uint8_t loops;			/* our own magic number in a row */
	uint8_t chap_id;		/* of the next Challenge */
	uint8_t auth_id;		/* of the exchange that ended well */
	uint8_t auth_method;		/* agreed: enum ppp_auth */
	uint8_t refused;		/* a bit for each method that the peer will not use, while negotiating */
	uint8_t no_option;		/* a bit for each option of ours that it will not have, while negotiating */
	bool peer_pfc, peer_acfc, proxied_lcp, proxied_auth;
	bool authenticated;		/* auth_id and verdict hold */
	bool echo_waits;		/* KEEPALIVE_DUE was raised: the Echo-Request goes with the next frames taken */
	bool no_echo;			/* the peer rejected the code */
	bool by_peer, finished;
};

/* ---- lcp.c ---- */

extern const struct ppp_cp_ops lcp_ops;

/**
 * lcp_auth_option - the value of an Authentication-Protocol option for a method; lcp_auth_of reads one,
 * PPP_AUTH_COUNT if unknown.
 */
struct span lcp_auth_option(enum ppp_auth method);
enum ppp_auth lcp_auth_of(struct span value);
bool lcp_auth_allowed(const struct ppp_link_conf *conf, enum ppp_auth method);

void lcp_send_echo_request(struct ppp_link *l);
void lcp_send_protocol_reject(struct ppp_link *l, uint16_t protocol, struct span info);

/* ---- auth.c, pap.c, chap.c ---- */

/** auth_begin - the authentication phase begins. Return: false when out of memory. */
bool auth_begin(struct ppp_link *l, mono_t now);
void auth_drop(struct ppp_link *l);
void auth_bury(struct ppp_link *l);	/* frees what spans no longer point at */
void auth_rx(struct ppp_link *l, uint16_t protocol, struct span info, mono_t now);
void auth_expire(struct ppp_link *l, mono_t now);
mono_t auth_deadline(const struct ppp_link *l);
void auth_result(struct ppp_link *l, const struct ppp_auth_result *res, mono_t now);

/** auth_judge - copies name and password and raises AUTH_REQUEST. Return: false when out of memory. */
bool auth_judge(struct ppp_link *l, struct span name, struct span password);
struct span auth_name(const struct ppp_authen *a);
struct span auth_password(const struct ppp_authen *a);
void auth_keep_text(struct ppp_link *l, struct span text);
void auth_passed(struct ppp_link *l, mono_t now);		/* client: the peer is content */
/* client: or it is not */
void auth_refused(struct ppp_link *l, struct span message, enum ppp_reason why, mono_t now);

void pap_send_request(struct ppp_link *l, mono_t now);
void pap_send_reply(struct ppp_link *l, bool ok, uint8_t id, struct span text);
void pap_rx(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now);

void chap_send_challenge(struct ppp_link *l, mono_t now);
void chap_send_response(struct ppp_link *l, mono_t now);
void chap_send_verdict(struct ppp_link *l, bool ok, uint8_t id, struct span text);
void chap_rx(struct ppp_link *l, const struct ppp_cp_pkt *pkt, mono_t now);
/** chap_verdict_text - what goes out with a verdict: for MS-CHAPv2 in the form of RFC 2759 §5 and §6. */
struct span chap_verdict_text(struct ppp_link *l, const struct ppp_auth_result *res, struct wr *w);

/* ---- link.c ---- */

void link_enter_network(struct ppp_link *l, mono_t now);
void link_fail(struct ppp_link *l, enum ppp_reason why, bool by_peer, mono_t now);

static inline bool link_uses_chap(const struct ppp_link *l)
{
	return l->auth_method == PPP_AUTH_CHAP_MD5 || l->auth_method == PPP_AUTH_MSCHAPV2;
}

/* ---- proxy.c ---- */

/**
 * proxy_check - judges what an LAC gave: see docs/decisions/0002-proxy-lcp-criteria.md. When the LCP data are accepted,
 * the link's agreed values are set from them.
 */
enum ppp_proxy_verdict proxy_check(struct ppp_link *l, const struct ppp_proxy *px);

/**
 * proxy_auth - raises AUTH_REQUEST from the proxied data. Return: false when they cannot be used: then we ask
 * ourselves.
 */
bool proxy_auth(struct ppp_link *l, const struct ppp_proxy *px);

/** proxy_keep - an LAC's side: remembers for ppp_link_proxy_data(); nothing unless conf->keep_proxy_data. */
void proxy_keep(struct ppp_link *l, enum ppp_keep what, struct span octets);
void proxy_keep_id(struct ppp_link *l, uint8_t id);
void proxy_keep_free(struct ppp_link *l);

#endif
