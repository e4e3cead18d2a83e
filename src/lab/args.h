/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of a command line: what the roles of adit-lab share. */
#ifndef ADIT_LAB_ARGS_H
#define ADIT_LAB_ARGS_H

#include <stdio.h>

#include "base/ipaddr.h"

/** args_is - whether a word is `--name`, or `--name=argument`, which then goes to *arg; else that is NULL. */
bool args_is(const char *word, const char *name, const char **arg);

/** args_help - one line: `--name ARG   help`. */
void args_help(FILE *out, const char *name, const char *arg, const char *help);

/* Each reads a whole text. Return: false when it is not understood or out of range. */
bool args_number(const char *text, unsigned min, unsigned max, unsigned *out);
bool args_real(const char *text, unsigned max, double *out);
/** args_end_point - ADDR, ADDR:PORT for IPv4, [ADDR]:PORT for both families. Without a port *port stays. */
bool args_end_point(const char *text, struct ip_addr *addr, uint16_t *port);

#endif
