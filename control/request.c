/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One line of untrusted JSON -> struct request with parameters of the right names and kinds, or
 * with the failure that its sender will read.
 */
#include "control/request.h"

#include "control/request_piece.h"

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

static json_t *read_object(const char *line, size_t bytes, struct failure *failure)
{
	json_error_t error;
	json_t *object;

	if (bytes > COMMAND_LINE_MAX_BYTES) {
		failure_set(failure, FAILURE_TOO_LARGE, "the line is longer than %d bytes",
			COMMAND_LINE_MAX_BYTES);
		return NULL;
	}
	object = request_piece_read(line, bytes);
	if (object)
		return object;
	if (!is_shallow(line, bytes)) {
		failure_set(failure, FAILURE_INVALID, "the line nests deeper than %d levels",
			COMMAND_DEPTH_MAX);
		return NULL;
	}
	object = json_loadb(line, bytes, JSON_REJECT_DUPLICATES, &error);
	if (!object) {
		failure_set(failure, FAILURE_INVALID, "the line is not JSON: %s", error.text);
		return NULL;
	}
	if (!json_is_object(object)) {
		json_decref(object);
		failure_set(failure, FAILURE_INVALID,
			"a request is a JSON object, such as "
			"{\"id\":1,\"method\":\"server.status\"}");
		return NULL;
	}
	return object;
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

static bool is_of_kind(const json_t *value, enum param_kind kind)
{
	size_t index;
	json_t *item;

	switch (kind) {
	case PARAM_TEXT:
		return json_is_string(value);
	case PARAM_NUMBER:
		return json_is_integer(value);
	case PARAM_FLAG:
		return json_is_boolean(value);
	case PARAM_TEXTS:
		if (!json_is_array(value))
			return false;
		json_array_foreach (value, index, item)
			if (!json_is_string(item))
				return false;
		return true;
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

static int check_params(const struct method *method, json_t *params, struct failure *failure)
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
	return check_params(method, request->params, failure);
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
	if (read_params(request, method, object, failure) != 0)
		return -1;
	request->method = method;
	return 0;
}

struct request *request_parse(struct session *session, const char *line, size_t bytes)
{
	struct request *request = calloc(1, sizeof(*request));
	json_t *object;

	if (!request)
		return NULL;
	request->session = session;
	object = read_object(line, bytes, &request->failure);
	if (object)
		read_request(request, object, &request->failure);
	json_decref(object);
	return request;
}

struct request *request_refused(struct session *session, const struct failure *failure)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->session = session;
	request->failure = *failure;
	return request;
}

bool request_streams(const struct request *request)
{
	return request->method && request->method->kind == METHOD_LIST;
}

/* A failure's text may quote octets that are no UTF-8, or end in the middle of a character. */
static json_t *text_of(const struct failure *failure)
{
	char ascii[FAILURE_TEXT_BYTES];
	json_t *text = json_string(failure->text);

	if (text)
		return text;
	for (size_t i = 0; i < sizeof(ascii); i++)
		ascii[i] = (unsigned char)failure->text[i] < 0x80 ? failure->text[i] : '?';
	ascii[sizeof(ascii) - 1] = '\0';
	return json_string(ascii);
}

static void set_error(json_t *reply, const struct failure *failure)
{
	json_t *error = json_object();

	json_object_set_new(error, "code", json_integer(failure->code));
	json_object_set_new(error, "name", json_string(failure_name(failure->code)));
	json_object_set_new(error, "message", text_of(failure));
	json_object_set_new(reply, "error", error);
}

static json_t *next_page(struct request *request, bool *more)
{
	json_t *items = json_array();
	int result;

	if (!items)
		return command_no_memory(&request->failure);
	result = request->method->page(
		request->session, request->params, &request->page, items, &request->failure);
	request->page.started = true;
	*more = result > 0;
	if (result >= 0)
		return items;
	json_decref(items);
	return NULL;
}

char *request_reply(struct request *request, size_t *bytes, bool *more)
{
	json_t *reply = json_object(), *result = request->result;
	char *line;

	*more = false;
	request->result = NULL;
	if (request_streams(request))
		result = next_page(request, more);
	json_object_set_new(reply, "id", request->id ? json_incref(request->id) : json_null());
	if (*more)
		json_object_set_new(reply, "more", json_true());
	if (result)
		json_object_set_new(reply, "result", result);
	else
		set_error(reply, &request->failure);
	line = json_dumps(reply, JSON_COMPACT);
	json_decref(reply);
	if (!line)
		return NULL;
	*bytes = strlen(line) + 1;
	line[*bytes - 1] = '\n'; /* in place of the NUL: the caller has the length */
	return line;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	json_decref(request->id);
	json_decref(request->params);
	json_decref(request->result);
	free(request);
}
