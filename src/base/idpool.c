/* SPDX-License-Identifier: BSD-2-Clause */
/* A shuffled array: [0, free) are free ids to draw from, then a ring of those freed last. */
#include "base/idpool.h"

#include <stdlib.h>

enum { IDS = 65535 };

struct idpool {
	unsigned free;			/* drawable: id[0..free) */
	unsigned used;
	uint16_t quarantine;
	unsigned head, held;		/* the ring of recently freed ids */
	uint16_t *ring;
	uint16_t id[IDS];
};

struct idpool *idpool_new(uint16_t quarantine)
{
	struct idpool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->ring = calloc(quarantine ? quarantine : 1, sizeof(*p->ring));
	if (!p->ring) {
		free(p);
		return NULL;
	}
	p->quarantine = quarantine;
	for (unsigned i = 0; i < IDS; i++)
		p->id[i] = (uint16_t)(i + 1);
	p->free = IDS;
	return p;
}

void idpool_free(struct idpool *p)
{
	if (p)
		free(p->ring);
	free(p);
}

static void release_oldest(struct idpool *p)
{
	unsigned oldest = (p->head + p->quarantine - p->held) % p->quarantine;

	p->id[p->free++] = p->ring[oldest];
	p->held--;
}

uint16_t idpool_take(struct idpool *p, struct rng *r)
{
	unsigned i;
	uint16_t id;

	if (!p->free) {
		if (!p->held)
			return 0;
		release_oldest(p);
	}
	i = rng_below(r, p->free);
	id = p->id[i];
	p->id[i] = p->id[--p->free];
	p->used++;
	return id;
}

void idpool_give(struct idpool *p, uint16_t id)
{
	p->used--;
	if (!p->quarantine) {
		p->id[p->free++] = id;
		return;
	}
	if (p->held == p->quarantine)
		release_oldest(p);
	p->ring[p->head] = id;
	p->head = (p->head + 1) % p->quarantine;
	p->held++;
}

unsigned idpool_used(const struct idpool *p)
{
	return p->used;
}
