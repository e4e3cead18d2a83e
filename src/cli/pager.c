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

/* One key, without echo and without waiting for Enter. Interrupted or at its end, the terminal says q. */
static int key(int fd)
{
	struct termios was, raw;
	unsigned char c = 'q';

	if (tcgetattr(fd, &was) < 0)
		return 'c';
	raw = was;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(fd, TCSANOW, &raw);
	if (read(fd, &c, 1) != 1)
		c = 'q';
	tcsetattr(fd, TCSANOW, &was);
	return c;
}

static void more(struct pager *p)
{
	fputs("--More--", stdout);
	fflush(stdout);
	for (;;) {
		switch (key(p->in_fd)) {
		case ' ':
			p->used = 0;
			break;
		case '\r':
		case '\n':
			p->used--;
			break;
		case 'c':
			p->off = true;
			break;
		case 'q':
		case 3:
		case 4:
			p->quit = true;
			break;
		default:
			continue;
		}
		fputs("\r        \r", stdout);
		return;
	}
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
