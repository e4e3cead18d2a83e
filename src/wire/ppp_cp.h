/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of LCP and of every NCP: Code, Identifier, Length, Data (RFC 1661 §5), and the Configuration Options in
 * them (§6). Writers go through struct wr: what does not fit is not written, and the writer says so once at the end.
 */
#ifndef ADIT_WIRE_PPP_CP_H
#define ADIT_WIRE_PPP_CP_H

#include "base/rd.h"
#include "base/wr.h"

enum ppp_cp_code {
	PPP_CP_VENDOR = 0,	/* RFC 2153 */
	PPP_CP_CONF_REQ = 1,
	PPP_CP_CONF_ACK,
	PPP_CP_CONF_NAK,
	PPP_CP_CONF_REJ,
	PPP_CP_TERM_REQ,
	PPP_CP_TERM_ACK,
	PPP_CP_CODE_REJ,
	PPP_CP_PROTO_REJ,	/* from here on LCP only */
	PPP_CP_ECHO_REQ,
	PPP_CP_ECHO_REP,
	PPP_CP_DISCARD_REQ,
	PPP_CP_IDENTIFICATION,	/* RFC 1570 */
	PPP_CP_TIME_REMAINING,
};

enum { PPP_CP_HDR_LEN = 4, PPP_OPT_HDR_LEN = 2, PPP_OPT_VALUE_MAX = 253 };

/* LCP options: RFC 1661 §6, RFC 1662 §7.1, RFC 1570, RFC 1990. */
enum {
	LCP_OPT_MRU = 1,
	LCP_OPT_ACCM = 2,
	LCP_OPT_AUTH = 3,
	LCP_OPT_QUALITY = 4,
	LCP_OPT_MAGIC = 5,
	LCP_OPT_PFC = 7,
	LCP_OPT_ACFC = 8,
	LCP_OPT_CALLBACK = 13,
	LCP_OPT_MRRU = 17,
	LCP_OPT_SSNHF = 18,
	LCP_OPT_ENDPOINT = 19,
};

/* IPCP: RFC 1332, RFC 1877. IPv6CP: RFC 5072. */
enum {
	IPCP_OPT_ADDRESSES = 1,
	IPCP_OPT_COMPRESSION = 2,
	IPCP_OPT_ADDRESS = 3,
	IPCP_OPT_DNS1 = 129,
	IPCP_OPT_NBNS1 = 130,
	IPCP_OPT_DNS2 = 131,
	IPCP_OPT_NBNS2 = 132,
	IPV6CP_OPT_IID = 1,
};

struct ppp_cp_pkt {
	uint8_t code, id;
	struct span data;
};

/**
 * ppp_cp_decode - one packet; octets after its Length are padding (§5). Return: false if Length is below 4 or beyond
 * the end.
 */
bool ppp_cp_decode(struct rd *r, struct ppp_cp_pkt *pkt);

/* Writes a packet: begin, the data, end. */
size_t ppp_cp_begin(struct wr *w, uint8_t code, uint8_t id);	/* the mark for ppp_cp_end() */
void ppp_cp_end(struct wr *w, size_t mark);

struct ppp_opt {
	uint8_t type;
	struct span value;
	struct span whole;	/* header and value, as received */
};

/**
 * ppp_opt_next - the next option of a list. Return: false at the end, or with list->bad set when Length is below 2
 * or too long.
 */
bool ppp_opt_next(struct rd *list, struct ppp_opt *opt);

/** ppp_opts_check - every option of the list lies within it. */
bool ppp_opts_check(struct span list);

/** ppp_opt_put - an option; its value is at most 253 octets, a longer one marks the writer full. */
void ppp_opt_put(struct wr *w, uint8_t type, struct span value);
void ppp_opt_be16(struct wr *w, uint8_t type, uint16_t v);
void ppp_opt_be32(struct wr *w, uint8_t type, uint32_t v);

/* The value as a number when its length is right; false otherwise. */
bool ppp_opt_get16(const struct ppp_opt *opt, uint16_t *v);
bool ppp_opt_get32(const struct ppp_opt *opt, uint32_t *v);

/** ppp_cp_code_name - "Configure-Request", ...; NULL past the last. */
const char *ppp_cp_code_name(uint8_t code);

#endif
