/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The writer's half: slots, growth, and the name tree above the records. Only the functions that
 * store with release are seen by readers; all else is the writer's own.
 */
#include "dataplane/records/table_writer.h"

#include "dataplane/records/table_layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	SHARDS_MAX = 256,
	FIRST_BUCKETS = 64,
	/* Grow at 5 of 7 on average: few searches pass a bucket, and there is room while growing.
	 */
	FILL_PER_BUCKET = 5,
	/* 2 a change copy the whole array before it gained another 10 %. */
	COPY_PER_CHANGE = 2,
	HUGE_PAGE_BYTES = 2 << 20,
	DEPTH_MAX = 33, /* an ip6.arpa host name and its 32 ancestors */
};

/* ---- Arrays of buckets ---- */

static struct buckets *buckets_new(uint64_t count)
{
	size_t bytes = sizeof(struct buckets) + count * sizeof(struct bucket);
	struct buckets *buckets;

	/* Fresh mappings are zero: empty slots. */
	buckets = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buckets == MAP_FAILED)
		return NULL;
	if (bytes >= HUGE_PAGE_BYTES)
		madvise(buckets, bytes,
			MADV_HUGEPAGE); /* fewer TLB misses; refusal costs speed only */
	buckets->mask = count - 1;
	buckets->bytes = bytes;
	return buckets;
}

static void buckets_free(struct buckets *buckets)
{
	munmap(buckets, buckets->bytes);
}

/* A place in an array: the slot and its bucket's index. */
struct place {
	_Atomic(uint64_t) *slot; /* NULL: nowhere */
	uint64_t bucket;
};

static struct place find_place(struct buckets *buckets, uint64_t hash, const struct prefix *owner)
{
	uint64_t tag = slot_tag(hash);

	for (uint64_t n = 0; n <= buckets->mask; n++) {
		uint64_t index = (hash + n) & buckets->mask;
		struct bucket *b = &buckets->bucket[index];

		for (unsigned i = 0; i < TABLE_SLOTS; i++) {
			uint64_t slot = atomic_load_explicit(&b->slot[i], memory_order_relaxed);

			if (slot_matches(slot, tag, owner))
				return (struct place){&b->slot[i], index};
		}
		if (atomic_load_explicit(&b->passed, memory_order_relaxed) == 0)
			break;
	}
	return (struct place){NULL, 0};
}

/* Adds `change` to `passed` of every bucket from the hash's home to before `end`. */
static void count_passed(struct buckets *buckets, uint64_t hash, uint64_t end, uint64_t change)
{
	for (uint64_t i = hash & buckets->mask; i != end; i = (i + 1) & buckets->mask) {
		_Atomic(uint64_t) *passed = &buckets->bucket[i].passed;

		atomic_store_explicit(passed,
			atomic_load_explicit(passed, memory_order_relaxed) + change,
			memory_order_release);
	}
}

/* What a slot holds becomes visible here. Pairs with the acquire in table.c's find. */
static void slot_store(_Atomic(uint64_t) *slot, uint64_t hash, const struct record *record)
{
	uint64_t pointer = (uint64_t)(uintptr_t)record;

	/* User space ends at 2^47 on x86-64 and at 2^48 on AArch64. */
	assert((pointer & ~slot_pointer_bits) == 0);
	atomic_store_explicit(slot, pointer | slot_tag(hash), memory_order_release);
}

static uint64_t buckets_insert(struct buckets *buckets, uint64_t hash, const struct record *record)
{
	for (uint64_t n = 0; n <= buckets->mask; n++) {
		uint64_t index = (hash + n) & buckets->mask;
		struct bucket *b = &buckets->bucket[index];

		for (unsigned i = 0; i < TABLE_SLOTS; i++) {
			if (atomic_load_explicit(&b->slot[i], memory_order_relaxed) != 0)
				continue;
			/* Counted before it can be found: a search must not end short of it. */
			count_passed(buckets, hash, index, 1);
			slot_store(&b->slot[i], hash, record);
			return index;
		}
	}
	abort(); /* table_reserve keeps two slots in seven free */
}

static void buckets_remove(struct buckets *buckets, uint64_t hash, struct place place)
{
	atomic_store_explicit(place.slot, 0, memory_order_release);
	count_passed(buckets, hash, place.bucket, UINT64_MAX);
}

/* ---- Shards ---- */

static struct buckets *shard_live(const struct shard *shard)
{
	return atomic_load_explicit(&shard->live, memory_order_relaxed);
}

/* The copy is complete: from here on readers use it. Pairs with the acquire in table_find. */
static void shard_switch(struct table *table, struct shard *shard)
{
	struct buckets *old = shard_live(shard);

	atomic_store_explicit(&shard->live, shard->next, memory_order_release);
	shard->next = NULL;
	table->counts.bytes -= old->bytes;
	old->unlinked = table->unlinked_buckets;
	table->unlinked_buckets = old;
}

static void shard_copy(struct table *table, struct shard *shard, uint64_t count)
{
	struct buckets *live = shard_live(shard);

	for (; count > 0 && shard->copied <= live->mask; count--, shard->copied++) {
		const struct bucket *b = &live->bucket[shard->copied];

		for (unsigned i = 0; i < TABLE_SLOTS; i++) {
			uint64_t slot = atomic_load_explicit(&b->slot[i], memory_order_relaxed);

			if (slot == 0)
				continue;
			buckets_insert(shard->next,
				hash_prefix(&table->key, &slot_record(slot)->owner),
				slot_record(slot));
		}
	}
	if (shard->copied > live->mask)
		shard_switch(table, shard);
}

/* Starts growing so that `records` will fit. An unfinished smaller growth is finished first. */
static int shard_reserve(struct table *table, struct shard *shard, size_t records)
{
	const struct buckets *largest = shard->next ? shard->next : shard_live(shard);
	uint64_t count = largest->mask + 1;
	struct buckets *next;

	if (records <= count * FILL_PER_BUCKET)
		return 0;
	while (records > count * FILL_PER_BUCKET)
		count *= 2;
	next = buckets_new(count);
	if (!next)
		return -ENOMEM;
	if (shard->next)
		shard_copy(table, shard, UINT64_MAX);
	shard->next = next;
	shard->copied = 0;
	table->counts.bytes += next->bytes;
	return 0;
}

static struct record *shard_find(
	const struct shard *shard, uint64_t hash, const struct prefix *owner)
{
	struct place place = find_place(shard_live(shard), hash, owner);

	return place.slot ? slot_record(atomic_load_explicit(place.slot, memory_order_relaxed))
			  : NULL;
}

static void shard_insert(
	struct table *table, struct shard *shard, uint64_t hash, const struct record *record)
{
	uint64_t bucket = buckets_insert(shard_live(shard), hash, record);

	shard->used++;
	if (!shard->next)
		return;
	if (bucket < shard->copied)
		buckets_insert(shard->next, hash, record);
	shard_copy(table, shard, COPY_PER_CHANGE);
}

/* Puts `record` where its predecessor of the same owner is. */
static void shard_replace(struct shard *shard, uint64_t hash, const struct record *record)
{
	struct place place = find_place(shard_live(shard), hash, &record->owner);

	if (shard->next && place.bucket < shard->copied)
		slot_store(find_place(shard->next, hash, &record->owner).slot, hash, record);
	slot_store(place.slot, hash, record);
}

static void shard_remove(struct shard *shard, uint64_t hash, const struct prefix *owner)
{
	struct place place = find_place(shard_live(shard), hash, owner);

	if (shard->next && place.bucket < shard->copied)
		buckets_remove(shard->next, hash, find_place(shard->next, hash, owner));
	buckets_remove(shard_live(shard), hash, place);
	shard->used--;
}

/* ---- The table ---- */

static uint64_t hash_owner(const struct table *table, const struct prefix *owner)
{
	return hash_prefix(&table->key, owner);
}

static struct record *lookup(const struct table *table, const struct prefix *owner)
{
	uint64_t hash = hash_owner(table, owner);

	return shard_find(table_shard(table, hash), hash, owner);
}

static size_t record_bytes(const struct record *record)
{
	return sizeof(*record) + record->set_bytes;
}

/* Counts `record` in (`sign` 1) or out (-1). */
static void count_record(struct table *table, const struct record *record, int sign)
{
	size_t *kind = record->sets ? &table->counts.owners : &table->counts.empty_nonterminals;

	*kind += (size_t)sign;
	table->counts.bytes += (size_t)sign * record_bytes(record);
}

static void insert(struct table *table, const struct record *record)
{
	uint64_t hash = hash_owner(table, &record->owner);

	shard_insert(table, table_shard(table, hash), hash, record);
	count_record(table, record, 1);
}

static void unlink_record(struct table *table, struct record *record)
{
	count_record(table, record, -1);
	record->unlinked = table->unlinked_records;
	table->unlinked_records = record;
}

static void replace(struct table *table, struct record *old, struct record *record)
{
	uint64_t hash = hash_owner(table, &record->owner);

	record->below = old->below;
	shard_replace(table_shard(table, hash), hash, record);
	count_record(table, record, 1);
	unlink_record(table, old);
}

static void remove_record(struct table *table, struct record *record)
{
	uint64_t hash = hash_owner(table, &record->owner);

	shard_remove(table_shard(table, hash), hash, &record->owner);
	unlink_record(table, record);
}

/* ---- The name tree ---- */

static struct record *spare_take(struct table *table, const struct prefix *owner)
{
	struct record *record = table->spare;

	assert(record); /* table_reserve's promise */
	table->spare = record->unlinked;
	table->spares--;
	record->owner = *owner;
	record->below = 0;
	return record;
}

/*
 * Makes the empty non-terminals above `owner` that are missing, from the top down, so that no
 * reader finds a name whose ancestor does not exist (RFC 8020), and counts each child.
 */
static void tree_link(struct table *table, const struct prefix *owner)
{
	struct prefix missing[DEPTH_MAX];
	struct prefix at = *owner;
	unsigned count = 0;

	while (at.bits > 0) {
		struct record *parent;

		at = prefix_parent(&at);
		parent = lookup(table, &at);
		if (parent) {
			parent->below++;
			break;
		}
		missing[count++] = at;
	}
	while (count > 0) {
		struct record *made = spare_take(table, &missing[--count]);

		made->below = 1;
		insert(table, made);
	}
}

/* Counts a child less above `owner`, and removes empty non-terminals that have none left. */
static void tree_unlink(struct table *table, const struct prefix *owner)
{
	struct prefix at = *owner;

	while (at.bits > 0) {
		struct record *parent;

		at = prefix_parent(&at);
		parent = lookup(table, &at);
		if (--parent->below > 0 || parent->sets > 0)
			return;
		remove_record(table, parent);
	}
}

void table_put(struct table *table, struct record *record)
{
	struct record *old = lookup(table, &record->owner);

	if (old) {
		replace(table, old, record);
		return;
	}
	record->below = 0;
	tree_link(table, &record->owner);
	insert(table, record);
}

bool table_remove(struct table *table, const struct prefix *owner)
{
	struct record *old = lookup(table, owner);
	struct prefix name = *owner; /* `owner` may stand in the record itself */

	if (!old || old->sets == 0)
		return false;
	if (old->below > 0) {
		replace(table, old, spare_take(table, &name));
		return true;
	}
	remove_record(table, old);
	tree_unlink(table, &name);
	return true;
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
	if (!table->shard) {
		free(table);
		return NULL;
	}
	memset(table->shard, 0, shards * sizeof(struct shard));
	for (unsigned i = 0; i < shards; i++) {
		struct buckets *first = buckets_new(FIRST_BUCKETS);

		if (!first) {
			table_free(table);
			return NULL;
		}
		table->counts.bytes += first->bytes;
		atomic_init(&table->shard[i].live, first);
	}
	return table;
}

static void records_free(struct buckets *buckets)
{
	for (uint64_t i = 0; i <= buckets->mask; i++)
		for (unsigned s = 0; s < TABLE_SLOTS; s++)
			record_free(slot_record(atomic_load_explicit(
				&buckets->bucket[i].slot[s], memory_order_relaxed)));
}

static void spares_free(struct table *table)
{
	while (table->spare) {
		struct record *record = table->spare;

		table->spare = record->unlinked;
		record_free(record);
	}
	table->spares = 0;
}

void table_free(struct table *table)
{
	struct unlinked thing;

	if (!table)
		return;
	while (table_take_unlinked(table, &thing, 1) == 1)
		unlinked_free(&thing);
	for (unsigned i = 0; i < table->shards; i++) {
		struct buckets *live = shard_live(&table->shard[i]);

		if (table->shard[i].next)
			buckets_free(table->shard[i].next);
		if (!live)
			continue;
		records_free(live);
		buckets_free(live);
	}
	spares_free(table);
	free(table->shard);
	free(table);
}

int table_reserve(struct table *table, size_t owners, size_t ancestors)
{
	/* The keyed hash spreads evenly; a quarter more and a constant cover the chance in it. */
	size_t share = (owners + ancestors) / table->shards;
	size_t room = owners + ancestors < 64 ? owners + ancestors : share + share / 4 + 64;

	while (table->spares < ancestors) {
		static const struct prefix nowhere = {0};
		struct record *record = record_new(&nowhere, NULL, 0);

		if (!record)
			return -ENOMEM;
		record->unlinked = table->spare;
		table->spare = record;
		table->spares++;
	}
	for (unsigned i = 0; i < table->shards; i++)
		if (shard_reserve(table, &table->shard[i], table->shard[i].used + room) != 0)
			return -ENOMEM;
	return 0;
}

static void release_record(void *memory)
{
	record_free(memory);
}

static void release_buckets(void *memory)
{
	buckets_free(memory);
}

size_t table_take_unlinked(struct table *table, struct unlinked *out, size_t max)
{
	size_t n = 0;

	for (; n < max && table->unlinked_records; n++) {
		struct record *record = table->unlinked_records;

		table->unlinked_records = record->unlinked;
		out[n] = (struct unlinked){record, release_record};
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
