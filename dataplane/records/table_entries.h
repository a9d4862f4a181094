/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Entries in the table's shards: what table_writer.c and table_hosts.c build the name tree and the
 * pages on. An entry is a record or a page of hosts; its key is an owner, a page's being its
 * hosts_key without labels. The one writer only.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_ENTRIES_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_ENTRIES_H

#include "dataplane/records/table_layout.h"

/* The key of an entry; it borrows from it. */
static inline struct owner entry_key(const void *entry)
{
	const struct prefix *prefix = entry;

	if (prefix->family & HOSTS_FAMILY)
		return owner_from_prefix(
			&(struct prefix){prefix->high, prefix->low, prefix->family, prefix->bits});
	return record_owner(entry);
}

/* The arrays of a new table's shards. -ENOMEM: what there is waits for entries_fini. */
int entries_init(struct table *table);

/* Frees the arrays; calls `release` for each entry first. */
void entries_fini(struct table *table, void (*release)(void *entry));

/* Makes room for `more` entries whose keys the hash spreads. 0, or -ENOMEM and nothing changed. */
int entries_reserve(struct table *table, size_t more);

/* The entry, or NULL. */
void *entries_find(const struct table *table, const struct owner *key);

/* Publishes an entry with a new key, for which room was reserved. */
void entries_insert(struct table *table, const void *entry);

/* Publishes it in the place of the one with the same key, which there is. */
void entries_replace(struct table *table, const void *entry);

/* Unpublishes the entry of a key that there is. */
void entries_remove(struct table *table, const struct owner *key);

/* Unmaps an array that no reader can hold. */
void buckets_free(struct buckets *buckets);

#endif
