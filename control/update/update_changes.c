/* SPDX-License-Identifier: BSD-3-Clause */
/* Owners are taken in the order of the store's keys, so the store and each page are read once. */
#include "control/update/update_changes.h"

#include "control/array.h"

#include <stdlib.h>

static int refuse_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_FULL, "no memory for the records of this change");
}

static int compare_dirty(const void *a, const void *b)
{
	const struct dirty *x = a, *y = b;

	return update_compare_owners(&x->owner, &y->owner);
}

/* Whether the run `into` has all that `dirty`, not before it in order, notes; it may grow for that.
 */
static bool merge(struct dirty *into, const struct dirty *dirty)
{
	unsigned behind;

	if (owner_equal(&into->owner, &dirty->owner) && into->hosts >= dirty->hosts) {
		into->only_ptr &= dirty->only_ptr;
		return true;
	}
	if (!hosts_may_hold(&dirty->owner) || !hosts_may_hold(&into->owner) ||
		!hosts_same_page(&into->owner.prefix, &dirty->owner.prefix))
		return false;
	behind = hosts_number(&dirty->owner.prefix) - hosts_number(&into->owner.prefix);
	if (behind > into->hosts)
		return false;
	if (behind + dirty->hosts > into->hosts)
		into->hosts = behind + dirty->hosts;
	into->only_ptr &= dirty->only_ptr;
	return true;
}

/*
 * Sorts them, unless they came so, and merges what repeats; returns how many are left. A name below
 * a host may stand between two runs of hosts.
 */
static size_t sort_unique(struct dirty *dirty, size_t count)
{
	size_t kept = 0, sorted = 1, run = 0;

	while (sorted < count && compare_dirty(&dirty[sorted - 1], &dirty[sorted]) <= 0)
		sorted++;
	if (sorted < count)
		qsort(dirty, count, sizeof(*dirty), compare_dirty);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 &&
			(merge(&dirty[kept - 1], &dirty[i]) || merge(&dirty[run], &dirty[i])))
			continue;
		if (hosts_may_hold(&dirty[i].owner))
			run = kept;
		dirty[kept++] = dirty[i];
	}
	return kept;
}

static int add(struct changes *changes, const struct owner *owner, struct record *record)
{
	struct change *larger =
		array_grow(changes->change, changes->count, &changes->capacity, sizeof(*larger));

	if (larger == NULL)
		return -1;
	changes->change = larger;
	changes->change[changes->count++] = (struct change){.owner = *owner, .record = record};
	return 0;
}

/* What the owner, whose RRsets are in update->sets, gets: nothing, a place in a page, a record. */
static int build_one(struct changes *changes, struct update *update, const struct owner *owner)
{
	const struct owner_sets *sets = &update->sets;
	struct record *record = NULL;

	if (sets->count > 0) {
		const struct rrset first = rrset_buffer_view(sets->buffer);

		if (host_pages_take(update->table, owner, &first, sets->count))
			return host_pages_put(&update->pages, update->table, &owner->prefix,
				first.ttl, first.rdata + 2, (uint8_t)(first.rdata_bytes - 2));
		record = owner_sets_record(sets, owner);
		if (record == NULL)
			return -1;
	} else if (!table_has_record(update->table, owner)) {
		return 0;
	}
	if (add(changes, owner, record) == 0)
		return 0;
	record_free(record);
	return -1;
}

/*
 * The RRsets of the owner. A host that had no record of its own had a PTR RRset at most, so where
 * nothing else was written it has no other: that is one look-up, and no walk.
 */
static int read_owner(struct update *update, struct owner_reader *reader, bool only_ptr,
	const struct owner *owner, struct failure *failure)
{
	struct zone_ref zone;
	struct stored stored;
	int found;

	owner_sets_reset(&update->sets);
	if (!batch_zone_of(update, owner, &zone))
		return 0;
	if (!only_ptr || !hosts_may_hold(owner) || table_has_record(update->table, owner))
		return update_read_owner(update, reader, &zone, owner, failure);
	found = store_get_stored(update->store, zone.id, owner, WIRE_TYPE_PTR, &stored, failure);
	if (found == 1 && owner_sets_add(&update->sets, &stored.rrset) != 0)
		return refuse_memory(failure);
	return found < 0 ? -1 : 0;
}

static int build_owner(struct changes *changes, struct update *update, struct owner_reader *reader,
	bool only_ptr, const struct owner *owner, struct failure *failure)
{

	/* The page is without it until it is put there again. */
	if (hosts_may_hold(owner) &&
		host_pages_remove(&update->pages, update->table, &owner->prefix) != 0)
		return refuse_memory(failure);
	if (read_owner(update, reader, only_ptr, owner, failure) != 0)
		return -1;
	return build_one(changes, update, owner) == 0 ? 0 : refuse_memory(failure);
}

static int build_run(struct changes *changes, struct update *update, struct owner_reader *reader,
	const struct dirty *run, bool zones_stay, struct failure *failure)
{
	bool only_ptr = run->only_ptr && zones_stay;
	struct owner owner = run->owner;

	for (unsigned i = 0; i < run->hosts; i++) {
		if (build_owner(changes, update, reader, only_ptr, &owner, failure) != 0)
			return -1;
		if (i + 1 < run->hosts)
			owner.prefix = hosts_next(&owner.prefix);
	}
	return 0;
}

/* Has the pages fetched of what comes in a moment: a batch of scattered hosts waits for nothing
 * more. */
static void look_ahead(const struct update *update, size_t i)
{
	enum { AHEAD = 2 };
	size_t near = i + AHEAD, far = near + AHEAD;

	if (far < update->dirty_count && hosts_may_hold(&update->dirty[far].owner))
		host_pages_expect(update->table, &update->dirty[far].owner.prefix);
	if (near < update->dirty_count && hosts_may_hold(&update->dirty[near].owner))
		host_pages_fetch(update->table, &update->dirty[near].owner.prefix);
}

int changes_build(struct changes *changes, struct update *update, struct failure *failure)
{
	struct owner_reader reader = {.store = update->store};
	bool zones_stay = !batch_moves_zones(update);
	int result = 0;

	update->dirty_count = sort_unique(update->dirty, update->dirty_count);
	for (size_t i = 0; i < update->dirty_count && result == 0; i++) {
		look_ahead(update, i);
		result =
			build_run(changes, update, &reader, &update->dirty[i], zones_stay, failure);
	}
	owner_reader_close(&reader);
	if (result != 0)
		return -1;
	return host_pages_finish(&update->pages, update->table) == 0 ? 0 : refuse_memory(failure);
}

void changes_room(const struct changes *changes, const struct table *table, struct table_room *room)
{
	const struct owner *previous = NULL;

	for (size_t i = 0; i < changes->count; i++) {
		const struct owner *owner = &changes->change[i].owner;

		if (changes->change[i].record == NULL) {
			/* It may have names below it, and become an empty non-terminal itself. */
			*(owner->rest_bytes ? &room->named_ancestors : &room->ancestors) += 1;
			continue;
		}
		if (table_has_record(table, owner))
			continue;
		room->owners++;
		table_room_add_ancestors(room, previous, owner);
		previous = owner;
	}
}

void changes_note(struct changes *changes, struct change *change, const struct record *old)
{
	zone_counts_note(old, &changes->moving);
	zone_counts_note(change->record, &changes->moving);
	change->loses = zone_counts_lose(old, change->record);
	if (change->loses)
		zone_depths_add(&changes->losing, owner_depth(&change->owner));
}

static void publish(const struct change *change, struct table *table)
{
	if (change->record != NULL)
		table_put(table, change->record);
	else
		table_remove(table, &change->owner);
}

void changes_publish_made(const struct changes *changes, struct table *table)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->change[i].record != NULL && !changes->change[i].loses)
			publish(&changes->change[i], table);
}

void changes_publish_gone(const struct changes *changes, struct table *table)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->change[i].record == NULL && !changes->change[i].loses)
			publish(&changes->change[i], table);
}

/* One may be hidden by another: the deepest first, and each depth counted before it begins. */
void changes_publish_lost(
	const struct changes *changes, struct table *table, struct serving *serving)
{
	int depth = OWNER_LABELS_MAX + 1;

	while ((depth = zone_depths_previous(&changes->losing, depth - 1)) >= 0) {
		serving_lose(serving);
		for (size_t i = 0; i < changes->count; i++) {
			const struct change *change = &changes->change[i];

			if (change->loses && owner_depth(&change->owner) == (unsigned)depth)
				publish(change, table);
		}
	}
}

void changes_discard(const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		record_free(changes->change[i].record);
}

void changes_free(struct changes *changes)
{
	free(changes->change);
}
