/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/allowed.h"

#include <stdlib.h>
#include <string.h>

static bool keep_row(void *context, struct span item)
{
	struct allowed *allowed = context;
	char *row;

	if (allowed->count == allowed->room) {
		size_t room = allowed->room ? 2 * allowed->room : 64;
		char **rows = realloc(allowed->row, room * sizeof(*rows));

		if (!rows)
			return false;
		allowed->row = rows;
		allowed->room = room;
	}
	row = strndup(item.at, item.bytes);
	if (!row)
		return false;
	allowed->row[allowed->count++] = row;
	return true;
}

void allowed_fetch(const struct ctl *ctl, struct allowed *allowed)
{
	const struct list_form form = {.take = keep_row, .context = allowed};
	struct ctl plain = *ctl;

	plain.json = false;
	plain.format = OUTPUT_TEXT;
	output_mute(true);
	verbs_list(&plain, "server.methods", NULL, &form);
	output_mute(false);
}

void allowed_release(struct allowed *allowed)
{
	for (size_t i = 0; i < allowed->count; i++)
		free(allowed->row[i]);
	free(allowed->row);
	*allowed = (struct allowed){NULL, 0, 0};
}

static bool has_text(struct span value, const char *text)
{
	return value.bytes == strlen(text) + 2 && value.at[0] == '"' &&
		strncmp(value.at + 1, text, value.bytes - 2) == 0;
}

static struct span find(const struct allowed *allowed, const char *method)
{
	for (size_t i = 0; i < allowed->count; i++) {
		struct span row = {allowed->row[i], strlen(allowed->row[i])};
		struct span name = span_member(row, "method");

		if (name.at && has_text(name, method))
			return row;
	}
	return (struct span){NULL, 0};
}

bool allowed_method(const struct allowed *allowed, const char *method)
{
	struct span row;

	if (!method || !allowed->count)
		return true;
	row = find(allowed, method);
	return row.at && !span_is(span_member(row, "allowed"), "false");
}

bool allowed_param(const struct allowed *allowed, const char *method, const char *param)
{
	struct span params, key, item, row;
	struct span_walk walk;

	if (!method || !allowed->count)
		return true;
	row = find(allowed, method);
	params = row.at ? span_member(row, "params") : row;
	if (!params.at || !span_walk_begin(&walk, params))
		return false;
	while (span_walk_next(&walk, &key, &item) == 1) {
		struct span name = span_member(item, "name");

		if (name.at && has_text(name, param))
			return true;
	}
	return false;
}
