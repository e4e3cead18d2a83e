/* SPDX-License-Identifier: BSD-2-Clause */
/* RADIUS attributes from text. */
#include "lab/reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* Hidden with the Request Authenticator, so not before it is known. */
struct reply_hidden {
	struct reply_hidden *next;
	uint32_t attr;
	uint8_t tag;
	size_t len;
	uint8_t plain[];
};

/* One attribute, as far as it has been read. */
struct words {
	const struct radius_attr_info *info;	/* NULL: one that the table has not */
	uint32_t vendor;
	unsigned type, tag;
	bool tagged;
	const char *value;
};

/* ---- names ---- */

static const struct radius_attr_info *info_by_name(const char *name, size_t len)
{
	const struct radius_attr_info *row;

	for (unsigned i = 0; (row = radius_attr_row(i)); i++)
		if (strlen(row->name) == len && strncasecmp(row->name, name, len) == 0)
			return row;
	return NULL;
}

static bool number_by_name(uint32_t attr, const char *name, uint32_t *n)
{
	static const struct {
		uint32_t attr, number;
		const char *name;
	} values[] = {
#define X(of, id, number, text) { RADIUS_ATTR_##of, (number), text },
		RADIUS_VALUES(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i].attr == attr && strcasecmp(values[i].name, name) == 0) {
			*n = values[i].number;
			return true;
		}
	}
	return false;
}

/* `Attr-200`, `Attr-26.9.1`. */
static bool read_unknown(struct words *w, const char *name, size_t len)
{
	char copy[32];
	int end = 0;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, name, len);
	copy[len] = '\0';
	if (sscanf(copy, "Attr-26.%8u.%3u%n", &w->vendor, &w->type, &end) == 2 && (size_t)end == len)
		return w->vendor && w->type && radius_attr_key(w->vendor, w->type);
	w->vendor = 0;
	end = 0;
	return sscanf(copy, "Attr-%3u%n", &w->type, &end) == 1 && (size_t)end == len && w->type && w->type < 256;
}

static const char *read_name(struct words *w, const char *text)
{
	size_t len = strcspn(text, "=:");
	char *end = NULL;

	w->info = info_by_name(text, len);
	if (w->info) {
		w->vendor = w->info->attr >> 8;
		w->type = w->info->attr & 0xff;
	} else if (!read_unknown(w, text, len)) {
		return "no such attribute";
	}
	text += len;
	w->tagged = *text == ':';
	if (w->tagged) {
		w->tag = (unsigned)strtoul(text + 1, &end, 10);
		if (end == text + 1 || w->tag > RADIUS_TAG_MAX)
			return "bad tag";
		text = end;
	}
	if (*text != '=')
		return "no value";
	w->value = text + 1;
	return NULL;
}

/* ---- values ---- */

static bool read_u32(const struct words *w, uint32_t *n)
{
	char *end;
	unsigned long long v;

	if (number_by_name(w->info->attr, w->value, n))
		return true;
	errno = 0;
	v = strtoull(w->value, &end, 0);
	*n = (uint32_t)v;
	return !errno && end != w->value && !*end && *w->value >= '0' && *w->value <= '9' && v <= UINT32_MAX;
}

/* 0x and hexadecimal digits, or the text itself. */
static bool read_octets(const char *value, uint8_t out[RADIUS_VALUE_MAX], size_t *len)
{
	size_t digits = strlen(value);

	if (strncmp(value, "0x", 2) != 0) {
		*len = digits;
		if (digits > RADIUS_VALUE_MAX)
			return false;
		memcpy(out, value, digits);
		return true;
	}
	*len = digits / 2 - 1;
	if (digits % 2 || *len > RADIUS_VALUE_MAX)
		return false;
	for (size_t i = 0; i < *len; i++) {
		unsigned octet;
		int end = 0;

		if (sscanf(value + 2 + 2 * i, "%2x%n", &octet, &end) != 1 || end != 2)
			return false;
		out[i] = (uint8_t)octet;
	}
	return true;
}

static bool put_octets(struct wr *w, const struct words *a)
{
	uint8_t octets[RADIUS_VALUE_MAX];
	size_t len;

	return read_octets(a->value, octets, &len) && (!a->info || (len >= a->info->min && len <= a->info->max)) &&
	       radius_put(w, a->vendor, a->type, span_of(octets, len));
}

static bool put_text(struct wr *w, const struct words *a)
{
	struct span text = span_str(a->value);

	return text.len && radius_put_span(w, a->info->attr, text);
}

static bool put_u32(struct wr *w, const struct words *a)
{
	uint32_t n;

	if (!read_u32(a, &n))
		return false;
	if (a->info->form == RADIUS_FORM_TAGGED_U32)
		return radius_put_tagged_u32(w, a->info->attr, (uint8_t)a->tag, n);
	return radius_put_u32(w, a->info->attr, n);
}

static bool put_address(struct wr *w, const struct words *a)
{
	struct ip_addr addr;

	if (!ip_addr_parse(&addr, a->value))
		return false;
	return a->info->form == RADIUS_FORM_IP4 ? radius_put_ip4(w, a->info->attr, &addr) :
						  radius_put_ip6(w, a->info->attr, &addr);
}

static bool put_prefix(struct wr *w, const struct words *a)
{
	char copy[64];
	struct ip_prefix p = { 0 };
	unsigned len;
	int end = 0;

	if (sscanf(a->value, "%46[0-9a-fA-F:.]/%3u%n", copy, &len, &end) != 2 || a->value[end] || len > 128)
		return false;
	p.len = (uint8_t)len;
	return ip_addr_parse(&p.addr, copy) && radius_put_ip6_prefix(w, a->info->attr, &p);
}

static bool put_ifid(struct wr *w, const struct words *a)
{
	unsigned g[4];
	int end = 0;

	if (sscanf(a->value, "%4x:%4x:%4x:%4x%n", &g[0], &g[1], &g[2], &g[3], &end) != 4 || a->value[end])
		return false;
	return radius_put_ifid(w, a->info->attr, (uint64_t)g[0] << 48 | (uint64_t)g[1] << 32 | (uint64_t)g[2] << 16 | g[3]);
}

static bool put_value(struct wr *w, const struct words *a)
{
	if (!a->info)
		return put_octets(w, a);
	switch ((enum radius_form)a->info->form) {
	case RADIUS_FORM_TEXT: return put_text(w, a);
	case RADIUS_FORM_TAGGED_TEXT: return radius_put_tagged_text(w, a->info->attr, (uint8_t)a->tag, span_str(a->value));
	case RADIUS_FORM_U32:
	case RADIUS_FORM_DATE:
	case RADIUS_FORM_TAGGED_U32: return put_u32(w, a);
	case RADIUS_FORM_IP4:
	case RADIUS_FORM_IP6: return put_address(w, a);
	case RADIUS_FORM_IP6_PREFIX: return put_prefix(w, a);
	case RADIUS_FORM_IFID: return put_ifid(w, a);
	default: return put_octets(w, a);
	}
}

/* ---- the whole ---- */

static bool is_hidden(const struct radius_attr_info *info)
{
	return info && (info->form == RADIUS_FORM_SALTED || info->form == RADIUS_FORM_TAGGED_SALTED);
}

static bool takes_tag(const struct radius_attr_info *info)
{
	return info && (info->form == RADIUS_FORM_TAGGED_TEXT || info->form == RADIUS_FORM_TAGGED_U32 ||
			info->form == RADIUS_FORM_TAGGED_SALTED);
}

static const char *add_hidden(struct reply *r, const struct words *a)
{
	uint8_t plain[RADIUS_VALUE_MAX];
	struct reply_hidden *h, **end = &r->hidden;
	size_t len;

	if (!read_octets(a->value, plain, &len) || len > RADIUS_TUNNEL_PASSWORD_MAX)
		return "bad value";
	h = malloc(sizeof(*h) + len);
	if (!h)
		return "out of memory";
	*h = (struct reply_hidden){ .attr = a->info->attr, .tag = (uint8_t)a->tag, .len = len };
	memcpy(h->plain, plain, len);
	while (*end)
		end = &(*end)->next;
	*end = h;
	return NULL;
}

static const char *add_open(struct reply *r, const struct words *a)
{
	uint8_t buf[RADIUS_VALUE_MAX + RADIUS_ATTR_HDR_LEN], *octets;
	struct wr w = wr_of(buf, sizeof(buf));

	if (!put_value(&w, a) || w.full)
		return "bad value";
	octets = realloc(r->octets, r->len + wr_len(&w));
	if (!octets)
		return "out of memory";
	memcpy(octets + r->len, buf, wr_len(&w));
	r->octets = octets;
	r->len += wr_len(&w);
	return NULL;
}

const char *reply_add(struct reply *r, const char *text)
{
	struct words a = { 0 };
	const char *wrong = read_name(&a, text);

	if (wrong)
		return wrong;
	if (a.tagged && !takes_tag(a.info))
		return "it has no tag";
	if (a.info && a.info->form == RADIUS_FORM_PASSWORD)
		return "never in an answer";
	return is_hidden(a.info) ? add_hidden(r, &a) : add_open(r, &a);
}

void reply_fini(struct reply *r)
{
	for (struct reply_hidden *h; (h = r->hidden);) {
		r->hidden = h->next;
		free(h);
	}
	free(r->octets);
	*r = (struct reply){ 0 };
}

bool reply_put(const struct reply *r, struct wr *w, const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN],
	       struct span secret, struct rng *rng)
{
	uint16_t salt = r->hidden ? (uint16_t)rng_u32(rng) : 0;

	wr_bytes(w, r->octets, r->len);
	for (const struct reply_hidden *h = r->hidden; h; h = h->next)	/* each with its own salt (RFC 2868 §3.5) */
		if (!radius_tunnel_password_put(w, h->attr, h->tag, salt++, span_of(h->plain, h->len),
						request_authenticator, secret))
			return false;
	return !w->full;
}
