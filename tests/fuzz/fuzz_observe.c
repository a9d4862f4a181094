/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any bytes as a frame through a pipeline that shows all, then to the sketches: what is shown is
 * the frame, its fields stay within it, and whoever asked is counted once. The first octet chooses
 * whether a trace looks as well.
 */
#include "control/observer/observation.h"
#include "control/observer/tally.h"
#include "dataplane/pipeline.h"

#include "tests/fuzz/fuzz_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 2048 };

static struct counters counters;
static struct observe_ring *ring;
static struct tally *tally;
static struct serving serving;
static struct observe_filters filters;

static void set_up(void)
{
	const struct observe_filter all = {.names = {.family = 4}, .by_name = true},
				    some = {.clients = {.high = UINT64_C(0xc612) << 48,
						    .family = 4,
						    .bits = 16},
					    .by_client = true};

	ring = observe_ring_new(0, 1);
	tally = tally_new();
	must(ring && tally, "no memory");
	tally_advance(tally, 1000);
	observe_filters_set(&filters, 0, &all);
	observe_filters_set(&filters, 1, &some);
	serving = fuzz_fixture.serving;
	serving.observe.one_in = 1;
}

static void answer(const uint8_t *data, size_t size, uint8_t *frame)
{
	static struct burst burst;
	const struct pipeline pipeline = {
		.serving = &serving, .link = &fixture_link, .counters = &counters, .ring = ring};

	burst.n = burst.punt_room = 1;
	burst.frame[0] = memcpy(frame, data, size);
	burst.length[0] = (uint32_t)size;
	burst.capacity[0] = CAPACITY;
	pipeline_run(&pipeline, &burst);
}

static void check(const struct observation *seen, const uint8_t *data, size_t size)
{
	struct observation_message query = observation_query(seen);
	struct observation_message reply = observation_reply(seen);

	must(seen->query_bytes == size, "another length");
	must(seen->query_kept <= OBSERVE_QUERY_BYTES && seen->reply_kept <= OBSERVE_REPLY_BYTES,
		"more is kept than there is room for");
	must(memcmp(seen->query, data, seen->query_kept) == 0, "another frame");
	must(!query.bytes || query.at + query.bytes <= seen->query + seen->query_kept,
		"a query beyond its frame");
	must(!reply.bytes || reply.at + reply.bytes <= seen->reply + seen->reply_kept,
		"a reply beyond its frame");
}

static uint64_t total(void)
{
	static struct tally_ranking ranking;

	must(tally_rank(tally, TALLY_OUTCOMES, 0, 1, &ranking) == 0, "no memory");
	return ranking.total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t frame[CAPACITY];
	const struct observation *seen;
	uint64_t before;

	if (size < 1 || size > CAPACITY)
		return 0;
	if (!ring)
		set_up();
	serving_publish_filters(&serving, *data & 1 ? &filters : NULL);
	answer(data + 1, --size, frame);
	if (observe_peek(ring, &seen, 1) == 0)
		return 0; /* the kernel's */
	check(seen, data + 1, size);
	before = total();
	tally_take(tally, seen, 0);
	must(total() == before + (seen->why != 0), "not counted once");
	observe_release(ring, 1);
	return 0;
}
