/* SPDX-License-Identifier: BSD-2-Clause */
/* aaa accounting: who is told, how often, and how much waits. */
#include "mgmt/edit.h"

#define ACCT(kind_, member, ...) \
	.field = { .kind = kind_, .off = offsetof(struct config, aaa.acct.member), ##__VA_ARGS__ }

const struct gr_cmd cmd_acct[] = {
	{ "aaa accounting ppp default <method:acct-method>+",
	  "AAA|Who is told of sessions|PPP users|For all of them|Methods, in order",
	  MODE_GLOBAL, GR_NO, ACCT(FIELD_ENUMS, ppp, .dflt = AAA_METHODS_MAX) },
	{ "aaa accounting tunnel default <method:acct-method>+",
	  "AAA|Who is told of sessions|Users that come through L2TP tunnels: goes before ppp|For all of them|"
	  "Methods, in order",
	  MODE_GLOBAL, GR_NO, ACCT(FIELD_ENUMS, tunnel, .dflt = AAA_METHODS_MAX) },
	{ "aaa accounting interval <minutes:1-1440>",
	  "AAA|Who is told of sessions|Interim updates; a session's own interval goes before|Minutes",
	  MODE_GLOBAL, GR_NO, ACCT(FIELD_U32, interval_min) },
	{ "aaa accounting acct-stop on-aaa-failure {enable|disable}",
	  "AAA|Who is told of sessions|A Stop without a session|Of a user that was refused for want of an address or "
	  "resources|Yes (default)|No",
	  MODE_GLOBAL, GR_NO, ACCT(FIELD_SWITCH_OFF, no_stop_on_aaa_failure) },
	{ "aaa accounting acct-stop on-access-deny {enable|disable}",
	  "AAA|Who is told of sessions|A Stop without a session|Of a user that was denied|Yes|No (default)",
	  MODE_GLOBAL, GR_NO, ACCT(FIELD_SWITCH, stop_on_access_deny) },
	{ "aaa accounting queue <records:1000-10000000>",
	  "AAA|Who is told of sessions|Records that wait for a server|How many at most",
	  MODE_GLOBAL, GR_NO, ACCT(FIELD_U32, queue_max, .dflt = AAA_ACCT_QUEUE) },
	{ 0 },
};
