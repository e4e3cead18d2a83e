/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as requests of the management protocol: nothing breaks, and the tree can always be written and
 * read again. */
#include <stdlib.h>

#include "mgmt/session_int.h"
#include "unit/mgmt_fake.h"

static int apply(void *ctx, const struct config *before, const struct config *after)
{
	return 0;
}

static void drain(struct mgmt_session *s)
{
	while (mgmt_session_run(s) || mgmt_session_tx(s).len)
		mgmt_session_sent(s, mgmt_session_tx(s).len);
}

static void check_tree(struct mgmt *m)
{
	struct config back;
	struct out text = { 0 }, errors = { 0 };

	config_write(&m->conf, &text);
	if (config_init(&back) || config_read(m->g, &back, &m->conf, "x", text.p ? text.p : "", text.len, &errors) >
						config_check(&m->conf, NULL, NULL))
		abort();
	if (!config_same(&m->conf, &back))
		abort();
	config_fini(&back);
	out_fini(&text);
	out_fini(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mgmt_conf c = { .ops = { apply }, .model = FAKE_MODEL, .aaa = FAKE_AAA };
	struct mgmt *m = mgmt_new(NULL, &c);
	struct mgmt_session *s = mgmt_session_new(m);

	memset(&fake, 0, sizeof(fake));
	fake.sessions = 2;
	fake.ended = 1;
	fake.matched = 1;
	fake.user = "b\xffob\x1b";
	fake.user_len = 5;
	fake.test.done = size & 1;		/* `test aaa` is answered at once, or never */
	fake.test.accepted = size & 2;
	while (size && !mgmt_session_ended(s)) {
		size_t n = mgmt_session_wants(s);

		if (!n && mgmt_session_waits(s))
			break;
		n = n < size ? n : size;
		mgmt_session_rx(s, data, n);
		data += n;
		size -= n;
		drain(s);
	}
	check_tree(m);
	mgmt_session_free(s);
	mgmt_free(m);
	return 0;
}
