/* SPDX-License-Identifier: BSD-3-Clause */
/* import.*: formats, modes, dry runs and diffs, over the protocol. */
#include "tests/control/import_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *begin_params(const char *format, const char *mode, const char *zone)
{
	return json_pack("{s:s, s:s*, s:s*}", "format", format, "mode", mode, "zone", zone);
}

static json_t *of_import(json_int_t number)
{
	return json_pack("{s:I}", "import", number);
}

static json_t *show(const char *address)
{
	return ask("ptr.show", json_pack("{s:s}", "address", address));
}

static void check_name(const char *address, const char *name)
{
	json_t *reply = show(address);
	json_t *names = json_object_get(json_object_get(reply, "result"), "names");

	if (!name)
		assert_null(names);
	else
		assert_string_equal(json_string_value(json_array_get(names, 0)), name);
	json_decref(reply);
}

static uint64_t sequence(void)
{
	return store_sequence(backend.store);
}

/* ---- The same records through every format ---- */

/* A text of `count` addresses and its length in `format`; for free(). */
static char *write_file(const char *format, unsigned count)
{
	char *text = malloc(128 + count * 96), *at = text;

	if (strcmp(format, "zone") == 0)
		at += sprintf(at, "$TTL 60\n@ SOA ns1.example. h.example. 5 1 2 3 4\n@ NS a.\n");
	else
		*at = '\0';
	for (unsigned i = 0; i < count; i++) {
		unsigned n = (i * 7919) % count; /* in no order */

		if (strcmp(format, "zone") == 0)
			at += sprintf(at, "%u.%u.0 PTR h%u.example.\n%u.%u.0 PTR Also.example.\n",
				n & 255, n >> 8, n, n & 255, n >> 8);
		else if (strcmp(format, "csv") == 0)
			at += sprintf(at,
				"10.0.%u.%u,h%u.example.,60\n10.0.%u.%u,Also.example,60\n", n >> 8,
				n & 255, n, n >> 8, n & 255);
		else
			at += sprintf(at,
				"{\"address\":\"10.0.%u.%u\",\"names\":[\"h%u.example\","
				"\"Also.example.\"],\"ttl\":60}\n",
				n >> 8, n & 255, n);
	}
	return text;
}

/* The lines of the zone's export that have a PTR. */
static char *exported(void)
{
	char *text = list_text("zone.export", json_pack("{s:s}", "zone", "10.0.0.0/8"));
	char *ptrs = calloc(1, strlen(text) + 1), *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		if (strstr(line, "\tPTR "))
			strcat(strcat(ptrs, line), "\n");
	free(text);
	return ptrs;
}

static void all_formats_say_the_same(void **state)
{
	static const char *const formats[] = {"zone", "csv", "ndjson"};
	char *texts[3], *file;

	for (unsigned i = 0; i < 3; i++) {
		bool is_zone = i == 0;

		must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "10.0.0.0/8")));
		file = write_file(formats[i], 1500);
		must_succeed(import_all(
			begin_params(formats[i], NULL, is_zone ? "10.0.0.0/8" : NULL), file));
		free(file);
		texts[i] = exported();
		must_succeed(ask("zone.remove", json_pack("{s:s}", "zone", "10.0.0.0/8")));
	}
	assert_true(strlen(texts[0]) > 1500 * 2 * 30);
	assert_string_equal(texts[1], texts[0]);
	assert_string_equal(texts[2], texts[0]);
	for (unsigned i = 0; i < 3; i++)
		free(texts[i]);
	(void)state;
}

/* ---- Dry run, diff, abort ---- */

static void a_dry_run_changes_nothing_and_may_be_followed_by_the_commit(void **state)
{
	json_int_t number;
	json_t *reply;

	(void)state;
	add_zone();
	number = import_send(begin_params("csv", NULL, NULL), "192.0.2.7,a.\n192.0.2.8,b.\n");
	for (unsigned round = 0; round < 2; round++) {
		reply = ask(
			"import.commit", json_pack("{s:I, s:b}", "import", number, "dry_run", 1));
		assert_int_equal(number_of(reply, "added"), 2);
		assert_int_equal(number_of(reply, "seq"), 1);
		assert_true(
			json_is_true(json_object_get(json_object_get(reply, "result"), "dry_run")));
		json_decref(reply);
		assert_int_equal(sequence(), 1);
		check_name("192.0.2.7", NULL);
	}
	must_fail(ask("import.data", json_pack("{s:I, s:s}", "import", number, "text", "x")),
		"invalid", "has ended");
	reply = ask("import.commit", of_import(number));
	assert_int_equal(number_of(reply, "added"), 2);
	assert_int_equal(number_of(reply, "seq"), 2);
	json_decref(reply);
	check_name("192.0.2.7", "a.");
	must_fail(ask("import.commit", of_import(number)), "not-found", "there is no import");
	assert_int_equal(backend.command.imports, 0);
}

static void a_diff_is_what_the_commit_does(void **state)
{
	json_t *reply, *rows;
	json_int_t number;
	char *text;

	(void)state;
	add_zone();
	must_succeed(import_all(begin_params("csv", NULL, NULL),
		"192.0.2.1,one.,60,text\n192.0.2.2,two.,60\n192.0.2.3,three.,60\n"));
	number = import_send(begin_params("csv", "replace", "192.0.2.0/24"),
		"192.0.2.2,two.,60\n192.0.2.3,drei.,60,,,k=v\n192.0.2.4,four.,60\n");
	reply = ask("import.diff", of_import(number));
	rows = json_object_get(reply, "result");
	text = json_dumps(rows, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text,
		"[{\"address\":\"192.0.2.1\",\"after\":null,\"before\":{\"description\":\"text\","
		"\"names\":[\"one.\"],\"ttl\":60},\"type\":\"PTR\"},"
		"{\"address\":\"192.0.2.3\",\"after\":{\"names\":[\"drei.\"],\"tags\":{\"k\":\"v\"}"
		","
		"\"ttl\":60},\"before\":{\"names\":[\"three.\"],\"ttl\":60},\"type\":\"PTR\"},"
		"{\"address\":\"192.0.2.4\",\"after\":{\"names\":[\"four.\"],\"ttl\":60},"
		"\"before\":null,\"type\":\"PTR\"}]");
	free(text);
	json_decref(reply);
	reply = ask("import.commit", of_import(number));
	assert_int_equal(number_of(reply, "added"), 1);
	assert_int_equal(number_of(reply, "changed"), 1);
	assert_int_equal(number_of(reply, "removed"), 1);
	assert_int_equal(number_of(reply, "unchanged"), 1);
	json_decref(reply);
	check_name("192.0.2.1", NULL);
	check_name("192.0.2.3", "drei.");
}

static void a_diff_of_a_zone_file_has_all_types(void **state)
{
	json_int_t number = import_send(begin_params("zone", NULL, "192.0.2.0/24"),
		"$TTL 60\n@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.\nx TXT \"a b\" c\n");
	json_t *reply = ask("import.diff", of_import(number));
	char *text = json_dumps(json_object_get(reply, "result"), JSON_COMPACT | JSON_SORT_KEYS);

	(void)state;
	assert_string_equal(text,
		"[{\"after\":{\"data\":[\"ns.example.\"],\"ttl\":60},\"before\":null,"
		"\"owner\":\"2.0.192.in-addr.arpa.\",\"type\":\"NS\"},"
		"{\"after\":{\"data\":[\"\\\"a b\\\" \\\"c\\\"\"],\"ttl\":60},\"before\":null,"
		"\"owner\":\"x.2.0.192.in-addr.arpa.\",\"type\":\"TXT\"}]");
	free(text);
	json_decref(reply);
	must_succeed(ask("import.abort", of_import(number)));
	must_fail(ask("import.diff", of_import(number)), "not-found", "there is no import");
	assert_int_equal(sequence(), 0);
}

/* More rows than a page has, with changes between two pages. */
static void a_diff_comes_in_pages(void **state)
{
	char *file = write_file("csv", 8000);
	json_int_t number;
	json_t *reply;

	(void)state;
	must_succeed(ask("zone.add", json_pack("{s:s}", "zone", "10.0.0.0/8")));
	number = import_send(begin_params("csv", NULL, NULL), file);
	reply = ask("import.diff", of_import(number));
	assert_int_equal(json_array_size(json_object_get(reply, "result")), 8000);
	json_decref(reply);
	/* Left in the middle, it may be begun again, and the import ended. */
	reply = ask("import.diff", of_import(number));
	json_decref(reply);
	must_succeed(ask("import.abort", of_import(number)));
	free(file);
}

/* ---- Refusals ---- */

static void begin_says_what_is_wrong(void **state)
{
	(void)state;
	must_fail(ask("import.begin", begin_params("xml", NULL, NULL)), "invalid",
		"there is no format \"xml\"");
	must_fail(ask("import.begin", begin_params("csv", "add", NULL)), "invalid",
		"there is no mode \"add\"");
	must_fail(ask("import.begin", begin_params("zone", "merge", "192.0.2.0/24")), "invalid",
		"can't be merged");
	must_fail(ask("import.begin", begin_params("zone", NULL, NULL)), "invalid", "needs zone");
	must_fail(ask("import.begin", begin_params("csv", "replace", NULL)), "invalid",
		"either zone or prefix");
	must_fail(ask("import.begin", begin_params("csv", "merge", "192.0.2.0/24")), "invalid",
		"takes neither");
	must_fail(ask("import.begin",
			  json_pack("{s:s, s:s, s:s}", "format", "csv", "mode", "replace", "prefix",
				  "192.0.2.1/24")),
		"invalid", "192.0.2.1/24");
	assert_int_equal(backend.command.imports, 0);
}

static void bad_lines_change_nothing(void **state)
{
	static const struct {
		const char *format, *text, *name, *part;
	} bad[] = {
		{"csv", "192.0.2.1,a.\n192.0.3.1,a.\n", "not-found", "line 2: no zone here holds"},
		{"csv", "192.0.2.1,a.\n192.0.2.2,a..b\n", "invalid", "line 2: "},
		{"csv", "192.0.2.1,a.\n192.0.2.2,\"a", "invalid", "line 2: a quote is not closed"},
		{"ndjson", "{\"address\":\"192.0.2.1\",\"name\":\"a.\"}\n{", "invalid", "line 2: "},
		{"csv", "192.0.2.1,a.,60,x\n192.0.2.1,b.,60,y\n", "invalid",
			"192.0.2.1: its lines differ"},
		{"csv",
			"192.0.2.1,a\n192.0.2.1,b\n192.0.2.1,c\n192.0.2.1,d\n192.0.2.1,e\n"
			"192.0.2.1,f\n192.0.2.1,g\n192.0.2.1,h\n192.0.2.1,i\n192.0.2.1,j\n"
			"192.0.2.1,k\n",
			"invalid", "192.0.2.1 has more than 10 names"},
	};

	(void)state;
	add_zone();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		must_fail(import_all(begin_params(bad[i].format, NULL, NULL), bad[i].text),
			bad[i].name, bad[i].part);
		assert_int_equal(sequence(), 1);
		assert_int_equal(backend.command.imports, 0);
		check_name("192.0.2.1", NULL);
	}
}

static void a_name_beside_an_alias_is_refused(void **state)
{
	static const char *const modes[] = {"merge", "replace"};

	(void)state;
	must_succeed(import_all(begin_params("zone", NULL, "192.0.2.0/24"),
		"$TTL 60\n@ SOA a. b. 1 2 3 4 5\n@ NS a.\n9 CNAME 9.0-25\n8 PTR h.\n"));
	for (unsigned i = 0; i < 2; i++)
		must_fail(import_all(begin_params("csv", modes[i], i ? "192.0.2.0/24" : NULL),
				  "192.0.2.8,x.\n192.0.2.9,x.\n"),
			"invalid", "192.0.2.9 has a CNAME record");
	check_name("192.0.2.8", "h.");
}

static void a_frozen_zone_is_refused_unless_nothing_changes(void **state)
{
	const struct prefix prefix = {UINT64_C(0xc000020000000000), 0, ARPA_FAMILY_IPV4, 24};
	const struct owner apex = owner_from_prefix(&prefix);
	const struct zone_settings settings = {.frozen = true};
	struct update_result changed;
	struct failure failure;

	(void)state;
	add_zone();
	must_succeed(import_all(begin_params("csv", NULL, NULL), "192.0.2.1,a.\n"));
	assert_int_equal(update_begin(backend.update, &failure), 0);
	assert_int_equal(
		update_set_zone_settings(backend.update, &apex, &settings, &changed, &failure), 0);
	assert_int_equal(update_commit(backend.update, &failure), 0);
	must_fail(import_all(begin_params("csv", NULL, NULL), "192.0.2.1,b.\n"), "conflict",
		"the zone 192.0.2.0/24 is frozen");
	must_fail(import_all(begin_params("csv", "replace", "192.0.2.0/24"), "192.0.2.2,b.\n"),
		"conflict", "frozen");
	must_succeed(import_all(begin_params("csv", NULL, NULL), "192.0.2.1,a.\n"));
	check_name("192.0.2.1", "a.");
}

static void names_that_could_be_no_hosts_are_counted_or_refused(void **state)
{
	static const char text[] = "192.0.2.1,good.example.\n192.0.2.2,bad_name.example.\n";
	json_t *reply, *warnings;

	(void)state;
	add_zone();
	backend.command.name_syntax = NAME_SYNTAX_ENFORCE;
	must_fail(import_all(begin_params("csv", NULL, NULL), text), "invalid",
		"line 2: the name \"bad_name.example.\"");
	backend.command.name_syntax = NAME_SYNTAX_WARN;
	reply = import_all(begin_params("csv", NULL, NULL), text);
	warnings = json_object_get(json_object_get(reply, "result"), "warnings");
	assert_int_equal(json_array_size(warnings), 1);
	assert_non_null(strstr(json_string_value(json_array_get(warnings, 0)),
		"1 names could be no host's (RFC 1123), the first one in line 2: bad_name"));
	json_decref(reply);
	check_name("192.0.2.2", "bad_name.example.");
	backend.command.name_syntax = NAME_SYNTAX_OFF;
	reply = import_all(begin_params("csv", NULL, NULL), text);
	assert_null(json_object_get(json_object_get(reply, "result"), "warnings"));
	json_decref(reply);
}

static void a_zone_that_goes_meanwhile_is_a_conflict(void **state)
{
	json_int_t number;

	(void)state;
	add_zone();
	number = import_send(begin_params("csv", NULL, NULL), "192.0.2.1,a.\n");
	must_succeed(ask("zone.remove", json_pack("{s:s}", "zone", "192.0.2.0/24")));
	must_fail(ask("import.commit", of_import(number)), "conflict", "start the import again");
	assert_int_equal(backend.command.imports, 0);
}

static void a_restore_is_no_import(void **state)
{
	json_t *reply = ask("store.restore.begin", NULL);
	json_int_t number = number_of(reply, "restore");

	(void)state;
	json_decref(reply);
	must_fail(ask("import.commit", of_import(number)), "not-found", "there is no import 1");
	must_fail(ask("import.data", json_pack("{s:I, s:s}", "import", number, "text", "x")),
		"not-found", "there is no import 1");
	number = import_send(begin_params("csv", NULL, NULL), "");
	must_fail(ask("store.restore.commit", json_pack("{s:I}", "restore", number)), "not-found",
		"there is no restore 2");
	must_fail(ask("import.include", json_pack("{s:I, s:s}", "import", number, "file", "f")),
		"invalid", "only a zone file");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_formats_say_the_same),
		TEST(a_dry_run_changes_nothing_and_may_be_followed_by_the_commit),
		TEST(a_diff_is_what_the_commit_does),
		TEST(a_diff_of_a_zone_file_has_all_types),
		TEST(a_diff_comes_in_pages),
		TEST(begin_says_what_is_wrong),
		TEST(bad_lines_change_nothing),
		TEST(a_name_beside_an_alias_is_refused),
		TEST(a_frozen_zone_is_refused_unless_nothing_changes),
		TEST(names_that_could_be_no_hosts_are_counted_or_refused),
		TEST(a_zone_that_goes_meanwhile_is_a_conflict),
		TEST(a_restore_is_no_import),
	};

	return cmocka_run_group_tests_name("command_import", tests, NULL, NULL);
}
