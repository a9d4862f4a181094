/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/audit.h"

#include "control/log.h"

#include <string.h>

enum { VALUE_MAX_BYTES = 128 };

/* A client's text may neither end the line nor look like another value of it. */
static void add_value(struct text *line, const char *name, const char *value)
{
	size_t bytes = strnlen(value, VALUE_MAX_BYTES);
	char *to;

	text_add(line, " ", 1);
	text_add_string(line, name);
	text_add(line, "=", 1);
	to = text_reserve(line, bytes);
	if (!to)
		return;
	for (size_t i = 0; i < bytes; i++)
		to[i] = value[i] > ' ' && value[i] < 0x7f ? value[i] : '?';
	line->bytes += bytes;
}

static void add_actor(struct text *line, const struct actor *actor)
{
	add_value(line, "user", actor->name);
	add_value(line, "role", actor_role_name(actor->role));
	if (actor->tenant)
		add_value(line, "tenant", actor->tenant->name);
}

/* The parameters that say what the change was made to, of whatever method. */
static void add_object(struct text *line, json_t *params)
{
	static const char *const names[] = {"address", "prefix", "zone", "txn"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = param_text(params, names[i]);

		if (value)
			add_value(line, names[i], value);
	}
}

static void add_line(struct text *lines, const struct request *request)
{
	if (request->sequence) {
		text_add_string(lines, "INFO change seq=");
		text_add_number(lines, (long long)request->sequence);
	} else {
		text_add_string(lines, "INFO act");
	}
	add_actor(lines, &request->session->actor);
	add_value(lines, "method", request->method->name);
	add_object(lines, request->params);
	text_add(lines, "\n", 1);
}

static void write_lines(struct text *lines)
{
	if (lines->failed)
		log_error("no memory to log who made the last changes");
	else
		log_lines(LOG_INFO, lines->octets, lines->bytes);
	text_free(lines);
}

void audit_changes(struct request *const *requests, size_t count)
{
	struct text lines = {.octets = NULL};

	if (!log_wants(LOG_INFO))
		return;
	for (size_t i = 0; i < count; i++)
		if (requests[i]->sequence && !request_failed(requests[i]))
			add_line(&lines, requests[i]);
	write_lines(&lines);
}

void audit_act(const struct request *request)
{
	struct text line = {.octets = NULL};

	add_line(&line, request);
	write_lines(&line);
}
