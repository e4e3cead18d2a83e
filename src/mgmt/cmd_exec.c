/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that do something: modes, write memory, clear, debug, terminal. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/show.h"

/* ---- modes ---- */

static int configure(struct mgmt_session *s, const struct gr_match *m)
{
	if (session_enter(s, MODE_GLOBAL, NULL))
		return session_error(s, MGMT_FAILED, "Out of memory");
	return MGMT_DONE;
}

static int leave(struct mgmt_session *s, const struct gr_match *m)
{
	if (!s->depth)
		return MGMT_BYE;
	session_leave(s);
	return MGMT_DONE;
}

static int end(struct mgmt_session *s, const struct gr_match *m)
{
	while (s->depth)
		session_leave(s);
	return MGMT_DONE;
}

/* `do LINE`: an exec command from a configuration mode. */
static int do_line(struct mgmt_session *s, const struct gr_match *m)
{
	const struct gr_value *v = gr_value(m, "command");
	const struct lex *l = m->lex;
	unsigned depth = s->depth, at = l->word[v->word].col;
	enum mgmt_code code;

	s->depth = 0;
	code = session_line(s, l->line + at, l->len - at);
	if (!s->depth)
		s->depth = depth;
	return code == MGMT_BYE ? MGMT_DONE : (int)code;
}

static int write_memory(struct mgmt_session *s, const struct gr_match *m)
{
	int rc = mgmt_write_memory(s->m, &s->body);

	return rc == 0 ? MGMT_DONE : rc == -EINVAL ? MGMT_REFUSED : MGMT_FAILED;
}

/* ---- clear ---- */

typedef size_t clear_fn(struct model *m, const struct model_filter *f, mono_t now);

static int clear(struct mgmt_session *s, const struct gr_match *m, clear_fn *fn, const char *what)
{
	struct job j = { 0 };
	size_t n;

	if (!show_ready(s) || !show_filter(s, m, &j))
		return MGMT_FAILED;
	n = fn(s->m->c.model, &j.filter, mgmt_now(s->m));
	if (!n && !gr_has(m, "all"))
		return session_error(s, MGMT_NOT_FOUND, "No such L2TP %s", what);
	out_fmt(&s->body, "%zu L2TP %s%s cleared\n", n, what, n == 1 ? "" : "s");
	return MGMT_DONE;
}

static int clear_session(struct mgmt_session *s, const struct gr_match *m)
{
	return clear(s, m, model_clear_sessions, "session");
}

static int clear_tunnel(struct mgmt_session *s, const struct gr_match *m)
{
	return clear(s, m, model_clear_tunnels, "tunnel");
}

static int clear_destination(struct mgmt_session *s, const struct gr_match *m)
{
	return clear(s, m, model_clear_destinations, "destination");
}

/* ---- debug, terminal ---- */

static struct model_debug wish(const struct gr_match *m)
{
	const struct gr_value *peer = gr_value(m, "address");
	bool all = gr_has(m, "all");
	struct model_debug d = { all || gr_has(m, "l2tp"), all || gr_has(m, "ppp") };

	if (peer)
		d.peer = peer->ip;
	d.user = gr_str(m, "user");
	return d;
}

/* RADIUS datagrams are not told apart by LAC or user. */
static bool wishes_radius(const struct gr_match *m, const struct model_debug *d)
{
	return gr_has(m, "radius") || (gr_has(m, "all") && !d->user && ip_addr_is_none(&d->peer));
}

static int debug(struct mgmt_session *s, const struct gr_match *m)
{
	struct model_debug d = wish(m);
	bool radius = wishes_radius(m, &d);
	int rc;

	if (m->no) {
		bool whole = gr_has(m, "all") && radius;

		if (!mgmt_debug_del(s->m, whole ? NULL : &d, radius) && !whole)
			return session_error(s, MGMT_NOT_FOUND, "No such debugging is on");
		return MGMT_DONE;
	}
	if (!show_ready(s))
		return MGMT_FAILED;
	rc = mgmt_debug_add(s->m, &d, radius);
	if (rc == -ENOSPC)
		return session_error(s, MGMT_REFUSED, "Too many kinds of debugging are on: see `show debugging`");
	if (rc)
		return session_error(s, MGMT_FAILED, "Out of memory");
	if (d.l2tp && d.user)
		out_str(&s->body, "Control messages have no user: of a user only PPP frames are shown\n");
	if (!s->monitor)
		out_str(&s->body, "Debug lines are seen after `terminal monitor`, and in `show log`\n");
	return MGMT_DONE;
}

static int undebug(struct mgmt_session *s, const struct gr_match *m)
{
	mgmt_debug_del(s->m, NULL, false);
	return MGMT_DONE;
}

static int monitor(struct mgmt_session *s, const struct gr_match *m)
{
	s->monitor = !m->no;
	return MGMT_DONE;
}

static int no_monitor(struct mgmt_session *s, const struct gr_match *m)
{
	s->monitor = false;
	return MGMT_DONE;
}

#define CLEAR(object, text)                                                                                    \
	"clear l2tp " object " {all|<name:" object ">|[virtual-router default] ip <peer:ipv4>}",               \
		"End|L2TP|" text "|All of them|One of them|Virtual router of the transport|The one the "       \
				 "daemon runs in|Of one peer|Peer's address"

const struct gr_cmd cmd_exec[] = {
	{ "configure [terminal]", "Enter configuration mode|From here", MODE_EXEC, 0, .exec = configure },
	{ "exit", "Leave this mode, or the connection", MODE_ANY, 0, .exec = leave },
	{ "end", "Leave configuration mode", MODE_ANY, 0, .exec = end },
	{ "do <command:line>", "An exec command from any mode|The command", MODE_ANY, 0, .exec = do_line },
	{ "run <command:line>", "An exec command from any mode|The command", MODE_ANY, 0, .exec = do_line },
	{ "write memory", "Save|The running configuration, into the configuration file", MODE_ANY, 0,
	  .exec = write_memory },
	{ CLEAR("session", "PPP connections in tunnels"), MODE_EXEC, 0, .exec = clear_session },
	{ CLEAR("tunnel", "Control connections, and all in them"), MODE_EXEC, 0, .exec = clear_tunnel },
	{ CLEAR("destination", "Peers, and all below them"), MODE_EXEC, 0, .exec = clear_destination },
	{ "debug {l2tp|ppp|all} [peer <address:ipv4>] [user <user:text>]",
	  "Show each message as it comes and goes|L2TP control messages|PPP control frames|"
	  "All kinds; of one peer or user, these two|"
	  "Of one peer|Its address|Of one user|User name",
	  MODE_EXEC, GR_NO, "debug {l2tp|ppp|all} [peer <address:ipv4>] [user <user:text>]", .exec = debug },
	{ "debug radius", "Show each message as it comes and goes|RADIUS datagrams", MODE_EXEC, GR_NO, .exec = debug },
	{ "undebug all", "Stop debugging|All of it", MODE_EXEC, 0, .exec = undebug },
	{ "terminal monitor", "This connection|Show log and debug lines as they come", MODE_ANY, GR_NO,
	  .exec = monitor },
	{ "terminal no monitor", "This connection|Turn off|Log and debug lines", MODE_ANY, 0, .exec = no_monitor },
	{ 0 },
};
