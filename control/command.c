/* SPDX-License-Identifier: BSD-3-Clause */
/* The one dispatcher: finds a method's row, runs a batch round one commit, spreads a failed one. */
#include "control/command.h"

#include "control/log.h"
#include "control/presentation.h"
#include "control/request.h"
#include "dataplane/dns/name.h"

#include <stdlib.h>
#include <string.h>

const struct method *command_method(const char *name)
{
	static const struct method *const tables[] = {
		command_ptr_methods,
		command_zone_methods,
		command_import_methods,
		command_export_methods,
		command_server_methods,
		command_address_methods,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct method *method = tables[i]; method->name; method++)
			if (strcmp(method->name, name) == 0)
				return method;
	return NULL;
}

struct session *command_session_new(struct command *command)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session)
		session->command = command;
	return session;
}

void command_session_free(struct session *session)
{
	if (!session)
		return;
	command_import_end(session);
	free(session);
}

static bool is_change(const struct request *request)
{
	return request->method && request->method->kind == METHOD_CHANGE;
}

static void run(struct request *request)
{
	if (!request->method || request->method->kind == METHOD_LIST)
		return;
	request->result =
		request->method->run(request->session, request->params, &request->failure);
}

/*
 * From the first change on, every result was made from what has just been thrown away, but for what
 * was done outside of the store.
 */
static void fail_all(
	struct request *const *requests, size_t first, size_t count, const struct failure *failure)
{
	for (size_t i = first; i < count; i++) {
		if (!requests[i]->result || requests[i]->method->kind == METHOD_ACT)
			continue;
		json_decref(requests[i]->result);
		requests[i]->result = NULL;
		requests[i]->failure = *failure;
	}
	log_error(
		"a commit failed, its %zu requests were refused: %s", count - first, failure->text);
}

static void log_changes(struct request *const *requests, size_t first, size_t count)
{
	for (size_t i = first; i < count; i++) {
		char *text;

		if (!requests[i]->result || !requests[i]->method->logged)
			continue;
		text = json_dumps(requests[i]->result, JSON_COMPACT);
		log_info("%s %s", requests[i]->method->name, text ? text : "");
		free(text);
	}
}

/* Runs all from the first change on, inside one transaction. */
static void run_changes(
	struct command *command, struct request *const *requests, size_t first, size_t count)
{
	struct failure failure;

	if (update_begin(command->update, &failure) != 0) {
		for (size_t i = first; i < count; i++)
			if (is_change(requests[i]))
				requests[i]->failure = failure;
			else
				run(requests[i]);
		log_error("no transaction could be opened: %s", failure.text);
		return;
	}
	for (size_t i = first; i < count; i++)
		run(requests[i]);
	if (update_commit(command->update, &failure) != 0)
		fail_all(requests, first, count, &failure);
	else
		log_changes(requests, first, count);
	for (size_t i = first; i < count; i++)
		command_import_settle(requests[i]->session);
	if (command->changed)
		command->changed(command->context);
}

void command_run(struct command *command, struct request *const *requests, size_t count)
{
	size_t first = 0;

	while (first < count && !is_change(requests[first]))
		run(requests[first++]);
	if (first < count)
		run_changes(command, requests, first, count);
}

const char *param_text(json_t *params, const char *name)
{
	return json_string_value(json_object_get(params, name));
}

json_int_t param_number(json_t *params, const char *name, json_int_t otherwise)
{
	json_t *value = json_object_get(params, name);

	return value ? json_integer_value(value) : otherwise;
}

json_t *command_names(const struct rrset *rrset, size_t *text_bytes)
{
	json_t *names = json_array();
	char text[PRESENTATION_NAME_BYTES];
	const uint8_t *name;
	uint32_t offset = 0;
	uint16_t bytes;

	while ((name = rrset_next(rrset, &offset, &bytes)) != NULL) {
		if (name_length(name, bytes) != bytes) {
			json_decref(names);
			return NULL;
		}
		presentation_write_name(name, text);
		*text_bytes += strlen(text);
		if (json_array_append_new(names, json_string(text)) != 0) {
			json_decref(names);
			return NULL;
		}
	}
	return names;
}

json_t *command_no_memory(struct failure *failure)
{
	failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	return NULL;
}
