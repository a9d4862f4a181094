/* SPDX-License-Identifier: BSD-3-Clause */
/* Only bursts of which a frame may be wanted come here. */
#include "dataplane/observe_burst.h"

#include "dataplane/dns/wire.h"

#include <string.h>

#include "dataplane/hot.h"

/* Not yet decided. */
static const enum outcome open_still = OUTCOMES;

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

/* With nothing to match, what lies between samples is not looked at. */
static void choose_samples(
	const struct observe_terms *terms, struct observe_ring *ring, struct burst *b)
{
	unsigned next = 0;

	while (ring->gap <= b->n - next) {
		next += (unsigned)ring->gap;
		take(ring, b, next - 1, observe_draw(terms, ring), 0);
	}
	ring->gap -= b->n - next;
}

static void choose_all(const struct observe_terms *terms, const struct observe_filters *filters,
	struct observe_ring *ring, struct burst *b)
{
	for (unsigned i = 0, n = b->n; i < n; i++) {
		uint32_t weight = --ring->gap == 0 ? observe_draw(terms, ring) : 0;
		uint32_t fit = match(filters, b, i);

		if (weight | fit)
			take(ring, b, i, weight, fit);
	}
}

void observe_burst_begin(
	const struct observe_terms *terms, struct observe_ring *ring, struct burst *b)
{
	/* Pairs with the release in serving_publish_filters. */
	const struct observe_filters *filters =
		atomic_load_explicit(&terms->filters, memory_order_acquire);

	b->observed = 0;
	observe_refresh(terms, ring);
	if (filters)
		choose_all(terms, filters, ring, b);
	else
		choose_samples(terms, ring, b);
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
