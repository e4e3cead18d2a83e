/* SPDX-License-Identifier: BSD-2-Clause */
/* Stops after each page of a terminal: --More--, then space (page), Enter (line), c (the rest), q or Ctrl-C (no more). */
#ifndef ADIT_CLI_PAGER_H
#define ADIT_CLI_PAGER_H

#include <stdbool.h>
#include <stddef.h>

struct pager {
	int in_fd;
	unsigned rows, columns, used;
	bool off, quit;
};

/** pager_begin - before an answer: takes the size of the terminal `in_fd`. @off: never stop. */
void pager_begin(struct pager *p, int in_fd, bool off);

/** pager_line - a line of output, to stdout; drops it after `q`. */
void pager_line(struct pager *p, const char *line, size_t len);

#endif
