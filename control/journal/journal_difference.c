/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The journal as differences between versions of a zone. What one version's entries did to an RRset
 * is joined: what was before the first of them, what was after the last. An entry belongs to the
 * version whose serial it has, wherever it stands among those of its batch.
 */
#include "control/journal/journal.h"

#include "control/array.h"
#include "control/soa.h"

#include <stdlib.h>
#include <string.h>

/* What happened to one RRset; borrowed from the store. */
struct item {
	struct store_bytes rrset_key, before, after;
	size_t order;
};

/* An RRset on both sides of a version, NULL where it was not. */
struct sides {
	const struct owner *owner;
	const struct rrset *before, *after;
};

struct walk {
	struct store *store;
	uint32_t zone;
	const struct owner *apex;
	uint32_t serial; /* of the version reached so far */
	uint32_t next;	 /* of the one that is being gathered, where there are items */
	struct item *items;
	size_t count, capacity;
	journal_visit_difference *visit;
	void *context;
	struct failure *failure;
};

static int refuse_age(struct failure *failure)
{
	return failure_set(failure, FAILURE_TOO_OLD,
		"the journal does not tell how the zone became what it is from that serial; "
		"transfer the whole zone");
}

static int refuse_damage(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: an entry of its journal is unreadable; restore it from a "
		"backup");
}

/* ---- One version ---- */

static int compare_keys(const struct store_bytes *a, const struct store_bytes *b)
{
	size_t shared = a->count < b->count ? a->count : b->count;
	int order = memcmp(a->octets, b->octets, shared);

	return order != 0 ? order : (a->count > b->count) - (a->count < b->count);
}

static int by_key(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = compare_keys(&a->rrset_key, &b->rrset_key);

	return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Each RRset once. */
static void join(struct walk *walk)
{
	size_t kept = 0;

	qsort(walk->items, walk->count, sizeof(*walk->items), by_key);
	for (size_t i = 0; i < walk->count; i++) {
		if (kept > 0 &&
			compare_keys(&walk->items[kept - 1].rrset_key, &walk->items[i].rrset_key) ==
				0)
			walk->items[kept - 1].after = walk->items[i].after;
		else
			walk->items[kept++] = walk->items[i];
	}
	walk->count = kept;
}

static bool holds(const struct rrset *rrset, uint32_t ttl, const uint8_t *rdata, uint16_t bytes)
{
	const uint8_t *item;
	uint32_t offset = 0;
	uint16_t item_bytes;

	if (rrset == NULL || rrset->ttl != ttl)
		return false;
	while ((item = rrset_next(rrset, &offset, &item_bytes)) != NULL)
		if (item_bytes == bytes && memcmp(item, rdata, bytes) == 0)
			return true;
	return false;
}

/* Tells the records of `from` that `to` lacks. */
static int tell_missing(const struct walk *walk, enum journal_step step, const struct owner *owner,
	const struct rrset *from, const struct rrset *to)
{
	struct journal_difference difference = {.step = step, .owner = owner};
	uint32_t offset = 0;
	int result = 0;

	if (from == NULL)
		return 0;
	difference.type = from->type;
	difference.ttl = from->ttl;
	while (result == 0 &&
		(difference.rdata = rrset_next(from, &offset, &difference.rdata_bytes)) != NULL)
		if (!holds(to, from->ttl, difference.rdata, difference.rdata_bytes))
			result = walk->visit(walk->context, &difference);
	return result;
}

static int read_side(
	uint16_t type, struct store_bytes octets, struct stored *stored, const struct rrset **side)
{
	*side = octets.count > 0 ? &stored->rrset : NULL;
	return octets.count == 0 ? 0 : store_parse_value(type, octets.octets, octets.count, stored);
}

/* Tells of one item what `step` asks for: JOURNAL_DELETED or JOURNAL_ADDED. */
static int tell_item(
	const struct walk *walk, const struct item *item, enum journal_step step, bool soa)
{
	const struct store_bytes *key = &item->rrset_key;
	uint16_t type = wire_get16(key->octets + key->count - 2);
	struct stored before, after;
	struct store_owner owner;
	struct sides sides;

	if ((type == WIRE_TYPE_SOA) != soa)
		return 0;
	if (store_parse_owner_key(key->octets, key->count - 2, &owner) != 0 ||
		read_side(type, item->before, &before, &sides.before) != 0 ||
		read_side(type, item->after, &after, &sides.after) != 0)
		return refuse_damage(walk->failure);
	sides.owner = &owner.owner;
	if (soa)
		return tell_missing(walk, step, sides.owner,
			step == JOURNAL_OLD_SOA ? sides.before : sides.after, NULL);
	return step == JOURNAL_DELETED
		? tell_missing(walk, step, sides.owner, sides.before, sides.after)
		: tell_missing(walk, step, sides.owner, sides.after, sides.before);
}

static int tell_step(const struct walk *walk, enum journal_step step)
{
	bool soa = step == JOURNAL_OLD_SOA || step == JOURNAL_NEW_SOA;
	int result = 0;

	for (size_t i = 0; i < walk->count && result == 0; i++)
		result = tell_item(walk, &walk->items[i], step, soa);
	return result;
}

static uint32_t serial_of(struct store_bytes value)
{
	struct stored stored;
	const uint8_t *rdata;
	uint32_t offset = 0;
	uint16_t bytes;

	if (value.count == 0 ||
		store_parse_value(WIRE_TYPE_SOA, value.octets, value.count, &stored) != 0)
		return 0;
	rdata = rrset_next(&stored.rrset, &offset, &bytes);
	return soa_serial(rdata, bytes);
}

static bool is_soa(const struct item *item)
{
	const struct store_bytes *key = &item->rrset_key;

	return wire_get16(key->octets + key->count - 2) == WIRE_TYPE_SOA;
}

static const struct item *find_soa(const struct walk *walk)
{
	for (size_t i = 0; i < walk->count; i++)
		if (is_soa(&walk->items[i]))
			return &walk->items[i];
	return NULL;
}

/* Whether the version has its SOA, which leads on from the one before. */
static bool leads_on(const struct walk *walk)
{
	const struct item *soa = find_soa(walk);

	return soa != NULL && soa->before.count > 0 && soa->after.count > 0 &&
		serial_of(soa->before) == walk->serial && serial_of(soa->after) == walk->next;
}

static int end_version(struct walk *walk)
{
	int result;

	if (walk->count == 0)
		return 0;
	join(walk);
	if (!leads_on(walk))
		return refuse_age(walk->failure);
	result = tell_step(walk, JOURNAL_OLD_SOA);
	if (result == 0)
		result = tell_step(walk, JOURNAL_DELETED);
	if (result == 0)
		result = tell_step(walk, JOURNAL_NEW_SOA);
	if (result == 0)
		result = tell_step(walk, JOURNAL_ADDED);
	walk->serial = walk->next;
	walk->count = 0;
	return result;
}

/* ---- All of them ---- */

static int gather(void *context, const struct journal_entry *entry)
{
	struct walk *walk = context;
	struct item *items;
	int result;

	if (entry->kind == JOURNAL_BULK && (entry->zone == walk->zone || entry->zone == 0))
		return refuse_age(walk->failure);
	if (entry->kind != JOURNAL_RRSET || entry->zone != walk->zone ||
		entry->serial == walk->serial)
		return 0;
	/* Changes before an import of the same batch had another serial in view, which never was.
	 */
	if (walk->count > 0 && entry->serial != walk->next && find_soa(walk) != NULL) {
		result = end_version(walk);
		if (result != 0)
			return result;
	}
	items = array_grow(walk->items, walk->count, &walk->capacity, sizeof(*items));
	if (items == NULL)
		return failure_set(
			walk->failure, FAILURE_STORE_FULL, "no memory for the differences");
	walk->items = items;
	walk->next = entry->serial;
	walk->items[walk->count] = (struct item){
		entry->rrset_key, entry->before_octets, entry->after_octets, walk->count};
	walk->count++;
	return 0;
}

/* Where the differences begin: the batch that made the version behind `serial`. */
struct start {
	uint32_t serial;
	bool found;
	uint64_t batch;
};

static int look_for_start(void *context, const struct journal_entry *entry)
{
	struct start *start = context;

	if (entry->kind != JOURNAL_RRSET || !entry->has_before)
		return 1;
	start->found = serial_of(entry->before_octets) == start->serial;
	start->batch = entry->batch;
	return start->found;
}

static int read_serial(struct walk *walk, uint32_t *serial)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	struct store_bytes key = {
		octets, store_write_key(walk->zone, walk->apex, WIRE_TYPE_SOA, octets)};
	struct store_bytes value;
	int found = store_kv_get(walk->store, STORE_RRSETS, key, &value, walk->failure);

	if (found == 0)
		return failure_set(walk->failure, FAILURE_NOT_FOUND, "there is no such zone");
	*serial = found == 1 ? serial_of(value) : 0;
	return found == 1 ? 0 : -1;
}

static int walk_from(struct walk *walk, uint32_t current)
{
	struct start start = {.serial = walk->serial};
	int result;

	if (journal_history(walk->store, walk->zone, walk->apex, WIRE_TYPE_SOA, look_for_start,
		    &start, walk->failure) < 0)
		return -1;
	if (!start.found || start.batch == 0)
		return refuse_age(walk->failure);
	result =
		journal_each(walk->store, start.batch - 1, UINT32_MAX, gather, walk, walk->failure);
	if (result == 0)
		result = end_version(walk);
	if (result == 0 && walk->serial != current)
		return refuse_age(walk->failure);
	return result;
}

int journal_differences(struct store *store, uint32_t zone, const struct owner *apex,
	uint32_t from_serial, journal_visit_difference *visit, void *context,
	struct failure *failure)
{
	struct walk walk = {
		.store = store,
		.zone = zone,
		.apex = apex,
		.serial = from_serial,
		.visit = visit,
		.context = context,
		.failure = failure,
	};
	uint32_t current = 0;
	int result;

	if (read_serial(&walk, &current) != 0)
		return -1;
	result = current == from_serial ? 0 : walk_from(&walk, current);
	free(walk.items);
	return result;
}
