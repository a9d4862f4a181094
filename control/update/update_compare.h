/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What staged records would change: staging and store are walked side by side, zone by zone, in the
 * store's order, so that only what differs is told, however much there is. Nothing is written.
 */
#ifndef ARPAD_CONTROL_UPDATE_COMPARE_H
#define ARPAD_CONTROL_UPDATE_COMPARE_H

#include "control/import/staging.h"
#include "control/store/store_walk.h"
#include "control/update/update_batch.h"
#include "control/update/update_import.h"

/* A zone that the staging has a part in. */
struct compare_zone {
	uint32_t staged; /* its number in the staging */
	bool is_new;	 /* not in the store yet; `zone.id` counts only where it is not */
	struct zone_ref zone;
	uint32_t ttl; /* of objects that say none */
};

enum difference_kind {
	DIFFERENCE_NONE,   /* the same in both */
	DIFFERENCE_PASSED, /* in the store, and none of the import's business */
	DIFFERENCE_ADDED,
	DIFFERENCE_CHANGED,
	DIFFERENCE_REMOVED,
	DIFFERENCE_ZONE_END, /* no RRset: all of the zone was told */
};

/* One RRset; borrowed until the next compare_next or compare_pause. */
struct difference {
	enum difference_kind kind;
	const struct compare_zone *zone;
	const uint8_t *key; /* in its zone, of owner and type */
	size_t key_bytes;
	size_t position; /* in the staging, unless it is removed */
	struct stored old, made;
	bool has_times; /* the stamp of `made` is to be kept; else it means nothing */
};

static inline bool difference_counts(const struct difference *difference)
{
	return difference->kind == DIFFERENCE_ADDED || difference->kind == DIFFERENCE_CHANGED ||
		difference->kind == DIFFERENCE_REMOVED;
}

/* The members are update_compare.c's but for those of the zone that ended. */
struct compare {
	struct update *update;
	const struct import_plan *plan;
	struct compare_zone *zones; /* by `staged` */
	size_t zone_count, zone;
	bool in_zone;
	struct staged staged; /* the next one; valid while `more` is 1 */
	int more;
	size_t position;	    /* of `staged` */
	struct store_walk *walk;    /* NULL: the store may be written */
	struct store_entry old;	    /* valid while `has_old` */
	bool has_old, ended;	    /* ended: the store has no more that is asked for */
	bool next_old, next_staged; /* what was told last, and is to be left behind */
	uint8_t passed[STORE_RRSET_KEY_MAX_BYTES]; /* the last key of the store that was told */
	size_t passed_bytes;
	/* The staged owner before, and whether that is an alias. */
	uint8_t last_key[STORE_OWNER_KEY_MAX_BYTES];
	size_t last_key_bytes;
	bool last_is_alias;
	uint8_t details[OBJECT_DETAILS_MAX_BYTES];
	/* Of the zone, at its end: SOAs are told here alone. Their count 0: there is none. */
	struct rrset_buffer soa, old_soa;
	struct stamp soa_stamp; /* of `soa`, if its times are said */
	bool has_ns;
	size_t differences; /* so far */
};

/*
 * Before the first difference. The plan's staging is sorted. The zones are those that the plan is
 * for, as the batch leaves them. 0 and then compare_close; or -1.
 */
int compare_open(struct compare *compare, struct update *update, const struct import_plan *plan,
	struct failure *failure);
void compare_close(struct compare *compare);

/* 1; 0: that was all; -1: the failure, and then only compare_close. */
int compare_next(struct compare *compare, struct difference *difference, struct failure *failure);

/* Lets go of the store, so that it may be written; compare_next then goes on behind what it told.
 */
void compare_pause(struct compare *compare);

/*
 * After compare_pause, and at any time after: finds the zones again, of which some may have come or
 * gone since. FAILURE_CONFLICT: the one that was being told is gone.
 */
int compare_resume(struct compare *compare, struct failure *failure);

/*
 * What the staged RRset at `position`, which is read into `staged`, makes of `difference->old`
 * (without `has_old`: of nothing). Only while paused, and until compare_next.
 */
int compare_make(struct compare *compare, struct staged *staged, size_t position, bool has_old,
	struct difference *difference, struct failure *failure);

/* ---- Of update_compare*.c alone ---- */

static inline int compare_refuse_damage(struct failure *failure)
{
	return failure_set(failure, FAILURE_STORE_ERROR,
		"the store is damaged: a key or a value is unreadable; restore it from a backup");
}

/* Fills compare->zones, which is NULL. */
int compare_list_zones(struct compare *compare, struct failure *failure);

/* Fills `difference` with what `staged` makes of its `old`, if it has one. */
int compare_staged(struct compare *compare, const struct staged *staged, bool has_old,
	struct difference *difference, struct failure *failure);

#endif
