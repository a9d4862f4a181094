/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who comes most, in fixed memory: Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient
 * Computation of Frequent and Top-k Elements in Data Streams", 2005). Of all weight that was added,
 * that of a key is at most its `count` and at least `count - error`; a key that is not there has at
 * most sketch_least; and whoever has more than 1/capacity of the total is there. One thread.
 */
#ifndef ARPAD_CONTROL_OBSERVER_SKETCH_H
#define ARPAD_CONTROL_OBSERVER_SKETCH_H

#include "dataplane/dns/arpa.h"
#include "dataplane/records/hash.h"

#include <stdint.h>

enum { SKETCH_CAPACITY_MAX = 1 << 15 };

/* Keys are prefixes, or numbers as sketch_number makes prefixes of them. */
struct sketch_entry {
	struct prefix key;
	uint64_t count, error;
};

struct sketch {
	struct hash_key secret; /* so that nobody can choose who shares a bucket */
	unsigned capacity, used, bucket_mask;
	uint64_t total;	      /* all that was added */
	uint32_t weight_most; /* the largest weight at once */
	struct sketch_entry *entry;
	uint16_t *next;	  /* of the entry: the next of its bucket */
	uint16_t *place;  /* of the entry: where it is in the heap */
	uint16_t *heap;	  /* entries, the one that counts least first */
	uint16_t *bucket; /* the first entry of each */
};

/* A key of no family. */
static inline struct prefix sketch_number(uint64_t number)
{
	return (struct prefix){.high = number};
}

/* `capacity` of 1..SKETCH_CAPACITY_MAX. -1: no memory; then there is nothing to free. */
int sketch_init(struct sketch *sketch, unsigned capacity, const struct hash_key *secret);
void sketch_fini(struct sketch *sketch); /* also of a zeroed one */

/* As it was at first. */
void sketch_clear(struct sketch *sketch);

/* `weight` is at least 1. */
void sketch_add(struct sketch *sketch, const struct prefix *key, uint32_t weight);

/* The most that any key may have which is not there. */
uint64_t sketch_least(const struct sketch *sketch);

#endif
