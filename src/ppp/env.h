/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of one core share: the frames waiting to be taken, randomness, counters, and the limits of RFC 1661
 * §4.6.
 */
#ifndef ADIT_PPP_ENV_H
#define ADIT_PPP_ENV_H

#include "base/mono.h"
#include "base/rng.h"
#include "base/wr.h"
#include "ppp/counters.h"

enum {
	PPP_FRAME_MAX = 1502,		/* protocol field and 1500 octets: what we send never needs more */
	PPP_QUEUE_MAX = 24,		/* frames that wait for the owner; beyond it they are dropped and counted */
};

struct ppp_queued;

struct ppp_env {
	struct ppp_queued *head, *last;
	struct rng *rng;
	struct ppp_counters *count;
	uint16_t restart_ms, restart_first_ms;	/* the second: 0, or where Configure-Requests begin (§4.6) */
	uint8_t max_configure, max_terminate, max_failure;
	uint8_t queued;
	uint16_t peer_mru;		/* what we send back of the peer's octets is cut to this: §5.6, §5.7 */
};

void ppp_env_fini(struct ppp_env *e);

/* A frame being written: the protocol field is in place. */
struct ppp_out {
	struct wr w;
	uint8_t buf[PPP_FRAME_MAX];
};

void ppp_out_begin(struct ppp_out *o, uint16_t protocol);

/** ppp_out_send - queues the frame; one that overflowed is dropped and counted. */
void ppp_out_send(struct ppp_env *e, struct ppp_out *o);

/** ppp_env_take - the next frame into buf, 0 when there is none. */
size_t ppp_env_take(struct ppp_env *e, uint8_t *buf, size_t cap);

#endif
