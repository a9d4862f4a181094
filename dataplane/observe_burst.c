/* SPDX-License-Identifier: BSD-3-Clause */
/* Only bursts of which a frame may be wanted come here. */
#include "dataplane/observe_burst.h"

#include "dataplane/dns/wire.h"

#include <string.h>

#include "dataplane/hot.h"

/* Not yet decided. */
static const enum outcome open_still = OUTCOMES;

static_assert(BURST_MAX <= 64, "a burst's frames are the bits of a word");

static bool wanted(enum outcome outcome)
{
	return outcome != OUTCOME_TO_KERNEL && outcome != OUTCOME_NEIGHBOR &&
		outcome != OUTCOME_ECHO;
}

static void copy_addresses(
	struct observation *observation, const uint8_t *frame, const struct frame_view *view)
{
	const uint8_t *source = frame + frame_source(view);

	memset(observation->client, 0, sizeof(observation->client));
	memset(observation->server, 0, sizeof(observation->server));
	if (view->family == 4) {
		memcpy(observation->client, source, 4);
		memcpy(observation->server, source + 4, 4);
	} else {
		memcpy(observation->client, source, 16);
		memcpy(observation->server, source + 16, 16);
	}
	observation->client_port = wire_get16(frame + view->udp);
	observation->server_port = wire_get16(frame + view->udp + 2);
}

static void copy_query(struct observation *observation, const struct burst *b, unsigned i)
{
	const struct frame_view *view = &b->view[i];
	uint32_t length = b->length[i];
	uint32_t kept = length < OBSERVE_QUERY_BYTES ? length : OBSERVE_QUERY_BYTES;

	observation->cycles = __builtin_ia32_rdtsc();
	observation->path = OBSERVE_WORKER;
	observation->family = 0;
	observation->query_bytes = length;
	observation->query_kept = (uint16_t)kept;
	observation->query_message = observation->reply_message = 0;
	memcpy(observation->query, b->frame[i], kept);
	if (b->outcome[i] != open_still)
		return;
	observation->family = view->family;
	observation->query_message = observation->reply_message = view->payload;
	copy_addresses(observation, b->frame[i], view);
}

static uint32_t match(const struct observe_filters *filters, const struct burst *b, unsigned i)
{
	const struct query *query = &b->query[i];
	bool has_name;

	if (b->outcome[i] != open_still)
		return 0;
	has_name = query->status == QUERY_OK || query->status == QUERY_BADVERS;
	return observe_match(filters, has_name ? &query->owner.prefix : NULL,
		b->frame[i] + frame_source(&b->view[i]), b->view[i].family);
}

static void take(
	struct observe_ring *ring, struct burst *b, unsigned i, uint32_t weight, uint32_t fit)
{
	struct observation *observation;

	if (!wanted(b->outcome[i]) || !(observation = observe_reserve(ring)))
		return;
	observation->why = (uint8_t)((weight ? OBSERVE_SAMPLED : 0) | (fit ? OBSERVE_TRACED : 0));
	observation->one_in = weight;
	observation->filters = (uint16_t)fit;
	observation->worker = ring->worker;
	copy_query(observation, b, i);
	b->observed_frame[b->observed] = (uint8_t)i;
	b->observation[b->observed++] = observation;
}

/* By bit, the frames whose QNAME is what a filter wants; of what was not read too, perhaps. */
static uint64_t named(const struct observe_match *wanted, const struct burst *b)
{
	const struct observe_match names = *wanted; /* in registers */
	uint64_t frames = 0;

	for (unsigned i = 0, n = b->n; i < n; i++)
		frames |= (uint64_t)observe_within(&names, &b->query[i].owner.prefix) << i;
	return frames;
}

static uint64_t opened(const struct burst *b)
{
	uint64_t frames = 0;

	for (unsigned i = 0, n = b->n; i < n; i++)
		frames |= (uint64_t)(b->outcome[i] == open_still) << i;
	return frames;
}

/* The frames that may fit a filter: to look at all of them by each would cost more. */
static uint64_t candidates(const struct observe_filters *filters, const struct burst *b)
{
	uint64_t frames = 0;

	if (filters->used & ~filters->by_name)
		return opened(b);
	for (uint32_t left = filters->by_name; left; left &= left - 1)
		frames |= named(&filters->names[__builtin_ctz(left)], b);
	return frames;
}

/* What lies between samples and those that may fit a filter is not looked at. */
static void choose(const struct observe_terms *terms, const struct observe_filters *filters,
	struct observe_ring *ring, struct burst *b)
{
	uint64_t maybe = filters ? candidates(filters, b) : 0, due = ring->gap;

	while (maybe || due <= b->n) {
		unsigned i = maybe ? (unsigned)__builtin_ctzll(maybe) : b->n;
		uint32_t weight = 0, fit = 0;

		if (due - 1 <= i) {
			i = (unsigned)due - 1;
			weight = observe_draw(terms, ring);
			due = i + 1 + ring->gap;
		}
		if (maybe >> i & 1)
			fit = match(filters, b, i);
		maybe &= ~(UINT64_C(1) << i);
		if (weight | fit)
			take(ring, b, i, weight, fit);
	}
	ring->gap = due - b->n;
}

void observe_burst_begin(
	const struct observe_terms *terms, struct observe_ring *ring, struct burst *b)
{
	/* Pairs with the release in serving_publish_filters. */
	const struct observe_filters *filters =
		atomic_load_explicit(&terms->filters, memory_order_acquire);

	b->observed = 0;
	observe_refresh(terms, ring);
	choose(terms, filters, ring, b);
}

void observe_burst_end(struct observe_ring *ring, struct burst *b)
{
	for (unsigned k = 0; k < b->observed; k++) {
		struct observation *observation = b->observation[k];
		unsigned i = b->observed_frame[k];
		uint32_t length = b->length[i];
		uint32_t kept = length < OBSERVE_REPLY_BYTES ? length : OBSERVE_REPLY_BYTES;

		observation->outcome = (uint8_t)b->outcome[i];
		/* The listener's thread answers it, and lets it be seen then. */
		if (b->outcome[i] == OUTCOME_PUNTED)
			observation->why = 0;
		observation->reply_bytes = length;
		observation->reply_kept = (uint16_t)kept;
		memcpy(observation->reply, b->frame[i], kept);
	}
	if (b->observed)
		observe_commit(ring);
}
