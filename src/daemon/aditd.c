/* SPDX-License-Identifier: BSD-2-Clause */
/* Construction, the end-of-turn pump, signals, and the orderly end. */
#include "daemon/aditd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "aaa/aaa_net.h"
#include "daemon/accounting.h"
#include "daemon/privilege.h"
#include "dataplane/dp_user.h"
#include "mgmt/logring.h"

enum {
	SHUTDOWN_S = 5,			/* how long StopCCNs may wait for their acks */
	TABLE_SESSIONS = 1000000,	/* address space only: memory is used as sessions come */
	TABLE_TUNNELS = 65535,
};

static void log_stderr(void *ctx, enum log_level level, const char *module, const char *line, size_t len)
{
	char text[LOG_LINE_MAX + 2 * LOGRING_EXTRA];
	size_t n = logring_text(text, sizeof(text) - 1, io_wall_now(), level, module, line, len);

	text[n] = '\n';
	fwrite(text, 1, n + 1, stderr);
}

/* Something has events for the model: the turn's end, which is still to come or follows at once, takes them. */
static void wake(void *ctx)
{
	io_loop_again(((struct aditd *)ctx)->loop);
}

static void arm(struct aditd *d)
{
	mono_t due = model_deadline(d->model);	/* AAA's and the plane's are in it */

	if (d->loopbacks_pending)
		due = mono_min(due, d->retry_at);
	if (d->stopping)
		due = mono_min(due, d->stop_by);
	io_timer_set(d->timer, due);
}

/* What is told is kept first. */
static void send_radius(struct aditd *d, mono_t now)
{
	if (d->journal) {
		(void)journal_flush(d->journal);	/* it logs, keeps what it could not write, and tries again */
		if (journal_work(d->journal))
			io_loop_again(d->loop);
	}
	radius_ports_send(d->ports, now);
}

static void turn(void *ctx, mono_t now, struct wall wall)
{
	struct aditd *d = ctx;

	if (model_turn(d->model, now, wall))
		io_loop_again(d->loop);
	if (d->stopping && !d->off_sent && model_ended(d->model)) {	/* whether the LACs have heard of it or not */
		d->off_sent = true;
		aaa_shutdown(d->aaa.a, now, wall);
	}
	send_radius(d, now);
	if (d->loopbacks_pending && mono_due(d->retry_at, now))
		aditd_loopbacks(d, &mgmt_running(d->mgmt)->model, now);
	if (d->stopping && ((d->off_sent && model_idle(d->model) && aaa_idle(d->aaa.a)) || mono_due(d->stop_by, now)))
		io_loop_stop(d->loop);
	else
		arm(d);
}

static void on_timer(void *ctx, mono_t now)
{
	/* the work is done by turn(), at the end of this turn */
}

static void on_terminate(void *ctx, int signo)
{
	struct aditd *d = ctx;
	mono_t now = io_loop_now(d->loop);

	if (d->stopping)
		return;
	log_line(LOG_NOTICE, "daemon", "ending", "signal=%d", signo);
	notify_state("STOPPING=1");
	d->stopping = true;
	d->stop_by = mono_add_s(now, SHUTDOWN_S);
	model_shutdown(d->model, now);
}

/* Each fault of a configuration, `FILE:LINE: message`, as a log line; the lines between show what they are about. */
static void log_faults(const char *file, struct out *errors)
{
	size_t n = strlen(file);
	struct log l;
	char *line, *rest = errors->p;

	while ((line = rest ? strsep(&rest, "\n") : NULL)) {
		if (strncmp(line, file, n) != 0 || line[n] != ':')
			continue;
		log_begin(&l, LOG_ERROR, "daemon", "configuration fault");
		log_text(&l, "file", file);
		line += n + 1;
		if (line[strspn(line, "0123456789")] == ':') {
			log_u(&l, "line", strtoul(line, &line, 10));
			line++;
		}
		log_str(&l, "fault", span_str(line + (*line == ' ')));
		log_end(&l);
	}
}

static void on_reload(void *ctx, int signo)
{
	struct aditd *d = ctx;
	struct out errors = { 0 };
	int rc;

	if (d->stopping)
		return;
	notify_state("RELOADING=1");
	rc = mgmt_load(d->mgmt, &errors);
	if (rc) {
		log_faults(d->opt->config, &errors);
		log_line(LOG_ERROR, "daemon", "reload refused, the old configuration stays", "error=%d", -rc);
	} else {
		log_line(LOG_NOTICE, "daemon", "configuration reloaded", "file=%s", d->opt->config);
	}
	out_fini(&errors);
	notify_state("READY=1");
}

static int tell(const char *what, int rc, int status)
{
	fprintf(stderr, "aditd: %s: %s\n", what, strerror(-rc));
	return status;
}

static int start_planes(struct aditd *d, const uint8_t seed[3][32])
{
	struct dp_user_conf uc = { .tun_name = d->opt->tun, .max_sessions = TABLE_SESSIONS, .max_tunnels = TABLE_TUNNELS,
				   .seed = seed[0] };
	mono_t now = io_mono_now();
	struct wall wall = io_wall_now();
	int rc;

	rc = nl_open(&d->nl);
	if (rc)
		return tell("netlink", rc, EX_OSERR);
	rc = dp_user_new(d->loop, &uc, wake, d, &d->dp);
	if (rc)
		return tell("data plane (needs NET_ADMIN and NET_RAW, and a free TUN name)", rc, EX_OSERR);
	d->loopbacks = nl_loopbacks_new(d->nl);
	d->aaa = (struct aaa_if){ &aaa_core_ops, aaa_core_new(seed[1], wall, now) };
	if (!d->loopbacks || !d->aaa.a)
		return tell("AAA", -ENOMEM, EX_OSERR);
	d->ports = radius_ports_new(d->loop, d->aaa.a);
	if (!d->ports)
		return tell("RADIUS", -ENOMEM, EX_OSERR);
	d->model = model_new(d->aaa, d->dp, seed[2], now, wall);
	return d->model ? 0 : tell("model", -ENOMEM, EX_OSERR);
}

static int start_loop(struct aditd *d)
{
	d->timer = io_timer_add(d->loop, on_timer, d);
	d->hook = io_hook_add(d->loop, turn, d);
	d->signals[0] = io_signal_add(d->loop, SIGTERM, on_terminate, d);
	d->signals[1] = io_signal_add(d->loop, SIGINT, on_terminate, d);
	d->signals[2] = io_signal_add(d->loop, SIGHUP, on_reload, d);
	if (!d->timer || !d->hook || !d->signals[0] || !d->signals[1] || !d->signals[2])
		return tell("event loop", -ENOMEM, EX_OSERR);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

/* The configuration comes first: a bad one is refused whole before anything is touched. */
static int check_config(const struct options *opt)
{
	struct out errors = { 0 };
	int rc = mgmt_check_file(opt->config, &errors);

	fwrite(errors.p ? errors.p : "", 1, errors.len, stderr);
	out_fini(&errors);
	if (rc == -EINVAL)
		return EX_CONFIG;
	return rc ? tell(opt->config, rc, EX_CONFIG) : 0;
}

/* Before anything is touched: a second daemon would take away the first one's routes and addresses as left-overs. */
static int lock_run_dir(struct aditd *d)
{
	char path[4096];

	if (mkdir(d->opt->run_dir, 0755) < 0 && errno != EEXIST)
		return tell(d->opt->run_dir, -errno, EX_CANTCREAT);
	if (snprintf(path, sizeof(path), "%s/adit.lock", d->opt->run_dir) >= (int)sizeof(path))
		return tell(d->opt->run_dir, -ENAMETOOLONG, EX_CANTCREAT);
	d->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (d->lock < 0)
		return tell(path, -errno, EX_CANTCREAT);
	if (flock(d->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return tell(errno == EWOULDBLOCK ? "another aditd has this run directory" : path, -errno, EX_CANTCREAT);
}

static int start_mgmt(struct aditd *d)
{
	struct mgmt_conf mc = { .config_path = d->opt->config, .run_dir = d->opt->run_dir, .state_dir = d->opt->state_dir,
				.ops = { aditd_apply }, .ctx = d, .model = d->model, .aaa = d->aaa.a, .dp = d->dp,
				.next_log = log_stderr };
	struct out errors = { 0 };
	int rc;

	if (mkdir(d->opt->state_dir, 0750) < 0 && errno != EEXIST)
		return tell(d->opt->state_dir, -errno, EX_CANTCREAT);
	d->mgmt = mgmt_new(d->loop, &mc);
	if (!d->mgmt)
		return tell("management", -ENOMEM, EX_OSERR);
	log_set_sink(mgmt_log, d->mgmt, d->opt->debug ? LOG_DEBUG : LOG_INFO);
	/* before there are servers: what is left from before goes first */
	rc = accounting_open(&d->journal, d->opt->state_dir, d->aaa.a, io_mono_now(), io_wall_now());
	if (rc)
		log_line(LOG_ERROR, "daemon", "accounting is not kept on disk", "error=%d", -rc);
	rc = mgmt_load(d->mgmt, &errors);
	if (rc)
		fwrite(errors.p ? errors.p : "", 1, errors.len, stderr);
	out_fini(&errors);
	if (rc)
		return tell(d->opt->config, rc, EX_CONFIG);
	rc = mgmt_listen(d->mgmt);
	return rc ? tell("management socket", rc, EX_CANTCREAT) : 0;
}

int aditd_start(struct aditd *d, const struct options *opt)
{
	uint8_t seed[3][32];
	int rc;

	memset(d, 0, sizeof(*d));
	d->opt = opt;
	d->lock = -1;
	d->retry_at = d->stop_by = MONO_NEVER;
	rc = check_config(opt);
	if (rc || opt->check)
		return rc;
	rc = lock_run_dir(d);
	if (rc)
		return rc;
	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return tell("getrandom", -EIO, EX_OSERR);
	d->loop = io_loop_new();
	if (!d->loop)
		return tell("event loop", -ENOMEM, EX_OSERR);
	rc = start_planes(d, (const uint8_t (*)[32])seed);
	explicit_bzero(seed, sizeof(seed));
	if (!rc)
		rc = start_loop(d);
	if (!rc)
		rc = start_mgmt(d);
	if (rc)
		return rc;
	rc = privilege_drop();
	if (rc)
		return tell("privileges", rc, EX_OSERR);
	log_line(LOG_NOTICE, "daemon", "started", "version=%s config=%s", ADIT_VERSION, opt->config);
	notify_state("READY=1");
	return 0;
}

int aditd_run(struct aditd *d)
{
	int rc = io_loop_run(d->loop);

	log_line(LOG_NOTICE, "daemon", "ended", "status=%d", -rc);
	return rc ? EX_OSERR : 0;
}

void aditd_end(struct aditd *d)
{
	if (d->mgmt)
		mgmt_model_ended(d->mgmt);
	if (d->model)
		model_free(d->model);
	radius_ports_free(d->ports);
	if (d->aaa.a)
		aaa_core_free(d->aaa.a);
	if (d->journal)
		journal_close(d->journal);
	if (d->dp.dp)
		dp_user_free(d->dp);
	if (d->loopbacks)
		nl_loopbacks_free(d->loopbacks);
	if (d->nl)
		nl_close(d->nl);
	log_set_sink(NULL, NULL, LOG_ERROR);
	if (d->mgmt)
		mgmt_free(d->mgmt);
	for (unsigned i = 0; i < sizeof(d->signals) / sizeof(d->signals[0]); i++)
		io_signal_del(d->signals[i]);
	io_hook_del(d->hook);
	io_timer_del(d->timer);
	if (d->loop)
		io_loop_free(d->loop);
	if (d->lock >= 0)
		close(d->lock);
}
