/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Staged records live in chunks that never move: key length, the store's key without its zone, and
 * the value that the store keeps for a lone record. So the order of memcmp is the store's, and what
 * is alone at its owner is written as it lies here. A record's place is its chunk's number and its
 * offset there; where the records came in order, that is their order too.
 */
#include "control/staging.h"

#include "control/presentation.h"
#include "control/staging_order.h"
#include "control/store_codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_BITS = 20,
	CHUNK_BYTES = 1 << CHUNK_BITS,
	ITEM_HEAD_BYTES = 2,
	/* A longer one is read the way that asks whether a message has room for it. */
	LONE_RDATA_MAX_BYTES = 4096,
	/* A file's head is put in order as it comes: SOA stands before NS, and sorts behind it. */
	EARLY_RECORDS = 64,
	EARLY_ITEM_MAX_BYTES = 1024,
};

struct chunk {
	size_t used;
	uint8_t octets[CHUNK_BYTES - sizeof(size_t)];
};

struct staging {
	struct owner apex;
	uint8_t rest[WIRE_NAME_MAX_BYTES]; /* of the apex */
	struct chunk **chunk;
	size_t chunks, capacity;
	size_t records;
	struct staging_place *order; /* once sorted, where the records did not come so */
	const uint8_t *newest;
	bool in_order; /* as they came: files mostly are */
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
	for (size_t i = 0; i < staging->chunks; i++)
		free(staging->chunk[i]);
	free(staging->chunk);
	free(staging->order);
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

static struct chunk *add_chunk(struct staging *staging)
{
	size_t wanted = staging->capacity == 0 ? 64 : 2 * staging->capacity;
	struct chunk **larger, *chunk;

	if (staging->chunks == staging->capacity) {
		larger = reallocarray(staging->chunk, wanted, sizeof(struct chunk *));
		if (larger == NULL)
			return NULL;
		staging->chunk = larger;
		staging->capacity = wanted;
	}
	chunk = malloc(sizeof(*chunk));
	if (chunk == NULL)
		return NULL;
	chunk->used = 0;
	staging->chunk[staging->chunks++] = chunk;
	return chunk;
}

static uint8_t *take_room(struct staging *staging, size_t bytes)
{
	struct chunk *chunk = staging->chunks == 0 ? NULL : staging->chunk[staging->chunks - 1];

	if (chunk == NULL || sizeof(chunk->octets) - chunk->used < bytes)
		chunk = add_chunk(staging);
	if (chunk == NULL)
		return NULL;
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

/* Writes the item's value, which has room. */
static void write_value(uint32_t ttl, const uint8_t *rdata, uint16_t rdata_bytes, uint8_t *value)
{
	const struct rrset lone = {.count = 1, .ttl = ttl};

	store_write_value_head(&lone, value);
	wire_put16(value + STORE_VALUE_HEAD_BYTES, rdata_bytes);
	if (rdata_bytes > 0)
		memcpy(value + STORE_VALUE_HEAD_BYTES + 2, rdata, rdata_bytes);
}

static size_t item_bytes(const uint8_t *item)
{
	const uint8_t *value = item + ITEM_HEAD_BYTES + key_bytes(item);

	return (size_t)(value - item) + STORE_VALUE_HEAD_BYTES + 2 +
		wire_get16(value + STORE_VALUE_HEAD_BYTES);
}

/* Moves the newest item, the last in the only chunk, in front of those that sort behind it. */
static void insert_newest(struct staging *staging, uint8_t *newest)
{
	uint8_t copy[EARLY_ITEM_MAX_BYTES], *to = staging->chunk[0]->octets;
	size_t bytes = item_bytes(newest);

	while (compare_keys(to, newest) <= 0)
		to += item_bytes(to);
	memcpy(copy, newest, bytes);
	memmove(to + bytes, to, (size_t)(newest - to));
	memcpy(to, copy, bytes);
	staging->newest += bytes;
}

/* Finds out whether the records still are in order with the one that was just written. */
static void keep_order(struct staging *staging, uint8_t *item)
{
	if (staging->newest == NULL || compare_keys(staging->newest, item) <= 0)
		staging->newest = item;
	else if (staging->records < EARLY_RECORDS && staging->chunks == 1 &&
		item_bytes(item) <= EARLY_ITEM_MAX_BYTES)
		insert_newest(staging, item);
	else
		staging->in_order = false;
}

int staging_add(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct staging *staging = context;
	uint8_t key[STORE_RRSET_KEY_MAX_BYTES], *item;
	size_t bytes;

	if (check_record(staging, owner, type, ttl, rdata, rdata_bytes, failure) != 0)
		return -1;
	bytes = store_write_rrset_key(owner, type, key);
	item = take_room(
		staging, ITEM_HEAD_BYTES + bytes + STORE_VALUE_HEAD_BYTES + 2 + rdata_bytes);
	if (item == NULL)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory to stage the records");
	wire_put16(item, (uint16_t)bytes);
	memcpy(item + ITEM_HEAD_BYTES, key, bytes);
	write_value(ttl, rdata, rdata_bytes, item + ITEM_HEAD_BYTES + bytes);
	keep_order(staging, item);
	staging->records++;
	if (staging->order != NULL) {
		free(staging->order);
		staging->order = NULL;
	}
	return 0;
}

/* ---- Order ---- */

static const uint8_t *item_at(const struct staging *staging, size_t place)
{
	return staging->chunk[place >> CHUNK_BITS]->octets + (place & (CHUNK_BYTES - 1));
}

static const uint8_t *value_of(const uint8_t *item)
{
	return item + ITEM_HEAD_BYTES + key_bytes(item);
}

static uint16_t rdata_bytes_of(const uint8_t *item)
{
	return wire_get16(value_of(item) + STORE_VALUE_HEAD_BYTES);
}

/* The place behind the item at `place`, in the order of places. */
static size_t place_after(const struct staging *staging, size_t place)
{
	size_t number = place >> CHUNK_BITS;

	place += item_bytes(item_at(staging, place));
	if ((place & (CHUNK_BYTES - 1)) == staging->chunk[number]->used)
		place = (number + 1) << CHUNK_BITS;
	return place;
}

/* Eight octets of the key behind those that all keys of the zone have alike, and zeros. */
static uint64_t head_of(const struct staging *staging, const uint8_t *item)
{
	size_t from = 1 + staging->apex.prefix.bits / 8, bytes = key_bytes(item) - from;
	uint8_t head[8] = {0};

	memcpy(head, item + ITEM_HEAD_BYTES + from, bytes < sizeof(head) ? bytes : sizeof(head));
	return (uint64_t)wire_get32(head) << 32 | wire_get32(head + 4);
}

/* By key, then as they came. */
static int compare_places(const void *a, const void *b, void *context)
{
	size_t a_place = ((const struct staging_place *)a)->item;
	size_t b_place = ((const struct staging_place *)b)->item;
	int order = compare_keys(item_at(context, a_place), item_at(context, b_place));

	return order != 0 ? order : (a_place > b_place) - (a_place < b_place);
}

/* Sorts those of one head by what follows it, unless they are in order. */
static void sort_rest(struct staging *staging, struct staging_place *place, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare_places(&place[i - 1], &place[i], staging) > 0) {
			qsort_r(place, count, sizeof(*place), compare_places, staging);
			return;
		}
}

static void sort_places(struct staging *staging, struct staging_place *scratch)
{
	struct staging_place *order = staging->order;
	size_t count = 0, first = 0;

	for (size_t place = 0; count < staging->records; place = place_after(staging, place))
		order[count++] =
			(struct staging_place){head_of(staging, item_at(staging, place)), place};
	staging_order_heads(order, scratch, count);
	for (size_t i = 1; i <= count; i++)
		if (i == count || order[i].head != order[first].head) {
			sort_rest(staging, order + first, i - first);
			first = i;
		}
}

int staging_sort(struct staging *staging, struct failure *failure)
{
	struct staging_place *scratch;

	if (staging->in_order || staging->order != NULL)
		return 0;
	staging->order = reallocarray(NULL, staging->records, sizeof(*staging->order));
	scratch = reallocarray(NULL, staging->records, sizeof(*scratch));
	if (staging->order == NULL || scratch == NULL) {
		free(staging->order);
		free(scratch);
		staging->order = NULL;
		return failure_set(failure, FAILURE_STORE_FULL, "no memory to sort the records");
	}
	sort_places(staging, scratch);
	free(scratch);
	return 0;
}

/* ---- Reading ---- */

/* The item at a position of the sorted staging, or NULL at the end. */
static const uint8_t *sorted_item(const struct staging *staging, size_t position)
{
	if (staging->order != NULL)
		return position < staging->records ? item_at(staging, staging->order[position].item)
						   : NULL;
	return position >> CHUNK_BITS < staging->chunks ? item_at(staging, position) : NULL;
}

static size_t position_after(const struct staging *staging, size_t position)
{
	return staging->order != NULL ? position + 1 : place_after(staging, position);
}

static void view_lone(const uint8_t *item, struct rrset *rrset)
{
	const uint8_t *value = value_of(item);

	rrset->type = wire_get16(value - 2);
	rrset->count = 1;
	rrset->ttl = wire_get32(value);
	rrset->rdata_bytes = 2 + (uint32_t)rdata_bytes_of(item);
	rrset->rdata = value + STORE_VALUE_HEAD_BYTES;
}

void staged_owner(const struct staged *staged, struct store_owner *owner)
{
	if (store_parse_host_key(staged->key, staged->key_bytes - 2, &owner->owner.prefix)) {
		owner->owner.rest = owner->rest;
		owner->owner.rest_bytes = 0;
	} else {
		store_parse_owner_key(staged->key, staged->key_bytes - 2, owner);
	}
}

static int merge_item(struct staged *staged, const uint8_t *item, struct failure *failure)
{
	const uint8_t *value = value_of(item);
	uint32_t ttl = wire_get32(value);
	char text[PRESENTATION_NAME_BYTES];
	struct store_owner owner;
	int error = rrset_buffer_add(
		&staged->merged, value + STORE_VALUE_HEAD_BYTES + 2, rdata_bytes_of(item));

	if (ttl < staged->merged.ttl)
		staged->merged.ttl = ttl;
	if (error == -E2BIG) {
		staged_owner(staged, &owner);
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the records of one type at %.255s do not fit one message; %d octets do",
			presentation_write_owner(&owner.owner, text), RRSET_RDATA_MAX_BYTES);
	}
	if (error != 0)
		return failure_set(failure, FAILURE_STORE_FULL, "no memory for the records");
	return 0;
}

/* Puts the records of one key together, from the one at `position` on. */
static int merge(const struct staging *staging, size_t position, struct staged *staged,
	struct failure *failure)
{
	const uint8_t *first = sorted_item(staging, position), *item = first;

	rrset_buffer_reset(&staged->merged, staged->rrset.type, WIRE_TTL_MAX);
	do {
		if (merge_item(staged, item, failure) != 0)
			return -1;
		position = position_after(staging, position);
		item = sorted_item(staging, position);
	} while (item != NULL && compare_keys(first, item) == 0);
	staged->rrset = rrset_buffer_view(&staged->merged);
	staged->next = position;
	return 1;
}

int staging_read(const struct staging *staging, size_t position, struct staged *staged,
	struct failure *failure)
{
	const uint8_t *first = sorted_item(staging, position), *second;

	if (first == NULL)
		return 0;
	staged->key = first + ITEM_HEAD_BYTES;
	staged->key_bytes = key_bytes(first);
	staged->next = position_after(staging, position);
	view_lone(first, &staged->rrset);
	second = sorted_item(staging, staged->next);
	if ((second != NULL && compare_keys(first, second) == 0) ||
		staged->rrset.rdata_bytes > LONE_RDATA_MAX_BYTES)
		return merge(staging, position, staged, failure);
	return 1;
}
