/* SPDX-License-Identifier: BSD-2-Clause */
/* CHAP with MD5 (RFC 1994 §4.1) and MS-CHAP-V2 (RFC 2759 §8); MD4, SHA-1 and DES are nettle's. */
#include "wire/chap_math.h"

#include <nettle/des.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha1.h>

#include "base/rd.h"
#include "base/wr.h"

bool octets_equal_secret(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memeql_sec(a.p, b.p, a.len));
}

void chap_md5(uint8_t id, struct span secret, struct span challenge, uint8_t out[CHAP_MD5_LEN])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, 1, &id);
	md5_update(&md5, secret.len, secret.p);
	md5_update(&md5, challenge.len, challenge.p);
	md5_digest(&md5, CHAP_MD5_LEN, out);
	explicit_bzero(&md5, sizeof(md5));
}

/* ---- the password as unicode characters ---- */

static void wr_le16(struct wr *w, uint32_t v)
{
	wr_u8(w, (uint8_t)v);
	wr_u8(w, (uint8_t)(v >> 8));
}

static void wr_utf16(struct wr *w, uint32_t c)
{
	if (c < 0x10000) {
		wr_le16(w, c);
		return;
	}
	if (wr_left(w) < 4) {	/* never half a pair */
		w->full = true;
		return;
	}
	wr_le16(w, 0xd800 | (c - 0x10000) >> 10);
	wr_le16(w, 0xdc00 | ((c - 0x10000) & 0x3ff));
}

/* One UTF-8 character (RFC 3629: shortest form, no surrogates). */
static bool rd_utf8(struct rd *r, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	uint8_t first = rd_u8(r);
	unsigned more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	uint32_t c = more ? first & (0x3fu >> more) : first;

	if ((first & 0xc0) == 0x80 || first >= 0xf8)
		return rd_fail(r);
	for (unsigned i = 0; i < more; i++) {
		uint8_t b = rd_u8(r);

		if ((b & 0xc0) != 0x80)
			return rd_fail(r);
		c = c << 6 | (b & 0x3f);
	}
	*out = c;
	return (c >= least[more] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff)) || rd_fail(r);
}

static bool utf16_of_utf8(struct wr *w, struct span s)
{
	struct rd r = rd_span(s);
	uint32_t c;

	while (rd_left(&r))
		if (rd_utf8(&r, &c))
			wr_utf16(w, c);
	return !r.bad;
}

static void utf16_of_latin1(struct wr *w, struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		wr_le16(w, s.p[i]);
}

void mschap_nt_password_hash(struct span password, uint8_t out[16])
{
	uint8_t text[2 * MSCHAP_PASSWORD_MAX];
	struct wr w = wr_of(text, sizeof(text));
	struct md4_ctx md4;

	if (!utf16_of_utf8(&w, password)) {
		w = wr_of(text, sizeof(text));
		utf16_of_latin1(&w, password);
	}
	md4_init(&md4);
	md4_update(&md4, wr_len(&w), text);
	md4_digest(&md4, MD4_DIGEST_SIZE, out);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&md4, sizeof(md4));
}

/* ---- RFC 2759 §8.1, §8.2, §8.5, §8.6 ---- */

/* RFC 2759 §4: the name in the hash is the user's alone, though the Name field may say DOMAIN\user. */
static struct span without_domain(struct span user)
{
	for (size_t i = user.len; i > 0; i--)
		if (user.p[i - 1] == '\\')
			return span_of(user.p + i, user.len - i);
	return user;
}

void mschapv2_challenge_hash(const uint8_t peer_challenge[16], const uint8_t auth_challenge[16], struct span user,
			     uint8_t out[8])
{
	struct span name = without_domain(user);
	struct sha1_ctx sha1;

	sha1_init(&sha1);
	sha1_update(&sha1, 16, peer_challenge);
	sha1_update(&sha1, 16, auth_challenge);
	sha1_update(&sha1, name.len, name.p);
	sha1_digest(&sha1, 8, out);
}

/* RFC 2759 §8.6: 7 octets of key material become the 8 octets of a DES key, seven bits each; parity is in the lowest bit. */
static void des_encrypt_7(const uint8_t clear[8], const uint8_t material[7], uint8_t out[8])
{
	struct des_ctx des;
	uint8_t key[DES_KEY_SIZE];
	uint64_t bits = 0;

	for (int i = 0; i < 7; i++)
		bits = bits << 8 | material[i];
	for (int i = 0; i < DES_KEY_SIZE; i++)
		key[i] = (uint8_t)(bits >> (49 - 7 * i) << 1);
	des_fix_parity(DES_KEY_SIZE, key, key);
	(void)des_set_key(&des, key);	/* 0 for a weak key, which is set all the same */
	des_encrypt(&des, DES_BLOCK_SIZE, out, clear);
	explicit_bzero(&des, sizeof(des));
	explicit_bzero(key, sizeof(key));
}

void mschap_challenge_response(const uint8_t challenge[8], const uint8_t password_hash[16],
			       uint8_t out[MSCHAP_NT_RESPONSE_LEN])
{
	uint8_t padded[21] = { 0 };

	memcpy(padded, password_hash, 16);
	for (int i = 0; i < 3; i++)
		des_encrypt_7(challenge, padded + (size_t)(7 * i), out + (size_t)(8 * i));
	explicit_bzero(padded, sizeof(padded));
}

void mschapv2_nt_response(const uint8_t auth_challenge[16], const uint8_t peer_challenge[16], struct span user,
			  struct span password, uint8_t out[MSCHAP_NT_RESPONSE_LEN])
{
	uint8_t challenge[8], hash[16];

	mschapv2_challenge_hash(peer_challenge, auth_challenge, user, challenge);
	mschap_nt_password_hash(password, hash);
	mschap_challenge_response(challenge, hash, out);
	explicit_bzero(hash, sizeof(hash));
}

/* ---- RFC 2759 §8.4, §8.7 ---- */

static const char magic1[] = "Magic server to client signing constant";
static const char magic2[] = "Pad to make it do more than one iteration";

/* RFC 2759 §8.4 */
static void hash_nt_password_hash(struct span password, uint8_t out[16])
{
	struct md4_ctx md4;
	uint8_t hash[16];

	mschap_nt_password_hash(password, hash);
	md4_init(&md4);
	md4_update(&md4, sizeof(hash), hash);
	md4_digest(&md4, MD4_DIGEST_SIZE, out);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(&md4, sizeof(md4));
}

void mschapv2_authenticator_response(struct span password, const uint8_t nt_response[24],
				     const uint8_t peer_challenge[16], const uint8_t auth_challenge[16],
				     struct span user, uint8_t out[MSCHAPV2_SUCCESS_LEN])
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t hash_hash[16], digest[SHA1_DIGEST_SIZE], challenge[8];
	struct sha1_ctx sha1;

	hash_nt_password_hash(password, hash_hash);
	sha1_init(&sha1);
	sha1_update(&sha1, sizeof(hash_hash), hash_hash);
	sha1_update(&sha1, MSCHAP_NT_RESPONSE_LEN, nt_response);
	sha1_update(&sha1, sizeof(magic1) - 1, (const uint8_t *)magic1);
	sha1_digest(&sha1, sizeof(digest), digest);
	mschapv2_challenge_hash(peer_challenge, auth_challenge, user, challenge);
	sha1_update(&sha1, sizeof(digest), digest);
	sha1_update(&sha1, sizeof(challenge), challenge);
	sha1_update(&sha1, sizeof(magic2) - 1, (const uint8_t *)magic2);
	sha1_digest(&sha1, sizeof(digest), digest);
	out[0] = 'S';
	out[1] = '=';
	for (size_t i = 0; i < sizeof(digest); i++) {
		out[2 + 2 * i] = (uint8_t)hex[digest[i] >> 4];
		out[3 + 2 * i] = (uint8_t)hex[digest[i] & 15];
	}
	explicit_bzero(hash_hash, sizeof(hash_hash));
}

/* ---- the Response value, RFC 2759 §4: Peer-Challenge(16) reserved(8) NT-Response(24) flags(1) ---- */

void mschapv2_response(struct span password, struct span user, const uint8_t auth_challenge[16],
		       const uint8_t peer_challenge[16], uint8_t out[MSCHAPV2_RESPONSE_LEN])
{
	memset(out, 0, MSCHAPV2_RESPONSE_LEN);
	memcpy(out, peer_challenge, MSCHAP_CHALLENGE_LEN);
	mschapv2_nt_response(auth_challenge, peer_challenge, user, password, out + 24);
}

bool mschapv2_check(struct span password, struct span user, struct span auth_challenge, struct span response,
		    uint8_t success[MSCHAPV2_SUCCESS_LEN])
{
	uint8_t expected[MSCHAP_NT_RESPONSE_LEN];
	struct rd r = rd_span(response);
	struct span peer_challenge = rd_bytes(&r, MSCHAP_CHALLENGE_LEN), nt_response;

	rd_skip(&r, 8);
	nt_response = rd_bytes(&r, MSCHAP_NT_RESPONSE_LEN);
	if (response.len != MSCHAPV2_RESPONSE_LEN || auth_challenge.len != MSCHAP_CHALLENGE_LEN)
		return false;
	mschapv2_nt_response(auth_challenge.p, peer_challenge.p, user, password, expected);
	if (!octets_equal_secret(nt_response, span_of(expected, sizeof(expected))))
		return false;
	mschapv2_authenticator_response(password, nt_response.p, peer_challenge.p, auth_challenge.p, user, success);
	return true;
}
