/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `adit-lab subscribers`: one table of options, which is also the help text. */
#include "lab/options.h"

#include <stdlib.h>

#include "lab/args.h"
#include "lab/packet.h"
#include "lab/pattern.h"

/* How an option's argument is read. */
enum option_kind { FLAG, NUMBER, REAL, TEXT, PATTERN, END_POINT, LOCAL, AUTH, TARGET, HANGUP };

struct option_row {
	const char *name, *arg;		/* arg NULL: takes none */
	enum option_kind kind;
	size_t at;			/* in struct lab_conf */
	unsigned min, max;
	const char *help;
};

#define AT(field) offsetof(struct lab_conf, field)

static const struct option_row options[] = {
	{ "lns", "ADDR[:PORT]", END_POINT, AT(lns), 0, 0, "the LNS to call (port 1701)" },
	{ "local", "ADDR[/LEN]", LOCAL, AT(locals), 0, 0, "source address of the tunnels, in turn; may be repeated" },
	{ "source-port", "PORT", NUMBER, AT(source_port), 0, 65535, "source port; 0: another for each tunnel (1701)" },
	{ "tunnels", "T", NUMBER, AT(tunnels), 1, 65535, "tunnels (1)" },
	{ "host-name", "PATTERN", PATTERN, AT(host_name), 1, 64, "Host Name of tunnel %d (adit-lab)" },
	{ "secret", "TEXT", TEXT, AT(secret), 0, 0, "tunnel password: challenge and answer" },
	{ "hide", NULL, FLAG, AT(hide), 0, 0, "hide the AVPs that may be hidden" },
	{ "hello", "SECONDS", NUMBER, AT(hello_s), 0, 3600, "Hello interval of a quiet tunnel (60)" },
	{ "count", "N", NUMBER, AT(count), 1, 1000000, "subscribers, spread over the tunnels (1)" },
	{ "first", "N", NUMBER, AT(first), 0, 1000000000, "number of the first subscriber (1)" },
	{ "rate", "CALLS", REAL, AT(rate), 0, 1000000, "calls a second; 0: as fast as --pending lets (100)" },
	{ "pending", "N", NUMBER, AT(pending), 1, 1000000, "at most so many calls in progress (256)" },
	{ "auth", "LIST", AUTH, AT(auth), 0, 0, "what to agree to: pap,chap,ms-chap-v2 or none (all)" },
	{ "user", "PATTERN", PATTERN, AT(user), 0, 0, "user name of subscriber %d (user%d)" },
	{ "password", "PATTERN", PATTERN, AT(password), 0, 0, "password (empty)" },
	{ "calling-number", "PATTERN", PATTERN, AT(calling_number), 0, 0, "Calling Number AVP" },
	{ "called-number", "PATTERN", PATTERN, AT(called_number), 0, 0, "Called Number AVP" },
	{ "circuit-id", "PATTERN", PATTERN, AT(circuit_id), 0, 0, "Agent-Circuit-Id AVP (RFC 5515)" },
	{ "remote-id", "PATTERN", PATTERN, AT(remote_id), 0, 0, "Agent-Remote-Id AVP (RFC 5515)" },
	{ "proxy", NULL, FLAG, AT(proxy), 0, 0, "LCP and authentication before the call, as proxy AVPs in ICCN" },
	{ "mru", "OCTETS", NUMBER, AT(mru), 64, 9000, "MRU of the subscribers (1500)" },
	{ "ipv6", NULL, FLAG, AT(ipv6), 0, 0, "negotiate IPv6CP too" },
	{ "no-ff03", NULL, FLAG, AT(no_ff03), 0, 0, "data without Address and Control octets" },
	{ "sequencing", NULL, FLAG, AT(sequencing), 0, 0, "Sequencing Required, and Ns in our data" },
	{ "setup-timeout", "SECONDS", NUMBER, AT(setup_timeout_s), 1, 3600, "a call has so long for its address (60)" },
	{ "ping", "ADDR|peer", TARGET, AT(ping), 0, 0, "each subscriber pings; peer: its neighbour" },
	{ "ping-count", "N", NUMBER, AT(ping_count), 1, 1000000, "Echo Requests of each (1)" },
	{ "ping-size", "OCTETS", NUMBER, AT(ping_size), PROBE_MIN, 8972, "data octets in each (56)" },
	{ "ping-interval", "MS", NUMBER, AT(ping_interval_ms), 1, 3600000, "between two (1000)" },
	{ "ping-timeout", "MS", NUMBER, AT(ping_timeout_ms), 1, 3600000, "an answer is lost after (5000)" },
	{ "stream", "ADDR[:PORT]|peer", TARGET, AT(stream), 0, 0, "each sends UDP (port 7), counts what comes back" },
	{ "stream-pps", "N", NUMBER, AT(stream_pps), 1, 1000000, "packets a second of each (10)" },
	{ "stream-size", "OCTETS", NUMBER, AT(stream_size), PROBE_MIN, 8972, "UDP data octets in each (1000)" },
	{ "stream-time", "SECONDS", NUMBER, AT(stream_s), 1, 86400, "how long (10)" },
	{ "retry", "SECONDS", REAL, AT(retry_s), 0, 3600, "repeat a failed call after so long, then later (never; storm: 3)" },
	{ "churn", "CALLS", REAL, AT(churn), 0, 1000000, "subscribers a second that hang up and return (0)" },
	{ "storm", "N", NUMBER, AT(storms), 0, 10000, "after --hold: all drop at once and return, N times (0)" },
	{ "storm-interval", "SECONDS", REAL, AT(storm_interval_s), 0, 86400, "all stay up so long after each round (5)" },
	{ "storm-drop", "HOW", HANGUP, AT(storm_drop), 0, 0, "how they drop: silent, cdn, stopccn or lcp (silent)" },
	{ "storm-timeout", "SECONDS", NUMBER, AT(storm_timeout_s), 1, 86400, "who is not back by then never came back (300)" },
	{ "hello-probe-tunnels", "K", NUMBER, AT(probes), 0, 1000, "idle tunnels that send a Hello every second (0)" },
	{ "hold", "SECONDS", REAL, AT(hold_s), 0, 31536000, "stay up when all is done (0)" },
	{ "hangup", "HOW", HANGUP, AT(hangup), 0, 0, "the end: lcp, cdn, stopccn or silent (lcp)" },
	{ "json", NULL, FLAG, AT(json), 0, 0, "one JSON object at the end" },
	{ "verbose", NULL, FLAG, AT(verbose), 0, 0, "a line when a subscriber comes up or goes" },
	{ "quiet", NULL, FLAG, AT(quiet), 0, 0, "no progress on the terminal" },
};

enum { STORM_RETRY_S = 3, OPTIONS = sizeof(options) / sizeof(options[0]) };

static const char *const hangups[] = { "lcp", "cdn", "stopccn", "silent" };

const char *lab_hangup_name(enum lab_hangup h)
{
	return hangups[h];
}

/* ---- reading of arguments ---- */

static bool local_add(struct lab_conf *c, const struct ip_addr *a)
{
	struct ip_addr *locals;

	if (c->local_count == LAB_LOCALS_MAX)
		return false;
	locals = realloc(c->locals, (c->local_count + 1) * sizeof(*locals));
	if (!locals)
		return false;
	c->locals = locals;
	c->locals[c->local_count++] = *a;
	return true;
}

/* An address, or an IPv4 prefix: its hosts. */
static bool read_local(struct lab_conf *c, const char *text)
{
	char copy[64];
	char *slash;
	struct ip_addr a;
	unsigned len;
	uint32_t base, mask, edge;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (!slash)
		return ip_addr_parse(&a, copy) && local_add(c, &a);
	*slash = '\0';
	if (!ip4_parse(&base, copy) || !args_number(slash + 1, 16, 32, &len))
		return false;
	mask = UINT32_MAX << (32 - len);
	edge = len < 31;	/* without network and broadcast address */
	for (uint64_t v = (base & mask) + edge; v <= (uint64_t)(base | ~mask) - edge; v++) {
		a = ip4_of((uint32_t)v);
		if (!local_add(c, &a))
			return false;
	}
	return true;
}

static bool read_auth_word(const char *word, size_t len, enum ppp_auth *out)
{
	for (unsigned a = PPP_AUTH_PAP; a < PPP_AUTH_COUNT; a++) {
		const char *name = ppp_auth_name((enum ppp_auth)a);

		if (strlen(name) == len && memcmp(name, word, len) == 0) {
			*out = (enum ppp_auth)a;
			return true;
		}
	}
	return false;
}

static bool read_auth(const char *text, enum ppp_auth out[PPP_AUTH_COUNT])
{
	unsigned n = 0;

	memset(out, 0, PPP_AUTH_COUNT * sizeof(*out));
	if (strcmp(text, "none") == 0)
		return true;
	for (;;) {
		size_t len = strcspn(text, ",");

		if (n == PPP_AUTH_COUNT - 1 || !read_auth_word(text, len, &out[n++]))
			return false;
		if (!text[len])
			return true;
		text += len + 1;
	}
}

static bool read_target(const char *text, struct lab_target *t)
{
	struct ip_addr a;

	if (strcmp(text, "peer") == 0) {
		t->kind = LAB_TARGET_PEER;
		return true;
	}
	t->kind = LAB_TARGET_ADDR;
	if (!args_end_point(text, &a, &t->port) || a.af != 4)
		return false;
	t->addr = ip4_num(&a);
	return true;
}

static bool read_hangup(const char *text, enum lab_hangup *out)
{
	for (unsigned i = 0; i < sizeof(hangups) / sizeof(hangups[0]); i++) {
		if (strcmp(hangups[i], text) == 0) {
			*out = (enum lab_hangup)i;
			return true;
		}
	}
	return false;
}

static bool read_pattern(const struct option_row *o, const char *text, const char **out)
{
	char longest[LAB_NAME_MAX + 2];
	size_t len;

	if (!pattern_check(text))
		return false;
	len = pattern_expand(longest, sizeof(longest), text, 1999999999);
	*out = text;
	return len >= o->min && len <= (o->max ? o->max : LAB_NAME_MAX);
}

static bool option_read(struct lab_conf *c, const struct option_row *o, const char *arg)
{
	void *at = (char *)c + o->at;
	unsigned v;

	switch (o->kind) {
	case FLAG:
		*(bool *)at = true;
		return true;
	case NUMBER:
		if (!args_number(arg, o->min, o->max, &v))
			return false;
		if (o->at == AT(source_port))
			c->source_port = (uint16_t)v;
		else
			*(unsigned *)at = v;
		return true;
	case REAL:
		return args_real(arg, o->max, at);
	case TEXT:
		*(const char **)at = arg;
		return *arg != '\0';
	case PATTERN:
		return read_pattern(o, arg, at);
	case END_POINT:
		return args_end_point(arg, &c->lns, &c->lns_port);
	case LOCAL:
		return read_local(c, arg);
	case AUTH:
		return read_auth(arg, c->auth);
	case TARGET:
		return read_target(arg, at);
	case HANGUP:
		return read_hangup(arg, at);
	}
	return false;
}

/* ---- the whole ---- */

void lab_conf_init(struct lab_conf *c)
{
	*c = (struct lab_conf){
		.lns_port = 1701, .source_port = 1701, .tunnels = 1, .host_name = "adit-lab", .hello_s = 60,
		.count = 1, .first = 1, .rate = 100, .pending = 256,
		.auth = { PPP_AUTH_CHAP_MD5, PPP_AUTH_PAP, PPP_AUTH_MSCHAPV2 },
		.user = "user%d", .password = "", .mru = 1500, .setup_timeout_s = 60,
		.stream.port = 7, .ping_count = 1, .ping_size = 56, .ping_interval_ms = 1000, .ping_timeout_ms = 5000,
		.stream_pps = 10, .stream_size = 1000, .stream_s = 10,
		.retry_s = -1, .storm_interval_s = 5, .storm_timeout_s = 300, .storm_drop = LAB_HANGUP_SILENT,
	};
}

void lab_conf_fini(struct lab_conf *c)
{
	free(c->locals);
	c->locals = NULL;
	c->local_count = 0;
}

static const struct option_row *option_find(const char *word, const char **arg)
{
	for (unsigned i = 0; i < OPTIONS; i++)
		if (args_is(word, options[i].name, arg))
			return &options[i];
	return NULL;
}

static enum lab_options bad(FILE *err, const char *what, const char *word)
{
	fprintf(err, "adit-lab: %s: %s\n", what, word);
	return LAB_OPTIONS_BAD;
}

static enum lab_options conf_check(const struct lab_conf *c, FILE *err)
{
	if (ip_addr_is_none(&c->lns))
		return bad(err, "needed", "--lns ADDR[:PORT]");
	for (unsigned i = 0; i < c->local_count; i++)
		if (c->locals[i].af != c->lns.af)
			return bad(err, "address family differs", "--local and --lns");
	if (c->tunnels > c->count)
		return bad(err, "more tunnels than subscribers", "--tunnels");
	if (c->tunnels + c->probes > UINT16_MAX)
		return bad(err, "too many together", "--tunnels and --hello-probe-tunnels");
	if (c->churn > 0 && c->hold_s <= 0 && !c->storms)
		return bad(err, "needs time to take place in", "--churn without --hold");
	if (c->churn > 0 && (c->ping.kind == LAB_TARGET_PEER || c->stream.kind == LAB_TARGET_PEER))
		return bad(err, "a neighbour may be away", "--churn with traffic to peer");
	return LAB_OPTIONS_RUN;
}

static void conf_complete(struct lab_conf *c)
{
	if (c->retry_s < 0)
		c->retry_s = c->storms || c->churn > 0 ? STORM_RETRY_S : 0;
}

enum lab_options lab_options_parse(struct lab_conf *c, int argc, char **argv, FILE *err)
{
	lab_conf_init(c);
	for (int i = 1; i < argc; i++) {
		const char *arg;
		const struct option_row *o = option_find(argv[i], &arg);

		if (strcmp(argv[i], "--help") == 0)
			return LAB_OPTIONS_HELP;
		if (!o)
			return bad(err, "unknown option", argv[i]);
		if (!o->arg && arg)
			return bad(err, "takes no argument", argv[i]);
		if (o->arg && !arg) {
			if (++i == argc)
				return bad(err, "needs an argument", argv[i - 1]);
			arg = argv[i];
		}
		if (!option_read(c, o, arg))
			return bad(err, "not understood", argv[i]);
	}
	conf_complete(c);
	return conf_check(c, err);
}

void lab_options_help(FILE *out)
{
	fputs("Usage: adit-lab subscribers --lns ADDR[:PORT] [OPTION]...\n\n"
	      "Calls an LNS as a LAC with PPP clients behind it. Exit status: 0 when all came up and every ping was\n"
	      "answered, 1 otherwise, 2 for a wrong command line.\n\n", out);
	for (unsigned i = 0; i < OPTIONS; i++)
		args_help(out, options[i].name, options[i].arg, options[i].help);
}
