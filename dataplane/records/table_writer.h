/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The writer's half of the table: one thread inserts, replaces and removes. It knows nothing of
 * RCU: it publishes with release and hands back what it unlinked; the caller owes a grace period.
 * It also keeps the name tree: the empty non-terminals above every owner, up to the family's root.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_WRITER_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_WRITER_H

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

/*
 * Makes sure that the changes of one batch cannot fail: `owners` table_put of new owners and
 * `ancestors` new empty non-terminals (those above new owners, and one for each table_remove).
 * Returns 0, or -ENOMEM and nothing changed. Calls do not add up: reserve for the whole batch.
 */
int table_reserve(struct table *table, size_t owners, size_t ancestors);

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
bool table_remove(struct table *table, const struct prefix *owner);

/*
 * Moves up to `max` unlinked things to `out` and returns how many. They were unlinked before this
 * call, so one grace period that starts now covers them all.
 */
size_t table_take_unlinked(struct table *table, struct unlinked *out, size_t max);

/* Owners with RRsets and empty non-terminals. Writer. */
struct table_counts {
	size_t owners, empty_nonterminals;
	size_t bytes; /* memory of buckets and records */
};
struct table_counts table_counts(const struct table *table);

#endif
