/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who leaves and returns while the rest is held. Churn: subscribers at random hang up at a rate, and call again at once.
 * Storm: all drop at once, one way or another, and when the last has left all call again, as fast as --pending lets.
 */
#include "lab/lab_priv.h"

enum {
	CHURN_A_TURN = 256,
	CHURN_TRIES = 32,	/* to find one that is up, at random */
	DROPS_A_TURN = 1024,	/* so that what comes is taken meanwhile */
};

/* ---- churn ---- */

void churn_begin(struct lab *l, mono_t now)
{
	l->storm.churn_begun = now;
	l->storm.churned = 0;
}

static struct lab_sub *one_at_random(struct lab *l)
{
	for (unsigned i = 0; i < CHURN_TRIES; i++) {
		struct lab_sub *s = &l->sub[rng_below(&l->rng, l->conf->count)];

		if (s->state == SUB_UP && s->decided)
			return s;
	}
	return NULL;
}

static void churn_one(struct lab *l, mono_t now)
{
	struct lab_sub *s = one_at_random(l);

	if (!s) {
		l->stats.churn_missed++;
		return;
	}
	l->stats.churn_hangups++;
	s->churned = true;
	sub_undecide(s);
	sub_hangup(s, l->conf->hangup == LAB_HANGUP_CDN ? LAB_HANGUP_CDN : LAB_HANGUP_LCP, SUB_RETURNS, now);
}

void churn_run(struct lab *l, mono_t now)
{
	double seconds = (double)(now.ns - l->storm.churn_begun.ns) / 1e9;

	for (unsigned i = 0; i < CHURN_A_TURN && (double)(l->storm.churned + 1) <= seconds * l->conf->churn; i++) {
		l->storm.churned++;
		churn_one(l, now);
	}
}

mono_t churn_deadline(const struct lab *l)
{
	if (l->conf->churn <= 0)
		return MONO_NEVER;
	return mono_add_ns(l->storm.churn_begun, (int64_t)((double)(l->storm.churned + 1) / l->conf->churn * 1e9) + 1);
}

/* ---- storm: all leave ---- */

static void drop_silently(struct lab *l, mono_t now)
{
	if (!tunnels_lose_power(l, now))
		return;		/* out of memory: nobody leaves, and the round tells so */
	for (unsigned i = 0; i < l->conf->count; i++)
		sub_vanish(&l->sub[i]);
}

static void drop_tunnels(struct lab *l, mono_t now)
{
	for (unsigned i = 0; i < l->conf->count; i++)
		sub_leave(&l->sub[i]);
	for (unsigned i = 0; i < l->conf->tunnels; i++)
		if (l->tunnel[i].ctrl)
			l2tp_tunnel_close(l->tunnel[i].ctrl, L2TP_REASON_TUNNEL_ADMIN_CLOSE,
					  (struct l2tp_cause){ 1, 0, NULL }, now);
}

static void drop_some(struct lab *l, mono_t now)
{
	l->storm.slice = now;
	for (unsigned n = 0; l->next_hangup < l->conf->count && n < DROPS_A_TURN; l->next_hangup++, n++)
		sub_hangup(&l->sub[l->next_hangup], l->conf->storm_drop, SUB_STAYS_AWAY, now);
}

void storm_drop(struct lab *l, mono_t now)
{
	lab_stage_set(l, LAB_DROPPING, MONO_NEVER);
	l->storm.dropped = now;
	l->next_hangup = 0;
	tunnels_forget_callers(l);
	if (l->conf->storm_drop == LAB_HANGUP_SILENT)
		drop_silently(l, now);
	else if (l->conf->storm_drop == LAB_HANGUP_STOPCCN)
		drop_tunnels(l, now);
}

bool storm_drop_run(struct lab *l, mono_t now)
{
	switch (l->conf->storm_drop) {
	case LAB_HANGUP_SILENT:
		return true;
	case LAB_HANGUP_STOPCCN:
		return l->tunnels_open == 0 && l->living == 0;
	case LAB_HANGUP_LCP:
	case LAB_HANGUP_CDN:
		if (mono_before(l->storm.slice, now))
			drop_some(l, now);
		break;
	}
	return l->next_hangup == l->conf->count && l->living == 0;
}

/* ---- storm: all return ---- */

static void round_clear(struct lab_storm *st)
{
	series_fini(&st->away);
	series_fini(&st->call);
	series_fini(&st->hello);
	st->retries = 0;
}

void storm_return(struct lab *l, mono_t now)
{
	lab_stage_set(l, LAB_RETURNING, mono_add_s(now, l->conf->storm_timeout_s));
	l->storm.returning = now;
	for (unsigned i = 0; i < l->conf->tunnels; i++)
		tunnel_open_later(l, &l->tunnel[i]);
	for (unsigned i = 0; i < l->conf->count; i++) {
		struct lab_sub *s = &l->sub[i];

		if (s->call)
			continue;	/* it has not left: out of memory */
		sub_undecide(s);
		sub_await(s);
		s->tries = 0;
		tunnel_call(s, now);
		sub_arm(s);
	}
}

void storm_round_end(struct lab *l, mono_t now)
{
	struct lab_storm *st = &l->storm;
	struct lab_round *r = stats_round_add(&l->stats);

	st->rounds++;
	if (r)
		*r = (struct lab_round){
			.drop_s = (double)(st->returning.ns - st->dropped.ns) / 1e9,
			.back_s = (double)(now.ns - st->returning.ns) / 1e9,
			.back = l->stats.up_now, .never = l->conf->count - l->stats.up_now, .retries = st->retries,
			.away = series_times(&st->away), .call = series_times(&st->call),
			.hello = series_times(&st->hello),
		};
	round_clear(st);
}
