/* SPDX-License-Identifier: BSD-2-Clause */
/* Destinations: one for each (virtual router, local address, peer address) with tunnels. Spec 1.1. */
#include <stdlib.h>

#include "model/priv.h"

static uint64_t dest_hash(const struct model *m, const struct l2tp_path *p)
{
	return ip_addr_hash(&p->local, ip_addr_hash(&p->peer, m->hash_seed + p->vr));
}

struct dest *dest_find(struct model *m, const struct l2tp_path *path)
{
	hmap_for(node, &m->dest_by_addr, dest_hash(m, path)) {
		struct dest *d = container_of(node, struct dest, by_addr);

		if (d->vr == path->vr && ip_addr_eq(&d->local, &path->local) && ip_addr_eq(&d->peer, &path->peer))
			return d;
	}
	return NULL;
}

static struct dest *dest_new(struct model *m, const struct l2tp_path *path, struct dprof *dprof)
{
	struct dest *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->vr = path->vr;
	d->local = path->local;
	d->peer = path->peer;
	d->started = m->wall;
	list_init(&d->tunnels);
	if (slots_add(&m->dests, d, &d->h))
		goto no_slot;
	if (name_add(m, &d->name, LEVEL_DEST, 0, &m->last_dest))
		goto no_name;
	if (hmap_add(&m->dest_by_addr, &d->by_addr, dest_hash(m, path)))
		goto no_map;
	d->dprof = dprof;
	dprof->dests++;
	m->dest_counts.total++;
	return d;
no_map:
	name_del(m, &d->name);
no_name:
	slots_del(&m->dests, d->h);
no_slot:
	free(d);
	return NULL;
}

struct dest *dest_get(struct model *m, const struct l2tp_path *path, struct dprof *dprof)
{
	struct dest *d = dest_find(m, path);

	if (!d)
		return dest_new(m, path, dprof);
	if (d->dprof != dprof) {	/* the destination profile that admitted its latest tunnel */
		d->dprof->dests--;
		dprof->dests++;
		d->dprof = dprof;
	}
	return d;
}

void dest_free(struct model *m, struct dest *d)
{
	hmap_del(&m->dest_by_addr, &d->by_addr);
	name_del(m, &d->name);
	slots_del(&m->dests, d->h);
	d->dprof->dests--;
	free(d);
}

void dest_unused(struct model *m, struct dest *d)
{
	bool unbound = !d->dprof->conf;

	if (!list_empty(&d->tunnels) || d->admin != ADMIN_ENABLED)
		return;
	tomb_dest(m, d);
	dest_free(m, d);
	if (unbound)
		profiles_sweep(m);
	if (m->local_leaving)
		local_set(m);
}
