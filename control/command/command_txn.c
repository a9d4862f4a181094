/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * txn.begin, list, show, commit, confirm, abort, run. A transaction is kept here, not by a
 * connection: who has its name and is its owner goes on with it from any.
 */
#include "control/command/command_txn.h"

#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/command/txn.h"
#include "control/command/txn_run.h"
#include "control/journal/confirm.h"
#include "control/log.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* ---- The life of one ---- */

static int read_seconds(json_t *params, const char *name, json_int_t otherwise, json_int_t most,
	uint32_t *seconds, struct failure *failure)
{
	json_int_t given = param_number(params, name, otherwise);

	if (json_object_get(params, name) && (given < 1 || given > most))
		return failure_set(failure, FAILURE_INVALID, "%s is %lld; it is 1 to %lld seconds",
			name, (long long)given, (long long)most);
	*seconds = (uint32_t)given;
	return 0;
}

static void write_id(struct text *text, const char *id)
{
	json_text_literal(text, "{\"txn\":");
	json_write_string(text, id, strlen(id));
}

static int begin(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	struct command *command = session->command;
	uint32_t timeout_s = 0;
	struct txn *txn;
	uint64_t random;

	if (read_seconds(params, "timeout_s", TXN_TIMEOUT_S, TXN_TIMEOUT_MAX_S, &timeout_s,
		    failure) != 0)
		return -1;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return failure_set(failure, FAILURE_INTERNAL,
			"the kernel gives no random numbers: %s", strerror(errno));
	if (!command->txns)
		command->txns = txns_new();
	if (!command->txns)
		return failure_set(failure, FAILURE_STORE_FULL, "out of memory");
	txn = txns_begin(command->txns, &session->actor, timeout_s, txn_run_now(), random, failure);
	if (!txn)
		return -1;
	write_id(result, txn->id);
	json_text_literal(result, ",\"timeout_s\":");
	text_add_number(result, timeout_s);
	json_text_literal(result, "}");
	return 0;
}

static int abort_txn(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	struct txn *txn = txn_run_get(session, param_text(params, "txn"), failure);

	if (!txn)
		return -1;
	write_id(result, txn->id);
	json_text_literal(result, ",\"operations\":");
	text_add_number(result, (long long)txn->operation_count);
	json_text_literal(result, "}");
	txns_end(session->command->txns, txn);
	return 0;
}

void command_txn_settle(struct command *command, bool kept)
{
	if (command->txns)
		txns_settle(command->txns, kept);
}

static void tell_end(const struct txn *txn)
{
	log_event(LOG_INFO, "txn-expired",
		LOG_FIELDS(LOG_TEXT_FIELD("txn", txn->id), LOG_TEXT_FIELD("user", txn->user),
			LOG_NUMBER_FIELD("operations", txn->operation_count)),
		"the transaction %s of %s ended, unused for %u s: %zu operations dropped", txn->id,
		txn->user, txn->timeout_s, txn->operation_count);
}

void command_txn_tick(struct command *command)
{
	while (command->txns && txns_expire(command->txns, txn_run_now(), tell_end))
		;
}

void command_txn_end(struct command *command)
{
	txns_free(command->txns);
	command->txns = NULL;
}

/* ---- What there is ---- */

static void write_waiting(struct text *items, const struct confirm *confirm, bool any)
{
	if (any)
		json_text_literal(items, ",");
	write_id(items, confirm->txn);
	json_text_literal(items, ",\"user\":");
	json_write_string(items, confirm->actor, strlen(confirm->actor));
	json_text_literal(items, ",\"seq\":");
	text_add_number(items, (long long)confirm->last);
	json_text_literal(items, ",\"confirm_by\":");
	json_text_time(items, confirm->deadline);
	json_text_literal(items, "}");
}

static void write_open(struct text *items, const struct txn *txn, bool any)
{
	if (any)
		json_text_literal(items, ",");
	write_id(items, txn->id);
	json_text_literal(items, ",\"user\":");
	json_write_string(items, txn->user, strlen(txn->user));
	if (txn->tenant[0]) {
		json_text_literal(items, ",\"tenant\":");
		json_write_string(items, txn->tenant, strlen(txn->tenant));
	}
	json_text_literal(items, ",\"operations\":");
	text_add_number(items, (long long)txn->operation_count);
	json_text_literal(items, ",\"ends_in_s\":");
	text_add_number(items, (long long)(txn->due - txn_run_now()));
	json_text_literal(items, "}");
}

static bool is_own_or_admin(const struct session *session, const struct confirm *confirm)
{
	return session->actor.role == ROLE_ADMIN ||
		strcmp(session->actor.name, confirm->actor) == 0;
}

/* All in one page: there are few. */
static int list(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	struct confirm waiting[CONFIRM_MAX];
	const struct txns *txns = session->command->txns;
	const struct txn *txn;
	unsigned count;
	bool any = false;

	(void)params;
	(void)page;
	for (size_t i = 0; txns && (txn = txns_at(txns, i)) != NULL; i++) {
		if (!txn_is_for(txn, &session->actor) || txn->due <= txn_run_now())
			continue;
		write_open(items, txn, any);
		any = true;
	}
	if (confirm_list(session->command->store, waiting, &count, failure) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (!is_own_or_admin(session, &waiting[i]))
			continue;
		write_waiting(items, &waiting[i], any);
		any = true;
	}
	return PAGE_LAST;
}

static int show(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	struct txn *txn = txn_run_get(session, param_text(params, "txn"), failure);
	size_t start = items->bytes, rows = 0;

	if (!txn)
		return -1;
	for (; page->sent < txn->operation_count; page->sent++) {
		const struct txn_operation *operation = &txn->operations[page->sent];

		if (rows >= PAGE_ROWS_MAX || items->bytes - start >= PAGE_TEXT_MAX_BYTES)
			return PAGE_MORE;
		if (rows++)
			json_text_literal(items, ",");
		json_text_literal(items, "{\"operation\":");
		text_add_number(items, (long long)page->sent + 1);
		json_text_literal(items, ",\"method\":\"");
		text_add_string(items, operation->method);
		json_text_literal(items, "\",\"addresses\":");
		text_add_number(items, operation->addresses);
		json_text_literal(items, ",\"params\":");
		text_add(items, operation->params, operation->bytes);
		json_text_literal(items, "}");
	}
	return PAGE_LAST;
}

/* ---- Commits ---- */

enum { CONFIRM_S_MAX = 86400 };

/* Does all of it in the open group. `*confirm_by` stays 0 where nothing waits. */
static int fill_group(struct session *session, const struct txn *txn,
	const struct update_group *group, uint32_t confirm_s, uint32_t *confirm_by,
	struct failure *failure)
{
	uint32_t deadline = (uint32_t)time(NULL) + confirm_s;
	int waits;

	*confirm_by = 0;
	if (txn_run_all(session, txn, failure) != 0)
		return -1;
	if (!confirm_s)
		return 0;
	waits = confirm_add(session->command->update, group, txn->id, deadline, failure);
	if (waits == 1)
		*confirm_by = deadline;
	return waits < 0 ? -1 : 0;
}

static int commit_group(struct session *session, const struct txn *txn, uint32_t confirm_s,
	struct update_result *changed, uint32_t *confirm_by, struct failure *failure)
{
	struct update *update = session->command->update;
	struct update_group group;

	if (update_group_begin(update, &group, failure) != 0)
		return -1;
	if (fill_group(session, txn, &group, confirm_s, confirm_by, failure) != 0) {
		update_group_abort(update, &group);
		return -1;
	}
	return update_group_end(update, &group, changed, failure);
}

/* Prefixes and ownership are those of who commits. */
static int check_owner(
	const struct session *session, const struct txn *txn, struct failure *failure)
{
	if (!txn->tenant[0] || session->actor.tenant)
		return 0;
	return failure_set(failure, FAILURE_DENIED,
		"the transaction is the tenant %.63s's, who alone may commit it; you may abort it",
		txn->tenant);
}

static void write_committed(struct text *result, const struct txn *txn,
	const struct update_result *changed, uint32_t confirm_by)
{
	write_id(result, txn->id);
	json_text_literal(result, ",\"seq\":");
	text_add_number(result, (long long)changed->sequence);
	json_text_literal(result, ",\"operations\":");
	text_add_number(result, (long long)txn->operation_count);
	text_add_string(result, changed->changed ? ",\"changed\":true" : ",\"changed\":false");
	if (confirm_by) {
		json_text_literal(result, ",\"confirm_by\":");
		json_text_time(result, confirm_by);
	}
	json_text_literal(result, "}");
}

static int commit(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	struct txn *txn = txn_run_get(session, param_text(params, "txn"), failure);
	struct update_result changed;
	uint32_t confirm_s = 0, confirm_by;

	if (!txn || check_owner(session, txn, failure) != 0 ||
		read_seconds(params, "confirm_s", 0, CONFIRM_S_MAX, &confirm_s, failure) != 0)
		return -1;
	if (!json_is_true(json_object_get(params, "force")) &&
		txn_run_check(session, txn, failure) != 0)
		return -1;
	if (commit_group(session, txn, confirm_s, &changed, &confirm_by, failure) != 0)
		return -1;
	write_committed(result, txn, &changed, confirm_by);
	txn_commit(txn);
	return 0;
}

static int check_waiting(struct session *session, const char *id, struct failure *failure)
{
	struct confirm waiting[CONFIRM_MAX];
	unsigned count;

	if (confirm_list(session->command->store, waiting, &count, failure) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (strcmp(waiting[i].txn, id) == 0 && is_own_or_admin(session, &waiting[i]))
			return 0;
	return failure_set(failure, FAILURE_NOT_FOUND,
		"no commit of a transaction %.32s waits for confirmation; its time may be over, "
		"and "
		"then its changes were undone",
		id);
}

static int confirm(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	const char *id = param_text(params, "txn");

	if (check_waiting(session, id, failure) != 0 ||
		confirm_keep(session->command->update, id, failure) != 0)
		return -1;
	write_id(result, id);
	json_text_literal(result, ",\"confirmed\":true}");
	return 0;
}

/* ---- All at once ---- */

/* The method of an operation, which the session may run, with its parameters checked; or NULL. */
static const struct method *read_operation(
	struct session *session, json_t *operation, json_t **params, struct failure *failure)
{
	const char *name = param_text(operation, "method");
	const struct method *method = name && txn_run_takes(name) ? command_method(name) : NULL;

	*params = json_object_get(operation, "params");
	if (!method) {
		failure_set(failure, FAILURE_INVALID,
			"\"method\" is ptr.set, ptr.add, ptr.remove, ptr.unset, zone.add or "
			"zone.remove");
		return NULL;
	}
	if (json_object_size(operation) != 2 || !json_is_object(*params)) {
		failure_set(failure, FAILURE_INVALID, "an operation has \"method\" and \"params\"");
		return NULL;
	}
	if (command_may(session, method, failure) != 0 ||
		command_check_params(method, *params, failure) != 0)
		return NULL;
	if (json_object_get(*params, "txn")) {
		failure_set(failure, FAILURE_INVALID,
			"operations of txn.run are in no other transaction");
		return NULL;
	}
	return method;
}

static int run_operations(
	struct session *session, json_t *operations, struct text *warnings, struct failure *failure)
{
	struct failure why;
	json_t *operation;
	size_t index;

	json_array_foreach (operations, index, operation) {
		json_t *params;
		const struct method *method = read_operation(session, operation, &params, &why);

		if (method && txn_run_operation(session, method->name, params, warnings, &why) == 0)
			continue;
		failure_set(failure, why.code, "operation %zu of txn.run%s%s: %.400s", index + 1,
			method ? ", " : "", method ? method->name : "", why.text);
		failure->sequence = why.sequence;
		return -1;
	}
	return 0;
}

static int run(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	struct update *update = session->command->update;
	json_t *operations = json_object_get(params, "operations");
	struct text warnings = {.octets = NULL};
	struct update_result changed;
	struct update_group group;
	int done;

	if (json_array_size(operations) == 0)
		return failure_set(
			failure, FAILURE_INVALID, "txn.run needs at least one operation");
	if (update_group_begin(update, &group, failure) != 0)
		return -1;
	done = run_operations(session, operations, &warnings, failure);
	if (done != 0)
		update_group_abort(update, &group);
	else
		done = update_group_end(update, &group, &changed, failure);
	if (done == 0) {
		json_text_literal(result, "{\"seq\":");
		text_add_number(result, (long long)changed.sequence);
		json_text_literal(result, ",\"operations\":");
		text_add_number(result, (long long)json_array_size(operations));
		text_add_string(
			result, changed.changed ? ",\"changed\":true" : ",\"changed\":false");
		ptr_request_write_warnings(result, &warnings);
		json_text_literal(result, "}");
	}
	text_free(&warnings);
	return done;
}

static const struct param begin_params[] = {
	{"timeout_s", PARAM_NUMBER, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param txn_params[] = {
	{"txn", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param commit_params[] = {
	{"txn", PARAM_TEXT, true},
	{"confirm_s", PARAM_NUMBER, false},
	{"force", PARAM_FLAG, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param run_params[] = {
	{"operations", PARAM_OBJECTS, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param no_params[] = {
	{NULL, PARAM_TEXT, false},
};

const struct method command_txn_methods[] = {
	{.name = "txn.begin",
		.kind = METHOD_ACT,
		.roles = ALLOW_CHANGE_OWN,
		.params = begin_params,
		.answer = begin},
	{.name = "txn.list",
		.kind = METHOD_LIST,
		.roles = ALLOW_CHANGE_OWN,
		.params = no_params,
		.write = list},
	{.name = "txn.show",
		.kind = METHOD_LIST,
		.roles = ALLOW_CHANGE_OWN,
		.params = txn_params,
		.write = show},
	{.name = "txn.diff",
		.kind = METHOD_LIST,
		.roles = ALLOW_CHANGE_OWN,
		.params = txn_params,
		.write = command_txn_diff},
	{.name = "txn.commit",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = commit_params,
		.answer = commit},
	{.name = "txn.confirm",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = txn_params,
		.answer = confirm},
	{.name = "txn.abort",
		.kind = METHOD_ACT,
		.roles = ALLOW_CHANGE_OWN,
		.params = txn_params,
		.answer = abort_txn},
	{.name = "txn.run",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = run_params,
		.answer = run},
	{.name = NULL},
};
