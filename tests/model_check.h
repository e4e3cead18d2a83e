/* SPDX-License-Identifier: BSD-2-Clause */
/* What the simulations of the model judge by. To be included after cmocka.h. */
#ifndef ADIT_TESTS_MODEL_CHECK_H
#define ADIT_TESTS_MODEL_CHECK_H

#include "model_world.h"

static struct world world;

static inline int set_up(void **state)
{
	world_init(&world, 1);
	*state = &world;
	return 0;
}

static inline int tear_down(void **state)
{
	world_fini(*state);
	return 0;
}

static inline struct model_system_info info_of(struct world *w)
{
	struct model_system_info i;

	model_system_info(w->m, &i);
	return i;
}

static inline bool first_session(struct world *w, struct model_session_row *r)
{
	uint64_t pos = 0;

	return model_session_next(w->m, &pos, NULL, false, r, w->now);
}

/* The latest session tombstone. */
static inline struct model_session_row last_tomb(struct world *w)
{
	struct model_session_row r = { 0 }, out = { 0 };
	uint64_t pos = 0;

	while (model_session_next(w->m, &pos, NULL, true, &r, w->now))
		if (r.ended)
			out = r;
	assert_true(out.ended);
	return out;
}

/* No session, address, line or call is left, and the plane was never misused. */
static inline void assert_no_session(struct world *w)
{
	struct model_system_info i = info_of(w);

	assert_int_equal(i.sessions.active, 0);
	assert_int_equal(i.established_sessions, 0);
	assert_int_equal(i.calls_in_progress, 0);
	assert_int_equal(world_addresses_in_use(w), 0);
	assert_int_equal(dp_null_sessions(w->dp), 0);
	assert_int_equal(dp_null_misuse(w->dp), 0);
	assert_int_equal(model_dest_profile_sessions(w->m, "wholesale"), 0);
	assert_int_equal(model_host_sessions(w->m, "wholesale", NULL), 0);
}

static inline struct wc *up(struct world *w, struct wt *t, const char *user, enum ppp_auth auth)
{
	struct wc *c = world_call(w, t, user, "hello", auth);

	world_run_ms(w, 1000);
	assert_true(c->ip_up);
	return c;
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
