/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hash of chained entries finds a key, a heap the entry that counts least, whose place a new key
 * takes. Weights differ, so the heap stands for the paper's list of equal counts.
 */
#include "control/observer/sketch.h"

#include <stdlib.h>
#include <string.h>

static const uint16_t none = UINT16_MAX;

int sketch_init(struct sketch *sketch, unsigned capacity, const struct hash_key *secret)
{
	unsigned buckets = 1;

	while (buckets < capacity)
		buckets *= 2;
	*sketch = (struct sketch){
		.secret = *secret, .capacity = capacity, .bucket_mask = buckets - 1};
	sketch->entry = calloc(capacity, sizeof(*sketch->entry));
	sketch->next = calloc(capacity, sizeof(*sketch->next));
	sketch->place = calloc(capacity, sizeof(*sketch->place));
	sketch->heap = calloc(capacity, sizeof(*sketch->heap));
	sketch->bucket = calloc(buckets, sizeof(*sketch->bucket));
	if (!sketch->entry || !sketch->next || !sketch->place || !sketch->heap || !sketch->bucket) {
		sketch_fini(sketch);
		return -1;
	}
	sketch_clear(sketch);
	return 0;
}

void sketch_fini(struct sketch *sketch)
{
	free(sketch->entry);
	free(sketch->next);
	free(sketch->place);
	free(sketch->heap);
	free(sketch->bucket);
	*sketch = (struct sketch){.capacity = 0};
}

void sketch_clear(struct sketch *sketch)
{
	sketch->used = 0;
	sketch->total = 0;
	sketch->weight_most = 0;
	memset(sketch->bucket, 0xff, (sketch->bucket_mask + 1) * sizeof(*sketch->bucket));
}

static uint16_t *bucket_of(struct sketch *sketch, const struct prefix *key)
{
	return &sketch->bucket[hash_prefix(&sketch->secret, key) & sketch->bucket_mask];
}

static uint16_t find(const struct sketch *sketch, uint16_t first, const struct prefix *key)
{
	while (first != none && !prefix_equal(&sketch->entry[first].key, key))
		first = sketch->next[first];
	return first;
}

static void unlink_entry(struct sketch *sketch, uint16_t entry)
{
	uint16_t *at = bucket_of(sketch, &sketch->entry[entry].key);

	while (*at != entry)
		at = &sketch->next[*at];
	*at = sketch->next[entry];
}

static void put(struct sketch *sketch, unsigned place, uint16_t entry)
{
	sketch->heap[place] = entry;
	sketch->place[entry] = (uint16_t)place;
}

/* The entry has grown: those below it that count less go up. */
static void sink(struct sketch *sketch, uint16_t entry)
{
	uint64_t count = sketch->entry[entry].count;
	unsigned place = sketch->place[entry];

	for (;;) {
		unsigned child = 2 * place + 1;

		if (child >= sketch->used)
			break;
		if (child + 1 < sketch->used &&
			sketch->entry[sketch->heap[child + 1]].count <
				sketch->entry[sketch->heap[child]].count)
			child++;
		if (sketch->entry[sketch->heap[child]].count >= count)
			break;
		put(sketch, place, sketch->heap[child]);
		place = child;
	}
	put(sketch, place, entry);
}

/* A new one at the end: those above it that count more go down. */
static void rise(struct sketch *sketch, uint16_t entry)
{
	uint64_t count = sketch->entry[entry].count;
	unsigned place = sketch->place[entry];

	while (place > 0) {
		unsigned parent = (place - 1) / 2;

		if (sketch->entry[sketch->heap[parent]].count <= count)
			break;
		put(sketch, place, sketch->heap[parent]);
		place = parent;
	}
	put(sketch, place, entry);
}

/* A place for the key: a free one, or that of whoever counts least. */
static void enter(struct sketch *sketch, const struct prefix *key, uint32_t weight)
{
	bool full = sketch->used == sketch->capacity;
	uint16_t entry = full ? sketch->heap[0] : (uint16_t)sketch->used;
	uint64_t least = full ? sketch->entry[entry].count : 0;
	uint16_t *bucket = bucket_of(sketch, key);

	if (full)
		unlink_entry(sketch, entry);
	sketch->entry[entry] =
		(struct sketch_entry){.key = *key, .count = least + weight, .error = least};
	sketch->next[entry] = *bucket;
	*bucket = entry;
	if (full) {
		sink(sketch, entry);
		return;
	}
	sketch->place[entry] = entry;
	sketch->used++;
	rise(sketch, entry);
}

void sketch_add(struct sketch *sketch, const struct prefix *key, uint32_t weight)
{
	uint16_t entry = find(sketch, *bucket_of(sketch, key), key);

	sketch->total += weight;
	if (weight > sketch->weight_most)
		sketch->weight_most = weight;
	if (entry == none) {
		enter(sketch, key, weight);
		return;
	}
	sketch->entry[entry].count += weight;
	sink(sketch, entry);
}

uint64_t sketch_least(const struct sketch *sketch)
{
	return sketch->used < sketch->capacity ? 0 : sketch->entry[sketch->heap[0]].count;
}
