/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The notes of a batch. They only ever grow at their end, so undoing one change is cutting them
 * back to where it began.
 */
#include "control/update_batch.h"

#include <stdlib.h>

static int refuse_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_FULL, "no memory to note the change");
}

/* Room for one more of `size` bytes in the array at `array`. */
static int grow(void **array, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
	void *larger;

	if (count < *capacity)
		return 0;
	larger = reallocarray(*array, wanted, size);
	if (larger == NULL)
		return -1;
	*array = larger;
	*capacity = wanted;
	return 0;
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
}

int batch_add_dirty(struct update *update, const struct prefix *owner, struct failure *failure)
{
	void *dirty = update->dirty;

	/* An import writes an owner's RRsets one after the other. */
	if (update->dirty_count > 0 && prefix_equal(&update->dirty[update->dirty_count - 1], owner))
		return 0;
	if (grow(&dirty, update->dirty_count, &update->dirty_capacity, sizeof(*owner)) != 0)
		return refuse_memory(failure);
	update->dirty = dirty;
	update->dirty[update->dirty_count++] = *owner;
	return 0;
}

bool batch_has_event(
	const struct update *update, const struct prefix *apex, enum zone_event_kind kind)
{
	for (size_t i = 0; i < update->events; i++)
		if (update->event[i].kind == kind && prefix_equal(&update->event[i].apex, apex))
			return true;
	return false;
}

int batch_add_event(struct update *update, const struct prefix *apex, enum zone_event_kind kind,
	struct failure *failure)
{
	bool counts = kind == ZONE_ADDED || kind == ZONE_REMOVED;
	void *event = update->event;

	if (!counts && batch_has_event(update, apex, kind))
		return 0;
	if (grow(&event, update->events, &update->event_capacity, sizeof(*update->event)) != 0)
		return refuse_memory(failure);
	update->event = event;
	update->event[update->events++] = (struct zone_event){*apex, kind};
	return 0;
}

bool batch_has_zone(const struct update *update, const struct prefix *apex)
{
	const struct zone *zone;

	for (size_t i = update->events; i-- > 0;) {
		const struct zone_event *event = &update->event[i];

		if ((event->kind == ZONE_ADDED || event->kind == ZONE_REMOVED) &&
			prefix_equal(&event->apex, apex))
			return event->kind == ZONE_ADDED;
	}
	zone = update_find_zone(update, apex);
	return zone != NULL && prefix_equal(&zone->prefix, apex);
}

/* The longest published zone at or above `name` that the batch has not removed. */
static const struct zone *published_zone_of(const struct update *update, const struct prefix *name)
{
	const struct zone *zone = update_find_zone(update, name);

	while (zone != NULL && update->events > 0 && !batch_has_zone(update, &zone->prefix)) {
		struct prefix parent;

		if (zone->prefix.bits == 0)
			return NULL;
		parent = prefix_parent(&zone->prefix);
		zone = update_find_zone(update, &parent);
	}
	return zone;
}

bool batch_zone_of(const struct update *update, const struct prefix *name, struct prefix *apex)
{
	const struct zone *zone = published_zone_of(update, name);
	bool found = zone != NULL;

	if (found)
		*apex = zone->prefix;
	for (size_t i = 0; i < update->events; i++) {
		const struct zone_event *event = &update->event[i];

		if (event->kind != ZONE_ADDED || !prefix_contains(&event->apex, name) ||
			(found && event->apex.bits <= apex->bits) ||
			!batch_has_zone(update, &event->apex))
			continue;
		*apex = event->apex;
		found = true;
	}
	return found;
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

int batch_put(struct update *update, const struct prefix *owner, const struct rrset *rrset,
	struct failure *failure)
{
	if (store_put_rrset(update->store, owner, rrset, failure) != 0)
		return -1;
	return batch_add_dirty(update, owner, failure);
}

int batch_delete(
	struct update *update, const struct prefix *owner, uint16_t type, struct failure *failure)
{
	if (store_delete_rrset(update->store, owner, type, failure) != 0)
		return -1;
	return batch_add_dirty(update, owner, failure);
}

static unsigned label_bits(const struct prefix *name)
{
	return name->family == ARPA_FAMILY_IPV4 ? 8 : 4;
}

/* How many leading bits two prefixes of one family share. */
static unsigned shared_bits(const struct prefix *a, const struct prefix *b)
{
	unsigned shared = a->bits < b->bits ? a->bits : b->bits, same;

	if (a->high != b->high)
		same = __builtin_clzll(a->high ^ b->high);
	else if (a->low != b->low)
		same = 64 + __builtin_clzll(a->low ^ b->low);
	else
		same = 128;
	return same < shared ? same : shared;
}

size_t update_new_ancestors(const struct prefix *previous, const struct prefix *owner)
{
	unsigned levels = owner->bits / label_bits(owner), known;

	if (previous == NULL || previous->family != owner->family)
		return levels;
	known = shared_bits(previous, owner) / label_bits(owner);
	return levels > known ? levels - known - 1 : 0;
}

int update_compare_owners(const void *left, const void *right)
{
	const struct prefix *a = left, *b = right;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return (a->bits > b->bits) - (a->bits < b->bits);
}
