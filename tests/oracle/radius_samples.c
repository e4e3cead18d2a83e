/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RADIUS requests and their answers as we encode them, one packet a line: "NAME HEX", an answer after its request; then the
 * table of attributes: "attribute VENDOR TYPE NAME FORM". tests/oracle/test_radius_tshark.py lets independent programs
 * judge. The secret is "xyzzy5461".
 */
#include <stdio.h>

#include "wire/radius_attr.h"
#include "wire/radius_pkt.h"

#define SECRET span_str("xyzzy5461")

static const uint8_t random_octets[16] = { 0x0f, 0x40, 0x3f, 0x94, 0x73, 0x97, 0x80, 0x57, 0xbd, 0x83, 0xd5, 0xcb, 0x98, 0xf4, 0x22, 0x7a };
static uint8_t request[RADIUS_PKT_MAX], reply[RADIUS_PKT_MAX];

static void print(const char *name, const uint8_t *p, size_t len)
{
	printf("%s ", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", p[i]);
	printf("\n");
}

static struct wr begin(uint8_t *buf, enum radius_code code, uint8_t id, const uint8_t *authenticator)
{
	struct wr w = wr_of(buf, RADIUS_PKT_MAX);

	radius_pkt_begin(&w, code, id, authenticator);
	return w;
}

static void end_request(struct wr *w, bool (*sign)(uint8_t *, size_t, struct span))
{
	size_t len = radius_pkt_end(w);

	if (sign(w->start, len, SECRET))
		print(radius_code_name(w->start[0]), w->start, len);
}

static void end_reply(struct wr *w)
{
	size_t len = radius_pkt_end(w);

	if (radius_sign_response(w->start, len, request + 4, SECRET))
		print(radius_code_name(w->start[0]), w->start, len);
}

static void access_request(void)
{
	struct wr w = begin(request, RADIUS_ACCESS_REQUEST, 1, random_octets);
	struct ip_addr nas = ip4_of(0xc0000201);
	uint8_t response[49] = { 1 };

	radius_put_message_authenticator_slot(&w);
	radius_put_span(&w, RADIUS_ATTR_USER_NAME, span_str("bob@isp.example"));
	radius_put_user_password(&w, span_str("a password of more than sixteen octets"), random_octets, SECRET);
	radius_put_ip4(&w, RADIUS_ATTR_NAS_IP_ADDRESS, &nas);
	radius_put_u32(&w, RADIUS_ATTR_NAS_PORT, 4711);
	radius_put_u32(&w, RADIUS_ATTR_NAS_PORT_TYPE, RADIUS_NAS_PORT_TYPE_VIRTUAL);
	radius_put_u32(&w, RADIUS_ATTR_SERVICE_TYPE, RADIUS_SERVICE_TYPE_FRAMED_USER);
	radius_put_u32(&w, RADIUS_ATTR_FRAMED_PROTOCOL, RADIUS_FRAMED_PROTOCOL_PPP);
	radius_put_span(&w, RADIUS_ATTR_ADSL_AGENT_CIRCUIT_ID, span_str("dslam7 eth 3/0:100"));
	radius_put_u32(&w, RADIUS_ATTR_ACTUAL_DATA_RATE_UPSTREAM, 40000000);
	radius_put_span(&w, RADIUS_ATTR_IWF_SESSION, span_of(NULL, 0));
	radius_put_span(&w, RADIUS_ATTR_MS_CHAP_CHALLENGE, span_of(random_octets, 16));
	radius_put_ms_chap2_response(&w, 7, response);
	end_request(&w, radius_sign_request);
}

static void access_accept(void)
{
	struct wr w = begin(reply, RADIUS_ACCESS_ACCEPT, 1, NULL);
	struct ip_addr ip = ip4_of(0x0a400001), dns = ip4_of(0x09090909);
	struct ip_prefix prefix = { .len = 56 };

	ip_addr_parse(&prefix.addr, "2001:db8:1:200::");
	radius_put_message_authenticator_slot(&w);
	radius_put_ip4(&w, RADIUS_ATTR_FRAMED_IP_ADDRESS, &ip);
	radius_put_ip6_prefix(&w, RADIUS_ATTR_DELEGATED_IPV6_PREFIX, &prefix);
	radius_put_ifid(&w, RADIUS_ATTR_FRAMED_INTERFACE_ID, 0x0102030405060708);
	radius_put_tagged_u32(&w, RADIUS_ATTR_TUNNEL_TYPE, 1, RADIUS_TUNNEL_TYPE_L2TP);
	radius_put_tagged_u32(&w, RADIUS_ATTR_TUNNEL_MEDIUM_TYPE, 1, RADIUS_TUNNEL_MEDIUM_TYPE_IPV4);
	radius_put_tagged_text(&w, RADIUS_ATTR_TUNNEL_SERVER_ENDPOINT, 1, span_str("192.0.2.99"));
	radius_tunnel_password_put(&w, RADIUS_ATTR_TUNNEL_PASSWORD, 1, 77, span_str("tunnel s3cret"), request + 4, SECRET);
	radius_tunnel_password_put(&w, RADIUS_ATTR_MS_MPPE_SEND_KEY, 0, 78, span_of(random_octets, 16), request + 4, SECRET);
	radius_put_ip4(&w, RADIUS_ATTR_MS_PRIMARY_DNS_SERVER, &dns);
	radius_put_span(&w, RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, span_str("default"));
	radius_put_ip4(&w, RADIUS_ATTR_ERX_PRIMARY_DNS, &dns);
	end_reply(&w);
}

static void status_server(void)
{
	struct wr w = begin(request, RADIUS_STATUS_SERVER, 2, random_octets);

	radius_put_message_authenticator_slot(&w);
	end_request(&w, radius_sign_request);
	w = begin(reply, RADIUS_ACCESS_ACCEPT, 2, NULL);
	end_reply(&w);
}

static void accounting(void)
{
	struct wr w = begin(request, RADIUS_ACCOUNTING_REQUEST, 3, NULL);

	radius_put_u32(&w, RADIUS_ATTR_ACCT_STATUS_TYPE, RADIUS_ACCT_STATUS_TYPE_TUNNEL_LINK_STOP);
	radius_put_span(&w, RADIUS_ATTR_ACCT_SESSION_ID, span_str("0000000a"));
	radius_put_span(&w, RADIUS_ATTR_ACCT_TUNNEL_CONNECTION, span_str("1234"));
	radius_put_u32(&w, RADIUS_ATTR_ACCT_TUNNEL_PACKETS_LOST, 5);
	radius_put_u32(&w, RADIUS_ATTR_ACCT_TERMINATE_CAUSE, RADIUS_ACCT_TERMINATE_CAUSE_LOST_CARRIER);
	end_request(&w, radius_sign_accounting);
	w = begin(reply, RADIUS_ACCOUNTING_RESPONSE, 3, NULL);
	end_reply(&w);
}

static void coa(void)
{
	struct wr w = begin(request, RADIUS_COA_REQUEST, 4, NULL);

	radius_put_message_authenticator_slot(&w);
	radius_put_span(&w, RADIUS_ATTR_ACCT_SESSION_ID, span_str("0000000a"));
	end_request(&w, radius_sign_accounting);
	w = begin(reply, RADIUS_COA_NAK, 4, NULL);
	radius_put_message_authenticator_slot(&w);
	radius_put_u32(&w, RADIUS_ATTR_ERROR_CAUSE, RADIUS_ERROR_CAUSE_SESSION_CONTEXT_NOT_FOUND);
	end_reply(&w);
}

static void attributes(void)
{
	const struct radius_attr_info *row;

	for (unsigned i = 0; (row = radius_attr_row(i)); i++)
		printf("attribute %u %u %s %u\n", row->attr >> 8, row->attr & 0xff, row->name, row->form);
}

int main(void)
{
	access_request();
	access_accept();
	status_server();
	accounting();
	coa();
	attributes();
	return 0;
}
