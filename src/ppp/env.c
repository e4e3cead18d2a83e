/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue of outgoing frames. Empty, it costs two pointers: links that are up have nothing to say. */
#include "ppp/env.h"

#include <stdlib.h>
#include <string.h>

#include "base/rd.h"

struct ppp_queued {
	struct ppp_queued *next;
	uint16_t len;
	uint8_t octets[];
};

static struct ppp_queued *pop(struct ppp_env *e)
{
	struct ppp_queued *q = e->head;

	if (q) {
		e->head = q->next;
		e->queued--;
	}
	return q;
}

/* They may carry passwords. */
static void dispose(struct ppp_queued *q)
{
	explicit_bzero(q->octets, q->len);
	free(q);
}

void ppp_env_fini(struct ppp_env *e)
{
	for (struct ppp_queued *q = pop(e); q; q = pop(e))
		dispose(q);
}

void ppp_out_begin(struct ppp_out *o, uint16_t protocol)
{
	o->w = wr_of(o->buf, sizeof(o->buf));
	wr_be16(&o->w, protocol);
}

static void push(struct ppp_env *e, struct span frame)
{
	struct ppp_queued *q = malloc(sizeof(*q) + frame.len);

	if (!q) {
		ppp_count(e->count, PPP_COUNT_NO_MEMORY);
		return;
	}
	q->next = NULL;
	q->len = (uint16_t)frame.len;
	memcpy(q->octets, frame.p, frame.len);
	if (e->head)
		e->last->next = q;
	else
		e->head = q;
	e->last = q;
	e->queued++;
}

void ppp_out_send(struct ppp_env *e, struct ppp_out *o)
{
	if (o->w.full)
		ppp_count(e->count, PPP_COUNT_TOO_BIG);
	else if (e->queued >= PPP_QUEUE_MAX)
		ppp_count(e->count, PPP_COUNT_QUEUE_FULL);
	else
		push(e, wr_span(&o->w));
	explicit_bzero(o->buf, wr_len(&o->w));
}

size_t ppp_env_take(struct ppp_env *e, uint8_t *buf, size_t cap)
{
	struct ppp_queued *q = pop(e);
	struct wr w = wr_of(buf, cap);

	if (!q)
		return 0;
	wr_bytes(&w, q->octets, q->len);
	dispose(q);
	return wr_done(&w);
}
