/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The notes of a batch. They only ever grow at their end, so undoing one change is cutting them
 * back to where it began.
 */
#include "control/update_batch.h"

#include "control/array.h"
#include "control/store_codec.h"

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

int batch_add_event(struct update *update, const struct zone_ref *zone, enum zone_event_kind kind,
	struct failure *failure)
{
	bool counts = kind == ZONE_ADDED || kind == ZONE_REMOVED;
	struct zone_event *event, *made;

	if (!counts && batch_has_event(update, &zone->apex, kind))
		return 0;
	event = array_grow(update->event, update->events, &update->event_capacity, sizeof(*event));
	if (event == NULL)
		return refuse_memory(failure);
	update->event = event;
	made = &update->event[update->events];
	*made = (struct zone_event){{.id = zone->id}, kind};
	if (owner_pool_copy(&update->names, &zone->apex, &made->zone.apex) != 0)
		return refuse_memory(failure);
	update->events++;
	return 0;
}

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

int batch_open_part(struct update *update, struct batch_part *part, struct failure *failure)
{
	*part = (struct batch_part){update->dirty_count, update->events};
	return store_mark(update->store, failure);
}

int batch_close_part(struct update *update, const struct batch_part *part, int result,
	uint64_t *sequence, struct failure *failure)
{
	if (result == 0)
		result = store_next_sequence(update->store, sequence, failure);
	if (result == 0)
		result = store_keep(update->store, failure);
	if (result == 0)
		return 0;
	store_undo(update->store);
	update->dirty_count = part->dirty_count;
	update->events = part->events;
	return -1;
}

int batch_put(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	const struct rrset *rrset, struct failure *failure)
{
	if (store_put_rrset(update->store, zone->id, owner, rrset, failure) != 0)
		return -1;
	return batch_add_dirty(update, owner, failure);
}

int batch_delete(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	uint16_t type, struct failure *failure)
{
	if (store_delete_rrset(update->store, zone->id, owner, type, failure) != 0)
		return -1;
	return batch_add_dirty(update, owner, failure);
}

int update_compare_owners(const struct owner *a, const struct owner *b)
{
	uint8_t a_key[STORE_OWNER_KEY_MAX_BYTES], b_key[STORE_OWNER_KEY_MAX_BYTES];
	size_t a_bytes = store_write_owner_key(a, a_key), b_bytes = store_write_owner_key(b, b_key);

	return memcmp(a_key, b_key, a_bytes < b_bytes ? a_bytes : b_bytes);
}
