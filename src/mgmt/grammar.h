/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar engine. Commands are rows of tables; from them come parsing, abbreviations, `?`, Tab, `no` forms
 * and, with the row's field or write function, the running configuration. Each mode has one tree of words.
 *
 * Pattern:  word  <name:type>  <name:min-max>  [optional]  [one|other]  {one|other}  <name:type>+ (one or more,
 * to the end) Help:     one text a word or value, in the order of the pattern, separated by `|`.
 *
 * How a word is matched: a keyword in full wins; then a value that accepts it; then the only keyword that
 * begins with it.
 */
#ifndef ADIT_MGMT_GRAMMAR_H
#define ADIT_MGMT_GRAMMAR_H

#include <stdint.h>

#include "base/ipaddr.h"
#include "mgmt/lex.h"
#include "mgmt/out.h"

enum gr_kind { GR_INT, GR_IPV4, GR_ADDR, GR_MASK, GR_NAME, GR_ENUM, GR_OBJECT, GR_LINE };

struct gr_choice {
	const char *word, *help;	/* word NULL ends */
	int value;
};

struct gr_type {
	const char *name;		/* in patterns */
	enum gr_kind kind;
	uint64_t min, max;		/* INT: the range; NAME: longest; OBJECT: numbers in D/T/S */
	const struct gr_choice *choices;/* ENUM */
	const char *show;		/* what `?` shows for it; NULL: by kind */
	unsigned names;			/* NAME, INT: what it names (the owner's enum), for completion; 0: nothing */
	bool refers;			/* ... and the thing must exist in the end */
	bool secret;
};

enum gr_flag {
	/* has a `no` form: the pattern with its values optional, unless `no` says otherwise */
	GR_NO = 1,
	GR_JSON = 2, /* a display: takes `| json` */
};

/* A plain setting: where a row's first value lives in the scope of its mode. */
enum gr_field_kind {
	FIELD_NONE, FIELD_U8, FIELD_U16, FIELD_U32,
	FIELD_TRUE, FIELD_FALSE,	/* a bool that the command sets so, and `no` the other way */
	FIELD_STR, FIELD_ADDR,		/* char *, struct ip_addr */
	FIELD_IP4,			/* uint32_t in host order; 0 none */
	FIELD_ENUM,			/* uint32_t */
	FIELD_ENUMS,			/* array of enum (int sized), 0 ends */
	FIELD_SWITCH, FIELD_SWITCH_OFF,	/* a bool, off by default, that {enable|disable} sets, or disable|enable */
};

enum gr_field_flag {
	FIELD_SHOWN = 1,		/* written even when it has its default */
	FIELD_NO_IS_ZERO = 2,		/* `no` means 0 (off) and is written so; the default is something else */
	FIELD_KEPT = 4,			/* a number that was given is written, though it is the default */
};

struct gr_field {
	enum gr_field_kind kind;
	unsigned flags;
	size_t off;
	uint32_t dflt;			/* of numbers; capacity of FIELD_ENUMS */
	const char *dflt_str;
	size_t kept_off;		/* FIELD_KEPT: the uint8_t of the scope that remembers, */
	uint8_t kept_bit;		/* and its bit there */
};

struct edit;
struct mgmt_session;
struct conf_writer;
struct gr_match;

struct gr_cmd {
	const char *pattern, *help;
	unsigned mode;
	unsigned flags;
	const char *no;			/* pattern after `no`, when it is not the derived one */
	struct gr_field field;
	unsigned opens;			/* the mode it enters; 0: none */
	/* Configuration: changes the tree. Return: 0, or -1 with edit_error(). NULL: the field. */
	int (*edit)(struct edit *e, const struct gr_match *m);
	/* Exec: returns an answer code (docs/management-protocol.md). */
	int (*exec)(struct mgmt_session *s, const struct gr_match *m);
	/* Running configuration: writes the row's lines for a scope. NULL: the field, if any. */
	void (*write)(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope);
};

struct gr_node {
	struct gr_node *child, *next;
	const char *word, *help;	/* keyword, or the value's name */
	const struct gr_type *type;	/* NULL: keyword */
	bool repeat;
	bool no;			/* below the keyword `no` */
	const struct gr_cmd *cmd;	/* a command ends here */
};

enum { GR_VALUES_MAX = 12 };

struct gr_value {
	const char *name;
	const struct gr_type *type;
	unsigned word;			/* its index in the line */
	uint64_t num;			/* INT, ENUM (the choice's value) */
	struct ip_addr ip;		/* IPV4, ADDR, MASK */
	unsigned prefix_len;		/* MASK */
	unsigned obj[3], parts;		/* OBJECT */
	const char *str;		/* NAME, LINE: in the struct lex, or the line */
};

struct gr_match {
	const struct gr_cmd *cmd;
	bool no;
	const struct lex *lex;
	unsigned n;
	struct gr_value v[GR_VALUES_MAX];
	const struct gr_node *path[LEX_WORDS_MAX];
	unsigned words;
	bool abbreviated;		/* some keyword was not spelt out */
};

enum gr_fault { GR_OK, GR_UNKNOWN, GR_AMBIGUOUS, GR_INCOMPLETE, GR_BAD_VALUE, GR_LEXICAL };

struct gr_error {
	enum gr_fault fault;
	unsigned col;			/* where the caret goes */
	unsigned understood;		/* words before the fault */
	char text[128];			/* without the `% ` */
};

struct grammar;

/**
 * gr_new - builds the trees
 * @tables: arrays of rows, each ended by a row without pattern; the list ends with NULL. Borrowed.
 * @types:  named types, ended by one without name. Borrowed.
 * @modes:  how many modes there are
 *
 * Return: NULL when out of memory or when a row is faulty; the fault is written to `why` (128 octets).
 */
struct grammar *gr_new(const struct gr_cmd *const *tables, const struct gr_type *types, unsigned modes, char why[128]);
void gr_free(struct grammar *g);

/** gr_match - looks a whole line up in one mode. Return: false with the error. */
bool gr_match(const struct grammar *g, unsigned mode, const struct lex *l, struct gr_match *m, struct gr_error *e);

/** gr_value - the value of that name, or NULL. gr_has - whether that keyword was given. */
const struct gr_value *gr_value(const struct gr_match *m, const char *name);
bool gr_has(const struct gr_match *m, const char *keyword);
static inline const char *gr_str(const struct gr_match *m, const char *name)
{
	const struct gr_value *v = gr_value(m, name);

	return v ? v->str : NULL;
}

/* ---- `?` and Tab (help.c) ---- */

/* Offers the present names of a kind (gr_type.names) by calling offer() for each. */
typedef void gr_offer_fn(void *octx, const char *name);
typedef void gr_names_fn(void *ctx, unsigned names, const struct gr_match *so_far, gr_offer_fn *offer, void *octx);

struct gr_view {
	const unsigned *modes;		/* innermost first */
	const char *const *titles;	/* heading of each */
	unsigned n;
	gr_names_fn *names;
	void *ctx;
};

/** gr_help - what `?` shows at the end of the line; words of outer modes come under a heading. */
void gr_help(const struct grammar *g, const struct gr_view *view, const struct lex *l, struct out *o);

/** gr_complete - what Tab offers at the end of the line, one word a line, without repeats. */
void gr_complete(const struct grammar *g, const struct gr_view *view, const struct lex *l, struct out *o);

/* For help.c and writers. */
const struct gr_node *gr_root(const struct grammar *g, unsigned mode);
/** gr_walk - follows the first `count` words. Return: where they lead, or NULL. */
const struct gr_node *gr_walk(const struct grammar *g, unsigned mode, const struct lex *l, unsigned count,
			      struct gr_match *m, struct gr_error *e);
/** gr_accepts - whether a value of this type may be written so; fills `v`. */
bool gr_accepts(const struct gr_type *t, const struct lex_word *w, struct gr_value *v, char why[128]);
/** gr_type_show - `<64-65535>`, `A.B.C.D`, `NAME`. */
const char *gr_type_show(const struct gr_type *t, char buf[64]);

/** gr_error_show - the line, a caret under the fault, and the message, as three lines. */
void gr_error_show(struct out *o, const char *line, size_t len, const struct gr_error *e);
/** gr_caret - the first two of these lines. */
void gr_caret(struct out *o, const char *line, size_t len, unsigned col);

#endif
