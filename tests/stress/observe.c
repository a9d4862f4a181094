/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One thread that answers, one that looks, over dataplane/observe.h: nothing is torn, the order is
 * kept, each observation comes once, and what was dropped is what is missing.
 */
#include "dataplane/observe.h"
#include "dataplane/counters.h"

#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CAUGHT = 2 };

struct shared {
	struct observe_ring *ring;
	atomic_bool stop;
	uint64_t put, missed; /* the producer's until it is joined */
};

static _Noreturn void caught(const char *what, uint64_t had, uint64_t want)
{
	fprintf(stderr, "stress: %s (%llu, %llu)\n", what, (unsigned long long)had,
		(unsigned long long)want);
	_Exit(CAUGHT);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Every field follows from the number. */
static void fill(struct observation *observation, uint64_t number)
{
	observation->cycles = number;
	observation->query_kept = (uint16_t)(number % OBSERVE_QUERY_BYTES);
	observation->reply_kept = (uint16_t)(number % OBSERVE_REPLY_BYTES);
	memset(observation->query, (int)(number & 0xff), observation->query_kept);
	memset(observation->reply, (int)(~number & 0xff), observation->reply_kept);
}

static void check(const struct observation *observation, uint64_t after)
{
	uint64_t number = observation->cycles;

	if (number < after)
		caught("stale: an observation came twice or late", number, after);
	if (observation->query_kept != number % OBSERVE_QUERY_BYTES ||
		observation->reply_kept != number % OBSERVE_REPLY_BYTES)
		caught("torn: the lengths are another's", observation->query_kept, number);
	for (unsigned i = 0; i < observation->query_kept; i++)
		if (observation->query[i] != (number & 0xff))
			caught("torn: the query is another's", i, number);
	for (unsigned i = 0; i < observation->reply_kept; i++)
		if (observation->reply[i] != (~number & 0xff))
			caught("torn: the reply is another's", i, number);
}

static void *produce(void *context)
{
	struct shared *shared = context;
	uint64_t number = 0, state = 12345;

	while (!atomic_load_explicit(&shared->stop, memory_order_relaxed)) {
		struct observation *burst[64];
		unsigned wanted = (unsigned)(next_random(&state) % 64), n = 0;

		for (unsigned i = 0; i < wanted; i++) {
			struct observation *slot = observe_reserve(shared->ring);

			if (!slot)
				shared->missed++;
			else
				burst[n++] = slot;
		}
		for (unsigned i = 0; i < n; i++)
			fill(burst[i], number++);
		if (n)
			observe_commit(shared->ring);
		/* Now the consumer waits, now the producer finds no room. */
		for (unsigned idle = (unsigned)(next_random(&state) % 4096); idle; idle--)
			__asm__ volatile("");
	}
	shared->put = number;
	return NULL;
}

static uint64_t consume(struct shared *shared, double seconds)
{
	uint64_t got = 0, state = 6789;
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		for (unsigned turn = 0; turn < 1000; turn++) {
			const struct observation *seen;
			unsigned most = 1 + (unsigned)(next_random(&state) % 200);
			unsigned n = observe_peek(shared->ring, &seen, most);

			for (unsigned i = 0; i < n; i++)
				check(&seen[i], got++);
			observe_release(shared->ring, n);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9 <
		seconds);
	return got;
}

static uint64_t drain(struct shared *shared, uint64_t got)
{
	const struct observation *seen;
	unsigned n;

	while ((n = observe_peek(shared->ring, &seen, OBSERVE_SLOTS)) > 0) {
		for (unsigned i = 0; i < n; i++)
			check(&seen[i], got++);
		observe_release(shared->ring, n);
	}
	return got;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"seconds", required_argument, NULL, 's'}, {0}};
	struct shared shared = {.ring = observe_ring_new(0, 1)};
	double seconds = 5;
	pthread_t producer;
	uint64_t got;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 's')
			return 1;
		seconds = strtod(optarg, NULL);
	}
	if (!shared.ring || pthread_create(&producer, NULL, produce, &shared) != 0)
		return 1;
	got = consume(&shared, seconds);
	atomic_store_explicit(&shared.stop, true, memory_order_relaxed);
	pthread_join(producer, NULL);
	got = drain(&shared, got);
	if (got != shared.put || got != counter_read(&shared.ring->seen))
		caught("lost: observations", got, shared.put);
	if (shared.missed != counter_read(&shared.ring->dropped))
		caught("lost: drops", counter_read(&shared.ring->dropped), shared.missed);
	if (got < OBSERVE_SLOTS * 4)
		caught("lost: the threads hardly met", got, OBSERVE_SLOTS * 4);
	printf("%llu observations came whole and in order, %llu found no room\n",
		(unsigned long long)got, (unsigned long long)shared.missed);
	observe_ring_free(shared.ring);
	return 0;
}
