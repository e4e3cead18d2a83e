/* SPDX-License-Identifier: BSD-2-Clause */
/* The management plane as one object: built, fed with log lines, its tree replaced. */
#include "mgmt/mgmt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mgmt/session_int.h"

enum { FILE_MAX = 64 << 20, CHANGES_LOGGED = 50 };

mono_t mgmt_now(const struct mgmt *m)
{
	return m->loop ? io_loop_now(m->loop) : io_mono_now();
}

struct wall mgmt_wall(const struct mgmt *m)
{
	return m->loop ? io_loop_wall(m->loop) : io_wall_now();
}

static struct grammar *grammar_new(void)
{
	char why[128];
	struct grammar *g = gr_new(mgmt_tables, mgmt_types, MODE_COUNT, why);

	if (!g)
		log_line(LOG_ERROR, "mgmt", "grammar refused", "reason=\"%s\"", why);
	return g;
}

static bool keep(const char **at, const char *s)
{
	*at = s ? strdup(s) : NULL;
	return *at || !s;
}

struct mgmt *mgmt_new(struct io_loop *loop, const struct mgmt_conf *conf)
{
	struct mgmt *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->loop = loop;
	m->c = *conf;
	m->c.config_path = m->c.run_dir = m->c.state_dir = NULL;
	list_init(&m->sessions);
	m->born = io_mono_now();
	m->g = grammar_new();
	if (!keep(&m->c.config_path, conf->config_path) || !keep(&m->c.run_dir, conf->run_dir) ||
	    !keep(&m->c.state_dir, conf->state_dir) || !m->g || config_init(&m->conf)) {
		mgmt_free(m);
		return NULL;
	}
	return m;
}

static void forget_debug(struct mgmt *m)
{
	while (m->debug) {
		struct debug_wish *w = m->debug;

		m->debug = w->next;
		free(w->user);
		free(w);
	}
}

void mgmt_free(struct mgmt *m)
{
	if (!m)
		return;
	server_free(m->server);
	mgmt_debug_del(m, NULL, false);
	forget_debug(m);
	list_for_safe(it, &m->sessions)
		mgmt_session_free(container_of(it, struct mgmt_session, link));
	logring_fini(&m->log);
	gr_free(m->g);
	config_fini(&m->conf);
	free((char *)m->c.config_path);
	free((char *)m->c.run_dir);
	free((char *)m->c.state_dir);
	free(m);
}

void mgmt_set_sources(struct mgmt *m, struct model *model, struct aaa *aaa, struct dp_if dp)
{
	m->c.model = model;
	m->c.aaa = aaa;
	m->c.dp = dp;
}

void mgmt_model_ended(struct mgmt *m)
{
	mgmt_debug_del(m, NULL, false);
	mgmt_set_sources(m, NULL, NULL, (struct dp_if){ 0 });
}

const struct config *mgmt_running(const struct mgmt *m)
{
	return &m->conf;
}

/* ---- log ---- */

void mgmt_log(void *ctx, enum log_level level, const char *module, const char *line, size_t len)
{
	struct mgmt *m = ctx;
	const char *kept;

	if (m->c.next_log)
		m->c.next_log(m->c.next_log_ctx, level, module, line, len);
	if (m->logging)
		return;
	m->logging = true;
	kept = logring_add(&m->log, mgmt_wall(m), level, module, line, len);
	list_for(it, &m->sessions) {
		struct mgmt_session *s = container_of(it, struct mgmt_session, link);

		if (kept && s->monitor)
			session_async(s, kept, strlen(kept));
	}
	m->logging = false;
}

/* ---- debug ---- */

/* A debug line goes where log lines of mgmt's own go, but not to the journal. */
static void debug_line(void *ctx, const char *line, size_t len)
{
	struct mgmt *m = ctx;
	struct mgmt_conf c = m->c;

	m->c.next_log = NULL;
	mgmt_log(m, LOG_DEBUG, "debug", line, len);
	m->c.next_log = c.next_log;
}

static bool same_wish(const struct debug_wish *w, const struct model_debug *like, bool radius)
{
	if (!like)
		return true;
	if ((like->l2tp && !w->what.l2tp) || (like->ppp && !w->what.ppp) || (radius && !w->radius))
		return false;
	if (!ip_addr_is_none(&like->peer) && !ip_addr_eq(&like->peer, &w->what.peer))
		return false;
	return !like->user || (w->user && strcmp(like->user, w->user) == 0);
}

/* Lines are made only while somebody wishes for them. */
static void set_debug_lines(struct mgmt *m)
{
	bool radius = false;

	for (const struct debug_wish *w = m->debug; w; w = w->next)
		radius |= w->radius;
	if (m->c.model)
		model_debug_set(m->c.model, m->debug ? debug_line : NULL, m->debug ? m : NULL);
	if (m->c.aaa)
		aaa_debug_set(m->c.aaa, radius ? debug_line : NULL, radius ? m : NULL);
}

unsigned mgmt_debug_del(struct mgmt *m, const struct model_debug *like, bool radius)
{
	unsigned n = 0;

	for (struct debug_wish **pp = &m->debug; *pp;) {
		struct debug_wish *w = *pp;

		if (!same_wish(w, like, radius)) {
			pp = &w->next;
			continue;
		}
		*pp = w->next;
		if (m->c.model && w->id)
			model_debug_del(m->c.model, w->id);
		free(w->user);
		free(w);
		n++;
	}
	if (n)
		set_debug_lines(m);
	return n;
}

static bool is_wished(const struct mgmt *m, const struct model_debug *d, bool radius)
{
	for (const struct debug_wish *w = m->debug; w; w = w->next)
		if (w->what.l2tp == d->l2tp && w->what.ppp == d->ppp && w->radius == radius && ip_addr_eq(&w->what.peer, &d->peer) &&
		    strcmp(w->user ? w->user : "", d->user ? d->user : "") == 0)
			return true;
	return false;
}

/* Return: 0, -ENOMEM or -ENOSPC. */
static int tell_model(struct mgmt *m, struct debug_wish *w, const char *user)
{
	w->user = user ? strdup(user) : NULL;
	w->what.user = w->user;
	if (user && !w->user)
		return -ENOMEM;
	if (!w->what.l2tp && !w->what.ppp)
		return 0;
	w->id = model_debug_add(m->c.model, &w->what);
	return w->id ? 0 : -ENOSPC;
}

int mgmt_debug_add(struct mgmt *m, const struct model_debug *what, bool radius)
{
	struct debug_wish *w;
	int rc;

	if (is_wished(m, what, radius))
		return 0;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->what = *what;
	w->radius = radius;
	rc = tell_model(m, w, what->user);
	if (rc) {
		free(w->user);
		free(w);
		return rc;
	}
	CONF_APPEND(m->debug, w);
	set_debug_lines(m);
	return 0;
}

/* ---- the tree ---- */

struct change_log {
	unsigned left;		/* lines that may still be logged */
};

static void log_change(void *ctx, char sign, const char *line)
{
	struct change_log *c = ctx;
	struct log l;

	if (!c->left || !c->left--)
		return;
	log_begin(&l, LOG_NOTICE, "mgmt", "configuration changed");
	log_fmt(&l, "change", "%c", sign);
	log_str(&l, "line", span_str(line));
	log_end(&l);
}

static void log_warning(void *ctx, const struct config_fault *f)
{
	log_line(LOG_WARNING, "mgmt", "configuration without effect", "what=\"%s\"", f->text);
}

int mgmt_put_in_force(struct mgmt *m, struct config *next)
{
	struct config before = m->conf;
	struct change_log cl = { CHANGES_LOGGED };
	unsigned n;
	int rc;

	if (m->loaded && config_same(&before, next))
		return 0;
	rc = m->c.ops.apply ? m->c.ops.apply(m->c.ctx, &before, next) : 0;
	if (rc)
		return rc;
	m->conf = *next;
	*next = before;
	config_news(config_warn, &before, &m->conf, log_warning, NULL);
	if (m->loaded) {
		n = config_diff(&before, &m->conf, log_change, &cl);
		if (n > CHANGES_LOGGED)
			log_line(LOG_NOTICE, "mgmt", "configuration changed", "more=%u", n - CHANGES_LOGGED);
	}
	m->loaded = true;
	return 0;
}

/* To the end of the file, whatever its size is said to be: a pipe has none. */
static int read_all(int fd, size_t cap, char **text, size_t *len)
{
	ssize_t n;

	for (;; cap *= 2) {
		char *p = cap <= 2 * (size_t)FILE_MAX ? realloc(*text, cap) : NULL;

		if (!p)
			return cap > FILE_MAX ? -EFBIG : -ENOMEM;
		*text = p;
		while (*len < cap && (n = read(fd, p + *len, cap - *len)))
			if (n > 0)
				*len += (size_t)n;
			else if (errno != EINTR)
				return -errno;
		if (*len < cap)
			return 0;
	}
}

static int read_file(const char *path, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct stat st;

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		rc = -errno;
	else if (st.st_size > FILE_MAX)
		rc = -EFBIG;
	else
		rc = read_all(fd, st.st_size > 0 ? (size_t)st.st_size + 1 : 4096, text, len);
	close(fd);
	return rc;
}

static int tree_from(const struct grammar *g, const char *path, struct config *c, struct out *errors)
{
	char *text;
	size_t len;
	int rc = read_file(path, &text, &len);

	if (rc)
		out_fmt(errors, "%s: %s\n", path, strerror(-rc));
	if (!rc && config_init(c))
		rc = -ENOMEM;
	else if (!rc && config_read(g, c, NULL, path, text, len, errors)) {
		rc = -EINVAL;
		config_fini(c);
	}
	if (text)
		explicit_bzero(text, len);
	free(text);
	return rc;
}

int mgmt_load(struct mgmt *m, struct out *errors)
{
	struct config c;
	int rc = m->c.config_path ? tree_from(m->g, m->c.config_path, &c, errors) : -ENOENT;

	if (rc)
		return rc;
	rc = mgmt_put_in_force(m, &c);
	if (rc)
		out_fmt(errors, "%s: not applied: %s\n", m->c.config_path, strerror(-rc));
	config_fini(&c);
	return rc;
}

int mgmt_check_file(const char *path, struct out *errors)
{
	struct grammar *g = grammar_new();
	struct config c;
	int rc = g ? tree_from(g, path, &c, errors) : -ENOMEM;

	if (!rc)
		config_fini(&c);
	gr_free(g);
	return rc;
}
