/* SPDX-License-Identifier: BSD-2-Clause */
/* dataplane/table.h: ids and pages, one line a subscriber, destinations, grace, counters that never go back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "dataplane/table.h"

static struct table *table_of(unsigned sessions, unsigned tunnels)
{
	struct table *t = table_new(&(struct table_conf){ sessions, tunnels, 0, 0x1234567 });

	assert_non_null(t);
	return t;
}

static void tunnel(struct table *t, uint16_t tid)
{
	struct dp_tunnel c = { .local_tunnel_id = tid, .peer_tunnel_id = (uint16_t)(tid + 1000), .local = ip4_of(0xc0000201),
			       .peer = ip4_of(0xc6336401), .local_port = 1701, .peer_port = 1701, .udp_checksum = true };

	assert_int_equal(table_tunnel_set(t, &c), 0);
}

static struct table_session *session(struct table *t, uint16_t tid, uint16_t sid)
{
	struct dp_session id = { .local_tunnel_id = tid, .local_session_id = sid };
	struct dp_session_params p = { .peer_session_id = (uint16_t)(sid ^ 0x5555) };
	struct table_session *s = NULL;

	assert_int_equal(table_session_add(t, &id, &s), 0);
	assert_int_equal(table_session_punt(t, s, &p), 0);
	return s;
}

static int forward_routes(struct table *t, struct table_session *s, uint32_t ip4, const struct ip_route *r, unsigned n)
{
	struct dp_subscriber sub = { .ip4 = ip4_of(ip4), .mtu = 1492, .routes = r, .route_count = n };

	return table_session_forward(t, s, &sub);
}

static int forward(struct table *t, struct table_session *s, uint32_t ip4)
{
	return forward_routes(t, s, ip4, NULL, 0);
}

static void all_gone(struct table *t)
{
	struct table_session *s;

	table_quiesce(t);
	while ((s = table_reclaim(t)))
		table_session_free(t, s);
	assert_false(table_retired(t));
}

static uint32_t holder(const struct table *t, uint32_t ip4)
{
	uint32_t dn = table_dst_find(t, 0, ip4);

	return dn == DP_NONE ? DP_NONE : t->dn[dn].up;
}

/* ---- ids and pages ---- */

static void a_line_repeats_its_ids(void **state)
{
	struct table *t = table_of(1000, 10);
	struct table_session *a, *b;

	tunnel(t, 7);
	tunnel(t, 8);
	a = session(t, 7, 0x5123);
	b = session(t, 8, 0x5123);	/* the same id in another tunnel: another line */
	assert_int_not_equal(a->handle.slot, b->handle.slot);
	assert_int_equal(a->handle.slot & 0xfff, 0x123);
	assert_int_equal(table_up_slot(table_tun(t, 7), 0x5123), a->handle.slot);
	assert_int_equal(t->tun[7].page[5] - 1, a->handle.slot >> 12);
	assert_int_equal(t->tun[7].page[4], 0);
	assert_int_equal(table_up(t, a)->tunnel_id, 7);
	assert_int_equal(table_up(t, a)->session_id, 0x5123);
	assert_int_equal(table_up(t, a)->generation, a->handle.generation);
	assert_ptr_equal(table_session_of(t, a->handle), a);
	assert_null(table_session_of(t, (struct dp_handle){ a->handle.slot, a->handle.generation + 1 }));
	assert_null(table_session_of(t, DP_HANDLE_NONE));
	table_free(t);
}

static void refusals(void **state)
{
	struct table *t = table_of(2, 1);
	struct table_session *s;

	tunnel(t, 7);
	assert_int_equal(table_tunnel_set(t, &(struct dp_tunnel){ .local_tunnel_id = 8, .peer = ip4_of(1) }), -ENOSPC);
	assert_int_equal(table_tunnel_set(t, &(struct dp_tunnel){ .local_tunnel_id = 0 }), -EINVAL);
	assert_int_equal(table_session_add(t, &(struct dp_session){ 7, 0, NULL }, &s), -EINVAL);
	assert_int_equal(table_session_add(t, &(struct dp_session){ 8, 1, NULL }, &s), -ENOENT);
	session(t, 7, 1);
	assert_int_equal(table_session_add(t, &(struct dp_session){ 7, 1, NULL }, &s), -EAGAIN);
	session(t, 7, 2);
	assert_int_equal(table_session_add(t, &(struct dp_session){ 7, 3, NULL }, &s), -ENOSPC);
	table_free(t);
}

/* Fills the node with freely drawn ids, evenly over its tunnels. Return: draws a session. */
static double fill(unsigned sessions, unsigned tunnels, uint64_t seed)
{
	struct table *t = table_of(sessions, tunnels);
	struct rng r;
	unsigned draws = 0, worst = 0;

	rng_init_u64(&r, seed);
	for (unsigned i = 1; i <= tunnels; i++)
		tunnel(t, (uint16_t)i);
	for (unsigned i = 0; i < sessions; i++) {
		struct table_session *s;
		unsigned tries = 0;
		int rc;

		do {
			struct dp_session id = { (uint16_t)(i % tunnels + 1), (uint16_t)(rng_below(&r, 65535) + 1), NULL };

			rc = table_session_add(t, &id, &s);
			tries++;
		} while (rc == -EAGAIN && tries < DP_ID_TRIES);
		assert_int_equal(rc, 0);
		draws += tries;
		worst = tries > worst ? tries : worst;
	}
	printf("%u sessions over %u tunnels: %.2f draws a session, at most %u; %.2f up lines a session\n", sessions, tunnels,
	       (double)draws / sessions, worst, (double)(t->pages << DP_PAGE_BITS) / sessions);
	assert_true((uint64_t)(t->pages << DP_PAGE_BITS) * sizeof(struct dp_up) <= (uint64_t)sessions * 104);
	table_free(t);
	return (double)draws / sessions;
}

/* A freely drawn id fits after a few draws, however the sessions are spread, up to the limit. */
static void random_ids_find_lines(void **state)
{
	static const unsigned tunnels[] = { 2, 4, 10, 100, 1000, 8000 };

	for (unsigned i = 0; i < sizeof(tunnels) / sizeof(tunnels[0]); i++)
		assert_true(fill(60000, tunnels[i], i) < 3);
	assert_true(fill(1000000, 65000, 9) < 3);
}

/* One tunnel can hold every session of the node, each id tried once. */
static void one_tunnel_holds(unsigned node)
{
	struct table *t = table_of(node, 10);

	tunnel(t, 1);
	for (unsigned sid = 1; sid <= 60000; sid++) {
		struct table_session *s;

		assert_int_equal(table_session_add(t, &(struct dp_session){ 1, (uint16_t)sid, NULL }, &s), 0);
	}
	table_free(t);
}

static void one_tunnel_holds_all(void **state)
{
	one_tunnel_holds(60000);
	one_tunnel_holds(1000000);
}

/* A node that could have a million sessions and has 1,000 touches no more pages than one made for 60,000. */
static void few_sessions_touch_few_pages(void **state)
{
	struct table *t = table_of(1000000, 1000);
	unsigned touched = 0;

	for (uint16_t i = 1; i <= 1000; i++) {
		tunnel(t, i);
		session(t, i, (uint16_t)(i * 65));
	}
	for (unsigned p = 0; p < t->pages; p++)
		touched += t->page_used[p] != 0;
	assert_int_equal(t->pages, 368);
	assert_int_equal(touched, 23);
	table_free(t);
}

static void a_line_rests_for_a_grace_period(void **state)
{
	struct table *t = table_of(1000, 10);
	struct table_session *s, *other;
	struct dp_session id = { 7, 0x1001, NULL };
	uint32_t slot;

	tunnel(t, 7);
	session(t, 7, 0x1002);		/* keeps the page mapped */
	s = session(t, 7, 0x1001);
	slot = s->handle.slot;
	table_session_del(t, s);
	assert_int_equal(t->up[slot].state, DP_UP_GRACE);
	assert_null(table_reclaim(t));	/* nobody has said that readers are at rest */
	assert_int_equal(table_session_add(t, &id, &other), -EAGAIN);
	table_quiesce(t);
	assert_ptr_equal(table_reclaim(t), s);
	assert_null(table_reclaim(t));
	table_session_free(t, s);
	assert_int_equal(t->up[slot].state, DP_UP_FREE);
	assert_int_equal(table_session_add(t, &id, &other), 0);
	assert_int_equal(other->handle.slot, slot);
	table_free(t);
}

/* ---- destinations ---- */

static const struct dp_pool pool_a = { 0, 0x0a400000, 0x0a40ffff }, pool_b = { 0, 0x0a500010, 0x0a500020 };

static void pools_lead_straight_to_their_lines(void **state)
{
	struct table *t = table_of(1000, 10);
	struct dp_pool both[] = { pool_a, pool_b };
	struct table_session *a, *b;

	tunnel(t, 7);
	assert_int_equal(table_pool_set(t, both, 2), 0);
	a = session(t, 7, 1);
	b = session(t, 7, 2);
	assert_int_equal(forward(t, a, 0x0a400005), 0);
	assert_int_equal(forward(t, b, 0x0a500020), 0);
	assert_int_equal(a->line->index, 5);
	assert_int_equal(b->line->index, 65536 + 0x10);
	assert_false(a->by_address);
	assert_int_equal(holder(t, 0x0a400005), a->handle.slot);
	assert_int_equal(holder(t, 0x0a500020), b->handle.slot);
	assert_int_equal(holder(t, 0x0a400006), DP_NONE);
	assert_int_equal(holder(t, 0x0a500021), DP_NONE);
	assert_int_equal(t->dn[5].port, 7);
	assert_int_equal(t->dn[5].l2tp.peer_session_id, 1 ^ 0x5555);
	assert_int_equal(t->dn[5].mtu, 1492);
	assert_int_equal(table_up(t, a)->dn, 5);
	table_free(t);
}

static void an_address_has_one_holder(void **state)
{
	struct table *t = table_of(1000, 10);
	struct table_session *a, *b;
	static const uint32_t ips[] = { 0x0a400005, 0xcb007105 };	/* in a pool, and elsewhere */

	tunnel(t, 7);
	assert_int_equal(table_pool_set(t, &pool_a, 1), 0);
	a = session(t, 7, 1);
	b = session(t, 7, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(forward(t, a, ips[i]), 0);
		assert_int_equal(forward(t, a, ips[i]), 0);		/* again: its own */
		assert_int_equal(forward(t, b, ips[i]), -EADDRINUSE);
		assert_int_equal(table_state(t, b), DP_UP_PUNT);
		assert_int_equal(holder(t, ips[i]), a->handle.slot);
		table_session_unforward(t, a);				/* and at once, in the same turn: */
		assert_int_equal(holder(t, ips[i]), DP_NONE);
		assert_int_equal(forward(t, b, ips[i]), 0);
		assert_int_equal(holder(t, ips[i]), b->handle.slot);
		assert_int_equal(forward(t, a, ips[i]), -EADDRINUSE);
		table_session_unforward(t, b);
		table_quiesce(t);
		assert_null(table_reclaim(t));
		assert_int_equal(t->entries, 0);
	}
	table_free(t);
}

static void framed_routes_by_longest_prefix(void **state)
{
	struct table *t = table_of(1000, 10);
	struct table_session *a, *b;
	struct ip_route of_a[] = { { { ip4_of(0xc6336400), 24 }, 0 }, { { ip4_of(0xc0a80001), 16 }, 0 } };	/* host bits are masked */
	struct ip_route of_b[] = { { { ip4_of(0xc6336480), 28 }, 0 }, { { ip4_of(0xc6336400), 24 }, 0 },
				   { { ip4_of(0xc63364ff), 32 }, 0 } };

	tunnel(t, 7);
	a = session(t, 7, 1);
	b = session(t, 7, 2);
	assert_int_equal(forward_routes(t, a, 0x0a000001, of_a, 2), 0);
	assert_int_equal(forward_routes(t, b, 0x0a000002, of_b, 3), 0);
	assert_int_equal(holder(t, 0xc6336401), a->handle.slot);
	assert_int_equal(holder(t, 0xc633648f), b->handle.slot);	/* /28 within a's /24 */
	assert_int_equal(holder(t, 0xc6336490), a->handle.slot);
	assert_int_equal(holder(t, 0xc63364ff), b->handle.slot);	/* /32 */
	assert_int_equal(holder(t, 0xc0a8ffff), a->handle.slot);
	assert_int_equal(holder(t, 0x0a000001), a->handle.slot);
	assert_int_equal(holder(t, 0xc0a90000), DP_NONE);
	table_session_unforward(t, a);
	assert_int_equal(holder(t, 0xc6336401), b->handle.slot);	/* b waited for the /24 */
	assert_int_equal(holder(t, 0xc0a8ffff), DP_NONE);
	table_session_unforward(t, b);
	assert_int_equal(holder(t, 0xc6336401), DP_NONE);
	assert_int_equal(t->entries, 0);
	assert_int_equal(t->routes.count, 0);
	table_free(t);
}

/* Subscribers of a pool that goes keep being found; of one that comes, too; its lines are not mixed up. */
static void pools_change_under_subscribers(void **state)
{
	struct table *t = table_of(1000, 10);
	struct dp_pool both[] = { pool_b, pool_a };
	struct table_session *s[4];
	static const uint32_t ip[4] = { 0x0a400000, 0x0a40ffff, 0x0a500010, 0xcb007105 };

	tunnel(t, 7);
	assert_int_equal(table_pool_set(t, &pool_a, 1), 0);
	for (unsigned i = 0; i < 4; i++) {
		s[i] = session(t, 7, (uint16_t)(i + 1));
		assert_int_equal(forward(t, s[i], ip[i]), 0);
	}
	assert_int_equal(table_pool_set(t, both, 2), 0);	/* pool_a keeps its lines */
	assert_int_equal(table_direct_index(t, 0, 0x0a400001), 1);
	assert_int_equal(table_pool_set(t, &pool_b, 1), 0);	/* pool_a goes */
	assert_int_equal(table_pool_set(t, both, 1), 0);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(holder(t, ip[i]), s[i]->handle.slot);
	assert_true(s[0]->by_address);
	assert_int_equal(table_pool_set(t, &(struct dp_pool){ 0, 0x0b000000, 0x0b00ffff }, 1), 0);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(holder(t, ip[i]), s[i]->handle.slot);
	for (unsigned i = 0; i < 4; i++)
		table_session_del(t, s[i]);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(holder(t, ip[i]), DP_NONE);
	all_gone(t);
	assert_int_equal(t->entries, 0);
	table_free(t);
}

static void no_pool_is_too_large(void **state)
{
	struct table *t = table_of(1000, 10);
	struct dp_pool huge = { 0, 0x0a000000, 0x0affffff }, whole = { 0, 0, UINT32_MAX }, wrong = { 0, 5, 4 };
	struct dp_pool set[] = { huge, whole, wrong, pool_a };
	struct table_session *s;

	tunnel(t, 7);
	assert_int_equal(table_pool_set(t, set, 4), 0);
	assert_int_equal(t->pools->count, 1);		/* the others are served by the buckets */
	s = session(t, 7, 1);
	assert_int_equal(forward(t, s, 0x0a000001), 0);
	assert_int_equal(holder(t, 0x0a000001), s->handle.slot);
	table_free(t);
}

/* Random additions and deletions against a plain list, from 64 buckets to the last that max_sessions allows. */
static void buckets_against_a_model(void **state)
{
	enum { KEYS = 3000 };
	struct table *t = table_new(&(struct table_conf){ 600, 1, 10, 7 });
	struct rng r;
	static bool in[KEYS];
	unsigned count = 0, refused = 0;

	rng_init_u64(&r, 99);
	memset(in, 0, sizeof(in));
	t->len_count[32] = 1;	/* so that table_dst_find() looks for exact entries without an owner */
	for (unsigned k = 0; k < KEYS; k++)
		t->dn[k].state = DP_DN_L2TP;
	assert_int_equal(t->bucket_size, 64);
	assert_int_equal(t->bucket_max, 512);
	for (unsigned n = 0; n < 60000; n++) {
		unsigned k = rng_below(&r, KEYS), room = t->bucket_max * 4 - count;

		if (in[k] && rng_below(&r, 3) == 0) {
			table_dst_del(t, 0, 0x0a000000 + k, 32);
			in[k] = false;
			count--;
		} else {
			int rc = table_dst_add(t, 0, 0x0a000000 + k, 32, k);

			assert_int_equal(rc, in[k] ? -EEXIST : room ? 0 : -ENOSPC);
			refused += rc == -ENOSPC;
			count += rc == 0;
			in[k] |= rc == 0;
		}
		k = rng_below(&r, KEYS);
		assert_int_equal(table_dst_find(t, 0, 0x0a000000 + k), in[k] ? k : DP_NONE);
	}
	assert_int_equal(t->entries, count);
	assert_int_equal(t->bucket_size, 512);
	assert_true(refused > 0);
	for (unsigned k = 0; k < KEYS; k++)
		if (in[k])
			table_dst_del(t, 0, 0x0a000000 + k, 32);
	for (unsigned b = 512; b < 1024; b++)
		assert_int_equal(t->bucket[b].passed, 0);
	assert_int_equal(t->entries, 0);
	table_free(t);
}

/* ---- counters ---- */

static void counters_never_go_back(void **state)
{
	struct table *t = table_of(1000, 10);
	struct table_session *s;
	struct dp_counters c;
	struct dp_dn *old;

	tunnel(t, 7);
	assert_int_equal(table_pool_set(t, &pool_a, 1), 0);
	s = session(t, 7, 1);
	assert_int_equal(forward(t, s, 0x0a400005), 0);
	old = &t->dn[s->line->index];
	table_dn_count(old, 1000);
	table_dn_count(old, 500);
	table_up_count(table_up(t, s), 40);
	table_dn_drop(t, old, DP_DROP_TOO_BIG);
	table_up_drop(t, table_up(t, s), DP_DROP_BAD_IP);
	assert_int_equal(table_session_ns(t, s), 0);
	assert_int_equal(table_session_ns(t, s), 1);
	table_session_unforward(t, s);
	assert_int_equal(table_session_ns(t, s), 2);		/* Ns goes on without a line */
	table_session_counters(t, s, &c);
	assert_int_equal(c.tx_octets, 1500);
	assert_int_equal(forward(t, s, 0xcb007105), 0);		/* another line */
	table_dn_count(old, 7);					/* a reader that was late */
	table_dn_count(&t->dn[s->line->index], 100);
	assert_int_equal(table_session_ns(t, s), 3);
	table_quiesce(t);
	assert_null(table_reclaim(t));
	table_session_counters(t, s, &c);
	assert_int_equal(c.tx_octets, 1607);
	assert_int_equal(c.tx_packets, 4);
	assert_int_equal(c.tx_drops, 1);
	assert_int_equal(c.rx_octets, 40);
	assert_int_equal(c.rx_packets, 1);
	assert_int_equal(c.rx_drops, 1);
	table_session_del(t, s);
	table_up_count(&t->up[s->handle.slot], 2);		/* late again */
	table_quiesce(t);
	assert_ptr_equal(table_reclaim(t), s);
	assert_int_equal(s->base.rx_octets, 42);
	assert_int_equal(s->base.tx_octets, 1607);
	assert_int_equal(t->drops[DP_DROP_TOO_BIG], 1);
	table_session_free(t, s);
	assert_int_equal(t->dn[5].octets, 0);
	table_free(t);
}

static void states_in_order(void **state)
{
	struct table *t = table_of(10, 10);
	struct dp_session_params p = { .peer_session_id = 9, .require_sequencing = true, .send_sequencing = true };
	struct table_session *s;

	tunnel(t, 7);
	assert_int_equal(table_session_add(t, &(struct dp_session){ 7, 1, NULL }, &s), 0);
	assert_int_equal(table_state(t, s), DP_UP_HOLD);
	assert_int_equal(forward(t, s, 0x0a000001), -EINVAL);
	assert_int_equal(table_session_punt(t, s, &p), 0);
	assert_int_equal(table_session_punt(t, s, &p), -EINVAL);
	assert_int_equal(table_up(t, s)->state, DP_UP_PUNT | DP_UP_REQUIRE_SEQ);
	assert_int_equal(forward(t, s, 0x0a000001), 0);
	assert_int_equal(table_up(t, s)->state, DP_UP_FORWARD | DP_UP_REQUIRE_SEQ);
	assert_int_equal(t->dn[s->line->index].state, DP_DN_L2TP | DP_DN_SEND_SEQ);
	assert_int_equal(table_session_forward(t, s, &(struct dp_subscriber){ .vr = 1u << 24 }), -EINVAL);
	table_session_unforward(t, s);
	assert_int_equal(table_up(t, s)->state, DP_UP_PUNT | DP_UP_REQUIRE_SEQ);
	table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_repeats_its_ids),
		cmocka_unit_test(refusals),
		cmocka_unit_test(random_ids_find_lines),
		cmocka_unit_test(one_tunnel_holds_all),
		cmocka_unit_test(few_sessions_touch_few_pages),
		cmocka_unit_test(a_line_rests_for_a_grace_period),
		cmocka_unit_test(pools_lead_straight_to_their_lines),
		cmocka_unit_test(an_address_has_one_holder),
		cmocka_unit_test(framed_routes_by_longest_prefix),
		cmocka_unit_test(pools_change_under_subscribers),
		cmocka_unit_test(no_pool_is_too_large),
		cmocka_unit_test(buckets_against_a_model),
		cmocka_unit_test(counters_never_go_back),
		cmocka_unit_test(states_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
