/* SPDX-License-Identifier: BSD-3-Clause */
/* ptr.set, ptr.add, ptr.remove, ptr.unset, ptr.show, ptr.count: one address, or all of a prefix. */
#include "control/command/command_method.h"
#include "control/command/command_txn.h"
#include "control/command/json_text.h"
#include "control/command/ptr_request.h"
#include "control/command/ptr_row.h"
#include "control/presentation.h"

static void write_outcome(
	struct text *text, const struct ptr_request *request, const struct ptr_outcome *outcome)
{
	struct text warnings = {.octets = NULL};

	json_text_literal(text, "{");
	ptr_request_write_target(text, request);
	json_text_literal(text, ",\"seq\":");
	text_add_number(text, (long long)outcome->result.sequence);
	if (outcome->result.serial) {
		json_text_literal(text, ",\"serial\":");
		text_add_number(text, outcome->result.serial);
	}
	if (outcome->result.changed)
		json_text_literal(text, ",\"changed\":true");
	else
		json_text_literal(text, ",\"changed\":false");
	if (request->is_prefix) {
		json_text_literal(text, ",\"removed\":");
		text_add_number(text, (long long)outcome->removed);
	}
	ptr_request_add_warnings(&warnings, request);
	ptr_request_write_warnings(text, &warnings);
	text_free(&warnings);
	json_text_literal(text, "}");
}

static int change(struct session *session, enum ptr_verb verb, json_t *params, struct text *result,
	struct failure *failure)
{
	struct command *command = session->command;
	struct ptr_request request;
	struct ptr_outcome outcome;
	const char *txn = param_text(params, "txn");

	if (ptr_request_parse(verb, params, command->name_syntax, &request, failure) != 0)
		return -1;
	if (txn)
		return command_txn_stage_ptr(session, txn, &request, params, result, failure);
	if (ptr_request_run(command->update, &request, &outcome, failure) != 0)
		return -1;
	write_outcome(result, &request, &outcome);
	return 0;
}

static int set(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return change(session, PTR_VERB_SET, params, result, failure);
}

static int add(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return change(session, PTR_VERB_ADD, params, result, failure);
}

static int remove_names(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return change(session, PTR_VERB_REMOVE, params, result, failure);
}

static int unset(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	return change(session, PTR_VERB_UNSET, params, result, failure);
}

static int show(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	struct update *update = session->command->update;
	struct ptr_object object = {.names = {.count = 0}};
	struct owner owner, zone;
	struct prefix address;

	if (presentation_parse_address(param_text(params, "address"), &address, failure) != 0)
		return -1;
	owner = owner_from_prefix(&address);
	if (update_get_ptr(update, &address, &object, failure) == 0) {
		const struct rrset names = rrset_buffer_view(&object.names);
		const struct ptr_row row = {&names, &object.stamp, &object.details};

		update_find_zone(update, &owner, &zone);
		ptr_row_write(result, &address, &row, &zone);
		rrset_buffer_free(&object.names);
		return 0;
	}
	rrset_buffer_free(&object.names);
	return -1;
}

static int count(
	struct session *session, json_t *params, struct text *result, struct failure *failure)
{
	struct prefix prefix;
	size_t found;

	if (presentation_parse_prefix(param_text(params, "prefix"), &prefix, failure) != 0 ||
		update_count_prefix(session->command->update, &prefix, &found, failure) != 0)
		return -1;
	json_text_literal(result, "{\"prefix\":");
	json_text_prefix(result, &prefix);
	json_text_literal(result, ",\"count\":");
	text_add_number(result, (long long)found);
	json_text_literal(result, "}");
	return 0;
}

static const struct param set_params[] = {
	{"address", PARAM_TEXT, true},
	{"name", PARAM_TEXT, false},
	{"names", PARAM_TEXTS, false},
	{"ttl", PARAM_NUMBER, false},
	{"description", PARAM_TEXT, false},
	{"tags", PARAM_TEXT_MAP, false},
	{"tenant", PARAM_TEXT, false},
	{"if_seq", PARAM_NUMBER, false},
	{"txn", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param names_params[] = {
	{"address", PARAM_TEXT, true},
	{"name", PARAM_TEXT, false},
	{"names", PARAM_TEXTS, false},
	{"ttl", PARAM_NUMBER, false},
	{"if_seq", PARAM_NUMBER, false},
	{"txn", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param unset_params[] = {
	{"address", PARAM_TEXT, false},
	{"prefix", PARAM_TEXT, false},
	{"expect", PARAM_NUMBER, false},
	{"if_seq", PARAM_NUMBER, false},
	{"txn", PARAM_TEXT, false},
	{NULL, PARAM_TEXT, false},
};

static const struct param address_params[] = {
	{"address", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

static const struct param prefix_params[] = {
	{"prefix", PARAM_TEXT, true},
	{NULL, PARAM_TEXT, false},
};

const struct method command_ptr_methods[] = {
	{.name = "ptr.set",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = set_params,
		.answer = set},
	{.name = "ptr.add",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = names_params,
		.answer = add},
	{.name = "ptr.remove",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = names_params,
		.answer = remove_names},
	{.name = "ptr.unset",
		.kind = METHOD_CHANGE,
		.roles = ALLOW_CHANGE_OWN,
		.params = unset_params,
		.answer = unset},
	{.name = "ptr.show",
		.kind = METHOD_READ,
		.roles = ALLOW_READ_OWN,
		.params = address_params,
		.answer = show},
	{.name = "ptr.count",
		.kind = METHOD_READ,
		.roles = ALLOW_READ_OWN,
		.params = prefix_params,
		.answer = count},
	{.name = NULL},
};
