/* SPDX-License-Identifier: BSD-2-Clause */
/* show l2tp ...: spec section 10. Headlines and sentences are JunosE's; the fields are its MIB's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mgmt/show.h"

#define F(kind_, json_, text_, member, ...) { SHOW_##kind_, json_, text_, offsetof(ROW, member), ##__VA_ARGS__ }
#define HEAD(text_) { SHOW_HEADING, NULL, text_, 0, 0 }

#define ROW struct model_dest_row
static const struct show_field dest_fields[] = {
	HEAD("Configuration"),
	F(ADMIN, "administrative-state", "Administrative state is", admin),
	HEAD("Destination address"),
	F(ADDR, "local-address", "Local address is", local),
	F(ADDR, "peer-address", "Peer address is", peer),
	HEAD("Destination status"),
	F(ADMIN, "effective-administrative-state", "Effective administrative state is", effective),
	F(STR, "profile", "Destination profile is", profile, SHOW_IF_SET),
	HEAD("Sub-interfaces        total   active   failed auth-errors"),
	F(COUNTS, "tunnels", "Tunnels", tunnel_counts),
	F(COUNTS, "sessions", "Sessions", session_counts),
	HEAD("Statistics             packets         octets   discards   errors"),
	F(TRAFFIC, "control-rx", "Control rx", control_rx),
	F(TRAFFIC, "control-tx", "Control tx", control_tx),
	{ 0 },
};
#undef ROW

#define ROW struct model_tunnel_row
static const struct show_field tunnel_fields[] = {
	HEAD("Configuration"),
	F(ADMIN, "administrative-state", "Administrative state is", admin),
	F(STR, "profile", "Destination profile is", profile, SHOW_IF_SET),
	F(STR, "remote-host", "Host profile is", remote_host, SHOW_IF_SET),
	HEAD("Tunnel address"),
	F(ADDR, "local-address", "Local address is", local),
	F(ADDR, "peer-address", "Peer address is", peer),
	F(U16, "local-port", "Local UDP port is", local_port),
	F(U16, "peer-port", "Peer UDP port is", peer_port),
	F(ADDR, "peer-receive-address", "Peer receive address is", rx_peer, SHOW_IF_SET),
	F(U16, "peer-receive-port", "Peer receive UDP port is", rx_peer_port, SHOW_IF_SET),
	HEAD("Tunnel status"),
	F(ADMIN, "effective-administrative-state", "Effective administrative state is", effective),
	F(STR, "state", "State is", state),
	F(STR, "rfc-state", "RFC 2661 state is", rfc_state, SHOW_IF_SET),
	F(U16, "local-tunnel-id", "Local tunnel id is", local_id),
	F(U16, "remote-tunnel-id", "Remote tunnel id is", peer_id),
	HEAD("Sub-interfaces        total   active   failed auth-errors"),
	F(COUNTS, "sessions", "Sessions", session_counts),
	HEAD("Statistics             packets         octets   discards   errors"),
	F(TRAFFIC, "control-rx", "Control rx", control_rx),
	F(TRAFFIC, "control-tx", "Control tx", control_tx),
	HEAD("Control channel statistics"),
	F(U16, "receive-window", "Receive window size is", rx_window),
	F(U64, "receive-zlb", "Receive ZLB is", rx_zlb),
	F(U64, "receive-duplicates", "Receive duplicates is", rx_duplicates),
	F(U64, "receive-out-of-sequence", "Receive out-of-sequence is", rx_out_of_sequence),
	F(U64, "receive-out-of-window", "Receive out-of-window is", rx_out_of_window),
	F(U16, "transmit-window", "Transmit window size is", tx_window),
	F(U16, "congestion-window", "Congestion window is", cwnd),
	F(U64, "transmit-zlb", "Transmit ZLB is", tx_zlb),
	F(U32, "queued", "Transmit queue depth is", queued),
	F(U32, "in-flight", "Messages in flight is", in_flight),
	F(U64, "retransmissions", "Retransmissions is", retransmissions),
	F(U16, "ns", "Next Ns is", ns),
	F(U16, "nr", "Next expected Nr is", nr),
	F(U16, "peer-nr", "Acknowledged by the peer is", peer_nr),
	HEAD("Tunnel operational configuration"),
	F(SPAN, "peer-host-name", "Peer host name is", host_name),
	F(SPAN, "peer-vendor-name", "Peer vendor name is", vendor_name),
	F(VERSION, "peer-protocol-version", "Peer protocol version is", protocol_version),
	F(U16, "peer-firmware-revision", "Peer firmware revision is", firmware_revision),
	F(BEARER, "peer-bearer-capabilities", "Peer bearer capabilities is", bearer_caps),
	F(FRAMING, "peer-framing-capabilities", "Peer framing capabilities is", framing_caps),
	F(BOOL, "initiated-locally", "Initiated locally:", initiated_local),
	F(STR, "reason", "Terminate reason is", reason, SHOW_IF_SET),
	F(U16, "result-code", "Last result code is", result, SHOW_IF_SET),
	F(U16, "error-code", "Last error code is", error, SHOW_IF_SET),
	F(SPAN, "message", "Last error message is", message, SHOW_IF_SET),
	F(WALL, "started", "Started at", started, SHOW_IF_SET),
	F(WALL, "ended", "Ended at", ended_at, SHOW_IF_SET),
	F(U64, "established-seconds", "Cumulative established time in seconds is", established_s),
	{ 0 },
};
#undef ROW

#define ROW struct model_session_row
static const struct show_field session_fields[] = {
	HEAD("Configuration"),
	F(ADMIN, "administrative-state", "Administrative state is", admin),
	HEAD("Session status"),
	F(ADMIN, "effective-administrative-state", "Effective administrative state is", effective),
	F(STR, "state", "State is", state),
	F(STR, "rfc-state", "RFC 2661 state is", rfc_state, SHOW_IF_SET),
	F(STR, "phase", "Phase is", phase, SHOW_IF_SET),
	F(U16, "local-tunnel-id", "Local tunnel id is", local_tunnel_id),
	F(U16, "local-session-id", "Local session id is", local_id),
	F(U16, "remote-session-id", "Remote session id is", peer_id),
	HEAD("Statistics"),
	F(U64, "rx-packets", "Data rx packets is", counters.rx_packets),
	F(U64, "rx-octets", "Data rx octets is", counters.rx_octets),
	F(U64, "rx-discards", "Data rx discards is", counters.rx_drops),
	F(U64, "tx-packets", "Data tx packets is", counters.tx_packets),
	F(U64, "tx-octets", "Data tx octets is", counters.tx_octets),
	F(U64, "tx-discards", "Data tx discards is", counters.tx_drops),
	F(U64, "rx-out-of-sequence", "Out-of-sequence is", counters.rx_out_of_sequence, SHOW_IF_SET),
	HEAD("Session operational configuration"),
	F(SPAN, "user-name", "User name is", user),
	F(STR, "interface-profile", "Interface profile is", profile, SHOW_IF_SET),
	F(U32, "call-serial-number", "Call serial number is", call_serial),
	F(U32, "tx-connect-speed", "Transmit connect speed is", tx_speed),
	F(U32, "rx-connect-speed", "Receive connect speed is", rx_speed),
	F(BEARER, "bearer-type", "Bearer type is", bearer_type),
	F(FRAMING, "framing-type", "Framing type is", framing_type),
	F(U32, "physical-channel-id", "Physical channel id is", physical_channel),
	F(SPAN, "called-number", "DNIS is", called_number),
	F(SPAN, "calling-number", "CLID is", calling_number),
	F(SPAN, "sub-address", "Sub-address is", sub_address, SHOW_IF_SET),
	F(SPAN, "private-group-id", "Private group id is", private_group, SHOW_IF_SET),
	F(SPAN, "circuit-id", "Agent circuit id is", circuit_id, SHOW_IF_SET),
	F(SPAN, "remote-id", "Agent remote id is", remote_id, SHOW_IF_SET),
	F(U32, "actual-upstream-kbps", "Actual data rate upstream (kbit/s) is", actual_up_kbps, SHOW_IF_SET),
	F(U32, "actual-downstream-kbps", "Actual data rate downstream (kbit/s) is", actual_down_kbps, SHOW_IF_SET),
	F(SPAN, "lac-name", "LAC host name is", lac_name),
	F(ADDR, "lac", "LAC address is", lac),
	F(ADDR, "lns", "LNS address is", lns),
	F(BOOL, "proxy-lcp-provided", "Proxy LCP was provided:", proxy_lcp_given),
	F(BOOL, "proxy-lcp-used", "Proxy LCP was accepted:", proxy_lcp_used),
	F(BOOL, "proxy-authentication-provided", "Proxy authentication was provided:", proxy_auth_given),
	F(BOOL, "proxy-authentication-used", "Proxy authentication was accepted:", proxy_auth_used),
	F(STR, "authentication", "Authentication method is", auth, SHOW_IF_SET),
	F(BOOL, "sequencing-local", "Data sequencing asked for locally:", sequencing_local),
	F(BOOL, "sequencing-remote", "Data sequencing asked for by the peer:", sequencing_remote),
	F(STR, "lcp-state", "LCP state is", lcp_state, SHOW_IF_SET),
	F(STR, "ipcp-state", "IPCP state is", ipcp_state, SHOW_IF_SET),
	F(STR, "ipv6cp-state", "IPv6CP state is", ipv6cp_state, SHOW_IF_SET),
	F(U16, "local-mru", "Local MRU is", local_mru, SHOW_IF_SET),
	F(U16, "peer-mru", "Peer MRU is", peer_mru, SHOW_IF_SET),
	F(ADDR, "ip-address", "IP address is", ip4, SHOW_IF_SET),
	F(ADDR, "local-ip-address", "Local IP address is", local_ip4, SHOW_IF_SET),
	F(BOOL, "ip-up", "IP is up:", ip4_up),
	F(BOOL, "ipv6-up", "IPv6 is up:", ip6_up),
	F(IID, "interface-id", "Interface id is", peer_iid, SHOW_IF_SET),
	F(U32, "session-timeout", "Session timeout in seconds is", session_timeout_s, SHOW_IF_SET),
	F(U32, "idle-timeout", "Idle timeout in seconds is", idle_timeout_s, SHOW_IF_SET),
	F(CHARS, "acct-session-id", "Accounting session id is", acct_session_id, SHOW_IF_SET),
	F(STR, "reason", "Terminate reason is", reason, SHOW_IF_SET),
	F(U32, "acct-terminate-cause", "Acct-Terminate-Cause is", terminate_cause, SHOW_IF_SET),
	F(U16, "result-code", "Last result code is", result, SHOW_IF_SET),
	F(U16, "error-code", "Last error code is", error, SHOW_IF_SET),
	F(SPAN, "message", "Last error message is", message, SHOW_IF_SET),
	F(WALL, "started", "Started at", started, SHOW_IF_SET),
	F(WALL, "ended", "Ended at", ended_at, SHOW_IF_SET),
	F(U64, "up-seconds", "Cumulative established time in seconds is", up_s),
	{ 0 },
};
#undef ROW

/* ---- one object ---- */

static const char *status(bool up, bool ended)
{
	return ended ? "Not Present" : up ? "Up" : "Down";
}

static json_t *named(const char *name, bool up, bool ended)
{
	json_t *j = json_object();

	json_object_set_new(j, "name", json_string(name));
	json_object_set_new(j, "status", json_string(ended ? "not-present" : up ? "up" : "down"));
	return j;
}

static void put_object(struct out *o, struct job *j, json_t *obj, const struct show_field *f, const void *row)
{
	if (j->json) {
		show_add(obj, f, row);
		json_line(o, obj);
	} else if (j->detail || j->named) {
		show_text(o, f, row, 2);
	}
}

static void put_dest(struct mgmt_session *s, struct job *j, const struct model_dest_row *r)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", r->number);
	if (!j->json)
		out_fmt(&s->body, "L2TP destination %s is %s with %u active tunnels and %u active sessions\n", name,
			status(r->up, r->ended), r->tunnels, r->sessions);
	put_object(&s->body, j, j->json ? named(name, r->up, r->ended) : NULL, dest_fields, r);
}

static void put_tunnel(struct mgmt_session *s, struct job *j, const struct model_tunnel_row *r)
{
	char name[32];

	snprintf(name, sizeof(name), "%u/%u", r->dest, r->number);
	if (!j->json)
		out_fmt(&s->body, "L2TP tunnel %s is %s with %u active sessions\n", name,
			status(r->up, r->ended), r->sessions);
	put_object(&s->body, j, j->json ? named(name, r->up, r->ended) : NULL, tunnel_fields, r);
}

static void put_session(struct mgmt_session *s, struct job *j, const struct model_session_row *r)
{
	char name[48];

	snprintf(name, sizeof(name), "%u/%u/%u", r->dest, r->tunnel, r->number);
	if (!j->json)
		out_fmt(&s->body, "L2TP session %s is %s\n", name, status(r->up, r->ended));
	put_object(&s->body, j, j->json ? named(name, r->up, r->ended) : NULL, session_fields, r);
}

/* ---- the three kinds of object are listed, and counted, alike ---- */

/* What a list and a summary ask of the next row. */
struct seen {
	enum admin_state admin;
	bool up, ended;
};

/*
 * Takes the next row, ended ones too if wanted; shows it if `show` and it is of those that the command is about (`ended`
 * the ended ones alone, by name all). Return: false when there is none left.
 */
typedef bool next_fn(struct mgmt_session *s, struct job *j, bool ended, bool show, struct seen *seen);

static bool is_wanted(const struct job *j, bool ended)
{
	return j->named || j->ended == ended;
}

static bool next_dest(struct mgmt_session *s, struct job *j, bool ended, bool show, struct seen *seen)
{
	struct model_dest_row r;

	if (!model_dest_next(s->m->c.model, &j->pos, &j->filter, ended, &r))
		return false;
	*seen = (struct seen){ r.effective, r.up, r.ended };
	if (show && is_wanted(j, r.ended))
		put_dest(s, j, &r);
	return true;
}

static bool next_tunnel(struct mgmt_session *s, struct job *j, bool ended, bool show, struct seen *seen)
{
	struct model_tunnel_row r;

	if (!model_tunnel_next(s->m->c.model, &j->pos, &j->filter, ended, &r, mgmt_now(s->m)))
		return false;
	*seen = (struct seen){ r.effective, r.up, r.ended };
	if (show && is_wanted(j, r.ended))
		put_tunnel(s, j, &r);
	return true;
}

static bool next_session(struct mgmt_session *s, struct job *j, bool ended, bool show, struct seen *seen)
{
	struct model_session_row r;

	if (!model_session_next(s->m->c.model, &j->pos, &j->filter, ended, &r, mgmt_now(s->m)))
		return false;
	*seen = (struct seen){ r.effective, r.up, r.ended };
	if (show && is_wanted(j, r.ended))
		put_session(s, j, &r);
	return true;
}

/* ---- lists ---- */

/* The end of a list: how many, or that the one asked for is not there. */
static bool list_end(struct mgmt_session *s, struct job *j, const char *what)
{
	if (j->named && !j->count) {
		j->code = session_error(s, MGMT_NOT_FOUND, "No such L2TP %s", what);
		return false;
	}
	if (!j->json)
		out_fmt(&s->body, "%" PRIu64 " L2TP %s%s found\n", j->count, what, j->count == 1 ? "" : "s");
	return false;
}

static bool list_step(struct mgmt_session *s, struct job *j, next_fn *next, const char *what)
{
	struct seen seen;

	for (unsigned i = 0; i < SHOW_ROWS; i++) {
		if (!s->m->c.model || !next(s, j, j->ended || j->named, true, &seen))
			return list_end(s, j, what);
		j->count += is_wanted(j, seen.ended);
	}
	return true;
}

static bool dest_list(struct mgmt_session *s, struct job *j)
{
	return list_step(s, j, next_dest, "destination");
}

static bool tunnel_list(struct mgmt_session *s, struct job *j)
{
	return list_step(s, j, next_tunnel, "tunnel");
}

static bool session_list(struct mgmt_session *s, struct job *j)
{
	return list_step(s, j, next_session, "session");
}

/* ---- summaries ---- */

enum { TALLY_ENABLED, TALLY_DISABLED, TALLY_DRAIN, TALLY_UP, TALLY_DOWN, TALLY_GONE };
enum { TALLY_ROWS = 128 };

static bool summary_end(struct mgmt_session *s, struct job *j, const char *what)
{
	const uint64_t *t = j->tally;

	if (j->json) {
		json_line(&s->body,
			  json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "enabled", (json_int_t)t[TALLY_ENABLED],
				    "disabled", (json_int_t)t[TALLY_DISABLED], "drain",
				    (json_int_t)t[TALLY_DRAIN], "up", (json_int_t)t[TALLY_UP], "down",
				    (json_int_t)t[TALLY_DOWN], "not-present", (json_int_t)t[TALLY_GONE]));
		return false;
	}
	out_fmt(&s->body, "Administrative status     enabled   drain       disabled\n");
	out_fmt(&s->body, "  %-22s  %-9" PRIu64 " %-11" PRIu64 " %-8" PRIu64 "\n", what, t[TALLY_ENABLED],
		t[TALLY_DRAIN], t[TALLY_DISABLED]);
	out_fmt(&s->body, "Operational status        up        down        not-present\n");
	out_fmt(&s->body, "  %-22s  %-9" PRIu64 " %-11" PRIu64 " %-8" PRIu64 "\n", what, t[TALLY_UP],
		t[TALLY_DOWN], t[TALLY_GONE]);
	return false;
}

static bool tally_step(struct mgmt_session *s, struct job *j, next_fn *next, const char *what)
{
	struct seen seen;

	for (unsigned i = 0; i < TALLY_ROWS; i++) {
		if (!s->m->c.model || !next(s, j, true, false, &seen))
			return summary_end(s, j, what);
		j->tally[TALLY_ENABLED + (unsigned)seen.admin % 3]++;
		j->tally[seen.ended ? TALLY_GONE : seen.up ? TALLY_UP : TALLY_DOWN]++;
	}
	return true;
}

static bool dest_tally(struct mgmt_session *s, struct job *j)
{
	return tally_step(s, j, next_dest, "destinations");
}

static bool tunnel_tally(struct mgmt_session *s, struct job *j)
{
	return tally_step(s, j, next_tunnel, "tunnels");
}

static bool session_tally(struct mgmt_session *s, struct job *j)
{
	return tally_step(s, j, next_session, "sessions");
}

/* ---- the commands ---- */

static int start(struct mgmt_session *s, const struct gr_match *m, bool (*list)(struct mgmt_session *, struct job *),
		 bool (*sum)(struct mgmt_session *, struct job *))
{
	struct job *j;

	if (!show_ready(s))
		return MGMT_FAILED;
	j = session_job(s, gr_has(m, "summary") ? sum : list);
	return j && show_filter(s, m, j) ? MGMT_PENDING : MGMT_FAILED;
}

static int show_dest(struct mgmt_session *s, const struct gr_match *m)
{
	return start(s, m, dest_list, dest_tally);
}

static int show_tunnel(struct mgmt_session *s, const struct gr_match *m)
{
	return start(s, m, tunnel_list, tunnel_tally);
}

static int show_session(struct mgmt_session *s, const struct gr_match *m)
{
	return start(s, m, session_list, session_tally);
}

#define NAMED(object) "[summary|[detail] [ended] [<name:" object ">|[virtual-router default] ip <peer:ipv4>]]"
#define NAMED_HELP(form) \
	"|Counts by status|Everything known of each|Those that ended within the destruct timeout|" form \
	"|Virtual router of the transport|The one the daemon runs in|Of one peer|Peer's address"

const struct gr_cmd cmd_show_l2tp[] = {
	{ "show l2tp", "Display|Layer Two Tunneling Protocol", MODE_ANY, GR_JSON, .exec = show_l2tp_system },
	{ "show l2tp destination " NAMED("destination"), "Display|L2TP|Peers" NAMED_HELP("One of them"),
	  MODE_ANY, GR_JSON, .exec = show_dest },
	{ "show l2tp tunnel " NAMED("tunnel"), "Display|L2TP|Control connections" NAMED_HELP("One of them"),
	  MODE_ANY, GR_JSON, .exec = show_tunnel },
	{ "show l2tp session " NAMED("session"),
	  "Display|L2TP|PPP connections in tunnels" NAMED_HELP("One of them"),
	  MODE_ANY, GR_JSON, .exec = show_session },
	{ "show l2tp counters [all]", "Display|L2TP|Events and drops by name|Those that are zero too", MODE_ANY,
	  GR_JSON, .exec = show_l2tp_counters },
	{ "show dataplane", "Display|Packets that were dropped, by reason", MODE_ANY, GR_JSON,
	  .exec = show_dataplane },
	{ 0 },
};
