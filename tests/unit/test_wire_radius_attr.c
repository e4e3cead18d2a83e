/* SPDX-License-Identifier: BSD-2-Clause */
/* wire/radius_attr, radius_attr_table, radius_attr_text: RFC 2865 §5, RFC 2868 §3, RFC 3162 §2, RFC 2548, RFC 4679. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/radius_attr.h"

#define SECRET span_str("xyzzy5461")
#define D(...) span_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint8_t ra[16] = { 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

static struct radius_attr_iter over(struct span attrs)
{
	struct radius_pkt p = { .attrs = attrs };

	return radius_attrs_begin(&p);
}

static void expect(struct radius_attr_iter *it, uint32_t vendor, unsigned type, struct span value)
{
	struct radius_attr a;

	assert_true(radius_attr_next(it, &a));
	assert_int_equal(a.vendor, vendor);
	assert_int_equal(a.type, type);
	assert_true(span_eq(a.value, value));
}

static void expect_end(struct radius_attr_iter *it)
{
	struct radius_attr a;

	assert_false(radius_attr_next(it, &a));
	assert_int_equal(a.value.len, 0);
}

/* ---- iteration ---- */

static void next_standard(void **state)
{
	struct radius_attr_iter it = over(D(1, 5, 'b', 'o', 'b', 25, 2, 5, 6, 0, 0, 0, 7));

	expect(&it, 0, RADIUS_ATTR_USER_NAME, span_str("bob"));
	expect(&it, 0, RADIUS_ATTR_CLASS, span_of(NULL, 0));
	expect(&it, 0, RADIUS_ATTR_NAS_PORT, D(0, 0, 0, 7));
	expect_end(&it);
	expect_end(&it);
	it = over(span_of(NULL, 0));
	expect_end(&it);
}

/* RFC 2865 §5.26: "Multiple subattributes MAY be encoded within a single Vendor-Specific attribute". */
static void next_vendor(void **state)
{
	struct radius_attr_iter it = over(D(26, 17, 0, 0, 0x13, 0x0a, 1, 5, 'v', 'r', '1', 4, 6, 9, 9, 9, 9,
					    8, 6, 10, 0, 0, 1,
					    26, 8, 0, 0, 0x0d, 0xe9, 254, 2,
					    26, 9, 0, 0, 1, 0x37, 2, 3, 'E'));

	expect(&it, RADIUS_VENDOR_ERX, 1, span_str("vr1"));
	expect(&it, RADIUS_VENDOR_ERX, 4, D(9, 9, 9, 9));
	expect(&it, 0, 8, D(10, 0, 0, 1));
	expect(&it, RADIUS_VENDOR_ADSL_FORUM, 254, span_of(NULL, 0));
	expect(&it, RADIUS_VENDOR_MICROSOFT, 2, span_str("E"));
	expect_end(&it);
}

/* interop.md 2: a Vendor-Specific attribute of 0 to 6 octets. Up to 1 is a bad packet; the others come as they are. */
static void next_vendor_short(void **state)
{
	for (uint8_t len = 0; len <= 7; len++) {
		uint8_t d[9] = { 26, len, 0, 0, 0x13, 0x0a, 1 };
		struct radius_attr_iter it;

		if (len >= 2)
			memcpy(d + len, ((const uint8_t[]){ RADIUS_ATTR_STATE, 2 }), 2);
		it = over(span_of(d, len + 2));
		if (len >= 2) {
			expect(&it, 0, RADIUS_ATTR_VENDOR_SPECIFIC, span_of(d + 2, len - 2));
			expect(&it, 0, RADIUS_ATTR_STATE, span_of(NULL, 0));
		}
		expect_end(&it);
	}
}

static void next_vendor_bad_inside(void **state)
{
	uint8_t d[] = { 26, 14, 0, 0, 0x13, 0x0a, 1, 4, 'v', 'r', 3, 4, 'l', 'o', 24, 2 };
	struct radius_attr_iter it;

	for (unsigned len = 0; len < 256; len++) {
		d[11] = (uint8_t)len;
		it = over(span_of(d, sizeof(d)));
		if (len == 4) {
			expect(&it, RADIUS_VENDOR_ERX, 1, span_str("vr"));
			expect(&it, RADIUS_VENDOR_ERX, 3, span_str("lo"));
		} else {		/* 2 and 3 leave what is no sub-attribute */
			expect(&it, 0, RADIUS_ATTR_VENDOR_SPECIFIC, span_of(d + 2, 12));
		}
		expect(&it, 0, RADIUS_ATTR_STATE, span_of(NULL, 0));
		expect_end(&it);
	}
}

/* Vendor 0 must not pass for the standard; a vendor of more than 24 bits must not alias another. */
static void next_vendor_disguised(void **state)
{
	struct radius_attr_iter it = over(D(26, 11, 0, 0, 0, 0, 1, 5, 'b', 'o', 'b', 26, 9, 1, 0, 0, 0, 1, 3, 'x'));
	struct radius_attr a;

	expect(&it, 0, RADIUS_ATTR_VENDOR_SPECIFIC, D(0, 0, 0, 0, 1, 5, 'b', 'o', 'b'));
	assert_true(radius_attr_next(&it, &a));
	assert_int_equal(a.vendor, 0x01000000);
	assert_int_equal(a.type, 1);
	assert_int_equal(radius_attr_id(&a), 0);
	assert_null(radius_attr_info(a.vendor, a.type));
	expect_end(&it);
}

static void next_truncated(void **state)
{
	struct span d = D(26, 17, 0, 0, 0x13, 0x0a, 1, 5, 'v', 'r', '1', 4, 6, 9, 9, 9, 9, 8, 6, 10, 0, 0, 1);

	for (size_t len = 0; len <= d.len; len++) {
		struct radius_attr_iter it = over(span_of(d.p, len));
		struct radius_attr a;
		unsigned n = 0;

		while (radius_attr_next(&it, &a))
			n++;
		assert_int_equal(n, len < 17 ? 0 : len < 23 ? 2 : 3);
	}
}

static void find(void **state)
{
	struct radius_pkt p = { .attrs = D(1, 3, 'a', 26, 9, 0, 0, 0x13, 0x0a, 1, 3, 'v', 1, 3, 'b') };
	struct radius_attr a;

	assert_true(radius_attr_find(&p, RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, &a));
	assert_true(span_eq_str(a.value, "v"));
	assert_true(radius_attr_find(&p, RADIUS_ATTR_USER_NAME, &a));
	assert_true(span_eq_str(a.value, "a"));
	assert_false(radius_attr_find(&p, RADIUS_ATTR_CLASS, &a));
}

/* ---- the table ---- */

static void table_sorted_and_found(void **state)
{
	const struct radius_attr_info *row, *before = NULL;
	unsigned n = 0;

	for (; (row = radius_attr_row(n)); n++, before = row) {
		assert_true(!before || before->attr < row->attr);
		assert_ptr_equal(radius_attr_info(row->attr >> 8, row->attr & 0xff), row);
		assert_true(row->min <= row->max);
		assert_true(row->max <= (row->attr >> 8 ? RADIUS_VSA_VALUE_MAX : RADIUS_VALUE_MAX));
	}
	assert_true(n > 280);
	assert_null(radius_attr_row(n));
	assert_null(radius_attr_info(0, 0));
	assert_null(radius_attr_info(0, 17));
	assert_null(radius_attr_info(0, 256 + 1));
	assert_null(radius_attr_info(9, 1));
	assert_null(radius_attr_info(UINT32_MAX, 1));
}

static void table_samples(void **state)
{
	static const struct { uint32_t vendor; unsigned type; const char *name; enum radius_form form; bool secret; } want[] = {
		{ 0, 2, "User-Password", RADIUS_FORM_PASSWORD, true },
		{ 0, 64, "Tunnel-Type", RADIUS_FORM_TAGGED_U32, false },
		{ 0, 69, "Tunnel-Password", RADIUS_FORM_TAGGED_SALTED, true },
		{ 0, 86, "Acct-Tunnel-Packets-Lost", RADIUS_FORM_U32, false },
		{ 0, 97, "Framed-IPv6-Prefix", RADIUS_FORM_IP6_PREFIX, false },
		{ 0, 123, "Delegated-IPv6-Prefix", RADIUS_FORM_IP6_PREFIX, false },
		{ 311, 17, "MS-MPPE-Recv-Key", RADIUS_FORM_SALTED, true },
		{ 311, 25, "MS-CHAP2-Response", RADIUS_FORM_OCTETS, true },
		{ 311, 28, "MS-Primary-DNS-Server", RADIUS_FORM_IP4, false },
		{ 3561, 129, "Actual-Data-Rate-Upstream", RADIUS_FORM_U32, false },
		{ 4874, 1, "ERX-Virtual-Router-Name", RADIUS_FORM_TEXT, false },
		{ 4874, 8, "ERX-Tunnel-Virtual-Router", RADIUS_FORM_TAGGED_TEXT, false },
		{ 4874, 9, "ERX-Tunnel-Password", RADIUS_FORM_TAGGED_TEXT, true },
		{ 4874, 163, "ERX-Rx-Connect-Speed", RADIUS_FORM_U32, false },
	};

	for (size_t i = 0; i < COUNT(want); i++) {
		const struct radius_attr_info *info = radius_attr_info(want[i].vendor, want[i].type);

		assert_non_null(info);
		assert_string_equal(info->name, want[i].name);
		assert_int_equal(info->form, want[i].form);
		assert_int_equal(info->secret, want[i].secret);
	}
	assert_int_equal(RADIUS_ATTR_ERX_RX_CONNECT_SPEED, 4874 << 8 | 163);
}

static void table_lengths(void **state)
{
	struct radius_attr mtu = { .type = RADIUS_ATTR_FRAMED_MTU, .value = D(0, 0, 5, 220) };
	struct radius_attr iwf = { .vendor = 3561, .type = 254 };
	struct radius_attr unknown = { .type = 200 };

	assert_true(radius_attr_length_ok(&mtu));
	mtu.value.len = 3;
	assert_false(radius_attr_length_ok(&mtu));
	assert_true(radius_attr_length_ok(&iwf));
	iwf.value = D(0);
	assert_false(radius_attr_length_ok(&iwf));
	assert_true(radius_attr_length_ok(&unknown));
}

static void value_names(void **state)
{
	assert_string_equal(radius_value_name(RADIUS_ATTR_ACCT_STATUS_TYPE, 14), "Tunnel-Link-Reject");
	assert_string_equal(radius_value_name(RADIUS_ATTR_ACCT_TERMINATE_CAUSE, 22), "Port-Disabled");
	assert_string_equal(radius_value_name(RADIUS_ATTR_NAS_PORT_TYPE, RADIUS_NAS_PORT_TYPE_VIRTUAL), "Virtual");
	assert_null(radius_value_name(RADIUS_ATTR_ACCT_STATUS_TYPE, 99));
	assert_null(radius_value_name(RADIUS_ATTR_NAS_PORT, 5));
}

/* ---- getters ---- */

static void get_by_length(void **state)
{
	static const uint8_t d[20] = { 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1 };
	struct ip_addr ip;
	uint64_t id;
	uint32_t n;

	for (size_t len = 0; len <= sizeof(d); len++) {
		struct radius_attr a = { .value = span_of(d, len) };

		assert_int_equal(radius_attr_u32(&a, &n), len == 4);
		assert_int_equal(n, len == 4 ? 0x20010db8 : 0);
		assert_int_equal(radius_attr_ip4(&a, &ip), len == 4);
		assert_int_equal(ip4_num(&ip), len == 4 ? 0x20010db8 : 0);
		assert_int_equal(radius_attr_ifid(&a, &id), len == 8);
		assert_true(id == (len == 8 ? UINT64_C(0x20010db800000001) : 0));
		assert_int_equal(radius_attr_ip6(&a, &ip), len == 16);
		assert_int_equal(ip.af, len == 16 ? 6 : 0);
	}
}

static bool prefix_of(struct span value, struct ip_prefix *p)
{
	struct radius_attr a = { .value = value };

	return radius_attr_ip6_prefix(&a, p);
}

/* RFC 3162 §2.3 */
static void get_prefix(void **state)
{
	uint8_t d[19] = { 0, 128, 0x20, 1, 0x0d, 0xb8 };
	struct ip_prefix p;
	char text[IP_ADDR_TEXT];

	assert_true(prefix_of(D(0, 32, 0x20, 1, 0x0d, 0xb8), &p));
	assert_int_equal(p.len, 32);
	assert_string_equal(ip_addr_text(&p.addr, text), "2001:db8::");
	assert_true(prefix_of(D(0, 32, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0), &p));	/* more octets than needed, zero */
	assert_true(prefix_of(D(0, 0), &p));
	assert_int_equal(p.addr.af, 6);
	assert_true(prefix_of(span_of(d, 18), &p));
	assert_false(prefix_of(span_of(d, 19), &p));
	assert_false(prefix_of(span_of(d, 17), &p));			/* an octet of the prefix is missing */
	d[1] = 129;
	assert_false(prefix_of(span_of(d, 18), &p));
	assert_int_equal(p.addr.af, 0);
	assert_false(prefix_of(D(0, 31, 0x20, 1, 0x0d, 0xb9), &p));	/* a bit beyond the prefix */
	assert_true(prefix_of(D(0, 31, 0x20, 1, 0x0d, 0xb8), &p));
	assert_false(prefix_of(D(0, 32, 0x20, 1, 0x0d, 0xb8, 1), &p));
	assert_false(prefix_of(D(0), &p));
	assert_false(prefix_of(span_of(NULL, 0), &p));
}

/* RFC 2868 §3.1: "Valid values for this field are 0x01 through 0x1F"; zero for none. */
static void get_tagged_u32(void **state)
{
	for (unsigned first = 0; first < 256; first++) {
		const uint8_t d[5] = { (uint8_t)first, 0, 0, 3 };
		struct radius_attr a = { .value = span_of(d, 4) };
		uint8_t tag;
		uint32_t n;

		assert_int_equal(radius_attr_tagged_u32(&a, &tag, &n), first <= 0x1f);
		assert_int_equal(tag, first <= 0x1f ? first : 0);
		assert_int_equal(n, first <= 0x1f ? 3 : 0);
		a.value.len = 3;
		assert_false(radius_attr_tagged_u32(&a, &tag, &n));
		a.value.len = 5;
		assert_false(radius_attr_tagged_u32(&a, &tag, &n));
	}
}

/* RFC 2868 §3.3: above 0x1f "it SHOULD be interpreted as the first byte of the following String field". */
static void get_tagged_text(void **state)
{
	for (unsigned first = 0; first < 256; first++) {
		const uint8_t d[3] = { (uint8_t)first, 'a', 'b' };
		struct radius_attr a = { .value = span_of(d, 3) };
		struct span text;
		uint8_t tag;

		assert_true(radius_attr_tagged_text(&a, &tag, &text));
		assert_int_equal(tag, first <= 0x1f ? first : 0);
		assert_true(span_eq(text, first <= 0x1f ? span_of(d + 1, 2) : span_of(d, 3)));
		a.value.len = 1;
		assert_int_equal(radius_attr_tagged_text(&a, &tag, &text), first > 0x1f);
		a.value.len = 0;
		assert_false(radius_attr_tagged_text(&a, &tag, &text));
	}
}

/* RFC 2548 §2.3.3: 43 octets, no other number. */
static void get_ident(void **state)
{
	static const uint8_t d[60] = { 7, 'S', '=' };
	struct radius_attr a = { .vendor = RADIUS_VENDOR_MICROSOFT, .type = 26 };
	struct span rest;
	uint8_t ident;

	for (size_t len = 0; len < sizeof(d); len++) {
		a.value = span_of(d, len);
		assert_int_equal(radius_attr_ident(&a, &ident, &rest), len == 43);
		assert_int_equal(ident, len == 43 ? 7 : 0);
		assert_int_equal(rest.len, len == 43 ? 42 : 0);
	}
}

static void get_tunnel_password(void **state)
{
	uint8_t buf[64], out[RADIUS_TUNNEL_PASSWORD_MAX], tag;
	struct wr w = wr_of(buf, sizeof(buf));
	struct radius_attr a = { .type = RADIUS_ATTR_TUNNEL_PASSWORD };
	struct span plain;

	assert_true(radius_tunnel_password_put(&w, RADIUS_ATTR_TUNNEL_PASSWORD, 3, 1, span_str("s3cret"), ra, SECRET));
	a.value = span_of(buf + 2, wr_len(&w) - 2);
	assert_true(radius_tunnel_password_open(&a, &tag, ra, SECRET, out, &plain));
	assert_int_equal(tag, 3);
	assert_true(span_eq_str(plain, "s3cret"));
	buf[2] = 0x20;		/* RFC 2868 §3.5: "otherwise, the Tag field SHOULD be ignored" */
	assert_true(radius_tunnel_password_open(&a, &tag, ra, SECRET, out, &plain));
	assert_int_equal(tag, 0);
	assert_true(span_eq_str(plain, "s3cret"));
	a.value.len--;
	assert_false(radius_tunnel_password_open(&a, &tag, ra, SECRET, out, &plain));
	a.value.len = 0;
	assert_false(radius_tunnel_password_open(&a, &tag, ra, SECRET, out, &plain));
}

/* RFC 2548 §2.4.2: the same without a tag. */
static void get_mppe_key(void **state)
{
	uint8_t buf[64], out[RADIUS_TUNNEL_PASSWORD_MAX], tag;
	struct wr w = wr_of(buf, sizeof(buf));
	struct radius_attr a;
	struct radius_attr_iter it;
	struct span plain;

	assert_true(radius_tunnel_password_put(&w, RADIUS_ATTR_MS_MPPE_SEND_KEY, 0, 2, span_of(ra, 16), ra, SECRET));
	it = over(wr_span(&w));
	assert_true(radius_attr_next(&it, &a));
	assert_int_equal(radius_attr_id(&a), RADIUS_ATTR_MS_MPPE_SEND_KEY);
	assert_int_equal(a.value.len, 34);
	assert_true(radius_attr_length_ok(&a));
	assert_true(radius_tunnel_password_open(&a, &tag, ra, SECRET, out, &plain));
	assert_true(span_eq(plain, span_of(ra, 16)));
	a.type = 28;		/* an attribute of another form */
	assert_false(radius_tunnel_password_open(&a, &tag, ra, SECRET, out, &plain));
	assert_false(radius_tunnel_password_put(&w, RADIUS_ATTR_ERX_TUNNEL_PASSWORD, 1, 2, span_str("x"), ra, SECRET));
	assert_false(radius_tunnel_password_put(&w, RADIUS_ATTR_TUNNEL_PASSWORD, 0x20, 2, span_str("x"), ra, SECRET));
	assert_false(w.full);
}

/* ---- putters ---- */

static void put_forms(void **state)
{
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	struct ip_addr ip4 = ip4_of(0xc0000201), ip6;

	assert_true(ip_addr_parse(&ip6, "2001:db8::1"));
	assert_true(radius_put_u32(&w, RADIUS_ATTR_NAS_PORT, 0x01020304));
	assert_true(radius_put_ip4(&w, RADIUS_ATTR_NAS_IP_ADDRESS, &ip4));
	assert_true(radius_put_ip6(&w, RADIUS_ATTR_NAS_IPV6_ADDRESS, &ip6));
	assert_true(radius_put_ifid(&w, RADIUS_ATTR_FRAMED_INTERFACE_ID, 5));
	assert_true(radius_put_tagged_u32(&w, RADIUS_ATTR_TUNNEL_TYPE, 1, RADIUS_TUNNEL_TYPE_L2TP));
	assert_true(radius_put_tagged_text(&w, RADIUS_ATTR_TUNNEL_CLIENT_AUTH_ID, 1, span_str("lac")));
	assert_true(span_eq(wr_span(&w), D(5, 6, 1, 2, 3, 4, 4, 6, 192, 0, 2, 1,
		95, 18, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 96, 10, 0, 0, 0, 0, 0, 0, 0, 5,
		64, 6, 1, 0, 0, 3, 90, 6, 1, 'l', 'a', 'c')));
	assert_false(radius_put_ip4(&w, RADIUS_ATTR_NAS_IP_ADDRESS, &ip6));
	assert_false(radius_put_ip6(&w, RADIUS_ATTR_NAS_IPV6_ADDRESS, &ip4));
	assert_false(radius_put_tagged_u32(&w, RADIUS_ATTR_TUNNEL_TYPE, 0x20, 3));
	assert_false(radius_put_tagged_u32(&w, RADIUS_ATTR_TUNNEL_TYPE, 1, 0x1000000));
	assert_false(radius_put_tagged_text(&w, RADIUS_ATTR_TUNNEL_CLIENT_AUTH_ID, 0x20, span_str("lac")));
	assert_int_equal(wr_len(&w), 52);
	assert_false(w.full);
}

static void put_prefix(void **state)
{
	uint8_t buf[32];
	struct wr w = wr_of(buf, sizeof(buf));
	struct ip_prefix p = { .len = 36 };

	assert_true(ip_addr_parse(&p.addr, "2001:db8:ffff::1"));
	assert_true(radius_put_ip6_prefix(&w, RADIUS_ATTR_FRAMED_IPV6_PREFIX, &p));
	assert_true(span_eq(wr_span(&w), D(97, 9, 0, 36, 0x20, 1, 0x0d, 0xb8, 0xf0)));
	p.len = 129;
	assert_false(radius_put_ip6_prefix(&w, RADIUS_ATTR_FRAMED_IPV6_PREFIX, &p));
	p.addr.af = 4;
	p.len = 8;
	assert_false(radius_put_ip6_prefix(&w, RADIUS_ATTR_FRAMED_IPV6_PREFIX, &p));
}

static void put_vendor(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));

	assert_true(radius_put(&w, RADIUS_VENDOR_ERX, RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, span_str("vr")));
	assert_true(radius_put(&w, 9, 1, span_str("c")));
	assert_true(radius_put_u32(&w, RADIUS_ATTR_ERX_TX_CONNECT_SPEED, 1));
	assert_true(span_eq(wr_span(&w), D(26, 10, 0, 0, 0x13, 0x0a, 1, 4, 'v', 'r', 26, 9, 0, 0, 0, 9, 1, 3, 'c',
					   26, 12, 0, 0, 0x13, 0x0a, 162, 6, 0, 0, 0, 1)));
	assert_false(radius_put(&w, 0, RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, span_str("vr")));	/* whose is it? */
	assert_false(radius_put(&w, 0x01000000, 1, span_str("x")));
	assert_false(radius_put(&w, 0, 0, span_str("x")));
	assert_int_equal(wr_len(&w), 31);
}

/* RFC 2865 §5: "Text of length zero (0) MUST NOT be sent; omit the entire attribute instead." */
static void put_empty(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));

	assert_true(radius_put(&w, 0, RADIUS_ATTR_CALLED_STATION_ID, span_of(NULL, 0)));
	assert_true(radius_put_span(&w, RADIUS_ATTR_CLASS, span_str("")));
	assert_true(radius_put_tagged_text(&w, RADIUS_ATTR_TUNNEL_CLIENT_AUTH_ID, 1, span_str("")));
	assert_int_equal(wr_len(&w), 0);
	assert_true(radius_put_span(&w, RADIUS_ATTR_IWF_SESSION, span_of(NULL, 0)));	/* RFC 4679 §3.3.18 */
	assert_true(span_eq(wr_span(&w), D(26, 8, 0, 0, 0x0d, 0xe9, 254, 2)));
}

/* interop.md 2: strings of AVPs have up to 1,017 octets. */
static void put_long(void **state)
{
	static const struct { uint32_t attr; size_t max; bool text; } want[] = {
		{ RADIUS_ATTR_CALLING_STATION_ID, 253, true }, { RADIUS_ATTR_CLASS, 253, false },
		{ RADIUS_ATTR_ERX_TUNNEL_INTERFACE_ID, 247, true }, { RADIUS_ATTR_ADSL_AGENT_CIRCUIT_ID, 63, true },
		{ RADIUS_ATTR_MS_CHAP_CHALLENGE, 247, false },
	};
	char text[1017];
	uint8_t buf[300];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < COUNT(want); i++) {
		size_t hdr = want[i].attr >> 8 ? 8 : 2;
		struct wr w = wr_of(buf, sizeof(buf));

		assert_true(radius_put_span(&w, want[i].attr, span_of(text, want[i].max)));
		assert_int_equal(wr_len(&w), hdr + want[i].max);
		assert_int_equal(buf[1], hdr + want[i].max);
		for (size_t n = want[i].max + 1; n <= sizeof(text); n++) {
			w = wr_of(buf, sizeof(buf));
			assert_false(radius_put_span(&w, want[i].attr, span_of(text, n)));
			assert_false(w.full);
			assert_int_equal(wr_len(&w), want[i].text ? hdr + want[i].max : 0);
		}
	}
}

static void put_long_tagged(void **state)
{
	char text[1017];
	uint8_t buf[300];

	memset(text, 'x', sizeof(text));
	for (size_t n = 1; n <= sizeof(text); n++) {
		struct wr w = wr_of(buf, sizeof(buf));

		assert_int_equal(radius_put_tagged_text(&w, RADIUS_ATTR_TUNNEL_ASSIGNMENT_ID, 2, span_of(text, n)), n <= 252);
		assert_int_equal(wr_len(&w), n <= 252 ? 3 + n : 255);
	}
}

/* A cut never leaves half a character; what is no UTF-8 is cut where the room ends. */
static void put_cut_character(void **state)
{
	uint8_t text[300], buf[300];

	for (size_t at = 248; at < 256; at++) {
		struct wr w = wr_of(buf, sizeof(buf));

		memset(text, 'x', sizeof(text));
		memcpy(text + at, "\xf0\x9f\x90\x9f", 4);
		assert_false(radius_put_span(&w, RADIUS_ATTR_USER_NAME, span_of(text, sizeof(text))));
		assert_int_equal(wr_len(&w) - 2, at < 253 && at + 4 > 253 ? at : 253);
	}
	struct wr w = wr_of(buf, sizeof(buf));
	memset(text, 0x80, sizeof(text));
	assert_false(radius_put_span(&w, RADIUS_ATTR_USER_NAME, span_of(text, sizeof(text))));
	assert_int_equal(wr_len(&w) - 2, 253);
}

static void put_full(void **state)
{
	uint8_t buf[8];

	for (size_t cap = 0; cap <= sizeof(buf); cap++) {
		struct wr w = wr_of(buf, cap);

		assert_int_equal(radius_put_u32(&w, RADIUS_ATTR_NAS_PORT, 1), cap >= 6);
		assert_int_equal(w.full, cap < 6);
		assert_int_equal(wr_len(&w), cap >= 6 ? 6 : 0);		/* never half an attribute */
		w = wr_of(buf, cap);
		assert_false(radius_put_u32(&w, RADIUS_ATTR_ERX_TX_CONNECT_SPEED, 1));
		assert_true(w.full);
		assert_int_equal(wr_len(&w), 0);
	}
}

/* RFC 2865 §5.3, RFC 2548 §2.3.2 */
static void put_chap(void **state)
{
	uint8_t response[49], buf[64];
	struct wr w = wr_of(buf, sizeof(buf));

	for (unsigned i = 0; i < sizeof(response); i++)
		response[i] = (uint8_t)(0x40 + i);
	assert_true(radius_put_chap_password(&w, 22, response));
	assert_int_equal(wr_len(&w), 19);
	assert_int_equal(buf[2], 22);
	assert_memory_equal(buf + 3, response, 16);
	w = wr_of(buf, sizeof(buf));
	assert_true(radius_put_ms_chap2_response(&w, 23, response));
	assert_int_equal(wr_len(&w), 58);
	assert_memory_equal(buf, ((uint8_t[]){ 26, 58, 0, 0, 1, 0x37, 25, 52, 23, 0 }), 10);
	assert_memory_equal(buf + 10, response, 48);
}

/* ---- for people ---- */

static void says(uint32_t attr, struct span value, const char *want)
{
	struct radius_attr a = { .vendor = attr >> 8, .type = attr & 0xff, .value = value };
	char text[RADIUS_TEXT_MAX];

	assert_int_equal(radius_attr_text(&a, text, sizeof(text)), strlen(want));
	assert_string_equal(text, want);
}

static void text_forms(void **state)
{
	says(RADIUS_ATTR_USER_NAME, span_str("bob\n\x1b[2J\"\\"), "User-Name = \"bob\\x0a\\x1b[2J\\\"\\\\\"");
	says(RADIUS_ATTR_NAS_PORT, D(0, 0, 1, 0), "NAS-Port = 256");
	says(RADIUS_ATTR_ACCT_TERMINATE_CAUSE, D(0, 0, 0, 1), "Acct-Terminate-Cause = User-Request");
	says(RADIUS_ATTR_ACCT_TERMINATE_CAUSE, D(0, 0, 0, 99), "Acct-Terminate-Cause = 99");
	says(RADIUS_ATTR_FRAMED_IP_ADDRESS, D(255, 255, 255, 254), "Framed-IP-Address = 255.255.255.254");
	says(RADIUS_ATTR_FRAMED_IPV6_PREFIX, D(0, 32, 0x20, 1, 0x0d, 0xb8), "Framed-IPv6-Prefix = 2001:db8::/32");
	says(RADIUS_ATTR_FRAMED_INTERFACE_ID, D(0, 0, 0, 1, 0, 2, 0xab, 0xcd), "Framed-Interface-Id = 0:1:2:abcd");
	says(RADIUS_ATTR_NAS_IPV6_ADDRESS, D(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), "NAS-IPv6-Address = ::1");
	says(RADIUS_ATTR_EVENT_TIMESTAMP, D(0, 0, 0, 9), "Event-Timestamp = 9");
	says(RADIUS_ATTR_TUNNEL_TYPE, D(1, 0, 0, 3), "Tunnel-Type:1 = L2TP");
	says(RADIUS_ATTR_TUNNEL_TYPE, D(0, 0, 0, 3), "Tunnel-Type = L2TP");
	says(RADIUS_ATTR_TUNNEL_TYPE, D(0x20, 0, 0, 3), "Tunnel-Type = 0x20000003");
	says(RADIUS_ATTR_TUNNEL_CLIENT_ENDPOINT, D(2, '1'), "Tunnel-Client-Endpoint:2 = \"1\"");
	says(RADIUS_ATTR_TUNNEL_CLIENT_ENDPOINT, D('1', '2'), "Tunnel-Client-Endpoint = \"12\"");
	says(RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, span_str("vr1"), "ERX-Virtual-Router-Name = \"vr1\"");
	says(RADIUS_ATTR_CLASS, D(1, 0xab), "Class = 0x01ab");
	says(RADIUS_ATTR_NAS_PORT, D(1, 2, 3), "NAS-Port = 0x010203");
	says(200, D(1), "Attr-200 = 0x01");
	says(9 << 8 | 1, D(1), "Attr-26.9.1 = 0x01");
	says(RADIUS_ATTR_IWF_SESSION, span_of(NULL, 0), "IWF-Session = 0x");
}

static void text_secrets(void **state)
{
	static const uint32_t secrets[] = { RADIUS_ATTR_USER_PASSWORD, RADIUS_ATTR_CHAP_PASSWORD, RADIUS_ATTR_TUNNEL_PASSWORD,
		RADIUS_ATTR_MS_CHAP_RESPONSE, RADIUS_ATTR_MS_CHAP2_RESPONSE, RADIUS_ATTR_MS_CHAP2_SUCCESS,
		RADIUS_ATTR_MS_MPPE_SEND_KEY, RADIUS_ATTR_MS_MPPE_RECV_KEY, RADIUS_ATTR_MS_CHAP_MPPE_KEYS,
		RADIUS_ATTR_ERX_TUNNEL_PASSWORD, RADIUS_ATTR_ERX_PPP_PASSWORD };

	for (size_t i = 0; i < COUNT(secrets); i++) {
		struct radius_attr a = { .vendor = secrets[i] >> 8, .type = secrets[i] & 0xff, .value = span_str("s3cret") };
		char text[RADIUS_TEXT_MAX];

		radius_attr_text(&a, text, sizeof(text));
		assert_non_null(strstr(text, " = <hidden>"));
		assert_null(strstr(text, "s3cret"));
		assert_null(strstr(text, "0x"));
	}
	says(RADIUS_ATTR_TUNNEL_PASSWORD, D(1, 2, 3), "Tunnel-Password = <hidden>");
}

/* RADIUS_TEXT_MAX holds the longest; less room cuts, never more than the room. */
static void text_room(void **state)
{
	uint8_t octets[RADIUS_VALUE_MAX] = { 0 };
	struct radius_attr a = { .value = span_of(octets, sizeof(octets)) };
	char text[RADIUS_TEXT_MAX];

	for (unsigned i = 0; radius_attr_row(i); i++) {
		a.vendor = radius_attr_row(i)->attr >> 8;
		a.type = radius_attr_row(i)->attr & 0xff;
		assert_true(radius_attr_text(&a, text, sizeof(text)) < sizeof(text) - 1);
		for (size_t cap = 1; cap < 60; cap++) {
			assert_true(radius_attr_text(&a, text, cap) < cap);
			assert_int_equal(strlen(text), radius_attr_text(&a, text, cap));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_standard), cmocka_unit_test(next_vendor), cmocka_unit_test(next_vendor_short),
		cmocka_unit_test(next_vendor_bad_inside), cmocka_unit_test(next_vendor_disguised),
		cmocka_unit_test(next_truncated), cmocka_unit_test(find),
		cmocka_unit_test(table_sorted_and_found), cmocka_unit_test(table_samples), cmocka_unit_test(table_lengths),
		cmocka_unit_test(value_names), cmocka_unit_test(get_by_length), cmocka_unit_test(get_prefix),
		cmocka_unit_test(get_tagged_u32), cmocka_unit_test(get_tagged_text), cmocka_unit_test(get_ident),
		cmocka_unit_test(get_tunnel_password), cmocka_unit_test(get_mppe_key), cmocka_unit_test(put_forms),
		cmocka_unit_test(put_prefix), cmocka_unit_test(put_vendor), cmocka_unit_test(put_empty),
		cmocka_unit_test(put_long), cmocka_unit_test(put_long_tagged), cmocka_unit_test(put_cut_character),
		cmocka_unit_test(put_full), cmocka_unit_test(put_chap), cmocka_unit_test(text_forms),
		cmocka_unit_test(text_secrets), cmocka_unit_test(text_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
