/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One RADIUS server: its ids (RFC 2865 §3), its life and death (RFC 5997 §4.5: who has answered lives), Status-Server probes
 * while it is dead (RFC 5997 §2, §4.3) and never else (RFC 2865 §2.6), its display.
 */
#include "radius/client_impl.h"

#include <stdlib.h>

#include "base/log.h"

/* ---- tables ---- */

uint64_t radius_server_hash(uint32_t vr, enum radius_use use, const struct ip_addr *addr, uint16_t port)
{
	return ip_addr_hash(addr, hash_u64((uint64_t)vr << 32 | (uint64_t)use << 16 | port, 0));
}

struct radius_server *radius_server_find(struct radius_tables *t, uint32_t vr, enum radius_use use,
					 const struct ip_addr *addr, uint16_t port)
{
	hmap_for(n, &t->servers, radius_server_hash(vr, use, addr, port)) {
		struct radius_server *s = container_of(n, struct radius_server, node);

		if (s->conf.vr == vr && s->conf.use == use && s->conf.port == port && ip_addr_eq(&s->conf.addr, addr))
			return s;
	}
	return NULL;
}

uint64_t radius_list_hash(uint32_t vr, enum radius_use use)
{
	return hash_u64((uint64_t)vr << 32 | (uint64_t)use, 0);
}

struct radius_list *radius_list_find(struct radius_tables *t, uint32_t vr, enum radius_use use)
{
	hmap_for(n, &t->lists, radius_list_hash(vr, use)) {
		struct radius_list *l = container_of(n, struct radius_list, node);

		if (l->vr == vr && l->use == use)
			return l;
	}
	return NULL;
}

/* ---- ids: at least twice as many as can be outstanding, so that none comes again soon ---- */

uint16_t radius_id_take(struct radius_server *s)
{
	uint16_t n = s->free_id[s->free_head];

	s->free_head = (s->free_head + 1) % s->ids;
	s->free_count--;
	return n;
}

void radius_id_give(struct radius_server *s, uint16_t n)
{
	s->by_id[n] = NULL;
	s->free_id[(s->free_head + s->free_count) % s->ids] = n;
	s->free_count++;
}

static bool ids_new(struct radius_server *s, uint32_t ids_min, struct rng *rng)
{
	uint32_t slots = (2 * s->conf.window + RADIUS_IDS - 1) / RADIUS_IDS, first;

	s->ids = slots * RADIUS_IDS > ids_min ? slots * RADIUS_IDS : ids_min;
	s->by_id = calloc(s->ids, sizeof(struct radius_ask *));
	s->free_id = calloc(s->ids, sizeof(*s->free_id));
	if (!s->by_id || !s->free_id)
		return false;
	first = rng_below(rng, s->ids);
	for (uint32_t i = 0; i < s->ids; i++)
		s->free_id[i] = (uint16_t)((first + i) % s->ids);
	s->free_count = s->ids;
	return true;
}

/* ---- new and free ---- */

static bool secret_copy(struct radius_server *s, struct span secret)
{
	s->secret = malloc(secret.len ? secret.len : 1);
	s->conf.secret = span_of(s->secret, s->secret ? secret.len : 0);
	if (s->conf.secret.len)
		memcpy(s->secret, secret.p, secret.len);
	return s->secret;
}

struct radius_server *radius_server_new(const struct radius_server_conf *conf, uint32_t ids_min, struct rng *rng)
{
	struct radius_server *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->conf = *conf;
	s->conf.window = !conf->window ? 1 : conf->window > RADIUS_WINDOW_MAX ? RADIUS_WINDOW_MAX : conf->window;
	s->conf.timeout_ms = conf->timeout_ms ? conf->timeout_ms : 1;
	if (conf->retransmit >= UINT16_MAX)
		s->conf.retransmit = UINT16_MAX - 1;	/* radius_ask.sent counts to UINT16_MAX */
	s->open = RADIUS_OPEN_FIRST;
	list_init(&s->held);
	list_init(&s->probe.link);
	s->probe.at = MONO_NEVER;
	if (!secret_copy(s, conf->secret) || !ids_new(s, ids_min, rng)) {
		radius_server_free(s);
		return NULL;
	}
	return s;
}

void radius_server_free(struct radius_server *s)
{
	if (!s)
		return;
	if (s->secret)
		explicit_bzero(s->secret, s->conf.secret.len);
	free(s->secret);
	free(s->by_id);
	free(s->free_id);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

/* ---- life and death ---- */

static void log_state(const struct radius_server *s, const char *what, const char *reason)
{
	struct log l;

	if (!log_wanted(LOG_WARNING))
		return;
	log_begin(&l, LOG_WARNING, "radius", what);
	log_text(&l, "use", s->conf.use == RADIUS_ACCT ? "accounting" : "authentication");
	log_addr_port(&l, "server", &s->conf.addr, s->conf.port);
	log_text(&l, "reason", reason);
	log_end(&l);
}

void radius_server_arm(struct radius_client *c, struct radius_server *s)
{
	wheel_set(&c->server_timers, &s->timer, mono_min(s->dead_until, s->conf.probe ? s->probe.at : MONO_NEVER));
}

static void die(struct radius_client *c, struct radius_server *s, mono_t now)
{
	s->dead = true;
	s->tried = now;
	s->probe.at = now;
	s->count[RADIUS_COUNT_DEATHS]++;
	if (radius_list_dead(s->list))
		s->list->try_at = mono_add_s(now, 1);
	log_state(s, "server dead", "timeout");
}

bool radius_server_silent(struct radius_client *c, struct radius_server *s, mono_t since, mono_t now)
{
	bool was_dead = s->dead;

	if (!s->conf.deadtime_s || (s->heard && !mono_before(s->last_valid, since)))
		return false;
	s->dead_until = mono_add_s(now, s->conf.deadtime_s);
	if (!was_dead)
		die(c, s, now);
	radius_server_arm(c, s);
	return !was_dead;
}

void radius_server_evacuate(struct radius_client *c, struct radius_server *s)
{
	for (uint32_t n = 0; n < s->ids && s->outstanding; n++) {
		struct radius_ask *a = s->by_id[n];

		if (!a)
			continue;
		radius_ask_leave(c, a);
		radius_ask_move(c, a, false);
	}
	while (!list_empty(&s->held)) {
		struct radius_ask *a = container_of(s->held.next, struct radius_ask, link);

		radius_ask_leave(c, a);
		radius_ask_move(c, a, false);
	}
	radius_list_fill(c, s->list);
}

void radius_server_revive(struct radius_client *c, struct radius_server *s, const char *why)
{
	s->dead = false;
	wheel_del(&c->server_timers, &s->timer);
	radius_probe_drop(s);
	list_del(&s->list->drain_link);
	log_state(s, "server alive", why);
	radius_server_fill(c, s);
}

void radius_server_heard(struct radius_client *c, struct radius_server *s, mono_t now)
{
	s->heard = true;
	s->last_valid = now;
	if (s->dead)
		radius_server_revive(c, s, "answered");
}

/* ---- probes ---- */

void radius_probe_drop(struct radius_server *s)
{
	if (s->probe.has_id)
		radius_id_give(s, s->probe.n);
	s->probe.has_id = s->probe.sent = false;
	list_del(&s->probe.link);
}

/* RFC 5997 §4.1: what is not answered is forgotten; the next one has an id of its own. */
static void probe(struct radius_client *c, struct radius_server *s, mono_t now)
{
	radius_probe_drop(s);
	s->probe.n = radius_id_take(s);
	s->probe.has_id = true;
	list_push_back(&c->probes, &s->probe.link);
	s->probe.at = mono_add_ms(now, RADIUS_PROBE_MS);
	radius_server_arm(c, s);
}

void radius_server_expire(struct radius_client *c, struct radius_server *s, mono_t now)
{
	if (mono_due(s->dead_until, now))
		radius_server_revive(c, s, "dead-time-over");
	else
		probe(c, s, now);
}

/* ---- displays ---- */

bool radius_client_server_at(const struct radius_client *c, unsigned i, struct radius_server_info *out, mono_t now)
{
	const struct radius_server *s = i < c->t.server_count ? c->t.server[i] : NULL;

	if (!s)
		return false;
	*out = (struct radius_server_info){
		.vr = s->conf.vr, .use = s->conf.use, .addr = s->conf.addr, .port = s->conf.port,
		.dead = s->dead,
		.dead_left_s = s->dead ? (uint32_t)((mono_ms_between(now, s->dead_until) + 999) / 1000) : 0,
		.outstanding = s->outstanding, .waiting = s->list->waiting_count + s->held_count,
		.window = s->conf.window, .outstanding_max = s->outstanding_max,
		.ma_seen = s->ma_seen, .rtt_us = s->rtt_us, .rtt_max_us = s->rtt_max_us,
	};
	memcpy(out->count, s->count, sizeof(out->count));
	return true;
}

bool radius_client_alive(const struct radius_client *c, uint32_t vr, enum radius_use use)
{
	for (unsigned i = 0; i < c->t.list_count; i++) {
		if (c->t.list[i]->vr == vr && c->t.list[i]->use == use)
			return !radius_list_dead(c->t.list[i]);
	}
	return false;
}

uint64_t radius_client_unknown_source(const struct radius_client *c)
{
	return c->unknown_source;
}

const char *radius_count_name(unsigned i)
{
	static const char *const names[RADIUS_COUNT_MAX] = {
#define X(id, name) [RADIUS_COUNT_##id] = name,
		RADIUS_COUNTERS(X)
#undef X
	};

	return i < RADIUS_COUNT_MAX ? names[i] : NULL;
}
