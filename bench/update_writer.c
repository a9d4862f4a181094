/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/update_writer.h"

#include "bench/cycles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than waits in any batch; beyond it the writer waits for the readers. */
static const size_t waiting_max = 1000000;
static const uint64_t second_ns = 1000000000;

static uint64_t spares(const struct writer *writer)
{
	return writer->population->records / 50;
}

bool writer_init(struct writer *writer, struct table *table, const struct population *population,
	const struct grace *grace)
{
	memset(writer, 0, sizeof(*writer));
	writer->table = table;
	writer->population = population;
	writer->random = 7;
	writer->spare_present = calloc(spares(writer), 1);
	writer->reclaim = reclaim_new(grace);
	return writer->spare_present && writer->reclaim;
}

void writer_fini(struct writer *writer)
{
	reclaim_free(writer->reclaim);
	free(writer->spare_present);
}

/* Waits until at most so many things await their grace period; at most a second. */
static bool wait_for_readers(struct writer *writer, size_t most)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);

	while (reclaim_poll(writer->reclaim) > most)
		if (clock_ns(CLOCK_MONOTONIC) - start > second_ns)
			return false;
	return true;
}

static bool publish(struct writer *writer, const struct fill_change *changes, unsigned n)
{
	if (fill_apply(writer->table, changes, n) != 0 ||
		reclaim_batch(writer->reclaim, writer->table) != 0) {
		fprintf(stderr, "updates: a change failed: out of memory, or a record is gone\n");
		return false;
	}
	writer->changes += n;
	if (reclaim_waiting(writer->reclaim) > writer->waited_most)
		writer->waited_most = reclaim_waiting(writer->reclaim);
	return true;
}

static struct fill_change mixed_change(struct writer *writer)
{
	uint64_t kind = random_below(&writer->random, 10);
	uint64_t spare = random_below(&writer->random, spares(writer));
	struct fill_change change = {.version = ++writer->version};

	if (kind < 8) {
		change.host = population_draw(writer->population, DRAW_HIT, &writer->random);
		return change;
	}
	change.host = population_spare(writer->population, spare);
	change.remove = writer->spare_present[spare];
	writer->spare_present[spare] ^= 1;
	return change;
}

bool writer_mixed(struct writer *writer, unsigned n)
{
	struct fill_change changes[FILL_BATCH_MAX];

	for (unsigned i = 0; i < n; i++)
		changes[i] = mixed_change(writer);
	return publish(writer, changes, n) && wait_for_readers(writer, waiting_max);
}

bool writer_grow(struct writer *writer, const struct population *larger, uint64_t first,
	uint64_t last, unsigned n)
{
	struct fill_change changes[FILL_BATCH_MAX];

	while (first < last) {
		unsigned count = 0;

		for (; count < n && first < last; count++, first++)
			changes[count] =
				(struct fill_change){.host = population_host(larger, first)};
		if (!publish(writer, changes, count) || !wait_for_readers(writer, waiting_max))
			return false;
	}
	return true;
}

bool writer_one(
	struct writer *writer, const struct fill_change *change, struct writer_moments *moments)
{
	if (fill_apply(writer->table, change, 1) != 0)
		return false;
	moments->published = cycles_now();
	if (reclaim_batch(writer->reclaim, writer->table) != 0 || !wait_for_readers(writer, 0))
		return false;
	moments->grace_over = cycles_now();
	return true;
}
