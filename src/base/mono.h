/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time, always an argument. mono_t is a monotonic instant in nanoseconds, wrapped so that it cannot be mixed with
 * seconds or with wall time, which is its own type.
 */
#ifndef ADIT_BASE_MONO_H
#define ADIT_BASE_MONO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
	int64_t ns;
} mono_t;

/* Wall-clock time: seconds since 1970-01-01 UTC, and nanoseconds. Only for what people and RADIUS read. */
struct wall {
	int64_t s;
	uint32_t ns;
};

#define MONO_NEVER ((mono_t){ INT64_MAX })
#define MONO_ZERO ((mono_t){ 0 })

static inline bool mono_is_never(mono_t t)
{
	return t.ns == INT64_MAX;
}

static inline mono_t mono_add_ns(mono_t t, int64_t ns)
{
	return mono_is_never(t) || ns > INT64_MAX - 1 - t.ns ? MONO_NEVER : (mono_t){ t.ns + ns };
}

static inline mono_t mono_add_ms(mono_t t, int64_t ms)
{
	return mono_add_ns(t, ms * 1000000);
}

static inline mono_t mono_add_s(mono_t t, int64_t s)
{
	return mono_add_ns(t, s * 1000000000);
}

static inline bool mono_before(mono_t a, mono_t b)
{
	return a.ns < b.ns;
}

/* True when the deadline `due` has been reached at `now`. MONO_NEVER is never reached. */
static inline bool mono_due(mono_t due, mono_t now)
{
	return !mono_is_never(due) && due.ns <= now.ns;
}

static inline mono_t mono_min(mono_t a, mono_t b)
{
	return a.ns < b.ns ? a : b;
}

/* Milliseconds from a to b, 0 if b is not after a. */
static inline int64_t mono_ms_between(mono_t a, mono_t b)
{
	return b.ns > a.ns ? (b.ns - a.ns) / 1000000 : 0;
}

static inline int64_t mono_s_between(mono_t a, mono_t b)
{
	return mono_ms_between(a, b) / 1000;
}

#endif
