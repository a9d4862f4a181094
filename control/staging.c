/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Staged records live in chunks that never move: key length, store key (of zone 0), TTL, RDATA
 * length, RDATA.
 * The key is the store's, so sorting by memcmp gives the store's order.
 */
#include "control/staging.h"

#include "control/presentation.h"
#include "control/store_codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 1 << 20, ITEM_HEAD_BYTES = 2, ITEM_TAIL_BYTES = 4 + 2 };

struct chunk {
	struct chunk *next;
	size_t used;
	uint8_t octets[CHUNK_BYTES];
};

struct staging {
	struct owner apex;
	uint8_t rest[WIRE_NAME_MAX_BYTES]; /* of the apex */
	struct chunk *first, *last;
	size_t records;
	const uint8_t **item; /* `records` items once sorted, else NULL */
	const uint8_t *newest;
	bool in_order; /* as they came: files mostly are sorted, or nearly */
};

struct staging *update_stage(const struct owner *apex)
{
	struct staging *staging = calloc(1, sizeof(*staging));

	if (staging != NULL) {
		staging->apex = *apex;
		staging->apex.rest = staging->rest;
		memcpy(staging->rest, apex->rest_bytes ? apex->rest : staging->rest,
			apex->rest_bytes);
		staging->in_order = true;
	}
	return staging;
}

void staging_free(struct staging *staging)
{
	if (staging == NULL)
		return;
	while (staging->first != NULL) {
		struct chunk *next = staging->first->next;

		free(staging->first);
		staging->first = next;
	}
	free(staging->item);
	free(staging);
}

size_t staging_records(const struct staging *staging)
{
	return staging->records;
}

const struct owner *staging_apex(const struct staging *staging)
{
	return &staging->apex;
}

static size_t key_bytes(const uint8_t *item)
{
	return wire_get16(item);
}

/* The store's order. A key is never the beginning of another: the labels end in a 0. */
static int compare_keys(const uint8_t *a, const uint8_t *b)
{
	size_t a_bytes = key_bytes(a), b_bytes = key_bytes(b);

	return memcmp(
		a + ITEM_HEAD_BYTES, b + ITEM_HEAD_BYTES, a_bytes < b_bytes ? a_bytes : b_bytes);
}

static int compare_items(const void *a, const void *b)
{
	return compare_keys(*(const uint8_t *const *)a, *(const uint8_t *const *)b);
}

static uint8_t *take_room(struct staging *staging, size_t bytes)
{
	struct chunk *chunk = staging->last;

	if (chunk == NULL || CHUNK_BYTES - chunk->used < bytes) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
		chunk->next = NULL;
		chunk->used = 0;
		if (staging->last == NULL)
			staging->first = chunk;
		else
			staging->last->next = chunk;
		staging->last = chunk;
	}
	chunk->used += bytes;
	return chunk->octets + chunk->used - bytes;
}

/* Refuses a record at `owner`; `rule` has one %s for it. */
static int refuse(const struct staging *staging, const struct owner *owner, const char *rule,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES], apex[PRESENTATION_NAME_BYTES];

	return failure_set(failure, FAILURE_INVALID, "%.200s %s %.200s",
		presentation_write_owner(owner, text), rule,
		presentation_write_owner(&staging->apex, apex));
}

static int check_record(const struct staging *staging, const struct owner *owner, uint16_t type,
	uint32_t ttl, const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	if (!owner_contains(&staging->apex, owner))
		return refuse(staging, owner, "is outside the zone", failure);
	if (type == WIRE_TYPE_SOA && !owner_equal(&staging->apex, owner))
		return refuse(staging, owner, "has a SOA record, which belongs at the zone's apex",
			failure);
	if (type == WIRE_TYPE_DS && owner_equal(&staging->apex, owner))
		return refuse(staging, owner, "has a DS record, which belongs into the zone above",
			failure);
	if (ttl > WIRE_TTL_MAX || !store_rdata_is_sound(type, rdata, rdata_bytes))
		return failure_set(failure, FAILURE_INVALID,
			"the record at %.255s is not well-formed",
			presentation_write_owner(owner, text));
	return 0;
}

int staging_add(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct staging *staging = context;
	uint8_t key[STORE_KEY_MAX_BYTES], *item;
	size_t bytes = store_write_key(0, owner, type, key);

	if (check_record(staging, owner, type, ttl, rdata, rdata_bytes, failure) != 0)
		return -1;
	item = take_room(staging, ITEM_HEAD_BYTES + bytes + ITEM_TAIL_BYTES + rdata_bytes);
	if (item == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory to stage the records");
	wire_put16(item, (uint16_t)bytes);
	memcpy(item + ITEM_HEAD_BYTES, key, bytes);
	wire_put32(item + ITEM_HEAD_BYTES + bytes, ttl);
	wire_put16(item + ITEM_HEAD_BYTES + bytes + 4, rdata_bytes);
	if (rdata_bytes > 0)
		memcpy(item + ITEM_HEAD_BYTES + bytes + ITEM_TAIL_BYTES, rdata, rdata_bytes);
	if (staging->newest != NULL && compare_keys(staging->newest, item) > 0)
		staging->in_order = false;
	staging->newest = item;
	staging->records++;
	free(staging->item);
	staging->item = NULL;
	return 0;
}

static size_t item_bytes(const uint8_t *item)
{
	return ITEM_HEAD_BYTES + key_bytes(item) + ITEM_TAIL_BYTES +
		wire_get16(item + ITEM_HEAD_BYTES + key_bytes(item) + 4);
}

int staging_sort(struct staging *staging, struct failure *failure)
{
	size_t count = 0;

	if (staging->item != NULL)
		return 0;
	staging->item = malloc((staging->records + 1) * sizeof(*staging->item));
	if (staging->item == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory to sort the records");
	for (const struct chunk *chunk = staging->first; chunk != NULL; chunk = chunk->next)
		for (size_t at = 0; at < chunk->used; at += item_bytes(chunk->octets + at))
			staging->item[count++] = chunk->octets + at;
	if (!staging->in_order)
		qsort(staging->item, count, sizeof(*staging->item), compare_items);
	return 0;
}

static int add_item(struct staged *staged, const uint8_t *item, struct failure *failure)
{
	const uint8_t *tail = item + ITEM_HEAD_BYTES + key_bytes(item);
	char text[PRESENTATION_NAME_BYTES];
	uint32_t ttl = wire_get32(tail);
	int error = rrset_buffer_add(&staged->rrset, tail + ITEM_TAIL_BYTES, wire_get16(tail + 4));

	if (ttl < staged->rrset.ttl)
		staged->rrset.ttl = ttl;
	if (error == -E2BIG)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the records of one type at %.255s do not fit one message; %d octets do",
			presentation_write_owner(&staged->owner.owner, text),
			RRSET_RDATA_MAX_BYTES);
	if (error != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the records");
	return 0;
}

int staging_read(const struct staging *staging, size_t position, struct staged *staged,
	struct failure *failure)
{
	const uint8_t *first;
	uint32_t zone;
	uint16_t type;

	if (position >= staging->records)
		return 0;
	first = staging->item[position];
	store_parse_key(first + ITEM_HEAD_BYTES, key_bytes(first), &zone, &staged->owner, &type);
	rrset_buffer_reset(&staged->rrset, type, WIRE_TTL_MAX);
	do {
		if (add_item(staged, staging->item[position], failure) != 0)
			return -1;
		position++;
	} while (position < staging->records && compare_keys(first, staging->item[position]) == 0);
	staged->next = position;
	return 1;
}
