/* SPDX-License-Identifier: BSD-3-Clause */
/* The rows of CSV of request_text.h. */
#include "control/ctl/request_text.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 6, TTL_FIGURES_MAX = 10 };

size_t request_csv_row(const char *text, size_t bytes)
{
	bool quoted = false;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (text[i] == '\n' && !quoted)
			return i + 1;
	}
	return 0;
}

/* Takes a field without its quotes, to its own place. Moves *at behind its comma; NULL: it was the
 * last. */
static const char *take_field(char **at, char *end, char **field, size_t *bytes)
{
	char *from = *at, *to = from;

	*field = to;
	if (from < end && *from == '"') {
		from++;
		while (from < end && (*from != '"' || (from + 1 < end && from[1] == '"'))) {
			from += *from == '"';
			*to++ = *from++;
		}
		if (from == end)
			return "a quote has no end";
		from++;
		if (from < end && *from != ',')
			return "there is text behind a quote's end; a field with quotes needs them "
			       "around it, and doubled within";
	} else {
		while (from < end && *from != ',')
			*to++ = *from++;
	}
	*bytes = (size_t)(to - *field);
	*at = from < end ? from + 1 : NULL;
	return NULL;
}

static bool set_text(json_t *object, const char *key, const char *text, size_t bytes)
{
	return !bytes || json_object_set_new(object, key, json_stringn(text, bytes)) == 0;
}

static bool set_ttl(json_t *object, const char *text, size_t bytes)
{
	long long ttl = 0;

	if (bytes > TTL_FIGURES_MAX)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		ttl = 10 * ttl + (text[i] - '0');
	}
	return !bytes || json_object_set_new(object, "ttl", json_integer(ttl)) == 0;
}

static bool set_tags(json_t *object, const char *text, size_t bytes)
{
	const char *end = text + bytes;
	json_t *tags = json_object();

	while (text < end) {
		const char *stop = memchr(text, ';', (size_t)(end - text));
		const char *equals;
		json_t *key;
		bool good;

		stop = stop ? stop : end;
		equals = memchr(text, '=', (size_t)(stop - text));
		key = equals ? json_stringn(text, (size_t)(equals - text)) : NULL;
		good = key &&
			json_object_set_new(tags, json_string_value(key),
				json_stringn(equals + 1, (size_t)(stop - equals - 1))) == 0;
		json_decref(key);
		if (!good) {
			json_decref(tags);
			return false;
		}
		text = stop < end ? stop + 1 : end;
	}
	if (json_object_size(tags))
		return json_object_set_new(object, "tags", tags) == 0;
	json_decref(tags);
	return true;
}

/* What is wrong with the field of this column, or NULL. */
static const char *set_column(json_t *object, unsigned column, const char *text, size_t bytes)
{
	static const char not_text[] = "a field is not UTF-8";
	json_t *names;

	switch (column) {
	case 0:
		return set_text(object, "address", text, bytes) ? NULL : not_text;
	case 1:
		if (!bytes)
			return "the name is empty";
		names = json_array();
		json_object_set_new(object, "names", names);
		return json_array_append_new(names, json_stringn(text, bytes)) == 0 ? NULL
										    : not_text;
	case 2:
		return set_ttl(object, text, bytes) ? NULL : "the TTL is no number";
	case 3:
		return set_text(object, "description", text, bytes) ? NULL : not_text;
	case 4:
		return set_text(object, "tenant", text, bytes) ? NULL : not_text;
	default:
		return set_tags(object, text, bytes) ? NULL
						     : "the tags are not KEY=VALUE;KEY=VALUE in "
						       "UTF-8";
	}
}

static void cut_line_end(char *row, size_t *bytes)
{
	if (*bytes && row[*bytes - 1] == '\n')
		--*bytes;
	if (*bytes && row[*bytes - 1] == '\r')
		--*bytes;
}

json_t *request_csv_object(char *row, size_t bytes, const char **wrong)
{
	json_t *object = json_object();
	char *at = row, *field;
	unsigned column = 0;
	size_t length;

	cut_line_end(row, &bytes);
	*wrong = memchr(row, '\0', bytes) ? request_nul : NULL;
	while (at && !*wrong && column < COLUMNS) {
		*wrong = take_field(&at, row + bytes, &field, &length);
		if (!*wrong)
			*wrong = set_column(object, column++, field, length);
	}
	if (!*wrong && (column < 2 || at))
		*wrong = "this is not address,name[,ttl[,description[,tenant[,tags]]]]";
	if (!*wrong)
		return object;
	json_decref(object);
	return NULL;
}
