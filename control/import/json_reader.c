/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/import/json_reader.h"

#include "control/command/json_plain.h"

#include <string.h>

enum { NUMBER_DIGITS_MAX = 18 };

static void skip_blanks(struct json_reader *reader)
{
	while (reader->at < reader->end &&
		(*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r' ||
			*reader->at == '\n'))
		reader->at++;
}

bool json_reader_take(struct json_reader *reader, char c)
{
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

bool json_reader_ends(struct json_reader *reader)
{
	skip_blanks(reader);
	return reader->at == reader->end;
}

/* ---- Strings ---- */

static int hex_of(char c)
{
	unsigned digit = (unsigned char)c - '0', letter = ((unsigned char)c | 0x20) - 'a';

	return digit <= 9 ? (int)digit : letter < 6 ? (int)letter + 10 : -1;
}

/* The four figures behind \u. Returns the code unit, or -1. */
static int read_unit(struct json_reader *reader)
{
	int unit = 0;

	if (reader->end - reader->at < 4)
		return -1;
	for (unsigned i = 0; i < 4; i++) {
		int digit = hex_of(*reader->at++);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The character behind \u, of two code units where it has to be. 0: there is none, or it is NUL. */
static uint32_t read_character(struct json_reader *reader)
{
	int high = read_unit(reader), low;

	if (high < 0 || (high >= 0xdc00 && high <= 0xdfff))
		return 0;
	if (high < 0xd800 || high > 0xdbff)
		return (uint32_t)high;
	if (reader->end - reader->at < 2 || reader->at[0] != '\\' || reader->at[1] != 'u')
		return 0;
	reader->at += 2;
	low = read_unit(reader);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	return 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
}

static char *write_utf8(char *to, uint32_t character)
{
	if (character < 0x80) {
		*to++ = (char)character;
	} else if (character < 0x800) {
		*to++ = (char)(0xc0 | character >> 6);
		*to++ = (char)(0x80 | (character & 0x3f));
	} else if (character < 0x10000) {
		*to++ = (char)(0xe0 | character >> 12);
		*to++ = (char)(0x80 | (character >> 6 & 0x3f));
		*to++ = (char)(0x80 | (character & 0x3f));
	} else {
		*to++ = (char)(0xf0 | character >> 18);
		*to++ = (char)(0x80 | (character >> 12 & 0x3f));
		*to++ = (char)(0x80 | (character >> 6 & 0x3f));
		*to++ = (char)(0x80 | (character & 0x3f));
	}
	return to;
}

/* The escape behind a backslash, written at `to`, which is not behind what is read. */
static char *read_escape(struct json_reader *reader, char *to)
{
	static const char short_ones[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	uint32_t character;
	char c;

	if (reader->at == reader->end)
		return NULL;
	c = *reader->at++;
	for (const char *one = short_ones; *one != '\0'; one += 2)
		if (*one == c) {
			*to++ = one[1];
			return to;
		}
	if (c != 'u')
		return NULL;
	character = read_character(reader);
	return character == 0 ? NULL : write_utf8(to, character);
}

bool json_reader_octets(struct json_reader *reader, const char **octets, size_t *bytes)
{
	char *to;

	if (!json_reader_take(reader, '"'))
		return false;
	*octets = to = reader->at;
	/* Onto itself: as far as nothing was undone, octets stay where they are. */
	to += json_copy_plain(to, (size_t)(reader->end - to), to);
	reader->at = to;
	while (to != NULL && reader->at < reader->end) {
		unsigned char c = (unsigned char)*reader->at++;

		if (c == '"') {
			*bytes = (size_t)(to - *octets);
			return true;
		}
		if (c < ' ')
			return false;
		if (c == '\\')
			to = read_escape(reader, to);
		else
			*to++ = (char)c;
	}
	return false;
}

bool json_reader_string(struct json_reader *reader, struct object_text *string)
{
	size_t bytes;

	if (!json_reader_octets(reader, &string->octets, &bytes) || bytes > UINT16_MAX)
		return false;
	string->bytes = (uint16_t)bytes;
	return true;
}

/* ---- Other values ---- */

bool json_reader_number(struct json_reader *reader, int64_t *number)
{
	const char *start;
	bool negative;

	skip_blanks(reader);
	negative = reader->at < reader->end && *reader->at == '-';
	reader->at += negative;
	start = reader->at;
	*number = 0;
	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
		if (reader->at - start == NUMBER_DIGITS_MAX)
			return false;
		*number = *number * 10 + (*reader->at - '0');
	}
	if (reader->at == start || (*start == '0' && reader->at - start > 1))
		return false;
	if (negative)
		*number = -*number;
	/* A fraction or an exponent is no integer. */
	return reader->at == reader->end ||
		(*reader->at != '.' && *reader->at != 'e' && *reader->at != 'E');
}

static bool take_word(struct json_reader *reader, const char *word)
{
	size_t bytes = strlen(word);

	skip_blanks(reader);
	if ((size_t)(reader->end - reader->at) < bytes || memcmp(reader->at, word, bytes) != 0)
		return false;
	reader->at += bytes;
	return true;
}

bool json_reader_flag(struct json_reader *reader, bool *flag)
{
	*flag = take_word(reader, "true");
	return *flag || take_word(reader, "false");
}

bool json_reader_skip(struct json_reader *reader)
{
	struct object_text string;
	int64_t number;
	bool flag;

	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == '"')
		return json_reader_string(reader, &string) && object_text_is_sound(&string);
	return json_reader_flag(reader, &flag) || take_word(reader, "null") ||
		json_reader_number(reader, &number);
}

int json_reader_member(struct json_reader *reader, unsigned *count, struct object_text *key)
{
	if (json_reader_take(reader, '}'))
		return 0;
	if (*count > 0 && !json_reader_take(reader, ','))
		return -1;
	(*count)++;
	return json_reader_string(reader, key) && json_reader_take(reader, ':') ? 1 : -1;
}

int json_reader_element(struct json_reader *reader, unsigned *count)
{
	if (json_reader_take(reader, ']'))
		return 0;
	if (*count > 0 && !json_reader_take(reader, ','))
		return -1;
	(*count)++;
	return 1;
}
