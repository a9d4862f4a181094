/* SPDX-License-Identifier: BSD-3-Clause */
/* control/zonefile/zonefile_scan.c: where $INCLUDE stands, however the text is cut. */
#include "tests/control/support.h"

#include "control/zonefile/zonefile_scan.h"

#include <stdio.h>
#include <string.h>

/* What the sink was told: text as it is, directives in < and >, refusals in { and }. */
struct told {
	size_t used;
	char text[40000];
};

static int take_text(void *context, const char *text, size_t bytes)
{
	struct told *told = context;

	assert_true(bytes > 0 && bytes < sizeof(told->text) - told->used);
	memcpy(told->text + told->used, text, bytes);
	told->used += bytes;
	return 0;
}

static int take_include(void *context, const char *file, const char *origin)
{
	struct told *told = context;

	told->used += (size_t)snprintf(told->text + told->used, sizeof(told->text) - told->used,
		"<%s|%s>", file, origin == NULL ? "" : origin);
	return 0;
}

static int take_refusal(void *context, uint64_t line, const char *rule)
{
	struct told *told = context;

	told->used += (size_t)snprintf(told->text + told->used, sizeof(told->text) - told->used,
		"{%d %s}", (int)line, rule);
	return 7;
}

static int scan(const char *text, size_t bytes, size_t piece, struct told *told)
{
	const struct zonefile_scan_sink sink = {take_text, take_include, take_refusal, told};
	struct zonefile_scan scanner;
	int result = 0;

	*told = (struct told){0};
	zonefile_scan_init(&scanner, &sink);
	for (size_t fed = 0; fed < bytes && result == 0; fed += piece)
		result = zonefile_scan_feed(
			&scanner, text + fed, bytes - fed < piece ? bytes - fed : piece);
	if (result == 0)
		result = zonefile_scan_finish(&scanner);
	told->text[told->used] = '\0';
	return result;
}

static void expect(const char *text, int result, const char *expected)
{
	static const size_t pieces[] = {SIZE_MAX / 2, 7, 3, 1};
	static struct told told;

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(scan(text, strlen(text), pieces[i], &told), result);
		assert_string_equal(told.text, expected);
	}
}

static void as_it_is(const char *text)
{
	expect(text, 0, text);
}

static void directives_are_taken_out(void **state)
{
	(void)state;
	expect("$INCLUDE a\n", 0, "<a|>\n");
	expect("$INCLUDE a", 0, "<a|>");
	expect("a\n$include\t/b/c  d.e. ; f\r\ng", 0, "a\n</b/c|d.e.>\ng");
	expect("$INCLUDE a\n$INCLUDE b\n\n$INCLUDE c x;\n", 0, "<a|>\n<b|>\n\n<c|x>\n");
	expect("$INCLUDE \"a b;\\\"c\"d\\;e\n", 0, "<a b;\"c|d\\;e>\n");
	expect("$INCLUDE a\\ b\\;c\n", 0, "<a b;c|>\n");
	expect("\xef\xbb\xbf$INCLUDE a\n", 0, "<a|>\n");
	expect("\xef\xbb\xbf"
	       "b\n",
		0, "b\n");
	expect("a (\n)\n$INCLUDE a\n", 0, "a (\n)\n<a|>\n");
	expect("a \"(\" \\( ; (\n$INCLUDE a\n", 0, "a \"(\" \\( ; (\n<a|>\n");
}

static void what_is_none_is_left_alone(void **state)
{
	(void)state;
	as_it_is("");
	as_it_is("$ORIGIN a\n$IN\n$I\n$INCLUDED a\n$");
	as_it_is("$INCLUD");
	as_it_is("$INCLUDE");
	as_it_is(" $INCLUDE a\n;$INCLUDE a\na $INCLUDE a\n\"$INCLUDE\" a\n");
	as_it_is("a (\n$INCLUDE b\n) c\n");
	as_it_is("a \"(\" ( \")\"\n$INCLUDE b\n");
	as_it_is("\xef\xbb$INCLUDE a\n");
	as_it_is("a\n\xef\xbb\xbf\n");
}

static void a_bad_directive_is_refused(void **state)
{
	static char text[20000];

	(void)state;
	expect("a\n$INCLUDE\n", 7, "a\n{2 $INCLUDE takes a file's name, and an origin if need be}");
	expect("$INCLUDE ; a\n", 7, "{1 $INCLUDE takes a file's name, and an origin if need be}");
	expect("$INCLUDE \"\"\n", 7, "{1 $INCLUDE takes a file's name, and an origin if need be}");
	expect("$INCLUDE \"a\n", 7, "{1 a quote is not closed before the line ends}");
	expect("$INCLUDE a b c\n", 7,
		"{1 $INCLUDE takes no more than a file's name and an origin}");
	expect("$INCLUDE ( a )\n", 7, "{1 $INCLUDE stands on one line, without parentheses}");
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "$INCLUDE ", 9);
	expect(text, 7, "{1 the $INCLUDE is too long}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directives_are_taken_out),
		cmocka_unit_test(what_is_none_is_left_alone),
		cmocka_unit_test(a_bad_directive_is_refused),
	};

	return cmocka_run_group_tests_name("zonefile_scan", tests, NULL, NULL);
}
