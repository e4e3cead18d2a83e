/* SPDX-License-Identifier: BSD-2-Clause */
/* The attributes of Accounting-Requests (RFC 2866 §5). Numbers are in host order. */
#ifndef ADIT_AAA_ACCT_RECORD_H
#define ADIT_AAA_ACCT_RECORD_H

#include "aaa/aaa_conf.h"
#include "aaa/acct_queue.h"
#include "aaa/grant.h"
#include "base/wr.h"

/* How a session ended, or where it stands. */
struct acct_figures {
	struct aaa_counters counters;
	uint32_t session_s;
	unsigned terminate_cause;	/* 0: not ended */
	int64_t when_s;			/* Event-Timestamp: wall clock */
};

/** acct_put_identity - who and where: everything that is the same in all records of a session. */
void acct_put_identity(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message, const struct grant *g,
		       const struct aaa_line *line);

/** acct_put_figures - Acct-Status-Type and what a record of this kind adds. */
void acct_put_figures(struct wr *w, const struct aaa_conf *c, enum acct_kind kind, const struct acct_figures *f);

/** acct_put_counters - octets and packets, with their upper halves (RFC 2869 §5.1, §5.2, spec 8.4). */
void acct_put_counters(struct wr *w, const struct aaa_radius_conf *r, const struct aaa_counters *n);

/* The journal's entry of a session that is up: what its stop is made of, if the daemon is killed. */
struct acct_open {
	uint64_t session;
	int64_t seen_s;			/* wall clock of the last interim update, or the start */
	uint32_t session_s;		/* how long it had been up then, by the clock that nobody sets */
	struct aaa_counters counters;
	struct span identity;		/* encoded attributes */
};
void acct_open_encode(struct wr *w, const struct acct_open *o);
/** acct_open_decode - Return: false when the entry is something else. */
bool acct_open_decode(struct span body, struct acct_open *o);

#endif
