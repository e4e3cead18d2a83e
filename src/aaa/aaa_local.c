/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AAA with the local methods: requests are judged by the methods in order, get an address, and are answered by events.
 * A grant's life is enum grant_state; its address is in the table of addresses in use and, where a pool has it, marked
 * there too, from the acceptance to the release.
 *
 * Duplicates: a static address that is in use by a session of the same user name logs that session out, and the request
 * waits for the release (a LAC that lost power: its subscribers are back before their old sessions time out). There is
 * at most one who waits for an address; a later one of the same user takes the place of the earlier.
 */
#include <errno.h>
#include <stdlib.h>

#include "aaa/aaa_conf.h"
#include "aaa/addrpool.h"
#include "aaa/counters.h"
#include "aaa/grant.h"
#include "aaa/users.h"
#include "base/rng.h"

enum {
	IN_FLIGHT_MAX = 65536,	/* requests whose answer has not been taken */
	DUPLICATE_WAIT_S = 5,	/* for the holder of an address to go */
	IDLE_LOOKS = 4,		/* the counters are looked at so often in an idle timeout: it is late by a quarter at most */
};

static const uint32_t client_chooses = 0xffffffff;	/* RFC 2865 §5.8: the user selects an address */
static const uint32_t nas_chooses = 0xfffffffe;

struct aaa {
	struct aaa_conf conf;
	struct users users;
	struct addrpool_set *pools;
	struct addr_in_use in_use;
	struct grant_table grants;
	struct list ready;		/* grants that have events */
	struct wheel wheel;
	struct acct acct;
	uint64_t next_session_id, user_seed;
	char decoy[17];			/* judged where there is no such user */
	unsigned in_flight;
	uint64_t count[AAA_COUNT_COUNT];
};

static const enum aaa_count refusal_count[AAA_REFUSE_COUNT] = {
	[AAA_REFUSE_DENIED] = AAA_COUNT_DENIED,
	[AAA_REFUSE_NO_SERVER] = AAA_COUNT_NO_SERVER,
	[AAA_REFUSE_NO_ADDRESS] = AAA_COUNT_NO_ADDRESS,
	[AAA_REFUSE_ADDRESS_IN_USE] = AAA_COUNT_ADDRESS_IN_USE,
	[AAA_REFUSE_NO_RESOURCES] = AAA_COUNT_NO_RESOURCES,
	[AAA_REFUSE_NO_METHOD] = AAA_COUNT_NO_METHOD,
};

/* ---- events and timer of a grant ---- */

static void grant_raise(struct aaa *a, struct grant *g, enum grant_event ev)
{
	g->events |= (uint8_t)ev;
	if (!list_linked(&g->ready))
		list_push_back(&a->ready, &g->ready);
}

static void grant_arm(struct aaa *a, struct grant *g)
{
	mono_t interim = g->asked ? MONO_NEVER : g->acct.interim_due;	/* armed again by the answer */

	wheel_set(&a->wheel, &g->timer, mono_min(mono_min(g->session_due, g->look_due), interim));
}

static void grant_logout(struct aaa *a, struct grant *g, enum aaa_logout why)
{
	if (g->logged_out)
		return;
	g->logged_out = true;
	g->logout = (uint8_t)why;
	g->events &= (uint8_t)~GRANT_EV_COUNTERS;
	g->session_due = g->look_due = g->acct.interim_due = MONO_NEVER;
	grant_arm(a, g);
	grant_raise(a, g, GRANT_EV_LOGOUT);
}

static void grant_accept(struct aaa *a, struct grant *g)
{
	g->state = GRANT_ACCEPTED;
	a->count[AAA_COUNT_ACCEPTS]++;
	grant_raise(a, g, GRANT_EV_ANSWER);
}

static void grant_refuse(struct aaa *a, struct grant *g, enum aaa_refusal why)
{
	g->state = GRANT_REFUSED;
	g->answer->refusal = why;
	a->count[refusal_count[why]]++;
	grant_raise(a, g, GRANT_EV_ANSWER);
}

/* ---- addresses ---- */

/* Pools are those of the default virtual router. */
static bool vr_has_pools(uint32_t vr)
{
	return vr == 0;
}

/* Gives `ip` to a grant that has none, unless somebody has it. */
static int addr_give(struct aaa *a, struct grant *g, uint32_t vr, const struct ip_addr *ip)
{
	int rc = addr_in_use_add(&a->in_use, &g->addr, vr, ip);

	if (rc < 0 || !vr_has_pools(vr) || ip->af != 4)
		return rc;
	rc = addrpool_set_mark(a->pools, ip4_num(ip));
	if (rc < 0)
		addr_in_use_del(&a->in_use, &g->addr);
	return rc;
}

static void addr_drop(struct aaa *a, struct grant *g)
{
	if (g->addr.ip.af == 4 && vr_has_pools(g->addr.vr))
		addrpool_set_release(a->pools, ip4_num(&g->addr.ip));
	addr_in_use_del(&a->in_use, &g->addr);
}

static int pool_give(struct aaa *a, struct grant *g, struct addrpool *p)
{
	uint32_t v;
	struct ip_addr ip;
	int rc = addrpool_take(p, &v);

	if (rc < 0)
		return rc;
	ip = ip4_of(v);
	rc = addr_in_use_add(&a->in_use, &g->addr, 0, &ip);
	if (rc < 0)
		addrpool_set_release(a->pools, v);
	else
		g->from_pool = true;
	return rc;
}

/* The pool that is named, else all in configured order. */
static enum aaa_refusal pools_give(struct aaa *a, struct grant *g, uint32_t vr, struct span name)
{
	struct addrpool *p = name.len ? addrpool_by_name(a->pools, name) : addrpool_at(a->pools, 0);
	int rc = -ENOSPC;

	if (!vr_has_pools(vr))
		return AAA_REFUSE_NO_ADDRESS;
	for (unsigned i = 1; p && rc == -ENOSPC; i++) {
		rc = pool_give(a, g, p);
		p = name.len ? NULL : addrpool_at(a->pools, i);
	}
	return rc == 0 ? AAA_REFUSE_NONE : rc == -ENOSPC ? AAA_REFUSE_NO_ADDRESS : AAA_REFUSE_NO_RESOURCES;
}

/* ---- duplicates ---- */

static void waiter_replace(struct aaa *a, struct grant *waiter)
{
	a->count[AAA_COUNT_DUPLICATES_REPLACED]++;
	waiter->other = NULL;
	waiter->session_due = MONO_NEVER;
	grant_arm(a, waiter);
	grant_refuse(a, waiter, AAA_REFUSE_ADDRESS_IN_USE);
}

/* The holder has the same user name: it is logged out, the request waits for its release. */
static void duplicate_wait(struct aaa *a, struct grant *g, struct grant *holder, mono_t now)
{
	if (holder->other)
		waiter_replace(a, holder->other);
	holder->other = g;
	g->other = holder;
	g->state = GRANT_WAITING;
	g->answer->want.vr = holder->addr.vr;
	g->answer->want.ip = holder->addr.ip;
	g->session_due = mono_add_s(now, DUPLICATE_WAIT_S);
	grant_arm(a, g);
	if (holder->logged_out)
		return;
	a->count[AAA_COUNT_DUPLICATES]++;
	grant_logout(a, holder, AAA_LOGOUT_DUPLICATE);
}

static void static_give(struct aaa *a, struct grant *g, uint32_t vr, const struct ip_addr *ip, mono_t now)
{
	struct addr_use *u = addr_in_use_find(&a->in_use, vr, ip);
	struct grant *holder = u ? container_of(u, struct grant, addr) : NULL;
	int rc;

	if (holder && !a->conf.no_duplicate_address_check && span_eq(grant_name(g), grant_name(holder))) {
		duplicate_wait(a, g, holder, now);
		return;
	}
	rc = addr_give(a, g, vr, ip);
	if (rc < 0)
		grant_refuse(a, g, rc == -EADDRINUSE ? AAA_REFUSE_ADDRESS_IN_USE : AAA_REFUSE_NO_RESOURCES);
	else
		grant_accept(a, g);
}

/* The holder has gone, or has another address now: who waited takes its place. */
static void waiter_proceed(struct aaa *a, struct grant *g, mono_t now)
{
	struct addr_use want = g->answer->want;

	g->other = NULL;
	g->session_due = MONO_NEVER;
	grant_arm(a, g);
	static_give(a, g, want.vr, &want.ip, now);
}

static struct grant *waiter_take(struct grant *holder)
{
	struct grant *w = holder->state == GRANT_WAITING ? NULL : holder->other;

	if (w)
		holder->other = NULL;
	return w;
}

/* Gives up the address of a grant, and lets the one who waits for it have it. */
static void addr_release(struct aaa *a, struct grant *g, mono_t now)
{
	struct grant *w = waiter_take(g);

	addr_drop(a, g);
	if (w)
		waiter_proceed(a, w, now);
}

/* ---- methods ---- */

struct verdict {
	enum aaa_refusal refusal;
	const struct aaa_user *user;	/* the local user; NULL: not known here, or not asked */
};

static struct verdict local_judge(struct aaa *a, const struct aaa_request *rq, uint8_t success[42])
{
	const struct aaa_user *u = users_find(&a->users, rq->user);
	/* an unknown user takes as long as a wrong password */
	bool ok = credentials_check(rq, span_str(u && u->password ? u->password : a->decoy), success);

	if (!u || !u->password || !ok)
		return (struct verdict){ AAA_REFUSE_DENIED, NULL };
	return (struct verdict){ AAA_REFUSE_NONE, u };
}

/* The first method that can answer decides. RADIUS has no servers here, so none answers. */
static struct verdict methods_judge(struct aaa *a, const struct aaa_request *rq, uint8_t success[42])
{
	bool tunnel = rq->service == AAA_PPP_LNS && a->conf.tunnel[0] != AAA_METHOD_END;
	const enum aaa_method *m = tunnel ? a->conf.tunnel : a->conf.ppp;
	struct verdict v = { m[0] == AAA_METHOD_END ? AAA_REFUSE_NO_METHOD : AAA_REFUSE_NO_SERVER, NULL };

	for (int i = 0; i < AAA_METHODS_MAX && m[i] != AAA_METHOD_END; i++) {
		if (m[i] == AAA_METHOD_RADIUS)
			continue;
		/* where the profile asks for no authentication there is nothing to judge */
		if (m[i] == AAA_METHOD_NONE || rq->cred == AAA_CRED_NONE)
			return (struct verdict){ AAA_REFUSE_NONE, NULL };
		return local_judge(a, rq, success);
	}
	return v;
}

/* ---- requests ---- */

static void authorize(struct aaa *a, struct grant *g, const struct aaa_request *rq, const struct aaa_user *u, mono_t now)
{
	uint32_t fixed = u ? ip4_num(&u->ip4) : 0;
	struct span pool = u && u->pool ? span_str(u->pool) : rq->pool;
	enum aaa_refusal why;

	g->session_timeout_s = u && u->session_timeout_s ? u->session_timeout_s : a->conf.session_timeout_s;
	g->idle_timeout_s = u && u->idle_timeout_s ? u->idle_timeout_s : a->conf.idle_timeout_s;
	g->client_chooses = fixed == client_chooses;
	if (g->client_chooses) {
		grant_accept(a, g);
		return;
	}
	if (fixed != 0 && fixed != nas_chooses) {
		static_give(a, g, rq->vr, &u->ip4, now);
		return;
	}
	why = pools_give(a, g, rq->vr, pool);
	if (why != AAA_REFUSE_NONE)
		grant_refuse(a, g, why);
	else
		grant_accept(a, g);
}

static int local_request(struct aaa *a, const struct aaa_request *rq, void *user, mono_t now, struct aaa_handle *out)
{
	struct verdict v;
	struct grant *g;

	if (a->in_flight >= IN_FLIGHT_MAX) {
		a->count[AAA_COUNT_TOO_MANY]++;
		return -ENOSPC;
	}
	g = grant_new(&a->grants, rq->user);
	if (!g)
		return -ENOMEM;
	a->in_flight++;
	a->count[AAA_COUNT_REQUESTS]++;
	g->user = user;
	g->addr.vr = rq->vr;
	acct_session_init(&g->acct, acct_id_parse(rq->acct_session_id), a->conf.interim_s);
	*out = (struct aaa_handle){ g->id, g->generation };
	v = methods_judge(a, rq, g->answer->mschap_success);
	if (v.refusal != AAA_REFUSE_NONE)
		grant_refuse(a, g, v.refusal);
	else
		authorize(a, g, rq, v.user, now);
	return 0;
}

static struct grant *find_or_count(struct aaa *a, struct aaa_handle h)
{
	struct grant *g = grant_find(&a->grants, h);

	if (!g)
		a->count[AAA_COUNT_STALE]++;
	return g;
}

/* Everything of a grant goes but its address, which is gone already. */
static void grant_end(struct aaa *a, struct grant *g)
{
	if (g->answer)
		a->in_flight--;
	if (g->state == GRANT_WAITING && g->other)
		g->other->other = NULL;
	wheel_del(&a->wheel, &g->timer);
	grant_free(&a->grants, g);
}

static void grant_drop(struct aaa *a, struct grant *g, const struct aaa_stop *stop, mono_t now)
{
	if (stop)
		acct_stop(&a->acct, &g->acct, stop);
	addr_release(a, g, now);
	grant_end(a, g);
}

static void local_cancel(struct aaa *a, struct aaa_handle h, mono_t now)
{
	static const struct aaa_stop nothing;
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	a->count[AAA_COUNT_CANCELS]++;
	grant_drop(a, g, &nothing, now);
}

static void local_release(struct aaa *a, struct aaa_handle h, const struct aaa_stop *stop, mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	a->count[AAA_COUNT_RELEASES]++;
	grant_drop(a, g, stop, now);
}

/* ---- the subscriber is up ---- */

/* The client chose its address: it must be nobody else's. */
static bool addr_claim(struct aaa *a, struct grant *g, const struct ip_addr *ip4, mono_t now)
{
	if (ip_addr_is_none(ip4) || ip_addr_eq(ip4, &g->addr.ip))
		return true;
	addr_release(a, g, now);
	g->from_pool = false;
	return addr_give(a, g, g->addr.vr, ip4) == 0;
}

static int64_t idle_look_s(const struct grant *g)
{
	return g->idle_timeout_s > IDLE_LOOKS ? g->idle_timeout_s / IDLE_LOOKS : 1;
}

static void local_start(struct aaa *a, struct aaa_handle h, const struct ip_addr *ip4, mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);

	if (!g)
		return;
	if (g->state != GRANT_HELD) {
		a->count[AAA_COUNT_STALE]++;
		return;
	}
	g->state = GRANT_STARTED;
	acct_start(&a->acct, &g->acct, now, wall);
	if (!addr_claim(a, g, ip4, now)) {
		a->count[AAA_COUNT_CLAIMS_REFUSED]++;
		grant_logout(a, g, AAA_LOGOUT_DUPLICATE);
	}
	if (g->logged_out)
		return;
	if (g->session_timeout_s)
		g->session_due = mono_add_s(now, g->session_timeout_s);
	if (g->idle_timeout_s)
		g->look_due = mono_add_s(now, idle_look_s(g));
	g->idle_since = now;
	grant_arm(a, g);
}

static void local_counters(struct aaa *a, struct aaa_handle h, const struct aaa_counters *c, mono_t now, struct wall wall)
{
	struct grant *g = find_or_count(a, h);
	uint64_t octets = c->in_octets + c->out_octets;

	if (!g || g->state != GRANT_STARTED)
		return;
	if (g->logged_out)
		return;
	g->asked = false;
	acct_interim(&a->acct, &g->acct, c, now);
	grant_arm(a, g);
	if (!g->idle_timeout_s)
		return;
	if (octets != g->idle_octets) {
		g->idle_octets = octets;
		g->idle_since = now;
	} else if (mono_due(mono_add_s(g->idle_since, g->idle_timeout_s), now)) {
		a->count[AAA_COUNT_IDLE_TIMEOUTS]++;
		grant_logout(a, g, AAA_LOGOUT_IDLE_TIMEOUT);
	}
}

/* ---- time ---- */

static void grant_timer(struct aaa *a, struct grant *g, mono_t now)
{
	if (g->state == GRANT_WAITING) {
		g->other->other = NULL;
		g->other = NULL;
		g->session_due = MONO_NEVER;
		a->count[AAA_COUNT_DUPLICATES_EXPIRED]++;
		grant_refuse(a, g, AAA_REFUSE_ADDRESS_IN_USE);
		return;
	}
	if (mono_due(g->session_due, now)) {
		a->count[AAA_COUNT_SESSION_TIMEOUTS]++;
		grant_logout(a, g, AAA_LOGOUT_SESSION_TIMEOUT);
		return;
	}
	if (mono_due(g->look_due, now))
		g->look_due = mono_add_s(now, idle_look_s(g));
	g->asked = true;
	grant_raise(a, g, GRANT_EV_COUNTERS);
	grant_arm(a, g);
}

static void local_expire(struct aaa *a, mono_t now, struct wall wall)
{
	for (struct wheel_node *n; (n = wheel_expire(&a->wheel, now));)
		grant_timer(a, container_of(n, struct grant, timer), now);
}

static mono_t local_deadline(const struct aaa *a)
{
	return wheel_deadline(&a->wheel);
}

/* ---- events ---- */

static void event_accept(struct aaa *a, struct grant *g, struct aaa_event *ev)
{
	ev->type = AAA_EV_ACCEPT;
	ev->grant.ip4 = g->addr.ip;
	if (g->addr.ip.af == 4)
		ev->grant.ip4_mask = ip4_of(0xffffffff);
	ev->grant.ip4_from_pool = g->from_pool;
	ev->grant.ip4_client_chooses = g->client_chooses;
	memcpy(ev->grant.dns, a->conf.dns, sizeof(ev->grant.dns));
	memcpy(ev->grant.wins, a->conf.wins, sizeof(ev->grant.wins));
	ev->grant.session_timeout_s = g->session_timeout_s;
	ev->grant.idle_timeout_s = g->idle_timeout_s;
	memcpy(ev->mschap_success, g->answer->mschap_success, sizeof(ev->mschap_success));
	g->state = GRANT_HELD;
	a->in_flight--;
	grant_answer_free(g);
}

static void event_reject(struct aaa *a, struct grant *g, struct aaa_event *ev)
{
	ev->type = AAA_EV_REJECT;
	ev->refusal = g->answer->refusal;
	grant_end(a, g);
}

static bool local_event(struct aaa *a, struct aaa_event *ev, mono_t now)
{
	struct list *n = list_pop(&a->ready);
	struct grant *g;
	unsigned which;

	if (!n)
		return false;
	g = container_of(n, struct grant, ready);
	which = g->events & -(unsigned)g->events;	/* the lowest bit: the answer before all else */
	g->events &= (uint8_t)~which;
	if (g->events)
		list_push_back(&a->ready, &g->ready);
	memset(ev, 0, sizeof(*ev));
	ev->handle = (struct aaa_handle){ g->id, g->generation };
	ev->user = g->user;
	if (which == GRANT_EV_COUNTERS) {
		ev->type = AAA_EV_COUNTERS;
	} else if (which == GRANT_EV_LOGOUT) {
		ev->type = AAA_EV_LOGOUT;
		ev->logout = g->logout;
	} else if (g->state == GRANT_REFUSED) {
		event_reject(a, g, ev);
	} else {
		event_accept(a, g, ev);
	}
	return true;
}

static void local_session_id(struct aaa *a, char out[20])
{
	acct_id_text(a->next_session_id++, out);
}

/* ---- configuration ---- */

static bool ranges_equal(const struct aaa_pool_range *a, const struct aaa_pool_range *b)
{
	for (; a && b && a->start == b->start && a->end == b->end; b = b->next)
		a = a->next;
	return !a && !b;
}

static bool pools_equal(const struct aaa_pool *a, const struct aaa_pool *b)
{
	for (; a && b && strcmp(a->name, b->name) == 0 && ranges_equal(a->ranges, b->ranges); b = b->next)
		a = a->next;
	return !a && !b;
}

/* The pools of a new configuration: what is in use stays in use, what was released last comes last. */
static struct addrpool_set *pools_make(const struct aaa *a, const struct aaa_conf *c)
{
	struct addrpool_set *s = addrpool_set_new(c->pools);
	int rc = s ? 0 : -ENOMEM;

	for (uint32_t i = 1; i < a->grants.size && rc != -ENOMEM; i++) {
		const struct grant *g = grant_at(&a->grants, i);

		if (g && g->addr.ip.af == 4 && vr_has_pools(g->addr.vr))
			rc = addrpool_set_mark(s, ip4_num(&g->addr.ip));
	}
	if (rc != -ENOMEM && a->pools)
		rc = addrpool_set_inherit(s, a->pools);
	if (rc == -ENOMEM) {
		addrpool_set_free(s);
		return NULL;
	}
	return s;
}

int aaa_apply(struct aaa *a, const struct aaa_conf *c, mono_t now)
{
	struct addrpool_set *pools = a->pools;
	struct aaa_conf conf;
	struct users users;

	if (aaa_conf_copy(&conf, c) < 0)
		return -ENOMEM;
	if (users_init(&users, conf.users, a->user_seed) < 0)
		goto out_conf;
	if (!pools || !pools_equal(a->conf.pools, conf.pools)) {
		pools = pools_make(a, &conf);
		if (!pools)
			goto out_users;
		addrpool_set_free(a->pools);
	}
	users_fini(&a->users);
	aaa_conf_fini(&a->conf);
	a->pools = pools;
	a->users = users;
	a->conf = conf;
	return 0;
out_users:
	users_fini(&users);
out_conf:
	aaa_conf_fini(&conf);
	return -ENOMEM;
}

struct aaa *aaa_local_new(const uint8_t seed[32], struct wall boot, mono_t now)
{
	struct aaa *a = calloc(1, sizeof(*a));
	struct aaa_conf empty;
	struct rng rng;

	if (!a)
		return NULL;
	rng_init(&rng, seed);
	addr_in_use_init(&a->in_use, rng_u64(&rng));
	a->user_seed = rng_u64(&rng);
	for (size_t i = 0; i + 1 < sizeof(a->decoy); i++)
		a->decoy[i] = (char)('a' + rng_below(&rng, 26));
	a->next_session_id = (uint64_t)(uint32_t)boot.s << 32;
	list_init(&a->ready);
	wheel_init(&a->wheel, now);
	aaa_conf_init(&a->conf);
	aaa_conf_init(&empty);
	if (aaa_apply(a, &empty, now) < 0) {
		free(a);
		return NULL;
	}
	return a;
}

void aaa_local_free(struct aaa *a)
{
	if (!a)
		return;
	grant_table_fini(&a->grants);
	addr_in_use_fini(&a->in_use);
	addrpool_set_free(a->pools);
	users_fini(&a->users);
	aaa_conf_fini(&a->conf);
	free(a);
}

/* ---- displays ---- */

bool aaa_pool_range_at(const struct aaa *a, unsigned i, struct aaa_pool_info *out)
{
	return addrpool_range_at(a->pools, i, out);
}

uint64_t aaa_counter(const struct aaa *a, unsigned i)
{
	switch (i) {
	case AAA_COUNT_ACCT_STARTS:
		return a->acct.starts;
	case AAA_COUNT_ACCT_INTERIMS:
		return a->acct.interims;
	case AAA_COUNT_ACCT_STOPS:
		return a->acct.stops;
	case AAA_COUNT_IN_FLIGHT:
		return a->in_flight;
	case AAA_COUNT_GRANTS:
		return a->grants.used;
	case AAA_COUNT_ADDRESSES:
		return a->in_use.map.count;
	default:
		return i < AAA_COUNT_COUNT ? a->count[i] : 0;
	}
}

const char *aaa_counter_name(unsigned i)
{
	static const char *const names[AAA_COUNT_COUNT] = {
#define X(id, name) [AAA_COUNT_##id] = name,
		AAA_COUNTS(X)
#undef X
	};

	return i < AAA_COUNT_COUNT ? names[i] : NULL;
}

const struct aaa_ops aaa_local_ops = {
	.request = local_request,
	.cancel = local_cancel,
	.start = local_start,
	.counters = local_counters,
	.release = local_release,
	.event = local_event,
	.expire = local_expire,
	.deadline = local_deadline,
	.session_id = local_session_id,
};
