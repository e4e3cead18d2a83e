/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree and its text: the example configuration, faults with file and line, every parameter, random trees
 * there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/rng.h"
#include "mgmt/edit.h"
#include "radius/client.h"
#include "unit/mgmt_fake.h"

static const char example[] =
	"hostname lns1\n"
	"aaa dns primary 9.9.9.9\n"
	"aaa authentication ppp default local\n"
	"aaa local database default\n"
	"aaa local username bob database default\n"
	" password hello\n"
	"interface loopback 0\n"
	" ip address 10.255.0.1 255.255.255.255\n"
	"ip local pool subscribers 10.64.0.0 10.64.255.255\n"
	"profile subscriber\n"
	" ip unnumbered loopback 0\n"
	" ppp authentication chap pap ms-chap-v2\n"
	" ppp mru 1442\n"
	" ppp keepalive 30\n"
	"l2tp destination profile wholesale ip address 0.0.0.0\n"
	" max-sessions 60000\n"
	" remote host default\n"
	"  local host lns1\n"
	"  local ip address 192.0.2.1\n"
	"  tunnel password s3cret\n"
	"  interface profile subscriber\n"
	"  enable proxy authenticate\n";

/* The same with RADIUS and accounting: numbers that were given are kept, though they are the defaults. */
static const char radius_example[] =
	"hostname lns1\n"
	"aaa dns primary 9.9.9.9\n"
	"aaa authentication ppp default radius local\n"
	"aaa accounting ppp default radius\n"
	"radius authentication server 127.0.0.1\n"
	" udp-port 1812\n"
	" key testing123\n"
	" timeout 3\n"
	" retransmit 3\n"
	" deadtime 5\n"
	"radius accounting server 127.0.0.1\n"
	" udp-port 1813\n"
	" key testing123\n"
	"aaa local database default\n"
	"aaa local username bob database default\n"
	" password hello\n"
	"interface loopback 0\n"
	" ip address 10.255.0.1 255.255.255.255\n"
	"ip local pool subscribers 10.64.0.0 10.64.255.255\n"
	"profile subscriber\n"
	" ip unnumbered loopback 0\n"
	" ppp authentication chap pap ms-chap-v2\n"
	" ppp mru 1442\n"
	" ppp keepalive 30\n"
	"l2tp destination profile wholesale ip address 0.0.0.0\n"
	" max-sessions 60000\n"
	" remote host default\n"
	"  local host lns1\n"
	"  local ip address 192.0.2.1\n"
	"  tunnel password s3cret\n"
	"  interface profile subscriber\n"
	"  enable proxy authenticate\n";

/* Every setting there is, none at its default. */
static const char everything[] =
	"hostname \"l n s\\x07\"\n"
	"aaa dns primary 9.9.9.9\n"
	"aaa dns secondary 9.9.9.10\n"
	"aaa wins primary 10.0.0.1\n"
	"aaa wins secondary 10.0.0.2\n"
	"aaa authentication ppp default radius local none\n"
	"aaa authentication tunnel default none\n"
	"no aaa duplicate-address-check\n"
	"aaa timeout session 7200\n"
	"aaa timeout idle 600\n"
	"aaa accounting ppp default radius none\n"
	"aaa accounting tunnel default none\n"
	"aaa accounting interval 1440\n"
	"aaa accounting acct-stop on-aaa-failure disable\n"
	"aaa accounting acct-stop on-access-deny enable\n"
	"aaa accounting queue 1000\n"
	"radius authentication server 192.0.2.7\n"
	" udp-port 1645\n"
	" key \"k e\\\"y\"\n"
	" timeout 1000\n"
	" retransmit 0\n"
	" deadtime 1440\n"
	" max-sessions 32000\n"
	" message-authenticator require\n"
	" no status-server\n"
	"radius authentication server 2001:db8::7\n"
	" key a\n"
	" message-authenticator no\n"
	"radius accounting server 192.0.2.7\n"
	" key b\n"
	"radius algorithm round-robin\n"
	"radius update-source-addr 192.0.2.1\n"
	"radius update-source-addr 2001:db8::1\n"
	"radius nas-identifier \"the nas\"\n"
	"radius nas-ip-address 192.0.2.2\n"
	"radius override nas-ip-addr tunnel-client-endpoint\n"
	"radius connect-info-format l2tp-connect-speed\n"
	"radius tunnel-accounting enable\n"
	"radius include acct-session-id access-request disable\n"
	"radius include class acct-stop disable\n"
	"radius include tunnel-interface-id access-request enable\n"
	"radius include tunnel-interface-id acct-start enable\n"
	"aaa local database default\n"
	"aaa local username \"bob \\\"b\\\"\" database default\n"
	" password \"p w\\\\\"\n"
	" ip-address 10.9.9.9\n"
	" ip-address-pool two\n"
	" session-timeout 60\n"
	" idle-timeout 30\n"
	"interface loopback 7\n"
	" ip address 10.255.0.1 255.255.255.0\n"
	"ip local pool one 10.64.0.0 10.64.255.255\n"
	"ip local pool one 10.66.0.0 10.66.0.255\n"
	"ip local pool two 10.65.0.0 10.65.255.255\n"
	"profile subscriber\n"
	" ip unnumbered loopback 7\n"
	" ip access-routes\n"
	" ip address-pool one\n"
	" ppp authentication pap ms-chap-v2 chap\n"
	" ppp mru 1442\n"
	" no ppp keepalive\n"
	" ppp magic-number disable\n"
	" ppp passive-mode\n"
	" ppp chap-challenge-length 8 63\n"
	" ppp max-negotiations 5\n"
	" ppp initiate-ip\n"
	" ppp initiate-ipv6\n"
	"l2tp drain\n"
	"l2tp max-sessions 1000000\n"
	"l2tp max-tunnels 65535\n"
	"l2tp destruct-timeout 10\n"
	"l2tp tombstones 100\n"
	"l2tp tunnel idle-timeout 0\n"
	"l2tp tunnel short-drain-timeout 31\n"
	"l2tp tunnel default-receive-window 128\n"
	"l2tp retransmission 7 established\n"
	"l2tp retransmission 3 not-established\n"
	"l2tp disable tunnel-hello\n"
	"l2tp disable challenge\n"
	"l2tp disable calling-number-avp\n"
	"no l2tp checksum\n"
	"l2tp ignore-receive-data-sequencing\n"
	"l2tp disconnect-cause\n"
	"l2tp rx-connect-speed-when-equal\n"
	"l2tp permissive-avps\n"
	"l2tp half-open per-source 10\n"
	"l2tp half-open total 100\n"
	"l2tp calls-in-progress 50\n"
	"l2tp call-setup-timeout 20\n"
	"l2tp destination profile \"whole sale\" ip address 198.51.100.1\n"
	" max-sessions 60000\n"
	" sessions-limit-group g1\n"
	"  max-sessions 10\n"
	" sessions-limit-group g2\n"
	" remote host lac1\n"
	"  local host lns1\n"
	"  local ip address 192.0.2.1\n"
	"  tunnel password s3cret\n"
	"  interface profile subscriber\n"
	"  disable proxy lcp\n"
	"  enable proxy authenticate\n"
	"  default-upper-type mlppp\n"
	"  max-sessions 5\n"
	"  sessions-limit-group g1\n"
	"  bundled-group-id 4294967295\n"
	"  disconnect-cause\n"
	"  receive-window 4\n"
	"  hello-interval 1\n"
	"  disable tunnel-hello\n"
	"  retransmission 3\n"
	"  tolerate tunnel-id-zero\n"
	"  single-shot-tunnel\n"
	"  session-out-of-resource-result-code-override\n"
	"  no ppp address-control-field\n"
	" remote host \"default\"\n"
	" remote host default\n";

static struct grammar *g;

static int setup(void **state)
{
	char why[128];

	g = gr_new(mgmt_tables, mgmt_types, MODE_COUNT, why);
	if (!g)
		fprintf(stderr, "%s\n", why);
	return g ? 0 : -1;
}

static int teardown(void **state)
{
	gr_free(g);
	return 0;
}

static unsigned read_text(struct config *c, const char *text, struct out *errors)
{
	assert_int_equal(config_init(c), 0);
	return config_read(g, c, NULL, "t.conf", text, strlen(text), errors);
}

static void reads_and_writes(const char *text, const char *expected)
{
	struct config c;
	struct out errors = { 0 }, o = { 0 };

	if (read_text(&c, text, &errors))
		fail_msg("%s", errors.p);
	config_write(&c, &o);
	assert_string_equal(o.p ? o.p : "", expected);
	config_fini(&c);
	out_fini(&o);
	out_fini(&errors);
}

static void example_is_its_own_text(void **state)
{
	reads_and_writes(example, example);
	reads_and_writes(radius_example, radius_example);
}

static void example_as_a_tree(void **state)
{
	struct config c;
	struct out errors = { 0 };

	assert_int_equal(read_text(&c, example, &errors), 0);
	assert_string_equal(c.model.hostname, "lns1");
	assert_int_equal(c.aaa.dns[0], 0x09090909);
	assert_int_equal(c.aaa.ppp[0], AAA_METHOD_LOCAL);
	assert_int_equal(c.aaa.ppp[1], AAA_METHOD_END);
	assert_string_equal(c.aaa.users->name, "bob");
	assert_string_equal(c.aaa.users->password, "hello");
	assert_int_equal(c.model.loopbacks->prefix_len, 32);
	assert_int_equal(c.aaa.pools->ranges->end, 0x0a40ffff);
	const struct profile_conf *p = c.model.profiles;

	assert_int_equal(p->unnumbered_loopback, 0);
	assert_int_equal(p->auth[0], PPP_AUTH_CHAP_MD5);
	assert_int_equal(p->auth[1], PPP_AUTH_PAP);
	assert_int_equal(p->auth[2], PPP_AUTH_MSCHAPV2);
	assert_int_equal(p->auth[3], PPP_AUTH_NONE);
	assert_int_equal(p->mru, 1442);
	assert_int_equal(p->keepalive_s, 30);
	assert_int_equal(p->chap_min, 16);
	assert_int_equal(p->chap_max, 32);
	assert_int_equal(p->max_negotiations, 30);
	const struct dest_profile_conf *d = c.model.dest_profiles;

	assert_string_equal(d->name, "wholesale");
	assert_true(ip_addr_is_any(&d->peer));
	assert_int_equal(d->peer.af, 4);
	assert_int_equal(d->max_sessions, 60000);
	assert_null(d->hosts->remote_name);
	assert_string_equal(d->hosts->secret, "s3cret");
	assert_string_equal(d->hosts->profile, "subscriber");
	assert_true(d->hosts->enable_proxy_auth);
	assert_false(d->hosts->disable_proxy_lcp);
	config_fini(&c);
	out_fini(&errors);
}

static void radius_as_a_tree(void **state)
{
	struct config c;
	struct out errors = { 0 };

	assert_int_equal(read_text(&c, radius_example, &errors), 0);
	assert_null(errors.p);
	assert_int_equal(c.aaa.ppp[0], AAA_METHOD_RADIUS);
	assert_int_equal(c.aaa.ppp[1], AAA_METHOD_LOCAL);
	assert_int_equal(c.aaa.acct.ppp[0], AAA_METHOD_RADIUS);
	assert_int_equal(c.aaa.acct.queue_max, AAA_ACCT_QUEUE);
	const struct aaa_radius_server *s = c.aaa.radius.auth;

	assert_int_equal(ip4_num(&s->addr), 0x7f000001);
	assert_int_equal(s->udp_port, 1812);
	assert_string_equal(s->key, "testing123");
	assert_int_equal(s->timeout_s, 3);
	assert_int_equal(s->retransmit, 3);
	assert_int_equal(s->deadtime_min, 5);
	assert_int_equal(s->max_sessions, 255);
	assert_int_equal(s->message_authenticator, RADIUS_MA_AUTO);
	assert_false(s->no_status_server);
	s = c.aaa.radius.acct;
	assert_int_equal(s->udp_port, 1813);
	assert_int_equal(s->timeout_s, 3);
	assert_int_equal(s->deadtime_min, 0);
	config_fini(&c);
}

static void everything_is_its_own_text(void **state)
{
	reads_and_writes(everything, everything);
}

static void defaults_are_not_written(void **state)
{
	reads_and_writes("", "");
	reads_and_writes("l2tp max-sessions 60000\nl2tp checksum\naaa duplicate-address-check\nl2tp retransmission 5\n"
			 "l2tp tunnel idle-timeout 60\n", "");
	reads_and_writes("profile a\n ppp max-negotiations 30\n ppp chap-challenge-length 16 32\n",
			 "profile a\n ppp keepalive 30\n");
	reads_and_writes("radius authentication server ::1\n key x\n timeout 9\n no timeout\n message-authenticator auto\n"
			 " status-server\n",
			 "radius authentication server ::1\n key x\n");
	reads_and_writes("radius algorithm direct\nradius tunnel-accounting disable\nradius connect-info-format default\n"
			 "radius include class acct-start enable\nradius include framed-route acct-stop disable\n"
			 "aaa accounting queue 200000\naaa accounting acct-stop on-aaa-failure enable\n"
			 "aaa accounting acct-stop on-access-deny disable\n",
			 "");
}

static void no_forms_undo(void **state)
{
	reads_and_writes("hostname x\nno hostname\naaa dns primary 1.1.1.1\nno aaa dns primary\n"
			 "aaa authentication ppp default local\nno aaa authentication ppp default\nl2tp "
			 "drain\nno l2tp shutdown\n"
			 "interface loopback 1\n ip address 10.0.0.1 255.0.0.0\n no ip address\nno interface "
			 "loopback 1\n"
			 "ip local pool a 10.0.0.1 10.0.0.9\nip local pool a 10.0.1.1 10.0.1.9\nno ip local "
			 "pool a 10.0.0.1 10.0.0.9\n"
			 "no ip local pool a\nprofile p\nno profile p\nl2tp retransmission 9\nno l2tp "
			 "retransmission 9\n"
			 "l2tp destination profile d ip address 1.2.3.4\n remote host a\n no remote host a\nno "
			 "l2tp destination profile d\n"
			 "aaa local database x\naaa local username u database x\nno aaa local username u "
			 "database x\nno aaa local database x\n",
			 "");
	reads_and_writes("radius authentication server 10.0.0.1\nno radius authentication server 10.0.0.1\n"
			 "no radius accounting server 10.0.0.1\nradius algorithm round-robin\nno radius algorithm\n"
			 "radius update-source-addr 10.0.0.1\nradius update-source-addr ::1\n"
			 "no radius update-source-addr 10.0.0.1\nno radius update-source-addr\n"
			 "radius include class acct-stop disable\nno radius include class acct-stop\n"
			 "radius include acct-terminate-cause acct-off enable\n"
			 "no radius include acct-terminate-cause acct-off enable\n"
			 "aaa accounting acct-stop on-aaa-failure disable\nno aaa accounting acct-stop on-aaa-failure\n"
			 "aaa accounting interval 5\nno aaa accounting interval\nradius override nas-ip-addr "
			 "tunnel-client-endpoint\nno radius override nas-ip-addr tunnel-client-endpoint\n",
			 "");
}

static void order_and_indentation_are_free(void **state)
{
	reads_and_writes("! made by hand\n\nprofile subscriber\n\tip unnumbered loopback 0\n\t# comment\n\tppp "
			 "mru 1442\r\n"
			 "interface loopback 0\n      ip address 10.255.0.1 255.255.255.255\n"
			 "l2tp destination profile w ip address 0.0.0.0\n    remote host default\n        "
			 "local host x\n    max-sessions 5\n",
			 "interface loopback 0\n ip address 10.255.0.1 255.255.255.255\nprofile subscriber\n "
			 "ip unnumbered loopback 0\n"
			 " ppp mru 1442\n ppp keepalive 30\nl2tp destination profile w ip address 0.0.0.0\n "
			 "max-sessions 5\n"
			 " remote host default\n  local host x\n");
}

static void is_refused(const char *text, const char *expected)
{
	struct config c;
	struct out errors = { 0 };
	unsigned n = read_text(&c, text, &errors);

	assert_int_not_equal(n, 0);
	assert_string_equal(errors.p, expected);
	config_fini(&c);
	out_fini(&errors);
}

static void faults_name_file_and_line(void **state)
{
	is_refused("hostname a\nl2tp max-sesions 5\n", "t.conf:2: Unknown command\nl2tp max-sesions 5\n     ^\n");
	is_refused("profile a\n ppp mru 63\n", "t.conf:2: Value out of range (64-65535)\n ppp mru 63\n         ^\n");
	is_refused("hostname\n", "t.conf:1: Incomplete command\nhostname\n        ^\n");
	is_refused("l2tp drain tunnel 1/1\n",
		   "t.conf:1: This acts on what is there, and is no part of a configuration\nl2tp drain tunnel 1/1\n^\n");
	is_refused("show version\n", "t.conf:1: Unknown command\nshow version\n^\n");
	is_refused("profile a\nppp mru 1442\n", "t.conf:2: Unknown command\nppp mru 1442\n^\n");
	is_refused("hostname \"a\n", "t.conf:1: Missing closing quote\nhostname \"a\n         ^\n");
	is_refused("profile a\n ppp authentication pap pap\n", "t.conf:2: Said twice: pap\n ppp authentication "
							       "pap pap\n                        ^\n");
	is_refused("ip local pool a 10.0.0.9 10.0.0.1\n", "t.conf:1: The range ends before it begins\nip local "
							  "pool a 10.0.0.9 10.0.0.1\n                         "
							  "^\n");
	is_refused("ip local pool a 10.0.0.1 10.0.0.9\nip local pool b 10.0.0.9 10.0.0.10\n", "t.conf:2: The "
											      "range overlaps "
											      "with pool "
											      "\"a\"\nip local "
											      "pool b 10.0.0.9 "
											      "10.0.0.10\n     "
											      "           ^\n");
}

static void faults_of_radius(void **state)
{
	struct out many = { 0 };

	is_refused("radius include input-gigawords access-request enable\n",
		   "t.conf:1: input-gigawords is never in access-request messages\n"
		   "radius include input-gigawords access-request enable\n"
		   "                               ^\n");
	is_refused("no radius include class acct-on\n",
		   "t.conf:1: class is never in acct-on messages\nno radius include class acct-on\n"
		   "                        ^\n");
	is_refused("radius include tunnel acct-stop enable\n",
		   "t.conf:1: Ambiguous command: \"radius include tunnel\"\nradius include tunnel acct-stop enable\n"
		   "               ^\n");
	is_refused("radius authentication server 10.0.0.256\n",
		   "t.conf:1: Not an IP address\nradius authentication server 10.0.0.256\n"
		   "                             ^\n");
	is_refused("radius accounting server ff02::1\n", "t.conf:1: Not the address of a server\n"
							  "radius accounting server ff02::1\n"
							  "                         ^\n");
	is_refused("radius update-source-addr 0.0.0.0\n", "t.conf:1: Not the address of a machine\n"
							   "radius update-source-addr 0.0.0.0\n"
							   "                          ^\n");
	is_refused("radius accounting server ::1\n key a b\n", "t.conf:2: Too many words\n key ********\n"
								  "       ^\n");
	for (unsigned i = 1; i <= 9; i++)
		out_fmt(&many, "radius accounting server 10.0.0.%u\n key x\n", i);
	is_refused(many.p, "t.conf:17: At most 8 servers\nradius accounting server 10.0.0.9\n"
			   "                         ^\n");
	out_fini(&many);
}

/* What has no effect is accepted, and told. */
static void servers_without_a_key(void **state)
{
	struct config a, b;
	struct out errors = { 0 };

	assert_int_equal(read_text(&a, "radius authentication server ::1\n timeout 5\n", &errors), 0);
	assert_string_equal(errors.p, "t.conf: Warning: radius authentication server ::1 has no key: it is not used\n");
	assert_int_equal(config_copy(&b, &a), 0);
	out_reset(&errors);
	static const char more[] = "radius accounting server ::1\n";

	assert_int_equal(config_read(g, &b, &a, "t.conf", more, strlen(more), &errors), 0);
	assert_string_equal(errors.p, "t.conf: Warning: radius accounting server ::1 has no key: it is not used\n");
	assert_int_equal(config_warn(&b, NULL, NULL), 2);
	assert_int_equal(config_news(config_warn, &a, &b, NULL, NULL), 1);
	config_fini(&a);
	config_fini(&b);
	out_fini(&errors);
}

static void faults_of_indentation(void **state)
{
	is_refused(" hostname a\n", "t.conf:1: Unexpected indentation: the line above opens no mode\n hostname "
				    "a\n ^\n");
	is_refused("hostname a\n  hostname b\n", "t.conf:2: Unexpected indentation: the line above opens no "
						 "mode\n  hostname b\n  ^\n");
	is_refused("profile a\n   ppp mru 1442\n  ppp passive-mode\n",
		   "t.conf:3: The indentation is that of no mode above\n  ppp passive-mode\n  ^\n");
	is_refused("no profile a\n ppp mru 1442\n", "t.conf:2: Unexpected indentation: the line above opens no "
						    "mode\n ppp mru 1442\n ^\n");
}

/* Messages go to the journal: what may be a secret is not repeated, the caret stays where it belongs. */
static void faults_keep_secrets(void **state)
{
	is_refused("aaa local username b database d\n password hello world\naaa local database d\n",
		   "t.conf:2: Too many words\n password ********\n                ^\n");
	is_refused("l2tp destination profile w ip address 0.0.0.0\n remote host default\n  tun pass \"s3cret\n",
		   "t.conf:3: Missing closing quote\n  tun pass ********\n           ^\n");
	is_refused("tunnel pasword s3cret\n", "t.conf:1: Unknown command\ntunnel pasword ********\n^\n");
	is_refused("passive mode x\n", "t.conf:1: Unknown command\npassive ********\n^\n");
	is_refused("pool a password\n", "t.conf:1: Unknown command\npool a password\n^\n");
}

/* One fault is one message: what is below the faulty line is passed over, what comes after is read. */
static void every_fault_is_told_once(void **state)
{
	is_refused("profil a b\n ppp mru 1\n  x\nhostname\nprofile b\n ppp x\n ppp mru 9\n",
		   "t.conf:1: Too many words\nprofil a b\n         ^\n"
		   "t.conf:4: Incomplete command\nhostname\n        ^\n"
		   "t.conf:6: Unknown command\n ppp x\n     ^\n"
		   "t.conf:7: Value out of range (64-65535)\n ppp mru 9\n         ^\n");
}

static void dangling_references(void **state)
{
	is_refused("profile a\n ip unnumbered loopback 3\n", "t.conf:2: interface loopback \"3\" does not "
							     "exist, but profile \"a\" refers to it\n ip "
							     "unnumbered loopback 3\n"
							     "                        ^\n");
	is_refused("l2tp destination profile w ip address 0.0.0.0\n remote host default\n  interface profile "
		   "nosuch\n",
		   "t.conf:3: profile \"nosuch\" does not exist, but remote host \"default\" refers to it\n  "
		   "interface profile nosuch\n"
		   "                    ^\n");
	is_refused("aaa local username bob database nosuch\n password x\n",
		   "t.conf:1: aaa local database \"nosuch\" does not exist, but user \"bob\" refers to it\n"
		   "aaa local username bob database nosuch\n                                ^\n");
}

/* A file with as many users as sessions, some of them taken back and made again, and in two databases. */
static void many_users(void **state)
{
	enum { N = 60000 };
	struct out text = { 0 }, again = { 0 }, errors = { 0 };
	struct config c;
	unsigned n = 0;

	out_str(&text, "aaa local database default\naaa local database two\n");
	for (unsigned i = 0; i < N; i++)
		out_fmt(&text, "aaa local username u%u database %s\n password p%u\n", i / 2, i % 2 ? "two" : "default", i);
	out_fmt(&text, "no aaa local username u%u database two\n", N / 2 - 1);		/* the last */
	out_str(&text, "no aaa local username u0 database default\nno aaa local username nobody database two\n");
	out_str(&text, "aaa local username u0 database default\n password new\n");
	out_str(&text, "aaa local username u7 database two\n password other\n");
	assert_int_equal(read_text(&c, text.p, &errors), 0);
	for (const struct aaa_user *u = c.aaa.users; u; u = u->next, n++) {
		if (n == 0)
			assert_string_equal(u->database, "two");	/* u0 of default went to the end */
		if (strcmp(u->name, "u7") == 0 && strcmp(u->database, "two") == 0)
			assert_string_equal(u->password, "other");
		if (!u->next)
			assert_string_equal(u->password, "new");
	}
	assert_int_equal(n, N - 1);
	config_write(&c, &again);
	assert_null(strstr(again.p, "u29999 database two"));
	config_fini(&c);
	out_fini(&text);
	out_fini(&again);
	out_fini(&errors);
}

static void copies_are_deep(void **state)
{
	struct config a, b;
	struct out errors = { 0 }, o = { 0 };

	assert_int_equal(read_text(&a, everything, &errors), 0);
	assert_int_equal(config_copy(&b, &a), 0);
	config_fini(&a);
	config_write(&b, &o);
	assert_string_equal(o.p, everything);
	config_fini(&b);
	out_fini(&o);
}

static void collect(void *ctx, char sign, const char *line)
{
	out_fmt(ctx, "%c%s\n", sign, line);
}

static void differences(void **state)
{
	struct config a, b;
	struct out errors = { 0 }, o = { 0 };

	assert_int_equal(read_text(&a, example, &errors), 0);
	assert_int_equal(config_copy(&b, &a), 0);
	assert_int_equal(config_diff(&a, &b, collect, &o), 0);
	b.model.profiles->mru = 1400;
	free(b.aaa.users->password);
	b.aaa.users->password = strdup("ge > heim");
	assert_int_equal(config_diff(&a, &b, collect, &o), 4);
	assert_string_equal(o.p, "+aaa local username bob database default > password *\n"
				 "-aaa local username bob database default > password *\n"
				 "+profile subscriber > ppp mru 1400\n-profile subscriber > ppp mru 1442\n");
	config_fini(&a);
	config_fini(&b);
	out_fini(&o);
}

static void keys_are_masked(void **state)
{
	struct config a, b;
	struct out errors = { 0 }, o = { 0 };

	assert_int_equal(read_text(&a, radius_example, &errors), 0);
	assert_int_equal(config_copy(&b, &a), 0);
	free(b.aaa.radius.acct->key);
	b.aaa.radius.acct->key = strdup("other");
	assert_int_equal(config_diff(&a, &b, collect, &o), 2);
	assert_string_equal(o.p, "+radius accounting server 127.0.0.1 > key *\n"
				 "-radius accounting server 127.0.0.1 > key *\n");
	config_fini(&a);
	config_fini(&b);
	out_fini(&o);
}

/* ---- random trees ---- */

static struct rng r;

static bool coin(void)
{
	return rng_below(&r, 2);
}

/* A value that is awkward to write: any octets but NUL. */
static void awkward(struct out *o, unsigned max)
{
	static const char *const words[] = { "default", "a", "!x", "#", "|", "a|b", "x?", "json", "-", "\\", "\"" };
	char text[65];
	unsigned n = 1 + rng_below(&r, max < 64 ? max : 64);

	if (coin()) {
		out_quoted(o, words[rng_below(&r, 11)]);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		text[i] = (char)(1 + rng_below(&r, 255));
	text[n] = '\0';
	out_quoted(o, text);
}

static void value(struct out *o, const struct gr_type *t)
{
	unsigned n = 0;

	switch (t->kind) {
	case GR_INT: out_fmt(o, "%llu", (unsigned long long)(t->min + rng_u64(&r) % (t->max - t->min + 1))); break;
	case GR_IPV4: out_fmt(o, "10.%u.%u.%u", rng_below(&r, 256), rng_below(&r, 256), rng_below(&r, 256)); break;
	case GR_ADDR:
		out_fmt(o, coin() ? "192.0.2.%u" : "2001:db8::%x", 1 + rng_below(&r, 12));
		break;
	case GR_MASK: out_fmt(o, "255.255.%u.0", (0xff00 >> rng_below(&r, 9)) & 0xff); break;
	case GR_NAME: awkward(o, (unsigned)t->max); break;
	case GR_ENUM:
		while (t->choices[n].word)
			n++;
		out_str(o, t->choices[rng_below(&r, n)].word);
		break;
	default: out_str(o, "x"); break;
	}
}

/* A line of a mode by a random way through its tree. */
static const struct gr_cmd *random_line(struct out *o, enum mode mode)
{
	const struct gr_node *at = gr_root(g, mode);

	while (at->child) {
		unsigned n = 0, k;
		const struct gr_node *c;

		if (at->cmd && rng_below(&r, 4) == 0)
			break;
		for (c = at->child; c; c = c->next)
			n++;
		k = rng_below(&r, n);
		for (c = at->child; k--; c = c->next)
			;
		if (!c->type)
			out_str(o, c->word);
		else
			value(o, c->type);
		out_char(o, ' ');
		at = c;
	}
	return at->cmd;
}

static void random_block(struct config *c, struct edit *e, enum mode mode, void *scope, unsigned lines)
{
	static struct lex l;
	struct gr_match m;
	struct gr_error err;

	e->scope[e->depth++] = scope;
	while (lines--) {
		struct out o = { 0 };

		random_line(&o, mode);
		assert_false(o.failed);
		if (lex_line(&l, o.p, o.len) && gr_match(g, mode, &l, &m, &err)) {
			char *keep = o.p;

			if (edit_run(e, &m) == 0 && e->opened)
				random_block(c, e, m.cmd->opens, e->opened, rng_below(&r, 12));
			free(keep);
		} else {
			out_fini(&o);
		}
	}
	e->depth--;
}

/* Typed line by line into one mode after the other, as an operator pastes it: found in the modes that the
 * indentation says. */
static void typed_reads_alike(const char *text, const struct config *expected)
{
	struct config c;
	enum mode mode = MODE_GLOBAL, modes[EDIT_DEPTH] = { MODE_GLOBAL };
	struct edit e = { .conf = &c, .scope = { &c }, .depth = 1 };
	static struct lex l;

	assert_int_equal(config_init(&c), 0);
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		size_t n = strcspn(p, "\n");
		struct gr_match m;
		struct gr_error err;

		lex_line(&l, p, n);
		if (!mode_lookup(g, mode, &l, &m, &err))
			fail_msg("%.*s: %s", (int)n, p, err.text);
		assert_true(m.cmd->mode != MODE_ANY);
		while (modes[e.depth - 1] != m.cmd->mode) {
			assert_true(e.depth > 1);
			e.depth--;
		}
		assert_int_equal(l.indent, e.depth - 1);
		mode = m.cmd->mode;
		e.mode = mode;
		assert_int_equal(edit_run(&e, &m), 0);
		if (e.opened) {
			mode = modes[e.depth] = m.cmd->opens;
			e.scope[e.depth++] = e.opened;
		}
	}
	assert_true(config_same(&c, expected));
	config_fini(&c);
}

static void random_trees_there_and_back(void **state)
{
	for (unsigned seed = 0; seed < 400; seed++) {
		struct config c, back;
		struct edit e = { .conf = &c };
		struct out text = { 0 }, again = { 0 }, errors = { 0 };

		rng_init_u64(&r, seed);
		assert_int_equal(config_init(&c), 0);
		random_block(&c, &e, MODE_GLOBAL, &c, 60);
		config_write(&c, &text);
		assert_int_equal(config_init(&back), 0);
		/* dangling references are no matter here: only they may be told */
		if (config_read(g, &back, &c, "t.conf", text.p ? text.p : "", text.len, &errors) >
		    config_check(&c, NULL, NULL))
			fail_msg("seed %u: %s\n%s", seed, errors.p, text.p);
		config_write(&back, &again);
		assert_string_equal(text.p ? text.p : "", again.p ? again.p : "");
		if (text.p)
			typed_reads_alike(text.p, &c);
		config_fini(&c);
		config_fini(&back);
		out_fini(&text);
		out_fini(&again);
		out_fini(&errors);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_is_its_own_text),
		cmocka_unit_test(example_as_a_tree),
		cmocka_unit_test(radius_as_a_tree),
		cmocka_unit_test(everything_is_its_own_text),
		cmocka_unit_test(defaults_are_not_written),
		cmocka_unit_test(no_forms_undo),
		cmocka_unit_test(order_and_indentation_are_free),
		cmocka_unit_test(faults_name_file_and_line),
		cmocka_unit_test(faults_of_radius),
		cmocka_unit_test(servers_without_a_key),
		cmocka_unit_test(faults_of_indentation),
		cmocka_unit_test(faults_keep_secrets),
		cmocka_unit_test(every_fault_is_told_once),
		cmocka_unit_test(dangling_references),
		cmocka_unit_test(many_users),
		cmocka_unit_test(copies_are_deep),
		cmocka_unit_test(differences),
		cmocka_unit_test(keys_are_masked),
		cmocka_unit_test(random_trees_there_and_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
