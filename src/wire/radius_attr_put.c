/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes appended to a packet, by their form. RFC 2865 §5, RFC 2868 §3, RFC 3162 §2, RFC 2548 §2.3. */
#include "wire/radius_attr.h"

static size_t longest(const struct radius_attr_info *info, uint32_t vendor)
{
	return info ? info->max : vendor == RADIUS_VENDOR_NONE ? RADIUS_VALUE_MAX : RADIUS_VSA_VALUE_MAX;
}

/* RFC 3629: 10xxxxxx is inside a character. Octets that are no UTF-8 are cut where the room ends. */
static size_t whole_characters(struct span text, size_t room)
{
	size_t n = room;

	while (n > 0 && room - n < 3 && (text.p[n] & 0xc0) == 0x80)
		n--;
	return (text.p[n] & 0xc0) == 0x80 ? room : n;
}

static void put_whole(struct wr *w, uint32_t vendor, uint8_t type, struct span value)
{
	size_t len = RADIUS_ATTR_HDR_LEN + value.len + (vendor == RADIUS_VENDOR_NONE ? 0 : RADIUS_VSA_HDR_LEN);
	uint8_t *p = wr_room(w, len);
	struct wr attr;

	if (!p)
		return;
	attr = wr_of(p, len);
	if (vendor != RADIUS_VENDOR_NONE) {
		wr_u8(&attr, RADIUS_ATTR_VENDOR_SPECIFIC);
		wr_u8(&attr, (uint8_t)len);
		wr_be32(&attr, vendor);
	}
	wr_u8(&attr, type);
	wr_u8(&attr, (uint8_t)(RADIUS_ATTR_HDR_LEN + value.len));
	wr_put(&attr, value);
}

bool radius_put(struct wr *w, uint32_t vendor, unsigned type, struct span value)
{
	uint32_t attr = type > UINT8_MAX ? type : radius_attr_key(vendor, type);
	const struct radius_attr_info *info = radius_attr_info(vendor, attr & 0xff);
	size_t max = longest(info, vendor);
	bool cut = value.len > max;

	if (attr == 0 || attr >> 8 != vendor)
		return false;
	if (value.len == 0 && (!info || info->min > 0))
		return true;
	if (cut && (!info || (info->form != RADIUS_FORM_TEXT && info->form != RADIUS_FORM_TAGGED_TEXT)))
		return false;
	put_whole(w, vendor, attr & 0xff, cut ? span_of(value.p, whole_characters(value, max)) : value);
	return !cut && !w->full;
}

bool radius_put_span(struct wr *w, uint32_t attr, struct span value)
{
	return radius_put(w, attr >> 8, attr & 0xff, value);
}

/* A value composed in v. */
static bool put_composed(struct wr *w, uint32_t attr, const struct wr *v)
{
	return !v->full && radius_put_span(w, attr, wr_span(v));
}

bool radius_put_u32(struct wr *w, uint32_t attr, uint32_t n)
{
	uint8_t buf[4];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be32(&v, n);
	return put_composed(w, attr, &v);
}

bool radius_put_ip4(struct wr *w, uint32_t attr, const struct ip_addr *v)
{
	return v->af == 4 && radius_put_span(w, attr, span_of(v->b, 4));
}

bool radius_put_ip6(struct wr *w, uint32_t attr, const struct ip_addr *v)
{
	return v->af == 6 && radius_put_span(w, attr, span_of(v->b, 16));
}

bool radius_put_ifid(struct wr *w, uint32_t attr, uint64_t n)
{
	uint8_t buf[8];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_be64(&v, n);
	return put_composed(w, attr, &v);
}

bool radius_put_ip6_prefix(struct wr *w, uint32_t attr, const struct ip_prefix *p)
{
	uint8_t buf[18];
	struct wr v = wr_of(buf, sizeof(buf));

	if (p->addr.af != 6 || p->len > 128)
		return false;
	wr_u8(&v, 0);	/* reserved */
	wr_u8(&v, p->len);
	wr_bytes(&v, p->addr.b, p->len / 8);
	if (p->len % 8 != 0)
		wr_u8(&v, p->addr.b[p->len / 8] & (uint8_t)(0xff00 >> p->len % 8));
	return put_composed(w, attr, &v);
}

bool radius_put_tagged_u32(struct wr *w, uint32_t attr, uint8_t tag, uint32_t v)
{
	return tag <= RADIUS_TAG_MAX && v <= 0xffffff && radius_put_u32(w, attr, (uint32_t)tag << 24 | v);
}

bool radius_put_tagged_text(struct wr *w, uint32_t attr, uint8_t tag, struct span text)
{
	uint8_t buf[1 + RADIUS_VALUE_MAX + 1];	/* one more than fits: radius_put() sees that it must cut */
	struct wr v = wr_of(buf, sizeof(buf));
	bool whole = text.len < sizeof(buf);

	if (tag > RADIUS_TAG_MAX)
		return false;
	if (text.len == 0)
		return true;
	wr_u8(&v, tag);
	wr_bytes(&v, text.p, whole ? text.len : sizeof(buf) - 1);
	return put_composed(w, attr, &v) && whole;
}

bool radius_put_chap_password(struct wr *w, uint8_t ident, const uint8_t response[16])
{
	uint8_t buf[17];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_u8(&v, ident);
	wr_bytes(&v, response, 16);
	return put_composed(w, RADIUS_ATTR_CHAP_PASSWORD, &v);
}

bool radius_put_ms_chap2_response(struct wr *w, uint8_t ident, const uint8_t response[49])
{
	uint8_t buf[50];
	struct wr v = wr_of(buf, sizeof(buf));

	wr_u8(&v, ident);
	wr_u8(&v, 0);	/* Flags: "reserved for future use and MUST be zero", whatever the peer's are */
	wr_bytes(&v, response, 48);
	return put_composed(w, RADIUS_ATTR_MS_CHAP2_RESPONSE, &v);
}

bool radius_tunnel_password_put(struct wr *w, uint32_t attr, uint8_t tag, uint16_t salt, struct span plain,
				const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret)
{
	uint8_t value[RADIUS_VALUE_MAX];
	struct wr v = wr_of(value, sizeof(value));
	const struct radius_attr_info *info = radius_attr_info(attr >> 8, attr & 0xff);
	unsigned form = info ? info->form : RADIUS_FORM_OCTETS;

	if (tag > RADIUS_TAG_MAX || (form != RADIUS_FORM_TAGGED_SALTED && form != RADIUS_FORM_SALTED))
		return false;
	if (form == RADIUS_FORM_TAGGED_SALTED)
		wr_u8(&v, tag);
	radius_salt_hide(&v, salt, plain, request_authenticator, secret);
	return !v.full && radius_put_span(w, attr, wr_span(&v));
}
