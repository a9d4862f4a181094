/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an import changes is counted first, so that nothing is written where it is refused or
 * changes nothing. Then it is written: few RRsets as any change is, many one behind the other as
 * the store likes it best. What is walked is not written at the same time: differences are noted a
 * slice at a time, unless the store has nothing more to compare with.
 */
#include "control/update_import.h"

#include "control/array.h"
#include "control/presentation.h"
#include "control/soa.h"
#include "control/store_kv.h"
#include "control/store_walk.h"
#include "control/update_batch.h"
#include "control/update_compare.h"
#include "control/update_tenants.h"

#include <stdlib.h>
#include <string.h>

enum {
	BULK_MIN = 10001, /* RRsets from which on they are written in bulk */
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

struct import {
	struct update *update;
	const struct import_plan *plan;
	struct failure *failure;
	struct compare compare;
	bool bulk;
	const struct compare_zone *touched; /* the zone that was entered, NULL: none yet */
	struct store_writer *writer;
	struct note *note;
	size_t notes, note_capacity;
	struct owner_pool names;
	struct staged staged;
	size_t zone_changes; /* in the zone */
};

/* ---- Objects on their way in ---- */

/* Whether the plan's scope has the address; `zone` is the address's. */
static bool is_in_scope(
	const struct import_plan *plan, const struct prefix *address, const struct zone *zone)
{
	struct owner apex;

	if (plan->kind != IMPORT_REPLACE)
		return true;
	if (plan->has_scope)
		return prefix_contains(&plan->scope, address);
	apex = zone_apex(zone);
	return owner_equal(plan->apex, &apex);
}

int import_stage(struct update *update, const struct import_plan *plan,
	const struct import_object *object, struct failure *failure)
{
	const struct owner owner = owner_from_prefix(&object->address);
	const struct zone *zone = update_zone_of(update, &owner);
	char text[PRESENTATION_PREFIX_BYTES];
	uint8_t details[OBJECT_DETAILS_MAX_BYTES];
	struct staging_item item = {.owner = &owner, .said = object->said, .details = details};

	if (zone == NULL || !is_in_scope(plan, &object->address, zone)) {
		presentation_write_prefix(&object->address, text);
		return zone == NULL ? failure_set(failure, FAILURE_NOT_FOUND,
					      "no zone here holds %s; add its zone first", text)
				    : failure_set(failure, FAILURE_INVALID,
					      "%s is outside of what the import replaces", text);
	}
	item.zone = zone->id;
	item.rrset = (struct rrset){
		.type = WIRE_TYPE_PTR,
		.count = (uint16_t)object->name_count,
		.ttl = object->ttl,
		.rdata_bytes = (uint32_t)object->name_bytes,
		.rdata = object->names,
	};
	if (object->said & STAGED_DETAILS)
		item.details_bytes = (uint16_t)details_write(&object->details, details);
	return staging_put(plan->staging, &item, failure);
}

/* ---- The SOA of a zone ---- */

static bool has_soa_of_its_own(const struct import_plan *plan)
{
	return plan->kind == IMPORT_ZONE || plan->kind == IMPORT_RESTORE;
}

/* At the end of a zone: whether it is one. */
static int check_zone(
	const struct compare *compare, const struct compare_zone *zone, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	presentation_write_owner(&zone->zone.apex, text);
	if (compare->soa.count != 1)
		return failure_set(failure, FAILURE_INVALID,
			"the zone %.255s needs one SOA record at its apex; the file has %u", text,
			compare->soa.count);
	if (!compare->has_ns)
		return failure_set(failure, FAILURE_INVALID,
			"the zone %.255s needs an NS record at its apex; the file has none", text);
	return 0;
}

/*
 * Gives the zone's new SOA the serial that it is to have. False: there is nothing new, `changes`
 * of other RRsets included.
 */
static bool decide_serial(
	struct compare *compare, const struct zone_settings *settings, uint32_t now, size_t changes)
{
	struct rrset view = rrset_buffer_view(&compare->soa);
	const struct rrset old = rrset_buffer_view(&compare->old_soa);
	uint32_t served, serial = soa_buffer_serial(&compare->soa);

	if (compare->old_soa.count != 1)
		return true;
	served = soa_buffer_serial(&compare->old_soa);
	if (soa_newer(serial, served))
		return true;
	soa_buffer_set_serial(&compare->soa, served);
	if (changes == 0 && rrset_equal(&view, &old))
		return false;
	soa_buffer_set_serial(
		&compare->soa, zone_next_serial(settings->serial_policy, served, now));
	return true;
}

static int refuse_frozen(const struct zone_ref *zone, struct failure *failure)
{
	char text[PRESENTATION_NAME_BYTES];

	presentation_write_owner(&zone->apex, text);
	return failure_set(failure, FAILURE_CONFLICT,
		"the zone %.160s is frozen; thaw it first: arpactl zone thaw %.160s", text, text);
}

/* ---- Counting ---- */

static int settings_of(struct update *update, const struct compare_zone *zone,
	struct zone_settings *settings, struct failure *failure)
{
	*settings = (struct zone_settings){.serial_policy = ZONE_SERIAL_INCREMENT};
	return zone->is_new ? 0
			    : update_get_zone_settings(update, &zone->zone.apex, settings, failure);
}

static int end_counted_zone(struct compare *compare, const struct compare_zone *zone,
	size_t changes, struct failure *failure)
{
	struct zone_settings settings;

	if (has_soa_of_its_own(compare->plan)) {
		if (check_zone(compare, zone, failure) != 0)
			return -1;
	} else if (changes == 0) {
		return 0;
	}
	if (settings_of(compare->update, zone, &settings, failure) != 0)
		return -1;
	if (settings.frozen && compare->plan->kind != IMPORT_RESTORE &&
		(changes > 0 || decide_serial(compare, &settings, compare->update->now, changes)))
		return refuse_frozen(&zone->zone, failure);
	return 0;
}

static int count_all(struct compare *compare, struct import_counts *counts, struct failure *failure)
{
	struct difference difference;
	size_t before = 0;
	int more;

	while ((more = compare_next(compare, &difference, failure)) == 1)
		switch (difference.kind) {
		case DIFFERENCE_NONE:
			counts->unchanged++;
			break;
		case DIFFERENCE_PASSED:
			break;
		case DIFFERENCE_ADDED:
			counts->added++;
			break;
		case DIFFERENCE_CHANGED:
			counts->changed++;
			break;
		case DIFFERENCE_REMOVED:
			counts->removed++;
			break;
		case DIFFERENCE_ZONE_END:
			if (end_counted_zone(compare, difference.zone,
				    compare->differences - before, failure) != 0)
				return -1;
			before = compare->differences;
			break;
		}
	return more;
}

int import_count(struct update *update, const struct import_plan *plan,
	struct import_counts *counts, struct failure *failure)
{
	struct compare compare;
	int result;

	*counts = (struct import_counts){.added = 0};
	if (compare_open(&compare, update, plan, failure) != 0)
		return -1;
	result = count_all(&compare, counts, failure);
	compare_close(&compare);
	return result;
}

/* ---- Writing ---- */

/* Before the first difference of a zone is written: nothing of it is walked. */
static int touch_zone(struct import *import, const struct compare_zone *zone)
{
	if (import->touched == zone)
		return 0;
	import->touched = zone;
	if (!has_soa_of_its_own(import->plan))
		return batch_touch(import->update, &zone->zone, NULL, import->failure);
	/* Noted first and put last: so the batch's owners, and a new zone's keys, are in order. */
	return batch_add_dirty(import->update, &zone->zone.apex, import->failure);
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
		tenants_count(update, &names, import->failure) != 0)
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

	import->zone_changes++;
	if (!walked && import->notes == 0)
		return write_made(import, difference);
	if (take_note(import, difference) != 0)
		return -1;
	return import->notes == SLICE_NOTES || !walked ? write_notes(import, difference->zone) : 0;
}

/* ---- The end of a zone ---- */

static int write_soa(struct import *import, const struct compare_zone *zone)
{
	struct update *update = import->update;
	struct stored old, made = {.rrset = rrset_buffer_view(&import->compare.soa)};
	int found = 0;

	if (touch_zone(import, zone) != 0)
		return -1;
	if (!zone->is_new)
		found = store_get_stored(update->store, zone->zone.id, &zone->zone.apex,
			WIRE_TYPE_SOA, &old, import->failure);
	if (found < 0 ||
		batch_write(update, &zone->zone, &zone->zone.apex, &made, found == 1 ? &old : NULL,
			import->failure) != 0)
		return -1;
	return batch_decide_serial(
		update, &zone->zone, soa_buffer_serial(&import->compare.soa), import->failure);
}

static int end_zone(struct import *import, const struct compare_zone *zone)
{
	struct zone_settings settings;
	int result = write_notes(import, zone);

	store_writer_close(import->writer);
	import->writer = NULL;
	import->touched = NULL;
	if (result == 0 && has_soa_of_its_own(import->plan)) {
		result = settings_of(import->update, zone, &settings, import->failure);
		if (result == 0 &&
			decide_serial(&import->compare, &settings, import->update->now,
				import->zone_changes))
			result = write_soa(import, zone);
	}
	import->zone_changes = 0;
	return result;
}

static int write_all(struct import *import)
{
	struct difference difference;
	int more;

	while ((more = compare_next(&import->compare, &difference, import->failure)) == 1) {
		int result = 0;

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

/* Gives each zone its settings; `thawed`: so that it can be written. */
static int set_zones(struct import *import, bool thawed)
{
	for (size_t i = 0; i < import->plan->zone_count; i++) {
		const struct restore_zone *zone = &import->plan->zones[i];
		struct zone_settings settings = zone->settings;
		struct update_result ignored;

		settings.frozen = settings.frozen && !thawed;
		if ((thawed && add_zone(import, &zone->apex.owner) != 0) ||
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

int update_import(struct update *update, const struct import_plan *plan,
	struct import_counts *counts, struct update_result *result, struct failure *failure)
{
	struct import import = {.update = update, .plan = plan, .failure = failure};
	struct update_group group;

	if (import_count(update, plan, counts, failure) != 0)
		return -1;
	import.bulk = plan->kind == IMPORT_RESTORE ||
		counts->added + counts->changed + counts->removed >= BULK_MIN;
	if ((import.bulk && store_bulk_begin(update->store, failure) != 0) ||
		update_group_begin(update, &group, failure) != 0)
		return -1;
	if (write_import(&import) != 0) {
		update_group_abort(update, &group);
		return -1;
	}
	return update_group_end(update, &group, result, failure);
}
