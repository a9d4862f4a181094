/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config/config_problems.h"

#include <stdarg.h>
#include <string.h>

int config_problems_add(struct config_problems *problems, const char *key, unsigned line,
	bool shape, const char *format, ...)
{
	char text[FAILURE_TEXT_BYTES];
	struct config_problem *problem;
	va_list arguments;

	if (problems->count == CONFIG_PROBLEMS_MAX) {
		problems->more++;
		return -1;
	}
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	problem = &problems->list[problems->count++];
	*problem = (struct config_problem){
		.line = line, .length = (unsigned)strlen(key), .shape = shape};
	return failure_set(&problem->why, FAILURE_INVALID, "%s%s%s", key, *key ? ": " : "", text);
}

static size_t section(const char *key)
{
	return strcspn(key, ".[:");
}

bool config_problems_in(const struct config_problems *problems, const char *key, bool shape)
{
	size_t length = section(key);

	for (unsigned i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->list[i];

		if (problem->shape == shape && problem->length >= length &&
			section(problem->why.text) == length &&
			strncmp(problem->why.text, key, length) == 0)
			return true;
	}
	return false;
}

bool config_problems_at_top(const struct config_problems *problems)
{
	for (unsigned i = 0; i < problems->count; i++)
		if (problems->list[i].shape &&
			section(problems->list[i].why.text) == problems->list[i].length)
			return true;
	return false;
}

bool config_problems_below(const struct config_problems *problems, const char *key)
{
	size_t length = strlen(key);

	for (unsigned i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->list[i];

		if (problem->shape && problem->length >= length &&
			strncmp(problem->why.text, key, length) == 0 &&
			(problem->length == length || strchr(".[", problem->why.text[length])))
			return true;
	}
	return false;
}

/* By insertion: those of one line stay in the order in which they were found. */
void config_problems_sort(struct config_problems *problems)
{
	for (unsigned i = 1; i < problems->count; i++) {
		struct config_problem moved = problems->list[i];
		unsigned at = i;

		/* Less 1, a line of 0 becomes the largest. */
		for (; at && problems->list[at - 1].line - 1 > moved.line - 1; at--)
			problems->list[at] = problems->list[at - 1];
		problems->list[at] = moved;
	}
}

void config_problem_write(
	const struct config_problem *problem, const char *path, char *text, size_t bytes)
{
	const char *why = problem->why.text;

	if (path && problem->line)
		snprintf(text, bytes, "%s:%u: %s", path, problem->line, why);
	else if (path)
		snprintf(text, bytes, "%s: %s", path, why);
	else if (problem->line)
		snprintf(text, bytes, "line %u: %s", problem->line, why);
	else
		snprintf(text, bytes, "%s", why);
}

int config_problems_fail(
	struct config_problems *problems, const char *path, struct failure *failure)
{
	unsigned others = problems->count - 1 + problems->more;
	char text[2 * FAILURE_TEXT_BYTES];

	config_problems_sort(problems);
	config_problem_write(&problems->list[0], path, text, sizeof(text));
	if (!others)
		return failure_set(failure, problems->list[0].why.code, "%s", text);
	return failure_set(failure, problems->list[0].why.code,
		"%s; and %u more, which \"arpad --check\" shows", text, others);
}
