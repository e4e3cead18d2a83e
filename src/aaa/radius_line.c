/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes that tell of the router and of a line.
 *
 * Source: RFC 2865 §5.4, §5.5, §5.30-5.32, §5.41; RFC 2867 §4.1; RFC 2868 §3.1-3.4, §3.6, §3.7, §3.9, §3.10;
 * RFC 2869 §5.11, §5.17; RFC 3162 §2.1; RFC 4679 §3; RFC 5080 §2.7.2; spec 3.7, 3.8, 8.2.
 */
#include "aaa/radius_line.h"

#include "base/text.h"
#include "wire/l2tp_line.h"
#include "wire/radius_attr.h"

static struct ip_addr nas_address(const struct aaa_radius_conf *r, const struct aaa_conf *c,
				  const struct aaa_line *line)
{
	if (line && r->nas_ip_lac && !ip_addr_is_any(&line->lac))
		return line->lac;
	if (!ip_addr_is_none(&r->nas_ip))
		return r->nas_ip;
	if (!ip_addr_is_none(&r->source4))
		return r->source4;
	if (!ip_addr_is_none(&r->source6))
		return r->source6;
	if (!ip_addr_is_none(&c->loopback))
		return c->loopback;
	return line ? line->lns : (struct ip_addr){ 0 };
}

void radius_put_node(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message,
		     const struct aaa_line *line)
{
	const char *name = c->radius.nas_identifier ? c->radius.nas_identifier : c->hostname;
	struct ip_addr ip = nas_address(&c->radius, c, line);

	bool named = name && radius_included(&c->radius, AAA_INCLUDE_NAS_IDENTIFIER, message);

	if (!ip.af && !named)	/* RFC 2865 §4.1: one of the two there must be */
		ip = ip4_of(0x7f000001);
	if (ip.af == 6)
		radius_put_ip6(w, RADIUS_ATTR_NAS_IPV6_ADDRESS, &ip);
	else if (ip.af == 4)
		radius_put_ip4(w, RADIUS_ATTR_NAS_IP_ADDRESS, &ip);
	if (named)
		radius_put_span(w, RADIUS_ATTR_NAS_IDENTIFIER, span_str(name));
}

struct span radius_line_id(const struct aaa_line *line, char buf[RADIUS_LINE_ID])
{
	const uint32_t ids[] = { line->tunnel_id, line->peer_tunnel_id, line->session_id, line->peer_session_id,
				 line->call_serial };
	struct text t = text_of(buf, RADIUS_LINE_ID);
	char ip[IP_ADDR_TEXT];

	text_str(&t, "ip:");
	text_str(&t, ip_addr_text(&line->lns, ip));
	text_str(&t, ":");
	text_str(&t, ip_addr_text(&line->lac, ip));
	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		text_str(&t, ":");
		text_u(&t, ids[i]);
	}
	return span_of(buf, t.len);
}

/* ---- port, stations, speeds ---- */

static struct span connect_info(const struct aaa_conf *c, const struct aaa_line *line, struct span id,
				char buf[RADIUS_LINE_ID])
{
	bool rx = line->rx_speed && (line->rx_speed != line->tx_speed ||
				     c->radius.connect_info == AAA_CONNECT_INFO_L2TP_SPEED_RX_WHEN_EQUAL);
	struct text t = text_of(buf, RADIUS_LINE_ID);

	if (c->radius.connect_info == AAA_CONNECT_INFO_DEFAULT)
		return id;
	text_u(&t, line->tx_speed);
	if (rx) {
		text_str(&t, "/");
		text_u(&t, line->rx_speed);
	}
	return span_of(buf, t.len);
}

static void put_port(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message,
		     const struct aaa_line *line, struct span id)
{
	const struct aaa_radius_conf *r = &c->radius;
	char buf[RADIUS_LINE_ID];

	/* there is no physical port behind a tunnel: our two ids, unique while the session lives */
	if (radius_included(r, AAA_INCLUDE_NAS_PORT, message))
		radius_put_u32(w, RADIUS_ATTR_NAS_PORT, (uint32_t)line->tunnel_id << 16 | line->session_id);
	if (radius_included(r, AAA_INCLUDE_NAS_PORT_TYPE, message))
		radius_put_u32(w, RADIUS_ATTR_NAS_PORT_TYPE, RADIUS_NAS_PORT_TYPE_VIRTUAL);
	if (radius_included(r, AAA_INCLUDE_NAS_PORT_ID, message))
		radius_put_span(w, RADIUS_ATTR_NAS_PORT_ID, id);
	if (radius_included(r, AAA_INCLUDE_CALLING_STATION_ID, message))
		radius_put_span(w, RADIUS_ATTR_CALLING_STATION_ID, line->calling_number);
	if (radius_included(r, AAA_INCLUDE_CALLED_STATION_ID, message))
		radius_put_span(w, RADIUS_ATTR_CALLED_STATION_ID, line->called_number);
	if (radius_included(r, AAA_INCLUDE_CONNECT_INFO, message))
		radius_put_span(w, RADIUS_ATTR_CONNECT_INFO, connect_info(c, line, id, buf));
}

/* ---- tunnel ---- */

static void put_address_text(struct wr *w, uint32_t attr, const struct ip_addr *ip)
{
	char text[IP_ADDR_TEXT];

	radius_put_tagged_text(w, attr, 0, span_str(ip_addr_text(ip, text)));
}

static void put_end_points(struct wr *w, const struct aaa_radius_conf *r, enum aaa_include_message message,
			   const struct aaa_line *line)
{
	if (radius_included(r, AAA_INCLUDE_TUNNEL_TYPE, message))
		radius_put_tagged_u32(w, RADIUS_ATTR_TUNNEL_TYPE, 0, RADIUS_TUNNEL_TYPE_L2TP);
	if (radius_included(r, AAA_INCLUDE_TUNNEL_MEDIUM_TYPE, message))
		radius_put_tagged_u32(w, RADIUS_ATTR_TUNNEL_MEDIUM_TYPE, 0, line->lns.af == 6 ? 2 : 1);
	if (radius_included(r, AAA_INCLUDE_TUNNEL_CLIENT_ENDPOINT, message))
		put_address_text(w, RADIUS_ATTR_TUNNEL_CLIENT_ENDPOINT, &line->lac);
	if (radius_included(r, AAA_INCLUDE_TUNNEL_SERVER_ENDPOINT, message))
		put_address_text(w, RADIUS_ATTR_TUNNEL_SERVER_ENDPOINT, &line->lns);
}

static void put_names(struct wr *w, const struct aaa_radius_conf *r, enum aaa_include_message message,
		      const struct aaa_line *line)
{
	if (radius_included(r, AAA_INCLUDE_TUNNEL_CLIENT_AUTH_ID, message))
		radius_put_tagged_text(w, RADIUS_ATTR_TUNNEL_CLIENT_AUTH_ID, 0, line->lac_name);
	if (radius_included(r, AAA_INCLUDE_TUNNEL_SERVER_AUTH_ID, message))
		radius_put_tagged_text(w, RADIUS_ATTR_TUNNEL_SERVER_AUTH_ID, 0, line->lns_name);
	if (radius_included(r, AAA_INCLUDE_TUNNEL_ASSIGNMENT_ID, message))
		radius_put_tagged_text(w, RADIUS_ATTR_TUNNEL_ASSIGNMENT_ID, 0, line->assignment);
	radius_put_tagged_text(w, RADIUS_ATTR_TUNNEL_PRIVATE_GROUP_ID, 0, line->private_group);
}

void radius_put_tunnel(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message,
		       const struct aaa_line *line)
{
	char serial[TEXT_DECIMAL];
	size_t n = text_decimal(serial, line->call_serial);

	put_end_points(w, &c->radius, message, line);
	put_names(w, &c->radius, message, line);
	if ((line->session_id || line->call_serial) &&
	    radius_included(&c->radius, AAA_INCLUDE_ACCT_TUNNEL_CONNECTION, message))
		radius_put_span(w, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, span_of(serial, n));
}

/* ---- access line ---- */

/* RFC 5515 §5 and RFC 4679 §3 number the same things alike: rates 129-138, delays 139-142. Rates are in bit/s here too.
 * Source: RFC 4679 §3.1, §3.2, §3.3.1-3.3.18. */
static void put_access_line(struct wr *w, const struct l2tp_access_line *l)
{
	uint8_t encapsulation[3] = { l->data_link, l->encaps1, l->encaps2 };

	radius_put(w, RADIUS_VENDOR_ADSL_FORUM, L2TP_LINE_AGENT_CIRCUIT_ID, l->circuit_id);
	radius_put(w, RADIUS_VENDOR_ADSL_FORUM, L2TP_LINE_AGENT_REMOTE_ID, l->remote_id);
	for (unsigned i = 0; i < L2TP_LINE_RATES; i++) {
		uint64_t rate = l->rate[i] < UINT32_MAX ? l->rate[i] : UINT32_MAX;

		if (l->has_rate >> i & 1)
			radius_put_u32(w, radius_attr_key(RADIUS_VENDOR_ADSL_FORUM, L2TP_LINE_ACTUAL_RATE_UP + i),
				       (uint32_t)rate);
	}
	for (unsigned i = 0; i < L2TP_LINE_DELAYS; i++)
		if (l->has_delay >> i & 1)
			radius_put_u32(w, radius_attr_key(RADIUS_VENDOR_ADSL_FORUM, L2TP_LINE_MAXIMUM_DELAY_UP + i),
				       l->delay_ms[i]);
	if (l->has_encapsulation)
		radius_put(w, RADIUS_VENDOR_ADSL_FORUM, L2TP_LINE_ENCAPSULATION,
			   span_of(encapsulation, sizeof(encapsulation)));
	if (l->has_iwf && l->iwf)
		radius_put(w, RADIUS_VENDOR_ADSL_FORUM, L2TP_LINE_IWF, span_of("", 0));
}

void radius_put_line(struct wr *w, const struct aaa_conf *c, enum aaa_include_message message,
		     const struct aaa_line *line)
{
	char buf[RADIUS_LINE_ID];
	struct span id = radius_line_id(line, buf);

	put_port(w, c, message, line, id);
	if (line->service == AAA_PPP_LNS && radius_included(&c->radius, AAA_INCLUDE_TUNNEL_SERVER_ATTRIBUTES, message))
		radius_put_tunnel(w, c, message, line);
	if (radius_included(&c->radius, AAA_INCLUDE_TUNNEL_INTERFACE_ID, message))
		radius_put_span(w, RADIUS_ATTR_ERX_TUNNEL_INTERFACE_ID, id);
	if (line->access && radius_included(&c->radius, AAA_INCLUDE_DSL_FORUM_ATTRIBUTES, message))
		put_access_line(w, line->access);
}
