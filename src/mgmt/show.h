/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Displays. What is shown of an object is a table of fields; the detailed text and the JSON object both come from it.
 */
#ifndef ADIT_MGMT_SHOW_H
#define ADIT_MGMT_SHOW_H

#include "mgmt/session_int.h"

enum show_kind {
	SHOW_HEADING,		/* text only */
	SHOW_STR, SHOW_SPAN, SHOW_CHARS,	/* const char *, struct span, char[] */
	SHOW_U8, SHOW_U16, SHOW_U32, SHOW_U64,
	SHOW_BOOL, SHOW_ADMIN, SHOW_ADDR, SHOW_WALL, SHOW_IID,
	SHOW_VERSION,		/* uint16_t: 1.0 */
	SHOW_BEARER, SHOW_FRAMING,	/* uint32_t, bits of RFC 2661 §4.4.3 and §4.4.4 as words; none */
	SHOW_TRAFFIC,		/* struct model_traffic */
	SHOW_COUNTS,		/* struct model_counts */
};

enum { SHOW_IF_SET = 1 };	/* left out of the text when zero, empty or none */

struct show_field {
	enum show_kind kind;
	const char *json;	/* NULL: not in JSON */
	const char *text;	/* "Local tunnel id is"; NULL: not in the text */
	size_t off;
	unsigned flags;
};

/** show_text - the lines of the detailed text, `none` where a text or an address is empty. The table ends with an entry
 * of neither name. */
void show_text(struct out *o, const struct show_field *f, const void *row, unsigned indent);

/** show_add - adds the fields to an object. json_line - writes an object as one line and frees it. */
void show_add(json_t *obj, const struct show_field *f, const void *row);
void json_line(struct out *o, json_t *obj);

/** json_octets - peers' octets as a JSON string: as they are when they are valid UTF-8 without NUL, else
 * escaped as in the text. */
json_t *json_octets(struct span s);
json_t *json_addr(const struct ip_addr *a);	/* null for none */

const char *admin_text(enum admin_state a);	/* enabled, disabled, drain */
const char *on_off(bool on);			/* enabled, disabled */

/** uptime_text - 3d04:05:06. */
enum { UPTIME_TEXT = 40 };
const char *uptime_text(uint64_t seconds, char buf[UPTIME_TEXT]);

/** show_filter - the object a display or operation is about, from a match (values name, address, user, ...).
 * Return: false: told. */
bool show_filter(struct mgmt_session *s, const struct gr_match *m, struct job *j);

/** show_ready - the model is there to be asked; else says so. */
bool show_ready(struct mgmt_session *s);

/** show_l2tp_system, show_l2tp_counters, show_dataplane - commands (cmd_show_system.c). */
int show_l2tp_system(struct mgmt_session *s, const struct gr_match *m);
int show_l2tp_counters(struct mgmt_session *s, const struct gr_match *m);
int show_dataplane(struct mgmt_session *s, const struct gr_match *m);

enum { SHOW_ROWS = 32 };	/* rows a step */

#endif
