/* SPDX-License-Identifier: BSD-2-Clause */
/* The result of a run as one JSON object. */
#ifndef ADIT_LAB_REPORT_H
#define ADIT_LAB_REPORT_H

#include <stdio.h>

#include "lab/lab.h"

enum { REPORT_SUBSCRIBERS_MAX = 1000 };	/* each is listed when there are no more than these */

/** report_json - writes the object and a newline. Return: 0, or -ENOMEM, -EIO. */
int report_json(struct lab *l, FILE *out);

#endif
