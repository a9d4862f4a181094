/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/import_pieces.h"

#include "control/import/staging.h"
#include "control/rrset_buffer.h"
#include "dataplane/dns/name.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct digest {
	uint64_t value;
	import_pieces_take *take;
};

static void must(bool held)
{
	if (!held)
		abort();
}

static uint64_t mix(uint64_t value, const void *octets, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		value = value * 31 + ((const uint8_t *)octets)[i];
	return value * 31 + bytes;
}

static void check_names(const struct import_object *object)
{
	const struct rrset names = {
		.rdata = object->names, .rdata_bytes = (uint32_t)object->name_bytes};
	const uint8_t *name;
	uint32_t offset = 0;
	unsigned count = 0;
	uint16_t bytes;

	for (; (name = rrset_next(&names, &offset, &bytes)) != NULL; count++)
		must(name_length(name, bytes) == bytes);
	must(offset == object->name_bytes && count == object->name_count && count >= 1 &&
		count <= IMPORT_NAMES_MAX);
}

static int take_object(void *context, const struct import_object *object, struct failure *failure)
{
	struct details details = object->details, again;
	uint8_t octets[OBJECT_DETAILS_MAX_BYTES];
	struct digest *digest = context;
	size_t bytes;

	must(prefix_is_host(&object->address) && (object->said & STAGED_TIMES) == 0);
	must((object->said & STAGED_TTL) == 0 || (object->ttl >= 1 && object->ttl <= WIRE_TTL_MAX));
	check_names(object);
	digest->value = mix(digest->value, &object->address.high, sizeof(uint64_t));
	digest->value = mix(digest->value, &object->address.low, sizeof(uint64_t));
	digest->value = mix(digest->value, &object->said, sizeof(object->said));
	digest->value = mix(digest->value, &object->ttl, sizeof(object->ttl));
	digest->value = mix(digest->value, object->names, object->name_bytes);
	if (object->said & STAGED_DETAILS) {
		must(details_settle(&details, failure) == 0);
		bytes = details_write(&details, octets);
		must(details_parse(octets, bytes, &again) == 0);
		digest->value = mix(digest->value, octets, bytes);
	}
	if (digest->take)
		digest->take(object);
	return 0;
}

static int read_pieces(enum import_format format, const char *text, size_t bytes, size_t piece,
	struct digest *digest, struct failure *failure)
{
	struct import_text *import = import_text_new(format, take_object, digest);
	int result = 0;

	must(import != NULL);
	for (size_t at = 0; at < bytes && result == 0; at += piece)
		result = import_text_feed(
			import, text + at, bytes - at < piece ? bytes - at : piece, failure);
	if (result == 0)
		result = import_text_finish(import, failure);
	import_text_free(import);
	return result;
}

int import_pieces(
	enum import_format format, const uint8_t *data, size_t size, import_pieces_take *take)
{
	const char *text = (const char *)data + 1;
	struct digest whole = {.take = take}, cut = {.take = NULL};
	struct failure failure, cut_failure;
	int result;

	if (size < 2)
		return -1;
	result = read_pieces(format, text, size - 1, size, &whole, &failure);
	must(read_pieces(format, text, size - 1, 1u + data[0] % 64, &cut, &cut_failure) == result);
	must(whole.value == cut.value);
	must(result == 0 ||
		(failure.code == cut_failure.code && strcmp(failure.text, cut_failure.text) == 0 &&
			strncmp(failure.text, "line ", 5) == 0));
	return result;
}
