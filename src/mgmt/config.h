/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The typed tree: everything that configuration commands edit. A change is made on a copy, checked, and applied whole
 * (design.md section 3). The text of a tree comes from the command tables (write.c).
 */
#ifndef ADIT_MGMT_CONFIG_H
#define ADIT_MGMT_CONFIG_H

#include "aaa/aaa_conf.h"
#include "mgmt/out.h"
#include "model/conf.h"

struct config {
	struct model_conf model;
	struct aaa_conf aaa;
};

/* What a name in a command may name: for completion and for references. */
enum names {
	NAMES_NONE,
	NAMES_PROFILE, NAMES_LOOPBACK, NAMES_POOL, NAMES_DATABASE, NAMES_USER,
	NAMES_DEST_PROFILE, NAMES_HOST, NAMES_GROUP,
	NAMES_DESTINATION, NAMES_TUNNEL, NAMES_SESSION,	/* living objects */
};

/** config_init - the defaults. Return: 0 or -ENOMEM. config_fini frees what the tree holds. */
int config_init(struct config *c);
void config_fini(struct config *c);
/** config_copy - a deep copy. Return: 0 or -ENOMEM (`to` holds nothing then). */
int config_copy(struct config *to, const struct config *from);

/* A reference to something that is not there. */
struct config_fault {
	enum names names;		/* what kind of name */
	const char *name;		/* the missing thing */
	const char *text;		/* the sentence, e.g.: profile "a" of remote host "b" does not exist */
};
typedef void config_fault_fn(void *ctx, const struct config_fault *f);

/** config_check - reports every dangling reference. Return: how many. */
unsigned config_check(const struct config *c, config_fault_fn *report, void *ctx);

/** config_warn - reports what is accepted and has no effect: a RADIUS server without a key. Return: how many. */
unsigned config_warn(const struct config *c, config_fault_fn *report, void *ctx);

/**
 * config_news - what a change brought about
 * @check:  config_check or config_warn
 * @before: NULL: everything is new
 *
 * Return: how many things were reported that were not there before.
 */
typedef unsigned config_check_fn(const struct config *c, config_fault_fn *report, void *ctx);
unsigned config_news(config_check_fn *check, const struct config *before, const struct config *after,
		     config_fault_fn *report, void *ctx);

/** config_write - the running configuration as text: defaults omitted, the order of the tables, one blank a level. */
void config_write(const struct config *c, struct out *o);

/** config_same - whether two trees are written alike, order included. */
bool config_same(const struct config *a, const struct config *b);

/**
 * config_diff - what a change does, for logs
 * @line: called for each line that went ('-') or came ('+'), after the lines of its modes ("profile a > ppp mru 1442");
 *        secrets are masked. NULL: nobody is told
 *
 * Return: how many lines differ.
 */
typedef void config_diff_fn(void *ctx, char sign, const char *line);
unsigned config_diff(const struct config *before, const struct config *after, config_diff_fn *line, void *ctx);

/* Lists of the tree: every element begins with `next`. */
#define CONF_FIND(it, head, test) \
	do { \
		(it) = (head); \
		while ((it) && !(test)) \
			(it) = (it)->next; \
	} while (0)

#define CONF_APPEND(head, node) \
	do { \
		__typeof__(&(head)) conf_pp_ = &(head); \
		while (*conf_pp_) \
			conf_pp_ = &(*conf_pp_)->next; \
		*conf_pp_ = (node); \
	} while (0)

#define CONF_UNLINK(head, node) \
	do { \
		__typeof__(&(head)) conf_pp_ = &(head); \
		while (*conf_pp_ && *conf_pp_ != (node)) \
			conf_pp_ = &(*conf_pp_)->next; \
		if (*conf_pp_) \
			*conf_pp_ = (node)->next; \
	} while (0)

#endif
