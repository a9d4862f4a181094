/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much each prefix has had lately: one table a thread, of a fixed size, with an entry only for
 * prefixes that are above zero. docs/decisions/0014-rate-limiting.md has the argument.
 *
 * An entry is one word: 40 bits of the time (us) at which the prefix will have paid for all its
 * replies, 24 bits of the key's hash. A time that has passed is an empty entry. Eight entries are a
 * cache line, which the hash chooses; a newcomer to a full one takes the place of the entry with
 * the least to pay. So a flood of new prefixes evicts one another and leaves the heavy ones, and
 * who is evicted is forgotten, never blamed.
 */
#ifndef ARPAD_DATAPLANE_RATELIMIT_H
#define ARPAD_DATAPLANE_RATELIMIT_H

#include "dataplane/outcome.h"
#include "dataplane/ratelimit_policy.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	RATELIMIT_WAYS = 8,
	RATELIMIT_TAG_BITS = 24,
	RATELIMIT_ENTRIES_LEAST = 1 << 10,
	RATELIMIT_ENTRIES_MOST = 1 << 26,
	RATELIMIT_ENTRIES = 1 << 18, /* 2 MiB: one huge page */
	RATELIMIT_FAMILIES = 7,	     /* arrays by family: 4 and 6 */
};

/* One thread's. */
struct ratelimit {
	uint64_t *entries;   /* RATELIMIT_WAYS a cache line */
	uint64_t entry_mask; /* entries - 1 */
	unsigned shares;     /* threads that a client's queries are spread over: each has a part */
	uint64_t random;     /* for the slip */
	uint64_t multiplier, seed[RATELIMIT_FAMILIES]; /* secret */
};

/* A policy as one burst applies it. */
struct ratelimit_terms {
	uint64_t now;			   /* as entries have times: from bit 24 up */
	uint64_t mask[RATELIMIT_FAMILIES]; /* of the word that ratelimit_hash takes */
	struct ratelimit_class_terms {
		uint64_t salt;	/* tells the classes of a prefix apart: within its cache line */
		uint64_t limit; /* of ratelimit_age; 0: not limited */
		uint64_t cost;	/* of a reply */
	} class[RATELIMIT_CLASSES];
};

/*
 * A table of `entries`, a power of two of RATELIMIT_ENTRIES_LEAST.._MOST, keyed by the secret, 16
 * random octets. The memory is mapped now and never grows; it is touched when it is first used, by
 * the thread that uses it. `shares` is at least 1. NULL: no memory. Control thread.
 */
struct ratelimit *ratelimit_new(size_t entries, const uint8_t secret[static 16], unsigned shares);
void ratelimit_free(struct ratelimit *limiter); /* takes NULL */

/* The kind of each outcome's reply: an index by enum outcome, a value of enum ratelimit_class. */
extern const uint8_t ratelimit_classes[OUTCOMES];

/*
 * The terms at `now_us`, any clock in microseconds that does not go back: once a burst. Owner, as
 * all below.
 */
void ratelimit_terms(const struct ratelimit *limiter, const struct ratelimit_policy *policy,
	uint64_t now_us, struct ratelimit_terms *terms);

/*
 * The word that holds a client's prefix, as memory has it: eight octets, of which IPv4 has the last
 * four, as where the header has them (frame_source_word). The address is of 4 or 16 octets.
 */
static inline uint64_t ratelimit_word(const uint8_t *address, size_t address_bytes)
{
	uint8_t octets[8] = {0};
	uint64_t word;

	if (address_bytes == 4)
		memcpy(octets + 4, address, 4);
	else
		memcpy(octets, address, 8);
	memcpy(&word, octets, sizeof(word));
	return word;
}

/* The keyed hash of a prefix: of what the mask of its family, 4 or 6, leaves of the word. */
static inline uint64_t ratelimit_hash(const struct ratelimit *limiter,
	const struct ratelimit_terms *terms, unsigned family, uint64_t word)
{
	uint64_t key = (word & terms->mask[family]) ^ limiter->seed[family];
	unsigned __int128 product = (unsigned __int128)key * limiter->multiplier;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Where a key is looked for first. The lowest bits, which share none with the tag. */
static inline uint64_t *ratelimit_home(const struct ratelimit *limiter, uint64_t hash)
{
	return &limiter->entries[hash & limiter->entry_mask];
}

/* The line of all classes of a prefix. */
static inline void ratelimit_prefetch(const struct ratelimit *limiter, uint64_t hash)
{
	__builtin_prefetch(ratelimit_home(limiter, hash), 1);
}

/*
 * How far a time lies ahead of another half of all times ago, in microseconds, where entry and key
 * have the same tag; else 2^40 or more.
 */
static inline uint64_t ratelimit_age(uint64_t ahead)
{
	ahead += UINT64_C(1) << 63;
	return ahead >> RATELIMIT_TAG_BITS | ahead << (64 - RATELIMIT_TAG_BITS);
}

/* ratelimit_over where the key is not at home with room for its reply. */
bool ratelimit_over_elsewhere(const struct ratelimit *limiter, const struct ratelimit_terms *terms,
	const struct ratelimit_class_terms *class, uint64_t hash);

/* Counts one reply to the prefix of this hash; true: it is above the rate, and was not counted. */
static inline bool ratelimit_over(const struct ratelimit *limiter,
	const struct ratelimit_terms *terms, uint64_t hash, unsigned class_number)
{
	const struct ratelimit_class_terms *class = &terms->class[class_number];
	uint64_t *home, key;
	int64_t ahead;

	hash ^= class->salt;
	home = ratelimit_home(limiter, hash);
	key = terms->now | hash >> (64 - RATELIMIT_TAG_BITS);
	ahead = (int64_t)(*home - key);
	if (__builtin_expect(ratelimit_age((uint64_t)ahead) >= class->limit, 0))
		return ratelimit_over_elsewhere(limiter, terms, class, hash);
	*home = key + (uint64_t)(ahead > 0 ? ahead : 0) + class->cost;
	return false;
}

/* Whether one of `slip` limited replies falls to this one: at random, so that nobody who asks in
 * step with others always gets none. */
bool ratelimit_slips(struct ratelimit *limiter, unsigned slip);

/* Whether an address of 4 or 16 octets is in an exempt range. */
bool ratelimit_exempt(
	const struct ratelimit_policy *policy, const uint8_t *address, size_t address_bytes);

#endif
