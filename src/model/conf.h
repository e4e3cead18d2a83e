/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the model is configured with: the typed tree of the L2TP and profile commands, filled by mgmt, applied whole by
 * model_apply(). Lists are linked and owned by the tree. Defaults are in model_conf_init(); the ranges are in the
 * grammar.
 */
#ifndef ADIT_MODEL_CONF_H
#define ADIT_MODEL_CONF_H

#include "base/ipaddr.h"
#include "ppp/ppp.h"

enum admin_state { ADMIN_ENABLED, ADMIN_DISABLED, ADMIN_DRAIN };	/* spec 1.3 */

/* profile NAME: the dynamic PPP and IP interface */
struct profile_conf {
	struct profile_conf *next;
	char *name;			/* 1..80 */
	int unnumbered_loopback;	/* ip unnumbered loopback N; -1 none */
	enum ppp_auth auth[PPP_AUTH_COUNT];	/* ppp authentication, in order; PPP_AUTH_NONE ends */
	uint32_t mru;			/* ppp mru 64..65535; 0: automatic */
	uint32_t keepalive_s;		/* ppp keepalive; 0 off; default 30 */
	bool magic_disabled;		/* ppp magic-number disable */
	bool passive;			/* ppp passive-mode */
	uint8_t chap_min, chap_max;	/* ppp chap-challenge-length 16 32 */
	uint8_t max_negotiations;	/* ppp max-negotiations 30 */
	bool initiate_ip, initiate_ipv6;/* ppp initiate-ip, ppp initiate-ipv6 */
	bool access_routes;		/* ip access-routes: host routes for all */
	char *pool;			/* ip address-pool NAME (ours): pool when AAA names none; NULL */
};

/* remote host NAME|default */
struct host_conf {
	struct host_conf *next;
	char *remote_name;		/* NULL: default */
	char *local_name;		/* local host; NULL: the router's */
	struct ip_addr local_ip;	/* local ip address; none: any */
	char *secret;			/* tunnel password; NULL */
	char *profile;			/* interface profile; NULL */
	char *limit_group;		/* sessions-limit-group; NULL */
	uint32_t max_sessions;		/* 0: no limit */
	bool disable_proxy_lcp, enable_proxy_auth;
	bool default_upper_mlppp;	/* default-upper-type mlppp: kept and shown */
	bool disconnect_cause;
	bool single_shot;
	bool oor_override;		/* session-out-of-resource-result-code-override */
	bool no_ff03;			/* no ppp address-control-field (ours) */
	uint16_t receive_window;	/* 0: inherits */
	uint16_t hello_s;		/* hello-interval 1-3600 (ours); 0: inherits */
	uint8_t retries;		/* retransmission 2-30 (ours): of established tunnels; 0: inherits */
	bool hello_disabled;		/* disable tunnel-hello (ours) */
	bool null_tunnel_id;		/* tolerate tunnel-id-zero (ours): interop.md 8 */
	uint32_t bundled_group_id;
};

struct limit_group_conf {
	struct limit_group_conf *next;
	char *name;
	uint32_t max_sessions;
};

/* l2tp destination profile NAME [virtual-router VR] ip address A */
struct dest_profile_conf {
	struct dest_profile_conf *next;
	char *name;
	struct ip_addr peer;		/* 0.0.0.0: any */
	uint32_t max_sessions;		/* 0: no limit */
	struct limit_group_conf *groups;
	struct host_conf *hosts;
};

/* interface loopback N */
struct loopback_conf {
	struct loopback_conf *next;
	unsigned number;
	struct ip_addr ip;		/* none: no address */
	uint8_t prefix_len;
};

struct l2tp_conf {
	enum admin_state admin;		/* l2tp shutdown, l2tp drain */
	uint32_t max_sessions, max_tunnels;	/* 60000, 8000 */
	uint32_t destruct_timeout_s;	/* 600 */
	uint32_t tombstones;		/* 16384 (ours: l2tp tombstones) */
	uint32_t tunnel_idle_timeout_s;	/* 60; 0 never */
	uint8_t retries_established, retries_not_established;	/* 5 5 */
	uint16_t short_drain_s;		/* 2 */
	uint16_t default_receive_window;/* 16 */
	uint16_t half_open_per_source, half_open;	/* 256, 2000 */
	uint32_t calls_in_progress;	/* 2000 between ICRQ and network open */
	uint32_t call_setup_s;		/* 60: from ICRQ to network open, then ended */
	bool hello_disabled, checksum_off, ignore_sequencing, challenge_disabled, calling_number_disabled;
	bool disconnect_cause, rx_speed_when_equal, permissive_avps;
};

struct model_conf {
	char *hostname;			/* never NULL after init: "adit" */
	struct l2tp_conf l2tp;
	struct profile_conf *profiles;
	struct dest_profile_conf *dest_profiles;
	struct loopback_conf *loopbacks;
};

/** model_conf_init - the defaults. -ENOMEM when the host name cannot be allocated. model_conf_fini frees what it
 * holds. */
int model_conf_init(struct model_conf *c);
void model_conf_fini(struct model_conf *c);
/** dest_profile_conf_free, host_conf_free, limit_group_conf_free - frees one, taken out of its list; NULL is harmless. */
void dest_profile_conf_free(struct dest_profile_conf *d);
void host_conf_free(struct host_conf *h);
void limit_group_conf_free(struct limit_group_conf *g);
/** model_conf_copy - a deep copy. Return: 0 or -ENOMEM. */
int model_conf_copy(struct model_conf *to, const struct model_conf *from);

const struct profile_conf *profile_by_name(const struct model_conf *c, const char *name);
const struct loopback_conf *loopback_by_number(const struct model_conf *c, unsigned number);

#endif
