/* SPDX-License-Identifier: BSD-3-Clause */
/* observe.c, observe_burst.c, observe_memory.c: the ring, how samples are drawn, filters against
 * prefix_contains, and that what is seen of every frame vector is what came and what left. */
#include "dataplane/observe.h"

#include "dataplane/counters.h"
#include "dataplane/pipeline.h"
#include "dataplane/respond.h"
#include "tests/support/cmocka.h"
#include "tests/support/fixture.h"
#include "tests/support/vectors.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 2048 };

static struct fixture fixture;
static struct observe_ring *ring;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&fixture);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&fixture);
	return 0;
}

static int ring_up(void **state)
{
	(void)state;
	ring = observe_ring_new(7, 42);
	if (ring)
		observe_ring_settle(ring);
	return ring == NULL;
}

static int ring_down(void **state)
{
	(void)state;
	observe_ring_free(ring);
	return 0;
}

static unsigned put(uint64_t first, unsigned n)
{
	unsigned done = 0;

	for (; done < n; done++) {
		struct observation *observation = observe_reserve(ring);

		if (!observation)
			break;
		observation->cycles = first + done;
	}
	observe_commit(ring);
	return done;
}

/* Takes up to `n`, which must be numbered from `first` on. */
static unsigned get(uint64_t first, unsigned n)
{
	const struct observation *seen;
	unsigned done = 0, more;

	while (done < n && (more = observe_peek(ring, &seen, n - done)) > 0) {
		for (unsigned i = 0; i < more; i++)
			assert_int_equal(seen[i].cycles, first + done + i);
		observe_release(ring, more);
		done += more;
	}
	return done;
}

static void ring_keeps_order_and_counts_drops(void **state)
{
	uint64_t in = 0, out = 0;

	(void)state;
	assert_int_equal(get(0, 1), 0);
	/* Sizes that share nothing with the ring's, so that every slot is the first once. */
	for (unsigned round = 0; round < 5000; round++) {
		in += put(in, 61);
		out += get(out, 1000);
		assert_int_equal(in, out);
	}
	assert_int_equal(counter_read(&ring->dropped), 0);
	assert_int_equal(put(in, OBSERVE_SLOTS), OBSERVE_SLOTS);
	in += OBSERVE_SLOTS;
	assert_int_equal(put(in, 5), 0);
	assert_int_equal(counter_read(&ring->dropped), 1); /* the first that found none */
	out += get(out, 3);
	assert_int_equal(put(in, 5), 3);
	in += 3;
	assert_int_equal(counter_read(&ring->dropped), 2);
	out += get(out, OBSERVE_SLOTS);
	assert_int_equal(in, out);
	assert_int_equal(counter_read(&ring->seen), in);
}

static void nothing_is_seen_before_it_is_committed(void **state)
{
	const struct observation *seen;

	(void)state;
	observe_reserve(ring)->cycles = 1;
	observe_reserve(ring)->cycles = 2;
	assert_int_equal(observe_peek(ring, &seen, 9), 0);
	observe_commit(ring);
	assert_int_equal(observe_peek(ring, &seen, 9), 2);
	assert_int_equal(observe_peek(ring, &seen, 1), 1);
	/* Peeking takes nothing. */
	assert_int_equal(get(1, 9), 2);
}

/* Bursts of `n` as a pipeline has them; returns how many were sampled and what they stand for. */
static unsigned sample(
	const struct observe_terms *terms, unsigned n, unsigned bursts, uint64_t *weight)
{
	unsigned sampled = 0;

	for (unsigned burst = 0; burst < bursts; burst++) {
		unsigned next = 0;

		if (!observe_due(terms, ring, n))
			continue;
		observe_refresh(terms, ring);
		while (ring->gap <= n - next) {
			next += (unsigned)ring->gap;
			*weight += observe_draw(terms, ring);
			sampled++;
		}
		ring->gap -= n - next;
	}
	return sampled;
}

static void samples_stand_for_all(void **state)
{
	static const uint32_t rates[] = {1, 2, 3, 64, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const struct observe_terms terms = {.one_in = rates[i]};
		const unsigned n = 37, bursts = 400000;
		const double all = (double)n * bursts;
		uint64_t weight = 0;
		unsigned sampled = sample(&terms, n, bursts, &weight);

		assert_int_equal(weight, (uint64_t)sampled * rates[i]);
		/* Gaps between 1 and 2N - 1: some 0.6 N / sqrt(samples) is one standard deviation;
		 * 1000 has 14,800 samples. */
		assert_true((double)weight > all * 0.97 && (double)weight < all * 1.03);
		if (rates[i] == 1)
			assert_int_equal(sampled, n * bursts);
	}
}

static void off_samples_nothing_and_on_begins_at_once(void **state)
{
	struct observe_terms terms = {.one_in = 0};
	uint64_t weight = 0;

	(void)state;
	assert_int_equal(sample(&terms, 64, 100000, &weight), 0);
	/* Rare, then all: nobody waits for the rest of a long gap. */
	terms.one_in = 1u << 30;
	assert_true(sample(&terms, 64, 10, &weight) <= 1);
	terms.one_in = 1;
	assert_int_equal(sample(&terms, 64, 10, &weight), 640);
	terms.one_in = 0;
	assert_int_equal(sample(&terms, 64, 10, &weight), 0);
}

/* One that asks with every 64th query is sampled as often as any other. */
static void samples_keep_no_step_with_the_traffic(void **state)
{
	const struct observe_terms terms = {.one_in = 64};
	unsigned hits = 0;

	(void)state;
	for (unsigned i = 0; i < 64 * 64000; i++) {
		if (!observe_due(&terms, ring, 1))
			continue;
		observe_refresh(&terms, ring);
		if (--ring->gap == 0) {
			observe_draw(&terms, ring);
			hits += i % 64 == 0;
		}
	}
	assert_in_range(hits, 850, 1150); /* 1000 +- 5 standard deviations */
}

static void a_ring_that_fills_takes_fewer_and_says_so(void **state)
{
	const struct observe_terms terms = {.one_in = 1, .thins = true};
	uint64_t weight = 0, all = 0;
	unsigned taken = 0;

	(void)state;
	for (; all < 1000000 && taken < OBSERVE_SLOTS; all++) {
		if (!observe_due(&terms, ring, 1))
			continue;
		observe_refresh(&terms, ring);
		if (--ring->gap > 0)
			continue;
		weight += observe_draw(&terms, ring);
		assert_non_null(observe_reserve(ring));
		taken++;
	}
	/* 512 of all, 256 of one in 16, 256 of one in 256: 70,000 messages before it is full. */
	assert_int_equal(taken, OBSERVE_SLOTS);
	assert_true(all > 50000 && all < 90000);
	assert_true((double)weight > (double)all * 0.85 && (double)weight < (double)all * 1.15);
	observe_commit(ring);
	observe_release(ring, OBSERVE_SLOTS);
	/* Emptied, it takes all again, after the gap that was drawn. */
	sample(&terms, 512, 1, &weight);
	weight = 0;
	assert_int_equal(sample(&terms, 100, 1, &weight), 100);
	assert_int_equal(weight, 100);
}

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Few addresses, so that prefixes often meet. */
static struct prefix random_prefix(bool host)
{
	struct prefix all = {.family = next_random() % 2 ? 4 : 6};
	uint8_t bits = prefix_host_bits(all.family);

	all.high = 0xc000020000000000 ^ (next_random() & 3) << 62 ^ (next_random() & 7) << 32 ^
		(all.family == 6 ? next_random() & 3 : 0);
	all.low = all.family == 6 ? (next_random() & 3) << 62 ^ (next_random() & 3) : 0;
	return prefix_truncate(&all, host ? bits : (uint8_t)(next_random() % (bits + 1u)));
}

static void address_of(const struct prefix *prefix, uint8_t address[static 16])
{
	for (unsigned i = 0; i < 8; i++) {
		address[i] = (uint8_t)(prefix->high >> (56 - 8 * i));
		address[8 + i] = (uint8_t)(prefix->low >> (56 - 8 * i));
	}
}

static void filters_match_as_prefixes_contain(void **state)
{
	unsigned fits = 0;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct observe_filter all[OBSERVE_FILTERS_MAX];
		struct observe_filters filters = {.used = 0};

		for (unsigned i = 0; i < OBSERVE_FILTERS_MAX; i++) {
			unsigned kind = 1 + (unsigned)(next_random() % 3);

			all[i] = (struct observe_filter){.names = random_prefix(false),
				.clients = random_prefix(false),
				.by_name = kind & 1,
				.by_client = kind & 2};
			observe_filters_set(&filters, i, &all[i]);
		}
		observe_filters_set(&filters, round % OBSERVE_FILTERS_MAX, NULL);
		for (unsigned query = 0; query < 20; query++) {
			struct prefix name = random_prefix(false), client = random_prefix(true);
			bool named = next_random() % 8 != 0;
			uint8_t address[16];
			uint32_t want = 0;

			address_of(&client, address);
			for (unsigned i = 0; i < OBSERVE_FILTERS_MAX; i++)
				if (i != round % OBSERVE_FILTERS_MAX &&
					(!all[i].by_name ||
						(named && prefix_contains(&all[i].names, &name))) &&
					(!all[i].by_client ||
						prefix_contains(&all[i].clients, &client)))
					want |= 1u << i;
			assert_int_equal(observe_match(&filters, named ? &name : NULL, address,
						 client.family),
				want);
			fits += want != 0;
		}
	}
	assert_true(fits > 1000); /* else nothing was tested */
}

static struct counters counters;
static struct burst burst;
static uint8_t frames[BURST_MAX][CAPACITY];

static void place(unsigned i, const struct vector *v)
{
	memset(frames[i], 0x5a, CAPACITY);
	memcpy(frames[i], v->query, v->query_bytes);
	burst.frame[i] = frames[i];
	burst.length[i] = (uint32_t)v->query_bytes;
	burst.capacity[i] = CAPACITY;
}

static void run(unsigned n)
{
	const struct pipeline pipeline = {.serving = &fixture.serving,
		.link = &fixture_link,
		.counters = &counters,
		.ring = ring};

	burst.n = n;
	burst.punt_room = BURST_MAX;
	pipeline_run(&pipeline, &burst);
}

static void check_addresses(const struct observation *seen, const struct vector *v, unsigned i)
{
	const struct frame_view *view = &burst.view[i];

	assert_int_equal(seen->family, view->family);
	assert_memory_equal(
		seen->client, v->query + frame_source(view), view->family == 4 ? 4 : 16);
	assert_memory_equal(seen->server,
		v->query + frame_source(view) + (view->family == 4 ? 4 : 16),
		view->family == 4 ? 4 : 16);
	assert_int_equal(seen->client_port, v->query[view->udp] << 8 | v->query[view->udp + 1]);
	assert_int_equal(seen->server_port, v->query[view->udp + 2] << 8 | v->query[view->udp + 3]);
	assert_int_equal(seen->query_message, view->payload);
}

static void every_frame_is_seen_as_it_came_and_as_it_left(void **state)
{
	struct vectors vectors;
	unsigned addressed = 0;

	(void)state;
	vectors_open(&vectors, "frames.txt");
	fixture.serving.observe = (struct observe_terms){.one_in = 1};
	for (size_t first = 0; first < vectors.count; first += BURST_MAX) {
		unsigned n = (unsigned)(vectors.count - first < BURST_MAX ? vectors.count - first
									  : BURST_MAX);
		const struct observation *seen;

		for (unsigned i = 0; i < n; i++)
			place(i, &vectors.vector[first + i]);
		run(n);
		for (unsigned i = 0; i < n; i++) {
			const struct vector *v = &vectors.vector[first + i];

			if (burst.outcome[i] == OUTCOME_TO_KERNEL)
				continue;
			assert_int_equal(observe_peek(ring, &seen, 1), 1);
			assert_int_equal(seen->outcome, burst.outcome[i]);
			assert_int_equal(seen->why,
				burst.outcome[i] == OUTCOME_PUNTED ? 0 : OBSERVE_SAMPLED);
			assert_int_equal(seen->one_in, 1);
			assert_int_equal(seen->worker, 7);
			assert_int_equal(seen->query_bytes, v->query_bytes);
			assert_memory_equal(seen->query, v->query, seen->query_kept);
			assert_int_equal(seen->reply_bytes, burst.length[i]);
			assert_memory_equal(seen->reply, frames[i], seen->reply_kept);
			if (burst.length[i] > 0) {
				check_addresses(seen, v, i);
				addressed++;
			}
			observe_release(ring, 1);
		}
	}
	assert_true(addressed > 50);
	assert_int_equal(counter_read(&ring->dropped), 0);
	fixture.serving.observe = (struct observe_terms){.one_in = 0};
	vectors_close(&vectors);
}

/* The client asks for everything; a trace follows one name, another one client. */
static void traces_get_what_they_follow(void **state)
{
	const struct observe_filter by_name = {
		.names = {.high = 0xc000020000000000, .family = 4, .bits = 24}, .by_name = true};
	const struct observe_filter nobody = {
		.clients = {.high = 0x0102030400000000, .family = 4, .bits = 32},
		.by_client = true};
	struct observe_filters filters = {.used = 0};
	struct vectors vectors;
	unsigned traced = 0, fit = 0;

	(void)state;
	observe_filters_set(&filters, 3, &by_name);
	observe_filters_set(&filters, 5, &nobody);
	vectors_open(&vectors, "frames.txt");
	serving_publish_filters(&fixture.serving, &filters);
	for (size_t i = 0; i < vectors.count; i++) {
		const struct observation *seen;
		bool has_name;

		place(0, &vectors.vector[i]);
		run(1);
		has_name =
			burst.query[0].status == QUERY_OK || burst.query[0].status == QUERY_BADVERS;
		fit += burst.length[0] > 0 && has_name &&
			prefix_contains(&by_name.names, &burst.query[0].owner.prefix);
		if (!observe_peek(ring, &seen, 1))
			continue;
		if (seen->why) {
			assert_int_equal(seen->why, OBSERVE_TRACED);
			assert_int_equal(seen->filters, 1u << 3);
			assert_int_equal(seen->one_in, 0);
			assert_memory_equal(seen->query, vectors.vector[i].query, seen->query_kept);
			traced += seen->reply_bytes > 0;
		}
		observe_release(ring, 1);
	}
	assert_int_equal(traced, fit);
	assert_true(traced > 10);
	serving_publish_filters(&fixture.serving, NULL);
	vectors_close(&vectors);
}

/* A trace of all, and one of three by chance: each is seen once, whatever for. */
static void what_is_traced_may_be_sampled_too(void **state)
{
	const struct observe_filter all = {.names = {.family = 4}, .by_name = true};
	const struct observation *seen;
	struct observe_filters filters = {.used = 0};
	struct vectors vectors;
	const struct vector *asked = NULL;
	unsigned sampled = 0;
	enum { ROUNDS = 300 };

	(void)state;
	vectors_open(&vectors, "frames.txt");
	for (size_t i = 0; i < vectors.count && !asked; i++) {
		place(0, &vectors.vector[i]);
		run(1);
		if (burst.outcome[0] == OUTCOME_ANSWERED && burst.query[0].owner.prefix.family == 4)
			asked = &vectors.vector[i];
	}
	assert_non_null(asked);
	observe_filters_set(&filters, 15, &all);
	fixture.serving.observe = (struct observe_terms){.one_in = 3, .filters = &filters};
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < BURST_MAX; i++)
			place(i, asked);
		run(BURST_MAX);
		for (unsigned i = 0; i < BURST_MAX; i++) {
			assert_int_equal(observe_peek(ring, &seen, 1), 1);
			assert_true(seen->why & OBSERVE_TRACED);
			assert_int_equal(seen->filters, 1u << 15);
			assert_int_equal(seen->one_in, seen->why & OBSERVE_SAMPLED ? 3 : 0);
			sampled += seen->why & OBSERVE_SAMPLED ? 1 : 0;
			observe_release(ring, 1);
		}
		assert_int_equal(observe_peek(ring, &seen, 1), 0);
	}
	assert_in_range(sampled, ROUNDS * BURST_MAX / 3 * 0.9, ROUNDS * BURST_MAX / 3 * 1.1);
	fixture.serving.observe = (struct observe_terms){.one_in = 0};
	vectors_close(&vectors);
}

static void messages_are_seen_like_frames(void **state)
{
	const struct observe_filter filter = {
		.names = {.high = 0xc000020000000000, .family = 4, .bits = 24}, .by_name = true};
	struct observe_filters filters = {.used = 0};
	static const uint8_t client[4] = {198, 51, 100, 9};
	struct vectors vectors;
	unsigned traced = 0;

	(void)state;
	observe_filters_set(&filters, 0, &filter);
	vectors_open(&vectors, "plain-udp.txt");
	fixture.serving.observe = (struct observe_terms){.one_in = 1, .filters = &filters};
	for (size_t i = 0; i < vectors.count; i++) {
		const struct vector *v = &vectors.vector[i];
		const struct client about = {client, 4, TRANSPORT_UDP};
		const struct observe_message message = {
			OBSERVE_KERNEL_UDP, 4, client, frames[0], v->query_bytes};
		const struct observation *seen;
		struct observation *slot;
		enum outcome outcome;
		size_t length;

		memcpy(frames[0], v->query, v->query_bytes);
		slot = observe_message_begin(&fixture.serving.observe, ring, &message);
		assert_non_null(slot);
		length = respond(
			&fixture.serving, &about, frames[0], v->query_bytes, CAPACITY, &outcome);
		observe_message_end(ring, slot, outcome, frames[0], length);
		assert_int_equal(observe_peek(ring, &seen, 9), 1);
		assert_int_equal(seen->path, OBSERVE_KERNEL_UDP);
		assert_int_equal(seen->family, 4);
		assert_memory_equal(seen->client, client, 4);
		assert_int_equal(seen->outcome, outcome);
		assert_int_equal(seen->query_bytes, v->query_bytes);
		assert_memory_equal(seen->query, v->query, seen->query_kept);
		assert_int_equal(seen->reply_bytes, length);
		assert_memory_equal(seen->reply, frames[0], seen->reply_kept);
		assert_true(seen->why & OBSERVE_SAMPLED);
		traced += seen->why & OBSERVE_TRACED ? 1 : 0;
		observe_release(ring, 1);
	}
	assert_true(traced > 5 && traced < vectors.count);
	fixture.serving.observe = (struct observe_terms){.one_in = 0};
	vectors_close(&vectors);
}

#define RING_TEST(function) cmocka_unit_test_setup_teardown(function, ring_up, ring_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RING_TEST(ring_keeps_order_and_counts_drops),
		RING_TEST(nothing_is_seen_before_it_is_committed),
		RING_TEST(samples_stand_for_all),
		RING_TEST(off_samples_nothing_and_on_begins_at_once),
		RING_TEST(samples_keep_no_step_with_the_traffic),
		RING_TEST(a_ring_that_fills_takes_fewer_and_says_so),
		cmocka_unit_test(filters_match_as_prefixes_contain),
		RING_TEST(every_frame_is_seen_as_it_came_and_as_it_left),
		RING_TEST(traces_get_what_they_follow),
		RING_TEST(what_is_traced_may_be_sampled_too),
		RING_TEST(messages_are_seen_like_frames),
	};

	return cmocka_run_group_tests_name("observe", tests, set_up, tear_down);
}
