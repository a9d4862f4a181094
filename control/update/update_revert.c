/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Undoing changes as one new change: each RRset becomes what it was before the first of them, but
 * only where the last one to touch it was one of them. Zones that they removed come back before
 * their records do, and zones that they added go after theirs.
 */
#include "control/array.h"
#include "control/journal/journal.h"
#include "control/soa.h"
#include "control/update/update_batch.h"

#include <stdlib.h>
#include <string.h>

/* A zone that the changes removed, by the number that it had and the one that it gets. */
struct back {
	uint32_t was;
	struct zone_ref zone;
	struct store_owner apex; /* what `zone` borrows */
};

struct revert {
	struct update *update;
	uint64_t first, last;
	size_t reverted, skipped;
	struct back **back;
	size_t back_count, back_capacity;
	uint32_t *added; /* numbers of zones that the changes added */
	size_t added_count, added_capacity;
	/* The entry at hand, with the octets that it borrows, and where it stood. */
	struct journal_entry entry;
	uint8_t *octets;
	size_t octets_capacity;
	uint64_t sequence;
	uint32_t index;
	struct failure *failure;
};

static int refuse_memory(const struct revert *revert)
{
	return failure_set(revert->failure, FAILURE_STORE_FULL, "no memory to undo the change");
}

static int refuse_damage(const struct revert *revert)
{
	return failure_set(revert->failure, FAILURE_STORE_ERROR,
		"the store is damaged: an entry of its journal is unreadable; restore it from a "
		"backup");
}

/* ---- The entries, one at a time: what is visited may not write ---- */

/* Keeps a copy of the entry, and ends the walk. */
static int keep_entry(void *context, const struct journal_entry *entry)
{
	struct revert *revert = context;
	uint8_t key[JOURNAL_KEY_BYTES];
	size_t room = journal_value_room(entry), bytes;
	uint8_t *grown;

	if (entry->sequence > revert->last)
		return 1;
	if (room > revert->octets_capacity) {
		grown = realloc(revert->octets, room);
		if (grown == NULL)
			return refuse_memory(revert);
		revert->octets = grown;
		revert->octets_capacity = room;
	}
	bytes = journal_write_value(entry, revert->octets);
	revert->sequence = entry->sequence;
	revert->index = entry->index;
	journal_write_key(entry->sequence, entry->index, key);
	return journal_parse((struct store_bytes){key, sizeof(key)},
		       (struct store_bytes){revert->octets, bytes}, &revert->entry) == 0
		? 2
		: refuse_damage(revert);
}

/* The next entry of the changes. 1; 0: that was the last; -1. */
static int next_entry(struct revert *revert)
{
	int result = journal_each(revert->update->store, revert->sequence, revert->index,
		keep_entry, revert, revert->failure);

	return result < 0 ? -1 : result == 2;
}

/* Calls `act` for each entry. */
static int each_entry(struct revert *revert, int (*act)(struct revert *revert))
{
	int more = 0, result = 0;

	revert->sequence = revert->first - 1;
	revert->index = UINT32_MAX;
	while (result == 0 && (more = next_entry(revert)) == 1)
		result = act(revert);
	return result != 0 || more < 0 ? -1 : 0;
}

/* ---- Zones that were removed ---- */

static int note_added(struct revert *revert)
{
	uint32_t *added;

	if (revert->entry.kind != JOURNAL_ZONE_ADDED)
		return 0;
	added = array_grow(
		revert->added, revert->added_count, &revert->added_capacity, sizeof(*added));
	if (added == NULL)
		return refuse_memory(revert);
	revert->added = added;
	revert->added[revert->added_count++] = revert->entry.zone;
	return 0;
}

static bool was_added(const struct revert *revert, uint32_t zone)
{
	for (size_t i = 0; i < revert->added_count; i++)
		if (revert->added[i] == zone)
			return true;
	return false;
}

static int add_again(struct revert *revert, struct back *back)
{
	const struct journal_entry *entry = &revert->entry;
	struct zone_settings settings;
	uint32_t number;

	store_keep_owner(&back->apex, &entry->owner.owner);
	back->was = entry->zone;
	if (zone_value_parse(entry->before_octets.octets, entry->before_octets.count, &number,
		    &settings) != 0)
		return refuse_damage(revert);
	/* Frozen, it would not take its records. */
	settings.frozen = false;
	if (batch_add_zone(revert->update, &back->apex.owner, &back->zone, revert->failure) != 0 ||
		store_set_zone(revert->update->store, &back->apex.owner, back->zone.id, &settings,
			revert->failure) != 0)
		return -1;
	return batch_note_settings(revert->update, &back->zone, &settings, revert->failure);
}

static int bring_back_zone(struct revert *revert)
{
	const struct journal_entry *entry = &revert->entry;
	struct zone_ref there;
	struct back **grown, *back;

	if (entry->kind != JOURNAL_ZONE_REMOVED || was_added(revert, entry->zone))
		return 0;
	if (batch_find_zone(revert->update, &entry->owner.owner, &there)) {
		revert->skipped++;
		return 0;
	}
	grown = array_grow(
		revert->back, revert->back_count, &revert->back_capacity, sizeof(struct back *));
	back = grown != NULL ? calloc(1, sizeof(*back)) : NULL;
	if (grown != NULL)
		revert->back = grown;
	if (back == NULL)
		return refuse_memory(revert);
	revert->back[revert->back_count++] = back;
	if (add_again(revert, back) != 0)
		return -1;
	revert->reverted++;
	return 0;
}

static const struct back *find_back(const struct revert *revert, uint32_t zone)
{
	for (size_t i = 0; i < revert->back_count; i++)
		if (revert->back[i]->was == zone)
			return revert->back[i];
	return NULL;
}

/* ---- RRsets ---- */

/* The zone that has the number `zone`, where it is at or above `owner`. */
static bool find_zone(const struct revert *revert, const struct owner *owner, uint32_t number,
	struct zone_ref *zone)
{
	bool found = batch_zone_of(revert->update, owner, zone);

	while (found && zone->id != number) {
		const struct owner apex = zone->apex;

		found = batch_zone_above(revert->update, &apex, zone);
	}
	return found;
}

static bool is_ours(const struct revert *revert, uint64_t sequence)
{
	return sequence >= revert->first && sequence <= revert->last;
}

/* Whether nobody but the changes has touched what is there now: `stored`, or NULL. 1, 0, or -1. */
static int is_untouched(const struct revert *revert, const struct zone_ref *zone,
	const struct owner *owner, uint16_t type, const struct stored *stored)
{
	uint8_t octets[STORE_KEY_MAX_BYTES];
	struct store_bytes value, key = {octets, store_write_key(zone->id, owner, type, octets)};
	int found;

	if (stored != NULL)
		return is_ours(revert, stored->stamp.sequence);
	found = store_kv_get(revert->update->store, STORE_GONE, key, &value, revert->failure);
	if (found != 1 || value.count != 8)
		return found < 0 ? -1 : 0;
	return is_ours(revert, wire_get64(value.octets));
}

static int is_frozen(const struct revert *revert, const struct zone_ref *zone)
{
	struct zone_settings settings;

	if (update_get_zone_settings(revert->update, &zone->apex, &settings, revert->failure) != 0)
		return -1;
	return settings.frozen;
}

static int put_back(struct revert *revert, const struct zone_ref *zone, const struct owner *owner,
	uint16_t type, const struct stored *there)
{
	struct stored before = revert->entry.before;
	int result;

	if (!revert->entry.has_before)
		return there == NULL
			? 0
			: batch_delete(revert->update, zone, owner, type, there, revert->failure);
	revert->update->created = before.stamp.created;
	result = batch_put(revert->update, zone, owner, &before, there, revert->failure);
	revert->update->created = 0;
	return result;
}

/* An RRset of a zone that is there: 0, or -1. */
static int revert_in_zone(struct revert *revert, const struct zone_ref *zone)
{
	const struct owner *owner = &revert->entry.owner.owner;
	uint16_t type = revert->entry.type;
	struct stored stored;
	int found = store_get_stored(
		    revert->update->store, zone->id, owner, type, &stored, revert->failure),
	    untouched, frozen;

	if (found < 0)
		return -1;
	untouched = is_untouched(revert, zone, owner, type, found ? &stored : NULL);
	frozen = untouched == 1 ? is_frozen(revert, zone) : 0;
	if (untouched < 0 || frozen < 0)
		return -1;
	if (!untouched || frozen) {
		revert->skipped++;
		return 0;
	}
	if (!found && !revert->entry.has_before)
		return 0;
	/* Reading the settings wrote nothing, but may have moved what the store lent. */
	if (found &&
		store_get_stored(revert->update->store, zone->id, owner, type, &stored,
			revert->failure) != 1)
		return refuse_damage(revert);
	revert->reverted++;
	return put_back(revert, zone, owner, type, found ? &stored : NULL);
}

/* Of a zone that came back: its SOA gets a serial that is new to those who knew it. */
static int revert_in_back(struct revert *revert, const struct back *back)
{
	struct stored before = revert->entry.before;
	struct rrset_buffer soa = {0};
	uint32_t serial;
	int result;

	if (!revert->entry.has_before)
		return 0;
	if (revert->entry.type != WIRE_TYPE_SOA) {
		revert->reverted++;
		return put_back(
			revert, &back->zone, &revert->entry.owner.owner, revert->entry.type, NULL);
	}
	if (rrset_buffer_copy(&soa, &before.rrset) != 0)
		return refuse_memory(revert);
	serial = soa_buffer_serial(&soa) + 1;
	soa_buffer_set_serial(&soa, serial);
	before.rrset = rrset_buffer_view(&soa);
	result = batch_decide_serial(revert->update, &back->zone, serial, revert->failure);
	if (result == 0)
		result = batch_put(revert->update, &back->zone, &back->zone.apex, &before, NULL,
			revert->failure);
	rrset_buffer_free(&soa);
	return result;
}

static int revert_rrset(struct revert *revert)
{
	const struct journal_entry *entry = &revert->entry;
	const struct back *back = find_back(revert, entry->zone);
	struct zone_ref zone;
	bool at_apex;

	if (entry->kind == JOURNAL_BULK)
		revert->skipped += entry->added + entry->changed + entry->removed;
	/* Only the first that the changes did to an RRset tells what was before them. */
	if (entry->kind != JOURNAL_RRSET || entry->previous >= revert->first)
		return 0;
	if (back != NULL)
		return revert_in_back(revert, back);
	if (!find_zone(revert, &entry->owner.owner, entry->zone, &zone)) {
		revert->skipped += !was_added(revert, entry->zone);
		return 0;
	}
	at_apex = owner_equal(&zone.apex, &entry->owner.owner);
	/* The serial goes on by itself, and the apex of a zone that was added goes with it. */
	if (entry->type == WIRE_TYPE_SOA || (at_apex && was_added(revert, entry->zone)))
		return 0;
	return revert_in_zone(revert, &zone);
}

/* ---- Zones that were added ---- */

struct look {
	const struct revert *revert;
	const struct owner *apex;
};

static int look_for_others(void *context, const struct owner *owner, const struct stored *stored)
{
	const struct look *look = context;

	return !owner_equal(owner, look->apex) || !is_ours(look->revert, stored->stamp.sequence);
}

static int take_away_zone(struct revert *revert)
{
	const struct owner *apex = &revert->entry.owner.owner;
	struct look look = {revert, apex};
	struct zone_ref zone;
	uint64_t sequence;
	size_t removed;
	int others, frozen;

	if (revert->entry.kind != JOURNAL_ZONE_ADDED ||
		!batch_find_zone(revert->update, apex, &zone) || zone.id != revert->entry.zone)
		return 0;
	others = store_each_rrset(revert->update->store, zone.id, NULL, NULL, look_for_others,
		&look, revert->failure);
	frozen = others == 0 ? is_frozen(revert, &zone) : 0;
	if (others < 0 || frozen < 0)
		return -1;
	if (others || frozen) {
		revert->skipped++;
		return 0;
	}
	revert->reverted++;
	return update_remove_zone(revert->update, apex, &sequence, &removed, revert->failure);
}

/* ---- All of it ---- */

static int note_revert(const struct revert *revert)
{
	struct journal_entry entry = {
		.sequence = revert->update->sequence,
		.time = revert->update->now,
		.kind = JOURNAL_REVERT,
		.actor = batch_actor(revert->update),
		.first = revert->first,
		.last = revert->last,
		.reverted = revert->reverted,
		.skipped = revert->skipped,
	};

	revert->update->notes++;
	return journal_note(&revert->update->journal, &entry, revert->failure);
}

static int run(struct revert *revert)
{
	if (each_entry(revert, note_added) != 0 || each_entry(revert, bring_back_zone) != 0 ||
		each_entry(revert, revert_rrset) != 0 || each_entry(revert, take_away_zone) != 0)
		return -1;
	return note_revert(revert);
}

static void free_revert(struct revert *revert)
{
	for (size_t i = 0; i < revert->back_count; i++)
		free(revert->back[i]);
	free(revert->back);
	free(revert->added);
	free(revert->octets);
}

int update_revert(struct update *update, uint64_t first, uint64_t last,
	struct update_result *result, size_t *reverted, size_t *skipped, struct failure *failure)
{
	struct revert revert = {.update = update, .first = first, .last = last, .failure = failure};
	struct update_group group;
	int done;

	if (update_group_begin(update, &group, failure) != 0)
		return -1;
	done = run(&revert);
	free_revert(&revert);
	*reverted = revert.reverted;
	*skipped = revert.skipped;
	if (done == 0)
		return update_group_end(update, &group, result, failure);
	update_group_abort(update, &group);
	return -1;
}
