/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The start of a line is held back while it may still become "$INCLUDE", then the directive up to
 * the line's end. All else is passed on in runs as long as the piece.
 */
#include "control/zonefile/zonefile_scan.h"

#include <string.h>
#include <strings.h>

static const char directive_name[] = "$INCLUDE";
static const char byte_order_mark[] = "\xef\xbb\xbf";

enum { NAME_BYTES = sizeof(directive_name) - 1, MARK_BYTES = sizeof(byte_order_mark) - 1 };

void zonefile_scan_init(struct zonefile_scan *scan, const struct zonefile_scan_sink *sink)
{
	*scan = (struct zonefile_scan){.sink = *sink, .line = 1, .line_start = true};
}

static int pass(struct zonefile_scan *scan, const char *text, size_t bytes)
{
	return bytes == 0 ? 0 : scan->sink.text(scan->sink.context, text, bytes);
}

static int refuse(struct zonefile_scan *scan, const char *rule)
{
	return scan->sink.refuse(scan->sink.context, scan->line, rule);
}

/* ---- A directive's line ---- */

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* Copies the file's name out of its quotes and escapes. NULL: a quote is not closed. */
static const char *copy_file(const char *text, char *file)
{
	bool quoted = *text == '"';

	text += quoted;
	while (*text != '\0' && strchr(quoted ? "\"" : " \t;", *text) == NULL) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		*file++ = *text++;
	}
	*file = '\0';
	if (quoted && *text != '"')
		return NULL;
	return text + quoted;
}

/* The origin goes on as it is written: it is the parser's to read. */
static const char *copy_origin(const char *text, char *origin)
{
	while (*text != '\0' && strchr(" \t;", *text) == NULL) {
		if (*text == '\\' && text[1] != '\0')
			*origin++ = *text++;
		*origin++ = *text++;
	}
	*origin = '\0';
	return text;
}

static int end_directive(struct zonefile_scan *scan)
{
	char file[ZONEFILE_SCAN_LINE_BYTES + 1], origin[ZONEFILE_SCAN_LINE_BYTES + 1];
	const char *cursor;

	if (scan->text[scan->held - 1] == '\r')
		scan->held--;
	scan->text[scan->held] = '\0';
	if (strlen(scan->text) != scan->held)
		return refuse(scan, "a NUL octet; this is no text");
	cursor = skip_blanks(scan->text + NAME_BYTES);
	if (*cursor == '(')
		return refuse(scan, "$INCLUDE stands on one line, without parentheses");
	cursor = copy_file(cursor, file);
	if (cursor == NULL)
		return refuse(scan, "a quote is not closed before the line ends");
	if (file[0] == '\0')
		return refuse(scan, "$INCLUDE takes a file's name, and an origin if need be");
	cursor = skip_blanks(copy_origin(skip_blanks(cursor), origin));
	if (*cursor != '\0' && *cursor != ';')
		return refuse(scan, "$INCLUDE takes no more than a file's name and an origin");
	return scan->sink.include(scan->sink.context, file, origin[0] == '\0' ? NULL : origin);
}

static int feed_directive(struct zonefile_scan *scan, char c)
{
	int result;

	if (c != '\n' && scan->held == ZONEFILE_SCAN_LINE_BYTES)
		return refuse(scan, "the $INCLUDE is too long");
	if (c != '\n') {
		scan->text[scan->held++] = c;
		return 0;
	}
	result = end_directive(scan);
	scan->directive = false;
	scan->held = 0;
	return result;
}

/* ---- The start of a line ---- */

/* Whether `c` goes on with what may become `word`. */
static bool matches(const struct zonefile_scan *scan, const char *word, size_t bytes, char c)
{
	return scan->held < bytes && strncasecmp(scan->text, word, scan->held) == 0 &&
		strncasecmp(&c, word + scan->held, 1) == 0;
}

/* Holds `c` back if it may belong to a directive or a mark; tells whether it does. */
static bool hold(struct zonefile_scan *scan, char c)
{
	bool mark;

	if (scan->held == 0 && c != directive_name[0] && c != byte_order_mark[0])
		return false;
	mark = !scan->mark_past && matches(scan, byte_order_mark, MARK_BYTES, c);
	if (scan->held == NAME_BYTES && strchr(" \t\r\n\";(", c) != NULL && c != '\0') {
		scan->directive = true;
		scan->line_start = false;
		return true;
	}
	if (!mark && !matches(scan, directive_name, NAME_BYTES, c))
		return false;
	scan->text[scan->held++] = c;
	if (mark && scan->held == MARK_BYTES) {
		scan->held = 0;
		scan->mark_past = true;
	}
	return true;
}

/* ---- The rest of a line ---- */

static void end_line(struct zonefile_scan *scan)
{
	scan->quoted = false;
	scan->escaped = false;
	scan->comment = false;
	scan->line_start = scan->depth == 0;
	scan->line++;
}

static void follow(struct zonefile_scan *scan, char c)
{
	bool plain = !scan->escaped && !scan->comment;

	scan->line_start = false;
	scan->mark_past = true;
	scan->escaped = plain && c == '\\';
	if (c == '\n')
		end_line(scan);
	else if (plain && c == '"')
		scan->quoted = !scan->quoted;
	else if (plain && !scan->quoted && c == ';')
		scan->comment = true;
	else if (plain && !scan->quoted && c == '(')
		scan->depth++;
	else if (plain && !scan->quoted && c == ')' && scan->depth > 0)
		scan->depth--;
}

/* How many octets mean nothing to a line that has begun. */
static size_t plain_octets(const char *text, size_t bytes)
{
	static const bool means[256] = {['\n'] = true,
		['"'] = true,
		['('] = true,
		[')'] = true,
		[';'] = true,
		['\\'] = true};
	size_t plain = 0;

	while (plain < bytes && !means[(unsigned char)text[plain]])
		plain++;
	return plain;
}

/* What was held is no directive; none of its characters means anything to the line. */
static int release(struct zonefile_scan *scan)
{
	size_t held = scan->held;

	scan->held = 0;
	return pass(scan, scan->text, held);
}

int zonefile_scan_feed(struct zonefile_scan *scan, const char *text, size_t bytes)
{
	size_t run = 0; /* where what is not passed on yet begins */
	int result = 0;

	for (size_t i = 0; i < bytes && result == 0; i++) {
		bool held_before = scan->held > 0;

		if (!scan->line_start && !scan->directive && !scan->escaped) {
			i += plain_octets(text + i, bytes - i);
			if (i == bytes)
				break;
		}
		if (scan->line_start && hold(scan, text[i])) {
			if (!held_before)
				result = pass(scan, text + run, i - run);
			run = i + 1;
		} else if (scan->line_start && held_before) {
			result = release(scan);
			run = i;
		}
		if (result == 0 && scan->directive) {
			result = feed_directive(scan, text[i]);
			run = scan->directive ? i + 1 : i;
		}
		if (!scan->directive && run <= i)
			follow(scan, text[i]);
	}
	return result == 0 && run < bytes ? pass(scan, text + run, bytes - run) : result;
}

int zonefile_scan_finish(struct zonefile_scan *scan)
{
	return scan->directive ? feed_directive(scan, '\n') : release(scan);
}
