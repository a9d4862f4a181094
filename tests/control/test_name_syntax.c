/* SPDX-License-Identifier: BSD-3-Clause */
/* control/command/name_syntax.c, control/command/name_pattern.c */
#include "tests/control/support.h"

#include "control/command/name_pattern.h"
#include "control/command/name_syntax.h"

#include <stdlib.h>
#include <string.h>

static const char *broken(const char *name)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	struct failure failure;

	if (presentation_parse_name(name, wire, &failure) < 0)
		fail_msg("%s", failure.text);
	return name_syntax_broken(wire);
}

static void host_names_break_no_rule(void **state)
{
	static const char *const names[] = {"a", "host.example.net", "3com.example.", "A-1.b-2.C",
		"1.2.3.4.example.", "xn--bcher-kva.example", "a.1a"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(broken(names[i]));
}

static void others_break_the_rule_that_is_named(void **state)
{
	static const char *const names[][2] = {{"_sip.example.", "underscore"},
		{"a.b_c.example.", "underscore"}, {"-a.example.", "hyphen"},
		{"a-.example.", "hyphen"}, {"a.-.example.", "hyphen"}, {"*.example.", "no letter"},
		{"a\\.b.example.", "no letter"}, {"\\195\\169.example.", "no letter"},
		{"192.0.2.1", "digits alone"}, {"a.123", "digits alone"}};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *rule = broken(names[i][0]);

		if (!rule || !strstr(rule, names[i][1]))
			fail_msg("%s: %s", names[i][0], rule ? rule : "nothing broken");
	}
	assert_non_null(strstr(name_syntax_broken((const uint8_t *)""), "root"));
}

static bool matches(const char *text, const char *name)
{
	uint8_t wire[WIRE_NAME_MAX_BYTES];
	struct name_pattern pattern;
	struct failure failure;

	assert_int_equal(name_pattern_parse(text, &pattern, &failure), 0);
	assert_true(presentation_parse_name(name, wire, &failure) > 0);
	return name_pattern_matches(&pattern, wire);
}

static void patterns_match_whole_names_without_case(void **state)
{
	(void)state;
	assert_true(matches("host.example.net", "HOST.Example.NET."));
	assert_true(matches("HOST.example.net.", "host.example.net"));
	assert_true(matches("*", "a"));
	assert_true(matches("*.example.net", "a.b.example.net"));
	assert_true(matches("a*.net", "a.net"));
	assert_true(matches("h??t.*", "host.example"));
	assert_true(matches("*a*b*", "xxaxxbxx"));
	assert_true(matches("*ab", "aab.ab"));
	assert_true(matches("**", "a"));
	assert_false(matches("*.example.net", "example.net"));
	assert_false(matches("host", "host.example"));
	assert_false(matches("host.example", "host"));
	assert_false(matches("?", "ab"));
	assert_false(matches("a*c", "ab"));
	assert_false(matches("*a", "ab"));
}

/* The plain definition: a star is any number of octets, tried one by one. */
static bool matches_plainly(const char *pattern, const char *name)
{
	if (*pattern == '\0')
		return *name == '\0';
	if (*pattern == '*')
		return matches_plainly(pattern + 1, name) ||
			(*name != '\0' && matches_plainly(pattern, name + 1));
	return *name != '\0' && (*pattern == '?' || *pattern == *name) &&
		matches_plainly(pattern + 1, name + 1);
}

static void patterns_match_as_their_definition(void **state)
{
	static const char of_pattern[] = "ab*?", of_name[] = "ab";
	unsigned hits = 0;

	(void)state;
	srand(11);
	for (unsigned i = 0; i < 100000; i++) {
		char pattern[9] = "", name[9] = "";
		unsigned pattern_bytes = 1 + (unsigned)rand() % 8;
		unsigned name_bytes = 1 + (unsigned)rand() % 8;

		for (unsigned at = 0; at < pattern_bytes; at++)
			pattern[at] = of_pattern[rand() % 4];
		for (unsigned at = 0; at < name_bytes; at++)
			name[at] = of_name[rand() % 2];
		if (matches(pattern, name) != matches_plainly(pattern, name))
			fail_msg("%s %s", pattern, name);
		hits += matches_plainly(pattern, name);
	}
	assert_in_range(hits, 10000, 90000);
}

static void bad_patterns_are_refused(void **state)
{
	struct name_pattern pattern;
	struct failure failure;
	char text[300];

	(void)state;
	assert_int_equal(name_pattern_parse("", &pattern, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "at least one character");
	memset(text, '*', sizeof(text));
	text[256] = '\0';
	assert_int_equal(name_pattern_parse(text, &pattern, &failure), -1);
	assert_failure(&failure, FAILURE_INVALID, "longer than any name");
	text[255] = '.'; /* a final dot is not counted */
	assert_int_equal(name_pattern_parse(text, &pattern, &failure), 0);
	assert_int_equal(pattern.bytes, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_names_break_no_rule),
		cmocka_unit_test(others_break_the_rule_that_is_named),
		cmocka_unit_test(patterns_match_whole_names_without_case),
		cmocka_unit_test(patterns_match_as_their_definition),
		cmocka_unit_test(bad_patterns_are_refused),
	};

	return cmocka_run_group_tests_name("name_syntax", tests, NULL, NULL);
}
