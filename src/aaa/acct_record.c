/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accounting-Request attributes.
 *
 * Source: RFC 2866 §4.1, §5.1, §5.3-5.12; RFC 2865 §5.1, §5.6-5.9, §5.25; RFC 2869 §5.1-5.3; RFC 5080 §2.3.1; spec 8.2, 8.4.
 */
#include "aaa/acct_record.h"

#include <inttypes.h>
#include <stdio.h>

#include "aaa/radius_line.h"
#include "base/rd.h"
#include "wire/radius_attr.h"

enum { OPEN_VERSION = 3 };	/* a queue record's version is 1 */

static void put_authentic(struct wr *w, const struct grant *g)
{
	static const uint32_t authentic[] = {
		[AAA_METHOD_RADIUS] = RADIUS_ACCT_AUTHENTIC_RADIUS,
		[AAA_METHOD_LOCAL] = RADIUS_ACCT_AUTHENTIC_LOCAL,
		[AAA_METHOD_NONE] = RADIUS_ACCT_AUTHENTIC_LOCAL,
	};

	if (g->method != AAA_METHOD_END)
		radius_put_u32(w, RADIUS_ATTR_ACCT_AUTHENTIC, authentic[g->method]);
}

static void put_address(struct wr *w, const struct aaa_radius_conf *r, enum aaa_include_message message,
			const struct grant *g)
{
	struct ip_addr mask = ip4_of(0xffffffff);
	unsigned len = g->extra ? g->extra->mask_len : 0;

	if (len)
		mask = ip4_of(UINT32_MAX << (32 - len));
	if (g->addr.ip.af != 4)
		return;
	if (radius_included(r, AAA_INCLUDE_FRAMED_IP_ADDRESS, message))
		radius_put_ip4(w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &g->addr.ip);
	if (radius_included(r, AAA_INCLUDE_FRAMED_IP_NETMASK, message))
		radius_put_ip4(w, RADIUS_ATTR_FRAMED_IP_NETMASK, &mask);
}

/* RFC 2865 §5.22: as text again, with the subscriber as gateway. */
static void put_routes(struct wr *w, const struct grant *g)
{
	const struct aaa_route *r;
	char dst[IP_ADDR_TEXT], text[96];
	unsigned n;

	r = grant_routes(g, &n);
	for (unsigned i = 0; i < n; i++) {
		int len = snprintf(text, sizeof(text), "%s/%u 0.0.0.0 %" PRIu32, ip_addr_text(&r[i].prefix.addr, dst),
				   r[i].prefix.len, r[i].metric);

		radius_put_span(w, RADIUS_ATTR_FRAMED_ROUTE, span_of(text, (size_t)len));
	}
}

void acct_put_identity(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message, const struct grant *g,
		       const struct aaa_line *line)
{
	const struct aaa_radius_conf *r = &c->radius;
	char id[20];

	acct_id_text(g->acct.id, id);
	radius_put_span(w, RADIUS_ATTR_ACCT_SESSION_ID, span_str(id));
	radius_put_span(w, RADIUS_ATTR_USER_NAME, grant_acct_user(g));
	if (radius_included(r, AAA_INCLUDE_ACCT_MULTI_SESSION_ID, message))
		radius_put_span(w, RADIUS_ATTR_ACCT_MULTI_SESSION_ID, span_str(id));
	if (radius_included(r, AAA_INCLUDE_ACCT_LINK_COUNT, message))
		radius_put_u32(w, RADIUS_ATTR_ACCT_LINK_COUNT, 1);
	radius_put_u32(w, RADIUS_ATTR_SERVICE_TYPE, RADIUS_SERVICE_TYPE_FRAMED_USER);
	radius_put_u32(w, RADIUS_ATTR_FRAMED_PROTOCOL, RADIUS_FRAMED_PROTOCOL_PPP);
	put_authentic(w, g);
	put_address(w, r, message, g);
	if (radius_included(r, AAA_INCLUDE_CLASS, message))
		wr_put(w, grant_class(g));
	radius_put_node(w, c, message, line);
	if (line)
		radius_put_line(w, c, message, line);
	if (radius_included(r, AAA_INCLUDE_FRAMED_ROUTE, message))
		put_routes(w, g);	/* last: there may be more than fit */
}

/* ---- figures ---- */

static void put_octets(struct wr *w, uint32_t low, uint32_t high, uint64_t v, bool with_high)
{
	radius_put_u32(w, low, (uint32_t)v);
	if (with_high)
		radius_put_u32(w, high, (uint32_t)(v >> 32));
}

void acct_put_counters(struct wr *w, const struct aaa_radius_conf *r, const struct aaa_counters *n)
{
	const enum aaa_include_message m = AAA_INCLUDE_ACCT_STOP;

	put_octets(w, RADIUS_ATTR_ACCT_INPUT_OCTETS, RADIUS_ATTR_ACCT_INPUT_GIGAWORDS, n->in_octets,
		   radius_included(r, AAA_INCLUDE_INPUT_GIGAWORDS, m));
	put_octets(w, RADIUS_ATTR_ACCT_OUTPUT_OCTETS, RADIUS_ATTR_ACCT_OUTPUT_GIGAWORDS, n->out_octets,
		   radius_included(r, AAA_INCLUDE_OUTPUT_GIGAWORDS, m));
	put_octets(w, RADIUS_ATTR_ACCT_INPUT_PACKETS, RADIUS_ATTR_ERX_INPUT_GIGAPKTS, n->in_packets,
		   radius_included(r, AAA_INCLUDE_INPUT_GIGAPKTS, m));
	put_octets(w, RADIUS_ATTR_ACCT_OUTPUT_PACKETS, RADIUS_ATTR_ERX_OUTPUT_GIGAPKTS, n->out_packets,
		   radius_included(r, AAA_INCLUDE_OUTPUT_GIGAPKTS, m));
}

void acct_put_figures(struct wr *w, const struct aaa_conf *c, enum acct_kind kind, const struct acct_figures *f)
{
	static const struct {
		uint32_t status;
		enum aaa_include_message message;
	} kinds[ACCT_KINDS] = {
		[ACCT_START] = { RADIUS_ACCT_STATUS_TYPE_START, AAA_INCLUDE_ACCT_START },
		[ACCT_INTERIM] = { RADIUS_ACCT_STATUS_TYPE_INTERIM_UPDATE, AAA_INCLUDE_ACCT_STOP },
		[ACCT_STOP] = { RADIUS_ACCT_STATUS_TYPE_STOP, AAA_INCLUDE_ACCT_STOP },
		[ACCT_REFUSED] = { RADIUS_ACCT_STATUS_TYPE_STOP, AAA_INCLUDE_ACCT_STOP },
		[ACCT_ON] = { RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_ON, AAA_INCLUDE_ACCT_ON },
		[ACCT_OFF] = { RADIUS_ACCT_STATUS_TYPE_ACCOUNTING_OFF, AAA_INCLUDE_ACCT_OFF },
	};
	const struct aaa_radius_conf *r = &c->radius;

	radius_put_u32(w, RADIUS_ATTR_ACCT_STATUS_TYPE, kinds[kind].status);
	if (radius_included(r, AAA_INCLUDE_EVENT_TIMESTAMP, kinds[kind].message))
		radius_put_u32(w, RADIUS_ATTR_EVENT_TIMESTAMP, (uint32_t)f->when_s);
	if (kind == ACCT_INTERIM || kind == ACCT_STOP || kind == ACCT_REFUSED) {
		radius_put_u32(w, RADIUS_ATTR_ACCT_SESSION_TIME, f->session_s);
		acct_put_counters(w, r, &f->counters);
	}
	if (kind == ACCT_STOP || kind == ACCT_REFUSED ||
	    (kind == ACCT_OFF && radius_included(r, AAA_INCLUDE_ACCT_TERMINATE_CAUSE,
								      AAA_INCLUDE_ACCT_OFF)))
		radius_put_u32(w, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, f->terminate_cause);
}

/* ---- the journal's entry of an open session ---- */

void acct_open_encode(struct wr *w, const struct acct_open *o)
{
	wr_u8(w, OPEN_VERSION);
	wr_be64(w, o->session);
	wr_be64(w, (uint64_t)o->seen_s);
	wr_be32(w, o->session_s);
	wr_be64(w, o->counters.in_octets);
	wr_be64(w, o->counters.out_octets);
	wr_be64(w, o->counters.in_packets);
	wr_be64(w, o->counters.out_packets);
	wr_put(w, o->identity);
}

bool acct_open_decode(struct span body, struct acct_open *o)
{
	struct rd r = rd_span(body);
	uint8_t version = rd_u8(&r);

	*o = (struct acct_open){ .session = rd_be64(&r), .seen_s = (int64_t)rd_be64(&r),
				 .session_s = rd_be32(&r) };
	o->counters.in_octets = rd_be64(&r);
	o->counters.out_octets = rd_be64(&r);
	o->counters.in_packets = rd_be64(&r);
	o->counters.out_packets = rd_be64(&r);
	o->identity = rd_rest(&r);
	return !r.bad && version == OPEN_VERSION && o->identity.len <= RADIUS_PKT_MAX;
}
