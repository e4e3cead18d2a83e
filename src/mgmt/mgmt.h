/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The management plane: configuration (a typed tree, edited by commands, applied whole), the command line
 * behind docs/management-protocol.md, displays, the log ring. The daemon builds one and gives it what to show
 * and whom to tell.
 */
#ifndef ADIT_MGMT_MGMT_H
#define ADIT_MGMT_MGMT_H

#include "base/log.h"
#include "io/loop.h"
#include "mgmt/config.h"
#include "model/model.h"

struct mgmt;

struct mgmt_ops {
	/**
	 * apply - a new tree is in force. Whatever cannot be done at once (an address that is not there) is the
	 * callee's to retry. Return: 0, or -ENOMEM: the old tree stays in force.
	 */
	int (*apply)(void *ctx, const struct config *before, const struct config *after);
};

struct mgmt_conf {
	const char *config_path;	/* what is loaded, and where `write memory` goes; NULL: no file */
	const char *run_dir;		/* the socket is RUN_DIR/adit.sock; NULL: no socket */
	const char *state_dir;		/* STATE_DIR/config-history/; NULL: no history */
	struct mgmt_ops ops;
	void *ctx;
	struct model *model;		/* what displays and operations work on; borrowed */
	struct aaa *aaa;
	struct dp_if dp;		/* ops NULL: none */
	log_sink *next_log;		/* gets every log line after mgmt, e.g. for the journal; NULL: nobody */
	void *next_log_ctx;
};

/** mgmt_new - with the default configuration; strings are copied. loop NULL: no server (tests). Return: NULL:
 * out of memory. */
struct mgmt *mgmt_new(struct io_loop *loop, const struct mgmt_conf *conf);
/** mgmt_free - ends the server and every connection. */
void mgmt_free(struct mgmt *m);

/** mgmt_set_sources - what displays and operations work on, once it exists: the model is built after its
 * configuration is known. */
void mgmt_set_sources(struct mgmt *m, struct model *model, struct aaa *aaa, struct dp_if dp);

/**
 * mgmt_load - reads the configuration file, checks it, and puts it in force with ops.apply; at start and on
 * reload
 * @errors: every fault as `file:line: message`, the line and a caret
 *
 * Return: 0; -EINVAL when the file is faulty, -ENOENT and other -errno when it cannot be read, -ENOMEM. The old
 * tree stays.
 */
int mgmt_load(struct mgmt *m, struct out *errors);

/** mgmt_check_file - the same without putting it in force: `aditd --check`. */
int mgmt_check_file(const char *path, struct out *errors);

/** mgmt_running - the tree in force. */
const struct config *mgmt_running(const struct mgmt *m);

/** mgmt_listen - serves RUN_DIR/adit.sock (mode 0660). Return: 0 or -errno; -EADDRINUSE when a daemon answers there. */
int mgmt_listen(struct mgmt *m);

/**
 * mgmt_log - a log_sink (base/log.h): keeps the line for `show log`, sends it to terminal monitors, hands it on.
 * @ctx: the struct mgmt
 */
void mgmt_log(void *ctx, enum log_level level, const char *module, const char *line, size_t len);

/** mgmt_model_ended - the model is about to be freed: displays say so from now on. */
void mgmt_model_ended(struct mgmt *m);

#endif
