/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes read: one after the other, and values by their form. RFC 2865 §5, RFC 2868 §3, RFC 3162 §2. */
#include "wire/radius_attr.h"

/* ---- iteration ---- */

struct radius_attr_iter radius_attrs_begin(const struct radius_pkt *p)
{
	return (struct radius_attr_iter){ .attrs = rd_span(p->attrs), .vsa = rd_empty() };
}

/* Type, length that counts both, value. */
static bool tlv_next(struct rd *r, uint16_t *type, struct span *value)
{
	uint8_t len;

	*type = 0;
	*value = span_of(NULL, 0);
	if (rd_left(r) == 0)
		return false;
	*type = rd_u8(r);
	len = rd_u8(r);
	if (len < RADIUS_ATTR_HDR_LEN)
		return rd_fail(r);
	*value = rd_bytes(r, len - RADIUS_ATTR_HDR_LEN);
	return !r->bad;
}

/* Whether there is at least one sub-attribute, and nothing but sub-attributes. */
static bool vsa_ok(struct rd r)
{
	bool any = false;
	struct span value;
	uint16_t type;

	while (tlv_next(&r, &type, &value))
		any = true;
	return any && !r.bad;
}

/* RFC 2865 §5.26: Vendor-Id, then what should be vendor type, vendor length, value. */
static bool vsa_open(struct radius_attr_iter *it, struct span value)
{
	struct rd r = rd_span(value);
	uint32_t vendor = rd_be32(&r);

	if (r.bad || vendor == RADIUS_VENDOR_NONE || !vsa_ok(r))
		return false;
	it->vendor = vendor;
	it->vsa = r;
	return true;
}

bool radius_attr_next(struct radius_attr_iter *it, struct radius_attr *a)
{
	*a = (struct radius_attr){ 0 };
	if (rd_left(&it->vsa) == 0) {
		if (!tlv_next(&it->attrs, &a->type, &a->value))
			return false;
		if (a->type != RADIUS_ATTR_VENDOR_SPECIFIC || !vsa_open(it, a->value))
			return true;
	}
	a->vendor = it->vendor;
	return tlv_next(&it->vsa, &a->type, &a->value);
}

bool radius_attr_find(const struct radius_pkt *p, uint32_t attr, struct radius_attr *a)
{
	struct radius_attr_iter it = radius_attrs_begin(p);

	while (radius_attr_next(&it, a))
		if (radius_attr_id(a) == attr)
			return true;
	return false;
}

/* ---- values ---- */

/* Every octet of the value has been read, and none was missing. */
static bool read_all(const struct rd *r)
{
	return !r->bad && rd_left(r) == 0;
}

bool radius_attr_u32(const struct radius_attr *a, uint32_t *v)
{
	struct rd r = rd_span(a->value);
	uint32_t n = rd_be32(&r);
	bool ok = read_all(&r);

	*v = ok ? n : 0;
	return ok;
}

static bool address(const struct radius_attr *a, uint8_t af, size_t len, struct ip_addr *v)
{
	*v = (struct ip_addr){ 0 };
	if (a->value.len != len)
		return false;
	v->af = af;
	memcpy(v->b, a->value.p, len);
	return true;
}

bool radius_attr_ip4(const struct radius_attr *a, struct ip_addr *v)
{
	return address(a, 4, 4, v);
}

bool radius_attr_ip6(const struct radius_attr *a, struct ip_addr *v)
{
	return address(a, 6, 16, v);
}

bool radius_attr_ifid(const struct radius_attr *a, uint64_t *v)
{
	struct rd r = rd_span(a->value);
	uint64_t n = rd_be64(&r);
	bool ok = read_all(&r);

	*v = ok ? n : 0;
	return ok;
}

/* Whether every bit beyond the prefix is zero. */
static bool host_bits_clear(const struct ip_prefix *p)
{
	uint8_t beyond = (uint8_t)(0xff >> p->len % 8);	/* in the octet where the prefix ends */

	for (unsigned i = p->len / 8; i < sizeof(p->addr.b); i++, beyond = 0xff)
		if (p->addr.b[i] & beyond)
			return false;
	return true;
}

bool radius_attr_ip6_prefix(const struct radius_attr *a, struct ip_prefix *v)
{
	struct rd r = rd_span(a->value);
	struct ip_prefix p = { .addr = { .af = 6 } };
	size_t n;

	*v = (struct ip_prefix){ 0 };
	rd_u8(&r);	/* reserved */
	p.len = rd_u8(&r);
	n = rd_left(&r);
	if (r.bad || p.len > 128 || n > 16 || n < (p.len + 7u) / 8)
		return false;
	rd_copy(&r, p.addr.b, n);
	if (!host_bits_clear(&p))
		return false;
	*v = p;
	return true;
}

bool radius_attr_tagged_u32(const struct radius_attr *a, uint8_t *tag, uint32_t *v)
{
	uint32_t n;
	bool ok = radius_attr_u32(a, &n) && n >> 24 <= RADIUS_TAG_MAX;

	*tag = ok ? (uint8_t)(n >> 24) : 0;
	*v = ok ? n & 0xffffff : 0;
	return ok;
}

bool radius_attr_tagged_text(const struct radius_attr *a, uint8_t *tag, struct span *text)
{
	struct rd r = rd_span(a->value);
	uint8_t first = rd_u8(&r);
	bool tagged = !r.bad && first <= RADIUS_TAG_MAX;

	*tag = tagged ? first : 0;
	*text = tagged ? rd_rest(&r) : a->value;
	return text->len > 0;
}

bool radius_attr_ident(const struct radius_attr *a, uint8_t *ident, struct span *rest)
{
	struct rd r = rd_span(a->value);

	*ident = rd_u8(&r);
	*rest = rd_rest(&r);
	if (!r.bad && radius_attr_length_ok(a))
		return true;
	*ident = 0;
	*rest = span_of(NULL, 0);
	return false;
}

/* ---- hidden passwords and keys ---- */

bool radius_tunnel_password_open(const struct radius_attr *a, uint8_t *tag,
				 const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret,
				 uint8_t out[RADIUS_TUNNEL_PASSWORD_MAX], struct span *plain)
{
	struct rd r = rd_span(a->value);
	const struct radius_attr_info *info = radius_attr_info(a->vendor, a->type);
	unsigned form = info ? info->form : RADIUS_FORM_OCTETS;

	*tag = form == RADIUS_FORM_TAGGED_SALTED ? rd_u8(&r) : 0;
	if (*tag > RADIUS_TAG_MAX)
		*tag = 0;
	*plain = span_of(NULL, 0);
	if (form != RADIUS_FORM_TAGGED_SALTED && form != RADIUS_FORM_SALTED)
		return false;
	return radius_salt_open(rd_rest(&r), request_authenticator, secret, out, plain);
}
