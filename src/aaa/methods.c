/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Methods in order. The first that can judge decides, and its word is final: only a RADIUS that nobody answers for lets
 * the next one be asked. Source: RFC 2865 §5.8; RFC 2869 §5.18.
 */
#include "aaa/methods.h"

#include <errno.h>

#include "aaa/aaa_priv.h"
#include "aaa/radius_ask.h"

static const uint32_t client_chooses = 0xffffffff;	/* RFC 2865 §5.8: the user selects an address */
static const uint32_t nas_chooses = 0xfffffffe;

/* What a user who is let in has coming, from wherever. */
struct wanted {
	struct ip_addr ip4;
	struct span pool;		/* empty: any */
	uint32_t session_timeout_s, idle_timeout_s;
};

static void authorize(struct aaa *a, struct grant *g, uint32_t vr, const struct wanted *w, mono_t now)
{
	uint32_t fixed = ip4_num(&w->ip4);
	enum aaa_refusal why;

	g->session_timeout_s = w->session_timeout_s ? w->session_timeout_s : a->conf.session_timeout_s;
	g->idle_timeout_s = w->idle_timeout_s ? w->idle_timeout_s : a->conf.idle_timeout_s;
	g->client_chooses = fixed == client_chooses;
	if (g->client_chooses) {
		grant_accept(a, g);
		return;
	}
	if (fixed != 0 && fixed != nas_chooses) {
		static_give(a, g, vr, &w->ip4, now);
		return;
	}
	why = pools_give(a, g, vr, w->pool);
	if (why != AAA_REFUSE_NONE)
		grant_refuse(a, g, why);
	else
		grant_accept(a, g);
}

void authorize_radius(struct aaa *a, struct grant *g, const struct radius_accept *acc, mono_t now)
{
	const struct aaa_request *rq = &g->answer->ask->rq;
	struct wanted w = { acc->ip4, acc->pool.len ? acc->pool : rq->pool, acc->session_timeout_s,
			    acc->idle_timeout_s };

	if (acc->interim_s)
		g->acct.interim_s = acc->interim_s;
	authorize(a, g, rq->line.vr, &w, now);
}

static void authorize_local(struct aaa *a, struct grant *g, enum aaa_method method, const struct aaa_request *rq,
			    const struct aaa_user *u, mono_t now)
{
	struct wanted w = { .pool = rq->pool };

	g->method = (uint8_t)method;
	if (u) {
		w.ip4 = u->ip4;
		w.pool = u->pool ? span_str(u->pool) : rq->pool;
		w.session_timeout_s = u->session_timeout_s;
		w.idle_timeout_s = u->idle_timeout_s;
	}
	authorize(a, g, rq->line.vr, &w, now);
}

/* ---- methods ---- */

static void judge_local(struct aaa *a, struct grant *g, const struct aaa_request *rq, mono_t now)
{
	const struct aaa_user *u = users_find(&a->users, rq->user);
	/* an unknown user takes as long as a wrong password */
	bool ok = credentials_check(rq, span_str(u && u->password ? u->password : a->decoy), g->answer->mschap_success);

	if (!u || !u->password || !ok)
		grant_refuse(a, g, AAA_REFUSE_DENIED);
	else
		authorize_local(a, g, AAA_METHOD_LOCAL, rq, u, now);
}

/* Return: false when the next method has to be asked. */
static bool judge_radius(struct aaa *a, struct grant *g, const struct aaa_request *rq, unsigned index, mono_t now)
{
	int rc;

	if (g->answer->ask)	/* it has been asked already */
		return false;
	if (grant_ask_set(g, rq) < 0) {
		grant_refuse(a, g, AAA_REFUSE_NO_RESOURCES);
		return true;
	}
	g->answer->ask->method = index;
	rc = radius_ask(a, g, rq, now);
	if (rc == 0)
		g->state = GRANT_ASKING;
	else
		grant_refuse(a, g, rc == -ENOMEM ? AAA_REFUSE_NO_RESOURCES : AAA_REFUSE_DENIED);
	return true;
}

/* L2TP users have a list of their own, if it is configured. */
static const enum aaa_method *auth_methods(const struct aaa_conf *c, enum aaa_service service)
{
	return service == AAA_PPP_LNS && c->tunnel[0] != AAA_METHOD_END ? c->tunnel : c->ppp;
}

bool methods_acct_radius(const struct aaa_conf *c, enum aaa_service service)
{
	bool tunnel = service == AAA_PPP_LNS && c->acct.tunnel[0] != AAA_METHOD_END;

	return (tunnel ? c->acct.tunnel : c->acct.ppp)[0] == AAA_METHOD_RADIUS;
}

static void methods_from(struct aaa *a, struct grant *g, const struct aaa_request *rq, unsigned i, mono_t now)
{
	const enum aaa_method *m = auth_methods(&a->conf, rq->line.service);

	for (; i < AAA_METHODS_MAX && m[i] != AAA_METHOD_END; i++) {
		/* where the profile asks for no authentication there is nothing to judge */
		if (m[i] == AAA_METHOD_NONE || rq->cred == AAA_CRED_NONE) {
			authorize_local(a, g, AAA_METHOD_NONE, rq, NULL, now);
			return;
		}
		if (m[i] == AAA_METHOD_LOCAL) {
			judge_local(a, g, rq, now);
			return;
		}
		if (judge_radius(a, g, rq, i, now))
			return;
	}
	grant_refuse(a, g, m[0] == AAA_METHOD_END ? AAA_REFUSE_NO_METHOD : AAA_REFUSE_NO_SERVER);
}

void methods_begin(struct aaa *a, struct grant *g, const struct aaa_request *rq, mono_t now)
{
	methods_from(a, g, rq, 0, now);
}

void methods_next(struct aaa *a, struct grant *g, mono_t now)
{
	const struct grant_ask *k = g->answer->ask;

	methods_from(a, g, &k->rq, k->method + 1, now);
}
