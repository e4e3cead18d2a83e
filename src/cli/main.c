/* SPDX-License-Identifier: BSD-2-Clause */
/* adit: the command line of aditd. Options, and commands that nobody types: -c, -f, or lines from a pipe. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/interactive.h"
#include "cli/run.h"

enum { FILE_SIZE_MAX = 64 << 20 };

struct step {
	bool is_file;
	const char *arg;
};

struct options {
	const char *run_dir;
	struct step *steps;
	size_t count;
};

static const char help[] =
	"usage: adit [--run-dir DIR] [-c COMMAND | -f FILE]...\n"
	"The command line of aditd. Without -c or -f it talks to a terminal, or takes a command a line from a pipe.\n"
	"\n"
	"  -c, --command COMMAND   execute COMMAND; may be repeated, stops at the first that fails\n"
	"  -f, --file FILE         apply a configuration, whole or not at all; - is standard input\n"
	"      --run-dir DIR       where the daemon's socket is (default /run/adit)\n"
	"  -h, --help              this text\n"
	"      --version           the version\n"
	"\n"
	"After a command: | include REGEX, exclude REGEX, begin REGEX, count, save FILE, no-more, json.\n"
	"Exit status: 0 done, 1 refused, 2 syntax, 3 no connection, 64 wrong usage.\n";

static void usage(void)
{
	fputs("try: adit --help\n", stderr);
	exit(CLI_USAGE);
}

static void add_step(struct options *o, bool is_file, const char *arg)
{
	o->steps = realloc(o->steps, (o->count + 1) * sizeof(*o->steps));
	if (!o->steps)
		abort();
	o->steps[o->count++] = (struct step){ is_file, arg };
}

static void parse(struct options *o, int argc, char **argv)
{
	enum { RUN_DIR = 1000, VERSION };
	static const struct option longs[] = {
		{ "command", required_argument, NULL, 'c' }, { "file", required_argument, NULL, 'f' },
		{ "run-dir", required_argument, NULL, RUN_DIR }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, VERSION }, { NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:f:h", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
		case 'f':
			add_step(o, opt == 'f', optarg);
			break;
		case RUN_DIR:
			o->run_dir = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			exit(CLI_OK);
		case VERSION:
			puts("adit " ADIT_VERSION);
			exit(CLI_OK);
		default:
			usage();
		}
	}
	if (optind < argc) {
		fprintf(stderr, "adit: unexpected argument: %s\n", argv[optind]);
		usage();
	}
}

/* ---- answers that nobody pages through ---- */

static void batch_begin(void *ctx, bool no_more)
{
}

static void batch_output(void *ctx, const char *line, size_t len)
{
	fwrite(line, 1, len, stdout);
}

static void batch_write(FILE *to, struct span text)
{
	fflush(stdout);
	fwrite(text.p, 1, text.len, to);
	if (text.len && text.p[text.len - 1] != '\n')
		putc('\n', to);
	fflush(to);
}

static void batch_error(void *ctx, struct span text)
{
	batch_write(stderr, text);
}

static void batch_async(void *ctx, struct span line)
{
	batch_write(stdout, line);
}

static int conclude(int code)
{
	if (fflush(stdout) != 0 && code >= FRAME_DONE && code < FRAME_SYNTAX) {
		perror("adit: standard output");
		return CLI_REFUSED;
	}
	if (code < 0)
		fprintf(stderr, "adit: the connection has ended: %s\n", strerror(-code));
	return cli_status(code);
}

/* A file of configuration, whole; exits when it cannot be read. */
static char *slurp(const char *name, size_t *len)
{
	FILE *from = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	char *body = from ? malloc(FILE_SIZE_MAX + 1) : NULL;

	if (body)
		*len = fread(body, 1, FILE_SIZE_MAX + 1, from);
	if (!body || ferror(from) || *len > FILE_SIZE_MAX) {
		fprintf(stderr, "adit: %s: %s\n", name, body && *len > FILE_SIZE_MAX ? "too large" : strerror(errno));
		exit(CLI_REFUSED);
	}
	if (from != stdin)
		fclose(from);
	return body;
}

static int run_step(const struct run *r, const struct step *s)
{
	size_t len = 0;
	char *body;
	int code;

	if (!s->is_file)
		return run_line(r, s->arg);
	body = slurp(s->arg, &len);
	code = run_file(r, span_of(body, len));
	free(body);
	return code;
}

static int run_steps(const struct run *r, const struct options *o)
{
	int status = CLI_OK, code = FRAME_DONE;

	for (size_t i = 0; i < o->count && status == CLI_OK && code != FRAME_BYE; i++) {
		code = run_step(r, &o->steps[i]);
		status = conclude(code);
	}
	return status;
}

/* Lines from a pipe: as -c, one after the other; empty lines and those that begin with ! are left out. */
static int run_pipe(const struct run *r)
{
	int status = CLI_OK, code = FRAME_DONE;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while (status == CLI_OK && code != FRAME_BYE && (n = getline(&line, &cap, stdin)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (!line[strspn(line, " \t")] || line[strspn(line, " \t")] == '!')
			continue;
		code = run_line(r, line);
		status = conclude(code);
	}
	free(line);
	return status;
}

static struct conn *open_or_exit(const char *run_dir)
{
	struct conn *c = NULL;
	char path[512];
	int err = -ENAMETOOLONG;

	if ((size_t)snprintf(path, sizeof(path), "%s/adit.sock", run_dir) < sizeof(path))
		err = conn_open(&c, path);
	if (!err)
		return c;
	fprintf(stderr, "adit: %s/adit.sock: %s%s\n", run_dir, strerror(-err),
		err == -ENOENT || err == -ECONNREFUSED ? " (does aditd run?)" : "");
	exit(CLI_LOST);
}

int main(int argc, char **argv)
{
	struct options o = { .run_dir = "/run/adit" };
	struct run r = {
		.begin = batch_begin, .output = batch_output, .error = batch_error, .async = batch_async,
	};
	int status;

	setlocale(LC_CTYPE, "");
	parse(&o, argc, argv);
	r.conn = open_or_exit(o.run_dir);
	if (o.count)
		status = run_steps(&r, &o);
	else if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		status = interactive(r.conn);
	else
		status = run_pipe(&r);
	conn_free(r.conn);
	free(o.steps);
	return status;
}
