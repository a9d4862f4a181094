/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads one JSON text (RFC 8259) value by value, for who knows what it expects: no tree is built
 * and nothing is allocated. Untrusted octets; UTF-8 is the caller's to check.
 */
#ifndef ARPAD_CONTROL_JSON_READER_H
#define ARPAD_CONTROL_JSON_READER_H

#include "control/object.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Strings with escapes are undone in place, so the text is the reader's to change. */
struct json_reader {
	char *at;
	const char *end;
};

/* Skips blanks, and `c` if it is what comes next. False: it is not. */
bool json_reader_take(struct json_reader *reader, char c);

/* Whether nothing but blanks is left. */
bool json_reader_ends(struct json_reader *reader);

/* Each reads the value that comes next, or is false: it is another one, or none. */
bool json_reader_string(struct json_reader *reader, struct object_text *string);
bool json_reader_octets(
	struct json_reader *reader, const char **octets, size_t *bytes); /* a string */
bool json_reader_number(struct json_reader *reader, int64_t *number);	 /* an integer */
bool json_reader_flag(struct json_reader *reader, bool *flag);

/* Reads over a value that is neither an array nor an object. */
bool json_reader_skip(struct json_reader *reader);

/*
 * The next member of an object: its key, and what comes next is its value. Call it first with
 * `*count` 0, behind the '{'. 1; 0: the object ends; -1: neither.
 */
int json_reader_member(struct json_reader *reader, unsigned *count, struct object_text *key);

/* The same for an array, behind the '['. */
int json_reader_element(struct json_reader *reader, unsigned *count);

static inline bool json_reader_is(const struct object_text *text, const char *literal, size_t bytes)
{
	return text->bytes == bytes && __builtin_memcmp(text->octets, literal, bytes) == 0;
}
#define JSON_READER_IS(text, literal) json_reader_is((text), (literal), sizeof(literal) - 1)

#endif
