/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection to the daemon: requests out, answers in (docs/management-protocol.md). */
#include "cli/conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PROMPT_MAX = 256, READ_SIZE = 65536 };

struct conn {
	int fd;
	struct frame_rd in;
	uint8_t *held;		/* the last output frame: a message if a refusal comes next */
	size_t held_len, held_cap;
	bool holding;
	char prompt[PROMPT_MAX];
	uint8_t read_buf[READ_SIZE];
};

struct conn *conn_new(int fd)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->fd = fd;
	frame_rd_init(&c->in);
	return c;
}

void conn_free(struct conn *c)
{
	if (!c)
		return;
	close(c->fd);
	frame_rd_fini(&c->in);
	free(c->held);
	free(c);
}

int conn_open(struct conn **out, const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	strcpy(to.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		goto fail;
	*out = conn_new(fd);
	if (*out)
		return 0;
	errno = ENOMEM;
fail:
	err = -errno;
	close(fd);
	return err;
}

int conn_fd(const struct conn *c)
{
	return c->fd;
}

const char *conn_prompt(const struct conn *c)
{
	return c->prompt;
}

static int send_all(struct conn *c, struct span s)
{
	while (s.len) {
		ssize_t n = send(c->fd, s.p, s.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == ECONNRESET ? -EPIPE : -errno;
		s = span_of(s.p + n, s.len - (size_t)n);
	}
	return 0;
}

int conn_request(struct conn *c, const char *verb, struct span text)
{
	char line[CONN_LINE_MAX];
	size_t verb_len = strlen(verb), n = verb_len;

	if (text.len && (memchr(text.p, '\n', text.len) || memchr(text.p, '\0', text.len)))
		return -EINVAL;
	if (verb_len + text.len + 2 > sizeof(line))
		return -EMSGSIZE;
	memcpy(line, verb, verb_len);
	if (text.len) {
		line[n++] = ' ';
		memcpy(line + n, text.p, text.len);
		n += text.len;
	}
	line[n++] = '\n';
	return send_all(c, span_of(line, n));
}

int conn_request_file(struct conn *c, struct span body)
{
	char length[24];
	int err;

	snprintf(length, sizeof(length), "%zu", body.len);
	err = conn_request(c, "file", span_str(length));
	return err ? err : send_all(c, body);
}

/* Output is passed on one frame late: only the code after it tells output from the message of a refusal. */
static void pass_held(struct conn *c, void (*to)(void *ctx, struct span text), void *ctx)
{
	if (c->holding)
		to(ctx, span_of(c->held, c->held_len));
	c->holding = false;
}

static int hold(struct conn *c, struct span text)
{
	if (text.len > c->held_cap) {
		uint8_t *p = realloc(c->held, text.len);

		if (!p)
			return -ENOMEM;
		c->held = p;
		c->held_cap = text.len;
	}
	if (text.len)
		memcpy(c->held, text.p, text.len);
	c->held_len = text.len;
	c->holding = true;
	return 0;
}

static void keep_prompt(struct conn *c, struct span text)
{
	size_t n = text.len < PROMPT_MAX ? text.len : PROMPT_MAX - 1;

	if (n)
		memcpy(c->prompt, text.p, n);
	c->prompt[n] = '\0';
}

/* Takes one frame of an answer. Return: its code when it ends the answer, 0 when not, or a negative errno. */
static int take(struct conn *c, const struct frame *f, const struct conn_ops *ops, void *ctx)
{
	if (f->code == FRAME_ASYNC) {
		ops->async(ctx, f->text);
		return 0;
	}
	if (f->code == FRAME_OUTPUT) {
		pass_held(c, ops->output, ctx);
		return hold(c, f->text);
	}
	if (f->code < FRAME_DONE)
		return 0;	/* a code of a later version that does not end the answer */
	pass_held(c, f->code >= FRAME_SYNTAX ? ops->error : ops->output, ctx);
	keep_prompt(c, f->text);
	return (int)f->code;
}

static int fill(struct conn *c, int flags)
{
	ssize_t n = recv(c->fd, c->read_buf, sizeof(c->read_buf), flags);

	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return n == 0 ? -EPIPE : frame_rd_feed(&c->in, span_of(c->read_buf, (size_t)n));
}

int conn_answer(struct conn *c, const struct conn_ops *ops, void *ctx)
{
	struct frame f;
	int n, ret = 0;

	while (!ret) {
		n = frame_rd_next(&c->in, &f);
		if (n > 0) {
			ret = take(c, &f, ops, ctx);
			continue;
		}
		ret = n < 0 ? n : fill(c, 0);
		if (ret == -EINTR && !(ops->give_up && ops->give_up(ctx)))
			ret = 0;
	}
	if (ret < 0)
		pass_held(c, ops->output, ctx);
	return ret;
}

int conn_idle(struct conn *c, const struct conn_ops *ops, void *ctx)
{
	struct frame f;
	int n, lines = 0, err = fill(c, MSG_DONTWAIT);

	if (err && err != -EAGAIN && err != -EINTR)
		return err;
	while ((n = frame_rd_next(&c->in, &f)) > 0) {
		if (f.code == FRAME_BYE)
			return -EPIPE;
		if (f.code != FRAME_ASYNC)
			return -EPROTO;
		ops->async(ctx, f.text);
		lines++;
	}
	return n < 0 ? n : lines;
}

int cli_status(int code)
{
	if (code < FRAME_DONE)
		return CLI_LOST;
	if (code < FRAME_SYNTAX)
		return CLI_OK;
	return code == FRAME_SYNTAX ? CLI_SYNTAX : CLI_REFUSED;
}
