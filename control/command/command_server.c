/* SPDX-License-Identifier: BSD-3-Clause */
/* server.status, server.stats, server.health, server.stop, server.methods. */
#include "control/command/command_method.h"

static json_t *status(struct session *session, json_t *params, struct failure *failure)
{
	struct report_facts facts = {.ready = false};
	json_t *result;

	(void)params;
	session->command->gather(session->command->context, &facts);
	result = report_status(&facts);
	return result ? result : command_no_memory(failure);
}

static json_t *stats(struct session *session, json_t *params, struct failure *failure)
{
	struct report_facts facts = {.ready = false};
	json_t *result;

	session->command->gather(session->command->context, &facts);
	result = report_stats(&facts, json_is_true(json_object_get(params, "explain")));
	return result ? result : command_no_memory(failure);
}

static json_t *health(struct session *session, json_t *params, struct failure *failure)
{
	json_t *result = session->command->health(session->command->context);

	(void)params;
	return result ? result : command_no_memory(failure);
}

static json_t *stop(struct session *session, json_t *params, struct failure *failure)
{
	json_t *result = json_pack("{s:b}", "stopping", 1);

	(void)params;
	if (!result)
		return command_no_memory(failure);
	session->command->stop(session->command->context);
	return result;
}

static json_t *roles_of(const struct method *method)
{
	json_t *roles = json_array();

	for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
		if (role == ROLE_ADMIN || (method->roles & 1 << role))
			json_array_append_new(roles, json_string(actor_role_name(role)));
	return roles;
}

static const char *param_kind_name(enum param_kind kind)
{
	static const char *const names[] = {[PARAM_TEXT] = "string",
		[PARAM_TEXTS] = "strings",
		[PARAM_NUMBER] = "integer",
		[PARAM_FLAG] = "boolean",
		[PARAM_TEXT_MAP] = "map",
		[PARAM_OBJECTS] = "objects"};

	return names[kind];
}

static json_t *params_of(const struct method *method)
{
	json_t *params = json_array();

	for (const struct param *param = method->params; param->name; param++)
		json_array_append_new(params,
			json_pack("{s:s, s:s, s:b}", "name", param->name, "type",
				param_kind_name(param->kind), "required", param->required));
	return params;
}

static json_t *describe(struct session *session, const struct method *method)
{
	static const char *const kinds[] = {[METHOD_READ] = "read",
		[METHOD_ACT] = "act",
		[METHOD_CHANGE] = "change",
		[METHOD_LIST] = "list",
		[METHOD_FOLLOW] = "follow"};
	struct failure ignored;

	return json_pack("{s:s, s:s, s:o, s:b, s:o}", "method", method->name, "kind",
		kinds[method->kind], "roles", roles_of(method), "allowed",
		command_may(session, method, &ignored) == 0, "params", params_of(method));
}

/* Some sixty short rows: one reply. */
static json_t *methods(struct session *session, json_t *params, struct failure *failure)
{
	json_t *rows = json_array();
	const struct method *method;

	(void)params;
	for (size_t i = 0; (method = command_method_at(i)) != NULL; i++)
		if (json_array_append_new(rows, describe(session, method)) != 0) {
			json_decref(rows);
			return command_no_memory(failure);
		}
	return rows ? rows : command_no_memory(failure);
}

static const struct param no_params[] = {
	{NULL, PARAM_TEXT, false},
};

static const struct param stats_params[] = {
	{"explain", PARAM_FLAG, false},
	{NULL, PARAM_TEXT, false},
};

const struct method command_server_methods[] = {
	{.name = "server.status",
		.kind = METHOD_READ,
		.roles = ALLOW_READ_OWN,
		.params = no_params,
		.run = status},
	{.name = "server.stats",
		.kind = METHOD_READ,
		.roles = ALLOW_READ,
		.params = stats_params,
		.run = stats},
	{.name = "server.health",
		.kind = METHOD_READ,
		.roles = ALLOW_READ_OWN,
		.params = no_params,
		.run = health},
	{.name = "server.stop",
		.kind = METHOD_ACT,
		.roles = ALLOW_ADMIN,
		.params = no_params,
		.run = stop},
	{.name = "server.methods",
		.kind = METHOD_READ,
		.roles = ALLOW_READ_OWN,
		.params = no_params,
		.run = methods},
	{.name = NULL},
};
