/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of AAA and their Acct-Terminate-Cause (RFC 2866 §5.10), JunosE's where it has them. */
#include "aaa/aaa.h"

struct aaa_word {
	const char *name;
	unsigned terminate_cause;
};

static const struct aaa_word refusals[AAA_REFUSE_COUNT] = {
	[AAA_REFUSE_NONE] = { "none", 0 },
	[AAA_REFUSE_DENIED] = { "deny-authentication-denied", 17 },
	[AAA_REFUSE_NO_SERVER] = { "deny-server-request-timeout", 17 },
	[AAA_REFUSE_NO_ADDRESS] = { "deny-address-allocation-failure", 17 },
	[AAA_REFUSE_ADDRESS_IN_USE] = { "deny-address-in-use", 17 },
	[AAA_REFUSE_NO_RESOURCES] = { "deny-no-resources", 10 },
	[AAA_REFUSE_NO_METHOD] = { "deny-no-method", 15 },
	[AAA_REFUSE_VIRTUAL_ROUTER] = { "deny-virtual-router-unknown", 15 },
	[AAA_REFUSE_BAD_ANSWER] = { "deny-radius-answer-invalid", 15 },
	[AAA_REFUSE_CHALLENGE] = { "deny-radius-challenge", 17 },
};

static const struct aaa_word logouts[] = {
	[AAA_LOGOUT_SESSION_TIMEOUT] = { "shutdown-session-timeout", 5 },
	[AAA_LOGOUT_IDLE_TIMEOUT] = { "shutdown-idle-timeout", 4 },
	[AAA_LOGOUT_DUPLICATE] = { "shutdown-duplicate-address", 13 },	/* Preempted */
	[AAA_LOGOUT_ADMIN] = { "shutdown-administrative-reset", 6 },
};

const char *aaa_method_name(enum aaa_method m)
{
	static const char *const names[] = {
		[AAA_METHOD_END] = "-", [AAA_METHOD_LOCAL] = "local", [AAA_METHOD_RADIUS] = "radius",
		[AAA_METHOD_NONE] = "none",
	};

	return (unsigned)m < sizeof(names) / sizeof(names[0]) ? names[m] : "?";
}

const char *aaa_refusal_name(enum aaa_refusal r)
{
	return (unsigned)r < AAA_REFUSE_COUNT ? refusals[r].name : "unknown";
}

unsigned aaa_refusal_terminate_cause(enum aaa_refusal r)
{
	return (unsigned)r < AAA_REFUSE_COUNT ? refusals[r].terminate_cause : 0;
}

const char *aaa_logout_name(enum aaa_logout l)
{
	return (unsigned)l < sizeof(logouts) / sizeof(logouts[0]) ? logouts[l].name : "unknown";
}

unsigned aaa_logout_terminate_cause(enum aaa_logout l)
{
	return (unsigned)l < sizeof(logouts) / sizeof(logouts[0]) ? logouts[l].terminate_cause : 0;
}
