/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The accounting of a session: start, interim updates, stop (RFC 2866 §4), and of the node: on and off. Records go into
 * the queue (acct_queue.h) when the method of the session is RADIUS; without it, only counts are kept.
 *
 * A session that is accounted for has an entry in the journal too, so that a daemon that was killed still sends its stop:
 * with the counters of its last interim update, and Acct-Terminate-Cause NAS-Reboot.
 */
#ifndef ADIT_AAA_ACCT_H
#define ADIT_AAA_ACCT_H

#include "aaa/aaa.h"
#include "aaa/acct_queue.h"
#include "base/rng.h"

struct aaa;
struct grant;

/* Totals of a node, of sessions that have ended. */
struct acct {
	struct acct_queue queue;
	struct rng rng;			/* when interim updates come */
	uint64_t starts, interims, stops;
	uint64_t active;
	struct aaa_counters ended;
	bool servers;			/* records are made, and there is who takes them */
	bool on;			/* Accounting-On has been sent, Accounting-Off has not */
};

/* What is kept of a session between its start and its stop. */
struct acct_session {
	uint64_t id;		/* Acct-Session-Id: 16 hexadecimal digits */
	int64_t started_s;	/* wall clock; 0: not started */
	mono_t started;
	mono_t interim_due;	/* the next interim update; the owner's timer minds it */
	uint32_t interim_s;	/* 0: none */
	bool radius;		/* records are sent */
	uint64_t ref;		/* of its entry in the journal; 0: none */
};

/** acct_id_text - the Acct-Session-Id of a number: 8 hex digits of start time, 8 of a counter. RFC 2866 §5.5, RFC 5080 §2.3.2 */
void acct_id_text(uint64_t id, char out[20]);
/** acct_id_parse - its number; 0 when the text is none of ours. */
uint64_t acct_id_parse(const char *text);

/** acct_session_init - a session that has not started. */
void acct_session_init(struct acct_session *s, uint64_t id, uint32_t interim_s, bool radius);

/** acct_start, acct_stop - the life of a session; stop is harmless without a start. */
void acct_start(struct aaa *a, struct grant *g, const struct aaa_line *line, mono_t now, struct wall wall);
/** acct_interim - the counters at `now`: an interim update, if one is due. */
void acct_interim(struct aaa *a, struct grant *g, const struct aaa_line *line, const struct aaa_counters *c, mono_t now,
		  struct wall wall);
void acct_stop(struct aaa *a, struct grant *g, const struct aaa_stop *stop, mono_t now, struct wall wall);

/** acct_stop_refused - a user whom the server let in and we did not, or whom it refused: a stop without a start, where
 *  the configuration asks for one (spec 8.7). */
void acct_stop_refused(struct aaa *a, struct grant *g, const struct aaa_line *line, enum aaa_refusal why, bool accepted,
		       mono_t now, struct wall wall);

/** acct_tunnel - RFC 2867, where `radius tunnel-accounting` is on. */
void acct_tunnel(struct aaa *a, const struct aaa_tunnel_record *r, mono_t now, struct wall wall);

/** acct_node - Accounting-On when there are servers now and were none, -Off when there are none any more. */
void acct_node(struct aaa *a, bool servers, mono_t now, struct wall wall);

/** acct_restore - what the journal has from before a restart, one call an entry. @ref: where it is. */
void acct_restore(struct aaa *a, uint64_t ref, struct span body, mono_t now, struct wall wall);

static inline bool acct_started(const struct acct_session *s)
{
	return s->started_s != 0;
}

#endif
