/* SPDX-License-Identifier: BSD-2-Clause */
/* One attribute as a line for people; names and shape as FreeRADIUS prints them. What is secret is not shown. */
#include "base/text.h"
#include "wire/radius_attr.h"

static void say_hex(struct text *t, struct span v)
{
	struct rd r = rd_span(v);

	text_fmt(t, "0x");
	while (rd_left(&r) > 0)
		text_fmt(t, "%02x", rd_u8(&r));
}

static bool say_number(struct text *t, uint32_t attr, uint32_t n)
{
	const char *name = radius_value_name(attr, n);

	if (name)
		text_fmt(t, "%s", name);
	else
		text_fmt(t, "%u", n);
	return true;
}

static bool say_address(struct text *t, const struct ip_addr *a)
{
	char buf[IP_ADDR_TEXT];

	text_fmt(t, "%s", ip_addr_text(a, buf));
	return true;
}

static bool say_prefix(struct text *t, const struct ip_prefix *p)
{
	say_address(t, &p->addr);
	text_fmt(t, "/%u", p->len);
	return true;
}

static bool say_ifid(struct text *t, uint64_t id)
{
	text_fmt(t, "%x:%x:%x:%x", (unsigned)(id >> 48), (unsigned)(id >> 32 & 0xffff), (unsigned)(id >> 16 & 0xffff),
		 (unsigned)(id & 0xffff));
	return true;
}

static bool say_text(struct text *t, struct span s)
{
	text_quoted(t, s);
	return true;
}

/* What a value means in its form; nothing is said, and false returned, when it is not of that form. */
static bool say_value(struct text *t, const struct radius_attr_info *info, const struct radius_attr *a, struct span text)
{
	union { uint32_t n; uint64_t id; struct ip_addr addr; struct ip_prefix prefix; } v;
	uint8_t tag;

	switch ((enum radius_form)info->form) {
	case RADIUS_FORM_TEXT:
	case RADIUS_FORM_TAGGED_TEXT: return say_text(t, text);
	case RADIUS_FORM_TAGGED_U32: return radius_attr_tagged_u32(a, &tag, &v.n) && say_number(t, info->attr, v.n);
	case RADIUS_FORM_U32:
	case RADIUS_FORM_DATE: return radius_attr_u32(a, &v.n) && say_number(t, info->attr, v.n);
	case RADIUS_FORM_IP4: return radius_attr_ip4(a, &v.addr) && say_address(t, &v.addr);
	case RADIUS_FORM_IP6: return radius_attr_ip6(a, &v.addr) && say_address(t, &v.addr);
	case RADIUS_FORM_IP6_PREFIX: return radius_attr_ip6_prefix(a, &v.prefix) && say_prefix(t, &v.prefix);
	case RADIUS_FORM_IFID: return radius_attr_ifid(a, &v.id) && say_ifid(t, v.id);
	default: return false;
	}
}

static void say_name(struct text *t, const struct radius_attr_info *info, const struct radius_attr *a)
{
	if (info)
		text_fmt(t, "%s", info->name);
	else if (a->vendor != RADIUS_VENDOR_NONE)
		text_fmt(t, "Attr-26.%u.%u", a->vendor, a->type);
	else
		text_fmt(t, "Attr-%u", a->type);
}

/* The tag of a tagged attribute, 0 for none, and its text. */
static uint8_t tag_of(const struct radius_attr_info *info, const struct radius_attr *a, struct span *text)
{
	uint8_t tag = 0;
	uint32_t n;

	*text = a->value;
	if (info && info->form == RADIUS_FORM_TAGGED_TEXT)
		(void)radius_attr_tagged_text(a, &tag, text);
	else if (info && info->form == RADIUS_FORM_TAGGED_U32)
		(void)radius_attr_tagged_u32(a, &tag, &n);
	return tag;
}

size_t radius_attr_text(const struct radius_attr *a, char *out, size_t cap)
{
	const struct radius_attr_info *info = radius_attr_info(a->vendor, a->type);
	struct text t = text_of(out, cap);
	struct span text;
	uint8_t tag = tag_of(info, a, &text);

	say_name(&t, info, a);
	if (tag > 0)
		text_fmt(&t, ":%u", tag);
	text_fmt(&t, " = ");
	if (info && info->secret)
		text_fmt(&t, "<hidden>");
	else if (!info || !say_value(&t, info, a, text))
		say_hex(&t, a->value);
	return t.len;
}
