/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/command/request_fast.h"

#include "control/command/json_plain.h"

#include <stdbool.h>
#include <stdlib.h>

/* As many digits fit a json_int_t; ids come back, and longer ones are not for here to judge. */
enum { DIGITS_MAX = 18, ID_MAX_BYTES = 128, PARAMS_MAX = 16 };

struct line_reader {
	const char *at, *end;
};

/* A string where it stands; with escapes, still to be undone. */
struct piece {
	const char *octets;
	size_t bytes;
	bool escaped;
};

const char *request_fast_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

static bool take(struct line_reader *reader, char c)
{
	reader->at = request_fast_blanks(reader->at, reader->end);
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* The end of the plain octets at the reader. */
static const char *plain_end(const struct line_reader *reader)
{
	return reader->at + json_plain_length(reader->at, (size_t)(reader->end - reader->at));
}

/* Reads from behind the opening quote to behind the closing one. */
static bool read_rest(struct line_reader *reader, struct piece *piece)
{
	piece->octets = reader->at;
	piece->escaped = false;
	for (;;) {
		reader->at = plain_end(reader);
		if (reader->at == reader->end)
			return false;
		if (*reader->at == '"')
			break;
		if (*reader->at != '\\' || reader->end - reader->at < 2)
			return false;
		piece->escaped = true;
		reader->at += 2;
	}
	piece->bytes = (size_t)(reader->at++ - piece->octets);
	return true;
}

static bool read_string(struct line_reader *reader, struct piece *piece)
{
	return take(reader, '"') && read_rest(reader, piece);
}

/* What the escape `\c` stands for; 0: not one of those that are taken here. */
static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case '"':
	case '\\':
	case '/':
		return c;
	default:
		return 0;
	}
}

/* Undoes the escapes into `to`, which has room for the piece. Returns the length, or -1. */
static ssize_t undo(const struct piece *piece, char *to)
{
	const char *at = piece->octets, *end = at + piece->bytes;
	char *start = to;

	while (at < end) {
		size_t plain = json_copy_plain(at, (size_t)(end - at), to);

		at += plain;
		to += plain;
		if (at == end)
			break;
		*to = unescape(at[1]);
		if (*to++ == 0)
			return -1;
		at += 2;
	}
	return to - start;
}

static json_t *make_string(const struct piece *piece)
{
	json_t *string = NULL;
	ssize_t bytes;
	char *text;

	if (!piece->escaped)
		return json_stringn_nocheck(piece->octets, piece->bytes);
	text = malloc(piece->bytes);
	if (!text)
		return NULL;
	bytes = undo(piece, text);
	if (bytes >= 0)
		string = json_stringn_nocheck(text, (size_t)bytes);
	free(text);
	return string;
}

/* The first digit is no needless 0 (RFC 8259 6), and what follows makes it no fraction. */
static json_t *read_number(struct line_reader *reader)
{
	bool minus = take(reader, '-');
	const char *start = reader->at;
	json_int_t number = 0;

	for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; reader->at++) {
		if (reader->at - start == DIGITS_MAX)
			return NULL;
		number = number * 10 + (*reader->at - '0');
	}
	if (reader->at == start || reader->at == reader->end ||
		(*start == '0' && (minus || reader->at - start > 1)) || *reader->at == '.' ||
		*reader->at == 'e' || *reader->at == 'E')
		return NULL;
	return json_integer(minus ? -number : number);
}

static json_t *read_text(struct line_reader *reader)
{
	struct piece piece;

	return read_string(reader, &piece) ? make_string(&piece) : NULL;
}

static json_t *read_texts(struct line_reader *reader)
{
	json_t *texts;

	if (!take(reader, '['))
		return NULL;
	texts = json_array();
	if (take(reader, ']'))
		return texts;
	do {
		if (json_array_append_new(texts, read_text(reader)) != 0) {
			json_decref(texts);
			return NULL;
		}
	} while (take(reader, ','));
	if (take(reader, ']'))
		return texts;
	json_decref(texts);
	return NULL;
}

static json_t *read_flag(struct line_reader *reader)
{
	static const char *const words[] = {"false", "true"};

	reader->at = request_fast_blanks(reader->at, reader->end);
	for (int i = 0; i < 2; i++) {
		size_t bytes = strlen(words[i]);

		if ((size_t)(reader->end - reader->at) > bytes &&
			memcmp(reader->at, words[i], bytes) == 0) {
			reader->at += bytes;
			return json_boolean(i);
		}
	}
	return NULL;
}

/* A value of the kind that the parameter has. */
static json_t *read_value(struct line_reader *reader, enum param_kind kind)
{
	switch (kind) {
	case PARAM_TEXT:
		return read_text(reader);
	case PARAM_TEXTS:
		return read_texts(reader);
	case PARAM_NUMBER:
		return read_number(reader);
	case PARAM_FLAG:
		return read_flag(reader);
	default:
		return NULL;
	}
}

static bool is(const struct piece *piece, const char *text)
{
	return strncmp(piece->octets, text, piece->bytes) == 0 && text[piece->bytes] == '\0';
}

static const struct param *find_param(
	const struct method *method, const struct piece *name, unsigned *index)
{
	for (*index = 0; method->params[*index].name && *index < PARAMS_MAX; ++*index)
		if (is(name, method->params[*index].name))
			return &method->params[*index];
	return NULL;
}

static bool has_required(const struct method *method, unsigned seen)
{
	for (unsigned i = 0; method->params[i].name; i++)
		if (method->params[i].required && (i >= PARAMS_MAX || !(seen & 1u << i)))
			return false;
	return true;
}

/* One member of params; each may come once. */
static bool read_member(
	struct line_reader *reader, const struct method *method, json_t *params, unsigned *seen)
{
	const struct param *param;
	struct piece name;
	unsigned index;

	if (!read_string(reader, &name) || name.escaped || !take(reader, ':'))
		return false;
	param = find_param(method, &name, &index);
	if (!param || (*seen & 1u << index))
		return false;
	*seen |= 1u << index;
	return json_object_set_new_nocheck(params, param->name, read_value(reader, param->kind)) ==
		0;
}

static bool read_members(struct line_reader *reader, const struct method *method, json_t *params)
{
	unsigned seen = 0;

	if (!take(reader, '{'))
		return false;
	if (!take(reader, '}')) {
		do {
			if (!read_member(reader, method, params, &seen))
				return false;
		} while (take(reader, ','));
		if (!take(reader, '}'))
			return false;
	}
	return has_required(method, seen);
}

/* "name": */
static bool take_key(struct line_reader *reader, const char *name)
{
	struct piece key;

	return read_string(reader, &key) && !key.escaped && is(&key, name) && take(reader, ':');
}

static json_t *read_id(struct line_reader *reader)
{
	struct piece text;

	if (!take(reader, '"'))
		return read_number(reader);
	if (!read_rest(reader, &text) || text.bytes > ID_MAX_BYTES)
		return NULL;
	return make_string(&text);
}

/* With the members that come before params. */
static bool read_head(struct line_reader *reader, struct request_parts *parts)
{
	struct piece name;

	if (!take(reader, '{') || !take_key(reader, "id"))
		return false;
	parts->id = read_id(reader);
	if (!parts->id || !take(reader, ',') || !take_key(reader, "method") ||
		!read_string(reader, &name) || name.escaped)
		return false;
	parts->method = command_method_of(name.octets, name.bytes);
	return parts->method != NULL;
}

static bool read_all(struct line_reader *reader, struct request_parts *parts)
{
	if (!read_head(reader, parts))
		return false;
	parts->params = json_object();
	if (take(reader, '}'))
		return has_required(parts->method, 0);
	return take(reader, ',') && take_key(reader, "params") &&
		read_members(reader, parts->method, parts->params) && take(reader, '}');
}

const char *request_fast_read(const char *at, const char *end, struct request_parts *parts)
{
	struct line_reader reader = {at, end};

	*parts = (struct request_parts){.id = NULL};
	if (read_all(&reader, parts) && parts->params)
		return reader.at;
	json_decref(parts->id);
	json_decref(parts->params);
	return NULL;
}
