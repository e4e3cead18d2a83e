/* SPDX-License-Identifier: BSD-2-Clause */
/* ChaCha20 block function (RFC 8439 §2.3, 64-bit counter, nonce 0) as a random number generator. */
#include "base/rng.h"

#include <string.h>

static uint32_t rotl(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

static void quarter(uint32_t *x, int a, int b, int c, int d)
{
	x[a] += x[b]; x[d] = rotl(x[d] ^ x[a], 16);
	x[c] += x[d]; x[b] = rotl(x[b] ^ x[c], 12);
	x[a] += x[b]; x[d] = rotl(x[d] ^ x[a], 8);
	x[c] += x[d]; x[b] = rotl(x[b] ^ x[c], 7);
}

static void rng_refill(struct rng *r)
{
	uint32_t s[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, x[16];

	memcpy(s + 4, r->key, sizeof(r->key));
	s[12] = (uint32_t)r->block;
	s[13] = (uint32_t)(r->block >> 32);
	memcpy(x, s, sizeof(x));
	for (int i = 0; i < 10; i++) {
		quarter(x, 0, 4, 8, 12);
		quarter(x, 1, 5, 9, 13);
		quarter(x, 2, 6, 10, 14);
		quarter(x, 3, 7, 11, 15);
		quarter(x, 0, 5, 10, 15);
		quarter(x, 1, 6, 11, 12);
		quarter(x, 2, 7, 8, 13);
		quarter(x, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++) {
		uint32_t v = x[i] + s[i];

		for (int j = 0; j < 4; j++)
			r->out[i * 4 + j] = (uint8_t)(v >> 8 * j);
	}
	r->block++;
	r->used = 0;
}

void rng_init(struct rng *r, const uint8_t seed[32])
{
	memset(r, 0, sizeof(*r));
	for (int i = 0; i < 8; i++)
		r->key[i] = (uint32_t)seed[i * 4] | (uint32_t)seed[i * 4 + 1] << 8 |
			    (uint32_t)seed[i * 4 + 2] << 16 | (uint32_t)seed[i * 4 + 3] << 24;
	r->used = sizeof(r->out);
}

void rng_init_u64(struct rng *r, uint64_t seed)
{
	uint8_t s[32] = { 0 };

	for (int i = 0; i < 8; i++)
		s[i] = (uint8_t)(seed >> 8 * i);
	rng_init(r, s);
}

void rng_bytes(struct rng *r, void *to, size_t n)
{
	uint8_t *p = to;

	while (n) {
		size_t have;

		if (r->used == sizeof(r->out))
			rng_refill(r);
		have = sizeof(r->out) - r->used;
		if (have > n)
			have = n;
		memcpy(p, r->out + r->used, have);
		memset(r->out + r->used, 0, have);
		r->used += (unsigned)have;
		p += have;
		n -= have;
	}
}

uint32_t rng_u32(struct rng *r)
{
	uint32_t v;

	rng_bytes(r, &v, sizeof(v));
	return v;
}

uint64_t rng_u64(struct rng *r)
{
	uint64_t v;

	rng_bytes(r, &v, sizeof(v));
	return v;
}

uint32_t rng_below(struct rng *r, uint32_t n)
{
	uint32_t limit = UINT32_MAX - UINT32_MAX % n, v;

	do
		v = rng_u32(r);
	while (v >= limit);
	return v % n;
}
