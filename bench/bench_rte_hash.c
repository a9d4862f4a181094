/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's own hash table alone: what it costs to find so many keys with it, in bulk, under the flag
 * that lets readers go on beside a writer. It answers no query; it is a reference. The only file
 * here with DPDK in it.
 */
#include "bench/bench_case.h"
#include "bench/proc.h"
#include "bench/sizes.h"
#include "bench/workload.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_hash.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	BULK = 32,
	/* Slot of the key store, and what a bucket and the ring of free slots have for each when
	 * their number has been rounded up to a power of two. */
	ENTRY_BYTES_MAX = 32 + 2 * 12,
	EAL_MIB = 64,
};

struct key {
	uint64_t high, low;
};

struct hash {
	struct rte_hash *table;
	size_t next; /* in `draw` */
	uint32_t draw[WORKLOAD_QUERIES];
	struct key key[WORKLOAD_QUERIES];
};

static uint64_t table_need(const struct population *population)
{
	return population->records * ENTRY_BYTES_MAX + ((uint64_t)EAL_MIB << 20);
}

/* Hugepages are set aside already, so they do not count. */
static uint64_t hash_need(const struct population *population)
{
	uint64_t need = table_need(population);

	return (proc_free_hugepages() >= need ? 0 : need) + sizeof(struct hash);
}

/* EAL, once a process, without a trace outside of it, and the thread on the CPUs that it had. */
static bool start_eal(const struct population *population)
{
	static int started;
	bool huge = proc_free_hugepages() >= table_need(population);
	char name[] = "bench", memory[] = "--in-memory", no_huge[] = "--no-huge", m[] = "-m";
	char no_shconf[] = "--no-shconf", no_pci[] = "--no-pci", mib[16];
	char no_telemetry[] = "--no-telemetry", quiet[] = "--log-level=error";
	char *args[] = {name, huge ? memory : no_huge, no_shconf, no_pci, no_telemetry, quiet, m,
		mib, NULL};
	cpu_set_t cpus;

	if (started)
		return started > 0;
	if (!huge)
		fprintf(stderr,
			"bench: rte_hash at %s without hugepages (%llu MiB are not free): slower\n",
			population->size, (unsigned long long)(table_need(population) >> 20));
	snprintf(mib, sizeof(mib), "%u", (unsigned)(table_need(population) >> 20));
	sched_getaffinity(0, sizeof(cpus), &cpus);
	started = rte_eal_init(sizeof(args) / sizeof(args[0]) - 1, args) < 0 ? -1 : 1;
	sched_setaffinity(0, sizeof(cpus), &cpus);
	if (started < 0)
		fprintf(stderr, "bench: EAL does not start: %s\n", rte_strerror(rte_errno));
	return started > 0;
}

static struct key key_of(const struct population *population, uint64_t index)
{
	struct prefix host = population_host(population, index);

	return (struct key){host.high, host.low};
}

static struct rte_hash *make_table(const struct population *population)
{
	const struct rte_hash_parameters parameters = {
		.name = population->size,
		.entries = (uint32_t)population->records,
		.key_len = sizeof(struct key),
		.extra_flag = RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF,
	};
	struct rte_hash *table = rte_hash_create(&parameters);

	for (uint64_t i = 0; table && i < population->records; i++) {
		struct key key = key_of(population, i);

		if (rte_hash_add_key_data(table, &key, (void *)(uintptr_t)(i + 1)) != 0) {
			rte_hash_free(table);
			table = NULL;
		}
	}
	if (!table)
		fprintf(stderr, "bench: rte_hash has no room for %s keys\n", population->size);
	return table;
}

static void *hash_setup(const void *args, const struct population *population)
{
	struct hash *hash = calloc(1, sizeof(*hash));
	uint64_t random = 6;

	(void)args;
	if (!hash)
		return NULL;
	if (start_eal(population))
		hash->table = make_table(population);
	if (!hash->table) {
		free(hash);
		return NULL;
	}
	for (size_t i = 0; i < WORKLOAD_QUERIES; i++) {
		hash->draw[i] = (uint32_t)random_below(&random, population->records);
		hash->key[i] = key_of(population, hash->draw[i]);
	}
	return hash;
}

static const char *hash_run(void *context)
{
	struct hash *hash = context;
	size_t first = hash->next;
	uint64_t wrong = 0;

	hash->next = (hash->next + BENCH_STEP) % WORKLOAD_QUERIES;
	for (unsigned i = 0; i < BENCH_STEP; i += BULK) {
		const void *keys[BULK];
		void *data[BULK] = {NULL};
		uint64_t hits;

		for (unsigned k = 0; k < BULK; k++)
			keys[k] = &hash->key[first + i + k];
		rte_hash_lookup_bulk_data(hash->table, keys, BULK, &hits, data);
		for (unsigned k = 0; k < BULK; k++)
			wrong |= (uintptr_t)data[k] ^ (hash->draw[first + i + k] + 1u);
	}
	return wrong ? "a key was missing, or had the data of another" : NULL;
}

static void hash_teardown(void *context)
{
	struct hash *hash = context;

	rte_hash_free(hash->table);
	free(hash);
}

const struct bench_case rte_hash_cases[] = {
	{.name = "rte_hash/hit/",
		.references = {"floor/"},
		.populations = sizes_ipv4,
		.setup = hash_setup,
		.run = hash_run,
		.teardown = hash_teardown,
		.need = hash_need},
	{.name = NULL},
};
