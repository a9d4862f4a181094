/* SPDX-License-Identifier: BSD-3-Clause */
/* What this takes, the JSON reader takes as the same object: nothing here is more lenient. */
#include "control/request_piece.h"

#include "control/json_plain.h"

#include <stdbool.h>
#include <stdlib.h>

enum { DIGITS_MAX = 9 };

struct reader {
	const char *at, *end;
};

static bool skip(struct reader *reader, const char *text)
{
	size_t bytes = strlen(text);

	if ((size_t)(reader->end - reader->at) < bytes || memcmp(reader->at, text, bytes) != 0)
		return false;
	reader->at += bytes;
	return true;
}

/* A few digits, the first no needless 0 (RFC 8259 6). */
static bool read_number(struct reader *reader, json_int_t *number)
{
	const char *start = reader->at;

	*number = 0;
	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
		if (reader->at - start == DIGITS_MAX)
			return false;
		*number = *number * 10 + (*reader->at - '0');
	}
	return reader->at != start && (*start != '0' || reader->at - start == 1);
}

/* The octet that the escape `\c` stands for; 0: not one of those that files have. */
static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case '"':
	case '\\':
		return c;
	default:
		return 0;
	}
}

/* Reads up to the closing quote into `text`, which has room for the rest of the line. */
static bool read_text(struct reader *reader, char *text, size_t *bytes)
{
	*bytes = 0;
	for (;;) {
		size_t left = (size_t)(reader->end - reader->at);
		size_t plain = json_copy_plain(reader->at, left, text + *bytes);
		char octet;

		reader->at += plain;
		*bytes += plain;
		left -= plain;
		if (left > 0 && *reader->at == '"')
			return true;
		if (left < 2 || *reader->at != '\\')
			return false;
		octet = unescape(reader->at[1]);
		if (octet == 0)
			return false;
		text[(*bytes)++] = octet;
		reader->at += 2;
	}
}

json_t *request_piece_read(const char *line, size_t bytes)
{
	struct reader reader = {line, line + bytes};
	json_int_t id, import;
	json_t *object = NULL;
	size_t text_bytes;
	char *text;

	if (!skip(&reader, "{\"id\":") || !read_number(&reader, &id) ||
		!skip(&reader, ",\"method\":\"import.data\",\"params\":{\"import\":") ||
		!read_number(&reader, &import) || !skip(&reader, ",\"text\":\""))
		return NULL;
	text = malloc((size_t)(reader.end - reader.at) + 1);
	if (text && read_text(&reader, text, &text_bytes) && skip(&reader, "\"}}") &&
		reader.at == reader.end)
		object = json_pack("{s:I, s:s, s:{s:I, s:o}}", "id", id, "method",
			"import.data", "params", "import", import, "text",
			json_stringn_nocheck(text, text_bytes));
	free(text);
	return object;
}
