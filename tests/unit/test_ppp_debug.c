/* SPDX-License-Identifier: BSD-2-Clause */
/* One line a control frame, and no secret in it. */
#include "ppp_solo.h"

static void check(const char *hex, const char *want)
{
	uint8_t frame[256];
	char line[512];
	size_t len = ppp_debug_line(frame, unhex(hex, frame, NULL), line, sizeof(line));

	assert_string_equal(line, want);
	assert_int_equal(len, strlen(want));
}

static void test_lines(void **state)
{
	check("c021 01 05 0017 0104 05d4 0305 c22305 0506 01020304 0702 0802",
	      "lcp Configure-Request id=5 mru=1492 auth=chap magic=0x01020304 pfc acfc");
	check("c021 04 05 000d 0d03 06 1104 05dc 0103", "lcp Configure-Reject id=5 option-13(1) mrru=1500 malformed");
	check("c021 04 05 000e 0d03 06 1104 05dc 0103", "lcp malformed");
	check("c021 04 05 000e 0d03 06 1104 05dc 0103 05",
	      "lcp Configure-Reject id=5 option-13(1) mrru=1500 option-1(1)");
	check("c021 08 06 000a 80fd 01010004", "lcp Protocol-Reject id=6 protocol=0x80fd");
	check("c021 09 06 0008 00000001", "lcp Echo-Request id=6 magic=0x00000001");
	check("c021 4d 06 0004", "lcp code-77 id=6");
	check("8021 03 02 0010 0306 0a400001 8106 09090909", "ipcp Configure-Nak id=2 address=10.64.0.1 dns1=9.9.9.9");
	check("8057 01 02 000e 010a 0200000000000001",
	      "ipv6cp Configure-Request id=2 interface-id=0200:0000:0000:0001");
	check("80fd 01 02 0006 1200", "ccp Configure-Request id=2 malformed");
	check("0021 4500", "ip length=2");
	check("c0", "short frame");
	check("", "short frame");
}

static void test_secrets(void **state)
{
	check("c023 01 01 000e 03626f62 0568656c6c6f", "pap Authenticate-Request id=1 name=\"bob\" password=***");
	check("c023 03 01 0008 03 6e6f22", "pap Authenticate-Nak id=1 message=\"no\\\"\"");
	check("c223 02 01 0008 02 4142 0a", "chap Response id=1 name=\"\\x0a\" value=***(2)");
	check("c223 03 01 0008 533d3431", "chap Success id=1");
}

static void test_small_buffer(void **state)
{
	uint8_t frame[64];
	size_t len = unhex("c021 01 05 0017 0104 05d4 0305 c22305 0506 01020304 0702 0802", frame, NULL);
	char line[80];

	for (size_t cap = 0; cap < sizeof(line); cap++) {
		memset(line, 'x', sizeof(line));
		size_t n = ppp_debug_line(frame, len, line, cap);

		assert_true(cap == 0 || n < cap);
		assert_int_equal(line[cap], 'x');
		if (cap)
			assert_int_equal(strlen(line), n);
	}
}

static void test_every_counter_has_a_name(void **state)
{
	unsigned i = 0;

	while (ppp_counter_name(i))
		i++;
	assert_int_equal(i, PPP_COUNT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_every_counter_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
