/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_names.h"

#include "control/config/config.h"
#include "control/config/config_schema.h"

int config_names_check(const struct config_check *check)
{
	static const char *const choices[] = {"off", "warn", "enforce", NULL};
	const char *text = check->raw->names ? check->raw->names->syntax : NULL;
	unsigned syntax = NAME_SYNTAX_WARN;

	if (config_value_word(check, "names.syntax", text, choices, &syntax) != 0)
		return -1;
	check->config->name_syntax = (enum name_syntax)syntax;
	return 0;
}
