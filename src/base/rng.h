/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Randomness as an argument: a ChaCha20 key stream from one 32-octet seed. The daemon seeds it from the kernel, a test
 * from a number. What peers must not guess (ids, challenges, Random Vectors) comes from here too.
 */
#ifndef ADIT_BASE_RNG_H
#define ADIT_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint32_t key[8];
	uint64_t block;
	uint8_t out[64];
	unsigned used;
};

/** rng_init - begins the stream of a 32-octet seed. */
void rng_init(struct rng *r, const uint8_t seed[32]);

/** rng_init_u64 - the same from a number: for tests, simulations and fuzzing. */
void rng_init_u64(struct rng *r, uint64_t seed);

/** rng_bytes - the next n octets of the stream. */
void rng_bytes(struct rng *r, void *to, size_t n);

uint32_t rng_u32(struct rng *r);
uint64_t rng_u64(struct rng *r);

/** rng_below - a number in [0, n), without bias; n must not be 0. */
uint32_t rng_below(struct rng *r, uint32_t n);

#endif
