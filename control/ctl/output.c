/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 4096, MESSAGE_BYTES = 4096 };

static struct {
	bool terminal, color, color_error, mute;
	const char *file;
	unsigned long line;
} output;

static bool wants_color(enum output_color color, int fd)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (color != OUTPUT_COLOR_AUTO)
		return color == OUTPUT_COLOR_ALWAYS;
	return isatty(fd) && !(refused && *refused) && !(terminal && strcmp(terminal, "dumb") == 0);
}

void output_setup(enum output_color color)
{
	output.terminal = isatty(STDOUT_FILENO);
	output.color = wants_color(color, STDOUT_FILENO);
	output.color_error = wants_color(color, STDERR_FILENO);
}

bool output_is_terminal(void)
{
	return output.terminal;
}

bool output_has_color(void)
{
	return output.color;
}

/* The place of `name` in a list that NULL ends, or -1. */
static int find_name(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

bool output_format_named(const char *name, enum output_format *format)
{
	static const char *const names[] = {"text", "json", "ndjson", "csv", NULL};
	int found = find_name(names, name);

	if (found >= 0)
		*format = (enum output_format)found;
	return found >= 0;
}

bool output_color_named(const char *name, enum output_color *color)
{
	static const char *const names[] = {"auto", "always", "never", NULL};
	int found = find_name(names, name);

	if (found >= 0)
		*color = (enum output_color)found;
	return found >= 0;
}

/* The length of the UTF-8 character at `at` (RFC 3629), or 0. */
static size_t character_bytes(const unsigned char *at, size_t left)
{
	size_t length;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4)
		return 0;
	length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0) ||
		(at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] >= 0x90))
		return 0;
	return length;
}

/* What a terminal takes for a command: C0 and DEL, C1 (in UTF-8 C2 80 to C2 9F). */
static bool is_control(const unsigned char *at, size_t length, bool lines)
{
	if (length == 1)
		return at[0] == 0x7f ||
			(at[0] < ' ' && !(lines && (at[0] == '\n' || at[0] == '\t')));
	return length == 2 && at[0] == 0xc2 && at[1] < 0xa0;
}

size_t output_clean(const char *text, size_t bytes, bool lines, char *to)
{
	const unsigned char *octets = (const unsigned char *)text;
	size_t used = 0;

	for (size_t at = 0; at < bytes;) {
		size_t length = character_bytes(octets + at, bytes - at);

		if (length && !is_control(octets + at, length, lines)) {
			memcpy(to + used, text + at, length);
			used += length;
			at += length;
			continue;
		}
		/* The second octet of a C1 character is its number. */
		used += (size_t)sprintf(to + used, "\\u%04x", octets[at + (length == 2)]);
		at += length ? length : 1;
	}
	return used;
}

/* Characters are not cut where the text is. */
static size_t whole_characters(const char *text, size_t bytes)
{
	size_t cut = CHUNK_BYTES;

	if (bytes <= CHUNK_BYTES)
		return bytes;
	while (cut > CHUNK_BYTES - 4 && ((unsigned char)text[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}

static void write_clean(FILE *out, const char *text, size_t bytes, bool lines)
{
	char clean[6 * CHUNK_BYTES];

	while (bytes) {
		size_t part = whole_characters(text, bytes);
		size_t length = output_clean(text, part, lines, clean);

		fwrite(clean, 1, length, out);
		text += part;
		bytes -= part;
	}
}

void output_text(const char *text, size_t bytes)
{
	write_clean(stdout, text, bytes, false);
}

void output_lines(const char *text, size_t bytes)
{
	if (output.terminal)
		write_clean(stdout, text, bytes, true);
	else
		fwrite_unlocked(text, 1, bytes, stdout);
}

void output_strong(const char *text)
{
	if (output.color)
		printf("\033[1m%s\033[0m", text);
	else
		fputs(text, stdout);
}

void output_from(const char *file, unsigned long line)
{
	output.file = file;
	output.line = line;
}

void output_mute(bool mute)
{
	output.mute = mute;
}

void output_message(const char *format, ...)
{
	char message[MESSAGE_BYTES];
	va_list arguments;

	if (output.mute)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	fflush(stdout);
	fputs(output.color_error ? "\033[31marpactl:\033[0m " : "arpactl: ", stderr);
	if (output.file) {
		write_clean(stderr, output.file, strlen(output.file), false);
		fprintf(stderr, ":%lu: ", output.line);
	}
	write_clean(stderr, message, strlen(message), true);
	fputc('\n', stderr);
}
