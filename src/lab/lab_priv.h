/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lab from inside: the run (lab.c), tunnels (tunnel.c), subscribers (sub.c), their traffic (traffic.c), who leaves and
 * returns meanwhile (storm.c), the time that Hellos take (hello.c).
 */
#ifndef ADIT_LAB_LAB_PRIV_H
#define ADIT_LAB_LAB_PRIV_H

#include "base/hmap.h"
#include "base/log.h"
#include "base/wheel.h"
#include "lab/hello.h"
#include "lab/lab.h"
#include "lab/pattern.h"
#include "ppp/counters.h"

enum lab_stage {
	LAB_CALLING,		/* the first calls */
	LAB_HOLDING,		/* all up, or failed; churn */
	LAB_SETTLING,		/* those that churn has sent away come back */
	LAB_DROPPING,		/* a round of the storm: all leave */
	LAB_RETURNING,		/* and return */
	LAB_HANGING_UP, LAB_CLOSING, LAB_DONE,
};

enum tunnel_state { TUNNEL_DOWN, TUNNEL_OPENING, TUNNEL_UP, TUNNEL_FAILED };

struct lab_tunnel {
	struct lab *lab;
	struct l2tp_ctrl *ctrl;		/* NULL: not opened yet, or gone */
	unsigned index;
	enum tunnel_state state;
	bool probe;			/* on lab.probe_ep, without subscribers */
	bool came_up;			/* once */
	uint8_t tries;
	struct lab_sub *callers, **callers_end;	/* its subscribers that want to call, in order */
	struct list link;		/* in lab.to_open, or, when up and with callers, in lab.ready */
	struct wheel_node timer;	/* it is opened again */
	mono_t opened;
};

/* NEW waits for its tunnel, WAITING to call again. */
enum sub_state { SUB_NEW, SUB_WAITING, SUB_CALLING, SUB_LCP, SUB_AUTH, SUB_IPCP, SUB_UP, SUB_ENDING, SUB_ENDED };

/* What a subscriber does when its call has ended. */
enum sub_next { SUB_STAYS_AWAY, SUB_RETRIES, SUB_RETURNS };

/* The present round, and churn. */
struct lab_storm {
	unsigned rounds;		/* over */
	mono_t dropped, returning;	/* when they began */
	mono_t slice;			/* the last of those in which all hang up */
	struct lab_series away, call, hello;
	uint64_t retries;
	mono_t churn_begun;
	uint64_t churned;		/* since then */
};

struct lab_traffic {
	mono_t ping_due, stream_due, stream_begun;
	unsigned ping_sent, ping_answered;
	uint64_t ping_open;		/* bit seq % 64: not answered yet */
	uint64_t stream_sent, stream_received;
	bool begun, done, lost_told;
};

struct lab_sub {
	struct lab_tunnel *tunnel;
	unsigned index;
	enum sub_state state;
	enum sub_next next;
	struct lab_sub *next_caller;
	uint8_t tries;			/* failed calls in a row */
	bool decided;			/* came up and finished its traffic, or failed for good */
	bool first_decided;		/* and that has been so once */
	bool ever_up, counted_up;	/* counted: in up_now */
	bool pending;			/* counted in lab.pending */
	bool churned;			/* is to come back */
	/* of the present call */
	bool came_up, failed;		/* failed: for good */
	bool over;			/* its failure has been told */
	bool connected;			/* the call is up: frames may go */
	bool network_early;		/* the network phase began before the call was up (--proxy) */
	struct l2tp_call *call;
	uint16_t peer_session_id, ns;
	struct ppp_link *link, *lac_link;	/* lac_link: the LAC's side before the call, --proxy only */
	struct ppp_net *net;
	struct ppp_link_conf link_conf;
	char *user, *password;
	struct hmap_node node;		/* by our tunnel and session id */
	struct hmap_node iccn_node;	/* by the peer's, while its ICCN waits in the tunnel's window */
	bool iccn_waits;
	struct wheel_node timer;
	mono_t called, since, limit;	/* limit: end of patience with set-up or hanging up */
	uint32_t ip4, gateway, dns[2];
	struct lab_traffic traffic;
};

struct lab {
	const struct lab_conf *conf;
	struct lab_env env;
	struct l2tp_path *paths, probe_path;
	struct rng rng;
	struct l2tp_endpoint *ep;
	struct l2tp_endpoint *probe_ep;	/* the probes have one of their own, which loses no power */
	struct lab_hellos hellos, probe_hellos;
	struct wheel wheel;		/* subscribers' timers, and */
	struct wheel_node pace;		/* next tunnels and calls to begin, or to hang up */
	struct wheel tunnel_timers;
	struct ppp_counters ppp_counters;
	struct ppp_link_conf lac_conf;	/* of lac_link */
	char lac_name[LAB_NAME_MAX + 1];
	struct lab_tunnel *tunnel;	/* tunnel_count of them: for subscribers, then probes */
	unsigned tunnel_count;
	struct lab_sub *sub;
	struct hmap by_ids, by_iccn;
	struct list to_open, ready;	/* tunnels, in turn */
	enum lab_stage stage;
	mono_t stage_due;
	bool giving_up;			/* who fails now has failed for good */
	unsigned tunnels_opening, tunnels_open;	/* open: opening or up, probes not counted */
	unsigned tunnels_quiet;		/* closing: so many of the first have had their acknowledgement */
	unsigned pending;		/* calls begun that are neither up nor failed */
	unsigned undecided, undecided_calls;	/* subscribers; those whose first call has neither come up nor failed */
	unsigned next_hangup, living;	/* living: calls that exist */
	struct lab_storm storm;
	uint64_t seed;
	struct lab_stats stats;
};

/* lab.c */
void lab_pump(struct lab *l, mono_t now);
void lab_stage_set(struct lab *l, enum lab_stage st, mono_t due);
/** lab_may_retry - whether what fails now is tried again. */
bool lab_may_retry(const struct lab *l);
/** lab_backoff - when, after so many failures in a row: longer each time, and not all at once. */
mono_t lab_backoff(struct lab *l, uint8_t *tries, mono_t now);
/** lab_give_up - who is not up by now has failed for good. */
void lab_give_up(struct lab *l, const char *why, mono_t now);
/** lab_hangup_begin - nothing more is to come: the end. */
void lab_hangup_begin(struct lab *l, mono_t now);
/** lab_endpoint_new - NULL when out of memory. */
struct l2tp_endpoint *lab_endpoint_new(struct lab *l, mono_t now);
/** lab_data_tx - a PPP frame (from its protocol field) into the subscriber's tunnel. */
void lab_data_tx(struct lab *l, struct lab_sub *s, struct span frame);

/* tunnel.c */
void tunnel_init(struct lab *l, struct lab_tunnel *t, unsigned index);
void tunnels_begin(struct lab *l, mono_t now);
void tunnel_up(struct lab *l, struct lab_tunnel *t, mono_t now);
void tunnel_down(struct lab *l, struct lab_tunnel *t, const struct l2tp_event *ev, mono_t now);
void tunnel_expire(struct lab *l, struct lab_tunnel *t, mono_t now);
/** tunnel_open_later - it is opened in its turn, unless it is up or on its way. */
void tunnel_open_later(struct lab *l, struct lab_tunnel *t);
/** tunnel_call - the subscriber calls when its tunnel is up, in its turn. */
void tunnel_call(struct lab_sub *s, mono_t now);
/** tunnel_next_caller - whose turn it is. Return: NULL when nobody wants to call through a tunnel that is up. */
struct lab_sub *tunnel_next_caller(struct lab *l);
void tunnels_forget_callers(struct lab *l);
/** tunnels_lose_power - the LAC and all it knew is gone, without a word; probes stay. Return: false when out of memory. */
bool tunnels_lose_power(struct lab *l, mono_t now);

/* storm.c */
void churn_begin(struct lab *l, mono_t now);
void churn_run(struct lab *l, mono_t now);
mono_t churn_deadline(const struct lab *l);
void storm_drop(struct lab *l, mono_t now);
/** storm_drop_run - Return: true when all have left. */
bool storm_drop_run(struct lab *l, mono_t now);
void storm_return(struct lab *l, mono_t now);
void storm_round_end(struct lab *l, mono_t now);

/* sub.c */
void sub_init(struct lab *l, struct lab_sub *s, unsigned index, mono_t now);
/** sub_decided - it has come up and finished its traffic, or failed for good. */
void sub_decided(struct lab_sub *s);
void sub_fini(struct lab_sub *s);
void sub_call(struct lab_sub *s, mono_t now);
void sub_answered(struct lab_sub *s, mono_t now);
/** sub_connected - its ICCN is queued; sub_iccn_sent - one has gone out, and so may a subscriber's frames. */
void sub_connected(struct lab_sub *s);
void sub_iccn_sent(struct lab *l, const struct l2tp_path *to, const struct l2tp_hdr *hdr, mono_t now);
void sub_disconnected(struct lab_sub *s, const struct l2tp_event *ev, mono_t now);
void sub_rx(struct lab_sub *s, struct span frame, mono_t now);
void sub_expire(struct lab_sub *s, mono_t now);
/** sub_hangup - it leaves on its own, and then does what is next. */
void sub_hangup(struct lab_sub *s, enum lab_hangup how, enum sub_next next, mono_t now);
/** sub_leave - the same when its tunnel is about to be closed: it needs to say nothing. */
void sub_leave(struct lab_sub *s);
/** sub_vanish - its call, if any, is gone without a word. */
void sub_vanish(struct lab_sub *s);
/** sub_await - what fails from here on is another call. */
void sub_await(struct lab_sub *s);
/** sub_undecide - it is to come up (again). */
void sub_undecide(struct lab_sub *s);
void sub_fail(struct lab_sub *s, mono_t now, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void sub_arm(struct lab_sub *s);
const char *sub_state_name(enum sub_state st);

/* traffic.c: begin is harmless while the target is not ready, and after the first time */
void traffic_begin(struct lab_sub *s, mono_t now);
void traffic_rx(struct lab_sub *s, struct span ip, mono_t now);
void traffic_expire(struct lab_sub *s, mono_t now);
mono_t traffic_deadline(const struct lab_sub *s);
void traffic_end(struct lab_sub *s);
void traffic_reset(struct lab_sub *s);

static inline struct lab *lab_of(const struct lab_sub *s)
{
	return s->tunnel->lab;
}

/* The neighbour: traffic "peer" goes to it. The last of an odd number is its own. */
static inline struct lab_sub *sub_neighbour(const struct lab_sub *s)
{
	struct lab *l = lab_of(s);
	unsigned i = s->index ^ 1;

	return &l->sub[i < l->conf->count ? i : s->index];
}

#endif
