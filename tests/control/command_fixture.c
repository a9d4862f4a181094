/* SPDX-License-Identifier: BSD-3-Clause */
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

struct backend backend;
struct session *session;

int open_all(void **state)
{
	(void)state;
	backend_open(&backend);
	session = command_session_new(&backend.command);
	return session ? 0 : -1;
}

int close_all(void **state)
{
	(void)state;
	command_session_free(session);
	backend_close(&backend);
	return 0;
}

char *collect(struct request *request)
{
	enum request_progress progress = REQUEST_MORE;
	struct text all = {.octets = NULL};

	while (progress == REQUEST_MORE) {
		progress = request_reply(request, &all);
		assert_false(all.failed);
		if (progress != REQUEST_WAIT)
			assert_int_equal(all.octets[all.bytes - 1], '\n');
	}
	request_free(request);
	text_add(&all, "", 1);
	return all.octets;
}

char *run_batch(const char *const *lines, size_t count)
{
	struct request *requests[16] = {0};
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

char *run_bytes(const char *line, size_t bytes)
{
	struct request *request = request_parse(session, line, bytes);

	command_run(&backend.command, &request, 1);
	return collect(request);
}

char *run(const char *line)
{
	return run_bytes(line, strlen(line));
}

char *without_times(char *text)
{
	static const char times[] = ",\"created\":\"2026-01-31T23:59:59Z\","
				    "\"modified\":\"2026-01-31T23:59:59Z\"";
	char *at;

	while ((at = strstr(text, ",\"created\":")) != NULL)
		memmove(at, at + sizeof(times) - 1, strlen(at + sizeof(times) - 1) + 1);
	return text;
}

void expect(const char *line, const char *reply)
{
	char *got = without_times(run(line));

	assert_string_equal(got, reply);
	free(got);
}

void expect_error(const char *line, const char *name, const char *part)
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

static void write_quoted(struct text *text, const char *quoted)
{
	for (; *quoted; quoted++)
		text_add(text, *quoted == '\'' ? "\"" : quoted, 1);
}

/* For text_free. */
static struct text write_call(const char *method, const char *params)
{
	struct text line = {.octets = NULL};

	text_add_string(&line, "{\"id\":1,\"method\":\"");
	text_add_string(&line, method);
	text_add_string(&line, "\",\"params\":");
	write_quoted(&line, params);
	text_add(&line, "}", 2);
	return line;
}

char *call(const char *method, const char *params)
{
	struct text line = write_call(method, params);
	char *reply = run(line.octets);

	text_free(&line);
	return reply;
}

void gives(const char *method, const char *params, const char *result)
{
	struct text line = write_call(method, params), reply = {.octets = NULL};

	text_add_string(&reply, "{\"id\":1,\"result\":");
	write_quoted(&reply, result);
	text_add(&reply, "}\n", 3);
	expect(line.octets, reply.octets);
	text_free(&line);
	text_free(&reply);
}

void refuses(const char *method, const char *params, const char *name, const char *part)
{
	struct text line = write_call(method, params);

	expect_error(line.octets, name, part);
	text_free(&line);
}

void add_zone(void)
{
	expect("{\"id\":1,\"method\":\"zone.add\",\"params\":{\"zone\":\"192.0.2.0/24\"}}",
		"{\"id\":1,\"result\":{\"zone\":\"192.0.2.0/24\",\"seq\":1}}\n");
}

void set_many(unsigned count)
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
