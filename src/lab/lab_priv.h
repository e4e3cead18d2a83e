/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab from inside: tunnels (lab.c), subscribers (sub.c), their traffic (traffic.c). */
#ifndef ADIT_LAB_LAB_PRIV_H
#define ADIT_LAB_LAB_PRIV_H

#include "base/hmap.h"
#include "base/log.h"
#include "base/wheel.h"
#include "lab/lab.h"
#include "lab/pattern.h"
#include "ppp/counters.h"

enum lab_stage { LAB_CALLING, LAB_HOLDING, LAB_HANGING_UP, LAB_CLOSING, LAB_DONE };

struct lab_tunnel {
	struct lab *lab;
	struct l2tp_ctrl *ctrl;		/* NULL: not opened yet, or gone */
	unsigned index;
	unsigned next_sub;		/* index of the next of its subscribers to call */
	struct list ready;		/* among those that are up and have subscribers to call */
	mono_t opened;
	bool up, failed;
};

enum sub_state { SUB_NEW, SUB_CALLING, SUB_LCP, SUB_AUTH, SUB_IPCP, SUB_UP, SUB_ENDING, SUB_ENDED };

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
	bool decided;			/* came up and finished its traffic, or failed */
	bool came_up, failed;
	bool connected;			/* the call is up: frames may go */
	bool network_early;		/* the network phase began before the call was up (--proxy) */
	struct l2tp_call *call;
	uint16_t peer_session_id, ns;
	struct ppp_link *link, *lac_link;	/* lac_link: the LAC's side before the call, --proxy only */
	struct ppp_net *net;
	struct ppp_link_conf link_conf;
	char *user, *password;
	struct hmap_node node;		/* by our tunnel and session id */
	struct wheel_node timer;
	mono_t called, since, limit;	/* limit: end of patience with set-up or hanging up */
	uint32_t ip4, gateway, dns[2];
	struct lab_traffic traffic;
};

struct lab {
	const struct lab_conf *conf;
	struct lab_env env;
	struct l2tp_path *paths;
	struct rng rng;
	struct l2tp_endpoint *ep;
	struct wheel wheel;
	struct wheel_node pace;		/* next tunnels and calls to begin, or to hang up */
	struct ppp_counters ppp_counters;
	struct ppp_link_conf lac_conf;	/* of lac_link */
	char lac_name[LAB_NAME_MAX + 1];
	struct lab_tunnel *tunnel;
	struct lab_sub *sub;
	struct hmap by_ids;
	struct list ready;		/* tunnels, in turn */
	enum lab_stage stage;
	mono_t stage_due;
	unsigned tunnels_opening, tunnels_begun;
	unsigned pending;		/* calls begun that are neither up nor failed */
	unsigned undecided, undecided_calls;	/* subscribers; those whose call has neither come up nor failed */
	unsigned next_hangup, living;	/* living: calls that exist */
	uint64_t seed;
	struct lab_stats stats;
};

/* lab.c */
void lab_pump(struct lab *l, mono_t now);
/** lab_control_tx - sends what the endpoint has to send. */
void lab_control_tx(struct lab *l, mono_t now);
void lab_sub_decided(struct lab *l, struct lab_sub *s, mono_t now);
/** lab_data_tx - a PPP frame (from its protocol field) into the subscriber's tunnel. */
void lab_data_tx(struct lab *l, struct lab_sub *s, struct span frame);

/* sub.c */
void sub_init(struct lab *l, struct lab_sub *s, unsigned index);
void sub_fini(struct lab_sub *s);
void sub_call(struct lab_sub *s, mono_t now);
void sub_answered(struct lab_sub *s, mono_t now);
void sub_connected(struct lab_sub *s, mono_t now);
void sub_disconnected(struct lab_sub *s, const struct l2tp_event *ev, mono_t now);
void sub_rx(struct lab_sub *s, struct span frame, mono_t now);
void sub_expire(struct lab_sub *s, mono_t now);
void sub_hangup(struct lab_sub *s, mono_t now);
void sub_fail(struct lab_sub *s, mono_t now, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void sub_arm(struct lab_sub *s);
const char *sub_state_name(enum sub_state st);

/* traffic.c: begin is harmless while the target is not ready, and after the first time */
void traffic_begin(struct lab_sub *s, mono_t now);
void traffic_rx(struct lab_sub *s, struct span ip, mono_t now);
void traffic_expire(struct lab_sub *s, mono_t now);
mono_t traffic_deadline(const struct lab_sub *s);
void traffic_end(struct lab_sub *s);

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
