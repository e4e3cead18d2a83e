/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of the model, for its own files.
 *
 * Ownership: the model owns destinations, a destination its tunnels, a tunnel its sessions, a session its PPP link, its
 * data-plane line and its subscriber. Lifetimes:
 * - a session lives from its accepted ICRQ until its call is down *and* the plane has said DP_EV_GONE;
 * - a tunnel from its accepted SCCRQ until the L2TP core has forgotten it *and* its last session is gone;
 * - a destination while it has tunnels, or an administrative state that must be remembered.
 * Each leaves a tombstone. What outlives an object keeps its handle (slots.h).
 */
#ifndef ADIT_MODEL_PRIV_H
#define ADIT_MODEL_PRIV_H

#include "base/hmap.h"
#include "base/list.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/wheel.h"
#include "l2tp/l2tp.h"
#include "model/end.h"
#include "model/model.h"
#include "model/pack.h"
#include "model/slots.h"
#include "ppp/counters.h"
#include "ppp/ppp.h"

enum {
	JOB_OBJECTS = 256,		/* objects of a set that one turn ends */
	JOB_SCAN = 16384,		/* slots that one turn of a job looks at */
	DP_EVENTS = 2048,		/* data-plane events of a turn */
	TIMERS = 2048,			/* timers of a turn */
	ROUNDS = 64,			/* how often a turn goes round its sources */
	NUMBER_MAX = 99999,		/* destination, tunnel and session numbers begin again after it */
	CLOSING_MS = 3000,		/* an LCP Terminate-Request waits so long for its Ack before the CDN */
	HELLO_S = 60,
	FAILED_LINES_A_SECOND = 20,	/* log lines about calls and tunnels that failed */
	REJECTS_A_SECOND = 100,		/* accounting records about tunnels and calls that were refused */
	TOMBSTONE_MAX = 256,		/* octets */
	DEBUG_WISHES = 32,
};

/* ---- names: <destination>[/<tunnel>[/<session>]] ---- */

enum level { LEVEL_DEST, LEVEL_TUNNEL, LEVEL_SESSION, LEVELS };

struct name {
	struct hmap_node node;
	uint32_t parent;		/* slot of the parent; 0 for a destination */
	uint32_t number;
	uint8_t level;
};

/** name_add - draws the next free number after *last under a parent. Return: 0 or -ENOMEM. */
int name_add(struct model *m, struct name *n, enum level level, uint32_t parent, uint32_t *last);
void name_del(struct model *m, struct name *n);
struct name *name_find(struct model *m, enum level level, uint32_t parent, uint32_t number);

/* ---- configuration in force (apply.c) ---- */

/* An interface profile in one version: links borrow `link`, so it lives until its last user has gone. */
struct iface {
	struct iface *next;
	char *name, *host_name, *pool;
	struct ppp_link_conf link;
	uint32_t local_ip4;		/* the unnumbered loopback's; 0: none */
	bool access_routes, initiate_ip, initiate_ipv6;
	uint8_t max_negotiations;
	bool current;
	unsigned users;
};

struct group {
	struct group *next;
	char *name;
	const struct limit_group_conf *conf;	/* NULL: no longer configured */
	unsigned sessions;
};

struct host {
	struct host *next;
	struct dprof *dprof;
	char *remote_name;		/* NULL: default */
	const struct host_conf *conf;	/* NULL: no longer configured */
	struct group *group;
	struct iface *iface;
	unsigned tunnels, sessions;
	bool changed;			/* during apply: living tunnels must go */
};

struct dprof {
	struct dprof *next;
	char *name;
	const struct dest_profile_conf *conf;	/* NULL: no longer configured */
	struct ip_addr peer;
	struct group *groups;
	struct host *hosts;
	unsigned dests, sessions;
};

/* ---- objects ---- */

struct counts {
	uint64_t total, failed, auth_errors;
};

struct dest {
	struct name name;
	struct handle h;
	struct hmap_node by_addr;
	uint32_t vr;
	struct ip_addr local, peer;
	struct dprof *dprof;
	struct list tunnels;
	unsigned tunnel_count, session_count;
	uint32_t last_tunnel;
	enum admin_state admin;
	struct counts tunnel_counts, session_counts;
	struct model_traffic rx, tx;	/* control traffic of tunnels that are gone */
	struct wall started;
};

enum tunnel_phase { TUNNEL_CONNECTING, TUNNEL_ESTABLISHED, TUNNEL_CLOSING, TUNNEL_FORGOTTEN };

/* Why a job ends an object; also the order of precedence. */
enum doom { DOOM_NONE, DOOM_CLEAR, DOOM_LOGOUT, DOOM_PROFILE_CHANGED, DOOM_PROFILE_DELETED, DOOM_SHUTDOWN };

enum { TUNNEL_HOST_NAME, TUNNEL_VENDOR_NAME, TUNNEL_MESSAGE };	/* fields of its pack */

struct tunnel {
	struct name name;
	struct handle h;
	struct list of_dest;
	struct dest *dest;
	struct host *host;
	struct l2tp_ctrl *ctrl;		/* NULL: forgotten by the core */
	struct wheel_node timer;	/* idle */
	struct list sessions;
	unsigned session_count;		/* that are not over */
	uint32_t last_session;
	uint8_t phase, doom;
	bool in_dp, was_up, ended_by_peer;
	bool fired;			/* single-shot, and its session has come */
	enum admin_state admin;
	uint16_t local_id, peer_id;
	uint16_t protocol_version, firmware_revision;
	uint32_t framing_caps, bearer_caps;
	struct l2tp_path path;
	struct pack *text;
	struct counts session_counts;
	struct dp_counters traffic;	/* of sessions that are gone */
	char acct_session_id[20];	/* of its own accounting (RFC 2867); empty: it was never up */
	struct end why;
	uint16_t result, error;
	mono_t up_at, down_at;
	struct wall started, ended;
};

enum session_phase {
	SESSION_L2TP,		/* ICRP sent, ICCN awaited */
	SESSION_LCP,
	SESSION_AUTH,		/* LCP is open: credentials, AAA */
	SESSION_NCP,
	SESSION_UP,		/* IPv4 flows */
	SESSION_CLOSING,	/* LCP Terminate-Request sent; the CDN follows */
	SESSION_ENDING,		/* CDN sent; the core says CALL_DOWN */
	SESSION_OVER,		/* the call is down; the plane says GONE */
	SESSION_PHASES
};

enum {	/* fields of a session's pack */
	SESSION_CALLING, SESSION_CALLED, SESSION_SUB_ADDRESS, SESSION_PRIVATE_GROUP, SESSION_CIRCUIT_ID,
	SESSION_REMOTE_ID, SESSION_ACCESS_LINE,	/* RFC 5515: encoded AVPs, without the two ids */
	SESSION_MESSAGE
};

struct session {
	struct name name;
	struct handle h;
	struct list of_tunnel, ready;
	struct wheel_node timer;	/* the earliest of link, net layer and due */
	struct tunnel *tunnel;
	struct l2tp_call *call;		/* NULL: over */
	struct ppp_link *link;
	struct subscriber *sub;		/* from the first AAA request; never NULL in SESSION_UP */
	struct iface *iface;
	struct dp_handle dp;
	struct pack *text;
	mono_t due;			/* end of set-up, or of CLOSING */
	mono_t started_at, up_at;	/* up_at: of the present subscriber */
	struct wall started;
	struct end why;
	uint16_t result, error;
	uint16_t local_id, peer_id;
	uint8_t phase, doom;
	bool in_progress;		/* counted among the calls in progress */
	bool established;		/* L2TP: ICCN has come */
	bool linked;			/* accounting of tunnels knows it */
	bool network;			/* the link is in its network phase */
	bool in_dp, heard, auth_begun, was_up;
	bool proxy_lcp_given, proxy_lcp_used, proxy_auth_given, proxy_auth_used, sequencing_peer;
	uint8_t admin;			/* enum admin_state */
	uint32_t call_serial, tx_speed, rx_speed, bearer_type, framing_type, physical_channel;
	uint32_t up_kbps, down_kbps;
	uint64_t seen_rx;		/* packets from the subscriber at the last keepalive */
	struct dp_counters final;	/* at the end */
};

/* ---- debug ---- */

struct wish {
	unsigned id;			/* 0: free */
	bool l2tp, ppp;
	struct ip_addr peer;
	char *user;
};

/* ---- counters of the model itself ---- */

#define MODEL_COUNTERS(X) \
	X(AAA_LATE, "aaa-late-answers") \
	X(AAA_REQUEST_FAILED, "aaa-requests-failed") \
	X(DP_LATE, "dp-late-events") \
	X(DP_REFUSED, "dp-refusals") \
	X(DP_ADDRESS_IN_USE, "dp-address-in-use") \
	X(DP_ID_REDRAWN, "dp-session-id-redrawn") \
	X(FRAMES_RX, "ppp-frames-received") \
	X(FRAMES_TX, "ppp-frames-sent") \
	X(FRAMES_TX_FAILED, "ppp-frames-not-sent") \
	X(FRAMES_DATA, "ppp-data-frames-punted") \
	X(FRAMES_NO_LINK, "ppp-frames-without-link") \
	X(CONTROL_TX_FAILED, "l2tp-datagrams-not-sent") \
	X(TUNNELS_REFUSED, "tunnels-refused") \
	X(CALLS_REFUSED, "calls-refused") \
	X(WAN_ERRORS, "wan-error-notifies") \
	X(SET_LINK_INFO, "set-link-infos") \
	X(RENEGOTIATED, "subscribers-renegotiated") \
	X(DUPLICATES, "duplicates-logged-out") \
	X(LINES_SUPPRESSED, "log-lines-suppressed") \
	X(REJECTS_SUPPRESSED, "reject-records-suppressed") \
	X(TOMBSTONES_LOST, "tombstones-without-memory") \
	X(NO_MEMORY, "no-memory")

enum model_count {
#define X(id, name) MODEL_COUNT_##id,
	MODEL_COUNTERS(X)
#undef X
	MODEL_COUNT_MAX
};

struct tombstone;

struct tombstones {
	struct tombstone **ring;
	uint32_t cap;			/* 0: none are kept */
	uint64_t first, next;		/* serial numbers: [first, next) are in the ring, at serial % cap */
};

struct model {
	struct aaa_if aaa;
	struct dp_if dp;
	struct rng rng;
	uint64_t hash_seed;
	struct model_conf conf;
	struct iface *ifaces;
	struct dprof *dprofs;
	struct l2tp_endpoint *ep;
	struct slots dests, tunnels, sessions;
	struct hmap names, dest_by_addr;
	uint32_t last_dest;
	struct wheel session_wheel, tunnel_wheel;
	struct list ready;
	struct tombstones tombs;
	struct wall wall;		/* of this turn */
	mono_t turn_at;
	bool stopping;
	bool local_leaving;		/* a destination has a local address that is configured no more */
	bool more;			/* a share was used up: the turn is not finished */
	unsigned share;			/* objects that this turn may still end */
	unsigned active_sessions;	/* not over: what limits judge */
	unsigned active_tunnels;	/* not closing */
	unsigned established_tunnels, established_sessions, calls_in_progress;
	unsigned doomed_sessions, doomed_tunnels;
	uint32_t doom_session_pos, doom_tunnel_pos;
	struct counts dest_counts, tunnel_counts, session_counts;
	struct ppp_counters ppp;
	uint64_t count[MODEL_COUNT_MAX];
	uint64_t ended_l2tp[L2TP_REASON_COUNT], ended_ppp[PPP_REASON_COUNT];
	uint64_t ended_deny[AAA_REFUSE_COUNT], ended_logout[4];
	struct {
		int64_t second;
		unsigned lines;
	} failed_log;
	struct {
		int64_t second;
		unsigned records;
	} rejects;			/* of tunnel accounting */
	model_debug_fn *debug_fn;
	void *debug_ctx;
	unsigned last_wish, wishes_l2tp, wishes_ppp;
	struct wish wish[DEBUG_WISHES];
	uint8_t buf[2048];		/* a datagram or frame on its way out */
};

static inline void count(struct model *m, enum model_count what)
{
	m->count[what]++;
}

/* ---- model.c ---- */
void session_ready(struct model *m, struct session *s);	/* onto the ready queue */
/** use_share - takes one object from this turn's share of bulk work; false when it is used up. */
bool use_share(struct model *m);
/** count_end - counts a terminate reason. */
void count_end(struct model *m, struct end e);

/* ---- apply.c ---- */
struct iface *iface_by_name(const struct model *m, const char *name);
void iface_put(struct model *m, struct iface *i);	/* a user less */
void profiles_sweep(struct model *m);			/* frees what is no longer configured nor used */
void profiles_free(struct model *m);
/** local_set - tells the plane the addresses of ours that tunnels run from. */
void local_set(struct model *m);
void endpoint_conf_of(const struct model *m, struct l2tp_endpoint_conf *c);

/* ---- dest.c ---- */
/** dest_get - the destination of a path, created when it is new. NULL when out of memory. */
struct dest *dest_get(struct model *m, const struct l2tp_path *path, struct dprof *dprof);
struct dest *dest_find(struct model *m, const struct l2tp_path *path);
/** dest_unused - ends a destination without tunnels, unless its administrative state must be remembered. */
void dest_unused(struct model *m, struct dest *d);
void dest_free(struct model *m, struct dest *d);

/* ---- tunnel.c ---- */
struct tunnel *tunnel_new(struct model *m, struct dest *d, struct host *host, const struct l2tp_event *ev, mono_t now);
void tunnel_free(struct model *m, struct tunnel *t);
void tunnel_up(struct model *m, struct tunnel *t, const struct l2tp_event *ev, mono_t now);
void tunnel_down(struct model *m, struct tunnel *t, const struct l2tp_event *ev, mono_t now);
void tunnel_gone(struct model *m, struct tunnel *t, mono_t now);
void tunnel_close(struct model *m, struct tunnel *t, enum l2tp_reason why, uint16_t result, mono_t now);
/** tunnel_session_over - a session of it is over: idle timer, single-shot. */
void tunnel_session_over(struct model *m, struct tunnel *t, mono_t now);
/** tunnel_settle - frees it when the core has forgotten it and no session is left. */
void tunnel_settle(struct model *m, struct tunnel *t, mono_t now);
void tunnel_timer(struct model *m, struct tunnel *t, mono_t now);
/** tunnel_arm_idle - starts the idle timer if it is idle, stops it if it is not. */
void tunnel_arm_idle(struct model *m, struct tunnel *t, mono_t now);
/** tunnel_publish - tells the plane its transport. Return: 0 or -errno. */
int tunnel_publish(struct model *m, struct tunnel *t);
void tunnel_label(const struct tunnel *t, char buf[24]);

/* ---- session.c ---- */
struct session *session_new(struct model *m, struct tunnel *t, const struct l2tp_event *ev, mono_t now);
void session_free(struct model *m, struct session *s);
/** session_abort - takes back a session_new() whose call cannot be accepted. */
void session_abort(struct model *m, struct session *s, mono_t now);
void session_phase_set(struct model *m, struct session *s, enum session_phase to);
void session_call_up(struct model *m, struct session *s, const struct l2tp_call_params *p, mono_t now);
/** session_close - ends it politely: LCP Terminate-Request, then CDN. The first reason given stays. */
void session_close(struct model *m, struct session *s, struct end why, mono_t now);
/** session_refused - AAA has said no, and the link is telling the client: it has CLOSING_MS to do so. */
void session_refused(struct model *m, struct session *s, struct end why, mono_t now);
/** session_end - CDN now. session_call_down() follows from the core. */
void session_end(struct model *m, struct session *s, struct end why, mono_t now);
void session_call_down(struct model *m, struct session *s, const struct l2tp_event *ev, mono_t now);
/** session_gone - the plane has let go of it: final counters, accounting, tombstone, freed. */
void session_gone(struct model *m, struct session *s, const struct dp_counters *c, mono_t now);
void session_label(const struct session *s, char buf[36]);
void session_counters(const struct model *m, const struct session *s, struct dp_counters *out);

/** session_note_why - why it ends: the first reason stays. */
void session_note_why(struct session *s, struct end why);

/* ---- session_link.c ---- */
/** session_frame - a PPP frame that the plane has punted. */
void session_frame(struct model *m, struct session *s, const uint8_t *frame, size_t len, mono_t now);
/** session_send_frames - what the link and the net layer have to say. */
void session_send_frames(struct model *m, struct session *s, mono_t now);
/** session_pump - one on the ready queue: its timers, its events, then its frames. */
void session_pump(struct model *m, struct session *s, mono_t now);

/* ---- accounting.c ---- */
/** describe_line - what AAA may know of a session's line; spans borrow it. @access: room for the access line; NULL: without. */
struct aaa_line describe_line(const struct model *m, const struct session *s, struct l2tp_access_line *access);
void account_tunnel_up(struct model *m, struct tunnel *t, mono_t now);
void account_tunnel_gone(struct model *m, struct tunnel *t, mono_t now);
void account_tunnel_failed(struct model *m, const struct tunnel *t, mono_t now);
void account_tunnel_refused(struct model *m, const struct l2tp_event *ev, struct end why, mono_t now);
void account_link_up(struct model *m, struct session *s, mono_t now);
void account_link_gone(struct model *m, const struct session *s, mono_t now);
void account_link_refused(struct model *m, const struct tunnel *t, const struct l2tp_call_offer *o, struct end why,
			  mono_t now);

/* ---- subscriber.c ---- */

/* One authenticated (or to be authenticated) user of a session. */
struct subscriber {
	struct ppp_net *net;		/* NULL before the network phase */
	struct aaa_handle aaa;		/* id 0: none */
	bool asked, granted, started;	/* request in flight; grant held; accounting started */
	bool wants_result;		/* the link waits for the judgement */
	bool forwarding;
	bool ip4_from_pool, ip4_client_chooses, ip4_up, ip6_up, has_iid, no_source_check;
	uint8_t method;			/* enum ppp_auth */
	uint8_t route_count;
	uint16_t mtu;			/* granted; 0: none */
	uint32_t ip4, local_ip4;	/* host order */
	uint32_t our_ip4;		/* what IPCP is to say of us: the profile's loopback, or RADIUS's */
	uint32_t dns[2], wins[2];
	uint8_t local_iid[8], peer_iid[8];
	uint32_t session_timeout_s, idle_timeout_s;
	struct ip_route *routes;
	struct dp_counters base;	/* the line's counters when this subscriber began */
	char acct_session_id[20];
	uint16_t user_len;
	uint8_t user[];
};

struct span subscriber_user(const struct session *s);
/** subscriber_ask - sends credentials (NULL: none were asked for) to AAA. */
void subscriber_ask(struct model *m, struct session *s, const struct ppp_auth_request *rq, mono_t now);
void subscriber_answer(struct model *m, const struct aaa_event *ev, mono_t now);
/** subscriber_network - the link is in its network phase and AAA has granted: the NCPs begin. */
void subscriber_network(struct model *m, struct session *s, mono_t now);
void subscriber_net_event(struct model *m, struct session *s, const struct ppp_net_event *ev, mono_t now);
/** subscriber_halt - no more traffic and no NCPs; grant and counters stay. */
void subscriber_halt(struct model *m, struct session *s, mono_t now);
/** subscriber_renegotiate - the client starts LCP again: this subscriber ends, another will be authenticated. */
void subscriber_renegotiate(struct model *m, struct session *s, mono_t now);
/** subscriber_free - ends the request or grant with the line's counters and frees it. */
void subscriber_free(struct model *m, struct session *s, const struct dp_counters *line, struct end why, mono_t now);
void subscriber_counters(struct model *m, struct session *s, mono_t now);
/* ---- lines.c: one line when a session starts and one when it ends ---- */
void log_subscriber_up(const struct session *s);
void log_subscriber_down(const struct session *s, const struct dp_counters *line, struct end why, mono_t now);
/** log_session_end - that of a subscriber, or of a call that failed before (those are rate-limited). */
void log_session_end(struct model *m, const struct session *s, mono_t now);
/** failed_log_allowed - whether another line about a failure may be written in this second; counted when not. */
bool failed_log_allowed(struct model *m, mono_t now);

/* ---- lns.c ---- */
void lns_tunnel_offered(struct model *m, const struct l2tp_event *ev, mono_t now);
void lns_call_offered(struct model *m, const struct l2tp_event *ev, mono_t now);
/** lns_match - the host profile of an SCCRQ; NULL when nothing matches. */
struct host *lns_match(const struct model *m, const struct l2tp_path *path, struct span host_name);
/** tunnel_conf_of - what the core is told of tunnels of a host profile. */
struct l2tp_tunnel_conf tunnel_conf_of(const struct model *m, const struct host_conf *h);

/* ---- limits.c ---- */
struct refusal {
	enum l2tp_reason why;		/* L2TP_REASON_NONE: admitted */
	struct l2tp_cause cause;
};
struct refusal limits_call(const struct model *m, const struct tunnel *t);
struct refusal limits_no_resources(const struct tunnel *t);
struct refusal limits_tunnel(const struct model *m, const struct l2tp_path *path, const struct host *host,
			     const struct dest *d);
/** admin_worse - the more restrictive of two. */
enum admin_state admin_worse(enum admin_state a, enum admin_state b);
enum admin_state dest_effective(const struct model *m, const struct dest *d);
enum admin_state tunnel_effective(const struct model *m, const struct tunnel *t);
enum admin_state session_effective(const struct model *m, const struct session *s);

/* ---- tombstone.c ---- */
int tombs_resize(struct tombstones *t, uint32_t cap);
void tombs_fini(struct tombstones *t);
void tombs_expire(struct model *m);
mono_t tombs_deadline(const struct model *m);
void tomb_session(struct model *m, const struct session *s, mono_t now);
void tomb_tunnel(struct model *m, const struct tunnel *t);
void tomb_dest(struct model *m, const struct dest *d);
unsigned tombs_count(const struct tombstones *t);
/* The next tombstone of a level at or after *serial as a row; *serial moves behind it. */
bool tomb_dest_row(const struct model *m, uint64_t *serial, const struct model_filter *f, struct model_dest_row *row);
bool tomb_tunnel_row(const struct model *m, uint64_t *serial, const struct model_filter *f,
		     struct model_tunnel_row *row);
bool tomb_session_row(const struct model *m, uint64_t *serial, const struct model_filter *f,
		      struct model_session_row *row);

/* ---- job.c ---- */
/** doom_session, doom_tunnel - a job will end it. Return: false when it is closing anyway. */
bool doom_session(struct model *m, struct session *s, enum doom why);
bool doom_tunnel(struct model *m, struct tunnel *t, enum doom why);
/** jobs_run - ends what is doomed, as far as this turn's share goes; once a turn. */
void jobs_run(struct model *m, mono_t now);

/* ---- filter.c ---- */
/** glob_match - a pattern in which `*` stands for any run of octets. */
bool glob_match(const char *pattern, struct span text);
bool filter_dest(const struct model_filter *f, unsigned dest, const struct ip_addr *lac);
bool filter_tunnel(const struct model_filter *f, unsigned dest, unsigned tunnel, const struct ip_addr *lac,
		   struct span lac_name);
bool filter_session(const struct model_filter *f, const struct session *s);
bool filter_session_row(const struct model_filter *f, const struct model_session_row *r);
/* What an operation on a set goes through; with numbers in the filter no more than these is looked at. */
struct walk {
	uint32_t pos;
};
struct dest *walk_dest(struct model *m, struct walk *w, const struct model_filter *f);
struct tunnel *walk_tunnel(struct model *m, struct walk *w, const struct model_filter *f);
struct session *walk_session(struct model *m, struct walk *w, const struct model_filter *f);

/* ---- debug.c ---- */
void debug_control(struct model *m, bool rx, uint32_t vr, const struct ip_addr *local, uint16_t local_port,
		   const struct ip_addr *peer, uint16_t peer_port, const uint8_t *msg, size_t len);
void debug_frame(struct model *m, bool rx, const struct session *s, const uint8_t *frame, size_t len);
void debug_fini(struct model *m);

#endif
