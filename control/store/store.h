/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The durable truth: zones and RRsets in address order, in LMDB and in a log of what LMDB has not
 * yet (docs/decisions/0016). One write transaction at a time; a commit returns after the sync.
 * Stored bytes are untrusted: a value that does not parse is an error.
 */
#ifndef ARPAD_CONTROL_STORE_H
#define ARPAD_CONTROL_STORE_H

#include "control/failure.h"
#include "control/object.h"
#include "control/rrset_buffer.h"
#include "control/update/zone_settings.h"
#include "dataplane/dns/owner.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/*
 * Opens or makes the store in `directory` and locks it. Fails with one sentence when another
 * process holds it, its format is newer, it is damaged, or the directory can't be used. It maps up
 * to 1 TiB of address space (never memory): a process that locks all its memory can't use it.
 */
int store_open(const char *directory, struct store **store, struct failure *failure);
/* Takes NULL; an open transaction is aborted. LMDB is brought up to date, if it can be. */
void store_close(struct store *store);

/* Where it is. Borrowed. */
const char *store_directory(const struct store *store);

/*
 * What is to be done now and then, about once a second, outside of a transaction: brings LMDB up to
 * date, and tries again what an error of the disk stopped.
 */
void store_poll(struct store *store);

/* Runs `enter` in the store's own thread, and waits for it. */
void store_enter(struct store *store, void (*enter)(void *context), void *context);

/*
 * Whether the store's own thread has a job. If so, `*cpu_ns` is the time that it has run in all: it
 * grows as it works, and stands still while it waits for the disk.
 */
bool store_at_work(struct store *store, uint64_t *cpu_ns);

/*
 * One transaction. Commit: 0 when durable; -1 and nothing changed otherwise. Begin waits a moment,
 * then is refused with FAILURE_BUSY, where LMDB is far behind the log.
 */
int store_begin(struct store *store, struct failure *failure);
int store_commit(struct store *store, struct failure *failure);
void store_abort(struct store *store);

/*
 * A part of the open transaction that can be undone alone, so that one bad request does not hurt
 * the others of its group commit. Not nested further.
 */
int store_mark(struct store *store, struct failure *failure);
int store_keep(struct store *store, struct failure *failure);
void store_undo(struct store *store);

/*
 * Zones have numbers, which the store gives out and never again; a zone's contents are kept under
 * its number. Writes and deletes need an open transaction. Delete of what is not there is
 * FAILURE_NOT_FOUND.
 */
int store_put_rrset(struct store *store, uint32_t zone, const struct owner *owner,
	const struct stored *stored, struct failure *failure);
int store_delete_rrset(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct failure *failure);

/*
 * Puts a new zone, whose settings are all zeros, and gives its number; or gives one that is there
 * other settings. Deleting one leaves its contents to the caller.
 */
int store_put_zone(
	struct store *store, const struct owner *apex, uint32_t *zone, struct failure *failure);
int store_set_zone(struct store *store, const struct owner *apex, uint32_t zone,
	const struct zone_settings *settings, struct failure *failure);
int store_delete_zone(struct store *store, const struct owner *apex, struct failure *failure);

/*
 * Reads see the open transaction's writes, or the last commit when none is open. What
 * store_get_stored and store_get_zone give: 1; 0: there is none; -1. `stored` is borrowed until the
 * next write, begin, commit or abort.
 */
int store_get_stored(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct stored *stored, struct failure *failure);
int store_get_zone(struct store *store, const struct owner *apex, uint32_t *zone,
	struct zone_settings *settings, struct failure *failure);

/* A copy of the records alone. FAILURE_NOT_FOUND: there are none. */
int store_get_rrset(struct store *store, uint32_t zone, const struct owner *owner, uint16_t type,
	struct rrset_buffer *rrset, struct failure *failure);

/*
 * Calls `visit` for every RRset of the zone at or below `within` (NULL: all) and after the owner
 * `after` (NULL: from the start), in the order of owner keys (store_codec.h: by address, a parent
 * first), an owner's RRsets one after the other. Owner and value are borrowed for the call, which
 * may read the store and not write. It stops when `visit` returns other than 0, and returns that.
 * -1: a failure.
 */
typedef int store_visit_rrset(
	void *context, const struct owner *owner, const struct stored *stored);
int store_each_rrset(struct store *store, uint32_t zone, const struct owner *within,
	const struct owner *after, store_visit_rrset *visit, void *context,
	struct failure *failure);

/*
 * The same over all zones as one tree: of each owner only the RRsets of the longest zone at or
 * above it, in one order whatever the zones.
 */
int store_each_served(struct store *store, const struct owner *within, const struct owner *after,
	store_visit_rrset *visit, void *context, struct failure *failure);

/* The same for the zones, in the order of their apexes. */
typedef int store_visit_zone(void *context, const struct owner *apex, uint32_t zone);
int store_each_zone(
	struct store *store, store_visit_zone *visit, void *context, struct failure *failure);

/* RRsets stored, as the open transaction has them. */
size_t store_rrsets(struct store *store);

/*
 * The sequence number of the last change: every change that is kept takes the next one, and it is
 * written with it. store_next_sequence needs an open transaction.
 */
uint64_t store_sequence(struct store *store);
int store_next_sequence(struct store *store, uint64_t *sequence, struct failure *failure);

#endif
