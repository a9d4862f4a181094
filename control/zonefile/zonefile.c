/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The line layer: characters become entries. An entry is one record or directive on one line:
 * comments gone, parentheses and the line ends inside them turned into blanks, runs of blanks into
 * one. Its state is all here, so the pieces may be cut anywhere. Whole lines that are a host's PTR
 * record, as nearly all are, go by this layer as they stand.
 */
#include "control/zonefile/zonefile.h"

#include "control/zonefile/zonefile_record.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char byte_order_mark[] = {0xef, 0xbb, 0xbf};

/* A text inside another, and what the other goes on with. */
struct include {
	char *name;
	uint64_t line;
	struct zonefile_place place;
};

struct zonefile {
	struct zonefile_record record;
	struct include includes[ZONEFILE_INCLUDES_MAX];
	unsigned open_includes;
	uint64_t line;	     /* being read */
	uint64_t entry_line; /* where the entry starts */
	uint64_t open_line;  /* of the first open parenthesis */
	unsigned depth;	     /* of parentheses */
	unsigned mark;	     /* octets of the byte order mark seen; past it: its size */
	bool quoted, escaped, comment, carriage_return, blank_last, has_text, failed;
	size_t bytes;
	char entry[ZONEFILE_ENTRY_MAX_BYTES + 1];
};

struct zonefile *zonefile_new(const struct owner *apex, zonefile_visit *visit, void *context)
{
	struct zonefile *zonefile = calloc(1, sizeof(*zonefile));

	if (zonefile == NULL)
		return NULL;
	zonefile->line = 1;
	zonefile_record_init(&zonefile->record, apex, visit, context);
	return zonefile;
}

void zonefile_free(struct zonefile *zonefile)
{
	if (zonefile == NULL)
		return;
	while (zonefile->open_includes > 0)
		free(zonefile->includes[--zonefile->open_includes].name);
	free(zonefile);
}

uint64_t zonefile_records(const struct zonefile *zonefile)
{
	return zonefile->record.records;
}

uint64_t zonefile_line(const struct zonefile *zonefile)
{
	return zonefile->line;
}

/* Puts the line before a failure's text. */
static int at_line(struct zonefile *zonefile, uint64_t line, struct failure *failure)
{
	const struct failure inner = *failure;

	zonefile->failed = true;
	if (zonefile->open_includes > 0)
		return failure_set(failure, inner.code, "%.200s:%llu: %.300s",
			zonefile->includes[zonefile->open_includes - 1].name,
			(unsigned long long)line, inner.text);
	return failure_set(
		failure, inner.code, "line %llu: %.480s", (unsigned long long)line, inner.text);
}

static int refuse(struct zonefile *zonefile, const char *rule, struct failure *failure)
{
	failure_set(failure, FAILURE_INVALID, "%s", rule);
	return at_line(zonefile, zonefile->line, failure);
}

static int append(struct zonefile *zonefile, char c, struct failure *failure)
{
	if (zonefile->bytes == ZONEFILE_ENTRY_MAX_BYTES) {
		failure_set(failure, FAILURE_TOO_LARGE, "a record longer than %d octets",
			ZONEFILE_ENTRY_MAX_BYTES);
		return at_line(zonefile, zonefile->entry_line, failure);
	}
	if (zonefile->bytes == 0)
		zonefile->entry_line = zonefile->line;
	zonefile->entry[zonefile->bytes++] = c;
	return 0;
}

static int append_text(struct zonefile *zonefile, char c, struct failure *failure)
{
	zonefile->blank_last = false;
	zonefile->has_text = true;
	return append(zonefile, c, failure);
}

/* A leading blank counts (it stands for the owner before), further ones do not. */
static int append_blank(struct zonefile *zonefile, struct failure *failure)
{
	if (zonefile->blank_last)
		return 0;
	zonefile->blank_last = true;
	return append(zonefile, ' ', failure);
}

static int end_entry(struct zonefile *zonefile, struct failure *failure)
{
	int result = 0;

	zonefile->entry[zonefile->bytes] = '\0';
	if (zonefile->has_text)
		result = zonefile_record_read(&zonefile->record, zonefile->entry, failure);
	zonefile->bytes = 0;
	zonefile->has_text = false;
	zonefile->blank_last = false;
	return result == 0 ? 0 : at_line(zonefile, zonefile->entry_line, failure);
}

static int end_line(struct zonefile *zonefile, struct failure *failure)
{
	int result;

	if (zonefile->quoted)
		return refuse(zonefile, "a quote is not closed before the line ends", failure);
	if (zonefile->escaped)
		return refuse(zonefile, "a backslash at the end of the line", failure);
	zonefile->comment = false;
	result = zonefile->depth > 0 ? append_blank(zonefile, failure)
				     : end_entry(zonefile, failure);
	zonefile->line++;
	return result;
}

static int open_parenthesis(struct zonefile *zonefile, struct failure *failure)
{
	if (zonefile->depth++ == 0)
		zonefile->open_line = zonefile->line;
	/* Not a blank in the first column: that would mean "the owner before". */
	return zonefile->bytes == 0 ? refuse(zonefile, "a parenthesis before the owner", failure)
				    : append_blank(zonefile, failure);
}

static int close_parenthesis(struct zonefile *zonefile, struct failure *failure)
{
	if (zonefile->depth == 0)
		return refuse(zonefile, "a closing parenthesis without an opening one", failure);
	zonefile->depth--;
	return append_blank(zonefile, failure);
}

static int feed_plain(struct zonefile *zonefile, char c, struct failure *failure)
{
	switch (c) {
	case ' ':
	case '\t':
		return append_blank(zonefile, failure);
	case ';':
		zonefile->comment = true;
		return 0;
	case '(':
		return open_parenthesis(zonefile, failure);
	case ')':
		return close_parenthesis(zonefile, failure);
	case '"':
		zonefile->quoted = true;
		return append_text(zonefile, c, failure);
	case '\\':
		zonefile->escaped = true;
		return append_text(zonefile, c, failure);
	default:
		return append_text(zonefile, c, failure);
	}
}

static int feed_character(struct zonefile *zonefile, char c, struct failure *failure)
{
	if (c == '\0')
		return refuse(zonefile, "a NUL octet; this is no text", failure);
	if (c == '\n') {
		zonefile->carriage_return = false;
		return end_line(zonefile, failure);
	}
	if (zonefile->carriage_return)
		return refuse(zonefile, "a carriage return that does not end the line", failure);
	if (c == '\r') {
		zonefile->carriage_return = true;
		return 0;
	}
	if (zonefile->comment)
		return 0;
	if (zonefile->escaped) {
		zonefile->escaped = false;
		return append_text(zonefile, c, failure);
	}
	if (!zonefile->quoted)
		return feed_plain(zonefile, c, failure);
	zonefile->quoted = c != '"';
	zonefile->escaped = c == '\\';
	return append_text(zonefile, c, failure);
}

/* Skips a byte order mark at the start. 1: `c` was part of it; 0: `c` is text; -1: half a mark. */
static int skip_mark(struct zonefile *zonefile, char c, struct failure *failure)
{
	if (zonefile->mark == sizeof(byte_order_mark))
		return 0;
	if ((unsigned char)c == byte_order_mark[zonefile->mark]) {
		zonefile->mark++;
		return 1;
	}
	if (zonefile->mark > 0)
		return refuse(zonefile, "half a byte order mark; this is no text", failure);
	zonefile->mark = sizeof(byte_order_mark);
	return 0;
}

/* Whether an entry may begin here, and nothing of its line has been read. */
static bool is_at_line_start(const struct zonefile *zonefile)
{
	return zonefile->bytes == 0 && zonefile->depth == 0 && !zonefile->comment &&
		!zonefile->carriage_return && zonefile->mark == sizeof(byte_order_mark);
}

/* Reads whole PTR lines as far as there are any. Returns where it stopped, or NULL. */
static const char *feed_ptr_lines(
	struct zonefile *zonefile, const char *text, const char *end, struct failure *failure)
{
	while (text < end) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		int result = 0;

		if (line_end != NULL)
			result = zonefile_record_read_ptr(
				&zonefile->record, text, line_end, failure);
		if (result == 0)
			break;
		if (result < 0)
			at_line(zonefile, zonefile->line, failure);
		zonefile->line++;
		if (result < 0)
			return NULL;
		text = line_end + 1;
	}
	return text;
}

/* Reads up to the end of a line, or of the text. Returns where it stopped, or NULL. */
static const char *feed_line(
	struct zonefile *zonefile, const char *text, const char *end, struct failure *failure)
{
	while (text < end) {
		char c = *text++;
		int mark = skip_mark(zonefile, c, failure);

		if (mark < 0 || (mark == 0 && feed_character(zonefile, c, failure) != 0))
			return NULL;
		if (c == '\n')
			break;
	}
	return text;
}

int zonefile_feed(
	struct zonefile *zonefile, const char *text, size_t bytes, struct failure *failure)
{
	const char *end = text + bytes;

	if (zonefile->failed)
		return refuse(zonefile, "the file was refused before this line", failure);
	zonefile->record.generated_records = 0;
	while (text != NULL && text < end) {
		if (is_at_line_start(zonefile))
			text = feed_ptr_lines(zonefile, text, end, failure);
		if (text != NULL)
			text = feed_line(zonefile, text, end, failure);
	}
	return text == NULL ? -1 : 0;
}

/* The end of a text: the last line may lack its line end, but nothing may be open. */
static int end_text(struct zonefile *zonefile, struct failure *failure)
{
	if (zonefile->failed)
		return refuse(zonefile, "the file was refused before this line", failure);
	if (zonefile->quoted)
		return refuse(zonefile, "the file ends inside a quote", failure);
	if (zonefile->escaped)
		return refuse(zonefile, "the file ends with a backslash", failure);
	if (zonefile->depth > 0) {
		failure_set(failure, FAILURE_INVALID,
			"the parenthesis opened here is not closed before the file ends");
		return at_line(zonefile, zonefile->open_line, failure);
	}
	zonefile->comment = false;
	zonefile->carriage_return = false;
	return end_entry(zonefile, failure);
}

int zonefile_include(
	struct zonefile *zonefile, const char *name, const char *origin, struct failure *failure)
{
	struct include *include = &zonefile->includes[zonefile->open_includes];

	if (zonefile->failed)
		return refuse(zonefile, "the file was refused before this line", failure);
	if (zonefile->bytes > 0 || zonefile->depth > 0 || zonefile->comment ||
		zonefile->carriage_return)
		return refuse(zonefile, "a file is included in the middle of a line", failure);
	if (zonefile->open_includes == ZONEFILE_INCLUDES_MAX)
		return refuse(zonefile, "files are included more than 10 deep", failure);
	*include = (struct include){strdup(name), zonefile->line, zonefile->record.place};
	if (include->name == NULL) {
		failure_set(failure, FAILURE_STORE_FULL, "no memory for the name of a file");
		return at_line(zonefile, zonefile->line, failure);
	}
	if (origin != NULL && zonefile_record_set_origin(&zonefile->record, origin, failure) != 0) {
		at_line(zonefile, zonefile->line, failure);
		free(include->name);
		return -1;
	}
	zonefile->open_includes++;
	zonefile->line = 1;
	zonefile->mark = 0;
	return 0;
}

int zonefile_include_end(struct zonefile *zonefile, struct failure *failure)
{
	struct include *include;

	if (zonefile->open_includes == 0)
		return refuse(zonefile, "no included file is open", failure);
	if (end_text(zonefile, failure) != 0)
		return -1;
	include = &zonefile->includes[--zonefile->open_includes];
	zonefile->line = include->line;
	zonefile->record.place = include->place;
	zonefile->mark = sizeof(byte_order_mark);
	free(include->name);
	return 0;
}

int zonefile_finish(struct zonefile *zonefile, struct failure *failure)
{
	if (zonefile->open_includes > 0)
		return refuse(zonefile, "the included file was not ended", failure);
	return end_text(zonefile, failure);
}
