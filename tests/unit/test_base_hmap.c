/* SPDX-License-Identifier: BSD-2-Clause */
/* base/hmap.h: against a plain array while it grows; base/list.h beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hmap.h"
#include "base/rng.h"

enum { OBJECTS = 3000 };

struct object {
	struct hmap_node node;
	unsigned key, seen;
	bool in;
};

static struct object obj[OBJECTS];

static struct object *find(struct hmap *m, unsigned key, uint64_t hash)
{
	hmap_for(n, m, hash) {
		struct object *o = container_of(n, struct object, node);

		if (o->key == key)
			return o;
	}
	return NULL;
}

static void check_walk(struct hmap *m, unsigned count)
{
	size_t pos = 0;
	struct hmap_node *n = NULL;
	unsigned seen = 0;

	for (unsigned i = 0; i < OBJECTS; i++)
		obj[i].seen = 0;
	while ((n = hmap_walk(m, &pos, n))) {
		struct object *o = container_of(n, struct object, node);

		assert_true(o->in);
		assert_int_equal(o->seen++, 0);
		seen++;
	}
	assert_int_equal(seen, count);
	assert_int_equal(m->count, count);
}

/* `few`: so many keys share a hash that chains are long and hashes equal. */
static void random_operations(uint64_t seed, bool few)
{
	struct hmap m;
	struct rng r;
	unsigned count = 0;

	rng_init_u64(&r, seed);
	hmap_init(&m);
	for (unsigned i = 0; i < OBJECTS; i++)
		obj[i] = (struct object){ .key = i };
	for (unsigned n = 0; n < 30000; n++) {
		unsigned k = rng_below(&r, OBJECTS);
		uint64_t hash = few ? k % 50 : hash_u64(k, seed);

		assert_ptr_equal(find(&m, k, hash), obj[k].in ? &obj[k] : NULL);
		if (obj[k].in)
			hmap_del(&m, &obj[k].node);
		else
			assert_int_equal(hmap_add(&m, &obj[k].node, hash), 0);
		obj[k].in = !obj[k].in;
		count = obj[k].in ? count + 1 : count - 1;
		if (n % 3000 == 0)
			check_walk(&m, count);
	}
	check_walk(&m, count);
	hmap_fini(&m);
}

static void against_an_array(void **state)
{
	random_operations(1, false);
	random_operations(2, true);
}

static void an_empty_map(void **state)
{
	struct hmap m;
	struct hmap_node n = { 0 };
	size_t pos = 0;

	hmap_init(&m);
	assert_null(hmap_first(&m, 5));
	assert_null(hmap_walk(&m, &pos, NULL));
	hmap_del(&m, &n);
	assert_int_equal(m.count, 0);
	hmap_fini(&m);
}

static void hashes_depend_on_every_octet_and_the_seed(void **state)
{
	uint8_t b[20] = { 0 };
	uint64_t base = hash_bytes(b, sizeof(b), 1);

	assert_true(base == hash_bytes(b, sizeof(b), 1));
	assert_true(base != hash_bytes(b, sizeof(b), 2));
	assert_true(base != hash_bytes(b, sizeof(b) - 1, 1));
	for (size_t i = 0; i < sizeof(b); i++) {
		b[i] = 1;
		assert_true(base != hash_bytes(b, sizeof(b), 1));
		b[i] = 0;
	}
}

static void lists(void **state)
{
	struct list l, a = { 0 }, b = { 0 }, c = { 0 };
	unsigned n = 0;

	list_init(&l);
	assert_false(list_linked(&a));
	list_push_back(&l, &a);
	list_push_back(&l, &b);
	list_push_front(&l, &c);
	list_for_safe(i, &l) {
		n++;
		list_del(i);
		list_del(i);		/* harmless again */
	}
	assert_int_equal(n, 3);
	assert_true(list_empty(&l));
	list_push_back(&l, &a);
	assert_ptr_equal(list_pop(&l), &a);
	assert_null(list_pop(&l));
}

static void lists_move_whole(void **state)
{
	struct list a, b, n[4];

	list_init(&a);
	list_init(&b);
	list_move_all(&a, &b);
	assert_true(list_empty(&a) && list_empty(&b));
	for (int i = 0; i < 4; i++)
		list_push_back(i < 2 ? &a : &b, &n[i]);
	list_move_all(&a, &b);
	assert_true(list_empty(&b));
	list_move_all(&a, &b);
	for (int i = 0; i < 4; i++)
		assert_ptr_equal(list_pop(&a), &n[i]);
	assert_null(list_pop(&a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_an_array),
		cmocka_unit_test(an_empty_map),
		cmocka_unit_test(hashes_depend_on_every_octet_and_the_seed),
		cmocka_unit_test(lists),
		cmocka_unit_test(lists_move_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
