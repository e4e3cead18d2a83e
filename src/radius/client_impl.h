/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the RADIUS client share: client.c (requests from beginning to end), choose.c (which server), send.c,
 * reply.c, server.c (ids, life and death of a server), apply.c.
 *
 * A request is in one place at a time:
 *
 *	WAITING at its list		nobody has been asked; every window is full (or all have just died: drain)
 *	WAITING at a server (held)	another has been asked; this one is next and its window is full
 *	READY				has an id at a server; tx() takes it
 *	SENT				its timer runs
 *	ENDED				event() takes it
 */
#ifndef ADIT_RADIUS_CLIENT_IMPL_H
#define ADIT_RADIUS_CLIENT_IMPL_H

#include "base/hmap.h"
#include "base/list.h"
#include "base/wheel.h"
#include "radius/client.h"

enum radius_place { RADIUS_WAITING, RADIUS_READY, RADIUS_SENT, RADIUS_ENDED };

enum {
	RADIUS_IDS = 256,		/* of one source port */
	RADIUS_OPEN_FIRST = 32,		/* requests that a server gets at once when it has had none */
};

/* The answer, kept until its event has been taken. */
struct radius_answer {
	struct ip_addr server;
	uint32_t rtt_us;
	uint16_t secret_len, len;
	uint8_t octets[];		/* secret, packet */
};

struct radius_ask {
	struct hmap_node node;		/* its hash is the handle: id, and generation above it */
	struct list link;		/* in the queue of its place; SENT: in none */
	struct wheel_node timer;
	struct radius_list *list;
	struct radius_server *server;	/* that it is outstanding at, or held for */
	struct radius_answer *answer;
	void *user;
	mono_t give_up, since, first_sent;
	uint32_t delay_base_s, delay_s;	/* delay_s: the Acct-Delay-Time of this server's packet */
	uint16_t n;			/* port slot * 256 + id */
	uint16_t sent;			/* how often, to this server */
	uint16_t attrs_len;
	uint8_t password_len, code;
	uint8_t place, silence;
	uint8_t visited;		/* servers of the list that it has been sent to, a bit an index */
	bool has_password : 1, has_delay : 1;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
	uint8_t octets[];		/* attributes, then the password */
};

struct radius_list {			/* the servers of one use in one virtual router */
	struct hmap_node node;
	uint32_t vr;
	enum radius_use use;
	struct radius_server *server[RADIUS_SERVERS_MAX];
	unsigned servers, next;		/* next: where round-robin goes on */
	struct list waiting;
	unsigned waiting_count;
	struct list drain_link;		/* in client->drain: all are dead, what waits is told so, one an event */
	mono_t try_at;			/* all are dead: the next one is tried then */
	struct radius_list *successor;	/* within apply */
};

struct radius_probe {			/* Status-Server, RFC 5997 */
	struct list link;		/* to be sent */
	mono_t at;			/* of the next one */
	uint16_t n;
	bool has_id, sent;
	uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN];
};

struct radius_server {
	struct radius_server_conf conf;	/* its secret is the next line's */
	uint8_t *secret;
	struct hmap_node node;
	struct radius_list *list;
	uint8_t index;			/* in its list */
	bool dead, ma_seen, heard;	/* heard: last_valid holds */
	struct wheel_node timer;	/* dead: its end, and probes */
	mono_t dead_until, tried, last_valid, complain_at;
	struct radius_probe probe;
	/* ids: what is asked under each, and the free ones, the longest free first */
	struct radius_ask **by_id;
	uint16_t *free_id;
	uint32_t ids, free_head, free_count;
	unsigned outstanding, outstanding_max;
	unsigned open;			/* how far the window is: see radius_has_room() */
	struct list held;
	unsigned held_count;
	uint32_t rtt_us, rtt_max_us;
	uint64_t count[RADIUS_COUNT_MAX];
	struct radius_server *successor;	/* within apply */
	bool kept;				/* within apply: what is outstanding stays so */
};

struct radius_tables {
	struct hmap servers, lists;
	struct radius_server **server;	/* in the order of the configuration */
	struct radius_list **list;
	unsigned server_count, list_count;
};

struct radius_client {
	struct rng rng;
	struct wheel ask_timers, server_timers;
	struct hmap asks;
	struct radius_tables t;
	enum radius_order order[RADIUS_USES];
	unsigned queue_max[RADIUS_USES];
	uint8_t nas_identifier[253];
	uint8_t nas_identifier_len;
	struct list ready, probes, ended, drain;
	struct radius_ask *taken;	/* whose event was the last one */
	uint64_t last_handle, unknown_source;
};

/*
 * The window opens by one with each answer, and is as it was at first when nothing is outstanding any more: a whole
 * window at once is more than fits the receive buffer of a server (Linux's default holds some 130 requests), and what
 * is lost there costs a timeout.
 */
static inline bool radius_has_room(const struct radius_server *s)
{
	return s->outstanding < s->conf.window && s->outstanding < s->open;
}

/* ---- client.c ---- */

/* Takes a request from where it is; an id it had is free. The windows that have room now are the caller's affair. */
void radius_ask_leave(struct radius_client *c, struct radius_ask *a);

/* Its event can be taken. It has left its place before. */
void radius_ask_end(struct radius_client *c, struct radius_ask *a);
void radius_ask_silent(struct radius_client *c, struct radius_ask *a, enum radius_silence why);

/* ---- choose.c ---- */

bool radius_list_dead(const struct radius_list *l);

/* A new request: to a server, into the queue, or to its end. */
void radius_ask_begin(struct radius_client *c, struct radius_ask *a, mono_t now);

/* One that was at a server and has left it: to the next. `ran_out`: because this very request was not answered. */
void radius_ask_move(struct radius_client *c, struct radius_ask *a, bool ran_out);

/* Gives what waits to servers that have room. */
void radius_server_fill(struct radius_client *c, struct radius_server *s);
void radius_list_fill(struct radius_client *c, struct radius_list *l);

/* ---- server.c ---- */

struct radius_server *radius_server_new(const struct radius_server_conf *conf, uint32_t ids_min, struct rng *rng);
void radius_server_free(struct radius_server *s);
struct radius_server *radius_server_find(struct radius_tables *t, uint32_t vr, enum radius_use use,
					 const struct ip_addr *addr, uint16_t port);
uint64_t radius_server_hash(uint32_t vr, enum radius_use use, const struct ip_addr *addr, uint16_t port);
uint64_t radius_list_hash(uint32_t vr, enum radius_use use);
struct radius_list *radius_list_find(struct radius_tables *t, uint32_t vr, enum radius_use use);

uint16_t radius_id_take(struct radius_server *s);
void radius_id_give(struct radius_server *s, uint16_t n);

/* A request that first went out at `since` has not been answered. Return: whether the server has died of it just now. */
bool radius_server_silent(struct radius_client *c, struct radius_server *s, mono_t since, mono_t now);

/* What is outstanding at, or held for, a server that has died goes on to others. */
void radius_server_evacuate(struct radius_client *c, struct radius_server *s);

/* Something valid has come from it. */
void radius_server_heard(struct radius_client *c, struct radius_server *s, mono_t now);

void radius_server_revive(struct radius_client *c, struct radius_server *s, const char *why);
void radius_server_expire(struct radius_client *c, struct radius_server *s, mono_t now);

/* Sets the timer of a server that is dead. */
void radius_server_arm(struct radius_client *c, struct radius_server *s);
void radius_probe_drop(struct radius_server *s);

/* ---- apply.c ---- */

void radius_tables_free(struct radius_tables *t);

#endif
