/* SPDX-License-Identifier: BSD-2-Clause */
/* test aaa ppp: a request like a subscriber's, whose answer is waited for and shown. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/loop.h"
#include "mgmt/show.h"

enum { GIVE_UP_S = 60 };

struct test_row {
	const char *result, *method, *reason;
	struct aaa_grant g;
	struct ip_addr dns[2], wins[2];
};

#define F(kind, json, text, member, flags) { SHOW_##kind, json, text, offsetof(struct test_row, member), flags }
#define G(kind, json, text, member) F(kind, json, "  " text, member, SHOW_IF_SET)
static const struct show_field head_fields[] = {
	F(STR, "result", "Result is", result, 0),
	F(STR, "method", "Method is", method, SHOW_IF_SET),
	F(STR, "reason", "Reason is", reason, SHOW_IF_SET),
	F(SPAN, "message", "Message is", g.message, SHOW_IF_SET),
	{ 0 },
};
static const struct show_field grant_fields[] = {
	G(ADDR, "ip-address", "IP address is", g.ip4),
	G(ADDR, "ip-netmask", "IP netmask is", g.ip4_mask),
	G(BOOL, "ip-address-from-pool", "IP address is of a pool:", g.ip4_from_pool),
	G(BOOL, "ip-address-client-chooses", "IP address is the client's choice:", g.ip4_client_chooses),
	G(ADDR, "dns-primary", "Primary DNS server is", dns[0]),
	G(ADDR, "dns-secondary", "Secondary DNS server is", dns[1]),
	G(ADDR, "wins-primary", "Primary WINS server is", wins[0]),
	G(ADDR, "wins-secondary", "Secondary WINS server is", wins[1]),
	G(U16, "mtu", "MTU is", g.mtu),
	G(U32, "session-timeout", "Session timeout (seconds) is", g.session_timeout_s),
	G(U32, "idle-timeout", "Idle timeout (seconds) is", g.idle_timeout_s),
	G(U32, "interim-interval", "Interim accounting interval (seconds) is", g.interim_s),
	G(SPAN, "filter-id", "Filter is", g.filter_id),
	G(SPAN, "profile", "Profile is", g.profile),
	G(SPAN, "local-interface", "Local interface is", g.local_interface),
	G(BOOL, "no-source-check", "Source addresses are not checked:", g.no_source_check),
	{ 0 },
};
#undef F
#undef G

static struct ip_addr server(uint32_t v)
{
	return v ? ip4_of(v) : (struct ip_addr){ 0 };
}

static struct test_row test_row(const struct aaa_test *t)
{
	const struct aaa_grant *g = &t->grant;
	struct test_row r = { .result = t->accepted ? "accepted" : "denied" };

	if (t->method && strcmp(t->method, aaa_method_name(AAA_METHOD_END)) != 0)
		r.method = t->method;
	if (!t->accepted) {
		r.reason = aaa_refusal_name(t->refusal);
		r.g.message = g->message;
		return r;
	}
	r.g = *g;
	for (unsigned i = 0; i < 2; i++) {
		r.dns[i] = server(g->dns[i]);
		r.wins[i] = server(g->wins[i]);
	}
	return r;
}

static json_t *route_json(const struct aaa_route *r)
{
	char a[IP_ADDR_TEXT], prefix[IP_ADDR_TEXT + 4];

	snprintf(prefix, sizeof(prefix), "%s/%u", ip_addr_text(&r->prefix.addr, a), r->prefix.len);
	return json_pack("{s:s,s:I,s:I}", "prefix", prefix, "metric", (json_int_t)r->metric, "tag", (json_int_t)r->tag);
}

static void route_text(struct out *o, const struct aaa_route *r)
{
	out_str(o, "    Framed route is ");
	out_addr(o, &r->prefix.addr);
	out_fmt(o, "/%u", r->prefix.len);
	if (r->metric)
		out_fmt(o, " metric %u", r->metric);
	if (r->tag)
		out_fmt(o, " tag %u", r->tag);
	out_char(o, '\n');
}

static json_t *routes_json(const struct aaa_grant *g)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < g->route_count; i++)
		json_array_append_new(list, route_json(&g->routes[i]));
	return list;
}

static void show_test(struct out *o, const struct aaa_test *t, bool json)
{
	struct test_row r = test_row(t);
	json_t *j;

	if (!json) {
		show_text(o, head_fields, &r, 0);
		if (t->accepted)
			show_text(o, grant_fields, &r, 0);
		for (unsigned i = 0; i < r.g.route_count; i++)
			route_text(o, &r.g.routes[i]);
		return;
	}
	j = json_object();
	show_add(j, head_fields, &r);
	if (t->accepted) {
		show_add(j, grant_fields, &r);
		json_object_set_new(j, "framed-routes", routes_json(&r.g));
	}
	json_line(o, j);
}

static void forget(struct job *j)
{
	if (j->m->c.aaa)
		aaa_test_end(j->m->c.aaa, j->test, mgmt_now(j->m));
}

/* After the result, so that it is output and only this is the message of the refusal. */
static bool say_denied(struct mgmt_session *s, struct job *j)
{
	j->code = session_error(s, MGMT_REFUSED, "Denied");
	return false;
}

static bool await(struct mgmt_session *s, struct job *j)
{
	struct aaa_test t;

	if (!s->m->c.aaa || !aaa_test_poll(s->m->c.aaa, j->test, &t)) {
		j->code = session_error(s, MGMT_FAILED, "The system is not running");
		return false;
	}
	if (!t.done && mono_due(j->due, mgmt_now(s->m))) {
		j->code = session_error(s, MGMT_REFUSED, "No answer within %d seconds", GIVE_UP_S);
		return false;
	}
	j->waits = !t.done;
	if (!t.done)
		return true;
	show_test(&s->body, &t, j->json);
	j->step = say_denied;
	return !t.accepted;
}

static int test_ppp(struct mgmt_session *s, const struct gr_match *m)
{
	const char *user = gr_str(m, "user"), *password = gr_str(m, "password");
	struct aaa_handle h;
	struct job *j;
	int rc;

	if (!s->m->c.aaa)
		return session_error(s, MGMT_FAILED, "The system is not running");
	rc = aaa_test_start(s->m->c.aaa, span_str(user), span_str(password), mgmt_now(s->m), &h);
	if (rc)
		return session_error(s, rc == -ENOSPC ? MGMT_REFUSED : MGMT_FAILED,
				     rc == -ENOSPC ? "Too many requests are in progress" : "Out of memory");
	j = session_job(s, await);
	if (!j) {
		aaa_test_end(s->m->c.aaa, h, mgmt_now(s->m));
		return MGMT_FAILED;
	}
	j->test = h;
	j->end = forget;
	j->due = mono_add_s(mgmt_now(s->m), GIVE_UP_S);
	if (s->m->loop)
		io_loop_again(s->m->loop);	/* AAA's deadlines have changed */
	return MGMT_PENDING;
}

const struct gr_cmd cmd_test[] = {
	{ "test aaa ppp <user:user> <password:user-secret>",
	  "Try something|AAA|Whether a user would be let in, and what would be granted|User name|Password",
	  MODE_EXEC, GR_JSON, .exec = test_ppp },
	{ 0 },
};
