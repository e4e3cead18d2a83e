/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading an Access-Accept (RFC 2865 §4.2): one function an attribute, in a table. Of other attributes none is an
 * error, of whatever service they are (RFC 5080 §2.5).
 *
 * Source: RFC 2865 §1.1, §5.1, §5.6-5.9, §5.11, §5.12, §5.18, §5.22, §5.25, §5.27, §5.28; RFC 2869 §5.16, §5.18;
 * RFC 2548 §2.3.3, §2.7.6-2.7.9; RFC 5080 §2.3.4.
 */
#include "aaa/radius_accept.h"

#include <errno.h>
#include <stdlib.h>

#include "aaa/aaa_priv.h"
#include "base/log.h"
#include "wire/radius_attr.h"

enum { INTERIM_MIN_S = 60 };	/* RFC 2869 §5.16: MUST NOT be smaller */

typedef enum aaa_refusal take_fn(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at);

/* ---- addresses ---- */

/* Of one machine, or one of the two that have a meaning of their own (RFC 2865 §5.8). */
static bool is_subscribers(uint32_t ip)
{
	return ip >= 0xfffffffe || (ip >> 24 != 0 && ip >> 24 != 127 && ip >> 28 < 14);
}

static enum aaa_refusal take_address(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return radius_attr_ip4(at, &acc->ip4) && is_subscribers(ip4_num(&acc->ip4)) ? AAA_REFUSE_NONE :
										      AAA_REFUSE_BAD_ANSWER;
}

/* A mask whose ones are not in front is no netmask. */
static enum aaa_refusal take_netmask(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	struct ip_addr ip;
	uint32_t m;

	if (!radius_attr_ip4(at, &ip))
		return AAA_REFUSE_BAD_ANSWER;
	m = ip4_num(&ip);
	if (~m & (~m + 1))
		return AAA_REFUSE_BAD_ANSWER;
	acc->mask_len = (uint8_t)__builtin_popcount(m);
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_pool(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	acc->pool = at->value;
	return AAA_REFUSE_NONE;
}

/* Framed-Pool goes before the vendor's. */
static enum aaa_refusal take_vendor_pool(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	if (!acc->pool.len)
		acc->pool = at->value;
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_route(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	if (acc->route_count == RADIUS_ROUTES_MAX || !radius_route_parse(at->value, &acc->routes[acc->route_count]))
		a->count[AAA_COUNT_RADIUS_BAD_ROUTES]++;
	else
		acc->route_count++;
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_route_tag(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	char text[16] = { 0 };

	if (at->value.len < sizeof(text)) {
		memcpy(text, at->value.p, at->value.len);
		acc->route_tag = (uint32_t)strtoul(text, NULL, 10);
	}
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_interface(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	acc->interface = at->value;
	return AAA_REFUSE_NONE;
}

/* ---- servers told to the client ---- */

static enum aaa_refusal take_server(uint32_t *to, const struct radius_attr *at)
{
	struct ip_addr ip;

	if (!radius_attr_ip4(at, &ip))
		return AAA_REFUSE_BAD_ANSWER;
	*to = ip4_num(&ip);
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_dns1(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return take_server(&acc->dns[0], at);
}

static enum aaa_refusal take_dns2(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return take_server(&acc->dns[1], at);
}

static enum aaa_refusal take_wins1(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return take_server(&acc->wins[0], at);
}

static enum aaa_refusal take_wins2(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return take_server(&acc->wins[1], at);
}

/* ---- numbers ---- */

static enum aaa_refusal take_mtu(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	uint32_t v;

	if (!radius_attr_u32(at, &v))
		return AAA_REFUSE_BAD_ANSWER;
	acc->mtu = (uint16_t)(v > UINT16_MAX ? UINT16_MAX : v);
	if (acc->mtu < 64) {	/* RFC 2865 §5.12: 64 to 65535 */
		acc->mtu = 0;
		a->count[AAA_COUNT_RADIUS_IGNORED]++;
	}
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_number(uint32_t *to, const struct radius_attr *at)
{
	return radius_attr_u32(at, to) ? AAA_REFUSE_NONE : AAA_REFUSE_BAD_ANSWER;
}

static enum aaa_refusal take_session_timeout(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return take_number(&acc->session_timeout_s, at);
}

static enum aaa_refusal take_idle_timeout(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return take_number(&acc->idle_timeout_s, at);
}

static enum aaa_refusal take_interim(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	enum aaa_refusal why = take_number(&acc->interim_s, at);

	if (acc->interim_s && acc->interim_s < INTERIM_MIN_S) {
		acc->interim_s = INTERIM_MIN_S;
		a->count[AAA_COUNT_RADIUS_INTERIM_RAISED]++;
	}
	return why;
}

static enum aaa_refusal take_source_check(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	uint32_t v;
	enum aaa_refusal why = take_number(&v, at);

	acc->no_source_check = why == AAA_REFUSE_NONE && v == 0;
	return why;
}

/* ---- what must be so ---- */

/* RFC 2865 §5.6: a Service-Type that cannot be given is a Reject. */
static enum aaa_refusal take_service(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	uint32_t v;

	return radius_attr_u32(at, &v) && v == RADIUS_SERVICE_TYPE_FRAMED_USER ? AAA_REFUSE_NONE : AAA_REFUSE_BAD_ANSWER;
}

static enum aaa_refusal take_protocol(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	uint32_t v;

	return radius_attr_u32(at, &v) && v == RADIUS_FRAMED_PROTOCOL_PPP ? AAA_REFUSE_NONE : AAA_REFUSE_BAD_ANSWER;
}

static enum aaa_refusal take_virtual_router(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return span_eq_str(at->value, "default") ? AAA_REFUSE_NONE : AAA_REFUSE_VIRTUAL_ROUTER;
}

/* ---- octets ---- */

/* Class (RFC 2865 §5.25): sent back unread, all of them. */
static enum aaa_refusal take_class(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	struct wr w = wr_of(acc->class_attrs + acc->class_len, sizeof(acc->class_attrs) - acc->class_len);

	if (radius_put_span(&w, RADIUS_ATTR_CLASS, at->value))
		acc->class_len += wr_done(&w);
	else
		a->count[AAA_COUNT_RADIUS_IGNORED]++;
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_user(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	acc->user = at->value;
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_filter(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	acc->filter = at->value;
	return AAA_REFUSE_NONE;
}

static enum aaa_refusal take_success(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	uint8_t ident;

	if (!radius_attr_ident(at, &ident, &acc->success) || acc->success.len != 42)
		return AAA_REFUSE_BAD_ANSWER;
	return AAA_REFUSE_NONE;
}

/* Known, and of no consequence here: not worth a count. */
static enum aaa_refusal take_nothing(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	return AAA_REFUSE_NONE;
}

static const struct {
	uint32_t attr;
	take_fn *take;
} accepted[] = {
	{ RADIUS_ATTR_USER_NAME, take_user },
	{ RADIUS_ATTR_SERVICE_TYPE, take_service },
	{ RADIUS_ATTR_FRAMED_PROTOCOL, take_protocol },
	{ RADIUS_ATTR_FRAMED_IP_ADDRESS, take_address },
	{ RADIUS_ATTR_FRAMED_IP_NETMASK, take_netmask },
	{ RADIUS_ATTR_FILTER_ID, take_filter },
	{ RADIUS_ATTR_FRAMED_MTU, take_mtu },
	{ RADIUS_ATTR_REPLY_MESSAGE, take_nothing },		/* radius_ask.c keeps it, of a Reject too */
	{ RADIUS_ATTR_FRAMED_ROUTE, take_route },
	{ RADIUS_ATTR_CLASS, take_class },
	{ RADIUS_ATTR_SESSION_TIMEOUT, take_session_timeout },
	{ RADIUS_ATTR_IDLE_TIMEOUT, take_idle_timeout },
	{ RADIUS_ATTR_MESSAGE_AUTHENTICATOR, take_nothing },	/* the client core judged it */
	{ RADIUS_ATTR_PROXY_STATE, take_nothing },
	{ RADIUS_ATTR_ACCT_INTERIM_INTERVAL, take_interim },
	{ RADIUS_ATTR_FRAMED_POOL, take_pool },
	{ RADIUS_ATTR_MS_CHAP2_SUCCESS, take_success },
	{ RADIUS_ATTR_MS_PRIMARY_DNS_SERVER, take_dns1 },
	{ RADIUS_ATTR_MS_SECONDARY_DNS_SERVER, take_dns2 },
	{ RADIUS_ATTR_MS_PRIMARY_NBNS_SERVER, take_wins1 },
	{ RADIUS_ATTR_MS_SECONDARY_NBNS_SERVER, take_wins2 },
	{ RADIUS_ATTR_MS_MPPE_SEND_KEY, take_nothing },		/* no MPPE here: CCP is refused */
	{ RADIUS_ATTR_MS_MPPE_RECV_KEY, take_nothing },
	{ RADIUS_ATTR_MS_MPPE_ENCRYPTION_POLICY, take_nothing },
	{ RADIUS_ATTR_MS_MPPE_ENCRYPTION_TYPES, take_nothing },
	{ RADIUS_ATTR_ERX_VIRTUAL_ROUTER_NAME, take_virtual_router },
	{ RADIUS_ATTR_ERX_ADDRESS_POOL_NAME, take_vendor_pool },
	{ RADIUS_ATTR_ERX_LOCAL_LOOPBACK_INTERFACE, take_interface },
	{ RADIUS_ATTR_ERX_PRIMARY_DNS, take_dns1 },
	{ RADIUS_ATTR_ERX_SECONDARY_DNS, take_dns2 },
	{ RADIUS_ATTR_ERX_PRIMARY_WINS, take_wins1 },
	{ RADIUS_ATTR_ERX_SECONDARY_WINS, take_wins2 },
	{ RADIUS_ATTR_ERX_SA_VALIDATE, take_source_check },
	{ RADIUS_ATTR_ERX_FRAMED_IP_ROUTE_TAG, take_route_tag },
};

static take_fn *taker(const struct radius_attr *at)
{
	uint32_t id = radius_attr_id(at);

	for (unsigned i = 0; id && i < sizeof(accepted) / sizeof(accepted[0]); i++)
		if (accepted[i].attr == id)
			return accepted[i].take;
	return NULL;
}

static enum aaa_refusal take(struct aaa *a, struct radius_accept *acc, const struct radius_attr *at)
{
	take_fn *fn = taker(at);
	enum aaa_refusal why;

	if (!fn) {
		a->count[radius_attr_info(at->vendor, at->type) ? AAA_COUNT_RADIUS_IGNORED :
								  AAA_COUNT_RADIUS_UNKNOWN_ATTRIBUTES]++;
		return AAA_REFUSE_NONE;
	}
	if (!at->value.len) {	/* RFC 2865 §5: no attribute is empty */
		a->count[AAA_COUNT_RADIUS_IGNORED]++;
		return AAA_REFUSE_NONE;
	}
	why = fn(a, acc, at);
	if (why == AAA_REFUSE_BAD_ANSWER)
		a->count[AAA_COUNT_RADIUS_BAD_ATTRIBUTES]++;
	return why;
}

static void route_tags(struct radius_accept *acc)
{
	for (unsigned i = 0; i < acc->route_count; i++)
		if (!acc->routes[i].tag)
			acc->routes[i].tag = acc->route_tag;
}

enum aaa_refusal radius_accept_read(struct aaa *a, const struct radius_pkt *p, bool mschapv2, struct radius_accept *out)
{
	struct radius_attr_iter it = radius_attrs_begin(p);
	enum aaa_refusal why = AAA_REFUSE_NONE;
	struct radius_attr at;

	memset(out, 0, sizeof(*out));
	while (why == AAA_REFUSE_NONE && radius_attr_next(&it, &at))
		why = take(a, out, &at);
	route_tags(out);
	if (why == AAA_REFUSE_NONE && mschapv2 && !out->success.len)
		why = AAA_REFUSE_BAD_ANSWER;
	return why;
}

/* ---- what is kept ---- */

static bool anything(const struct radius_accept *acc)
{
	return acc->dns[0] || acc->dns[1] || acc->wins[0] || acc->wins[1] || acc->mtu || acc->mask_len ||
	       acc->no_source_check || acc->class_len || acc->filter.len || acc->interface.len || acc->user.len ||
	       acc->route_count;
}

static uint8_t *add(uint8_t *at, const void *p, size_t len)
{
	if (len)
		memcpy(at, p, len);
	return at + len;
}

int radius_accept_keep(struct grant *g, const struct radius_accept *acc)
{
	size_t routes = acc->route_count * sizeof(acc->routes[0]);
	struct grant_extra *x;
	uint8_t *at;

	if (acc->success.len)
		memcpy(g->answer->mschap_success, acc->success.p, sizeof(g->answer->mschap_success));
	if (!anything(acc))
		return 0;
	x = calloc(1, sizeof(*x) + routes + acc->class_len + acc->filter.len + acc->interface.len + acc->user.len);
	if (!x)
		return -ENOMEM;
	memcpy(x->dns, acc->dns, sizeof(x->dns));
	memcpy(x->wins, acc->wins, sizeof(x->wins));
	x->mtu = acc->mtu;
	x->mask_len = acc->mask_len;
	x->no_source_check = acc->no_source_check;
	x->class_len = (uint16_t)acc->class_len;
	x->filter_len = (uint8_t)acc->filter.len;
	x->interface_len = (uint8_t)acc->interface.len;
	x->user_len = (uint8_t)acc->user.len;
	x->route_count = (uint8_t)acc->route_count;
	at = add(x->octets, acc->routes, routes);
	at = add(at, acc->class_attrs, acc->class_len);
	at = add(at, acc->filter.p, acc->filter.len);
	at = add(at, acc->interface.p, acc->interface.len);
	add(at, acc->user.p, acc->user.len);
	g->extra = x;
	return 0;
}
