/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of AAA as a typed tree, filled by mgmt and applied whole. Lists are linked, owned by the tree;
 * aaa_conf_fini() frees them. Applying never fails: grants in force keep what they have.
 */
#ifndef ADIT_AAA_AAA_CONF_H
#define ADIT_AAA_AAA_CONF_H

#include "aaa/aaa.h"

enum {
	AAA_METHODS_MAX = 4, AAA_NAME_MAX = 64,
	AAA_ACCT_QUEUE = 200000,	/* accounting records that wait for a server (design.md section 3) */
	AAA_RADIUS_AUTH_PORT = 1812, AAA_RADIUS_ACCT_PORT = 1813,
};

struct aaa_user {			/* aaa local username NAME database DB */
	struct aaa_user *next;
	char *name, *database, *password;
	struct ip_addr ip4;		/* ip-address: static; none: from a pool */
	char *pool;			/* ip-address-pool; NULL */
	uint32_t session_timeout_s, idle_timeout_s;
};

struct aaa_database {			/* aaa local database NAME */
	struct aaa_database *next;
	char *name;
};

struct aaa_pool_range {
	struct aaa_pool_range *next;
	uint32_t start, end;		/* host order, inclusive */
};

struct aaa_pool {			/* ip local pool NAME START END, several lines add ranges */
	struct aaa_pool *next;
	char *name;
	struct aaa_pool_range *ranges;
};

/* radius {authentication|accounting} server ADDRESS */
struct aaa_radius_server {
	struct aaa_radius_server *next;
	struct ip_addr addr;
	char *key;
	uint16_t udp_port;
	uint32_t timeout_s, retransmit, deadtime_min, max_sessions;
	uint32_t message_authenticator;	/* enum radius_ma_policy */
	bool no_status_server;
	uint8_t said;			/* bits of mgmt: numbers that were given, though they are the default */
};

/* radius include ATTRIBUTE MESSAGE {enable|disable}: which of what we could send is sent (spec 8.2). */
enum aaa_include_message {
	AAA_INCLUDE_ACCESS_REQUEST, AAA_INCLUDE_ACCT_START, AAA_INCLUDE_ACCT_STOP, AAA_INCLUDE_ACCT_ON,
	AAA_INCLUDE_ACCT_OFF, AAA_INCLUDE_MESSAGES	/* interim updates follow acct-stop */
};

/* X(enumerator, "keyword", messages it exists for, those it is in by default): bits of enum aaa_include_message. */
#define AAA_INCLUDES(X) \
	X(ACCT_LINK_COUNT, "acct-link-count", 6, 6) \
	X(ACCT_MULTI_SESSION_ID, "acct-multi-session-id", 6, 6) \
	X(ACCT_SESSION_ID, "acct-session-id", 1, 1)	/* accounting messages always have it */ \
	X(ACCT_TERMINATE_CAUSE, "acct-terminate-cause", 16, 0) \
	X(ACCT_TUNNEL_CONNECTION, "acct-tunnel-connection", 7, 7) \
	X(CALLED_STATION_ID, "called-station-id", 7, 7) \
	X(CALLING_STATION_ID, "calling-station-id", 7, 7) \
	X(CLASS, "class", 6, 6) \
	X(CONNECT_INFO, "connect-info", 7, 7) \
	X(DSL_FORUM_ATTRIBUTES, "dsl-forum-attributes", 7, 7)	/* RFC 4679 from RFC 5515 */ \
	X(EVENT_TIMESTAMP, "event-timestamp", 30, 30) \
	X(FRAMED_IP_ADDRESS, "framed-ip-addr", 6, 6) \
	X(FRAMED_IP_NETMASK, "framed-ip-netmask", 6, 6) \
	X(FRAMED_ROUTE, "framed-route", 6, 0) \
	X(INPUT_GIGAPKTS, "input-gigapkts", 4, 4) \
	X(INPUT_GIGAWORDS, "input-gigawords", 4, 4) \
	X(L2TP_PPP_DISCONNECT_CAUSE, "l2tp-ppp-disconnect-cause", 4, 0) \
	X(NAS_IDENTIFIER, "nas-identifier", 31, 31) \
	X(NAS_PORT, "nas-port", 7, 7) \
	X(NAS_PORT_ID, "nas-port-id", 7, 7) \
	X(NAS_PORT_TYPE, "nas-port-type", 7, 7) \
	X(OUTPUT_GIGAPKTS, "output-gigapkts", 4, 4) \
	X(OUTPUT_GIGAWORDS, "output-gigawords", 4, 4) \
	X(TUNNEL_ASSIGNMENT_ID, "tunnel-assignment-id", 6, 6) \
	X(TUNNEL_CLIENT_AUTH_ID, "tunnel-client-auth-id", 7, 7) \
	X(TUNNEL_CLIENT_ENDPOINT, "tunnel-client-endpoint", 7, 7) \
	X(TUNNEL_INTERFACE_ID, "tunnel-interface-id", 7, 0) \
	X(TUNNEL_MEDIUM_TYPE, "tunnel-medium-type", 7, 7) \
	X(TUNNEL_PREFERENCE, "tunnel-preference", 6, 6) \
	X(TUNNEL_SERVER_ATTRIBUTES, "tunnel-server-attributes", 7, 7)	/* the LAC's, of a session that ends here */ \
	X(TUNNEL_SERVER_AUTH_ID, "tunnel-server-auth-id", 7, 7) \
	X(TUNNEL_SERVER_ENDPOINT, "tunnel-server-endpoint", 7, 7) \
	X(TUNNEL_TYPE, "tunnel-type", 7, 7)

enum aaa_include {
#define X(id, word, may, dflt) AAA_INCLUDE_##id,
	AAA_INCLUDES(X)
#undef X
	AAA_INCLUDE_COUNT
};

struct aaa_include_row {
	const char *word;
	uint8_t may, dflt;		/* bits of enum aaa_include_message */
};
extern const struct aaa_include_row aaa_includes[AAA_INCLUDE_COUNT];
extern const char *const aaa_include_messages[AAA_INCLUDE_MESSAGES];	/* access-request, acct-start, ... */

/* radius connect-info-format (spec 3.7) */
enum aaa_connect_info {
	AAA_CONNECT_INFO_DEFAULT, AAA_CONNECT_INFO_L2TP_SPEED, AAA_CONNECT_INFO_L2TP_SPEED_RX_WHEN_EQUAL
};

struct aaa_radius_conf {
	struct aaa_radius_server *auth, *acct;	/* in order */
	uint32_t algorithm;		/* enum radius_order: radius algorithm {direct|round-robin} */
	struct ip_addr source4, source6;/* radius update-source-addr; none: the system's choice */
	char *nas_identifier;		/* radius nas-identifier; NULL: the hostname */
	struct ip_addr nas_ip;		/* radius nas-ip-address; none: the source address, else the loopback, else the LNS's */
	bool nas_ip_lac;		/* radius override nas-ip-addr tunnel-client-endpoint */
	uint32_t connect_info;		/* enum aaa_connect_info */
	bool tunnel_accounting;		/* radius tunnel-accounting enable */
	uint8_t include[AAA_INCLUDE_COUNT];	/* bits of enum aaa_include_message */
};

/* aaa accounting ... */
struct aaa_acct_conf {
	enum aaa_method ppp[AAA_METHODS_MAX], tunnel[AAA_METHODS_MAX];	/* AAA_METHOD_RADIUS, AAA_METHOD_NONE */
	uint32_t interval_min;		/* aaa accounting interval; 0: none */
	bool no_stop_on_aaa_failure;	/* no aaa accounting acct-stop on-aaa-failure */
	bool stop_on_access_deny;	/* aaa accounting acct-stop on-access-deny */
	uint32_t queue_max;		/* aaa accounting queue RECORDS */
};

struct aaa_conf {
	enum aaa_method ppp[AAA_METHODS_MAX], tunnel[AAA_METHODS_MAX];	/* END ends; tunnel[0] END: not set */
	struct aaa_database *databases;
	struct aaa_user *users;
	struct aaa_pool *pools;		/* in configured order */
	uint32_t dns[2], wins[2];
	bool no_duplicate_address_check;
	uint32_t session_timeout_s, idle_timeout_s;	/* defaults for all users; 0 none */
	struct aaa_radius_conf radius;
	struct aaa_acct_conf acct;
	/* set by the daemon, not by commands: */
	char *hostname;			/* NAS-Identifier without `radius nas-identifier` */
	struct ip_addr loopback;	/* NAS-IP-Address without a better one */
};

void aaa_conf_init(struct aaa_conf *c);
void aaa_conf_fini(struct aaa_conf *c);
/** aaa_conf_copy - a deep copy. Return: 0 or -ENOMEM (`to` is empty then). */
int aaa_conf_copy(struct aaa_conf *to, const struct aaa_conf *from);

/** aaa_core_new - the AAA of this router. Return: NULL when out of memory. aaa_core_ops is its ops table. */
struct aaa *aaa_core_new(const uint8_t seed[32], struct wall boot, mono_t now);
void aaa_core_free(struct aaa *a);
extern const struct aaa_ops aaa_core_ops;

/** aaa_apply - takes over a new configuration (copied). Return: 0 or -ENOMEM (the old one stays). */
int aaa_apply(struct aaa *a, const struct aaa_conf *c, mono_t now);

/* What the client of `radius` methods knows of its servers (radius/client.h), for displays. */
struct radius_client;
const struct radius_client *aaa_radius(const struct aaa *a);

/* `test aaa ppp`: a request like a subscriber's, whose answer goes to who tests. */
struct aaa_test {
	bool done, accepted;
	enum aaa_refusal refusal;
	const char *method;		/* local, radius, none: who decided */
	struct aaa_grant grant;		/* of an accepted one; spans live until the next call */
};
/** aaa_test_start - Return: 0 and the handle; -ENOMEM, -ENOSPC. A grant is released when the test ends. */
int aaa_test_start(struct aaa *a, struct span user, struct span password, mono_t now, struct aaa_handle *out);
/** aaa_test_poll - Return: false when the handle is stale. */
bool aaa_test_poll(struct aaa *a, struct aaa_handle h, struct aaa_test *out);
/** aaa_test_end - forgets it, answered or not; the address it was given is free again. */
void aaa_test_end(struct aaa *a, struct aaa_handle h, mono_t now);

/** aaa_debug_set - one line for each RADIUS datagram, decoded, secrets hidden; fn NULL turns it off. */
typedef void aaa_debug_fn(void *ctx, const char *line, size_t len);
void aaa_debug_set(struct aaa *a, aaa_debug_fn *fn, void *ctx);

/* Accounting, for displays. */
struct aaa_acct_info {
	unsigned queued, queue_max, in_flight;
	uint64_t sent, acked, dropped_interim, dropped, restored, journal_errors;
};
void aaa_acct_info(const struct aaa *a, struct aaa_acct_info *out);

/* Displays. */
struct aaa_pool_info {
	const char *name;
	uint32_t start, end;		/* of one range */
	unsigned total, in_use;
};
/** aaa_pool_range_at - the i-th range of all pools, in order. Return: false past the last. */
bool aaa_pool_range_at(const struct aaa *a, unsigned i, struct aaa_pool_info *out);
uint64_t aaa_counter(const struct aaa *a, unsigned i);
const char *aaa_counter_name(unsigned i);	/* NULL past the last */

#endif
