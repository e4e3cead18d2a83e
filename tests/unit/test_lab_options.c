/* SPDX-License-Identifier: BSD-2-Clause */
/* lab/options: the command line, and what is not understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "lab/options.h"

static FILE *nowhere;

static enum lab_options parse(struct lab_conf *c, const char *const *args)
{
	char *argv[32] = { (char *)(uintptr_t)"subscribers" };
	int argc = 1;

	while (*args)
		argv[argc++] = (char *)(uintptr_t)*args++;
	return lab_options_parse(c, argc, argv, nowhere);
}

#define PARSE(c, ...) parse(c, (const char *const[]){ __VA_ARGS__, NULL })

static void bad(const char *option, const char *arg)
{
	struct lab_conf c;

	if (PARSE(&c, "--lns", "192.0.2.1", option, arg) != LAB_OPTIONS_BAD)
		fail_msg("%s %s was taken", option, arg);
	lab_conf_fini(&c);
}

static void defaults(void **state)
{
	struct lab_conf c;

	assert_int_equal(PARSE(&c, "--lns", "192.0.2.1"), LAB_OPTIONS_RUN);
	assert_int_equal(ip4_num(&c.lns), 0xc0000201);
	assert_int_equal(c.lns_port, 1701);
	assert_int_equal(c.source_port, 1701);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.tunnels, 1);
	assert_int_equal(c.auth[0], PPP_AUTH_CHAP_MD5);
	assert_int_equal(c.hangup, LAB_HANGUP_LCP);
	assert_int_equal(c.ping.kind, LAB_TARGET_NONE);
	assert_int_equal(c.local_count, 0);
	lab_conf_fini(&c);
}

static void everything(void **state)
{
	struct lab_conf c;

	assert_int_equal(PARSE(&c, "--lns=192.0.2.1:1702", "--local", "10.0.0.0/29", "--local", "10.1.0.1",
			       "--source-port", "0", "--tunnels", "20", "--count", "60000", "--rate", "2.5",
			       "--auth", "ms-chap-v2,pap", "--ping", "peer", "--stream", "10.0.0.9:9", "--hold", "1.5",
			       "--hangup", "silent", "--json", "--proxy"),
			 LAB_OPTIONS_RUN);
	assert_int_equal(c.lns_port, 1702);
	assert_int_equal(c.local_count, 7);
	assert_int_equal(ip4_num(&c.locals[0]), 0x0a000001);
	assert_int_equal(ip4_num(&c.locals[5]), 0x0a000006);
	assert_int_equal(ip4_num(&c.locals[6]), 0x0a010001);
	assert_int_equal(c.source_port, 0);
	assert_int_equal(c.count, 60000);
	assert_true(c.rate == 2.5);
	assert_int_equal(c.auth[0], PPP_AUTH_MSCHAPV2);
	assert_int_equal(c.auth[1], PPP_AUTH_PAP);
	assert_int_equal(c.auth[2], PPP_AUTH_NONE);
	assert_int_equal(c.ping.kind, LAB_TARGET_PEER);
	assert_int_equal(c.stream.port, 9);
	assert_true(c.hold_s == 1.5);
	assert_int_equal(c.hangup, LAB_HANGUP_SILENT);
	assert_true(c.json && c.proxy);
	lab_conf_fini(&c);
}

static void ipv6_end_points(void **state)
{
	struct lab_conf c;

	assert_int_equal(PARSE(&c, "--lns", "[2001:db8::1]:1702", "--local", "2001:db8::2"), LAB_OPTIONS_RUN);
	assert_int_equal(c.lns.af, 6);
	assert_int_equal(c.lns_port, 1702);
	lab_conf_fini(&c);
	assert_int_equal(PARSE(&c, "--lns", "2001:db8::1"), LAB_OPTIONS_RUN);
	lab_conf_fini(&c);
	bad("--local", "2001:db8::2");	/* and the LNS is IPv4 */
}

static void what_is_refused(void **state)
{
	struct lab_conf c;

	assert_int_equal(PARSE(&c, "--count", "3"), LAB_OPTIONS_BAD);	/* no LNS */
	assert_int_equal(PARSE(&c, "--lns", "192.0.2.1", "--count"), LAB_OPTIONS_BAD);
	assert_int_equal(PARSE(&c, "--lns", "192.0.2.1", "--json=1"), LAB_OPTIONS_BAD);
	assert_int_equal(PARSE(&c, "--lns", "192.0.2.1", "--tunnels", "3"), LAB_OPTIONS_BAD);	/* for one subscriber */
	assert_int_equal(PARSE(&c, "192.0.2.1"), LAB_OPTIONS_BAD);
	assert_int_equal(PARSE(&c, "--help"), LAB_OPTIONS_HELP);
	bad("--lns", "192.0.2.300");
	bad("--lns", "192.0.2.1:0");
	bad("--lns", "192.0.2.1:99999");
	bad("--count", "0");
	bad("--count", "-1");
	bad("--count", "5x");
	bad("--count", " 5");
	bad("--count", "99999999999999999999");
	bad("--rate", "-1");
	bad("--rate", "nan");
	bad("--auth", "chap,");
	bad("--auth", "eap");
	bad("--auth", "");
	bad("--user", "%s%s%s%n");
	bad("--host-name", "");
	bad("--secret", "");
	bad("--local", "10.0.0.0/8");
	bad("--ping", "2001:db8::1");
	bad("--ping", "nobody");
	bad("--ping-size", "19");
	bad("--hangup", "now");
	bad("--retry", "-1");
	bad("--storm", "many");
	bad("--storm-drop", "bang");
	bad("--storm-timeout", "0");
	bad("--churn", "5");	/* no time to take place in */
	bad("--hello-probe-tunnels", "65535");
	assert_int_equal(PARSE(&c, "--lns", "192.0.2.1", "--churn=5", "--hold=5", "--ping=peer"), LAB_OPTIONS_BAD);
	bad("--unknown", "x");
	bad("--lnsx", "192.0.2.1");
}

/* Calls that fail are repeated when there is a storm or churn, unless the command line says how long, or not at all. */
static void retries(void **state)
{
	struct lab_conf c;

	assert_int_equal(PARSE(&c, "--lns=192.0.2.1"), LAB_OPTIONS_RUN);
	assert_true(c.retry_s == 0);
	assert_int_equal(PARSE(&c, "--lns=192.0.2.1", "--storm=2"), LAB_OPTIONS_RUN);
	assert_true(c.retry_s == 3);
	assert_int_equal(c.storm_drop, LAB_HANGUP_SILENT);
	assert_int_equal(PARSE(&c, "--lns=192.0.2.1", "--churn=0.5", "--hold=9"), LAB_OPTIONS_RUN);
	assert_true(c.retry_s == 3);
	assert_int_equal(PARSE(&c, "--lns=192.0.2.1", "--storm=2", "--retry=0", "--storm-drop=lcp"), LAB_OPTIONS_RUN);
	assert_true(c.retry_s == 0);
	assert_int_equal(c.storm_drop, LAB_HANGUP_LCP);
}

static void help_names_every_option(void **state)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	lab_options_help(out);
	fclose(out);
	assert_non_null(strstr(text, "--lns ADDR[:PORT]"));
	assert_non_null(strstr(text, "--hangup HOW"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults), cmocka_unit_test(everything), cmocka_unit_test(ipv6_end_points),
		cmocka_unit_test(what_is_refused), cmocka_unit_test(retries),
		cmocka_unit_test(help_names_every_option),
	};

	nowhere = fopen("/dev/null", "w");
	return cmocka_run_group_tests_name("lab_options", tests, NULL, NULL);
}
