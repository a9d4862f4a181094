/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/import/import_ndjson.h"

#include "control/import/json_reader.h"
#include "control/import/staging.h"

enum key {
	KEY_ADDRESS,
	KEY_NAMES,
	KEY_NAME,
	KEY_TTL,
	KEY_DESCRIPTION,
	KEY_TAGS,
	KEY_TENANT,
	KEY_IGNORED, /* the first of them */
	KEYS = KEY_IGNORED + 5
};

static const char *const keys[KEYS] = {"address", "names", "name", "ttl", "description", "tags",
	"tenant", "created", "modified", "seq", "status", "zone"};

static int find_key(const struct object_text *text, struct failure *failure)
{
	for (unsigned i = 0; i < KEYS; i++)
		if (json_reader_is(text, keys[i], __builtin_strlen(keys[i])))
			return (int)i;
	return failure_set(failure, FAILURE_INVALID,
		"there is no key \"%.*s\"; keys are address, names, ttl, description, tags and "
		"tenant",
		(int)(text->bytes < 80 ? text->bytes : 80), text->octets);
}

static int refuse_value(enum key key, const char *wanted, struct failure *failure)
{
	return failure_set(failure, FAILURE_INVALID, "%s must be %s", keys[key], wanted);
}

static int read_names(
	struct json_reader *reader, struct import_object *object, struct failure *failure)
{
	struct object_text name;
	unsigned count = 0;
	int more = -1;

	if (json_reader_take(reader, '['))
		while ((more = json_reader_element(reader, &count)) == 1) {
			if (!json_reader_string(reader, &name))
				return refuse_value(KEY_NAMES, "an array of strings", failure);
			if (import_object_name(object, &name, failure) != 0)
				return -1;
		}
	return more == 0 ? 0 : refuse_value(KEY_NAMES, "an array of strings", failure);
}

static int read_tags(
	struct json_reader *reader, struct import_object *object, struct failure *failure)
{
	struct object_text key, value;
	unsigned count = 0;
	int more = -1;

	if (json_reader_take(reader, '{'))
		while ((more = json_reader_member(reader, &count, &key)) == 1) {
			if (!json_reader_string(reader, &value))
				return refuse_value(KEY_TAGS, "an object of strings", failure);
			if (import_object_tag(object, &key, &value, failure) != 0)
				return -1;
		}
	object->said |= STAGED_TAGS;
	return more == 0 ? 0 : refuse_value(KEY_TAGS, "an object of strings", failure);
}

static int read_text(struct json_reader *reader, struct import_object *object, enum key key,
	struct failure *failure)
{
	struct object_text text;

	if (!json_reader_string(reader, &text))
		return refuse_value(key, "a string", failure);
	switch (key) {
	case KEY_ADDRESS:
		return import_object_address(object, &text, failure);
	case KEY_NAME:
		return import_object_name(object, &text, failure);
	case KEY_TENANT:
		object->said |= STAGED_TENANT;
		object->details.tenant = text;
		return 0;
	default:
		object->said |= STAGED_DESCRIPTION;
		object->details.description = text;
		return 0;
	}
}

static int read_value(struct json_reader *reader, struct import_object *object, enum key key,
	struct failure *failure)
{
	int64_t ttl;

	switch (key) {
	case KEY_NAMES:
		return read_names(reader, object, failure);
	case KEY_TAGS:
		return read_tags(reader, object, failure);
	case KEY_TTL:
		if (!json_reader_number(reader, &ttl))
			return refuse_value(key, "a number of seconds", failure);
		return import_object_ttl(object, ttl, failure);
	case KEY_ADDRESS:
	case KEY_NAME:
	case KEY_DESCRIPTION:
	case KEY_TENANT:
		return read_text(reader, object, key, failure);
	default:
		return json_reader_skip(reader)
			? 0
			: refuse_value(key, "a string or a number", failure);
	}
}

int import_ndjson_read(
	char *line, size_t bytes, struct import_object *object, struct failure *failure)
{
	struct json_reader reader = {line, line + bytes};
	unsigned count = 0, seen = 0;
	struct object_text text;
	int more = -1, key;

	import_object_reset(object);
	if (json_reader_take(&reader, '{'))
		while ((more = json_reader_member(&reader, &count, &text)) == 1) {
			key = find_key(&text, failure);
			if (key < 0)
				return -1;
			if (seen & 1u << key)
				return failure_set(failure, FAILURE_INVALID,
					"the key %s is there twice", keys[key]);
			seen |= 1u << key;
			if (read_value(&reader, object, (enum key)key, failure) != 0)
				return -1;
		}
	if (more != 0 || !json_reader_ends(&reader))
		return failure_set(failure, FAILURE_INVALID,
			"this is no JSON object on one line, like "
			"{\"address\":\"192.0.2.7\",\"names\":[\"a.example.\"]}");
	if ((seen & 1u << KEY_ADDRESS) == 0 || object->name_count == 0)
		return failure_set(failure, FAILURE_INVALID,
			"a line needs address and names, an array of 1 to %d names",
			IMPORT_NAMES_MAX);
	return 1;
}
