/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounting: when which record is made (RFC 2866 §2, §4.1; updates: RFC 2869 §2.1), totals, and what is done about sessions
 * that a crash ended.
 */
#include "aaa/acct.h"

#include "aaa/aaa_priv.h"
#include "aaa/acct_record.h"
#include "aaa/radius_line.h"
#include "wire/radius_attr.h"

enum {
	ATTRS_MAX = RADIUS_PKT_MAX - RADIUS_HDR_LEN - 6,	/* without the header and Acct-Delay-Time */
	FIGURES_MAX = 96,
	INTERIM_MAX_S = 31 * 86400,				/* for the spreading; whoever wants a longer interval has it */
	IDENTITY_MAX = ATTRS_MAX - FIGURES_MAX,			/* what does not fit is left out: its last attributes */
};

void acct_id_text(uint64_t id, char out[20])
{
	static const char hex[] = "0123456789abcdef";

	memset(out, 0, 20);
	for (int i = 15; i >= 0; i--, id >>= 4)
		out[i] = hex[id & 15];
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

uint64_t acct_id_parse(const char *text)
{
	uint64_t id = 0;

	for (int i = 0; i < 16; i++) {
		int d = hex_digit(text[i]);

		if (d < 0)
			return 0;
		id = id << 4 | (unsigned)d;
	}
	return text[16] ? 0 : id;
}

void acct_session_init(struct acct_session *s, uint64_t id, uint32_t interim_s, bool radius)
{
	*s = (struct acct_session){ .id = id, .interim_due = MONO_NEVER, .interim_s = interim_s, .radius = radius };
}

/* ---- records ---- */

/* Return: whether the journal has it. */
static bool put(struct aaa *a, enum acct_kind kind, uint64_t session, struct span identity,
		const struct acct_figures *f, mono_t now, struct wall wall)
{
	uint8_t buf[ATTRS_MAX];
	struct wr w = wr_of(buf, sizeof(buf));

	acct_put_figures(&w, &a->conf, kind, f);
	wr_put(&w, identity);
	return acct_queue_put(&a->acct.queue, kind, session, wr_span(&w),
			      (uint32_t)(wall.s > f->when_s ? wall.s - f->when_s : 0), 0, now, wall);
}

/* Whether who a session is reads the same in a Start and in a Stop: then it is written once for both. */
static bool start_is_as_stop(const struct aaa_conf *c)
{
	const uint8_t both = 1 << AAA_INCLUDE_ACCT_START | 1 << AAA_INCLUDE_ACCT_STOP;

	for (unsigned i = 0; i < AAA_INCLUDE_COUNT; i++) {
		uint8_t in = c->radius.include[i] & both;

		if ((aaa_includes[i].may & both) == both && in && in != both)
			return false;
	}
	return true;
}

/* The record, with who the session is in @w, and nothing else in it. */
static void session_record(struct aaa *a, struct grant *g, enum acct_kind kind, const struct aaa_line *line,
			   const struct acct_figures *f, struct wr *w, mono_t now, struct wall wall)
{
	acct_put_identity(w, &a->conf, kind == ACCT_START ? AAA_INCLUDE_ACCT_START : AAA_INCLUDE_ACCT_STOP, g, line);
	put(a, kind, g->acct.id, wr_span(w), f, now, wall);
}

/* Its entry in the journal, new or with newer figures. @identity: as a Stop would have it. */
static void session_open(struct aaa *a, struct grant *g, struct span identity, const struct acct_figures *f)
{
	uint8_t buf[IDENTITY_MAX + 64];
	struct wr w = wr_of(buf, sizeof(buf));
	struct acct_journal *j = &a->acct.queue.journal;
	uint64_t before = g->acct.ref;

	acct_open_encode(&w, &(struct acct_open){ .session = g->acct.id, .seen_s = f->when_s, .session_s = f->session_s,
						  .counters = f->counters, .identity = identity });
	g->acct.ref = acct_journal_append(j, wr_span(&w));
	if (!g->acct.ref) {	/* an old entry is better than none */
		a->acct.queue.count[ACCT_QUEUE_JOURNAL_ERRORS]++;
		g->acct.ref = before;
		return;
	}
	acct_journal_done(j, &before);
}

/* A Start or an update, and what the journal keeps of the session from now on. */
static void session_told(struct aaa *a, struct grant *g, enum acct_kind kind, const struct aaa_line *line,
			 const struct acct_figures *f, mono_t now, struct wall wall)
{
	uint8_t buf[IDENTITY_MAX];
	struct wr w = wr_of(buf, sizeof(buf));

	session_record(a, g, kind, line, f, &w, now, wall);
	if (!a->acct.queue.journal.append)
		return;
	if (kind == ACCT_START && !start_is_as_stop(&a->conf)) {
		w = wr_of(buf, sizeof(buf));
		acct_put_identity(&w, &a->conf, AAA_INCLUDE_ACCT_STOP, g, line);
	}
	session_open(a, g, wr_span(&w), f);
}

static void session_stop(struct aaa *a, struct grant *g, enum acct_kind kind, const struct aaa_line *line,
			 const struct acct_figures *f, mono_t now, struct wall wall)
{
	uint8_t buf[IDENTITY_MAX];
	struct wr w = wr_of(buf, sizeof(buf));

	session_record(a, g, kind, line, f, &w, now, wall);
}

/* ---- the life of a session ---- */

/* Whoever came together (a storm) has its updates spread: the first comes after half to a whole interval. */
static void interim_arm(struct aaa *a, struct acct_session *s, bool first, mono_t now)
{
	uint32_t half_ms = (s->interim_s < INTERIM_MAX_S ? s->interim_s : INTERIM_MAX_S) * 500;

	if (!s->interim_s)
		s->interim_due = MONO_NEVER;
	else if (first)
		s->interim_due = mono_add_ms(now, (int64_t)half_ms + rng_below(&a->acct.rng, half_ms + 1));
	else
		s->interim_due = mono_add_s(now, s->interim_s);
}

void acct_start(struct aaa *a, struct grant *g, const struct aaa_line *line, mono_t now, struct wall wall)
{
	struct acct_session *s = &g->acct;
	struct acct_figures f = { .when_s = wall.s };

	interim_arm(a, s, true, now);
	s->started_s = wall.s ? wall.s : 1;
	s->started = now;
	a->acct.starts++;
	a->acct.active++;
	if (!s->radius)
		return;
	session_told(a, g, ACCT_START, line, &f, now, wall);
}

void acct_interim(struct aaa *a, struct grant *g, const struct aaa_line *line, const struct aaa_counters *c, mono_t now,
		  struct wall wall)
{
	struct acct_session *s = &g->acct;
	struct acct_figures f = { .counters = *c, .session_s = (uint32_t)mono_s_between(s->started, now),
				  .when_s = wall.s };

	if (!acct_started(s) || !mono_due(s->interim_due, now))
		return;
	a->acct.interims++;
	interim_arm(a, s, false, now);
	if (!s->radius)
		return;
	session_told(a, g, ACCT_INTERIM, line, &f, now, wall);
}

static void add_ended(struct acct *t, const struct aaa_counters *c)
{
	t->stops++;
	t->active--;
	t->ended.in_octets += c->in_octets;
	t->ended.out_octets += c->out_octets;
	t->ended.in_packets += c->in_packets;
	t->ended.out_packets += c->out_packets;
}

void acct_stop(struct aaa *a, struct grant *g, const struct aaa_stop *stop, mono_t now, struct wall wall)
{
	struct acct_session *s = &g->acct;
	struct acct_figures f = { .counters = stop->counters, .session_s = (uint32_t)mono_s_between(s->started, now),
				  .terminate_cause = stop->terminate_cause, .when_s = wall.s };

	if (!acct_started(s))
		return;
	add_ended(&a->acct, &stop->counters);
	if (s->radius) {
		session_stop(a, g, ACCT_STOP, stop->line, &f, now, wall);
		acct_journal_done(&a->acct.queue.journal, &s->ref);
	}
	s->started_s = 0;
	s->interim_due = MONO_NEVER;
}

void acct_stop_refused(struct aaa *a, struct grant *g, const struct aaa_line *line, enum aaa_refusal why, bool accepted,
		       mono_t now, struct wall wall)
{
	struct acct_figures f = { .terminate_cause = aaa_refusal_terminate_cause(why), .when_s = wall.s };

	if (!g->acct.radius || g->test)
		return;
	if (accepted ? a->conf.acct.no_stop_on_aaa_failure : !a->conf.acct.stop_on_access_deny)
		return;
	session_stop(a, g, ACCT_REFUSED, line, &f, now, wall);
}

/* ---- the node ---- */

void acct_node(struct aaa *a, bool servers, mono_t now, struct wall wall)
{
	struct acct_figures f = { .terminate_cause = RADIUS_ACCT_TERMINATE_CAUSE_ADMIN_REBOOT, .when_s = wall.s };
	enum aaa_include_message message = servers ? AAA_INCLUDE_ACCT_ON : AAA_INCLUDE_ACCT_OFF;
	uint8_t buf[512];
	struct wr w = wr_of(buf, sizeof(buf));
	char id[20];

	if (servers == a->acct.on)
		return;
	a->acct.on = servers;
	acct_id_text(a->next_session_id++, id);
	radius_put_span(&w, RADIUS_ATTR_ACCT_SESSION_ID, span_str(id));
	radius_put_node(&w, &a->conf, message, NULL);
	put(a, servers ? ACCT_ON : ACCT_OFF, 0, wr_span(&w), &f, now, wall);
}

/* ---- after a restart ---- */

static uint32_t age_s(int64_t when_s, struct wall wall)
{
	return when_s < wall.s ? (uint32_t)(wall.s - when_s) : 0;
}

/* The daemon was killed while this session was up: it ended then, as far as anybody knows. */
static void restore_open(struct aaa *a, uint64_t ref, const struct acct_open *o, mono_t now, struct wall wall)
{
	struct acct_figures f = {
		.counters = o->counters, .when_s = o->seen_s, .session_s = o->session_s,
		.terminate_cause = RADIUS_ACCT_TERMINATE_CAUSE_NAS_REBOOT,
	};

	if (put(a, ACCT_STOP, o->session, o->identity, &f, now, wall))
		acct_journal_done(&a->acct.queue.journal, &ref);
}

/* Two runs that began in the same second, or a clock that was set back: no id is used twice. */
static void id_was_used(struct aaa *a, uint64_t id)
{
	if (id >= a->next_session_id)
		a->next_session_id = id + 1;
}

static bool is_sessions(enum acct_kind kind)
{
	return kind == ACCT_START || kind == ACCT_INTERIM || kind == ACCT_STOP || kind == ACCT_REFUSED;
}

void acct_restore(struct aaa *a, uint64_t ref, struct span body, mono_t now, struct wall wall)
{
	struct acct_queue *q = &a->acct.queue;
	struct acct_record_body rec;
	struct acct_open open;

	if (acct_open_decode(body, &open)) {
		q->count[ACCT_QUEUE_RESTORED]++;
		id_was_used(a, open.session);
		restore_open(a, ref, &open, now, wall);
	} else if (acct_record_decode(body, &rec)) {
		q->count[ACCT_QUEUE_RESTORED]++;
		if (is_sessions(rec.kind))
			id_was_used(a, rec.session);
		acct_queue_put(q, rec.kind, rec.session, rec.attrs, age_s(rec.when_s, wall), ref, now, wall);
	} else {
		q->count[ACCT_QUEUE_JOURNAL_ERRORS]++;
		acct_journal_done(&q->journal, &ref);
	}
}
