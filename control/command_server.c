/* SPDX-License-Identifier: BSD-3-Clause */
/* server.status, server.stats, server.stop. */
#include "control/command_method.h"

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

static json_t *stop(struct session *session, json_t *params, struct failure *failure)
{
	json_t *result = json_pack("{s:b}", "stopping", 1);

	(void)params;
	if (!result)
		return command_no_memory(failure);
	session->command->stop(session->command->context);
	return result;
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
	{.name = "server.stop",
		.kind = METHOD_ACT,
		.roles = ALLOW_ADMIN,
		.params = no_params,
		.run = stop},
	{.name = NULL},
};
