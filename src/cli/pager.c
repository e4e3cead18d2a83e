/* SPDX-License-Identifier: BSD-2-Clause */
/* The pager of the interactive client. */
#include "cli/pager.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

void pager_begin(struct pager *p, int in_fd, bool off)
{
	struct winsize size = { 0 };

	*p = (struct pager){ .in_fd = in_fd, .off = off, .rows = 24, .columns = 80 };
	if (ioctl(in_fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 && size.ws_col > 0) {
		p->rows = size.ws_row;
		p->columns = size.ws_col;
	}
}

/* One key. Interrupted or at its end, the terminal says q. */
static int key(int fd)
{
	unsigned char c = 'q';

	return read(fd, &c, 1) == 1 ? c : 'q';
}

/* What a key asks for; false: ask again. */
static bool obey(struct pager *p, int c)
{
	switch (c) {
	case ' ':
		p->used = 0;
		return true;
	case '\r':
	case '\n':
		p->used--;
		return true;
	case 'c':
		p->off = true;
		return true;
	case 'q':
	case 3:			/* Ctrl-C, Ctrl-D */
	case 4:
		p->quit = true;
		return true;
	default:
		return false;
	}
}

/* The keys come without echo, without Enter, and Ctrl-C as a key: from before the prompt is seen, so that none is missed. */
static void more(struct pager *p)
{
	struct termios was, raw;

	if (tcgetattr(p->in_fd, &was) < 0) {
		p->off = true;
		return;
	}
	raw = was;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(p->in_fd, TCSANOW, &raw);
	fputs("--More--", stdout);
	fflush(stdout);
	while (!obey(p, key(p->in_fd)))
		;
	tcsetattr(p->in_fd, TCSANOW, &was);
	fputs("\r        \r", stdout);
}

/* Rows that a line takes; octets that continue a UTF-8 character take no column. */
static unsigned rows_of(const struct pager *p, const char *line, size_t len)
{
	unsigned columns = 0;

	for (size_t i = 0; i < len && line[i] != '\n'; i++) {
		if (line[i] == '\t')
			columns |= 7;
		columns += ((unsigned char)line[i] & 0xc0) != 0x80;
	}
	return columns ? (columns - 1) / p->columns + 1 : 1;
}

void pager_line(struct pager *p, const char *line, size_t len)
{
	unsigned rows = rows_of(p, line, len);

	if (!p->quit && !p->off && p->used > 0 && p->used + rows > p->rows - 1)
		more(p);
	if (p->quit)
		return;
	p->used += rows;
	fwrite(line, 1, len, stdout);
}
