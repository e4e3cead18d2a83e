/* SPDX-License-Identifier: BSD-2-Clause */
/* show running-config, version, log, debugging, terminate-code. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mgmt/show.h"

/* ---- running-config ---- */

static void config_json(struct out *o, const char *text)
{
	for (const char *p = text, *end; *p; p = *end ? end + 1 : end) {
		size_t depth = strspn(p, " ");

		end = strchr(p, '\n');
		if (!end)
			end = p + strlen(p);
		json_line(o, json_pack("{s:i,s:o}", "depth", (int)depth, "line",
				       json_octets(span_of(p + depth, (size_t)(end - p) - depth))));
	}
}

static int show_config(struct mgmt_session *s, const struct gr_match *m)
{
	struct out text = { 0 };

	config_write(&s->m->conf, s->json ? &text : &s->body);
	if (text.p)
		config_json(&s->body, text.p);
	out_fini(&text);
	return MGMT_DONE;
}

/* ---- version ---- */

static int show_version(struct mgmt_session *s, const struct gr_match *m)
{
	uint64_t up = (uint64_t)mono_s_between(s->m->born, mgmt_now(s->m));
	char t[UPTIME_TEXT];

	if (s->json) {
		json_line(&s->body, json_pack("{s:s,s:s,s:o,s:I,s:i}", "name", "adit", "version", ADIT_VERSION,
					      "hostname", json_octets(span_str(s->m->conf.model.hostname)),
					      "up-seconds", (json_int_t)up, "pid", (int)getpid()));
		return MGMT_DONE;
	}
	out_fmt(&s->body, "adit %s, L2TPv2 network server\n", ADIT_VERSION);
	out_escaped(&s->body, span_str(s->m->conf.model.hostname));
	out_fmt(&s->body, " is up for %s, process %d\n", uptime_text(up, t), (int)getpid());
	return MGMT_DONE;
}

/* ---- log ---- */

static void log_json(struct out *o, const char *line)
{
	size_t time = strcspn(line, " ");

	json_line(o, json_pack("{s:o,s:o}", "time", json_octets(span_of(line, time)), "line",
			       json_octets(span_str(line[time] ? line + time + 1 : ""))));
}

static bool log_step(struct mgmt_session *s, struct job *j)
{
	for (unsigned i = 0; i < SHOW_ROWS; i++) {
		const char *line;

		if (j->pos < s->m->log.first)	/* the ring went past us */
			j->pos = s->m->log.first;
		line = j->pos < j->count ? logring_at(&s->m->log, j->pos++) : NULL;
		if (!line)
			return false;
		if (j->json)
			log_json(&s->body, line);
		else
			out_fmt(&s->body, "%s\n", line);
	}
	return true;
}

static int show_log(struct mgmt_session *s, const struct gr_match *m)
{
	const struct gr_value *n = gr_value(m, "lines");
	struct job *j = session_job(s, log_step);

	if (!j)
		return MGMT_FAILED;
	j->count = s->m->log.next;		/* up to here: what comes meanwhile is not shown */
	j->pos = s->m->log.first;
	if (n && j->count - j->pos > n->num)
		j->pos = j->count - n->num;
	return MGMT_PENDING;
}

/* ---- debugging ---- */

static int show_debugging(struct mgmt_session *s, const struct gr_match *m)
{
	for (const struct debug_wish *w = s->m->debug; w; w = w->next) {
		const char *what = w->what.l2tp && w->what.ppp ? "all" : w->what.l2tp ? "l2tp" :
				   w->what.ppp		      ? "ppp" :
								"radius";

		if (s->json) {
			json_line(&s->body,
				  json_pack("{s:s,s:o,s:o}", "debug", what, "peer", json_addr(&w->what.peer),
					    "user", w->user ? json_octets(span_str(w->user)) : json_null()));
			continue;
		}
		out_fmt(&s->body, "debug %s", what);
		if (!ip_addr_is_none(&w->what.peer)) {
			out_str(&s->body, " peer ");
			out_addr(&s->body, &w->what.peer);
		}
		if (w->user) {
			out_str(&s->body, " user ");
			out_word(&s->body, w->user);
		}
		out_char(&s->body, '\n');
	}
	return MGMT_DONE;
}

/* ---- terminate-code: spec 9.3 ---- */

static void code_row(struct mgmt_session *s, const char *app, const char *reason, unsigned code)
{
	char text[128];

	if (s->json) {
		json_line(&s->body, json_pack("{s:s,s:s,s:i}", "application", app, "reason", reason,
					      "radius-code", (int)code));
		return;
	}
	strncpy(text, reason, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (char *p = text; (p = strchr(p, '-')); p++)
		*p = ' ';
	out_fmt(&s->body, "%-5s %-60s %-60s %4u\n", app, reason, text, code);
}

static int show_codes(struct mgmt_session *s, const struct gr_match *m)
{
	bool all = !gr_has(m, "aaa") && !gr_has(m, "l2tp") && !gr_has(m, "ppp");
	const char *app, *reason;
	unsigned cause;

	if (!s->json)
		out_fmt(&s->body, "%-5s %-60s %-60s %s\n", "Apps", "Terminate Reason", "Description", "Radius Code");
	for (unsigned i = 0; (reason = model_terminate_code(i, &app, &cause)); i++)
		if (all || gr_has(m, app))
			code_row(s, app, reason, cause);
	return MGMT_DONE;
}

const struct gr_cmd cmd_show[] = {
	{ "show running-config", "Display|The configuration in force", MODE_ANY, GR_JSON, .exec = show_config },
	{ "show configuration", "Display|The configuration in force", MODE_ANY, GR_JSON, .exec = show_config },
	{ "show version", "Display|Version and time since start", MODE_ANY, GR_JSON, .exec = show_version },
	{ "show log [<lines:1-4096>]", "Display|The last log lines|How many", MODE_ANY, GR_JSON,
	  .exec = show_log },
	{ "show debugging", "Display|What is being debugged", MODE_ANY, GR_JSON, .exec = show_debugging },
	{ "show terminate-code [aaa|l2tp|ppp]",
	  "Display|Terminate reasons and their RADIUS codes|Of AAA|Of L2TP|Of PPP",
	  MODE_ANY, GR_JSON, .exec = show_codes },
	{ 0 },
};
