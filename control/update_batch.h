/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of struct update: what one batch has changed so far. Only update*.c sees it. The
 * store's open transaction holds the new contents; here is which owners and zones to publish.
 */
#ifndef ARPAD_CONTROL_UPDATE_BATCH_H
#define ARPAD_CONTROL_UPDATE_BATCH_H

#include "control/owner_pool.h"
#include "control/owner_reader.h"
#include "control/owner_sets.h"
#include "control/update.h"
#include "control/zone_counts.h"
#include "dataplane/records/host_pages.h"

/* What happened to a zone in the batch, in order. */
enum zone_event_kind {
	ZONE_CHANGED,	     /* its serial is due */
	ZONE_SERIAL_DECIDED, /* its serial is new already */
	ZONE_RESHAPED,	     /* its contents are as they were, but it speaks for more or fewer */
	ZONE_ADDED,
	ZONE_REMOVED,
};

/* A zone by apex and by its number in the store. */
struct zone_ref {
	struct owner apex;
	uint32_t id;
};

struct zone_event {
	struct zone_ref zone;
	enum zone_event_kind kind;
};

/* What is to be published anew: an owner, or a run of hosts of one network, one after the other. */
struct dirty {
	struct owner owner; /* the run's first */
	unsigned hosts;	    /* 1, or how many */
};

struct update {
	struct store *store;
	struct table *table;
	struct serving *serving;
	struct reclaim *reclaim;
	struct zone_counts counts;
	struct dirty *dirty; /* not sorted, may repeat */
	size_t dirty_count, dirty_capacity;
	struct zone_event *event;
	size_t events, event_capacity;
	struct owner_pool names; /* what the batch's owners borrow */
	struct owner_sets sets;	 /* scratch */
	struct host_pages pages; /* of the batch that is being published */
	bool moving;		 /* the workers were told that cuts or wildcards come or go */
};

/* The published zones; the control thread's own view, so it may change them. Never NULL. */
static inline struct zones *update_zones(const struct update *update)
{
	return (struct zones *)atomic_load_explicit(&update->serving->zones, memory_order_relaxed);
}

void batch_clear(struct update *update);

/*
 * Notes an owner to publish (a host may lengthen the run before it: to publish what did not change
 * is no harm), or an event (one that repeats the apex's last is not noted twice).
 * Names are copied.
 */
int batch_add_dirty(struct update *update, const struct owner *owner, struct failure *failure);
int batch_add_event(struct update *update, const struct zone_ref *zone, enum zone_event_kind kind,
	struct failure *failure);

bool batch_has_event(
	const struct update *update, const struct owner *apex, enum zone_event_kind kind);

/*
 * The zones as the batch leaves them: the one at `apex`; the longest at or above `name`; the
 * longest above it. False: there is none. `zone` borrows until the batch ends.
 */
bool batch_find_zone(const struct update *update, const struct owner *apex, struct zone_ref *zone);
bool batch_zone_of(const struct update *update, const struct owner *name, struct zone_ref *zone);
bool batch_zone_above(const struct update *update, const struct owner *name, struct zone_ref *zone);

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
int batch_put(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	const struct rrset *rrset, struct failure *failure);
int batch_delete(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	uint16_t type, struct failure *failure);

/* Adds the zone itself, without records: those are the caller's, in the same part. */
int batch_add_zone(struct update *update, const struct owner *apex, struct zone_ref *zone,
	struct failure *failure);

/*
 * The RRsets to publish at `owner`: its zone's, and at an apex the DS that the zone above holds
 * for it (RFC 4035 2.4), into update->sets. `zone` is the owner's.
 */
int update_read_owner(struct update *update, struct owner_reader *reader,
	const struct zone_ref *zone, const struct owner *owner, struct failure *failure);

/* The zone's SOA as the batch's store has it. A zone without one is FAILURE_STORE_ERROR. */
int update_read_soa(struct update *update, const struct zone_ref *zone, struct rrset_buffer *soa,
	struct failure *failure);

/* A zone as workers need it, from its stored SOA. NULL: the failure. */
struct zone *update_make_zone(struct update *update, const struct zone_ref *zone,
	const struct zone_special *special, struct failure *failure);

/* Makes the batch durable and visible; on failure nothing happened and the store is aborted. */
int update_publish(struct update *update, struct failure *failure);

#endif
