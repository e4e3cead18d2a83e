/* SPDX-License-Identifier: BSD-2-Clause */
/* `adit-lab radius`: sockets, clock, signals and files for the lab's RADIUS server. */
#ifndef ADIT_LAB_RADIUS_H
#define ADIT_LAB_RADIUS_H

#include "lab/radius_options.h"

/** radius_run - serves until SIGTERM or SIGINT, then prints the summary. Return: exit status. */
int radius_run(struct radius_options *o);

#endif
