/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * l2tp drain and l2tp shutdown of one destination, tunnel or session (spec 4.5, 4.6). They are configuration mode's, but
 * act at once on what is there and are no part of the configuration: docs/decisions/0006.
 */
#include "base/log.h"
#include "mgmt/show.h"

static const char *const level_text[] = {
	[MODEL_DEST] = "destination", [MODEL_TUNNEL] = "tunnel", [MODEL_SESSION] = "session",
};

/* What is in one line of the log: who did it is the connection's affair, as with all of configuration mode. */
static void log_state(const struct model_filter *f, enum model_level level, enum admin_state state, size_t n)
{
	struct log l;

	log_begin(&l, LOG_NOTICE, "mgmt", "administrative state set");
	log_text(&l, "state", admin_text(state));
	log_text(&l, "level", level_text[level]);
	if (f->dest)
		log_u(&l, "destination", f->dest);
	else
		log_addr(&l, "peer", &f->lac);
	if (f->tunnel)
		log_u(&l, "tunnel", f->tunnel);
	if (f->session)
		log_u(&l, "session", f->session);
	log_u(&l, "objects", n);
	log_end(&l);
}

/* The `no` form of either enables. */
static int set(struct mgmt_session *s, const struct gr_match *m, enum model_level level, enum admin_state wanted)
{
	const struct gr_value *tunnel = gr_value(m, "tunnel-name"), *session = gr_value(m, "session-name");
	enum admin_state state = m->no ? ADMIN_ENABLED : wanted;
	struct job j = { 0 };
	size_t n;

	if (!show_ready(s) || !show_filter(s, m, &j))
		return MGMT_FAILED;
	if (tunnel)
		j.filter.tunnel = (unsigned)tunnel->num;
	if (session)
		j.filter.session = (unsigned)session->num;
	n = model_set_admin(s->m->c.model, level, &j.filter, state, mgmt_now(s->m));
	if (!n)
		return session_error(s, MGMT_NOT_FOUND, "No such L2TP %s", level_text[level]);
	log_state(&j.filter, level, state, n);
	return MGMT_DONE;
}

static int drain_dest(struct mgmt_session *s, const struct gr_match *m)
{
	return set(s, m, MODEL_DEST, ADMIN_DRAIN);
}

static int drain_tunnel(struct mgmt_session *s, const struct gr_match *m)
{
	return set(s, m, MODEL_TUNNEL, ADMIN_DRAIN);
}

static int shutdown_dest(struct mgmt_session *s, const struct gr_match *m)
{
	return set(s, m, MODEL_DEST, ADMIN_DISABLED);
}

static int shutdown_tunnel(struct mgmt_session *s, const struct gr_match *m)
{
	return set(s, m, MODEL_TUNNEL, ADMIN_DISABLED);
}

static int shutdown_session(struct mgmt_session *s, const struct gr_match *m)
{
	return set(s, m, MODEL_SESSION, ADMIN_DISABLED);
}

#define NUMBER(name) " <" name ":1-4294967295>"
#define OF(kind, more) " " kind " {<name:" kind ">|[virtual-router default] ip <peer:ipv4>" more "}"
#define DESTINATION OF("destination", "")
#define TUNNEL OF("tunnel", NUMBER("tunnel-name"))
#define SESSION OF("session", NUMBER("tunnel-name") NUMBER("session-name"))

#define OF_HELP(what, name)                                                                                    \
	"|" what "|" name "|Virtual router of the transport|The one the daemon runs in|By its peer|Peer's address"
#define NUMBER_HELP(what) "|Its number among the peer's " what

#define ROW(verb, text, object, help, fn)                                                                      \
	{ "l2tp " verb object, "L2TP|" text help, MODE_GLOBAL, GR_NO, "l2tp " verb object, .exec = fn }
#define DRAIN "No new destinations, tunnels and sessions"
#define SHUTDOWN "Close all destinations, tunnels and sessions"
#define DESTINATION_HELP OF_HELP("Of one peer: no part of the configuration", "D")
#define TUNNEL_HELP OF_HELP("Of one tunnel: no part of the configuration", "D/T") NUMBER_HELP("tunnels")
#define SESSION_HELP \
	OF_HELP("One session: no part of the configuration", "D/T/S") NUMBER_HELP("tunnels") NUMBER_HELP("sessions")

const struct gr_cmd cmd_l2tp_admin[] = {
	ROW("drain", DRAIN, DESTINATION, DESTINATION_HELP, drain_dest),
	ROW("drain", DRAIN, TUNNEL, TUNNEL_HELP, drain_tunnel),
	ROW("shutdown", SHUTDOWN, DESTINATION, DESTINATION_HELP, shutdown_dest),
	ROW("shutdown", SHUTDOWN, TUNNEL, TUNNEL_HELP, shutdown_tunnel),
	ROW("shutdown", SHUTDOWN, SESSION, SESSION_HELP, shutdown_session),
	{ 0 },
};
