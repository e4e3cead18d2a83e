/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a RADIUS packet: decoding, walking, every getter and the text of every attribute. What was decoded, written
 * again, decodes to the same; what is signed is good, and a good Message-Authenticator is the one that signing gives. The
 * octets are also taken as passwords to hide, and as hidden ones.
 */
#include <stdlib.h>

#include "wire/radius_attr.h"
#include "wire/radius_pkt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SECRET span_str("xyzzy5461")

static const uint8_t ra[16] = { 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
static const uint8_t zeros[16];
static uint8_t again[2 * RADIUS_PKT_MAX];

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* ---- reading ---- */

static void say(const struct radius_attr *a)
{
	char text[RADIUS_TEXT_MAX], cut[40];
	size_t n = radius_attr_text(a, text, sizeof(text));

	check(n < sizeof(text) - 1 && strlen(text) == n);
	for (size_t i = 0; i < n; i++)
		check(text[i] >= 0x20 && text[i] < 0x7f);
	check(radius_attr_text(a, cut, sizeof(cut)) < sizeof(cut));
}

static void get(const struct radius_attr *a)
{
	uint8_t out[RADIUS_TUNNEL_PASSWORD_MAX], tag;
	struct ip_prefix prefix;
	struct ip_addr ip;
	struct span v;
	uint64_t id;
	uint32_t n;

	check(radius_attr_u32(a, &n) == (a->value.len == 4));
	check(radius_attr_ip4(a, &ip) == (a->value.len == 4));
	check(radius_attr_ip6(a, &ip) == (a->value.len == 16));
	check(radius_attr_ifid(a, &id) == (a->value.len == 8));
	check(!radius_attr_ip6_prefix(a, &prefix) || prefix.len <= 128);
	check(!radius_attr_tagged_u32(a, &tag, &n) || (tag <= RADIUS_TAG_MAX && n <= 0xffffff));
	check(!radius_attr_tagged_text(a, &tag, &v) || (v.len > 0 && v.p + v.len == a->value.p + a->value.len));
	check(!radius_attr_ident(a, &tag, &v) || v.len + 1 == a->value.len);
	check(!radius_tunnel_password_open(a, &tag, ra, SECRET, out, &v) || v.len < a->value.len);
	check(!radius_user_password_open(a->value, ra, SECRET, out, &v) || v.len <= a->value.len);
	(void)radius_attr_length_ok(a);
}

static bool is_same(const struct radius_attr *a, const struct radius_attr *b)
{
	return a->vendor == b->vendor && a->type == b->type && span_eq(a->value, b->value);
}

/* ---- writing ---- */

/* What a putter takes as it is. */
static bool writes_back(const struct radius_attr *a)
{
	const struct radius_attr_info *info = radius_attr_info(a->vendor, a->type);

	return radius_attr_key(a->vendor, a->type) != 0 && a->value.len >= (info ? info->min : 1) &&
	       a->value.len <= (info ? info->max : a->vendor ? RADIUS_VSA_VALUE_MAX : RADIUS_VALUE_MAX);
}

static void compare(struct span in, struct span out)
{
	struct radius_pkt p, q;
	struct radius_attr_iter i, j;
	struct radius_attr a, b;

	check(radius_pkt_decode(&p, in.p, in.len) == RADIUS_PKT_OK);
	check(radius_pkt_decode(&q, out.p, out.len) == RADIUS_PKT_OK);
	check(p.code == q.code && p.id == q.id && memcmp(p.authenticator, q.authenticator, 16) == 0);
	i = radius_attrs_begin(&p);
	j = radius_attrs_begin(&q);
	while (radius_attr_next(&i, &a))
		if (writes_back(&a))
			check(radius_attr_next(&j, &b) && is_same(&a, &b));
	check(!radius_attr_next(&j, &b));
}

static void rewrite(struct span in, const struct radius_pkt *p)
{
	struct wr w = wr_of(again, sizeof(again));
	struct radius_attr_iter it = radius_attrs_begin(p);
	struct radius_attr a;
	size_t len;

	radius_pkt_begin(&w, p->code, p->id, p->authenticator);
	while (radius_attr_next(&it, &a))
		if (writes_back(&a))
			check(radius_put(&w, a.vendor, a.type, a.value) || w.full);
	len = radius_pkt_end(&w);
	if (len > 0)	/* sub-attributes in a wrapper each may be more than a packet */
		compare(in, span_of(again, len));
}

/* ---- signatures ---- */

static void sign(struct span pkt)
{
	enum radius_ma ma = radius_message_authenticator_check(pkt.p, pkt.len, ra, SECRET);
	struct radius_pkt p;

	memcpy(again, pkt.p, pkt.len);
	check(radius_sign_response(again, pkt.len, ra, SECRET) || ma == RADIUS_MA_BAD);
	if (radius_response_ok(again, pkt.len, ra, SECRET)) {
		enum radius_ma now = radius_message_authenticator_check(again, pkt.len, ra, SECRET);

		check(ma == RADIUS_MA_BAD || now == ma);
	}
	if (radius_sign_accounting(again, pkt.len, SECRET)) {
		check(radius_accounting_request_ok(again, pkt.len, SECRET));
		check(radius_message_authenticator_check(again, pkt.len, zeros, SECRET) != RADIUS_MA_BAD);
	}
	if (radius_sign_request(again, pkt.len, SECRET))
		check(radius_message_authenticator_check(again, pkt.len, again + 4, SECRET) == RADIUS_MA_GOOD);
	check(radius_pkt_decode(&p, again, pkt.len) == RADIUS_PKT_OK);	/* signing breaks nothing */
}

/* ---- passwords ---- */

static void hide(struct span in)
{
	uint8_t buf[300], out[RADIUS_TUNNEL_PASSWORD_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct span v;

	if (in.len <= RADIUS_TUNNEL_PASSWORD_MAX) {
		radius_salt_hide(&w, (uint16_t)in.len, in, ra, SECRET);
		check(radius_salt_open(wr_span(&w), ra, SECRET, out, &v) && span_eq(v, in));
	}
	w = wr_of(buf, sizeof(buf));
	check(radius_put_user_password(&w, in, ra, SECRET) == (in.len <= RADIUS_USER_PASSWORD_MAX));
	if (wr_len(&w) > 0) {
		check(radius_user_password_open(span_of(buf + 2, wr_len(&w) - 2), ra, SECRET, out, &v));
		check(v.len <= in.len && span_eq(v, span_of(in.p, v.len)));
		for (size_t i = v.len; i < in.len; i++)
			check(in.p[i] == 0);
	}
	if (radius_salt_open(in, ra, SECRET, out, &v))
		check(v.len + 3 <= in.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct span in = span_of(data, len);
	struct radius_attr_iter it;
	struct radius_attr a;
	struct radius_pkt p;

	hide(in);
	(void)radius_response_ok(data, len, ra, SECRET);
	(void)radius_message_authenticator_check(data, len, ra, SECRET);
	it = radius_attrs_begin(&(struct radius_pkt){ .attrs = in });	/* no decoder has looked at these */
	while (radius_attr_next(&it, &a))
		get(&a);
	if (radius_pkt_decode(&p, data, len) != RADIUS_PKT_OK)
		return 0;
	it = radius_attrs_begin(&p);
	while (radius_attr_next(&it, &a)) {
		check(a.value.len <= RADIUS_VALUE_MAX);
		get(&a);
		say(&a);
	}
	rewrite(in, &p);
	sign(span_of(data, p.attrs.len + RADIUS_HDR_LEN));
	return 0;
}
