/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char usage[] =
	"usage: aditd [--config FILE] [--run-dir DIR] [--state-dir DIR] [--tun NAME] [--check] [--debug]\n"
	"  --config FILE    configuration (/etc/adit/adit.conf)\n"
	"  --run-dir DIR    where the management socket is made (/run/adit)\n"
	"  --state-dir DIR  saved configurations and other state (/var/lib/adit)\n"
	"  --tun NAME       name of the TUN device (adit0)\n"
	"  --check          judge the configuration, print what is wrong with it, and exit: 0 good, 78 bad\n"
	"  --debug          log at level debug\n"
	"  --version\n";

static const struct option longs[] = {
	{ "config", required_argument, NULL, 'c' },   { "run-dir", required_argument, NULL, 'r' },
	{ "state-dir", required_argument, NULL, 's' }, { "tun", required_argument, NULL, 't' },
	{ "check", no_argument, NULL, 'k' },	       { "debug", no_argument, NULL, 'd' },
	{ "version", no_argument, NULL, 'V' },	       { "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int option_take(struct options *o, int c)
{
	switch (c) {
	case 'c': o->config = optarg; return 0;
	case 'r': o->run_dir = optarg; return 0;
	case 's': o->state_dir = optarg; return 0;
	case 't': o->tun = optarg; return 0;
	case 'k': o->check = true; return 0;
	case 'd': o->debug = true; return 0;
	case 'V': puts("aditd " ADIT_VERSION); return 1;
	case 'h': fputs(usage, stdout); return 1;
	default: fputs(usage, stderr); return EX_USAGE + 1;
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	int c, rc;

	*o = (struct options){ .config = "/etc/adit/adit.conf", .run_dir = "/run/adit", .state_dir = "/var/lib/adit",
			       .tun = "adit0" };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		rc = option_take(o, c);
		if (rc)
			return rc;
	}
	if (optind < argc) {
		fprintf(stderr, "aditd: %s is not an option\n%s", argv[optind], usage);
		return EX_USAGE + 1;
	}
	if (strlen(o->tun) > 15) {
		fprintf(stderr, "aditd: the name of a device has at most 15 characters\n");
		return EX_USAGE + 1;
	}
	return 0;
}
