/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/span.h"

#include "control/command/json_plain.h"

#include <string.h>

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

/* From behind the opening quote to the closing one; NULL: there is none. */
static const char *find_quote(const char *at, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	for (;;) {
		while (end - at >= 8) {
			uint64_t word;

			memcpy(&word, at, 8);
			if (json_zero_octets(word ^ ones * '"') |
				json_zero_octets(word ^ ones * '\\'))
				break;
			at += 8;
		}
		while (at < end && *at != '"' && *at != '\\')
			at++;
		if (at == end)
			return NULL;
		if (*at == '"')
			return at;
		if (end - at < 2)
			return NULL;
		at += 2;
	}
}

/* A number, true, false or null. */
static const char *skip_word(const char *at, const char *end)
{
	while (at < end && *at != ',' && *at != ']' && *at != '}' && *at != ' ' && *at != '\n' &&
		*at != '\t' && *at != '\r' && *at != '"' && *at != '[' && *at != '{' && *at != ':')
		at++;
	return at;
}

/* From an opening bracket to behind its closing one. */
static const char *skip_brackets(const char *at, const char *end)
{
	unsigned depth = 0;

	while (at < end) {
		char octet = *at++;

		if (octet == '"') {
			at = find_quote(at, end);
			if (!at)
				return NULL;
			at++;
		} else if (octet == '[' || octet == '{') {
			depth++;
		} else if ((octet == ']' || octet == '}') && --depth == 0) {
			return at;
		}
	}
	return NULL;
}

/* The value at `*at`, which moves behind it. */
static bool take_value(const char **at, const char *end, struct span *value)
{
	const char *from = *at, *to;

	if (from == end)
		return false;
	if (*from == '"') {
		to = find_quote(from + 1, end);
		to = to ? to + 1 : NULL;
	} else if (*from == '[' || *from == '{') {
		to = skip_brackets(from, end);
	} else {
		to = skip_word(from, end);
	}
	if (!to || to == from)
		return false;
	*value = (struct span){from, (size_t)(to - from)};
	*at = to;
	return true;
}

bool span_walk_begin(struct span_walk *walk, struct span value)
{
	const char *end = value.at + value.bytes, *at = skip_blanks(value.at, end);

	if (at == end || (*at != '[' && *at != '{'))
		return false;
	*walk = (struct span_walk){
		.at = at + 1, .end = end, .close = *at == '[' ? ']' : '}', .first = true};
	return true;
}

int span_walk_next(struct span_walk *walk, struct span *key, struct span *value)
{
	const char *at = skip_blanks(walk->at, walk->end);

	*key = *value = (struct span){NULL, 0};
	if (at == walk->end)
		return -1;
	if (*at == walk->close) {
		walk->at = at;
		return 0;
	}
	if (!walk->first) {
		if (*at != ',')
			return -1;
		at = skip_blanks(at + 1, walk->end);
	}
	walk->first = false;
	if (walk->close == '}') {
		if (at == walk->end || *at != '"' || !take_value(&at, walk->end, key))
			return -1;
		*key = (struct span){key->at + 1, key->bytes - 2};
		at = skip_blanks(at, walk->end);
		if (at == walk->end || *at != ':')
			return -1;
		at = skip_blanks(at + 1, walk->end);
	}
	if (!take_value(&at, walk->end, value))
		return -1;
	walk->at = at;
	return 1;
}

bool span_is(struct span span, const char *text)
{
	return span.at && span.bytes == strlen(text) && memcmp(span.at, text, span.bytes) == 0;
}

struct span span_member(struct span object, const char *key)
{
	struct span_walk walk;
	struct span name, value;

	if (object.at && span_walk_begin(&walk, object))
		while (span_walk_next(&walk, &name, &value) == 1)
			if (span_is(name, key))
				return value;
	return (struct span){NULL, 0};
}

static int hex_value(char octet)
{
	if (octet >= '0' && octet <= '9')
		return octet - '0';
	octet |= 0x20;
	return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* The four figures of \uXXXX, or -1. */
static long read_unit(const char *at, const char *end)
{
	long unit = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int value = hex_value(at[i]);

		if (value < 0)
			return -1;
		unit = unit << 4 | value;
	}
	return unit;
}

static size_t write_utf8(long code, char *to)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xe0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3f));
		to[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | code >> 18);
	to[1] = (char)(0x80 | (code >> 12 & 0x3f));
	to[2] = (char)(0x80 | (code >> 6 & 0x3f));
	to[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* \uXXXX, with its second half where it has one. `*at` is behind the u. */
static size_t take_unit(const char **at, const char *end, char *to)
{
	long code = read_unit(*at, end), low = -1;

	if (code < 0) {
		*to = '?';
		return 1;
	}
	*at += 4;
	if (code >= 0xd800 && code < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' &&
		(*at)[1] == 'u')
		low = read_unit(*at + 2, end);
	if (low >= 0xdc00 && low < 0xe000) {
		*at += 6;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	} else if (code >= 0xd800 && code < 0xe000) {
		code = '?';
	}
	return write_utf8(code, to);
}

static size_t take_escape(const char **at, const char *end, char *to)
{
	static const char short_ones[] = "b\bf\fn\nr\rt\t";
	char octet = *(*at)++;

	if (octet == 'u')
		return take_unit(at, end, to);
	*to = octet;
	for (const char *one = short_ones; *one; one += 2)
		if (*one == octet)
			*to = one[1];
	return 1;
}

size_t span_text(struct span value, char *to)
{
	const char *at = value.at, *end = at + value.bytes;
	size_t used = 0;

	if (value.bytes < 2 || *at != '"') {
		if (value.bytes)
			memcpy(to, at, value.bytes);
		return value.bytes;
	}
	at++;
	end--;
	while (at < end) {
		const char *escape = memchr(at, '\\', (size_t)(end - at));
		size_t plain = (size_t)((escape ? escape : end) - at);

		memcpy(to + used, at, plain);
		used += plain;
		at += plain;
		if (end - at < 2)
			break;
		at++;
		used += take_escape(&at, end, to + used);
	}
	return used;
}
