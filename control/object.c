/* SPDX-License-Identifier: BSD-3-Clause */
/* Details <-> octets. What is read may be damaged, and what people write may be anything. */
#include "control/object.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- UTF-8 (RFC 3629 4) ---- */

/* The octets of the character that begins at `at`, of which `left` are there; 0: it is none. */
static size_t character_bytes(const uint8_t *at, size_t left)
{
	static const struct {
		uint8_t first, last;   /* of the first octet */
		uint8_t second, above; /* what the second is within */
		uint8_t bytes;
	} forms[] = {
		{0x20, 0x7e, 0, 0, 1},
		{0xc2, 0xc2, 0xa0, 0xbf, 2}, /* U+0080 to U+009F are control characters */
		{0xc3, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, /* no surrogates */
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t i = 0;

	while (i < sizeof(forms) / sizeof(forms[0]) &&
		(at[0] < forms[i].first || at[0] > forms[i].last))
		i++;
	if (i == sizeof(forms) / sizeof(forms[0]) || left < forms[i].bytes)
		return 0;
	if (forms[i].bytes > 1 && (at[1] < forms[i].second || at[1] > forms[i].above))
		return 0;
	for (size_t more = 2; more < forms[i].bytes; more++)
		if (at[more] < 0x80 || at[more] > 0xbf)
			return 0;
	return forms[i].bytes;
}

bool object_text_is_sound(const struct object_text *text)
{
	const uint8_t *octets = (const uint8_t *)text->octets;
	size_t at = 0, bytes;

	while (at < text->bytes) {
		bytes = character_bytes(octets + at, text->bytes - at);
		if (bytes == 0)
			return false;
		at += bytes;
	}
	return true;
}

static int compare_texts(const struct object_text *a, const struct object_text *b)
{
	uint16_t shared = a->bytes < b->bytes ? a->bytes : b->bytes;
	int order = shared > 0 ? memcmp(a->octets, b->octets, shared) : 0;

	return order != 0 ? order : (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

/* ---- Octets ---- */

struct input {
	const uint8_t *octets;
	size_t left;
};

static int take_number(struct input *input, uint8_t *number)
{
	if (input->left == 0)
		return -1;
	*number = *input->octets++;
	input->left--;
	return 0;
}

static int take_text(struct input *input, size_t most, struct object_text *text)
{
	uint8_t bytes;

	if (take_number(input, &bytes) != 0 || bytes > most || bytes > input->left)
		return -1;
	*text = (struct object_text){(const char *)input->octets, bytes};
	input->octets += bytes;
	input->left -= bytes;
	return object_text_is_sound(text) ? 0 : -1;
}

static int take_tag(struct input *input, struct details *details)
{
	struct object_tag *tag = &details->tags[details->tag_count];

	if (take_text(input, OBJECT_TAG_KEY_MAX_BYTES, &tag->key) != 0 || tag->key.bytes == 0 ||
		take_text(input, OBJECT_TAG_VALUE_MAX_BYTES, &tag->value) != 0)
		return -1;
	if (details->tag_count > 0 && compare_texts(&tag[-1].key, &tag->key) >= 0)
		return -1;
	details->tag_count++;
	return 0;
}

int details_parse(const uint8_t *octets, size_t bytes, struct details *details)
{
	struct input input = {octets, bytes};
	uint8_t tags;

	details->description = details->tenant = (struct object_text){NULL, 0};
	details->tag_count = 0;
	if (bytes == 0)
		return 0;
	if (take_text(&input, OBJECT_DESCRIPTION_MAX_BYTES, &details->description) != 0 ||
		take_text(&input, OBJECT_TENANT_MAX_BYTES, &details->tenant) != 0 ||
		take_number(&input, &tags) != 0 || tags > OBJECT_TAGS_MAX)
		return -1;
	while (details->tag_count < tags)
		if (take_tag(&input, details) != 0)
			return -1;
	if (input.left != 0)
		return -1;
	/* Nothing at all is written as nothing. */
	return details->description.bytes + details->tenant.bytes + tags > 0 ? 0 : -1;
}

struct object_text details_tenant(const uint8_t *octets, size_t bytes)
{
	const uint8_t *tenant;

	if (bytes == 0)
		return (struct object_text){NULL, 0};
	tenant = octets + 1 + octets[0];
	return (struct object_text){(const char *)tenant + 1, tenant[0]};
}

static uint8_t *put_text(uint8_t *at, const struct object_text *text)
{
	*at++ = (uint8_t)text->bytes;
	if (text->bytes > 0)
		memcpy(at, text->octets, text->bytes);
	return at + text->bytes;
}

size_t details_write(const struct details *details, uint8_t *octets)
{
	uint8_t *at = octets;

	if (details->description.bytes + details->tenant.bytes + details->tag_count == 0)
		return 0;
	at = put_text(at, &details->description);
	at = put_text(at, &details->tenant);
	*at++ = (uint8_t)details->tag_count;
	for (unsigned i = 0; i < details->tag_count; i++) {
		at = put_text(at, &details->tags[i].key);
		at = put_text(at, &details->tags[i].value);
	}
	return (size_t)(at - octets);
}

/* ---- What people write ---- */

static int check_text(
	const struct object_text *text, const char *what, unsigned most, struct failure *failure)
{
	if (text->bytes > most)
		return failure_set(failure, FAILURE_INVALID,
			"the %s has %u octets, and may have %u", what, text->bytes, most);
	if (!object_text_is_sound(text))
		return failure_set(failure, FAILURE_INVALID,
			"the %s is no text: it must be UTF-8 without control characters", what);
	return 0;
}

static bool has_any(const struct object_text *text, const char *characters)
{
	for (uint16_t i = 0; i < text->bytes; i++)
		if (strchr(characters, text->octets[i]) != NULL)
			return true;
	return false;
}

static int check_tag(const struct object_tag *tag, struct failure *failure)
{
	if (tag->key.bytes == 0)
		return failure_set(
			failure, FAILURE_INVALID, "a tag has an empty key; write key=value");
	if (check_text(&tag->key, "key of a tag", OBJECT_TAG_KEY_MAX_BYTES, failure) != 0 ||
		check_text(&tag->value, "value of a tag", OBJECT_TAG_VALUE_MAX_BYTES, failure) != 0)
		return -1;
	if (has_any(&tag->key, "=;"))
		return failure_set(failure, FAILURE_INVALID,
			"the key %.*s of a tag may not have '=' or ';' in it", tag->key.bytes,
			tag->key.octets);
	if (has_any(&tag->value, ";"))
		return failure_set(failure, FAILURE_INVALID,
			"the value of the tag %.*s may not have ';' in it", tag->key.bytes,
			tag->key.octets);
	return 0;
}

static int compare_tags(const void *a, const void *b)
{
	const struct object_tag *x = a, *y = b;

	return compare_texts(&x->key, &y->key);
}

int details_settle(struct details *details, struct failure *failure)
{
	if (check_text(&details->description, "description", OBJECT_DESCRIPTION_MAX_BYTES,
		    failure) != 0 ||
		check_text(&details->tenant, "tenant", OBJECT_TENANT_MAX_BYTES, failure) != 0)
		return -1;
	if (details->tag_count > OBJECT_TAGS_MAX)
		return failure_set(failure, FAILURE_INVALID, "an object takes %d tags, not %u",
			OBJECT_TAGS_MAX, details->tag_count);
	for (unsigned i = 0; i < details->tag_count; i++)
		if (check_tag(&details->tags[i], failure) != 0)
			return -1;
	qsort(details->tags, details->tag_count, sizeof(details->tags[0]), compare_tags);
	for (unsigned i = 1; i < details->tag_count; i++)
		if (compare_texts(&details->tags[i - 1].key, &details->tags[i].key) == 0)
			return failure_set(failure, FAILURE_INVALID, "the tag %.*s is given twice",
				details->tags[i].key.bytes, details->tags[i].key.octets);
	return 0;
}
