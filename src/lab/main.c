/* SPDX-License-Identifier: BSD-2-Clause */
/* adit-lab: its subcommands; sockets and clock for the lab, progress on a terminal, the report at the end. */
#include <inttypes.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include "lab/radius.h"
#include "lab/report.h"
#include "lab/sock.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, PROGRESS_MS = 200, NOTES_UP_TO = 8 };

struct run {
	struct lab_conf conf;
	struct io_loop *loop;
	struct lab_socks *socks;
	struct lab *lab;
	struct io_timer *timer, *progress_timer;
	bool progress;
};

/* ---- progress ---- */

static void progress_clear(const struct run *r)
{
	if (r->progress)
		fputs("\r\033[K", stderr);
}

static void progress_show(void *ctx, mono_t now)
{
	struct run *r = ctx;
	const struct lab_stats *s = lab_stats(r->lab);

	fprintf(stderr, "\r\033[K%-6s tunnels %" PRIu64 "/%" PRIu64 "  sessions up %" PRIu64 "/%" PRIu64
		"  failed %" PRIu64 "  dropped %" PRIu64 "  ping %" PRIu64 "/%" PRIu64,
		lab_stage_name(r->lab), s->tunnels_up, s->tunnels, s->up_now, s->sessions, s->failed, s->dropped,
		s->ping_answered, s->ping_sent);
	fflush(stderr);
	io_timer_set(r->progress_timer, mono_add_ms(now, PROGRESS_MS));
}

/* ---- the loop's callbacks ---- */

static void on_rx(void *ctx, const struct l2tp_path *from, const uint8_t *msg, size_t len, mono_t now)
{
	struct run *r = ctx;

	lab_rx(r->lab, from, msg, len, now);
}

static void on_timer(void *ctx, mono_t now)
{
	struct run *r = ctx;

	lab_expire(r->lab, now);
}

static void on_signal(void *ctx, int signo)
{
	struct run *r = ctx;

	lab_stop(r->lab, io_loop_now(r->loop));
}

static void at_turns_end(void *ctx, mono_t now, struct wall wall)
{
	struct run *r = ctx;

	lab_socks_flush(r->socks);
	io_timer_set(r->timer, lab_deadline(r->lab));
	if (lab_finished(r->lab))
		io_loop_stop(r->loop);
}

/* ---- a run ---- */

/* VmHWM of proc(5); that of getrusage(2) begins with what the parent had. */
static uint64_t peak_rss(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	uint64_t kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %" SCNu64, &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib * 1024;
}

static int report(struct run *r)
{
	struct lab_stats *s = lab_stats(r->lab);

	progress_clear(r);
	s->system_tx_dropped = lab_socks_dropped(r->socks);
	s->system_rx_dropped = lab_socks_lost(r->socks);
	if (s->system_tx_dropped || s->system_rx_dropped)
		fprintf(stderr, "adit-lab: %" PRIu64 " datagrams were not taken by the system, %" PRIu64
			" found no room in a receive buffer\n", s->system_tx_dropped, s->system_rx_dropped);
	s->peak_rss_octets = peak_rss();
	if (!r->conf.json)
		stats_text(s, stdout);
	else if (report_json(r->lab, stdout) < 0)
		fputs("adit-lab: the report cannot be written\n", stderr);
	return lab_ok(r->lab) ? EXIT_OK : EXIT_FAILED;
}

static bool lab_start(struct run *r)
{
	struct lab_env env = { .send = lab_socks_send, .ctx = r->socks };
	uint8_t seed[32];

	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		return false;
	env.paths = lab_socks_paths(r->socks, &env.path_count);
	env.probe_path = lab_socks_probe_path(r->socks);
	if (r->conf.verbose || (!r->conf.json && r->conf.count <= NOTES_UP_TO))
		env.notes = r->conf.json ? stderr : stdout;
	r->lab = lab_new(&r->conf, &env, seed, io_mono_now());
	return r->lab != NULL;
}

static bool run_prepare(struct run *r)
{
	r->timer = io_timer_add(r->loop, on_timer, r);
	r->progress_timer = io_timer_add(r->loop, progress_show, r);
	r->progress = !r->conf.quiet && isatty(STDERR_FILENO);
	return r->timer && r->progress_timer && io_hook_add(r->loop, at_turns_end, r) &&
	       io_signal_add(r->loop, SIGINT, on_signal, r) && io_signal_add(r->loop, SIGTERM, on_signal, r);
}

static int run(struct run *r)
{
	const char *what = "out of memory";
	int rc;

	r->loop = io_loop_new();
	if (!r->loop || !run_prepare(r)) {
		fprintf(stderr, "adit-lab: %s\n", what);
		return EXIT_FAILED;
	}
	rc = lab_socks_open(&r->socks, &r->conf, r->loop, on_rx, r, &what);
	if (rc < 0) {
		fprintf(stderr, "adit-lab: %s: %s\n", what, strerror(-rc));
		return EXIT_FAILED;
	}
	if (!lab_start(r)) {
		fputs("adit-lab: out of memory\n", stderr);
		return EXIT_FAILED;
	}
	if (r->progress)
		progress_show(r, io_mono_now());
	lab_socks_flush(r->socks);
	io_timer_set(r->timer, lab_deadline(r->lab));
	rc = io_loop_run(r->loop);
	if (rc < 0)
		fprintf(stderr, "adit-lab: the event loop: %s\n", strerror(-rc));
	return report(r);
}

static int subscribers(int argc, char **argv)
{
	static struct run r;
	int rc = EXIT_USAGE;

	switch (lab_options_parse(&r.conf, argc, argv, stderr)) {
	case LAB_OPTIONS_RUN:
		rc = run(&r);
		break;
	case LAB_OPTIONS_HELP:
		lab_options_help(stdout);
		rc = EXIT_OK;
		break;
	case LAB_OPTIONS_BAD:
		fputs("Try `adit-lab subscribers --help`.\n", stderr);
		break;
	}
	if (r.lab)
		lab_free(r.lab);
	if (r.socks)
		lab_socks_close(r.socks);
	lab_conf_fini(&r.conf);
	return rc;
}

static int radius(int argc, char **argv)
{
	struct radius_options o;
	int rc = EXIT_USAGE;

	switch (radius_options_parse(&o, argc, argv, stderr)) {
	case LAB_OPTIONS_RUN:
		rc = radius_run(&o);
		break;
	case LAB_OPTIONS_HELP:
		radius_options_help(stdout);
		rc = EXIT_OK;
		break;
	case LAB_OPTIONS_BAD:
		fputs("Try `adit-lab radius --help`.\n", stderr);
		break;
	}
	radius_options_fini(&o);
	return rc;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && strcmp(argv[1], "subscribers") == 0)
		return subscribers(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "radius") == 0)
		return radius(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("adit-lab " ADIT_VERSION);
		return EXIT_OK;
	}
	fputs("Usage: adit-lab subscribers --lns ADDR[:PORT] [OPTION]...\n"
	      "       adit-lab radius --auth ADDR[:PORT] --acct ADDR[:PORT] --secret TEXT [OPTION]...\n"
	      "       adit-lab {subscribers|radius} --help\n"
	      "       adit-lab --version\n", stderr);
	return EXIT_USAGE;
}
