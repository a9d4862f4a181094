/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sharded table's memory, private to table*.c. A bucket is one cache line; a slot is the
 * address of an entry, a record or a page of hosts, with 16 bits of hash on top; a reader makes one
 * pass and never waits.
 */
#ifndef ARPAD_DATAPLANE_RECORDS_TABLE_LAYOUT_H
#define ARPAD_DATAPLANE_RECORDS_TABLE_LAYOUT_H

#include "dataplane/dns/name.h"
#include "dataplane/records/hash.h"
#include "dataplane/records/hosts.h"
#include "dataplane/records/table_writer.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>

#ifdef __SSE4_1__
#include <smmintrin.h>
#endif

/*
 *   table -> shard[top bits of hash] -> live -> bucket[hash & mask] -> the next bucket -> ...
 *
 *         -> ipv4[address >> 8] -> page of hosts
 *
 *   bucket, 64 bytes:  | tag:16 pointer:48 | x 7 | passed |
 *
 * Invariants:
 *  1. An entry is in its home bucket or in the first later one that had room; every bucket it
 *     passed over on the way counts it in `passed`. So a bucket with passed == 0 ends a search.
 *  2. An entry never moves within an array: what a reader does not find was absent at some moment
 *     of its search.
 *  3. To grow or shrink, the writer copies the live array into another, a few buckets with each
 * change, applies every change to both where the copy has been, and then publishes it. A reader
 * only ever sees one whole array.
 *  4. Slots and `live` are stored with release and loaded with acquire: who sees a pointer sees
 *     what it points to.
 *  5. A host that has just one PTR record stands in the page of its network; one that has more has
 *     a record of its own, and keeps it until it has nothing. A reader asks the page first. So a
 *     host that moves from the page to a record of its own is never missed: the record is published
 *     before the page without it.
 */
enum { TABLE_SLOTS = 7, TABLE_IPV4_NETWORKS = 1 << 24 };

struct bucket {
	_Atomic(uint64_t) slot[TABLE_SLOTS];
	_Atomic(uint64_t) passed;
};
static_assert(sizeof(struct bucket) == 64, "a bucket is one cache line");

struct buckets {
	alignas(64) uint64_t mask; /* buckets - 1 */
	size_t bytes;		   /* of this mapping */
	struct buckets *unlinked;  /* writer: the next array that awaits its grace period */
	alignas(64) struct bucket bucket[];
};

struct shard {
	alignas(64) _Atomic(struct buckets *) live; /* writer: wo, readers: ro */
	alignas(64) struct buckets *next; /* writer: the larger array being filled, or NULL */
	uint64_t copied;		  /* writer: live buckets before this are in next */
	size_t used;			  /* writer: entries in live */
};

/* Empty non-terminals in reserve, linked by `unlinked`. */
struct spares {
	struct record *first;
	size_t count;
};

struct table {
	struct hash_key key;
	unsigned shard_shift; /* 64 - log2(shards); 64 itself is avoided by a second shift */
	unsigned shards;
	struct shard *shard;
	_Atomic(struct hosts *) *ipv4; /* TABLE_IPV4_NETWORKS; writer: wo, readers: ro */
	/* The writer's, in lines of their own. */
	alignas(64) struct spares plain; /* for owners that are all prefix */
	struct spares named;		 /* with room for any labels */
	struct hosts_pool *pool;	 /* of pages */
	size_t ipv4_pages;
	struct record *unlinked_records;
	struct hosts *unlinked_hosts;
	struct buckets *unlinked_buckets;
	struct table_counts counts;
};

static const uint64_t slot_pointer_bits = (UINT64_C(1) << 48) - 1;

/* Bits 40 to 55: apart from the bucket index below and the shard index above. */
static inline uint64_t slot_tag(uint64_t hash)
{
	return hash << 8 & ~slot_pointer_bits;
}

/* A record or a page; both begin with their key. */
static inline void *slot_entry(uint64_t slot)
{
	return (void *)(uintptr_t)(slot & slot_pointer_bits);
}

#ifdef __SSE4_1__

/*
 * Two slots. C has no atomic load of both, but a processor's aligned load of 16 bytes reads each of
 * them whole, and the compiler leaves it where it stands.
 */
static inline __m128i bucket_pair(const struct bucket *bucket, unsigned first)
{
	__m128i pair;

	__asm__ volatile("movdqa %1, %0"
			 : "=x"(pair)
			 : "m"(*(const __m128i *)((const uint8_t *)bucket + 8 * first))
			 : "memory");
	return pair;
}

/* The upper halves of four words. */
static inline __m128i bucket_upper(__m128i first, __m128i next)
{
	return _mm_castps_si128(_mm_shuffle_ps(
		_mm_castsi128_ps(first), _mm_castsi128_ps(next), _MM_SHUFFLE(3, 1, 3, 1)));
}

/*
 * The slots of a bucket that may hold what has the hash of `tag`, as bits: seen at one moment, each
 * to be loaded with acquire before it is believed. Without a branch: which slot it is would be
 * mispredicted.
 */
static inline unsigned bucket_tagged(const struct bucket *bucket, uint64_t tag)
{
	__m128i low = bucket_upper(bucket_pair(bucket, 0), bucket_pair(bucket, 2));
	__m128i high = bucket_upper(bucket_pair(bucket, 4), bucket_pair(bucket, 6));
	__m128i tags = _mm_packus_epi32(_mm_srli_epi32(low, 16), _mm_srli_epi32(high, 16));
	__m128i equal = _mm_cmpeq_epi16(tags, _mm_set1_epi16((short)(tag >> 48)));

	/* The eighth word is `passed`. */
	return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(equal, equal)) &
		((1u << TABLE_SLOTS) - 1);
}

#else

static inline unsigned bucket_tagged(const struct bucket *bucket, uint64_t tag)
{
	unsigned tagged = 0;

	for (unsigned i = 0; i < TABLE_SLOTS; i++)
		if ((atomic_load_explicit(&bucket->slot[i], memory_order_relaxed) ^ tag) >> 48 == 0)
			tagged |= 1u << i;
	return tagged;
}

#endif

/* Labels before the prefix: kept in lower case, asked for in any. */
static inline bool record_has_rest(const struct record *record, const struct owner *owner)
{
	if (record->rest_bytes != owner->rest_bytes)
		return false;
	for (unsigned i = 0; i < owner->rest_bytes; i++)
		if (record->body[i] != name_lower(owner->rest[i]))
			return false;
	return true;
}

/* The common case, a name that is all prefix, has two branches. */
static inline bool record_is(const struct record *record, const struct owner *owner)
{
	return prefix_equal(&record->prefix, &owner->prefix) &&
		((record->rest_bytes | owner->rest_bytes) == 0 || record_has_rest(record, owner));
}

/* Whether `slot` holds what may have the hash of `tag`: all but one in 65,536 others end here. */
static inline bool slot_is_tagged(uint64_t slot, uint64_t tag)
{
	return (slot ^ tag) >> 48 == 0 && slot != 0;
}

/* Whether `slot` holds the record of `owner`. A page's key is no owner's. */
static inline bool slot_is_record(uint64_t slot, uint64_t tag, const struct owner *owner)
{
	return slot_is_tagged(slot, tag) && record_is(slot_entry(slot), owner);
}

/* Whether it holds the page with `key`. */
static inline bool slot_is_page(uint64_t slot, uint64_t tag, const struct prefix *key)
{
	return slot_is_tagged(slot, tag) && prefix_equal(slot_entry(slot), key);
}

/* The place of the page of an IPv4 address, or of a prefix of 24 bits and more. */
static inline _Atomic(struct hosts *) *table_ipv4_page(
	const struct table *table, const struct prefix *address)
{
	return &table->ipv4[address->high >> 40];
}

static inline struct shard *table_shard(const struct table *table, uint64_t hash)
{
	return &table->shard[hash >> 1 >> table->shard_shift];
}

#endif
