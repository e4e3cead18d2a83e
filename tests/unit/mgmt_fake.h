/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model and an AAA for the tests of mgmt: rows come from counts and strings that the test sets, operations are noted.
 * Included by one test program; its definitions go before the libraries'.
 */
#ifndef TEST_MGMT_FAKE_H
#define TEST_MGMT_FAKE_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aaa/aaa_conf.h"
#include "model/model.h"
#include "radius/client.h"

static struct {
	unsigned sessions, ended;
	const char *user;		/* of every session, octets up to user_len */
	size_t user_len;
	struct model_filter last;	/* of the last operation */
	char last_user[64];
	size_t matched;			/* what operations return */
	unsigned operations;
	enum model_level level;		/* of model_set_admin() */
	enum admin_state state;
	unsigned debugs, debugs_max;	/* 0: no limit */
	model_debug_fn *debug_fn;
	void *debug_ctx;
	aaa_debug_fn *radius_fn;
	void *radius_ctx;
	struct radius_server_info server[4];
	unsigned servers;
	unsigned tests, tests_max;	/* in progress; 0: no limit */
	struct aaa_test test;		/* what a poll answers */
	char test_user[64], test_password[64];
} fake;

#define FAKE_MODEL ((struct model *)&fake)
#define FAKE_AAA ((struct aaa *)&fake)

void model_system_info(const struct model *m, struct model_system_info *out)
{
	*out = (struct model_system_info){ .sessions = { 10, fake.sessions, 2, 0 },
					   .tunnels = { 3, 1, 1, 1 },
					   .dests = { 1, 1, 0, 0 } };
}

bool model_dest_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
		     struct model_dest_row *row)
{
	*row = (struct model_dest_row){
		.number = 1, .up = true, .tunnels = 1, .sessions = fake.sessions, .profile = "wholesale"
	};
	return (!f->dest || f->dest == 1) && (*pos)++ == 0;
}

bool model_tunnel_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
		       struct model_tunnel_row *row, mono_t now)
{
	*row = (struct model_tunnel_row){ .dest = 1,
					  .number = 1,
					  .up = true,
					  .state = "established",
					  .sessions = fake.sessions,
					  .host_name = { (const uint8_t *)fake.user, fake.user_len },
					  .peer_port = 1701,
					  .protocol_version = 0x0100,
					  .framing_caps = 3,
					  .bearer_caps = 1 };
	return (!f->tunnel || f->tunnel == 1) && (*pos)++ == 0;
}

static void fake_session(unsigned i, struct model_session_row *row)
{
	*row = (struct model_session_row){ .dest = 1,
					   .tunnel = 1,
					   .number = i,
					   .up = i <= fake.sessions,
					   .ended = i > fake.sessions,
					   .state = "established",
					   .user = { (const uint8_t *)fake.user, fake.user_len },
					   .ip4 = ip4_of(0x0a400000 + i),
					   .lac = ip4_of(0xc6336401),
					   .up_s = 90061 };
}

bool model_session_next(struct model *m, uint64_t *pos, const struct model_filter *f, bool ended,
			struct model_session_row *row, mono_t now)
{
	while (*pos < fake.sessions + (ended ? fake.ended : 0)) {
		fake_session((unsigned)++*pos, row);
		if (!f->session || f->session == row->number)
			return true;
	}
	return false;
}

bool model_subscriber_next(struct model *m, uint64_t *pos, const struct model_filter *f,
			   struct model_session_row *row, mono_t now)
{
	struct model_filter any = { 0 };

	while (model_session_next(m, pos, &any, false, row, now))
		if ((ip_addr_is_none(&f->address) || ip_addr_eq(&f->address, &row->ip4)) &&
		    (!f->user || span_eq_str(row->user, f->user)))
			return true;
	return false;
}

unsigned model_dest_profile_sessions(const struct model *m, const char *profile)
{
	return fake.sessions;
}

unsigned model_host_sessions(const struct model *m, const char *profile, const char *remote_host)
{
	return remote_host ? 0 : fake.sessions;
}

const char *model_counter(const struct model *m, unsigned i, const char **group, uint64_t *value)
{
	*group = "l2tp";
	*value = i;
	return i == 0 ? "rx-zlb" : i == 1 ? "rx-sccrq" : NULL;
}

static size_t operation(const struct model_filter *f)
{
	fake.last = *f;
	snprintf(fake.last_user, sizeof(fake.last_user), "%s", f->user ? f->user : "");
	fake.operations++;
	return fake.matched;
}

size_t model_clear_sessions(struct model *m, const struct model_filter *f, mono_t now)
{
	return operation(f);
}

size_t model_clear_tunnels(struct model *m, const struct model_filter *f, mono_t now)
{
	return operation(f);
}

size_t model_clear_destinations(struct model *m, const struct model_filter *f, mono_t now)
{
	return operation(f);
}

size_t model_logout(struct model *m, const struct model_filter *f, mono_t now)
{
	return operation(f);
}

size_t model_set_admin(struct model *m, enum model_level level, const struct model_filter *f, enum admin_state state,
		       mono_t now)
{
	fake.level = level;
	fake.state = state;
	return operation(f);
}

void model_debug_set(struct model *m, model_debug_fn *fn, void *ctx)
{
	fake.debug_fn = fn;
	fake.debug_ctx = ctx;
}

unsigned model_debug_add(struct model *m, const struct model_debug *d)
{
	return fake.debugs_max && fake.debugs >= fake.debugs_max ? 0 : ++fake.debugs;
}

void model_debug_del(struct model *m, unsigned id)
{
	fake.debugs--;
}

bool aaa_pool_range_at(const struct aaa *a, unsigned i, struct aaa_pool_info *out)
{
	*out = (struct aaa_pool_info){ "subscribers", 0x0a400000, 0x0a40ffff, 65536, 7 };
	return i == 0;
}

uint64_t aaa_counter(const struct aaa *a, unsigned i)
{
	return i;
}

const char *aaa_counter_name(unsigned i)
{
	return i < 2 ? "accepts" : NULL;
}

/* ---- RADIUS ---- */

const struct radius_client *aaa_radius(const struct aaa *a)
{
	return (const struct radius_client *)&fake;
}

bool radius_client_server_at(const struct radius_client *c, unsigned i, struct radius_server_info *out, mono_t now)
{
	if (i >= fake.servers)
		return false;
	*out = fake.server[i];
	return true;
}

uint64_t radius_client_unknown_source(const struct radius_client *c)
{
	return 77;
}

const char *radius_count_name(unsigned i)
{
	static const char *const names[] = {
#define X(id, name) name,
		RADIUS_COUNTERS(X)
#undef X
	};

	return i < RADIUS_COUNT_MAX ? names[i] : NULL;
}

void aaa_debug_set(struct aaa *a, aaa_debug_fn *fn, void *ctx)
{
	fake.radius_fn = fn;
	fake.radius_ctx = ctx;
}

void aaa_acct_info(const struct aaa *a, struct aaa_acct_info *out)
{
	*out = (struct aaa_acct_info){ .queued = 3, .queue_max = 200000, .in_flight = 2, .sent = 10, .acked = 5 };
}

int aaa_test_start(struct aaa *a, struct span user, struct span password, mono_t now, struct aaa_handle *out)
{
	if (fake.tests_max && fake.tests >= fake.tests_max)
		return -ENOSPC;
	fake.tests++;
	snprintf(fake.test_user, sizeof(fake.test_user), "%.*s", (int)user.len, (const char *)user.p);
	snprintf(fake.test_password, sizeof(fake.test_password), "%.*s", (int)password.len, (const char *)password.p);
	*out = (struct aaa_handle){ 1, 1 };
	return 0;
}

bool aaa_test_poll(struct aaa *a, struct aaa_handle h, struct aaa_test *out)
{
	*out = fake.test;
	return fake.tests;
}

void aaa_test_end(struct aaa *a, struct aaa_handle h, mono_t now)
{
	fake.tests--;
}

#endif
