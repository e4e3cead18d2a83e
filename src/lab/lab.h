/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A LAC with PPP clients behind it, on the product's own cores in their client roles: the l2tp endpoint as LAC,
 * ppp_link and ppp_net as clients, and IP packets made in user space. No sockets and no clock: datagrams and the time
 * go in, datagrams come out through one function.
 */
#ifndef ADIT_LAB_LAB_H
#define ADIT_LAB_LAB_H

#include "l2tp/l2tp.h"
#include "lab/options.h"
#include "lab/stats.h"

enum { LAB_DATAGRAM_MAX = 9216 };

struct lab;

/** Sends one datagram; it may be lost. */
typedef void lab_send_fn(void *ctx, const struct l2tp_path *path, const uint8_t *msg, size_t len);

struct lab_env {
	lab_send_fn *send;
	void *ctx;
	const struct l2tp_path *paths;	/* copied: tunnel t uses number t modulo path_count */
	unsigned path_count;
	const struct l2tp_path *probe_path;	/* copied: of the tunnels that are only there for their Hellos; NULL: none */
	FILE *notes;			/* a line when a subscriber comes up or goes; NULL: none */
};

/** lab_new - the lab begins at `now`. @conf is borrowed. Return: NULL when out of memory. */
struct lab *lab_new(const struct lab_conf *conf, const struct lab_env *env, const uint8_t seed[32], mono_t now);
void lab_free(struct lab *l);

void lab_rx(struct lab *l, const struct l2tp_path *from, const uint8_t *msg, size_t len, mono_t now);
void lab_expire(struct lab *l, mono_t now);
mono_t lab_deadline(const struct lab *l);

/** lab_stop - hangs up now, whatever is not finished has failed. */
void lab_stop(struct lab *l, mono_t now);
/** lab_finished - all is over: nothing more is sent. */
bool lab_finished(const struct lab *l);
/** lab_ok - every session came up and stayed, every ping was answered, no octet was damaged. */
bool lab_ok(const struct lab *l);
struct lab_stats *lab_stats(struct lab *l);
/** lab_stage_name - where the run stands: calls, hold, settle, drop, return, hangup, close, done. */
const char *lab_stage_name(const struct lab *l);

struct lab_sub_info {
	const char *user, *state;
	uint32_t ip4, gateway, dns[2];	/* host order */
	unsigned ping_sent, ping_answered;
	uint64_t stream_sent, stream_received;
};
/** lab_sub_at - the i-th subscriber. Return: false past the last. */
bool lab_sub_at(const struct lab *l, unsigned i, struct lab_sub_info *out);

#endif
