/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an import changes is counted first, so that nothing is written where it is refused or
 * changes nothing. Then it is written: few RRsets as any change is, more than the journal keeps
 * one by one in bulk. What is walked is not written at the same time: differences are noted a
 * slice at a time, unless the store has nothing more to compare with.
 */
#include "control/update/update_import_plan.h"

#include "control/array.h"
#include "control/journal/journal.h"
#include "control/soa.h"
#include "control/store/store_kv.h"
#include "control/store/store_walk.h"
#include "control/update/update_batch.h"
#include "control/update/update_compare.h"
#include "control/update/update_tenants.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLICE_NOTES = 16384,
	TYPE_BYTES = 2,
};

/* A difference to be written once the store is not walked any more. */
struct note {
	enum difference_kind kind;
	uint16_t type;
	size_t position;    /* of what is added or changed */
	struct owner owner; /* borrows `names` */
};

/* ---- Writing ---- */

struct import {
	struct update *update;
	const struct import_plan *plan;
	struct failure *failure;
	struct compare compare;
	bool bulk;
	struct zone_plans plans;
	size_t zone;  /* of the plans */
	bool touched; /* something of the zone is written */
	struct store_writer *writer;
	struct note *note;
	size_t notes, note_capacity;
	struct owner_pool names;
	struct staged staged;
};

/* Tells the journal how much of the zone is written past it. */
static void note_in_bulk(struct import *import, const struct compare_zone *zone)
{
	const struct import_counts *counts = &import->plans.plan[import->zone].counts;
	const struct journal_entry entry = {
		.sequence = import->update->sequence,
		.zone = zone->zone.id,
		.serial = batch_serial(import->update, &zone->zone),
		.added = counts->added,
		.changed = counts->changed,
	};

	journal_note_bulk(&import->update->journal, &entry);
}

/* Before the first difference of a zone is written: nothing of it is walked. */
static int touch_zone(struct import *import, const struct compare_zone *zone)
{
	const struct zone_plan *plan = &import->plans.plan[import->zone];
	struct update *update = import->update;
	int result;

	if (import->touched)
		return 0;
	import->touched = true;
	if (import_has_soas(import->plan))
		result = batch_decide_serial(update, &zone->zone, plan->serial, import->failure);
	else
		result = batch_touch(update, &zone->zone, NULL, import->failure);
	if (result != 0)
		return -1;
	if (import->bulk)
		note_in_bulk(import, zone);
	/* Noted first and put last: so the batch's owners, and a new zone's keys, are in order. */
	return import_has_soas(import->plan)
		? batch_add_dirty(update, &zone->zone.apex, import->failure)
		: 0;
}

static int write_in_bulk(
	struct import *import, struct difference *difference, const struct owner *owner)
{
	struct update *update = import->update;
	const struct stored *old = difference->kind == DIFFERENCE_CHANGED ? &difference->old : NULL;
	struct stored *made = &difference->made;
	struct stamp stamp = batch_stamp(update, old);
	struct tenant_names names;

	if (difference->has_times) {
		stamp.created = made->stamp.created;
		stamp.modified = made->stamp.modified;
	}
	made->stamp = stamp;
	if (import->writer == NULL &&
		store_writer_open(update->store, difference->zone->zone.id, &import->writer,
			import->failure) != 0)
		return -1;
	tenants_note(&names, old, made);
	if (store_writer_put(import->writer, difference->key, difference->key_bytes, made,
		    import->failure) != 0 ||
		tenants_count(update, &names, import->failure) != 0 ||
		batch_grow(update, difference->zone->zone.id, old == NULL, import->failure) != 0)
		return -1;
	return batch_add_dirty(update, owner, import->failure);
}

/* Writes what is added or changed. */
static int write_made(struct import *import, struct difference *difference)
{
	const struct staged where = {.key = difference->key, .key_bytes = difference->key_bytes};
	struct store_owner owner;

	if (touch_zone(import, difference->zone) != 0)
		return -1;
	staged_owner(&where, &owner);
	if (import->bulk)
		return write_in_bulk(import, difference, &owner.owner);
	return batch_write(import->update, &difference->zone->zone, &owner.owner, &difference->made,
		difference->kind == DIFFERENCE_CHANGED ? &difference->old : NULL, import->failure);
}

static int write_note(
	struct import *import, const struct compare_zone *zone, const struct note *note)
{
	struct difference difference = {.zone = zone};
	struct update *update = import->update;
	int found = 0;

	if (note->kind == DIFFERENCE_REMOVED)
		return touch_zone(import, zone) != 0
			? -1
			: batch_delete(update, &zone->zone, &note->owner, note->type, NULL,
				  import->failure);
	if (note->kind == DIFFERENCE_CHANGED)
		found = store_get_stored(update->store, zone->zone.id, &note->owner, note->type,
			&difference.old, import->failure);
	if (found < 0 ||
		compare_make(&import->compare, &import->staged, note->position, found == 1,
			&difference, import->failure) != 0)
		return -1;
	return write_made(import, &difference);
}

static int write_notes(struct import *import, const struct compare_zone *zone)
{
	if (import->notes == 0)
		return 0;
	compare_pause(&import->compare);
	for (size_t i = 0; i < import->notes; i++)
		if (write_note(import, zone, &import->note[i]) != 0)
			return -1;
	import->notes = 0;
	owner_pool_clear(&import->names);
	return 0;
}

static int take_note(struct import *import, const struct difference *difference)
{
	const struct staged where = {.key = difference->key, .key_bytes = difference->key_bytes};
	struct store_owner owner;
	struct note *note =
		array_grow(import->note, import->notes, &import->note_capacity, sizeof(*note));

	if (note == NULL)
		return failure_set(import->failure, FAILURE_STORE_FULL, "no memory for the import");
	import->note = note;
	note = &import->note[import->notes];
	staged_owner(&where, &owner);
	*note = (struct note){
		.kind = difference->kind,
		.type = wire_get16(difference->key + difference->key_bytes - TYPE_BYTES),
		.position = difference->position,
	};
	if (owner_pool_copy(&import->names, &owner.owner, &note->owner) != 0)
		return failure_set(import->failure, FAILURE_STORE_FULL, "no memory for the import");
	import->notes++;
	return 0;
}

static int settle_difference(struct import *import, struct difference *difference)
{
	bool walked = import->compare.walk != NULL;

	if (!walked && import->notes == 0)
		return write_made(import, difference);
	if (take_note(import, difference) != 0)
		return -1;
	return import->notes == SLICE_NOTES || !walked ? write_notes(import, difference->zone) : 0;
}

/* ---- The end of a zone ---- */

/* A restored SOA has the times that it had, unless there is one already. */
static int write_restored_soa(struct import *import, const struct compare_zone *zone,
	const struct stored *old, struct stored *made)
{
	const struct owner *apex = &zone->zone.apex;
	uint8_t key[STORE_RRSET_KEY_MAX_BYTES];
	struct difference difference = {
		.kind = old != NULL ? DIFFERENCE_CHANGED : DIFFERENCE_ADDED,
		.zone = zone,
		.key = key,
		.key_bytes = store_write_rrset_key(apex, WIRE_TYPE_SOA, key),
		.made = *made,
		.has_times = old == NULL,
	};
	int result;

	if (old != NULL)
		difference.old = *old;
	difference.made.stamp = import->compare.soa_stamp;
	result = write_in_bulk(import, &difference, apex);
	store_writer_close(import->writer);
	import->writer = NULL;
	return result;
}

static int write_soa(struct import *import, const struct compare_zone *zone, uint32_t serial)
{
	struct update *update = import->update;
	struct stored old, made;
	int found = 0;

	soa_buffer_set_serial(&import->compare.soa, serial);
	made = (struct stored){.rrset = rrset_buffer_view(&import->compare.soa)};
	if (touch_zone(import, zone) != 0)
		return -1;
	if (!zone->is_new)
		found = store_get_stored(update->store, zone->zone.id, &zone->zone.apex,
			WIRE_TYPE_SOA, &old, import->failure);
	if (found < 0)
		return -1;
	if (import->plan->kind == IMPORT_RESTORE)
		return write_restored_soa(import, zone, found == 1 ? &old : NULL, &made);
	return batch_write(update, &zone->zone, &zone->zone.apex, &made, found == 1 ? &old : NULL,
		import->failure);
}

static int end_zone(struct import *import, const struct compare_zone *zone)
{
	const struct zone_plan *plan = &import->plans.plan[import->zone];
	int result = write_notes(import, zone);

	store_writer_close(import->writer);
	import->writer = NULL;
	if (result == 0 && plan->changes && import_has_soas(import->plan))
		result = write_soa(import, zone, plan->serial);
	import->touched = false;
	import->zone++;
	return result;
}

static int write_all(struct import *import)
{
	struct difference difference;
	int more;

	while ((more = compare_next(&import->compare, &difference, import->failure)) == 1) {
		int result = 0;

		update_step(import->update);
		if (difference.kind == DIFFERENCE_ZONE_END)
			result = end_zone(import, difference.zone);
		else if (difference_counts(&difference))
			result = settle_difference(import, &difference);
		if (result != 0)
			return -1;
	}
	return more;
}

/* ---- The zones that there are ---- */

static int add_zone(struct import *import, const struct owner *apex)
{
	struct zone_ref zone;

	if (batch_find_zone(import->update, apex, &zone))
		return 0;
	return batch_add_zone(import->update, apex, &zone, import->failure);
}

static int compare_apexes(const void *a, const void *b)
{
	const struct restore_zone *one = *(const struct restore_zone *const *)a;
	const struct restore_zone *other = *(const struct restore_zone *const *)b;

	return update_compare_owners(&one->apex.owner, &other->apex.owner);
}

/* The apexes of published zones that the backup lacks. */
static void list_gone(struct import *import, const struct restore_zone **sorted,
	struct store_owner *gone, size_t *count)
{
	struct zones *zones = update_zones(import->update);
	struct restore_zone looked_for;
	const struct restore_zone *key = &looked_for;

	*count = 0;
	for (size_t i = 0; i < zones_count(zones); i++) {
		const struct owner apex = zone_apex(zones_at(zones, i));

		store_keep_owner(&looked_for.apex, &apex);
		if (import->plan->zone_count == 0 ||
			bsearch(&key, sorted, import->plan->zone_count, sizeof(*sorted),
				compare_apexes) == NULL)
			store_keep_owner(&gone[(*count)++], &apex);
	}
}

static int remove_gone(struct import *import, const struct store_owner *gone, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t sequence;
		size_t removed;

		if (update_remove_zone(import->update, &gone[i].owner, &sequence, &removed,
			    import->failure) != 0)
			return -1;
	}
	return 0;
}

static int remove_other_zones(struct import *import)
{
	const struct import_plan *plan = import->plan;
	size_t published = zones_count(update_zones(import->update)), count;
	const struct restore_zone **sorted = calloc(plan->zone_count + 1, sizeof(const void *));
	struct store_owner *gone = calloc(published + 1, sizeof(*gone));
	int result = -1;

	if (sorted == NULL || gone == NULL) {
		failure_set(import->failure, FAILURE_STORE_FULL, "no memory for the zones");
	} else {
		for (size_t i = 0; i < plan->zone_count; i++)
			sorted[i] = &plan->zones[i];
		qsort(sorted, plan->zone_count, sizeof(*sorted), compare_apexes);
		list_gone(import, sorted, gone, &count);
		result = remove_gone(import, gone, count);
	}
	free(gone);
	free(sorted);
	return result;
}

/* Gives each zone its settings; `before` it is written so that it can be. */
static int set_zones(struct import *import, bool before)
{
	for (size_t i = 0; i < import->plan->zone_count; i++) {
		const struct restore_zone *zone = &import->plan->zones[i];
		struct zone_settings settings = zone->settings;
		struct update_result ignored;

		if (before && import->plans.plan[i].changes)
			settings.frozen = false;
		if ((before && add_zone(import, &zone->apex.owner) != 0) ||
			update_set_zone_settings(import->update, &zone->apex.owner, &settings,
				&ignored, import->failure) != 0)
			return -1;
	}
	return 0;
}

static int prepare_zones(struct import *import)
{
	switch (import->plan->kind) {
	case IMPORT_ZONE:
		return add_zone(import, staging_apex(import->plan->staging));
	case IMPORT_RESTORE:
		return remove_other_zones(import) != 0 ? -1 : set_zones(import, true);
	default:
		return 0;
	}
}

/* ---- All of it ---- */

static int write_import(struct import *import)
{
	int result;

	if (prepare_zones(import) != 0 ||
		compare_open(&import->compare, import->update, import->plan, import->failure) != 0)
		return -1;
	result = write_all(import);
	store_writer_close(import->writer);
	compare_close(&import->compare);
	staged_free(&import->staged);
	owner_pool_clear(&import->names);
	free(import->note);
	if (result == 0 && import->plan->kind == IMPORT_RESTORE)
		result = set_zones(import, false);
	return result;
}

/* From here on the change has its number. */
static int write_numbered(struct import *import)
{
	struct update *update = import->update;

	if (import->bulk)
		journal_note_bulk(
			&update->journal, &(struct journal_entry){.sequence = update->sequence});
	return write_import(import);
}

/* A restore is made of changes of zones too, so it is a group of them. */
static int write_restore(struct import *import, struct update_result *result)
{
	struct update *update = import->update;
	struct update_group group;

	if (update_group_begin(update, &group, import->failure) != 0)
		return -1;
	if (write_numbered(import) == 0)
		return update_group_end(update, &group, result, import->failure);
	update_group_abort(update, &group);
	return -1;
}

static int write_planned(struct import *import, struct update_result *result)
{
	struct update *update = import->update;
	struct update_group part;

	if (import->bulk && store_bulk_begin(update->store, import->failure) != 0)
		return -1;
	if (import->plan->kind == IMPORT_RESTORE)
		return write_restore(import, result);
	if (batch_open_part(update, &part, import->failure) != 0)
		return -1;
	return batch_close_part(update, &part, write_numbered(import), result, import->failure);
}

int update_import(struct update *update, const struct import_plan *plan,
	struct import_counts *counts, struct update_result *result, struct failure *failure)
{
	struct import import = {.update = update, .plan = plan, .failure = failure};
	int done = zone_plans_make(update, plan, &import.plans, failure);

	*counts = import.plans.sum;
	import.bulk =
		plan->kind == IMPORT_RESTORE || import_differences(counts) > JOURNAL_RRSETS_MAX;
	if (done == 0)
		done = write_planned(&import, result);
	free(import.plans.plan);
	return done;
}
