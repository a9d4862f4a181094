/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The only writer of records and zones. Changes are made in batches: each is checked and staged in
 * the store's transaction, then all are committed with one fsync, then published to the workers,
 * then acknowledged by the caller. A change that fails leaves no trace and does not hurt the
 * others.
 */
#ifndef ARPAD_CONTROL_UPDATE_H
#define ARPAD_CONTROL_UPDATE_H

#include "control/actor.h"
#include "control/failure.h"
#include "control/object.h"
#include "control/reclaim.h"
#include "control/store/store.h"
#include "dataplane/dns/wire.h"
#include "dataplane/serving.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UPDATE_PTR_NAMES_MAX = 10, UPDATE_NS_MAX = 13 };

/* What a new zone gets when the request does not say. Owned by the configuration. */
struct zone_defaults {
	const char *mname, *rname; /* SOA names, as text */
	const char *const *ns;
	size_t ns_count;
	uint32_t refresh, retry, expire, minimum; /* seconds */
	uint32_t ttl;				  /* of SOA, NS, and of a PTR set without --ttl */
};

struct update;

/*
 * `table` and `serving` are those the workers read; `store` is open. They outlive the update.
 * NULL: no memory. Control thread, as is every function here.
 */
struct update *update_new(
	struct store *store, struct table *table, struct serving *serving, struct reclaim *reclaim);

/* Frees it and the published zones. No reader may be left. Takes NULL. */
void update_free(struct update *update);

/*
 * Reads the whole store into the table and the zones. Before the workers start. On failure the
 * table holds a part of it: good for nothing but table_free.
 */
int update_load(struct update *update, struct failure *failure);

/*
 * Has `progress` called now and then by what takes long: the load (in its thread, with the records
 * read so far) and imports. It must not touch what is updated.
 */
void update_set_progress(
	struct update *update, void (*progress)(void *context, size_t steps), void *context);

/* The TTL of a PTR object where neither request nor zone says one; 3600 until then. */
void update_set_ttl(struct update *update, uint32_t ttl);

/*
 * Who makes the changes and asks, until the next call; borrowed. NULL, as at first: arpad itself,
 * who may all. A tenant is held to its prefixes, its objects and its quota (FAILURE_DENIED,
 * FAILURE_QUOTA); of other roles nothing is asked here.
 */
void update_set_actor(struct update *update, const struct actor *actor);

/* How much the journal keeps, from the next batch on. */
struct journal_limits;
void update_set_journal(struct update *update, const struct journal_limits *limits);

/*
 * A batch. Between begin and commit, any number of the changes below. FAILURE_BUSY: too much waits
 * for a worker that stands still; try again later.
 */
int update_begin(struct update *update, struct failure *failure);

/*
 * Durable, then visible. -1: none of the batch's changes happened. Each zone that changed gets a
 * new SOA serial, once a batch. A batch that changed nothing writes nothing, unless
 * update_note_write says that something else was put into the store's transaction.
 */
int update_commit(struct update *update, struct failure *failure);
void update_note_write(struct update *update);

/* In place of the commit: the batch did not happen. */
void update_abort(struct update *update);

/* What a change did: its number, and the serial that its zone has with it. */
struct update_result {
	uint64_t sequence; /* of the last change, where this one changed nothing */
	uint32_t serial;   /* 0: of no single zone */
	bool changed;
};

/*
 * Changes that are kept or undone together, under one number. Between begin and end those below;
 * one that fails makes the end fail too, with what it said first. Not nested, not over batches.
 */
struct update_group {
	size_t dirty_count, events, growths;
	uint64_t notes;
};
int update_group_begin(struct update *update, struct update_group *group, struct failure *failure);
int update_group_end(struct update *update, const struct update_group *group,
	struct update_result *result, struct failure *failure);

/* Undoes it, in place of the end. */
void update_group_abort(struct update *update, const struct update_group *group);

/* One name in wire form. */
struct wire_name {
	uint16_t bytes;
	uint8_t wire[WIRE_NAME_MAX_BYTES];
};

enum ptr_how {
	PTR_SET,   /* these names, in place of those it has; none given: those it has */
	PTR_ADD,   /* these too, behind those it has */
	PTR_REMOVE /* without these; without all of its names the object goes */
};

/* Which of the details a change brings. */
enum { PTR_DESCRIPTION = 1, PTR_TAGS = 2, PTR_TENANT = 4 };

struct ptr_change {
	enum ptr_how how;
	const struct wire_name *names;
	size_t count;
	int64_t ttl; /* -1: as it is; of a new object the zone's default */
	const struct details *details;
	unsigned details_given; /* PTR_DESCRIPTION and its like, or'ed; the others stay */
	int64_t if_sequence;	/* -1: whatever is there; 0: nothing may be; else the object's */
};

/*
 * Changes the PTR object of a host, or makes it. The address must be inside a zone of ours, which
 * is not frozen. An object has 1 to 10 names, all different but for case, which is kept. To make it
 * what it is already is no change and succeeds. An object that is not there, or has none of the
 * names to be removed, is FAILURE_NOT_FOUND; one that is not what `if_sequence` says is
 * FAILURE_CONFLICT.
 */
int update_change_ptr(struct update *update, const struct prefix *address,
	const struct ptr_change *change, struct update_result *result, struct failure *failure);

/* Removes it. FAILURE_NOT_FOUND when there is none. */
int update_unset_ptr(struct update *update, const struct prefix *address, int64_t if_sequence,
	struct update_result *result, struct failure *failure);

/*
 * Removes every PTR object at and below the prefix, of whatever zone, as one change; of a tenant
 * only its own. `*count` is how many. FAILURE_TOO_LARGE: there are more than `limit`;
 * FAILURE_NOT_FOUND: there are none.
 */
int update_unset_prefix(struct update *update, const struct prefix *prefix, size_t limit,
	size_t *count, struct update_result *result, struct failure *failure);

/* How many objects that would remove. */
int update_count_prefix(
	struct update *update, const struct prefix *prefix, size_t *count, struct failure *failure);

/* A copy of a PTR object. `details` borrow `kept`; `names` is freed with rrset_buffer_free. */
struct ptr_object {
	struct rrset_buffer names;
	struct stamp stamp;
	struct details details;
	uint8_t kept[OBJECT_DETAILS_MAX_BYTES];
};

/*
 * Reads the PTR object of a host; `object` is zeroed at first. FAILURE_NOT_FOUND when there is
 * none, or no zone holds the address.
 */
int update_get_ptr(struct update *update, const struct prefix *address, struct ptr_object *object,
	struct failure *failure);

/*
 * Undoes the changes `first` to `last`, as the journal has them, as a new change: each RRset and
 * zone that nobody changed since becomes what it was. `*reverted` and `*skipped` count them;
 * skipped are those that somebody changed, and those of frozen zones.
 */
int update_revert(struct update *update, uint64_t first, uint64_t last,
	struct update_result *result, size_t *reverted, size_t *skipped, struct failure *failure);

/*
 * Calls `visit` for every RRset that is served at or below `within` (NULL: everywhere) and after
 * `after` (NULL: from the start), whatever their zones, in the order of store_each_rrset, without
 * what a nested zone hides. Returns as that.
 */
int update_each_rrset(struct update *update, const struct owner *within, const struct owner *after,
	store_visit_rrset *visit, void *context, struct failure *failure);

/*
 * The same for all that one zone holds, what a nested zone hides included. FAILURE_NOT_FOUND: there
 * is no such zone.
 */
int update_each_of_zone(struct update *update, const struct owner *apex, const struct owner *after,
	store_visit_rrset *visit, void *context, struct failure *failure);

/* Reads one RRset at the apex of a zone. FAILURE_NOT_FOUND: no such zone, or no such RRset. */
int update_get_apex(struct update *update, const struct owner *apex, uint16_t type,
	struct rrset_buffer *rrset, struct failure *failure);

/*
 * Adds a zone with SOA (serial 1) and NS, or removes one with every RRset that belongs to it: those
 * of which it is the longest zone. What is stored below a new apex belongs to the new zone.
 */
int update_add_zone(struct update *update, const struct owner *apex,
	const struct zone_defaults *settings, uint64_t *sequence, struct failure *failure);
int update_remove_zone(struct update *update, const struct owner *apex, uint64_t *sequence,
	size_t *removed, struct failure *failure);

/*
 * How many RRsets the zone holds as of the last commit, those that a nested zone hides too.
 * FAILURE_NOT_FOUND: no such zone was committed.
 */
int update_get_zone_records(struct update *update, const struct owner *apex, uint64_t *records,
	struct failure *failure);

/* What is kept of a zone beside its records. FAILURE_NOT_FOUND: there is no such zone. */
int update_get_zone_settings(struct update *update, const struct owner *apex,
	struct zone_settings *settings, struct failure *failure);
/* When its SOA was written last, which every change of its contents does. Likewise. */
int update_get_zone_stamp(struct update *update, const struct owner *apex, struct stamp *stamp,
	struct failure *failure);
int update_set_zone_settings(struct update *update, const struct owner *apex,
	const struct zone_settings *settings, struct update_result *result,
	struct failure *failure);

/* The zone that `name` belongs to, or NULL. Borrowed until the next commit. */
const struct zone *update_zone_of(const struct update *update, const struct owner *name);

/* The same as the open batch leaves it: its apex, borrowed until the batch ends; or false. */
bool update_find_zone(const struct update *update, const struct owner *name, struct owner *apex);

/* Below, at or above 0 in the order of owner keys, which all walks have. */
int update_compare_owners(const struct owner *a, const struct owner *b);

/* For any thread to read; borrowed until update_free. */
struct update_measures;
const struct update_measures *update_measures(const struct update *update);

/* What the journal takes, as of the last commit. */
uint64_t update_journal_bytes(const struct update *update);

/* Whether there are retirements to poll for; call update_poll soon while true. */
bool update_poll(struct update *update);

#endif
