/* SPDX-License-Identifier: BSD-3-Clause */
/* The table alone. */
#include "bench/bench_case.h"
#include "bench/sizes.h"
#include "bench/workload.h"

#include <stdlib.h>

enum { BULK = 64 };

struct lookup {
	struct workload *workload;
	bool present; /* whether each owner must be found */
	size_t next;  /* in `owner` */
	struct owner owner[WORKLOAD_QUERIES];
};

static uint64_t lookup_need(const struct population *population)
{
	return workload_need(population) + sizeof(struct lookup);
}

static void *lookup_setup(const void *args, const struct population *population)
{
	const enum draw *draw = args;
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	uint64_t random = 4;

	if (!lookup)
		return NULL;
	lookup->workload = workload_take(population);
	if (!lookup->workload) {
		free(lookup);
		return NULL;
	}
	lookup->present = *draw != DRAW_MISS;
	for (size_t i = 0; i < WORKLOAD_QUERIES; i++) {
		struct prefix name = population_draw(population, *draw, &random);

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

static const enum draw hit = DRAW_HIT, miss = DRAW_MISS;

#define CASE(name, populations, run, draw) \
	{ \
		name, {"floor/", "rte_hash/hit/"}, populations, lookup_setup, run, \
			lookup_teardown, lookup_need, NULL, draw \
	}

const struct bench_case lookup_cases[] = {
	CASE("lookup/bulk/ipv4/hit/", sizes_ipv4, bulk_run, &hit),
	CASE("lookup/bulk/ipv4/miss/", sizes_ipv4, bulk_run, &miss),
	CASE("lookup/bulk/sparse/hit/", sizes_sparse, bulk_run, &hit),
	CASE("lookup/bulk/sparse/miss/", sizes_sparse, bulk_run, &miss),
	CASE("lookup/bulk/ipv6/hit/", sizes_ipv6, bulk_run, &hit),
	CASE("lookup/bulk/ipv6/miss/", sizes_ipv6, bulk_run, &miss),
	CASE("lookup/single/ipv4/hit/", sizes_ipv4, single_run, &hit),
	CASE("lookup/single/ipv4/miss/", sizes_ipv4, single_run, &miss),
	{.name = NULL},
};
