/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happens to zones in a batch. Events are found by their apex, in chains from the newest to
 * the oldest, so that a batch of many zones does not ask each of them for each record; undoing cuts
 * the newest off.
 */
#include "control/array.h"
#include "control/presentation.h"
#include "control/update/update_batch.h"
#include "dataplane/dns/name.h"

#include <stdlib.h>

static int refuse_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_FULL, "no memory to note the change");
}

/* ---- Chains ---- */

static bool is_move(const struct zone_event *event)
{
	return event->kind == ZONE_ADDED || event->kind == ZONE_REMOVED;
}

static size_t hash(const struct owner *apex)
{
	const struct prefix *prefix = &apex->prefix;
	uint64_t hash = prefix->high ^ prefix->low * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ (uint64_t)prefix->family << 8 ^ prefix->bits) * UINT64_C(0xff51afd7ed558ccd);
	for (unsigned i = 0; i < apex->rest_bytes; i++)
		hash = (hash ^ name_lower(apex->rest[i])) * UINT64_C(0x100000001b3);
	return (size_t)(hash >> 32);
}

/* Where the chain of the apex begins; it has events of other apexes too. There are buckets. */
static uint32_t *bucket_of(const struct update *update, const struct owner *apex)
{
	return &update->bucket[hash(apex) & (update->buckets - 1)];
}

static const struct zone_event *at(const struct update *update, uint32_t number)
{
	return number > 0 ? &update->event[number - 1] : NULL;
}

/* The newest event of the apex's chain, and the next older one; NULL: there is none. */
static const struct zone_event *newest(const struct update *update, const struct owner *apex)
{
	return update->events > 0 ? at(update, *bucket_of(update, apex)) : NULL;
}

static const struct zone_event *older(const struct update *update, const struct zone_event *event)
{
	return at(update, event->older);
}

static void chain(struct update *update, size_t index)
{
	struct zone_event *event = &update->event[index];
	uint32_t *bucket = bucket_of(update, &event->zone.apex);

	event->older = *bucket;
	*bucket = (uint32_t)index + 1;
}

static int more_buckets(struct update *update)
{
	enum { FIRST = 64 };
	size_t buckets = update->buckets > 0 ? update->buckets * 2 : FIRST;
	uint32_t *bucket = calloc(buckets, sizeof(*bucket));

	if (bucket == NULL)
		return -1;
	free(update->bucket);
	update->bucket = bucket;
	update->buckets = buckets;
	for (size_t i = 0; i < update->events; i++)
		chain(update, i);
	return 0;
}

/* ---- Events ---- */

bool batch_moves_zones(const struct update *update)
{
	return update->moves > 0;
}

static bool has_event(
	const struct update *update, const struct owner *apex, enum zone_event_kind kind)
{
	const struct zone_event *event = newest(update, apex);

	while (event != NULL && (event->kind != kind || !owner_equal(&event->zone.apex, apex)))
		event = older(update, event);
	return event != NULL;
}

bool batch_is_first(const struct update *update, const struct zone_event *event)
{
	const struct zone_event *before = older(update, event);

	while (before != NULL && before->zone.id != event->zone.id)
		before = older(update, before);
	return before == NULL;
}

bool batch_touches(const struct update *update, const struct zone_ref *zone)
{
	const struct zone_event *event = newest(update, &zone->apex);

	while (event != NULL && event->zone.id != zone->id)
		event = older(update, event);
	return event != NULL;
}

bool batch_decides_serial(const struct update *update, const struct zone_ref *zone)
{
	const struct zone_event *event = newest(update, &zone->apex);

	while (event != NULL && (event->zone.id != zone->id || event->kind != ZONE_SERIAL_DECIDED))
		event = older(update, event);
	return event != NULL;
}

/* Appends an event without a state; NULL: no memory. */
static struct zone_event *append_event(struct update *update, const struct zone_ref *zone,
	enum zone_event_kind kind, struct failure *failure)
{
	struct zone_event *event, *made;

	update->notes++;
	event = array_grow(update->event, update->events, &update->event_capacity, sizeof(*event));
	if (event != NULL)
		update->event = event;
	if (event == NULL || (update->events == update->buckets && more_buckets(update) != 0)) {
		refuse_memory(failure);
		return NULL;
	}
	made = &update->event[update->events];
	*made = (struct zone_event){.zone = {.id = zone->id}, .kind = kind};
	if (owner_pool_copy(&update->names, &zone->apex, &made->zone.apex) != 0) {
		refuse_memory(failure);
		return NULL;
	}
	chain(update, update->events++);
	if (is_move(made)) {
		update->moves++;
		zone_depths_add(&update->added, owner_depth(&made->zone.apex));
	}
	return made;
}

void batch_cut_events(struct update *update, size_t count)
{
	while (update->events > count) {
		const struct zone_event *event = &update->event[--update->events];

		*bucket_of(update, &event->zone.apex) = event->older;
		update->moves -= is_move(event);
	}
}

void batch_clear_events(struct update *update)
{
	enum { KEEP = 1 << 12 };

	batch_cut_events(update, 0);
	update->added = (struct zone_depths){.bit = {0}};
	if (update->buckets <= KEEP)
		return;
	free(update->bucket);
	update->bucket = NULL;
	update->buckets = 0;
}

int batch_add_event(struct update *update, const struct zone_ref *zone, enum zone_event_kind kind,
	struct failure *failure)
{
	if (kind == ZONE_RESHAPED && has_event(update, &zone->apex, kind))
		return 0;
	return append_event(update, zone, kind, failure) != NULL ? 0 : -1;
}

/* ---- The state of a zone ---- */

/* The last event of the zone that decides its serial, or that tells its settings; or NULL. */
static const struct zone_event *state_event(
	const struct update *update, const struct zone_ref *zone, bool settings)
{
	const struct zone_event *event = newest(update, &zone->apex);

	while (event != NULL &&
		(event->zone.id != zone->id ||
			(event->kind != ZONE_CHANGED && event->kind != ZONE_SERIAL_DECIDED &&
				(!settings || event->kind != ZONE_SET))))
		event = older(update, event);
	return event;
}

/* The settings as the batch leaves them. */
static int read_settings(struct update *update, const struct zone_ref *zone,
	struct zone_settings *settings, struct failure *failure)
{
	const struct zone_event *event = state_event(update, zone, true);
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
	const struct zone_event *event = state_event(update, zone, false);
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
	if (state_event(update, zone, false) == NULL) {
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
	const struct zone_event *event = update->moves > 0 ? newest(update, apex) : NULL;

	while (event != NULL && (!is_move(event) || !owner_equal(&event->zone.apex, apex)))
		event = older(update, event);
	return event;
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
		if (last_event(update, &apex) == NULL)
			return true;
		published = zones_find_above(update_zones(update), &apex);
	}
	return false;
}

bool batch_zone_of(const struct update *update, const struct owner *name, struct zone_ref *zone)
{
	bool found = published_zone_of(update, name, zone);
	int least = found ? (int)owner_depth(&zone->apex) : -1, depth;

	if (update->moves == 0)
		return found;
	/* Above the tops of the reverse trees no name has an ancestor that is a zone. */
	if (least < 1 && name->prefix.family != OWNER_NO_FAMILY)
		least = 1;
	depth = zone_depths_previous(&update->added, (int)owner_depth(name));
	for (; depth > least; depth = zone_depths_previous(&update->added, depth - 1)) {
		const struct owner apex = owner_ancestor(name, (unsigned)depth);
		const struct zone_event *event = last_event(update, &apex);

		if (event != NULL && event->kind == ZONE_ADDED) {
			*zone = event->zone;
			return true;
		}
	}
	return found;
}

bool batch_zone_above(const struct update *update, const struct owner *name, struct zone_ref *zone)
{
	struct owner parent;

	return owner_parent(name, &parent) && batch_zone_of(update, &parent, zone);
}
