/* SPDX-License-Identifier: BSD-3-Clause */
/* A ring's memory and its reading end, and filters: what the threads that do not answer need. */
#include "dataplane/observe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { RING_BYTES = OBSERVE_SLOTS * sizeof(struct observation) };

struct observe_ring *observe_ring_new(uint16_t number, uint64_t seed)
{
	struct observe_ring *ring = aligned_alloc(_Alignof(struct observe_ring), sizeof(*ring));

	if (!ring)
		return NULL;
	/* Aligned to its size, so that the kernel can back it with one huge page. */
	*ring = (struct observe_ring){.slots = aligned_alloc(RING_BYTES, RING_BYTES),
		.worker = number,
		.gap = UINT64_MAX,
		.random = (seed + number * UINT64_C(0x9e3779b97f4a7c15)) | 1u << 31};
	if (!ring->slots) {
		free(ring);
		return NULL;
	}
	madvise(ring->slots, RING_BYTES, MADV_HUGEPAGE); /* else it is slower */
	return ring;
}

void observe_ring_free(struct observe_ring *ring)
{
	if (!ring)
		return;
	free(ring->slots);
	free(ring);
}

unsigned observe_peek(
	const struct observe_ring *ring, const struct observation **first, unsigned max)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	/* Pairs with the release in observe_commit. */
	uint32_t count = atomic_load_explicit(&ring->head, memory_order_acquire) - tail;
	uint32_t at = tail % OBSERVE_SLOTS;

	*first = &ring->slots[at];
	if (count > OBSERVE_SLOTS - at)
		count = OBSERVE_SLOTS - at;
	return count < max ? count : max;
}

void observe_release(struct observe_ring *ring, unsigned n)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	/* Pairs with the acquires in observe_reserve and where it thins. */
	atomic_store_explicit(&ring->tail, tail + n, memory_order_release);
}

static struct observe_match match_of(const struct prefix *prefix)
{
	const struct prefix ones = {.high = UINT64_MAX, .low = UINT64_MAX};
	struct prefix mask = prefix_truncate(&ones, prefix->bits);
	struct prefix cut = prefix_truncate(prefix, prefix->bits);

	return (struct observe_match){.high = cut.high,
		.low = cut.low,
		.high_mask = mask.high,
		.low_mask = mask.low,
		.family = prefix->family,
		.bits = prefix->bits};
}

void observe_filters_set(
	struct observe_filters *filters, unsigned index, const struct observe_filter *filter)
{
	uint32_t bit = 1u << index;

	filters->used &= ~bit;
	filters->by_name &= ~bit;
	filters->by_client &= ~bit;
	if (!filter)
		return;
	filters->used |= bit;
	if (filter->by_name) {
		filters->by_name |= bit;
		filters->names[index] = match_of(&filter->names);
	}
	if (filter->by_client) {
		filters->by_client |= bit;
		filters->clients[index] = match_of(&filter->clients);
	}
}
