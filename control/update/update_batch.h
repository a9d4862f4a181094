/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of struct update: what one batch has changed so far. Only update*.c sees it. The
 * store's open transaction holds the new contents; here is which owners and zones to publish.
 */
#ifndef ARPAD_CONTROL_UPDATE_BATCH_H
#define ARPAD_CONTROL_UPDATE_BATCH_H

#include "control/journal/journal.h"
#include "control/store/store_codec.h"
#include "control/update/owner_pool.h"
#include "control/update/owner_reader.h"
#include "control/update/owner_sets.h"
#include "control/update/update.h"
#include "control/update/update_measures.h"
#include "control/update/zone_counts.h"
#include "dataplane/records/host_pages.h"

/* What happened to a zone in the batch, in order. */
enum zone_event_kind {
	ZONE_CHANGED,	     /* its SOA is to get the event's serial */
	ZONE_SERIAL_DECIDED, /* its SOA has that serial already */
	ZONE_SET,	     /* it has other settings */
	ZONE_RESHAPED,	     /* its contents are as they were, but it speaks for more or fewer */
	ZONE_ADDED,
	ZONE_REMOVED,
};

/* A zone by apex and by its number in the store. */
struct zone_ref {
	struct owner apex;
	uint32_t id;
};

/* What is true of a zone from some point of the batch on. */
struct zone_state {
	uint32_t serial;
	struct zone_settings settings;
};

struct zone_event {
	struct zone_ref zone;
	enum zone_event_kind kind;
	struct zone_state state; /* of the first two kinds; of ZONE_SET the settings alone */
	uint32_t older;		 /* the number, from 1, of the next in its chain; 0: none */
};

/* By how many RRsets a zone grows, or shrinks. */
struct zone_growth {
	uint32_t zone;
	int64_t by;
};

/* What is to be published anew: an owner, or a run of hosts of one network, one after the other. */
struct dirty {
	struct owner owner; /* the run's first */
	unsigned hosts;	    /* 1, or how many */
	bool only_ptr;	    /* of what they have only the PTR RRset was written */
};

enum { UPDATE_PROGRESS_STEPS = 1 << 16 }; /* some 50 ms of work */

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
	uint32_t *bucket;	  /* the newest event of each chain (update_events.c), as `older` */
	size_t buckets;		  /* a power of 2, at least as many as events; or 0 */
	size_t moves;		  /* events of zones that come or go */
	struct zone_depths added; /* of their apexes, and maybe of some that were undone */
	struct zone_growth *growth; /* zones may repeat */
	size_t growths, growth_capacity;
	size_t part_growths;	   /* those of earlier parts */
	struct owner_pool names;   /* what the batch's owners borrow */
	struct owner_sets sets;	   /* scratch */
	struct host_pages pages;   /* of the batch that is being published */
	bool moving;		   /* the workers were told that cuts or wildcards come or go */
	const struct actor *actor; /* NULL: arpad itself */
	uint32_t ttl;	   /* of an object that comes without one, in a zone that has none */
	uint32_t now;	   /* when the batch began, in seconds since 1970 */
	uint64_t sequence; /* of the change under way, or the last one */
	uint64_t notes;	   /* counts all that is noted: as it was, nothing was changed */
	bool must_commit;  /* the store's transaction has what no note tells of */
	bool grouped;	   /* between update_group_begin and its end */
	bool group_failed;
	struct failure group_failure;	/* what failed first in it */
	struct update_scratch *scratch; /* where an object's next value is put together */
	struct journal journal;
	struct update_measures measures;
	void (*progress)(void *context, size_t steps); /* may be NULL */
	void *progress_context;
	size_t steps;	  /* of work that takes long, since the start */
	uint32_t serial;  /* that the zone touched last is going to have */
	uint32_t created; /* of an object that comes back; 0: it is made now */
};

struct update_scratch {
	uint8_t items[RRSET_RDATA_MAX_BYTES];
	uint8_t details[OBJECT_DETAILS_MAX_BYTES];
	uint8_t value[STORE_VALUE_MAX_BYTES];
};

/* One step of many. */
static inline void update_step(struct update *update)
{
	if (++update->steps % UPDATE_PROGRESS_STEPS == 0 && update->progress)
		update->progress(update->progress_context, update->steps);
}

/* The published zones; the control thread's own view, so it may change them. Never NULL. */
static inline struct zones *update_zones(const struct update *update)
{
	return (struct zones *)atomic_load_explicit(&update->serving->zones, memory_order_relaxed);
}

void batch_clear(struct update *update);

/*
 * Notes an owner to publish (a host may lengthen the run before it: to publish what did not change
 * is no harm), or that a zone comes, goes or is reshaped (one that repeats the apex's last is not
 * noted twice). Names are copied.
 */
int batch_add_dirty(struct update *update, const struct owner *owner, struct failure *failure);
int batch_add_event(struct update *update, const struct zone_ref *zone, enum zone_event_kind kind,
	struct failure *failure);

/* Notes an owner of which one RRset was written or deleted. */
int batch_add_written(
	struct update *update, const struct owner *owner, uint16_t type, struct failure *failure);

/*
 * Notes that a zone's contents change; its state is then `state` (NULL: nobody asks). The first one
 * of a batch decides the serial. A frozen zone is FAILURE_CONFLICT.
 */
int batch_touch(struct update *update, const struct zone_ref *zone, struct zone_state *state,
	struct failure *failure);

/* Notes that the SOA has this serial, or that the zone has these settings. */
int batch_decide_serial(struct update *update, const struct zone_ref *zone, uint32_t serial,
	struct failure *failure);
int batch_note_settings(struct update *update, const struct zone_ref *zone,
	const struct zone_settings *settings, struct failure *failure);

/* Notes that a zone holds so many RRsets more; what batch_put and its like write is noted. */
int batch_grow(struct update *update, uint32_t zone, int64_t by, struct failure *failure);

/*
 * At the end of the batch, when no part can be undone any more: sums up what was noted; and by how
 * many RRsets the zone then has grown.
 */
void batch_sum_growths(struct update *update);
int64_t batch_growth(const struct update *update, uint32_t zone);

/* The serial that the zone is going to have, as far as the batch knows. */
uint32_t batch_serial(const struct update *update, const struct zone_ref *zone);

/* Whether zones come or go, so that owners are another's. */
bool batch_moves_zones(const struct update *update);

/* Forgets the events behind the first `count`, or all. */
void batch_cut_events(struct update *update, size_t count);
void batch_clear_events(struct update *update);

/* Whether no event before this one is of its zone; whether any is of the zone, or decides it. */
bool batch_is_first(const struct update *update, const struct zone_event *event);
bool batch_touches(const struct update *update, const struct zone_ref *zone);
bool batch_decides_serial(const struct update *update, const struct zone_ref *zone);

/*
 * The zones as the batch leaves them: the one at `apex`; the longest at or above `name`; the
 * longest above it. False: there is none. `zone` borrows until the batch ends.
 */
bool batch_find_zone(const struct update *update, const struct owner *apex, struct zone_ref *zone);
bool batch_zone_of(const struct update *update, const struct owner *name, struct zone_ref *zone);
bool batch_zone_above(const struct update *update, const struct owner *name, struct zone_ref *zone);

/*
 * One change: everything noted and stored between open and close is kept or undone together, in a
 * group with the group.
 */
int batch_open_part(struct update *update, struct update_group *part, struct failure *failure);

/*
 * Keeps the part when `result` is 0, with the next sequence number if it changed anything, else
 * undoes it. Fills all of `changed` but the serial. Returns -1 when it was undone.
 */
int batch_close_part(struct update *update, const struct update_group *part, int result,
	struct update_result *changed, struct failure *failure);

/*
 * Writes one RRset with its stamp, which is filled in, and notes zone and owner. `old` is what is
 * there, NULL: nothing. Both may be lent by the store: nothing is written before they were read.
 */
int batch_put(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	struct stored *made, const struct stored *old, struct failure *failure);

/* The same with nothing noted but the owner, and in a frozen zone too. */
int batch_write(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	struct stored *made, const struct stored *old, struct failure *failure);

/*
 * Deletes one RRset, `old`, and notes zone and owner. `old` NULL: it is looked up, and may be
 * FAILURE_NOT_FOUND.
 */
int batch_delete(struct update *update, const struct zone_ref *zone, const struct owner *owner,
	uint16_t type, const struct stored *old, struct failure *failure);

/* Who makes the changes, as the journal has it. */
struct object_text batch_actor(const struct update *update);

/* Notes that a zone comes, goes or has other settings: its values before and after. */
int batch_note_zone(struct update *update, enum journal_kind kind, const struct zone_ref *zone,
	const struct zone_settings *before, const struct zone_settings *after,
	struct failure *failure);

/* The stamp of what is written now in place of `old`, which may be NULL. */
struct stamp batch_stamp(const struct update *update, const struct stored *old);

/* Adds the zone itself, without records: those are the caller's, in the same part. */
int batch_add_zone(struct update *update, const struct owner *apex, struct zone_ref *zone,
	struct failure *failure);

/*
 * The RRsets to publish at `owner`: its zone's, and at an apex the DS that the zone above holds
 * for it (RFC 4035 2.4), into update->sets. `zone` is the owner's.
 */
int update_read_owner(struct update *update, struct owner_reader *reader,
	const struct zone_ref *zone, const struct owner *owner, struct failure *failure);

/*
 * The zone's SOA as the batch's store has it, lent by it. A zone without one is
 * FAILURE_STORE_ERROR.
 */
int update_find_soa(struct update *update, const struct zone_ref *zone, struct stored *soa,
	struct failure *failure);

/* A zone as workers need it, from its stored SOA. NULL: the failure. */
struct zone *update_make_zone(struct update *update, const struct zone_ref *zone,
	const struct zone_special *special, struct failure *failure);

/* Makes the batch durable and visible; on failure nothing happened and the store is aborted. */
int update_publish(struct update *update, struct failure *failure);

#endif
