/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/control/import_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 997 };

json_t *ask(const char *method, json_t *params)
{
	json_t *request = json_pack("{s:i, s:s, s:o}", "id", 1, "method", method, "params",
		       params ? params : json_object()),
	       *whole = NULL;
	char *line = json_dumps(request, JSON_COMPACT), *got = run(line), *rest = got, *part;

	json_decref(request);
	free(line);
	while ((part = strsep(&rest, "\n")) && *part) {
		json_t *reply = json_loads(part, 0, NULL);

		assert_non_null(reply);
		if (whole && json_object_get(reply, "result")) {
			json_array_extend(
				json_object_get(whole, "result"), json_object_get(reply, "result"));
			json_decref(reply);
			continue;
		}
		json_decref(whole);
		whole = reply;
	}
	free(got);
	return whole;
}

json_int_t number_of(json_t *reply, const char *key)
{
	json_t *number = json_object_get(json_object_get(reply, "result"), key);

	if (!json_is_integer(number))
		fail_msg("no %s in %s", key, json_dumps(reply, 0));
	return json_integer_value(number);
}

void must_fail(json_t *reply, const char *name, const char *part)
{
	json_t *error = json_object_get(reply, "error");
	const char *message = json_string_value(json_object_get(error, "message"));

	if (!message || !strstr(message, part) ||
		strcmp(json_string_value(json_object_get(error, "name")), name) != 0)
		fail_msg("%s", json_dumps(reply, 0));
	json_decref(reply);
}

void must_succeed(json_t *reply)
{
	if (json_object_get(reply, "error"))
		fail_msg("%s", json_dumps(reply, 0));
	json_decref(reply);
}

/* Sends the text in pieces; NULL, or the first error. */
static json_t *send_text(
	const char *method, const char *what, json_int_t number, const char *text, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += PIECE_BYTES) {
		size_t piece = bytes - at < PIECE_BYTES ? bytes - at : PIECE_BYTES;
		json_t *reply = ask(
			method, json_pack("{s:I, s:s%}", what, number, "text", text + at, piece));

		if (json_object_get(reply, "error"))
			return reply;
		json_decref(reply);
	}
	return NULL;
}

static json_t *begin(json_t *params, json_int_t *number)
{
	json_t *reply = ask("import.begin", params);

	if (json_object_get(reply, "error"))
		return reply;
	*number = number_of(reply, "import");
	json_decref(reply);
	return NULL;
}

json_int_t import_send(json_t *params, const char *text)
{
	json_int_t number = 0;
	json_t *error = begin(params, &number);

	if (!error)
		error = send_text("import.data", "import", number, text, strlen(text));
	if (error)
		fail_msg("%s", json_dumps(error, 0));
	return number;
}

json_t *import_all(json_t *params, const char *text)
{
	json_int_t number = 0;
	json_t *error = begin(params, &number);

	if (error)
		return error;
	error = send_text("import.data", "import", number, text, strlen(text));
	if (!error)
		return ask("import.commit", json_pack("{s:I}", "import", number));
	must_succeed(ask("import.abort", json_pack("{s:I}", "import", number)));
	return error;
}

char *list_text(const char *method, json_t *params)
{
	json_t *reply = ask(method, params), *item;
	char *all = calloc(1, 1);
	size_t index, bytes = 0;

	if (!json_object_get(reply, "result"))
		fail_msg("%s", json_dumps(reply, 0));
	json_array_foreach (json_object_get(reply, "result"), index, item) {
		all = realloc(all, bytes + json_string_length(item) + 1);
		memcpy(all + bytes, json_string_value(item), json_string_length(item) + 1);
		bytes += json_string_length(item);
	}
	json_decref(reply);
	return all;
}

json_t *restore_all(const char *text, size_t bytes)
{
	json_t *reply = ask("store.restore.begin", NULL), *error;
	json_int_t number;

	if (json_object_get(reply, "error"))
		return reply;
	number = number_of(reply, "restore");
	json_decref(reply);
	error = send_text("store.restore.data", "restore", number, text, bytes);
	if (!error)
		return ask("store.restore.commit", json_pack("{s:I}", "restore", number));
	must_succeed(ask("store.restore.abort", json_pack("{s:I}", "restore", number)));
	return error;
}
