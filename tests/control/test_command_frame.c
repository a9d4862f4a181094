/* SPDX-License-Identifier: BSD-3-Clause */
/* Several requests in a line, lists that follow, what errors carry, batches of bulk methods. */
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

/* Runs all requests of a line as one batch; their replies, for free(). */
static char *run_line(const char *line)
{
	struct request *requests[REQUEST_ARRAY_MAX], *request, *next;
	struct text all = {.octets = NULL};
	size_t count = 0;

	for (request = request_parse(session, line, strlen(line)); request; request = next) {
		next = request->next;
		requests[count++] = request;
	}
	command_run(&backend.command, requests, count);
	for (size_t i = 0; i < count; i++) {
		char *reply = collect(requests[i]);

		text_add_string(&all, reply);
		free(reply);
	}
	text_add(&all, "", 1);
	return all.octets;
}

static void an_array_is_as_many_requests(void **state)
{
	char *got = run_line(
		"[{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}, "
		"{\"id\":\"two\",\"method\":\"no.such\"},"
		"7,{\"id\":4,\"method\":\"zone.list\"}]");

	(void)state;
	assert_string_equal(got,
		"{\"id\":1,\"result\":{\"zone\":\"192.0.2.0/24\",\"seq\":1}}\n"
		"{\"id\":\"two\",\"error\":{\"code\":4,\"name\":\"unknown-method\",\"message\":"
		"\"there is no method \\\"no.such\\\"\"}}\n"
		"{\"id\":null,\"error\":{\"code\":1,\"name\":\"invalid\",\"message\":"
		"\"a request is a JSON object, such as {\\\"id\\\":1,\\\"method\\\":"
		"\\\"server.status\\\"}, or an array of them\"}}\n"
		"{\"id\":4,\"result\":[{\"zone\":\"192.0.2.0/24\",\"serial\":1,\"records\":2}]}\n");
	free(got);
}

/* The fast reader and the JSON reader count and order alike. */
static void arrays_of_both_readers_are_alike(void **state)
{
	static const char *const lines[] = {
		"[{\"id\":1,\"method\":\"zone.list\"},{\"id\":2,\"method\":\"zone.list\"}]",
		" [ {\"id\":1,\"method\":\"zone.list\"} , {\"id\":2,\"method\":\"zone.list\"} ] ",
		"[{\"id\":1,\"method\":\"zone.list\"},{\"method\":\"zone.list\",\"id\":2}]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *got = run_line(lines[i]);

		assert_string_equal(got, "{\"id\":1,\"result\":[]}\n{\"id\":2,\"result\":[]}\n");
		free(got);
	}
}

static void a_bad_array_is_one_error(void **state)
{
	static const char *const lines[] = {
		"[{\"id\":1,\"method\":\"zone.list\"}",
		"[{\"id\":1,\"method\":\"zone.list\"},]",
		"[{\"id\":1,\"method\":\"zone.list\"}] x",
		"[{\"id\":1,\"method\":\"zone.list\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *got = run_line(lines[i]);

		assert_memory_equal(got, "{\"id\":null,\"error\":{\"code\":1,", 28);
		assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
		free(got);
	}
}

static char *array_of(size_t count, const char *element)
{
	struct text line = {.octets = NULL};

	text_add(&line, "[", 1);
	for (size_t i = 0; i < count; i++) {
		text_add(&line, ",", i > 0);
		text_add_string(&line, element);
	}
	text_add(&line, "]", 2);
	return line.octets;
}

static void arrays_are_bounded(void **state)
{
	static const char *const elements[] = {
		"{\"id\":1,\"method\":\"zone.list\"}", "{\"method\":\"zone.list\",\"id\":1}"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		char *line = array_of(REQUEST_ARRAY_MAX, elements[i]), *got = run_line(line);
		size_t lines = 0;

		for (const char *at = got; *at; at++)
			lines += *at == '\n';
		assert_int_equal(lines, REQUEST_ARRAY_MAX);
		free(got);
		free(line);
		line = array_of(REQUEST_ARRAY_MAX + 1, elements[i]);
		expect_error(
			line, "too-large", "an array of 4097 requests; there may be 1 to 4096");
		free(line);
	}
}

/* A list with nothing to say twice, then two items, then the end. */
static int follow_page(struct session *asker, json_t *params, struct page *page, json_t *items,
	struct failure *failure)
{
	(void)asker;
	(void)params;
	(void)failure;
	switch (page->sent++) {
	case 2:
		json_array_append_new(items, json_integer(7));
		json_array_append_new(items, json_string("x"));
		return PAGE_WAIT;
	case 4:
		return PAGE_LAST;
	default:
		return PAGE_WAIT;
	}
}

static int write_page(struct session *asker, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	(void)asker;
	(void)params;
	if (page->sent++ == 2)
		return failure_set(failure, FAILURE_TOO_OLD, "gone");
	text_add_string(items, page->sent == 1 ? "1,2" : "");
	return page->sent == 1 ? PAGE_MORE : PAGE_WAIT;
}

static struct request *made(const struct method *method)
{
	struct request *request = calloc(1, sizeof(*request));

	request->session = session;
	request->method = method;
	request->id = json_integer(5);
	request->params = json_object();
	return request;
}

static void hears(struct request *request, enum request_progress progress, const char *line)
{
	struct text out = {.octets = NULL};

	assert_int_equal(request_reply(request, &out), progress);
	text_add(&out, "", 1);
	assert_string_equal(out.octets, line);
	text_free(&out);
}

static void a_list_may_wait(void **state)
{
	static const struct method method = {
		.name = "follow", .kind = METHOD_FOLLOW, .page = follow_page};
	struct request *request = made(&method);

	(void)state;
	hears(request, REQUEST_WAIT, "");
	hears(request, REQUEST_WAIT, "");
	hears(request, REQUEST_WAIT, "{\"id\":5,\"more\":true,\"result\":[7,\"x\"]}\n");
	hears(request, REQUEST_WAIT, "");
	hears(request, REQUEST_DONE, "{\"id\":5,\"result\":[]}\n");
	request_free(request);
}

static void a_list_may_be_written_as_text_and_fail(void **state)
{
	static const struct method method = {
		.name = "follow", .kind = METHOD_FOLLOW, .write = write_page};
	struct request *request = made(&method);

	(void)state;
	hears(request, REQUEST_MORE, "{\"id\":5,\"more\":true,\"result\":[1,2]}\n");
	hears(request, REQUEST_WAIT, "");
	hears(request, REQUEST_DONE,
		"{\"id\":5,\"error\":{\"code\":14,\"name\":\"too-old\",\"message\":\"gone\"}}\n");
	request_free(request);
}

static json_t *conflict(struct session *asker, json_t *params, struct failure *failure)
{
	(void)asker;
	(void)params;
	failure_set(failure, FAILURE_CONFLICT, "changed");
	failure->sequence = 12;
	return NULL;
}

static void a_conflict_says_what_is_there(void **state)
{
	static const struct method method = {
		.name = "conflict", .kind = METHOD_READ, .run = conflict};
	struct request *request = made(&method);

	(void)state;
	json_object_set_new(request->params, "address", json_string("192.0.2.7"));
	json_object_set_new(request->params, "if_seq", json_integer(9));
	command_run(&backend.command, &request, 1);
	hears(request, REQUEST_DONE,
		"{\"id\":5,\"error\":{\"code\":10,\"name\":\"conflict\",\"message\":\"changed\","
		"\"data\":{\"address\":\"192.0.2.7\",\"seq\":12,\"expected\":9}}}\n");
	request_free(request);
}

/* What a method sees of the batch that it runs in. */
static unsigned commits, seen[8], runs;

static void count_commits(void *context)
{
	(void)context;
	commits++;
}

static json_t *note_commits(struct session *asker, json_t *params, struct failure *failure)
{
	(void)asker;
	(void)params;
	(void)failure;
	seen[runs++] = commits;
	return json_true();
}

static void a_bulk_method_has_a_batch_for_itself(void **state)
{
	static const struct method plain = {
		.name = "plain", .kind = METHOD_CHANGE, .run = note_commits};
	static const struct method bulk = {
		.name = "bulk", .kind = METHOD_CHANGE, .bulk = true, .run = note_commits};
	static const struct method read = {
		.name = "read", .kind = METHOD_READ, .run = note_commits};
	const struct method *const order[] = {
		&read, &plain, &read, &plain, &bulk, &read, &bulk, &plain};
	static const unsigned expected[] = {0, 0, 0, 0, 1, 2, 2, 3};
	struct request *requests[8];

	(void)state;
	commits = runs = 0;
	backend.command.changed = count_commits;
	for (int i = 0; i < 8; i++)
		requests[i] = made(order[i]);
	command_run(&backend.command, requests, 8);
	assert_int_equal(runs, 8);
	assert_memory_equal(seen, expected, sizeof(expected));
	assert_int_equal(commits, 4);
	for (int i = 0; i < 8; i++)
		request_free(requests[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_array_is_as_many_requests),
		TEST(arrays_of_both_readers_are_alike),
		TEST(a_bad_array_is_one_error),
		TEST(arrays_are_bounded),
		TEST(a_list_may_wait),
		TEST(a_list_may_be_written_as_text_and_fail),
		TEST(a_conflict_says_what_is_there),
		TEST(a_bulk_method_has_a_batch_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
