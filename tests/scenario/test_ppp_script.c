/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Conversations with a PPP link and its network layer, in virtual time: tests/scenario/ppp/ *.script.
 *
 *	conf client auth=chap,pap mru=1442 first=1000 magic passive initiate	before anything else
 *	begin								the lower layer is up
 *	rx c021 01 09 0004						the peer's frame, in hexadecimal
 *	expect lcp Configure-Ack id=9					the next frame, as `debug ppp` shows it
 *	expect c021 02 09 0004						or in hexadecimal; "??" is any octet
 *	expect nothing
 *	event opened | auth-request | network | keepalive-due | renegotiate | down [reason] | ip4-up | ... | none
 *	judge ok | refused
 *	pass 3s
 *	state lcp=Opened ipcp=Req-Sent phase=network
 */
#include <glob.h>

#include "ppp_solo.h"
#include "scenario/script.h"

static const char *const keywords[] = {
	"conf", "begin", "rx", "expect", "event", "judge", "pass", "state", "close", NULL,
};

struct run {
	struct solo s;
	bool made;
};

static bool say(const char *what, const char *which)
{
	fprintf(stderr, "%s: %s\n", what, which);
	return false;
}

/* Identifiers begin at 1 everywhere, so that a script can be read. */
static void make(struct run *r)
{
	if (r->made)
		return;
	r->made = true;
	solo_make(&r->s);
	r->s.net = ppp_net_new(&r->s.net_conf, &r->s.rng, &r->s.count);
	r->s.net->ncp[NCP_IP4].cp.next_id = r->s.net->ncp[NCP_IP6].cp.next_id = 1;
}

/* ---- conf ---- */

static bool conf_auth(struct run *r, const char *list)
{
	unsigned n = 0;

	for (const char *p = list; *p && n < 3; p += strcspn(p, ","), p += *p == ',') {
		enum ppp_auth a = PPP_AUTH_PAP;

		while (a < PPP_AUTH_COUNT && strncmp(ppp_auth_name(a), p, strcspn(p, ",")) != 0)
			a++;
		if (a == PPP_AUTH_COUNT)
			return say("no such method", p);
		r->s.conf.auth[n++] = a;
	}
	return true;
}

static bool do_conf(struct run *r, const struct script_clause *c)
{
	const char *auth = script_value(c, "auth"), *mru = script_value(c, "mru"), *dns = script_value(c, "dns");
	const char *first = script_value(c, "first");

	if (script_flag(c, "client"))
		solo_init(&r->s, PPP_CLIENT);
	r->s.conf.magic = script_flag(c, "magic");
	r->s.conf.passive = script_flag(c, "passive");
	r->s.net_conf.initiate_ipv4 = r->s.net_conf.initiate_ipv6 = script_flag(c, "initiate");
	if (first)
		r->s.conf.restart_first_ms = (uint16_t)atoi(first);
	if (mru)
		r->s.conf.mru = (uint16_t)atoi(mru);
	if (dns && !ip4_parse(&r->s.net_conf.dns[0], dns))
		return say("no address", dns);
	return !auth || conf_auth(r, auth);
}

/* ---- frames ---- */

static void join(char *text, size_t cap, const struct script_clause *c)
{
	text[0] = '\0';
	for (unsigned i = 1; i < c->n; i++)
		snprintf(text + strlen(text), cap - strlen(text), "%s%s", i > 1 ? " " : "", c->word[i]);
}

static bool same_octets(const struct run *r, const char *text)
{
	uint8_t want[2048];
	bool any[2048];
	size_t len = unhex(text, want, any), i = 0;

	while (i < len && i < r->s.last_len && (any[i] || want[i] == r->s.last[i]))
		i++;
	return i == len && len == r->s.last_len;
}

static bool do_expect(struct run *r, const struct script_clause *c)
{
	char want[1024], got[1024] = "nothing";
	bool hex = isxdigit((unsigned char)c->word[1][0]) && isxdigit((unsigned char)c->word[1][1]) &&
		   strlen(c->word[1]) == 4 && !strstr(c->word[1], "cp");

	join(want, sizeof(want), c);
	if (solo_take(&r->s))
		(void)ppp_debug_line(r->s.last, r->s.last_len, got, sizeof(got));
	if (hex ? same_octets(r, want) : strcmp(want, got) == 0)
		return true;
	return say("came out", got);
}

static bool do_rx(struct run *r, const struct script_clause *c)
{
	char text[1024];

	join(text, sizeof(text), c);
	(void)solo_send(&r->s, text);
	return true;
}

/* ---- events ---- */

static const char *const link_events[] = {
	"opened", "auth-request", "network", "keepalive-due", "renegotiate", "down",
};
static const char *const net_events[] = { "ip4-up", "ip4-down", "ip6-up", "ip6-down", "none-left" };

/* The next event by name, with its reason; the network layer follows the link as an owner has it do. */
static const char *next_event(struct run *r, enum ppp_reason *why)
{
	struct ppp_link_event ev;
	struct ppp_net_event nev;

	if (ppp_link_event(r->s.link, &ev)) {
		*why = ev.reason;
		if (ev.type == PPP_LINK_EV_NETWORK)
			ppp_net_up(r->s.net, r->s.now);
		if (ev.type == PPP_LINK_EV_RENEGOTIATE || ev.type == PPP_LINK_EV_DOWN)
			ppp_net_down(r->s.net, r->s.now);
		return link_events[ev.type];
	}
	if (!ppp_net_event(r->s.net, &nev))
		return "none";
	*why = nev.reason;
	return net_events[nev.type];
}

static bool do_event(struct run *r, const struct script_clause *c)
{
	enum ppp_reason why = PPP_REASON_NONE;
	const char *got = next_event(r, &why);

	if (strcmp(got, c->word[1]) != 0)
		return say("event", got);
	if (c->n > 2 && strcmp(ppp_reason_name(why), c->word[2]) != 0)
		return say("reason", ppp_reason_name(why));
	return true;
}

static bool do_judge(struct run *r, const struct script_clause *c)
{
	struct ppp_auth_result res = { .ok = strcmp(c->word[1], "ok") == 0 };

	ppp_link_auth_result(r->s.link, &res, r->s.now);
	return true;
}

static bool check(const struct script_clause *c, const char *key, const char *got)
{
	const char *want = script_value(c, key);

	return !want || strcmp(want, got) == 0 || say(key, got);
}

static bool do_state(struct run *r, const struct script_clause *c)
{
	struct ppp_link_info info;

	ppp_link_info(r->s.link, &info);
	return check(c, "lcp", info.lcp_state) && check(c, "phase", info.phase) &&
	       check(c, "ipcp", ppp_net_state(r->s.net, 0x8021)) &&
	       check(c, "ipv6cp", ppp_net_state(r->s.net, 0x8057));
}

static bool clause(void *ctx, const struct script_clause *c)
{
	struct run *r = ctx;
	const char *k = c->word[0];

	if (!strcmp(k, "conf"))
		return do_conf(r, c);
	make(r);
	if (!strcmp(k, "begin"))
		ppp_link_up(r->s.link, r->s.now);
	else if (!strcmp(k, "close"))
		ppp_link_close(r->s.link, PPP_REASON_ADMIN_LOGOUT, r->s.now);
	else if (c->n < 2)
		return say("what of it", k);
	else if (!strcmp(k, "rx"))
		return do_rx(r, c);
	else if (!strcmp(k, "expect"))
		return do_expect(r, c);
	else if (!strcmp(k, "event"))
		return do_event(r, c);
	else if (!strcmp(k, "judge"))
		return do_judge(r, c);
	else if (!strcmp(k, "state"))
		return do_state(r, c);
	else if (!strcmp(k, "pass"))
		solo_pass(&r->s, script_ms(c->word[1]));
	return true;
}

static bool run_file(const char *file)
{
	struct run r = { 0 };
	bool good;

	solo_init(&r.s, PPP_AUTHENTICATOR);
	r.s.net_conf.dns[0] = 0x09090909;
	good = script_run(file, keywords, clause, &r);
	if (good && solo_take(&r.s))
		good = say("not expected at the end", ppp_cp_code_name(r.s.last[2]));
	if (solo_count(&r.s, PPP_COUNT_ILLEGAL_EVENT))
		good = say(file, "an event that cannot occur");
	solo_fini(&r.s);
	printf("%s %s\n", good ? "ok    " : "FAILED", file);
	return good;
}

int main(int argc, char **argv)
{
	glob_t g = { 0 };
	unsigned failed = 0;

	for (int i = 1; i < argc; i++)
		failed += !run_file(argv[i]);
	if (argc > 1)
		return failed != 0;
	if (glob("tests/scenario/ppp/*.script", 0, NULL, &g) || g.gl_pathc == 0) {
		fprintf(stderr, "no scripts: run from the root of the tree\n");
		return 1;
	}
	for (size_t i = 0; i < g.gl_pathc; i++)
		failed += !run_file(g.gl_pathv[i]);
	printf("%zu scripts, %u failed\n", g.gl_pathc, failed);
	globfree(&g);
	return failed != 0;
}
