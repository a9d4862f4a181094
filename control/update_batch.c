/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The notes of a batch. They only ever grow at their end, so undoing one change is cutting them
 * back to where it began.
 */
#include "control/update_batch.h"

#include "control/array.h"
#include "control/presentation.h"
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
	update->growths = 0;
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

int batch_add_written(
	struct update *update, const struct owner *owner, uint16_t type, struct failure *failure)
{
	bool only_ptr = type == WIRE_TYPE_PTR;
	struct dirty *dirty, *made;

	update->notes++;
	/* An import writes an owner's RRsets, and a network's hosts, one after the other. */
	if (update->dirty_count > 0 &&
		continues_run(&update->dirty[update->dirty_count - 1], owner)) {
		update->dirty[update->dirty_count - 1].only_ptr &= only_ptr;
		return 0;
	}
	dirty = array_grow(
		update->dirty, update->dirty_count, &update->dirty_capacity, sizeof(*dirty));
	if (dirty == NULL)
		return refuse_memory(failure);
	update->dirty = dirty;
	made = &update->dirty[update->dirty_count];
	made->hosts = 1;
	made->only_ptr = only_ptr;
	if (owner_pool_copy(&update->names, owner, &made->owner) != 0)
		return refuse_memory(failure);
	update->dirty_count++;
	return 0;
}

int batch_add_dirty(struct update *update, const struct owner *owner, struct failure *failure)
{
	enum { ANY_TYPE = 0 }; /* reserved, RFC 6895 3.1 */

	return batch_add_written(update, owner, ANY_TYPE, failure);
}

bool batch_moves_zones(const struct update *update)
{
	for (size_t i = 0; i < update->events; i++)
		if (update->event[i].kind == ZONE_ADDED || update->event[i].kind == ZONE_REMOVED)
			return true;
	return false;
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

/* ---- How many RRsets ---- */

int batch_grow(struct update *update, uint32_t zone, int64_t by, struct failure *failure)
{
	struct zone_growth *growth;

	if (by == 0)
		return 0;
	/* What an earlier part noted stays apart, for this one may be undone. */
	if (update->growths > update->part_growths &&
		update->growth[update->growths - 1].zone == zone) {
		update->growth[update->growths - 1].by += by;
		return 0;
	}
	growth = array_grow(
		update->growth, update->growths, &update->growth_capacity, sizeof(*growth));
	if (growth == NULL)
		return refuse_memory(failure);
	update->growth = growth;
	update->growth[update->growths++] = (struct zone_growth){zone, by};
	return 0;
}

int64_t batch_growth(const struct update *update, uint32_t zone)
{
	int64_t by = 0;

	for (size_t i = 0; i < update->growths; i++)
		if (update->growth[i].zone == zone)
			by += update->growth[i].by;
	return by;
}

/* ---- Order ---- */

/* The order of the keys of owners that are all prefix (store_codec.h). */
static int compare_prefixes(const struct prefix *a, const struct prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return (a->bits > b->bits) - (a->bits < b->bits);
}

int update_compare_owners(const struct owner *a, const struct owner *b)
{
	uint8_t a_key[STORE_OWNER_KEY_MAX_BYTES], b_key[STORE_OWNER_KEY_MAX_BYTES];
	size_t a_bytes, b_bytes;

	if (a->rest_bytes == 0 && b->rest_bytes == 0)
		return compare_prefixes(&a->prefix, &b->prefix);
	a_bytes = store_write_owner_key(a, a_key);
	b_bytes = store_write_owner_key(b, b_key);
	return memcmp(a_key, b_key, a_bytes < b_bytes ? a_bytes : b_bytes);
}
