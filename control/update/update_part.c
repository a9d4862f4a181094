/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parts of a batch: what one change writes and notes is kept or undone together. An RRset is
 * written here and nowhere else, so that its stamp, the journal and the counts go with it.
 */
#include "control/store/store_codec.h"
#include "control/store/store_kv.h"
#include "control/update/update_batch.h"
#include "control/update/update_tenants.h"

#include <string.h>

/* Of a part that is kept the one note that nearly all have goes into that before it. */
static void merge_growths(struct update *update)
{
	struct zone_growth *last;

	if (update->part_growths == 0 || update->growths != update->part_growths + 1)
		return;
	last = &update->growth[update->part_growths];
	if (last[-1].zone != last->zone)
		return;
	last[-1].by += last->by;
	update->growths--;
}

/* ---- Parts ---- */

static void cut_back(struct update *update, const struct update_group *part)
{
	update->dirty_count = part->dirty_count;
	batch_cut_events(update, part->events);
	update->growths = part->growths;
	update->sequence = store_sequence(update->store);
	journal_undo(&update->journal);
}

int batch_open_part(struct update *update, struct update_group *part, struct failure *failure)
{
	*part = (struct update_group){
		update->dirty_count, update->events, update->growths, update->notes};
	if (update->grouped) {
		if (!update->group_failed)
			return 0;
		*failure = update->group_failure;
		return -1;
	}
	if (store_mark(update->store, failure) != 0)
		return -1;
	journal_mark(&update->journal);
	update->sequence = store_sequence(update->store) + 1;
	update->part_growths = update->growths;
	return 0;
}

/* What a part of a group has to say; the group keeps or undoes it. */
static int pass_to_group(struct update *update, const struct update_group *part, int result,
	struct update_result *changed, const struct failure *failure)
{
	if (result != 0) {
		update->group_failed = true;
		update->group_failure = *failure;
		return -1;
	}
	changed->changed = update->notes != part->notes;
	changed->sequence = changed->changed ? update->sequence : store_sequence(update->store);
	return 0;
}

/* Of a change of many RRsets the entry that counts them. */
static int end_journal(struct update *update, struct failure *failure)
{
	const struct object_text actor = batch_actor(update);

	return journal_end_change(&update->journal, &actor, update->now, failure);
}

int batch_close_part(struct update *update, const struct update_group *part, int result,
	struct update_result *changed, struct failure *failure)
{
	if (update->grouped)
		return pass_to_group(update, part, result, changed, failure);
	if (result == 0 && update->notes == part->notes) {
		store_undo(update->store);
		cut_back(update, part);
		changed->changed = false;
		changed->sequence = update->sequence;
		return 0;
	}
	if (result == 0)
		result = end_journal(update, failure);
	if (result == 0)
		result = store_next_sequence(update->store, &changed->sequence, failure);
	if (result == 0)
		result = store_keep(update->store, failure);
	if (result == 0) {
		merge_growths(update);
		changed->changed = true;
		return 0;
	}
	store_undo(update->store);
	cut_back(update, part);
	return -1;
}

int update_group_begin(struct update *update, struct update_group *group, struct failure *failure)
{
	if (batch_open_part(update, group, failure) != 0)
		return -1;
	update->grouped = true;
	update->group_failed = false;
	return 0;
}

int update_group_end(struct update *update, const struct update_group *group,
	struct update_result *result, struct failure *failure)
{
	int failed = update->group_failed ? -1 : 0;

	update->grouped = update->group_failed = false;
	if (failed != 0)
		*failure = update->group_failure;
	result->serial = 0;
	return batch_close_part(update, group, failed, result, failure);
}

void update_group_abort(struct update *update, const struct update_group *group)
{
	update->grouped = update->group_failed = false;
	store_undo(update->store);
	cut_back(update, group);
}

/* ---- The journal ---- */

struct object_text batch_actor(const struct update *update)
{
	static const char arpad[] = "arpad";

	if (update->actor == NULL)
		return (struct object_text){arpad, sizeof(arpad) - 1};
	return (struct object_text){
		update->actor->name, (uint16_t)strnlen(update->actor->name, ACTOR_NAME_BYTES)};
}

/* What every entry has. */
static void start_entry(const struct update *update, const struct zone_ref *zone,
	const struct owner *owner, struct journal_entry *entry)
{
	entry->sequence = update->sequence;
	entry->time = update->now;
	entry->zone = zone->id;
	entry->serial = update->serial;
	entry->actor = batch_actor(update);
	entry->owner.owner = *owner;
}

static int note_rrset(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	uint16_t type, const struct stored *old, const struct stored *made, struct failure *failure)
{
	struct journal_entry entry;

	start_entry(update, zone, owner, &entry);
	entry.type = type;
	entry.has_before = old != NULL;
	entry.has_after = made != NULL;
	if (old != NULL)
		entry.before = *old;
	if (made != NULL)
		entry.after = *made;
	return journal_note_rrset(&update->journal, &entry, failure);
}

int batch_note_zone(struct update *update, enum journal_kind kind, const struct zone_ref *zone,
	const struct zone_settings *before, const struct zone_settings *after,
	struct failure *failure)
{
	uint8_t was[ZONE_VALUE_BYTES], is[ZONE_VALUE_BYTES];
	struct journal_entry entry = {.kind = (uint8_t)kind};

	start_entry(update, zone, &zone->apex, &entry);
	entry.serial = batch_serial(update, zone);
	if (before != NULL) {
		zone_value_write(zone->id, before, was);
		entry.before_octets = (struct store_bytes){was, sizeof(was)};
	}
	if (after != NULL) {
		zone_value_write(zone->id, after, is);
		entry.after_octets = (struct store_bytes){is, sizeof(is)};
	}
	return journal_note(&update->journal, &entry, failure);
}

/* ---- RRsets ---- */

struct stamp batch_stamp(const struct update *update, const struct stored *old)
{
	uint32_t created = update->created != 0 ? update->created : update->now;

	return (struct stamp){
		old != NULL ? old->stamp.created : created, update->now, update->sequence};
}

int batch_write(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	struct stored *made, const struct stored *old, struct failure *failure)
{
	uint8_t key[STORE_KEY_MAX_BYTES];
	size_t key_bytes = store_write_key(zone->id, owner, made->rrset.type, key), value_bytes;
	struct tenant_names names;

	made->stamp = batch_stamp(update, old);
	tenants_note(&names, old, made);
	store_write_value(made, update->scratch->value);
	value_bytes = store_value_bytes(made);
	/* From here on `old` and what `made` borrows may be gone. */
	if (note_rrset(update, zone, owner, made->rrset.type, old, made, failure) != 0)
		return -1;
	if (store_kv_put(update->store, STORE_RRSETS, (struct store_bytes){key, key_bytes},
		    (struct store_bytes){update->scratch->value, value_bytes}, failure) != 0 ||
		tenants_count(update, &names, failure) != 0 ||
		batch_grow(update, zone->id, old == NULL, failure) != 0)
		return -1;
	return batch_add_written(update, owner, made->rrset.type, failure);
}

int batch_put(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	struct stored *made, const struct stored *old, struct failure *failure)
{
	if (batch_touch(update, zone, NULL, failure) != 0)
		return -1;
	return batch_write(update, zone, owner, made, old, failure);
}

int batch_delete(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	uint16_t type, const struct stored *old, struct failure *failure)
{
	struct tenant_names names;
	struct stored stored;
	int found;

	if (batch_touch(update, zone, NULL, failure) != 0)
		return -1;
	if (old == NULL) {
		found = store_get_stored(update->store, zone->id, owner, type, &stored, failure);
		if (found < 0)
			return -1;
		old = found == 1 ? &stored : NULL;
	}
	tenants_note(&names, old, NULL);
	if (old != NULL && note_rrset(update, zone, owner, type, old, NULL, failure) != 0)
		return -1;
	if (store_delete_rrset(update->store, zone->id, owner, type, failure) != 0 ||
		tenants_count(update, &names, failure) != 0 ||
		batch_grow(update, zone->id, -1, failure) != 0)
		return -1;
	return batch_add_written(update, owner, type, failure);
}
