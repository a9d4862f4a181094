/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One line of untrusted JSON -> struct request with parameters of the right names and kinds, or
 * with the failure that its sender will read.
 */
#include "control/command/request.h"

#include "control/command/request_fast.h"

#include <stdlib.h>
#include <string.h>

/* An id comes back in the reply; a client that needs a longer one has other plans. */
enum { ID_MAX_BYTES = 128 };

/* Whether brackets nest at most COMMAND_DEPTH_MAX deep; those in strings do not count. */
static bool is_shallow(const char *line, size_t bytes)
{
	unsigned depth = 0;
	bool text = false;

	for (size_t i = 0; i < bytes; i++) {
		char c = line[i];

		if (text && c == '\\')
			i++;
		else if (c == '"')
			text = !text;
		else if (!text && (c == '{' || c == '['))
			depth++;
		else if (!text && (c == '}' || c == ']') && depth)
			depth--;
		if (depth > COMMAND_DEPTH_MAX)
			return false;
	}
	return true;
}

static json_t *read_json(const char *line, size_t bytes, struct failure *failure)
{
	json_error_t error;
	json_t *value;

	if (bytes > COMMAND_LINE_MAX_BYTES) {
		failure_set(failure, FAILURE_TOO_LARGE, "the line is longer than %d bytes",
			COMMAND_LINE_MAX_BYTES);
		return NULL;
	}
	if (!is_shallow(line, bytes)) {
		failure_set(failure, FAILURE_INVALID, "the line nests deeper than %d levels",
			COMMAND_DEPTH_MAX);
		return NULL;
	}
	value = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, &error);
	if (!value)
		failure_set(failure, FAILURE_INVALID, "the line is not JSON: %s", error.text);
	return value;
}

/* The top level holds these and nothing else. */
static int check_keys(json_t *object, struct failure *failure)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value)
		if (strcmp(key, "id") != 0 && strcmp(key, "method") != 0 &&
			strcmp(key, "params") != 0)
			return failure_set(failure, FAILURE_INVALID,
				"\"%.64s\" is no key of a request; there are id, method and params",
				key);
	return 0;
}

static int read_id(struct request *request, json_t *object, struct failure *failure)
{
	json_t *id = json_object_get(object, "id");

	if (json_is_object(id) || json_is_array(id))
		return failure_set(failure, FAILURE_INVALID, "id is neither text nor a number");
	if (json_string_length(id) > ID_MAX_BYTES)
		return failure_set(
			failure, FAILURE_INVALID, "id is longer than %d bytes", ID_MAX_BYTES);
	request->id = json_incref(id);
	return 0;
}

static bool is_list(const json_t *value, json_type type)
{
	size_t index;
	json_t *item;

	if (!json_is_array(value))
		return false;
	json_array_foreach (value, index, item)
		if (json_typeof(item) != type)
			return false;
	return true;
}

static bool is_text_map(json_t *value)
{
	const char *key;
	json_t *item;

	if (!json_is_object(value))
		return false;
	json_object_foreach (value, key, item)
		if (!json_is_string(item))
			return false;
	return true;
}

static bool is_of_kind(json_t *value, enum param_kind kind)
{
	switch (kind) {
	case PARAM_TEXT:
		return json_is_string(value);
	case PARAM_NUMBER:
		return json_is_integer(value);
	case PARAM_FLAG:
		return json_is_boolean(value);
	case PARAM_TEXT_MAP:
		return is_text_map(value);
	case PARAM_OBJECTS:
		return is_list(value, JSON_OBJECT);
	case PARAM_TEXTS:
		return is_list(value, JSON_STRING);
	}
	return false;
}

static const char *kind_name(enum param_kind kind)
{
	switch (kind) {
	case PARAM_TEXT:
		return "a string";
	case PARAM_NUMBER:
		return "an integer";
	case PARAM_FLAG:
		return "true or false";
	case PARAM_TEXTS:
		return "an array of strings";
	case PARAM_TEXT_MAP:
		return "an object whose values are strings";
	case PARAM_OBJECTS:
		return "an array of objects";
	}
	return "";
}

static const struct param *find_param(const struct method *method, const char *name)
{
	for (const struct param *param = method->params; param->name; param++)
		if (strcmp(param->name, name) == 0)
			return param;
	return NULL;
}

int command_check_params(const struct method *method, json_t *params, struct failure *failure)
{
	const char *key;
	json_t *value;

	json_object_foreach (params, key, value) {
		const struct param *param = find_param(method, key);

		if (!param)
			return failure_set(failure, FAILURE_INVALID,
				"%s has no parameter \"%.64s\"", method->name, key);
		if (!is_of_kind(value, param->kind))
			return failure_set(failure, FAILURE_INVALID, "%s: %s must be %s",
				method->name, key, kind_name(param->kind));
	}
	for (const struct param *param = method->params; param->name; param++)
		if (param->required && !json_object_get(params, param->name))
			return failure_set(failure, FAILURE_INVALID,
				"%s needs the parameter %s, %s", method->name, param->name,
				kind_name(param->kind));
	return 0;
}

static int read_params(struct request *request, const struct method *method, json_t *object,
	struct failure *failure)
{
	json_t *params = json_object_get(object, "params");

	if (params && !json_is_object(params))
		return failure_set(failure, FAILURE_INVALID, "params must be an object");
	request->params = params ? json_incref(params) : json_object();
	if (!request->params)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	return command_check_params(method, request->params, failure);
}

/* A page's marker and the text of a failure are large: they are cleared where they are used. */
static struct request *request_new(struct session *session)
{
	struct request *request = malloc(sizeof(*request));

	if (!request)
		return NULL;
	request->session = session;
	request->method = NULL;
	request->id = request->params = request->result = NULL;
	request->answer = (struct text){.octets = NULL};
	request->sequence = 0;
	request->failure.code = FAILURE_NONE;
	request->failure.sequence = 0;
	request->failure.text[0] = '\0';
	request->next = NULL;
	return request;
}

static void set_method(struct request *request, const struct method *method)
{
	request->method = method;
	if (request_streams(request))
		memset(&request->page, 0, sizeof(request->page));
}

static int read_request(struct request *request, json_t *object, struct failure *failure)
{
	const char *name = json_string_value(json_object_get(object, "method"));
	const struct method *method;

	if (read_id(request, object, failure) != 0 || check_keys(object, failure) != 0)
		return -1;
	if (!name)
		return failure_set(failure, FAILURE_INVALID, "method is missing or not a string");
	method = command_method(name);
	if (!method)
		return failure_set(
			failure, FAILURE_UNKNOWN_METHOD, "there is no method \"%.64s\"", name);
	if (command_may(request->session, method, failure) != 0 ||
		read_params(request, method, object, failure) != 0)
		return -1;
	set_method(request, method);
	return 0;
}

static struct request *parse_one(struct session *session, json_t *value)
{
	struct request *request = request_new(session);

	if (!request)
		return NULL;
	if (json_is_object(value))
		read_request(request, value, &request->failure);
	else
		failure_set(&request->failure, FAILURE_INVALID,
			"a request is a JSON object, such as "
			"{\"id\":1,\"method\":\"server.status\"}, or an array of them");
	return request;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	json_decref(request->id);
	json_decref(request->params);
	json_decref(request->result);
	text_free(&request->answer);
	free(request);
}

void request_free_all(struct request *request)
{
	while (request) {
		struct request *next = request->next;

		request_free(request);
		request = next;
	}
}

static struct request *parse_array(struct session *session, json_t *array)
{
	struct request *first = NULL, **end = &first;
	struct failure failure;
	size_t index, count = json_array_size(array);
	json_t *value;

	if (count == 0 || count > REQUEST_ARRAY_MAX) {
		failure_set(&failure, count ? FAILURE_TOO_LARGE : FAILURE_INVALID,
			"an array of %zu requests; there may be 1 to %d in a line", count,
			REQUEST_ARRAY_MAX);
		return request_refused(session, &failure);
	}
	json_array_foreach (array, index, value) {
		*end = parse_one(session, value);
		if (!*end) {
			request_free_all(first);
			return NULL;
		}
		end = &(*end)->next;
	}
	return first;
}

/* One request as the fast reader takes it, and where it ends; NULL: it does not. */
static struct request *parse_fast(struct session *session, const char **at, const char *end)
{
	struct request_parts parts;
	const char *after = request_fast_read(*at, end, &parts);
	struct request *request = after ? request_new(session) : NULL;

	if (!request) {
		if (after) {
			json_decref(parts.id);
			json_decref(parts.params);
		}
		return NULL;
	}
	*at = request_fast_blanks(after, end);
	request->id = parts.id;
	request->params = parts.params;
	if (command_may(session, parts.method, &request->failure) == 0)
		set_method(request, parts.method);
	return request;
}

/* The elements of an array behind its bracket, or NULL when one is not for the fast reader. */
static struct request *parse_fast_array(struct session *session, const char *at, const char *end)
{
	struct request *first = NULL, **last = &first;

	for (size_t count = 0; count < REQUEST_ARRAY_MAX; count++) {
		*last = parse_fast(session, &at, end);
		if (!*last || at == end)
			break;
		if (*at == ']' && request_fast_blanks(at + 1, end) == end)
			return first;
		if (*at++ != ',')
			break;
		last = &(*last)->next;
	}
	request_free_all(first);
	return NULL;
}

static struct request *parse_fast_line(struct session *session, const char *line, size_t bytes)
{
	const char *end = line + bytes, *at = request_fast_blanks(line, end);
	struct request *request;

	if (bytes > COMMAND_LINE_MAX_BYTES)
		return NULL;
	if (at < end && *at == '[')
		return parse_fast_array(session, at + 1, end);
	request = parse_fast(session, &at, end);
	if (!request || at == end)
		return request;
	request_free(request);
	return NULL;
}

struct request *request_parse(struct session *session, const char *line, size_t bytes)
{
	struct request *request = parse_fast_line(session, line, bytes);
	struct failure failure;
	json_t *value;

	if (request)
		return request;
	value = read_json(line, bytes, &failure);
	if (!value)
		return request_refused(session, &failure);
	request = json_is_array(value) ? parse_array(session, value) : parse_one(session, value);
	json_decref(value);
	return request;
}

struct request *request_refused(struct session *session, const struct failure *failure)
{
	struct request *request = request_new(session);

	if (request)
		request->failure = *failure;
	return request;
}

bool request_streams(const struct request *request)
{
	return request->method &&
		(request->method->kind == METHOD_LIST || request->method->kind == METHOD_FOLLOW);
}

bool request_failed(const struct request *request)
{
	return !request->result && !request->answer.octets;
}

void request_fail(struct request *request, const struct failure *failure)
{
	json_decref(request->result);
	request->result = NULL;
	text_free(&request->answer);
	request->failure = *failure;
}
