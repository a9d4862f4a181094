/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of struct update: what one batch has changed so far. Only update*.c sees it. The
 * store's open transaction holds the new contents; here is which owners and zones to publish.
 */
#ifndef ARPAD_CONTROL_UPDATE_BATCH_H
#define ARPAD_CONTROL_UPDATE_BATCH_H

#include "control/owner_sets.h"
#include "control/update.h"

/* What happened to a zone in the batch, in order. */
enum zone_event_kind {
	ZONE_CHANGED,	     /* its serial is due */
	ZONE_SERIAL_DECIDED, /* its serial is new already */
	ZONE_ADDED,
	ZONE_REMOVED,
};

struct zone_event {
	struct prefix apex;
	enum zone_event_kind kind;
};

struct update {
	struct store *store;
	struct table *table;
	struct serving *serving;
	struct reclaim *reclaim;
	struct prefix *dirty; /* owners whose records changed; not sorted, may repeat */
	size_t dirty_count, dirty_capacity;
	struct zone_event *event;
	size_t events, event_capacity;
	struct owner_sets sets; /* scratch */
};

/* The published zones; the control thread's own view, so it may change them. Never NULL. */
static inline struct zones *update_zones(const struct update *update)
{
	return (struct zones *)atomic_load_explicit(&update->serving->zones, memory_order_relaxed);
}

/* The published zone at or above `name`, or NULL. */
static inline const struct zone *update_find_zone(
	const struct update *update, const struct prefix *name)
{
	const struct owner key = owner_from_prefix(name);

	return zones_find(update_zones(update), &key);
}

void batch_clear(struct update *update);

/* Notes an owner to publish, or an event (one that repeats the apex's last is not noted twice). */
int batch_add_dirty(struct update *update, const struct prefix *owner, struct failure *failure);
int batch_add_event(struct update *update, const struct prefix *apex, enum zone_event_kind kind,
	struct failure *failure);

bool batch_has_event(
	const struct update *update, const struct prefix *apex, enum zone_event_kind kind);

/* The zones as the batch leaves them: is `apex` one; the longest at or above `name`. */
bool batch_has_zone(const struct update *update, const struct prefix *apex);
bool batch_zone_of(const struct update *update, const struct prefix *name, struct prefix *apex);

/* One change: everything noted and stored between open and close is kept or undone together. */
struct batch_part {
	size_t dirty_count, events;
};
int batch_open_part(struct update *update, struct batch_part *part, struct failure *failure);

/*
 * Keeps the part when `result` is 0, with the next sequence number, else undoes it. Returns -1
 * when it was undone.
 */
int batch_close_part(struct update *update, const struct batch_part *part, int result,
	uint64_t *sequence, struct failure *failure);

/* Writes one RRset or deletes it, and notes the owner. */
int batch_put(struct update *update, const struct prefix *owner, const struct rrset *rrset,
	struct failure *failure);
int batch_delete(
	struct update *update, const struct prefix *owner, uint16_t type, struct failure *failure);

/* Adds the zone itself, without records: those are the caller's, in the same part. */
int batch_add_zone(struct update *update, const struct prefix *apex, struct failure *failure);

/*
 * An upper bound of the empty non-terminals that `owner` needs beyond those of `previous`, the new
 * owner before it in address order (NULL: none).
 */
size_t update_new_ancestors(const struct prefix *previous, const struct prefix *owner);

/* -1, 0 or 1 in the order of the store: family, address, a parent first. */
int update_compare_owners(const void *a, const void *b);

/* The zone's SOA as the batch's store has it. A zone without one is FAILURE_STORE_ERROR. */
int update_read_soa(struct update *update, const struct prefix *apex, struct rrset_buffer *soa,
	struct failure *failure);

/* Makes the batch durable and visible; on failure nothing happened and the store is aborted. */
int update_publish(struct update *update, struct failure *failure);

#endif
