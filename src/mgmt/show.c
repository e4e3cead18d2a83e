/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of an object as text and as JSON. */
#include "mgmt/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *admin_text(enum admin_state a)
{
	static const char *const names[] = { "enabled", "disabled", "drain" };

	return (unsigned)a < 3 ? names[a] : "?";
}

const char *on_off(bool on)
{
	return on ? "enabled" : "disabled";
}

const char *uptime_text(uint64_t s, char buf[UPTIME_TEXT])
{
	unsigned long long d = s / 86400;
	unsigned h = (unsigned)(s / 3600 % 24), m = (unsigned)(s / 60 % 60);

	if (d)
		snprintf(buf, UPTIME_TEXT, "%llud%02u:%02u:%02u", d, h, m, (unsigned)(s % 60));
	else
		snprintf(buf, UPTIME_TEXT, "%02u:%02u:%02u", h, m, (unsigned)(s % 60));
	return buf;
}

/* ---- JSON ---- */

json_t *json_octets(struct span s)
{
	struct out o = { 0 };
	json_t *j = NULL;

	if (!s.len)
		return json_string("");
	if (!memchr(s.p, 0, s.len))
		j = json_stringn((const char *)s.p, s.len);
	if (j)
		return j;
	out_escaped(&o, s);
	j = o.failed ? json_null() : json_string(o.p);
	out_fini(&o);
	return j;
}

json_t *json_addr(const struct ip_addr *a)
{
	char t[IP_ADDR_TEXT];

	return ip_addr_is_none(a) ? json_null() : json_string(ip_addr_text(a, t));
}

static json_t *traffic(const struct model_traffic *t)
{
	return json_pack("{s:I,s:I,s:I,s:I}", "packets", (json_int_t)t->packets, "octets", (json_int_t)t->octets,
			 "discards", (json_int_t)t->discards, "errors", (json_int_t)t->errors);
}

static json_t *counts(const struct model_counts *c)
{
	return json_pack("{s:I,s:I,s:I,s:I}", "total", (json_int_t)c->total, "active", (json_int_t)c->active,
			 "failed", (json_int_t)c->failed, "auth-errors", (json_int_t)c->auth_errors);
}

static void iid_text(const uint8_t *b, char buf[24])
{
	snprintf(buf, 24, "%02x%02x:%02x%02x:%02x%02x:%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}

/* The two lowest bits: D and A of bearers, S and A of framings. */
static const char *bits_text(enum show_kind k, uint32_t bits)
{
	static const char *const bearer[] = { "none", "digital", "analog", "digital-analog" };
	static const char *const framing[] = { "none", "sync", "async", "sync-async" };

	return (k == SHOW_BEARER ? bearer : framing)[bits & 3];
}

static const char *version_text(uint16_t v, char buf[8])
{
	snprintf(buf, 8, "%u.%u", v >> 8, v & 0xff);
	return buf;
}

static uint64_t number(enum show_kind k, const void *at)
{
	switch (k) {
	case SHOW_VERSION:
	case SHOW_U8: return *(const uint8_t *)at;
	case SHOW_U16: return *(const uint16_t *)at;
	case SHOW_BEARER:
	case SHOW_FRAMING:
	case SHOW_U32: return *(const uint32_t *)at;
	case SHOW_U64: return *(const uint64_t *)at;
	default: return 0;
	}
}

static json_t *json_value(enum show_kind k, const void *at)
{
	char t[WALL_TEXT];

	switch (k) {
	case SHOW_STR: return *(char *const *)at ? json_octets(span_str(*(char *const *)at)) : json_null();
	case SHOW_SPAN: return json_octets(*(const struct span *)at);
	case SHOW_CHARS: return json_octets(span_str(at));
	case SHOW_U8:
	case SHOW_U16:
	case SHOW_U32:
	case SHOW_U64: return json_integer((json_int_t)number(k, at));
	case SHOW_VERSION: return json_string(version_text(*(const uint16_t *)at, t));
	case SHOW_BEARER:
	case SHOW_FRAMING: return json_string(bits_text(k, *(const uint32_t *)at));
	case SHOW_BOOL: return json_boolean(*(const bool *)at);
	case SHOW_ADMIN: return json_string(admin_text(*(const enum admin_state *)at));
	case SHOW_ADDR: return json_addr(at);
	case SHOW_WALL:
		return ((const struct wall *)at)->s ? json_string(wall_text(*(const struct wall *)at, t))
						    : json_null();
	case SHOW_IID: iid_text(at, t); return json_string(t);
	case SHOW_TRAFFIC: return traffic(at);
	case SHOW_COUNTS: return counts(at);
	case SHOW_HEADING: break;
	}
	return NULL;
}

void show_add(json_t *obj, const struct show_field *f, const void *row)
{
	for (; f->json || f->text; f++)
		if (f->json)
			json_object_set_new(obj, f->json, json_value(f->kind, (const char *)row + f->off));
}

/* DEL is the one octet that JSON_ENSURE_ASCII leaves for a terminal to trip over; it can only be within a string. */
static int put(const char *p, size_t n, void *ctx)
{
	for (const char *del; (del = n ? memchr(p, 0x7f, n) : NULL); p = del + 1) {
		out_bytes(ctx, p, (size_t)(del - p));
		out_str(ctx, "\\u007f");
		n -= (size_t)(del - p) + 1;
	}
	out_bytes(ctx, p, n);
	return 0;
}

void json_line(struct out *o, json_t *obj)
{
	if (!obj || json_dump_callback(obj, put, o, JSON_COMPACT | JSON_ENSURE_ASCII))
		o->failed = true;
	out_char(o, '\n');
	json_decref(obj);
}

/* ---- text ---- */

static bool is_set(enum show_kind k, const void *at)
{
	static const uint8_t none[8];

	switch (k) {
	case SHOW_STR: return *(char *const *)at && **(char *const *)at;
	case SHOW_SPAN: return ((const struct span *)at)->len;
	case SHOW_CHARS: return *(const char *)at;
	case SHOW_BOOL: return *(const bool *)at;
	case SHOW_ADDR: return !ip_addr_is_none(at);
	case SHOW_WALL: return ((const struct wall *)at)->s;
	case SHOW_IID: return memcmp(at, none, sizeof(none)) != 0;
	case SHOW_HEADING:
	case SHOW_ADMIN:
	case SHOW_TRAFFIC:
	case SHOW_COUNTS: return true;
	default: return number(k, at);
	}
}

static bool is_empty(enum show_kind k, const void *at)
{
	return (k == SHOW_STR || k == SHOW_SPAN || k == SHOW_CHARS || k == SHOW_ADDR) && !is_set(k, at);
}

static void text_value(struct out *o, enum show_kind k, const void *at)
{
	const struct model_traffic *t = at;
	const struct model_counts *c = at;
	char buf[WALL_TEXT];

	switch (k) {
	case SHOW_STR: out_escaped(o, span_str(*(char *const *)at ? *(char *const *)at : "")); break;
	case SHOW_SPAN: out_escaped(o, *(const struct span *)at); break;
	case SHOW_CHARS: out_escaped(o, span_str(at)); break;
	case SHOW_VERSION: out_str(o, version_text(*(const uint16_t *)at, buf)); break;
	case SHOW_BEARER:
	case SHOW_FRAMING: out_str(o, bits_text(k, *(const uint32_t *)at)); break;
	case SHOW_BOOL: out_str(o, *(const bool *)at ? "yes" : "no"); break;
	case SHOW_ADMIN: out_str(o, admin_text(*(const enum admin_state *)at)); break;
	case SHOW_ADDR: out_addr(o, at); break;
	case SHOW_WALL: out_str(o, wall_text(*(const struct wall *)at, buf)); break;
	case SHOW_IID: iid_text(at, buf); out_str(o, buf); break;
	case SHOW_TRAFFIC:
		out_fmt(o, "%12" PRIu64 " %14" PRIu64 " %10" PRIu64 " %8" PRIu64, t->packets, t->octets,
			t->discards, t->errors);
		break;
	case SHOW_COUNTS:
		out_fmt(o, "%8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %11" PRIu64, c->total, c->active, c->failed,
			c->auth_errors);
		break;
	case SHOW_HEADING: break;
	default: out_fmt(o, "%" PRIu64, number(k, at)); break;
	}
}

void show_text(struct out *o, const struct show_field *f, const void *row, unsigned indent)
{
	for (; f->json || f->text; f++) {
		const void *at = (const char *)row + f->off;
		bool table = f->kind == SHOW_TRAFFIC || f->kind == SHOW_COUNTS;

		if (!f->text || (f->flags & SHOW_IF_SET && !is_set(f->kind, at)))
			continue;
		out_pad(o, ' ', indent + (f->kind == SHOW_HEADING ? 0 : 2));
		out_fmt(o, table ? "%-18s" : "%s", f->text);
		if (f->kind != SHOW_HEADING)
			out_char(o, ' ');
		if (is_empty(f->kind, at))
			out_str(o, "none");
		else
			text_value(o, f->kind, at);
		out_char(o, '\n');
	}
}

/* ---- what it is about ---- */

bool show_ready(struct mgmt_session *s)
{
	if (!s->m->c.model)
		session_error(s, MGMT_FAILED, "The system is not running");
	return s->m->c.model;
}

static bool keep(struct job *j, unsigned i, const char **at, const char *s)
{
	if (!s)
		return true;
	*at = j->text[i] = strdup(s);
	return *at;
}

bool show_filter(struct mgmt_session *s, const struct gr_match *m, struct job *j)
{
	const struct gr_value *name = gr_value(m, "name"), *address = gr_value(m, "address"),
			      *peer = gr_value(m, "peer");
	const char *lac = gr_str(m, "lac");
	struct model_filter *f = &j->filter;

	j->detail = gr_has(m, "detail");
	j->ended = gr_has(m, "ended");
	if (name && name->type->kind == GR_OBJECT) {
		j->named = true;
		f->dest = name->obj[0];
		f->tunnel = name->parts > 1 ? name->obj[1] : 0;
		f->session = name->parts > 2 ? name->obj[2] : 0;
	}
	if (address)
		f->address = address->ip;
	if (peer)
		f->lac = peer->ip;
	if (lac && ip_addr_parse(&f->lac, lac))
		lac = NULL;
	if (keep(j, 0, &f->user, gr_str(m, "user")) && keep(j, 1, &f->calling_number, gr_str(m, "number")) &&
	    keep(j, 2, &f->circuit_id, gr_str(m, "circuit")) && keep(j, 3, &f->lac_name, lac))
		return true;
	session_error(s, MGMT_FAILED, "Out of memory");
	return false;
}
