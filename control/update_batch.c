/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The notes of a batch. They only ever grow at their end, so undoing one change is cutting them
 * back to where it began.
 */
#include "control/update_batch.h"

#include "control/array.h"
#include "control/presentation.h"
#include "control/store_codec.h"
#include "control/store_kv.h"
#include "control/update_tenants.h"

#include <stdlib.h>
#include <string.h>

static int refuse_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_FULL, "no memory to note the change");
}

void batch_clear(struct update *update)
{
	enum { KEEP = 1 << 16 }; /* an import's notes are given back, a busy minute's are not */

	if (update->dirty_capacity > KEEP) {
		free(update->dirty);
		update->dirty = NULL;
		update->dirty_capacity = 0;
	}
	update->dirty_count = 0;
	update->events = 0;
	update->must_commit = false;
	owner_pool_clear(&update->names);
}

/* Whether `owner` is the last of those noted, or the host behind it, which lengthens the run. */
static bool continues_run(struct dirty *run, const struct owner *owner)
{
	unsigned behind;

	if (run->hosts == 1 && owner_equal(&run->owner, owner))
		return true;
	if (!hosts_may_hold(owner) || !hosts_may_hold(&run->owner) ||
		!hosts_same_page(&owner->prefix, &run->owner.prefix))
		return false;
	behind = hosts_number(&owner->prefix) - hosts_number(&run->owner.prefix);
	if (behind == run->hosts)
		run->hosts++;
	return behind < run->hosts;
}

int batch_add_dirty(struct update *update, const struct owner *owner, struct failure *failure)
{
	struct dirty *dirty, *made;

	update->notes++;
	/* An import writes an owner's RRsets, and a network's hosts, one after the other. */
	if (update->dirty_count > 0 &&
		continues_run(&update->dirty[update->dirty_count - 1], owner))
		return 0;
	dirty = array_grow(
		update->dirty, update->dirty_count, &update->dirty_capacity, sizeof(*dirty));
	if (dirty == NULL)
		return refuse_memory(failure);
	update->dirty = dirty;
	made = &update->dirty[update->dirty_count];
	made->hosts = 1;
	if (owner_pool_copy(&update->names, owner, &made->owner) != 0)
		return refuse_memory(failure);
	update->dirty_count++;
	return 0;
}

bool batch_has_event(
	const struct update *update, const struct owner *apex, enum zone_event_kind kind)
{
	for (size_t i = 0; i < update->events; i++)
		if (update->event[i].kind == kind && owner_equal(&update->event[i].zone.apex, apex))
			return true;
	return false;
}

/* Appends an event without a state; NULL: no memory. */
static struct zone_event *append_event(struct update *update, const struct zone_ref *zone,
	enum zone_event_kind kind, struct failure *failure)
{
	struct zone_event *event, *made;

	update->notes++;
	event = array_grow(update->event, update->events, &update->event_capacity, sizeof(*event));
	if (event == NULL) {
		refuse_memory(failure);
		return NULL;
	}
	update->event = event;
	made = &update->event[update->events];
	*made = (struct zone_event){.zone = {.id = zone->id}, .kind = kind};
	if (owner_pool_copy(&update->names, &zone->apex, &made->zone.apex) != 0) {
		refuse_memory(failure);
		return NULL;
	}
	update->events++;
	return made;
}

int batch_add_event(struct update *update, const struct zone_ref *zone, enum zone_event_kind kind,
	struct failure *failure)
{
	if (kind == ZONE_RESHAPED && batch_has_event(update, &zone->apex, kind))
		return 0;
	return append_event(update, zone, kind, failure) != NULL ? 0 : -1;
}

/* ---- The state of a zone ---- */

/* The last event of the zone that decides its serial, or that tells its settings; or NULL. */
static const struct zone_event *state_event(
	const struct update *update, uint32_t zone, bool settings)
{
	for (size_t i = update->events; i-- > 0;) {
		const struct zone_event *event = &update->event[i];

		if (event->zone.id == zone &&
			(event->kind == ZONE_CHANGED || event->kind == ZONE_SERIAL_DECIDED ||
				(settings && event->kind == ZONE_SET)))
			return event;
	}
	return NULL;
}

/* The settings as the batch leaves them. */
static int read_settings(struct update *update, const struct zone_ref *zone,
	struct zone_settings *settings, struct failure *failure)
{
	const struct zone_event *event = state_event(update, zone->id, true);
	char text[PRESENTATION_NAME_BYTES];
	uint32_t number;
	int found;

	if (event != NULL) {
		*settings = event->state.settings;
		return 0;
	}
	found = store_get_zone(update->store, &zone->apex, &number, settings, failure);
	if (found != 0)
		return found > 0 ? 0 : -1;
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: it lacks the zone %.255s; restore it from a backup",
		presentation_write_owner(&zone->apex, text));
}

uint32_t batch_serial(const struct update *update, const struct zone_ref *zone)
{
	const struct zone_event *event = state_event(update, zone->id, false);
	const struct zone *published;

	if (event != NULL)
		return event->state.serial;
	published = zones_find(update_zones(update), &zone->apex);
	return published != NULL ? published->serial : 0;
}

int batch_touch(struct update *update, const struct zone_ref *zone, struct zone_state *state,
	struct failure *failure)
{
	struct zone_state found = {.serial = batch_serial(update, zone)};
	char text[PRESENTATION_NAME_BYTES];
	struct zone_event *event;

	if (read_settings(update, zone, &found.settings, failure) != 0)
		return -1;
	if (found.settings.frozen) {
		presentation_write_owner(&zone->apex, text);
		return failure_set(failure, FAILURE_CONFLICT,
			"the zone %.160s is frozen; thaw it first: arpactl zone thaw %.160s", text,
			text);
	}
	if (state_event(update, zone->id, false) == NULL) {
		event = append_event(update, zone, ZONE_CHANGED, failure);
		if (event == NULL)
			return -1;
		found.serial =
			zone_next_serial(found.settings.serial_policy, found.serial, update->now);
		event->state = found;
	}
	update->serial = found.serial;
	if (state != NULL)
		*state = found;
	return 0;
}

int batch_decide_serial(struct update *update, const struct zone_ref *zone, uint32_t serial,
	struct failure *failure)
{
	struct zone_state state = {.serial = serial};
	struct zone_event *event;

	if (read_settings(update, zone, &state.settings, failure) != 0)
		return -1;
	event = append_event(update, zone, ZONE_SERIAL_DECIDED, failure);
	if (event == NULL)
		return -1;
	event->state = state;
	update->serial = serial;
	return 0;
}

int batch_note_settings(struct update *update, const struct zone_ref *zone,
	const struct zone_settings *settings, struct failure *failure)
{
	struct zone_event *event = append_event(update, zone, ZONE_SET, failure);

	if (event == NULL)
		return -1;
	event->state.settings = *settings;
	return 0;
}

/* ---- Zones as the batch leaves them ---- */

/* The batch's last word on whether a zone is at `apex`; NULL: it has none. */
static const struct zone_event *last_event(const struct update *update, const struct owner *apex)
{
	for (size_t i = update->events; i-- > 0;) {
		const struct zone_event *event = &update->event[i];

		if ((event->kind == ZONE_ADDED || event->kind == ZONE_REMOVED) &&
			owner_equal(&event->zone.apex, apex))
			return event;
	}
	return NULL;
}

bool batch_find_zone(const struct update *update, const struct owner *apex, struct zone_ref *zone)
{
	const struct zone_event *event = last_event(update, apex);
	const struct zone *published;
	struct owner its;

	if (event != NULL) {
		*zone = event->zone;
		return event->kind == ZONE_ADDED;
	}
	published = zones_find(update_zones(update), apex);
	if (published == NULL)
		return false;
	its = zone_apex(published);
	*zone = (struct zone_ref){its, published->id};
	return owner_equal(&its, apex);
}

/* The longest published zone at or above `name` that the batch has not removed. */
static bool published_zone_of(
	const struct update *update, const struct owner *name, struct zone_ref *zone)
{
	const struct zone *published = zones_find(update_zones(update), name);

	while (published != NULL) {
		struct owner apex = zone_apex(published);

		*zone = (struct zone_ref){apex, published->id};
		if (update->events == 0 || last_event(update, &apex) == NULL)
			return true;
		published = zones_find_above(update_zones(update), &apex);
	}
	return false;
}

bool batch_zone_of(const struct update *update, const struct owner *name, struct zone_ref *zone)
{
	bool found = published_zone_of(update, name, zone);

	for (size_t i = 0; i < update->events; i++) {
		const struct zone_event *event = &update->event[i];

		if (event->kind != ZONE_ADDED || !owner_contains(&event->zone.apex, name) ||
			(found && owner_depth(&event->zone.apex) <= owner_depth(&zone->apex)) ||
			last_event(update, &event->zone.apex) != event)
			continue;
		*zone = event->zone;
		found = true;
	}
	return found;
}

bool batch_zone_above(const struct update *update, const struct owner *name, struct zone_ref *zone)
{
	struct owner parent;

	return owner_parent(name, &parent) && batch_zone_of(update, &parent, zone);
}

/* ---- Parts ---- */

static void cut_back(struct update *update, const struct update_group *part)
{
	update->dirty_count = part->dirty_count;
	update->events = part->events;
	update->sequence = store_sequence(update->store);
	journal_undo(&update->journal);
}

int batch_open_part(struct update *update, struct update_group *part, struct failure *failure)
{
	*part = (struct update_group){update->dirty_count, update->events, update->notes};
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
		tenants_count(update, &names, failure) != 0)
		return -1;
	return batch_add_dirty(update, owner, failure);
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
		tenants_count(update, &names, failure) != 0)
		return -1;
	return batch_add_dirty(update, owner, failure);
}

int update_compare_owners(const struct owner *a, const struct owner *b)
{
	uint8_t a_key[STORE_OWNER_KEY_MAX_BYTES], b_key[STORE_OWNER_KEY_MAX_BYTES];
	size_t a_bytes = store_write_owner_key(a, a_key), b_bytes = store_write_owner_key(b, b_key);

	return memcmp(a_key, b_key, a_bytes < b_bytes ? a_bytes : b_bytes);
}
