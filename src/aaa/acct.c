/* SPDX-License-Identifier: BSD-2-Clause */
/* Local accounting: bookkeeping of starts, interim updates and stops (RFC 2866 §4, without a server). */
#include "aaa/acct.h"

#include <inttypes.h>
#include <stdio.h>

void acct_id_text(uint64_t id, char out[20])
{
	memset(out, 0, 20);
	snprintf(out, 20, "%016" PRIx64, id);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

uint64_t acct_id_parse(const char *text)
{
	uint64_t id = 0;

	for (int i = 0; i < 16; i++) {
		int d = hex_digit(text[i]);

		if (d < 0)
			return 0;
		id = id << 4 | (unsigned)d;
	}
	return text[16] ? 0 : id;
}

void acct_session_init(struct acct_session *s, uint64_t id, uint32_t interim_s)
{
	*s = (struct acct_session){ .id = id, .interim_due = MONO_NEVER, .interim_s = interim_s };
}

static void interim_arm(struct acct_session *s, mono_t now)
{
	s->interim_due = s->interim_s ? mono_add_s(now, s->interim_s) : MONO_NEVER;
}

void acct_start(struct acct *a, struct acct_session *s, mono_t now, struct wall wall)
{
	interim_arm(s, now);
	s->started_s = wall.s ? wall.s : 1;
	a->starts++;
	a->active++;
}

void acct_interim(struct acct *a, struct acct_session *s, const struct aaa_counters *c, mono_t now)
{
	if (!acct_started(s) || !mono_due(s->interim_due, now))
		return;
	a->interims++;
	interim_arm(s, now);
}

void acct_stop(struct acct *a, struct acct_session *s, const struct aaa_stop *stop)
{
	if (!acct_started(s))
		return;
	s->started_s = 0;
	s->interim_due = MONO_NEVER;
	a->stops++;
	a->active--;
	a->ended.in_octets += stop->counters.in_octets;
	a->ended.out_octets += stop->counters.out_octets;
	a->ended.in_packets += stop->counters.in_packets;
	a->ended.out_packets += stop->counters.out_packets;
}
