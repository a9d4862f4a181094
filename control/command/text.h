/* SPDX-License-Identifier: BSD-3-Clause */
/* Octets that grow at their end: replies on their way out. */
#ifndef ARPAD_CONTROL_TEXT_H
#define ARPAD_CONTROL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * A zeroed struct is an empty text. Without memory it stays as it was and is `failed` from then on:
 * what writes many parts asks once, at the end.
 */
struct text {
	char *octets; /* `bytes` of them, no NUL */
	size_t bytes, room;
	bool failed;
};

/* Makes room for `more` octets behind the end. NULL: no memory, `failed`; else where they go. */
char *text_reserve(struct text *text, size_t more);

/* Adds octets. */
static inline void text_add(struct text *text, const char *octets, size_t bytes)
{
	char *end = text->room - text->bytes >= bytes && !text->failed ? text->octets + text->bytes
								       : text_reserve(text, bytes);

	if (!end || bytes == 0)
		return;
	memcpy(end, octets, bytes);
	text->bytes += bytes;
}

/* Adds a string without its NUL. */
static inline void text_add_string(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

/* Adds a number in decimal. */
void text_add_number(struct text *text, long long number);

/* Frees the octets; the text is empty then. */
void text_free(struct text *text);

#endif
