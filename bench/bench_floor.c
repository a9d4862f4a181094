/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The floor of a hit: one random cache line read with a sliding prefetch, in huge pages where the
 * system gives them, of as much memory as a compact table of so many records.
 */
#include "bench/bench_case.h"
#include "bench/sizes.h"
#include "bench/workload.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
	LINE_BYTES = 64,
	RECORD_BYTES = 40, /* a key and a name of 25 characters with little else */
	AHEAD = 16,	   /* nearer the misses do not overlap, farther the fill buffers run out */
};

struct line {
	_Alignas(LINE_BYTES) uint64_t number;
};

struct floor {
	size_t lines;
	struct line *line;
	size_t next; /* in `draw` */
	uint32_t draw[WORKLOAD_QUERIES + AHEAD];
};

static uint64_t floor_need(const struct population *population)
{
	return population->records * RECORD_BYTES + sizeof(struct floor);
}

static bool floor_lines(struct floor *floor)
{
	size_t bytes = floor->lines * LINE_BYTES;
	void *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	madvise(memory, bytes, MADV_HUGEPAGE);
	floor->line = memory;
	for (size_t i = 0; i < floor->lines; i++)
		floor->line[i].number = i;
	return true;
}

static void floor_teardown(void *context)
{
	struct floor *floor = context;

	munmap(floor->line, floor->lines * LINE_BYTES);
	free(floor);
}

static void *floor_setup(const void *args, const struct population *population)
{
	struct floor *floor = calloc(1, sizeof(*floor));
	uint64_t random = 3;

	(void)args;
	if (!floor)
		return NULL;
	floor->lines = population->records * RECORD_BYTES / LINE_BYTES;
	if (!floor_lines(floor)) {
		free(floor);
		return NULL;
	}
	for (size_t i = 0; i < WORKLOAD_QUERIES + AHEAD; i++)
		floor->draw[i] = (uint32_t)random_below(&random, floor->lines);
	return floor;
}

static const char *floor_run(void *context)
{
	struct floor *floor = context;
	const uint32_t *draw = floor->draw + floor->next;
	uint64_t wrong = 0;

	floor->next = (floor->next + BENCH_STEP) % WORKLOAD_QUERIES;
	for (unsigned i = 0; i < BENCH_STEP; i++) {
		__builtin_prefetch(&floor->line[draw[i + AHEAD]]);
		wrong |= floor->line[draw[i]].number ^ draw[i];
	}
	return wrong ? "a line does not hold its number" : NULL;
}

const struct bench_case floor_cases[] = {
	{.name = "floor/",
		.populations = sizes_ipv4,
		.setup = floor_setup,
		.run = floor_run,
		.teardown = floor_teardown,
		.need = floor_need},
	{.name = NULL},
};
