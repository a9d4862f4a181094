/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects are found by a hash of linear probing. They are taken away only in the reverse order of
 * their coming, so that no other's way to its slot ever led over theirs.
 */
#include "control/command/txn.h"

#include "control/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct txns {
	struct txn *open[TXN_OPEN_MAX];
	size_t count;
	size_t bytes; /* of all */
};

struct txns *txns_new(void)
{
	return calloc(1, sizeof(struct txns));
}

static void free_txn(struct txn *txn)
{
	for (size_t i = 0; i < txn->operation_count; i++)
		free(txn->operations[i].params);
	free(txn->operations);
	free(txn->objects);
	free(txn->touches);
	free(txn->ranges);
	free(txn->zones);
	free(txn->slots);
	free(txn->sorted);
	free(txn);
}

void txns_free(struct txns *txns)
{
	if (!txns)
		return;
	for (size_t i = 0; i < txns->count; i++)
		free_txn(txns->open[i]);
	free(txns);
}

/* Letters and digits that nobody takes for another. */
static void write_id(uint64_t random, char id[static TXN_ID_BYTES + 1])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

	for (unsigned i = 0; i < TXN_ID_BYTES; i++)
		id[i] = digits[random >> 5 * i & 31];
	id[TXN_ID_BYTES] = '\0';
}

static struct txn *find(const struct txns *txns, const char *id)
{
	for (size_t i = 0; i < txns->count; i++)
		if (strcmp(txns->open[i]->id, id) == 0)
			return txns->open[i];
	return NULL;
}

struct txn *txns_begin(struct txns *txns, const struct actor *actor, uint32_t timeout_s,
	uint64_t now, uint64_t random, struct failure *failure)
{
	struct txn *txn;

	if (txns->count == TXN_OPEN_MAX) {
		failure_set(failure, FAILURE_BUSY,
			"%d transactions are open, and no more may be; commit or abort one",
			TXN_OPEN_MAX);
		return NULL;
	}
	txn = calloc(1, sizeof(*txn));
	if (!txn) {
		failure_set(failure, FAILURE_STORE_FULL, "out of memory");
		return NULL;
	}
	do
		write_id(random++, txn->id);
	while (find(txns, txn->id));
	txn->uid = actor->uid;
	snprintf(txn->tenant, sizeof(txn->tenant), "%s", actor->tenant ? actor->tenant->name : "");
	snprintf(txn->user, sizeof(txn->user), "%s", actor->name);
	txn->timeout_s = timeout_s;
	txn->due = now + timeout_s;
	txn->all = txns;
	txns->open[txns->count++] = txn;
	return txn;
}

bool txn_is_for(const struct txn *txn, const struct actor *actor)
{
	return actor->role == ROLE_ADMIN ||
		(actor->uid == txn->uid &&
			strcmp(actor->tenant ? actor->tenant->name : "", txn->tenant) == 0);
}

struct txn *txns_get(struct txns *txns, const char *id, const struct actor *actor, uint64_t now,
	struct failure *failure)
{
	struct txn *txn = find(txns, id);

	if (!txn || !txn_is_for(txn, actor) || txn->due <= now || txn->committed) {
		failure_set(failure, FAILURE_NOT_FOUND,
			"there is no transaction %.32s; it may have ended or timed out", id);
		return NULL;
	}
	txn->due = now + txn->timeout_s;
	return txn;
}

const struct txn *txns_at(const struct txns *txns, size_t index)
{
	return index < txns->count ? txns->open[index] : NULL;
}

void txns_end(struct txns *txns, struct txn *txn)
{
	size_t at = 0;

	while (txns->open[at] != txn)
		at++;
	txns->count--;
	memmove(txns->open + at, txns->open + at + 1, (txns->count - at) * sizeof(txn));
	txns->bytes -= txn->bytes;
	free_txn(txn);
}

void txn_commit(struct txn *txn)
{
	txn->committed = true;
}

void txns_settle(struct txns *txns, bool kept)
{
	for (size_t i = txns->count; i-- > 0;) {
		struct txn *txn = txns->open[i];

		if (kept && txn->committed) {
			txns_end(txns, txn);
			continue;
		}
		while (!kept && txn->operation_count > txn->settled)
			txn_unstage(txn);
		txn->committed = false;
		txn->settled = txn->operation_count;
	}
}

bool txns_expire(struct txns *txns, uint64_t now, void (*tell)(const struct txn *txn))
{
	for (size_t i = 0; i < txns->count; i++)
		if (txns->open[i]->due <= now && !txns->open[i]->committed) {
			tell(txns->open[i]);
			txns_end(txns, txns->open[i]);
			return true;
		}
	return false;
}

static int no_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_FULL, "no memory for the transaction");
}

/* Makes room for one more in an array of the transaction. */
#define GROW(txn, array, count, room) \
	grow((void **)&(txn)->array, (txn)->count, &(txn)->room, sizeof(*(txn)->array), failure)

static int grow(void **array, size_t count, size_t *room, size_t size, struct failure *failure)
{
	void *larger = array_grow(*array, count, room, size);

	if (!larger)
		return no_memory(failure);
	*array = larger;
	return 0;
}

/* What an operation takes beside its parameters, an object with its slots; arrays double. */
enum { OPERATION_COST = 64, OBJECT_COST = 128, TOUCH_COST = 16 };

static int charge(struct txn *txn, size_t bytes, struct failure *failure)
{
	if (bytes > TXN_BYTES_MAX - txn->all->bytes)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the open transactions have no room for more: %d MiB in all; commit or "
			"abort one",
			TXN_BYTES_MAX >> 20);
	txn->bytes += bytes;
	txn->all->bytes += bytes;
	return 0;
}

static void discharge(struct txn *txn, size_t bytes)
{
	txn->bytes -= bytes;
	txn->all->bytes -= bytes;
}

int txn_stage(struct txn *txn, const char *method, const char *params, size_t bytes,
	struct failure *failure)
{
	char *copy;

	if (txn->operation_count == TXN_OPERATIONS_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the transaction has %d operations, and no more may be in one; commit it",
			TXN_OPERATIONS_MAX);
	if (GROW(txn, operations, operation_count, operation_room) != 0)
		return -1;
	if (charge(txn, bytes + OPERATION_COST, failure) != 0)
		return -1;
	copy = malloc(bytes + 1);
	if (!copy) {
		discharge(txn, bytes + OPERATION_COST);
		return no_memory(failure);
	}
	memcpy(copy, params, bytes);
	copy[bytes] = '\0';
	txn->operations[txn->operation_count++] =
		(struct txn_operation){.method = method, .params = copy, .bytes = (uint32_t)bytes};
	return 0;
}

static size_t slot_of(const struct txn *txn, const struct prefix *address)
{
	uint64_t hash = address->high * UINT64_C(0x9e3779b97f4a7c15) ^
		(address->low + address->family) * UINT64_C(0xc2b2ae3d27d4eb4f);

	return (hash ^ hash >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (txn->slot_count - 1);
}

/* The slot of the address: its object's, or the empty one where it would go. */
static uint32_t *find_slot(const struct txn *txn, const struct prefix *address)
{
	size_t at = slot_of(txn, address);

	while (txn->slots[at] != 0 &&
		!prefix_equal(&txn->objects[txn->slots[at] - 1].address, address))
		at = (at + 1) & (txn->slot_count - 1);
	return &txn->slots[at];
}

const struct txn_object *txn_find(const struct txn *txn, const struct prefix *address)
{
	uint32_t slot = txn->slot_count ? *find_slot(txn, address) : 0;

	return slot ? &txn->objects[slot - 1] : NULL;
}

/* Keeps at least half of the slots empty. */
static int make_slots(struct txn *txn, struct failure *failure)
{
	enum { FIRST = 16 };
	size_t wanted = txn->slot_count ? 2 * txn->slot_count : FIRST;
	uint32_t *slots;

	if (2 * (txn->object_count + 1) <= txn->slot_count)
		return 0;
	slots = calloc(wanted, sizeof(*slots));
	if (!slots)
		return no_memory(failure);
	free(txn->slots);
	txn->slots = slots;
	txn->slot_count = wanted;
	for (size_t i = 0; i < txn->object_count; i++)
		*find_slot(txn, &txn->objects[i].address) = (uint32_t)i + 1;
	return 0;
}

static int add_object(
	struct txn *txn, const struct prefix *address, uint64_t sequence, struct failure *failure)
{
	if (txn->object_count == TXN_OBJECTS_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the transaction changes %d addresses, and no more may be in one; commit "
			"it",
			TXN_OBJECTS_MAX);
	if (GROW(txn, objects, object_count, object_room) != 0 || make_slots(txn, failure) != 0 ||
		charge(txn, OBJECT_COST, failure) != 0)
		return -1;
	txn->objects[txn->object_count] =
		(struct txn_object){*address, sequence, TXN_NO_TOUCH, TXN_NO_TOUCH, 0};
	*find_slot(txn, address) = (uint32_t)++txn->object_count;
	free(txn->sorted);
	txn->sorted = NULL;
	return 0;
}

static void remove_object(struct txn *txn)
{
	*find_slot(txn, &txn->objects[txn->object_count - 1].address) = 0;
	txn->object_count--;
	discharge(txn, OBJECT_COST);
	free(txn->sorted);
	txn->sorted = NULL;
}

int txn_touch(
	struct txn *txn, const struct prefix *address, uint64_t sequence, struct failure *failure)
{
	struct txn_operation *operation = &txn->operations[txn->operation_count - 1];
	const uint32_t touch = (uint32_t)txn->touch_count;
	struct txn_object *object;
	bool is_new = !txn_find(txn, address);

	if (GROW(txn, touches, touch_count, touch_room) != 0 ||
		(is_new && add_object(txn, address, sequence, failure) != 0))
		return -1;
	object = &txn->objects[*find_slot(txn, address) - 1];
	if (object->touches == TXN_TOUCHES_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the transaction changes one address %d times, and no more may be in one; "
			"commit it",
			TXN_TOUCHES_MAX);
	if (charge(txn, TOUCH_COST, failure) != 0) {
		if (is_new)
			remove_object(txn);
		return -1;
	}
	txn->touches[txn->touch_count++] = (struct txn_touch){(uint32_t)txn->operation_count - 1,
		TXN_NO_TOUCH, (uint32_t)(object - txn->objects)};
	if (object->first == TXN_NO_TOUCH)
		object->first = touch;
	else
		txn->touches[object->last].next = touch;
	object->last = touch;
	object->touches++;
	operation->addresses++;
	return 0;
}

int txn_touch_range(
	struct txn *txn, const struct prefix *prefix, uint64_t count, struct failure *failure)
{
	if (txn->range_count == TXN_RANGES_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the transaction unsets %d prefixes, and no more may be in one; commit it",
			TXN_RANGES_MAX);
	if (GROW(txn, ranges, range_count, range_room) != 0)
		return -1;
	txn->ranges[txn->range_count++] =
		(struct txn_range){*prefix, count, (uint32_t)txn->operation_count - 1};
	return 0;
}

int txn_touch_zone(struct txn *txn, const struct owner *apex, bool added, bool closed,
	uint32_t serial, struct failure *failure)
{
	struct txn_zone *zone;

	if (txn->zone_count == TXN_ZONES_MAX)
		return failure_set(failure, FAILURE_TOO_LARGE,
			"the transaction adds and removes %d zones, and no more may be in one; "
			"commit it",
			TXN_ZONES_MAX);
	if (GROW(txn, zones, zone_count, zone_room) != 0)
		return -1;
	zone = &txn->zones[txn->zone_count++];
	store_keep_owner(&zone->apex, apex);
	zone->added = added;
	zone->closed = closed;
	zone->serial = serial;
	zone->operation = (uint32_t)txn->operation_count - 1;
	return 0;
}

/* Takes the last touch from its object, which goes with its only one. */
static void remove_touch(struct txn *txn)
{
	const uint32_t touch = (uint32_t)txn->touch_count - 1;
	struct txn_object *object = &txn->objects[txn->touches[touch].object];
	uint32_t before;

	txn->touch_count--;
	object->touches--;
	discharge(txn, TOUCH_COST);
	if (object->first == touch) {
		remove_object(txn);
		return;
	}
	for (before = object->first; txn->touches[before].next != touch;)
		before = txn->touches[before].next;
	txn->touches[before].next = TXN_NO_TOUCH;
	object->last = before;
}

void txn_unstage(struct txn *txn)
{
	struct txn_operation *operation = &txn->operations[txn->operation_count - 1];
	const uint32_t number = (uint32_t)txn->operation_count - 1;

	while (txn->touch_count && txn->touches[txn->touch_count - 1].operation == number)
		remove_touch(txn);
	if (txn->range_count && txn->ranges[txn->range_count - 1].operation == number)
		txn->range_count--;
	if (txn->zone_count && txn->zones[txn->zone_count - 1].operation == number)
		txn->zone_count--;
	discharge(txn, operation->bytes + OPERATION_COST);
	free(operation->params);
	txn->operation_count--;
}

int txn_compare_addresses(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return a->low == b->low ? 0 : a->low < b->low ? -1 : 1;
}

static int compare_indexes(const void *a, const void *b, void *objects)
{
	const struct txn_object *object = objects;

	return txn_compare_addresses(
		&object[*(const uint32_t *)a].address, &object[*(const uint32_t *)b].address);
}

const uint32_t *txn_sort(struct txn *txn)
{
	if (txn->sorted || txn->object_count == 0)
		return txn->sorted;
	txn->sorted = malloc(txn->object_count * sizeof(*txn->sorted));
	if (!txn->sorted)
		return NULL;
	for (size_t i = 0; i < txn->object_count; i++)
		txn->sorted[i] = (uint32_t)i;
	qsort_r(txn->sorted, txn->object_count, sizeof(*txn->sorted), compare_indexes,
		txn->objects);
	return txn->sorted;
}
