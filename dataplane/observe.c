/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One producer, one consumer. Which messages are sampled is drawn as gaps between them, uniformly
 * from 1 to twice the mean less one: each message is as likely as any other, whatever the traffic's
 * own rhythm, and those between cost nothing.
 */
#include "dataplane/observe.h"

#include "dataplane/counters.h"
#include "dataplane/dns/query.h"
#include "dataplane/dns/wire.h"

#include <string.h>

#include "dataplane/hot.h"

/* From a ring half full on, gaps are so many times as long; from three quarters on, again. */
enum { THIN = 16 };

void observe_ring_settle(struct observe_ring *ring)
{
	memset(ring->slots, 0, OBSERVE_SLOTS * sizeof(ring->slots[0]));
}

struct observation *observe_reserve(struct observe_ring *ring)
{
	if (ring->reserved - ring->known_tail == OBSERVE_SLOTS) {
		/* Pairs with the release in observe_release. */
		ring->known_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
		if (ring->reserved - ring->known_tail == OBSERVE_SLOTS) {
			counter_add(&ring->dropped, 1);
			return NULL;
		}
	}
	return &ring->slots[ring->reserved++ % OBSERVE_SLOTS];
}

void observe_commit(struct observe_ring *ring)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	counter_add(&ring->seen, ring->reserved - head);
	/* Pairs with the acquire in observe_peek. */
	atomic_store_explicit(&ring->head, ring->reserved, memory_order_release);
}

/* xorshift64*: good enough to be out of step with the traffic. */
static uint64_t random_next(struct observe_ring *ring)
{
	uint64_t x = ring->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	ring->random = x;
	return x * 0x2545f4914f6cdd1d;
}

/* What the mean of the next gap is times, by how full the ring is. */
static uint32_t thinning(const struct observe_terms *terms, struct observe_ring *ring)
{
	uint32_t used;

	if (!atomic_load_explicit(&terms->thins, memory_order_relaxed))
		return 1;
	if (ring->reserved - ring->known_tail < OBSERVE_SLOTS / 2)
		return 1;
	/* Pairs with the release in observe_release. */
	ring->known_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
	used = ring->reserved - ring->known_tail;
	return used < OBSERVE_SLOTS / 2 ? 1 : used < OBSERVE_SLOTS / 4 * 3 ? THIN : THIN * THIN;
}

static void draw(const struct observe_terms *terms, struct observe_ring *ring)
{
	uint64_t mean = ring->one_in;

	if (!mean) {
		ring->gap = UINT64_MAX;
		return;
	}
	mean *= thinning(terms, ring);
	if (mean > UINT32_MAX)
		mean = UINT32_MAX;
	ring->weight = (uint32_t)mean;
	ring->gap = 1 + (uint64_t)((unsigned __int128)random_next(ring) * (2 * mean - 1) >> 64);
}

void observe_refresh(const struct observe_terms *terms, struct observe_ring *ring)
{
	uint32_t one_in = atomic_load_explicit(&terms->one_in, memory_order_relaxed);

	if (one_in == ring->one_in)
		return;
	ring->one_in = one_in;
	draw(terms, ring);
}

uint32_t observe_draw(const struct observe_terms *terms, struct observe_ring *ring)
{
	uint32_t weight = ring->weight;

	draw(terms, ring);
	return weight;
}

static struct prefix host_prefix(const uint8_t *address, uint8_t family)
{
	if (family == ARPA_FAMILY_IPV4)
		return (struct prefix){
			.high = (uint64_t)wire_get32(address) << 32, .family = 4, .bits = 32};
	return (struct prefix){.high = wire_get64(address),
		.low = wire_get64(address + 8),
		.family = 6,
		.bits = 128};
}

uint32_t observe_match(const struct observe_filters *filters, const struct prefix *name,
	const uint8_t *client, uint8_t family)
{
	uint32_t fit = filters->used;

	for (uint32_t left = filters->by_name; left; left &= left - 1) {
		unsigned at = (unsigned)__builtin_ctz(left);

		if (!name || !observe_within(&filters->names[at], name))
			fit &= ~(1u << at);
	}
	if (fit & filters->by_client) {
		struct prefix source = host_prefix(client, family);

		for (uint32_t left = fit & filters->by_client; left; left &= left - 1) {
			unsigned at = (unsigned)__builtin_ctz(left);

			if (!observe_within(&filters->clients[at], &source))
				fit &= ~(1u << at);
		}
	}
	return fit;
}

/* As for a frame, but the query was not read yet. */
static uint32_t match_message(
	const struct observe_filters *filters, const struct observe_message *message)
{
	struct query query;
	enum query_status status = query_read(message->message, message->length, &query);
	bool has_name = status == QUERY_OK || status == QUERY_BADVERS;

	return observe_match(
		filters, has_name ? &query.owner.prefix : NULL, message->client, message->family);
}

static void copy_query(struct observation *observation, const struct observe_message *message)
{
	size_t kept = message->length < OBSERVE_QUERY_BYTES ? message->length : OBSERVE_QUERY_BYTES;

	observation->cycles = __builtin_ia32_rdtsc();
	observation->path = (uint8_t)message->path;
	observation->family = message->family;
	observation->query_bytes = (uint32_t)message->length;
	observation->query_kept = (uint16_t)kept;
	observation->query_message = 0;
	memset(observation->client, 0, sizeof(observation->client));
	memset(observation->server, 0, sizeof(observation->server));
	memcpy(observation->client, message->client, message->family == 4 ? 4 : 16);
	memcpy(observation->query, message->message, kept);
}

struct observation *observe_message_begin(const struct observe_terms *terms,
	struct observe_ring *ring, const struct observe_message *message)
{
	const struct observe_filters *filters;
	struct observation *observation;
	uint32_t fit = 0, weight = 0;
	uint8_t why = 0;

	if (!observe_due(terms, ring, 1))
		return NULL;
	observe_refresh(terms, ring);
	if (--ring->gap == 0) {
		weight = observe_draw(terms, ring);
		why = OBSERVE_SAMPLED;
	}
	/* Pairs with the release in serving_publish_filters. */
	filters = atomic_load_explicit(&terms->filters, memory_order_acquire);
	if (filters && (fit = match_message(filters, message)) != 0)
		why |= OBSERVE_TRACED;
	if (!why || !(observation = observe_reserve(ring)))
		return NULL;
	observation->why = why;
	observation->one_in = weight;
	observation->filters = (uint16_t)fit;
	observation->worker = ring->worker;
	copy_query(observation, message);
	return observation;
}

void observe_message_end(struct observe_ring *ring, struct observation *observation,
	enum outcome outcome, const uint8_t *reply, size_t length)
{
	size_t kept = length < OBSERVE_REPLY_BYTES ? length : OBSERVE_REPLY_BYTES;

	observation->outcome = (uint8_t)outcome;
	observation->reply_bytes = (uint32_t)length;
	observation->reply_kept = (uint16_t)kept;
	observation->reply_message = 0;
	memcpy(observation->reply, reply, kept);
	observe_commit(ring);
}
