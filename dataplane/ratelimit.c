/* SPDX-License-Identifier: BSD-3-Clause */
/* What of rate limiting is not in every packet's way. */
#include "dataplane/ratelimit.h"

#include "dataplane/dns/wire.h"

#include "dataplane/hot.h"

const uint8_t ratelimit_classes[OUTCOMES] = {
	[OUTCOME_ANSWERED] = RATELIMIT_ANSWERS,
	[OUTCOME_TRUNCATED] = RATELIMIT_ANSWERS,
	[OUTCOME_YXDOMAIN] = RATELIMIT_ANSWERS, /* it carries the DNAME */
	[OUTCOME_NODATA] = RATELIMIT_NXDOMAIN,
	[OUTCOME_NXDOMAIN] = RATELIMIT_NXDOMAIN,
	[OUTCOME_REFERRAL] = RATELIMIT_REFERRALS,
	[OUTCOME_REFUSED] = RATELIMIT_ERRORS,
	[OUTCOME_PUNT_REFUSED] = RATELIMIT_ERRORS,
	[OUTCOME_FORMERR] = RATELIMIT_ERRORS,
	[OUTCOME_NOTIMP] = RATELIMIT_ERRORS,
	[OUTCOME_BADVERS] = RATELIMIT_ERRORS,
	[OUTCOME_BADCOOKIE] = RATELIMIT_ERRORS,
};

/*
 * Nothing can be due for longer: a burst of 60 s, and one reply a second shared by 64 threads. The
 * time wraps after 12.7 days, and an entry that nobody asked for in the half of it seems to lie
 * ahead: it is told by this.
 */
static const int64_t due_most = (INT64_C(200) * RATELIMIT_SECOND) << RATELIMIT_TAG_BITS;

static const uint64_t tag_mask = (UINT64_C(1) << RATELIMIT_TAG_BITS) - 1;

/* The first `bits` of the octets of a word from `first` on. */
static uint64_t mask_of(unsigned bits, unsigned first)
{
	uint8_t octets[8] = {0};
	uint64_t mask;

	for (unsigned i = 0; first + i < 8 && bits > 8 * i; i++)
		octets[first + i] = bits >= 8 * i + 8 ? 0xff : (uint8_t)(0xff00 >> (bits - 8 * i));
	memcpy(&mask, octets, sizeof(mask));
	return mask;
}

static void class_terms(const struct ratelimit_policy *policy, unsigned shares, unsigned number,
	struct ratelimit_class_terms *class)
{
	uint64_t cost = (uint64_t)policy->interval_us[number] * shares;
	uint64_t most = policy->burst_us > cost ? policy->burst_us : cost;

	class->cost = cost << RATELIMIT_TAG_BITS;
	class->limit = cost ? ratelimit_age((most - cost) << RATELIMIT_TAG_BITS) + 1 : 0;
	/* Another way of the same line, and another tag. */
	class->salt = number | (uint64_t)number << (64 - RATELIMIT_TAG_BITS);
}

void ratelimit_terms(const struct ratelimit *limiter, const struct ratelimit_policy *policy,
	uint64_t now_us, struct ratelimit_terms *terms)
{
	terms->now = now_us << RATELIMIT_TAG_BITS;
	for (unsigned c = 0; c < RATELIMIT_CLASSES; c++)
		class_terms(policy, limiter->shares, c, &terms->class[c]);
	terms->mask[4] = mask_of(policy->ipv4_bits, 4);
	terms->mask[6] = mask_of(policy->ipv6_bits, 0);
}

/* What an entry has to pay: nothing where its time has passed, or seems to lie ahead for ever. */
static int64_t due_of(uint64_t entry, uint64_t now)
{
	int64_t due = (int64_t)((entry & ~tag_mask) - now);

	return due < 0 || due > due_most ? 0 : due;
}

/* The entry of a key: found, or made in place of the least, which is the first place where no other
 * has less. */
static uint64_t *seek(uint64_t *ways, uint64_t *home, uint64_t tag, uint64_t now)
{
	uint64_t *least = home;
	int64_t least_due = due_of(*least, now);
	unsigned found = 0;

	/* Without a branch: nobody can tell which it will be. */
	for (unsigned i = 0; i < RATELIMIT_WAYS; i++)
		found |= (unsigned)!((ways[i] ^ tag) & tag_mask) << i;
	if (found)
		return &ways[__builtin_ctz(found)];
	for (unsigned i = 0; i < RATELIMIT_WAYS && least_due > 0; i++) {
		int64_t due = due_of(ways[i], now);

		if (due < least_due) {
			least = &ways[i];
			least_due = due;
		}
	}
	*least = now | tag;
	return least;
}

bool ratelimit_over_elsewhere(const struct ratelimit *limiter, const struct ratelimit_terms *terms,
	const struct ratelimit_class_terms *class, uint64_t hash)
{
	uint64_t tag = hash >> (64 - RATELIMIT_TAG_BITS), *entry;
	uint64_t line = hash & limiter->entry_mask & ~(uint64_t)(RATELIMIT_WAYS - 1);
	int64_t due;

	if (class->limit == 0)
		return false;
	entry = seek(&limiter->entries[line], ratelimit_home(limiter, hash), tag, terms->now);
	due = due_of(*entry, terms->now);
	if (ratelimit_age((uint64_t)due) >= class->limit)
		return true;
	*entry = (terms->now + (uint64_t)due + class->cost) | tag;
	return false;
}

bool ratelimit_slips(struct ratelimit *limiter, unsigned slip)
{
	if (slip < 2)
		return slip == 1;
	/* Xorshift (Marsaglia 2003) from a random start: good enough for a draw, and quick. */
	limiter->random ^= limiter->random << 13;
	limiter->random ^= limiter->random >> 7;
	limiter->random ^= limiter->random << 17;
	return (limiter->random >> 32) * slip >> 32 == 0;
}

static bool below(const uint64_t a[static 2], const uint64_t b[static 2])
{
	return a[0] < b[0] || (a[0] == b[0] && a[1] < b[1]);
}

bool ratelimit_exempt(
	const struct ratelimit_policy *policy, const uint8_t *address, size_t address_bytes)
{
	uint64_t key[2] = {0, UINT64_C(0xffff) << 32};
	unsigned low = 0, high = policy->exempt_count;

	if (address_bytes == 4) {
		key[1] |= wire_get32(address);
	} else {
		key[0] = wire_get64(address);
		key[1] = wire_get64(address + 8);
	}
	/* The first range that does not end before it. */
	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (below(policy->exempt[middle].last, key))
			low = middle + 1;
		else
			high = middle;
	}
	return low < policy->exempt_count && !below(key, policy->exempt[low].first);
}
