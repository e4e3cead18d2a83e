/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RADIUS attributes, RFC 2865 §5: iteration, which unpacks Vendor-Specific (§5.26), the one table of what is known about
 * each, getters that judge the length, putters, and a line for people. Constants are RADIUS_ATTR_NAME, where NAME is as
 * in FreeRADIUS's dictionaries; the vendor is in the constant.
 */
#ifndef ADIT_WIRE_RADIUS_ATTR_H
#define ADIT_WIRE_RADIUS_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/rd.h"
#include "base/span.h"
#include "base/wr.h"
#include "wire/radius_attr_def.h"
#include "wire/radius_pkt.h"
#include "wire/radius_value_def.h"

enum radius_vendor {
	RADIUS_VENDOR_NONE = 0,			/* the RFCs' own attributes */
	RADIUS_VENDOR_MICROSOFT = 311,
	RADIUS_VENDOR_ADSL_FORUM = 3561,
	RADIUS_VENDOR_ERX = 4874,
};

enum {
	RADIUS_VALUE_MAX = 253,
	RADIUS_VSA_HDR_LEN = 6,			/* Vendor-Id, vendor type, vendor length */
	RADIUS_VSA_VALUE_MAX = 247,		/* 253 - 6 */
	RADIUS_TAG_MAX = 0x1f,
	RADIUS_TEXT_MAX = 1100,			/* room for the longest radius_attr_text() */
};

/* RADIUS_ATTR_USER_NAME, RADIUS_ATTR_MS_CHAP2_SUCCESS, RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME: vendor and type. */
enum radius_attr_id {
#define X(id, vendor, type, ...) RADIUS_ATTR_##id = (vendor) << 8 | (type),
	RADIUS_ATTRS(X)
#undef X
};

/* RADIUS_ACCT_STATUS_TYPE_START, RADIUS_TUNNEL_TYPE_L2TP: the numbers that have names. */
enum radius_value {
#define X(attr, id, number, name) RADIUS_##attr##_##id = (number),
	RADIUS_VALUES(X)
#undef X
};

/* What a RADIUS_ATTR_ constant would be for this vendor and type; 0, which none is, for numbers beyond 24 and 8 bits. */
static inline uint32_t radius_attr_key(uint32_t vendor, unsigned type)
{
	return vendor > 0xffffff || type > UINT8_MAX ? 0 : vendor << 8 | type;
}

/* ---- reading ---- */

struct radius_attr {
	uint32_t vendor;			/* 0: standard */
	uint16_t type;				/* vendor type of a sub-attribute */
	struct span value;
};

struct radius_attr_iter {
	struct rd attrs;
	struct rd vsa;				/* what is left of the Vendor-Specific attribute at hand */
	uint32_t vendor;
};

/** radius_attrs_begin - before the first attribute of a decoded packet; borrows it. */
struct radius_attr_iter radius_attrs_begin(const struct radius_pkt *p);

/**
 * radius_attr_next - the next attribute
 * @a: out; borrows the packet
 *
 * The sub-attributes of a Vendor-Specific attribute come one by one. One whose content is not a chain of them, that has
 * none, or that says vendor 0 (which would pass for a standard attribute) comes as it is: vendor 0, type 26, the whole
 * value.
 *
 * Return: false at the end; also where attributes that radius_pkt_decode() has not seen are malformed.
 * Source: RFC 2865 §5, §5.26.
 */
bool radius_attr_next(struct radius_attr_iter *it, struct radius_attr *a);

/** radius_attr_find - the first attribute with that RADIUS_ATTR_ constant. Return: false when there is none. */
bool radius_attr_find(const struct radius_pkt *p, uint32_t attr, struct radius_attr *a);

/** radius_attr_id - the RADIUS_ATTR_ constant of an attribute, to switch on; may be none that we know. */
static inline uint32_t radius_attr_id(const struct radius_attr *a)
{
	return radius_attr_key(a->vendor, a->type);
}

/* ---- the table ---- */

enum radius_form {
	RADIUS_FORM_OCTETS,
	RADIUS_FORM_TEXT,
	RADIUS_FORM_U32,
	RADIUS_FORM_IP4,
	RADIUS_FORM_IP6,
	RADIUS_FORM_IFID,			/* RFC 3162 §3.2 (so numbered there): 8 octets */
	RADIUS_FORM_IP6_PREFIX,			/* RFC 3162 §2.3 */
	RADIUS_FORM_DATE,			/* seconds since 1970 */
	RADIUS_FORM_TAGGED_TEXT,		/* RFC 2868 §3.3 */
	RADIUS_FORM_TAGGED_U32,			/* RFC 2868 §3.1: tag and 24 bits */
	RADIUS_FORM_PASSWORD,			/* hidden as User-Password is, RFC 2865 §5.2 */
	RADIUS_FORM_SALTED,			/* hidden as Tunnel-Password is, without the tag: RFC 2548 §2.4.2 */
	RADIUS_FORM_TAGGED_SALTED,		/* RFC 2868 §3.5 */
};

struct radius_attr_info {
	uint32_t attr;				/* RADIUS_ATTR_ constant */
	const char *name;			/* "Framed-IP-Address" */
	const char *source;			/* "RFC 2865 §5.8" */
	uint8_t form;				/* enum radius_form */
	uint8_t min, max;			/* octets of the value */
	bool secret;				/* not shown to people */
};

/** radius_attr_info - the row of an attribute; NULL when there is none. */
const struct radius_attr_info *radius_attr_info(uint32_t vendor, unsigned type);

/** radius_attr_row - row i of the table, NULL past the last; sorted by vendor and type. */
const struct radius_attr_info *radius_attr_row(unsigned i);

/** radius_attr_length_ok - whether the value is as long as the table wants it; true for an attribute it has not. */
bool radius_attr_length_ok(const struct radius_attr *a);

/** radius_value_name - "Interim-Update" for RADIUS_ATTR_ACCT_STATUS_TYPE, 3; NULL when it has none. */
const char *radius_value_name(uint32_t attr, uint32_t number);

/*
 * Getters: each judges the length of the value, not which attribute it is.
 * Return: false when the length or an octet is wrong; the outs are zero then.
 */
bool radius_attr_u32(const struct radius_attr *a, uint32_t *v);
bool radius_attr_ip4(const struct radius_attr *a, struct ip_addr *v);
bool radius_attr_ip6(const struct radius_attr *a, struct ip_addr *v);
bool radius_attr_ifid(const struct radius_attr *a, uint64_t *v);

/** radius_attr_ip6_prefix - RFC 3162 §2.3; false also when bits beyond the prefix are set or octets of it are missing. */
bool radius_attr_ip6_prefix(const struct radius_attr *a, struct ip_prefix *v);

/** radius_attr_tagged_u32 - tag (0 for none) and 24 bits; false also for a tag above 0x1f. RFC 2868 §3.1 */
bool radius_attr_tagged_u32(const struct radius_attr *a, uint8_t *tag, uint32_t *v);

/**
 * radius_attr_tagged_text - tag (0 for none) and text
 *
 * A first octet above 0x1f is no tag but the text's first (RFC 2868 §3.3).
 *
 * Return: false when there is no text.
 */
bool radius_attr_tagged_text(const struct radius_attr *a, uint8_t *tag, struct span *text);

/** radius_attr_ident - what begins with a CHAP identifier: MS-CHAP2-Success, MS-CHAP-Error, CHAP-Password. RFC 2548 §2.3.3
 *  Return: false when the length is not the table's. */
bool radius_attr_ident(const struct radius_attr *a, uint8_t *ident, struct span *rest);

/**
 * radius_tunnel_password_open - Tunnel-Password, MS-MPPE-Send-Key and the others of their form in the table
 * @tag:   0 for none, or for one above 0x1f, which is ignored here (RFC 2868 §3.5)
 * @out:   the password or key is written here; the caller clears it
 *
 * ERX-Tunnel-Password is not of them: it is clear text, radius_attr_tagged_text() reads it (spec 8.4).
 *
 * Return: false when the attribute is of another form, or as radius_salt_open().
 */
bool radius_tunnel_password_open(const struct radius_attr *a, uint8_t *tag,
				 const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret,
				 uint8_t out[RADIUS_TUNNEL_PASSWORD_MAX], struct span *plain);

/* ---- writing ---- */

/*
 * Putters append one attribute, wrapped in a Vendor-Specific one when it is a vendor's.
 * Return: whether the value is in the packet, whole. What is refused leaves the packet as it was; a packet that has no
 * room for the attribute becomes full, and false is returned as well.
 */

/**
 * radius_put - any attribute
 * @type: its number, or the RADIUS_ATTR_ constant of an attribute of @vendor
 *
 * What the table says is text is cut to its longest (253 octets, 247 of a vendor's, 63 of ADSL-Agent-Circuit-Id), never
 * inside a UTF-8 character, and false is returned; any other value that is too long is refused. An empty value is left out,
 * as RFC 2865 §5 asks, and true is returned, unless the table says it may be empty (IWF-Session).
 */
bool radius_put(struct wr *w, uint32_t vendor, unsigned type, struct span value);

/** radius_put_span - the same, by its RADIUS_ATTR_ constant; as are all that follow. */
bool radius_put_span(struct wr *w, uint32_t attr, struct span value);
bool radius_put_u32(struct wr *w, uint32_t attr, uint32_t v);
/** radius_put_ip4 - refused when @v is not IPv4; radius_put_ip6 likewise. */
bool radius_put_ip4(struct wr *w, uint32_t attr, const struct ip_addr *v);
bool radius_put_ip6(struct wr *w, uint32_t attr, const struct ip_addr *v);
bool radius_put_ifid(struct wr *w, uint32_t attr, uint64_t v);
/** radius_put_ip6_prefix - as many octets as the prefix needs, bits beyond it zero; refused when @v is not IPv6. */
bool radius_put_ip6_prefix(struct wr *w, uint32_t attr, const struct ip_prefix *v);
/** radius_put_tagged_u32 - refused when @tag is above 0x1f or @v has more than 24 bits. */
bool radius_put_tagged_u32(struct wr *w, uint32_t attr, uint8_t tag, uint32_t v);
/** radius_put_tagged_text - the tag octet is always there; refused when @tag is above 0x1f, left out when @text is empty. */
bool radius_put_tagged_text(struct wr *w, uint32_t attr, uint8_t tag, struct span text);
/** radius_put_chap_password - CHAP-Password of an identifier and a response. RFC 2865 §5.3 */
bool radius_put_chap_password(struct wr *w, uint8_t ident, const uint8_t response[16]);
/** radius_put_ms_chap2_response - MS-CHAP2-Response of an identifier and the value of a PPP Response (RFC 2759 §4), which
 *  has the same fields in another order. RFC 2548 §2.3.2 */
bool radius_put_ms_chap2_response(struct wr *w, uint8_t ident, const uint8_t response[49]);

/**
 * radius_tunnel_password_put - for servers: Tunnel-Password, MS-MPPE-Send-Key and the others of their form
 * @tag:  of Tunnel-Password alone
 * @salt: as radius_salt_hide()
 *
 * Refused when the attribute is of another form, the tag above 0x1f or the password longer than RADIUS_TUNNEL_PASSWORD_MAX.
 */
bool radius_tunnel_password_put(struct wr *w, uint32_t attr, uint8_t tag, uint16_t salt, struct span plain,
				const uint8_t request_authenticator[RADIUS_AUTHENTICATOR_LEN], struct span secret);

/* ---- for people ---- */

/**
 * radius_attr_text - an attribute as "Name = value"
 * @out: at least 1 octet; NUL-terminated, cut when full
 *
 * Text is quoted and escaped, numbers have their names, a secret is "<hidden>", a value of a wrong form is in hexadecimal,
 * and so are attributes we do not know: "Attr-200 = 0x01", "Attr-26.9.1 = 0x01".
 *
 * Return: length of the text.
 */
size_t radius_attr_text(const struct radius_attr *a, char *out, size_t cap);

#endif
