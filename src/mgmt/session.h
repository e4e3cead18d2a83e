/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection of the management protocol, as octets in and octets out: no socket here (server.c has it). A
 * long display is a job that goes on while the client takes what was written; meanwhile no further request is
 * read.
 */
#ifndef ADIT_MGMT_SESSION_H
#define ADIT_MGMT_SESSION_H

#include <jansson.h>

#include "mgmt/edit.h"
#include "mgmt/mgmt.h"

enum {
	SESSION_LINE_MAX = 8192,	/* a request */
	SESSION_FILE_MAX = 16 << 20,	/* a `file` */
	SESSION_TX_HIGH = 64 << 10,	/* unsent octets at which a job pauses */
	SESSION_MONITOR_MAX = 64 << 10,	/* unsent octets at which a monitor loses lines */
};

/* Answer codes: docs/management-protocol.md. */
enum mgmt_code {
	MGMT_PENDING = 0,		/* a job was started; it ends with a code of its own */
	MGMT_OUTPUT = 100, MGMT_ASYNC = 110,
	MGMT_DONE = 200, MGMT_BYE = 221,
	MGMT_SYNTAX = 400, MGMT_NOT_FOUND = 404, MGMT_REFUSED = 409, MGMT_FAILED = 500,
};

struct mgmt_session;

/** mgmt_session_new - a connection in exec mode. NULL: out of memory. mgmt_session_free ends it. */
struct mgmt_session *mgmt_session_new(struct mgmt *m);
void mgmt_session_free(struct mgmt_session *s);

/** mgmt_session_wants - how many octets it would take now; 0 while it is busy. */
size_t mgmt_session_wants(const struct mgmt_session *s);
/** mgmt_session_rx - octets from the client. */
void mgmt_session_rx(struct mgmt_session *s, const void *p, size_t n);
/** mgmt_session_run - carries on with what was asked, a bounded piece. Return: true when it could go on at once. */
bool mgmt_session_run(struct mgmt_session *s);
/** mgmt_session_tx - octets for the client. mgmt_session_sent - n of them are gone. */
struct span mgmt_session_tx(const struct mgmt_session *s);
void mgmt_session_sent(struct mgmt_session *s, size_t n);
/** mgmt_session_waits - for something that is not the client's to do: run it again each turn, and at the deadline. */
bool mgmt_session_waits(const struct mgmt_session *s);
mono_t mgmt_session_deadline(const struct mgmt_session *s);
/** mgmt_session_ended - after `exit`, a broken protocol or out of memory: close once everything is sent. */
bool mgmt_session_ended(const struct mgmt_session *s);

#endif
