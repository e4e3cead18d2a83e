/* SPDX-License-Identifier: BSD-2-Clause */
/* aditd: options, start, run, end. */
#include <stdio.h>

#include "daemon/aditd.h"

int main(int argc, char **argv)
{
	struct options opt;
	struct aditd d = { 0 };
	int rc = options_parse(&opt, argc, argv);

	if (rc)
		return rc - 1;
	setvbuf(stderr, NULL, _IOLBF, 0);
	rc = aditd_start(&d, &opt);
	if (!rc && !opt.check)
		rc = aditd_run(&d);
	aditd_end(&d);
	return rc;
}
