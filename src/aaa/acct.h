/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam of accounting: a session's start, interim updates and stop go through here. Local accounting has no server
 * to tell; it keeps what a record needs (session id, start time) and counts.
 */
#ifndef ADIT_AAA_ACCT_H
#define ADIT_AAA_ACCT_H

#include "aaa/aaa.h"

/* Totals of a node, of sessions that have ended. */
struct acct {
	uint64_t starts, interims, stops;
	uint64_t active;
	struct aaa_counters ended;
};

/* What is kept of a session between its start and its stop. */
struct acct_session {
	uint64_t id;		/* Acct-Session-Id: 16 hexadecimal digits */
	int64_t started_s;	/* wall clock; 0: not started */
	mono_t interim_due;	/* the next interim update; the owner's timer minds it */
	uint32_t interim_s;	/* 0: none */
};

/** acct_id_text - the Acct-Session-Id of a number: 8 hex digits of start time, 8 of a counter. */
void acct_id_text(uint64_t id, char out[20]);
/** acct_id_parse - its number; 0 when the text is none of ours. */
uint64_t acct_id_parse(const char *text);

/** acct_session_init - a session that has not started. */
void acct_session_init(struct acct_session *s, uint64_t id, uint32_t interim_s);

/** acct_start, acct_stop - the life of a session; stop is harmless without a start. */
void acct_start(struct acct *a, struct acct_session *s, mono_t now, struct wall wall);
/** acct_interim - the counters at `now`: an interim update, if one is due. */
void acct_interim(struct acct *a, struct acct_session *s, const struct aaa_counters *c, mono_t now);
void acct_stop(struct acct *a, struct acct_session *s, const struct aaa_stop *stop);

static inline bool acct_started(const struct acct_session *s)
{
	return s->started_s != 0;
}

#endif
