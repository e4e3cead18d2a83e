/* SPDX-License-Identifier: BSD-2-Clause */
/* The small parts of the model: slots, packed texts, patterns, what an end is called and what peers are told of it,
 * configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/priv.h"

static void slots(void **state)
{
	struct slots t;
	struct handle h[200], again;
	uint32_t pos = 0;
	int obj[200];
	unsigned n = 0;

	slots_init(&t);
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(slots_add(&t, &obj[i], &h[i]), 0);
	slots_del(&t, h[3]);
	slots_del(&t, h[7]);
	assert_null(slots_get(&t, h[3]));
	assert_ptr_equal(slots_get(&t, h[4]), &obj[4]);
	assert_int_equal(slots_add(&t, &obj[3], &again), 0);
	assert_int_equal(again.slot, h[3].slot);	/* the one free the longest */
	assert_int_not_equal(again.generation, h[3].generation);
	assert_null(slots_get(&t, h[3]));
	assert_ptr_equal(slots_get(&t, cookie_handle(handle_cookie(again))), &obj[3]);
	assert_null(slots_get(&t, (struct handle){ 5000, 1 }));
	assert_null(slots_get(&t, cookie_handle(NULL)));
	while (slots_next(&t, &pos))
		n++;
	assert_int_equal(n, 199);
	slots_fini(&t);
}

static void pack(void **state)
{
	char long_text[2 * PACK_TEXT_MAX];
	struct pack *p = NULL;

	assert_int_equal(pack_get(p, 3).len, 0);
	assert_int_equal(pack_set(&p, 3, span_str("")), 0);
	assert_null(p);
	assert_int_equal(pack_set(&p, 3, span_str("three")), 0);
	assert_int_equal(pack_set(&p, 0, span_str("zero")), 0);
	assert_int_equal(pack_set(&p, 7, span_str("seven")), 0);
	assert_int_equal(pack_set(&p, 3, span_str("other")), 0);
	assert_true(span_eq_str(pack_get(p, 0), "zero"));
	assert_true(span_eq_str(pack_get(p, 3), "other"));
	assert_true(span_eq_str(pack_get(p, 7), "seven"));
	assert_int_equal(pack_get(p, 5).len, 0);
	memset(long_text, 'x', sizeof(long_text));
	assert_int_equal(pack_set(&p, 5, span_of(long_text, sizeof(long_text))), 0);
	assert_int_equal(pack_get(p, 5).len, PACK_TEXT_MAX);
	assert_true(span_eq_str(pack_get(p, 7), "seven"));
	pack_free(p);
}

static void patterns(void **state)
{
	assert_true(glob_match("bob", span_str("bob")));
	assert_false(glob_match("bob", span_str("bobby")));
	assert_true(glob_match("b*", span_str("bobby")));
	assert_true(glob_match("*@isp.net", span_str("bob@isp.net")));
	assert_true(glob_match("*a*b*", span_str("xxaxxbxx")));
	assert_false(glob_match("*a*b", span_str("xxaxxbxx")));
	assert_true(glob_match("*", span_str("")));
	assert_true(glob_match("", span_str("")));
	assert_false(glob_match("", span_str("x")));
	assert_true(glob_match("a**b", span_str("ab")));
	assert_true(glob_match("*aab", span_str("aaaaab")));
}

/* Every reason of every family has a word, a cause, and a CDN that the RFC knows. */
static void ends(void **state)
{
	static const unsigned last[] = { 0, L2TP_REASON_COUNT, PPP_REASON_COUNT, AAA_REFUSE_COUNT,
					AAA_LOGOUT_ADMIN + 1 };
	struct end_progress progress = { true, true, PPP_AUTH_CHAP_MD5 };

	for (uint8_t family = END_L2TP; family <= END_LOGOUT; family++)
		for (uint16_t code = family == END_LOGOUT ? 0 : 1; code < last[family]; code++) {
			struct end e = { family, code };
			struct l2tp_cause c = end_cdn(e);
			struct l2tp_disconnect d = end_disconnect(e, &progress);

			assert_true(strlen(end_name(e)) > 3);
			assert_in_range(end_terminate_cause(e), 1, 22);
			assert_in_range(c.result, 1, 11);
			assert_in_range(d.code, 0, 20);
			assert_in_range(d.direction, 0, 2);
			assert_int_not_equal(end_l2tp_reason(e), L2TP_REASON_NONE);
		}
}

static void cdn_codes(void **state)
{
	assert_int_equal(end_cdn(end_l2tp(L2TP_REASON_SESSION_ADMIN_CLOSE)).result, 3);
	assert_int_equal(end_cdn(end_ppp(PPP_REASON_LCP_KEEPALIVE_FAILURE)).result, 1);
	assert_int_equal(end_cdn(end_ppp(PPP_REASON_LCP_PEER_TERMINATE_TERM_REQ)).result, 1);
	assert_int_equal(end_cdn(end_ppp(PPP_REASON_LCP_MAX_CONFIGURE_EXCEEDED)).result, 11);
	assert_int_equal(end_cdn(end_deny(AAA_REFUSE_NO_ADDRESS)).result, 4);
	assert_int_equal(end_cdn(end_deny(AAA_REFUSE_DENIED)).result, 3);
	assert_int_equal(end_cdn(end_logout(AAA_LOGOUT_SESSION_TIMEOUT)).result, 3);
	assert_int_equal(end_cdn(end_l2tp(L2TP_REASON_SESSION_UPPER_CREATE_FAILED)).result, 5);
}

static struct l2tp_disconnect dc(struct end e, bool heard, bool auth_begun, enum ppp_auth auth)
{
	struct end_progress p = { heard, auth_begun, auth };

	return end_disconnect(e, &p);
}

/* Each reason of each application once, aaa before l2tp before ppp, none of them "none". */
static void terminate_codes(void **state)
{
	static const char *const order[] = { "aaa", "l2tp", "ppp" };
	const char *app, *reason;
	unsigned cause, n = 0, seen = 0;

	for (; (reason = model_terminate_code(n, &app, &cause)); n++) {
		if (seen < 3 && strcmp(app, order[seen]) == 0)
			seen++;
		assert_string_equal(app, order[seen - 1]);
		assert_string_not_equal(reason, "none");
		assert_in_range(cause, 1, 23);
	}
	assert_int_equal(seen, 3);
	assert_int_equal(n, AAA_REFUSE_COUNT + L2TP_REASON_COUNT + PPP_REASON_COUNT - 3);
	assert_string_equal(model_terminate_code(AAA_REFUSE_COUNT - 1, &app, &cause), l2tp_reason_name(1));
	assert_null(model_terminate_code(n + 1, &app, &cause));
}

/* RFC 3145 §3, §3.1-3.4, spec 9.1. */
static void disconnect_codes(void **state)
{
	struct end hangup = end_ppp(PPP_REASON_LCP_PEER_TERMINATE_TERM_REQ);
	struct l2tp_disconnect d;

	d = dc(hangup, true, true, PPP_AUTH_PAP);
	assert_int_equal(d.code, 3);
	assert_int_equal(d.direction, 1);
	assert_int_equal(d.protocol, 0);
	assert_int_equal(dc(hangup, true, false, PPP_AUTH_NONE).code, 0);
	d = dc(end_ppp(PPP_REASON_LCP_MAX_CONFIGURE_EXCEEDED), true, false, PPP_AUTH_NONE);
	assert_int_equal(d.code, 5);
	assert_int_equal(d.protocol, 0xc021);
	assert_int_equal(dc(end_ppp(PPP_REASON_LCP_MAX_CONFIGURE_EXCEEDED), false, false, PPP_AUTH_NONE).code, 6);
	d = dc(end_deny(AAA_REFUSE_DENIED), true, true, PPP_AUTH_MSCHAPV2);
	assert_int_equal(d.code, 16);
	assert_int_equal(d.protocol, 0xc223);
	assert_int_equal(d.direction, 1);
	assert_int_equal(dc(end_deny(AAA_REFUSE_DENIED), true, true, PPP_AUTH_PAP).protocol, 0xc023);
	d = dc(end_logout(AAA_LOGOUT_IDLE_TIMEOUT), true, true, PPP_AUTH_PAP);
	assert_int_equal(d.code, 3);
	assert_int_equal(d.direction, 2);
	assert_int_equal(dc(end_ppp(PPP_REASON_LCP_KEEPALIVE_FAILURE), true, true, PPP_AUTH_PAP).code, 8);
	assert_int_equal(dc(end_l2tp(L2TP_REASON_SESSION_ADMIN_CLOSE), true, true, PPP_AUTH_PAP).code, 1);
	assert_int_equal(dc(end_ppp(PPP_REASON_LCP_LOOPBACK_RX_CONF_REQ), true, false, PPP_AUTH_NONE).code, 7);
	d = dc(end_ppp(PPP_REASON_AUTHENTICATE_CHALLENGE_TIMEOUT), true, true, PPP_AUTH_CHAP_MD5);
	assert_int_equal(d.code, 13);
	assert_int_equal(d.protocol, 0xc223);
	assert_int_equal(dc(end_ppp(PPP_REASON_LCP_NO_PEER_AUTHENTICATION), true, true, PPP_AUTH_PAP).code, 15);
	d = dc(end_ppp(PPP_REASON_IP_MAX_CONFIGURE_EXCEEDED), true, true, PPP_AUTH_PAP);
	assert_int_equal(d.code, 17);
	assert_int_equal(d.protocol, 0x8021);
	assert_int_equal(dc(end_ppp(PPP_REASON_IPV6_MAX_CONFIGURE_EXCEEDED), true, true, PPP_AUTH_PAP).protocol, 0x8057);
	assert_int_equal(dc(end_ppp(PPP_REASON_NO_NCPS_AVAILABLE), true, true, PPP_AUTH_PAP).code, 18);
	d = dc(end_ppp(PPP_REASON_IP_NO_PEER_IP_ADDRESS), true, true, PPP_AUTH_PAP);
	assert_int_equal(d.code, 20);
	assert_int_equal(d.direction, 2);
}

static void admin_states(void **state)
{
	assert_int_equal(admin_worse(ADMIN_ENABLED, ADMIN_DRAIN), ADMIN_DRAIN);
	assert_int_equal(admin_worse(ADMIN_DRAIN, ADMIN_DISABLED), ADMIN_DISABLED);
	assert_int_equal(admin_worse(ADMIN_DISABLED, ADMIN_DRAIN), ADMIN_DISABLED);
	assert_int_equal(admin_worse(ADMIN_ENABLED, ADMIN_ENABLED), ADMIN_ENABLED);
}

static char *text(const char *s)
{
	char *d = strdup(s);

	assert_non_null(d);
	return d;
}

static void conf(void **state)
{
	struct model_conf a, b;
	struct profile_conf *p = calloc(1, sizeof(*p));
	struct dest_profile_conf *d = calloc(1, sizeof(*d));
	struct host_conf *h = calloc(1, sizeof(*h)), *second = calloc(1, sizeof(*second));
	struct limit_group_conf *g = calloc(1, sizeof(*g));
	struct loopback_conf *l = calloc(1, sizeof(*l));

	assert_int_equal(model_conf_init(&a), 0);
	assert_string_equal(a.hostname, "adit");
	assert_int_equal(a.l2tp.max_sessions, 60000);
	assert_int_equal(a.l2tp.max_tunnels, 8000);
	assert_int_equal(a.l2tp.destruct_timeout_s, 600);
	assert_int_equal(a.l2tp.default_receive_window, 16);
	assert_false(a.l2tp.checksum_off);
	p->name = text("subscriber");
	p->pool = text("gold");
	p->mru = 1442;
	a.profiles = p;
	h->secret = text("s3cret");
	h->limit_group = text("g");
	h->next = second;
	second->remote_name = text("lac1");
	second->max_sessions = 5;
	g->name = text("g");
	g->max_sessions = 9;
	d->name = text("wholesale");
	d->hosts = h;
	d->groups = g;
	d->peer = ip4_of(0x01020304);
	a.dest_profiles = d;
	l->number = 3;
	l->ip = ip4_of(0x0a000001);
	a.loopbacks = l;
	assert_int_equal(model_conf_copy(&b, &a), 0);
	model_conf_fini(&a);
	assert_string_equal(b.profiles->pool, "gold");
	assert_int_equal(profile_by_name(&b, "subscriber")->mru, 1442);
	assert_null(profile_by_name(&b, "other"));
	assert_int_equal(ip4_num(&loopback_by_number(&b, 3)->ip), 0x0a000001);
	assert_null(loopback_by_number(&b, 4));
	assert_string_equal(b.dest_profiles->hosts->secret, "s3cret");
	assert_null(b.dest_profiles->hosts->remote_name);
	assert_string_equal(b.dest_profiles->hosts->next->remote_name, "lac1");
	assert_int_equal(b.dest_profiles->hosts->next->max_sessions, 5);
	assert_int_equal(b.dest_profiles->groups->max_sessions, 9);
	model_conf_fini(&b);
	model_conf_fini(&b);	/* harmless */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots), cmocka_unit_test(pack), cmocka_unit_test(patterns), cmocka_unit_test(ends),
		cmocka_unit_test(cdn_codes), cmocka_unit_test(disconnect_codes), cmocka_unit_test(terminate_codes),
		cmocka_unit_test(admin_states), cmocka_unit_test(conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
