/* SPDX-License-Identifier: BSD-3-Clause */
/* Request lines in, reply lines out, with a real store and table and no socket. */
#include "control/command.h"

#include "control/log.h"
#include "control/request.h"
#include "tests/control/backend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct backend backend;
static struct session *session;

static int open_all(void **state)
{
	(void)state;
	backend_open(&backend);
	session = command_session_new(&backend.command);
	return session ? 0 : -1;
}

static int close_all(void **state)
{
	(void)state;
	command_session_free(session);
	backend_close(&backend);
	return 0;
}

/* Every reply line of a request that was run, as text. Frees the request. */
static char *collect(struct request *request)
{
	char *all = calloc(1, 1);
	bool more = true;

	while (more) {
		size_t bytes = 0, length = strlen(all);
		char *line = request_reply(request, &bytes, &more);

		assert_non_null(line);
		assert_int_equal(line[bytes - 1], '\n');
		all = realloc(all, length + bytes + 1);
		memcpy(all + length, line, bytes);
		all[length + bytes] = '\0';
		free(line);
	}
	request_free(request);
	return all;
}

/* Runs `count` lines as one batch; the replies, one after the other, are for free(). */
static char *run_batch(const char *const *lines, size_t count)
{
	struct request *requests[16];
	char *all = calloc(1, 1);

	for (size_t i = 0; i < count; i++)
		requests[i] = request_parse(session, lines[i], strlen(lines[i]));
	command_run(&backend.command, requests, count);
	for (size_t i = 0; i < count; i++) {
		char *reply = collect(requests[i]);

		all = realloc(all, strlen(all) + strlen(reply) + 1);
		strcat(all, reply);
		free(reply);
	}
	return all;
}

static char *run_bytes(const char *line, size_t bytes)
{
	struct request *request = request_parse(session, line, bytes);

	command_run(&backend.command, &request, 1);
	return collect(request);
}

static char *run(const char *line)
{
	return run_bytes(line, strlen(line));
}

static void expect(const char *line, const char *reply)
{
	char *got = run(line);

	assert_string_equal(got, reply);
	free(got);
}

/* The reply is an error of this name whose message contains `part`. */
static void expect_error(const char *line, const char *name, const char *part)
{
	char *got = run(line);
	json_t *reply = json_loads(got, 0, NULL);
	json_t *error = json_object_get(reply, "error");
	const char *message = json_string_value(json_object_get(error, "message"));

	if (!message || !strstr(message, part) ||
		strcmp(json_string_value(json_object_get(error, "name")), name) != 0)
		fail_msg("%s", got);
	json_decref(reply);
	free(got);
}

static void add_zone(void)
{
	expect("{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"{\"id\":1,\"result\":{\"zone\":\"192.0.2.0/24\",\"seq\":1}}\n");
}

static void frame_rules(void **state)
{
	(void)state;
	expect_error("", "invalid", "not JSON");
	expect_error("{", "invalid", "not JSON");
	expect_error("[]", "invalid", "a request is a JSON object");
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
		"{\"id\":2,\"result\":{\"address\":\"192.0.2.7\",\"seq\":2}}\n");
	expect("{\"id\":3,\"method\":\"ptr.show\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"{\"id\":3,\"result\":{\"address\":\"192.0.2.7\",\"names\":[\"MX.example.net.\"],"
		"\"ttl\":3600}}\n");
	expect("{\"id\":4,\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.7\",\"names\":"
	       "[\"a.\",\"b.\"],\"ttl\":5}}",
		"{\"id\":4,\"result\":{\"address\":\"192.0.2.7\",\"seq\":3}}\n");
	expect("{\"id\":5,\"method\":\"ptr.unset\",\"params\":{\"address\":\"192.0.2.7\"}}",
		"{\"id\":5,\"result\":{\"address\":\"192.0.2.7\",\"seq\":4}}\n");
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
		"\"b.example.\"]}}\n");
	expect_error("{\"method\":\"zone.add\",\"params\":{\"zone\":\"2001:db8::/32\"}}", "exists",
		"2001:db8::/32");
	expect("{\"id\":3,\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"{\"id\":3,\"result\":{\"zone\":\"192.0.2.0/24\",\"seq\":2}}\n");
	expect("{\"id\":4,\"method\":\"zone.list\"}",
		"{\"id\":4,\"result\":[{\"zone\":\"192.0.2.0/24\"},{\"zone\":\"2001:db8::/"
		"32\"}]}\n");
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
		"{\"id\":9,\"result\":{\"address\":\"192.0.2.1\",\"names\":[\"b.\"],\"ttl\":3600}}"
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
	assert_string_equal(line, "{\"id\":1,\"result\":[{\"zone\":\"192.0.2.0/24\"}]}");
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
		"{\"id\":2,\"result\":{\"address\":\"192.0.2.1\",\"seq\":2}}\n");
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

static void set_many(unsigned count)
{
	char line[200];

	for (unsigned i = 0; i < count; i++) {
		struct request *batch[256];
		size_t n = 0;

		for (; n < 256 && i < count; n++, i++) {
			snprintf(line, sizeof(line),
				"{\"method\":\"ptr.set\",\"params\":{\"address\":\"10.%u.%u.%u\","
				"\"name\":\"h%u.example.\"}}",
				i >> 16, i >> 8 & 255, i & 255, i);
			batch[n] = request_parse(session, line, strlen(line));
		}
		i--;
		command_run(&backend.command, batch, n);
		while (n)
			request_free(batch[--n]);
	}
}

static void lists_come_in_pages(void **state)
{
	static const char *const lines[] = {
		"{\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"};
	char *got = run_batch(lines, 1), *rest, *line;
	size_t rows = 0, pages = 0;

	(void)state;
	free(got);
	set_many(2500);
	got = run("{\"id\":1,\"method\":\"ptr.list\"}");
	for (rest = got; (line = strsep(&rest, "\n")) && *line; pages++) {
		json_t *reply = json_loads(line, 0, NULL), *items, *item;
		size_t index;

		assert_int_equal(json_is_true(json_object_get(reply, "more")), pages < 2);
		items = json_object_get(reply, "result");
		json_array_foreach (items, index, item) {
			char address[32];

			snprintf(address, sizeof(address), "10.0.%zu.%zu", rows >> 8, rows & 255);
			assert_string_equal(
				json_string_value(json_object_get(item, "address")), address);
			rows++;
		}
		json_decref(reply);
	}
	assert_int_equal(pages, 3);
	assert_int_equal(rows, 2500);
	free(got);
}

static void lists_obey_prefix_limit_and_marker(void **state)
{
	(void)state;
	add_zone();
	for (int i = 1; i < 6; i++) {
		char line[128], *got;
		snprintf(line, sizeof(line),
			"{\"method\":\"ptr.set\",\"params\":{\"address\":\"192.0.2.%d\",\"name\":"
			"\"h%d.\",\"ttl\":9}}",
			i, i);

		got = run(line);
		free(got);
	}
	expect("{\"id\":1,\"method\":\"ptr.list\",\"params\":{\"prefix\":\"192.0.2.4/31\"}}",
		"{\"id\":1,\"result\":[{\"address\":\"192.0.2.4\",\"names\":[\"h4.\"],\"ttl\":9},"
		"{\"address\":\"192.0.2.5\",\"names\":[\"h5.\"],\"ttl\":9}]}\n");
	expect("{\"id\":2,\"method\":\"ptr.list\",\"params\":{\"after\":\"192.0.2.2\",\"limit\":1}"
	       "}",
		"{\"id\":2,\"result\":[{\"address\":\"192.0.2.3\",\"names\":[\"h3.\"],\"ttl\":9}]}"
		"\n");
	expect_error("{\"method\":\"ptr.list\",\"params\":{\"prefix\":\"192.0.2.1/24\"}}",
		"invalid", "192.0.2.1/24");
	expect("{\"id\":3,\"method\":\"ptr.list\",\"params\":{\"prefix\":\"2001:db8::/32\"}}",
		"{\"id\":3,\"result\":[]}\n");
}

/* The whole of a list in one line of addresses. */
static void expect_list(const char *params, const char *addresses)
{
	char line[200], got[200] = "";
	json_t *reply, *item;
	size_t index;
	char *text;

	snprintf(line, sizeof(line), "{\"method\":\"ptr.list\",\"params\":%s}", params);
	text = run(line);
	reply = json_loads(text, 0, NULL);
	json_array_foreach (json_object_get(reply, "result"), index, item) {
		strcat(got, json_string_value(json_object_get(item, "address")));
		strcat(got, " ");
	}
	assert_string_equal(got, addresses);
	json_decref(reply);
	free(text);
}

/* Nested zones are no detour, and a marker need not be in any zone. */
static void lists_go_in_address_order_through_all_zones(void **state)
{
	static const char *const zones[] = {"10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24"};
	static const char *const addresses[] = {"10.0.0.1", "10.1.0.1", "10.2.0.1", "192.0.2.7"};
	char line[128];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof(line),
			"{\"method\":\"zone.add\",\"params\":{\"zone\":\"%s\"}}", zones[i]);
		free(run(line));
	}
	for (size_t i = 0; i < 4; i++) {
		snprintf(line, sizeof(line),
			"{\"method\":\"ptr.set\",\"params\":{\"address\":\"%s\",\"name\":\"a.\"}}",
			addresses[i]);
		free(run(line));
	}
	expect_list("{}", "10.0.0.1 10.1.0.1 10.2.0.1 192.0.2.7 ");
	expect_list("{\"after\":\"9.0.0.0\"}", "10.0.0.1 10.1.0.1 10.2.0.1 192.0.2.7 ");
	expect_list("{\"after\":\"10.0.0.1\"}", "10.1.0.1 10.2.0.1 192.0.2.7 ");
	expect_list("{\"after\":\"10.1.9.9\"}", "10.2.0.1 192.0.2.7 ");
	expect_list("{\"after\":\"10.255.255.255\"}", "192.0.2.7 ");
	expect_list("{\"after\":\"11.0.0.0\"}", "192.0.2.7 ");
	expect_list("{\"after\":\"193.0.0.0\"}", "");
	expect_list("{\"prefix\":\"10.0.0.0/15\"}", "10.0.0.1 10.1.0.1 ");
	expect_list("{\"prefix\":\"10.0.0.0/7\",\"after\":\"10.1.0.1\"}", "10.2.0.1 ");
	expect_list("{\"prefix\":\"10.1.0.0/16\",\"after\":\"9.0.0.0\"}", "10.1.0.1 ");
}

#define ZONE_TEXT \
	"$TTL 60\\n@ SOA ns1.example. h.example. 5 3600 900 86400 30\\n@ NS ns1.example.\\n" \
	"7 PTR seven.example.\\n"

static void import_in_pieces(void **state)
{
	(void)state;
	expect("{\"id\":1,\"method\":\"zone.import.begin\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"{\"id\":1,\"result\":{\"import\":1}}\n");
	expect_error("{\"method\":\"zone.import.data\",\"params\":{\"import\":2,\"text\":\"\"}}",
		"not-found", "there is no import 2 on this connection");
	free(run("{\"method\":\"zone.import.data\",\"params\":{\"import\":1,\"text\":\"" ZONE_TEXT
		 "\"}}"));
	/* Nothing is visible before the commit, even when a line is cut between two pieces. */
	free(run("{\"method\":\"zone.import.data\",\"params\":{\"import\":1,\"text\":\"8 PTR "
		 "ei\"}}"));
	expect("{\"id\":2,\"method\":\"zone.list\"}", "{\"id\":2,\"result\":[]}\n");
	expect("{\"id\":3,\"method\":\"zone.import.data\",\"params\":{\"import\":1,\"text\":"
	       "\"ght.example.\\n\"}}",
		"{\"id\":3,\"result\":{\"records\":4,\"lines\":6}}\n");
	expect("{\"id\":4,\"method\":\"zone.import.commit\",\"params\":{\"import\":1}}",
		"{\"id\":4,\"result\":{\"zone\":\"192.0.2.0/24\",\"seq\":1,\"records\":4}}\n");
	expect("{\"id\":5,\"method\":\"ptr.list\"}",
		"{\"id\":5,\"result\":[{\"address\":\"192.0.2.7\",\"names\":[\"seven.example.\"],"
		"\"ttl\":60},{\"address\":\"192.0.2.8\",\"names\":[\"eight.example.\"],\"ttl\":60}]"
		"}\n");
	expect_error("{\"method\":\"zone.import.commit\",\"params\":{\"import\":1}}", "not-found",
		"there is no import 1");
	assert_int_equal(backend.command.imports, 0);
}

static void import_with_a_bad_line(void **state)
{
	(void)state;
	free(run("{\"method\":\"zone.import.begin\",\"params\":{\"zone\":\"192.0.2.0/24\"}}"));
	expect_error(
		"{\"method\":\"zone.import.data\",\"params\":{\"import\":1,\"text\":\"" ZONE_TEXT
		"bad\\n\"}}",
		"invalid", "line 5: ");
	/* From then on it is the answer to everything but abort. */
	expect_error("{\"method\":\"zone.import.data\",\"params\":{\"import\":1,\"text\":\"\\n\"}}",
		"invalid", "line 5: ");
	expect_error("{\"method\":\"zone.import.commit\",\"params\":{\"import\":1}}", "invalid",
		"line 5: ");
	expect("{\"id\":1,\"method\":\"zone.list\"}", "{\"id\":1,\"result\":[]}\n");
	assert_int_equal(backend.command.imports, 0);
}

static void imports_are_counted(void **state)
{
	struct session *other = command_session_new(&backend.command);
	static const char begin[] =
		"{\"method\":\"zone.import.begin\",\"params\":{\"zone\":\"192.0.2.0/24\"}}";
	struct request *request;

	(void)state;
	expect_error("{\"method\":\"zone.import.begin\",\"params\":{\"zone\":\"192.0.2.0/25\"}}",
		"invalid", "192.0.2.0/25 is no zone");
	for (int i = 0; i < COMMAND_IMPORTS_MAX - 1; i++)
		free(run(begin));
	request = request_parse(other, begin, strlen(begin));
	command_run(&backend.command, &request, 1);
	free(collect(request));
	expect_error(begin, "busy", "8 imports are open");
	command_session_free(other); /* ends its import */
	expect("{\"id\":1,\"method\":\"zone.import.abort\",\"params\":{\"import\":3}}",
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
	free(run("{\"method\":\"zone.import.begin\",\"params\":{\"zone\":\"192.0.2.0/24\"}}"));
	free(run("{\"method\":\"zone.import.data\",\"params\":{\"import\":1,\"text\":\"" ZONE_TEXT
		 "01 TXT a\\n\"}}"));
	free(run("{\"method\":\"zone.import.commit\",\"params\":{\"import\":1}}"));
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
		TEST(lists_come_in_pages),
		TEST(lists_obey_prefix_limit_and_marker),
		TEST(lists_go_in_address_order_through_all_zones),
		TEST(import_in_pieces),
		TEST(import_with_a_bad_line),
		TEST(imports_are_counted),
		TEST(an_export_is_the_zone_as_a_file),
		TEST(an_export_comes_in_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
