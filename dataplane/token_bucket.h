/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How many things may happen a second, and how many at once after a rest. Time is passed in, so it
 * reads no clock; of one owner, so it has no locks.
 */
#ifndef ARPAD_DATAPLANE_TOKEN_BUCKET_H
#define ARPAD_DATAPLANE_TOKEN_BUCKET_H

#include <stdint.h>

enum {
	TOKEN_BUCKET_SECOND_NS = 1000000000,
	TOKEN_BUCKET_REST_PER_SECOND = 100, /* full holds what 10 ms bring ... */
	TOKEN_BUCKET_LEAST = 64,	    /* ... and a burst at any rate */
};

struct token_bucket {
	uint64_t rate;	 /* tokens a second, 1..2^32 - 1 */
	uint64_t most;	 /* it is full with so many */
	uint64_t credit; /* tokens times TOKEN_BUCKET_SECOND_NS; at most `most` of them */
	uint64_t at_ns;	 /* when it was last filled */
};

/* A full one. */
static inline struct token_bucket token_bucket_full(uint32_t rate, uint64_t now_ns)
{
	uint64_t most = rate / TOKEN_BUCKET_REST_PER_SECOND;

	if (most < TOKEN_BUCKET_LEAST)
		most = TOKEN_BUCKET_LEAST;
	return (struct token_bucket){
		.rate = rate,
		.most = most,
		.credit = most * TOKEN_BUCKET_SECOND_NS,
		.at_ns = now_ns,
	};
}

/* How many tokens there are now. A time before the last one adds none. */
static inline uint64_t token_bucket_look(struct token_bucket *bucket, uint64_t now_ns)
{
	uint64_t full = bucket->most * TOKEN_BUCKET_SECOND_NS;

	if (now_ns > bucket->at_ns) {
		uint64_t passed = now_ns - bucket->at_ns, missing = full - bucket->credit;

		/* Without the product, which could overflow after a long rest. */
		if (passed >= missing / bucket->rate + 1)
			bucket->credit = full;
		else
			bucket->credit += passed * bucket->rate;
		bucket->at_ns = now_ns;
	}
	return bucket->credit / TOKEN_BUCKET_SECOND_NS;
}

/* Takes `count` tokens, at most as many as the last look told. */
static inline void token_bucket_take(struct token_bucket *bucket, uint64_t count)
{
	bucket->credit -= count * TOKEN_BUCKET_SECOND_NS;
}

#endif
