/* SPDX-License-Identifier: BSD-2-Clause */
/* What `adit-lab radius` was asked for, read from its command line. */
#ifndef ADIT_LAB_RADIUS_OPTIONS_H
#define ADIT_LAB_RADIUS_OPTIONS_H

#include "lab/options.h"
#include "lab/radius_server.h"

struct radius_options {
	struct {
		struct ip_addr addr;	/* none: not served */
		uint16_t port;
	} listen[LAB_RADIUS_PORTS];
	struct lab_radius_conf conf;	/* .users is set when the options have been read */
	struct radius_users users;
	const char *password;		/* of everybody; NULL: not said */
	bool accept_all;
	struct reply reply;		/* of everybody */
	const char *auth_log, *acct_log;/* files; NULL: none */
};

/** radius_options_parse - argv[0] is the subcommand. Texts in *o point into argv. radius_options_fini() also after BAD. */
enum lab_options radius_options_parse(struct radius_options *o, int argc, char **argv, FILE *err);
void radius_options_fini(struct radius_options *o);
void radius_options_help(FILE *out);

#endif
