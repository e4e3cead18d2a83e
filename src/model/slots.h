/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of objects by slot and generation: who waits for an answer keeps both, and a late answer finds nothing. A
 * freed slot is used again only after all those freed before it. Walking in slot order is what the displays' cursors
 * do.
 */
#ifndef ADIT_MODEL_SLOTS_H
#define ADIT_MODEL_SLOTS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slot {
	void *obj;		/* NULL: free */
	uint32_t generation;	/* of the object; of the next one when free */
	uint32_t next_free;
};

struct slots {
	struct slot *slot;
	uint32_t count, cap;	/* slots ever used; allocated */
	uint32_t used;		/* with an object */
	uint32_t free_first, free_last;	/* UINT32_MAX: none */
};

struct handle {
	uint32_t slot, generation;	/* generation 0: none */
};

void slots_init(struct slots *t);
void slots_fini(struct slots *t);
/** slots_add - gives an object a slot. Return: 0 or -ENOMEM. */
int slots_add(struct slots *t, void *obj, struct handle *out);
void slots_del(struct slots *t, struct handle h);
/** slots_get - the object, NULL when it is gone. */
void *slots_get(const struct slots *t, struct handle h);
/** slots_next - the object at or after *pos; *pos is moved behind it. NULL at the end. */
void *slots_next(const struct slots *t, uint32_t *pos);

/* A handle as the pointer that other parts carry for us, and back. */
static_assert(sizeof(void *) == 8, "a handle travels in a pointer");
static inline void *handle_cookie(struct handle h)
{
	return (void *)(uintptr_t)((uint64_t)h.generation << 32 | h.slot);
}

static inline struct handle cookie_handle(const void *cookie)
{
	uint64_t v = (uintptr_t)cookie;

	return (struct handle){ (uint32_t)v, (uint32_t)(v >> 32) };
}

#endif
