/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is let in: administrative states (spec 1.3), session limits in the order of spec 3.4, calls in progress,
 * single-shot tunnels (spec 4.9). Every refusal has its named reason and Result Code; nothing is changed here.
 */
#include "model/priv.h"

enum { STOPCCN_GENERAL_ERROR = 2, STOPCCN_NOT_AUTHORIZED = 4, STOPCCN_SHUTTING_DOWN = 6 };	/* RFC 2661 §4.4.2 */
enum { CDN_GENERAL_ERROR = 2, CDN_ADMINISTRATIVE = 3, CDN_NO_FACILITIES_NOW = 4, CDN_NO_FACILITIES = 5 };
enum { ERROR_NO_RESOURCES = 4 };

/* ---- administrative states ---- */

enum admin_state admin_worse(enum admin_state a, enum admin_state b)
{
	static const uint8_t rank[] = { [ADMIN_ENABLED] = 0, [ADMIN_DRAIN] = 1, [ADMIN_DISABLED] = 2 };

	return rank[a] >= rank[b] ? a : b;
}

enum admin_state dest_effective(const struct model *m, const struct dest *d)
{
	return admin_worse(d->admin, m->stopping ? ADMIN_DISABLED : m->conf.l2tp.admin);
}

enum admin_state tunnel_effective(const struct model *m, const struct tunnel *t)
{
	return admin_worse(t->admin, dest_effective(m, t->dest));
}

enum admin_state session_effective(const struct model *m, const struct session *s)
{
	return admin_worse((enum admin_state)s->admin, tunnel_effective(m, s->tunnel));
}

/* ---- tunnels ---- */

static struct refusal refuse_tunnel(enum l2tp_reason why, uint16_t result, uint16_t error)
{
	return (struct refusal){ why, { result, error, l2tp_reason_name(why) } };
}

/* Both ends of a tunnel in one system: spec 1.1. */
static bool address_is_ours(const struct model *m, const struct l2tp_path *path)
{
	if (ip_addr_eq(&path->local, &path->peer))
		return true;
	for (const struct dprof *d = m->dprofs; d; d = d->next)
		for (const struct host *h = d->hosts; h; h = h->next)
			if (h->conf && ip_addr_eq(&h->conf->local_ip, &path->peer))
				return true;
	return false;
}

struct refusal limits_tunnel(const struct model *m, const struct l2tp_path *path, const struct host *host,
			     const struct dest *d)
{
	enum admin_state admin = m->stopping ? ADMIN_DISABLED : m->conf.l2tp.admin;

	if (d)
		admin = dest_effective(m, d);
	if (admin != ADMIN_ENABLED)
		return refuse_tunnel(L2TP_REASON_TUNNEL_RX_SCCRQ_ADMIN_CLOSE, STOPCCN_SHUTTING_DOWN, 0);
	if (address_is_ours(m, path))
		return refuse_tunnel(L2TP_REASON_TUNNEL_RX_SCCRQ_BAD_ADDRESS, STOPCCN_NOT_AUTHORIZED, 0);
	if (!host)
		return refuse_tunnel(L2TP_REASON_TUNNEL_RX_SCCRQ_AUTHENTICATE_FAILED_HOST, STOPCCN_NOT_AUTHORIZED, 0);
	return (struct refusal){ L2TP_REASON_NONE };
}

/* ---- calls ---- */

static bool reached(uint32_t limit, unsigned count)
{
	return limit && count >= limit;
}

/* Spec 3.4: destination profile, group, host profile; the chassis independently. */
static bool session_limit_reached(const struct model *m, const struct host *h)
{
	const struct group *g = h->group;

	return reached(h->dprof->conf ? h->dprof->conf->max_sessions : 0, h->dprof->sessions) ||
	       (g && reached(g->conf->max_sessions, g->sessions)) ||
	       reached(h->conf->max_sessions, h->sessions) ||
	       reached(m->conf.l2tp.max_sessions, m->active_sessions);
}

/* Spec 3.5: 4 and 5 become 2 (with error 4) for LACs that fail over on nothing else. */
static struct refusal refuse_call(const struct host *h, enum l2tp_reason why, uint16_t result)
{
	bool facilities = result == CDN_NO_FACILITIES_NOW || result == CDN_NO_FACILITIES;
	struct l2tp_cause cause = { result, 0, l2tp_reason_name(why) };

	if (facilities && h->conf && h->conf->oor_override) {
		cause.result = CDN_GENERAL_ERROR;
		cause.error = ERROR_NO_RESOURCES;
	}
	return (struct refusal){ why, cause };
}

struct refusal limits_no_resources(const struct tunnel *t)
{
	return refuse_call(t->host, L2TP_REASON_SESSION_CREATE_FAILED_NO_RESOURCES, CDN_NO_FACILITIES_NOW);
}

struct refusal limits_call(const struct model *m, const struct tunnel *t)
{
	const struct host *h = t->host;

	if (tunnel_effective(m, t) != ADMIN_ENABLED || t->doom || !h->conf)
		return refuse_call(h, L2TP_REASON_SESSION_RX_ICRQ_ADMIN_CLOSE, CDN_ADMINISTRATIVE);
	if (t->fired)
		return refuse_call(h, L2TP_REASON_SESSION_CREATE_FAILED_SINGLE_SHOT_TUNNEL_ALREADY_FIRED,
				   CDN_NO_FACILITIES_NOW);
	if (session_limit_reached(m, h))
		return refuse_call(h, L2TP_REASON_SESSION_CREATE_FAILED_LIMIT_REACHED, CDN_NO_FACILITIES_NOW);
	if (m->calls_in_progress >= m->conf.l2tp.calls_in_progress)
		return refuse_call(h, L2TP_REASON_SESSION_CREATE_FAILED_CALLS_IN_PROGRESS, CDN_NO_FACILITIES_NOW);
	if (!h->iface)
		return refuse_call(h, L2TP_REASON_SESSION_UPPER_CREATE_FAILED, CDN_NO_FACILITIES);
	return (struct refusal){ L2TP_REASON_NONE };
}
