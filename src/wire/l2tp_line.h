/* SPDX-License-Identifier: BSD-2-Clause */
/* What an access concentrator tells of a subscriber's line: the AVPs of RFC 5515, vendor 3561, as a struct. */
#ifndef ADIT_WIRE_L2TP_LINE_H
#define ADIT_WIRE_L2TP_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/wr.h"

/* Attribute Types of vendor 3561: RFC 5515 §5. */
enum l2tp_line_avp {
	L2TP_LINE_AGENT_CIRCUIT_ID = 1,
	L2TP_LINE_AGENT_REMOTE_ID = 2,
	L2TP_LINE_ACTUAL_RATE_UP = 129,
	L2TP_LINE_ACTUAL_RATE_DOWN = 130,
	L2TP_LINE_MINIMUM_RATE_UP = 131,
	L2TP_LINE_MINIMUM_RATE_DOWN = 132,
	L2TP_LINE_ATTAINABLE_RATE_UP = 133,
	L2TP_LINE_ATTAINABLE_RATE_DOWN = 134,
	L2TP_LINE_MAXIMUM_RATE_UP = 135,
	L2TP_LINE_MAXIMUM_RATE_DOWN = 136,
	L2TP_LINE_MINIMUM_RATE_UP_LOW_POWER = 137,
	L2TP_LINE_MINIMUM_RATE_DOWN_LOW_POWER = 138,
	L2TP_LINE_MAXIMUM_DELAY_UP = 139,
	L2TP_LINE_ACTUAL_DELAY_UP = 140,
	L2TP_LINE_MAXIMUM_DELAY_DOWN = 141,
	L2TP_LINE_ACTUAL_DELAY_DOWN = 142,
	L2TP_LINE_ENCAPSULATION = 144,
	L2TP_LINE_TYPE = 145,
	L2TP_LINE_IWF = 254,
};

#define L2TP_LINE_RATES 10		/* types 129..138, in bits per second */
#define L2TP_LINE_DELAYS 4		/* types 139..142, in milliseconds */

struct l2tp_access_line {
	struct span circuit_id, remote_id;	/* p NULL: absent */
	uint32_t has_rate, has_delay;		/* bit i: the array element is present */
	uint64_t rate[L2TP_LINE_RATES];		/* index: type - L2TP_LINE_ACTUAL_RATE_UP */
	uint32_t delay_ms[L2TP_LINE_DELAYS];	/* index: type - L2TP_LINE_MAXIMUM_DELAY_UP */
	bool has_encapsulation, has_line_type, has_iwf;
	uint8_t data_link, encaps1, encaps2;
	uint8_t line_type;			/* 1 ADSL1 .. 6 SDSL, 7 unknown */
	bool iwf;
};

/** l2tp_line_rate - one of L2TP_LINE_*_RATE_*; 0 when absent. */
uint64_t l2tp_line_rate(const struct l2tp_access_line *line, enum l2tp_line_avp type);

/**
 * l2tp_access_line_decode - the access-line AVPs among @avps (encoded, unhidden AVPs: struct l2tp_msg.others)
 * @line: out; spans borrow @avps; the first of a repeated AVP counts
 *
 * Others and those of a wrong length are skipped: a line's description never fails a call.
 *
 * Return: whether there was any.
 * Source: RFC 5515 §5.
 */
bool l2tp_access_line_decode(struct span avps, struct l2tp_access_line *line);

/** l2tp_access_line_encode - the same as encoded AVPs, M clear, unhidden: for struct l2tp_call_offer.avps. */
void l2tp_access_line_encode(struct wr *w, const struct l2tp_access_line *line);

#endif
