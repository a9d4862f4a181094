/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces become lines. A line is copied before it is read, for what reads it changes it. */
#include "control/import_text.h"

#include "control/import_csv.h"
#include "control/import_ndjson.h"
#include "control/staging.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct import_text {
	enum import_format format;
	import_visit *visit;
	void *context;
	struct import_csv csv;
	struct import_object object;
	uint64_t line;
	bool failed;
	size_t bytes; /* of a line that has not ended */
	char kept[IMPORT_LINE_MAX_BYTES];
};

struct import_text *import_text_new(enum import_format format, import_visit *visit, void *context)
{
	struct import_text *text = calloc(1, sizeof(*text));

	if (text == NULL)
		return NULL;
	text->format = format;
	text->visit = visit;
	text->context = context;
	text->line = 1;
	return text;
}

void import_text_free(struct import_text *text)
{
	free(text);
}

uint64_t import_text_line(const struct import_text *text)
{
	return text->line;
}

/* Puts the line before a failure's text. */
static int at_line(struct import_text *text, struct failure *failure)
{
	const struct failure inner = *failure;

	text->failed = true;
	return failure_set(failure, inner.code, "line %llu: %.480s", (unsigned long long)text->line,
		inner.text);
}

static int read_line(struct import_text *text, char *line, size_t bytes, struct failure *failure)
{
	struct import_object *object = &text->object;
	int read;

	if (text->format == IMPORT_CSV)
		read = import_csv_read(&text->csv, line, bytes, object, failure);
	else
		read = import_ndjson_read(line, bytes, object, failure);
	if (read != 1)
		return read;
	if (object->said & STAGED_DETAILS && details_settle(&object->details, failure) != 0)
		return -1;
	return text->visit(text->context, object, failure);
}

/* The line that `kept` holds ends. */
static int end_line(struct import_text *text, struct failure *failure)
{
	static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
	char *line = text->kept;
	size_t bytes = text->bytes;

	text->bytes = 0;
	if (text->line == 1 && bytes >= sizeof(mark) && memcmp(line, mark, sizeof(mark)) == 0) {
		line += sizeof(mark);
		bytes -= sizeof(mark);
	}
	if (bytes > 0 && line[bytes - 1] == '\r')
		bytes--;
	if (bytes > 0 && read_line(text, line, bytes, failure) < 0)
		return at_line(text, failure);
	return 0;
}

int import_text_feed(
	struct import_text *text, const char *octets, size_t bytes, struct failure *failure)
{
	const char *end = octets + bytes;

	if (text->failed) {
		failure_set(failure, FAILURE_INVALID, "the file was refused before this line");
		return at_line(text, failure);
	}
	while (octets < end) {
		const char *stop = memchr(octets, '\n', (size_t)(end - octets));
		size_t part = (size_t)((stop != NULL ? stop : end) - octets);

		if (part > sizeof(text->kept) - text->bytes) {
			failure_set(failure, FAILURE_TOO_LARGE, "a line longer than %d octets",
				IMPORT_LINE_MAX_BYTES);
			return at_line(text, failure);
		}
		memcpy(text->kept + text->bytes, octets, part);
		text->bytes += part;
		octets += part;
		if (stop == NULL)
			break;
		octets++;
		if (end_line(text, failure) != 0)
			return -1;
		text->line++;
	}
	return 0;
}

int import_text_finish(struct import_text *text, struct failure *failure)
{
	if (text->failed) {
		failure_set(failure, FAILURE_INVALID, "the file was refused before this line");
		return at_line(text, failure);
	}
	return end_line(text, failure);
}
