/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/reply, lab/users, lab/radius_options: attributes from text, the file of users, the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "lab/radius_options.h"

static const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN] = { 1, 2, 3 };

/* ---- attributes ---- */

/* What is added as one text is shown as the other. */
static void round_trip(const char *text, const char *shown)
{
	struct reply r = { 0 };
	uint8_t buf[RADIUS_PKT_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	char out[RADIUS_TEXT_MAX];
	struct radius_pkt p = { 0 };
	struct radius_attr a;
	struct rng rng;
	const char *wrong = reply_add(&r, text);

	rng_init_u64(&rng, 1);
	if (wrong)
		fail_msg("%s: %s", text, wrong);
	assert_true(reply_put(&r, &w, authenticator, span_str("s"), &rng));
	p.attrs = wr_span(&w);
	struct radius_attr_iter it = radius_attrs_begin(&p);
	assert_true(radius_attr_next(&it, &a));
	assert_true(radius_attr_length_ok(&a));
	radius_attr_text(&a, out, sizeof(out));
	assert_string_equal(out, shown);
	assert_false(radius_attr_next(&it, &a));
	reply_fini(&r);
}

static void every_form(void **state)
{
	round_trip("Framed-IP-Address=10.0.0.1", "Framed-IP-Address = 10.0.0.1");
	round_trip("framed-ip-address=10.0.0.1", "Framed-IP-Address = 10.0.0.1");
	round_trip("Session-Timeout=3600", "Session-Timeout = 3600");
	round_trip("Session-Timeout=0x10", "Session-Timeout = 16");
	round_trip("Service-Type=Framed-User", "Service-Type = Framed-User");
	round_trip("Reply-Message=a=b c", "Reply-Message = \"a=b c\"");
	round_trip("Class=0x0102ff", "Class = 0x0102ff");
	round_trip("Class=abc", "Class = 0x616263");
	round_trip("ERX-Primary-Dns=9.9.9.9", "ERX-Primary-Dns = 9.9.9.9");
	round_trip("Tunnel-Type:1=L2TP", "Tunnel-Type:1 = L2TP");
	round_trip("Tunnel-Server-Endpoint:3=192.0.2.1", "Tunnel-Server-Endpoint:3 = \"192.0.2.1\"");
	round_trip("Framed-Interface-Id=1:2:3:ffff", "Framed-Interface-Id = 1:2:3:ffff");
	round_trip("Framed-IPv6-Prefix=2001:db8::/64", "Framed-IPv6-Prefix = 2001:db8::/64");
	round_trip("Framed-IPv6-Address=2001:db8::1", "Framed-IPv6-Address = 2001:db8::1");
	round_trip("Attr-200=0x01", "Attr-200 = 0x01");
	round_trip("Attr-26.9.1=0x41", "Attr-26.9.1 = 0x41");
	round_trip("Tunnel-Password:1=s3cret", "Tunnel-Password = <hidden>");
}

/* Hidden anew for each answer, and with a salt of its own. */
static void hidden_ones(void **state)
{
	struct reply r = { 0 };
	uint8_t buf[RADIUS_PKT_MAX], out[RADIUS_TUNNEL_PASSWORD_MAX], tag;
	struct wr w = wr_of(buf, sizeof(buf));
	struct radius_pkt p = { 0 };
	struct radius_attr a, b;
	struct span plain;
	struct rng rng;

	rng_init_u64(&rng, 1);
	assert_null(reply_add(&r, "Tunnel-Password:1=one"));
	assert_null(reply_add(&r, "MS-MPPE-Send-Key=0x0102"));
	assert_null(reply_add(&r, "Session-Timeout=5"));
	assert_true(reply_put(&r, &w, authenticator, span_str("secret"), &rng));
	p.attrs = wr_span(&w);
	assert_true(radius_attr_find(&p, RADIUS_ATTR_TUNNEL_PASSWORD, &a));
	assert_true(radius_tunnel_password_open(&a, &tag, authenticator, span_str("secret"), out, &plain));
	assert_true(span_eq_str(plain, "one"));
	assert_int_equal(tag, 1);
	assert_true(radius_attr_find(&p, RADIUS_ATTR_MS_MPPE_SEND_KEY, &b));
	assert_memory_not_equal(a.value.p + 1, b.value.p, 2);
	reply_fini(&r);
}

static void wrong_attributes(void **state)
{
	static const char *const texts[] = {
		"Framed-IP-Address", "Framed-IP-Address=", "Framed-IP-Address=10.0.0", "Framed-IP-Address=2001:db8::1",
		"Framed-IP-Addres=10.0.0.1", "Session-Timeout=-1", "Session-Timeout=4294967296", "Session-Timeout=soon",
		"Session-Timeout:1=5", "Tunnel-Type:32=L2TP", "Tunnel-Type:=L2TP", "Tunnel-Type:1", "Class=0x1", "Class=0xgg",
		"Class=", "Reply-Message=", "User-Password=x", "Attr-0=0x01", "Attr-256=0x01", "Attr-26.0.1=0x01",
		"Attr-26.9=0x01", "Framed-IPv6-Prefix=2001:db8::", "Framed-IPv6-Prefix=2001:db8::/129", "=", "",
		"Framed-Interface-Id=1:2:3", "CHAP-Password=0x01",
	};
	struct reply r = { 0 };
	char text[400] = "Reply-Message=";

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!reply_add(&r, texts[i]))
			fail_msg("%s was taken", texts[i]);
	memset(text + strlen(text), 'x', 254);
	assert_non_null(reply_add(&r, text));
	assert_int_equal(r.len, 0);
	reply_fini(&r);
}

/* ---- users ---- */

static bool read(struct radius_users *u, const char *text, const char **what, unsigned *line)
{
	FILE *in = fmemopen((char *)(uintptr_t)text, strlen(text), "r");
	bool ok = users_read(u, in, what, line);

	fclose(in);
	return ok;
}

static void a_file_of_users(void **state)
{
	struct radius_users u = { 0 };
	const struct radius_user *r;
	const char *what;
	unsigned line;

	hmap_init(&u.by_name);
	assert_true(read(&u, "# nobody\n\n  bob hello Framed-IP-Address=10.0.0.1 # his\n"
			     "\"an na\" \"pa \\\"ss\\\\\" Reply-Message=\"well come\"\n"
			     "free *\nbob again Session-Timeout=5", &what, &line));
	r = users_find(&u, span_str("bob"));
	assert_string_equal(r->password, "again");
	assert_int_equal(r->reply.len, 6);	/* the last line of a name counts */
	r = users_find(&u, span_str("an na"));
	assert_string_equal(r->password, "pa \"ss\\");
	assert_int_equal(r->reply.len, 2 + strlen("well come"));
	assert_true(users_find(&u, span_str("free"))->any_password);
	assert_null(users_find(&u, span_str("eve")));
	assert_true(read(&u, "* all\n", &what, &line));
	assert_string_equal(users_find(&u, span_str("eve"))->password, "all");
	users_fini(&u);
}

static void a_wrong_file(void **state)
{
	struct radius_users u = { 0 };
	const char *what;
	unsigned line;

	hmap_init(&u.by_name);
	assert_false(read(&u, "bob hello\neve\n", &what, &line));
	assert_int_equal(line, 2);
	assert_string_equal(what, "no password");
	assert_false(read(&u, "bob \"hello\n", &what, &line));
	assert_string_equal(what, "a quote is not closed");
	assert_false(read(&u, "\n\nbob hello Nonsense=1\nfine fine\n", &what, &line));
	assert_int_equal(line, 3);
	assert_string_equal(what, "no such attribute");
	users_fini(&u);
}

/* ---- the command line ---- */

static FILE *nowhere;

static enum lab_options parse(struct radius_options *o, const char *const *args)
{
	char *argv[32] = { (char *)(uintptr_t)"radius" };
	int argc = 1;

	while (*args)
		argv[argc++] = (char *)(uintptr_t)*args++;
	return radius_options_parse(o, argc, argv, nowhere);
}

#define PARSE(o, ...) parse(o, (const char *const[]){ __VA_ARGS__, NULL })

static void options(void **state)
{
	struct radius_options o;

	assert_int_equal(PARSE(&o, "--auth=127.0.0.1", "--acct=[::1]:2000", "--secret", "s", "--accept-all", "--password=pw",
			       "--attr", "Session-Timeout=60", "--attr=ERX-Primary-Dns=9.9.9.9", "--delay", "5..20",
			       "--silent", "0.5", "--rate", "1000", "--burst", "8", "--message-authenticator", "no",
			       "--no-status-server", "--wrong-secret"), LAB_OPTIONS_RUN);
	assert_int_equal(o.listen[LAB_RADIUS_AUTH].port, 1812);
	assert_int_equal(o.listen[LAB_RADIUS_ACCT].port, 2000);
	assert_int_equal(o.conf.delay_min_ms, 5);
	assert_int_equal(o.conf.delay_max_ms, 20);
	assert_true(o.conf.silent == 0.5 && o.conf.rate == 1000 && o.conf.burst == 8 && o.conf.wrong_secret);
	assert_false(o.conf.message_authenticator || o.conf.status_server);
	assert_int_equal(o.users.anybody->reply.len, 6 + 12);
	assert_true(o.users.anybody->any_password);
	radius_options_fini(&o);
	assert_int_equal(PARSE(&o, "--auth=127.0.0.1", "--secret=s", "--delay=7", "--password=x"), LAB_OPTIONS_RUN);
	assert_int_equal(o.conf.delay_max_ms, 7);
	assert_true(o.conf.message_authenticator && o.conf.status_server);
	assert_false(o.users.anybody->any_password);
	radius_options_fini(&o);
}

static void bad(const char *option, const char *arg)
{
	struct radius_options o;

	if (PARSE(&o, "--auth", "127.0.0.1", "--secret", "s", option, arg) != LAB_OPTIONS_BAD)
		fail_msg("%s %s was taken", option, arg);
	radius_options_fini(&o);
}

static void bad_options(void **state)
{
	struct radius_options o;

	assert_int_equal(PARSE(&o, "--secret=s"), LAB_OPTIONS_BAD);
	radius_options_fini(&o);
	assert_int_equal(PARSE(&o, "--auth=127.0.0.1"), LAB_OPTIONS_BAD);
	radius_options_fini(&o);
	assert_int_equal(PARSE(&o, "--help"), LAB_OPTIONS_HELP);
	radius_options_fini(&o);
	bad("--silent", "101");
	bad("--delay", "20..5");
	bad("--delay", "5..");
	bad("--delay", "x");
	bad("--message-authenticator", "maybe");
	bad("--users", "/nonexistent");
	bad("--attr", "Nonsense=1");
	bad("--attr", "Session-Timeout=1");	/* for nobody */
	bad("--burst", "0");
	bad("--accept-all", "x");
	bad("--lns", "127.0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form), cmocka_unit_test(hidden_ones), cmocka_unit_test(wrong_attributes),
		cmocka_unit_test(a_file_of_users), cmocka_unit_test(a_wrong_file), cmocka_unit_test(options),
		cmocka_unit_test(bad_options),
	};

	nowhere = fopen("/dev/null", "w");
	return cmocka_run_group_tests_name("lab_radius_text", tests, NULL, NULL);
}
