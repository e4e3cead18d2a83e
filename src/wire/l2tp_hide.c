/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hiding of AVP values, RFC 2661 §4.3. With S the secret, RV the Random Vector, AV the Attribute Type:
 *
 *	b1 = MD5(AV + S + RV)	c(1) = p1 xor b1
 *	bi = MD5(S + c(i-1))	c(i) = pi xor bi
 *
 * over the Hidden AVP Subformat: 2 octets length of the original value, the value, padding.
 */
#include "wire/l2tp_avp.h"

#include <nettle/md5.h>
#include <string.h>

enum { BLOCK = MD5_DIGEST_SIZE, INNER = 2 };

struct chain {
	struct span secret;
	uint8_t b[BLOCK];
};

static void chain_digest(struct chain *c, struct md5_ctx *md5)
{
	md5_digest(md5, BLOCK, c->b);
	explicit_bzero(md5, sizeof(*md5));
}

static void chain_first(struct chain *c, struct span secret, struct span rv, uint16_t type)
{
	uint8_t av[2];
	struct wr w = wr_of(av, sizeof(av));
	struct md5_ctx md5;

	wr_be16(&w, type);
	c->secret = secret;
	md5_init(&md5);
	md5_update(&md5, sizeof(av), av);
	md5_update(&md5, secret.len, secret.p);
	md5_update(&md5, rv.len, rv.p);
	chain_digest(c, &md5);
}

static void chain_next(struct chain *c, const uint8_t cipher[BLOCK])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, c->secret.len, c->secret.p);
	md5_update(&md5, BLOCK, cipher);
	chain_digest(c, &md5);
}

static void chain_xor(const struct chain *c, uint8_t *to, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i] ^ c->b[i];
}

static size_t block_at(size_t at, size_t end)
{
	return end - at < BLOCK ? end - at : BLOCK;
}

void l2tp_avp_hide(struct wr *w, struct span secret, struct span rv, uint16_t type, struct span value,
		   struct span padding)
{
	size_t len = INNER + value.len + padding.len;
	uint8_t *p = len <= L2TP_AVP_VALUE_MAX ? wr_room(w, len) : NULL;
	struct wr sub;
	struct chain c;

	if (!p) {
		w->full = true;
		return;
	}
	sub = wr_of(p, len);
	wr_be16(&sub, (uint16_t)value.len);
	wr_put(&sub, value);
	wr_put(&sub, padding);
	chain_first(&c, secret, rv, type);
	for (size_t at = 0; at < len; at += BLOCK) {
		if (at > 0)
			chain_next(&c, p + at - BLOCK);
		chain_xor(&c, p + at, p + at, block_at(at, len));
	}
	explicit_bzero(&c, sizeof(c));
}

/* Deciphers the octets [INNER, INNER + len) to `to`; the chain stands at the first block. */
static void reveal(struct chain *c, struct span hidden, uint8_t *to, size_t len)
{
	size_t end = INNER + len;
	uint8_t plain[BLOCK];

	for (size_t at = 0; at < end; at += BLOCK) {
		size_t skip = at == 0 ? INNER : 0;
		size_t n = block_at(at, end);

		if (at > 0)
			chain_next(c, hidden.p + at - BLOCK);
		chain_xor(c, plain, hidden.p + at, n);
		if (n > skip)
			memcpy(to, plain + skip, n - skip);
		to += n - skip;
	}
	explicit_bzero(plain, sizeof(plain));
}

enum l2tp_unhide_verdict l2tp_avp_unhide(struct span secret, struct span rv, uint16_t type, struct span hidden,
					 struct wr *out, struct span *value)
{
	enum l2tp_unhide_verdict verdict = L2TP_UNHIDE_BAD;
	uint8_t inner[INNER];
	struct chain c;
	struct rd r;
	uint8_t *to;
	size_t len;

	*value = span_of(NULL, 0);
	if (hidden.len < INNER)
		return verdict;
	chain_first(&c, secret, rv, type);
	chain_xor(&c, inner, hidden.p, INNER);
	r = rd_of(inner, INNER);
	len = rd_be16(&r);
	if (len > hidden.len - INNER)
		goto out;
	to = wr_room(out, len);
	verdict = to ? L2TP_UNHIDE_OK : L2TP_UNHIDE_NO_ROOM;
	if (!to)
		goto out;
	reveal(&c, hidden, to, len);
	*value = span_of(to, len);
out:
	explicit_bzero(&c, sizeof(c));
	return verdict;
}
