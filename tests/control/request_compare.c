/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/control/request_compare.h"

#include "control/command/request.h"
#include "control/command/request_fast.h"

#include <stdlib.h>
#include <string.h>

static bool same_id(const json_t *slow, const json_t *fast)
{
	return fast ? json_equal(slow, fast) : slow == NULL;
}

/* As request.c judges what the JSON reader made of it. */
static bool is_same(json_t *slow, const struct request_parts *parts)
{
	json_t *params = json_object_get(slow, "params"), *none = json_object();
	const char *method = json_string_value(json_object_get(slow, "method"));
	struct failure failure;
	bool same = json_object_size(slow) == (params ? 3 : 2) && method &&
		same_id(json_object_get(slow, "id"), parts->id) &&
		strcmp(method, parts->method->name) == 0 &&
		json_equal(params ? params : none, parts->params) &&
		command_check_params(parts->method, parts->params, &failure) == 0;

	json_decref(none);
	return same;
}

static enum compared compare(const char *line, size_t bytes)
{
	struct request_parts parts;
	const char *end = request_fast_read(line, line + bytes, &parts);
	bool same;
	json_t *slow;

	if (!end)
		return COMPARED_LEFT;
	slow = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
	same = slow && is_same(slow, &parts);
	json_decref(slow);
	json_decref(parts.id);
	json_decref(parts.params);
	if (!same)
		return COMPARED_DIFFERENT;
	return end == line + bytes ? COMPARED_WHOLE : COMPARED_PART;
}

enum compared request_compare(const char *line, size_t bytes)
{
	char *exact = malloc(bytes + 1); /* so that a read behind the end is seen */
	enum compared result;

	memcpy(exact, line, bytes);
	result = compare(exact, bytes);
	free(exact);
	return result;
}

static size_t count_of(const json_t *line)
{
	size_t count = json_array_size(line);

	return json_is_array(line) && count > 0 && count <= REQUEST_ARRAY_MAX ? count : 1;
}

bool request_compare_line(struct session *session, const char *line, size_t bytes)
{
	json_t *slow = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, NULL);
	struct request *first = request_parse(session, line, bytes);
	size_t count = 0, good = 0;
	bool right;

	for (struct request *request = first; request; request = request->next) {
		count++;
		good += request->method != NULL;
	}
	request_free_all(first);
	/* What is no JSON is no request either. */
	right = slow && good > 0 ? count == count_of(slow) : good == 0;
	json_decref(slow);
	return right;
}
