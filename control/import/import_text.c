/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/import/import_text.h"

#include "control/import/import_csv.h"
#include "control/import/import_lines.h"
#include "control/import/import_ndjson.h"
#include "control/import/staging.h"

#include <stdlib.h>

struct import_text {
	enum import_format format;
	import_visit *visit;
	void *context;
	struct import_csv csv;
	struct import_object object;
	struct import_lines lines;
};

static int read_line(void *context, char *line, size_t bytes, struct failure *failure)
{
	struct import_text *text = context;
	struct import_object *object = &text->object;
	int read;

	if (line[bytes - 1] == '\r' && --bytes == 0)
		return 0;
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

struct import_text *import_text_new(enum import_format format, import_visit *visit, void *context)
{
	struct import_text *text = calloc(1, sizeof(*text));

	if (text == NULL)
		return NULL;
	text->format = format;
	text->visit = visit;
	text->context = context;
	if (import_lines_init(&text->lines, IMPORT_LINE_MAX_BYTES, read_line, text) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

void import_text_free(struct import_text *text)
{
	if (text == NULL)
		return;
	import_lines_fini(&text->lines);
	free(text);
}

uint64_t import_text_line(const struct import_text *text)
{
	return text->lines.line;
}

int import_text_feed(
	struct import_text *text, const char *octets, size_t bytes, struct failure *failure)
{
	return import_lines_feed(&text->lines, octets, bytes, failure);
}

int import_text_finish(struct import_text *text, struct failure *failure)
{
	return import_lines_finish(&text->lines, failure);
}
