/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The only writer of records and zones. Changes are made in batches: each is checked and staged in
 * the store's transaction, then all are committed with one fsync, then published to the workers,
 * then acknowledged by the caller. A change that fails leaves no trace and does not hurt the
 * others.
 */
#ifndef ARPAD_CONTROL_UPDATE_H
#define ARPAD_CONTROL_UPDATE_H

#include "control/failure.h"
#include "control/reclaim.h"
#include "control/store.h"
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
 * A batch. Between begin and commit, any number of the changes below. FAILURE_BUSY: too much waits
 * for a worker that stands still; try again later.
 */
int update_begin(struct update *update, struct failure *failure);

/*
 * Durable, then visible. -1: none of the batch's changes happened. Each zone that changed gets a
 * new SOA serial, once a batch.
 */
int update_commit(struct update *update, struct failure *failure);

/* One name in wire form. */
struct wire_name {
	uint16_t bytes;
	uint8_t wire[WIRE_NAME_MAX_BYTES];
};

/*
 * Sets the PTR RRset of a host to 1..10 names, all different. The address must be inside a zone of
 * ours. `*sequence` is the change's number. Setting what is already so is no change: `*sequence`
 * is the last one and the call succeeds.
 */
int update_set_ptr(struct update *update, const struct prefix *address, uint32_t ttl,
	const struct wire_name *names, size_t count, uint64_t *sequence, struct failure *failure);

/* Removes it. FAILURE_NOT_FOUND when there is none. */
int update_unset_ptr(struct update *update, const struct prefix *address, uint64_t *sequence,
	struct failure *failure);

/* Reads the PTR RRset of a host. FAILURE_NOT_FOUND when there is none, or no zone holds it. */
int update_get_ptr(struct update *update, const struct prefix *address, struct rrset_buffer *ptr,
	struct failure *failure);

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
 * An import: RRsets that arrive over time and replace a zone's contents as one change. Staged in
 * memory, outside any batch, so it delays nobody; update_replace_zone is part of a batch.
 */
struct staging;
struct staging *update_stage(const struct owner *apex); /* NULL: no memory */

/* Adds one record; same signature as zonefile_visit with the staging as context. */
int staging_add(void *staging, const struct owner *owner, uint16_t type, uint32_t ttl,
	const uint8_t *rdata, uint16_t rdata_bytes, struct failure *failure);

size_t staging_records(const struct staging *staging);

/*
 * Makes the staged records the zone's whole contents, adding the zone when it is new. They need
 * one SOA and at least one NS at the apex, and no owner in a zone nested in this one. Where the
 * TTLs of one RRset differ, the lowest holds (RFC 2181 5.2 deprecates that); repeated records count
 * once. The serial is the file's if it is newer than the served one (RFC 1982), else the served
 * one plus 1, so that it is new to secondaries. Contents that are so already are no change. The
 * staging stays the caller's.
 */
int update_replace_zone(struct update *update, struct staging *staging, uint64_t *sequence,
	struct failure *failure);
void staging_free(struct staging *staging);

/* The zone that `name` belongs to, or NULL. Borrowed until the next commit. */
const struct zone *update_zone_of(const struct update *update, const struct owner *name);

/* Below, at or above 0 in the order of owner keys, which all walks have. */
int update_compare_owners(const struct owner *a, const struct owner *b);

/* Whether there are retirements to poll for; call update_poll soon while true. */
bool update_poll(struct update *update);

#endif
