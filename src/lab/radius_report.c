/* SPDX-License-Identifier: BSD-2-Clause */
/* RADIUS requests and their sum in JSON. */
#include "lab/radius_report.h"

#include <errno.h>
#include <jansson.h>

#define N(v) ((json_int_t)(v))

/* ---- values ---- */

static json_t *hex_json(struct span v)
{
	char text[2 + 2 * RADIUS_VALUE_MAX + 1] = "0x";

	for (size_t i = 0; i < v.len && i < RADIUS_VALUE_MAX; i++)
		snprintf(text + 2 + 2 * i, 3, "%02x", v.p[i]);
	return json_string(text);
}

/* Text that is no UTF-8 is shown as octets. */
static json_t *text_json(struct span v)
{
	json_t *s = json_stringn((const char *)v.p, v.len);

	return s ? s : hex_json(v);
}

static json_t *number_json(uint32_t attr, uint32_t n)
{
	const char *name = radius_value_name(attr, n);

	return name ? json_string(name) : json_integer(N(n));
}

static json_t *address_json(const struct ip_addr *a)
{
	char text[IP_ADDR_TEXT];

	return json_string(ip_addr_text(a, text));
}

static json_t *prefix_json(const struct radius_attr *a)
{
	char text[IP_ADDR_TEXT], whole[IP_ADDR_TEXT + 8];
	struct ip_prefix p;

	if (!radius_attr_ip6_prefix(a, &p))
		return hex_json(a->value);
	snprintf(whole, sizeof(whole), "%s/%u", ip_addr_text(&p.addr, text), p.len);
	return json_string(whole);
}

static json_t *password_json(const struct radius_attr *a, const struct radius_pkt *p, struct span secret)
{
	uint8_t buf[RADIUS_USER_PASSWORD_MAX];
	struct span plain;

	if (radius_attr_id(a) != RADIUS_ATTR_USER_PASSWORD ||
	    !radius_user_password_open(a->value, p->authenticator, secret, buf, &plain))
		return hex_json(a->value);
	return text_json(plain);
}

/* The value in its form, without the tag, which goes to *tag. A length that is wrong shows as octets. */
static json_t *value_json(const struct radius_attr *a, const struct radius_pkt *p, struct span secret, uint8_t *tag)
{
	const struct radius_attr_info *info = radius_attr_info(a->vendor, a->type);
	struct ip_addr addr;
	struct span text;
	uint32_t n;

	if (!info || !radius_attr_length_ok(a))
		return hex_json(a->value);
	switch ((enum radius_form)info->form) {
	case RADIUS_FORM_TEXT: return text_json(a->value);
	case RADIUS_FORM_TAGGED_TEXT: return radius_attr_tagged_text(a, tag, &text) ? text_json(text) : hex_json(a->value);
	case RADIUS_FORM_U32:
	case RADIUS_FORM_DATE: return radius_attr_u32(a, &n) ? number_json(info->attr, n) : hex_json(a->value);
	case RADIUS_FORM_TAGGED_U32:
		return radius_attr_tagged_u32(a, tag, &n) ? number_json(info->attr, n) : hex_json(a->value);
	case RADIUS_FORM_IP4: return radius_attr_ip4(a, &addr) ? address_json(&addr) : hex_json(a->value);
	case RADIUS_FORM_IP6: return radius_attr_ip6(a, &addr) ? address_json(&addr) : hex_json(a->value);
	case RADIUS_FORM_IP6_PREFIX: return prefix_json(a);
	case RADIUS_FORM_PASSWORD: return password_json(a, p, secret);
	default: return hex_json(a->value);
	}
}

static void name_text(const struct radius_attr *a, uint8_t tag, char *buf, size_t cap)
{
	const struct radius_attr_info *info = radius_attr_info(a->vendor, a->type);

	if (info && tag)
		snprintf(buf, cap, "%s:%u", info->name, tag);
	else if (info)
		snprintf(buf, cap, "%s", info->name);
	else if (a->vendor)
		snprintf(buf, cap, "Attr-26.%u.%u", a->vendor, a->type);
	else
		snprintf(buf, cap, "Attr-%u", a->type);
}

/* A second value of a name makes a list. */
static void member_add(json_t *o, const char *name, json_t *value)
{
	json_t *there = json_object_get(o, name);

	if (!there)
		json_object_set_new(o, name, value);
	else if (json_is_array(there))
		json_array_append_new(there, value);
	else
		json_object_set_new(o, name, json_pack("[O, o]", there, value));
}

static json_t *attributes_json(const struct radius_pkt *p, struct span secret)
{
	struct radius_attr_iter it = radius_attrs_begin(p);
	json_t *o = json_object();
	struct radius_attr a;

	while (radius_attr_next(&it, &a)) {
		char name[96];
		uint8_t tag = 0;
		json_t *value = value_json(&a, p, secret, &tag);

		name_text(&a, tag, name, sizeof(name));
		member_add(o, name, value);
	}
	return o;
}

static int dump(json_t *o, FILE *out)
{
	int rc;

	if (!o)
		return -ENOMEM;
	rc = json_dumpf(o, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(o);
	return rc < 0 || fputc('\n', out) == EOF ? -EIO : 0;
}

int radius_line_json(const struct lab_radius_taken *t, const struct lab_radius_peer *from, struct wall at,
		     struct span secret, FILE *out)
{
	return dump(json_pack("{s:f, s:o, s:i, s:i, s:s, s:s, s:o}", "time", (double)at.s + at.ns / 1e9,
			      "from", address_json(&from->addr), "port", (int)from->port, "id", (int)t->pkt.id,
			      "code", radius_code_name(t->pkt.code), "answer", radius_code_name(t->answer),
			      "attributes", attributes_json(&t->pkt, secret)), out);
}

/* ---- the sum ---- */

enum group { AUTH, ACCT, DROPPED, ORDERED };

static json_t *group_json(const struct lab_radius *r, enum group g)
{
	static const struct {
		const char *name;
		enum group group;
	} rows[LAB_RADIUS_COUNT_COUNT] = {
#define X(id, text, of) [LAB_RADIUS_##id] = { text, of },
		LAB_RADIUS_COUNTS(X)
#undef X
	};
	json_t *o = json_object();

	for (unsigned i = 0; i < LAB_RADIUS_COUNT_COUNT; i++)
		if (rows[i].group == g)
			json_object_set_new(o, rows[i].name, json_integer(N(lab_radius_counter(r, (enum lab_radius_count)i))));
	return o;
}

static json_t *status_json(const struct acct_book *b)
{
	json_t *o = json_object();

	for (uint32_t i = 1; i <= ACCT_STATUS_MAX; i++) {
		const char *name = radius_value_name(RADIUS_ATTR_ACCT_STATUS_TYPE, i);

		if (name)
			json_object_set_new(o, name, json_integer(N(b->by_status[i])));
	}
	json_object_set_new(o, "other", json_integer(N(b->by_status[0])));
	return o;
}

static json_t *book_json(const struct acct_book *b)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I, s:I}}",
			 "records", status_json(b), "open", N(b->open), "starts_again", N(b->starts_again),
			 "stops_again", N(b->stops_again), "stops_without_start", N(b->stops_without_start),
			 "interims_without_start", N(b->interims_without_start), "went_back", N(b->went_back),
			 "ended_by_on", N(b->ended_by_on), "without_session_id", N(b->without_session_id),
			 "stopped", "in_octets", N(b->in_octets), "out_octets", N(b->out_octets),
			 "in_packets", N(b->in_packets), "out_packets", N(b->out_packets),
			 "session_s", N(b->session_s));
}

int radius_summary_json(const struct lab_radius *r, double seconds, uint64_t lost, FILE *out)
{
	json_t *acct = group_json(r, ACCT);
	int rc;

	json_object_update_new(acct, book_json(lab_radius_book(r)));
	rc = dump(json_pack("{s:f, s:o, s:o, s:o, s:o, s:I}", "seconds", seconds, "auth", group_json(r, AUTH),
			    "acct", acct, "dropped", group_json(r, DROPPED), "ordered", group_json(r, ORDERED),
			    "rx_dropped", N(lost)), out);
	return rc == 0 && fflush(out) == EOF ? -EIO : rc;
}
