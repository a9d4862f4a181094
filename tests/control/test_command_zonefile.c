/* SPDX-License-Identifier: BSD-3-Clause */
/* zone.import and zone.export as requests. */
#include "tests/control/command_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_TEXT \
	"$TTL 60\\n@ SOA ns1.example. h.example. 5 3600 900 86400 30\\n@ NS ns1.example.\\n" \
	"7 PTR seven.example.\\n"

static void import_in_pieces(void **state)
{
	(void)state;
	expect("{\"id\":1,\"method\":\"import.begin\",\"params\":{\"format\":\"zone\",\"zone\":"
	       "\"192.0.2.0/24\"}}",
		"{\"id\":1,\"result\":{\"import\":1}}\n");
	expect_error("{\"method\":\"import.data\",\"params\":{\"import\":2,\"text\":\"\"}}",
		"not-found", "there is no import 2 on this connection");
	free(run("{\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"" ZONE_TEXT
		 "\"}}"));
	/* Nothing is visible before the commit, even when a line is cut between two pieces. */
	free(run("{\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"8 PTR "
		 "ei\"}}"));
	expect("{\"id\":2,\"method\":\"zone.list\"}", "{\"id\":2,\"result\":[]}\n");
	expect("{\"id\":3,\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":"
	       "\"ght.example.\\n\"}}",
		"{\"id\":3,\"result\":{\"records\":4,\"lines\":6}}\n");
	expect("{\"id\":4,\"method\":\"import.commit\",\"params\":{\"import\":1}}",
		"{\"id\":4,\"result\":{\"seq\":1,\"records\":4,\"added\":3,\"changed\":0,"
		"\"removed\":0,\"unchanged\":0,\"dry_run\":false,\"zone\":\"192.0.2.0/24\"}}\n");
	expect("{\"id\":5,\"method\":\"ptr.list\"}",
		"{\"id\":5,\"result\":[{\"address\":\"192.0.2.7\",\"names\":[\"seven.example.\"],"
		"\"ttl\":60,\"seq\":1,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"},"
		"{\"address\":\"192.0.2.8\",\"names\":[\"eight.example.\"],\"ttl\":60,"
		"\"seq\":1,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}]"
		"}\n");
	expect_error("{\"method\":\"import.commit\",\"params\":{\"import\":1}}", "not-found",
		"there is no import 1");
	assert_int_equal(backend.command.imports, 0);
}

static void import_with_a_bad_line(void **state)
{
	(void)state;
	free(run("{\"method\":\"import.begin\",\"params\":{\"format\":\"zone\",\"zone\":\"192.0.2."
		 "0/24\"}}"));
	expect_error("{\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"" ZONE_TEXT
		     "bad\\n\"}}",
		"invalid", "line 5: ");
	/* From then on it is the answer to everything but abort. */
	expect_error("{\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"\\n\"}}",
		"invalid", "line 5: ");
	expect_error(
		"{\"method\":\"import.commit\",\"params\":{\"import\":1}}", "invalid", "line 5: ");
	expect("{\"id\":1,\"method\":\"zone.list\"}", "{\"id\":1,\"result\":[]}\n");
	assert_int_equal(backend.command.imports, 0);
}

static void imports_are_counted(void **state)
{
	struct session *other = command_session_new(&backend.command);
	static const char begin[] = "{\"method\":\"import.begin\",\"params\":{\"format\":\"zone\","
				    "\"zone\":\"192.0.2.0/24\"}}";
	struct request *request;

	(void)state;
	expect_error("{\"method\":\"import.begin\",\"params\":{\"format\":\"zone\",\"zone\":\"192."
		     "0.2.0/25\"}}",
		"invalid", "192.0.2.0/25 is no zone");
	for (int i = 0; i < COMMAND_IMPORTS_MAX - 1; i++)
		free(run(begin));
	request = request_parse(other, begin, strlen(begin));
	command_run(&backend.command, &request, 1);
	free(collect(request));
	expect_error(begin, "busy", "8 imports are open");
	command_session_free(other); /* ends its import */
	expect("{\"id\":1,\"method\":\"import.abort\",\"params\":{\"import\":3}}",
		"{\"id\":1,\"result\":{}}\n");
	assert_int_equal(backend.command.imports, COMMAND_IMPORTS_MAX - 2);
	free(run(begin));
	assert_int_equal(backend.command.imports, COMMAND_IMPORTS_MAX - 1);
}

/* The texts of an export's pages, one behind the other; for free(). */
static char *export_all(const char *zone, size_t *pages)
{
	char request[128], *got, *rest, *line, *all = calloc(1, 1);

	snprintf(request, sizeof(request),
		"{\"method\":\"zone.export\",\"params\":{\"zone\":\"%s\"}}", zone);
	got = rest = run(request);
	for (*pages = 0; (line = strsep(&rest, "\n")) && *line; ++*pages) {
		json_t *reply = json_loads(line, 0, NULL), *item;
		size_t index;

		json_array_foreach (json_object_get(reply, "result"), index, item) {
			all = realloc(all, strlen(all) + json_string_length(item) + 1);
			strcat(all, json_string_value(item));
		}
		json_decref(reply);
	}
	free(got);
	return all;
}

static void an_export_is_the_zone_as_a_file(void **state)
{
	size_t pages;
	char *text;

	(void)state;
	free(run("{\"method\":\"import.begin\",\"params\":{\"format\":\"zone\",\"zone\":\"192.0.2."
		 "0/24\"}}"));
	free(run("{\"method\":\"import.data\",\"params\":{\"import\":1,\"text\":\"" ZONE_TEXT
		 "01 TXT a\\n\"}}"));
	free(run("{\"method\":\"import.commit\",\"params\":{\"import\":1}}"));
	text = export_all("192.0.2.0/24", &pages);
	assert_int_equal(pages, 1);
	assert_string_equal(text,
		"2.0.192.in-addr.arpa.\t60\tIN\tSOA ns1.example. h.example. 5 3600 900 86400 30\n"
		"2.0.192.in-addr.arpa.\t60\tIN\tNS ns1.example.\n"
		"01.2.0.192.in-addr.arpa.\t60\tIN\tTXT \"a\"\n"
		"7.2.0.192.in-addr.arpa.\t60\tIN\tPTR seven.example.\n");
	free(text);
	expect_error("{\"method\":\"zone.export\",\"params\":{\"zone\":\"192.0.3.0/24\"}}",
		"not-found", "192.0.3.0/24");
}

static void an_export_comes_in_pages(void **state)
{
	size_t pages, lines = 0;
	char *text;

	(void)state;
	free(run("{\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"));
	set_many(12000);
	text = export_all("10.0.0.0/8", &pages);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_true(pages > 1);
	assert_true(lines >= 12002);
	assert_non_null(strstr(text, "\n223.46.0.10.in-addr.arpa.\t"));
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(import_in_pieces),
		TEST(import_with_a_bad_line),
		TEST(imports_are_counted),
		TEST(an_export_is_the_zone_as_a_file),
		TEST(an_export_comes_in_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
