/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/preflight/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_ROWS = 32 };

static struct verdict_row *add_row(struct verdicts *verdicts)
{
	if (verdicts->count == verdicts->room) {
		size_t room = verdicts->room ? 2 * verdicts->room : FIRST_ROWS;
		struct verdict_row *rows = realloc(verdicts->rows, room * sizeof(*rows));

		if (!rows) {
			verdicts->no_memory = true;
			return NULL;
		}
		verdicts->rows = rows;
		verdicts->room = room;
	}
	return &verdicts->rows[verdicts->count++];
}

/* Names from the system may hold anything. */
static void write_text(char *text, size_t bytes, const char *format, va_list arguments)
{
	vsnprintf(text, bytes, format, arguments);
	for (char *at = text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

void verdict_add(struct verdicts *verdicts, enum verdict verdict, const char *subject,
	const char *format, ...)
{
	struct verdict_row *row = add_row(verdicts);
	va_list arguments;

	if (!row)
		return;
	row->verdict = verdict;
	row->mend[0] = '\0';
	row->command = false;
	snprintf(row->subject, sizeof(row->subject), "%s", subject);
	va_start(arguments, format);
	write_text(row->found, sizeof(row->found), format, arguments);
	va_end(arguments);
}

static void set_mend(struct verdicts *verdicts, bool command, const char *format, va_list arguments)
{
	struct verdict_row *row;

	if (!verdicts->count || verdicts->no_memory)
		return;
	row = &verdicts->rows[verdicts->count - 1];
	row->command = command;
	write_text(row->mend, sizeof(row->mend), format, arguments);
}

void verdict_run(struct verdicts *verdicts, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_mend(verdicts, true, format, arguments);
	va_end(arguments);
}

void verdict_do(struct verdicts *verdicts, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_mend(verdicts, false, format, arguments);
	va_end(arguments);
}

size_t verdict_count(const struct verdicts *verdicts, enum verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < verdicts->count; i++)
		count += verdicts->rows[i].verdict == verdict;
	return count;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"ok", "warn", "fail"};

	return names[verdict];
}

void verdicts_release(struct verdicts *verdicts)
{
	free(verdicts->rows);
	*verdicts = (struct verdicts){.rows = NULL};
}
