/* SPDX-License-Identifier: BSD-3-Clause */
/* Strict: what is not wholly a value of its kind is refused with its key, its text and the rule. */
#include "control/config/config_value.h"

#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Whether what is wrong comes of what was told already: of a part of the value that could not be
 * read, or, where the key is missing, of one that may have been meant for it.
 */
static bool follows(const struct config_check *check, const char *key)
{
	return config_problems_below(check->problems, key) ||
		(!config_tree_has(check->tree, key) &&
			(config_problems_in(check->problems, key, true) ||
				config_problems_at_top(check->problems)));
}

int config_value_refuse(const struct config_check *check, const char *key, const char *format, ...)
{
	char text[FAILURE_TEXT_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (follows(check, key))
		return -1;
	return config_problems_add(
		check->problems, key, config_tree_line(check->tree, key), false, "%s", text);
}

int config_value_no_memory(const struct config_check *check)
{
	*check->no_memory = true;
	return -1;
}

bool config_value_is_interface(const char *name)
{
	/* A comma would start another part of DPDK's argument. */
	return *name && strlen(name) < IF_NAMESIZE && !strpbrk(name, "/,: \t\n") &&
		strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int config_value_parse(const char *text, int base, long low, long high, long *value)
{
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return -EINVAL;
	errno = 0;
	*value = strtol(text, &end, base);
	return errno || *end || *value < low || *value > high ? -ERANGE : 0;
}

int config_value_number(const struct config_check *check, const char *key, const char *text,
	long low, long high, long *value)
{
	long parsed;

	if (!text)
		return 0;
	if (config_value_parse(text, 10, low, high, &parsed) != 0)
		return config_value_refuse(check, key,
			"\"%s\" is not a whole number from %ld to %ld", text, low, high);
	*value = parsed;
	return 0;
}

int config_value_word(const struct config_check *check, const char *key, const char *text,
	const char *const *words, unsigned *value)
{
	char all[CONFIG_KEY_BYTES] = "";

	if (!text)
		return 0;
	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*value = i;
			return 0;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "",
			words[i]);
	}
	return config_value_refuse(check, key, "\"%s\" is not one of: %s", text, all);
}
