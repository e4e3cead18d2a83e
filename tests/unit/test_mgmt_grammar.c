/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar engine on a small table of its own: matching, abbreviations, ranges, `no`, carets, help, completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mgmt/grammar.h"

enum { OUTER, INNER, MODES };
enum { N_FRUIT = 1 };

static const struct gr_choice colours[] = {
	{ "red", "Red", 1 }, { "green", "Green", 2 }, { "grey", "Grey", 3 }, { 0 },
};

static const struct gr_type types[] = {
	{ "ipv4", GR_IPV4 },
	{ "mask", GR_MASK },
	{ "fruit", GR_NAME, 1, 8, .names = N_FRUIT },
	{ "colour", GR_ENUM, .choices = colours },
	{ "obj", GR_OBJECT, .max = 3 },
	{ "line", GR_LINE },
	{ 0 },
};

static const struct gr_cmd table[] = {
	{ "show list", "Display|A list", OUTER, GR_JSON },
	{ "show light", "Display|A light", OUTER },
	{ "show l", "Display|An l", OUTER },
	{ "show", "Display", OUTER },
	{ "set mru <mru:64-65535>", "Set|MRU|Octets", OUTER, GR_NO },
	{ "set colour <c:colour>+", "Set|Colours|Colour", OUTER, GR_NO },
	{ "set host {default|<name:fruit>}", "Set|Host|Any|Name", OUTER, GR_NO,
	  "set host {default|<name:fruit>}" },
	{ "set address <a:ipv4> <m:mask>", "Set|Address|Address|Mask", OUTER },
	{ "clear {all|<name:obj>}", "Clear|All|One", OUTER },
	{ "count [detail] [from <a:1-10> [to <b:1-10>]|by <f:fruit>]",
	  "Count|Much|Begin|First|End|Last|By|Fruit", OUTER },
	{ "do <rest:line>", "Do|What", OUTER },
	{ "peel <f:fruit>", "Peel|Fruit", INNER, GR_NO },
	{ "set depth <d:0-9>", "Set|Depth|Centimetres", INNER },
	{ 0 },
};

static struct grammar *g;
static struct lex l;
static struct gr_match m;
static struct gr_error e;

static int setup(void **state)
{
	static const struct gr_cmd *const tables[] = { table, NULL };
	char why[128];

	g = gr_new(tables, types, MODES, why);
	if (!g)
		fprintf(stderr, "%s\n", why);
	return g ? 0 : -1;
}

static int teardown(void **state)
{
	gr_free(g);
	return 0;
}

static bool try_in(unsigned mode, const char *line)
{
	lex_line(&l, line, strlen(line));
	return gr_match(g, mode, &l, &m, &e);
}

static bool try(const char *line)
{
	return try_in(OUTER, line);
}

static void refused(const char *line, unsigned col, const char *text)
{
	if (try(line))
		fail_msg("accepted: %s", line);
	assert_string_equal(e.text, text);
	assert_int_equal(e.col, col);
}

static void matches_and_abbreviates(void **state)
{
	assert_true(try("show list"));
	assert_string_equal(m.cmd->pattern, "show list");
	assert_false(m.abbreviated);
	assert_true(try("  sho lis"));
	assert_string_equal(m.cmd->pattern, "show list");
	assert_true(m.abbreviated);
	assert_true(try("show l"));		/* an exact keyword wins over list and light */
	assert_string_equal(m.cmd->pattern, "show l");
	assert_true(try("sh"));
	assert_string_equal(m.cmd->pattern, "show");
}

static void faults_and_carets(void **state)
{
	refused("sh li", 3, "Ambiguous command: \"sh li\"");
	refused("shaw list", 0, "Unknown command");
	refused("show nothing", 5, "Unknown command");
	refused("set mru", 7, "Incomplete command");
	refused("set mru 63", 8, "Value out of range (64-65535)");
	refused("set mru 99999999999999999999999", 8, "Value out of range (64-65535)");
	refused("set mru abc", 8, "Not a number (64-65535)");
	refused("set mru 100 200", 12, "Too many words");
	refused("set host pineapples", 9, "Too long (at most 8 octets)");
	refused("set host \"\"", 9, "Empty name");
	refused("set host \"fig", 9, "Missing closing quote");
	refused("set host \"fi\\q\"", 12, "Unknown escape: use \\\\, \\\" or \\xHH");
	refused("set address 1.2.3.999 255.0.0.0", 12, "Not an IPv4 address");
	refused("set address 1.2.3.4 255.0.255.0", 20, "Not a network mask");
	refused("clear 1/2", 6, "Not a name of the form D/T/S");
	refused("clear some", 6, "Unknown command");
	refused("set colour gre", 11, "Ambiguous command: \"set colour gre\"");
	refused("set colour pink", 11, "Unknown command");
	refused("set mru 100 \x01", 12, "Control character in the line");
}

static void values(void **state)
{
	assert_true(try("set mru 1442"));
	assert_int_equal(gr_value(&m, "mru")->num, 1442);
	assert_true(try("set colour red gree"));
	assert_int_equal(m.n, 2);
	assert_int_equal(m.v[1].num, 2);
	assert_true(try("set address 10.1.2.3 255.255.240.0"));
	assert_int_equal(ip4_num(&gr_value(&m, "a")->ip), 0x0a010203);
	assert_int_equal(gr_value(&m, "m")->prefix_len, 20);
	assert_true(try("clear 3/20/65536"));
	assert_int_equal(gr_value(&m, "name")->obj[2], 65536);
	assert_true(try("do show  list | json"));
	assert_string_equal(gr_str(&m, "rest"), "show  list | json");
}

static void quotes(void **state)
{
	assert_true(try("set host \"a b\\\"\\\\\\x41\""));
	assert_string_equal(gr_str(&m, "name"), "a b\"\\A");
	assert_true(try("set host \"default\""));	/* quoted: a name */
	assert_string_equal(gr_str(&m, "name"), "default");
	assert_true(try("set host default"));
	assert_null(gr_str(&m, "name"));
	assert_true(gr_has(&m, "default"));
	assert_true(try("set host def"));		/* a name that fits goes before an abbreviation */
	assert_string_equal(gr_str(&m, "name"), "def");
	assert_true(try("set host a\\b"));
	assert_string_equal(gr_str(&m, "name"), "a\\b");
}

static void optional_parts(void **state)
{
	assert_true(try("count"));
	assert_true(try("count detail"));
	assert_true(try("count from 3"));
	assert_true(try("count detail from 3 to 7"));
	assert_int_equal(gr_value(&m, "b")->num, 7);
	assert_true(try("count by fig"));
	refused("count from 3 detail", 13, "Unknown command");
	refused("count detail to 7", 13, "Unknown command");
}

static void no_forms(void **state)
{
	assert_true(try("no set mru"));
	assert_true(m.no);
	assert_int_equal(m.n, 0);
	assert_true(try("no set mru 1442"));
	assert_true(m.no);
	assert_true(try("no set host default"));
	refused("no set host", 11, "Incomplete command");
	refused("no show list", 3, "Unknown command");
}

static void comments_and_blanks(void **state)
{
	assert_true(lex_line(&l, "  ! a comment", 13));
	assert_true(l.comment);
	assert_true(lex_line(&l, "# another", 9));
	assert_true(l.comment);
	assert_true(lex_line(&l, " \tx", 3));
	assert_int_equal(l.indent, 8);
	assert_int_equal(l.word[0].col, 2);
}

/* ---- help and completion ---- */

static struct out o;

static const char *text(void)
{
	return o.p ? o.p : "";
}

static void fruits(void *ctx, unsigned names, const struct gr_match *so_far, gr_offer_fn *offer, void *octx)
{
	static const char *const known[] = { "fig", "fir apple", "plum" };

	for (unsigned i = 0; names == N_FRUIT && i < 3; i++)
		offer(octx, known[i]);
}

static struct gr_view view(unsigned inner)
{
	static const unsigned chain[] = { INNER, OUTER };
	static const char *const titles[] = { "Inner", "Outer" };

	return (struct gr_view){ inner ? chain : chain + 1, inner ? titles : titles + 1, inner ? 2 : 1, fruits, NULL };
}

static void help(unsigned inner, const char *line)
{
	struct gr_view v = view(inner);

	out_reset(&o);
	lex_line(&l, line, strlen(line));
	gr_help(g, &v, &l, &o);
}

static void complete(unsigned inner, const char *line)
{
	struct gr_view v = view(inner);

	out_reset(&o);
	lex_line(&l, line, strlen(line));
	gr_complete(g, &v, &l, &o);
}

static void helps(void **state)
{
	help(0, "show ");
	assert_string_equal(text(), "  l                     An l\n"
				    "  light                 A light\n"
				    "  list                  A list\n"
				    "  <cr>                  Enter: as it stands\n");
	help(0, "show li");
	assert_string_equal(text(), "  light                 A light\n"
				    "  list                  A list\n");
	help(0, "show list ");
	assert_string_equal(text(), "  | json                As JSON: one object a line\n"
				    "  <cr>                  Enter: as it stands\n");
	help(0, "set mru ");
	assert_string_equal(text(), "  <64-65535>            Octets\n");
	help(0, "set colour g");
	assert_string_equal(text(), "  green                 Green\n  grey                  Grey\n");
	help(0, "set x ");
	assert_string_equal(text(), "set x \n    ^\n% Unknown command\n");
	out_fini(&o);
}

static void helps_outwards(void **state)
{
	help(1, "set ");
	assert_string_equal(text(), "  depth                 Depth\n"
				    "Outer:\n"
				    "  address               Address\n"
				    "  colour                Colours\n"
				    "  host                  Host\n"
				    "  mru                   MRU\n");
	help(1, "s");
	assert_string_equal(text(), "  set                   Set\n"
				    "Outer:\n"
				    "  set                   Set (looked up in the inner mode first)\n"
				    "  show                  Display\n");
	out_fini(&o);
}

static void completes(void **state)
{
	complete(0, "sh");
	assert_string_equal(text(), "show\n");
	complete(0, "show li");
	assert_string_equal(text(), "list\nlight\n");
	complete(0, "set host ");
	assert_string_equal(text(), "default\nfig\n\"fir apple\"\nplum\n");
	complete(0, "set host f");
	assert_string_equal(text(), "fig\n\"fir apple\"\n");
	complete(0, "set host \"fi");
	assert_string_equal(text(), "\"fig\"\n\"fir apple\"\n");
	complete(1, "se");
	assert_string_equal(text(), "set\n");
	complete(1, "no ");
	assert_string_equal(text(), "peel\nset\n");
	complete(0, "bogus ");
	assert_string_equal(text(), "");
	out_fini(&o);
}

static void caret_under_odd_lines(void **state)
{
	const char *line = "\tset host \"\xc3\xa9\" x";

	assert_false(try(line));
	out_reset(&o);
	gr_error_show(&o, line, strlen(line), &e);
	assert_string_equal(text(), "\tset host \"\xc3\xa9\" x\n\t             ^\n% Too many words\n");
	out_fini(&o);
}

static void faulty_tables(void **state)
{
	static const struct { struct gr_cmd cmd[2]; const char *why; } faulty[] = {
		{ { { "a b", "A", OUTER }, { 0 } }, "a b: a word lacks its help" },
		{ { { "a", "A|B", OUTER }, { 0 } }, "a: more help than words" },
		{ { { "a [b", "A|B", OUTER }, { 0 } }, "a [b: unbalanced brackets" },
		{ { { "a <x:nosuch>", "A|B", OUTER }, { 0 } }, "a <x:nosuch>: unknown type" },
	};
	char why[128];

	for (unsigned i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
		const struct gr_cmd *const tables[] = { faulty[i].cmd, NULL };

		assert_null(gr_new(tables, types, MODES, why));
		assert_string_equal(why, faulty[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_and_abbreviates),
		cmocka_unit_test(faults_and_carets),
		cmocka_unit_test(values),
		cmocka_unit_test(quotes),
		cmocka_unit_test(optional_parts),
		cmocka_unit_test(no_forms),
		cmocka_unit_test(comments_and_blanks),
		cmocka_unit_test(helps),
		cmocka_unit_test(helps_outwards),
		cmocka_unit_test(completes),
		cmocka_unit_test(caret_under_odd_lines),
		cmocka_unit_test(faulty_tables),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
