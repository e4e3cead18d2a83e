/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model: system > destination > tunnel > session, and the LNS role. It carries octets and decisions between the
 * L2TP core, the PPP cores, aaa.h and dp.h; it has no sockets and no configuration syntax. One thread; nothing here
 * pumps recursively: model_turn() runs everything that is ready, and is called once a turn of the loop.
 */
#ifndef ADIT_MODEL_MODEL_H
#define ADIT_MODEL_MODEL_H

#include <stddef.h>

#include "aaa/aaa.h"
#include "dataplane/dp.h"
#include "model/conf.h"

struct model;

/** model_new - an empty system with default configuration; aaa and dp are borrowed, and must outlive it. NULL when out
 *  of memory. model_free drops everything at once without a word to peers; grants go back to AAA. */
struct model *model_new(struct aaa_if aaa, struct dp_if dp, const uint8_t seed[32], mono_t now, struct wall wall);
void model_free(struct model *m);

/** model_apply - takes over a new configuration (copied). Living tunnels whose host profile changed or went are
 * closed with tunnel-host-profile-changed / -deleted; lower limits disconnect nobody. Return: 0 or -ENOMEM (the old
 * one stays). */
int model_apply(struct model *m, const struct model_conf *conf, mono_t now);

/** model_turn - takes data plane, AAA, L2TP and PPP events and sends what they lead to, until nothing is ready or the
 * turn's share of bulk jobs (256 objects or 1 ms) is used. Return: true when jobs are left: call again soon. */
bool model_turn(struct model *m, mono_t now, struct wall wall);
/** model_deadline - when model_turn() is due next without input. */
mono_t model_deadline(const struct model *m);

/** model_shutdown - StopCCN 6 to every tunnel; model_ended() is true when every session and tunnel has ended and been
 * accounted for, model_idle() when all that must be sent is sent and acked or given up, too. */
void model_shutdown(struct model *m, mono_t now);
bool model_ended(const struct model *m);
bool model_idle(const struct model *m);

/* ---- operations (exec commands): each is a resumable job ---- */

/* What a command addresses; unset fields match all. */
struct model_filter {
	unsigned dest, tunnel, session;		/* <destination>[/<tunnel>[/<session>]] by our small numbers; 0: any */
	const char *user;			/* user name, `*` wildcards */
	const char *calling_number, *circuit_id, *lac_name;	/* `*` wildcards */
	struct ip_addr address;			/* subscriber's address */
	struct ip_addr lac;			/* LAC's address */
};

/** model_clear_sessions, _tunnels, _destinations, model_logout - ends what matches. Return: how many, without those that
 * were closing already. */
size_t model_clear_sessions(struct model *m, const struct model_filter *f, mono_t now);
size_t model_clear_tunnels(struct model *m, const struct model_filter *f, mono_t now);
size_t model_clear_destinations(struct model *m, const struct model_filter *f, mono_t now);
size_t model_logout(struct model *m, const struct model_filter *f, mono_t now);

enum model_level { MODEL_DEST, MODEL_TUNNEL, MODEL_SESSION };

/** model_set_admin - the administrative state of the destinations, tunnels or sessions that match (spec 1.3):
 * disabled also ends what is there, drain lets nothing new in. The system's own is in its configuration. Return: how
 * many matched, without those that were closing already. */
size_t model_set_admin(struct model *m, enum model_level level, const struct model_filter *f, enum admin_state state,
		       mono_t now);

/* ---- displays: rows are filled one at a time, nothing is kept; spans live until the model runs again ---- */

struct model_counts {
	uint64_t total, active, failed, auth_errors;
};

struct model_system_info {
	enum admin_state admin;
	struct model_counts dests, tunnels, sessions;
	unsigned established_tunnels, established_sessions, calls_in_progress, tombstones;
	const struct model_conf *conf;
};
void model_system_info(const struct model *m, struct model_system_info *out);

struct model_traffic {
	uint64_t packets, octets, discards, errors;
};

struct model_dest_row {
	unsigned number;
	bool up, ended;				/* ended: a tombstone */
	enum admin_state admin, effective;
	uint32_t vr;
	struct ip_addr local, peer;
	const char *profile;
	unsigned tunnels, sessions;		/* active */
	struct model_counts tunnel_counts, session_counts;
	struct model_traffic control_rx, control_tx;
};

struct model_tunnel_row {
	unsigned dest, number;
	bool up, ended;
	const char *state;			/* idle connecting established disconnecting (spec 1.4) */
	const char *rfc_state;
	enum admin_state admin, effective;
	uint16_t local_id, peer_id;
	uint32_t vr;
	struct ip_addr local, peer, rx_peer;	/* rx_peer: where we accept from, when different */
	uint16_t local_port, peer_port, rx_peer_port;
	struct span host_name, vendor_name;	/* the peer's */
	const char *profile, *remote_host;	/* destination profile and host profile */
	uint16_t protocol_version, firmware_revision;
	uint32_t framing_caps, bearer_caps;
	bool initiated_local;
	unsigned sessions;
	struct model_counts session_counts;
	uint16_t ns, nr, peer_nr, rx_window, tx_window, cwnd;
	unsigned queued, in_flight;
	struct model_traffic control_rx, control_tx;
	uint64_t rx_zlb, tx_zlb, rx_duplicates, rx_out_of_sequence, rx_out_of_window, retransmissions;
	const char *reason;			/* terminate reason, ended ones */
	uint16_t result, error;
	struct span message;
	struct wall started, ended_at;
	uint64_t established_s;
};

struct model_session_row {
	unsigned dest, tunnel, number;
	bool up, ended;
	const char *state, *rfc_state, *phase;	/* phase: where the set-up stands: l2tp lcp auth ipcp up closing */
	enum admin_state admin, effective;
	uint16_t local_tunnel_id, local_id, peer_id;
	struct span user, calling_number, called_number, sub_address, private_group, circuit_id, remote_id, lac_name;
	struct ip_addr lac, lns;
	struct ip_addr ip4, local_ip4;
	uint8_t local_iid[8], peer_iid[8];
	bool ip4_up, ip6_up;
	const char *profile, *auth;		/* interface profile; method */
	const char *lcp_state, *ipcp_state, *ipv6cp_state;
	uint32_t call_serial, tx_speed, rx_speed, bearer_type, framing_type, physical_channel;
	bool proxy_lcp_given, proxy_lcp_used, proxy_auth_given, proxy_auth_used;
	bool sequencing_local, sequencing_remote;
	uint16_t local_mru, peer_mru;
	uint32_t actual_up_kbps, actual_down_kbps;	/* RFC 5515 actual data rates in kbit/s; 0 unknown */
	struct dp_counters counters;
	uint32_t session_timeout_s, idle_timeout_s;
	char acct_session_id[20];
	struct span filter_id;			/* RFC 2865 §5.11: kept and shown */
	const char *reason;
	unsigned terminate_cause;
	uint16_t result, error;
	struct span message;
	struct wall started, ended_at;
	uint64_t up_s;
};

struct model_dest_profile_row {
	const struct dest_profile_conf *conf;
	unsigned sessions;
};

/*
 * Cursors: start with *pos = 0; each call fills the next row that matches and moves *pos; false at the end. The set
 * may change between calls; a row is never shown twice. `ended`: tombstones too (after the living).
 */
bool model_dest_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
		     struct model_dest_row *row);
bool model_tunnel_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
		       struct model_tunnel_row *row, mono_t now);
bool model_session_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
			struct model_session_row *row, mono_t now);
/** model_subscriber_next - the same over sessions that are authenticated. */
bool model_subscriber_next(struct model *m, uint64_t *pos, const struct model_filter *f,
			   struct model_session_row *row, mono_t now);
/** model_dest_profile_sessions, model_host_sessions - present session counts. */
unsigned model_dest_profile_sessions(const struct model *m, const char *profile);
unsigned model_host_sessions(const struct model *m, const char *profile, const char *remote_host);

/* All counters of the system by group and name: l2tp, ppp, model, terminate (reasons). NULL name past the last. */
const char *model_counter(const struct model *m, unsigned i, const char **group, uint64_t *value);

/* Every terminate reason by application (aaa, l2tp, ppp) and name, with its Acct-Terminate-Cause (RFC 2866 §5.10). NULL
 * name past the last. */
const char *model_terminate_code(unsigned i, const char **app, unsigned *cause);

/* ---- debug: one line a message, decoded ---- */

struct model_debug {
	bool l2tp, ppp;
	struct ip_addr peer;			/* only this LAC; none: all */
	const char *user;			/* only this user (ppp; from the moment the name is known) */
};
typedef void model_debug_fn(void *ctx, const char *line, size_t len);
/** model_debug_set - one sink for the union of what monitors want; the caller filters for each. NULL turns it off. */
void model_debug_set(struct model *m, model_debug_fn *fn, void *ctx);
/** model_debug_add, _del - registers a wish; several may be held. Return: id, or 0. */
unsigned model_debug_add(struct model *m, const struct model_debug *d);
void model_debug_del(struct model *m, unsigned id);

#endif
