/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arrays of the session table, its tunnels, and the pages that tunnels share (table.h, bpf/dp_abi.h;
 * docs/decisions/0003-session-ids-and-pages.md).
 */
#include "dataplane/table.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

/* ---- the arrays ---- */

static void *array_new(size_t n, size_t size)
{
	void *p = mmap(NULL, n * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void array_free(void *p, size_t n, size_t size)
{
	if (p)
		munmap(p, n * size);
}

static size_t slots_of(const struct table *t)
{
	return (size_t)t->pages << DP_PAGE_BITS;
}

/* Pages for so many sessions: two thirds full. */
static unsigned pages_for(unsigned sessions)
{
	return (sessions + sessions / 2 + DP_PAGE_LINES - 1) / DP_PAGE_LINES + 1;
}

/* Buckets for so many sessions, a power of two: 2.5 entries a session. */
static uint32_t buckets_for(unsigned sessions)
{
	uint32_t n = 64;

	while (n < sessions / 2)
		n *= 2;
	return n;
}

static void sizes_set(struct table *t)
{
	unsigned expected = t->conf.expected ? t->conf.expected : 60000;

	if (expected > t->conf.max_sessions)
		expected = t->conf.max_sessions;
	t->conf.expected = expected;
	t->pages = pages_for(t->conf.max_sessions);
	t->other_lines = t->conf.max_sessions + DP_PAGE_LINES;	/* some may be in their grace period */
	t->other_left = t->other_lines;
	t->direct_lines = t->conf.max_sessions < 65536 ? 131072 : t->conf.max_sessions * 2;
	t->bucket_max = buckets_for(t->conf.max_sessions);
	t->bucket_size = buckets_for(expected);
}

static bool arrays_new(struct table *t)
{
	t->tun = array_new(DP_TUNNELS, sizeof(*t->tun));
	t->up = array_new(slots_of(t), sizeof(*t->up));
	t->dn = array_new(t->direct_lines + t->other_lines, sizeof(*t->dn));
	t->bucket = array_new(2 * (size_t)t->bucket_max, sizeof(*t->bucket));
	t->session = array_new(slots_of(t), sizeof(struct table_session *));
	t->group_used = array_new(DP_TUNNELS, sizeof(*t->group_used));
	t->free_line = array_new(t->other_lines, sizeof(*t->free_line));
	t->page_used = calloc(t->pages, sizeof(*t->page_used));
	t->pools = calloc(1, sizeof(*t->pools));
	return t->tun && t->up && t->dn && t->bucket && t->session && t->group_used && t->free_line && t->page_used &&
	       t->pools;
}

struct table *table_new(const struct table_conf *conf)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->conf = *conf;
	t->conf.port = conf->port ? conf->port : 1701;
	sizes_set(t);
	list_init(&t->retired_lines);
	list_init(&t->retired_sessions);
	list_init(&t->retired_pools);
	hmap_init(&t->routes);
	if (!arrays_new(t)) {
		table_free(t);
		return NULL;
	}
	return t;
}

static void sessions_free(struct table *t)
{
	struct table_session *s;

	for (uint32_t slot = 0; t->sessions && (s = table_session_next(t, &slot));)
		table_session_del(t, s);
	table_quiesce(t);
	while ((s = table_reclaim(t)))
		table_session_free(t, s);
}

void table_free(struct table *t)
{
	if (!t)
		return;
	sessions_free(t);
	hmap_fini(&t->routes);
	array_free(t->tun, DP_TUNNELS, sizeof(*t->tun));
	array_free(t->up, slots_of(t), sizeof(*t->up));
	array_free(t->dn, t->direct_lines + t->other_lines, sizeof(*t->dn));
	array_free(t->bucket, 2 * (size_t)t->bucket_max, sizeof(*t->bucket));
	array_free(t->session, slots_of(t), sizeof(struct table_session *));
	array_free(t->group_used, DP_TUNNELS, sizeof(*t->group_used));
	array_free(t->free_line, t->other_lines, sizeof(*t->free_line));
	free(t->page_used);
	free(t->local);
	free(t->pools);
	free(t);
}

/* ---- tunnels ---- */

bool table_local_is(const struct table *t, uint32_t vr, uint32_t ip4)
{
	for (unsigned i = 0; i < t->locals; i++)
		if (t->local[i].vr == vr && t->local[i].ip4 == ip4)
			return true;
	return false;
}

static int local_add(struct table *t, uint32_t vr, const struct ip_addr *a)
{
	uint32_t ip4 = ip4_num(a);
	struct table_local *more;

	if (!ip4 || table_local_is(t, vr, ip4))
		return 0;
	more = realloc(t->local, (t->locals + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	t->local = more;
	t->local[t->locals++] = (struct table_local){ vr, ip4 };
	return 0;
}

int table_local_set(struct table *t, const struct ip_addr *addrs, unsigned n)
{
	int rc = 0;

	if (n)
		t->locals = 0;
	for (unsigned i = 0; i < n && !rc; i++)
		rc = local_add(t, 0, &addrs[i]);
	return rc;
}

static uint32_t tunnel_flags(const struct dp_tunnel *c)
{
	return DP_TUN_LIVE | (c->udp_checksum ? DP_TUN_UDP_CHECKSUM : 0u) | (c->no_ff03 ? DP_TUN_NO_FF03 : 0u) |
	       (c->ignore_sequencing ? DP_TUN_IGNORE_SEQ : 0u) | (c->peer.af == 6 ? DP_TUN_IP6 : 0u);
}

int table_tunnel_set(struct table *t, const struct dp_tunnel *c)
{
	struct dp_tun *tun = &t->tun[c->local_tunnel_id];
	bool is_new = !table_tun(t, c->local_tunnel_id);
	bool other = !ip_addr_is_none(&c->rx_peer);

	if (!c->local_tunnel_id || c->vr >= 1u << 24)
		return -EINVAL;
	if (is_new && t->tunnels >= t->conf.max_tunnels)
		return -ENOSPC;
	if (local_add(t, c->vr, &c->local))
		return -ENOMEM;
	tun->vr = c->vr;
	memcpy(tun->local, c->local.b, sizeof(tun->local));
	memcpy(tun->peer, c->peer.b, sizeof(tun->peer));
	memcpy(tun->rx_peer, other ? c->rx_peer.b : c->peer.b, sizeof(tun->rx_peer));
	tun->local_port = c->local_port;
	tun->peer_port = c->peer_port;
	tun->rx_peer_port = c->rx_peer_port ? c->rx_peer_port : c->peer_port;
	tun->peer_tunnel_id = c->peer_tunnel_id;
	t->tunnels += is_new;
	__atomic_store_n(&tun->flags, tunnel_flags(c), __ATOMIC_RELEASE);
	return 0;
}

void table_tunnel_del(struct table *t, uint16_t tid)
{
	struct dp_tun *tun = &t->tun[tid];

	if (!table_tun(t, tid))
		return;
	__atomic_store_n(&tun->flags, 0, __ATOMIC_RELEASE);
	for (int g = 0; g < DP_TUN_PAGES; g++)		/* lines repeat their ids, so a reader that is late finds nobody else */
		__atomic_store_n(&tun->page[g], 0, __ATOMIC_RELEASE);
	t->tunnels--;
}

/* ---- pages ---- */

/* The page of [from, to) with the fewest lines in use among those where this line is free. Return: to when
 * there is none. */
static unsigned page_least(const struct table *t, unsigned line, unsigned from, unsigned to)
{
	unsigned best = to;

	for (unsigned p = from; p < to; p++)
		if ((best == to || t->page_used[p] < t->page_used[best]) &&
		    t->up[p << DP_PAGE_BITS | line].state == DP_UP_FREE)
			best = p;
	return best;
}

/* As many pages are in use as the present sessions ask for, so that few sessions touch little memory. */
static unsigned page_choose(const struct table *t, unsigned line)
{
	unsigned sessions = t->sessions < t->conf.expected ? t->conf.expected : t->sessions + 1;
	unsigned some = pages_for(sessions) < t->pages ? pages_for(sessions) : t->pages;
	unsigned page = page_least(t, line, 0, some);

	return page < some ? page : page_least(t, line, some, t->pages);
}

int table_slot_claim(struct table *t, uint16_t tid, uint16_t sid, uint32_t *slot)
{
	struct dp_tun *tun = &t->tun[tid];
	unsigned group = sid >> DP_PAGE_BITS, line = sid & (DP_PAGE_LINES - 1), page;

	if (tun->page[group] && t->group_used[tid][group]) {
		*slot = table_up_slot(tun, sid);
		if (t->up[*slot].state != DP_UP_FREE)
			return -EAGAIN;
	} else {
		page = page_choose(t, line);
		if (page == t->pages)
			return -EAGAIN;
		*slot = page << DP_PAGE_BITS | line;
		__atomic_store_n(&tun->page[group], (uint16_t)(page + 1), __ATOMIC_RELEASE);
	}
	t->page_used[*slot >> DP_PAGE_BITS]++;
	t->group_used[tid][group]++;
	return 0;
}

void table_slot_leave(struct table *t, uint16_t tid, uint16_t sid)
{
	t->group_used[tid][sid >> DP_PAGE_BITS]--;
}

void table_slot_free(struct table *t, uint32_t slot)
{
	memset(&t->up[slot], 0, sizeof(t->up[slot]));
	t->page_used[slot >> DP_PAGE_BITS]--;
}
