/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control connection's table against RFC 2661 §7.2 and §7.2.1, copied here line by line, and the rows beyond it. Every state
 * and input that stands in neither list must have no row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "l2tp/ctrl.h"

/* One line of the RFC; a list of states or inputs is several words. "idle" as new state is written as what it is
 * here. */
struct row {
	const char *states, *inputs, *action, *next;
};

static const struct row rfc[] = {
	{ "idle", "local-open", "send_sccrq", "wait-ctl-reply" },
	{ "idle", "rx-sccrq-acceptable", "send_sccrp", "wait-ctl-conn" },
	{ "idle", "rx-sccrq-not-acceptable", "stop", "closing" }, /* Send StopCCN, Clean up */
	{ "idle", "rx-sccrp-acceptable rx-sccrp-not-acceptable", "stop", "closing" },
	{ "idle", "rx-scccn-acceptable rx-scccn-not-acceptable", "clean_up", "closing" },
	{ "wait-ctl-reply", "rx-sccrp-acceptable", "send_scccn", "established" },
	{ "wait-ctl-reply", "rx-sccrp-not-acceptable", "stop", "closing" },
	{ "wait-ctl-reply", "rx-sccrq-lose-tie-breaker", "vanish", "gone" }, /* Clean up, re-queue SCCRQ for idle */
	{ "wait-ctl-reply", "rx-scccn-acceptable rx-scccn-not-acceptable", "stop", "closing" },
	{ "wait-ctl-conn", "rx-scccn-acceptable", "open_tunnel", "established" },
	{ "wait-ctl-conn", "rx-scccn-not-acceptable", "stop", "closing" },
	{ "wait-ctl-conn", "rx-sccrp-acceptable rx-sccrp-not-acceptable rx-sccrq-acceptable rx-sccrq-not-acceptable",
	  "stop", "closing" },
	{ "established", "local-open", "open_call", "established" },
	{ "established", "admin-close", "stop", "closing" },
	{ "established",
	  "rx-sccrq-acceptable rx-sccrq-not-acceptable rx-sccrp-acceptable rx-sccrp-not-acceptable "
	  "rx-scccn-acceptable rx-scccn-not-acceptable",
	  "stop", "closing" },
	{ "idle wait-ctl-reply wait-ctl-conn established", "rx-stopccn", "stopped", "closing" },
};

static const struct row beyond[] = {
	{ "idle wait-ctl-reply wait-ctl-conn", "admin-close setup-due", "stop", "closing" },
	{ "idle wait-ctl-reply wait-ctl-conn established", "rx-faulty", "stop", "closing" },
	{ "idle wait-ctl-reply wait-ctl-conn established", "peer-dead", "dead", "gone" },
	{ "established", "hello-due", "send_hello", "established" },
	{ "established", "rx-hello", "nothing", "established" },
	{ "established", "rx-call-message", "dispatch", "established" },
	{ "closing", "rx-sccrq-acceptable rx-sccrq-not-acceptable rx-sccrp-not-acceptable rx-scccn-acceptable "
		     "rx-scccn-not-acceptable rx-hello rx-call-message rx-faulty", "after_close", "closing" },
	{ "closing", "rx-sccrp-acceptable", "learn_peer", "closing" },
	{ "closing", "rx-stopccn", "stopped_too", "closing" },
	{ "closing", "peer-dead", "silence", "closing" },
	{ "closing", "cleanup-due", "forget", "gone" },
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

static void every_state_and_input_is_the_rfcs(void **state)
{
	unsigned listed = 0;

	for (unsigned s = 0; s < L2TP_CTRL_STATES; s++) {
		for (unsigned i = 0; i < L2TP_CTRL_INPUTS; i++) {
			const struct l2tp_ctrl_cell *cell =
				l2tp_ctrl_cell((enum l2tp_ctrl_state)s, (enum l2tp_ctrl_input)i);
			const char *sn = l2tp_ctrl_state_name((enum l2tp_ctrl_state)s);
			const char *in = l2tp_ctrl_input_name((enum l2tp_ctrl_input)i);
			const struct row *row = find(rfc, sizeof(rfc) / sizeof(rfc[0]), sn, in);
			const struct row *more = find(beyond, sizeof(beyond) / sizeof(beyond[0]), sn, in);

			assert_true(!row || !more);
			row = row ? row : more;
			if (!row && cell->act)
				fail_msg("%s, %s: there is a row", sn, in);
			if (!row)
				continue;
			listed++;
			if (strcmp(l2tp_ctrl_action_name(cell), row->action) ||
			    strcmp(l2tp_ctrl_state_name(cell->next), row->next))
				fail_msg("%s, %s: %s to %s", sn, in, l2tp_ctrl_action_name(cell),
					 l2tp_ctrl_state_name(cell->next));
		}
	}
	assert_int_equal(listed, 59);
}

static void sizes(void **state)
{
	print_message("struct l2tp_ctrl: %zu octets\n", sizeof(struct l2tp_ctrl));
	assert_true(sizeof(struct l2tp_ctrl) <= 1280);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_state_and_input_is_the_rfcs),
					    cmocka_unit_test(sizes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
