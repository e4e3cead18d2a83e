/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 16-bit ids drawn at random from 1..65535, never one in use, and never one freed within the last `quarantine`
 * releases while others are left (RFC 2661 §4.4.3: ids "should" not be re-used soon). O(1) both ways, 128 KiB + 8 KiB.
 */
#ifndef ADIT_BASE_IDPOOL_H
#define ADIT_BASE_IDPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

struct idpool;

/** idpool_new - a pool with every id free. Return: NULL when out of memory. idpool_free ends it. */
struct idpool *idpool_new(uint16_t quarantine);
void idpool_free(struct idpool *p);

/** idpool_take - a free id at random; 0 when all are in use. */
uint16_t idpool_take(struct idpool *p, struct rng *r);

/** idpool_give - returns an id that was taken. */
void idpool_give(struct idpool *p, uint16_t id);

/** idpool_used - how many are taken. */
unsigned idpool_used(const struct idpool *p);

#endif
