/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of AAA share: a configuration built line by line, requests, and events as they come. */
#ifndef ADIT_TESTS_AAA_FIXTURE_H
#define ADIT_TESTS_AAA_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "aaa/aaa_conf.h"
#include "wire/chap_math.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct wall boot = { 0x6553f100, 0 };
static const struct aaa_line nowhere = { .service = AAA_PPP_LNS };

struct fixture {
	struct aaa *a;
	struct aaa_conf conf;
	mono_t now;
	struct wall wall;
};

static inline char *text(const char *s)
{
	char *c = s ? strdup(s) : NULL;

	assert_true(c || !s);
	return c;
}

static inline struct aaa_user *conf_user(struct fixture *f, const char *name, const char *password)
{
	struct aaa_user *u = calloc(1, sizeof(*u));

	assert_non_null(u);
	u->name = text(name);
	u->database = text("default");
	u->password = text(password);
	u->next = f->conf.users;
	f->conf.users = u;
	return u;
}

static inline void conf_static(struct fixture *f, const char *name, uint32_t ip)
{
	conf_user(f, name, "pw")->ip4 = ip4_of(ip);
}

/* Adds a range to the pool of that name, which is made at the end of the list if there is none. */
static inline void conf_pool(struct fixture *f, const char *name, uint32_t start, uint32_t end)
{
	struct aaa_pool **p = &f->conf.pools;
	struct aaa_pool_range **r;

	while (*p && strcmp((*p)->name, name) != 0)
		p = &(*p)->next;
	if (!*p) {
		*p = calloc(1, sizeof(**p));
		assert_non_null(*p);
		(*p)->name = text(name);
	}
	for (r = &(*p)->ranges; *r;)
		r = &(*r)->next;
	*r = calloc(1, sizeof(**r));
	assert_non_null(*r);
	(*r)->start = start;
	(*r)->end = end;
}

static inline void apply(struct fixture *f)
{
	assert_int_equal(aaa_apply(f->a, &f->conf, f->now), 0);
}

/* Forgets the configuration tree (not what was applied) and begins another: method local. */
static inline void conf_new(struct fixture *f)
{
	aaa_conf_fini(&f->conf);
	f->conf.ppp[0] = AAA_METHOD_LOCAL;
}

static inline int fixture_setup(void **state)
{
	static const uint8_t seed[32] = { 7 };
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->now = mono_add_s(MONO_ZERO, 1000);
	f->wall = boot;
	f->a = aaa_core_new(seed, boot, f->now);
	assert_non_null(f->a);
	aaa_conf_init(&f->conf);
	conf_new(f);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	aaa_conf_fini(&f->conf);
	aaa_core_free(f->a);
	free(f);
	return 0;
}

static inline struct aaa_request pap(const char *user, const char *password)
{
	return (struct aaa_request){ .cred = AAA_CRED_PAP, .user = span_str(user), .password = span_str(password) };
}

static inline struct aaa_handle ask(struct fixture *f, const struct aaa_request *rq, void *cookie)
{
	struct aaa_handle h = { 0 };

	assert_int_equal(aaa_core_ops.request(f->a, rq, cookie, f->now, &h), 0);
	assert_int_not_equal(h.id, 0);
	return h;
}

static inline bool same(struct aaa_handle a, struct aaa_handle b)
{
	return a.id == b.id && a.generation == b.generation;
}

static inline void silent(struct fixture *f)
{
	struct aaa_event ev;

	assert_false(aaa_core_ops.event(f->a, &ev, f->now));
}

static inline struct aaa_event next_event(struct fixture *f, enum aaa_event_type type, struct aaa_handle h)
{
	struct aaa_event ev;

	assert_true(aaa_core_ops.event(f->a, &ev, f->now));
	assert_int_equal(ev.type, type);
	assert_true(same(ev.handle, h));
	return ev;
}

static inline void refused(struct fixture *f, const struct aaa_request *rq, enum aaa_refusal why)
{
	struct aaa_handle h = ask(f, rq, NULL);

	assert_string_equal(aaa_refusal_name(next_event(f, AAA_EV_REJECT, h).refusal), aaa_refusal_name(why));
	silent(f);
}

/* A request that is accepted at once; its address, 0 for none. */
static inline struct aaa_handle accepted(struct fixture *f, const struct aaa_request *rq, uint32_t *ip)
{
	struct aaa_handle h = ask(f, rq, NULL);
	struct aaa_event ev = next_event(f, AAA_EV_ACCEPT, h);

	if (ip)
		*ip = ip4_num(&ev.grant.ip4);
	return h;
}

static inline struct aaa_handle accepted_user(struct fixture *f, const char *user, uint32_t expected_ip)
{
	struct aaa_request rq = pap(user, "pw");
	uint32_t ip;
	struct aaa_handle h = accepted(f, &rq, &ip);

	assert_int_equal(ip, expected_ip);
	return h;
}

static inline void start(struct fixture *f, struct aaa_handle h, uint32_t ip)
{
	struct ip_addr a = ip ? ip4_of(ip) : (struct ip_addr){ 0 };

	aaa_core_ops.start(f->a, h, &a, &nowhere, f->now, f->wall);
}

static inline void release(struct fixture *f, struct aaa_handle h)
{
	static const struct aaa_stop stop = { { 10, 20, 1, 2 }, &nowhere, 1, "user-request" };

	aaa_core_ops.release(f->a, h, &stop, f->now, f->wall);
}

static inline void cancel(struct fixture *f, struct aaa_handle h)
{
	aaa_core_ops.cancel(f->a, h, f->now);
}

static inline void pass_ms(struct fixture *f, int64_t ms)
{
	f->now = mono_add_ms(f->now, ms);
	aaa_core_ops.expire(f->a, f->now, f->wall);
}

static inline uint64_t counted(const struct fixture *f, const char *name)
{
	for (unsigned i = 0; aaa_counter_name(i); i++)
		if (strcmp(aaa_counter_name(i), name) == 0)
			return aaa_counter(f->a, i);
	fail_msg("no counter %s", name);
	return 0;
}

static inline void nothing_left(struct fixture *f)
{
	silent(f);
	assert_int_equal(counted(f, "grants"), 0);
	assert_int_equal(counted(f, "addresses-in-use"), 0);
	assert_int_equal(counted(f, "requests-in-flight"), 0);
	assert_true(mono_is_never(aaa_core_ops.deadline(f->a)));
}

#endif
