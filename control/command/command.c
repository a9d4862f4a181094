/* SPDX-License-Identifier: BSD-3-Clause */
/* The one dispatcher: finds a method's row, runs a batch round one commit, spreads a failed one. */
#include "control/command/command.h"

#include "control/command/audit.h"
#include "control/command/command_txn.h"
#include "control/command/request.h"
#include "control/command/users.h"
#include "control/log.h"
#include "control/metrics/request_counts.h"
#include "control/presentation.h"
#include "dataplane/counters.h"
#include "dataplane/dns/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct method *const tables[] = {
	command_ptr_methods,
	command_ptr_list_methods,
	command_txn_methods,
	command_zone_methods,
	command_import_methods,
	command_diff_methods,
	command_backup_methods,
	command_restore_methods,
	command_export_methods,
	command_server_methods,
	command_address_methods,
	command_journal_methods,
	command_config_methods,
	command_store_methods,
	command_trace_methods,
	command_observe_methods,
};

static bool is_called(const struct method *method, const char *name, size_t bytes)
{
	return strncmp(method->name, name, bytes) == 0 && method->name[bytes] == '\0';
}

static const struct method *find_method(const char *name, size_t bytes)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct method *method = tables[i]; method->name; method++)
			if (is_called(method, name, bytes))
				return method;
	return NULL;
}

const struct method *command_method_of(const char *name, size_t bytes)
{
	static const struct method *last; /* who calls one often calls it again */
	const struct method *method = last;

	if (!method || !is_called(method, name, bytes))
		method = find_method(name, bytes);
	if (method)
		last = method;
	return method;
}

const struct method *command_method(const char *name)
{
	return command_method_of(name, strlen(name));
}

const struct method *command_method_at(size_t index)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct method *method = tables[i]; method->name; method++)
			if (index-- == 0)
				return method;
	return NULL;
}

struct session *command_session_new(struct command *command)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->command = command;
	session->actor = (struct actor){.role = ROLE_ADMIN, .uid = getuid(), .pid = getpid()};
	snprintf(session->actor.name, sizeof(session->actor.name), "%u", (unsigned)getuid());
	return session;
}

static void judge(struct session *session)
{
	access_judge(session->command->access, &session->peer, &session->actor);
	session->access_version = session->command->access_version;
}

void command_session_set_peer(struct session *session, const struct peer *peer)
{
	access_peer_free(&session->peer);
	session->peer = *peer;
	session->has_peer = true;
	session->actor = (struct actor){.uid = peer->uid, .pid = peer->pid};
	users_name(peer->uid, session->actor.name);
	judge(session);
}

bool command_session_is_read_only(const struct session *session)
{
	return session->has_peer && session->peer.read_only;
}

const struct actor *command_session_actor(struct session *session)
{
	if (session->has_peer && session->access_version != session->command->access_version)
		judge(session);
	return &session->actor;
}

void command_session_end(struct session *session)
{
	command_import_end(session);
	command_store_end(session);
	command_trace_end(session);
}

void command_session_free(struct session *session)
{
	if (!session)
		return;
	command_session_end(session);
	access_peer_free(&session->peer);
	free(session);
}

int command_may(struct session *session, const struct method *method, struct failure *failure)
{
	enum role role = command_session_actor(session)->role, needed = ROLE_VIEWER;

	if (role == ROLE_ADMIN || (method->roles & 1 << role))
		return 0;
	while (needed < ROLE_ADMIN && !(method->roles & 1 << needed))
		needed++;
	return failure_set(failure, FAILURE_DENIED,
		"%s needs the role %s, and %s has the role %s here; control.access of the "
		"configuration says who has which",
		method->name, actor_role_name(needed), session->actor.name, actor_role_name(role));
}

void command_act_as(struct session *session)
{
	update_set_actor(session->command->update, command_session_actor(session));
}

void command_act_as_self(struct session *session)
{
	update_set_actor(session->command->update, NULL);
}

static bool is_change(const struct request *request)
{
	return request->method && request->method->kind == METHOD_CHANGE;
}

static bool is_bulk(const struct request *request)
{
	return request->method && request->method->bulk;
}

static void answer(struct request *request)
{
	struct text *text = &request->answer;
	int result =
		request->method->answer(request->session, request->params, text, &request->failure);

	if (result == 0 && !text->failed)
		return;
	if (result == 0)
		command_no_memory(&request->failure);
	text_free(text);
}

static void run(struct request *request)
{
	const struct method *method = request->method;

	if (!method || request_streams(request) ||
		command_may(request->session, method, &request->failure) != 0)
		return;
	command_act_as(request->session);
	if (method->run)
		request->result = method->run(request->session, request->params, &request->failure);
	else
		answer(request);
	command_act_as_self(request->session);
}

/* The sequence moves with every change that is made, and with none that changes nothing. */
static void run_change(struct command *command, struct request *request)
{
	uint64_t before = store_sequence(command->store), after;

	run(request);
	after = store_sequence(command->store);
	if (after != before)
		request->sequence = after;
}

static void run_other(struct request *request)
{
	run(request);
	if (request->method && request->method->kind == METHOD_ACT && !request_failed(request))
		audit_act(request);
}

/*
 * From the first change on, every result was made from what has just been thrown away, but for what
 * was done outside of the store.
 */
static void fail_all(struct request *const *requests, size_t count, const struct failure *failure)
{
	for (size_t i = 0; i < count; i++)
		if (!request_failed(requests[i]) && requests[i]->method->kind != METHOD_ACT)
			request_fail(requests[i], failure);
	log_event(LOG_ERROR, "commit-failed", LOG_FIELDS(LOG_NUMBER_FIELD("requests", count)),
		"a commit failed, its %zu requests were refused: %s", count, failure->text);
}

/* Runs all, the first of which is a change, inside one transaction. */
static void run_changes(struct command *command, struct request *const *requests, size_t count)
{
	struct failure failure;
	bool kept;

	if (update_begin(command->update, &failure) != 0) {
		for (size_t i = 0; i < count; i++)
			if (is_change(requests[i]))
				requests[i]->failure = failure;
			else
				run_other(requests[i]);
		log_event(LOG_ERROR, "commit-failed",
			LOG_FIELDS(LOG_NUMBER_FIELD("requests", count)),
			"no transaction could be opened: %s", failure.text);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (is_change(requests[i]))
			run_change(command, requests[i]);
		else
			run_other(requests[i]);
	kept = update_commit(command->update, &failure) == 0;
	if (kept)
		audit_changes(requests, count);
	else
		fail_all(requests, count, &failure);
	command_txn_settle(command, kept);
	for (size_t i = 0; i < count; i++)
		command_import_settle(requests[i]->session);
	if (command->changed)
		command->changed(command->context);
}

static size_t method_number(const struct method *method)
{
	size_t number = 0;

	while (command_method_at(number) != method)
		number++;
	return number;
}

/* Clients mostly repeat themselves, so a method is not looked for each time. */
static void count_requests(
	struct request_counts *counts, struct request *const *requests, size_t count)
{
	const struct method *last = NULL;
	size_t number = 0;

	for (size_t i = 0; counts && i < count; i++) {
		const struct method *method = requests[i]->method;
		enum request_counts_result result = REQUEST_COUNTS_DONE;

		if (!method || (method->kind != METHOD_CHANGE && method->kind != METHOD_ACT))
			continue;
		if (method != last)
			number = method_number(method);
		last = method;
		if (request_failed(requests[i]))
			result = request_counts_result_of(requests[i]->failure.code);
		if (number < REQUEST_COUNTS_METHODS_MAX)
			counter_add(&counts->count[number][result], 1);
	}
}

/* The requests from `first` on that share a batch: what writes in bulk has one for itself. */
static size_t batch_end(struct request *const *requests, size_t first, size_t count)
{
	size_t end = first + 1;

	if (is_bulk(requests[first]))
		return end;
	while (end < count && !is_bulk(requests[end]))
		end++;
	return end;
}

void command_run(struct command *command, struct request *const *requests, size_t count)
{
	size_t first = 0;

	while (first < count) {
		size_t end;

		while (first < count && !is_change(requests[first]))
			run_other(requests[first++]);
		if (first == count)
			break;
		end = batch_end(requests, first, count);
		run_changes(command, requests + first, end - first);
		first = end;
	}
	count_requests(command->counts, requests, count);
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
