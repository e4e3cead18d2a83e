/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `adit-lab radius`: one table of options, which is also the help text. */
#include "lab/radius_options.h"

#include <errno.h>

#include "lab/args.h"

enum option_kind { FLAG, OFF, NUMBER, REAL, PERCENT, TEXT, YES_NO, SECRET, LISTEN_AUTH, LISTEN_ACCT, USERS, ATTR, DELAY };

struct option_row {
	const char *name, *arg;		/* arg NULL: takes none */
	enum option_kind kind;
	size_t at;			/* in struct radius_options */
	const char *help;
};

#define AT(field) offsetof(struct radius_options, field)

static const struct option_row options[] = {
	{ "auth", "ADDR:PORT", LISTEN_AUTH, 0, "where Access-Requests come (port 1812)" },
	{ "acct", "ADDR:PORT", LISTEN_ACCT, 0, "where Accounting-Requests come (port 1813)" },
	{ "secret", "TEXT", SECRET, 0, "shared with every client" },
	{ "users", "FILE", USERS, 0, "lines: name password [Name=Value]...; may be repeated" },
	{ "password", "TEXT", TEXT, AT(password), "of everybody who is not in a file" },
	{ "accept-all", NULL, FLAG, AT(accept_all), "anybody who is not in a file is accepted, whatever the password" },
	{ "attr", "NAME=VALUE", ATTR, 0, "in the Access-Accept of those; may be repeated" },
	{ "message-authenticator", "yes|no", YES_NO, AT(conf.message_authenticator), "first in answers to Access-Requests (yes)" },
	{ "no-status-server", NULL, OFF, AT(conf.status_server), "Status-Server is not answered" },
	{ "silent", "PERCENT", PERCENT, AT(conf.silent), "so many requests are as if they had not come" },
	{ "delay", "MS[..MS]", DELAY, 0, "answers come so much later" },
	{ "rate", "N", REAL, AT(conf.rate), "at most N answers a second" },
	{ "burst", "N", NUMBER, AT(conf.burst), "answers wait until there are N, or for 100 ms" },
	{ "reject", "PERCENT", PERCENT, AT(conf.reject), "Access-Rejects by order" },
	{ "challenge", "PERCENT", PERCENT, AT(conf.challenge), "Access-Challenges by order, to requests without State" },
	{ "wrong-authenticator", "PERCENT", PERCENT, AT(conf.wrong_authenticator), "answers with a wrong authenticator" },
	{ "wrong-secret", NULL, FLAG, AT(conf.wrong_secret), "answers are signed with another secret" },
	{ "wrong-id", "PERCENT", PERCENT, AT(conf.wrong_id), "answers with the Identifier of another request" },
	{ "truncate", "PERCENT", PERCENT, AT(conf.truncate), "answers that end too early" },
	{ "duplicate", "PERCENT", PERCENT, AT(conf.duplicate), "answers that come twice" },
	{ "auth-log", "FILE", TEXT, AT(auth_log), "a line of JSON for each Access-Request" },
	{ "acct-log", "FILE", TEXT, AT(acct_log), "a line of JSON for each Accounting-Request" },
};

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* ---- reading of arguments ---- */

static bool read_listen(struct radius_options *o, enum lab_radius_port port, const char *text)
{
	return args_end_point(text, &o->listen[port].addr, &o->listen[port].port);
}

/* MS, or MS..MS. */
static bool read_delay(struct lab_radius_conf *c, const char *text)
{
	char first[16];
	const char *dots = strstr(text, "..");
	size_t len = dots ? (size_t)(dots - text) : strlen(text);

	if (len >= sizeof(first))
		return false;
	memcpy(first, text, len);
	first[len] = '\0';
	return args_number(first, 0, 600000, &c->delay_min_ms) &&
	       args_number(dots ? dots + 2 : first, c->delay_min_ms, 600000, &c->delay_max_ms);
}

static bool read_yes_no(const char *text, bool *out)
{
	*out = strcmp(text, "yes") == 0;
	return *out || strcmp(text, "no") == 0;
}

static bool read_users(struct radius_options *o, const char *path, FILE *err)
{
	FILE *in = fopen(path, "re");
	const char *what;
	unsigned line;
	bool ok;

	if (!in) {
		fprintf(err, "adit-lab: %s: %s\n", path, strerror(errno));
		return false;
	}
	ok = users_read(&o->users, in, &what, &line);
	fclose(in);
	if (!ok)
		fprintf(err, "adit-lab: %s:%u: %s\n", path, line, what);
	return ok;
}

static bool read_attr(struct radius_options *o, const char *text, FILE *err)
{
	const char *wrong = reply_add(&o->reply, text);

	if (wrong)
		fprintf(err, "adit-lab: --attr %s: %s\n", text, wrong);
	return !wrong;
}

static bool option_read(struct radius_options *o, const struct option_row *row, const char *arg, FILE *err)
{
	void *at = (char *)o + row->at;

	switch (row->kind) {
	case FLAG:
	case OFF:
		*(bool *)at = row->kind == FLAG;
		return true;
	case NUMBER: return args_number(arg, 1, 100000, at);
	case REAL: return args_real(arg, 10000000, at);
	case PERCENT: return args_real(arg, 100, at);
	case TEXT: *(const char **)at = arg; return true;
	case YES_NO: return read_yes_no(arg, at);
	case SECRET: o->conf.secret = span_str(arg); return *arg != '\0';
	case LISTEN_AUTH: return read_listen(o, LAB_RADIUS_AUTH, arg);
	case LISTEN_ACCT: return read_listen(o, LAB_RADIUS_ACCT, arg);
	case USERS: return read_users(o, arg, err);
	case ATTR: return read_attr(o, arg, err);
	case DELAY: return read_delay(&o->conf, arg);
	}
	return false;
}

/* ---- the whole ---- */

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

/* Everybody: as said by --password, --accept-all and --attr. */
static enum lab_options options_complete(struct radius_options *o, FILE *err)
{
	struct radius_user *u;

	o->conf.users = &o->users;
	if (ip_addr_is_none(&o->listen[LAB_RADIUS_AUTH].addr) && ip_addr_is_none(&o->listen[LAB_RADIUS_ACCT].addr))
		return bad(err, "needed", "--auth or --acct");
	if (!o->conf.secret.len)
		return bad(err, "needed", "--secret");
	if (!o->accept_all && !o->password)
		return o->reply.len || o->reply.hidden ? bad(err, "for nobody", "--attr without --accept-all or --password") :
							 LAB_OPTIONS_RUN;
	u = users_add(&o->users, "*", o->password);
	if (!u)
		return bad(err, "out of memory", "--accept-all");
	u->any_password = o->accept_all;	/* MS-CHAPv2 needs the password all the same */
	reply_fini(&u->reply);
	u->reply = o->reply;
	o->reply = (struct reply){ 0 };
	return LAB_OPTIONS_RUN;
}

enum lab_options radius_options_parse(struct radius_options *o, int argc, char **argv, FILE *err)
{
	*o = (struct radius_options){ .listen = { { .port = 1812 }, { .port = 1813 } },
				      .conf = { .message_authenticator = true, .status_server = true } };
	hmap_init(&o->users.by_name);
	for (int i = 1; i < argc; i++) {
		const char *arg;
		const struct option_row *row = option_find(argv[i], &arg);

		if (strcmp(argv[i], "--help") == 0)
			return LAB_OPTIONS_HELP;
		if (!row)
			return bad(err, "unknown option", argv[i]);
		if (!row->arg && arg)
			return bad(err, "takes no argument", argv[i]);
		if (row->arg && !arg) {
			if (++i == argc)
				return bad(err, "needs an argument", argv[i - 1]);
			arg = argv[i];
		}
		if (!option_read(o, row, arg, err))
			return bad(err, "not understood", argv[i]);
	}
	return options_complete(o, err);
}

void radius_options_fini(struct radius_options *o)
{
	users_fini(&o->users);
	reply_fini(&o->reply);
}

void radius_options_help(FILE *out)
{
	fputs("Usage: adit-lab radius --auth ADDR[:PORT] --acct ADDR[:PORT] --secret TEXT [OPTION]...\n\n"
	      "A RADIUS server that misbehaves as ordered. SIGUSR1: silent, and answering again. SIGTERM: a summary as one\n"
	      "JSON object, and the end.\n\n", out);
	for (unsigned i = 0; i < OPTIONS; i++)
		args_help(out, options[i].name, options[i].arg, options[i].help);
}
