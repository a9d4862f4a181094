/* SPDX-License-Identifier: BSD-3-Clause */
/* import.diff: what an import's commit would change, an RRset a row, page by page. */
#include "control/command/command_import.h"
#include "control/command/json_text.h"
#include "control/command/json_write.h"
#include "control/presentation.h"
#include "control/zonefile/zonetext.h"

#include <stdio.h>
#include <string.h>

enum { COMPARED_MAX = 20000 }; /* RRsets looked at for a page: some milliseconds */

static void add_key(struct text *text, const char *key)
{
	text_add_string(text, ",\"");
	text_add_string(text, key);
	text_add_string(text, "\":");
}

static void add_details(struct text *text, const struct stored *stored)
{
	struct details details;

	if (stored->details_bytes > 0 &&
		details_parse(stored->details, stored->details_bytes, &details) == 0)
		json_text_details(text, &details);
}

/* The names of PTR records; of other types the data, as a zone file has it. */
static void add_records(struct text *text, const struct rrset *rrset, const char *lines)
{
	const char *line = lines;

	add_key(text, rrset->type == WIRE_TYPE_PTR ? "names" : "data");
	for (unsigned i = 0; i < rrset->count; i++) {
		const char *end = strchr(line, '\n'), *data = line;

		/* Owner, TTL and class end in a tab, the type in a blank. */
		for (unsigned tabs = 0; tabs < 3; tabs++)
			data = strchr(data, '\t') + 1;
		data = strchr(data, ' ') + 1;
		text_add_string(text, i == 0 ? "[" : ",");
		json_write_string(text, data, (size_t)(end - data));
		line = end + 1;
	}
	text_add_string(text, "]");
}

static void add_side(
	struct text *text, const char *key, const struct stored *stored, const char *lines)
{
	add_key(text, key);
	if (!stored) {
		text_add_string(text, "null");
		return;
	}
	text_add_string(text, "{\"ttl\":");
	text_add_number(text, stored->rrset.ttl);
	add_records(text, &stored->rrset, lines);
	add_details(text, stored);
	text_add_string(text, "}");
}

static void add_owner(struct text *text, const struct owner *owner, const char *line)
{
	char name[PRESENTATION_NAME_BYTES];
	const char *type = line, *end;
	bool host = owner->rest_bytes == 0 && prefix_is_host(&owner->prefix);

	if (host)
		presentation_write_owner(owner, name);
	else
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, "\t"), line);
	text_add_string(text, host ? "{\"address\":" : "{\"owner\":");
	json_write_string(text, name, strlen(name));
	for (unsigned tabs = 0; tabs < 3; tabs++)
		type = strchr(type, '\t') + 1;
	end = strchr(type, ' ');
	add_key(text, "type");
	json_write_string(text, type, (size_t)(end - type));
}

/* The RRset as lines of a zone file with a NUL behind them. */
static int write_lines(struct zonetext *lines, const struct owner *owner, const struct rrset *rrset)
{
	zonetext_reset(lines);
	return zonetext_write(lines, owner, rrset) == 0 && zonetext_end(lines) == 0 ? 0 : -1;
}

static int add_row(struct text *items, const struct difference *difference, struct zonetext *before,
	struct zonetext *after)
{
	const struct staged where = {.key = difference->key, .key_bytes = difference->key_bytes};
	const struct stored *old = difference->kind != DIFFERENCE_ADDED ? &difference->old : NULL;
	const struct stored *made =
		difference->kind != DIFFERENCE_REMOVED ? &difference->made : NULL;
	struct store_owner owner;

	staged_owner(&where, &owner);
	if ((old && write_lines(before, &owner.owner, &old->rrset) != 0) ||
		(made && write_lines(after, &owner.owner, &made->rrset) != 0))
		return -1;
	add_owner(items, &owner.owner, made ? after->text : before->text);
	add_side(items, "before", old, before->text);
	add_side(items, "after", made, after->text);
	text_add_string(items, "}");
	return items->failed ? -1 : 0;
}

static int add_rows(struct import *import, struct text *items, struct failure *failure)
{
	struct zonetext before = {.bytes = 0}, after = {.bytes = 0};
	struct difference difference;
	size_t start = items->bytes, looked_at = 0;
	int result = PAGE_MORE, more;

	/* A page ends when it is long enough, or has taken long enough. */
	while (result == PAGE_MORE && items->bytes - start < PAGE_TEXT_MAX_BYTES &&
		looked_at++ < COMPARED_MAX) {
		more = compare_next(&import->compare, &difference, failure);
		if (more != 1) {
			result = more;
			break;
		}
		if (!difference_counts(&difference))
			continue;
		if (items->bytes > start)
			text_add_string(items, ",");
		if (add_row(items, &difference, &before, &after) != 0) {
			command_no_memory(failure);
			result = -1;
		}
	}
	zonetext_free(&before);
	zonetext_free(&after);
	return result;
}

static int diff(struct session *session, json_t *params, struct page *page, struct text *items,
	struct failure *failure)
{
	struct import *import = import_find(session, params, failure);
	int result;

	if (!import || (!page->started && import_finish(import, failure) != 0))
		return -1;
	if (!page->started && import->comparing)
		compare_close(&import->compare);
	import->comparing = page->started ? import->comparing
					  : compare_open(&import->compare, session->command->update,
						    &import->plan, failure) == 0;
	if (!import->comparing)
		return -1;
	result = page->started ? compare_resume(&import->compare, failure) : 0;
	if (result == 0)
		result = add_rows(import, items, failure);
	if (result == PAGE_MORE) {
		compare_pause(&import->compare);
		return PAGE_MORE;
	}
	compare_close(&import->compare);
	import->comparing = false;
	return result;
}

static const struct param diff_params[] = {
	{"import", PARAM_NUMBER, true},
	{NULL, PARAM_TEXT, false},
};

const struct method command_diff_methods[] = {
	{.name = "import.diff",
		.kind = METHOD_LIST,
		.roles = ALLOW_CHANGE,
		.params = diff_params,
		.write = diff},
	{.name = NULL},
};
