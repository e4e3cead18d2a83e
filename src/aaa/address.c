/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of grants. An address is in the table of those in use and, where a pool has it, marked there too, from the
 * acceptance to the release.
 *
 * Duplicates: a static address that is in use by a session of the same user name logs that session out, and the request
 * waits for the release (a LAC that lost power: its subscribers are back before their old sessions time out). There is
 * at most one who waits for an address; a later one of the same user takes the place of the earlier.
 */
#include <errno.h>

#include "aaa/aaa_priv.h"

enum { DUPLICATE_WAIT_S = 5 };	/* for the holder of an address to go */

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

enum aaa_refusal pools_give(struct aaa *a, struct grant *g, uint32_t vr, struct span name)
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

/* It no longer waits: what becomes of it is decided next. */
static void waiter_detach(struct aaa *a, struct grant *waiter)
{
	if (waiter->other)
		waiter->other->other = NULL;
	waiter->other = NULL;
	waiter->session_due = MONO_NEVER;
	grant_arm(a, waiter);
}

void waiter_expire(struct aaa *a, struct grant *waiter)
{
	a->count[AAA_COUNT_DUPLICATES_EXPIRED]++;
	waiter_detach(a, waiter);
	grant_refuse(a, waiter, AAA_REFUSE_ADDRESS_IN_USE);
}

static void waiter_replace(struct aaa *a, struct grant *waiter)
{
	a->count[AAA_COUNT_DUPLICATES_REPLACED]++;
	waiter_detach(a, waiter);
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

void static_give(struct aaa *a, struct grant *g, uint32_t vr, const struct ip_addr *ip, mono_t now)
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

	waiter_detach(a, g);
	static_give(a, g, want.vr, &want.ip, now);
}

void addr_release(struct aaa *a, struct grant *g, mono_t now)
{
	struct grant *waiter = g->state == GRANT_WAITING ? NULL : g->other;

	addr_drop(a, g);
	if (waiter)
		waiter_proceed(a, waiter, now);
}

/* ---- the client chose ---- */

bool addr_claim(struct aaa *a, struct grant *g, const struct ip_addr *ip4, mono_t now)
{
	if (ip_addr_is_none(ip4) || ip_addr_eq(ip4, &g->addr.ip))
		return true;
	addr_release(a, g, now);
	g->from_pool = false;
	return addr_give(a, g, g->addr.vr, ip4) == 0;
}
