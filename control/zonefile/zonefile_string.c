/* SPDX-License-Identifier: BSD-3-Clause */
/* Not by ldns, which needs its quotes taken off first and then takes a number over 255 for less. */
#include "control/zonefile/zonefile_string.h"

#include <ctype.h>
#include <stdbool.h>

/* The octet that an escape stands for, `*text` behind its backslash; or -1. */
static int read_escape(const char **text)
{
	const char *digits = *text;
	int octet;

	if (!isdigit((unsigned char)digits[0])) {
		if (digits[0] == '\0')
			return -1;
		++*text;
		return (unsigned char)digits[0];
	}
	if (!isdigit((unsigned char)digits[1]) || !isdigit((unsigned char)digits[2]))
		return -1;
	octet = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
	*text += 3;
	return octet > UINT8_MAX ? -1 : octet;
}

static bool ends(const char *text, bool quoted)
{
	return *text == '\0' || *text == '"' || (!quoted && *text == ' ');
}

int zonefile_read_string(char **cursor, uint8_t *octets, size_t max, struct failure *failure)
{
	const char *text = *cursor;
	bool quoted = *text == '"';
	size_t bytes = 0;

	text += quoted;
	while (!ends(text, quoted)) {
		int octet = (unsigned char)*text++;

		if (octet == '\\')
			octet = read_escape(&text);
		if (octet < 0)
			return failure_set(failure, FAILURE_INVALID,
				"the string %.60s has a bad escape; write \\DDD with DDD from 000 "
				"to 255, or \\ and a character",
				*cursor);
		if (bytes == max)
			return failure_set(failure, FAILURE_INVALID,
				"the string %.60s... is longer than %zu octets", *cursor, max);
		octets[bytes++] = (uint8_t)octet;
	}
	if (quoted && *text != '"')
		return failure_set(
			failure, FAILURE_INVALID, "the string %.60s has no closing quote", *cursor);
	*cursor += text - *cursor + quoted;
	return (int)bytes;
}
