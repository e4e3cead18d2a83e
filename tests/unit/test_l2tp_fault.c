/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * l2tp/fault: every terminate reason that names a message and a fault is what that fault in that message leads to. The
 * fault is read out of the reason's name, so the table is compared with the vocabulary, not with itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "l2tp/fault.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *word;
	uint16_t type;
} msgs[] = {
	{ "sccrq", 1 }, { "sccrp", 2 }, { "scccn", 3 }, { "stopccn", 4 }, { "ocrq", 7 }, { "ocrp", 8 }, { "occn", 9 },
	{ "icrq", 10 }, { "icrp", 11 }, { "iccn", 12 }, { "cdn", 14 }, { "wen", 15 }, { "sli", 16 }, { "fsq", 21 },
	{ "fsr", 22 }, { "scccp", 2 },
};

/* Faults as the vocabulary words them; a trailing hyphen means that an AVP's name follows. */
static const struct {
	const char *word;
	enum l2tp_fault_kind kind;
} kinds[] = {
	{ "avp-bad-hidden", L2TP_FAULT_BAD_HIDDEN },
	{ "avp-malformed-bad-length", L2TP_FAULT_BAD_LENGTH },
	{ "avp-malformed-truncated", L2TP_FAULT_TRUNCATED },
	{ "avp-missing-random-vector", L2TP_FAULT_MISSING_RANDOM_VECTOR },
	{ "avp-missing-secret", L2TP_FAULT_MISSING_SECRET },
	{ "avp-unknown", L2TP_FAULT_UNKNOWN_AVP },
	{ "no-resources", L2TP_FAULT_NO_RESOURCES },
	{ "session-id-not-null", L2TP_FAULT_SESSION_ID_NOT_NULL },
	{ "unexpected", L2TP_FAULT_UNEXPECTED_MSG },
	{ "avp-bad-value-unsupported-", L2TP_FAULT_UNSUPPORTED_VALUE },
	{ "avp-bad-value-", L2TP_FAULT_BAD_VALUE },
	{ "avp-missing-mandatory-", L2TP_FAULT_MISSING },
	{ "avp-missing-", L2TP_FAULT_MISSING },
	{ "avp-duplicate-value-", L2TP_FAULT_DUPLICATE_VALUE },
	{ "avp-mismatched-", L2TP_FAULT_MISMATCHED },
	{ "avp-unexpected-", L2TP_FAULT_UNEXPECTED_AVP },
};

static bool after(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

static bool parse_msg(const char **s, uint16_t *type)
{
	*type = 0;
	if (!after(s, "session-rx-") && !after(s, "tunnel-rx-"))
		return false;
	if (after(s, "recovery-"))
		*type = L2TP_MSG_RECOVERY;
	for (size_t i = 0; i < COUNT(msgs); i++) {
		const char *rest = *s;

		if (after(&rest, msgs[i].word) && after(&rest, "-")) {
			*s = rest;
			*type |= msgs[i].type;
			return true;
		}
	}
	return false;
}

static bool parse_avp(const char *word, struct l2tp_fault *f)
{
	const struct l2tp_avp_info *info;

	if (strcmp(word, "challenge-without-secret") == 0)
		word = "challenge";
	for (unsigned i = 0; (info = l2tp_avp_row(i)); i++) {
		if (strcmp(info->name, word) != 0)
			continue;
		f->vendor = info->vendor;
		f->type = info->type;
		return true;
	}
	return false;
}

static bool parse_fault(const char *s, struct l2tp_fault *f)
{
	*f = (struct l2tp_fault){ .type = 9999 };		/* where no AVP is named, any will do */
	for (size_t i = 0; i < COUNT(kinds); i++) {
		const char *rest = s;

		if (!after(&rest, kinds[i].word))
			continue;
		f->kind = kinds[i].kind;
		if (kinds[i].word[strlen(kinds[i].word) - 1] == '-')
			return parse_avp(rest, f);
		if (*rest == '\0')
			return true;
	}
	return false;
}

/* Reasons about something else than a fault in the message: limits, policy, results of authentication. */
static bool not_a_fault(const char *s)
{
	static const char *const other[] = {
		"admin-close", "authenticate-failed-host", "authenticate-failed-challenge", "bad-address", "invalid-ns",
		"no-resources-max-tunnels", "unsupported", "tunnel-id-not-null",
	};

	for (size_t i = 0; i < COUNT(other); i++)
		if (strcmp(s, other[i]) == 0)
			return true;
	return *s == '\0';
}

static void every_reason(void **state)
{
	unsigned faults = 0;

	for (unsigned r = 1; r < L2TP_REASON_COUNT; r++) {
		const char *name = l2tp_reason_name(r), *s = name;
		struct l2tp_fault f;
		uint16_t type;

		if (!parse_msg(&s, &type))
			continue;
		if (!parse_fault(s, &f)) {
			if (!not_a_fault(s))
				fail_msg("%s is not understood", name);
			continue;
		}
		assert_string_equal(l2tp_reason_name(l2tp_fault_reason(type, &f)), name);
		faults++;
	}
	assert_true(faults > 230);
}

static enum l2tp_reason reason(uint16_t msg, enum l2tp_fault_kind kind, uint16_t vendor, uint16_t avp)
{
	return l2tp_fault_reason(msg, &(struct l2tp_fault){ kind, vendor, avp });
}

static void general_reasons(void **state)
{
	assert_int_equal(reason(0, L2TP_FAULT_INDECIPHERABLE, 0, 0),
			 L2TP_REASON_TUNNEL_RX_UNKNOWN_PACKET_MESSAGE_TYPE_INDECIPHERABLE);
	assert_int_equal(reason(17, L2TP_FAULT_UNRECOGNISED, 0, 0),
			 L2TP_REASON_TUNNEL_RX_UNKNOWN_PACKET_MESSAGE_TYPE_UNRECOGNIZED);
	assert_int_equal(reason(L2TP_MSG_RECOVERY | 17, L2TP_FAULT_UNRECOGNISED, 0, 0),
			 L2TP_REASON_TUNNEL_RX_RECOVERY_UNKNOWN_PACKET_MESSAGE_TYPE_UNRECOGNIZED);
	assert_int_equal(reason(17, L2TP_FAULT_IGNORABLE, 0, 0), L2TP_REASON_NONE);
	assert_int_equal(reason(1, L2TP_FAULT_NONE, 0, 0), L2TP_REASON_NONE);
	/* no word for it: nearest */
	assert_int_equal(reason(L2TP_MSG_HELLO, L2TP_FAULT_BAD_LENGTH, 0, 36), L2TP_REASON_TUNNEL_RX_UNEXPECTED_PACKET);
	assert_int_equal(reason(L2TP_MSG_WEN, L2TP_FAULT_BAD_VALUE, 0, 34), L2TP_REASON_SESSION_UNKNOWN_CAUSE);
	assert_int_equal(reason(L2TP_MSG_HELLO, L2TP_FAULT_SESSION_ID_NOT_NULL, 0, 0),
			 L2TP_REASON_SESSION_RX_HELLO_UNEXPECTED);
	/* the vendor is looked at: type 9 of another vendor is not the Assigned Tunnel ID */
	assert_int_equal(reason(1, L2TP_FAULT_BAD_VALUE, 9, 9), L2TP_REASON_TUNNEL_RX_UNEXPECTED_PACKET);
}

/* Whatever the decoder can find in whatever message, there is a reason and a Result Code for it. */
static void every_combination(void **state)
{
	for (uint16_t msg = 0; msg < 40; msg++) {
		for (unsigned kind = 1; kind < L2TP_FAULT_COUNT; kind++) {
			for (uint16_t avp = 0; avp < 100; avp++) {
				struct l2tp_fault f = { kind, 0, avp };
				struct l2tp_cause c;
				char text[128];

				if (kind == L2TP_FAULT_IGNORABLE)
					continue;
				assert_int_not_equal(l2tp_fault_reason(msg, &f), L2TP_REASON_NONE);
				c = l2tp_fault_cause(msg, &f, text, sizeof(text));
				assert_int_not_equal(c.result, 0);
				assert_ptr_equal(c.text, text);
				if (l2tp_fault_ends_call(msg, &f))
					assert_int_equal(c.result, 2);
				if (c.result == 2)
					assert_in_range(c.error, 1, 8);
			}
		}
	}
}

/* RFC 2661 §4.4.2, design.md section 8, interop.md 13 and 15. */
static void causes(void **state)
{
	static const struct {
		uint16_t msg;
		enum l2tp_fault_kind kind;
		uint16_t vendor, avp, result, error;
		const char *text;
	} t[] = {
		{ 1, L2TP_FAULT_BAD_LENGTH, 0, 3, 2, 2, "SCCRQ: malformed-bad-length framing-capabilities (AVP 0/3)" },
		{ 10, L2TP_FAULT_TRUNCATED, 0, 22, 2, 2, "ICRQ: malformed-truncated calling-number (AVP 0/22)" },
		{ 1, L2TP_FAULT_BAD_VALUE, 0, 4, 2, 3, "SCCRQ: bad-value bearer-capabilities (AVP 0/4)" },
		{ 10, L2TP_FAULT_NO_RESOURCES, 0, 4, 2, 4, "ICRQ: no-resources" },
		{ 11, L2TP_FAULT_DUPLICATE_VALUE, 0, 14, 2, 5, "ICRP: duplicate-value assigned-session-id (AVP 0/14)" },
		{ 1, L2TP_FAULT_DUPLICATE_VALUE, 0, 9, 3, 0, "SCCRQ: duplicate-value assigned-tunnel-id (AVP 0/9)" },
		{ 1, L2TP_FAULT_MISSING, 0, 7, 2, 6, "SCCRQ: missing-mandatory host-name (AVP 0/7)" },
		{ 10, L2TP_FAULT_UNKNOWN_AVP, 4242, 9, 2, 8, "ICRQ: unknown AVP (AVP 4242/9)" },
		{ 3, L2TP_FAULT_UNKNOWN_AVP, 0, 99, 2, 8, "SCCCN: unknown AVP (AVP 0/99)" },
		{ 1, L2TP_FAULT_BAD_VALUE, 0, 2, 5, 0x0100, "SCCRQ: bad-value protocol-version (AVP 0/2)" },
		{ 2, L2TP_FAULT_BAD_VALUE, 0, 13, 4, 0, "SCCRP: bad-value challenge-response (AVP 0/13)" },
		{ 3, L2TP_FAULT_MISSING, 0, 13, 4, 0, "SCCCN: missing-mandatory challenge-response (AVP 0/13)" },
		{ 1, L2TP_FAULT_UNEXPECTED_AVP, 0, 11, 4, 0, "SCCRQ: unexpected challenge (AVP 0/11)" },
		{ 3, L2TP_FAULT_UNEXPECTED_MSG, 0, 0, 7, 0, "SCCCN: unexpected-message" },
		{ 12, L2TP_FAULT_UNEXPECTED_MSG, 0, 0, 2, 6, "ICCN: unexpected-message" },
		{ 4, L2TP_FAULT_SESSION_ID_NOT_NULL, 0, 0, 2, 5, "StopCCN: session-id-not-null" },
		{ 17, L2TP_FAULT_UNRECOGNISED, 0, 0, 2, 3, "?: message-type-unrecognised message-type (AVP 0/0)" },
		{ 12, L2TP_FAULT_UNSUPPORTED_VALUE, 0, 29, 2, 3,
		  "ICCN: bad-value-unsupported proxy-authen-type (AVP 0/29)" },
		{ L2TP_MSG_RECOVERY | 1, L2TP_FAULT_MISSING, 0, 77, 2, 6,
		  "SCCRQ: missing-mandatory tunnel-recovery (AVP 0/77)" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct l2tp_fault f = { t[i].kind, t[i].vendor, t[i].avp };
		char text[128];
		struct l2tp_cause c = l2tp_fault_cause(t[i].msg, &f, text, sizeof(text));

		assert_int_equal(c.result, t[i].result);
		assert_int_equal(c.error, t[i].error);
		assert_string_equal(c.text, t[i].text);
	}
}

static void no_cause(void **state)
{
	struct l2tp_fault f = { L2TP_FAULT_NONE, 0, 0 };
	char text[4];

	assert_int_equal(l2tp_fault_cause(1, &f, text, sizeof(text)).result, 0);
	f.kind = L2TP_FAULT_IGNORABLE;
	assert_int_equal(l2tp_fault_cause(1, &f, text, sizeof(text)).result, 0);
	f.kind = L2TP_FAULT_BAD_LENGTH;
	assert_string_equal(l2tp_fault_cause(1, &f, text, sizeof(text)).text, "SCC");
	assert_null(l2tp_fault_cause(1, &f, NULL, 0).text);
}

/* interop.md 13: a session's message ends the session, a tunnel's the tunnel; an unknown type the tunnel. */
static void who_ends(void **state)
{
	struct l2tp_fault f = { L2TP_FAULT_UNKNOWN_AVP, 0, 99 };

	for (uint16_t msg = 1; msg <= 16; msg++)
		assert_int_equal(l2tp_fault_ends_call(msg, &f), msg >= 7 && msg != 13);
	assert_false(l2tp_fault_ends_call(L2TP_MSG_FSQ, &f));
	f.kind = L2TP_FAULT_UNRECOGNISED;
	assert_false(l2tp_fault_ends_call(13, &f));
	assert_false(l2tp_fault_ends_call(200, &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason), cmocka_unit_test(general_reasons), cmocka_unit_test(every_combination),
		cmocka_unit_test(causes), cmocka_unit_test(no_cause), cmocka_unit_test(who_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
