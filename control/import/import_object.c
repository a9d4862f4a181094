/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain addresses and names, as nearly all are, are read here in one pass; what needs more care
 * goes to presentation.c, which also says what is wrong.
 */
#include "control/import/import_object.h"

#include "control/import/staging.h"
#include "control/presentation.h"

#include <stdbool.h>
#include <string.h>

enum { ADDRESS_TEXT_BYTES = 64 };

void import_object_reset(struct import_object *object)
{
	object->said = 0;
	object->ttl = 0;
	object->name_count = 0;
	object->name_bytes = 0;
	object->details.description.bytes = 0;
	object->details.tenant.bytes = 0;
	object->details.tag_count = 0;
}

/* A copy with a NUL behind it; false: it does not fit, or has a NUL of its own. */
static bool copy_text(const struct object_text *field, char *text, size_t room)
{
	if (field->bytes >= room || memchr(field->octets, '\0', field->bytes) != NULL)
		return false;
	memcpy(text, field->octets, field->bytes);
	text[field->bytes] = '\0';
	return true;
}

/* ---- Address ---- */

/* 0 to 255 without a leading zero; moves behind it. */
static bool read_octet(const char **at, const char *end, uint32_t *octet)
{
	const char *start = *at;

	*octet = 0;
	while (*at < end && *at - start < 3 && **at >= '0' && **at <= '9')
		*octet = *octet * 10 + (uint32_t)(*(*at)++ - '0');
	return *at > start && *octet <= 255 && (*start != '0' || *at - start == 1);
}

static bool read_ipv4(const struct object_text *field, struct prefix *address)
{
	const char *at = field->octets, *end = at + field->bytes;
	uint32_t value = 0, octet;

	for (unsigned i = 0; i < 4; i++) {
		if (i > 0 && (at == end || *at++ != '.'))
			return false;
		if (!read_octet(&at, end, &octet))
			return false;
		value = value << 8 | octet;
	}
	*address = (struct prefix){(uint64_t)value << 32, 0, ARPA_FAMILY_IPV4, 32};
	return at == end;
}

int import_object_address(
	struct import_object *object, const struct object_text *field, struct failure *failure)
{
	char text[ADDRESS_TEXT_BYTES];

	if (read_ipv4(field, &object->address))
		return 0;
	if (!copy_text(field, text, sizeof(text)))
		return failure_set(failure, FAILURE_INVALID,
			"\"%.*s\" is no address; write one like 192.0.2.7 or 2001:db8::7",
			(int)(field->bytes < 80 ? field->bytes : 80), field->octets);
	return presentation_parse_address(text, &object->address, failure);
}

/* ---- Name ---- */

static const uint8_t plain[256] = {
	['-'] = 1,
	['_'] = 1,
	['0' ... '9'] = 1,
	['A' ... 'Z'] = 1,
	['a' ... 'z'] = 1,
};

/* Labels of plain octets. Returns the wire length, or 0: more care is needed. */
static size_t read_plain_name(const struct object_text *field, uint8_t *wire)
{
	const char *at = field->octets, *end = at + field->bytes;
	uint8_t *length = wire, *to = wire + 1;

	if (field->bytes == 0 || field->bytes > WIRE_NAME_MAX_BYTES - 2)
		return 0;
	for (; at < end; at++) {
		if (plain[(unsigned char)*at]) {
			*to++ = (uint8_t)*at;
			continue;
		}
		if (*at != '.' || to - length - 1 < 1 || to - length - 1 > WIRE_LABEL_MAX_BYTES)
			return 0;
		*length = (uint8_t)(to - length - 1);
		length = to++;
	}
	if (to - length - 1 > WIRE_LABEL_MAX_BYTES)
		return 0;
	*length = (uint8_t)(to - length - 1);
	/* Without a final dot the last label is not closed yet. */
	if (*length > 0)
		*to++ = 0;
	return (size_t)(to - wire);
}

int import_object_name(
	struct import_object *object, const struct object_text *field, struct failure *failure)
{
	uint8_t *item = object->names + object->name_bytes;
	char text[PRESENTATION_NAME_BYTES];
	size_t bytes;
	int parsed;

	if (object->name_count == IMPORT_NAMES_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"an address takes 1 to %d names; this line has more", IMPORT_NAMES_MAX);
	bytes = read_plain_name(field, item + 2);
	if (bytes == 0) {
		if (!copy_text(field, text, sizeof(text)))
			return failure_set(failure, FAILURE_INVALID,
				"a name has at most 255 octets and no NUL; this one is no name");
		parsed = presentation_parse_name(text, item + 2, failure);
		if (parsed < 0)
			return -1;
		bytes = (size_t)parsed;
	}
	wire_put16(item, (uint16_t)bytes);
	object->name_bytes += 2 + bytes;
	object->name_count++;
	return 0;
}

/* ---- The rest ---- */

int import_object_ttl(struct import_object *object, int64_t ttl, struct failure *failure)
{
	if (presentation_check_ttl(ttl, failure) != 0)
		return -1;
	object->ttl = (uint32_t)ttl;
	object->said |= STAGED_TTL;
	return 0;
}

int import_object_tag(struct import_object *object, const struct object_text *key,
	const struct object_text *value, struct failure *failure)
{
	struct details *details = &object->details;

	if (details->tag_count == OBJECT_TAGS_MAX)
		return failure_set(failure, FAILURE_INVALID,
			"an address takes at most %d tags; this line has more", OBJECT_TAGS_MAX);
	details->tags[details->tag_count].key = *key;
	details->tags[details->tag_count++].value = *value;
	return 0;
}
