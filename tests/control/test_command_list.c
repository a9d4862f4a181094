/* SPDX-License-Identifier: BSD-3-Clause */
/* ptr.list: pages, parts and order. */
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
		"{\"id\":1,\"result\":[{\"address\":\"192.0.2.4\",\"names\":[\"h4.\"],\"ttl\":9,"
		"\"seq\":5,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"},"
		"{\"address\":\"192.0.2.5\",\"names\":[\"h5.\"],\"ttl\":9,"
		"\"seq\":6,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}]}\n");
	expect("{\"id\":2,\"method\":\"ptr.list\",\"params\":{\"after\":\"192.0.2.2\",\"limit\":1}"
	       "}",
		"{\"id\":2,\"result\":[{\"address\":\"192.0.2.3\",\"names\":[\"h3.\"],\"ttl\":9,"
		"\"seq\":4,\"status\":\"active\",\"zone\":\"192.0.2.0/24\"}]}"
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

/* What was there from the first page to the last comes once, whatever comes and goes meanwhile. */
static void markers_stand_while_changes_go_on(void **state)
{
	enum { HOSTS = 4000 };
	static const char line[] = "{\"id\":1,\"method\":\"ptr.list\"}";
	static unsigned char seen[HOSTS];
	enum request_progress progress = REQUEST_MORE;
	struct request *request;
	unsigned last = 0, pages = 0;

	(void)state;
	free(run("{\"method\":\"zone.add\",\"params\":{\"zone\":\"10.0.0.0/8\"}}"));
	set_many(HOSTS);
	request = request_parse(session, line, strlen(line));
	command_run(&backend.command, &request, 1);
	for (; progress == REQUEST_MORE; pages++) {
		struct text text = {.octets = NULL};
		char params[80];
		json_t *reply, *row;
		size_t index;

		progress = request_reply(request, &text);
		reply = json_loadb(text.octets, text.bytes, 0, NULL);
		json_array_foreach (json_object_get(reply, "result"), index, row) {
			const char *address = json_string_value(json_object_get(row, "address"));
			unsigned high, low;

			assert_int_equal(sscanf(address, "10.0.%u.%u", &high, &low), 2);
			last = high << 8 | low;
			seen[last]++;
		}
		json_decref(reply);
		text_free(&text);
		/* The marker's own address goes, and so does one before and one behind it. */
		for (unsigned off = 0; off < 3 && progress == REQUEST_MORE; off++) {
			unsigned number = last + off * 10 - 10;

			snprintf(params, sizeof(params), "{'address':'10.0.%u.%u'}", number >> 8,
				number & 255);
			free(call("ptr.unset", params));
		}
	}
	request_free(request);
	assert_int_equal(pages, 4);
	for (unsigned i = 0; i < HOSTS; i++)
		assert_int_equal(seen[i], i == 1009 || i == 2010 || i == 3011 ? 0 : 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_come_in_pages),
		TEST(lists_obey_prefix_limit_and_marker),
		TEST(lists_go_in_address_order_through_all_zones),
		TEST(markers_stand_while_changes_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
