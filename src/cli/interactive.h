/* SPDX-License-Identifier: BSD-2-Clause */
/* The client at a terminal. */
#ifndef ADIT_CLI_INTERACTIVE_H
#define ADIT_CLI_INTERACTIVE_H

#include "cli/conn.h"

/** interactive - talks to a person until `exit`, Ctrl-D or the end of the connection. Return: exit status. */
int interactive(struct conn *c);

#endif
