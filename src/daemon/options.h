/* SPDX-License-Identifier: BSD-2-Clause */
/* aditd's command line. */
#ifndef ADIT_DAEMON_OPTIONS_H
#define ADIT_DAEMON_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *config, *run_dir, *state_dir;	/* /etc/adit/adit.conf, /run/adit, /var/lib/adit */
	const char *tun;				/* name of the TUN device: adit0 */
	bool check;					/* judge the configuration and exit */
	bool debug;					/* log level debug */
};

/** options_parse - fills in the defaults and what argv says. Return: 0 to go on, else the exit status + 1. */
int options_parse(struct options *o, int argc, char **argv);

#endif
