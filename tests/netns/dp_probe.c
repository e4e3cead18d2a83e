/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens a user plane and does what it is told on standard input, a command a line, so that a test can see the
 * plane without a model:
 *
 *	local ADDR...			local addresses; none: any
 *	pool START END			one pool; without arguments: none
 *	loopback ADDR...		addresses on lo
 *	tunnel TID PEER-TID LOCAL PEER PORT [nocheck] [noff03]
 *	add TID SID			a session: answers its number
 *	punt N PEER-SID [seq]		seq: Ns is sent and required
 *	forward N IP4 MTU LOCAL-IP4 [host] [route PREFIX LEN]...
 *	unforward N | del N | counters N | tx N HEX | ctl LOCAL PEER PORT HEX | drop NAME | quit
 *
 * Every command is answered by one line, "ok ..." or "error ERRNO"; events come as "event ..." lines in
 * between.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "dataplane/dp_user.h"
#include "io/netlink.h"

enum { SESSIONS = 4096, WORDS = 64 };

static struct io_loop *loop;
static struct dp_if dp;
static struct nl *nl;
static struct nl_loopbacks *loopbacks;
static struct dp_handle session[SESSIONS];
static unsigned sessions;
static char line[65536];
static size_t line_len;

static void woken(void *ctx)
{
	io_loop_again(loop);
}

static struct ip_addr address(const char *text)
{
	struct ip_addr a;

	ip_addr_parse(&a, text);
	return a;
}

static size_t unhex(const char *text, uint8_t *to, size_t cap)
{
	size_t n = 0;

	for (unsigned v; n < cap && sscanf(text + n * 2, "%2x", &v) == 1; n++)
		to[n] = (uint8_t)v;
	return n;
}

static void hex(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", p[i]);
	printf("\n");
}

/* ---- commands: words in, 0 or -errno out; "ok" is written by the caller unless they wrote it ---- */

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 0);
}

static int do_local(char **w, int n)
{
	struct ip_addr a[WORDS];

	for (int i = 1; i < n; i++)
		a[i - 1] = address(w[i]);
	return dp.ops->local_set(dp.dp, a, (unsigned)n - 1);
}

static int do_pool(char **w, int n)
{
	struct dp_pool p = { 0 };

	if (n > 2) {
		ip4_parse(&p.start, w[1]);
		ip4_parse(&p.end, w[2]);
	}
	return dp.ops->pool_set(dp.dp, &p, n > 2);
}

static int do_loopback(char **w, int n)
{
	struct ip_prefix p[WORDS];

	for (int i = 1; i < n; i++)
		p[i - 1] = (struct ip_prefix){ address(w[i]), 32 };
	return nl_loopbacks_set(loopbacks, p, (unsigned)n - 1);
}

static bool has(char **w, int n, const char *word)
{
	for (int i = 1; i < n; i++)
		if (strcmp(w[i], word) == 0)
			return true;
	return false;
}

static int do_tunnel(char **w, int n)
{
	struct dp_tunnel t = { .local_tunnel_id = (uint16_t)number(w[1]), .peer_tunnel_id = (uint16_t)number(w[2]),
			       .local = address(w[3]), .peer = address(w[4]), .local_port = 1701,
			       .peer_port = (uint16_t)number(w[5]), .udp_checksum = !has(w, n, "nocheck"),
			       .no_ff03 = has(w, n, "noff03") };

	return dp.ops->tunnel_add(dp.dp, &t);
}

static int do_add(char **w, int n)
{
	struct dp_session s = { .local_tunnel_id = (uint16_t)number(w[1]), .local_session_id = (uint16_t)number(w[2]),
				.user = (void *)(uintptr_t)sessions };
	int rc = sessions < SESSIONS ? dp.ops->session_add(dp.dp, &s, &session[sessions]) : -ENOSPC;

	if (rc == 0)
		printf("ok %u\n", sessions++);
	return rc ? rc : 1;
}

static struct dp_handle of(const char *text)
{
	unsigned i = number(text);

	return i < sessions ? session[i] : DP_HANDLE_NONE;
}

static int do_punt(char **w, int n)
{
	bool seq = has(w, n, "seq");
	struct dp_session_params p = { (uint16_t)number(w[2]), seq, seq };

	return dp.ops->session_punt(dp.dp, of(w[1]), &p);
}

static int do_forward(char **w, int n)
{
	struct ip_route r[WORDS];
	struct dp_subscriber s = { .ip4 = address(w[2]), .mtu = (uint16_t)number(w[3]), .local_ip4 = address(w[4]),
				   .host_route = has(w, n, "host"), .routes = r };

	for (int i = 5; i + 2 < n; i++)
		if (strcmp(w[i], "route") == 0)
			r[s.route_count++] = (struct ip_route){ { address(w[i + 1]), (uint8_t)number(w[i + 2]) }, 0 };
	return dp.ops->session_forward(dp.dp, of(w[1]), &s);
}

static int do_unforward(char **w, int n)
{
	return dp.ops->session_unforward(dp.dp, of(w[1]));
}

static int do_del(char **w, int n)
{
	dp.ops->session_del(dp.dp, of(w[1]));
	return 0;
}

static void counters_print(const struct dp_counters *c)
{
	printf("%llu %llu %llu %llu %llu %llu %llu\n", (unsigned long long)c->rx_packets, (unsigned long long)c->rx_octets,
	       (unsigned long long)c->tx_packets, (unsigned long long)c->tx_octets, (unsigned long long)c->rx_drops,
	       (unsigned long long)c->tx_drops, (unsigned long long)c->rx_out_of_sequence);
}

static int do_counters(char **w, int n)
{
	struct dp_counters c;

	if (!dp.ops->session_counters(dp.dp, of(w[1]), &c))
		return -ENOENT;
	printf("ok ");
	counters_print(&c);
	return 1;
}

static int do_tx(char **w, int n)
{
	uint8_t buf[4096];

	return dp.ops->session_tx(dp.dp, of(w[1]), buf, unhex(w[2], buf, sizeof(buf)));
}

static int do_ctl(char **w, int n)
{
	struct ip_addr local = address(w[1]), peer = address(w[2]);
	uint8_t buf[4096];

	return dp.ops->control_tx(dp.dp, 0, &local, 1701, &peer, (uint16_t)number(w[3]), buf,
				  unhex(w[4], buf, sizeof(buf)));
}

static int do_drop(char **w, int n)
{
	for (enum dp_drop d = 0; d < DP_DROP_COUNT; d++) {
		if (strcmp(dp_drop_name(d), w[1]))
			continue;
		printf("ok %llu\n", (unsigned long long)dp.ops->drop_count(dp.dp, d));
		return 1;
	}
	return -ENOENT;
}

static int do_quit(char **w, int n)
{
	io_loop_stop(loop);
	return 0;
}

static const struct {
	const char *name;
	int words;
	int (*fn)(char **w, int n);
} commands[] = {
	{ "local", 1, do_local }, { "pool", 1, do_pool }, { "loopback", 1, do_loopback }, { "tunnel", 6, do_tunnel },
	{ "add", 3, do_add }, { "punt", 3, do_punt }, { "forward", 5, do_forward }, { "unforward", 2, do_unforward },
	{ "del", 2, do_del }, { "counters", 2, do_counters }, { "tx", 3, do_tx }, { "ctl", 5, do_ctl },
	{ "drop", 2, do_drop }, { "quit", 1, do_quit },
};

static void command(char *text)
{
	char *w[WORDS], *save = NULL;
	int n = 0, rc = -EINVAL;

	for (char *p = strtok_r(text, " ", &save); p && n < WORDS; p = strtok_r(NULL, " ", &save))
		w[n++] = p;
	for (size_t i = 0; n && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, w[0]) == 0 && n >= commands[i].words)
			rc = commands[i].fn(w, n);
	if (rc < 0)
		printf("error %s\n", strerrorname_np(-rc));
	else if (rc == 0)
		printf("ok\n");
}

static void input(void *ctx, int fd, unsigned ready, mono_t now)
{
	ssize_t got = read(fd, line + line_len, sizeof(line) - 1 - line_len);
	char *end;

	if (got <= 0) {
		io_loop_stop(loop);
		return;
	}
	line_len += (size_t)got;
	line[line_len] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		command(line);
		line_len -= (size_t)(end + 1 - line);
		memmove(line, end + 1, line_len + 1);
	}
}

/* ---- events ---- */

static void event_print(const struct dp_event *ev)
{
	char a[IP_ADDR_TEXT], b[IP_ADDR_TEXT];

	switch (ev->type) {
	case DP_EV_CONTROL:
		printf("event control %s %s %u ", ip_addr_text(&ev->local, a), ip_addr_text(&ev->peer, b), ev->peer_port);
		hex(ev->data, ev->len);
		break;
	case DP_EV_FRAME:
		printf("event frame %u ", (unsigned)(uintptr_t)ev->user);
		hex(ev->data, ev->len);
		break;
	case DP_EV_GONE:
		printf("event gone %u ", (unsigned)(uintptr_t)ev->user);
		counters_print(&ev->counters);
		break;
	case DP_EV_LOCAL_UP:
		printf("event local %s %s\n", ip_addr_text(&ev->local, a), ev->up ? "up" : "down");
		break;
	}
}

static void turn_ends(void *ctx, mono_t now, struct wall wall)
{
	struct dp_event ev;

	while (dp.ops->event(dp.dp, &ev, now))
		event_print(&ev);
	fflush(stdout);
}

static void log_stderr(void *ctx, enum log_level level, const char *module, const char *text, size_t len)
{
	fprintf(stderr, "%s %s %.*s\n", log_level_name(level), module, (int)len, text);
}

int main(void)
{
	struct dp_user_conf conf = { .max_sessions = SESSIONS };
	struct io_fd *in;
	struct io_hook *hook;
	int rc;

	log_set_sink(log_stderr, NULL, LOG_DEBUG);
	loop = io_loop_new();
	rc = loop ? dp_user_new(loop, &conf, woken, NULL, &dp) : -ENOMEM;
	if (rc == 0)
		rc = nl_open(&nl);
	loopbacks = rc == 0 ? nl_loopbacks_new(nl) : NULL;
	if (!loopbacks) {
		printf("error %s\n", strerrorname_np(-rc));
		return 1;
	}
	in = io_fd_add(loop, 0, IO_READ, input, NULL);
	hook = io_hook_add(loop, turn_ends, NULL);
	printf("ok ready\n");
	fflush(stdout);
	rc = io_loop_run(loop);
	io_hook_del(hook);
	io_fd_del(in);
	dp_user_free(dp);
	nl_loopbacks_free(loopbacks);
	nl_close(nl);
	io_loop_free(loop);
	return rc ? 1 : 0;
}
