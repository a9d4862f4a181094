/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader's half. No lock, no retry, no write: at most one pass over one array. */
#include "dataplane/records/table.h"

#include "dataplane/records/table_layout.h"

#include "dataplane/hot.h"

enum {
	BULK_MAX = 64,
	/* Buckets, then records, in flight: twice this stays below the 16 to 22 line-fill buffers.
	 */
	PREFETCH_AHEAD = 8,
};

static const struct record *find(
	const struct buckets *buckets, uint64_t hash, const struct prefix *owner)
{
	uint64_t tag = slot_tag(hash);

	/* The bound is only for a table whose every bucket was passed; searches end far earlier. */
	for (uint64_t n = 0; n <= buckets->mask; n++) {
		const struct bucket *b = &buckets->bucket[(hash + n) & buckets->mask];

		for (unsigned i = 0; i < TABLE_SLOTS; i++) {
			/* Pairs with slot_store's release. */
			uint64_t slot = atomic_load_explicit(&b->slot[i], memory_order_acquire);

			if (slot_matches(slot, tag, owner))
				return slot_record(slot);
		}
		if (atomic_load_explicit(&b->passed, memory_order_acquire) == 0)
			break;
	}
	return NULL;
}

const struct record *table_find(const struct table *table, const struct prefix *owner)
{
	uint64_t hash = hash_prefix(&table->key, owner);

	/* Pairs with the release in shard_switch. */
	return find(atomic_load_explicit(&table_shard(table, hash)->live, memory_order_acquire),
		hash, owner);
}

/* Where one search of a bulk stands. */
struct search {
	uint64_t hash;
	const struct buckets *buckets; /* NULL: nothing is searched for */
};

static void search_start(
	struct search *search, const struct table *table, const struct prefix *owner)
{
	search->buckets = NULL;
	if (!owner)
		return;
	search->hash = hash_prefix(&table->key, owner);
	search->buckets =
		atomic_load_explicit(&table_shard(table, search->hash)->live, memory_order_acquire);
	__builtin_prefetch(&search->buckets->bucket[search->hash & search->buckets->mask]);
}

/* The home bucket is here by now: have the record that its tag points to fetched too. */
static void search_continue(const struct search *search)
{
	uint64_t tag = slot_tag(search->hash);
	const struct bucket *b;

	if (!search->buckets)
		return;
	b = &search->buckets->bucket[search->hash & search->buckets->mask];
	for (unsigned i = 0; i < TABLE_SLOTS; i++) {
		uint64_t slot = atomic_load_explicit(&b->slot[i], memory_order_relaxed);

		if (slot != 0 && (slot & ~slot_pointer_bits) == tag) {
			const uint8_t *record = (const uint8_t *)slot_record(slot);

			__builtin_prefetch(record);
			__builtin_prefetch(record + 64);
			return;
		}
	}
}

static void find_some(const struct table *table, const struct prefix *const *owners,
	const struct record **records, unsigned n)
{
	struct search search[BULK_MAX];

	for (unsigned i = 0; i < n + 2 * PREFETCH_AHEAD; i++) {
		if (i < n)
			search_start(&search[i], table, owners[i]);
		if (i >= PREFETCH_AHEAD && i - PREFETCH_AHEAD < n)
			search_continue(&search[i - PREFETCH_AHEAD]);
		if (i >= 2 * PREFETCH_AHEAD) {
			unsigned k = i - 2 * PREFETCH_AHEAD;

			records[k] = search[k].buckets
				? find(search[k].buckets, search[k].hash, owners[k])
				: NULL;
		}
	}
}

void table_find_bulk(const struct table *table, const struct prefix *const *owners,
	const struct record **records, unsigned n)
{
	while (n > 0) {
		unsigned some = n < BULK_MAX ? n : BULK_MAX;

		find_some(table, owners, records, some);
		owners += some;
		records += some;
		n -= some;
	}
}
