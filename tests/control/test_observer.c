/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * observer.c, observer_clock.c, tally.c, sampling.h: what a ring holds comes to the sinks, at its
 * time; what is counted of it; that the minute moves on.
 */
#include "control/observer/observer.h"
#include "control/observer/observer_clock.h"
#include "control/observer/sampling.h"
#include "control/observer/tally.h"
#include "dataplane/counters.h"
#include "dataplane/dns/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- The thread ---- */

enum { WAIT_MS = 20000 };

struct seen {
	atomic_uint count, turns, entered;
	uint64_t first_ns, last_cycles[2];
	bool disordered;
};

static void take(void *context, const struct observation *observation, uint64_t when_ns)
{
	struct seen *seen = context;
	uint64_t *last = &seen->last_cycles[observation->worker];

	if (!seen->first_ns)
		seen->first_ns = when_ns;
	if (observation->cycles < *last)
		seen->disordered = true;
	*last = observation->cycles;
	atomic_fetch_add(&seen->count, 1);
}

static void turn(void *context)
{
	atomic_fetch_add(&((struct seen *)context)->turns, 1);
}

static void enter(void *context)
{
	atomic_fetch_add(&((struct seen *)context)->entered, 1);
}

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void put(struct observe_ring *ring, uint8_t why, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct observation *observation = observe_reserve(ring);

		assert_non_null(observation);
		observation->why = why;
		observation->worker = ring->worker;
		observation->cycles = __builtin_ia32_rdtsc();
	}
	observe_commit(ring);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void all_rings_come_to_all_sinks(void **state)
{
	struct seen seen[2] = {{.first_ns = 0}, {.first_ns = 0}};
	struct observe_ring *ring[2] = {observe_ring_new(0, 1), observe_ring_new(1, 1)};
	struct observer *observer = observer_new();
	struct failure failure;
	uint64_t before;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(observer_add_ring(observer, ring[i]), 0);
		assert_int_equal(
			observer_add_sink(observer, &(struct observer_sink){take, turn, &seen[i]}),
			0);
	}
	assert_int_equal(observer_start(observer, enter, &seen[0], &failure), 0);
	assert_int_equal(atomic_load(&seen[0].entered), 1);
	/* Its clock knows its ratio by the second round. */
	for (unsigned ms = 0; ms < WAIT_MS && atomic_load(&seen[0].turns) < 3; ms++)
		rest();
	before = now_ns();
	put(ring[0], OBSERVE_SAMPLED, 100);
	put(ring[1], OBSERVE_TRACED, 1000);
	put(ring[0], 0, 10); /* passed over */
	for (unsigned ms = 0; ms < WAIT_MS && atomic_load(&seen[1].count) < 1100; ms++)
		rest();
	observer_stop(observer);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(atomic_load(&seen[i].count), 1100);
		assert_false(seen[i].disordered);
		assert_true(seen[i].first_ns > before - 1000000000u);
		assert_true(seen[i].first_ns < now_ns() + 1000000000u);
		assert_int_equal(counter_read(&ring[i]->dropped), 0);
	}
	observer_stop(observer); /* twice is once */
	observer_free(observer);
	observe_ring_free(ring[0]);
	observe_ring_free(ring[1]);
}

static void what_was_seen_before_the_end_is_not_lost(void **state)
{
	struct seen seen = {.first_ns = 0};
	struct observe_ring *ring = observe_ring_new(0, 1);
	struct observer *observer = observer_new();
	struct failure failure;

	(void)state;
	observer_add_ring(observer, ring);
	observer_add_sink(observer, &(struct observer_sink){take, NULL, &seen});
	assert_int_equal(observer_start(observer, NULL, NULL, &failure), 0);
	put(ring, OBSERVE_SAMPLED, OBSERVE_SLOTS);
	observer_stop(observer);
	assert_int_equal(atomic_load(&seen.count), OBSERVE_SLOTS);
	observer_free(observer);
	observe_ring_free(ring);
	observer_stop(NULL);
	observer_free(NULL);
}

static void cycles_become_times(void **state)
{
	struct observer_clock clock = {.cycles = 0};
	const uint64_t day = 1700000000000000000u;

	(void)state;
	observer_clock_set(&clock, 1000, 5000000, day);
	observer_clock_set(&clock, 1000 + 3000000, 5000000 + 1000000, day + 1000000);
	assert_int_equal(observer_clock_time(&clock, clock.cycles), day + 1000000);
	/* 3 GHz. */
	assert_int_equal(observer_clock_time(&clock, clock.cycles - 3000), day + 1000000 - 1000);
	assert_int_equal(observer_clock_time(&clock, clock.cycles + 3000), day + 1000000 + 1000);
	/* The clock of the day was set: what comes now is by the new one. */
	observer_clock_set(&clock, 1000 + 6000000, 5000000 + 2000000, 1000000000);
	assert_int_equal(observer_clock_time(&clock, clock.cycles - 3000), 1000000000 - 1000);
}

/* ---- What is counted ---- */

static struct tally *tally;

static int tally_up(void **state)
{
	(void)state;
	tally = tally_new();
	tally_advance(tally, 1000000);
	return tally == NULL;
}

static int tally_down(void **state)
{
	(void)state;
	tally_free(tally);
	return 0;
}

/* A message for 7.2.0.192.in-addr.arpa. PTR, as over a kernel socket, and a reply. */
static struct observation *message(uint8_t client, uint8_t rcode, uint32_t one_in)
{
	static const uint8_t query[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, '7', 1, '2', 1,
		'0', 3, '1', '9', '2', 7, 'i', 'n', '-', 'a', 'd', 'd', 'r', 4, 'a', 'r', 'p', 'a',
		0, 0, 12, 0, 1};
	static struct observation observation;

	memset(&observation, 0, sizeof(observation));
	observation.why = OBSERVE_SAMPLED;
	observation.one_in = one_in;
	observation.path = OBSERVE_TCP;
	observation.family = 4;
	memcpy(observation.client, (const uint8_t[]){198, 51, 100, client}, 4);
	observation.outcome = rcode == 3 ? OUTCOME_NXDOMAIN : OUTCOME_ANSWERED;
	observation.query_bytes = observation.query_kept = sizeof(query);
	memcpy(observation.query, query, sizeof(query));
	observation.reply_bytes = observation.reply_kept = sizeof(query);
	memcpy(observation.reply, query, sizeof(query));
	observation.reply[2] = 0x85;
	observation.reply[3] = rcode;
	return &observation;
}

static struct tally_ranking ranking;

static void rank(enum tally_what what, unsigned seconds)
{
	assert_int_equal(tally_rank(tally, what, seconds, TALLY_ROWS_MAX, &ranking), 0);
}

static void expect_prefix(unsigned row, uint32_t high, uint8_t bits, uint64_t count)
{
	assert_true(row < ranking.count);
	assert_int_equal(ranking.rows[row].key.family, 4);
	assert_int_equal(ranking.rows[row].key.high >> 32, high);
	assert_int_equal(ranking.rows[row].key.bits, bits);
	assert_int_equal(ranking.rows[row].count, count);
	assert_int_equal(ranking.rows[row].error, 0);
}

static void expect_number(unsigned row, uint64_t number, uint64_t count)
{
	assert_true(row < ranking.count);
	assert_int_equal(ranking.rows[row].key.high, number);
	assert_int_equal(ranking.rows[row].count, count);
}

static void each_question_is_counted_by_all_it_has(void **state)
{
	struct observation *seen;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		tally_take(tally, message(9, 0, 4), 0);
	tally_take(tally, message(10, 3, 4), 0);
	seen = message(10, 3, 4);
	seen->why = OBSERVE_TRACED; /* stands for nobody else */
	tally_take(tally, seen, 0);
	tally_advance(tally, 1005000);
	rank(TALLY_CLIENTS, 60);
	assert_int_equal(ranking.total, 24);
	assert_int_equal(ranking.one_in, 4);
	assert_true(ranking.seconds == 5.0);
	assert_int_equal(ranking.count, 2);
	expect_prefix(0, 0xc6336409, 32, 20);
	expect_prefix(1, 0xc633640a, 32, 4);
	assert_true(ranking.rows[0].spread > 4 && ranking.rows[0].spread < 40);
	rank(TALLY_CLIENT_PREFIXES, 60);
	assert_int_equal(ranking.count, 1);
	expect_prefix(0, 0xc6336400, 24, 24);
	rank(TALLY_ADDRESSES, 60);
	expect_prefix(0, 0xc0000207, 32, 24);
	rank(TALLY_PREFIXES, 60);
	expect_prefix(0, 0xc0000200, 24, 24);
	rank(TALLY_TYPES, 60);
	expect_number(0, 12, 24);
	rank(TALLY_RCODES, 60);
	expect_number(0, 0, 20);
	expect_number(1, 3, 4);
	rank(TALLY_OUTCOMES, 0);
	expect_number(0, OUTCOME_ANSWERED, 20);
	expect_number(1, OUTCOME_NXDOMAIN, 4);
}

static void what_is_no_query_is_counted_as_far_as_it_goes(void **state)
{
	struct observation *seen = message(9, 0, 1);

	(void)state;
	seen->family = 0; /* a frame that was refused */
	seen->outcome = OUTCOME_UDP_CHECKSUM;
	seen->reply_kept = 0;
	tally_take(tally, seen, 0);
	seen = message(9, 0, 1);
	seen->query_kept = 11;
	seen->outcome = OUTCOME_MESSAGE_SHORT;
	seen->reply_kept = seen->reply_bytes = 0;
	tally_take(tally, seen, 0);
	seen = message(9, 0, 1);
	seen->outcome = OUTCOME_BADCOOKIE;
	seen->reply[3] = 7;
	seen->query[12] = 63; /* the name runs out of the message */
	tally_take(tally, seen, 0);
	rank(TALLY_OUTCOMES, 60);
	assert_int_equal(ranking.count, 3);
	rank(TALLY_CLIENTS, 60);
	assert_int_equal(ranking.count, 1);
	expect_prefix(0, 0xc6336409, 32, 2);
	rank(TALLY_TYPES, 60);
	assert_int_equal(ranking.count, 0);
	rank(TALLY_RCODES, 60);
	assert_int_equal(ranking.count, 2);
	assert_int_equal(ranking.rows[0].key.high + ranking.rows[1].key.high, TALLY_NO_REPLY + 23);
}

static void the_minute_moves_on(void **state)
{
	(void)state;
	/* One client a slice, ten times as many each time. */
	for (uint8_t slice = 0; slice < 9; slice++) {
		tally_advance(tally, 1000000 + slice * 10000u);
		for (unsigned i = 0; i <= slice; i++)
			tally_take(tally, message(slice, 0, 1), 0);
	}
	tally_advance(tally, 1000000 + 85000);
	rank(TALLY_CLIENTS, 60);
	assert_int_equal(ranking.count, 7); /* six whole ones and the one that is filled */
	assert_true(ranking.seconds == 65.0);
	assert_int_equal(ranking.total, 3 + 4 + 5 + 6 + 7 + 8 + 9);
	expect_prefix(0, 0xc6336408, 32, 9);
	rank(TALLY_CLIENTS, 1);
	assert_int_equal(ranking.count, 2);
	assert_true(ranking.seconds == 15.0);
	rank(TALLY_CLIENTS, 0);
	assert_int_equal(ranking.count, 9);
	assert_int_equal(ranking.total, 45);
	assert_true(ranking.seconds == 85.0);
	/* Nobody asks, and the machine sleeps for a day. */
	tally_advance(tally, 1000000 + 86400000);
	rank(TALLY_CLIENTS, 60);
	assert_int_equal(ranking.count + ranking.total, 0);
	rank(TALLY_CLIENTS, 0);
	assert_int_equal(ranking.total, 45);
}

static void a_frames_query_ends_with_its_datagram(void **state)
{
	struct observation *seen = message(9, 0, 1);
	uint8_t query[64];

	(void)state;
	/* Behind 8 octets of UDP that promise 4 of DNS less than the padded frame has. */
	memcpy(query, seen->query, seen->query_kept);
	memcpy(seen->query + 42, query, seen->query_kept);
	seen->path = OBSERVE_WORKER;
	seen->query_message = 42;
	wire_put16(seen->query + 38, (uint16_t)(8 + seen->query_kept));
	seen->query_kept = (uint16_t)(seen->query_kept + 42 + 4);
	tally_take(tally, seen, 0);
	rank(TALLY_TYPES, 60); /* four octets behind a question would be a FORMERR */
	expect_number(0, 12, 1);
}

static void names_are_there_and_back(void **state)
{
	(void)state;
	for (enum tally_what what = 0; what < TALLY_WHATS; what++)
		assert_int_equal(tally_named(tally_name(what)), what);
	assert_int_equal(tally_named("client"), TALLY_WHATS);
	assert_null(tally_name(TALLY_WHATS));
}

static void samples_are_as_many_as_can_be_taken(void **state)
{
	(void)state;
	assert_int_equal(sampling_one_in(0), 1);
	assert_int_equal(sampling_one_in(2000), 1);
	assert_int_equal(sampling_one_in(2001), 2);
	assert_int_equal(sampling_one_in(4000), 2);
	assert_int_equal(sampling_one_in(10000000), 8192);
	assert_int_equal(sampling_one_in(UINT64_MAX), 1u << 30);
}

#define TALLY_TEST(function) cmocka_unit_test_setup_teardown(function, tally_up, tally_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_rings_come_to_all_sinks),
		cmocka_unit_test(what_was_seen_before_the_end_is_not_lost),
		cmocka_unit_test(cycles_become_times),
		TALLY_TEST(each_question_is_counted_by_all_it_has),
		TALLY_TEST(what_is_no_query_is_counted_as_far_as_it_goes),
		TALLY_TEST(the_minute_moves_on),
		TALLY_TEST(a_frames_query_ends_with_its_datagram),
		cmocka_unit_test(names_are_there_and_back),
		cmocka_unit_test(samples_are_as_many_as_can_be_taken),
	};

	return cmocka_run_group_tests_name("observer", tests, NULL, NULL);
}
