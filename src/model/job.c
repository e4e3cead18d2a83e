/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations on sets: clear, log-out, shutdown, a changed host profile. An operation only marks what it addresses;
 * the job goes round the slots and ends what is marked, at most this turn's share of objects, and goes on where it
 * stopped.
 */
#include "model/priv.h"

enum { STOPCCN_GENERAL = 1, STOPCCN_SHUTTING_DOWN = 6 };	/* RFC 2661 §4.4.2 */

bool doom_session(struct model *m, struct session *s, enum doom why)
{
	if (s->phase >= SESSION_CLOSING)
		return false;
	m->doomed_sessions += s->doom == DOOM_NONE;
	if (s->doom < why)
		s->doom = (uint8_t)why;
	m->more = true;
	return true;
}

bool doom_tunnel(struct model *m, struct tunnel *t, enum doom why)
{
	if (t->phase >= TUNNEL_CLOSING)
		return false;
	m->doomed_tunnels += t->doom == DOOM_NONE;
	if (t->doom < why)
		t->doom = (uint8_t)why;
	m->more = true;
	return true;
}

static void end_doomed_session(struct model *m, struct session *s, mono_t now)
{
	struct end why = s->doom == DOOM_LOGOUT ? end_logout(AAA_LOGOUT_ADMIN) :
		end_l2tp(L2TP_REASON_SESSION_ADMIN_CLOSE);

	s->doom = DOOM_NONE;
	m->doomed_sessions--;
	session_close(m, s, why, now);
}

static void end_doomed_tunnel(struct model *m, struct tunnel *t, mono_t now)
{
	static const struct {
		enum l2tp_reason why;
		uint16_t result;
	} how[] = {
		[DOOM_CLEAR] = { L2TP_REASON_TUNNEL_ADMIN_CLOSE, STOPCCN_GENERAL },
		[DOOM_LOGOUT] = { L2TP_REASON_TUNNEL_ADMIN_CLOSE, STOPCCN_GENERAL },
		[DOOM_PROFILE_CHANGED] = { L2TP_REASON_TUNNEL_HOST_PROFILE_CHANGED, STOPCCN_GENERAL },
		[DOOM_PROFILE_DELETED] = { L2TP_REASON_TUNNEL_HOST_PROFILE_DELETED, STOPCCN_GENERAL },
		[DOOM_SHUTDOWN] = { L2TP_REASON_TUNNEL_ADMIN_CLOSE, STOPCCN_SHUTTING_DOWN },
	};
	enum doom doom = (enum doom)t->doom;

	t->doom = DOOM_NONE;
	m->doomed_tunnels--;
	tunnel_close(m, t, how[doom].why, how[doom].result, now);
}

/* Each slot is looked at once a turn at most. */
static void run_sessions(struct model *m, mono_t now)
{
	uint32_t slots = m->sessions.count < JOB_SCAN ? m->sessions.count : JOB_SCAN;

	for (uint32_t i = 0; i < slots && m->doomed_sessions && m->share; i++) {
		struct session *s;

		if (m->doom_session_pos >= m->sessions.count)
			m->doom_session_pos = 0;
		s = m->sessions.slot[m->doom_session_pos++].obj;
		if (s && s->doom && use_share(m))
			end_doomed_session(m, s, now);
	}
}

static void run_tunnels(struct model *m, mono_t now)
{
	uint32_t slots = m->tunnels.count < JOB_SCAN ? m->tunnels.count : JOB_SCAN;

	for (uint32_t i = 0; i < slots && m->doomed_tunnels && m->share; i++) {
		struct tunnel *t;

		if (m->doom_tunnel_pos >= m->tunnels.count)
			m->doom_tunnel_pos = 0;
		t = m->tunnels.slot[m->doom_tunnel_pos++].obj;
		if (t && t->doom && use_share(m))
			end_doomed_tunnel(m, t, now);
	}
}

void jobs_run(struct model *m, mono_t now)
{
	run_sessions(m, now);
	run_tunnels(m, now);
}

/* ---- the operations ---- */

static size_t doom_sessions(struct model *m, const struct model_filter *f, enum doom why)
{
	struct walk w = { 0 };
	struct session *s;
	size_t n = 0;

	while ((s = walk_session(m, &w, f)))
		n += doom_session(m, s, why);
	return n;
}

size_t model_clear_sessions(struct model *m, const struct model_filter *f, mono_t now)
{
	return doom_sessions(m, f, DOOM_CLEAR);
}

size_t model_logout(struct model *m, const struct model_filter *f, mono_t now)
{
	struct walk w = { 0 };
	struct session *s;
	size_t n = 0;

	while ((s = walk_session(m, &w, f))) {
		if (!s->sub || !s->sub->granted || s->phase >= SESSION_CLOSING)
			continue;
		doom_session(m, s, DOOM_LOGOUT);
		n++;
	}
	return n;
}

static size_t doom_tunnels(struct model *m, const struct model_filter *f, enum doom why)
{
	struct walk w = { 0 };
	struct tunnel *t;
	size_t n = 0;

	while ((t = walk_tunnel(m, &w, f)))
		n += doom_tunnel(m, t, why);
	return n;
}

size_t model_clear_tunnels(struct model *m, const struct model_filter *f, mono_t now)
{
	return doom_tunnels(m, f, DOOM_CLEAR);
}

static bool doom_dest(struct model *m, struct dest *d, enum doom why)
{
	bool any = false;

	list_for(it, &d->tunnels)
		any |= doom_tunnel(m, container_of(it, struct tunnel, of_dest), why);
	return any;
}

size_t model_clear_destinations(struct model *m, const struct model_filter *f, mono_t now)
{
	struct walk w = { 0 };
	struct dest *d;
	size_t n = 0;

	while ((d = walk_dest(m, &w, f)))
		n += doom_dest(m, d, DOOM_CLEAR);
	return n;
}

/* ---- administrative states ---- */

static size_t admin_dests(struct model *m, const struct model_filter *f, enum admin_state state)
{
	struct walk w = { 0 };
	struct dest *d;
	size_t n = 0;

	for (; (d = walk_dest(m, &w, f)); n++) {
		d->admin = state;
		if (state == ADMIN_DISABLED)
			doom_dest(m, d, DOOM_SHUTDOWN);
		dest_unused(m, d);
	}
	return n;
}

static size_t admin_tunnels(struct model *m, const struct model_filter *f, enum admin_state state)
{
	struct walk w = { 0 };
	struct tunnel *t;
	size_t n = 0;

	while ((t = walk_tunnel(m, &w, f))) {
		if (t->phase >= TUNNEL_CLOSING)
			continue;
		t->admin = state;
		if (state == ADMIN_DISABLED)
			doom_tunnel(m, t, DOOM_SHUTDOWN);
		n++;
	}
	return n;
}

static size_t admin_sessions(struct model *m, const struct model_filter *f, enum admin_state state)
{
	struct walk w = { 0 };
	struct session *s;
	size_t n = 0;

	while ((s = walk_session(m, &w, f))) {
		if (s->phase >= SESSION_CLOSING)
			continue;
		s->admin = (uint8_t)state;
		if (state == ADMIN_DISABLED)
			doom_session(m, s, DOOM_SHUTDOWN);
		n++;
	}
	return n;
}

size_t model_set_admin(struct model *m, enum model_level level, const struct model_filter *f, enum admin_state state,
		       mono_t now)
{
	if (level == MODEL_DEST)
		return admin_dests(m, f, state);
	return level == MODEL_TUNNEL ? admin_tunnels(m, f, state) : admin_sessions(m, f, state);
}
