/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ctl/request_text.h"

#include "control/command/json_plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 64 * 1024, NUMBER_BYTES = 24, TTL_FIGURES_MAX = 10, NAMES_MAX = 10 };

const char request_nul[] = "there is a NUL octet in it; this is no text";
static const char no_memory[] = "out of memory";
static const char not_utf8[] = "this is not UTF-8; write other octets of a name as \\DDD";

/* Room for `bytes` more octets, or NULL. */
static char *reserve(struct request_buffer *to, size_t bytes)
{
	size_t room = to->room ? to->room : FIRST_BYTES;
	char *octets;

	while (room - to->bytes < bytes)
		room *= 2;
	if (room != to->room) {
		octets = realloc(to->octets, room);
		if (!octets) {
			to->failed = true;
			return NULL;
		}
		to->octets = octets;
		to->room = room;
	}
	return to->octets + to->bytes;
}

static void add(struct request_buffer *to, const char *text, size_t bytes)
{
	char *at = reserve(to, bytes);

	if (!at)
		return;
	memcpy(at, text, bytes);
	to->bytes += bytes;
}

static void add_text(struct request_buffer *to, const char *text)
{
	add(to, text, strlen(text));
}

static void add_number(struct request_buffer *to, long long number)
{
	char text[NUMBER_BYTES];

	snprintf(text, sizeof(text), "%lld", number);
	add_text(to, text);
}

/* A string that needs care: by the library, which knows UTF-8. */
static bool add_special(struct request_buffer *to, const char *text, size_t bytes)
{
	json_t *string = json_stringn(text, bytes);
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	if (quoted)
		add_text(to, quoted);
	free(quoted);
	json_decref(string);
	return quoted != NULL;
}

/* False: it is no UTF-8. */
static bool add_string(struct request_buffer *to, const char *text, size_t bytes)
{
	char *at = reserve(to, bytes + 2);

	if (!at)
		return true;
	if (json_copy_plain(text, bytes, at + 1) < bytes)
		return add_special(to, text, bytes);
	at[0] = at[bytes + 1] = '"';
	to->bytes += bytes + 2;
	return true;
}

static void begin(struct request_buffer *to, const struct request_frame *frame, long long id)
{
	add_text(to, "{\"id\":");
	add_number(to, id);
	add_text(to, ",\"method\":\"");
	add_text(to, frame->method);
	add_text(to, "\",\"params\":");
}

bool request_frame_init(
	struct request_frame *frame, const char *method, unsigned names, json_t *params)
{
	json_t *others = json_deep_copy(params);
	char *text;
	size_t length;

	*frame = (struct request_frame){
		method, names, params, NULL, json_integer_value(json_object_get(params, "ttl"))};
	json_object_del(others, "ttl");
	text = others ? json_dumps(others, JSON_COMPACT) : NULL;
	json_decref(others);
	if (!text)
		return false;
	/* {...} becomes ..., and {} nothing. */
	length = strlen(text);
	memmove(text, text + 1, length);
	text[length - 2] = length > 2 ? ',' : '\0';
	frame->common = text;
	return true;
}

void request_frame_release(struct request_frame *frame)
{
	json_decref(frame->params);
	free(frame->common);
	*frame = (struct request_frame){0};
}

struct field {
	const char *at;
	size_t bytes;
};

/* The fields of a line between blanks; one more than `max` when there are more. */
static unsigned cut_fields(const char *line, size_t bytes, struct field *fields, unsigned max)
{
	const char *at = line, *end = line + bytes;
	unsigned count = 0;

	for (;;) {
		const char *from;

		while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
			at++;
		if (at == end || count == max)
			return count + (at != end);
		from = at;
		while (at < end && *at != ' ' && *at != '\t' && *at != '\r')
			at++;
		fields[count++] = (struct field){from, (size_t)(at - from)};
	}
}

static bool is_number(const struct field *field)
{
	for (size_t i = 0; i < field->bytes; i++)
		if (field->at[i] < '0' || field->at[i] > '9')
			return false;
	return field->bytes && field->bytes <= TTL_FIGURES_MAX;
}

static void keep_address(char *address, const char *text, size_t bytes)
{
	if (bytes >= REQUEST_ADDRESS_BYTES)
		bytes = REQUEST_ADDRESS_BYTES - 1;
	memcpy(address, text, bytes);
	address[bytes] = '\0';
}

static const char *form_of(const struct request_frame *frame)
{
	static const char *const forms[] = {"this is not \"ADDRESS\"",
		"this is not \"ADDRESS NAME...\"", "this is not \"ADDRESS NAME... [TTL]\""};

	return forms[frame->names];
}

/* What a line says. */
struct line {
	struct field field[1 + NAMES_MAX + 1]; /* the address, names, a TTL */
	unsigned names;
	bool ttl;
};

/* False: it is not of the frame's form. */
static bool read_line(
	const struct request_frame *frame, const char *text, size_t bytes, struct line *line)
{
	unsigned most = frame->names ? NAMES_MAX + frame->names : 1;
	unsigned count = cut_fields(text, bytes, line->field, most);

	line->ttl = frame->names == 2 && count > 2 && count <= most &&
		is_number(&line->field[count - 1]);
	line->names = count ? count - 1 - line->ttl : 0;
	return count <= most && (frame->names ? line->names >= 1 : line->names == 0) &&
		line->names <= NAMES_MAX;
}

/* ,"name":… or ,"names":[…] */
static bool add_names(struct request_buffer *to, const struct line *line)
{
	bool good = true;

	add_text(to, line->names == 1 ? ",\"name\":" : ",\"names\":[");
	for (unsigned i = 0; i < line->names; i++) {
		if (i)
			add_text(to, ",");
		good &= add_string(to, line->field[1 + i].at, line->field[1 + i].bytes);
	}
	if (line->names != 1)
		add_text(to, "]");
	return good;
}

/* JSON has no zeros in front of a number. */
static void add_figures(struct request_buffer *to, const struct field *number)
{
	size_t zeros = 0;

	while (zeros + 1 < number->bytes && number->at[zeros] == '0')
		zeros++;
	add(to, number->at + zeros, number->bytes - zeros);
}

/* What follows "params":, up to the line's end. */
static bool add_params(
	struct request_buffer *to, const struct request_frame *frame, const struct line *line)
{
	const struct field *ttl = &line->field[1 + line->names];
	bool good;

	add_text(to, "{");
	add_text(to, frame->common);
	add_text(to, "\"address\":");
	good = add_string(to, line->field[0].at, line->field[0].bytes);
	if (line->names)
		good &= add_names(to, line);
	if (line->ttl || frame->ttl)
		add_text(to, ",\"ttl\":");
	if (line->ttl)
		add_figures(to, ttl);
	else if (frame->ttl)
		add_number(to, frame->ttl);
	add_text(to, "}}\n");
	return good;
}

/* A request that is not whole is taken back. */
static const char *end(struct request_buffer *to, size_t start, const char *wrong)
{
	if (to->failed)
		wrong = no_memory;
	if (wrong)
		to->bytes = start;
	return wrong;
}

const char *request_of_line(struct request_buffer *to, const struct request_frame *frame,
	long long id, const char *text, size_t bytes, char *address)
{
	size_t start = to->bytes;
	struct line line;
	struct field first = {NULL, 0};

	address[0] = '\0';
	if (!cut_fields(text, bytes, &first, 1) || first.at[0] == '#')
		return NULL;
	if (memchr(text, '\0', bytes))
		return request_nul;
	keep_address(address, first.at, first.bytes);
	if (!read_line(frame, text, bytes, &line))
		return form_of(frame);
	begin(to, frame, id);
	return end(to, start, add_params(to, frame, &line) ? NULL : not_utf8);
}

const char *request_of_json(struct request_buffer *to, const struct request_frame *frame,
	long long id, json_t *object, char *address)
{
	static const char *const known[] = {"seq", "created", "modified", "status", "zone", NULL};
	const char *text = json_string_value(json_object_get(object, "address"));
	size_t start = to->bytes;
	char *written;

	address[0] = '\0';
	if (!text) {
		json_decref(object);
		return "the object has no \"address\"";
	}
	keep_address(address, text, strlen(text));
	for (const char *const *key = known; *key; key++)
		json_object_del(object, *key);
	json_object_update_missing(object, frame->params);
	written = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	if (!written)
		return no_memory;
	begin(to, frame, id);
	add_text(to, written);
	add_text(to, "}\n");
	free(written);
	return end(to, start, NULL);
}

const char *request_of_object(struct request_buffer *to, const struct request_frame *frame,
	long long id, const char *text, size_t bytes, char *address)
{
	json_t *object;

	address[0] = '\0';
	while (bytes && (*text == ' ' || *text == '\t' || *text == '\r')) {
		text++;
		bytes--;
	}
	if (!bytes)
		return NULL;
	object = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return "this is no JSON object";
	}
	return request_of_json(to, frame, id, object, address);
}
