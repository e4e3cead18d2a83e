/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the lab's RADIUS server has been told by accounting (RFC 2866): sessions, whether each Start has its Stop, sums of
 * octets. It judges the story that the records tell, over all their repetitions.
 */
#ifndef ADIT_LAB_ACCT_BOOK_H
#define ADIT_LAB_ACCT_BOOK_H

#include "base/hmap.h"
#include "wire/radius_attr.h"

enum { ACCT_STATUS_MAX = 15 };	/* RFC 2866 and RFC 2867 end there */

struct acct_record {
	uint32_t status;		/* Acct-Status-Type */
	struct span session_id, nas;	/* nas: NAS-Identifier, or the address */
	uint64_t in_octets, out_octets;	/* with Gigawords */
	uint64_t in_packets, out_packets;
	uint32_t session_s;
};

/** acct_record_read - what counts in a record; borrows the packet. Return: false without Acct-Status-Type. */
bool acct_record_read(const struct radius_pkt *p, struct acct_record *r);

struct acct_book {
	struct hmap sessions;				/* by NAS and Acct-Session-Id */
	uint64_t seed;
	uint64_t by_status[ACCT_STATUS_MAX + 1];	/* 0: any other */
	uint64_t open;					/* Start without a Stop */
	uint64_t starts_again, stops_again;		/* told before, in another packet */
	uint64_t stops_without_start, interims_without_start;
	uint64_t went_back;				/* octets or packets are fewer than once told */
	uint64_t ended_by_on;				/* were open when their NAS said Accounting-On or -Off */
	uint64_t without_session_id;
	/* of all Stops, each session once */
	uint64_t in_octets, out_octets, in_packets, out_packets, session_s;
};

void acct_book_init(struct acct_book *b, uint64_t seed);
void acct_book_fini(struct acct_book *b);
/** acct_book_add - Return: false when out of memory. */
bool acct_book_add(struct acct_book *b, const struct acct_record *r);

#endif
