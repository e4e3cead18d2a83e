/* SPDX-License-Identifier: BSD-2-Clause */
/* The user plane (dp_user.h): the ops of dp.h over the session table, the sockets, the TUN and the kernel's
 * routes. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "dataplane/user/tun.h"
#include "dataplane/user/user.h"

static struct dp_user *user_of(struct dp *dp)
{
	return (struct dp_user *)(void *)dp;
}

static const struct dp_user *user_of_const(const struct dp *dp)
{
	return (const struct dp_user *)(const void *)dp;
}

static void wake(struct dp_user *u)
{
	u->wake(u->ctx);
	io_loop_again(u->loop);
}

/* ---- addresses and tunnels ---- */

/* Control messages always carry a checksum (RFC 2661 §8.1). Our port is one and the same, so @local_port has
 * nothing to say. */
static int user_control_tx(struct dp *dp, uint32_t vr, const struct ip_addr *local, uint16_t local_port,
			   const struct ip_addr *peer, uint16_t peer_port, const uint8_t *msg, size_t len)
{
	struct dp_user *u = user_of(dp);
	int rc = vr ? -ENOENT : socks_send(u->socks, local, peer, peer_port, true, msg, len);

	if (rc)
		table_drop(u->table, DP_DROP_SOCKET);
	return rc;
}

static int user_local_set(struct dp *dp, const struct ip_addr *addrs, unsigned n)
{
	struct dp_user *u = user_of(dp);
	int rc = table_local_set(u->table, addrs, n);

	return rc ? rc : socks_set(u->socks, addrs, n);
}

static void local_changed(void *ctx, const struct ip_addr *local, bool up)
{
	struct dp_user *u = ctx;

	punt_local(&u->punt, 0, local, up);
	wake(u);
}

static void datagrams_lost(void *ctx, unsigned n)
{
	table_drops(((struct dp_user *)ctx)->table, DP_DROP_KERNEL_RECEIVE, n);
}

/* Subscribers keep their addresses when a pool goes: a route of their own takes the place of its aggregate. */
static int pool_leavers(struct dp_user *u, const struct dp_pool *pools, unsigned n)
{
	struct table_session *s;
	int rc = 0;

	for (uint32_t slot = 0; rc == 0 && (s = table_session_next(u->table, &slot));) {
		if (!s->line || s->host_route || s->ip4.af != 4 || pools_have(pools, n, &s->ip4))
			continue;
		rc = routes_want(u->routes, &(struct ip_route){ { s->ip4, 32 }, 0 });
		s->host_route = rc == 0;
	}
	return rc;
}

static int user_pool_set(struct dp *dp, const struct dp_pool *pools, unsigned n)
{
	struct dp_user *u = user_of(dp);
	int rc;

	if (routes_pools_are(u->routes, pools, n))
		return 0;
	rc = table_pool_set(u->table, pools, n);
	if (rc == 0)
		rc = pool_leavers(u, pools, n);
	return rc ? rc : routes_pools(u->routes, pools, n);
}

static int user_tunnel_add(struct dp *dp, const struct dp_tunnel *t)
{
	if (t->peer.af == 6)
		return -EAFNOSUPPORT;
	return table_tunnel_set(user_of(dp)->table, t);
}

static void user_tunnel_del(struct dp *dp, uint16_t tid)
{
	table_tunnel_del(user_of(dp)->table, tid);
}

/* ---- sessions ---- */

static int user_session_add(struct dp *dp, const struct dp_session *id, struct dp_handle *out)
{
	struct table_session *s;
	int rc = table_session_add(user_of(dp)->table, id, &s);

	*out = rc ? DP_HANDLE_NONE : s->handle;
	return rc;
}

static int user_session_punt(struct dp *dp, struct dp_handle h, const struct dp_session_params *p)
{
	struct dp_user *u = user_of(dp);
	struct table_session *s = table_session_of(u->table, h);
	int rc = s ? table_session_punt(u->table, s, p) : -ENOENT;

	if (rc == 0 && s->held_count) {
		punt_held(&u->punt, u->table, s);
		wake(u);
	}
	return rc;
}

/* The prefixes that the kernel shall send to the TUN for a session as it is now. */
struct wanted {
	struct ip_route *route;
	unsigned count;
};

static int wanted_by(const struct table_session *s, struct wanted *w)
{
	*w = (struct wanted){ 0 };
	if (!s->line)
		return 0;
	w->route = calloc(s->route_count + 1, sizeof(*w->route));
	if (!w->route)
		return -ENOMEM;
	if (s->host_route && s->ip4.af == 4)
		w->route[w->count++] = (struct ip_route){ { s->ip4, 32 }, 0 };
	for (unsigned i = 0; i < s->route_count; i++)
		if (s->routes[i].prefix.addr.af == 4)
			w->route[w->count++] = (struct ip_route){ s->routes[i].prefix, s->routes[i].metric };
	return 0;
}

static void wanted_done(struct dp_user *u, struct wanted *w)
{
	for (unsigned i = 0; i < w->count; i++)
		routes_leave(u->routes, &w->route[i]);
	free(w->route);
}

static int wanted_begin(struct dp_user *u, const struct table_session *s)
{
	struct wanted now;
	int rc = wanted_by(s, &now);

	for (unsigned i = 0; i < now.count && rc == 0; i++) {
		rc = routes_want(u->routes, &now.route[i]);
		if (rc)
			now.count = i;
	}
	if (rc)
		wanted_done(u, &now);
	else
		free(now.route);
	return rc;
}

static int user_session_forward(struct dp *dp, struct dp_handle h, const struct dp_subscriber *sub)
{
	struct dp_user *u = user_of(dp);
	struct table_session *s = table_session_of(u->table, h);
	struct wanted before;
	int rc;

	if (!s || sub->vr)
		return -ENOENT;
	rc = wanted_by(s, &before);
	if (rc)
		return rc;
	rc = table_session_forward(u->table, s, sub);
	if (rc && s->line) {	/* as it was */
		free(before.route);
		return rc;
	}
	s->host_route = sub->host_route || (sub->ip4.af == 4 && !routes_pooled(u->routes, &sub->ip4));
	if (rc == 0) {
		rc = wanted_begin(u, s);
		if (rc)
			table_session_unforward(u->table, s);
	}
	wanted_done(u, &before);
	return rc;
}

/* Routes go before the line does: nothing is sent to the TUN that it cannot deliver. */
static void routes_end(struct dp_user *u, const struct table_session *s)
{
	if (!s->line)
		return;
	if (s->host_route && s->ip4.af == 4)
		routes_leave(u->routes, &(struct ip_route){ { s->ip4, 32 }, 0 });
	for (unsigned i = 0; i < s->route_count; i++)
		if (s->routes[i].prefix.addr.af == 4)
			routes_leave(u->routes, &(struct ip_route){ s->routes[i].prefix, s->routes[i].metric });
}

static int user_session_unforward(struct dp *dp, struct dp_handle h)
{
	struct dp_user *u = user_of(dp);
	struct table_session *s = table_session_of(u->table, h);

	if (!s)
		return -ENOENT;
	routes_end(u, s);
	table_session_unforward(u->table, s);
	return 0;
}

static void user_session_del(struct dp *dp, struct dp_handle h)
{
	struct dp_user *u = user_of(dp);
	struct table_session *s = table_session_of(u->table, h);

	if (!s)
		return;
	routes_end(u, s);
	table_session_del(u->table, s);
	wake(u);
}

static int user_session_tx(struct dp *dp, struct dp_handle h, const uint8_t *frame, size_t len)
{
	struct dp_user *u = user_of(dp);
	struct table_session *s = table_session_of(u->table, h);

	if (!s || table_state(u->table, s) == DP_UP_HOLD)
		return -ENOENT;
	return path_frame_tx(u, s, frame, len);
}

static bool user_session_counters(const struct dp *dp, struct dp_handle h, struct dp_counters *out)
{
	const struct table *t = user_of_const(dp)->table;
	const struct table_session *s = table_session_of(t, h);

	*out = (struct dp_counters){ 0 };
	if (s)
		table_session_counters(t, s, out);
	return s != NULL;
}

/* ---- events ---- */

/* A session whose lines no reader holds any more. The one worker is this thread, and it is not among its packets now:
 * every reader is at rest. Nothing is allocated, so that no end gets lost. */
static bool take_gone(struct dp_user *u, struct dp_event *ev)
{
	struct table_session *s;

	if (!table_retired(u->table))
		return false;
	table_quiesce(u->table);
	s = table_reclaim(u->table);
	if (!s)
		return false;
	*ev = (struct dp_event){ .type = DP_EV_GONE, .handle = s->handle, .user = s->id.user, .counters = s->base };
	table_session_free(u->table, s);
	return true;
}

/* What was punted for a session comes before its end. */
static bool user_event(struct dp *dp, struct dp_event *ev, mono_t now)
{
	struct dp_user *u = user_of(dp);

	return punt_take(&u->punt, ev) || take_gone(u, ev);
}

static void user_expire(struct dp *dp, mono_t now)
{
	/* nothing is due but events */
}

static mono_t user_deadline(const struct dp *dp)
{
	const struct dp_user *u = user_of_const(dp);

	return u->punt.count || table_retired(u->table) ? MONO_ZERO : MONO_NEVER;
}

static uint64_t user_drop_count(const struct dp *dp, enum dp_drop d)
{
	return (unsigned)d < DP_DROP_COUNT ? user_of_const(dp)->table->drops[d] : 0;
}

static const struct dp_ops user_ops = {
	.control_tx = user_control_tx,
	.local_set = user_local_set,
	.pool_set = user_pool_set,
	.tunnel_add = user_tunnel_add,
	.tunnel_del = user_tunnel_del,
	.session_add = user_session_add,
	.session_punt = user_session_punt,
	.session_forward = user_session_forward,
	.session_unforward = user_session_unforward,
	.session_del = user_session_del,
	.session_tx = user_session_tx,
	.session_counters = user_session_counters,
	.event = user_event,
	.expire = user_expire,
	.deadline = user_deadline,
	.drop_count = user_drop_count,
};

/* ---- life ---- */

static uint64_t hash_seed(const uint8_t *seed)
{
	uint64_t v = 0;

	if (seed)
		memcpy(&v, seed, sizeof(v));
	else if (getrandom(&v, sizeof(v), 0) != (ssize_t)sizeof(v))
		v = (uint64_t)io_mono_now().ns;
	return v;
}

static int table_begin(struct dp_user *u, const struct dp_user_conf *c)
{
	struct table_conf conf = {
		.max_sessions = c->max_sessions ? c->max_sessions : 60000,
		.max_tunnels = c->max_tunnels ? c->max_tunnels : 8000,
		.seed = hash_seed(c->seed),
		.port = u->port,
	};

	u->table = table_new(&conf);
	return u->table ? 0 : -ENOMEM;
}

static int devices_begin(struct dp_user *u, const struct dp_user_conf *c)
{
	struct socks_conf conf = {
		.port = u->port, .burst = DP_USER_BURST, .rx = path_datagram, .lost = datagrams_lost,
		.local = local_changed, .ctx = u,
	};
	int rc;

	u->tun = tun_open(c->tun_name ? c->tun_name : "adit0", &u->ifindex);
	if (u->tun < 0)
		return u->tun;
	u->icmp = icmp_open();
	if (u->icmp < 0)
		return u->icmp;
	u->tun_watch = io_fd_add(u->loop, u->tun, IO_READ, path_tun_ready, u);
	if (!u->tun_watch)
		return -ENOMEM;
	rc = routes_new(&u->routes, u->loop, u->ifindex);
	return rc ? rc : socks_new(&u->socks, u->loop, &conf);
}

int dp_user_new(struct io_loop *l, const struct dp_user_conf *conf, void (*wake_fn)(void *ctx), void *ctx,
		struct dp_if *out)
{
	struct dp_user *u = calloc(1, sizeof(*u));
	struct dp_if dp = { &user_ops, (struct dp *)(void *)u };
	int rc;

	if (!u)
		return -ENOMEM;
	u->loop = l;
	u->wake = wake_fn;
	u->ctx = ctx;
	u->port = conf->port ? conf->port : 1701;
	u->tun = u->icmp = -1;
	punt_init(&u->punt);
	rc = table_begin(u, conf);
	if (rc == 0)
		rc = devices_begin(u, conf);
	if (rc) {
		dp_user_free(dp);
		return rc;
	}
	*out = dp;
	return 0;
}

void dp_user_free(struct dp_if dp)
{
	struct dp_user *u = user_of(dp.dp);

	if (!u)
		return;
	socks_free(u->socks);
	routes_free(u->routes);
	io_fd_del(u->tun_watch);
	if (u->tun >= 0)
		close(u->tun);
	if (u->icmp >= 0)
		close(u->icmp);
	punt_fini(&u->punt);
	table_free(u->table);
	free(u);
}
