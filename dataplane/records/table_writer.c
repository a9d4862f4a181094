/* SPDX-License-Identifier: BSD-3-Clause */
/* The writer's half, seen from outside: records put and removed, memory reserved and handed back.
 */
#include "dataplane/records/table_writer.h"

#include "dataplane/records/table_entries.h"
#include "dataplane/records/table_pages.h"
#include "dataplane/records/table_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS_MAX = 256 };

static void replace(struct table *table, struct record *old, struct record *record)
{
	record->below = old->below;
	entries_replace(table, record);
	tree_count(table, record, 1);
	tree_unlinked(table, old);
}

void table_put(struct table *table, struct record *record)
{
	struct owner owner = record_owner(record), parent;
	struct record *old = entries_find(table, &owner);

	if (old) {
		replace(table, old, record);
		return;
	}
	record->below = 0;
	if (owner_parent(&owner, &parent))
		tree_link(table, &parent);
	entries_insert(table, record);
	tree_count(table, record, 1);
}

bool table_remove(struct table *table, const struct owner *owner)
{
	struct record *old = entries_find(table, owner);
	struct owner name = *owner, parent; /* `owner` may stand in the record itself */

	if (!old || old->sets == 0)
		return false;
	if (old->below > 0) {
		replace(table, old, tree_spare(table, &name));
		return true;
	}
	entries_remove(table, &name);
	tree_unlinked(table, old);
	if (owner_parent(&name, &parent))
		tree_unlink(table, &parent);
	return true;
}

bool table_has_record(const struct table *table, const struct owner *owner)
{
	const struct record *record = entries_find(table, owner);

	return record && record->sets > 0;
}

/* ---- Life, reserve, counts ---- */

struct table *table_new(unsigned shards, const uint8_t seed[static TABLE_SEED_BYTES])
{
	struct table *table;

	assert(shards >= 1 && shards <= SHARDS_MAX && (shards & (shards - 1)) == 0);
	table = aligned_alloc(64, sizeof(*table));
	if (!table)
		return NULL;
	memset(table, 0, sizeof(*table));
	memcpy(&table->key, seed, TABLE_SEED_BYTES);
	table->shards = shards;
	table->shard_shift = 63 - (unsigned)__builtin_ctz(shards);
	table->shard = aligned_alloc(64, shards * sizeof(struct shard));
	if (table->shard)
		memset(table->shard, 0, shards * sizeof(struct shard));
	if (table->shard && entries_init(table) == 0 && pages_init(table) == 0)
		return table;
	table_free(table);
	return NULL;
}

static void release_record(void *memory)
{
	record_free(memory);
}

static void release_hosts(void *memory)
{
	hosts_free(memory);
}

static void release_buckets(void *memory)
{
	buckets_free(memory);
}

static void release_entry(void *entry)
{
	const struct prefix *prefix = entry;

	if (prefix->family & HOSTS_FAMILY)
		hosts_free(entry);
	else
		record_free(entry);
}

void table_free(struct table *table)
{
	struct unlinked thing;

	if (!table)
		return;
	while (table_take_unlinked(table, &thing, 1) == 1)
		unlinked_free(&thing);
	if (table->shard)
		entries_fini(table, release_entry);
	tree_fini(table);
	pages_fini(table);
	free(table->shard);
	free(table);
}

int table_reserve(struct table *table, const struct table_room *room)
{
	size_t all = room->owners + room->ancestors + room->named_ancestors;

	if (tree_reserve(table, room->ancestors, room->named_ancestors) != 0)
		return -ENOMEM;
	return entries_reserve(table, all);
}

size_t table_take_unlinked(struct table *table, struct unlinked *out, size_t max)
{
	size_t n = 0;

	for (; n < max && table->unlinked_records; n++) {
		struct record *record = table->unlinked_records;

		table->unlinked_records = record->unlinked;
		out[n] = (struct unlinked){record, release_record};
	}
	for (; n < max && table->unlinked_hosts; n++) {
		struct hosts *hosts = table->unlinked_hosts;

		table->unlinked_hosts = hosts->unlinked;
		out[n] = (struct unlinked){hosts, release_hosts};
	}
	for (; n < max && table->unlinked_buckets; n++) {
		struct buckets *buckets = table->unlinked_buckets;

		table->unlinked_buckets = buckets->unlinked;
		out[n] = (struct unlinked){buckets, release_buckets};
	}
	return n;
}

struct table_counts table_counts(const struct table *table)
{
	return table->counts;
}
