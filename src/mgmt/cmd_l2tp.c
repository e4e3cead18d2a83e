/* SPDX-License-Identifier: BSD-2-Clause */
/* The global parameters of L2TP. Spec 4.1; those marked (ours) are this project's. */
#include "mgmt/edit.h"

#define L(kind_, member, ...)                                                                                  \
	.field = { .kind = kind_, .off = offsetof(struct config, model.l2tp.member), ##__VA_ARGS__ }

/* Drain and shutdown set one state; the `no` form of either enables (spec 4.5). */
static int edit_drain(struct edit *e, const struct gr_match *m)
{
	e->conf->model.l2tp.admin = m->no ? ADMIN_ENABLED : ADMIN_DRAIN;
	return 0;
}

static int edit_shutdown(struct edit *e, const struct gr_match *m)
{
	e->conf->model.l2tp.admin = m->no ? ADMIN_ENABLED : ADMIN_DISABLED;
	return 0;
}

static void write_drain(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	if (((const struct config *)scope)->model.l2tp.admin == ADMIN_DRAIN)
		conf_line(w, "l2tp drain");
}

static void write_shutdown(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	if (((const struct config *)scope)->model.l2tp.admin == ADMIN_DISABLED)
		conf_line(w, "l2tp shutdown");
}

enum { RETRIES = 5 };

/* Without a keyword, both kinds. */
static int edit_retries(struct edit *e, const struct gr_match *m)
{
	struct l2tp_conf *l = &e->conf->model.l2tp;
	const struct gr_value *v = gr_value(m, "count");
	uint8_t n = v && !m->no ? (uint8_t)v->num : RETRIES;

	if (!gr_has(m, "not-established"))
		l->retries_established = n;
	if (!gr_has(m, "established"))
		l->retries_not_established = n;
	return 0;
}

static void write_retries(struct conf_writer *w, const struct gr_cmd *cmd, const void *scope)
{
	const struct l2tp_conf *l = &((const struct config *)scope)->model.l2tp;

	if (l->retries_established == l->retries_not_established) {
		if (l->retries_established != RETRIES)
			conf_line(w, "l2tp retransmission %u", l->retries_established);
		return;
	}
	if (l->retries_established != RETRIES)
		conf_line(w, "l2tp retransmission %u established", l->retries_established);
	if (l->retries_not_established != RETRIES)
		conf_line(w, "l2tp retransmission %u not-established", l->retries_not_established);
}

const struct gr_cmd cmd_l2tp[] = {
	{ "l2tp drain", "Layer Two Tunneling Protocol|No new destinations, tunnels and sessions", MODE_GLOBAL,
	  GR_NO, .edit = edit_drain, .write = write_drain },
	{ "l2tp shutdown", "L2TP|Close all destinations, tunnels and sessions", MODE_GLOBAL, GR_NO,
	  .edit = edit_shutdown, .write = write_shutdown },
	{ "l2tp max-sessions <count:1-1000000>", "L2TP|Sessions of this router (default 60000)|Count",
	  MODE_GLOBAL, GR_NO, L(FIELD_U32, max_sessions, .dflt = 60000) },
	{ "l2tp max-tunnels <count:1-65535>", "L2TP|Tunnels of this router (default 8000)|Count", MODE_GLOBAL,
	  GR_NO, L(FIELD_U32, max_tunnels, .dflt = 8000) },
	{ "l2tp destruct-timeout <seconds:10-3600>",
	  "L2TP|How long ended objects are kept for displays (default 600)|Seconds",
	  MODE_GLOBAL, GR_NO, L(FIELD_U32, destruct_timeout_s, .dflt = 600) },
	{ "l2tp tombstones <count:0-1000000>",
	  "L2TP|How many ended objects are kept at most (default 16384)|Count",
	  MODE_GLOBAL, GR_NO, L(FIELD_U32, tombstones, .dflt = 16384) },
	{ "l2tp tunnel idle-timeout <seconds:0-86400>",
	  "L2TP|Tunnel settings|Life of a tunnel without sessions (default 60; 0: for ever)|Seconds",
	  MODE_GLOBAL, GR_NO, L(FIELD_U32, tunnel_idle_timeout_s, .dflt = 60) },
	{ "l2tp tunnel short-drain-timeout <seconds:0-31>",
	  "L2TP|Tunnel settings|Drain time once a start request arrives (default 2)|Seconds",
	  MODE_GLOBAL, GR_NO, L(FIELD_U16, short_drain_s, .dflt = 2) },
	{ "l2tp tunnel default-receive-window <messages:4-128>",
	  "L2TP|Tunnel settings|Receive window of new tunnels (default 16)|Messages",
	  MODE_GLOBAL, GR_NO, L(FIELD_U16, default_receive_window, .dflt = 16) },
	{ "l2tp retransmission <count:2-30> [established|not-established]",
	  "L2TP|Retries before a control connection is dead (default 5)|Count|Of established tunnels|"
	  "Of tunnels being set up",
	  MODE_GLOBAL, GR_NO, "l2tp retransmission [<count:2-30>] [established|not-established]",
	  .edit = edit_retries, .write = write_retries },
	{ "l2tp disable tunnel-hello", "L2TP|Turn off|Hello messages", MODE_GLOBAL, GR_NO,
	  L(FIELD_TRUE, hello_disabled) },
	{ "l2tp disable challenge", "L2TP|Turn off|Challenging the peer in tunnel authentication", MODE_GLOBAL,
	  GR_NO, L(FIELD_TRUE, challenge_disabled) },
	{ "l2tp disable calling-number-avp", "L2TP|Turn off|The Calling Number AVP", MODE_GLOBAL, GR_NO,
	  L(FIELD_TRUE, calling_number_disabled) },
	{ "l2tp checksum", "L2TP|UDP checksums on data packets (default)", MODE_GLOBAL, GR_NO,
	  L(FIELD_FALSE, checksum_off) },
	{ "l2tp ignore-receive-data-sequencing",
	  "L2TP|Take data packets in any order, whatever their sequence numbers",
	  MODE_GLOBAL, GR_NO, L(FIELD_TRUE, ignore_sequencing) },
	{ "l2tp disconnect-cause", "L2TP|PPP Disconnect Cause Code AVP in every CDN of the LNS", MODE_GLOBAL,
	  GR_NO, L(FIELD_TRUE, disconnect_cause) },
	{ "l2tp rx-connect-speed-when-equal",
	  "L2TP|Send the receive connect speed when it equals the transmit speed too",
	  MODE_GLOBAL, GR_NO, L(FIELD_TRUE, rx_speed_when_equal) },
	{ "l2tp permissive-avps", "L2TP|Count unknown mandatory AVPs instead of ending tunnel or call",
	  MODE_GLOBAL, GR_NO, L(FIELD_TRUE, permissive_avps) },
	{ "l2tp half-open per-source <count:1-65535>",
	  "L2TP|Tunnels being set up|From one source address (default 256)|Count",
	  MODE_GLOBAL, GR_NO, L(FIELD_U16, half_open_per_source, .dflt = 256) },
	{ "l2tp half-open total <count:1-65535>", "L2TP|Tunnels being set up|In all (default 2000)|Count",
	  MODE_GLOBAL, GR_NO, L(FIELD_U16, half_open, .dflt = 2000) },
	{ "l2tp calls-in-progress <count:1-1000000>",
	  "L2TP|Calls between ICRQ and network open (default 2000)|Count",
	  MODE_GLOBAL, GR_NO, L(FIELD_U32, calls_in_progress, .dflt = 2000) },
	{ "l2tp call-setup-timeout <seconds:1-3600>",
	  "L2TP|Longest time from ICRQ to network open (default 60)|Seconds",
	  MODE_GLOBAL, GR_NO, L(FIELD_U32, call_setup_s, .dflt = 60) },
	{ 0 },
};
