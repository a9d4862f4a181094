/* SPDX-License-Identifier: BSD-3-Clause */
/* control/command/command.c: what a line may be, what it changes and what it is told. */
#include "tests/control/command_fixture.h"

#include "control/command/command_method.h"
#include "control/log.h"
#include "control/metrics/request_counts.h"
#include "dataplane/counters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void frame_rules(void **state)
{
	(void)state;
	expect_error("", "invalid", "not JSON");
	expect_error("{", "invalid", "not JSON");
	expect_error("[7]", "invalid", "a request is a JSON object");
	expect_error("[]", "invalid", "an array of 0 requests; there may be 1 to 4096 in a line");
	expect_error("{\"method\":1}", "invalid", "method is missing or not a string");
	expect_error("{\"id\":1}", "invalid", "method is missing");
	expect_error("{\"id\":[],\"method\":\"x\"}", "invalid", "id is neither text nor a number");
	expect_error("{\"id\":1,\"method\":\"x\",\"extra\":1}", "invalid", "\"extra\" is no key");
	expect_error("{\"id\":1,\"id\":2,\"method\":\"x\"}", "invalid", "duplicate");
	expect_error("{\"method\":\"x\"}", "unknown-method", "there is no method \"x\"");
	expect_error("{\"method\":\"server.status\",\"params\":[]}", "invalid",
		"params must be an object");
	expect_error("{\"method\":\"ptr.set\\u0000\"}", "invalid", "not JSON");
	expect_error("{\"method\":\"\xff\"}", "invalid", "not JSON");
}

static void ids_come_back(void **state)
{
	char line[400], id[200];

	(void)state;
	expect("{\"id\":\"a\\n\xc3\xa9\",\"method\":\"zone.list\"}",
		"{\"id\":\"a\\n\xc3\xa9\",\"result\":[]}\n");
	expect("{\"id\":-7,\"method\":\"zone.list\"}", "{\"id\":-7,\"result\":[]}\n");
	expect("{\"id\":true,\"method\":\"zone.list\"}", "{\"id\":true,\"result\":[]}\n");
	expect("{\"method\":\"zone.list\"}", "{\"id\":null,\"result\":[]}\n");
	memset(id, 'x', 129);
	id[129] = '\0';
	snprintf(line, sizeof(line), "{\"id\":\"%s\",\"method\":\"zone.list\"}", id);
	expect_error(line, "invalid", "id is longer than 128 bytes");
}

static void nesting_is_bounded(void **state)
{
	static char bomb[500000];
	char *got;

	(void)state;
	memset(bomb, '[', sizeof(bomb));
	got = run_bytes(bomb, sizeof(bomb));
	assert_non_null(strstr(got, "nests deeper than 32"));
	free(got);
	/* Brackets in a string do not nest; neither does an escaped quote end it. */
	expect_error("{\"method\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}",
		"unknown-method", "there is no method");
}

static void parameter_rules(void **state)
{
	(void)state;
	expect_error("{\"method\":\"ptr.set\",\"params\":{\"adress\":\"192.0.2.1\"}}", "invalid",
		"ptr.set has no parameter \"adress\"");
	expect_error("{\"method\":\"ptr.set\",\"params\":{\"address\":7}}", "invalid",
		"ptr.set: address must be a string");
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"names\":[1]}}",
		"invalid", "ptr.set: names must be an array of strings");
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":\"a.\","
		"\"ttl\":1.5}}",
		"invalid", "ptr.set: ttl must be an integer");
	expect_error("{\"method\":\"server.stats\",\"params\":{\"explain\":1}}", "invalid",
		"explain must be true or false");
	expect_error("{\"method\":\"ptr.show\"}", "invalid",
		"ptr.show needs the parameter address, a string");
	expect_error("{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\"}}", "invalid",
		"either name, a string, or names");
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":\"a.\","
		"\"names\":[\"a.\"]}}",
		"invalid", "either name, a string, or names");
	expect_error("{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"names\":[]}}",
		"invalid", "0 names; an address has 1 to 10");
	expect_error("{\"method\":\"ptr.list\",\"params\":{\"limit\":0}}", "invalid",
		"limit must be 1 or more");
}

static void ptr_life(void **state)
{
	(void)state;
	add_zone();
	expect("{\"id\":2,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\",\"name\":"
	       "\"MX.example.net\"}}",
		"{\"id\":2,\"result\":{\"address\":\"192.0.2.7\",\"seq\":2,\"serial\":2,"
		"\"changed\":true}}\n");
	expect("{\"id\":3,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"{\"id\":3,\"result\":{\"address\":\"192.0.2.7\",\"names\":[\"MX.example.net.\"],"
		"\"ttl\":3600,\"seq\":2,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}}\n");
	expect("{\"id\":4,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\",\"names\":"
	       "[\"a.\",\"b.\"],\"ttl\":5}}",
		"{\"id\":4,\"result\":{\"address\":\"192.0.2.7\",\"seq\":3,\"serial\":3,"
		"\"changed\":true}}\n");
	expect("{\"id\":5,\"method\":\"ptr.unset\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"{\"id\":5,\"result\":{\"address\":\"192.0.2.7\",\"seq\":4,\"serial\":4,"
		"\"changed\":true}}\n");
	expect_error("{\"id\":6,\"method\":\"ptr.unset\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"not-found", "192.0.2.7");
	expect_error("{\"id\":7,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"not-found", "there is no PTR at 192.0.2.7");
}

static void ptr_bad_input(void **state)
{
	char label[600];

	(void)state;
	add_zone();
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.256\",\"name\":\"a.\"}}",
		"invalid", "192.0.2.256");
	expect_error("{\"method\":\"ptr.set\",\"params\":{\"address\":\"7.2.0.192.in-addr.arpa\","
		     "\"name\":\"a.\"}}",
		"invalid", "7.2.0.192.in-addr.arpa");
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":\"a..b\"}}",
		"invalid", "a..b");
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":\"a.\","
		"\"ttl\":0}}",
		"invalid", "0");
	expect_error(
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":\"a.\","
		"\"ttl\":2147483648}}",
		"invalid", "2147483648");
	expect_error("{\"method\":\"ptr.set\",\"params\":{\"address\":\"198.51.100.1\",\"name\":"
		     "\"a.\"}}",
		"not-found", "198.51.100.1");
	snprintf(label, sizeof(label),
		"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":\"%064d.\"}"
		"}",
		0);
	expect_error(label, "invalid", "63");
	/* The text that is quoted ends in the middle of a character: still one line of UTF-8. */
	for (int shift = 0; shift < 4; shift++) {
		static char long_name[3000];
		size_t length = (size_t)sprintf(long_name,
			"{\"method\":\"ptr.set\",\"params\":{\"address\":\"%.*s", shift, "xxxx");

		for (int i = 0; i < 600; i++)
			length += (size_t)sprintf(long_name + length, "\xe2\x82\xac");
		strcpy(long_name + length, "\",\"name\":\"a.\"}}");
		expect_error(long_name, "invalid", "");
	}
}

static void zone_life(void **state)
{
	(void)state;
	expect("{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"2001:db8::/32\",\"ns\":"
	       "[\"a.example\",\"b.example.\"],\"rname\":\"r.example.\",\"ttl\":60,\"minimum\":30}"
	       "}",
		"{\"id\":1,\"result\":{\"zone\":\"2001:db8::/32\",\"seq\":1}}\n");
	expect("{\"id\":2,\"method\":\"zone.show\",\"params\":{\"zone\":\"2001:db8::/32\"}}",
		"{\"id\":2,\"result\":{\"zone\":\"2001:db8::/"
		"32\",\"soa\":{\"mname\":\"a.example.\","
		"\"rname\":\"r.example.\",\"serial\":1,\"refresh\":3600,\"retry\":900,\"expire\":"
		"1209600,\"minimum\":30,\"ttl\":60},\"ns_ttl\":60,\"ns\":[\"a.example.\","
		"\"b.example.\"],\"settings\":{\"serial\":\"increment\",\"frozen\":false},"
		"\"records\":2}}\n");
	expect_error("{\"method\":\"zone.add\",\"params\":{\"zone\":\"2001:db8::/32\"}}", "exists",
		"2001:db8::/32");
	expect("{\"id\":3,\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"{\"id\":3,\"result\":{\"zone\":\"192.0.2.0/24\",\"seq\":2}}\n");
	expect("{\"id\":4,\"method\":\"zone.list\"}",
		"{\"id\":4,\"result\":[{\"zone\":\"192.0.2.0/"
		"24\",\"serial\":1,\"records\":2},{\"zone\":\"2001:db8::/"
		"32\",\"serial\":1,\"records\":2}]}\n");
	expect("{\"id\":5,\"method\":\"zone.remove\",\"params\":{\"zone\":\"2001:db8::/32\"}}",
		"{\"id\":5,\"result\":{\"zone\":\"2001:db8::/32\",\"seq\":3,\"removed\":2}}\n");
	expect_error("{\"method\":\"zone.show\",\"params\":{\"zone\":\"2001:db8::/32\"}}",
		"not-found", "there is no zone 2001:db8::/32");
	expect_error("{\"method\":\"zone.remove\",\"params\":{\"zone\":\"2001:db8::/32\"}}",
		"not-found", "2001:db8::/32");
}

static void zone_bad_input(void **state)
{
	(void)state;
	expect_error("{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/25\"}}", "invalid",
		"192.0.2.0/25");
	expect_error("{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.1/24\"}}", "invalid",
		"192.0.2.1/24");
	expect_error("{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\",\"ttl\":0}}",
		"invalid", "zone.add: ttl is 0, which is outside 1..2147483647");
	expect_error(
		"{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\",\"retry\":-1}}",
		"invalid", "zone.add: retry is -1");
	expect_error("{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\",\"ns\":[]}}",
		"invalid", "zone.add needs ns");
	expect_error(
		"{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\",\"ns\":[\"a.\","
		"\"b.\",\"c.\",\"d.\",\"e.\",\"f.\",\"g.\",\"h.\",\"i.\",\"j.\",\"k.\",\"l.\","
		"\"m.\",\"n.\"]}}",
		"invalid", "14 name servers");
	expect_error("{\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\",\"ns\":"
		     "[\"a..b\"]}}",
		"invalid", "a..b");
	expect("{\"id\":1,\"method\":\"zone.list\"}", "{\"id\":1,\"result\":[]}\n");
}

/* One batch, one commit; a bad request in the middle hurts nobody; a read sees what came before. */
static void batch_in_order(void **state)
{
	static const char *const lines[] = {
		"{\"id\":1,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.1\"}}",
		"{\"id\":2,\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"{\"id\":3,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
		"\"a.\"}}",
		"not json",
		"{\"id\":5,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
		"\"..\"}}",
		"{\"id\":6,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.1\"}}",
		"{\"id\":7,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
		"\"b.\"}}",
		"{\"id\":8,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.1\"}}",
	};
	char *replies = run_batch(lines, sizeof(lines) / sizeof(lines[0])), *line, *rest = replies;
	static const char *const parts[] = {"not-found", "\"seq\":1", "\"seq\":2", "not JSON",
		"\"invalid\"", "\"names\":[\"a.\"]", "\"seq\":3", "\"names\":[\"b.\"]"};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		line = strsep(&rest, "\n");
		if (!strstr(line, parts[i]))
			fail_msg("reply %zu: %s", i, line);
	}
	free(replies);
	command_session_free(session);
	backend_reopen(&backend);
	session = command_session_new(&backend.command);
	expect("{\"id\":9,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.1\"}}",
		"{\"id\":9,\"result\":{\"address\":\"192.0.2.1\",\"names\":[\"b.\"],\"ttl\":3600,"
		"\"seq\":3,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}}"
		"\n");
}

/* The disk is full at the commit: changes and the reads after them fail, and nothing has changed.
 */
static void failed_commit_fails_the_batch(void **state)
{
	enum { CHANGES = 14 };
	char set[CHANGES][4096];
	const char *lines[CHANGES + 2];
	struct rlimit limit, full = {0, 0};
	char *replies, *rest, *line;

	(void)state;
	add_zone();
	lines[0] = "{\"id\":1,\"method\":\"zone.list\"}";
	for (int i = 0; i < CHANGES; i++) {
		size_t length = (size_t)sprintf(set[i],
			"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.%d\",\"names\":["
			"\"a.\"",
			i);

		for (int name = 0; name < 9; name++)
			length += (size_t)sprintf(
				set[i] + length, ",\"%060d.%060d.%060d.%060d.\"", name, 1, 2, 3);
		strcpy(set[i] + length, "]}}");
		lines[1 + i] = set[i];
	}
	lines[1 + CHANGES] =
		"{\"id\":9,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.0\"}}";
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	full.rlim_max = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	log_set_level(LOG_ERROR);
	replies = run_batch(lines, CHANGES + 2);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	log_set_level(LOG_INFO);
	rest = replies;
	line = strsep(&rest, "\n");
	assert_string_equal(line,
		"{\"id\":1,\"result\":[{\"zone\":\"192.0.2.0/24\",\"serial\":1,\"records\":2}]}");
	for (int i = 0; i < CHANGES + 1; i++) {
		line = strsep(&rest, "\n");
		if (!strstr(line, "\"error\":{\"code\":8") &&
			!strstr(line, "\"error\":{\"code\":7"))
			fail_msg("reply %d: %s", i, line);
	}
	free(replies);
	expect("{\"id\":1,\"method\":\"ptr.list\"}", "{\"id\":1,\"result\":[]}\n");
	expect("{\"id\":2,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.1\",\"name\":"
	       "\"a.\"}}",
		"{\"id\":2,\"result\":{\"address\":\"192.0.2.1\",\"seq\":2,\"serial\":2,"
		"\"changed\":true}}\n");
}

static void status_and_stop(void **state)
{
	char *got = run("{\"id\":1,\"method\":\"server.status\"}");

	(void)state;
	assert_non_null(strstr(got, "\"ready\":true"));
	free(got);
	got = run("{\"id\":1,\"method\":\"server.stats\",\"params\":{\"explain\":true}}");
	assert_non_null(strstr(got, "\"explain\":{\"frame-short\":"));
	free(got);
	assert_int_equal(backend.stops, 0);
	expect("{\"id\":1,\"method\":\"server.stop\"}",
		"{\"id\":1,\"result\":{\"stopping\":true}}\n");
	assert_int_equal(backend.stops, 1);
}

static uint64_t counted(
	const struct request_counts *counts, const char *method, enum request_counts_result result)
{
	const struct method *at;

	for (size_t i = 0; (at = command_method_at(i)) != NULL; i++)
		if (strcmp(at->name, method) == 0)
			return counter_read(&counts->count[i][result]);
	fail_msg("there is no method %s", method);
	return 0;
}

static void what_changes_something_is_counted(void **state)
{
	static struct request_counts counts;
	uint64_t all = 0;

	(void)state;
	backend.command.counts = &counts;
	add_zone();
	for (unsigned i = 0; i < 3; i++)
		free(call("ptr.set", "{'address':'192.0.2.1','names':['a.example.']}"));
	free(call("ptr.set", "{'address':'198.51.100.1','names':['a.example.']}"));
	free(call("ptr.set", "{'address':'nowhere','names':['a.example.']}"));
	free(call("ptr.get", "{'address':'192.0.2.1'}"));
	free(call("no.method", "{}"));
	free(call("server.stop", "{}"));
	assert_int_equal(counted(&counts, "zone.add", REQUEST_COUNTS_DONE), 1);
	assert_int_equal(counted(&counts, "ptr.set", REQUEST_COUNTS_DONE), 3);
	assert_int_equal(counted(&counts, "ptr.set", REQUEST_COUNTS_REFUSED), 2);
	assert_int_equal(counted(&counts, "server.stop", REQUEST_COUNTS_DONE), 1);
	for (size_t i = 0; i < REQUEST_COUNTS_METHODS_MAX; i++)
		for (unsigned r = 0; r < REQUEST_COUNTS_RESULTS; r++)
			all += counter_read(&counts.count[i][r]);
	assert_int_equal(all, 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frame_rules),
		TEST(ids_come_back),
		TEST(nesting_is_bounded),
		TEST(parameter_rules),
		TEST(ptr_life),
		TEST(ptr_bad_input),
		TEST(zone_life),
		TEST(zone_bad_input),
		TEST(batch_in_order),
		TEST(failed_commit_fails_the_batch),
		TEST(status_and_stop),
		TEST(what_changes_something_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
