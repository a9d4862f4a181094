/* SPDX-License-Identifier: BSD-3-Clause */
/* config.show, config.diff, config.reload, config.check. */
#include "control/command/command_method.h"
#include "control/config/config.h"
#include "control/config/config_problems.h"

#include <string.h>

static int show(struct session *session, json_t *params, struct page *page, json_t *items,
	struct failure *failure)
{
	struct command *command = session->command;
	const char *key = param_text(params, "key");
	json_t *rows = command->show_config(
		command->context, key ? key : "", page->sent, PAGE_ROWS_MAX, failure);
	size_t count = json_array_size(rows);

	if (!rows)
		return -1;
	if (!count && !page->sent && key) {
		json_decref(rows);
		return failure_set(failure, FAILURE_NOT_FOUND,
			"the configuration has no key \"%s\"; \"arpactl config show\" has them all",
			key);
	}
	json_array_extend(items, rows);
	json_decref(rows);
	page->sent += count;
	return count == PAGE_ROWS_MAX ? PAGE_MORE : PAGE_LAST;
}

static json_t *diff(struct session *session, json_t *params, struct failure *failure)
{
	(void)params;
	return session->command->diff_config(session->command->context, failure);
}

static json_t *reload(struct session *session, json_t *params, struct failure *failure)
{
	(void)params;
	return session->command->reload(session->command->context, failure);
}

static json_t *problem_row(const struct config_problem *problem)
{
	return problem->line
		? json_pack("{s:i, s:s}", "line", (int)problem->line, "text", problem->why.text)
		: json_pack("{s:s}", "text", problem->why.text);
}

static json_t *check(struct session *session, json_t *params, struct failure *failure)
{
	const json_t *text = json_object_get(params, "text");
	struct config_problems problems;
	struct config *config;
	json_t *rows = json_array();

	(void)session;
	config_parse(
		json_string_value(text), json_string_length(text), &config, &problems, failure);
	if (!config && !problems.count) {
		json_decref(rows);
		return NULL;
	}
	for (unsigned i = 0; i < problems.count; i++)
		json_array_append_new(rows, problem_row(&problems.list[i]));
	config_free(config);
	*failure = (struct failure){.code = FAILURE_NONE};
	return json_pack("{s:b, s:o, s:i}", "valid", !problems.count, "problems", rows, "more",
		(int)problems.more);
}

static const struct param no_params[] = {{NULL, PARAM_TEXT, false}};
static const struct param show_params[] = {{"key", PARAM_TEXT, false}, {NULL, PARAM_TEXT, false}};
static const struct param check_params[] = {{"text", PARAM_TEXT, true}, {NULL, PARAM_TEXT, false}};

const struct method command_config_methods[] = {
	{.name = "config.show",
		.kind = METHOD_LIST,
		.roles = ALLOW_READ,
		.params = show_params,
		.page = show},
	{.name = "config.diff",
		.kind = METHOD_READ,
		.roles = ALLOW_READ,
		.params = no_params,
		.run = diff},
	{.name = "config.check",
		.kind = METHOD_READ,
		.roles = ALLOW_CHANGE,
		.params = check_params,
		.run = check},
	{.name = "config.reload",
		.kind = METHOD_ACT,
		.roles = ALLOW_ADMIN,
		.params = no_params,
		.run = reload},
	{.name = NULL},
};
