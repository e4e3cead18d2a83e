/* SPDX-License-Identifier: BSD-2-Clause */
/* show subscribers: who is logged in; found by user, address, calling number, circuit or LAC. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mgmt/show.h"

#define F(kind_, json_, text_, member, ...) \
	{ SHOW_##kind_, json_, text_, offsetof(struct model_session_row, member), ##__VA_ARGS__ }

static const struct show_field fields[] = {
	F(SPAN, "user-name", NULL, user),
	F(ADDR, "ip-address", "IP address is", ip4),
	F(ADDR, "local-ip-address", "Local IP address is", local_ip4, SHOW_IF_SET),
	F(BOOL, "ip-up", "IP is up:", ip4_up),
	F(BOOL, "ipv6-up", "IPv6 is up:", ip6_up),
	F(IID, "interface-id", "Interface id is", peer_iid, SHOW_IF_SET),
	F(STR, "interface-profile", "Interface profile is", profile, SHOW_IF_SET),
	F(STR, "authentication", "Authentication is", auth, SHOW_IF_SET),
	F(SPAN, "lac-name", "LAC host name is", lac_name),
	F(ADDR, "lac", "LAC address is", lac),
	F(ADDR, "lns", "LNS address is", lns),
	F(SPAN, "calling-number", "Calling number is", calling_number),
	F(SPAN, "called-number", "Called number is", called_number),
	F(SPAN, "circuit-id", "Agent circuit id is", circuit_id, SHOW_IF_SET),
	F(SPAN, "remote-id", "Agent remote id is", remote_id, SHOW_IF_SET),
	F(U32, "tx-connect-speed", "Transmit connect speed is", tx_speed),
	F(U32, "rx-connect-speed", "Receive connect speed is", rx_speed),
	F(U32, "actual-upstream-kbps", "Actual data rate upstream (kbit/s) is", actual_up_kbps, SHOW_IF_SET),
	F(U32, "actual-downstream-kbps", "Actual data rate downstream (kbit/s) is", actual_down_kbps, SHOW_IF_SET),
	F(U16, "local-mru", "Local MRU is", local_mru),
	F(U16, "peer-mru", "Peer MRU is", peer_mru),
	F(U32, "session-timeout", "Session timeout in seconds is", session_timeout_s, SHOW_IF_SET),
	F(U32, "idle-timeout", "Idle timeout in seconds is", idle_timeout_s, SHOW_IF_SET),
	F(SPAN, "filter-id", "Filter id is", filter_id, SHOW_IF_SET),
	F(CHARS, "acct-session-id", "Accounting session id is", acct_session_id, SHOW_IF_SET),
	F(U64, "in-packets", "Packets received is", counters.rx_packets),
	F(U64, "in-octets", "Octets received is", counters.rx_octets),
	F(U64, "in-discards", "Packets received and discarded is", counters.rx_drops),
	F(U64, "out-packets", "Packets sent is", counters.tx_packets),
	F(U64, "out-octets", "Octets sent is", counters.tx_octets),
	F(U64, "out-discards", "Packets for it discarded is", counters.tx_drops),
	F(WALL, "started", "Started at", started, SHOW_IF_SET),
	F(U64, "up-seconds", "Seconds up is", up_s),
	{ 0 },
};

/* A column: peers' octets, cut to its width. */
static void column(struct out *o, struct span s, size_t width)
{
	size_t before = o->len, n;

	out_escaped(o, s);
	n = o->len - before;
	if (o->failed)
		return;
	if (n > width) {
		out_drop_end(o, n - width + 1);
		out_char(o, '~');
		n = width;
	}
	out_pad(o, ' ', width - n + 1);
}

static void put_line(struct out *o, const struct model_session_row *r, const char *name)
{
	char a[IP_ADDR_TEXT], l[IP_ADDR_TEXT], up[UPTIME_TEXT];

	column(o, r->user, 24);
	out_fmt(o, "%-15s %-15s ", ip_addr_text(&r->ip4, a), ip_addr_text(&r->lac, l));
	column(o, r->calling_number, 16);
	out_fmt(o, "%-14s %s\n", name, uptime_text(r->up_s, up));
}

static void heading(struct out *o)
{
	out_str(o, "User Name                Address         LAC             Calling Number   Session        Up\n");
	out_str(o, "------------------------ --------------- --------------- ---------------- -------------- "
		   "----------\n");
}

static void put(struct mgmt_session *s, struct job *j, const struct model_session_row *r)
{
	char name[48];
	struct out *o = &s->body;

	snprintf(name, sizeof(name), "%u/%u/%u", r->dest, r->tunnel, r->number);
	if (j->json) {
		json_t *obj = json_object();

		json_object_set_new(obj, "session", json_string(name));
		show_add(obj, fields, r);
		json_line(o, obj);
	} else if (j->detail) {
		out_str(o, "User ");
		out_escaped(o, r->user);
		out_fmt(o, ", L2TP session %s\n", name);
		show_text(o, fields, r, 0);
	} else {
		if (!j->count)
			heading(o);
		put_line(o, r, name);
	}
	j->count++;
}

static bool step(struct mgmt_session *s, struct job *j)
{
	struct model_session_row r;

	for (unsigned i = 0; i < SHOW_ROWS; i++) {
		if (!s->m->c.model || !model_subscriber_next(s->m->c.model, &j->pos, &j->filter, &r, mgmt_now(s->m))) {
			if (!j->json)
				out_fmt(&s->body, "%" PRIu64 " subscriber%s found\n", j->count,
					j->count == 1 ? "" : "s");
			return false;
		}
		put(s, j, &r);
	}
	return true;
}

static int show_subscribers(struct mgmt_session *s, const struct gr_match *m)
{
	struct job *j;

	if (!show_ready(s))
		return MGMT_FAILED;
	j = session_job(s, step);
	return j && show_filter(s, m, j) ? MGMT_PENDING : MGMT_FAILED;
}

static int logout(struct mgmt_session *s, const struct gr_match *m)
{
	struct job j = { 0 };
	size_t n = 0;
	bool ok;

	if (!show_ready(s))
		return MGMT_FAILED;
	ok = show_filter(s, m, &j);
	if (ok)
		n = model_logout(s->m->c.model, &j.filter, mgmt_now(s->m));
	for (unsigned i = 0; i < sizeof(j.text) / sizeof(j.text[0]); i++)
		free(j.text[i]);
	if (!ok)
		return MGMT_FAILED;
	if (!n && !gr_has(m, "all"))
		return session_error(s, MGMT_NOT_FOUND, "No such subscriber");
	out_fmt(&s->body, "%zu subscriber%s logged out\n", n, n == 1 ? "" : "s");
	return MGMT_DONE;
}

#define WHO                                                                                                    \
	"user <user:text>|address <address:ipv4>|calling-number <number:text>|circuit-id <circuit:text>|lac "  \
	"<lac:text>"
#define WHO_HELP                                                                                               \
	"By user name|User name; * stands for anything|By IP address|Address|By calling number|Calling "       \
	"number; * stands for anything|"                                                                       \
	"By agent circuit id|Circuit id; * stands for anything|By LAC|Its address or host name"

const struct gr_cmd cmd_show_subscribers[] = {
	{ "show subscribers [detail] [" WHO "]", "Display|Who is logged in|Everything known of each|" WHO_HELP,
	  MODE_ANY, GR_JSON, .exec = show_subscribers },
	{ "logout subscribers {all|" WHO "}",
	  "End sessions of subscribers|Those who are logged in|All of them|" WHO_HELP,
	  MODE_EXEC, 0, .exec = logout },
	{ 0 },
};
