/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A staged item is a head, the store's key with its zone, the records as the store keeps them, the
 * details and the times. So the order of memcmp is the store's, and what is alone at its owner is
 * written as it lies here. An item's place is its offset in the file; where the items came in
 * order, that is their order too.
 */
#include "control/import/staging.h"

#include "control/import/staging_file.h"
#include "control/import/staging_order.h"
#include "control/presentation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ZONE_BYTES = 4,
	TIMES_BYTES = 8,
	/* Longer records are read the way that asks whether a message has room for them. */
	LONE_RDATA_MAX_BYTES = 4096,
	/* A file's head is put in order as it comes: SOA stands before NS, and sorts behind it. */
	EARLY_ITEMS = 64,
	EARLY_ITEM_MAX_BYTES = 1024,
};

/* In the host's order of octets: no other reads it. Not aligned in the file. */
struct item_head {
	uint32_t rdata_bytes, ttl;
	uint16_t key_bytes, details_bytes, count;
	uint16_t said;
};

struct staging {
	struct owner apex;
	uint8_t rest[WIRE_NAME_MAX_BYTES]; /* of the apex */
	bool has_apex;
	const char *directory;
	struct staging_file file;
	const uint8_t *octets; /* of the file, once sorted */
	size_t items, records;
	struct staging_place *order; /* once sorted, where the items did not come so */
	size_t common;		     /* leading octets that all keys have alike */
	uint8_t first[STORE_KEY_MAX_BYTES], newest[STORE_KEY_MAX_BYTES];
	bool in_order; /* as they came: files mostly are */
};

struct staging *staging_new(const char *directory, const struct owner *apex)
{
	struct staging *staging = calloc(1, sizeof(*staging));

	if (staging == NULL)
		return NULL;
	staging_file_init(&staging->file, directory);
	staging->directory = directory;
	staging->in_order = true;
	staging->has_apex = apex != NULL;
	if (apex != NULL) {
		staging->apex = *apex;
		staging->apex.rest = staging->rest;
		memcpy(staging->rest, apex->rest_bytes ? apex->rest : staging->rest,
			apex->rest_bytes);
	}
	return staging;
}

static void forget_order(struct staging *staging)
{
	staging_file_array_free(staging->order, staging->items * sizeof(*staging->order));
	staging->order = NULL;
}

void staging_free(struct staging *staging)
{
	if (staging == NULL)
		return;
	forget_order(staging);
	staging_file_fini(&staging->file);
	free(staging);
}

size_t staging_records(const struct staging *staging)
{
	return staging->records;
}

const struct owner *staging_apex(const struct staging *staging)
{
	return staging->has_apex ? &staging->apex : NULL;
}

/* ---- Items ---- */

static struct item_head head_of(const uint8_t *item)
{
	struct item_head head;

	memcpy(&head, item, sizeof(head));
	return head;
}

static size_t item_bytes(const struct item_head *head)
{
	return sizeof(*head) + head->key_bytes + head->rdata_bytes + head->details_bytes +
		(head->said & STAGED_TIMES ? TIMES_BYTES : 0);
}

static const uint8_t *key_of(const uint8_t *item)
{
	return item + sizeof(struct item_head);
}

/* The store's order. A key is never the beginning of another: the labels end in a 0. */
static int compare_items(const uint8_t *a, const uint8_t *b)
{
	size_t a_bytes = head_of(a).key_bytes, b_bytes = head_of(b).key_bytes;

	return memcmp(key_of(a), key_of(b), a_bytes < b_bytes ? a_bytes : b_bytes);
}

static const char *write_zone(
	const struct staging *staging, char text[static PRESENTATION_NAME_BYTES])
{
	return presentation_write_owner(&staging->apex, text);
}

/* Refuses a record at `owner`; `rule` has one %s for it. */
static int refuse(const struct staging *staging, const struct owner *owner, const char *rule,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES], apex[PRESENTATION_NAME_BYTES];

	return failure_set(failure, FAILURE_INVALID, "%.200s %s %.200s",
		presentation_write_owner(owner, text), rule, write_zone(staging, apex));
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

/* Moves the newest item, the last in the buffer, in front of those that sort behind it. */
static void insert_newest(struct staging *staging, uint8_t *newest, size_t bytes)
{
	uint8_t copy[EARLY_ITEM_MAX_BYTES], *to = staging->file.buffer;

	while (compare_items(to, newest) <= 0) {
		const struct item_head head = head_of(to);

		to += item_bytes(&head);
	}
	memcpy(copy, newest, bytes);
	memmove(to + bytes, to, (size_t)(newest - to));
	memcpy(to, copy, bytes);
}

static void keep_common(struct staging *staging, const uint8_t *key, size_t bytes)
{
	size_t common = 0;

	if (bytes >= staging->common && memcmp(staging->first, key, staging->common) == 0)
		return;
	while (staging->first[common] == key[common])
		common++;
	staging->common = common;
}

/* Finds out whether the items still are in order with the one that was just written. */
static void keep_order(struct staging *staging, uint8_t *item, const struct item_head *head)
{
	const uint8_t *key = key_of(item);
	size_t bytes = item_bytes(head);

	if (staging->items == 0) {
		memcpy(staging->first, key, head->key_bytes);
		staging->common = head->key_bytes;
	}
	keep_common(staging, key, head->key_bytes);
	if (staging->items == 0 || memcmp(staging->newest, key, head->key_bytes) <= 0)
		memcpy(staging->newest, key, head->key_bytes);
	else if (staging->items < EARLY_ITEMS && staging->in_order && staging->file.written == 0 &&
		bytes <= EARLY_ITEM_MAX_BYTES)
		insert_newest(staging, item, bytes);
	else
		staging->in_order = false;
}

/* Room for an item, its head and key written, or NULL. `rdata` is where the rest goes. */
static uint8_t *start_item(struct staging *staging, struct item_head *head, uint32_t zone,
	const struct owner *owner, uint16_t type, uint8_t **rdata, struct failure *failure)
{
	uint8_t key[STORE_KEY_MAX_BYTES], *item;

	head->key_bytes = (uint16_t)store_write_key(zone, owner, type, key);
	item = staging_file_add(&staging->file, item_bytes(head), failure);
	if (item == NULL)
		return NULL;
	memcpy(item, head, sizeof(*head));
	memcpy(item + sizeof(*head), key, head->key_bytes);
	*rdata = item + sizeof(*head) + head->key_bytes;
	return item;
}

static void end_item(struct staging *staging, uint8_t *item, const struct item_head *head)
{
	keep_order(staging, item, head);
	forget_order(staging);
	staging->items++;
	staging->records += head->count;
}

int staging_add(void *context, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure)
{
	struct staging *staging = context;
	struct item_head head = {.rdata_bytes = 2 + (uint32_t)rdata_bytes,
		.ttl = ttl,
		.count = 1,
		.said = STAGED_TTL};
	uint8_t *item, *to;

	if (check_record(staging, owner, type, ttl, rdata, rdata_bytes, failure) != 0)
		return -1;
	item = start_item(staging, &head, 0, owner, type, &to, failure);
	if (item == NULL)
		return -1;
	wire_put16(to, rdata_bytes);
	if (rdata_bytes > 0)
		memcpy(to + 2, rdata, rdata_bytes);
	end_item(staging, item, &head);
	return 0;
}

int staging_put(struct staging *staging, const struct staging_item *given, struct failure *failure)
{
	const struct rrset *rrset = &given->rrset;
	struct item_head head = {.rdata_bytes = rrset->rdata_bytes,
		.ttl = rrset->ttl,
		.count = rrset->count,
		.details_bytes = given->details_bytes,
		.said = (uint16_t)given->said};
	uint8_t *to,
		*item = start_item(
			staging, &head, given->zone, given->owner, rrset->type, &to, failure);

	if (item == NULL)
		return -1;
	memcpy(to, rrset->rdata, rrset->rdata_bytes);
	to += rrset->rdata_bytes;
	if (given->details_bytes > 0)
		memcpy(to, given->details, given->details_bytes);
	to += given->details_bytes;
	if (given->said & STAGED_TIMES) {
		wire_put32(to, given->created);
		wire_put32(to + 4, given->modified);
	}
	end_item(staging, item, &head);
	return 0;
}

/* ---- Order ---- */

/* The place behind the item at `place`, in the order of places. */
static size_t place_after(const struct staging *staging, size_t place)
{
	const struct item_head head = head_of(staging->octets + place);

	return place + item_bytes(&head);
}

/* Eight octets of the key behind those that all keys have alike, and zeros. */
static uint64_t sort_head(const struct staging *staging, const uint8_t *item)
{
	size_t bytes = head_of(item).key_bytes - staging->common;
	uint8_t head[8] = {0};

	memcpy(head, key_of(item) + staging->common, bytes < sizeof(head) ? bytes : sizeof(head));
	return wire_get64(head);
}

/* By key, then as they came. */
static int compare_places(const void *a, const void *b, void *context)
{
	const struct staging *staging = context;
	size_t a_place = ((const struct staging_place *)a)->item;
	size_t b_place = ((const struct staging_place *)b)->item;
	int order = compare_items(staging->octets + a_place, staging->octets + b_place);

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

	for (size_t place = 0; count < staging->items; place = place_after(staging, place))
		order[count++] =
			(struct staging_place){sort_head(staging, staging->octets + place), place};
	staging_order_heads(order, scratch, count);
	for (size_t i = 1; i <= count; i++)
		if (i == count || order[i].head != order[first].head) {
			sort_rest(staging, order + first, i - first);
			first = i;
		}
}

int staging_sort(struct staging *staging, struct failure *failure)
{
	size_t bytes = staging->items * sizeof(*staging->order);
	struct staging_place *scratch;

	staging->octets = staging_file_read(&staging->file, failure);
	if (staging->octets == NULL)
		return -1;
	if (staging->in_order || staging->order != NULL)
		return 0;
	staging->order = staging_file_array(staging->directory, bytes, failure);
	if (staging->order == NULL)
		return -1;
	scratch = staging_file_array(staging->directory, bytes, failure);
	if (scratch == NULL) {
		forget_order(staging);
		return -1;
	}
	sort_places(staging, scratch);
	staging_file_array_free(scratch, bytes);
	return 0;
}

/* ---- Reading ---- */

/* The item at a position of the sorted staging, or NULL at the end. */
static const uint8_t *sorted_item(const struct staging *staging, size_t position)
{
	if (staging->order != NULL)
		return position < staging->items ? staging->octets + staging->order[position].item
						 : NULL;
	return position < staging_file_bytes(&staging->file) ? staging->octets + position : NULL;
}

static size_t position_after(const struct staging *staging, size_t position)
{
	return staging->order != NULL ? position + 1 : place_after(staging, position);
}

static void view_item(const uint8_t *item, struct staged *staged)
{
	const struct item_head head = head_of(item);
	const uint8_t *key = key_of(item), *rdata = key + head.key_bytes;
	const uint8_t *times = rdata + head.rdata_bytes + head.details_bytes;

	staged->zone = wire_get32(key);
	staged->key = key + ZONE_BYTES;
	staged->key_bytes = head.key_bytes - ZONE_BYTES;
	staged->rrset = (struct rrset){
		.type = wire_get16(rdata - 2),
		.count = head.count,
		.ttl = head.ttl,
		.rdata_bytes = head.rdata_bytes,
		.rdata = rdata,
	};
	staged->said = head.said;
	staged->details = rdata + head.rdata_bytes;
	staged->details_bytes = head.details_bytes;
	staged->created = head.said & STAGED_TIMES ? wire_get32(times) : 0;
	staged->modified = head.said & STAGED_TIMES ? wire_get32(times + 4) : 0;
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

/* Refuses what was read; `rule` has one %s for its owner. */
static int refuse_staged(const struct staged *staged, enum failure_code code, const char *rule,
	struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];
	struct store_owner owner;

	staged_owner(staged, &owner);
	return failure_set(
		failure, code, "%.255s: %s", presentation_write_owner(&owner.owner, text), rule);
}

static int merge_records(struct staged *staged, const struct rrset *rrset, struct failure *failure)
{
	uint32_t offset = 0;
	const uint8_t *item;
	uint16_t bytes;

	while ((item = rrset_next(rrset, &offset, &bytes)) != NULL) {
		int error = rrset_buffer_add(&staged->merged, item, bytes);

		if (error == -E2BIG)
			return refuse_staged(staged, FAILURE_TOO_LARGE,
				"the records of one type do not fit one message, which has room "
				"for 60000 octets of them; remove some",
				failure);
		if (error != 0)
			return failure_set(
				failure, FAILURE_STORE_FULL, "no memory for the records");
	}
	return 0;
}

static int merge_sayings(struct staged *staged, const struct staged *part, struct failure *failure)
{
	unsigned details = part->said & STAGED_DETAILS;

	if (part->said & STAGED_TTL && part->rrset.ttl < staged->merged.ttl)
		staged->merged.ttl = part->rrset.ttl;
	staged->said |= part->said & STAGED_TTL;
	if (details == 0)
		return 0;
	if ((staged->said & STAGED_DETAILS) == 0) {
		staged->said |= details;
		staged->details = part->details;
		staged->details_bytes = part->details_bytes;
		return 0;
	}
	if ((staged->said & STAGED_DETAILS) != details ||
		staged->details_bytes != part->details_bytes ||
		memcmp(staged->details, part->details, part->details_bytes) != 0)
		return refuse_staged(staged, FAILURE_INVALID,
			"its lines differ in description, tags or tenant; say them in one of them "
			"or the same in all",
			failure);
	return 0;
}

/* Puts the items of one key together, from the one at `position` on. */
static int merge(const struct staging *staging, size_t position, struct staged *staged,
	struct failure *failure)
{
	const uint8_t *first = sorted_item(staging, position), *item = first;

	rrset_buffer_reset(&staged->merged, staged->rrset.type, WIRE_TTL_MAX);
	staged->said &= ~(unsigned)(STAGED_DETAILS | STAGED_TTL);
	staged->details_bytes = 0;
	do {
		struct staged part;

		view_item(item, &part);
		if (merge_records(staged, &part.rrset, failure) != 0 ||
			merge_sayings(staged, &part, failure) != 0)
			return -1;
		position = position_after(staging, position);
		item = sorted_item(staging, position);
	} while (item != NULL && compare_items(first, item) == 0);
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
	view_item(first, staged);
	staged->next = position_after(staging, position);
	second = sorted_item(staging, staged->next);
	if ((second != NULL && compare_items(first, second) == 0) ||
		staged->rrset.rdata_bytes > LONE_RDATA_MAX_BYTES)
		return merge(staging, position, staged, failure);
	return 1;
}
