/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/json_write.h"

#include "control/command/json_plain.h"

#include <stdio.h>
#include <stdlib.h>

/* What the octet is written as between quotes (RFC 8259 7), into `escape`; returns its length. */
static size_t write_escape(unsigned char octet, char *escape)
{
	static const char hex[] = "0123456789ABCDEF", plain[] = "\"\\bfnrt",
			  meant[] = "\"\\\b\f\n\r\t";
	const char *found = octet ? strchr(meant, octet) : NULL;

	escape[0] = '\\';
	if (found) {
		escape[1] = plain[found - meant];
		return 2;
	}
	memcpy(escape + 1, "u00", 3);
	escape[4] = hex[octet >> 4];
	escape[5] = hex[octet & 15];
	return 6;
}

void json_write_string(struct text *text, const char *octets, size_t bytes)
{
	char *to = text_reserve(text, 6 * bytes + 2), *start = to;

	if (!to)
		return;
	*to++ = '"';
	for (size_t at = 0; at < bytes;) {
		size_t plain = json_copy_plain(octets + at, bytes - at, to);

		at += plain;
		to += plain;
		for (; at < bytes && ((unsigned char)octets[at] >= 0x80); at++)
			*to++ = octets[at];
		if (at < bytes &&
			((unsigned char)octets[at] < ' ' || octets[at] == '"' ||
				octets[at] == '\\'))
			to += write_escape((unsigned char)octets[at++], to);
	}
	*to++ = '"';
	text->bytes += (size_t)(to - start);
}

static void write_object(struct text *text, const json_t *object)
{
	const char *key, *comma = "";
	json_t *value;

	text_add(text, "{", 1);
	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		text_add_string(text, comma);
		json_write_string(text, key, strlen(key));
		text_add(text, ":", 1);
		json_write_value(text, value);
		comma = ",";
	}
	text_add(text, "}", 1);
}

static void write_array(struct text *text, const json_t *array)
{
	size_t count = json_array_size(array);

	text_add(text, "[", 1);
	for (size_t i = 0; i < count; i++) {
		if (i)
			text_add(text, ",", 1);
		json_write_value(text, json_array_get(array, i));
	}
	text_add(text, "]", 1);
}

static void write_real(struct text *text, const json_t *real)
{
	char *written = json_dumps(real, JSON_COMPACT | JSON_ENCODE_ANY);

	if (written)
		text_add_string(text, written);
	else
		text->failed = true;
	free(written);
}

void json_write_value(struct text *text, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_object(text, value);
		break;
	case JSON_ARRAY:
		write_array(text, value);
		break;
	case JSON_STRING:
		json_write_string(text, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		text_add_number(text, json_integer_value(value));
		break;
	case JSON_REAL:
		write_real(text, value);
		break;
	case JSON_TRUE:
		text_add(text, "true", 4);
		break;
	case JSON_FALSE:
		text_add(text, "false", 5);
		break;
	case JSON_NULL:
		text_add(text, "null", 4);
		break;
	}
}
