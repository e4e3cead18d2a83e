/* SPDX-License-Identifier: BSD-2-Clause */
/* What `adit-lab subscribers` was asked for, read from its command line. */
#ifndef ADIT_LAB_OPTIONS_H
#define ADIT_LAB_OPTIONS_H

#include <stdio.h>

#include "base/ipaddr.h"
#include "ppp/ppp.h"

enum lab_hangup { LAB_HANGUP_LCP, LAB_HANGUP_CDN, LAB_HANGUP_STOPCCN, LAB_HANGUP_SILENT };
const char *lab_hangup_name(enum lab_hangup h);

enum { LAB_LOCALS_MAX = 65536 };

/* A destination of traffic: an address, or the neighbour (subscriber 2n's is 2n+1 and the other way round). */
struct lab_target {
	enum { LAB_TARGET_NONE, LAB_TARGET_ADDR, LAB_TARGET_PEER } kind;
	uint32_t addr;		/* host order */
	uint16_t port;
};

struct lab_conf {
	/* the LNS and the LAC */
	struct ip_addr lns;
	uint16_t lns_port;
	struct ip_addr *locals;		/* none: the one that routing chooses */
	unsigned local_count;
	uint16_t source_port;		/* 0: one of the system's for each tunnel */
	unsigned tunnels;
	const char *host_name, *secret;	/* pattern; NULL: no tunnel password */
	bool hide;			/* hide the AVPs that may be hidden */
	unsigned hello_s;
	/* the subscribers */
	unsigned count, first;
	double rate;			/* calls a second; 0: as fast as `pending` lets */
	unsigned pending;		/* at most so many between ICRQ and address */
	enum ppp_auth auth[PPP_AUTH_COUNT];
	const char *user, *password;	/* patterns */
	const char *calling_number, *called_number, *circuit_id, *remote_id;	/* patterns; NULL: absent */
	bool proxy;			/* proxy LCP and authentication AVPs */
	bool ipv6, no_ff03, sequencing;
	unsigned mru;
	unsigned setup_timeout_s;
	/* traffic */
	struct lab_target ping, stream;
	unsigned ping_count, ping_size, ping_interval_ms, ping_timeout_ms;
	unsigned stream_pps, stream_size, stream_s;
	/* coming and going */
	double retry_s;			/* first pause before a failed call is repeated; 0: it is not. Below 0: not said */
	double churn;			/* subscribers a second that hang up and return while all is held */
	unsigned storms;		/* rounds in which all drop and all return */
	double storm_interval_s;	/* all stay up so long after each */
	unsigned storm_timeout_s;	/* who is not back by then never came back */
	enum lab_hangup storm_drop;
	unsigned probes;		/* idle tunnels whose Hellos are timed */
	/* the end */
	double hold_s;
	enum lab_hangup hangup;
	bool json, verbose, quiet;
};

enum lab_options { LAB_OPTIONS_RUN, LAB_OPTIONS_HELP, LAB_OPTIONS_BAD };

/**
 * lab_options_parse - argv[0] is the subcommand
 * @err: what is wrong goes here
 *
 * Texts in *c point into argv. lab_conf_fini() frees the rest, also after BAD.
 */
enum lab_options lab_options_parse(struct lab_conf *c, int argc, char **argv, FILE *err);
void lab_conf_init(struct lab_conf *c);
void lab_conf_fini(struct lab_conf *c);
void lab_options_help(FILE *out);

#endif
