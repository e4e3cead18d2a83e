/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunnel accounting: RFC 2867 §2, Acct-Status-Type 9 to 14 (§3.1-3.6) and the attributes they ask for. */
#include <stdio.h>

#include "aaa/aaa_priv.h"
#include "aaa/acct_record.h"
#include "aaa/radius_line.h"
#include "wire/radius_attr.h"

enum { TUNNEL_ATTRS_MAX = 2048 };

static const struct {
	uint32_t status;
	enum aaa_include_message message;
	bool link, ended, cause;
} events[AAA_TUNNEL_EVENTS] = {
	[AAA_TUNNEL_START] = { RADIUS_ACCT_STATUS_TYPE_TUNNEL_START, AAA_INCLUDE_ACCT_START, false, false, false },
	[AAA_TUNNEL_STOP] = { RADIUS_ACCT_STATUS_TYPE_TUNNEL_STOP, AAA_INCLUDE_ACCT_STOP, false, true, true },
	[AAA_TUNNEL_REJECT] = { RADIUS_ACCT_STATUS_TYPE_TUNNEL_REJECT, AAA_INCLUDE_ACCT_STOP, false, false, true },
	[AAA_TUNNEL_LINK_START] = { RADIUS_ACCT_STATUS_TYPE_TUNNEL_LINK_START, AAA_INCLUDE_ACCT_START, true, false, false },
	[AAA_TUNNEL_LINK_STOP] = { RADIUS_ACCT_STATUS_TYPE_TUNNEL_LINK_STOP, AAA_INCLUDE_ACCT_STOP, true, true, true },
	[AAA_TUNNEL_LINK_REJECT] = { RADIUS_ACCT_STATUS_TYPE_TUNNEL_LINK_REJECT, AAA_INCLUDE_ACCT_STOP, true, false, true },
};

/* What belongs together: the id of the tunnel, which its links' ids begin with (model/accounting.c). */
static struct span tunnel_part(const char *id)
{
	return span_of(id, strcspn(id, "-"));
}

/* RFC 2867 §4.1: of a session the call serial number, as in its other records; of a tunnel our id. */
static void put_connection(struct wr *w, const struct aaa_tunnel_record *r)
{
	char text[12];
	int n = snprintf(text, sizeof(text), "%u", r->line.tunnel_id);

	if (r->line.tunnel_id)
		radius_put_span(w, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, span_of(text, (size_t)n));
}

static void put_link(struct wr *w, const struct aaa_conf *c, const struct aaa_tunnel_record *r)
{
	radius_put_span(w, RADIUS_ATTR_USER_NAME, r->user);
	if (radius_included(&c->radius, AAA_INCLUDE_NAS_PORT, events[r->event].message))
		radius_put_u32(w, RADIUS_ATTR_NAS_PORT, (uint32_t)r->line.tunnel_id << 16 | r->line.session_id);
	if (radius_included(&c->radius, AAA_INCLUDE_NAS_PORT_TYPE, events[r->event].message))
		radius_put_u32(w, RADIUS_ATTR_NAS_PORT_TYPE, RADIUS_NAS_PORT_TYPE_VIRTUAL);
	if (radius_included(&c->radius, AAA_INCLUDE_CALLING_STATION_ID, events[r->event].message))
		radius_put_span(w, RADIUS_ATTR_CALLING_STATION_ID, r->line.calling_number);
	if (radius_included(&c->radius, AAA_INCLUDE_CALLED_STATION_ID, events[r->event].message))
		radius_put_span(w, RADIUS_ATTR_CALLED_STATION_ID, r->line.called_number);
}

void acct_tunnel(struct aaa *a, const struct aaa_tunnel_record *r, mono_t now, struct wall wall)
{
	enum aaa_include_message message = events[r->event].message;
	const struct aaa_conf *c = &a->conf;
	uint8_t buf[TUNNEL_ATTRS_MAX];
	struct wr w = wr_of(buf, sizeof(buf));

	if (!c->radius.tunnel_accounting || !a->acct.servers)
		return;
	radius_put_u32(&w, RADIUS_ATTR_ACCT_STATUS_TYPE, events[r->event].status);
	radius_put_span(&w, RADIUS_ATTR_ACCT_SESSION_ID, span_str(r->acct_session_id));
	if (radius_included(&c->radius, AAA_INCLUDE_EVENT_TIMESTAMP, message))
		radius_put_u32(&w, RADIUS_ATTR_EVENT_TIMESTAMP, (uint32_t)wall.s);
	radius_put_node(&w, c, message, &r->line);
	radius_put_tunnel(&w, c, message, &r->line);
	if (events[r->event].link)
		put_link(&w, c, r);
	else if (radius_included(&c->radius, AAA_INCLUDE_ACCT_TUNNEL_CONNECTION, message))
		put_connection(&w, r);
	if (events[r->event].ended) {
		if (radius_included(&c->radius, AAA_INCLUDE_ACCT_MULTI_SESSION_ID, message))
			radius_put_span(&w, RADIUS_ATTR_ACCT_MULTI_SESSION_ID, tunnel_part(r->acct_session_id));
		radius_put_u32(&w, RADIUS_ATTR_ACCT_SESSION_TIME, r->session_s);
		acct_put_counters(&w, &c->radius, &r->counters);
	}
	if (events[r->event].cause)
		radius_put_u32(&w, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, r->terminate_cause);
	acct_queue_put(&a->acct.queue, ACCT_TUNNEL, hash_bytes(r->acct_session_id, strlen(r->acct_session_id), 0) | 1,
		       wr_span(&w), 0, 0, now, wall);
}
