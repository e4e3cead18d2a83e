/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One configuration command on a tree. A mode has a scope: the object its commands change (the whole tree, a
 * profile, a host profile, ...). Scopes are found by key, so that a connection in a mode survives any change of
 * the tree.
 */
#ifndef ADIT_MGMT_EDIT_H
#define ADIT_MGMT_EDIT_H

#include "mgmt/config.h"
#include "mgmt/grammar.h"

enum mode {
	MODE_ANY,		/* exec commands that every mode knows: show, exit, ... */
	MODE_EXEC,
	MODE_GLOBAL,
	MODE_LOOPBACK,
	MODE_PROFILE,
	MODE_USER,
	MODE_RADIUS_AUTH, MODE_RADIUS_ACCT,
	MODE_DEST_PROFILE,
	MODE_GROUP,
	MODE_HOST,
	MODE_COUNT
};

struct mode_desc {
	const char *title;	/* heading in `?` */
	const char *prompt;	/* within the brackets of the prompt; NULL: exec */
	enum mode outer;
	/* An object's key, and the object of a key in an outer scope. NULL for the whole tree. */
	void (*key)(const void *scope, struct out *key);
	void *(*find)(void *outer, const char *key);
};

/** mode_desc - what a mode is. */
const struct mode_desc *mode_desc(enum mode mode);

/** mode_chain - a mode and those around it, innermost first, MODE_ANY last. Return: how many. */
unsigned mode_chain(enum mode mode, unsigned chain[MODE_COUNT]);

/**
 * mode_lookup - which command a line is, looked up in a mode and then outwards: the innermost mode in which it is spelt
 * out, else the innermost in which it matches by abbreviation. `m->cmd->mode` tells where it was found.
 *
 * Return: false with the fault of the innermost mode that understood at least the first word, or of the innermost.
 */
bool mode_lookup(const struct grammar *g, enum mode mode, const struct lex *l, struct gr_match *m, struct gr_error *e);

enum { EDIT_DEPTH = 4 };

struct edit {
	struct config *conf;
	enum mode mode;			/* of the command */
	void *scope[EDIT_DEPTH];	/* outermost (the tree) first; the last is the command's own */
	unsigned depth;			/* scopes in use */
	void *opened;			/* the object whose mode the command entered */
	char error[128];
	int error_value;		/* index into the match's values; -1: the whole command */
	struct user_index *users;	/* while a file is read; else NULL */
};

/** edit_run - carries a matched command out. Return: 0, or -1 with `error`; the tree may be half changed then. */
int edit_run(struct edit *e, const struct gr_match *m);

/** edit_error - says why not; `value` names the one at fault (NULL: none in particular). Return: -1. */
int edit_error(struct edit *e, const struct gr_match *m, const char *value, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int edit_no_memory(struct edit *e);

/** edit_str - replaces a string of the tree by a copy; v NULL: none. Return: 0, or -1 out of memory. */
int edit_str(struct edit *e, char **at, const char *v);

/** edit_defaults - gives the fields of a new object of a mode the defaults of the tables. Return: 0 or -1. */
int edit_defaults(struct edit *e, enum mode mode, void *scope);

static inline void *edit_scope(const struct edit *e)
{
	return e->scope[e->depth - 1];
}

/* ---- writing ---- */

struct conf_writer {
	struct out *o;
	unsigned level;
};

/** conf_line - one line at the present depth; lines with names are made of conf_begin, out_word, conf_end. */
void conf_line(struct conf_writer *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct out *conf_begin(struct conf_writer *w);
void conf_end(struct conf_writer *w);
/** conf_mode - the lines of a mode for one of its objects, one level deeper. */
void conf_mode(struct conf_writer *w, enum mode mode, const void *scope);
/** conf_field - the line of a row's field, unless it has its default. */
void conf_field(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope);

/**
 * conf_secret_at - where a line of configuration, right or wrong, may have a secret
 *
 * After a word that is the keyword before one, or begins like it: people mistype and abbreviate.
 *
 * Return: the offset of the first octet that must not be shown; @len if there is none.
 */
size_t conf_secret_at(const char *line, size_t len);

/**
 * config_read - edits a tree by a configuration file's lines
 * @c:      the tree, changed on the way; to be thrown away after a failure
 * @base:   when the file is added to a tree: that tree, whose dangling references are not this file's fault; else NULL
 * @name:   what messages call the file
 * @errors: each fault as `NAME:LINE: message`, the line (without secrets), and a caret; without faults, a line for
 *          what has no effect (config_warn)
 *
 * Depth is given by indentation, column 0 is global; references are checked after the whole was read.
 *
 * Return: the number of faults.
 */
unsigned config_read(const struct grammar *g, struct config *c, const struct config *base, const char *name,
		     const char *text, size_t len, struct out *errors);

/* ---- the tables ---- */

extern const struct gr_type mgmt_types[];
extern const struct gr_cmd *const mgmt_tables[];	/* all */
extern const struct gr_cmd cmd_system[], cmd_aaa[], cmd_acct[], cmd_radius[], cmd_aaa_local[],
	cmd_pool[], cmd_profile[], cmd_l2tp[], cmd_l2tp_admin[], cmd_dest_profile[], cmd_host[];
extern const struct gr_cmd cmd_exec[], cmd_show[], cmd_show_l2tp[], cmd_show_profile[], cmd_show_aaa[],
	cmd_show_subscribers[], cmd_show_radius[], cmd_test[];

#endif
