/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a connection and of struct mgmt, for the files of this directory that carry commands out. */
#ifndef ADIT_MGMT_SESSION_INT_H
#define ADIT_MGMT_SESSION_INT_H

#include "base/list.h"
#include "mgmt/logring.h"
#include "mgmt/session.h"

/*
 * A display in progress. step() writes some rows to the session's body and returns true when it wants to go on;
 * at the end it leaves the answer's code in `code`. A step that has set `waits` is called again after something has
 * happened (a turn of the loop), at `due` at the latest; meanwhile the client may cancel.
 */
struct job {
	bool (*step)(struct mgmt_session *s, struct job *j);
	void (*end)(struct job *j);	/* however it ends; may be NULL */
	struct mgmt *m;
	enum mgmt_code code;
	bool json, detail, ended, named;
	struct model_filter filter;	/* its strings are in `text` */
	char *text[4];
	uint64_t pos, count;
	uint64_t tally[6];		/* summaries */
	bool waits;
	mono_t due;
	struct aaa_handle test;
};

struct place {
	enum mode mode;
	char *key;
};

enum session_state { SESSION_IDLE, SESSION_FILE, SESSION_JOB, SESSION_ENDING };

struct mgmt_session {
	struct mgmt *m;
	struct list link;
	enum session_state state;
	struct out in, body, tx, async;
	size_t file_len;
	struct place at[EDIT_DEPTH];	/* configuration mode and its objects; depth 0: exec */
	unsigned depth;
	struct job *job;
	bool json;			/* the command has `| json` */
	bool monitor;
	uint64_t lost;			/* monitor lines since the last that was sent */
	const struct lex *lex;		/* of the command in hand */
};

struct debug_wish {
	struct debug_wish *next;
	unsigned id;			/* the model's; 0: radius only */
	struct model_debug what;
	bool radius;
	char *user;
};

struct server;

struct mgmt {
	struct io_loop *loop;
	struct mgmt_conf c;		/* strings are owned */
	struct grammar *g;
	struct config conf;
	struct logring log;
	struct list sessions;
	struct debug_wish *debug;
	struct server *server;
	mono_t born;
	bool loaded;			/* ops.apply has been called */
	bool logging;			/* within mgmt_log: lines about lines are not logged */
};

static inline enum mode session_mode(const struct mgmt_session *s)
{
	return s->depth ? s->at[s->depth - 1].mode : MODE_EXEC;
}

mono_t mgmt_now(const struct mgmt *m);
struct wall mgmt_wall(const struct mgmt *m);

/** session_error - `% text` as the answer's output. Return: the code given. */
enum mgmt_code session_error(struct mgmt_session *s, enum mgmt_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** session_line - one command line in the present mode (line.c). */
enum mgmt_code session_line(struct mgmt_session *s, const char *line, size_t len);
void session_help(struct mgmt_session *s, const char *line, size_t len);
void session_complete(struct mgmt_session *s, const char *line, size_t len);
/** session_file - configuration lines, added whole or not at all. */
enum mgmt_code session_file(struct mgmt_session *s, const char *text, size_t len);
void session_prompt(const struct mgmt_session *s, struct out *o);

/** session_leave - out of the innermost mode; session_leave_all - to exec. */
void session_leave(struct mgmt_session *s);
int session_enter(struct mgmt_session *s, enum mode mode, const void *scope);

/** session_job - starts a display. Return: the job, zeroed but for json, or NULL (the session has said so). */
struct job *session_job(struct mgmt_session *s, bool (*step)(struct mgmt_session *, struct job *));
void job_free(struct job *j);

/** session_async - one line for a terminal monitor; lost, and counted, when the client is slow. */
void session_async(struct mgmt_session *s, const char *line, size_t len);

/** mgmt_put_in_force - applies a tree and takes it over; `next` is empty after success. Return: 0 or -errno. */
int mgmt_put_in_force(struct mgmt *m, struct config *next);

/**
 * mgmt_write_memory - the running configuration into its file, atomically, and into the history
 * @why: what people are told when something fails
 *
 * Return: 0; -EINVAL when a reference dangles, which a restart would refuse; other -errno.
 */
int mgmt_write_memory(struct mgmt *m, struct out *why);

/** mgmt_debug_del - ends the wishes like this one, or all (NULL). Return: how many. mgmt_debug_add: 0 (also when there
 * is the same already), -ENOSPC or -ENOMEM. `radius`: RADIUS datagrams too. */
unsigned mgmt_debug_del(struct mgmt *m, const struct model_debug *like, bool radius);
int mgmt_debug_add(struct mgmt *m, const struct model_debug *what, bool radius);

void server_free(struct server *sv);
/** server_kick - a session has octets to send that did not come from its own input. */
void server_kick(struct mgmt *m, struct mgmt_session *s);

#endif
