/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two tables of an incoming call against RFC 2661 §7.4, §7.4.1 and §7.4.2, copied here line by line, and the rows beyond
 * them. Every state and input that stands in neither list must have no row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "l2tp/call_in.h"

struct row {
	const char *states, *inputs, *action, *next;
};

#define ICRQ "rx-icrq-acceptable rx-icrq-not-acceptable"
#define ICRP "rx-icrp-acceptable rx-icrp-not-acceptable"
#define ICCN "rx-iccn-acceptable rx-iccn-not-acceptable"

static const struct row lac[] = {
	/* §7.4.1 */
	{ "idle", "bearer-ring", "open_tunnel", "wait-tunnel" },
	{ "idle", ICCN " " ICRP " rx-cdn", "clean_up", "idle" },
	{ "wait-tunnel", "local-close", "clean_up", "idle" },
	{ "wait-tunnel", "tunnel-open", "send_icrq", "wait-reply" },
	{ "wait-reply", "rx-icrp-acceptable", "send_iccn", "established" },
	{ "wait-reply", "rx-icrp-not-acceptable", "send_cdn", "idle" },
	{ "wait-reply", ICRQ, "send_cdn", "idle" },
	{ "wait-reply", "rx-cdn " ICCN, "clean_up", "idle" },
	{ "wait-reply", "local-close", "send_cdn", "idle" },
	{ "established", "rx-cdn", "clean_up", "idle" },
	{ "established", ICRQ " " ICRP " " ICCN, "send_cdn", "idle" },
	{ "established", "local-close", "send_cdn", "idle" },
	/* beyond */
	{ "wait-tunnel wait-reply established", "tunnel-down", "clean_up", "idle" },
	{ "wait-reply", "setup-due", "send_cdn", "idle" },
	{ "wait-reply established", "rx-faulty", "send_cdn", "idle" },
	{ "wait-reply", "rx-sli rx-wen", "ignore", "wait-reply" },
	{ "established", "rx-sli", "note_sli", "established" },
	{ "established", "rx-wen", "note_wen", "established" },
};

static const struct row lns[] = {
	/* §7.4.2 */
	{ "idle", "rx-icrq-acceptable", "send_icrp", "wait-connect" },
	{ "idle", "rx-icrq-not-acceptable", "send_cdn", "idle" },
	{ "idle", ICRP, "send_cdn", "idle" },
	{ "idle", ICCN, "clean_up", "idle" },
	{ "wait-connect", "rx-iccn-acceptable", "prepare_for_data", "established" },
	{ "wait-connect", "rx-iccn-not-acceptable", "send_cdn", "idle" },
	{ "wait-connect", ICRQ " " ICRP, "send_cdn", "idle" },
	{ "idle wait-connect established", "rx-cdn", "clean_up", "idle" },
	{ "wait-connect established", "local-close", "send_cdn", "idle" },
	{ "established", ICRQ " " ICRP " " ICCN, "send_cdn", "idle" },
	/* beyond */
	{ "idle", "local-close", "send_cdn", "idle" },
	{ "idle wait-connect", "setup-due", "send_cdn", "idle" },
	{ "idle wait-connect established", "tunnel-down", "clean_up", "idle" },
	{ "idle wait-connect established", "rx-faulty", "send_cdn", "idle" },
	{ "idle", "rx-sli rx-wen", "ignore", "idle" },
	{ "wait-connect", "rx-sli rx-wen", "ignore", "wait-connect" },
	{ "established", "rx-sli", "note_sli", "established" },
	{ "established", "rx-wen", "note_wen", "established" },
};

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at++) {
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	}
	return false;
}

static const struct row *find(const struct row *rows, size_t n, const char *state, const char *input)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (has_word(rows[i].states, state) && has_word(rows[i].inputs, input)) {
			assert_null(found);
			found = &rows[i];
		}
	}
	return found;
}

static void judge(enum l2tp_role role, const struct row *rows, size_t n, unsigned expected)
{
	unsigned listed = 0;

	for (unsigned s = 0; s < L2TP_CALL_STATES; s++) {
		for (unsigned i = 0; i < L2TP_CALL_INPUTS; i++) {
			const struct l2tp_call_cell *cell =
				l2tp_call_cell(role, (enum l2tp_call_state)s, (enum l2tp_call_input)i);
			const char *sn = l2tp_call_state_name((enum l2tp_call_state)s);
			const char *in = l2tp_call_input_name((enum l2tp_call_input)i);
			const struct row *row = find(rows, n, sn, in);

			if (!row && cell->act)
				fail_msg("%s, %s: there is a row", sn, in);
			if (!row)
				continue;
			listed++;
			if (strcmp(l2tp_call_action_name(cell), row->action) ||
			    strcmp(l2tp_call_state_name(cell->next), row->next))
				fail_msg("%s, %s: %s to %s", sn, in, l2tp_call_action_name(cell),
					 l2tp_call_state_name(cell->next));
		}
	}
	assert_int_equal(listed, expected);
}

static void lac_is_the_rfcs(void **state)
{
	judge(L2TP_ROLE_LAC, lac, sizeof(lac) / sizeof(lac[0]), 34);
}

static void lns_is_the_rfcs(void **state)
{
	judge(L2TP_ROLE_LNS, lns, sizeof(lns) / sizeof(lns[0]), 38);
}

static void sizes(void **state)
{
	print_message("struct l2tp_call: %zu octets\n", sizeof(struct l2tp_call));
	assert_true(sizeof(struct l2tp_call) <= 192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lac_is_the_rfcs), cmocka_unit_test(lns_is_the_rfcs), cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
