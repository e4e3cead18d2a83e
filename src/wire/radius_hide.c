/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hidden values. With S the secret, R the Request Authenticator, A the salt (none for User-Password, RFC 2865 §5.2; two
 * octets for Tunnel-Password, RFC 2868 §3.5):
 *
 *	b1 = MD5(S + R + A)	c(1) = p1 xor b1
 *	bi = MD5(S + c(i-1))	c(i) = pi xor bi
 *
 * over whole blocks of 16 octets.
 */
#include <nettle/md5.h>
#include <string.h>

#include "base/rd.h"
#include "wire/radius_attr.h"
#include "wire/radius_pkt.h"

enum { BLOCK = MD5_DIGEST_SIZE, SALT = 2, SALT_TOP = 0x8000 };

struct chain {
	struct span secret;
	uint8_t b[BLOCK];
};

static void chain_turn(struct chain *c, struct span block, struct span salt)
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, c->secret.len, c->secret.p);
	md5_update(&md5, block.len, block.p);
	md5_update(&md5, salt.len, salt.p);
	md5_digest(&md5, BLOCK, c->b);
	explicit_bzero(&md5, sizeof(md5));
}

static struct chain chain_of(struct span secret, const uint8_t request_authenticator[BLOCK], struct span salt)
{
	struct chain c = { .secret = secret };

	chain_turn(&c, span_of(request_authenticator, BLOCK), salt);
	return c;
}

static void chain_xor(const struct chain *c, uint8_t *to, const uint8_t *from)
{
	for (size_t i = 0; i < BLOCK; i++)
		to[i] = from[i] ^ c->b[i];
}

/* In place; len is whole blocks. */
static void hide(struct chain *c, uint8_t *p, size_t len)
{
	for (size_t at = 0; at < len; at += BLOCK) {
		if (at > 0)
			chain_turn(c, span_of(p + at - BLOCK, BLOCK), span_of(NULL, 0));
		chain_xor(c, p + at, p + at);
	}
	explicit_bzero(c, sizeof(*c));
}

/* Whole blocks from cipher to `to`. */
static void reveal(struct chain *c, struct span cipher, uint8_t *to)
{
	for (size_t at = 0; at < cipher.len; at += BLOCK) {
		if (at > 0)
			chain_turn(c, span_of(cipher.p + at - BLOCK, BLOCK), span_of(NULL, 0));
		chain_xor(c, to + at, cipher.p + at);
	}
	explicit_bzero(c, sizeof(*c));
}

static size_t whole_blocks(size_t n)
{
	return (n + BLOCK - 1) / BLOCK * BLOCK;
}

bool radius_put_user_password(struct wr *w, struct span password,
			      const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret)
{
	uint8_t value[RADIUS_USER_PASSWORD_MAX] = { 0 };
	size_t len = password.len > 0 ? whole_blocks(password.len) : BLOCK;
	struct chain c;

	if (password.len > sizeof(value))
		return false;
	if (password.len > 0)
		memcpy(value, password.p, password.len);
	c = chain_of(secret, request_authenticator, span_of(NULL, 0));
	hide(&c, value, len);
	return radius_put_span(w, RADIUS_ATTR_USER_PASSWORD, span_of(value, len));
}

bool radius_user_password_open(struct span value, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
			       struct span secret, uint8_t out[RADIUS_USER_PASSWORD_MAX], struct span *password)
{
	size_t len = value.len;
	struct chain c;

	*password = span_of(NULL, 0);
	if (len == 0 || len > RADIUS_USER_PASSWORD_MAX || len % BLOCK != 0)
		return false;
	c = chain_of(secret, request_authenticator, span_of(NULL, 0));
	reveal(&c, value, out);
	while (len > 0 && out[len - 1] == 0)
		len--;
	*password = span_of(out, len);
	return true;
}

/* RFC 2868 §3.5: salt, then Data-Length, Password and Padding, enciphered. */
void radius_salt_hide(struct wr *w, uint16_t salt, struct span plain,
		      const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret)
{
	size_t len = whole_blocks(1 + plain.len);
	uint8_t *p = plain.len <= RADIUS_TUNNEL_PASSWORD_MAX ? wr_room(w, SALT + len) : NULL;
	struct chain c;
	struct wr sub;

	if (!p) {
		w->full = true;
		return;
	}
	sub = wr_of(p, SALT + len);
	wr_be16(&sub, salt | SALT_TOP);
	wr_u8(&sub, (uint8_t)plain.len);
	wr_put(&sub, plain);
	wr_fill(&sub, 0, wr_left(&sub));
	c = chain_of(secret, request_authenticator, span_of(p, SALT));
	hide(&c, p + SALT, len);
}

bool radius_salt_open(struct span value, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
		      struct span secret, uint8_t out[RADIUS_TUNNEL_PASSWORD_MAX], struct span *plain)
{
	uint8_t text[1 + RADIUS_TUNNEL_PASSWORD_MAX];
	struct rd r = rd_span(value);
	struct span salt = rd_bytes(&r, SALT), cipher = rd_rest(&r);
	struct chain c;
	size_t len;

	*plain = span_of(NULL, 0);
	if (r.bad || cipher.len == 0 || cipher.len > sizeof(text) || cipher.len % BLOCK != 0)
		return false;
	c = chain_of(secret, request_authenticator, salt);
	reveal(&c, cipher, text);
	len = text[0];
	if (len < cipher.len) {
		memcpy(out, text + 1, len);
		*plain = span_of(out, len);
	}
	explicit_bzero(text, sizeof(text));
	return len < cipher.len;
}
