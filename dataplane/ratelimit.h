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
};

struct ratelimit_set {
	_Alignas(64) uint64_t way[RATELIMIT_WAYS];
};

/* One thread's. */
struct ratelimit {
	struct ratelimit_set *sets;
	uint64_t set_mask; /* sets - 1 */
	unsigned shares;   /* threads that a client's queries are spread over: each has a part */
	uint64_t random;   /* for the slip */
	uint64_t multiplier, seed[2][RATELIMIT_CLASSES]; /* secret */
};

/* A policy as one burst applies it. */
struct ratelimit_terms {
	uint64_t now;			  /* as entries have times: from bit 24 up */
	uint64_t cost[RATELIMIT_CLASSES]; /* of a reply; 0: not limited */
	int64_t room[RATELIMIT_CLASSES];  /* a reply may come while no more is to pay */
	uint64_t mask[2];		  /* of the address as it is loaded, IPv4 and IPv6 */
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

/* The keyed hash of a client's prefix and a class. The address is of 4 or 16 octets. */
static inline uint64_t ratelimit_hash(const struct ratelimit *limiter,
	const struct ratelimit_terms *terms, bool ipv6, const uint8_t *address, unsigned class)
{
	uint64_t key = 0;
	unsigned __int128 product;

	if (ipv6)
		memcpy(&key, address, 8);
	else
		memcpy(&key, address, 4);
	key = (key & terms->mask[ipv6]) ^ limiter->seed[ipv6][class];
	product = (unsigned __int128)key * limiter->multiplier;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* From the middle of the hash, so that they share no bit with the tag. */
static inline uint64_t *ratelimit_set(const struct ratelimit *limiter, uint64_t hash)
{
	return limiter->sets[hash >> RATELIMIT_TAG_BITS & limiter->set_mask].way;
}

static inline void ratelimit_prefetch(const struct ratelimit *limiter, uint64_t hash)
{
	__builtin_prefetch(ratelimit_set(limiter, hash), 1);
}

/* The entry of a key that is not at its first place: found, or made in place of the least, which is
 * the first place where no other has less. */
uint64_t *ratelimit_seek(uint64_t *ways, unsigned first, uint64_t tag, uint64_t now);

/* Whether a time that seems to lie ahead is of long ago. */
bool ratelimit_stale(uint64_t entry, uint64_t now);

static const uint64_t ratelimit_tag_mask = (UINT64_C(1) << RATELIMIT_TAG_BITS) - 1;

/* Counts one reply; true: it is above the rate, and was not counted. */
static inline bool ratelimit_over(struct ratelimit *limiter, const struct ratelimit_terms *terms,
	uint64_t hash, unsigned class)
{
	uint64_t tag = hash & ratelimit_tag_mask, *ways = ratelimit_set(limiter, hash);
	uint64_t *entry = &ways[hash >> 61], paid;
	int64_t due;

	if (__builtin_expect((*entry ^ tag) & ratelimit_tag_mask, 0))
		entry = ratelimit_seek(ways, (unsigned)(hash >> 61), tag, terms->now);
	paid = *entry ^ tag;
	due = (int64_t)(paid - terms->now);
	if (__builtin_expect(due > terms->room[class], 0)) {
		if (!ratelimit_stale(paid, terms->now))
			return true;
		due = 0;
	}
	*entry = (terms->now + (uint64_t)(due > 0 ? due : 0) + terms->cost[class]) | tag;
	return false;
}

/* Whether one of `slip` limited replies falls to this one: at random, so that nobody who asks in
 * step with others always gets none. */
bool ratelimit_slips(struct ratelimit *limiter, unsigned slip);

/* Whether an address of 4 or 16 octets is in an exempt range. */
bool ratelimit_exempt(
	const struct ratelimit_policy *policy, const uint8_t *address, size_t address_bytes);

#endif
