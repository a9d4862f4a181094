/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table alone, a million records, uniformly random owners; and its floor: one random line of
 * as many bytes, read with a sliding prefetch, in huge pages where the system gives them.
 */
#include "bench/bench_case.h"
#include "bench/workload.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { BULK = 64 };

/* ---- The floor ---- */

enum {
	LINE_BYTES = 64,
	AHEAD = 16, /* nearer the misses do not overlap, farther the fill buffers run out */
};

struct line {
	_Alignas(LINE_BYTES) uint64_t number;
};

struct floor {
	size_t bytes;
	struct line *line;
	size_t next; /* in `draw` */
	uint32_t draw[WORKLOAD_QUERIES + AHEAD];
};

static bool floor_lines(struct floor *floor)
{
	void *memory = mmap(
		NULL, floor->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	madvise(memory, floor->bytes, MADV_HUGEPAGE);
	floor->line = memory;
	for (size_t i = 0; i < floor->bytes / LINE_BYTES; i++)
		floor->line[i].number = i;
	return true;
}

static void floor_teardown(void *context)
{
	struct floor *floor = context;

	munmap(floor->line, floor->bytes);
	free(floor);
}

static void *floor_setup(const void *family)
{
	struct workload *workload = workload_take(*(const uint8_t *)family);
	struct floor *floor = calloc(1, sizeof(*floor));
	uint64_t random = 3;

	if (workload && floor)
		floor->bytes = table_counts(workload->table).bytes / LINE_BYTES * LINE_BYTES;
	if (workload)
		workload_drop(workload);
	if (!workload || !floor || !floor_lines(floor)) {
		free(floor);
		return NULL;
	}
	for (size_t i = 0; i < WORKLOAD_QUERIES + AHEAD; i++)
		floor->draw[i] = (uint32_t)(workload_random(&random) % (floor->bytes / LINE_BYTES));
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

/* ---- The table ---- */

struct lookup_args {
	uint8_t family;
	enum workload_kind kind;
};

struct lookup {
	struct workload *workload;
	bool present; /* whether each owner must be found */
	size_t next;  /* in `owner` */
	struct owner owner[WORKLOAD_QUERIES];
};

static void *lookup_setup(const void *arguments)
{
	const struct lookup_args *args = arguments;
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	uint64_t random = 4;

	if (!lookup)
		return NULL;
	lookup->workload = workload_take(args->family);
	if (!lookup->workload) {
		free(lookup);
		return NULL;
	}
	lookup->present = args->kind != WORKLOAD_MISS;
	for (size_t i = 0; i < WORKLOAD_QUERIES; i++) {
		struct prefix name = workload_owner(args->family, args->kind, &random);

		lookup->owner[i] = owner_from_prefix(&name);
	}
	return lookup;
}

static void lookup_teardown(void *context)
{
	struct lookup *lookup = context;

	workload_drop(lookup->workload);
	free(lookup);
}

static const struct owner *take_owners(struct lookup *lookup)
{
	const struct owner *owners = lookup->owner + lookup->next;

	lookup->next = (lookup->next + BENCH_STEP) % WORKLOAD_QUERIES;
	return owners;
}

static const char *verdict(const struct lookup *lookup, unsigned found)
{
	return found == (lookup->present ? BENCH_STEP : 0)
		? NULL
		: "an owner was missing, or found though it does not exist";
}

static const char *single_run(void *context)
{
	struct lookup *lookup = context;
	const struct owner *owners = take_owners(lookup);
	unsigned found = 0;

	for (unsigned i = 0; i < BENCH_STEP; i++) {
		struct found one = table_find(lookup->workload->table, &owners[i]);

		found += found_exists(&one);
	}
	return verdict(lookup, found);
}

static const char *bulk_run(void *context)
{
	struct lookup *lookup = context;
	const struct owner *owners = take_owners(lookup);
	unsigned found = 0;

	for (unsigned i = 0; i < BENCH_STEP; i += BULK) {
		const struct owner *want[BULK];
		struct found many[BULK];

		for (unsigned k = 0; k < BULK; k++)
			want[k] = &owners[i + k];
		table_find_bulk(lookup->workload->table, want, many, BULK);
		for (unsigned k = 0; k < BULK; k++)
			found += found_exists(&many[k]);
	}
	return verdict(lookup, found);
}

static const uint8_t ipv4 = ARPA_FAMILY_IPV4;
static const struct lookup_args ipv4_hit = {ARPA_FAMILY_IPV4, WORKLOAD_HIT};
static const struct lookup_args ipv4_miss = {ARPA_FAMILY_IPV4, WORKLOAD_MISS};
static const struct lookup_args ipv6_hit = {ARPA_FAMILY_IPV6, WORKLOAD_HIT};

#define FLOOR "lookup/floor"

const struct bench_case lookup_cases[] = {
	{FLOOR, NULL, floor_setup, floor_run, floor_teardown, &ipv4},
	{"lookup/bulk/ipv4/hit", FLOOR, lookup_setup, bulk_run, lookup_teardown, &ipv4_hit},
	{"lookup/bulk/ipv4/miss", FLOOR, lookup_setup, bulk_run, lookup_teardown, &ipv4_miss},
	{"lookup/bulk/ipv6/hit", FLOOR, lookup_setup, bulk_run, lookup_teardown, &ipv6_hit},
	{"lookup/single/ipv4/hit", FLOOR, lookup_setup, single_run, lookup_teardown, &ipv4_hit},
	{"lookup/single/ipv4/miss", FLOOR, lookup_setup, single_run, lookup_teardown, &ipv4_miss},
	{.name = NULL},
};
