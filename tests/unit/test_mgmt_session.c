/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection as octets in and octets out: modes, transactions, displays against a fake model, files, monitors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "mgmt/session_int.h"
#include "unit/mgmt_fake.h"

static struct mgmt *m;
static struct mgmt_session *s;
static char dir[] = "/tmp/mgmt-test-XXXXXX", path[64];

static struct {
	unsigned calls;
	int result;
} applied;

static int apply(void *ctx, const struct config *before, const struct config *after)
{
	applied.calls++;
	return applied.result;
}

static int setup(void **state)
{
	struct mgmt_conf c = {
		.ops = { apply }, .model = FAKE_MODEL, .aaa = FAKE_AAA, .config_path = path, .state_dir = dir
	};

	memset(&fake, 0, sizeof(fake));
	memset(&applied, 0, sizeof(applied));
	m = mgmt_new(NULL, &c);
	s = m ? mgmt_session_new(m) : NULL;
	log_set_sink(mgmt_log, m, LOG_DEBUG);
	return s ? 0 : -1;
}

static int teardown(void **state)
{
	log_set_sink(NULL, NULL, LOG_ERROR);
	mgmt_session_free(s);
	mgmt_free(m);
	return 0;
}

/* ---- a client ---- */

static struct out answered, async;	/* payloads of 100 and 110 */
static char prompt[128];

/* Takes whole frames off the session; returns the code that ended an answer, or 0. */
static int take_frames(struct mgmt_session *from)
{
	for (;;) {
		struct span tx = mgmt_session_tx(from);
		int code, head;
		size_t len;

		if (!tx.len)
			return 0;
		if (sscanf((const char *)tx.p, "=%d %zu\n%n", &code, &len, &head) != 2)
			fail_msg("no frame: %.20s", (const char *)tx.p);
		head = (int)(strchr((const char *)tx.p, '\n') + 1 - (const char *)tx.p);
		assert_true(tx.len >= (size_t)head + len);
		if (code == 100 || code == 110)
			out_bytes(code == 100 ? &answered : &async, tx.p + head, len);
		else
			snprintf(prompt, sizeof(prompt), "%.*s", (int)len, (const char *)tx.p + head);
		mgmt_session_sent(from, (size_t)head + len);
		if (code >= 200)
			return code;
	}
}

static int ask_of(struct mgmt_session *whom, const char *verb, const char *text)
{
	int code = 0;

	out_reset(&answered);
	mgmt_session_rx(whom, verb, strlen(verb));
	mgmt_session_rx(whom, text, strlen(text));
	mgmt_session_rx(whom, "\n", 1);
	while (!code) {
		bool more = mgmt_session_run(whom);

		code = take_frames(whom);
		assert_true(code || more);
	}
	return code;
}

static int line(const char *text)
{
	return ask_of(s, "line ", text);
}

static const char *said(void)
{
	return answered.p ? answered.p : "";
}

static void does(const char *text)
{
	if (line(text) != 200)
		fail_msg("%s: %s", text, said());
}

static void says(const char *text, int code, const char *expected)
{
	int got = line(text);

	assert_string_equal(said(), expected);
	assert_int_equal(got, code);
}

static void does_lines(const char *text)
{
	for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
		char one[256] = "";

		memcpy(one, p, strcspn(p, "\n"));
		does(one);
	}
}

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

/* ---- modes ---- */

static void prompts_follow_the_mode(void **state)
{
	does("");
	assert_string_equal(prompt, "adit#");
	does("conf t");
	assert_string_equal(prompt, "adit(config)#");
	does("hostname r1");
	assert_string_equal(prompt, "r1(config)#");
	does("l2tp destination profile w ip address 0.0.0.0");
	assert_string_equal(prompt, "r1(config-l2tp-dest-profile)#");
	does("remote host default");
	assert_string_equal(prompt, "r1(config-l2tp-dest-profile-host)#");
	does("exit");
	assert_string_equal(prompt, "r1(config-l2tp-dest-profile)#");
	does("remote host default");
	does("end");
	assert_string_equal(prompt, "r1#");
	assert_int_equal(line("exit"), 221);
	assert_true(mgmt_session_ended(s));
}

static void example_typed_line_by_line(void **state)
{
	does("configure terminal");
	does_lines(example);
	does("show running-config");		/* displays work in every mode */
	assert_string_equal(said(), example);
	assert_string_equal(prompt, "lns1(config-l2tp-dest-profile-host)#");
}

static void looked_up_outwards(void **state)
{
	does("configure terminal");
	does_lines("l2tp destination profile w ip address 0.0.0.0\nremote host a\nmax-sessions 7\n");
	assert_int_equal(m->conf.model.dest_profiles->hosts->max_sessions, 7);	/* the inner one wins */
	assert_int_equal(m->conf.model.dest_profiles->max_sessions, 0);
	does("remote host b");			/* of the mode around */
	assert_string_equal(prompt, "adit(config-l2tp-dest-profile-host)#");
	does("hostname x");			/* of the outermost: and there we are */
	assert_string_equal(prompt, "x(config)#");
	assert_non_null(m->conf.model.dest_profiles->hosts->next);
	/* `ip` spelt out in an outer mode goes before abbreviations of the inner ip-address and ip-address-pool */
	does_lines("aaa local database d\naaa local username u database d\nip local pool a 10.0.0.1 10.0.0.2\n");
	assert_string_equal(prompt, "x(config)#");
}

static void carets_are_of_the_innermost(void **state)
{
	does("configure terminal");
	does("profile p");
	says("ppp mru 63", 400, "ppp mru 63\n        ^\n% Value out of range (64-65535)\n");
	says("ip local bogus", 400, "ip local bogus\n   ^\n% Unknown command\n");
	says("aaa dns primary x", 400, "aaa dns primary x\n                ^\n% Not an IPv4 address\n");
	says("bogus", 400, "bogus\n^\n% Unknown command\n");
	says("radius include class acct-off enable", 409,
	     "radius include class acct-off enable\n                     ^\n% class is never in acct-off messages\n");
	does("profile p");
	says("pp", 400, "pp\n  ^\n% Incomplete command\n");
	says("ppp m", 400, "ppp m\n    ^\n% Ambiguous command: \"ppp m\"\n");
	does("end");
	says("sh ip", 400, "sh ip\n     ^\n% Incomplete command\n");
	says("profile p", 400, "profile p\n^\n% Unknown command\n");
}

static void question_mark_says_so(void **state)
{
	does("configure terminal");
	does("profile p");
	assert_int_equal(ask_of(s, "help ", ""), 200);
	assert_non_null(strstr(said(), "  ppp                   PPP settings\n"));
	assert_non_null(strstr(said(), "Global configuration:\n"));
	assert_non_null(strstr(said(), "  ip                    IP settings (looked up in the inner mode first)\n"));
	assert_non_null(strstr(said(), "In every mode:\n"));
	assert_int_equal(ask_of(s, "help ", "ppp mru "), 200);
	assert_string_equal(said(), "  <64-65535>            Octets\n");
	assert_int_equal(ask_of(s, "complete ", "no ppp k"), 200);
	assert_string_equal(said(), "keepalive\n");
	does_lines("l2tp destination profile w ip address 0.0.0.0\nremote host default\n");
	ask_of(s, "complete ", "interface profile ");
	assert_string_equal(said(), "p\n");
	assert_int_equal(ask_of(s, "prompt", ""), 200);
	assert_string_equal(prompt, "adit(config-l2tp-dest-profile-host)#");
}

static void exec_from_configuration(void **state)
{
	does("configure terminal");
	does("profile p");
	assert_int_equal(line("clear l2tp session all"), 400);
	does("do clear l2tp session all");
	assert_int_equal(fake.operations, 1);
	assert_string_equal(prompt, "adit(config-profile)#");
	assert_int_equal(line("do show version | json"), 200);
	assert_int_equal(said()[0], '{');
}

/* ---- transactions ---- */

static void a_refused_line_changes_nothing(void **state)
{
	does("configure terminal");
	does("ip local pool a 10.0.0.1 10.0.0.9");
	unsigned calls = applied.calls;

	says("ip local pool a 10.0.0.5 10.0.0.20", 409,
	     "ip local pool a 10.0.0.5 10.0.0.20\n                ^\n% The range overlaps with pool \"a\"\n");
	assert_int_equal(applied.calls, calls);
	assert_null(m->conf.aaa.pools->ranges->next);
	applied.result = -12;
	says("hostname other", 500, "% Not applied: Cannot allocate memory\n");
	assert_string_equal(m->conf.model.hostname, "adit");
	says("profile q", 500, "% Not applied: Cannot allocate memory\n");
	assert_string_equal(prompt, "adit(config)#");
	assert_null(m->conf.model.profiles);
	applied.result = 0;
	calls = applied.calls;
	does("hostname adit");			/* nothing changes: nothing is applied */
	assert_int_equal(applied.calls, calls);
}

static void dangling_references_are_told(void **state)
{
	does("configure terminal");
	does("l2tp destination profile w ip address 0.0.0.0");
	does("remote host default");
	says("interface profile p", 200,
	     "% Warning: profile \"p\" does not exist, but remote host \"default\" refers to it\n");
	says("hello-interval 5", 200, "");	/* once is enough */
	does("end");
	says("write memory", 409,
	     "% profile \"p\" does not exist, but remote host \"default\" refers to it\n% Not saved\n");
	does("configure terminal");
	says("profile p", 200, "");
	does("hostname lns1");
	says("no profile p", 200,
	     "% Warning: profile \"p\" does not exist, but remote host \"default\" refers to it\n");
}

static void a_server_without_a_key_is_told(void **state)
{
	does("configure terminal");
	says("radius authentication server 2001:db8::1", 200,
	     "% Warning: radius authentication server 2001:db8::1 has no key: it is not used\n");
	assert_string_equal(prompt, "adit(config-radius)#");
	does("udp-port 1645");
	says("timeout 5", 200, "");		/* once is enough */
	says("key s3cret", 200, "");
	says("no key", 200, "% Warning: radius authentication server 2001:db8::1 has no key: it is not used\n");
	does("key s3cret");
	does("aaa accounting interval 5");	/* of the mode around */
	assert_string_equal(prompt, "adit(config)#");
	does("radius accounting server 2001:db8::1");
	assert_int_equal(m->conf.aaa.radius.acct->udp_port, 1813);
	does("key s3cret");
	does("show running-config");
	assert_string_equal(said(), "aaa accounting interval 5\n"
				    "radius authentication server 2001:db8::1\n udp-port 1645\n key s3cret\n timeout 5\n"
				    "radius accounting server 2001:db8::1\n key s3cret\n");
	does("show log");			/* who changed what, without secrets */
	assert_non_null(strstr(said(), "level=warning mod=mgmt msg=\"configuration without effect\" what=\"radius "
				       "authentication server 2001:db8::1 has no key: it is not used\""));
	assert_non_null(strstr(said(), "line=\"radius authentication server 2001:db8::1 > key *\""));
	assert_null(strstr(said(), "s3cret"));
}

static void the_object_of_a_mode_may_go(void **state)
{
	struct mgmt_session *other = mgmt_session_new(m);

	does("configure terminal");
	does_lines("l2tp destination profile w ip address 0.0.0.0\nremote host a\n");
	assert_int_equal(ask_of(other, "line ", "configure terminal"), 200);
	assert_int_equal(ask_of(other, "line ", "no l2tp destination profile w"), 200);
	says("max-sessions 5", 404, "% What this mode configures has been deleted\n");
	assert_string_equal(prompt, "adit(config)#");
	does("hostname still-here");
	mgmt_session_free(other);
}

static int send_file(const char *text)
{
	char head[32];
	int code = 0;

	out_reset(&answered);
	snprintf(head, sizeof(head), "file %zu\n", strlen(text));
	mgmt_session_rx(s, head, strlen(head));
	for (const char *p = text; *p; p++) {	/* an octet at a time */
		mgmt_session_run(s);
		assert_true(mgmt_session_wants(s) > 0);
		mgmt_session_rx(s, p, 1);
	}
	while (!code) {
		mgmt_session_run(s);
		code = take_frames(s);
	}
	return code;
}

static void a_file_is_taken_whole_or_not(void **state)
{
	assert_int_equal(send_file(example), 200);
	assert_int_equal(applied.calls, 1);
	does("show running-config");
	assert_string_equal(said(), example);
	assert_int_equal(send_file("hostname other\nprofile x\n ppp mru 1\n"), 409);
	assert_string_equal(said(), "file:3: Value out of range (64-65535)\n ppp mru 1\n         ^\n% Nothing "
				    "was changed\n");
	does("show running-config");
	assert_string_equal(said(), example);
	assert_int_equal(send_file("no profile subscriber\n"), 409);
	assert_string_equal(said(), "file: profile \"subscriber\" does not exist, but remote host \"default\" "
				    "refers to it\n"
				    "% Nothing was changed\n");
	assert_int_equal(send_file("profile subscriber\n ppp mru 1400\n"), 200);	/* added to what is there */
	assert_int_equal(m->conf.model.profiles->mru, 1400);
}

/* ---- protocol ---- */

static void requests_may_be_sent_ahead(void **state)
{
	static const char ahead[] = "line configure terminal\nline hostname a\nprompt\nnonsense\nline show "
				    "running-config\n";

	mgmt_session_rx(s, ahead, strlen(ahead));
	static const int codes[] = { 200, 200, 200, 400, 200 };

	for (unsigned i = 0; i < 5; i++) {
		int code = 0;

		out_reset(&answered);
		while (!code) {
			assert_true(mgmt_session_run(s) || mgmt_session_tx(s).len);
			code = take_frames(s);
		}
		assert_int_equal(code, codes[i]);
	}
	assert_string_equal(said(), "hostname a\n");
}

static void a_request_is_bounded(void **state)
{
	char x[4096];

	memset(x, 'x', sizeof(x));
	while (mgmt_session_wants(s)) {
		size_t n = mgmt_session_wants(s);

		mgmt_session_rx(s, x, n < sizeof(x) ? n : sizeof(x));
	}
	mgmt_session_run(s);
	out_reset(&answered);
	assert_int_equal(take_frames(s), 221);
	assert_string_equal(said(), "% Request too long\n");
	assert_true(mgmt_session_ended(s));
}

static void a_file_is_bounded(void **state)
{
	out_reset(&answered);
	assert_int_equal(ask_of(s, "file ", "99999999999999999999999"), 400);
	assert_int_equal(ask_of(s, "file ", "x"), 400);
	assert_int_equal(ask_of(s, "file ", "99999999"), 221);
}

/* ---- displays ---- */

static void show_sessions(void **state)
{
	fake.sessions = 2;
	fake.ended = 1;
	fake.user = "bob";
	fake.user_len = 3;
	says("show l2tp session", 200, "L2TP session 1/1/1 is Up\nL2TP session 1/1/2 is Up\n2 L2TP sessions found\n");
	says("show l2tp session ended", 200, "L2TP session 1/1/3 is Not Present\n1 L2TP session found\n");
	says("show l2tp session 1/1/9", 404, "% No such L2TP session\n");
	says("show l2tp tunnel", 200, "L2TP tunnel 1/1 is Up with 2 active sessions\n1 L2TP tunnel found\n");
	says("show l2tp destination", 200, "L2TP destination 1 is Up with 1 active tunnels and 2 active sessions\n"
					   "1 L2TP destination found\n");
	does("show l2tp session 1/1/2");	/* by name: all of it */
	assert_non_null(strstr(said(), "    User name is bob\n"));
	assert_non_null(strstr(said(), "    State is established\n"));
	assert_non_null(strstr(said(), "    DNIS is none\n"));
	assert_non_null(strstr(said(), "    Bearer type is none\n"));
	does("show l2tp tunnel 1/1");
	assert_non_null(strstr(said(), "    Peer protocol version is 1.0\n"));
	assert_non_null(strstr(said(), "    Peer vendor name is none\n"));
	assert_non_null(strstr(said(), "    Peer bearer capabilities is digital\n"));
	assert_non_null(strstr(said(), "    Peer framing capabilities is sync-async\n"));
	assert_null(strstr(said(), "Peer receive"));
	does("show l2tp tunnel 1/1 | json");
	assert_non_null(strstr(said(), "\"peer-protocol-version\":\"1.0\""));
	assert_non_null(strstr(said(), "\"peer-framing-capabilities\":\"sync-async\""));
	does("show l2tp session detail");
	assert_non_null(strstr(said(), "    User name is bob\n"));
	does("show l2tp session summary");
	assert_non_null(strstr(said(), "up        down        not-present\n  sessions                2         "
				       "0           1"));
	says("show l2tp session 1/1", 400,
	     "show l2tp session 1/1\n                  ^\n% Not a name of the form D/T/S\n");
}

static void show_l2tp_global(void **state)
{
	does("configure terminal");
	does("l2tp destruct-timeout 300");
	fake.sessions = 4;
	does("show l2tp");
	static const char start[] = "Configuration\n"
				    "  L2TP administrative state is enabled\n"
				    "  Dynamic interface destruct timeout is 300 seconds\n"
				    "  Data packet checksums are enabled\n"
				    "  Receive data sequencing is not ignored\n"
				    "  Tunnel switching is disabled\n"
				    "  Retransmission retries for established tunnels is 5\n"
				    "  Retransmission retries for not-established tunnels is 5\n"
				    "  Tunnel idle timeout is 60 seconds\n"
				    "  Failover within a preference level is disabled\n"
				    "  Weighted load balancing is disabled\n"
				    "  Tunnel authentication challenge is enabled\n"
				    "  Calling number avp is enabled\n"
				    "  Ignore remote transmit address change is disabled\n"
				    "  Disconnect cause avp is disabled\n"
				    "  Default receive window size is 16\n";

	assert_memory_equal(said(), start, sizeof(start) - 1);
	assert_non_null(strstr(said(), "Sub-interfaces         total   active   failed auth-errors\n"
				       "  Destinations             1        1        0         n/a\n"
				       "  Tunnels                  3        1        1           1\n"
				       "  Sessions                10        4        2         n/a\n"
				       "  Switched-sessions        0        0        0         n/a\n"));
}

static void show_destination_profile(void **state)
{
	send_file(example);
	says("show l2tp destination profile", 200,
	     "L2TP destination profile wholesale\n1 L2TP destination profile found\n");
	fake.sessions = 3;
	says("show l2tp destination profile wholesale", 200,
	     "L2TP destination profile wholesale\n"
	     "Configuration\n"
	     "  Destination address\n"
	     "    Transport ipUdp\n"
	     "    Virtual router default\n"
	     "    Peer address 0.0.0.0\n"
	     "    Maximum sessions is 60000\n"
	     "Statistics\n"
	     "  Destination profile current session count is 3\n"
	     "Host profile attributes\n"
	     "  Remote host is default\n"
	     "  Configuration\n"
	     "    Tunnel password is s3cret\n"
	     "    Interface profile is subscriber\n"
	     "    Local host name is lns1\n"
	     "    Local ip address is 192.0.2.1\n"
	     "    Proxy authenticate is enabled\n"
	     "  Statistics\n"
	     "    Current session count is 3\n"
	     "1 L2TP host profile found\n");
	assert_int_equal(line("show l2tp destination profile x"), 404);
}

static void show_subscribers(void **state)
{
	fake.sessions = 2;
	fake.user = "\x1b[31mevil\xff name that is much too long";
	fake.user_len = strlen(fake.user);
	does("show subscribers");
	assert_null(strchr(said(), 0x1b));
	assert_non_null(strstr(said(), "\\x1b[31mevil\\xff name t~ 10.64.0.1       198.51.100.1"));
	assert_non_null(strstr(said(), " 1/1/2          1d01:01:01\n2 subscribers found\n"));
	does("show subscribers address 10.64.0.2");
	assert_non_null(strstr(said(), "1 subscriber found\n"));
	does("show subscribers user nobody");
	assert_string_equal(said(), "0 subscribers found\n");
	does("show subscribers detail lac 198.51.100.1");
	assert_non_null(strstr(said(), "  IP address is 10.64.0.1\n"));
}

static const char servers[] =
	"radius authentication server 127.0.0.1\n udp-port 1812\n key testing123\n deadtime 5\n"
	"radius authentication server 2001:db8:ffff:ffff:ffff:ffff:ffff:1\n key x\n"
	"radius accounting server 127.0.0.1\n timeout 7\n";

static void fake_servers(void)
{
	struct radius_server_info *a = &fake.server[0], *b = &fake.server[1];

	*a = (struct radius_server_info){ .use = RADIUS_AUTH, .addr = ip4_of(0x7f000001), .port = 1812, .outstanding = 2,
					  .outstanding_max = 9, .rtt_us = 1234, .ma_seen = true };
	a->count[RADIUS_COUNT_REQUESTS] = 100;
	a->count[RADIUS_COUNT_ACCEPTS] = 90;
	*b = (struct radius_server_info){ .use = RADIUS_AUTH, .port = 1812, .dead = true, .dead_left_s = 17 };
	ip_addr_parse(&b->addr, "2001:db8:ffff:ffff:ffff:ffff:ffff:1");
	b->count[RADIUS_COUNT_REQUESTS] = 11;
	b->count[RADIUS_COUNT_DEATHS] = 1;
	fake.servers = 2;
}

static unsigned valid_json_lines(void)
{
	unsigned n = 0;

	for (const char *p = said(); *p; p += strcspn(p, "\n") + 1, n++) {
		json_error_t e;
		json_t *j = json_loadb(p, strcspn(p, "\n"), 0, &e);

		if (!json_is_object(j))
			fail_msg("%s: %.200s", e.text, p);
		json_decref(j);
	}
	return n;
}

static void every_display_has_json(void **state)
{
	static const char *const shows[] = {
		"show running-config",
		"show configuration",
		"show version",
		"show log",
		"show log 5",
		"show debugging",
		"show terminate-code",
		"show terminate-code aaa",
		"show l2tp",
		"show l2tp destination",
		"show l2tp tunnel",
		"show l2tp session",
		"show l2tp session detail",
		"show l2tp session summary",
		"show l2tp tunnel summary",
		"show l2tp destination summary",
		"show l2tp counters",
		"show l2tp destination profile",
		"show subscribers",
		"show subscribers detail",
		"show aaa",
		"show aaa counters",
		"show aaa statistics",
		"show radius servers",
		"show radius statistics",
		"show radius authentication servers",
		"show radius accounting statistics",
		"show ip local pool",
	};

	static const char *const users[] = {
		"",     "bob",          "\"\\\n\t\x01\x7f", "\xff\xfe\x80",      "\xc3\xa9t\xc3\xa9",
		"a\0b", "\xed\xa0\x80", "\xf4\x90\x80\x80", "</script>\xc2\x9b",
	};

	send_file(example);
	send_file(servers);
	fake_servers();
	does("configure terminal");
	does("hostname \"\\xff\\x01\"");
	does("profile \"\\xfe\"");
	does("l2tp destination profile \"\\x1b\" ip address 0.0.0.0");
	does("sessions-limit-group g");
	does("end");
	does("debug l2tp user \"\\xfe\"");
	fake.sessions = 3;
	for (unsigned u = 0; u < sizeof(users) / sizeof(users[0]); u++) {
		fake.user = users[u];
		fake.user_len = u == 5 ? 3 : strlen(users[u]);
		log_line(LOG_NOTICE, "test", "line", "u=%u", u);
		for (unsigned i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
			char cmd[128];

			snprintf(cmd, sizeof(cmd), "%s | json", shows[i]);
			does(cmd);
			assert_true(valid_json_lines() > 0);
			for (const char *p = said(); *p; p++)
				assert_true(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
		}
	}
	assert_int_equal(line("configure terminal | json"), 400);
	assert_int_equal(line("show version | xml"), 400);
	assert_string_equal(said(), "show version | xml\n               ^\n% Unknown filter: the daemon has `json`\n");
}

/* A long display is made as the client takes it: never more than a bounded piece is held. */
static void a_long_display_is_a_stream(void **state)
{
	size_t most = 0;
	unsigned turns = 0;
	int code = 0;

	fake.sessions = 60000;
	fake.user = "somebody@example.net";
	fake.user_len = strlen(fake.user);
	out_reset(&answered);
	mgmt_session_rx(s, "line show l2tp session detail\n", 30);
	while (!code) {
		while (mgmt_session_run(s))	/* the client takes nothing meanwhile */
			;
		if (mgmt_session_tx(s).len > most)
			most = mgmt_session_tx(s).len;
		code = take_frames(s);
		turns++;
	}
	assert_int_equal(code, 200);
	assert_true(most < SESSION_TX_HIGH + (256 << 10));
	assert_true(turns > 500);
	assert_non_null(strstr(said() + answered.len - 32, "60000 L2TP sessions found\n"));
	out_fini(&answered);
}

/* ---- operations ---- */

static void operations(void **state)
{
	says("clear l2tp session 1/1/7", 404, "% No such L2TP session\n");
	assert_int_equal(fake.last.session, 7);
	fake.matched = 2;
	says("clear l2tp tunnel 3/4", 200, "2 L2TP tunnels cleared\n");
	assert_int_equal(fake.last.dest, 3);
	assert_int_equal(fake.last.tunnel, 4);
	says("clear l2tp destination ip 198.51.100.1", 200, "2 L2TP destinations cleared\n");
	assert_int_equal(ip4_num(&fake.last.lac), 0xc6336401);
	says("logout subscribers user bob*", 200, "2 subscribers logged out\n");
	assert_string_equal(fake.last_user, "bob*");
	says("logout subscribers all", 200, "2 subscribers logged out\n");
	assert_null(fake.last.user);
	assert_int_equal(line("logout subscribers"), 400);
	assert_int_equal(line("clear l2tp session"), 400);
}

static void is_set(enum model_level level, enum admin_state admin, unsigned dest, unsigned tunnel, unsigned session)
{
	assert_int_equal(fake.level, level);
	assert_int_equal(fake.state, admin);
	assert_int_equal(fake.last.dest, dest);
	assert_int_equal(fake.last.tunnel, tunnel);
	assert_int_equal(fake.last.session, session);
}

/* docs/decisions/0006: at once, by number or by the peer's address; the configuration is not touched. */
static void administrative_states(void **state)
{
	unsigned applies;

	assert_int_equal(line("l2tp drain tunnel 1/1"), 400);	/* configuration mode's */
	does("configure");
	does_lines(example);
	applies = applied.calls;
	says("l2tp drain destination 4", 404, "% No such L2TP destination\n");
	says("l2tp shutdown session 4/5/6", 404, "% No such L2TP session\n");
	fake.matched = 1;
	says("l2tp drain destination 4", 200, "");
	is_set(MODEL_DEST, ADMIN_DRAIN, 4, 0, 0);
	says("no l2tp shutdown destination 4", 200, "");	/* either `no` enables */
	is_set(MODEL_DEST, ADMIN_ENABLED, 4, 0, 0);
	does("l2tp shutdown destination virtual-router default ip 198.51.100.1");
	is_set(MODEL_DEST, ADMIN_DISABLED, 0, 0, 0);
	assert_int_equal(ip4_num(&fake.last.lac), 0xc6336401);
	does("l2tp drain tunnel 4/5");
	is_set(MODEL_TUNNEL, ADMIN_DRAIN, 4, 5, 0);
	does("no l2tp drain tunnel ip 198.51.100.1 5");
	is_set(MODEL_TUNNEL, ADMIN_ENABLED, 0, 5, 0);
	does("l2tp shutdown tunnel ip 198.51.100.1 5");
	is_set(MODEL_TUNNEL, ADMIN_DISABLED, 0, 5, 0);
	does("l2tp shutdown session ip 198.51.100.1 5 6");
	is_set(MODEL_SESSION, ADMIN_DISABLED, 0, 5, 6);
	does("no l2tp shutdown session 4/5/6");
	is_set(MODEL_SESSION, ADMIN_ENABLED, 4, 5, 6);
	assert_int_equal(line("no l2tp drain tunnel"), 400);
	assert_int_equal(line("l2tp drain session 4/5/6"), 400);
	assert_int_equal(line("l2tp drain tunnel ip 198.51.100.1"), 400);
	does("l2tp destination profile wholesale");
	does("l2tp drain tunnel 4/5");			/* and the mode stays */
	assert_string_equal(prompt, "lns1(config-l2tp-dest-profile)#");
	assert_int_equal(applied.calls, applies);
	does("show running-config");
	assert_null(strstr(said(), "drain"));
}

static void debugging(void **state)
{
	does("debug l2tp peer 192.0.2.1");
	does("debug ppp user bob");
	assert_int_equal(fake.debugs, 2);
	says("show debugging", 200, "debug l2tp peer 192.0.2.1\ndebug ppp user bob\n");
	does("terminal monitor");
	out_reset(&async);
	fake.debug_fn(fake.debug_ctx, "msg=\"rx SCCRQ\"", 14);
	take_frames(s);
	assert_non_null(strstr(async.p, "level=debug mod=debug msg=\"rx SCCRQ\"\n"));
	does("no debug l2tp");
	says("show debugging", 200, "debug ppp user bob\n");
	assert_int_equal(line("no debug l2tp"), 404);
	does("undebug all");
	assert_int_equal(fake.debugs, 0);
	assert_null(fake.debug_fn);
	does("debug all");
	assert_int_equal(fake.debugs, 1);
	does("debug all");			/* the same wish again is no other */
	assert_int_equal(fake.debugs, 1);
	says("show debugging", 200, "debug all\n");
	does("undebug all");
	for (unsigned i = 0; i < 3; i++)
		does("debug ppp peer 192.0.2.1 user bob");
	says("show debugging", 200, "debug ppp peer 192.0.2.1 user bob\n");
	fake.debugs_max = 1;
	assert_int_equal(line("debug l2tp"), 409);
	assert_non_null(strstr(said(), "Too many"));
}

static void debugging_radius(void **state)
{
	does("debug radius");
	assert_non_null(fake.radius_fn);
	assert_int_equal(fake.debugs, 0);
	says("show debugging", 200, "debug radius\n");
	does("terminal monitor");
	out_reset(&async);
	fake.radius_fn(fake.radius_ctx, "radius tx Access-Request", 24);
	take_frames(s);
	assert_non_null(strstr(async.p, "level=debug mod=debug radius tx Access-Request\n"));
	assert_int_equal(line("no debug l2tp"), 404);
	does("no debug radius");
	assert_null(fake.radius_fn);
	assert_int_equal(line("no debug radius"), 404);
	does("debug all");
	assert_non_null(fake.radius_fn);
	does("debug all peer 192.0.2.1");	/* of a LAC there is no RADIUS */
	does("no debug radius");
	assert_null(fake.radius_fn);
	says("show debugging", 200, "debug all peer 192.0.2.1\n");
	does("debug radius");
	does("no debug all");
	assert_null(fake.radius_fn);
	assert_int_equal(fake.debugs, 0);
	assert_int_equal(line("debug radius peer 192.0.2.1"), 400);
	says("show debugging", 200, "");
}

/* ---- RADIUS ---- */

static void show_radius_servers(void **state)
{
	send_file(servers);
	fake_servers();
	says("show radius servers", 200,
	     "RADIUS Authentication Servers\n"
	     "                                      Udp Retry          Maximum  Dead                  Round\n"
	     "IP Address                           Port Count Timeout Sessions  Time Outstanding  Trip (ms)  State\n"
	     "127.0.0.1                            1812     3       3      255     5           2      1.234  alive\n"
	     "2001:db8:ffff:ffff:ffff:ffff:ffff:1  1812     3       3      255     0           0      0.000  dead, 17 s "
	     "left\n"
	     "\n"
	     "RADIUS Accounting Servers\n"
	     "                  Udp Retry          Maximum  Dead                  Round\n"
	     "IP Address       Port Count Timeout Sessions  Time Outstanding  Trip (ms)  State\n"
	     "127.0.0.1        1813     3       7      255     0           0      0.000  no key\n");
	does("show radius accounting servers");
	assert_null(strstr(said(), "Authentication"));
	does("show radius authentication servers | json");
	assert_memory_equal(said(), "{\"use\":\"authentication\",\"address\":\"127.0.0.1\",\"port\":1812,\"state\":\"alive\",", 72);
	assert_non_null(strstr(said(), "\"state\":\"dead\",\"dead-left\":17,"));
	assert_null(strstr(said(), "testing123"));
	fake.servers = 1;			/* configured, but the client has not heard of it */
	does("show radius servers | json");
	assert_non_null(strstr(said(), "\"state\":\"unknown\""));
}

static void show_radius_statistics(void **state)
{
	send_file(servers);
	fake_servers();
	does("show radius statistics");
	static const char start[] =
		"RADIUS Authentication Statistics\n"
		"Statistic                                                  127.0.0.1 2001:db8:ffff:ffff:ffff:ffff:ffff:1        "
		"                       total\n"
		"UDP port                                                        1812                                1812\n"
		"Round trip time (us)                                            1234                                   0\n"
		"requests                                                         100                                  11        "
		"                         111\n";

	assert_memory_equal(said(), start, sizeof(start) - 1);
	assert_non_null(strstr(said(), "RADIUS Accounting Statistics\n"));
	assert_non_null(strstr(said(), "Datagrams from unknown sources: 77\n"));
	assert_null(strstr(strstr(said(), "RADIUS Accounting"), "access-accepts"));
	does("show radius authentication statistics | json");
	assert_non_null(strstr(said(), "\"address\":\"127.0.0.1\",\"port\":1812,\"total\":false,\"rtt-us\":1234,\"requests\":100,"));
	assert_non_null(strstr(said(), "\"address\":null,\"port\":null,\"total\":true,\"requests\":111,"));
	assert_non_null(strstr(said(), "\"unknown-source\":77}\n"));
	m->c.aaa = NULL;
	says("show radius statistics", 500, "% The system is not running\n");
}

static void show_aaa_accounting(void **state)
{
	send_file("aaa accounting ppp default radius\naaa accounting interval 15\naaa accounting acct-stop on-access-deny enable\n");
	does("show aaa");
	assert_non_null(strstr(said(), "  Accounting of PPP users: radius\n"
				       "  Accounting of tunnel users: not set\n"
				       "  Interim accounting interval is 15 minutes\n"
				       "  Accounting stop on AAA failure is enabled\n"
				       "  Accounting stop on access deny is enabled\n"
				       "  Accounting queue is 200000 records\n"));
	does("show aaa statistics");
	assert_non_null(strstr(said(), "accepts"));
	assert_non_null(strstr(said(), "Accounting records\n  queued                                                              3\n"));
	does("show aaa statistics | json");
	assert_non_null(strstr(said(), "{\"group\":\"accounting\",\"name\":\"acknowledged\",\"value\":5}\n"));
	says("show ip local pool", 200,
	     "Begin           End                  Total     In use  Used  Pool\n"
	     "10.64.0.0       10.64.255.255        65536          7    0%  subscribers\n");
}

/* Without an answer there is nothing to do; `ask` would say so. */
static void begins_to_wait(const char *text)
{
	out_reset(&answered);
	mgmt_session_rx(s, "line ", 5);
	mgmt_session_rx(s, text, strlen(text));
	mgmt_session_rx(s, "\n", 1);
	while (mgmt_session_run(s))
		;
	assert_int_equal(take_frames(s), 0);
	assert_true(mgmt_session_waits(s));
}

static int waited(void)
{
	int code = 0;

	while (!code) {
		assert_true(mgmt_session_run(s));
		code = take_frames(s);
	}
	return code;
}

static void a_test_is_waited_for(void **state)
{
	static const struct aaa_route routes[] = { { { { 4, { 10, 1 } }, 16 }, 5, 7 } };

	begins_to_wait("test aaa ppp bob@x \"he llo\"");
	assert_string_equal(fake.test_user, "bob@x");
	assert_string_equal(fake.test_password, "he llo");
	fake.test = (struct aaa_test){ .done = true, .accepted = true, .method = "radius" };
	fake.test.grant = (struct aaa_grant){ .ip4 = ip4_of(0x0a400007), .ip4_from_pool = true, .dns = { 0x09090909 },
					      .session_timeout_s = 3600, .message = span_str("wel\x1b""come"),
					      .routes = routes, .route_count = 1 };
	assert_int_equal(waited(), 200);
	assert_string_equal(said(), "  Result is accepted\n"
				    "  Method is radius\n"
				    "  Message is wel\\x1bcome\n"
				    "    IP address is 10.64.0.7\n"
				    "    IP address is of a pool: yes\n"
				    "    Primary DNS server is 9.9.9.9\n"
				    "    Session timeout (seconds) is 3600\n"
				    "    Framed route is 10.1.0.0/16 metric 5 tag 7\n");
	assert_int_equal(fake.tests, 0);
	does("test aaa ppp bob hello | json");		/* an answer that is there at once */
	assert_non_null(strstr(said(), "\"result\":\"accepted\",\"method\":\"radius\""));
	assert_non_null(strstr(said(), "\"framed-routes\":[{\"prefix\":\"10.1.0.0/16\",\"metric\":5,\"tag\":7}]"));
	does("configure terminal");
	does("do test aaa ppp bob hello | json");
	assert_int_equal(said()[0], '{');
	assert_string_equal(prompt, "adit(config)#");
}

static void a_test_that_is_denied(void **state)
{
	begins_to_wait("test aaa ppp bob wrong");
	fake.test = (struct aaa_test){ .done = true, .refusal = AAA_REFUSE_DENIED, .method = "local" };
	fake.test.grant.message = span_str("go away");
	assert_int_equal(waited(), 409);
	assert_string_equal(said(), "  Result is denied\n  Method is local\n  Reason is deny-authentication-denied\n  Message is go away\n% "
			    "Denied\n");
	assert_int_equal(fake.tests, 0);
	says("test aaa ppp bob", 400, "test aaa ppp bob\n                ^\n% Incomplete command\n");
	fake.tests = fake.tests_max = 1;
	says("test aaa ppp bob hello", 409, "% Too many requests are in progress\n");
	m->c.aaa = NULL;
	says("test aaa ppp bob hello", 500, "% The system is not running\n");
}

static void a_test_without_an_answer(void **state)
{
	begins_to_wait("test aaa ppp bob hello");
	assert_false(mgmt_session_run(s));
	assert_true(mono_s_between(mgmt_now(m), mgmt_session_deadline(s)) >= 59);
	s->job->due = mgmt_now(m);
	assert_int_equal(waited(), 409);
	assert_string_equal(said(), "% No answer within 60 seconds\n");
	assert_int_equal(fake.tests, 0);
	begins_to_wait("test aaa ppp bob hello");
	mgmt_session_rx(s, "cancel\n", 7);
	assert_int_equal(waited(), 409);
	assert_string_equal(said(), "% Interrupted\n");
	assert_int_equal(fake.tests, 0);
	begins_to_wait("test aaa ppp bob hello");
	m->c.aaa = NULL;				/* the daemon ends */
	assert_int_equal(waited(), 500);
}

/* ---- log ---- */

static void monitor_and_log(void **state)
{
	out_reset(&async);
	log_line(LOG_NOTICE, "l2tp", "before", "n=1");
	does("terminal monitor");
	log_line(LOG_WARNING, "l2tp", "tunnel refused", "n=%u", 2u);
	take_frames(s);
	assert_null(strstr(async.p, "before"));
	assert_non_null(strstr(async.p, "Z level=warning mod=l2tp msg=\"tunnel refused\" n=2\n"));
	says("show log 1 ", 200, async.p);
	for (unsigned i = 0; i < 5000; i++)	/* a client that reads nothing loses lines, and is told how many */
		log_line(LOG_NOTICE, "l2tp", "flood", "i=%u", i);
	assert_true(mgmt_session_tx(s).len <= SESSION_MONITOR_MAX + 200);
	out_reset(&async);
	take_frames(s);
	log_line(LOG_NOTICE, "l2tp", "after", "n=1");
	take_frames(s);
	assert_non_null(strstr(async.p, "lines were lost\n"));
	assert_non_null(strstr(async.p, "after"));
	does("terminal no monitor");
	out_reset(&async);
	log_line(LOG_NOTICE, "l2tp", "quiet", "n=1");
	assert_int_equal(mgmt_session_tx(s).len, 0);
	does("show log");
	unsigned n = 0;

	for (const char *p = said(); (p = strchr(p, '\n')); p++)
		n++;
	assert_int_equal(n, LOGRING_LINES);
	out_fini(&async);
}

/* While a display is streamed, monitor lines wait for its end. */
static void monitor_lines_come_between_answers(void **state)
{
	bool seen_end = false;

	fake.sessions = 300;
	does("terminal monitor");
	mgmt_session_rx(s, "line show l2tp session\n", 23);
	assert_true(mgmt_session_run(s));
	assert_true(mgmt_session_run(s));
	log_line(LOG_NOTICE, "l2tp", "in the middle", "n=1");
	while (mgmt_session_run(s))
		;
	for (struct span tx; (tx = mgmt_session_tx(s)).len;) {
		int code;
		size_t len;

		assert_int_equal(sscanf((const char *)tx.p, "=%d %zu", &code, &len), 2);
		seen_end |= code == 200;
		assert_true(code != 110 || seen_end);
		mgmt_session_sent(s, (size_t)(strchr((const char *)tx.p, '\n') + 1 - (const char *)tx.p) + len);
	}
	assert_true(seen_end);
}

/* ---- write memory ---- */

static void read_back(const char *name, char *buf, size_t cap)
{
	FILE *f = fopen(name, "r");
	size_t n = f ? fread(buf, 1, cap - 1, f) : 0;

	buf[n] = '\0';
	if (f)
		fclose(f);
}

static void write_memory(void **state)
{
	char buf[4096], name[128];
	struct stat st;

	send_file(example);
	does("write memory");
	read_back(path, buf, sizeof(buf));
	assert_string_equal(buf, example);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (unsigned i = 0; i < 25; i++)
		does("write memory");
	for (unsigned i = 1; i <= 27; i++) {
		snprintf(name, sizeof(name), "%s/config-history/%06u.conf", dir, i);
		assert_int_equal(access(name, F_OK) == 0, i >= 7 && i <= 26);
		unlink(name);
	}
	snprintf(name, sizeof(name), "%s/config-history", dir);
	rmdir(name);

	struct out errors = { 0 };

	does("configure terminal");
	does("hostname changed");
	assert_int_equal(mgmt_load(m, &errors), 0);	/* reload: the file is in force again, whole */
	assert_string_equal(m->conf.model.hostname, "lns1");
	FILE *f = fopen(path, "a");

	fputs("bogus\n", f);
	fclose(f);
	assert_int_equal(mgmt_load(m, &errors), -22);
	assert_non_null(strstr(errors.p, "adit.conf:23: Unknown command\nbogus\n^\n"));
	assert_string_equal(m->conf.model.hostname, "lns1");
	assert_int_equal(mgmt_check_file(path, &errors), -22);
	unlink(path);
	assert_int_equal(mgmt_check_file(path, &errors), -2);

	int fd[2];

	assert_int_equal(pipe(fd), 0);		/* no regular file: its size says nothing */
	assert_int_equal(write(fd[1], "bogus\n", 6), 6);
	close(fd[1]);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd[0]);
	out_reset(&errors);
	assert_int_equal(mgmt_check_file(name, &errors), -22);
	assert_non_null(strstr(errors.p, ":1: Unknown command\nbogus\n^\n"));
	close(fd[0]);
	out_fini(&errors);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(prompts_follow_the_mode),
		T(example_typed_line_by_line),
		T(looked_up_outwards),
		T(carets_are_of_the_innermost),
		T(question_mark_says_so),
		T(exec_from_configuration),
		T(a_refused_line_changes_nothing),
		T(dangling_references_are_told),
		T(a_server_without_a_key_is_told),
		T(the_object_of_a_mode_may_go),
		T(a_file_is_taken_whole_or_not),
		T(requests_may_be_sent_ahead),
		T(a_request_is_bounded),
		T(a_file_is_bounded),
		T(show_sessions),
		T(show_l2tp_global),
		T(show_destination_profile),
		T(show_subscribers),
		T(every_display_has_json),
		T(a_long_display_is_a_stream),
		T(operations),
		T(administrative_states),
		T(debugging),
		T(debugging_radius),
		T(show_radius_servers),
		T(show_radius_statistics),
		T(show_aaa_accounting),
		T(a_test_is_waited_for),
		T(a_test_that_is_denied),
		T(a_test_without_an_answer),
		T(monitor_and_log),
		T(monitor_lines_come_between_answers),
		T(write_memory),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/adit.conf", dir);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(dir);
	out_fini(&answered);
	out_fini(&async);
	return failed;
}
