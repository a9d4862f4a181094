/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/import/import_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int import_lines_init(
	struct import_lines *lines, size_t room, import_lines_read *read, void *context)
{
	*lines = (struct import_lines){
		.line = 1, .read = read, .context = context, .room = room, .kept = malloc(room)};
	return lines->kept != NULL ? 0 : -ENOMEM;
}

void import_lines_fini(struct import_lines *lines)
{
	free(lines->kept);
	lines->kept = NULL;
}

/* Puts the line before a failure's text. */
static int at_line(struct import_lines *lines, struct failure *failure)
{
	const struct failure inner = *failure;

	lines->failed = true;
	return failure_set(failure, inner.code, "line %llu: %.480s",
		(unsigned long long)lines->line, inner.text);
}

static int refuse(struct import_lines *lines, struct failure *failure)
{
	failure_set(failure, FAILURE_INVALID, "the file was refused before this line");
	return at_line(lines, failure);
}

/* The line that `kept` holds ends. */
static int end_line(struct import_lines *lines, struct failure *failure)
{
	static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
	size_t skipped = 0, bytes = lines->bytes;

	lines->bytes = 0;
	if (lines->line == 1 && bytes >= sizeof(mark) &&
		memcmp(lines->kept, mark, sizeof(mark)) == 0)
		skipped = sizeof(mark);
	if (bytes > skipped &&
		lines->read(lines->context, lines->kept + skipped, bytes - skipped, failure) != 0)
		return at_line(lines, failure);
	return 0;
}

static int keep(
	struct import_lines *lines, const char *octets, size_t bytes, struct failure *failure)
{
	if (bytes > lines->room - lines->bytes) {
		failure_set(
			failure, FAILURE_TOO_LARGE, "a line longer than %zu octets", lines->room);
		return at_line(lines, failure);
	}
	memcpy(lines->kept + lines->bytes, octets, bytes);
	lines->bytes += bytes;
	return 0;
}

int import_lines_feed(
	struct import_lines *lines, const char *octets, size_t bytes, struct failure *failure)
{
	const char *end = octets + bytes;

	if (lines->failed)
		return refuse(lines, failure);
	while (octets < end) {
		const char *stop = memchr(octets, '\n', (size_t)(end - octets));

		if (keep(lines, octets, (size_t)((stop != NULL ? stop : end) - octets), failure) !=
			0)
			return -1;
		if (stop == NULL)
			break;
		octets = stop + 1;
		if (end_line(lines, failure) != 0)
			return -1;
		lines->line++;
	}
	return 0;
}

int import_lines_finish(struct import_lines *lines, struct failure *failure)
{
	return lines->failed ? refuse(lines, failure) : end_line(lines, failure);
}
