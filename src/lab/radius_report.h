/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lab's RADIUS server tells in JSON: a line for each request, and the sum at the end. */
#ifndef ADIT_LAB_RADIUS_REPORT_H
#define ADIT_LAB_RADIUS_REPORT_H

#include <stdio.h>

#include "lab/radius_server.h"

/** radius_line_json - one line for a request taken: when, from whom, what it was answered with, all attributes by name,
 *  passwords too when they can be opened. Return: 0, -ENOMEM or -EIO. */
int radius_line_json(const struct lab_radius_taken *t, const struct lab_radius_peer *from, struct wall at,
		     struct span secret, FILE *out);

/** radius_summary_json - one object and a newline. Return: 0, -ENOMEM or -EIO. */
int radius_summary_json(const struct lab_radius *r, double seconds, uint64_t lost, FILE *out);

#endif
