/* SPDX-License-Identifier: BSD-2-Clause */
/* A new configuration, handed to each part: AAA, address pools as the data plane's networks, loopbacks, the model. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/aditd.h"

enum { RETRY_S = 5 };

static unsigned pool_ranges(const struct aaa_conf *c, struct dp_pool *out)
{
	unsigned n = 0;

	for (const struct aaa_pool *p = c->pools; p; p = p->next) {
		for (const struct aaa_pool_range *r = p->ranges; r; r = r->next, n++) {
			if (out)
				out[n] = (struct dp_pool){ .start = r->start, .end = r->end };
		}
	}
	return n;
}

static int apply_pools(struct aditd *d, const struct aaa_conf *c)
{
	unsigned n = pool_ranges(c, NULL);
	struct dp_pool *pools = calloc(n ? n : 1, sizeof(*pools));
	int rc;

	if (!pools)
		return -ENOMEM;
	pool_ranges(c, pools);
	rc = d->dp.ops->pool_set(d->dp.dp, pools, n);
	free(pools);
	if (rc && rc != -ENOMEM)
		log_line(LOG_WARNING, "daemon", "pool not routed", "error=%d", -rc);
	return rc == -ENOMEM ? rc : 0;
}

void aditd_loopbacks(struct aditd *d, const struct model_conf *conf, mono_t now)
{
	struct ip_prefix *addrs;
	unsigned n = 0;
	int rc;

	for (const struct loopback_conf *l = conf->loopbacks; l; l = l->next)
		n++;
	addrs = calloc(n ? n : 1, sizeof(*addrs));
	n = 0;
	for (const struct loopback_conf *l = conf->loopbacks; addrs && l; l = l->next) {
		if (!ip_addr_is_none(&l->ip))
			addrs[n++] = (struct ip_prefix){ l->ip, l->prefix_len };
	}
	rc = addrs ? nl_loopbacks_set(d->loopbacks, addrs, n) : -ENOMEM;
	free(addrs);
	if (rc && !d->loopbacks_pending)
		log_line(LOG_WARNING, "daemon", "loopback address not set", "error=%d retry=%us", -rc, RETRY_S);
	d->loopbacks_pending = rc != 0;
	d->retry_at = rc ? mono_add_s(now, RETRY_S) : MONO_NEVER;
}

/* What AAA says of the router comes from elsewhere in the tree. */
static int apply_aaa(struct aditd *d, const struct config *c, mono_t now)
{
	const struct loopback_conf *lo = c->model.loopbacks;
	struct aaa_conf aaa = c->aaa;

	aaa.hostname = c->model.hostname;
	while (lo && ip_addr_is_none(&lo->ip))
		lo = lo->next;
	if (lo)
		aaa.loopback = lo->ip;
	d->aaa.ops->expire(d->aaa.a, now, io_loop_wall(d->loop));	/* so that it knows the time */
	return aaa_apply(d->aaa.a, &aaa, now);
}

int aditd_apply(void *ctx, const struct config *before, const struct config *after)
{
	struct aditd *d = ctx;
	mono_t now = io_loop_now(d->loop);
	int rc;

	rc = apply_aaa(d, after, now);
	if (!rc)
		rc = apply_pools(d, &after->aaa);
	if (!rc)
		rc = model_apply(d->model, &after->model, now);
	if (rc) {
		(void)apply_aaa(d, before, now);
		(void)apply_pools(d, &before->aaa);
		return rc;
	}
	radius_ports_sweep(d->ports, now);
	aditd_loopbacks(d, &after->model, now);
	io_loop_again(d->loop);
	return 0;
}
