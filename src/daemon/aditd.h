/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon put together: one loop, the planes and cores on it, and what a new configuration changes in each. */
#ifndef ADIT_DAEMON_ADITD_H
#define ADIT_DAEMON_ADITD_H

#include "aaa/aaa_conf.h"
#include "daemon/options.h"
#include "daemon/radius.h"
#include "dataplane/dp.h"
#include "io/journal.h"
#include "io/loop.h"
#include "io/netlink.h"
#include "mgmt/mgmt.h"
#include "model/model.h"

struct aditd {
	const struct options *opt;
	int lock;			/* held on the run directory while we live; -1: not yet */
	struct io_loop *loop;
	struct io_timer *timer;
	struct io_hook *hook;
	struct io_signal *signals[3];
	struct nl *nl;
	struct nl_loopbacks *loopbacks;
	struct aaa_if aaa;
	struct radius_ports *ports;
	struct journal *journal;	/* NULL: accounting is kept in memory only */
	struct dp_if dp;
	struct model *model;
	struct mgmt *mgmt;
	bool stopping, off_sent, loopbacks_pending;
	mono_t stop_by, retry_at;
};

/** aditd_start - builds everything and puts the configuration file in force. Return: 0, or an exit status (sysexits.h), told on stderr. */
int aditd_start(struct aditd *d, const struct options *opt);

/** aditd_run - until TERM or INT has been obeyed: StopCCN to every peer, then the end. Return: exit status. */
int aditd_run(struct aditd *d);

/** aditd_end - takes everything down, in any state of construction. */
void aditd_end(struct aditd *d);

/** aditd_apply - mgmt's ops.apply: `ctx` is the daemon. Return: 0 or -ENOMEM. */
int aditd_apply(void *ctx, const struct config *before, const struct config *after);

/** aditd_loopbacks - puts the configured loopback addresses on lo; what fails is retried. */
void aditd_loopbacks(struct aditd *d, const struct model_conf *conf, mono_t now);

#endif
