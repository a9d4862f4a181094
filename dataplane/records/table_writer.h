/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The writer's half of the table: one thread inserts, replaces and removes. It knows nothing of
 * RCU: it publishes with release and hands back what it unlinked; the caller owes a grace period.
 * It also keeps the name tree: the empty non-terminals above every owner, up to the family's root.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_WRITER_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_WRITER_H

#include "dataplane/records/hosts_writer.h"
#include "dataplane/records/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TABLE_SEED_BYTES = 32 };

/* Something that workers may still read. Free it with unlinked_free after a grace period. */
struct unlinked {
	void *memory;
	void (*release)(void *memory);
};

static inline void unlinked_free(const struct unlinked *u)
{
	u->release(u->memory);
}

/*
 * An empty table of `shards` shards (a power of two, 1..256; at least one per worker). `seed` keys
 * the hash and must be random and secret, or names can be chosen to collide. NULL: no memory.
 */
struct table *table_new(unsigned shards, const uint8_t seed[static TABLE_SEED_BYTES]);

/* Frees the table, its records and what it unlinked. No reader may be left. */
void table_free(struct table *table);

/* What a batch of changes may need at most. */
struct table_room {
	size_t owners;	  /* table_put of owners, table_put_hosts of pages not there yet */
	size_t ancestors; /* new empty non-terminals that are address names: those above new */
			  /* owners, and one for each table_remove */
	size_t named_ancestors; /* the same for names with labels before their prefix */
};

/*
 * Adds an upper bound of the empty non-terminals that `owner` needs beyond those of `previous`, the
 * new owner before it in the order of owner keys, a parent before the names below it (NULL: none).
 */
void table_room_add_ancestors(
	struct table_room *room, const struct owner *previous, const struct owner *owner);

/*
 * Makes sure that the changes of one batch cannot fail. Returns 0, or -ENOMEM and nothing changed.
 * Calls do not add up: reserve for the whole batch.
 */
int table_reserve(struct table *table, const struct table_room *room);

/*
 * Publishes `record` (it has RRsets) at its owner, replacing what was there; the table owns it
 * now. Must be covered by table_reserve. The old record, if any, is among the unlinked.
 */
void table_put(struct table *table, struct record *record);

/*
 * Unpublishes the RRsets of `owner`. An owner with names below it becomes an empty non-terminal;
 * ancestors that lose their last name below vanish. Returns whether there was such a record; false
 * also for an empty non-terminal, which stays. Must be covered by table_reserve.
 */
bool table_remove(struct table *table, const struct owner *owner);

/* Whether `owner` has RRsets in a record of its own, so that it must not get into a page. */
bool table_has_record(const struct table *table, const struct owner *owner);

/*
 * The page that `address` is in or would be in, or NULL; and the pool that new versions of pages
 * are made with. A page counts in a table_room as one owner, with the ancestors of its network's
 * name and that name itself.
 */
const struct hosts *table_hosts(const struct table *table, const struct prefix *address);
struct hosts_pool *table_hosts_pool(const struct table *table);

/*
 * Publishes a page in place of the one with the same key, if any, which is among the unlinked then.
 * The table owns it now. A host that leaves a page for a record of its own is put there first.
 * Must be covered by table_reserve.
 */
void table_put_hosts(struct table *table, struct hosts *hosts);

/* Unpublishes the page that holds `address`, if there is one. */
void table_remove_hosts(struct table *table, const struct prefix *address);

/*
 * Moves up to `max` unlinked things to `out` and returns how many. They were unlinked before this
 * call, so one grace period that starts now covers them all.
 */
size_t table_take_unlinked(struct table *table, struct unlinked *out, size_t max);

/* Owners with RRsets, in pages or in records of their own, and empty non-terminals that have a
 * record. Writer. */
struct table_counts {
	size_t owners, empty_nonterminals;
	size_t bytes; /* memory of buckets, pages and records */
};
struct table_counts table_counts(const struct table *table);

#endif
