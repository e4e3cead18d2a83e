/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write memory. The file is replaced in one step (a temporary file beside it, fsync, rename); the text also
 * goes under the next number into STATE_DIR/config-history/, where the last 20 are kept.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mgmt/session_int.h"

enum { HISTORY = 20, PATH_LEN = 4096 };

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		p += w;
		n -= (size_t)w;
	}
	return fsync(fd) ? -errno : 0;
}

static int sync_dir_of(const char *path)
{
	char dir[PATH_LEN];
	char *slash;
	int fd, rc = 0;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		rc = -errno;
	close(fd);
	return rc;
}

/* Has passwords in it: readable by others only if the file that is replaced was. */
static int replace_file(const char *path, const char *text, size_t len)
{
	char temp[PATH_LEN];
	struct stat st;
	mode_t mode = stat(path, &st) == 0 ? st.st_mode & 0777 : 0600;
	int fd, rc;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	rc = fchmod(fd, mode) ? -errno : write_all(fd, text, len);
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(temp, path))
		rc = -errno;
	if (rc)
		unlink(temp);
	return rc ? rc : sync_dir_of(path);
}

static bool history_number(const char *name, unsigned long *n)
{
	char *end;

	if (*name < '0' || *name > '9')
		return false;
	*n = strtoul(name, &end, 10);
	return strcmp(end, ".conf") == 0;
}

/* The highest number, after all but the last HISTORY - 1 were deleted, so that there is room for one more. */
static unsigned long prune(const char *dir)
{
	unsigned long n, last = 0;
	DIR *d = opendir(dir);

	for (struct dirent *e; d && (e = readdir(d));)
		if (history_number(e->d_name, &n) && n > last)
			last = n;
	if (d)
		rewinddir(d);
	for (struct dirent *e; d && (e = readdir(d));)
		if (history_number(e->d_name, &n) && n + HISTORY - 1 <= last)
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	return last;
}

static int write_history(const char *state_dir, const char *text, size_t len)
{
	char dir[PATH_LEN - 64], path[PATH_LEN];

	if (snprintf(dir, sizeof(dir), "%s/config-history", state_dir) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	mkdir(state_dir, 0750);
	if (mkdir(dir, 0700) && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s/%06lu.conf", dir, prune(dir) + 1);
	return replace_file(path, text, len);
}

/* A link stays a link: what it leads to is replaced. */
static int write_config(const char *config_path, const char *text, size_t len)
{
	char *real = realpath(config_path, NULL);
	int rc = replace_file(real ? real : config_path, text, len);

	free(real);
	return rc;
}

static void say_fault(void *ctx, const struct config_fault *f)
{
	out_fmt(ctx, "%% %s\n", f->text);
}

int mgmt_write_memory(struct mgmt *m, struct out *why)
{
	struct out text = { 0 };
	int rc = 0;

	if (!m->c.config_path) {
		out_str(why, "% The daemon has no configuration file\n");
		return -ENOENT;
	}
	if (config_check(&m->conf, say_fault, why)) {
		/* a restart would refuse such a file */
		out_str(why, "% Not saved\n");
		return -EINVAL;
	}
	config_write(&m->conf, &text);
	rc = text.failed ? -ENOMEM : write_config(m->c.config_path, text.p ? text.p : "", text.len);
	if (rc)
		out_fmt(why, "%% Not saved: %s: %s\n", m->c.config_path, strerror(-rc));
	if (!rc && m->c.state_dir) {
		int history = write_history(m->c.state_dir, text.p ? text.p : "", text.len);

		if (history)
			out_fmt(why, "%% Saved, but not into %s/config-history: %s\n", m->c.state_dir,
				strerror(-history));
	}
	if (text.p)
		explicit_bzero(text.p, text.len);
	out_fini(&text);
	if (!rc)
		log_line(LOG_NOTICE, "mgmt", "configuration saved", "path=%s", m->c.config_path);
	return rc;
}
