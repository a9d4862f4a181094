/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control/import/import_ndjson.c, json_reader.c and what is under them: any octets. What they take
 * on one line, jansson takes as the same object.
 */
#include "tests/fuzz/import_pieces.h"

#include "control/import/staging.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct import_object last;
static char description[OBJECT_DESCRIPTION_MAX_BYTES];
static unsigned objects;

static void take(const struct import_object *object)
{
	last = *object;
	objects++;
	if (object->said & STAGED_DESCRIPTION)
		memcpy(description, object->details.description.octets,
			object->details.description.bytes);
}

/* Compares the one object of the text with what jansson reads. */
static void compare(const char *text, size_t bytes)
{
	json_t *object = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
	json_t *names = json_object_get(object, "names"), *ttl = json_object_get(object, "ttl");
	json_t *said = json_object_get(object, "description");
	bool same = object && json_is_object(object) &&
		json_array_size(names) + json_is_string(json_object_get(object, "name")) ==
			last.name_count &&
		json_is_integer(ttl) == ((last.said & STAGED_TTL) != 0) &&
		json_integer_value(ttl) == (json_int_t)last.ttl;

	if (said)
		same = same && json_string_length(said) == last.details.description.bytes &&
			memcmp(json_string_value(said), description, json_string_length(said)) == 0;
	json_decref(object);
	if (!same)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	objects = 0;
	if (import_pieces(IMPORT_NDJSON, data, size, take) == 0 && objects == 1 &&
		memcmp(text, "\xef\xbb\xbf", size > 4 ? 3 : size - 1) != 0)
		compare(text, size - 1);
	return 0;
}
