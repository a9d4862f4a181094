/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slots, and arrays that grow and shrink by copying. What is stored with release is seen by
 * readers; all else is the writer's own.
 */
#include "dataplane/records/table_entries.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	FIRST_BUCKETS = 64,
	/* Grow at 5 of 7 on average: few searches pass a bucket, and there is room while growing.
	 */
	FILL_PER_BUCKET = 5,
	SHRINK_BELOW = 8, /* a part of that in use, or less */
	/* 2 a change copy the whole array before it gained another 10 %. */
	COPY_PER_CHANGE = 2,
	HUGE_PAGE_BYTES = 2 << 20,
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

void buckets_free(struct buckets *buckets)
{
	munmap(buckets, buckets->bytes);
}

static uint64_t slot_load(const struct bucket *bucket, unsigned i)
{
	return atomic_load_explicit(&bucket->slot[i], memory_order_relaxed);
}

/* A place in an array: the slot and its bucket's index. */
struct place {
	_Atomic(uint64_t) *slot; /* NULL: nowhere */
	uint64_t bucket;
};

static bool slot_has_key(uint64_t slot, uint64_t tag, const struct owner *key)
{
	return key->prefix.family & HOSTS_FAMILY ? slot_is_page(slot, tag, &key->prefix)
						 : slot_is_record(slot, tag, key);
}

static struct place find_place(struct buckets *buckets, uint64_t hash, const struct owner *key)
{
	uint64_t tag = slot_tag(hash);

	for (uint64_t n = 0; n <= buckets->mask; n++) {
		uint64_t index = (hash + n) & buckets->mask;
		struct bucket *b = &buckets->bucket[index];

		for (unsigned i = 0; i < TABLE_SLOTS; i++)
			if (slot_has_key(slot_load(b, i), tag, key))
				return (struct place){&b->slot[i], index};
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

/* What a slot holds becomes visible here. Pairs with the acquires in table.c's searches. */
static void slot_store(_Atomic(uint64_t) *slot, uint64_t hash, const void *entry)
{
	uint64_t pointer = (uint64_t)(uintptr_t)entry;

	/* User space ends at 2^47 on x86-64 and at 2^48 on AArch64. */
	assert((pointer & ~slot_pointer_bits) == 0);
	atomic_store_explicit(slot, pointer | slot_tag(hash), memory_order_release);
}

static uint64_t buckets_insert(struct buckets *buckets, uint64_t hash, const void *entry)
{
	for (uint64_t n = 0; n <= buckets->mask; n++) {
		uint64_t index = (hash + n) & buckets->mask;
		struct bucket *b = &buckets->bucket[index];

		for (unsigned i = 0; i < TABLE_SLOTS; i++) {
			if (slot_load(b, i) != 0)
				continue;
			/* Counted before it can be found: a search must not end short of it. */
			count_passed(buckets, hash, index, 1);
			slot_store(&b->slot[i], hash, entry);
			return index;
		}
	}
	abort(); /* entries_reserve keeps two slots in seven free */
}

static void buckets_remove(struct buckets *buckets, uint64_t hash, struct place place)
{
	atomic_store_explicit(place.slot, 0, memory_order_release);
	count_passed(buckets, hash, place.bucket, UINT64_MAX);
}

/* ---- Shards that grow and shrink ---- */

static struct buckets *shard_live(const struct shard *shard)
{
	return atomic_load_explicit(&shard->live, memory_order_relaxed);
}

/* The copy is complete: from here on readers use it. Pairs with the acquires in table.c. */
static void shard_switch(struct table *table, struct shard *shard)
{
	struct buckets *old = shard_live(shard);

	atomic_store_explicit(&shard->live, shard->next, memory_order_release);
	shard->next = NULL;
	table->counts.bytes -= old->bytes;
	old->unlinked = table->unlinked_buckets;
	table->unlinked_buckets = old;
}

static void copy_bucket(const struct table *table, struct shard *shard, const struct bucket *b)
{
	for (unsigned i = 0; i < TABLE_SLOTS; i++) {
		uint64_t slot = slot_load(b, i);
		struct owner key;

		if (slot == 0)
			continue;
		key = entry_key(slot_entry(slot));
		buckets_insert(shard->next, hash_owner(&table->key, &key), slot_entry(slot));
	}
}

static void shard_copy(struct table *table, struct shard *shard, uint64_t count)
{
	const struct buckets *live = shard_live(shard);

	for (; count > 0 && shard->copied <= live->mask; count--, shard->copied++)
		copy_bucket(table, shard, &live->bucket[shard->copied]);
	if (shard->copied > live->mask)
		shard_switch(table, shard);
}

static int shard_resize(struct table *table, struct shard *shard, uint64_t count)
{
	struct buckets *next = buckets_new(count);

	if (!next)
		return -ENOMEM;
	/* An unfinished growth is finished first. */
	if (shard->next)
		shard_copy(table, shard, UINT64_MAX);
	shard->next = next;
	shard->copied = 0;
	table->counts.bytes += next->bytes;
	return 0;
}

/* Starts growing so that `entries` will fit. */
static int shard_reserve(struct table *table, struct shard *shard, size_t entries)
{
	const struct buckets *largest = shard->next ? shard->next : shard_live(shard);
	uint64_t count = largest->mask + 1;

	if (entries <= count * FILL_PER_BUCKET)
		return 0;
	while (entries > count * FILL_PER_BUCKET)
		count *= 2;
	return shard_resize(table, shard, count);
}

/* Forgets a growth that was begun: no reader has seen it, and what is live has room enough. */
static void shard_abandon(struct table *table, struct shard *shard)
{
	if (!shard->next)
		return;
	table->counts.bytes -= shard->next->bytes;
	buckets_free(shard->next);
	shard->next = NULL;
}

/*
 * Gives memory back once `entries` need far less than there is; all at once, so that nothing that
 * was reserved can be missing later. Without memory to copy into, it stays as it is.
 */
static void shard_trim(struct table *table, struct shard *shard, size_t entries)
{
	uint64_t count = shard_live(shard)->mask + 1;

	if (entries > count * FILL_PER_BUCKET / SHRINK_BELOW)
		return;
	shard_abandon(table, shard);
	if (count == FIRST_BUCKETS)
		return;
	while (count > FIRST_BUCKETS && entries <= count * FILL_PER_BUCKET / 4)
		count /= 2;
	if (shard_resize(table, shard, count) == 0)
		shard_copy(table, shard, UINT64_MAX);
}

int entries_reserve(struct table *table, size_t more)
{
	size_t share = more / table->shards;

	/* The keyed hash spreads evenly; a quarter more and a constant cover the chance in it. */
	if (more < 64)
		share = more;
	else
		share += share / 4 + 64;
	for (unsigned i = 0; i < table->shards; i++) {
		struct shard *shard = &table->shard[i];

		if (shard_reserve(table, shard, shard->used + share) != 0)
			return -ENOMEM;
		shard_trim(table, shard, shard->used + share);
	}
	return 0;
}

/* ---- Entries ---- */

void *entries_find(const struct table *table, const struct owner *key)
{
	uint64_t hash = hash_owner(&table->key, key);
	struct place place = find_place(shard_live(table_shard(table, hash)), hash, key);

	return place.slot ? slot_entry(atomic_load_explicit(place.slot, memory_order_relaxed))
			  : NULL;
}

void entries_insert(struct table *table, const void *entry)
{
	struct owner key = entry_key(entry);
	uint64_t hash = hash_owner(&table->key, &key);
	struct shard *shard = table_shard(table, hash);
	uint64_t bucket = buckets_insert(shard_live(shard), hash, entry);

	shard->used++;
	if (!shard->next)
		return;
	if (bucket < shard->copied)
		buckets_insert(shard->next, hash, entry);
	shard_copy(table, shard, COPY_PER_CHANGE);
}

void entries_replace(struct table *table, const void *entry)
{
	struct owner key = entry_key(entry);
	uint64_t hash = hash_owner(&table->key, &key);
	struct shard *shard = table_shard(table, hash);
	struct place place = find_place(shard_live(shard), hash, &key);

	if (shard->next && place.bucket < shard->copied)
		slot_store(find_place(shard->next, hash, &key).slot, hash, entry);
	slot_store(place.slot, hash, entry);
}

void entries_remove(struct table *table, const struct owner *key)
{
	uint64_t hash = hash_owner(&table->key, key);
	struct shard *shard = table_shard(table, hash);
	struct place place = find_place(shard_live(shard), hash, key);

	if (shard->next && place.bucket < shard->copied)
		buckets_remove(shard->next, hash, find_place(shard->next, hash, key));
	buckets_remove(shard_live(shard), hash, place);
	shard->used--;
}

/* ---- Life ---- */

int entries_init(struct table *table)
{
	for (unsigned i = 0; i < table->shards; i++) {
		struct buckets *first = buckets_new(FIRST_BUCKETS);

		if (!first)
			return -ENOMEM;
		table->counts.bytes += first->bytes;
		atomic_init(&table->shard[i].live, first);
	}
	return 0;
}

static void release_all(const struct buckets *buckets, void (*release)(void *entry))
{
	for (uint64_t i = 0; i <= buckets->mask; i++)
		for (unsigned s = 0; s < TABLE_SLOTS; s++)
			if (slot_load(&buckets->bucket[i], s) != 0)
				release(slot_entry(slot_load(&buckets->bucket[i], s)));
}

void entries_fini(struct table *table, void (*release)(void *entry))
{
	for (unsigned i = 0; i < table->shards; i++) {
		struct buckets *live = shard_live(&table->shard[i]);

		if (table->shard[i].next)
			buckets_free(table->shard[i].next);
		if (!live)
			continue;
		release_all(live, release);
		buckets_free(live);
	}
}
