/* SPDX-License-Identifier: BSD-2-Clause */
/* docs/management-protocol.md: requests out of octets, answers into frames, jobs that go on as the client reads. */
#include "mgmt/session_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAME_MAX = 16 << 10 };

struct mgmt_session *mgmt_session_new(struct mgmt *m)
{
	struct mgmt_session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->m = m;
	list_push_back(&m->sessions, &s->link);
	return s;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	if (j->end)
		j->end(j);
	for (unsigned i = 0; i < sizeof(j->text) / sizeof(j->text[0]); i++)
		free(j->text[i]);
	free(j);
}

void mgmt_session_free(struct mgmt_session *s)
{
	if (!s)
		return;
	while (s->depth)
		session_leave(s);
	job_free(s->job);
	list_del(&s->link);
	if (s->in.p)
		explicit_bzero(s->in.p, s->in.cap);
	out_fini(&s->in);
	out_fini(&s->body);
	out_fini(&s->tx);
	out_fini(&s->async);
	free(s);
}

struct job *session_job(struct mgmt_session *s, bool (*step)(struct mgmt_session *, struct job *))
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j) {
		session_error(s, MGMT_FAILED, "Out of memory");
		return NULL;
	}
	j->step = step;
	j->m = s->m;
	j->due = MONO_NEVER;
	j->json = s->json;
	j->code = MGMT_DONE;
	s->job = j;
	return j;
}

enum mgmt_code session_error(struct mgmt_session *s, enum mgmt_code code, const char *fmt, ...)
{
	va_list ap;

	out_str(&s->body, "% ");
	va_start(ap, fmt);
	out_vfmt(&s->body, fmt, ap);
	va_end(ap);
	out_char(&s->body, '\n');
	return code;
}

/* ---- frames ---- */

static void frame(struct out *o, enum mgmt_code code, const char *p, size_t n)
{
	out_fmt(o, "=%d %zu\n", code, n);
	out_bytes(o, p, n);
}

static void flush_body(struct mgmt_session *s)
{
	for (size_t at = 0; at < s->body.len; at += FRAME_MAX) {
		size_t n = s->body.len - at;

		frame(&s->tx, MGMT_OUTPUT, s->body.p + at, n < FRAME_MAX ? n : FRAME_MAX);
	}
	s->tx.failed |= s->body.failed;
	out_reset(&s->body);
}

static void answer(struct mgmt_session *s, enum mgmt_code code)
{
	struct out prompt = { 0 };

	flush_body(s);
	session_prompt(s, &prompt);
	frame(&s->tx, code, prompt.p ? prompt.p : "", prompt.len);
	out_fini(&prompt);
	s->state = code == MGMT_BYE ? SESSION_ENDING : SESSION_IDLE;
	out_bytes(&s->tx, s->async.p ? s->async.p : "", s->async.len);
	out_reset(&s->async);
}

/* Monitor lines come between answers, never within one. */
void session_async(struct mgmt_session *s, const char *line, size_t len)
{
	struct out *o = s->state == SESSION_IDLE || s->state == SESSION_ENDING ? &s->tx : &s->async;

	if (s->tx.len + s->async.len + len > SESSION_MONITOR_MAX) {
		s->lost++;
		return;
	}
	if (s->lost) {
		char text[64];
		int n = snprintf(text, sizeof(text), "%% %llu lines were lost\n", (unsigned long long)s->lost);

		frame(o, MGMT_ASYNC, text, (size_t)n);
		s->lost = 0;
	}
	out_fmt(o, "=%d %zu\n", MGMT_ASYNC, len + 1);
	out_bytes(o, line, len);
	out_char(o, '\n');
	server_kick(s->m, s);
}

/* ---- requests ---- */

static bool is_verb(const char *line, size_t len, const char *verb)
{
	size_t n = strlen(verb);

	return len >= n && memcmp(line, verb, n) == 0 && (len == n || line[n] == ' ');
}

static enum mgmt_code start_file(struct mgmt_session *s, const char *arg, size_t n)
{
	size_t len = 0;

	if (!n)
		return session_error(s, MGMT_SYNTAX, "The request lacks its length");
	for (size_t i = 0; i < n; i++) {
		if (arg[i] < '0' || arg[i] > '9' || len > SESSION_FILE_MAX)
			return session_error(s, MGMT_SYNTAX, "Not a length (0-%d)", SESSION_FILE_MAX);
		len = len * 10 + (size_t)(arg[i] - '0');
	}
	if (len > SESSION_FILE_MAX) {
		/* what follows cannot be told from requests any more */
		session_error(s, MGMT_SYNTAX, "Not a length (0-%d)", SESSION_FILE_MAX);
		return MGMT_BYE;
	}
	s->file_len = len;
	s->state = SESSION_FILE;
	return MGMT_PENDING;
}

static enum mgmt_code request(struct mgmt_session *s, const char *line, size_t len)
{
	static const char *const verbs[] = { "line", "help", "complete", "file", "cancel", "prompt" };
	unsigned v = 0;
	const char *arg;
	size_t n;

	while (v < 6 && !is_verb(line, len, verbs[v]))
		v++;
	if (v == 6)
		return session_error(s, MGMT_SYNTAX, "Unknown request");
	n = strlen(verbs[v]);
	arg = line + n + (len > n);
	n = len - (size_t)(arg - line);
	switch (v) {
	case 0:
		return session_line(s, arg, n);
	case 1:
		session_help(s, arg, n);
		break;
	case 2:
		session_complete(s, arg, n);
		break;
	case 3:
		return start_file(s, arg, n);
	case 4:
		return MGMT_PENDING;	/* what it was to end has ended, and it has no answer of its own */
	default:
		break;
	}
	return MGMT_DONE;
}

static void finish(struct mgmt_session *s, enum mgmt_code code)
{
	if (code == MGMT_PENDING) {
		if (s->job)
			s->state = SESSION_JOB;
		return;
	}
	job_free(s->job);
	s->job = NULL;
	answer(s, code);
}

/* Return: true when a request was taken from the input. */
static bool take_request(struct mgmt_session *s)
{
	const char *end = s->in.len ? memchr(s->in.p, '\n', s->in.len) : NULL;
	size_t n;

	if (!end) {
		if (s->in.len <= SESSION_LINE_MAX)
			return false;
		session_error(s, MGMT_SYNTAX, "Request too long");
		answer(s, MGMT_BYE);
		return false;
	}
	n = (size_t)(end - s->in.p);
	finish(s, request(s, s->in.p, n && s->in.p[n - 1] == '\r' ? n - 1 : n));
	out_drop(&s->in, n + 1);
	return true;
}

static bool take_file(struct mgmt_session *s)
{
	enum mgmt_code code;

	if (s->in.len < s->file_len)
		return false;
	code = session_file(s, s->in.p ? s->in.p : "", s->file_len);
	out_drop(&s->in, s->file_len);
	answer(s, code);
	return true;
}

/* The client's wish that a job which waits should end. */
static bool take_cancel(struct mgmt_session *s)
{
	const char *end = s->job->waits && s->in.len ? memchr(s->in.p, '\n', s->in.len) : NULL;

	if (!end || !is_verb(s->in.p, (size_t)(end - s->in.p), "cancel"))
		return false;
	out_drop(&s->in, (size_t)(end - s->in.p) + 1);
	return true;
}

static bool run_job(struct mgmt_session *s)
{
	if (take_cancel(s)) {
		s->job->code = session_error(s, MGMT_REFUSED, "Interrupted");
	} else if (s->job->step(s, s->job)) {
		flush_body(s);
		return !s->job->waits;
	}
	finish(s, s->job->code);
	return true;
}

bool mgmt_session_run(struct mgmt_session *s)
{
	if (s->tx.failed || s->in.failed || s->body.failed)
		s->state = SESSION_ENDING;
	if (s->tx.len >= SESSION_TX_HIGH)
		return false;
	switch (s->state) {
	case SESSION_IDLE: return take_request(s);
	case SESSION_FILE: return take_file(s);
	case SESSION_JOB: return run_job(s);
	case SESSION_ENDING: break;
	}
	return false;
}

size_t mgmt_session_wants(const struct mgmt_session *s)
{
	size_t cap = s->state == SESSION_FILE ? s->file_len : SESSION_LINE_MAX + 1;

	if (s->state == SESSION_ENDING || (s->state == SESSION_JOB && !s->job->waits))
		return 0;
	return s->in.len < cap ? cap - s->in.len : 0;
}

void mgmt_session_rx(struct mgmt_session *s, const void *p, size_t n)
{
	out_bytes(&s->in, p, n);
}

struct span mgmt_session_tx(const struct mgmt_session *s)
{
	return span_of(s->tx.p, s->tx.len);
}

void mgmt_session_sent(struct mgmt_session *s, size_t n)
{
	out_drop(&s->tx, n);
}

bool mgmt_session_ended(const struct mgmt_session *s)
{
	return s->state == SESSION_ENDING;
}

bool mgmt_session_waits(const struct mgmt_session *s)
{
	return s->state == SESSION_JOB && s->job->waits;
}

mono_t mgmt_session_deadline(const struct mgmt_session *s)
{
	return mgmt_session_waits(s) ? s->job->due : MONO_NEVER;
}
