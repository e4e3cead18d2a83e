/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The option negotiation automaton that LCP and every NCP share: RFC 1661 §4, whole. A protocol brings only its
 * options, as a const table of functions (struct ppp_cp_ops).
 *
 * While a negotiation runs, what it needs (the last request, counts) is in struct ppp_cp_nego, made with the first
 * Configure-Request and freed when the automaton is Opened, or is no longer negotiating.
 */
#ifndef ADIT_PPP_CP_H
#define ADIT_PPP_CP_H

#include "ppp/env.h"
#include "ppp/reason.h"
#include "wire/ppp_cp.h"

/* §4.2, with the RFC's numbers. */
enum ppp_cp_state {
	PPP_CP_INITIAL,
	PPP_CP_STARTING,
	PPP_CP_CLOSED,
	PPP_CP_STOPPED,
	PPP_CP_CLOSING,
	PPP_CP_STOPPING,
	PPP_CP_REQ_SENT,
	PPP_CP_ACK_RCVD,
	PPP_CP_ACK_SENT,
	PPP_CP_OPENED,
	PPP_CP_STATES
};

/* §4.3, in the RFC's order; + is GOOD, - is BAD. */
enum ppp_cp_event {
	PPP_CP_UP,
	PPP_CP_DOWN,
	PPP_CP_OPEN,
	PPP_CP_CLOSE,
	PPP_CP_TO_GOOD,
	PPP_CP_TO_BAD,
	PPP_CP_RCR_GOOD,
	PPP_CP_RCR_BAD,
	PPP_CP_RCA,
	PPP_CP_RCN,
	PPP_CP_RTR,
	PPP_CP_RTA,
	PPP_CP_RUC,
	PPP_CP_RXJ_GOOD,
	PPP_CP_RXJ_BAD,
	PPP_CP_RXR,
	PPP_CP_EVENTS
};

/* §4.4, a set of bits. */
enum ppp_cp_action {
	PPP_CP_TLU = 1 << 0,
	PPP_CP_TLD = 1 << 1,
	PPP_CP_TLS = 1 << 2,
	PPP_CP_TLF = 1 << 3,
	PPP_CP_IRC = 1 << 4,
	PPP_CP_ZRC = 1 << 5,
	PPP_CP_SCR = 1 << 6,
	PPP_CP_SCA = 1 << 7,
	PPP_CP_SCN = 1 << 8,
	PPP_CP_STR = 1 << 9,
	PPP_CP_STA = 1 << 10,
	PPP_CP_SCJ = 1 << 11,
	PPP_CP_SER = 1 << 12,
	PPP_CP_ILLEGAL = 1 << 13,
	/* The RFC's footnotes. */
	PPP_CP_NOTE_P = 1 << 14,	/* [p] passive option */
	PPP_CP_NOTE_R = 1 << 15,	/* [r] restart option */
	PPP_CP_NOTE_X = 1 << 16,	/* [x] crossed connection */
};

struct ppp_cp_cell {
	uint32_t actions;
	uint8_t next;
};

/** ppp_cp_cell - the row and column of the table of §4.1. */
const struct ppp_cp_cell *ppp_cp_cell(enum ppp_cp_state state, enum ppp_cp_event event);
const char *ppp_cp_state_name(enum ppp_cp_state state);

struct ppp_cp;

/* What is to be said about one option of the peer's request. */
enum ppp_verdict { PPP_OPT_ACK, PPP_OPT_NAK, PPP_OPT_REJ };

/* Which options a list had. */
struct ppp_optset {
	uint32_t bits[8];
};

static inline bool ppp_optset_has(const struct ppp_optset *s, uint8_t type)
{
	return s->bits[type / 32] >> (type % 32) & 1;
}

/* What took an automaton out of Opened, or ended it; each protocol has its own reason for it. */
enum ppp_cp_cause {
	PPP_CAUSE_SILENT,	/* Max-Configure requests, and the peer has said nothing */
	PPP_CAUSE_TIMEOUT,	/* it did answer, but no agreement was reached */
	PPP_CAUSE_TERM_REQ,
	PPP_CAUSE_TERM_ACK,
	PPP_CAUSE_CONF_REQ,
	PPP_CAUSE_CODE_REJ,
	PPP_CAUSE_PROTO_REJ,
	PPP_CAUSE_PASSIVE,	/* the peer never began */
	PPP_CAUSES
};

struct ppp_cp_ops {
	uint16_t protocol;
	uint8_t reason[PPP_CAUSES];	/* enum ppp_reason */
	uint8_t last_code;		/* codes 1..last_code are known */
	/** begin - a negotiation begins: our wishes are as configured again. */
	void (*begin)(struct ppp_cp *cp);
	/** request - writes the options of our Configure-Request. */
	void (*request)(struct ppp_cp *cp, struct wr *w);
	/**
	 * judge - one option of the peer's request; PPP_OPT_NAK has written what we would like instead. Changes no
	 * agreed value.
	 */
	enum ppp_verdict (*judge)(struct ppp_cp *cp, const struct ppp_opt *opt, struct wr *nak);
	/** missing - writes the options that the peer must add. May be NULL. */
	void (*missing)(struct ppp_cp *cp, const struct ppp_optset *seen, struct wr *nak);
	/** agreed - the peer's request has been acknowledged: these are its options. */
	void (*agreed)(struct ppp_cp *cp, struct span options);
	/** naked, rejected - the peer will not have this option of ours. */
	void (*naked)(struct ppp_cp *cp, const struct ppp_opt *opt);
	void (*rejected)(struct ppp_cp *cp, uint8_t type);
	/** extra - a known code above 7, or a Code-Reject of one. May be NULL. Return: the This-Layer actions taken. */
	unsigned (*extra)(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, mono_t now);
};

enum { PPP_CP_REQUEST_MAX = 64 };

struct ppp_cp_nego {
	mono_t give_up;			/* not agreed by then: failed to converge */
	uint8_t request[PPP_CP_REQUEST_MAX];
	uint8_t request_len;
	uint8_t naks_sent, naks_received;	/* since the last Ack in that direction */
	bool sent;			/* request[] is what went out last */
	bool answered;			/* and it has had its reply */
	bool heard;			/* the peer has said anything at all */
};

struct ppp_cp {
	const struct ppp_cp_ops *ops;
	struct ppp_env *env;
	struct ppp_cp_nego *nego;
	mono_t restart_at;
	uint8_t state;			/* enum ppp_cp_state */
	uint8_t restart_count;
	uint8_t request_id, next_id;
	uint8_t fail;			/* enum ppp_reason, set by the options: it cannot go on and will be closed */
	uint8_t why;			/* enum ppp_reason: what last took it out of Opened, or ended it */
	bool passive;			/* Up waits in Stopped for the peer's first Configure-Request */
	bool peer_ended;		/* the peer asked for the end */
};

/** ppp_cp_init - state Initial. fini frees the scratch. */
void ppp_cp_init(struct ppp_cp *cp, const struct ppp_cp_ops *ops, struct ppp_env *env);
void ppp_cp_fini(struct ppp_cp *cp);

/*
 * Each returns the This-Layer actions (tlu, tld, tls, tlf) that the caller now takes. An event that cannot occur in the
 * state is counted and changes nothing.
 */
unsigned ppp_cp_up(struct ppp_cp *cp, mono_t now);
unsigned ppp_cp_down(struct ppp_cp *cp, mono_t now);
unsigned ppp_cp_open(struct ppp_cp *cp, mono_t now);
unsigned ppp_cp_close(struct ppp_cp *cp, mono_t now);
unsigned ppp_cp_expire(struct ppp_cp *cp, mono_t now);
mono_t ppp_cp_deadline(const struct ppp_cp *cp);

/** ppp_cp_rx - one packet, after the protocol field. */
unsigned ppp_cp_rx(struct ppp_cp *cp, struct span info, mono_t now);

/** ppp_cp_rejected - the peer rejected the protocol (bad) or something that we can do without. */
unsigned ppp_cp_rejected(struct ppp_cp *cp, bool bad, mono_t now);

/** ppp_cp_echo - RXR; an Echo-Reply with this data goes out if the packet is an Echo-Request and the table says ser. */
unsigned ppp_cp_echo(struct ppp_cp *cp, const struct ppp_cp_pkt *pkt, struct span reply, mono_t now);

/**
 * ppp_cp_adopt - Opened without an exchange, by what another negotiated with the peer (RFC 2661 §4.4.5)
 *
 * Only from Initial. No action is taken by itself.
 */
void ppp_cp_adopt(struct ppp_cp *cp);

/** ppp_cp_acceptable - judges a list as a Configure-Request would be; true if all of it would be acknowledged. */
bool ppp_cp_acceptable(struct ppp_cp *cp, struct span options);

/** ppp_cp_next_id - an Identifier for a packet of the protocol's own. */
uint8_t ppp_cp_next_id(struct ppp_cp *cp);

#endif
